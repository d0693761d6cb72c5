/* How Python would show a value: str() and repr(). */
#include "value/object.h"
#include "value/value.h"

#include <math.h>

enum { DEEPEST = 100 };

/* The shortest digits that read back as the same number, as Python prints them. */
void
float_add_text(double real, struct str *out)
{
	char text[40], *exponent;
	int64_t power;

	if (isnan(real)) {
		str_add(out, "nan");
		return;
	}
	if (isinf(real)) {
		str_add(out, real > 0 ? "inf" : "-inf");
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*e", digits - 1, real);
		if (!(strtod(text, NULL) < real) && !(strtod(text, NULL) > real))
			break;
	}
	exponent = strchr(text, 'e');
	if (!exponent || !number_parse(view_of(exponent + (exponent[1] == '+' ? 2 : 1)), &power))
		power = 0;
	if (power >= 16 || power < -4) {
		str_add_bytes(out, text, (size_t)(exponent - text));
		str_add_format(
			out, "e%c%02d", power < 0 ? '-' : '+', (int)(power < 0 ? -power : power));
		return;
	}
	{
		size_t digits = 0;

		for (const char *p = text; p < exponent; p++)
			digits += *p >= '0' && *p <= '9';
		snprintf(
			text, sizeof(text), "%.*f", (int)MAX((int64_t)digits - 1 - power, 1), real);
	}
	str_add(out, text);
}

/* Length of the UTF-8 sequence at `text`, or 0 when it is none. */
static size_t
utf8_length(const char *text, size_t left)
{
	unsigned char c = (unsigned char)text[0];
	size_t length = c < 0x80	 ? 1
			: (c >> 5) == 6	 ? 2
			: (c >> 4) == 14 ? 3
			: (c >> 3) == 30 ? 4
					 : 0;

	if (!length || length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* What repr() writes as an escape: controls, blanks other than the space, formats, private and
 * surrogate codes. */
static bool
is_printable(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = { { 0x80, 0xa0 }, { 0xad, 0xad }, { 0x378, 0x379 }, { 0x600, 0x605 },
		{ 0x61c, 0x61c }, { 0x6dd, 0x6dd }, { 0x70f, 0x70f }, { 0x1680, 0x1680 },
		{ 0x180e, 0x180e }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0xd7fc, 0xf8ff }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb },
		{ 0xfffe, 0xffff }, { 0xe0000, 0xe00ff }, { 0xe01f0, 0x10ffff } };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	return true;
}

static uint32_t
utf8_code(const char *text, size_t length)
{
	uint32_t code = length > 1 ? (unsigned char)text[0] & (0x7fu >> length)
				   : (unsigned char)text[0];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	return code;
}

static void
escape_add(uint32_t code, struct str *out)
{
	str_add_format(out, code < 0x100 ? "\\x%02x" : code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
}

static void
string_add_repr(struct view text, struct str *out)
{
	char quote = '\'';

	if (text.length && memchr(text.data, '\'', text.length) &&
		!memchr(text.data, '"', text.length))
		quote = '"';
	str_add_char(out, quote);
	for (size_t i = 0; i < text.length;) {
		char c = text.data[i];
		size_t length = utf8_length(text.data + i, text.length - i);

		if (c == quote || c == '\\')
			str_add_format(out, "\\%c", c);
		else if (c == '\n')
			str_add(out, "\\n");
		else if (c == '\r')
			str_add(out, "\\r");
		else if (c == '\t')
			str_add(out, "\\t");
		else if ((unsigned char)c < 0x20 || c == 0x7f || !length)
			str_add_format(out, "\\x%02x", (unsigned char)c);
		else if (is_printable(utf8_code(text.data + i, length)))
			str_add_bytes(out, text.data + i, length);
		else
			escape_add(utf8_code(text.data + i, length), out);
		i += length ? length : 1;
	}
	str_add_char(out, quote);
}

static void add_shown(const struct value *value, struct str *out, bool is_inner, int depth);

static void
list_add(const struct value *list, struct str *out, int depth)
{
	bool is_tuple = list->flags & VALUE_TUPLE;

	str_add_char(out, is_tuple ? '(' : '[');
	for (uint32_t i = 0; i < list->list.count; i++) {
		if (i)
			str_add(out, ", ");
		add_shown(list->list.items[i], out, true, depth + 1);
	}
	if (is_tuple && list->list.count == 1)
		str_add_char(out, ',');
	str_add_char(out, is_tuple ? ')' : ']');
}

static void
map_add(const struct value *map, struct str *out, int depth)
{
	bool is_first = true;

	str_add_char(out, '{');
	VALUE_PAIRS (pair, map) {
		if (!is_first)
			str_add(out, ", ");
		is_first = false;
		add_shown(pair->key, out, true, depth + 1);
		str_add(out, ": ");
		add_shown(pair->value, out, true, depth + 1);
	}
	str_add_char(out, '}');
}

static void
object_add(const struct value *value, struct str *out, int depth)
{
	const struct object_class *class = value->object.class;
	const struct value *plain;
	struct arena arena;

	if (class->is_number || class->is_shown_as_self) {
		str_add(out, value->object.self);
		return;
	}
	arena_init(&arena);
	if (class->plain && class->plain(value->object.self, &arena, &plain, NULL))
		add_shown(plain, out, true, depth + 1);
	else
		str_add_format(out, "<%s>", class->type_name);
	arena_release(&arena);
}

static void
add_shown(const struct value *value, struct str *out, bool is_inner, int depth)
{
	if (depth > DEEPEST) {
		str_add(out, "...");
		return;
	}
	switch ((enum value_type)value->type) {
	case VALUE_UNDEFINED:
		if (is_inner)
			str_add(out, "AnsibleUndefined");
		break;
	case VALUE_NONE:
		str_add(out, "None");
		break;
	case VALUE_BOOL:
		str_add(out, value->boolean ? "True" : "False");
		break;
	case VALUE_INT:
		str_add_format(out, "%lld", (long long)value->integer);
		break;
	case VALUE_FLOAT:
		float_add_text(value->real, out);
		break;
	case VALUE_STRING:
		if (is_inner)
			string_add_repr(value_string_view(value), out);
		else
			str_add_view(out, value_string_view(value));
		break;
	case VALUE_LIST:
		list_add(value, out, depth);
		break;
	case VALUE_MAP:
		map_add(value, out, depth);
		break;
	case VALUE_OBJECT:
		object_add(value, out, depth);
		break;
	}
}

void
value_add_text(const struct value *value, struct str *out)
{
	add_shown(value, out, false, 0);
}

void
value_add_repr(const struct value *value, struct str *out)
{
	add_shown(value, out, true, 0);
}

const char *
value_to_text(struct arena *arena, const struct value *value)
{
	struct str text = STR_INIT;
	const char *copy;

	if (value_is_string(value))
		return value->string.data;
	value_add_text(value, &text);
	copy = arena_view(arena, str_view(&text));
	str_release(&text);
	return copy;
}
