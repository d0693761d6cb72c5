/*
 * A bastion is a session with an owner of its own. Its first channel runs `cat` and does nothing:
 * without a session channel sshd leaves Nagle's algorithm on, and each small answer through it
 * waits 40 ms. Tunnels copy between their channel and one end of a socketpair; the other end is the
 * inner session's.
 *
 * libssh's buffer for the connection has no bound, so the sockets are read only while it is empty.
 */
#include "orchestrator/transport/bastion.h"

#include <errno.h>
#include <sys/socket.h>

#include "orchestrator/transport/stream.h"

#define LINGER_MS 5000 /* an idle bastion is kept for the next host */
#define MAX_QUEUED (64 * 1024)

struct bastion {
	struct transport *transport;
	char *key;
	struct session *session;
	struct stream *idle;
	struct tunnel *tunnels;
	bool is_dead; /* kept for its tunnels' sake, not for new ones */
	bool was_up;
	struct loop_timer *linger;
	struct bastion *next, **self; /* of the transport */
};

struct tunnel {
	struct bastion *bastion; /* NULL: lost */
	struct loop *loop;
	char *host;
	int port;
	int timeout_ms;
	void (*done)(void *context, int fd, const struct error *err); /* NULL: was called */
	void *context;
	struct stream *channel;
	int fd; /* our end */
	struct loop_watch *watch;
	struct loop_timer *deadline;
	bool has_ended; /* the inner session sends no more */
	struct error why;
	struct tunnel *next, **self; /* of the bastion */
};

static void tunnel_begin(struct tunnel *tunnel);

/* Bastions. */

static void
bastion_unlink(struct bastion *bastion)
{
	if (!bastion->self)
		return;
	*bastion->self = bastion->next;
	if (bastion->next)
		bastion->next->self = bastion->self;
	bastion->self = NULL;
}

static void
bastion_free(struct bastion *bastion)
{
	bastion_unlink(bastion);
	loop_timer_remove(bastion->linger);
	stream_free(bastion->idle);
	session_free(bastion->session);
	free(bastion->key);
	free(bastion);
}

static void tunnel_lose(struct tunnel *tunnel, const struct error *err);

static size_t
idle_received(void *context UNUSED, const void *bytes UNUSED, size_t length, bool is_stderr UNUSED)
{
	return length;
}

static void
idle_opened(void *context UNUSED)
{
}

/* A bastion that runs no commands (ForceCommand, nologin) still forwards: only the delay comes
 * back. */
static void
idle_closed(void *context, const struct error *err UNUSED, int exit_status UNUSED)
{
	struct bastion *bastion = context;

	stream_free(bastion->idle);
	bastion->idle = NULL;
}

static const struct stream_handler idle_handler = { idle_opened, idle_received, idle_opened, NULL,
	idle_closed };

static void
bastion_up(void *context)
{
	struct bastion *bastion = context;

	bastion->was_up = true;
	bastion->idle = stream_execute(bastion->session, "exec cat", &idle_handler, bastion);
	for (struct tunnel *tunnel = bastion->tunnels; tunnel; tunnel = tunnel->next)
		tunnel_begin(tunnel);
}

/* What the hosts behind it are told. */
static void
bastion_error(const struct bastion *bastion, const struct error *err, struct error *lost)
{
	fail(lost, err->kind,
		bastion->was_up ? "bastion '%s' lost"
				: "cannot reach the host through bastion '%s'",
		session_target(bastion->session)->label);
	error_why(lost, "%s%s%s", err->what, err->why[0] ? ": " : "", err->why);
	error_hint(lost, "%s", err->hint);
}

static void
bastion_closed(void *context, const struct error *err)
{
	struct bastion *bastion = context;
	struct error lost;

	bastion->is_dead = true;
	bastion_unlink(bastion); /* the next host makes a new one */
	bastion_error(bastion, err, &lost);
	while (bastion->tunnels)
		tunnel_lose(bastion->tunnels, &lost);
	bastion_free(bastion);
}

static const struct session_handler bastion_handler = { bastion_up, NULL, bastion_closed };

static void
bastion_lingered(void *context)
{
	struct bastion *bastion = context;

	bastion->linger = NULL;
	if (!bastion->tunnels)
		bastion_free(bastion);
}

static struct bastion *
bastion_get(struct transport *transport, struct target *hop)
{
	struct bastion *bastion;

	for (bastion = transport->bastions; bastion; bastion = bastion->next)
		if (text_equals(bastion->key, hop->key))
			return bastion;
	bastion = memory_get(sizeof(*bastion));
	*bastion = (struct bastion){ .transport = transport, .key = memory_text(hop->key) };
	bastion->next = transport->bastions;
	bastion->self = &transport->bastions;
	if (bastion->next)
		bastion->next->self = &bastion->next;
	transport->bastions = bastion;
	bastion->session = session_new(transport, hop, &bastion_handler, bastion);
	return bastion;
}

void
transport_bastions_free(struct transport *transport)
{
	while (transport->bastions) {
		struct bastion *bastion = transport->bastions;

		while (bastion->tunnels)
			tunnel_lose(bastion->tunnels, NULL);
		bastion_free(bastion);
	}
}

/* Tunnels. */

static void
tunnel_unlink(struct tunnel *tunnel)
{
	struct bastion *bastion = tunnel->bastion;

	if (!bastion)
		return;
	*tunnel->self = tunnel->next;
	if (tunnel->next)
		tunnel->next->self = tunnel->self;
	tunnel->bastion = NULL;
	if (!bastion->tunnels && !bastion->is_dead && !bastion->linger)
		bastion->linger =
			loop_timer_add(tunnel->loop, LINGER_MS, bastion_lingered, bastion);
}

/* Our end only; what is left in the pair can still be read by the inner session. */
static void
tunnel_shut(struct tunnel *tunnel)
{
	loop_timer_remove(tunnel->deadline);
	tunnel->deadline = NULL;
	loop_watch_remove(tunnel->watch);
	tunnel->watch = NULL;
	if (tunnel->fd >= 0)
		close(tunnel->fd);
	tunnel->fd = -1;
	stream_free(tunnel->channel);
	tunnel->channel = NULL;
}

void
tunnel_free(struct tunnel *tunnel)
{
	if (!tunnel)
		return;
	tunnel->done = NULL;
	tunnel_shut(tunnel);
	tunnel_unlink(tunnel);
	free(tunnel->host);
	free(tunnel);
}

const struct error *
tunnel_error(const struct tunnel *tunnel)
{
	return tunnel && tunnel->why.kind != ERR_NONE ? &tunnel->why : NULL;
}

static void
tunnel_lose(struct tunnel *tunnel, const struct error *err)
{
	void (*done)(void *context, int fd, const struct error *err) = tunnel->done;

	if (err && tunnel->why.kind == ERR_NONE)
		tunnel->why = *err;
	tunnel->done = NULL;
	tunnel_shut(tunnel);
	tunnel_unlink(tunnel);
	if (done && err)
		done(tunnel->context, -1, &tunnel->why);
}

static void
tunnel_timed_out(void *context)
{
	struct tunnel *tunnel = context;
	struct error err;

	tunnel->deadline = NULL;
	fail(&err, ERR_TIMEOUT, "the bastion '%s' does not reach '%s' port %d",
		session_target(tunnel->bastion->session)->label, tunnel->host, tunnel->port);
	error_why(&err, "connecting took longer than %d s", tunnel->timeout_ms / 1000);
	tunnel_lose(tunnel, &err);
}

/* Copying. */

static void
tunnel_watch(struct tunnel *tunnel, unsigned extra)
{
	unsigned events = extra;

	if (!tunnel->watch)
		return;
	if (!tunnel->has_ended && stream_takes_more(tunnel->channel, MAX_QUEUED))
		events |= LOOP_READ;
	loop_watch_set(tunnel->watch, events);
}

static void
tunnel_read(struct tunnel *tunnel)
{
	static char bytes[32 * 1024];
	ssize_t count = recv(tunnel->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		tunnel->has_ended = true;
		stream_end(tunnel->channel);
		return;
	}
	stream_send(tunnel->channel, bytes, (size_t)count);
}

static void
tunnel_event(void *context, unsigned events)
{
	struct tunnel *tunnel = context;
	bool was_full = events & LOOP_WRITE;

	if (events & LOOP_HANGUP) {
		/* The inner session closed its end: nobody reads any more. */
		if (!tunnel->has_ended)
			tunnel_read(tunnel);
		if (tunnel->has_ended)
			tunnel_shut(tunnel);
		return;
	}
	if (events & LOOP_READ)
		tunnel_read(tunnel);
	tunnel_watch(tunnel, 0);
	if (was_full)
		stream_resume(tunnel->channel);
}

static void
tunnel_opened(void *context)
{
	struct tunnel *tunnel = context;
	void (*done)(void *context, int fd, const struct error *err) = tunnel->done;
	struct error err;
	int pair[2];

	loop_timer_remove(tunnel->deadline);
	tunnel->deadline = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		fail_errno(&err, "cannot make a socket for '%s'", tunnel->host);
		tunnel_lose(tunnel, &err);
		return;
	}
	tunnel->fd = pair[0];
	tunnel->watch = loop_watch_add(tunnel->loop, pair[0], LOOP_READ, tunnel_event, tunnel);
	tunnel->done = NULL;
	if (done)
		done(tunnel->context, pair[1], NULL);
	else
		close(pair[1]);
}

static size_t
tunnel_received(void *context, const void *bytes, size_t length, bool is_stderr UNUSED)
{
	struct tunnel *tunnel = context;
	size_t taken = 0;

	if (tunnel->fd < 0)
		return length;
	while (taken < length) {
		ssize_t count = send(tunnel->fd, (const char *)bytes + taken, length - taken,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN) {
			tunnel_watch(tunnel, LOOP_WRITE);
			return taken;
		}
		if (count < 0)
			return length; /* nobody reads any more */
		taken += (size_t)count;
	}
	return taken;
}

static void
tunnel_drained(void *context)
{
	struct tunnel *tunnel = context;

	tunnel_watch(tunnel, 0);
}

static void
tunnel_ended(void *context)
{
	struct tunnel *tunnel = context;

	if (tunnel->fd >= 0)
		shutdown(tunnel->fd, SHUT_WR);
}

static void
tunnel_closed(void *context, const struct error *err, int exit_status UNUSED)
{
	struct tunnel *tunnel = context;
	struct error lost;

	/* With its session, or alone because its target is gone. */
	if (err && !session_is_up(tunnel->bastion->session)) {
		bastion_error(tunnel->bastion, err, &lost);
		err = &lost;
	}
	tunnel_lose(tunnel, err);
}

static const struct stream_handler tunnel_handler = { tunnel_opened, tunnel_received,
	tunnel_drained, tunnel_ended, tunnel_closed };

static void
tunnel_begin(struct tunnel *tunnel)
{
	tunnel->deadline = loop_timer_add(
		tunnel->loop, (uint64_t)tunnel->timeout_ms, tunnel_timed_out, tunnel);
	tunnel->channel = stream_forward(
		tunnel->bastion->session, tunnel->host, tunnel->port, &tunnel_handler, tunnel);
}

struct tunnel *
tunnel_open(struct transport *transport, struct target *hop, const char *host, int port,
	int timeout_ms, void (*done)(void *context, int fd, const struct error *err), void *context)
{
	struct tunnel *tunnel = memory_get(sizeof(*tunnel));
	struct bastion *bastion = bastion_get(transport, hop);

	*tunnel = (struct tunnel){ .bastion = bastion,
		.loop = transport->loop,
		.host = memory_text(host),
		.port = port,
		.timeout_ms = timeout_ms,
		.done = done,
		.context = context,
		.fd = -1 };
	tunnel->next = bastion->tunnels;
	tunnel->self = &bastion->tunnels;
	if (tunnel->next)
		tunnel->next->self = &tunnel->next;
	bastion->tunnels = tunnel;
	loop_timer_remove(bastion->linger);
	bastion->linger = NULL;
	if (session_is_up(bastion->session))
		tunnel_begin(tunnel);
	return tunnel;
}
