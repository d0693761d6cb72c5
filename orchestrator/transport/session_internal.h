#ifndef ORCHESTRATOR_TRANSPORT_SESSION_INTERNAL_H
#define ORCHESTRATOR_TRANSPORT_SESSION_INTERNAL_H
/* Shared by session.c, stream.c and login.c. */
#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include "orchestrator/transport/stream.h"
#include "orchestrator/transport/session.h"

enum session_state {
	SESSION_NEW,
	SESSION_IDENTITIES, /* waits for key files */
	SESSION_ROAD,	    /* waits for a descriptor */
	SESSION_GREETING,   /* waits for the server's first bytes */
	SESSION_EXCHANGE,
	SESSION_LOGIN,
	SESSION_UP,
	SESSION_PAUSE, /* before another attempt */
	SESSION_DEAD,
};

struct session {
	struct transport *transport;
	struct target *target;
	const struct session_handler *handler;
	void *context;
	enum session_state state;
	bool is_freed; /* by its owner; gone before the loop sleeps */
	bool was_up;

	ssh_session ssh;
	ssh_event event;
	struct loop_watch *watch;
	int fd; /* libssh's from SESSION_EXCHANGE on */
	struct ssh_counter_struct counter;

	struct slot slot;
	struct dial *dial;
	struct tunnel *tunnel;
	struct child *proxy;
	struct identity_wait *identities;
	struct login *login;
	struct loop_timer *deadline, *pause, *keepalive;
	const char *phase; /* what the deadline is for */
	int attempt;
	char greeting[256]; /* what came in place of "SSH-2.0-…" */
	uint64_t seen_bytes;
	int silent_ticks;

	struct agent_forward *agent; /* NULL: the agent is not forwarded */
	struct stream *streams; /* all */
	struct stream *busy;	/* to look at in the next pump */
	size_t opening;
	bool had_channel;
	bool no_pipelining;

	struct session *next, **self;
};

/* Something is to be sent or looked at: a pump before the loop sleeps. */
void session_wake(struct session *session);
void session_lose(struct session *session, const struct error *err);

/* stream.c */
void session_streams_step(struct session *session);
void session_streams_lose(struct session *session, const struct error *err);
void session_streams_free(struct session *session);
/* A channel that the other end has opened; it is taken from the caller. */
struct stream *session_stream_adopt(struct session *session, ssh_channel channel,
	const struct stream_handler *handler, void *context);

#endif
