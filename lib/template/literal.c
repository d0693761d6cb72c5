/* Python's literals, read back from text. */
#include "template/literal.h"

#include "template/bigint.h"

#include <ctype.h>
#include <math.h>

enum { DEEPEST = 90, LONGEST_NUMBER = 4400 };

/* ---- UTF-8 ---- */

void
utf8_add(struct str *out, uint32_t code)
{
	if (code < 0x80) {
		str_add_char(out, (char)code);
	} else if (code >= 0xdc80 && code <= 0xdcff) { /* a stray byte */
		str_add_char(out, (char)(code - 0xdc00));
	} else if (code < 0x800) {
		str_add_char(out, (char)(0xc0 | code >> 6));
		str_add_char(out, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		str_add_char(out, (char)(0xe0 | code >> 12));
		str_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (code & 0x3f)));
	} else {
		str_add_char(out, (char)(0xf0 | (code >> 18 & 7)));
		str_add_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
		str_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (code & 0x3f)));
	}
}

size_t
utf8_take(struct view text, size_t at, uint32_t *code)
{
	unsigned char c = (unsigned char)text.data[at];
	size_t length = c < 0x80	 ? 1
			: (c >> 5) == 6	 ? 2
			: (c >> 4) == 14 ? 3
			: (c >> 3) == 30 ? 4
					 : 0;
	uint32_t result = c;

	if (length > 1 && at + length <= text.length) {
		result = c & (0x7fu >> length);
		for (size_t i = 1; i < length; i++) {
			unsigned char next = (unsigned char)text.data[at + i];

			if ((next & 0xc0) != 0x80) {
				length = 0;
				break;
			}
			result = result << 6 | (next & 0x3f);
		}
	} else if (length > 1) {
		length = 0;
	}
	/* Longer than needed, a surrogate or beyond Unicode: no characters. */
	if ((length == 2 && result < 0x80) ||
		(length == 3 && (result < 0x800 || (result >= 0xd800 && result < 0xdc80) ||
					(result > 0xdcff && result < 0xe000))) ||
		(length == 4 && (result < 0x10000 || result > 0x10ffff)))
		length = 0;
	*code = length ? result : 0xdc00u + c;
	return length ? length : 1;
}

size_t
utf8_count(struct view text)
{
	size_t count = 0;
	uint32_t code;

	for (size_t at = 0; at < text.length; count++)
		at += utf8_take(text, at, &code);
	return count;
}

size_t
utf8_offset(struct view text, size_t index)
{
	size_t at = 0;
	uint32_t code;

	while (index-- && at < text.length)
		at += utf8_take(text, at, &code);
	return at;
}

/* ---- strings ---- */

static bool
hex_take(struct view text, size_t *at, size_t digits, struct str *out)
{
	int64_t code;

	if (*at + digits > text.length ||
		!number_parse_base((struct view){ text.data + *at, digits }, 16, &code) ||
		code < 0 || code > 0x10ffff)
		return false;
	*at += digits;
	utf8_add(out, (uint32_t)code);
	return true;
}

static bool
escape_take(struct view text, size_t *at, struct str *out)
{
	static const char letters[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
	char c = text.data[(*at)++];
	uint32_t code = 0;

	for (size_t i = 0; letters[i]; i += 2)
		if (c == letters[i]) {
			str_add_char(out, letters[i + 1]);
			return true;
		}
	if (c == '\n')
		return true;
	if (c == 'x' || c == 'u' || c == 'U')
		return hex_take(text, at, c == 'x' ? 2 : c == 'u' ? 4 : 8, out);
	if (c == 'N')
		return false; /* names of characters are not known here */
	if (c >= '0' && c <= '7') {
		size_t end = MIN(*at + 2, text.length);

		code = (uint32_t)(c - '0');
		while (*at < end && text.data[*at] >= '0' && text.data[*at] <= '7')
			code = code * 8 + (uint32_t)(text.data[(*at)++] - '0');
		utf8_add(out, code);
		return true;
	}
	str_add_char(out, '\\');
	str_add_char(out, c);
	return true;
}

bool
literal_unescape(struct view text, struct str *out)
{
	for (size_t at = 0; at < text.length;) {
		if (text.data[at] != '\\' || at + 1 == text.length) {
			str_add_char(out, text.data[at++]);
			continue;
		}
		at++;
		if (!escape_take(text, &at, out))
			return false;
	}
	return true;
}

void
literal_unescape_quotes(struct view text, struct str *out)
{
	str_add_view(out, text);
}

/* ---- numbers ---- */

static bool
is_real(struct view text)
{
	if (text.length > 1 && text.data[0] == '0' && strchr("xXoObB", text.data[1]))
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (strchr(".eE", text.data[i]))
			return true;
	return false;
}

const struct value *
literal_number(struct arena *into, struct view text)
{
	char digits[LONGEST_NUMBER];
	size_t length = 0;
	int base = 10;
	int64_t number;

	for (size_t i = 0; i < text.length && length + 1 < sizeof(digits); i++)
		if (text.data[i] != '_')
			digits[length++] = text.data[i];
	digits[length] = '\0';
	if (is_real(text)) {
		char *end;
		double real = strtod(digits, &end);

		return *end ? NULL : value_float(into, real);
	}
	if (length > 2 && digits[0] == '0' && isalpha((unsigned char)digits[1])) {
		char kind = (char)tolower((unsigned char)digits[1]);

		base = kind == 'x' ? 16 : kind == 'o' ? 8 : 2;
	}
	text = base == 10 ? (struct view){ digits, length }
			  : (struct view){ digits + 2, length - 2 };
	return number_parse_base(text, base, &number) ? value_int(into, number)
						      : whole_parse(into, text, base);
}

/* ---- whole values ---- */

struct reader {
	struct arena *into;
	const char *at, *end;
	int depth;
	bool has_json_words;
};

static void
space_skip(struct reader *reader)
{
	while (reader->at < reader->end) {
		if (*reader->at == '#') /* a comment, up to the end of its line */
			while (reader->at < reader->end && *reader->at != '\n')
				reader->at++;
		else if (*reader->at && strchr(" \t\n\r\f", *reader->at))
			reader->at++;
		else
			break;
	}
}

static bool
char_skip(struct reader *reader, char c)
{
	space_skip(reader);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool value_read(struct reader *reader, const struct value **out);

/* Items up to `close`; a pair of parentheses without a comma is the item itself. */
static bool
items_read(struct reader *reader, char close, const struct value **out)
{
	struct value *list = value_list(reader->into);
	const struct value *item;
	bool has_comma = false;

	while (!char_skip(reader, close)) {
		if (list->list.count && !has_comma)
			return false;
		if (!value_read(reader, &item))
			return false;
		value_add(reader->into, list, item);
		has_comma = char_skip(reader, ',');
	}
	*out = list;
	if (close != ')')
		return true;
	if (list->list.count == 1 && !has_comma)
		*out = list->list.items[0];
	else
		list->flags |= VALUE_TUPLE;
	return true;
}

static bool
is_hashable(const struct value *key)
{
	if (value_is_map(key) || (value_is_list(key) && !(key->flags & VALUE_TUPLE)))
		return false;
	if (value_is_list(key))
		VALUE_EACH (item, key)
			if (!is_hashable(item))
				return false;
	return true;
}

static bool
map_read(struct reader *reader, const struct value **out)
{
	struct value *map = value_map(reader->into);
	const struct value *key, *item;
	bool has_comma = true;

	while (!char_skip(reader, '}')) {
		if (!has_comma || !value_read(reader, &key) || !char_skip(reader, ':') ||
			!value_read(reader, &item) || !is_hashable(key))
			return false;
		value_set_key(reader->into, map, key, item);
		has_comma = char_skip(reader, ',');
	}
	*out = map;
	return true;
}

static bool
quoted_read(struct reader *reader, bool is_raw, struct str *text)
{
	const char *from = reader->at;
	char quote = *from;
	bool is_long = reader->end - from >= 6 && from[1] == quote && from[2] == quote;
	size_t width = is_long ? 3 : 1;
	const char *at = from + width;

	for (; at < reader->end; at++) {
		if (*at == '\\')
			at++;
		else if (*at == quote &&
			 (!is_long || (reader->end - at >= 3 && at[1] == quote && at[2] == quote)))
			break;
		else if (*at == '\n' && !is_long)
			return false;
	}
	if (at >= reader->end)
		return false;
	reader->at = at + width;
	from += width;
	if (is_raw) {
		str_add_bytes(text, from, (size_t)(at - from));
		return true;
	}
	return literal_unescape((struct view){ from, (size_t)(at - from) }, text);
}

static bool
string_read(struct reader *reader, const struct value **out)
{
	struct str text;
	bool ok = true, is_raw;

	str_init(&text);
	do {
		is_raw = *reader->at == 'r' || *reader->at == 'R';
		reader->at += is_raw || *reader->at == 'u' || *reader->at == 'U';
		ok = quoted_read(reader, is_raw, &text);
		space_skip(reader);
	} while (ok && reader->at < reader->end && (*reader->at == '\'' || *reader->at == '"'));
	*out = value_view(reader->into, str_view(&text));
	str_release(&text);
	return ok;
}

static bool
is_number_text(struct view text)
{
	size_t digits = 0;

	if (text.length > 1 && text.data[0] == '0' && isdigit((unsigned char)text.data[1]) &&
		!is_real(text))
		return text.length == strspn(text.data, "0_");
	for (size_t i = 0; i < text.length; i++)
		digits += isdigit((unsigned char)text.data[i]) != 0;
	return digits > 0 && text.data[text.length - 1] != '_';
}

static bool
number_read(struct reader *reader, bool is_negative, const struct value **out)
{
	const char *from = reader->at;
	const struct value *number;
	bool is_hex = reader->end - from > 2 && from[0] == '0' && strchr("xX", from[1]);

	while (reader->at < reader->end &&
		(isalnum((unsigned char)*reader->at) || *reader->at == '.' || *reader->at == '_' ||
			(!is_hex && reader->at > from && strchr("+-", *reader->at) &&
				strchr("eE", reader->at[-1]))))
		reader->at++;
	for (const char *at = from; at < reader->at; at++)
		if (isalpha((unsigned char)*at) && !strchr("eExXoObB", *at) && !is_hex)
			return false;
	if (!is_number_text((struct view){ from, (size_t)(reader->at - from) }))
		return false;
	number = literal_number(reader->into, (struct view){ from, (size_t)(reader->at - from) });
	if (!number)
		return false;
	if (is_negative)
		number = number->type == VALUE_FLOAT ? value_float(reader->into, -number->real)
						     : big_negate(reader->into, number);
	*out = number;
	return true;
}

static bool
word_read(struct reader *reader, const struct value **out)
{
	static const struct {
		const char *word;
		const struct value *value;
	} words[] = { { "True", &value_true }, { "False", &value_false }, { "None", &value_none },
		{ "true", &value_true }, { "false", &value_false }, { "null", &value_none } };

	for (size_t i = 0; i < (reader->has_json_words ? ARRAY_SIZE(words) : 3); i++) {
		size_t length = strlen(words[i].word);

		if ((size_t)(reader->end - reader->at) < length ||
			memcmp(reader->at, words[i].word, length))
			continue;
		if (reader->at + length < reader->end &&
			(isalnum((unsigned char)reader->at[length]) || reader->at[length] == '_'))
			return false;
		reader->at += length;
		*out = words[i].value;
		return true;
	}
	return false;
}

static bool
simple_read(struct reader *reader, const struct value **out)
{
	char c = *reader->at, next = reader->at + 1 < reader->end ? reader->at[1] : '\0';

	if (c == '\'' || c == '"' || (c && strchr("uUrR", c) && (next == '\'' || next == '"')))
		return string_read(reader, out);
	if (c == '-' || c == '+') {
		reader->at++;
		space_skip(reader);
		return reader->at < reader->end &&
		       (isdigit((unsigned char)*reader->at) || *reader->at == '.') &&
		       number_read(reader, c == '-', out);
	}
	if (isdigit((unsigned char)c) || c == '.')
		return number_read(reader, false, out);
	return word_read(reader, out);
}

static bool
value_read(struct reader *reader, const struct value **out)
{
	bool ok;

	space_skip(reader);
	if (reader->at == reader->end || ++reader->depth > DEEPEST)
		return false;
	if (char_skip(reader, '['))
		ok = items_read(reader, ']', out);
	else if (char_skip(reader, '('))
		ok = items_read(reader, ')', out);
	else if (char_skip(reader, '{'))
		ok = map_read(reader, out);
	else
		ok = simple_read(reader, out);
	reader->depth--;
	return ok;
}

/* On the same line; with the blanks behind it. */
static bool
comma_skip(struct reader *reader)
{
	const char *at = reader->at;

	while (at < reader->end && strchr(" \t\f", *at))
		at++;
	if (at == reader->end || *at != ',')
		return false;
	for (at++; at < reader->end && strchr(" \t\f", *at); at++)
		;
	reader->at = at;
	return true;
}

/* Values with commas between are a tuple without its parentheses. */
static bool
top_read(struct reader *reader, const struct value **out)
{
	struct value *tuple;

	if (!value_read(reader, out))
		return false;
	if (!comma_skip(reader))
		return true;
	tuple = value_list(reader->into);
	tuple->flags |= VALUE_TUPLE;
	value_add(reader->into, tuple, *out);
	while (reader->at < reader->end && !strchr("\n#", *reader->at)) {
		if (!value_read(reader, out))
			return false;
		value_add(reader->into, tuple, *out);
		if (!comma_skip(reader))
			break;
	}
	*out = tuple;
	return true;
}

const struct value *
literal_parse(struct arena *into, struct view text, bool has_json_words)
{
	struct reader reader = { .into = into,
		.at = text.data,
		.end = text.data + text.length,
		.has_json_words = has_json_words };
	const struct value *value;
	const char *line;

	while ((line = memchr(reader.at, '\n', (size_t)(reader.end - reader.at))) &&
		strspn(reader.at, " \t\f") == (size_t)(line - reader.at))
		reader.at = line + 1;
	if (reader.at == reader.end || strchr(" \t\f", *reader.at) || !top_read(&reader, &value))
		return NULL;
	/* Behind the value, Python takes a comment and lines of nothing but blanks; blanks at the
	 * very end, behind a newline, are an error. */
	while (reader.at < reader.end && strchr(" \t\f", *reader.at))
		reader.at++;
	if (reader.at < reader.end && *reader.at == '#')
		while (reader.at < reader.end && *reader.at != '\n')
			reader.at++;
	while ((line = memchr(reader.at, '\n', (size_t)(reader.end - reader.at))) &&
		strspn(reader.at, " \t\f") == (size_t)(line - reader.at))
		reader.at = line + 1;
	return reader.at == reader.end ? value : NULL;
}

const struct value *
native_convert(struct arena *into, struct view text)
{
	const struct value *value = NULL;

	if (view_is(text, "True"))
		return &value_true;
	if (view_is(text, "False"))
		return &value_false;
	if (text.length &&
		(text.data[0] == '[' || (text.data[0] == '{' && !view_starts(text, "{{"))))
		value = literal_parse(into, text, true);
	return value ? value : value_view(into, text);
}

static bool
is_plain(const struct value *value, int depth)
{
	if (depth > DEEPEST)
		return false;
	switch ((enum value_type)value->type) {
	case VALUE_UNDEFINED:
	case VALUE_OBJECT:
		return false;
	case VALUE_FLOAT:
		return isfinite(value->real);
	case VALUE_LIST:
		VALUE_EACH (item, value)
			if (!is_plain(item, depth + 1))
				return false;
		return true;
	case VALUE_MAP:
		VALUE_PAIRS (pair, value)
			if (!is_plain(pair->key, depth + 1) || !is_plain(pair->value, depth + 1))
				return false;
		return true;
	default:
		return true;
	}
}

bool
native_is_plain(const struct value *value)
{
	if (value->type == VALUE_LIST && (value->flags & VALUE_TUPLE))
		return false;
	return (value->type == VALUE_LIST || value->type == VALUE_MAP) && is_plain(value, 0);
}
