/* service: services of whatever init system is there. */
#include "module/services.h"

/* What the init system is asked for comes first: its rows have its offsets. */
struct service_args {
	struct service_wanted wanted;
	const char *use, *pattern;
};

static const struct param params[] = { PARAM_STRING(struct service_wanted, name, .required = true,
					       .doc = "The service."),
	PARAM_STRING(struct service_wanted, state,
		.choices = TEXTS("reloaded", "restarted", "started", "stopped"),
		.doc = "started and stopped do nothing if it is so already."),
	PARAM_SWITCH(struct service_wanted, enabled, .doc = "Start it at boot."),
	PARAM_INT(struct service_wanted, sleep, .fallback = "0",
		.doc = "Seconds between stop and start of a restart (scripts only)."),
	PARAM_STRING(struct service_args, pattern,
		.doc = "Accepted, without effect: the status of the script counts."),
	PARAM_STRING(
		struct service_wanted, runlevel, .doc = "OpenRC's run level. Default: default."),
	PARAM_STRING(struct service_wanted, arguments, .aliases = TEXTS("args"),
		.doc = "More words for the script."),
	PARAM_STRING(struct service_args, use, .fallback = "auto",
		.doc = "systemd, sysvinit, openrc, or auto."),
	PARAM_SWITCH(struct service_wanted, masked, .doc = "As the module systemd has it."),
	PARAM_FLAG(struct service_wanted, daemon_reload, .fallback = "false",
		.aliases = TEXTS("daemon-reload"), .doc = "As the module systemd has it."),
	PARAM_FLAG(struct service_wanted, daemon_reexec, .fallback = "false",
		.doc = "As the module systemd has it."),
	PARAM_FLAG(struct service_wanted, no_block, .fallback = "false",
		.doc = "As the module systemd has it."),
	PARAM_FLAG(struct service_wanted, force, .fallback = "false",
		.doc = "As the module systemd has it."),
	PARAM_STRING(struct service_wanted, scope, .fallback = "system",
		.choices = TEXTS("system", "user", "global"),
		.doc = "As the module systemd has it."),
	PARAMS_END };

static const struct module_return returns[] = { { "name", "str", "The service." },
	{ "state", "str", "started or stopped." }, { "enabled", "bool", "As wanted." },
	{ NULL, NULL, NULL } };

static bool
uses_systemd(struct module_call *call, const struct service_args *args)
{
	if (text_starts(args->use, "systemd") || text_starts(args->use, "ansible.builtin.systemd"))
		return true;
	return text_equals(args->use, "auto") && (systemd_is_running() || systemd_is_init()) &&
	       program_find(call->arena, "systemctl");
}

static bool
service_inspect(struct module_call *call, struct error *err)
{
	const struct service_args *args = call->args;
	const struct service_wanted *wanted = &args->wanted;

	if (!wanted->state && wanted->enabled == SWITCH_ABSENT && wanted->masked == SWITCH_ABSENT)
		return fail(err, ERR_OPTIONS, "Neither 'state' nor 'enabled' set");
	return uses_systemd(call, args) ? unit_inspect(call, wanted, err)
					: script_service_inspect(call, wanted, err);
}

static bool
service_apply(struct module_call *call, struct error *err)
{
	const struct service_args *args = call->args;

	return uses_systemd(call, args) ? unit_apply(call, &args->wanted, err)
					: script_service_apply(call, &args->wanted, err);
}

static const char *const aliases[] = { "sysvinit", NULL };

const struct module module_service = {
	.name = "service",
	.aliases = aliases,
	.summary = DOC("Start, stop and enable services"),
	.params = params,
	.params_size = sizeof(struct service_args),
	.returns = DOC(returns),
	.examples = DOC("- service:\n"
			"    name: nginx\n"
			"    state: started\n"
			"    enabled: true\n"),
	.check = SUPPORT_FULL,
	.inspect = service_inspect,
	.apply = service_apply,
};
