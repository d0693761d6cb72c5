#ifndef ORCHESTRATOR_VARS_SCOPE_H
#define ORCHESTRATOR_VARS_SCOPE_H
/*
 * Where a name in a template gets its value: layers of maps, highest precedence first, in Ansible's
 * order. A scope is made for one task on one host (or for a host alone, for hostvars) and borrows
 * everything it points to.
 */
#include "orchestrator/playbook/node.h"
#include "template/template.h"

enum { SCOPE_LAYERS = 96 };

struct scope_layer {
	const struct value *map;
	const char *what; /* "play vars" …: for who asks where a value comes from */
	bool is_registered; /* names may be on their way (`is_pending`) */
	bool is_facts;	    /* likewise, names that begin with ansible_ */
	const struct role
		*c_role; /* defaults of a role in C: older names of its variables are tried first */
};

struct scope {
	struct scope_layer layers[SCOPE_LAYERS];
	size_t count;
	/* Names that are computed: inventory_hostname, groups, hostvars … `*out` NULL: not one of
	 * them. */
	bool (*magic)(void *context, struct arena *into, struct view name, const struct value **out,
		struct error *err);
	/* Is the value of this name on its way from the host? NULL: nothing is. */
	bool (*is_pending)(void *context, struct view name, bool is_fact);
	void *context;
	bool merges_hashes; /* hash_behaviour: merge */
};

/* NULL and empty maps are left out. */
void scope_add(struct scope *scope, const struct value *map, const char *what);
/* The task's own layers, in order: vars of task and blocks; of roles; of the play. */
void scope_add_task_vars(struct scope *scope, const struct node *node);
void scope_add_include_vars(struct scope *scope, const struct node *node);
void scope_add_role_params(struct scope *scope, const struct node *node);
void scope_add_role_vars(struct scope *scope, const struct node *node);
void scope_add_play_vars(struct scope *scope, const struct node *play);
void scope_add_role_defaults(struct scope *scope, const struct node *node);

/* For template_scope.find and .names; the context is the scope. */
bool scope_find(void *scope, struct arena *into, struct view name, const struct value **out,
	struct error *err);
bool scope_names(void *scope, struct arena *into, const struct value **out, struct error *err);

#endif
