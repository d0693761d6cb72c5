/* Which kind a source is: a list, a folder, a program, YAML, JSON or INI. */
#include "inventory/sources/source.h"

#include <sys/stat.h>

#include "os/files.h"
#include "vault/vault.h"

static bool
read_text(const char *path, struct str *out, struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char piece[16384];
	size_t count;

	if (!file)
		return fail_errno(err, "cannot read the inventory '%s'", path);
	while ((count = fread(piece, 1, sizeof(piece), file)) > 0)
		str_add_bytes(out, piece, count);
	if (ferror(file))
		return fail_errno(err, "cannot read the inventory '%s'", path);
	if (out->is_full)
		return fail(err, ERR_LIMIT, "the inventory '%s' is larger than 64 MiB", path);
	return true;
}

static bool
text_open(struct inventory *inventory, struct str *text, const char *path, struct error *err)
{
	struct view plain;

	if (!vault_is_encrypted(str_view(text)))
		return true;
	if (!vault_open(inventory->vault, str_view(text), path, &plain, err))
		return false;
	str_clear(text);
	str_add_view(text, plain);
	return true;
}

static bool
has_ending(const char *path, const char *const *endings)
{
	for (; *endings; endings++)
		if (text_ends(path, *endings))
			return true;
	return false;
}

static bool
file_add(struct inventory *inventory, const char *path, struct error *err)
{
	static const char *const yaml_endings[] = { ".yml", ".yaml", ".json", NULL };
	static const char *const cloud_endings[] = { "aws_ec2.yml", "aws_ec2.yaml", NULL };
	struct str text;
	bool ok;

	if (has_ending(path, cloud_endings)) {
		fail(err, ERR_UNSUPPORTED, "the inventory '%s' is an aws_ec2 source", path);
		return error_why(err, "clouds as inventory come with a later release");
	}
	str_init_max(&text, 64 * 1024 * 1024);
	ok = read_text(path, &text, err) && text_open(inventory, &text, path, err);
	if (ok && has_ending(path, yaml_endings))
		ok = source_yaml(inventory, path, str_view(&text), err);
	else if (ok)
		ok = source_ini(inventory, path, str_view(&text), err);
	str_wipe(&text);
	return ok;
}

static bool
is_ignored(const char *name)
{
	static const char *const endings[] = { "~", ".orig", ".bak", ".retry", ".pyc", ".pyo",
		".cfg", ".md", ".txt", ".swp", ".rst", ".j2", NULL };

	return name[0] == '.' || has_ending(name, endings) || !strcmp(name, "group_vars") ||
	       !strcmp(name, "host_vars") || !strcmp(name, "vars_plugins");
}

static bool path_add(struct inventory *inventory, const char *path, int depth, struct error *err);

/* All sources of a folder, in the order of their names. */
static bool
directory_add(struct inventory *inventory, const char *path, int depth, struct error *err)
{
	const char *const *names = directory_names(&inventory->arena, path, err);

	for (; names && *names; names++)
		if (!is_ignored(*names) &&
			!path_add(inventory, path_join(&inventory->arena, path, *names), depth + 1,
				err))
			return false;
	return names != NULL;
}

/* Rule R7: who can write a folder that all can write, can also choose the hosts. */
static bool
is_world_writable(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & S_IWOTH) &&
	       !(status.st_mode & S_ISVTX);
}

static bool
path_add(struct inventory *inventory, const char *path, int depth, struct error *err)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return fail_errno(err, "cannot read the inventory '%s'", path);
	if (S_ISDIR(status.st_mode)) {
		if (depth > 8)
			return fail(err, ERR_LIMIT, "the inventory '%s' is nested too deep", path);
		if (is_world_writable(path)) {
			fail(err, ERR_DENIED, "the inventory '%s' is not read", path);
			return error_why(err, "everybody can write in this folder");
		}
		return directory_add(inventory, path, depth, err);
	}
	if ((status.st_mode & S_IXUSR) && access(path, X_OK) == 0 && S_ISREG(status.st_mode))
		return source_script(inventory, path, err);
	return file_add(inventory, path, err);
}

static void
source_remember(struct inventory *inventory, const char *source)
{
	inventory->sources = arena_grow(&inventory->arena, inventory->sources,
		inventory->source_count, inventory->source_count + 1, sizeof(const char *));
	inventory->sources[inventory->source_count++] = arena_text(&inventory->arena, source);
}

static void
set_current(struct inventory *inventory, const char *path)
{
	struct stat status;
	const char *slash = strrchr(path, '/');

	inventory->file = arena_text(&inventory->arena, path);
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		inventory->directory = inventory->file;
	else
		inventory->directory = slash ? arena_bytes(&inventory->arena, path,
						       MAX((size_t)(slash - path), (size_t)1))
					     : ".";
}

bool
inventory_add_source(struct inventory *inventory, const char *source, struct error *err)
{
	bool ok;

	source_remember(inventory, source);
	if (strchr(source, ',')) {
		ok = source_list(inventory, source, err);
	} else {
		char *real = realpath(source, NULL);

		set_current(inventory, real ? real : source);
		free(real);
		ok = path_add(inventory, source, 0, err);
	}
	inventory->is_parsed |= ok;
	return ok;
}
