/* meta, include_tasks and include_role, wait_for_connection: what steers the run. */
#include "orchestrator/actions/actions.h"

/* ---- meta ---- */

static bool
meta_flush(struct action_call *call, struct error *err)
{
	if (handlers_flush(call->host))
		return true;
	return fail(err, ERR_LIMIT, "nested too deep");
}

static bool
meta_end_host(struct action_call *call, struct error *err)
{
	(void)err;
	call->host->has_ended = true;
	call->host->is_done = true;
	return true;
}

static void
end_all_of_batch(struct action_call *call)
{
	struct play_run *play = call->host->play;

	for (size_t i = 0; i < play->count; i++) {
		play->hosts[i]->has_ended = true;
		play->hosts[i]->is_done = true;
	}
}

static bool
meta_end_batch(struct action_call *call, struct error *err)
{
	(void)err;
	end_all_of_batch(call);
	return true;
}

static bool
meta_end_play(struct action_call *call, struct error *err)
{
	call->host->play->has_ended = true;
	end_all_of_batch(call);
	(void)err;
	return true;
}

static bool
meta_clear_facts(struct action_call *call, struct error *err)
{
	const struct play_run *play = call->host->play;

	(void)err;
	for (size_t i = 0; i < play->all_count; i++) {
		play->all[i]->facts = value_map(&play->all[i]->arena);
		play->all[i]->plain_facts = NULL;
		play->all[i]->has_new_facts = true; /* the cache forgets them, too */
	}
	return true;
}

static bool
meta_clear_host_errors(struct action_call *call, struct error *err)
{
	(void)err;
	call->host->play->fatal_task = NULL;
	for (size_t i = 0; i < call->run->hosts.count; i++) {
		struct run_host *host = call->run->hosts.entries[i].value;

		host->is_failed = host->is_unreachable = false;
		for (uint32_t j = 0; j < host->cursor.depth; j++)
			host->cursor.levels[j].has_failed = false;
	}
	return true;
}

static bool
meta_reset_connection(struct action_call *call, struct error *err)
{
	(void)err;
	remote_reset(call->run, call->host->name);
	return true;
}

static bool
meta_end_role(struct action_call *call, struct error *err)
{
	if (!call->step->task->role)
		return fail(err, ERR_PARSE, "Cannot execute 'end_role' from outside of a role");
	cursor_leave_role(&call->host->cursor);
	return true;
}

static bool
meta_refresh_inventory(struct action_call *call, struct error *err)
{
	return inventory_refresh(call->run, err);
}

static bool
meta_noop(struct action_call *call, struct error *err)
{
	(void)call;
	(void)err;
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct action_call *call, struct error *err);
	const char *said; /* with -vv; may name the host */
} metas[] = {
	{ "clear_facts", meta_clear_facts, "facts cleared" },
	{ "clear_host_errors", meta_clear_host_errors, "cleared host errors" },
	{ "end_batch", meta_end_batch, "ending batch" },
	{ "end_host", meta_end_host, "ending play for %s" },
	{ "end_play", meta_end_play, "ending play" },
	{ "end_role", meta_end_role, "ending role" },
	{ "flush_handlers", meta_flush, "triggered running handlers for %s" },
	{ "noop", meta_noop, "noop" },
	{ "refresh_inventory", meta_refresh_inventory, "inventory successfully refreshed" },
	{ "reset_connection", meta_reset_connection, "reset connection" },
};

static void
say_meta(const struct action_call *call, const char *said)
{
	const char *gap = strstr(said, "%s");

	report_verbose(call->run->report, 2, NULL, "META: %.*s%s",
		gap ? (int)(gap - said) : (int)strlen(said), said, gap ? call->host->name : "");
}

bool
action_meta(struct action_call *call, struct error *err)
{
	const char *name = value_string(value_get(call->args, "free_form"));

	if (!name)
		name = value_string(value_get(call->args, "_raw_params"));
	call->step->is_quiet = true;
	for (size_t i = 0; name && i < ARRAY_SIZE(metas); i++)
		if (!strcmp(metas[i].name, name)) {
			if (!call->step->task->is_implicit)
				say_meta(call, metas[i].said);
			return metas[i].run(call, err);
		}
	call->step->is_quiet = false;
	return fail(err, ERR_PARSE, "invalid meta action requested: %s", name ? name : "(none)");
}

/* ---- includes ---- */

static const struct value *
include_vars_of(struct action_call *call)
{
	static const char *const own[] = { "file", "_raw_params", "apply", "name", "role",
		"tasks_from", "vars_from", "defaults_from", "handlers_from", "public",
		"allow_duplicates", "rolespec_validate" };
	struct value *vars = call->item->locals ? value_map_copy(call->into, call->item->locals)
						: value_map(call->into);

	VALUE_PAIRS (pair, call->args) {
		bool is_own = false;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			is_own |= text_equals(value_string(pair->key), own[i]);
		if (!is_own)
			value_set_key(call->into, vars, pair->key, pair->value);
	}
	return vars->map.count ? vars : NULL;
}

/* The included tasks come next: the first item's first, so they are entered from the last. */
static bool
enter_includes(struct run_host *host, const struct include_result *include, struct error *err)
{
	if (!include)
		return true;
	if (!enter_includes(host, include->next, err))
		return false;
	if (!cursor_enter(&host->cursor, include->block, &include->block->children, include->vars))
		return fail(err, ERR_LIMIT, "includes are nested too deep (more than %d levels)",
			CURSOR_DEPTH);
	return true;
}

static bool
is_last_to_issue(const struct action_call *call)
{
	return call->item == &call->step->items[call->step->item_count - 1];
}

static const struct value *
included_name(struct action_call *call)
{
	static const char *const keys[] = { "file", "_raw_params", "name", "role" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (value_get(call->args, keys[i]))
			return value_dup(call->into, value_get(call->args, keys[i]));
	return &value_empty_string;
}

/* A mistake in what is included is one in the playbook and ends the run; a file that is missing
 * fails the host, and ignore_errors does not help: both as in Ansible. */
static bool
include_failed(struct action_call *call, struct error *err)
{
	char line[1600];

	if (err->kind == ERR_PENDING || err->kind == ERR_UNDEFINED)
		return false;
	call->step->ignores_errors = false;
	if (err->kind == ERR_PARSE) {
		call->run->fatal = *err;
		call->run->is_cancelled = true;
		loop_stop(call->run->loop);
		return false;
	}
	call->step->holds = true;
	value_set(call->into, call->result, "failed", &value_true);
	value_set(call->into, call->result, "reason",
		value_text(call->into, error_line(err, line, sizeof(line))));
	return true;
}

bool
action_include(struct action_call *call, struct error *err)
{
	struct step *step = call->step;
	struct include_result *result = arena_new(call->into, struct include_result),
			      **end = &step->includes;
	const struct node *block;
	const struct value *vars;

	if (!include_read(call->scope, step, call->args, include_vars_of(call), call->into, &block,
		    &vars, err))
		return include_failed(call, err);
	result->block = block;
	result->vars = vars;
	while (*end)
		end = &(*end)->next;
	*end = result;
	value_set(call->into, call->result, "include", included_name(call));
	value_set(call->into, call->result, "include_args",
		vars ? value_dup(call->into, vars) : &value_empty_map);
	value_set(call->into, call->result, "_include_path",
		value_text(call->into, block->place.file ? block->place.file : ""));
	if (is_last_to_issue(call))
		return enter_includes(call->host, step->includes, err);
	return true;
}

/* ---- wait_for_connection ---- */

enum { LOGIN_PAUSE_S = 10 };

struct waiting {
	struct item *item;
	uint64_t until_ms, started_ms;
	int64_t sleep_s;
	char *last;
};

static void waiting_try(void *context);

static void
waiting_end(struct waiting *waiting, bool ok)
{
	struct item *item = waiting->item;
	struct arena *arena = &item->step->arena;
	struct value *result = value_map(arena);

	value_set(arena, result, "changed", &value_false);
	value_set(arena, result, "elapsed",
		value_int(arena, (int64_t)((clock_ms() - waiting->started_ms) / 1000)));
	if (!ok) {
		const struct run_settings *settings = item->step->host->run->settings;

		if (settings->lost)
			settings->lost(settings->lost_context, item->step->host->inventory->name);
		value_set(arena, result, "failed", &value_true);
		value_set(arena, result, "msg",
			value_format(arena, "timed out waiting for ping module test: %s",
				waiting->last ? waiting->last : ""));
	}
	item_done(item, result);
}

static void
on_pinged(struct item *item, const struct value *result, const char *why)
{
	struct waiting *waiting = item->state;
	int64_t pause_s;

	if (result) {
		waiting_end(waiting, true);
		return;
	}
	waiting->last = arena_text(&item->step->arena, why);
	pause_s = waiting->sleep_s;
	/* sshd (9.8 and later) shuts out who fails to log in too often: 5 s for each, from 15 s on.
	 */
	if (strstr(why, "ermission denied") || strstr(why, "refused the login"))
		pause_s = MAX(pause_s, LOGIN_PAUSE_S);
	if (clock_ms() >= waiting->until_ms) {
		waiting_end(waiting, false);
		return;
	}
	item->timer = loop_timer_add(
		item->step->host->run->loop, (uint64_t)pause_s * 1000, waiting_try, item);
}

static void
waiting_try(void *context)
{
	struct item *item = context;

	item->timer = NULL;
	remote_reset(item->step->host->run, remote_name(item));
	remote_ask(item, "ping", NULL, false, on_pinged);
}

static int64_t
number_argument(const struct value *args, const char *key, int64_t fallback)
{
	int64_t number;

	return value_get(args, key) && value_to_int(value_get(args, key), &number) ? number
										   : fallback;
}

bool
action_wait_for_connection(struct action_call *call, struct error *err)
{
	struct waiting *waiting = arena_new(call->into, struct waiting);

	(void)err;
	waiting->item = call->item;
	call->item->connect_timeout_s = number_argument(call->args, "connect_timeout", 5);
	waiting->started_ms = clock_ms();
	waiting->until_ms =
		waiting->started_ms + (uint64_t)number_argument(call->args, "timeout", 600) * 1000;
	waiting->sleep_s = number_argument(call->args, "sleep", 1);
	call->item->state = waiting;
	call->item->timer = loop_timer_add(call->run->loop,
		(uint64_t)number_argument(call->args, "delay", 0) * 1000, waiting_try, call->item);
	call->is_later = true;
	return true;
}
