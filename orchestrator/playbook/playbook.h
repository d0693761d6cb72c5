#ifndef ORCHESTRATOR_PLAYBOOK_PLAYBOOK_H
#define ORCHESTRATOR_PLAYBOOK_PLAYBOOK_H
/*
 * Reads playbooks, task files and roles into nodes, and reports what is wrong with file, line and
 * column before any connection is made: unknown keywords and modules, wrong parameters, missing
 * files, template syntax.
 */
#include "orchestrator/playbook/node.h"
#include "template/template.h"
#include "yaml/yaml.h"

/* What is being read, and with which settings; lives as long as the run. */
struct playbook_reader {
	struct arena *arena;
	struct template_env *templates;
	const char *const *roles_path;	  /* folders, NULL-terminated */
	const char *const *library_path;  /* folders of modules; ended by NULL, may be NULL */
	const char **libraries, **looked; /* library/ folders seen so far; folders looked at */
	size_t library_count, looked_count;
	void (*warn_plugin)(void *context, const struct place *place, const char *text);
	const char *const
		*collections_path; /* likewise: ansible_collections/ is inside; may be NULL */
	void (*warn)(void *context, const struct place *place, const char *text);
	/* What is accepted and does less than is written; told at most once for each place. */
	void (*caution)(void *context, const struct place *place, const char *text);
	void *context;
	struct vault *vault; /* opens encrypted files; may be NULL */
	/* For static imports, whose file name may hold variables that are known without hosts. The
	 * scope's owner reads static_node, which is set while it is asked. NULL: no variables. */
	const struct template_scope *static_scope;
	const struct node *static_node;
	const struct value *import_vars; /* of the import_playbook being read; NULL: none */
	size_t serial_number;
	bool is_listing;	 /* --list-tasks and its like: nothing will be run */
	bool is_dynamic;	 /* what is being read was included by a running play */
	bool refuses_duplicates; /* keys given twice are an error */
};

/* How the reader reads YAML. */
struct yaml_options reader_yaml(const struct playbook_reader *reader);

struct playbook {
	const char *path, *directory;
	struct node_list plays;
};

/* import_playbook is followed. */
bool playbook_read(struct playbook_reader *reader, const char *path, struct playbook **out,
	struct error *err) MUST_CHECK;

/* A playbook of one play that was made in memory, as if it stood in `directory`. */
bool playbook_of_play(struct playbook_reader *reader, const struct value *play,
	const char *directory, struct playbook **out, struct error *err) MUST_CHECK;

/* A list of tasks (and blocks) under `parent`; static imports are followed. `directory`: of the
 * file they stand in. */
bool tasks_read(struct playbook_reader *reader, const struct value *list, struct node *parent,
	bool are_handlers, struct node_list *out, struct error *err) MUST_CHECK;
/* The tasks of a file, in a block of their own under `parent`. */
bool task_file_read(struct playbook_reader *reader, const char *path, struct node *parent,
	bool are_handlers, struct node **out_block, struct error *err) MUST_CHECK;

/* The module_utils/ folders that a module of a library/ may import from. */
const struct value *library_utils(struct arena *into, const struct node *node);

/* Variables of a file, as a map (empty for an empty file). */
bool vars_file_read(struct playbook_reader *reader, const char *path, const struct value **out,
	struct error *err) MUST_CHECK;

/* roles: how one is used. Gives a NODE_ROLE under `parent`, its dependencies' nodes before it in
 * `out`. */
struct role_use {
	const char *name;
	const struct value *params;					    /* map or NULL */
	const char *tasks_from, *vars_from, *defaults_from, *handlers_from; /* NULL: main */
	const struct value *keywords; /* the map it was written in, or NULL */
	struct place place;
	bool is_include;       /* include_role, import_role: does not stand under roles: */
	bool is_private;       /* include_role without `public`: its variables are its own */
	bool skips_validation; /* rolespec_validate: false */
};
bool role_read(struct playbook_reader *reader, const struct role_use *use, struct node *parent,
	const struct role *parent_role, struct node_list *out, struct error *err) MUST_CHECK;

/* Finds `name` for a node as Ansible searches: the role's `kind` folder, the role, the folders of
 * parent roles, the folder of the file the node stands in, the playbook's `kind` folder, the
 * playbook. The error names all places. */
bool file_find(const struct node *node, const char *kind, const char *name, struct arena *into,
	const char **out, struct error *err) MUST_CHECK;

/* Can all templates of a task be parsed, and does every filter and test exist? */
bool task_check_templates(struct template_env *env, const struct node *task, struct arena *scratch,
	struct error *err) MUST_CHECK;

/* "k=v k2='v w'" with Ansible's rules for quotes and {{ }}. The values are templates, with the
 * place of `source`. */
enum free_form {
	FREE_FORM_NONE, /* every word is a pair */
	FREE_FORM_FILE, /* words that are no pair stay under _raw_params (include_tasks: x.yml a=1)
			 */
	FREE_FORM_COMMAND, /* likewise, and only chdir=, creates= … are pairs */
};
bool arguments_parse(struct arena *into, const struct value *source, enum free_form form,
	struct value **out, struct error *err) MUST_CHECK;

bool is_switched_on(const struct value *map, const char *key);	/* "key: true" */
bool is_switched_off(const struct value *map, const char *key); /* "key: false" */
/* "30", "30%" or a number. */
bool percentage_of(const struct value *value, double *out) MUST_CHECK;
bool is_identifier(const char *name);				/* may a variable be called so? */

/* Tags of a node with those inherited, as texts; templates in them are left as they are. */
const struct value *node_tags(const struct node *node, struct arena *into);
/* Does --tags/--skip-tags choose it? `only` and `skip` are lists of texts (only: empty means all).
 */
bool tags_choose(const struct value *tags, const struct value *only, const struct value *skip);

#endif
