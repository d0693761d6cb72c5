/* A step: one task on one host. Its keywords and its loop are evaluated here; its items in item.c.
 */
#include "orchestrator/run/internal.h"

enum { DEFAULT_RETRIES = 3, DEFAULT_DELAY_S = 5 };

/* ---- results of failures ---- */

/* `msg` is as Ansible has it, because playbooks compare it; what we know beyond it has its own
 * keys. */
struct value *
failure_value(struct arena *into, const struct error *err)
{
	struct value *result = value_map(into);
	struct str msg = STR_INIT;

	if (err->kind == ERR_UNDEFINED)
		str_add(&msg,
			"The task includes an option with an undefined variable. The error was: ");
	str_add(&msg, err->what);
	if (err->why[0])
		str_add_format(&msg, ". %s", err->why);
	value_set(into, result, "failed", &value_true);
	value_set(into, result, "msg", value_view(into, str_view(&msg)));
	if (err->where[0])
		value_set(into, result, "where", value_text(into, err->where));
	if (err->hint[0])
		value_set(into, result, "hint", value_text(into, err->hint));
	str_release(&msg);
	return result;
}

struct value *
skipped_value(struct arena *into, const char *reason)
{
	struct value *result = value_map(into);

	value_set(into, result, "changed", &value_false);
	value_set(into, result, "skipped", &value_true);
	value_set(into, result, "skip_reason", value_text(into, reason));
	return result;
}

/* ---- steps ---- */

struct step *
step_new(struct run_host *host, const struct node *task)
{
	struct step *step = memory_get(sizeof(*step));

	arena_init(&step->arena);
	step->host = host;
	step->task = task;
	step->action = task->action;
	step->module = task->module;
	step->handlers_known = host->play ? host->play->node->handlers.count : 0;
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

/* ---- keywords ---- */

static bool
step_flags(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const struct run_settings *settings = scope->run->settings;
	const struct node *task = step->task;

	return keyword_flag(scope, scratch, task, KEYWORD_IGNORE_ERRORS, false,
		       &step->ignores_errors, err) &&
	       keyword_flag(scope, scratch, task, KEYWORD_IGNORE_UNREACHABLE, false,
		       &step->ignores_unreachable, err) &&
	       keyword_flag(scope, scratch, task, KEYWORD_NO_LOG, settings->no_log, &step->no_log,
		       err) &&
	       keyword_flag(scope, scratch, task, KEYWORD_CHECK_MODE, settings->check_mode,
		       &step->check_mode, err) &&
	       keyword_flag(scope, scratch, task, KEYWORD_DIFF, settings->diff, &step->diff, err) &&
	       keyword_flag(scope, scratch, task, KEYWORD_RUN_ONCE, false, &step->is_run_once, err);
}

bool
step_retries(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	int64_t retries, delay;

	step->retries = 1;
	if (!step->task->keywords[KEYWORD_UNTIL])
		return true;
	if (!evaluate_int(scope, scratch, KEYWORD_RETRIES, step->task->keywords[KEYWORD_RETRIES],
		    DEFAULT_RETRIES, &retries, err) ||
		!evaluate_int(scope, scratch, KEYWORD_DELAY, step->task->keywords[KEYWORD_DELAY],
			DEFAULT_DELAY_S, &delay, err))
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

/* `action: "{{ ansible_pkg_mgr }} name=x"` */
static bool
step_templated_action(
	struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const char *text;
	size_t length;

	if (step->action)
		return true;
	if (value_is_map(step->task->action_template)) {
		if (!evaluate_text(scope, scratch, value_get(step->task->action_template, "module"),
			    &text, err))
			return false;
	} else if (!evaluate_text(scope, scratch, step->task->action_template, &text, err)) {
		return false;
	}
	length = text ? strcspn(text, " \t\n") : 0;
	text = text ? arena_bytes(&step->arena, text, length) : "";
	step->module = module_named(text);
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
	bool is_include_role = step->action && !strcmp(step->action, "include_role");
	const char *text = NULL, *title;
	struct error ignored;

	if (name && !evaluate_text(scope, scratch, name, &text, &ignored))
		text = value_string(name); /* shown as it is written */
	if (!text || !*text)
		text = step->task->step_name ? step->task->step_name
		       : step->task->written ? step->task->written
		       : step->action	     ? step->action
					     : "action";
	if (is_include_role && !name && value_is_string(value_get(step->task->args, "name")))
		text = arena_format(&step->arena, "include_role : %s",
			value_string(value_get(step->task->args, "name")));
	title = step->task->role && !is_include_role
			? arena_format(&step->arena, "%s : %s", step->task->role->name, text)
			: arena_text(&step->arena, text);
	step->title = title;
	return true;
}

static bool
sets_facts(const struct step *step)
{
	static const char *const names[] = { "setup", "gather_facts", "package_facts",
		"service_facts", "getent", "ec2_metadata_facts", "mount_facts" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(step->action, names[i]))
			return true;
	return false;
}

static bool
step_keywords(struct task_scope *scope, struct step *step, struct arena *scratch, struct error *err)
{
	const struct node *task = step->task;

	step->retries = 1;
	if (!step_flags(scope, step, scratch, err) ||
		(!task->keywords[KEYWORD_LOOP] && !step_retries(scope, step, scratch, err)) ||
		!step_register(scope, step, scratch, err) ||
		!step_templated_action(scope, step, scratch, err))
		return false;
	step->produces_facts = sets_facts(step);
	/* A failure that only the controller can see holds back what follows. */
	step->holds = task->keywords[KEYWORD_FAILED_WHEN] || task->keywords[KEYWORD_UNTIL];
	step->is_sequential = task->keywords[KEYWORD_UNTIL] != NULL;
	return step_async(scope, step, scratch, err);
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
loop_control_read(struct task_scope *scope, struct step *step, struct arena *scratch,
	struct loop_control *out, struct error *err)
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
		!evaluate_flag(scope, scratch, value_get(control, "extended"), false,
			&out->extended, err) ||
		!evaluate_flag(scope, scratch, value_get(control, "extended_allitems"), true,
			&out->all_items, err))
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
step_items_from_list(
	struct step *step, const struct value *list, const struct loop_control *control)
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
			value_set(arena, locals, "ansible_index_var",
				value_text(arena, control->index_var));
		}
		if (control->extended)
			value_set(arena, locals, "ansible_loop",
				extended_loop(step, list, i, control->all_items));
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
	value_set(&step->arena, result, "skipped_reason",
		value_text(&step->arena, "No items in the list"));
	value_remove(result, "skip_reason");
	value_set(&step->arena, result, "results", value_list(&step->arena));
	item_done(&step->items[0], result);
	step->items[0].is_issued = true;
	step->next_item = 1;
	return true;
}

/* ---- the whole ---- */

bool
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
		ok = step_title(&scope, step, &scratch);
	}
	arena_release(&scratch);
	return ok;
}

void
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
	step->items[0].is_issued = step->items[0].is_unevaluated = true;
	step->items[0].label = NULL;
	step->next_item = 1;
	item_done(&step->items[0], failure_value(&step->arena, err));
}
