#ifndef ORCHESTRATOR_TRANSPORT_PROXY_H
#define ORCHESTRATOR_TRANSPORT_PROXY_H
/*
 * From a host's settings to its target: ssh_config, and the chain of hops in front of it. Each hop
 * is resolved with its own name, depth first; a chain that comes back to itself or has more than
 * ten hops is refused.
 */
#include "orchestrator/transport/target.h"
#include "orchestrator/transport/transport.h"

/* The caller owns the reference. NULL: err. */
struct target *target_resolve(
	struct transport *transport, const struct link_settings *settings, struct error *err);

/* One entry of a ProxyJump: "[user@]host[:port]", "[2001:db8::1]:22", "ssh://…". Parts not given:
 * NULL, 0. */
struct jump {
	const char *user, *host;
	int port;
};
bool jump_parse(
	struct view text, struct arena *into, struct jump *out, struct error *err) MUST_CHECK;

/* Names and users that may stand on a command line (as OpenSSH checks them). */
bool host_name_is_safe(const char *host);
bool user_name_is_safe(const char *user);

/* "ssh [options] [user@]host" with -W %h:%p: a hop like any other. False: some other command. */
bool proxy_command_is_jump(struct ssh_config *config, const char *command, struct arena *into,
	struct jump *out, struct ssh_given *given);

#endif
