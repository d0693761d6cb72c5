/* systemd: units. */
#include "module/services.h"

struct systemd_args {
	const char *name, *state, *scope;
	enum param_switch enabled, masked;
	bool force, daemon_reload, daemon_reexec, no_block;
};

static const struct param params[] = { PARAM_STRING(struct systemd_args, name,
					       .aliases = TEXTS("service", "unit"),
					       .doc = "The unit; .service is understood."),
	PARAM_STRING(struct systemd_args, state,
		.choices = TEXTS("reloaded", "restarted", "started", "stopped"),
		.doc = "started and stopped do nothing if it is so already."),
	PARAM_SWITCH(struct systemd_args, enabled, .doc = "Start it at boot."),
	PARAM_SWITCH(struct systemd_args, masked, .doc = "Make it impossible to start."),
	PARAM_FLAG(struct systemd_args, force, .fallback = "false",
		.doc = "Replace links that are in the way."),
	PARAM_FLAG(struct systemd_args, daemon_reload, .fallback = "false",
		.aliases = TEXTS("daemon-reload"),
		.doc = "Have systemd read its files anew, first."),
	PARAM_FLAG(struct systemd_args, daemon_reexec, .fallback = "false",
		.aliases = TEXTS("daemon-reexec"), .doc = "Have systemd start itself anew, first."),
	PARAM_STRING(struct systemd_args, scope, .fallback = "system",
		.choices = TEXTS("system", "user", "global"), .doc = "Whose units."),
	PARAM_FLAG(struct systemd_args, no_block, .fallback = "false",
		.doc = "Do not wait until it is done."),
	PARAMS_END };

static const struct module_return returns[] = { { "status", "dict", "What `systemctl show` says." },
	{ "state", "str", "started or stopped." }, { "enabled", "bool", "As wanted." },
	{ NULL, NULL, NULL } };

static struct service_wanted
wanted_of(const struct systemd_args *args)
{
	return (struct service_wanted){
		.name = args->name,
		.state = args->state,
		.enabled = args->enabled,
		.masked = args->masked,
		.daemon_reload = args->daemon_reload,
		.daemon_reexec = args->daemon_reexec,
		.no_block = args->no_block,
		.force = args->force,
		.scope = args->scope,
	};
}

static bool
systemd_inspect(struct module_call *call, struct error *err)
{
	const struct systemd_args *args = call->args;
	struct service_wanted wanted = wanted_of(args);

	if (!args->name &&
		(args->state || args->enabled != SWITCH_ABSENT || args->masked != SWITCH_ABSENT))
		return fail(err, ERR_OPTIONS, "missing parameter(s) required by 'state': name");
	if (!args->name && !args->daemon_reload && !args->daemon_reexec)
		return fail(err, ERR_OPTIONS,
			"one of the following is required: state, enabled, masked, daemon_reload, "
			"daemon_reexec");
	return unit_inspect(call, &wanted, err);
}

static bool
systemd_apply(struct module_call *call, struct error *err)
{
	struct service_wanted wanted = wanted_of(call->args);

	return unit_apply(call, &wanted, err);
}

static const char *const aliases[] = { "systemd_service", NULL };

const struct module module_systemd = {
	.name = "systemd",
	.aliases = aliases,
	.summary = "Start, stop, enable and mask units of systemd",
	.params = params,
	.params_size = sizeof(struct systemd_args),
	.returns = returns,
	.examples = "- systemd:\n"
		    "    name: app\n"
		    "    state: restarted\n"
		    "    enabled: true\n"
		    "    daemon_reload: true\n",
	.check = SUPPORT_FULL,
	.inspect = systemd_inspect,
	.apply = systemd_apply,
};
