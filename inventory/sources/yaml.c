/* Inventories in YAML: groups with hosts, children and vars. JSON is read the same way. */
#include "inventory/sources/source.h"

#include "yaml/yaml.h"

static bool group_read(struct inventory *inventory, const char *name, const struct value *group,
	struct inventory_group *parent, struct error *err);

static bool
hosts_read(struct inventory *inventory, struct inventory_group *group, const struct value *hosts,
	struct error *err)
{
	VALUE_PAIRS (pair, hosts) {
		if (!value_is_string(pair->key)) {
			fail(err, ERR_PARSE,
				"Host pattern %s must be a string. Enclose integers/floats in "
				"quotation marks.",
				value_to_text(&inventory->arena, pair->key));
			return false;
		}
		if (!inventory_add_pattern(
			    inventory, value_string_view(pair->key), group, pair->value, err))
			return false;
	}
	return true;
}

static bool
vars_read(struct inventory *inventory, struct inventory_group *group, const struct value *vars,
	struct error *err)
{
	(void)err;
	VALUE_PAIRS (pair, vars)
		inventory_group_set(inventory, group, pair->key, pair->value);
	return true;
}

static bool
children_read(struct inventory *inventory, struct inventory_group *group,
	const struct value *children, struct error *err)
{
	VALUE_PAIRS (pair, children)
		if (!group_read(inventory, value_to_text(&inventory->arena, pair->key), pair->value,
			    group, err))
			return false;
	return true;
}

static const struct section {
	const char *name;
	bool (*read)(struct inventory *inventory, struct inventory_group *group,
		const struct value *data, struct error *err);
} sections[] = {
	{ "hosts", hosts_read },
	{ "vars", vars_read },
	{ "children", children_read },
};

/* A lone string is a map with that one key. */
static bool
section_read(struct inventory *inventory, struct inventory_group *group,
	const struct section *section, const struct value *data, struct error *err)
{
	struct value *map;

	if (value_is_none(data))
		return true;
	if (value_is_string(data)) {
		map = value_map(&inventory->arena);
		value_set_key(&inventory->arena, map, data, &value_none);
		data = map;
	}
	if (!value_is_map(data)) {
		fail(err, ERR_PARSE,
			"Invalid \"%s\" entry for \"%s\" group, requires a dictionary, found a %s "
			"instead.",
			section->name, group->name, value_type_name(data));
		return error_at(err, data);
	}
	return section->read(inventory, group, data, err);
}

static bool
group_read(struct inventory *inventory, const char *name, const struct value *data,
	struct inventory_group *parent, struct error *err)
{
	struct inventory_group *group;

	if (!value_is_none(data) && !value_is_map(data)) {
		inventory_warn(
			inventory, "Skipping '%s' as this is not a valid group definition", name);
		return true;
	}
	group = inventory_group_add(inventory, inventory_group_name(inventory, name));
	if (parent && !inventory_group_add_child(inventory, parent, group, err))
		return error_at(err, data);
	if (value_is_none(data))
		return true;
	VALUE_PAIRS (pair, data) {
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
			if (text_equals(value_string(pair->key), sections[i].name) &&
				!section_read(inventory, group, &sections[i], pair->value, err))
				return false;
	}
	return true;
}

bool
source_groups(const struct source *source, const struct value *groups, struct error *err)
{
	VALUE_PAIRS (pair, groups)
		if (!group_read(source->inventory,
			    value_to_text(&source->inventory->arena, pair->key), pair->value, NULL,
			    err))
			return false;
	return true;
}

bool
source_yaml(const struct source *source, struct error *err)
{
	const struct yaml_options options = { .templates = true,
		.vault = source->inventory->vault };
	const struct value *groups;

	if (!yaml_load(
		    &source->inventory->arena, source->text, source->path, &options, &groups, err))
		return false;
	if (!value_is_true(groups))
		return fail(err, ERR_PARSE, "Parsed empty YAML file");
	if (!value_is_map(groups)) {
		fail(err, ERR_PARSE,
			"YAML inventory has invalid structure, it should be a dictionary, got: %s",
			value_type_name(groups));
		return error_at(err, groups);
	}
	if (value_get(groups, "plugin"))
		return fail(err, ERR_PARSE, "Plugin configuration YAML file, not YAML inventory");
	return source_groups(source, groups, err);
}
