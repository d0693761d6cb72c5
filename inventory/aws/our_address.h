#ifndef INVENTORY_AWS_OUR_ADDRESS_H
#define INVENTORY_AWS_OUR_ADDRESS_H
/*
 * The address that the world sees us with, which a security group must admit: as the user gives it
 * (an address of either family), or asked for: `auto` asks a service of AWS, an URL any other that
 * answers with the address alone.
 */
#include "base/arena.h"
#include "base/error.h"

/* Is it one of these? */
bool our_address_check(const char *option, struct error *err) MUST_CHECK;
/* May wait a few seconds. */
bool our_address_find(
	const char *option, struct arena *into, const char **out, struct error *err) MUST_CHECK;

#endif
