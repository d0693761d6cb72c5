/* Values against an argument specification, level by level. */
#include "orchestrator/actions/argument_spec.h"

#include <ctype.h>
#include <stdarg.h>

#include "json/json.h"
#include "orchestrator/playbook/playbook.h"

enum { DEEPEST = 20 };

struct checking {
	struct arena *into;
	struct value *errors, *unsupported;
	const char *path[DEEPEST]; /* of options above */
	size_t depth;
};

static void add(struct checking *checking, const char *format, ...) FORMAT(2, 3);

static void
add(struct checking *checking, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	value_add(checking->into, checking->errors, value_text(checking->into, text));
}

/* "a -> b", or "" at the top. */
static const char *
context(const struct checking *checking, const char *between)
{
	struct str text = STR_INIT;
	const char *joined;

	for (size_t i = 0; i < checking->depth; i++)
		str_add_format(&text, "%s%s", i ? between : "", checking->path[i]);
	joined = arena_view(checking->into, str_view(&text));
	str_release(&text);
	return joined;
}

static const char *
found_in(const struct checking *checking)
{
	return checking->depth
		       ? arena_format(checking->into, " found in %s", context(checking, " -> "))
		       : "";
}

/* Python's name of the type; a text as it stands in a YAML file has a class of its own there. */
static const char *
type_of(const struct value *value)
{
	if (value_is_string(value) && value->place.file)
		return "<class 'ansible.parsing.yaml.objects.AnsibleUnicode'>";
	switch (value->type) {
	case VALUE_STRING:
		return "<class 'str'>";
	case VALUE_LIST:
		return "<class 'list'>";
	case VALUE_MAP:
		return "<class 'dict'>";
	case VALUE_INT:
		return "<class 'int'>";
	case VALUE_FLOAT:
		return "<class 'float'>";
	case VALUE_BOOL:
		return "<class 'bool'>";
	default:
		return "<class 'NoneType'>";
	}
}

/* ---- types: the value converted, or NULL and why not ---- */

typedef const struct value *converter(
	struct arena *into, const struct value *value, const char **why);

static const struct value *
refuse(struct arena *into, const struct value *value, const char *what, const char **why)
{
	*why = arena_format(into, "%s cannot be converted to %s", type_of(value), what);
	return NULL;
}

static const struct value *
as_is(struct arena *into, const struct value *value, const char **why)
{
	(void)into;
	(void)why;
	return value;
}

static const struct value *
as_text(struct arena *into, const struct value *value, const char **why)
{
	(void)why;
	return value_is_string(value) ? value : value_text(into, value_to_text(into, value));
}

static const struct value *
as_int(struct arena *into, const struct value *value, const char **why)
{
	int64_t number;

	if (value->type == VALUE_INT || value->type == VALUE_BOOL)
		return value;
	if (value_is_string(value) && number_parse(view_trim(value_string_view(value)), &number))
		return value_int(into, number);
	return refuse(into, value, "an int", why);
}

static const struct value *
as_float(struct arena *into, const struct value *value, const char **why)
{
	const char *text = value_string(value);
	char *end = NULL;
	double real;

	if (value->type == VALUE_FLOAT)
		return value;
	if (value->type == VALUE_INT)
		return value_float(into, (double)value->integer);
	real = text && *text ? strtod(text, &end) : 0;
	return end && !*end ? value_float(into, real) : refuse(into, value, "a float", why);
}

static const struct value *
as_bool(struct arena *into, const struct value *value, const char **why)
{
	bool flag;

	if ((value->type == VALUE_STRING || value->type == VALUE_BOOL ||
		    value->type == VALUE_INT || value->type == VALUE_FLOAT) &&
		value_to_bool(value, &flag))
		return value_bool(into, flag);
	*why = arena_format(into,
		"The value '%s' is not a valid boolean.  Valid booleans include: 0, 1, '0', '1', "
		"'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
		value_to_text(into, value));
	return NULL;
}

static const struct value *
as_list(struct arena *into, const struct value *value, const char **why)
{
	struct value *list;
	struct view rest, piece;

	if (value_is_list(value))
		return value;
	list = value_list(into);
	if (value->type == VALUE_INT || value->type == VALUE_FLOAT) {
		value_add(into, list, value_text(into, value_to_text(into, value)));
		return list;
	}
	if (!value_is_string(value))
		return refuse(into, value, "a list", why);
	rest = value_string_view(value);
	while (view_cut(&rest, ',', &piece))
		value_add(into, list, value_view(into, piece));
	return list;
}

static const struct value *
as_dict(struct arena *into, const struct value *value, const char **why)
{
	struct view text = view_trim(value_string_view(value));
	const struct value *parsed;
	struct value *map;
	struct error ignored;

	if (value_is_map(value))
		return value;
	if (!value_is_string(value))
		return refuse(into, value, "a dict", why);
	if (view_starts(text, "{")) {
		if (json_parse(into, text, &parsed, &ignored) && value_is_map(parsed))
			return parsed;
		*why = "unable to evaluate string as dictionary";
		return NULL;
	}
	if (memchr(text.data, '=', text.length) &&
		arguments_parse(into, value, FREE_FORM_NONE, &map, &ignored))
		return map;
	*why = "dictionary requested, could not parse JSON or key=value";
	return NULL;
}

static const struct value *
as_json(struct arena *into, const struct value *value, const char **why)
{
	if (value_is_string(value) || value_is_map(value) || value_is_list(value))
		return value;
	return refuse(into, value, "json", why);
}

/* "10M", "1.5 KB" … */
static bool
is_size(const struct value *value, const char *unit)
{
	struct view text = view_trim(value_string_view(value));
	char *end;
	const char *start = text.data;

	if (value->type == VALUE_INT || value->type == VALUE_FLOAT)
		return true;
	if (!text.length || !isdigit((unsigned char)*start))
		return false;
	strtod(start, &end);
	while (*end == ' ')
		end++;
	if (!*end)
		return true;
	if (strchr("YZEPTGMKyzeptgmk", *end))
		end++;
	return !*end || !strcasecmp(end, unit) || !strcmp(end, unit[0] == 'b' ? "bit" : "Byte");
}

static const struct value *
as_bytes(struct arena *into, const struct value *value, const char **why)
{
	return is_size(value, "B") ? value : refuse(into, value, "a Byte value", why);
}

static const struct value *
as_bits(struct arena *into, const struct value *value, const char **why)
{
	return is_size(value, "b") ? value : refuse(into, value, "a Bit value", why);
}

static const struct type_row {
	const char *name;
	converter *convert;
} types[] = {
	{ "bits", as_bits },
	{ "bool", as_bool },
	{ "bytes", as_bytes },
	{ "dict", as_dict },
	{ "float", as_float },
	{ "int", as_int },
	{ "json", as_json },
	{ "jsonarg", as_json },
	{ "list", as_list },
	{ "path", as_text },
	{ "raw", as_is },
	{ "str", as_text },
};

static converter *
type_find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].name, name))
			return types[i].convert;
	return name ? as_is : as_text;
}

/* ---- one level ---- */

static bool
is_set(const struct value *row, const char *key)
{
	const struct value *value = value_get(row, key);
	bool flag;

	return value && value_to_bool(value, &flag) && flag;
}

static void
check_missing(struct checking *checking, const struct value *spec, const struct value *arguments)
{
	struct str missing = STR_INIT;
	struct value *names = value_list(checking->into);

	VALUE_PAIRS (pair, spec)
		if (value_is_map(pair->value) && is_set(pair->value, "required") &&
			!value_get_key(arguments, pair->key))
			value_add(checking->into, names, pair->key);
	for (uint32_t i = 1; i < names->list.count; i++) /* few: by insertion */
		for (uint32_t j = i; j > 0 && strcmp(value_string(names->list.items[j - 1]),
						      value_string(names->list.items[j])) > 0;
			j--) {
			const struct value *swap = names->list.items[j];

			names->list.items[j] = names->list.items[j - 1];
			names->list.items[j - 1] = swap;
		}
	VALUE_EACH (name, names)
		str_add_format(&missing, "%s%s", missing.length ? ", " : "", value_string(name));
	if (missing.length)
		add(checking, "missing required arguments: %s%s", missing.data,
			found_in(checking));
	str_release(&missing);
}

/* What Ansible finds while it looks for secrets below, in front of all else. */
static void
check_shape(struct checking *checking, const char *name, const struct value *row,
	const struct value *value)
{
	const char *why = NULL;

	if (!value_is_map(value_get(row, "options")) || value_is_none(value))
		return;
	if (value_is_string(value) && !as_dict(checking->into, value, &why))
		add(checking, "%s", why);
	if (!value_is_list(value))
		return;
	VALUE_EACH (item, value)
		if (!value_is_map(item) && !value_is_string(item))
			add(checking,
				"Value '%s' in the sub parameter field '%s' must by a list, not '%s'",
				value_to_text(checking->into, item), name, value_type_name(item));
}

static const struct value *
check_elements(struct checking *checking, const char *name, const struct value *row,
	const struct value *list)
{
	const char *wanted = value_string(value_get(row, "elements")), *why = NULL;
	struct value *converted = value_list(checking->into);

	VALUE_EACH (item, list) {
		const struct value *one = type_find(wanted)(checking->into, item, &why);

		if (one) {
			value_add(checking->into, converted, one);
			continue;
		}
		add(checking,
			"Elements value for option '%s'%s is of type %s and we were unable to convert "
			"to %s: %s",
			name,
			checking->depth ? arena_format(checking->into, " found in '%s'",
						  context(checking, " -> "))
					: "",
			type_of(item), wanted, why);
	}
	return converted;
}

static const struct value *
check_type(struct checking *checking, const char *name, const struct value *row,
	const struct value *value)
{
	const char *wanted = value_string(value_get(row, "type")), *why = NULL;
	const struct value *converted;

	if (value_is_none(value))
		return value;
	converted = type_find(wanted)(checking->into, value, &why);
	if (!converted) {
		add(checking, "argument '%s' is of type %s%s and we were unable to convert to %s: %s",
			name, type_of(value),
			checking->depth ? arena_format(checking->into, " found in '%s'.",
						  context(checking, " -> "))
					: "",
			wanted, why);
		return value;
	}
	if (value_is_list(converted) && value_get(row, "elements"))
		converted = check_elements(checking, name, row, converted);
	return converted;
}

static bool
is_in(const struct value *list, const struct value *value)
{
	VALUE_EACH (item, list)
		if (value_equals(item, value))
			return true;
	return false;
}

static const char *
joined(struct arena *into, const struct value *list)
{
	struct str text = STR_INIT;
	const char *whole;

	VALUE_EACH (item, list) {
		str_add(&text, text.length ? ", " : "");
		value_add_text(item, &text);
	}
	whole = arena_view(into, str_view(&text));
	str_release(&text);
	return whole;
}

static void
check_choices(struct checking *checking, const char *name, const struct value *row,
	const struct value *value)
{
	const struct value *choices = value_get(row, "choices");
	struct value *others;

	if (!value_is_list(choices) || value_is_none(value))
		return;
	if (!value_is_list(value)) {
		if (!is_in(choices, value))
			add(checking, "value of %s must be one of: %s, got: %s%s", name,
				joined(checking->into, choices),
				value_to_text(checking->into, value), found_in(checking));
		return;
	}
	others = value_list(checking->into);
	VALUE_EACH (item, value)
		if (!is_in(choices, item))
			value_add(checking->into, others, item);
	if (others->list.count)
		add(checking, "value of %s must be one or more of: %s. Got no match for: %s%s",
			name, joined(checking->into, choices), joined(checking->into, others),
			found_in(checking));
}

static void
note_unsupported(
	struct checking *checking, const struct value *spec, const struct value *arguments)
{
	struct str known = STR_INIT;
	const char *above = context(checking, ".");

	VALUE_PAIRS (pair, spec)
		str_add_format(&known, "%s%s", known.length ? ", " : "", value_string(pair->key));
	VALUE_PAIRS (pair, arguments) {
		if (value_get_key(spec, pair->key))
			continue;
		value_add(checking->into, checking->unsupported,
			value_format(checking->into, "%s%s%s. Supported parameters include: %s.",
				above, *above ? "." : "",
				value_to_text(checking->into, pair->key), known.data));
	}
	str_release(&known);
}

static void check_level(struct checking *checking, const struct value *spec,
	const struct value *arguments, bool is_strict);

static void
check_below(struct checking *checking, const char *name, const struct value *row,
	const struct value *value)
{
	const struct value *spec = value_get(row, "options");

	if (!value_is_map(spec) || value_is_none(value) || checking->depth + 1 >= DEEPEST)
		return;
	if (!value_is_map(value) && !value_is_list(value)) {
		add(checking, "value of '%s' must be of type dict or list of dicts", name);
		return;
	}
	checking->path[checking->depth++] = name;
	if (value_is_map(value)) {
		check_level(checking, spec, value, true);
	} else {
		VALUE_EACH (item, value)
			if (value_is_map(item))
				check_level(checking, spec, item, true);
	}
	checking->depth--;
}

static void
check_level(struct checking *checking, const struct value *spec, const struct value *arguments,
	bool is_strict)
{
	struct value *converted = value_map(checking->into);

	if (checking->depth == 0)
		VALUE_PAIRS (pair, arguments) {
			const struct value *row = value_get_key(spec, pair->key);

			if (row)
				check_shape(checking, value_string(pair->key), row, pair->value);
		}
	check_missing(checking, spec, arguments);
	VALUE_PAIRS (pair, spec) {
		const struct value *given = value_get_key(arguments, pair->key);

		if (given && value_is_map(pair->value))
			value_set_key(checking->into, converted, pair->key,
				check_type(checking, value_string(pair->key), pair->value, given));
	}
	VALUE_PAIRS (pair, converted)
		check_choices(checking, value_string(pair->key), value_get_key(spec, pair->key),
			pair->value);
	VALUE_PAIRS (pair, converted)
		check_below(checking, value_string(pair->key), value_get_key(spec, pair->key),
			pair->value);
	if (is_strict)
		note_unsupported(checking, spec, arguments);
}

void
argument_spec_validate(struct arena *into, const struct value *spec, const struct value *arguments,
	bool is_strict, struct value *errors)
{
	struct checking checking = { .into = into, .errors = errors, .unsupported = value_list(into) };

	check_level(&checking, spec, arguments, is_strict);
	VALUE_EACH (text, checking.unsupported)
		value_add(into, errors, text);
}
