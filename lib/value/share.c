/* Equal values are one: a table by hash, in which the last one made wins. */
#include "value/share.h"

#include "base/map.h"

enum {
	LONGEST_SHARED = 128, /* texts that are longer do not repeat */
	WIDEST_SHARED = 32,   /* pairs of a map, items of a list */
	SHARED = 4096,	      /* a power of two */
	SPARE = 8,	      /* room in wider maps, for what their user adds */
};

void
value_share_init(struct value_share *share, struct arena *into)
{
	share->into = into;
	share->table = memory_get(SHARED * sizeof(*share->table));
}

void
value_share_release(struct value_share *share)
{
	free(share->table);
	share->table = NULL;
}

static const struct value **
shared_place(struct value_share *share, enum value_type type, const void *bytes, size_t length)
{
	return &share->table[(bytes_hash(bytes, length) + type) & (SHARED - 1)];
}

const struct value *
value_share_text(struct value_share *share, struct view text)
{
	const struct value **place, *there;

	if (!text.length)
		return &value_empty_string;
	if (text.length > LONGEST_SHARED)
		return value_view(share->into, text);
	place = shared_place(share, VALUE_STRING, text.data, text.length);
	there = *place;
	if (!value_is_string(there) || !view_equals(value_string_view(there), text))
		*place = there = value_view(share->into, text);
	return there;
}

const struct value *
value_share_number(struct value_share *share, int64_t number)
{
	const struct value **place = shared_place(share, VALUE_INT, &number, sizeof(number));

	if (!value_is(*place, VALUE_INT) || (*place)->integer != number)
		*place = value_int(share->into, number);
	return *place;
}

const struct value *
value_share_map(struct value_share *share, const struct value_pair *pairs, size_t count)
{
	const struct value **place;
	struct value *map;
	size_t room;

	if (!count)
		return &value_empty_map;
	place = shared_place(share, VALUE_MAP, pairs, count * sizeof(*pairs));
	if (value_is_map(*place) && (*place)->map.count == count &&
		!memcmp((*place)->map.pairs, pairs, count * sizeof(*pairs)))
		return *place;
	/* Keys are distinct and few: no index. */
	map = value_map(share->into);
	room = count + (count > WIDEST_SHARED ? SPARE : 0);
	map->map.pairs = arena_grow(share->into, pairs, count, room, sizeof(*pairs));
	map->map.count = (uint32_t)count;
	map->map.room = (uint32_t)room;
	if (count <= WIDEST_SHARED) {
		map->flags |= VALUE_COMMON;
		*place = map;
	}
	return map;
}

static bool
list_equals(const struct value *list, const struct value_pair *pairs, size_t count)
{
	if (!value_is_list(list) || list->list.count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (list->list.items[i] != pairs[i].value)
			return false;
	return true;
}

const struct value *
value_share_list(struct value_share *share, const struct value_pair *pairs, size_t count)
{
	const struct value **place;
	struct value *list;

	if (!count)
		return &value_empty_list;
	/* Items stand in pairs without keys: their bytes are theirs alone. */
	place = shared_place(share, VALUE_LIST, pairs, MIN(count, 4) * sizeof(*pairs));
	if (list_equals(*place, pairs, count))
		return *place;
	list = value_list(share->into);
	list->list.items = arena_array(share->into, count, const struct value *);
	for (size_t i = 0; i < count; i++)
		list->list.items[i] = pairs[i].value;
	list->list.count = list->list.room = (uint32_t)count;
	if (count <= WIDEST_SHARED) {
		list->flags |= VALUE_COMMON;
		*place = list;
	}
	return list;
}
