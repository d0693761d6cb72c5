/*
 * Written by scripts/aws_shapes.py from botocore's service models; do not edit. Element and result
 * names, and what they hold.
 */
#include "inventory/aws/shapes.h"

/* clang-format off */

MEMBERS(sts_get_caller_identity_response)
	TEXT("Account", "account"), TEXT("Arn", "arn"), TEXT("UserId", "user_id"), END
SHAPE(sts_get_caller_identity_response)
MEMBERS(sts_credentials)
	TEXT("AccessKeyId", "access_key_id"), TIME("Expiration", "expiration"),
	TEXT("SecretAccessKey", "secret_access_key"), TEXT("SessionToken", "session_token"), END
SHAPE(sts_credentials)
MEMBERS(sts_assumed_role_user)
	TEXT("Arn", "arn"), TEXT("AssumedRoleId", "assumed_role_id"), END
SHAPE(sts_assumed_role_user)
MEMBERS(sts_assume_role_response)
	OF("AssumedRoleUser", "assumed_role_user", sts_assumed_role_user),
	OF("Credentials", "credentials", sts_credentials),
	INT("PackedPolicySize", "packed_policy_size"), TEXT("SourceIdentity", "source_identity"), END
SHAPE(sts_assume_role_response)
MEMBERS(sts_assume_role_with_web_identity_response)
	OF("AssumedRoleUser", "assumed_role_user", sts_assumed_role_user),
	TEXT("Audience", "audience"), OF("Credentials", "credentials", sts_credentials),
	INT("PackedPolicySize", "packed_policy_size"), TEXT("Provider", "provider"),
	TEXT("SourceIdentity", "source_identity"),
	TEXT("SubjectFromWebIdentityToken", "subject_from_web_identity_token"), END
SHAPE(sts_assume_role_with_web_identity_response)
LIST(iam_account_alias_list_type, shape_text)
MEMBERS(iam_list_account_aliases_response)
	OF("AccountAliases", "account_aliases", iam_account_alias_list_type),
	BOOL("IsTruncated", "is_truncated"), TEXT("Marker", "marker"), END
SHAPE(iam_list_account_aliases_response)
MEMBERS(autoscaling_launch_template_specification)
	TEXT("LaunchTemplateId", "launch_template_id"),
	TEXT("LaunchTemplateName", "launch_template_name"), TEXT("Version", "version"), END
SHAPE(autoscaling_launch_template_specification)
MEMBERS(autoscaling_v_cpu_count_request)
	INT("Max", "max"), INT("Min", "min"), END
SHAPE(autoscaling_v_cpu_count_request)
MEMBERS(autoscaling_memory_gi_b_per_v_cpu_request)
	FLOAT("Max", "max"), FLOAT("Min", "min"), END
SHAPE(autoscaling_memory_gi_b_per_v_cpu_request)
MEMBERS(autoscaling_performance_factor_reference_request)
	TEXT("InstanceFamily", "instance_family"), END
SHAPE(autoscaling_performance_factor_reference_request)
LIST(autoscaling_performance_factor_reference_set_request, autoscaling_performance_factor_reference_request)
MEMBERS(autoscaling_cpu_performance_factor_request)
	OF("Reference", "references", autoscaling_performance_factor_reference_set_request), END
SHAPE(autoscaling_cpu_performance_factor_request)
MEMBERS(autoscaling_baseline_performance_factors_request)
	OF("Cpu", "cpu", autoscaling_cpu_performance_factor_request), END
SHAPE(autoscaling_baseline_performance_factors_request)
MEMBERS(autoscaling_instance_requirements)
	OF("AcceleratorCount", "accelerator_count", autoscaling_v_cpu_count_request),
	OF("AcceleratorManufacturers", "accelerator_manufacturers", iam_account_alias_list_type),
	OF("AcceleratorNames", "accelerator_names", iam_account_alias_list_type),
	OF("AcceleratorTotalMemoryMiB", "accelerator_total_memory_mi_b",
		autoscaling_v_cpu_count_request),
	OF("AcceleratorTypes", "accelerator_types", iam_account_alias_list_type),
	OF("AllowedInstanceTypes", "allowed_instance_types", iam_account_alias_list_type),
	TEXT("BareMetal", "bare_metal"),
	OF("BaselineEbsBandwidthMbps", "baseline_ebs_bandwidth_mbps",
		autoscaling_v_cpu_count_request),
	OF("BaselinePerformanceFactors", "baseline_performance_factors",
		autoscaling_baseline_performance_factors_request),
	TEXT("BurstablePerformance", "burstable_performance"),
	OF("CpuManufacturers", "cpu_manufacturers", iam_account_alias_list_type),
	OF("ExcludedInstanceTypes", "excluded_instance_types", iam_account_alias_list_type),
	OF("InstanceGenerations", "instance_generations", iam_account_alias_list_type),
	TEXT("LocalStorage", "local_storage"),
	OF("LocalStorageTypes", "local_storage_types", iam_account_alias_list_type),
	INT("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
		"max_spot_price_as_percentage_of_optimal_on_demand_price"),
	OF("MemoryGiBPerVCpu", "memory_gi_b_per_v_cpu", autoscaling_memory_gi_b_per_v_cpu_request),
	OF("MemoryMiB", "memory_mi_b", autoscaling_v_cpu_count_request),
	OF("NetworkBandwidthGbps", "network_bandwidth_gbps",
		autoscaling_memory_gi_b_per_v_cpu_request),
	OF("NetworkInterfaceCount", "network_interface_count", autoscaling_v_cpu_count_request),
	INT("OnDemandMaxPricePercentageOverLowestPrice",
		"on_demand_max_price_percentage_over_lowest_price"),
	BOOL("RequireHibernateSupport", "require_hibernate_support"),
	INT("SpotMaxPricePercentageOverLowestPrice",
		"spot_max_price_percentage_over_lowest_price"),
	OF("TotalLocalStorageGB", "total_local_storage_gb",
		autoscaling_memory_gi_b_per_v_cpu_request),
	OF("VCpuCount", "v_cpu_count", autoscaling_v_cpu_count_request), END
SHAPE(autoscaling_instance_requirements)
MEMBERS(autoscaling_launch_template_overrides)
	TEXT("ImageId", "image_id"),
	OF("InstanceRequirements", "instance_requirements", autoscaling_instance_requirements),
	TEXT("InstanceType", "instance_type"),
	OF("LaunchTemplateSpecification", "launch_template_specification",
		autoscaling_launch_template_specification),
	TEXT("WeightedCapacity", "weighted_capacity"), END
SHAPE(autoscaling_launch_template_overrides)
LIST(autoscaling_overrides, autoscaling_launch_template_overrides)
MEMBERS(autoscaling_launch_template)
	OF("LaunchTemplateSpecification", "launch_template_specification",
		autoscaling_launch_template_specification),
	OF("Overrides", "overrides", autoscaling_overrides), END
SHAPE(autoscaling_launch_template)
MEMBERS(autoscaling_instances_distribution)
	TEXT("OnDemandAllocationStrategy", "on_demand_allocation_strategy"),
	INT("OnDemandBaseCapacity", "on_demand_base_capacity"),
	INT("OnDemandPercentageAboveBaseCapacity", "on_demand_percentage_above_base_capacity"),
	TEXT("SpotAllocationStrategy", "spot_allocation_strategy"),
	INT("SpotInstancePools", "spot_instance_pools"), TEXT("SpotMaxPrice", "spot_max_price"), END
SHAPE(autoscaling_instances_distribution)
MEMBERS(autoscaling_mixed_instances_policy)
	OF("InstancesDistribution", "instances_distribution", autoscaling_instances_distribution),
	OF("LaunchTemplate", "launch_template", autoscaling_launch_template), END
SHAPE(autoscaling_mixed_instances_policy)
MEMBERS(autoscaling_instance)
	TEXT("AvailabilityZone", "availability_zone"),
	TEXT("AvailabilityZoneId", "availability_zone_id"), TEXT("HealthStatus", "health_status"),
	TEXT("ImageId", "image_id"), TEXT("InstanceId", "instance_id"),
	TEXT("InstanceType", "instance_type"),
	TEXT("LaunchConfigurationName", "launch_configuration_name"),
	OF("LaunchTemplate", "launch_template", autoscaling_launch_template_specification),
	TEXT("LifecycleState", "lifecycle_state"),
	BOOL("ProtectedFromScaleIn", "protected_from_scale_in"),
	TEXT("WeightedCapacity", "weighted_capacity"), END
SHAPE(autoscaling_instance)
LIST(autoscaling_instances, autoscaling_instance)
MEMBERS(autoscaling_suspended_process)
	TEXT("ProcessName", "process_name"), TEXT("SuspensionReason", "suspension_reason"), END
SHAPE(autoscaling_suspended_process)
LIST(autoscaling_suspended_processes, autoscaling_suspended_process)
MEMBERS(autoscaling_enabled_metric)
	TEXT("Granularity", "granularity"), TEXT("Metric", "metric"), END
SHAPE(autoscaling_enabled_metric)
LIST(autoscaling_enabled_metrics, autoscaling_enabled_metric)
MEMBERS(autoscaling_tag_description)
	TEXT("Key", "key"), BOOL("PropagateAtLaunch", "propagate_at_launch"),
	TEXT("ResourceId", "resource_id"), TEXT("ResourceType", "resource_type"),
	TEXT("Value", "value"), END
SHAPE(autoscaling_tag_description)
LIST(autoscaling_tag_description_list, autoscaling_tag_description)
MEMBERS(autoscaling_instance_reuse_policy)
	BOOL("ReuseOnScaleIn", "reuse_on_scale_in"), END
SHAPE(autoscaling_instance_reuse_policy)
MEMBERS(autoscaling_warm_pool_configuration)
	OF("InstanceReusePolicy", "instance_reuse_policy", autoscaling_instance_reuse_policy),
	INT("MaxGroupPreparedCapacity", "max_group_prepared_capacity"), INT("MinSize", "min_size"),
	TEXT("PoolState", "pool_state"), TEXT("Status", "status"), END
SHAPE(autoscaling_warm_pool_configuration)
MEMBERS(autoscaling_traffic_source_identifier)
	TEXT("Identifier", "identifier"), TEXT("Type", "type"), END
SHAPE(autoscaling_traffic_source_identifier)
LIST(autoscaling_traffic_sources, autoscaling_traffic_source_identifier)
MEMBERS(autoscaling_instance_maintenance_policy)
	INT("MaxHealthyPercentage", "max_healthy_percentage"),
	INT("MinHealthyPercentage", "min_healthy_percentage"), END
SHAPE(autoscaling_instance_maintenance_policy)
MEMBERS(autoscaling_availability_zone_distribution)
	TEXT("CapacityDistributionStrategy", "capacity_distribution_strategy"), END
SHAPE(autoscaling_availability_zone_distribution)
MEMBERS(autoscaling_availability_zone_impairment_policy)
	TEXT("ImpairedZoneHealthCheckBehavior", "impaired_zone_health_check_behavior"),
	BOOL("ZonalShiftEnabled", "zonal_shift_enabled"), END
SHAPE(autoscaling_availability_zone_impairment_policy)
MEMBERS(autoscaling_capacity_reservation_target)
	OF("CapacityReservationIds", "capacity_reservation_ids", iam_account_alias_list_type),
	OF("CapacityReservationResourceGroupArns", "capacity_reservation_resource_group_arns",
		iam_account_alias_list_type), END
SHAPE(autoscaling_capacity_reservation_target)
MEMBERS(autoscaling_capacity_reservation_specification)
	TEXT("CapacityReservationPreference", "capacity_reservation_preference"),
	OF("CapacityReservationTarget", "capacity_reservation_target",
		autoscaling_capacity_reservation_target), END
SHAPE(autoscaling_capacity_reservation_specification)
MEMBERS(autoscaling_retention_triggers)
	TEXT("TerminateHookAbandon", "terminate_hook_abandon"), END
SHAPE(autoscaling_retention_triggers)
MEMBERS(autoscaling_instance_lifecycle_policy)
	OF("RetentionTriggers", "retention_triggers", autoscaling_retention_triggers), END
SHAPE(autoscaling_instance_lifecycle_policy)
MEMBERS(autoscaling_auto_scaling_group)
	TEXT("AutoScalingGroupARN", "auto_scaling_group_arn"),
	TEXT("AutoScalingGroupName", "auto_scaling_group_name"),
	OF("AvailabilityZoneDistribution", "availability_zone_distribution",
		autoscaling_availability_zone_distribution),
	OF("AvailabilityZoneIds", "availability_zone_ids", iam_account_alias_list_type),
	OF("AvailabilityZoneImpairmentPolicy", "availability_zone_impairment_policy",
		autoscaling_availability_zone_impairment_policy),
	OF("AvailabilityZones", "availability_zones", iam_account_alias_list_type),
	BOOL("CapacityRebalance", "capacity_rebalance"),
	OF("CapacityReservationSpecification", "capacity_reservation_specification",
		autoscaling_capacity_reservation_specification), TEXT("Context", "context"),
	TIME("CreatedTime", "created_time"), INT("DefaultCooldown", "default_cooldown"),
	INT("DefaultInstanceWarmup", "default_instance_warmup"),
	TEXT("DeletionProtection", "deletion_protection"),
	INT("DesiredCapacity", "desired_capacity"),
	TEXT("DesiredCapacityType", "desired_capacity_type"),
	OF("EnabledMetrics", "enabled_metrics", autoscaling_enabled_metrics),
	INT("HealthCheckGracePeriod", "health_check_grace_period"),
	TEXT("HealthCheckType", "health_check_type"),
	OF("InstanceLifecyclePolicy", "instance_lifecycle_policy",
		autoscaling_instance_lifecycle_policy),
	OF("InstanceMaintenancePolicy", "instance_maintenance_policy",
		autoscaling_instance_maintenance_policy),
	OF("Instances", "instances", autoscaling_instances),
	TEXT("LaunchConfigurationName", "launch_configuration_name"),
	OF("LaunchTemplate", "launch_template", autoscaling_launch_template_specification),
	OF("LoadBalancerNames", "load_balancer_names", iam_account_alias_list_type),
	INT("MaxInstanceLifetime", "max_instance_lifetime"), INT("MaxSize", "max_size"),
	INT("MinSize", "min_size"),
	OF("MixedInstancesPolicy", "mixed_instances_policy", autoscaling_mixed_instances_policy),
	BOOL("NewInstancesProtectedFromScaleIn", "new_instances_protected_from_scale_in"),
	TEXT("PlacementGroup", "placement_group"), INT("PredictedCapacity", "predicted_capacity"),
	TEXT("ServiceLinkedRoleARN", "service_linked_role_arn"), TEXT("Status", "status"),
	OF("SuspendedProcesses", "suspended_processes", autoscaling_suspended_processes),
	OF("Tags", "tags", autoscaling_tag_description_list),
	OF("TargetGroupARNs", "target_group_arns", iam_account_alias_list_type),
	OF("TerminationPolicies", "termination_policies", iam_account_alias_list_type),
	OF("TrafficSources", "traffic_sources", autoscaling_traffic_sources),
	TEXT("VPCZoneIdentifier", "vpc_zone_identifier"),
	OF("WarmPoolConfiguration", "warm_pool_configuration",
		autoscaling_warm_pool_configuration), INT("WarmPoolSize", "warm_pool_size"), END
SHAPE(autoscaling_auto_scaling_group)
LIST(autoscaling_auto_scaling_groups, autoscaling_auto_scaling_group)
MEMBERS(autoscaling_auto_scaling_groups_type)
	OF("AutoScalingGroups", "auto_scaling_groups", autoscaling_auto_scaling_groups),
	TEXT("NextToken", "next_token"), END
SHAPE(autoscaling_auto_scaling_groups_type)
MEMBERS(autoscaling_auto_scaling_instance_details)
	TEXT("AutoScalingGroupName", "auto_scaling_group_name"),
	TEXT("AvailabilityZone", "availability_zone"),
	TEXT("AvailabilityZoneId", "availability_zone_id"), TEXT("HealthStatus", "health_status"),
	TEXT("ImageId", "image_id"), TEXT("InstanceId", "instance_id"),
	TEXT("InstanceType", "instance_type"),
	TEXT("LaunchConfigurationName", "launch_configuration_name"),
	OF("LaunchTemplate", "launch_template", autoscaling_launch_template_specification),
	TEXT("LifecycleState", "lifecycle_state"),
	BOOL("ProtectedFromScaleIn", "protected_from_scale_in"),
	TEXT("WeightedCapacity", "weighted_capacity"), END
SHAPE(autoscaling_auto_scaling_instance_details)
LIST(autoscaling_auto_scaling_instances, autoscaling_auto_scaling_instance_details)
MEMBERS(autoscaling_auto_scaling_instances_type)
	OF("AutoScalingInstances", "auto_scaling_instances", autoscaling_auto_scaling_instances),
	TEXT("NextToken", "next_token"), END
SHAPE(autoscaling_auto_scaling_instances_type)
MEMBERS(elbv2_matcher)
	TEXT("GrpcCode", "grpc_code"), TEXT("HttpCode", "http_code"), END
SHAPE(elbv2_matcher)
MEMBERS(elbv2_target_group)
	BOOL("HealthCheckEnabled", "health_check_enabled"),
	INT("HealthCheckIntervalSeconds", "health_check_interval_seconds"),
	TEXT("HealthCheckPath", "health_check_path"), TEXT("HealthCheckPort", "health_check_port"),
	TEXT("HealthCheckProtocol", "health_check_protocol"),
	INT("HealthCheckTimeoutSeconds", "health_check_timeout_seconds"),
	INT("HealthyThresholdCount", "healthy_threshold_count"),
	TEXT("IpAddressType", "ip_address_type"),
	OF("LoadBalancerArns", "load_balancer_arns", iam_account_alias_list_type),
	OF("Matcher", "matcher", elbv2_matcher), INT("Port", "port"), TEXT("Protocol", "protocol"),
	TEXT("ProtocolVersion", "protocol_version"),
	INT("TargetControlPort", "target_control_port"),
	TEXT("TargetGroupArn", "target_group_arn"), TEXT("TargetGroupName", "target_group_name"),
	TEXT("TargetType", "target_type"),
	INT("UnhealthyThresholdCount", "unhealthy_threshold_count"), TEXT("VpcId", "vpc_id"), END
SHAPE(elbv2_target_group)
LIST(elbv2_target_groups, elbv2_target_group)
MEMBERS(elbv2_describe_target_groups_output)
	TEXT("NextMarker", "next_marker"),
	OF("TargetGroups", "target_groups", elbv2_target_groups), END
SHAPE(elbv2_describe_target_groups_output)
MEMBERS(elbv2_target_description)
	TEXT("AvailabilityZone", "availability_zone"), TEXT("Id", "id"), INT("Port", "port"),
	TEXT("QuicServerId", "quic_server_id"), END
SHAPE(elbv2_target_description)
MEMBERS(elbv2_target_health)
	TEXT("Description", "description"), TEXT("Reason", "reason"), TEXT("State", "state"), END
SHAPE(elbv2_target_health)
MEMBERS(elbv2_anomaly_detection)
	TEXT("MitigationInEffect", "mitigation_in_effect"), TEXT("Result", "result"), END
SHAPE(elbv2_anomaly_detection)
MEMBERS(elbv2_target_health_description)
	OF("AdministrativeOverride", "administrative_override", elbv2_target_health),
	OF("AnomalyDetection", "anomaly_detection", elbv2_anomaly_detection),
	TEXT("HealthCheckPort", "health_check_port"),
	OF("Target", "target", elbv2_target_description),
	OF("TargetHealth", "target_health", elbv2_target_health), END
SHAPE(elbv2_target_health_description)
LIST(elbv2_target_health_descriptions, elbv2_target_health_description)
MEMBERS(elbv2_describe_target_health_output)
	OF("TargetHealthDescriptions", "target_health_descriptions",
		elbv2_target_health_descriptions), END
SHAPE(elbv2_describe_target_health_output)
MEMBERS(elbv2_load_balancer_state)
	TEXT("Code", "code"), TEXT("Reason", "reason"), END
SHAPE(elbv2_load_balancer_state)
MEMBERS(elbv2_load_balancer_address)
	TEXT("AllocationId", "allocation_id"), TEXT("IPv6Address", "i_pv6_address"),
	TEXT("IpAddress", "ip_address"), TEXT("PrivateIPv4Address", "private_i_pv4_address"), END
SHAPE(elbv2_load_balancer_address)
LIST(elbv2_load_balancer_addresses, elbv2_load_balancer_address)
MEMBERS(elbv2_availability_zone)
	OF("LoadBalancerAddresses", "load_balancer_addresses", elbv2_load_balancer_addresses),
	TEXT("OutpostId", "outpost_id"),
	OF("SourceNatIpv6Prefixes", "source_nat_ipv6_prefixes", iam_account_alias_list_type),
	TEXT("SubnetId", "subnet_id"), TEXT("ZoneName", "zone_name"), END
SHAPE(elbv2_availability_zone)
LIST(elbv2_availability_zones, elbv2_availability_zone)
MEMBERS(elbv2_ipam_pools)
	TEXT("Ipv4IpamPoolId", "ipv4_ipam_pool_id"), END
SHAPE(elbv2_ipam_pools)
MEMBERS(elbv2_load_balancer)
	OF("AvailabilityZones", "availability_zones", elbv2_availability_zones),
	TEXT("CanonicalHostedZoneId", "canonical_hosted_zone_id"),
	TIME("CreatedTime", "created_time"),
	TEXT("CustomerOwnedIpv4Pool", "customer_owned_ipv4_pool"), TEXT("DNSName", "dns_name"),
	TEXT("EnablePrefixForIpv6SourceNat", "enable_prefix_for_ipv6_source_nat"),
	TEXT("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
		"enforce_security_group_inbound_rules_on_private_link_traffic"),
	TEXT("IpAddressType", "ip_address_type"), OF("IpamPools", "ipam_pools", elbv2_ipam_pools),
	TEXT("LoadBalancerArn", "load_balancer_arn"),
	TEXT("LoadBalancerName", "load_balancer_name"), TEXT("Scheme", "scheme"),
	OF("SecurityGroups", "security_groups", iam_account_alias_list_type),
	OF("State", "state", elbv2_load_balancer_state), TEXT("Type", "type"),
	TEXT("VpcId", "vpc_id"), END
SHAPE(elbv2_load_balancer)
LIST(elbv2_load_balancers, elbv2_load_balancer)
MEMBERS(elbv2_describe_load_balancers_output)
	OF("LoadBalancers", "load_balancers", elbv2_load_balancers),
	TEXT("NextMarker", "next_marker"), END
SHAPE(elbv2_describe_load_balancers_output)
MEMBERS(elbv2_certificate)
	TEXT("CertificateArn", "certificate_arn"), BOOL("IsDefault", "is_default"), END
SHAPE(elbv2_certificate)
LIST(elbv2_certificate_list, elbv2_certificate)
MAP(elbv2_authenticate_oidc_action_authentication_request_extra_params, "key", "value", shape_text)
MEMBERS(elbv2_authenticate_oidc_action_config)
	OF("AuthenticationRequestExtraParams", "authentication_request_extra_params",
		elbv2_authenticate_oidc_action_authentication_request_extra_params),
	TEXT("AuthorizationEndpoint", "authorization_endpoint"), TEXT("ClientId", "client_id"),
	TEXT("ClientSecret", "client_secret"), TEXT("Issuer", "issuer"),
	TEXT("OnUnauthenticatedRequest", "on_unauthenticated_request"), TEXT("Scope", "scope"),
	TEXT("SessionCookieName", "session_cookie_name"), INT("SessionTimeout", "session_timeout"),
	TEXT("TokenEndpoint", "token_endpoint"),
	BOOL("UseExistingClientSecret", "use_existing_client_secret"),
	TEXT("UserInfoEndpoint", "user_info_endpoint"), END
SHAPE(elbv2_authenticate_oidc_action_config)
MEMBERS(elbv2_authenticate_cognito_action_config)
	OF("AuthenticationRequestExtraParams", "authentication_request_extra_params",
		elbv2_authenticate_oidc_action_authentication_request_extra_params),
	TEXT("OnUnauthenticatedRequest", "on_unauthenticated_request"), TEXT("Scope", "scope"),
	TEXT("SessionCookieName", "session_cookie_name"), INT("SessionTimeout", "session_timeout"),
	TEXT("UserPoolArn", "user_pool_arn"), TEXT("UserPoolClientId", "user_pool_client_id"),
	TEXT("UserPoolDomain", "user_pool_domain"), END
SHAPE(elbv2_authenticate_cognito_action_config)
MEMBERS(elbv2_redirect_action_config)
	TEXT("Host", "host"), TEXT("Path", "path"), TEXT("Port", "port"),
	TEXT("Protocol", "protocol"), TEXT("Query", "query"), TEXT("StatusCode", "status_code"), END
SHAPE(elbv2_redirect_action_config)
MEMBERS(elbv2_fixed_response_action_config)
	TEXT("ContentType", "content_type"), TEXT("MessageBody", "message_body"),
	TEXT("StatusCode", "status_code"), END
SHAPE(elbv2_fixed_response_action_config)
MEMBERS(elbv2_target_group_tuple)
	TEXT("TargetGroupArn", "target_group_arn"), INT("Weight", "weight"), END
SHAPE(elbv2_target_group_tuple)
LIST(elbv2_target_group_list, elbv2_target_group_tuple)
MEMBERS(elbv2_target_group_stickiness_config)
	INT("DurationSeconds", "duration_seconds"), BOOL("Enabled", "enabled"), END
SHAPE(elbv2_target_group_stickiness_config)
MEMBERS(elbv2_forward_action_config)
	OF("TargetGroupStickinessConfig", "target_group_stickiness_config",
		elbv2_target_group_stickiness_config),
	OF("TargetGroups", "target_groups", elbv2_target_group_list), END
SHAPE(elbv2_forward_action_config)
MEMBERS(elbv2_jwt_validation_action_additional_claim)
	TEXT("Format", "format"), TEXT("Name", "name"),
	OF("Values", "values", iam_account_alias_list_type), END
SHAPE(elbv2_jwt_validation_action_additional_claim)
LIST(elbv2_jwt_validation_action_additional_claims, elbv2_jwt_validation_action_additional_claim)
MEMBERS(elbv2_jwt_validation_action_config)
	OF("AdditionalClaims", "additional_claims", elbv2_jwt_validation_action_additional_claims),
	TEXT("Issuer", "issuer"), TEXT("JwksEndpoint", "jwks_endpoint"), END
SHAPE(elbv2_jwt_validation_action_config)
MEMBERS(elbv2_action)
	OF("AuthenticateCognitoConfig", "authenticate_cognito_config",
		elbv2_authenticate_cognito_action_config),
	OF("AuthenticateOidcConfig", "authenticate_oidc_config",
		elbv2_authenticate_oidc_action_config),
	OF("FixedResponseConfig", "fixed_response_config", elbv2_fixed_response_action_config),
	OF("ForwardConfig", "forward_config", elbv2_forward_action_config),
	OF("JwtValidationConfig", "jwt_validation_config", elbv2_jwt_validation_action_config),
	INT("Order", "order"),
	OF("RedirectConfig", "redirect_config", elbv2_redirect_action_config),
	TEXT("TargetGroupArn", "target_group_arn"), TEXT("Type", "type"), END
SHAPE(elbv2_action)
LIST(elbv2_actions, elbv2_action)
MEMBERS(elbv2_mutual_authentication_attributes)
	TEXT("AdvertiseTrustStoreCaNames", "advertise_trust_store_ca_names"),
	BOOL("IgnoreClientCertificateExpiry", "ignore_client_certificate_expiry"),
	TEXT("Mode", "mode"), TEXT("TrustStoreArn", "trust_store_arn"),
	TEXT("TrustStoreAssociationStatus", "trust_store_association_status"), END
SHAPE(elbv2_mutual_authentication_attributes)
MEMBERS(elbv2_listener)
	OF("AlpnPolicy", "alpn_policy", iam_account_alias_list_type),
	OF("Certificates", "certificates", elbv2_certificate_list),
	OF("DefaultActions", "default_actions", elbv2_actions),
	TEXT("ListenerArn", "listener_arn"), TEXT("LoadBalancerArn", "load_balancer_arn"),
	OF("MutualAuthentication", "mutual_authentication",
		elbv2_mutual_authentication_attributes), INT("Port", "port"),
	TEXT("Protocol", "protocol"), TEXT("SslPolicy", "ssl_policy"), END
SHAPE(elbv2_listener)
LIST(elbv2_listeners, elbv2_listener)
MEMBERS(elbv2_describe_listeners_output)
	OF("Listeners", "listeners", elbv2_listeners), TEXT("NextMarker", "next_marker"), END
SHAPE(elbv2_describe_listeners_output)
MEMBERS(elbv2_tag)
	TEXT("Key", "key"), TEXT("Value", "value"), END
SHAPE(elbv2_tag)
LIST(elbv2_tag_list, elbv2_tag)
MEMBERS(elbv2_tag_description)
	TEXT("ResourceArn", "resource_arn"), OF("Tags", "tags", elbv2_tag_list), END
SHAPE(elbv2_tag_description)
LIST(elbv2_tag_descriptions, elbv2_tag_description)
MEMBERS(elbv2_describe_tags_output)
	OF("TagDescriptions", "tag_descriptions", elbv2_tag_descriptions), END
SHAPE(elbv2_describe_tags_output)
MEMBERS(elb_listener)
	INT("InstancePort", "instance_port"), TEXT("InstanceProtocol", "instance_protocol"),
	INT("LoadBalancerPort", "load_balancer_port"), TEXT("Protocol", "protocol"),
	TEXT("SSLCertificateId", "ssl_certificate_id"), END
SHAPE(elb_listener)
MEMBERS(elb_listener_description)
	OF("Listener", "listener", elb_listener),
	OF("PolicyNames", "policy_names", iam_account_alias_list_type), END
SHAPE(elb_listener_description)
LIST(elb_listener_descriptions, elb_listener_description)
MEMBERS(elb_app_cookie_stickiness_policy)
	TEXT("CookieName", "cookie_name"), TEXT("PolicyName", "policy_name"), END
SHAPE(elb_app_cookie_stickiness_policy)
LIST(elb_app_cookie_stickiness_policies, elb_app_cookie_stickiness_policy)
MEMBERS(elb_lb_cookie_stickiness_policy)
	INT("CookieExpirationPeriod", "cookie_expiration_period"),
	TEXT("PolicyName", "policy_name"), END
SHAPE(elb_lb_cookie_stickiness_policy)
LIST(elb_lb_cookie_stickiness_policies, elb_lb_cookie_stickiness_policy)
MEMBERS(elb_policies)
	OF("AppCookieStickinessPolicies", "app_cookie_stickiness_policies",
		elb_app_cookie_stickiness_policies),
	OF("LBCookieStickinessPolicies", "lb_cookie_stickiness_policies",
		elb_lb_cookie_stickiness_policies),
	OF("OtherPolicies", "other_policies", iam_account_alias_list_type), END
SHAPE(elb_policies)
MEMBERS(elb_backend_server_description)
	INT("InstancePort", "instance_port"),
	OF("PolicyNames", "policy_names", iam_account_alias_list_type), END
SHAPE(elb_backend_server_description)
LIST(elb_backend_server_descriptions, elb_backend_server_description)
MEMBERS(elb_instance)
	TEXT("InstanceId", "instance_id"), END
SHAPE(elb_instance)
LIST(elb_instances, elb_instance)
MEMBERS(elb_health_check)
	INT("HealthyThreshold", "healthy_threshold"), INT("Interval", "interval"),
	TEXT("Target", "target"), INT("Timeout", "timeout"),
	INT("UnhealthyThreshold", "unhealthy_threshold"), END
SHAPE(elb_health_check)
MEMBERS(elb_source_security_group)
	TEXT("GroupName", "group_name"), TEXT("OwnerAlias", "owner_alias"), END
SHAPE(elb_source_security_group)
MEMBERS(elb_load_balancer_description)
	OF("AvailabilityZones", "availability_zones", iam_account_alias_list_type),
	OF("BackendServerDescriptions", "backend_server_descriptions",
		elb_backend_server_descriptions),
	TEXT("CanonicalHostedZoneName", "canonical_hosted_zone_name"),
	TEXT("CanonicalHostedZoneNameID", "canonical_hosted_zone_name_id"),
	TIME("CreatedTime", "created_time"), TEXT("DNSName", "dns_name"),
	OF("HealthCheck", "health_check", elb_health_check),
	OF("Instances", "instances", elb_instances),
	OF("ListenerDescriptions", "listener_descriptions", elb_listener_descriptions),
	TEXT("LoadBalancerName", "load_balancer_name"), OF("Policies", "policies", elb_policies),
	TEXT("Scheme", "scheme"),
	OF("SecurityGroups", "security_groups", iam_account_alias_list_type),
	OF("SourceSecurityGroup", "source_security_group", elb_source_security_group),
	OF("Subnets", "subnets", iam_account_alias_list_type), TEXT("VPCId", "vpc_id"), END
SHAPE(elb_load_balancer_description)
LIST(elb_load_balancer_descriptions, elb_load_balancer_description)
MEMBERS(elb_describe_access_points_output)
	OF("LoadBalancerDescriptions", "load_balancer_descriptions",
		elb_load_balancer_descriptions), TEXT("NextMarker", "next_marker"), END
SHAPE(elb_describe_access_points_output)
MEMBERS(cloudformation_parameter)
	TEXT("ParameterKey", "parameter_key"), TEXT("ParameterValue", "parameter_value"),
	TEXT("ResolvedValue", "resolved_value"), BOOL("UsePreviousValue", "use_previous_value"), END
SHAPE(cloudformation_parameter)
LIST(cloudformation_parameters, cloudformation_parameter)
MEMBERS(cloudformation_rollback_trigger)
	TEXT("Arn", "arn"), TEXT("Type", "type"), END
SHAPE(cloudformation_rollback_trigger)
LIST(cloudformation_rollback_triggers, cloudformation_rollback_trigger)
MEMBERS(cloudformation_rollback_configuration)
	INT("MonitoringTimeInMinutes", "monitoring_time_in_minutes"),
	OF("RollbackTriggers", "rollback_triggers", cloudformation_rollback_triggers), END
SHAPE(cloudformation_rollback_configuration)
MEMBERS(cloudformation_output)
	TEXT("Description", "description"), TEXT("ExportName", "export_name"),
	TEXT("OutputKey", "output_key"), TEXT("OutputValue", "output_value"), END
SHAPE(cloudformation_output)
LIST(cloudformation_outputs, cloudformation_output)
MEMBERS(cloudformation_stack_drift_information)
	TIME("LastCheckTimestamp", "last_check_timestamp"),
	TEXT("StackDriftStatus", "stack_drift_status"), END
SHAPE(cloudformation_stack_drift_information)
MEMBERS(cloudformation_operation_entry)
	TEXT("OperationId", "operation_id"), TEXT("OperationType", "operation_type"), END
SHAPE(cloudformation_operation_entry)
LIST(cloudformation_last_operations, cloudformation_operation_entry)
MEMBERS(cloudformation_stack)
	OF("Capabilities", "capabilities", iam_account_alias_list_type),
	TEXT("ChangeSetId", "change_set_id"), TIME("CreationTime", "creation_time"),
	TEXT("DeletionMode", "deletion_mode"), TIME("DeletionTime", "deletion_time"),
	TEXT("Description", "description"), TEXT("DetailedStatus", "detailed_status"),
	BOOL("DisableRollback", "disable_rollback"),
	OF("DriftInformation", "drift_information", cloudformation_stack_drift_information),
	BOOL("EnableTerminationProtection", "enable_termination_protection"),
	OF("LastOperations", "last_operations", cloudformation_last_operations),
	TIME("LastUpdatedTime", "last_updated_time"),
	OF("NotificationARNs", "notification_arns", iam_account_alias_list_type),
	OF("Outputs", "outputs", cloudformation_outputs),
	OF("Parameters", "parameters", cloudformation_parameters), TEXT("ParentId", "parent_id"),
	BOOL("RetainExceptOnCreate", "retain_except_on_create"), TEXT("RoleARN", "role_arn"),
	OF("RollbackConfiguration", "rollback_configuration",
		cloudformation_rollback_configuration), TEXT("RootId", "root_id"),
	TEXT("StackId", "stack_id"), TEXT("StackName", "stack_name"),
	TEXT("StackStatus", "stack_status"), TEXT("StackStatusReason", "stack_status_reason"),
	OF("Tags", "tags", elbv2_tag_list), INT("TimeoutInMinutes", "timeout_in_minutes"), END
SHAPE(cloudformation_stack)
LIST(cloudformation_stacks, cloudformation_stack)
MEMBERS(cloudformation_describe_stacks_output)
	TEXT("NextToken", "next_token"), OF("Stacks", "stacks", cloudformation_stacks), END
SHAPE(cloudformation_describe_stacks_output)
MEMBERS(cloudformation_stack_event)
	TEXT("ClientRequestToken", "client_request_token"),
	TEXT("DetailedStatus", "detailed_status"), TEXT("EventId", "event_id"),
	TEXT("HookFailureMode", "hook_failure_mode"),
	TEXT("HookInvocationId", "hook_invocation_id"),
	TEXT("HookInvocationPoint", "hook_invocation_point"), TEXT("HookStatus", "hook_status"),
	TEXT("HookStatusReason", "hook_status_reason"), TEXT("HookType", "hook_type"),
	TEXT("LogicalResourceId", "logical_resource_id"), TEXT("OperationId", "operation_id"),
	TEXT("PhysicalResourceId", "physical_resource_id"),
	TEXT("ResourceProperties", "resource_properties"),
	TEXT("ResourceStatus", "resource_status"),
	TEXT("ResourceStatusReason", "resource_status_reason"),
	TEXT("ResourceType", "resource_type"), TEXT("StackId", "stack_id"),
	TEXT("StackName", "stack_name"), TIME("Timestamp", "timestamp"), END
SHAPE(cloudformation_stack_event)
LIST(cloudformation_stack_events, cloudformation_stack_event)
MEMBERS(cloudformation_describe_stack_events_output)
	TEXT("NextToken", "next_token"),
	OF("StackEvents", "stack_events", cloudformation_stack_events), END
SHAPE(cloudformation_describe_stack_events_output)
MEMBERS(cloudformation_stack_resource_drift_information)
	TIME("LastCheckTimestamp", "last_check_timestamp"),
	TEXT("StackResourceDriftStatus", "stack_resource_drift_status"), END
SHAPE(cloudformation_stack_resource_drift_information)
MEMBERS(cloudformation_module_info)
	TEXT("LogicalIdHierarchy", "logical_id_hierarchy"),
	TEXT("TypeHierarchy", "type_hierarchy"), END
SHAPE(cloudformation_module_info)
MEMBERS(cloudformation_stack_resource)
	TEXT("Description", "description"),
	OF("DriftInformation", "drift_information",
		cloudformation_stack_resource_drift_information),
	TEXT("LogicalResourceId", "logical_resource_id"),
	OF("ModuleInfo", "module_info", cloudformation_module_info),
	TEXT("PhysicalResourceId", "physical_resource_id"),
	TEXT("ResourceStatus", "resource_status"),
	TEXT("ResourceStatusReason", "resource_status_reason"),
	TEXT("ResourceType", "resource_type"), TEXT("StackId", "stack_id"),
	TEXT("StackName", "stack_name"), TIME("Timestamp", "timestamp"), END
SHAPE(cloudformation_stack_resource)
LIST(cloudformation_stack_resources, cloudformation_stack_resource)
MEMBERS(cloudformation_describe_stack_resources_output)
	OF("StackResources", "stack_resources", cloudformation_stack_resources), END
SHAPE(cloudformation_describe_stack_resources_output)
MEMBERS(cloudformation_stack_resource_summary)
	OF("DriftInformation", "drift_information",
		cloudformation_stack_resource_drift_information),
	TIME("LastUpdatedTimestamp", "last_updated_timestamp"),
	TEXT("LogicalResourceId", "logical_resource_id"),
	OF("ModuleInfo", "module_info", cloudformation_module_info),
	TEXT("PhysicalResourceId", "physical_resource_id"),
	TEXT("ResourceStatus", "resource_status"),
	TEXT("ResourceStatusReason", "resource_status_reason"),
	TEXT("ResourceType", "resource_type"), END
SHAPE(cloudformation_stack_resource_summary)
LIST(cloudformation_stack_resource_summaries, cloudformation_stack_resource_summary)
MEMBERS(cloudformation_list_stack_resources_output)
	TEXT("NextToken", "next_token"),
	OF("StackResourceSummaries", "stack_resource_summaries",
		cloudformation_stack_resource_summaries), END
SHAPE(cloudformation_list_stack_resources_output)
MEMBERS(route53_hosted_zone_config)
	TEXT("Comment", "comment"), BOOL("PrivateZone", "private_zone"), END
SHAPE(route53_hosted_zone_config)
MEMBERS(route53_linked_service)
	TEXT("Description", "description"), TEXT("ServicePrincipal", "service_principal"), END
SHAPE(route53_linked_service)
MEMBERS(route53_hosted_zone_failure_reasons)
	TEXT("AcceleratedRecovery", "accelerated_recovery"), END
SHAPE(route53_hosted_zone_failure_reasons)
MEMBERS(route53_hosted_zone_features)
	TEXT("AcceleratedRecoveryStatus", "accelerated_recovery_status"),
	OF("FailureReasons", "failure_reasons", route53_hosted_zone_failure_reasons), END
SHAPE(route53_hosted_zone_features)
MEMBERS(route53_hosted_zone)
	TEXT("CallerReference", "caller_reference"),
	OF("Config", "config", route53_hosted_zone_config),
	OF("Features", "features", route53_hosted_zone_features), TEXT("Id", "id"),
	OF("LinkedService", "linked_service", route53_linked_service), TEXT("Name", "name"),
	INT("ResourceRecordSetCount", "resource_record_set_count"), END
SHAPE(route53_hosted_zone)
LIST(route53_hosted_zones, route53_hosted_zone)
MEMBERS(route53_list_hosted_zones_response)
	OF("HostedZones", "hosted_zones", route53_hosted_zones),
	BOOL("IsTruncated", "is_truncated"), TEXT("Marker", "marker"),
	TEXT("MaxItems", "max_items"), TEXT("NextMarker", "next_marker"), END
SHAPE(route53_list_hosted_zones_response)
MEMBERS(route53_geo_location)
	TEXT("ContinentCode", "continent_code"), TEXT("CountryCode", "country_code"),
	TEXT("SubdivisionCode", "subdivision_code"), END
SHAPE(route53_geo_location)
MEMBERS(route53_resource_record)
	TEXT("Value", "value"), END
SHAPE(route53_resource_record)
LIST(route53_resource_records, route53_resource_record)
MEMBERS(route53_alias_target)
	TEXT("DNSName", "dns_name"), BOOL("EvaluateTargetHealth", "evaluate_target_health"),
	TEXT("HostedZoneId", "hosted_zone_id"), END
SHAPE(route53_alias_target)
MEMBERS(route53_cidr_routing_config)
	TEXT("CollectionId", "collection_id"), TEXT("LocationName", "location_name"), END
SHAPE(route53_cidr_routing_config)
MEMBERS(route53_coordinates)
	TEXT("Latitude", "latitude"), TEXT("Longitude", "longitude"), END
SHAPE(route53_coordinates)
MEMBERS(route53_geo_proximity_location)
	TEXT("AWSRegion", "aws_region"), INT("Bias", "bias"),
	OF("Coordinates", "coordinates", route53_coordinates),
	TEXT("LocalZoneGroup", "local_zone_group"), END
SHAPE(route53_geo_proximity_location)
MEMBERS(route53_resource_record_set)
	OF("AliasTarget", "alias_target", route53_alias_target),
	OF("CidrRoutingConfig", "cidr_routing_config", route53_cidr_routing_config),
	TEXT("Failover", "failover"), OF("GeoLocation", "geo_location", route53_geo_location),
	OF("GeoProximityLocation", "geo_proximity_location", route53_geo_proximity_location),
	TEXT("HealthCheckId", "health_check_id"), BOOL("MultiValueAnswer", "multi_value_answer"),
	TEXT("Name", "name"), TEXT("Region", "region"),
	OF("ResourceRecords", "resource_records", route53_resource_records),
	TEXT("SetIdentifier", "set_identifier"), INT("TTL", "ttl"),
	TEXT("TrafficPolicyInstanceId", "traffic_policy_instance_id"), TEXT("Type", "type"),
	INT("Weight", "weight"), END
SHAPE(route53_resource_record_set)
LIST(route53_resource_record_sets, route53_resource_record_set)
MEMBERS(route53_list_resource_record_sets_response)
	BOOL("IsTruncated", "is_truncated"), TEXT("MaxItems", "max_items"),
	TEXT("NextRecordIdentifier", "next_record_identifier"),
	TEXT("NextRecordName", "next_record_name"), TEXT("NextRecordType", "next_record_type"),
	OF("ResourceRecordSets", "resource_record_sets", route53_resource_record_sets), END
SHAPE(route53_list_resource_record_sets_response)

const struct shape_action shapes_other[] = {
	{ "sts", "GetCallerIdentity", &sts_get_caller_identity_response },
	{ "sts", "AssumeRole", &sts_assume_role_response },
	{ "sts", "AssumeRoleWithWebIdentity", &sts_assume_role_with_web_identity_response },
	{ "iam", "ListAccountAliases", &iam_list_account_aliases_response },
	{ "autoscaling", "DescribeAutoScalingGroups", &autoscaling_auto_scaling_groups_type },
	{ "autoscaling", "DescribeAutoScalingInstances", &autoscaling_auto_scaling_instances_type },
	{ "elbv2", "DescribeTargetGroups", &elbv2_describe_target_groups_output },
	{ "elbv2", "DescribeTargetHealth", &elbv2_describe_target_health_output },
	{ "elbv2", "DescribeLoadBalancers", &elbv2_describe_load_balancers_output },
	{ "elbv2", "DescribeListeners", &elbv2_describe_listeners_output },
	{ "elbv2", "DescribeTags", &elbv2_describe_tags_output },
	{ "elb", "DescribeLoadBalancers", &elb_describe_access_points_output },
	{ "cloudformation", "DescribeStacks", &cloudformation_describe_stacks_output },
	{ "cloudformation", "DescribeStackEvents", &cloudformation_describe_stack_events_output },
	{ "cloudformation", "DescribeStackResources", &cloudformation_describe_stack_resources_output },
	{ "cloudformation", "ListStackResources", &cloudformation_list_stack_resources_output },
	{ "route53", "ListHostedZones", &route53_list_hosted_zones_response },
	{ "route53", "ListResourceRecordSets", &route53_list_resource_record_sets_response },
	{ NULL, NULL, NULL },
};
