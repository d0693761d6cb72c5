#ifndef ORCHESTRATOR_TRANSPORT_AGENT_FORWARD_H
#define ORCHESTRATOR_TRANSPORT_AGENT_FORWARD_H
/*
 * The user's agent, lent to the other end for as long as a session lasts (`ertc ssh -A`). Who is
 * root over there can use its keys meanwhile; so it is done only when asked for.
 */
#include "orchestrator/transport/session.h"

/* To be called when the session is up, before the shell asks for it. Channels that the server opens
 * to `socket_path` are connected from then on. */
void session_agent_forward(struct session *session, const char *socket_path);
/* Part of taking a session apart; harmless when nothing was forwarded. */
void session_agent_free(struct session *session);

#endif
