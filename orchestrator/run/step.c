/*
 * From the task a host stands on to a step in its queue: keywords and loop are evaluated, then each item's condition
 * and arguments; what goes to the runner is sent at once, ahead of results that are still on their way.
 */
#include "orchestrator/run/internal.h"

#include <fnmatch.h>

#include "orchestrator/actions/action.h"
#include "orchestrator/run/list.h"
#include "roles/role.h"

enum { MOST_STEPS_AHEAD = 64, MOST_BYTES_AHEAD = 4 * 1024 * 1024, DEFAULT_RETRIES = 3, DEFAULT_DELAY_S = 5 };

/* ---- results of failures ---- */

struct value *
failure_value(struct arena *into, const struct error *err)
{
	struct value *result = value_map(into);
	struct str msg = STR_INIT;

	if (err->kind == ERR_UNDEFINED)
		str_add(&msg, "The task includes an option with an undefined variable. The error was: ");
	str_add(&msg, err->what);
	if (err->why[0])
		str_add_format(&msg, ". %s", err->why);
	if (err->where[0])
		str_add_format(&msg, " (%s)", err->where);
	if (err->hint[0])
		str_add_format(&msg, ". Hint: %s", err->hint);
	value_set(into, result, "failed", &value_true);
	value_set(into, result, "msg", value_view(into, str_view(&msg)));
	str_release(&msg);
	return result;
}

static struct value *
skipped_value(struct arena *into, const char *reason)
{
	struct value *result = value_map(into);

	value_set(into, result, "changed", &value_false);
	value_set(into, result, "skipped", &value_true);
	value_set(into, result, "skip_reason", value_text(into, reason));
	return result;
}

/* ---- steps ---- */

static struct step *
step_new(struct run_host *host, const struct node *task)
{
	struct step *step = memory_get(sizeof(*step));

	arena_init(&step->arena);
	step->host = host;
	step->task = task;
	step->action = task->action;
	step->module = task->module;
	step->saved_depth = host->cursor.depth;
	step->saved = arena_array(&step->arena, host->cursor.depth, struct level);
	memcpy(step->saved, host->cursor.levels, host->cursor.depth * sizeof(*step->saved));
	return step;
}

void
step_free(struct step *step)
{
	for (size_t i = 0; i < step->item_count; i++) {
		struct item *item = &step->items[i];
		char id[16];

		loop_timer_remove(item->timer);
		str_release(&item->fetched);
		if (!item->link || !item->was_sent)
			continue;
		snprintf(id, sizeof(id), "%u", item->wire_id);
		if (map_get(&item->link->in_flight, id) == item)
			map_remove(&item->link->in_flight, id);
		content_free_for(item->link, item->wire_id);
	}
	arena_release(&step->arena);
	free(step);
}

void
host_drop_steps(struct run_host *host, struct step *from)
{
	struct step **end = &host->steps;

	while (*end && *end != from)
		end = &(*end)->next;
	*end = NULL;
	host->steps_end = end;
	while (from) {
		struct step *next = from->next;

		host->step_count--;
		step_free(from);
		from = next;
	}
}

static void
host_append(struct run_host *host, struct step *step)
{
	if (!host->steps)
		host->steps_end = &host->steps;
	*host->steps_end = step;
	host->steps_end = &step->next;
	host->step_count++;
	step->started_ms = clock_ms();
}

static struct step *
host_last_step(const struct run_host *host)
{
	struct step *last = host->steps;

	while (last && last->next)
		last = last->next;
	return last;
}

/* ---- keywords ---- */

static bool
step_flags(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const struct run_settings *settings = scope->run->settings;
	const struct node *task = step->task;

	return evaluate_flag(scope, scratch, keyword_find(task, KEYWORD_IGNORE_ERRORS), false, &step->ignores_errors,
		       err) &&
		evaluate_flag(scope, scratch, keyword_find(task, KEYWORD_IGNORE_UNREACHABLE), false,
			&step->ignores_unreachable, err) &&
		evaluate_flag(scope, scratch, keyword_find(task, KEYWORD_NO_LOG), settings->no_log, &step->no_log,
			err) &&
		evaluate_flag(scope, scratch, keyword_find(task, KEYWORD_CHECK_MODE), settings->check_mode,
			&step->check_mode, err) &&
		evaluate_flag(scope, scratch, keyword_find(task, KEYWORD_DIFF), settings->diff, &step->diff, err) &&
		evaluate_flag(scope, scratch, keyword_find(task, KEYWORD_RUN_ONCE), false, &step->is_run_once, err);
}

static bool
step_retries(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	int64_t retries, delay;

	step->retries = 1;
	if (!step->task->keywords[KEYWORD_UNTIL])
		return true;
	if (!evaluate_int(scope, scratch, step->task->keywords[KEYWORD_RETRIES], DEFAULT_RETRIES, &retries, err) ||
		!evaluate_int(scope, scratch, step->task->keywords[KEYWORD_DELAY], DEFAULT_DELAY_S, &delay, err))
		return false;
	step->retries = retries <= 0 ? 1 : (int)MIN(retries, 1000000) + 1;
	step->delay_s = delay < 0 ? 1 : (int)MIN(delay, 86400);
	return true;
}

static bool
step_register(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const char *name;

	if (!evaluate_text(scope, scratch, step->task->keywords[KEYWORD_REGISTER], &name, err))
		return false;
	step->register_as = arena_text(&step->arena, name);
	return true;
}

static bool
step_delegate(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const char *name;

	if (!evaluate_text(scope, scratch, keyword_find(step->task, KEYWORD_DELEGATE_TO), &name, err))
		return false;
	step->delegate = name && *name ? arena_text(&step->arena, name) : NULL;
	return true;
}

/* `action: "{{ ansible_pkg_mgr }} name=x"` */
static bool
step_templated_action(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const char *text;
	size_t length;

	if (step->action)
		return true;
	if (value_is_map(step->task->action_template)) {
		if (!evaluate_text(scope, scratch, value_get(step->task->action_template, "module"), &text, err))
			return false;
	} else if (!evaluate_text(scope, scratch, step->task->action_template, &text, err)) {
		return false;
	}
	length = text ? strcspn(text, " \t\n") : 0;
	text = text ? arena_bytes(&step->arena, text, length) : "";
	step->module = module_find(text);
	if (!step->module) {
		fail(err, ERR_PARSE, "couldn't resolve module/action '%.100s'", text);
		return error_at(err, step->task->action_template);
	}
	step->action = step->module->name;
	return true;
}

static bool
step_title(struct task_scope *scope, struct step *step, struct arena *scratch)
{
	const struct value *name = step->task->keywords[KEYWORD_NAME];
	const char *text = NULL, *title;
	struct error ignored;

	if (name && !evaluate_text(scope, scratch, name, &text, &ignored))
		text = value_string(name); /* shown as it is written */
	if (!text || !*text)
		text = step->task->step_name ? step->task->step_name : step->action ? step->action : "action";
	if (step->action && !strcmp(step->action, "include_role") && !name &&
		value_is_string(value_get(step->task->args, "name")))
		text = arena_format(&step->arena, "include_role : %s", value_string(value_get(step->task->args, "name")));
	title = step->task->role ? arena_format(&step->arena, "%s : %s", step->task->role->name, text)
				 : arena_text(&step->arena, text);
	step->title = title;
	return true;
}

static bool
sets_facts(const struct step *step)
{
	static const char *const names[] = { "setup", "gather_facts", "package_facts", "service_facts", "getent",
		"ec2_metadata_facts", "mount_facts" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(step->action, names[i]))
			return true;
	return false;
}

static bool
step_keywords(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const struct node *task = step->task;

	if (!step_flags(scope, step, scratch, err) || !step_retries(scope, step, scratch, err) ||
		!step_register(scope, step, scratch, err) || !step_templated_action(scope, step, scratch, err))
		return false;
	step->produces_facts = sets_facts(step);
	/* A failure that only the controller can see holds back what follows. */
	step->holds = task->keywords[KEYWORD_FAILED_WHEN] || task->keywords[KEYWORD_UNTIL];
	step->is_sequential = task->keywords[KEYWORD_UNTIL] != NULL;
	return true;
}

/* ---- items ---- */

static const struct value *
extended_loop(struct step *step, const struct value *list, uint32_t index, bool with_items)
{
	struct arena *arena = &step->arena;
	struct value *loop = value_map(arena);
	uint32_t count = list->list.count;

	if (with_items)
		value_set(arena, loop, "allitems", list);
	value_set(arena, loop, "index", value_int(arena, index + 1));
	value_set(arena, loop, "index0", value_int(arena, index));
	value_set(arena, loop, "first", value_bool(arena, index == 0));
	value_set(arena, loop, "last", value_bool(arena, index + 1 == count));
	value_set(arena, loop, "length", value_int(arena, count));
	value_set(arena, loop, "revindex", value_int(arena, count - index));
	value_set(arena, loop, "revindex0", value_int(arena, count - index - 1));
	if (index + 1 < count)
		value_set(arena, loop, "nextitem", list->list.items[index + 1]);
	if (index > 0)
		value_set(arena, loop, "previtem", list->list.items[index - 1]);
	return loop;
}

struct loop_control {
	const char *loop_var, *index_var;
	const struct value *label;
	bool extended, all_items;
};

static bool
loop_control_read(struct task_scope *scope, struct step *step, struct arena *scratch, struct loop_control *out,
	struct error *err)
{
	const struct value *control = step->task->keywords[KEYWORD_LOOP_CONTROL], *pause;
	const char *text;

	*out = (struct loop_control){ .loop_var = "item", .all_items = true };
	if (!value_is_map(control))
		return true;
	if (!evaluate_text(scope, scratch, value_get(control, "loop_var"), &text, err))
		return false;
	if (text)
		out->loop_var = text;
	if (!evaluate_text(scope, scratch, value_get(control, "index_var"), &out->index_var, err) ||
		!evaluate_flag(scope, scratch, value_get(control, "extended"), false, &out->extended, err) ||
		!evaluate_flag(scope, scratch, value_get(control, "extended_allitems"), true, &out->all_items, err))
		return false;
	out->label = value_get(control, "label");
	pause = value_get(control, "pause");
	if (pause) {
		if (!evaluate_value(scope, scratch, pause, &pause, err))
			return false;
		if (pause->type == VALUE_FLOAT)
			step->pause_ms = (int64_t)(pause->real * 1000);
		else if (value_to_int(pause, &step->pause_ms))
			step->pause_ms *= 1000;
		step->is_sequential = true;
	}
	return true;
}

static void
step_items_from_list(struct step *step, const struct value *list, const struct loop_control *control)
{
	struct arena *arena = &step->arena;

	step->is_loop = true;
	step->item_count = list->list.count;
	step->items = arena_array(arena, step->item_count, struct item);
	for (uint32_t i = 0; i < list->list.count; i++) {
		struct item *item = &step->items[i];
		struct value *locals = value_map(arena);

		item->step = step;
		item->item = list->list.items[i];
		value_set(arena, locals, control->loop_var, item->item);
		value_set(arena, locals, "ansible_loop_var", value_text(arena, control->loop_var));
		if (control->index_var) {
			value_set(arena, locals, control->index_var, value_int(arena, i));
			value_set(arena, locals, "ansible_index_var", value_text(arena, control->index_var));
		}
		if (control->extended)
			value_set(arena, locals, "ansible_loop", extended_loop(step, list, i, control->all_items));
		item->locals = locals;
		item->label = control->label ? control->label : item->item;
	}
}

static void
step_single_item(struct step *step)
{
	step->item_count = 1;
	step->items = arena_array(&step->arena, 1, struct item);
	step->items[0].step = step;
}

/* A loop that cannot be evaluated does not matter where `when` says no without its items. */
static bool
is_skipped_without_items(struct task_scope *scope, const struct step *step, struct arena *scratch)
{
	struct error ignored;
	bool holds;

	return evaluate_when(scope, step->task, scratch, &holds, &ignored) && !holds;
}

static bool
step_loop(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	struct loop_control control;
	const struct value *list;
	struct value *result;

	if (!evaluate_loop(scope, step->task, scratch, &list, err)) {
		if (err->kind == ERR_PENDING || !is_skipped_without_items(scope, step, scratch))
			return false;
		list = NULL;
	}
	if (!list) {
		step_single_item(step);
		return true;
	}
	if (!loop_control_read(scope, step, scratch, &control, err))
		return false;
	if (list->list.count) {
		step_items_from_list(step, value_dup(&step->arena, list), &control);
		return true;
	}
	step_single_item(step);
	result = skipped_value(&step->arena, "No items in the list");
	value_set(&step->arena, result, "skipped_reason", value_text(&step->arena, "No items in the list"));
	value_remove(result, "skip_reason");
	value_set(&step->arena, result, "results", value_list(&step->arena));
	item_done(&step->items[0], result);
	step->items[0].is_issued = true;
	step->next_item = 1;
	return true;
}

/* ---- one item ---- */

static bool
item_check_parameters(const struct step *step, const struct value *args, struct error *err)
{
	const struct value *raw = value_get(args, "_raw_params");

	if (raw && step->module && !step->module->free_form) {
		fail(err, ERR_TYPE, "invalid or malformed argument: '%.200s'", value_string(raw) ? value_string(raw) : "?");
		return error_at(err, raw);
	}
	if (!step->module || !step->module->params || step->module->takes_any)
		return true;
	if (params_check(step->module->params, args, err))
		return true;
	return error_context(err, "module '%s'", step->module->name);
}

static bool
item_send(struct task_scope *scope, struct item *item, struct arena *scratch, struct value *args, struct error *err)
{
	struct step *step = item->step;
	struct message_task task = { .module = step->module->name, .check_mode = step->check_mode, .diff = step->diff,
		.stops = !step->ignores_errors && !step->holds };
	struct run_link *link;
	int64_t timeout;

	if (!item_check_parameters(step, args, err) || !evaluate_become(scope, step->task, scratch, &task.become, err) ||
		!evaluate_environment(scope, step->task, scratch, &task.environment, err) ||
		!evaluate_int(scope, scratch, keyword_find(step->task, KEYWORD_TIMEOUT),
			scope->run->settings->task_timeout_s, &timeout, err))
		return false;
	if (step->task->keywords[KEYWORD_ASYNC] && !timeout &&
		!evaluate_int(scope, scratch, step->task->keywords[KEYWORD_ASYNC], 0, &timeout, err))
		return false;
	task.timeout_s = timeout > 0 ? (uint32_t)timeout : 0;
	if (!link_for(scope, step, scratch, &link, err))
		return false;
	item->wire_id = task.id = remote_next_id(scope->run);
	task.group = (uint32_t)(step->task->serial_number);
	if (!prepare_arguments(scope, item, link, scratch, args, step->check_mode, err))
		return false;
	task.args = args;
	return remote_send(item, link, &task, err);
}

static void
action_call_init(struct action_call *call, struct task_scope *scope, struct item *item, struct value *args)
{
	*call = (struct action_call){ .item = item, .step = item->step, .host = item->step->host, .run = scope->run,
		.scope = scope, .into = &item->step->arena, .args = args };
	call->result = value_map(call->into);
}

static bool
item_act(struct task_scope *scope, struct item *item, const struct action *action, struct value *args,
	struct error *err)
{
	struct action_call call;

	if (item->step->module && !item_check_parameters(item->step, args, err))
		return false;
	action_call_init(&call, scope, item, args);
	if (!action->run(&call, err))
		return false;
	if (!call.is_later)
		item_done(item, call.result);
	return true;
}

static bool run_step_function(struct task_scope *scope, struct item *item, struct error *err);

static bool
item_evaluate(struct task_scope *scope, struct item *item, struct arena *scratch, struct error *err)
{
	struct step *step = item->step;
	const struct action *action = action_find(step->action);
	struct value *args;
	bool holds;

	if (!evaluate_when(scope, step->task, scratch, &holds, err))
		return false;
	if (!holds) {
		item_done(item, skipped_value(&step->arena, "Conditional result was False"));
		return true;
	}
	if (item->label && value_has_template(item->label)) {
		const struct value *label;

		if (!evaluate_value(scope, scratch, item->label, &label, err))
			return false;
		item->label = value_dup(&step->arena, label);
	}
	if (step->task->step)
		return run_step_function(scope, item, err);
	if (!task_arguments(scope, step, scratch, &args, err))
		return false;
	if (action && !action->is_remote)
		return item_act(scope, item, action, args, err);
	if (action && action->run) {
		struct action_call call;

		action_call_init(&call, scope, item, args);
		if (!action->run(&call, err))
			return false;
		args = call.args;
	}
	return item_send(scope, item, scratch, args, err);
}

/* False: it waits for a value that is on its way. */
static bool
item_issue(struct item *item)
{
	struct step *step = item->step;
	struct task_scope scope;
	struct arena scratch;
	struct error err;
	bool is_pending = false;

	arena_init(&scratch);
	task_scope_for_step(&scope, step, item->locals);
	error_clear(&err);
	if (!item_evaluate(&scope, item, &scratch, &err)) {
		is_pending = err.kind == ERR_PENDING;
		if (!is_pending) {
			step->holds = true;
			item_done(item, failure_value(&step->arena, &err));
		}
	}
	item->is_issued = !is_pending;
	if (!is_pending && item->attempt == 0)
		item->attempt = 1;
	arena_release(&scratch);
	step->host->is_pending = is_pending;
	return !is_pending;
}

static void
pause_over(void *context)
{
	struct item *item = context;

	item->timer = NULL;
	step_go_on(item->step);
}

void
step_go_on(struct step *step)
{
	while (step->next_item < step->item_count) {
		struct item *item = &step->items[step->next_item];

		if (step->is_sequential && step->next_item > 0) {
			if (!step->items[step->next_item - 1].is_judged)
				return;
			if (step->pause_ms > 0 && !item->attempt) {
				item->attempt = 1;
				item->timer = loop_timer_add(
					step->host->run->loop, (uint64_t)step->pause_ms, pause_over, item);
				return;
			}
			if (item->timer)
				return;
		}
		if (!item_issue(item))
			return;
		step->next_item++;
	}
}

/* ---- steps in C of a role ---- */

struct step_context {
	struct task_scope *scope;
	struct item *item;
	struct value *facts;
};

static bool
role_run_get(struct role_run *run, const char *expression, const struct value **out, struct error *err)
{
	struct step_context *context = run->context;
	struct value *source = value_text(run->arena, expression);

	source->flags = VALUE_TEMPLATE;
	*out = NULL;
	if (template_expression(context->scope->run->templates, &context->scope->templates, run->arena, source, out, err)) {
		if (value_is(*out, VALUE_UNDEFINED))
			*out = NULL;
		return true;
	}
	if (err->kind != ERR_UNDEFINED)
		return false;
	error_clear(err);
	*out = NULL;
	return true;
}

static void
role_run_set(struct role_run *run, const char *name, const struct value *value)
{
	struct step_context *context = run->context;

	value_set(run->arena, context->facts, name, value);
}

static void
role_run_warn(struct role_run *run, const char *text)
{
	struct step_context *context = run->context;

	report_warning(context->scope->run->report, "%s: %s", run->host, text);
}

static bool
run_step_function(struct task_scope *scope, struct item *item, struct error *err)
{
	struct step *step = item->step;
	struct step_context context = { scope, item, value_map(&step->arena) };
	struct role_run run = { .arena = &step->arena, .host = step->host->name, .check_mode = step->check_mode,
		.get = role_run_get, .set = role_run_set, .warn = role_run_warn, .context = &context };
	struct value *result = value_map(&step->arena);

	if (!step->task->step(&run, err))
		return false;
	VALUE_PAIRS (pair, context.facts)
		host_set_variable(step->host, value_string(pair->key), pair->value);
	value_set(&step->arena, result, "changed", value_bool(&step->arena, run.is_changed));
	if (run.message)
		value_set(&step->arena, result, "msg", value_text(&step->arena, run.message));
	item_done(item, result);
	return true;
}

/* ---- the host's turn ---- */

static bool
waits_for_all(const struct node *task)
{
	const struct action *action = task->action ? action_find(task->action) : NULL;

	if (keyword_find(task, KEYWORD_DELEGATE_TO) || task->is_handler || task->step)
		return true;
	return action && action->waits;
}

static bool
is_chosen(struct run_host *host, struct node *task)
{
	const struct run_settings *settings = host->run->settings;
	const struct value *tags;
	struct task_scope scope;
	struct arena scratch;
	bool chosen;

	if (task->is_chosen)
		return task->is_chosen > 0;
	arena_init(&scratch);
	tags = node_tags(task, &scratch);
	if (value_has_template(tags)) {
		const struct value *evaluated;

		task_scope_init(&scope, host, task, host->cursor.levels, host->cursor.depth, NULL);
		if (evaluate_value(&scope, &scratch, tags, &evaluated, NULL))
			tags = evaluated;
	}
	chosen = tags_choose(tags, settings->tags, settings->skip_tags);
	task->is_chosen = chosen ? 1 : -1;
	arena_release(&scratch);
	return chosen;
}

/* --start-at-task: everything before the task of that name is passed over, for good. */
static bool
is_before_start(struct run_host *host, const struct node *task)
{
	struct run *run = host->run;
	const char *name = value_string(task->keywords[KEYWORD_NAME]);
	const char *wanted = run->settings->start_at_task;
	bool is_it;

	if (!wanted || run->started_at_task || task->is_implicit)
		return false;
	is_it = name && (!strcmp(name, wanted) || fnmatch(wanted, name, 0) == 0 ||
				!strcmp(node_title(task, &run->scratch), wanted));
	run->started_at_task = is_it;
	return !is_it;
}

/* Is the implicit setup wanted? False with err: it cannot be told. */
static bool
wants_facts(struct run_host *host, const struct node *task, bool *out, struct error *err)
{
	const struct value *keyword = task->play->keywords[KEYWORD_GATHER_FACTS];
	const char *gathering = host->run->settings->gathering;
	struct task_scope scope;
	struct arena scratch;
	bool fallback = !(gathering && !strcmp(gathering, "explicit")), ok;

	if (gathering && !strcmp(gathering, "smart") && host->facts->map.count)
		fallback = false;
	arena_init(&scratch);
	task_scope_init(&scope, host, task->play, NULL, 0, NULL);
	ok = evaluate_flag(&scope, &scratch, keyword, fallback, out, err);
	arena_release(&scratch);
	return ok;
}

static bool
is_passed_over(struct run_host *host, const struct node *task)
{
	struct error err;
	bool wanted = true;

	if (task->is_handler)
		return !handler_is_due(host, task);
	if (task->is_implicit && !strcmp(task->action, "setup")) {
		if (!wants_facts(host, task, &wanted, &err) || !wanted)
			return true;
	}
	return !is_chosen(host, (struct node *)(uintptr_t)task) || is_before_start(host, task);
}

static bool
step_build(struct step *step, struct error *err)
{
	struct task_scope scope;
	struct arena scratch;
	bool ok;

	arena_init(&scratch);
	task_scope_for_step(&scope, step, NULL);
	ok = step_keywords(&scope, step, &scratch, err) && step_loop(&scope, step, &scratch, err);
	if (ok) {
		task_scope_for_step(&scope, step, step->items[0].locals);
		ok = step_title(&scope, step, &scratch) && step_delegate(&scope, step, &scratch, err);
	}
	arena_release(&scratch);
	return ok;
}

static void
step_fail_whole(struct step *step, const struct error *err)
{
	if (!step->items)
		step_single_item(step);
	if (!step->title)
		step->title = arena_text(&step->arena, node_title(step->task, &step->arena));
	if (!step->action)
		step->action = "action";
	step->is_loop = false;
	step->item_count = 1;
	step->holds = true;
	step->items[0].is_issued = true;
	step->items[0].label = NULL;
	step->next_item = 1;
	item_done(&step->items[0], failure_value(&step->arena, err));
}

/* run_once, and actions that count for all: who is not the first host of the batch passes by. */
static bool
is_done_by_another(const struct run_host *host, const struct step *step)
{
	const struct action *action = action_find(step->action);
	const struct play_run *play = host->play;

	if (play->strategy != STRATEGY_LINEAR || !(step->is_run_once || (action && action->is_once)))
		return false;
	for (size_t i = 0; i < play->count; i++) {
		const struct run_host *other = play->hosts[i];

		if (other == host)
			return false;
		if (!other->is_failed && !other->is_unreachable && !other->has_ended)
			return true;
	}
	return false;
}

/* --step: asks once per task. True: it is not wanted. */
static bool
is_declined(struct run_host *host, const struct step *step)
{
	struct play_run *play = host->play;
	char question[512], answer[32];

	if (!host->run->settings->step || host->run->does_all_steps || step->is_quiet)
		return false;
	if (play->asked_task == step->task && play->asked_round == play->round && play->count > 1)
		return play->is_declined;
	play->asked_task = step->task;
	play->asked_round = play->round;
	snprintf(question, sizeof(question), "Perform task: TASK: %s (N)o/(y)es/(c)ontinue: ", step->title);
	if (!prompt_ask(question, false, answer, sizeof(answer)))
		answer[0] = 'n';
	host->run->does_all_steps = answer[0] == 'c' || answer[0] == 'C';
	play->is_declined = !(host->run->does_all_steps || answer[0] == 'y' || answer[0] == 'Y');
	return play->is_declined;
}

static enum issue
issue_task(struct run_host *host, const struct node *task)
{
	struct step *step = step_new(host, task);
	struct error err;

	error_clear(&err);
	step->is_quiet = task->is_implicit && task->action && !strcmp(task->action, "meta");
	if (!step_build(step, &err)) {
		if (err.kind == ERR_PENDING) {
			step_free(step);
			host->is_pending = true;
			return ISSUE_WAIT;
		}
		step_fail_whole(step, &err);
	} else if (is_done_by_another(host, step) || is_declined(host, step)) {
		step_free(step);
		cursor_step(&host->cursor);
		return ISSUE_DONE;
	}
	if (host->play->count == 1)
		host->play->round++;
	step->round = host->play->round;
	host_append(host, step);
	cursor_step(&host->cursor);
	if (host->steps == step)
		play_banner(step);
	step_go_on(step);
	report_busy(host->run->report, host->name, host->steps->title);
	return ISSUE_DONE;
}

static bool
is_far_enough_ahead(const struct run_host *host)
{
	return host->step_count >= MOST_STEPS_AHEAD ||
		(host->link && host->link->link && link_queued(host->link->link) > MOST_BYTES_AHEAD);
}

enum issue
host_issue(struct run_host *host)
{
	struct step *last = host_last_step(host);

	if (host->is_done)
		return ISSUE_END;
	if (last) {
		if (last->next_item < last->item_count)
			step_go_on(last);
		if (last->next_item < last->item_count || last->holds || is_far_enough_ahead(host))
			return ISSUE_WAIT;
	}
	if (host->run->interrupts || (host->play->has_ended && !host->is_doomed))
		return last ? ISSUE_WAIT : ISSUE_END;
	for (;;) {
		bool failed;
		const struct node *task = cursor_task(&host->cursor, &failed);

		if (!task) {
			if (host->steps)
				return ISSUE_WAIT;
			if (!failed)
				host->is_done = true;
			else
				host_fail(host, false);
			if (host->is_done)
				return ISSUE_END;
			continue; /* forced handlers are left */
		}
		if (host->steps && waits_for_all(task))
			return ISSUE_WAIT;
		if (!is_passed_over(host, task))
			return issue_task(host, task);
		cursor_step(&host->cursor);
	}
}
