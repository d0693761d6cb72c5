/* meta: refresh_inventory. The sources are read anew, and what add_host and group_by brought is added
 * again. Hosts that are gone stay in the play that has them, as in Ansible. */
#include "orchestrator/run/internal.h"

static void
hosts_point_again(struct run *run)
{
	for (size_t i = 0; i < run->hosts.count; i++) {
		struct run_host *host = run->hosts.entries[i].value;
		struct inventory_host *now = inventory_host_find(run->inventory, host->name);

		if (now)
			host->inventory = now;
		host->link = NULL;
	}
	run->groups_value = NULL;
}

bool
inventory_refresh(struct run *run, struct error *err)
{
	struct inventory *inventory = run->inventory;
	const char **sources = inventory->sources;
	size_t count = inventory->source_count;
	bool is_parsed;

	inventory_clear(inventory);
	for (size_t i = 0; i < count; i++)
		if (!inventory_add_source(inventory, sources[i], &is_parsed, err))
			return false;
	if (!inventory_settle(inventory, err) || !inventory_add_again(run, err) ||
		!inventory_finish(inventory, run->play->node->directory, err))
		return false;
	hosts_point_again(run);
	return true;
}
