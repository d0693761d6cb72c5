#ifndef LIB_VALUE_OBJECT_H
#define LIB_VALUE_OBJECT_H
/*
 * Values with a class: what is computed when it is looked at (hostvars, groups of facts) or is not
 * data at all (macros, functions, loop). Every member may be NULL: the operation is then not
 * supported. All may fail with ERR_PENDING, which the caller hands up unchanged.
 */
#include "value/value.h"

struct call_args {
	const struct value **positional;
	size_t positional_count;
	const struct value *named; /* a map, or NULL */
};

struct object_class {
	const char *type_name;
	/* `*out` is NULL when there is no such attribute or key. */
	bool (*get)(void *self, struct arena *into, const struct value *key,
		const struct value **out, struct error *err);
	bool (*call)(void *self, struct arena *into, const struct call_args *args,
		const struct value **out, struct error *err);
	/* A list: what iteration gives (the keys of a mapping). */
	bool (*iterate)(
		void *self, struct arena *into, const struct value **out, struct error *err);
	/* The whole as plain data (for text, json, comparison). */
	bool (*plain)(void *self, struct arena *into, const struct value **out, struct error *err);
	bool is_mapping;
	bool is_callable;
	bool is_shown_as_self; /* as text: `self`, a C string */
	bool is_number; /* whole, beyond 64 bits; `self` is its decimal digits */
};

struct value *value_object(struct arena *arena, const struct object_class *class, void *self);

#endif
