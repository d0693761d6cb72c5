/* Services that are scripts: OpenRC's and SysV's. */
#include <glob.h>
#include <string.h>

#include "module/services.h"
#include "module/words.h"

struct script {
	bool has_openrc, is_known, is_enabled, is_running;
};

static bool
run(struct module_call *call, struct process_result *out, struct error *err,
	const char *const *argv)
{
	struct module_command command = { .argv = argv, .is_parsed = true, .merges = true };

	return module_run(call, &command, out, err);
}

static bool
do_words(struct module_call *call, const char *name, const char *const *argv, struct error *err)
{
	struct process_result result;
	bool is_well = run(call, &result, err, argv);

	if (is_well && result.status != 0) {
		is_well = fail(err, ERR_TASK, "'%s' failed for service %s",
			words_join(call->arena, argv), name);
		error_why(err, "%.900s", result.out.data);
	}
	process_result_release(&result);
	return is_well;
}

/* SysV: a link S20name in one of the multi-user run levels. OpenRC: in a directory of
 * /etc/runlevels. */
static bool
find_links(struct module_call *call, const struct service_wanted *wanted, bool has_openrc)
{
	const char *pattern =
		has_openrc
			? arena_format(call->arena, "/etc/runlevels/%s/%s",
				  wanted->runlevel ? wanted->runlevel : "default", wanted->name)
			: arena_format(call->arena, "/etc/rc[2345].d/S[0-9][0-9]%s", wanted->name);
	glob_t found = { 0 };
	bool has_link = glob(pattern, GLOB_NOSORT, NULL, &found) == 0 && found.gl_pathc > 0;

	globfree(&found);
	return has_link;
}

static bool
look(struct module_call *call, const struct service_wanted *wanted, struct script *out,
	struct error *err)
{
	struct process_result result;
	bool is_well;

	*out = (struct script){ .has_openrc = program_find(call->arena, "rc-service") != NULL };
	out->is_known =
		access(arena_format(call->arena, "/etc/init.d/%s", wanted->name), F_OK) == 0;
	if (!out->is_known)
		return fail(err, ERR_MISSING, "Could not find the requested service %s: host",
			wanted->name);
	out->is_enabled = find_links(call, wanted, out->has_openrc);
	is_well = run(call, &result, err,
		TEXTS(out->has_openrc ? "rc-service" : "service", wanted->name, "status"));
	out->is_running = is_well && result.status == 0 &&
			  !strstr(result.out.data, "is not running") &&
			  !strstr(result.out.data, "stopped");
	process_result_release(&result);
	return is_well;
}

static const char *
verb_for(const struct service_wanted *wanted, const struct script *script)
{
	if (!wanted->state)
		return NULL;
	if (text_equals(wanted->state, "started"))
		return script->is_running ? NULL : "start";
	if (text_equals(wanted->state, "stopped"))
		return script->is_running ? "stop" : NULL;
	return !script->is_running			? "start"
	       : text_equals(wanted->state, "reloaded") ? "reload"
							: "restart";
}

static bool
wants_enable(const struct service_wanted *wanted, const struct script *script)
{
	return wanted->enabled != SWITCH_ABSENT &&
	       (wanted->enabled == SWITCH_ON) != script->is_enabled;
}

bool
script_service_inspect(
	struct module_call *call, const struct service_wanted *wanted, struct error *err)
{
	struct script script;

	result_text(call, "name", wanted->name);
	if (wanted->enabled != SWITCH_ABSENT)
		result_bool(call, "enabled", wanted->enabled == SWITCH_ON);
	if (wanted->state)
		result_text(call, "state",
			text_equals(wanted->state, "stopped") ? "stopped" : "started");
	if (!look(call, wanted, &script, err))
		return false;
	if (wants_enable(wanted, &script) || verb_for(wanted, &script))
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
enable(struct module_call *call, const struct service_wanted *wanted, const struct script *script,
	struct error *err)
{
	bool on = wanted->enabled == SWITCH_ON;
	const char *name = wanted->name;

	if (script->has_openrc)
		return do_words(call, name,
			TEXTS("rc-update", on ? "add" : "del", name,
				wanted->runlevel ? wanted->runlevel : "default"),
			err);
	if (program_find(call->arena, "update-rc.d")) {
		if (on && !do_words(call, name, TEXTS("update-rc.d", name, "defaults"), err))
			return false;
		return do_words(
			call, name, TEXTS("update-rc.d", name, on ? "enable" : "disable"), err);
	}
	return do_words(call, name, TEXTS("chkconfig", name, on ? "on" : "off"), err);
}

bool
script_service_apply(
	struct module_call *call, const struct service_wanted *wanted, struct error *err)
{
	struct script script;
	const char *verb, *program;

	if (!look(call, wanted, &script, err))
		return false;
	if (wants_enable(wanted, &script) && !enable(call, wanted, &script, err))
		return false;
	verb = verb_for(wanted, &script);
	if (!verb)
		return true;
	program = script.has_openrc ? "rc-service" : "service";
	if (text_equals(verb, "restart") && wanted->sleep > 0)
		return do_words(call, wanted->name, TEXTS(program, wanted->name, "stop"), err) &&
		       module_sleep(call, (uint64_t)wanted->sleep * 1000, err) &&
		       do_words(call, wanted->name, TEXTS(program, wanted->name, "start"), err);
	return do_words(
		call, wanted->name, TEXTS(program, wanted->name, verb, wanted->arguments), err);
}
