#ifndef LIB_MODULE_HOST_H
#define LIB_MODULE_HOST_H
/*
 * The engine's side of a module call: content that is still with the controller, bytes to the
 * controller, and the link, which is watched while a module waits, so that a cancel or a lost
 * controller ends it.
 */
#include "module/module.h"
#include "os/files.h"
#include "os/process.h"

/* `index` counts the contents in the order in which they were asked for. */
typedef bool content_sink(
	void *context, size_t index, struct view bytes, bool is_last, struct error *err);

struct module_host {
	const struct process_watch *watch; /* NULL: nothing to watch */
	/* Brings contents, all back to back, to the sink. */
	bool (*content)(struct module_host *host, const int64_t *ids, size_t count,
		content_sink *sink, void *sink_context, struct error *err);
	/* A piece of a file to the controller (fetch). */
	bool (*send)(struct module_host *host, int64_t offset, struct view bytes, bool is_last,
		struct error *err);
	void *context;
	/* A task in check mode would have changed something on this machine, and none without it
	 * has: the run is a dry one. */
	bool has_predictions, has_changes;
};
/* What module_execute does behind a task, for tasks that were executed elsewhere. */
void module_host_note(
	struct module_host *host, const struct module *module, bool check_mode, bool is_changed);

/* A program run by a module: the task's environment, deadline and link are added. */
struct module_command {
	const char *const *argv;
	const char *program; /* NULL: argv[0] */
	struct view input;
	const char *directory;
	bool is_parsed; /* its output is read by us: LC_ALL=C */
	bool merges;	/* stderr goes into stdout */
	size_t maximum;
	const struct value *environment; /* on top of all; NULL: nothing */
};
bool module_run(struct module_call *call, const struct module_command *command,
	struct process_result *out, struct error *err) MUST_CHECK;
/* The same with the arguments as they stand, ended by NULL; output is parsed. */
bool module_run_words(struct module_call *call, struct process_result *out, struct error *err,
	...) MUST_CHECK __attribute__((sentinel));
/* Runs it and fails unless it exits with 0; the error's cause is what it wrote. stdout goes to
 * `*out` (the arena), if not NULL. */
bool module_run_well(struct module_call *call, const char *const *argv, const char **out,
	struct error *err) MUST_CHECK;

/* A new directory that only we can enter; the caller removes it with tree_remove. `runs`: programs
 * can be started from there. */
bool module_workplace(
	struct module_call *call, bool runs, const char **out, struct error *err) MUST_CHECK;
bool module_sleep(struct module_call *call, uint64_t milliseconds, struct error *err) MUST_CHECK;

/* Content maps (module/prepare.h). */
struct content {
	uint8_t sha256[32];
	const char *sha1; /* hex */
	int64_t size, id;
	bool has_data; /* else it must be asked for by `id` */
	struct view data;
};
bool content_read(const struct value *map, struct content *out, struct error *err) MUST_CHECK;
/* Writes it behind what is in the file, and verifies the digest. */
bool content_write(struct module_call *call, const struct content *content, struct file_new *file,
	struct error *err) MUST_CHECK;
/* Is the file at `path` equal? False also when it cannot be read. */
bool content_is_at(const struct content *content, const char *path);
/* The whole in memory, for diffs: at most `maximum` bytes, else false without an error. */
bool content_text(
	struct module_call *call, const struct content *content, size_t maximum, struct str *out);

#endif
