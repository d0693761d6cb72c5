#ifndef LIB_JSON_YAML_SCALAR_H
#define LIB_JSON_YAML_SCALAR_H
/*
 * What a plain (unquoted) YAML 1.1 scalar means, exactly as PyYAML's SafeLoader decides: null,
 * bool, int (0644 is octal, 0o644 a string, 1:30 is sixty-based), float, else a string. Timestamps
 * stay strings. A number that does not fit 64 bits stays a string, so that its digits survive.
 */
#include "value/value.h"

/* The text is copied where it stays a string. Never fails. */
void yaml_resolve_scalar(struct arena *into, struct view text, const struct value **out);

/* Would a plain scalar of this text be read back as a string? (for writers, which must quote it
 * otherwise). Unlike above, timestamps, "=" and "<<" count as not. */
bool yaml_scalar_is_string(struct view text);

#endif
