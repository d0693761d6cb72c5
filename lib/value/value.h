#ifndef LIB_VALUE_VALUE_H
#define LIB_VALUE_VALUE_H
/*
 * The variant that everything is made of: YAML, variables, module arguments, results. A value is
 * built once, in an arena, and is immutable from the moment it is shared; it remembers the place it
 * came from.
 *
 * Rule R1 (data from a target, an API, a lookup or a file is never evaluated): a string is
 * evaluated as a template only if VALUE_TEMPLATE is set, and only the YAML and INI readers of
 * playbooks, variable files, inventories and -e set it. Every other string is data, and nothing
 * that is derived from a string inherits the flag.
 */
#include "base/arena.h"
#include "base/error.h"

enum value_type {
	VALUE_UNDEFINED, /* templates only: a name that is not defined; `string` holds the name, as
			    a hint */
	VALUE_NONE,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STRING, /* UTF-8 by custom, any bytes in fact */
	VALUE_LIST,
	VALUE_MAP,    /* keeps the order of insertion; keys are values, mostly strings */
	VALUE_OBJECT, /* has a class: macros, loop, hostvars … (value/object.h) */
};

enum value_flag {
	VALUE_TEMPLATE = 1 << 0, /* a string of the user's own files: may hold {{ }} */
	VALUE_SECRET = 1 << 1,	 /* prints as (hidden) in reports */
	VALUE_TUPLE = 1 << 2,	 /* a list that Python shows as (…) */
	VALUE_DEEP = 1 << 3,	 /* a list or map with a VALUE_TEMPLATE string somewhere below */
	VALUE_VAULT = 1 << 4,	 /* a string that is an encrypted !vault text */
	VALUE_COMMON = 1 << 5, /* a list or map that stands for several equal ones, to save memory:
				  that it is the same one means nothing (YAML shows no alias) */
};

struct place {
	const char *file; /* NULL: not from a file; lives as long as the run */
	uint32_t line, column;
};

struct value;
struct object_class;
struct template;

struct value_pair {
	const struct value *key, *value;
};

struct value {
	uint8_t type;  /* enum value_type */
	uint8_t flags; /* enum value_flag */
	struct place place;
	union {
		bool boolean;
		int64_t integer;
		double real;
		struct {
			const char *data; /* NUL-terminated; length does not count the NUL */
			size_t length;
			struct template *compiled; /* the template engine's own note */
		} string;
		struct {
			const struct value **items;
			uint32_t count, room;
		} list;
		struct {
			struct value_pair *pairs;
			uint32_t count, room;
			uint32_t *slots; /* hash index of larger maps */
		} map;
		struct {
			const struct object_class *class;
			void *self;
		} object;
	};
};

/* Constants that need no arena. */
extern const struct value value_none, value_true, value_false, value_empty_string, value_empty_list,
	value_empty_map, value_undefined;

struct value *value_bool(struct arena *arena, bool boolean);
struct value *value_int(struct arena *arena, int64_t integer);
struct value *value_float(struct arena *arena, double real);
struct value *value_text(struct arena *arena, const char *text); /* copies; NULL gives VALUE_NONE */
struct value *value_view(struct arena *arena, struct view text); /* copies */
struct value *value_bytes(struct arena *arena, const void *bytes, size_t length);
/* Does not copy: the text lives at least as long as the arena, and is NUL-terminated. */
struct value *value_borrow(struct arena *arena, const char *text, size_t length);
struct value *value_format(struct arena *arena, const char *format, ...) FORMAT(2, 3);
struct value *value_arguments(struct arena *arena, const char *format, va_list args) FORMAT(2, 0);

/* Under construction; do not add to what was given to others. Items are borrowed. */
struct value *value_list(struct arena *arena);
void value_add(struct arena *arena, struct value *list, const struct value *item);
struct value *value_map(struct arena *arena);
struct value *value_map_of(struct arena *arena, uint32_t room); /* for so many pairs */
void value_set(struct arena *arena, struct value *map, const char *key, const struct value *value);
void value_set_key(
	struct arena *arena, struct value *map, const struct value *key, const struct value *value);
void value_remove(struct value *map, const char *key);
/* Shallow copies that may be added to. */
struct value *value_list_copy(struct arena *arena, const struct value *list);
struct value *value_map_copy(struct arena *arena, const struct value *map);

/* A deep copy into another arena; keeps flags and places (file names are borrowed). */
const struct value *value_dup(struct arena *arena, const struct value *value);
/* A deep copy whose strings are no templates any more. */
const struct value *value_as_data(struct arena *arena, const struct value *value);
/* The same value with other flags: a shallow copy. */
struct value *value_with_flags(struct arena *arena, const struct value *value, unsigned flags);

/* NULL: not there. Keys compare as Python's do (1 == 1.0 == True). */
const struct value *value_get(const struct value *map, const char *key);
const struct value *value_get_view(const struct value *map, struct view key);
const struct value *value_get_key(const struct value *map, const struct value *key);

static inline bool
value_is(const struct value *value, enum value_type type)
{
	return value && value->type == type;
}
static inline bool
value_is_string(const struct value *value)
{
	return value_is(value, VALUE_STRING);
}
static inline bool
value_is_list(const struct value *value)
{
	return value_is(value, VALUE_LIST);
}
static inline bool
value_is_map(const struct value *value)
{
	return value_is(value, VALUE_MAP);
}
/* NULL or None. */
static inline bool
value_is_none(const struct value *value)
{
	return !value || value->type == VALUE_NONE;
}
static inline bool
value_has_template(const struct value *value)
{
	return value && (value->flags & (VALUE_TEMPLATE | VALUE_DEEP));
}

#define VALUE_EACH(item, list_value)                                                             \
	for (uint32_t item##_index = 0; item##_index < (list_value)->list.count; item##_index++) \
		for (const struct value *item = (list_value)->list.items[item##_index]; item;    \
			item = NULL)
#define VALUE_PAIRS(pair, map_value)                                                            \
	for (const struct value_pair *pair = (map_value)->map.pairs,                            \
				     *pair##_end = pair ? pair + (map_value)->map.count : NULL; \
		pair < pair##_end; pair++)

/* The text of a string, else NULL. */
const char *value_string(const struct value *value);
struct view value_string_view(const struct value *value); /* empty for others */
size_t value_length(const struct value *value);		  /* bytes, items or pairs */
bool value_list_has(const struct value *list, const struct value *wanted);
bool value_list_has_text(const struct value *list, const char *text); /* what is no list has none */

/* Truth and equality as Python has them. */
bool value_is_true(const struct value *value);
bool value_equals(const struct value *a, const struct value *b);
/* <0, 0, >0. False when the types cannot be ordered. */
bool value_compare(const struct value *a, const struct value *b, int *out) MUST_CHECK;
const char *value_type_name(const struct value *value); /* Python's: "str", "dict", … */

/* As Ansible reads a boolean: yes/no, on/off, true/false, y/n, t/f, 1/0. */
bool value_to_bool(const struct value *value, bool *out) MUST_CHECK;
bool value_to_int(const struct value *value, int64_t *out) MUST_CHECK;

/* str() of Python: "True", "None", "[1, 'a']". */
void value_add_text(const struct value *value, struct str *out);
/* repr() of Python. */
void value_add_repr(const struct value *value, struct str *out);
const char *value_to_text(struct arena *arena, const struct value *value);
void float_add_text(double real, struct str *out); /* as Python's repr of a float */

/* "file:line:column", or "" when unknown. */
const char *place_text(const struct place *place, char *buffer, size_t size);
bool error_at(
	struct error *err, const struct value *value); /* sets `where` from the value's place */

#endif
