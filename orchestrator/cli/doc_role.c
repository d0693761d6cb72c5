/* `ertc doc -t role`: roles in C from their tables, others from meta/argument_specs.yml. */
#include "orchestrator/cli/doc.h"

#include <string.h>
#include <sys/stat.h>

#include "os/files.h"
#include "roles/role.h"
#include "yaml/yaml.h"

static const char *const type_names[] = { [ROLE_STRING] = "str",
	[ROLE_INT] = "int",
	[ROLE_BOOL] = "bool",
	[ROLE_LIST] = "list",
	[ROLE_MAP] = "dict",
	[ROLE_CIDR] = "str",
	[ROLE_CIDRS] = "list",
	[ROLE_PORT] = "int",
	[ROLE_PATH] = "path",
	[ROLE_NAME] = "str",
	[ROLE_ANY] = "raw" };

/* ---- roles in C ---- */

static const struct value *
variable_of(struct arena *arena, const struct role_variable *variable)
{
	const struct yaml_options plain = { .templates = false };
	struct value *option = value_map(arena);
	const struct value *fallback;
	struct error err;

	value_set(arena, option, "description", value_text(arena, variable->doc));
	value_set(arena, option, "type", value_text(arena, type_names[variable->type]));
	if (variable->required)
		value_set(arena, option, "required", &value_true);
	if (variable->fallback) {
		if (!yaml_load(arena, view_of(variable->fallback), variable->name, &plain,
			    &fallback, &err))
			fallback = value_text(arena, variable->fallback);
		value_set(arena, option, "default", fallback);
	}
	if (variable->choices) {
		struct value *choices = value_list(arena);

		for (const char *const *at = variable->choices; *at; at++)
			value_add(arena, choices, value_text(arena, *at));
		value_set(arena, option, "choices", choices);
	}
	if (variable->also)
		value_set(arena, option, "also", value_text(arena, variable->also));
	return option;
}

static const struct value *
entries_of_table(struct arena *arena, const struct role_table *table)
{
	struct value *entries = value_map(arena), *main = value_map(arena),
		     *options = value_map(arena);

	for (const struct role_variable *row = table->variables; row && row->name; row++)
		value_set(arena, options, row->name, variable_of(arena, row));
	value_set(arena, main, "short_description", value_text(arena, table->summary));
	value_set(arena, main, "options", options);
	value_set(arena, entries, "main", main);
	return entries;
}

/* ---- folders ---- */

/* `argument_specs` of the role in this folder; *out is NULL when it has none. */
static bool
specs_read(struct doc *doc, const char *folder, const struct value **out, struct error *err)
{
	static const char *const names[] = { "argument_specs.yml", "argument_specs.yaml",
		"main.yml", "main.yaml" };
	const struct yaml_options plain = { .templates = false };

	*out = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names) && !*out; i++) {
		const char *path = arena_format(&doc->arena, "%s/meta/%s", folder, names[i]);
		const struct value *meta;

		if (access(path, R_OK) != 0)
			continue;
		if (!yaml_load_file(&doc->arena, path, &plain, &meta, err))
			return false;
		*out = value_is_map(meta) ? value_get(meta, "argument_specs") : NULL;
		if (*out && !value_is_map(*out))
			*out = NULL;
	}
	return true;
}

static bool
is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The folder of a role, or NULL. "namespace.collection.role" is looked for in collections. */
static const char *
folder_of(struct doc *doc, const char *name)
{
	const char *first = strchr(name, '.'), *second = first ? strchr(first + 1, '.') : NULL;

	if (strchr(name, '/'))
		return is_folder(name) ? name : NULL;
	for (const char *const *root = doc->roles_path; *root; root++) {
		const char *path = arena_format(&doc->arena, "%s/%s", *root, name);

		if (is_folder(path))
			return path;
	}
	for (const char *const *root = doc->collections_path; second && *root; root++) {
		const char *path = arena_format(&doc->arena,
			"%s/ansible_collections/%.*s/%.*s/roles/%s", *root, (int)(first - name),
			name, (int)(second - first - 1), first + 1, second + 1);

		if (is_folder(path))
			return path;
	}
	return NULL;
}

/* The entry points of a role in one line. */
static const char *
summary_of(struct arena *arena, const struct value *specs)
{
	struct str text = STR_INIT;
	const char *result;

	VALUE_PAIRS (pair, specs) {
		const struct value *about = value_get(pair->value, "short_description");

		str_add_format(&text, "%s%s%s%s", text.length ? "; " : "",
			value_to_text(arena, pair->key), value_is_none(about) ? "" : ": ",
			value_is_none(about) ? "" : value_to_text(arena, about));
	}
	result = arena_view(arena, str_view(&text));
	str_release(&text);
	return result;
}

/* Those with a specification; a role that cannot be read is left out. */
static void
list_folder(struct doc *doc, const char *root, struct value *out)
{
	const char *const *names;
	struct error err;

	if (!is_folder(root))
		return;
	names = directory_names(&doc->arena, root, &err);
	for (; names && *names; names++) {
		const struct value *specs;
		const char *path = arena_format(&doc->arena, "%s/%s", root, *names);

		error_clear(&err);
		if (!value_get(out, *names) && specs_read(doc, path, &specs, &err) && specs)
			value_set(&doc->arena, out, *names,
				value_text(&doc->arena, summary_of(&doc->arena, specs)));
	}
}

const struct value *
doc_list_roles(struct doc *doc)
{
	struct value *out = value_map(&doc->arena);

	for (const char *const *root = doc->roles_path; *root; root++)
		list_folder(doc, *root, out);
	for (size_t i = 0; role_tables[i]; i++)
		if (!value_get(out, role_tables[i]->name))
			value_set(&doc->arena, out, role_tables[i]->name,
				value_text(&doc->arena, role_tables[i]->summary));
	return out;
}

static const struct value *
only_entry(struct doc *doc, const struct value *entries)
{
	struct value *one = value_map(&doc->arena);

	if (!doc->entry)
		return entries;
	if (value_get(entries, doc->entry))
		value_set(&doc->arena, one, doc->entry, value_get(entries, doc->entry));
	return one;
}

bool
doc_describe_role(struct doc *doc, const char *name, const struct value **out, struct error *err)
{
	const char *folder = folder_of(doc, name);
	const struct role_table *table = folder ? NULL : role_table_find(name);
	const struct value *entries = NULL;
	struct value *map = value_map(&doc->arena);

	*out = NULL;
	if (folder && !specs_read(doc, folder, &entries, err))
		return false;
	if (table)
		entries = entries_of_table(&doc->arena, table);
	if (!folder && !table)
		return true;
	if (!entries) {
		fail(err, ERR_MISSING, "the role '%s' does not say what it takes", name);
		error_why(err, "there is no meta/argument_specs.yml in %s", folder);
		return false;
	}
	value_set(&doc->arena, map, "collection", value_text(&doc->arena, ""));
	value_set(&doc->arena, map, "entry_points", only_entry(doc, entries));
	value_set(&doc->arena, map, "path",
		value_text(&doc->arena, folder ? folder : "built into ertc"));
	*out = map;
	return true;
}
