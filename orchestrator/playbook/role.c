/* A role for one place of use: found, its files read, its dependencies before it. */
#include "orchestrator/playbook/library.h"
#include "orchestrator/playbook/reader.h"
#include "roles/role.h"

#include <ctype.h>

enum { DEEPEST_DEPENDENCY = 32 };

static const char *const role_collections[] = { "ansible.builtin.", NULL };

/* "namespace.collection.role"? */
static bool
is_collection_name(const char *name)
{
	int dots = 0;

	for (const char *at = name; *at; at++) {
		if (*at == '.')
			dots++;
		else if (!isalnum((unsigned char)*at) && *at != '_')
			return false;
	}
	return dots == 2 && name[0] != '.' && !text_ends(name, ".") && !strstr(name, "..");
}

/* Where the role of a collection is; NULL: it is not installed. */
static const char *
role_in_collection(struct playbook_reader *reader, const char *collection, const char *name,
	const char *playbook)
{
	const char *const own[] = { path_join(reader->arena, playbook, "collections"), NULL };
	const char *const *const lists[] = { own, reader->collections_path };
	const char *dot = strchr(collection, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(lists); i++)
		for (const char *const *folder = lists[i]; folder && *folder; folder++) {
			const char *path = arena_format(reader->arena,
				"%s/ansible_collections/%.*s/%s/roles/%s", *folder,
				(int)(dot - collection), collection, dot + 1, name);

			if (directory_exists(path))
				return path;
		}
	return NULL;
}

static const char *
role_in_collections(struct playbook_reader *reader, const struct role_use *use,
	const struct node *parent, const char *playbook)
{
	const struct value *listed = keyword_find(parent, KEYWORD_COLLECTIONS);
	const char *found = NULL;

	if (is_collection_name(use->name)) {
		const char *last = strrchr(use->name, '.');

		return role_in_collection(reader,
			arena_bytes(reader->arena, use->name, (size_t)(last - use->name)), last + 1,
			playbook);
	}
	if (value_is_list(listed))
		VALUE_EACH (name, listed)
			if (!found && value_is_string(name))
				found = role_in_collection(
					reader, value_string(name), use->name, playbook);
	return found;
}

/* Has it anything of a role? A folder that only shares its name with a role in C does not win over
 * it: ours, where the tables stand. */
static bool
is_role_folder(struct arena *into, const char *path)
{
	static const char *const parts[] = { "tasks", "handlers", "vars", "defaults", "meta",
		NULL };

	for (const char *const *part = parts; *part; part++)
		if (directory_exists(path_join(into, path, *part)))
			return true;
	return false;
}

/* Folders and compiled-in tables; a folder wins. */
static bool
role_locate(struct playbook_reader *reader, const struct role_use *use, const struct node *parent,
	struct role *role, struct error *err)
{
	const char *playbook = parent->play	   ? parent->play->directory
			       : parent->directory ? parent->directory
						   : ".";
	struct str tried = STR_INIT;
	const char *places[40];
	size_t count = 0;

	role->path = role_in_collections(reader, use, parent, playbook);
	if (use->name[0] == '/')
		places[count++] = use->name;
	else {
		places[count++] = path_join(
			reader->arena, path_join(reader->arena, playbook, "roles"), use->name);
		if (role->parent && role->parent->path)
			places[count++] = path_join(reader->arena,
				path_directory(reader->arena, role->parent->path), use->name);
		for (const char *const *folder = reader->roles_path;
			folder && *folder && count < 38; folder++)
			places[count++] = path_join(reader->arena, *folder, use->name);
		places[count++] = path_join(reader->arena, playbook, use->name);
	}
	for (size_t i = 0; i < count && !role->path; i++) {
		places[i] = path_normal(reader->arena, places[i]);
		if (directory_exists(places[i]) &&
			(!role_table_find(use->name) || is_role_folder(reader->arena, places[i]))) {
			role->path = places[i];
			if (i == count - 1) /* found as a path: its last part is the name */
				role->name = path_name(role->path);
		} else
			str_add_format(&tried, "%s%s", i ? ":" : "",
				path_directory(
					reader->arena, path_absolute(reader->arena, places[i])));
	}
	if (!role->path)
		role->table = role_table_find(use->name);
	if (!role->path && !role->table) {
		struct place place = use->place;
		char buffer[384];

		fail(err, ERR_MISSING, "the role '%s' was not found in %s", use->name, tried.data);
		error_where(err, "%s", place_text(&place, buffer, sizeof(buffer)));
	}
	str_release(&tried);
	return role->path || role->table;
}

/* <folder>/<name>, with .yml, .yaml, .json or as it is; NULL: none. */
static const char *
role_file(struct playbook_reader *reader, const struct role *role, const char *folder,
	const char *name)
{
	static const char *const endings[] = { "", ".yml", ".yaml", ".json" };
	const char *directory;

	if (!role->path)
		return NULL;
	directory = path_join(reader->arena, role->path, folder);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		const char *path =
			arena_format(reader->arena, "%s/%s%s", directory, name, endings[i]);

		if (path_exists(path))
			return path;
	}
	return NULL;
}

/* defaults/main/ and vars/main/ may be folders of files, read in the order of their names. */
static bool
vars_folder_read(
	struct playbook_reader *reader, const char *path, struct value *into, struct error *err)
{
	const char *const *names = directory_names(reader->arena, path, err);
	const struct value *map;

	for (; names && *names; names++) {
		if (!text_ends(*names, ".yml") && !text_ends(*names, ".yaml") &&
			!text_ends(*names, ".json"))
			continue;
		if (!vars_file_read(reader, path_join(reader->arena, path, *names), &map, err))
			return false;
		VALUE_PAIRS (pair, map)
			value_set_key(reader->arena, into, pair->key, pair->value);
	}
	return names != NULL;
}

static bool
role_vars(struct playbook_reader *reader, const struct role *role, const char *folder,
	const char *name, const struct value **out, struct error *err)
{
	const char *path = role_file(reader, role, folder, name ? name : "main");
	struct value *map;

	*out = &value_empty_map;
	if (!path) {
		if (!name)
			return true;
		return fail(err, ERR_PARSE, "Could not find specified file in role: %s/%s", folder,
			name);
	}
	if (!directory_exists(path))
		return vars_file_read(reader, path, out, err);
	map = value_map(reader->arena);
	*out = map;
	return vars_folder_read(reader, path, map, err);
}

/* The typed variables of a role in C are its defaults. */
static bool
table_defaults(struct playbook_reader *reader, const struct role_table *table,
	const struct value **out, struct error *err)
{
	const struct yaml_options options = { .templates = true };
	struct value *map = value_map(reader->arena);
	const char *name = arena_format(reader->arena, "role %s, variables", table->name);

	for (const struct role_variable *variable = table->variables; variable && variable->name;
		variable++) {
		const struct value *value;

		if (!variable->fallback)
			continue;
		if (!yaml_load(reader->arena, view_of(variable->fallback), name, &options, &value,
			    err))
			return error_context(err, "variable '%s'", variable->name);
		value_set(reader->arena, map, variable->name, value);
	}
	*out = map;
	return true;
}

static bool
role_tasks_from_table(struct playbook_reader *reader, struct role *role, struct error *err)
{
	const struct value *tasks = role_rows_as_value(reader->arena, role->table, false, err);
	const struct value *handlers =
		tasks ? role_rows_as_value(reader->arena, role->table, true, err) : NULL;
	const struct role_row *row = role->table->tasks;

	if (!handlers ||
		!tasks_read(reader, tasks, role->node, false, &role->node->children, err) ||
		!tasks_read(reader, handlers, role->node, true, &role->handlers, err))
		return error_context(err, "role %s", role->name);
	for (size_t i = 0; i < role->node->children.count; i++, row++) {
		role->node->children.nodes[i]->step = row->step;
		role->node->children.nodes[i]->step_name = row->step ? row->name : NULL;
	}
	return true;
}

static bool
role_task_file(struct playbook_reader *reader, struct role *role, const char *folder,
	const char *name, bool handlers, struct node_list *out, struct error *err)
{
	const char *path = role_file(reader, role, folder, name ? name : "main");
	struct node *block;

	if (!path) {
		if (!name)
			return true;
		return fail(err, ERR_PARSE, "Could not find specified file in role: %s/%s", folder,
			name);
	}
	if (!task_file_read(reader, path, role->node, handlers, &block, err))
		return error_context(err, "role %s", role->name);
	*out = block->children;
	for (size_t i = 0; i < out->count; i++)
		out->nodes[i]->parent = block;
	return true;
}

const char *
role_short_name(const struct role *role)
{
	return is_collection_name(role->name) ? strrchr(role->name, '.') + 1 : role->name;
}

/* ---- argument specifications ---- */

/* `argument_specs` of meta/argument_specs.yml, or of meta/main.yml; NULL: the role has none. */
static bool
argument_specs(struct playbook_reader *reader, const struct role *role, const struct value **out,
	struct error *err)
{
	static const char *const names[] = { "argument_specs", "main" };

	*out = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names) && !*out; i++) {
		const char *path = role_file(reader, role, "meta", names[i]);
		const struct value *meta;

		if (!path)
			continue;
		if (!vars_file_read(reader, path, &meta, err))
			return false;
		*out = value_get(meta, "argument_specs");
	}
	return true;
}

static const struct value *
validation_args(struct playbook_reader *reader, const struct role *role, const char *entry,
	const struct value *spec)
{
	struct arena *arena = reader->arena;
	struct value *args = value_map(arena), *context = value_map(arena);
	const struct value *options = value_get(spec, "options");

	value_set(arena, context, "type", value_text(arena, "role"));
	value_set(arena, context, "name", value_text(arena, role_short_name(role)));
	value_set(arena, context, "argument_spec_name", value_text(arena, entry));
	value_set(arena, context, "path", value_text(arena, path_absolute(arena, role->path)));
	value_set(arena, args, "argument_spec", value_is_map(options) ? options : &value_empty_map);
	value_set(arena, args, "validate_args_context", context);
	return args;
}

/* A role with a specification for what is entered begins with a task that checks it. */
static bool
role_add_validation(struct playbook_reader *reader, const struct role_use *use, struct role *role,
	struct error *err)
{
	const char *entry = use->tasks_from ? use->tasks_from : "main", *dot, *about;
	struct arena *arena = reader->arena;
	const struct value *specs, *spec;
	struct node_list tasks = { 0 };
	struct value *task;

	if (use->skips_validation)
		return true;
	if (!argument_specs(reader, role, &specs, err))
		return false;
	dot = strrchr(entry, '.');
	if (dot && (!strcmp(dot, ".yml") || !strcmp(dot, ".yaml")))
		entry = arena_bytes(arena, entry, (size_t)(dot - entry));
	spec = value_is_map(specs) ? value_get(specs, entry) : NULL;
	if (!value_is_map(spec))
		return true;
	about = value_string(value_get(spec, "short_description"));
	task = value_map(arena);
	task->place = spec->place;
	value_set(arena, task, "name",
		value_format(arena, "Validating arguments against arg spec '%s'%s%s", entry,
			about ? " - " : "", about ? about : ""));
	value_set(
		arena, task, "validate_argument_spec", validation_args(reader, role, entry, spec));
	value_set(arena, task, "tags", value_text(arena, "always"));
	if (!read_task(reader, task, role->node, false, &tasks, err))
		return error_context(err, "argument specification of role %s", role->name);
	for (size_t i = 0; i < role->node->children.count; i++)
		node_list_add(arena, &tasks, role->node->children.nodes[i]);
	role->node->children = tasks;
	return true;
}

/* ---- dependencies ---- */

static bool
use_from_value(struct playbook_reader *reader, const struct value *entry, struct role_use *use,
	struct error *err)
{
	const struct value *name = entry;
	struct value *params;

	*use = (struct role_use){ .place = entry->place };
	if (value_is_map(entry)) {
		name = value_get(entry, "role");
		if (!name)
			name = value_get(entry, "name");
		if (!name)
			name = value_get(entry, "src");
		params = value_map(reader->arena);
		VALUE_PAIRS (pair, entry) {
			struct view key = value_string_view(pair->key);
			int keyword = keyword_find_name(key);

			if (!(keyword >= 0 && (keyword_table[keyword].places & ON_ROLE)) &&
				!view_is(key, "src") && !view_is(key, "version") &&
				!view_is(key, "scm"))
				value_set_key(reader->arena, params, pair->key, pair->value);
		}
		use->params = params;
		use->keywords = entry;
	}
	if (!value_is_string(name)) {
		fail(err, ERR_PARSE, "role definitions must contain a role name");
		return error_at(err, entry);
	}
	use->name = value_string(name);
	return true;
}

static bool
dependencies_read(struct playbook_reader *reader, struct role *role, const struct value *list,
	struct node_list *out, struct error *err)
{
	if (value_is_none(list))
		return true;
	if (!value_is_list(list)) {
		fail(err, ERR_PARSE, "the dependencies of role '%s' are not a list", role->name);
		return error_at(err, list);
	}
	VALUE_EACH (entry, list) {
		struct role_use use;

		if (!use_from_value(reader, entry, &use, err) ||
			!role_read(reader, &use, role->node, role, out, err))
			return error_context(err, "dependency of role %s", role->name);
	}
	return true;
}

static bool
meta_read(
	struct playbook_reader *reader, struct role *role, struct node_list *out, struct error *err)
{
	const char *path = role_file(reader, role, "meta", "main");
	const struct value *meta;

	if (!path)
		return true;
	if (!vars_file_read(reader, path, &meta, err))
		return false;
	if (!value_to_bool(value_get(meta, "allow_duplicates"), &role->allow_duplicates))
		role->allow_duplicates = false;
	return dependencies_read(reader, role, value_get(meta, "dependencies"), out, err);
}

static bool
table_dependencies(
	struct playbook_reader *reader, struct role *role, struct node_list *out, struct error *err)
{
	for (const char *const *name = role->table->depends; name && *name; name++) {
		struct role_use use = { .name = *name, .place = role->node->place };

		if (!role_read(reader, &use, role->node, role, out, err))
			return false;
	}
	return true;
}

/* ---- */

/* The same role with the same parameters and keywords is done once in a play; a list has it as
 * often as it is named. */
static bool
is_repeated(const struct node *play, const struct role *role, const struct role_use *use,
	bool is_listing)
{
	if (use->is_include || role->allow_duplicates || !play || is_listing)
		return false;
	for (size_t i = 0; i < play->role_count; i++) {
		const struct role *other = play->roles[i];
		const struct value *params = use->params ? use->params : &value_empty_map;

		if (!strcmp(other->name, role->name) && value_equals(other->params, params) &&
			value_equals(other->node->keywords[KEYWORD_WHEN],
				role->node->keywords[KEYWORD_WHEN]) &&
			value_equals(other->node->keywords[KEYWORD_TAGS],
				role->node->keywords[KEYWORD_TAGS]) &&
			value_equals(other->node->keywords[KEYWORD_VARS],
				role->node->keywords[KEYWORD_VARS]))
			return true;
	}
	return false;
}

static void
play_add_role(struct playbook_reader *reader, struct node *play, struct role *role, bool is_private)
{
	if (!is_private) {
		play->roles = arena_grow(reader->arena, play->roles, play->role_count,
			play->role_count + 1, sizeof(struct role *));
		play->roles[play->role_count++] = role;
	}
	for (size_t i = 0; i < role->handlers.count; i++)
		node_list_add(reader->arena, &play->handlers, role->handlers.nodes[i]);
}

static bool
role_load(struct playbook_reader *reader, const struct role_use *use, struct role *role,
	struct node_list *out, struct error *err)
{
	if (role->table)
		return table_defaults(reader, role->table, &role->defaults, err) &&
		       table_dependencies(reader, role, out, err) &&
		       role_tasks_from_table(reader, role, err);
	return role_vars(reader, role, "defaults", use->defaults_from, &role->defaults, err) &&
	       role_vars(reader, role, "vars", use->vars_from, &role->vars, err) &&
	       meta_read(reader, role, out, err) &&
	       role_task_file(
		       reader, role, "handlers", use->handlers_from, true, &role->handlers, err) &&
	       role_task_file(
		       reader, role, "tasks", use->tasks_from, false, &role->node->children, err) &&
	       role_add_validation(reader, use, role, err);
}

static bool
dependency_depth_is_sane(const struct role *role, struct error *err)
{
	int depth = 0;

	for (const struct role *above = role->parent; above; above = above->parent)
		if (++depth > DEEPEST_DEPENDENCY)
			return fail(err, ERR_PARSE, "the role '%s' depends on itself, over others",
				role->name);
	return true;
}

bool
role_read(struct playbook_reader *reader, const struct role_use *use, struct node *parent,
	const struct role *parent_role, struct node_list *out, struct error *err)
{
	struct role *role = arena_new(reader->arena, struct role);
	struct node *node = node_new(reader, NODE_ROLE, parent, NULL);
	const char *name = use->name;

	for (const char *const *prefix = role_collections; *prefix; prefix++)
		if (text_starts(name, *prefix))
			name += strlen(*prefix);
	role->name = arena_text(reader->arena, name);
	role->defaults = role->vars = &value_empty_map;
	role->params = use->params ? use->params : &value_empty_map;
	role->parent = parent_role;
	role->is_dependency = parent_role && !use->is_include;
	role->node = node;
	node->place = use->place;
	node->role = role;
	if (use->keywords) {
		struct value *ignored = value_map(reader->arena);

		if (!keywords_take(reader, node, use->keywords, ON_ROLE, ignored, err))
			return false;
		node->keywords[KEYWORD_NAME] = NULL;
	}
	role->use_vars =
		use->is_include ? parent->keywords[KEYWORD_VARS] : node->keywords[KEYWORD_VARS];
	if (!dependency_depth_is_sane(role, err) || !role_locate(reader, use, parent, role, err))
		return false;
	if (role->table)
		role->name = role->table->name;
	node->directory = role->path ? path_join(reader->arena, role->path, "tasks") : NULL;
	if (role->path)
		library_look(reader, role->path);
	if (is_repeated(node->play, role, use, reader->is_listing))
		return true;
	if (!role_load(reader, use, role, out, err))
		return false;
	node_list_add(reader->arena, out, node);
	if (node->play)
		play_add_role(reader, node->play, role, use->is_private);
	return true;
}

bool
role_use_read(struct playbook_reader *reader, const struct value *entry, struct node *play,
	struct node_list *out, struct error *err)
{
	struct role_use use;

	if (!use_from_value(reader, entry, &use, err))
		return false;
	if (template_is_present(view_of(use.name))) {
		if (!static_text(reader, play,
			    value_get(entry, "role") ? value_get(entry, "role") : entry, &use.name,
			    err))
			return false;
	}
	return role_read(reader, &use, play, NULL, out, err);
}
