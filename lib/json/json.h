#ifndef LIB_JSON_JSON_H
#define LIB_JSON_JSON_H
/* JSON: read strictly, written as Python's json.dumps writes it. */
#include "value/value.h"

/* Strings never get VALUE_TEMPLATE. Errors carry line:column as where. Numbers beyond 64 bits
 * become floats. */
bool json_parse(struct arena *into, struct view text, const struct value **out,
	struct error *err) MUST_CHECK;

struct json_style {
	int indent; /* 0: all on one line, ", " and ": " between */
	bool sort_keys;
	bool keep_utf8;	 /* ensure_ascii=False */
	bool is_compact; /* "," and ":" between */
	int depth;	 /* how deep it will stand in other JSON, for the indent */
};

/* Objects and undefined values become null: evaluate them first. */
void json_add(const struct value *value, const struct json_style *style, struct str *out);

#endif
