/* Lookups that find or read files: file, template, fileglob, first_found, unvault. */
#include <ctype.h>
#include <glob.h>
#include <sys/stat.h>

#include "orchestrator/lookups/internal.h"
#include "os/files.h"

bool
lookup_file(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct view text;

		if (!lookup_open(lookup, "files", lookup_text(lookup, term), &text, err))
			return false;
		if (lookup_option(lookup, "rstrip", true))
			while (text.length && isspace((unsigned char)text.data[text.length - 1]))
				text.length--;
		if (lookup_option(lookup, "lstrip", false))
			while (text.length && isspace((unsigned char)text.data[0]))
				text = (struct view){ text.data + 1, text.length - 1 };
		lookup_add_text(lookup, text);
	}
	return true;
}

/* What the file holds once it is decrypted; the reading does that already. */
bool
lookup_unvault(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct view text;

		if (!lookup_open(lookup, "files", lookup_text(lookup, term), &text, err))
			return false;
		lookup_add_text(lookup, text);
	}
	return true;
}

/* ---- template ---- */

/* The names of the caller with those of template_vars= in front. */
struct more_names {
	const struct template_scope *outer;
	const struct value *vars;
};

static bool
more_find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	const struct more_names *more = context;

	*out = value_get_view(more->vars, name);
	return *out || more->outer->find(more->outer->context, into, name, out, err);
}

static bool
more_names(void *context, struct arena *into, const struct value **out, struct error *err)
{
	const struct more_names *more = context;
	const struct value *outer;
	struct value *list;

	if (!more->outer->names(more->outer->context, into, &outer, err))
		return false;
	list = value_list_copy(into, outer);
	VALUE_PAIRS (pair, more->vars)
		value_add(into, list, pair->key);
	*out = list;
	return true;
}

static bool
more_lookup(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	const struct more_names *more = context;

	return more->outer->lookup(more->outer->context, into, name, terms, options, out, err);
}

static bool
more_load(void *context, struct arena *into, const char *name, struct view *text, const char **path,
	struct error *err)
{
	const struct more_names *more = context;

	return more->outer->load(more->outer->context, into, name, text, path, err);
}

bool
lookup_template(struct lookup *lookup, struct error *err)
{
	const struct value *vars = value_get(lookup->options, "template_vars");
	struct more_names more = { .outer = lookup->context->names,
		.vars = value_is_map(vars) ? vars : &value_empty_map };
	const struct template_scope scope = { .find = more_find,
		.names = more.outer->names ? more_names : NULL,
		.lookup = more.outer->lookup ? more_lookup : NULL,
		.load = more.outer->load ? more_load : NULL,
		.context = &more };
	struct template_options options = template_options_default;

	options.variable_start = lookup_option_text(lookup, "variable_start_string", "{{");
	options.variable_end = lookup_option_text(lookup, "variable_end_string", "}}");
	options.comment_start = lookup_option_text(lookup, "comment_start_string", "{#");
	options.comment_end = lookup_option_text(lookup, "comment_end_string", "#}");
	VALUE_EACH (term, lookup->terms) {
		const struct value *result;
		const char *path;
		struct view text;

		if (!lookup_find_file(lookup, "templates", lookup_text(lookup, term), &path, err) ||
			!lookup_read_file(lookup, path, &text, err))
			return false;
		if (!template_render_value(lookup->context->env, &scope, lookup->into, text, path,
			    &options, lookup_option(lookup, "convert_data", true),
			    lookup_option(lookup, "jinja2_native", false), &result, err))
			return false;
		value_add(lookup->into, lookup->out, result);
	}
	return true;
}

/* ---- fileglob ---- */

/* Python's glob leaves hidden files out as the shell does, and sorts nothing; sorted is one of the
 * orders it may give. */
static uint32_t
glob_add(struct lookup *lookup, const char *pattern)
{
	uint32_t before = lookup->out->list.count;
	struct stat status;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (stat(found.gl_pathv[i], &status) == 0 && S_ISREG(status.st_mode))
			lookup_add_text(lookup, view_of(found.gl_pathv[i]));
	globfree(&found);
	return lookup->out->list.count - before;
}

static void
fileglob_one(struct lookup *lookup, const char *term)
{
	const struct value *folders =
		lookup->context->folders(lookup->context->context, lookup->into);
	const char *directory;

	if (strchr(term, '/')) {
		if (lookup_find_file(
			    lookup, "files", path_parent(lookup->into, term), &directory, NULL))
			glob_add(lookup, path_join(lookup->into, directory, path_name(term)));
		return;
	}
	VALUE_EACH (folder, folders) {
		directory = value_string(folder);
		if (glob_add(lookup, arena_format(lookup->into, "%s/files/%s", directory, term)) ||
			glob_add(lookup, arena_format(lookup->into, "%s/%s", directory, term)))
			return;
	}
}

bool
lookup_fileglob(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		fileglob_one(lookup, lookup_text(lookup, term));
	return true;
}

/* ---- first_found ---- */

/* An absolute path without . and .., links as they are. */
static const char *
path_plain(struct arena *into, const char *path)
{
	struct view rest, piece;
	struct str out = STR_INIT;
	const char *result;
	char here[4096];

	if (path[0] != '/' && getcwd(here, sizeof(here)))
		path = arena_format(into, "%s/%s", here, path);
	rest = view_of(path);
	while (view_cut(&rest, '/', &piece)) {
		if (!piece.length || view_is(piece, "."))
			continue;
		if (view_is(piece, "..")) {
			const char *slash = strrchr(out.data, '/');

			str_cut(&out, slash ? (size_t)(slash - out.data) : 0);
			continue;
		}
		str_add_char(&out, '/');
		str_add_view(&out, piece);
	}
	result = out.length ? arena_view(into, str_view(&out)) : "/";
	str_release(&out);
	return result;
}

static bool
candidate_try(struct lookup *lookup, const char *path)
{
	static const char *const kinds[] = { "files", LOOKUP_KIND_OF_TASK };
	const char *found;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (lookup_find_file(lookup, kinds[i], path, &found, NULL)) {
			found = text_starts(found, "role:") ? found
							    : path_plain(lookup->into, found);
			lookup_add_text(lookup, view_of(found));
			return true;
		}
	return false;
}

/* files= and paths= of a map, or of the call itself; `term` where neither names a file. */
static bool
candidates_try(
	struct lookup *lookup, const struct value *map, const struct value *term, bool *skips)
{
	const struct value *files = value_get(map, "files"), *paths = value_get(map, "paths");

	if (value_get(map, "skip"))
		*skips = value_is_true(value_get(map, "skip"));
	files = files ? lookup_split(lookup, files, ",;") : &value_empty_list;
	paths = paths ? lookup_split(lookup, paths, ",:;") : &value_empty_list;
	VALUE_EACH (path, paths)
		VALUE_EACH (file, files)
			if (candidate_try(lookup, path_join(lookup->into, lookup_text(lookup, path),
							  lookup_text(lookup, file))))
				return true;
	if (paths->list.count)
		return false;
	VALUE_EACH (file, files)
		if (candidate_try(lookup, lookup_text(lookup, file)))
			return true;
	return !files->list.count && value_is_string(term) &&
	       candidate_try(lookup, value_string(term));
}

static bool
terms_try(struct lookup *lookup, const struct value *terms, bool *skips, struct error *err)
{
	VALUE_EACH (term, terms) {
		bool found;

		if (value_is_list(term)) {
			found = terms_try(lookup, term, skips, err);
			if (!found && err && err->kind != ERR_NONE)
				return false;
		} else if (value_is_map(term) || value_is_string(term)) {
			found = candidates_try(
				lookup, value_is_map(term) ? term : lookup->options, term, skips);
		} else {
			return fail(err, ERR_TYPE,
				"Invalid term supplied, can handle string, mapping or list of "
				"strings but got: %s for %s",
				value_type_name(term), lookup_text(lookup, term));
		}
		if (found)
			return true;
	}
	return false;
}

bool
lookup_first_found(struct lookup *lookup, struct error *err)
{
	const struct value *terms = lookup->terms;
	bool skips = lookup_option(lookup, "skip", false);
	struct error own = { 0 };

	if (terms_try(lookup, terms, &skips, &own))
		return true;
	if (own.kind != ERR_NONE) {
		if (err)
			*err = own;
		return false;
	}
	if (skips)
		return true;
	fail(err, ERR_MISSING, "No file was found when using first_found.");
	return error_hint(err, "add skip: true if none may be there");
}
