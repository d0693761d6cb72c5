#ifndef LIB_MODULE_STEPS_H
#define LIB_MODULE_STEPS_H
/*
 * For modules whose change is a few commands: inspect adds them, steps_apply runs them one after
 * another. call->state is theirs; without a step there is nothing to change.
 */
#include "module/host.h"

/* `words` ends with NULL and lives in the call's arena (TEXTS of a static text is no such thing:
 * the list is copied, the texts are not). */
void steps_add(struct module_call *call, const char *const *words);
bool steps_apply(struct module_call *call, struct error *err) MUST_CHECK;
/* Fails as Ansible does if the program is not there. */
bool program_need(struct module_call *call, const char *name, struct error *err) MUST_CHECK;
/* Runs it for what it says; `*out` NULL: it failed. */
bool program_ask(struct module_call *call, const char *const *argv, const char **out,
	struct error *err) MUST_CHECK;

#endif
