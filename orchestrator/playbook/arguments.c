/*
 * "k=v k2='a b' {{ x }}": the one-line form of arguments. Words are split at spaces and newlines
 * outside of quotes and of {{ }}, {% %}; a word with = before any quote or brace is a pair; the
 * rest is free-form text, kept as written but for what Ansible changes in it: a word that is a
 * backslash is left out, with the end of its line; a line loses a single space at its beginning.
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

		if (c == '\\' && (next == '"' || next == '\'')) {
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
		} else if ((c == ' ' || c == '\n') && !braces) {
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
		text.data[text.length - 1] == text.data[0] && text.data[text.length - 2] != '\\')
		return (struct view){ text.data + 1, text.length - 2 };
	return text;
}

/* How long the escape is that begins at `at`; 0: it is none that values know. Octal ones are not:
 * \1 is what regular expressions are replaced with. */
static size_t
escape_length(struct view text, size_t at)
{
	char kind = at + 1 < text.length ? text.data[at + 1] : 0;
	size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;

	if (!kind || (!digits && !strchr("\\'\"abfnrtv", kind)) || at + 2 + digits > text.length)
		return 0;
	for (size_t i = 0; i < digits; i++)
		if (!isxdigit((unsigned char)text.data[at + 2 + i]))
			return 0;
	return 2 + digits;
}

/* \n, \t, \x41 … in values mean what they mean to Python. */
static struct view
decoded(struct arena *into, struct view text)
{
	struct str plain = STR_INIT;

	if (!text.length || !memchr(text.data, '\\', text.length))
		return text;
	for (size_t at = 0; at < text.length;) {
		size_t length = text.data[at] == '\\' ? escape_length(text, at) : 0;
		size_t before = plain.length;

		if (length && literal_unescape((struct view){ text.data + at, length }, &plain)) {
			at += length;
			continue;
		}
		str_cut(&plain, before);
		str_add_char(&plain, text.data[at++]);
	}
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
fail_unbalanced(const struct value *source, struct error *err)
{
	fail(err, ERR_PARSE,
		"failed at splitting arguments, either an unbalanced jinja2 block or quotes: "
		"%.200s",
		value_string(source));
	return error_at(err, source);
}

static bool
fail_no_pair(const struct value *source, struct view word, struct error *err)
{
	fail(err, ERR_PARSE, "cannot read the arguments '%.200s'", value_string(source));
	error_at(err, source);
	return error_why(
		err, "'%.*s' is not of the form key=value", (int)MIN(word.length, 60), word.data);
}

struct arguments {
	struct arena *into;
	const struct value *source;
	enum free_form form;
	struct value *map;
	struct str rest;   /* the free-form text */
	bool ends_in_rest; /* the last word went there, so what follows it does */
};

/* An escaped = is one that makes no pair. */
static void
rest_add(struct arguments *arguments, struct view word)
{
	struct str *rest = &arguments->rest;

	if (rest->length && rest->data[rest->length - 1] != '\n')
		str_add_char(rest, ' ');
	for (size_t i = 0; i < word.length; i++)
		if (word.data[i] != '\\' || i + 1 == word.length || word.data[i + 1] != '=')
			str_add_char(rest, word.data[i]);
	arguments->ends_in_rest = true;
}

static void
gap_add(struct arguments *arguments, char c)
{
	if (arguments->ends_in_rest)
		str_add_char(&arguments->rest, c);
}

static bool
word_take(struct arguments *arguments, struct view word, struct error *err)
{
	const struct value *source = arguments->source;
	size_t offset = (size_t)(word.data - value_string(source)), equals;
	struct view value;

	if (!is_key(word, &equals) ||
		(arguments->form == FREE_FORM_COMMAND &&
			!is_free_form_key((struct view){ word.data, equals }))) {
		if (arguments->form == FREE_FORM_NONE)
			return fail_no_pair(source, word, err);
		rest_add(arguments, word);
		return true;
	}
	value = (struct view){ word.data + equals + 1, word.length - equals - 1 };
	value_set_key(arguments->into, arguments->map,
		piece_new(arguments->into, source, (struct view){ word.data, equals }, offset),
		piece_new(arguments->into, source, unquote(decoded(arguments->into, value)),
			offset + equals + 1));
	arguments->ends_in_rest = false;
	return true;
}

/* Goes through words and the single space or newline behind each; two spaces stand around an empty
 * word. */
static bool
words_take(struct arguments *arguments, struct error *err)
{
	struct view text = value_string_view(arguments->source);
	bool is_first_of_line = true, is_balanced;

	for (size_t at = 0, end;; at = end + 1) {
		struct view word;
		bool is_continued;

		end = word_end(text, at, &is_balanced);
		if (!is_balanced)
			return fail_unbalanced(arguments->source, err);
		word = (struct view){ text.data + at, end - at };
		is_continued = view_is(word, "\\");
		if (!word.length && !is_first_of_line)
			gap_add(arguments, ' ');
		else if (word.length && !is_continued && !word_take(arguments, word, err))
			return false;
		if (end >= text.length)
			return true;
		is_first_of_line = text.data[end] == '\n';
		if (is_first_of_line && !is_continued)
			gap_add(arguments, '\n');
	}
}

bool
arguments_parse(struct arena *into, const struct value *source, enum free_form form,
	struct value **out, struct error *err)
{
	struct arguments arguments = { .into = into,
		.source = source,
		.form = form,
		.map = value_map(into),
		.rest = STR_INIT };
	bool ok;

	arguments.map->place = source->place;
	ok = words_take(&arguments, err);
	if (ok && arguments.rest.length)
		value_set(into, arguments.map, "_raw_params",
			piece_new(into, source, str_view(&arguments.rest), 0));
	str_release(&arguments.rest);
	if (ok)
		*out = arguments.map;
	return ok;
}
