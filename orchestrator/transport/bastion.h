#ifndef ORCHESTRATOR_TRANSPORT_BASTION_H
#define ORCHESTRATOR_TRANSPORT_BASTION_H
/*
 * Hops. One connection for each distinct hop, however many hosts stand behind it; a tunnel is a
 * channel of it, with a socket on our side. The name of the host behind is looked up by the hop.
 */
#include "orchestrator/transport/target.h"
#include "orchestrator/transport/transport.h"

struct tunnel;

/* `done` is called once, from the loop: a non-blocking socket that is the caller's, or -1 and err.
 * The tunnel must be kept as long as the socket is used. `timeout_ms` counts from when the hop is
 * up. */
struct tunnel *tunnel_open(struct transport *transport, struct target *hop, const char *host,
	int port, int timeout_ms, void (*done)(void *context, int fd, const struct error *err),
	void *context);
void tunnel_free(struct tunnel *tunnel); /* NULL is harmless */
/* Why the socket was closed, if it was the hop; else NULL. */
const struct error *tunnel_error(const struct tunnel *tunnel);

void transport_bastions_free(struct transport *transport);

#endif
