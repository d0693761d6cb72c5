/* Formatting as Python does: the % operator and str.format(). */
#include <math.h>

#include "template/bigint.h"
#include "template/evaluation.h"
#include "template/literal.h"

enum { WIDEST = 10000 };

struct spec {
	bool is_left, has_plus, has_blank, has_zero, has_alternate, has_precision;
	char grouping; /* , or _ */
	bool is_centered, is_signed_fill, has_minus;
	int64_t width, precision;
	struct view fill;
	char kind;
};

static bool
number_of(const struct value *value, double *real)
{
	if (value->type == VALUE_FLOAT)
		*real = value->real;
	else if (value_is_big(value))
		*real = big_real(value);
	else if (value->type == VALUE_INT || value->type == VALUE_BOOL)
		*real = value->type == VALUE_INT ? (double)value->integer : value->boolean;
	else
		return false;
	return true;
}

static void
pad_add(const struct spec *spec, struct view sign, struct view body, bool is_number,
	struct str *out)
{
	int64_t length = (int64_t)(utf8_count(sign) + utf8_count(body));
	int64_t pad = spec->width > length ? spec->width - length : 0;
	int64_t front = spec->is_centered ? pad / 2 : spec->is_left ? 0 : pad;

	if (is_number && (spec->has_zero || spec->is_signed_fill) && !spec->is_left &&
		!spec->is_centered) {
		str_add_view(out, sign);
		sign = VIEW("");
	}
	for (int64_t i = 0; i < front; i++)
		if (spec->fill.length)
			str_add_view(out, spec->fill);
		else
			str_add_char(
				out, is_number && spec->has_zero && !spec->is_left ? '0' : ' ');
	str_add_view(out, sign);
	str_add_view(out, body);
	for (int64_t i = front; i < pad; i++)
		if (spec->fill.length)
			str_add_view(out, spec->fill);
		else
			str_add_char(out, ' ');
}

static const char *
sign_of(const struct spec *spec, bool is_negative)
{
	return is_negative ? "-" : spec->has_plus ? "+" : spec->has_blank ? " " : "";
}

/* Digits in groups, with zeros in front until `width` is filled (0: none). */
static void
groups_add(struct view digits, char sign, size_t size, int64_t width, struct str *out)
{
	const char *point = memchr(digits.data, '.', digits.length);
	const char *exponent = memchr(digits.data, 'e', digits.length);
	size_t whole = point	  ? (size_t)(point - digits.data)
		       : exponent ? (size_t)(exponent - digits.data)
				  : digits.length;
	size_t tail = digits.length - whole, zeros = 0;

	while (width > 0 && (int64_t)(whole + zeros + (whole + zeros - 1) / size + tail) < width)
		zeros++;
	for (size_t i = 0; i < whole + zeros; i++) {
		if (i && (whole + zeros - i) % size == 0)
			str_add_char(out, sign);
		str_add_char(out, i < zeros ? '0' : digits.data[i - zeros]);
	}
	str_add_bytes(out, digits.data + whole, tail);
}

/* Groups where wanted, then pads. */
static void
number_add(const struct spec *spec, const char *sign, const char *digits, size_t group,
	struct str *out)
{
	struct str grouped;
	bool fills = spec->has_zero && !spec->is_left && !spec->is_centered && !spec->fill.length;

	str_init(&grouped);
	if (spec->grouping)
		groups_add(view_of(digits), spec->grouping, group,
			fills ? spec->width - (int64_t)strlen(sign) : 0, &grouped);
	else
		str_add(&grouped, digits);
	pad_add(spec, view_of(sign), str_view(&grouped), true, out);
	str_release(&grouped);
}

/* The digits of a whole number in base 2, 8 or 16. */
static void
base_digits(int64_t number, unsigned base, bool is_capital, struct str *out)
{
	uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[72];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (is_capital ? "0123456789ABCDEF" : "0123456789abcdef")[size % base];
	} while ((size /= base));
	str_add(out, digits + at);
}

static bool
whole_add(struct evaluation *run, const struct spec *spec, const struct value *number,
	struct str *out)
{
	const char *decimal = whole_digits(run->session->into, number);
	bool is_negative = decimal[0] == '-';
	unsigned base = spec->kind == 'x' || spec->kind == 'X' ? 16
			: spec->kind == 'o'		       ? 8
			: spec->kind == 'b'		       ? 2
							       : 10;
	char sign[8];
	struct str digits;

	if (base != 10 && value_is_big(number))
		return run_fail(run, ERR_LIMIT, "number does not fit 64 bits");
	str_init(&digits);
	if (base == 10)
		str_add(&digits, decimal + is_negative);
	else
		base_digits(number->type == VALUE_BOOL ? number->boolean : number->integer, base,
			spec->kind == 'X', &digits);
	if (spec->has_precision && (int64_t)digits.length < spec->precision) {
		char *copy = arena_text(run->session->into, digits.data);
		size_t missing = (size_t)spec->precision - digits.length;

		str_clear(&digits);
		str_add_times(&digits, '0', missing);
		str_add(&digits, copy);
	}
	snprintf(sign, sizeof(sign), "%s%s", sign_of(spec, is_negative),
		!spec->has_alternate || base == 10 ? ""
		: base == 8			   ? "0o"
		: base == 2			   ? "0b"
		: spec->kind == 'X'		   ? "0X"
						   : "0x");
	number_add(spec, sign, digits.data, base == 10 ? 3 : 4, out);
	str_release(&digits);
	return true;
}

/* str.format without a type but with a precision: as g, with a digit behind the point. */
static void
general_add(double size, int precision, bool has_alternate, char *text, size_t room)
{
	int exponent;

	precision = precision ? precision : 1;
	snprintf(text, room, "%.*e", precision - 1, size);
	exponent = strchr(text, 'e') ? (int)strtol(strchr(text, 'e') + 1, NULL, 10) : 0;
	if (exponent < -4 || exponent >= precision - 1) {
		char *mark = strchr(text, 'e'), *end = mark;

		while (!has_alternate && end > text && end[-1] == '0' &&
			memchr(text, '.', (size_t)(end - text)))
			end--;
		if (end > text && end[-1] == '.')
			end--;
		memmove(end, mark, strlen(mark) + 1);
		return;
	}
	snprintf(text, room, "%.*g", precision, size);
	if (!strpbrk(text, ".ein"))
		snprintf(text + strlen(text), room - strlen(text), ".0");
}

static void
real_add(const struct spec *spec, double real, struct str *out)
{
	char text[720], format[8] = "%.*";
	int precision = spec->has_precision ? (int)MIN(spec->precision, 300) : 6;
	double size = fabs(real);
	char kind = spec->kind == 'n' ? 'g' : spec->kind;
	struct str shown;

	if (!kind && !spec->has_precision) {
		str_init(&shown);
		float_add_text(size, &shown);
		snprintf(text, sizeof(text), "%s", shown.data);
		str_release(&shown);
	} else if (!kind && isfinite(size)) {
		general_add(size, precision, spec->has_alternate, text, sizeof(text));
	} else {
		snprintf(format, sizeof(format), "%%%s.*%c", spec->has_alternate ? "#" : "",
			kind == '%' || !kind ? 'f' : kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(
			text, sizeof(text) - 2, format, precision, kind == '%' ? size * 100 : size);
#pragma GCC diagnostic pop
		if (kind == '%')
			memcpy(text + strlen(text), "%", 2);
	}
	number_add(spec, sign_of(spec, signbit(real) && !isnan(real)), text, 3, out);
}

static void
text_add(const struct spec *spec, struct view text, struct str *out)
{
	if (spec->has_precision)
		text.length = utf8_offset(text, (size_t)spec->precision);
	pad_add(spec, VIEW(""), text, false, out);
}

/* ---- % ---- */

struct source {
	struct evaluation *run;
	const struct value *args;
	uint32_t next;
};

static bool
argument_next(struct source *source, const struct value **out)
{
	const struct value *args = source->args;
	bool is_tuple = args->type == VALUE_LIST && (args->flags & VALUE_TUPLE);

	if (source->next >= (is_tuple ? args->list.count : 1))
		return run_fail(source->run, ERR_TYPE, "not enough arguments for format string");
	*out = is_tuple ? args->list.items[source->next] : args;
	source->next++;
	return true;
}

static bool
spec_number(struct source *source, struct view format, size_t *at, int64_t *out)
{
	const struct value *value;

	*out = 0;
	if (*at < format.length && format.data[*at] == '*') {
		(*at)++;
		if (!argument_next(source, &value))
			return false;
		if (value->type != VALUE_INT || value->integer > WIDEST || value->integer < -WIDEST)
			return run_fail(source->run, ERR_TYPE, "* wants int");
		*out = value->integer;
		return true;
	}
	while (*at < format.length && format.data[*at] >= '0' && format.data[*at] <= '9') {
		*out = *out * 10 + (format.data[(*at)++] - '0');
		if (*out > WIDEST)
			return run_fail(source->run, ERR_LIMIT, "format width is too large");
	}
	return true;
}

static bool
spec_read(struct source *source, struct view format, size_t *at, struct spec *spec)
{
	for (; *at < format.length && strchr("-+ 0#", format.data[*at]); (*at)++) {
		char c = format.data[*at];

		spec->is_left |= c == '-';
		spec->has_plus |= c == '+';
		spec->has_blank |= c == ' ';
		spec->has_zero |= c == '0';
		spec->has_alternate |= c == '#';
	}
	if (!spec_number(source, format, at, &spec->width))
		return false;
	if (spec->width < 0) {
		spec->is_left = true;
		spec->width = -spec->width;
	}
	if (*at < format.length && format.data[*at] == '.') {
		(*at)++;
		spec->has_precision = true;
		if (!spec_number(source, format, at, &spec->precision))
			return false;
	}
	while (*at < format.length && strchr("hlL", format.data[*at]))
		(*at)++;
	if (*at >= format.length)
		return run_fail(source->run, ERR_TYPE, "incomplete format");
	spec->kind = format.data[(*at)++];
	return true;
}

static bool
percent_number(
	struct source *source, const struct spec *spec, const struct value *value, struct str *out)
{
	double real;

	if (!number_of(value, &real))
		return run_fail(source->run, ERR_TYPE,
			"%%%c format: a real number is required, not %s", spec->kind,
			value_type_name(value));
	if (strchr("diuxXo", spec->kind)) {
		if (value->type == VALUE_FLOAT)
			value = strchr("diu", spec->kind)
					? whole_from_real(source->run->session->into, real)
					: NULL;
		if (!value)
			return run_fail(source->run, ERR_TYPE,
				"%%%c format: an integer is required, not float", spec->kind);
		return whole_add(source->run, spec, value, out);
	}
	real_add(spec, real, out);
	return true;
}

/* repr() with all but ASCII escaped. */
static void
ascii_add(const struct value *value, struct str *out)
{
	struct str repr;
	uint32_t code;

	str_init(&repr);
	value_add_repr(value, &repr);
	for (size_t at = 0; at < repr.length;) {
		at += utf8_take(str_view(&repr), at, &code);
		if (code < 0x80)
			str_add_char(out, (char)code);
		else
			str_add_format(out,
				code < 0x100	 ? "\\x%02x"
				: code < 0x10000 ? "\\u%04x"
						 : "\\U%08x",
				code);
	}
	str_release(&repr);
}

static bool
percent_one(
	struct source *source, const struct spec *spec, const struct value *value, struct str *out)
{
	struct str text;

	/* repr() shows what is undefined; all else stumbles over it. */
	if (!strchr("ra", spec->kind) &&
		(!value_defined(source->run, value) || !value_plain(source->run, value, &value)))
		return false;
	if (strchr("diuxXoeEfFgG", spec->kind))
		return percent_number(source, spec, value, out);
	if (!strchr("sra", spec->kind) && spec->kind != 'c')
		return run_fail(
			source->run, ERR_TYPE, "unsupported format character '%c'", spec->kind);
	if (spec->kind == 'c' && value->type == VALUE_INT &&
		(value->integer < 0 || value->integer > 0x10ffff))
		return run_fail(source->run, ERR_TYPE, "%%c arg not in range(0x110000)");
	if (spec->kind == 'c' && value->type != VALUE_INT && value->type != VALUE_BOOL &&
		(!value_is_string(value) || utf8_count(value_string_view(value)) != 1))
		return run_fail(source->run, ERR_TYPE, "%%c requires int or char");
	str_init(&text);
	if (spec->kind == 'c' && value->type != VALUE_STRING)
		utf8_add(&text,
			value->type == VALUE_BOOL ? value->boolean : (uint32_t)value->integer);
	else if (spec->kind == 'a')
		ascii_add(value, &text);
	else if (spec->kind == 's' || spec->kind == 'c')
		value_add_text(value, &text);
	else
		value_add_repr(value, &text);
	text_add(spec, str_view(&text), out);
	str_release(&text);
	return true;
}

static bool
mapped_argument(struct source *source, struct view format, size_t *at, const struct value **out)
{
	const char *from = format.data + *at + 1;
	const char *end = memchr(from, ')', format.length - *at - 1);

	if (!end)
		return run_fail(source->run, ERR_TYPE, "incomplete format key");
	if (!value_is_map(source->args))
		return run_fail(source->run, ERR_TYPE, "format requires a mapping");
	*out = value_get_view(source->args, (struct view){ from, (size_t)(end - from) });
	if (!*out)
		return run_fail(source->run, ERR_TYPE, "KeyError: '%.*s'", (int)(end - from), from);
	*at = (size_t)(end + 1 - format.data);
	return true;
}

bool
format_percent(
	struct evaluation *run, struct view format, const struct value *args, struct str *out)
{
	struct source source = { .run = run, .args = args };
	bool is_mapped = false;

	for (size_t at = 0; at < format.length;) {
		const struct value *value = NULL;
		struct spec spec = { 0 };

		if (format.data[at] != '%') {
			str_add_char(out, format.data[at++]);
			continue;
		}
		at++;
		if (at < format.length && format.data[at] == '(') {
			is_mapped = true;
			if (!mapped_argument(&source, format, &at, &value))
				return false;
		}
		if (!spec_read(&source, format, &at, &spec))
			return false;
		if (spec.kind == '%') {
			str_add_char(out, '%');
			continue;
		}
		if ((!value && !argument_next(&source, &value)) ||
			!percent_one(&source, &spec, value, out))
			return false;
	}
	if (!is_mapped && !value_is_map(args) &&
		!(value_is_list(args) && !(args->flags & VALUE_TUPLE)) &&
		source.next < (value_is_list(args) ? args->list.count : 1))
		return run_fail(
			run, ERR_TYPE, "not all arguments converted during string formatting");
	return true;
}

/* ---- str.format ---- */

static bool
is_align(char c)
{
	return c && strchr("<>^=", c);
}

static bool
brace_spec_read(struct call *call, struct view text, struct spec *spec, char *align)
{
	size_t at = 0, first = text.length ? utf8_offset(text, 1) : 0;
	struct source source = { .run = call->run, .args = &value_none };

	*align = '\0';
	if (first && first < text.length && is_align(text.data[first])) {
		spec->fill = (struct view){ text.data, first };
		*align = text.data[first];
		at = first + 1;
	} else if (text.length && is_align(text.data[0])) {
		*align = text.data[at++];
	}
	if (at < text.length && strchr("+- ", text.data[at])) {
		spec->has_plus = text.data[at] == '+';
		spec->has_blank = text.data[at] == ' ';
		spec->has_minus = text.data[at] == '-';
		at++;
	}
	if (at < text.length && text.data[at] == '#') {
		spec->has_alternate = true;
		at++;
	}
	if (at < text.length && text.data[at] == '0') {
		spec->has_zero = true;
		at++;
	}
	if (at < text.length && text.data[at] == '*')
		return call_fail(call, ERR_TYPE, "Invalid format specifier");
	if (!spec_number(&source, text, &at, &spec->width))
		return false;
	if (at < text.length && (text.data[at] == ',' || text.data[at] == '_')) {
		spec->grouping = text.data[at++];
	}
	if (at + 1 < text.length && text.data[at] == '.') {
		at++;
		spec->has_precision = true;
		if (text.data[at] == '*' || !spec_number(&source, text, &at, &spec->precision))
			return call_fail(call, ERR_TYPE, "Invalid format specifier");
	}
	if (at < text.length)
		spec->kind = text.data[at++];
	return at == text.length ? true : call_fail(call, ERR_TYPE, "Invalid format specifier");
}

static bool
code_fail(struct call *call, char kind, const struct value *value)
{
	return call_fail(call, ERR_TYPE, "Unknown format code '%c' for object of type '%s'", kind,
		value_type_name(value));
}

static bool
brace_text_add(struct call *call, const struct value *value, struct spec *spec, char align,
	struct str *out)
{
	struct view text = value_string_view(value);

	if (spec->kind && spec->kind != 's')
		return code_fail(call, spec->kind, value);
	if (spec->has_plus || spec->has_blank || spec->has_minus)
		return call_fail(call, ERR_TYPE, "Sign not allowed in string format specifier");
	if (spec->has_alternate)
		return call_fail(call, ERR_TYPE,
			"Alternate form (#) not allowed in string format specifier");
	if (spec->grouping)
		return call_fail(call, ERR_TYPE, "Cannot specify '%c' with 's'.", spec->grouping);
	if (align == '=')
		return call_fail(
			call, ERR_TYPE, "'=' alignment not allowed in string format specifier");
	spec->is_left = align == '<' || !align;
	if (spec->has_zero && !spec->fill.length)
		spec->fill = VIEW("0");
	text_add(spec, text, out);
	return true;
}

static bool
brace_whole_add(struct call *call, const struct value *value, struct spec *spec, struct str *out)
{
	struct spec plain = *spec;
	struct str character;
	int64_t code = value->type == VALUE_INT ? value->integer : value->boolean;

	if (spec->has_precision)
		return call_fail(
			call, ERR_TYPE, "Precision not allowed in integer format specifier");
	if (spec->grouping && spec->kind &&
		(spec->kind == 'n' || spec->kind == 'c' ||
			(spec->grouping == ',' && strchr("xXob", spec->kind))))
		return call_fail(call, ERR_TYPE, "Cannot specify '%c' with '%c'.", spec->grouping,
			spec->kind);
	if (spec->kind != 'c')
		return whole_add(call->run, spec, value, out);
	if (spec->has_plus || spec->has_blank || spec->has_minus || spec->has_alternate)
		return call_fail(
			call, ERR_TYPE, "Sign not allowed with integer format specifier 'c'");
	if (value_is_big(value) || code < 0 || code > 0x10ffff)
		return call_fail(call, ERR_TYPE, "%%c arg not in range(0x110000)");
	str_init(&character);
	utf8_add(&character, (uint32_t)code);
	pad_add(&plain, VIEW(""), str_view(&character), true, out);
	str_release(&character);
	return true;
}

static bool
brace_number_add(struct call *call, const struct value *value, double real, struct spec *spec,
	char align, struct str *out)
{
	bool is_whole = value->type != VALUE_FLOAT;

	spec->is_left = align == '<';
	if (align && align != '=' && spec->has_zero && !spec->fill.length) {
		spec->fill = VIEW("0");
	} else if (align && align != '=') {
		spec->has_zero = false;
	}
	if (spec->kind && !strchr("eEfFgGn%", spec->kind) &&
		!(is_whole && strchr("bcdoxX", spec->kind)))
		return code_fail(call, spec->kind, value);
	if (is_whole && (!spec->kind || strchr("bcdoxXn", spec->kind)))
		return brace_whole_add(call, value, spec, out);
	if (spec->grouping && spec->kind == 'n')
		return call_fail(call, ERR_TYPE, "Cannot specify '%c' with 'n'.", spec->grouping);
	real_add(spec, real, out);
	return true;
}

static bool
brace_value_add(
	struct call *call, const struct value *value, struct view spec_text, struct str *out)
{
	struct spec spec = { 0 };
	struct view text;
	double real;
	char align;

	if (!spec_text.length) {
		if (!call_text(call, value, "", &text))
			return false;
		str_add_view(out, text);
		return true;
	}
	if (!value_is_string(value) && !number_of(value, &real))
		return call_fail(call, ERR_TYPE,
			"unsupported format string passed to %s.__format__",
			value_type_name(value));
	if (!brace_spec_read(call, spec_text, &spec, &align))
		return false;
	spec.is_centered = align == '^';
	spec.is_signed_fill = align == '=';
	if (value_is_string(value))
		return brace_text_add(call, value, &spec, align, out);
	return brace_number_add(call, value, real, &spec, align, out);
}

/* "0.name[key]" from the arguments of the call. */
static bool
field_find(struct call *call, struct view field, size_t *automatic, const struct value **out)
{
	size_t end = 0;
	int64_t index;
	struct view name;

	while (end < field.length && field.data[end] != '.' && field.data[end] != '[')
		end++;
	name = (struct view){ field.data, end };
	if (!name.length)
		index = (int64_t)(*automatic)++;
	else if (!number_parse(name, &index))
		index = -1;
	*out = index >= 0 && (size_t)index < call->rest_count ? call->rest[index] : NULL;
	if (index < 0)
		*out = call->named ? value_get_view(call->named, name) : NULL;
	if (!*out)
		return call_fail(call, ERR_TYPE, "format(): no argument '%.*s'", (int)name.length,
			name.data);
	while (end < field.length) {
		bool is_item = field.data[end++] == '[';
		size_t from = end;

		while (end < field.length &&
			(is_item ? field.data[end] != ']' : !strchr(".[", field.data[end])))
			end++;
		name = (struct view){ field.data + from, end - from };
		end += is_item && end < field.length;
		if (is_item && number_parse(name, &index)) {
			if (!item_get(call->run, *out, value_int(call_arena(call), index), out))
				return false;
		} else if (!is_item && value_is_map(*out)) {
			return call_fail(call, ERR_TYPE, "'dict' object has no attribute '%.*s'",
				(int)name.length, name.data);
		} else if (!attribute_get(call->run, *out, name, out)) {
			return false;
		}
		if (!value_defined(call->run, *out))
			return false;
	}
	return true;
}

/* The spec with the fields inside it replaced. */
static bool
spec_expand(struct call *call, struct view spec, size_t *automatic, struct str *out)
{
	const struct value *value;
	struct view text;

	for (size_t at = 0; at < spec.length; at++) {
		const char *end;

		if (spec.data[at] != '{') {
			str_add_char(out, spec.data[at]);
			continue;
		}
		end = memchr(spec.data + at, '}', spec.length - at);
		if (!end)
			return call_fail(call, ERR_TYPE, "expected '}' before end of string");
		if (!field_find(call,
			    (struct view){ spec.data + at + 1, (size_t)(end - spec.data) - at - 1 },
			    automatic, &value) ||
			!call_text(call, value, "", &text))
			return false;
		str_add_view(out, text);
		at = (size_t)(end - spec.data);
	}
	return true;
}

/* !r, !s and !a make text of the value first. */
static bool
value_convert(struct call *call, char how, const struct value **value)
{
	struct str text;

	if (!strchr("rsa", how))
		return call_fail(call, ERR_TYPE, "Unknown conversion specifier '%c'", how);
	str_init(&text);
	if (how == 's')
		value_add_text(*value, &text);
	else if (how == 'r')
		value_add_repr(*value, &text);
	else
		ascii_add(*value, &text);
	*value = call_take(call, &text);
	return true;
}

static bool
field_add(struct call *call, struct view field, size_t *automatic, struct str *out)
{
	const char *colon = memchr(field.data, ':', field.length);
	const char *mark = memchr(field.data, '!', field.length);
	struct view name = field, spec = VIEW("");
	const struct value *value;
	struct str expanded;
	bool ok;

	if (mark && colon && mark > colon)
		mark = NULL;
	if (colon) {
		name.length = (size_t)(colon - field.data);
		spec = (struct view){ colon + 1, field.length - name.length - 1 };
	}
	if (mark) {
		if (name.data + name.length - mark != 2)
			return call_fail(call, ERR_TYPE, "expected ':' after conversion specifier");
		name.length = (size_t)(mark - field.data);
	}
	str_init(&expanded);
	ok = field_find(call, name, automatic, &value) &&
	     (!mark || value_convert(call, mark[1], &value)) &&
	     spec_expand(call, spec, automatic, &expanded) &&
	     brace_value_add(call, value, str_view(&expanded), out);
	str_release(&expanded);
	return ok;
}

/* The brace that closes the one before `at`; NULL: none. */
static const char *
brace_end(struct view format, size_t at)
{
	int depth = 1;

	for (; at < format.length; at++) {
		depth += format.data[at] == '{';
		depth -= format.data[at] == '}';
		if (!depth)
			return format.data + at;
	}
	return NULL;
}

bool
format_braces(struct call *call, struct view format, struct str *out)
{
	size_t automatic = 0;

	for (size_t at = 0; at < format.length; at++) {
		char c = format.data[at];
		const char *end;

		if ((c == '{' || c == '}') && at + 1 < format.length && format.data[at + 1] == c) {
			str_add_char(out, c);
			at++;
			continue;
		}
		if (c != '{') {
			if (c == '}')
				return call_fail(
					call, ERR_TYPE, "Single '}' encountered in format string");
			str_add_char(out, c);
			continue;
		}
		end = brace_end(format, at + 1);
		if (!end)
			return call_fail(call, ERR_TYPE, "expected '}' before end of string");
		if (!field_add(call,
			    (struct view){
				    format.data + at + 1, (size_t)(end - format.data) - at - 1 },
			    &automatic, out))
			return false;
		at = (size_t)(end - format.data);
	}
	return true;
}
