#ifndef LIB_TEMPLATE_FUNCTIONS_H
#define LIB_TEMPLATE_FUNCTIONS_H
/*
 * Filters, tests, methods and globals: tables of descriptors, one shape for all. `params` names the
 * parameters with their defaults, for binding and for the manual: "pattern replacement=''
 * ignorecase=False"; "*" takes further positional arguments (call->rest), "**" further named ones
 * (call->named). A parameter without a default is required. An argument that was not given is NULL:
 * the function itself applies the default.
 */
#include "value/object.h"

struct evaluation;

enum { ARGS_MOST = 8 };

struct call {
	struct evaluation *run;
	const struct function *function;
	const struct value
		*input; /* what is filtered or tested, the object of a method; NULL for globals */
	const struct value *args[ARGS_MOST];
	const struct value **rest;
	size_t rest_count;
	const struct value *named; /* a map, or NULL */
};

enum function_flag {
	TAKES_UNDEFINED = 1 << 0,      /* as input */
	TAKES_UNDEFINED_ARGS = 1 << 1, /* as arguments */
	MUTATES = 1 << 2,
	KEEPS_TEXT =
		1
		<< 3, /* a text that looks like a list stays text (ansible's STRING_TYPE_FILTERS) */
	NEEDS_TEXT = 1 << 4, /* as input: anything else is an error */
};

struct function {
	const char *name;
	const char *params;
	bool (*call)(struct call *call, const struct value **out);
	const char *doc;
	unsigned flags;
};

/* Tables end with a NULL name. */
extern const struct function filters_text[], filters_list[], filters_select[], filters_map[],
	filters_data[], filters_hash[], filters_path[], filters_number[], filters_time[],
	filters_network[], filters_subnet[], filters_regex[], filters_vault[], filters_chance[],
	filters_web[], filters_query[], tests_value[], tests_ansible[], methods_text[],
	methods_list[], methods_map[], globals_functions[];

/* NULL: unknown. A prefix such as ansible.builtin. is ignored. */
const struct function *filter_find(struct view name);
const struct function *test_find(struct view name);
const struct function *global_find(struct view name);
const struct function *method_find(const struct value *target, struct view name);
const char *filter_nearest(const char *name);
const char *test_nearest(const char *name);
/* All filters or tests, with their names, parameters and docs: how many there are; at most `room`
 * are written. */
size_t filter_all(const struct function **out, size_t room);
size_t test_all(const struct function **out, size_t room);
bool method_mutates(struct view name);

/* Binds the arguments to the parameters and calls. */
bool function_call(struct evaluation *run, const struct function *function,
	const struct value *input, const struct call_args *args,
	const struct value **out) MUST_CHECK;
/* Filters and tests by name, as map() and select() name them; unknown names are errors. */
bool filter_call(struct evaluation *run, struct view name, const struct value *input,
	const struct call_args *args, const struct value **out) MUST_CHECK;
bool test_call(struct evaluation *run, struct view name, const struct value *input,
	const struct call_args *args, bool *out) MUST_CHECK;

/* ---- for those who write them ---- */

/* Always false; the macro lets the compiler see it. */
int call_error_set(struct call *call, enum error_kind kind, const char *format, ...) FORMAT(3, 4);
#define call_fail(...) failed_after(call_error_set(__VA_ARGS__))
struct arena *call_arena(const struct call *call);
/* The text of an argument as str() gives it, or `fallback` where it was not given. */
bool call_text(struct call *call, const struct value *value, const char *fallback,
	struct view *out) MUST_CHECK;
/* Truth of an argument. */
bool call_flag(const struct call *call, size_t index, bool fallback);
/* The boolean() of Ansible: "yes" and "no" count. */
bool call_int(struct call *call, size_t index, int64_t fallback, int64_t *out) MUST_CHECK;
/* The items of any iterable. */
bool call_items(struct call *call, const struct value *value, const struct value **out) MUST_CHECK;
/* Ends a text under construction; releases it. */
const struct value *call_take(struct call *call, struct str *text);
bool call_give(struct call *call, struct str *text, const struct value **out) MUST_CHECK;
bool give_bool(bool boolean, const struct value **out);

#endif
