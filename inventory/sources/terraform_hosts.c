/* Resources become hosts: what they are called, how they are reached, what is known of them. */
#include <ctype.h>

#include "inventory/sources/constructed.h"
#include "inventory/sources/terraform.h"

struct building {
	struct inventory *inventory;
	const struct terraform_options *options;
	const struct terraform_state *state;
	struct constructed *constructed;
	struct map joined;   /* "aws:i-1" to a public address */
	struct map networks; /* see terraform_facts */
	struct map names;    /* how often each is wanted: a pointer that counts */
	struct arena scratch;
};

/* A machine's row: of the table, or of the user's own. */
static bool
type_find(const struct building *at, const char *name, struct terraform_type *out)
{
	const struct value *own = value_get(at->options->types, name);
	const struct terraform_type *known = terraform_type_find(name);

	if (!value_is_map(own)) {
		if (known)
			*out = *known;
		return known != NULL;
	}
	*out = known ? *known : (struct terraform_type){ .type = name };
	if (value_is_string(value_get(own, "name")))
		out->name = value_string(value_get(own, "name"));
	if (value_is_string(value_get(own, "public")))
		out->public = value_string(value_get(own, "public"));
	if (value_is_string(value_get(own, "private")))
		out->private = value_string(value_get(own, "private"));
	if (value_is_string(value_get(own, "user")))
		out->user = value_string(value_get(own, "user"));
	if (value_is_string(value_get(own, "tags")))
		out->tags = value_string(value_get(own, "tags"));
	return true;
}

/* The first text that paths lead to, NULL: none. Numbers are shown. */
static const char *
attribute_text(struct building *at, const struct value *attributes, const char *paths)
{
	const struct value *value = terraform_attribute(attributes, paths);

	if (!value || value_is_map(value) || value_is_list(value))
		return NULL;
	return value_to_text(&at->scratch, value);
}

static bool
is_in_scope(const struct building *at, const struct terraform_resource *resource)
{
	return !resource->module || at->options->searches_children;
}

/* ---- addresses ---- */

static const char *
join_key(struct building *at, const char *type, const char *id)
{
	return arena_format(&at->scratch, "%.*s:%s", (int)strcspn(type, "_"), type, id);
}

static void
joins_collect(struct building *at)
{
	for (size_t i = 0; i < at->state->count; i++) {
		const struct terraform_resource *resource = &at->state->resources[i];

		terraform_network_add(&at->inventory->arena, resource, &at->networks);
		for (const struct terraform_join *join = terraform_joins; join->type; join++) {
			const char *id, *address;

			if (strcmp(join->type, resource->type))
				continue;
			id = attribute_text(at, resource->attributes, join->machine);
			address = attribute_text(at, resource->attributes, join->address);
			if (id && address)
				map_set(&at->joined, join_key(at, resource->type, id),
					arena_text(&at->inventory->arena, address));
		}
	}
}

struct addresses {
	const char *public, *private;
};

static struct addresses
addresses_find(struct building *at, const struct terraform_resource *resource,
	const struct terraform_type *type)
{
	const char *id = attribute_text(at, resource->attributes, "id");
	struct addresses found = {
		.public = attribute_text(at, resource->attributes, type->public),
		.private = attribute_text(at, resource->attributes, type->private),
	};
	const char *joined = id ? map_get(&at->joined, join_key(at, resource->type, id)) : NULL;

	/* OpenStack's floating address is often its access address too. */
	if (joined)
		found.public = joined;
	return found;
}

/* ---- names ---- */

/* module.web["eu"].module.db and so on: the words alone, with underscores between. */
static void
words_add(struct str *out, const char *text)
{
	bool is_gap = false;

	for (; text && *text; text++) {
		if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_') {
			is_gap = true;
			continue;
		}
		if (is_gap && out->length)
			str_add_char(out, '_');
		is_gap = false;
		if (text_starts(text, "module.") && (!out->length || text[-1] == '.')) {
			text += strlen("module.") - 1;
			continue;
		}
		str_add_char(out, *text);
	}
}

/* aws_instance_app_0, web_eu_aws_instance_app: what never is twice. */
static const char *
name_by_address(struct building *at, const struct terraform_resource *resource)
{
	struct str name = STR_INIT;
	const char *copy;

	if (resource->module) {
		words_add(&name, resource->module);
		str_add_char(&name, '_');
	}
	str_add_format(&name, "%s_%s", resource->type, resource->name);
	if (resource->index)
		str_add_format(&name, "_%s", value_to_text(&at->scratch, resource->index));
	copy = arena_text(&at->scratch, name.data);
	str_release(&name);
	return copy;
}

/* tag:Name, tag:Role=web (which gives Role_web), or a path into the attributes. */
static const char *
name_wanted(struct building *at, const struct terraform_resource *resource,
	const struct terraform_type *type, const char *wanted)
{
	const struct value *tags, *tag;
	struct view rest, name;

	if (!text_starts(wanted, "tag:"))
		return attribute_text(at, resource->attributes, wanted);
	rest = view_of(wanted + strlen("tag:"));
	tags = terraform_attribute(resource->attributes, type->tags);
	if (!view_cut(&rest, '=', &name) || !value_is_map(tags))
		return NULL;
	tag = value_get_view(tags, name);
	if (!value_is_string(tag) || !value_length(tag))
		return NULL;
	if (!rest.data)
		return value_string(tag);
	return view_equals(value_string_view(tag), rest)
		       ? arena_format(&at->scratch, "%.*s_%s", (int)name.length, name.data,
				 value_string(tag))
		       : NULL;
}

/* An entry of `hostnames`: a text, or { name, prefix, separator }. */
static const char *
name_by_entry(struct building *at, const struct terraform_resource *resource,
	const struct terraform_type *type, const struct value *entry)
{
	const char *wanted = value_string(value_is_map(entry) ? value_get(entry, "name") : entry),
		   *prefix = value_string(value_get(entry, "prefix")),
		   *separator = value_string(value_get(entry, "separator")), *name, *front;

	name = wanted ? name_wanted(at, resource, type, wanted) : NULL;
	if (!name || !prefix)
		return name;
	front = name_wanted(at, resource, type, prefix);
	if (!front && text_starts(prefix, "tag:"))
		return name;
	return arena_format(
		&at->scratch, "%s%s%s", front ? front : prefix, separator ? separator : "_", name);
}

static const char *
name_find(struct building *at, const struct terraform_resource *resource,
	const struct terraform_type *type)
{
	const struct value *list = at->options->hostnames;
	const char *name = NULL;

	if (!list) {
		name = attribute_text(at, resource->attributes, type->name);
	} else {
		for (uint32_t i = 0; i < list->list.count && !name; i++)
			name = name_by_entry(at, resource, type, list->list.items[i]);
	}
	return name ? name : name_by_address(at, resource);
}

static void
names_count(struct building *at)
{
	for (size_t i = 0; i < at->state->count; i++) {
		const struct terraform_resource *resource = &at->state->resources[i];
		struct terraform_type type;
		const char *name;
		size_t *count;

		if (!is_in_scope(at, resource) || !type_find(at, resource->type, &type))
			continue;
		name = name_find(at, resource, &type);
		count = map_get(&at->names, name);
		if (!count) {
			count = arena_new(&at->scratch, size_t);
			map_set(&at->names, name, count);
		}
		++*count;
	}
	for (size_t i = 0; i < at->names.count; i++) {
		const size_t *count = at->names.entries[i].value;

		if (*count > 1)
			inventory_warn(at->inventory,
				"%zu machines of the Terraform state are called '%s'; they go by "
				"their resources' names instead",
				*count, at->names.entries[i].key);
	}
}

/* ---- variables ---- */

static const struct value *
facts_make(struct building *at, const struct terraform_resource *resource,
	const struct addresses *addresses)
{
	struct arena *arena = &at->inventory->arena;
	struct value *facts = value_map(arena);

	value_set(arena, facts, "address", value_text(arena, terraform_address(arena, resource)));
	value_set(arena, facts, "module", value_text(arena, resource->module));
	value_set(arena, facts, "type", value_text(arena, resource->type));
	value_set(arena, facts, "name", value_text(arena, resource->name));
	value_set(arena, facts, "index", resource->index ? resource->index : &value_none);
	value_set(arena, facts, "tainted", resource->is_tainted ? &value_true : &value_false);
	value_set(arena, facts, "public_address", value_text(arena, addresses->public));
	value_set(arena, facts, "private_address", value_text(arena, addresses->private));
	return facts;
}

/* What decides how a host is reached is not for an attribute to say. */
static bool
is_usable_name(const char *name)
{
	return name && !text_starts(name, "ansible_") && strcmp(name, "terraform") != 0;
}

/* Sets the host's own variables; what expressions see comes back. */
static const struct value *
variables_set(struct building *at, struct inventory_host *host,
	const struct terraform_resource *resource, const struct terraform_type *type)
{
	struct arena *arena = &at->inventory->arena;
	const struct addresses addresses = addresses_find(at, resource, type);
	const struct value *facts = terraform_facts(
		arena, resource, type, addresses.public, addresses.private, &at->networks);
	const char *address = reached_address(at->options->reached, at->options->config, facts),
		   *user = attribute_text(at, resource->attributes, type->user);
	struct value *seen = value_map(arena);

	VALUE_PAIRS (pair, resource->attributes) {
		if (!is_usable_name(value_string(pair->key)))
			continue;
		value_set_key(arena, seen, pair->key, pair->value);
		value_set(arena, host->vars,
			arena_format(arena, "%s%s%s", at->options->prefix, value_string(pair->key),
				at->options->suffix),
			pair->value);
	}
	value_set(arena, seen, "terraform", facts_make(at, resource, &addresses));
	value_set(arena, host->vars, "terraform", value_get(seen, "terraform"));
	if (address)
		value_set(arena, host->vars, "ansible_host", value_text(arena, address));
	if (user)
		value_set(arena, host->vars, "ansible_user", value_text(arena, user));
	reached_add(at->options->reached, host, facts, NULL);
	return seen;
}

/* ---- groups ---- */

static void
group_join(struct building *at, struct inventory_host *host, const char *prefix, const char *name)
{
	inventory_group_add_host(at->inventory,
		constructed_group(at->inventory, arena_format(&at->scratch, "%s%s", prefix, name)),
		host);
}

static void
tag_groups(struct building *at, struct inventory_host *host, const struct value *tags)
{
	if (value_is_map(tags)) {
		VALUE_PAIRS (pair, tags)
			group_join(at, host, "tag_",
				arena_format(&at->scratch, "%s_%s",
					value_to_text(&at->scratch, pair->key),
					value_to_text(&at->scratch, pair->value)));
	} else if (value_is_list(tags)) {
		VALUE_EACH (tag, tags)
			if (value_is_string(tag) && value_length(tag))
				group_join(at, host, "tag_", value_string(tag));
	}
}

/* module.web["eu"].module.db: the host is in module_web_db, which is in module_web. */
static bool
module_groups(
	struct building *at, struct inventory_host *host, const char *module, struct error *err)
{
	struct inventory_group *parent = NULL, *group;
	struct str name = STR_INIT;
	bool ok = true;

	str_add(&name, "module");
	while (ok && module && (module = strstr(module, "module."))) {
		module += strlen("module.");
		str_add_char(&name, '_');
		str_add_bytes(&name, module, strcspn(module, ".["));
		group = constructed_group(at->inventory, name.data);
		ok = !parent || inventory_group_add_child(at->inventory, parent, group, err);
		parent = group;
		/* Behind an index, which may hold anything. */
		module += strcspn(module, ".[");
		if (*module == '[' && strstr(module, "\"]"))
			module = strstr(module, "\"]");
	}
	if (ok && parent)
		inventory_group_add_host(at->inventory, parent, host);
	str_release(&name);
	return ok;
}

static bool
default_groups(struct building *at, struct inventory_host *host,
	const struct terraform_resource *resource, const struct terraform_type *type,
	struct error *err)
{
	if (!at->options->has_groups)
		return true;
	group_join(at, host, "type_", resource->type);
	/* Droplets and the like are often called as their resource is. */
	if (!map_has(&at->names, resource->name))
		group_join(at, host, "", resource->name);
	tag_groups(at, host, terraform_attribute(resource->attributes, type->tags));
	return module_groups(at, host, resource->module, err);
}

/* ---- the provider `ansible` ---- */

static void
declared_variables(struct building *at, const struct value *attributes, struct inventory_host *host,
	struct inventory_group *group)
{
	const struct value *variables = value_get(attributes, "variables");

	if (!value_is_map(variables))
		return;
	VALUE_PAIRS (pair, variables) {
		if (host)
			value_set_key(&at->inventory->arena, host->vars, pair->key, pair->value);
		else
			inventory_group_set(at->inventory, group, pair->key, pair->value);
	}
}

/* ansible_host: name, groups, variables. */
static bool
declared_host(struct building *at, const struct terraform_resource *resource, struct error *err)
{
	const struct value *attributes = resource->attributes,
			   *groups = value_get(attributes, "groups");
	const char *name = attribute_text(at, attributes, "name,inventory_hostname");
	struct inventory_host *host;
	struct value *seen;

	if (!name)
		return fail(err, ERR_PARSE, "an ansible_host of the Terraform state has no name");
	host = inventory_host_add(at->inventory, name);
	declared_variables(at, attributes, host, NULL);
	if (value_is_list(groups))
		VALUE_EACH (group, groups)
			if (value_is_string(group) && value_length(group))
				inventory_group_add_host(at->inventory,
					inventory_group_add(at->inventory, value_string(group)),
					host);
	reached_add(at->options->reached, host, &value_empty_map, NULL);
	seen = value_map_copy(&at->inventory->arena, host->vars);
	value_set(&at->inventory->arena, seen, "terraform",
		facts_make(at, resource, &(struct addresses){ NULL }));
	return constructed_apply(at->constructed, host, seen, err);
}

/* ansible_group: name, children, variables. */
static bool
declared_group(struct building *at, const struct terraform_resource *resource, struct error *err)
{
	const struct value *attributes = resource->attributes,
			   *children = value_get(attributes, "children");
	const char *name = attribute_text(at, attributes, "name,inventory_group_name");
	struct inventory_group *group;

	if (!name)
		return fail(err, ERR_PARSE, "an ansible_group of the Terraform state has no name");
	group = inventory_group_add(at->inventory, name);
	declared_variables(at, attributes, NULL, group);
	if (value_is_list(children))
		VALUE_EACH (child, children)
			if (value_is_string(child) && value_length(child) &&
				!inventory_group_add_child(at->inventory, group,
					inventory_group_add(at->inventory, value_string(child)),
					err))
				return false;
	return true;
}

static const struct {
	const char *type;
	bool (*add)(
		struct building *at, const struct terraform_resource *resource, struct error *err);
} declared[] = {
	{ "ansible_host", declared_host },
	{ "ansible_group", declared_group },
};

/* ---- all of them ---- */

static bool
machine_add(struct building *at, const struct terraform_resource *resource,
	const struct terraform_type *type, struct error *err)
{
	const char *name = name_find(at, resource, type);
	const size_t *count = map_get(&at->names, name);
	struct inventory_host *host;
	const struct value *seen;

	if (count && *count > 1)
		name = name_by_address(at, resource);
	host = inventory_host_add(at->inventory, name);
	seen = variables_set(at, host, resource, type);
	return default_groups(at, host, resource, type, err) &&
	       constructed_apply(at->constructed, host, seen, err);
}

static bool
resource_add(struct building *at, const struct terraform_resource *resource, struct error *err)
{
	struct terraform_type type;

	if (!is_in_scope(at, resource))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(declared); i++)
		if (!strcmp(declared[i].type, resource->type))
			return declared[i].add(at, resource, err);
	return !at->options->has_machines || !type_find(at, resource->type, &type) ||
	       machine_add(at, resource, &type, err);
}

bool
terraform_add_hosts(struct inventory *inventory, const struct terraform_options *options,
	const struct terraform_state *state, struct error *err)
{
	struct building at = { .inventory = inventory,
		.options = options,
		.state = state,
		.constructed = constructed_new(inventory, options->config) };
	bool ok = true;

	arena_init(&at.scratch);
	map_init(&at.joined);
	map_init(&at.networks);
	map_init(&at.names);
	joins_collect(&at);
	if (options->has_machines)
		names_count(&at);
	for (size_t i = 0; i < state->count && ok; i++)
		ok = resource_add(&at, &state->resources[i], err);
	map_release(&at.names);
	map_release(&at.joined);
	map_release(&at.networks);
	arena_release(&at.scratch);
	constructed_free(at.constructed);
	return ok;
}
