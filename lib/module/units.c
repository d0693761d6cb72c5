/* Units of systemd, by systemctl. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "module/services.h"
#include "module/words.h"

bool
systemd_is_running(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

bool
systemd_is_init(void)
{
	char target[PATH_MAX];
	ssize_t length = readlink("/sbin/init", target, sizeof(target) - 1);

	target[MAX(length, (ssize_t)0)] = '\0';
	return text_equals(path_name(target), "systemd");
}

struct unit {
	bool is_known, is_masked, is_enabled, is_running, is_stopping;
	bool cannot_enable; /* static, transient: nothing to enable */
	bool has_state;	    /* false: systemd is not at work, nothing can be started */
	const char *load_error;
};

/* Where the user's own systemd is found; a login without PAM does not say it. */
static const struct value *
user_environment(struct arena *arena)
{
	struct value *map = value_map(arena);

	value_set(arena, map, "XDG_RUNTIME_DIR",
		value_format(arena, "/run/user/%u", (unsigned)geteuid()));
	return map;
}

static bool
systemctl(struct module_call *call, const struct service_wanted *wanted, struct process_result *out,
	struct error *err, const char *verb)
{
	struct module_command command = { .is_parsed = true };
	const char *const *argv = NULL;

	words_add(call->arena, &argv, "systemctl");
	if (text_equals(wanted->scope, "user"))
		words_add(call->arena, &argv, "--user");
	if (text_equals(wanted->scope, "global"))
		words_add(call->arena, &argv, "--global");
	if (wanted->no_block)
		words_add(call->arena, &argv, "--no-block");
	if (wanted->force)
		words_add(call->arena, &argv, "--force");
	words_add(call->arena, &argv, verb);
	if (text_equals(verb, "is-enabled"))
		words_add(call->arena, &argv, "-l");
	if (wanted->name && !text_starts(verb, "daemon-"))
		words_add(call->arena, &argv, wanted->name);
	command.argv = argv;
	if (!text_equals(wanted->scope, "system") && !getenv("XDG_RUNTIME_DIR"))
		command.environment = user_environment(call->arena);
	if (!module_run(call, &command, out, err))
		return err->kind == ERR_IO && err->code == 2
			       ? fail(err, ERR_MISSING,
					 "Failed to find required executable \"systemctl\"")
			       : false;
	return true;
}

static bool
do_verb(struct module_call *call, const struct service_wanted *wanted, const char *verb,
	struct error *err)
{
	struct process_result result;
	struct view said;
	bool is_well = systemctl(call, wanted, &result, err, verb);

	if (is_well && result.status != 0) {
		said = view_trim(str_view(result.err.length ? &result.err : &result.out));
		is_well = fail(err, ERR_TASK, "Unable to %s service %s", verb,
			wanted->name ? wanted->name : "");
		error_why(err, "%.*s", (int)MIN(said.length, (size_t)900), said.data);
		if (wanted->name)
			error_hint(err, "see: journalctl -u %s", wanted->name);
	}
	process_result_release(&result);
	return is_well;
}

/* Values of keys Exec… that begin with a brace may go over several lines. */
static struct view
take_value(struct view key, struct view value, struct view *rest)
{
	struct view line;

	if (!view_starts(key, "Exec") || !view_starts(view_trim(value), "{"))
		return view_trim(value);
	while (!view_ends(view_trim(value), "}") && view_cut(rest, '\n', &line))
		value.length = (size_t)(line.data + line.length - value.data);
	return view_trim(value);
}

static void
read_status(struct module_call *call, struct view text, struct unit *out)
{
	struct value *status = value_map(call->arena);
	struct view line, key;
	const char *load, *active;

	while (view_cut(&text, '\n', &line))
		if (view_cut(&line, '=', &key) && line.data && key.length)
			value_set(call->arena, status, arena_view(call->arena, key),
				value_view(call->arena, take_value(key, line, &text)));
	load = value_string(value_get(status, "LoadState"));
	active = value_string(value_get(status, "ActiveState"));
	out->is_known = load && !text_equals(load, "not-found");
	out->is_masked = text_equals(load, "masked");
	if (out->is_known && !out->is_masked)
		out->load_error = value_string(value_get(status, "LoadError"));
	out->has_state = active != NULL;
	out->is_running = text_equals(active, "active") || text_equals(active, "activating") ||
			  text_equals(active, "reloading");
	out->is_stopping = text_equals(active, "deactivating");
	result_set(call, "status", status);
}

/* In a chroot, or with SYSTEMD_OFFLINE: systemctl knows files, but nobody runs. */
static bool
is_offline(const struct module_call *call)
{
	const struct value *given = value_get(call->environment, "SYSTEMD_OFFLINE");
	const char *here = given ? value_string(given) : getenv("SYSTEMD_OFFLINE");
	struct stat root, first;

	if (text_equals(here, "1"))
		return true;
	return stat("/", &root) == 0 && stat("/proc/1/root/.", &first) == 0 &&
	       (root.st_ino != first.st_ino || root.st_dev != first.st_dev);
}

/* `show` says nothing without a systemd at work; the unit's file may be there all the same. */
static bool
look_offline(struct module_call *call, const struct service_wanted *wanted, struct unit *out,
	struct error *err)
{
	static const char *const states[] = { "enabled", "enabled-runtime", "linked",
		"linked-runtime", "masked", "masked-runtime", "static", "indirect", "disabled",
		"generated", "transient" };
	struct process_result result;
	bool is_well = systemctl(call, wanted, &result, err, "is-enabled");

	struct view rest = is_well ? str_view(&result.out) : VIEW(""), word = VIEW("");

	if (view_cut(&rest, '\n', &word))
		word = view_trim(word);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		out->is_known |= view_is(word, states[i]);
	out->is_masked = view_is(word, "masked");
	process_result_release(&result);
	if (!is_well || out->is_known)
		return is_well;
	is_well = systemctl(call, wanted, &result, err, "list-unit-files");
	out->is_known = is_well && result.status == 0;
	process_result_release(&result);
	return is_well;
}

static bool
look_enabled(struct module_call *call, const struct service_wanted *wanted, struct unit *out,
	struct error *err)
{
	struct process_result result;
	bool is_well = systemctl(call, wanted, &result, err, "is-enabled");
	struct view rest, word = VIEW("");

	if (is_well) {
		rest = view_trim(str_view(&result.out));
		if (!view_cut(&rest, '\n', &word))
			word = VIEW("");
		out->is_enabled = result.status == 0 && !view_is(word, "enabled-runtime");
		out->cannot_enable = view_is(word, "static") || view_is(word, "generated") ||
				     view_is(word, "transient");
		/* With -l, what an indirect unit has enabled stands below. */
		if (view_is(word, "indirect") && !view_trim(rest).length)
			out->is_enabled = false;
	}
	process_result_release(&result);
	return is_well;
}

/* What the unit is now. */
static bool
look(struct module_call *call, const struct service_wanted *wanted, struct unit *out,
	struct error *err)
{
	struct process_result result;
	bool is_well;

	*out = (struct unit){ 0 };
	result_set(call, "status", value_map(call->arena));
	is_well = systemctl(call, wanted, &result, err, "show");
	if (is_well && result.status == 0 && result.out.length &&
		!strstr(result.out.data, "ignoring ") && !strstr(result.err.data, "ignoring "))
		read_status(call, str_view(&result.out), out);
	else if (is_well)
		is_well = look_offline(call, wanted, out, err);
	process_result_release(&result);
	if (is_well && out->load_error)
		return fail(err, ERR_TASK, "Error loading unit file '%s': %s", wanted->name,
			out->load_error);
	if (is_well && out->is_known && wanted->state && !out->has_state && !is_offline(call))
		return fail(err, ERR_TASK, "Service is in unknown state");
	return is_well &&
	       (wanted->enabled == SWITCH_ABSENT || look_enabled(call, wanted, out, err));
}

/* The verb that brings it to the wanted state; NULL: it is there. */
static const char *
verb_for(const struct service_wanted *wanted, const struct unit *unit)
{
	const char *state = wanted->state;

	if (!state || !unit->has_state)
		return NULL;
	if (text_equals(state, "started"))
		return unit->is_running ? NULL : "start";
	if (text_equals(state, "stopped"))
		return unit->is_running || unit->is_stopping ? "stop" : NULL;
	if (!unit->is_running && text_equals(state, "reloaded"))
		return "start";
	return text_equals(state, "reloaded") ? "reload" : "restart";
}

static bool
is_missing(struct module_call *call, const struct service_wanted *wanted, const struct unit *unit,
	struct error *err)
{
	if (unit->is_known || (!wanted->state && wanted->enabled == SWITCH_ABSENT))
		return false;
	/* A unit whose file has just come may show itself only after the reload. */
	if (wanted->daemon_reload && call->out->change == CHANGE_NONE)
		return false;
	fail(err, ERR_MISSING, "Could not find the requested service %s: host", wanted->name);
	return true;
}

static bool
wants_mask(const struct service_wanted *wanted, const struct unit *unit)
{
	return wanted->masked != SWITCH_ABSENT && (wanted->masked == SWITCH_ON) != unit->is_masked;
}

static bool
wants_enable(const struct service_wanted *wanted, const struct unit *unit)
{
	return wanted->enabled != SWITCH_ABSENT &&
	       (wanted->enabled == SWITCH_ON) != unit->is_enabled &&
	       !(wanted->enabled == SWITCH_OFF && unit->cannot_enable);
}

static void
set_results(struct module_call *call, const struct service_wanted *wanted)
{
	if (wanted->name)
		result_text(call, "name", wanted->name);
	if (wanted->enabled != SWITCH_ABSENT)
		result_bool(call, "enabled", wanted->enabled == SWITCH_ON);
	if (wanted->state)
		result_text(call, "state",
			text_equals(wanted->state, "stopped") ? "stopped" : "started");
}

bool
unit_inspect(struct module_call *call, const struct service_wanted *wanted, struct error *err)
{
	struct unit unit = { 0 };

	set_results(call, wanted);
	if (wanted->name && strpbrk(wanted->name, "*?["))
		return fail(err, ERR_OPTIONS,
			"This module does not currently support using glob patterns, found '%s' in "
			"service name",
			wanted->name);
	if (wanted->name) {
		if (!look(call, wanted, &unit, err) || is_missing(call, wanted, &unit, err))
			return false;
		if (unit.is_masked && wanted->masked != SWITCH_OFF && verb_for(wanted, &unit) &&
			!text_equals(wanted->state, "stopped"))
			return fail(err, ERR_TASK, "service %s is masked", wanted->name);
		if (wants_mask(wanted, &unit) || wants_enable(wanted, &unit) ||
			verb_for(wanted, &unit))
			call->out->change = CHANGE_WANTED;
	}
	if ((wanted->daemon_reload || wanted->daemon_reexec) && call->out->change == CHANGE_NONE) {
		call->out->change = CHANGE_WANTED;
		call->out->is_silent = true;
	}
	return true;
}

bool
unit_apply(struct module_call *call, const struct service_wanted *wanted, struct error *err)
{
	bool was_silent = call->out->is_silent;
	const char *verb;
	struct unit unit;

	if ((wanted->daemon_reload && !do_verb(call, wanted, "daemon-reload", err)) ||
		(wanted->daemon_reexec && !do_verb(call, wanted, "daemon-reexec", err)))
		return false;
	if (!wanted->name)
		return true;
	if (!look(call, wanted, &unit, err) || is_missing(call, wanted, &unit, err))
		return false;
	if (wants_mask(wanted, &unit)) {
		if (!do_verb(call, wanted, wanted->masked == SWITCH_ON ? "mask" : "unmask", err))
			return false;
		was_silent = false;
		if (!look(call, wanted, &unit, err))
			return false;
	}
	if (wants_enable(wanted, &unit)) {
		if (!do_verb(
			    call, wanted, wanted->enabled == SWITCH_ON ? "enable" : "disable", err))
			return false;
		was_silent = false;
	}
	verb = verb_for(wanted, &unit);
	if (verb && !do_verb(call, wanted, verb, err))
		return false;
	call->out->is_changed = verb || !was_silent;
	return true;
}
