/* The bootstrap's text keeps the rules that make every login shell take it; its lines are read
 * whatever surrounds them. */
#include <setjmp.h>
#include <stdarg.h>

#include "base/str.h"
#include "orchestrator/delivery/bootstrap.h"
#include "orchestrator/delivery/runners.h"

#include <cmocka.h> /* last: its fail() is not ours */

const struct runner_image runner_images[] = {
	{ "x86_64", (const unsigned char *)"gz", 2, 583000,
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	{ "aarch64", (const unsigned char *)"gz", 2, 612000,
		"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210" },
	{ 0 },
};

/* Quotes only as a pair around each argument; nothing that a shell reads within them. */
static void
keeps_the_rules(const char *text)
{
	size_t quotes = 0;

	for (const char *at = text; *at; at++) {
		quotes += *at == '\'';
		if (strchr("!\\\n\r", *at) || (unsigned char)*at > 126)
			fail_msg("'%c' in the bootstrap: %s", *at, at);
	}
	assert_int_equal(quotes % 2, 0);
	assert_true(strlen(text) < 4096);
}

static void
test_text(void **state UNUSED)
{
	static const char *const bad[] = { "relative", "/a b", "/a'b", "/a;b", "/$HOME", "/a\nb",
		"" };
	_cleanup_str_ struct str text = STR_INIT, memory = STR_INIT;

	assert_true(bootstrap_command(NULL, &text, NULL));
	keeps_the_rules(text.data);
	assert_non_null(strstr(text.data, " 583000 2 fedcba"));
	str_clear(&text);
	assert_true(bootstrap_command("/srv/ertc-1.0_x", &text, NULL));
	keeps_the_rules(text.data);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		str_clear(&text);
		assert_false(bootstrap_command(bad[i], &text, NULL));
	}
	bootstrap_memory_command("aarch64", 612000, &memory);
	keeps_the_rules(memory.data);
	assert_true(text_ends(memory.data, " 279 612000"));
}

static void
test_lines(void **state UNUSED)
{
	static const struct {
		const char *line;
		enum bootstrap_kind kind;
		const char *first, *second;
	} cases[] = {
		{ "ERTC R 1", BOOTSTRAP_RUNNING, "1", "" },
		{ "ERTC M x86_64 gz", BOOTSTRAP_MISSING, "x86_64", "gz" },
		{ "prompt> ERTC M aarch64 raw", BOOTSTRAP_MISSING, "aarch64", "raw" },
		{ "ERTC X x86_64", BOOTSTRAP_NOWHERE, "x86_64", "" },
		{ "ERTC A Darwin arm64", BOOTSTRAP_OTHER, "Darwin", "arm64" },
		{ "ERTC C x86_64", BOOTSTRAP_CACHED, "x86_64", "" },
		{ "ERTC", BOOTSTRAP_NOISE, "", "" },
		{ "", BOOTSTRAP_NOISE, "", "" },
		{ "Welcome", BOOTSTRAP_NOISE, "", "" },
		{ "ERTC Z 1", BOOTSTRAP_NOISE, "", "" },
		{ "ERTC M \x1b[31m gz", BOOTSTRAP_MISSING, "?[31m", "gz" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bootstrap_line line;

		bootstrap_line_read(view_of(cases[i].line), &line);
		assert_int_equal(line.kind, cases[i].kind);
		assert_string_equal(line.words[0], cases[i].first);
		assert_string_equal(line.words[1], cases[i].second);
	}
}

static void
test_images(void **state UNUSED)
{
	struct runner_store *store = runner_store_new();
	struct error err = { 0 };

	assert_ptr_equal(runner_image_find("amd64"), &runner_images[0]);
	assert_ptr_equal(runner_image_find("arm64"), &runner_images[1]);
	assert_null(runner_image_find("riscv64"));
	assert_null(runner_unpack(store, &runner_images[0], &err));
	assert_non_null(strstr(err.what, "damaged"));
	runner_store_free(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
