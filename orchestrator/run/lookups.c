/* lookup('name', …), and with_name loops: what is looked at on the controller. Results are data (rule R1). */
#include "orchestrator/run/internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "os/loop.h"
#include "os/process.h"

struct lookup {
	struct task_scope *scope;
	struct arena *into;
	const struct value *terms, *options;
	struct value *out;
};

typedef bool lookup_function(struct lookup *lookup, struct error *err);

static const char *
term_text(struct lookup *lookup, const struct value *term)
{
	return value_to_text(lookup->into, term);
}

static bool
option(struct lookup *lookup, const char *name, bool fallback)
{
	const struct value *value = value_get(lookup->options, name);
	bool flag = fallback;

	return value && value_to_bool(value, &flag) ? flag : fallback;
}

static const struct node *
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
		const char *value = getenv(term_text(lookup, term));

		if (value)
			value_add(lookup->into, lookup->out, value_text(lookup->into, value));
		else
			value_add(lookup->into, lookup->out, fallback ? fallback : &value_empty_string);
	}
	return true;
}

static bool
lookup_file(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *path;
		struct view text;

		if (!file_find(lookup_node(lookup), "files", term_text(lookup, term), lookup->into, &path, err) ||
			!controller_file_read(lookup->into, path, &text, err))
			return false;
		if (option(lookup, "rstrip", true))
			while (text.length && isspace((unsigned char)text.data[text.length - 1]))
				text.length--;
		if (option(lookup, "lstrip", false))
			while (text.length && isspace((unsigned char)text.data[0]))
				text = (struct view){ text.data + 1, text.length - 1 };
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

		if (!file_find(lookup_node(lookup), "templates", term_text(lookup, term), lookup->into, &path, err) ||
			!controller_file_read(lookup->into, path, &text, err))
			return false;
		ok = template_render(lookup->scope->run->templates, &lookup->scope->templates, text, path,
			&template_options_default, &out, err);
		if (ok)
			value_add(lookup->into, lookup->out, value_view(lookup->into, str_view(&out)));
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

		if (!scope_find(&lookup->scope->scope, lookup->into, view_of(term_text(lookup, term)), &raw, err))
			return false;
		if (!raw && !fallback)
			return fail(err, ERR_UNDEFINED, "No variable found with this name: %s", term_text(lookup, term));
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
			return fail(err, ERR_TYPE, "Invalid setting identifier, \"%s\" is not a string, it is a %s",
				term_text(lookup, term), value_type_name(term));
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
			if (!template_expression(lookup->scope->run->templates, &scope.templates, lookup->into,
				    expression, &test, err))
				return false;
			if (value_is_true(test))
				value_add(lookup->into, lookup->out, name);
		}
	}
	return true;
}

static void
flatten_into(struct lookup *lookup, const struct value *value, int depth)
{
	if (!value_is_list(value) || depth == 0) {
		value_add(lookup->into, lookup->out, value);
		return;
	}
	VALUE_EACH (item, value)
		flatten_into(lookup, item, depth - 1);
}

static bool
lookup_items(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		flatten_into(lookup, term, 1);
	return true;
}

static bool
lookup_list(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		value_add(lookup->into, lookup->out, term);
	return true;
}

static bool
lookup_flattened(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		flatten_into(lookup, term, 64);
	return true;
}

static bool
lookup_dict(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const struct value *map = term;

		if (term->type == VALUE_STRING && !term->string.length)
			continue;
		if (!value_is_map(map))
			return fail(err, ERR_TYPE, "with_dict expects a dict, got %s", value_type_name(term));
		VALUE_PAIRS (pair, map) {
			struct value *entry = value_map(lookup->into);

			value_set(lookup->into, entry, "key", pair->key);
			value_set(lookup->into, entry, "value", pair->value);
			value_add(lookup->into, lookup->out, entry);
		}
	}
	return true;
}

static bool
lookup_indexed_items(struct lookup *lookup, struct error *err)
{
	struct lookup flat = *lookup;

	flat.out = value_list(lookup->into);
	if (!lookup_items(&flat, err))
		return false;
	for (uint32_t i = 0; i < flat.out->list.count; i++) {
		struct value *pair = value_list(lookup->into);

		value_add(lookup->into, pair, value_int(lookup->into, i));
		value_add(lookup->into, pair, flat.out->list.items[i]);
		value_add(lookup->into, lookup->out, pair);
	}
	return true;
}

static const struct value *
term_list(struct lookup *lookup, const struct value *term)
{
	struct value *list;

	if (value_is_list(term))
		return term;
	list = value_list(lookup->into);
	value_add(lookup->into, list, term);
	return list;
}

static bool
lookup_together(struct lookup *lookup, struct error *err)
{
	uint32_t longest = 0;

	if (!lookup->terms->list.count)
		return fail(err, ERR_TYPE, "with_together requires at least one element in each list");
	VALUE_EACH (term, lookup->terms)
		longest = MAX(longest, term_list(lookup, term)->list.count);
	for (uint32_t i = 0; i < longest; i++) {
		struct value *row = value_list(lookup->into);

		VALUE_EACH (term, lookup->terms) {
			const struct value *list = term_list(lookup, term);

			value_add(lookup->into, row, i < list->list.count ? list->list.items[i] : &value_none);
		}
		value_add(lookup->into, lookup->out, row);
	}
	return true;
}

/* The product of the lists: the last varies fastest. */
static bool
lookup_nested(struct lookup *lookup, struct error *err)
{
	uint64_t total = lookup->terms->list.count ? 1 : 0;

	VALUE_EACH (term, lookup->terms) {
		total *= term_list(lookup, term)->list.count;
		if (total > 1000000)
			return fail(err, ERR_LIMIT, "with_nested gives more than a million items");
	}
	for (uint64_t i = 0; i < total; i++) {
		struct value *row = value_list(lookup->into);
		uint64_t rest = i, block = total;

		VALUE_EACH (term, lookup->terms) {
			const struct value *list = term_list(lookup, term), *item;

			block /= list->list.count;
			item = list->list.items[rest / block];
			rest %= block;
			if (value_is_list(item)) {
				VALUE_EACH (inner, item)
					value_add(lookup->into, row, inner);
			} else {
				value_add(lookup->into, row, item);
			}
		}
		value_add(lookup->into, lookup->out, row);
	}
	return true;
}

static bool
subelements_of(struct lookup *lookup, const struct value *item, const char *path, bool skips, struct error *err)
{
	const struct value *list = value_path(item, path);

	if (value_is_map(item) && value_is_true(value_get(item, "skipped")))
		return true;
	if (!value_is_list(list)) {
		if (skips)
			return true;
		return fail(err, ERR_TYPE, "could not find '%s' key in iterated item '%.100s'", path,
			value_to_text(lookup->into, item));
	}
	VALUE_EACH (inner, list) {
		struct value *pair = value_list(lookup->into);

		value_add(lookup->into, pair, item);
		value_add(lookup->into, pair, inner);
		value_add(lookup->into, lookup->out, pair);
	}
	return true;
}

static bool
lookup_subelements(struct lookup *lookup, struct error *err)
{
	const struct value *terms = lookup->terms, *first;
	bool skips = false;

	if (terms->list.count < 2 || !value_is_string(terms->list.items[1]))
		return fail(err, ERR_TYPE, "subelements lookup expects a list of two or three items");
	if (terms->list.count > 2)
		skips = value_is_true(value_get(terms->list.items[2], "skip_missing"));
	skips |= option(lookup, "skip_missing", false);
	first = terms->list.items[0];
	if (value_is_map(first)) {
		VALUE_PAIRS (pair, first)
			if (!subelements_of(lookup, pair->value, value_string(terms->list.items[1]), skips, err))
				return false;
		return true;
	}
	VALUE_EACH (item, term_list(lookup, first))
		if (!subelements_of(lookup, item, value_string(terms->list.items[1]), skips, err))
			return false;
	return true;
}

static bool
sequence_field(struct lookup *lookup, const char *text, const char *key, int64_t *out)
{
	const struct value *given = value_get(lookup->options, key);
	size_t length = strlen(key);

	if (given)
		return value_to_int(given, out);
	for (const char *at = text; (at = strstr(at, key)); at++) {
		if ((at == text || isspace((unsigned char)at[-1])) && at[length] == '=') {
			struct view word = { at + length + 1, strcspn(at + length + 1, " \t\n") };

			return number_parse_base(word, 0, out);
		}
	}
	return false;
}

/* %02x, %d: one integer conversion, checked before it is used. */
static bool
sequence_format(struct lookup *lookup, const char *format, int64_t number, struct error *err)
{
	const char *percent = strchr(format, '%'), *at = percent ? percent + 1 : NULL;
	char spec[24];
	struct str out = STR_INIT;
	size_t length;

	if (!at)
		return fail(err, ERR_TYPE, "bad formatting string: %s", format);
	at += strspn(at, "0-+ #");
	at += strspn(at, "0123456789");
	length = (size_t)(at - percent);
	if (!*at || !strchr("dxXou", *at) || length > 12 || strchr(at + 1, '%'))
		return fail(err, ERR_TYPE, "bad formatting string: %s", format);
	snprintf(spec, sizeof(spec), "%.*sll%c", (int)length, percent, *at);
	str_add_bytes(&out, format, (size_t)(percent - format));
	{
		char digits[80];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(digits, sizeof(digits), spec, (long long)number);
#pragma GCC diagnostic pop
		str_add(&out, digits);
	}
	str_add(&out, at + 1);
	value_add(lookup->into, lookup->out, value_view(lookup->into, str_view(&out)));
	str_release(&out);
	return true;
}

static const char *
sequence_format_text(struct lookup *lookup, const char *text)
{
	const char *given = value_string(value_get(lookup->options, "format"));
	const char *at = strstr(text, "format=");

	if (given)
		return given;
	return at ? arena_bytes(lookup->into, at + 7, strcspn(at + 7, " \t\n")) : "%d";
}

/* "3-5/2:format" is the short form of start=3 end=5 stride=2 format=…. */
static bool
sequence_short(const char *text, int64_t *start, int64_t *end, int64_t *stride, const char **format)
{
	char *at;
	long long first = strtoll(text, &at, 0);

	if (at == text)
		return false;
	*end = first;
	if (*at == '-') {
		char *from = at + 1;

		*start = first;
		*end = strtoll(from, &at, 0);
		if (at == from)
			return false;
	}
	if (*at == '/') {
		char *from = at + 1;

		*stride = strtoll(from, &at, 0);
		if (at == from)
			return false;
	}
	if (*at == ':')
		*format = at + 1;
	return *at == '\0' || *at == ':';
}

static bool
lookup_sequence(struct lookup *lookup, struct error *err)
{
	static const struct value nothing = { .type = VALUE_STRING, .string = { .data = "" } };
	struct value *terms = value_list_copy(lookup->into, lookup->terms);

	if (!terms->list.count)
		value_add(lookup->into, terms, &nothing);
	VALUE_EACH (term, terms) {
		const char *text = term_text(lookup, term), *format = sequence_format_text(lookup, text);
		int64_t start = 1, end = 0, count, stride = 1;

		if (!sequence_short(text, &start, &end, &stride, &format)) {
			sequence_field(lookup, text, "start", &start);
			sequence_field(lookup, text, "stride", &stride);
			if (sequence_field(lookup, text, "count", &count))
				end = count ? start + count * stride - stride : start - 1;
			else if (!sequence_field(lookup, text, "end", &end))
				return fail(err, ERR_TYPE, "must specify count or end in with_sequence");
		}
		if (!stride || (end - start) / stride > 1000000)
			return fail(err, ERR_LIMIT, "with_sequence cannot count that");
		if (stride > 0 && start > end + (end == start - 1))
			return fail(err, ERR_TYPE, "to count backwards make stride negative");
		for (int64_t i = start; stride > 0 ? i <= end : i >= end; i += stride)
			if (!sequence_format(lookup, format, i, err))
				return false;
	}
	return true;
}

static int
compare_values(const void *a, const void *b)
{
	return strcmp(value_string(*(const struct value *const *)a), value_string(*(const struct value *const *)b));
}

static bool
lookup_fileglob(struct lookup *lookup, struct error *err)
{
	const struct node *node = lookup_node(lookup);

	(void)err;
	VALUE_EACH (term, lookup->terms) {
		const char *pattern = term_text(lookup, term), *places[8];
		size_t count = 0;
		glob_t found;

		if (pattern[0] == '/') {
			places[count++] = pattern;
		} else {
			for (const struct role *role = node->role; role && count < 4; role = role->parent)
				if (role->path)
					places[count++] =
						arena_format(lookup->into, "%s/files/%s", role->path, pattern);
			if (node->play) {
				places[count++] =
					arena_format(lookup->into, "%s/files/%s", node->play->directory, pattern);
				places[count++] = arena_format(lookup->into, "%s/%s", node->play->directory, pattern);
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
					value_add(lookup->into, files, value_text(lookup->into, real));
				free(real);
			}
			globfree(&found);
			if (!files->list.count)
				continue;
			qsort(files->list.items, files->list.count, sizeof(*files->list.items), compare_values);
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

			value_add(lookup->into, lookup->out, value_text(lookup->into, real ? real : found));
			free(real);
			return true;
		}
	return false;
}

/* "a,b;c" is a list too. */
static const struct value *
split_on(struct lookup *lookup, const struct value *given, const char *separators)
{
	struct value *list = value_list(lookup->into);

	VALUE_EACH (item, term_list(lookup, given)) {
		const char *text = term_text(lookup, item);

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
	files = files ? split_on(lookup, files, ",;") : &value_empty_list;
	paths = paths ? split_on(lookup, paths, ",:;") : NULL;
	VALUE_EACH (file, files) {
		if (!paths || (value_is_list(paths) && !paths->list.count)) {
			if (first_found_try(lookup, NULL, term_text(lookup, file)))
				return true;
			continue;
		}
		VALUE_EACH (path, paths)
			if (first_found_try(lookup, term_text(lookup, path), term_text(lookup, file)))
				return true;
	}
	return false;
}

static bool
lookup_first_found(struct lookup *lookup, struct error *err)
{
	bool skips = option(lookup, "skip", false);

	if (value_get(lookup->options, "files") && first_found_map(lookup, lookup->options, &skips))
		return true;
	VALUE_EACH (term, lookup->terms) {
		VALUE_EACH (one, term_list(lookup, term)) {
			if (value_is_map(one) ? first_found_map(lookup, one, &skips)
					      : first_found_try(lookup, NULL, term_text(lookup, one)))
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
	const struct process_options options = { .argv = argv, .deadline_ms = clock_ms() + 300 * 1000 };
	struct process_result result = { 0 };
	bool ok = process_run(&options, &result, err);

	(void)lookup;
	if (ok && result.status != 0) {
		ok = fail(err, ERR_TASK, "lookup_plugin.pipe(%s) returned %d", argv[2], result.status);
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
		const char *argv[] = { "/bin/sh", "-c", term_text(lookup, term), NULL };
		struct str out = STR_INIT;
		bool ok = run_program(lookup, argv, &out, err);

		while (out.length && isspace((unsigned char)out.data[out.length - 1]))
			str_cut(&out, out.length - 1);
		if (ok)
			value_add(lookup->into, lookup->out, value_view(lookup->into, str_view(&out)));
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
		const char *argv[] = { "/bin/sh", "-c", term_text(lookup, term), NULL };
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
lookup_random_choice(struct lookup *lookup, struct error *err)
{
	(void)err;
	if (lookup->terms->list.count)
		value_add(lookup->into, lookup->out,
			lookup->terms->list.items[(uint32_t)random() % lookup->terms->list.count]);
	return true;
}

static bool
lookup_inventory_hostnames(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct host_list found = { 0 };

		if (!inventory_match(lookup->scope->run->inventory, term_text(lookup, term), lookup->into, &found, err))
			return false;
		for (size_t i = 0; i < found.count; i++)
			value_add(lookup->into, lookup->out, value_text(lookup->into, found.hosts[i]->name));
	}
	return true;
}

/* ---- password: made once, kept in a file ---- */

struct password {
	const char *path, *characters;
	int64_t length;
};

/* chars= names sets of Python's string module, or gives characters. */
static const char *
password_characters(struct lookup *lookup, const struct value *given)
{
	static const struct {
		const char *name, *characters;
	} sets[] = { { "ascii_letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" },
		{ "ascii_lowercase", "abcdefghijklmnopqrstuvwxyz" }, { "ascii_uppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
		{ "digits", "0123456789" }, { "hexdigits", "0123456789abcdefABCDEF" },
		{ "punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" } };
	struct str all = STR_INIT;
	const char *text;

	VALUE_EACH (item, split_on(lookup, given, ",")) {
		const char *name = term_text(lookup, item), *found = name;

		for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
			if (!strcmp(sets[i].name, name))
				found = sets[i].characters;
		str_add(&all, found);
	}
	text = arena_view(lookup->into, str_view(&all));
	str_release(&all);
	return text;
}

/* "PATH length=8 chars=digits" or the same as options. */
static bool
password_parse(struct lookup *lookup, const char *term, struct password *out, struct error *err)
{
	const struct value *chars = value_get(lookup->options, "chars"), *length = value_get(lookup->options, "length");
	struct view rest = view_of(term), word;

	*out = (struct password){ .length = 20 };
	while (view_cut(&rest, ' ', &word)) {
		if (view_starts(word, "length="))
			length = value_view(lookup->into, (struct view){ word.data + 7, word.length - 7 });
		else if (view_starts(word, "chars="))
			chars = value_view(lookup->into, (struct view){ word.data + 6, word.length - 6 });
		else if (!out->path && word.length)
			out->path = arena_view(lookup->into, word);
	}
	if (length && (!value_to_int(length, &out->length) || out->length < 1 || out->length > 4096))
		return fail(err, ERR_TYPE, "the length of a password is a number from 1 to 4096");
	out->characters = chars ? password_characters(lookup, chars)
				: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_";
	if (!out->path || !*out->characters)
		return fail(err, ERR_TYPE, "lookup('password') needs a file (or /dev/null) and characters");
	return true;
}

static bool
password_make(const struct password *password, char *out, struct error *err)
{
	size_t count = strlen(password->characters);
	unsigned limit = (unsigned)(65536 - 65536 % count);

	for (int64_t i = 0; i < password->length;) {
		uint16_t number;

		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return fail_errno(err, "cannot get random bytes");
		if (number < limit)
			out[i++] = password->characters[number % count];
	}
	out[password->length] = '\0';
	return true;
}

static bool
password_keep(const char *path, const char *text, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(err, "cannot keep a password in '%s'", path);
	return dprintf(fd, "%s\n", text) > 0 || fail_errno(err, "cannot keep a password in '%s'", path);
}

static bool
lookup_password(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct password password;
		struct view text;
		char *made;

		if (!password_parse(lookup, term_text(lookup, term), &password, err))
			return false;
		if (password.path[0] != '/' && lookup_node(lookup)->play)
			password.path = arena_format(
				lookup->into, "%s/%s", lookup_node(lookup)->play->directory, password.path);
		if (strcmp(password.path, "/dev/null") != 0 && access(password.path, F_OK) == 0) {
			if (!controller_file_read(lookup->into, password.path, &text, err))
				return false;
			text.length = strcspn(text.data, "\n");
		} else {
			made = arena_alloc(lookup->into, (size_t)password.length + 1);
			if (!password_make(&password, made, err) ||
				(strcmp(password.path, "/dev/null") != 0 && !password_keep(password.path, made, err)))
				return false;
			text = view_of(made);
		}
		value_add(lookup->into, lookup->out, value_view(lookup->into, text));
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
	struct lookup lookup = { .scope = context, .into = into, .terms = terms, .options = options,
		.out = value_list(into) };
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy.", "community.general." };
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
variables_load(void *context, struct arena *into, const char *name, struct view *text, const char **path,
	struct error *err)
{
	struct task_scope *scope = context;
	static const struct node nowhere = { .kind = NODE_TASK };

	return file_find(scope->task ? scope->task : &nowhere, "templates", name, into, path, err) &&
		controller_file_read(into, *path, text, err);
}
