#ifndef INVENTORY_REACH_MATCH_H
#define INVENTORY_REACH_MATCH_H
/*
 * Which hosts are meant, by what the cloud says about them:
 *
 *   tag:NAME  tag:NAME=VALUE  NAME=VALUE (a filter of DescribeInstances)  group:NAME  image:NAME
 *   owner:ACCOUNT  platform:TEXT  key:NAME  name:HOST  ami-…  i-…
 *
 * Values may have * and ?; several with commas between are alternatives. As a map: filters with a
 * value or a list of values, all of which must hold.
 */
#include "value/value.h"

struct match_host {
	const char *name;
	const struct value *facts;
	const struct value *groups; /* names; may be NULL */
};

/* Says what is wrong with it: a filter that is not known. */
bool match_check(const struct value *match, struct error *err) MUST_CHECK;
bool match_has(const struct value *match, const struct match_host *host);
/* One of the texts above. */
bool match_text_check(const char *text, struct error *err) MUST_CHECK;
bool match_text_has(const char *text, const struct match_host *host);
/* As the user wrote it, for messages. */
const char *match_words(struct arena *into, const struct value *match);

/* A fact by its path ("state.name"); NULL: not there. */
const struct value *fact_get(const struct value *facts, const char *path);
/* The same as a text; NULL: not there, empty, or no text. */
const char *fact_text(const struct value *facts, const char *path);

#endif
