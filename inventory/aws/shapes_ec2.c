/*
 * Written by scripts/aws_shapes.py from botocore's service models; do not edit. Element and result
 * names, and what they hold.
 */
#include "inventory/aws/shapes.h"

/* clang-format off */

MEMBERS(group_identifier)
	TEXT("groupId", "group_id"), TEXT("groupName", "group_name"), END
SHAPE(group_identifier)
LIST(group_identifier_list, group_identifier)
MEMBERS(operator_response)
	BOOL("hiddenByDefault", "hidden_by_default"), BOOL("managed", "managed"),
	TEXT("principal", "principal"), END
SHAPE(operator_response)
MEMBERS(ebs_instance_block_device)
	TEXT("associatedResource", "associated_resource"), TIME("attachTime", "attach_time"),
	BOOL("deleteOnTermination", "delete_on_termination"),
	INT("ebsCardIndex", "ebs_card_index"), OF("operator", "operator", operator_response),
	TEXT("status", "status"), TEXT("volumeId", "volume_id"),
	TEXT("volumeOwnerId", "volume_owner_id"), END
SHAPE(ebs_instance_block_device)
MEMBERS(instance_block_device_mapping)
	TEXT("deviceName", "device_name"), OF("ebs", "ebs", ebs_instance_block_device), END
SHAPE(instance_block_device_mapping)
LIST(instance_block_device_mapping_list, instance_block_device_mapping)
MEMBERS(iam_instance_profile)
	TEXT("arn", "arn"), TEXT("id", "id"), END
SHAPE(iam_instance_profile)
MEMBERS(elastic_gpu_association)
	TEXT("elasticGpuAssociationId", "elastic_gpu_association_id"),
	TEXT("elasticGpuAssociationState", "elastic_gpu_association_state"),
	TEXT("elasticGpuAssociationTime", "elastic_gpu_association_time"),
	TEXT("elasticGpuId", "elastic_gpu_id"), END
SHAPE(elastic_gpu_association)
LIST(elastic_gpu_association_list, elastic_gpu_association)
MEMBERS(elastic_inference_accelerator_association)
	TEXT("elasticInferenceAcceleratorArn", "elastic_inference_accelerator_arn"),
	TEXT("elasticInferenceAcceleratorAssociationId",
		"elastic_inference_accelerator_association_id"),
	TEXT("elasticInferenceAcceleratorAssociationState",
		"elastic_inference_accelerator_association_state"),
	TIME("elasticInferenceAcceleratorAssociationTime",
		"elastic_inference_accelerator_association_time"), END
SHAPE(elastic_inference_accelerator_association)
LIST(elastic_inference_accelerator_association_list, elastic_inference_accelerator_association)
MEMBERS(instance_network_interface_association)
	TEXT("carrierIp", "carrier_ip"), TEXT("customerOwnedIp", "customer_owned_ip"),
	TEXT("ipOwnerId", "ip_owner_id"), TEXT("publicDnsName", "public_dns_name"),
	TEXT("publicIp", "public_ip"), END
SHAPE(instance_network_interface_association)
MEMBERS(instance_attachment_ena_srd_udp_specification)
	BOOL("enaSrdUdpEnabled", "ena_srd_udp_enabled"), END
SHAPE(instance_attachment_ena_srd_udp_specification)
MEMBERS(instance_attachment_ena_srd_specification)
	BOOL("enaSrdEnabled", "ena_srd_enabled"),
	OF("enaSrdUdpSpecification", "ena_srd_udp_specification",
		instance_attachment_ena_srd_udp_specification), END
SHAPE(instance_attachment_ena_srd_specification)
MEMBERS(instance_network_interface_attachment)
	TIME("attachTime", "attach_time"), TEXT("attachmentId", "attachment_id"),
	BOOL("deleteOnTermination", "delete_on_termination"), INT("deviceIndex", "device_index"),
	INT("enaQueueCount", "ena_queue_count"),
	OF("enaSrdSpecification", "ena_srd_specification",
		instance_attachment_ena_srd_specification),
	INT("networkCardIndex", "network_card_index"), TEXT("status", "status"), END
SHAPE(instance_network_interface_attachment)
MEMBERS(instance_ipv6_address)
	TEXT("ipv6Address", "ipv6_address"), BOOL("isPrimaryIpv6", "is_primary_ipv6"), END
SHAPE(instance_ipv6_address)
LIST(instance_ipv6_address_list, instance_ipv6_address)
MEMBERS(instance_private_ip_address)
	OF("association", "association", instance_network_interface_association),
	BOOL("primary", "primary"), TEXT("privateDnsName", "private_dns_name"),
	TEXT("privateIpAddress", "private_ip_address"), END
SHAPE(instance_private_ip_address)
LIST(instance_private_ip_address_list, instance_private_ip_address)
MEMBERS(instance_ipv4_prefix)
	TEXT("ipv4Prefix", "ipv4_prefix"), END
SHAPE(instance_ipv4_prefix)
LIST(instance_ipv4_prefix_list, instance_ipv4_prefix)
MEMBERS(instance_ipv6_prefix)
	TEXT("ipv6Prefix", "ipv6_prefix"), END
SHAPE(instance_ipv6_prefix)
LIST(instance_ipv6_prefix_list, instance_ipv6_prefix)
MEMBERS(connection_tracking_specification_response)
	INT("tcpEstablishedTimeout", "tcp_established_timeout"),
	INT("udpStreamTimeout", "udp_stream_timeout"), INT("udpTimeout", "udp_timeout"), END
SHAPE(connection_tracking_specification_response)
MEMBERS(instance_network_interface)
	OF("association", "association", instance_network_interface_association),
	OF("attachment", "attachment", instance_network_interface_attachment),
	OF("connectionTrackingConfiguration", "connection_tracking_configuration",
		connection_tracking_specification_response), TEXT("description", "description"),
	OF("groupSet", "groups", group_identifier_list), TEXT("interfaceType", "interface_type"),
	OF("ipv4PrefixSet", "ipv4_prefixes", instance_ipv4_prefix_list),
	OF("ipv6AddressesSet", "ipv6_addresses", instance_ipv6_address_list),
	OF("ipv6PrefixSet", "ipv6_prefixes", instance_ipv6_prefix_list),
	TEXT("macAddress", "mac_address"), TEXT("networkInterfaceId", "network_interface_id"),
	OF("operator", "operator", operator_response), TEXT("ownerId", "owner_id"),
	TEXT("privateDnsName", "private_dns_name"), TEXT("privateIpAddress", "private_ip_address"),
	OF("privateIpAddressesSet", "private_ip_addresses", instance_private_ip_address_list),
	BOOL("sourceDestCheck", "source_dest_check"), TEXT("status", "status"),
	TEXT("subnetId", "subnet_id"), TEXT("vpcId", "vpc_id"), END
SHAPE(instance_network_interface)
LIST(instance_network_interface_list, instance_network_interface)
MEMBERS(state_reason)
	TEXT("code", "code"), TEXT("message", "message"), END
SHAPE(state_reason)
MEMBERS(tag)
	TEXT("key", "key"), TEXT("value", "value"), END
SHAPE(tag)
LIST(tag_list, tag)
MEMBERS(cpu_options)
	TEXT("amdSevSnp", "amd_sev_snp"), INT("coreCount", "core_count"),
	TEXT("nestedVirtualization", "nested_virtualization"),
	INT("threadsPerCore", "threads_per_core"), END
SHAPE(cpu_options)
MEMBERS(capacity_reservation_target_response)
	TEXT("capacityReservationId", "capacity_reservation_id"),
	TEXT("capacityReservationResourceGroupArn", "capacity_reservation_resource_group_arn"), END
SHAPE(capacity_reservation_target_response)
MEMBERS(capacity_reservation_specification_response)
	TEXT("capacityReservationPreference", "capacity_reservation_preference"),
	OF("capacityReservationTarget", "capacity_reservation_target",
		capacity_reservation_target_response), END
SHAPE(capacity_reservation_specification_response)
MEMBERS(hibernation_options)
	BOOL("configured", "configured"), END
SHAPE(hibernation_options)
MEMBERS(license_configuration)
	TEXT("licenseConfigurationArn", "license_configuration_arn"), END
SHAPE(license_configuration)
LIST(license_list, license_configuration)
MEMBERS(instance_metadata_options_response)
	TEXT("httpEndpoint", "http_endpoint"), TEXT("httpProtocolIpv6", "http_protocol_ipv6"),
	INT("httpPutResponseHopLimit", "http_put_response_hop_limit"),
	TEXT("httpTokens", "http_tokens"), TEXT("instanceMetadataTags", "instance_metadata_tags"),
	TEXT("state", "state"), END
SHAPE(instance_metadata_options_response)
MEMBERS(enclave_options)
	BOOL("enabled", "enabled"), END
SHAPE(enclave_options)
MEMBERS(private_dns_name_options_response)
	BOOL("enableResourceNameDnsAAAARecord", "enable_resource_name_dns_aaaa_record"),
	BOOL("enableResourceNameDnsARecord", "enable_resource_name_dns_a_record"),
	TEXT("hostnameType", "hostname_type"), END
SHAPE(private_dns_name_options_response)
MEMBERS(instance_maintenance_options)
	TEXT("autoRecovery", "auto_recovery"), TEXT("rebootMigration", "reboot_migration"), END
SHAPE(instance_maintenance_options)
MEMBERS(instance_network_performance_options)
	TEXT("bandwidthWeighting", "bandwidth_weighting"), END
SHAPE(instance_network_performance_options)
MEMBERS(instance_secondary_interface_attachment)
	TIME("attachTime", "attach_time"), TEXT("attachmentId", "attachment_id"),
	BOOL("deleteOnTermination", "delete_on_termination"), INT("deviceIndex", "device_index"),
	INT("networkCardIndex", "network_card_index"), TEXT("status", "status"), END
SHAPE(instance_secondary_interface_attachment)
MEMBERS(instance_secondary_interface_private_ip_address)
	TEXT("privateIpAddress", "private_ip_address"), END
SHAPE(instance_secondary_interface_private_ip_address)
LIST(instance_secondary_interface_private_ip_address_list, instance_secondary_interface_private_ip_address)
MEMBERS(instance_secondary_interface)
	OF("attachment", "attachment", instance_secondary_interface_attachment),
	TEXT("interfaceType", "interface_type"), TEXT("macAddress", "mac_address"),
	TEXT("ownerId", "owner_id"),
	OF("privateIpAddressSet", "private_ip_addresses",
		instance_secondary_interface_private_ip_address_list),
	TEXT("secondaryInterfaceId", "secondary_interface_id"),
	TEXT("secondaryNetworkId", "secondary_network_id"),
	TEXT("secondarySubnetId", "secondary_subnet_id"),
	BOOL("sourceDestCheck", "source_dest_check"), TEXT("status", "status"), END
SHAPE(instance_secondary_interface)
LIST(instance_secondary_interface_list, instance_secondary_interface)
MEMBERS(instance_state)
	INT("code", "code"), TEXT("name", "name"), END
SHAPE(instance_state)
MEMBERS(product_code)
	TEXT("productCode", "product_code_id"), TEXT("type", "product_code_type"), END
SHAPE(product_code)
LIST(product_code_list, product_code)
MEMBERS(placement)
	TEXT("affinity", "affinity"), TEXT("availabilityZone", "availability_zone"),
	TEXT("availabilityZoneId", "availability_zone_id"), TEXT("groupId", "group_id"),
	TEXT("groupName", "group_name"), TEXT("hostId", "host_id"),
	TEXT("hostResourceGroupArn", "host_resource_group_arn"),
	INT("partitionNumber", "partition_number"), TEXT("spreadDomain", "spread_domain"),
	TEXT("tenancy", "tenancy"), END
SHAPE(placement)
MEMBERS(monitoring)
	TEXT("state", "state"), END
SHAPE(monitoring)
MEMBERS(instance)
	INT("amiLaunchIndex", "ami_launch_index"), TEXT("architecture", "architecture"),
	OF("blockDeviceMapping", "block_device_mappings", instance_block_device_mapping_list),
	TEXT("bootMode", "boot_mode"), TEXT("capacityBlockId", "capacity_block_id"),
	TEXT("capacityReservationId", "capacity_reservation_id"),
	OF("capacityReservationSpecification", "capacity_reservation_specification",
		capacity_reservation_specification_response), TEXT("clientToken", "client_token"),
	OF("cpuOptions", "cpu_options", cpu_options),
	TEXT("currentInstanceBootMode", "current_instance_boot_mode"),
	TEXT("dnsName", "public_dns_name"), BOOL("ebsOptimized", "ebs_optimized"),
	OF("elasticGpuAssociationSet", "elastic_gpu_associations", elastic_gpu_association_list),
	OF("elasticInferenceAcceleratorAssociationSet", "elastic_inference_accelerator_associations",
		elastic_inference_accelerator_association_list), BOOL("enaSupport", "ena_support"),
	OF("enclaveOptions", "enclave_options", enclave_options),
	OF("groupSet", "security_groups", group_identifier_list),
	OF("hibernationOptions", "hibernation_options", hibernation_options),
	TEXT("hypervisor", "hypervisor"),
	OF("iamInstanceProfile", "iam_instance_profile", iam_instance_profile),
	TEXT("imageId", "image_id"), TEXT("instanceId", "instance_id"),
	TEXT("instanceLifecycle", "instance_lifecycle"),
	OF("instanceState", "state", instance_state), TEXT("instanceType", "instance_type"),
	TEXT("ipAddress", "public_ip_address"), TEXT("ipv6Address", "ipv6_address"),
	TEXT("kernelId", "kernel_id"), TEXT("keyName", "key_name"),
	TIME("launchTime", "launch_time"), OF("licenseSet", "licenses", license_list),
	OF("maintenanceOptions", "maintenance_options", instance_maintenance_options),
	OF("metadataOptions", "metadata_options", instance_metadata_options_response),
	OF("monitoring", "monitoring", monitoring),
	OF("networkInterfaceSet", "network_interfaces", instance_network_interface_list),
	OF("networkPerformanceOptions", "network_performance_options",
		instance_network_performance_options),
	OF("operator", "operator", operator_response), TEXT("outpostArn", "outpost_arn"),
	OF("placement", "placement", placement), TEXT("platform", "platform"),
	TEXT("platformDetails", "platform_details"), TEXT("privateDnsName", "private_dns_name"),
	OF("privateDnsNameOptions", "private_dns_name_options", private_dns_name_options_response),
	TEXT("privateIpAddress", "private_ip_address"),
	OF("productCodes", "product_codes", product_code_list), TEXT("ramdiskId", "ramdisk_id"),
	TEXT("reason", "state_transition_reason"), TEXT("rootDeviceName", "root_device_name"),
	TEXT("rootDeviceType", "root_device_type"),
	OF("secondaryInterfaceSet", "secondary_interfaces", instance_secondary_interface_list),
	BOOL("sourceDestCheck", "source_dest_check"),
	TEXT("spotInstanceRequestId", "spot_instance_request_id"),
	TEXT("sriovNetSupport", "sriov_net_support"),
	OF("stateReason", "state_reason", state_reason), TEXT("subnetId", "subnet_id"),
	OF("tagSet", "tags", tag_list), TEXT("tpmSupport", "tpm_support"),
	TEXT("usageOperation", "usage_operation"),
	TIME("usageOperationUpdateTime", "usage_operation_update_time"),
	TEXT("virtualizationType", "virtualization_type"), TEXT("vpcId", "vpc_id"), END
SHAPE(instance)
LIST(instance_list, instance)
MEMBERS(reservation)
	OF("groupSet", "groups", group_identifier_list),
	OF("instancesSet", "instances", instance_list), TEXT("ownerId", "owner_id"),
	TEXT("requesterId", "requester_id"), TEXT("reservationId", "reservation_id"), END
SHAPE(reservation)
LIST(reservation_list, reservation)
MEMBERS(describe_instances_result)
	TEXT("nextToken", "next_token"), OF("reservationSet", "reservations", reservation_list), END
SHAPE(describe_instances_result)
MEMBERS(instance_status_event)
	TEXT("code", "code"), TEXT("description", "description"),
	TEXT("instanceEventId", "instance_event_id"), TIME("notAfter", "not_after"),
	TIME("notBefore", "not_before"), TIME("notBeforeDeadline", "not_before_deadline"), END
SHAPE(instance_status_event)
LIST(instance_status_event_list, instance_status_event)
MEMBERS(instance_status_details)
	TIME("impairedSince", "impaired_since"), TEXT("name", "name"), TEXT("status", "status"), END
SHAPE(instance_status_details)
LIST(instance_status_details_list, instance_status_details)
MEMBERS(instance_status_summary)
	OF("details", "details", instance_status_details_list), TEXT("status", "status"), END
SHAPE(instance_status_summary)
MEMBERS(instance_status)
	OF("attachedEbsStatus", "attached_ebs_status", instance_status_summary),
	TEXT("availabilityZone", "availability_zone"),
	TEXT("availabilityZoneId", "availability_zone_id"),
	OF("eventsSet", "events", instance_status_event_list), TEXT("instanceId", "instance_id"),
	OF("instanceState", "instance_state", instance_state),
	OF("instanceStatus", "instance_status", instance_status_summary),
	OF("operator", "operator", operator_response), TEXT("outpostArn", "outpost_arn"),
	OF("systemStatus", "system_status", instance_status_summary), END
SHAPE(instance_status)
LIST(instance_status_list, instance_status)
MEMBERS(describe_instance_status_result)
	OF("instanceStatusSet", "instance_statuses", instance_status_list),
	TEXT("nextToken", "next_token"), END
SHAPE(describe_instance_status_result)
MEMBERS(region_geography)
	TEXT("name", "name"), END
SHAPE(region_geography)
LIST(region_geography_list, region_geography)
MEMBERS(region)
	OF("geographySet", "geography", region_geography_list),
	TEXT("optInStatus", "opt_in_status"), TEXT("regionEndpoint", "endpoint"),
	TEXT("regionName", "region_name"), END
SHAPE(region)
LIST(region_list, region)
MEMBERS(describe_regions_result)
	OF("regionInfo", "regions", region_list), END
SHAPE(describe_regions_result)
MEMBERS(availability_zone_message)
	TEXT("message", "message"), END
SHAPE(availability_zone_message)
LIST(availability_zone_message_list, availability_zone_message)
MEMBERS(availability_zone)
	OF("geographySet", "geography", region_geography_list),
	TEXT("groupLongName", "group_long_name"), TEXT("groupName", "group_name"),
	OF("messageSet", "messages", availability_zone_message_list),
	TEXT("networkBorderGroup", "network_border_group"), TEXT("optInStatus", "opt_in_status"),
	TEXT("parentZoneId", "parent_zone_id"), TEXT("parentZoneName", "parent_zone_name"),
	TEXT("regionName", "region_name"),
	OF("subGeographySet", "sub_geography", region_geography_list), TEXT("zoneId", "zone_id"),
	TEXT("zoneName", "zone_name"), TEXT("zoneState", "state"), TEXT("zoneType", "zone_type"), END
SHAPE(availability_zone)
LIST(availability_zone_list, availability_zone)
MEMBERS(describe_availability_zones_result)
	OF("availabilityZoneInfo", "availability_zones", availability_zone_list), END
SHAPE(describe_availability_zones_result)
MEMBERS(user_id_group_pair)
	TEXT("description", "description"), TEXT("groupId", "group_id"),
	TEXT("groupName", "group_name"), TEXT("peeringStatus", "peering_status"),
	TEXT("userId", "user_id"), TEXT("vpcId", "vpc_id"),
	TEXT("vpcPeeringConnectionId", "vpc_peering_connection_id"), END
SHAPE(user_id_group_pair)
LIST(user_id_group_pair_list, user_id_group_pair)
MEMBERS(ip_range)
	TEXT("cidrIp", "cidr_ip"), TEXT("description", "description"), END
SHAPE(ip_range)
LIST(ip_range_list, ip_range)
MEMBERS(ipv6_range)
	TEXT("cidrIpv6", "cidr_ipv6"), TEXT("description", "description"), END
SHAPE(ipv6_range)
LIST(ipv6_range_list, ipv6_range)
MEMBERS(prefix_list_id)
	TEXT("description", "description"), TEXT("prefixListId", "prefix_list_id"), END
SHAPE(prefix_list_id)
LIST(prefix_list_id_list, prefix_list_id)
MEMBERS(ip_permission)
	INT("fromPort", "from_port"), OF("groups", "user_id_group_pairs", user_id_group_pair_list),
	TEXT("ipProtocol", "ip_protocol"), OF("ipRanges", "ip_ranges", ip_range_list),
	OF("ipv6Ranges", "ipv6_ranges", ipv6_range_list),
	OF("prefixListIds", "prefix_list_ids", prefix_list_id_list), INT("toPort", "to_port"), END
SHAPE(ip_permission)
LIST(ip_permission_list, ip_permission)
MEMBERS(security_group)
	TEXT("groupDescription", "description"), TEXT("groupId", "group_id"),
	TEXT("groupName", "group_name"), OF("ipPermissions", "ip_permissions", ip_permission_list),
	OF("ipPermissionsEgress", "ip_permissions_egress", ip_permission_list),
	TEXT("ownerId", "owner_id"), TEXT("securityGroupArn", "security_group_arn"),
	OF("tagSet", "tags", tag_list), TEXT("vpcId", "vpc_id"), END
SHAPE(security_group)
LIST(security_group_list, security_group)
MEMBERS(describe_security_groups_result)
	TEXT("nextToken", "next_token"),
	OF("securityGroupInfo", "security_groups", security_group_list), END
SHAPE(describe_security_groups_result)
MEMBERS(subnet_cidr_block_state)
	TEXT("state", "state"), TEXT("statusMessage", "status_message"), END
SHAPE(subnet_cidr_block_state)
MEMBERS(subnet_ipv6_cidr_block_association)
	TEXT("associationId", "association_id"), TEXT("ipSource", "ip_source"),
	TEXT("ipv6AddressAttribute", "ipv6_address_attribute"),
	TEXT("ipv6CidrBlock", "ipv6_cidr_block"),
	OF("ipv6CidrBlockState", "ipv6_cidr_block_state", subnet_cidr_block_state), END
SHAPE(subnet_ipv6_cidr_block_association)
LIST(subnet_ipv6_cidr_block_association_set, subnet_ipv6_cidr_block_association)
MEMBERS(block_public_access_states)
	TEXT("internetGatewayBlockMode", "internet_gateway_block_mode"), END
SHAPE(block_public_access_states)
MEMBERS(subnet)
	BOOL("assignIpv6AddressOnCreation", "assign_ipv6_address_on_creation"),
	TEXT("availabilityZone", "availability_zone"),
	TEXT("availabilityZoneId", "availability_zone_id"),
	INT("availableIpAddressCount", "available_ip_address_count"),
	OF("blockPublicAccessStates", "block_public_access_states", block_public_access_states),
	TEXT("cidrBlock", "cidr_block"), TEXT("customerOwnedIpv4Pool", "customer_owned_ipv4_pool"),
	BOOL("defaultForAz", "default_for_az"), BOOL("enableDns64", "enable_dns64"),
	INT("enableLniAtDeviceIndex", "enable_lni_at_device_index"),
	OF("ipv6CidrBlockAssociationSet", "ipv6_cidr_block_association_set",
		subnet_ipv6_cidr_block_association_set), BOOL("ipv6Native", "ipv6_native"),
	BOOL("mapCustomerOwnedIpOnLaunch", "map_customer_owned_ip_on_launch"),
	BOOL("mapPublicIpOnLaunch", "map_public_ip_on_launch"), TEXT("outpostArn", "outpost_arn"),
	TEXT("ownerId", "owner_id"),
	OF("privateDnsNameOptionsOnLaunch", "private_dns_name_options_on_launch",
		private_dns_name_options_response), TEXT("state", "state"),
	TEXT("subnetArn", "subnet_arn"), TEXT("subnetId", "subnet_id"),
	OF("tagSet", "tags", tag_list), TEXT("type", "type"), TEXT("vpcId", "vpc_id"), END
SHAPE(subnet)
LIST(subnet_list, subnet)
MEMBERS(describe_subnets_result)
	TEXT("nextToken", "next_token"), OF("subnetSet", "subnets", subnet_list), END
SHAPE(describe_subnets_result)
MEMBERS(route_table_association)
	OF("associationState", "association_state", subnet_cidr_block_state),
	TEXT("gatewayId", "gateway_id"), BOOL("main", "main"),
	TEXT("publicIpv4Pool", "public_ipv4_pool"),
	TEXT("routeTableAssociationId", "route_table_association_id"),
	TEXT("routeTableId", "route_table_id"), TEXT("subnetId", "subnet_id"), END
SHAPE(route_table_association)
LIST(route_table_association_list, route_table_association)
MEMBERS(propagating_vgw)
	TEXT("gatewayId", "gateway_id"), END
SHAPE(propagating_vgw)
LIST(propagating_vgw_list, propagating_vgw)
MEMBERS(route)
	TEXT("carrierGatewayId", "carrier_gateway_id"), TEXT("coreNetworkArn", "core_network_arn"),
	TEXT("destinationCidrBlock", "destination_cidr_block"),
	TEXT("destinationIpv6CidrBlock", "destination_ipv6_cidr_block"),
	TEXT("destinationPrefixListId", "destination_prefix_list_id"),
	TEXT("egressOnlyInternetGatewayId", "egress_only_internet_gateway_id"),
	TEXT("gatewayId", "gateway_id"), TEXT("instanceId", "instance_id"),
	TEXT("instanceOwnerId", "instance_owner_id"), TEXT("ipAddress", "ip_address"),
	TEXT("localGatewayId", "local_gateway_id"), TEXT("natGatewayId", "nat_gateway_id"),
	TEXT("networkInterfaceId", "network_interface_id"),
	TEXT("odbNetworkArn", "odb_network_arn"), TEXT("origin", "origin"), TEXT("state", "state"),
	TEXT("transitGatewayId", "transit_gateway_id"),
	TEXT("vpcPeeringConnectionId", "vpc_peering_connection_id"), END
SHAPE(route)
LIST(route_list, route)
MEMBERS(route_table)
	OF("associationSet", "associations", route_table_association_list),
	TEXT("ownerId", "owner_id"),
	OF("propagatingVgwSet", "propagating_vgws", propagating_vgw_list),
	OF("routeSet", "routes", route_list), TEXT("routeTableId", "route_table_id"),
	OF("tagSet", "tags", tag_list), TEXT("vpcId", "vpc_id"), END
SHAPE(route_table)
LIST(route_table_list, route_table)
MEMBERS(describe_route_tables_result)
	TEXT("nextToken", "next_token"), OF("routeTableSet", "route_tables", route_table_list), END
SHAPE(describe_route_tables_result)
MEMBERS(network_acl_association)
	TEXT("networkAclAssociationId", "network_acl_association_id"),
	TEXT("networkAclId", "network_acl_id"), TEXT("subnetId", "subnet_id"), END
SHAPE(network_acl_association)
LIST(network_acl_association_list, network_acl_association)
MEMBERS(icmp_type_code)
	INT("code", "code"), INT("type", "type"), END
SHAPE(icmp_type_code)
MEMBERS(port_range)
	INT("from", "from"), INT("to", "to"), END
SHAPE(port_range)
MEMBERS(network_acl_entry)
	TEXT("cidrBlock", "cidr_block"), BOOL("egress", "egress"),
	OF("icmpTypeCode", "icmp_type_code", icmp_type_code),
	TEXT("ipv6CidrBlock", "ipv6_cidr_block"), OF("portRange", "port_range", port_range),
	TEXT("protocol", "protocol"), TEXT("ruleAction", "rule_action"),
	INT("ruleNumber", "rule_number"), END
SHAPE(network_acl_entry)
LIST(network_acl_entry_list, network_acl_entry)
MEMBERS(network_acl)
	OF("associationSet", "associations", network_acl_association_list),
	BOOL("default", "is_default"), OF("entrySet", "entries", network_acl_entry_list),
	TEXT("networkAclId", "network_acl_id"), TEXT("ownerId", "owner_id"),
	OF("tagSet", "tags", tag_list), TEXT("vpcId", "vpc_id"), END
SHAPE(network_acl)
LIST(network_acl_list, network_acl)
MEMBERS(describe_network_acls_result)
	OF("networkAclSet", "network_acls", network_acl_list), TEXT("nextToken", "next_token"), END
SHAPE(describe_network_acls_result)
MEMBERS(vpc_ipv6_cidr_block_association)
	TEXT("associationId", "association_id"), TEXT("ipSource", "ip_source"),
	TEXT("ipv6AddressAttribute", "ipv6_address_attribute"),
	TEXT("ipv6CidrBlock", "ipv6_cidr_block"),
	OF("ipv6CidrBlockState", "ipv6_cidr_block_state", subnet_cidr_block_state),
	TEXT("ipv6Pool", "ipv6_pool"), TEXT("networkBorderGroup", "network_border_group"), END
SHAPE(vpc_ipv6_cidr_block_association)
LIST(vpc_ipv6_cidr_block_association_set, vpc_ipv6_cidr_block_association)
MEMBERS(vpc_cidr_block_association)
	TEXT("associationId", "association_id"), TEXT("cidrBlock", "cidr_block"),
	OF("cidrBlockState", "cidr_block_state", subnet_cidr_block_state), END
SHAPE(vpc_cidr_block_association)
LIST(vpc_cidr_block_association_set, vpc_cidr_block_association)
MEMBERS(vpc_encryption_control_exclusion)
	TEXT("state", "state"), TEXT("stateMessage", "state_message"), END
SHAPE(vpc_encryption_control_exclusion)
MEMBERS(vpc_encryption_control_exclusions)
	OF("egressOnlyInternetGateway", "egress_only_internet_gateway",
		vpc_encryption_control_exclusion),
	OF("elasticFileSystem", "elastic_file_system", vpc_encryption_control_exclusion),
	OF("internetGateway", "internet_gateway", vpc_encryption_control_exclusion),
	OF("lambda", "lambda", vpc_encryption_control_exclusion),
	OF("natGateway", "nat_gateway", vpc_encryption_control_exclusion),
	OF("virtualPrivateGateway", "virtual_private_gateway", vpc_encryption_control_exclusion),
	OF("vpcLattice", "vpc_lattice", vpc_encryption_control_exclusion),
	OF("vpcPeering", "vpc_peering", vpc_encryption_control_exclusion), END
SHAPE(vpc_encryption_control_exclusions)
MEMBERS(vpc_encryption_control)
	TEXT("mode", "mode"),
	OF("resourceExclusions", "resource_exclusions", vpc_encryption_control_exclusions),
	TEXT("state", "state"), TEXT("stateMessage", "state_message"),
	OF("tagSet", "tags", tag_list),
	TEXT("vpcEncryptionControlId", "vpc_encryption_control_id"), TEXT("vpcId", "vpc_id"), END
SHAPE(vpc_encryption_control)
MEMBERS(vpc)
	OF("blockPublicAccessStates", "block_public_access_states", block_public_access_states),
	TEXT("cidrBlock", "cidr_block"),
	OF("cidrBlockAssociationSet", "cidr_block_association_set",
		vpc_cidr_block_association_set), TEXT("dhcpOptionsId", "dhcp_options_id"),
	OF("encryptionControl", "encryption_control", vpc_encryption_control),
	TEXT("instanceTenancy", "instance_tenancy"),
	OF("ipv6CidrBlockAssociationSet", "ipv6_cidr_block_association_set",
		vpc_ipv6_cidr_block_association_set), BOOL("isDefault", "is_default"),
	TEXT("ownerId", "owner_id"), TEXT("state", "state"), OF("tagSet", "tags", tag_list),
	TEXT("vpcId", "vpc_id"), END
SHAPE(vpc)
LIST(vpc_list, vpc)
MEMBERS(describe_vpcs_result)
	TEXT("nextToken", "next_token"), OF("vpcSet", "vpcs", vpc_list), END
SHAPE(describe_vpcs_result)
MEMBERS(internet_gateway_attachment)
	TEXT("state", "state"), TEXT("vpcId", "vpc_id"), END
SHAPE(internet_gateway_attachment)
LIST(internet_gateway_attachment_list, internet_gateway_attachment)
MEMBERS(internet_gateway)
	OF("attachmentSet", "attachments", internet_gateway_attachment_list),
	TEXT("internetGatewayId", "internet_gateway_id"), TEXT("ownerId", "owner_id"),
	OF("tagSet", "tags", tag_list), END
SHAPE(internet_gateway)
LIST(internet_gateway_list, internet_gateway)
MEMBERS(describe_internet_gateways_result)
	OF("internetGatewaySet", "internet_gateways", internet_gateway_list),
	TEXT("nextToken", "next_token"), END
SHAPE(describe_internet_gateways_result)
MEMBERS(nat_gateway_address)
	TEXT("allocationId", "allocation_id"), TEXT("associationId", "association_id"),
	TEXT("availabilityZone", "availability_zone"),
	TEXT("availabilityZoneId", "availability_zone_id"),
	TEXT("failureMessage", "failure_message"), BOOL("isPrimary", "is_primary"),
	TEXT("networkInterfaceId", "network_interface_id"), TEXT("privateIp", "private_ip"),
	TEXT("publicIp", "public_ip"), TEXT("status", "status"), END
SHAPE(nat_gateway_address)
LIST(nat_gateway_address_list, nat_gateway_address)
MEMBERS(provisioned_bandwidth)
	TIME("provisionTime", "provision_time"), TEXT("provisioned", "provisioned"),
	TIME("requestTime", "request_time"), TEXT("requested", "requested"),
	TEXT("status", "status"), END
SHAPE(provisioned_bandwidth)
MEMBERS(nat_gateway_attached_appliance)
	TEXT("applianceArn", "appliance_arn"), TEXT("attachmentState", "attachment_state"),
	TEXT("failureCode", "failure_code"), TEXT("failureMessage", "failure_message"),
	TEXT("modificationState", "modification_state"), TEXT("type", "type"),
	TEXT("vpcEndpointId", "vpc_endpoint_id"), END
SHAPE(nat_gateway_attached_appliance)
LIST(nat_gateway_attached_appliance_list, nat_gateway_attached_appliance)
MEMBERS(nat_gateway)
	OF("attachedApplianceSet", "attached_appliances", nat_gateway_attached_appliance_list),
	TEXT("autoProvisionZones", "auto_provision_zones"),
	TEXT("autoScalingIps", "auto_scaling_ips"), TEXT("availabilityMode", "availability_mode"),
	TEXT("connectivityType", "connectivity_type"), TIME("createTime", "create_time"),
	TIME("deleteTime", "delete_time"), TEXT("failureCode", "failure_code"),
	TEXT("failureMessage", "failure_message"),
	OF("natGatewayAddressSet", "nat_gateway_addresses", nat_gateway_address_list),
	TEXT("natGatewayId", "nat_gateway_id"),
	OF("provisionedBandwidth", "provisioned_bandwidth", provisioned_bandwidth),
	TEXT("routeTableId", "route_table_id"), TEXT("state", "state"),
	TEXT("subnetId", "subnet_id"), OF("tagSet", "tags", tag_list), TEXT("vpcId", "vpc_id"), END
SHAPE(nat_gateway)
LIST(nat_gateway_list, nat_gateway)
MEMBERS(describe_nat_gateways_result)
	OF("natGatewaySet", "nat_gateways", nat_gateway_list), TEXT("nextToken", "next_token"), END
SHAPE(describe_nat_gateways_result)
MEMBERS(tag_description)
	TEXT("key", "key"), TEXT("resourceId", "resource_id"),
	TEXT("resourceType", "resource_type"), TEXT("value", "value"), END
SHAPE(tag_description)
LIST(tag_description_list, tag_description)
MEMBERS(describe_tags_result)
	TEXT("nextToken", "next_token"), OF("tagSet", "tags", tag_description_list), END
SHAPE(describe_tags_result)
MEMBERS(address)
	TEXT("allocationId", "allocation_id"), TEXT("associationId", "association_id"),
	TEXT("carrierIp", "carrier_ip"), TEXT("customerOwnedIp", "customer_owned_ip"),
	TEXT("customerOwnedIpv4Pool", "customer_owned_ipv4_pool"), TEXT("domain", "domain"),
	TEXT("instanceId", "instance_id"), TEXT("networkBorderGroup", "network_border_group"),
	TEXT("networkInterfaceId", "network_interface_id"),
	TEXT("networkInterfaceOwnerId", "network_interface_owner_id"),
	TEXT("privateIpAddress", "private_ip_address"), TEXT("publicIp", "public_ip"),
	TEXT("publicIpv4Pool", "public_ipv4_pool"), TEXT("serviceManaged", "service_managed"),
	TEXT("subnetId", "subnet_id"), OF("tagSet", "tags", tag_list), END
SHAPE(address)
LIST(address_list, address)
MEMBERS(describe_addresses_result)
	OF("addressesSet", "addresses", address_list), END
SHAPE(describe_addresses_result)
MEMBERS(ebs_block_device)
	TEXT("AvailabilityZoneId", "availability_zone_id"), INT("EbsCardIndex", "ebs_card_index"),
	INT("VolumeInitializationRate", "volume_initialization_rate"),
	TEXT("availabilityZone", "availability_zone"),
	BOOL("deleteOnTermination", "delete_on_termination"), BOOL("encrypted", "encrypted"),
	INT("iops", "iops"), TEXT("kmsKeyId", "kms_key_id"), TEXT("outpostArn", "outpost_arn"),
	TEXT("snapshotId", "snapshot_id"), INT("throughput", "throughput"),
	INT("volumeSize", "volume_size"), TEXT("volumeType", "volume_type"), END
SHAPE(ebs_block_device)
MEMBERS(block_device_mapping)
	TEXT("deviceName", "device_name"), OF("ebs", "ebs", ebs_block_device),
	TEXT("noDevice", "no_device"), TEXT("virtualName", "virtual_name"), END
SHAPE(block_device_mapping)
LIST(block_device_mapping_list, block_device_mapping)
MEMBERS(image)
	TEXT("architecture", "architecture"),
	OF("blockDeviceMapping", "block_device_mappings", block_device_mapping_list),
	TEXT("bootMode", "boot_mode"), TEXT("creationDate", "creation_date"),
	TEXT("deprecationTime", "deprecation_time"),
	TEXT("deregistrationProtection", "deregistration_protection"),
	TEXT("description", "description"), BOOL("enaSupport", "ena_support"),
	BOOL("freeTierEligible", "free_tier_eligible"), TEXT("hypervisor", "hypervisor"),
	BOOL("imageAllowed", "image_allowed"), TEXT("imageId", "image_id"),
	TEXT("imageLocation", "image_location"), TEXT("imageOwnerAlias", "image_owner_alias"),
	TEXT("imageOwnerId", "owner_id"), TEXT("imageState", "state"),
	TEXT("imageType", "image_type"), TEXT("imdsSupport", "imds_support"),
	BOOL("isPublic", "public"), TEXT("kernelId", "kernel_id"),
	TEXT("lastLaunchedTime", "last_launched_time"), TEXT("name", "name"),
	TEXT("platform", "platform"), TEXT("platformDetails", "platform_details"),
	OF("productCodes", "product_codes", product_code_list), TEXT("ramdiskId", "ramdisk_id"),
	TEXT("rootDeviceName", "root_device_name"), TEXT("rootDeviceType", "root_device_type"),
	TEXT("sourceImageId", "source_image_id"), TEXT("sourceImageRegion", "source_image_region"),
	TEXT("sourceInstanceId", "source_instance_id"),
	TEXT("sriovNetSupport", "sriov_net_support"),
	OF("stateReason", "state_reason", state_reason), OF("tagSet", "tags", tag_list),
	TEXT("tpmSupport", "tpm_support"), TEXT("usageOperation", "usage_operation"),
	TEXT("virtualizationType", "virtualization_type"), END
SHAPE(image)
LIST(image_list, image)
MEMBERS(describe_images_result)
	OF("imagesSet", "images", image_list), TEXT("nextToken", "next_token"), END
SHAPE(describe_images_result)
MEMBERS(key_pair_info)
	TIME("createTime", "create_time"), TEXT("keyFingerprint", "key_fingerprint"),
	TEXT("keyName", "key_name"), TEXT("keyPairId", "key_pair_id"), TEXT("keyType", "key_type"),
	TEXT("publicKey", "public_key"), OF("tagSet", "tags", tag_list), END
SHAPE(key_pair_info)
LIST(key_pair_list, key_pair_info)
MEMBERS(describe_key_pairs_result)
	OF("keySet", "key_pairs", key_pair_list), END
SHAPE(describe_key_pairs_result)
MEMBERS(launch_template)
	TIME("createTime", "create_time"), TEXT("createdBy", "created_by"),
	INT("defaultVersionNumber", "default_version_number"),
	INT("latestVersionNumber", "latest_version_number"),
	TEXT("launchTemplateId", "launch_template_id"),
	TEXT("launchTemplateName", "launch_template_name"),
	OF("operator", "operator", operator_response), OF("tagSet", "tags", tag_list), END
SHAPE(launch_template)
LIST(launch_template_set, launch_template)
MEMBERS(describe_launch_templates_result)
	OF("launchTemplates", "launch_templates", launch_template_set),
	TEXT("nextToken", "next_token"), END
SHAPE(describe_launch_templates_result)
MEMBERS(launch_template_iam_instance_profile_specification)
	TEXT("arn", "arn"), TEXT("name", "name"), END
SHAPE(launch_template_iam_instance_profile_specification)
MEMBERS(launch_template_ebs_block_device)
	BOOL("deleteOnTermination", "delete_on_termination"),
	INT("ebsCardIndex", "ebs_card_index"), BOOL("encrypted", "encrypted"), INT("iops", "iops"),
	TEXT("kmsKeyId", "kms_key_id"), TEXT("snapshotId", "snapshot_id"),
	INT("throughput", "throughput"),
	INT("volumeInitializationRate", "volume_initialization_rate"),
	INT("volumeSize", "volume_size"), TEXT("volumeType", "volume_type"), END
SHAPE(launch_template_ebs_block_device)
MEMBERS(launch_template_block_device_mapping)
	TEXT("deviceName", "device_name"), OF("ebs", "ebs", launch_template_ebs_block_device),
	TEXT("noDevice", "no_device"), TEXT("virtualName", "virtual_name"), END
SHAPE(launch_template_block_device_mapping)
LIST(launch_template_block_device_mapping_list, launch_template_block_device_mapping)
LIST(group_id_string_list, shape_text)
MEMBERS(private_ip_address_specification)
	BOOL("primary", "primary"), TEXT("privateIpAddress", "private_ip_address"), END
SHAPE(private_ip_address_specification)
LIST(private_ip_address_specification_list, private_ip_address_specification)
MEMBERS(launch_template_instance_network_interface_specification)
	BOOL("associateCarrierIpAddress", "associate_carrier_ip_address"),
	BOOL("associatePublicIpAddress", "associate_public_ip_address"),
	OF("connectionTrackingSpecification", "connection_tracking_specification",
		connection_tracking_specification_response),
	BOOL("deleteOnTermination", "delete_on_termination"), TEXT("description", "description"),
	INT("deviceIndex", "device_index"), INT("enaQueueCount", "ena_queue_count"),
	OF("enaSrdSpecification", "ena_srd_specification",
		instance_attachment_ena_srd_specification),
	OF("groupSet", "groups", group_id_string_list), TEXT("interfaceType", "interface_type"),
	INT("ipv4PrefixCount", "ipv4_prefix_count"),
	OF("ipv4PrefixSet", "ipv4_prefixes", instance_ipv4_prefix_list),
	INT("ipv6AddressCount", "ipv6_address_count"),
	OF("ipv6AddressesSet", "ipv6_addresses", instance_ipv6_address_list),
	INT("ipv6PrefixCount", "ipv6_prefix_count"),
	OF("ipv6PrefixSet", "ipv6_prefixes", instance_ipv6_prefix_list),
	INT("networkCardIndex", "network_card_index"),
	TEXT("networkInterfaceId", "network_interface_id"), BOOL("primaryIpv6", "primary_ipv6"),
	TEXT("privateIpAddress", "private_ip_address"),
	OF("privateIpAddressesSet", "private_ip_addresses", private_ip_address_specification_list),
	INT("secondaryPrivateIpAddressCount", "secondary_private_ip_address_count"),
	TEXT("subnetId", "subnet_id"), END
SHAPE(launch_template_instance_network_interface_specification)
LIST(launch_template_instance_network_interface_specification_list, launch_template_instance_network_interface_specification)
MEMBERS(launch_template_tag_specification)
	TEXT("resourceType", "resource_type"), OF("tagSet", "tags", tag_list), END
SHAPE(launch_template_tag_specification)
LIST(launch_template_tag_specification_list, launch_template_tag_specification)
MEMBERS(elastic_gpu_specification_response)
	TEXT("type", "type"), END
SHAPE(elastic_gpu_specification_response)
LIST(elastic_gpu_specification_response_list, elastic_gpu_specification_response)
MEMBERS(launch_template_elastic_inference_accelerator_response)
	INT("count", "count"), TEXT("type", "type"), END
SHAPE(launch_template_elastic_inference_accelerator_response)
LIST(launch_template_elastic_inference_accelerator_response_list, launch_template_elastic_inference_accelerator_response)
MEMBERS(launch_template_spot_market_options)
	INT("blockDurationMinutes", "block_duration_minutes"),
	TEXT("instanceInterruptionBehavior", "instance_interruption_behavior"),
	TEXT("maxPrice", "max_price"), TEXT("spotInstanceType", "spot_instance_type"),
	TIME("validUntil", "valid_until"), END
SHAPE(launch_template_spot_market_options)
MEMBERS(launch_template_instance_market_options)
	TEXT("marketType", "market_type"),
	OF("spotOptions", "spot_options", launch_template_spot_market_options), END
SHAPE(launch_template_instance_market_options)
MEMBERS(credit_specification)
	TEXT("cpuCredits", "cpu_credits"), END
SHAPE(credit_specification)
MEMBERS(v_cpu_count_range)
	INT("max", "max"), INT("min", "min"), END
SHAPE(v_cpu_count_range)
MEMBERS(memory_gi_b_per_v_cpu)
	FLOAT("max", "max"), FLOAT("min", "min"), END
SHAPE(memory_gi_b_per_v_cpu)
MEMBERS(performance_factor_reference)
	TEXT("instanceFamily", "instance_family"), END
SHAPE(performance_factor_reference)
LIST(performance_factor_reference_set, performance_factor_reference)
MEMBERS(cpu_performance_factor)
	OF("referenceSet", "references", performance_factor_reference_set), END
SHAPE(cpu_performance_factor)
MEMBERS(baseline_performance_factors)
	OF("cpu", "cpu", cpu_performance_factor), END
SHAPE(baseline_performance_factors)
MEMBERS(instance_requirements)
	OF("acceleratorCount", "accelerator_count", v_cpu_count_range),
	OF("acceleratorManufacturerSet", "accelerator_manufacturers", group_id_string_list),
	OF("acceleratorNameSet", "accelerator_names", group_id_string_list),
	OF("acceleratorTotalMemoryMiB", "accelerator_total_memory_mi_b", v_cpu_count_range),
	OF("acceleratorTypeSet", "accelerator_types", group_id_string_list),
	OF("allowedInstanceTypeSet", "allowed_instance_types", group_id_string_list),
	TEXT("bareMetal", "bare_metal"),
	OF("baselineEbsBandwidthMbps", "baseline_ebs_bandwidth_mbps", v_cpu_count_range),
	OF("baselinePerformanceFactors", "baseline_performance_factors",
		baseline_performance_factors),
	TEXT("burstablePerformance", "burstable_performance"),
	OF("cpuManufacturerSet", "cpu_manufacturers", group_id_string_list),
	OF("excludedInstanceTypeSet", "excluded_instance_types", group_id_string_list),
	OF("instanceGenerationSet", "instance_generations", group_id_string_list),
	TEXT("localStorage", "local_storage"),
	OF("localStorageTypeSet", "local_storage_types", group_id_string_list),
	INT("maxSpotPriceAsPercentageOfOptimalOnDemandPrice",
		"max_spot_price_as_percentage_of_optimal_on_demand_price"),
	OF("memoryGiBPerVCpu", "memory_gi_b_per_v_cpu", memory_gi_b_per_v_cpu),
	OF("memoryMiB", "memory_mi_b", v_cpu_count_range),
	OF("networkBandwidthGbps", "network_bandwidth_gbps", memory_gi_b_per_v_cpu),
	OF("networkInterfaceCount", "network_interface_count", v_cpu_count_range),
	INT("onDemandMaxPricePercentageOverLowestPrice",
		"on_demand_max_price_percentage_over_lowest_price"),
	BOOL("requireEncryptionInTransit", "require_encryption_in_transit"),
	BOOL("requireHibernateSupport", "require_hibernate_support"),
	INT("spotMaxPricePercentageOverLowestPrice",
		"spot_max_price_percentage_over_lowest_price"),
	OF("totalLocalStorageGB", "total_local_storage_gb", memory_gi_b_per_v_cpu),
	OF("vCpuCount", "v_cpu_count", v_cpu_count_range), END
SHAPE(instance_requirements)
MEMBERS(launch_template_instance_maintenance_options)
	TEXT("autoRecovery", "auto_recovery"), END
SHAPE(launch_template_instance_maintenance_options)
MEMBERS(launch_template_instance_secondary_interface_specification)
	BOOL("deleteOnTermination", "delete_on_termination"), INT("deviceIndex", "device_index"),
	TEXT("interfaceType", "interface_type"), INT("networkCardIndex", "network_card_index"),
	INT("privateIpAddressCount", "private_ip_address_count"),
	OF("privateIpAddressesSet", "private_ip_addresses",
		instance_secondary_interface_private_ip_address_list),
	TEXT("secondarySubnetId", "secondary_subnet_id"), END
SHAPE(launch_template_instance_secondary_interface_specification)
LIST(launch_template_instance_secondary_interface_specification_list, launch_template_instance_secondary_interface_specification)
MEMBERS(response_launch_template_data)
	OF("blockDeviceMappingSet", "block_device_mappings",
		launch_template_block_device_mapping_list),
	OF("capacityReservationSpecification", "capacity_reservation_specification",
		capacity_reservation_specification_response),
	OF("cpuOptions", "cpu_options", cpu_options),
	OF("creditSpecification", "credit_specification", credit_specification),
	BOOL("disableApiStop", "disable_api_stop"),
	BOOL("disableApiTermination", "disable_api_termination"),
	BOOL("ebsOptimized", "ebs_optimized"),
	OF("elasticGpuSpecificationSet", "elastic_gpu_specifications",
		elastic_gpu_specification_response_list),
	OF("elasticInferenceAcceleratorSet", "elastic_inference_accelerators",
		launch_template_elastic_inference_accelerator_response_list),
	OF("enclaveOptions", "enclave_options", enclave_options),
	OF("hibernationOptions", "hibernation_options", hibernation_options),
	OF("iamInstanceProfile", "iam_instance_profile",
		launch_template_iam_instance_profile_specification), TEXT("imageId", "image_id"),
	TEXT("instanceInitiatedShutdownBehavior", "instance_initiated_shutdown_behavior"),
	OF("instanceMarketOptions", "instance_market_options",
		launch_template_instance_market_options),
	OF("instanceRequirements", "instance_requirements", instance_requirements),
	TEXT("instanceType", "instance_type"), TEXT("kernelId", "kernel_id"),
	TEXT("keyName", "key_name"), OF("licenseSet", "license_specifications", license_list),
	OF("maintenanceOptions", "maintenance_options",
		launch_template_instance_maintenance_options),
	OF("metadataOptions", "metadata_options", instance_metadata_options_response),
	OF("monitoring", "monitoring", enclave_options),
	OF("networkInterfaceSet", "network_interfaces",
		launch_template_instance_network_interface_specification_list),
	OF("networkPerformanceOptions", "network_performance_options",
		instance_network_performance_options),
	OF("operator", "operator", operator_response), OF("placement", "placement", placement),
	OF("privateDnsNameOptions", "private_dns_name_options", private_dns_name_options_response),
	TEXT("ramDiskId", "ram_disk_id"),
	OF("secondaryInterfaceSet", "secondary_interfaces",
		launch_template_instance_secondary_interface_specification_list),
	OF("securityGroupIdSet", "security_group_ids", group_id_string_list),
	OF("securityGroupSet", "security_groups", group_id_string_list),
	OF("tagSpecificationSet", "tag_specifications", launch_template_tag_specification_list),
	TEXT("userData", "user_data"), END
SHAPE(response_launch_template_data)
MEMBERS(launch_template_version)
	TIME("createTime", "create_time"), TEXT("createdBy", "created_by"),
	BOOL("defaultVersion", "default_version"),
	OF("launchTemplateData", "launch_template_data", response_launch_template_data),
	TEXT("launchTemplateId", "launch_template_id"),
	TEXT("launchTemplateName", "launch_template_name"),
	OF("operator", "operator", operator_response),
	TEXT("versionDescription", "version_description"), INT("versionNumber", "version_number"), END
SHAPE(launch_template_version)
LIST(launch_template_version_set, launch_template_version)
MEMBERS(describe_launch_template_versions_result)
	OF("launchTemplateVersionSet", "launch_template_versions", launch_template_version_set),
	TEXT("nextToken", "next_token"), END
SHAPE(describe_launch_template_versions_result)
MEMBERS(ipv6_cidr_block)
	TEXT("ipv6CidrBlock", "ipv6_cidr_block"), END
SHAPE(ipv6_cidr_block)
LIST(ipv6_cidr_block_set, ipv6_cidr_block)
MEMBERS(cidr_block)
	TEXT("cidrBlock", "cidr_block"), END
SHAPE(cidr_block)
LIST(cidr_block_set, cidr_block)
MEMBERS(vpc_peering_connection_options_description)
	BOOL("allowDnsResolutionFromRemoteVpc", "allow_dns_resolution_from_remote_vpc"),
	BOOL("allowEgressFromLocalClassicLinkToRemoteVpc",
		"allow_egress_from_local_classic_link_to_remote_vpc"),
	BOOL("allowEgressFromLocalVpcToRemoteClassicLink",
		"allow_egress_from_local_vpc_to_remote_classic_link"), END
SHAPE(vpc_peering_connection_options_description)
MEMBERS(vpc_peering_connection_vpc_info)
	TEXT("cidrBlock", "cidr_block"), OF("cidrBlockSet", "cidr_block_set", cidr_block_set),
	OF("ipv6CidrBlockSet", "ipv6_cidr_block_set", ipv6_cidr_block_set),
	TEXT("ownerId", "owner_id"),
	OF("peeringOptions", "peering_options", vpc_peering_connection_options_description),
	TEXT("region", "region"), TEXT("vpcId", "vpc_id"), END
SHAPE(vpc_peering_connection_vpc_info)
MEMBERS(vpc_peering_connection)
	OF("accepterVpcInfo", "accepter_vpc_info", vpc_peering_connection_vpc_info),
	TIME("expirationTime", "expiration_time"),
	OF("requesterVpcInfo", "requester_vpc_info", vpc_peering_connection_vpc_info),
	OF("status", "status", state_reason), OF("tagSet", "tags", tag_list),
	TEXT("vpcPeeringConnectionId", "vpc_peering_connection_id"), END
SHAPE(vpc_peering_connection)
LIST(vpc_peering_connection_list, vpc_peering_connection)
MEMBERS(describe_vpc_peering_connections_result)
	TEXT("nextToken", "next_token"),
	OF("vpcPeeringConnectionSet", "vpc_peering_connections", vpc_peering_connection_list), END
SHAPE(describe_vpc_peering_connections_result)
MEMBERS(get_console_output_result)
	TEXT("instanceId", "instance_id"), TEXT("output", "output"),
	TIME("timestamp", "timestamp"), END
SHAPE(get_console_output_result)
MEMBERS(network_interface_association)
	TEXT("allocationId", "allocation_id"), TEXT("associationId", "association_id"),
	TEXT("carrierIp", "carrier_ip"), TEXT("customerOwnedIp", "customer_owned_ip"),
	TEXT("ipOwnerId", "ip_owner_id"), TEXT("publicDnsName", "public_dns_name"),
	TEXT("publicIp", "public_ip"), END
SHAPE(network_interface_association)
MEMBERS(network_interface_attachment)
	TIME("attachTime", "attach_time"), TEXT("attachmentId", "attachment_id"),
	BOOL("deleteOnTermination", "delete_on_termination"), INT("deviceIndex", "device_index"),
	INT("enaQueueCount", "ena_queue_count"),
	OF("enaSrdSpecification", "ena_srd_specification",
		instance_attachment_ena_srd_specification), TEXT("instanceId", "instance_id"),
	TEXT("instanceOwnerId", "instance_owner_id"),
	INT("networkCardIndex", "network_card_index"), TEXT("status", "status"), END
SHAPE(network_interface_attachment)
MEMBERS(network_interface_ipv6_address)
	TEXT("ipv6Address", "ipv6_address"), BOOL("isPrimaryIpv6", "is_primary_ipv6"),
	TEXT("publicIpv6DnsName", "public_ipv6_dns_name"), END
SHAPE(network_interface_ipv6_address)
LIST(network_interface_ipv6_addresses_list, network_interface_ipv6_address)
MEMBERS(public_ip_dns_name_options)
	TEXT("dnsHostnameType", "dns_hostname_type"),
	TEXT("publicDualStackDnsName", "public_dual_stack_dns_name"),
	TEXT("publicIpv4DnsName", "public_ipv4_dns_name"),
	TEXT("publicIpv6DnsName", "public_ipv6_dns_name"), END
SHAPE(public_ip_dns_name_options)
MEMBERS(network_interface_private_ip_address)
	OF("association", "association", network_interface_association),
	BOOL("primary", "primary"), TEXT("privateDnsName", "private_dns_name"),
	TEXT("privateIpAddress", "private_ip_address"), END
SHAPE(network_interface_private_ip_address)
LIST(network_interface_private_ip_address_list, network_interface_private_ip_address)
MEMBERS(network_interface)
	OF("associatedSubnetSet", "associated_subnets", group_id_string_list),
	OF("association", "association", network_interface_association),
	OF("attachment", "attachment", network_interface_attachment),
	TEXT("availabilityZone", "availability_zone"),
	TEXT("availabilityZoneId", "availability_zone_id"),
	OF("connectionTrackingConfiguration", "connection_tracking_configuration",
		connection_tracking_specification_response),
	BOOL("denyAllIgwTraffic", "deny_all_igw_traffic"), TEXT("description", "description"),
	OF("groupSet", "groups", group_identifier_list), TEXT("interfaceType", "interface_type"),
	OF("ipv4PrefixSet", "ipv4_prefixes", instance_ipv4_prefix_list),
	TEXT("ipv6Address", "ipv6_address"),
	OF("ipv6AddressesSet", "ipv6_addresses", network_interface_ipv6_addresses_list),
	BOOL("ipv6Native", "ipv6_native"),
	OF("ipv6PrefixSet", "ipv6_prefixes", instance_ipv6_prefix_list),
	TEXT("macAddress", "mac_address"), TEXT("networkInterfaceId", "network_interface_id"),
	OF("operator", "operator", operator_response), TEXT("outpostArn", "outpost_arn"),
	TEXT("ownerId", "owner_id"), TEXT("privateDnsName", "private_dns_name"),
	TEXT("privateIpAddress", "private_ip_address"),
	OF("privateIpAddressesSet", "private_ip_addresses",
		network_interface_private_ip_address_list),
	TEXT("publicDnsName", "public_dns_name"),
	OF("publicIpDnsNameOptions", "public_ip_dns_name_options", public_ip_dns_name_options),
	TEXT("requesterId", "requester_id"), BOOL("requesterManaged", "requester_managed"),
	BOOL("sourceDestCheck", "source_dest_check"), TEXT("status", "status"),
	TEXT("subnetId", "subnet_id"), OF("tagSet", "tag_set", tag_list), TEXT("vpcId", "vpc_id"), END
SHAPE(network_interface)
LIST(network_interface_list, network_interface)
MEMBERS(describe_network_interfaces_result)
	OF("networkInterfaceSet", "network_interfaces", network_interface_list),
	TEXT("nextToken", "next_token"), END
SHAPE(describe_network_interfaces_result)

const struct shape_action shapes_ec2[] = {
	{ "ec2", "DescribeInstances", &describe_instances_result },
	{ "ec2", "DescribeInstanceStatus", &describe_instance_status_result },
	{ "ec2", "DescribeRegions", &describe_regions_result },
	{ "ec2", "DescribeAvailabilityZones", &describe_availability_zones_result },
	{ "ec2", "DescribeSecurityGroups", &describe_security_groups_result },
	{ "ec2", "DescribeSubnets", &describe_subnets_result },
	{ "ec2", "DescribeRouteTables", &describe_route_tables_result },
	{ "ec2", "DescribeNetworkAcls", &describe_network_acls_result },
	{ "ec2", "DescribeVpcs", &describe_vpcs_result },
	{ "ec2", "DescribeInternetGateways", &describe_internet_gateways_result },
	{ "ec2", "DescribeNatGateways", &describe_nat_gateways_result },
	{ "ec2", "DescribeTags", &describe_tags_result },
	{ "ec2", "DescribeAddresses", &describe_addresses_result },
	{ "ec2", "DescribeImages", &describe_images_result },
	{ "ec2", "DescribeKeyPairs", &describe_key_pairs_result },
	{ "ec2", "DescribeLaunchTemplates", &describe_launch_templates_result },
	{ "ec2", "DescribeLaunchTemplateVersions", &describe_launch_template_versions_result },
	{ "ec2", "DescribeVpcPeeringConnections", &describe_vpc_peering_connections_result },
	{ "ec2", "GetConsoleOutput", &get_console_output_result },
	{ "ec2", "DescribeNetworkInterfaces", &describe_network_interfaces_result },
	{ NULL, NULL, NULL },
};
