/* One module call from arguments to the finished result. Check mode is that apply is not called. */
#include "module/host.h"

#include <errno.h>
#include <string.h>

#include "os/clock.h"

static void
set_bool(struct arena *arena, struct value *map, const char *key, bool boolean)
{
	value_set(arena, map, key, boolean ? &value_true : &value_false);
}

static void
set_error(struct arena *arena, struct value *result, const struct error *err)
{
	char line[sizeof(err->what) + sizeof(err->where) + sizeof(err->why) + 16];

	set_bool(arena, result, "failed", true);
	value_set(arena, result, "msg", value_text(arena, error_line(err, line, sizeof(line))));
	if (err->hint[0])
		value_set(arena, result, "hint", value_text(arena, err->hint));
	if (err->kind == ERR_TIMEOUT)
		set_bool(arena, result, "timedout", true);
	if (err->kind == ERR_INTERRUPTED)
		set_bool(arena, result, "cancelled", true);
}

static void
set_diffs(struct module_call *call)
{
	const struct value *diffs = call->out->diffs;

	/* Who adds one that nobody asked for (file) has it in the result all the same. */
	if (!diffs->list.count)
		return;
	result_set(call, "diff",
		diffs->list.count == 1 && !call->out->lists_diffs ? diffs->list.items[0] : diffs);
}

/* In check mode, what only doing can tell is skipped. */
static void
set_unknown(const struct module *module, struct module_call *call)
{
	struct outcome *out = call->out;

	result_bool(call, "skipped", true);
	if (out->why)
		result_text(call, "msg", out->why);
	else
		result_set(call, "msg",
			value_format(call->arena, "remote module (%s) does not support check mode",
				module->name));
	out->is_changed = false;
}

/* On a machine that is not made yet, an inspect that misses something is no failure in check mode:
 * what is missing would have come by an earlier task. */
static bool
predict(struct module_call *call, const struct module *module, struct error *err)
{
	bool is_missing = err->kind == ERR_MISSING || (err->kind == ERR_IO && err->code == ENOENT);
	char line[sizeof(err->what) + sizeof(err->where) + sizeof(err->why) + 16];

	if (!call->may_come || !is_missing)
		return false;
	/* Whoever only reads, or runs a program, cannot know. */
	call->out->change =
		module->apply && module->check == SUPPORT_FULL ? CHANGE_WANTED : CHANGE_UNKNOWN;
	call->out->why =
		arena_format(call->arena, "not there yet, but an earlier task may bring it: %s",
			error_line(err, line, sizeof(line)));
	value_remove(call->out->result, "rc"); /* of a failure */
	result_text(call, "msg", call->out->why);
	result_bool(call, "predicted", true);
	error_clear(err);
	return true;
}

static bool
run_steps(const struct module_task *task, struct module_call *call, struct error *err)
{
	const struct module *module = task->module;
	struct outcome *out = call->out;

	if (!module->inspect && !module->apply)
		return fail(err, ERR_UNSUPPORTED, "module '%s' acts on the controller only",
			module->name);
	if (module->inspect && !module->inspect(call, err) && !predict(call, module, err))
		return false;
	if (out->is_skipped) {
		out->is_changed = out->change == CHANGE_WANTED;
		return true;
	}
	if (out->change == CHANGE_NONE)
		return true;
	if (task->check_mode) {
		out->is_changed = out->change == CHANGE_WANTED && !out->is_silent;
		if (out->change == CHANGE_UNKNOWN)
			set_unknown(module, call);
		return true;
	}
	out->is_changed = !out->is_silent;
	return !module->apply || module->apply(call, err);
}

/* A single task with `check_mode: true` among real ones promises nothing; commands without check
 * mode say «changed» whatever they do, so they do not count. */
void
module_host_note(
	struct module_host *host, const struct module *module, bool check_mode, bool is_changed)
{
	if (!host || !is_changed || module->check != SUPPORT_FULL)
		return;
	if (!check_mode)
		host->has_changes = true;
	host->has_predictions = check_mode && !host->has_changes;
}

void
module_execute(const struct module_task *task, struct arena *arena, struct module_host *host,
	const struct value **out)
{
	const struct module *module = task->module;
	struct outcome outcome = {
		.change = module->inspect ? CHANGE_NONE : CHANGE_UNKNOWN,
		.result = value_map(arena),
		.diffs = value_list(arena),
	};
	struct module_call call = {
		.arena = arena,
		.given = task->args ? task->args : &value_empty_map,
		.out = &outcome,
		.wants_diff = task->diff,
		.environment = task->environment,
		.deadline_ms = task->deadline_ms,
		.host = host,
		.may_come = task->check_mode && host && host->has_predictions,
		.only_inspects = task->check_mode,
	};
	void *args = arena_alloc(arena, MAX(module->params_size, (size_t)1));
	struct error err = { 0 };
	bool is_done;

	call.args = args;
	is_done = (module->takes_any || params_read(module->name, module->params, call.given, arena,
						args, &err)) &&
		  run_steps(task, &call, &err);
	outcome.is_changed &= is_done || outcome.fails_changed;
	set_bool(arena, outcome.result, "changed", outcome.is_changed);
	module_host_note(host, module, task->check_mode, outcome.is_changed);
	if (!is_done)
		set_error(arena, outcome.result, &err);
	set_diffs(&call);
	*out = outcome.result;
}
