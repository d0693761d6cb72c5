/* service_facts: the services and their states, as the fact `services`. */
#include <string.h>

#include "module/services.h"
#include "module/steps.h"

static const struct module_return returns[] = { { "ansible_facts", "dict",
							"services: name → { name, state, status, "
							"source }." },
	{ NULL, NULL, NULL } };

static void
set_service(struct module_call *call, struct value *services, const char *name, const char *state,
	const char *status, const char *source)
{
	struct value *item = value_map(call->arena);

	value_set(call->arena, item, "name", value_text(call->arena, name));
	value_set(call->arena, item, "state", value_text(call->arena, state));
	if (status)
		value_set(call->arena, item, "status", value_text(call->arena, status));
	value_set(call->arena, item, "source", value_text(call->arena, source));
	value_set(call->arena, services, name, item);
}

/* The next word; marks of units in trouble do not count. */
static const char *
next_word(struct arena *arena, struct view *line)
{
	struct view word;

	do {
		*line = view_trim(*line);
		if (!view_cut(line, ' ', &word))
			return "";
	} while (word.length && ((unsigned char)*word.data >= 0x80 || *word.data == '*'));
	return arena_view(arena, word);
}

static bool
is_bad(const char *word)
{
	return text_equals(word, "not-found") || text_equals(word, "masked") ||
	       text_equals(word, "failed");
}

static bool
read_systemd(struct module_call *call, struct value *services, struct error *err)
{
	const char *units, *files;
	struct view rest, line;

	if (!module_run_well(call,
		    TEXTS("systemctl", "list-units", "--no-pager", "--no-legend", "--plain",
			    "--type=service", "--all"),
		    &units, err) ||
		!module_run_well(call,
			TEXTS("systemctl", "list-unit-files", "--no-pager", "--no-legend",
				"--type=service", "--all"),
			&files, err))
		return false;
	rest = view_of(units);
	while (view_cut(&rest, '\n', &line)) {
		const char *name = next_word(call->arena, &line),
			   *load = next_word(call->arena, &line),
			   *active = next_word(call->arena, &line),
			   *sub = next_word(call->arena, &line);

		if (text_ends(name, ".service"))
			set_service(call, services, name,
				text_equals(sub, "running") ? "running" : "stopped",
				is_bad(load)	 ? load
				: is_bad(active) ? active
						 : "unknown",
				"systemd");
	}
	rest = view_of(files);
	while (view_cut(&rest, '\n', &line)) {
		const char *name = next_word(call->arena, &line),
			   *status = next_word(call->arena, &line);
		const struct value *old = value_get(services, name);

		if (!text_ends(name, ".service"))
			continue;
		set_service(call, services, name,
			old			       ? value_string(value_get(old, "state"))
			: text_ends(name, "@.service") ? "unknown"
						       : "inactive",
			status, "systemd");
	}
	return true;
}

/* " [ + ]  name" of service --status-all; " name  [  started  ]" of rc-status. */
static bool
read_scripts(struct module_call *call, struct value *services, bool is_openrc, struct error *err)
{
	const char *text;
	struct view rest, line;

	if (!program_ask(call,
		    is_openrc ? TEXTS("rc-status", "--servicelist")
			      : TEXTS("service", "--status-all"),
		    &text, err))
		return false;
	rest = view_of(text ? text : "");
	while (view_cut(&rest, '\n', &line)) {
		const char *first = next_word(call->arena, &line),
			   *second = next_word(call->arena, &line),
			   *third = next_word(call->arena, &line),
			   *name = is_openrc ? first : next_word(call->arena, &line);

		if (*name && text_equals(is_openrc ? second : first, "["))
			set_service(call, services, name,
				text_equals(is_openrc ? third : second, is_openrc ? "started" : "+")
					? "running"
					: "stopped",
				NULL, is_openrc ? "openrc" : "sysv");
	}
	return true;
}

static bool
service_facts_inspect(struct module_call *call, struct error *err)
{
	struct value *services = value_map(call->arena), *facts = value_map(call->arena);
	bool is_openrc = program_find(call->arena, "rc-status") != NULL;

	if ((is_openrc || program_find(call->arena, "service")) &&
		!read_scripts(call, services, is_openrc, err))
		return false;
	if (systemd_is_running() && !read_systemd(call, services, err))
		return false;
	value_set(call->arena, facts, "services", services);
	result_set(call, "ansible_facts", facts);
	return true;
}

const struct module module_service_facts = {
	.name = "service_facts",
	.summary = DOC("Tell the services and their states, as facts"),
	.returns = DOC(returns),
	.examples = DOC("- service_facts:\n"
			"- debug:\n"
			"    msg: it runs\n"
			"  when: ansible_facts.services['nginx.service'].state == 'running'\n"),
	.check = SUPPORT_FULL,
	.inspect = service_facts_inspect,
};
