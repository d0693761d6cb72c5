/* MessagePack: the tag byte says type and, for small things, length or value; numbers are big
 * endian. */
#include "value/msgpack.h"

#include <string.h>

#include "value/object.h"

static void
add_number(struct str *out, uint8_t tag, uint64_t number, int bytes)
{
	char buffer[9];

	buffer[0] = (char)tag;
	for (int i = 0; i < bytes; i++)
		buffer[1 + i] = (char)(number >> (8 * (bytes - 1 - i)));
	str_add_bytes(out, buffer, 1 + (size_t)bytes);
}

void
msgpack_add_none(struct str *out)
{
	str_add_char(out, (char)0xc0);
}

void
msgpack_add_bool(struct str *out, bool boolean)
{
	str_add_char(out, (char)(boolean ? 0xc3 : 0xc2));
}

void
msgpack_add_int(struct str *out, int64_t integer)
{
	if (integer >= -32 && integer <= 127)
		str_add_char(out, (char)integer);
	else if (integer >= INT8_MIN && integer <= INT8_MAX)
		add_number(out, 0xd0, (uint64_t)integer, 1);
	else if (integer >= INT16_MIN && integer <= INT16_MAX)
		add_number(out, 0xd1, (uint64_t)integer, 2);
	else if (integer >= INT32_MIN && integer <= INT32_MAX)
		add_number(out, 0xd2, (uint64_t)integer, 4);
	else
		add_number(out, 0xd3, (uint64_t)integer, 8);
}

void
msgpack_add_float(struct str *out, double real)
{
	uint64_t bits;

	memcpy(&bits, &real, sizeof(bits));
	add_number(out, 0xcb, bits, 8);
}

void
msgpack_add_view(struct str *out, struct view text)
{
	if (text.length > UINT32_MAX)
		BUG("a text of %zu bytes", text.length);
	if (text.length < 32)
		str_add_char(out, (char)(0xa0 | text.length));
	else if (text.length <= UINT8_MAX)
		add_number(out, 0xd9, text.length, 1);
	else if (text.length <= UINT16_MAX)
		add_number(out, 0xda, text.length, 2);
	else
		add_number(out, 0xdb, text.length, 4);
	str_add_view(out, text);
}

void
msgpack_add_text(struct str *out, const char *text)
{
	if (text)
		msgpack_add_view(out, view_of(text));
	else
		msgpack_add_none(out);
}

void
msgpack_add_list(struct str *out, size_t count)
{
	if (count < 16)
		str_add_char(out, (char)(0x90 | count));
	else if (count <= UINT16_MAX)
		add_number(out, 0xdc, count, 2);
	else
		add_number(out, 0xdd, count, 4);
}

void
msgpack_add_map(struct str *out, size_t count)
{
	if (count < 16)
		str_add_char(out, (char)(0x80 | count));
	else if (count <= UINT16_MAX)
		add_number(out, 0xde, count, 2);
	else
		add_number(out, 0xdf, count, 4);
}

static bool write_value(const struct value *value, struct str *out, int depth, struct error *err);

static bool
write_object(const struct value *value, struct str *out, int depth, struct error *err)
{
	const struct object_class *class = value->object.class;
	const struct value *plain = NULL;
	struct arena arena;
	bool is_done;

	if (class->is_number) { /* the wire has none so large: as text */
		msgpack_add_view(out, view_of(value->object.self));
		return true;
	}
	if (!class->plain)
		return fail(err, ERR_TYPE, "cannot send a %s to a host", class->type_name);
	arena_init(&arena);
	is_done = class->plain(value->object.self, &arena, &plain, err) &&
		  write_value(plain, out, depth + 1, err);
	arena_release(&arena);
	return is_done;
}

static bool
write_list(const struct value *value, struct str *out, int depth, struct error *err)
{
	msgpack_add_list(out, value->list.count);
	VALUE_EACH (item, value)
		if (!write_value(item, out, depth + 1, err))
			return false;
	return true;
}

static bool
write_map(const struct value *value, struct str *out, int depth, struct error *err)
{
	msgpack_add_map(out, value->map.count);
	VALUE_PAIRS (pair, value)
		if (!write_value(pair->key, out, depth + 1, err) ||
			!write_value(pair->value, out, depth + 1, err))
			return false;
	return true;
}

static bool
write_value(const struct value *value, struct str *out, int depth, struct error *err)
{
	if (depth > MSGPACK_DEPTH)
		return fail(err, ERR_LIMIT, "a value is nested deeper than %d", MSGPACK_DEPTH);
	if (value_is_none(value)) {
		msgpack_add_none(out);
		return true;
	}
	switch ((enum value_type)value->type) {
	case VALUE_NONE:
		break;
	case VALUE_UNDEFINED:
		return fail(err, ERR_UNDEFINED, "variable '%s' is not defined",
			value->string.data ? value->string.data : "?");
	case VALUE_BOOL:
		msgpack_add_bool(out, value->boolean);
		return true;
	case VALUE_INT:
		msgpack_add_int(out, value->integer);
		return true;
	case VALUE_FLOAT:
		msgpack_add_float(out, value->real);
		return true;
	case VALUE_STRING:
		msgpack_add_view(out, value_string_view(value));
		return true;
	case VALUE_LIST:
		return write_list(value, out, depth, err);
	case VALUE_MAP:
		return write_map(value, out, depth, err);
	case VALUE_OBJECT:
		return write_object(value, out, depth, err);
	}
	BUG("a value of type %d", value->type);
}

bool
msgpack_write(const struct value *value, struct str *out, struct error *err)
{
	return write_value(value, out, 0, err);
}

struct reader {
	struct arena *arena;
	const uint8_t *next;
	size_t left;
	size_t items;
	struct error *err;
};

static bool
broken(struct reader *reader, const char *why)
{
	fail(reader->err, ERR_PROTOCOL, "cannot read a MessagePack value");
	return error_why(reader->err, "%s", why);
}

static bool
read_number(struct reader *reader, int bytes, uint64_t *out)
{
	uint64_t number = 0;

	if (reader->left < (size_t)bytes)
		return broken(reader, "it is cut short");
	for (int i = 0; i < bytes; i++)
		number = number << 8 | reader->next[i];
	reader->next += bytes;
	reader->left -= (size_t)bytes;
	*out = number;
	return true;
}

static bool
read_text(struct reader *reader, uint64_t length, const struct value **out)
{
	if (length > reader->left)
		return broken(reader, "a text is cut short");
	*out = value_bytes(reader->arena, reader->next, length);
	reader->next += length;
	reader->left -= length;
	return true;
}

static bool read_value(struct reader *reader, int depth, const struct value **out);

/* Every item takes at least one byte: a count beyond what is left is a lie. */
static bool
check_count(struct reader *reader, uint64_t count)
{
	if (count > reader->left)
		return broken(reader, "a count is larger than the message");
	reader->items += count;
	if (reader->items > MSGPACK_ITEMS)
		return broken(reader, "it has too many items");
	return true;
}

static bool
read_list(struct reader *reader, uint64_t count, int depth, const struct value **out)
{
	struct value *list = value_list(reader->arena);
	const struct value *item;

	if (!check_count(reader, count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (!read_value(reader, depth + 1, &item))
			return false;
		value_add(reader->arena, list, item);
	}
	*out = list;
	return true;
}

static bool
read_map(struct reader *reader, uint64_t count, int depth, const struct value **out)
{
	struct value *map = value_map(reader->arena);
	const struct value *key, *item;

	if (!check_count(reader, count * 2))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (!read_value(reader, depth + 1, &key) || !read_value(reader, depth + 1, &item))
			return false;
		if (value_is_list(key) || value_is_map(key))
			return broken(reader, "a map has a key that is not a scalar");
		value_set_key(reader->arena, map, key, item);
	}
	*out = map;
	return true;
}

static bool
read_integer(struct reader *reader, int bytes, bool is_signed, const struct value **out)
{
	uint64_t number;
	int shift = 64 - 8 * bytes;

	if (!read_number(reader, bytes, &number))
		return false;
	if (is_signed) {
		*out = value_int(reader->arena, (int64_t)(number << shift) >> shift);
		return true;
	}
	if (number > INT64_MAX)
		return broken(reader, "a number does not fit in 64 bits with sign");
	*out = value_int(reader->arena, (int64_t)number);
	return true;
}

static bool
read_float(struct reader *reader, int bytes, const struct value **out)
{
	uint64_t bits;
	uint32_t half;
	double real;
	float small;

	if (!read_number(reader, bytes, &bits))
		return false;
	if (bytes == 8) {
		memcpy(&real, &bits, sizeof(real));
	} else {
		half = (uint32_t)bits;
		memcpy(&small, &half, sizeof(small));
		real = (double)small;
	}
	*out = value_float(reader->arena, real);
	return true;
}

static bool
read_sized(struct reader *reader, uint8_t tag, int depth, const struct value **out)
{
	uint64_t count;
	int bytes;

	switch (tag) {
	case 0xc4:
	case 0xd9:
		bytes = 1;
		break;
	case 0xc5:
	case 0xda:
	case 0xdc:
	case 0xde:
		bytes = 2;
		break;
	default:
		bytes = 4;
	}
	if (!read_number(reader, bytes, &count))
		return false;
	if (tag >= 0xde)
		return read_map(reader, count, depth, out);
	if (tag >= 0xdc)
		return read_list(reader, count, depth, out);
	return read_text(reader, count, out);
}

static bool
read_tagged(struct reader *reader, uint8_t tag, int depth, const struct value **out)
{
	switch (tag) {
	case 0xc0:
		*out = &value_none;
		return true;
	case 0xc2:
		*out = &value_false;
		return true;
	case 0xc3:
		*out = &value_true;
		return true;
	case 0xc4:
	case 0xc5:
	case 0xc6:
	case 0xd9:
	case 0xda:
	case 0xdb:
	case 0xdc:
	case 0xdd:
	case 0xde:
	case 0xdf:
		return read_sized(reader, tag, depth, out);
	case 0xca:
		return read_float(reader, 4, out);
	case 0xcb:
		return read_float(reader, 8, out);
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		return read_integer(reader, 1 << (tag - 0xcc), false, out);
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return read_integer(reader, 1 << (tag - 0xd0), true, out);
	default:
		return broken(reader, "it holds a type that is not used here");
	}
}

static bool
read_value(struct reader *reader, int depth, const struct value **out)
{
	uint64_t tag;

	if (depth > MSGPACK_DEPTH)
		return broken(reader, "it is nested too deep");
	if (!read_number(reader, 1, &tag))
		return false;
	if (tag <= 0x7f || tag >= 0xe0) {
		*out = value_int(reader->arena, (int8_t)tag);
		return true;
	}
	if (tag <= 0x8f)
		return read_map(reader, tag & 15, depth, out);
	if (tag <= 0x9f)
		return read_list(reader, tag & 15, depth, out);
	if (tag <= 0xbf)
		return read_text(reader, tag & 31, out);
	return read_tagged(reader, (uint8_t)tag, depth, out);
}

bool
msgpack_read(struct arena *into, struct view bytes, const struct value **out, struct error *err)
{
	struct reader reader = {
		.arena = into,
		.next = (const uint8_t *)bytes.data,
		.left = bytes.length,
		.err = err,
	};
	const struct value *value;

	if (!read_value(&reader, 0, &value))
		return false;
	if (reader.left)
		return broken(&reader, "bytes follow its end");
	*out = value;
	return true;
}
