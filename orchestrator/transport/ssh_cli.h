#ifndef ORCHESTRATOR_TRANSPORT_SSH_CLI_H
#define ORCHESTRATOR_TRANSPORT_SSH_CLI_H
/* The command line of the user's own ssh, for what the built-in one cannot do (FIDO, host CAs,
 * PKCS#11, Kerberos). */
#include "orchestrator/transport/transport.h"

struct cli;

struct cli *cli_new(
	struct transport *transport, const struct link_settings *settings, struct error *err);
void cli_free(struct cli *cli); /* NULL is harmless */
const char *cli_program(const struct cli *cli);
char *const *cli_arguments(struct cli *cli, const char *command); /* borrowed until the next call */
/* For a person: at our own terminal, so that it may ask. `terminal`: -t, -tt, -T or NULL;
 * `command`: NULL for the login shell. */
char *const *cli_shell_arguments(
	struct cli *cli, const char *command, const char *terminal, bool forwards_agent);
const char *cli_text(const struct cli *cli);

#endif
