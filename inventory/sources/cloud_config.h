#ifndef INVENTORY_SOURCES_CLOUD_CONFIG_H
#define INVENTORY_SOURCES_CLOUD_CONFIG_H
/* The options of a source that asks a cloud: a table of names, read from a file with `plugin:`. */
#include "inventory/sources/source.h"

enum { CLOUD_ALIASES = 4 };

struct cloud_option {
	const char *name;     /* NULL ends the table */
	bool may_be_template; /* with lookups; of other options templates stay as they are */
	const char *aliases[CLOUD_ALIASES];
};

/* The options under their own names. What the table does not have is told as a warning. */
bool cloud_config_read(const struct source *source, const struct cloud_option *table,
	const struct value **out, struct error *err) MUST_CHECK;

/* NULL: not given, None, or an empty text. Numbers are shown. */
const char *cloud_text(struct arena *into, const struct value *config, const char *name);
bool cloud_flag(const struct value *config, const char *name, bool fallback);
/* A list, or what stands alone as a list of one; *out is NULL where nothing is given. */
bool cloud_list(struct arena *into, const struct value *config, const char *name,
	const struct value **out, struct error *err) MUST_CHECK;

#endif
