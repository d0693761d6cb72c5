#ifndef ORCHESTRATOR_RUN_LOOKUPS_H
#define ORCHESTRATOR_RUN_LOOKUPS_H
/* What the files of lookups share: one call of lookup(), and its list of results. */
#include "orchestrator/run/internal.h"

struct lookup {
	struct task_scope *scope;
	struct arena *into;
	const struct value *terms, *options;
	struct value *out;
};

typedef bool lookup_function(struct lookup *lookup, struct error *err);

const char *lookup_text(struct lookup *lookup, const struct value *term);
bool lookup_option(struct lookup *lookup, const char *name, bool fallback);
const struct node *lookup_node(const struct lookup *lookup); /* where files are searched from */
const struct value *lookup_as_list(struct lookup *lookup, const struct value *term);
/* "a,b;c" is a list too. */
const struct value *lookup_split(
	struct lookup *lookup, const struct value *given, const char *separators);

/* lookups_lists.c: shapes of loops. */
lookup_function lookup_dict;
lookup_function lookup_flattened;
lookup_function lookup_indexed_items;
lookup_function lookup_items;
lookup_function lookup_list;
lookup_function lookup_nested;
lookup_function lookup_random_choice;
lookup_function lookup_sequence;
lookup_function lookup_subelements;
lookup_function lookup_together;
/* lookups_password.c */
lookup_function lookup_password;

#endif
