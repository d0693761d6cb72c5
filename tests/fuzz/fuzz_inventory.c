/* libFuzzer: inventories (INI, YAML, TOML) and host patterns from a hostile repository. Nothing may
 * crash, leak or run for ever; what is read can be finished and matched. */
#include "inventory/sources/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
read_with(bool (*read)(const struct source *source, struct error *err), struct view text,
	const char *pattern)
{
	struct inventory *inventory = inventory_new();
	const struct source source = { .inventory = inventory, .path = "fuzz", .text = text };
	struct host_list found = { 0 };
	struct error err = { 0 };
	struct arena arena;

	arena_init(&arena);
	inventory->is_parsed = read(&source, &err);
	if (!inventory->is_parsed && err.kind == ERR_NONE)
		BUG("a failure without an error");
	if (inventory_finish(inventory, NULL, &err))
		if (!inventory_match(inventory, pattern, &arena, &found, &err) &&
			err.kind == ERR_NONE)
			BUG("a pattern fails without an error");
	arena_release(&arena);
	inventory_free(inventory);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	/* The first line is the pattern, the rest the inventory. */
	struct view rest = { (const char *)bytes, length }, line = { NULL, 0 };
	struct arena arena;

	arena_init(&arena);
	if (view_cut(&rest, '\n', &line)) {
		const char *pattern = arena_view(&arena, line);

		read_with(source_ini, rest, pattern);
		read_with(source_toml, rest, pattern);
		read_with(source_yaml, rest, pattern);
	}
	arena_release(&arena);
	return 0;
}
