#ifndef INVENTORY_AWS_RATE_H
#define INVENTORY_AWS_RATE_H
/*
 * How fast a service may be asked: the «adaptive» mode of AWS's tools. Nothing is held back until
 * the service throttles; from then on every attempt needs a token. The rate at which tokens come is
 * cut to 0.7 of what was measured, and grows back along a cubic curve: fast at first, slowly near
 * the rate at which it was throttled, then faster and faster, and never beyond twice of what is
 * really sent.
 *
 * All times are milliseconds of any clock that only goes forward, and are told by the caller.
 */
#include "base/base.h"

struct rate {
	bool is_on;	   /* a throttle was seen */
	double per_second; /* at which tokens come */
	double tokens, room;
	uint64_t filled_ms;
	/* What is sent: counted in steps of half a second, and smoothed. */
	double measured;
	uint64_t began_ms, step;
	unsigned count;
	bool has_step; /* one is over */
	/* The last throttle. */
	double at_throttle; /* the rate then */
	uint64_t throttled_ms;
};

/* Zeroed, nothing was sent yet. May an attempt be made now? True: it is counted, and has taken its
 * token. False: ask again after *wait_ms. */
bool rate_take(struct rate *rate, uint64_t now_ms, uint64_t *wait_ms);
/* An attempt that was begun at `sent_ms` was answered. Throttles of what had been sent before the
 * rate was last cut say nothing new. */
void rate_answered(struct rate *rate, uint64_t sent_ms, bool is_throttle, uint64_t now_ms);

#endif
