/* A machine of Terraform as inventory/reach knows machines: by the names that AWS gives to facts.
 */
#include <arpa/inet.h>

#include "inventory/sources/terraform.h"
#include "inventory/aws/service.h"

/* Paths as in terraform_types.c. What a provider does not say is not there. */
static const struct {
	const char *fact, *within, *paths; /* `within`: the map that it stands in, or NULL */
} copied[] = {
	{ "instance_id", NULL, "spot_instance_id,id" },
	{ "image_id", NULL, "ami,image_id" },
	{ "instance_type", NULL, "instance_type" },
	{ "key_name", NULL, "key_name,key_pair" },
	{ "vpc_id", NULL, "vpc_id,vpc_uuid" },
	{ "subnet_id", NULL, "subnet_id" },
	{ "private_dns_name", NULL, "private_dns" },
	{ "public_dns_name", NULL, "public_dns" },
	{ "ipv6_address", NULL, "ipv6_addresses.0" },
	{ "availability_zone", "placement", "availability_zone" },
	{ "name", "state", "instance_state" },
};

static const char *const networks_of[] = { "aws_subnet", "aws_default_subnet", "aws_security_group",
	"aws_default_security_group" };

/* Empty texts and numbers are no facts. */
static const char *
text_at(const struct value *attributes, const char *paths)
{
	const char *text = value_string(terraform_attribute(attributes, paths));

	return text && *text ? text : NULL;
}

void
terraform_network_add(
	struct arena *into, const struct terraform_resource *resource, struct map *networks)
{
	const char *id = text_at(resource->attributes, "id"),
		   *vpc = text_at(resource->attributes, "vpc_id");

	for (size_t i = 0; id && vpc && i < ARRAY_SIZE(networks_of); i++)
		if (!strcmp(resource->type, networks_of[i]))
			map_set(networks, arena_text(into, id), arena_text(into, vpc));
}

static void
text_set(struct arena *into, struct value *map, const char *name, const char *text)
{
	if (text)
		value_set(into, map, name, value_text(into, text));
}

/* The providers that have words in place of a map: each is a tag without a value. */
static const struct value *
tags_make(struct arena *into, const struct value *tags)
{
	struct value *map = value_map(into);

	if (value_is_map(tags))
		return tags;
	if (value_is_list(tags))
		VALUE_EACH (tag, tags)
			if (value_is_string(tag))
				value_set_key(into, map, tag, &value_empty_string);
	return map;
}

static const struct value *
groups_make(struct arena *into, const struct value *ids)
{
	struct value *list = value_list(into);

	if (value_is_list(ids))
		VALUE_EACH (id, ids) {
			struct value *group = value_map(into);

			value_set(into, group, "group_id", id);
			value_add(into, list, group);
		}
	return list;
}

/* An instance of AWS names no VPC: its subnet or one of its security groups may be of this state.
 */
static const char *
vpc_find(const struct value *attributes, const struct map *networks)
{
	const struct value *groups = value_get(attributes, "vpc_security_group_ids");
	const char *subnet = text_at(attributes, "subnet_id");
	const char *found = subnet ? map_get(networks, subnet) : NULL;

	if (value_is_list(groups))
		VALUE_EACH (group, groups)
			if (!found && value_is_string(group))
				found = map_get(networks, value_string(group));
	return found;
}

static bool
is_number(const char *address)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

const struct value *
terraform_facts(struct arena *into, const struct terraform_resource *resource,
	const struct terraform_type *type, const char *public, const char *private,
	const struct map *networks)
{
	const struct value *attributes = resource->attributes;
	struct value *facts = value_map(into);

	for (size_t i = 0; i < ARRAY_SIZE(copied); i++) {
		const char *text = text_at(attributes, copied[i].paths);
		struct value *map = facts;

		if (text && copied[i].within) {
			map = value_map(into);
			value_set(into, facts, copied[i].within, map);
		}
		text_set(into, map, copied[i].fact, text);
	}
	if (!value_get(facts, "vpc_id"))
		text_set(into, facts, "vpc_id", vpc_find(attributes, networks));
	if (text_at(attributes, "arn"))
		text_set(
			into, facts, "owner_id", aws_arn_account(into, text_at(attributes, "arn")));
	if (public)
		text_set(into, facts, is_number(public) ? "public_ip_address" : "public_dns_name",
			public);
	if (private)
		text_set(into, facts,
			is_number(private) ? "private_ip_address" : "private_dns_name", private);
	value_set(
		into, facts, "tags", tags_make(into, terraform_attribute(attributes, type->tags)));
	value_set(into, facts, "security_groups",
		groups_make(into, value_get(attributes, "vpc_security_group_ids")));
	return facts;
}
