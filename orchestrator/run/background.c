/*
 * async and poll: the runner does the task in a process of its own (docs/PROTOCOL.md §10). With
 * poll: 0 that it was started is the result; else async_status is asked until the job has ended.
 * The runner answers that at once when it ends, so poll is only how often a line is shown.
 */
#include "orchestrator/actions/action.h"
#include "orchestrator/run/internal.h"

enum { DEFAULT_POLL_S = 15 };

bool
step_async(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const struct node *task = step->task;
	int64_t seconds, poll;

	if (!evaluate_int(scope, scratch, KEYWORD_ASYNC, task->keywords[KEYWORD_ASYNC], 0, &seconds,
		    err) ||
		!evaluate_int(scope, scratch, KEYWORD_POLL, task->keywords[KEYWORD_POLL],
			DEFAULT_POLL_S, &poll, err))
		return false;
	step->async_s = seconds > 0 ? (uint32_t)MIN(seconds, (int64_t)INT32_MAX) : 0;
	step->poll_s = step->async_s && poll > 0 ? (uint32_t)MIN(poll, (int64_t)86400) : 0;
	if (step->poll_s)
		step->holds = step->is_sequential = true;
	return true;
}

bool
async_is_possible(const struct step *step, struct error *err)
{
	if (!step->async_s)
		return true;
	if (action_find(step->action) || !step->module || step->module->prepare)
		return fail(err, ERR_TASK, "async is not supported for this task.");
	if (step->check_mode)
		return fail(err, ERR_TASK, "check mode and async cannot be used on same task.");
	return true;
}

bool
async_directory(struct task_scope *scope, struct arena *into, const char **out, struct error *err)
{
	const struct value *raw;

	*out = NULL;
	return scope_find(&scope->scope, into, VIEW("ansible_async_dir"), &raw, err) &&
	       evaluate_text(scope, into, raw, out, err);
}

/* ---- waiting for the end ---- */

static bool
ask(struct task_scope *scope, struct item *item, struct arena *scratch, struct error *err)
{
	const struct step *step = item->step;
	struct value *args = value_map(scratch);
	struct message_task task = { .module = "async_status", .args = args };
	struct run_link *link;
	const char *directory;
	uint64_t now = clock_ms();
	int64_t left =
		item->job_until_ms > now ? (int64_t)(item->job_until_ms - now) / 1000 + 1 : 0;

	if (!async_directory(scope, scratch, &directory, err) ||
		!evaluate_become(scope, step->task, scratch, &task.become, err) ||
		!link_for(scope, item, scratch, &link, err))
		return false;
	value_set(scratch, args, "jid", value_text(scratch, item->job_id));
	value_set(scratch, args, "_wait", value_int(scratch, MIN((int64_t)step->poll_s, left)));
	value_set(scratch, args, "_remove", &value_true);
	if (directory)
		value_set(scratch, args, "_async_dir", value_text(scratch, directory));
	item->wire_id = task.id = remote_next_id(scope->run);
	task.group = (uint32_t)step->task->serial_number;
	item->is_done = false;
	return remote_send(item, link, &task, err);
}

static void
go_on(struct item *item)
{
	struct task_scope scope;
	struct arena scratch;
	struct error err;

	arena_init(&scratch);
	task_scope_for_step(&scope, item->step, item->locals);
	if (!ask(&scope, item, &scratch, &err)) {
		item->job_id = NULL;
		item_done(item, failure_value(&item->step->arena, &err));
	}
	arena_release(&scratch);
}

static void
say(struct item *item, const char *what, const char *more)
{
	report_text(item->step->host->run->report, "ASYNC %s on %s: jid=%s%s", what,
		item->step->host->name, item->job_id, more);
}

static bool
is_set(const struct value *result, const char *key)
{
	return value_is_true(value_get(result, key));
}

/* The time is over and the job is not. */
static const struct value *
too_late(struct item *item)
{
	struct arena *arena = &item->step->arena;
	struct value *result = value_map(arena);

	value_set(arena, result, "changed", &value_false);
	value_set(arena, result, "failed", &value_true);
	value_set(arena, result, "msg",
		value_format(arena, "async task did not complete within the requested time - %us",
			item->step->async_s));
	value_set(arena, result, "async_result", item->result);
	return result;
}

static bool
poll_goes_on(struct item *item)
{
	struct arena *arena = &item->step->arena;

	if (!item->job_id) { /* it was started, or could not be */
		const char *id = value_string(value_get(item->result, "ansible_job_id"));

		if (!id || is_set(item->result, "failed"))
			return false;
		item->job_id = arena_text(arena, id);
		item->job_until_ms = clock_ms() + (uint64_t)item->step->async_s * 1000;
		go_on(item);
		return true;
	}
	if (!is_set(item->result, "finished")) {
		say(item, "POLL", " started=1 finished=0");
		if (clock_ms() < item->job_until_ms) {
			go_on(item);
			return true;
		}
		item->result = too_late(item);
	} else if (is_set(item->result, "timedout")) { /* it has seen so itself, before we asked */
		item->result = too_late(item);
	}
	say(item, is_set(item->result, "failed") ? "FAILED" : "OK", "");
	item->job_id = NULL;
	return false;
}

bool
async_goes_on(struct item *item)
{
	struct arena *arena = &item->step->arena;

	if (!item->step->async_s || item->is_unreachable || !item->was_sent)
		return false;
	if (item->step->poll_s)
		return poll_goes_on(item);
	if (value_get(item->result, "ansible_job_id")) {
		struct value *result = value_map_copy(arena, item->result);

		value_set(arena, result, "changed", &value_true);
		value_set(arena, result, "failed", value_int(arena, 0));
		item->result = result;
	}
	return false;
}
