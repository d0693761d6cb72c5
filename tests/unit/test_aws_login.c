/*
 * Logins: roles along the public cases (assume-role-tests.json), renewal, kept sessions, MFA,
 * single sign-on, and what the public cases do not say.
 */
#include "tests/unit/aws_server.h"

/* ---- renewal ---- */

static void
test_renewed_before_expiry(void **state)
{
	struct server server = { .lasts_s = 3600 };
	struct aws_login *login;
	struct aws *aws;

	(void)state;
	root_renew();
	aws = client_with(&server, NULL);
	login = login_with(aws, &none);
	assert_string_equal(key_of(aws, login, false), "META1");
	now = THEN + 3600 - 301;
	assert_string_equal(key_of(aws, login, false), "META1");
	now = THEN + 3600 - 299;
	assert_string_equal(key_of(aws, login, false), "META2");
	/* The token of metadata is kept. */
	assert_int_equal(server.tokens, 1);
	assert_string_equal(server.headers.data, "hush-metadata-token");
	server_end(&server, aws);
}

static void
test_old_keys_while_they_last(void **state)
{
	struct server server = { .lasts_s = 3600 };
	struct aws_login *login;
	struct aws_keys keys;
	struct error err = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	aws = client_with(&server, NULL);
	login = login_with(aws, &none);
	(void)key_of(aws, login, false);
	server.status = 400;
	now = THEN + 3600 - 200;
	assert_string_equal(key_of(aws, login, false), "META1");
	assert_int_equal(server.asked, 2);
	now += 30; /* not asked again at once */
	assert_string_equal(key_of(aws, login, false), "META1");
	assert_int_equal(server.asked, 2);
	now += 31;
	assert_string_equal(key_of(aws, login, false), "META1");
	assert_int_equal(server.asked, 3);
	now = THEN + 3600 - 5;
	assert_false(aws_login_keys(aws, login, false, &keys, &err));
	assert_non_null(strstr(err.why, "status 400"));
	server_end(&server, aws);
}

static void
test_expired_when_they_come(void **state)
{
	struct server server = { .lasts_s = -1000 };
	struct aws_login *login;
	struct aws *aws;

	(void)state;
	root_renew();
	aws = client_with(&server, NULL);
	login = login_with(aws, &none);
	assert_string_equal(key_of(aws, login, false), "META1");
	assert_string_equal(key_of(aws, login, false), "META1");
	now += 61;
	assert_string_equal(key_of(aws, login, false), "META2");
	server_end(&server, aws);
}

static void
test_refused_keys(void **state)
{
	struct server server = { 0 };
	struct aws_login *login;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	aws = client_with(&server, NULL);
	login = login_with(aws, &none);
	assert_string_equal(key_of(aws, login, false), "ROLE1");
	assert_string_equal(key_of(aws, login, true), "ROLE2");
	/* Another call that was under way with the old ones. */
	assert_string_equal(key_of(aws, login, true), "ROLE2");
	now += 11;
	assert_string_equal(key_of(aws, login, true), "ROLE3");
	server_end(&server, aws);
}

/* ---- many at once ---- */

static void
test_many_ask_once(void **state)
{
	struct server server = { .pauses = true };
	struct crowd crowd = { .wanted = "ROLE1" };

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	crowd.aws = client_with(&server, NULL);
	crowd.login = login_with(crowd.aws, &none);
	for (int i = 0; i < 10; i++)
		http_spawn(server.http, crowd_member, &crowd);
	http_run(server.http);
	assert_int_equal(crowd.same, 10);
	assert_int_equal(server.asked, 1);
	crowd.renews = true;
	crowd.wanted = "ROLE2";
	for (int i = 0; i < 10; i++)
		http_spawn(server.http, crowd_member, &crowd);
	http_run(server.http);
	assert_int_equal(crowd.same, 20);
	assert_int_equal(server.asked, 2);
	server_end(&server, crowd.aws);
}

static void
test_same_options_same_login(void **state)
{
	const struct aws_login_options a = { .profile = "base",
		.role_arn = "arn:aws:iam::1:role/a" };
	struct aws_login_options b = a;
	struct server server = { 0 };
	struct aws_login *first;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	aws = client_with(&server, NULL);
	first = login_with(aws, &a);
	b.profile = arena_text(&arena, "base");
	assert_ptr_equal(login_with(aws, &b), first);
	b.external_id = "x";
	assert_ptr_not_equal(login_with(aws, &b), first);
	b = (struct aws_login_options){ .role_arn = a.role_arn, .source = first };
	assert_ptr_not_equal(login_with(aws, &b), first);
	assert_ptr_equal(login_with(aws, &b), login_with(aws, &b));
	assert_int_equal(server.asked, 0);
	server_end(&server, aws);
}

/* ---- who comes first ---- */

static const char all_config[] =
	"[default]\nregion = eu-west-1\ncredential_process = sh -c \"printf "
	"'{%sVersion%s: 1, %sAccessKeyId%s: %sPROCESS%s, %sSecretAccessKey%s: %sh-process%s}' "
	"'\\\"' '\\\"' '\\\"' '\\\"' '\\\"' '\\\"' '\\\"' '\\\"' '\\\"' '\\\"'\"\n"
	"aws_access_key_id = CONFIG\naws_secret_access_key = hush-config\n";

static void
test_order(void **state)
{
	static const char *const environment[] = { "AWS_ACCESS_KEY_ID=ENV",
		"AWS_SECRET_ACCESS_KEY=hush-env", "AWS_PROFILE=default", NULL };
	static const struct aws_login_options given = { .access_key = "GIVEN",
		.secret_key = "hush-given" };
	static const struct aws_login_options profile = { .profile = "default" };
	struct server server = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", all_config);
	aws = client_with(&server, environment);
	assert_string_equal(key_of(aws, login_with(aws, &given), false), "GIVEN");
	assert_string_equal(key_of(aws, login_with(aws, &none), false), "ENV");
	/* A profile of the options drops the environment, AWS_PROFILE does not. */
	assert_string_equal(key_of(aws, login_with(aws, &profile), false), "PROCESS");
	aws_free(aws);
	secrets_forget();
	write_file("/home/.aws/credentials",
		"[default]\naws_access_key_id = FILE\naws_secret_access_key = hush-file\n");
	assert_string_equal(key_of_next_run(&server, &none), "FILE");
	server_end(&server, NULL);
}

static void
test_broken_profile_does_not_matter(void **state)
{
	static const char *const environment[] = { "AWS_ACCESS_KEY_ID=ENV",
		"AWS_SECRET_ACCESS_KEY=hush-env", NULL };
	struct server server = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", "[default]\nrole_arn = x\n");
	aws = client_with(&server, environment);
	assert_string_equal(key_of(aws, login_with(aws, &none), false), "ENV");
	server_end(&server, aws);
}

static void
test_role_on_top(void **state)
{
	struct server server = { 0 };
	struct aws_login_options options = { .role_arn = "arn:aws:iam::7:role/top",
		.external_id = "e x",
		.session_name = "night-run",
		.duration_s = 1800 };
	struct aws_keys keys;
	struct aws_login *login;
	struct error err = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	aws = client_with(&server, NULL);
	options.source = login_with(aws, &none);
	login = login_with(aws, &options);
	assert_string_equal(aws_login_region(login), "eu-west-1");
	assert_true(aws_login_keys(aws, login, false, &keys, &err));
	assert_int_equal(server.asked, 2);
	assert_string_equal(keys.account, "42");
	assert_string_equal(form_field(str_view(&server.last), "RoleArn"), options.role_arn);
	assert_string_equal(form_field(str_view(&server.last), "ExternalId"), "e x");
	assert_string_equal(form_field(str_view(&server.last), "RoleSessionName"), "night-run");
	assert_string_equal(form_field(str_view(&server.last), "DurationSeconds"), "1800");
	server_end(&server, aws);
}

/* ---- what is refused ---- */

static void
test_refusals(void **state)
{
	static const struct {
		const char *config, *variable;
		struct aws_login_options options;
		const char *words;
	} rows[] = {
		{ "", "A=b",
			{ .role_arn = "arn",
				.duration_s = 60,
				.access_key = "a",
				.secret_key = "b" },
			"cannot last 60 seconds" },
		{ "", "A=b",
			{ .role_arn = "arn",
				.session_name = "a b",
				.access_key = "a",
				.secret_key = "b" },
			"'a b' cannot be the name of a session" },
		{ "", "A=b", { .access_key = "a" }, "access_key is given without secret_key" },
		{ "", "AWS_ACCESS_KEY_ID=a", { 0 },
			"AWS_ACCESS_KEY_ID is given without AWS_SECRET_ACCESS_KEY" },
		{ "[profile prod]\n", "AWS_PROFILE=prd", { 0 }, "did you mean 'prod'?" },
		{ "[default]\ncredential_process = /nowhere/at-all\n", "A=b", { 0 },
			"credential_process of AWS profile 'default'" },
		{ "[default]\ncredential_process = echo 'x\n", "A=b", { 0 },
			"a quote is not closed" },
		{ "[default]\ncredential_process = echo \"{\\\"Version\\\": 2}\"\n", "A=b", { 0 },
			"its Version is not 1" },
		{ "[default]\ncredential_process = sh -c \"echo hush-out; echo log in first >&2; "
		  "exit 3\"\n",
			"A=b", { 0 }, "it ended with 3: log in first" },
		{ "", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://evil.example/", { 0 },
			"may not name the host 'evil.example' without TLS" },
		{ "", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1.evil.example/", { 0 },
			"may not name the host" },
		{ "", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost@evil.example/", { 0 },
			"names no host" },
		{ "[default]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Moon\n", "A=b",
			{ 0 }, "'Moon' is no credential_source" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const variables[] = { rows[i].variable,
			"AWS_EC2_METADATA_DISABLED=true", NULL };
		struct server server = { 0 };
		const char *text;
		struct aws *aws;

		root_renew();
		write_file("/home/.aws/config", rows[i].config);
		aws = client_with(&server, variables);
		text = failure_of(aws, &rows[i].options);
		if (!strstr(text, rows[i].words) || strstr(text, "hush"))
			fail_msg("'%s' is not in: %s", rows[i].words, text);
		server_end(&server, aws);
	}
}

static void
test_environment_is_dropped_aloud(void **state)
{
	static const char *const environment[] = { "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=ENV", "AWS_SECRET_ACCESS_KEY=hush-env", NULL };
	static const struct aws_login_options options = { .profile = "empty" };
	struct server server = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", "[profile empty]\n");
	aws = client_with(&server, environment);
	assert_non_null(strstr(failure_of(aws, &options), "environment: not looked at"));
	server_end(&server, aws);
}

static void
test_each_place_is_told(void **state)
{
	static const char *const environment[] = { "AWS_EC2_METADATA_DISABLED=TRUE", NULL };
	static const char *const places[] = { "options: ",
		"environment: AWS_ACCESS_KEY_ID is not set", "role of the profile: no role",
		"web identity: ", "single sign-on: ",
		"credentials file: no keys in profile 'default'", "credential_process: ",
		"config file: ", "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set",
		"instance metadata: turned off by AWS_EC2_METADATA_DISABLED" };
	struct server server = { 0 };
	const char *text;
	struct aws *aws;

	(void)state;
	root_renew();
	aws = client_with(&server, environment);
	text = failure_of(aws, &none);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!strstr(text, places[i]))
			fail_msg("'%s' is not in: %s", places[i], text);
	server_end(&server, aws);
}

static void
test_role_is_not_replaced(void **state)
{
	struct server server = { .status = 403 };
	struct aws *aws;
	const char *text;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	aws = client_with(&server, NULL);
	text = failure_of(aws, &none);
	assert_non_null(strstr(text, "AccessDenied"));
	assert_non_null(strstr(text, "role arn:aws:iam::42:role/r"));
	assert_int_equal(server.tokens, 0);
	server_end(&server, aws);
}

/* ---- machines ---- */

static void
test_metadata_versions(void **state)
{
	static const char *const disabled[] = { "AWS_EC2_METADATA_V1_DISABLED=true", NULL };
	static const int first[] = { 403, 404, 405 };
	struct server server = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		server.token_status = first[i];
		aws = client_with(&server, NULL);
		assert_true(text_starts(key_of(aws, login_with(aws, &none), false), "META"));
		assert_string_equal(server.headers.data, "");
		aws_free(aws);
		secrets_forget();
	}
	aws = client_with(&server, disabled);
	assert_non_null(strstr(failure_of(aws, &none), "gave no token"));
	aws_free(aws);
	server.token_status = 400;
	aws = client_with(&server, NULL);
	assert_non_null(strstr(failure_of(aws, &none), "gave no token"));
	server_end(&server, aws);
}

static void
test_container_tokens(void **state)
{
	static const char *const both[] = {
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:99/x",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN=hush-text",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/token", NULL
	};
	struct server server = { 0 };
	struct aws_login *login;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/token", "hush-file\n");
	aws = client_with(&server, both);
	login = login_with(aws, &none);
	assert_string_equal(key_of(aws, login, false), "BOX");
	assert_string_equal(server.headers.data, "hush-file");
	/* The file is read each time: who issues the token replaces it. */
	write_file("/token", "hush-other");
	assert_string_equal(key_of(aws, login, true), "BOX");
	assert_string_equal(server.headers.data, "hush-other");
	aws_free(aws);
	aws = client_with(&server, both);
	write_file("/token", "a\r\nX-Evil: b");
	assert_non_null(strstr(failure_of(aws, &none), "more than one line"));
	server_end(&server, aws);
}

static void
test_settings(void **state)
{
	static const char *const environment[] = { "AWS_DEFAULT_REGION=eu-west-2", NULL };
	struct server server = { 0 };
	struct aws_login *login;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config",
		"[default]\nregion = eu-west-3\nservices = mine\nendpoint_url = http://all\n"
		"[services mine]\nec2 =\n  endpoint_url = http://ec2\n");
	aws = client_with(&server, environment);
	login = login_with(aws, &none);
	assert_string_equal(aws_login_region(login), "eu-west-2");
	assert_string_equal(aws_login_setting(login, NULL, "endpoint_url"), "http://all");
	assert_string_equal(aws_login_setting(login, "ec2", "endpoint_url"), "http://ec2");
	assert_null(aws_login_setting(login, "sts", "endpoint_url"));
	assert_null(aws_login_setting(login, NULL, "nothing"));
	login = login_with(aws, &(struct aws_login_options){ .region = "eu-west-4" });
	assert_string_equal(aws_login_region(login), "eu-west-4");
	server_end(&server, aws);
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} rows[] = {
		{ "2009-02-13T23:31:30Z", 1234567890 },
		{ "2009-02-13T23:31:30.123456+00:00", 1234567890 },
		{ "2009-02-14T01:01:30+01:30", 1234567890 },
		{ "2009-02-13T18:31:30-0500", 1234567890 },
		{ "2009-02-13 23:31:30", 1234567890 },
		{ "2009-02-13T23:31:30UTC", -1 },
		{ "2009-13-13T23:31:30Z", -1 },
		{ "2009-02-13", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t time = -1;

		assert_int_equal(time_read(view_of(rows[i].text), &time), rows[i].time >= 0);
		assert_int_equal(time, rows[i].time);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_renewed_before_expiry),
		TEST(test_old_keys_while_they_last),
		TEST(test_expired_when_they_come),
		TEST(test_refused_keys),
		TEST(test_many_ask_once),
		TEST(test_same_options_same_login),
		TEST(test_order),
		TEST(test_broken_profile_does_not_matter),
		TEST(test_role_on_top),
		TEST(test_refusals),
		TEST(test_environment_is_dropped_aloud),
		TEST(test_each_place_is_told),
		TEST(test_role_is_not_replaced),
		TEST(test_metadata_versions),
		TEST(test_container_tokens),
		TEST(test_settings),
		TEST(test_times),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
