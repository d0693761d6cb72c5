/*
 * Modules that Ansible has and ertc does not, by the short names they are known by: where a
 * playbook names one, it is no misspelling. A name that ends with * stands for all that begin so. A
 * collection without names is known by full names only.
 */
#include "orchestrator/playbook/foreign.h"

#include "base/base.h"
#include "base/str.h"

static const struct {
	const char *collection, *names; /* names: with a blank behind each */
} rows[] = {
	{ "amazon.aws",
		"aws_az_info aws_caller_info aws_s3 cloudformation cloudformation_info ec2_ami "
		"ec2_ami_info ec2_elb_lb ec2_eni ec2_eni_info ec2_group ec2_group_info ec2_key "
		"ec2_metadata_facts ec2_snapshot ec2_snapshot_info ec2_tag ec2_tag_info ec2_vol "
		"ec2_vol_info ec2_vpc_dhcp_option ec2_vpc_dhcp_option_info ec2_vpc_net "
		"ec2_vpc_net_info ec2_vpc_subnet ec2_vpc_subnet_info s3_bucket " },
	{ "ansible.builtin",
		"add_host apt apt_key apt_repository assemble assert async_status async_wrapper "
		"blockinfile command copy cron debconf debug dnf dpkg_selections expect fail fetch "
		"file find gather_facts get_url getent git group group_by hostname import_playbook "
		"import_role import_tasks include_role include_tasks include_vars iptables "
		"known_hosts lineinfile meta package package_facts pause ping pip raw reboot "
		"replace rpm_key script service service_facts set_fact set_stats setup shell slurp "
		"stat subversion systemd systemd_service sysvinit tempfile template unarchive uri "
		"user validate_argument_spec wait_for wait_for_connection yum yum_repository " },
	{ "ansible.netcommon",
		"cli_command cli_config net_get net_ping net_put netconf_* restconf_config "
		"restconf_get telnet " },
	{ "ansible.posix", "acl at authorized_key firewalld mount patch seboolean selinux "
			   "synchronize sysctl " },
	{ "ansible.utils", "" },
	{ "ansible.windows",
		"win_acl win_acl_inheritance win_certificate_store win_command win_copy "
		"win_dns_client win_domain win_domain_controller win_domain_membership win_dsc "
		"win_environment win_feature win_file win_find win_get_url win_group "
		"win_group_membership win_hostname win_optional_feature win_owner win_package "
		"win_path win_ping win_reboot win_reg_stat win_regedit win_service win_share "
		"win_shell win_stat win_tempfile win_template win_updates win_uri win_user "
		"win_user_right win_wait_for win_whoami " },
	{ "arista.eos",
		"eos_acl_interfaces eos_acls eos_banner eos_bgp eos_command eos_config eos_eapi "
		"eos_facts eos_interfaces eos_l2_interfaces eos_l3_interfaces eos_lacp "
		"eos_lacp_interfaces eos_lag_interfaces eos_lldp eos_lldp_global "
		"eos_lldp_interfaces eos_logging eos_ospfv2 eos_static_routes eos_system eos_user "
		"eos_vlans eos_vrf " },
	{ "awx.awx",
		"tower_credential tower_credential_type tower_group tower_host tower_inventory "
		"tower_inventory_source tower_job_* tower_label tower_notification "
		"tower_organization tower_project tower_role tower_settings tower_team tower_user "
		"tower_workflow_launch " },
	{ "azure.azcollection",
		"azure_rm_aks azure_rm_aks_info azure_rm_aksversion_info azure_rm_appgateway "
		"azure_rm_applicationsecuritygroup azure_rm_applicationsecuritygroup_info "
		"azure_rm_appserviceplan azure_rm_appserviceplan_info azure_rm_automationaccount "
		"azure_rm_automationaccount_info azure_rm_autoscale azure_rm_autoscale_info "
		"azure_rm_availabilityset azure_rm_availabilityset_info azure_rm_azurefirewall "
		"azure_rm_azurefirewall_info azure_rm_batchaccount azure_rm_cdnendpoint "
		"azure_rm_cdnendpoint_info azure_rm_cdnprofile azure_rm_cdnprofile_info "
		"azure_rm_containerinstance azure_rm_containerinstance_info "
		"azure_rm_containerregistry azure_rm_containerregistry_info "
		"azure_rm_cosmosdbaccount azure_rm_cosmosdbaccount_info azure_rm_deployment "
		"azure_rm_deployment_info azure_rm_devtestlab azure_rm_devtestlab_info "
		"azure_rm_devtestlabarmtemplate_info azure_rm_devtestlabartifact_info "
		"azure_rm_devtestlabartifactsource azure_rm_devtestlabartifactsource_info "
		"azure_rm_devtestlabcustomimage azure_rm_devtestlabcustomimage_info "
		"azure_rm_devtestlabenvironment azure_rm_devtestlabenvironment_info "
		"azure_rm_devtestlabpolicy azure_rm_devtestlabpolicy_info "
		"azure_rm_devtestlabschedule azure_rm_devtestlabschedule_info "
		"azure_rm_devtestlabvirtualmachine azure_rm_devtestlabvirtualmachine_info "
		"azure_rm_devtestlabvirtualnetwork azure_rm_devtestlabvirtualnetwork_info "
		"azure_rm_dnsrecordset azure_rm_dnsrecordset_info azure_rm_dnszone "
		"azure_rm_dnszone_info azure_rm_functionapp azure_rm_functionapp_info "
		"azure_rm_gallery azure_rm_gallery_info azure_rm_galleryimage "
		"azure_rm_galleryimage_info azure_rm_galleryimageversion "
		"azure_rm_galleryimageversion_info azure_rm_hdinsightcluster "
		"azure_rm_hdinsightcluster_info azure_rm_image azure_rm_image_info "
		"azure_rm_iotdevice azure_rm_iotdevice_info azure_rm_iotdevicemodule "
		"azure_rm_iothub azure_rm_iothub_info azure_rm_iothubconsumergroup "
		"azure_rm_keyvault azure_rm_keyvault_info azure_rm_keyvaultkey "
		"azure_rm_keyvaultkey_info azure_rm_keyvaultsecret azure_rm_loadbalancer "
		"azure_rm_loadbalancer_info azure_rm_lock azure_rm_lock_info "
		"azure_rm_loganalyticsworkspace azure_rm_loganalyticsworkspace_info "
		"azure_rm_manageddisk azure_rm_manageddisk_info azure_rm_mariadbconfiguration "
		"azure_rm_mariadbconfiguration_info azure_rm_mariadbdatabase "
		"azure_rm_mariadbdatabase_info azure_rm_mariadbfirewallrule "
		"azure_rm_mariadbfirewallrule_info azure_rm_mariadbserver "
		"azure_rm_mariadbserver_info azure_rm_monitorlogprofile "
		"azure_rm_mysqlconfiguration "
		"azure_rm_mysqlconfiguration_info azure_rm_mysqldatabase "
		"azure_rm_mysqldatabase_info azure_rm_mysqlfirewallrule "
		"azure_rm_mysqlfirewallrule_info azure_rm_mysqlserver azure_rm_mysqlserver_info "
		"azure_rm_networkinterface azure_rm_networkinterface_info "
		"azure_rm_postgresqlconfiguration azure_rm_postgresqlconfiguration_info "
		"azure_rm_postgresqldatabase azure_rm_postgresqldatabase_info "
		"azure_rm_postgresqlfirewallrule azure_rm_postgresqlfirewallrule_info "
		"azure_rm_postgresqlserver azure_rm_postgresqlserver_info azure_rm_publicipaddress "
		"azure_rm_publicipaddress_info azure_rm_rediscache azure_rm_rediscache_info "
		"azure_rm_rediscachefirewallrule azure_rm_resource azure_rm_resource_info "
		"azure_rm_resourcegroup azure_rm_resourcegroup_info azure_rm_roleassignment "
		"azure_rm_roleassignment_info azure_rm_roledefinition azure_rm_roledefinition_info "
		"azure_rm_route azure_rm_routetable azure_rm_routetable_info "
		"azure_rm_securitygroup "
		"azure_rm_securitygroup_info azure_rm_servicebus azure_rm_servicebus_info "
		"azure_rm_servicebusqueue azure_rm_servicebussaspolicy azure_rm_servicebustopic "
		"azure_rm_servicebustopicsubscription azure_rm_snapshot azure_rm_sqldatabase "
		"azure_rm_sqldatabase_info azure_rm_sqlfirewallrule azure_rm_sqlfirewallrule_info "
		"azure_rm_sqlserver azure_rm_sqlserver_info azure_rm_storageaccount "
		"azure_rm_storageaccount_info azure_rm_storageblob azure_rm_subnet "
		"azure_rm_subnet_info azure_rm_trafficmanagerendpoint "
		"azure_rm_trafficmanagerendpoint_info azure_rm_trafficmanagerprofile "
		"azure_rm_trafficmanagerprofile_info azure_rm_virtualmachine "
		"azure_rm_virtualmachine_info azure_rm_virtualmachineextension "
		"azure_rm_virtualmachineextension_info azure_rm_virtualmachineimage_info "
		"azure_rm_virtualmachinescaleset azure_rm_virtualmachinescaleset_info "
		"azure_rm_virtualmachinescalesetextension "
		"azure_rm_virtualmachinescalesetextension_info "
		"azure_rm_virtualmachinescalesetinstance "
		"azure_rm_virtualmachinescalesetinstance_info azure_rm_virtualnetwork "
		"azure_rm_virtualnetwork_info azure_rm_virtualnetworkgateway "
		"azure_rm_virtualnetworkpeering azure_rm_virtualnetworkpeering_info "
		"azure_rm_webapp "
		"azure_rm_webapp_info azure_rm_webappslot " },
	{ "check_point.mgmt", "cp_mgmt_* " },
	{ "chocolatey.chocolatey", "win_chocolatey win_chocolatey_* " },
	{ "cisco.aci", "aci_* " },
	{ "cisco.asa", "asa_command asa_config " },
	{ "cisco.dnac", "" },
	{ "cisco.intersight", "intersight_* " },
	{ "cisco.ios",
		"ios_acl_interfaces ios_acls ios_banner ios_bgp ios_command ios_config ios_facts "
		"ios_interfaces ios_l2_interfaces ios_l3_interfaces ios_lacp ios_lacp_interfaces "
		"ios_lag_interfaces ios_linkagg ios_lldp ios_lldp_global ios_lldp_interfaces "
		"ios_logging ios_ntp ios_ospfv2 ios_ping ios_static_routes ios_system ios_user "
		"ios_vlans ios_vrf " },
	{ "cisco.iosxr",
		"iosxr_acl_interfaces iosxr_acls iosxr_banner iosxr_bgp iosxr_command iosxr_config "
		"iosxr_facts iosxr_interfaces iosxr_l2_interfaces iosxr_l3_interfaces iosxr_lacp "
		"iosxr_lacp_interfaces iosxr_lag_interfaces iosxr_lldp_global "
		"iosxr_lldp_interfaces "
		"iosxr_logging iosxr_netconf iosxr_ospfv2 iosxr_static_routes iosxr_system "
		"iosxr_user " },
	{ "cisco.ise", "" },
	{ "cisco.meraki", "meraki_* " },
	{ "cisco.mso", "mso_* " },
	{ "cisco.nso", "nso_* " },
	{ "cisco.nxos",
		"nxos_aaa_server nxos_aaa_server_host nxos_acl_interfaces nxos_acls nxos_banner "
		"nxos_bfd_global nxos_bfd_interfaces nxos_bgp nxos_bgp_* nxos_command nxos_config "
		"nxos_devicealias nxos_evpn_global nxos_evpn_vni nxos_facts nxos_feature "
		"nxos_file_copy nxos_gir nxos_gir_profile_management nxos_hsrp "
		"nxos_hsrp_interfaces "
		"nxos_igmp nxos_igmp_interface nxos_igmp_snooping nxos_install_os nxos_interfaces "
		"nxos_l2_interfaces nxos_l3_interfaces nxos_lacp nxos_lacp_interfaces "
		"nxos_lag_interfaces nxos_lldp_global nxos_lldp_interfaces nxos_logging nxos_ntp "
		"nxos_ntp_auth nxos_ntp_options nxos_nxapi nxos_ospfv2 nxos_overlay_global "
		"nxos_pim "
		"nxos_pim_interface nxos_pim_rp_address nxos_ping nxos_reboot nxos_rollback "
		"nxos_rpm nxos_snapshot nxos_snmp_* nxos_static_routes nxos_system nxos_telemetry "
		"nxos_udld nxos_udld_interface nxos_user nxos_vlans nxos_vpc nxos_vpc_interface "
		"nxos_vrf nxos_vrf_af nxos_vrf_interface nxos_vrrp nxos_vsan nxos_vtp_* "
		"nxos_vxlan_vtep nxos_vxlan_vtep_vni nxos_zone_zoneset " },
	{ "cisco.ucs", "ucs_* " },
	{ "cloud.common", "" },
	{ "cloudscale_ch.cloud", "cloudscale_* " },
	{ "community.aws",
		"aws_acm aws_acm_info aws_api_gateway aws_application_scaling_policy aws_batch_* "
		"aws_codebuild aws_codecommit aws_codepipeline aws_config_* aws_direct_* "
		"aws_eks_cluster aws_elasticbeanstalk_app aws_glue_connection aws_glue_job "
		"aws_inspector_target aws_kms aws_kms_info aws_region_info aws_s3_bucket_info "
		"aws_s3_cors aws_secret aws_ses_* aws_sgw_info aws_ssm_parameter_store "
		"aws_step_functions_state_machine aws_step_functions_state_machine_execution "
		"aws_waf_condition aws_waf_info aws_waf_rule aws_waf_web_acl "
		"cloudformation_exports_info cloudformation_stack_set cloudfront_distribution "
		"cloudfront_info cloudfront_invalidation cloudfront_origin_access_identity "
		"cloudtrail cloudwatchevent_rule cloudwatchlogs_log_group "
		"cloudwatchlogs_log_group_info cloudwatchlogs_log_group_metric_filter "
		"data_pipeline "
		"dms_endpoint dms_replication_subnet_group dynamodb_table dynamodb_ttl "
		"ec2_ami_copy "
		"ec2_asg ec2_asg_info ec2_asg_lifecycle_hook ec2_customer_gateway "
		"ec2_customer_gateway_info ec2_eip ec2_eip_info ec2_elb ec2_instance "
		"ec2_instance_info ec2_launch_template ec2_lc ec2_lc_find ec2_lc_info "
		"ec2_metric_alarm ec2_placement_group ec2_placement_group_info ec2_scaling_policy "
		"ec2_snapshot_copy ec2_transit_gateway ec2_transit_gateway_info ec2_vpc_egress_igw "
		"ec2_vpc_endpoint ec2_vpc_endpoint_info ec2_vpc_igw ec2_vpc_igw_info ec2_vpc_nacl "
		"ec2_vpc_nacl_info ec2_vpc_nat_gateway ec2_vpc_nat_gateway_info ec2_vpc_peer "
		"ec2_vpc_peering_info ec2_vpc_route_table ec2_vpc_route_table_info ec2_vpc_vgw "
		"ec2_vpc_vgw_info ec2_vpc_vpn ec2_vpc_vpn_info ec2_win_password ecs_attribute "
		"ecs_cluster ecs_ecr ecs_service ecs_service_info ecs_tag ecs_task "
		"ecs_taskdefinition ecs_taskdefinition_info efs efs_info elasticache "
		"elasticache_info elasticache_parameter_group elasticache_snapshot "
		"elasticache_subnet_group elb_application_lb elb_application_lb_info "
		"elb_classic_lb "
		"elb_classic_lb_info elb_instance elb_network_lb elb_target elb_target_group "
		"elb_target_group_info elb_target_info execute_lambda iam_group iam_managed_policy "
		"iam_mfa_device_info iam_password_policy iam_policy iam_policy_info iam_role "
		"iam_role_info iam_saml_federation iam_server_certificate_info iam_user "
		"iam_user_info kinesis_stream lambda lambda_alias lambda_event lambda_info "
		"lambda_policy lightsail rds_instance rds_instance_info rds_param_group "
		"rds_snapshot_info rds_subnet_group redshift redshift_cross_region_snapshots "
		"redshift_info redshift_subnet_group route53 route53_health_check route53_info "
		"route53_zone s3_bucket_notification s3_lifecycle s3_logging s3_sync s3_website "
		"sns "
		"sns_topic sqs_queue sts_assume_role sts_session_token " },
	{ "community.ciscosmb", "" },
	{ "community.crypto",
		"acme_account acme_account_info acme_certificate acme_certificate_revoke "
		"acme_challenge_cert_helper acme_inspect certificate_complete_chain "
		"ecs_certificate "
		"ecs_domain get_certificate luks_device openssh_cert openssh_keypair openssl_* "
		"x509_crl x509_crl_info " },
	{ "community.digitalocean", "digital_* " },
	{ "community.dns", "" },
	{ "community.docker",
		"docker_compose docker_config docker_container docker_container_info "
		"docker_host_info docker_image docker_image_info docker_login docker_network "
		"docker_network_info docker_node docker_node_info docker_prune docker_secret "
		"docker_stack docker_swarm docker_swarm_* docker_volume docker_volume_info " },
	{ "community.fortios", "faz_device fmgr_* " },
	{ "community.general",
		"aerospike_migrations airbrake_deployment aix_* ali_instance ali_instance_info "
		"alternatives apache2_mod_proxy apache2_module apk apt_repo apt_rpm archive "
		"atomic_* awall beadm bearychat bigpanda bitbucket_* bower bundler bzr campfire "
		"capabilities catapult circonus_annotation cisco_spark clc_* cloud_init_data_facts "
		"cloudflare_dns cobbler_sync cobbler_system composer consul consul_* cpanm cronvar "
		"crypttab datadog_event datadog_monitor dconf deploy_helper dimensiondata_network "
		"dimensiondata_vlan django_manage dnsimple dnsmadeeasy easy_install ejabberd_user "
		"elasticsearch_plugin emc_vnx_sg_member etcd3 facter filesystem flatpak "
		"flatpak_remote flowdock gconftool2 gem git_config github_deploy_key github_issue "
		"github_key github_release github_webhook github_webhook_facts github_webhook_info "
		"gitlab_* grove gunicorn haproxy heroku_collaborator hg hipchat homebrew "
		"homebrew_cask homebrew_tap honeybadger_deployment hpilo_boot hpilo_info hponcfg "
		"htpasswd hwc_* ibm_* icinga2_feature icinga2_host idrac_redfish_command "
		"idrac_redfish_config idrac_redfish_info imc_rest imgadm infinity influxdb_* "
		"ini_file installp interfaces_file ip_netns ipa_* ipify_facts ipinfoio_facts "
		"ipmi_boot ipmi_power ipwcli_dns irc iso_extract jabber java_cert java_keystore "
		"jboss jenkins_job jenkins_job_info jenkins_plugin jenkins_script jira "
		"kernel_blacklist keycloak_* kibana_plugin layman lbu ldap_attrs ldap_entry "
		"ldap_passwd librato_annotation linode linode_v4 listen_ports_facts lldp "
		"locale_gen "
		"logentries logentries_msg logstash_plugin lvg lvol lxc_container lxca_cmms "
		"lxca_nodes lxd_container lxd_profile macports mail make manageiq_* mas matrix "
		"mattermost maven_artifact memset_dns_reload memset_memstore_info "
		"memset_server_info memset_zone memset_zone_domain memset_zone_record mksysb "
		"modprobe monit mqtt mssql_db nagios netcup_dns newrelic_deployment nexmo "
		"nginx_status_info nictagadm nios_* nmcli nosh npm nsupdate oci_vcn "
		"office_365_connector_card ohai omapi_host one_host one_image one_image_info "
		"one_service one_vm oneandone_* onepassword_info oneview_datacenter_info "
		"oneview_enclosure_info oneview_ethernet_network oneview_ethernet_network_info "
		"oneview_fc_network oneview_fc_network_info oneview_fcoe_network "
		"oneview_fcoe_network_info oneview_logical_interconnect_group "
		"oneview_logical_interconnect_group_info oneview_network_set "
		"oneview_network_set_info oneview_san_manager oneview_san_manager_info "
		"online_server_info online_user_info open_iscsi openbsd_pkg opendj_backendprop "
		"openwrt_init opkg osx_defaults osx_say ovh_* pacemaker_cluster packet_* pacman "
		"pagerduty pagerduty_alert pam_limits pamd parted pear pids pingdom "
		"pip_package_info pkg5 pkg5_publisher pkgin pkgng pkgutil portage portinstall "
		"profitbricks profitbricks_* proxmox proxmox_kvm proxmox_template pubnub_blocks "
		"pulp_repo puppet pushbullet pushover python_requirements_info rax rax_* read_csv "
		"redfish_command redfish_config redfish_info redhat_subscription redis rhevm "
		"rhn_channel rhn_register rhsm_release rhsm_repository riak rocketchat "
		"rollbar_deployment rundeck_acl_policy rundeck_project runit say scaleway_compute "
		"scaleway_image_info scaleway_ip scaleway_ip_info scaleway_lb "
		"scaleway_organization_info scaleway_security_group scaleway_security_group_info "
		"scaleway_security_group_rule scaleway_server_info scaleway_snapshot_info "
		"scaleway_sshkey scaleway_user_data scaleway_volume scaleway_volume_info "
		"sefcontext "
		"selinux_permissive selogin sendgrid sensu_* seport serverless sl_vm slack "
		"slackpkg "
		"smartos_image_info snap snmp_facts solaris_zone sorcery spectrum_device "
		"spotinst_aws_elastigroup ss_3par_cpg stackdriver stacki_host statusio_maintenance "
		"supervisorctl svc svr4pkg swdepot swupd syslogger syspatch taiga_issue telegram "
		"terraform timezone twilio typetalk udm_* ufw uptimerobot urpmi utm_* vdo "
		"vertica_configuration vertica_info vertica_role vertica_schema vertica_user "
		"vexata_eg vexata_volume vmadm wakeonlan webfaction_* xattr xbps xenserver_facts "
		"xenserver_guest xenserver_guest_info xenserver_guest_powerstate xfconf xfs_quota "
		"xml yarn zfs zfs_delegate_admin zfs_facts znode zpool_facts zypper "
		"zypper_repository " },
	{ "community.google", "gc_storage gce_* gcpubsub gcpubsub_info " },
	{ "community.grafana", "grafana_* " },
	{ "community.hashi_vault", "" },
	{ "community.hrobot", "hetzner_* " },
	{ "community.libvirt", "virt virt_net virt_pool " },
	{ "community.mongodb", "mongodb_* " },
	{ "community.mysql", "mysql_* " },
	{ "community.network",
		"a10_* aireos_command aireos_config apconos_command aruba_command aruba_config "
		"avi_* bcf_switch bigmon_chain bigmon_policy ce_* cnos_* cp_publish "
		"cv_server_provision dladm_* edgeos_* edgeswitch_facts edgeswitch_vlan enos_* "
		"eric_eccli_command exos_* flowadm ftd_* iap_start_workflow iap_token icx_* "
		"ig_config ig_unit_information ipadm_* ironware_* nclu netact_cm_command "
		"netscaler_* nos_* nuage_vspk opx_cps ordnance_config ordnance_facts "
		"pn_access_list "
		"pn_access_list_ip pn_admin_* pn_connection_stats_settings pn_cpu_class "
		"pn_cpu_mgmt_class pn_dhcp_filter pn_dscp_map pn_dscp_map_pri_map pn_fabric_local "
		"pn_igmp_snooping pn_ipv6security_* pn_log_audit_exception pn_port_* "
		"pn_prefix_list "
		"pn_prefix_list_network pn_role pn_snmp_* pn_stp pn_stp_port pn_switch_setup "
		"pn_user pn_vflow_table_profile pn_vrouter_* pn_vtep slxos_* sros_* vdirect_* "
		"voss_* " },
	{ "community.okd", "" },
	{ "community.postgresql", "postgresql_* " },
	{ "community.proxysql", "proxysql_* " },
	{ "community.rabbitmq", "rabbitmq_* " },
	{ "community.routeros", "routeros_command routeros_facts " },
	{ "community.sap", "" },
	{ "community.sap_libs", "" },
	{ "community.skydive", "skydive_* " },
	{ "community.sops", "" },
	{ "community.vmware",
		"vcenter_extension vcenter_extension_info vcenter_folder vcenter_license "
		"vmware_about_info vmware_category vmware_category_info vmware_cfg_backup "
		"vmware_cluster vmware_cluster_drs vmware_cluster_ha vmware_cluster_info "
		"vmware_cluster_vsan vmware_content_* vmware_datacenter vmware_datastore_cluster "
		"vmware_datastore_info vmware_datastore_maintenancemode vmware_deploy_ovf "
		"vmware_drs_group vmware_drs_group_info vmware_drs_rule_info vmware_dvs_host "
		"vmware_dvs_portgroup vmware_dvs_portgroup_find vmware_dvs_portgroup_info "
		"vmware_dvswitch vmware_dvswitch_* vmware_evc_mode vmware_export_ovf "
		"vmware_folder_info vmware_guest vmware_guest_boot_info vmware_guest_boot_manager "
		"vmware_guest_controller vmware_guest_cross_vc_clone "
		"vmware_guest_custom_attribute_defs vmware_guest_custom_attributes "
		"vmware_guest_customization_info vmware_guest_disk vmware_guest_disk_info "
		"vmware_guest_file_operation vmware_guest_find vmware_guest_info vmware_guest_move "
		"vmware_guest_network vmware_guest_powerstate vmware_guest_register_operation "
		"vmware_guest_screenshot vmware_guest_sendkey vmware_guest_serial_port "
		"vmware_guest_snapshot vmware_guest_snapshot_info vmware_guest_tools_* "
		"vmware_guest_video vmware_host vmware_host_acceptance "
		"vmware_host_active_directory "
		"vmware_host_auto_start vmware_host_capability_info vmware_host_config_info "
		"vmware_host_config_manager vmware_host_datastore vmware_host_dns "
		"vmware_host_dns_info vmware_host_facts vmware_host_feature_info "
		"vmware_host_firewall_info vmware_host_firewall_manager vmware_host_hyperthreading "
		"vmware_host_ipv6 vmware_host_kernel_manager vmware_host_lockdown vmware_host_ntp "
		"vmware_host_ntp_info vmware_host_package_info vmware_host_powermgmt_policy "
		"vmware_host_powerstate vmware_host_scanhba vmware_host_service_info "
		"vmware_host_service_manager vmware_host_snmp vmware_host_ssl_info "
		"vmware_host_vmhba_info vmware_host_vmnic_info vmware_local_role_info "
		"vmware_local_role_manager vmware_local_user_info vmware_local_user_manager "
		"vmware_maintenancemode vmware_migrate_vmk vmware_object_role_permission "
		"vmware_portgroup vmware_portgroup_info vmware_resource_pool "
		"vmware_resource_pool_info vmware_tag vmware_tag_info vmware_tag_manager "
		"vmware_target_canonical_info vmware_vcenter_settings vmware_vcenter_statistics "
		"vmware_vm_host_drs_rule vmware_vm_info vmware_vm_shell "
		"vmware_vm_storage_policy_info vmware_vm_vm_drs_rule vmware_vm_vss_dvs_migrate "
		"vmware_vmkernel vmware_vmkernel_info vmware_vmotion vmware_vsan_cluster "
		"vmware_vsan_health_info vmware_vspan_session vmware_vswitch vmware_vswitch_info "
		"vsphere_copy vsphere_file " },
	{ "community.windows",
		"psexec win_audit_policy_system win_audit_rule win_credential win_defrag "
		"win_disk_facts win_disk_image win_dns_record win_domain_computer win_domain_group "
		"win_domain_group_membership win_domain_user win_dotnet_ngen win_eventlog "
		"win_eventlog_entry win_file_version win_firewall win_firewall_rule win_format "
		"win_hosts win_hotfix win_http_proxy win_iis_* win_inet_proxy win_initialize_disk "
		"win_lineinfile win_mapped_drive win_msg win_netbios win_nssm win_pagefile "
		"win_partition win_pester win_power_plan win_product_facts win_psexec win_psmodule "
		"win_psrepository win_rabbitmq_plugin win_rds_* win_region win_regmerge "
		"win_robocopy win_route win_say win_scheduled_task win_scheduled_task_stat "
		"win_security_policy win_shortcut win_snmp win_timezone win_toast win_unzip "
		"win_user_profile win_wait_for_process win_wakeonlan win_webpicmd win_xml " },
	{ "community.zabbix", "zabbix_* " },
	{ "containers.podman", "podman_* " },
	{ "cyberark.pas", "cyberark_authentication cyberark_user " },
	{ "dellemc.enterprise_sonic", "" },
	{ "dellemc.openmanage", "idrac_firmware idrac_server_config_profile ome_device_info " },
	{ "dellemc.os10", "dellos10_* " },
	{ "dellemc.os6", "dellos6_* " },
	{ "dellemc.os9", "dellos9_* " },
	{ "dellemc.powerflex", "" },
	{ "dellemc.unity", "" },
	{ "f5networks.f5_modules",
		"bigip_apm_* bigip_asm_dos_application bigip_asm_policy_* bigip_cli_alias "
		"bigip_cli_script bigip_command bigip_config bigip_configsync_action "
		"bigip_data_group bigip_device_* bigip_dns_* bigip_file_copy bigip_firewall_* "
		"bigip_gtm_datacenter bigip_gtm_global bigip_gtm_monitor_* bigip_gtm_pool "
		"bigip_gtm_pool_member bigip_gtm_server bigip_gtm_topology_record "
		"bigip_gtm_topology_region bigip_gtm_virtual_server bigip_gtm_wide_ip "
		"bigip_hostname bigip_iapp_service bigip_iapp_template bigip_iapplx_package "
		"bigip_ike_peer bigip_imish_config bigip_ipsec_policy bigip_irule "
		"bigip_log_destination bigip_log_publisher bigip_lx_package bigip_management_route "
		"bigip_message_* bigip_monitor_* bigip_node bigip_partition bigip_password_policy "
		"bigip_policy bigip_policy_rule bigip_pool bigip_pool_member bigip_profile_* "
		"bigip_provision bigip_qkview bigip_remote_* bigip_routedomain "
		"bigip_security_address_list bigip_security_port_list bigip_selfip "
		"bigip_service_policy bigip_smtp bigip_snat_pool bigip_snat_translation bigip_snmp "
		"bigip_snmp_community bigip_snmp_trap bigip_software_* bigip_ssl_* "
		"bigip_static_route bigip_sys_* bigip_timer_policy bigip_traffic_group "
		"bigip_traffic_selector bigip_trunk bigip_tunnel bigip_ucs bigip_ucs_fetch "
		"bigip_user bigip_vcmp_guest bigip_virtual_address bigip_virtual_server bigip_vlan "
		"bigip_wait bigiq_* " },
	{ "fortinet.fortimanager", "" },
	{ "fortinet.fortios",
		"fortios_alertemail_setting fortios_antivirus_* fortios_application_* "
		"fortios_authentication_* fortios_dlp_* fortios_dnsfilter_domain_filter "
		"fortios_dnsfilter_profile fortios_endpoint_* fortios_extender_controller_extender "
		"fortios_firewall_address fortios_firewall_address6 "
		"fortios_firewall_address6_template fortios_firewall_addrgrp "
		"fortios_firewall_addrgrp6 fortios_firewall_auth_portal "
		"fortios_firewall_central_snat_map fortios_firewall_dnstranslation "
		"fortios_firewall_identity_based_route fortios_firewall_interface_policy "
		"fortios_firewall_interface_policy6 fortios_firewall_internet_* "
		"fortios_firewall_ip_translation fortios_firewall_ipmacbinding_setting "
		"fortios_firewall_ipmacbinding_table fortios_firewall_ippool "
		"fortios_firewall_ippool6 fortios_firewall_ipv6_eh_filter "
		"fortios_firewall_ldb_monitor fortios_firewall_local_in_policy "
		"fortios_firewall_local_in_policy6 fortios_firewall_multicast_* "
		"fortios_firewall_policy fortios_firewall_policy46 fortios_firewall_policy6 "
		"fortios_firewall_policy64 fortios_firewall_profile_group "
		"fortios_firewall_profile_protocol_options fortios_firewall_proxy_* "
		"fortios_firewall_schedule_* fortios_firewall_service_* "
		"fortios_firewall_shaper_per_ip_shaper fortios_firewall_shaper_traffic_shaper "
		"fortios_firewall_shaping_policy fortios_firewall_shaping_profile "
		"fortios_firewall_sniffer fortios_firewall_ssh_* fortios_firewall_ssl_* "
		"fortios_firewall_ttl_policy fortios_firewall_vip fortios_firewall_vip46 "
		"fortios_firewall_vip6 fortios_firewall_vip64 fortios_firewall_vipgrp "
		"fortios_firewall_vipgrp46 fortios_firewall_vipgrp6 fortios_firewall_vipgrp64 "
		"fortios_firewall_wildcard_fqdn_custom fortios_firewall_wildcard_fqdn_group "
		"fortios_ftp_proxy_explicit fortios_icap_profile fortios_icap_server fortios_ips_* "
		"fortios_log_* fortios_report_* fortios_router_* fortios_spamfilter_* "
		"fortios_ssh_filter_profile fortios_switch_controller_custom_command "
		"fortios_switch_controller_global fortios_switch_controller_igmp_snooping "
		"fortios_switch_controller_lldp_profile fortios_switch_controller_lldp_settings "
		"fortios_switch_controller_mac_sync_settings "
		"fortios_switch_controller_managed_switch "
		"fortios_switch_controller_network_monitor_settings "
		"fortios_switch_controller_qos_* "
		"fortios_switch_controller_quarantine "
		"fortios_switch_controller_security_policy_captive_portal "
		"fortios_switch_controller_sflow fortios_switch_controller_storm_control "
		"fortios_switch_controller_stp_settings fortios_switch_controller_switch_* "
		"fortios_switch_controller_system fortios_switch_controller_virtual_port_pool "
		"fortios_switch_controller_vlan fortios_system_accprofile fortios_system_admin "
		"fortios_system_affinity_interrupt fortios_system_affinity_packet_redistribution "
		"fortios_system_alarm fortios_system_alias fortios_system_api_user "
		"fortios_system_arp_table fortios_system_auto_install fortios_system_auto_script "
		"fortios_system_automation_* fortios_system_autoupdate_* "
		"fortios_system_central_management fortios_system_cluster_sync "
		"fortios_system_console fortios_system_csf fortios_system_custom_language "
		"fortios_system_ddns fortios_system_dedicated_mgmt fortios_system_dhcp6_server "
		"fortios_system_dhcp_server fortios_system_dns fortios_system_dns_database "
		"fortios_system_dns_server fortios_system_dscp_based_priority "
		"fortios_system_email_server fortios_system_external_resource "
		"fortios_system_fips_cc fortios_system_fm fortios_system_fortiguard "
		"fortios_system_fortimanager fortios_system_fortisandbox "
		"fortios_system_fsso_polling fortios_system_ftm_push fortios_system_geoip_override "
		"fortios_system_global fortios_system_gre_tunnel fortios_system_ha "
		"fortios_system_ha_monitor fortios_system_interface fortios_system_ipip_tunnel "
		"fortios_system_ips_urlfilter_dns fortios_system_ips_urlfilter_dns6 "
		"fortios_system_ipv6_neighbor_cache fortios_system_ipv6_tunnel "
		"fortios_system_link_monitor fortios_system_mac_address_table "
		"fortios_system_management_tunnel fortios_system_mobile_tunnel "
		"fortios_system_nat64 "
		"fortios_system_nd_proxy fortios_system_netflow fortios_system_network_visibility "
		"fortios_system_ntp fortios_system_object_tagging fortios_system_password_policy "
		"fortios_system_password_policy_guest_admin fortios_system_pppoe_interface "
		"fortios_system_probe_response fortios_system_proxy_arp "
		"fortios_system_replacemsg_* "
		"fortios_system_resource_limits fortios_system_sdn_connector "
		"fortios_system_session_helper fortios_system_session_ttl fortios_system_settings "
		"fortios_system_sflow fortios_system_sit_tunnel fortios_system_sms_server "
		"fortios_system_snmp_* fortios_system_storage fortios_system_switch_interface "
		"fortios_system_tos_based_priority fortios_system_vdom fortios_system_vdom_* "
		"fortios_system_virtual_wan_link fortios_system_virtual_wire_pair "
		"fortios_system_vxlan fortios_system_wccp fortios_system_zone fortios_user_* "
		"fortios_voip_profile fortios_vpn_* fortios_waf_* fortios_wanopt_* fortios_web_* "
		"fortios_webfilter_* fortios_wireless_* " },
	{ "frr.frr", "frr_bgp frr_facts " },
	{ "gluster.gluster", "gluster_* " },
	{ "google.cloud",
		"gcp_appengine_firewall_rule gcp_appengine_firewall_rule_info gcp_bigquery_* "
		"gcp_cloudbuild_* gcp_cloudfunctions_cloud_function "
		"gcp_cloudfunctions_cloud_function_info gcp_cloudscheduler_job "
		"gcp_cloudscheduler_job_info gcp_cloudtasks_queue gcp_cloudtasks_queue_info "
		"gcp_compute_* gcp_container_* gcp_dns_* gcp_filestore_instance "
		"gcp_filestore_instance_info gcp_iam_* gcp_kms_* gcp_logging_metric "
		"gcp_logging_metric_info gcp_mlengine_* gcp_pubsub_* gcp_redis_* "
		"gcp_resourcemanager_* gcp_runtimeconfig_* gcp_serviceusage_service "
		"gcp_serviceusage_service_info gcp_sourcerepo_* gcp_spanner_* gcp_sql_* "
		"gcp_storage_* gcp_tpu_* " },
	{ "grafana.grafana", "" },
	{ "hetzner.hcloud", "hcloud_* " },
	{ "hpe.nimble", "" },
	{ "ibm.qradar", "" },
	{ "ibm.spectrum_virtualize", "" },
	{ "infinidat.infinibox", "infini_* " },
	{ "infoblox.nios_modules", "" },
	{ "inspur.ispim", "" },
	{ "inspur.sm", "" },
	{ "junipernetworks.junos",
		"junos_acl_interfaces junos_acls junos_banner junos_command junos_config "
		"junos_facts junos_interfaces junos_l2_interfaces junos_l3_interfaces junos_lacp "
		"junos_lacp_interfaces junos_lag_interfaces junos_lldp_global "
		"junos_lldp_interfaces "
		"junos_logging junos_netconf junos_ospfv2 junos_package junos_ping junos_rpc "
		"junos_scp junos_static_routes junos_system junos_user junos_vlans junos_vrf " },
	{ "kubernetes.core", "k8s k8s_auth k8s_info k8s_scale k8s_service " },
	{ "lowlydba.sqlserver", "" },
	{ "mellanox.onyx", "onyx_* " },
	{ "microsoft.ad", "" },
	{ "netapp.aws", "aws_netapp_* " },
	{ "netapp.azure", "" },
	{ "netapp.cloudmanager", "" },
	{ "netapp.elementsw", "na_elementsw_* " },
	{ "netapp.ontap",
		"na_ontap_aggregate na_ontap_autosupport na_ontap_broadcast_domain "
		"na_ontap_broadcast_domain_ports na_ontap_cg_snapshot na_ontap_cifs "
		"na_ontap_cifs_acl na_ontap_cifs_server na_ontap_cluster na_ontap_cluster_ha "
		"na_ontap_cluster_peer na_ontap_command na_ontap_disks na_ontap_dns "
		"na_ontap_export_policy na_ontap_export_policy_rule na_ontap_fcp "
		"na_ontap_firewall_policy na_ontap_firmware_upgrade na_ontap_flexcache "
		"na_ontap_igroup na_ontap_igroup_initiator na_ontap_info na_ontap_interface "
		"na_ontap_ipspace na_ontap_iscsi na_ontap_job_schedule na_ontap_kerberos_realm "
		"na_ontap_ldap na_ontap_ldap_client na_ontap_license na_ontap_lun "
		"na_ontap_lun_copy "
		"na_ontap_lun_map na_ontap_motd na_ontap_ndmp na_ontap_net_* na_ontap_nfs "
		"na_ontap_node na_ontap_ntp na_ontap_nvme na_ontap_nvme_namespace "
		"na_ontap_nvme_subsystem na_ontap_object_store na_ontap_ports na_ontap_portset "
		"na_ontap_qos_adaptive_policy_group na_ontap_qos_policy_group na_ontap_qtree "
		"na_ontap_quotas na_ontap_security_key_manager na_ontap_service_processor_network "
		"na_ontap_snapmirror na_ontap_snapshot na_ontap_snapshot_policy na_ontap_snmp "
		"na_ontap_software_update na_ontap_svm na_ontap_svm_options na_ontap_ucadapter "
		"na_ontap_unix_group na_ontap_unix_user na_ontap_user na_ontap_user_role "
		"na_ontap_volume na_ontap_volume_autosize na_ontap_volume_clone na_ontap_vscan "
		"na_ontap_vscan_* na_ontap_vserver_cifs_security na_ontap_vserver_peer " },
	{ "netapp.storagegrid", "" },
	{ "netapp.um_info", "" },
	{ "netapp_eseries.santricity", "netapp_* " },
	{ "netbox.netbox", "netbox_device netbox_ip_address netbox_prefix netbox_site " },
	{ "ngine_io.cloudstack", "cs_* " },
	{ "ngine_io.exoscale", "exo_dns_domain exo_dns_record " },
	{ "ngine_io.vultr", "vr_* vultr_* " },
	{ "openstack.cloud", "os_* " },
	{ "openvswitch.openvswitch", "openvswitch_* " },
	{ "ovirt.ovirt",
		"ovirt_affinity_group ovirt_affinity_label ovirt_affinity_label_info "
		"ovirt_api_info "
		"ovirt_auth ovirt_cluster ovirt_cluster_info ovirt_datacenter "
		"ovirt_datacenter_info "
		"ovirt_disk ovirt_disk_info ovirt_event ovirt_event_info ovirt_external_provider "
		"ovirt_external_provider_info ovirt_group ovirt_group_info ovirt_host "
		"ovirt_host_info ovirt_host_network ovirt_host_pm ovirt_host_storage_info "
		"ovirt_instance_type ovirt_job ovirt_mac_pool ovirt_network ovirt_network_info "
		"ovirt_nic ovirt_nic_info ovirt_permission ovirt_permission_info ovirt_quota "
		"ovirt_quota_info ovirt_role ovirt_scheduling_policy_info ovirt_snapshot "
		"ovirt_snapshot_info ovirt_storage_connection ovirt_storage_domain "
		"ovirt_storage_domain_info ovirt_storage_template_info ovirt_storage_vm_info "
		"ovirt_tag ovirt_tag_info ovirt_template ovirt_template_info ovirt_user "
		"ovirt_user_info ovirt_vm ovirt_vm_info ovirt_vmpool ovirt_vmpool_info "
		"ovirt_vnic_profile ovirt_vnic_profile_info " },
	{ "purestorage.flasharray",
		"purefa_alert purefa_arrayname purefa_banner purefa_connect purefa_dns purefa_ds "
		"purefa_dsrole purefa_hg purefa_host purefa_info purefa_ntp purefa_offload "
		"purefa_pg purefa_pgsnap purefa_phonehome purefa_ra purefa_smtp purefa_snap "
		"purefa_snmp purefa_syslog purefa_user purefa_vg purefa_volume " },
	{ "purestorage.flashblade",
		"purefb_bucket purefb_ds purefb_dsrole purefb_fs purefb_info purefb_network "
		"purefb_ra purefb_s3acc purefb_s3user purefb_smtp purefb_snap purefb_subnet " },
	{ "purestorage.fusion", "" },
	{ "sensu.sensu_go", "" },
	{ "splunk.es", "" },
	{ "t_systems_mms.icinga_director", "" },
	{ "theforeman.foreman", "" },
	{ "vmware.vmware_rest", "" },
	{ "vultr.cloud", "" },
	{ "vyos.vyos",
		"vyos_banner vyos_command vyos_config vyos_facts vyos_firewall_* vyos_interfaces "
		"vyos_l3_interfaces vyos_lag_interfaces vyos_lldp_global vyos_lldp_interfaces "
		"vyos_logging vyos_ospfv2 vyos_ping vyos_static_routes vyos_system vyos_user "
		"vyos_vlan " },
	{ "wti.remote", "cpm_* " },
};

/* Is `name` among "a b_* c "? */
static bool
is_among(const char *names, const char *name)
{
	struct view rest = view_of(names), one;

	while (rest.length && view_cut(&rest, ' ', &one)) {
		if (view_ends(one, "*")) {
			one.length--;
			if (strlen(name) > one.length && !strncmp(name, one.data, one.length))
				return true;
		} else if (view_is(one, name)) {
			return true;
		}
	}
	return false;
}

static const char *
collection_of_full_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t length = strlen(rows[i].collection);

		if (strncmp(name, rows[i].collection, length) || name[length] != '.')
			continue;
		/* All of ansible.builtin's modules are listed. */
		if (strcmp(rows[i].collection, "ansible.builtin") != 0 ||
			is_among(rows[i].names, name + length + 1))
			return rows[i].collection;
	}
	return NULL;
}

const char *
foreign_collection(const char *name)
{
	if (text_starts(name, "ansible.legacy."))
		name += strlen("ansible.legacy.");
	if (strchr(name, '.'))
		return collection_of_full_name(name);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (is_among(rows[i].names, name))
			return rows[i].collection;
	return NULL;
}
