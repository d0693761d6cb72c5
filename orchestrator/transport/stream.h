#ifndef ORCHESTRATOR_TRANSPORT_STREAM_H
#define ORCHESTRATOR_TRANSPORT_STREAM_H
/*
 * A channel of a session: a command with its input and output, or a TCP connection made by the
 * other end. What is sent waits here until the window and the socket take it (libssh's own buffer
 * has no bound).
 */
#include "base/error.h"
#include "orchestrator/transport/session.h"

struct stream;

struct stream_handler {
	void (*opened)(void *context);
	/* Takes what it wants and says how much; the rest is offered again after stream_resume. */
	size_t (*received)(void *context, const void *bytes, size_t length, bool is_stderr);
	void (*drained)(void *context); /* all that was sent has been handed to the session */
	void (*ended)(void *context);	/* the other end sends no more; may be NULL */
	/* The last call; stream_free is due within it, or at once after. err: could not be opened,
	 * or the session was lost. Status -1: none was told. */
	void (*closed)(void *context, const struct error *err, int exit_status);
};

struct stream *stream_execute(struct session *session, const char *command,
	const struct stream_handler *handler, void *context);
struct stream *stream_forward(struct session *session, const char *host, int port,
	const struct stream_handler *handler, void *context);

/* A person's channel. */
struct stream_shell {
	const char *command;  /* NULL: the login shell */
	const char *terminal; /* its kind (TERM), when one is wanted; NULL: none */
	int columns, rows;
	bool forwards_agent; /* see agent_forward.h for the other half */
};
/* As stream_execute, but what is not taken stays with the other end. */
struct stream *stream_shell(struct session *session, const struct stream_shell *shell,
	const struct stream_handler *handler, void *context);
void stream_resize(struct stream *stream, int columns, int rows);

void stream_send(struct stream *stream, const void *bytes, size_t length); /* copies */
size_t stream_queued(const struct stream *stream);
/* Less than `maximum` bytes wait; `drained` follows when it did not. */
bool stream_takes_more(const struct stream *stream, size_t maximum);
void stream_end(struct stream *stream); /* after what is queued: we send no more */
void stream_resume(struct stream *stream);
void stream_free(struct stream *stream); /* at once, no further calls; NULL is harmless */

#endif
