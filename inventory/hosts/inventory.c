/* Hosts and groups, and how they hang together. */
#include "inventory/hosts/inventory.h"

#include <stdarg.h>

#include "template/literal.h"
#include "template/unicode.h"

enum { DEEPEST_GROUP = 64, MOST_HOSTS = 250000 };

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
	inventory->unparsed_count = 0;
	inventory->assumers = NULL;
	inventory->explainers = NULL;
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

struct inventory_explainer {
	void (*explain)(void *context, struct inventory_host *host, bool is_lost,
		const struct value *needs, struct value *out);
	void *context;
	struct inventory_explainer *next;
};

void
inventory_explain_by(struct inventory *inventory,
	void (*explain)(void *context, struct inventory_host *host, bool is_lost,
		const struct value *needs, struct value *out),
	void *context)
{
	struct inventory_explainer *one = arena_new(&inventory->arena, struct inventory_explainer);

	*one = (struct inventory_explainer){ explain, context, inventory->explainers };
	inventory->explainers = one;
}

void
inventory_explain(struct inventory *inventory, struct inventory_host *host, bool is_lost,
	const struct value *needs, struct value *out)
{
	for (struct inventory_explainer *one = inventory->explainers; one; one = one->next)
		one->explain(one->context, host, is_lost, needs, out);
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
	inventory_finish_late(inventory, host);
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

/* As Python's \w has it. */
const char *
inventory_safe_name(struct arena *into, const char *name)
{
	_cleanup_str_ struct str out = STR_INIT;
	const unsigned letter = UNICODE_ALPHA | UNICODE_DECIMAL | UNICODE_DIGIT | UNICODE_NUMERIC;
	struct view text = view_of(name);
	uint32_t code;
	size_t length;

	for (size_t at = 0; at < text.length; at += length) {
		unsigned flags;

		length = utf8_take(text, at, &code);
		flags = unicode_flags(code);
		if (code == '_' || (flags & letter && !(at == 0 && flags & UNICODE_DECIMAL)))
			str_add_bytes(&out, text.data + at, length);
		else
			str_add_char(&out, '_');
	}
	return arena_view(into, str_view(&out));
}

/* never: kept, and said; ignore: kept; always: replaced, and said; silently: replaced. */
const char *
inventory_group_name(struct inventory *inventory, const char *name)
{
	const char *rule = inventory->group_names ? inventory->group_names : "never";
	const char *safe = inventory_safe_name(&inventory->arena, name);
	bool replaces = !strcmp(rule, "always") || !strcmp(rule, "silently");
	bool is_odd = strcmp(safe, name) != 0;

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
	if (inventory->hosts.count >= MOST_HOSTS)
		return fail(err, ERR_LIMIT, "an inventory may name %d hosts", MOST_HOSTS);
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

/* Room for one more pointer: lists double, so that the n-th host does not cost n. */
static void *
list_room(struct inventory *inventory, void *items, size_t count)
{
	if (count & (count - 1))
		return items;
	return arena_grow(&inventory->arena, items, count, count ? count * 2 : 1, sizeof(void *));
}

void
inventory_group_add_host(
	struct inventory *inventory, struct inventory_group *group, struct inventory_host *host)
{
	for (size_t i = 0; i < host->group_count; i++)
		if (host->groups[i] == group)
			return;
	group->hosts = list_room(inventory, group->hosts, group->host_count);
	group->hosts[group->host_count++] = host;
	host->groups = list_room(inventory, host->groups, host->group_count);
	host->groups[host->group_count++] = group;
}

/* `seen` keeps a net of groups from being walked once for each path through it. */
static bool
is_ancestor_new(
	const struct inventory_group *group, const struct inventory_group *of, struct map *seen)
{
	if (group == of)
		return true;
	if (map_has(seen, of->name))
		return false;
	map_set(seen, of->name, (void *)(uintptr_t)of);
	for (size_t i = 0; i < of->parent_count; i++)
		if (is_ancestor_new(group, of->parents[i], seen))
			return true;
	return false;
}

static bool
is_ancestor(const struct inventory_group *group, const struct inventory_group *of)
{
	struct map seen;
	bool is_above;

	map_init(&seen);
	is_above = is_ancestor_new(group, of, &seen);
	map_release(&seen);
	return is_above;
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
	parent->children = list_room(inventory, parent->children, parent->child_count);
	parent->children[parent->child_count++] = child;
	child->parents = list_room(inventory, child->parents, child->parent_count);
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

/* ---- loose ends ---- */

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
