/* The host's turn: the next task that concerns it becomes a step, if it can be taken now. */
#include <fnmatch.h>

#include "orchestrator/actions/action.h"
#include "orchestrator/run/internal.h"
#include "orchestrator/run/prompt.h"

enum { MOST_STEPS_AHEAD = 64, MOST_BYTES_AHEAD = 4 * 1024 * 1024 };

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

bool
task_is_passed_over(struct run_host *host, const struct node *task)
{
	struct error err;
	bool wanted = true;

	if (task->is_handler)
		return !handler_is_due(host, task);
	if (task->is_implicit && !strcmp(task->action, "meta"))
		return false; /* handlers are flushed whatever the tags are */
	if (task->is_implicit && !strcmp(task->action, "setup")) {
		if (!wants_facts(host, task, &wanted, &err) || !wanted)
			return true;
	}
	return !is_chosen(host, (struct node *)(uintptr_t)task) || is_before_start(host, task) ||
	       resume_passes_over(host->run, task);
}

/* Of meta, what concerns all hosts is done by the first, whose condition decides. */
static bool
is_meta_for_all(const struct step *step)
{
	static const char *const verbs[] = { "clear_facts", "clear_host_errors", "end_batch",
		"end_play", "refresh_inventory" };
	const struct value *args = step->task->args, *verb = NULL;

	if (strcmp(step->action, "meta") != 0 || !value_is_map(args))
		return false;
	verb = value_get(args, "free_form") ? value_get(args, "free_form")
					    : value_get(args, "_raw_params");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (text_equals(value_string(verb), verbs[i]))
			return true;
	return false;
}

/* run_once, and actions that count for all: who is not the first host of the batch passes by. */
static bool
is_done_by_another(const struct run_host *host, const struct step *step)
{
	const struct action *action = action_find(step->action);
	const struct play_run *play = host->play;

	if (play->strategy != STRATEGY_LINEAR ||
		!(step->is_run_once || (action && action->is_once) || is_meta_for_all(step)))
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
	snprintf(question, sizeof(question),
		"Perform task: %s: %s (N)o/(y)es/(c)ontinue: ",
		step->task->is_handler ? "HANDLER" : "TASK", step->title);
	report_hold(host->run->report, true);
	if (!prompt_ask(question, false, answer, sizeof(answer)))
		answer[0] = 'n';
	report_hold(host->run->report, false);
	question[strlen(question) - 1] = '\0';
	report_banner(host->run->report, question);
	host->run->does_all_steps = answer[0] == 'c' || answer[0] == 'C';
	play->is_declined = !(host->run->does_all_steps || answer[0] == 'y' || answer[0] == 'Y');
	return play->is_declined;
}

static enum issue
issue_task(struct run_host *host, const struct node *task)
{
	struct step *step = step_new(host, task);
	struct error err;

	resume_note(host, task);
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

/* What is done on the controller's machine may make the very file that the next task copies, looks
 * up or includes: nothing is evaluated ahead of it. */
static bool
touches_controller(const struct run_host *host, const struct step *step)
{
	const struct action *action = action_find(step->action);

	return (host->link && host->link->is_local) ||
	       keyword_find(step->task, KEYWORD_DELEGATE_TO) || (action && action->is_remote);
}

/* --step: who answers has seen how the task before went. */
static bool
is_asked_about_each(const struct run *run)
{
	return run->settings->step && !run->does_all_steps;
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
		if (last->next_item < last->item_count || last->holds || touches_controller(host, last) ||
			is_far_enough_ahead(host) || is_asked_about_each(host->run))
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
		if (!task_is_passed_over(host, task))
			return play_throttles(host->play, task) ? ISSUE_WAIT
								: issue_task(host, task);
		cursor_step(&host->cursor);
	}
}
