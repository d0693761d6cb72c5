/* What is asked again, how often, after how long; and whole calls that fail before they work. */
#include "inventory/aws/retry.h"

#include "inventory/aws/service.h"
#include "os/clock.h"
#include "tests/unit/aws_world.h"

static struct retry
retry_of(const char *attempts)
{
	struct value *environment = value_map(&arena);
	struct retry retry;
	struct aws *aws;

	if (attempts)
		value_set(&arena, environment, "AWS_MAX_ATTEMPTS", value_text(&arena, attempts));
	aws = client(environment);
	retry_begin(&retry, aws, NULL);
	aws_free(aws);
	return retry;
}

static void
test_attempts(void **state)
{
	static const struct {
		const char *text;
		int most;
	} rows[] = { { NULL, 5 }, { "", 5 }, { "3", 3 }, { "1", 1 }, { "0", 5 }, { "-2", 5 },
		{ "many", 5 }, { "1000000", 50 }, { "99999999999999999999", 5 } };

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(retry_of(rows[i].text).most, rows[i].most);
}

static void
test_attempts_of_profile(void **state)
{
	struct value *environment = value_map(&arena);
	struct aws_login *login;
	struct error err = { 0 };
	struct retry retry;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", "[default]\nmax_attempts = 7\n");
	value_set(&arena, environment, "HOME", value_text(&arena, "/home"));
	value_set(&arena, environment, "AWS_ACCESS_KEY_ID", value_text(&arena, "A"));
	value_set(&arena, environment, "AWS_SECRET_ACCESS_KEY", value_text(&arena, "hush-b"));
	aws = client(environment);
	assert_true(aws_login_new(aws, &(struct aws_login_options){ 0 }, &login, &err));
	retry_begin(&retry, aws, login);
	assert_int_equal(retry.most, 7);
	aws_free(aws);
	secrets_forget();
}

static bool
adapts(const char *mode, const char *config)
{
	struct value *environment = value_map(&arena);
	struct aws_login *login;
	struct error err = { 0 };
	struct retry retry;
	struct aws *aws;

	root_renew();
	write_file("/home/.aws/config", config);
	value_set(&arena, environment, "HOME", value_text(&arena, "/home"));
	value_set(&arena, environment, "AWS_ACCESS_KEY_ID", value_text(&arena, "A"));
	value_set(&arena, environment, "AWS_SECRET_ACCESS_KEY", value_text(&arena, "hush-b"));
	if (mode)
		value_set(&arena, environment, "AWS_RETRY_MODE", value_text(&arena, mode));
	aws = client(environment);
	assert_true(aws_login_new(aws, &(struct aws_login_options){ 0 }, &login, &err));
	retry_begin(&retry, aws, login);
	aws_free(aws);
	secrets_forget();
	return retry.adapts;
}

/* Adaptive, unless another mode is asked for. */
static void
test_modes(void **state)
{
	(void)state;
	assert_true(adapts(NULL, "[default]\n"));
	assert_true(adapts("adaptive", "[default]\nretry_mode = standard\n"));
	assert_true(adapts(NULL, "[default]\nretry_mode = adaptive\n"));
	assert_false(adapts(NULL, "[default]\nretry_mode = standard\n"));
	assert_false(adapts("standard", "[default]\nretry_mode = adaptive\n"));
	assert_false(adapts("legacy", "[default]\n"));
}

static bool
again(int status, const char *code, enum error_kind kind)
{
	struct retry_quota quota;
	struct retry retry = { .most = 2 };
	struct aws_fault fault = { .status = status };
	struct error err = { .kind = kind };

	retry_quota_init(&quota);
	snprintf(fault.code, sizeof(fault.code), "%s", code);
	return retry_again(&retry, &quota, &fault, &err);
}

static void
test_what_passes(void **state)
{
	static const struct {
		int status;
		const char *code;
		bool passes;
	} rows[] = {
		{ 500, "", true },
		{ 502, "", true },
		{ 503, "", true },
		{ 504, "", true },
		{ 429, "", true },
		{ 501, "", false },
		{ 505, "", false },
		{ 400, "", false },
		{ 403, "", false },
		{ 404, "", false },
		{ 301, "", false },
		{ 503, "RequestLimitExceeded", true },
		{ 400, "RequestLimitExceeded", true },
		{ 400, "Throttling", true },
		{ 400, "ThrottlingException", true },
		{ 503, "EC2ThrottledException", true },
		{ 400, "PriorRequestNotComplete", true },
		{ 400, "RequestTimeout", true },
		{ 500, "InternalError", true },
		{ 503, "Unavailable", true },
		{ 200, "InternalError", true },
		{ 403, "UnauthorizedOperation", false },
		{ 401, "AuthFailure", false },
		{ 400, "ExpiredToken", false },
		{ 400, "InvalidParameterValue", false },
		{ 403, "SignatureDoesNotMatch", false },
		{ 400, "throttling", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (again(rows[i].status, rows[i].code, ERR_TASK) != rows[i].passes)
			fail_msg("%d %s", rows[i].status, rows[i].code);
	/* Without an answer the error decides. */
	assert_true(again(0, "", ERR_TIMEOUT));
	assert_true(again(0, "", ERR_UNREACHABLE));
	assert_false(again(0, "", ERR_DENIED)); /* a certificate */
	assert_false(again(0, "", ERR_LIMIT));
	assert_false(again(0, "", ERR_PARSE));
}

/* Full jitter: anything up to a bound that doubles from one second to twenty. */
static void
test_waits(void **state)
{
	static const uint64_t bounds[] = { 1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000 };
	const struct aws_fault fault = { .status = 503 };
	uint64_t most[ARRAY_SIZE(bounds)] = { 0 }, least[ARRAY_SIZE(bounds)];

	(void)state;
	memset(least, 0xff, sizeof(least));
	for (int round = 0; round < 300; round++) {
		struct retry retry = { .most = 50 };
		struct retry_quota quota;

		retry_quota_init(&quota);
		for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
			assert_true(retry_again(&retry, &quota, &fault, NULL));
			assert_true(retry.wait_ms <= bounds[i]);
			most[i] = MAX(most[i], retry.wait_ms);
			least[i] = MIN(least[i], retry.wait_ms);
		}
	}
	/* Of 300, one falls into each tenth at the ends but for one time in 10^13. */
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		assert_true(most[i] > bounds[i] - bounds[i] / 10);
		assert_true(least[i] < bounds[i] / 10);
	}
}

static void
test_count(void **state)
{
	const struct aws_fault fault = { .status = 503 };
	struct retry retry = { .most = 4 };
	struct retry_quota quota;
	int asked = 1;

	(void)state;
	retry_quota_init(&quota);
	while (retry_again(&retry, &quota, &fault, NULL))
		asked++;
	assert_int_equal(asked, 4);
	assert_int_equal(retry.count, 4);
}

/* A hundred retries for all calls together; successes give back what they took. */
static void
test_quota(void **state)
{
	const struct aws_fault fault = { .status = 503 }, silence = { 0 };
	const struct error timeout = { .kind = ERR_TIMEOUT };
	struct retry_quota quota;
	struct retry good = { .most = 50 };
	int retries = 0;

	(void)state;
	retry_quota_init(&quota);
	for (;; retries++) {
		struct retry retry = { .most = 50 };

		if (!retry_again(&retry, &quota, &fault, NULL))
			break;
	}
	assert_int_equal(retries, 100);
	/* Five first attempts that worked make room for one retry more. */
	for (int i = 0; i < 5; i++)
		retry_succeeded(&(struct retry){ .most = 5 }, &quota);
	assert_true(retry_again(&good, &quota, &fault, NULL));
	assert_false(retry_again(&good, &quota, &fault, NULL));
	/* Silence costs twice as much. */
	retry_quota_init(&quota);
	for (retries = 0;; retries++) {
		struct retry retry = { .most = 50 };

		if (!retry_again(&retry, &quota, &silence, &timeout))
			break;
	}
	assert_int_equal(retries, 50);
	/* It never grows beyond its start. */
	retry_quota_init(&quota);
	for (int i = 0; i < 1000; i++)
		retry_succeeded(&(struct retry){ 0 }, &quota);
	for (retries = 0;; retries++) {
		struct retry retry = { .most = 50 };

		if (!retry_again(&retry, &quota, &fault, NULL))
			break;
	}
	assert_int_equal(retries, 100);
}

/* ---- whole calls ---- */

struct story {
	const char *const *answers; /* "STATUS CODE", one after the other; the last for ever */
	int asked;
	struct str keys; /* who signed, in order */
};

static bool
tell(void *context, const struct http_request *request, struct http_answer *out, struct error *err)
{
	struct story *story = context;
	const char *one = story->answers[story->asked], *code;
	int status = (int)strtol(one, (char **)(uintptr_t)&code, 10);

	story->asked++;
	if (!story->answers[story->asked])
		story->asked--;
	str_add_char(&story->keys, header_of(request, "Authorization") ? 's' : '-');
	if (!status)
		return failed_after(error_set(err, ERR_UNREACHABLE, "the answer was cut off"));
	if (status == 200)
		return give(request, out, 200,
			VIEW("<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1"
			     "</regionName></item></regionInfo></DescribeRegionsResponse>"),
			err);
	return give(request, out, status,
		view_of(arena_format(&arena,
			"<Response><Errors><Error><Code>%s</Code><Message>m</Message></Error>"
			"</Errors></Response>",
			code + (*code == ' '))),
		err);
}

/* The error of the call, or "fine"; how often was asked. */
static const char *
call_with(const char *const *answers, const char *attempts, size_t *asked, struct aws_fault *fault)
{
	struct value *environment = value_map(&arena);
	struct story story = { .answers = answers };
	struct aws_call call = {
		.service = "ec2", .action = "DescribeRegions", .region = "eu-west-1"
	};
	const struct value *answer = NULL;
	struct error err = { 0 };
	const char *said = "fine";
	struct aws *aws;

	value_set(&arena, environment, "AWS_ACCESS_KEY_ID", value_text(&arena, "AKIAQ1234"));
	value_set(&arena, environment, "AWS_SECRET_ACCESS_KEY", value_text(&arena, "hush-secret"));
	value_set(&arena, environment, "AWS_MAX_ATTEMPTS", value_text(&arena, attempts));
	aws = client(environment);
	str_init(&story.keys);
	http_set_stand_in(aws_http(aws), tell, &story);
	assert_true(aws_login_new(aws, &(struct aws_login_options){ 0 }, &call.login, &err));
	if (!aws_call(aws, &call, &arena, &answer, fault, &err))
		said = error_all(&err);
	else
		assert_int_equal(value_length(value_get(answer, "regions")), 1);
	no_secret_in("call", said);
	*asked = story.keys.length;
	assert_null(strchr(story.keys.data, '-'));
	aws_free(aws);
	str_release(&story.keys);
	secrets_forget();
	return said;
}

static void
test_calls(void **state)
{
	static const struct {
		const char *answers[4], *attempts, *said;
		size_t asked;
		int status;
	} rows[] = {
		{ { "200" }, "1", "fine", 1, 0 },
		{ { "503 RequestLimitExceeded", "200" }, "2", "fine", 2, 0 },
		{ { "0", "200" }, "2", "fine", 2, 0 },
		{ { "500 ", "200" }, "2", "fine", 2, 0 },
		{ { "503 RequestLimitExceeded" }, "2", "refused after 2 attempts", 2, 503 },
		{ { "0" }, "2", "got no answer after 2 attempts", 2, 0 },
		{ { "403 UnauthorizedOperation", "200" }, "5", "ec2:DescribeRegions", 1, 403 },
		{ { "400 InvalidParameterValue", "200" }, "5", "InvalidParameterValue: m", 1, 400 },
		{ { "503 Throttling", "400 InvalidAction" }, "5", "refused after 2 attempts", 2,
			400 },
	};

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct aws_fault fault = { 0 };
		size_t asked;
		const char *said = call_with(rows[i].answers, rows[i].attempts, &asked, &fault);

		if (!strstr(said, rows[i].said))
			fail_msg("%s: %s", rows[i].answers[0], said);
		assert_int_equal(asked, rows[i].asked);
		assert_int_equal(fault.status, rows[i].status);
	}
}

/* A call that is throttled slows the next ones of this service and region down, and no others. */
static void
test_slows_down(void **state)
{
	static const char *const answers[] = { "200", "503 RequestLimitExceeded", "200", NULL };
	static const char *const regions[] = { "eu-west-1", "eu-west-1", "us-east-1", "eu-west-1",
		"eu-west-1", "eu-west-1" };
	struct value *environment = value_map(&arena);
	struct story story = { .answers = answers };
	struct aws_call call = { .service = "ec2", .action = "DescribeRegions" };
	const struct value *answer;
	uint64_t took[ARRAY_SIZE(regions)];
	struct error err = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	value_set(&arena, environment, "AWS_ACCESS_KEY_ID", value_text(&arena, "A"));
	value_set(&arena, environment, "AWS_SECRET_ACCESS_KEY", value_text(&arena, "hush-b"));
	value_set(&arena, environment, "AWS_MAX_ATTEMPTS", value_text(&arena, "1"));
	aws = client(environment);
	str_init(&story.keys);
	http_set_stand_in(aws_http(aws), tell, &story);
	assert_true(aws_login_new(aws, &(struct aws_login_options){ 0 }, &call.login, &err));
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		uint64_t before = monotonic_ms();

		call.region = regions[i];
		assert_true(aws_call(aws, &call, &arena, &answer, NULL, &err) == (i != 1));
		took[i] = monotonic_ms() - before;
	}
	/* Two were sent within half a second: four in a second, and 0.7 of it. */
	assert_true(took[2] < took[3]);
	assert_true(took[3] >= 200);
	assert_true(took[4] > 100);
	aws_free(aws);
	str_release(&story.keys);
	secrets_forget();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_attempts, begin, end),
		cmocka_unit_test_setup_teardown(test_attempts_of_profile, begin, end),
		cmocka_unit_test_setup_teardown(test_what_passes, begin, end),
		cmocka_unit_test_setup_teardown(test_waits, begin, end),
		cmocka_unit_test_setup_teardown(test_count, begin, end),
		cmocka_unit_test_setup_teardown(test_quota, begin, end),
		cmocka_unit_test_setup_teardown(test_calls, begin, end),
		cmocka_unit_test_setup_teardown(test_modes, begin, end),
		cmocka_unit_test_setup_teardown(test_slows_down, begin, end),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
