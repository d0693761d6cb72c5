#ifndef LIB_TEMPLATE_BIGINT_H
#define LIB_TEMPLATE_BIGINT_H
/*
 * Whole numbers beyond 64 bits, as Python has them. Such a value is an object whose `self` is its
 * decimal digits; all others stay VALUE_INT, so that equal numbers have one form.
 */
#include "template/functions.h"

bool value_is_big(const struct value *value);
/* The digits of a big number, a VALUE_INT or a boolean, in decimal. */
const char *whole_digits(struct arena *into, const struct value *value);
/* From "-123…" of any length in this base; NULL: no number, or more digits than Python prints. */
const struct value *whole_parse(struct arena *into, struct view text, int base);
/* A float without its fraction; fails for what is not finite. */
const struct value *whole_from_real(struct arena *into, double real);
double big_real(const struct value *value);
/* + - * // % ** / on whole numbers, of which one may be big or the result is. */
bool big_binary(struct evaluation *run, struct view symbol, const struct value *left,
	const struct value *right, const struct value **out) MUST_CHECK;
const struct value *big_negate(struct arena *into, const struct value *value);

#endif
