/* One entry of a list of tasks: a task, a block, or a static import, which becomes a block. */
#include "orchestrator/playbook/foreign.h"
#include "orchestrator/playbook/library.h"
#include "orchestrator/playbook/reader.h"

#include <ctype.h>

/* Actions of the controller that are no modules (those with parameters and docs have a file in
 * modules/). */
static const char *const action_names[] = { "include_tasks", "import_tasks", "include",
	"include_role", "import_role", "add_host", "group_by", "set_stats", "import_playbook",
	"validate_argument_spec", NULL };

bool
is_identifier(const char *name)
{
	if (!isalpha((unsigned char)name[0]) && name[0] != '_')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

static const char *const collections[] = { "ansible.builtin.", "ansible.legacy.", NULL };

const char *
action_canonical(const char *name)
{
	const struct module *module = module_named(name);

	if (module)
		return module->name;
	for (const char *const *prefix = collections; *prefix; prefix++)
		if (text_starts(name, *prefix))
			name += strlen(*prefix);
	for (const char *const *known = action_names; *known; known++)
		if (!strcmp(*known, name))
			return *known;
	return NULL;
}

struct node *
node_new(struct playbook_reader *reader, enum node_kind kind, struct node *parent,
	const struct value *source)
{
	struct node *node = arena_new(reader->arena, struct node);

	node->kind = kind;
	node->parent = parent;
	node->serial_number = ++reader->serial_number;
	if (source)
		node->place = source->place;
	if (parent) {
		node->role = parent->role;
		node->play = parent->kind == NODE_PLAY ? parent : parent->play;
		node->directory = parent->directory;
	}
	return node;
}

/* Old spellings of Ansible 1 that playbooks still have: sudo, user. */
static bool
is_old_keyword(struct view key, unsigned place, enum keyword *out)
{
	if (place == ON_PLAY && view_is(key, "user")) {
		*out = KEYWORD_REMOTE_USER;
		return true;
	}
	return false;
}

bool
keywords_take(struct playbook_reader *reader, struct node *node, const struct value *map,
	unsigned place, struct value *others, struct error *err)
{
	VALUE_PAIRS (pair, map) {
		struct view key = value_string_view(pair->key);
		int found = keyword_find_name(key);
		enum keyword old;

		if (is_old_keyword(key, place, &old))
			found = (int)old;
		if (found >= 0 && (keyword_table[found].places & place)) {
			node->keywords[found] = pair->value;
			continue;
		}
		if (!others || !value_is_string(pair->key))
			return fail_unknown_key(pair->key, place, err);
		value_set_key(reader->arena, others, pair->key, pair->value);
	}
	return node_check_keywords(reader, node, err);
}

/* ---- the action of a task ---- */

static const struct module *
module_or_null(const char *action)
{
	return action ? module_named(action) : NULL;
}

/* False: nobody knows such an action. */
static bool
task_name_action(struct playbook_reader *reader, struct node *task, const char *name)
{
	task->written = name;
	task->library = library_find(reader, task, name);
	if (task->library) {
		task->action = strrchr(name, '.') ? strrchr(name, '.') + 1 : name;
		task->module = module_named("library_module");
		return true;
	}
	task->action = action_canonical(name);
	task->module = module_or_null(task->action);
	if (!task->action) {
		task->foreign = foreign_collection(name);
		task->action = task->foreign ? name : NULL;
	}
	return task->action != NULL;
}

const char *
action_nearest(const char *name)
{
	const char *names[512];
	size_t count = 0;

	for (; count < ARRAY_SIZE(names) - ARRAY_SIZE(action_names) && module_table[count]; count++)
		names[count] = module_table[count]->name;
	for (size_t i = 0; action_names[i]; i++)
		names[count++] = action_names[i];
	names[count] = NULL;
	return text_nearest(name, names);
}

static bool
fail_unknown_action(const struct value *key, const struct node *node, struct error *err)
{
	const char *nearest = action_nearest(value_string(key));

	if (!nearest) /* a keyword with a slip in it, and no module at all */
		nearest = keyword_nearest(value_string(key), ON_TASK | ON_HANDLER);
	fail(err, ERR_PARSE,
		"couldn't resolve module/action '%.120s'. This often indicates a misspelling, "
		"missing collection, or "
		"incorrect module path.",
		value_string(key));
	if (key->place.file)
		error_at(err, key);
	else
		error_where(err, "%s:%u:%u", node->place.file ? node->place.file : "?",
			node->place.line, node->place.column);
	if (nearest)
		error_hint(err, "did you mean '%s'?", nearest);
	return false;
}

static enum free_form
free_form_of(const char *action, const struct module *module)
{
	static const char *const texts[] = { "include_tasks", "import_tasks", "include",
		"import_playbook", "include_vars", "meta" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!strcmp(action, texts[i]))
			return FREE_FORM_FILE;
	return module && module->free_form ? FREE_FORM_COMMAND : FREE_FORM_NONE;
}

/* As in Ansible, these are told about a text that is no key=value when they are run. */
static bool
takes_any_text(const char *action)
{
	return !strcmp(action, "add_host") || !strcmp(action, "group_by") ||
	       !strcmp(action, "set_fact");
}

/* A lone {{ … }} as arguments is evaluated to a mapping when the task is. */
static bool
is_lone_template(const struct value *text)
{
	struct view view = view_trim(value_string_view(text));
	const char *end = view.length > 4 ? memmem(view.data, view.length, "}}", 2) : NULL;

	return (text->flags & VALUE_TEMPLATE) && view_starts(view, "{{") &&
	       end == view.data + view.length - 2;
}

static bool
task_set_args(struct playbook_reader *reader, struct node *task, const struct value *given,
	struct error *err)
{
	struct value *map;

	enum free_form form = free_form_of(task->action, task->module);

	if (!value_is_none(given) && !value_is_map(given) && !value_is_string(given) && !form) {
		fail(err, ERR_PARSE, "cannot read the arguments of '%s'", task->action);
		error_at(err, given);
		return error_why(
			err, "a mapping or text was expected, not a %s", value_type_name(given));
	}
	if (value_is_none(given)) {
		map = value_map(reader->arena);
	} else if (value_is_map(given)) {
		map = value_map_copy(reader->arena, given);
	} else if (value_is_string(given)) {
		if (!form && is_lone_template(given)) {
			task->args = given;
			return true;
		}
		if (!form && !arguments_parse(reader->arena, given, form, &map, err) &&
			(template_is_present(value_string_view(given)) ||
				takes_any_text(task->action))) {
			error_clear(err); /* wrong, but only the evaluated text can tell */
			form = FREE_FORM_FILE;
		}
		if (!arguments_parse(reader->arena, given, form, &map, err))
			return error_hint(err,
				"'%s' takes its arguments as key=value or as a mapping",
				task->action);
	} else {
		map = value_map(reader->arena);
		value_set(reader->arena, map, "_raw_params", given);
	}
	if (value_is_map(task->keywords[KEYWORD_ARGS])) {
		VALUE_PAIRS (pair, task->keywords[KEYWORD_ARGS])
			if (!value_get_key(map, pair->key))
				value_set_key(reader->arena, map, pair->key, pair->value);
	}
	task->args = map;
	return true;
}

/* action: and local_action: hold "module k=v", or a map with `module`. */
static bool
task_set_action_keyword(struct playbook_reader *reader, struct node *task,
	const struct value *source, struct error *err)
{
	struct view rest, name;
	const struct value *given;
	char *action;

	if (value_is_map(source)) {
		struct value *map = value_map_copy(reader->arena, source);
		const struct value *module = value_get(source, "module");

		if (!value_is_string(module)) {
			fail(err, ERR_PARSE, "'action' names no module");
			return error_at(err, source);
		}
		value_remove(map, "module");
		name = value_string_view(module);
		given = map;
	} else {
		rest = view_trim(value_string_view(source));
		if (!view_cut(&rest, ' ', &name) || !name.length) {
			fail(err, ERR_PARSE, "'action' names no module");
			return error_at(err, source);
		}
		given = value_view(reader->arena, rest.data ? rest : VIEW(""));
		((struct value *)(uintptr_t)given)->flags = source->flags;
		((struct value *)(uintptr_t)given)->place = source->place;
	}
	if (view_starts(name, "{{")) {
		task->action_template = source;
		task->args = &value_empty_map;
		return true;
	}
	action = arena_view(reader->arena, name);
	if (!task_name_action(reader, task, action))
		return fail_unknown_action(value_view(reader->arena, name), task, err);
	return task_set_args(reader, task, given, err);
}

/* `local_action` is `delegate_to: localhost` with a local connection. */
static bool
task_set_local_action(struct playbook_reader *reader, struct node *task, struct error *err)
{
	if (!task_set_action_keyword(reader, task, task->keywords[KEYWORD_LOCAL_ACTION], err))
		return false;
	task->keywords[KEYWORD_DELEGATE_TO] = value_text(reader->arena, "localhost");
	return true;
}

static bool
task_take_other(struct playbook_reader *reader, struct node *task, const struct value_pair *pair,
	struct error *err)
{
	const char *key = value_string(pair->key);

	if (text_starts(key, "with_")) {
		const char *kind = key + 5;

		for (const char *const *prefix = collections; *prefix; prefix++)
			if (text_starts(kind, *prefix))
				kind += strlen(*prefix);
		if (task->keywords[KEYWORD_LOOP]) {
			fail(err, ERR_PARSE, "duplicate loop in task: %s", kind);
			return error_at(err, pair->key);
		}
		task->loop_kind = kind;
		task->keywords[KEYWORD_LOOP] = pair->value;
		return true;
	}
	if (task->action || task->action_template) {
		if (action_canonical(key) || foreign_collection(key)) {
			fail(err, ERR_PARSE, "conflicting action statements: %s, %s", task->written,
				key);
			return error_at(err, pair->key);
		}
		return fail_unknown_key(pair->key, task->is_handler ? ON_HANDLER : ON_TASK, err);
	}
	if (!task_name_action(reader, task, key))
		return fail_unknown_action(pair->key, task, err);
	return task_set_args(reader, task, pair->value, err);
}

/* A known module beside unknown keys is the action, wherever it stands among them. */
static const struct value_pair *
find_action_pair(
	struct playbook_reader *reader, const struct node *task, const struct value *others)
{
	VALUE_PAIRS (pair, others)
		if (!text_starts(value_string(pair->key), "with_") &&
			(action_canonical(value_string(pair->key)) ||
				foreign_collection(value_string(pair->key)) ||
				library_find(reader, task, value_string(pair->key))))
			return pair;
	return NULL;
}

static bool
task_set_action(struct playbook_reader *reader, struct node *task, const struct value *others,
	struct error *err)
{
	const struct value_pair *action = find_action_pair(reader, task, others);

	if (task->keywords[KEYWORD_ACTION] &&
		!task_set_action_keyword(reader, task, task->keywords[KEYWORD_ACTION], err))
		return false;
	if (task->keywords[KEYWORD_LOCAL_ACTION] && !task_set_local_action(reader, task, err))
		return false;
	if (action && !task_take_other(reader, task, action, err))
		return false;
	VALUE_PAIRS (pair, others)
		if (pair != action && !task_take_other(reader, task, pair, err))
			return false;
	if (task->action || task->action_template)
		return true;
	fail(err, ERR_PARSE, "no module/action detected in task.");
	return error_where(err, "%s:%u:%u", task->place.file ? task->place.file : "?",
		task->place.line, task->place.column);
}

/* ---- what can be checked before anything runs ---- */

bool
task_check_templates(
	struct template_env *env, const struct node *task, struct arena *scratch, struct error *err)
{
	static const enum keyword conditions[] = { KEYWORD_WHEN, KEYWORD_CHANGED_WHEN,
		KEYWORD_FAILED_WHEN, KEYWORD_UNTIL };

	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
		const struct value *value = task->keywords[conditions[i]];

		if (value && !template_check(env, value, true, err))
			return error_context(err, "'%s' of task '%s'",
				keyword_table[conditions[i]].name, node_title(task, scratch));
	}
	if (task->action && !strcmp(task->action, "assert"))
		return true; /* `that` holds bare expressions */
	if (!template_check(env, task->args, false, err))
		return error_context(err, "task '%s'", node_title(task, scratch));
	if (task->keywords[KEYWORD_LOOP] &&
		!template_check(env, task->keywords[KEYWORD_LOOP], false, err))
		return error_context(err, "loop of task '%s'", node_title(task, scratch));
	return true;
}

/*
 * A template that cannot be parsed is a mistake, unless the playbook counts on the failure. A
 * filter or test that is not known may be a plugin that is meant for hosts which never come to it.
 * Both are told when the task is reached, and by `ertc lint`.
 */
static bool
may_wait(const struct node *node, struct error *err)
{
	bool may = err->kind == ERR_MISSING;

	for (; node && !may; node = node->parent)
		may = node->keywords[KEYWORD_IGNORE_ERRORS] || node->keywords[KEYWORD_RESCUE];
	if (may)
		error_clear(err);
	return may;
}

/* Free-form text becomes the module's parameter of that name. */
static const struct value *
args_named(struct playbook_reader *reader, const struct node *task)
{
	const struct value *raw = value_get(task->args, "_raw_params");
	struct value *copy;

	if (!raw || !task->module || !task->module->free_form ||
		!strcmp(task->module->free_form, "_raw_params"))
		return task->args;
	copy = value_map_copy(reader->arena, task->args);
	value_remove(copy, "_raw_params");
	if (!value_get(copy, task->module->free_form))
		value_set(reader->arena, copy, task->module->free_form, raw);
	return copy;
}

static bool
task_check(struct playbook_reader *reader, struct node *task, struct error *err)
{
	if (!value_is_map(task->args))
		return true;
	task->args = args_named(reader, task);
	if (!task_check_templates(reader->templates, task, reader->arena, err) &&
		!may_wait(task, err))
		return false;
	return true;
}

/* ---- static imports ---- */

bool
static_text(struct playbook_reader *reader, const struct node *node, const struct value *source,
	const char **out, struct error *err)
{
	const struct value *text;
	const struct template_scope scope = { .find = NULL };

	(void)node;
	if (!value_has_template(source) || !template_is_present(value_string_view(source))) {
		*out = value_to_text(reader->arena, source);
		return true;
	}
	if (!reader->static_scope)
		return template_evaluate(
			reader->templates, &scope, reader->arena, source, &text, err);
	reader->static_node = node;
	if (!template_evaluate(
		    reader->templates, reader->static_scope, reader->arena, source, &text, err)) {
		error_hint(err, "an import is static: its name can use variables of the command "
				"line, the play and "
				"the import itself; include_tasks may use all");
		return false;
	}
	*out = value_to_text(reader->arena, text);
	return true;
}

static const struct value *
import_name(const struct node *task, const char *key)
{
	const struct value *name = value_get(task->args, key);

	return name ? name : value_get(task->args, "_raw_params");
}

/* import_tasks: x.yml a=1 gives the imported tasks a variable. */
static bool
import_variables(struct playbook_reader *reader, struct node *task, struct error *err)
{
	const struct value *vars = task->keywords[KEYWORD_VARS];
	struct value *merged = value_is_map(vars) && !task->is_include
				       ? value_map_copy(reader->arena, vars)
				       : value_map(reader->arena);

	(void)err;
	VALUE_PAIRS (pair, task->args)
		if (!text_equals(value_string(pair->key), "file") &&
			!text_equals(value_string(pair->key), "_raw_params"))
			value_set_key(reader->arena, merged, pair->key, pair->value);
	/* Those of an old `include:` stand lower than its `vars`, which are above set_fact. */
	if (merged->map.count && task->is_include)
		task->include_args = merged;
	else if (merged->map.count)
		task->keywords[KEYWORD_VARS] = merged;
	return true;
}

static bool
import_tasks(
	struct playbook_reader *reader, struct node *task, struct node_list *out, struct error *err)
{
	const struct value *source = import_name(task, "file");
	const char *name, *path;
	struct node *block;

	if (!source) {
		fail(err, ERR_PARSE, "import_tasks names no file");
		return error_where(
			err, "%s:%u:%u", task->place.file, task->place.line, task->place.column);
	}
	if (task->keywords[KEYWORD_LOOP]) {
		fail(err, ERR_PARSE,
			"You cannot use loops on 'import_tasks' statements. You should use "
			"'include_tasks' "
			"instead.");
		return error_at(err, task->keywords[KEYWORD_LOOP]);
	}
	if (!static_text(reader, task, source, &name, err) ||
		!file_find(task, "tasks", name, reader->arena, &path, err))
		return error_at(err, source) || error_context(err, "import_tasks");
	if (!import_variables(reader, task, err))
		return false;
	task->kind = NODE_BLOCK;
	task->is_implicit = true;
	if (!task_file_read(reader, path, task, task->is_handler, &block, err))
		return false;
	task->children = block->children;
	for (size_t i = 0; i < task->children.count; i++)
		task->children.nodes[i]->parent = task;
	task->directory = path_directory(reader->arena, path);
	node_list_add(reader->arena, out, task);
	return true;
}

static const char *
text_argument(const struct value *args, const char *key)
{
	return value_string(value_get(args, key));
}

bool
is_switched_on(const struct value *args, const char *key)
{
	const struct value *given = value_get(args, key);
	bool flag;

	return given && value_to_bool(given, &flag) && flag;
}

bool
is_switched_off(const struct value *args, const char *key)
{
	const struct value *given = value_get(args, key);
	bool flag;

	return given && value_to_bool(given, &flag) && !flag;
}

static bool
import_role(
	struct playbook_reader *reader, struct node *task, struct node_list *out, struct error *err)
{
	const struct value *source = value_get(task->args, "name");
	struct role_use use = { .is_include = true, .place = task->place };

	if (!source)
		source = value_get(task->args, "role");
	if (!source) {
		fail(err, ERR_PARSE, "'name' is a required field for import_role.");
		return error_where(
			err, "%s:%u:%u", task->place.file, task->place.line, task->place.column);
	}
	if (!static_text(reader, task, source, &use.name, err))
		return false;
	use.tasks_from = text_argument(task->args, "tasks_from");
	use.vars_from = text_argument(task->args, "vars_from");
	use.defaults_from = text_argument(task->args, "defaults_from");
	use.handlers_from = text_argument(task->args, "handlers_from");
	use.skips_validation = is_switched_off(task->args, "rolespec_validate");
	task->kind = NODE_BLOCK;
	task->is_implicit = true;
	node_list_add(reader->arena, out, task);
	return role_read(reader, &use, task, task->role, &task->children, err);
}

/* `include:` of old playbooks: static when it has neither loop nor variables in its name, and all
 * around it is. */
static bool
is_static_include(const struct playbook_reader *reader, const struct node *task)
{
	const struct value *name = import_name(task, "file");

	return !reader->is_dynamic && !task->keywords[KEYWORD_LOOP] && value_is_string(name) &&
	       !template_is_present(value_string_view(name));
}

/* ---- */

static bool
read_block(struct playbook_reader *reader, const struct value *map, struct node *parent,
	bool is_handler, struct node_list *out, struct error *err)
{
	struct node *block = node_new(reader, NODE_BLOCK, parent, map);

	if (!keywords_take(reader, block, map, ON_BLOCK, NULL, err))
		return false;
	block->is_handler = is_handler;
	if (!tasks_read(reader, block->keywords[KEYWORD_BLOCK], block, is_handler, &block->children,
		    err) ||
		!tasks_read(reader, block->keywords[KEYWORD_RESCUE], block, is_handler,
			&block->rescue, err) ||
		!tasks_read(reader, block->keywords[KEYWORD_ALWAYS], block, is_handler,
			&block->always, err))
		return false;
	if (block->keywords[KEYWORD_WHEN] &&
		!template_check(reader->templates, block->keywords[KEYWORD_WHEN], true, err) &&
		!may_wait(block, err))
		return error_context(err, "'when' of a block");
	node_list_add(reader->arena, out, block);
	return true;
}

static bool
check_register(const struct node *task, struct error *err)
{
	const struct value *name = task->keywords[KEYWORD_REGISTER];
	const char *text = value_string(name);

	if (!name || (text && (template_is_present(view_of(text)) || is_identifier(text))))
		return true;
	fail(err, ERR_PARSE, "Invalid variable name in 'register' specified: '%.100s'",
		text ? text : "?");
	error_at(err, name);
	return error_hint(err, "use letters, digits and underscores, and begin with no digit");
}

static bool
may_be_handler(const struct node *task, struct error *err)
{
	const struct value *verb =
		value_is_map(task->args) ? value_get(task->args, "free_form") : NULL;

	if (!task->action)
		return true;
	if (!verb && value_is_map(task->args))
		verb = value_get(task->args, "_raw_params");
	if (!strcmp(task->action, "include_role") || !strcmp(task->action, "import_role"))
		fail(err, ERR_PARSE, "Using '%s' as a handler is not supported.", task->action);
	else if (!strcmp(task->action, "meta") && text_equals(value_string(verb), "flush_handlers"))
		fail(err, ERR_PARSE, "flush_handlers cannot be used as a handler");
	else
		return true;
	return error_where(err, "%s:%u:%u", task->place.file, task->place.line, task->place.column);
}

bool
read_task(struct playbook_reader *reader, const struct value *map, struct node *parent,
	bool is_handler, struct node_list *out, struct error *err)
{
	struct value *others;
	struct node *task;

	if (!value_is_map(map)) {
		fail(err, ERR_PARSE, "a task is a mapping, not a %s", value_type_name(map));
		return error_at(err, map);
	}
	if (value_get(map, "block") && is_handler) {
		fail(err, ERR_PARSE, "Using a block as a handler is not supported.");
		return error_at(err, map);
	}
	if (value_get(map, "block"))
		return read_block(reader, map, parent, is_handler, out, err);
	others = value_map(reader->arena);
	task = node_new(reader, NODE_TASK, parent, map);
	task->is_handler = is_handler;
	if (!keywords_take(reader, task, map, is_handler ? ON_HANDLER : ON_TASK, others, err) ||
		!task_set_action(reader, task, others, err) || !task_check(reader, task, err) ||
		!check_register(task, err))
		return false;
	if (!include_check_keywords(task, map, err) || !task_check_keywords(task, err))
		return false;
	if (is_handler && !may_be_handler(task, err))
		return false;
	if (task->action && !strcmp(task->action, "include")) {
		task->is_include = true;
		task->action = is_static_include(reader, task) ? "import_tasks" : "include_tasks";
	}
	if (task->action && !strcmp(task->action, "import_tasks"))
		return import_tasks(reader, task, out, err);
	if (task->action && !strcmp(task->action, "import_role"))
		return import_role(reader, task, out, err);
	node_list_add(reader->arena, out, task);
	return true;
}

bool
tasks_read(struct playbook_reader *reader, const struct value *list, struct node *parent,
	bool are_handlers, struct node_list *out, struct error *err)
{
	if (value_is_none(list))
		return true;
	if (!value_is_list(list)) {
		fail(err, ERR_PARSE, "a list of tasks was expected, not a %s",
			value_type_name(list));
		return error_at(err, list);
	}
	VALUE_EACH (map, list)
		if (!value_is_none(map) && !read_task(reader, map, parent, are_handlers, out, err))
			return false;
	return true;
}

bool
task_file_read(struct playbook_reader *reader, const char *path, struct node *parent,
	bool are_handlers, struct node **out_block, struct error *err)
{
	const struct yaml_options options = reader_yaml(reader);
	struct node *block = node_new(reader, NODE_BLOCK, parent, NULL);
	const struct value *list;

	block->is_implicit = true;
	block->directory = path_directory(reader->arena, path);
	block->place = (struct place){ arena_text(reader->arena, path), 1, 1 };
	if (!yaml_load_file(reader->arena, path, &options, &list, err) ||
		!tasks_read(reader, list, block, are_handlers, &block->children, err))
		return false;
	*out_block = block;
	return true;
}
