/*
 * Single sign-on: `aws sso login` leaves a token in ~/.aws/sso/cache; the portal gives keys of a
 * role for it. A token of an sso-session is renewed with its refresh token, and written back, so
 * that the other tools have it too.
 */
#include <ctype.h>

#include "base/log.h"
#include "inventory/aws/login.h"
#include "inventory/aws/service.h"
#include "json/json.h"
#include "os/files.h"

enum { LARGEST_TOKEN = 256 * 1024, LARGEST_ANSWER = 256 * 1024, EARLY_S = 300, TRIES = 3 };

/* ---- configuration ---- */

static enum login_choice
sso_wrong(const struct aws_login *login, const char *setting, struct error *err)
{
	const struct value *value = value_get(login->settings, setting);

	if (value)
		error_where(err, "%s:%u", value->place.file, value->place.line);
	return LOGIN_WRONG;
}

/* What the session says; a profile may only repeat it. */
static bool
session_setting(struct aws_login *login, const struct value *session, const char *name,
	const char **out, struct error *err)
{
	const char *own = login_own_setting(login, name);

	*out = value_string(value_get(session, name));
	if (own && !text_equals(own, *out)) {
		fail(err, ERR_OPTIONS, "AWS profile '%s' has another %s than its sso-session '%s'",
			login->profile, name, login->sso.session);
		sso_wrong(login, name, err);
		return error_hint(
			err, "where a profile has an sso_session, %s belongs there", name);
	}
	if (!*out || !**out) {
		fail(err, ERR_OPTIONS, "sso-session '%s' has no %s", login->sso.session, name);
		error_where(err, "%s:%u", session->place.file, session->place.line);
		return false;
	}
	return true;
}

static enum login_choice
session_choose(struct aws_login *login, struct error *err)
{
	const struct value *session = profiles_section(
		aws_logins(login->aws)->profiles, PROFILE_SSO_SESSION, login->sso.session);

	if (!session) {
		fail(err, ERR_MISSING, "there is no sso-session '%s' that AWS profile '%s' names",
			login->sso.session, login->profile);
		return sso_wrong(login, "sso_session", err);
	}
	if (!session_setting(login, session, "sso_region", &login->sso.region, err) ||
		!session_setting(login, session, "sso_start_url", &login->sso.start_url, err))
		return LOGIN_WRONG;
	if (!login->sso.account && !login->sso.role) {
		fail(err, ERR_MISSING,
			"profile '%s' has an sso_session, but no sso_account_id and sso_role_name, "
			"so it stands for a token and not for keys",
			login->profile);
		return LOGIN_NOT_THIS;
	}
	return LOGIN_THIS;
}

static enum login_choice
sso_choose(struct aws_login *login, struct error *err)
{
	const char *const names[] = { "sso_account_id", "sso_role_name", "sso_start_url",
		"sso_region" };
	enum login_choice choice = LOGIN_THIS;

	login->sso = (struct login_sso){ .session = login_own_setting(login, "sso_session"),
		.start_url = login_own_setting(login, "sso_start_url"),
		.region = login_own_setting(login, "sso_region"),
		.account = login_own_setting(login, "sso_account_id"),
		.role = login_own_setting(login, "sso_role_name") };
	if (!login->sso.session && !login->sso.start_url && !login->sso.account &&
		!login->sso.role) {
		fail(err, ERR_MISSING, "no sso_session in profile '%s'", login->profile);
		return LOGIN_NOT_THIS;
	}
	if (login->sso.session)
		choice = session_choose(login, err);
	if (choice != LOGIN_THIS)
		return choice;
	for (size_t i = 0; i < (login->sso.session ? 2 : ARRAY_SIZE(names)); i++)
		if (!login_own_setting(login, names[i])) {
			fail(err, ERR_OPTIONS, "AWS profile '%s' has single sign-on without %s",
				login->profile, names[i]);
			return sso_wrong(login, i ? "sso_account_id" : "sso_role_name", err);
		}
	return LOGIN_THIS;
}

/* ---- the token ---- */

struct sso_token {
	const char *path;	 /* where it really is */
	const struct value *map; /* the file */
	const char *text;
	int64_t expires;
};

static bool
log_in_again(const struct aws_login *login, struct error *err, const char *why)
{
	fail(err, ERR_DENIED, "AWS profile '%s' is not logged in by single sign-on",
		login->profile);
	error_why(err, "%s", why);
	return error_hint(err, "aws sso login --profile %s", login->profile);
}

static const char *
token_path(struct aws_login *login)
{
	const char *key = login->sso.session ? login->sso.session : login->sso.start_url;
	const char *home = login_home(login);
	char digest[HASH_TEXT_MAX];

	return home ? login_path(login,
			      arena_format(aws_arena(login->aws), "%s/.aws/sso/cache/%s.json", home,
				      hash_text(HASH_SHA1, view_of(key), digest)))
		    : NULL;
}

static bool
token_parse(struct aws_login *login, struct arena *scratch, struct view text,
	struct sso_token *token, struct error *err)
{
	struct view access;

	if (!json_parse(scratch, text, &token->map, NULL) || !value_is_map(token->map))
		return log_in_again(
			login, err, arena_format(scratch, "'%s' is no JSON object", token->path));
	access = value_string_view(value_get(token->map, "accessToken"));
	if (!access.length || !time_read(value_string_view(value_get(token->map, "expiresAt")),
				      &token->expires)) {
		value_wipe(token->map);
		return log_in_again(login, err,
			arena_format(scratch, "there is no token in '%s'", token->path));
	}
	token->text = login_secret(login, access);
	return true;
}

static bool
token_read(
	struct aws_login *login, struct arena *scratch, struct sso_token *token, struct error *err)
{
	struct error problem = { 0 };
	struct str text;
	bool ok;

	token->path = token_path(login);
	if (!token->path)
		return log_in_again(login, err, "HOME is not set");
	str_init(&text);
	ok = file_read(token->path, LARGEST_TOKEN, &text, &problem)
		     ? token_parse(login, scratch, str_view(&text), token, err)
		     : log_in_again(login, err,
			       arena_format(scratch, "%s: %s", problem.what, problem.why));
	memory_wipe(text.data, text.length);
	str_release(&text);
	return ok;
}

/* ---- renewing it ---- */

static bool
sso_url(struct aws_login *login, struct arena *scratch, const char *service, const char **out,
	struct error *err)
{
	const struct aws_call call = {
		.service = service, .action = "", .region = login->sso.region, .login = login
	};
	const char *region;

	return aws_endpoint(
		login->aws, &call, aws_service_find(service), scratch, out, &region, err);
}

/* Everything that a renewal needs is in the file; without it the token is as good as it is. */
static bool
can_renew(const struct aws_login *login, const struct sso_token *token)
{
	static const char *const needed[] = { "refreshToken", "clientId", "clientSecret" };
	struct view until = value_string_view(value_get(token->map, "registrationExpiresAt"));
	int64_t expires;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!value_string_view(value_get(token->map, needed[i])).length)
			return false;
	return login->sso.session &&
	       (!until.length || (time_read(until, &expires) && expires > login_now(login)));
}

static void
token_write(struct aws_login *login, const struct sso_token *token, const struct value *answer,
	struct arena *scratch)
{
	const struct file_place place = { .has_mode = true, .mode = 0600 };
	struct value *map = value_map_copy(scratch, token->map);
	const struct value *refresh = value_get(answer, "refreshToken");
	struct error problem = { 0 };
	struct str text;
	char when[TIME_ROOM];

	value_set(scratch, map, "accessToken",
		value_borrow(scratch, token->text, strlen(token->text)));
	value_set(scratch, map, "expiresAt", value_text(scratch, time_text(token->expires, when)));
	if (value_string_view(refresh).length)
		value_set(scratch, map, "refreshToken", refresh);
	str_init(&text);
	json_add(map, &(struct json_style){ .indent = 0 }, &text);
	if (!file_replace(token->path, str_view(&text), &place, &problem))
		log_info("aws: the renewed token of %s is not kept: %s", login->sso.session,
			problem.what);
	memory_wipe(text.data, text.length);
	str_release(&text);
}

static bool
renewal_read(struct aws_login *login, struct sso_token *token, const struct http_answer *answer,
	struct arena *scratch, struct error *err)
{
	const struct value *map, *lasts;
	struct view access;

	if (answer->status != 200) {
		fail(err, ERR_DENIED, "the token of single sign-on is not renewed");
		return error_why(err, "the server answered with status %d", answer->status);
	}
	if (!json_parse(scratch, str_view(&answer->body), &map, NULL) || !value_is_map(map))
		return fail(err, ERR_PROTOCOL, "the renewed token is no JSON object");
	access = value_string_view(value_get(map, "accessToken"));
	lasts = value_get(map, "expiresIn");
	if (!access.length || !value_is(lasts, VALUE_INT) || lasts->integer <= 0 ||
		lasts->integer > INT32_MAX) {
		value_wipe(map);
		return fail(err, ERR_PROTOCOL, "the renewed token makes no sense");
	}
	token->text = login_secret(login, access);
	token->expires = login_now(login) + lasts->integer;
	token_write(login, token, map, scratch);
	value_wipe(map);
	return true;
}

static bool
token_renew(
	struct aws_login *login, struct arena *scratch, struct sso_token *token, struct error *err)
{
	static const char *const headers[] = { "Content-Type: application/json", NULL };
	const struct login_asking how = { .tries = 1 };
	struct http_request request = {
		.method = "POST", .headers = headers, .maximum = LARGEST_ANSWER
	};
	struct value *map = value_map(scratch);
	struct http_answer answer = { 0 };
	const char *url;
	struct str body;
	bool ok;

	value_set(scratch, map, "grantType", value_text(scratch, "refresh_token"));
	value_set(scratch, map, "clientId", value_get(token->map, "clientId"));
	value_set(scratch, map, "clientSecret", value_get(token->map, "clientSecret"));
	value_set(scratch, map, "refreshToken", value_get(token->map, "refreshToken"));
	str_init(&body);
	json_add(map, &(struct json_style){ .is_compact = true }, &body);
	request.body = str_view(&body);
	ok = sso_url(login, scratch, "sso-oidc", &url, err);
	if (ok) {
		request.url = arena_format(scratch, "%s/token", url);
		ok = login_send(login, &request, &how, &answer, err) &&
		     renewal_read(login, token, &answer, scratch, err);
	}
	memory_wipe(body.data, body.length);
	str_release(&body);
	login_answer_release(&answer);
	return ok;
}

/* A token that is usable. A refresh token is good once: whoever comes next reads the file again. */
static bool
token_get(
	struct aws_login *login, struct arena *scratch, struct sso_token *token, struct error *err)
{
	struct error problem = { 0 };
	int64_t now = login_now(login);

	if (!token_read(login, scratch, token, err))
		return false;
	if (token->expires > now + EARLY_S)
		return true;
	if (can_renew(login, token)) {
		if (token_renew(login, scratch, token, &problem))
			return true;
		log_info("aws: %s: %s", problem.what, problem.why);
	}
	return token->expires > now ||
	       log_in_again(login, err, *problem.what ? problem.what : "the token has expired");
}

/* ---- keys ---- */

static bool
portal_read(struct aws_login *login, struct arena *scratch, const struct http_answer *answer,
	struct aws_keys *out, struct error *err)
{
	const struct value *map, *keys;
	const char *says = NULL;
	bool ok;

	if (!json_parse(scratch, str_view(&answer->body), &map, NULL) || !value_is_map(map))
		map = &value_empty_map;
	if (answer->status == 401)
		return log_in_again(login, err, "the portal does not accept the token any more");
	if (answer->status != 200) {
		says = value_string(value_get(map, "message"));
		fail(err, ERR_DENIED, "single sign-on gives no keys of role '%s' in account %s",
			login->sso.role, login->sso.account);
		return error_why(err, "status %d%s%.200s", answer->status, says ? ": " : "",
			says ? says : "");
	}
	keys = value_get(map, "roleCredentials");
	ok = login_keys_read(
		login, keys, &login_names_sso, "the answer of the sign-on portal", out, err);
	value_wipe(map);
	return ok;
}

static void
escaped_add(struct str *out, const char *text)
{
	for (; *text; text++)
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			str_add_char(out, *text);
		else
			str_add_format(out, "%%%02X", (unsigned char)*text);
}

static bool
portal_ask(struct aws_login *login, struct arena *scratch, const struct sso_token *token,
	struct aws_keys *out, struct error *err)
{
	const struct login_asking how = { .tries = TRIES, .tries_silence = true };
	const char *headers[] = { arena_format(scratch, "x-amz-sso_bearer_token: %s", token->text),
		NULL };
	struct http_request request = { .headers = headers, .maximum = LARGEST_ANSWER };
	_cleanup_str_ struct str url = STR_INIT;
	struct http_answer answer = { 0 };
	const char *base;
	bool ok;

	if (strpbrk(token->text, "\r\n"))
		return log_in_again(login, err, "the token has more than one line");
	if (!sso_url(login, scratch, "sso", &base, err))
		return false;
	str_add_format(&url, "%s/federation/credentials?account_id=", base);
	escaped_add(&url, login->sso.account);
	str_add(&url, "&role_name=");
	escaped_add(&url, login->sso.role);
	request.url = url.data;
	ok = login_send(login, &request, &how, &answer, err) &&
	     portal_read(login, scratch, &answer, out, err);
	memory_wipe((void *)(uintptr_t)headers[0], strlen(headers[0]));
	login_answer_release(&answer);
	return ok;
}

/* Keys are kept for the token they were given for: who logs out has none. */
static void
kept_key(const struct aws_login *login, const struct sso_token *token, struct str *out)
{
	const struct login_sso *sso = &login->sso;
	char digest[HASH_TEXT_MAX];

	str_add_format(out, "sso %s %s %s %s %s", sso->start_url, sso->region, sso->account,
		sso->role, hash_text(HASH_SHA256, view_of(token->text), digest));
}

static bool
keys_get(struct aws_login *login, bool renews, struct arena *scratch, struct aws_keys *out,
	struct error *err)
{
	_cleanup_str_ struct str key = STR_INIT;
	struct aws_logins *logins = aws_logins(login->aws);
	struct sso_token token = { 0 };
	bool ok;

	http_turn_take(aws_http(login->aws), &logins->sso_turn);
	ok = token_get(login, scratch, &token, err);
	http_turn_give(&logins->sso_turn);
	if (token.map)
		value_wipe(token.map);
	if (!ok)
		return false;
	kept_key(login, &token, &key);
	if (!renews && session_cache_get(login, str_view(&key), out))
		return true;
	if (!portal_ask(login, scratch, &token, out, err))
		return false;
	session_cache_put(login, str_view(&key), out);
	return true;
}

static bool
sso_ask(struct aws_login *login, bool renews, struct aws_keys *out, struct error *err)
{
	struct arena scratch;
	bool ok;

	arena_init(&scratch);
	ok = keys_get(login, renews, &scratch, out, err);
	arena_release(&scratch);
	if (!ok)
		return false;
	out->account = login->sso.account;
	out->from = arena_format(aws_arena(login->aws), "single sign-on, role %s in account %s",
		login->sso.role, login->sso.account);
	return true;
}

static bool
sso_identify(const struct aws_login *login, struct str *out)
{
	str_add_format(
		out, "sso %s %s %s", login->sso.start_url, login->sso.account, login->sso.role);
	return true;
}

const struct login_provider provider_sso = { LOGIN_SSO, "single sign-on", sso_choose, sso_ask,
	sso_identify };
