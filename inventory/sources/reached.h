#ifndef INVENTORY_SOURCES_REACHED_H
#define INVENTORY_SOURCES_REACHED_H
/*
 * How the hosts of a cloud's source are reached (inventory/reach), tied to the inventory: what is
 * found is assumed below all other variables, each time these are merged. For the doctor it
 * explains why a host is not reached (`our_address` of the file: inventory/aws/our_address.h).
 */
#include "inventory/aws/describe.h"
#include "inventory/sources/source.h"

struct reached;

/* *out is NULL where the file does not ask for it. `config`: its options, evaluated. */
bool reached_begin(const struct source *source, const struct value *config, struct reached **out,
	struct error *err) MUST_CHECK;
/* The same for a source that has `addresses` anyway: this alone does not ask for more, and is then
 * the source's business (reached_address). */
bool reached_begin_plain(const struct source *source, const struct value *config,
	struct reached **out, struct error *err) MUST_CHECK;
/* The ansible_host that the source itself must set by `addresses`, usually [public, private]; NULL:
 * none, or reach does it. */
const char *reached_address(
	const struct reached *reached, const struct value *config, const struct value *facts);
/* What is to be described besides the instances and `known` (lists of names of
 * inventory/aws/describe.h): images for users, and for the doctor all that diagnosis looks at. NULL
 * is harmless. */
const struct value *reached_describe(
	const struct reached *reached, struct arena *into, const struct value *known);
/* Which console output must be had, and what of it; false: none. *out borrows `reached`. */
bool reached_console(struct reached *reached, struct describe_console *out);
/* `facts`: what amazon.aws says of an instance, and `image`, `account_alias`; borrowed, as long as
 * the inventory. `console`: NULL where it was not wanted. A NULL `reached` is harmless. */
void reached_add(struct reached *reached, struct inventory_host *host, const struct value *facts,
	const char *console);

#endif
