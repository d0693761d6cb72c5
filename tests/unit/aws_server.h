#ifndef TESTS_UNIT_AWS_SERVER_H
#define TESTS_UNIT_AWS_SERVER_H
/* STS, instance metadata, single sign-on and a container in one, for tests of logins; and those who
 * ask it. */
#include "tests/unit/aws_world.h"

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

static UNUSED bool
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

static UNUSED bool
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

static UNUSED bool
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

static UNUSED bool
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
static UNUSED struct aws *
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

static UNUSED struct aws_login *
login_with(struct aws *aws, const struct aws_login_options *options)
{
	struct aws_login *login = NULL;
	struct error err = { 0 };

	if (!aws_login_new(aws, options, &login, &err))
		fail_msg("%s", error_all(&err));
	return login;
}

static UNUSED const char *
key_of(struct aws *aws, struct aws_login *login, bool renews)
{
	struct aws_keys keys;
	struct error err = { 0 };

	if (!aws_login_keys(aws, login, renews, &keys, &err))
		fail_msg("%s", error_all(&err));
	return keys.id;
}

static UNUSED const char *
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

static UNUSED void
server_end(struct server *server, struct aws *aws)
{
	aws_free(aws);
	str_release(&server->last);
	str_release(&server->headers);
	server->last = server->headers = (struct str){ 0 };
	now = THEN;
	secrets_forget();
}

static UNUSED const struct aws_login_options none;
static UNUSED const char role_config[] =
	"[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::42:role/r\n"
	"source_profile = base\n[profile base]\n"
	"aws_access_key_id = BASE\naws_secret_access_key = hush-base\n";

/* In a client of its own, as the next run would. */
static UNUSED const char *
key_of_next_run(struct server *server, const struct aws_login_options *options)
{
	struct aws *aws = client_with(server, NULL);
	const char *id = arena_text(&arena, key_of(aws, login_with(aws, options), false));

	aws_free(aws);
	secrets_forget();
	return id;
}

struct crowd {
	struct aws *aws;
	struct aws_login *login;
	bool renews;
	int same;
	const char *wanted;
};

static UNUSED void
crowd_member(void *context)
{
	struct crowd *crowd = context;

	crowd->same += !strcmp(key_of(crowd->aws, crowd->login, crowd->renews), crowd->wanted);
}

#endif
