/*
 * "k=v k2='a b' {{ x }}": the one-line form of arguments. Words are split at white space outside of
 * quotes and of
 * {{ }}, {% %}; a word with = before any quote or brace is a pair; the rest is free-form text, kept
 * as written.
 */
#include "orchestrator/playbook/playbook.h"

#include <ctype.h>

#include "template/literal.h"

struct splitter {
	struct view text;
	size_t at;
};

/* The end of the word that begins at `at`: quotes and template braces hold white space together. */
static size_t
word_end(struct view text, size_t at, bool *is_balanced)
{
	char quote = 0;
	int braces = 0;

	for (; at < text.length; at++) {
		char c = text.data[at], next = at + 1 < text.length ? text.data[at + 1] : 0;

		if (c == '\\' && quote == '"' && next) {
			at++;
		} else if (quote) {
			if (c == quote)
				quote = 0;
		} else if (c == '{' && (next == '{' || next == '%' || next == '#')) {
			braces++;
			at++;
		} else if (braces && (c == '}' || c == '%' || c == '#') && next == '}') {
			braces--;
			at++;
		} else if ((c == '"' || c == '\'') && !braces) {
			quote = c;
		} else if (isspace((unsigned char)c) && !braces) {
			break;
		}
	}
	*is_balanced = !quote && !braces;
	return at;
}

/* "key=", where the key may hold {{ }} but no quotes. */
static bool
is_key(struct view word, size_t *equals)
{
	int braces = 0;

	for (size_t i = 0; i < word.length; i++) {
		char c = word.data[i];

		braces += (c == '{') - (c == '}');
		if (c == '=' && !braces) {
			*equals = i;
			return i > 0;
		}
		if (!braces && !isalnum((unsigned char)c) && c != '_' && c != '-' && c != '.' &&
			c != '}')
			return false;
	}
	return false;
}

/* 'a b' and "a b" as wholes lose their quotes. */
static struct view
unquote(struct view text)
{
	if (text.length >= 2 && (text.data[0] == '"' || text.data[0] == '\'') &&
		text.data[text.length - 1] == text.data[0])
		return (struct view){ text.data + 1, text.length - 2 };
	return text;
}

/* \n, \t, \x41 … in values mean what they mean to Python. */
static struct view
decoded(struct arena *into, struct view text)
{
	struct str plain = STR_INIT;

	if (text.length && memchr(text.data, '\\', text.length) && literal_unescape(text, &plain))
		text = (struct view){ arena_view(into, str_view(&plain)), plain.length };
	str_release(&plain);
	return text;
}

static struct value *
piece_new(struct arena *into, const struct value *source, struct view text, size_t offset)
{
	struct value *piece = value_view(into, text);

	piece->flags = source->flags;
	piece->place = source->place;
	piece->place.column += (uint32_t)offset;
	return piece;
}

/* Keys that free-form modules take beside their text. */
static bool
is_free_form_key(struct view key)
{
	static const char *const keys[] = { "creates", "removes", "chdir", "executable", "warn",
		"stdin", "stdin_add_newline", "strip_empty_ends", "decrypt" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (view_is(key, keys[i]))
			return true;
	return false;
}

static bool
fail_unbalanced(const struct value *source, struct str *rest, struct error *err)
{
	str_release(rest);
	fail(err, ERR_PARSE,
		"failed at splitting arguments, either an unbalanced jinja2 block or quotes: "
		"%.200s",
		value_string(source));
	return error_at(err, source);
}

bool
arguments_parse(struct arena *into, const struct value *source, enum free_form form,
	struct value **out, struct error *err)
{
	struct view text = value_string_view(source);
	struct value *map = value_map(into);
	struct str rest = STR_INIT;
	bool is_balanced;
	size_t at = 0;

	map->place = source->place;
	while (at < text.length) {
		size_t begin = at, end, equals;
		struct view word;

		while (begin < text.length && isspace((unsigned char)text.data[begin]))
			begin++;
		end = word_end(text, begin, &is_balanced);
		if (!is_balanced)
			return fail_unbalanced(source, &rest, err);
		word = (struct view){ text.data + begin, end - begin };
		if (word.length && is_key(word, &equals) &&
			(form != FREE_FORM_COMMAND ||
				is_free_form_key((struct view){ word.data, equals }))) {
			struct view value = { word.data + equals + 1, word.length - equals - 1 };

			value_set_key(into, map,
				piece_new(into, source, (struct view){ word.data, equals }, begin),
				piece_new(into, source, unquote(decoded(into, value)), begin + equals + 1));
		} else if (word.length) {
			if (form == FREE_FORM_NONE) {
				fail(err, ERR_PARSE, "cannot read the arguments '%.200s'",
					text.data);
				error_at(err, source);
				return error_why(err, "'%.*s' is not of the form key=value",
					(int)MIN(word.length, 60), word.data);
			}
			if (rest.length)
				str_add_bytes(&rest, text.data + at, begin - at);
			str_add_view(&rest, word);
		}
		at = MAX(end, at + 1);
	}
	if (rest.length)
		value_set(into, map, "_raw_params", piece_new(into, source, str_view(&rest), 0));
	str_release(&rest);
	*out = map;
	return true;
}
