/* -i host1,host2, : a list of hosts with at least one comma; the advanced one knows ranges. */
#include "inventory/sources/source.h"

bool
source_list(const struct source *source, struct error *err)
{
	struct inventory *inventory = source->inventory;
	struct view rest = view_of(source->path), piece, host;
	int64_t port;

	(void)err;
	while (view_cut(&rest, ',', &piece)) {
		const char *name;
		bool is_new;

		piece = view_trim(piece);
		if (!piece.length)
			continue;
		inventory_address(piece, false, &host, &port);
		name = arena_view(&inventory->arena, host);
		is_new = !inventory_host_find(inventory, name);
		inventory_group_add_host(
			inventory, inventory->ungrouped, inventory_host_add(inventory, name));
		if (port && is_new)
			value_set(&inventory->arena, inventory_host_find(inventory, name)->vars,
				"ansible_port", value_int(&inventory->arena, port));
	}
	return true;
}

bool
source_advanced_list(const struct source *source, struct error *err)
{
	struct inventory *inventory = source->inventory;
	struct view rest = view_of(source->path), piece;

	while (view_cut(&rest, ',', &piece)) {
		piece = view_trim(piece);
		if (!piece.length)
			continue;
		if (inventory_add_pattern(inventory, piece, inventory->ungrouped, NULL, err))
			continue;
		if (!text_starts(err->what, "host range must specify end"))
			return fail(err, ERR_PARSE, "Invalid data from string, could not parse: %s",
				source->path);
		/* An open range is a name, as strange as it looks. */
		if (inventory->tell)
			inventory->tell(inventory->warn_context,
				arena_format(&inventory->arena,
					"Unable to parse address from hostname, leaving unchanged: "
					"%s",
					err->what));
		inventory_group_add_host(inventory, inventory->ungrouped,
			inventory_host_add(inventory, arena_view(&inventory->arena, piece)));
	}
	return true;
}
