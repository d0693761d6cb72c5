/*
 * Roles: assumed by the keys of another login (another profile, a named source, the options below),
 * or by a web identity, whose token is the proof. Sessions that were assumed are kept.
 */
#include <strings.h>
#include <ctype.h>

#include "inventory/aws/login.h"
#include "inventory/aws/service.h"
#include "os/files.h"

enum {
	SHORTEST_S = 900,
	LONGEST_S = 43200,
	SHORTEST_NAME = 2,
	LONGEST_NAME = 64,
	LONGEST_CODE = 16,
};

/* ---- configuration ---- */

static enum login_choice
profile_is_wrong(const struct aws_login *login, const char *setting, struct error *err)
{
	const struct value *value = value_get(login->settings, setting);

	if (value)
		error_where(err, "%s:%u", value->place.file, value->place.line);
	return LOGIN_WRONG;
}

static bool
session_name_is_valid(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("_+=,.@-", name[i]))
			return false;
	return length >= SHORTEST_NAME && length <= LONGEST_NAME;
}

static bool
role_check(const struct login_role *role, struct error *err)
{
	if (role->duration_s && (role->duration_s < SHORTEST_S || role->duration_s > LONGEST_S)) {
		fail(err, ERR_OPTIONS, "a session of role '%s' cannot last %lld seconds", role->arn,
			(long long)role->duration_s);
		return error_why(err, "AWS takes from %d to %d seconds", SHORTEST_S, LONGEST_S);
	}
	if (role->session_name && !session_name_is_valid(role->session_name)) {
		fail(err, ERR_OPTIONS, "'%s' cannot be the name of a session", role->session_name);
		return error_why(err, "it has %d to %d letters, digits and _+=,.@-", SHORTEST_NAME,
			LONGEST_NAME);
	}
	return true;
}

static bool
role_of_profile(struct aws_login *login, struct error *err)
{
	const char *duration = login_own_setting(login, "duration_seconds");

	login->role = (struct login_role){ .arn = login_own_setting(login, "role_arn"),
		.external_id = login_own_setting(login, "external_id"),
		.session_name = login_own_setting(login, "role_session_name"),
		.mfa_serial = login_own_setting(login, "mfa_serial") };
	if (duration && !number_parse(view_of(duration), &login->role.duration_s))
		return fail(err, ERR_OPTIONS, "duration_seconds of AWS profile '%s' is no number",
			login->profile);
	return role_check(&login->role, err);
}

static bool
role_of_options(struct aws_login *login, struct error *err)
{
	const struct aws_login_options *options = &login->options;

	login->role = (struct login_role){ .arn = options->role_arn,
		.external_id = options->external_id,
		.session_name = options->session_name,
		.mfa_serial = options->mfa_serial,
		.duration_s = options->duration_s,
		.source = options->source };
	return role_check(&login->role, err);
}

/* ---- who assumes it ---- */

static bool
source_loops(const struct aws_login *login, const char *name, struct error *err)
{
	struct arena *arena = aws_arena(login->aws);
	const char *way = name;

	for (const struct aws_login *at = login; at; at = at->wanted_by) {
		way = arena_format(arena, "%s, %s", at->profile, way);
		if (at == login || strcmp(at->profile, name) != 0)
			continue;
		fail(err, ERR_OPTIONS, "source_profile leads AWS profile '%s' back to itself",
			name);
		error_why(err, "the way is %s", way);
		return true;
	}
	return false;
}

static bool
source_is_empty(const struct aws_login *login, const struct aws_login *source, struct error *err)
{
	fail(err, ERR_MISSING, "AWS profile '%s', the source_profile of '%s', has no credentials",
		source->profile, login->profile);
	return error_why(err, "%s", source->reasons);
}

static bool
source_profile(struct aws_login *login, const char *name, struct error *err)
{
	const struct value *settings =
		profiles_section(aws_logins(login->aws)->profiles, PROFILE_PLAIN, name);
	/* A profile may name itself: its own keys assume its role. */
	bool is_self = !strcmp(name, login->profile);
	struct aws_login *source = login_below(login,
		is_self ? LOGIN_OF_PROFILE & ~(LOGIN_ROLE | LOGIN_WEB_IDENTITY) : LOGIN_OF_PROFILE);

	if (!settings)
		return fail(err, ERR_MISSING,
			"there is no AWS profile '%s', the source_profile of '%s'", name,
			login->profile);
	if (source_loops(login, name, err))
		return false;
	source->profile = name;
	source->settings = settings;
	if (!login_choose(source, err))
		return false;
	if (!source->provider)
		return source_is_empty(login, source, err);
	login->role.source = source;
	return true;
}

static bool
source_named(struct aws_login *login, const char *name, struct error *err)
{
	static const struct {
		const char *name;
		enum login_place place;
	} sources[] = {
		{ "Environment", LOGIN_ENVIRONMENT },
		{ "EcsContainer", LOGIN_CONTAINER },
		{ "Ec2InstanceMetadata", LOGIN_METADATA },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (strcasecmp(name, sources[i].name) != 0)
			continue;
		login->role.source = login_below(login, sources[i].place);
		if (!login_choose(login->role.source, err))
			return false;
		if (login->role.source->provider)
			return true;
		fail(err, ERR_MISSING,
			"credential_source %s of AWS profile '%s' has no credentials",
			sources[i].name, login->profile);
		return error_why(err, "%s", login->role.source->reasons);
	}
	fail(err, ERR_OPTIONS, "'%s' is no credential_source", name);
	return error_hint(err, "it is one of Environment, EcsContainer, Ec2InstanceMetadata");
}

static enum login_choice
role_choose(struct aws_login *login, struct error *err)
{
	const char *profile = login_own_setting(login, "source_profile");
	const char *named = login_own_setting(login, "credential_source");

	if (login->options.role_arn)
		return role_of_options(login, err) ? LOGIN_THIS : LOGIN_WRONG;
	if (!login_own_setting(login, "role_arn") ||
		(!profile && !named && login_own_setting(login, "web_identity_token_file"))) {
		fail(err, ERR_MISSING, "no role to assume in profile '%s'", login->profile);
		return LOGIN_NOT_THIS;
	}
	if (profile && named) {
		fail(err, ERR_OPTIONS,
			"AWS profile '%s' has both source_profile and credential_source",
			login->profile);
		return profile_is_wrong(login, "credential_source", err);
	}
	if (!profile && !named) {
		fail(err, ERR_OPTIONS, "nobody assumes the role of AWS profile '%s'",
			login->profile);
		error_why(err, "it has neither source_profile nor credential_source");
		return profile_is_wrong(login, "role_arn", err);
	}
	if (!role_of_profile(login, err))
		return profile_is_wrong(login, "role_arn", err);
	if (profile ? !source_profile(login, profile, err) : !source_named(login, named, err))
		return *err->where ? LOGIN_WRONG
				   : profile_is_wrong(login,
					     profile ? "source_profile" : "credential_source", err);
	return LOGIN_THIS;
}

static enum login_choice
web_identity_choose(struct aws_login *login, struct error *err)
{
	const char *file = login_own_setting(login, "web_identity_token_file");
	bool has_environment = login->places & LOGIN_ENVIRONMENT;

	if (file && !login_own_setting(login, "role_arn")) {
		fail(err, ERR_OPTIONS,
			"AWS profile '%s' has web_identity_token_file without role_arn",
			login->profile);
		return profile_is_wrong(login, "web_identity_token_file", err);
	}
	if (file) {
		if (!role_of_profile(login, err))
			return profile_is_wrong(login, "role_arn", err);
		login->role.token_file = file;
		return LOGIN_THIS;
	}
	file = has_environment ? login_environment(login, "AWS_WEB_IDENTITY_TOKEN_FILE") : NULL;
	if (!file) {
		fail(err, ERR_MISSING, "no web_identity_token_file");
		return LOGIN_NOT_THIS;
	}
	login->role = (struct login_role){ .arn = login_environment(login, "AWS_ROLE_ARN"),
		.session_name = login_environment(login, "AWS_ROLE_SESSION_NAME"),
		.token_file = file };
	if (!login->role.arn) {
		fail(err, ERR_OPTIONS, "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN");
		return LOGIN_WRONG;
	}
	return role_check(&login->role, err) ? LOGIN_THIS : LOGIN_WRONG;
}

/* ---- assuming ---- */

/* STS stands in every region; where none is said, in the first of the role's partition. */
static const char *
role_region(const struct aws_login *login)
{
	static const struct {
		const char *start, *region;
	} partitions[] = {
		{ "arn:aws-cn:", "cn-north-1" },
		{ "arn:aws-us-gov:", "us-gov-west-1" },
		{ "arn:", "us-east-1" },
	};

	if (login->region)
		return login->region;
	for (size_t i = 0; i < ARRAY_SIZE(partitions); i++)
		if (text_starts(login->role.arn, partitions[i].start))
			return partitions[i].region;
	return "us-east-1";
}

/* The code is read off the device by a person, and good for one session. */
static bool
mfa_ask(struct aws_login *login, struct arena *scratch, const char **code, struct error *err)
{
	const struct aws_world *world = aws_world(login->aws);
	const struct login_role *role = &login->role;
	char answer[LONGEST_CODE] = "";
	struct view typed;

	if (!world->ask || !world->ask(world->context,
				   arena_format(scratch, "MFA code of %s, for role %s: ",
					   role->mfa_serial, role->arn),
				   answer, sizeof(answer))) {
		fail(err, ERR_DENIED, "role '%s' needs a code of the MFA device '%s'", role->arn,
			role->mfa_serial);
		error_why(err, "nobody can be asked for it, since there is no terminal");
		return error_hint(err, "run once at a terminal: the session is kept, and the runs "
				       "after it need no code as long as it lasts");
	}
	typed = view_trim(view_of(answer));
	for (size_t i = 0; i < typed.length; i++)
		if (!isdigit((unsigned char)typed.data[i]))
			typed.length = 0;
	if (!typed.length)
		return fail(err, ERR_DENIED, "that is no code of an MFA device");
	*code = arena_view(scratch, typed);
	memory_wipe(answer, sizeof(answer));
	return true;
}

static struct value *
role_parameters(struct aws_login *login, struct arena *scratch)
{
	const struct login_role *role = &login->role;
	struct value *all = value_map(scratch);

	value_set(scratch, all, "RoleArn", value_text(scratch, role->arn));
	value_set(scratch, all, "RoleSessionName",
		role->session_name
			? value_text(scratch, role->session_name)
			: value_format(scratch, "ertc-%lld", (long long)login_now(login)));
	if (role->duration_s)
		value_set(scratch, all, "DurationSeconds",
			value_format(scratch, "%lld", (long long)role->duration_s));
	return all;
}

static bool
role_call(struct aws_login *login, const char *action, const struct value *parameters,
	struct arena *scratch, struct aws_keys *out, struct error *err)
{
	const struct aws_call call = { .service = "sts",
		.action = action,
		.region = role_region(login),
		.login = login->role.source ? login->role.source : login,
		.is_unsigned = !login->role.source,
		.parameters = parameters };
	struct arena *arena = aws_arena(login->aws);
	const struct value *answer, *keys;
	const char *arn;
	bool ok;

	if (!aws_call(login->aws, &call, scratch, &answer, NULL, err))
		return error_context(err, "role %s", login->role.arn);
	keys = value_get(answer, "credentials");
	arn = value_string(value_get(value_get(answer, "assumed_role_user"), "arn"));
	ok = login_keys_read(login, keys, &login_names_sts, "the answer of AWS STS", out, err);
	if (ok) {
		if (arn)
			out->account = aws_arn_account(arena, arn);
		out->from = arena_format(arena, "role %s", login->role.arn);
	}
	value_wipe(keys);
	return ok;
}

static bool
assume(struct aws_login *login, struct arena *scratch, struct aws_keys *out, struct error *err)
{
	const struct login_role *role = &login->role;
	struct value *parameters = role_parameters(login, scratch);
	const char *code;

	if (role->external_id)
		value_set(
			scratch, parameters, "ExternalId", value_text(scratch, role->external_id));
	if (role->mfa_serial) {
		if (!mfa_ask(login, scratch, &code, err))
			return false;
		value_set(
			scratch, parameters, "SerialNumber", value_text(scratch, role->mfa_serial));
		value_set(scratch, parameters, "TokenCode", value_text(scratch, code));
	}
	return role_call(login, "AssumeRole", parameters, scratch, out, err);
}

/* All that decides what session it is; false: it depends on what is not known here. */
static bool
role_identify(const struct aws_login *login, struct str *out)
{
	const struct login_role *role = &login->role;
	const char *const parts[] = { role->arn, role->external_id, role->session_name,
		role->mfa_serial, role_region(login),
		aws_login_setting(login, "sts", "endpoint_url"),
		aws_login_setting(login, NULL, "endpoint_url"),
		login_environment(login, "AWS_ENDPOINT_URL_STS"),
		login_environment(login, "AWS_ENDPOINT_URL") };

	str_add_format(out, "role %lld", (long long)role->duration_s);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		str_add_format(
			out, " %zu:%s", parts[i] ? strlen(parts[i]) : 0, parts[i] ? parts[i] : "");
	str_add(out, "\n");
	return login_identify(role->source, out);
}

static bool
role_ask(struct aws_login *login, bool renews, struct aws_keys *out, struct error *err)
{
	_cleanup_str_ struct str key = STR_INIT;
	bool is_kept = role_identify(login, &key);
	struct arena scratch;
	bool ok;

	if (is_kept && !renews && session_cache_get(login, str_view(&key), out)) {
		out->from = arena_format(
			aws_arena(login->aws), "role %s (kept session)", login->role.arn);
		return true;
	}
	arena_init(&scratch);
	ok = assume(login, &scratch, out, err);
	arena_release(&scratch);
	if (ok && is_kept)
		session_cache_put(login, str_view(&key), out);
	return ok;
}

static bool
web_identity_ask(
	struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err)
{
	struct value *parameters;
	struct arena scratch;
	const char *token;
	bool ok;

	/* Whoever issues the token replaces the file: it is read each time. */
	if (!login_read_secret(login, login->role.token_file, &token, err))
		return error_context(err, "the web identity for role %s", login->role.arn);
	arena_init(&scratch);
	parameters = role_parameters(login, &scratch);
	value_set(&scratch, parameters, "WebIdentityToken",
		value_borrow(&scratch, token, strlen(token)));
	ok = role_call(login, "AssumeRoleWithWebIdentity", parameters, &scratch, out, err);
	arena_release(&scratch);
	return ok;
}

static bool
web_identity_identify(const struct aws_login *login, struct str *out)
{
	str_add_format(out, "web identity %s of %s", login->role.arn, login->role.token_file);
	return true;
}

const struct login_provider provider_role = { LOGIN_ROLE, "role of the profile", role_choose,
	role_ask, role_identify };
const struct login_provider provider_web_identity = { LOGIN_WEB_IDENTITY, "web identity",
	web_identity_choose, web_identity_ask, web_identity_identify };
