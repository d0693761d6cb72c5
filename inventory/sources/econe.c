/*
 * econe: the machines of OpenNebula's econe-server, or of another cloud that speaks EC2 Query. Such
 * servers neither filter nor page: which machines become hosts is chosen here.
 */
#include "inventory/sources/econe.h"

#include <ctype.h>

#include "inventory/sources/cloud_cache.h"
#include "inventory/sources/cloud_config.h"
#include "inventory/sources/constructed.h"
#include "inventory/sources/ec2_filters.h"
#include "inventory/sources/ec2_names.h"
#include "inventory/sources/reached.h"

const struct cloud_option econe_options[] = {
	CLOUD_PLUGIN_OPTION,
	{ "access_key", true, { "aws_access_key", "ec2_access_key", "username", "user" },
		"The user's name." },
	{ "endpoint_url", true, { "endpoint", "ec2_url", "aws_endpoint_url" },
		"Where the server is, with its path." },
	{ "password", true, { NULL }, "The user's password; its digest is the secret." },
	{ "password_hash", false, { NULL }, "The digest: sha1 (up to 5.8) or sha256." },
	{ "region", true, { NULL }, "What is signed as region; any will do." },
	{ "secret_key", true, { "aws_secret_key", "ec2_secret_key" },
		"The digest of the password itself, or the secret of another cloud." },
	{ "signature", false, { NULL }, "v4, v2 or v2-sha1." },
	{ "signed_host", true, { NULL }, "What the server believes to be called (v2)." },
	{ "version", false, { NULL }, "The API's version that is asked for." },
	CLOUD_NAME_OPTIONS,
	CLOUD_FILTER_OPTIONS,
	CLOUD_CONSTRUCTED_OPTIONS,
	CLOUD_CACHE_OPTIONS,
	CLOUD_REACH_OPTIONS,
	CLOUD_OPTIONS_END,
};

struct reading {
	const struct source *source;
	struct inventory *inventory;
	struct arena *arena;
	const struct value *config;
	struct reached *reached; /* NULL: the file does not say how hosts are reached */
	struct error *err;
};

/* ---- which of them ---- */

struct choice {
	const struct value *include, *exclude; /* lists of maps; NULL: none */
};

static bool
choice_read(struct reading *reading, struct choice *out)
{
	const struct value *filters = value_get(reading->config, "filters"), *lists[2];
	struct value *include = value_list(reading->arena);

	if (!value_is_none(filters) && !value_is_map(filters)) {
		fail(reading->err, ERR_OPTIONS, "the option 'filters' must be a map");
		return error_at(reading->err, filters);
	}
	if (!cloud_list(
		    reading->arena, reading->config, "include_filters", &lists[0], reading->err) ||
		!cloud_list(reading->arena, reading->config, "exclude_filters", &lists[1],
			reading->err))
		return false;
	if (value_is_map(filters) && filters->map.count)
		value_add(reading->arena, include, filters);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!lists[i])
			continue;
		VALUE_EACH (item, lists[i]) {
			if (!value_is_map(item)) {
				fail(reading->err, ERR_OPTIONS, "a filter must be a map");
				return error_at(reading->err, item);
			}
			if (i == 0)
				value_add(reading->arena, include, item);
		}
	}
	if (!include->list.count)
		value_add(reading->arena, include, &value_empty_map);
	*out = (struct choice){ include, lists[1] };
	return true;
}

/* As aws_ec2: what is gone is no host, unless a filter asks for states itself. */
static bool
is_there(const struct value *instance, const struct value *filters)
{
	static const char *const states[] = { "running", "pending", "stopping", "stopped" };
	const char *state = value_string(value_get(value_get(instance, "state"), "name"));

	if (value_get(filters, "instance-state-name") || value_get(filters, "instance-state-code"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (text_equals(state, states[i]))
			return true;
	return !state;
}

static bool
is_chosen(struct reading *reading, const struct choice *choice, const struct value *instance,
	struct arena *scratch, bool *out)
{
	bool holds;

	*out = false;
	VALUE_EACH (filters, choice->include) {
		if (!ec2_filters_match(instance, filters, scratch, &holds, reading->err))
			return false;
		*out |= holds && is_there(instance, filters);
	}
	if (choice->exclude)
		VALUE_EACH (filters, choice->exclude) {
			if (!ec2_filters_match(instance, filters, scratch, &holds, reading->err))
				return false;
			if (holds)
				*out = false;
		}
	return true;
}

/* ---- hosts ---- */

static const char *
sanitize(struct arena *into, const char *name)
{
	char *out = arena_text(into, name);

	for (char *c = out; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-' && *c != '.')
			*c = '_';
	return out;
}

/* tag:Name is NAME in OpenNebula, which writes all tags so. */
static const struct value *
preference_for(struct arena *into, const struct value *instance, const struct value *preference)
{
	const char *text = value_string(preference), *key;
	struct value *map;
	struct view name;

	if (value_is_map(preference)) {
		map = value_map_copy(into, preference);
		VALUE_PAIRS (pair, preference)
			value_set_key(
				into, map, pair->key, preference_for(into, instance, pair->value));
		return map;
	}
	if (!text || !text_starts(text, "tag:"))
		return preference;
	text += strlen("tag:");
	name = (struct view){ text, strcspn(text, "=,") };
	if (!ec2_tag_find(instance, name, &key))
		return preference;
	return value_format(into, "tag:%s%s", key, text + name.length);
}

static bool
names_find(struct reading *reading, const struct value *instance, struct value *out)
{
	const struct value *given;
	struct value *wanted = value_list(reading->arena);

	if (!cloud_list(reading->arena, reading->config, "hostnames", &given, reading->err))
		return false;
	if (given) {
		VALUE_EACH (item, given)
			value_add(reading->arena, wanted,
				preference_for(reading->arena, instance, item));
	} else {
		value_add(reading->arena, wanted,
			preference_for(
				reading->arena, instance, value_text(reading->arena, "tag:NAME")));
		value_add(reading->arena, wanted, value_text(reading->arena, "instance-id"));
	}
	return ec2_names(wanted, instance,
		cloud_flag(reading->config, "allow_duplicated_hosts", false), reading->arena,
		sanitize, out, reading->err);
}

static bool
host_add(struct reading *reading, struct constructed *constructed, struct inventory_group *group,
	const char *name, const struct value *instance)
{
	const char *prefix = cloud_text(reading->arena, reading->config, "hostvars_prefix"),
		   *suffix = cloud_text(reading->arena, reading->config, "hostvars_suffix");
	struct inventory_host *host = inventory_host_add(reading->inventory, name);
	struct value *vars = value_map(reading->arena);
	const char *address;

	VALUE_PAIRS (pair, instance)
		value_set(reading->arena, vars,
			arena_format(reading->arena, "%s%s%s", prefix ? prefix : "",
				value_string(pair->key), suffix ? suffix : ""),
			pair->value);
	inventory_group_add_host(reading->inventory, group, host);
	VALUE_PAIRS (pair, vars)
		value_set_key(reading->arena, host->vars, pair->key, pair->value);
	address = reached_address(reading->reached, reading->config, instance);
	if (address)
		value_set(reading->arena, host->vars, "ansible_host",
			value_text(reading->arena, address));
	reached_add(reading->reached, host, instance, NULL);
	return constructed_apply(constructed, host, vars, reading->err);
}

/* The names of all that were chosen, and how often each is wanted. */
static bool
names_count(struct reading *reading, const struct value *chosen, struct value *names,
	struct map *counts)
{
	VALUE_EACH (instance, chosen) {
		struct value *own = value_list(reading->arena);

		if (!names_find(reading, instance, own))
			return false;
		value_add(reading->arena, names, own);
		VALUE_EACH (name, own) {
			size_t *count = map_get(counts, value_string(name));

			if (!count) {
				count = arena_new(reading->arena, size_t);
				map_set(counts, value_string(name), count);
			}
			++*count;
		}
	}
	for (size_t i = 0; i < counts->count; i++) {
		const size_t *count = counts->entries[i].value;

		if (*count > 1)
			inventory_warn(reading->inventory,
				"%s: %zu machines are called '%s'; they go by their ids instead",
				reading->source->path, *count, counts->entries[i].key);
	}
	return true;
}

static bool
populate(struct reading *reading, const struct value *chosen)
{
	struct inventory_group *group = inventory_group_add(reading->inventory, "econe");
	struct constructed *constructed = constructed_new(reading->inventory, reading->config);
	struct value *names = value_list(reading->arena);
	struct map counts;
	bool ok;

	map_init(&counts);
	ok = names_count(reading, chosen, names, &counts);
	for (uint32_t i = 0; ok && i < chosen->list.count; i++) {
		const struct value *instance = chosen->list.items[i];

		VALUE_EACH (item, names->list.items[i]) {
			const size_t *count = map_get(&counts, value_string(item));
			const char *name =
				*count > 1 ? value_string(value_get(instance, "instance_id"))
					   : value_string(item);

			ok = ok && name && host_add(reading, constructed, group, name, instance);
		}
	}
	map_release(&counts);
	constructed_free(constructed);
	return ok && inventory_group_add_child(
			     reading->inventory, reading->inventory->all, group, reading->err);
}

static bool
choose(struct reading *reading, const struct value *all, struct value *out)
{
	struct choice choice = { 0 };
	struct arena scratch;
	bool ok = choice_read(reading, &choice), is_wanted;

	arena_init(&scratch);
	if (ok)
		VALUE_EACH (instance, all) {
			ok = ok && is_chosen(reading, &choice, instance, &scratch, &is_wanted);
			if (ok && is_wanted)
				value_add(reading->arena, out, instance);
		}
	arena_release(&scratch);
	return ok;
}

/* Everything that decides about the answer, but the password. */
static const struct value *
cache_key(struct reading *reading)
{
	static const char *const names[] = { "endpoint_url", "access_key", "version" };
	static const char *const variables[] = { "EC2_URL", "EC2_ACCESS_KEY", "ONE_AUTH", "HOME" };
	struct value *key = value_map(reading->arena);

	value_set(reading->arena, key, "plugin", value_text(reading->arena, "econe"));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		value_set(reading->arena, key, names[i],
			value_text(reading->arena,
				cloud_text(reading->arena, reading->config, names[i])));
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		value_set(reading->arena, key, variables[i],
			value_text(reading->arena, getenv(variables[i])));
	return key;
}

bool
source_econe(const struct source *source, struct error *err)
{
	struct reading reading = { .source = source,
		.inventory = source->inventory,
		.arena = &source->inventory->arena,
		.err = err };
	struct cloud_cache cache;
	const struct value *all;
	struct value *chosen = value_list(reading.arena);

	if (!cloud_config_read(source, econe_options, &reading.config, err) ||
		!reached_begin_plain(source, reading.config, &reading.reached, err))
		return false;
	cloud_cache_open(source->inventory, reading.config, cache_key(&reading), &cache);
	all = cloud_cache_read(source->inventory, &cache, reading.arena);
	if (!all) {
		if (!econe_ask(source->inventory, reading.config, reading.arena, &all, err))
			return error_context(err, "%s", source->path);
		cloud_cache_write(source->inventory, &cache, all);
	}
	return (choose(&reading, all, chosen) && populate(&reading, chosen)) ||
	       error_context(err, "%s", source->path);
}
