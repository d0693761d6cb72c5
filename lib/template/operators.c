/* Operators with Python's meaning. */
#include <math.h>

#include "template/bigint.h"
#include "template/evaluation.h"
#include "template/times.h"

static bool
is_number(const struct value *value)
{
	return value->type == VALUE_INT || value->type == VALUE_FLOAT ||
	       value->type == VALUE_BOOL || value_is_big(value);
}

static int64_t
whole(const struct value *value)
{
	return value->type == VALUE_BOOL ? value->boolean : value->integer;
}

static double
real(const struct value *value)
{
	return value->type == VALUE_FLOAT ? value->real
	       : value_is_big(value)	  ? big_real(value)
					  : (double)whole(value);
}

static bool
operand_fail(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right)
{
	const char *name = view_is(symbol, "**") ? "** or pow()" : symbol.data;
	int length = view_is(symbol, "**") ? 11 : (int)symbol.length;

	if (view_is(symbol, "+") && left->type == VALUE_LIST)
		return run_fail(run, ERR_TYPE, "can only concatenate %s (not \"%s\") to %s",
			value_type_name(left), value_type_name(right), value_type_name(left));
	if (view_is(symbol, "+") && left->type == VALUE_STRING)
		return run_fail(run, ERR_TYPE, "can only concatenate str (not \"%s\") to str",
			value_type_name(right));
	return run_fail(run, ERR_TYPE, "unsupported operand type(s) for %.*s: '%s' and '%s'",
		length, name, value_type_name(left), value_type_name(right));
}

static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* False: the result does not fit. */
static bool
whole_power(int64_t base, int64_t exponent, int64_t *out)
{
	int64_t result = 1;

	while (exponent) {
		if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
			return false;
		exponent >>= 1;
		if (exponent && __builtin_mul_overflow(base, base, &base))
			return false;
	}
	*out = result;
	return true;
}

static bool
whole_negative_power(struct evaluation *run, int64_t a, int64_t b, const struct value **out)
{
	if (!a)
		return run_fail(run, ERR_TYPE, "0.0 cannot be raised to a negative power");
	*out = value_float(run->session->into, pow((double)a, (double)b));
	return true;
}

static bool
whole_binary(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, const struct value **out)
{
	int64_t a = whole(left), b = whole(right), result = 0;
	char kind = symbol.data[0];
	bool is_over;

	if (view_is(symbol, "**") && b < 0)
		return whole_negative_power(run, a, b, out);
	if ((kind == '/' || kind == '%') && !b)
		return run_fail(run, ERR_TYPE, "%s",
			symbol.length == 2 || kind == '%' ? "integer division or modulo by zero"
							  : "division by zero");
	if (kind == '/' && symbol.length == 1) {
		*out = value_float(run->session->into, (double)((long double)a / (long double)b));
		return true;
	}
	if (view_is(symbol, "**"))
		is_over = !whole_power(a, b, &result);
	else if (kind == '/') /* INT64_MIN / -1 traps */
		is_over = b == -1 ? __builtin_sub_overflow((int64_t)0, a, &result)
				  : (result = floor_divide(a, b), false);
	else if (kind == '%')
		is_over = (result = b == -1 ? 0 : a - floor_divide(a, b) * b, false);
	else if (kind == '+')
		is_over = __builtin_add_overflow(a, b, &result);
	else if (kind == '-')
		is_over = __builtin_sub_overflow(a, b, &result);
	else
		is_over = __builtin_mul_overflow(a, b, &result);
	if (is_over)
		return big_binary(run, symbol, left, right, out);
	*out = value_int(run->session->into, result);
	return true;
}

/* The rest has the sign of b, and is exact. */
static double
real_rest(double a, double b)
{
	double rest = fmod(a, b);

	if (fpclassify(rest) == FP_ZERO)
		return copysign(0.0, b);
	return (rest < 0) != (b < 0) ? rest + b : rest;
}

static double
real_floor(double a, double b)
{
	double quotient = (a - real_rest(a, b)) / b, whole_part;

	if (fpclassify(quotient) == FP_ZERO)
		return copysign(0.0, a / b);
	whole_part = floor(quotient);
	return quotient - whole_part > 0.5 ? whole_part + 1 : whole_part;
}

static bool
real_binary(
	struct evaluation *run, struct view symbol, double a, double b, const struct value **out)
{
	double result;

	if (view_is(symbol, "**")) {
		if (fpclassify(a) == FP_ZERO && b < 0)
			return run_fail(run, ERR_TYPE, "0.0 cannot be raised to a negative power");
		result = pow(a, b);
		if (isnan(result) && !isnan(a) && !isnan(b))
			return run_fail(run, ERR_UNSUPPORTED, "complex numbers are not supported");
		if (isinf(result) && isfinite(a) && isfinite(b))
			return run_fail(run, ERR_TYPE, "Numerical result out of range");
	} else if (symbol.data[0] == '/' || symbol.data[0] == '%') {
		if (fpclassify(b) == FP_ZERO)
			return run_fail(run, ERR_TYPE, "%s",
				symbol.data[0] == '%' ? "float modulo"
				: symbol.length == 2  ? "float divmod()"
						      : "float division by zero");
		result = symbol.data[0] == '%' ? real_rest(a, b)
			 : symbol.length == 2  ? real_floor(a, b)
					       : a / b;
	} else {
		result = symbol.data[0] == '+' ? a + b : symbol.data[0] == '-' ? a - b : a * b;
	}
	*out = value_float(run->session->into, result);
	return true;
}

static bool
repeat(struct evaluation *run, const struct value *what, int64_t times, const struct value **out)
{
	size_t length = value_length(what);
	struct str text;

	if (times < 0 || !length)
		times = 0;
	if (length &&
		times > (int64_t)((what->type == VALUE_LIST ? RANGE_MOST : OUTPUT_MOST) / length))
		return run_fail(run, ERR_LIMIT, "repetition is too large");
	if (what->type == VALUE_LIST) {
		struct value *list = value_list(run->session->into);

		list->flags = what->flags & VALUE_TUPLE;
		for (int64_t i = 0; i < times; i++)
			VALUE_EACH (item, what)
				value_add(run->session->into, list, item);
		*out = list;
		return true;
	}
	str_init(&text);
	for (int64_t i = 0; i < times; i++)
		str_add_view(&text, value_string_view(what));
	*out = value_view(run->session->into, str_view(&text));
	str_release(&text);
	return true;
}

static bool
is_sequence(const struct value *value)
{
	return value->type == VALUE_STRING || value->type == VALUE_LIST;
}

static bool
join(struct evaluation *run, const struct value *left, const struct value *right,
	const struct value **out)
{
	if (left->type == VALUE_LIST) {
		struct value *list = value_list_copy(run->session->into, left);

		if (((left->flags ^ right->flags) & VALUE_TUPLE) ||
			((left->flags | right->flags) & VALUE_ROLLED))
			return operand_fail(run, VIEW("+"), left, right);
		list->flags = left->flags & VALUE_TUPLE;
		VALUE_EACH (item, right)
			value_add(run->session->into, list, item);
		*out = list;
	} else {
		size_t a = left->string.length, b = right->string.length;
		char *text;

		if (a + b > OUTPUT_MOST)
			return run_fail(run, ERR_LIMIT, "text is larger than 64 MiB");
		text = arena_alloc(run->session->into, a + b + 1);
		memcpy(text, left->string.data, a);
		memcpy(text + a, right->string.data, b);
		*out = value_borrow(run->session->into, text, a + b);
	}
	return true;
}

static bool
percent(struct evaluation *run, const struct value *left, const struct value *right,
	const struct value **out)
{
	struct str text;
	bool ok;

	str_init_max(&text, OUTPUT_MOST);
	ok = value_plain(run, right, &right) &&
	     format_percent(run, value_string_view(left), right, &text);
	if (ok && text.is_full)
		ok = run_fail(run, ERR_LIMIT, "text is larger than 64 MiB");
	if (ok)
		*out = value_view(run->session->into, str_view(&text));
	str_release(&text);
	return ok;
}

bool
operator_binary(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, const struct value **out)
{
	if (left->type == VALUE_OBJECT && left->object.class->iterate &&
		!left->object.class->is_mapping && !value_iterate(run, left, &left))
		return false;
	if (right->type == VALUE_OBJECT && right->object.class->iterate &&
		!right->object.class->is_mapping && !value_iterate(run, right, &right))
		return false;
	if (left->type == VALUE_OBJECT && right->type == VALUE_OBJECT &&
		(*out = times_binary(run->session->into, symbol, left, right)))
		return true;
	if (left->type == VALUE_STRING && view_is(symbol, "%"))
		return percent(run, left, right, out);
	if (is_number(left) && is_number(right)) {
		if (left->type == VALUE_FLOAT || right->type == VALUE_FLOAT)
			return real_binary(run, symbol, real(left), real(right), out);
		if (value_is_big(left) || value_is_big(right))
			return big_binary(run, symbol, left, right, out);
		return whole_binary(run, symbol, left, right, out);
	}
	if (view_is(symbol, "*") && is_sequence(left) && is_number(right) &&
		right->type != VALUE_FLOAT && !value_is_big(right))
		return repeat(run, left, whole(right), out);
	if (view_is(symbol, "*") && is_sequence(right) && is_number(left) &&
		left->type != VALUE_FLOAT && !value_is_big(left))
		return repeat(run, right, whole(left), out);
	if (view_is(symbol, "+") && is_sequence(left) && left->type == right->type)
		return join(run, left, right, out);
	return operand_fail(run, symbol, left, right);
}

bool
value_contains(
	struct evaluation *run, const struct value *container, const struct value *item, bool *out)
{
	*out = false;
	if (!value_defined(run, container) || !value_defined(run, item))
		return false;
	if (container->type == VALUE_STRING) {
		if (!value_is_string(item))
			return run_fail(run, ERR_TYPE,
				"'in <string>' requires string as left operand, not %s",
				value_type_name(item));
		*out = !item->string.length ||
		       memmem(container->string.data, container->string.length, item->string.data,
			       item->string.length) != NULL;
		return true;
	}
	if (container->type == VALUE_MAP &&
		(item->type == VALUE_MAP ||
			(item->type == VALUE_LIST && !(item->flags & VALUE_TUPLE))))
		return run_fail(run, ERR_TYPE, "unhashable type: '%s'", value_type_name(item));
	if (container->type == VALUE_MAP) {
		*out = value_get_key(container, item) != NULL;
		return true;
	}
	if (container->type == VALUE_OBJECT && container->object.class->is_mapping &&
		container->object.class->get) {
		const struct value *found = NULL;

		if (!container->object.class->get(container->object.self, run->session->into, item,
			    &found, run->session->err))
			return false;
		*out = found != NULL;
		return true;
	}
	if (container->type != VALUE_LIST && container->type != VALUE_OBJECT)
		return run_fail(run, ERR_TYPE, "argument of type '%s' is not iterable",
			value_type_name(container));
	if (!value_iterate(run, container, &container))
		return false;
	VALUE_EACH (each, container) {
		if (!value_defined(run, each))
			return false;
		if (value_equals(each, item))
			*out = true;
	}
	return true;
}

static bool
is_data_object(const struct value *value)
{
	return value->type == VALUE_OBJECT &&
	       (value->object.class->plain || value->object.class->iterate);
}

static bool
order_compare(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, bool *out)
{
	bool is_equal_enough = symbol.length == 2;
	bool is_mixed = left->type == VALUE_LIST && right->type == VALUE_LIST &&
			((left->flags ^ right->flags) & VALUE_TUPLE);
	int order;

	if (is_mixed || !value_compare(left, right, &order))
		return run_fail(run, ERR_TYPE,
			"'%.*s' not supported between instances of '%s' and '%s'",
			(int)symbol.length, symbol.data, value_type_name(left),
			value_type_name(right));
	if ((left->type == VALUE_FLOAT && isnan(left->real)) ||
		(right->type == VALUE_FLOAT && isnan(right->real)))
		*out = false;
	else
		*out = symbol.data[0] == '<' ? order < is_equal_enough : order > -is_equal_enough;
	return true;
}

bool
operator_compare(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, bool *out)
{
	if (view_is(symbol, "in"))
		return value_contains(run, right, left, out);
	if (view_is(symbol, "not in")) {
		if (!value_contains(run, right, left, out))
			return false;
		*out = !*out;
		return true;
	}
	if ((is_data_object(left) && !value_plain(run, left, &left)) ||
		(is_data_object(right) && !value_plain(run, right, &right)))
		return false;
	if (view_is(symbol, "==") || view_is(symbol, "!=")) {
		*out = value_equals(left, right) == (symbol.data[0] == '=');
		if (left->type == VALUE_LIST && right->type == VALUE_LIST &&
			((left->flags ^ right->flags) & VALUE_TUPLE))
			*out = symbol.data[0] == '!';
		return true;
	}
	return order_compare(run, symbol, left, right, out);
}
