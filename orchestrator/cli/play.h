#ifndef ORCHESTRATOR_CLI_PLAY_H
#define ORCHESTRATOR_CLI_PLAY_H
/*
 * What the verbs that look at hosts share: options become settings, passwords, variables and an
 * inventory. A command is zeroed, its options read, then it is opened; what goes wrong is told
 * through its report.
 */
#include "orchestrator/cli/options.h"
#include "orchestrator/run/run.h"

struct play_command {
	struct options options;
	struct arena arena;
	struct run_settings settings;
	struct report *report;
	struct inventory *inventory;
	struct value *lost; /* names of hosts that were not reached */
};

void play_open(struct play_command *command);
void play_close(struct play_command *command); /* and releases the options */

void play_settings(struct play_command *command);
/* The vault passwords; also for the inventory's files. */
bool play_vaults(struct play_command *command, struct error *err) MUST_CHECK;
bool play_extra_vars(struct play_command *command, struct error *err) MUST_CHECK;
bool play_passwords(struct play_command *command, struct error *err) MUST_CHECK;
/* A path of an option, with ~/ as the home directory; may be NULL. */
const char *play_path(struct play_command *command, const char *path);
/* sources.c: reads the sources of -i, or those of the settings, with Ansible's warnings. */
bool play_inventory(struct play_command *command, struct error *err) MUST_CHECK;

#endif
