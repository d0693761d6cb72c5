#ifndef ORCHESTRATOR_DELIVERY_PROBE_H
#define ORCHESTRATOR_DELIVERY_PROBE_H
/* Whether a host can be reached and logged in to, by the road that a play would take; nothing is
 * started there. */
#include "orchestrator/delivery/link.h"

struct probe;

/* `done` is called once, from the loop: the road in words ("ssh a@b:22 by c@d:22"), and why it does
 * not lead there, or NULL. */
struct probe *probe_open(struct transport *transport, const struct link_settings *settings,
	void (*done)(void *context, const char *road, const struct error *err), void *context);
void probe_free(struct probe *probe); /* NULL is harmless */

#endif
