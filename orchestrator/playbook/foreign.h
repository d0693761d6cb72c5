#ifndef ORCHESTRATOR_PLAYBOOK_FOREIGN_H
#define ORCHESTRATOR_PLAYBOOK_FOREIGN_H
/*
 * Modules that exist in Ansible's collections, but not here. A task may name one: it is listed, its
 * conditions are asked, and only doing it is an error.
 */

/* The collection a module is of ("community.general" for "zypper"), by its short or full name. NULL:
 * no collection that Ansible is packaged with has it. */
const char *foreign_collection(const char *name);

#endif
