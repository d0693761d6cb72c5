#ifndef RUNNER_JOB_H
#define RUNNER_JOB_H
/*
 * Tasks in the background (`async`): a process of its own does the task, outlives the link, and
 * leaves the result as JSON in a file that the module async_status reads. The file is there, saying
 * "started", before job_start returns.
 */
#include "module/module.h"
#include "wire/message.h"

/* The interim result: ansible_job_id, results_file, started, finished. NULL: it could not be
 * started. `task->async_s` is the most it may take. */
const struct value *job_start(const struct message_task *task, const struct module *module,
	struct arena *into, struct error *err);

#endif
