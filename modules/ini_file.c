/* ini_file: options in files of sections. */
#include <string.h>

#include "module/lines.h"

struct ini_file_args {
	const char *path, *section, *option, *value, *state;
	const char *const *values;
	bool backup, create, no_extra_spaces, allow_no_value, exclusive;
	ATTRIBUTE_FIELDS;
};

#define A struct ini_file_args
static const struct param params[] = { PARAM_PATH(A, path, .required = true,
					       .aliases = TEXTS("dest"), .doc = "The file."),
	PARAM_STRING(A, section, .doc = "The section. Without: what stands before the first."),
	PARAM_STRING(A, option, .doc = "The option. Without, with absent: the whole section."),
	PARAM_STRING(A, value, .doc = "Its value."),
	PARAM_TEXTS(A, values, .doc = "Its values, a line each."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be there."),
	PARAM_FLAG(A, exclusive, .fallback = "true",
		.doc = "With several lines of the option: no others than these."),
	PARAM_FLAG(A, no_extra_spaces, .fallback = "false", .doc = "No spaces around the =."),
	PARAM_FLAG(A, allow_no_value, .fallback = "false", .doc = "An option without a value."),
	PARAM_FLAG(A, create, .fallback = "true", .doc = "Make the file if it is not there."),
	PARAM_FLAG(A, backup, .fallback = "false", .doc = "Keep the old file beside the new one."),
	ATTRIBUTE_PARAMS(A), PARAMS_END };
#undef A

static const struct module_return returns[] = { { "path", "str", "The file." },
	{ "msg", "str", "What was done: option added, option changed …" },
	{ "backup_file", "str", "Name of the backup." }, { NULL, NULL, NULL } };

struct ini {
	struct module_call *call;
	const struct ini_file_args *args;
	struct lines lines;
	size_t start, end; /* of the section, behind its head */
	bool is_found;
	const char *message;
};

static bool
is_section(struct view line, const char *name)
{
	line = view_trim(line);
	return line.length > 1 && *line.data == '[' && line.data[line.length - 1] == ']' &&
	       (!name || view_is((struct view){ line.data + 1, line.length - 2 }, name));
}

static void
find_section(struct ini *ini)
{
	const char *name = ini->args->section;

	ini->is_found = !name;
	for (size_t i = 0; name && i < ini->lines.count && !ini->is_found; i++)
		if (is_section(ini->lines.items[i], name)) {
			ini->is_found = true;
			ini->start = i + 1;
		}
	ini->end = ini->is_found ? ini->start : ini->lines.count;
	while (ini->is_found && ini->end < ini->lines.count &&
		!is_section(ini->lines.items[ini->end], NULL))
		ini->end++;
}

/* "option = value", in a comment with `comments`. */
static bool
is_option(struct view line, const char *name, bool comments)
{
	size_t length = strlen(name);

	line = view_trim(line);
	if (comments && line.length && strchr("#;", *line.data))
		line = view_trim((struct view){ line.data + 1, line.length - 1 });
	if (!view_starts(line, name))
		return false;
	line = view_trim((struct view){ line.data + length, line.length - length });
	return !line.length || *line.data == '=';
}

static const char *
option_line(const struct ini *ini, const char *value)
{
	const char *sign = ini->args->no_extra_spaces ? "=" : " = ";

	if (!value)
		return arena_format(ini->call->arena, "%s\n", ini->args->option);
	return arena_format(ini->call->arena, "%s%s%s\n", ini->args->option, sign, value);
}

static void
note(struct ini *ini, const char *message)
{
	if (!ini->message)
		ini->message = message;
}

static bool
has_line(const struct ini *ini, const char *line)
{
	for (size_t i = ini->start; i < ini->end; i++)
		if (view_equals(line_text(ini->lines.items[i]), line_text(view_of(line))))
			return true;
	return false;
}

/* A line for one value: in place of an old one, else behind the section's last option. */
static void
put_value(struct ini *ini, const char *value)
{
	const char *line = option_line(ini, value);
	const struct ini_file_args *args = ini->args;
	size_t at = ini->end;

	if (has_line(ini, line))
		return;
	for (int comments = 0; args->exclusive && comments < 2; comments++)
		for (size_t i = ini->start; i < ini->end; i++) {
			struct view old = ini->lines.items[i];
			bool is_kept = false;

			if (!is_option(old, args->option, comments))
				continue;
			for (size_t k = 0; args->values && args->values[k]; k++)
				is_kept |= view_equals(line_text(old),
					line_text(view_of(option_line(ini, args->values[k]))));
			if (is_kept)
				continue;
			ini->lines.items[i] = view_of(line);
			note(ini, "option changed");
			return;
		}
	while (at > ini->start && !line_text(ini->lines.items[at - 1]).length)
		at--;
	if (at && !view_ends(ini->lines.items[at - 1], "\n"))
		ini->lines.items[at - 1] = view_of(arena_format(ini->call->arena, "%s\n",
			arena_view(ini->call->arena, ini->lines.items[at - 1])));
	lines_insert(ini->call->arena, &ini->lines, at, view_of(line));
	ini->end++;
	note(ini, "option added");
}

static void
add_section(struct ini *ini)
{
	struct arena *arena = ini->call->arena;

	/* As Ansible's has it, a new file begins with an empty line. */
	if (!ini->lines.count || !view_ends(ini->lines.items[ini->lines.count - 1], "\n"))
		lines_insert(arena, &ini->lines, ini->lines.count, VIEW("\n"));
	lines_insert(arena, &ini->lines, ini->lines.count,
		view_of(arena_format(arena, "[%s]\n", ini->args->section)));
	ini->start = ini->end = ini->lines.count;
	note(ini, ini->args->option ? "section and option added" : "only section added");
}

static void
set_present(struct ini *ini, const char *const *values)
{
	if (!ini->is_found)
		add_section(ini);
	if (!ini->args->option)
		return;
	if (!values)
		put_value(ini, NULL);
	for (size_t i = 0; values && values[i]; i++)
		put_value(ini, values[i]);
	/* Lines of the option that are none of these. */
	for (size_t i = ini->end; ini->args->exclusive && i-- > ini->start;) {
		bool is_wanted = !values && view_equals(line_text(ini->lines.items[i]),
						    view_of(ini->args->option));

		if (!is_option(ini->lines.items[i], ini->args->option, false))
			continue;
		for (size_t k = 0; values && values[k]; k++)
			is_wanted |= view_equals(line_text(ini->lines.items[i]),
				line_text(view_of(option_line(ini, values[k]))));
		if (is_wanted)
			continue;
		lines_remove(&ini->lines, i, 1);
		ini->end--;
		note(ini, "option changed");
	}
}

static void
set_absent(struct ini *ini, const char *const *values)
{
	if (!ini->is_found)
		return;
	if (!ini->args->option) {
		if (!ini->args->section)
			return;
		lines_remove(&ini->lines, ini->start - 1, ini->end - ini->start + 1);
		note(ini, "section removed");
		return;
	}
	for (size_t i = ini->end; i-- > ini->start;) {
		bool is_wanted = ini->args->exclusive || !values;

		for (size_t k = 0; values && values[k]; k++)
			is_wanted |= view_equals(line_text(ini->lines.items[i]),
				line_text(view_of(option_line(ini, values[k]))));
		if (!is_wanted || !is_option(ini->lines.items[i], ini->args->option, false))
			continue;
		lines_remove(&ini->lines, i, 1);
		note(ini, "option changed");
	}
}

static bool
ini_file_inspect(struct module_call *call, struct error *err)
{
	const struct ini_file_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	struct ini ini = { .call = call, .args = args };
	bool wants = text_equals(args->state, "present");
	const char *one[] = { args->value, NULL };
	const char *const *values = args->value ? one : args->values;

	call->state = edit;
	if (args->value && args->values)
		return fail(err, ERR_OPTIONS, "parameters are mutually exclusive: value|values");
	if (wants && args->option && !values && !args->allow_no_value)
		return fail(err, ERR_OPTIONS,
			"Parameter 'value(s)' must be defined if state=present and "
			"allow_no_value=False");
	*edit = (struct text_edit){ .backup = args->backup,
		.unsafe_writes = args->unsafe_writes,
		.attributes = ATTRIBUTES_OF(args) };
	if (!edit_load(call, args->path, &edit->path, &edit->before, &edit->was_there, err))
		return false;
	if (!edit->was_there && !args->create) {
		result_int(call, "rc", 257);
		return fail(err, ERR_MISSING, "Destination %s does not exist!", args->path);
	}
	lines_cut(call->arena, edit->before, &ini.lines);
	find_section(&ini);
	if (wants)
		set_present(&ini, values);
	else
		set_absent(&ini, values);
	edit->after = lines_join(call->arena, &ini.lines);
	result_text(call, "path", args->path);
	result_text(call, "msg", ini.message ? ini.message : "OK");
	result_file(call, args->path);
	return (!edit->was_there && !wants) || text_edit_inspect(call, edit, err);
}

static bool
ini_file_apply(struct module_call *call, struct error *err)
{
	const struct text_edit *edit = call->state;

	if (!text_edit_apply(call, edit, err))
		return false;
	result_file(call, edit->path);
	return true;
}

const struct module module_ini_file = {
	.name = "ini_file",
	.summary = DOC("Set options in files of sections"),
	.params = params,
	.params_size = sizeof(struct ini_file_args),
	.returns = DOC(returns),
	.examples = DOC("- ini_file:\n"
			"    path: /etc/app.ini\n"
			"    section: server\n"
			"    option: port\n"
			"    value: \"8080\"\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = ini_file_inspect,
	.apply = ini_file_apply,
};
