/* A line that says what it is, when it was made and how many records follow; each record is a
 * length and a MessagePack value. */
#include "inventory/sources/cloud_cache.h"

#include <time.h>

#include "json/json.h"
#include "os/files.h"
#include "value/msgpack.h"

#define MAGIC "ertc-cloud-cache 1"

enum { LARGEST = 1024 * 1024 * 1024, USUAL_TIMEOUT_S = 3600 };

/* ---- options ---- */

/* The file's own option, else the environment, else ansible.cfg: the names that amazon.aws has. */
static const struct cache_option {
	const char *option;
	const char *variables[2];
	const char *keys[2]; /* of [inventory] and [defaults] */
} cache_options[] = {
	{ "cache", { "ANSIBLE_INVENTORY_CACHE" }, { "cache" } },
	{ "cache_plugin", { "ANSIBLE_INVENTORY_CACHE_PLUGIN", "ANSIBLE_CACHE_PLUGIN" },
		{ "cache_plugin", "fact_caching" } },
	{ "cache_connection",
		{ "ANSIBLE_INVENTORY_CACHE_CONNECTION", "ANSIBLE_CACHE_PLUGIN_CONNECTION" },
		{ "cache_connection", "fact_caching_connection" } },
	{ "cache_timeout", { "ANSIBLE_INVENTORY_CACHE_TIMEOUT", "ANSIBLE_CACHE_PLUGIN_TIMEOUT" },
		{ "cache_timeout", "fact_caching_timeout" } },
	{ "cache_prefix",
		{ "ANSIBLE_INVENTORY_CACHE_PLUGIN_PREFIX", "ANSIBLE_CACHE_PLUGIN_PREFIX" },
		{ "cache_prefix", "fact_caching_prefix" } },
};

static const char *
cache_option_text(const struct inventory *inventory, const struct cache_option *one)
{
	static const char *const sections[] = { "inventory", "defaults" };

	for (size_t i = 0; i < ARRAY_SIZE(one->variables); i++) {
		const char *text = one->variables[i] ? getenv(one->variables[i]) : NULL;

		if (text && *text)
			return text;
	}
	for (size_t i = 0; inventory->setting && i < ARRAY_SIZE(one->keys); i++) {
		const char *text = one->keys[i] ? inventory->setting(inventory->setting_context,
							  sections[i], one->keys[i])
						: NULL;

		if (text && *text)
			return text;
	}
	return NULL;
}

static const char *
option(struct inventory *inventory, const struct value *config, const char *name)
{
	const struct value *own = value_get(config, name);

	if (!value_is_none(own))
		return value_to_text(&inventory->arena, own);
	for (size_t i = 0; i < ARRAY_SIZE(cache_options); i++)
		if (!strcmp(cache_options[i].option, name))
			return cache_option_text(inventory, &cache_options[i]);
	return NULL;
}

static bool
is_wanted(struct inventory *inventory, const struct value *config)
{
	const char *text = option(inventory, config, "cache"),
		   *kind = option(inventory, config, "cache_plugin");
	bool flag = false;

	return text && value_to_bool(value_text(&inventory->arena, text), &flag) && flag &&
	       !(kind && text_ends(kind, "memory"));
}

static const char *
folder(struct inventory *inventory, const struct value *config)
{
	const char *given = option(inventory, config, "cache_connection"), *home = getenv("HOME"),
		   *base = getenv("XDG_CACHE_HOME");
	struct arena *into = &inventory->arena;

	if (given && text_starts(given, "~/") && home)
		return arena_format(into, "%s%s", home, given + 1);
	if (given)
		return given;
	if (base && *base == '/')
		return arena_format(into, "%s/ertc/inventory", base);
	return home && *home ? arena_format(into, "%s/.cache/ertc/inventory", home) : NULL;
}

void
cloud_cache_open(struct inventory *inventory, const struct value *config, const struct value *key,
	struct cloud_cache *out)
{
	struct arena *into = &inventory->arena;
	const char *where, *timeout, *prefix;
	_cleanup_str_ struct str text;
	char digest[HASH_TEXT_MAX];

	str_init(&text);
	*out = (struct cloud_cache){ .timeout_s = USUAL_TIMEOUT_S };
	if (!is_wanted(inventory, config) || !(where = folder(inventory, config)))
		return;
	timeout = option(inventory, config, "cache_timeout");
	if (timeout && !number_parse(view_of(timeout), &out->timeout_s))
		out->timeout_s = USUAL_TIMEOUT_S;
	prefix = option(inventory, config, "cache_prefix");
	json_add(key, &(struct json_style){ .sort_keys = true }, &text);
	out->path = arena_format(into, "%s/%s%.32s", where, prefix ? prefix : "ansible_inventory_",
		hash_text(HASH_SHA256, str_view(&text), digest));
}

/* ---- reading ---- */

static bool
is_ours(struct inventory *inventory, const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return false;
	if (S_ISREG(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & 077))
		return true;
	inventory_warn(inventory,
		"the inventory cache %s is not used: it must be a file of yours that nobody else "
		"may read (chmod 600)",
		path);
	return false;
}

static bool
record_read(struct view *rest, struct arena *into, const struct value **out)
{
	struct view record;
	uint32_t length;

	if (rest->length < sizeof(length))
		return false;
	memcpy(&length, rest->data, sizeof(length));
	rest->data += sizeof(length);
	rest->length -= sizeof(length);
	if (length > rest->length)
		return false;
	record = (struct view){ rest->data, length };
	rest->data += length;
	rest->length -= length;
	return msgpack_read(into, record, out, NULL) && value_is_map(*out);
}

static bool
is_fresh(const struct cloud_cache *cache, int64_t made)
{
	int64_t age = (int64_t)time(NULL) - made;

	return !cache->timeout_s || (age >= 0 && age < cache->timeout_s);
}

static const struct value *
records_read(const struct cloud_cache *cache, struct view text, struct arena *into)
{
	struct value *list = value_list(into);
	struct view line, magic, piece;
	int64_t made, count;

	if (!view_cut(&text, '\n', &line) || !view_cut(&line, ',', &magic) ||
		!view_is(magic, MAGIC) || !view_cut(&line, ',', &piece) ||
		!number_parse(piece, &made) || !number_parse(line, &count) ||
		!is_fresh(cache, made))
		return NULL;
	while (text.length) {
		const struct value *record;

		if (!record_read(&text, into, &record))
			return NULL;
		value_add(into, list, record);
	}
	return list->list.count == (uint64_t)count ? list : NULL;
}

const struct value *
cloud_cache_read(struct inventory *inventory, const struct cloud_cache *cache, struct arena *into)
{
	_cleanup_str_ struct str text;

	str_init(&text);
	if (!cache->path || inventory->flushes_cache || inventory->asks_again ||
		!is_ours(inventory, cache->path) || !file_read(cache->path, LARGEST, &text, NULL))
		return NULL;
	return records_read(cache, str_view(&text), into);
}

/* ---- writing ---- */

static bool
records_write(const struct value *list, struct str *out, struct error *err)
{
	str_add_format(out, "%s,%lld,%u\n", MAGIC, (long long)time(NULL), list->list.count);
	VALUE_EACH (record, list) {
		size_t place = out->length;
		uint32_t length = 0;

		str_add_bytes(out, &length, sizeof(length));
		if (!msgpack_write(record, out, err))
			return false;
		length = (uint32_t)(out->length - place - sizeof(length));
		memcpy(out->data + place, &length, sizeof(length));
	}
	return true;
}

void
cloud_cache_write(
	struct inventory *inventory, const struct cloud_cache *cache, const struct value *list)
{
	static const struct file_place place = { .has_mode = true, .mode = 0600 };
	_cleanup_str_ struct str text;
	char reason[1024];
	struct error err;

	str_init(&text);
	if (!cache->path)
		return;
	error_clear(&err);
	if (directory_make(path_parent(&inventory->arena, cache->path), 0700, &err) &&
		records_write(list, &text, &err) &&
		file_replace(cache->path, str_view(&text), &place, &err))
		return;
	inventory_warn(inventory, "the inventory cache is not written: %s",
		error_line(&err, reason, sizeof(reason)));
}
