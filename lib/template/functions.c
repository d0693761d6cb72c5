/* Finding functions by name, binding arguments, and what all of them share. */
#include "template/functions.h"

#include <ctype.h>
#include <stdarg.h>

#include "template/evaluation.h"
#include "template/literal.h"

static const struct function *const filter_tables[] = { filters_text, filters_list, filters_select,
	filters_map, filters_data, filters_hash, filters_path, filters_number, filters_time,
	filters_network, filters_subnet, filters_regex, filters_vault, filters_chance, filters_web,
	filters_query, tests_ansible, NULL };
static const struct function *const test_tables[] = { tests_value, tests_ansible, NULL };

/* `result | failed` is the old spelling of `result is failed`; only these tests were filters too.
 */
static const char *const old_filters[] = { "failed", "failure", "success", "succeeded", "changed",
	"change", "skipped", "skip", "version_compare", "match", "search", "issubset", "issuperset",
	NULL };

static struct view
short_name(struct view name)
{
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy.",
		"ansible.netcommon.", "ansible.utils.", "community.general.", "ansible.posix.",
		NULL };

	for (int i = 0; prefixes[i]; i++)
		if (view_starts(name, prefixes[i])) {
			size_t length = strlen(prefixes[i]);

			return (struct view){ name.data + length, name.length - length };
		}
	return name;
}

static const struct function *
table_find(const struct function *table, struct view name)
{
	for (; table->name; table++)
		if (view_is(name, table->name))
			return table;
	return NULL;
}

static const struct function *
tables_find(const struct function *const *tables, struct view name)
{
	const struct function *found = NULL;

	for (; *tables && !found; tables++)
		found = table_find(*tables, name);
	return found;
}

const struct function *
filter_find(struct view name)
{
	const struct function *found;

	name = short_name(name);
	found = tables_find(filter_tables, name);
	if (!found || table_find(tests_ansible, name) != found)
		return found;
	for (int i = 0; old_filters[i]; i++)
		if (view_is(name, old_filters[i]))
			return found;
	return NULL;
}

const struct function *
test_find(struct view name)
{
	return tables_find(test_tables, short_name(name));
}

const struct function *
global_find(struct view name)
{
	return table_find(globals_functions, name);
}

const struct function *
method_find(const struct value *target, struct view name)
{
	switch ((enum value_type)target->type) {
	case VALUE_STRING:
		return table_find(methods_text, name);
	case VALUE_LIST:
		return table_find(methods_list, name);
	case VALUE_MAP:
		return table_find(methods_map, name);
	case VALUE_OBJECT:
		if (!target->object.class->is_mapping)
			return NULL;
		return table_find(methods_map, name);
	default:
		return NULL;
	}
}

static size_t
all_of(const struct function *const *tables, const struct function *(*find)(struct view name),
	const struct function **out, size_t room)
{
	size_t count = 0;

	for (; *tables; tables++)
		for (const struct function *each = *tables; each->name; each++)
			if (find(view_of(each->name)) == each && count++ < room)
				out[count - 1] = each;
	return count;
}

size_t
filter_all(const struct function **out, size_t room)
{
	return all_of(filter_tables, filter_find, out, room);
}

size_t
test_all(const struct function **out, size_t room)
{
	return all_of(test_tables, test_find, out, room);
}

bool
method_mutates(struct view name)
{
	const struct function *list = table_find(methods_list, name),
			      *map = table_find(methods_map, name);

	return (list && (list->flags & MUTATES)) || (map && (map->flags & MUTATES));
}

static const char *
nearest(const struct function *const *tables, const char *name)
{
	enum { ROOM = 400 };
	const char *names[ROOM];
	size_t count = 0;

	for (; *tables; tables++)
		for (const struct function *each = *tables; each->name && count < ROOM - 1; each++)
			names[count++] = each->name;
	names[count] = NULL;
	return text_nearest(name, names);
}

const char *
filter_nearest(const char *name)
{
	return nearest(filter_tables, name);
}

const char *
test_nearest(const char *name)
{
	return nearest(test_tables, name);
}

/* ---- binding ---- */

struct signature {
	struct view names[ARGS_MOST];
	bool is_required[ARGS_MOST];
	size_t count;
	bool takes_rest, takes_named;
};

/* "a b='x y' *": names may have defaults in quotes, so blanks inside quotes do not part. */
static void
signature_read(const char *params, struct signature *out)
{
	*out = (struct signature){ 0 };
	while (*params) {
		size_t length = strcspn(params, " ='"), name = length;

		while (params[length] && params[length] != ' ') {
			if (params[length] == '\'')
				length += strcspn(params + length + 1, "'") + 1;
			length += params[length] != '\0';
		}
		if (params[0] == '*') {
			out->takes_named |= params[1] == '*';
			out->takes_rest |= params[1] != '*';
		} else if (length) {
			if (out->count == ARGS_MOST)
				BUG("too many parameters");
			out->is_required[out->count] = name == length;
			out->names[out->count++] = (struct view){ params, name };
		}
		params += length;
		params += strspn(params, " ");
	}
}

static bool
named_bind(struct call *call, const struct signature *signature, const struct value *named)
{
	struct value *further = NULL;

	VALUE_PAIRS (pair, named) {
		size_t i = 0;

		while (i < signature->count &&
			!view_equals(signature->names[i], value_string_view(pair->key)))
			i++;
		if (i < signature->count) {
			if (call->args[i])
				return call_fail(call, ERR_TYPE,
					"%s() got multiple values for argument '%s'",
					call->function->name, pair->key->string.data);
			call->args[i] = pair->value;
		} else if (signature->takes_named) {
			if (!further)
				further = value_map(call_arena(call));
			value_set_key(call_arena(call), further, pair->key, pair->value);
		} else {
			return call_fail(call, ERR_TYPE,
				"%s() got an unexpected keyword argument '%s'",
				call->function->name, value_to_text(call_arena(call), pair->key));
		}
	}
	call->named = further;
	return true;
}

static bool
arguments_bind(struct call *call, const struct call_args *args)
{
	struct signature signature;

	signature_read(call->function->params, &signature);
	for (size_t i = 0; i < args->positional_count && i < signature.count; i++)
		call->args[i] = args->positional[i];
	if (args->positional_count > signature.count) {
		if (!signature.takes_rest)
			return call_fail(call, ERR_TYPE,
				"%s() takes at most %zu arguments, but %zu were given",
				call->function->name, signature.count, args->positional_count);
		call->rest = args->positional + signature.count;
		call->rest_count = args->positional_count - signature.count;
	}
	if (args->named && !named_bind(call, &signature, args->named))
		return false;
	for (size_t i = 0; i < signature.count; i++)
		if (signature.is_required[i] && !call->args[i])
			return call_fail(call, ERR_TYPE, "%s() missing required argument '%.*s'",
				call->function->name, (int)signature.names[i].length,
				signature.names[i].data);
	return true;
}

static bool
arguments_defined(struct call *call)
{
	if (call->function->flags & TAKES_UNDEFINED_ARGS)
		return true;
	for (size_t i = 0; i < ARGS_MOST; i++)
		if (call->args[i] && !value_defined(call->run, call->args[i]))
			return false;
	for (size_t i = 0; i < call->rest_count; i++)
		if (!value_defined(call->run, call->rest[i]))
			return false;
	return true;
}

bool
function_call(struct evaluation *run, const struct function *function, const struct value *input,
	const struct call_args *args, const struct value **out)
{
	static const struct call_args none = { 0 };
	struct call call = { .run = run, .function = function, .input = input };
	bool ok;

	if (input && !(function->flags & TAKES_UNDEFINED)) {
		if (undefined_is_lenient(input))
			call.input = &value_empty_string;
		else if (!value_defined(run, input))
			return false;
	}
	if ((function->flags & NEEDS_TEXT) && !value_is_string(call.input))
		return run_fail(run, ERR_TYPE, "%s: a string is needed, not '%s'", function->name,
			value_type_name(call.input));
	if (!arguments_bind(&call, args ? args : &none) || !arguments_defined(&call))
		return false;
	run->session->depth++;
	ok = run_step(run) && function->call(&call, out);
	run->session->depth--;
	if (ok && (function->flags & KEEPS_TEXT) && value_is_string(*out))
		*out = value_with_flags(
			run->session->into, *out, ((*out)->flags | VALUE_KEPT) & ~VALUE_TEMPLATE);
	return ok;
}

/* As Ansible says it, for who searches for its words. */
static void
plugin_why(struct error *err, struct view name)
{
	bool is_valid = name.length > 0;

	for (size_t i = 0; i < name.length; i++)
		is_valid &= isalnum((unsigned char)name.data[i]) || strchr("_.", name.data[i]);
	error_why(err, "TemplateSyntaxError: Could not load \"%.*s\": '%s%.*s'", (int)name.length,
		name.data, is_valid ? "" : "invalid plugin name: ansible.builtin.",
		(int)name.length, name.data);
}

bool
filter_call(struct evaluation *run, struct view name, const struct value *input,
	const struct call_args *args, const struct value **out)
{
	const struct function *function = filter_find(name);
	const char *near;

	if (function)
		return function_call(run, function, input, args, out);
	run_fail(run, ERR_PARSE, "no filter named '%.*s'", (int)name.length, name.data);
	plugin_why(run->session->err, name);
	near = filter_nearest(arena_view(run->session->into, name));
	return near ? error_hint(run->session->err, "did you mean '%s'?", near) : false;
}

bool
test_call(struct evaluation *run, struct view name, const struct value *input,
	const struct call_args *args, bool *out)
{
	const struct function *function = test_find(name);
	const struct value *result;
	const char *near;

	if (function) {
		if (!function_call(run, function, input, args, &result))
			return false;
		*out = value_is_true(result);
		return true;
	}
	run_fail(run, ERR_PARSE, "no test named '%.*s'", (int)name.length, name.data);
	plugin_why(run->session->err, name);
	near = test_nearest(arena_view(run->session->into, name));
	return near ? error_hint(run->session->err, "did you mean '%s'?", near) : false;
}

/* ---- for those who write them ---- */

int
call_error_set(struct call *call, enum error_kind kind, const char *format, ...)
{
	struct error *err = call->run->session->err;
	va_list args;

	fail(err, kind, "template error");
	va_start(args, format);
	vsnprintf(err->what, sizeof(err->what), format, args);
	va_end(args);
	return 0;
}

struct arena *
call_arena(const struct call *call)
{
	return call->run->session->into;
}

bool
call_text(struct call *call, const struct value *value, const char *fallback, struct view *out)
{
	if (!value) {
		*out = view_of(fallback);
		return true;
	}
	if (value->type != VALUE_STRING) {
		struct str text;
		bool ok;

		str_init(&text);
		ok = value_text_add(call->run, value, &text);
		value = value_view(call_arena(call), str_view(&text));
		str_release(&text);
		if (!ok)
			return false;
	}
	*out = value_string_view(value);
	return true;
}

bool
call_flag(const struct call *call, size_t index, bool fallback)
{
	return call->args[index] ? value_is_true(call->args[index]) : fallback;
}

bool
call_int(struct call *call, size_t index, int64_t fallback, int64_t *out)
{
	const struct value *value = call->args[index];

	*out = fallback;
	if (value_is_none(value))
		return true;
	if (value->type == VALUE_FLOAT && value->real > -9e15 && value->real < 9e15) {
		*out = (int64_t)value->real;
		return true;
	}
	if (!value_to_int(value, out))
		return call_fail(call, ERR_TYPE, "%s: '%s' is not a number", call->function->name,
			value_to_text(call_arena(call), value));
	return true;
}

bool
call_items(struct call *call, const struct value *value, const struct value **out)
{
	return value_iterate(call->run, value, out);
}

const struct value *
call_take(struct call *call, struct str *text)
{
	const struct value *value = value_view(call_arena(call), str_view(text));

	str_release(text);
	return value;
}

bool
call_give(struct call *call, struct str *text, const struct value **out)
{
	if (text->is_full) {
		str_release(text);
		return call_fail(call, ERR_LIMIT, "%s: result is too large", call->function->name);
	}
	*out = call_take(call, text);
	return true;
}

bool
give_bool(bool boolean, const struct value **out)
{
	*out = boolean ? &value_true : &value_false;
	return true;
}
