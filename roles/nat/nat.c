/*
 * nat: a bastion that translates the private subnets to its own address, as a NAT instance does.
 * Forwarding by sysctl, rules by iptables (each with the comment ertc-nat, so that drift can be
 * told from foreign rules), kept over a reboot.
 */
#include "roles/role.h"

static const struct role_variable variables[] = {
	{ "nat_state", ROLE_STRING, "present",
		.choices = (const char *const[]){ "present", "absent", NULL },
		.doc = "absent removes what this role wrote." },
	{ "nat_private_cidrs", ROLE_CIDRS, NULL, .required = true, .also = "private_cidr_block",
		.doc = "The networks to translate: one, or a list." },
	{ "nat_out_interface", ROLE_NAME, "auto", .also = "primary_interface",
		.doc = "Where translated packets leave; auto is the interface of the default "
		       "route." },
	{ "nat_in_interface", ROLE_STRING, "''",
		.doc = "Only packets that come in here; empty: any." },
	{ "nat_mode", ROLE_STRING, "masquerade",
		.choices = (const char *const[]){ "masquerade", "snat", NULL },
		.doc = "snat needs nat_public_ip." },
	{ "nat_public_ip", ROLE_STRING, "''", .doc = "The address that snat writes." },
	{ "nat_forward_policy", ROLE_STRING, "DROP",
		.choices = (const char *const[]){ "ACCEPT", "DROP", "keep", NULL },
		.doc = "What happens to packets that no rule of FORWARD accepts." },
	{ "nat_allow_ports", ROLE_LIST, "[]",
		.doc = "TCP ports that may go out; empty: everything." },
	{ "nat_block_imds", ROLE_BOOL, "true",
		.doc = "Private hosts must not reach this host's instance metadata through it." },
	{ "nat_mss_clamp", ROLE_BOOL, "true", .doc = "Clamp TCP's segment size to the path's." },
	{ "nat_backend", ROLE_STRING, "auto",
		.choices = (const char *const[]){ "auto", "iptables", NULL },
		.doc = "Which firewall; rules for nftables are not written yet." },
	{ "nat_persist", ROLE_STRING, "auto",
		.choices = (const char *const[]){ "auto", "netfilter-persistent", "unit", "none",
			NULL },
		.doc = "How rules outlive a reboot; auto is netfilter-persistent on Debian, our "
		       "own unit elsewhere "
		       "and beside Docker." },
	{ "nat_sysctl_file", ROLE_PATH, "/etc/sysctl.d/60-ertc-nat.conf",
		.doc = "Where the kernel's settings are kept." },
	{ "nat_rp_filter", ROLE_STRING, "keep",
		.choices = (const char *const[]){ "0", "1", "2", "keep", NULL },
		.doc = "2 for more than one interface." },
	{ "nat_send_redirects", ROLE_BOOL, "false",
		.doc = "With one interface the kernel would tell private hosts to go past us." },
	{ "nat_conntrack_max", ROLE_STRING, "keep",
		.doc = "net.netfilter.nf_conntrack_max, or keep." },
	{ "nat_verify", ROLE_BOOL, "true",
		.doc = "Prove at the end that forwarding and every rule are there." },
	{ NULL },
};

/* ---- steps ---- */

static const char *
text_of(struct role_run *run, const char *expression, struct error *err)
{
	const struct value *value;

	if (!run->get(run, expression, &value, err) || value_is_none(value))
		return NULL;
	return value_to_text(run->arena, value);
}

/* The interface that packets leave by, and that it is there at all. */
static bool
choose_interface(struct role_run *run, struct error *err)
{
	const char *wanted, *route;
	const struct value *interfaces;

	error_clear(err);
	wanted = text_of(run, "nat_out_interface", err);
	if (err->kind)
		return false;
	route = text_of(run, "ansible_facts.default_ipv4.interface | default('')", err);
	if (err->kind || !run->get(run, "ansible_facts.interfaces | default([])", &interfaces, err))
		return false;
	if (!wanted || !strcmp(wanted, "auto")) {
		if (!route || !*route) {
			fail(err, ERR_TASK, "this host has no default route");
			return error_hint(err, "name the interface in nat_out_interface");
		}
		wanted = route;
	} else if (!value_list_has_text(interfaces, wanted)) {
		fail(err, ERR_TASK, "no interface %s on this host; the default route uses %s",
			wanted, route && *route ? route : "none");
		return error_hint(err, "set nat_out_interface: auto");
	}
	run->set(run, "nat_interface", value_text(run->arena, wanted));
	run->message = arena_format(run->arena, "packets leave by %s", wanted);
	return true;
}

static bool
choose_persistence(struct role_run *run, struct error *err)
{
	const char *wanted = text_of(run, "nat_persist", err);
	const struct value *has_docker, *is_debian;

	if (!wanted ||
		!run->get(run, "nat_docker.stat.exists | default(false)", &has_docker, err) ||
		!run->get(run, "ansible_facts.os_family == 'Debian'", &is_debian, err))
		return false;
	if (!strcmp(wanted, "auto"))
		wanted = value_is_true(is_debian) && !value_is_true(has_docker)
				 ? "netfilter-persistent"
				 : "unit";
	run->set(run, "nat_persistence", value_text(run->arena, wanted));
	run->message = arena_format(run->arena, "rules are kept by %s", wanted);
	return true;
}

/* Another firewall would undo our rules, or we its: say so before anything is changed. */
static bool
refuse_other_firewalls(struct role_run *run, struct error *err)
{
	const struct value *ufw, *firewalld;

	if (!run->get(run, "nat_ufw.rc | default(1) == 0", &ufw, err) ||
		!run->get(run, "nat_firewalld.rc | default(1) == 0", &firewalld, err))
		return false;
	if (value_is_true(ufw)) {
		fail(err, ERR_TASK, "ufw is active on this host");
		return error_hint(err, "set DEFAULT_FORWARD_POLICY in /etc/default/ufw and the "
				       "rules in before.rules, or "
				       "disable ufw");
	}
	if (value_is_true(firewalld)) {
		fail(err, ERR_TASK, "firewalld is active on this host");
		return error_hint(err, "use a zone with masquerade, or disable firewalld");
	}
	return true;
}

/* ---- tasks ---- */

#define PRESENT "nat_state == 'present'"
#define RULE(chain_name, ...)                                                      \
	ARGS({ "chain", chain_name }, { "comment", "ertc-nat" }, { "wait", "10" }, \
		{ "state", "{{ nat_state }}" }, __VA_ARGS__)
#define EACH_CIDR "{{ [nat_private_cidrs] | flatten }}"
#define IN_INTERFACE                                             \
	{                                                        \
		"in_interface", "{{ nat_in_interface or omit }}" \
	}

static const struct role_row tasks[] = {
	TASK("Look at the host", setup, ARGS({ "gather_subset", "!all,!min,network,distribution" }),
		.when = "ansible_facts.default_ipv4 is not defined or ansible_facts.os_family is "
			"not defined",
		.tags = "nat,always"),
	TASK("Is ufw active?", command, ARGS({ "cmd", "grep -qs ^ENABLED=yes /etc/ufw/ufw.conf" }),
		.register_as = "nat_ufw", .changed_when = "false", .failed_when = "false",
		.check_mode = "false", .tags = "nat,always"),
	TASK("Is firewalld active?", command, ARGS({ "cmd", "pidof firewalld" }),
		.register_as = "nat_firewalld", .changed_when = "false", .failed_when = "false",
		.check_mode = "false", .tags = "nat,always"),
	TASK("Is Docker on this host?", stat, ARGS({ "path", "/usr/bin/dockerd" }),
		.register_as = "nat_docker", .tags = "nat,always"),
	STEP("No other firewall may be in charge", refuse_other_firewalls, .when = PRESENT,
		.tags = "nat,always"),
	STEP("Choose the interface", choose_interface, .tags = "nat,always"),
	STEP("Choose how rules are kept", choose_persistence, .tags = "nat,always"),

	TASK("Install iptables", package, INSTALL("iptables"), .when = PRESENT,
		.tags = "nat,install"),
	TASK("Install what keeps the rules", package, INSTALL("iptables-persistent"),
		.when = PRESENT " and nat_persistence == 'netfilter-persistent'",
		.tags = "nat,install"),

	TASK("Forward IPv4", sysctl,
		ARGS({ "name", "net.ipv4.ip_forward" }, { "value", "1" },
			{ "sysctl_file", "{{ nat_sysctl_file }}" }, { "sysctl_set", "true" },
			{ "state", "{{ nat_state }}" }),
		.tags = "nat,config"),
	TASK("Send no redirects", sysctl,
		ARGS({ "name", "net.ipv4.conf.{{ nat_interface }}.send_redirects" },
			{ "value", "{{ nat_send_redirects | bool | int }}" },
			{ "sysctl_file", "{{ nat_sysctl_file }}" }, { "sysctl_set", "true" },
			{ "state", "{{ nat_state }}" }),
		.tags = "nat,config"),
	TASK("Reverse path filter", sysctl,
		ARGS({ "name", "net.ipv4.conf.all.rp_filter" }, { "value", "{{ nat_rp_filter }}" },
			{ "sysctl_file", "{{ nat_sysctl_file }}" }, { "sysctl_set", "true" },
			{ "state", "{{ nat_state }}" }),
		.when = "nat_rp_filter | string != 'keep'", .tags = "nat,config"),
	TASK("Room for connections", sysctl,
		ARGS({ "name", "net.netfilter.nf_conntrack_max" },
			{ "value", "{{ nat_conntrack_max }}" },
			{ "sysctl_file", "{{ nat_sysctl_file }}" }, { "sysctl_set", "true" },
			{ "state", "{{ nat_state }}" }),
		.when = "nat_conntrack_max | string != 'keep'", .tags = "nat,config"),

	TASK("Translate the private networks", iptables,
		RULE("POSTROUTING", { "table", "nat" }, { "source", "{{ item }}" },
			{ "out_interface", "{{ nat_interface }}" },
			{ "jump", "{{ 'SNAT' if nat_mode == 'snat' else 'MASQUERADE' }}" },
			{ "to_source", "{{ nat_public_ip if nat_mode == 'snat' else omit }}" }),
		.loop = EACH_CIDR, .notify = "save nat rules", .tags = "nat,config"),
	TASK("Let answers back in", iptables,
		RULE("FORWARD", { "match", "conntrack" },
			{ "ctstate", "{{ ['RELATED', 'ESTABLISHED'] }}" }, { "jump", "ACCEPT" }),
		.notify = "save nat rules", .tags = "nat,config"),
	TASK("Keep private hosts from the instance metadata", iptables,
		RULE("FORWARD", { "source", "{{ item }}" }, { "destination", "169.254.169.254" },
			{ "jump", "REJECT" }, { "action", "insert" }),
		.loop = EACH_CIDR, .when = "nat_block_imds | bool", .notify = "save nat rules",
		.tags = "nat,config"),
	TASK("Let the private networks out", iptables,
		RULE("FORWARD", { "source", "{{ item }}" },
			{ "out_interface", "{{ nat_interface }}" }, IN_INTERFACE,
			{ "protocol", "{{ 'tcp' if nat_allow_ports else omit }}" },
			{ "destination_ports",
				"{{ nat_allow_ports | map('string') | list or omit }}" },
			{ "jump", "ACCEPT" }),
		.loop = EACH_CIDR, .notify = "save nat rules", .tags = "nat,config"),
	TASK("Clamp segment sizes to the path", iptables,
		RULE("FORWARD", { "table", "mangle" }, { "out_interface", "{{ nat_interface }}" },
			{ "protocol", "tcp" },
			{ "tcp_flags", "{{ {'flags': ['SYN', 'RST'], 'flags_set': ['SYN']} }}" },
			{ "jump", "TCPMSS" }, { "clamp_mss_to_pmtu", "true" }),
		.when = "nat_mss_clamp | bool", .notify = "save nat rules", .tags = "nat,config"),
	TASK("Forward nothing else", iptables,
		ARGS({ "chain", "FORWARD" }, { "policy", "{{ nat_forward_policy }}" },
			{ "wait", "10" }),
		.when = PRESENT " and nat_forward_policy != 'keep'", .notify = "save nat rules",
		.tags = "nat,config"),

	TASK("Keep the rules in a unit of our own", template,
		ARGS({ "src", "ertc-nat.service.j2" },
			{ "dest", "/etc/systemd/system/ertc-nat.service" }, { "mode", "0644" }),
		.when = PRESENT " and nat_persistence == 'unit'", .notify = "save nat rules",
		.tags = "nat,config"),
	TASK("Start it at boot", systemd,
		ARGS({ "name", "ertc-nat.service" }, { "enabled", "true" },
			{ "daemon_reload", "true" }),
		.when = PRESENT " and nat_persistence == 'unit'", .tags = "nat,service"),
	TASK("Restore rules at boot", systemd,
		ARGS({ "name", "netfilter-persistent.service" }, { "enabled", "true" },
			{ "state", "started" }),
		.when = PRESENT " and nat_persistence == 'netfilter-persistent'",
		.tags = "nat,service"),
	TASK("Handlers now", meta, ARGS({ "free_form", "flush_handlers" }), .tags = "nat"),

	TASK("Verify: forwarding is on", command,
		ARGS({ "cmd", "cat /proc/sys/net/ipv4/ip_forward" }),
		.register_as = "nat_forwarding", .changed_when = "false",
		.failed_when = "nat_forwarding.stdout != '1'",
		.when = PRESENT " and nat_verify | bool and not ansible_check_mode",
		.tags = "nat,verify"),
	TASK("Verify: the rules are kept for the next boot", command,
		ARGS({ "cmd",
			"grep -q -- ertc-nat {{ '/etc/iptables/rules.v4' if nat_persistence == "
			"'netfilter-persistent' else '/etc/ertc-nat.rules' }}" }),
		.changed_when = "false",
		.when = PRESENT
		" and nat_verify | bool and nat_persistence != 'none' and not ansible_check_mode",
		.tags = "nat,verify"),
	TASKS_END,
};

static const struct role_row handlers[] = {
	TASK("save rules of netfilter-persistent", command,
		ARGS({ "cmd", "netfilter-persistent save" }),
		.when = "nat_persistence == 'netfilter-persistent'", .listen = "save nat rules"),
	TASK("save rules for the unit", shell,
		ARGS({ "cmd", "umask 077; for t in nat filter mangle; do echo \"*$t\"; "
			      "iptables-save -t $t | grep -e '^:FORWARD' -e "
			      "ertc-nat; echo COMMIT; done > /etc/ertc-nat.rules.new && mv "
			      "/etc/ertc-nat.rules.new "
			      "/etc/ertc-nat.rules" }),
		.when = "nat_persistence == 'unit'", .listen = "save nat rules"),
	TASKS_END,
};

const struct role_table role_nat = {
	.name = "nat",
	.aliases = (const char *const[]){ "gara2000.nat", NULL },
	.summary = "Translate private subnets to this host's address (a NAT instance)",
	.variables = variables,
	.tasks = tasks,
	.handlers = handlers,
};
