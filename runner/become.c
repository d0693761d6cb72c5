/* Passing tasks on to inner runners. */
#include "runner/become.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "os/clock.h"
#include "os/users.h"
#include "runner/relay.h"

enum { READ_SIZE = 64 * 1024, GRACE_MS = 15000, END_MS = 3000 };

static const char *
user_of(const struct message_become *become)
{
	return become->user ? become->user : "root";
}

bool
become_is_needless(const struct message_become *become)
{
	uid_t uid;

	return user_id_of(user_of(become), &uid) && uid == geteuid();
}

bool
become_is_to_nobody(const struct message_become *become)
{
	uid_t uid;

	return !user_id_of(user_of(become), &uid);
}

static bool
is_for(const struct relay *relay, const struct message_become *become)
{
	return text_equals(relay->method, become->method) &&
	       text_equals(relay->user, user_of(become)) && text_equals(relay->exe, become->exe) &&
	       text_equals(relay->flags, become->flags);
}

static char *
text_or_null(const char *text)
{
	return text ? memory_text(text) : NULL;
}

static void
relay_free(struct relay *relay)
{
	/* Nobody could be told if it stays. */
	if (relay->copy && tree_remove(relay->copy, NULL))
		log_debug("removed '%s'", relay->copy);
	cleanup_close(&relay->in);
	cleanup_close(&relay->out);
	cleanup_close(&relay->err);
	cleanup_close(&relay->pty);
	frame_reader_release(&relay->reader);
	str_release(&relay->unsent);
	free(relay->method);
	free(relay->user);
	free(relay->exe);
	free(relay->flags);
	free(relay->copy);
	free(relay);
}

struct relay *
relay_find(struct session *session, const struct message_become *become, struct error *err)
{
	struct relay *relay;

	for (relay = session->relays; relay; relay = relay->next)
		if (is_for(relay, become))
			return relay;
	relay = memory_get(sizeof(*relay));
	*relay = (struct relay){ .in = -1, .out = -1, .err = -1, .pty = -1, .pid = -1 };
	str_init(&relay->unsent);
	relay->method = memory_text(become->method);
	relay->user = memory_text(user_of(become));
	relay->exe = text_or_null(become->exe);
	relay->flags = text_or_null(become->flags);
	if (!relay_launch(relay, become->password, err)) {
		relay_free(relay);
		return NULL;
	}
	relay->next = session->relays;
	session->relays = relay;
	return relay;
}

void
relay_forward(struct relay *relay, enum frame_type type, struct view body)
{
	if (!frame_add(&relay->unsent, type, body, NULL))
		relay->is_dead = true;
}

void
relay_cancel(struct relay *relay, uint32_t id)
{
	message_add_cancel(&relay->unsent, id);
}

static void
relay_write(struct relay *relay)
{
	ssize_t count;

	if (!relay->unsent.length)
		return;
	count = write(relay->in, relay->unsent.data, relay->unsent.length);
	if (count > 0)
		str_drop_front(&relay->unsent, (size_t)count);
	else if (count < 0 && errno != EAGAIN && errno != EINTR)
		relay->is_dead = true;
}

/* Results are ours to read; need, blob, output and log go on as they are. */
static void
take_frame(struct session *session, struct relay *relay, const struct frame *frame,
	struct queued_task *queued, const struct value **result)
{
	struct message_result message;

	switch (frame->type) {
	case FRAME_HELLO:
		break;
	case FRAME_RESULT:
		if (!message_read_result(&queued->arena, frame->body, &message, NULL))
			relay->is_dead = true;
		else if (message.id == queued->task.id)
			*result = message.result;
		break;
	case FRAME_NEED:
	case FRAME_BLOB:
	case FRAME_OUTPUT:
	case FRAME_LOG:
		if (!frame_add(&session->unsent, frame->type, frame->body, NULL))
			relay->is_dead = true;
		break;
	default:
		relay->is_dead = true;
	}
}

static void
relay_read(struct session *session, struct relay *relay, struct queued_task *queued,
	const struct value **result)
{
	static char buffer[READ_SIZE];
	ssize_t count = read(relay->out, buffer, sizeof(buffer));
	struct frame frame;

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		relay->is_dead = true;
		return;
	}
	frame_reader_add(&relay->reader, buffer, (size_t)count);
	while (!relay->is_dead) {
		if (!frame_next(&relay->reader, &frame, NULL))
			relay->is_dead = true;
		else if (frame.type)
			take_frame(session, relay, &frame, queued, result);
		else
			break;
	}
}

/* What it says on stderr is not part of the protocol; it must only not fill the pipe. */
static void
relay_drain(struct relay *relay)
{
	char buffer[1024];

	if (read(relay->err, buffer, sizeof(buffer)) == 0) {
		close(relay->err);
		relay->err = -1;
	}
}

static bool
relay_step(struct session *session, struct relay *relay, struct queued_task *queued,
	uint64_t deadline, const struct value **result, struct error *err)
{
	bool has_room = session->unsent.length < SESSION_UNSENT;
	bool can_read = session_can_read(session) && relay->unsent.length < SESSION_UNSENT;
	struct pollfd fds[5] = {
		{ .fd = relay->out, .events = has_room ? POLLIN : 0 },
		{ .fd = relay->unsent.length ? relay->in : -1, .events = POLLOUT },
		{ .fd = relay->err, .events = POLLIN },
		{ .fd = can_read ? session->in : -1, .events = POLLIN },
		{ .fd = session->unsent.length ? session->out : -1, .events = POLLOUT },
	};
	uint64_t now = monotonic_ms();

	if (deadline && now >= deadline)
		return fail(
			err, ERR_TIMEOUT, "the runner of user '%s' does not answer", relay->user);
	if (poll(fds, 5, deadline ? (int)MIN(deadline - now, (uint64_t)INT32_MAX) : -1) < 0)
		return true;
	if (fds[0].revents)
		relay_read(session, relay, queued, result);
	if (fds[1].revents)
		relay_write(relay);
	if (fds[2].revents)
		relay_drain(relay);
	if (fds[4].revents)
		session_write_some(session);
	/* A cancel was passed on: its result is still to come. */
	if (fds[3].revents && !session_read(session, err) && session->has_ended)
		return false;
	if (relay->is_dead && !*result)
		return fail(err, ERR_TASK, "the runner of user '%s' has ended", relay->user);
	return true;
}

const struct value *
relay_execute(
	struct session *session, struct relay *relay, struct queued_task *queued, struct error *err)
{
	struct message_task task = queued->task;
	const struct value *result = NULL;
	uint64_t deadline = 0, cancelled = 0;

	task.become = (struct message_become){ 0 };
	task.predicted = session->host.has_predictions;
	if (!message_add_task(&relay->unsent, &task, err))
		return NULL;
	if (task.timeout_s)
		deadline = monotonic_ms() + (uint64_t)task.timeout_s * 1000 + GRACE_MS;
	while (!result) {
		if (session->is_cancelled && !cancelled) {
			cancelled = monotonic_ms() + GRACE_MS;
			deadline = deadline ? MIN(deadline, cancelled) : cancelled;
		}
		if (!relay_step(session, relay, queued, deadline, &result, err))
			break;
	}
	if (!result || relay->is_dead)
		relay_close(session, relay);
	return result;
}

/* Its stdin ends, so it kills what it has started and goes; if it does not, it is killed, as far as
 * we may. */
void
relay_close(struct session *session, struct relay *relay)
{
	uint64_t until = monotonic_ms() + END_MS;
	struct relay **link = &session->relays;

	while (*link && *link != relay)
		link = &(*link)->next;
	if (*link)
		*link = relay->next;
	cleanup_close(&relay->in);
	relay->in = -1;
	while (waitpid(relay->pid, NULL, WNOHANG) == 0) {
		if (monotonic_ms() > until) {
			kill(-relay->pid, SIGKILL);
			break;
		}
		poll(NULL, 0, 5);
	}
	relay_free(relay);
}
