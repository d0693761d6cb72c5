/* Sessions that are kept between runs, those that need a person, and single sign-on. */
#include <fcntl.h>
#include <time.h>

#include "tests/unit/aws_server.h"

/* ---- kept sessions ---- */

static const char *
kept_directory(void)
{
	return arena_format(&arena, "%s/home/.cache/ertc-%u/aws", root, (unsigned)geteuid());
}

/* The one kept session; NULL: there is none. */
static const char *
kept_file(void)
{
	const char *const *names = directory_names(&arena, kept_directory(), NULL);

	if (!names || !*names)
		return NULL;
	assert_null(names[1]);
	return path_join(&arena, kept_directory(), *names);
}

static mode_t
mode_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 07777;
}

static void
test_kept_sessions(void **state)
{
	struct server server = { 0 };
	const char *file;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE1");
	assert_non_null(file = kept_file());
	assert_int_equal(mode_of(file), 0600);
	assert_int_equal(mode_of(kept_directory()), 0700);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE1");
	/* Ten minutes before its end it is not worth beginning with. */
	now = THEN + 3600 - 599;
	assert_string_equal(key_of_next_run(&server, &none), "ROLE2");
	now = THEN;
	assert_int_equal(server.asked, 2);
	server_end(&server, NULL);
}

static void
test_kept_by_all_that_matters(void **state)
{
	static const struct aws_login_options others[] = {
		{ .role_arn = "arn:aws:iam::42:role/r", .profile = "base" },
		{ .role_arn = "arn:aws:iam::42:role/other", .profile = "base" },
		{ .role_arn = "arn:aws:iam::42:role/r", .profile = "base", .external_id = "x" },
		{ .role_arn = "arn:aws:iam::42:role/r", .profile = "base", .session_name = "xx" },
		{ .role_arn = "arn:aws:iam::42:role/r", .profile = "base", .duration_s = 900 },
		{ .role_arn = "arn:aws:iam::42:role/r", .profile = "base", .region = "eu-west-2" },
		{ .role_arn = "arn:aws:iam::42:role/r", .access_key = "X", .secret_key = "hush-x" },
	};
	struct server server = { 0 };

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < ARRAY_SIZE(others); i++)
			assert_string_equal(key_of_next_run(&server, &others[i]),
				arena_format(&arena, "ROLE%zu", i + 1));
	server_end(&server, NULL);
}

static void
test_sessions_of_others(void **state)
{
	struct server server = { 0 };
	const char *file;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE1");
	assert_non_null(file = kept_file());
	/* Others may read it: it is not used, and replaced. */
	assert_int_equal(chmod(file, 0640), 0);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE2");
	assert_int_equal(mode_of(file), 0600);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE2");
	/* Nonsense. */
	assert_int_equal(truncate(file, 20), 0);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE3");
	/* A link to a good one. */
	assert_int_equal(rename(file, arena_format(&arena, "%s/kept", root)), 0);
	assert_int_equal(symlink(arena_format(&arena, "%s/kept", root), file), 0);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE4");
	/* A directory that others look into: nothing is read there, and nothing written. */
	assert_int_equal(chmod(kept_directory(), 0755), 0);
	assert_int_equal(unlink(file), 0);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE5");
	assert_null(kept_file());
	server_end(&server, NULL);
}

static void
test_old_sessions_go(void **state)
{
	static const struct aws_login_options other = { .profile = "base",
		.role_arn = "arn:aws:iam::42:role/other" };
	const struct timespec long_ago[2] = { { .tv_sec = time(NULL) - 15 * 3600 },
		{ .tv_sec = time(NULL) - 15 * 3600 } };
	struct server server = { 0 };
	const char *file;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	assert_string_equal(key_of_next_run(&server, &none), "ROLE1");
	assert_non_null(file = kept_file());
	assert_int_equal(utimensat(AT_FDCWD, file, long_ago, 0), 0);
	assert_string_equal(key_of_next_run(&server, &other), "ROLE2");
	assert_false(file_exists(file));
	assert_non_null(kept_file());
	server_end(&server, NULL);
}

/* ---- MFA ---- */

static bool
answer_code(void *context, const char *question, char *answer, size_t size)
{
	(void)context;
	assert_non_null(strstr(question, "arn:aws:iam::42:mfa/me"));
	snprintf(answer, size, "%s", " 123456 ");
	return true;
}

static void
test_mfa(void **state)
{
	static const struct aws_login_options options = { .profile = "base",
		.role_arn = "arn:aws:iam::42:role/r",
		.mfa_serial = "arn:aws:iam::42:mfa/me" };
	struct server server = { 0 };
	struct value *environment = value_map(&arena);
	struct aws_world world = {
		.root = NULL, .now = fixed_now, .secret = note_secret, .ask = answer_code
	};
	const char *text;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", role_config);
	/* Nobody is there to ask. */
	aws = client_with(&server, NULL);
	text = failure_of(aws, &options);
	assert_non_null(strstr(text, "needs a code of the MFA device 'arn:aws:iam::42:mfa/me'"));
	assert_non_null(strstr(text, "run once at a terminal"));
	assert_int_equal(server.asked, 0);
	aws_free(aws);
	secrets_forget();
	/* Somebody is. */
	value_set(&arena, environment, "HOME", value_text(&arena, "/home"));
	world.environment = environment;
	world.root = root;
	aws = aws_new(&world);
	http_set_stand_in(aws_http(aws), serve, &server);
	assert_string_equal(key_of(aws, login_with(aws, &options), false), "ROLE1");
	assert_string_equal(form_field(str_view(&server.last), "TokenCode"), "123456");
	assert_string_equal(
		form_field(str_view(&server.last), "SerialNumber"), "arn:aws:iam::42:mfa/me");
	aws_free(aws);
	secrets_forget();
	/* And needs not be for the next run. */
	assert_string_equal(key_of_next_run(&server, &options), "ROLE1");
	server_end(&server, NULL);
}

/* ---- single sign-on ---- */

static const char sso_config[] =
	"[profile a]\nsso_session = s\nsso_account_id = 1\n"
	"sso_role_name = R&D\n[profile b]\nsso_session = s\n"
	"sso_account_id = 2\nsso_role_name = R\n[sso-session s]\n"
	"sso_region = eu-west-1\nsso_start_url = https://x.example/start\n";
/* sha1 of "s" */
static const char sso_file[] = "/home/.aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";

static void
sso_token_write(int lasts_s, bool renewable)
{
	char when[TIME_ROOM];

	write_file(sso_file,
		arena_format(&arena,
			"{\"accessToken\": \"hush-old\", \"expiresAt\": \"%s\", \"clientId\": "
			"\"me\", \"clientSecret\": \"hush-client\", \"kept\": 1%s}",
			time_text(now + lasts_s, when),
			renewable ? ", \"refreshToken\": \"hush-refresh\"" : ""));
}

static void
test_sso_token_renewed(void **state)
{
	struct server server = { .pauses = true };
	struct crowd crowds[2] = { 0 };
	const struct value *file;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", sso_config);
	sso_token_write(200, true);
	aws = client_with(&server, NULL);
	for (int i = 0; i < 2; i++) {
		crowds[i].aws = aws;
		crowds[i].login =
			login_with(aws, &(struct aws_login_options){ .profile = i ? "b" : "a" });
		crowds[i].wanted = "SSO1";
		http_spawn(server.http, crowd_member, &crowds[i]);
	}
	http_run(server.http);
	/* Two accounts, one session: the refresh token is used once. */
	assert_int_equal(server.tokens, 1);
	assert_int_equal(server.asked, 2);
	assert_string_equal(server.last.data, "hush-new");
	file = json_file(arena_format(&arena, "%s%s", root, sso_file));
	assert_string_equal(text_of(file, "accessToken"), "hush-new");
	assert_string_equal(text_of(file, "refreshToken"), "hush-next");
	assert_string_equal(text_of(file, "clientSecret"), "hush-client");
	assert_int_equal(value_get(file, "kept")->integer, 1);
	assert_string_equal(text_of(file, "expiresAt"), "2009-02-13T05:40:00Z");
	assert_int_equal(mode_of(arena_format(&arena, "%s%s", root, sso_file)), 0600);
	no_secret_in("log", logged.data);
	server_end(&server, aws);
}

static void
test_sso_token_not_renewed(void **state)
{
	static const struct aws_login_options options = { .profile = "a" };
	struct server server = { .token_status = 400 };
	const char *text;
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", sso_config);
	sso_token_write(200, true);
	/* It is still good. */
	assert_string_equal(key_of_next_run(&server, &options), "SSO1");
	assert_int_equal(server.tokens, 1);
	sso_token_write(-1, true);
	aws = client_with(&server, NULL);
	text = failure_of(aws, &options);
	assert_non_null(strstr(text, "not logged in by single sign-on"));
	assert_non_null(strstr(text, "aws sso login --profile a"));
	aws_free(aws);
	sso_token_write(-1, false);
	aws = client_with(&server, NULL);
	assert_non_null(strstr(failure_of(aws, &options), "the token has expired"));
	assert_int_equal(server.tokens, 2);
	server_end(&server, aws);
}

static void
test_sso_keys_kept_for_the_token(void **state)
{
	static const struct aws_login_options options = { .profile = "a" };
	struct server server = { 0 };
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", sso_config);
	sso_token_write(4000, false);
	assert_string_equal(key_of_next_run(&server, &options), "SSO1");
	assert_string_equal(key_of_next_run(&server, &options), "SSO1");
	assert_int_equal(server.asked, 1);
	/* Who has logged out has none. */
	assert_int_equal(unlink(arena_format(&arena, "%s%s", root, sso_file)), 0);
	aws = client_with(&server, NULL);
	assert_non_null(strstr(failure_of(aws, &options), "aws sso login"));
	server_end(&server, aws);
}

static void
test_sso_refused(void **state)
{
	static const struct aws_login_options options = { .profile = "a" };
	struct server server = { .status = 401 };
	struct aws *aws;

	(void)state;
	root_renew();
	write_file("/home/.aws/config", sso_config);
	sso_token_write(4000, false);
	aws = client_with(&server, NULL);
	assert_non_null(strstr(failure_of(aws, &options), "does not accept the token"));
	server.status = 403;
	assert_non_null(strstr(failure_of(aws, &options), "no keys of role 'R&D' in account 1"));
	server_end(&server, aws);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept_sessions),
		TEST(test_kept_by_all_that_matters),
		TEST(test_sessions_of_others),
		TEST(test_old_sessions_go),
		TEST(test_mfa),
		TEST(test_sso_token_renewed),
		TEST(test_sso_token_not_renewed),
		TEST(test_sso_keys_kept_for_the_token),
		TEST(test_sso_refused),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
