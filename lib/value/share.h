#ifndef LIB_VALUE_SHARE_H
#define LIB_VALUE_SHARE_H
/*
 * Values of which equal ones mostly are one: short texts, numbers, small maps and lists. A table of
 * fixed size remembers what was made last; what it has forgotten is made again.
 */
#include "value/value.h"

struct value_share {
	struct arena *into;
	const struct value **table; /* by hash */
};

void value_share_init(struct value_share *share, struct arena *into);
void value_share_release(struct value_share *share);

const struct value *value_share_text(struct value_share *share, struct view text);
const struct value *value_share_number(struct value_share *share, int64_t number);
/* Of pairs whose keys are distinct, each the same value in all maps. */
const struct value *value_share_map(
	struct value_share *share, const struct value_pair *pairs, size_t count);
/* Of the values of pairs without keys. */
const struct value *value_share_list(
	struct value_share *share, const struct value_pair *pairs, size_t count);

#endif
