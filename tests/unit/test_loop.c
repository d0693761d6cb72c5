/* The loop: order, removal from within handlers, timers, later, jobs. */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/str.h"
#include "os/loop.h"

struct fixture {
	struct loop *loop;
	struct str seen;
	struct loop_watch *watches[8];
	int pairs[8][2];
	struct loop_timer *timer;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_new();
	str_init(&f->seen);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	str_release(&f->seen);
	free(f);
	return 0;
}

static void
see_a(void *context)
{
	str_add(&((struct fixture *)context)->seen, "a");
}
static void
see_b(void *context)
{
	str_add(&((struct fixture *)context)->seen, "b");
}
static void
see_c(void *context)
{
	str_add(&((struct fixture *)context)->seen, "c");
}

static void
test_timers_fire_in_order(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *dropped;

	loop_timer_add(f->loop, 20, see_c, f);
	loop_timer_add(f->loop, 1, see_a, f);
	dropped = loop_timer_add(f->loop, 5, see_a, f);
	loop_timer_add(f->loop, 1, see_b, f);
	loop_timer_remove(dropped);
	loop_timer_remove(NULL);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "abc");
}

static void
timer_again(void *context)
{
	struct fixture *f = context;

	str_add(&f->seen, "t");
	if (f->seen.length < 5)
		loop_timer_add(f->loop, 0, timer_again, f);
}

static void
test_timer_adds_itself(void **state)
{
	struct fixture *f = *state;

	loop_timer_add(f->loop, 0, timer_again, f);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "ttttt");
}

static void
test_many_timers(void **state)
{
	struct fixture *f = *state;
	struct loop_timer *timers[500];

	for (size_t i = 0; i < 500; i++)
		timers[i] = loop_timer_add(f->loop, (i * 7919) % 20, see_a, f);
	for (size_t i = 0; i < 500; i += 2)
		loop_timer_remove(timers[i]);
	loop_run(f->loop);
	assert_int_equal(f->seen.length, 250);
}

static void
later_again(void *context)
{
	struct fixture *f = context;

	str_add(&f->seen, "x");
	if (f->seen.length < 4)
		loop_later(f->loop, later_again, f);
	loop_later_cancel(f->loop, see_c, f);
}

static void
test_later_counts_once(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++) {
		loop_later(f->loop, see_a, f);
		loop_later(f->loop, see_b, f);
	}
	loop_later_cancel(f->loop, see_b, f);
	loop_later_cancel(f->loop, see_c, f);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "a");
	loop_later(f->loop, later_again, f);
	loop_later(f->loop, see_c, f);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "axxx");
}

static void
test_later_with_many(void **state)
{
	struct fixture *f = *state;
	static struct fixture *copies[1000];

	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < 1000; i++) {
			if (!round)
				copies[i] = calloc(1, sizeof(**copies));
			loop_later(f->loop, see_a, copies[i]);
		}
	for (size_t i = 0; i < 1000; i++)
		str_init(&copies[i]->seen);
	loop_run(f->loop);
	for (size_t i = 0; i < 1000; i++) {
		assert_string_equal(copies[i]->seen.data, "a");
		str_release(&copies[i]->seen);
		free(copies[i]);
	}
}

/* The first to be called removes all, itself included: no other handler may run. */
static void
remove_all(void *context, unsigned events)
{
	struct fixture *f = context;

	assert_true(events & LOOP_READ);
	str_add(&f->seen, "r");
	for (size_t i = 0; i < 8; i++) {
		loop_watch_remove(f->watches[i]);
		close(f->pairs[i][0]);
		close(f->pairs[i][1]);
	}
}

static void
test_removal_within_a_batch(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->pairs[i]), 0);
		assert_int_equal(write(f->pairs[i][1], "x", 1), 1);
		f->watches[i] = loop_watch_add(f->loop, f->pairs[i][0], LOOP_READ, remove_all, f);
	}
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "r");
}

static void
hangup(void *context, unsigned events)
{
	struct fixture *f = context;

	assert_true(events & LOOP_HANGUP);
	loop_watch_remove(f->watches[0]);
	str_add(&f->seen, "h");
}

static void
test_hangup_is_reported(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, f->pairs[0]), 0);
	f->watches[0] = loop_watch_add(f->loop, f->pairs[0][0], LOOP_WRITE, hangup, f);
	loop_watch_set(f->watches[0], 0);
	close(f->pairs[0][1]);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "h");
	close(f->pairs[0][0]);
}

static void
file_ready(void *context, unsigned events)
{
	struct fixture *f = context;

	assert_int_equal(events, LOOP_READ);
	str_add(&f->seen, "f");
	if (f->seen.length == 3)
		loop_watch_remove(f->watches[0]);
}

static void
test_regular_file_is_always_ready(void **state)
{
	struct fixture *f = *state;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	f->watches[0] = loop_watch_add(f->loop, fd, LOOP_READ, file_ready, f);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "fff");
	close(fd);
}

struct work {
	struct fixture *fixture;
	int number, result;
};

static void
work_square(void *context)
{
	struct work *work = context;

	usleep(1000);
	work->result = work->number * work->number;
}

static void
work_done(void *context)
{
	struct work *work = context;

	assert_int_equal(work->result, work->number * work->number);
	str_add(&work->fixture->seen, "j");
	free(work);
}

static void
test_jobs(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++) {
		struct work *work = calloc(1, sizeof(*work));

		*work = (struct work){ f, i, 0 };
		loop_job(f->loop, work_square, work_done, work);
	}
	loop_run(f->loop);
	assert_int_equal(f->seen.length, 100);
}

static void
stop(void *context)
{
	loop_stop(((struct fixture *)context)->loop);
}

static void
test_stop(void **state)
{
	struct fixture *f = *state;

	loop_timer_add(f->loop, 0, stop, f);
	loop_timer_add(f->loop, 60000, see_a, f);
	loop_run(f->loop);
	assert_string_equal(f->seen.data, "");
	loop_once(f->loop, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_timers_fire_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer_adds_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_timers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later_counts_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later_with_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_removal_within_a_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hangup_is_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(test_regular_file_is_always_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(test_jobs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
