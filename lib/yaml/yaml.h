#ifndef LIB_YAML_YAML_H
#define LIB_YAML_YAML_H
/*
 * YAML 1.1 as PyYAML's safe loader reads it, every value with its file, line and column. Merge keys
 * and anchors work; aliases are counted (no alias bombs); `!unsafe` makes a string plain data,
 * `!vault` an encrypted one; any other tag is refused (rule R2). Strings are marked VALUE_TEMPLATE
 * only if asked: by the readers of the user's own files.
 */
#include "value/value.h"

struct vault;

struct yaml_options {
	bool templates; /* mark strings as templates */
	/* Called for what is odd but allowed (a key given twice); NULL: silence. */
	void (*warn)(void *context, const struct place *place, const char *text);
	bool refuses_duplicates; /* a key given twice is an error */
	void *context;
	struct vault *vault; /* opens a text that is encrypted as a whole; NULL: that is an error */
	bool are_secrets;    /* the values of such a text must not be shown (variables) */
};

/* The first document; an empty file gives VALUE_NONE. `name` stands in messages and places, and is
 * copied. */
bool yaml_load(struct arena *into, struct view text, const char *name,
	const struct yaml_options *options, const struct value **out, struct error *err) MUST_CHECK;
bool yaml_load_file(struct arena *into, const char *path, const struct yaml_options *options,
	const struct value **out, struct error *err) MUST_CHECK;

#endif
