/* Open addressing over an array of entries, so that the walk keeps the order of insertion. */
#include "base/map.h"

size_t
bytes_hash(const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3u;
	return (size_t)(hash ^ (hash >> 32));
}

void
map_init(struct map *map)
{
	memset(map, 0, sizeof(*map));
}

void
map_release(struct map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->entries[i].key);
	free(map->entries);
	free(map->slots);
	map_init(map);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t
slot_of(const struct map *map, struct view key, size_t hash)
{
	size_t slot = hash & (map->slot_count - 1);

	for (;; slot = (slot + 1) & (map->slot_count - 1)) {
		const struct map_entry *entry;

		if (!map->slots[slot])
			return slot;
		entry = &map->entries[map->slots[slot] - 1];
		if (entry->key && entry->hash == hash && view_is(key, entry->key))
			return slot;
	}
}

static void
slots_rebuild(struct map *map)
{
	free(map->slots);
	map->slot_count = 8;
	while (map->slot_count < map->room * 2)
		map->slot_count *= 2;
	map->slots = memory_get(map->slot_count * sizeof(*map->slots));
	for (size_t i = 0; i < map->count; i++) {
		const struct map_entry *entry = &map->entries[i];

		if (entry->key)
			map->slots[slot_of(map, view_of(entry->key), entry->hash)] =
				(uint32_t)i + 1;
	}
}

static struct map_entry *
entry_find(const struct map *map, struct view key)
{
	uint32_t index;

	if (!map->slot_count)
		return NULL;
	index = map->slots[slot_of(map, key, bytes_hash(key.data, key.length))];
	return index ? &map->entries[index - 1] : NULL;
}

void *
map_get_view(const struct map *map, struct view key)
{
	const struct map_entry *entry = entry_find(map, key);

	return entry ? entry->value : NULL;
}

void *
map_get(const struct map *map, const char *key)
{
	return map_get_view(map, view_of(key));
}

bool
map_has(const struct map *map, const char *key)
{
	return entry_find(map, view_of(key)) != NULL;
}

void
map_set(struct map *map, const char *key, void *value)
{
	struct map_entry *entry = entry_find(map, view_of(key));

	if (entry) {
		entry->value = value;
		return;
	}
	if (map->count == map->room) {
		map->room = map->room ? map->room * 2 : 8;
		map->entries = memory_resize(map->entries, map->room * sizeof(*map->entries));
		slots_rebuild(map);
	}
	entry = &map->entries[map->count++];
	entry->key = memory_text(key);
	entry->value = value;
	entry->hash = bytes_hash(key, strlen(key));
	map->slots[slot_of(map, view_of(key), entry->hash)] = (uint32_t)map->count;
}

bool
map_remove(struct map *map, const char *key)
{
	struct map_entry *entry = entry_find(map, view_of(key));

	if (!entry)
		return false;
	free(entry->key);
	entry->key = NULL;
	entry->value = NULL;
	slots_rebuild(map);
	return true;
}
