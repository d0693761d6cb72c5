#ifndef INVENTORY_SOURCES_SOURCE_H
#define INVENTORY_SOURCES_SOURCE_H
/* One file per kind of source; each fills the inventory from a text, a file or a program. */
#include "inventory/hosts/inventory.h"

bool source_ini(struct inventory *inventory, const char *path, struct view text,
	struct error *err) MUST_CHECK;
bool source_yaml(struct inventory *inventory, const char *path, struct view text,
	struct error *err) MUST_CHECK;
bool source_script(struct inventory *inventory, const char *path, struct error *err) MUST_CHECK;
bool source_list(struct inventory *inventory, const char *list, struct error *err) MUST_CHECK;
/* The JSON that executables print (--list): groups, children, vars, _meta.hostvars. */
bool source_json(struct inventory *inventory, const char *path, const struct value *json,
	struct error *err) MUST_CHECK;

/* A scalar of an INI inventory: Python literals where they are, else text; marked as template. */
const struct value *ini_value(struct arena *into, struct view text, const struct place *place);

#endif
