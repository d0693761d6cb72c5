/* Programs: their output, their end, and ours. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "os/clock.h"
#include "os/process.h"

#include <cmocka.h> /* last: its fail() is not ours */

static bool
run(const char *script, struct process_options options, struct process_result *out,
	struct error *err)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };

	options.argv = argv;
	return process_run(&options, out, err);
}

static void
test_output(void **state)
{
	struct process_result result;
	struct error err = { 0 };

	(void)state;
	assert_true(run("cat; echo out; echo err >&2; exit 3",
		(struct process_options){ .input = VIEW("in\n") }, &result, &err));
	assert_string_equal(result.out.data, "in\nout\n");
	assert_string_equal(result.err.data, "err\n");
	assert_int_equal(result.status, 3);
	process_result_release(&result);
	assert_true(run("kill -9 $$", (struct process_options){ 0 }, &result, &err));
	assert_int_equal(result.status, -9);
	process_result_release(&result);
}

static void
test_large_input(void **state)
{
	_cleanup_str_ struct str input = STR_INIT;
	struct process_result result;
	struct error err = { 0 };

	(void)state;
	str_add_times(&input, 'x', 500000);
	assert_true(
		run("cat", (struct process_options){ .input = str_view(&input) }, &result, &err));
	assert_int_equal(result.out.length, 500000);
	process_result_release(&result);
	/* One that does not read does not hold us. */
	assert_true(run(
		"exit 0", (struct process_options){ .input = str_view(&input) }, &result, &err));
	process_result_release(&result);
}

static void
test_head_and_tail(void **state)
{
	struct process_result result;
	struct error err = { 0 };

	(void)state;
	assert_true(run("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last",
		(struct process_options){ .maximum = 10000 }, &result, &err));
	assert_true(result.out.length < 11000);
	assert_int_equal(strncmp(result.out.data, "first\n", 6), 0);
	assert_non_null(strstr(result.out.data, "bytes are left out"));
	assert_string_equal(result.out.data + result.out.length - 5, "last\n");
	process_result_release(&result);
}

static void
test_deadline(void **state)
{
	struct process_result result;
	struct error err = { 0 };
	uint64_t begin = monotonic_ms();

	(void)state;
	assert_false(run("echo early; sleep 20 & wait",
		(struct process_options){ .deadline_ms = begin + 200 }, &result, &err));
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_true(result.timed_out);
	assert_string_equal(result.out.data, "early\n");
	assert_true(monotonic_ms() - begin < 2000);
	process_result_release(&result);
}

static void
test_not_there(void **state)
{
	const char *argv[] = { "/no/such/program", NULL };
	struct process_options options = { .argv = argv };
	struct process_result result;
	struct error err = { 0 };

	(void)state;
	assert_false(process_run(&options, &result, &err));
	assert_int_equal(err.kind, ERR_IO);
	assert_int_equal(err.code, 2);
	process_result_release(&result);
}

static void
test_daemon_holds_pipe(void **state)
{
	struct process_result result;
	struct error err = { 0 };
	uint64_t begin = monotonic_ms();

	(void)state;
	assert_true(run("sleep 3 & echo here", (struct process_options){ 0 }, &result, &err));
	assert_string_equal(result.out.data, "here\n");
	assert_true(monotonic_ms() - begin < 1500);
	process_result_release(&result);
}

static void
test_environment(void **state)
{
	struct arena arena;
	struct value *changes;
	struct process_result result;
	struct process_options options = { .directory = "/" };
	struct error err = { 0 };

	(void)state;
	arena_init(&arena);
	changes = value_map(&arena);
	value_set(&arena, changes, "HOME", value_text(&arena, "/h"));
	value_set(&arena, changes, "NEW", value_int(&arena, 5));
	options.environment = environment_merge(&arena, NULL, changes);
	assert_true(run("echo $HOME $NEW $PWD", options, &result, &err));
	assert_string_equal(result.out.data, "/h 5 /\n");
	process_result_release(&result);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_large_input),
		cmocka_unit_test(test_head_and_tail),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_daemon_holds_pipe),
		cmocka_unit_test(test_environment),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
