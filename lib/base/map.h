#ifndef LIB_BASE_MAP_H
#define LIB_BASE_MAP_H
/*
 * Text to pointer, in the order of insertion. Keys are copied; values are borrowed. `for (size_t i
 * = 0; i < map.count; i++) map.entries[i]` walks it; a removed entry has a NULL key.
 */
#include "base/str.h"

struct map_entry {
	char *key;
	void *value;
	size_t hash;
};

struct map {
	struct map_entry *entries;
	size_t count, room;
	uint32_t *slots; /* index + 1 into entries; 0: free */
	size_t slot_count;
};

void map_init(struct map *map);
void map_release(struct map *map);
void *map_get(const struct map *map, const char *key); /* NULL: not there */
void *map_get_view(const struct map *map, struct view key);
bool map_has(const struct map *map, const char *key);
void map_set(struct map *map, const char *key, void *value);
bool map_remove(struct map *map, const char *key);

size_t bytes_hash(const void *bytes, size_t length); /* for tables; not for security */

#endif
