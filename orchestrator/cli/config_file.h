#ifndef ORCHESTRATOR_CLI_CONFIG_FILE_H
#define ORCHESTRATOR_CLI_CONFIG_FILE_H
/* ansible.cfg: found where Ansible finds it, and read into the options through their table. */
#include "orchestrator/cli/options.h"

void config_file_find(struct options *options);
/* What the file says, also where the table has no row for it, unless a variable ERTC_… says
 * otherwise; NULL: nothing. */
const char *config_file_setting(
	const struct options *options, const char *section, const char *key);

#endif
