/*
 * reboot: asks the host which boot it is in, has it restart, and looks again over new connections
 * until it answers with another boot and its test command succeeds. Then the play goes on with the
 * runner that answered last.
 *
 * Connections are closed from the loop only (on_time), never from within an answer, which comes
 * over one of them.
 */
#include <time.h>

#include "orchestrator/actions/actions.h"

enum {
	PAUSE_MS = 1000, /* between two looks */
	SHORTEST_LOOK_MS = 1000,
	/* A host that goes down may take a connection and never answer on it. The first look waits
	 * so long, and each that got no answer makes the next wait twice as long. */
	FIRST_LOOK_MS = 4000,
	LONGEST_LOOK_MS = 64 * 1000,
};

struct rebooting {
	struct item *item;
	const char *boot_command, *test_command, *command, *boot;
	const struct value *paths;
	uint64_t started_ms, until_ms, timeout_ms, settle_ms, look_ms;
	const char *started;
	bool is_back; /* in another boot; only the test command is missing */
	void (*next)(struct rebooting *rebooting); /* at the time of item->timer */
};

/* ---- ends ---- */

static struct value *
result_new(struct rebooting *rebooting, bool is_changed)
{
	struct arena *arena = &rebooting->item->step->arena;
	struct value *result = value_map(arena);

	value_set(arena, result, "changed", value_bool(arena, is_changed));
	return result;
}

static void
set_elapsed(struct rebooting *rebooting, struct value *result, bool was_rebooted)
{
	struct arena *arena = &rebooting->item->step->arena;

	value_set(arena, result, "elapsed",
		value_int(arena, (int64_t)((clock_ms() - rebooting->started_ms) / 1000)));
	value_set(arena, result, "rebooted", value_bool(arena, was_rebooted));
}

static void
end_failed(struct rebooting *rebooting, struct value *result, const struct value *msg)
{
	struct arena *arena = &rebooting->item->step->arena;

	value_set(arena, result, "failed", &value_true);
	value_set(arena, result, "msg", msg);
	item_done(rebooting->item, result);
}

static void
end_rebooted(struct rebooting *rebooting)
{
	struct value *result = result_new(rebooting, true);

	set_elapsed(rebooting, result, true);
	item_done(rebooting->item, result);
}

static void
end_timed_out(struct rebooting *rebooting)
{
	struct value *result = result_new(rebooting, false);

	set_elapsed(rebooting, result, true);
	end_failed(rebooting, result,
		value_format(&rebooting->item->step->arena,
			"Timed out waiting for %s (timeout=%llu)",
			rebooting->is_back ? "post-reboot test command" : "last boot time check",
			(unsigned long long)rebooting->timeout_ms / 1000));
}

/* ---- time ---- */

static void
on_time(void *context)
{
	struct rebooting *rebooting = context;

	rebooting->item->timer = NULL;
	rebooting->next(rebooting);
}

static void
at(struct rebooting *rebooting, uint64_t delay_ms, void (*next)(struct rebooting *rebooting))
{
	struct item *item = rebooting->item;

	loop_timer_remove(item->timer);
	rebooting->next = next;
	item->timer = loop_timer_add(item->step->host->run->loop, delay_ms, on_time, rebooting);
}

static void
timer_stop(struct rebooting *rebooting)
{
	loop_timer_remove(rebooting->item->timer);
	rebooting->item->timer = NULL;
}

/* ---- answers ---- */

static void
ask_shell(struct rebooting *rebooting, const char *command,
	void (*answered)(struct item *item, const struct value *result, const char *why))
{
	struct arena scratch;
	struct value *args;

	arena_init(&scratch);
	args = value_map(&scratch);
	value_set(&scratch, args, "_raw_params", value_text(&scratch, command));
	remote_ask(rebooting->item, "shell", args, true, answered);
	arena_release(&scratch);
}

static int64_t
rc_of(const struct value *result)
{
	int64_t rc;

	return value_get(result, "rc") && value_to_int(value_get(result, "rc"), &rc) ? rc : 1;
}

static struct view
text_of(const struct value *result, const char *key)
{
	const struct value *text = value_get(result, key);

	return value_is_string(text) ? value_string_view(text) : VIEW("");
}

static struct view
trimmed_of(const struct value *result, const char *key)
{
	return view_trim(text_of(result, key));
}

/* ---- behind the restart: look until all is well ---- */

static void look(struct rebooting *rebooting);

static void
look_again(struct rebooting *rebooting)
{
	if (clock_ms() >= rebooting->until_ms)
		end_timed_out(rebooting);
	else
		at(rebooting, PAUSE_MS, look);
}

static void
on_test(struct item *item, const struct value *result, const char *why)
{
	struct rebooting *rebooting = item->state;

	(void)why;
	timer_stop(rebooting);
	if (result && rc_of(result) == 0)
		end_rebooted(rebooting);
	else
		look_again(rebooting);
}

static void
on_boot(struct item *item, const struct value *result, const char *why)
{
	struct rebooting *rebooting = item->state;
	struct view boot = result ? trimmed_of(result, "stdout") : VIEW("");

	(void)why;
	timer_stop(rebooting);
	if (!result || rc_of(result) != 0 || !boot.length || view_is(boot, rebooting->boot)) {
		look_again(rebooting);
		return;
	}
	report_verbose(item->step->host->run->report, 3, remote_name(item), "booted again");
	rebooting->is_back = true;
	rebooting->until_ms = clock_ms() + rebooting->timeout_ms;
	at(rebooting, 0, look);
}

static void
give_up_look(struct rebooting *rebooting)
{
	remote_ask_cancel(rebooting->item);
	rebooting->look_ms = MIN(rebooting->look_ms * 2, (uint64_t)LONGEST_LOOK_MS);
	look_again(rebooting);
}

/* A new connection each time, until the host is back: the old one may hang. The timer is set
 * first, since the answer may come from within. */
static void
look(struct rebooting *rebooting)
{
	struct item *item = rebooting->item;
	uint64_t now = clock_ms();
	uint64_t left = rebooting->until_ms > now ? rebooting->until_ms - now : 0;

	report_busy(item->step->host->run->report, item->step->host->name,
		rebooting->is_back ? "testing" : "rebooting");
	if (!rebooting->is_back)
		left = MIN(left, rebooting->look_ms);
	at(rebooting, MAX(left, (uint64_t)SHORTEST_LOOK_MS), give_up_look);
	if (!rebooting->is_back)
		remote_reset(item->step->host->run, remote_name(item));
	if (rebooting->is_back)
		ask_shell(rebooting, rebooting->test_command, on_test);
	else
		ask_shell(rebooting, rebooting->boot_command, on_boot);
}

/* ---- the restart ---- */

/* Killed by a signal, or cut off: the restart itself did that. */
static void
on_restart(struct item *item, const struct value *result, const char *why)
{
	struct rebooting *rebooting = item->state;
	struct arena *arena = &item->step->arena;
	struct view out, errors;

	(void)why;
	timer_stop(rebooting);
	if (result && rc_of(result) > 0) {
		struct value *failure = result_new(rebooting, false);

		out = trimmed_of(result, "stdout");
		errors = trimmed_of(result, "stderr");
		if (!out.length && !errors.length)
			errors = trimmed_of(result, "msg");
		set_elapsed(rebooting, failure, false);
		value_set(arena, failure, "start", value_text(arena, rebooting->started));
		end_failed(rebooting, failure,
			value_format(arena, "Reboot command failed. Error was: '%.*s, %.*s'",
				(int)out.length, out.data, (int)errors.length, errors.data));
		return;
	}
	rebooting->until_ms = clock_ms() + rebooting->settle_ms + rebooting->timeout_ms;
	at(rebooting, rebooting->settle_ms, look);
}

static void
restart_is_silent(struct rebooting *rebooting)
{
	remote_ask_cancel(rebooting->item);
	on_restart(rebooting->item, NULL, "");
}

static void
restart(struct rebooting *rebooting)
{
	struct timespec now;
	struct tm parts;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	rebooting->started =
		arena_format(&rebooting->item->step->arena, "%s.%06ld", text, now.tv_nsec / 1000);
	rebooting->started_ms = clock_ms();
	at(rebooting, rebooting->timeout_ms, restart_is_silent);
	ask_shell(rebooting, rebooting->command, on_restart);
}

/* ---- which command ---- */

static size_t
first_word(const char *command)
{
	return strcspn(command, " \t\n");
}

static const char *
paths_text(struct arena *arena, const struct value *paths)
{
	struct str text = STR_INIT;
	const char *out;

	VALUE_EACH (path, paths)
		str_add_format(
			&text, "%s'%s'", text.length ? ", " : "", value_to_text(arena, path));
	out = arena_text(arena, text.length ? text.data : "");
	str_release(&text);
	return out;
}

static const char *
first_path(const struct value *files)
{
	if (value_is_list(files))
		VALUE_EACH (file, files)
			return value_string(value_get(file, "path"));
	return NULL;
}

static void
on_found(struct item *item, const struct value *result, const char *why)
{
	struct rebooting *rebooting = item->state;
	struct arena *arena = &item->step->arena;
	const char *path, *command = rebooting->command;
	int length = (int)first_word(command);

	if (!result) {
		remote_unreachable(item, why);
		return;
	}
	path = first_path(value_get(result, "files"));
	if (!path) {
		struct value *failure = value_map(arena);

		item->is_unevaluated = true;
		end_failed(rebooting, failure,
			value_format(arena, "Unable to find command \"%.*s\" in search paths: [%s]",
				length, command, paths_text(arena, rebooting->paths)));
		return;
	}
	rebooting->command = arena_format(arena, "%s%s", path, command + length);
	restart(rebooting);
}

static void
find_command(struct rebooting *rebooting)
{
	const char *command = rebooting->command;
	struct arena scratch;
	struct value *args;

	if (command[0] == '/') {
		restart(rebooting);
		return;
	}
	arena_init(&scratch);
	args = value_map(&scratch);
	value_set(&scratch, args, "paths", rebooting->paths);
	value_set(&scratch, args, "patterns",
		value_view(&scratch, (struct view){ command, first_word(command) }));
	value_set(&scratch, args, "file_type", value_text(&scratch, "any"));
	remote_ask(rebooting->item, "find", args, true, on_found);
	arena_release(&scratch);
}

static void
on_first_boot(struct item *item, const struct value *result, const char *why)
{
	struct rebooting *rebooting = item->state;
	struct arena *arena = &item->step->arena;
	struct view out, errors;

	if (!result) {
		remote_unreachable(item, why);
		return;
	}
	if (rc_of(result) != 0) {
		struct value *failure = result_new(rebooting, false);

		out = text_of(result, "stdout");
		errors = text_of(result, "stderr");
		value_set(arena, failure, "reboot", &value_false);
		end_failed(rebooting, failure,
			value_format(arena,
				"reboot: failed to get host boot time info, rc: %lld, stdout: "
				"%.*s, stderr: %.*s",
				(long long)rc_of(result), (int)out.length, out.data,
				(int)errors.length, errors.data));
		return;
	}
	rebooting->boot = arena_view(arena, trimmed_of(result, "stdout"));
	find_command(rebooting);
}

/* ---- beginning ---- */

static const char *
shell_quoted(struct arena *arena, const char *text)
{
	struct str quoted = STR_INIT;
	const char *out;

	str_add_char(&quoted, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			str_add(&quoted, "'\\''");
		else
			str_add_char(&quoted, *text);
	}
	str_add_char(&quoted, '\'');
	out = arena_text(arena, quoted.data);
	str_release(&quoted);
	return out;
}

/* As given, or as the parameter's row has it. */
static const struct value *
parameter(const struct action_call *call, const char *name)
{
	const struct value *given = value_get(call->args, name);
	const struct param *param = params_find(call->step->module->params, name);

	if (!value_is_none(given))
		return given;
	return param->fallback ? value_text(call->into, param->fallback) : &value_none;
}

static const char *
text_parameter(const struct action_call *call, const char *name)
{
	return arena_text(call->into, value_to_text(call->into, parameter(call, name)));
}

/* Negative ones count as none. */
static double
seconds_parameter(const struct action_call *call, const char *name)
{
	double seconds = strtod(text_parameter(call, name), NULL);

	return seconds > 0 ? MIN(seconds, (double)INT32_MAX) : 0;
}

static const struct value *
paths_parameter(const struct action_call *call)
{
	const struct value *given = parameter(call, "search_paths");
	struct value *list = value_list(call->into);
	struct view rest, path;

	if (value_is_list(given))
		return value_dup(call->into, given);
	rest = view_of(value_to_text(call->into, given));
	while (view_cut(&rest, ',', &path))
		value_add(call->into, list, value_view(call->into, view_trim(path)));
	return list;
}

static const char *
restart_command(const struct action_call *call)
{
	if (!value_is_none(value_get(call->args, "reboot_command")))
		return text_parameter(call, "reboot_command");
	return arena_format(call->into, "shutdown -r %d %s",
		(int)(seconds_parameter(call, "pre_reboot_delay") / 60),
		shell_quoted(call->into, text_parameter(call, "msg")));
}

static void
begin(struct rebooting *rebooting)
{
	ask_shell(rebooting, rebooting->boot_command, on_first_boot);
}

static void
set_done(struct action_call *call, bool is_changed)
{
	value_set(call->into, call->result, "changed", value_bool(call->into, is_changed));
	value_set(call->into, call->result, "elapsed", value_int(call->into, 0));
	value_set(call->into, call->result, "rebooted", value_bool(call->into, is_changed));
}

bool
action_reboot(struct action_call *call, struct error *err)
{
	struct rebooting *rebooting = arena_new(call->into, struct rebooting);
	bool is_local;

	if (!remote_is_local(call->scope, call->item, &is_local, err))
		return false;
	call->step->holds = true;
	if (is_local || call->step->check_mode) {
		set_done(call, !is_local);
		if (is_local) {
			value_set(call->into, call->result, "failed", &value_true);
			value_set(call->into, call->result, "msg",
				value_text(call->into,
					"Running reboot with local connection would reboot the "
					"control node."));
		}
		return true;
	}
	*rebooting = (struct rebooting){ .item = call->item,
		.boot_command = text_parameter(call, "boot_time_command"),
		.test_command = text_parameter(call, "test_command"),
		.command = restart_command(call),
		.paths = paths_parameter(call),
		.timeout_ms = (uint64_t)seconds_parameter(call, "reboot_timeout") * 1000,
		.settle_ms = (uint64_t)(seconds_parameter(call, "post_reboot_delay") * 1000) };
	call->item->connect_timeout_s = (int64_t)seconds_parameter(call, "connect_timeout");
	rebooting->look_ms =
		MAX((uint64_t)call->item->connect_timeout_s * 1000, (uint64_t)FIRST_LOOK_MS);
	call->item->state = rebooting;
	call->is_later = true;
	at(rebooting, 0, begin);
	return true;
}
