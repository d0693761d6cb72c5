/* systemd: units. */
#include "module/services.h"

static const struct param params[] = { PARAM_STRING(struct service_wanted, name,
					       .aliases = TEXTS("service", "unit"),
					       .doc = "The unit; .service is understood."),
	PARAM_STRING(struct service_wanted, state,
		.choices = TEXTS("reloaded", "restarted", "started", "stopped"),
		.doc = "started and stopped do nothing if it is so already."),
	PARAM_SWITCH(struct service_wanted, enabled, .doc = "Start it at boot."),
	PARAM_SWITCH(struct service_wanted, masked, .doc = "Make it impossible to start."),
	PARAM_FLAG(struct service_wanted, force, .fallback = "false",
		.doc = "Replace links that are in the way."),
	PARAM_FLAG(struct service_wanted, daemon_reload, .fallback = "false",
		.aliases = TEXTS("daemon-reload"),
		.doc = "Have systemd read its files anew, first."),
	PARAM_FLAG(struct service_wanted, daemon_reexec, .fallback = "false",
		.aliases = TEXTS("daemon-reexec"), .doc = "Have systemd start itself anew, first."),
	PARAM_STRING(struct service_wanted, scope, .fallback = "system",
		.choices = TEXTS("system", "user", "global"), .doc = "Whose units."),
	PARAM_FLAG(struct service_wanted, no_block, .fallback = "false",
		.doc = "Do not wait until it is done."),
	PARAMS_END };

static const struct module_return returns[] = { { "status", "dict", "What `systemctl show` says." },
	{ "state", "str", "started or stopped." }, { "enabled", "bool", "As wanted." },
	{ NULL, NULL, NULL } };

static bool
systemd_inspect(struct module_call *call, struct error *err)
{
	const struct service_wanted *args = call->args;

	if (!args->name &&
		(args->state || args->enabled != SWITCH_ABSENT || args->masked != SWITCH_ABSENT))
		return fail(err, ERR_OPTIONS, "missing parameter(s) required by 'state': name");
	if (!args->name && !args->daemon_reload && !args->daemon_reexec)
		return fail(err, ERR_OPTIONS,
			"one of the following is required: state, enabled, masked, daemon_reload, "
			"daemon_reexec");
	return unit_inspect(call, args, err);
}

static bool
systemd_apply(struct module_call *call, struct error *err)
{
	return unit_apply(call, call->args, err);
}

static const char *const aliases[] = { "systemd_service", NULL };

const struct module module_systemd = {
	.name = "systemd",
	.aliases = aliases,
	.summary = DOC("Start, stop, enable and mask units of systemd"),
	.params = params,
	.params_size = sizeof(struct service_wanted),
	.returns = DOC(returns),
	.examples = DOC("- systemd:\n"
			"    name: app\n"
			"    state: restarted\n"
			"    enabled: true\n"
			"    daemon_reload: true\n"),
	.check = SUPPORT_FULL,
	.inspect = systemd_inspect,
	.apply = systemd_apply,
};
