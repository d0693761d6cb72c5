/*
 * generator: a host for each combination of the items of `layers`, named by a template, below
 * groups that are named likewise.
 */
#include "inventory/sources/source.h"
#include "template/template.h"

enum { MOST_LAYERS = 32, MOST_HOSTS = 100000, DEEPEST_PARENT = 32 };

struct generating {
	struct inventory *inventory;
	struct template_env *templates;
	const struct value *layers;	 /* a map of lists */
	const struct value *combination; /* layer to item */
	size_t count;
};

static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	const struct generating *at = context;

	(void)into;
	(void)err;
	*out = value_get_view(at->combination, name);
	return true;
}

static bool
text_of(struct generating *at, const struct value *source, const char **out, struct error *err)
{
	const struct template_scope scope = { .find = find, .context = at };
	const struct value *value;

	if (!template_evaluate(at->templates, &scope, &at->inventory->arena, source, &value, err))
		return false;
	*out = value_to_text(&at->inventory->arena, value);
	return true;
}

static struct inventory_group *
group_named(struct generating *at, const char *name)
{
	return inventory_group_add(at->inventory, inventory_group_name(at->inventory, name));
}

static bool
group_vars(struct generating *at, struct inventory_group *group, const struct value *vars,
	struct error *err)
{
	if (!value_is_map(vars))
		return true;
	VALUE_PAIRS (pair, vars) {
		const char *text;

		if (!text_of(at, pair->value, &text, err))
			return false;
		inventory_group_set(
			at->inventory, group, pair->key, value_text(&at->inventory->arena, text));
	}
	return true;
}

/* `child` is a host or a group, which stands in each of the parents. */
static bool
parents_add(struct generating *at, struct inventory_host *host, struct inventory_group *child,
	const struct value *parents, int depth, struct error *err)
{
	if (!value_is_list(parents))
		return true;
	if (depth > DEEPEST_PARENT)
		return fail(err, ERR_LIMIT, "parents are nested too deep");
	VALUE_EACH (parent, parents) {
		const struct value *name = value_get(parent, "name");
		struct inventory_group *group;
		const char *text;

		if (!name)
			return fail(err, ERR_PARSE, "Element %s has a parent with no name element",
				child ? child->name : host->name);
		if (!text_of(at, name, &text, err))
			return false;
		group = group_named(at, text);
		if (host)
			inventory_group_add_host(at->inventory, group, host);
		else if (!inventory_group_add_child(at->inventory, group, child, err))
			return false;
		if (!group_vars(at, group, value_get(parent, "vars"), err) ||
			!parents_add(at, NULL, group, value_get(parent, "parents"), depth + 1, err))
			return false;
	}
	return true;
}

static bool
combine(struct generating *at, uint32_t layer, struct value *combination, const struct value *hosts,
	struct error *err)
{
	const struct value_pair *pair = &at->layers->map.pairs[layer];
	struct inventory_host *host;
	const char *name;

	if (layer == at->layers->map.count) {
		if (++at->count > MOST_HOSTS)
			return fail(err, ERR_LIMIT, "more than %d hosts", MOST_HOSTS);
		at->combination = combination;
		if (!text_of(at, value_get(hosts, "name"), &name, err))
			return false;
		host = inventory_host_add(at->inventory, name);
		return parents_add(at, host, NULL, value_get(hosts, "parents"), 0, err);
	}
	if (!value_is_list(pair->value))
		return fail(err, ERR_PARSE, "the layer '%s' must be a list",
			value_to_text(&at->inventory->arena, pair->key));
	VALUE_EACH (item, pair->value) {
		struct value *with = value_map_copy(&at->inventory->arena, combination);

		value_set_key(&at->inventory->arena, with, pair->key, item);
		if (!combine(at, layer + 1, with, hosts, err))
			return false;
	}
	return true;
}

bool
source_generator(const struct source *source, struct error *err)
{
	struct generating at = { .inventory = source->inventory,
		.layers = value_get(source->config, "layers") };
	const struct value *hosts = value_get(source->config, "hosts");
	bool ok;

	if (!value_is_map(at.layers) || at.layers->map.count > MOST_LAYERS ||
		!value_get(hosts, "name"))
		return fail(
			err, ERR_PARSE, "a generator needs hosts with a name, and layers of lists");
	at.templates = template_env_new();
	ok = combine(&at, 0, value_map(&source->inventory->arena), hosts, err);
	template_env_free(at.templates);
	return ok;
}
