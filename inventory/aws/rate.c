/* The figures are those that all of AWS's tools share. */
#include "inventory/aws/rate.h"

#include <math.h>

enum { STEP_MS = 500 };

static const double beta = 0.7, scale = 0.4, smooth = 0.8, least = 0.5;

/* ---- what is sent ---- */

static void
measure(struct rate *rate, uint64_t now_ms)
{
	uint64_t step;

	if (!rate->began_ms)
		rate->began_ms = now_ms ? now_ms : 1;
	step = (now_ms - MIN(rate->began_ms, now_ms)) / STEP_MS;
	if (step > rate->step) {
		double recent = rate->count * 1000.0 / STEP_MS / (double)(step - rate->step);

		rate->measured =
			rate->has_step ? recent * smooth + rate->measured * (1 - smooth) : recent;
		rate->has_step = true;
		rate->step = step;
		rate->count = 0;
	}
}

/* Before the first step is over, as if it were. */
static double
measured(const struct rate *rate)
{
	return rate->has_step ? rate->measured : rate->count * 1000.0 / STEP_MS;
}

/* ---- tokens ---- */

static void
fill(struct rate *rate, uint64_t now_ms)
{
	if (now_ms > rate->filled_ms) {
		rate->tokens += (double)(now_ms - rate->filled_ms) / 1000 * rate->per_second;
		rate->tokens = MIN(rate->tokens, rate->room);
		rate->filled_ms = now_ms;
	}
}

static void
set(struct rate *rate, double per_second, uint64_t now_ms)
{
	if (rate->is_on)
		fill(rate, now_ms);
	else
		rate->filled_ms = now_ms;
	rate->is_on = true;
	rate->per_second = MAX(per_second, least);
	rate->room = MAX(per_second, 1);
	rate->tokens = MIN(rate->tokens, rate->room);
}

bool
rate_take(struct rate *rate, uint64_t now_ms, uint64_t *wait_ms)
{
	*wait_ms = 0;
	if (rate->is_on) {
		fill(rate, now_ms);
		if (rate->tokens < 1) {
			*wait_ms = (uint64_t)ceil((1 - rate->tokens) / rate->per_second * 1000);
			return false;
		}
		rate->tokens -= 1;
	}
	measure(rate, now_ms);
	rate->count++;
	return true;
}

/* ---- the curve ---- */

static double
cubic(const struct rate *rate, uint64_t now_ms)
{
	double plateau_s = cbrt(rate->at_throttle * (1 - beta) / scale);
	double since_s = (double)(now_ms - rate->throttled_ms) / 1000;

	return scale * pow(since_s - plateau_s, 3) + rate->at_throttle;
}

void
rate_answered(struct rate *rate, uint64_t sent_ms, bool is_throttle, uint64_t now_ms)
{
	measure(rate, now_ms);
	if (!is_throttle) {
		if (rate->is_on)
			set(rate, MIN(cubic(rate, now_ms), 2 * measured(rate)), now_ms);
		return;
	}
	if (rate->is_on && sent_ms < rate->throttled_ms)
		return;
	rate->at_throttle = rate->is_on ? MIN(measured(rate), rate->per_second) : measured(rate);
	rate->throttled_ms = now_ms;
	set(rate, rate->at_throttle * beta, now_ms);
}
