/* Cutting and quoting command lines. */
#include "module/words.h"

#include <string.h>

void
words_add(struct arena *into, const char *const **words, const char *word)
{
	size_t count = 0;
	const char **grown;

	while (*words && (*words)[count])
		count++;
	/* In steps of eight, so that long lists are not copied for each word. */
	if (*words && count % 8 != 7) {
		grown = (const char **)(uintptr_t)*words;
	} else {
		grown = arena_array(into, count + 9, const char *);
		if (count)
			memcpy(grown, *words, count * sizeof(*grown));
	}
	grown[count] = word;
	grown[count + 1] = NULL;
	*words = grown;
}

/* Between quotes; `*text` stands behind the opening one. */
static bool
quoted_add(const char **text, char quote, struct str *out)
{
	const char *next = *text;

	for (; *next && *next != quote; next++) {
		if (quote == '"' && *next == '\\' && (next[1] == '"' || next[1] == '\\'))
			next++;
		str_add_char(out, *next);
	}
	if (!*next)
		return false;
	*text = next + 1;
	return true;
}

static bool
word_read(const char **text, struct str *out)
{
	const char *next = *text;

	while (*next && !strchr(" \t\r\n", *next)) {
		char c = *next++;

		if (c == '\'' || c == '"') {
			if (!quoted_add(&next, c, out))
				return false;
		} else if (c == '\\') {
			if (!*next)
				return false;
			str_add_char(out, *next++);
		} else {
			str_add_char(out, c);
		}
	}
	*text = next;
	return true;
}

bool
words_cut(struct arena *into, const char *text, const char *const **out, struct error *err)
{
	const char *const *words = (const char *const *)arena_array(into, 8, const char *);

	for (;;) {
		_cleanup_str_ struct str word = STR_INIT;

		text += strspn(text, " \t\r\n");
		if (!*text)
			break;
		if (!word_read(&text, &word)) {
			fail(err, ERR_PARSE, "cannot cut a command into words");
			return error_why(err, "No closing quotation");
		}
		words_add(into, &words, arena_view(into, str_view(&word)));
	}
	*out = words;
	return true;
}

const char *
word_quote(struct arena *into, const char *word)
{
	_cleanup_str_ struct str out = STR_INIT;

	if (*word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345"
					"6789@%+=:,./-_")])
		return word;
	str_add_char(&out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			str_add(&out, "'\"'\"'");
		else
			str_add_char(&out, *word);
	}
	str_add_char(&out, '\'');
	return arena_view(into, str_view(&out));
}

const char *
words_join(struct arena *into, const char *const *words)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; words[i]; i++)
		str_add_format(&out, "%s%s", i ? " " : "", words[i]);
	return arena_view(into, str_view(&out));
}
