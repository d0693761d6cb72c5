/* JSON without a library. */
#include "module/jsontext.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 200 };

struct json {
	struct arena *arena;
	const char *next, *end;
};

static const struct value *read_any(struct json *json, int depth);

static void
skip_space(struct json *json)
{
	while (json->next < json->end && strchr(" \t\r\n", *json->next))
		json->next++;
}

static bool
take(struct json *json, char c)
{
	skip_space(json);
	if (json->next == json->end || *json->next != c)
		return false;
	json->next++;
	return true;
}

static bool
read_hex(struct json *json, uint32_t *out)
{
	int64_t number;

	if (json->end - json->next < 4 ||
		!number_parse_base((struct view){ json->next, 4 }, 16, &number) || number < 0)
		return false;
	json->next += 4;
	*out = (uint32_t)number;
	return true;
}

static bool
add_escape(struct json *json, struct str *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint32_t code, low;

	if (json->next == json->end)
		return false;
	found = strchr(from, *json->next);
	if (found && *found) {
		json->next++;
		str_add_char(out, to[found - from]);
		return true;
	}
	if (*json->next++ != 'u' || !read_hex(json, &code))
		return false;
	if (code >= 0xd800 && code < 0xdc00 && json->end - json->next > 6 &&
		json->next[0] == '\\' && json->next[1] == 'u') {
		json->next += 2;
		if (!read_hex(json, &low))
			return false;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	if (code < 0x80) {
		str_add_char(out, (char)code);
		return true;
	}
	if (code >= 0x10000)
		str_add_char(out, (char)(0xf0 | (code >> 18 & 7)));
	if (code >= 0x800)
		str_add_char(out,
			(char)(code >= 0x10000 ? 0x80 | (code >> 12 & 63) : 0xe0 | code >> 12));
	str_add_char(out, (char)(code >= 0x800 ? 0x80 | (code >> 6 & 63) : 0xc0 | code >> 6));
	str_add_char(out, (char)(0x80 | (code & 63)));
	return true;
}

static const struct value *
read_text(struct json *json)
{
	_cleanup_str_ struct str text = STR_INIT;

	while (json->next < json->end && *json->next != '"') {
		char c = *json->next++;

		if ((unsigned char)c < ' ')
			return NULL;
		if (c != '\\')
			str_add_char(&text, c);
		else if (!add_escape(json, &text))
			return NULL;
	}
	if (json->next++ == json->end)
		return NULL;
	return value_view(json->arena, str_view(&text));
}

static const struct value *
read_list(struct json *json, int depth)
{
	struct value *list = value_list(json->arena);
	const struct value *item;

	if (take(json, ']'))
		return list;
	do {
		item = read_any(json, depth + 1);
		if (!item)
			return NULL;
		value_add(json->arena, list, item);
	} while (take(json, ','));
	return take(json, ']') ? list : NULL;
}

static const struct value *
read_map(struct json *json, int depth)
{
	struct value *map = value_map(json->arena);
	const struct value *key, *item;

	if (take(json, '}'))
		return map;
	do {
		key = take(json, '"') ? read_text(json) : NULL;
		item = key && take(json, ':') ? read_any(json, depth + 1) : NULL;
		if (!item)
			return NULL;
		value_set_key(json->arena, map, key, item);
	} while (take(json, ','));
	return take(json, '}') ? map : NULL;
}

/* -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][-+]?[0-9]+)? */
static bool
is_number(const char *text, bool *is_real)
{
	const char *start;

	text += *text == '-';
	start = text;
	text += strspn(text, "0123456789");
	if (text == start || (*start == '0' && text - start > 1))
		return false;
	*is_real = *text != '\0';
	if (*text == '.') {
		start = ++text;
		text += strspn(text, "0123456789");
		if (text == start)
			return false;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		text += *text == '-' || *text == '+';
		start = text;
		text += strspn(text, "0123456789");
		if (text == start)
			return false;
	}
	return !*text;
}

static const struct value *
read_word(struct json *json)
{
	const char *start = json->next, *text;
	struct view word;
	int64_t number;
	bool is_real;

	while (json->next < json->end &&
		(isalnum((unsigned char)*json->next) || strchr("+-.", *json->next)))
		json->next++;
	word = (struct view){ start, (size_t)(json->next - start) };
	if (view_is(word, "true"))
		return &value_true;
	if (view_is(word, "false"))
		return &value_false;
	if (view_is(word, "null"))
		return &value_none;
	if (view_is(word, "NaN"))
		return value_float(json->arena, NAN);
	if (view_is(word, "Infinity") || view_is(word, "-Infinity"))
		return value_float(json->arena, *start == '-' ? -INFINITY : INFINITY);
	text = arena_view(json->arena, word);
	if (!is_number(text, &is_real))
		return NULL;
	if (!is_real && number_parse(word, &number))
		return value_int(json->arena, number);
	return value_float(json->arena, strtod(text, NULL));
}

static const struct value *
read_any(struct json *json, int depth)
{
	if (depth > DEPTH_MAX)
		return NULL;
	if (take(json, '{'))
		return read_map(json, depth);
	if (take(json, '['))
		return read_list(json, depth);
	if (take(json, '"'))
		return read_text(json);
	return read_word(json);
}

const struct value *
jsontext_read(struct arena *arena, struct view text)
{
	struct json json = { .arena = arena, .next = text.data, .end = text.data + text.length };
	const struct value *value = read_any(&json, 0);

	skip_space(&json);
	return json.next == json.end ? value : NULL;
}

/* The code point at `*text`; bytes that are no UTF-8 stand for themselves. */
static uint32_t
take_code(struct view *text)
{
	const unsigned char *bytes = (const unsigned char *)text->data;
	size_t length = bytes[0] < 0xc2 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	uint32_t code = bytes[0];

	if (length > text->length || bytes[0] > 0xf4)
		length = 1;
	if (length > 1)
		code &= 0xffU >> (length + 1);
	for (size_t i = 1; i < length; i++)
		code = code << 6 | (bytes[i] & 63U);
	text->data += length;
	text->length -= length;
	return code;
}

static void
add_quoted(struct view text, struct str *out)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";

	str_add_char(out, '"');
	while (text.length) {
		uint32_t code = take_code(&text);
		const char *found = code && code < 0x80 ? strchr(special, (int)code) : NULL;

		if (found)
			str_add_format(out, "\\%c", letters[found - special]);
		else if (code >= ' ' && code < 0x7f)
			str_add_char(out, (char)code);
		else if (code < 0x10000)
			str_add_format(out, "\\u%04x", code);
		else
			str_add_format(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
				0xdc00 + (code & 0x3ff));
	}
	str_add_char(out, '"');
}

void
jsontext_add(const struct value *value, struct str *out)
{
	bool is_first = true;

	switch (value->type) {
	case VALUE_STRING:
		add_quoted(value_string_view(value), out);
		break;
	case VALUE_BOOL:
		str_add(out, value->boolean ? "true" : "false");
		break;
	case VALUE_INT:
	case VALUE_FLOAT:
		value_add_text(value, out);
		break;
	case VALUE_LIST:
		str_add_char(out, '[');
		VALUE_EACH (item, value) {
			str_add(out, is_first ? "" : ", ");
			jsontext_add(item, out);
			is_first = false;
		}
		str_add_char(out, ']');
		break;
	case VALUE_MAP:
		str_add_char(out, '{');
		VALUE_PAIRS (pair, value) {
			_cleanup_str_ struct str key = STR_INIT;

			str_add(out, is_first ? "" : ", ");
			if (value_is_string(pair->key))
				str_add_view(&key, value_string_view(pair->key));
			else
				jsontext_add(pair->key, &key);
			add_quoted(str_view(&key), out);
			str_add(out, ": ");
			jsontext_add(pair->value, out);
			is_first = false;
		}
		str_add_char(out, '}');
		break;
	default:
		str_add(out, "null");
	}
}
