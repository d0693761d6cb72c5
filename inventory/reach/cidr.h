#ifndef INVENTORY_REACH_CIDR_H
#define INVENTORY_REACH_CIDR_H
/* Addresses and networks as texts, of both families. */
#include "base/str.h"

/* 10.0.0.5 in 10.0.0.0/16; false also where one of them is neither. A network without a slash is
 * one address. */
bool cidr_has(const char *network, const char *address);
/* The whole of a family: 0.0.0.0/0, ::/0. */
bool cidr_is_world(const char *network);

#endif
