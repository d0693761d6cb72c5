/* Channels that the server opens to our agent: each gets a connection to the agent's socket, and
 * bytes are copied both ways. */
#include "orchestrator/transport/agent_forward.h"

#include <errno.h>
#include <sys/socket.h>

#include "orchestrator/transport/agent.h"
#include "orchestrator/transport/session_internal.h"

#define MAX_QUEUED (64 * 1024)
#define MAX_LINES 32 /* at the same time; a session of ssh uses one */

struct agent_line {
	struct agent_forward *forward;
	struct stream *stream;
	int fd;
	struct loop_watch *watch;
	bool has_ended; /* the agent sends no more */
	struct agent_line *next, **self;
};

struct agent_forward {
	struct session *session;
	char *socket_path;
	struct ssh_callbacks_struct callbacks;
	struct agent_line *lines;
	size_t count;
};

static void
line_free(struct agent_line *line)
{
	*line->self = line->next;
	if (line->next)
		line->next->self = line->self;
	line->forward->count--;
	loop_watch_remove(line->watch);
	stream_free(line->stream);
	close(line->fd);
	free(line);
}

static void
line_watch(struct agent_line *line, unsigned extra)
{
	unsigned events = extra;

	if (!line->has_ended && stream_takes_more(line->stream, MAX_QUEUED))
		events |= LOOP_READ;
	loop_watch_set(line->watch, events);
}

static void
line_read(struct agent_line *line)
{
	char bytes[16 * 1024];
	ssize_t count = recv(line->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count > 0) {
		stream_send(line->stream, bytes, (size_t)count);
		return;
	}
	line->has_ended = true;
	stream_end(line->stream);
}

static void
line_event(void *context, unsigned events)
{
	struct agent_line *line = context;

	if (events & (LOOP_READ | LOOP_HANGUP))
		line_read(line);
	if ((events & LOOP_HANGUP) && line->has_ended) {
		line_free(line);
		return;
	}
	line_watch(line, 0);
	if (events & LOOP_WRITE)
		stream_resume(line->stream);
}

static void
line_opened(void *context UNUSED)
{
}

static size_t
line_received(void *context, const void *bytes, size_t length, bool is_stderr UNUSED)
{
	struct agent_line *line = context;
	ssize_t count = send(line->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
		line_watch(line, LOOP_WRITE);
		return 0;
	}
	if (count < 0)
		return length; /* its end follows */
	if ((size_t)count < length)
		line_watch(line, LOOP_WRITE);
	return (size_t)count;
}

static void
line_drained(void *context)
{
	line_watch(context, 0);
}

static void
line_ended(void *context)
{
	struct agent_line *line = context;

	shutdown(line->fd, SHUT_WR);
}

static void
line_closed(void *context, const struct error *err UNUSED, int exit_status UNUSED)
{
	line_free(context);
}

static const struct stream_handler line_handler = { line_opened, line_received, line_drained,
	line_ended, line_closed };

/* Called by libssh; NULL refuses the channel. */
static ssh_channel
on_agent_wanted(ssh_session ssh, void *context)
{
	struct agent_forward *forward = context;
	struct agent_line *line;
	ssh_channel channel;
	int fd = forward->count < MAX_LINES ? agent_connect(forward->socket_path) : -1;

	if (fd < 0)
		return NULL;
	channel = ssh_channel_new(ssh);
	if (!channel)
		BUG("ssh_channel_new");
	line = memory_get(sizeof(*line));
	*line = (struct agent_line){ .forward = forward, .fd = fd, .next = forward->lines };
	line->self = &forward->lines;
	if (line->next)
		line->next->self = &line->next;
	forward->lines = line;
	forward->count++;
	line->stream = session_stream_adopt(forward->session, channel, &line_handler, line);
	line->watch =
		loop_watch_add(forward->session->transport->loop, fd, LOOP_READ, line_event, line);
	return channel;
}

void
session_agent_forward(struct session *session, const char *socket_path)
{
	struct agent_forward *forward;

	if (session->agent || !session->ssh)
		return;
	forward = memory_get(sizeof(*forward));
	*forward = (struct agent_forward){ .session = session,
		.socket_path = memory_text(socket_path),
		.callbacks = { .userdata = forward,
			.channel_open_request_auth_agent_function = on_agent_wanted } };
	ssh_callbacks_init(&forward->callbacks);
	ssh_set_callbacks(session->ssh, &forward->callbacks);
	session->agent = forward;
}

void
session_agent_free(struct session *session)
{
	struct agent_forward *forward = session->agent;

	if (!forward)
		return;
	session->agent = NULL;
	while (forward->lines)
		line_free(forward->lines);
	free(forward->socket_path);
	free(forward);
}
