/* seport: which type SELinux gives a port. */
#include <string.h>

#include "module/steps.h"

struct seport_args {
	const char *const *ports;
	const char *proto, *setype, *state;
	bool reload, local, ignore_selinux_state;
};

#define A struct seport_args
static const struct param params[] = { PARAM_TEXTS(A, ports, .required = true,
					       .doc = "Ports and ranges: 8080, 9000-9010."),
	PARAM_STRING(
		A, proto, .required = true, .choices = TEXTS("tcp", "udp"), .doc = "The protocol."),
	PARAM_STRING(A, setype, .required = true, .doc = "The type."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether they are to have it."),
	PARAM_FLAG(A, reload, .fallback = "true", .doc = "Load the policy anew."),
	PARAM_FLAG(A, local, .fallback = "false", .doc = "Only what was set by hand counts."),
	PARAM_FLAG(
		A, ignore_selinux_state, .fallback = "false", .doc = "Go on where SELinux is off."),
	PARAMS_END };
#undef A

/* "http_port_t  tcp  80, 81, 443" of `semanage port -l`. NULL: the port is in no line. */
static const char *
type_of(struct arena *arena, const char *list, const char *proto, const char *port)
{
	struct view rest = view_of(list), line, word;

	while (view_cut(&rest, '\n', &line)) {
		const char *type;

		if (!view_cut(&line, ' ', &word))
			continue;
		type = arena_view(arena, word);
		line = view_trim(line);
		if (!view_cut(&line, ' ', &word) || !view_is(word, proto))
			continue;
		while (view_cut(&line, ',', &word))
			if (view_is(view_trim(word), port))
				return type;
	}
	return NULL;
}

static bool
seport_inspect(struct module_call *call, struct error *err)
{
	const struct seport_args *args = call->args;
	bool wants = text_equals(args->state, "present");
	const char *list;

	if (!program_need(call, "semanage", err) ||
		!module_run_well(call,
			args->local ? TEXTS("semanage", "port", "-l", "-C", "-n")
				    : TEXTS("semanage", "port", "-l", "-n"),
			&list, err))
		return false;
	for (size_t i = 0; args->ports[i]; i++) {
		const char *port = args->ports[i],
			   *type = type_of(call->arena, list, args->proto, port);

		if (text_equals(type, args->setype) == wants)
			continue;
		if (wants)
			steps_add(call, TEXTS("semanage", "port", type ? "-m" : "-a", "-t",
						args->setype, "-p", args->proto, port));
		else
			steps_add(call, TEXTS("semanage", "port", "-d", "-p", args->proto, port));
	}
	return true;
}

const struct module module_seport = {
	.name = "seport",
	.summary = DOC("Say which type SELinux gives a port"),
	.params = params,
	.params_size = sizeof(struct seport_args),
	.examples = DOC("- seport:\n"
			"    ports: \"8443\"\n"
			"    proto: tcp\n"
			"    setype: http_port_t\n"),
	.check = SUPPORT_FULL,
	.inspect = seport_inspect,
	.apply = steps_apply,
};
