#ifndef ORCHESTRATOR_RUN_RUN_H
#define ORCHESTRATOR_RUN_RUN_H
/*
 * The run: playbooks on hosts. It evaluates tasks, sends them ahead to the runners, takes the
 * results, and tells the report. The only room that sees both the road (delivery) and the news
 * (report).
 */
#include "inventory/hosts/inventory.h"
#include "orchestrator/delivery/shell.h"
#include "orchestrator/playbook/playbook.h"
#include "orchestrator/report/report.h"

struct run_settings {
	/* Told of each host that is not reached, once; may be NULL. */
	void (*lost)(void *context, const char *host);
	void *lost_context;
	const struct value *extra_vars;	      /* a map of templates */
	const char *limit;		      /* NULL: none */
	const struct value *tags, *skip_tags; /* lists of texts */
	bool check_mode, diff, force_handlers, any_errors_fatal, step;
	const char *start_at_task;
	int forks;	      /* hosts that work at the same time */
	int connects_at_once; /* logins under way at the same time */
	int verbosity;
	int timeout_s; /* of connecting */
	int task_timeout_s;
	int retries; /* of connecting */
	const char *remote_user, *private_key_file, *connection;
	const char *ssh_common_args, *ssh_extra_args, *host_key_checking;
	bool become;
	const char *become_method, *become_user, *become_exe, *become_flags;
	const char *connection_password, *become_password; /* secrets */
	struct vault *vault;				   /* may be NULL */
	bool merges_hashes;				   /* hash_behaviour: merge */
	const char *fact_cache; /* a directory of JSON files; NULL: facts live as long as the run */
	const char *fact_cache_prefix;
	int fact_cache_timeout_s; /* 0: for ever */
	bool flushes_fact_cache;
	const char *duplicate_keys; /* of YAML mappings: warn, error, ignore */
	const char *gathering;	    /* implicit, explicit, smart */
	const char *strategy;
	const char *const *roles_path, *const *collections_path,
		*const *library_path; /* ended by NULL */
	const char *config_file; /* for ansible_config_file */
	bool jinja2_native; /* results of templates keep Python's types */
	bool strict_hosts;
	bool allows_missing_handlers; /* a notified handler that is not there is a warning only */
	bool no_log;
	bool resumes;		    /* --resume */
	const char *managed; /* ansible_managed, with {file}, {host}, {uid} and % of strftime */
	bool writes_retry_files;
	const char *retry_directory; /* NULL: beside the playbook */
	bool list_hosts, list_tasks, list_tags, syntax_check;
	bool can_ask;
};

enum run_exit {
	RUN_OK = 0,
	RUN_ERROR = 1,
	RUN_FAILED = 2,
	RUN_NO_HOSTS = 3,
	RUN_UNREACHABLE = 4,
	RUN_BAD_OPTIONS = 5,
	RUN_INTERRUPTED = 99,
	RUN_UNEXPECTED = 250,
};

/* Runs them in order; what goes wrong is told through the report. The exit code of
 * ansible-playbook. */
int run_playbooks(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *const *paths);

/* One play that was made in memory; files are looked for in `directory`. */
int run_play_alone(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const struct value *play, const char *directory);

/* `ertc vars`: the variables of a host (or the one called `name`), as plays of these playbooks see
 * them; with_levels: every level that sets them. */
int run_explain(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *const *paths, const char *host, const char *name,
	bool with_levels);

/* `ertc lint`: tells what is wrong in playbooks, without any connection. RUN_FAILED: something. */
int run_lint(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *const *paths);

/* `ertc ssh`: a shell or a command on one host, with our own terminal. Its exit status, or
 * RUN_SHELL_LOST when it was not reached, as ssh has it. */
enum { RUN_SHELL_LOST = 255 };
int run_shell(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *host, const struct shell_request *wanted);

/* `ertc inventory doctor`: tries the hosts of a pattern, and explains who is not reached; compares
 * the ports that the roles of the playbooks need with what the cloud admits. */
int run_doctor(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *pattern, const char *const *playbooks);

/* The exit code for an error that ended everything. */
int run_exit_code(const struct error *err);

#endif
