/* An executable inventory: `PROGRAM --list` prints JSON, as Ansible has it. What it prints is data
 * (rule R1). */
#include "inventory/sources/source.h"

#include "json/json.h"
#include "os/loop.h"
#include "os/process.h"

enum { PATIENCE_MS = 120 * 1000, LARGEST = 64 * 1024 * 1024 };

static bool
run(struct arena *into, const char *path, const char *option, const char *host, struct view *out,
	struct error *err)
{
	const char *argv[] = { path, option, host, NULL };
	const struct process_options options = {
		.argv = argv, .deadline_ms = clock_ms() + PATIENCE_MS, .maximum = LARGEST
	};
	struct process_result result = { 0 };
	bool ok = process_run(&options, &result, err);

	if (ok && result.status != 0) {
		ok = fail(err, ERR_PARSE, "the inventory program '%s' failed", path);
		error_why(err, "exit code %d: %.300s", result.status,
			result.err.data ? result.err.data : "");
	}
	if (ok)
		*out = (struct view){ arena_view(into, str_view(&result.out)), result.out.length };
	process_result_release(&result);
	return ok;
}

static bool
host_ask(struct inventory *inventory, const char *path, struct inventory_host *host,
	struct error *err)
{
	const struct value *vars;
	struct view text;

	if (!run(&inventory->arena, path, "--host", host->name, &text, err))
		return false;
	if (!view_trim(text).length)
		return true;
	if (!json_parse(&inventory->arena, text, &vars, err))
		return error_context(err, "%s --host %s", path, host->name);
	if (value_is_map(vars)) {
		VALUE_PAIRS (pair, vars)
			value_set_key(&inventory->arena, host->vars, pair->key, pair->value);
	}
	return true;
}

bool
source_script(struct inventory *inventory, const char *path, struct error *err)
{
	const char *program =
		strchr(path, '/') ? path : arena_format(&inventory->arena, "./%s", path);
	size_t before = inventory->hosts.count;
	const struct value *json;
	struct view text;

	if (!run(&inventory->arena, program, "--list", NULL, &text, err))
		return false;
	if (!json_parse(&inventory->arena, text, &json, err))
		return error_context(err, "%s --list", path);
	if (!source_json(inventory, path, json, err))
		return false;
	if (value_get(json, "_meta"))
		return true;
	for (size_t i = before; i < inventory->hosts.count; i++)
		if (!host_ask(inventory, program, inventory->hosts.entries[i].value, err))
			return false;
	return true;
}
