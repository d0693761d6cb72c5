#ifndef ORCHESTRATOR_TRANSPORT_ROAD_H
#define ORCHESTRATOR_TRANSPORT_ROAD_H
/*
 * The way to a host on which commands run one after another: the built-in ssh, the user's own ssh
 * as a child, or this machine itself. Nothing is called back from within road_open.
 */
#include "orchestrator/transport/transport.h"

struct road;

enum road_kind { ROAD_SSH, ROAD_CLI, ROAD_LOCAL };

/* Of ansible_connection; NULL is ssh. */
bool road_kind_find(const char *connection, enum road_kind *out, struct error *err) MUST_CHECK;

struct road_handler {
	void (*opened)(void *context); /* a command may be run */
	void (*progress)(void *context, const char *what);
	void (*received)(void *context, const void *bytes, size_t length);
	void (*drained)(void *context);
	/* The command is over; another may be run. `last_words`: the end of its errors, printable.
	 */
	void (*ended)(void *context, int exit_status, const char *last_words);
	/* The last call; road_free is still due. */
	void (*closed)(void *context, const struct error *err);
};

struct road *road_open(struct transport *transport, const struct link_settings *settings,
	const struct road_handler *handler, void *context);
void road_free(struct road *road); /* at once; NULL is harmless */

/* A command line for the user's login shell over there. */
void road_execute(struct road *road, const char *command);
/* On this machine: a program that is open as `fd`, or at `path`. */
bool road_is_local(const struct road *road);
bool road_execute_file(struct road *road, int fd, const char *path, struct error *err) MUST_CHECK;

void road_send(struct road *road, const void *bytes, size_t length);
size_t road_queued(const struct road *road);
/* "ssh admin@10.77.2.31:22 by root@203.0.113.21:22" */
const char *road_text(const struct road *road);
int road_timeout_ms(const struct road *road);

#endif
