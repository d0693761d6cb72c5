#ifndef ORCHESTRATOR_RUN_PROMPT_H
#define ORCHESTRATOR_RUN_PROMPT_H
/*
 * Questions at the terminal. While one is asked, Ctrl+C and SIGTERM end it: the terminal is given
 * back as it was, and the signal is then raised again for whom it was meant for.
 */
#include "orchestrator/run/internal.h"

/* Asks on the terminal; false: there is none, or no answer, or a signal came. */
bool prompt_ask(const char *prompt, bool is_secret, char *answer, size_t size);
/* Asks what the rows of vars_prompt say (NULL: nothing), into `play->prompted`. */
bool prompts_ask(struct play_run *play, const struct value *rows, struct error *err) MUST_CHECK;

#endif
