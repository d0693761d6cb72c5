/*
 * A repository's own modules and plugins. Modules of library/ (of the playbook, of roles, of
 * collections) are run as the programs they are. Plugins are Python that runs on the controller:
 * they are found and named, and not used.
 */
#include "orchestrator/playbook/library.h"

#include <sys/stat.h>

static bool
is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* NAME.py, or a program called NAME. */
static const char *
find_in(struct arena *arena, const char *folder, const char *name)
{
	static const char *const endings[] = { ".py", "", ".sh" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		const char *path = arena_format(arena, "%s/%s%s", folder, name, endings[i]);

		if (is_file(path))
			return path;
	}
	return NULL;
}

static const char *
find_in_collections(struct playbook_reader *reader, const struct node *node, const char *name)
{
	const char *first = strchr(name, '.'), *second = first ? strchr(first + 1, '.') : NULL;
	const char *const own[] = {
		path_join(reader->arena, node->play ? node->play->directory : ".", "collections"),
		NULL
	};
	const char *const *const lists[] = { own, reader->collections_path };

	for (size_t i = 0; second && i < ARRAY_SIZE(lists); i++)
		for (const char *const *folder = lists[i]; folder && *folder; folder++) {
			const char *found = find_in(reader->arena,
				arena_format(reader->arena,
					"%s/ansible_collections/%.*s/%.*s/plugins/modules", *folder,
					(int)(first - name), name, (int)(second - first - 1),
					first + 1),
				second + 1);

			if (found)
				return found;
		}
	return NULL;
}

/* A role's library is there for all that is read behind it; its own comes first. */
const char *
library_find(struct playbook_reader *reader, const struct node *node, const char *name)
{
	const char *found = NULL;

	if (strchr(name, '/') || name[0] == '.')
		return NULL;
	if (strchr(name, '.'))
		return find_in_collections(reader, node, name);
	for (size_t i = 0; i < reader->library_count && node->role && node->role->path && !found;
		i++)
		if (text_starts(reader->libraries[i], node->role->path))
			found = find_in(reader->arena, reader->libraries[i], name);
	for (size_t i = reader->library_count; i > 0 && !found; i--)
		found = find_in(reader->arena, reader->libraries[i - 1], name);
	for (const char *const *folder = reader->library_path; folder && *folder && !found;
		folder++)
		found = find_in(reader->arena, *folder, name);
	return found;
}

/* ---- plugins ---- */

static const char *const plugin_folders[] = { "action_plugins", "cache_plugins", "callback_plugins",
	"connection_plugins", "filter_plugins", "inventory_plugins", "lookup_plugins",
	"shell_plugins", "strategy_plugins", "test_plugins", "vars_plugins" };

static void
warn_of(struct playbook_reader *reader, const char *path)
{
	const struct place place = { .file = path };

	if (reader->warn_plugin)
		reader->warn_plugin(reader->context, &place,
			"is a plugin in Python, which ertc does not run: it is not used");
}

static bool
has_been_looked_at(const struct playbook_reader *reader, const char *directory)
{
	for (size_t i = 0; i < reader->looked_count; i++)
		if (!strcmp(reader->looked[i], directory))
			return true;
	return false;
}

void
library_look(struct playbook_reader *reader, const char *directory)
{
	const char *library = path_join(reader->arena, directory, "library");
	struct error ignored;

	if (has_been_looked_at(reader, directory))
		return;
	reader->looked = arena_grow(reader->arena, reader->looked, reader->looked_count,
		reader->looked_count + 1, sizeof(char *));
	reader->looked[reader->looked_count++] = directory;
	if (directory_exists(library)) {
		reader->libraries = arena_grow(reader->arena, reader->libraries,
			reader->library_count, reader->library_count + 1, sizeof(char *));
		reader->libraries[reader->library_count++] = library;
	}
	for (size_t i = 0; i < ARRAY_SIZE(plugin_folders); i++) {
		const char *folder = path_join(reader->arena, directory, plugin_folders[i]);
		const char *const *names =
			directory_exists(folder) ? directory_names(reader->arena, folder, &ignored)
						 : NULL;

		for (; names && *names; names++)
			if (text_ends(*names, ".py") && strcmp(*names, "__init__.py") != 0)
				warn_of(reader, path_join(reader->arena, folder, *names));
	}
}

const struct value *
library_utils(struct arena *into, const struct node *node)
{
	struct value *list = value_list(into);

	for (const struct role *role = node->role; role; role = role->parent)
		if (role->path && directory_exists(path_join(into, role->path, "module_utils")))
			value_add(into, list,
				value_text(into, path_join(into, role->path, "module_utils")));
	if (node->play && directory_exists(path_join(into, node->play->directory, "module_utils")))
		value_add(into, list,
			value_text(into, path_join(into, node->play->directory, "module_utils")));
	return list;
}
