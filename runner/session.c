/* The link, the queue and the running task. */
#include "runner/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/log.h"
#include "os/clock.h"
#include "runner/become.h"
#include "runner/job.h"

enum { READ_SIZE = 128 * 1024 };

static struct session *log_session;

static void
send_log(enum log_level level, const char *line)
{
	if (log_session &&
		!message_add_log(&log_session->unsent, &(struct message_log){ level, line }, NULL))
		return;
}

bool
session_can_read(const struct session *session)
{
	return !session->has_ended && session->queue_tasks < SESSION_QUEUE_TASKS &&
	       session->queue_bytes < SESSION_QUEUE_BYTES;
}

static void
queue_add(struct session *session, struct view body, struct error *err)
{
	struct queued_task *queued = memory_get(sizeof(*queued));

	*queued = (struct queued_task){ .bytes = body.length };
	arena_init(&queued->arena);
	if (!message_read_task(&queued->arena, body, &queued->task, err)) {
		arena_release(&queued->arena);
		free(queued);
		session->has_ended = true;
		return;
	}
	*session->last = queued;
	session->last = &queued->next;
	session->queue_tasks++;
	session->queue_bytes += queued->bytes;
}

static struct queued_task *
queue_take(struct session *session)
{
	struct queued_task *queued = session->first;

	session->first = queued->next;
	if (!session->first)
		session->last = &session->first;
	session->queue_tasks--;
	session->queue_bytes -= queued->bytes;
	return queued;
}

static void
queued_free(struct queued_task *queued)
{
	if (queued->task.become.password)
		memory_wipe((void *)(uintptr_t)queued->task.become.password,
			strlen(queued->task.become.password));
	arena_release(&queued->arena);
	free(queued);
}

/* A piece of the content that the running task waits for. Others are left over from tasks that
 * failed. */
static void
take_blob(struct session *session, struct view body, struct error *err)
{
	struct session_arrival *arrival = session->arrival;
	struct message_blob blob;
	struct arena arena;

	arena_init(&arena);
	if (!message_read_blob(&arena, body, &blob, err)) {
		session->has_ended = true;
	} else if (session->running && blob.id == session->running->task.id) {
		if (session->relay) {
			relay_forward(session->relay, FRAME_BLOB, body);
		} else if (arrival && !arrival->has_failed && arrival->index < arrival->count) {
			bool is_well = false;

			if (blob.error)
				fail(arrival->err, ERR_PROTOCOL,
					"the controller cannot send a file: %s", blob.error);
			else if (blob.content != arrival->ids[arrival->index] ||
				 blob.offset != arrival->offset)
				fail(arrival->err, ERR_PROTOCOL,
					"a piece of content is not the one that was due");
			else
				is_well = arrival->sink(arrival->sink_context, arrival->index,
					blob.data, blob.is_last, arrival->err);
			arrival->has_failed = !is_well;
			arrival->offset += (int64_t)blob.data.length;
			if (blob.is_last) {
				arrival->index++;
				arrival->offset = 0;
			}
		}
	}
	arena_release(&arena);
}

static void
cancel(struct session *session, uint32_t id)
{
	for (struct queued_task *queued = session->first; queued; queued = queued->next)
		if (!id || queued->task.id == id)
			queued->is_cancelled = true;
	if (session->running && (!id || session->running->task.id == id)) {
		session->is_cancelled = true;
		if (session->relay)
			relay_cancel(session->relay, session->running->task.id);
	}
}

static void
set_log_level(struct view body, struct error *err)
{
	struct message_log log;
	struct arena arena;

	arena_init(&arena);
	if (message_read_log(&arena, body, &log, err))
		log_level = (enum log_level)log.level;
	arena_release(&arena);
}

static void
take_frame(struct session *session, const struct frame *frame, struct error *err)
{
	uint32_t number;

	switch (frame->type) {
	case FRAME_TASK:
		queue_add(session, frame->body, err);
		break;
	case FRAME_BLOB:
		take_blob(session, frame->body, err);
		break;
	case FRAME_CANCEL:
		if (message_read_cancel(frame->body, &number, err))
			cancel(session, number);
		else
			session->has_ended = true;
		break;
	case FRAME_RELEASE:
		if (message_read_release(frame->body, &number, err))
			session->released = MAX(session->released, number);
		else
			session->has_ended = true;
		break;
	case FRAME_LOG:
		set_log_level(frame->body, err);
		break;
	default:
		session->has_ended = true;
		fail(err, ERR_PROTOCOL, "a frame of type %d is not for a runner", (int)frame->type);
	}
}

static void
read_link(struct session *session, struct error *err)
{
	static char buffer[READ_SIZE];
	ssize_t count = read(session->in, buffer, sizeof(buffer));
	struct frame frame;

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		session->has_ended = true;
		return;
	}
	frame_reader_add(&session->reader, buffer, (size_t)count);
	while (!session->has_ended) {
		if (!frame_next(&session->reader, &frame, err))
			session->has_ended = true;
		else if (frame.type)
			take_frame(session, &frame, err);
		else
			break;
	}
}

bool
session_read(struct session *session, struct error *err)
{
	struct error broken = { 0 };

	read_link(session, &broken);
	session->watch.fd = session_can_read(session) ? session->in : -1;
	if (session->has_ended) {
		fail(err, ERR_INTERRUPTED, "the link to the controller has ended");
		return broken.kind ? error_why(err, "%s", broken.what) : false;
	}
	if (session->is_cancelled)
		return fail(err, ERR_INTERRUPTED, "cancelled");
	return true;
}

void
session_write_some(struct session *session)
{
	ssize_t count;

	if (!session->unsent.length)
		return;
	count = write(session->out, session->unsent.data, session->unsent.length);
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		session->has_ended = true;
	if (count > 0)
		str_drop_front(&session->unsent, (size_t)count);
}

bool
session_flush(struct session *session, size_t most, struct error *err)
{
	session_write_some(session);
	while (session->unsent.length > most && !session->has_ended) {
		struct pollfd fds[2] = {
			{ .fd = session->out, .events = POLLOUT },
			{ .fd = session_can_read(session) ? session->in : -1, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			session_write_some(session);
		if (fds[1].revents && !session_read(session, err))
			return false;
	}
	if (session->has_ended)
		return fail(err, ERR_INTERRUPTED, "the link to the controller has ended");
	return true;
}

static bool
watch_readable(void *context, struct error *err)
{
	return session_read(context, err);
}

static void
watch_output(void *context, int stream, struct view bytes)
{
	struct session *session = context;
	struct message_output output = { session->running->task.id, stream, bytes };

	if (!session->running->task.live || session->unsent.length > SESSION_UNSENT)
		return; /* live output is for eyes: what cannot go out now is not kept */
	if (message_add_output(&session->unsent, &output, NULL))
		session_write_some(session);
}

static bool
host_content(struct module_host *host, const int64_t *ids, size_t count, content_sink *sink,
	void *sink_context, struct error *err)
{
	struct session *session = host->context;
	struct error local = { 0 };
	struct session_arrival arrival = {
		.ids = ids,
		.count = count,
		.sink = sink,
		.sink_context = sink_context,
		.err = &local,
	};
	struct message_need need = { session->running->task.id, ids, count };
	bool is_well;

	if (!message_add_need(&session->unsent, &need, err) || !session_flush(session, 0, err))
		return false;
	session->arrival = &arrival;
	is_well = true;
	while (is_well && !arrival.has_failed && arrival.index < count) {
		struct pollfd wait = { .fd = session->in, .events = POLLIN };

		if (poll(&wait, 1, -1) > 0)
			is_well = session_read(session, &local);
	}
	session->arrival = NULL;
	if (err && local.kind)
		*err = local;
	return is_well && !arrival.has_failed;
}

static bool
host_send(struct module_host *host, int64_t offset, struct view bytes, bool is_last,
	struct error *err)
{
	struct session *session = host->context;
	struct message_blob blob = {
		.id = session->running->task.id,
		.offset = offset,
		.data = bytes,
		.is_last = is_last,
	};

	return message_add_blob(&session->unsent, &blob, err) &&
	       session_flush(session, SESSION_UNSENT, err);
}

void
session_init(struct session *session, int in, int out)
{
	*session = (struct session){ .in = in, .out = out };
	session->last = &session->first;
	str_init(&session->unsent);
	session->watch = (struct process_watch){
		.fd = in,
		.readable = watch_readable,
		.output = watch_output,
		.context = session,
	};
	session->host = (struct module_host){
		.watch = &session->watch,
		.content = host_content,
		.send = host_send,
		.context = session,
	};
	fcntl(in, F_SETFL, fcntl(in, F_GETFL) | O_NONBLOCK);
	fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK);
	log_session = session;
	log_set_sink(send_log);
}

static bool
is_dropped(const struct session *session, const struct message_task *task)
{
	if (task->epoch < session->released)
		return true;
	return session->has_dead && task->epoch <= session->dead_epoch &&
	       task->group != session->dead_group;
}

static const struct value *
failure(struct arena *into, const char *key, const char *message)
{
	struct value *map = value_map(into);

	value_set(into, map, "changed", &value_false);
	value_set(into, map, "failed", &value_true);
	value_set(into, map, "msg", value_text(into, message));
	if (key)
		value_set(into, map, key, &value_true);
	return map;
}

static const struct value *
execute_in_background(struct queued_task *queued, const struct module *module)
{
	struct error err = { 0 };
	const struct value *state = job_start(&queued->task, module, &queued->arena, &err);
	char line[1600];

	return state ? state
		     : failure(&queued->arena, NULL, error_line(&err, line, sizeof(line)));
}

static const struct value *
execute_here(struct session *session, struct queued_task *queued)
{
	const struct message_task *task = &queued->task;
	const struct module *module = module_named(task->module);
	const struct value *result;
	struct module_task call = {
		.module = module,
		.args = task->args,
		.check_mode = task->check_mode,
		.diff = task->diff,
		.environment = task->environment,
		.deadline_ms =
			task->timeout_s ? monotonic_ms() + (uint64_t)task->timeout_s * 1000 : 0,
	};

	if (!module)
		return failure(&queued->arena, NULL,
			arena_format(
				&queued->arena, "the runner has no module '%.100s'", task->module));
	if (task->async_s)
		return execute_in_background(queued, module);
	module_execute(&call, &queued->arena, &session->host, &result);
	return result;
}

/* Check mode as a user that an earlier task would have made. */
static const struct value *
predict_become(struct arena *into, const struct message_task *task)
{
	const struct module *module = module_named(task->module);
	bool changes = module && module->apply && module->check == SUPPORT_FULL;
	struct value *map = value_map(into);

	value_set(into, map, "changed", changes ? &value_true : &value_false);
	if (!changes)
		value_set(into, map, "skipped", &value_true);
	value_set(into, map, "predicted", &value_true);
	value_set(into, map, "msg",
		value_format(into,
			"the user '%s' is not there yet, but an earlier task may bring it",
			task->become.user));
	return map;
}

static bool
is_true(const struct value *map, const char *key)
{
	const struct value *value = value_get(map, key);

	return value && value_is_true(value);
}

static const struct value *
execute(struct session *session, struct queued_task *queued)
{
	struct error err = { 0 };
	struct relay *relay;
	const struct value *result;
	char line[1600];

	if (queued->is_cancelled)
		return failure(&queued->arena, "cancelled", "cancelled");
	if (!queued->task.become.method || become_is_needless(&queued->task.become))
		return execute_here(session, queued);
	if (queued->task.check_mode && session->host.has_predictions &&
		become_is_to_nobody(&queued->task.become))
		return predict_become(&queued->arena, &queued->task);
	relay = relay_find(session, &queued->task.become, &err);
	if (!relay)
		return failure(
			&queued->arena, "become_failed", error_line(&err, line, sizeof(line)));
	session->relay = relay;
	result = relay_execute(session, relay, queued, &err);
	session->relay = NULL;
	if (result && module_named(queued->task.module))
		module_host_note(&session->host, module_named(queued->task.module),
			queued->task.check_mode, is_true(result, "changed"));
	return result ? result
		      : failure(&queued->arena, NULL, error_line(&err, line, sizeof(line)));
}

static void
note_failure(struct session *session, const struct message_task *task, const struct value *result)
{
	if (!task->stops || !is_true(result, "failed"))
		return;
	session->has_dead = true;
	session->dead_epoch = task->epoch;
	session->dead_group = task->group;
}

static void
answer(struct session *session, struct queued_task *queued, struct message_result *result)
{
	struct error err = { 0 };
	char line[1600];

	result->id = queued->task.id;
	if (!message_add_result(&session->unsent, result, &err)) {
		result->result =
			failure(&queued->arena, NULL, error_line(&err, line, sizeof(line)));
		if (!message_add_result(&session->unsent, result, NULL))
			BUG("a failure could not be sent");
	}
}

static void
work(struct session *session)
{
	struct queued_task *queued = queue_take(session);
	uint64_t begin = monotonic_us();
	struct message_result result = { .result = &value_empty_map };

	session->watch.fd = session_can_read(session) ? session->in : -1;
	if (is_dropped(session, &queued->task)) {
		result.was_dropped = true;
	} else {
		session->running = queued;
		session->is_cancelled = false;
		session->host.has_predictions |= queued->task.predicted;
		result.result = execute(session, queued);
		note_failure(session, &queued->task, result.result);
		session->running = NULL;
		session->is_cancelled = false;
	}
	result.duration_us = monotonic_us() - begin;
	answer(session, queued, &result);
	queued_free(queued);
	if (session_flush(session, SESSION_UNSENT, NULL))
		return;
}

void
session_run(struct session *session)
{
	while (!session->has_ended) {
		struct pollfd fds[2] = {
			{ .fd = session_can_read(session) ? session->in : -1, .events = POLLIN },
			{ .fd = session->unsent.length ? session->out : -1, .events = POLLOUT },
		};

		if (poll(fds, 2, session->first ? 0 : -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			session_write_some(session);
		/* Errors of the peer end the link; a task that is cancelled here does not run. */
		if (fds[0].revents && !session_read(session, NULL))
			continue;
		if (session->first && !session->has_ended)
			work(session);
	}
}

void
session_release(struct session *session)
{
	log_set_sink(NULL);
	log_session = NULL;
	while (session->relays)
		relay_close(session, session->relays);
	while (session->first)
		queued_free(queue_take(session));
	frame_reader_release(&session->reader);
	str_release(&session->unsent);
}
