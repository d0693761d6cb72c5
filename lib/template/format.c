/* Formatting as Python does: the % operator and str.format(). */
#include <math.h>

#include "template/evaluation.h"
#include "template/literal.h"

enum { WIDEST = 10000 };

struct spec {
	bool is_left, has_plus, has_blank, has_zero, has_alternate, has_precision, has_comma;
	bool is_centered, is_signed_fill;
	int64_t width, precision;
	struct view fill;
	char kind;
};

static bool
number_of(const struct value *value, double *real)
{
	if (value->type == VALUE_FLOAT)
		*real = value->real;
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

static void
commas_add(struct view digits, struct str *out)
{
	const char *point = memchr(digits.data, '.', digits.length);
	size_t whole = point ? (size_t)(point - digits.data) : digits.length;

	for (size_t i = 0; i < whole; i++) {
		if (i && (whole - i) % 3 == 0)
			str_add_char(out, ',');
		str_add_char(out, digits.data[i]);
	}
	str_add_bytes(out, digits.data + whole, digits.length - whole);
}

static void
whole_add(const struct spec *spec, int64_t number, struct str *out)
{
	uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[80], sign[8];
	struct str grouped;
	int at = sizeof(digits) - 1;
	unsigned base = spec->kind == 'x' || spec->kind == 'X' ? 16
			: spec->kind == 'o'		       ? 8
			: spec->kind == 'b'		       ? 2
							       : 10;

	digits[at] = '\0';
	do {
		digits[--at] =
			(spec->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[size % base];
	} while ((size /= base));
	while (spec->has_precision && at > 8 && (int64_t)sizeof(digits) - 1 - at < spec->precision)
		digits[--at] = '0';
	snprintf(sign, sizeof(sign), "%s%s", sign_of(spec, number < 0),
		!spec->has_alternate || base == 10 ? ""
		: base == 8			   ? "0o"
		: base == 2			   ? "0b"
		: spec->kind == 'X'		   ? "0X"
						   : "0x");
	str_init(&grouped);
	if (spec->has_comma)
		commas_add(view_of(digits + at), &grouped);
	else
		str_add(&grouped, digits + at);
	pad_add(spec, view_of(sign), str_view(&grouped), true, out);
	str_release(&grouped);
}

static void
real_add(const struct spec *spec, double real, struct str *out)
{
	char text[512];
	int precision = spec->has_precision ? (int)MIN(spec->precision, 300) : 6;
	struct str grouped;
	double size = fabs(real);

	switch (spec->kind) {
	case 'e':
		snprintf(text, sizeof(text), "%.*e", precision, size);
		break;
	case 'E':
		snprintf(text, sizeof(text), "%.*E", precision, size);
		break;
	case 'g':
	case 'G':
		snprintf(text, sizeof(text), "%.*g", precision ? precision : 1, size);
		break;
	case '%':
		snprintf(text, sizeof(text), "%.*f%%", precision, size * 100);
		break;
	default:
		snprintf(text, sizeof(text), "%.*f", precision, size);
	}
	str_init(&grouped);
	if (spec->has_comma)
		commas_add(view_of(text), &grouped);
	else
		str_add(&grouped, text);
	pad_add(spec, view_of(sign_of(spec, signbit(real) && !isnan(real))), str_view(&grouped),
		true, out);
	str_release(&grouped);
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
		if (value->type == VALUE_FLOAT &&
			(!strchr("diu", spec->kind) || !(fabs(real) < 9e18)))
			return run_fail(source->run, ERR_TYPE,
				"%%%c format: an integer is required, not float", spec->kind);
		whole_add(spec, value->type == VALUE_INT ? value->integer : (int64_t)real, out);
	} else {
		real_add(spec, real, out);
	}
	return true;
}

static bool
percent_one(
	struct source *source, const struct spec *spec, const struct value *value, struct str *out)
{
	struct str text;

	if (strchr("diuxXoeEfFgG", spec->kind))
		return percent_number(source, spec, value, out);
	if (!strchr("sra", spec->kind) && spec->kind != 'c')
		return run_fail(
			source->run, ERR_TYPE, "unsupported format character '%c'", spec->kind);
	str_init(&text);
	if (spec->kind == 'c' && value->type == VALUE_INT)
		utf8_add(&text, (uint32_t)value->integer & 0x1fffff);
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
	for (; at < text.length && strchr("+- #0", text.data[at]); at++) {
		spec->has_plus |= text.data[at] == '+';
		spec->has_blank |= text.data[at] == ' ';
		spec->has_alternate |= text.data[at] == '#';
		spec->has_zero |= text.data[at] == '0';
	}
	if (at < text.length && text.data[at] == '*')
		return call_fail(call, ERR_TYPE, "Invalid format specifier");
	if (!spec_number(&source, text, &at, &spec->width))
		return false;
	if (at < text.length && (text.data[at] == ',' || text.data[at] == '_')) {
		spec->has_comma = true;
		at++;
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
brace_value_add(
	struct call *call, const struct value *value, struct view spec_text, struct str *out)
{
	struct spec spec = { 0 };
	struct view text;
	double real;
	char align;

	if (!brace_spec_read(call, spec_text, &spec, &align))
		return false;
	spec.is_centered = align == '^';
	spec.is_signed_fill = align == '=';
	if (number_of(value, &real) && spec.kind != 's' &&
		!(value->type == VALUE_BOOL && !spec.kind)) {
		spec.is_left = align == '<';
		if (!spec.kind && value->type == VALUE_FLOAT && !spec.has_precision) {
			if (!call_text(call, value, "", &text))
				return false;
			pad_add(&spec, VIEW(""), text, true, out);
		} else if (value->type == VALUE_FLOAT ||
			   (spec.kind && strchr("eEfFgG%", spec.kind))) {
			spec.kind = spec.kind ? spec.kind : 'g';
			real_add(&spec, real, out);
		} else {
			whole_add(&spec,
				(int64_t)(value->type == VALUE_INT ? value->integer
								   : (int64_t)real),
				out);
		}
		return true;
	}
	spec.is_left = align == '<' || !align;
	if (!call_text(call, value, "", &text))
		return false;
	text_add(&spec, text, out);
	return true;
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
		} else if (!attribute_get(call->run, *out, name, out)) {
			return false;
		}
		if (!value_defined(call->run, *out))
			return false;
	}
	return true;
}

static bool
field_add(struct call *call, struct view field, size_t *automatic, struct str *out)
{
	const char *colon = memchr(field.data, ':', field.length);
	struct view name = field, spec = VIEW("");
	const struct value *value;
	struct str repr;
	bool ok;

	if (colon) {
		name.length = (size_t)(colon - field.data);
		spec = (struct view){ colon + 1, field.length - name.length - 1 };
	}
	if (name.length < 2 || name.data[name.length - 2] != '!')
		return field_find(call, name, automatic, &value) &&
		       brace_value_add(call, value, spec, out);
	name.length -= 2;
	if (!field_find(call, name, automatic, &value))
		return false;
	str_init(&repr);
	if (name.data[name.length + 1] == 's')
		value_add_text(value, &repr);
	else
		value_add_repr(value, &repr);
	ok = brace_value_add(call, call_take(call, &repr), spec, out);
	return ok;
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
		end = memchr(format.data + at, '}', format.length - at);
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
