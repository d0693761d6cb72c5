/* Whole numbers beyond 64 bits: decimal digits in the value, OpenSSL's arithmetic behind them. */
#include "template/bigint.h"

#include <math.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "template/evaluation.h"

/* Python refuses to print more digits than this. */
enum { DIGITS_MOST = 4300, BITS_MOST = 64 * 1024 };

static const struct object_class big_class = { .type_name = "int", .is_number = true };

bool
value_is_big(const struct value *value)
{
	return value_is(value, VALUE_OBJECT) && value->object.class == &big_class;
}

static const struct value *
from_number(struct arena *into, const BIGNUM *number)
{
	char *digits = BN_bn2dec(number);
	const struct value *value = NULL;
	int64_t small;

	if (!digits)
		BUG("BN_bn2dec failed");
	if (number_parse(view_of(digits), &small))
		value = value_int(into, small);
	else if (strlen(digits) <= DIGITS_MOST)
		value = value_object(into, &big_class, arena_text(into, digits));
	OPENSSL_free(digits);
	return value;
}

const char *
whole_digits(struct arena *into, const struct value *value)
{
	if (value_is_big(value))
		return value->object.self;
	return arena_format(into, "%lld",
		(long long)(value->type == VALUE_BOOL ? value->boolean : value->integer));
}

static BIGNUM *
to_number(struct arena *into, const struct value *value)
{
	BIGNUM *number = NULL;

	if (!BN_dec2bn(&number, whole_digits(into, value)))
		BUG("BN_dec2bn failed");
	return number;
}

double
big_real(const struct value *value)
{
	return strtod(value->object.self, NULL);
}

const struct value *
whole_parse(struct arena *into, struct view text, int base)
{
	const struct value *value;
	bool is_negative = text.length && text.data[0] == '-';
	BIGNUM *number;
	size_t at = text.length && strchr("+-", text.data[0]) ? 1 : 0;

	if (at == text.length || text.length > DIGITS_MOST)
		return NULL;
	number = BN_new();
	if (!number)
		BUG("BN_new failed");
	for (; at < text.length; at++) {
		char c = text.data[at];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'z' ? c - 'a' + 10
			    : c >= 'A' && c <= 'Z' ? c - 'A' + 10
						   : 99;

		if (digit >= base || !BN_mul_word(number, (BN_ULONG)base) ||
			!BN_add_word(number, (BN_ULONG)digit)) {
			BN_free(number);
			return NULL;
		}
	}
	BN_set_negative(number, is_negative);
	value = from_number(into, number);
	BN_free(number);
	return value;
}

const struct value *
whole_from_real(struct arena *into, double real)
{
	char digits[400];

	if (!isfinite(real))
		return NULL;
	snprintf(digits, sizeof(digits), "%.0f", trunc(real));
	return whole_parse(into, view_of(digits), 10);
}

const struct value *
big_negate(struct arena *into, const struct value *value)
{
	const char *digits = whole_digits(into, value);

	return whole_parse(into,
		view_of(digits[0] == '-' ? digits + 1 : arena_format(into, "-%s", digits)), 10);
}

/* Python rounds the quotient down; OpenSSL rounds towards zero. */
static bool
floor_divide(BIGNUM *quotient, BIGNUM *rest, const BIGNUM *a, const BIGNUM *b, BN_CTX *context)
{
	if (!BN_div(quotient, rest, a, b, context))
		return false;
	if (!BN_is_zero(rest) && BN_is_negative(rest) != BN_is_negative(b))
		return BN_add(rest, rest, b) && BN_sub_word(quotient, 1);
	return true;
}

static bool
power(struct evaluation *run, BIGNUM *result, const BIGNUM *base, const struct value *exponent,
	BN_CTX *context)
{
	uint64_t times = exponent->type == VALUE_INT	? (uint64_t)exponent->integer
			 : exponent->type == VALUE_BOOL ? exponent->boolean
							: UINT64_MAX;
	BIGNUM *number;

	if (BN_num_bits(base) > 1 && times > (uint64_t)(BITS_MOST / BN_num_bits(base)) + 64)
		return run_fail(run, ERR_LIMIT,
			"Exceeds the limit (%d digits) for integer string conversion", DIGITS_MOST);
	if (BN_num_bits(base) <= 1)
		times = times & 1 ? 1 : BN_is_zero(base) && times ? 1 : times ? 2 : 0;
	number = BN_new();
	BN_set_word(number, times);
	if (!BN_exp(result, base, number, context))
		BUG("BN_exp failed");
	BN_free(number);
	return true;
}

static bool
calculate(struct evaluation *run, struct view symbol, const BIGNUM *a, const BIGNUM *b,
	const struct value *right, BIGNUM *result, BN_CTX *context)
{
	BIGNUM *other = BN_new();
	bool ok = true;

	if (view_is(symbol, "**"))
		ok = power(run, result, a, right, context);
	else if (symbol.data[0] == '+')
		ok = BN_add(result, a, b);
	else if (symbol.data[0] == '-')
		ok = BN_sub(result, a, b);
	else if (symbol.data[0] == '*')
		ok = BN_mul(result, a, b, context);
	else if (symbol.data[0] == '%')
		ok = floor_divide(other, result, a, b, context);
	else
		ok = floor_divide(result, other, a, b, context);
	BN_free(other);
	return ok;
}

static double
real_of(const struct value *value)
{
	return value_is_big(value)	   ? big_real(value)
	       : value->type == VALUE_BOOL ? value->boolean
					   : (double)value->integer;
}

bool
big_binary(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, const struct value **out)
{
	struct arena *into = run->session->into;
	BIGNUM *a, *b, *result;
	BN_CTX *context;
	double real;
	bool ok;

	if (strchr("/%", symbol.data[0]) && !value_is_big(right) && real_of(right) == 0)
		return run_fail(run, ERR_TYPE, "integer division or modulo by zero");
	if (view_is(symbol, "/") || (view_is(symbol, "**") && real_of(right) < 0)) {
		real = symbol.length == 1 ? real_of(left) / real_of(right)
					  : pow(real_of(left), real_of(right));
		if (!isfinite(real))
			return run_fail(run, ERR_TYPE, "int too large to convert to float");
		*out = value_float(into, real);
		return true;
	}
	a = to_number(into, left);
	b = to_number(into, right);
	result = BN_new();
	context = BN_CTX_new();
	if (!result || !context)
		BUG("OpenSSL is out of memory");
	ok = calculate(run, symbol, a, b, right, result, context);
	if (ok && !(*out = from_number(into, result)))
		ok = run_fail(run, ERR_LIMIT,
			"Exceeds the limit (%d digits) for integer string conversion", DIGITS_MOST);
	BN_CTX_free(context);
	BN_free(result);
	BN_free(a);
	BN_free(b);
	return ok;
}
