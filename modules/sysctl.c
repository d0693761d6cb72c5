/* sysctl: a setting of the kernel, in its file and now. */
#include <string.h>

#include "module/lines.h"
#include "module/host.h"

struct sysctl_args {
	const char *name, *value, *state, *sysctl_file;
	bool ignoreerrors, reload, sysctl_set;
};

static const struct param params[] = { PARAM_STRING(struct sysctl_args, name, .required = true,
					       .aliases = TEXTS("key"),
					       .doc = "The setting: net.ipv4.ip_forward."),
	PARAM_STRING(struct sysctl_args, value, .aliases = TEXTS("val"), .doc = "Its value."),
	PARAM_STRING(struct sysctl_args, state, .fallback = "present",
		.choices = TEXTS("present", "absent"), .doc = "Whether it is in the file."),
	PARAM_FLAG(struct sysctl_args, ignoreerrors, .fallback = "false",
		.doc = "Unknown settings are no failure."),
	PARAM_FLAG(struct sysctl_args, reload, .fallback = "true",
		.doc = "Run sysctl -p when the file was changed."),
	PARAM_PATH(struct sysctl_args, sysctl_file, .fallback = "/etc/sysctl.conf",
		.doc = "The file."),
	PARAM_FLAG(struct sysctl_args, sysctl_set, .fallback = "false",
		.doc = "Compare and set what the kernel has now, too."),
	PARAMS_END };

struct sysctl_call {
	struct text_edit edit;
	struct lines lines;
	const char *value;
	bool sets_live, writes;
};

/* Any white space counts as one space. */
static const char *
normal(struct arena *arena, struct view text)
{
	_cleanup_str_ struct str out = STR_INIT;

	text = view_trim(text);
	for (size_t i = 0; i < text.length; i++) {
		bool is_space = strchr(" \t\n", text.data[i]) != NULL;

		if (!is_space)
			str_add_char(&out, text.data[i]);
		else if (out.length && out.data[out.length - 1] != ' ')
			str_add_char(&out, ' ');
	}
	return arena_view(arena, str_view(&out));
}

/* yes and no, as a playbook may have written 1 and 0. */
static const char *
wanted_value(struct arena *arena, const char *value)
{
	if (text_equals(value, "True") || text_equals(value, "yes") || text_equals(value, "true") ||
		text_equals(value, "on"))
		return "1";
	if (text_equals(value, "False") || text_equals(value, "no") ||
		text_equals(value, "false") || text_equals(value, "off"))
		return "0";
	return normal(arena, view_of(value));
}

/* Dots become slashes; a slash in a name stands for a dot (net/ipv4/conf/eth0.100/forwarding). */
static const char *
live_path(struct arena *arena, const char *name)
{
	char *path = arena_format(arena, "/proc/sys/%s", name);
	bool has_slash = strchr(name, '/') != NULL;

	for (char *next = path + strlen("/proc/sys/"); *next && !has_slash; next++)
		if (*next == '.')
			*next = '/';
	return path;
}

static bool
line_is_for(struct view line, const char *name, struct view *value)
{
	struct view key;

	line = view_trim(line);
	if (!line.length || strchr("#;", *line.data) || !view_cut(&line, '=', &key) || !line.data)
		return false;
	key = view_trim(key);
	if (key.length && *key.data == '-')
		key = (struct view){ key.data + 1, key.length - 1 };
	*value = view_trim(line);
	return view_is(key, name);
}

static void
edit_lines(struct module_call *call, struct sysctl_call *state)
{
	const struct sysctl_args *args = call->args;
	bool wants = text_equals(args->state, "present"), is_there = false;
	struct view value, line;

	line = view_of(
		arena_format(call->arena, "%s=%s\n", args->name, state->value ? state->value : ""));
	for (size_t i = 0; i < state->lines.count;) {
		if (!line_is_for(state->lines.items[i], args->name, &value)) {
			i++;
			continue;
		}
		if (wants && !is_there) {
			is_there = true;
			if (!text_equals(normal(call->arena, value), state->value))
				state->lines.items[i] = line;
			i++;
		} else {
			lines_remove(&state->lines, i, 1);
		}
	}
	if (!wants || is_there)
		return;
	if (state->lines.count && !view_ends(state->lines.items[state->lines.count - 1], "\n"))
		lines_insert(call->arena, &state->lines, state->lines.count, VIEW("\n"));
	lines_insert(call->arena, &state->lines, state->lines.count, line);
}

static bool
sysctl_inspect(struct module_call *call, struct error *err)
{
	const struct sysctl_args *args = call->args;
	struct sysctl_call *state = arena_new(call->arena, struct sysctl_call);
	const char *live = file_first_line(call->arena, live_path(call->arena, args->name));
	bool wants = text_equals(args->state, "present");

	call->state = state;
	if (wants && (!args->value || !args->value[0]))
		return fail(err, ERR_OPTIONS, "value cannot be None");
	if (strchr(args->name, '\n') || strstr(args->name, ".."))
		return fail(err, ERR_OPTIONS, "name '%s' is not valid", args->name);
	state->value = args->value ? wanted_value(call->arena, args->value) : NULL;
	if (!edit_load(call, args->sysctl_file, &state->edit.path, &state->edit.before,
		    &state->edit.was_there, err))
		return false;
	lines_cut(call->arena, state->edit.before, &state->lines);
	edit_lines(call, state);
	state->edit.after = lines_join(call->arena, &state->lines);
	state->writes = !view_equals(state->edit.before, state->edit.after);
	state->sets_live = wants && args->sysctl_set &&
			   !(live && text_equals(normal(call->arena, view_of(live)), state->value));
	if (state->writes && !text_edit_inspect(call, &state->edit, err))
		return false;
	if (state->sets_live)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
run_sysctl(struct module_call *call, const char *flag, const char *what, struct error *err)
{
	const struct sysctl_args *args = call->args;
	const char *const *argv = args->ignoreerrors ? TEXTS("sysctl", "-e", flag, what)
						     : TEXTS("sysctl", flag, what);
	struct module_command command = { .argv = argv, .is_parsed = true, .merges = true };
	struct process_result result;
	bool is_well = module_run(call, &command, &result, err);

	if (is_well && !args->ignoreerrors &&
		(result.status != 0 || strstr(result.out.data, "Invalid argument") ||
			strstr(result.out.data, "Read-only file system"))) {
		is_well = fail(err, ERR_TASK,
			text_equals(flag, "-w") ? "setting %s failed"
						: "Failed to reload sysctl: %s",
			args->name);
		error_why(err, "%.900s", result.out.data);
	}
	process_result_release(&result);
	return is_well;
}

static bool
sysctl_apply(struct module_call *call, struct error *err)
{
	const struct sysctl_args *args = call->args;
	struct sysctl_call *state = call->state;

	if (state->sets_live &&
		!run_sysctl(call, "-w",
			arena_format(call->arena, "%s=%s", args->name, state->value), err))
		return false;
	if (!state->writes)
		return true;
	return text_edit_apply(call, &state->edit, err) &&
	       (!args->reload || run_sysctl(call, "-p", state->edit.path, err));
}

const struct module module_sysctl = {
	.name = "sysctl",
	.summary = DOC("Set a setting of the kernel, in its file and now"),
	.params = params,
	.params_size = sizeof(struct sysctl_args),
	.examples = DOC("- sysctl:\n"
			"    name: net.ipv4.ip_forward\n"
			"    value: \"1\"\n"
			"    sysctl_set: true\n"
			"    sysctl_file: /etc/sysctl.d/90-router.conf\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = sysctl_inspect,
	.apply = sysctl_apply,
};
