/* Digests against known answers, in one piece and in many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"

#include <cmocka.h> /* last: its fail() is not ours */

static const struct {
	const char *name, *empty, *abc, *million; /* "", "abc", a million times 'a' */
} rows[] = {
	{ "md5", "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72",
		"7707d6ae4e027c70eea2a935c2296f21" },
	{ "sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"a9993e364706816aba3e25717850c26c9cd0d89d",
		"34aa973cd4c4daa4f61eeb2bdbad27316534016f" },
	{ "sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ "sha512",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff"
		"8318d2877eec2f63b931bd47417a81a538327af927da3e",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836"
		"ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4c"
		"b0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b" },
};

static void
test_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[HASH_TEXT_MAX];
		enum hash_kind kind;
		struct hash hash;

		assert_true(hash_find(rows[i].name, &kind));
		assert_string_equal(hash_text(kind, VIEW(""), text), rows[i].empty);
		assert_string_equal(hash_text(kind, VIEW("abc"), text), rows[i].abc);
		hash_init(&hash, kind);
		for (size_t done = 0, piece; done < 1000000; done += piece) {
			char bytes[200];

			piece = MIN((size_t)(done % 199 + 1), 1000000 - done);
			memset(bytes, 'a', sizeof(bytes));
			hash_add(&hash, bytes, piece);
		}
		assert_string_equal(hash_end_text(&hash, text), rows[i].million);
	}
}

static void
test_base64(void **state)
{
	static const struct {
		struct view from;
		const char *to;
	} pairs[] = { { VIEW(""), "" }, { VIEW("f"), "Zg==" }, { VIEW("fo"), "Zm8=" },
		{ VIEW("foo"), "Zm9v" }, { VIEW("\xff\xfe\x00"), "//4A" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		_cleanup_str_ struct str out = STR_INIT;

		base64_add(&out, pairs[i].from);
		assert_string_equal(out.data, pairs[i].to);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_base64) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
