#ifndef INVENTORY_AWS_RETRY_H
#define INVENTORY_AWS_RETRY_H
/*
 * When to ask again, and after how long: full jitter over a doubling bound, a quota that the whole
 * client shares, so that a service in trouble is not made worse, and how often at most
 * (AWS_MAX_ATTEMPTS, max_attempts). A service that throttles is asked more slowly (rate.h), unless
 * the user wants the tools' «standard» or «legacy» mode (AWS_RETRY_MODE, retry_mode).
 */
#include "inventory/aws/aws.h"

struct retry_quota {
	int left;
};
void retry_quota_init(struct retry_quota *quota);

struct retry {
	int count, most;  /* attempts made, and allowed */
	bool adapts;	  /* to services that throttle */
	int cost;	  /* what the last retry took out of the quota */
	uint64_t wait_ms; /* before the next one */
};

void retry_begin(struct retry *retry, const struct aws *aws, const struct aws_login *login);
/* After an attempt that failed with `fault`, or without an answer (status 0) with `err`. False: it
 * stands. */
bool retry_again(struct retry *retry, struct retry_quota *quota, const struct aws_fault *fault,
	const struct error *err);
void retry_succeeded(const struct retry *retry, struct retry_quota *quota);

bool fault_is_throttle(const struct aws_fault *fault);
bool fault_is_expiry(const struct aws_fault *fault);   /* of credentials */
bool fault_is_of_clock(const struct aws_fault *fault); /* may come of a wrong clock */

#endif
