/*
 * What a result means: changed, failed, to be repeated; registered, notified, counted and reported,
 * in the order of the play. The head of a host's queue is judged as its results come; when it
 * fails, what was sent ahead is taken back.
 */
#include "orchestrator/actions/action.h"
#include "orchestrator/run/internal.h"

static void host_settle_later(void *host);

/* What the module had done so far is not told, as in Ansible. */
static const struct value *
overdue_value(const struct item *item)
{
	struct arena *into = &item->step->arena;
	struct value *result = value_map(into);

	if (!item->step->is_loop)
		value_set(into, result, "changed", &value_false);
	value_set(into, result, "failed", &value_true);
	value_set(into, result, "msg",
		value_format(into,
			"The %s action failed to execute in the expected time frame (%u) and was "
			"terminated",
			item->step->action, item->timeout_s));
	return result;
}

void
item_done(struct item *item, const struct value *result)
{
	struct step *step = item->step;

	if (item->timeout_s && value_is_true(value_get(result, "timedout"))) {
		result = overdue_value(item);
		item->is_overdue = true;
	}
	item->result = value_dup(&step->arena, result);
	item->is_done = true;
	loop_later(step->host->run->loop, host_settle_later, step->host);
}

/* ---- one result ---- */

static bool
flag(const struct value *result, const char *key)
{
	const struct value *value = value_get(result, key);
	bool is_set = false;

	return value && value_to_bool(value, &is_set) && is_set;
}

static void
add_lines(struct arena *arena, struct value *result, const char *key, const char *lines_key)
{
	const struct value *text = value_get(result, key);
	struct value *lines;
	struct view rest, line;

	if (!value_is_string(text) || value_get(result, lines_key))
		return;
	lines = value_list(arena);
	rest = value_string_view(text);
	if (view_ends(rest, "\n"))
		rest.length--;
	while (value_length(text) && view_cut(&rest, '\n', &line)) {
		if (view_ends(line, "\r"))
			line.length--;
		value_add(arena, lines, value_view(arena, line));
	}
	value_set(arena, result, lines_key, lines);
}

static struct value *
result_copy(struct item *item)
{
	struct arena *arena = &item->step->arena;
	struct value *result = value_map_copy(arena, item->result);

	add_lines(arena, result, "stdout", "stdout_lines");
	add_lines(arena, result, "stderr", "stderr_lines");
	if (!value_get(result, "changed") && !item->is_unevaluated && !item->is_overdue)
		value_set(arena, result, "changed", &value_false);
	if (item->invocation && !value_get(result, "invocation")) {
		struct value *invocation = value_map(arena);

		value_set(arena, invocation, "module_args", item->invocation);
		value_set(arena, result, "invocation", invocation);
	}
	if (!value_get(result, "failed") && value_get(result, "rc")) {
		int64_t rc;

		if (value_to_int(value_get(result, "rc"), &rc) && rc != 0)
			value_set(arena, result, "failed", &value_true);
	}
	return result;
}

static bool
judge_condition(struct item *item, struct value *result, const struct value *source, bool *out,
	struct error *err)
{
	struct step *step = item->step;
	struct value *locals;
	struct task_scope scope;
	struct arena scratch;
	bool ok;

	arena_init(&scratch);
	locals = item->locals ? value_map_copy(&scratch, item->locals) : value_map(&scratch);
	if (step->register_as)
		value_set(&scratch, locals, step->register_as, result);
	task_scope_for_step(&scope, step, locals);
	condition_warn(step->host->run, source);
	ok = template_condition(
		step->host->run->templates, &scope.templates, &scratch, source, out, err);
	arena_release(&scratch);
	return ok;
}

static void
judge_failure(struct item *item, struct value *result, const struct error *err, const char *keyword)
{
	struct arena *arena = &item->step->arena;
	const char *text = value_to_text(
		arena, item->step->task->keywords[keyword_find_name(view_of(keyword))]);

	value_set(arena, result, "failed", &value_true);
	value_set(arena, result, arena_format(arena, "%s_result", keyword),
		value_format(arena,
			"The conditional check '%.300s' failed. The error was: error while "
			"evaluating conditional (%.300s): %s%s%s",
			text, text, err->what, err->why[0] ? ": " : "", err->why));
	if (err->where[0])
		value_set(arena, result, "where", value_text(arena, err->where));
}

/* changed_when and failed_when. Not for what was skipped or never reached the host. */
static void
judge_conditions(struct item *item, struct value *result)
{
	const struct node *task = item->step->task;
	struct arena *arena = &item->step->arena;
	struct error err;
	bool holds;

	if (flag(result, "skipped") || item->is_unreachable)
		return;
	if (task->keywords[KEYWORD_CHANGED_WHEN]) {
		if (!judge_condition(
			    item, result, task->keywords[KEYWORD_CHANGED_WHEN], &holds, &err)) {
			judge_failure(item, result, &err, "changed_when");
			return;
		}
		value_set(arena, result, "changed", value_bool(arena, holds));
	}
	if (task->keywords[KEYWORD_FAILED_WHEN]) {
		if (!judge_condition(
			    item, result, task->keywords[KEYWORD_FAILED_WHEN], &holds, &err)) {
			judge_failure(item, result, &err, "failed_when");
			return;
		}
		value_set(arena, result, "failed_when_result", value_bool(arena, holds));
		value_set(arena, result, "failed", value_bool(arena, holds));
	}
}

static void
retry_due(void *context)
{
	struct item *item = context;
	struct step *step = item->step;

	item->timer = NULL;
	item->is_done = false;
	item->is_issued = false;
	item->attempt++;
	step->next_item = (size_t)(item - step->items);
	step_go_on(step);
}

static const char *
delegated_name(const struct item *item)
{
	return item->delegate && strcmp(item->delegate, item->step->host->name) != 0
		       ? item->delegate
		       : NULL;
}

static void
report_item(struct item *item, const struct value *result, enum report_status status)
{
	struct step *step = item->step;
	struct run *run = step->host->run;
	struct report_result event = { .task = step_shown(step),
		.host = step->host->name,
		.delegated = delegated_name(item),
		.status = status,
		.result = result,
		.label = step->is_loop ? item->label : NULL,
		.is_ignored = step->ignores_errors,
		.no_log = step->no_log,
		.shows_diff = step->diff,
		.attempt = item->attempt,
		.retries = step->retries };

	report_result(run->report, &event);
}

/* True: the item is to be tried again, or waits for that. */
static bool
judge_until(struct item *item, struct value *result)
{
	struct step *step = item->step;
	struct arena *arena = &step->arena;
	struct error err;
	bool holds = false;

	if (!step->task->keywords[KEYWORD_UNTIL] || flag(result, "skipped") ||
		item->is_unreachable || item->is_unevaluated ||
		item->is_overdue) /* trying again would not help */
		return false;
	value_set(arena, result, "attempts", value_int(arena, item->attempt));
	if (!judge_condition(item, result, step->task->keywords[KEYWORD_UNTIL], &holds, &err)) {
		judge_failure(item, result, &err, "until");
		return false;
	}
	if (holds)
		return false;
	if (item->attempt >= step->retries) {
		value_set(arena, result, "attempts", value_int(arena, MAX(step->retries - 1, 1)));
		if (!step->task->keywords[KEYWORD_FAILED_WHEN]) /* which has the last word */
			value_set(arena, result, "failed", &value_true);
		return false;
	}
	value_set(arena, result, "retries", value_int(arena, step->retries));
	report_item(item, result, REPORT_RETRY);
	item->timer = loop_timer_add(
		step->host->run->loop, (uint64_t)step->delay_s * 1000, retry_due, item);
	return true;
}

static enum report_status
status_of(const struct item *item, const struct value *result)
{
	if (item->is_unreachable)
		return REPORT_UNREACHABLE;
	if (flag(result, "failed"))
		return REPORT_FAILED;
	if (flag(result, "skipped"))
		return REPORT_SKIPPED;
	return flag(result, "changed") ? REPORT_CHANGED : REPORT_OK;
}

static void
add_loop_keys(struct item *item, struct value *result)
{
	struct arena *arena = &item->step->arena;

	if (!item->locals || item->step->broken == item)
		return;
	VALUE_PAIRS (pair, item->locals)
		value_set_key(arena, result, pair->key, pair->value);
	if (!value_get(result, "failed") && !flag(result, "skipped"))
		value_set(arena, result, "failed", &value_false);
}

/* What an action makes of the runner's answer (fetch). */
static void
finish_remote_action(struct item *item)
{
	const struct action *action = action_find(item->step->action);
	struct action_call call = { .item = item,
		.step = item->step,
		.host = item->step->host,
		.run = item->step->host->run,
		.into = &item->step->arena };
	struct error err;

	if (!action || !action->finish || !item->was_sent || item->is_unreachable ||
		flag(item->result, "failed") || flag(item->result, "skipped"))
		return;
	call.result = value_map(call.into);
	item->is_unevaluated = !action->finish(&call, item->result, &err);
	item->result = item->is_unevaluated ? failure_value(call.into, &err) : call.result;
}

/* True: judged; false: it is being tried again. */
static bool
judge_item(struct item *item)
{
	struct value *result;

	if (item->timer)
		return false;
	if (async_goes_on(item))
		return false;
	finish_remote_action(item);
	result = result_copy(item);
	if (item->step->task->keywords[KEYWORD_UNTIL] && !flag(result, "skipped") &&
		!item->is_unreachable && !item->is_unevaluated && !item->is_overdue)
		value_set(&item->step->arena, result, "attempts",
			value_int(&item->step->arena, item->attempt));
	judge_conditions(item, result);
	if (judge_until(item, result))
		return false;
	add_loop_keys(item, result);
	if (item->step->is_loop && !item->step->includes && item->step->broken != item)
		report_item(item, result, status_of(item, result));
	item->result = result;
	item->is_judged = true;
	return true;
}

/* ---- the whole step ---- */

static struct value *
loop_result(struct step *step)
{
	struct arena *arena = &step->arena;
	struct value *whole = value_map(arena), *results = value_list(arena);
	bool any_changed = false, any_failed = false, all_skipped = true;

	for (size_t i = 0; i < step->item_count; i++) {
		const struct value *result = step->items[i].result;

		value_add(arena, results, result);
		any_changed |= flag(result, "changed");
		any_failed |= flag(result, "failed") || step->items[i].is_unreachable;
		all_skipped &= flag(result, "skipped");
	}
	value_set(arena, whole, "results", results);
	value_set(arena, whole, "changed", value_bool(arena, any_changed));
	if (any_failed) {
		value_set(arena, whole, "failed", &value_true);
		value_set(arena, whole, "msg", value_text(arena, "One or more items failed"));
	} else {
		value_set(arena, whole, "msg",
			value_text(
				arena, all_skipped ? "All items skipped" : "All items completed"));
	}
	value_set(arena, whole, "skipped", value_bool(arena, all_skipped));
	return whole;
}

/* As Ansible: what was skipped, and a loop without a failure, have no `failed`. */
static const struct value *
registered_copy(struct step *step, const struct value *result)
{
	struct value *copy = value_map_copy(&step->arena, result), *items;

	if (!value_get(copy, "failed") && !flag(copy, "skipped") && !step->is_loop)
		value_set(&step->arena, copy, "failed", &value_false);
	value_remove(copy, "_ansible_verbose_always");
	value_remove(copy, "invocation");
	if (step->is_loop && value_is_list(value_get(copy, "results"))) {
		items = value_list(&step->arena);
		VALUE_EACH (item, value_get(copy, "results")) {
			struct value *own = value_map_copy(&step->arena, item);

			value_remove(own, "_ansible_verbose_always");
			value_add(&step->arena, items, own);
		}
		value_set(&step->arena, copy, "results", items);
	}
	return copy;
}

/* Facts that modules found count for the host (or the delegated one, if asked). */
static void
take_facts(struct step *step, const struct item *item)
{
	const struct value *result = item->result;
	const struct value *facts = value_get(result, "ansible_facts");
	struct run_host *host = step->host;
	bool delegates = false;

	if (!value_is_map(facts) || !strcmp(step->action, "set_fact") ||
		!strcmp(step->action, "include_vars"))
		return;
	if (item->delegate && step->task->keywords[KEYWORD_DELEGATE_FACTS] &&
		value_to_bool(step->task->keywords[KEYWORD_DELEGATE_FACTS], &delegates) &&
		delegates) {
		struct inventory_host *other =
			inventory_host_find_or_local(host->run->inventory, item->delegate);

		if (other)
			host = run_host_get(host->run, other);
	}
	host_set_facts(host, facts);
}

static void
take_result_for(struct run_host *host, struct step *step, const struct value *result)
{
	if (step->register_as)
		host_set_variable(host, step->register_as, registered_copy(step, result));
	if (host != step->host && value_is_map(value_get(result, "ansible_facts"))) {
		if (!strcmp(step->action, "set_fact")) {
			VALUE_PAIRS (pair, value_get(result, "ansible_facts"))
				host_set_variable(host, value_string(pair->key), pair->value);
		} else {
			host_set_facts(host, value_get(result, "ansible_facts"));
		}
	}
}

static void
take_result(struct step *step)
{
	struct play_run *play = step->host->play;
	const struct action *action = action_find(step->action);

	for (size_t i = 0; i < step->item_count; i++)
		take_facts(step, &step->items[i]);
	if (!step->is_run_once && !(action && action->is_once)) {
		take_result_for(step->host, step, step->result);
		return;
	}
	for (size_t i = 0; i < play->count; i++)
		take_result_for(play->hosts[i], step, step->result);
}

static bool
notify(struct step *step, struct error *err)
{
	const struct value *names[64];
	size_t count;

	if (!flag(step->result, "changed"))
		return true;
	count = keyword_collect(step->task, KEYWORD_NOTIFY, names, ARRAY_SIZE(names));
	for (size_t i = 0; i < count; i++)
		if (!handlers_notify(step->host, step, names[i], err))
			return false;
	return true;
}

/* A STEP of a role in C stands in the tree as `meta: noop`. */
static bool
is_meta(const struct step *step)
{
	return !strcmp(step->action, "meta") && !step->task->step;
}

static void
count_step(struct step *step, enum report_status status, bool is_ignored)
{
	struct report_stats *stats = &step->host->stats;

	if (step->is_quiet || is_meta(step))
		return;
	if (step->includes) {
		if (!strcmp(step->action, "include_role"))
			return;
		for (const struct include_result *include = step->includes; include;
			include = include->next)
			stats->ok++;
		return;
	}
	switch (status) {
	case REPORT_SKIPPED:
		stats->skipped++;
		return;
	case REPORT_CHANGED:
		stats->changed++;
		stats->ok++;
		return;
	case REPORT_FAILED:
		if (!is_ignored)
			return; /* counted as failed or rescued, by who knows which */
		stats->ok++;
		stats->ignored++;
		stats->changed += flag(step->result, "changed");
		return;
	case REPORT_UNREACHABLE:
		stats->ok += is_ignored;
		stats->ignored += is_ignored;
		return;
	default:
		stats->ok++;
	}
}

static void
report_includes(struct step *step)
{
	for (size_t i = 0; i < step->item_count; i++) {
		const struct item *item = &step->items[i];
		const char *path = value_string(value_get(item->result, "_include_path"));

		if (path && *path)
			report_included(step->host->run->report, step_shown(step), path,
				step->host->name, step->is_loop ? item->label : NULL);
	}
}

static void
explain_meta_skip(struct step *step)
{
	const char *name = value_string(value_get(step->task->args, "free_form"));
	struct arena *arena = &step->arena;
	const char *text;

	if (!name)
		name = value_string(value_get(step->task->args, "_raw_params"));
	text = arena_format(arena, "%s conditional evaluated to False, continuing execution for %s",
		name ? name : "meta", step->host->name);
	report_verbose(step->host->run->report, 2, NULL, "META: %s", text);
	value_set(arena, step->result, "skip_reason", value_text(arena, text));
}

static void
report_step(struct step *step, enum report_status status, bool is_ignored)
{
	struct run *run = step->host->run;
	struct report_result event = { .task = step_shown(step),
		.host = step->host->name,
		.delegated = step->is_loop ? NULL : delegated_name(&step->items[0]),
		.status = status,
		.result = step->result,
		.is_ignored = is_ignored,
		.no_log = step->no_log,
		.shows_diff = step->diff,
		.is_loop_total = step->is_loop,
		.is_include = step->includes != NULL };

	if (step->is_quiet || step->host->run->fatal.kind ||
		(is_meta(step) && status != REPORT_FAILED && status != REPORT_SKIPPED))
		return;
	if (is_meta(step) && status == REPORT_SKIPPED)
		explain_meta_skip(step);
	if (step->includes) {
		if (strcmp(step->action, "include_role") != 0)
			report_includes(step);
	}
	report_result(run->report, &event);
}

static void
remember_failure(struct step *step)
{
	struct run_host *host = step->host;
	struct value *task = value_map(&host->arena);

	const char *name = value_string(step->task->keywords[KEYWORD_NAME]);

	value_set(&host->arena, task, "name", value_text(&host->arena, name ? name : ""));
	value_set(&host->arena, task, "action", value_text(&host->arena, step->action));
	host->failed_task = task;
	host->failed_result = value_dup(&host->arena, step->result);
}

void
host_fail(struct run_host *host, bool is_unreachable)
{
	struct error ignored;
	bool forced = false;
	struct task_scope scope;
	struct arena scratch;

	host->is_unreachable |= is_unreachable;
	host->is_failed |= !is_unreachable;
	host->run->has_failed |= !is_unreachable;
	if (is_unreachable && host->run->settings->lost)
		host->run->settings->lost(host->run->settings->lost_context, host->inventory->name);
	host->run->has_unreachable |= is_unreachable;
	if (host->is_doomed || is_unreachable) {
		host->is_done = true;
		return;
	}
	arena_init(&scratch);
	task_scope_init(&scope, host, host->play->node, NULL, 0, NULL);
	if (!evaluate_flag(&scope, &scratch, host->play->node->keywords[KEYWORD_FORCE_HANDLERS],
		    host->run->settings->force_handlers, &forced, &ignored))
		forced = false;
	arena_release(&scratch);
	host->cursor.depth = 0;
	host->cursor.is_lost = false;
	if (forced && host->notified && handlers_flush(host))
		host->is_doomed = true;
	else
		host->is_done = true;
}

static bool
any_errors_fatal(struct step *step)
{
	struct task_scope scope;
	struct arena scratch;
	bool fatal = false;

	arena_init(&scratch);
	task_scope_for_step(&scope, step, NULL);
	if (!keyword_flag(&scope, &scratch, step->task, KEYWORD_ANY_ERRORS_FATAL,
		    step->host->run->settings->any_errors_fatal, &fatal, NULL))
		fatal = false;
	arena_release(&scratch);
	return fatal;
}

/* Back to where the failed task stood, and from there to its rescue, its always, or out of the
 * play. */
static void
step_failed(struct step *step, bool is_unreachable)
{
	struct run_host *host = step->host;
	bool is_rescued = false, is_caught;

	remember_failure(step);
	host_drop_steps(host, step->next);
	step->next = NULL;
	remote_release(host);
	host->cursor.depth = step->saved_depth;
	host->cursor.is_lost = false;
	memcpy(host->cursor.levels, step->saved, step->saved_depth * sizeof(*step->saved));
	host->is_pending = false;
	if (step->task->is_handler)
		handler_done(host, step->task);
	if (is_unreachable) {
		host->stats.unreachable++;
		host_fail(host, true);
		return;
	}
	if (any_errors_fatal(step) ||
		(step->is_run_once && host->play->strategy == STRATEGY_LINEAR))
		host->play->fatal_task = step->task;
	is_caught = cursor_is_caught(&host->cursor);
	if (cursor_fail(&host->cursor, &is_rescued)) {
		/* Not fatal for all as long as its block has more to say, be it only `always`. */
		if (host->play->fatal_task == step->task)
			host->play->fatal_task = NULL;
		if (is_rescued || is_caught) {
			host->stats.rescued++;
		} else {
			host->stats.failed++;
			host->run->has_failed = true;
		}
		return;
	}
	host->stats.failed++;
	host_fail(host, false);
}

static void
step_finish(struct step *step)
{
	struct run_host *host = step->host;
	bool is_unreachable = false, is_ignored;
	enum report_status status;
	struct error err;

	for (size_t i = 0; i < step->item_count; i++)
		is_unreachable |= step->items[i].is_unreachable;
	if (step->broken) {
		step->is_loop = false;
		step->items[0].result = step->broken->result;
	}
	step->result = step->is_loop ? loop_result(step)
				     : value_map_copy(&step->arena, step->items[0].result);
	status = is_unreachable			 ? REPORT_UNREACHABLE
		 : flag(step->result, "failed")	 ? REPORT_FAILED
		 : flag(step->result, "skipped") ? REPORT_SKIPPED
		 : flag(step->result, "changed") ? REPORT_CHANGED
						 : REPORT_OK;
	is_ignored = is_unreachable ? step->ignores_unreachable : step->ignores_errors;
	step->is_finished = true;
	take_result(step);
	if (status != REPORT_FAILED && status != REPORT_UNREACHABLE && !notify(step, &err)) {
		host->run->fatal = err; /* a mistake in the playbook, not of the host */
		host->run->is_cancelled = true;
		loop_stop(host->run->loop);
	}
	report_step(step, status, is_ignored);
	count_step(step, status, is_ignored);
	if ((status == REPORT_FAILED || status == REPORT_UNREACHABLE) && !is_ignored)
		step_failed(step, is_unreachable);
	else if (step->task->is_handler)
		handler_done(host, step->task);
}

/* True: all of its items are judged. */
static bool
judge_head(struct step *step)
{
	while (step->judged_count < step->item_count) {
		struct item *item = &step->items[step->judged_count];

		if (!item->is_issued && !item->timer)
			step_go_on(step);
		if (!item->is_done || !item->is_issued || !judge_item(item))
			return false;
		step->judged_count++;
	}
	return true;
}

void
host_settle(struct run_host *host)
{
	while (host->steps && judge_head(host->steps)) {
		struct step *step = host->steps;

		step_finish(step);
		host->steps = step->next;
		if (!host->steps)
			host->steps_end = &host->steps;
		host->step_count--;
		host->is_pending = false;
		step_free(step);
		if (host->steps)
			play_banner(host->steps);
	}
	report_busy(host->run->report, host->name, host->steps ? host->steps->title : NULL);
	if (host->play)
		play_schedule(host->play);
}

static void
host_settle_later(void *context)
{
	host_settle(context);
}

void
host_settle_soon(struct run_host *host)
{
	loop_later(host->run->loop, host_settle_later, host);
}
