#ifndef ORCHESTRATOR_LOOKUPS_LOOKUPS_H
#define ORCHESTRATOR_LOOKUPS_LOOKUPS_H
/*
 * lookup('name', …), query('name', …) and with_name loops: what is looked at on the controller.
 * Results are data (rule R1): no string of them carries VALUE_TEMPLATE. The room knows neither
 * plays nor hosts; who calls says through a context where files are and what names mean.
 */
#include "template/template.h"

#define LOOKUP_KIND_OF_TASK "of task"

struct lookup_context {
	struct template_env *env;
	const struct template_scope *names;
	/* Where a path that is not absolute belongs when a file is made; NULL: where we are. */
	const char *directory;
	/* The path of a file of a kind ("files", "templates", "vars") as Ansible searches;
	 * LOOKUP_KIND_OF_TASK: of the kind that the task at hand would read itself. */
	bool (*find_file)(void *context, const char *kind, const char *name, struct arena *into,
		const char **out, struct error *err);
	bool (*read_file)(void *context, const char *path, struct arena *into, struct view *out,
		struct error *err);
	/* A list of the folders in which relative paths are searched, nearest first. */
	const struct value *(*folders)(void *context, struct arena *into);
	/* The names of the hosts a pattern matches, added to `out`; NULL: there is no inventory. */
	bool (*hosts)(void *context, const char *pattern, struct arena *into, struct value *out,
		struct error *err);
	void (*warn)(void *context, const char *text); /* NULL: nobody listens */
	/* The text of ansible.cfg's key, or NULL; the member may be NULL. */
	const char *(*setting)(void *context, const char *section, const char *key);
	void *context;
};

/* `terms` is a list, `options` a map of the named arguments. *out is a list; NULL when the lookup
 * failed and errors=ignore or errors=warn was given. */
bool lookup_call(const struct lookup_context *context, struct arena *into, const char *name,
	const struct value *terms, const struct value *options, const struct value **out,
	struct error *err) MUST_CHECK;

/* The name of a lookup and a line about it, by its number from 0; false: there are no more. */
bool lookup_about(size_t index, const char **name, const char **doc);

#endif
