#ifndef ORCHESTRATOR_TRANSPORT_SSH_ARGS_H
#define ORCHESTRATOR_TRANSPORT_SSH_ARGS_H
/*
 * Arguments of ssh(1), as they stand in ansible_ssh_common_args: cut into words as a shell would,
 * and turned into settings of ssh_config. So `-J bastion` and `-o ProxyJump=bastion` are the same
 * thing from here on.
 */
#include "orchestrator/transport/ssh_config.h"

/* Quotes and backslashes as in a shell; nothing is expanded. */
bool shell_words(
	const char *text, struct arena *into, struct ssh_list *out, struct error *err) MUST_CHECK;

/* Adds to `given`. What is left over (host and command of an ssh command line) goes to `rest`;
 * NULL: there may be none. What has no meaning here is passed over, what matters and cannot be had
 * is warned of. */
bool ssh_args_read(struct ssh_config *config, const struct ssh_list *words, struct arena *into,
	struct ssh_given *given, struct ssh_list *rest, struct error *err) MUST_CHECK;

void ssh_given_add(
	struct ssh_given *given, struct arena *into, const char *keyword, const char *value);

#endif
