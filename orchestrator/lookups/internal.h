#ifndef ORCHESTRATOR_LOOKUPS_INTERNAL_H
#define ORCHESTRATOR_LOOKUPS_INTERNAL_H
/* What the files of lookups share: one call of lookup(), and its list of results. */
#include "orchestrator/lookups/lookups.h"

struct lookup {
	const struct lookup_context *context;
	struct arena *into;
	const struct value *terms, *options;
	struct value *out;
};

typedef bool lookup_function(struct lookup *lookup, struct error *err);

const char *lookup_text(struct lookup *lookup, const struct value *term);
/* The text of a named argument, or `fallback`. */
const char *lookup_option_text(struct lookup *lookup, const char *name, const char *fallback);
bool lookup_option(struct lookup *lookup, const char *name, bool fallback);
void lookup_add_text(struct lookup *lookup, struct view text);
bool lookup_find_file(struct lookup *lookup, const char *kind, const char *name, const char **out,
	struct error *err) MUST_CHECK;
bool lookup_read_file(
	struct lookup *lookup, const char *path, struct view *out, struct error *err) MUST_CHECK;
/* Finds and reads. */
bool lookup_open(struct lookup *lookup, const char *kind, const char *name, struct view *out,
	struct error *err) MUST_CHECK;
const struct value *lookup_as_list(struct lookup *lookup, const struct value *term);
/* "a,b;c" is a list too. */
const struct value *lookup_split(
	struct lookup *lookup, const struct value *given, const char *separators);
/* "key a=1 b='x y'": the words without = go to `key`, joined by blanks, the others into `named`,
 * which begins as a copy of the options. */
const char *lookup_words(struct lookup *lookup, const char *term, struct value *named);

/* lists.c: shapes of loops. */
lookup_function lookup_dict;
lookup_function lookup_flattened;
lookup_function lookup_indexed_items;
lookup_function lookup_items;
lookup_function lookup_list;
lookup_function lookup_nested;
lookup_function lookup_random_choice;
lookup_function lookup_subelements;
lookup_function lookup_together;
/* sequence.c */
lookup_function lookup_sequence;
/* password.c */
lookup_function lookup_password;
/* files.c */
lookup_function lookup_file;
lookup_function lookup_fileglob;
lookup_function lookup_first_found;
lookup_function lookup_template;
lookup_function lookup_unvault;
/* tables.c: values inside files */
lookup_function lookup_csvfile;
lookup_function lookup_ini;
/* url.c */
lookup_function lookup_url;
/* config.c */
lookup_function lookup_config;

#endif
