/* async_status: what has become of a task in the background (runner/job.c writes the file). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "module/host.h"
#include "module/jsontext.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/users.h"

enum { RESULT_MAX = 16 * 1024 * 1024, LOOK_MS = 50 };

struct async_status_args {
	const char *jid, *mode, *_async_dir;
	int64_t _wait;
	bool _remove;
};

static const struct param params[] = { PARAM_STRING(struct async_status_args, jid, .required = true,
					       .doc = "The job: ansible_job_id of its task."),
	PARAM_STRING(struct async_status_args, mode, .fallback = "status",
		.choices = TEXTS("cleanup", "status"),
		.doc = "status: look; cleanup: remove its results file."),
	PARAM_STRING(struct async_status_args, _async_dir, .is_internal = true,
		.fallback = "~/.ansible_async", .doc = "Where the results are kept."),
	PARAM_INT(struct async_status_args, _wait, .is_internal = true, .fallback = "0",
		.doc = "Seconds to wait for its end."),
	PARAM_FLAG(struct async_status_args, _remove, .is_internal = true, .fallback = "false",
		.doc = "Remove the file of a job that has ended."),
	PARAMS_END };

static const struct module_return returns[] = {
	{ "ansible_job_id", "str", "The job." },
	{ "finished", "int", "1: it has ended; what its module returned stands beside." },
	{ "started", "int", "1: it was started." },
	{ "erased", "str", "The file that was removed (mode: cleanup)." },
	{ NULL, NULL, NULL },
};

static bool
fail_job(struct module_call *call, const char *why, struct error *err)
{
	result_int(call, "started", 1);
	result_int(call, "finished", 1);
	return fail(err, ERR_TASK, "%s", why);
}

static bool
look(struct module_call *call, const char *path, const struct value **out, struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error missing;

	if (!file_exists(path))
		return fail_job(call, "could not find job", err);
	if (!file_read(path, RESULT_MAX, &text, &missing))
		return fail_job(call, missing.what, err);
	*out = jsontext_read(call->arena, view_trim(str_view(&text)));
	if (!value_is_map(*out))
		return fail_job(call, "Could not parse job output", err);
	return true;
}

static bool
is_finished(const struct value *job)
{
	return value_is_true(value_get(job, "finished"));
}

/* What the job's module said becomes this task's result. */
static bool
take_over(struct module_call *call, const struct value *job, struct error *err)
{
	VALUE_PAIRS (pair, job) {
		const char *key = value_string(pair->key);

		if (!strcmp(key, "changed"))
			call->out->change =
				value_is_true(pair->value) ? CHANGE_WANTED : CHANGE_NONE;
		else if (strcmp(key, "failed") != 0 && strcmp(key, "msg") != 0)
			value_set_key(call->arena, call->out->result, pair->key, pair->value);
	}
	if (value_is_true(value_get(job, "failed"))) {
		const char *said = value_string(value_get(job, "msg"));

		call->out->is_changed = call->out->fails_changed =
			call->out->change == CHANGE_WANTED;
		return fail(err, ERR_TASK, "%s", said ? said : "the job failed");
	}
	if (value_get(job, "msg"))
		result_set(call, "msg", value_get(job, "msg"));
	return true;
}

static bool
async_status_inspect(struct module_call *call, struct error *err)
{
	const struct async_status_args *args = call->args;
	const char *path =
		path_join(call->arena, path_expand(call->arena, args->_async_dir), args->jid);
	uint64_t until = monotonic_ms() + (uint64_t)MAX(args->_wait, (int64_t)0) * 1000;
	const struct value *job;

	result_text(call, "ansible_job_id", args->jid);
	result_text(call, "results_file", path);
	result_text(call, "stdout", "");
	result_text(call, "stderr", "");
	if (strchr(args->jid, '/') || args->jid[0] == '.')
		return fail_job(call, "could not find job", err);
	if (!strcmp(args->mode, "cleanup")) {
		value_remove(call->out->result, "results_file");
		result_int(call, "started", 0);
		result_int(call, "finished", 0);
		result_text(call, "erased", path);
		call->out->is_silent = true;
		call->out->change = CHANGE_WANTED;
		return file_exists(path) || fail_job(call, "could not find job", err);
	}
	for (;;) {
		if (!look(call, path, &job, err))
			return false;
		if (is_finished(job) && args->_remove && unlink(path) < 0)
			result_warn(call, "the results file could not be removed");
		if (is_finished(job) || monotonic_ms() >= until)
			return take_over(call, job, err);
		if (!module_sleep(call, LOOK_MS, err))
			return false;
	}
}

/* Only `cleanup` has something to do: what the job changed it has changed already. */
static bool
async_status_apply(struct module_call *call, struct error *err)
{
	const struct async_status_args *args = call->args;
	const char *path = value_string(value_get(call->out->result, "erased"));

	if (!strcmp(args->mode, "cleanup") && path && unlink(path) < 0)
		return fail_errno(err, "cannot remove %s", path);
	return true;
}

const struct module module_async_status = {
	.name = "async_status",
	.summary = "Say what has become of a task in the background",
	.params = params,
	.params_size = sizeof(struct async_status_args),
	.returns = returns,
	.examples = "- async_status:\n"
		    "    jid: \"{{ build.ansible_job_id }}\"\n"
		    "  register: job\n"
		    "  until: job.finished\n"
		    "  retries: 100\n"
		    "  delay: 10\n",
	.check = SUPPORT_FULL,
	.inspect = async_status_inspect,
	.apply = async_status_apply,
};
