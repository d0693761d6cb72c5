/*
 * One item of a step: its condition and arguments are evaluated, and what goes to the runner is
 * sent at once, ahead of results that are still on their way. What is for the controller is done by
 * its action, or by the STEP of a role in C.
 */
#include "orchestrator/actions/action.h"
#include "orchestrator/run/internal.h"
#include "roles/role.h"

static bool
is_include(const struct step *step)
{
	const struct action *action = action_find(step->action);

	return action && action->is_include;
}

static bool
has_all_required(const struct param *params, const struct value *args)
{
	for (; params->name; params++) {
		const struct value *given = value_get(args, params->name);

		for (size_t i = 0; !given && params->aliases && params->aliases[i]; i++)
			given = value_get(args, params->aliases[i]);
		if (params->required && value_is_none(given))
			return false;
	}
	return true;
}

static bool
check_options(const struct action *action, const struct value *args, struct error *err)
{
	_cleanup_str_ struct str wrong = STR_INIT;

	VALUE_PAIRS (pair, args) {
		bool is_known = false;

		for (size_t i = 0; action->options[i]; i++)
			is_known |= text_equals(value_string(pair->key), action->options[i]);
		if (!is_known)
			str_add_format(&wrong, "%s%s", wrong.length ? "," : "",
				value_string(pair->key) ? value_string(pair->key) : "?");
	}
	return !wrong.length ||
	       fail(err, ERR_OPTIONS, "Invalid options for %s: %s", action->name, wrong.data);
}

static bool
item_check_parameters(const struct step *step, const struct value *args, struct error *err)
{
	const struct action *action = action_find(step->action);
	const struct value *raw = value_get(args, "_raw_params");

	if (raw && !is_include(step) && !(step->module && step->module->free_form)) {
		fail(err, ERR_TYPE, "invalid or malformed argument: '%.200s'",
			value_string(raw) ? value_string(raw) : "?");
		return error_at(err, raw);
	}
	if (action && action->options && !check_options(action, args, err))
		return false;
	if (!step->module || !step->module->params || step->module->takes_any ||
		(action && action->checks_parameters))
		return true;
	if (step->module->missing && !has_all_required(step->module->params, args))
		return fail(err, ERR_TYPE, "%s", step->module->missing);
	return params_check(step->module->name, step->module->params, args, err);
}

static const struct value *
default_of(struct arena *into, const struct param *param)
{
	const struct value *text = value_text(into, param->fallback);
	int64_t number;
	bool flag;

	if (!param->fallback)
		return &value_none;
	if (param->type == PARAM_TYPE_FLAG && value_to_bool(text, &flag))
		return value_bool(into, flag);
	if (param->type == PARAM_TYPE_INT && value_to_int(text, &number))
		return value_int(into, number);
	return text;
}

/* Secrets among the arguments stay out of reports, at any verbosity (rule R3). */
static const struct value *
shown_arguments(const struct step *step, struct arena *into, const struct value *args)
{
	struct value *shown = value_map(into);

	for (const struct param *param = step->module->params; param && param->name; param++)
		if (!param->is_internal)
			value_set(into, shown, param->name, default_of(into, param));
	VALUE_PAIRS (pair, args) {
		const char *name = value_string(pair->key);
		const struct param *param = step->module->params && name
						    ? params_find(step->module->params, name)
						    : NULL;
		bool is_secret = param ? param->is_secret : name && strstr(name, "passw");

		value_set_key(into, shown, value_dup(into, pair->key),
			is_secret ? value_text(into, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
				  : value_dup(into, pair->value));
	}
	return shown;
}

/* A module of a library/ folder gets its arguments as they are, and the run's own beside them. */
static bool
library_arguments(struct task_scope *scope, const struct step *step, struct arena *into,
	struct value **args, struct error *err)
{
	const struct node *task = step->task;
	const struct value *raw;
	const char *interpreter;
	struct value *all;

	if (!task->library)
		return true;
	if (!scope_find(&scope->scope, into, VIEW("ansible_python_interpreter"), &raw, err) ||
		!evaluate_text(scope, into, raw, &interpreter, err))
		return false;
	all = value_map(into);
	value_set(into, all, "args", *args);
	value_set(into, all, "check_mode", value_bool(into, step->check_mode));
	value_set(into, all, "diff", value_bool(into, step->diff));
	value_set(into, all, "no_log", value_bool(into, step->no_log));
	value_set(into, all, "verbosity", value_int(into, scope->run->settings->verbosity));
	value_set(into, all, "_name", value_text(into, step->action));
	value_set(into, all, "_path", value_text(into, task->library));
	value_set(into, all, "_utils", library_utils(into, task));
	if (interpreter)
		value_set(into, all, "_interpreter", value_text(into, interpreter));
	*args = all;
	return true;
}

static bool
item_send(struct task_scope *scope, struct item *item, struct arena *scratch, struct value *args,
	struct error *err)
{
	struct step *step = item->step;
	struct message_task task = { .module = step->module->name,
		.check_mode = step->check_mode,
		.diff = step->diff,
		.stops = !step->ignores_errors && !step->holds };
	struct run_link *link;
	int64_t timeout;

	if (!library_arguments(scope, step, scratch, &args, err) ||
		!async_directory(scope, scratch, &task.async_dir, err) ||
		!evaluate_become(scope, step->task, scratch, &task.become, err) ||
		!evaluate_environment(scope, step->task, scratch, &task.environment, err) ||
		!keyword_int(scope, scratch, step->task, KEYWORD_TIMEOUT,
			scope->run->settings->task_timeout_s, &timeout, err))
		return false;
	task.async_s = step->async_s;
	task.timeout_s = timeout > 0 && !task.async_s ? (uint32_t)timeout : 0;
	item->timeout_s = task.timeout_s;
	if (scope->run->settings->verbosity >= 3 || (step->is_loop && step->register_as))
		item->invocation = shown_arguments(step, &step->arena, args);
	if (!link_for(scope, item, scratch, &link, err))
		return false;
	item->wire_id = task.id = remote_next_id(scope->run);
	task.group = (uint32_t)(step->task->serial_number);
	if (!prepare_arguments(scope, item, link, scratch, args, step->check_mode, err))
		return false;
	task.args = args;
	return remote_send(item, link, &task, err);
}

static void
action_call_init(
	struct action_call *call, struct task_scope *scope, struct item *item, struct value *args)
{
	*call = (struct action_call){ .item = item,
		.step = item->step,
		.host = item->step->host,
		.run = scope->run,
		.scope = scope,
		.into = &item->step->arena,
		.args = args };
	call->result = value_map(call->into);
}

static bool
item_act(struct task_scope *scope, struct item *item, const struct action *action,
	struct value *args, struct error *err)
{
	struct action_call call;

	action_call_init(&call, scope, item, args);
	if (!action->run(&call, err))
		return false;
	if (call.is_later)
		item->step->holds = true;
	else
		item_done(item, call.result);
	return true;
}

static bool run_step_function(struct task_scope *scope, struct item *item, struct error *err);

/* delegate_to may depend on the item. What the delegated host is called can be read in
 * ansible_delegated_vars. */
static bool
item_delegate(struct task_scope *scope, struct item *item, struct arena *scratch, struct error *err)
{
	const struct step *step = item->step;
	struct arena *arena = &item->step->arena;
	const struct inventory_host *other;
	struct value *locals, *vars;
	const char *name;

	if (!keyword_text(scope, scratch, step->task, KEYWORD_DELEGATE_TO, &name, err))
		return false;
	if (!name || !*name)
		return true;
	item->delegate = arena_text(arena, name);
	other = inventory_host_find(scope->run->inventory, name);
	locals = item->locals ? value_map_copy(arena, item->locals) : value_map(arena);
	vars = value_map(arena);
	value_set(arena, vars, name, other ? other->merged : &value_empty_map);
	value_set(arena, locals, "ansible_delegated_vars", vars);
	task_scope_for_step(scope, step, locals);
	return true;
}

/* A label that cannot be evaluated is shown as it is written. */
static void
item_label(struct task_scope *scope, struct item *item, struct arena *scratch)
{
	const struct value *label;

	if (item->label && value_has_template(item->label) &&
		evaluate_value(scope, scratch, item->label, &label, NULL))
		item->label = value_dup(&item->step->arena, label);
}

static bool
fail_foreign(const struct node *task, struct error *err)
{
	fail(err, ERR_UNSUPPORTED, "the module '%s' (%s) is not supported by ertc", task->written,
		task->foreign);
	error_where(err, "%s:%u:%u", task->place.file, task->place.line, task->place.column);
	return error_hint(err, "use a module that `ertc doc -l` lists, or command or script");
}

static bool
item_evaluate(struct task_scope *scope, struct item *item, struct arena *scratch, bool *is_whole,
	struct error *err)
{
	struct step *step = item->step;
	const struct action *action = action_find(step->action);
	struct value *args;
	bool holds;

	*is_whole = true;
	item_label(scope, item, scratch);
	/* They may be of the item; those of a task with until are done one behind the other. */
	if (step->is_loop && !step_retries(scope, step, scratch, err))
		return false;
	if (!evaluate_when(scope, step->task, scratch, &holds, err))
		return false;
	if (!holds) {
		item_done(item, skipped_value(&step->arena, "Conditional result was False"));
		return true;
	}
	if (step->task->step)
		return run_step_function(scope, item, err);
	if (step->task->foreign)
		return fail_foreign(step->task, err);
	if (!item_delegate(scope, item, scratch, err))
		return false;
	if (!async_is_possible(step, err) || !task_arguments(scope, step, scratch, &args, err))
		return false;
	*is_whole = false;
	if (!item_check_parameters(step, args, err))
		return false;
	if (action && !action->is_remote)
		return item_act(scope, item, action, args, err);
	if (action && action->run) {
		struct action_call call;

		action_call_init(&call, scope, item, args);
		if (!action->run(&call, err))
			return false;
		if (call.result->map.count) {
			item_done(item, call.result);
			return true;
		}
		args = call.args;
	}
	return item_send(scope, item, scratch, args, err);
}

/* What cannot be evaluated for one item ends the whole loop, as in Ansible. */
static void
loop_break(struct item *item)
{
	struct step *step = item->step;

	step->broken = item;
	step->item_count = (size_t)(item - step->items) + 1;
}

/* Does the failure say nothing of changed? */
static bool
fails_plainly(const struct step *step, const struct error *err)
{
	const struct action *action = action_find(step->action);

	return err->kind == ERR_UNDEFINED ||
	       (action && action->fails_plainly && (err->kind != ERR_OPTIONS || !action->options));
}

/* False: it waits for a value that is on its way. */
static bool
item_issue(struct item *item)
{
	struct step *step = item->step;
	struct task_scope scope;
	struct arena scratch;
	struct error err;
	bool is_pending = false, is_whole;

	arena_init(&scratch);
	task_scope_for_step(&scope, step, item->locals);
	error_clear(&err);
	if (!item_evaluate(&scope, item, &scratch, &is_whole, &err)) {
		is_pending = err.kind == ERR_PENDING;
		if (!is_pending) {
			step->holds = true;
			item->is_unevaluated = is_whole || fails_plainly(step, &err);
			if (step->is_loop && (is_whole || err.kind == ERR_UNDEFINED))
				loop_break(item);
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
				item->timer = loop_timer_add(step->host->run->loop,
					(uint64_t)step->pause_ms, pause_over, item);
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
role_run_get(
	struct role_run *run, const char *expression, const struct value **out, struct error *err)
{
	struct step_context *context = run->context;
	struct value *source = value_text(run->arena, expression);

	source->flags = VALUE_TEMPLATE;
	*out = NULL;
	if (template_expression(context->scope->run->templates, &context->scope->templates,
		    run->arena, source, out, err)) {
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
	struct role_run run = { .arena = &step->arena,
		.host = step->host->name,
		.check_mode = step->check_mode,
		.get = role_run_get,
		.set = role_run_set,
		.warn = role_run_warn,
		.context = &context };
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
