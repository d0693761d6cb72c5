#ifndef ORCHESTRATOR_TRANSPORT_CHILD_H
#define ORCHESTRATOR_TRANSPORT_CHILD_H
/* Processes of ours: a ProxyCommand on a socketpair, or a program with pipes (the user's own ssh,
 * the local runner). */
#include "base/error.h"
#include "os/loop.h"

struct child;

/* Runs `exec COMMAND` in a shell with one socket as input and output. `ended` is called once, with
 * the last lines of its errors, unless child_free came first. NULL: err. */
struct child *child_socket(struct loop *loop, const char *command, int *fd,
	void (*ended)(void *context, const char *last_words), void *context, struct error *err);

struct child_handler {
	void (*received)(void *context, const void *bytes, size_t length);
	void (*drained)(void *context);
	/* The last call. Status as of wait(2). */
	void (*closed)(void *context, int status, const char *last_words);
};

/* Runs a program with pipes. `exec_fd`: -1, or a descriptor to run in place of the path. */
struct child *child_start(struct loop *loop, const char *path, int exec_fd, char *const *arguments,
	const struct child_handler *handler, void *context, struct error *err);
void child_send(struct child *child, const void *bytes, size_t length);
size_t child_queued(const struct child *child);
void child_end(struct child *child);  /* closes its input after what is queued */
void child_free(struct child *child); /* kills it; NULL is harmless */

#endif
