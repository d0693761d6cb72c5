#ifndef INVENTORY_SOURCES_ECONE_H
#define INVENTORY_SOURCES_ECONE_H
/* The machines of an EC2 Query cloud. */
#include "inventory/hosts/inventory.h"

/* All of them, by the options of a file (inventory/sources/econe.c): a list of maps as
 * inventory/aws/fleet.h has them, with `tags` as a map, private_ip_addresses as a list, and the
 * elastic address as public_ip_address. Secrets are told to the inventory. */
bool econe_ask(const struct inventory *inventory, const struct value *config, struct arena *into,
	const struct value **out, struct error *err) MUST_CHECK;

#endif
