/*
 * A state machine over one descriptor: each event pumps it, each phase has its deadline. A session
 * is never freed within a callback: its owner lets go, and it is taken apart before the loop
 * sleeps.
 */
#include "orchestrator/transport/session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <libssh/libssh.h>
#include <libssh/server.h> /* ssh_send_keepalive */

#include "base/log.h"
#include "orchestrator/transport/agent_forward.h"
#include "orchestrator/transport/bastion.h"
#include "orchestrator/transport/child.h"
#include "orchestrator/transport/dial.h"
#include "orchestrator/transport/host_key.h"
#include "orchestrator/transport/identity.h"
#include "orchestrator/transport/login.h"
#include "orchestrator/transport/session_internal.h"
#include "orchestrator/transport/ssh_setup.h"

#define BUSY_RETRIES 6 /* a server that is too busy to greet us is asked again */
#define PAUSE_MS 300
#define MAX_PAUSE_MS 4000
#define ALIVE_INTERVAL_S 9 /* with three unanswered: a dead road is told within 45 s */

static void session_start(void *context);
static void session_destroy_later(void *context);

/* Taking apart. */

static void
timer_drop(struct loop_timer **timer)
{
	loop_timer_remove(*timer);
	*timer = NULL;
}

/* Everything that belongs to one attempt. */
static void
session_reset(struct session *session)
{
	timer_drop(&session->deadline);
	timer_drop(&session->keepalive);
	loop_watch_remove(session->watch);
	session->watch = NULL;
	session_agent_free(session);
	session_streams_free(session);
	login_free(session->login);
	session->login = NULL;
	if (session->event) {
		ssh_event_remove_session(session->event, session->ssh);
		ssh_event_free(session->event);
		session->event = NULL;
	}
	if (session->ssh) {
		ssh_silent_disconnect(session->ssh);
		ssh_free(session->ssh);
		session->ssh = NULL;
	} else if (session->fd >= 0) {
		close(session->fd);
	}
	session->fd = -1;
	dial_free(session->dial);
	session->dial = NULL;
	tunnel_free(session->tunnel);
	session->tunnel = NULL;
	child_free(session->proxy);
	session->proxy = NULL;
	identity_wait_cancel(session->identities);
	session->identities = NULL;
	session->had_channel = false;
	session->greeting[0] = '\0';
}

static void
session_destroy(struct session *session)
{
	*session->self = session->next;
	if (session->next)
		session->next->self = session->self;
	timer_drop(&session->pause);
	session_reset(session);
	slot_give_back(&session->slot);
	target_unref(session->target);
	free(session);
}

static void session_pump_later(void *context);

static void
session_destroy_later(void *context)
{
	struct session *session = context;

	loop_later_cancel(session->transport->loop, session_pump_later, session);
	loop_later_cancel(session->transport->loop, session_start, session);
	session_destroy(session);
}

void
session_free(struct session *session)
{
	if (!session || session->is_freed)
		return;
	session->is_freed = true;
	session->state = SESSION_DEAD;
	session->handler = NULL;
	loop_later(session->transport->loop, session_destroy_later, session);
}

void
transport_sessions_destroy(struct transport *transport)
{
	while (transport->sessions) {
		loop_later_cancel(transport->loop, session_destroy_later, transport->sessions);
		session_destroy_later(transport->sessions);
	}
}

/* Failing. */

/* It is over: the owner hears it once. */
static void
session_close(struct session *session, const struct error *err)
{
	const struct session_handler *handler = session->handler;

	if (session->state == SESSION_DEAD)
		return;
	session->state = SESSION_DEAD;
	slot_give_back(&session->slot);
	timer_drop(&session->deadline);
	timer_drop(&session->keepalive);
	loop_watch_remove(session->watch);
	session->watch = NULL;
	session_streams_lose(session, err);
	if (handler && !session->is_freed)
		handler->closed(session->context, err);
}

static void
session_again(void *context)
{
	struct session *session = context;

	session->pause = NULL;
	session->state = SESSION_NEW;
	session_start(session);
}

static void
session_pause(struct session *session, const struct error *err)
{
	uint64_t delay =
		MIN((uint64_t)PAUSE_MS << MIN(session->attempt, 10), (uint64_t)MAX_PAUSE_MS);

	log_debug("%s: %s (%s), attempt %d follows", session->target->label, err->what, err->why,
		session->attempt + 1);
	session_reset(session);
	slot_give_back(&session->slot);
	session->state = SESSION_PAUSE;
	/* Half of it by chance, so that those who failed together do not come back together. */
	delay = delay / 2 + (uint64_t)random() % (delay / 2 + 1);
	session->pause = loop_timer_add(session->transport->loop, delay, session_again, session);
}

/* Nothing was done on the host yet: another attempt may help. */
static void
session_fail(struct session *session, const struct error *err, bool is_busy)
{
	int allowed = session->transport->settings.retries +
		      session->target->options.connection_attempts - 1;

	if (session->state == SESSION_DEAD)
		return;
	if (is_busy)
		allowed = MAX(allowed, BUSY_RETRIES);
	if (session->attempt++ < allowed)
		session_pause(session, err);
	else
		session_close(session, err);
}

void
session_lose(struct session *session, const struct error *err)
{
	session_close(session, err);
}

static void
session_timed_out(void *context)
{
	struct session *session = context;
	struct error err;

	session->deadline = NULL;
	fail(&err, ERR_TIMEOUT, "no answer from '%s'", session->target->label);
	error_why(&err, "%s took longer than %d s", session->phase,
		session->target->timeout_ms / 1000);
	session_fail(session, &err, false);
}

static void
session_phase(struct session *session, const char *phase)
{
	timer_drop(&session->deadline);
	session->phase = phase;
	if (phase)
		session->deadline = loop_timer_add(session->transport->loop,
			(uint64_t)session->target->timeout_ms, session_timed_out, session);
}

static void
session_progress(struct session *session, const char *what)
{
	if (session->handler && session->handler->progress)
		session->handler->progress(session->context, what);
}

/* The road. */

static void session_greeted(void *context, unsigned events);

static void
session_got_fd(void *context, int fd, const struct error *err)
{
	struct session *session = context;

	session->dial = NULL;
	if (session->state != SESSION_ROAD) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (err && err->kind == ERR_DENIED) {
		session_close(
			session, err); /* the hop refused us: asking again would be punished */
		return;
	}
	if (err) {
		session_fail(session, err, false);
		return;
	}
	session->fd = fd;
	session->state = SESSION_GREETING;
	session_phase(session, "waiting for the server's greeting");
	session->watch =
		loop_watch_add(session->transport->loop, fd, LOOP_READ, session_greeted, session);
}

static void
proxy_command_ended(void *context, const char *last_words)
{
	struct session *session = context;
	struct error err;

	if (session->state == SESSION_DEAD || session->state == SESSION_UP)
		return;
	fail(&err, ERR_UNREACHABLE, "the ProxyCommand to '%s' ended", session->target->label);
	error_why(&err, "%s", last_words[0] ? last_words : "without a word");
	session_fail(session, &err, false);
}

static void
session_take_road(struct session *session)
{
	struct target *target = session->target;
	struct loop *loop = session->transport->loop;
	struct error err;
	int fd = -1;

	session->state = SESSION_ROAD;
	session_progress(session, "connecting");
	if (target->via) {
		/* No deadline yet: the hop has its own. */
		session->tunnel = tunnel_open(session->transport, target->via, target->options.host,
			target->options.port, target->timeout_ms, session_got_fd, session);
		return;
	}
	session_phase(session, "connecting");
	if (!target->proxy_command) {
		session->dial = dial_new(loop, target->options.host, target->options.port,
			target->options.address_family, target->options.bind_address,
			session_got_fd, session);
		return;
	}
	session->proxy =
		child_socket(loop, target->proxy_command, &fd, proxy_command_ended, session, &err);
	session_got_fd(session, fd, session->proxy ? NULL : &err);
}

static void
session_identities_ready(void *context)
{
	struct session *session = context;

	session->identities = NULL;
	if (session->state == SESSION_IDENTITIES)
		session_take_road(session);
}

static void
session_granted(void *context)
{
	struct session *session = context;

	if (session->state != SESSION_NEW)
		return;
	session->state = SESSION_IDENTITIES;
	session->identities = identity_wait_new(
		session->transport, &session->target->options, session_identities_ready, session);
}

static void
session_start(void *context)
{
	struct session *session = context;

	if (session->state != SESSION_NEW)
		return;
	/* A hop takes no place: those who wait for it hold theirs. */
	if (session->target->is_hop)
		session_granted(session);
	else
		slot_take(&session->slot, session->transport, session_granted, session);
}

struct session *
session_new(struct transport *transport, struct target *target,
	const struct session_handler *handler, void *context)
{
	struct session *session = memory_get(sizeof(*session));

	*session = (struct session){ .transport = transport,
		.target = target_ref(target),
		.handler = handler,
		.context = context,
		.fd = -1 };
	session->next = transport->sessions;
	session->self = &transport->sessions;
	if (session->next)
		session->next->self = &session->next;
	transport->sessions = session;
	loop_later(transport->loop, session_start, session);
	return session;
}

bool
session_is_up(const struct session *session)
{
	return session->state == SESSION_UP;
}

struct target *
session_target(const struct session *session)
{
	return session->target;
}

struct transport *
session_transport(const struct session *session)
{
	return session->transport;
}

/* Greeting: looked at before libssh reads it, since libssh does not tell what came instead of a
 * version. */

static void session_begin_exchange(struct session *session);

static void
greeting_fail(struct session *session, const char *why)
{
	struct error err;

	fail(&err, ERR_UNREACHABLE, "'%s' closed the connection before its greeting",
		session->target->label);
	error_why(&err, "%s", why);
	error_hint(&err, "its sshd may be too busy (MaxStartups) or refuse this address");
	session_fail(session, &err, true);
}

static void
greeting_keep(struct session *session, const char *bytes, size_t length)
{
	size_t at = 0;

	for (size_t i = 0; i < length && at + 1 < sizeof(session->greeting) && bytes[i] != '\n';
		i++)
		if (bytes[i] != '\r')
			session->greeting[at++] =
				bytes[i] >= ' ' && bytes[i] < 127 ? bytes[i] : '?';
	session->greeting[at] = '\0';
}

static void
session_greeted(void *context, unsigned events UNUSED)
{
	struct session *session = context;
	char bytes[256];
	ssize_t count = recv(session->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		greeting_fail(session, count < 0 ? strerror(errno) : "end of file");
		return;
	}
	if (strncmp(bytes, "SSH-", MIN((size_t)count, 4u)) != 0) {
		greeting_keep(session, bytes, (size_t)count);
		if (strstr(session->greeting, "MaxStartups") ||
			strstr(session->greeting, "Not allowed at this time")) {
			greeting_fail(session, session->greeting);
			return;
		}
	}
	session_begin_exchange(session);
}

/* Key exchange. */

/* libssh makes the descriptor blocking again, which would stop all hosts at once. */
static void
session_unblock(struct session *session)
{
	int flags = fcntl(session->fd, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK))
		fcntl(session->fd, F_SETFL, flags | O_NONBLOCK);
}

static void
session_watch(struct session *session)
{
	unsigned events = LOOP_READ;

	if (!session->watch || !session->ssh)
		return;
	if (ssh_get_poll_flags(session->ssh) & SSH_WRITE_PENDING)
		events |= LOOP_WRITE;
	loop_watch_set(session->watch, events);
}

/* What libssh says, without what it says about itself. */
static void
session_library_error(
	struct session *session, enum error_kind kind, const char *what, struct error *err)
{
	const char *said = ssh_get_error(session->ssh);

	if (tunnel_error(session->tunnel)) {
		*err = *tunnel_error(session->tunnel);
		return;
	}
	fail(err, kind, "%s '%s'", what, session->target->label);
	error_why(err, "%s%s%s", said && said[0] ? said : "connection closed",
		session->greeting[0] ? "; it said: " : "", session->greeting);
}

static void
exchange_fail(struct session *session)
{
	struct error err;
	bool is_final;

	session_library_error(session, ERR_UNREACHABLE, "no common ground with", &err);
	is_final = strstr(err.why, "no match") || strstr(err.why, "kex error");
	if (is_final) {
		error_hint(&err, "ansible_connection=ssh-cli uses your own ssh, which may know the "
				 "server's algorithms");
		session_close(session, &err);
		return;
	}
	snprintf(err.what, sizeof(err.what), "the connection to '%s' was lost before the login",
		session->target->label);
	session_fail(session, &err, true);
}

static void
session_step_exchange(struct session *session)
{
	int result = ssh_connect(session->ssh);
	struct error err;

	session_unblock(session);
	if (result == SSH_AGAIN)
		return;
	if (result != SSH_OK) {
		exchange_fail(session);
		return;
	}
	if (!host_key_check(session->transport, session->target, session->ssh, &err)) {
		session_close(session, &err);
		return;
	}
	session->state = SESSION_LOGIN;
	session_phase(session, "the login");
	session_progress(session, "login");
	session->login = login_new(session->transport, session->target, session->ssh);
}

/* Login. */

static void
session_keepalive(void *context)
{
	struct session *session = context;
	int interval = session->target->options.alive_interval_s;
	struct error err;

	session->keepalive = NULL;
	if (interval < 0)
		interval = ALIVE_INTERVAL_S;
	if (session->counter.in_bytes != session->seen_bytes) {
		session->silent_ticks = 0;
	} else if (session->silent_ticks++ >= session->target->options.alive_count) {
		fail(&err, ERR_UNREACHABLE, "the connection to '%s' is dead",
			session->target->label);
		error_why(&err, "nothing heard for %d s", interval * session->silent_ticks);
		session_lose(session, &err);
		return;
	} else {
		/* The first call takes in the answer to the last request, the second sends. */
		ssh_send_keepalive(session->ssh);
		ssh_send_keepalive(session->ssh);
		session_watch(session);
	}
	session->seen_bytes = session->counter.in_bytes;
	session->keepalive = loop_timer_add(
		session->transport->loop, (uint64_t)interval * 1000, session_keepalive, session);
}

static void
session_logged_in(struct session *session)
{
	login_free(session->login);
	session->login = NULL;
	session_phase(session, NULL);
	session->state = SESSION_UP;
	session->was_up = true;
	session->transport->logins++;
	slot_give_back(&session->slot);
	session->event = ssh_event_new();
	if (!session->event || ssh_event_add_session(session->event, session->ssh) != SSH_OK)
		BUG("ssh_event_add_session");
	if (session->target->options.alive_interval_s != 0)
		session_keepalive(session);
	log_debug("%s: logged in", session->target->label);
	if (session->handler)
		session->handler->up(session->context);
}

static void
session_step_login(struct session *session)
{
	struct error err;

	switch (login_step(session->login, &err)) {
	case LOGIN_AGAIN:
		/* Asking for a passphrase or the agent's owner takes the time it takes. */
		if (login_was_waiting(session->login))
			session_phase(session, "the login");
		return;
	case LOGIN_DONE:
		session_logged_in(session);
		return;
	case LOGIN_LOST:
		session_library_error(
			session, ERR_UNREACHABLE, "connection lost while logging in to", &err);
		session_fail(session, &err, false);
		return;
	case LOGIN_FAILED:
		session_close(session, &err);
		return;
	}
}

/* Up. */

static void
session_step_up(struct session *session)
{
	int result = ssh_event_dopoll(session->event, 0);
	struct error err;

	session_streams_step(session);
	if (session->state != SESSION_UP)
		return;
	if (result != SSH_ERROR &&
		!(ssh_get_status(session->ssh) & (SSH_CLOSED | SSH_CLOSED_ERROR)))
		return;
	session_library_error(session, ERR_UNREACHABLE, "connection lost to", &err);
	session_lose(session, &err);
}

static void
session_pump(struct session *session)
{
	enum session_state before;

	do {
		before = session->state;
		if (before == SESSION_EXCHANGE)
			session_step_exchange(session);
		else if (before == SESSION_LOGIN)
			session_step_login(session);
		else if (before == SESSION_UP)
			session_step_up(session);
	} while (session->state != before && session->state != SESSION_DEAD && session->ssh);
	session_watch(session);
}

static void
session_event(void *context, unsigned events UNUSED)
{
	session_pump(context);
}

static void
session_pump_later(void *context)
{
	session_pump(context);
}

void
session_wake(struct session *session)
{
	loop_later(session->transport->loop, session_pump_later, session);
}

static void
session_begin_exchange(struct session *session)
{
	struct error err;

	loop_watch_remove(session->watch);
	session->watch = NULL;
	session->ssh = ssh_setup(session->transport, session->target, session->fd, &err);
	if (!session->ssh) {
		session_close(session, &err);
		return;
	}
	session->counter = (struct ssh_counter_struct){ 0 };
	session->seen_bytes = 0;
	session->silent_ticks = 0;
	ssh_set_counters(session->ssh, &session->counter, NULL);
	session->state = SESSION_EXCHANGE;
	session_phase(session, "the key exchange");
	session->watch = loop_watch_add(
		session->transport->loop, session->fd, LOOP_READ, session_event, session);
	session_pump(session);
}
