#ifndef LIB_TEMPLATE_CHANCE_H
#define LIB_TEMPLATE_CHANCE_H
/* Choices as Python's random.Random(seed) makes them: `count` numbers below `choices`, one after
 * the other. */
#include "template/functions.h"

bool chance_choose(struct arena *into, struct view seed, uint32_t choices, uint32_t *out,
	size_t count, struct error *err) MUST_CHECK;

#endif
