#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H
/*
 * The runner's end of the link: frames in, a queue of tasks, frames out. One thread: while a task
 * waits for a program, for content or for an inner runner, the link is watched by the same poll, so
 * the queue fills, a cancel works, and the end of the link ends the task.
 */
#include "module/host.h"
#include "wire/message.h"

enum {
	SESSION_QUEUE_TASKS = 4096,
	SESSION_QUEUE_BYTES = 32 * 1024 * 1024,
	SESSION_UNSENT = 256 * 1024,
};

struct queued_task {
	struct queued_task *next;
	struct arena arena;
	struct message_task task;
	size_t bytes;
	bool is_cancelled;
};

/* Contents on their way to the running task. */
struct session_arrival {
	const int64_t *ids;
	size_t count, index;
	int64_t offset;
	content_sink *sink;
	void *sink_context;
	bool has_failed;
	struct error *err;
};

struct relay; /* runner/become.h */

struct session {
	int in, out;
	struct frame_reader reader;
	struct str unsent;
	struct queued_task *first, **last;
	size_t queue_tasks, queue_bytes;
	bool has_dead; /* a task that stops has failed: */
	uint32_t dead_epoch, dead_group;
	uint32_t released; /* queued tasks of lower epochs are dropped */
	struct queued_task *running;
	bool is_cancelled; /* the running one */
	bool has_ended;	   /* the link did, or the peer broke the protocol */
	struct session_arrival *arrival;
	struct relay *relays;
	struct relay *relay; /* the one that works on the running task */
	struct process_watch watch;
	struct module_host host;
};

void session_init(struct session *session, int in, int out);
/* Until the link ends. */
void session_run(struct session *session);
void session_release(struct session *session);

/* One read from the link, and what came. False: the running task is to end, and err says why. */
bool session_read(struct session *session, struct error *err) MUST_CHECK;
bool session_can_read(const struct session *session);
/* Writes until at most `most` bytes are unsent; reads meanwhile. */
bool session_flush(struct session *session, size_t most, struct error *err) MUST_CHECK;
/* What can be written now. */
void session_write_some(struct session *session);

#endif
