/* seboolean: switches of SELinux. */
#include <string.h>

#include "module/steps.h"

struct seboolean_args {
	const char *name;
	bool state, persistent, ignore_selinux_state;
};

#define A struct seboolean_args
static const struct param params[] = { PARAM_STRING(
					       A, name, .required = true, .doc = "The switch."),
	PARAM_FLAG(A, state, .required = true, .doc = "On or off."),
	PARAM_FLAG(A, persistent, .fallback = "false", .doc = "Behind the next boot, too."),
	PARAM_FLAG(
		A, ignore_selinux_state, .fallback = "false", .doc = "Go on where SELinux is off."),
	PARAMS_END };
#undef A

/* "name  (on , off)  …" of `semanage boolean -l`: now and at boot; getsebool knows only now. */
static bool
seboolean_inspect(struct module_call *call, struct error *err)
{
	const struct seboolean_args *args = call->args;
	const char *now, *kept = NULL, *word = args->state ? "on" : "off", *mark;
	bool differs;

	result_text(call, "name", args->name);
	result_bool(call, "state", args->state);
	result_bool(call, "persistent", args->persistent);
	if (!program_need(call, "getsebool", err) || !program_need(call, "setsebool", err) ||
		!program_ask(call, TEXTS("getsebool", args->name), &now, err))
		return false;
	if (!now)
		return fail(err, ERR_TASK, "SELinux boolean %s does not exist.", args->name);
	differs = !text_ends(
		arena_view(call->arena, view_trim(view_of(now))), args->state ? "> on" : "> off");
	if (args->persistent && program_find(call->arena, "semanage") &&
		!program_ask(call, TEXTS("semanage", "boolean", "-l"), &kept, err))
		return false;
	mark = kept ? strstr(kept, arena_format(call->arena, "\n%s ", args->name)) : NULL;
	mark = mark ? strchr(mark, ',') : NULL;
	if (mark)
		differs |= strncmp(mark + 1 + strspn(mark + 1, " "), word, strlen(word)) != 0;
	if (differs && args->persistent)
		steps_add(call, TEXTS("setsebool", "-P", args->name, word));
	else if (differs)
		steps_add(call, TEXTS("setsebool", args->name, word));
	return true;
}

const struct module module_seboolean = {
	.name = "seboolean",
	.summary = DOC("Set switches of SELinux"),
	.params = params,
	.params_size = sizeof(struct seboolean_args),
	.examples = DOC("- seboolean:\n"
			"    name: httpd_can_network_connect\n"
			"    state: true\n"
			"    persistent: true\n"),
	.check = SUPPORT_FULL,
	.inspect = seboolean_inspect,
	.apply = steps_apply,
};
