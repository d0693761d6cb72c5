/*
 * A preference is `tag:…`, a filter of DescribeInstances (its value then), or a text that stands
 * for itself; with a prefix and a separator if it is a map.
 */
#include "inventory/sources/ec2_names.h"

/* Filters, and where their value stands in an instance. Filters of AWS that are not listed have no
 * value to take. */
static const struct {
	const char *filter, *path;
} places[] = {
	{ "affinity", "placement.affinity" },
	{ "architecture", "architecture" },
	{ "availability-zone", "placement.availability_zone" },
	{ "block-device-mapping.attach-time", "block_device_mappings.ebs.attach_time" },
	{ "block-device-mapping.delete-on-termination",
		"block_device_mappings.ebs.delete_on_termination" },
	{ "block-device-mapping.device-name", "block_device_mappings.device_name" },
	{ "block-device-mapping.status", "block_device_mappings.ebs.status" },
	{ "block-device-mapping.volume-id", "block_device_mappings.ebs.volume_id" },
	{ "client-token", "client_token" },
	{ "dns-name", "public_dns_name" },
	{ "group-id", "groups.group_id" },
	{ "group-name", "groups.group_name" },
	{ "host-id", "placement.host_id" },
	{ "hypervisor", "hypervisor" },
	{ "iam-instance-profile.arn", "iam_instance_profile.arn" },
	{ "image-id", "image_id" },
	{ "instance-id", "instance_id" },
	{ "instance-lifecycle", "instance_lifecycle" },
	{ "instance-state-code", "state.code" },
	{ "instance-state-name", "state.name" },
	{ "instance-type", "instance_type" },
	{ "instance.group-id", "security_groups.group_id" },
	{ "instance.group-name", "security_groups.group_name" },
	{ "ip-address", "public_ip_address" },
	{ "kernel-id", "kernel_id" },
	{ "key-name", "key_name" },
	{ "launch-index", "ami_launch_index" },
	{ "launch-time", "launch_time" },
	{ "monitoring-state", "monitoring.state" },
	{ "network-interface.addresses.association.ip-owner-id",
		"network_interfaces.private_ip_addresses.association.ip_owner_id" },
	{ "network-interface.addresses.association.public-ip",
		"network_interfaces.private_ip_addresses.association.public_ip" },
	{ "network-interface.addresses.primary",
		"network_interfaces.private_ip_addresses.primary" },
	{ "network-interface.addresses.private-ip-address",
		"network_interfaces.private_ip_address" },
	{ "network-interface.association.allocation-id",
		"elastic_gpu_associations.elastic_gpu_id" },
	{ "network-interface.association.association-id",
		"elastic_gpu_associations.elastic_gpu_association_id" },
	{ "network-interface.association.ip-owner-id",
		"network_interfaces.association.ip_owner_id" },
	{ "network-interface.association.public-ip", "network_interfaces.association.public_ip" },
	{ "network-interface.attachment.attach-time", "network_interfaces.attachment.attach_time" },
	{ "network-interface.attachment.attachment-id",
		"network_interfaces.attachment.attachment_id" },
	{ "network-interface.attachment.delete-on-termination",
		"network_interfaces.attachment.delete_on_termination" },
	{ "network-interface.attachment.device-index",
		"network_interfaces.attachment.device_index" },
	{ "network-interface.attachment.instance-id", "instance_id" },
	{ "network-interface.attachment.instance-owner-id", "owner_id" },
	{ "network-interface.attachment.status", "network_interfaces.attachment.status" },
	{ "network-interface.availability-zone", "placement.availability_zone" },
	{ "network-interface.description", "network_interfaces.description" },
	{ "network-interface.group-id", "network_interfaces.groups.group_id" },
	{ "network-interface.group-name", "network_interfaces.groups.group_name" },
	{ "network-interface.ipv6-addresses.ipv6-address",
		"network_interfaces.ipv6_addresses.ipv6_address" },
	{ "network-interface.mac-address", "network_interfaces.mac_address" },
	{ "network-interface.network-interface-id", "network_interfaces.network_interface_id" },
	{ "network-interface.owner-id", "network_interfaces.owner_id" },
	{ "network-interface.private-dns-name", "network_interfaces.private_dns_name" },
	{ "network-interface.requester-managed", "network_interfaces.association.ip_owner_id" },
	{ "network-interface.status", "network_interfaces.status" },
	{ "network-interface.source-dest-check", "network_interfaces.source_dest_check" },
	{ "network-interface.subnet-id", "network_interfaces.subnet_id" },
	{ "network-interface.vpc-id", "network_interfaces.vpc_id" },
	{ "owner-id", "owner_id" },
	{ "placement-group-name", "placement.group_name" },
	{ "platform", "platform" },
	{ "private-dns-name", "private_dns_name" },
	{ "private-ip-address", "private_ip_address" },
	{ "product-code", "product_codes.product_code_id" },
	{ "product-code.type", "product_codes.product_code_type" },
	{ "ramdisk-id", "ramdisk_id" },
	{ "reason", "state_transition_reason" },
	{ "requester-id", "requester_id" },
	{ "reservation-id", "reservation_id" },
	{ "root-device-name", "root_device_name" },
	{ "root-device-type", "root_device_type" },
	{ "source-dest-check", "source_dest_check" },
	{ "spot-instance-request-id", "spot_instance_request_id" },
	{ "state-reason-code", "state_reason.code" },
	{ "state-reason-message", "state_reason.message" },
	{ "subnet-id", "subnet_id" },
	{ "tenancy", "placement.tenancy" },
	{ "virtualization-type", "virtualization_type" },
	{ "vpc-id", "vpc_id" },
};

struct naming {
	const struct value *instance;
	struct arena *into;
	const char *(*sanitize)(struct arena *into, const char *name);
	struct error *err;
};

/* ---- values of filters ---- */

/* A list of one is its item. */
static const struct value *
alone(const struct value *value)
{
	return value_is_list(value) && value->list.count == 1 ? value->list.items[0] : value;
}

static const struct value *
step(struct naming *naming, const struct value *value, struct view name)
{
	struct value *list;

	if (!value_is_list(value))
		return value_is_map(value) ? alone(value_get_view(value, name)) : NULL;
	list = value_list(naming->into);
	VALUE_EACH (item, value) {
		const struct value *found = step(naming, item, name);

		if (value_is_true(found))
			value_add(naming->into, list, found);
	}
	return alone(list);
}

static bool
is_time(const char *filter)
{
	return text_ends(filter, "-time");
}

/* Python shows a time with a space in it. */
static const struct value *
as_python(struct naming *naming, const char *filter, const struct value *value)
{
	char *text;

	if (!is_time(filter) || !value_is_string(value))
		return value;
	text = arena_text(naming->into, value_string(value));
	if (strchr(text, 'T'))
		*strchr(text, 'T') = ' ';
	return value_text(naming->into, text);
}

/* NULL: there is no such filter. */
static const char *
filter_path(const char *filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!strcmp(places[i].filter, filter))
			return places[i].path;
	return NULL;
}

static const struct value *
path_value(struct naming *naming, const char *path)
{
	struct view rest = view_of(path), name;
	const struct value *value = naming->instance;

	while (value && view_cut(&rest, '.', &name))
		value = step(naming, value, name);
	return value;
}

/* NULL or something that is not true: there is none. */
static const struct value *
filter_value(struct naming *naming, const char *filter)
{
	const char *path = filter_path(filter);

	if (!path)
		return value_text(naming->into, filter); /* a text that stands for itself */
	return as_python(naming, filter, path_value(naming, path));
}

bool
ec2_filter_value(const struct value *instance, const char *filter, struct arena *into,
	const struct value **out)
{
	struct naming naming = { .instance = instance, .into = into };
	const char *path = filter_path(filter);

	*out = path ? path_value(&naming, path) : NULL;
	return path != NULL;
}

/* ---- tags ---- */

/* tag:A,B=c: the value of A, and "B_c" if B is c. */
static struct value *
tag_values(struct naming *naming, const char *preference)
{
	const struct value *tags = value_get(naming->instance, "tags");
	struct value *list = value_list(naming->into);
	struct view rest = view_of(preference + strlen("tag:")), wanted;

	while (view_cut(&rest, ',', &wanted)) {
		struct view name = wanted, after = wanted;
		const struct value *found;

		if (!memchr(wanted.data, '=', wanted.length)) {
			found = value_get_view(tags, wanted);
			if (value_is_true(found))
				value_add(naming->into, list, found);
			continue;
		}
		(void)view_cut(&after, '=', &name);
		found = value_get_view(tags, name);
		if (found && view_equals(value_string_view(found), after))
			value_add(naming->into, list,
				value_format(naming->into, "%.*s_%.*s", (int)name.length, name.data,
					(int)after.length, after.data));
	}
	return list;
}

/* ---- names ---- */

static const char *
made_safe(struct naming *naming, const char *name)
{
	return strchr(name, ':') ? naming->sanitize(naming->into, name) : name;
}

/* What a preference gives: nothing, a text, or (all) a list of them. */
static const struct value *
plain_value(struct naming *naming, const char *preference, bool wants_all)
{
	const struct value *value;

	if (text_starts(preference, "tag:")) {
		value = tag_values(naming, preference);
		return wants_all || !value->list.count ? value : value->list.items[0];
	}
	return filter_value(naming, preference);
}

/* The first name, or NULL. */
static const char *
first_name(struct naming *naming, const char *preference)
{
	const struct value *value = plain_value(naming, preference, false);

	return value_is_true(value) ? made_safe(naming, value_to_text(naming->into, value)) : NULL;
}

static void
add_all(struct naming *naming, const char *preference, struct value *out)
{
	const struct value *value = plain_value(naming, preference, true);

	/* What is no text in Python (times, numbers) is passed over where all are wanted. */
	if (value_is_list(value)) {
		VALUE_EACH (item, value)
			value_add(naming->into, out,
				value_text(naming->into,
					made_safe(naming, value_to_text(naming->into, item))));
	} else if (value_is_string(value) && value_is_true(value) && !is_time(preference)) {
		value_add(naming->into, out,
			value_text(naming->into, made_safe(naming, value_string(value))));
	}
}

static bool
add_preference(
	struct naming *naming, const struct value *preference, bool wants_all, struct value *out)
{
	const struct value *separator = value_get(preference, "separator");
	const char *plain = value_string(preference), *name, *prefix, *found;

	if (value_is_map(preference)) {
		name = value_string(value_get(preference, "name"));
		prefix = value_string(value_get(preference, "prefix"));
		if (!name) {
			fail(naming->err, ERR_OPTIONS,
				"A 'name' key must be defined in a hostnames dictionary.");
			return error_at(naming->err, preference);
		}
		found = first_name(naming, name);
		prefix = prefix ? first_name(naming, prefix) : NULL;
		if (!found || !prefix) {
			plain = name;
		} else {
			found = arena_format(naming->into, "%s%s%s", prefix,
				value_string(separator) ? value_string(separator) : "_", found);
			value_add(naming->into, out,
				value_text(naming->into, made_safe(naming, found)));
			return true;
		}
	}
	if (!plain) {
		fail(naming->err, ERR_OPTIONS,
			"an item of 'hostnames' is neither a text nor a map");
		return error_at(naming->err, preference);
	}
	if (wants_all) {
		add_all(naming, plain, out);
		return true;
	}
	found = first_name(naming, plain);
	if (found)
		value_add(naming->into, out, value_text(naming->into, found));
	return true;
}

bool
ec2_names(const struct value *preferences, const struct value *instance, bool wants_all,
	struct arena *into, const char *(*sanitize)(struct arena *into, const char *name),
	struct value *out, struct error *err)
{
	struct naming naming = { instance, into, sanitize, err };

	if (!value_is_list(preferences) || !preferences->list.count) {
		static const char *const usual[] = { "dns-name", "private-dns-name" };

		for (size_t i = 0; i < ARRAY_SIZE(usual) && (wants_all || !out->list.count); i++)
			if (!add_preference(&naming, value_text(into, usual[i]), wants_all, out))
				return false;
		return true;
	}
	VALUE_EACH (preference, preferences) {
		if (!add_preference(&naming, preference, wants_all, out))
			return false;
		if (!wants_all && out->list.count)
			return true;
	}
	return true;
}
