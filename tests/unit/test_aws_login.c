/*
 * Logins: roles along the public cases (assume-role-tests.json), renewal, kept sessions, MFA,
 * single sign-on, and what the public cases do not say.
 */
#include "tests/unit/aws_world.h"

/* ---- roles ---- */

struct story {
	struct str text; /* what was asked, a line each */
	int steps;
};

static void
story_role(
	struct str *out, const char *arn, const char *session, const char *external, const char *by)
{
	if (!session || text_starts(session, "ertc-"))
		session = "-";
	str_add_format(out, "%s session %s external %s by %s\n", arn, session,
		external ? external : "-", by);
}

static bool
sts_answer(struct story *story, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	const char *action = form_field(request->body, "Action");
	const char *signature = header_of(request, "Authorization"), *by = "nobody";

	if (signature)
		by = arena_view(&arena, (struct view){ strchr(signature, '=') + 1,
						strcspn(strchr(signature, '=') + 1, "/") });
	if (text_equals(action, "AssumeRoleWithWebIdentity"))
		by = arena_format(
			&arena, "token %s", form_field(request->body, "WebIdentityToken"));
	assert_true(!signature == text_equals(action, "AssumeRoleWithWebIdentity"));
	story_role(&story->text, form_field(request->body, "RoleArn"),
		form_field(request->body, "RoleSessionName"),
		form_field(request->body, "ExternalId"), by);
	return give(request, out, 200,
		view_of(arena_format(&arena,
			"<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult>"
			"<Credentials><AccessKeyId>STEP%d</AccessKeyId><SecretAccessKey>hush-hush"
			"</SecretAccessKey><SessionToken>hush-token</SessionToken><Expiration>"
			"2009-02-13T23:31:30Z</Expiration></Credentials></%sResult></%sResponse>",
			action, action, ++story->steps, action, action)),
		err);
}

static bool
story_answer(void *context, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	static const char keys[] =
		"{\"Code\": \"Success\", \"AccessKeyId\": \"METADATA\", \"SecretAccessKey\": "
		"\"hush-metadata\", \"Token\": \"t\", \"Expiration\": \"2009-02-13T23:31:30Z\"}";
	static const char portal[] =
		"{\"roleCredentials\": {\"accessKeyId\": \"SSO\", \"secretAccessKey\": "
		"\"hush-sso\", \"sessionToken\": \"t\", \"expiration\": 1234567890000}}";
	struct story *story = context;

	if (strstr(request->url, "://sts."))
		return sts_answer(story, request, out, err);
	if (strstr(request->url, "portal.sso")) {
		str_add_format(&story->text, "%s\n", request->url);
		return give(request, out, 200, VIEW(portal), err);
	}
	if (text_ends(request->url, "/latest/api/token"))
		return give(request, out, 200, VIEW("token"), err);
	if (text_ends(request->url, "/security-credentials/"))
		return give(request, out, 200, VIEW("role"), err);
	return give(request, out, 200, VIEW(keys), err);
}

static void
sections_write(struct str *out, const char *kind, const struct value *sections)
{
	if (!sections)
		return;
	VALUE_PAIRS (section, sections) {
		str_add_format(out, "[%s %s]\n", kind, value_string(section->key));
		VALUE_PAIRS (pair, section->value)
			str_add_format(out, "%s = %s\n", value_string(pair->key),
				value_string(pair->value));
	}
}

static const char *
text_of(const struct value *map, const char *name)
{
	return value_string(value_get(map, name));
}

/* What has to be asked along the chain that is expected, and whose keys come of it. */
static const char *
chain_tell(const struct value *chain, struct str *out)
{
	const char *who = NULL;
	int steps = 0;

	VALUE_EACH (link, chain) {
		const char *kind = value_string(link->map.pairs[0].key);
		const struct value *about = link->map.pairs[0].value;

		if (!strcmp(kind, "AccessKey")) {
			who = text_of(about, "access_key_id");
		} else if (!strcmp(kind, "NamedSource")) {
			who = "METADATA";
		} else if (!strcmp(kind, "Sso")) {
			str_add_format(out,
				"https://portal.sso.%s.amazonaws.com/federation/credentials"
				"?account_id=%s&role_name=%s\n",
				text_of(about, "sso_region"), text_of(about, "sso_account_id"),
				text_of(about, "sso_role_name"));
			who = "SSO";
		} else {
			if (!strcmp(kind, "WebIdentityToken"))
				who = "token my-identity";
			story_role(out, text_of(about, "role_arn"),
				text_of(about, "role_session_name"), text_of(about, "external_id"),
				who);
			who = arena_format(&arena, "STEP%d", ++steps);
		}
	}
	return who;
}

/* By their words, since two cases have the same name. */
static const struct words role_words[] = {
	{ "profile must contain `source_profile`", "neither source_profile nor credential_source" },
	{ "profile contained both source_profile and credential_source",
		"has both source_profile and credential_source" },
	{ "profile missing aws_secret_access_key",
		"has aws_access_key_id without aws_secret_access_key" },
	{ "profile missing aws_access_key_id",
		"has aws_secret_access_key without aws_access_key_id" },
	{ "profile `B` did not contain credential information",
		"AWS profile 'B', the source_profile of 'A', has no credentials" },
	{ "profile `A` did not contain credential information", "no keys in profile 'A'" },
	{ "could not find source profile B referenced from A",
		"there is no AWS profile 'B', the source_profile of 'A'" },
	{ "No profiles were defined", "no profiles are defined" },
	{ "profile formed an infinite loop", "back to itself" },
	{ "`role_arn` was missing", "without role_arn" },
	{ "if `sso_role_name` is set, then `sso_account_id` must also be set",
		"single sign-on without sso_account_id" },
	{ "if `sso_account_id` is set, then `sso_role_name` must also be set",
		"single sign-on without sso_role_name" },
	{ "`sso_region` can only be specified in the [sso-session] config when a session name is "
	  "given",
		"has another sso_region than its sso-session" },
	{ "sso-session named `oops` (referenced by profile `A`) was not found",
		"there is no sso-session 'oops' that AWS profile 'A' names" },
	/* Theirs gives a token for it, to another kind of service; ours knows keys only. */
	{ "SSO token profile selected", "it stands for a token and not for keys" },
	{ NULL, NULL },
};

static bool
story_keys(struct aws *aws, const char *profile, struct aws_keys *keys, struct error *err)
{
	const struct aws_login_options options = { .profile = profile };
	struct aws_login *login;

	return aws_login_new(aws, &options, &login, err) &&
	       aws_login_keys(aws, login, false, keys, err);
}

static void
role_run(const struct value *one, const char *name)
{
	const struct value *input = value_get(one, "input"), *output = value_get(one, "output");
	const struct value *chain = value_get(output, "ProfileChain");
	const char *theirs = text_of(output, "Error"), *who = NULL;
	_cleanup_str_ struct str config = STR_INIT, want = STR_INIT;
	struct value *environment = value_map(&arena);
	struct aws_keys keys = { 0 };
	struct error err = { 0 };
	struct story story = { 0 };
	struct aws *aws;
	bool ok;

	if (text_equals(name, "SSO token profile selected"))
		theirs = name;
	root_renew();
	sections_write(&config, "profile", value_get(input, "profiles"));
	sections_write(&config, "sso-session", value_get(input, "sso_sessions"));
	write_file("/home/.aws/config", config.data);
	write_file("/var/token.jwt", "my-identity\n");
	/* sha1 of https://foo.bar */
	write_file("/home/.aws/sso/cache/7c459196c60f9c8b83244ac9c88b673bfec5eece.json",
		"{\"accessToken\": \"hush-bearer\", \"expiresAt\": \"2009-02-14T00:00:00Z\"}");
	value_set(&arena, environment, "HOME", value_text(&arena, "/home"));
	str_init(&story.text);
	aws = client(environment);
	http_set_stand_in(aws_http(aws), story_answer, &story);
	if (theirs)
		value_set(&arena, environment, "AWS_EC2_METADATA_DISABLED",
			value_text(&arena, "true"));
	ok = story_keys(aws, text_of(input, "selected_profile"), &keys, &err);
	if (ok != !theirs)
		fail_msg("%s: %s", name, error_all(&err));
	if (theirs) {
		error_compare(role_words, theirs, &err);
	} else {
		who = chain_tell(chain, &want);
		assert_string_equal(story.text.data, want.data);
		assert_string_equal(keys.id, who);
	}
	no_secret_in(name, error_all(&err));
	no_secret_in(name, logged.data);
	aws_free(aws);
	secrets_forget();
	str_release(&story.text);
}

static void
test_roles(void **state)
{
	const char *path = vectors_path("assume-role-tests.json");
	size_t count = 0;

	(void)state;
	if (!path)
		skip();
	VALUE_EACH (one, json_file(path)) {
		role_run(one, value_string(value_get(one, "docs")));
		count++;
	}
	assert_int_equal(count, 28);
}

/* ---- a server of our own ---- */

struct server {
	int status;  /* of STS and metadata; 0: 200 */
	int lasts_s; /* how long what it gives is good */
	int asked;   /* STS: how often; metadata: for keys */
	int tokens;  /* of metadata, or of single sign-on: how often */
	int token_status;
	bool pauses;	 /* in the middle of an answer, so that others run */
	struct str last; /* the last body of a form */
	struct str headers;
	struct http *http;
};

static bool
server_sts(struct server *server, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	char when[TIME_ROOM];

	str_clear(&server->last);
	str_add_view(&server->last, request->body);
	server->asked++;
	if (server->pauses)
		http_sleep(server->http, 5);
	if (server->status)
		return give(request, out, server->status,
			VIEW("<ErrorResponse><Error><Code>AccessDenied</Code><Message>no"
			     "</Message></Error></ErrorResponse>"),
			err);
	return give(request, out, 200,
		view_of(arena_format(&arena,
			"<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>"
			"arn:aws:sts::42:assumed-role/r/s</Arn></AssumedRoleUser><Credentials>"
			"<AccessKeyId>ROLE%d</AccessKeyId><SecretAccessKey>hush-secret-%d"
			"</SecretAccessKey><SessionToken>hush-token-%d</SessionToken>"
			"<Expiration>%s</Expiration></Credentials></AssumeRoleResult>"
			"</AssumeRoleResponse>",
			server->asked, server->asked, server->asked,
			time_text(now + server->lasts_s, when))),
		err);
}

static bool
server_metadata(struct server *server, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	char when[TIME_ROOM];

	if (text_ends(request->url, "/token")) {
		server->tokens++;
		return give(request, out, server->token_status ? server->token_status : 200,
			VIEW("hush-metadata-token"), err);
	}
	str_clear(&server->headers);
	if (header_of(request, "X-Aws-Ec2-Metadata-Token"))
		str_add(&server->headers, header_of(request, "X-Aws-Ec2-Metadata-Token"));
	if (text_ends(request->url, "/security-credentials/"))
		return give(request, out, 200, VIEW("the-role\n"), err);
	server->asked++;
	return give(request, out, server->status ? server->status : 200,
		view_of(arena_format(&arena,
			"{\"Code\": \"Success\", \"AccessKeyId\": \"META%d\", "
			"\"SecretAccessKey\": \"hush-%d\", \"Token\": \"hush-session\", "
			"\"Expiration\": \"%s\"}",
			server->asked, server->asked, time_text(now + server->lasts_s, when))),
		err);
}

static bool
server_sign_on(struct server *server, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	str_clear(&server->last);
	if (strstr(request->url, "://oidc.")) {
		server->tokens++;
		str_add_view(&server->last, request->body);
		if (server->pauses)
			http_sleep(server->http, 5);
		return give(request, out, server->token_status ? server->token_status : 200,
			VIEW("{\"accessToken\": \"hush-new\", \"expiresIn\": 3600, "
			     "\"refreshToken\": \"hush-next\", \"tokenType\": \"Bearer\"}"),
			err);
	}
	server->asked++;
	str_add(&server->last, header_of(request, "x-amz-sso_bearer_token"));
	return give(request, out, server->status ? server->status : 200,
		view_of(arena_format(&arena,
			"{\"roleCredentials\": {\"accessKeyId\": \"SSO%d\", "
			"\"secretAccessKey\": \"hush-sso\", \"sessionToken\": \"hush-s\", "
			"\"expiration\": %lld}}",
			server->asked, (long long)(now + server->lasts_s) * 1000)),
		err);
}

static bool
serve(void *context, const struct http_request *request, struct http_answer *out, struct error *err)
{
	if (strstr(request->url, "://sts."))
		return server_sts(context, request, out, err);
	if (strstr(request->url, "sso.") || strstr(request->url, "oidc."))
		return server_sign_on(context, request, out, err);
	if (strstr(request->url, "169.254.169.254"))
		return server_metadata(context, request, out, err);
	struct server *server = context;

	str_clear(&server->headers);
	if (header_of(request, "Authorization"))
		str_add(&server->headers, header_of(request, "Authorization"));
	return give(request, out, 200,
		VIEW("{\"AccessKeyId\": \"BOX\", \"SecretAccessKey\": \"hush-box\"}"), err);
}

/* "NAME=value", ended by NULL. */
static struct aws *
client_with(struct server *server, const char *const *variables)
{
	struct value *environment = value_map(&arena);
	struct aws *aws;

	value_set(&arena, environment, "HOME", value_text(&arena, "/home"));
	for (; variables && *variables; variables++) {
		struct view rest = view_of(*variables), name;

		assert_true(view_cut(&rest, '=', &name));
		value_set(&arena, environment, arena_view(&arena, name), value_view(&arena, rest));
	}
	aws = client(environment);
	server->http = aws_http(aws);
	if (!server->lasts_s)
		server->lasts_s = 3600;
	if (!server->last.data) {
		str_init(&server->last);
		str_init(&server->headers);
	}
	http_set_stand_in(aws_http(aws), serve, server);
	return aws;
}

static struct aws_login *
login_with(struct aws *aws, const struct aws_login_options *options)
{
	struct aws_login *login = NULL;
	struct error err = { 0 };

	if (!aws_login_new(aws, options, &login, &err))
		fail_msg("%s", error_all(&err));
	return login;
}

static const char *
key_of(struct aws *aws, struct aws_login *login, bool renews)
{
	struct aws_keys keys;
	struct error err = { 0 };

	if (!aws_login_keys(aws, login, renews, &keys, &err))
		fail_msg("%s", error_all(&err));
	return keys.id;
}

static const char *
failure_of(struct aws *aws, const struct aws_login_options *options)
{
	struct aws_login *login;
	struct aws_keys keys;
	struct error err = { 0 };

	if (aws_login_new(aws, options, &login, &err) &&
		aws_login_keys(aws, login, false, &keys, &err))
		fail_msg("keys %s instead of an error", keys.id);
	no_secret_in("failure", error_all(&err));
	no_secret_in("failure", logged.data);
	return error_all(&err);
}

static void
server_end(struct server *server, struct aws *aws)
{
	aws_free(aws);
	str_release(&server->last);
	str_release(&server->headers);
	server->last = server->headers = (struct str){ 0 };
	now = THEN;
	secrets_forget();
}

static const struct aws_login_options none;
static const char role_config[] =
	"[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::42:role/r\n"
	"source_profile = base\n[profile base]\n"
	"aws_access_key_id = BASE\naws_secret_access_key = hush-base\n";

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

struct crowd {
	struct aws *aws;
	struct aws_login *login;
	bool renews;
	int same;
	const char *wanted;
};

static void
crowd_member(void *context)
{
	struct crowd *crowd = context;

	crowd->same += !strcmp(key_of(crowd->aws, crowd->login, crowd->renews), crowd->wanted);
}

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

/* In a client of its own, as the next run would. */
static const char *
key_of_next_run(struct server *server, const struct aws_login_options *options)
{
	struct aws *aws = client_with(server, NULL);
	const char *id = arena_text(&arena, key_of(aws, login_with(aws, options), false));

	aws_free(aws);
	secrets_forget();
	return id;
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
		TEST(test_roles),
		TEST(test_renewed_before_expiry),
		TEST(test_old_keys_while_they_last),
		TEST(test_expired_when_they_come),
		TEST(test_refused_keys),
		TEST(test_many_ask_once),
		TEST(test_kept_sessions),
		TEST(test_kept_by_all_that_matters),
		TEST(test_sessions_of_others),
		TEST(test_mfa),
		TEST(test_sso_token_renewed),
		TEST(test_sso_token_not_renewed),
		TEST(test_sso_keys_kept_for_the_token),
		TEST(test_sso_refused),
		TEST(test_order),
		TEST(test_broken_profile_does_not_matter),
		TEST(test_role_on_top),
		TEST(test_refusals),
		TEST(test_each_place_is_told),
		TEST(test_role_is_not_replaced),
		TEST(test_metadata_versions),
		TEST(test_container_tokens),
		TEST(test_settings),
		TEST(test_times),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
