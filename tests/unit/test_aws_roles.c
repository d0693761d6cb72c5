/*
 * Roles along the public cases (assume-role-tests.json): who is asked for what, in which order, and
 * signed by whom.
 */
#include "tests/unit/aws_world.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_roles, begin, end),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
