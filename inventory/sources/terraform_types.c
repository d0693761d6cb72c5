/* Which resources are machines, and where their attributes say how to reach them. */
#include "inventory/sources/terraform.h"

/* Sorted by provider. Where an attribute may be a list, .0 takes the first. */
static const struct terraform_type types[] = {
	{ "alicloud_instance", "instance_name", "public_ip", "private_ip,primary_ip_address", NULL,
		"tags" },
	{ "aws_instance", "tags.Name", "public_ip", "private_ip", NULL, "tags" },
	{ "aws_lightsail_instance", "name", "public_ip_address", "private_ip_address", "username",
		"tags" },
	{ "aws_spot_instance_request", "tags.Name", "public_ip", "private_ip", NULL, "tags" },
	{ "azurerm_linux_virtual_machine", "name", "public_ip_address", "private_ip_address",
		"admin_username", "tags" },
	{ "azurerm_virtual_machine", "name", NULL, NULL, "os_profile.0.admin_username", "tags" },
	{ "cloudstack_instance", "display_name,name", NULL, "ip_address", NULL, "tags" },
	{ "digitalocean_droplet", "name", "ipv4_address", "ipv4_address_private", NULL, "tags" },
	{ "equinix_metal_device", "hostname", "access_public_ipv4", "access_private_ipv4", NULL,
		"tags" },
	{ "exoscale_compute_instance", "name", "public_ip_address", NULL, NULL, "labels" },
	{ "google_compute_instance", "name",
		"network_interface.0.access_config.0.nat_ip,"
		"network_interface.0.access_config.0.assigned_nat_ip",
		"network_interface.0.network_ip", NULL, "labels" },
	{ "hcloud_server", "name", "ipv4_address,ipv6_address", "network.0.ip", NULL, "labels" },
	{ "huaweicloud_compute_instance", "name", "public_ip", "access_ip_v4", NULL, "tags" },
	{ "ibm_is_instance", "name", NULL, "primary_network_interface.0.primary_ip.0.address", NULL,
		"tags" },
	{ "libvirt_domain", "name", NULL, "network_interface.0.addresses.0", NULL, NULL },
	{ "linode_instance", "label", "ip_address", "private_ip_address", NULL, "tags" },
	{ "oci_core_instance", "display_name", "public_ip", "private_ip", NULL, "freeform_tags" },
	{ "opennebula_virtual_machine", "name", NULL, "ip,nic.0.computed_ip,nic.0.ip", NULL,
		"tags" },
	{ "openstack_compute_instance_v2", "name", "floating_ip",
		"access_ip_v4,network.0.fixed_ip_v4,access_ip_v6", NULL, "metadata" },
	{ "opentelekomcloud_compute_instance_v2", "name", "floating_ip",
		"access_ip_v4,network.0.fixed_ip_v4", NULL, "metadata" },
	{ "ovh_cloud_project_instance", "name", "addresses.0.ip", NULL, NULL, NULL },
	{ "proxmox_vm_qemu", "name", NULL, "default_ipv4_address,ssh_host", "ssh_user", NULL },
	{ "scaleway_instance_server", "name", "public_ip,public_ips.0.address",
		"private_ip,private_ips.0.address", NULL, "tags" },
	{ "tencentcloud_instance", "instance_name", "public_ip", "private_ip", NULL, "tags" },
	{ "upcloud_server", "hostname", "network_interface.0.ip_address", NULL, NULL, "labels" },
	{ "vsphere_virtual_machine", "name", NULL, "default_ip_address,guest_ip_addresses.0", NULL,
		"custom_attributes" },
	{ "vultr_instance", "label,hostname", "main_ip", "internal_ip", NULL, "tags" },
	{ "yandex_compute_instance", "name", "network_interface.0.nat_ip_address",
		"network_interface.0.ip_address", NULL, "labels" },
};

const struct terraform_join terraform_joins[] = {
	{ "aws_eip", "instance", "public_ip" },
	{ "aws_eip_association", "instance_id", "public_ip" },
	{ "digitalocean_floating_ip_assignment", "droplet_id", "ip_address" },
	{ "digitalocean_reserved_ip_assignment", "droplet_id", "ip_address" },
	{ "hcloud_floating_ip", "server_id", "ip_address" },
	{ "openstack_compute_floatingip_associate_v2", "instance_id", "floating_ip" },
	{ NULL },
};

const struct terraform_type *
terraform_type_find(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].type, type))
			return &types[i];
	return NULL;
}

static const struct value *
step(const struct value *value, struct view name)
{
	int64_t number;

	if (value_is_map(value))
		return value_get_view(value, name);
	if (value_is_list(value) && number_parse(name, &number) && number >= 0 &&
		number < value->list.count)
		return value->list.items[number];
	return NULL;
}

const struct value *
terraform_attribute(const struct value *attributes, const char *paths)
{
	struct view rest = view_of(paths), path, name;

	while (view_cut(&rest, ',', &path)) {
		const struct value *value = attributes;

		while (value && view_cut(&path, '.', &name))
			value = step(value, name);
		if (!value_is_none(value) && !(value_is_string(value) && !value_length(value)))
			return value;
	}
	return NULL;
}

const char *
terraform_address(struct arena *into, const struct terraform_resource *resource)
{
	const char *whole =
		arena_format(into, "%s%s%s.%s", resource->module ? resource->module : "",
			resource->module ? "." : "", resource->type, resource->name);

	if (value_is_string(resource->index))
		return arena_format(into, "%s[\"%s\"]", whole, value_string(resource->index));
	if (resource->index)
		return arena_format(into, "%s[%s]", whole, value_to_text(into, resource->index));
	return whole;
}
