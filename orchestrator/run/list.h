#ifndef ORCHESTRATOR_RUN_LIST_H
#define ORCHESTRATOR_RUN_LIST_H
#include "orchestrator/run/internal.h"

/* --list-hosts, --list-tasks, --list-tags, --syntax-check. The exit code. */
int list_playbooks(struct run *run, struct playbook *const *playbooks, size_t count);

#endif
