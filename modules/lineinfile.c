/* lineinfile: one line of a file is there, or is not. */
#include <errno.h>
#include <string.h>

#include "module/lines.h"
#include "module/regex.h"

struct lineinfile_args {
	const char *path, *state, *regexp, *search_string, *line, *insertafter, *insertbefore,
		*validate;
	bool backrefs, create, backup, firstmatch;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = { PARAM_PATH(struct lineinfile_args, path, .required = true,
					       .aliases = TEXTS("dest", "destfile", "name"),
					       .doc = "The file."),
	PARAM_STRING(struct lineinfile_args, state, .fallback = "present",
		.choices = TEXTS("absent", "present"), .doc = "Whether the line is to be there."),
	PARAM_STRING(struct lineinfile_args, regexp, .aliases = TEXTS("regex"),
		.doc = "Looked for in every line; the last match is replaced (all are removed with "
		       "absent)."),
	PARAM_STRING(struct lineinfile_args, search_string, .doc = "As regexp, but a plain text."),
	PARAM_STRING(struct lineinfile_args, line, .aliases = TEXTS("value"), .doc = "The line."),
	PARAM_FLAG(struct lineinfile_args, backrefs, .fallback = "false",
		.doc = "The line may hold \\1 and \\g<name>; without a match nothing is done."),
	PARAM_STRING(struct lineinfile_args, insertafter,
		.doc = "Where no line matches: behind the last line that matches this, or EOF (the "
		       "default)."),
	PARAM_STRING(struct lineinfile_args, insertbefore,
		.doc = "Where no line matches: in front of the last line that matches this, or "
		       "BOF."),
	PARAM_FLAG(struct lineinfile_args, create, .fallback = "false",
		.doc = "Make the file if it is not there."),
	PARAM_FLAG(struct lineinfile_args, backup, .fallback = "false",
		.doc = "Keep the old file beside the new one."),
	PARAM_FLAG(struct lineinfile_args, firstmatch, .fallback = "false",
		.doc = "The first match counts, not the last."),
	PARAM_STRING(struct lineinfile_args, validate,
		.doc = "A command that checks the new file (%s)."),
	ATTRIBUTE_PARAMS(struct lineinfile_args), PARAMS_END };

static const struct module_return returns[] = {
	{ "msg", "str", "line added, line replaced, or how many were removed." },
	{ "found", "int", "With absent: how many lines there were." },
	{ "backup", "str", "Name of the backup." }, { NULL, NULL, NULL }
};

struct line_call {
	struct text_edit edit;
	struct lines lines;
	struct regex *regex, *place; /* regexp; insertafter or insertbefore */
	bool has_match;
	struct regex_match match;
	size_t line_at, place_at; /* SIZE_MAX: nowhere */
};

static bool
contains(struct view line, const char *text)
{
	return memmem(line.data, line.length, text, strlen(text)) != NULL;
}

static bool
is_place(const char *text)
{
	return text && !text_equals(text, "BOF") && !text_equals(text, "EOF");
}

static void
find_match(const struct lineinfile_args *args, struct line_call *call)
{
	struct regex_match match;

	for (size_t i = 0; i < call->lines.count; i++) {
		bool is_match = call->regex
					? regex_search(call->regex, call->lines.items[i], 0, &match)
					: contains(call->lines.items[i], args->search_string);

		if (!is_match)
			continue;
		call->line_at = i;
		call->has_match = true;
		if (call->regex)
			call->match = match;
		if (args->firstmatch)
			return;
	}
}

/* Nothing matched: the line itself may be there; else remember where it would go. */
static void
find_place(const struct lineinfile_args *args, struct line_call *call)
{
	struct regex_match match;

	for (size_t i = 0; i < call->lines.count; i++) {
		struct view line = call->lines.items[i];

		if (view_is(line_text(line), args->line)) {
			call->line_at = i;
		} else if (call->place && regex_search(call->place, line, 0, &match)) {
			call->place_at = args->insertafter ? i + 1 : i;
			if (args->firstmatch)
				return;
		}
	}
}

static struct view
with_newline(struct arena *arena, struct view line)
{
	if (line.length && line.data[line.length - 1] == '\n')
		return line;
	return view_of(arena_format(arena, "%.*s\n", (int)line.length, line.data));
}

static bool
replace_line(
	struct module_call *call, struct line_call *state, const char **message, struct error *err)
{
	const struct lineinfile_args *args = call->args;
	_cleanup_str_ struct str expanded = STR_INIT;
	struct view line = view_of(args->line);

	if (args->backrefs && state->has_match && state->regex) {
		if (!regex_expand(state->regex, &state->match, args->line, &expanded, err))
			return false;
		line = view_of(arena_view(call->arena, str_view(&expanded)));
	}
	line = with_newline(call->arena, line);
	if (view_equals(state->lines.items[state->line_at], line))
		return true;
	state->lines.items[state->line_at] = line;
	*message = "line replaced";
	return true;
}

static void
add_line(struct module_call *call, struct line_call *state, const char **message)
{
	const struct lineinfile_args *args = call->args;
	struct lines *lines = &state->lines;
	struct view line = view_of(arena_format(call->arena, "%s\n", args->line));
	size_t at = state->place_at;

	if (text_equals(args->insertbefore, "BOF") || text_equals(args->insertafter, "BOF"))
		at = 0;
	else if (text_equals(args->insertafter, "EOF") || at == SIZE_MAX)
		at = lines->count;
	else if (args->insertafter &&
		 view_is(line_text(lines->items[at == lines->count ? at - 1 : at]), args->line))
		return;
	if (at && at == lines->count)
		lines->items[at - 1] = with_newline(call->arena, lines->items[at - 1]);
	lines_insert(call->arena, lines, at, line);
	*message = "line added";
}

static bool
make_present(
	struct module_call *call, struct line_call *state, const char **message, struct error *err)
{
	const struct lineinfile_args *args = call->args;

	if (!args->line)
		return fail(err, ERR_OPTIONS, "line is required with state=present");
	if (args->backrefs && !args->regexp)
		return fail(err, ERR_OPTIONS, "regexp is required with backrefs=true");
	if (!state->edit.was_there && !args->create) {
		result_int(call, "rc", 257);
		return fail(err, ERR_MISSING, "Destination %s does not exist !", args->path);
	}
	if (state->regex || args->search_string)
		find_match(args, state);
	if (!state->has_match)
		find_place(args, state);
	if (state->line_at != SIZE_MAX)
		return replace_line(call, state, message, err);
	if (!args->backrefs)
		add_line(call, state, message);
	return true;
}

static bool
make_absent(
	struct module_call *call, struct line_call *state, const char **message, struct error *err)
{
	const struct lineinfile_args *args = call->args;
	struct regex_match match;
	size_t found = 0;

	if (!args->regexp && !args->search_string && !args->line)
		return fail(err, ERR_OPTIONS,
			"one of line, search_string, or regexp is required with state=absent");
	if (!state->edit.was_there) {
		*message = "file not present";
		state->edit.was_there = true; /* it need not be made */
		return true;
	}
	for (size_t i = 0; i < state->lines.count;) {
		struct view line = state->lines.items[i];
		bool is_match = state->regex	      ? regex_search(state->regex, line, 0, &match)
				: args->search_string ? contains(line, args->search_string)
						      : view_is(line_text(line), args->line);

		if (is_match) {
			lines_remove(&state->lines, i, 1);
			found++;
		} else {
			i++;
		}
	}
	result_int(call, "found", (int64_t)found);
	if (found)
		*message = arena_format(call->arena, "%zu line(s) removed", found);
	return true;
}

static bool
compile(const struct lineinfile_args *args, struct line_call *state, struct error *err)
{
	const char *place = is_place(args->insertafter)	   ? args->insertafter
			    : is_place(args->insertbefore) ? args->insertbefore
							   : NULL;

	if (args->regexp && args->search_string)
		return fail(err, ERR_OPTIONS,
			"parameters are mutually exclusive: regexp|search_string");
	if (args->insertafter && args->insertbefore)
		return fail(err, ERR_OPTIONS,
			"parameters are mutually exclusive: insertbefore|insertafter");
	return (!args->regexp || regex_compile(args->regexp, 0, &state->regex, err)) &&
	       (!place || regex_compile(place, 0, &state->place, err));
}

static void
warn_of_empty(struct module_call *call)
{
	const struct lineinfile_args *args = call->args;
	bool is_regexp = text_equals(args->regexp, "");

	if (!is_regexp && !text_equals(args->search_string, ""))
		return;
	result_warn(call,
		arena_format(call->arena,
			"The %s is an empty string, which will match every line in the file. This "
			"may have unintended consequences, such as replacing the last line in the "
			"file rather than appending.%s",
			is_regexp ? "regular expression" : "search string",
			is_regexp ? " If this is desired, use '^' to match every line in the file "
				    "and avoid this warning."
				  : ""));
}

static bool
lineinfile_inspect(struct module_call *call, struct error *err)
{
	const struct lineinfile_args *args = call->args;
	struct line_call *state = arena_new(call->arena, struct line_call);
	const char *message = "";
	bool is_well;

	call->state = state;
	*state = (struct line_call){ .line_at = SIZE_MAX, .place_at = SIZE_MAX };
	state->edit = (struct text_edit){
		.validate = args->validate,
		.backup = args->backup,
		.unsafe_writes = args->unsafe_writes,
		.lists_diffs = true,
		.attributes = ATTRIBUTES_OF(args),
	};
	if (!edit_load(call, args->path, &state->edit.path, &state->edit.before,
		    &state->edit.was_there, err))
		return false;
	lines_cut(call->arena, state->edit.before, &state->lines);
	warn_of_empty(call);
	is_well = compile(args, state, err) &&
		  (text_equals(args->state, "present") ? make_present(call, state, &message, err)
						       : make_absent(call, state, &message, err));
	regex_free(state->regex);
	regex_free(state->place);
	if (!is_well)
		return false;
	state->edit.after = lines_join(call->arena, &state->lines);
	result_text(call, "msg", message);
	result_text(call, "backup", "");
	return text_edit_inspect(call, &state->edit, err);
}

static bool
lineinfile_apply(struct module_call *call, struct error *err)
{
	struct line_call *state = call->state;
	const struct value *backup;

	if (!state->edit.was_there &&
		!directory_make(path_parent(call->arena, state->edit.path), 0777, err))
		return false;
	if (!text_edit_apply(call, &state->edit, err))
		return false;
	backup = value_get(call->out->result, "backup_file");
	if (backup)
		result_set(call, "backup", backup);
	return true;
}

const struct module module_lineinfile = {
	.name = "lineinfile",
	.summary = DOC("See to it that one line is in a file, or is not"),
	.params = params,
	.params_size = sizeof(struct lineinfile_args),
	.returns = DOC(returns),
	.examples = DOC("- lineinfile:\n"
			"    path: /etc/ssh/sshd_config\n"
			"    regexp: '^#?PermitRootLogin'\n"
			"    line: PermitRootLogin no\n"
			"    validate: sshd -t -f %s\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = lineinfile_inspect,
	.apply = lineinfile_apply,
};
