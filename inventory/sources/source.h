#ifndef INVENTORY_SOURCES_SOURCE_H
#define INVENTORY_SOURCES_SOURCE_H
/*
 * One file per kind of source; each fills the inventory from a text, a file or a program. Kinds are
 * tried in the order of enable_plugins; the first that reads the source has it.
 */
#include "inventory/hosts/inventory.h"

struct source {
	struct inventory *inventory;
	const char *path;
	struct view text;	    /* of the file, decrypted */
	const struct value *config; /* of kinds that have a `plugin:` key */
	/* Set by kinds that ask others: that there is no answer is the end, and no warning; a run
	 * over no hosts would say that all is well. */
	bool *is_asking;
};

bool source_ini(const struct source *source, struct error *err) MUST_CHECK;
bool source_yaml(const struct source *source, struct error *err) MUST_CHECK;
bool source_toml(const struct source *source, struct error *err) MUST_CHECK;
bool source_script(const struct source *source, struct error *err) MUST_CHECK;
bool source_list(const struct source *source, struct error *err) MUST_CHECK;
bool source_advanced_list(const struct source *source, struct error *err) MUST_CHECK;
bool source_constructed(const struct source *source, struct error *err) MUST_CHECK;
bool source_aws_ec2(const struct source *source, struct error *err) MUST_CHECK;
bool source_generator(const struct source *source, struct error *err) MUST_CHECK;
bool source_econe(const struct source *source, struct error *err) MUST_CHECK;
bool source_terraform(const struct source *source, struct error *err) MUST_CHECK;
bool source_tfstate(const struct source *source, struct error *err) MUST_CHECK;

/* The name of a kind and a line about it, by its number from 0; false: there are no more. */
bool source_about(size_t index, const char **name, const char **doc);
/* The options of a kind with a `plugin:` file (inventory/sources/cloud_config.h); NULL: none are
 * listed. */
struct cloud_option;
const struct cloud_option *source_options(const char *name);

/* Groups as YAML and TOML write them: name to { hosts, vars, children }. */
bool source_groups(
	const struct source *source, const struct value *groups, struct error *err) MUST_CHECK;

/* A scalar of an INI inventory: Python literals where they are, else text; marked as template. */
const struct value *ini_value(struct arena *into, struct view text, const struct place *place);

#endif
