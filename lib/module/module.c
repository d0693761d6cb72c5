/* Finding modules by name, and building their results. */
#include "module/module.h"

#include <string.h>

/* Collections whose modules we know under their short names. */
static const char *const prefixes[] = {
	"ansible.builtin.",
	"ansible.legacy.",
	"ansible.posix.",
	"community.general.",
	"community.crypto.",
	"community.docker.",
	"community.mysql.",
	"community.postgresql.",
	"amazon.aws.",
	"community.aws.",
};

static bool
has_alias(const struct module *module, const char *name)
{
	for (size_t i = 0; module->aliases && module->aliases[i]; i++)
		if (text_equals(module->aliases[i], name))
			return true;
	return false;
}

const struct module *
module_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (text_starts(name, prefixes[i])) {
			name += strlen(prefixes[i]);
			break;
		}
	for (size_t i = 0; module_table[i]; i++)
		if (text_equals(module_table[i]->name, name))
			return module_table[i];
	for (size_t i = 0; module_table[i]; i++)
		if (has_alias(module_table[i], name))
			return module_table[i];
	return NULL;
}

void
result_set(struct module_call *call, const char *key, const struct value *value)
{
	value_set(call->arena, call->out->result, key, value);
}

void
result_text(struct module_call *call, const char *key, const char *text)
{
	result_set(call, key, value_text(call->arena, text));
}

void
result_int(struct module_call *call, const char *key, int64_t number)
{
	result_set(call, key, value_int(call->arena, number));
}

void
result_bool(struct module_call *call, const char *key, bool boolean)
{
	result_set(call, key, boolean ? &value_true : &value_false);
}

void
result_warn(struct module_call *call, const char *text)
{
	const struct value *old = value_get(call->out->result, "warnings");
	struct value *list = value_list(call->arena);

	if (old)
		VALUE_EACH (item, old)
			value_add(call->arena, list, item);
	value_add(call->arena, list, value_text(call->arena, text));
	result_set(call, "warnings", list);
}

void
result_diff(struct module_call *call, const char *before_header, struct view before,
	const char *after_header, struct view after)
{
	struct value *diff;

	if (!call->wants_diff)
		return;
	diff = value_map(call->arena);
	value_set(call->arena, diff, "before_header", value_text(call->arena, before_header));
	value_set(call->arena, diff, "before", value_view(call->arena, before));
	value_set(call->arena, diff, "after_header", value_text(call->arena, after_header));
	value_set(call->arena, diff, "after", value_view(call->arena, after));
	value_add(call->arena, call->out->diffs, diff);
}
