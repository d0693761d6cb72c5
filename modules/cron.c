/* cron: jobs and variables in a user's crontab, or in a file of /etc/cron.d. */
#include <string.h>

#include "module/attributes.h"
#include "module/lines.h"
#include "module/steps.h"
#include "module/words.h"

struct cron_args {
	const char *name, *user, *job, *state, *cron_file, *minute, *hour, *day, *month, *weekday,
		*special_time, *insertafter, *insertbefore;
	bool env, disabled, backup;
};

#define A struct cron_args
static const struct param params[] = {
	PARAM_STRING(
		A, name, .required = true, .doc = "The job's name (a comment), or the variable's."),
	PARAM_STRING(A, user, .doc = "Whose crontab; with cron_file, as whom it runs."),
	PARAM_STRING(
		A, job, .aliases = TEXTS("value"), .doc = "The command, or the variable's value."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be there."),
	PARAM_PATH(A, cron_file, .doc = "A file in /etc/cron.d instead."),
	PARAM_STRING(A, minute, .fallback = "*", .doc = "0-59, */5 …"),
	PARAM_STRING(A, hour, .fallback = "*", .doc = "0-23."),
	PARAM_STRING(A, day, .fallback = "*", .aliases = TEXTS("dom"), .doc = "1-31."),
	PARAM_STRING(A, month, .fallback = "*", .doc = "1-12."),
	PARAM_STRING(A, weekday, .fallback = "*", .aliases = TEXTS("dow"), .doc = "0-6."),
	PARAM_STRING(A, special_time,
		.choices = TEXTS(
			"annually", "daily", "hourly", "monthly", "reboot", "weekly", "yearly"),
		.doc = "Instead of the five."),
	PARAM_FLAG(A, env, .fallback = "false", .doc = "It is a variable."),
	PARAM_STRING(A, insertafter, .doc = "With env: behind this variable."),
	PARAM_STRING(A, insertbefore, .doc = "With env: before this variable."),
	PARAM_FLAG(A, disabled, .fallback = "false", .doc = "Write the job as a comment."),
	PARAM_FLAG(A, backup, .fallback = "false", .doc = "Keep the old table."), PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "jobs", "list", "Names of the jobs." },
	{ "envs", "list", "Names of the variables." },
	{ "cron_file", "str", "The file, with cron_file." }, { NULL, NULL, NULL } };

static const char mark[] = "#Ansible: ";

struct cron {
	struct text_edit edit; /* of cron_file */
	struct view before, after;
};

/* crontab VERB of the user. */
static const char *const *
crontab_words(struct module_call *call, const char *verb)
{
	const struct cron_args *args = call->args;
	const char *const *words = NULL;

	words_add(call->arena, &words, "crontab");
	if (args->user) {
		words_add(call->arena, &words, "-u");
		words_add(call->arena, &words, args->user);
	}
	words_add(call->arena, &words, verb);
	return words;
}

static const char *
job_line(struct module_call *call)
{
	const struct cron_args *args = call->args;
	const char *off = args->disabled ? "#" : "", *user = args->cron_file ? args->user : "";
	const char *when = args->special_time
				   ? arena_format(call->arena, "@%s", args->special_time)
				   : arena_format(call->arena, "%s %s %s %s %s", args->minute,
					     args->hour, args->day, args->month, args->weekday);

	return arena_format(
		call->arena, "%s%s %s%s%s\n", off, when, user, *user ? " " : "", args->job);
}

static bool
is_mark(struct view line, const char *name)
{
	return view_starts(line, mark) &&
	       (!name || view_is((struct view){ line.data + sizeof(mark) - 1,
					 line_text(line).length - (sizeof(mark) - 1) },
				 name));
}

/* NAME= at the beginning of a line. */
static bool
is_variable(struct view line, const char *name)
{
	struct view key, rest = line_text(line);

	if (!rest.length || *rest.data == '#' || !view_cut(&rest, '=', &key) || !rest.data ||
		memchr(key.data, ' ', key.length))
		return false;
	return !name || view_is(key, name);
}

static void
edit_variable(struct module_call *call, struct lines *lines)
{
	const struct cron_args *args = call->args;
	const char *line =
		arena_format(call->arena, "%s=\"%s\"\n", args->name, args->job ? args->job : "");
	const char *near = args->insertafter ? args->insertafter : args->insertbefore;
	size_t at = 0;

	for (size_t i = lines->count; i-- > 0;)
		if (is_variable(lines->items[i], args->name)) {
			if (text_equals(args->state, "present")) {
				lines->items[i] = view_of(line);
				return;
			}
			lines_remove(lines, i, 1);
		}
	if (text_equals(args->state, "absent"))
		return;
	for (size_t i = 0; near && i < lines->count; i++)
		if (is_variable(lines->items[i], near))
			at = i + (args->insertafter != NULL);
	lines_insert(call->arena, lines, at, view_of(line));
}

static void
edit_job(struct module_call *call, struct lines *lines)
{
	const struct cron_args *args = call->args;
	bool wants = text_equals(args->state, "present");
	const char *head = arena_format(call->arena, "%s%s\n", mark, args->name);

	for (size_t i = 0; i < lines->count; i++) {
		if (!is_mark(lines->items[i], args->name))
			continue;
		if (!wants) {
			lines_remove(lines, i, MIN((size_t)2, lines->count - i));
			i--;
		} else if (i + 1 < lines->count) {
			lines->items[i + 1] = view_of(job_line(call));
			return;
		} else {
			lines_insert(call->arena, lines, i + 1, view_of(job_line(call)));
			return;
		}
	}
	if (!wants)
		return;
	lines_insert(call->arena, lines, lines->count, view_of(head));
	lines_insert(call->arena, lines, lines->count, view_of(job_line(call)));
}

static void
set_names(struct module_call *call, const struct lines *lines)
{
	struct value *jobs = value_list(call->arena), *envs = value_list(call->arena);

	for (size_t i = 0; i < lines->count; i++) {
		struct view line = line_text(lines->items[i]), key = line;

		if (is_mark(line, NULL))
			value_add(call->arena, jobs,
				value_bytes(call->arena, line.data + sizeof(mark) - 1,
					line.length - (sizeof(mark) - 1)));
		else if (is_variable(line, NULL) && view_cut(&line, '=', &key))
			value_add(call->arena, envs, value_view(call->arena, key));
	}
	result_set(call, "jobs", jobs);
	result_set(call, "envs", envs);
}

/* The table as it is; none is an empty one. */
static bool
load(struct module_call *call, struct cron *cron, struct error *err)
{
	const struct cron_args *args = call->args;
	const char *text, *path = args->cron_file;

	if (path) {
		if (*path != '/')
			path = path_join(call->arena, "/etc/cron.d", path);
		result_text(call, "cron_file", path);
		cron->edit.backup = args->backup;
		if (!edit_load(call, path, &cron->edit.path, &cron->edit.before,
			    &cron->edit.was_there, err))
			return false;
		cron->before = cron->edit.before;
		return true;
	}
	if (!program_need(call, "crontab", err) ||
		!program_ask(call, crontab_words(call, "-l"), &text, err))
		return false;
	cron->before = view_of(text ? text : "");
	return true;
}

static bool
cron_inspect(struct module_call *call, struct error *err)
{
	const struct cron_args *args = call->args;
	struct cron *cron = arena_new(call->arena, struct cron);
	bool wants = text_equals(args->state, "present");
	struct lines lines;

	call->state = cron;
	if (wants && !args->env && !args->job)
		return fail(err, ERR_OPTIONS, "You must specify 'job' to install a new cron job");
	if (args->job && strchr(args->job, '\n'))
		return fail(err, ERR_OPTIONS, "Job should not contain line breaks");
	if (args->cron_file && wants && !args->env && !args->user)
		return fail(err, ERR_OPTIONS,
			"To use cron_file=... parameter you must specify user=... as well");
	if (!load(call, cron, err))
		return false;
	lines_cut(call->arena, cron->before, &lines);
	if (lines.count && !view_ends(lines.items[lines.count - 1], "\n"))
		lines_insert(call->arena, &lines, lines.count, VIEW("\n"));
	if (args->env)
		edit_variable(call, &lines);
	else
		edit_job(call, &lines);
	set_names(call, &lines);
	cron->after = cron->edit.after = lines_join(call->arena, &lines);
	if (view_equals(cron->before, cron->after))
		return true;
	call->out->change = CHANGE_WANTED;
	result_diff(call, args->cron_file ? args->cron_file : "crontab", cron->before,
		args->cron_file ? args->cron_file : "crontab", cron->after);
	return true;
}

static bool
cron_apply(struct module_call *call, struct error *err)
{
	const struct cron_args *args = call->args;
	const struct cron *cron = call->state;
	struct module_command command = { .is_parsed = true, .input = cron->after };
	struct process_result result;
	const char *backup;
	bool is_well;

	/* A file of ours without anything in it is none. */
	if (args->cron_file && !cron->after.length)
		return tree_remove(cron->edit.path, err);
	if (args->cron_file)
		return text_edit_apply(call, &cron->edit, err);
	if (args->backup) {
		backup = arena_format(call->arena, "/tmp/crontab%ld", (long)getpid());
		if (!file_replace(backup, cron->before,
			    &(struct file_place){ .has_mode = true, .mode = 0600 }, err))
			return false;
		result_text(call, "backup_file", backup);
	}
	command.argv = crontab_words(call, "-");
	is_well = module_run(call, &command, &result, err);
	if (is_well && result.status != 0)
		is_well = fail(err, ERR_TASK, "crontab: %.400s", result.err.data);
	process_result_release(&result);
	return is_well;
}

const struct module module_cron = {
	.name = "cron",
	.summary = DOC("Manage jobs of cron"),
	.params = params,
	.params_size = sizeof(struct cron_args),
	.returns = DOC(returns),
	.examples = DOC("- cron:\n"
			"    name: clean up\n"
			"    minute: \"5\"\n"
			"    hour: \"2\"\n"
			"    job: /usr/local/bin/clean-up\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = cron_inspect,
	.apply = cron_apply,
};
