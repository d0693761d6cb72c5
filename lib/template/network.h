#ifndef LIB_TEMPLATE_NETWORK_H
#define LIB_TEMPLATE_NETWORK_H
/*
 * Addresses of IPv4 and IPv6 with their prefix, as numbers: what the filters of the ipaddr family
 * calculate with.
 */
#include "template/functions.h"

typedef unsigned __int128 address_number;

struct network {
	int version, bits, prefix; /* 4 or 6; 32 or 128 */
	address_number ip;
	bool has_prefix; /* it was written with one */
	bool is_number;	 /* it was a plain number */
};

/* From "10.0.0.1", "10.0.0.1/24", "10.0.0.1/255.255.255.0", "::1/64", 1234. `version` 0: either. */
bool network_read(const struct value *value, int version, struct network *out) MUST_CHECK;
bool network_read_text(struct view text, int version, struct network *out) MUST_CHECK;

address_number network_first(const struct network *network);
address_number network_last(const struct network *network);
address_number network_mask(const struct network *network);
address_number network_highest(const struct network *network); /* of this version */
/* Host bits are zero, and there is more than one address. */
bool network_is_network(const struct network *network);
bool network_has_two(const struct network *network);
/* All of `inner` lies in `outer`. */
bool network_holds(const struct network *outer, const struct network *inner);
bool network_is_in(const struct network *network, const char *const *ranges);

/* Usable by hosts: without the first and the last address if there are more than two. False: a
 * single address. */
bool network_usable(const struct network *network, address_number *first, address_number *last);

const char *address_text(struct arena *into, int version, address_number address);
const struct value *address_value(
	struct arena *into, const struct network *network, address_number address);
/* "10.0.0.1/24" */
const struct value *address_with_prefix(
	struct arena *into, const struct network *network, address_number address);
/* A whole number of any size. */
const struct value *address_whole(struct arena *into, address_number number);

#endif
