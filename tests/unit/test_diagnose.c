/* Why a host of AWS is not reached: a table of worlds and the sentences they give. */
#include <setjmp.h>
#include <stdarg.h>

#include "inventory/reach/cidr.h"
#include "inventory/reach/diagnose.h"
#include "json/json.h"
#include "yaml/yaml.h"

#include <cmocka.h> /* last: its fail() is not ours */

static struct arena arena;

static const struct value *
yaml(const char *text)
{
	const struct yaml_options options = { .templates = true };
	const struct value *out;
	struct error err;

	if (!yaml_load(&arena, view_of(text), "test", &options, &out, &err))
		fail_msg("%s: %s %s", text, err.what, err.why);
	return out;
}

#define GROUP(id, rules) "{group_id: " id ", ip_permissions: [" rules "], ip_permissions_egress: [" ALL_OUT "]}"
#define ALL_OUT "{ip_protocol: '-1', ip_ranges: [{cidr_ip: 0.0.0.0/0}]}"
#define TCP(from, to, who) "{ip_protocol: tcp, from_port: " #from ", to_port: " #to ", " who "}"
#define NETWORK(text) "ip_ranges: [{cidr_ip: " text "}]"
#define FROM_GROUP(id) "user_id_group_pairs: [{group_id: " id "}]"
#define WORLD NETWORK("0.0.0.0/0")
#define TARGET(more) "{instance_id: i-t, vpc_id: v1, subnet_id: s1, private_ip_address: 10.0.1.5, state: {name: running}, " more "}"
#define BASTION(more) \
	"{instance_id: i-b, vpc_id: v1, subnet_id: s2, private_ip_address: 10.0.2.9, public_ip_address: 1.1.1.1, " more "}"
#define SG(id) "security_groups: [{group_id: " id "}]"
#define TABLE(id, subnet, route) "{route_table_id: " id ", vpc_id: v1, associations: [{subnet_id: " subnet "}], routes: [{destination_cidr_block: 10.0.0.0/16, gateway_id: local}" route "]}"
#define ACL(id, subnet, entries) "{network_acl_id: " id ", vpc_id: v1, associations: [{subnet_id: " subnet "}], entries: [" entries "]}"
#define RULE(number, action, egress, more) "{rule_number: " #number ", rule_action: " action ", egress: " egress ", " more "}"

static const struct diagnosis_case {
	const char *target, *bastion, *us, *groups, *tables, *acls, *statuses, *wanted;
} cases[] = {
	/* States come first, and alone. */
	{ "{instance_id: i-1, state: {name: stopped}}", NULL, NULL, NULL, NULL, NULL, NULL, "[\"the instance i-1 (web-1) is stopped\"]" },
	{ "{instance_id: web-1, state: {name: pending}}", NULL, NULL, NULL, NULL, NULL, NULL, "[\"the instance web-1 is still starting\"]" },
	{ TARGET("x: 1"), BASTION("state: {name: stopped}"), NULL, NULL, NULL, NULL, NULL,
		"[\"the instance i-b (the bastion jump) is stopped\"]" },
	/* No road at all. */
	{ TARGET("x: 1"), NULL, NULL, NULL, NULL, NULL, NULL, "[\"web-1 has no public address, and no bastion is named\"]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, NULL, NULL, NULL, "[]" },
	{ TARGET("ipv6_address: '2001:db8::1'"), NULL, NULL, NULL, NULL, NULL, NULL, "[]" },
	/* Groups, from outside. */
	{ TARGET("public_ip_address: 1.2.3.4, " SG("sg-3")), NULL, "203.0.113.9", GROUP("sg-3", TCP(22, 22, NETWORK("198.51.100.0/24"))), NULL, NULL, NULL,
		"[\"your public address 203.0.113.9 is not in 198.51.100.0/24 of sg-3\"]" },
	{ TARGET("public_ip_address: 1.2.3.4, " SG("sg-3")), NULL, "198.51.100.77", GROUP("sg-3", TCP(22, 22, NETWORK("198.51.100.0/24"))), NULL, NULL, NULL, "[]" },
	{ TARGET("public_ip_address: 1.2.3.4, " SG("sg-3")), NULL, NULL, GROUP("sg-3", TCP(0, 1024, NETWORK("198.51.100.0/24"))), NULL, NULL, NULL,
		"[\"sg-3 of web-1 admits port 22 only from 198.51.100.0/24: is your public address one of these?\"]" },
	{ TARGET("public_ip_address: 1.2.3.4, " SG("sg-3")), NULL, NULL, GROUP("sg-3", TCP(20, 30, WORLD)), NULL, NULL, NULL, "[]" },
	{ TARGET("public_ip_address: 1.2.3.4, " SG("sg-3")), NULL, "203.0.113.9", GROUP("sg-3", TCP(80, 80, WORLD)), NULL, NULL, NULL,
		"[\"no security group of web-1 admits port 22 from anywhere (sg-3)\"]" },
	{ TARGET("public_ip_address: 1.2.3.4, security_groups: [{group_id: sg-3}, {group_id: sg-4}]"), NULL, "203.0.113.9",
		GROUP("sg-3", TCP(80, 80, WORLD)) ", " GROUP("sg-4", "{ip_protocol: '-1', " FROM_GROUP("sg-9") ", " NETWORK("10.0.0.0/8") "}"), NULL, NULL, NULL,
		"[\"sg-4 of web-1 admits port 22 only from 10.0.0.0/8 and sg-9; your public address is 203.0.113.9\"]" },
	/* A group that is not known, or a list that cannot be looked into, may admit us. */
	{ TARGET("public_ip_address: 1.2.3.4, security_groups: [{group_id: sg-3}, {group_id: sg-none}]"), NULL, "203.0.113.9", GROUP("sg-3", ""), NULL, NULL, NULL, "[]" },
	{ TARGET("public_ip_address: 1.2.3.4, " SG("sg-3")), NULL, "203.0.113.9", GROUP("sg-3", TCP(22, 22, "prefix_list_ids: [{prefix_list_id: pl-1}]")), NULL, NULL, NULL, "[]" },
	{ TARGET("ipv6_address: '2001:db8::1', " SG("sg-3")), NULL, "2001:db8:1::5", GROUP("sg-3", TCP(22, 22, "ipv6_ranges: [{cidr_ipv6: '2001:db8:1::/48'}]")), NULL, NULL, NULL, "[]" },
	/* Groups, behind a bastion. */
	{ TARGET(SG("sg-1")), BASTION(SG("sg-7")), NULL, GROUP("sg-1", TCP(22, 22, FROM_GROUP("sg-9"))) ", " GROUP("sg-7", TCP(22, 22, WORLD)), NULL, NULL, NULL,
		"[\"sg-1 of web-1 admits port 22 only from sg-9; the bastion jump is in sg-7 (10.0.2.9)\"]" },
	{ TARGET(SG("sg-1")), BASTION(SG("sg-7")), NULL, GROUP("sg-1", TCP(22, 22, FROM_GROUP("sg-7"))) ", " GROUP("sg-7", TCP(22, 22, WORLD)), NULL, NULL, NULL, "[]" },
	{ TARGET(SG("sg-1")), BASTION(SG("sg-7")), NULL, GROUP("sg-1", TCP(22, 22, NETWORK("10.0.2.0/24"))) ", " GROUP("sg-7", TCP(22, 22, WORLD)), NULL, NULL, NULL, "[]" },
	{ TARGET(SG("sg-1")), BASTION(SG("sg-7")), "203.0.113.9",
		GROUP("sg-1", TCP(22, 22, FROM_GROUP("sg-7"))) ", " GROUP("sg-7", TCP(22, 22, NETWORK("192.0.2.0/24"))), NULL, NULL, NULL,
		"[\"your public address 203.0.113.9 is not in 192.0.2.0/24 of sg-7\"]" },
	{ TARGET(SG("sg-1")), BASTION(SG("sg-7")), NULL,
		GROUP("sg-1", TCP(22, 22, FROM_GROUP("sg-7"))) ", {group_id: sg-7, ip_permissions: [" TCP(22, 22, WORLD) "], ip_permissions_egress: [" TCP(443, 443, WORLD) "]}", NULL, NULL, NULL,
		"[\"sg-7 of the bastion jump lets nothing out to 10.0.1.5 port 22\"]" },
	{ TARGET(SG("sg-1")), "{vpc_id: v1, private_ip_address: 10.0.2.9, " SG("sg-7") "}", NULL, NULL, NULL, NULL, NULL, "[\"the bastion jump has no public address\"]" },
	/* Routes. */
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, TABLE("rtb-1", "s1", ""), NULL, NULL,
		"[\"route table rtb-1 of s1 has no route to an internet gateway, which web-1 needs\"]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, TABLE("rtb-1", "s1", ", {destination_cidr_block: 0.0.0.0/0, gateway_id: igw-1}"), NULL, NULL, "[]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, TABLE("rtb-1", "s1", ", {destination_cidr_block: 0.0.0.0/0, nat_gateway_id: nat-1}"), NULL, NULL,
		"[\"route table rtb-1 of s1 sends answers to nat-1, not to an internet gateway\"]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, TABLE("rtb-1", "s1", ", {destination_cidr_block: 0.0.0.0/0, gateway_id: igw-1, state: blackhole}"), NULL, NULL,
		"[\"route table rtb-1 of s1 leads to igw-1, which is not there any more\"]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, "203.0.113.9", NULL,
		TABLE("rtb-1", "s1", ", {destination_cidr_block: 0.0.0.0/0, gateway_id: igw-1}, {destination_cidr_block: 203.0.113.0/24, instance_id: i-vpn}"), NULL, NULL,
		"[\"route table rtb-1 of s1 sends answers to i-vpn, not to an internet gateway\"]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, "{route_table_id: rtb-m, vpc_id: v1, associations: [{main: true}], routes: []}", NULL, NULL,
		"[\"route table rtb-m of s1 has no route to an internet gateway, which web-1 needs\"]" },
	{ "{vpc_id: v2, private_ip_address: 10.9.0.1}", BASTION("x: 1"), NULL, NULL,
		TABLE("rtb-2", "s2", ", {destination_cidr_block: 0.0.0.0/0, gateway_id: igw-1}"), NULL, NULL,
		"[\"the bastion jump is in v1, web-1 in v2, and route table rtb-2 has no way from one to the other\"]" },
	{ "{vpc_id: v2, private_ip_address: 10.9.0.1}", BASTION("x: 1"), NULL, NULL,
		TABLE("rtb-2", "s2", ", {destination_cidr_block: 0.0.0.0/0, gateway_id: igw-1}, {destination_cidr_block: 10.9.0.0/16, vpc_peering_connection_id: pcx-1}"), NULL, NULL, "[]" },
	/* Network ACLs. */
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, "203.0.113.9", NULL, NULL,
		ACL("acl-1", "s1", RULE(100, "deny", "false", "protocol: '6', cidr_block: 203.0.113.0/24, port_range: {from: 22, to: 22}") ", "
			RULE(200, "allow", "false", "protocol: '-1', cidr_block: 0.0.0.0/0") ", " RULE(100, "allow", "true", "protocol: '-1', cidr_block: 0.0.0.0/0")), NULL,
		"[\"network ACL acl-1 of s1 denies port 22 from 203.0.113.9 (rule 100)\"]" },
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, NULL,
		ACL("acl-1", "s1", RULE(100, "allow", "false", "protocol: '6', cidr_block: 0.0.0.0/0, port_range: {from: 0, to: 1024}") ", "
			RULE(100, "allow", "true", "protocol: '6', cidr_block: 0.0.0.0/0, port_range: {from: 443, to: 443}") ", "
			RULE(32767, "deny", "true", "protocol: '-1', cidr_block: 0.0.0.0/0")), NULL,
		"[\"network ACL acl-1 of s1 lets no answers out to the world (ports from 32768 on; no rule allows it)\"]" },
	{ TARGET("x: 1"), BASTION("x: 1"), NULL, NULL, NULL,
		ACL("acl-1", "s1", RULE(100, "allow", "false", "protocol: '-1', cidr_block: 0.0.0.0/0") ", " RULE(100, "allow", "true", "protocol: '-1', cidr_block: 0.0.0.0/0")) ", "
		ACL("acl-2", "s2", RULE(100, "allow", "false", "protocol: '-1', cidr_block: 0.0.0.0/0") ", "
			RULE(90, "deny", "true", "protocol: '6', cidr_block: 10.0.1.0/24, port_range: {from: 22, to: 22}") ", " RULE(100, "allow", "true", "protocol: '-1', cidr_block: 0.0.0.0/0")), NULL,
		"[\"network ACL acl-2 of s2 denies port 22 to 10.0.1.5 (rule 90)\"]" },
	{ TARGET("subnet_id: s2"), BASTION("x: 1"), NULL, NULL, NULL, ACL("acl-2", "s2", ""), NULL,
		"[\"network ACL acl-2 of s2 denies port 22 from the world (no rule allows it)\", \"network ACL acl-2 of s2 lets no answers out to the world (ports from 32768 on; no rule allows it)\"]" },
	/* Status checks. */
	{ TARGET("public_ip_address: 1.2.3.4"), NULL, NULL, NULL, NULL, NULL,
		"{instance_id: i-x}, {instance_id: i-t, system_status: {status: impaired}, instance_status: {status: initializing}}",
		"[\"the system status check of web-1 is impaired\", \"the instance status check of web-1 is still initializing: it has just started\"]" },
};

static const struct value *
list(const char *items)
{
	return items ? yaml(arena_format(&arena, "[%s]", items)) : NULL;
}

static const char *
json(const struct value *value)
{
	_cleanup_str_ struct str text = STR_INIT;

	json_add(value, &(struct json_style){ .sort_keys = true }, &text);
	return arena_bytes(&arena, text.data, text.length);
}

static void
test_diagnose(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct diagnose_world world = { list(cases[i].groups), list(cases[i].tables),
			list(cases[i].acls), list(cases[i].statuses) };
		const struct diagnose_ask ask = { .name = "web-1",
			.target = yaml(cases[i].target),
			.bastion_name = "jump",
			.bastion = cases[i].bastion ? yaml(cases[i].bastion) : NULL,
			.our_address = cases[i].us };
		struct value *out = value_list(&arena);

		diagnose(&world, &ask, &arena, out);
		if (strcmp(json(out), cases[i].wanted) != 0)
			fail_msg("case %zu: %s, not %s", i, json(out), cases[i].wanted);
	}
}

static void
test_ports(void **state)
{
	const struct diagnose_world world = { .security_groups = list(
		GROUP("sg-1", TCP(80, 80, WORLD)) ", " GROUP("sg-2", TCP(443, 443, FROM_GROUP("sg-lb")))) };
	const struct diagnose_need needs[] = { { "tcp", 80, "the role nginx_rtmp (HTTP)" },
		{ "tcp", 443, "the role nginx_rtmp (HTTPS)" }, { "tcp", 1935, "the role nginx_rtmp (RTMP)" },
		{ "udp", 80, "the play" } };
	struct value *out = value_list(&arena);

	(void)state;
	diagnose_ports(&world, "web-1", yaml("{security_groups: [{group_id: sg-1}, {group_id: sg-2}]}"), needs,
		ARRAY_SIZE(needs), &arena, out);
	assert_string_equal(json(out),
		"[\"sg-1 and sg-2 of web-1 do not admit tcp port 1935, which the role nginx_rtmp (RTMP) needs\","
		" \"sg-1 and sg-2 of web-1 do not admit udp port 80, which the play needs\"]");
	out = value_list(&arena);
	diagnose_ports(&world, "web-1", yaml("{security_groups: [{group_id: sg-9}]}"), needs, ARRAY_SIZE(needs), &arena, out);
	assert_string_equal(json(out), "[]");
}

static const struct {
	const char *network, *address;
	bool has;
} networks[] = {
	{ "10.0.0.0/16", "10.0.255.1", true }, { "10.0.0.0/16", "10.1.0.1", false }, { "10.0.0.1", "10.0.0.1", true },
	{ "10.0.0.0/0", "8.8.8.8", true }, { "10.0.0.128/25", "10.0.0.127", false }, { "10.0.0.128/25", "10.0.0.128", true },
	{ "10.0.0.0/33", "10.0.0.1", false }, { "10.0.0.0/x", "10.0.0.1", false }, { "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false }, { "::/0", "1.2.3.4", false }, { "", "1.2.3.4", false },
	{ "1.2.3.4/32", "", false }, { "10.0.0.0/32", "10.0.0.0", true },
};

static void
test_cidr(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		if (cidr_has(networks[i].network, networks[i].address) != networks[i].has)
			fail_msg("%s in %s", networks[i].address, networks[i].network);
	assert_true(cidr_is_world("0.0.0.0/0") && cidr_is_world("::/0"));
	assert_false(cidr_is_world("0.0.0.0") || cidr_is_world("10.0.0.0/8") || cidr_is_world(NULL));
	assert_false(cidr_has(NULL, "1.2.3.4") || cidr_has("1.2.3.4", NULL));
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diagnose),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_cidr),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
