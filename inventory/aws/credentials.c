/*
 * The chain: a table of providers in order. Configuration chooses one of them when the login is
 * made; it is asked when keys are needed, and again before they expire.
 */
#include "inventory/aws/credentials.h"

#include <errno.h>

#include "base/log.h"
#include "inventory/aws/login.h"
#include "os/files.h"

enum {
	LARGEST_FILE = 1024 * 1024,
	RENEWAL_S = 300,     /* before they expire, keys are renewed if that works */
	LAST_MOMENT_S = 10,  /* before they expire, they must be */
	NOT_SOONER_S = 60,   /* after a renewal that failed, or gave keys that are no better */
	SAME_REFUSAL_S = 10, /* calls that were under way with the old keys are refused too */
};

/* ---- files ---- */

static const char *
file_of(const struct aws_login *login, const char *variable, const char *name)
{
	const char *path = login_environment(login, variable), *home = login_home(login);

	if (path)
		return path;
	return home ? arena_format(aws_arena(login->aws), "%s/.aws/%s", home, name) : NULL;
}

/* A file that is not there says nothing. */
static bool
file_add(struct aws_login *login, struct profiles *profiles, const char *path, bool is_credentials,
	struct error *err)
{
	struct error problem = { 0 };
	struct str text;
	bool ok = true;

	if (!path)
		return true;
	str_init(&text);
	if (!file_read(login_path(login, path), LARGEST_FILE, &text, &problem)) {
		ok = problem.kind == ERR_IO && (problem.code == ENOENT || problem.code == ENOTDIR);
		if (!ok && err)
			*err = problem;
	} else {
		ok = profiles_add(profiles, aws_arena(login->aws), path, str_view(&text),
			is_credentials, err);
	}
	memory_wipe(text.data, text.length);
	str_release(&text);
	return ok;
}

static bool
profiles_load(struct aws_login *login, struct error *err)
{
	struct aws_logins *logins = aws_logins(login->aws);
	struct profiles *profiles;

	if (logins->profiles)
		return true;
	profiles = profiles_new(aws_arena(login->aws));
	logins->config_file = file_of(login, "AWS_CONFIG_FILE", "config");
	logins->credentials_file = file_of(login, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
	if (!file_add(login, profiles, logins->config_file, false, err) ||
		!file_add(login, profiles, logins->credentials_file, true, err)) {
		profiles_wipe(profiles);
		return false;
	}
	logins->profiles = profiles;
	return true;
}

static bool
profile_missing(const struct aws_login *login, const char *name, struct error *err)
{
	const struct aws_logins *logins = aws_logins(login->aws);
	const struct value *all = logins->profiles->sections[PROFILE_PLAIN];
	struct arena *arena = aws_arena(login->aws);
	const char **names = arena_array(arena, all->map.count + 1, const char *);
	const char *near;
	size_t count = 0;

	VALUE_PAIRS (pair, all)
		names[count++] = value_string(pair->key);
	near = text_nearest(name, names);
	fail(err, ERR_MISSING, "there is no AWS profile '%s'", name);
	error_why(err, "%s", count ? "it is in neither file" : "no profiles are defined");
	error_where(err, "%s, %s", logins->config_file ? logins->config_file : "no config file",
		logins->credentials_file ? logins->credentials_file : "no credentials file");
	if (near)
		error_hint(err, "did you mean '%s'?", near);
	return false;
}

/* The profile of the options, of AWS_PROFILE, or the default one, which need not be there. */
static bool
profile_select(struct aws_login *login, struct error *err)
{
	const char *name = login->options.profile;

	if (!name)
		name = login_environment(login, "AWS_PROFILE");
	if (!name)
		name = login_environment(login, "AWS_DEFAULT_PROFILE");
	login->profile = name ? arena_text(aws_arena(login->aws), name) : "default";
	login->settings =
		profiles_section(aws_logins(login->aws)->profiles, PROFILE_PLAIN, login->profile);
	if (!login->settings && name)
		return profile_missing(login, name, err);
	if (!login->settings)
		login->settings = &value_empty_map;
	login->selected = login->settings;
	return true;
}

/* ---- keys that are simply there ---- */

static enum login_choice
half_of_keys(struct error *err, const char *has, const char *lacks)
{
	fail(err, ERR_OPTIONS, "%s is given without %s", has, lacks);
	return LOGIN_WRONG;
}

static enum login_choice
options_choose(struct aws_login *login, struct error *err)
{
	const struct aws_login_options *options = &login->options;

	if (options->access_key && !options->secret_key)
		return half_of_keys(err, "access_key", "secret_key");
	if (options->secret_key && !options->access_key)
		return half_of_keys(err, "secret_key", "access_key");
	if (options->access_key)
		return LOGIN_THIS;
	fail(err, ERR_MISSING, "no access_key is given");
	return LOGIN_NOT_THIS;
}

static bool
options_ask(
	struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err UNUSED)
{
	const struct aws_login_options *options = &login->options;

	*out = (struct aws_keys){ .id = options->access_key,
		.secret = login_secret(login, view_of(options->secret_key)),
		.token = options->session_token && *options->session_token
				 ? login_secret(login, view_of(options->session_token))
				 : NULL,
		.from = "the options" };
	return true;
}

static bool
options_identify(const struct aws_login *login, struct str *out)
{
	str_add_format(out, "keys %s", login->options.access_key);
	return true;
}

static enum login_choice
environment_choose(struct aws_login *login, struct error *err)
{
	bool has_id = login_environment(login, "AWS_ACCESS_KEY_ID");
	bool has_secret = login_environment(login, "AWS_SECRET_ACCESS_KEY");

	if (has_id && has_secret)
		return LOGIN_THIS;
	if (has_id)
		return half_of_keys(err, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
	fail(err, ERR_MISSING, "AWS_ACCESS_KEY_ID is not set");
	return LOGIN_NOT_THIS;
}

static bool
environment_ask(
	struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err)
{
	const char *token = login_environment(login, "AWS_SESSION_TOKEN");
	const char *expiry = login_environment(login, "AWS_CREDENTIAL_EXPIRATION");
	int64_t expires = 0;

	if (!token)
		token = login_environment(login, "AWS_SECURITY_TOKEN");
	if (expiry && !time_read(view_of(expiry), &expires)) {
		fail(err, ERR_OPTIONS, "AWS_CREDENTIAL_EXPIRATION is not a time");
		return error_hint(err, "it is written as 2026-01-02T03:04:05Z");
	}
	if (expires && expires <= login_now(login)) {
		fail(err, ERR_DENIED, "the AWS session in the environment has expired");
		error_why(err, "AWS_CREDENTIAL_EXPIRATION is %s", expiry);
		return error_hint(err, "log in again, or unset AWS_ACCESS_KEY_ID");
	}
	*out = (struct aws_keys){ .id = login_environment(login, "AWS_ACCESS_KEY_ID"),
		.secret = login_secret(
			login, view_of(login_environment(login, "AWS_SECRET_ACCESS_KEY"))),
		.token = token ? login_secret(login, view_of(token)) : NULL,
		.expires = expires,
		.account = login_environment(login, "AWS_ACCOUNT_ID"),
		.from = "the environment" };
	return true;
}

static bool
environment_identify(const struct aws_login *login, struct str *out)
{
	str_add_format(out, "keys %s", login_environment(login, "AWS_ACCESS_KEY_ID"));
	return true;
}

/* ---- keys of a profile ---- */

static bool
has_text(const struct value *value)
{
	return value_string_view(value).length > 0;
}

/* The place of the access key says which file the keys are of. */
static enum login_choice
profile_keys_choose(struct aws_login *login, bool of_credentials, struct error *err)
{
	const char *credentials = aws_logins(login->aws)->credentials_file;
	const struct value *id = value_get(login->settings, "aws_access_key_id");
	const struct value *secret = value_get(login->settings, "aws_secret_access_key");
	const struct value *one = has_text(id) ? id : secret;

	if (!has_text(one) || (one->place.file == credentials) != of_credentials) {
		fail(err, ERR_MISSING, "no keys in profile '%s'", login->profile);
		return LOGIN_NOT_THIS;
	}
	if (has_text(id) && has_text(secret))
		return LOGIN_THIS;
	fail(err, ERR_OPTIONS, "AWS profile '%s' has %s without %s", login->profile,
		one == id ? "aws_access_key_id" : "aws_secret_access_key",
		one == id ? "aws_secret_access_key" : "aws_access_key_id");
	error_where(err, "%s:%u", one->place.file, one->place.line);
	return LOGIN_WRONG;
}

static enum login_choice
credentials_file_choose(struct aws_login *login, struct error *err)
{
	return profile_keys_choose(login, true, err);
}

static enum login_choice
config_file_choose(struct aws_login *login, struct error *err)
{
	return profile_keys_choose(login, false, err);
}

static bool
profile_keys_ask(
	struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err UNUSED)
{
	const char *token = login_own_setting(login, "aws_session_token");

	*out = (struct aws_keys){ .id = login_own_setting(login, "aws_access_key_id"),
		.secret = login_secret(
			login, view_of(login_own_setting(login, "aws_secret_access_key"))),
		.token = token ? login_secret(login, view_of(token)) : NULL,
		.account = login_own_setting(login, "aws_account_id"),
		.from = arena_format(aws_arena(login->aws), "profile '%s'", login->profile) };
	return true;
}

static bool
profile_keys_identify(const struct aws_login *login, struct str *out)
{
	str_add_format(out, "keys %s", login_own_setting(login, "aws_access_key_id"));
	return true;
}

/* ---- the chain ---- */

static const struct login_provider provider_options = { LOGIN_OPTIONS, "options", options_choose,
	options_ask, options_identify };
static const struct login_provider provider_environment = { LOGIN_ENVIRONMENT, "environment",
	environment_choose, environment_ask, environment_identify };
static const struct login_provider provider_credentials_file = { LOGIN_CREDENTIALS_FILE,
	"credentials file", credentials_file_choose, profile_keys_ask, profile_keys_identify };
static const struct login_provider provider_config_file = { LOGIN_CONFIG_FILE, "config file",
	config_file_choose, profile_keys_ask, profile_keys_identify };

static const struct login_provider *const providers[] = {
	&provider_options,
	&provider_environment,
	&provider_role,
	&provider_web_identity,
	&provider_sso,
	&provider_credentials_file,
	&provider_process,
	&provider_config_file,
	&provider_container,
	&provider_metadata,
};

static bool
choose_among(struct aws_login *login, unsigned places, struct str *reasons, struct error *err)
{
	for (size_t i = 0; !login->provider && i < ARRAY_SIZE(providers); i++) {
		struct error why = { 0 };

		if (!(providers[i]->place & places))
			continue;
		switch (providers[i]->choose(login, &why)) {
		case LOGIN_THIS:
			login->provider = providers[i];
			break;
		case LOGIN_WRONG:
			if (err)
				*err = why;
			return false;
		case LOGIN_NOT_THIS:
			str_add_format(reasons, "%s%s: %s", reasons->length ? "; " : "",
				providers[i]->name, why.what);
		}
	}
	return true;
}

bool
login_choose(struct aws_login *login, struct error *err)
{
	_cleanup_str_ struct str reasons = STR_INIT;
	unsigned first = login->places & LOGIN_KEYS_OF_PROFILE;

	/* For the role of another profile, keys come before a role of its own. */
	if (login->wanted_by && (login->places & LOGIN_ROLE) &&
		!choose_among(login, first, &reasons, err))
		return false;
	str_clear(&reasons);
	if (login->options.profile && !(login->places & LOGIN_ENVIRONMENT))
		str_add(&reasons, "environment: not looked at, since a profile is given");
	if (!choose_among(login, login->places, &reasons, err))
		return false;
	login->reasons = arena_view(aws_arena(login->aws), str_view(&reasons));
	if (login->provider)
		log_info("aws: keys come from: %s", login->provider->name);
	return true;
}

bool
login_identify(const struct aws_login *login, struct str *out)
{
	return login->provider && login->provider->identify &&
	       login->provider->identify(login, out);
}

/* ---- making a login ---- */

static void
options_copy(struct aws_login *login, const struct aws_login_options *options)
{
	struct arena *arena = aws_arena(login->aws);
	struct aws_login_options *own = &login->options;
	const char **texts[] = { &own->profile, &own->access_key, &own->region, &own->role_arn,
		&own->external_id, &own->session_name, &own->mfa_serial };

	*own = *options;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i] = *texts[i] && **texts[i] ? arena_text(arena, *texts[i]) : NULL;
	own->secret_key = own->secret_key && *own->secret_key
				  ? login_secret(login, view_of(own->secret_key))
				  : NULL;
	own->session_token = own->session_token && *own->session_token
				     ? login_secret(login, view_of(own->session_token))
				     : NULL;
}

static void
region_find(struct aws_login *login)
{
	const struct aws_login *source = login->options.source;

	login->region = login->options.region;
	if (!login->region && source)
		login->region = source->region;
	if (!login->region)
		login->region = login_environment(login, "AWS_REGION");
	if (!login->region)
		login->region = login_option(login, "AWS_DEFAULT_REGION", "region");
}

/* The role of the options is assumed by what the other options give. */
static bool
role_on_top(struct aws_login *login, struct error *err)
{
	struct aws_login_options below = login->options;

	login->places = LOGIN_ROLE;
	below.role_arn = below.external_id = below.session_name = below.mfa_serial = NULL;
	below.duration_s = 0;
	if (!login->options.source &&
		!aws_login_new(login->aws, &below, &login->options.source, err))
		return false;
	return login_choose(login, err);
}

/* The same options give the same login: what a role costs is then asked for once. */
static struct aws_login *
login_made_before(const struct aws_login *login)
{
	const struct aws_login_options *own = &login->options;
	struct aws_login *made;

	for (made = aws_logins(login->aws)->made; made; made = made->next) {
		const struct aws_login_options *other = &made->options;

		if (text_equals(own->profile, other->profile) &&
			text_equals(own->access_key, other->access_key) &&
			text_equals(own->secret_key, other->secret_key) &&
			text_equals(own->session_token, other->session_token) &&
			text_equals(own->region, other->region) &&
			text_equals(own->role_arn, other->role_arn) &&
			text_equals(own->external_id, other->external_id) &&
			text_equals(own->session_name, other->session_name) &&
			text_equals(own->mfa_serial, other->mfa_serial) &&
			own->duration_s == other->duration_s && own->source == made->asked_source)
			break;
	}
	return made;
}

bool
aws_login_new(struct aws *aws, const struct aws_login_options *options, struct aws_login **out,
	struct error *err)
{
	struct aws_login *login = arena_new(aws_arena(aws), struct aws_login), *before;
	struct aws_login *source = options->source;

	*login = (struct aws_login){ .aws = aws, .places = LOGIN_ANY, .asked_source = source };
	options_copy(login, options);
	if ((before = login_made_before(login))) {
		*out = before;
		return true;
	}
	if (source) {
		login->profile = source->profile;
		login->settings = login->selected = source->selected;
	} else if (!profiles_load(login, err) || !profile_select(login, err)) {
		return false;
	}
	region_find(login);
	if (login->options.profile && !login->options.access_key)
		login->places &= ~(unsigned)LOGIN_ENVIRONMENT;
	if (!(login->options.role_arn ? role_on_top(login, err) : login_choose(login, err)))
		return false;
	login->next = aws_logins(aws)->made;
	aws_logins(aws)->made = login;
	*out = login;
	return true;
}

const char *
aws_login_region(const struct aws_login *login)
{
	return login->region;
}

const char *
aws_login_setting(const struct aws_login *login, const char *service, const char *name)
{
	const struct value *section;
	const char *text, *services;

	if (!service) {
		text = value_string(value_get(login->selected, name));
		return text && *text ? text : NULL;
	}
	services = value_string(value_get(login->selected, "services"));
	if (!services)
		return NULL;
	section = profiles_section(aws_logins(login->aws)->profiles, PROFILE_SERVICES, services);
	text = profile_nested(aws_arena(login->aws), value_get(section, service), name);
	return text && *text ? text : NULL;
}

/* ---- giving keys ---- */

static bool
nobody_to_ask(const struct aws_login *login, struct error *err)
{
	fail(err, ERR_DENIED, "there are no AWS credentials");
	error_why(err, "%s", login->reasons);
	return error_hint(err, "name a profile that has some, set AWS_ACCESS_KEY_ID and "
			       "AWS_SECRET_ACCESS_KEY, or run where a role is attached");
}

/* What the last of the chain says stands behind the reasons of the others. */
static bool
nobody_gave(const struct aws_login *login, const struct error *last, struct error *err)
{
	char line[600];

	fail(err, last->kind, "there are no AWS credentials");
	error_why(err, "%s%s%s: %s", login->reasons, *login->reasons ? "; " : "",
		login->provider->name, error_line(last, line, sizeof(line)));
	return error_hint(err, "name a profile that has some, set AWS_ACCESS_KEY_ID and "
			       "AWS_SECRET_ACCESS_KEY, or run where a role is attached");
}

static bool
provider_ask(struct aws_login *login, bool renews, struct error *err)
{
	struct aws_keys keys = { 0 };
	struct error problem = { 0 };
	int64_t now = login_now(login);

	if (!login->provider)
		return nobody_to_ask(login, err);
	if (!login->provider->ask(login, renews, &keys, &problem)) {
		if (login->provider->place == LOGIN_METADATA)
			return nobody_gave(login, &problem, err);
		if (err)
			*err = problem;
		return false;
	}
	login->keys = keys;
	login->has_keys = true;
	login->generation++;
	login->retry_at = 0;
	/* Nothing better is had by asking again at once. Keys that have expired when they come may
	 * still do: the server, or one of the clocks, is wrong. */
	if (keys.expires && keys.expires <= now + RENEWAL_S) {
		login->retry_at = now + NOT_SOONER_S;
		if (keys.expires > now + LAST_MOMENT_S)
			login->retry_at = MIN(login->retry_at, keys.expires - LAST_MOMENT_S);
	}
	return true;
}

/* Good enough to be given without asking anybody. */
static bool
has_fresh_keys(const struct aws_login *login, int64_t now)
{
	return login->has_keys && (!login->keys.expires || now < login->keys.expires - RENEWAL_S ||
					  now < login->retry_at);
}

static bool
has_valid_keys(const struct aws_login *login, int64_t now)
{
	return login->has_keys && login->keys.expires - LAST_MOMENT_S > now;
}

/* Somebody else has renewed them since they were refused. */
static bool
was_just_forced(const struct aws_login *login, int64_t now)
{
	return login->forced_at && now - login->forced_at < SAME_REFUSAL_S;
}

static bool
keys_renew(struct aws_login *login, bool renews, struct error *err)
{
	struct error problem = { 0 };
	int64_t now = login_now(login);

	if (provider_ask(login, renews, &problem)) {
		if (renews)
			login->forced_at = login_now(login);
		return true;
	}
	if (!renews && has_valid_keys(login, now)) {
		log_info("aws: keys from %s are not renewed yet: %s", login->keys.from,
			problem.what);
		login->retry_at = MIN(now + NOT_SOONER_S, login->keys.expires - LAST_MOMENT_S);
		return true;
	}
	if (err)
		*err = problem;
	return false;
}

bool
aws_login_keys(struct aws *aws, struct aws_login *login, bool renews, struct aws_keys *out,
	struct error *err)
{
	struct http *http = aws_http(aws);
	unsigned generation = login->generation;
	int64_t now = login_now(login);
	bool ok = true;

	if (renews && was_just_forced(login, now))
		renews = false;
	if (!renews && (has_fresh_keys(login, now) ||
			       (login->turn.is_taken && has_valid_keys(login, now)))) {
		*out = login->keys;
		return true;
	}
	http_turn_take(http, &login->turn);
	/* Whoever had the turn before may have done it. */
	if (renews ? login->generation == generation : !has_fresh_keys(login, login_now(login)))
		ok = keys_renew(login, renews, err);
	http_turn_give(&login->turn);
	if (ok)
		*out = login->keys;
	return ok;
}
