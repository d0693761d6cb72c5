/*
 * `ertc lint`: what can be known to be wrong without a host. Reading a playbook finds what is wrong
 * in its form, in names of keywords and modules, and in templates; here the arguments of every task
 * are held against their module, and notified handlers are looked for.
 */
#include "orchestrator/run/internal.h"
#include "orchestrator/run/start.h"

struct linting {
	struct run *run;
	struct arena arena;
	size_t problems;
};

static void
complain(struct linting *linting, const struct place *place, const char *what, const char *hint)
{
	char buffer[512];

	linting->problems++;
	report_text(linting->run->report, "%s: %s%s%s",
		place->file ? place_text(place, buffer, sizeof(buffer)) : "?", what,
		hint && *hint ? "; " : "", hint ? hint : "");
}

static void
complain_of(struct linting *linting, const struct value *value, const struct error *err)
{
	char line[1600];

	snprintf(line, sizeof(line), "%s%s%s", err->what, err->why[0] ? ": " : "", err->why);
	complain(linting, &value->place, line, err->hint);
}

/* ---- arguments ---- */

static bool
is_given(const struct value *args, const struct param *param)
{
	if (value_get(args, param->name))
		return true;
	for (const char *const *alias = param->aliases; alias && *alias; alias++)
		if (value_get(args, *alias))
			return true;
	return false;
}

static void
check_names(struct linting *linting, const struct node *task)
{
	const char *names[128], *nearest;
	char what[300], hint[120] = "";
	size_t count = 0;

	for (const struct param *param = task->module->params;
		param->name && count + 1 < ARRAY_SIZE(names); param++)
		if (!param->is_internal)
			names[count++] = param->name;
	names[count] = NULL;
	VALUE_PAIRS (pair, task->args) {
		const char *name = value_string(pair->key);

		if (!name || params_find(task->module->params, name) ||
			template_is_present(view_of(name)))
			continue;
		if (!strcmp(name, "_raw_params")) {
			complain(linting, &task->place, "this module takes no free text", NULL);
			continue;
		}
		snprintf(what, sizeof(what), "'%s' is no argument of %s", name, task->module->name);
		nearest = text_nearest(name, names);
		if (nearest)
			snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
		complain(linting, &pair->key->place, what, hint);
	}
}

static void
check_required(struct linting *linting, const struct node *task)
{
	char what[200];

	for (const struct param *param = task->module->params; param->name; param++) {
		if (!param->required || param->is_internal || is_given(task->args, param) ||
			keyword_find(task, KEYWORD_MODULE_DEFAULTS))
			continue;
		snprintf(what, sizeof(what), "%s needs the argument '%s'", task->module->name,
			param->name);
		complain(linting, &task->place, what, NULL);
	}
}

/* Types and choices of what stands there in full; what templates make is taken for right. */
static void
check_values(struct linting *linting, const struct node *task)
{
	VALUE_PAIRS (pair, task->args) {
		const char *name = value_string(pair->key);
		const struct param *param = name ? params_find(task->module->params, name) : NULL;
		bool is_text = value_is_string(pair->value);
		struct error err;

		if (!param || param->is_internal ||
			(is_text ? template_is_present(value_string_view(pair->value))
				 : value_has_template(pair->value)))
			continue;
		error_clear(&err);
		if (!param_check_value(
			    param, value_with_flags(&linting->arena, pair->value, 0), &err))
			complain_of(linting, pair->value, &err);
	}
}

/* The loader has told of the others. */
static void
check_templates(struct linting *linting, const struct node *task)
{
	struct error err = { 0 };
	char what[sizeof(err.what) + sizeof(err.where) + 4];

	if (task_check_templates(linting->run->templates, task, &linting->arena, &err))
		return;
	snprintf(what, sizeof(what), "%s (%s)", err.what, err.where);
	complain(linting, &task->place, what, err.hint);
}

static void
check_task(struct linting *linting, const struct node *task)
{
	char what[300];

	if (task->is_implicit || task->step || !task->action)
		return;
	check_templates(linting, task);
	if (task->foreign) {
		snprintf(what, sizeof(what), "the module '%s' (%s) is not supported by ertc",
			task->written, task->foreign);
		complain(linting, &task->place, what, NULL);
		return;
	}
	if (!task->module || task->library || task->module->takes_any || !task->module->params ||
		!value_is_map(task->args))
		return;
	check_names(linting, task);
	check_required(linting, task);
	check_values(linting, task);
}

/* ---- handlers ---- */

static bool
names_handler(const struct node *handler, struct view name, struct arena *into)
{
	const struct value *own = handler->keywords[KEYWORD_NAME],
			   *listen = handler->keywords[KEYWORD_LISTEN];

	if (value_is_string(own) && template_is_present(value_string_view(own)))
		return true; /* may be called anything */
	if ((value_is_string(own) && view_equals(value_string_view(own), name)) ||
		view_is(name, node_title(handler, into)) ||
		(value_is_string(listen) && view_equals(value_string_view(listen), name)))
		return true;
	if (value_is_list(listen))
		VALUE_EACH (one, listen)
			if (view_equals(value_string_view(one), name))
				return true;
	return false;
}

static bool
has_handler(const struct node_list *list, struct view name, struct arena *into)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *node = list->nodes[i];

		if (node->kind != NODE_TASK
				? has_handler(&node->children, name, into)
				: names_handler(node, name, into) ||
					  (node->action && !strcmp(node->action, "include_tasks")))
			return true;
	}
	return false;
}

static bool
includes_roles(const struct node_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *node = list->nodes[i];

		if ((node->action && !strcmp(node->action, "include_role")) ||
			includes_roles(&node->children) || includes_roles(&node->rescue) ||
			includes_roles(&node->always))
			return true;
	}
	return false;
}

static void
check_notified(struct linting *linting, const struct node *play, const struct value *name)
{
	char what[300];

	if (!value_is_string(name) || template_is_present(value_string_view(name)) ||
		has_handler(&play->handlers, value_string_view(name), &linting->arena) ||
		includes_roles(&play->children))
		return;
	snprintf(what, sizeof(what), "no handler is called '%.200s'", value_string(name));
	complain(linting, &name->place, what, NULL);
}

/* ---- all of it ---- */

static void
check_nodes(struct linting *linting, const struct node *play, const struct node_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *node = list->nodes[i];
		const struct value *notify = node->keywords[KEYWORD_NOTIFY];

		if (node->kind == NODE_TASK)
			check_task(linting, node);
		if (value_is_list(notify))
			VALUE_EACH (name, notify)
				check_notified(linting, play, name);
		else if (notify)
			check_notified(linting, play, notify);
		check_nodes(linting, play, &node->children);
		check_nodes(linting, play, &node->rescue);
		check_nodes(linting, play, &node->always);
	}
}

static void
lint_playbook(struct linting *linting, const char *path)
{
	struct playbook *playbook;
	struct error err;

	error_clear(&err);
	if (!playbook_read(&linting->run->reader, path, &playbook, &err)) {
		linting->problems++;
		report_error(linting->run->report, &err);
		return;
	}
	for (size_t i = 0; i < playbook->plays.count; i++) {
		const struct node *play = playbook->plays.nodes[i];

		check_nodes(linting, play, &play->children);
		check_nodes(linting, play, &play->handlers);
	}
}

int
run_lint(const struct run_settings *settings, struct inventory *inventory, struct report *report,
	const char *const *paths)
{
	struct linting linting = { .run = run_start(settings, inventory, report) };

	arena_init(&linting.arena);
	for (; *paths; paths++)
		lint_playbook(&linting, *paths);
	report_text(report, "%zu problem%s", linting.problems, linting.problems == 1 ? "" : "s");
	arena_release(&linting.arena);
	run_stop(linting.run);
	return linting.problems ? RUN_FAILED : RUN_OK;
}
