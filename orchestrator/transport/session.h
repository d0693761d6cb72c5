#ifndef ORCHESTRATOR_TRANSPORT_SESSION_H
#define ORCHESTRATOR_TRANSPORT_SESSION_H
/*
 * One SSH connection, from nothing to logged in and on to its end: road (dial, or a channel through
 * the hop, or a ProxyCommand), key exchange, host key, login; then channels (stream.c) live on it.
 * Attempts that failed before anything was done are repeated as the settings say.
 *
 * Nothing is called back from within session_new; session_free may be called from any callback.
 */
#include "orchestrator/transport/target.h"
#include "orchestrator/transport/transport.h"

struct session;

struct session_handler {
	void (*up)(void *context);
	void (*progress)(void *context, const char *what);
	void (*closed)(void *context,
		const struct error *err); /* the last call; session_free is still due */
};

struct session *session_new(struct transport *transport, struct target *target,
	const struct session_handler *handler, void *context);
void session_free(struct session *session); /* NULL is harmless */
bool session_is_up(const struct session *session);
struct target *session_target(const struct session *session);
struct transport *session_transport(const struct session *session);

#endif
