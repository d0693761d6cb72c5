/* set_fact, add_host, group_by: what a run learns on its way. */
#include "orchestrator/actions/actions.h"

/* As Ansible without native types: yes, true … given as text become booleans. */
static const struct value *
fact_value(const struct value *value)
{
	static const char *const words[] = { "true", "false", "yes", "no" };
	bool flag;

	if (!value_is_string(value))
		return value;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(value->string.data, words[i]) && value_to_bool(value, &flag))
			return flag ? &value_true : &value_false;
	return value;
}

bool
action_set_fact(struct action_call *call, struct error *err)
{
	struct value *facts = value_map(call->into);
	bool cacheable = false;

	if (value_get(call->args, "cacheable") &&
		!value_to_bool(value_get(call->args, "cacheable"), &cacheable))
		cacheable = false;
	VALUE_PAIRS (pair, call->args) {
		const char *name;

		if (!evaluate_text(call->scope, call->into, pair->key, &name, err))
			return false;
		if (!strcmp(name, "cacheable") || !strcmp(name, "_raw_params"))
			continue;
		if (!is_identifier(name)) {
			fail(err, ERR_TYPE, "The variable name '%.100s' is not valid", name);
			return error_why(err, "Variables must start with a letter or underscore "
					      "character, and contain "
					      "only letters, numbers and underscores.");
		}
		value_set(call->into, facts, name,
			call->run->settings->jinja2_native ? pair->value : fact_value(pair->value));
	}
	if (!facts->map.count)
		return fail(err, ERR_TYPE,
			"No key/value pairs provided, at least one is required for this action to "
			"succeed");
	VALUE_PAIRS (pair, facts)
		host_set_variable(call->host, value_string(pair->key), pair->value);
	if (cacheable)
		host_set_facts(call->host, facts);
	value_set(call->into, call->result, "ansible_facts", facts);
	value_set(call->into, call->result, "changed", &value_false);
	return true;
}

/* ---- hosts and groups ---- */

static const struct value *
groups_of(struct action_call *call, const struct value *given)
{
	struct value *list = value_list(call->into);
	struct view rest, piece;

	if (value_is_none(given))
		return list;
	if (value_is_list(given))
		return given;
	rest = view_of(value_to_text(call->into, given));
	while (view_cut(&rest, ',', &piece))
		if (view_trim(piece).length)
			value_add(call->into, list, value_view(call->into, view_trim(piece)));
	return list;
}

static const struct value *
first_given(const struct value *args, const char *const *names)
{
	for (; *names; names++)
		if (value_get(args, *names))
			return value_get(args, *names);
	return NULL;
}

/* What was added is kept, so that it is there again after meta: refresh_inventory. */
static void
remember(struct run *run, const struct value *record)
{
	if (!run->added)
		run->added = value_list(&run->arena);
	value_add(&run->arena, run->added, value_dup(&run->arena, record));
}

static bool
group_has(const struct inventory_group *group, const struct inventory_host *host)
{
	for (size_t i = 0; i < group->host_count; i++)
		if (group->hosts[i] == host)
			return true;
	return false;
}

/* "web1:2222": a port behind the name. */
static const char *
host_name_split(struct arena *into, const char *text, struct value *vars)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	if (!colon || strchr(text, ':') != colon || !number_parse(view_of(colon + 1), &port))
		return text;
	value_set(into, vars, "ansible_ssh_port", value_int(into, port));
	return arena_bytes(into, text, (size_t)(colon - text));
}

static bool
host_add(struct run *run, const struct value *record)
{
	struct inventory *inventory = run->inventory;
	const char *name = value_string(value_get(record, "host_name"));
	bool is_changed = !inventory_host_find(inventory, name);
	struct inventory_host *host = inventory_host_add(inventory, name);

	inventory->is_parsed = true; /* what is added counts, whatever could be read */
	VALUE_EACH (wanted, value_get(record, "groups")) {
		struct inventory_group *group =
			inventory_group_add(inventory, value_to_text(&inventory->arena, wanted));

		is_changed |= !group_has(group, host);
		inventory_group_add_host(inventory, group, host);
	}
	VALUE_PAIRS (pair, value_get(record, "host_vars")) {
		const struct value *old = value_get_key(host->vars, pair->key);

		is_changed |= !old || !value_equals(old, pair->value);
		value_set_key(&inventory->arena, host->vars,
			value_dup(&inventory->arena, pair->key),
			value_dup(&inventory->arena, pair->value));
	}
	run->groups_value = NULL;
	return is_changed;
}

static bool
host_group(struct run *run, const struct value *record, bool *is_changed, struct error *err)
{
	struct inventory *inventory = run->inventory;
	const char *name = value_string(value_get(record, "add_group"));
	struct inventory_host *host =
		inventory_host_find(inventory, value_string(value_get(record, "host")));
	struct inventory_group *group = inventory_group_add(inventory, name);

	VALUE_EACH (parent, value_get(record, "parents"))
		if (!inventory_group_add_child(inventory,
			    inventory_group_add(
				    inventory, value_to_text(&inventory->arena, parent)),
			    group, err))
			return false;
	*is_changed = host && !group_has(group, host);
	if (host)
		inventory_group_add_host(inventory, group, host);
	run->groups_value = NULL;
	return true;
}

bool
inventory_add_again(struct run *run, struct error *err)
{
	bool is_changed;

	if (!run->added)
		return true;
	VALUE_EACH (record, run->added) {
		if (value_get(record, "host_name"))
			host_add(run, record);
		else if (!host_group(run, record, &is_changed, err))
			return false;
	}
	return true;
}

bool
action_add_host(struct action_call *call, struct error *err)
{
	static const char *const names[] = { "name", "host", "hostname", NULL };
	static const char *const groups[] = { "groups", "group", "groupname", NULL };
	const struct value *name = first_given(call->args, names);
	struct inventory *inventory = call->run->inventory;
	struct value *vars = value_map(call->into), *added = value_map(call->into);
	bool is_changed;

	if (value_is_none(name))
		return fail(err, ERR_TYPE, "name, host or hostname needs to be provided");
	if (value_is_map(first_given(call->args, groups)))
		return fail(err, ERR_TYPE, "Groups must be specified as a list.");
	value_set(call->into, added, "host_name",
		value_text(call->into,
			host_name_split(call->into, value_to_text(call->into, name), vars)));
	VALUE_PAIRS (pair, call->args)
		if (!text_is_one_of(value_string(pair->key), names) &&
			!text_is_one_of(value_string(pair->key), groups))
			value_set_key(call->into, vars, pair->key, pair->value);
	value_set(call->into, added, "host_vars", vars);
	value_set(call->into, added, "groups", groups_of(call, first_given(call->args, groups)));
	is_changed = host_add(call->run, added);
	remember(call->run, added);
	value_set(call->into, call->result, "add_host", added);
	value_set(call->into, call->result, "changed", value_bool(call->into, is_changed));
	return inventory_finish(inventory, call->step->task->play->directory, err);
}

bool
action_group_by(struct action_call *call, struct error *err)
{
	const struct value *key = value_get(call->args, "key");
	struct value *record = value_map(call->into);
	bool is_changed;
	char *name;

	if (value_is_none(key))
		return fail(err, ERR_TYPE, "the 'key' param is required when using group_by");
	name = arena_text(call->into, value_to_text(call->into, key));
	for (char *at = name; *at; at++)
		if (*at == ' ')
			*at = '-';
	value_set(call->into, record, "add_group", value_text(call->into, name));
	value_set(call->into, record, "host", value_text(call->into, call->host->name));
	value_set(call->into, record, "parents", groups_of(call, value_get(call->args, "parents")));
	if (!host_group(call->run, record, &is_changed, err))
		return false;
	remember(call->run, record);
	value_set(call->into, call->result, "add_group", value_text(call->into, name));
	value_set(call->into, call->result, "parent_groups", value_get(record, "parents"));
	value_set(call->into, call->result, "changed", value_bool(call->into, is_changed));
	return inventory_finish(call->run->inventory, call->step->task->play->directory, err);
}
