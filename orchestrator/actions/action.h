#ifndef ORCHESTRATOR_ACTIONS_ACTION_H
#define ORCHESTRATOR_ACTIONS_ACTION_H
/*
 * What acts on the run itself, or is decided on the controller: one file per action, one row in
 * action_table. An action gets evaluated arguments and fills a result map, as a module would.
 */
#include "orchestrator/run/internal.h"

struct action_call {
	struct item *item;
	struct step *step;
	struct run_host *host;
	struct run *run;
	struct task_scope *scope;
	struct arena *into; /* for the result */
	struct value *args;
	struct value *result; /* a map to fill */
	bool is_later;	      /* the action calls item_done itself */
};

struct action {
	const char *name;
	bool waits;   /* all tasks in front must be finished: it has an effect, or acts elsewhere */
	bool is_once; /* done by the first host, for all (pause, add_host) */
	bool is_include; /* brings more tasks (include_tasks, include_role) */
	bool is_remote;	 /* goes to the runner after all, with `finish` for what comes back */
	bool fails_plainly; /* its failures do not say changed, as Ansible's do not */
	bool checks_parameters; /* by itself: the module's rows are for the doc only */
	/* Ended by NULL; what else is given is an invalid option. NULL: as the module's rows say. */
	const char *const *options;
	/* With is_remote: what it fills in as the result stands, and nothing goes to the runner. */
	bool (*run)(struct action_call *call, struct error *err);
	/* With is_remote: turns the runner's result into the task's. */
	bool (*finish)(struct action_call *call, const struct value *raw, struct error *err);
};

extern const struct action action_table[];	    /* ended by a NULL name */
const struct action *action_find(const char *name); /* NULL: a module for the runner */

#endif
