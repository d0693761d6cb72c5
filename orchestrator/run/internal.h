#ifndef ORCHESTRATOR_RUN_INTERNAL_H
#define ORCHESTRATOR_RUN_INTERNAL_H
/*
 * What the files of this room share. A `run` has `run_host`s for its whole length; a `play_run` is
 * one play on one batch of them; a `step` is one task on one host, with an `item` per loop item
 * (one without a loop); a `run_link` is a runner and what is queued there.
 *
 * Steps of a host stand in a queue in the order of the play. They are evaluated and sent ahead;
 * they are finished (judged, registered, reported) strictly from the head. See DESIGN §2 in
 * docs/ARCHITECTURE.md.
 */
#include "orchestrator/delivery/link.h"
#include "orchestrator/run/cursor.h"
#include "orchestrator/run/run.h"
#include "orchestrator/vars/scope.h"
#include "wire/message.h"

struct run;
struct run_host;
struct step;
struct play_run;

struct content {
	struct content *next;
	int64_t id;
	uint32_t task; /* wire id; freed with its result */
	char *path;    /* a file, or … */
	char *bytes;   /* … these */
	size_t size;
	int fd; /* of path, while it is sent */
	int64_t offset;
};

struct sending { /* contents a runner asked for, in order */
	struct sending *next;
	uint32_t task;
	int64_t content;
};

struct run_link {
	struct run_link *next;
	struct run *run;
	char *key, *name; /* name: the host's, for messages */
	struct link *link;
	struct frame_reader reader;
	struct str waiting; /* frames queued before the runner is up */
	bool is_ready, is_dead, is_local;
	struct error death;
	uint32_t epoch;
	struct map in_flight; /* wire id as text -> struct item */
	struct content *contents;
	struct sending *sending, **sending_end;
	char *architecture;
	struct arena arena; /* hello */
};

struct item {
	struct step *step;
	const struct value *item;  /* of the loop */
	const struct value *label; /* shown; NULL: no loop */
	const struct value
		*locals;      /* the loop's variables: item, index_var, ansible_loop; NULL: none */
	const char *delegate; /* who does it instead; NULL: the host itself */
	const struct value *result;	/* raw, then judged; in the step's arena */
	const struct value *invocation; /* the arguments, for -vvv */
	struct run_link *link;
	uint32_t wire_id, timeout_s;
	int attempt;
	bool is_unevaluated; /* it failed before there was anything to do */
	bool is_overdue;     /* it was killed by its time limit */
	bool is_issued, is_done, is_judged, was_sent, is_unreachable;
	struct loop_timer *timer;
	const char *job_id; /* of a task in the background that is waited for */
	uint64_t job_until_ms;
	struct str fetched; /* content that a runner sends (fetch) */
	void *state;	    /* of an action that takes time */
	/* Set while something is asked (remote_ask): who is told the answer. */
	void (*answered)(struct item *item, const struct value *result, const char *why);
	int64_t connect_timeout_s; /* of an action that says so; 0: the host's */
};

struct step {
	struct step *next;
	struct run_host *host;
	const struct node *task;
	const char *action;
	const struct module *module;
	struct level *saved; /* the cursor, standing on the task */
	uint32_t saved_depth;
	struct arena arena;
	struct item *items;
	size_t item_count, next_item, judged_count;
	const char *title;
	struct report_task shown; /* what the report is told of the task */
	bool is_told;		  /* that it has begun */
	const char *register_as;  /* NULL: none */
	struct item
		*broken; /* it could not be evaluated: the loop ends, its failure is the task's */
	bool is_loop, is_sequential, holds, is_fact_source, produces_facts;
	bool ignores_errors, ignores_unreachable, no_log, check_mode, diff, is_run_once, has_failed,
		is_finished;
	bool is_quiet; /* implicit: no banner, no counting (flush_handlers) */
	int retries, delay_s;
	uint32_t async_s, poll_s; /* 0: not in the background; not waited for */
	int64_t pause_ms;
	struct value *result; /* of the whole */
	uint64_t started_ms;
	size_t round;
	size_t handlers_known; /* of the play, when the task was taken */
	struct include_result *includes;
};

struct notified {
	struct notified *next;
	const struct node *handler;
};

struct run_host {
	struct run *run;
	struct inventory_host *inventory;
	const char *name;
	struct arena arena;
	struct value *facts;	   /* as modules gave them: ansible_x … */
	struct value *plain_facts; /* ansible_facts: without the prefix; NULL: to be made anew */
	struct value *registered;  /* set_fact and register */
	struct value *included;	   /* include_vars */
	struct report_stats stats;
	bool has_new_facts;	      /* that the cache does not have yet */
	const struct node *stands_at; /* the last task of the playbook's own files it took */
	int stands_in_play;
	bool is_failed, is_unreachable,
		has_ended; /* has_ended: of this play (meta: end_host, end_play) */
	bool was_used;
	/* this play */
	struct play_run *play;
	struct cursor cursor;
	struct step *steps, **steps_end;
	size_t step_count;
	bool is_pending; /* the next task waits for a result */
	bool is_done;	 /* with this play */
	bool is_doomed;	 /* failed, and only forced handlers are left */
	struct notified *notified;
	const struct value *failed_task, *failed_result;
	struct run_link *link; /* cached for tasks without connection variables of their own */
	const struct value *vars_files; /* templated vars_files, once they could be read */
	bool has_vars_files;
	struct loop_timer *deadline;
};

enum strategy { STRATEGY_LINEAR, STRATEGY_FREE, STRATEGY_HOST_PINNED };

struct play_run {
	struct run *run;
	const struct node *node;
	const char *name;
	struct arena arena;
	struct run_host **all, **hosts; /* of the play; of the batch */
	struct run_host **listed;	/* of the play, in the inventory's order */
	size_t all_count, count;
	size_t batch_size; /* with the hosts that were lost in earlier plays */
	enum strategy strategy;
	const struct value *prompted;	/* answers of vars_prompt */
	const struct value *vars_files; /* those without templates, merged */
	const struct node *banner_task; /* whose banner was printed last */
	size_t banner_round,
		round; /* round: counts the tasks of a linear play, or of the only host */
	const struct node *fatal_task; /* any_errors_fatal struck */
	struct cursor
		round_cursor; /* the task of the linear round, and which host is next to take it */
	const struct node *round_task;
	size_t round_next;
	const struct node *asked_task; /* --step: what was asked, and the answer */
	size_t asked_round;
	bool is_declined;
	bool is_scheduled, has_ended, is_over, was_told; /* was_told: that no hosts are left */
	size_t turn;
};

struct run {
	const struct run_settings *settings;
	struct inventory *inventory;
	struct report *report;
	struct loop *loop;
	struct transport *transport;
	struct template_env *templates;
	struct playbook_reader reader;
	struct template_scope static_scope;
	struct arena arena, scratch;
	struct map hosts; /* name -> run_host */
	struct run_link *links;
	struct play_run *play;
	struct value *groups_value; /* `groups`; NULL: to be made anew */
	uint32_t next_wire_id;
	int64_t next_content;
	int play_number;		   /* of all playbooks, from 1 */
	const struct value *resumed_hosts; /* --resume: these only; NULL: all */
	const char *resume_file;
	uint32_t resume_line;
	int resume_play;
	bool has_resumed;
	int interrupts;
	bool has_failed, has_unreachable, is_cancelled, started_at_task;
	bool does_all_steps;	    /* --step was answered with «continue» */
	bool is_broken;		    /* any_errors_fatal, max_fail_percentage: no further play */
	struct map included_files;  /* "serial path" -> struct node */
	struct value *added;	    /* what add_host and group_by brought, in order */
	struct value *custom_stats; /* set_stats: host -> map, "_run" for all */
	struct map digests;	    /* path -> hashes of a controller's file */
	struct error fatal;	    /* ended everything */
	/* Who has the terminal (pause): told of Ctrl+C, and that the hosts of a batch are done with
	 * (is_over), so that it is given back in any case. NULL: nobody. */
	void (*terminal_end)(void *context, bool is_over);
	void *terminal_context;
	struct loop_watch *signals;
	int signal_fd;
};

/* ---- run.c ---- */
struct run_host *run_host_get(struct run *run, struct inventory_host *inventory);
void run_warn(void *run, const char *text);

/* ---- variables.c: scopes, magic variables, facts ---- */
struct task_scope { /* lives on the stack of who evaluates */
	struct scope scope;
	struct template_scope templates;
	struct run *run;
	struct run_host *host;
	const struct node *task;
	const struct step *step;
	const struct cursor *cursor;
	struct level *levels;
	uint32_t depth;
};
void task_scope_init(struct task_scope *scope, struct run_host *host, const struct node *task,
	const struct level *levels, uint32_t depth, const struct value *locals);
void task_scope_for_step(
	struct task_scope *scope, const struct step *step, const struct value *locals);
void host_set_facts(struct run_host *host, const struct value *facts);
void host_set_variable(struct run_host *host, const char *name, const struct value *value);
bool variables_magic(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err);
/* lookup(): files, environment, templates … */
bool variables_lookup(void *context, struct arena *into, const char *name,
	const struct value *terms, const struct value *options, const struct value **out,
	struct error *err);
bool variables_load(void *context, struct arena *into, const char *name, struct view *text,
	const char **path, struct error *err);
/* Text of a file on the controller, or of a role in C ("role:…"); what is encrypted is opened. */
bool controller_text_read(struct run *run, struct arena *into, const char *path, struct view *out,
	struct error *err) MUST_CHECK;

/* ---- evaluate.c ---- */
bool evaluate_flag(struct task_scope *scope, struct arena *into, const struct value *source,
	bool fallback, bool *out, struct error *err) MUST_CHECK;
bool evaluate_text(struct task_scope *scope, struct arena *into, const struct value *source,
	const char **out, struct error *err) MUST_CHECK;
bool evaluate_int(struct task_scope *scope, struct arena *into, enum keyword keyword,
	const struct value *source, int64_t fallback, int64_t *out, struct error *err) MUST_CHECK;
bool evaluate_value(struct task_scope *scope, struct arena *into, const struct value *source,
	const struct value **out, struct error *err) MUST_CHECK;
/* The same for a keyword of a node or of the nearest parent that has it; `omit` goes on to the
 * next. */
bool keyword_flag(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, bool fallback, bool *out, struct error *err) MUST_CHECK;
bool keyword_text(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, const char **out, struct error *err) MUST_CHECK;
bool keyword_int(struct task_scope *scope, struct arena *into, const struct node *node,
	enum keyword keyword, int64_t fallback, int64_t *out, struct error *err) MUST_CHECK;
void condition_warn(struct run *run, const struct value *condition);
/* Says of which condition the error is; always false. */
bool condition_failed(struct arena *into, const struct value *condition, struct error *err);
/* All inherited `when`s. */
bool evaluate_when(struct task_scope *scope, const struct node *task, struct arena *into, bool *out,
	struct error *err) MUST_CHECK;
/* The items of loop / with_X; NULL in *out: no loop. */
bool evaluate_loop(struct task_scope *scope, const struct node *task, struct arena *into,
	const struct value **out, struct error *err) MUST_CHECK;
bool task_arguments(struct task_scope *scope, const struct step *step, struct arena *into,
	struct value **out, struct error *err) MUST_CHECK;
bool evaluate_environment(struct task_scope *scope, const struct node *task, struct arena *into,
	const struct value **out, struct error *err) MUST_CHECK;
bool evaluate_become(struct task_scope *scope, const struct node *task, struct arena *into,
	struct message_become *out, struct error *err) MUST_CHECK;

/* ---- turn.c ---- */
enum issue { ISSUE_DONE, ISSUE_WAIT, ISSUE_END };
/* Takes the host's next task, if it can be taken now. */
enum issue host_issue(struct run_host *host);
/* Does the task not concern the host: a handler that is not due, other tags …? */
bool task_is_passed_over(struct run_host *host, const struct node *task);

/* ---- step.c: from task to step ---- */
struct step *step_new(struct run_host *host, const struct node *task);
/* Evaluates keywords and loop; ERR_PENDING: not yet. */
bool step_build(struct step *step, struct error *err) MUST_CHECK;
/* The step cannot be evaluated: it has one item, which failed so. */
bool step_retries(struct task_scope *scope, struct step *step, struct arena *scratch,
	struct error *err) MUST_CHECK;
void step_fail_whole(struct step *step, const struct error *err);
struct value *skipped_value(struct arena *into, const char *reason);
void step_free(struct step *step);
void host_drop_steps(struct run_host *host, struct step *from);
/* ---- item.c ---- */
/* Issues what can be issued of a step's items. */
void step_go_on(struct step *step);
/* A raw result is there (in any arena). */
void item_done(struct item *item, const struct value *result);
struct value *failure_value(struct arena *into, const struct error *err);

/* ---- background.c: async and poll ---- */
bool step_async(struct task_scope *scope, struct step *step, struct arena *scratch,
	struct error *err) MUST_CHECK;
bool async_is_possible(const struct step *step, struct error *err) MUST_CHECK;
/* NULL in *out: the default. */
bool async_directory(struct task_scope *scope, struct arena *into, const char **out,
	struct error *err) MUST_CHECK;
/* A result has come; true: the job is being waited for. */
bool async_goes_on(struct item *item);

/* ---- judge.c: what a result means ---- */
/* Judges what is there of the head; true: the step is finished and was taken from the queue. */
void host_settle(struct run_host *host);
void host_settle_soon(struct run_host *host);
void host_fail(struct run_host *host, bool is_unreachable);

/* ---- remote.c ---- */
bool link_for(struct task_scope *scope, const struct item *item, struct arena *into,
	struct run_link **out, struct error *err) MUST_CHECK;
bool remote_send(struct item *item, struct run_link *link, const struct message_task *task,
	struct error *err) MUST_CHECK;
uint32_t remote_next_id(struct run *run);
void remote_release(struct run_host *host);
void remote_cancel_all(struct run *run);
void remote_stop_queues(struct run *run); /* what has not begun is not begun */
void remote_close_all(struct run *run);
/* Closes the connections to a host (of the inventory's name). What is at work there is lost. */
void remote_reset(struct run *run, const char *name);
/* Has a module answer an action that takes time, on the item's host (or whom it is delegated to),
 * over a new connection if there is none. `answered` is called once: with the result, which lives
 * as long as the call, or with NULL and why there is none. It may be called from within. */
void remote_ask(struct item *item, const char *module, const struct value *args, bool becomes,
	void (*answered)(struct item *item, const struct value *result, const char *why));
/* Nobody waits for the answer any more. */
void remote_ask_cancel(struct item *item);
/* The item's host as its connections are called. */
const char *remote_name(const struct item *item);
/* Is that this machine? */
bool remote_is_local(
	struct task_scope *scope, const struct item *item, bool *out, struct error *err) MUST_CHECK;
/* The item's result: its host could not be reached. */
void remote_unreachable(struct item *item, const char *why);

void link_bytes(struct run_link *link,
	const struct str *bytes); /* whole frames; kept until the runner is up */

/* ---- connect.c ---- */
bool link_settings_read(struct task_scope *scope, struct arena *into, const char *name,
	struct link_settings *out, struct error *err) MUST_CHECK;

/* ---- content.c ---- */
struct content *content_add(struct run_link *link, uint32_t task);
void content_free(struct content *content);
void content_free_for(struct run_link *link, uint32_t task);
void contents_send(struct run_link *link); /* what was asked for, as far as the road takes it */

/* ---- prepare.c ---- */
bool prepare_arguments(struct task_scope *scope, struct item *item, struct run_link *link,
	struct arena *into, struct value *args, bool check_mode, struct error *err) MUST_CHECK;

/* ---- play.c ---- */
void play_schedule(struct play_run *play);
/* Outside of linear plays: as many hosts as the task's throttle allows are at it already. */
bool play_throttles(struct play_run *play, const struct node *task);
/* The hosts of the play, as its pattern and --limit say. */
bool play_choose_hosts(struct play_run *play, struct error *err) MUST_CHECK;
/* vars_files of the batch. */
bool play_read_vars_files(struct play_run *play, struct error *err) MUST_CHECK;
bool run_play(struct run *run, const struct node *node, struct error *err) MUST_CHECK;
void play_banner(struct step *step);
/* What the report is told of a step's task; borrowed from the step. */
const struct report_task *step_shown(struct step *step);

/* ---- resume.c: retry files and --resume ---- */
void resume_note(struct run_host *host, const struct node *task);
void resume_keep(struct run *run, const char *const *paths);
bool resume_begin(struct run *run, const char *const *paths, struct error *err) MUST_CHECK;
void resume_end(struct run *run);
bool resume_leaves_out(const struct run_host *host);
bool resume_passes_over(struct run *run, const struct node *task);

/* ---- reserved.c ---- */
void reserved_names_warn(struct play_run *play);

/* ---- role_check.c ---- */
/* Hosts whose variables do not fit the roles in C fail here, before anything is done on them. */
void roles_check(struct play_run *play);

/* ---- fact_cache.c: facts kept between runs, as Ansible's jsonfile keeps them ---- */
void fact_cache_load(struct run_host *host);
void fact_cache_save(struct run *run);

/* ---- refresh.c: the inventory read anew ---- */
bool inventory_refresh(struct run *run, struct error *err) MUST_CHECK;
/* actions/variables.c: what add_host and group_by brought. */
bool inventory_add_again(struct run *run, struct error *err) MUST_CHECK;

/* ---- include.c ---- */
struct include_result {
	const struct node *block;
	const struct value *vars;
	struct include_result *next;
};
/* include_tasks, include_role: reads the file once for all hosts. */
bool include_read(struct task_scope *scope, const struct step *step, struct value *args,
	const struct value *locals, struct arena *into, const struct node **out,
	const struct value **vars, struct error *err) MUST_CHECK;

/* ---- handlers.c ---- */
bool handlers_notify(struct run_host *host, const struct step *step, const struct value *names,
	struct error *err) MUST_CHECK;
/* Enters the round of handlers that were notified. */
bool handlers_flush(struct run_host *host);
bool handler_is_due(const struct run_host *host, const struct node *handler);
void handler_done(struct run_host *host, const struct node *handler);

#endif
