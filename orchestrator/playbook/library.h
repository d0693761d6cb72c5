#ifndef ORCHESTRATOR_PLAYBOOK_LIBRARY_H
#define ORCHESTRATOR_PLAYBOOK_LIBRARY_H
/* A repository's own modules (run on the target) and plugins (named, and not run). */
#include "orchestrator/playbook/reader.h"

/* The file of a module, searched where Ansible does; NULL: there is none. */
const char *library_find(
	struct playbook_reader *reader, const struct node *node, const char *name);
/* Takes note of the library/ of a playbook's or role's folder, and warns of its plugins. */
void library_look(struct playbook_reader *reader, const char *directory);

#endif
