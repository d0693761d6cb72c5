#ifndef INVENTORY_SOURCES_RENDER_H
#define INVENTORY_SOURCES_RENDER_H
/*
 * An inventory as a file of the static kinds, in one order: groups, hosts and keys by name. So two
 * renderings differ where the fleets do, and nowhere else.
 *
 * The tree is a map of groups, each { hosts: { NAME: vars or none }, children: { NAME: none },
 * vars: { … } } of those that are not empty; a host's variables stand below `all`. What is written
 * is read again before it is given out: a value that the form cannot hold is an error that names
 * it. Encrypted values stay so, and what is no template does not become one (!unsafe); INI has
 * neither.
 */
#include "value/value.h"

enum render_form { RENDER_YAML, RENDER_INI };

/* By the ending: .yml, .yaml, -: YAML; .ini or none: INI. */
bool render_form_of(const char *path, enum render_form *out, struct error *err) MUST_CHECK;
bool render_tree(const struct value *tree, enum render_form form, struct str *out,
	struct error *err) MUST_CHECK;

#endif
