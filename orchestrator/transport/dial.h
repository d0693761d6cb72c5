#ifndef ORCHESTRATOR_TRANSPORT_DIAL_H
#define ORCHESTRATOR_TRANSPORT_DIAL_H
/*
 * A TCP connection to a name: looked up on the pool, addresses of both families tried in turn, the
 * next one a quarter of a second after the last, the first to answer wins (RFC 8305).
 */
#include "base/error.h"
#include "os/loop.h"

struct dial;

/* `done` is called once, from the loop: a non-blocking descriptor that is the caller's, or -1 and
 * err. */
struct dial *dial_new(struct loop *loop, const char *host, int port, int family,
	const char *bind_address, void (*done)(void *context, int fd, const struct error *err),
	void *context);
void dial_free(struct dial *dial); /* before `done`: nothing is called; NULL is harmless */

#endif
