/* Template files: the #jinja2: header, rendering, newlines. */
#include "template/evaluation.h"
#include "template/literal.h"

const struct template_options template_options_default = {
	.trim_blocks = true,
	.variable_start = "{{",
	.variable_end = "}}",
	.block_start = "{%",
	.block_end = "%}",
	.comment_start = "{#",
	.comment_end = "#}",
};

/* Ansible puts back the newlines at the end that Jinja2 took away. */
void
newlines_restore(const struct template *template, struct str *text)
{
	size_t count = 0;

	while (count < text->length && text->data[text->length - 1 - count] == '\n')
		count++;
	for (; count < template->newlines; count++)
		str_add(text, template->options.newline_sequence
				      ? template->options.newline_sequence
				      : "\n");
}

const struct value *
newlines_restored(struct arena *into, const struct template *template, const struct value *text)
{
	const struct value *result;
	struct str copy;

	str_init(&copy);
	str_add_view(&copy, value_string_view(text));
	newlines_restore(template, &copy);
	result = value_view(into, str_view(&copy));
	str_release(&copy);
	return result;
}

/* ---- #jinja2: trim_blocks:False, lstrip_blocks:True ---- */

/* `# for x in y` on a line of its own as {% for x in y %}. The newline belongs to it, and so do the
 * empty lines below. */
static void
line_statement_add(struct view statement, const struct template_options *options, struct str *out)
{
	statement = view_trim(statement);
	if (view_ends(statement, ":"))
		statement.length--;
	str_add(out, options->block_start ? options->block_start : "{%");
	str_add_char(out, ' ');
	str_add_view(out, statement);
	str_add_char(out, ' ');
	str_add(out, options->block_end ? options->block_end : "%}");
	if (options->trim_blocks)
		str_add_char(out, '\n');
}

static void
blank_lines_skip(struct view *text)
{
	struct view rest = *text, line;

	while (view_cut(&rest, '\n', &line) && rest.data && !view_trim(line).length)
		*text = rest;
}

/* What is in front of a comment that goes to the end of the line. */
static struct view
comment_dropped(struct view line, const char *prefix)
{
	const char *found = memmem(line.data, line.length, prefix, strlen(prefix));

	if (!found)
		return line;
	line.length = (size_t)(found - line.data);
	while (line.length && strchr(" \t\v\f", line.data[line.length - 1]))
		line.length--;
	return line;
}

/* Lines that are statements, or end with comments, by their first characters. */
static struct view
lines_rewrite(struct arena *arena, struct view text, const struct template_options *options)
{
	const char *statement = options->line_statement, *comment = options->line_comment;
	_cleanup_str_ struct str result = STR_INIT;
	struct view line;

	if (!statement && !comment)
		return text;
	while (view_cut(&text, '\n', &line)) {
		struct view bare = line;

		while (bare.length && strchr(" \t\v", bare.data[0]))
			bare = (struct view){ bare.data + 1, bare.length - 1 };
		if (statement && view_starts(bare, statement) &&
			!(comment && view_starts(bare, comment))) {
			size_t length = strlen(statement);

			line_statement_add(
				(struct view){ bare.data + length, bare.length - length }, options,
				&result);
			blank_lines_skip(&text);
			continue;
		}
		str_add_view(&result, comment ? comment_dropped(line, comment) : line);
		if (text.data)
			str_add_char(&result, '\n');
	}
	return (struct view){ arena_view(arena, str_view(&result)), result.length };
}

/* Any attribute of the environment may be named; those that matter are taken. */
static bool
header_option(
	struct arena *arena, struct view name, struct view value, struct template_options *options)
{
	const struct {
		const char *name;
		bool *flag;
		const char **text;
	} known[] = { { "trim_blocks", &options->trim_blocks, NULL },
		{ "lstrip_blocks", &options->lstrip_blocks, NULL },
		{ "variable_start_string", NULL, &options->variable_start },
		{ "variable_end_string", NULL, &options->variable_end },
		{ "block_start_string", NULL, &options->block_start },
		{ "block_end_string", NULL, &options->block_end },
		{ "comment_start_string", NULL, &options->comment_start },
		{ "comment_end_string", NULL, &options->comment_end },
		{ "line_statement_prefix", NULL, &options->line_statement },
		{ "line_comment_prefix", NULL, &options->line_comment },
		{ "newline_sequence", NULL, &options->newline_sequence } };
	const struct value *literal = literal_parse(arena, value, false);

	if (!literal)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!view_is(name, known[i].name))
			continue;
		if (known[i].flag)
			*known[i].flag = value_is_true(literal);
		else if (value_is_string(literal) && value_string(literal)[0])
			*known[i].text = value_string(literal);
		return known[i].flag || value_is_string(literal);
	}
	return true;
}

bool
header_read(struct arena *arena, struct view *text, const char *name,
	struct template_options *options, struct error *err)
{
	struct view rest = *text, line, pair, key;

	if (!view_starts(rest, "#jinja2:"))
		return true;
	if (!view_cut(&rest, '\n', &line))
		return true;
	*text = rest.data ? rest : VIEW("");
	line = (struct view){ line.data + 8, line.length - 8 };
	do {
		struct view value = VIEW("");

		if (!view_cut(&line, ',', &pair))
			pair = VIEW("");
		value = pair;
		if (!view_cut(&value, ':', &key) || !value.data ||
			!header_option(arena, view_trim(key), view_trim(value), options)) {
			fail(err, ERR_PARSE, "failed to parse jinja2 override '%.*s'",
				(int)MIN(view_trim(pair).length, 100), view_trim(pair).data);
			return error_where(err, "%s:1:1", name ? name : "template");
		}
	} while (line.data);
	*text = lines_rewrite(arena, *text, options);
	return true;
}

/* Renders within the session's arena; what it wrote is in `output`. *out is the file's own
 * template, not one that it extends. */
static bool
file_run(struct session *session, struct view text, const char *name,
	struct template_options *options, bool is_text, struct output *output,
	struct evaluation **run, const struct template **out, struct error *err)
{
	struct template *template;

	if (!header_read(session->into, &text, name, options, err))
		return false;
	if (!template_compile(session->env, MODE_FILE, text, name, options, &template, err))
		return place_widen(err, name, NULL);
	*run = session_run(session, template);
	(*run)->out = output;
	(*run)->is_text = is_text;
	*out = template;
	return render(*run, template);
}

bool
template_render(struct template_env *env, const struct template_scope *scope, struct view text,
	const char *name, const struct template_options *options, struct str *out,
	struct error *err)
{
	struct template_options merged = options ? *options : template_options_default;
	const struct template *template;
	struct evaluation *run;
	struct session session;
	struct output output;
	struct error own;
	struct arena arena;
	bool ok;

	arena_init(&arena);
	output_init(&output);
	ok = session_begin(&session, env, scope, &arena, &own) &&
	     file_run(&session, text, name, &merged, true, &output, &run, &template, &own);
	if (ok) {
		newlines_restore(template, &output.text);
		str_add_view(out, str_view(&output.text));
	}
	output_release(&output);
	ok = session_end(&session, ok, err);
	arena_release(&arena);
	return ok;
}

bool
template_render_value(struct template_env *env, const struct template_scope *scope,
	struct arena *into, struct view text, const char *name,
	const struct template_options *options, bool converts, bool is_native,
	const struct value **out, struct error *err)
{
	struct template_options merged = options ? *options : template_options_default;
	const struct template *template;
	struct evaluation *run;
	struct session session;
	struct output output;
	struct error own;
	bool ok, was_native = env->is_native;

	output_init(&output);
	env->is_native = was_native && is_native;
	ok = session_begin(&session, env, scope, into, &own) &&
	     file_run(&session, text, name, &merged, !converts, &output, &run, &template, &own);
	if (ok) {
		*out = converts ? output_concat(run, &output)
				: value_view(into, str_view(&output.text));
		if (value_is_string(*out))
			*out = newlines_restored(into, template, *out);
		if (!converts || (was_native && !is_native))
			*out = value_with_flags(
				into, value_text(into, value_to_text(into, *out)), VALUE_KEPT);
	}
	env->is_native = was_native;
	output_release(&output);
	return session_end(&session, ok, err);
}
