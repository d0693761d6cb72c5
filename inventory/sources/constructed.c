/*
 * constructed: variables and groups that are made of what earlier sources said. `compose` sets
 * variables, `groups` are conditions, `keyed_groups` are named after values.
 */
#include "inventory/sources/source.h"
#include "template/template.h"

struct constructing {
	struct inventory *inventory;
	const struct value *config;
	struct template_env *templates;
	struct inventory_host *host;
	const struct value *vars; /* of the host, merged */
	bool is_strict, leads;	  /* leading_separator */
};

static bool
option_flag(const struct value *map, const char *key, bool fallback)
{
	const struct value *value = value_get(map, key);
	bool flag;

	return value && value_to_bool(value, &flag) ? flag : fallback;
}

static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct constructing *at = context;

	(void)err;
	*out = NULL;
	if (option_flag(at->config, "use_extra_vars", false) && at->inventory->extra_vars)
		*out = value_get_view(at->inventory->extra_vars, name);
	if (!*out)
		*out = value_get_view(at->vars, name);
	if (!*out && view_is(name, "inventory_hostname"))
		*out = value_text(into, at->host->name);
	if (!*out && view_is(name, "inventory_hostname_short"))
		*out = value_bytes(into, at->host->name, strcspn(at->host->name, "."));
	if (!*out && view_is(name, "group_names"))
		*out = inventory_group_names(at->host, into);
	return true;
}

/* A copy for the inventory, made here: without the places of what it was made of. Constants of a
 * template live with the engine, which ends before the inventory does. */
static struct value *
made_here(struct arena *into, const struct value *value)
{
	struct value *copy;

	if (value_is_list(value)) {
		copy = value_list(into);
		VALUE_EACH (item, value)
			value_add(into, copy, made_here(into, item));
	} else if (value_is_map(value)) {
		copy = value_map(into);
		VALUE_PAIRS (pair, value)
			value_set_key(into, copy, made_here(into, pair->key),
				made_here(into, pair->value));
	} else {
		value = value_dup(into, value);
		copy = value_with_flags(into, value, value->flags);
		copy->place = (struct place){ 0 };
	}
	return copy;
}

static bool
evaluate(struct constructing *at, const char *text, const struct value **out, struct error *err)
{
	const struct template_scope scope = { .find = find, .context = at };
	struct value *source = value_text(&at->inventory->arena, text);

	source->flags = VALUE_TEMPLATE;
	if (!template_evaluate(at->templates, &scope, &at->inventory->arena, source, out, err))
		return false;
	*out = made_here(&at->inventory->arena, *out);
	return true;
}

/* The value of an expression as it stands in the file, without braces. */
static bool
expression(struct constructing *at, const struct value *source, const struct value **out,
	struct error *err)
{
	struct arena *arena = &at->inventory->arena;

	return evaluate(
		at, arena_format(arena, "{{ %s }}", value_to_text(arena, source)), out, err);
}

static bool
refresh(struct constructing *at, struct error *err)
{
	return inventory_host_vars(at->inventory, at->host,
		option_flag(at->config, "use_vars_plugins", false), &at->vars, err);
}

static bool
compose(struct constructing *at, struct error *err)
{
	const struct value *map = value_get(at->config, "compose"), *value;
	struct error reason;

	if (!value_is_map(map))
		return true;
	VALUE_PAIRS (pair, map) {
		if (expression(at, pair->value, &value, &reason))
			value_set_key(&at->inventory->arena, at->host->vars, pair->key, value);
		else if (at->is_strict)
			return fail(err, ERR_PARSE, "Could not set %s for host %s: %s",
				value_to_text(&at->inventory->arena, pair->key), at->host->name,
				reason.what);
	}
	return refresh(at, err);
}

/* Names that are made here are always made safe, without a word. */
static struct inventory_group *
group_make(struct constructing *at, const char *name)
{
	struct inventory *inventory = at->inventory;
	const char *rule = inventory->group_names;
	struct inventory_group *group;

	inventory->group_names = rule && !strcmp(rule, "ignore") ? rule : "silently";
	group = inventory_group_add(inventory, inventory_group_name(inventory, name));
	inventory->group_names = rule;
	return group;
}

static bool
conditions(struct constructing *at, struct error *err)
{
	const struct value *map = value_get(at->config, "groups"), *value;
	struct arena *arena = &at->inventory->arena;
	struct error reason;
	bool holds;

	if (!value_is_map(map))
		return true;
	VALUE_PAIRS (pair, map) {
		const char *name = value_to_text(arena, pair->key);
		const char *text =
			arena_format(arena, "{%% if %s %%} True {%% else %%} False {%% endif %%}",
				value_to_text(arena, pair->value));

		if (!evaluate(at, text, &value, &reason)) {
			if (at->is_strict)
				return fail(err, ERR_PARSE, "Could not add host %s to group %s: %s",
					at->host->name, name, reason.what);
			continue;
		}
		if (value_is_string(value))
			value = value_view(arena, view_trim(value_string_view(value)));
		if (value_to_bool(value, &holds) && holds)
			inventory_group_add_host(at->inventory, group_make(at, name), at->host);
	}
	return true;
}

/* ---- keyed_groups ---- */

struct keyed {
	const struct value *entry;
	const char *prefix, *separator, *fallback; /* fallback: NULL: none */
	const char *parent;			   /* NULL: none */
	bool trails;				   /* trailing_separator */
};

static bool
keyed_group(struct constructing *at, const struct keyed *keyed, const char *bare, struct error *err)
{
	const char *separator = !*keyed->prefix && !at->leads ? "" : keyed->separator;
	const char *name =
		arena_format(&at->inventory->arena, "%s%s%s", keyed->prefix, separator, bare);
	struct inventory_group *group;

	if (!*name)
		return fail(err, ERR_PARSE, "Invalid empty/false group name provided");
	group = group_make(at, name);
	inventory_group_add_host(at->inventory, group, at->host);
	return !keyed->parent ||
	       inventory_group_add_child(at->inventory, group_make(at, keyed->parent), group, err);
}

static bool
is_empty_text(const struct value *value)
{
	return value_is_string(value) && !value_length(value);
}

static bool
keyed_value(struct constructing *at, const struct keyed *keyed, const struct value *key,
	struct error *err)
{
	struct arena *arena = &at->inventory->arena;

	if (value_is_string(key))
		return keyed_group(
			at, keyed, is_empty_text(key) ? keyed->fallback : value_string(key), err);
	if (value_is_list(key)) {
		VALUE_EACH (item, key)
			if (!keyed_group(at, keyed,
				    is_empty_text(item) && keyed->fallback
					    ? keyed->fallback
					    : value_to_text(arena, item),
				    err))
				return false;
		return true;
	}
	if (!value_is_map(key))
		return fail(err, ERR_TYPE,
			"Invalid group name format, expected a string or a list of them or "
			"dictionary, got: %s",
			value_type_name(key));
	VALUE_PAIRS (pair, key) {
		const char *name = value_to_text(arena, pair->key),
			   *text = value_to_text(arena, pair->value);
		bool is_bare = false;

		if (is_empty_text(pair->value) && keyed->fallback)
			text = keyed->fallback;
		else if (is_empty_text(pair->value))
			is_bare = !keyed->trails;
		if (!keyed_group(at, keyed,
			    is_bare ? name
				    : arena_format(arena, "%s%s%s", name, keyed->separator, text),
			    err))
			return false;
	}
	return true;
}

static bool
keyed_read(struct constructing *at, const struct value *entry, struct keyed *out, struct error *err)
{
	struct arena *arena = &at->inventory->arena;
	const struct value *prefix = value_get(entry, "prefix"),
			   *separator = value_get(entry, "separator"),
			   *fallback = value_get(entry, "default_value");

	*out = (struct keyed){ .entry = entry,
		.prefix = value_is_none(prefix) ? "" : value_to_text(arena, prefix),
		.separator = value_is_none(separator) ? "_" : value_to_text(arena, separator),
		.fallback = value_is_none(fallback) ? NULL : value_to_text(arena, fallback),
		.trails = option_flag(entry, "trailing_separator", true) };
	if (out->fallback && value_get(entry, "trailing_separator"))
		return fail(err, ERR_PARSE,
			"parameters are mutually exclusive for keyed groups: "
			"default_value|trailing_separator");
	return true;
}

static bool
keyed_entry(struct constructing *at, const struct value *entry, struct error *err)
{
	const struct value *key, *parent = value_get(entry, "parent_group");
	struct arena *arena = &at->inventory->arena;
	struct keyed keyed;
	struct error reason;

	if (!value_is_map(entry))
		return fail(err, ERR_PARSE,
			"Invalid keyed group entry, it must be a dictionary: %s",
			value_to_text(arena, entry));
	if (!keyed_read(at, entry, &keyed, err))
		return false;
	if (!value_get(entry, "key") || !expression(at, value_get(entry, "key"), &key, &reason))
		return !at->is_strict ||
		       fail(err, ERR_PARSE,
			       "Could not generate group for host %s from %s entry: %s",
			       at->host->name,
			       value_get(entry, "key")
				       ? value_to_text(arena, value_get(entry, "key"))
				       : "None",
			       value_get(entry, "key") ? reason.what : "there is no key");
	if (!value_is_true(key) && !(is_empty_text(key) && keyed.fallback))
		return !at->is_strict || value_is_list(key) || value_is_map(key) ||
		       fail(err, ERR_PARSE,
			       "No key or key resulted empty for %s in host %s, invalid entry",
			       value_to_text(arena, value_get(entry, "key")), at->host->name);
	if (!value_is_none(parent)) {
		if (!evaluate(at, value_to_text(arena, parent), &parent, &reason))
			return !at->is_strict ||
			       fail(err, ERR_PARSE, "Could not generate parent group %s: %s",
				       value_to_text(arena, value_get(entry, "parent_group")),
				       reason.what);
		keyed.parent = value_to_text(arena, parent);
	}
	return keyed_value(at, &keyed, key, err);
}

static bool
keyed_groups(struct constructing *at, struct error *err)
{
	const struct value *list = value_get(at->config, "keyed_groups");

	if (value_is_list(list)) {
		VALUE_EACH (entry, list)
			if (!keyed_entry(at, entry, err))
				return false;
	}
	return true;
}

bool
source_constructed(const struct source *source, struct error *err)
{
	struct inventory *inventory = source->inventory;
	struct constructing at = { .inventory = inventory,
		.config = source->config,
		.is_strict = option_flag(source->config, "strict", false),
		.leads = option_flag(source->config, "leading_separator", true) };
	/* Groups hang below `all` only when every source was read: Ansible has it so. */
	bool ok = true;

	at.templates = template_env_new();
	template_env_set_vault(at.templates, inventory->vault);
	for (size_t i = 0; i < inventory->hosts.count && ok; i++) {
		at.host = inventory->hosts.entries[i].value;
		ok = refresh(&at, err) && compose(&at, err) && conditions(&at, err) &&
		     keyed_groups(&at, err);
	}
	template_env_free(at.templates);
	if (!ok && err->kind != ERR_DENIED)
		error_context(err, "%s", source->path);
	return ok;
}
