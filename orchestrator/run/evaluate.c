/* The keywords of a task, evaluated: conditions, loops, arguments, environment, become. */
#include "orchestrator/run/internal.h"

bool
evaluate_value(struct task_scope *scope, struct arena *into, const struct value *source,
	const struct value **out, struct error *err)
{
	return template_evaluate(scope->run->templates, &scope->templates, into, source, out, err);
}

/* ---- what an evaluated value means; `source` is where it was written ---- */

static bool
is_unset(const struct value *value)
{
	return !value || value_is_none(value) || template_is_omit(value);
}

static bool
read_flag(struct arena *into, const struct value *value, const struct value *source, bool fallback,
	bool *out, struct error *err)
{
	*out = fallback;
	if (is_unset(value) || value_to_bool(value, out))
		return true;
	fail(err, ERR_TYPE, "'%.100s' is no boolean", value_to_text(into, value));
	error_at(err, source);
	return error_hint(err, "write true or false");
}

static const char *
read_text(struct arena *into, const struct value *value)
{
	return is_unset(value) ? NULL : value_to_text(into, value);
}

static bool
read_int(struct arena *into, enum keyword keyword, const struct value *value,
	const struct value *source, int64_t fallback, int64_t *out, struct error *err)
{
	*out = fallback;
	if (is_unset(value) || value_to_int(value, out))
		return true;
	fail(err, ERR_TYPE,
		"the field '%s' has an invalid value (%.100s), and could not be converted to an "
		"int.",
		keyword_table[keyword].name, value_to_text(into, value));
	return error_at(err, source);
}

/* ---- a value as it is written ---- */

bool
evaluate_flag(struct task_scope *scope, struct arena *into, const struct value *source,
	bool fallback, bool *out, struct error *err)
{
	const struct value *value = NULL;

	*out = fallback;
	return (!source || evaluate_value(scope, into, source, &value, err)) &&
	       read_flag(into, value, source, fallback, out, err);
}

bool
evaluate_text(struct task_scope *scope, struct arena *into, const struct value *source,
	const char **out, struct error *err)
{
	const struct value *value = NULL;

	*out = NULL;
	if (source && !evaluate_value(scope, into, source, &value, err))
		return false;
	*out = read_text(into, value);
	return true;
}

bool
evaluate_int(struct task_scope *scope, struct arena *into, enum keyword keyword,
	const struct value *source, int64_t fallback, int64_t *out, struct error *err)
{
	const struct value *value = NULL;

	*out = fallback;
	return (!source || evaluate_value(scope, into, source, &value, err)) &&
	       read_int(into, keyword, value, source, fallback, out, err);
}

/* ---- a keyword with those of its parents ---- */

/* `omit` is as if it was not written here. NULL: nowhere. *source is the value as written. */
static bool
keyword_value(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, const struct value **out, const struct value **source,
	struct error *err)
{
	*out = *source = NULL;
	for (; node && !*out; node = node->parent) {
		*source = node->keywords[keyword];
		if (*source && !evaluate_value(scope, into, *source, out, err))
			return false;
		if (*out && template_is_omit(*out))
			*out = NULL;
	}
	return true;
}

bool
keyword_flag(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, bool fallback, bool *out, struct error *err)
{
	const struct value *value, *source;

	return keyword_value(scope, into, node, keyword, &value, &source, err) &&
	       read_flag(into, value, source, fallback, out, err);
}

bool
keyword_text(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, const char **out, struct error *err)
{
	const struct value *value, *source;

	if (!keyword_value(scope, into, node, keyword, &value, &source, err))
		return false;
	*out = read_text(into, value);
	return true;
}

bool
keyword_int(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, int64_t fallback, int64_t *out, struct error *err)
{
	const struct value *value, *source;

	return keyword_value(scope, into, node, keyword, &value, &source, err) &&
	       read_int(into, keyword, value, source, fallback, out, err);
}

/* {{ }} around a condition is evaluated, and then evaluated again: hardly what was meant. */
void
condition_warn(struct run *run, const struct value *condition)
{
	if (value_is_list(condition)) {
		VALUE_EACH (one, condition)
			condition_warn(run, one);
	} else if (value_is_string(condition) &&
		   template_is_present(value_string_view(condition))) {
		report_warning(run->report,
			"conditional statements should not include jinja2 templating delimiters "
			"such as "
			"{{ }} or {%% %%}. Found: %s",
			value_string(condition));
	}
}

bool
condition_failed(struct arena *into, const struct value *condition, struct error *err)
{
	struct error cause = *err;
	const char *text = value_to_text(into, condition);

	fail(err, ERR_TYPE, "The conditional check '%.200s' failed", text);
	error_why(err, "The error was: error while evaluating conditional (%.200s): %.600s%s%.200s",
		text, cause.what, cause.why[0] ? ": " : "", cause.why);
	error_where(err, "%s", cause.where);
	return error_hint(err, "%s", cause.hint);
}

bool
evaluate_when(struct task_scope *scope, const struct node *task, struct arena *into, bool *out,
	struct error *err)
{
	const struct value *conditions[64];
	size_t count = keyword_collect(task, KEYWORD_WHEN, conditions, ARRAY_SIZE(conditions));

	*out = true;
	for (size_t i = 0; i < count && *out; i++) {
		condition_warn(scope->run, conditions[i]);
		if (!template_condition(scope->run->templates, &scope->templates, into,
			    conditions[i], out, err))
			return err->kind == ERR_PENDING
				       ? false
				       : condition_failed(into, conditions[i], err);
	}
	return true;
}

/* ---- loops ---- */

/* Lists inside the list of with_items are opened, one level. */
static const struct value *
flatten_once(struct arena *into, const struct value *list)
{
	struct value *flat = value_list(into);

	VALUE_EACH (item, list) {
		if (value_is_list(item)) {
			VALUE_EACH (inner, item)
				value_add(into, flat, inner);
		} else {
			value_add(into, flat, item);
		}
	}
	return flat;
}

static const struct value *
listed(struct arena *into, const struct value *value)
{
	struct value *list;

	if (value_is_list(value))
		return value;
	list = value_list(into);
	value_add(into, list, value);
	return list;
}

/* What is no list stands for a list of itself; a dict, where a list is needed, for its keys. */
static bool
loop_terms(const struct node *task, const struct value *value, struct arena *into,
	const struct value **out, struct error *err)
{
	static const char *const lists_only[] = { "list", "flattened", "indexed_items" };
	struct value *keys;

	*out = listed(into, value);
	if (!value_is_map(value) || !strcmp(task->loop_kind, "dict"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(lists_only); i++)
		if (!strcmp(task->loop_kind, lists_only[i]))
			return fail(err, ERR_TYPE, "with_%s expects a list", task->loop_kind);
	keys = value_list(into);
	VALUE_PAIRS (pair, value)
		value_add(into, keys, pair->key);
	*out = keys;
	return true;
}

static bool
loop_items(struct task_scope *scope, const struct node *task, struct arena *into,
	const struct value **out, struct error *err)
{
	const struct value *source = task->keywords[KEYWORD_LOOP], *value;
	struct value *evaluated;

	if (!value_is_list(source)) {
		if (!evaluate_value(scope, into, source, &value, err))
			return false;
		if (value_is_none(value))
			value = &value_empty_list;
		if (!loop_terms(task, value, into, &value, err))
			return false;
		*out = flatten_once(into, value);
		return true;
	}
	evaluated = value_list(into);
	VALUE_EACH (item, source) {
		if (!evaluate_value(scope, into, item, &value, err))
			return false;
		value_add(into, evaluated, value);
	}
	*out = flatten_once(into, evaluated);
	return true;
}

/* Items are lists for a loop, whatever Python made of them. */
static const struct value *
without_tuples(struct arena *into, const struct value *list)
{
	struct value *plain = value_list(into);

	VALUE_EACH (item, list)
		value_add(into, plain,
			value_is_list(item) && (item->flags & VALUE_TUPLE)
				? value_with_flags(into, item, item->flags & ~(unsigned)VALUE_TUPLE)
				: item);
	return plain;
}

/* with_dict, with_fileglob … are the lookups of those names. */
static bool
loop_lookup(struct task_scope *scope, const struct node *task, struct arena *into,
	const struct value **out, struct error *err)
{
	const struct value *terms;
	struct value *options = value_map(into);

	if (!evaluate_value(scope, into, task->keywords[KEYWORD_LOOP], &terms, err))
		return false;
	if (!loop_terms(task, terms, into, &terms, err) ||
		!variables_lookup(scope, into, task->loop_kind, terms, options, out, err))
		return false;
	*out = *out ? without_tuples(into, *out) : &value_empty_list;
	return true;
}

bool
evaluate_loop(struct task_scope *scope, const struct node *task, struct arena *into,
	const struct value **out, struct error *err)
{
	const struct value *source = task->keywords[KEYWORD_LOOP], *value;

	*out = NULL;
	if (!source)
		return true;
	if (task->loop_kind && !strcmp(task->loop_kind, "items"))
		return loop_items(scope, task, into, out, err);
	if (task->loop_kind)
		return loop_lookup(scope, task, into, out, err);
	if (!evaluate_value(scope, into, source, &value, err))
		return false;
	if (!value_is_list(value)) {
		fail(err, ERR_TYPE,
			"Invalid data passed to 'loop', it requires a list, got this instead: "
			"%.200s",
			value_to_text(into, value));
		error_at(err, source);
		return error_hint(err, "If you passed a list/dict of just one element, try adding "
				       "wantlist=True to your "
				       "lookup invocation or use q/query instead of lookup");
	}
	*out = value;
	return true;
}

/* ---- arguments ---- */

static void
merge_defaults(struct arena *into, struct value *args, const struct value *defaults)
{
	if (!value_is_map(defaults))
		return;
	VALUE_PAIRS (pair, defaults)
		if (!value_get_key(args, pair->key))
			value_set_key(into, args, pair->key, pair->value);
}

/* module_defaults: by the module's name, short or full; the innermost counts most. */
static bool
add_module_defaults(struct task_scope *scope, const struct step *step, struct arena *into,
	struct value *args, struct error *err)
{
	/* Ansible 2.14 has none for these spellings. */
	if (step->task->keywords[KEYWORD_ACTION] || step->task->keywords[KEYWORD_LOCAL_ACTION])
		return true;
	for (const struct node *node = step->task; node; node = node->parent) {
		const struct value *all = node->keywords[KEYWORD_MODULE_DEFAULTS];

		if (!value_is_map(all))
			continue;
		VALUE_PAIRS (pair, all) {
			const struct module *module =
				value_is_string(pair->key) ? module_named(value_string(pair->key))
							   : NULL;
			const struct value *defaults;

			if (!module || module != step->module)
				continue;
			if (!evaluate_value(scope, into, pair->value, &defaults, err))
				return false;
			merge_defaults(into, args, defaults);
		}
	}
	return true;
}

/* `assert`'s conditions and `debug`'s var are expressions: they are evaluated by their actions. */
static bool
is_expression_argument(const struct step *step, const struct value *key)
{
	return !strcmp(step->action, "assert") && text_equals(value_string(key), "that");
}

static bool
evaluate_map(struct task_scope *scope, const struct step *step, struct arena *into,
	const struct value *source, struct value *out, struct error *err)
{
	VALUE_PAIRS (pair, source) {
		const struct value *value = pair->value, *key = pair->key;

		if (!evaluate_value(scope, into, key, &key, err))
			return false;
		if (!is_expression_argument(step, key) &&
			!evaluate_value(scope, into, value, &value, err))
			return error_context(err, "argument '%s'", value_to_text(into, key));
		if (!template_is_omit(value))
			value_set_key(into, out, key, value);
	}
	return true;
}

bool
task_arguments(struct task_scope *scope, const struct step *step, struct arena *into,
	struct value **out, struct error *err)
{
	const struct value *source = step->task->args;
	struct value *args = value_map(into);

	if (!value_is_map(source)) {
		if (!evaluate_value(scope, into, source, &source, err))
			return false;
		if (value_is_string(source)) {
			if (!arguments_parse(into, source,
				    step->module && step->module->free_form ? FREE_FORM_COMMAND
									    : FREE_FORM_NONE,
				    &args, err))
				return false;
		} else if (value_is_map(source)) {
			args = value_map_copy(into, source);
		} else if (!value_is_none(source)) {
			fail(err, ERR_TYPE, "the arguments of '%s' are a %s, not a mapping",
				step->action, value_type_name(source));
			return error_at(err, step->task->args);
		}
	} else if (!evaluate_map(scope, step, into, source, args, err)) {
		return false;
	}
	*out = args;
	return add_module_defaults(scope, step, into, args, err);
}

/* ---- environment, become ---- */

/* While facts are gathered, what names facts is left out. */
static bool
add_variable(struct task_scope *scope, struct arena *into, const struct value_pair *pair,
	struct value *map, struct error *err)
{
	const struct value *value;

	if (evaluate_value(scope, into, pair->value, &value, err)) {
		value_set(into, map, value_to_text(into, pair->key),
			value_text(into, value_to_text(into, value)));
		return true;
	}
	if (err->kind != ERR_UNDEFINED || !scope->step || !scope->step->produces_facts)
		return false;
	error_clear(err);
	return true;
}

static bool
add_environment(struct task_scope *scope, struct arena *into, const struct value *source,
	struct value *map, struct error *err)
{
	const struct value *value;

	if (value_is_map(source)) {
		VALUE_PAIRS (pair, source)
			if (!add_variable(scope, into, pair, map, err))
				return false;
		return true;
	}
	if (!evaluate_value(scope, into, source, &value, err))
		return false;
	if (value_is_list(value)) {
		VALUE_EACH (item, value)
			if (!add_environment(scope, into, item, map, err))
				return false;
		return true;
	}
	if (value_is_none(value) || (value_is_string(value) && !value->string.length))
		return true;
	if (!value_is_map(value)) {
		fail(err, ERR_TYPE, "environment must be a dictionary, received %.100s",
			value_to_text(into, value));
		return error_at(err, source);
	}
	VALUE_PAIRS (pair, value)
		value_set(into, map, value_to_text(into, pair->key),
			value_text(into, value_to_text(into, pair->value)));
	return true;
}

bool
evaluate_environment(struct task_scope *scope, const struct node *task, struct arena *into,
	const struct value **out, struct error *err)
{
	const struct value *sources[64];
	size_t count = keyword_collect(task, KEYWORD_ENVIRONMENT, sources, ARRAY_SIZE(sources));
	struct value *map;

	*out = NULL;
	if (!count)
		return true;
	map = value_map(into);
	for (size_t i = 0; i < count; i++)
		if (!add_environment(scope, into, sources[i], map, err))
			return false;
	*out = map;
	return true;
}

static bool
variable_text(struct task_scope *scope, struct arena *into, const char *const *names,
	const char **out, struct error *err)
{
	*out = NULL;
	for (; *names && !*out; names++) {
		const struct value *raw;

		if (!scope_find(&scope->scope, into, view_of(*names), &raw, err))
			return false;
		if (raw && !evaluate_text(scope, into, raw, out, err))
			return false;
	}
	return true;
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool
become_part(struct task_scope *scope, const struct node *task, struct arena *into,
	const char *const *variables, enum keyword keyword, const char *setting, const char **out,
	struct error *err)
{
	if (!variable_text(scope, into, variables, out, err))
		return false;
	if (!*out && !keyword_text(scope, into, task, keyword, out, err))
		return false;
	if (!*out)
		*out = setting;
	return true;
}

bool
evaluate_become(struct task_scope *scope, const struct node *task, struct arena *into,
	struct message_become *out, struct error *err)
{
	const struct run_settings *settings = scope->run->settings;
	const char *wanted;
	bool is_wanted = settings->become;

	*out = (struct message_become){ 0 };
	if (!variable_text(scope, into, NAMES("ansible_become", "ansible_sudo"), &wanted, err))
		return false;
	if (wanted) {
		const struct value *flag = value_text(into, wanted);

		if (!value_to_bool(flag, &is_wanted))
			return fail(
				err, ERR_TYPE, "ansible_become is no boolean: '%.100s'", wanted);
	} else if (!keyword_flag(scope, into, task, KEYWORD_BECOME, is_wanted, &is_wanted, err)) {
		return false;
	}
	if (!is_wanted)
		return true;
	if (!become_part(scope, task, into, NAMES("ansible_become_method"), KEYWORD_BECOME_METHOD,
		    settings->become_method ? settings->become_method : "sudo", &out->method,
		    err) ||
		!become_part(scope, task, into,
			NAMES("ansible_become_user", "ansible_sudo_user", "ansible_su_user"),
			KEYWORD_BECOME_USER, settings->become_user, &out->user, err) ||
		!become_part(scope, task, into, NAMES("ansible_become_exe", "ansible_sudo_exe"),
			KEYWORD_BECOME_EXE, settings->become_exe, &out->exe, err) ||
		!become_part(scope, task, into, NAMES("ansible_become_flags", "ansible_sudo_flags"),
			KEYWORD_BECOME_FLAGS, settings->become_flags, &out->flags, err) ||
		!variable_text(scope, into,
			NAMES("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass",
				"ansible_sudo_password", "ansible_su_pass"),
			&out->password, err))
		return false;
	if (text_starts(out->method, "ansible.builtin.") ||
		text_starts(out->method, "community.general."))
		out->method = strrchr(out->method, '.') + 1;
	if (!out->password)
		out->password = settings->become_password;
	if (out->password)
		report_secret(scope->run->report, view_of(out->password));
	return true;
}
