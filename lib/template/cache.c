/* The cache of compiled templates: equal texts are parsed once in a run. */
#include "template/evaluation.h"

/* Keys are text for the map, so bytes that are NUL are spelled out. */
static void
cache_key(enum template_mode mode, struct view text, const char *name,
	const struct template_options *options, struct str *out)
{
	str_add_format(out, "%d%d%d%s|%s%s%s%s%s%s|%s|", (int)mode, options->trim_blocks,
		options->lstrip_blocks, options->newline_sequence ? options->newline_sequence : "",
		options->variable_start, options->variable_end, options->block_start,
		options->block_end, options->comment_start, options->comment_end, name ? name : "");
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i])
			str_add_char(out, text.data[i]);
		else
			str_add(out, "\\0");
}

static const struct template_options *
options_keep(struct template_env *env, const struct template_options *options)
{
	struct template_options *copy;

	if (options == &template_options_default)
		return options;
	copy = arena_new(&env->arena, struct template_options);
	*copy = *options;
	copy->variable_start =
		arena_text(&env->arena, options->variable_start ? options->variable_start : "{{");
	copy->variable_end =
		arena_text(&env->arena, options->variable_end ? options->variable_end : "}}");
	copy->block_start =
		arena_text(&env->arena, options->block_start ? options->block_start : "{%");
	copy->block_end = arena_text(&env->arena, options->block_end ? options->block_end : "%}");
	copy->comment_start =
		arena_text(&env->arena, options->comment_start ? options->comment_start : "{#");
	copy->comment_end =
		arena_text(&env->arena, options->comment_end ? options->comment_end : "#}");
	copy->newline_sequence = arena_text(&env->arena, options->newline_sequence);
	return copy;
}

bool
template_compile(struct template_env *env, enum template_mode mode, struct view text,
	const char *name, const struct template_options *options, struct template **out,
	struct error *err)
{
	struct error unheard = { .kind = ERR_NONE };
	struct syntax syntax = { .arena = &env->arena, .mode = mode, .err = err ? err : &unheard };
	struct str key;
	bool ok = true;

	syntax.options = options_keep(env, options);
	str_init(&key);
	cache_key(mode, text, name, syntax.options, &key);
	*out = map_get(&env->compiled, key.data);
	if (!*out) {
		unsigned line, column;

		ok = template_parse(&syntax, text, name, out);
		if (!ok && sscanf(syntax.err->where, "%u:%u", &line, &column) == 2)
			error_set_excerpt(syntax.err, text.data, text.length, line, column);
		if (ok)
			map_set(&env->compiled, key.data, *out);
	}
	str_release(&key);
	return ok;
}

/* Puts the place of the text in front of the "line:column" inside it. */
bool
place_widen(struct error *err, const char *name, const struct place *place)
{
	unsigned line = 1, column = 1;

	if (!err || sscanf(err->where, "%u:%u", &line, &column) != 2)
		return false;
	if (name)
		return error_where(err, "%s:%u:%u", name, line, column);
	if (!place || !place->file)
		return error_where(err, "%s", "");
	column += line == 1 && place->column ? place->column - 1 : 0;
	line += place->line ? place->line - 1 : 0;
	return error_where(err, "%s:%u:%u", place->file, line, column);
}

static bool
options_differ(const struct template_options *options)
{
	const struct template_options *usual = &template_options_default;

	return options->trim_blocks != usual->trim_blocks ||
	       options->lstrip_blocks != usual->lstrip_blocks ||
	       options->newline_sequence != usual->newline_sequence ||
	       options->variable_start != usual->variable_start ||
	       options->variable_end != usual->variable_end ||
	       options->block_start != usual->block_start ||
	       options->block_end != usual->block_end ||
	       options->comment_start != usual->comment_start ||
	       options->comment_end != usual->comment_end ||
	       options->line_statement != usual->line_statement ||
	       options->line_comment != usual->line_comment;
}

/* The compiled form of a string, noted in the value itself: the next evaluation pays nothing. */
bool
string_compile(struct template_env *env, enum template_mode mode, const struct value *source,
	struct view text, struct template **out, struct error *err)
{
	struct value *note = (struct value *)(uintptr_t)source;
	struct template_options options = template_options_default;
	bool is_whole = text.data == source->string.data && text.length == source->string.length;

	if (is_whole && source->string.compiled && source->string.compiled->mode == mode) {
		*out = source->string.compiled;
		return true;
	}
	if (mode == MODE_STRING && !header_read(&env->arena, &text, NULL, &options, err))
		return false;
	if (!template_compile(env, mode, text, NULL,
		    options_differ(&options) ? &options : &template_options_default, out, err)) {
		if (err && !err->why[0])
			error_why(err, "in '%.200s'", source->string.data);
		else if (err)
			error_hint(err, "the template is: %.300s", source->string.data);
		return place_widen(err, NULL, &source->place);
	}
	if (is_whole && (source->flags & VALUE_TEMPLATE))
		note->string.compiled = *out;
	return true;
}

bool
template_load(struct evaluation *run, const char *name, const struct template **out)
{
	const struct template_scope *scope = run->session->scope;
	struct error *err = run->session->err;
	const char *path = name;
	struct template *template;
	struct view text;

	if (!scope || !scope->load)
		return run_fail(run, ERR_MISSING, "template '%s' not found", name);
	if (!scope->load(scope->context, run->session->into, name, &text, &path, err))
		return false;
	if (!template_compile(run->session->env, MODE_FILE, text, path ? path : name,
		    &run->template->options, &template, err))
		return place_widen(err, path ? path : name, NULL);
	*out = template;
	return true;
}
