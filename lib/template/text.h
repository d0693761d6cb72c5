#ifndef LIB_TEMPLATE_TEXT_H
#define LIB_TEMPLATE_TEXT_H
/* What methods and filters of text share. */
#include "template/functions.h"

/* str.replace(); most < 0: all. */
bool text_replace(struct call *call, struct view text, struct view from, struct view to,
	int64_t most, const struct value **out) MUST_CHECK;

/* Python's re: search from `start`; groups as offsets. See regex.c. */
struct regex;
enum regex_flag { REGEX_IGNORECASE = 1, REGEX_MULTILINE = 2 };
bool template_regex_compile(
	struct call *call, struct view pattern, unsigned flags, struct regex **out) MUST_CHECK;
void template_regex_free(struct regex *regex);
/* How a match is anchored. */
enum regex_anchor { REGEX_SEARCH, REGEX_MATCH, REGEX_FULLMATCH };
bool regex_find(struct call *call, struct regex *regex, struct view text, enum regex_anchor anchor,
	bool *out) MUST_CHECK;

#endif
