/* Running a command for its own sake. */
#include "module/command.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <time.h>

const struct module_return command_returns[] = { { "cmd", "list",
							 "The command, as it was executed." },
	{ "rc", "int", "Its exit code; negative: the signal that killed it." },
	{ "stdout", "str", "What it wrote to standard output." },
	{ "stderr", "str", "What it wrote to standard error." },
	{ "start", "str", "When it began (local time)." }, { "end", "str", "When it ended." },
	{ "delta", "str", "How long it took." }, { NULL, NULL, NULL } };

/* Names are shell patterns; relative ones count from chdir. */
static bool
matches(struct module_call *call, const char *pattern, const char *directory)
{
	const char *path = directory ? path_join(call->arena, directory, pattern) : pattern;
	glob_t found = { 0 };
	bool is_there;

	if (file_exists(path))
		return true;
	is_there = glob(path, GLOB_NOSORT, NULL, &found) == 0 && found.gl_pathc > 0;
	globfree(&found);
	return is_there;
}

static void
stamp(struct module_call *call, const char *key, const struct timespec *when)
{
	struct tm local;
	char text[64];
	size_t length;

	localtime_r(&when->tv_sec, &local);
	length = strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	snprintf(text + length, sizeof(text) - length, ".%06ld", when->tv_nsec / 1000);
	result_text(call, key, text);
}

static void
set_times(struct module_call *call, const struct timespec *start, const struct timespec *end)
{
	int64_t us = ((int64_t)end->tv_sec - start->tv_sec) * 1000000 +
		     (end->tv_nsec - start->tv_nsec) / 1000;
	int64_t seconds;

	us = MAX(us, (int64_t)0);
	seconds = us / 1000000;
	stamp(call, "start", start);
	stamp(call, "end", end);
	result_set(call, "delta",
		value_format(call->arena, "%lld:%02lld:%02lld.%06lld", (long long)seconds / 3600,
			(long long)seconds / 60 % 60, (long long)seconds % 60,
			(long long)us % 1000000));
}

static void
skip(struct module_call *call, const struct command_run *run, const char *format, const char *path)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	call->out->is_skipped = true;
	result_set(call, "cmd", run->shown);
	result_int(call, "rc", 0);
	result_set(call, "stdout", value_format(call->arena, "skipped, since %s %s", path, format));
	result_text(call, "stderr", "");
	set_times(call, &now, &now);
	/* Ansible's words in check mode and outside differ; msg tells both. */
	result_set(call, "msg",
		value_format(call->arena, "Did not run command since '%s' %s", path, format));
}

bool
command_missing(struct module_call *call, struct error *err)
{
	result_set(call, "cmd", &value_none);
	result_set(call, "start", &value_none);
	result_set(call, "end", &value_none);
	result_set(call, "delta", &value_none);
	result_text(call, "stdout", "");
	result_text(call, "stderr", "");
	result_int(call, "rc", 256);
	return fail(err, ERR_OPTIONS, "no command given");
}

bool
command_inspect(struct module_call *call, const struct command_run *run, struct error *err)
{
	if (run->directory && access(run->directory, X_OK) < 0) {
		int code = errno;

		fail(err, code == ENOENT ? ERR_MISSING : ERR_TASK,
			"Unable to change directory before execution");
		return error_why(err, "%s: '%s'", strerror(code), run->directory);
	}
	if (run->creates && matches(call, run->creates, run->directory)) {
		skip(call, run, "exists", run->creates);
		return true;
	}
	if (run->removes && !matches(call, run->removes, run->directory)) {
		skip(call, run, "does not exist", run->removes);
		return true;
	}
	/* With creates or removes, it is known that it would run; else only running it can tell. */
	call->out->change = run->creates || run->removes ? CHANGE_WANTED : CHANGE_UNKNOWN;
	call->out->why = "Command would have run if not in check mode";
	result_set(call, "cmd", run->shown);
	return true;
}

static struct view
stripped(struct view text, bool strips_ends)
{
	while (strips_ends && text.length && strchr("\r\n", text.data[text.length - 1]))
		text.length--;
	return text;
}

static bool
report(struct module_call *call, const struct command_run *run, const struct process_result *result,
	const struct error *why, struct error *err)
{
	result_set(call, "stdout",
		value_view(call->arena, stripped(str_view(&result->out), run->strips_ends)));
	result_set(call, "stderr",
		value_view(call->arena, stripped(str_view(&result->err), run->strips_ends)));
	if (why->kind == ERR_IO) {
		result_int(call, "rc", why->code);
		if (err)
			*err = *why;
		call->out->is_changed = false;
		fail(err, ERR_TASK, "[Errno %d] %s: b'%s'", why->code, strerror(why->code),
			run->argv[0]);
		return false;
	}
	call->out->fails_changed = true;
	result_int(call, "rc", result->status);
	if (why->kind != ERR_NONE) {
		if (err)
			*err = *why;
		return false;
	}
	result_text(call, "msg", "");
	if (result->status == 0)
		return true;
	return fail(err, ERR_TASK, "non-zero return code");
}

bool
command_apply(struct module_call *call, const struct command_run *run, struct error *err)
{
	struct module_command command = {
		.argv = run->argv,
		.program = run->program,
		.directory = run->directory,
	};
	_cleanup_str_ struct str input = STR_INIT;
	struct process_result result;
	struct timespec start, end;
	struct error why = { 0 };
	bool is_well;

	if (run->input) {
		str_add(&input, run->input);
		if (run->adds_newline)
			str_add_char(&input, '\n');
		command.input = str_view(&input);
	}
	clock_gettime(CLOCK_REALTIME, &start);
	if (!module_run(call, &command, &result, &why) && why.kind == ERR_NONE)
		BUG("a command failed without a cause");
	clock_gettime(CLOCK_REALTIME, &end);
	set_times(call, &start, &end);
	is_well = report(call, run, &result, &why, err);
	process_result_release(&result);
	return is_well;
}
