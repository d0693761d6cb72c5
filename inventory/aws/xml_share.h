#ifndef INVENTORY_AWS_XML_SHARE_H
#define INVENTORY_AWS_XML_SHARE_H
/*
 * Values of which equal ones mostly are one: short texts, numbers, small maps and lists. A table of
 * fixed size remembers what was made last; what it has forgotten is made again.
 */
#include "value/value.h"

struct xml_share {
	struct arena *into;
	const struct value **table; /* by hash */
};

void xml_share_init(struct xml_share *share, struct arena *into);
void xml_share_release(struct xml_share *share);

const struct value *xml_share_text(struct xml_share *share, struct view text);
const struct value *xml_share_number(struct xml_share *share, int64_t number);
/* Of pairs whose keys are distinct, each the same value in all maps. */
const struct value *xml_share_map(
	struct xml_share *share, const struct value_pair *pairs, size_t count);
/* Of the values of pairs without keys. */
const struct value *xml_share_list(
	struct xml_share *share, const struct value_pair *pairs, size_t count);

#endif
