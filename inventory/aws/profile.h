#ifndef INVENTORY_AWS_PROFILE_H
#define INVENTORY_AWS_PROFILE_H
/*
 * The files config and credentials of the AWS tools. A section is a map of texts by lower-case
 * names, whose values remember file and line. What stands indented below a setting belongs to it:
 * "\nname = value\nname2 = value2" where the setting itself is empty. Sections and settings with
 * names that are not allowed are left out, as the tools do.
 */
#include "value/value.h"

enum profile_kind { PROFILE_PLAIN, PROFILE_SSO_SESSION, PROFILE_SERVICES, PROFILE_KINDS };

struct profiles {
	struct value *sections[PROFILE_KINDS]; /* maps: name → section */
};

/* Empty, in the arena. */
struct profiles *profiles_new(struct arena *into);
/* Adds the text of a file, the config file first: what the credentials file says wins. `file` is
 * for messages and lives as long as the arena. ERR_PARSE with file and line. */
bool profiles_add(struct profiles *profiles, struct arena *into, const char *file, struct view text,
	bool is_credentials, struct error *err) MUST_CHECK;
/* NULL: there is no such section. */
const struct value *profiles_section(
	const struct profiles *profiles, enum profile_kind kind, const char *name);
/* "endpoint_url" of the lines below a setting, in the arena. NULL: none. */
const char *profile_nested(struct arena *into, const struct value *setting, const char *name);
/* The secret keys that were read. */
void profiles_wipe(struct profiles *profiles);

#endif
