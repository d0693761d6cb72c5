/* Frames and messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "wire/message.h"

#include <cmocka.h> /* last: its fail() is not ours */

static void
test_byte_by_byte(void **state)
{
	_cleanup_str_ struct str bytes = STR_INIT;
	struct frame_reader reader = { 0 };
	struct frame frame;
	struct error err = { 0 };
	int count = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(frame_add(&bytes, FRAME_LOG, VIEW("hello"), &err));
	for (size_t i = 0; i < bytes.length; i++) {
		frame_reader_add(&reader, bytes.data + i, 1);
		assert_true(frame_next(&reader, &frame, &err));
		if (!frame.type)
			continue;
		assert_true(view_is(frame.body, "hello"));
		count++;
	}
	assert_int_equal(count, 3);
	frame_reader_release(&reader);
}

static void
test_parts(void **state)
{
	_cleanup_str_ struct str bytes = STR_INIT, body = STR_INIT;
	struct frame_reader reader = { 0 };
	struct frame frame;
	struct error err = { 0 };

	(void)state;
	str_add_times(&body, 'x', 5 * 1000 * 1000);
	body.data[4999999] = 'y';
	assert_true(frame_add(&bytes, FRAME_RESULT, str_view(&body), &err));
	assert_true(frame_add(&bytes, FRAME_LOG, VIEW("next"), &err));
	frame_reader_add(&reader, bytes.data, bytes.length);
	assert_true(frame_next(&reader, &frame, &err));
	assert_int_equal(frame.type, FRAME_RESULT);
	assert_true(view_equals(frame.body, str_view(&body)));
	assert_true(frame_next(&reader, &frame, &err));
	assert_int_equal(frame.type, FRAME_LOG);
	assert_true(view_is(frame.body, "next"));
	frame_reader_release(&reader);
}

static void
test_too_large(void **state)
{
	_cleanup_str_ struct str bytes = STR_INIT, body = STR_INIT;
	struct frame_reader reader = { 0 };
	struct frame frame;
	struct error err = { 0 };

	(void)state;
	str_add_times(&body, 'x', FRAME_MESSAGE_MAX + 1);
	assert_false(frame_add(&bytes, FRAME_RESULT, str_view(&body), &err));
	assert_int_equal(bytes.length, 0);
	/* The same from a peer that does not care, part by part. */
	str_cut(&body, FRAME_BODY_MAX);
	for (int i = 0; i < 15; i++)
		assert_true(frame_add(&bytes, FRAME_PART, str_view(&body), &err));
	assert_true(frame_add(&bytes, FRAME_PART, str_view(&body), &err));
	frame_reader_add(&reader, bytes.data, bytes.length);
	assert_false(frame_next(&reader, &frame, &err));
	frame_reader_release(&reader);
}

static void
test_refused(void **state)
{
	static const struct view rows[] = {
		VIEW("\x00\x11\x00\x01\x01"),
		VIEW("\xff\xff\xff\xff\x01"),
		VIEW("\x00\x00\x00\x00\x00"),
		VIEW("\x00\x00\x00\x00\x0b"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct frame_reader reader = { 0 };
		struct frame frame;
		struct error err = { 0 };

		frame_reader_add(&reader, rows[i].data, rows[i].length);
		assert_false(frame_next(&reader, &frame, &err));
		assert_int_equal(err.kind, ERR_PROTOCOL);
		frame_reader_release(&reader);
	}
}

static struct view
only_body(const struct str *bytes)
{
	return (struct view){ bytes->data + FRAME_HEADER, bytes->length - FRAME_HEADER };
}

static void
test_task(void **state)
{
	_cleanup_str_ struct str bytes = STR_INIT;
	struct message_task task = { 0 }, back;
	struct error err = { 0 };
	struct arena arena;
	struct value *args;

	(void)state;
	arena_init(&arena);
	args = value_map(&arena);
	value_set(&arena, args, "src", value_text(&arena, "x"));
	task = (struct message_task){
		.id = 7,
		.epoch = 2,
		.group = 3,
		.module = "copy",
		.args = args,
		.check_mode = true,
		.stops = true,
		.timeout_s = 9,
		.become = { .method = "sudo", .password = "secret" },
	};
	assert_true(message_add_task(&bytes, &task, &err));
	assert_true(message_read_task(&arena, only_body(&bytes), &back, &err));
	assert_int_equal(back.id, 7);
	assert_int_equal(back.group, 3);
	assert_true(back.check_mode && back.stops && !back.diff);
	assert_string_equal(back.become.password, "secret");
	assert_null(back.become.user);
	assert_string_equal(value_string(value_get(back.args, "src")), "x");
	assert_true(value_is_map(back.environment));
	arena_release(&arena);
}

static void
test_task_refused(void **state)
{
	static const struct view rows[] = {
		VIEW("\xc0"),				  /* not a map */
		VIEW("\x80"),				  /* no id */
		VIEW("\x81\xa2id\x01"),			  /* no module */
		VIEW("\x82\xa2id\x00\xa6module\xa1x"),	  /* id 0 */
		VIEW("\x82\xa2id\xff\xa6module\xa1x"),	  /* id -1 */
		VIEW("\x82\xa2id\x01\xa6module\xa3x\0y"), /* a NUL */
		VIEW("\x83\xa2id\x01\xa6module\xa1x\xa4"
		     "args\x90"), /* args a list */
		VIEW("\x83\xa2id\x01\xa6module\xa1x\xa6"
		     "become\x80"), /* become without method */
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct message_task task;
		struct error err = { 0 };

		assert_false(message_read_task(&arena, rows[i], &task, &err));
		assert_int_equal(err.kind, ERR_PROTOCOL);
	}
	arena_release(&arena);
}

static void
test_others(void **state)
{
	_cleanup_str_ struct str bytes = STR_INIT;
	static const int64_t ids[] = { 4, 5 };
	struct message_need need;
	struct message_blob blob;
	struct error err = { 0 };
	struct arena arena;
	uint32_t number;

	(void)state;
	arena_init(&arena);
	assert_true(message_add_need(&bytes, &(struct message_need){ 1, ids, 2 }, &err));
	assert_true(message_read_need(&arena, only_body(&bytes), &need, &err));
	assert_int_equal(need.count, 2);
	assert_int_equal(need.contents[1], 5);
	str_clear(&bytes);
	assert_true(message_add_blob(&bytes,
		&(struct message_blob){
			.id = 1, .content = 4, .offset = 10, .data = VIEW("\0x"), .is_last = true },
		&err));
	assert_true(message_read_blob(&arena, only_body(&bytes), &blob, &err));
	assert_int_equal(blob.data.length, 2);
	assert_true(blob.is_last);
	str_clear(&bytes);
	message_add_cancel(&bytes, 12);
	assert_true(message_read_cancel(only_body(&bytes), &number, &err));
	assert_int_equal(number, 12);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_task),
		cmocka_unit_test(test_task_refused),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
