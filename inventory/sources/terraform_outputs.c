/*
 * Outputs that name hosts. Templates write them in many ways: a list of addresses, a map from names
 * to addresses or variables, lists by group, an inventory as YAML has it, or that as a JSON text.
 */
#include "inventory/sources/constructed.h"
#include "inventory/sources/source.h"
#include "inventory/sources/terraform.h"
#include "json/json.h"

struct reading {
	struct inventory *inventory;
	struct constructed *constructed;
	const char *path, *output;
};

static const char *const address_names[] = { "ansible_host", "public_ip", "ipv4_address",
	"public_ip_address", "address", "ip", "private_ip", NULL };
static const char *const host_names[] = { "name", "hostname", "inventory_hostname", NULL };

static const char *
first_text(const struct value *map, const char *const *names)
{
	for (; *names; names++) {
		const char *text = value_string(value_get(map, *names));

		if (text && *text)
			return text;
	}
	return NULL;
}

static bool
host_add(const struct reading *at, const char *name, const char *address,
	const struct value *variables, const char *group, struct error *err)
{
	struct inventory *inventory = at->inventory;
	struct inventory_host *host = inventory_host_add(inventory, name);

	if (value_is_map(variables))
		VALUE_PAIRS (pair, variables)
			value_set_key(&inventory->arena, host->vars, pair->key, pair->value);
	if (address)
		value_set(&inventory->arena, host->vars, "ansible_host",
			value_text(&inventory->arena, address));
	inventory_group_add_host(inventory, constructed_group(inventory, group), host);
	return constructed_apply(at->constructed, host, host->vars, err);
}

static bool
unusable(const struct reading *at, const char *why, struct error *err)
{
	fail(err, ERR_PARSE, "the output '%s' names no hosts", at->output);
	error_why(err, "%s", why);
	return error_context(err, "%s", at->path);
}

/* Addresses, names, or maps with one of either. */
static bool
list_read(const struct reading *at, const struct value *list, const char *group, struct error *err)
{
	VALUE_EACH (item, list) {
		const char *name = value_string(item), *address = NULL;

		if (value_is_map(item)) {
			address = first_text(item, address_names);
			name = first_text(item, host_names);
			if (!name)
				name = address;
		}
		if (!name || !*name)
			return unusable(at,
				"an item of its list is neither a text nor a map with a name or "
				"an address",
				err);
		if (!host_add(at, name, address, value_is_map(item) ? item : NULL, group, err))
			return false;
	}
	return true;
}

/* ---- groups ---- */

static bool
is_group(const struct value *value)
{
	return value_is_map(value) && (value_get(value, "hosts") || value_get(value, "children"));
}

static bool
is_groups(const struct value *map)
{
	VALUE_PAIRS (pair, map)
		if (is_group(pair->value))
			return true;
	return false;
}

/* As a script prints them: hosts and children as lists become maps. */
static const struct value *
group_as_yaml(struct arena *into, const struct value *group)
{
	static const char *const lists[] = { "hosts", "children" };
	struct value *copy;

	/* A list alone is that of its hosts. */
	copy = value_is_map(group) ? value_map_copy(into, group) : value_map(into);
	if (value_is_list(group))
		value_set(into, copy, "hosts", group);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct value *list = value_get(copy, lists[i]);
		struct value *map;

		if (!value_is_list(list))
			continue;
		map = value_map(into);
		VALUE_EACH (item, list)
			value_set_key(into, map, item, &value_none);
		value_set(into, copy, lists[i], map);
	}
	return copy;
}

static bool
groups_read(const struct reading *at, const struct value *map, struct error *err)
{
	const struct source source = { .inventory = at->inventory, .path = at->path };
	const struct value *hosts = value_get(value_get(map, "_meta"), "hostvars");
	struct arena *arena = &at->inventory->arena;
	struct value *groups = value_map(arena);

	VALUE_PAIRS (pair, map)
		if (!text_equals(value_string(pair->key), "_meta"))
			value_set_key(arena, groups, pair->key, group_as_yaml(arena, pair->value));
	if (!source_groups(&source, groups, err))
		return false;
	if (value_is_map(hosts))
		VALUE_PAIRS (pair, hosts) {
			const char *name = value_string(pair->key);
			struct inventory_host *host =
				name ? inventory_host_find(at->inventory, name) : NULL;

			if (host && value_is_map(pair->value))
				VALUE_PAIRS (variable, pair->value)
					value_set_key(
						arena, host->vars, variable->key, variable->value);
		}
	return true;
}

/* Names to addresses, to variables, or groups to lists. */
static bool
map_read(const struct reading *at, const struct value *map, struct error *err)
{
	VALUE_PAIRS (pair, map) {
		const char *name = value_to_text(&at->inventory->arena, pair->key);
		const struct value *value = pair->value;
		bool ok;

		if (value_is_list(value))
			ok = list_read(at, value, name, err);
		else if (value_is_map(value))
			ok = host_add(
				at, name, first_text(value, address_names), value, at->output, err);
		else if (value_is_string(value) && value_length(value))
			ok = host_add(at, name, value_string(value), NULL, at->output, err);
		else
			ok = unusable(at, "its map leads to what is no address", err);
		if (!ok)
			return false;
	}
	return true;
}

static bool
output_read(const struct reading *at, const struct value *value, struct error *err)
{
	const char *text = value_string(value);

	/* jsonencode() */
	if (text && (*text == '{' || *text == '[') &&
		!json_parse(&at->inventory->arena, value_string_view(value), &value, err))
		return error_context(err, "the output '%s' of %s", at->output, at->path);
	if (value_is_string(value) && value_length(value))
		return host_add(at, value_string(value), NULL, NULL, at->output, err);
	if (value_is_list(value))
		return list_read(at, value, at->output, err);
	if (!value_is_map(value))
		return unusable(at, "it is no text, list or map", err);
	return is_groups(value) ? groups_read(at, value, err) : map_read(at, value, err);
}

/* ---- all of them ---- */

/* What names hosts would only be there a second time. */
static void
variable_set(struct inventory *inventory, const struct value *outputs, const struct value *read)
{
	const struct value *before = value_get(inventory->all->vars, "terraform_outputs");
	struct value *all =
		value_map_copy(&inventory->arena, value_is_map(before) ? before : &value_empty_map);

	VALUE_PAIRS (pair, outputs)
		if (!value_list_has(read, pair->key))
			value_set_key(&inventory->arena, all, pair->key, pair->value);
	if (all->map.count)
		value_set(&inventory->arena, inventory->all->vars, "terraform_outputs", all);
}

bool
terraform_add_outputs(struct inventory *inventory, const struct terraform_options *options,
	const struct terraform_state *state, const char *path, bool *is_any, struct error *err)
{
	const struct value usual = { .type = VALUE_STRING,
		.string = { .data = "ansible_inventory", .length = 17 } };
	const struct value *items[] = { &usual };
	const struct value one = { .type = VALUE_LIST,
		.list = { .items = items, .count = 1, .room = 1 } };
	const struct value *list = options->outputs ? options->outputs : &one;
	struct reading at = { .inventory = inventory,
		.path = path,
		.constructed = constructed_new(inventory, options->config) };
	bool ok = true;

	*is_any = false;
	variable_set(inventory, state->outputs, list);
	VALUE_EACH (name, list) {
		const struct value *value = value_get_key(state->outputs, name);

		at.output = value_to_text(&inventory->arena, name);
		if (!value && options->outputs) {
			fail(err, ERR_MISSING, "there is no output '%s' in '%s'", at.output, path);
			ok = error_why(err, "it is not there, or it is sensitive");
		}
		if (value && ok) {
			ok = output_read(&at, value, err);
			*is_any = true;
		}
		if (!ok)
			break;
	}
	constructed_free(at.constructed);
	return ok;
}
