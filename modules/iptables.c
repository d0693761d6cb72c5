/* iptables: rules, chains and policies of the packet filter. */
#include <ctype.h>
#include <string.h>

#include "module/host.h"
#include "module/words.h"

struct iptables_args {
	const char *table, *state, *action, *ip_version, *chain, *protocol, *source, *destination,
		*jump, *gateway, *log_prefix, *log_level, *goto_chain, *in_interface,
		*out_interface, *fragment, *set_counters, *source_port, *destination_port,
		*to_ports, *to_destination, *to_source, *syn, *set_dscp_mark, *set_dscp_mark_class,
		*comment, *src_range, *dst_range, *match_set, *match_set_flags, *limit,
		*limit_burst, *uid_owner, *gid_owner, *reject_with, *icmp_type, *policy, *wait,
		*rule_num;
	const char *const *match, *const *ctstate, *const *destination_ports;
	const struct value *tcp_flags;
	bool flush, chain_management, clamp_mss_to_pmtu;
};

#define A struct iptables_args
static const struct param params[] = {
	PARAM_STRING(A, table, .fallback = "filter",
		.choices = TEXTS("filter", "nat", "mangle", "raw", "security"),
		.doc = "The table."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether the rule is to be there."),
	PARAM_STRING(A, action, .fallback = "append", .choices = TEXTS("append", "insert"),
		.doc = "At the end, or at rule_num."),
	PARAM_STRING(A, rule_num, .doc = "Where to insert. Default: 1."),
	PARAM_STRING(A, ip_version, .fallback = "ipv4", .choices = TEXTS("ipv4", "ipv6"),
		.doc = "iptables or ip6tables."),
	PARAM_STRING(
		A, chain, .doc = "INPUT, FORWARD, OUTPUT, PREROUTING, POSTROUTING, or one's own."),
	PARAM_STRING(A, protocol, .doc = "tcp, udp, icmp, … ; ! in front: not."),
	PARAM_STRING(A, source, .doc = "Address, network or name."),
	PARAM_STRING(A, destination, .doc = "Address, network or name."),
	PARAM_MAP(A, tcp_flags,
		.doc = "flags: the ones looked at; flags_set: those of them that are set."),
	PARAM_TEXTS(A, match, .doc = "Names of extensions."),
	PARAM_STRING(A, jump, .doc = "The target: ACCEPT, DROP, a chain …"),
	PARAM_STRING(A, gateway, .doc = "With TEE: where the copy goes."),
	PARAM_STRING(A, log_prefix, .doc = "With LOG: text in front. Implies jump LOG."),
	PARAM_STRING(A, log_level, .doc = "With LOG: 0-7 or a name."),
	{ .name = "goto",
		.type = PARAM_TYPE_STRING,
		.offset = offsetof(A, goto_chain),
		.doc = "Go on in this chain, and do not return." },
	PARAM_STRING(A, in_interface, .doc = "Where it came in; + at the end: all that begin so."),
	PARAM_STRING(A, out_interface, .doc = "Where it goes out."),
	PARAM_STRING(A, fragment, .doc = "Only second and further fragments."),
	PARAM_STRING(A, set_counters, .doc = "Start values of the counters."),
	PARAM_STRING(A, source_port, .doc = "Port or range (1024:2048)."),
	PARAM_STRING(A, destination_port, .doc = "Port or range."),
	PARAM_TEXTS(A, destination_ports, .doc = "Several ports."),
	PARAM_STRING(A, to_ports, .doc = "With REDIRECT: the port."),
	PARAM_STRING(A, to_destination, .doc = "With DNAT: address and port."),
	PARAM_STRING(A, to_source, .doc = "With SNAT: address."),
	PARAM_STRING(A, syn, .fallback = "ignore", .choices = TEXTS("ignore", "match", "negate"),
		.doc = "Packets that begin a connection."),
	PARAM_STRING(A, set_dscp_mark, .doc = "With DSCP: the mark."),
	PARAM_STRING(A, set_dscp_mark_class, .doc = "With DSCP: the class."),
	PARAM_STRING(A, comment, .doc = "A comment in the rule."),
	PARAM_TEXTS(A, ctstate, .doc = "States of connection tracking."),
	PARAM_STRING(A, src_range, .doc = "Range of source addresses."),
	PARAM_STRING(A, dst_range, .doc = "Range of destination addresses."),
	PARAM_STRING(A, match_set, .doc = "An ipset."),
	PARAM_STRING(A, match_set_flags, .choices = TEXTS("src", "dst", "src,dst", "dst,src"),
		.doc = "What of the packet is looked up in it."),
	PARAM_STRING(A, limit, .doc = "Average rate (4/minute)."),
	PARAM_STRING(A, limit_burst, .doc = "Packets before the limit counts."),
	PARAM_STRING(A, uid_owner, .doc = "User of the local process."),
	PARAM_STRING(A, gid_owner, .doc = "Group of the local process."),
	PARAM_STRING(A, reject_with, .doc = "With REJECT: the error. Implies jump REJECT."),
	PARAM_STRING(A, icmp_type, .doc = "Type of ICMP."),
	PARAM_FLAG(A, flush, .fallback = "false",
		.doc = "Remove all rules of the chain, or of the table."),
	PARAM_STRING(A, policy, .choices = TEXTS("ACCEPT", "DROP", "QUEUE", "RETURN"),
		.doc = "What happens at the end of a built-in chain."),
	PARAM_STRING(A, wait, .doc = "Seconds to wait for the lock."),
	PARAM_FLAG(A, clamp_mss_to_pmtu, .fallback = "false",
		.doc = "With TCPMSS: no segment larger than the path takes."),
	PARAM_FLAG(A, chain_management, .fallback = "false",
		.doc = "Make the chain with present, remove it with absent."),
	PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "rule", "str",
							"The rule as words for iptables." },
	{ "chain", "str", "The chain." }, { "table", "str", "The table." }, { NULL, NULL, NULL } };

static void
add(struct module_call *call, const char *const **argv, const char *flag, const char *value)
{
	if (!value)
		return;
	if (*value == '!') {
		words_add(call->arena, argv, "!");
		value++;
		value += *value == ' ';
	}
	words_add(call->arena, argv, flag);
	words_add(call->arena, argv, value);
}

static bool
has_match(const struct iptables_args *args, const char *name)
{
	for (size_t i = 0; args->match && args->match[i]; i++)
		if (text_equals(args->match[i], name))
			return true;
	return false;
}

static void
need_match(struct module_call *call, const char *const **argv, const char *name)
{
	if (!has_match(call->args, name)) {
		words_add(call->arena, argv, "-m");
		words_add(call->arena, argv, name);
	}
}

static const char *
with_commas(struct arena *arena, const char *const *texts)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; texts && texts[i]; i++)
		str_add_format(&out, "%s%s", i ? "," : "", texts[i]);
	return arena_view(arena, str_view(&out));
}

static const char *
list_text(struct arena *arena, const struct value *value)
{
	_cleanup_str_ struct str out = STR_INIT;

	if (!value_is_list(value))
		return value_to_text(arena, value);
	VALUE_EACH (item, value)
		str_add_format(&out, "%s%s", out.length ? "," : "", value_to_text(arena, item));
	return arena_view(arena, str_view(&out));
}

static void
add_tcp_flags(struct module_call *call, const char *const **argv, const struct value *flags)
{
	const struct value *looked = value_get(flags, "flags"),
			   *set = value_get(flags, "flags_set");

	if (value_is_none(looked) || value_is_none(set))
		return;
	words_add(call->arena, argv, "--tcp-flags");
	words_add(call->arena, argv, list_text(call->arena, looked));
	words_add(call->arena, argv, list_text(call->arena, set));
}

static void
add_states(struct module_call *call, const char *const **argv)
{
	const struct iptables_args *args = call->args;

	if (!args->ctstate || !args->ctstate[0])
		return;
	if (has_match(args, "state")) {
		add(call, argv, "--state", with_commas(call->arena, args->ctstate));
		return;
	}
	need_match(call, argv, "conntrack");
	add(call, argv, "--ctstate", with_commas(call->arena, args->ctstate));
}

/* Extensions that are loaded by what is asked of them. */
static void
add_extensions(struct module_call *call, const char *const **argv)
{
	const struct iptables_args *args = call->args;

	add_states(call, argv);
	if (args->src_range || args->dst_range) {
		need_match(call, argv, "iprange");
		add(call, argv, "--src-range", args->src_range);
		add(call, argv, "--dst-range", args->dst_range);
	}
	if (args->match_set) {
		need_match(call, argv, "set");
		add(call, argv, "--match-set", args->match_set);
		if (args->match_set_flags)
			words_add(call->arena, argv, args->match_set_flags);
	}
	if (args->limit || args->limit_burst) {
		need_match(call, argv, "limit");
		add(call, argv, "--limit", args->limit);
		add(call, argv, "--limit-burst", args->limit_burst);
	}
	if (args->uid_owner || args->gid_owner) {
		need_match(call, argv, "owner");
		add(call, argv, "--uid-owner", args->uid_owner);
		add(call, argv, "--gid-owner", args->gid_owner);
	}
	if (args->reject_with && !args->jump)
		add(call, argv, "-j", "REJECT");
	add(call, argv, "--reject-with", args->reject_with);
	add(call, argv, text_equals(args->ip_version, "ipv6") ? "--icmpv6-type" : "--icmp-type",
		args->icmp_type);
	if (args->comment) {
		need_match(call, argv, "comment");
		/* not negated by a ! in its text */
		words_add(call->arena, argv, "--comment");
		words_add(call->arena, argv, args->comment);
	}
}

static const char *const *
build_rule(struct module_call *call)
{
	const struct iptables_args *args = call->args;
	const char *const *argv = NULL;

	add(call, &argv, "-p", args->protocol);
	add(call, &argv, "-s", args->source);
	add(call, &argv, "-d", args->destination);
	for (size_t i = 0; args->match && args->match[i]; i++)
		add(call, &argv, "-m", args->match[i]);
	if (args->tcp_flags)
		add_tcp_flags(call, &argv, args->tcp_flags);
	if ((args->log_prefix || args->log_level) && !args->jump)
		add(call, &argv, "-j", "LOG");
	add(call, &argv, "-j", args->jump);
	add(call, &argv, "--gateway", args->gateway);
	add(call, &argv, "--log-prefix", args->log_prefix);
	add(call, &argv, "--log-level", args->log_level);
	add(call, &argv, "--to-destination", args->to_destination);
	if (args->destination_ports && args->destination_ports[0]) {
		need_match(call, &argv, "multiport");
		add(call, &argv, "--dports", with_commas(call->arena, args->destination_ports));
	}
	add(call, &argv, "--to-source", args->to_source);
	add(call, &argv, "-g", args->goto_chain);
	add(call, &argv, "-i", args->in_interface);
	add(call, &argv, "-o", args->out_interface);
	add(call, &argv, "-f", args->fragment);
	add(call, &argv, "-c", args->set_counters);
	add(call, &argv, "--source-port", args->source_port);
	add(call, &argv, "--destination-port", args->destination_port);
	add(call, &argv, "--to-ports", args->to_ports);
	add(call, &argv, "--set-dscp", args->set_dscp_mark);
	add(call, &argv, "--set-dscp-class", args->set_dscp_mark_class);
	if (text_equals(args->syn, "negate"))
		words_add(call->arena, &argv, "!");
	if (!text_equals(args->syn, "ignore"))
		words_add(call->arena, &argv, "--syn");
	if (args->clamp_mss_to_pmtu)
		words_add(call->arena, &argv, "--clamp-mss-to-pmtu");
	add_extensions(call, &argv);
	return argv;
}

/* The program, table and action in front, the rule behind. */
static const char *const *
command_for(
	struct module_call *call, const char *action, const char *position, const char *const *rule)
{
	const struct iptables_args *args = call->args;
	const char *const *argv = NULL;

	words_add(call->arena, &argv,
		text_equals(args->ip_version, "ipv6") ? "ip6tables" : "iptables");
	words_add(call->arena, &argv, "-t");
	words_add(call->arena, &argv, args->table);
	if (args->wait) {
		words_add(call->arena, &argv, "-w");
		words_add(call->arena, &argv, args->wait);
	}
	words_add(call->arena, &argv, action);
	if (args->chain)
		words_add(call->arena, &argv, args->chain);
	if (position)
		words_add(call->arena, &argv, position);
	for (; rule && *rule; rule++)
		words_add(call->arena, &argv, *rule);
	return argv;
}

static bool
ask(struct module_call *call, const char *const *argv, int *status, const char **out,
	struct error *err)
{
	struct module_command command = { .argv = argv, .is_parsed = true };
	struct process_result result;
	bool is_well = module_run(call, &command, &result, err);

	*status = result.status;
	*out = arena_view(call->arena, str_view(&result.out));
	process_result_release(&result);
	return is_well;
}

/* "Chain INPUT (policy ACCEPT)" */
static const char *
policy_of(struct arena *arena, const char *text)
{
	const char *mark = strstr(text, "(policy ");

	if (!mark)
		return NULL;
	mark += strlen("(policy ");
	return arena_view(arena, (struct view){ mark, strcspn(mark, " )") });
}

static bool
inspect_policy(struct module_call *call, struct error *err)
{
	const struct iptables_args *args = call->args;
	const char *text;
	int status;

	if (!ask(call, command_for(call, "-L", NULL, NULL), &status, &text, err))
		return false;
	if (!policy_of(call->arena, text))
		return fail(err, ERR_TASK, "Can't detect current policy");
	if (!text_equals(policy_of(call->arena, text), args->policy))
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
chain_is_there(struct module_call *call, bool *out, struct error *err)
{
	const char *text;
	int status;

	if (!ask(call, command_for(call, "-L", NULL, NULL), &status, &text, err))
		return false;
	*out = status == 0;
	return true;
}

static bool
iptables_inspect(struct module_call *call, struct error *err)
{
	const struct iptables_args *args = call->args;
	const char *const *rule = build_rule(call);
	bool wants = text_equals(args->state, "present"), is_there;
	const char *text;
	int status;

	if (!args->flush && !args->chain)
		return fail(err, ERR_OPTIONS, "Either chain or flush parameter must be specified.");
	result_text(call, "chain", args->chain);
	result_text(call, "table", args->table);
	result_text(call, "ip_version", args->ip_version);
	result_text(call, "state", args->state);
	result_bool(call, "flush", args->flush);
	result_text(call, "rule", rule ? words_join(call->arena, rule) : "");
	if (args->flush) {
		call->out->change = CHANGE_WANTED;
		return true;
	}
	if (args->policy)
		return inspect_policy(call, err);
	if (args->chain_management && !rule) {
		if (!chain_is_there(call, &is_there, err))
			return false;
	} else {
		if (!ask(call, command_for(call, "-C", NULL, rule), &status, &text, err))
			return false;
		is_there = status == 0;
	}
	if (is_there != wants)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
iptables_apply(struct module_call *call, struct error *err)
{
	const struct iptables_args *args = call->args;
	const char *const *rule = build_rule(call);
	bool wants = text_equals(args->state, "present"), is_there;
	const char *action;

	if (args->flush)
		return module_run_well(call, command_for(call, "-F", NULL, NULL), NULL, err);
	if (args->policy)
		return module_run_well(
			call, command_for(call, "-P", args->policy, NULL), NULL, err);
	if (args->chain_management) {
		if (!chain_is_there(call, &is_there, err))
			return false;
		if (wants && !is_there &&
			!module_run_well(call, command_for(call, "-N", NULL, NULL), NULL, err))
			return false;
		if (!rule)
			return wants || module_run_well(call, command_for(call, "-X", NULL, NULL),
						NULL, err);
	}
	action = !wants ? "-D" : text_equals(args->action, "insert") ? "-I" : "-A";
	return module_run_well(call,
		command_for(call, action, text_equals(action, "-I") ? args->rule_num : NULL, rule),
		NULL, err);
}

const struct module module_iptables = {
	.name = "iptables",
	.summary = DOC("See to it that a rule of the packet filter is there, or is not"),
	.params = params,
	.params_size = sizeof(struct iptables_args),
	.returns = DOC(returns),
	.examples = DOC("- iptables:\n"
			"    table: nat\n"
			"    chain: PREROUTING\n"
			"    protocol: tcp\n"
			"    destination_port: \"80\"\n"
			"    jump: REDIRECT\n"
			"    to_ports: \"8080\"\n"),
	.check = SUPPORT_FULL,
	.inspect = iptables_inspect,
	.apply = iptables_apply,
};
