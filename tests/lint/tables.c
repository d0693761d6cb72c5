/*
 * Roles, modules and options against their tables: every row of a role names an action and
 * parameters that exist, with values that fit, handlers that are there and templates that were
 * compiled in; everything has its text. Prints one line per finding and ends with 1 if there was
 * one.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "module/module.h"
#include "orchestrator/actions/action.h"
#include "inventory/sources/cloud_config.h"
#include "orchestrator/cli/doc.h"
#include "orchestrator/cli/options.h"
#include "roles/role.h"
#include "yaml/yaml.h"

static unsigned findings;

/* The line of roles/<role>/<role>.c on which the row's name stands; 0: not found. */
static unsigned
line_of(const char *role, const char *title)
{
	char path[256], line[4096];
	unsigned number = 0, found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "roles/%s/%s.c", role, role);
	file = fopen(path, "re");
	while (file && title && !found && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, title);

		number++;
		if (at && at > line && at[-1] == '"' && at[strlen(title)] == '"')
			found = number;
	}
	if (file)
		fclose(file);
	return found;
}

struct row_place {
	const struct role_table *role;
	const char *title;
};

static void __attribute__((format(printf, 2, 3)))
complain(const struct row_place *place, const char *format, ...)
{
	va_list list;

	printf("roles/%s/%s.c:%u: '%s': ", place->role->name, place->role->name,
		line_of(place->role->name, place->title),
		place->title ? place->title : "(no name)");
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	findings++;
}

static bool
has_template(const char *text)
{
	return text && (strstr(text, "{{") || strstr(text, "{%"));
}

/* ---- arguments ---- */

static void
check_file(const struct row_place *place, const char *kind, const char *source)
{
	if (!source || !*source || source[0] == '/' || has_template(source))
		return;
	if (!role_file_find(place->role->name, kind, source))
		complain(place, "there is no roles/%s/%s/%s", place->role->name, kind, source);
}

static void
check_arguments(
	const struct row_place *place, const struct role_row *row, const struct module *module)
{
	struct arena arena;
	struct value *map;
	struct error err = { .kind = 0 };
	bool is_known = true, is_remote = false;
	const char *source = NULL;

	arena_init(&arena);
	map = value_map(&arena);
	for (const struct role_argument *argument = row->arguments; argument && argument->name;
		argument++) {
		const char *name = argument->name;
		struct value *value = value_text(&arena, argument->value);
		const struct param *param;

		if (!strcmp(name, "_raw_params") && module->free_form)
			name = module->free_form;
		param = params_find(module->params, name);
		if (!param && module->takes_any)
			continue; /* another module's, or the user's own */
		if (!param || param->is_internal) {
			complain(place, "%s has no parameter '%s'", module->name, name);
			is_known = false;
			continue;
		}
		if (value_get(map, name))
			complain(place, "'%s' is given twice", name);
		if (has_template(argument->value))
			value->flags |= VALUE_TEMPLATE;
		value_set(&arena, map, name, value);
		if (!strcmp(param->name, "src"))
			source = argument->value;
		if (!strcmp(param->name, "remote_src"))
			is_remote = strcmp(argument->value, "false") != 0 &&
				    strcmp(argument->value, "no") != 0;
	}
	if (is_known && !module->takes_any &&
		!params_check(module->name, module->params, map, &err))
		complain(place, "%s: %s%s%s", module->name, err.what, err.why[0] ? ": " : "",
			err.why);
	if (!strcmp(module->name, "template"))
		check_file(place, "templates", source);
	if (!strcmp(module->name, "copy") && !is_remote)
		check_file(place, "files", source);
	arena_release(&arena);
}

/* ---- handlers ---- */

static bool
names_one(const char *list, const char *name)
{
	struct view rest = view_of(list), piece;

	while (list && view_cut(&rest, ',', &piece)) {
		piece = view_trim(piece);
		if (piece.length == strlen(name) && !memcmp(piece.data, name, piece.length))
			return true;
	}
	return false;
}

static bool
row_is_end(const struct role_row *row)
{
	return !row->action && !row->step && !row->name;
}

static bool
role_has_handler(const struct role_table *role, const char *name)
{
	for (const struct role_row *row = role->handlers; row && !row_is_end(row); row++)
		if ((row->name && !strcmp(row->name, name)) || names_one(row->listen, name))
			return true;
	for (size_t i = 0; role->depends && role->depends[i]; i++) {
		const struct role_table *other = role_table_find(role->depends[i]);

		if (other && other != role && role_has_handler(other, name))
			return true;
	}
	return false;
}

static void
check_notify(const struct row_place *place, const char *list)
{
	struct view rest = view_of(list), piece;
	struct arena arena;

	arena_init(&arena);
	while (list && view_cut(&rest, ',', &piece)) {
		const char *name = arena_view(&arena, view_trim(piece));

		if (!has_template(name) && !role_has_handler(place->role, name))
			complain(place, "notifies '%s', and there is no such handler", name);
	}
	arena_release(&arena);
}

/* ---- rows, variables ---- */

static void
check_yaml(const struct row_place *place, const char *what, const char *text)
{
	const struct yaml_options options = { .templates = true };
	const struct value *value;
	struct arena arena;
	struct error err = { .kind = 0 };

	arena_init(&arena);
	if (text && !yaml_load(&arena, view_of(text), what, &options, &value, &err))
		complain(place, "%s is not YAML: %s: %s", what, err.what, err.why);
	arena_release(&arena);
}

static void
check_row(const struct role_table *role, const struct role_row *row, bool is_handler)
{
	const struct row_place place = { role, row->name };
	const struct module *module = row->action ? module_named(row->action) : NULL;

	if (!row->name)
		complain(&place, "a row without a name");
	if (row->action && row->step)
		complain(&place, "both an action and a step");
	if (row->action && !module && !action_find(row->action))
		complain(&place, "there is no module or action '%s'", row->action);
	if (row->listen && !is_handler)
		complain(&place, "listen belongs to handlers");
	if (module && module->params)
		check_arguments(&place, row, module);
	check_notify(&place, row->notify);
	check_yaml(&place, "vars", row->vars);
	check_yaml(&place, "environment", row->environment);
}

static void
check_role(const struct role_table *role)
{
	const struct row_place place = { role, role->name };

	if (!role->summary)
		complain(&place, "no summary");
	for (size_t i = 0; role->depends && role->depends[i]; i++)
		if (!role_table_find(role->depends[i]))
			complain(&place, "depends on '%s', which does not exist", role->depends[i]);
	for (const struct role_variable *variable = role->variables; variable && variable->name;
		variable++) {
		const struct row_place here = { role, variable->name };

		if (!variable->doc)
			complain(&here, "no doc");
		if (variable->required && variable->fallback)
			complain(&here, "required, and with a default");
		check_yaml(&here, "the default", variable->fallback);
	}
	for (const struct role_row *row = role->tasks; row && !row_is_end(row); row++)
		check_row(role, row, false);
	for (const struct role_row *row = role->handlers; row && !row_is_end(row); row++)
		check_row(role, row, true);
}

/* ---- docs ---- */

static void
check_module(const struct module *module)
{
	if (!module->summary || !*module->summary)
		printf("modules/%s.c: no summary\n", module->name), findings++;
	if (!module->apply && !module->inspect && !module->is_pure && !action_find(module->name))
		printf("modules/%s.c: neither inspect nor apply, and no action of that name\n",
			module->name),
			findings++;
	for (const struct param *param = module->params; param && param->name; param++) {
		if (!param->doc || !*param->doc)
			printf("modules/%s.c: parameter '%s' has no doc\n", module->name,
				param->name),
				findings++;
		if (param->required && param->fallback)
			printf("modules/%s.c: '%s' is required, and has a default\n", module->name,
				param->name),
				findings++;
		for (size_t i = 0; param->fallback && param->choices; i++) {
			if (!param->choices[i])
				printf("modules/%s.c: the default of '%s' is none of its choices\n",
					module->name, param->name),
					findings++;
			if (!param->choices[i] || !strcmp(param->choices[i], param->fallback))
				break;
		}
		for (const struct param *other = module->params; other != param; other++)
			if (!strcmp(other->name, param->name))
				printf("modules/%s.c: '%s' stands twice\n", module->name,
					param->name),
					findings++;
	}
	for (const struct module_return *row = module->returns; row && row->name; row++)
		if (!row->doc || !*row->doc || !row->type)
			printf("modules/%s.c: return value '%s' has no doc\n", module->name,
				row->name),
				findings++;
}

static void
check_option(int id)
{
	const struct option_row *row = &option_table[id];

	if (!row->names && !row->key && !row->environment)
		printf("orchestrator/cli/options.c: row %d can be set by nothing\n", id),
			findings++;
	if (row->names && (!row->doc || !*row->doc))
		printf("orchestrator/cli/options.c: '%s' has no doc\n", row->names), findings++;
}

/* Options of sources that ask a cloud; names and aliases stand once. */
static void
check_sources(void)
{
	const char *name, *doc;

	for (size_t i = 0; source_about(i, &name, &doc); i++)
		for (const struct cloud_option *option = source_options(name);
			option && option->name; option++) {
			if (!option->doc || !*option->doc)
				printf("inventory/sources: option '%s' of %s has no doc\n",
					option->name, name),
					findings++;
			for (const struct cloud_option *other = source_options(name);
				other < option; other++)
				if (!strcmp(other->name, option->name))
					printf("inventory/sources: %s has '%s' twice\n", name,
						option->name),
						findings++;
		}
}

/* Whatever `ertc doc` can list has a line. */
static void
check_docs(void)
{
	struct doc doc = { .roles_path = (const char *const[]){ NULL },
		.collections_path = (const char *const[]){ NULL } };
	struct error err;

	arena_init(&doc.arena);
	for (const struct doc_kind *kind = doc_kinds; kind->name; kind++) {
		const struct value *names = kind->list(&doc), *about;

		if (!names->map.count)
			printf("ertc doc: there is no %s\n", kind->name), findings++;
		VALUE_PAIRS (pair, names) {
			const char *name = value_string(pair->key),
				   *line = value_string(pair->value);

			if (!line || !*line)
				printf("ertc doc: the %s '%s' has no line\n", kind->name, name),
					findings++;
			if (!kind->describe(&doc, name, &about, &err) || !about)
				printf("ertc doc: the %s '%s' cannot be described\n", kind->name,
					name),
					findings++;
		}
	}
	for (const struct action *action = action_table; action->name; action++)
		if (!doc_module_find(action->name))
			printf("orchestrator/cli/doc_actions.c: '%s' is missing\n", action->name),
				findings++;
	for (const struct module *action = doc_actions; action->name; action++)
		for (const struct param *param = action->params; param->name; param++)
			if (!param->doc)
				printf("orchestrator/cli/doc_actions.c: '%s' of '%s' has no doc\n",
					param->name, action->name),
					findings++;
	arena_release(&doc.arena);
}

int
main(void)
{
	for (size_t i = 0; role_tables[i]; i++)
		check_role(role_tables[i]);
	for (size_t i = 0; module_table[i]; i++)
		check_module(module_table[i]);
	for (int id = 0; id < OPTION_COUNT; id++)
		check_option(id);
	check_docs();
	check_sources();
	return findings != 0;
}
