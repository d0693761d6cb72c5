/* Which lookups there are, and those that need no file of their own: env, vars, varnames, pipe … */
#include <ctype.h>

#include "orchestrator/lookups/internal.h"
#include "os/loop.h"
#include "os/process.h"

const char *
lookup_text(struct lookup *lookup, const struct value *term)
{
	return value_to_text(lookup->into, term);
}

const char *
lookup_option_text(struct lookup *lookup, const char *name, const char *fallback)
{
	const struct value *value = value_get(lookup->options, name);

	return value_is_none(value) ? fallback : lookup_text(lookup, value);
}

bool
lookup_option(struct lookup *lookup, const char *name, bool fallback)
{
	const struct value *value = value_get(lookup->options, name);
	bool flag = fallback;

	return value && value_to_bool(value, &flag) ? flag : fallback;
}

void
lookup_add_text(struct lookup *lookup, struct view text)
{
	value_add(lookup->into, lookup->out, value_view(lookup->into, text));
}

bool
lookup_find_file(struct lookup *lookup, const char *kind, const char *name, const char **out,
	struct error *err)
{
	return lookup->context->find_file(
		lookup->context->context, kind, name, lookup->into, out, err);
}

bool
lookup_read_file(struct lookup *lookup, const char *path, struct view *out, struct error *err)
{
	return lookup->context->read_file(lookup->context->context, path, lookup->into, out, err);
}

bool
lookup_open(struct lookup *lookup, const char *kind, const char *name, struct view *out,
	struct error *err)
{
	const char *path;

	return lookup_find_file(lookup, kind, name, &path, err) &&
	       lookup_read_file(lookup, path, out, err);
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

const char *
lookup_words(struct lookup *lookup, const char *term, struct value *named)
{
	struct str key = STR_INIT;
	const char *result;

	while (*term) {
		size_t length = 0, equals = 0;
		char quote = '\0';

		term += strspn(term, " \t\n");
		for (; term[length] && (quote || !isspace((unsigned char)term[length])); length++) {
			if (quote ? term[length] == quote : strchr("'\"", term[length]) != NULL)
				quote = quote ? '\0' : term[length];
			else if (term[length] == '=' && !quote && !equals)
				equals = length;
		}
		if (equals) {
			struct view value = { term + equals + 1, length - equals - 1 };

			if (value.length > 1 && strchr("'\"", value.data[0]) &&
				value.data[value.length - 1] == value.data[0])
				value = (struct view){ value.data + 1, value.length - 2 };
			value_set(lookup->into, named, arena_bytes(lookup->into, term, equals),
				value_view(lookup->into, value));
		} else if (length) {
			str_add_format(&key, "%s%.*s", key.length ? " " : "", (int)length, term);
		}
		term += length;
	}
	result = arena_view(lookup->into, str_view(&key));
	str_release(&key);
	return result;
}

static bool
lookup_env(struct lookup *lookup, struct error *err)
{
	const struct value *fallback = value_get(lookup->options, "default");

	VALUE_EACH (term, lookup->terms) {
		const char *value;

		if (!value_is_string(term))
			return fail(err, ERR_TYPE, "'%s' object has no attribute 'split'",
				value_type_name(term));
		value = getenv(value_string(term));

		if (value)
			value_add(lookup->into, lookup->out, value_text(lookup->into, value));
		else
			value_add(lookup->into, lookup->out,
				fallback ? fallback : &value_empty_string);
	}
	return true;
}

/* ---- variables ---- */

static bool
lookup_vars(struct lookup *lookup, struct error *err)
{
	const struct value *fallback = value_get(lookup->options, "default");
	const struct template_scope *names = lookup->context->names;

	VALUE_EACH (term, lookup->terms) {
		const struct value *raw, *value;

		if (!value_is_string(term))
			return fail(err, ERR_TYPE,
				"Invalid setting identifier, \"%s\" is not a string, its a %s",
				lookup_text(lookup, term), value_type_name(term));
		if (!names->find(names->context, lookup->into, value_string_view(term), &raw, err))
			return false;
		if (!raw && !fallback)
			return fail(err, ERR_UNDEFINED, "No variable found with this name: %s",
				lookup_text(lookup, term));
		if (!raw)
			value = fallback;
		else if (!template_evaluate(
				 lookup->context->env, names, lookup->into, raw, &value, err))
			return false;
		value_add(lookup->into, lookup->out, value);
	}
	return true;
}

/* The names one pattern is found in: each is a round of the test `search`, asked of the engine. */
static bool
varnames_matching(struct lookup *lookup, const struct value *names, const struct value *pattern,
	struct error *err)
{
	struct value *locals = value_map(lookup->into);
	const struct value *found;

	value_set(lookup->into, locals, "names", names);
	value_set(lookup->into, locals, "pattern", pattern);
	if (!template_expression_over(lookup->context->env, lookup->into,
		    "names | select('search', pattern) | list", locals, &found, err)) {
		char cause[1024];

		error_line(err, cause, sizeof(cause));
		fail(err, ERR_TYPE, "Unable to use \"%s\" as a search parameter",
			lookup_text(lookup, pattern));
		return error_why(err, "%s", cause);
	}
	VALUE_EACH (name, found)
		value_add(lookup->into, lookup->out, name);
	return true;
}

static bool
lookup_varnames(struct lookup *lookup, struct error *err)
{
	const struct template_scope *scope = lookup->context->names;
	const struct value *names;

	VALUE_EACH (term, lookup->terms)
		if (!value_is_string(term))
			return fail(err, ERR_TYPE,
				"Invalid setting identifier, \"%s\" is not a string, it is a %s",
				lookup_text(lookup, term), value_type_name(term));
	if (!scope->names)
		return fail(err, ERR_UNSUPPORTED, "there are no variables to search");
	if (!scope->names(scope->context, lookup->into, &names, err))
		return false;
	VALUE_EACH (term, lookup->terms)
		if (!varnames_matching(lookup, names, term, err))
			return false;
	return true;
}

/* ---- programs ---- */

static bool
run_program(struct lookup *lookup, const char *command, struct str *out, struct error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };
	const struct process_options options = { .argv = argv,
		.directory = lookup->context->directory,
		.maximum = 16 * PROCESS_OUTPUT_MAX,
		.deadline_ms = clock_ms() + 300 * 1000 };
	struct process_result result = { 0 };
	bool ok = process_run(&options, &result, err);

	if (ok && result.status != 0) {
		ok = fail(err, ERR_TASK, "lookup_plugin.pipe(%s) returned %d", command,
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
		struct str out = STR_INIT;
		bool ok = run_program(lookup, lookup_text(lookup, term), &out, err);

		while (out.length && isspace((unsigned char)out.data[out.length - 1]))
			str_cut(&out, out.length - 1);
		if (ok)
			lookup_add_text(lookup, str_view(&out));
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
		struct str out = STR_INIT;
		struct view rest, line;
		bool ok = run_program(lookup, lookup_text(lookup, term), &out, err);

		rest = str_view(&out);
		if (view_ends(rest, "\n"))
			rest.length--;
		while (ok && out.length && view_cut(&rest, '\n', &line))
			lookup_add_text(lookup, line);
		str_release(&out);
		if (!ok)
			return false;
	}
	return true;
}

static bool
lookup_inventory_hostnames(struct lookup *lookup, struct error *err)
{
	if (!lookup->context->hosts)
		return fail(err, ERR_UNSUPPORTED, "there is no inventory to search");
	VALUE_EACH (term, lookup->terms)
		if (!lookup->context->hosts(lookup->context->context, lookup_text(lookup, term),
			    lookup->into, lookup->out, err))
			return false;
	return true;
}

static const struct {
	const char *name;
	lookup_function *function;
	const char *doc;
} lookup_table[] = {
	{ "config", lookup_config, "The value of a setting." },
	{ "csvfile", lookup_csvfile,
		"A column of the row of a CSV or TSV file that begins with the term." },
	{ "dict", lookup_dict, "The pairs of a dict, as a list of key and value." },
	{ "env", lookup_env, "An environment variable of the controller." },
	{ "file", lookup_file, "The text of a file of the controller." },
	{ "fileglob", lookup_fileglob,
		"The files of the controller that a shell pattern matches." },
	{ "first_found", lookup_first_found, "The first file of a list that is there." },
	{ "flattened", lookup_flattened, "Lists inside lists as one." },
	{ "indexed_items", lookup_indexed_items, "Items with their numbers in front." },
	{ "inventory_hostnames", lookup_inventory_hostnames, "The hosts that a pattern matches." },
	{ "ini", lookup_ini, "A value of an INI or properties file." },
	{ "items", lookup_items, "A list, with the lists in it spread out once." },
	{ "lines", lookup_lines, "The lines a program prints on the controller." },
	{ "list", lookup_list, "A list as it is." },
	{ "nested", lookup_nested, "Each item of one list with each of the others." },
	{ "cartesian", lookup_nested, "Each item of one list with each of the others." },
	{ "password", lookup_password, "A password that is made once and kept in a file." },
	{ "pipe", lookup_pipe, "What a command of the controller's shell prints." },
	{ "random_choice", lookup_random_choice, "One item, by chance." },
	{ "sequence", lookup_sequence, "Numbers from start to end, in a format." },
	{ "subelements", lookup_subelements,
		"Each dict of a list with each item of a list inside it." },
	{ "template", lookup_template, "A template file, evaluated." },
	{ "together", lookup_together, "The firsts of several lists, then the seconds …" },
	{ "unvault", lookup_unvault, "The text of a file, decrypted if it is encrypted." },
	{ "url", lookup_url, "What is found at a URL." },
	{ "varnames", lookup_varnames, "The names of variables that match a pattern." },
	{ "vars", lookup_vars, "Variables by their names." },
};

bool
lookup_about(size_t index, const char **name, const char **doc)
{
	if (index >= ARRAY_SIZE(lookup_table))
		return false;
	*name = lookup_table[index].name;
	*doc = lookup_table[index].doc;
	return true;
}

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
lookup_call(const struct lookup_context *context, struct arena *into, const char *name,
	const struct value *terms, const struct value *options, const struct value **out,
	struct error *err)
{
	struct lookup lookup = { .context = context,
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
	for (size_t i = 0; i < ARRAY_SIZE(lookup_table); i++) {
		if (strcmp(lookup_table[i].name, name) != 0)
			continue;
		*out = lookup.out;
		if (lookup_table[i].function(&lookup, err))
			return true;
		if (!errors || (strcmp(errors, "warn") != 0 && strcmp(errors, "ignore") != 0) ||
			(err && err->kind == ERR_PENDING))
			return false;
		if (!strcmp(errors, "warn") && err && context->warn)
			context->warn(context->context, err->what);
		error_clear(err);
		*out = NULL;
		return true;
	}
	return lookup_refused(name, err);
}
