#ifndef LIB_MODULE_PARAM_H
#define LIB_MODULE_PARAM_H
/*
 * One row per parameter: name, type, default, choices, aliases, doc. The macros tie each row to a
 *field of the arguments' struct at compile time. Validation, `ertc doc`, the man pages and the
 *tests read the same rows.
 *
 *	struct hostname_args { const char *name; bool reload; };
 *	static const struct param params[] = {
 *		PARAM_STRING(struct hostname_args, name, .required = true, .doc = "Name to set."),
 *		PARAM_FLAG(struct hostname_args, reload, .fallback = "false", .doc = "Tell
 *services."), PARAMS_END
 *	};
 */
#include "value/value.h"

enum param_type {
	PARAM_TYPE_STRING, /* const char *; numbers and booleans are turned into text as Ansible
			      does */
	PARAM_TYPE_PATH,   /* const char *; ~ and $VARIABLES are expanded where the module runs */
	PARAM_TYPE_FLAG,   /* bool */
	PARAM_TYPE_SWITCH, /* enum param_switch: a flag that may be absent */
	PARAM_TYPE_INT,	   /* int64_t; absent without fallback: PARAM_NO_INT */
	PARAM_TYPE_FLOAT,  /* double; absent without fallback: NAN */
	PARAM_TYPE_MODE, /* const char *: "0644", "u+x"; integers are octal as Ansible reads them */
	PARAM_TYPE_TEXTS, /* const char *const *, NULL-terminated: a list, or a text with commas;
			     absent: NULL */
	PARAM_TYPE_MAP,	  /* const struct value *: a map; absent: NULL */
	PARAM_TYPE_LIST,  /* const struct value *: a list of anything; absent: NULL */
	PARAM_TYPE_VALUE, /* const struct value *: anything; absent: NULL */
};

enum param_switch { SWITCH_ABSENT, SWITCH_OFF, SWITCH_ON };
#define PARAM_NO_INT INT64_MIN

struct param {
	const char *name;
	enum param_type type;
	size_t offset;
	bool required;
	bool is_secret;		    /* never shown; names like *password* are secret by default */
	bool is_internal;	    /* set by prepare, not by playbooks */
	const char *fallback;	    /* the default, as text */
	const char *const *choices; /* NULL-terminated */
	const char *const *aliases; /* NULL-terminated */
	const char *doc;
};

/* What only readers need (documentation) stays with the controller: the runner is built without it.
 */
#ifdef ERTC_RUNNER
#define DOC(text) (0 ? (text) : NULL)
#define PARAM_OVERRIDES , .doc = NULL
#else
#define DOC(text) (text)
#define PARAM_OVERRIDES
#endif

#define PARAM_ROW(kind, ctype, structure, field, ...)                                         \
	{                                                                                     \
		.name = #field, .type = kind,                                                 \
		.offset = offsetof(structure, field) +                                        \
			  0 * sizeof(char[__builtin_types_compatible_p(                       \
						  __typeof__(((structure *)0)->field), ctype) \
						  ? 1                                         \
						  : -1]),                                     \
		__VA_ARGS__ PARAM_OVERRIDES                                                   \
	}
#define PARAM_STRING(s, f, ...) PARAM_ROW(PARAM_TYPE_STRING, const char *, s, f, __VA_ARGS__)
#define PARAM_PATH(s, f, ...) PARAM_ROW(PARAM_TYPE_PATH, const char *, s, f, __VA_ARGS__)
#define PARAM_FLAG(s, f, ...) PARAM_ROW(PARAM_TYPE_FLAG, bool, s, f, __VA_ARGS__)
#define PARAM_SWITCH(s, f, ...) PARAM_ROW(PARAM_TYPE_SWITCH, enum param_switch, s, f, __VA_ARGS__)
#define PARAM_INT(s, f, ...) PARAM_ROW(PARAM_TYPE_INT, int64_t, s, f, __VA_ARGS__)
#define PARAM_FLOAT(s, f, ...) PARAM_ROW(PARAM_TYPE_FLOAT, double, s, f, __VA_ARGS__)
#define PARAM_MODE(s, f, ...) PARAM_ROW(PARAM_TYPE_MODE, const char *, s, f, __VA_ARGS__)
#define PARAM_TEXTS(s, f, ...) PARAM_ROW(PARAM_TYPE_TEXTS, const char *const *, s, f, __VA_ARGS__)
#define PARAM_MAP(s, f, ...) PARAM_ROW(PARAM_TYPE_MAP, const struct value *, s, f, __VA_ARGS__)
#define PARAM_LIST(s, f, ...) PARAM_ROW(PARAM_TYPE_LIST, const struct value *, s, f, __VA_ARGS__)
#define PARAM_VALUE(s, f, ...) PARAM_ROW(PARAM_TYPE_VALUE, const struct value *, s, f, __VA_ARGS__)
#define PARAMS_END           \
	{                    \
		.name = NULL \
	}
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Fills `args` (zeroed, params_size bytes) from a map. Unknown names, missing ones, wrong types and
 * wrong choices fail with a hint («did you mean»). Texts live in `into` or in `map`. */
bool params_read(const struct param *params, const struct value *map, struct arena *into,
	void *args, struct error *err) MUST_CHECK;
/* One value against one parameter's type and choices. */
bool param_check_value(
	const struct param *param, const struct value *value, struct error *err) MUST_CHECK;
/* The same checks without filling, for load time: values that hold templates count as of the right
 * type. */
bool params_check(
	const struct param *params, const struct value *map, struct error *err) MUST_CHECK;
/* By name or alias; NULL: none. */
const struct param *params_find(const struct param *params, const char *name);

#endif
