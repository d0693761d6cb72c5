/* `ertc inventory --render FILE`. */
#include "inventory/sources/render.h"

#include "orchestrator/cli/inventory.h"
#include "os/files.h"

static void
set_unless_empty(struct shown *shown, struct value *entry, const char *key, struct value *map)
{
	if (map->map.count)
		value_set(shown->arena, entry, key, map);
}

/* `all` has the variables of every host; other groups only say who is in them. */
static bool
group_tree(struct shown *shown, const struct inventory_group *group, struct value *tree,
	struct error *err)
{
	struct arena *into = shown->arena;
	struct value *entry = value_map(into), *hosts = value_map(into),
		     *children = value_map(into);
	const struct value *vars;

	for (size_t i = 0; i < group->host_count && group != shown->inventory->all; i++)
		if (shown_has(shown, group->hosts[i]))
			value_set(into, hosts, group->hosts[i]->name, &value_none);
	/* Groups without another parent are below `all` anyway. */
	for (size_t i = 0; i < group->child_count && group != shown->inventory->all; i++)
		value_set(into, children, group->children[i]->name, &value_none);
	set_unless_empty(shown, entry, "hosts", hosts);
	set_unless_empty(shown, entry, "children", children);
	if (shown->exports) {
		if (!shown_group_vars(shown, group, &vars, err))
			return false;
		if (vars->map.count)
			value_set(into, entry, "vars", vars);
	}
	if (group != shown->inventory->ungrouped || entry->map.count)
		value_set(into, tree, group->name, entry);
	return true;
}

static bool
all_hosts(struct shown *shown, struct value *tree, struct error *err)
{
	const struct map *hosts = &shown->inventory->hosts;
	struct value *map = value_map(shown->arena), *all;
	const struct value *vars;

	for (size_t i = 0; i < hosts->count; i++) {
		const struct inventory_host *host = hosts->entries[i].value;

		if (host->is_implicit || !shown_has(shown, host))
			continue;
		if (!shown_host_vars(shown, host, &vars, err))
			return false;
		value_set(shown->arena, map, host->name, vars->map.count ? vars : &value_none);
	}
	all = value_map_copy(shown->arena, value_get(tree, "all"));
	set_unless_empty(shown, all, "hosts", map);
	value_set(shown->arena, tree, "all", all);
	return true;
}

static const struct value *
value_or_none(struct arena *into, const struct value *tree)
{
	struct value *out = value_map(into);

	VALUE_PAIRS (pair, tree)
		value_set_key(
			into, out, pair->key, pair->value->map.count ? pair->value : &value_none);
	return out;
}

bool
inventory_write(struct shown *shown, const char *path, struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct map *groups = &shown->inventory->groups;
	struct value *tree = value_map(shown->arena);
	enum render_form form;

	if (!render_form_of(path, &form, err))
		return false;
	for (size_t i = 0; i < groups->count; i++)
		if (!group_tree(shown, groups->entries[i].value, tree, err))
			return false;
	if (!all_hosts(shown, tree, err) ||
		!render_tree(value_or_none(shown->arena, tree), form, &text, err))
		return false;
	if (strcmp(path, "-") != 0)
		return file_replace(path, str_view(&text), &(struct file_place){ 0 }, err);
	fwrite(text.data, 1, text.length, stdout);
	return true;
}
