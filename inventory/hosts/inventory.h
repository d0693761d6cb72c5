#ifndef INVENTORY_HOSTS_INVENTORY_H
#define INVENTORY_HOSTS_INVENTORY_H
/*
 * Who the hosts are: hosts, groups, and the variables of both, merged in Ansible's order. Sources
 * (INI, YAML, lists, executables, and later clouds) fill it; patterns choose from it. Everything
 * lives in the inventory's arena.
 */
#include "base/map.h"
#include "value/value.h"

struct vault;

struct inventory_group {
	const char *name;
	struct value *vars; /* from inventory files; templates, unevaluated */
	struct inventory_group **children, **parents;
	size_t child_count, parent_count;
	struct inventory_host **hosts;
	size_t host_count;
	int depth, priority;
};

/* Where a host's variables come from; the last level counts most. */
struct inventory_level {
	const char *what, *of; /* "inventory group_vars", "web" */
	const struct value *vars;
};

struct inventory_host {
	const char *name;
	struct value *vars; /* own variables of the inventory file */
	const struct value
		*merged; /* all of inventory, group_vars and host_vars: after inventory_finish */
	struct inventory_level *levels; /* with keeps_levels */
	size_t level_count;
	struct inventory_group **groups; /* direct ones */
	size_t group_count;
	size_t number;		      /* order of appearance */
	bool is_implicit;	      /* localhost that nobody listed */
	const struct error *broken;   /* why `merged` lacks files; NULL: it does not */
	bool has_group_name;	      /* a group is called the same, which was said */
	const char *file, *directory; /* of the source that named it first */
};

struct inventory {
	struct arena arena;
	struct map hosts, groups;
	struct inventory_group *all, *ungrouped;
	const char **sources; /* paths as given, for group_vars beside them and for messages */
	size_t source_count;
	const char *file, *directory; /* of the first source */
	void (*warn)(void *context, const char *text);
	void (*tell)(void *context, const char *text); /* with -vvv; may be NULL */
	/* For sources that ask others; each may be NULL. */
	void (*progress)(void *context, const char *text); /* on a terminal; NULL: it is over */
	void (*news)(void *context, const char *line);	   /* of what is waited for */
	void (*secret)(void *context, struct view secret); /* is never to be shown */
	/* A person answers; false: nobody is there. */
	bool (*ask)(void *context, const char *question, char *answer, size_t size);
	void *warn_context;
	/* What ansible.cfg says; NULL: nothing, or there is none. */
	const char *(*setting)(const void *context, const char *section, const char *key);
	const void *setting_context;
	/* lookup() in the options of a source; NULL: refused. The context is the inventory. */
	bool (*lookup)(void *context, struct arena *into, const char *name,
		const struct value *terms, const struct value *options, const struct value **out,
		struct error *err);
	const char *mismatch; /* a pattern that matches nothing: NULL or warning, error, ignore */
	bool is_parsed;	      /* at least one source could be read */
	bool is_finished;     /* inventory_finish was called, with: */
	const char *playbook_directory;
	/* Settings; NULL: Ansible's defaults. Lists end with NULL. */
	const char *const *enabled;	     /* enable_plugins */
	const char *const *ignored_endings;  /* inventory_ignore_extensions */
	const char *const *ignored_patterns; /* inventory_ignore_patterns: regular expressions */
	const char *group_names;	     /* force_valid_group_names: always, never, … */
	bool keeps_levels;		     /* for who asks why */
	const char *const *regions;	     /* --region: no others may be asked; NULL: any */
	const char *stack;		     /* --stack: no other hosts; NULL: any */
	int64_t wait_s;			     /* --wait: so long for the stack; 0: not at all */
	bool flushes_cache;		     /* --flush-cache: clouds are asked again */
	bool merges_hashes;		     /* hash_behaviour = merge */
	bool any_unparsed_is_failed;
	bool has_odd_names;   /* told once */
	bool asks_again;      /* --watch: sources do not answer from their caches */
	bool wants_diagnosis; /* the doctor: sources ask for what inventory_explain needs */
	struct inventory_explainer *explainers;
	bool can_explain; /* a source would know more about hosts that are not reached */
	struct inventory_assumer *assumers; /* see inventory_assume_later */
	size_t unparsed_count;		    /* sources that none of the kinds could read */
	const struct value *extra_vars;	    /* -e, for constructed; may be NULL */
	struct vault *vault;		    /* opens encrypted files; NULL: they are errors */
};

struct inventory *inventory_new(void);
void inventory_free(struct inventory *inventory);
/* No hosts, groups and sources any more; what was pointed to stays valid. */
void inventory_clear(struct inventory *inventory);

/* A path (file, directory, executable) or a list with a comma in it. What cannot be read is a
 * warning, and *is_parsed is false; an error only if the settings say so. */
bool inventory_add_source(struct inventory *inventory, const char *source, bool *is_parsed,
	struct error *err) MUST_CHECK;
/* The same with the text of a file of a `plugin:`; `name` is for messages. What it says wrong is an
 * error. */
bool inventory_add_text(struct inventory *inventory, const char *name, const char *text,
	struct error *err) MUST_CHECK;
/* Reads group_vars/ and host_vars/ beside the sources and beside the playbook, and merges. May be
 * called again for another playbook directory, and after hosts or groups were added (add_host,
 * group_by). */
bool inventory_finish(
	struct inventory *inventory, const char *playbook_directory, struct error *err) MUST_CHECK;
/* The same for one host that came to be later: the implicit localhost. */
void inventory_finish_late(struct inventory *inventory, struct inventory_host *host);
/* What a host or group has of its own, with group_vars/ and host_vars/, but without what it
 * inherits: for --export. */
bool inventory_host_own_vars(struct inventory *inventory, const struct inventory_host *host,
	const struct value **out, struct error *err) MUST_CHECK;
bool inventory_group_own_vars(struct inventory *inventory, const struct inventory_group *group,
	const struct value **out, struct error *err) MUST_CHECK;
/* Hosts without a group go to `ungrouped`, groups without a parent below `all`. */
bool inventory_settle(struct inventory *inventory, struct error *err) MUST_CHECK;
/* Fails if a file of variables of this host could not be read; asked before the host is used, so
 * that a broken file harms only those it is for. */
bool inventory_host_check(const struct inventory_host *host, struct error *err) MUST_CHECK;
/* What a host has so far, merged: for sources that build on earlier ones. `with_files`: also from
 * group_vars/ and host_vars/. */
bool inventory_host_vars(struct inventory *inventory, struct inventory_host *host, bool with_files,
	const struct value **out, struct error *err) MUST_CHECK;

struct inventory_host *inventory_host_add(struct inventory *inventory, const char *name);
struct inventory_group *inventory_group_add(struct inventory *inventory, const char *name);
void inventory_group_add_host(
	struct inventory *inventory, struct inventory_group *group, struct inventory_host *host);
bool inventory_group_add_child(struct inventory *inventory, struct inventory_group *parent,
	struct inventory_group *child, struct error *err) MUST_CHECK;
struct inventory_host *inventory_host_find(const struct inventory *inventory, const char *name);
/* localhost is made on demand, as Ansible does. NULL: no such host. */
struct inventory_host *inventory_host_find_or_local(struct inventory *inventory, const char *name);
struct inventory_group *inventory_group_find(const struct inventory *inventory, const char *name);

/* All hosts of a group and its children, in order of appearance. */
struct host_list {
	struct inventory_host **hosts;
	size_t count, room;
};
void host_list_add(struct arena *arena, struct host_list *list, struct inventory_host *host);
bool host_list_has(const struct host_list *list, const struct inventory_host *host);
void inventory_group_hosts(
	const struct inventory_group *group, struct arena *into, struct host_list *out);
/* All groups a host belongs to, without "all", sorted by name: group_names. */
const struct value *inventory_group_names(const struct inventory_host *host, struct arena *into);

/* a:b, a,b, !c, &d, globs, ~regex, [0], [1:3], @file. Several patterns as a list separated by
 * commas or colons. A pattern that matches nothing is a warning, as Ansible has it; the list may
 * come back empty. */
bool inventory_match(struct inventory *inventory, const char *pattern, struct arena *into,
	struct host_list *out, struct error *err) MUST_CHECK;

/* For sources. */
/* What follows from a host's variables can be told only when they are all merged. `assume` is
 * called at the end of each inventory_finish, and may call inventory_host_assume. */
void inventory_assume_later(struct inventory *inventory,
	bool (*assume)(void *context, struct inventory *inventory, struct error *err),
	void *context);
/* Variables below all others: those that the host has from elsewhere stay. `from`: the source. */
void inventory_host_assume(struct inventory *inventory, struct inventory_host *host,
	const struct value *vars, const char *from);
/* Why a host is not reached, or what it needs and has not, by who knows its cloud: `explain` adds
 * plain sentences to a list. `is_lost`: it was tried and did not answer; `needs`: a list of {
 * protocol, port, by }. What cannot be asked is a sentence as well. */
void inventory_explain_by(struct inventory *inventory,
	void (*explain)(void *context, struct inventory_host *host, bool is_lost,
		const struct value *needs, struct value *out),
	void *context);
void inventory_explain(struct inventory *inventory, struct inventory_host *host, bool is_lost,
	const struct value *needs, struct value *out);
void inventory_warn(struct inventory *inventory, const char *format, ...) FORMAT(2, 3);
/* Names what a text says: "host:port", "[address]:port", with ranges if those are allowed. False:
 * it is no address; *host is then the text as it is, and *port is 0 (which stands for none). */
bool inventory_address(struct view text, bool allows_ranges, struct view *host, int64_t *port);
/* The hosts that a pattern with ranges and port names, in the group, with these variables (a map,
 * or NULL). */
bool inventory_add_pattern(struct inventory *inventory, struct view pattern,
	struct inventory_group *group, const struct value *vars, struct error *err) MUST_CHECK;
/* What no identifier can have, in any script, becomes an underscore, and so does a figure at the
 * beginning. */
const char *inventory_safe_name(struct arena *into, const char *name);
/* The same of the name of a group, if the settings say so. */
const char *inventory_group_name(struct inventory *inventory, const char *name);
/* A variable of a group; ansible_group_priority is none. */
void inventory_group_set(struct inventory *inventory, struct inventory_group *group,
	const struct value *key, const struct value *value);
/* web[01:20].example.org, db-[a:c]: calls `add` for each; false: not a valid range. */
bool inventory_expand(struct inventory *inventory, struct view pattern,
	bool (*add)(void *context, const char *name, struct error *err), void *context,
	struct error *err) MUST_CHECK;

#endif
