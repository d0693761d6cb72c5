#ifndef LIB_MODULE_WORDS_H
#define LIB_MODULE_WORDS_H
/* Command lines: cut into words as a POSIX shell would (shlex), and put together with quotes. */
#include "base/arena.h"
#include "base/error.h"

/* `*out` is NULL-terminated. Quotes and backslashes as in sh; nothing is expanded. */
bool words_cut(struct arena *into, const char *text, const char *const **out,
	struct error *err) MUST_CHECK;
/* In single quotes where that is needed. */
const char *word_quote(struct arena *into, const char *word);
/* Between spaces, without quotes. */
const char *words_join(struct arena *into, const char *const *words);
/* A growing NULL-terminated list. */
void words_add(struct arena *into, const char *const **words, const char *word);

#endif
