/*
 * `ertc vars`: where a host's variables come from. Every level that sets a name is told, the highest
 * first, with file and line; so is what tasks would set on their way.
 */
#include "json/json.h"
#include "orchestrator/run/internal.h"
#include "orchestrator/run/start.h"

struct explaining {
	struct run *run;
	struct run_host *host;
	struct arena arena;
	bool with_levels;
	struct str out;
};

static void
add_json(struct explaining *explaining, const struct value *value)
{
	static const struct json_style style = { .keep_utf8 = true };

	json_add(value, &style, &explaining->out);
}

static void
add_place(struct explaining *explaining, const struct value *value)
{
	char buffer[512];

	str_add_format(&explaining->out, "  %s\n",
		value->place.file ? place_text(&value->place, buffer, sizeof(buffer)) : "");
}

/* The value as it is written: what it evaluates to stands above. */
static void
add_level(struct explaining *explaining, const char *what, const char *of,
	const struct value *value, bool *has_won)
{
	struct str label = STR_INIT;

	str_add_format(&label, "%s%s%s", what, of ? " " : "", of ? of : "");
	str_add_format(&explaining->out, "  %s %-34s ", *has_won ? "  " : "->", label.data);
	*has_won = true;
	if (value->flags & VALUE_SECRET)
		str_add(&explaining->out, "(hidden)");
	else
		add_json(explaining, value);
	add_place(explaining, value);
	str_release(&label);
}

static void
add_inventory_levels(struct explaining *explaining, struct view name, bool *has_won)
{
	const struct inventory_host *host = explaining->host->inventory;

	for (size_t i = host->level_count; i > 0; i--) {
		const struct inventory_level *level = &host->levels[i - 1];
		const struct value *value = value_get_view(level->vars, name);

		if (value)
			add_level(explaining, level->what, level->of, value, has_won);
	}
}

static void
add_levels(struct explaining *explaining, const struct task_scope *scope, struct view name)
{
	bool has_won = false;

	for (size_t i = 0; i < scope->scope.count; i++) {
		const struct scope_layer *layer = &scope->scope.layers[i];
		const struct value *value;

		if (text_equals(layer->what, "inventory")) {
			add_inventory_levels(explaining, name, &has_won);
			continue;
		}
		value = value_get_view(layer->map, name);
		if (value)
			add_level(explaining, layer->what ? layer->what : "?", NULL, value, &has_won);
	}
}

/* ---- what tasks set on their way ---- */

static bool
sets(const struct node *node, struct view name, const char **how, const struct value **where)
{
	const struct value *registers = node->keywords[KEYWORD_REGISTER],
			   *vars = node->keywords[KEYWORD_VARS];

	if (node->kind == NODE_TASK && value_is_string(registers) &&
		view_equals(value_string_view(registers), name)) {
		*how = "register";
		*where = registers;
		return true;
	}
	if (node->action && !strcmp(node->action, "set_fact") && value_is_map(node->args) &&
		value_get_view(node->args, name)) {
		*how = "set_fact";
		*where = value_get_view(node->args, name);
		return true;
	}
	if (value_is_map(vars) && value_get_view(vars, name)) {
		*how = node->kind == NODE_TASK	 ? "task vars, there"
		       : node->kind == NODE_ROLE ? "role vars, there"
						 : "block vars, there";
		*where = value_get_view(vars, name);
		return true;
	}
	return false;
}

static void
add_settings(struct explaining *explaining, const struct node_list *list, struct view name)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *node = list->nodes[i];
		const struct value *where;
		const char *how;

		if (sets(node, name, &how, &where)) {
			str_add_format(&explaining->out, "  .. %-34s ", how);
			if (where->flags & VALUE_SECRET)
				str_add(&explaining->out, "(hidden)");
			else if (strcmp(how, "register") != 0)
				add_json(explaining, where);
			add_place(explaining, where);
		}
		add_settings(explaining, &node->children, name);
		add_settings(explaining, &node->rescue, name);
		add_settings(explaining, &node->always, name);
	}
}

/* ---- one name, all names ---- */

static bool
add_value(struct explaining *explaining, struct task_scope *scope, struct view name)
{
	const struct value *raw, *value;
	struct error err;

	error_clear(&err);
	if (!scope_find(&scope->scope, &explaining->arena, name, &raw, &err))
		raw = NULL;
	str_add_format(&explaining->out, "%.*s: ", (int)name.length, name.data);
	if (!raw) {
		str_add(&explaining->out, "(not defined)\n");
		return false;
	}
	if (raw->flags & VALUE_SECRET) {
		str_add(&explaining->out, "(hidden)\n");
	} else if (evaluate_value(scope, &explaining->arena, raw, &value, &err)) {
		add_json(explaining, value);
		str_add_char(&explaining->out, '\n');
	} else {
		str_add_format(&explaining->out, "(%s)\n", err.what);
	}
	return true;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(value_string(*(const struct value *const *)a),
		value_string(*(const struct value *const *)b));
}

static bool
explain_scope(struct explaining *explaining, const struct node *play, const char *name)
{
	struct task_scope scope;
	const struct value *names;
	struct value *sorted;
	struct error err;
	bool is_there = true;

	task_scope_init(&scope, explaining->host, play, NULL, 0, NULL);
	if (name) {
		is_there = add_value(explaining, &scope, view_of(name));
		if (explaining->with_levels) {
			add_levels(explaining, &scope, view_of(name));
			if (play)
				add_settings(explaining, &play->children, view_of(name));
		}
		return is_there;
	}
	if (!scope_names(&scope.scope, &explaining->arena, &names, &err))
		return false;
	sorted = value_list_copy(&explaining->arena, names);
	qsort(sorted->list.items, sorted->list.count, sizeof(*sorted->list.items), compare_texts);
	VALUE_EACH (one, sorted) {
		add_value(explaining, &scope, value_string_view(one));
		if (explaining->with_levels)
			add_levels(explaining, &scope, value_string_view(one));
	}
	return true;
}

/* ---- plays ---- */

static bool
play_has_host(struct explaining *explaining, const struct node *play)
{
	struct play_run one = { .run = explaining->run, .node = play };
	struct error ignored;
	bool has = false;

	arena_init(&one.arena);
	if (play_choose_hosts(&one, &ignored))
		for (size_t i = 0; i < one.all_count; i++)
			has |= one.all[i] == explaining->host;
	arena_release(&one.arena);
	return has;
}

static bool
explain_play(struct explaining *explaining, const struct node *node, const char *name,
	struct error *err)
{
	struct play_run play = { .run = explaining->run, .node = node };
	struct run_host *host = explaining->host;
	bool is_there;

	arena_init(&play.arena);
	explaining->run->play = &play;
	host->play = &play;
	play.hosts = play.all = play.listed = &explaining->host;
	play.count = play.all_count = play.batch_size = 1;
	if (!inventory_finish(explaining->run->inventory, node->directory, err) ||
		!play_read_vars_files(&play, err))
		return false;
	str_add_format(&explaining->out, "play: %s\n",
		value_string(node->keywords[KEYWORD_NAME])
			? value_string(node->keywords[KEYWORD_NAME])
			: value_to_text(&explaining->arena, node->keywords[KEYWORD_HOSTS]));
	is_there = explain_scope(explaining, node, name);
	host->play = NULL;
	explaining->run->play = NULL;
	arena_release(&play.arena);
	return is_there || fail(err, ERR_UNDEFINED, "'%s' is not defined for %s", name, host->name);
}

static bool
explain(struct explaining *explaining, const char *const *paths, const char *name,
	struct error *err)
{
	struct run *run = explaining->run;
	size_t plays = 0;

	for (; *paths; paths++) {
		struct playbook *playbook;

		if (!playbook_read(&run->reader, *paths, &playbook, err))
			return false;
		for (size_t i = 0; i < playbook->plays.count; i++) {
			const struct node *play = playbook->plays.nodes[i];

			if (!inventory_finish(run->inventory, play->directory, err))
				return false;
			if (!play_has_host(explaining, play))
				continue;
			plays++;
			if (!explain_play(explaining, play, name, err))
				return false;
		}
	}
	if (plays)
		return true;
	return inventory_finish(run->inventory, ".", err) &&
	       (explain_scope(explaining, NULL, name) ||
		       fail(err, ERR_UNDEFINED, "'%s' is not defined for %s", name,
			       explaining->host->name));
}

int
run_explain(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *const *paths, const char *host, const char *name,
	bool with_levels)
{
	struct explaining explaining = { .with_levels = with_levels };
	struct run *run = run_start(settings, inventory, report);
	struct inventory_host *found = inventory_host_find_or_local(inventory, host);
	struct error err;
	bool ok;

	error_clear(&err);
	arena_init(&explaining.arena);
	str_init(&explaining.out);
	explaining.run = run;
	if (found) {
		explaining.host = run_host_get(run, found);
		ok = explain(&explaining, paths, name, &err);
	} else {
		ok = fail(&err, ERR_MISSING, "there is no host '%s' in this inventory", host);
	}
	if (explaining.out.length) {
		str_cut(&explaining.out, explaining.out.length - 1);
		report_text(report, "%s", explaining.out.data);
	}
	if (!ok)
		report_error(report, &err);
	str_release(&explaining.out);
	arena_release(&explaining.arena);
	run_stop(run);
	return ok ? RUN_OK : RUN_ERROR;
}
