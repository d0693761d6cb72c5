#ifndef INVENTORY_SOURCES_EC2_NAMES_H
#define INVENTORY_SOURCES_EC2_NAMES_H
/* What an instance is called: the option `hostnames` of amazon.aws.aws_ec2. */
#include "value/value.h"

/* The names that a list of preferences gives an instance (a map as inventory/aws/fleet.h has it):
 * the first that there is, or all of them. `sanitize` makes a name with colons a usable one. False:
 * the option makes no sense. */
bool ec2_names(const struct value *preferences, const struct value *instance, bool wants_all,
	struct arena *into, const char *(*sanitize)(struct arena *into, const char *name),
	struct value *out, struct error *err) MUST_CHECK;

/* What a filter of DescribeInstances (but tags) looks at in an instance: a value, a list of them,
 * or NULL. False: there is no such filter. */
bool ec2_filter_value(const struct value *instance, const char *filter, struct arena *into,
	const struct value **out);

#endif
