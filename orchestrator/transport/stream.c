/*
 * Channels. Callbacks of libssh only take notes (and fill buffers); what follows from them is done
 * in the step after each dispatch, when it is safe to call our owners. A window adjustment fires no
 * callback at all, so every channel with something to send is looked at in every step.
 *
 * The first command of a connection is sent right behind the request to open its channel, which
 * saves a round trip: its remote number is 0 with every server known. Whatever goes wrong there is
 * tried again one after the other.
 */
#include "orchestrator/transport/stream.h"

#include "orchestrator/transport/session_internal.h"

#define MAX_OPENING 64 /* sshd looks up names one at a time */
#define TURN (64 * 1024)
#define CHUNK (32 * 1024)

enum stream_state { STREAM_WANTED, STREAM_OPENING, STREAM_EXECUTING, STREAM_OPEN, STREAM_CLOSED };

struct stream {
	struct session *session;
	const struct stream_handler *handler;
	void *context;
	enum stream_state state;
	bool is_freed, is_busy, is_forward, is_shell;
	bool pushes_back; /* its owner may be slower than the other end */
	ssh_channel ssh;
	struct ssh_channel_callbacks_struct callbacks;

	char *command;
	bool is_pipelined, is_executed; /* the early request was sent; and already answered */
	char *host;
	int port;
	struct stream_shell shell;
	char *terminal;
	bool has_terminal, has_agent; /* asked for, and answered */

	struct str incoming[2]; /* read, not yet taken: output, errors */
	bool is_held[2];	/* libssh has more that we did not take */
	bool has_eof, was_told_eof, has_close;
	int exit_status;

	struct str queue;
	size_t sent; /* of the queue */
	bool ends, has_ended, is_draining;

	struct stream *next, **self; /* of the session */
	struct stream *next_busy;
};

static void
stream_wake(struct stream *stream)
{
	if (stream->is_busy || stream->state == STREAM_CLOSED || !stream->session)
		return;
	stream->is_busy = true;
	stream->next_busy = stream->session->busy;
	stream->session->busy = stream;
}

/* Taking apart. */

static void
stream_destroy(struct stream *stream)
{
	if (stream->ssh) {
		ssh_remove_channel_callbacks(stream->ssh, &stream->callbacks);
		ssh_channel_free(stream->ssh);
	}
	if (stream->session) {
		for (struct stream **at = &stream->session->busy; *at; at = &(*at)->next_busy)
			if (*at == stream) {
				*at = stream->next_busy;
				break;
			}
		if (stream->state == STREAM_OPENING)
			stream->session->opening--;
		*stream->self = stream->next;
		if (stream->next)
			stream->next->self = stream->self;
	}
	str_release(&stream->incoming[0]);
	str_release(&stream->incoming[1]);
	str_release(&stream->queue);
	free(stream->command);
	free(stream->host);
	free(stream->terminal);
	free(stream);
}

static void
stream_destroy_later(void *context)
{
	struct stream *stream = context;
	struct session *session = stream->session;

	stream_destroy(stream);
	if (session)
		session_wake(session); /* the close message is to be sent */
}

void
stream_free(struct stream *stream)
{
	if (!stream || stream->is_freed)
		return;
	stream->is_freed = true;
	stream->handler = NULL;
	loop_later(session_transport(stream->session)->loop, stream_destroy_later, stream);
}

/* All at once, with the session: owners that still hold one keep an empty shell, told by `closed`.
 */
void
session_streams_free(struct session *session)
{
	while (session->streams) {
		struct stream *stream = session->streams;

		loop_later_cancel(session->transport->loop, stream_destroy_later, stream);
		stream_destroy(stream);
	}
	session->busy = NULL;
	session->opening = 0;
}

static void
stream_close(struct stream *stream, const struct error *err)
{
	const struct stream_handler *handler = stream->handler;

	if (stream->state == STREAM_CLOSED)
		return;
	if (stream->state == STREAM_OPENING)
		stream->session->opening--;
	stream->state = STREAM_CLOSED;
	if (handler)
		handler->closed(stream->context, err, stream->exit_status);
}

void
session_streams_lose(struct session *session, const struct error *err)
{
	/* Owners free theirs, which only marks them: the list holds still. */
	for (struct stream *stream = session->streams; stream; stream = stream->next)
		stream_close(stream, err);
}

/* Callbacks of libssh. */

static int
on_data(ssh_session ssh UNUSED, ssh_channel raw UNUSED, void *data, uint32_t length, int is_stderr,
	void *context)
{
	struct stream *stream = context;
	struct str *incoming = &stream->incoming[is_stderr ? 1 : 0];
	size_t taken;

	stream_wake(stream);
	if (!stream->handler)
		return (int)length;
	if (!stream->pushes_back) {
		str_add_bytes(incoming, data, length);
		return (int)length;
	}
	/* What is not taken stays in libssh, and the window stays small. */
	if (stream->state != STREAM_OPEN || incoming->length) {
		stream->is_held[is_stderr ? 1 : 0] = true;
		return 0;
	}
	taken = stream->handler->received(stream->context, data, length, is_stderr);
	stream->is_held[is_stderr ? 1 : 0] = taken < length;
	return (int)taken;
}

static void
on_eof(ssh_session ssh UNUSED, ssh_channel raw UNUSED, void *context)
{
	struct stream *stream = context;

	stream->has_eof = true;
	stream_wake(stream);
}

static void
on_close(ssh_session ssh UNUSED, ssh_channel raw UNUSED, void *context)
{
	struct stream *stream = context;

	stream->has_close = true;
	stream_wake(stream);
}

static void
on_exit_status(ssh_session ssh UNUSED, ssh_channel raw UNUSED, int status, void *context)
{
	((struct stream *)context)->exit_status = status;
}

static void
on_exit_signal(ssh_session ssh UNUSED, ssh_channel raw UNUSED, const char *name, int core UNUSED,
	const char *message UNUSED, const char *language UNUSED, void *context)
{
	struct stream *stream = context;

	stream->exit_status = 128 + (text_equals(name, "KILL")		? 9
					    : text_equals(name, "TERM") ? 15
									: 1);
}

/* Opening. */

static void
stream_take(struct stream *stream, ssh_channel channel)
{
	stream->ssh = channel;
	stream->callbacks = (struct ssh_channel_callbacks_struct){
		.userdata = stream,
		.channel_data_function = on_data,
		.channel_eof_function = on_eof,
		.channel_close_function = on_close,
		.channel_exit_status_function = on_exit_status,
		.channel_exit_signal_function = on_exit_signal,
	};
	ssh_callbacks_init(&stream->callbacks);
	ssh_set_channel_callbacks(stream->ssh, &stream->callbacks);
}

static void
stream_start(struct stream *stream)
{
	struct session *session = stream->session;
	ssh_channel channel = ssh_channel_new(session->ssh);

	if (!channel)
		BUG("ssh_channel_new");
	stream_take(stream, channel);
	stream->state = STREAM_OPENING;
	session->opening++;
}

static void
stream_is_open(struct stream *stream)
{
	if (stream->state == STREAM_OPENING)
		stream->session->opening--;
	stream->state = STREAM_OPEN;
	if (stream->handler)
		stream->handler->opened(stream->context);
}

/* The request sent early was refused: once more, one step after the other. */
static void
stream_retry(struct stream *stream)
{
	if (stream->state == STREAM_OPENING)
		stream->session->opening--;
	ssh_remove_channel_callbacks(stream->ssh, &stream->callbacks);
	ssh_channel_free(stream->ssh);
	stream->ssh = NULL;
	stream->is_pipelined = false;
	stream->state = STREAM_WANTED;
	stream_wake(stream);
	session_wake(stream->session);
}

static void
stream_open_failed(struct stream *stream)
{
	const struct target *target = stream->session->target;
	const char *said = ssh_get_error(stream->session->ssh);
	struct error err;

	if (stream->is_pipelined && ssh_is_connected(stream->session->ssh)) {
		stream_retry(stream);
		return;
	}
	if (stream->terminal && !stream->has_terminal && stream->state == STREAM_EXECUTING) {
		fail(&err, ERR_UNREACHABLE, "'%s' gives no terminal", target->label);
		error_why(&err, "%s", said);
		error_hint(&err, "--no-terminal asks for none");
		stream_close(stream, &err);
		return;
	}
	if (!stream->is_forward) {
		fail(&err, ERR_UNREACHABLE, "'%s' does not run commands", target->label);
		error_why(&err, "%s", said);
		stream_close(stream, &err);
		return;
	}
	fail(&err, ERR_UNREACHABLE, "the bastion '%s' does not connect to '%s' port %d",
		target->label, stream->host, stream->port);
	error_why(&err, "%s", said);
	/* RFC 4254, 5.1: 1 is «administratively prohibited». libssh says "(1)" or the words. */
	if (strstr(said, "(1)") || strstr(said, "prohibited")) {
		error_why(&err, "administratively prohibited");
		error_hint(&err, "its sshd needs 'AllowTcpForwarding yes' and no 'PermitOpen' that "
				 "excludes the host");
	}
	stream_close(stream, &err);
}

static int
stream_ask_open(struct stream *stream)
{
	if (stream->is_forward)
		return ssh_channel_open_forward(
			stream->ssh, stream->host, stream->port, "127.0.0.1", 0);
	return ssh_channel_open_session(stream->ssh);
}

/* Right behind the request to open. Done only once: a second request would run the command again.
 */
static void
stream_pipeline(struct stream *stream)
{
	struct session *session = stream->session;
	int result;

	if (stream->is_forward || stream->is_shell || session->had_channel ||
		session->no_pipelining)
		return;
	result = ssh_channel_request_exec(stream->ssh, stream->command);
	stream->is_pipelined = result == SSH_AGAIN || result == SSH_OK;
	stream->is_executed = result == SSH_OK;
}

static void
stream_opened(struct stream *stream)
{
	if (stream->is_forward || stream->is_executed) {
		stream_is_open(stream);
		return;
	}
	stream->state = STREAM_EXECUTING;
	stream->session->opening--;
}

static void
stream_step_opening(struct stream *stream, bool is_first)
{
	int result = stream_ask_open(stream);

	if (is_first && result == SSH_AGAIN)
		stream_pipeline(stream);
	if (is_first)
		stream->session->had_channel = true;
	if (result == SSH_OK)
		stream_opened(stream);
	else if (result != SSH_AGAIN && (stream->has_close || stream->incoming[0].length))
		stream_is_open(stream); /* it ran, and is already over */
	else if (result != SSH_AGAIN)
		stream_open_failed(stream);
}

/* What a person's channel is asked for, one request after the other. */
static int
stream_ask_shell(struct stream *stream)
{
	int result = SSH_OK;

	if (stream->terminal && !stream->has_terminal) {
		result = ssh_channel_request_pty_size(
			stream->ssh, stream->terminal, stream->shell.columns, stream->shell.rows);
		if (result != SSH_OK)
			return result;
		stream->has_terminal = true;
	}
	if (stream->shell.forwards_agent && !stream->has_agent) {
		/* Nothing is answered; a server that does not want it, does not use it. */
		stream->has_agent = true;
		if (ssh_channel_request_auth_agent(stream->ssh) == SSH_ERROR)
			return SSH_ERROR;
	}
	return stream->command ? ssh_channel_request_exec(stream->ssh, stream->command)
			       : ssh_channel_request_shell(stream->ssh);
}

static void
stream_step_executing(struct stream *stream)
{
	int result = stream->is_shell ? stream_ask_shell(stream)
				      : ssh_channel_request_exec(stream->ssh, stream->command);

	if (result == SSH_AGAIN && !stream->has_close)
		return;
	if (result == SSH_OK || stream->has_close || stream->incoming[0].length) {
		stream_is_open(stream);
		return;
	}
	stream_open_failed(stream);
}

/* Open: in and out. */

static void
stream_offer(struct stream *stream, int which)
{
	struct str *incoming = &stream->incoming[which];
	size_t taken;

	if (!incoming->length || !stream->handler)
		return;
	/* The owner may send, end or let go meanwhile, but nothing comes in. */
	taken = stream->handler->received(stream->context, incoming->data, incoming->length, which);
	str_drop_front(incoming, MIN(taken, incoming->length));
}

/* What libssh holds comes in by chunks, as long as the owner takes it. */
static void
stream_offer_held(struct stream *stream, int which)
{
	struct str *incoming = &stream->incoming[which];

	while (stream->is_held[which] && !incoming->length && stream->handler) {
		char *room = str_reserve(incoming, CHUNK);
		int count;

		stream->is_held[which] = false; /* libssh may call on_data within */
		count = ssh_channel_read_nonblocking(stream->ssh, room, CHUNK, which);
		if (count <= 0)
			return;
		incoming->length = (size_t)count;
		stream->is_held[which] = true;
		stream_offer(stream, which);
	}
}

static bool
stream_is_empty(const struct stream *stream)
{
	return !stream->incoming[0].length && !stream->incoming[1].length && !stream->is_held[0] &&
	       !stream->is_held[1];
}

static void
stream_flush(struct stream *stream)
{
	size_t budget = TURN;

	while (stream->sent < stream->queue.length && budget) {
		size_t count = MIN(stream->queue.length - stream->sent, MIN(budget, (size_t)CHUNK));
		int written;

		if (ssh_get_poll_flags(stream->session->ssh) & SSH_WRITE_PENDING)
			return;
		count = MIN(count, (size_t)ssh_channel_window_size(stream->ssh));
		if (!count)
			return;
		written = ssh_channel_write(
			stream->ssh, stream->queue.data + stream->sent, (uint32_t)count);
		if (written <= 0)
			return;
		stream->sent += (size_t)written;
		budget -= MIN(budget, (size_t)written);
	}
	if (stream->sent >= 1024 * 1024) {
		str_drop_front(&stream->queue, stream->sent);
		stream->sent = 0;
	}
}

static void
stream_step_output(struct stream *stream)
{
	if (!stream->has_close)
		stream_flush(stream);
	if (stream->sent < stream->queue.length && !stream->has_close)
		return;
	str_clear(&stream->queue);
	stream->sent = 0;
	if (stream->ends && !stream->has_ended && !stream->has_close) {
		stream->has_ended = true;
		ssh_channel_send_eof(stream->ssh);
	}
	if (stream->is_draining && stream->handler) {
		stream->is_draining = false;
		stream->handler->drained(stream->context);
	}
}

static void
stream_step_open(struct stream *stream)
{
	bool is_empty;

	stream_offer(stream, 0);
	stream_offer(stream, 1);
	for (int which = 0; which < 2 && stream->handler && stream->pushes_back; which++)
		stream_offer_held(stream, which);
	stream_step_output(stream);
	is_empty = stream_is_empty(stream);
	if ((stream->has_eof || stream->has_close) && is_empty && !stream->was_told_eof) {
		stream->was_told_eof = true;
		if (stream->handler && stream->handler->ended)
			stream->handler->ended(stream->context);
	}
	if (stream->has_close && is_empty)
		stream_close(stream, NULL);
}

static void
stream_step(struct stream *stream)
{
	enum stream_state before;
	bool is_first = stream->state == STREAM_WANTED;

	if (is_first) {
		if (stream->session->opening >= MAX_OPENING || stream->is_freed)
			return;
		stream_start(stream);
	}
	do {
		before = stream->state;
		if (before == STREAM_OPENING)
			stream_step_opening(stream, is_first);
		else if (before == STREAM_EXECUTING)
			stream_step_executing(stream);
		else if (before == STREAM_OPEN)
			stream_step_open(stream);
		is_first = false;
	} while (stream->state != before);
}

static bool
stream_wants_step(const struct stream *stream)
{
	return !stream->is_freed &&
	       (stream->state < STREAM_OPEN || stream->queue.length > stream->sent ||
		       (stream->ends && !stream->has_ended));
}

void
session_streams_step(struct session *session)
{
	struct stream *busy = session->busy, *ordered = NULL;

	/* Newest first in the list; the order of opening is the order of asking. */
	session->busy = NULL;
	while (busy) {
		struct stream *next = busy->next_busy;

		busy->next_busy = ordered;
		ordered = busy;
		busy = next;
	}
	while (ordered) {
		struct stream *stream = ordered;

		ordered = stream->next_busy;
		stream->is_busy = false;
		if (session->state == SESSION_UP)
			stream_step(stream);
		if (stream_wants_step(stream))
			stream_wake(stream);
	}
}

/* For owners. */

static struct stream *
stream_new(struct session *session, const struct stream_handler *handler, void *context)
{
	struct stream *stream = memory_get(sizeof(*stream));

	*stream = (struct stream){
		.session = session, .handler = handler, .context = context, .exit_status = -1
	};
	str_init(&stream->incoming[0]);
	str_init(&stream->incoming[1]);
	str_init(&stream->queue);
	stream->next = session->streams;
	stream->self = &session->streams;
	if (stream->next)
		stream->next->self = &stream->next;
	session->streams = stream;
	stream_wake(stream);
	session_wake(session);
	return stream;
}

struct stream *
stream_execute(struct session *session, const char *command, const struct stream_handler *handler,
	void *context)
{
	struct stream *stream = stream_new(session, handler, context);

	stream->command = memory_text(command);
	return stream;
}

struct stream *
stream_forward(struct session *session, const char *host, int port,
	const struct stream_handler *handler, void *context)
{
	struct stream *stream = stream_new(session, handler, context);

	stream->is_forward = stream->pushes_back = true;
	stream->host = memory_text(host);
	stream->port = port;
	return stream;
}

struct stream *
stream_shell(struct session *session, const struct stream_shell *shell,
	const struct stream_handler *handler, void *context)
{
	struct stream *stream = stream_new(session, handler, context);

	stream->is_shell = stream->pushes_back = true;
	stream->shell = *shell;
	stream->command = shell->command ? memory_text(shell->command) : NULL;
	stream->terminal = shell->terminal ? memory_text(shell->terminal) : NULL;
	return stream;
}

void
stream_resize(struct stream *stream, int columns, int rows)
{
	stream->shell.columns = columns;
	stream->shell.rows = rows;
	if (stream->state != STREAM_OPEN || !stream->has_terminal || stream->has_close)
		return;
	ssh_channel_change_pty_size(stream->ssh, columns, rows);
	session_wake(stream->session);
}

struct stream *
session_stream_adopt(struct session *session, ssh_channel channel,
	const struct stream_handler *handler, void *context)
{
	struct stream *stream = stream_new(session, handler, context);

	stream->is_forward = stream->pushes_back = true;
	stream_take(stream, channel);
	stream->state = STREAM_OPEN;
	return stream;
}

void
stream_send(struct stream *stream, const void *bytes, size_t length)
{
	if (stream->state == STREAM_CLOSED || stream->ends)
		return;
	str_add_bytes(&stream->queue, bytes, length);
	stream->is_draining = true;
	stream_wake(stream);
	session_wake(stream->session);
}

size_t
stream_queued(const struct stream *stream)
{
	return stream->queue.length - stream->sent;
}

bool
stream_takes_more(const struct stream *stream, size_t maximum)
{
	return stream_queued(stream) < maximum;
}

void
stream_end(struct stream *stream)
{
	if (stream->state == STREAM_CLOSED || stream->ends)
		return;
	stream->ends = true;
	stream_wake(stream);
	session_wake(stream->session);
}

void
stream_resume(struct stream *stream)
{
	if (stream->state == STREAM_CLOSED)
		return;
	stream_wake(stream);
	session_wake(stream->session);
}
