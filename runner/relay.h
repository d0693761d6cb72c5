#ifndef RUNNER_RELAY_H
#define RUNNER_RELAY_H
/* An inner runner: started by runner/launch.c, used by runner/become.c. */
#include <sys/types.h>

#include "runner/become.h"

struct relay {
	struct relay *next;
	char *method, *user, *exe, *flags; /* NULL where not given */
	char *copy; /* directory of our copy for a user who cannot reach us; NULL: none */
	pid_t pid;
	int in, out, err, pty; /* its stdin, stdout, stderr; the pty's master or -1 */
	struct frame_reader reader;
	struct str unsent;
	bool is_dead;
};

/* Starts it, answers the prompt, and waits for the line that says it works. */
bool relay_launch(struct relay *relay, const char *password, struct error *err) MUST_CHECK;

#endif
