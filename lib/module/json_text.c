/* The JSON of facts.d and of background jobs: values and nothing more. The runner has no JSON
 * library. */
#include <ctype.h>
#include <string.h>

#include "module/json_text.h"

enum { DEPTH_MAX = 32 };

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

		if (c != '\\')
			str_add_char(&text, c);
		else if (!add_escape(json, &text))
			return NULL;
	}
	return take(json, '"') ? value_view(json->arena, str_view(&text)) : NULL;
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

static const struct value *
read_word(struct json *json)
{
	const char *start = json->next, *text;
	struct view word;
	int64_t number;
	char *end;
	double real;

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
	if (number_parse(word, &number))
		return value_int(json->arena, number);
	text = arena_view(json->arena, word);
	real = strtod(text, &end);
	return word.length && !*end ? value_float(json->arena, real) : NULL;
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
json_text_read(struct arena *arena, struct view text)
{
	struct json json = { .arena = arena, .next = text.data, .end = text.data + text.length };
	const struct value *value = read_any(&json, 0);

	skip_space(&json);
	return json.next == json.end ? value : NULL;
}

static void
add_string(struct view text, struct str *out)
{
	str_add_char(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '"' || c == '\\')
			str_add_format(out, "\\%c", c);
		else if (c < 0x20)
			str_add_format(out, "\\u%04x", c);
		else
			str_add_char(out, (char)c);
	}
	str_add_char(out, '"');
}

static void
add_map(const struct value *map, struct str *out)
{
	bool is_first = true;

	str_add_char(out, '{');
	VALUE_PAIRS (pair, map) {
		_cleanup_str_ struct str key = STR_INIT;

		value_add_text(pair->key, &key);
		str_add(out, is_first ? "" : ", ");
		add_string(str_view(&key), out);
		str_add(out, ": ");
		json_text_add(pair->value, out);
		is_first = false;
	}
	str_add_char(out, '}');
}

void
json_text_add(const struct value *value, struct str *out)
{
	switch (value ? value->type : VALUE_NONE) {
	case VALUE_STRING:
		add_string(value_string_view(value), out);
		break;
	case VALUE_LIST:
		str_add_char(out, '[');
		VALUE_EACH (item, value) {
			str_add(out, item_index ? ", " : "");
			json_text_add(item, out);
		}
		str_add_char(out, ']');
		break;
	case VALUE_MAP:
		add_map(value, out);
		break;
	case VALUE_BOOL:
		str_add(out, value_is_true(value) ? "true" : "false");
		break;
	case VALUE_INT:
	case VALUE_FLOAT:
		value_add_text(value, out);
		break;
	default:
		str_add(out, "null");
	}
}
