/*
 * pause: waits for a time, or for a person, who types at the terminal of stdin. The terminal is
 * read key by key through the event loop, so that hosts go on being served. Ctrl+C asks: C goes on
 * at once, A fails the task.
 */
#include <termios.h>
#include <time.h>

#include "orchestrator/actions/actions.h"

enum { CTRL_C = 3, BACKSPACE = 8, DELETE = 127, LINE_KILL = 21 };

struct pausing {
	struct item *item;
	struct run *run;
	struct timespec started;
	bool is_timed, in_minutes, echo, is_interrupted;
	struct loop_watch *keys; /* NULL: nobody can type */
	struct termios before;
	struct str typed;
};

static void
terminal_back(struct pausing *pausing)
{
	if (!pausing->keys)
		return;
	loop_watch_remove(pausing->keys);
	pausing->keys = NULL;
	pausing->run->terminal_end = NULL;
	report_hold(pausing->run->report, false);
	tcsetattr(0, TCSADRAIN, &pausing->before);
}

static const struct value *
moment_text(struct arena *arena, const struct timespec *moment)
{
	struct tm parts;
	char text[40];

	localtime_r(&moment->tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
	return value_format(arena, "%s.%06ld", text, moment->tv_nsec / 1000);
}

static void
typed_forget(struct pausing *pausing)
{
	memory_wipe(pausing->typed.data, pausing->typed.length);
	str_release(&pausing->typed);
}

static void
pause_end(struct pausing *pausing)
{
	struct item *item = pausing->item;
	struct arena *arena = &item->step->arena;
	struct value *result = value_map(arena);
	struct timespec now;
	double seconds;

	terminal_back(pausing);
	loop_timer_remove(item->timer);
	item->timer = NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	seconds = (double)(now.tv_sec - pausing->started.tv_sec) +
		  (double)(now.tv_nsec - pausing->started.tv_nsec) / 1e9;
	value_set(arena, result, "changed", &value_false);
	value_set(arena, result, "delta", value_int(arena, (int64_t)seconds));
	value_set(arena, result, "echo", value_bool(arena, pausing->echo));
	value_set(arena, result, "rc", value_int(arena, 0));
	value_set(arena, result, "start", moment_text(arena, &pausing->started));
	value_set(arena, result, "stop", moment_text(arena, &now));
	value_set(arena, result, "stderr", &value_empty_string);
	value_set(arena, result, "stdout",
		pausing->is_timed && !pausing->in_minutes
			? value_format(arena, "Paused for %.*f seconds",
				  seconds - (double)(int64_t)seconds < 0.005 ? 1 : 2, seconds)
			: value_format(arena, "Paused for %.*f minutes", seconds < 0.3 ? 1 : 2,
				  seconds / 60));
	value_set(arena, result, "user_input", value_view(arena, str_view(&pausing->typed)));
	typed_forget(pausing);
	item_done(item, result);
}

static void
on_time(void *context)
{
	struct pausing *pausing = context;

	pausing->item->timer = NULL;
	pause_end(pausing);
}

/* The task has failed: it may be rescued. */
static void
pause_abort(struct pausing *pausing)
{
	struct item *item = pausing->item;
	struct arena *arena = &item->step->arena;
	struct value *result = value_map(arena);

	terminal_back(pausing);
	loop_timer_remove(item->timer);
	item->timer = NULL;
	typed_forget(pausing);
	value_set(arena, result, "failed", &value_true);
	value_set(arena, result, "msg", value_text(arena, "user requested abort!"));
	item->is_unevaluated = true; /* no `changed`, as when an action cannot go on */
	item_done(item, result);
}

/* run->terminal_end */
static void
on_terminal_end(void *context, bool is_over)
{
	struct pausing *pausing = context;

	if (!is_over) {
		pause_abort(pausing);
		return;
	}
	terminal_back(pausing);
	typed_forget(pausing);
}

/* ---- keys ---- */

static void
show(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
}

/* After Ctrl+C. */
static void
take_choice(struct pausing *pausing, char key)
{
	if (strchr("cCaA", key) && key)
		show("\n");
	if (key == 'c' || key == 'C') {
		pausing->is_interrupted = false;
		pause_end(pausing);
	} else if (key == 'a' || key == 'A') {
		pause_abort(pausing);
	}
}

static void
erase(struct pausing *pausing, size_t count)
{
	while (count-- && pausing->typed.length) {
		str_cut(&pausing->typed, pausing->typed.length - 1);
		if (pausing->echo)
			show("\b \b");
	}
}

static void
take_key(struct pausing *pausing, char key)
{
	char text[2] = { key, '\0' };

	if (pausing->is_interrupted) {
		take_choice(pausing, key);
	} else if (key == CTRL_C) {
		pausing->is_interrupted = true;
		show("\nPress 'C' to continue the play or 'A' to abort \r");
	} else if (key == '\r' || key == '\n') {
		if (!pausing->is_timed) {
			show("\n");
			pause_end(pausing);
		}
	} else if (key == BACKSPACE || key == DELETE ||
		   (unsigned char)key == pausing->before.c_cc[VERASE]) {
		erase(pausing, 1);
	} else if (key == LINE_KILL) {
		erase(pausing, pausing->typed.length);
	} else if (!pausing->is_timed && (unsigned char)key >= ' ') {
		str_add_char(&pausing->typed, key);
		if (pausing->echo)
			show(text);
	}
}

static void
on_keys(void *context, unsigned events)
{
	struct pausing *pausing = context;
	char keys[64];
	ssize_t count = read(0, keys, sizeof(keys));

	(void)events;
	if (count <= 0) {
		if (!pausing->is_timed)
			pause_end(pausing);
		else
			terminal_back(pausing);
		return;
	}
	for (ssize_t i = 0; i < count && pausing->keys; i++)
		take_key(pausing, keys[i]);
}

/* Only who stands in front of the terminal may be asked. */
static bool
terminal_take(struct pausing *pausing)
{
	struct termios quiet;

	if (!isatty(0) || tcgetpgrp(0) != getpgrp() || tcgetattr(0, &pausing->before) != 0)
		return false;
	quiet = pausing->before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	quiet.c_iflag &= ~(tcflag_t)ICRNL;
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	tcsetattr(0, TCSADRAIN, &quiet);
	tcflush(0, TCIFLUSH);
	pausing->keys = loop_watch_add(pausing->run->loop, 0, LOOP_READ, on_keys, pausing);
	pausing->run->terminal_end = on_terminal_end;
	pausing->run->terminal_context = pausing;
	report_hold(pausing->run->report, true);
	return true;
}

/* ---- beginning ---- */

static void
ask(const struct pausing *pausing, const char *prompt, const char *title)
{
	report_text(pausing->run->report, "[%s]\n%s%s:", title,
		prompt ? prompt : "Press enter to continue, Ctrl+C to interrupt",
		pausing->echo ? "" : " (output is hidden)");
}

static bool
read_duration(const struct action_call *call, int64_t *out, struct error *err)
{
	const struct value *minutes = value_get(call->args, "minutes"),
			   *seconds = value_get(call->args, "seconds");
	const struct value *given = minutes ? minutes : seconds;

	if (minutes && seconds)
		return fail(err, ERR_OPTIONS, "parameters are mutually exclusive: minutes|seconds");
	if (given->type == VALUE_FLOAT)
		*out = (int64_t)given->real;
	else if (!value_to_int(given, out))
		return fail(err, ERR_TYPE,
			"argument '%s' is of type <class '%s'> and we were unable to convert to "
			"int: <class '%s'> cannot be converted to an int",
			minutes ? "minutes" : "seconds", value_type_name(given),
			value_type_name(given));
	*out = MAX(minutes ? *out * 60 : *out, (int64_t)1);
	return true;
}

bool
action_pause(struct action_call *call, struct error *err)
{
	struct pausing *pausing = arena_new(call->into, struct pausing);
	const char *prompt = value_string(value_get(call->args, "prompt"));
	int64_t seconds = 0;

	pausing->item = call->item;
	pausing->run = call->run;
	pausing->echo = true;
	pausing->in_minutes = value_get(call->args, "minutes") != NULL;
	pausing->is_timed = pausing->in_minutes || value_get(call->args, "seconds");
	str_init(&pausing->typed);
	clock_gettime(CLOCK_REALTIME, &pausing->started);
	if (value_get(call->args, "echo") &&
		!value_to_bool(value_get(call->args, "echo"), &pausing->echo))
		return fail(err, ERR_TYPE, "echo is not a valid boolean");
	if (pausing->is_timed && !read_duration(call, &seconds, err))
		return false;
	call->is_later = true;
	if (pausing->is_timed) {
		report_text(call->run->report, "Pausing for %lld seconds%s", (long long)seconds,
			pausing->echo ? "" : " (output is hidden)");
		report_text(call->run->report,
			"(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)");
	}
	if (prompt || !pausing->is_timed)
		ask(pausing, prompt, call->step->title);
	if (!terminal_take(pausing) && !pausing->is_timed) {
		report_warning(call->run->report,
			"Not waiting for response to prompt as stdin is not interactive");
		pause_end(pausing);
	}
	if (pausing->is_timed)
		call->item->timer =
			loop_timer_add(call->run->loop, (uint64_t)seconds * 1000, on_time, pausing);
	return true;
}
