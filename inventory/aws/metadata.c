/*
 * Instance metadata, version 2: a token is asked for first, and shown with each question. Version 1
 * is tried only where there is no such thing as a token, and where nobody has turned it off.
 */
#include <strings.h>
#include <ctype.h>

#include "inventory/aws/login.h"
#include "json/json.h"

enum {
	TOKEN_S = 21600,
	TOKEN_EARLY_S = 120,
	TIMEOUT_S = 1,
	LONGEST_TIMEOUT_S = 60,
	TRIES = 3,
	MOST_TRIES = 20,
	LARGEST_ANSWER = 64 * 1024,
};

static const char *const credentials_path = "/latest/meta-data/iam/security-credentials/";

/* ---- settings ---- */

static enum login_choice
metadata_choose(struct aws_login *login, struct error *err)
{
	const char *disabled = login_environment(login, "AWS_EC2_METADATA_DISABLED");

	if (!disabled || strcasecmp(disabled, "true") != 0)
		return LOGIN_THIS;
	fail(err, ERR_MISSING, "turned off by AWS_EC2_METADATA_DISABLED");
	return LOGIN_NOT_THIS;
}

bool
metadata_endpoint(const struct aws_login *login, const char **out, struct error *err)
{
	const char *url = login_option(
		login, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	const char *mode = login_option(login, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
		"ec2_metadata_service_endpoint_mode");
	size_t length = url ? strlen(url) : 0;

	if (!url && (!mode || !strcasecmp(mode, "ipv4"))) {
		*out = "http://169.254.169.254";
		return true;
	}
	if (!url && !strcasecmp(mode, "ipv6")) {
		*out = "http://[fd00:ec2::254]";
		return true;
	}
	if (!url)
		return fail(err, ERR_OPTIONS,
			"'%s' is no mode of the metadata endpoint: it is IPv4 or IPv6", mode);
	for (const char *c = url; *c; c++)
		if (isspace((unsigned char)*c) || iscntrl((unsigned char)*c))
			length = 0;
	if (!length || (!text_starts(url, "http://") && !text_starts(url, "https://")))
		return fail(err, ERR_OPTIONS, "'%s' is no address of instance metadata", url);
	while (url[length - 1] == '/')
		length--;
	*out = arena_view(aws_arena(login->aws), (struct view){ url, length });
	return true;
}

static int64_t
number_option(const struct aws_login *login, const char *variable, const char *setting,
	int64_t fallback, int64_t most)
{
	const char *text = login_option(login, variable, setting);
	int64_t number;

	if (!text || !number_parse(view_of(text), &number) || number < 1)
		return fallback;
	return MIN(number, most);
}

/* ---- asking ---- */

struct metadata {
	struct aws_login *login;
	struct arena scratch;
	const char *endpoint;
	const char *token; /* NULL: version 1 */
	struct http_answer answer;
};

static bool
metadata_send(struct metadata *metadata, const char *method, const char *path, const char *header,
	struct error *err)
{
	struct aws_login *login = metadata->login;
	const char *const headers[] = { header, NULL };
	uint32_t timeout_ms =
		1000 * (uint32_t)number_option(login, "AWS_METADATA_SERVICE_TIMEOUT",
			       "metadata_service_timeout", TIMEOUT_S, LONGEST_TIMEOUT_S);
	/* A server that errs is asked again at once; silence, which is what other machines answer
	 * with, only if that is wished for. */
	int64_t attempts = number_option(login, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
		"metadata_service_num_attempts", 1, MOST_TRIES);
	const struct login_asking how = { .tries = (int)MAX(attempts, (int64_t)TRIES),
		.tries_silence = attempts > 1 };
	const struct http_request request = { .method = method,
		.url = arena_format(&metadata->scratch, "%s%s", metadata->endpoint, path),
		.headers = headers,
		.timeout_ms = timeout_ms,
		.connect_ms = timeout_ms,
		.maximum = LARGEST_ANSWER,
		.has_no_proxy = true };

	login_answer_release(&metadata->answer);
	return login_send(login, &request, &how, &metadata->answer, err);
}

static bool
first_version_is_off(const struct aws_login *login)
{
	const char *text =
		login_option(login, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");

	return text && !strcasecmp(text, "true");
}

static bool
token_get(struct metadata *metadata, struct error *err)
{
	struct aws_login *login = metadata->login;
	struct aws_logins *logins = aws_logins(login->aws);
	int64_t now = login_now(login);
	struct view token;
	int status;

	metadata->token = NULL;
	if (logins->metadata_token && now < logins->metadata_token_until) {
		metadata->token = logins->metadata_token;
		return true;
	}
	if (!metadata_send(metadata, "PUT", "/latest/api/token",
		    arena_format(&metadata->scratch, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: %d",
			    TOKEN_S),
		    err))
		return false;
	status = metadata->answer.status;
	token = view_trim(str_view(&metadata->answer.body));
	if (status == 200 && token.length && !memchr(token.data, '\n', token.length) &&
		!memchr(token.data, '\r', token.length)) {
		logins->metadata_token = metadata->token = login_secret(login, token);
		logins->metadata_token_until = now + TOKEN_S - TOKEN_EARLY_S;
		return true;
	}
	if ((status == 403 || status == 404 || status == 405) && !first_version_is_off(login))
		return true;
	fail(err, ERR_DENIED, "instance metadata gave no token");
	return error_why(err, "it answered with status %d", status);
}

/* *has_answer: false where there is no such thing. */
static bool
metadata_get(struct metadata *metadata, const char *path, bool *has_answer, struct error *err)
{
	struct aws_logins *logins = aws_logins(metadata->login->aws);
	int status;

	for (int i = 0; i < 2; i++) {
		const char *header = NULL;

		if (!token_get(metadata, err))
			return false;
		if (metadata->token)
			header = arena_format(&metadata->scratch, "X-Aws-Ec2-Metadata-Token: %s",
				metadata->token);
		if (!metadata_send(metadata, "GET", path, header, err))
			return false;
		status = metadata->answer.status;
		*has_answer = status == 200;
		if (status == 200 || status == 404)
			return true;
		/* The token is not good any more. */
		logins->metadata_token = NULL;
		if (status != 401)
			break;
	}
	if (status == 403) {
		fail(err, ERR_DENIED, "instance metadata refuses to answer");
		return error_why(err, "status 403: it is turned off for this instance");
	}
	fail(err, ERR_PROTOCOL, "instance metadata does not answer as it should");
	return error_why(err, "status %d", status);
}

/* ---- keys ---- */

static bool
keys_take(struct metadata *metadata, const char *role, struct aws_keys *out, struct error *err)
{
	struct aws_login *login = metadata->login;
	const struct value *map;
	const char *code;
	bool ok;

	if (!json_parse(&metadata->scratch, str_view(&metadata->answer.body), &map, NULL) ||
		!value_is_map(map))
		return fail(err, ERR_PROTOCOL, "what instance metadata gave is no JSON object");
	code = value_string(value_get(map, "Code"));
	if (code && strcmp(code, "Success") != 0) {
		fail(err, ERR_DENIED, "instance metadata has no keys of role '%s'", role);
		ok = error_why(err, "it says %.60s", code);
	} else {
		ok = login_keys_read(
			login, map, &login_names_metadata, "what instance metadata gave", out, err);
	}
	value_wipe(map);
	if (ok)
		out->from = arena_format(aws_arena(login->aws), "instance metadata, role %s", role);
	return ok;
}

static bool
no_role(struct error *err)
{
	return fail(err, ERR_MISSING, "no role is attached to this instance");
}

static bool
role_keys(struct metadata *metadata, struct aws_keys *out, struct error *err)
{
	struct view rest, role;
	bool has_answer;
	const char *name;

	if (!metadata_endpoint(metadata->login, &metadata->endpoint, err) ||
		!metadata_get(metadata, credentials_path, &has_answer, err))
		return false;
	rest = view_trim(str_view(&metadata->answer.body));
	if (!has_answer || !view_cut(&rest, '\n', &role) || !view_trim(role).length)
		return no_role(err);
	name = arena_view(&metadata->scratch, view_trim(role));
	if (!metadata_get(metadata,
		    arena_format(&metadata->scratch, "%s%s", credentials_path, name), &has_answer,
		    err))
		return false;
	return has_answer ? keys_take(metadata, name, out, err) : no_role(err);
}

static bool
metadata_ask(struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err)
{
	struct metadata metadata = { .login = login };
	bool ok;

	arena_init(&metadata.scratch);
	ok = role_keys(&metadata, out, err);
	login_answer_release(&metadata.answer);
	arena_release(&metadata.scratch);
	return ok;
}

const struct login_provider provider_metadata = { LOGIN_METADATA, "instance metadata",
	metadata_choose, metadata_ask, NULL };
