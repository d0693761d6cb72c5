/* libFuzzer: states and outputs of Terraform that somebody else may have written. Nothing may
 * crash, leak or run for ever; what is read can be finished; what is marked is not there. */
#include "inventory/sources/source.h"
#include "inventory/sources/terraform.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
nothing_secret(const struct value *value)
{
	if (value_is_map(value)) {
		VALUE_PAIRS (pair, value) {
			if (text_equals(value_string(pair->key), "admin_password"))
				BUG("a password is there");
			nothing_secret(pair->value);
		}
	} else if (value_is_list(value)) {
		VALUE_EACH (item, value)
			nothing_secret(item);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct view text = { (const char *)bytes, length };
	struct inventory *inventory = inventory_new();
	const struct source source = { .inventory = inventory, .path = "fuzz", .text = text };
	struct terraform_state state;
	struct error err = { 0 };
	struct arena arena;

	arena_init(&arena);
	if (terraform_state_read(&arena, text, "fuzz", &state, &err)) {
		for (size_t i = 0; i < state.count; i++) {
			const struct value *tags = value_get(state.resources[i].attributes, "tags");

			/* Tags may be called what they like. */
			if (!tags)
				nothing_secret(state.resources[i].attributes);
		}
	} else if (err.kind == ERR_NONE) {
		BUG("a failure without an error");
	}
	(void)terraform_suits(text);
	error_clear(&err);
	inventory->is_parsed = source_tfstate(&source, &err);
	if (!inventory->is_parsed && err.kind == ERR_NONE)
		BUG("a failure without an error");
	(void)inventory_finish(inventory, NULL, &err);
	arena_release(&arena);
	inventory_free(inventory);
	return 0;
}
