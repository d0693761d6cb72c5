/* How fast a service is asked once it throttles; the clock is a number. */
#include "inventory/aws/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { START_MS = 1000000 };

/* Attempts of one that always wants to send, from `from_ms` on for `length_ms`, each answered at
 * once; how many got through. */
static unsigned
send_all(struct rate *rate, uint64_t from_ms, uint64_t length_ms)
{
	unsigned sent = 0;

	for (uint64_t now = from_ms; now < from_ms + length_ms; now++) {
		uint64_t wait_ms;

		while (rate_take(rate, now, &wait_ms)) {
			rate_answered(rate, now, false, now);
			if (++sent > 1000000)
				fail_msg("nothing holds it back");
		}
	}
	return sent;
}

/* `each_ms`: the time between two attempts that nothing holds back. */
static void
send_evenly(struct rate *rate, uint64_t from_ms, uint64_t length_ms, uint64_t each_ms)
{
	for (uint64_t now = from_ms; now < from_ms + length_ms; now += each_ms) {
		uint64_t wait_ms = 1;

		assert_true(rate_take(rate, now, &wait_ms));
		assert_int_equal(wait_ms, 0);
		rate_answered(rate, now, false, now);
	}
}

static void
test_nothing_held(void **state)
{
	struct rate rate = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t wait_ms;

		assert_true(rate_take(&rate, START_MS, &wait_ms));
		rate_answered(&rate, START_MS, false, START_MS);
	}
	assert_false(rate.is_on);
}

/* A hundred in a second, then a throttle: seventy, with no token at first. */
static void
test_cut(void **state)
{
	struct rate rate = { 0 };
	uint64_t now = START_MS + 5000, wait_ms;

	(void)state;
	send_evenly(&rate, START_MS, 5000, 10);
	rate_answered(&rate, now, true, now);
	assert_true(rate.is_on);
	assert_true(rate.at_throttle > 99 && rate.at_throttle < 101);
	assert_true(rate.per_second > 69 && rate.per_second < 71);
	assert_false(rate_take(&rate, now, &wait_ms));
	assert_in_range(wait_ms, 14, 16);
	assert_false(rate_take(&rate, now + wait_ms - 2, &wait_ms));
	assert_true(rate_take(&rate, now + 16, &wait_ms));
	assert_int_equal(wait_ms, 0);
}

/* What was under way when the rate was cut does not cut it again; what was sent since does. */
static void
test_cut_once(void **state)
{
	struct rate rate = { 0 };
	uint64_t now = START_MS + 5000;
	double before;

	(void)state;
	send_evenly(&rate, START_MS, 5000, 10);
	rate_answered(&rate, now, true, now);
	before = rate.per_second;
	for (int i = 1; i < 60; i++)
		rate_answered(&rate, now - 1, true, now + (uint64_t)i);
	assert_true(rate.per_second >= before && rate.per_second <= before);
	rate_answered(&rate, now + 60, true, now + 200);
	assert_true(rate.per_second < before * 0.71);
}

/* Before half a second is over the rate is not zero. */
static void
test_cut_early(void **state)
{
	struct rate rate = { 0 };

	(void)state;
	send_evenly(&rate, START_MS, 200, 10);
	rate_answered(&rate, START_MS + 200, true, START_MS + 200);
	assert_true(
		rate.per_second > 27 && rate.per_second < 29); /* 0.7 of twenty in half a second */
}

/* It never stops: one in two seconds. */
static void
test_least(void **state)
{
	struct rate rate = { 0 };
	uint64_t now = START_MS, wait_ms;

	(void)state;
	assert_true(rate_take(&rate, now, &wait_ms));
	for (int i = 0; i < 30; i++) {
		rate_answered(&rate, now, true, now);
		now++;
	}
	assert_true(rate.per_second >= 0.5 && rate.per_second <= 0.5);
	while (!rate_take(&rate, now, &wait_ms)) {
		assert_in_range(wait_ms, 1, 2000);
		now += wait_ms;
	}
	assert_in_range(now, START_MS + 1900, START_MS + 2100);
}

/* Fast at first, slow near the rate of the throttle, where it is after the cube root of 75 seconds,
 * and beyond. */
static void
test_growth(void **state)
{
	struct rate rate = { 0 };
	uint64_t now = START_MS + 5000;
	unsigned sent[7];

	(void)state;
	send_evenly(&rate, START_MS, 5000, 10);
	rate_answered(&rate, now, true, now);
	for (unsigned i = 0; i < 7; i++)
		sent[i] = send_all(&rate, now + i * 1000, 1000);
	assert_in_range(sent[0], 70, 88); /* 70 to 87.7 by the curve */
	assert_in_range(sent[1], 88, 96);
	assert_in_range(sent[3], 97, 101);
	assert_in_range(sent[4], 99, 101); /* 4.2 s */
	assert_true(sent[1] - sent[0] > sent[3] - sent[2]);
	assert_true(sent[6] > sent[5] && sent[5] >= sent[4]);
}

/* Who sends little does not earn the right to send everything at once. */
static void
test_growth_of_idlers(void **state)
{
	struct rate rate = { 0 };
	uint64_t now = START_MS + 5000, wait_ms;

	(void)state;
	send_evenly(&rate, START_MS, 5000, 10);
	rate_answered(&rate, now, true, now);
	for (int i = 1; i <= 60; i++) {
		uint64_t then = now + (uint64_t)i * 1000;

		assert_true(rate_take(&rate, then, &wait_ms));
		rate_answered(&rate, then, false, then);
	}
	assert_true(rate.per_second < 5);
	assert_in_range(send_all(&rate, now + 61000, 1), 0, 5);
}

/* A service with a bucket of a hundred tokens that gets fifty in a second, as EC2 has them, and a
 * client that could send a thousand. */
static void
test_finds_the_rate(void **state)
{
	struct rate rate = { 0 };
	unsigned good = 0, bad = 0, settled = 0;
	double tokens = 100;

	(void)state;
	for (uint64_t now = START_MS; now < START_MS + 60000; now++) {
		uint64_t wait_ms;
		bool is_throttle;

		tokens = MIN(tokens + 0.05, 100);
		if (!rate_take(&rate, now, &wait_ms))
			continue;
		is_throttle = tokens < 1;
		tokens -= !is_throttle;
		good += !is_throttle;
		bad += is_throttle;
		settled += now >= START_MS + 30000 && !is_throttle;
		rate_answered(&rate, now, is_throttle, now);
	}
	assert_true(settled > 30 * 50 * 9 / 10);
	assert_true(bad * 50 < good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing_held), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_once), cmocka_unit_test(test_cut_early),
		cmocka_unit_test(test_least), cmocka_unit_test(test_growth),
		cmocka_unit_test(test_growth_of_idlers), cmocka_unit_test(test_finds_the_rate) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
