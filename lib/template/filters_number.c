/* Filters of numbers: int, float, bool, round, sizes, logarithms, random. */
#include <ctype.h>
#include <math.h>
#include <sys/random.h>

#include "template/evaluation.h"
#include "template/bigint.h"
#include "template/unicode.h"
#include "template/literal.h"

static bool
text_to_real(struct view text, double *out)
{
	char digits[64], *end;
	size_t length = 0;

	text = view_trim(text);
	if (!text.length || text.length >= sizeof(digits) || memchr(text.data, 'x', text.length) ||
		memchr(text.data, 'X', text.length))
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] != '_')
			digits[length++] = text.data[i];
	digits[length] = '\0';
	*out = strtod(digits, &end);
	return end != digits && !*end;
}

static bool
to_real(const struct value *value, double *out)
{
	switch ((enum value_type)value->type) {
	case VALUE_INT:
		*out = (double)value->integer;
		return true;
	case VALUE_BOOL:
		*out = value->boolean;
		return true;
	case VALUE_FLOAT:
		*out = value->real;
		return true;
	case VALUE_STRING:
		return text_to_real(value_string_view(value), out);
	case VALUE_OBJECT:
		if (value_is_big(value))
			*out = big_real(value);
		return value_is_big(value);
	default:
		return false;
	}
}

/* As int(text, base) and, where that fails, int(float(text)). NULL: no number. */
static const struct value *
text_to_whole(struct call *call, struct view text, int base)
{
	struct str digits;
	const struct value *value = NULL;
	double real;
	bool is_negative;

	text = view_trim(text);
	is_negative = view_starts(text, "-");
	if (text.length && strchr("+-", text.data[0]))
		text = (struct view){ text.data + 1, text.length - 1 };
	if (text.length > 2 && text.data[0] == '0' &&
		((base == 16 && tolower((unsigned char)text.data[1]) == 'x') ||
			(base == 8 && tolower((unsigned char)text.data[1]) == 'o') ||
			(base == 2 && tolower((unsigned char)text.data[1]) == 'b')))
		text = (struct view){ text.data + 2, text.length - 2 };
	str_init(&digits);
	str_add(&digits, is_negative ? "-" : "");
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] != '_' || !i || i + 1 == text.length || text.data[i - 1] == '_')
			str_add_char(&digits, text.data[i]);
	if (base >= 2 && base <= 36 && text.length && !strchr("+-", text.data[0]))
		value = whole_parse(call_arena(call), str_view(&digits), base);
	if (!value && text_to_real(str_view(&digits), &real))
		value = whole_from_real(call_arena(call), real);
	str_release(&digits);
	return value;
}

static bool
int_call(struct call *call, const struct value **out)
{
	const struct value *input = call->input;
	int64_t base;

	if (!call_int(call, 1, 10, &base))
		return false;
	*out = NULL;
	if (input->type == VALUE_STRING)
		*out = text_to_whole(call, value_string_view(input), (int)base);
	else if (input->type == VALUE_INT || value_is_big(input))
		*out = input;
	else if (input->type == VALUE_BOOL)
		*out = value_int(call_arena(call), input->boolean);
	else if (input->type == VALUE_FLOAT && isinf(input->real))
		return call_fail(call, ERR_TYPE, "cannot convert float infinity to integer");
	else if (input->type == VALUE_FLOAT)
		*out = whole_from_real(call_arena(call), input->real);
	if (!*out)
		*out = call->args[0] ? call->args[0] : value_int(call_arena(call), 0);
	return true;
}

static bool
float_call(struct call *call, const struct value **out)
{
	double real;

	if (to_real(call->input, &real))
		*out = value_float(call_arena(call), real);
	else
		*out = call->args[0] ? call->args[0] : value_float(call_arena(call), 0);
	return true;
}

/* yes, on, 1 and true are true; anything else is false. None stays. */
static bool
bool_call(struct call *call, const struct value **out)
{
	struct view text = value_string_view(call->input);
	struct str lower;
	bool is_true;

	if (call->input->type == VALUE_NONE || call->input->type == VALUE_BOOL) {
		*out = call->input;
		return true;
	}
	if (call->input->type == VALUE_INT || call->input->type == VALUE_FLOAT)
		return give_bool(value_equals(call->input, &value_true), out);
	str_init(&lower);
	text_add_case(&lower, text, CASE_LOWER);
	is_true = text_equals(lower.data, "yes") || text_equals(lower.data, "on") ||
		  text_equals(lower.data, "1") || text_equals(lower.data, "true");
	str_release(&lower);
	return give_bool(is_true, out);
}

static bool
real_needed(struct call *call, const struct value *value, double *out)
{
	if (value->type != VALUE_STRING && to_real(value, out))
		return true;
	return call_fail(call, ERR_TYPE,
		"%s() can only be used on numbers: must be real number, not %s",
		call->function->name, value_type_name(value));
}

static bool
abs_call(struct call *call, const struct value **out)
{
	double real;

	if (!real_needed(call, call->input, &real))
		return false;
	if (call->input->type == VALUE_FLOAT)
		*out = value_float(call_arena(call), fabs(real));
	else if (call->input->type == VALUE_BOOL)
		*out = value_int(call_arena(call), call->input->boolean);
	else
		*out = real < 0 ? big_negate(call_arena(call), call->input) : call->input;
	return true;
}

static bool
round_call(struct call *call, const struct value **out)
{
	const char *method = call->args[1] ? value_string(call->args[1]) : "common";
	char digits[400];
	int64_t precision;
	double real, scale;

	if (!real_needed(call, call->input, &real) || !call_int(call, 0, 0, &precision))
		return false;
	if (precision > 300 || precision < -300)
		return call_fail(call, ERR_TYPE, "round: precision out of range");
	scale = pow(10, (double)precision);
	if (text_equals(method, "ceil"))
		real = ceil(real * scale) / scale + 0.0;
	else if (text_equals(method, "floor"))
		real = floor(real * scale) / scale + 0.0;
	else if (!text_equals(method, "common"))
		return call_fail(call, ERR_TYPE, "method must be common, ceil or floor");
	else if (precision >= 0) {
		snprintf(digits, sizeof(digits), "%.*f", (int)precision, real);
		real = strtod(digits, NULL);
	} else
		real = nearbyint(real * scale) / scale;
	if (!isfinite(real) && call->input->type == VALUE_FLOAT &&
		(!text_equals(method, "common") || isfinite(call->input->real)))
		return call_fail(call, ERR_TYPE, "cannot convert float infinity to integer");
	if (call->input->type == VALUE_BOOL && text_equals(method, "common"))
		*out = value_int(call_arena(call), (int64_t)real);
	else if (call->input->type != VALUE_FLOAT && text_equals(method, "common") &&
		 precision >= 0)
		*out = call->input;
	else if (call->input->type == VALUE_INT && text_equals(method, "common") &&
		 fabs(real) < 9e15)
		*out = value_int(call_arena(call), (int64_t)real);
	else
		*out = value_float(call_arena(call), real);
	return true;
}

static bool
power_call(struct call *call, const struct value **out)
{
	char kind = call->function->name[0];
	double x, y = kind == 'r' ? 2 : M_E;

	if (!real_needed(call, call->input, &x) ||
		(call->args[0] && !real_needed(call, call->args[0], &y)))
		return false;
	if (kind == 'l' && x <= 0)
		return call_fail(call, ERR_TYPE, "math domain error");
	if (kind == 'r' && x < 0)
		return call_fail(
			call, ERR_TYPE, "root() can only be used on numbers: math domain error");
	if (kind == 'l')
		x = y == 10 ? log10(x) : y == M_E ? log(x) : log(x) / log(y);
	else if (kind == 'r')
		x = y == 2 ? sqrt(x) : pow(x, 1 / y);
	else if (x < 0 && !(fabs(y - nearbyint(y)) <= 0))
		return call_fail(call, ERR_TYPE, "math domain error");
	else
		x = pow(x, y);
	if (isinf(x))
		return call_fail(call, ERR_TYPE, "math range error");
	*out = value_float(call_arena(call), x);
	return true;
}

/* ---- sizes ---- */

static bool
filesize_call(struct call *call, const struct value **out)
{
	static const char letters[] = "kMGTPEZY";
	bool is_binary = call_flag(call, 0, false);
	double base = is_binary ? 1024 : 1000, size, unit;

	if (!to_real(call->input, &size))
		return call_fail(call, ERR_TYPE, "filesizeformat: not a number");
	if (size < base) {
		*out = size == 1 ? value_text(call_arena(call), "1 Byte")
				 : value_format(call_arena(call), "%d Bytes", (int)size);
		return true;
	}
	for (int i = 0; letters[i]; i++) {
		unit = pow(base, i + 2);
		if (size >= unit && letters[i + 1])
			continue;
		*out = value_format(call_arena(call), "%.1f %c%sB", base * size / unit,
			is_binary && !i ? 'K' : letters[i], is_binary ? "i" : "");
		return true;
	}
	return false;
}

static const char size_letters[] = "YZEPTGMKB";

static bool
human_call(struct call *call, const struct value **out)
{
	bool is_bits = call_flag(call, 0, false);
	const char *wanted = call->args[1] ? value_string(call->args[1]) : NULL;
	double size, limit = 0;
	char letter = 'B';

	if (value_is_string(call->input) || !to_real(call->input, &size))
		return call_fail(call, ERR_TYPE,
			"human_readable() failed on bad input: a number is needed, not %s",
			value_type_name(call->input));
	for (int i = 0; size_letters[i]; i++) {
		limit = pow(2, 80 - 10 * i);
		letter = size_letters[i];
		if ((!wanted && size >= limit) ||
			(wanted && toupper((unsigned char)wanted[0]) == letter))
			break;
	}
	if (limit > 1)
		*out = value_format(
			call_arena(call), "%.2f %c%s", size / limit, letter, is_bits ? "b" : "B");
	else
		*out = value_format(call_arena(call), "%.2f %s", size, is_bits ? "bits" : "Bytes");
	return true;
}

/* "1.5 kB" at the beginning of the text; what follows is not looked at, as Ansible has it. */
static bool
bytes_call(struct call *call, const struct value **out)
{
	const char *unit = value_is_none(call->args[0]) ? NULL : value_string(call->args[0]);
	bool is_bits = call_flag(call, 1, false);
	const char *letter, *name, *at;
	struct view text;
	size_t whole, part, length;
	double size;

	if (!call_text(call, call->input, "", &text))
		return false;
	at = text.data + strspn(text.data, " \t\n\r\v\f");
	whole = strspn(at, "0123456789");
	part = at[whole] == '.' ? 1 + strspn(at + whole + 1, "0123456789") : 0;
	if (whole + part - (part > 0) == 0)
		return call_fail(call, ERR_TYPE,
			"human_to_bytes() can't interpret following string: %s", text.data);
	size = strtod(arena_bytes(call_arena(call), at, whole + part), NULL);
	at += whole + part;
	at += strspn(at, " \t\n\r\v\f");
	length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	name = length ? arena_bytes(call_arena(call), at, length) : unit ? unit : "";
	if (!*name) {
		*out = whole_from_real(call_arena(call), nearbyint(size));
		return true;
	}
	letter = strchr(size_letters, toupper((unsigned char)name[0]));
	if (!letter || !*letter)
		return call_fail(call, ERR_TYPE,
			"human_to_bytes() failed to convert %s: unknown unit", text.data);
	if (name[1] && !(name[2] == '\0' && name[1] == (is_bits ? 'b' : 'B')) &&
		!strcasestr(name, is_bits ? "bit" : "byte"))
		return call_fail(call, ERR_TYPE,
			"human_to_bytes() failed to convert %s. Value is not a valid string",
			text.data);
	*out = whole_from_real(call_arena(call),
		nearbyint(size * pow(2, 80 - 10 * (double)(letter - size_letters))));
	return true;
}

const struct function filters_number[] = { { "int", "default=0 base=10", int_call,
						   "As a whole number." },
	{ "float", "default=0.0", float_call, "As a float." },
	{ "bool", "", bool_call, "As a boolean." }, { "abs", "", abs_call, "Without sign." },
	{ "round", "precision=0 method='common'", round_call, "Rounded." },
	{ "log", "base=e", power_call, "The logarithm." }, { "pow", "y", power_call, "The power." },
	{ "root", "base=2", power_call, "The root." },
	{ "filesizeformat", "binary=False", filesize_call, "A size for people." },
	{ "human_readable", "isbits=False unit=None", human_call, "A size for people." },
	{ "human_to_bytes", "default_unit=None isbits=False", bytes_call, "A size in bytes." },
	{ NULL } };
