/* An executable inventory: `PROGRAM --list` prints JSON, as Ansible has it. What it prints is data
 * (rule R1). */
#include "inventory/sources/source.h"

#include "json/json.h"
#include "os/loop.h"
#include "os/process.h"

enum { PATIENCE_MS = 120 * 1000, LARGEST = 64 * 1024 * 1024 };

struct script {
	struct inventory *inventory;
	const char *path, *program;
	struct host_list hosts; /* those it names in groups */
};

static bool
run(const struct script *script, const char *option, const char *host, struct view *out,
	struct error *err)
{
	const char *argv[] = { script->program, option, host, NULL };
	const struct process_options options = {
		.argv = argv, .deadline_ms = clock_ms() + PATIENCE_MS, .maximum = LARGEST
	};
	struct process_result result = { 0 };
	struct arena *into = &script->inventory->arena;
	bool ok = process_run(&options, &result, err);

	if (!ok && err->kind == ERR_IO)
		fail(err, ERR_PARSE, "problem running %s --list (%s)", script->path, err->why);
	if (ok && result.status != 0)
		ok = fail(err, ERR_PARSE, "Inventory script (%s) had an execution error: %.300s",
			script->path,
			result.err.data ? arena_view(into, view_trim(str_view(&result.err))) : "");
	if (ok)
		*out = (struct view){ arena_view(into, str_view(&result.out)), result.out.length };
	process_result_release(&result);
	return ok;
}

static void
host_set(struct script *script, struct inventory_host *host, const struct value *vars)
{
	if (value_is_map(vars)) {
		VALUE_PAIRS (pair, vars)
			value_set_key(
				&script->inventory->arena, host->vars, pair->key, pair->value);
	}
}

static bool
host_ask(struct script *script, struct inventory_host *host, struct error *err)
{
	const struct value *vars;
	struct view text;

	if (!run(script, "--host", host->name, &text, err))
		return false;
	if (!view_trim(text).length)
		return true;
	if (!json_parse(&script->inventory->arena, text, &vars, NULL))
		return fail(err, ERR_PARSE, "could not parse post variable response: %s --host %s",
			script->path, host->name);
	host_set(script, host, vars);
	return true;
}

static bool
group_members(struct script *script, struct inventory_group *group, const struct value *data,
	struct error *err)
{
	struct inventory *inventory = script->inventory;
	const struct value *hosts = value_get(data, "hosts"), *vars = value_get(data, "vars"),
			   *children = value_get(data, "children");

	if (hosts && !value_is_list(hosts))
		return fail(err, ERR_PARSE,
			"You defined a group '%s' with bad data for the host list", group->name);
	if (vars && !value_is_map(vars))
		return fail(err, ERR_PARSE, "You defined a group '%s' with bad data for variables",
			group->name);
	if (hosts) {
		VALUE_EACH (item, hosts) {
			struct inventory_host *host = inventory_host_add(
				inventory, value_to_text(&inventory->arena, item));

			inventory_group_add_host(inventory, group, host);
			if (!host_list_has(&script->hosts, host))
				host_list_add(&inventory->arena, &script->hosts, host);
		}
	}
	if (vars) {
		VALUE_PAIRS (pair, vars)
			inventory_group_set(inventory, group, pair->key, pair->value);
	}
	if (value_is_list(children)) {
		VALUE_EACH (child, children) {
			const char *name = inventory_group_name(
				inventory, value_to_text(&inventory->arena, child));

			if (!inventory_group_add_child(
				    inventory, group, inventory_group_add(inventory, name), err))
				return false;
		}
	}
	return true;
}

/* A list is the group's hosts; a map without hosts, vars and children is one host of the group's
 * name, with these variables. */
static bool
group_read(struct script *script, const char *name, const struct value *data, struct error *err)
{
	struct inventory *inventory = script->inventory;
	struct arena *arena = &inventory->arena;
	struct inventory_group *group =
		inventory_group_add(inventory, inventory_group_name(inventory, name));
	struct value *whole = value_map(arena), *list;

	if (value_is_list(data)) {
		value_set(arena, whole, "hosts", data);
	} else if (value_is_map(data) && !value_get(data, "hosts") && !value_get(data, "vars") &&
		   !value_get(data, "children")) {
		list = value_list(arena);
		value_add(arena, list, value_text(arena, group->name));
		value_set(arena, whole, "hosts", list);
		value_set(arena, whole, "vars", data);
	} else if (value_is_map(data)) {
		return group_members(script, group, data, err);
	}
	return group_members(script, group, whole, err);
}

static bool
groups_read(struct script *script, const struct value *json, struct error *err)
{
	const struct value *meta = value_get(json, "_meta"),
			   *hostvars = value_get(meta, "hostvars");

	if (!value_is_map(json))
		return fail(err, ERR_PARSE,
			"failed to parse executable inventory script results from %s: needs to be "
			"a "
			"json dict",
			script->path);
	VALUE_PAIRS (pair, json)
		if (!text_equals(value_string(pair->key), "_meta") &&
			!group_read(script, value_to_text(&script->inventory->arena, pair->key),
				pair->value, err))
			return false;
	for (size_t i = 0; i < script->hosts.count; i++) {
		struct inventory_host *host = script->hosts.hosts[i];

		if (hostvars)
			host_set(script, host, value_get(hostvars, host->name));
		else if (!host_ask(script, host, err))
			return false;
	}
	return true;
}

bool
source_script(const struct source *source, struct error *err)
{
	struct inventory *inventory = source->inventory;
	struct script script = { .inventory = inventory,
		.path = source->path,
		.program = strchr(source->path, '/')
				   ? source->path
				   : arena_format(&inventory->arena, "./%s", source->path) };
	const struct value *json;
	struct error reason;
	struct view text;

	if (!run(&script, "--list", NULL, &text, err))
		return false;
	if (!json_parse(&inventory->arena, text, &json, &reason))
		return fail(err, ERR_PARSE,
			"failed to parse executable inventory script results from %s: %s %s",
			source->path, reason.what, reason.why);
	return groups_read(&script, json, err);
}
