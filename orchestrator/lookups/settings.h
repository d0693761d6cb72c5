#ifndef ORCHESTRATOR_LOOKUPS_SETTINGS_H
#define ORCHESTRATOR_LOOKUPS_SETTINGS_H
/* The settings of Ansible by name, as playbooks ask for them with lookup('config', …). What of them
 * has an effect here is in orchestrator/cli/options.c. */

enum setting_type {
	SETTING_STRING,
	SETTING_BOOL,
	SETTING_INT,
	SETTING_FLOAT,
	SETTING_LIST,
	SETTING_DICTIONARY,
	SETTING_PATH,
	SETTING_PATHLIST,
	SETTING_TMPPATH,
};

struct setting_row {
	const char *name;
	enum setting_type type;
	const char *fallback;	 /* NULL: None */
	const char *environment; /* names with blanks between, or NULL */
	const char *ini;	 /* "section.key", likewise */
};

extern const struct setting_row setting_table[]; /* ends with a NULL name */

#endif
