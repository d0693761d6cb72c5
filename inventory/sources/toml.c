/*
 * Inventories in TOML 1.0: the same groups with hosts, vars and children as in YAML. The reader
 * below knows the whole language but dates, which stay text.
 */
#include <ctype.h>

#include "inventory/sources/source.h"
#include "template/literal.h"

enum { DEEPEST = 64 };

struct reader {
	struct arena *into;
	const char *path;
	const char *at, *end;
	uint32_t line;
	int depth;
};

static bool value_read(struct reader *reader, const struct value **out, struct error *err);

static bool
fail_here(struct reader *reader, const char *why, struct error *err)
{
	fail(err, ERR_PARSE, "cannot read the TOML inventory '%s': %s", reader->path, why);
	return error_where(err, "%s:%u:1", reader->path, reader->line);
}

static struct place
place_here(const struct reader *reader)
{
	return (struct place){ reader->path, reader->line, 1 };
}

static bool
is_at(const struct reader *reader, const char *text)
{
	return view_starts((struct view){ reader->at, (size_t)(reader->end - reader->at) }, text);
}

/* White space and, if `lines`, also newlines and comments. */
static void
space_skip(struct reader *reader, bool lines)
{
	for (; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (lines && c == '#')
			while (reader->at + 1 < reader->end && reader->at[1] != '\n')
				reader->at++;
		else if (lines && c == '\n')
			reader->line++;
		else if (c != ' ' && c != '\t' && c != '\r')
			return;
	}
}

/* Nothing but a comment may follow. */
static bool
line_end(struct reader *reader, struct error *err)
{
	space_skip(reader, false);
	if (reader->at < reader->end && *reader->at != '\n' && *reader->at != '#')
		return fail_here(reader, "something stands behind a value", err);
	return true;
}

/* ---- strings ---- */

static bool
code_read(struct reader *reader, size_t digits, struct str *out, struct error *err)
{
	int64_t code;

	if ((size_t)(reader->end - reader->at) < digits ||
		!number_parse_base((struct view){ reader->at, digits }, 16, &code) || code < 0 ||
		code > 0x10ffff)
		return fail_here(reader, "not a valid \\u escape", err);
	utf8_add(out, (uint32_t)code);
	reader->at += digits;
	return true;
}

static bool
escape_read(struct reader *reader, struct str *out, struct error *err)
{
	static const char letters[] = "btnfr\"\\", codes[] = "\b\t\n\f\r\"\\";
	char c = reader->at < reader->end ? *reader->at++ : '\0';
	const char *found = c ? strchr(letters, c) : NULL;

	if (found) {
		str_add_char(out, codes[found - letters]);
		return true;
	}
	if (c == 'u' || c == 'U')
		return code_read(reader, c == 'u' ? 4 : 8, out, err);
	if (c == '\n' || c == ' ' || c == '\t' || c == '\r') { /* a line that goes on */
		reader->line += c == '\n';
		while (reader->at < reader->end && isspace((unsigned char)*reader->at))
			reader->line += *reader->at++ == '\n';
		return true;
	}
	return fail_here(reader, "not a valid escape", err);
}

/* "…", '…', and with three quotes over several lines. */
static bool
string_read(struct reader *reader, struct str *out, struct error *err)
{
	char quote = *reader->at;
	const char ending[] = { quote, quote, quote, '\0' };
	bool is_long = is_at(reader, ending);
	size_t width = is_long ? 3 : 1;

	reader->at += width;
	if (is_long && is_at(reader, "\r\n"))
		reader->at++;
	if (is_long && is_at(reader, "\n")) {
		reader->line++;
		reader->at++;
	}
	while (reader->at < reader->end) {
		if (is_long ? is_at(reader, ending) : *reader->at == quote) {
			reader->at += width;
			while (is_long &&
				is_at(reader, ending + 2)) { /* up to two more belong to it */
				str_add_char(out, quote);
				reader->at++;
			}
			return true;
		}
		if (*reader->at == '\n' && !is_long)
			break;
		if (*reader->at == '\\' && quote == '"') {
			reader->at++;
			if (!escape_read(reader, out, err))
				return false;
			continue;
		}
		reader->line += *reader->at == '\n';
		str_add_char(out, *reader->at++);
	}
	return fail_here(reader, "a string does not end", err);
}

static const struct value *
string_take(struct reader *reader, struct str *text)
{
	struct value *value = value_view(reader->into, str_view(text));

	value->flags = VALUE_TEMPLATE;
	value->place = place_here(reader);
	str_release(text);
	return value;
}

/* ---- other values ---- */

static bool
number_make(struct reader *reader, struct view word, const struct value **out)
{
	_cleanup_str_ struct str plain = STR_INIT;
	bool is_based = word.length > 2 && word.data[0] == '0' && strchr("xob", word.data[1]);
	int64_t integer;
	char *end;
	double real;

	for (size_t i = 0; i < word.length; i++)
		if (word.data[i] != '_')
			str_add_char(&plain, word.data[i]);
	if (is_based) {
		int base = word.data[1] == 'x' ? 16 : word.data[1] == 'o' ? 8 : 2;

		if (!number_parse_base(
			    (struct view){ plain.data + 2, plain.length - 2 }, base, &integer))
			return false;
		*out = value_int(reader->into, integer);
		return true;
	}
	if (number_parse((struct view){ plain.data + (plain.data[0] == '+'),
				 plain.length - (plain.data[0] == '+') },
		    &integer)) {
		*out = value_int(reader->into, integer);
		return true;
	}
	if (strspn(plain.data, "+-0123456789.eEinfa") != plain.length)
		return false;
	real = strtod(plain.data, &end);
	*out = value_float(reader->into, real);
	return end != plain.data && !*end;
}

static bool
word_read(struct reader *reader, const struct value **out, struct error *err)
{
	const char *from = reader->at;
	struct view word;
	struct value *text;

	while (reader->at < reader->end &&
		(isalnum((unsigned char)*reader->at) || strchr("+-_.:", *reader->at)))
		reader->at++;
	word = (struct view){ from, (size_t)(reader->at - from) };
	if (view_is(word, "true") || view_is(word, "false")) {
		*out = view_is(word, "true") ? &value_true : &value_false;
		return true;
	}
	if (word.length && number_make(reader, word, out))
		return true;
	if (!word.length || !isdigit((unsigned char)*from))
		return fail_here(reader, "a value was expected", err);
	text = value_view(reader->into, word); /* a date or a time */
	text->place = place_here(reader);
	*out = text;
	return true;
}

static bool
array_read(struct reader *reader, const struct value **out, struct error *err)
{
	struct value *list = value_list(reader->into);
	const struct value *item;

	reader->at++;
	for (;;) {
		space_skip(reader, true);
		if (is_at(reader, "]"))
			break;
		if (!value_read(reader, &item, err))
			return false;
		value_add(reader->into, list, item);
		space_skip(reader, true);
		if (is_at(reader, ","))
			reader->at++;
		else if (!is_at(reader, "]"))
			return fail_here(reader, "an array does not end", err);
	}
	reader->at++;
	*out = list;
	return true;
}

/* ---- keys and tables ---- */

static bool
key_read(struct reader *reader, struct str *out, struct error *err)
{
	const char *from = reader->at;

	str_clear(out);
	if (is_at(reader, "\"") || is_at(reader, "'"))
		return string_read(reader, out, err);
	while (reader->at < reader->end &&
		(isalnum((unsigned char)*reader->at) || *reader->at == '_' || *reader->at == '-'))
		reader->at++;
	str_add_bytes(out, from, (size_t)(reader->at - from));
	return out->length > 0 || fail_here(reader, "a key was expected", err);
}

/* The table below `map` of this name, made if it is not there; of an array of tables, the last. */
static struct value *
table_below(struct reader *reader, struct value *map, const char *key)
{
	const struct value *found = value_get(map, key);
	struct value *table;

	if (value_is_list(found) && found->list.count)
		found = found->list.items[found->list.count - 1];
	if (value_is_map(found))
		return (struct value *)(uintptr_t)found; /* ours, and still being built */
	if (found)
		return NULL;
	table = value_map(reader->into);
	table->place = place_here(reader);
	value_set(reader->into, map, key, table);
	return table;
}

/* a.b."c": goes down to the last name, which is left in `key`. */
static bool
path_read(struct reader *reader, struct value **map, struct str *key, struct error *err)
{
	if (!key_read(reader, key, err))
		return false;
	for (;;) {
		space_skip(reader, false);
		if (!is_at(reader, "."))
			return true;
		reader->at++;
		space_skip(reader, false);
		*map = table_below(reader, *map, key->data);
		if (!*map)
			return fail_here(reader, "a key is used twice", err);
		if (!key_read(reader, key, err))
			return false;
	}
}

static bool
pair_read(struct reader *reader, struct value *map, struct error *err)
{
	_cleanup_str_ struct str key = STR_INIT;
	const struct value *value;

	if (!path_read(reader, &map, &key, err))
		return false;
	if (!is_at(reader, "="))
		return fail_here(reader, "= was expected behind a key", err);
	reader->at++;
	space_skip(reader, false);
	if (value_get(map, key.data))
		return fail_here(reader, "a key is used twice", err);
	if (!value_read(reader, &value, err))
		return false;
	value_set(reader->into, map, key.data, value);
	return true;
}

static bool
inline_table(struct reader *reader, const struct value **out, struct error *err)
{
	struct value *map = value_map(reader->into);

	map->place = place_here(reader);
	reader->at++;
	for (;;) {
		space_skip(reader, false);
		if (is_at(reader, "}"))
			break;
		if (!pair_read(reader, map, err))
			return false;
		space_skip(reader, false);
		if (is_at(reader, ","))
			reader->at++;
		else if (!is_at(reader, "}"))
			return fail_here(reader, "an inline table does not end", err);
	}
	reader->at++;
	*out = map;
	return true;
}

static bool
value_read(struct reader *reader, const struct value **out, struct error *err)
{
	struct str text = STR_INIT;
	bool ok;

	if (++reader->depth > DEEPEST)
		return fail_here(reader, "nested too deep", err);
	if (is_at(reader, "\"") || is_at(reader, "'")) {
		ok = string_read(reader, &text, err);
		if (ok)
			*out = string_take(reader, &text);
		else
			str_release(&text);
	} else if (is_at(reader, "[")) {
		ok = array_read(reader, out, err);
	} else if (is_at(reader, "{")) {
		ok = inline_table(reader, out, err);
	} else {
		ok = word_read(reader, out, err);
	}
	reader->depth--;
	return ok;
}

/* [a.b] and [[a.b]]: where the following pairs go. */
static bool
header_read(struct reader *reader, struct value *root, struct value **table, struct error *err)
{
	_cleanup_str_ struct str key = STR_INIT;
	bool is_array = is_at(reader, "[[");
	struct value *map = root, *list;
	const struct value *found;

	reader->at += is_array ? 2 : 1;
	space_skip(reader, false);
	if (!path_read(reader, &map, &key, err))
		return false;
	if (!is_at(reader, is_array ? "]]" : "]"))
		return fail_here(reader, "a table's name does not end", err);
	reader->at += is_array ? 2 : 1;
	if (!is_array) {
		*table = table_below(reader, map, key.data);
		return *table != NULL || fail_here(reader, "a key is used twice", err);
	}
	found = value_get(map, key.data);
	if (found && !value_is_list(found))
		return fail_here(reader, "a key is used twice", err);
	list = found ? (struct value *)(uintptr_t)found : value_list(reader->into);
	*table = value_map(reader->into);
	value_add(reader->into, list, *table);
	if (!found)
		value_set(reader->into, map, key.data, list);
	return true;
}

static bool
document_read(struct reader *reader, struct value *root, struct error *err)
{
	struct value *table = root;

	for (;;) {
		bool ok;

		space_skip(reader, true);
		if (reader->at == reader->end)
			return true;
		ok = *reader->at == '[' ? header_read(reader, root, &table, err)
					: pair_read(reader, table, err);
		if (!ok || !line_end(reader, err))
			return false;
	}
}

/* Unlike in YAML, children are a list of names. */
static bool
children_turn(struct reader *reader, const struct value *root, struct error *err)
{
	VALUE_PAIRS (pair, root) {
		const struct value *children =
			value_is_map(pair->value) ? value_get(pair->value, "children") : NULL;
		struct value *map;

		if (!children)
			continue;
		if (!value_is_list(children))
			return fail(err, ERR_PARSE,
				"Invalid \"children\" entry for \"%s\" group, requires a list, "
				"found a %s instead.",
				value_to_text(reader->into, pair->key), value_type_name(children));
		map = value_map(reader->into);
		VALUE_EACH (child, children)
			value_set_key(reader->into, map, child, &value_none);
		value_set(reader->into, (struct value *)(uintptr_t)pair->value, "children", map);
	}
	return true;
}

bool
source_toml(const struct source *source, struct error *err)
{
	struct arena *arena = &source->inventory->arena;
	struct reader reader = { .into = arena,
		.path = arena_text(arena, source->path),
		.at = source->text.data,
		.end = source->text.data + source->text.length,
		.line = 1 };
	struct value *root = value_map(arena);

	if (source->text.length && memchr(source->text.data, '\0', source->text.length))
		return fail_here(&reader, "this is no text file", err);
	if (!document_read(&reader, root, err))
		return false;
	if (!root->map.count)
		return fail(err, ERR_PARSE, "Parsed empty TOML file");
	if (value_get(root, "plugin"))
		return fail(err, ERR_PARSE, "Plugin configuration TOML file, not TOML inventory");
	return children_turn(&reader, root, err) && source_groups(source, root, err);
}
