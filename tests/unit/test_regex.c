/* Python's expressions and replacements; command lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "module/regex.h"
#include "module/words.h"

#include <cmocka.h> /* last: its fail() is not ours */

static void
test_replace(void **state)
{
	/* The results are Python's: re.sub(pattern, replacement, text, flags=re.MULTILINE). */
	static const struct {
		const char *pattern, *replacement, *text, *result;
	} rows[] = {
		{ "b+", "-", "abbcb", "a-c-" },
		{ "x*", "-", "abxd", "-a-b--d-" },
		{ "^", ">", "a\nb\n", ">a\n>b\n>" },
		{ "$", "<", "a\nb\n", "a<\nb<\n<" },
		{ "(a)(b)?", "[\\1\\2]", "aab", "[a][ab]" },
		{ "(?P<n>\\d+)", "<\\g<n>>", "a12", "a<12>" },
		{ "(.)", "\\g<1>0", "a", "a0" },
		{ "a", "\\n\\t\\\\", "a", "\n\t\\" },
		{ "\\s+\\Z", "", "ab \n \n", "ab" },
		{ "a{,2}b", "-", "aaab", "a-" },
		{ "[\\]x]", "-", "]x[", "--[" },
		{ "\\.", "\\101", ".", "A" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_str_ struct str out = STR_INIT;
		_cleanup_regex_ struct regex *regex = NULL;
		struct error err = { 0 };
		size_t count;

		assert_true(regex_compile(rows[i].pattern, REGEX_MULTILINE, &regex, &err));
		assert_true(regex_replace(
			regex, view_of(rows[i].text), rows[i].replacement, &out, &count, &err));
		assert_string_equal(out.data, rows[i].result);
	}
}

static void
test_refused(void **state)
{
	_cleanup_regex_ struct regex *regex = NULL, *broken = NULL;
	_cleanup_str_ struct str out = STR_INIT;
	struct error err = { 0 };
	size_t count;

	(void)state;
	assert_false(regex_compile("(", 0, &broken, &err));
	assert_false(regex_compile("\\p{L}", 0, &broken, &err));
	assert_string_equal(err.why, "bad escape \\p");
	assert_true(regex_compile("(a)", 0, &regex, &err));
	assert_false(regex_replace(regex, VIEW("a"), "\\2", &out, &count, &err));
	assert_false(regex_replace(regex, VIEW("a"), "\\g<x>", &out, &count, &err));
	assert_false(regex_replace(regex, VIEW("a"), "\\g", &out, &count, &err));
}

static void
test_words(void **state)
{
	struct arena arena;
	const char *const *words;
	struct error err = { 0 };

	(void)state;
	arena_init(&arena);
	assert_true(words_cut(&arena, " a 'b  c' d\\ e \"f\\\"g\\h\" '' x\"y\"z ", &words, &err));
	assert_string_equal(words[0], "a");
	assert_string_equal(words[1], "b  c");
	assert_string_equal(words[2], "d e");
	assert_string_equal(words[3], "f\"g\\h");
	assert_string_equal(words[4], "");
	assert_string_equal(words[5], "xyz");
	assert_null(words[6]);
	assert_false(words_cut(&arena, "a 'b", &words, &err));
	assert_false(words_cut(&arena, "a \\", &words, &err));
	assert_string_equal(word_quote(&arena, "it's"), "'it'\"'\"'s'");
	assert_string_equal(word_quote(&arena, ""), "''");
	words = NULL;
	for (int i = 0; i < 20; i++)
		words_add(&arena, &words, "x");
	assert_int_equal(strlen(words_join(&arena, words)), 39);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
