#ifndef INVENTORY_AWS_DESCRIBE_H
#define INVENTORY_AWS_DESCRIBE_H
/*
 * What else is known about instances: one row per description. `ask` collects the answers of one
 * region; `join` adds to an instance what is about it, and the groups that it is in because of that
 * (the list FLEET_GROUPS, which becomes groups and no variable).
 */
#include "inventory/aws/aws.h"
#include "inventory/aws/credentials.h"

#define FLEET_GROUPS "fleet_groups"
/* What was kept of an instance's console output: for reach, and no variable. */
#define FLEET_CONSOLE "fleet_console"

/* Whose console output is asked for, and which part of it is kept: the rest may hold secrets. */
struct describe_console {
	bool (*is_wanted)(void *context, const struct value *instance);
	struct view (*keep)(struct view text); /* empty: nothing of it */
	void *context;
};

struct describe_scope {
	struct aws *aws;
	struct aws_login *login;
	const char *region, *endpoint;
	struct arena *into;
	const struct value *instances;		/* of rows that need them: a list */
	const struct describe_console *console; /* NULL: nobody's is wanted */
};

struct describe {
	const char *name, *doc;
	bool needs_instances; /* is asked when they are known */
	bool is_global;	      /* is asked once for an account, and not for each region */
	bool (*ask)(const struct describe_scope *scope, struct value *answers,
		struct aws_fault *fault, struct error *err);
	/* `instance` is a map of its own that may be added to; `answers` are all, or with an index
	 * those that may be about it. */
	void (*join)(struct arena *into, const struct value *answers, struct value *instance);
	/* Where an answer says whom it is about: the member (a dot goes deeper) of the items of a
	 * list, or of the answer itself. It is an id or an address of the instance. NULL: no index.
	 */
	const char *index_list, *index_key;
};

const struct describe *describe_find(const char *name); /* NULL: there is none */
extern const struct describe describe_table[];		/* ended by a NULL name */
/* GetConsoleOutput; none of the table, as it is asked only for who needs it, and no variable. */
extern const struct describe describe_of_console;

/* One call and all its pages; the items of the list `key` of each answer go to `answers`. */
bool describe_list(const struct describe_scope *scope, const char *service, const char *action,
	const char *key, const struct value *parameters, struct value *answers,
	struct aws_fault *fault, struct error *err) MUST_CHECK;

/* stack.name, .id, .status, .outputs, .parameters of an item of DescribeStacks. */
const struct value *stack_variables(struct arena *into, const struct value *stack);

#endif
