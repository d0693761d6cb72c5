/* Inventories in YAML: groups with hosts, children and vars. JSON is read the same way. */
#include "inventory/sources/source.h"

#include "yaml/yaml.h"

static bool group_read(struct inventory *inventory, const char *name, const struct value *group,
	struct inventory_group *parent, struct error *err);

static bool
fail_shape(const struct value *value, const char *what, struct error *err)
{
	fail(err, ERR_PARSE, "cannot read the YAML inventory");
	error_why(err, "%s must be a mapping, not a %s", what, value_type_name(value));
	return error_at(err, value);
}

struct host_adder {
	struct inventory *inventory;
	struct inventory_group *group;
	const struct value *vars;
};

static bool
host_add(void *context, const char *name, struct error *err)
{
	struct host_adder *adder = context;
	struct inventory_host *host = inventory_host_add(adder->inventory, name);

	(void)err;
	inventory_group_add_host(adder->inventory, adder->group, host);
	if (value_is_map(adder->vars)) {
		VALUE_PAIRS (pair, adder->vars)
			value_set_key(&adder->inventory->arena, host->vars, pair->key, pair->value);
	}
	return true;
}

static bool
hosts_read(struct inventory *inventory, struct inventory_group *group, const struct value *hosts,
	struct error *err)
{
	if (value_is_none(hosts))
		return true;
	if (value_is_string(hosts)) {
		struct host_adder adder = { inventory, group, NULL };

		return inventory_expand(inventory, value_string_view(hosts), host_add, &adder, err);
	}
	if (!value_is_map(hosts))
		return fail_shape(hosts, "'hosts'", err);
	VALUE_PAIRS (pair, hosts) {
		struct host_adder adder = { inventory, group, pair->value };

		if (!inventory_expand(inventory,
			    view_of(value_to_text(&inventory->arena, pair->key)), host_add, &adder,
			    err))
			return false;
	}
	return true;
}

static bool
group_set_vars(struct inventory *inventory, struct inventory_group *group, const struct value *vars,
	struct error *err)
{
	if (value_is_none(vars))
		return true;
	if (!value_is_map(vars))
		return fail_shape(vars, "'vars'", err);
	VALUE_PAIRS (pair, vars) {
		int64_t priority;

		if (text_equals(value_string(pair->key), "ansible_group_priority") &&
			value_to_int(pair->value, &priority))
			group->priority = (int)priority;
		else
			value_set_key(&inventory->arena, group->vars, pair->key, pair->value);
	}
	return true;
}

static bool
children_read(struct inventory *inventory, struct inventory_group *group,
	const struct value *children, struct error *err)
{
	if (value_is_none(children))
		return true;
	if (value_is_string(children))
		return group_read(inventory, value_string(children), &value_none, group, err);
	if (!value_is_map(children))
		return fail_shape(children, "'children'", err);
	VALUE_PAIRS (pair, children)
		if (!group_read(inventory, value_to_text(&inventory->arena, pair->key), pair->value,
			    group, err))
			return false;
	return true;
}

static bool
group_read(struct inventory *inventory, const char *name, const struct value *data,
	struct inventory_group *parent, struct error *err)
{
	struct inventory_group *group = inventory_group_add(inventory, name);

	if (parent && !inventory_group_add_child(inventory, parent, group, err))
		return error_at(err, data);
	if (value_is_none(data))
		return true;
	if (!value_is_map(data))
		return fail_shape(data, arena_format(&inventory->arena, "group '%s'", name), err);
	VALUE_PAIRS (pair, data) {
		const char *key = value_string(pair->key);
		bool ok = true;

		if (text_equals(key, "hosts"))
			ok = hosts_read(inventory, group, pair->value, err);
		else if (text_equals(key, "vars"))
			ok = group_set_vars(inventory, group, pair->value, err);
		else if (text_equals(key, "children"))
			ok = children_read(inventory, group, pair->value, err);
		else
			inventory_warn(inventory,
				"Skipping unexpected key (%s) in group (%s), only \"vars\", "
				"\"children\" "
				"and \"hosts\" are valid",
				key ? key : "?", name);
		if (!ok)
			return error_context(err, "group '%s'", name);
	}
	return true;
}

bool
source_yaml(struct inventory *inventory, const char *path, struct view text, struct error *err)
{
	const struct yaml_options options = { .templates = true };
	const struct value *groups;

	if (!yaml_load(&inventory->arena, text, path, &options, &groups, err))
		return false;
	if (value_is_none(groups))
		return true;
	if (!value_is_map(groups))
		return fail_shape(groups, "a YAML inventory", err);
	if (value_get(groups, "plugin")) {
		fail(err, ERR_UNSUPPORTED, "the inventory plugin '%s' is not supported",
			value_to_text(&inventory->arena, value_get(groups, "plugin")));
		return error_at(err, groups);
	}
	VALUE_PAIRS (pair, groups)
		if (!group_read(inventory, value_to_text(&inventory->arena, pair->key), pair->value,
			    NULL, err))
			return false;
	return true;
}

/* ---- executables ---- */

static bool
json_group(
	struct inventory *inventory, const char *name, const struct value *data, struct error *err)
{
	struct inventory_group *group = inventory_group_add(inventory, name);
	const struct value *hosts = data;

	if (value_is_map(data)) {
		const struct value *children = value_get(data, "children");

		hosts = value_get(data, "hosts");
		if (!group_set_vars(inventory, group, value_get(data, "vars"), err))
			return false;
		if (value_is_list(children)) {
			VALUE_EACH (child, children)
				if (!inventory_group_add_child(inventory, group,
					    inventory_group_add(inventory,
						    value_to_text(&inventory->arena, child)),
					    err))
					return false;
		}
	}
	if (value_is_list(hosts)) {
		VALUE_EACH (host, hosts)
			inventory_group_add_host(inventory, group,
				inventory_host_add(
					inventory, value_to_text(&inventory->arena, host)));
	}
	return true;
}

bool
source_json(
	struct inventory *inventory, const char *path, const struct value *json, struct error *err)
{
	const struct value *hostvars = value_path(json, "_meta.hostvars");

	if (!value_is_map(json)) {
		fail(err, ERR_PARSE, "'%s' did not print a JSON object", path);
		return false;
	}
	VALUE_PAIRS (pair, json)
		if (!text_equals(value_string(pair->key), "_meta") &&
			!json_group(inventory, value_to_text(&inventory->arena, pair->key),
				pair->value, err))
			return error_context(err, "%s", path);
	if (!value_is_map(hostvars))
		return true;
	VALUE_PAIRS (pair, hostvars) {
		struct inventory_host *host =
			inventory_host_add(inventory, value_to_text(&inventory->arena, pair->key));

		if (value_is_map(pair->value)) {
			VALUE_PAIRS (variable, pair->value)
				value_set_key(&inventory->arena, host->vars, variable->key,
					variable->value);
		}
	}
	return true;
}
