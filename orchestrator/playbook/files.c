/* Paths, and where Ansible looks for a file that a task names. */
#include "orchestrator/playbook/reader.h"

#include <sys/stat.h>

#include "os/files.h"
#include "roles/role.h"

bool
path_exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

bool
directory_exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

const char *
path_directory(struct arena *into, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : arena_bytes(into, path, (size_t)(slash - path));
}

const char *
path_absolute(struct arena *into, const char *path)
{
	char here[4096];

	if (!path || path[0] == '/' || !getcwd(here, sizeof(here)))
		return path;
	while (text_starts(path, "./"))
		path += 2;
	return arena_format(into, "%s/%s", here, path);
}

const char *
path_normal(struct arena *into, const char *path)
{
	struct str out = STR_INIT;
	struct view rest = view_of(path), part;
	const char *normal;
	size_t least = path[0] == '/' ? 1 : 0;

	if (!strstr(path, "/.") && !strstr(path, "//") && !text_starts(path, "."))
		return path;
	if (least)
		str_add_char(&out, '/');
	while (view_cut(&rest, '/', &part)) {
		const char *last = out.length > least ? strrchr(out.data, '/') : NULL;
		const char *name = last ? last + 1 : out.data + least;
		bool is_up = view_is(part, "..");

		if (!part.length || view_is(part, "."))
			continue;
		if (is_up && out.length > least && strcmp(name, "..") != 0) {
			str_cut(&out, MAX((size_t)((last ? last : name) - out.data), least));
			continue;
		}
		if (is_up && least)
			continue;
		if (out.length > least)
			str_add_char(&out, '/');
		str_add_view(&out, part);
	}
	normal = arena_text(into, out.length ? out.data : ".");
	str_release(&out);
	return normal;
}

struct search {
	struct arena *into;
	const char *name;
	struct str tried;
};

static const char *
search_in(struct search *search, const char *directory, const char *kind)
{
	const char *path;

	if (!directory)
		return NULL;
	if (kind)
		directory = path_join(search->into, directory, kind);
	path = path_join(search->into, directory, search->name);
	if (path_exists(path))
		return path;
	if (!strstr(search->tried.data, path))
		str_add_format(&search->tried, "%s\n\t%s",
			search->tried.length ? "" : "\nSearched in:", path);
	return NULL;
}

static const char *
search_role(struct search *search, const struct role *role, const char *kind)
{
	const char *found;

	if (role->table && role_file_find(role->table->name, kind, search->name))
		return arena_format(
			search->into, "role:%s/%s/%s", role->table->name, kind, search->name);
	if (!role->path)
		return NULL;
	found = search_in(search, role->path, kind);
	return found ? found : search_in(search, role->path, NULL);
}

static const char *
search_all(struct search *search, const struct node *node, const char *kind)
{
	const char *found = NULL, *playbook = node->play ? node->play->directory : ".";

	for (const struct role *role = node->role; role && !found; role = role->parent)
		found = search_role(search, role, kind);
	if (!found && node->directory)
		found = search_in(search, node->directory, kind);
	if (!found && node->directory)
		found = search_in(search, node->directory, NULL);
	if (!found)
		found = search_in(search, playbook, kind);
	if (!found)
		found = search_in(search, playbook, NULL);
	return found;
}

bool
file_find(const struct node *node, const char *kind, const char *name, struct arena *into,
	const char **out, struct error *err)
{
	struct search search = { .into = into, .name = name, .tried = STR_INIT };
	const char *found;

	if (name[0] == '~' && name[1] == '/' && getenv("HOME"))
		name = search.name = path_join(into, getenv("HOME"), name + 2);
	if (text_starts(name, "role:"))
		found = name;
	else if (name[0] == '/')
		found = path_exists(name) ? name : NULL;
	else
		found = search_all(&search, node, kind);
	if (found) {
		*out = found;
	} else {
		/* Ansible's words, which playbooks look for. */
		fail(err, ERR_MISSING,
			"Could not find or access '%s'%s on the Ansible Controller.%s", name,
			search.tried.length ? search.tried.data : "",
			"\nIf you are using a module and expect the file to exist on the remote, "
			"see "
			"the remote_src option");
	}
	str_release(&search.tried);
	return found != NULL;
}
