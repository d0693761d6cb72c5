#ifndef LIB_MODULE_TREE_H
#define LIB_MODULE_TREE_H
/* A whole directory to its place: entries as the controller's prepare describes them, or as found
 * on the target. */
#include "module/attributes.h"
#include "module/host.h"

struct tree_settings {
	const char *dest;	     /* the directory that the entries' paths count from */
	const char *source;	     /* on the target; NULL: the entries come from the controller */
	const struct value *entries; /* the `_tree` list; NULL: walk `source` */
	const char *directory_mode;
	bool force, backup, keeps_mode;
	bool follow; /* links of `source`, as prepare's attach_tree does */
	struct attributes attributes;
};

struct tree;

bool tree_inspect(struct module_call *call, const struct tree_settings *settings, struct tree **out,
	struct error *err) MUST_CHECK;
bool tree_apply(struct module_call *call, struct tree *tree, struct error *err) MUST_CHECK;

#endif
