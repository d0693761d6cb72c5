#ifndef ROLES_ROLE_H
#define ROLES_ROLE_H
/*
 * A role in C: a folder roles/<name>/ with <name>.c, templates/, files/ and README.md. Its tables
 *say the same things, in the same words, as the YAML of an Ansible role would; the playbook's
 *loader reads them as if they were YAML, so that tags, `when`, `loop`, notify and check mode have
 *one implementation. STEP is plain C, on the controller, for what an expression cannot say.
 *
 *	static const struct role_row tasks[] = {
 *		TASK("Install nginx", apt, ARGS({ "name", "nginx" }, { "state", "present" }), .tags =
 *"install"), TASK("Write the site", template, ARGS({ "src", "site.conf.j2" }, { "dest",
 *"/etc/nginx/sites-enabled/site" }), .when = "web_enabled", .notify = "reload nginx"), STEP("Choose
 *the shard", choose_shard), TASKS_END
 *	};
 */
#include "base/error.h"
#include "value/value.h"

/* What a STEP may do: read this host's variables, set facts, say what it did. */
struct role_run {
	struct arena *arena;
	const char *host;
	bool check_mode;
	/* The evaluated value of a variable or expression; NULL in *out when not defined. */
	bool (*get)(struct role_run *run, const char *expression, const struct value **out,
		struct error *err);
	/* As set_fact. */
	void (*set)(struct role_run *run, const char *name, const struct value *value);
	void (*warn)(struct role_run *run, const char *text);
	const char *message; /* shown with -v */
	bool is_changed;
	void *context;
};

struct role_argument {
	const char *name, *value; /* the value is a template; "true", "80" are read as their
				     parameter's type */
};

struct role_row {
	const char *name, *action;
	const struct role_argument *arguments; /* ended by a NULL name */
	const char *when, *loop, *notify, *listen, *tags, *register_as, *changed_when, *failed_when,
		*until, *become, *environment, *vars, *label, *check_mode, *no_log, *delegate_to,
		*run_once, *ignore_errors; /* as in YAML; notify, tags, listen: several with commas;
					      vars, environment: YAML */
	int retries, delay;
	bool (*step)(struct role_run *run, struct error *err);
};

#define ARGS(...)                                   \
	.arguments = (const struct role_argument[]) \
	{                                           \
		__VA_ARGS__,                        \
		{                                   \
			NULL, NULL                  \
		}                                   \
	}
#define TASK(title, module, ...)                              \
	{                                                     \
		.name = title, .action = #module, __VA_ARGS__ \
	}
#define STEP(title, function, ...)                           \
	{                                                    \
		.name = title, .step = function, __VA_ARGS__ \
	}
/* The arguments of `package`: present, with a package cache of the last hour where the distribution
 * has one. */
#define INSTALL(packages)                                                                          \
	ARGS({ "name", packages }, { "state", "present" },                                         \
		{ "update_cache", "{{ true if ansible_facts.os_family == 'Debian' else omit }}" }, \
		{ "cache_valid_time",                                                              \
			"{{ 3600 if ansible_facts.os_family == 'Debian' else omit }}" })
#define TASKS_END                                          \
	{                                                  \
		.name = NULL, .action = NULL, .step = NULL \
	}

/* A variable with its default (a template, in YAML), the type it must have, and older names it is
 * also taken from when it is not set itself (the seed's unprefixed ones). Checked before any
 * connection is made, as far as its value does not depend on facts. */
enum role_type {
	ROLE_STRING,
	ROLE_INT,
	ROLE_BOOL,
	ROLE_LIST,
	ROLE_MAP,
	ROLE_CIDR,  /* 10.0.0.0/16 */
	ROLE_CIDRS, /* one or a list */
	ROLE_PORT,
	ROLE_PATH, /* absolute */
	ROLE_NAME, /* letters, digits, . _ - */
	ROLE_ANY,
};
struct role_variable {
	const char *name;
	enum role_type type;
	const char *fallback; /* YAML, with templates; NULL: none */
	bool required;
	const char *const *choices;
	const char *also; /* an older name */
	const char *doc;
};

/* What others have to reach on the host: compared with what its firewall in the cloud admits
 * (`ertc inventory doctor`). */
struct role_port {
	const char *protocol; /* "tcp", "udp" */
	const char *port, *when; /* templates; `when` NULL: always */
	const char *doc;	 /* "RTMP" */
};

struct role_table {
	const char *name;
	const char *const *aliases; /* NULL-terminated, or NULL: "gara2000.nat" */
	const char *summary;
	const struct role_variable *variables;	 /* ended by a NULL name */
	const struct role_row *tasks, *handlers; /* ended by TASKS_END; handlers may be NULL */
	const char *const *depends;		 /* names of roles, or NULL */
	const struct role_port *ports;		 /* ended by a NULL protocol; NULL: none */
};

/* Compiled in: tables, and the bytes of templates/ and files/. Written by the Makefile. */
struct role_file {
	const char *role, *path; /* "nat", "templates/rules.j2" */
	const unsigned char *bytes;
	size_t size;
};
extern const struct role_table *const role_tables[]; /* ended by NULL */
extern const struct role_file role_files[];	     /* ended by a NULL role */

const struct role_table *role_table_find(const char *name); /* aliases too; NULL: none */
/* `kind`: "templates" or "files". NULL: none. */
const struct role_file *role_file_find(const char *role, const char *kind, const char *name);

#endif
