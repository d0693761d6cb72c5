/* JSON through jansson (reading) and in Python's own layout (writing). */
#include "json/json.h"

#include <jansson.h>
#include <math.h>

#include "value/object.h"

enum { DEEPEST = 200 };

static const struct value *
value_of(struct arena *into, json_t *json)
{
	struct value *result;
	const char *key;
	size_t index;
	json_t *item;

	switch (json_typeof(json)) {
	case JSON_OBJECT:
		result = value_map(into);
		json_object_foreach(json, key, item)
			value_set(into, result, key, value_of(into, item));
		return result;
	case JSON_ARRAY:
		result = value_list(into);
		json_array_foreach(json, index, item) value_add(into, result, value_of(into, item));
		return result;
	case JSON_STRING:
		return value_bytes(into, json_string_value(json), json_string_length(json));
	case JSON_INTEGER:
		return value_int(into, json_integer_value(json));
	case JSON_REAL:
		return value_float(into, json_real_value(json));
	case JSON_TRUE:
		return &value_true;
	case JSON_FALSE:
		return &value_false;
	default:
		return &value_none;
	}
}

bool
json_parse(struct arena *into, struct view text, const struct value **out, struct error *err)
{
	json_error_t problem;
	json_t *json =
		json_loadb(text.data, text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);

	if (!json && strstr(problem.text, "too big integer"))
		json = json_loadb(text.data, text.length,
			JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &problem);
	if (!json) {
		fail(err, ERR_PARSE, "cannot parse JSON");
		error_why(err, "%s", problem.text);
		return error_where(err, "%d:%d", problem.line, problem.column);
	}
	*out = value_of(into, json);
	json_decref(json);
	return true;
}

/* One character of UTF-8; 0 length for a stray byte. */
static size_t
character(struct view text, size_t at, uint32_t *code)
{
	unsigned char c = (unsigned char)text.data[at];
	size_t length = c < 0x80	 ? 1
			: (c >> 5) == 6	 ? 2
			: (c >> 4) == 14 ? 3
			: (c >> 3) == 30 ? 4
					 : 0;

	*code = length > 1 ? c & (0x7fu >> length) : c;
	if (!length || at + length > text.length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text.data[at + i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | ((unsigned char)text.data[at + i] & 0x3f);
	}
	/* Longer than needed, or beyond Unicode: stray bytes. */
	if ((length == 2 && *code < 0x80) || (length == 3 && *code < 0x800) ||
		(length == 4 && (*code < 0x10000 || *code > 0x10ffff)))
		return 0;
	return length;
}

static void
unicode_add(uint32_t code, struct str *out)
{
	if (code < 0x10000) {
		str_add_format(out, "\\u%04x", code);
		return;
	}
	code -= 0x10000;
	str_add_format(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

/* How many bytes from here on stand for themselves in every style. */
static size_t
plain_length(struct view text, size_t at)
{
	size_t end = at;

	while (end < text.length && text.data[end] >= 0x20 && text.data[end] < 0x7f &&
		text.data[end] != '"' && text.data[end] != '\\')
		end++;
	return end - at;
}

static void
string_add(struct view text, const struct json_style *style, struct str *out)
{
	static const char letters[] = "\"\"\\\\\nn\rr\tt\ff\bb";

	str_add_char(out, '"');
	for (size_t at = 0; at < text.length;) {
		size_t length = plain_length(text, at);
		const char *letter;
		uint32_t code;

		if (length) {
			str_add_bytes(out, text.data + at, length);
			at += length;
			continue;
		}
		letter = memchr(letters, text.data[at], sizeof(letters) - 1);
		length = character(text, at, &code);

		while (letter && (letter - letters) % 2)
			letter = memchr(letter + 1, text.data[at],
				(size_t)(letters + sizeof(letters) - 1 - (letter + 1)));
		if (letter)
			str_add_format(out, "\\%c", letter[1]);
		else if (!length)
			str_add_format(out, "\\udc%02x", (unsigned char)text.data[at]);
		else if (code < 0x20 || (!style->keep_utf8 && code > 0x7e))
			unicode_add(code, out);
		else
			str_add_bytes(out, text.data + at, length);
		at += length ? length : 1;
	}
	str_add_char(out, '"');
}

static void
line_add(const struct json_style *style, int depth, struct str *out)
{
	if (!style->indent)
		return;
	str_add_char(out, '\n');
	str_add_times(out, ' ', (size_t)style->indent * (size_t)depth);
}

static void add(
	const struct value *value, const struct json_style *style, int depth, struct str *out);

static const char *
comma(const struct json_style *style)
{
	return style->indent || style->is_compact ? "," : ", ";
}

static void
list_add(const struct value *list, const struct json_style *style, int depth, struct str *out)
{
	str_add_char(out, '[');
	for (uint32_t i = 0; i < list->list.count; i++) {
		if (i)
			str_add(out, comma(style));
		line_add(style, depth + 1, out);
		add(list->list.items[i], style, depth + 1, out);
	}
	if (list->list.count)
		line_add(style, depth, out);
	str_add_char(out, ']');
}

static void
key_add(const struct value *key, const struct json_style *style, struct str *out)
{
	struct str text;

	if (key->type == VALUE_STRING) {
		string_add(value_string_view(key), style, out);
		return;
	}
	str_init(&text);
	if (key->type == VALUE_LIST || key->type == VALUE_MAP)
		value_add_text(key, &text);
	else
		add(key, style, 0, &text);
	string_add(str_view(&text), style, out);
	str_release(&text);
}

static int
pair_order(const void *a, const void *b)
{
	const struct value_pair *x = a, *y = b;
	int order;

	return value_compare(x->key, y->key, &order) ? order
						     : (int)x->key->type - (int)y->key->type;
}

static void
map_add(const struct value *map, const struct json_style *style, int depth, struct str *out)
{
	const struct value_pair *pairs = map->map.pairs;
	struct value_pair *sorted = NULL;
	uint32_t count = map->map.count;

	if (style->sort_keys && count) {
		sorted = memory_get(count * sizeof(*sorted));
		memcpy(sorted, pairs, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), pair_order);
		pairs = sorted;
	}
	str_add_char(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			str_add(out, comma(style));
		line_add(style, depth + 1, out);
		key_add(pairs[i].key, style, out);
		str_add(out, style->is_compact ? ":" : ": ");
		add(pairs[i].value, style, depth + 1, out);
	}
	if (count)
		line_add(style, depth, out);
	str_add_char(out, '}');
	free(sorted);
}

static void
real_add(double real, struct str *out)
{
	if (isnan(real))
		str_add(out, "NaN");
	else if (isinf(real))
		str_add(out, real < 0 ? "-Infinity" : "Infinity");
	else
		float_add_text(real, out);
}

static void
add(const struct value *value, const struct json_style *style, int depth, struct str *out)
{
	if (depth > DEEPEST) {
		str_add(out, "null");
		return;
	}
	switch ((enum value_type)value->type) {
	case VALUE_BOOL:
		str_add(out, value->boolean ? "true" : "false");
		break;
	case VALUE_INT:
		str_add_format(out, "%lld", (long long)value->integer);
		break;
	case VALUE_FLOAT:
		real_add(value->real, out);
		break;
	case VALUE_STRING:
		string_add(value_string_view(value), style, out);
		break;
	case VALUE_LIST:
		list_add(value, style, depth, out);
		break;
	case VALUE_MAP:
		map_add(value, style, depth, out);
		break;
	case VALUE_OBJECT:
		str_add(out, value->object.class->is_number ? value->object.self : "null");
		break;
	default:
		str_add(out, "null");
	}
}

void
json_add(const struct value *value, const struct json_style *style, struct str *out)
{
	static const struct json_style plain = { 0 };

	add(value, style ? style : &plain, style ? style->depth : 0, out);
}
