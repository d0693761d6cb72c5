#ifndef ORCHESTRATOR_CLI_INVENTORY_H
#define ORCHESTRATOR_CLI_INVENTORY_H
/* Shared by the files that make up `ertc inventory`. */
#include "orchestrator/cli/play.h"

struct shown {
	struct play_command *command;
	struct inventory *inventory;
	struct arena *arena;
	struct host_list only; /* of --limit */
	bool is_limited, exports, shows_vars;
	const char *playbook_dir;
	struct map seen; /* hosts (YAML) or groups (JSON) that were written */
};

/* Reads the sources into command->inventory, and chooses by --limit. */
bool shown_read(struct shown *shown, struct error *err) MUST_CHECK;
bool shown_has(const struct shown *shown, const struct inventory_host *host);
/* As --list shows them: merged, or with --export those that are set there. */
bool shown_host_vars(struct shown *shown, const struct inventory_host *host,
	const struct value **out, struct error *err) MUST_CHECK;
bool shown_group_vars(struct shown *shown, const struct inventory_group *group,
	const struct value **out, struct error *err) MUST_CHECK;

/* --render: the fleet as a file that a diff can be made of. */
bool inventory_write(struct shown *shown, const char *path, struct error *err) MUST_CHECK;
/* --watch: reads again and again, and tells what came, went and changed. Comes back only with an
 * error: a signal ends the program, with 0. */
bool inventory_watch(struct shown *shown, struct error *err) MUST_CHECK;

/* `ertc inventory doctor`, a verb of its own: does the command line hold the word? */
bool is_inventory_doctor(int argc, char **argv);
int command_inventory_doctor(int argc, char **argv);

#endif
