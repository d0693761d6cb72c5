/* Where an instance stands: security groups, subnets, route tables, network ACLs. */
#include "inventory/aws/describe_internal.h"

/* ---- networks ---- */

bool
security_groups_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	return describe_list(scope, "ec2", "DescribeSecurityGroups", "security_groups", NULL,
		answers, fault, err);
}

void
security_groups_join(struct arena *into, const struct value *answers, struct value *instance)
{
	const struct value *own = value_get(instance, "security_groups");
	struct value *list = instance_list(into, instance, "security_group_details");

	if (value_is_list(own))
		VALUE_EACH (group, own)
			VALUE_EACH (detail, answers)
				if (answer_matches(detail, "group_id", group, "group_id"))
					value_add(into, list, detail);
}

bool
subnets_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(scope, "ec2", "DescribeSubnets", "subnets", NULL, answers, fault, err);
}

void
subnets_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (subnet, answers)
		if (answer_matches(subnet, "subnet_id", instance, "subnet_id"))
			value_set(into, instance, "subnet", subnet);
}

bool
route_tables_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(
		scope, "ec2", "DescribeRouteTables", "route_tables", NULL, answers, fault, err);
}

/* The table that is associated with the subnet, else the main one of the VPC. */
void
route_tables_join(struct arena *into, const struct value *answers, struct value *instance)
{
	const struct value *main_one = NULL, *own = NULL;

	VALUE_EACH (table, answers) {
		const struct value *associations = value_get(table, "associations");

		if (!answer_matches(table, "vpc_id", instance, "vpc_id") ||
			!value_is_list(associations))
			continue;
		VALUE_EACH (association, associations) {
			if (answer_matches(association, "subnet_id", instance, "subnet_id"))
				own = table;
			else if (value_is_true(value_get(association, "main")))
				main_one = table;
		}
	}
	if (own || main_one)
		value_set(into, instance, "route_table", own ? own : main_one);
}

bool
network_acls_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(
		scope, "ec2", "DescribeNetworkAcls", "network_acls", NULL, answers, fault, err);
}

void
network_acls_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (acl, answers) {
		const struct value *associations = value_get(acl, "associations");

		if (value_is_list(associations))
			VALUE_EACH (association, associations)
				if (answer_matches(association, "subnet_id", instance, "subnet_id"))
					value_set(into, instance, "network_acl", acl);
	}
}
