/* Lookups of single values inside files: csvfile and ini. */
#include <ctype.h>

#include "orchestrator/lookups/internal.h"
#include "template/encoding.h"

/* The text of a file in the encoding it is said to have. */
static bool
encoded_read(struct lookup *lookup, const char *path, struct view *out, struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (!lookup_read_file(lookup, path, out, err) ||
		!encoding_decode(*out, lookup_option_text(lookup, "encoding", "utf-8"), &text, err))
		return false;
	*out = (struct view){ arena_view(lookup->into, str_view(&text)), text.length };
	return true;
}

/* The first option that is none of these, or NULL. */
static const char *
unknown_option(const struct value *options, const char *const *known)
{
	VALUE_PAIRS (pair, options) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], value_string(pair->key)) != 0)
			i++;
		if (!known[i])
			return value_string(pair->key);
	}
	return NULL;
}

static const char *const csv_options[] = { "col", "default", "delimiter", "encoding", "file",
	"keycol", NULL };
static const char *const ini_options[] = { "type", "file", "section", "re", "encoding", "default",
	"case_sensitive", "allow_no_value", "allow_none", NULL };

/* ---- csvfile ---- */

/* One field of Python's csv reader, up to the delimiter or the end of the row. False: the row is
 * over behind it. */
static bool
csv_field(struct view *rest, char delimiter, struct str *out)
{
	bool is_quoted = rest->length && rest->data[0] == '"';
	size_t at = is_quoted;

	str_clear(out);
	while (at < rest->length) {
		char c = rest->data[at];

		if (is_quoted && c == '"') {
			if (at + 1 < rest->length && rest->data[at + 1] == '"') {
				str_add_char(out, '"');
				at += 2;
			} else {
				is_quoted = false;
				at++;
			}
			continue;
		}
		if (!is_quoted && (c == delimiter || c == '\n' || c == '\r'))
			break;
		str_add_char(out, c);
		at++;
	}
	if (at < rest->length && rest->data[at] == delimiter) {
		*rest = (struct view){ rest->data + at + 1, rest->length - at - 1 };
		return true;
	}
	if (at < rest->length && rest->data[at] == '\r')
		at++;
	if (at < rest->length && rest->data[at] == '\n')
		at++;
	*rest = (struct view){ rest->data + at, rest->length - at };
	return false;
}

/* NULL: no row begins with the key. */
static const struct value *
csv_find(struct lookup *lookup, struct view rest, char delimiter, const char *key, int64_t column,
	struct error *err)
{
	const struct value *found = NULL;
	struct str field = STR_INIT;

	while (!found && rest.length) {
		struct value *row = value_list(lookup->into);
		bool goes_on = true;

		while (goes_on) {
			goes_on = csv_field(&rest, delimiter, &field);
			value_add(lookup->into, row, value_view(lookup->into, str_view(&field)));
		}
		if (strcmp(value_string(row->list.items[0]), key) != 0)
			continue;
		if (column < 0)
			column += row->list.count;
		if (column < 0 || column >= row->list.count) {
			fail(err, ERR_TYPE, "csvfile: list index out of range");
			break;
		}
		found = row->list.items[column];
	}
	str_release(&field);
	return found;
}

static bool
csv_find_file(struct lookup *lookup, const char **path, struct error *err)
{
	const char *name = lookup_option_text(lookup, "file", "ansible.csv");

	if (lookup_find_file(lookup, "files", name, path, err))
		return true;
	if (err)
		error_why(err, "csvfile: [Errno 2] No such file or directory: '%.200s'", name);
	return false;
}

bool
lookup_csvfile(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct value *named = value_map_copy(lookup->into, lookup->options);
		const char *key = lookup_words(lookup, lookup_text(lookup, term), named);
		struct lookup own = *lookup;
		const struct value *found;
		const char *delimiter, *path, *unknown;
		struct view text;
		int64_t column = 1;
		bool is_number;

		own.options = named;
		if (!*key)
			return fail(err, ERR_TYPE, "Search key is required but was not found");
		unknown = unknown_option(named, csv_options);
		if (unknown)
			return fail(err, ERR_TYPE, "%s is not a valid option", unknown);
		delimiter = lookup_option_text(&own, "delimiter", "TAB");
		if (!strcmp(delimiter, "TAB") || !strcmp(delimiter, "\\t"))
			delimiter = "\t";
		if (strlen(delimiter) != 1)
			return fail(err, ERR_TYPE,
				"csvfile: \"delimiter\" must be a 1-character string");
		is_number =
			!value_get(named, "col") || value_to_int(value_get(named, "col"), &column);
		if (!csv_find_file(&own, &path, err) || !encoded_read(&own, path, &text, err))
			return false;
		error_clear(err);
		found = csv_find(&own, text, delimiter[0], key, column, err);
		if (!found && err && err->kind != ERR_NONE)
			return false;
		if (found && !is_number)
			return fail(err, ERR_TYPE, "csvfile: col is no number");
		if (!found)
			found = value_get(named, "default");
		if (found)
			value_add(lookup->into, lookup->out, found);
	}
	return true;
}

/* ---- ini, as Python's configparser reads it ---- */

struct ini {
	struct lookup *lookup;
	const char *path;
	struct value *sections; /* name to map of key to value */
	struct value *section;
	struct value *list; /* the lines of the value under way; NULL: none */
	const char *key;
	size_t indent; /* of the key's line: deeper lines go on with its value */
	bool may_lack_value, keeps_case;
};

static const char *
ini_key(struct ini *ini, struct view key)
{
	char *text = arena_view(ini->lookup->into, key);

	if (!ini->keeps_case)
		for (char *at = text; *at; at++)
			*at = (char)tolower((unsigned char)*at);
	return text;
}

/* Joins the lines of the value that is complete now; empty ones at the end do not count. */
static void
ini_value_end(struct ini *ini)
{
	struct str text = STR_INIT;
	uint32_t count;

	if (!ini->list)
		return;
	count = ini->list->list.count;
	while (count && !value_length(ini->list->list.items[count - 1]))
		count--;
	for (uint32_t i = 0; i < count; i++)
		str_add_format(
			&text, "%s%s", i ? "\n" : "", value_string(ini->list->list.items[i]));
	value_set(ini->lookup->into, ini->section, ini->key,
		value_view(ini->lookup->into, str_view(&text)));
	str_release(&text);
	ini->list = NULL;
}

static bool
ini_section_begin(struct ini *ini, struct view name, struct error *err)
{
	const char *text = arena_view(ini->lookup->into, name);

	if (value_get(ini->sections, text) && strcmp(text, "DEFAULT") != 0)
		return fail(err, ERR_PARSE,
			"Duplicate section in '%s': section '%s' already exists", ini->path, text);
	ini->section = value_map(ini->lookup->into);
	value_set(ini->lookup->into, ini->sections, text, ini->section);
	return true;
}

static bool
ini_option_begin(struct ini *ini, struct view line, struct error *err)
{
	size_t cut = 0;
	const char *key;

	while (cut < line.length && line.data[cut] != '=' && line.data[cut] != ':')
		cut++;
	if (!ini->section)
		return fail(
			err, ERR_PARSE, "File contains no section headers. file: '%s'", ini->path);
	if (cut == 0 || (cut == line.length && !ini->may_lack_value))
		return fail(err, ERR_PARSE, "Source contains parsing errors: '%s': '%.*s'",
			ini->path, (int)MIN(line.length, 200), line.data);
	key = ini_key(ini, view_trim((struct view){ line.data, cut }));
	if (value_get(ini->section, key))
		return fail(err, ERR_PARSE, "Duplicate option in '%s': option '%s' already exists",
			ini->path, key);
	ini->key = key;
	if (cut == line.length) {
		value_set(ini->lookup->into, ini->section, key, &value_none);
		return true;
	}
	ini->list = value_list(ini->lookup->into);
	value_add(ini->lookup->into, ini->list,
		value_view(ini->lookup->into,
			view_trim((struct view){ line.data + cut + 1, line.length - cut - 1 })));
	value_set(ini->lookup->into, ini->section, key, &value_empty_string);
	return true;
}

static bool
ini_line(struct ini *ini, struct view line, struct error *err)
{
	struct view text = view_trim(line);
	size_t indent = text.length ? (size_t)(text.data - line.data) : 0;

	if (text.length && strchr("#;", text.data[0]))
		return true;
	if (!text.length) {
		if (ini->list)
			value_add(ini->lookup->into, ini->list, &value_empty_string);
		return true;
	}
	if (ini->list && indent > ini->indent) {
		value_add(ini->lookup->into, ini->list, value_view(ini->lookup->into, text));
		return true;
	}
	ini_value_end(ini);
	ini->indent = indent;
	if (text.data[0] == '[' && memchr(text.data, ']', text.length)) {
		size_t end = text.length;

		while (text.data[end - 1] != ']')
			end--;
		return ini_section_begin(ini, (struct view){ text.data + 1, end - 2 }, err);
	}
	return ini_option_begin(ini, text, err);
}

static const struct value *
ini_get(const struct ini *ini, const char *section, const char *key)
{
	const struct value *found = value_get(value_get(ini->sections, section), key);

	return found ? found : value_get(value_get(ini->sections, "DEFAULT"), key);
}

/* %(name)s stands for another option of the section, %% for a percent sign. */
static bool
ini_expand(struct ini *ini, const char *section, struct view text, int depth, struct str *out,
	struct error *err)
{
	if (depth > 10)
		return fail(err, ERR_LIMIT, "ini: value interpolation too deeply recursive");
	for (size_t at = 0; at < text.length; at++) {
		const char *end;
		const struct value *other;
		struct view name;

		if (text.data[at] != '%') {
			str_add_char(out, text.data[at]);
			continue;
		}
		if (++at < text.length && text.data[at] == '%') {
			str_add_char(out, '%');
			continue;
		}
		end = at < text.length && text.data[at] == '('
			      ? memmem(text.data + at, text.length - at, ")s", 2)
			      : NULL;
		if (!end)
			return fail(err, ERR_PARSE,
				"ini: '%%' must be followed by '%%' or '(', found: '%.*s'",
				(int)MIN(text.length - at + 1, 100), text.data + at - 1);
		name = (struct view){ text.data + at + 1, (size_t)(end - text.data) - at - 1 };
		other = ini_get(ini, section, ini_key(ini, name));
		if (!value_is_string(other))
			return fail(err, ERR_PARSE, "ini: no value for '%.*s' in '%s'",
				(int)MIN(name.length, 100), name.data, section);
		if (!ini_expand(ini, section, value_string_view(other), depth + 1, out, err))
			return false;
		at = (size_t)(end - text.data) + 1;
	}
	return true;
}

static bool
ini_give(struct ini *ini, const char *section, const struct value *value, struct error *err)
{
	struct str text = STR_INIT;
	bool ok = true;

	if (value_is_none(value))
		return true;
	ok = ini_expand(ini, section, value_string_view(value), 0, &text, err);
	if (ok)
		lookup_add_text(ini->lookup, str_view(&text));
	str_release(&text);
	return ok;
}

/* re=true: the values of all keys that match. */
static bool
ini_give_matching(struct ini *ini, const char *section, const char *pattern, struct error *err)
{
	struct lookup *lookup = ini->lookup;
	struct value *locals = value_map(lookup->into), *keys = value_list(lookup->into);
	const struct value *places[] = { value_get(ini->sections, "DEFAULT"),
		value_get(ini->sections, section) };
	const struct value *matching;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i] && (i || places[0] != places[1]))
			VALUE_PAIRS (pair, places[i])
				value_add(lookup->into, keys, pair->key);
	value_set(lookup->into, locals, "keys", keys);
	value_set(lookup->into, locals, "pattern", value_text(lookup->into, pattern));
	if (!template_expression_over(lookup->context->env, lookup->into,
		    "keys | unique | select('match', pattern) | list", locals, &matching, err))
		return false;
	VALUE_EACH (key, matching)
		if (!ini_give(ini, section, ini_get(ini, section, value_string(key)), err))
			return false;
	return true;
}

/* Old inline options in the term: "key section=x file=y". */
static bool
ini_term(struct lookup *lookup, const char *term, struct value *named, const char **key,
	struct error *err)
{
	const char *unknown;

	*key = term;
	if (!strpbrk(term, "= "))
		return true;
	*key = lookup_words(lookup, term, named);
	unknown = unknown_option(named, ini_options);
	if (unknown)
		return fail(err, ERR_TYPE, "%s is not a valid option.", unknown);
	if (!**key)
		return fail(err, ERR_TYPE,
			"No key to lookup was provided as first term with in string inline "
			"options: %s",
			term);
	return true;
}

static bool
ini_read(struct ini *ini, struct lookup *lookup, const char *section, bool is_properties,
	struct error *err)
{
	struct view text, line;

	if (!encoded_read(lookup, ini->path, &text, err))
		return false;
	if (is_properties && !ini_section_begin(ini, view_of(section), err))
		return false;
	while (view_cut(&text, '\n', &line))
		if (!ini_line(ini, line, err))
			return false;
	ini_value_end(ini);
	return true;
}

static bool
ini_one(struct lookup *lookup, const char *term, struct error *err)
{
	struct value *named = value_map_copy(lookup->into, lookup->options);
	struct lookup own = *lookup;
	struct ini ini = { .lookup = lookup, .sections = value_map(lookup->into) };
	const struct value *found;
	const char *key, *section, *type;

	own.options = named;
	if (!ini_term(lookup, term, named, &key, err))
		return false;
	type = lookup_option_text(&own, "type", "ini");
	section = strcmp(type, "properties") != 0 ? lookup_option_text(&own, "section", "global")
						  : "java_properties";
	ini.keeps_case = lookup_option(&own, "case_sensitive", false);
	ini.may_lack_value = lookup_option(&own, "allow_no_value", false) ||
			     lookup_option(&own, "allow_none", false);
	if (!lookup_find_file(&own, "files", lookup_option_text(&own, "file", "ansible.ini"),
		    &ini.path, err) ||
		!ini_read(&ini, &own, section, strcmp(type, "properties") == 0, err))
		return false;
	if (!value_get(ini.sections, section) && strcmp(section, "DEFAULT") != 0)
		return fail(err, ERR_MISSING, "No section: '%s'", section);
	if (lookup_option(&own, "re", false))
		return ini_give_matching(&ini, section, key, err);
	found = ini_get(&ini, section, ini_key(&ini, view_of(key)));
	if (found)
		return ini_give(&ini, section, found, err);
	found = value_get(named, "default");
	if (value_is_list(found)) {
		VALUE_EACH (item, found)
			value_add(lookup->into, lookup->out, item);
	} else if (!found || !value_is_none(found)) {
		value_add(lookup->into, lookup->out, found ? found : &value_empty_string);
	}
	return true;
}

bool
lookup_ini(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms)
		if (!ini_one(lookup, lookup_text(lookup, term), err))
			return false;
	return true;
}
