/* set_stats: figures of the run, shown at its end (show_custom_stats) and by collecting callbacks.
 */
#include "orchestrator/actions/actions.h"

static struct value *
stats_of(struct run *run, const char *host)
{
	const struct value *key = host ? value_text(&run->arena, host) : &value_none, *map;

	if (!run->custom_stats)
		run->custom_stats = value_map(&run->arena);
	map = value_get_key(run->custom_stats, key);
	if (!map) {
		map = value_map(&run->arena);
		value_set_key(&run->arena, run->custom_stats, key, map);
	}
	return (struct value *)(uintptr_t)map; /* made here */
}

static const struct value *
joined_lists(struct arena *arena, const struct value *old, const struct value *new)
{
	struct value *list = value_list_copy(arena, old);

	VALUE_EACH (item, new)
		value_add(arena, list, item);
	return list;
}

static const struct value *
joined_maps(struct arena *arena, const struct value *old, const struct value *new)
{
	struct value *map = value_map_copy(arena, old);

	VALUE_PAIRS (pair, new)
		value_set_key(arena, map, pair->key, pair->value);
	return map;
}

/* Numbers are added, texts and lists follow each other, maps are merged; what differs in kind
 * stands as it was. */
static const struct value *
joined(struct arena *arena, const struct value *old, const struct value *new)
{
	if (!old)
		return new;
	if (old->type != new->type)
		return old;
	switch (old->type) {
	case VALUE_INT:
		return value_int(arena, old->integer + new->integer);
	case VALUE_FLOAT:
		return value_float(arena, old->real + new->real);
	case VALUE_STRING:
		return value_format(arena, "%s%s", value_string(old), value_string(new));
	case VALUE_LIST:
		return joined_lists(arena, old, new);
	case VALUE_MAP:
		return joined_maps(arena, old, new);
	default:
		return new;
	}
}

static bool
flag_argument(const struct action_call *call, const char *key, bool fallback)
{
	const struct value *given = value_get(call->args, key);
	bool flag;

	return given && value_to_bool(given, &flag) ? flag : fallback;
}

static bool
names_are_good(const struct value *data, struct error *err)
{
	VALUE_PAIRS (pair, data) {
		const char *name = value_string(pair->key);

		if (!name || !is_identifier(name))
			return fail(err, ERR_TYPE,
				"The variable name '%.100s' is not valid. Variables must start "
				"with a "
				"letter or underscore character, and contain only letters, numbers "
				"and "
				"underscores.",
				name ? name : "?");
	}
	return true;
}

bool
action_set_stats(struct action_call *call, struct error *err)
{
	const struct value *data = value_get(call->args, "data");
	bool aggregates = flag_argument(call, "aggregate", true),
	     is_per_host = flag_argument(call, "per_host", false);
	struct arena *arena = &call->run->arena;
	struct value *stats, *all;

	if (data && !value_is_map(data))
		return fail(err, ERR_TYPE, "The 'data' option needs to be a dictionary/hash");
	if (!data)
		data = &value_empty_map;
	if (!names_are_good(data, err))
		return false;
	all = stats_of(call->run, is_per_host ? call->host->name : NULL);
	VALUE_PAIRS (pair, data) {
		const struct value *value = value_dup(arena, pair->value),
				   *old = value_get_key(all, pair->key);

		value_set_key(arena, all, value_dup(arena, pair->key),
			aggregates ? joined(arena, old, value) : value);
	}
	stats = value_map(call->into);
	value_set(call->into, stats, "data", value_dup(call->into, data));
	value_set(call->into, stats, "per_host", value_bool(call->into, is_per_host));
	value_set(call->into, stats, "aggregate", value_bool(call->into, aggregates));
	value_set(call->into, call->result, "ansible_stats", stats);
	value_set(call->into, call->result, "changed", &value_false);
	return true;
}
