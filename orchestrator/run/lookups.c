/* lookup('name', …), and with_name loops: what is looked at on the controller. Results are data
 * (rule R1). */
#include "orchestrator/run/lookups.h"

#include <ctype.h>
#include <glob.h>
#include <sys/stat.h>

#include "os/loop.h"
#include "os/process.h"

const char *
lookup_text(struct lookup *lookup, const struct value *term)
{
	return value_to_text(lookup->into, term);
}

bool
lookup_option(struct lookup *lookup, const char *name, bool fallback)
{
	const struct value *value = value_get(lookup->options, name);
	bool flag = fallback;

	return value && value_to_bool(value, &flag) ? flag : fallback;
}

const struct node *
lookup_node(const struct lookup *lookup)
{
	static const struct node nowhere = { .kind = NODE_TASK };

	return lookup->scope->task ? lookup->scope->task : &nowhere;
}

static bool
lookup_env(struct lookup *lookup, struct error *err)
{
	const struct value *fallback = value_get(lookup->options, "default");

	(void)err;
	VALUE_EACH (term, lookup->terms) {
		const char *value = getenv(lookup_text(lookup, term));

		if (value)
			value_add(lookup->into, lookup->out, value_text(lookup->into, value));
		else
			value_add(lookup->into, lookup->out,
				fallback ? fallback : &value_empty_string);
	}
	return true;
}

static bool
lookup_file(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *path;
		struct view text;

		if (!file_find(lookup_node(lookup), "files", lookup_text(lookup, term),
			    lookup->into, &path, err) ||
			!controller_text_read(lookup->scope->run, lookup->into, path, &text, err))
			return false;
		if (lookup_option(lookup, "rstrip", true))
			while (text.length && isspace((unsigned char)text.data[text.length - 1]))
				text.length--;
		if (lookup_option(lookup, "lstrip", false))
			while (text.length && isspace((unsigned char)text.data[0]))
				text = (struct view){ text.data + 1, text.length - 1 };
		value_add(lookup->into, lookup->out, value_view(lookup->into, text));
	}
	return true;
}

static bool
lookup_unvault(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *path;
		struct view text;

		if (!file_find(lookup_node(lookup), "files", lookup_text(lookup, term),
			    lookup->into, &path, err) ||
			!controller_text_read(lookup->scope->run, lookup->into, path, &text, err))
			return false;
		value_add(lookup->into, lookup->out, value_view(lookup->into, text));
	}
	return true;
}

static bool
lookup_template(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct str out = STR_INIT;
		const char *path;
		struct view text;
		bool ok;

		if (!file_find(lookup_node(lookup), "templates", lookup_text(lookup, term),
			    lookup->into, &path, err) ||
			!controller_text_read(lookup->scope->run, lookup->into, path, &text, err))
			return false;
		ok = template_render(lookup->scope->run->templates, &lookup->scope->templates, text,
			path, &template_options_default, &out, err);
		if (ok)
			value_add(lookup->into, lookup->out,
				value_view(lookup->into, str_view(&out)));
		str_release(&out);
		if (!ok)
			return false;
	}
	return true;
}

static bool
lookup_vars(struct lookup *lookup, struct error *err)
{
	const struct value *fallback = value_get(lookup->options, "default");

	VALUE_EACH (term, lookup->terms) {
		const struct value *raw, *value;

		if (!scope_find(&lookup->scope->scope, lookup->into,
			    view_of(lookup_text(lookup, term)), &raw, err))
			return false;
		if (!raw && !fallback)
			return fail(err, ERR_UNDEFINED, "No variable found with this name: %s",
				lookup_text(lookup, term));
		if (!raw)
			value = fallback;
		else if (!evaluate_value(lookup->scope, lookup->into, raw, &value, err))
			return false;
		value_add(lookup->into, lookup->out, value);
	}
	return true;
}

static bool
lookup_varnames(struct lookup *lookup, struct error *err)
{
	const struct value *names, *test;

	VALUE_EACH (term, lookup->terms)
		if (!value_is_string(term))
			return fail(err, ERR_TYPE,
				"Invalid setting identifier, \"%s\" is not a string, it is a %s",
				lookup_text(lookup, term), value_type_name(term));
	if (!scope_names(&lookup->scope->scope, lookup->into, &names, err))
		return false;
	VALUE_EACH (term, lookup->terms) {
		VALUE_EACH (name, names) {
			struct value *expression =
				value_format(lookup->into, "name is search(%s)", "pattern");
			struct value *locals = value_map(lookup->into);
			struct task_scope scope;

			expression->flags = VALUE_TEMPLATE;
			value_set(lookup->into, locals, "name", name);
			value_set(lookup->into, locals, "pattern", term);
			task_scope_init(&scope, lookup->scope->host, NULL, NULL, 0, locals);
			if (!template_expression(lookup->scope->run->templates, &scope.templates,
				    lookup->into, expression, &test, err))
				return false;
			if (value_is_true(test))
				value_add(lookup->into, lookup->out, name);
		}
	}
	return true;
}

const struct value *
lookup_as_list(struct lookup *lookup, const struct value *term)
{
	struct value *list;

	if (value_is_list(term))
		return term;
	list = value_list(lookup->into);
	value_add(lookup->into, list, term);
	return list;
}

static int
compare_values(const void *a, const void *b)
{
	return strcmp(value_string(*(const struct value *const *)a),
		value_string(*(const struct value *const *)b));
}

static bool
lookup_fileglob(struct lookup *lookup, struct error *err)
{
	const struct node *node = lookup_node(lookup);

	(void)err;
	VALUE_EACH (term, lookup->terms) {
		const char *pattern = lookup_text(lookup, term), *places[8];
		size_t count = 0;
		glob_t found;

		if (pattern[0] == '/') {
			places[count++] = pattern;
		} else {
			for (const struct role *role = node->role; role && count < 4;
				role = role->parent)
				if (role->path)
					places[count++] = arena_format(
						lookup->into, "%s/files/%s", role->path, pattern);
			if (node->play) {
				places[count++] = arena_format(lookup->into, "%s/files/%s",
					node->play->directory, pattern);
				places[count++] = arena_format(
					lookup->into, "%s/%s", node->play->directory, pattern);
			}
		}
		for (size_t i = 0; i < count; i++) {
			struct value *files = value_list(lookup->into);

			if (glob(places[i], 0, NULL, &found) != 0)
				continue;
			for (size_t j = 0; j < found.gl_pathc; j++) {
				struct stat status;
				char *real = realpath(found.gl_pathv[j], NULL);

				if (real && stat(real, &status) == 0 && S_ISREG(status.st_mode))
					value_add(lookup->into, files,
						value_text(lookup->into, real));
				free(real);
			}
			globfree(&found);
			if (!files->list.count)
				continue;
			qsort(files->list.items, files->list.count, sizeof(*files->list.items),
				compare_values);
			VALUE_EACH (file, files)
				value_add(lookup->into, lookup->out, file);
			break;
		}
	}
	return true;
}

/* One candidate of first_found; true: found and added. */
static bool
first_found_try(struct lookup *lookup, const char *directory, const char *name)
{
	const char *path = directory ? arena_format(lookup->into, "%s/%s", directory, name) : name;
	const char *found;
	static const char *const kinds[] = { "files", "templates", "vars", "tasks" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (file_find(lookup_node(lookup), kinds[i], path, lookup->into, &found, NULL)) {
			char *real = realpath(found, NULL);

			value_add(lookup->into, lookup->out,
				value_text(lookup->into, real ? real : found));
			free(real);
			return true;
		}
	return false;
}

const struct value *
lookup_split(struct lookup *lookup, const struct value *given, const char *separators)
{
	struct value *list = value_list(lookup->into);

	VALUE_EACH (item, lookup_as_list(lookup, given)) {
		const char *text = lookup_text(lookup, item);

		for (size_t length; *text; text += length + (text[length] != '\0')) {
			length = strcspn(text, separators);
			value_add(lookup->into, list, value_bytes(lookup->into, text, length));
		}
	}
	return list;
}

static bool
first_found_map(struct lookup *lookup, const struct value *map, bool *skips)
{
	const struct value *files = value_get(map, "files"), *paths = value_get(map, "paths");

	*skips |= value_is_true(value_get(map, "skip"));
	files = files ? lookup_split(lookup, files, ",;") : &value_empty_list;
	paths = paths ? lookup_split(lookup, paths, ",:;") : NULL;
	VALUE_EACH (file, files) {
		if (!paths || (value_is_list(paths) && !paths->list.count)) {
			if (first_found_try(lookup, NULL, lookup_text(lookup, file)))
				return true;
			continue;
		}
		VALUE_EACH (path, paths)
			if (first_found_try(
				    lookup, lookup_text(lookup, path), lookup_text(lookup, file)))
				return true;
	}
	return false;
}

static bool
lookup_first_found(struct lookup *lookup, struct error *err)
{
	bool skips = lookup_option(lookup, "skip", false);

	if (value_get(lookup->options, "files") && first_found_map(lookup, lookup->options, &skips))
		return true;
	VALUE_EACH (term, lookup->terms) {
		VALUE_EACH (one, lookup_as_list(lookup, term)) {
			if (value_is_map(one)
					? first_found_map(lookup, one, &skips)
					: first_found_try(lookup, NULL, lookup_text(lookup, one)))
				return true;
		}
	}
	if (skips)
		return true;
	fail(err, ERR_MISSING, "No file was found when using first_found.");
	return error_hint(err, "add skip: true if none may be there");
}

static bool
run_program(struct lookup *lookup, const char *const *argv, struct str *out, struct error *err)
{
	const struct process_options options = { .argv = argv,
		.deadline_ms = clock_ms() + 300 * 1000 };
	struct process_result result = { 0 };
	bool ok = process_run(&options, &result, err);

	(void)lookup;
	if (ok && result.status != 0) {
		ok = fail(err, ERR_TASK, "lookup_plugin.pipe(%s) returned %d", argv[2],
			result.status);
		error_why(err, "%.300s", result.err.data ? result.err.data : "");
	}
	if (ok)
		str_add_view(out, str_view(&result.out));
	process_result_release(&result);
	return ok;
}

static bool
lookup_pipe(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *argv[] = { "/bin/sh", "-c", lookup_text(lookup, term), NULL };
		struct str out = STR_INIT;
		bool ok = run_program(lookup, argv, &out, err);

		while (out.length && isspace((unsigned char)out.data[out.length - 1]))
			str_cut(&out, out.length - 1);
		if (ok)
			value_add(lookup->into, lookup->out,
				value_view(lookup->into, str_view(&out)));
		str_release(&out);
		if (!ok)
			return false;
	}
	return true;
}

static bool
lookup_lines(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *argv[] = { "/bin/sh", "-c", lookup_text(lookup, term), NULL };
		struct str out = STR_INIT;
		struct view rest, line;
		bool ok = run_program(lookup, argv, &out, err);

		rest = str_view(&out);
		if (view_ends(rest, "\n"))
			rest.length--;
		while (ok && out.length && view_cut(&rest, '\n', &line))
			value_add(lookup->into, lookup->out, value_view(lookup->into, line));
		str_release(&out);
		if (!ok)
			return false;
	}
	return true;
}

static bool
lookup_inventory_hostnames(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct host_list found = { 0 };

		if (!inventory_match(lookup->scope->run->inventory, lookup_text(lookup, term),
			    lookup->into, &found, err)) {
			if (err->kind != ERR_OPTIONS)
				return false;
			error_clear(err); /* nobody is called so */
		}
		for (size_t i = 0; i < found.count; i++)
			value_add(lookup->into, lookup->out,
				value_text(lookup->into, found.hosts[i]->name));
	}
	return true;
}

static const struct {
	const char *name;
	lookup_function *function;
} lookup_table[] = {
	{ "dict", lookup_dict },
	{ "env", lookup_env },
	{ "file", lookup_file },
	{ "unvault", lookup_unvault },
	{ "fileglob", lookup_fileglob },
	{ "first_found", lookup_first_found },
	{ "flattened", lookup_flattened },
	{ "indexed_items", lookup_indexed_items },
	{ "inventory_hostnames", lookup_inventory_hostnames },
	{ "items", lookup_items },
	{ "lines", lookup_lines },
	{ "list", lookup_list },
	{ "nested", lookup_nested },
	{ "cartesian", lookup_nested },
	{ "password", lookup_password },
	{ "pipe", lookup_pipe },
	{ "random_choice", lookup_random_choice },
	{ "sequence", lookup_sequence },
	{ "subelements", lookup_subelements },
	{ "template", lookup_template },
	{ "together", lookup_together },
	{ "varnames", lookup_varnames },
	{ "vars", lookup_vars },
};

static bool
lookup_refused(const char *name, struct error *err)
{
	const char *names[ARRAY_SIZE(lookup_table) + 1], *nearest;

	for (size_t i = 0; i < ARRAY_SIZE(lookup_table); i++)
		names[i] = lookup_table[i].name;
	names[ARRAY_SIZE(lookup_table)] = NULL;
	nearest = text_nearest(name, names);
	fail(err, ERR_UNSUPPORTED, "lookup plugin (%s) not found", name);
	return nearest ? error_hint(err, "did you mean '%s'?", nearest) : false;
}

bool
variables_lookup(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	struct lookup lookup = { .scope = context,
		.into = into,
		.terms = terms,
		.options = options,
		.out = value_list(into) };
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy.",
		"community.general." };
	const char *errors = value_string(value_get(options, "errors"));

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (text_starts(name, prefixes[i]))
			name += strlen(prefixes[i]);
	*out = lookup.out;
	for (size_t i = 0; i < ARRAY_SIZE(lookup_table); i++) {
		if (strcmp(lookup_table[i].name, name) != 0)
			continue;
		if (lookup_table[i].function(&lookup, err))
			return true;
		if (!errors || !strcmp(errors, "strict") || (err && err->kind == ERR_PENDING))
			return false;
		if (!strcmp(errors, "warn") && err)
			report_warning(lookup.scope->run->report, "%s", err->what);
		*out = value_list(into);
		return true;
	}
	return lookup_refused(name, err);
}

bool
variables_load(void *context, struct arena *into, const char *name, struct view *text,
	const char **path, struct error *err)
{
	struct task_scope *scope = context;
	static const struct node nowhere = { .kind = NODE_TASK };

	return file_find(
		       scope->task ? scope->task : &nowhere, "templates", name, into, path, err) &&
	       controller_text_read(scope->run, into, *path, text, err);
}
