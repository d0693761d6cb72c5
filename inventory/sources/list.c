/* -i host1,host2, : a list of hosts (ranges too) with at least one comma. */
#include "inventory/sources/source.h"

static bool
add(void *context, const char *name, struct error *err)
{
	struct inventory *inventory = context;

	(void)err;
	inventory_group_add_host(
		inventory, inventory->ungrouped, inventory_host_add(inventory, name));
	return true;
}

bool
source_list(struct inventory *inventory, const char *list, struct error *err)
{
	struct view rest = view_of(list), piece;

	while (view_cut(&rest, ',', &piece)) {
		piece = view_trim(piece);
		if (piece.length && !inventory_expand(inventory, piece, add, inventory, err))
			return false;
	}
	return true;
}
