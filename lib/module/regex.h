#ifndef LIB_MODULE_REGEX_H
#define LIB_MODULE_REGEX_H
/*
 * Regular expressions as Python's `re` means them on bytes, done by PCRE2: what is written
 * otherwise there (\Z,
 * {,n}) is rewritten. Replacements know \1, \g<1>, \g<name>, \n, \t and \\.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct regex;

enum regex_flag { REGEX_MULTILINE = 1, REGEX_DOTALL = 2 };
enum { REGEX_GROUPS = 64 };

struct regex_match {
	size_t start, end;
	struct view groups[REGEX_GROUPS]; /* data NULL: took no part */
	size_t group_count;		  /* with group 0 */
};

bool regex_compile(
	const char *pattern, unsigned flags, struct regex **out, struct error *err) MUST_CHECK;
void regex_free(struct regex *regex);
static inline void
cleanup_regex(struct regex **regex)
{
	regex_free(*regex);
}
#define _cleanup_regex_ __attribute__((cleanup(cleanup_regex)))

/* The first match at `from` or behind. */
bool regex_search(
	const struct regex *regex, struct view text, size_t from, struct regex_match *out);
/* The name of a group; NULL: it has none. The view ends with the regex. */
const char *regex_group_name(const struct regex *regex, size_t group);
/* The replacement for one match. */
bool regex_expand(const struct regex *regex, const struct regex_match *match,
	const char *replacement, struct str *out, struct error *err) MUST_CHECK;
/* re.subn: `*count` is how many were replaced. */
bool regex_replace(const struct regex *regex, struct view text, const char *replacement,
	struct str *out, size_t *count, struct error *err) MUST_CHECK;

#endif
