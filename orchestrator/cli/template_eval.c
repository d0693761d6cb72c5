/*
 * `ertc template-eval`: evaluates templates for tests that compare with Ansible's. One JSON object
 * a line on stdin, {"id", "template", "vars", "mode", "dir"}, one a line on stdout. A line that
 * cannot be read answers ok:false like any other failure.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/map.h"
#include "json/json.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/lookups/lookups.h"
#include "os/files.h"
#include "template/template.h"

enum { LINE_MOST = 64 * 1024 * 1024 };

struct request {
	const struct value *id, *template, *vars;
	const char *mode, *directory;
	struct template_env *env;
	struct template_scope scope;
};

/* ---- where names and files come from ---- */

static bool
find_name(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	const struct request *request = context;

	(void)into;
	(void)err;
	*out = value_get_view(request->vars, name);
	if (!*out && view_is(name, "omit")) { /* only a task has it */
		struct value *missing = value_text(into, "'omit' is undefined");

		missing->type = VALUE_UNDEFINED;
		*out = missing;
	}
	return true;
}

static bool
all_names(void *context, struct arena *into, const struct value **out, struct error *err)
{
	const struct request *request = context;
	struct value *list = value_list(into);

	(void)err;
	VALUE_PAIRS (pair, request->vars)
		value_add(into, list, pair->key);
	*out = list;
	return true;
}

static bool
find_file(void *context, const char *kind, const char *name, struct arena *into, const char **out,
	struct error *err)
{
	const struct request *request = context;
	const char *const places[] = { path_join(into, request->directory, kind),
		request->directory };

	if (name[0] == '~' && name[1] == '/' && getenv("HOME"))
		name = path_join(into, getenv("HOME"), name + 2);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *path = name[0] == '/' ? name : path_join(into, places[i], name);

		if (access(path, F_OK) != 0)
			continue;
		*out = path;
		return true;
	}
	return fail(err, ERR_MISSING, "could not locate file in lookup: %s", name);
}

static bool
read_path(void *context, const char *path, struct arena *into, struct view *out, struct error *err)
{
	struct str text;
	bool ok;

	(void)context;
	str_init(&text);
	ok = file_read(path, LINE_MOST, &text, err);
	if (ok)
		*out = (struct view){ arena_view(into, str_view(&text)), text.length };
	str_release(&text);
	return ok;
}

static const struct value *
folders(void *context, struct arena *into)
{
	const struct request *request = context;
	struct value *list = value_list(into);

	value_add(into, list, value_text(into, request->directory));
	return list;
}

static bool
look_up(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	struct request *request = context;
	const struct lookup_context lookups = { .env = request->env,
		.names = &request->scope,
		.directory = request->directory,
		.find_file = find_file,
		.read_file = read_path,
		.folders = folders,
		.context = request };

	return lookup_call(&lookups, into, name, terms, options, out, err);
}

static bool
load(void *context, struct arena *into, const char *name, struct view *text, const char **path,
	struct error *err)
{
	return find_file(context, "templates", name, into, path, err) &&
	       read_path(context, *path, into, text, err);
}

/* ---- modes ---- */

static bool
eval_value(const struct request *request, struct arena *into, const struct value **out,
	struct error *err)
{
	return template_evaluate(request->env, &request->scope, into, request->template, out, err);
}

static bool
eval_native(const struct request *request, struct arena *into, const struct value **out,
	struct error *err)
{
	template_env_set_native(request->env, true);
	return eval_value(request, into, out, err);
}

static bool
eval_text(const struct request *request, struct arena *into, bool lstrips, const struct value **out,
	struct error *err)
{
	struct template_options options = template_options_default;
	struct str text;
	bool ok;

	if (!value_is_string(request->template))
		return fail(err, ERR_TYPE, "the text of a file is a string, not %s",
			value_type_name(request->template));
	options.lstrip_blocks = lstrips;
	str_init(&text);
	ok = template_render(request->env, &request->scope, value_string_view(request->template),
		"template", &options, &text, err);
	if (ok)
		*out = value_view(into, str_view(&text));
	str_release(&text);
	return ok;
}

static bool
eval_file(const struct request *request, struct arena *into, const struct value **out,
	struct error *err)
{
	return eval_text(request, into, false, out, err);
}

static bool
eval_file_lstrip(const struct request *request, struct arena *into, const struct value **out,
	struct error *err)
{
	return eval_text(request, into, true, out, err);
}

static bool
eval_when(const struct request *request, struct arena *into, const struct value **out,
	struct error *err)
{
	bool is_true;

	if (!template_condition(
		    request->env, &request->scope, into, request->template, &is_true, err))
		return false;
	*out = is_true ? &value_true : &value_false;
	return true;
}

static const struct {
	const char *name;
	bool (*eval)(const struct request *request, struct arena *into, const struct value **out,
		struct error *err);
} modes[] = {
	{ "value", eval_value },
	{ "native", eval_native },
	{ "file", eval_file },
	{ "file_lstrip", eval_file_lstrip },
	{ "when", eval_when },
};

/* ---- lines ---- */

/* The caller's strings are the user's own. */
static const struct value *
marked(struct arena *into, const struct value *value)
{
	struct value *copy;

	if (value_is_string(value))
		return value_with_flags(into, value, VALUE_TEMPLATE);
	if (value_is_list(value)) {
		copy = value_list(into);
		VALUE_EACH (item, value)
			value_add(into, copy, marked(into, item));
		return copy;
	}
	if (!value_is_map(value))
		return value;
	copy = value_map(into);
	VALUE_PAIRS (pair, value)
		value_set_key(into, copy, pair->key, marked(into, pair->value));
	return copy;
}

static bool
request_read(struct view line, struct arena *into, struct request *out, struct error *err)
{
	const struct value *all, *mode, *directory;

	if (!json_parse(into, line, &all, err))
		return false;
	if (!value_is_map(all))
		return fail(err, ERR_PARSE, "a request is an object");
	out->id = value_get(all, "id");
	out->template = value_get(all, "template");
	out->vars = value_get(all, "vars");
	mode = value_get(all, "mode");
	directory = value_get(all, "dir");
	if (!out->template)
		return fail(err, ERR_PARSE, "a request needs a template");
	if (!value_is_none(out->vars) && !value_is_map(out->vars))
		return fail(err, ERR_PARSE, "vars is an object");
	if (!value_is_none(directory) && !value_is_string(directory))
		return fail(err, ERR_PARSE, "dir is a path");
	out->template = marked(into, out->template);
	out->vars = value_is_none(out->vars) ? &value_empty_map : marked(into, out->vars);
	out->mode = value_is_none(mode) ? "value" : value_string(mode);
	out->directory = value_is_none(directory) ? NULL : value_string(directory);
	return true;
}

static bool
request_run(struct view line, struct arena *into, struct request *request, const struct value **out,
	struct error *err)
{
	if (!request_read(line, into, request, err))
		return false;
	if (request->directory && chdir(request->directory) != 0)
		return fail_errno(err, "cannot go to '%s'", request->directory);
	if (!request->directory || request->directory[0] != '/') {
		char here[PATH_MAX];

		request->directory = arena_text(into, getcwd(here, sizeof(here)) ? here : ".");
	}
	request->scope = (struct template_scope){ .find = find_name,
		.names = all_names,
		.lookup = look_up,
		.load = load,
		.context = request };
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (text_equals(modes[i].name, request->mode))
			return modes[i].eval(request, into, out, err);
	return fail(err, ERR_PARSE, "there is no mode '%s'", request->mode ? request->mode : "");
}

/* A home of its own for each line, so that a long stream takes no more memory than its longest. */
static void
line_answer(struct view line)
{
	const struct json_style style = { 0 };
	struct request request = { .env = template_env_new() };
	struct error err = { 0 };
	const struct value *result;
	struct value *answer;
	struct arena arena;
	struct str out = STR_INIT;
	char text[2600];

	arena_init(&arena);
	answer = value_map(&arena);
	if (request_run(line, &arena, &request, &result, &err)) {
		value_set(&arena, answer, "id", request.id ? request.id : &value_none);
		value_set(&arena, answer, "ok", &value_true);
		value_set(&arena, answer, "value", result);
	} else {
		value_set(&arena, answer, "id", request.id ? request.id : &value_none);
		value_set(&arena, answer, "ok", &value_false);
		error_line(&err, text, sizeof(text));
		value_set(&arena, answer, "error",
			value_format(&arena, "%s%s%s%s%s%s", text, err.where[0] ? " (" : "",
				err.where, err.where[0] ? ")" : "", err.excerpt[0] ? "\n" : "",
				err.excerpt));
	}
	json_add(answer, &style, &out);
	str_add_char(&out, '\n');
	fwrite(out.data, 1, out.length, stdout);
	fflush(stdout);
	str_release(&out);
	arena_release(&arena);
	template_env_free(request.env);
}

int
command_template_eval(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (argc > 1) {
		bool asks = !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h");

		fprintf(asks ? stdout : stderr, "usage: ertc template-eval < REQUESTS\n\n"
						"One JSON object a line, {\"id\", \"template\", "
						"\"vars\", \"mode\", \"dir\"}; "
						"one a line back,\n{\"id\", \"ok\", \"value\" or "
						"\"error\"}. Modes: value (the "
						"default), native, file,\nfile_lstrip, when.\n");
		return asks ? 0 : 5;
	}
	while ((length = getline(&line, &room, stdin)) > 0) {
		struct view text = view_trim((struct view){ line, (size_t)length });

		if (text.length)
			line_answer(text);
	}
	free(line);
	return ferror(stdin) ? 1 : 0;
}
