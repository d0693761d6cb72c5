#ifndef INVENTORY_AWS_FLEET_H
#define INVENTORY_AWS_FLEET_H
/*
 * All instances of some accounts and regions, with what else was asked for about them. Accounts,
 * regions, filters and extra descriptions are asked for side by side; what comes back is whole, or
 * it is an error.
 */
#include "inventory/aws/aws.h"
#include "inventory/aws/credentials.h"
#include "inventory/aws/describe.h"

struct fleet_account {
	struct aws_login *login;
	const char *name;	    /* as the file calls it; NULL: the only one */
	const char *expected;	    /* its account id, if the file names one; NULL: any */
	const char *const *regions; /* ended by NULL; empty: all that the account has enabled */
	bool is_named;		    /* id and alias become variables of its hosts */
};

/* A filter is a map from the names of DescribeInstances's filters to a text or a list of texts. */
struct fleet_query {
	const struct fleet_account *accounts;
	size_t account_count;
	const struct value *include,
		*exclude;	      /* lists of filters; an empty `include` asks for all */
	const struct value *describe; /* list of names of inventory/aws/describe.c, or NULL */
	const struct value *wishes; /* more of them, or NULL: what is denied of these is left out */
	const struct describe_console *console; /* NULL: no console output is asked for */
	const char *endpoint;			/* NULL: by the rules */
	const char *stack; /* only the instances of this CloudFormation stack; NULL: all */
	int64_t wait_s;	   /* wait so long until the stack and its instances are there; 0: do not */
	void (*news)(
		void *context, const char *line); /* of the stack that is waited for; may be NULL */
	bool skips_denied;			  /* strict_permissions: false */
	/* For who waits on a terminal; may be NULL. */
	void (*progress)(void *context, const char *account, const char *region, size_t instances,
		bool is_done);
	void *context;
};

/* *out is a list of maps, one per instance, sorted by instance id, as Ansible names things
 * (private_ip_address), with owner_id, requester_id and reservation_id of the reservation, `tags`
 * as a map, placement.region, and what the descriptions add. Values are shared between instances:
 * copy a map before changing it. */
bool fleet_ask(struct aws *aws, const struct fleet_query *query, struct arena *into,
	const struct value **out, struct error *err) MUST_CHECK;

/* "Filter.1.Name", "Filter.1.Value.1" … into the parameters of a call. */
void filters_set(struct arena *into, struct value *parameters, const struct value *filters);
/* [{KEY: …, VALUE: …}] as a map from the one to the other; a value that is not there is empty. */
const struct value *pairs_map(
	struct arena *into, const struct value *list, const char *key, const char *value);
/* [{key, value}] as a map. */
const struct value *tags_map(struct arena *into, const struct value *list);

#endif
