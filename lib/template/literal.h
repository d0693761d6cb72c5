#ifndef LIB_TEMPLATE_LITERAL_H
#define LIB_TEMPLATE_LITERAL_H
/*
 * Python's literals: string escapes, numbers, and whole values as ansible-core reads them when it
 * turns the text of a template back into lists, dicts and booleans: Python's, with JSON's true,
 * false and null.
 */
#include "value/value.h"

bool literal_unescape(struct view text, struct str *out) MUST_CHECK;
/* Backslashes stay; only an escaped quote is a quote (as in the {{ }} of playbook strings, where
 * ansible doubles them). */
void literal_unescape_quotes(struct view text, struct str *out);
/* NULL: not a number, or too large. */
const struct value *literal_number(struct arena *into, struct view text);
/* NULL: the text is no literal. JSON's true, false and null count if `has_json_words`. */
const struct value *literal_parse(struct arena *into, struct view text, bool has_json_words);

/* What ansible makes of the text of a template: itself, or the value it spells. */
const struct value *native_convert(struct arena *into, struct view text);
/* Would native_convert(str(value)) give this list or dict back? */
bool native_is_plain(const struct value *value);

void utf8_add(struct str *out, uint32_t code);
/* Decodes one character; a stray byte counts as one character of its own (code 0xdc00 + byte). */
size_t utf8_take(struct view text, size_t at, uint32_t *code);
size_t utf8_count(struct view text);
/* The byte offset of character `index`, or the length. */
size_t utf8_offset(struct view text, size_t index);

#endif
