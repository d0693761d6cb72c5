/* A task in the background: forked twice, in a session of its own, with nothing of the link open.
 */
#include "runner/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "module/host.h"
#include "module/jsontext.h"
#include "os/clock.h"
#include "os/files.h"
#include "os/users.h"

struct job {
	const struct message_task *task;
	const struct module *module;
	const char *id, *path; /* of the results */
	struct arena *arena;
};

static bool
job_write(const struct job *job, const struct value *result, struct error *err)
{
	static const struct file_place place = { .has_mode = true, .mode = 0600 };
	_cleanup_str_ struct str text = STR_INIT;

	jsontext_add(result, &text);
	str_add_char(&text, '\n');
	return file_replace(job->path, str_view(&text), &place, err);
}

static struct value *
job_state(const struct job *job, bool is_finished)
{
	struct value *map = value_map(job->arena);

	value_set(job->arena, map, "ansible_job_id", value_text(job->arena, job->id));
	value_set(job->arena, map, "results_file", value_text(job->arena, job->path));
	value_set(job->arena, map, "started", value_int(job->arena, 1));
	value_set(job->arena, map, "finished", value_int(job->arena, is_finished));
	return map;
}

static bool
job_place(struct job *job, struct error *err)
{
	const char *directory = path_expand(
		job->arena, job->task->async_dir ? job->task->async_dir : "~/.ansible_async");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	job->id = arena_format(job->arena, "j%llu%06ld.%ld", (unsigned long long)now.tv_sec,
		now.tv_nsec / 1000, (long)getpid());
	job->path = path_join(job->arena, directory, job->id);
	if (!directory_make(directory, 0700, err))
		return error_context(err, "cannot keep the results of background jobs");
	return true;
}

/* No descriptor of the link or of an inner runner may stay open: their ends would not be seen. */
static void
let_go(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	if (chdir("/") < 0)
		return;
}

static _Noreturn void
job_work(const struct job *job)
{
	const struct module_task call = {
		.module = job->module,
		.args = job->task->args,
		.diff = job->task->diff,
		.environment = job->task->environment,
		.deadline_ms = monotonic_ms() + (uint64_t)job->task->async_s * 1000,
	};
	struct module_host host = { 0 };
	const struct value *result;
	struct value *whole = job_state(job, true);

	module_execute(&call, job->arena, &host, &result);
	VALUE_PAIRS (pair, result)
		value_set_key(job->arena, whole, pair->key, pair->value);
	_exit(job_write(job, whole, NULL) ? 0 : 1);
}

static bool
job_fork(const struct job *job, struct error *err)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return fail_errno(err, "cannot start a background job");
	if (child == 0) {
		log_set_sink(NULL);
		setsid();
		if (fork() != 0)
			_exit(0);
		let_go();
		job_work(job);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return true;
}

const struct value *
job_start(const struct message_task *task, const struct module *module, struct arena *into,
	struct error *err)
{
	struct job job = { .task = task, .module = module, .arena = into };
	const struct value *state;

	if (!job_place(&job, err))
		return NULL;
	state = job_state(&job, false);
	return job_write(&job, state, err) && job_fork(&job, err) ? state : NULL;
}
