/*
 * The chain of credentials against the public cases: environment, files and recorded answers of
 * each, in a folder of their own. What their words for an error are in ours stands in the tables.
 */
#include "tests/unit/aws_world.h"

/* ---- recorded answers ---- */

struct exchange {
	const struct value *request;
	const char *request_body;
	int status;
	struct view body;
};

struct recording {
	const char *name;
	struct exchange exchanges[32];
	size_t count, next;
};

static void
recording_read(struct recording *recording, const struct value *file)
{
	VALUE_EACH (event, value_get(file, "events")) {
		const struct value *action = value_get(event, "action"), *part;
		struct exchange *last =
			&recording->exchanges[recording->count - (recording->count > 0)];

		if ((part = value_get(action, "Request"))) {
			assert_true(recording->count < ARRAY_SIZE(recording->exchanges));
			recording->exchanges[recording->count++].request =
				value_get(part, "request");
		} else if ((part = value_get(action, "Response"))) {
			part = value_get(value_get(value_get(part, "response"), "Ok"), "status");
			last->status = (int)part->integer;
		} else if ((part = value_get(action, "Data"))) {
			const struct value *text = value_get(value_get(part, "data"), "Utf8");

			if (text_equals(value_string(value_get(part, "direction")), "Request"))
				last->request_body = value_string(text);
			else
				last->body = value_string_view(text);
		}
	}
}

/* The same address; the order in a query does not matter. */
static bool
is_same_url(struct view ours, struct view theirs)
{
	struct view our_base, their_base, piece;

	(void)!view_cut(&ours, '?', &our_base);
	(void)!view_cut(&theirs, '?', &their_base);
	while (view_ends(our_base, "/"))
		our_base.length--;
	while (view_ends(their_base, "/"))
		their_base.length--;
	if (!view_equals(our_base, their_base) || ours.length != theirs.length)
		return false;
	while (view_cut(&ours, '&', &piece))
		if (!memmem(theirs.data, theirs.length, piece.data, piece.length))
			return false;
	return true;
}

static const char *
recorded_header(const struct value *headers, const char *name)
{
	VALUE_PAIRS (pair, headers)
		if (!strcasecmp(value_string(pair->key), name))
			return value_string(pair->value->list.items[0]);
	return NULL;
}

/* Headers that carry meaning: as recorded. Signatures of keys: there or not. */
static void
headers_compare(const struct recording *recording, const struct exchange *exchange,
	const struct http_request *request)
{
	static const char *const names[] = { "x-aws-ec2-metadata-token",
		"x-aws-ec2-metadata-token-ttl-seconds", "x-amz-sso_bearer_token", "authorization" };
	const struct value *headers = value_get(exchange->request, "headers");
	bool is_container = strstr(request->url, "169.254.170");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *theirs = recorded_header(headers, names[i]);
		const char *ours = header_of(request, names[i]);

		if (theirs && text_starts(theirs, "AWS4-HMAC-SHA256"))
			assert_true(ours && text_starts(ours, "AWS4-HMAC-SHA256 Credential="));
		else if (!theirs && i == ARRAY_SIZE(names) - 1 && is_container)
			continue; /* was not recorded; test_aws_login.c looks at it */
		else if (!text_equals(theirs, ours))
			fail_msg("%s: %s: %s instead of %s", recording->name, names[i],
				ours ? ours : "none", theirs ? theirs : "none");
	}
}

static bool
recording_play(void *context, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	struct recording *recording = context;
	const struct exchange *exchange;
	const char *theirs;

	if (recording->next >= recording->count) {
		/* A server that errs goes on doing so; where nobody was recorded, nobody is. */
		exchange = recording->count ? &recording->exchanges[recording->count - 1] : NULL;
		if (exchange && exchange->status != 200)
			return give(request, out, exchange->status, exchange->body, err);
		if (!text_starts(request->url, "http://169.254.169.254/"))
			fail_msg("%s: one more request: %s", recording->name, request->url);
		error_set(err, ERR_UNREACHABLE, "cannot reach it");
		return false;
	}
	exchange = &recording->exchanges[recording->next++];
	theirs = value_string(value_get(exchange->request, "uri"));
	if (!is_same_url(view_of(request->url), view_of(theirs)))
		fail_msg("%s: %s instead of %s", recording->name, request->url, theirs);
	assert_string_equal(
		method_of(request), value_string(value_get(exchange->request, "method")));
	headers_compare(recording, exchange, request);
	if (exchange->request_body && *exchange->request_body)
		assert_string_equal(form_field(request->body, "Action"),
			form_field(view_of(exchange->request_body), "Action"));
	return give(request, out, exchange->status, exchange->body, err);
}

/* ---- a folder a case ---- */

static void
tree_copy(const char *from, const char *to)
{
	struct error err = { 0 };
	const char *const *names = directory_names(&arena, from, &err);

	if (!directory_make(to, 0755, &err))
		fail_msg("%s", err.what);
	for (; names && *names; names++) {
		const char *source = path_join(&arena, from, *names);
		const char *target = path_join(&arena, to, *names);
		struct stat info;

		assert_int_equal(stat(source, &info), 0);
		if (S_ISDIR(info.st_mode))
			tree_copy(source, target);
		else if (!file_copy(source, target, &err))
			fail_msg("%s", err.what);
	}
}

/* Theirs is run by a shell, and ours is not: where the case needs one, it is called. */
static void
shell_add(const char *name)
{
	static const char mark[] = "credential_process = ";
	const char *path = arena_format(&arena, "%s/home/.aws/config", root);
	_cleanup_str_ struct str text = STR_INIT, changed = STR_INIT;
	struct error err = { 0 };
	char *at, *line_end;

	if (strncmp(name, "credential_process", 18) != 0)
		return;
	if (!file_read(path, 1 << 20, &text, &err))
		fail_msg("%s", err.what);
	assert_non_null(at = strstr(text.data, mark));
	at += sizeof(mark) - 1;
	line_end = strchr(at, '\n');
	str_add_bytes(&changed, text.data, (size_t)(at - text.data));
	str_add_format(&changed, "sh -c \"%.*s\"%s", (int)(line_end - at), at, line_end);
	write_file("/home/.aws/config", changed.data);
}

static const struct words chain_words[] = {
	{ "eks_pod_identity_no_token_file", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" },
	{ "imds_default_chain_error", "no role is attached to this instance" },
	{ "imds_disabled", "turned off by AWS_EC2_METADATA_DISABLED" },
	{ "imds_no_iam_role", "no role is attached to this instance" },
	{ "imds_token_fail", "it is turned off for this instance" },
	{ "profile_overrides_web_identity",
		"credential_source Environment of AWS profile 'A' has no credentials" },
	{ "sso_no_token_file",
		"/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json" },
	{ "sso_server_error", "status 503" },
	{ "web_identity_source_profile_no_env", "has web_identity_token_file without role_arn" },
	{ "web_identity_token_invalid_jwt",
		"InvalidIdentityToken: No OpenIDConnect provider found in your account" },
	{ "credential_process_failure", "it ended with 1" },
	{ "credential_process_invalid", "it is not a JSON object" },
	{ "empty_config", "there is no AWS profile 'default'" },
	{ "invalid_config", "a setting without a name" },
	{ "invalid_sso_credentials_config", "it stands for a token and not for keys" },
	{ "sso_token", "it stands for a token and not for keys" },
	{ NULL, NULL },
};

static void
keys_compare(const char *name, const struct value *want, const struct aws_keys *keys)
{
	const struct value *expiry = value_get(want, "expiry");
	const char *const pairs[][2] = {
		{ value_string(value_get(want, "access_key_id")), keys->id },
		{ value_string(value_get(want, "secret_access_key")), keys->secret },
		{ value_string(value_get(want, "session_token")), keys->token },
		{ value_string(value_get(want, "account_id")), keys->account },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (!text_equals(pairs[i][0], pairs[i][1]))
			fail_msg("%s: '%s' instead of '%s'", name, pairs[i][1] ? pairs[i][1] : "",
				pairs[i][0] ? pairs[i][0] : "");
	assert_int_equal(keys->expires, expiry ? expiry->integer : 0);
	assert_non_null(keys->from);
}

static void
case_run(const char *path, const char *name, bool of_profile)
{
	const struct value *environment = json_file(path_join(&arena, path, "env.json"));
	const struct value *result =
		value_get(json_file(path_join(&arena, path, "test-case.json")), "result");
	const struct value *good = value_get(result, "Ok");
	struct recording recording = { .name = name };
	struct aws_login_options options = { 0 };
	struct aws_keys keys = { 0 };
	struct aws_login *login;
	struct error err = { 0 };
	struct aws *aws;
	bool ok;

	root_renew();
	tree_copy(path_join(&arena, path, "fs"), root);
	shell_add(name);
	recording_read(&recording, json_file(path_join(&arena, path, "http-traffic.json")));
	aws = client(environment);
	http_set_stand_in(aws_http(aws), recording_play, &recording);
	if (of_profile)
		options.profile = "default";
	ok = aws_login_new(aws, &options, &login, &err) &&
	     aws_login_keys(aws, login, false, &keys, &err);
	if (good && !ok)
		fail_msg("%s: %s", name, error_all(&err));
	if (good)
		keys_compare(name, good, &keys);
	else if (ok)
		fail_msg("%s: keys %s instead of an error", name, keys.id);
	else
		error_compare(chain_words, name, &err);
	assert_int_equal(recording.next, recording.count);
	no_secret_in(name, error_all(&err));
	no_secret_in(name, logged.data);
	aws_free(aws);
	secrets_forget();
}

static void
folder_run(const char *name, bool of_profile, size_t expected)
{
	const char *path = vectors_path(name);
	const char *const *names;
	struct error err = { 0 };
	size_t count = 0;

	if (!path)
		skip();
	names = directory_names(&arena, path, &err);
	for (; names && *names; names++, count++)
		case_run(path_join(&arena, path, *names), *names, of_profile);
	assert_int_equal(count, expected);
}

static void
test_default_chain(void **state)
{
	(void)state;
	folder_run("default-credential-provider-chain", false, 29);
}

static void
test_profile_provider(void **state)
{
	(void)state;
	folder_run("profile-provider", true, 18);
}

/* ---- containers and metadata: where they are ---- */

static const struct words container_words[] = {
	{ "all fields unset provider is not enabled", "neither AWS_CONTAINER_CREDENTIALS" },
	{ "invalid full uri", "names no host" },
	{ NULL, NULL },
};

static void
test_container_urls(void **state)
{
	const char *path = vectors_path("ecs-tests.json");
	size_t count = 0;

	(void)state;
	if (!path)
		skip();
	root_renew();
	VALUE_EACH (one, value_get(json_file(path), "tests")) {
		const char *name = value_string(value_get(one, "docs"));
		const char *want = value_string(value_get(value_get(one, "result"), "Ok"));
		struct aws_login login = { .aws = client(value_get(one, "env")) };
		struct error err = { 0 };
		const char *url = NULL;

		if (container_url(&login, &arena, &url, &err) != !!want)
			fail_msg("%s: %s", name, error_all(&err));
		if (want)
			assert_string_equal(url, want);
		else
			error_compare(container_words, name, &err);
		aws_free(login.aws);
		count++;
	}
	assert_int_equal(count, 11);
}

static const struct words metadata_words[] = {
	{ "invalid endpoint mode override", "'error' is no mode" },
	{ "invalid config endpoint mode", "'IPv7' is no mode" },
	{ "invalid uri", "'not a uri' is no address" },
	{ NULL, NULL },
};

/* Their library can be given endpoint and mode by a program, over the profile and below the
 * environment. Ours is only told by the environment: that stands in, where it says nothing. */
static const struct value *
metadata_environment(const struct value *one)
{
	static const char *const names[][2] = {
		{ "endpoint_override", "AWS_EC2_METADATA_SERVICE_ENDPOINT" },
		{ "mode_override", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE" },
	};
	struct value *all = value_map_copy(&arena, value_get(one, "env"));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (value_get(one, names[i][0]) && !value_get(all, names[i][1]))
			value_set(&arena, all, names[i][1], value_get(one, names[i][0]));
	return all;
}

static void
test_metadata_endpoints(void **state)
{
	const char *path = vectors_path("imds-config/imds-endpoint-tests.json");
	size_t count = 0;

	(void)state;
	if (!path)
		skip();
	VALUE_EACH (one, value_get(json_file(path), "tests")) {
		const char *name = value_string(value_get(one, "docs")), *endpoint = NULL;
		const char *want = value_string(value_get(value_get(one, "result"), "Ok"));
		struct aws *aws;
		struct aws_login *login;
		struct error err = { 0 };

		root_renew();
		VALUE_PAIRS (file, value_get(one, "fs"))
			write_file(value_string(file->key), value_string(file->value));
		aws = client(metadata_environment(one));
		if (!aws_login_new(aws, &(struct aws_login_options){ 0 }, &login, &err))
			fail_msg("%s: %s", name, error_all(&err));
		if (metadata_endpoint(login, &endpoint, &err) != !!want)
			fail_msg("%s: %s", name, error_all(&err));
		if (want)
			assert_string_equal(
				arena_format(&arena, "%s/latest/api/token", endpoint), want);
		else
			error_compare(metadata_words, name, &err);
		aws_free(aws);
		count++;
	}
	assert_int_equal(count, 14);
}

/* ---- where the files are ---- */

static void
location_run(const struct value *one, const char *name)
{
	const char *config = value_string(value_get(one, "configLocation"));
	const char *credentials = value_string(value_get(one, "credentialsLocation"));
	const char *profile = value_string(value_get(one, "profile"));
	struct aws_login *login;
	struct error err = { 0 };
	struct aws_keys keys;
	struct aws *aws;

	profile = profile ? profile : "default";
	root_renew();
	write_file(config, arena_format(&arena, "[profile %s]\nregion = here-west-1\n", profile));
	write_file(credentials,
		arena_format(&arena,
			"[%s]\naws_access_key_id = there\naws_secret_access_key = hush\n",
			profile));
	aws = client(value_get(one, "environment"));
	if (!aws_login_new(aws, &(struct aws_login_options){ 0 }, &login, &err) ||
		!aws_login_keys(aws, login, false, &keys, &err))
		fail_msg("%s: %s", name, error_all(&err));
	assert_string_equal(aws_login_region(login), "here-west-1");
	assert_string_equal(keys.id, "there");
	assert_string_equal(keys.from, arena_format(&arena, "profile '%s'", profile));
	aws_free(aws);
	secrets_forget();
}

static void
test_file_locations(void **state)
{
	const char *path = vectors_path("file-location-tests.json");
	size_t count = 0;

	(void)state;
	if (!path)
		skip();
	VALUE_EACH (one, value_get(json_file(path), "tests")) {
		const char *name = value_string(value_get(one, "name"));

		if (text_equals(value_string(value_get(one, "platform")), "windows"))
			printf("skip a file location of Windows\n");
		else
			location_run(one, name);
		count++;
	}
	assert_int_equal(count, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_default_chain, begin, end),
		cmocka_unit_test_setup_teardown(test_profile_provider, begin, end),
		cmocka_unit_test_setup_teardown(test_container_urls, begin, end),
		cmocka_unit_test_setup_teardown(test_metadata_endpoints, begin, end),
		cmocka_unit_test_setup_teardown(test_file_locations, begin, end),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
