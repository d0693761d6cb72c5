#ifndef ORCHESTRATOR_TRANSPORT_SSH_SETUP_H
#define ORCHESTRATOR_TRANSPORT_SSH_SETUP_H
/* A libssh session with our settings: nothing is left to its own configuration, known hosts or
 * default algorithms. */
#include <libssh/libssh.h>

#include "orchestrator/transport/target.h"
#include "orchestrator/transport/transport.h"

/* The descriptor belongs to the session that is returned; NULL: failed, it is still the caller's.
 */
ssh_session ssh_setup(
	struct transport *transport, struct target *target, int fd, struct error *err);

#endif
