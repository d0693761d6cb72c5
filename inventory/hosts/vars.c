/* The variables of hosts and groups: from the sources, from group_vars/ and host_vars/ beside them
 * and beside the playbook, merged in Ansible's order. */
#include <sys/stat.h>

#include "inventory/hosts/inventory.h"
#include "os/files.h"
#include "yaml/yaml.h"

static void
groups_of_host(const struct inventory_group *group, const struct inventory_group **out,
	size_t *count, size_t room)
{
	for (size_t i = 0; i < *count; i++)
		if (out[i] == group)
			return;
	if (*count == room)
		return;
	out[(*count)++] = group;
	for (size_t i = 0; i < group->parent_count; i++)
		groups_of_host(group->parents[i], out, count, room);
}

/* By depth, then priority, then name: the later wins. */
static int
compare_groups(const void *a, const void *b)
{
	const struct inventory_group *x = *(const struct inventory_group *const *)a,
				     *y = *(const struct inventory_group *const *)b;

	if (x->depth != y->depth)
		return x->depth - y->depth;
	if (x->priority != y->priority)
		return x->priority - y->priority;
	return strcmp(x->name, y->name);
}

static int
compare_group_names(const void *a, const void *b)
{
	return strcmp((*(const struct inventory_group *const *)a)->name,
		(*(const struct inventory_group *const *)b)->name);
}

enum { MOST_GROUPS = 512 };

static size_t
host_groups(const struct inventory_host *host, const struct inventory_group **out)
{
	size_t count = 0;

	for (size_t i = 0; i < host->group_count; i++)
		groups_of_host(host->groups[i], out, &count, MOST_GROUPS);
	return count;
}

const struct value *
inventory_group_names(const struct inventory_host *host, struct arena *into)
{
	const struct inventory_group *groups[MOST_GROUPS];
	size_t count = host_groups(host, groups);
	struct value *names = value_list(into);

	qsort(groups, count, sizeof(*groups), compare_group_names);
	for (size_t i = 0; i < count; i++)
		if (strcmp(groups[i]->name, "all") != 0)
			value_add(into, names,
				value_borrow(into, groups[i]->name, strlen(groups[i]->name)));
	return names;
}

/* `is_deep`: hash_behaviour = merge; dictionaries are merged at every depth. */
static const struct value *
merged_value(struct arena *arena, const struct value *low, const struct value *high, bool is_deep)
{
	struct value *map;

	if (!is_deep || !value_is_map(low) || !value_is_map(high))
		return high;
	map = value_map_copy(arena, low);
	VALUE_PAIRS (pair, high)
		value_set_key(arena, map, pair->key,
			merged_value(arena, value_get_key(low, pair->key), pair->value, true));
	map->flags = low->flags | high->flags;
	map->place = high->place;
	return map;
}

static void
merge_into(struct inventory *inventory, struct value *into, const struct value *from)
{
	if (!from)
		return;
	VALUE_PAIRS (pair, from)
		value_set_key(&inventory->arena, into, pair->key,
			merged_value(&inventory->arena, value_get_key(into, pair->key), pair->value,
				inventory->merges_hashes));
}

/* One folder that holds group_vars/ and host_vars/. Files are read once, for whoever asks. */
struct vars_folder {
	const char *path;
	bool has_groups, has_hosts;
	struct map read; /* path without ending -> map */
};

static bool vars_path_read(
	struct inventory *inventory, const char *path, struct value *into, struct error *err);

static const char *const vars_endings[] = { "", ".yml", ".yaml", ".json" };

/* In a folder: files with one of the endings, and folders without any. */
static bool
is_vars_file(const char *path, const char *name)
{
	const char *dot = strrchr(name, '.');
	struct stat status;

	if (name[0] == '.' || text_ends(name, "~") || stat(path, &status) != 0)
		return false;
	if (S_ISDIR(status.st_mode))
		return !dot;
	for (size_t i = 1; dot && i < ARRAY_SIZE(vars_endings); i++)
		if (!strcmp(dot, vars_endings[i]))
			return true;
	return !dot;
}

static bool
vars_directory_read(
	struct inventory *inventory, const char *path, struct value *into, struct error *err)
{
	const char *const *names = directory_names(&inventory->arena, path, err);

	for (; names && *names; names++) {
		const char *file = path_join(&inventory->arena, path, *names);

		if (is_vars_file(file, *names) && !vars_path_read(inventory, file, into, err))
			return false;
	}
	return names != NULL;
}

static bool
vars_path_read(struct inventory *inventory, const char *path, struct value *into, struct error *err)
{
	const struct yaml_options options = {
		.templates = true, .vault = inventory->vault, .are_secrets = true
	};
	const struct value *map;
	struct stat status;

	if (stat(path, &status) != 0)
		return true;
	if (S_ISDIR(status.st_mode))
		return vars_directory_read(inventory, path, into, err);
	if (!yaml_load_file(&inventory->arena, path, &options, &map, err))
		return false;
	if (value_is_none(map))
		return true;
	if (!value_is_map(map)) {
		fail(err, ERR_PARSE, "the variables file '%s' must hold a mapping", path);
		return error_at(err, map);
	}
	merge_into(inventory, into, map);
	return true;
}

/* group_vars/NAME (a file, or a folder of them), else NAME.yml, .yaml or .json: the first counts.
 */
static bool
vars_of(struct inventory *inventory, struct vars_folder *folder, const char *kind, const char *name,
	const struct value **out, struct error *err)
{
	const char *base = arena_format(&inventory->arena, "%s/%s/%s", folder->path, kind, name);
	struct value *map = map_get(&folder->read, base);

	if (!map) {
		map = value_map(&inventory->arena);
		for (size_t i = 0; i < ARRAY_SIZE(vars_endings); i++) {
			const char *path =
				arena_format(&inventory->arena, "%s%s", base, vars_endings[i]);

			if (access(path, F_OK) != 0)
				continue;
			if (!vars_path_read(inventory, path, map, err))
				return false;
			break;
		}
		map_set(&folder->read, base, map);
	}
	*out = map;
	return true;
}

static bool
is_directory(struct arena *arena, const char *path, const char *name)
{
	struct stat status;

	return stat(arena_format(arena, "%s/%s", path, name), &status) == 0 &&
	       S_ISDIR(status.st_mode);
}

static void
folder_init(struct inventory *inventory, struct vars_folder *folder, const char *path)
{
	folder->path = arena_text(&inventory->arena, path);
	folder->has_groups = is_directory(&inventory->arena, path, "group_vars");
	folder->has_hosts = is_directory(&inventory->arena, path, "host_vars");
	map_init(&folder->read);
}

struct vars_folders {
	struct vars_folder
		*folders; /* of the inventory sources, in order; the playbook's is the last */
	size_t count, playbook;
};

/* What a host has so far. Most hosts of a cloud have variables of one level alone: no copy of
 * those. */
struct merging {
	const struct value *only; /* the one level, or NULL */
	struct value *merged;	  /* of several */
};

/* One more level, higher than those before. */
static void
host_take(struct inventory *inventory, struct inventory_host *host, struct merging *merging,
	const struct value *vars, const char *what, const char *of)
{
	if (!vars || !vars->map.count)
		return;
	if (!merging->only) {
		merging->only = vars;
	} else {
		if (!merging->merged)
			merging->merged = value_map_copy(&inventory->arena, merging->only);
		merge_into(inventory, merging->merged, vars);
	}
	if (!inventory->keeps_levels)
		return;
	host->levels = arena_grow(&inventory->arena, host->levels, host->level_count,
		host->level_count + 1, sizeof(*host->levels));
	host->levels[host->level_count++] =
		(struct inventory_level){ .what = what, .of = of, .vars = vars };
}

static bool
merge_group_files(struct inventory *inventory, struct vars_folders *all, size_t from, size_t to,
	const struct inventory_group *group, struct inventory_host *host, struct merging *merging,
	struct error *err)
{
	for (size_t i = from; i < to; i++) {
		const struct value *vars;

		if (!all->folders[i].has_groups)
			continue;
		if (!vars_of(inventory, &all->folders[i], "group_vars", group->name, &vars, err))
			return false;
		host_take(inventory, host, merging, vars,
			i < all->playbook ? "inventory group_vars" : "playbook group_vars",
			group->name);
	}
	return true;
}

/* Lowest first: file's group vars, inventory's group_vars/all, playbook's group_vars/all,
 * inventory's group_vars/X, playbook's group_vars/X, file's host vars, inventory's host_vars,
 * playbook's host_vars. */
static bool
host_merge(struct inventory *inventory, struct vars_folders *all, struct inventory_host *host,
	struct error *err)
{
	const struct inventory_group *groups[MOST_GROUPS];
	size_t count = host_groups(host, groups);
	struct merging merging = { 0 };

	host->level_count = 0;
	if (!count)
		groups[count++] = inventory->all;
	qsort(groups, count, sizeof(*groups), compare_groups);
	for (size_t i = 0; i < count; i++)
		host_take(inventory, host, &merging, groups[i]->vars, "inventory file, group",
			groups[i]->name);
	if (!merge_group_files(inventory, all, 0, all->count, inventory->all, host, &merging, err))
		return false;
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++)
			if (groups[i] != inventory->all &&
				!merge_group_files(inventory, all, pass ? all->playbook : 0,
					pass ? all->count : all->playbook, groups[i], host,
					&merging, err))
				return false;
	host_take(inventory, host, &merging, host->vars, "inventory file, host", host->name);
	for (size_t i = 0; i < all->count; i++) {
		const struct value *vars;

		if (!all->folders[i].has_hosts)
			continue;
		if (!vars_of(inventory, &all->folders[i], "host_vars", host->name, &vars, err))
			return false;
		host_take(inventory, host, &merging, vars,
			i < all->playbook ? "inventory host_vars" : "playbook host_vars",
			host->name);
	}
	host->merged = merging.merged ? merging.merged
		       : merging.only ? merging.only
				      : &value_empty_map;
	return true;
}

static const char *
directory_of(struct inventory *inventory, const char *source)
{
	struct stat status;
	const char *slash;

	if (stat(source, &status) != 0)
		/* A list has the variables of the folder we stand in. */
		return strchr(source, ',') ? "." : NULL;
	if (S_ISDIR(status.st_mode))
		return source;
	slash = strrchr(source, '/');
	return slash ? arena_bytes(
			       &inventory->arena, source, MAX((size_t)(slash - source), (size_t)1))
		     : ".";
}

static void
folders_open(struct inventory *inventory, const char *playbook_directory, struct vars_folders *all)
{
	all->folders =
		arena_array(&inventory->arena, inventory->source_count + 1, struct vars_folder);
	for (size_t i = 0; i < inventory->source_count; i++) {
		const char *directory = directory_of(inventory, inventory->sources[i]);

		if (directory)
			folder_init(inventory, &all->folders[all->count++], directory);
	}
	all->playbook = all->count;
	if (playbook_directory)
		folder_init(inventory, &all->folders[all->count++], playbook_directory);
}

bool
inventory_host_vars(struct inventory *inventory, struct inventory_host *host, bool with_files,
	const struct value **out, struct error *err)
{
	const struct value *merged = host->merged;
	struct vars_folders all = { 0 };
	bool ok;

	if (with_files)
		folders_open(inventory, NULL, &all);
	ok = host_merge(inventory, &all, host, err);
	*out = host->merged;
	host->merged = merged;
	for (size_t i = 0; i < all.count; i++)
		map_release(&all.folders[i].read);
	return ok;
}

bool
inventory_host_check(const struct inventory_host *host, struct error *err)
{
	if (host->broken && err)
		*err = *host->broken;
	return !host->broken;
}

/* What cannot be read concerns the host alone. */
static void
host_finish(struct inventory *inventory, struct vars_folders *all, struct inventory_host *host)
{
	struct error reason = { 0 };

	host->broken = NULL;
	if (!host_merge(inventory, all, host, &reason)) {
		struct error *kept = arena_new(&inventory->arena, struct error);

		*kept = reason;
		host->broken = kept;
	}
}

/* ---- what is assumed ---- */

struct inventory_assumer {
	bool (*assume)(void *context, struct inventory *inventory, struct error *err);
	void *context;
	struct inventory_assumer *next;
};

void
inventory_assume_later(struct inventory *inventory,
	bool (*assume)(void *context, struct inventory *inventory, struct error *err),
	void *context)
{
	struct inventory_assumer *assumer = arena_new(&inventory->arena, struct inventory_assumer);
	struct inventory_assumer **end = &inventory->assumers;

	*assumer = (struct inventory_assumer){ .assume = assume, .context = context };
	while (*end)
		end = &(*end)->next;
	*end = assumer;
}

static void
level_below(struct inventory *inventory, struct inventory_host *host, const struct value *vars,
	const char *from)
{
	struct inventory_level *levels =
		arena_array(&inventory->arena, host->level_count + 1, struct inventory_level);

	levels[0] = (struct inventory_level){ .what = "assumed by", .of = from, .vars = vars };
	if (host->level_count)
		memcpy(levels + 1, host->levels, host->level_count * sizeof(*levels));
	host->levels = levels;
	host->level_count++;
}

void
inventory_host_assume(struct inventory *inventory, struct inventory_host *host,
	const struct value *vars, const char *from)
{
	struct value *merged;

	if (!vars || !vars->map.count)
		return;
	merged = value_map_copy(&inventory->arena, host->merged);
	VALUE_PAIRS (pair, vars)
		if (!value_get_key(merged, pair->key))
			value_set_key(&inventory->arena, merged, pair->key, pair->value);
	host->merged = merged;
	if (inventory->keeps_levels)
		level_below(inventory, host, vars, from);
}

static bool
assume_all(struct inventory *inventory, struct error *err)
{
	for (struct inventory_assumer *one = inventory->assumers; one; one = one->next)
		if (!one->assume(one->context, inventory, err))
			return false;
	return true;
}

bool
inventory_finish(struct inventory *inventory, const char *playbook_directory, struct error *err)
{
	struct vars_folders all = { 0 };
	bool ok = inventory_settle(inventory, err);

	inventory->is_finished = true;
	inventory->playbook_directory =
		playbook_directory ? arena_text(&inventory->arena, playbook_directory) : NULL;
	folders_open(inventory, playbook_directory, &all);
	for (size_t i = 0; i < inventory->hosts.count && ok; i++)
		host_finish(inventory, &all, inventory->hosts.entries[i].value);
	for (size_t i = 0; i < all.count; i++)
		map_release(&all.folders[i].read);
	return ok && assume_all(inventory, err);
}

void
inventory_finish_late(struct inventory *inventory, struct inventory_host *host)
{
	struct vars_folders all = { 0 };

	if (!inventory->is_finished)
		return;
	folders_open(inventory, inventory->playbook_directory, &all);
	host_finish(inventory, &all, host);
	for (size_t i = 0; i < all.count; i++)
		map_release(&all.folders[i].read);
}

/* ---- what each has of its own ---- */

static bool
own_vars(struct inventory *inventory, const char *kind, const char *name, const struct value *vars,
	const struct value **out, struct error *err)
{
	struct vars_folders all = { 0 };
	struct value *merged = value_map(&inventory->arena);
	bool ok = true;

	folders_open(inventory, NULL, &all);
	merge_into(inventory, merged, vars);
	for (size_t i = 0; i < all.count && ok; i++) {
		const struct value *more;

		ok = vars_of(inventory, &all.folders[i], kind, name, &more, err);
		if (ok)
			merge_into(inventory, merged, more);
	}
	for (size_t i = 0; i < all.count; i++)
		map_release(&all.folders[i].read);
	*out = merged;
	return ok;
}

bool
inventory_host_own_vars(struct inventory *inventory, const struct inventory_host *host,
	const struct value **out, struct error *err)
{
	return own_vars(inventory, "host_vars", host->name, host->vars, out, err);
}

bool
inventory_group_own_vars(struct inventory *inventory, const struct inventory_group *group,
	const struct value **out, struct error *err)
{
	return own_vars(inventory, "group_vars", group->name, group->vars, out, err);
}
