/* Hosts, groups, and how the variables of both are merged. */
#include "inventory/hosts/inventory.h"

#include <ctype.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "inventory/sources/source.h"
#include "os/files.h"
#include "yaml/yaml.h"

enum { DEEPEST_GROUP = 64 };

static void
add_standard_groups(struct inventory *inventory)
{
	inventory->all = inventory_group_add(inventory, "all");
	inventory->ungrouped = inventory_group_add(inventory, "ungrouped");
	if (!inventory_group_add_child(inventory, inventory->all, inventory->ungrouped, NULL))
		BUG("all: ungrouped");
}

struct inventory *
inventory_new(void)
{
	struct inventory *inventory = memory_get(sizeof(*inventory));

	arena_init(&inventory->arena);
	map_init(&inventory->hosts);
	map_init(&inventory->groups);
	add_standard_groups(inventory);
	return inventory;
}

void
inventory_clear(struct inventory *inventory)
{
	map_release(&inventory->hosts);
	map_release(&inventory->groups);
	map_init(&inventory->hosts);
	map_init(&inventory->groups);
	inventory->source_count = 0;
	inventory->sources = NULL;
	inventory->file = inventory->directory = NULL;
	inventory->is_parsed = false;
	add_standard_groups(inventory);
}

void
inventory_free(struct inventory *inventory)
{
	if (!inventory)
		return;
	map_release(&inventory->hosts);
	map_release(&inventory->groups);
	arena_release(&inventory->arena);
	free(inventory);
}

void
inventory_warn(struct inventory *inventory, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (inventory->warn)
		inventory->warn(inventory->warn_context, text);
}

struct inventory_host *
inventory_host_find(const struct inventory *inventory, const char *name)
{
	return map_get(&inventory->hosts, name);
}

struct inventory_group *
inventory_group_find(const struct inventory *inventory, const char *name)
{
	return map_get(&inventory->groups, name);
}

struct inventory_host *
inventory_host_add(struct inventory *inventory, const char *name)
{
	struct inventory_host *host = inventory_host_find(inventory, name);

	if (host)
		return host;
	host = arena_new(&inventory->arena, struct inventory_host);
	host->name = arena_text(&inventory->arena, name);
	host->vars = value_map(&inventory->arena);
	host->merged = host->vars;
	host->number = inventory->hosts.count;
	host->file = inventory->file;
	host->directory = inventory->directory;
	map_set(&inventory->hosts, name, host);
	return host;
}

static bool
is_local_name(const char *name)
{
	return !strcmp(name, "localhost") || !strcmp(name, "127.0.0.1") || !strcmp(name, "::1");
}

struct inventory_host *
inventory_host_find_or_local(struct inventory *inventory, const char *name)
{
	struct inventory_host *host = inventory_host_find(inventory, name);

	if (host || !is_local_name(name))
		return host;
	host = inventory_host_add(inventory, name);
	host->is_implicit = true;
	value_set(&inventory->arena, host->vars, "ansible_connection",
		value_text(&inventory->arena, "local"));
	value_set(&inventory->arena, host->vars, "ansible_python_interpreter",
		value_text(&inventory->arena, "/usr/bin/python3"));
	return host;
}

struct inventory_group *
inventory_group_add(struct inventory *inventory, const char *name)
{
	struct inventory_group *group = inventory_group_find(inventory, name);

	if (group)
		return group;
	group = arena_new(&inventory->arena, struct inventory_group);
	group->name = arena_text(&inventory->arena, name);
	group->vars = value_map(&inventory->arena);
	group->priority = 1;
	map_set(&inventory->groups, name, group);
	return group;
}

void
inventory_group_set(struct inventory *inventory, struct inventory_group *group,
	const struct value *key, const struct value *value)
{
	int64_t priority;

	if (text_equals(value_string(key), "ansible_group_priority")) {
		if (value_to_int(value, &priority))
			group->priority = (int)priority;
		return;
	}
	value_set_key(&inventory->arena, group->vars, key, value);
}

/* never: kept, and said; ignore: kept; always: replaced, and said; silently: replaced. */
const char *
inventory_group_name(struct inventory *inventory, const char *name)
{
	const char *rule = inventory->group_names ? inventory->group_names : "never";
	char *safe = arena_text(&inventory->arena, name);
	bool replaces = !strcmp(rule, "always") || !strcmp(rule, "silently");
	bool is_odd = isdigit((unsigned char)safe[0]);

	if (is_odd)
		safe[0] = '_';
	for (char *at = safe; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_') {
			*at = '_';
			is_odd = true;
		}
	if (is_odd && !inventory->has_odd_names &&
		(!strcmp(rule, "always") || !strcmp(rule, "never"))) {
		inventory->has_odd_names = true;
		inventory_warn(inventory,
			"Invalid characters were found in group names %s, use -vvvv to see details",
			replaces ? "and automatically replaced" : "but not replaced");
	}
	return is_odd && replaces ? safe : name;
}

struct pattern_adder {
	struct inventory *inventory;
	struct inventory_group *group;
	const struct value *vars;
	int64_t port;
};

static bool
pattern_add(void *context, const char *name, struct error *err)
{
	struct pattern_adder *adder = context;
	struct inventory *inventory = adder->inventory;
	bool is_new = !inventory_host_find(inventory, name);
	struct inventory_host *host;

	if (text_ends(name, ":"))
		return fail(err, ERR_PARSE,
			"Invalid host pattern '%s' supplied, ending in ':' is not allowed, this "
			"character is reserved to provide a port.",
			name);
	if (!strcmp(name, "---"))
		return fail(err, ERR_PARSE,
			"Invalid host pattern '---' supplied, '---' is normally a sign this is a "
			"YAML file.");
	host = inventory_host_add(inventory, name);
	if (adder->port && is_new)
		value_set(&inventory->arena, host->vars, "ansible_port",
			value_int(&inventory->arena, adder->port));
	inventory_group_add_host(inventory, adder->group, host);
	if (value_is_map(adder->vars)) {
		VALUE_PAIRS (pair, adder->vars)
			value_set_key(&inventory->arena, host->vars, pair->key, pair->value);
	}
	return true;
}

bool
inventory_add_pattern(struct inventory *inventory, struct view pattern,
	struct inventory_group *group, const struct value *vars, struct error *err)
{
	struct pattern_adder adder = { inventory, group, vars, 0 };
	struct view host;

	inventory_address(pattern, true, &host, &adder.port);
	return inventory_expand(inventory, host, pattern_add, &adder, err);
}

void
inventory_group_add_host(
	struct inventory *inventory, struct inventory_group *group, struct inventory_host *host)
{
	for (size_t i = 0; i < host->group_count; i++)
		if (host->groups[i] == group)
			return;
	group->hosts = arena_grow(&inventory->arena, group->hosts, group->host_count,
		group->host_count + 1, sizeof(struct inventory_host *));
	group->hosts[group->host_count++] = host;
	host->groups = arena_grow(&inventory->arena, host->groups, host->group_count,
		host->group_count + 1, sizeof(struct inventory_group *));
	host->groups[host->group_count++] = group;
}

static bool
is_ancestor(const struct inventory_group *group, const struct inventory_group *of)
{
	if (group == of)
		return true;
	for (size_t i = 0; i < of->parent_count; i++)
		if (is_ancestor(group, of->parents[i]))
			return true;
	return false;
}

static void
group_deepen(struct inventory_group *group, int depth)
{
	if (depth > DEEPEST_GROUP || group->depth >= depth)
		return;
	group->depth = depth;
	for (size_t i = 0; i < group->child_count; i++)
		group_deepen(group->children[i], depth + 1);
}

bool
inventory_group_add_child(struct inventory *inventory, struct inventory_group *parent,
	struct inventory_group *child, struct error *err)
{
	for (size_t i = 0; i < parent->child_count; i++)
		if (parent->children[i] == child)
			return true;
	if (is_ancestor(child, parent)) {
		fail(err, ERR_PARSE, "can't add group '%s' to group '%s'", child->name,
			parent->name);
		return error_why(err, "they would contain each other");
	}
	parent->children = arena_grow(&inventory->arena, parent->children, parent->child_count,
		parent->child_count + 1, sizeof(struct inventory_group *));
	parent->children[parent->child_count++] = child;
	child->parents = arena_grow(&inventory->arena, child->parents, child->parent_count,
		child->parent_count + 1, sizeof(struct inventory_group *));
	child->parents[child->parent_count++] = parent;
	group_deepen(child, parent->depth + 1);
	return true;
}

void
host_list_add(struct arena *arena, struct host_list *list, struct inventory_host *host)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 8;

		list->hosts =
			arena_grow(arena, list->hosts, list->count, room, sizeof(*list->hosts));
		list->room = room;
	}
	list->hosts[list->count++] = host;
}

bool
host_list_has(const struct host_list *list, const struct inventory_host *host)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->hosts[i] == host)
			return true;
	return false;
}

/* Level by level: the group's own hosts, those of its children, of their children … */
void
inventory_group_hosts(
	const struct inventory_group *group, struct arena *into, struct host_list *out)
{
	struct map groups, hosts; /* `groups` is the queue too: it keeps the order */

	map_init(&groups);
	map_init(&hosts);
	map_set(&groups, group->name, (void *)(uintptr_t)group);
	for (size_t next = 0; next < groups.count; next++) {
		const struct inventory_group *each = groups.entries[next].value;

		for (size_t i = 0; i < each->host_count; i++) {
			if (map_has(&hosts, each->hosts[i]->name))
				continue;
			map_set(&hosts, each->hosts[i]->name, each->hosts[i]);
			host_list_add(into, out, each->hosts[i]);
		}
		for (size_t i = 0; i < each->child_count; i++)
			if (!map_has(&groups, each->children[i]->name))
				map_set(&groups, each->children[i]->name, each->children[i]);
	}
	map_release(&groups);
	map_release(&hosts);
}

/* ---- merging ---- */

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
			merged_value(&inventory->arena, value_get_key(into, pair->key),
				pair->value, inventory->merges_hashes));
}

/* One folder that holds group_vars/ and host_vars/. Files are read once, for whoever asks. */
struct vars_folder {
	const char *path;
	bool has_groups, has_hosts;
	struct map read; /* path without ending -> map */
};

static bool vars_path_read(
	struct inventory *inventory, const char *path, struct value *into, struct error *err);

static bool
vars_directory_read(
	struct inventory *inventory, const char *path, struct value *into, struct error *err)
{
	const char *const *names = directory_names(&inventory->arena, path, err);

	for (; names && *names; names++)
		if ((*names)[0] != '.' && !text_ends(*names, "~") && !text_ends(*names, ".swp") &&
			!vars_path_read(
				inventory, path_join(&inventory->arena, path, *names), into, err))
			return false;
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

/* group_vars/NAME, .yml, .yaml, .json or a folder of them. */
static bool
vars_of(struct inventory *inventory, struct vars_folder *folder, const char *kind, const char *name,
	const struct value **out, struct error *err)
{
	static const char *const endings[] = { "", ".yml", ".yaml", ".json" };
	const char *base = arena_format(&inventory->arena, "%s/%s/%s", folder->path, kind, name);
	struct value *map = map_get(&folder->read, base);

	if (!map) {
		map = value_map(&inventory->arena);
		for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
			if (!vars_path_read(inventory,
				    arena_format(&inventory->arena, "%s%s", base, endings[i]), map,
				    err))
				return false;
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

/* One more level, higher than those before. */
static void
host_take(struct inventory *inventory, struct inventory_host *host, struct value *merged,
	const struct value *vars, const char *what, const char *of)
{
	if (!vars || !vars->map.count)
		return;
	merge_into(inventory, merged, vars);
	if (!inventory->keeps_levels)
		return;
	host->levels = arena_grow(&inventory->arena, host->levels, host->level_count,
		host->level_count + 1, sizeof(*host->levels));
	host->levels[host->level_count++] =
		(struct inventory_level){ .what = what, .of = of, .vars = vars };
}

static bool
merge_group_files(struct inventory *inventory, struct vars_folders *all, size_t from, size_t to,
	const struct inventory_group *group, struct inventory_host *host, struct value *merged,
	struct error *err)
{
	for (size_t i = from; i < to; i++) {
		const struct value *vars;

		if (!all->folders[i].has_groups)
			continue;
		if (!vars_of(inventory, &all->folders[i], "group_vars", group->name, &vars, err))
			return false;
		host_take(inventory, host, merged, vars,
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
	struct value *merged = value_map(&inventory->arena);

	host->level_count = 0;
	if (!count)
		groups[count++] = inventory->all;
	qsort(groups, count, sizeof(*groups), compare_groups);
	for (size_t i = 0; i < count; i++)
		host_take(inventory, host, merged, groups[i]->vars, "inventory file, group",
			groups[i]->name);
	if (!merge_group_files(inventory, all, 0, all->count, inventory->all, host, merged, err))
		return false;
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++)
			if (groups[i] != inventory->all &&
				!merge_group_files(inventory, all, pass ? all->playbook : 0,
					pass ? all->count : all->playbook, groups[i], host, merged,
					err))
				return false;
	host_take(inventory, host, merged, host->vars, "inventory file, host", host->name);
	for (size_t i = 0; i < all->count; i++) {
		const struct value *vars;

		if (!all->folders[i].has_hosts)
			continue;
		if (!vars_of(inventory, &all->folders[i], "host_vars", host->name, &vars, err))
			return false;
		host_take(inventory, host, merged, vars,
			i < all->playbook ? "inventory host_vars" : "playbook host_vars", host->name);
	}
	host->merged = merged;
	return true;
}

static void
ungrouped_leave(struct inventory *inventory, struct inventory_host *host)
{
	struct inventory_group *group = inventory->ungrouped;
	size_t kept = 0;

	for (size_t i = 0; i < group->host_count; i++)
		if (group->hosts[i] != host)
			group->hosts[kept++] = group->hosts[i];
	group->host_count = kept;
	kept = 0;
	for (size_t i = 0; i < host->group_count; i++)
		if (host->groups[i] != group)
			host->groups[kept++] = host->groups[i];
	host->group_count = kept;
}

/* Hosts that no group names stand in `ungrouped`; groups without a parent below `all`. */
bool
inventory_settle(struct inventory *inventory, struct error *err)
{
	if (!inventory->is_parsed) /* what a source gave before it failed does not count */
		return true;
	for (size_t i = 0; i < inventory->groups.count; i++) {
		struct inventory_group *group = inventory->groups.entries[i].value;

		if (group != inventory->all && !group->parent_count &&
			!inventory_group_add_child(inventory, inventory->all, group, err))
			return false;
	}
	for (size_t i = 0; i < inventory->hosts.count; i++) {
		struct inventory_host *host = inventory->hosts.entries[i].value;
		bool has_group = false;

		for (size_t j = 0; j < host->group_count; j++)
			has_group |= host->groups[j] != inventory->all &&
				     host->groups[j] != inventory->ungrouped;
		if (has_group)
			ungrouped_leave(inventory, host);
		else if (!host->is_implicit)
			inventory_group_add_host(inventory, inventory->ungrouped, host);
		if (inventory_group_find(inventory, host->name) && !host->has_group_name) {
			host->has_group_name = true;
			inventory_warn(inventory, "Found both group and host with same name: %s",
				host->name);
		}
	}
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

bool
inventory_finish(struct inventory *inventory, const char *playbook_directory, struct error *err)
{
	struct vars_folders all = { 0 };
	bool ok = inventory_settle(inventory, err);

	folders_open(inventory, playbook_directory, &all);
	for (size_t i = 0; i < inventory->hosts.count && ok; i++) {
		struct inventory_host *host = inventory->hosts.entries[i].value;
		struct error reason, *kept;

		host->broken = NULL;
		if (host_merge(inventory, &all, host, &reason))
			continue;
		kept = arena_new(&inventory->arena, struct error);
		*kept = reason;
		host->broken = kept;
	}
	for (size_t i = 0; i < all.count; i++)
		map_release(&all.folders[i].read);
	return ok;
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
