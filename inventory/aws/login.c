/* What the providers of credentials share: settings, secrets, times, answers. */
#include "inventory/aws/login.h"

#include <ctype.h>
#include <time.h>

#include "os/files.h"
#include "os/users.h"

enum { LARGEST_SECRET = 64 * 1024, FIRST_WAIT_MS = 100 };

/* ---- settings ---- */

struct aws_login *
login_below(struct aws_login *login, unsigned places)
{
	struct aws_login *source = arena_new(aws_arena(login->aws), struct aws_login);

	*source = (struct aws_login){ .aws = login->aws,
		.places = places,
		.wanted_by = login,
		.profile = login->profile,
		.settings = login->settings,
		.selected = login->selected,
		.region = login->region };
	return source;
}

int64_t
login_now(const struct aws_login *login)
{
	const struct aws_world *world = aws_world(login->aws);

	return world->now ? world->now(world->context) : (int64_t)time(NULL);
}

const char *
login_environment(const struct aws_login *login, const char *name)
{
	struct view text = view_trim(view_of(aws_environment(login->aws, name)));

	return text.length ? arena_view(aws_arena(login->aws), text) : NULL;
}

const char *
login_own_setting(const struct aws_login *login, const char *name)
{
	const char *text = value_string(value_get(login->settings, name));

	return text && *text ? text : NULL;
}

const char *
login_option(const struct aws_login *login, const char *variable, const char *setting)
{
	const char *text = login_environment(login, variable);

	if (!text)
		text = value_string(value_get(login->selected, setting));
	return text && *text ? text : NULL;
}

const char *
login_home(const struct aws_login *login)
{
	const char *home = aws_environment(login->aws, "HOME");
	struct user user;

	if (home || aws_world(login->aws)->environment)
		return home;
	return user_by_id(aws_arena(login->aws), geteuid(), &user) ? user.home : NULL;
}

const char *
login_path(const struct aws_login *login, const char *path)
{
	struct arena *arena = aws_arena(login->aws);
	const char *root = aws_world(login->aws)->root, *home = login_home(login);

	if (text_starts(path, "~/") && home)
		path = path_join(arena, home, path + 2);
	return root ? arena_format(arena, "%s%s%s", root, *path == '/' ? "" : "/", path) : path;
}

/* ---- secrets ---- */

struct login_secret {
	struct login_secret *next;
	size_t length;
	char text[];
};

const char *
login_secret(struct aws_login *login, struct view text)
{
	struct aws_logins *logins = aws_logins(login->aws);
	const struct aws_world *world = aws_world(login->aws);
	struct login_secret *secret;

	for (secret = logins->secrets; secret; secret = secret->next)
		if (view_equals(text, (struct view){ secret->text, secret->length }))
			return secret->text;
	secret = memory_get(sizeof(*secret) + text.length + 1);
	secret->next = logins->secrets;
	secret->length = text.length;
	memcpy(secret->text, text.data, text.length);
	secret->text[text.length] = '\0';
	logins->secrets = secret;
	if (world->secret && text.length)
		world->secret(world->context, text);
	return secret->text;
}

struct aws_logins *
aws_logins_new(struct aws *aws)
{
	struct aws_logins *logins = memory_get(sizeof(*logins));

	*logins = (struct aws_logins){ .aws = aws };
	return logins;
}

void
aws_logins_free(struct aws_logins *logins)
{
	if (!logins)
		return;
	if (logins->profiles)
		profiles_wipe(logins->profiles);
	while (logins->secrets) {
		struct login_secret *secret = logins->secrets;

		logins->secrets = secret->next;
		memory_wipe(secret->text, secret->length);
		free(secret);
	}
	free(logins);
}

void
value_wipe(const struct value *value)
{
	if (value_is_string(value) && value->string.length)
		memory_wipe((void *)(uintptr_t)value->string.data, value->string.length);
	if (value_is_list(value))
		VALUE_EACH (item, value)
			value_wipe(item);
	if (value_is_map(value))
		VALUE_PAIRS (pair, value)
			value_wipe(pair->value);
}

bool
login_read_secret(struct aws_login *login, const char *path, const char **out, struct error *err)
{
	struct str text;
	struct view trimmed;
	bool ok;

	str_init(&text);
	ok = file_read(login_path(login, path), LARGEST_SECRET, &text, err);
	trimmed = view_trim(str_view(&text));
	if (ok && !trimmed.length)
		ok = fail(err, ERR_MISSING, "'%s' is empty", path);
	if (ok)
		*out = login_secret(login, trimmed);
	memory_wipe(text.data, text.length);
	str_release(&text);
	return ok;
}

/* ---- times ---- */

/* `count` digits. */
static bool
digits_take(struct view *rest, size_t count, int *out)
{
	*out = 0;
	if (rest->length < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!isdigit((unsigned char)rest->data[i]))
			return false;
		*out = *out * 10 + (rest->data[i] - '0');
	}
	rest->data += count;
	rest->length -= count;
	return true;
}

static bool
character_take(struct view *rest, const char *any)
{
	if (!rest->length || !rest->data[0] || !strchr(any, rest->data[0]))
		return false;
	rest->data++;
	rest->length--;
	return true;
}

/* Z, +01:00, -0330, or nothing, which is UTC. */
static bool
zone_take(struct view *rest, int *seconds)
{
	int hours, minutes, sign;

	*seconds = 0;
	if (!rest->length || character_take(rest, "Zz"))
		return true;
	sign = rest->data[0] == '-' ? -1 : 1;
	if (!character_take(rest, "+-") || !digits_take(rest, 2, &hours))
		return false;
	(void)character_take(rest, ":");
	if (!digits_take(rest, 2, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
time_read(struct view text, int64_t *out)
{
	struct view rest = view_trim(text);
	struct tm parts = { 0 };
	int ignored, zone;

	if (!digits_take(&rest, 4, &parts.tm_year) || !character_take(&rest, "-") ||
		!digits_take(&rest, 2, &parts.tm_mon) || !character_take(&rest, "-") ||
		!digits_take(&rest, 2, &parts.tm_mday) || !character_take(&rest, "Tt ") ||
		!digits_take(&rest, 2, &parts.tm_hour) || !character_take(&rest, ":") ||
		!digits_take(&rest, 2, &parts.tm_min) || !character_take(&rest, ":") ||
		!digits_take(&rest, 2, &parts.tm_sec))
		return false;
	if (parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31 ||
		parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60)
		return false;
	if (character_take(&rest, "."))
		while (digits_take(&rest, 1, &ignored))
			;
	if (!zone_take(&rest, &zone) || rest.length)
		return false;
	parts.tm_year -= 1900;
	parts.tm_mon--;
	*out = (int64_t)timegm(&parts) - zone;
	return true;
}

const char *
time_text(int64_t time, char buffer[TIME_ROOM])
{
	time_t seconds = (time_t)time;
	struct tm parts;

	strftime(buffer, TIME_ROOM, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
	return buffer;
}

/* ---- keys in answers ---- */

const struct login_names login_names_process = { "AccessKeyId", "SecretAccessKey", "SessionToken",
	"Expiration", "AccountId" };
const struct login_names login_names_metadata = { "AccessKeyId", "SecretAccessKey", "Token",
	"Expiration", "AccountId" };
const struct login_names login_names_sso = { "accessKeyId", "secretAccessKey", "sessionToken",
	"expiration", "accountId" };
const struct login_names login_names_sts = { "access_key_id", "secret_access_key", "session_token",
	"expiration", "account_id" };

/* A time as a text, or as milliseconds since 1970. */
static bool
expiry_read(const struct value *value, int64_t *out)
{
	*out = 0;
	if (value_is_none(value))
		return true;
	if (value_is(value, VALUE_INT)) {
		*out = value->integer / 1000;
		return *out > 0;
	}
	return value_is_string(value) && time_read(value_string_view(value), out);
}

bool
login_keys_read(struct aws_login *login, const struct value *map, const struct login_names *names,
	const char *what, struct aws_keys *out, struct error *err)
{
	struct arena *arena = aws_arena(login->aws);
	struct view id = value_string_view(value_get(map, names->id));
	struct view secret = value_string_view(value_get(map, names->secret));
	struct view token = value_string_view(value_get(map, names->token));
	struct view account = value_string_view(value_get(map, names->account));
	int64_t expires;

	if (!id.length || !secret.length) {
		fail(err, ERR_PROTOCOL, "%s holds no keys", what);
		return error_why(err, "there is no %s", id.length ? names->secret : names->id);
	}
	if (!expiry_read(value_get(map, names->expires), &expires)) {
		fail(err, ERR_PROTOCOL, "%s makes no sense", what);
		return error_why(err, "its %s is not a time", names->expires);
	}
	*out = (struct aws_keys){ .id = arena_view(arena, id),
		.secret = login_secret(login, secret),
		.token = token.length ? login_secret(login, token) : NULL,
		.expires = expires,
		.account = account.length ? arena_view(arena, account) : NULL };
	return true;
}

/* ---- asking ---- */

static bool
is_worth_a_try(const struct login_asking *how, bool has_answer, const struct http_answer *answer,
	const struct error *err)
{
	if (!has_answer)
		return how->tries_silence &&
		       (err->kind == ERR_TIMEOUT || err->kind == ERR_UNREACHABLE);
	return answer->status >= 500 || answer->status == 429;
}

bool
login_send(struct aws_login *login, const struct http_request *request,
	const struct login_asking *how, struct http_answer *out, struct error *err)
{
	struct http *http = aws_http(login->aws);
	struct error problem;

	for (int i = 1;; i++) {
		bool ok;

		error_clear(&problem);
		ok = http_send(http, request, out, &problem);
		if (i >= how->tries || !is_worth_a_try(how, ok, out, &problem)) {
			if (!ok && err)
				*err = problem;
			return ok;
		}
		http_answer_release(out);
		http_sleep(http, (uint64_t)FIRST_WAIT_MS << (i - 1));
	}
}

void
login_answer_release(struct http_answer *answer)
{
	if (answer->body.length)
		memory_wipe(answer->body.data, answer->body.length);
	http_answer_release(answer);
	*answer = (struct http_answer){ 0 };
}
