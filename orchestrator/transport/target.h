#ifndef ORCHESTRATOR_TRANSPORT_TARGET_H
#define ORCHESTRATOR_TRANSPORT_TARGET_H
/*
 * A host to log in to, with all that was resolved for it: options, and the hop in front of it.
 * Shared by counting: a connection, its channels and the targets behind a hop each hold one
 * reference.
 */
#include "orchestrator/transport/ssh_config.h"

struct target {
	unsigned references;
	struct arena arena;
	struct ssh_options options;
	struct target *via;	   /* the hop in front, or NULL */
	const char *proxy_command; /* expanded; NULL: none */
	const char *password;	   /* secret; wiped at the end. NULL: none */
	const char *key;	   /* equal for hops that may share a connection */
	const char *label;	   /* "user@host:port", for messages */
	int timeout_ms;		   /* of each phase of a connection */
	bool is_hop;
};

struct target *target_new(void);
struct target *target_ref(struct target *target);
void target_unref(struct target *target); /* NULL is harmless */

#endif
