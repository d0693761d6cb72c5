#ifndef ORCHESTRATOR_TRANSPORT_HOST_KEY_H
#define ORCHESTRATOR_TRANSPORT_HOST_KEY_H
/* Whether the server is who it was: the decision over known_hosts. A changed or revoked key always
 * ends it. */
#include <libssh/libssh.h>

#include "orchestrator/transport/target.h"
#include "orchestrator/transport/transport.h"

bool host_key_check(struct transport *transport, struct target *target, ssh_session ssh,
	struct error *err) MUST_CHECK;
/* The algorithms to offer, those of the keys we know for this host first. */
void host_key_algorithms(struct transport *transport, const struct target *target, struct str *out);

#endif
