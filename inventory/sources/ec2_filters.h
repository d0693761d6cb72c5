#ifndef INVENTORY_SOURCES_EC2_FILTERS_H
#define INVENTORY_SOURCES_EC2_FILTERS_H
/* The filters of DescribeInstances, for clouds that do not filter themselves. */
#include "value/value.h"

/* Do all filters of a map hold for an instance (a map as inventory/aws/fleet.h has it)? A value is
 * a text or a list of texts, with * and ?. Names of tags match in any case. Fails on a filter that
 * there is not. */
bool ec2_filters_match(const struct value *instance, const struct value *filters,
	struct arena *scratch, bool *out, struct error *err) MUST_CHECK;

/* The tag of a name, in any case if there is none in this; *key is as it is written there. */
const struct value *ec2_tag_find(const struct value *instance, struct view name, const char **key);

#endif
