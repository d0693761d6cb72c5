#ifndef INVENTORY_REACH_DIAGNOSE_H
#define INVENTORY_REACH_DIAGNOSE_H
/*
 * Why a host of AWS cannot be reached, from what AWS says: its state, security groups, network
 * ACLs, routes and status checks. Logic over answers in amazon.aws's names; nobody is asked. What
 * is not known (NULL) is passed over.
 */
#include "value/value.h"

/* Lists, as the describe calls give them, of the host's region. */
struct diagnose_world {
	const struct value *security_groups, *route_tables, *network_acls, *instance_statuses;
};

struct diagnose_ask {
	const char *name;	     /* of the target, for messages */
	const struct value *target;  /* its facts */
	const char *bastion_name;    /* NULL: there is none in front */
	const struct value *bastion; /* facts; NULL: none */
	const char *our_address;     /* our own public address, if known */
	/* It is reached at an address that AWS does not know (a VPN, a name of one's own): that AWS
	 * has no public one for it, and no way to the internet, then says nothing. */
	bool has_own_way, has_bastion_own_way;
	int port, bastion_port; /* TCP; 0: 22 */
};

/* Adds a plain sentence for each cause to the list, the most likely first; none: nothing that AWS
 * knows is in the way. */
void diagnose(const struct diagnose_world *world, const struct diagnose_ask *ask,
	struct arena *into, struct value *out);

/* A port that something on the host needs open. */
struct diagnose_need {
	const char *protocol; /* "tcp", "udp" */
	int port;
	const char *by; /* "the role nginx_rtmp (RTMP)" */
};

/* Adds a sentence for each need that no group of the host admits from anywhere. */
void diagnose_ports(const struct diagnose_world *world, const char *name,
	const struct value *target, const struct diagnose_need *needs, size_t count,
	struct arena *into, struct value *out);

#endif
