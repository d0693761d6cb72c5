/*
 * One play: its hosts, in batches; whose turn it is. Linear: a task starts nowhere before the task
 * in front of it is finished everywhere (a role in C counts as one). With one host in the batch,
 * and for the other strategies, each host runs ahead for itself.
 */
#include "orchestrator/run/internal.h"
#include "orchestrator/run/prompt.h"

static bool
is_active(const struct run_host *host)
{
	return !host->is_done && !(host->is_failed && !host->is_doomed) && !host->is_unreachable;
}

/* ---- banners ---- */

/* Once for all hosts that take the task together. */
/* "/where/it/stands/site.yml:12" */
static const char *
shown_path(struct arena *into, const struct place *place)
{
	char here[4096];

	if (!place->file)
		return "";
	if (place->file[0] == '/' || !getcwd(here, sizeof(here)))
		return arena_format(into, "%s:%u", place->file, place->line);
	return arena_format(into, "%s/%s:%u", here, place->file, place->line);
}

const struct report_task *
step_shown(struct step *step)
{
	if (!step->shown.path)
		step->shown = (struct report_task){ .id = step->task,
			.round = step->round,
			.kind = step->task->is_handler ? "RUNNING HANDLER" : "TASK",
			.title = step->title,
			.path = shown_path(&step->arena, &step->task->place),
			.action = step->action,
			.args = step->no_log ? NULL : step->task->args,
			.check_mode = step->check_mode,
			.is_lockstep = step->host->play->strategy == STRATEGY_LINEAR };
	return &step->shown;
}

void
play_banner(struct step *step)
{
	struct play_run *play = step->host->play;

	if (step->is_quiet)
		return;
	if (play->banner_task != step->task || play->banner_round != step->round) {
		play->banner_task = step->task;
		play->banner_round = step->round;
		report_task(play->run->report, step_shown(step));
	}
	if (!step->is_told) {
		step->is_told = true;
		report_start(play->run->report, step_shown(step), step->host->name);
	}
}

/* ---- turns ---- */

/* All that the host can take without waiting. */
static bool
run_ahead(struct run_host *host)
{
	bool moved = false;

	while (is_active(host) && host_issue(host) == ISSUE_DONE)
		moved = true;
	return moved;
}

static void
batch_fail_all(struct play_run *play)
{
	for (size_t i = 0; i < play->count; i++) {
		struct run_host *host = play->hosts[i];

		if (!is_active(host) || host->steps)
			continue;
		host->is_failed = true;
		host->is_done = true;
	}
	play->run->has_failed = play->run->is_broken = true;
	if (!play->was_told) {
		play->was_told = true;
		report_no_more_hosts(play->run->report);
	}
}

static bool
anybody_has_steps(const struct play_run *play)
{
	for (size_t i = 0; i < play->count; i++)
		if (play->hosts[i]->steps)
			return true;
	return false;
}

/* Moves past tasks that do not concern the host, to the next that does; NULL: none. */
static const struct node *
next_task(struct run_host *host)
{
	bool failed;
	const struct node *task;

	while (is_active(host) && !host->has_ended) {
		task = cursor_task(&host->cursor, &failed);
		if (task && task_is_passed_over(host, task)) {
			cursor_step(&host->cursor);
			continue;
		}
		if (task)
			return task;
		if (failed)
			host_fail(host, false); /* forced handlers may be left */
		else
			host->is_done = true;
	}
	return NULL;
}

static const struct run_host *
hindmost(struct play_run *play)
{
	const struct run_host *least = NULL;

	for (size_t i = 0; i < play->count; i++) {
		struct run_host *host = play->hosts[i];

		if (!next_task(host))
			continue;
		if (!least || cursor_compare(&host->cursor, &least->cursor) < 0)
			least = host;
	}
	return least;
}

/* Within a role in C each host goes on alone, up to its end. */
static bool
advance_in_c_role(struct play_run *play, const struct node *role)
{
	bool moved = false;

	for (size_t i = 0; i < play->count; i++) {
		struct run_host *host = play->hosts[i];

		while (is_active(host) && !host->has_ended &&
			cursor_c_role(&host->cursor) == role && host_issue(host) == ISSUE_DONE)
			moved = true;
	}
	return moved;
}

static bool
c_role_is_open(struct play_run *play, const struct node **role)
{
	for (size_t i = 0; i < play->count; i++) {
		struct run_host *host = play->hosts[i];
		const struct node *inside = is_active(host) ? cursor_c_role(&host->cursor) : NULL;

		if (inside && host->steps) {
			*role = inside;
			return true;
		}
	}
	return false;
}

static bool
play_evaluate(struct play_run *play, const struct value *source, const struct value **out,
	struct error *err)
{
	struct task_scope scope;
	struct inventory_host *local;

	*out = NULL;
	if (!source)
		return true;
	if (play->all_count) {
		task_scope_init(&scope, play->all[0], play->node, NULL, 0, NULL);
	} else {
		local = inventory_host_find_or_local(play->run->inventory, "localhost");
		task_scope_init(&scope, run_host_get(play->run, local), play->node, NULL, 0, NULL);
	}
	return evaluate_value(&scope, &play->arena, source, out, err);
}

/* How many hosts may have work at the same time: forks, and the task's throttle. */
static size_t
most_at_once(struct play_run *play, const struct node *task)
{
	size_t most = (size_t)play->run->settings->forks;
	const struct value *throttle = task ? keyword_find(task, KEYWORD_THROTTLE) : NULL, *value;
	struct error ignored;
	int64_t number;

	if (throttle && play_evaluate(play, throttle, &value, &ignored) &&
		value_to_int(value, &number) && number > 0)
		most = MIN(most, (size_t)number);
	return most;
}

bool
play_throttles(struct play_run *play, const struct node *task)
{
	size_t count = 0, most;

	if (play->strategy == STRATEGY_LINEAR || !keyword_find(task, KEYWORD_THROTTLE))
		return false; /* linear rounds count for themselves */
	most = most_at_once(play, task);
	for (size_t i = 0; i < play->count; i++)
		for (const struct step *step = play->hosts[i]->steps; step; step = step->next)
			if (step->task == task) {
				count++;
				break;
			}
	return count >= most;
}

static size_t
hosts_with_steps(const struct play_run *play)
{
	size_t count = 0;

	for (size_t i = 0; i < play->count; i++)
		count += play->hosts[i]->steps != NULL;
	return count;
}

/* The hosts of the round that have not had their turn, as far as there is room. */
static bool
round_go_on(struct play_run *play)
{
	size_t busy = hosts_with_steps(play), most = most_at_once(play, play->round_task);
	bool moved = false;

	for (; play->round_next < play->count && busy < most; play->round_next++) {
		struct run_host *host = play->hosts[play->round_next];

		if (!is_active(host) || host->has_ended ||
			cursor_compare(&host->cursor, &play->round_cursor) != 0)
			continue;
		moved |= host_issue(host) == ISSUE_DONE;
		busy += host->steps != NULL;
	}
	return moved;
}

static bool
linear_round(struct play_run *play)
{
	const struct run_host *first;
	const struct node *role;
	struct run_host *host;

	if (play->round_next < play->count && round_go_on(play))
		return true;
	if (anybody_has_steps(play))
		return c_role_is_open(play, &role) && advance_in_c_role(play, role);
	if (play->fatal_task) {
		batch_fail_all(play);
		return false;
	}
	first = hindmost(play);
	if (!first)
		return false;
	role = cursor_c_role(&first->cursor);
	if (role)
		return advance_in_c_role(play, role);
	host = (struct run_host *)(uintptr_t)first;
	play->round_cursor = first->cursor;
	play->round_task = next_task(host);
	play->round_next = 0;
	play->round++;
	return round_go_on(play);
}

/* max_fail_percentage is of the hosts of the batch, with those lost earlier. */
static bool
too_many_failed(struct play_run *play)
{
	const struct value *keyword = play->node->keywords[KEYWORD_MAX_FAIL_PERCENTAGE], *value;
	struct error ignored;
	size_t failed = 0;
	double most;

	if (!keyword || !play->count || !play_evaluate(play, keyword, &value, &ignored) ||
		!percentage_of(value, &most))
		return false;
	for (size_t i = 0; i < play->count; i++)
		failed += play->hosts[i]->is_failed || play->hosts[i]->is_unreachable;
	return (double)failed * 100.0 / (double)play->batch_size > most;
}

static bool
batch_is_over(struct play_run *play)
{
	for (size_t i = 0; i < play->count; i++)
		if (play->hosts[i]->steps || (is_active(play->hosts[i]) && !play->run->interrupts &&
						     !play->hosts[i]->has_ended))
			return false;
	return true;
}

static void
play_turn(void *context)
{
	struct play_run *play = context;
	bool moved = true;

	play->is_scheduled = false;
	if (play->is_over)
		return;
	while (moved) {
		size_t active = 0;

		moved = false;
		for (size_t i = 0; i < play->count; i++)
			active += is_active(play->hosts[i]);
		if (!anybody_has_steps(play) && too_many_failed(play)) {
			batch_fail_all(play);
			play->has_ended = true;
		}
		if (play->strategy == STRATEGY_LINEAR && play->count > 1 && active > 0) {
			moved = linear_round(play);
		} else {
			for (size_t i = 0; i < play->count; i++)
				if (!play->hosts[i]->has_ended &&
					(play->hosts[i]->steps ||
						hosts_with_steps(play) < most_at_once(play, NULL)))
					run_ahead(play->hosts[i]);
			if (play->fatal_task && !anybody_has_steps(play))
				batch_fail_all(play);
			moved = false;
		}
	}
	if (batch_is_over(play)) {
		play->is_over = true;
		loop_stop(play->run->loop);
	}
}

void
play_schedule(struct play_run *play)
{
	if (play->is_scheduled || play->is_over)
		return;
	play->is_scheduled = true;
	loop_later(play->run->loop, play_turn, play);
}

/* ---- batches ---- */

static void
host_begin(struct play_run *play, struct run_host *host)
{
	host->play = play;
	host->was_used = true;
	host->has_ended = host->is_done = host->is_pending = host->is_doomed = false;
	host->steps = NULL;
	host->steps_end = &host->steps;
	host->step_count = 0;
	host->link = NULL;
	host->vars_files = NULL;
	host->has_vars_files = false;
	cursor_start(&host->cursor, play->node);
}

static void
host_end(struct run_host *host)
{
	host_drop_steps(host, host->steps);
	while (host->notified)
		handler_done(host, host->notified->handler);
	host->play = NULL;
	report_busy(host->run->report, host->name, NULL);
}

/* vars_files whose names hold variables are read per host; a list names alternatives. */
static bool
vars_file_add(struct task_scope *scope, const struct value *source, struct value *merged,
	struct error *err)
{
	struct run *run = scope->run;
	const struct value *alternatives, *map = NULL;
	struct value *one = value_list(&run->arena);
	const char *path = NULL;

	if (!evaluate_value(scope, &run->arena, source, &alternatives, err))
		return false;
	if (!value_is_list(alternatives)) {
		value_add(&run->arena, one, alternatives);
		alternatives = one;
	}
	VALUE_EACH (name, alternatives) {
		if (file_find(scope->task, "vars", value_to_text(&run->arena, name), &run->arena,
			    &path, err)) {
			if (!vars_file_read(&run->reader, path, &map, err))
				return false;
			break;
		}
	}
	if (!map) {
		fail(err, ERR_MISSING, "vars file %s was not found",
			value_to_text(&run->arena, source));
		return error_at(err, source);
	}
	VALUE_PAIRS (pair, map)
		value_set_key(&run->arena, merged, pair->key, pair->value);
	return true;
}

static const struct value *
vars_files_list(const struct play_run *play)
{
	const struct value *files = play->node->keywords[KEYWORD_VARS_FILES];
	struct value *list;

	if (value_is_none(files) || value_is_list(files))
		return value_is_none(files) ? &value_empty_list : files;
	list = value_list(&play->run->arena);
	value_add(&play->run->arena, list, files);
	return list;
}

/* Names without variables: once for all hosts. With facts in their names they come in later
 * (host_vars_files). */
static bool
play_vars_files(struct play_run *play, struct run_host *host, bool templated,
	const struct value **out, struct error *err)
{
	struct value *merged = value_map(&play->run->arena);
	struct task_scope scope;

	task_scope_init(&scope, host, play->node, NULL, 0, NULL);
	*out = merged;
	VALUE_EACH (source, vars_files_list(play)) {
		bool is_templated = value_has_template(source) && value_is_string(source)
					    ? template_is_present(value_string_view(source))
					    : !value_is_string(source);

		if (is_templated == templated && !vars_file_add(&scope, source, merged, err))
			return false;
	}
	return true;
}

bool
play_read_vars_files(struct play_run *play, struct error *err)
{
	if (!play_vars_files(play, play->hosts[0], false, &play->vars_files, err))
		return false;
	for (size_t i = 0; i < play->count; i++) {
		const struct value *vars;
		struct error ignored;

		/* Undefined now may be known after the facts: Ansible passes over it too. */
		if (play_vars_files(play, play->hosts[i], true, &vars, &ignored))
			play->hosts[i]->vars_files = vars;
		else if (ignored.kind != ERR_UNDEFINED && ignored.kind != ERR_PENDING) {
			*err = ignored;
			return false;
		}
	}
	return true;
}

static bool
batch_run(struct play_run *play, struct error *err)
{
	for (size_t i = 0; i < play->count; i++)
		host_begin(play, play->hosts[i]);
	if (!play_read_vars_files(play, err))
		return false;
	reserved_names_warn(play);
	roles_check(play);
	play->is_over = false;
	play->fatal_task = NULL;
	play->banner_task = NULL;
	play->round_next = play->count;
	play_schedule(play);
	while (!play->is_over && !play->run->is_cancelled)
		loop_run(play->run->loop);
	if (play->run->terminal_end)
		play->run->terminal_end(play->run->terminal_context, true);
	for (size_t i = 0; i < play->count; i++)
		host_end(play->hosts[i]);
	if (play->run->fatal.kind) {
		*err = play->run->fatal;
		return false;
	}
	return true;
}

/* serial: numbers and percentages; the last one repeats. */
static size_t
batch_size(const struct play_run *play, const struct value *serial, size_t batch)
{
	const struct value *size = serial;
	struct view text;
	int64_t number = 0;

	if (value_is_list(serial))
		size = serial->list.count
			       ? serial->list.items[MIN(batch, (size_t)serial->list.count - 1)]
			       : NULL;
	if (value_is_none(size))
		return play->all_count;
	text = view_trim(value_string_view(size));
	if (view_ends(text, "%")) {
		text.length--;
		if (!number_parse(text, &number))
			number = 100;
		number = (int64_t)play->all_count * number / 100;
		number = MAX(number, 1);
	} else if (!value_to_int(size, &number)) {
		number = 0;
	}
	return number <= 0 ? play->all_count : (size_t)number;
}

static bool
hosts_pattern(struct play_run *play, const struct value *hosts, struct str *out)
{
	if (value_is_list(hosts)) {
		VALUE_EACH (item, hosts)
			if (!hosts_pattern(play, item, out))
				return false;
		return true;
	}
	if (out->length)
		str_add_char(out, ',');
	value_add_text(hosts, out);
	return true;
}

static int
compare_host_names(const void *a, const void *b)
{
	return strcmp((*(struct run_host *const *)a)->name, (*(struct run_host *const *)b)->name);
}

static void
reverse(struct run_host **hosts, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct run_host *swap = hosts[i];

		hosts[i] = hosts[count - 1 - i];
		hosts[count - 1 - i] = swap;
	}
}

static void
play_order(struct play_run *play)
{
	const struct value *value;
	const char *order;

	if (!play_evaluate(play, play->node->keywords[KEYWORD_ORDER], &value, NULL) ||
		!value_is_string(value))
		return;
	order = value_string(value);
	if (text_ends(order, "sorted"))
		qsort(play->all, play->all_count, sizeof(*play->all), compare_host_names);
	if (text_starts(order, "reverse"))
		reverse(play->all, play->all_count);
	if (!strcmp(order, "shuffle"))
		for (size_t i = play->all_count; i > 1; i--) {
			size_t j = (size_t)random() % i;
			struct run_host *swap = play->all[i - 1];

			play->all[i - 1] = play->all[j];
			play->all[j] = swap;
		}
}

bool
play_choose_hosts(struct play_run *play, struct error *err)
{
	struct run *run = play->run;
	struct host_list found = { 0 }, limited = { 0 };
	struct str pattern = STR_INIT;
	const struct value *hosts;
	bool ok = play_evaluate(play, play->node->keywords[KEYWORD_HOSTS], &hosts, err);

	ok = ok && hosts_pattern(play, hosts, &pattern) &&
	     inventory_match(run->inventory, pattern.data, &play->arena, &found, err);
	if (ok && !play->name)
		play->name = arena_text(&play->arena, pattern.data);
	str_release(&pattern);
	if (!ok)
		return false;
	if (run->settings->limit &&
		!inventory_match(run->inventory, run->settings->limit, &play->arena, &limited, err))
		return false;
	play->all = arena_array(&play->arena, found.count + 1, struct run_host *);
	for (size_t i = 0; i < found.count; i++) {
		struct run_host *host = run_host_get(run, found.hosts[i]);

		if (run->settings->limit && !host_list_has(&limited, found.hosts[i]))
			continue;
		if (resume_leaves_out(host))
			continue;
		if (!inventory_host_check(found.hosts[i], err))
			return false;
		play->all[play->all_count++] = host;
	}
	play->listed = arena_array(&play->arena, play->all_count + 1, struct run_host *);
	for (size_t i = 0; i < play->all_count; i++)
		play->listed[i] = play->all[i];
	play_order(play);
	return true;
}

static bool
play_strategy(struct play_run *play, struct error *err)
{
	const struct value *value;
	const char *name;

	if (!play_evaluate(play, play->node->keywords[KEYWORD_STRATEGY], &value, err))
		return false;
	name = value ? value_string(value) : play->run->settings->strategy;
	if (!name)
		name = "linear";
	if (text_starts(name, "ansible.builtin."))
		name += strlen("ansible.builtin.");
	if (!strcmp(name, "free") || text_starts(name, "mitogen_free"))
		play->strategy = STRATEGY_FREE;
	else if (!strcmp(name, "host_pinned") || text_starts(name, "mitogen_host_pinned"))
		play->strategy = STRATEGY_HOST_PINNED;
	else if (!strcmp(name, "linear") || !strcmp(name, "debug") || text_starts(name, "mitogen"))
		play->strategy = STRATEGY_LINEAR;
	else {
		fail(err, ERR_PARSE, "Invalid play strategy specified: %s", name);
		error_at(err, play->node->keywords[KEYWORD_STRATEGY]);
		return error_hint(err, "use linear, free or host_pinned");
	}
	return true;
}

static void
play_title(struct play_run *play)
{
	const struct value *name = play->node->keywords[KEYWORD_NAME], *value;

	if (!name)
		return;
	if (play_evaluate(play, name, &value, NULL) && value)
		play->name = value_to_text(&play->arena, value);
	else
		play->name = value_to_text(&play->arena, name);
}

static void
play_tell(struct play_run *play)
{
	bool check_mode = play->run->settings->check_mode;
	const struct value *keyword = play->node->keywords[KEYWORD_CHECK_MODE];

	if (keyword && !value_to_bool(keyword, &check_mode))
		check_mode = play->run->settings->check_mode;
	report_play(play->run->report, play->name,
		shown_path(&play->arena, &play->node->place), check_mode);
}

/* Hosts that were lost in an earlier play count for the size of a batch, but take no part. */
static void
batch_choose(struct play_run *play, size_t begin, size_t size)
{
	play->hosts = arena_array(&play->arena, size + 1, struct run_host *);
	play->batch_size = size;
	play->count = 0;
	for (size_t i = 0; i < size; i++)
		if (!play->all[begin + i]->is_failed && !play->all[begin + i]->is_unreachable)
			play->hosts[play->count++] = play->all[begin + i];
}

static bool
play_batches(struct play_run *play, struct error *err)
{
	const struct value *serial;
	size_t begin = 0;

	if (!play_evaluate(play, play->node->keywords[KEYWORD_SERIAL], &serial, err))
		return false;
	for (size_t batch = 0; begin < play->all_count && !play->run->interrupts &&
			       !play->has_ended && !play->run->is_broken;
		batch++) {
		size_t failed = 0;

		size_t size = MIN(batch_size(play, serial, batch), play->all_count - begin);

		batch_choose(play, begin, size);
		begin += size;
		if (batch)
			play_tell(play);
		if (play->count && !batch_run(play, err))
			return false;
		for (size_t i = 0; i < play->count; i++)
			failed += play->hosts[i]->is_failed || play->hosts[i]->is_unreachable;
		/* A batch that is lost as a whole ends the run, whoever is left elsewhere. */
		play->run->is_broken |= failed && failed == play->batch_size;
	}
	return true;
}

bool
run_play(struct run *run, const struct node *node, struct error *err)
{
	struct play_run play = { .run = run, .node = node };
	const struct value *prompts;
	bool ok;

	arena_init(&play.arena);
	run->play = &play;
	ok = inventory_finish(run->inventory, node->directory, err) &&
	     play_evaluate(&play, node->keywords[KEYWORD_VARS_PROMPT], &prompts, err) &&
	     prompts_ask(&play, prompts, err) && play_strategy(&play, err);
	if (ok) {
		play_title(&play);
		ok = play_choose_hosts(&play, err);
	}
	if (ok) {
		play_tell(&play);
		if (!play.all_count)
			report_no_hosts_matched(run->report);
		else
			ok = play_batches(&play, err);
	}
	run->play = NULL;
	arena_release(&play.arena);
	return ok;
}
