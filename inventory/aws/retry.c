/* The figures are those of the AWS tools' «standard» mode. */
#include "inventory/aws/retry.h"

#include <strings.h>
#include <sys/random.h>

#include "inventory/aws/credentials.h"

enum {
	QUOTA = 500,
	COST = 5,
	COST_OF_SILENCE = 10,
	ATTEMPTS = 5,
	MOST_ATTEMPTS = 50,
	LONGEST_WAIT_S = 20,
};

static const char *const throttles[] = { "Throttling", "ThrottlingException", "ThrottledException",
	"RequestThrottledException", "RequestThrottled", "TooManyRequestsException",
	"ProvisionedThroughputExceededException", "RequestLimitExceeded", "BandwidthLimitExceeded",
	"LimitExceededException", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException",
	NULL };
static const char *const passing[] = { "RequestTimeout", "RequestTimeoutException", "InternalError",
	"InternalFailure", "ServiceUnavailable", "Unavailable", "IDPCommunicationError", NULL };
static const char *const expiries[] = { "ExpiredToken", "ExpiredTokenException", "RequestExpired",
	"TokenRefreshRequired", NULL };
static const char *const clocks[] = { "RequestTimeTooSkewed", "RequestExpired",
	"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestInTheFuture",
	NULL };

bool
fault_is_throttle(const struct aws_fault *fault)
{
	return fault->status == 429 || text_is_one_of(fault->code, throttles);
}

bool
fault_is_expiry(const struct aws_fault *fault)
{
	return text_is_one_of(fault->code, expiries);
}

bool
fault_is_of_clock(const struct aws_fault *fault)
{
	return text_is_one_of(fault->code, clocks);
}

void
retry_quota_init(struct retry_quota *quota)
{
	quota->left = QUOTA;
}

/* Who asks for one of the modes that do not adapt gets it. */
static bool
is_of_fixed_mode(const struct aws *aws, const struct aws_login *login)
{
	const char *mode = aws_environment(aws, "AWS_RETRY_MODE");

	if (!mode && login)
		mode = aws_login_setting(login, NULL, "retry_mode");
	return mode && (!strcasecmp(mode, "standard") || !strcasecmp(mode, "legacy"));
}

void
retry_begin(struct retry *retry, const struct aws *aws, const struct aws_login *login)
{
	const char *text = aws_environment(aws, "AWS_MAX_ATTEMPTS");
	int64_t most = ATTEMPTS;

	if (!text && login)
		text = aws_login_setting(login, NULL, "max_attempts");
	if (!text || !number_parse(view_of(text), &most) || most < 1)
		most = ATTEMPTS;
	*retry = (struct retry){ .most = (int)MIN(most, MOST_ATTEMPTS),
		.adapts = !is_of_fixed_mode(aws, login) };
}

/* Silence may pass; what was refused for good, or was too large, or not to be trusted, does not. */
static bool
may_pass(const struct aws_fault *fault, const struct error *err)
{
	if (!fault->status)
		return err->kind == ERR_TIMEOUT || err->kind == ERR_UNREACHABLE;
	return fault->status == 500 || (fault->status >= 502 && fault->status <= 504) ||
	       fault_is_throttle(fault) || text_is_one_of(fault->code, passing);
}

bool
retry_again(struct retry *retry, struct retry_quota *quota, const struct aws_fault *fault,
	const struct error *err)
{
	uint64_t bound_ms = (uint64_t)MIN(1 << MIN(retry->count, 10), LONGEST_WAIT_S) * 1000;
	uint32_t chance = 0;

	retry->count++;
	if (!may_pass(fault, err) || retry->count >= retry->most)
		return false;
	retry->cost = fault->status ? COST : COST_OF_SILENCE;
	if (quota->left < retry->cost)
		return false;
	quota->left -= retry->cost;
	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = UINT32_MAX;
	retry->wait_ms = bound_ms * chance / UINT32_MAX;
	return true;
}

void
retry_succeeded(const struct retry *retry, struct retry_quota *quota)
{
	quota->left = MIN(QUOTA, quota->left + (retry->count ? retry->cost : 1));
}
