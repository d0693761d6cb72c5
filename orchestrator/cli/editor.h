#ifndef ORCHESTRATOR_CLI_EDITOR_H
#define ORCHESTRATOR_CLI_EDITOR_H
/* Secrets before the eyes of a person: an editor on a file that only we can read, a pager on a
 * pipe. */
#include "base/error.h"
#include "base/str.h"

/* Lets $EDITOR (VISUAL, vi) change the text. It works on a file of mode 0600 in a folder of its
 * own, in memory where the system has some; both are gone afterwards, whatever ends us. `name`
 * gives the file its ending, so that the editor knows its syntax. */
bool editor_run(struct str *text, const char *name, struct error *err) MUST_CHECK;

/* Through $PAGER (less). */
bool pager_show(struct view text, struct error *err) MUST_CHECK;

/* A line from the terminal. False: there is none. */
bool terminal_ask(const char *prompt, bool shows, char *answer, size_t size);

#endif
