/* set_fact, include_vars, add_host, group_by: what a run learns on its way. */
#include "orchestrator/actions/actions.h"

#include <sys/stat.h>

#include "os/files.h"

/* As Ansible without native types: yes, true … given as text become booleans. */
static const struct value *
fact_value(const struct value *value)
{
	static const char *const words[] = { "true", "false", "yes", "no" };
	bool flag;

	if (!value_is_string(value))
		return value;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(value->string.data, words[i]) && value_to_bool(value, &flag))
			return flag ? &value_true : &value_false;
	return value;
}

bool
action_set_fact(struct action_call *call, struct error *err)
{
	struct value *facts = value_map(call->into);
	bool cacheable = false;

	if (value_get(call->args, "cacheable") &&
		!value_to_bool(value_get(call->args, "cacheable"), &cacheable))
		cacheable = false;
	VALUE_PAIRS (pair, call->args) {
		const char *name;

		if (!evaluate_text(call->scope, call->into, pair->key, &name, err))
			return false;
		if (!strcmp(name, "cacheable") || !strcmp(name, "_raw_params"))
			continue;
		if (!is_identifier(name)) {
			fail(err, ERR_TYPE, "The variable name '%.100s' is not valid.", name);
			return error_why(err, "Variables must start with a letter or underscore "
					      "character, and contain "
					      "only letters, numbers and underscores.");
		}
		value_set(call->into, facts, name,
			call->run->settings->jinja2_native ? pair->value
							   : fact_value(pair->value));
	}
	if (!facts->map.count)
		return fail(err, ERR_TYPE,
			"No key/value pairs provided, at least one is required for this action to "
			"succeed");
	VALUE_PAIRS (pair, facts)
		host_set_variable(call->host, value_string(pair->key), pair->value);
	if (cacheable)
		host_set_facts(call->host, facts);
	value_set(call->into, call->result, "ansible_facts", facts);
	value_set(call->into, call->result, "changed", &value_false);
	return true;
}

/* ---- include_vars ---- */

static void
merge(struct action_call *call, struct value *into, const struct value *from)
{
	VALUE_PAIRS (pair, from)
		value_set_key(&call->host->arena, into, value_dup(&call->host->arena, pair->key),
			value_dup(&call->host->arena, pair->value));
}

static bool
read_file(struct action_call *call, const char *path, struct value *vars, struct value *files,
	struct error *err)
{
	const struct value *map;

	if (!vars_file_read(&call->run->reader, path, &map, err))
		return false;
	merge(call, vars, map);
	value_add(call->into, files, value_text(call->into, path));
	return true;
}

static bool
is_variables_file(const char *name, const struct value *extensions)
{
	const char *dot = strrchr(name, '.');

	if (!dot)
		return false;
	if (value_is_list(extensions)) {
		VALUE_EACH (extension, extensions)
			if (text_equals(value_string(extension), dot + 1))
				return true;
		return false;
	}
	return !strcmp(dot, ".yml") || !strcmp(dot, ".yaml") || !strcmp(dot, ".json");
}

static bool
read_directory(struct action_call *call, const char *path, int64_t depth, struct value *vars,
	struct value *files, struct error *err)
{
	const struct value *extensions = value_get(call->args, "extensions");
	const char *const *names = directory_names(call->into, path, err);

	for (; names && *names; names++) {
		const char *inside = path_join(call->into, path, *names);
		struct stat status;

		if ((*names)[0] == '.' || stat(inside, &status) != 0)
			continue;
		if (S_ISREG(status.st_mode) && is_variables_file(inside, extensions) &&
			!read_file(call, inside, vars, files, err))
			return false;
		if (S_ISDIR(status.st_mode) && depth != 1 &&
			!read_directory(call, inside, depth ? depth - 1 : 0, vars, files, err))
			return false;
	}
	return names != NULL;
}

bool
action_include_vars(struct action_call *call, struct error *err)
{
	const struct value *file = value_get(call->args, "file"),
			   *directory = value_get(call->args, "dir");
	const char *name = value_string(value_get(call->args, "name")), *path;
	struct value *vars = value_map(&call->host->arena), *files = value_list(call->into),
		     *facts = vars;
	int64_t depth = 0;

	if (!file)
		file = value_get(call->args, "_raw_params");
	if (value_get(call->args, "depth") && !value_to_int(value_get(call->args, "depth"), &depth))
		return fail(err, ERR_TYPE, "'depth' is no number");
	if (directory) {
		if (!file_find(call->step->task, "vars", value_to_text(call->into, directory),
			    call->into, &path, err) ||
			!read_directory(call, path, depth, vars, files, err))
			return false;
	} else if (!value_is_string(file)) {
		return fail(err, ERR_TYPE, "include_vars names no file");
	} else if (!file_find(
			   call->step->task, "vars", value_string(file), call->into, &path, err) ||
		   !read_file(call, path, vars, files, err)) {
		return false;
	}
	if (name) {
		facts = value_map(&call->host->arena);
		value_set(&call->host->arena, facts, name, vars);
	}
	merge(call, call->host->included, facts);
	value_set(call->into, call->result, "ansible_facts", facts);
	value_set(call->into, call->result, "ansible_included_var_files", files);
	value_set(call->into, call->result, "changed", &value_false);
	return true;
}

/* ---- hosts and groups ---- */

static const struct value *
groups_of(struct action_call *call, const struct value *given)
{
	struct value *list = value_list(call->into);
	struct view rest, piece;

	if (value_is_none(given))
		return list;
	if (value_is_list(given))
		return given;
	rest = view_of(value_to_text(call->into, given));
	while (view_cut(&rest, ',', &piece))
		if (view_trim(piece).length)
			value_add(call->into, list, value_view(call->into, view_trim(piece)));
	return list;
}

static const struct value *
first_given(const struct value *args, const char *const *names)
{
	for (; *names; names++)
		if (value_get(args, *names))
			return value_get(args, *names);
	return NULL;
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

static void
inventory_changed(struct run *run)
{
	run->groups_value = NULL;
}

bool
action_add_host(struct action_call *call, struct error *err)
{
	static const char *const names[] = { "name", "host", "hostname", NULL };
	static const char *const groups[] = { "groups", "group", "groupname", NULL };
	const struct value *name = first_given(call->args, names);
	struct inventory *inventory = call->run->inventory;
	struct inventory_host *host;
	struct value *vars = value_map(call->into), *added = value_map(call->into);
	bool is_new;

	if (value_is_none(name))
		return fail(err, ERR_TYPE, "'name', 'host' or 'hostname' needs to be provided");
	is_new = !inventory_host_find(inventory, value_to_text(call->into, name));
	host = inventory_host_add(inventory, value_to_text(call->into, name));
	VALUE_EACH (group, groups_of(call, first_given(call->args, groups)))
		inventory_group_add_host(inventory,
			inventory_group_add(inventory, value_to_text(call->into, group)), host);
	VALUE_PAIRS (pair, call->args) {
		if (is_one_of(value_string(pair->key), names) ||
			is_one_of(value_string(pair->key), groups))
			continue;
		value_set_key(&inventory->arena, host->vars,
			value_dup(&inventory->arena, pair->key),
			value_dup(&inventory->arena, pair->value));
		value_set_key(call->into, vars, pair->key, pair->value);
	}
	inventory_changed(call->run);
	value_set(call->into, added, "host_name", value_text(call->into, host->name));
	value_set(call->into, added, "host_vars", vars);
	value_set(call->into, added, "groups", groups_of(call, first_given(call->args, groups)));
	value_set(call->into, call->result, "add_host", added);
	value_set(call->into, call->result, "changed", value_bool(call->into, is_new));
	return inventory_finish(inventory, call->step->task->play->directory, err);
}

bool
action_group_by(struct action_call *call, struct error *err)
{
	const struct value *key = value_get(call->args, "key");
	struct inventory *inventory = call->run->inventory;
	struct inventory_group *group;
	char *name;
	size_t before;

	if (value_is_none(key))
		return fail(err, ERR_TYPE, "the 'key' param is required when using group_by");
	name = arena_text(call->into, value_to_text(call->into, key));
	for (char *at = name; *at; at++)
		if (*at == ' ')
			*at = '-';
	group = inventory_group_add(inventory, name);
	VALUE_EACH (parent, groups_of(call, value_get(call->args, "parents")))
		if (!inventory_group_add_child(inventory,
			    inventory_group_add(inventory, value_to_text(call->into, parent)),
			    group, err))
			return false;
	before = call->host->inventory->group_count;
	inventory_group_add_host(inventory, group, call->host->inventory);
	inventory_changed(call->run);
	value_set(call->into, call->result, "add_group", value_text(call->into, name));
	value_set(call->into, call->result, "changed",
		value_bool(call->into, call->host->inventory->group_count != before));
	return inventory_finish(inventory, call->step->task->play->directory, err);
}
