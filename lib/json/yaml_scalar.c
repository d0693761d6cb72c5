/* YAML 1.1 resolution of plain scalars, following the patterns PyYAML documents for its implicit
 * resolvers. */
#include "json/yaml_scalar.h"

#include <ctype.h>
#include <math.h>

enum { LONGEST_NUMBER = 400 };

static bool
is_one_of(struct view text, const char *const *words)
{
	for (; *words; words++)
		if (view_is(text, *words))
			return true;
	return false;
}

static bool
is_null(struct view text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };

	return is_one_of(text, words);
}

static bool
is_true_word(struct view text)
{
	static const char *const words[] = { "yes", "Yes", "YES", "true", "True", "TRUE", "on",
		"On", "ON", NULL };

	return is_one_of(text, words);
}

static bool
is_false_word(struct view text)
{
	static const char *const words[] = { "no", "No", "NO", "false", "False", "FALSE", "off",
		"Off", "OFF", NULL };

	return is_one_of(text, words);
}

static struct view
view_from(struct view text, size_t start)
{
	return (struct view){ text.data + start, text.length - start };
}

static struct view
sign_skip(struct view text)
{
	if (text.length && (text.data[0] == '-' || text.data[0] == '+'))
		return view_from(text, 1);
	return text;
}

/* How many leading bytes are of `set` or an underscore. */
static size_t
span_of(struct view text, const char *set)
{
	size_t count = 0;

	while (count < text.length && text.data[count] &&
		(text.data[count] == '_' || strchr(set, text.data[count])))
		count++;
	return count;
}

/* "(:[0-5]?[0-9])+": the length of the groups at the start, 0 if none. */
static size_t
sixty_span(struct view text)
{
	size_t at = 0;

	while (at + 1 < text.length && text.data[at] == ':' &&
		isdigit((unsigned char)text.data[at + 1])) {
		bool is_two = at + 2 < text.length && isdigit((unsigned char)text.data[at + 2]);

		if (is_two && text.data[at + 1] > '5')
			return 0;
		at += is_two ? 3 : 2;
	}
	return at;
}

static bool
is_prefixed_int(struct view digits, const char *prefix, const char *set)
{
	return view_starts(digits, prefix) && digits.length > strlen(prefix) &&
	       span_of(view_from(digits, strlen(prefix)), set) == digits.length - strlen(prefix);
}

static bool
is_int(struct view text)
{
	struct view digits = sign_skip(text);
	size_t span;

	if (!digits.length)
		return false;
	if (is_prefixed_int(digits, "0b", "01") ||
		is_prefixed_int(digits, "0x", "0123456789abcdefABCDEF") ||
		is_prefixed_int(digits, "0", "01234567") || view_is(digits, "0"))
		return true;
	if (digits.data[0] < '1' || digits.data[0] > '9')
		return false;
	span = span_of(digits, "0123456789");
	return span == digits.length || sixty_span(view_from(digits, span)) == digits.length - span;
}

/* "([eE][-+][0-9]+)?" and then the end. */
static bool
is_exponent_or_end(struct view text)
{
	if (!text.length)
		return true;
	if (text.length < 3 || tolower((unsigned char)text.data[0]) != 'e' ||
		(text.data[1] != '-' && text.data[1] != '+'))
		return false;
	for (size_t i = 2; i < text.length; i++)
		if (!isdigit((unsigned char)text.data[i]))
			return false;
	return true;
}

static bool
is_infinity(struct view text)
{
	static const char *const words[] = { ".inf", ".Inf", ".INF", NULL };

	return is_one_of(sign_skip(text), words);
}

static bool
is_nan(struct view text)
{
	static const char *const words[] = { ".nan", ".NaN", ".NAN", NULL };

	return is_one_of(text, words);
}

static bool
is_float(struct view text)
{
	struct view rest = sign_skip(text);
	size_t span, sixty;

	if (!rest.length)
		return false;
	if (rest.data[0] == '.') {
		if (rest.data != text.data || rest.length < 2 ||
			!isdigit((unsigned char)rest.data[1]))
			return false;
		rest = view_from(rest, 1);
		return is_exponent_or_end(view_from(rest, span_of(rest, "0123456789")));
	}
	if (!isdigit((unsigned char)rest.data[0]))
		return false;
	span = span_of(rest, "0123456789");
	sixty = sixty_span(view_from(rest, span));
	rest = view_from(rest, span + sixty);
	if (!rest.length || rest.data[0] != '.')
		return false;
	rest = view_from(rest, 1);
	rest = view_from(rest, span_of(rest, "0123456789"));
	return sixty ? !rest.length : is_exponent_or_end(rest);
}

/* "1:30" is 1 * 60 + 30. Works for whole and real parts. */
static bool
sixty_value(struct view digits, double *real, int64_t *whole)
{
	struct view piece;

	*real = 0;
	*whole = 0;
	while (view_cut(&digits, ':', &piece)) {
		char part[LONGEST_NUMBER + 1];
		int64_t number;

		if (piece.length > LONGEST_NUMBER)
			return false;
		snprintf(part, sizeof(part), "%.*s", (int)piece.length, piece.data);
		*real = *real * 60 + strtod(part, NULL);
		if (!number_parse_base(piece, 10, &number))
			number = 0;
		if (__builtin_mul_overflow(*whole, 60, whole) ||
			__builtin_add_overflow(*whole, number, whole))
			return false;
	}
	return true;
}

static bool
int_value(struct view digits, int64_t *out)
{
	double real;

	if (view_starts(digits, "0b"))
		return number_parse_base(view_from(digits, 2), 2, out);
	if (view_starts(digits, "0x"))
		return number_parse_base(view_from(digits, 2), 16, out);
	if (digits.length > 1 && digits.data[0] == '0')
		return number_parse_base(digits, 8, out);
	if (memchr(digits.data, ':', digits.length))
		return sixty_value(digits, &real, out);
	return number_parse(digits, out);
}

static bool
float_value(struct view digits, double *out)
{
	int64_t whole;
	char copy[LONGEST_NUMBER + 1];

	if (memchr(digits.data, ':', digits.length))
		return sixty_value(digits, out, &whole);
	snprintf(copy, sizeof(copy), "%.*s", (int)digits.length, digits.data);
	*out = strtod(copy, NULL);
	return true;
}

/* The text without underscores and sign. */
static struct view
number_clean(struct view text, char *buffer, bool *is_negative)
{
	struct view digits = sign_skip(text);
	size_t length = 0;

	*is_negative = text.data[0] == '-';
	for (size_t i = 0; i < digits.length && length < LONGEST_NUMBER; i++)
		if (digits.data[i] != '_')
			buffer[length++] = digits.data[i];
	buffer[length] = '\0';
	return (struct view){ buffer, length };
}

static const struct value *
number_resolve(struct arena *into, struct view text)
{
	char buffer[LONGEST_NUMBER + 1];
	struct view digits;
	bool is_negative;
	int64_t whole;
	double real;

	if (!text.length || text.length > LONGEST_NUMBER || !strchr("-+.0123456789", text.data[0]))
		return NULL;
	if (is_infinity(text))
		return value_float(into, text.data[0] == '-' ? -INFINITY : INFINITY);
	if (is_nan(text))
		return value_float(into, NAN);
	if (is_float(text)) {
		digits = number_clean(text, buffer, &is_negative);
		return float_value(digits, &real) ? value_float(into, is_negative ? -real : real)
						  : NULL;
	}
	if (is_int(text)) {
		digits = number_clean(text, buffer, &is_negative);
		return int_value(digits, &whole) ? value_int(into, is_negative ? -whole : whole)
						 : NULL;
	}
	return NULL;
}

void
yaml_resolve_scalar(struct arena *into, struct view text, const struct value **out)
{
	const struct value *number;

	if (is_null(text))
		*out = &value_none;
	else if (is_true_word(text))
		*out = &value_true;
	else if (is_false_word(text))
		*out = &value_false;
	else if ((number = number_resolve(into, text)))
		*out = number;
	else
		*out = value_view(into, text);
}

static bool
has_shape(struct view text, const char *shape)
{
	if (text.length != strlen(shape))
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (shape[i] == '9' ? !isdigit((unsigned char)text.data[i])
				    : shape[i] != text.data[i])
			return false;
	return true;
}

static size_t
digits_at(struct view text, size_t at, size_t most)
{
	size_t count = 0;

	while (count < most && at + count < text.length &&
		isdigit((unsigned char)text.data[at + count]))
		count++;
	return count;
}

/* "2024-1-2T10:00:00.5 +01:00" and its like. */
static bool
is_timestamp(struct view text)
{
	size_t at = 4, count;

	if (has_shape(text, "9999-99-99"))
		return true;
	if (digits_at(text, 0, 5) != 4)
		return false;
	for (int i = 0; i < 2; i++, at += 1 + count)
		if (at >= text.length || text.data[at] != '-' ||
			!(count = digits_at(text, at + 1, 2)))
			return false;
	if (at >= text.length || !strchr("Tt \t", text.data[at]))
		return false;
	while (at < text.length && strchr("Tt \t", text.data[at]))
		at++;
	count = digits_at(text, at, 2);
	if (!count)
		return false;
	return at + count + 6 <= text.length &&
	       has_shape((struct view){ text.data + at + count, 6 }, ":99:99");
}

bool
yaml_scalar_is_string(struct view text)
{
	if (is_null(text) || is_true_word(text) || is_false_word(text) || view_is(text, "=") ||
		view_is(text, "<<") || is_timestamp(text))
		return false;
	return !is_infinity(text) && !is_nan(text) && !is_float(text) && !is_int(text);
}
