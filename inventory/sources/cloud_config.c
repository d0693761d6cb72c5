/* Options by a table: aliases, templates where they may stand, and what is not known. */
#include "inventory/sources/cloud_config.h"

#include "template/template.h"

enum { MOST_NAMES = 128 };

static const struct cloud_option *
option_find(const struct cloud_option *table, const char *given)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, given))
			return table;
		for (size_t i = 0; i < CLOUD_ALIASES && table->aliases[i]; i++)
			if (!strcmp(table->aliases[i], given))
				return table;
	}
	return NULL;
}

static void
warn_unknown(const struct source *source, const struct cloud_option *table, const struct value *key)
{
	const char *names[MOST_NAMES + CLOUD_ALIASES + 2] = { NULL };
	size_t count = 0;
	const char *given = value_to_text(&source->inventory->arena, key), *nearest,
		   *plugin = value_string(value_get(source->config, "plugin"));
	char place[256];

	for (; table->name && count < MOST_NAMES; table++) {
		names[count++] = table->name;
		for (size_t i = 0; i < CLOUD_ALIASES && table->aliases[i]; i++)
			names[count++] = table->aliases[i];
	}
	nearest = text_nearest(given, names);
	inventory_warn(source->inventory, "%s: %s has no option '%s'%s%s%s",
		place_text(&key->place, place, sizeof(place)), plugin ? plugin : "this", given,
		nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* Extra variables are all the names there are. */
static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	const struct inventory *inventory = context;

	(void)into;
	(void)err;
	*out = inventory->extra_vars ? value_get_view(inventory->extra_vars, name) : NULL;
	return true;
}

bool
cloud_config_read(const struct source *source, const struct cloud_option *table,
	const struct value **out, struct error *err)
{
	struct inventory *inventory = source->inventory;
	const struct template_scope scope = {
		.find = find, .lookup = inventory->lookup, .context = inventory
	};
	struct template_env *env = template_env_new();
	struct value *map = value_map(&inventory->arena);
	bool ok = true;

	template_env_set_vault(env, inventory->vault);
	VALUE_PAIRS (pair, source->config) {
		const struct value *value = pair->value;
		const char *name = value_to_text(&inventory->arena, pair->key);
		const struct cloud_option *option = option_find(table, name);

		if (!option) {
			warn_unknown(source, table, pair->key);
			continue;
		}
		if (option->may_be_template && value_has_template(value)) {
			ok = template_evaluate(env, &scope, &inventory->arena, value, &value, err);
			if (!ok) {
				error_context(err, "option '%s' of %s", name, source->path);
				break;
			}
			value = value_dup(&inventory->arena, value);
		}
		value_set(&inventory->arena, map, option->name, value);
	}
	template_env_free(env);
	*out = map;
	return ok;
}

const char *
cloud_text(struct arena *into, const struct value *config, const char *name)
{
	const struct value *value = value_get(config, name);
	const char *text;

	if (value_is_none(value) || value_is_list(value) || value_is_map(value))
		return NULL;
	text = value_to_text(into, value);
	return *text ? text : NULL;
}

bool
cloud_flag(const struct value *config, const char *name, bool fallback)
{
	const struct value *value = value_get(config, name);
	bool flag;

	return !value_is_none(value) && value_to_bool(value, &flag) ? flag : fallback;
}

bool
cloud_list(struct arena *into, const struct value *config, const char *name,
	const struct value **out, struct error *err)
{
	const struct value *value = value_get(config, name);
	struct value *list;

	*out = NULL;
	if (value_is_none(value))
		return true;
	if (value_is_string(value) || value_is_map(value)) {
		list = value_list(into);
		value_add(into, list, value);
		value = list;
	}
	if (!value_is_list(value)) {
		fail(err, ERR_OPTIONS, "the option '%s' must be a list, not %s", name,
			value_type_name(value));
		return error_at(err, value);
	}
	if (value->list.count)
		*out = value;
	return true;
}
