/* Building, reading, comparing and showing values. */
#include "value/value.h"

#include <math.h>
#include <stdarg.h>
#include <strings.h>

#include "base/map.h"
#include "value/object.h"

enum { INDEX_FROM = 9 }; /* smaller maps are searched in order */

const struct value value_none = { .type = VALUE_NONE };
const struct value value_undefined = { .type = VALUE_UNDEFINED };
const struct value value_true = { .type = VALUE_BOOL, .boolean = true };
const struct value value_false = { .type = VALUE_BOOL, .boolean = false };
const struct value value_empty_string = { .type = VALUE_STRING, .string = { .data = "" } };
const struct value value_empty_list = { .type = VALUE_LIST };
const struct value value_empty_map = { .type = VALUE_MAP };

static struct value *
value_new(struct arena *arena, enum value_type type)
{
	struct value *value = arena_new(arena, struct value);

	value->type = (uint8_t)type;
	return value;
}

struct value *
value_bool(struct arena *arena, bool boolean)
{
	struct value *value = value_new(arena, VALUE_BOOL);

	value->boolean = boolean;
	return value;
}

struct value *
value_int(struct arena *arena, int64_t integer)
{
	struct value *value = value_new(arena, VALUE_INT);

	value->integer = integer;
	return value;
}

struct value *
value_float(struct arena *arena, double real)
{
	struct value *value = value_new(arena, VALUE_FLOAT);

	value->real = real;
	return value;
}

struct value *
value_borrow(struct arena *arena, const char *text, size_t length)
{
	struct value *value = value_new(arena, VALUE_STRING);

	value->string.data = text;
	value->string.length = length;
	return value;
}

struct value *
value_bytes(struct arena *arena, const void *bytes, size_t length)
{
	return value_borrow(arena, arena_bytes(arena, bytes, length), length);
}

struct value *
value_view(struct arena *arena, struct view text)
{
	return value_bytes(arena, text.data, text.length);
}

struct value *
value_text(struct arena *arena, const char *text)
{
	return text ? value_bytes(arena, text, strlen(text)) : value_new(arena, VALUE_NONE);
}

struct value *
value_arguments(struct arena *arena, const char *format, va_list args)
{
	_cleanup_str_ struct str text = STR_INIT;
	va_list again;
	char line[512];
	int length;

	va_copy(again, args);
	length = vsnprintf(line, sizeof(line), format, args);
	if (length >= (int)sizeof(line))
		str_add_arguments(&text, format, again);
	va_end(again);
	return length < (int)sizeof(line) ? value_text(arena, line)
					  : value_bytes(arena, text.data, text.length);
}

struct value *
value_format(struct arena *arena, const char *format, ...)
{
	struct value *value;
	va_list args;

	va_start(args, format);
	value = value_arguments(arena, format, args);
	va_end(args);
	return value;
}

struct value *
value_object(struct arena *arena, const struct object_class *class, void *self)
{
	struct value *value = value_new(arena, VALUE_OBJECT);

	value->object.class = class;
	value->object.self = self;
	return value;
}

/* ---- lists ---- */

struct value *
value_list(struct arena *arena)
{
	return value_new(arena, VALUE_LIST);
}

static void
inherit_deep(struct value *container, const struct value *child)
{
	if (child && (child->flags & (VALUE_TEMPLATE | VALUE_DEEP)))
		container->flags |= VALUE_DEEP;
}

void
value_add(struct arena *arena, struct value *list, const struct value *item)
{
	if (list->list.count == list->list.room) {
		uint32_t room = list->list.room ? list->list.room * 2 : 4;

		list->list.items = arena_grow(
			arena, list->list.items, list->list.count, room, sizeof(*list->list.items));
		list->list.room = room;
	}
	list->list.items[list->list.count++] = item ? item : &value_none;
	inherit_deep(list, item);
}

struct value *
value_list_copy(struct arena *arena, const struct value *list)
{
	struct value *copy = value_new(arena, VALUE_LIST);

	copy->flags = list->flags;
	copy->place = list->place;
	copy->list.count = list->list.count;
	copy->list.room = list->list.count + 4;
	copy->list.items = arena_grow(arena, list->list.items, list->list.count, copy->list.room,
		sizeof(*copy->list.items));
	return copy;
}

bool
value_list_has(const struct value *list, const struct value *wanted)
{
	VALUE_EACH (item, list)
		if (value_equals(item, wanted))
			return true;
	return false;
}

bool
value_list_has_text(const struct value *list, const char *text)
{
	if (value_is_list(list))
		VALUE_EACH (item, list)
			if (text_equals(value_string(item), text))
				return true;
	return false;
}

/* ---- maps ---- */

struct value *
value_map(struct arena *arena)
{
	return value_new(arena, VALUE_MAP);
}

struct value *
value_map_of(struct arena *arena, uint32_t room)
{
	struct value *map = value_new(arena, VALUE_MAP);

	map->map.room = room;
	if (room)
		map->map.pairs = arena_array(arena, room, struct value_pair);
	return map;
}

/* Equal keys hash alike: 1, 1.0 and True are one key in Python. */
static size_t
key_hash(const struct value *key)
{
	int64_t number;

	switch ((enum value_type)key->type) {
	case VALUE_STRING:
		return bytes_hash(key->string.data, key->string.length);
	case VALUE_BOOL:
		number = key->boolean;
		break;
	case VALUE_INT:
		number = key->integer;
		break;
	case VALUE_FLOAT:
		/* Beyond 64 bits no integer can be equal to it: any hash will do. */
		number = key->real > -9e18 && key->real < 9e18 ? (int64_t)key->real : 0;
		break;
	default:
		number = key->type;
		break;
	}
	return bytes_hash(&number, sizeof(number));
}

static uint32_t
slot_count_of(const struct value *map)
{
	uint32_t count = 32;

	while (count < map->map.room * 2)
		count *= 2;
	return count;
}

static void
index_build(struct arena *arena, struct value *map)
{
	uint32_t count = slot_count_of(map);

	map->map.slots = arena_array(arena, count, uint32_t);
	for (uint32_t i = 0; i < map->map.count; i++) {
		size_t slot = key_hash(map->map.pairs[i].key) & (count - 1);

		while (map->map.slots[slot])
			slot = (slot + 1) & (count - 1);
		map->map.slots[slot] = i + 1;
	}
}

static struct value_pair *
pair_find(const struct value *map, const struct value *key)
{
	if (!value_is_map(map))
		return NULL;
	if (map->map.slots) {
		uint32_t mask = slot_count_of(map) - 1;
		size_t slot = key_hash(key) & mask;

		for (; map->map.slots[slot]; slot = (slot + 1) & mask) {
			struct value_pair *pair = &map->map.pairs[map->map.slots[slot] - 1];

			if (value_equals(pair->key, key))
				return pair;
		}
		return NULL;
	}
	for (uint32_t i = 0; i < map->map.count; i++)
		if (value_equals(map->map.pairs[i].key, key))
			return &map->map.pairs[i];
	return NULL;
}

void
value_set_key(
	struct arena *arena, struct value *map, const struct value *key, const struct value *value)
{
	struct value_pair *pair = pair_find(map, key);

	if (!value)
		value = &value_none;
	inherit_deep(map, value);
	if (pair) {
		pair->value = value;
		return;
	}
	if (map->map.count == map->map.room) {
		uint32_t room = map->map.room ? map->map.room * 2 : 4;

		map->map.pairs = arena_grow(
			arena, map->map.pairs, map->map.count, room, sizeof(*map->map.pairs));
		map->map.room = room;
		map->map.slots = NULL;
	}
	map->map.pairs[map->map.count++] = (struct value_pair){ key, value };
	if (map->map.count < INDEX_FROM)
		return;
	if (!map->map.slots) {
		index_build(arena, map);
	} else {
		uint32_t mask = slot_count_of(map) - 1;
		size_t slot = key_hash(key) & mask;

		while (map->map.slots[slot])
			slot = (slot + 1) & mask;
		map->map.slots[slot] = map->map.count;
	}
}

void
value_set(struct arena *arena, struct value *map, const char *key, const struct value *value)
{
	value_set_key(arena, map, value_text(arena, key), value);
}

void
value_remove(struct value *map, const char *key)
{
	const struct value name = { .type = VALUE_STRING,
		.string = { .data = key, .length = strlen(key) } };
	struct value_pair *pair = pair_find(map, &name);
	uint32_t at;

	if (!pair)
		return;
	at = (uint32_t)(pair - map->map.pairs);
	memmove(pair, pair + 1, (map->map.count - at - 1) * sizeof(*pair));
	map->map.count--;
	if (map->map.slots) { /* positions moved: enter them anew in the same table */
		uint32_t count = slot_count_of(map);

		memset(map->map.slots, 0, count * sizeof(*map->map.slots));
		for (uint32_t i = 0; i < map->map.count; i++) {
			size_t slot = key_hash(map->map.pairs[i].key) & (count - 1);

			while (map->map.slots[slot])
				slot = (slot + 1) & (count - 1);
			map->map.slots[slot] = i + 1;
		}
	}
}

struct value *
value_map_copy(struct arena *arena, const struct value *map)
{
	struct value *copy = value_new(arena, VALUE_MAP);

	copy->flags = map->flags;
	copy->place = map->place;
	copy->map.count = map->map.count;
	copy->map.room = MAX(map->map.count + map->map.count / 2, 8);
	copy->map.pairs = arena_grow(
		arena, map->map.pairs, map->map.count, copy->map.room, sizeof(*copy->map.pairs));
	if (copy->map.count >= INDEX_FROM)
		index_build(arena, copy);
	return copy;
}

const struct value *
value_get_key(const struct value *map, const struct value *key)
{
	const struct value_pair *pair = pair_find(map, key);

	return pair ? pair->value : NULL;
}

const struct value *
value_get_view(const struct value *map, struct view key)
{
	const struct value name = { .type = VALUE_STRING,
		.string = { .data = key.data, .length = key.length } };

	return value_get_key(map, &name);
}

const struct value *
value_get(const struct value *map, const char *key)
{
	return value_get_view(map, view_of(key));
}

/* ---- copies ---- */

const struct value *
value_dup(struct arena *arena, const struct value *value)
{
	struct value *copy;

	if (!value)
		return NULL;
	copy = value_new(arena, (enum value_type)value->type);
	*copy = *value;
	switch ((enum value_type)value->type) {
	case VALUE_UNDEFINED:
	case VALUE_STRING:
		if (value->string.data)
			copy->string.data =
				arena_bytes(arena, value->string.data, value->string.length);
		copy->string.compiled = NULL;
		break;
	case VALUE_LIST:
		copy->list.room = value->list.count;
		copy->list.items = arena_array(arena, value->list.count, const struct value *);
		for (uint32_t i = 0; i < value->list.count; i++)
			copy->list.items[i] = value_dup(arena, value->list.items[i]);
		break;
	case VALUE_MAP:
		copy->map.room = value->map.count;
		copy->map.pairs = arena_array(arena, value->map.count, struct value_pair);
		copy->map.slots = NULL;
		for (uint32_t i = 0; i < value->map.count; i++) {
			copy->map.pairs[i].key = value_dup(arena, value->map.pairs[i].key);
			copy->map.pairs[i].value = value_dup(arena, value->map.pairs[i].value);
		}
		if (copy->map.count >= INDEX_FROM)
			index_build(arena, copy);
		break;
	default:
		break;
	}
	return copy;
}

struct value *
value_with_flags(struct arena *arena, const struct value *value, unsigned flags)
{
	struct value *copy = arena_new(arena, struct value);

	*copy = *value;
	copy->flags = (uint8_t)flags;
	return copy;
}

/* ---- reading ---- */

const char *
value_string(const struct value *value)
{
	return value_is_string(value) ? value->string.data : NULL;
}

struct view
value_string_view(const struct value *value)
{
	if (!value_is_string(value))
		return VIEW("");
	return (struct view){ value->string.data, value->string.length };
}

size_t
value_length(const struct value *value)
{
	switch ((enum value_type)value->type) {
	case VALUE_STRING:
		return value->string.length;
	case VALUE_LIST:
		return value->list.count;
	case VALUE_MAP:
		return value->map.count;
	default:
		return 0;
	}
}

bool
value_is_true(const struct value *value)
{
	if (!value)
		return false;
	switch ((enum value_type)value->type) {
	case VALUE_UNDEFINED:
	case VALUE_NONE:
		return false;
	case VALUE_BOOL:
		return value->boolean;
	case VALUE_INT:
		return value->integer != 0;
	case VALUE_FLOAT:
		return fpclassify(value->real) != FP_ZERO;
	case VALUE_OBJECT:
		return true;
	default:
		return value_length(value) != 0;
	}
}

static bool
is_big(const struct value *value)
{
	return value->type == VALUE_OBJECT && value->object.class->is_number;
}

static bool
is_number(const struct value *value)
{
	return value->type == VALUE_BOOL || value->type == VALUE_INT ||
	       value->type == VALUE_FLOAT || is_big(value);
}

static int64_t
whole_number(const struct value *value)
{
	return value->type == VALUE_BOOL ? value->boolean : value->integer;
}

static double
real_number(const struct value *value)
{
	if (is_big(value))
		return strtod(value->object.self, NULL);
	return value->type == VALUE_FLOAT ? value->real : (double)whole_number(value);
}

/* One of them does not fit 64 bits: signs, then lengths, then digits decide. */
static int
big_compare(const struct value *a, const struct value *b)
{
	const char *x = is_big(a) ? a->object.self : "0", *y = is_big(b) ? b->object.self : "0";
	bool x_is_negative = x[0] == '-', y_is_negative = y[0] == '-';
	size_t x_length = strlen(x), y_length = strlen(y);
	int order;

	if (!is_big(b))
		return x_is_negative ? -1 : 1;
	if (!is_big(a))
		return y_is_negative ? 1 : -1;
	if (x_is_negative != y_is_negative)
		return x_is_negative ? -1 : 1;
	order = x_length != y_length ? (x_length > y_length ? 1 : -1) : strcmp(x, y);
	return x_is_negative ? -order : order;
}

static int
numbers_compare(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_FLOAT || b->type == VALUE_FLOAT) {
		double x = real_number(a), y = real_number(b);

		return (x > y) - (x < y);
	}
	if (is_big(a) || is_big(b))
		return big_compare(a, b);
	return (whole_number(a) > whole_number(b)) - (whole_number(a) < whole_number(b));
}

static bool
maps_equal(const struct value *a, const struct value *b)
{
	if (a->map.count != b->map.count)
		return false;
	VALUE_PAIRS (pair, a) {
		const struct value *other = value_get_key(b, pair->key);

		if (!other || !value_equals(pair->value, other))
			return false;
	}
	return true;
}

bool
value_equals(const struct value *a, const struct value *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return false;
	if (is_number(a) && is_number(b))
		return numbers_compare(a, b) == 0;
	if (a->type != b->type)
		return false;
	switch ((enum value_type)a->type) {
	case VALUE_UNDEFINED:
	case VALUE_NONE:
		return true;
	case VALUE_STRING:
		return view_equals(value_string_view(a), value_string_view(b));
	case VALUE_LIST:
		if (a->list.count != b->list.count || ((a->flags ^ b->flags) & VALUE_TUPLE))
			return false;
		for (uint32_t i = 0; i < a->list.count; i++)
			if (!value_equals(a->list.items[i], b->list.items[i]))
				return false;
		return true;
	case VALUE_MAP:
		return maps_equal(a, b);
	case VALUE_OBJECT:
		return a->object.class == b->object.class && a->object.self == b->object.self;
	default:
		return false;
	}
}

static int
strings_compare(struct view a, struct view b)
{
	int order = memcmp(a.data, b.data, MIN(a.length, b.length));

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

bool
value_compare(const struct value *a, const struct value *b, int *out)
{
	if (is_number(a) && is_number(b)) {
		*out = numbers_compare(a, b);
		return true;
	}
	if (a->type == VALUE_STRING && b->type == VALUE_STRING) {
		*out = strings_compare(value_string_view(a), value_string_view(b));
		return true;
	}
	if (a->type == VALUE_LIST && b->type == VALUE_LIST) {
		for (uint32_t i = 0; i < MIN(a->list.count, b->list.count); i++)
			if (!value_equals(a->list.items[i], b->list.items[i]))
				return value_compare(a->list.items[i], b->list.items[i], out);
		*out = (a->list.count > b->list.count) - (a->list.count < b->list.count);
		return true;
	}
	return false;
}

const char *
value_type_name(const struct value *value)
{
	switch ((enum value_type)value->type) {
	case VALUE_UNDEFINED:
		return "AnsibleUndefined";
	case VALUE_NONE:
		return "NoneType";
	case VALUE_BOOL:
		return "bool";
	case VALUE_INT:
		return "int";
	case VALUE_FLOAT:
		return "float";
	case VALUE_STRING:
		return "str";
	case VALUE_LIST:
		return value->flags & VALUE_TUPLE ? "tuple" : "list";
	case VALUE_MAP:
		return "dict";
	case VALUE_OBJECT:
		return value->object.class->type_name;
	}
	return "?";
}

bool
value_to_bool(const struct value *value, bool *out)
{
	static const struct {
		const char *text;
		bool is_true;
	} words[] = { { "yes", true }, { "true", true }, { "on", true }, { "y", true },
		{ "t", true }, { "1", true }, { "1.0", true }, { "no", false }, { "false", false },
		{ "off", false }, { "n", false }, { "f", false }, { "0", false },
		{ "0.0", false } };
	struct view text;

	if (!value)
		return false;
	if (value->type == VALUE_BOOL || value->type == VALUE_INT) {
		if (whole_number(value) != 0 && whole_number(value) != 1)
			return false;
		*out = whole_number(value) != 0;
		return true;
	}
	if (value->type == VALUE_FLOAT) {
		*out = value->real > 0.5;
		return value_equals(value, &value_true) || value_equals(value, &value_false);
	}
	text = view_trim(value_string_view(value));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text.length == strlen(words[i].text) &&
			!strncasecmp(text.data, words[i].text, text.length)) {
			*out = words[i].is_true;
			return true;
		}
	return false;
}

bool
value_to_int(const struct value *value, int64_t *out)
{
	if (!value)
		return false;
	switch ((enum value_type)value->type) {
	case VALUE_BOOL:
	case VALUE_INT:
		*out = whole_number(value);
		return true;
	case VALUE_FLOAT:
		if (!(value->real >= -9e18 && value->real <= 9e18))
			return false;
		*out = (int64_t)value->real;
		return true;
	case VALUE_STRING:
		return number_parse(view_trim(value_string_view(value)), out);
	default:
		return false;
	}
}

bool
error_at(struct error *err, const struct value *value)
{
	char buffer[384];

	if (value && value->place.file)
		error_where(err, "%s", place_text(&value->place, buffer, sizeof(buffer)));
	return false;
}

const char *
place_text(const struct place *place, char *buffer, size_t size)
{
	buffer[0] = '\0';
	if (place->file)
		snprintf(buffer, size, "%s:%u:%u", place->file, place->line, place->column);
	return buffer;
}

const struct value *
value_as_data(struct arena *arena, const struct value *value)
{
	const unsigned none = ~(unsigned)(VALUE_TEMPLATE | VALUE_DEEP);
	struct value *copy;

	if (value->type == VALUE_LIST) {
		copy = value_list(arena);
		VALUE_EACH (item, value)
			value_add(arena, copy, value_as_data(arena, item));
	} else if (value->type == VALUE_MAP) {
		copy = value_map(arena);
		VALUE_PAIRS (pair, value)
			value_set_key(arena, copy, value_as_data(arena, pair->key),
				value_as_data(arena, pair->value));
	} else {
		return value_with_flags(arena, value, value->flags & none);
	}
	copy->flags = (uint8_t)(value->flags & none);
	copy->place = value->place;
	return copy;
}
