#ifndef ORCHESTRATOR_DELIVERY_BOOTSTRAP_H
#define ORCHESTRATOR_DELIVERY_BOOTSTRAP_H
/*
 * The command that finds or takes in the runner on a target, and the lines it says:
 *
 *	ERTC C <architecture>		found, and about to be started
 *	ERTC M <architecture> <gz|raw>	missing: push the runner, packed or not
 *	ERTC X <architecture>		there is no place it could be started from
 *	ERTC A <system> <machine>	no runner for such a machine
 *	ERTC R <version>		the runner itself: it is up, frames follow
 *
 * Whatever else comes before is noise of login shells.
 */
#include "base/error.h"
#include "base/str.h"

/* One line for any login shell. `remote_dir` may be NULL; it must be a plain absolute path. */
bool bootstrap_command(const char *remote_dir, struct str *out, struct error *err) MUST_CHECK;
/* Starts the runner from memory, by perl or python3, where no place allows programs. */
void bootstrap_memory_command(const char *architecture, size_t size, struct str *out);
/* The places, for messages. */
#define BOOTSTRAP_PLACES "$XDG_CACHE_HOME, ~/.cache, /var/tmp, /tmp, /dev/shm, /run/user/UID"

enum bootstrap_kind {
	BOOTSTRAP_NOISE,
	BOOTSTRAP_CACHED,
	BOOTSTRAP_MISSING,
	BOOTSTRAP_NOWHERE,
	BOOTSTRAP_OTHER,
	BOOTSTRAP_RUNNING
};

struct bootstrap_line {
	enum bootstrap_kind kind;
	char words[2][64];
};

/* One line of output, without its newline. */
void bootstrap_line_read(struct view line, struct bootstrap_line *out);

#endif
