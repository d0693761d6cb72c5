/* MessagePack: what is written is read back, and what is hostile is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "value/msgpack.h"
#include "value/object.h"

#include <cmocka.h> /* last: its fail() is not ours */

static const struct value *
round_trip(struct arena *arena, const struct value *value)
{
	_cleanup_str_ struct str bytes = STR_INIT;
	const struct value *back;
	struct error err = { 0 };

	assert_true(msgpack_write(value, &bytes, &err));
	assert_true(msgpack_read(arena, str_view(&bytes), &back, &err));
	return back;
}

static void
test_scalars(void **state)
{
	static const int64_t numbers[] = { 0, 1, 127, 128, 255, 256, 32767, 32768, 65535, 65536,
		INT32_MAX, (int64_t)INT32_MAX + 1, INT64_MAX, -1, -32, -33, -128, -129, -32768,
		-32769, INT32_MIN, (int64_t)INT32_MIN - 1, INT64_MIN };
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		assert_true(
			round_trip(&arena, value_int(&arena, numbers[i]))->integer == numbers[i]);
	assert_true(round_trip(&arena, value_float(&arena, -0.1))->real == -0.1);
	assert_int_equal(round_trip(&arena, &value_true)->boolean, true);
	assert_int_equal(round_trip(&arena, &value_none)->type, VALUE_NONE);
	arena_release(&arena);
}

static void
test_lengths(void **state)
{
	static const size_t lengths[] = { 0, 1, 31, 32, 255, 256, 65535, 65536 };
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		_cleanup_str_ struct str text = STR_INIT;
		struct value *list = value_list(&arena), *map = value_map(&arena);
		const struct value *back;

		str_add_times(&text, 'x', lengths[i]);
		assert_int_equal(
			value_length(round_trip(&arena, value_view(&arena, str_view(&text)))),
			lengths[i]);
		for (size_t k = 0; k < lengths[i]; k++) {
			value_add(&arena, list, &value_true);
			value_set_key(&arena, map, value_int(&arena, (int64_t)k), &value_none);
		}
		back = round_trip(&arena, list);
		assert_int_equal(value_length(back), lengths[i]);
		back = round_trip(&arena, map);
		assert_int_equal(value_length(back), lengths[i]);
	}
	arena_release(&arena);
}

static void
test_flags_do_not_travel(void **state)
{
	struct arena arena;
	const struct value *value;

	(void)state;
	arena_init(&arena);
	value = value_with_flags(&arena, value_text(&arena, "{{ x }}"), VALUE_TEMPLATE);
	assert_int_equal(round_trip(&arena, value)->flags & VALUE_TEMPLATE, 0);
	arena_release(&arena);
}

static void
test_refused(void **state)
{
	static const struct view rows[] = {
		VIEW(""),	       /* nothing */
		VIEW("\xc1"),	       /* never used */
		VIEW("\xc7\x01\x01x"), /* extension */
		VIEW("\xd9\x05"
		     "abc"),				      /* cut text */
		VIEW("\xdb\xff\xff\xff\xff"),		      /* huge text */
		VIEW("\xdd\xff\xff\xff\xff"),		      /* huge list */
		VIEW("\xdf\x7f\xff\xff\xff\x01"),	      /* huge map */
		VIEW("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), /* more than 63 bits */
		VIEW("\x92\x01"),			      /* cut list */
		VIEW("\x01\x02"),			      /* two values */
		VIEW("\x81\x90\x01"),			      /* a list as key */
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct value *value;
		struct error err = { 0 };

		assert_false(msgpack_read(&arena, rows[i], &value, &err));
		assert_int_equal(err.kind, ERR_PROTOCOL);
	}
	assert_true(arena.used < 100000);
	arena_release(&arena);
}

static void
test_depth(void **state)
{
	_cleanup_str_ struct str bytes = STR_INIT;
	struct arena arena;
	const struct value *value;
	struct error err = { 0 };

	(void)state;
	arena_init(&arena);
	str_add_times(&bytes, (char)0x91, 100000);
	str_add_char(&bytes, 1);
	assert_false(msgpack_read(&arena, str_view(&bytes), &value, &err));
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_flags_do_not_travel),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
