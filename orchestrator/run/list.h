#ifndef ORCHESTRATOR_RUN_LIST_H
#define ORCHESTRATOR_RUN_LIST_H
#include "orchestrator/run/internal.h"

/* --list-hosts, --list-tasks, --list-tags, --syntax-check. The exit code. */
int list_playbooks(struct run *run, struct playbook *const *playbooks, size_t count);
/* Asks on the terminal; false: there is none, or no answer. */
bool prompt_ask(const char *prompt, bool is_secret, char *answer, size_t size);

#endif
