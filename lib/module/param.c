/* Arguments: from the map of a task to the struct of a module, with every check on the way. */
#include "module/param.h"

#include <math.h>
#include <string.h>

#include "os/users.h"

const struct param *
params_find(const struct param *params, const char *name)
{
	for (const struct param *param = params; param && param->name; param++) {
		if (text_equals(param->name, name))
			return param;
		for (size_t i = 0; param->aliases && param->aliases[i]; i++)
			if (text_equals(param->aliases[i], name))
				return param;
	}
	return NULL;
}

/* Keys that Ansible itself adds on the way say nothing to a module. */
static bool
is_ignored(const char *name)
{
	return text_starts(name, "_ansible_");
}

static bool
is_known(const struct param *params, const struct value *key, bool with_internal)
{
	const char *name = value_string(key);
	const struct param *param = name ? params_find(params, name) : NULL;

	return (name && is_ignored(name)) || (param && (with_internal || !param->is_internal));
}

/* The names that a person may write, for «did you mean» and for lists, sorted. */
static const char *const *
known_names(const struct param *params, struct arena *into)
{
	const char **names;
	size_t count = 0;

	for (const struct param *param = params; param->name; param++)
		count++;
	names = arena_array(into, count + 1, const char *);
	count = 0;
	for (const struct param *param = params; param->name; param++) {
		size_t at = count;

		if (param->is_internal)
			continue;
		for (; at > 0 && strcmp(names[at - 1], param->name) > 0; at--)
			names[at] = names[at - 1];
		names[at] = param->name;
		count++;
	}
	return names;
}

static void
add_name(struct str *list, const struct param *param)
{
	str_add_format(list, "%s%s", list->length ? ", " : "", param->name);
	for (size_t i = 0; param->aliases && param->aliases[i]; i++)
		str_add_format(list, "%s%s", i ? ", " : " (", param->aliases[i]);
	if (param->aliases && param->aliases[0])
		str_add_char(list, ')');
}

static bool
fail_unknown(const char *who, const struct param *params, const struct value *map,
	const struct value *key, struct error *err)
{
	_cleanup_str_ struct str list = STR_INIT, unknown = STR_INIT;
	struct arena arena;
	const char *const *names;
	const char *near;

	arena_init(&arena);
	names = known_names(params, &arena);
	for (size_t i = 0; names[i]; i++) {
		const struct param *known = params_find(params, names[i]);

		if (known)
			add_name(&list, known);
	}
	VALUE_PAIRS (pair, map)
		if (!is_known(params, pair->key, false))
			str_add_format(&unknown, "%s%s", unknown.length ? ", " : "",
				value_to_text(&arena, pair->key));
	fail(err, ERR_OPTIONS,
		"Unsupported parameters for (%s) module: %s. Supported parameters include: %s.",
		who, unknown.data, list.data);
	near = text_nearest(value_to_text(&arena, key), names);
	if (near)
		error_hint(err, "did you mean '%s'?", near);
	arena_release(&arena);
	error_at(err, key);
	return false;
}

/* In Ansible's words, which playbooks look for; `wanted` is "an int" … */
static bool
fail_type(
	const struct param *param, const struct value *value, const char *wanted, struct error *err)
{
	const char *type = value_type_name(value), *name = strchr(wanted, ' ') + 1;

	if (strcmp(name, "bool") != 0) {
		fail(err, ERR_TYPE,
			"argument '%s' is of type <class '%s'> and we were unable to convert to "
			"%s: "
			"<class '%s'> cannot be converted to %s",
			param->name, type, name, type, wanted);
	} else {
		struct arena arena;

		arena_init(&arena);
		fail(err, ERR_TYPE,
			"argument '%s' is of type <class '%s'> and we were unable to convert to "
			"bool: The "
			"value '%s' is not a valid boolean.  Valid booleans include: 0, 1, '0', "
			"'1', 'f', "
			"'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
			param->name, type,
			param->is_secret ? "(hidden)" : value_to_text(&arena, value));
		arena_release(&arena);
	}
	return error_at(err, value);
}

static bool
check_choice(
	const struct param *param, const char *text, const struct value *value, struct error *err)
{
	_cleanup_str_ struct str list = STR_INIT;
	const char *near;

	if (!param->choices)
		return true;
	for (size_t i = 0; param->choices[i]; i++) {
		if (text_equals(param->choices[i], text))
			return true;
		str_add_format(&list, "%s%s", i ? ", " : "", param->choices[i]);
	}
	fail(err, ERR_OPTIONS, "value of %s must be one of: %s, got: %s", param->name, list.data,
		text);
	near = text_nearest(text, param->choices);
	if (near)
		error_hint(err, "did you mean '%s'?", near);
	error_at(err, value);
	return false;
}

/* A boolean where one of several words is wanted: yes and no may be among them. */
static const char *
choice_of_bool(const struct param *param, bool boolean)
{
	static const char *const words[2][4] = { { "no", "off", "false", "False" },
		{ "yes", "on", "true", "True" } };

	for (size_t i = 0; param->choices && param->choices[i]; i++)
		for (size_t word = 0; word < 4; word++)
			if (text_equals(param->choices[i], words[boolean][word]))
				return param->choices[i];
	return boolean ? "True" : "False";
}

static bool
read_text(const struct param *param, const struct value *value, struct arena *into,
	const char **out, struct error *err)
{
	const char *text;

	if (value->type == VALUE_STRING && strlen(value->string.data) != value->string.length)
		return fail_type(param, value, "a str without NUL bytes", err);
	if (value->type == VALUE_BOOL)
		text = choice_of_bool(param, value->boolean);
	else if (value->type == VALUE_STRING)
		text = value->string.data;
	else
		text = value_to_text(into, value);
	if (!check_choice(param, text, value, err))
		return false;
	*out = text;
	return true;
}

/* 0644 in YAML is the number 420; Ansible takes it as the octal it was. A text "644" is octal too.
 */
static bool
read_mode(const struct param *param, const struct value *value, struct arena *into,
	const char **out, struct error *err)
{
	if (value->type == VALUE_INT) {
		*out = arena_format(into, "%04llo", (unsigned long long)value->integer);
		return true;
	}
	return read_text(param, value, into, out, err);
}

static const char *const *
cut_texts(struct arena *into, struct view text)
{
	const char **texts = arena_array(into, 2, const char *);
	struct view piece;
	size_t count = 0;

	while (text.length && view_cut(&text, ',', &piece)) {
		texts = arena_grow(into, texts, count + 1, count + 2, sizeof(*texts));
		texts[count++] = arena_view(into, view_trim(piece));
		texts[count] = NULL;
	}
	return texts;
}

static bool
read_texts(const struct param *param, const struct value *value, struct arena *into,
	const char *const **out, struct error *err)
{
	const char **texts;
	const char *text;

	if (!value_is_list(value)) {
		if (value_is_map(value))
			return fail_type(param, value, "a list", err);
		text = value_to_text(into, value);
		*out = cut_texts(into, view_of(text));
		for (size_t i = 0; (*out)[i]; i++)
			if (!check_choice(param, (*out)[i], value, err))
				return false;
		return true;
	}
	texts = arena_array(into, value->list.count + 1, const char *);
	for (uint32_t i = 0; i < value->list.count; i++)
		if (!read_text(param, value->list.items[i], into, &texts[i], err))
			return false;
	*out = texts;
	return true;
}

static bool
read_float(const struct param *param, const struct value *value, double *out, struct error *err)
{
	char *end;

	if (value->type == VALUE_FLOAT) {
		*out = value->real;
	} else if (value->type == VALUE_INT) {
		*out = (double)value->integer;
	} else {
		if (value->type != VALUE_STRING || !value->string.length)
			return fail_type(param, value, "a float", err);
		*out = strtod(value->string.data, &end);
		if (*end)
			return fail_type(param, value, "a float", err);
	}
	return true;
}

static bool
read_value(const struct param *param, const struct value *value, struct arena *into,
	const struct value **out, struct error *err)
{
	if (param->type == PARAM_TYPE_MAP && !value_is_map(value))
		return fail_type(param, value, "a dict", err);
	if (param->type == PARAM_TYPE_LIST && !value_is_list(value)) {
		struct value *list = value_list(into);

		value_add(into, list, value);
		value = list;
	}
	*out = value;
	return true;
}

static bool
read_one(const struct param *param, const struct value *value, struct arena *into, void *field,
	struct error *err)
{
	bool boolean;

	switch (param->type) {
	case PARAM_TYPE_STRING:
		return read_text(param, value, into, field, err);
	case PARAM_TYPE_PATH:
		if (!read_text(param, value, into, field, err))
			return false;
		*(const char **)field = path_expand(into, *(const char **)field);
		return true;
	case PARAM_TYPE_MODE:
		return read_mode(param, value, into, field, err);
	case PARAM_TYPE_FLAG:
	case PARAM_TYPE_SWITCH:
		if (!value_to_bool(value, &boolean))
			return fail_type(param, value, "a bool", err);
		if (param->type == PARAM_TYPE_FLAG)
			*(bool *)field = boolean;
		else
			*(enum param_switch *)field = boolean ? SWITCH_ON : SWITCH_OFF;
		return true;
	case PARAM_TYPE_INT:
		if (!value_to_int(value, field))
			return fail_type(param, value, "an int", err);
		return true;
	case PARAM_TYPE_FLOAT:
		return read_float(param, value, field, err);
	case PARAM_TYPE_TEXTS:
		return read_texts(param, value, into, field, err);
	case PARAM_TYPE_MAP:
	case PARAM_TYPE_LIST:
	case PARAM_TYPE_VALUE:
		return read_value(param, value, into, field, err);
	}
	BUG("parameter '%s' has the type %d", param->name, param->type);
}

static bool
set_fallback(const struct param *param, struct arena *into, void *field, struct error *err)
{
	if (param->fallback)
		return read_one(param, value_text(into, param->fallback), into, field, err);
	if (param->type == PARAM_TYPE_INT)
		*(int64_t *)field = PARAM_NO_INT;
	if (param->type == PARAM_TYPE_FLOAT)
		*(double *)field = NAN;
	return true;
}

/* None is as if it was not given. */
static const struct value *
given_value(const struct param *param, const struct value *map)
{
	const struct value *value = value_get(map, param->name);

	for (size_t i = 0; value_is_none(value) && param->aliases && param->aliases[i]; i++)
		value = value_get(map, param->aliases[i]);
	return value_is_none(value) ? NULL : value;
}

static bool
check_names(const char *who, const struct param *params, const struct value *map,
	bool with_internal, struct error *err)
{
	VALUE_PAIRS (pair, map)
		if (!is_known(params, pair->key, with_internal))
			return fail_unknown(who, params, map, pair->key, err);
	return true;
}

static bool
fail_missing(const struct param *params, const struct value *map, struct error *err)
{
	_cleanup_str_ struct str list = STR_INIT;

	for (const struct param *param = params; param->name; param++)
		if (param->required && !given_value(param, map))
			str_add_format(&list, "%s%s", list.length ? ", " : "", param->name);
	fail(err, ERR_OPTIONS, "missing required arguments: %s", list.data);
	error_at(err, map);
	return false;
}

static const struct param no_params[] = { PARAMS_END };

bool
params_read(const char *who, const struct param *params, const struct value *map,
	struct arena *into, void *args, struct error *err)
{
	if (!params)
		params = no_params;
	if (!check_names(who, params, map, true, err))
		return false;
	for (const struct param *param = params; param->name; param++) {
		const struct value *value = given_value(param, map);
		void *field = (char *)args + param->offset;

		if (!value && param->required)
			return fail_missing(params, map, err);
		if (value ? !read_one(param, value, into, field, err)
			  : !set_fallback(param, into, field, err))
			return false;
	}
	return true;
}

bool
param_check_value(const struct param *param, const struct value *value, struct error *err)
{
	struct arena arena;
	uint64_t field[2];
	bool is_well;

	arena_init(&arena);
	is_well = read_one(param, value, &arena, field, err);
	arena_release(&arena);
	return is_well;
}

bool
params_check(
	const char *who, const struct param *params, const struct value *map, struct error *err)
{
	struct arena arena;
	bool is_well = true;

	if (!params)
		params = no_params;
	if (!check_names(who, params, map, false, err))
		return false;
	arena_init(&arena);
	for (const struct param *param = params; param->name && is_well; param++) {
		const struct value *value = given_value(param, map);
		uint64_t field[2];

		if (!value && param->required)
			is_well = fail_missing(params, map, err);
		else if (value && !value_has_template(value))
			is_well = read_one(param, value, &arena, field, err);
	}
	arena_release(&arena);
	return is_well;
}
