#ifndef ORCHESTRATOR_DELIVERY_SHELL_H
#define ORCHESTRATOR_DELIVERY_SHELL_H
/*
 * A person at a host: the terminal is here, the shell or the command over there, on the same road
 * (hops, keys, host keys) that a play takes. Our own input, output and errors are the command's.
 *
 * At a terminal, keys go as they are typed; after a line break, `~.` leaves a host that no longer
 * answers, and `~~` is one tilde.
 */
#include "orchestrator/delivery/link.h"

enum shell_terminal {
	SHELL_TERMINAL_AUTO,   /* for a login shell, when our input is a terminal */
	SHELL_TERMINAL_WANTED, /* for a command as well */
	SHELL_TERMINAL_ALWAYS, /* also when our input is none */
	SHELL_TERMINAL_NEVER,
};

struct shell_request {
	const char *command; /* for the user's login shell over there; NULL: that shell itself */
	enum shell_terminal terminal;
	bool forwards_agent;
	/* The road that was taken, "ssh admin@10.77.2.31:22 by root@203.0.113.21:22"; may be NULL.
	 */
	void (*opened)(void *context, const char *road);
	void *context;
};

/* Runs the loop until the command is over. *status is its exit status, 128 and more after a signal,
 * there or here. ssh-cli and local take the place of this process, and come back only with an
 * error. */
bool shell_run(struct transport *transport, const struct link_settings *settings,
	const struct shell_request *request, int *status, struct error *err) MUST_CHECK;

#endif
