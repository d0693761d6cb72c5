#ifndef ORCHESTRATOR_REPORT_REPORT_H
#define ORCHESTRATOR_REPORT_REPORT_H
/*
 * What the person sees. The run tells events; this room prints them as Ansible's default callback
 * does, and on a terminal shows one live line per busy host below. It is the only place that
 * prints, and the one place where secrets are masked (rule R3): every text that was registered as
 * secret is replaced wherever it would appear.
 */
#include "base/error.h"
#include "value/value.h"

enum report_color { COLOR_AUTO, COLOR_NEVER, COLOR_ALWAYS };

struct report_settings {
	int verbosity;		    /* number of -v */
	const char *callback;	    /* default, yaml, json, minimal, oneline; NULL: default */
	const char *const *enabled; /* more callbacks: junit, timer, profile_tasks …;
				       NULL-terminated or NULL */
	const char *tree;	    /* where the callback `tree` writes; NULL: its default */
	bool shows_skipped;	    /* display_skipped_hosts */
	bool shows_ok;		    /* display_ok_hosts */
	bool shows_live;	    /* a terminal is there */
	bool shows_start;	    /* show_per_host_start */
	bool shows_path_on_failure, shows_custom_stats, shows_arguments;
	bool failed_to_stderr;
	bool hides_deprecations; /* deprecation_warnings = False */
	bool as_yaml; /* callback_result_format: yaml */
	enum report_pretty {
		PRETTY_AUTO,
		PRETTY_NO,
		PRETTY_YES
	} pretty; /* callback_format_pretty */
	bool check_mode;
	bool check_mode_markers;
	size_t largest_diff;
	enum report_color color;
	const char *log_path; /* a copy of all that is printed, with times; NULL: none */
};

enum report_status {
	REPORT_OK,
	REPORT_CHANGED,
	REPORT_SKIPPED,
	REPORT_FAILED,
	REPORT_UNREACHABLE,
	REPORT_RETRY
};

/* The task a result is of. Two results are of the same task, at the same time, if `id` and `round`
 * are equal. */
struct report_task {
	const void *id;
	size_t round;
	const char *kind;	  /* TASK, RUNNING HANDLER */
	const char *title, *path; /* path: "file:line" */
	const char *action;
	const struct value *args; /* as they are written; NULL: none */
	bool check_mode;
	bool is_lockstep; /* all hosts take it together: its banner comes before the results */
};

struct report_result {
	const struct report_task *task;
	const char *host;
	const char *delegated; /* the host it was really done on, or NULL */
	enum report_status status;
	const struct value *result; /* a map */
	const struct value *label;  /* of a loop's item; NULL: not an item */
	bool is_ignored, no_log, shows_diff;
	bool is_loop_total; /* the end of a loop: only failures of the whole are shown */
	bool is_include; /* include_tasks: told by report_included; callbacks that collect see it */
	int attempt, retries; /* REPORT_RETRY */
};

struct report_stats {
	unsigned ok, changed, unreachable, failed, skipped, rescued, ignored;
};

struct report;
/* The name of a callback and a line about it, by its number from 0; false: there are no more. */
bool report_callback_about(size_t index, const char **name, const char **doc);
struct report *report_new(const struct report_settings *settings);
void report_free(struct report *report);

void report_secret(
	struct report *report, struct view secret); /* at least 3 bytes, else not masked */

void report_playbook(struct report *report, const char *path, size_t plays); /* with -vv */
void report_play(struct report *report, const char *name, const char *path, bool check_mode);
void report_task(struct report *report, const struct report_task *task);
/* A host begins with the task. */
void report_start(struct report *report, const struct report_task *task, const char *host);
void report_result(struct report *report, const struct report_result *result);
/* One line for all hosts that include the same file. */
void report_included(struct report *report, const struct report_task *task, const char *path,
	const char *host, const struct value *label);
void report_no_hosts_matched(struct report *report);
void report_no_more_hosts(struct report *report);
/* set_stats: the whole as it stands; NULL host: of the run. */
void report_custom_stats(struct report *report, const char *host, const struct value *stats);
void report_recap_begin(struct report *report);
void report_recap_host(struct report *report, const char *host, const struct report_stats *stats);
void report_recap_end(struct report *report);

void report_warning(struct report *report, const char *format, ...) FORMAT(2, 3);
void report_deprecated(struct report *report, const char *format, ...) FORMAT(2, 3);
/* An error on stderr, in the form of STYLE §5. */
void report_error(struct report *report, const struct error *err);
/* On stderr with at least `verbosity` -v. */
/* From here on stdout is a command's: what is told goes to stderr. */
void report_lend_output(struct report *report);
void report_verbose(struct report *report, int verbosity, const char *host, const char *format, ...)
	FORMAT(4, 5);
/* What is being waited for, on a terminal's last line; NULL: it is over. */
void report_progress(struct report *report, const char *text);
/* A line of its own, filled up with stars, as above plays and tasks. */
void report_banner(struct report *report, const char *text);
/* A line of its own, filled up with stars, as above plays and tasks. */
void report_banner(struct report *report, const char *text);
/* Plain text on stdout (lists of hosts and tasks, prompts). */
void report_text(struct report *report, const char *format, ...) FORMAT(2, 3);

/* Live lines: what a host is doing since when; NULL: nothing. `report_tick` redraws, once a second
 * at least. */
void report_busy(struct report *report, const char *host, const char *what);
void report_tick(struct report *report);
/* While a person types, nothing is drawn at the foot. */
void report_hold(struct report *report, bool is_held);
bool report_is_live(const struct report *report);

#endif
