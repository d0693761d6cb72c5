/* How hosts of a cloud are reached: a table of fleets, options, and the variables that follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "inventory/reach/match.h"
#include "inventory/reach/reach.h"
#include "json/json.h"
#include "os/files.h"
#include "yaml/yaml.h"

#include <cmocka.h> /* last: its fail() is not ours */

#define ED "AAAAC3NzaC1lZDI1NTE5AAAAIJk0rPN2e6RDKqkD3o1G8xv2pYsfVb4oXq1Hh2Y0c7aB"
#define ED2 "AAAAC3NzaC1lZDI1NTE5AAAAIBBBBPN2e6RDKqkD3o1G8xv2pYsfVb4oXq1Hh2Y0c7aB"

static char directory[] = "/tmp/ertc-reach-XXXXXX";
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

static const char *
json(const struct value *value)
{
	_cleanup_str_ struct str text = STR_INIT;

	json_add(value, &(struct json_style){ .sort_keys = true }, &text);
	return arena_bytes(&arena, text.data, text.length);
}

/* "@" stands for the folder of the test. */
static const char *
in_place(const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (; *text; text++)
		if (*text == '@' && text[1] == '/')
			str_add(&out, directory);
		else
			str_add_char(&out, *text);
	return arena_bytes(&arena, out.data, out.length);
}

static struct reach *
reach_of(const char *config, const char *hosts, const struct reach_place *place)
{
	const struct value *fleet = yaml(hosts);
	struct reach *reach;
	struct error err;

	if (!reach_new(&arena, yaml(config), place, &reach, &err))
		fail_msg("%s: %s", config, err.what);
	VALUE_PAIRS (pair, fleet) {
		const struct reach_given given = { .name = value_string(pair->key),
			.facts = pair->value,
			.set = value_get(pair->value, "set"),
			.groups = value_get(pair->value, "groups"),
			.console = value_string(value_get(pair->value, "console")) };

		reach_add(reach, &given);
	}
	if (!reach_settle(reach, &err))
		fail_msg("%s %s", err.what, err.why);
	return reach;
}

/* One host, `h`; what is assumed for it. */
static const struct one {
	const char *config, *facts, *wanted;
} ones[] = {
	/* addresses */
	{ "reach: true", "{public_dns_name: p.aws, public_ip_address: 1.2.3.4, private_ip_address: 10.0.0.1}",
		"{\"ansible_host\": \"p.aws\"}" },
	{ "reach: true", "{public_dns_name: '', public_ip_address: 1.2.3.4, private_ip_address: 10.0.0.1}",
		"{\"ansible_host\": \"1.2.3.4\"}" },
	{ "reach: true", "{private_ip_address: 10.0.0.1, private_dns_name: ip-10.ec2.internal}",
		"{\"ansible_host\": \"10.0.0.1\"}" },
	{ "addresses: [private_dns, ipv6]", "{private_ip_address: 10.0.0.1, private_dns_name: ip-10.ec2.internal}",
		"{\"ansible_host\": \"ip-10.ec2.internal\"}" },
	{ "addresses: [ipv6]", "{network_interfaces: [{ipv6_addresses: []}, {ipv6_addresses: [{ipv6_address: '2001:db8::7'}]}]}",
		"{\"ansible_host\": \"2001:db8::7\"}" },
	{ "addresses: [public_ip]", "{private_ip_address: 10.0.0.1}", "{}" },
	{ "{reach: true, addresses: false}", "{public_ip_address: 1.2.3.4}", "{}" },
	{ "reach: true", "{public_ip_address: '-oProxyCommand=id'}", "{}" },
	{ "reach: true", "{public_ip_address: '1.2.3.4; id'}", "{}" },
	/* what the user has set stays */
	{ "reach: true", "{public_ip_address: 1.2.3.4, image: {name: ubuntu/images/x}, set: {ansible_host: x, ansible_user: me}}", "{}" },
	{ "reach: true", "{public_ip_address: 1.2.3.4, image: {name: ubuntu/images/x}, set: {ansible_ssh_user: '{{ u }}'}}",
		"{\"ansible_host\": \"1.2.3.4\"}" },
	/* users by image */
	{ "addresses: false", "{image: {name: ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-1}}", "{\"ansible_user\": \"ubuntu\"}" },
	{ "addresses: false", "{image: {name: al2023-ami-2023.1-x86_64}}", "{\"ansible_user\": \"ec2-user\"}" },
	{ "addresses: false", "{image: {name: amzn2-ami-ecs-hvm-2.0}}", "{\"ansible_user\": \"ec2-user\"}" },
	{ "addresses: false", "{image: {name: debian-12-amd64-20240101}}", "{\"ansible_user\": \"admin\"}" },
	{ "addresses: false", "{image: {name: RHEL-9.3.0_HVM}}", "{\"ansible_user\": \"ec2-user\"}" },
	{ "addresses: false", "{image: {name: CentOS Linux 7 x86_64}}", "{\"ansible_user\": \"centos\"}" },
	{ "addresses: false", "{image: {name: CentOS Stream 9 x86_64}}", "{\"ansible_user\": \"ec2-user\"}" },
	{ "addresses: false", "{image: {name: Rocky-9-EC2-Base}}", "{\"ansible_user\": \"rocky\"}" },
	{ "addresses: false", "{image: {name: Fedora-Cloud-Base-39}}", "{\"ansible_user\": \"fedora\"}" },
	{ "addresses: false", "{image: {name: fedora-coreos-39}}", "{\"ansible_user\": \"core\"}" },
	{ "addresses: false", "{image: {name: company-base, owner_id: '136693071363'}}", "{\"ansible_user\": \"admin\"}" },
	{ "addresses: false", "{image: {name: company-base}, platform_details: Red Hat Enterprise Linux}", "{\"ansible_user\": \"ec2-user\"}" },
	{ "addresses: false", "{image: {name: company-base}, platform_details: Linux/UNIX}", "{}" },
	{ "addresses: false", "{image: {name: ubuntu-x}, platform: windows}", "{}" },
	{ "{addresses: false, users: false}", "{image: {name: ubuntu-x}}", "{}" },
	/* users by the file */
	{ "{addresses: false, users: {'tag:Os=deb*': admin, default: root}}", "{tags: {Os: debian}, image: {name: ubuntu-x}}", "{\"ansible_user\": \"admin\"}" },
	{ "{addresses: false, users: {'tag:Os=deb*': admin, default: root}}", "{tags: {Os: x}, image: {name: ubuntu-x}}", "{\"ansible_user\": \"ubuntu\"}" },
	{ "{addresses: false, users: {default: root}}", "{}", "{\"ansible_user\": \"root\"}" },
	{ "{addresses: false, users: {'group:web': www}}", "{groups: [db, web]}", "{\"ansible_user\": \"www\"}" },
	{ "{addresses: false, users: {ami-12*: a, 'owner:123': b}}", "{image_id: ami-99, image: {owner_id: '123'}}", "{\"ansible_user\": \"b\"}" },
	/* keys */
	{ "{addresses: false}", "{key_name: acct, owner_id: '111'}", "{\"ansible_ssh_private_key_file\": \"@/.secrets/111/acct.pem\"}" },
	{ "{addresses: false}", "{key_name: acct, account_alias: prod}", "{\"ansible_ssh_private_key_file\": \"@/.secrets/prod/acct.pem\"}" },
	{ "{addresses: false}", "{key_name: near}", "{\"ansible_ssh_private_key_file\": \"@/keys/near.pem\"}" },
	{ "{addresses: false}", "{key_name: home}", "{\"ansible_ssh_private_key_file\": \"@/home/.ssh/home\"}" },
	{ "{addresses: false}", "{key_name: homepem}", "{\"ansible_ssh_private_key_file\": \"@/home/.ssh/homepem.pem\"}" },
	{ "{addresses: false}", "{key_name: inagent}", "{\"ansible_ssh_private_key_file\": \"@/keys/inagent.pem\"}" },
	{ "{addresses: false, key_files: 'keys/near.pem'}", "{key_name: other}", "{\"ansible_ssh_private_key_file\": \"@/keys/near.pem\"}" },
	{ "{addresses: false, key_files: [none/here, '~/.ssh/{key}']}", "{key_name: home}", "{\"ansible_ssh_private_key_file\": \"@/home/.ssh/home\"}" },
	{ "{addresses: false, key_files: {o*: keys/near.pem}}", "{key_name: other}", "{\"ansible_ssh_private_key_file\": \"@/keys/near.pem\"}" },
	{ "{addresses: false, key_files: {x: keys/near.pem}}", "{key_name: home}", "{\"ansible_ssh_private_key_file\": \"@/home/.ssh/home\"}" },
	{ "{addresses: false, key_files: false}", "{key_name: home}", "{}" },
	{ "{addresses: false}", "{key_name: none}", "{}" },
	{ "{addresses: false}", "{key_name: open}", "{}" },
	{ "{addresses: false}", "{key_name: ../keys/near}", "{}" },
	{ "{addresses: false}", "{key_name: near, set: {ansible_private_key_file: x}}", "{}" },
	/* host keys */
	{ "{addresses: false, ssh_host_keys: tag:Key}", "{instance_id: i-1, tags: {Key: ssh-ed25519 " ED " root@x}}",
		"{\"ansible_ssh_common_args\": \"-o HostKeyAlias=i-1 -o UserKnownHostsFile=@/known -o StrictHostKeyChecking=yes\"}" },
	{ "{addresses: false, ssh_host_keys: tag:Key}", "{instance_id: i-1, tags: {Key: ssh-ed25519 AAAA}}", "{}" },
	{ "{addresses: false, ssh_host_keys: tag:Key}", "{instance_id: i-1, tags: {Key: ssh-rsa " ED "}}", "{}" },
	{ "{addresses: false, ssh_host_keys: [tag:Key, console]}", "{instance_id: i-1, console: \"x\\r\\n-----BEGIN SSH HOST KEY KEYS-----\\r\\n[ 1.0] cloud-init: ssh-ed25519 " ED " r\\r\\n-----END SSH HOST KEY KEYS-----\\r\\n\"}",
		"{\"ansible_ssh_common_args\": \"-o HostKeyAlias=i-1 -o UserKnownHostsFile=@/known -o StrictHostKeyChecking=yes\"}" },
	{ "{addresses: false, ssh_host_keys: console}", "{instance_id: i-1, console: \"ssh-ed25519 " ED "\"}", "{}" },
	{ "{addresses: false, ssh_host_keys: console}", "{instance_id: i-1, console: \"-----BEGIN SSH HOST KEY KEYS-----\\nssh-ed25519 " ED "\"}", "{}" },
	{ "{addresses: false, ssh_host_keys: tag:Key}", "{instance_id: i-1, set: {ansible_ssh_common_args: -A}, tags: {Key: ssh-ed25519 " ED "}}", "{}" },
};

static void
test_one(void **state)
{
	const char *home = in_place("@/home"), *known = in_place("@/known");
	const struct reach_place place = { directory, home, known };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ones); i++) {
		const char *fleet = arena_format(&arena, "{h: %s}", ones[i].facts);
		struct reach *reach;
		const char *got;

		(void)unlink(known); /* what is pinned stays */
		reach = reach_of(ones[i].config, fleet, &place);
		got = json(reach_vars(reach, "h"));
		if (strcmp(got, in_place(ones[i].wanted)) != 0)
			fail_msg("%s with %s: %s, not %s", ones[i].config, ones[i].facts, got,
				in_place(ones[i].wanted));
		reach_free(reach);
	}
}

/* ---- bastions ---- */

#define JUMP "bastion: tag:Role=bastion"

static const struct fleet {
	const char *config, *hosts, *wanted, *notes;
} fleets[] = {
	/* The bastion has its public address, the others theirs behind it. */
	{ JUMP,
		"b: {vpc_id: v1, instance_id: i-b, state: {name: running}, tags: {Role: bastion}, public_ip_address: 1.1.1.1,"
		" private_ip_address: 10.0.0.1, image: {name: ubuntu-x}, key_name: near}\n"
		"w: {vpc_id: v1, private_ip_address: 10.0.0.2, image: {name: debian-12}}\n"
		"p: {vpc_id: v1, public_ip_address: 1.1.1.2, private_ip_address: 10.0.0.3}\n",
		"{\"b\": {\"ansible_host\": \"1.1.1.1\", \"ansible_ssh_private_key_file\": \"@/keys/near.pem\", \"ansible_user\": \"ubuntu\"},"
		" \"p\": {\"ansible_host\": \"1.1.1.2\"},"
		" \"w\": {\"ansible_host\": \"10.0.0.2\", \"ansible_ssh_common_args\": \"-o ProxyCommand=\\\"ssh -W %h:%p"
		" -o IdentityFile=@/keys/near.pem -o IdentitiesOnly=yes ubuntu@1.1.1.1\\\"\", \"ansible_user\": \"admin\"}}",
		"[]" },
	/* What group_vars say of the bastion is reckoned with; a private address wanted by the file goes through it. */
	{ JUMP "\naddresses: [private_ip]",
		"b: {vpc_id: v1, tags: {Role: bastion}, public_ip_address: 1.1.1.1, private_ip_address: 10.0.0.1,"
		" set: {ansible_user: jump, ansible_port: 2222, ansible_ssh_private_key_file: /k/a b.pem}}\n"
		"w: {vpc_id: v1, public_ip_address: 1.1.1.9, private_ip_address: 10.0.0.2}\n",
		"{\"b\": {\"ansible_host\": \"1.1.1.1\"},"
		" \"w\": {\"ansible_host\": \"10.0.0.2\", \"ansible_ssh_common_args\": \"-o ProxyCommand=\\\"ssh -W %h:%p"
		" -o 'IdentityFile=\\\\\\\"/k/a b.pem\\\\\\\"' -o IdentitiesOnly=yes -p 2222 jump@1.1.1.1\\\"\"}}",
		"[]" },
	/* Set by the user: a private address still needs the bastion, arguments of one's own are left alone. */
	{ JUMP,
		"b: {vpc_id: v1, tags: {Role: bastion}, public_ip_address: 1.1.1.1}\n"
		"w: {vpc_id: v1, private_ip_address: 10.0.0.2, set: {ansible_host: 10.9.9.9}}\n"
		"x: {vpc_id: v1, private_ip_address: 10.0.0.3, set: {ansible_host: w.example.org}}\n"
		"y: {vpc_id: v1, private_ip_address: 10.0.0.4, set: {ansible_ssh_common_args: -4}}\n"
		"z: {vpc_id: v1, private_ip_address: 10.0.0.5, set: {ansible_connection: local}}\n",
		"{\"b\": {\"ansible_host\": \"1.1.1.1\"},"
		" \"w\": {\"ansible_ssh_common_args\": \"-o ProxyCommand=\\\"ssh -W %h:%p 1.1.1.1\\\"\"}, \"x\": {},"
		" \"y\": {\"ansible_host\": \"10.0.0.4\"}, \"z\": {\"ansible_host\": \"10.0.0.5\"}}",
		"[]" },
	/* Each VPC has its own; a stopped one is not used, and a network without one is told, once. */
	{ "bastion: {tag:Role: [bastion, jump], key-name: k*}",
		"b1: {vpc_id: v1, key_name: k, tags: {Role: jump}, public_ip_address: 1.1.1.1, state: {name: running}}\n"
		"b2: {vpc_id: v2, key_name: k, tags: {Role: bastion}, public_ip_address: 1.1.1.2, state: {name: stopped}}\n"
		"b3: {vpc_id: v1, key_name: other, tags: {Role: bastion}, public_ip_address: 1.1.1.3}\n"
		"w1: {vpc_id: v1, private_ip_address: 10.0.0.1}\n"
		"w2: {vpc_id: v2, private_ip_address: 10.0.0.2}\n"
		"w3: {vpc_id: v2, private_ip_address: 10.0.0.3}\n"
		"w4: {vpc_id: v3, private_ip_address: 10.0.0.4}\n"
		"w5: {vpc_id: v3, private_ip_address: 10.0.0.5, state: {name: stopped}}\n",
		"{\"b1\": {\"ansible_host\": \"1.1.1.1\"}, \"b2\": {\"ansible_host\": \"1.1.1.2\"}, \"b3\": {\"ansible_host\": \"1.1.1.3\"},"
		" \"w1\": {\"ansible_host\": \"10.0.0.1\", \"ansible_ssh_common_args\": \"-o ProxyCommand=\\\"ssh -W %h:%p 1.1.1.1\\\"\"},"
		" \"w2\": {\"ansible_host\": \"10.0.0.2\"}, \"w3\": {\"ansible_host\": \"10.0.0.3\"},"
		" \"w4\": {\"ansible_host\": \"10.0.0.4\"}, \"w5\": {\"ansible_host\": \"10.0.0.5\"}}",
		"[\"w2 and 1 more of v2 can be reached through a bastion only, and none runs: b2 is stopped"
		" (bastion: tag:Role=['bastion', 'jump'] key-name=k*)\","
		" \"w4 of v3 can be reached through a bastion only, and there is none (bastion: tag:Role=['bastion', 'jump'] key-name=k*)\","
		" \"no file of the key pair 'k' (b1): tried @/keys/k.pem, @/home/.ssh/k, @/home/.ssh/k.pem; only the ssh-agent may have it\","
		" \"no file of the key pair 'other' (b3): tried @/keys/other.pem, @/home/.ssh/other, @/home/.ssh/other.pem; only the ssh-agent may have it\"]" },
	/* Pinned, both of them, under names that outlive an address. */
	{ JUMP "\nssh_host_keys: tag:K",
		"b: {vpc_id: v1, instance_id: i-b, tags: {Role: bastion, K: ssh-ed25519 " ED "}, public_ip_address: 1.1.1.1}\n"
		"w: {vpc_id: v1, instance_id: i-w, tags: {K: ssh-ed25519 " ED2 "}, private_ip_address: 10.0.0.2}\n",
		"{\"b\": {\"ansible_host\": \"1.1.1.1\", \"ansible_ssh_common_args\": \"-o HostKeyAlias=i-b -o UserKnownHostsFile=@/known -o StrictHostKeyChecking=yes\"},"
		" \"w\": {\"ansible_host\": \"10.0.0.2\", \"ansible_ssh_common_args\": \"-o HostKeyAlias=i-w -o UserKnownHostsFile=@/known"
		" -o StrictHostKeyChecking=yes -o ProxyCommand=\\\"ssh -W %h:%p -o HostKeyAlias=i-b -o UserKnownHostsFile=@/known"
		" -o StrictHostKeyChecking=yes 1.1.1.1\\\"\"}}",
		"[]" },
	/* Key files: what is said of them. */
	{ "reach: true",
		"a: {key_name: open}\nb: {key_name: gone, owner_id: '7'}\nc: {key_name: gone}\nd: {key_name: gone, state: {name: stopped}}\n",
		"{\"a\": {}, \"b\": {}, \"c\": {}, \"d\": {}}",
		"[\"the key file '@/keys/open.pem' is not used: others can read it (mode 0644); chmod 600 '@/keys/open.pem'\","
		" \"no file of the key pair 'gone' (b and 1 more): tried @/.secrets/7/gone.pem, @/keys/gone.pem, @/home/.ssh/gone,"
		" @/home/.ssh/gone.pem; only the ssh-agent may have it\"]" },
};

static void
test_fleets(void **state)
{
	const char *home = in_place("@/home"), *known = in_place("@/known");
	const struct reach_place place = { directory, home, known };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fleets); i++) {
		struct reach *reach = reach_of(fleets[i].config, fleets[i].hosts, &place);
		const struct value *wanted = yaml(fleets[i].hosts);
		struct value *got = value_map(&arena);

		VALUE_PAIRS (pair, wanted)
			value_set_key(&arena, got, pair->key,
				reach_vars(reach, value_string(pair->key)));
		assert_string_equal(json(got), in_place(fleets[i].wanted));
		assert_string_equal(json(reach_notes(reach)), in_place(fleets[i].notes));
		reach_free(reach);
	}
}

/* All are used, and when one goes only its hosts move. */
static void
test_sharing(void **state)
{
	const struct reach_place place = { directory, NULL, NULL };
	_cleanup_str_ struct str all = STR_INIT;
	int used[3] = { 0 }, moved = 0;
	struct reach *with, *without;

	(void)state;
	for (int i = 0; i < 60; i++)
		str_add_format(&all, "w%d: {vpc_id: v, private_ip_address: 10.0.0.%d}\n", i, i);
	for (int i = 0; i < 2; i++)
		str_add_format(&all,
			"b%d: {vpc_id: v, instance_id: i-%d, tags: {Role: bastion}, public_ip_address: 1.1.1.%d}\n",
			i, i, i);
	without = reach_of(JUMP, all.data, &place);
	str_add(&all, "b2: {vpc_id: v, instance_id: i-2, tags: {Role: bastion}, public_ip_address: 1.1.1.2}\n");
	with = reach_of(JUMP, all.data, &place);
	for (int i = 0; i < 60; i++) {
		const char *name = arena_format(&arena, "w%d", i);
		const char *now = reach_bastion(with, name), *before = reach_bastion(without, name);

		used[now[1] - '0']++;
		moved += strcmp(now, before) != 0;
		assert_true(!strcmp(now, before) || !strcmp(now, "b2"));
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(used[i], 10, 30);
	assert_int_equal(moved, used[2]);
	assert_true(reach_is_bastion(with, "b1") && !reach_is_bastion(with, "w1"));
	assert_null(reach_bastion(with, "b1"));
	reach_free(with);
	reach_free(without);
}

static void
test_known_hosts(void **state)
{
	const char *known = in_place("@/pins");
	const struct reach_place place = { directory, NULL, known };
	const char *fleet = "a: {instance_id: i-a, tags: {K: 'ssh-ed25519 " ED " x, ssh-ed25519 " ED2 "'}}\n"
			    "b: {tags: {K: nothing}, console: \"-----BEGIN SSH HOST KEY KEYS-----\\nssh-ed25519 " ED
			    "\\n-----END SSH HOST KEY KEYS-----\\n-----BEGIN SSH HOST KEY KEYS-----\\nssh-dss AAAA\\nssh-ed25519 " ED2
			    " root\\n-----END SSH HOST KEY KEYS-----\\n\"}\n";
	struct stat first, status;
	struct str text = STR_INIT;
	struct error err;

	(void)state;
	reach_free(reach_of("ssh_host_keys: [tag:K, console]", fleet, &place));
	assert_true(file_read(known, 10000, &text, &err));
	assert_string_equal(text.data,
		"i-a ssh-ed25519 " ED "\ni-a ssh-ed25519 " ED2 "\nb ssh-ed25519 " ED2 "\n");
	str_release(&text);
	assert_int_equal(stat(known, &first), 0);
	assert_int_equal(first.st_mode & 0777, 0600);
	reach_free(reach_of("ssh_host_keys: [tag:K, console]", fleet, &place));
	assert_int_equal(stat(known, &status), 0);
	assert_true(status.st_ino == first.st_ino); /* not written again */
	/* The console says nothing any more, and `a` is not asked for; a tag counts before the pin. */
	reach_free(reach_of("ssh_host_keys: [tag:K, console]",
		"b: {}\nc: {tags: {K: ssh-ed25519 " ED "}}\n", &place));
	assert_true(file_read(known, 10000, &text, &err));
	assert_string_equal(text.data,
		"b ssh-ed25519 " ED2 "\nc ssh-ed25519 " ED "\ni-a ssh-ed25519 " ED
		"\ni-a ssh-ed25519 " ED2 "\n");
	str_release(&text);
	/* Without the console among the sources nobody vouches for the pin. */
	reach_free(reach_of("ssh_host_keys: tag:K", "b: {}\ni-a: {tags: {K: none}}\n", &place));
	assert_true(file_read(known, 10000, &text, &err));
	assert_string_equal(text.data, "c ssh-ed25519 " ED "\n");
	str_release(&text);
}

static const struct {
	const char *config, *said;
} mistakes[] = {
	{ "addresses: {private_ip: 1}", "'addresses' is a list, or false" },
	{ "addresses: []", "'addresses' is a list, or false" },
	{ "addresses: privat", "'addresses': 'privat' is no kind of address" },
	{ "addresses: [elastic]", "'addresses': 'elastic' is no kind of address" },
	{ "users: [a]", "'users' is a map of hosts to users, or false" },
	{ "users: {default: 'a b'}", "'users': 'default' has no user's name" },
	{ "users: {tagRole=x: a}", "'tagRole=x' does not say which hosts" },
	{ "key_files: 5", "'key_files' is a path, a list of paths, or a map of key pairs to paths" },
	{ "bastion: 5", "hosts are chosen by a text, a map or a list of these" },
	{ "bastion: {tagg: x}", "'tagg=' does not say which hosts" },
	{ "bastion: [[tag:x]]", "a list of lists chooses no hosts" },
	{ "ssh_host_keys: tags", "'ssh_host_keys' cannot be 'tags'" },
	{ "ssh_host_keys: [console, 5]", "'ssh_host_keys' is a list of texts" },
};

static void
test_mistakes(void **state)
{
	const struct reach_place place = { directory, NULL, NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		struct reach *reach;
		struct error err;

		assert_false(reach_new(&arena, yaml(mistakes[i].config), &place, &reach, &err));
		assert_string_equal(err.what, mistakes[i].said);
	}
}

static const struct {
	const char *match;
	bool has;
} matches[] = {
	{ "tag:Role", true }, { "tag:Role=web", true }, { "tag:Role=WEB", false },
	{ "tag:Role=db,w?b", true }, { "tag:Nope", false }, { "instance-type=t3.*", true },
	{ "instance-type=m5.*,T3.micro", true }, { "group-id=sg-2", true }, { "group-name=x", false },
	{ "i-1", true }, { "i-12", false }, { "name:h*", true }, { "group:web", true },
	{ "key:k", true }, { "availability-zone=eu-west-1?", true },
};

static void
test_match(void **state)
{
	const struct value *facts = yaml(
		"{tags: {Role: web}, instance_type: t3.micro, instance_id: i-1, key_name: k,"
		" security_groups: [{group_id: sg-1}, {group_id: sg-2}], placement: {availability_zone: eu-west-1a}}");
	const struct match_host host = { "host", facts, yaml("[db, web]") };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		struct error err;

		assert_true(match_text_check(matches[i].match, &err));
		if (match_text_has(matches[i].match, &host) != matches[i].has)
			fail_msg("%s", matches[i].match);
	}
}

static void
test_asked(void **state)
{
	const struct reach_place place = { directory, NULL, "/x" };
	struct reach *reach;
	struct error err;

	(void)state;
	assert_false(reach_is_asked(NULL));
	assert_false(reach_is_asked(yaml("{plugin: aws_ec2, regions: [a]}")));
	assert_true(reach_is_asked(yaml("{plugin: aws_ec2, bastion: i-1}")));
	assert_false(reach_is_asked(yaml("{bastion: i-1, reach: false}")));
	assert_true(reach_is_asked(yaml("{reach: true}")));
	assert_true(reach_new(&arena, yaml("ssh_host_keys: [tag:K, console]"), &place, &reach, &err));
	assert_true(reach_wants_console(reach, yaml("{tags: {}}")));
	assert_false(reach_wants_console(reach, yaml("{tags: {K: ssh-ed25519 " ED "}}")));
	reach_free(reach);
}

static void
file_make(const char *path, int mode)
{
	struct error err;

	if (!file_replace(in_place(path), VIEW("x"), &(struct file_place){ .has_mode = true, .mode = (mode_t)mode }, &err))
		fail_msg("%s", err.what);
}

static int
setup(void **state)
{
	static const char *const folders[] = { "@/.secrets/111", "@/.secrets/prod", "@/keys", "@/home/.ssh" };
	struct error err;

	(void)state;
	arena_init(&arena);
	if (!mkdtemp(directory))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (!directory_make(in_place(folders[i]), 0700, &err))
			return 1;
	file_make("@/.secrets/111/acct.pem", 0600);
	file_make("@/.secrets/prod/acct.pem", 0400);
	file_make("@/keys/near.pem", 0600);
	file_make("@/keys/open.pem", 0644);
	file_make("@/keys/inagent.pem.pub", 0644);
	file_make("@/home/.ssh/home", 0600);
	file_make("@/home/.ssh/homepem.pem", 0600);
	return 0;
}

static int
teardown(void **state)
{
	static const char *const paths[] = { "@/.secrets/111/acct.pem", "@/.secrets/prod/acct.pem", "@/keys/near.pem",
		"@/keys/open.pem", "@/keys/inagent.pem.pub", "@/home/.ssh/home", "@/home/.ssh/homepem.pem", "@/known",
		"@/pins", "@/.secrets/111", "@/.secrets/prod", "@/.secrets", "@/keys", "@/home/.ssh", "@/home", "@/" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		remove(in_place(paths[i]));
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_fleets),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_known_hosts),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_asked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
