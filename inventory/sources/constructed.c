/*
 * constructed: variables and groups that are made of what earlier sources said. `compose` sets
 * variables, `groups` are conditions, `keyed_groups` are named after values.
 */
#include "inventory/sources/constructed.h"

#include "inventory/sources/source.h"
#include "template/template.h"

struct constructed {
	struct inventory *inventory;
	const struct value *config;
	struct template_env *templates;
	struct arena scratch; /* for one host */
	struct inventory_host *host;
	const struct value *own;  /* of the host: before `vars`; NULL: not yet, or in there */
	const struct value *vars; /* that expressions see */
	const char *(*sanitize)(struct arena *into, const char *name); /* NULL: Ansible's way */
	bool is_strict, leads, uses_extra; /* leading_separator, use_extra_vars */
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
	struct constructed *at = context;

	(void)err;
	*out = NULL;
	if (at->uses_extra && at->inventory->extra_vars)
		*out = value_get_view(at->inventory->extra_vars, name);
	if (!*out && at->own)
		*out = value_get_view(at->own, name);
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
evaluate(struct constructed *at, const char *text, const struct value **out, struct error *err)
{
	const struct template_scope scope = { .find = find, .context = at };
	struct value *source = value_text(&at->scratch, text);

	source->flags = VALUE_TEMPLATE;
	return template_evaluate(at->templates, &scope, &at->scratch, source, out, err);
}

/* The value of an expression as it stands in the file, without braces. */
static bool
expression(struct constructed *at, const struct value *source, const struct value **out,
	struct error *err)
{
	struct arena *arena = &at->scratch;

	return evaluate(
		at, arena_format(arena, "{{ %s }}", value_to_text(arena, source)), out, err);
}

static bool
compose(struct constructed *at, struct error *err)
{
	const struct value *map = value_get(at->config, "compose"), *value;
	struct error reason;

	if (!value_is_map(map))
		return true;
	VALUE_PAIRS (pair, map) {
		bool ok = expression(at, pair->value, &value, &reason);

		/* Nobody takes an omission here: to Ansible the name is not defined. */
		if (ok && template_is_omit(value))
			ok = fail(&reason, ERR_UNDEFINED, "'omit' is undefined");
		if (ok)
			value_set_key(&at->inventory->arena, at->host->vars, pair->key,
				made_here(&at->inventory->arena, value));
		else if (at->is_strict)
			return fail(err, ERR_PARSE, "Could not set %s for host %s: %s",
				value_to_text(&at->scratch, pair->key), at->host->name,
				reason.what);
	}
	return true;
}

struct inventory_group *
constructed_group(struct inventory *inventory, const char *name)
{
	const char *rule = inventory->group_names;
	struct inventory_group *group;

	inventory->group_names = rule && !strcmp(rule, "ignore") ? rule : "silently";
	group = inventory_group_add(inventory, inventory_group_name(inventory, name));
	inventory->group_names = rule;
	return group;
}

static struct inventory_group *
group_make(struct constructed *at, const char *name)
{
	struct inventory *inventory = at->inventory;

	return at->sanitize
		       ? inventory_group_add(inventory,
				 inventory_group_name(inventory, at->sanitize(&at->scratch, name)))
		       : constructed_group(inventory, name);
}

static bool
conditions(struct constructed *at, struct error *err)
{
	const struct value *map = value_get(at->config, "groups"), *value;
	struct arena *arena = &at->scratch;
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

/* use_extra_vars is not for conditions: so has Ansible it. */
static bool
conditions_hold(struct constructed *at, struct error *err)
{
	bool uses_extra = at->uses_extra, ok;

	at->uses_extra = false;
	ok = conditions(at, err);
	at->uses_extra = uses_extra;
	return ok;
}

/* ---- keyed_groups ---- */

struct keyed {
	const struct value *entry;
	const char *prefix, *separator, *fallback; /* fallback: NULL: none */
	const char *parent;			   /* NULL: none */
	bool trails;				   /* trailing_separator */
};

static bool
keyed_group(struct constructed *at, const struct keyed *keyed, const char *bare, struct error *err)
{
	const char *separator = !*keyed->prefix && !at->leads ? "" : keyed->separator;
	const char *name = arena_format(&at->scratch, "%s%s%s", keyed->prefix, separator, bare);
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
keyed_value(struct constructed *at, const struct keyed *keyed, const struct value *key,
	struct error *err)
{
	struct arena *arena = &at->scratch;

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
keyed_read(struct constructed *at, const struct value *entry, struct keyed *out, struct error *err)
{
	struct arena *arena = &at->scratch;
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
keyed_entry(struct constructed *at, const struct value *entry, struct error *err)
{
	const struct value *key, *parent = value_get(entry, "parent_group");
	struct arena *arena = &at->scratch;
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
keyed_groups(struct constructed *at, struct error *err)
{
	const struct value *list = value_get(at->config, "keyed_groups");

	if (value_is_list(list)) {
		VALUE_EACH (entry, list)
			if (!keyed_entry(at, entry, err))
				return false;
	}
	return true;
}

/* ---- the way in ---- */

struct constructed *
constructed_new(struct inventory *inventory, const struct value *config)
{
	struct constructed *at = memory_get(sizeof(*at));

	at->inventory = inventory;
	at->config = config;
	at->is_strict = option_flag(config, "strict", false);
	at->leads = option_flag(config, "leading_separator", true);
	at->uses_extra = option_flag(config, "use_extra_vars", false);
	at->templates = template_env_new();
	template_env_set_vault(at->templates, inventory->vault);
	arena_init(&at->scratch);
	return at;
}

void
constructed_set_names(struct constructed *constructed,
	const char *(*sanitize)(struct arena *into, const char *name))
{
	constructed->sanitize = sanitize;
}

void
constructed_free(struct constructed *at)
{
	if (!at)
		return;
	template_env_free(at->templates);
	arena_release(&at->scratch);
	free(at);
}

bool
constructed_apply(struct constructed *at, struct inventory_host *host, const struct value *vars,
	struct error *err)
{
	bool ok;

	at->host = host;
	at->vars = vars;
	at->own = NULL;
	ok = compose(at, err);
	at->own = host->vars;
	ok = ok && conditions_hold(at, err) && keyed_groups(at, err);
	arena_release(&at->scratch);
	return ok;
}

static bool
refresh(struct constructed *at, struct error *err)
{
	return inventory_host_vars(at->inventory, at->host,
		option_flag(at->config, "use_vars_plugins", false), &at->vars, err);
}

/* Files of variables count more than what is composed, so the whole is merged again after it. */
static bool
host_construct(struct constructed *at, struct inventory_host *host, struct error *err)
{
	bool ok;

	at->host = host;
	ok = refresh(at, err) && compose(at, err) &&
	     (!value_get(at->config, "compose") || refresh(at, err)) && conditions_hold(at, err) &&
	     keyed_groups(at, err);
	arena_release(&at->scratch);
	return ok;
}

bool
source_constructed(const struct source *source, struct error *err)
{
	struct inventory *inventory = source->inventory;
	struct constructed *at = constructed_new(inventory, source->config);
	bool ok = true;

	/* Groups hang below `all` only when every source was read: Ansible has it so. */
	for (size_t i = 0; i < inventory->hosts.count && ok; i++)
		ok = host_construct(at, inventory->hosts.entries[i].value, err);
	constructed_free(at);
	if (!ok && err->kind != ERR_DENIED)
		error_context(err, "%s", source->path);
	return ok;
}
