#ifndef LIB_OS_PROCESS_H
#define LIB_OS_PROCESS_H
/*
 * Runs a program to its end: in its own process group, with text on stdin, with a deadline, keeping
 * the head and the tail of what it prints. While it runs, one more descriptor may be watched (the
 * link to the controller). Whatever ends it early kills the whole group: TERM first, KILL after two
 * seconds.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "value/value.h"

enum { PROCESS_OUTPUT_MAX = 1024 * 1024 };

struct process_watch {
	int fd; /* -1: nothing to watch */
	/* Called when fd can be read. False: the process is to be killed, and `err` says why. */
	bool (*readable)(void *context, struct error *err);
	void (*output)(void *context, int stream, struct view bytes); /* live output; may be NULL */
	void *context;
};

struct process_options {
	const char *const *argv;
	const char *program;		/* NULL: argv[0], looked up in PATH */
	const char *const *environment; /* "NAME=value", NULL-terminated; NULL: our own */
	const char *directory;		/* NULL: where we are */
	struct view input;		/* for stdin; empty: /dev/null */
	uint64_t deadline_ms;		/* monotonic_ms(); 0: none */
	size_t maximum;			/* per stream; 0: PROCESS_OUTPUT_MAX */
	int umask;			/* -1 (or 0): ours */
	bool merges;			/* stderr goes where stdout goes */
	const struct process_watch *watch;
};

struct process_result {
	struct str out, err; /* released by process_result_release */
	int status;	     /* the exit code, or -signal */
	bool timed_out;
};

/* False: it could not be started (ERR_IO, code = errno), ran into its deadline (ERR_TIMEOUT), or
 * was cancelled by the watch. The output so far is in `out` even then. A status other than 0 is not
 * an error here. */
bool process_run(const struct process_options *options, struct process_result *out,
	struct error *err) MUST_CHECK;
void process_result_release(struct process_result *result);

/* Our own environment with `changes` (a map of texts, or NULL) on top, in the arena. */
const char *const *environment_merge(
	struct arena *into, const char *const *base, const struct value *changes);
/* Where a program of this name is: looks at PATH and the sbin directories. NULL: nowhere. */
const char *program_find(struct arena *into, const char *name);

/* Waits, at most until `until_ms`, watching. False as process_run. */
bool process_wait_until(
	uint64_t until_ms, const struct process_watch *watch, struct error *err) MUST_CHECK;

bool fd_write_all(int fd, const void *bytes, size_t length);

#endif
