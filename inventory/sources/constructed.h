#ifndef INVENTORY_SOURCES_CONSTRUCTED_H
#define INVENTORY_SOURCES_CONSTRUCTED_H
/*
 * What the kind `constructed` does, for other kinds whose hosts come with variables: compose,
 * groups and keyed_groups of a configuration, with its strict, leading_separator and
 * use_extra_vars.
 */
#include "inventory/hosts/inventory.h"

struct constructed;

/* Both live as long as what comes of them; the configuration may be NULL. */
struct constructed *constructed_new(struct inventory *inventory, const struct value *config);
/* Names of groups as this makes them, instead of as Ansible's identifiers; what the settings say
 * comes on top. */
void constructed_set_names(struct constructed *constructed,
	const char *(*sanitize)(struct arena *into, const char *name));
void constructed_free(struct constructed *constructed);

/* Sets the host's composed variables, and adds it to groups. `compose` sees `vars` (a map);
 * `groups` and `keyed_groups` see the host's own variables before these. The names
 * inventory_hostname, inventory_hostname_short and group_names are there, unless vars has them.
 * Fails only with strict, or when a group cannot be. */
bool constructed_apply(struct constructed *constructed, struct inventory_host *host,
	const struct value *vars, struct error *err) MUST_CHECK;

/* The group of a name that is made here: always made a safe one, without a word. */
struct inventory_group *constructed_group(struct inventory *inventory, const char *name);

#endif
