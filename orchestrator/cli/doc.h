#ifndef ORCHESTRATOR_CLI_DOC_H
#define ORCHESTRATOR_CLI_DOC_H
/*
 * `ertc doc`: every kind of thing that has docs is a row of doc_kinds. A description is a value in
 * the shape of ansible-doc's JSON, made of the tables; one printer makes text of any of them.
 */
#include "module/module.h"

struct doc {
	struct arena arena;
	const char *const *roles_path; /* ended by NULL */
	const char *const *collections_path;
	const char *entry; /* of a role; NULL: all of them */
};

struct doc_kind {
	const char *name, *about;
	/* A map of names and their summaries. */
	const struct value *(*list)(struct doc *doc);
	/* *out is NULL when there is no such name; false: it cannot be read. */
	bool (*describe)(
		struct doc *doc, const char *name, const struct value **out, struct error *err);
};

extern const struct doc_kind doc_kinds[]; /* ended by a NULL name */

/* doc_module.c: modules, and the actions that no file in modules/ stands for. */
const struct value *doc_list_modules(struct doc *doc);
bool doc_describe_module(
	struct doc *doc, const char *name, const struct value **out, struct error *err);
/* By any of its names; NULL: unknown. */
const struct module *doc_module_find(const char *name);

/* doc_actions.c: only names, summaries, parameters and examples are set. Ended by a NULL name. */
extern const struct module doc_actions[];

/* doc_role.c: roles in C, and folders with meta/argument_specs.yml. */
const struct value *doc_list_roles(struct doc *doc);
bool doc_describe_role(
	struct doc *doc, const char *name, const struct value **out, struct error *err);

/* doc_print.c: text on stdout. */
void doc_print(const char *kind, const char *name, const struct value *description);
/* A task with all parameters of a module. */
void doc_print_snippet(const char *name, const struct value *description);

#endif
