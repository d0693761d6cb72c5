#ifndef ORCHESTRATOR_PLAYBOOK_NODE_H
#define ORCHESTRATOR_PLAYBOOK_NODE_H
/*
 * A loaded playbook is a tree of nodes: play, role, block, task. Each holds the keywords that were
 * written on it, as unevaluated values; what a task inherits is found by walking up (keyword_find,
 * …). Roles in C give the same nodes: their table of rows goes through the same loader as YAML
 * does. Nothing here knows hosts or evaluates templates.
 */
#include "base/map.h"
#include "module/module.h"

enum keyword {
	KEYWORD_NAME,
	KEYWORD_WHEN,
	KEYWORD_TAGS,
	KEYWORD_VARS,
	KEYWORD_ENVIRONMENT,
	KEYWORD_BECOME,
	KEYWORD_BECOME_USER,
	KEYWORD_BECOME_METHOD,
	KEYWORD_BECOME_FLAGS,
	KEYWORD_BECOME_EXE,
	KEYWORD_CHECK_MODE,
	KEYWORD_DIFF,
	KEYWORD_NO_LOG,
	KEYWORD_IGNORE_ERRORS,
	KEYWORD_IGNORE_UNREACHABLE,
	KEYWORD_ANY_ERRORS_FATAL,
	KEYWORD_RUN_ONCE,
	KEYWORD_THROTTLE,
	KEYWORD_TIMEOUT,
	KEYWORD_CONNECTION,
	KEYWORD_PORT,
	KEYWORD_REMOTE_USER,
	KEYWORD_MODULE_DEFAULTS,
	KEYWORD_COLLECTIONS,
	KEYWORD_DEBUGGER,
	KEYWORD_DELEGATE_TO,
	KEYWORD_DELEGATE_FACTS,
	/* tasks and handlers */
	KEYWORD_ACTION,
	KEYWORD_LOCAL_ACTION,
	KEYWORD_ARGS,
	KEYWORD_ASYNC,
	KEYWORD_POLL,
	KEYWORD_REGISTER,
	KEYWORD_CHANGED_WHEN,
	KEYWORD_FAILED_WHEN,
	KEYWORD_UNTIL,
	KEYWORD_RETRIES,
	KEYWORD_DELAY,
	KEYWORD_LOOP,
	KEYWORD_LOOP_CONTROL,
	KEYWORD_NOTIFY,
	KEYWORD_LISTEN,
	/* blocks */
	KEYWORD_BLOCK,
	KEYWORD_RESCUE,
	KEYWORD_ALWAYS,
	/* plays */
	KEYWORD_HOSTS,
	KEYWORD_ORDER,
	KEYWORD_GATHER_FACTS,
	KEYWORD_GATHER_SUBSET,
	KEYWORD_GATHER_TIMEOUT,
	KEYWORD_FACT_PATH,
	KEYWORD_VARS_FILES,
	KEYWORD_VARS_PROMPT,
	KEYWORD_ROLES,
	KEYWORD_TASKS,
	KEYWORD_PRE_TASKS,
	KEYWORD_POST_TASKS,
	KEYWORD_HANDLERS,
	KEYWORD_FORCE_HANDLERS,
	KEYWORD_MAX_FAIL_PERCENTAGE,
	KEYWORD_SERIAL,
	KEYWORD_STRATEGY,
	/* roles */
	KEYWORD_ROLE,
	KEYWORD_COUNT
};

enum node_kind { NODE_PLAY, NODE_ROLE, NODE_BLOCK, NODE_TASK };

/* Where a keyword may stand, and how a task comes to its value. */
enum keyword_place { ON_PLAY = 1, ON_ROLE = 2, ON_BLOCK = 4, ON_TASK = 8, ON_HANDLER = 16 };
struct keyword_row {
	const char *name;
	unsigned places;
	const char *doc;
};
extern const struct keyword_row keyword_table[KEYWORD_COUNT];
/* -1: no such keyword. */
int keyword_find_name(struct view name);

struct node;
struct role_run;
struct role_table;

struct node_list {
	struct node **nodes;
	size_t count, room;
};
void node_list_add(struct arena *arena, struct node_list *list, struct node *node);

/* A role as loaded for one place of use (its variables may differ from use to use). */
struct role {
	const char *name;		     /* as written */
	const char *path;		     /* its folder; NULL for a role in C */
	const struct value *defaults, *vars; /* maps, unevaluated; never NULL */
	const struct value *use_vars; /* `vars` where it is used; in the play they count for all */
	const struct value *params;	     /* given where it is used: { role: x, key: value } */
	const struct role *parent;	     /* that depends on this one, or included it */
	struct node *node;
	struct node_list handlers;
	const struct role_table *table; /* roles in C */
	struct role **dependencies;
	size_t dependency_count;
	bool allow_duplicates;
	bool is_dependency; /* of `parent`, by its meta */
};

struct node {
	enum node_kind kind;
	struct node *parent; /* the keywords of parents are inherited */
	const struct value *keywords[KEYWORD_COUNT];
	struct place place;
	struct role *role; /* the innermost role it stands in, or NULL */
	struct node *play;
	bool is_include; /* an include: its vars count as include parameters, above set_fact */
	const struct value *include_args; /* k=v of a static `include:`; NULL: none */
	bool is_handler;
	bool is_implicit; /* made by the loader: gather facts, flush of handlers, the blocks of a
			     play's sections */
	/* blocks, roles and plays: what is inside */
	struct node_list children, rescue, always;
	/* plays */
	struct node_list handlers; /* of the play and all its roles, in order */
	struct role **roles;
	size_t role_count;
	const char *directory; /* of the playbook's file */
	/* tasks */
	const char *action; /* canonical: "copy", "include_tasks", …; NULL when it is a template */
	const char *written; /* the action as it is written: "ansible.builtin.copy" */
	const char *foreign; /* the collection it is of, when it is known but not to be had here */
	const char *library; /* the file of a module of a library/ folder; NULL: it is no such one */
	const struct value *action_template;
	const struct module *module; /* NULL: an action of the controller alone */
	const struct value
		*args;	 /* a map, or a string with templates (`args: "{{ x }}"`), never NULL */
	const char *raw; /* free-form text, unevaluated source kept in args under _raw_params */
	const char *loop_kind; /* "items", "dict", … of with_X; NULL: `loop` or none */
	bool (*step)(struct role_run *run, struct error *err); /* a STEP of a role in C */
	const char *step_name;
	size_t serial_number;  /* order of loading, for stable sorting */
	signed char is_chosen; /* the run's note on tags: 0 not asked yet, 1 yes, -1 no */
};

/* Without the collection in front. */
const char *role_short_name(const struct role *role);

/* The nearest value of a keyword, from the node upwards; NULL: nowhere. */
const struct value *keyword_find(const struct node *node, enum keyword keyword);
/* All values of a keyword from the outermost to the node itself (when, tags, vars, environment). */
size_t keyword_collect(
	const struct node *node, enum keyword keyword, const struct value **out, size_t room);

/* The text shown for a task: its name keyword (unevaluated), else its action. With `with_role`
 * "role : name". */
const char *node_title(const struct node *node, struct arena *into);

#endif
