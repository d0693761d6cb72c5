#ifndef ORCHESTRATOR_REPORT_INTERNAL_H
#define ORCHESTRATOR_REPORT_INTERNAL_H
/*
 * What the files of this room share: the sink, through which everything is printed, and callbacks,
 * which make text of events. One callback writes on stdout; further ones may add to it.
 */
#include "base/map.h"
#include "orchestrator/report/live.h"
#include "orchestrator/report/report.h"

enum paint {
	PAINT_NONE,
	PAINT_OK,
	PAINT_CHANGED,
	PAINT_SKIPPED,
	PAINT_FAILED,
	PAINT_UNREACHABLE,
	PAINT_WARN,
	PAINT_VERBOSE,
	PAINT_DEBUG,
};

enum { MOST_SECRETS = 4096, MOST_CALLBACKS = 8 };

/* Events as in Ansible; NULL: not of interest. */
struct callback {
	const char *name, *doc;
	void *(*new)(struct report *report);
	void (*free)(void *self);
	void (*playbook)(void *self, const char *path, size_t plays);
	void (*play)(void *self, const char *name, const char *path, bool check_mode);
	void (*task)(void *self, const struct report_task *task);
	void (*start)(void *self, const struct report_task *task, const char *host);
	void (*result)(void *self, const struct report_result *result);
	void (*included)(void *self, const struct report_task *task, const char *path,
		const char *host, const struct value *label);
	void (*no_hosts_matched)(void *self);
	void (*no_more_hosts)(void *self);
	void (*custom_stats)(void *self, const char *host, const struct value *stats);
	void (*recap_begin)(void *self);
	void (*recap_host)(void *self, const char *host, const struct report_stats *stats);
	void (*recap_end)(void *self);
};

extern const struct callback callback_default, callback_yaml, callback_json, callback_minimal,
	callback_oneline, callback_junit, callback_timer, callback_profile_tasks,
	callback_profile_roles, callback_tree;

struct report {
	struct report_settings settings;
	bool is_colored, is_colored_err;
	struct live *live;
	struct view secrets[MOST_SECRETS];
	size_t secret_count;
	struct str line; /* what is being put together */
	FILE *log;
	struct map warned; /* warnings are given once */
	bool is_silent;	   /* stdout belongs to a document (json): plain text goes nowhere */
	bool is_output_lent; /* stdout belongs to a command: report_lend_output */
	struct {
		const struct callback *callback;
		void *self;
	} callbacks[MOST_CALLBACKS];
	size_t callback_count;
	void (*held_back)(void *self); /* printed before anything else is (report_included) */
	void *held_by;
};

/* ---- sink.c ---- */
/* Prints the line, masked and harmless to a terminal, and empties it. */
void sink_print(struct report *report, FILE *file, enum paint paint);
/* As it is, but masked: documents and diffs, which bring their own newlines. Empties the line. */
void sink_print_raw(struct report *report, FILE *file);
void sink_mask(const struct report *report, struct str *text);
void sink_banner(struct report *report, const char *text);
const char *paint_code(enum paint paint);

/* ---- result.c: what of a result is shown ---- */
/* Without what is for the machine; censored under no_log. */
const struct value *result_shown(
	const struct report *report, const struct report_result *result, struct arena *into);
/* Adds it to the line, as JSON or YAML, as verbosity and settings say. `indent` 0: by those. */
void result_add(struct report *report, const struct report_result *result, int indent);
bool result_is_verbose(const struct report *report, const struct report_result *result);
/* Adds the diff to the line; false: there is none to be shown. */
bool result_add_diff(struct report *report, const struct report_result *result);
/* The warnings that came with it, on stderr. */
void result_tell_warnings(struct report *report, const struct report_result *result);

#endif
