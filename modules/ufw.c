/* ufw: rules, policies and the state of Ubuntu's firewall. A trial run of ufw says what is new. */
#include <string.h>

#include "module/steps.h"
#include "module/words.h"

struct ufw_args {
	const char *rule, *state, *policy, *logging, *direction, *proto, *from_ip, *from_port,
		*to_ip, *to_port, *name, *comment, *interface, *interface_in, *interface_out,
		*insert_relative_to;
	bool delete, log, route;
	int64_t insert;
};

#define A struct ufw_args
static const struct param params[] = {
	PARAM_STRING(A, state, .choices = TEXTS("disabled", "enabled", "reloaded", "reset"),
		.doc = "What the firewall is to be."),
	{ .name = "default",
		.type = PARAM_TYPE_STRING,
		.offset = offsetof(A, policy),
		.aliases = TEXTS("policy"),
		.choices = TEXTS("allow", "deny", "reject"),
		.doc = "What happens to packets without a rule, in `direction`." },
	PARAM_STRING(A, logging, .choices = TEXTS("on", "off", "low", "medium", "high", "full"),
		.doc = "How much is logged."),
	PARAM_STRING(
		A, rule, .choices = TEXTS("allow", "deny", "limit", "reject"), .doc = "A rule."),
	PARAM_STRING(A, direction, .choices = TEXTS("in", "incoming", "out", "outgoing", "routed"),
		.doc = "Of the rule or the policy."),
	PARAM_STRING(A, proto, .aliases = TEXTS("protocol"),
		.choices = TEXTS("any", "tcp", "udp", "ipv6", "esp", "ah", "gre", "igmp"),
		.doc = "The protocol."),
	PARAM_STRING(A, from_ip, .fallback = "any", .aliases = TEXTS("from", "src"),
		.doc = "Where it comes from."),
	PARAM_STRING(A, from_port, .doc = "And its port."),
	PARAM_STRING(A, to_ip, .fallback = "any", .aliases = TEXTS("dest", "to"),
		.doc = "Where it goes."),
	PARAM_STRING(A, to_port, .aliases = TEXTS("port"), .doc = "And its port."),
	PARAM_STRING(A, name, .aliases = TEXTS("app"), .doc = "A profile of an application."),
	PARAM_STRING(A, comment, .doc = "A comment."),
	PARAM_STRING(A, interface, .aliases = TEXTS("if"), .doc = "The interface, with direction."),
	PARAM_STRING(A, interface_in, .aliases = TEXTS("if_in"), .doc = "With route."),
	PARAM_STRING(A, interface_out, .aliases = TEXTS("if_out"), .doc = "With route."),
	PARAM_FLAG(A, delete, .fallback = "false", .doc = "Remove the rule."),
	PARAM_FLAG(A, log, .fallback = "false", .doc = "Log new connections."),
	PARAM_FLAG(A, route, .fallback = "false", .doc = "For what is passed on."),
	PARAM_INT(A, insert, .doc = "The rule's number."),
	PARAM_STRING(A, insert_relative_to, .fallback = "zero", .choices = TEXTS("zero"),
		.doc = "Only zero: the number counts from the first rule."),
	PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "commands", "list", "What ufw was told." },
	{ NULL, NULL, NULL } };

static void
add_pair(struct module_call *call, const char *const **words, const char *key, const char *value)
{
	if (!value)
		return;
	words_add(call->arena, words, key);
	words_add(call->arena, words, value);
}

static const char *const *
rule_words(struct module_call *call, bool is_trial)
{
	const struct ufw_args *args = call->args;
	struct arena *arena = call->arena;
	const char *const *words = NULL;
	const char *direction = !args->direction		      ? NULL
				: text_starts(args->direction, "in")  ? "in"
				: text_starts(args->direction, "out") ? "out"
								      : NULL;

	words_add(arena, &words, "ufw");
	if (is_trial)
		words_add(arena, &words, "--dry-run");
	if (args->route)
		words_add(arena, &words, "route");
	if (args->delete)
		words_add(arena, &words, "delete");
	if (args->insert != PARAM_NO_INT && !args->delete)
		add_pair(call, &words, "insert",
			arena_format(arena, "%lld", (long long)args->insert));
	words_add(arena, &words, args->rule);
	if (direction)
		words_add(arena, &words, direction);
	add_pair(call, &words, "on", args->interface);
	if (args->interface_in) {
		words_add(arena, &words, "in");
		add_pair(call, &words, "on", args->interface_in);
	}
	if (args->interface_out) {
		words_add(arena, &words, "out");
		add_pair(call, &words, "on", args->interface_out);
	}
	if (args->log)
		words_add(arena, &words, "log");
	add_pair(call, &words, "from", args->from_ip);
	add_pair(call, &words, "port", args->from_port);
	add_pair(call, &words, "to", args->to_ip);
	add_pair(call, &words, "port", args->to_port);
	add_pair(call, &words, "proto", args->proto);
	add_pair(call, &words, "app", args->name);
	add_pair(call, &words, "comment", args->delete ? NULL : args->comment);
	return words;
}

static bool
plan_rule(struct module_call *call, struct error *err)
{
	struct process_result result = { 0 };
	struct module_command trial = {
		.argv = rule_words(call, true), .is_parsed = true, .merges = true
	};
	bool is_well = module_run(call, &trial, &result, err), is_new = false;

	if (is_well) {
		is_new = !strstr(result.out.data, "Skipping ") &&
			 !strstr(result.out.data, "Could not delete non-existent rule");
		if (is_new && result.status != 0)
			is_well = fail(err, ERR_TASK, "ufw: %.400s", result.out.data);
	}
	process_result_release(&result);
	if (is_well && is_new)
		steps_add(call, rule_words(call, false));
	return is_well;
}

/* "Default: deny (incoming), allow (outgoing), disabled (routed)"; "Logging: on (low)". */
static bool
status_has(const char *status, const char *text)
{
	return strstr(status, text) != NULL;
}

static bool
ufw_inspect(struct module_call *call, struct error *err)
{
	const struct ufw_args *args = call->args;
	struct arena *arena = call->arena;
	const char *status, *way;
	bool is_active;

	if (!args->rule && !args->state && !args->policy && !args->logging)
		return fail(err, ERR_OPTIONS,
			"one of the following is required: state, default, rule, logging");
	if (!program_need(call, "ufw", err) ||
		!module_run_well(call, TEXTS("ufw", "status", "verbose"), &status, err))
		return false;
	is_active = status_has(status, "Status: active");
	if (text_equals(args->state, "enabled") && !is_active)
		steps_add(call, TEXTS("ufw", "-f", "enable"));
	if (text_equals(args->state, "disabled") && is_active)
		steps_add(call, TEXTS("ufw", "-f", "disable"));
	if (text_equals(args->state, "reloaded"))
		steps_add(call, TEXTS("ufw", "-f", "reload"));
	if (text_equals(args->state, "reset"))
		steps_add(call, TEXTS("ufw", "-f", "reset"));
	if (args->logging &&
		!status_has(status,
			text_equals(args->logging, "off") || text_equals(args->logging, "on")
				? arena_format(arena, "Logging: %s", args->logging)
				: arena_format(arena, "Logging: on (%s)", args->logging)))
		steps_add(call, TEXTS("ufw", "logging", args->logging));
	if (args->policy) {
		way = !args->direction			    ? "incoming"
		      : text_starts(args->direction, "in")  ? "incoming"
		      : text_starts(args->direction, "out") ? "outgoing"
							    : "routed";
		if (!status_has(status, arena_format(arena, "%s (%s)", args->policy, way)))
			steps_add(call, TEXTS("ufw", "default", args->policy, way));
	}
	return !args->rule || plan_rule(call, err);
}

const struct module module_ufw = {
	.name = "ufw",
	.summary = DOC("Manage Ubuntu's firewall"),
	.params = params,
	.params_size = sizeof(struct ufw_args),
	.returns = DOC(returns),
	.examples = DOC("- ufw:\n"
			"    rule: allow\n"
			"    port: \"443\"\n"
			"    proto: tcp\n"),
	.check = SUPPORT_FULL,
	.inspect = ufw_inspect,
	.apply = steps_apply,
};
