#ifndef LIB_MODULE_PUT_H
#define LIB_MODULE_PUT_H
/*
 * What copy and template have in common on the target: content from the controller (or from a file
 * there) that is to stand at a path, with the rules for directories, backup, validation, force and
 * follow.
 */
#include "module/attributes.h"
#include "module/host.h"

struct put_settings {
	const char *dest;
	const char *name;	     /* the file's name, if dest is a directory; NULL: none */
	const char *source;	     /* shown in diffs; with remote_src, the file to copy */
	const struct value *content; /* a content map; NULL: copy `source` on the target */
	const char *validate;
	bool backup, force, follow, unsafe_writes;
	bool keeps_mode;	/* mode: preserve, with remote_src */
	int64_t mode_of_source; /* mode: preserve, from the controller; -1: none */
	const char *directory_mode;
	struct attributes attributes;
};

struct put; /* from inspect to apply */

bool put_inspect(struct module_call *call, const struct put_settings *settings, struct put **out,
	struct error *err) MUST_CHECK;
bool put_apply(struct module_call *call, struct put *put, struct error *err) MUST_CHECK;

#endif
