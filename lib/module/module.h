#ifndef LIB_MODULE_MODULE_H
#define LIB_MODULE_MODULE_H
/*
 * The module contract. A module is one file in modules/: what it takes (params), what it would
 * change (inspect: on the target, reads only), how it changes it (apply). Check mode is the engine
 * not calling apply; the diff is what inspect found: there is no `if (check_mode)` in a module.
 * `prepare` runs on the controller first, to find and render files and to attach content
 * (module/prepare.h).
 */
#include "module/param.h"

enum module_support { SUPPORT_NONE, SUPPORT_PARTIAL, SUPPORT_FULL };

enum outcome_change {
	CHANGE_NONE,	/* all is as wanted */
	CHANGE_WANTED,	/* apply would change something */
	CHANGE_UNKNOWN, /* only doing it can tell (command); in check mode the task is skipped with
			   `why` */
};

/* What inspect found and apply did. Everything in it lives in the call's arena. */
struct outcome {
	enum outcome_change change;
	const char *why; /* with CHANGE_UNKNOWN */
	struct value
		*result; /* a map: the module's return values, beside changed, failed, msg, diff */
	struct value *diffs; /* a list of { before, after, before_header, after_header } or {
				prepared } */
	bool is_changed; /* set by the engine after apply from `change`; apply may clear or set it
			  */
	bool is_skipped; /* creates/removes: nothing was to be done */
	bool fails_changed; /* command: that it ran counts as a change although it failed */
	bool lists_diffs;   /* `diff` is a list even of one, as Ansible has it for contents */
	bool is_silent;	    /* apply has to run, but it counts as no change (daemon_reload alone) */
};

struct module_host; /* the engine's side: content from the controller, live output, deadline */

struct module_call {
	struct arena *arena;
	const void *args;	   /* the module's own struct */
	const struct value *given; /* the map as given, for modules with free keys */
	void *state;		   /* from inspect to apply */
	struct outcome *out;
	bool wants_diff;		 /* building a diff may be skipped if false */
	const struct value *environment; /* a map for child processes, or NULL */
	uint64_t deadline_ms;		 /* clock_ms() at which the task is killed; 0: none */
	struct module_host *host;
	/*
	 * In check mode, behind a task that would have changed something: what is missing now may
	 * be there then. An inspect that fails with ERR_MISSING (or ENOENT) is a change then; one
	 * that can say more looks at this and goes on.
	 */
	bool may_come;
	/* Apply will not follow: who would have to download a whole file to say what changes may
	 * ask for less. */
	bool only_inspects;
};

struct module_return {
	const char *name, *type, *doc;
};

struct prepare; /* module/prepare.h */

struct module {
	const char *name; /* "copy"; ansible.builtin. and other known collections' prefixes resolve
			     to it */
	const char *const *aliases; /* other names: "systemd_service" … */
	const char *summary;
	const struct param *params;
	size_t params_size;
	const struct module_return *returns; /* ends with a NULL name */
	const char *examples;		     /* YAML */
	const char
		*free_form; /* the parameter that a bare text is («_raw_params» forms), or NULL */
	const char *missing; /* what is said when a required parameter is not given; NULL: which */
	enum module_support check, diff;
	bool is_pure;	/* runs anywhere and has no effect: evaluated on the controller (debug,
			   assert, …) */
	bool takes_any; /* keys beyond params are the user's own (set_fact) */
	bool is_secret; /* its result is never shown */
	/* Controller. May change the arguments (copies) in `prepare`. */
	bool (*prepare)(struct prepare *prepare, struct error *err);
	/* Target. */
	bool (*inspect)(struct module_call *call, struct error *err);
	bool (*apply)(struct module_call *call, struct error *err);
};

/* The runner is built without the controller's half. */
#ifdef ERTC_RUNNER
#define PREPARE(function) NULL
#define PREPARE_ONLY __attribute__((unused))
#else
#define PREPARE(function) (function)
#define PREPARE_ONLY
#endif

/* All modules, by name, ended by NULL: written by the Makefile from the file names in modules/. */
extern const struct module *const module_table[];
/* Resolves collection prefixes and aliases. NULL: unknown. */
const struct module *module_named(const char *name);

/* Builders for results. */
void result_set(struct module_call *call, const char *key, const struct value *value);
void result_text(struct module_call *call, const char *key, const char *text);
void result_int(struct module_call *call, const char *key, int64_t number);
void result_bool(struct module_call *call, const char *key, bool boolean);
/* One more in the list `warnings`. */
void result_warn(struct module_call *call, const char *text);
void result_diff(struct module_call *call, const char *before_header, struct view before,
	const char *after_header, struct view after);

/* Runs one module here: reads the arguments, inspects, applies unless check. `*out` is the finished
 * result map (changed, failed, msg, diff …); never NULL. */
struct module_task {
	const struct module *module;
	const struct value *args;
	bool check_mode, diff;
	const struct value *environment;
	uint64_t deadline_ms;
};
void module_execute(const struct module_task *task, struct arena *arena, struct module_host *host,
	const struct value **out);

#endif
