/* blockinfile: some lines of a file, between two marks. */
#include <errno.h>
#include <string.h>

#include "module/lines.h"
#include "module/regex.h"

struct blockinfile_args {
	const char *path, *state, *marker, *marker_begin, *marker_end, *block, *insertafter,
		*insertbefore, *validate;
	bool create, backup;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = { PARAM_PATH(struct blockinfile_args, path, .required = true,
					       .aliases = TEXTS("dest", "destfile", "name"),
					       .doc = "The file."),
	PARAM_STRING(struct blockinfile_args, state, .fallback = "present",
		.choices = TEXTS("absent", "present"), .doc = "Whether the block is to be there."),
	PARAM_STRING(struct blockinfile_args, marker, .fallback = "# {mark} ANSIBLE MANAGED BLOCK",
		.doc = "The lines around the block; {mark} becomes marker_begin and marker_end."),
	PARAM_STRING(struct blockinfile_args, marker_begin, .fallback = "BEGIN",
		.doc = "For the line in front."),
	PARAM_STRING(struct blockinfile_args, marker_end, .fallback = "END",
		.doc = "For the line behind."),
	PARAM_STRING(struct blockinfile_args, block, .fallback = "", .aliases = TEXTS("content"),
		.doc = "The lines. None: the block is removed."),
	PARAM_STRING(struct blockinfile_args, insertafter,
		.doc = "Where there is no block yet: behind the last line that matches this, or "
		       "EOF (the default)."),
	PARAM_STRING(struct blockinfile_args, insertbefore,
		.doc = "Where there is no block yet: in front of the last line that matches this, "
		       "or BOF."),
	PARAM_FLAG(struct blockinfile_args, create, .fallback = "false",
		.doc = "Make the file if it is not there."),
	PARAM_FLAG(struct blockinfile_args, backup, .fallback = "false",
		.doc = "Keep the old file beside the new one."),
	PARAM_STRING(struct blockinfile_args, validate,
		.doc = "A command that checks the new file (%s)."),
	ATTRIBUTE_PARAMS(struct blockinfile_args), PARAMS_END };

static const struct module_return returns[] = {
	{ "msg", "str", "Block inserted, Block removed, File created." }, { NULL, NULL, NULL }
};

static const char *
mark_line(struct arena *arena, const char *marker, const char *word)
{
	_cleanup_str_ struct str line = STR_INIT;
	const char *place;

	while ((place = strstr(marker, "{mark}"))) {
		str_add_bytes(&line, marker, (size_t)(place - marker));
		str_add(&line, word);
		marker = place + strlen("{mark}");
	}
	str_add(&line, marker);
	str_add_char(&line, '\n');
	return arena_view(arena, str_view(&line));
}

/* (?m), alone or among other flags, in front: then the expression is for the whole text. */
static bool
is_multiline(const char *pattern)
{
	size_t length;

	if (!text_starts(pattern, "(?"))
		return false;
	length = strspn(pattern + 2, "aiLmsux");
	return pattern[2 + length] == ')' && memchr(pattern + 2, 'm', length);
}

/* The line in which the match ends (insertafter) or begins. */
static void
find_in_text(const struct regex *regex, const struct lines *lines, struct view text, bool at_end,
	size_t *out)
{
	struct regex_match match;
	size_t end = 0;

	if (!regex_search(regex, text, 0, &match))
		return;
	for (size_t i = 0; i < lines->count; i++) {
		end += lines->items[i].length;
		if ((at_end ? match.end : match.start) >= end && i + 1 < lines->count)
			continue;
		*out = at_end ? i + 1 : i;
		return;
	}
}

/* Where a new block goes. */
static bool
find_place(const struct blockinfile_args *args, const struct lines *lines, struct view text,
	size_t *out, struct error *err)
{
	const char *pattern =
		args->insertafter && !text_equals(args->insertafter, "EOF")	? args->insertafter
		: args->insertbefore && !text_equals(args->insertbefore, "BOF") ? args->insertbefore
										: NULL;
	_cleanup_regex_ struct regex *regex = NULL;
	struct regex_match match;

	*out = text_equals(args->insertbefore, "BOF") ? 0 : lines->count;
	if (!pattern)
		return true;
	if (!regex_compile(pattern, 0, &regex, err))
		return false;
	if (is_multiline(pattern)) {
		find_in_text(regex, lines, text, args->insertafter != NULL, out);
		return true;
	}
	for (size_t i = 0; i < lines->count; i++)
		if (regex_search(regex, lines->items[i], 0, &match))
			*out = args->insertafter ? i + 1 : i;
	return true;
}

/* Takes an old block away; `*at` is where it stood. False: there was none. */
static bool
take_block(struct lines *lines, const char *begin, const char *end, size_t *at)
{
	size_t first = SIZE_MAX, last = SIZE_MAX;

	for (size_t i = 0; i < lines->count; i++) {
		/* The last line of a file may lack its newline. */
		struct view line = line_text(lines->items[i]);

		if (view_equals(line, line_text(view_of(begin))))
			first = i;
		if (view_equals(line, line_text(view_of(end))))
			last = i;
	}
	if (first == SIZE_MAX || last == SIZE_MAX)
		return false;
	*at = MIN(first, last);
	lines_remove(lines, *at, MAX(first, last) - *at + 1);
	return true;
}

static bool
put_block(struct module_call *call, struct lines *lines, struct view text, bool has_block,
	struct error *err)
{
	const struct blockinfile_args *args = call->args;
	const char *begin = mark_line(call->arena, args->marker, args->marker_begin);
	const char *end = mark_line(call->arena, args->marker, args->marker_end);
	struct lines block;
	size_t at;

	if (!take_block(lines, begin, end, &at) && !find_place(args, lines, text, &at, err))
		return false;
	if (at > 0 && !view_ends(lines->items[at - 1], "\n"))
		lines->items[at - 1] = view_of(arena_format(call->arena, "%.*s\n",
			(int)lines->items[at - 1].length, lines->items[at - 1].data));
	if (!has_block)
		return true;
	lines_cut(call->arena,
		view_of(arena_format(call->arena, "%s%s%s%s", begin, args->block,
			text_ends(args->block, "\n") ? "" : "\n", end)),
		&block);
	for (size_t i = 0; i < block.count; i++)
		lines_insert(call->arena, lines, at + i, block.items[i]);
	return true;
}

static bool
blockinfile_inspect(struct module_call *call, struct error *err)
{
	const struct blockinfile_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	bool has_block = text_equals(args->state, "present") && args->block[0];
	struct lines lines;
	const char *message;

	call->state = edit;
	*edit = (struct text_edit){
		.validate = args->validate,
		.backup = args->backup,
		.unsafe_writes = args->unsafe_writes,
		.lists_diffs = true,
		.attributes = ATTRIBUTES_OF(args),
	};
	if (args->insertafter && args->insertbefore)
		return fail(err, ERR_OPTIONS,
			"parameters are mutually exclusive: insertbefore|insertafter");
	if (!edit_load(call, args->path, &edit->path, &edit->before, &edit->was_there, err))
		return false;
	if (!edit->was_there && !args->create) {
		result_int(call, "rc", 257);
		return fail(err, ERR_MISSING, "Path %s does not exist !", args->path);
	}
	if (!edit->was_there && text_equals(args->state, "absent")) {
		result_set(
			call, "msg", value_format(call->arena, "File %s not present", args->path));
		return true;
	}
	lines_cut(call->arena, edit->before, &lines);
	if (!put_block(call, &lines, edit->before, has_block, err))
		return false;
	edit->after = lines_join(call->arena, &lines);
	message = !edit->was_there			   ? "File created"
		  : view_equals(edit->before, edit->after) ? ""
		  : has_block				   ? "Block inserted"
							   : "Block removed";
	result_text(call, "msg", message);
	return text_edit_inspect(call, edit, err);
}

static bool
blockinfile_apply(struct module_call *call, struct error *err)
{
	const struct text_edit *edit = call->state;

	return (edit->was_there ||
		       directory_make(path_parent(call->arena, edit->path), 0777, err)) &&
	       text_edit_apply(call, edit, err);
}

const struct module module_blockinfile = {
	.name = "blockinfile",
	.summary = DOC("See to it that a marked block of lines is in a file, or is not"),
	.params = params,
	.params_size = sizeof(struct blockinfile_args),
	.returns = DOC(returns),
	.examples = DOC("- blockinfile:\n"
			"    path: /etc/hosts\n"
			"    marker: \"# {mark} the cluster\"\n"
			"    block: |\n"
			"      10.0.0.1 one\n"
			"      10.0.0.2 two\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = blockinfile_inspect,
	.apply = blockinfile_apply,
};
