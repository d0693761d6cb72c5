/* Which version this is. */
#include <stdio.h>

#include "orchestrator/cli/cli.h"

void
version_print(const char *program)
{
	printf("%s %s\n  speaks ansible-core 2.14's playbooks; runners inside: " ERTC_RUNNERS "\n",
		program, ERTC_VERSION);
}
