#ifndef INVENTORY_AWS_LOGIN_H
#define INVENTORY_AWS_LOGIN_H
/*
 * What the providers of credentials share, for inventory/aws only. A provider is a row: it says
 * from configuration alone whether it is the one (`choose`), and gives keys when asked (`ask`). The
 * first that is chosen is the only one ever asked: a role that is refused must not end in the keys
 * of the machine.
 */
#include "inventory/aws/credentials.h"
#include "inventory/aws/profile.h"

enum login_place {
	LOGIN_OPTIONS = 1 << 0,
	LOGIN_ENVIRONMENT = 1 << 1,
	LOGIN_ROLE = 1 << 2,
	LOGIN_WEB_IDENTITY = 1 << 3,
	LOGIN_SSO = 1 << 4,
	LOGIN_CREDENTIALS_FILE = 1 << 5,
	LOGIN_PROCESS = 1 << 6,
	LOGIN_CONFIG_FILE = 1 << 7,
	LOGIN_CONTAINER = 1 << 8,
	LOGIN_METADATA = 1 << 9,

	LOGIN_KEYS_OF_PROFILE = LOGIN_CREDENTIALS_FILE | LOGIN_CONFIG_FILE,
	LOGIN_OF_PROFILE =
		LOGIN_ROLE | LOGIN_WEB_IDENTITY | LOGIN_SSO | LOGIN_PROCESS | LOGIN_KEYS_OF_PROFILE,
	LOGIN_ANY = (1 << 10) - 1,
};

enum login_choice {
	LOGIN_NOT_THIS, /* err says why, as a part of a sentence: "AWS_ACCESS_KEY_ID is not set" */
	LOGIN_THIS,
	LOGIN_WRONG, /* meant, but it makes no sense: err says what is wrong */
};

struct login_provider {
	enum login_place place;
	const char *name;
	enum login_choice (*choose)(struct aws_login *login, struct error *err);
	/* `renews`: nothing that was kept from before will do. */
	bool (*ask)(struct aws_login *login, bool renews, struct aws_keys *out, struct error *err);
	/* Adds who asks, without asking anybody; false: that is not known. NULL: never known. */
	bool (*identify)(const struct aws_login *login, struct str *out);
};

struct login_role {
	const char *arn, *external_id, *session_name, *mfa_serial;
	int64_t duration_s;
	struct aws_login *source; /* who assumes it; NULL: by web identity */
	const char *token_file;	  /* of the web identity */
};

struct login_sso {
	const char *session; /* NULL: without, by the start URL */
	const char *start_url, *region, *account, *role;
};

struct aws_login {
	struct aws_login *next; /* of those made by aws_login_new */
	struct aws *aws;
	struct aws_login_options options;
	struct aws_login *asked_source; /* of the options as they were given */
	unsigned places;		/* who may be chosen */
	struct aws_login *wanted_by;	/* whose role needs these keys */
	const char *profile;		/* where keys are looked for */
	const struct value *settings;	/* of it; never NULL */
	const struct value *selected;	/* of the profile that the client is set up by: region,
					   endpoints, metadata; never NULL */
	const char *region;
	const struct login_provider *provider; /* NULL: none */
	const char *reasons;		       /* why not the others, for the message */
	struct login_role role;
	struct login_sso sso;
	/* What it gave. */
	struct http_turn turn;
	struct aws_keys keys;
	bool has_keys;
	unsigned generation;
	int64_t retry_at;  /* not to be renewed before, as long as they are valid */
	int64_t forced_at; /* when they were last renewed because they were refused */
};

struct login_secret;
struct aws_logins {
	struct aws *aws;
	struct login_secret *secrets;
	struct aws_login *made;
	struct profiles *profiles; /* NULL: not read yet */
	const char *config_file, *credentials_file;
	struct http_turn sso_turn; /* a token is renewed by one */
	const char *metadata_token;
	int64_t metadata_token_until;
};

extern const struct login_provider provider_role, provider_web_identity, provider_sso,
	provider_process, provider_container, provider_metadata;

/* ---- login.c ---- */

/* Of a source of a login: the same client and setup, other places. */
struct aws_login *login_below(struct aws_login *login, unsigned places);
/* Chooses the provider: credentials.c. */
bool login_choose(struct aws_login *login, struct error *err) MUST_CHECK;
/* Adds who asks, as the provider identifies it. */
bool login_identify(const struct aws_login *login, struct str *out);

int64_t login_now(const struct aws_login *login);
/* As aws_environment, without white space around; only white space counts as not set. */
const char *login_environment(const struct aws_login *login, const char *name);
/* A setting of the profile that holds the keys; NULL: none, or empty. */
const char *login_own_setting(const struct aws_login *login, const char *name);
/* The environment, else the setting of the selected profile; NULL: none. */
const char *login_option(const struct aws_login *login, const char *variable, const char *setting);
/* Of the environment, else of the user; NULL: none. */
const char *login_home(const struct aws_login *login);
/* Where a path of the world really is; ~/ is the home. */
const char *login_path(const struct aws_login *login, const char *path);
/* A file that holds a secret, without white space around it, kept as one. */
bool login_read_secret(
	struct aws_login *login, const char *path, const char **out, struct error *err) MUST_CHECK;

/* Keeps a copy until the end of the client, and tells whom it concerns. */
const char *login_secret(struct aws_login *login, struct view text);
/* The strings of a value that is not needed any more. */
void value_wipe(const struct value *value);

/* "2026-01-02T03:04:05Z", with fractions, with +01:00; seconds since 1970. */
bool time_read(struct view text, int64_t *out) MUST_CHECK;
enum { TIME_ROOM = 32 };
const char *time_text(int64_t time, char buffer[TIME_ROOM]); /* in UTC; returns buffer */

/* What keys are called in an answer. */
struct login_names {
	const char *id, *secret, *token, *expires, *account;
};
extern const struct login_names login_names_process, login_names_metadata, login_names_sso,
	login_names_sts;
/* Keys of a map; the texts are kept. `what` names the answer in the error. */
bool login_keys_read(struct aws_login *login, const struct value *map,
	const struct login_names *names, const char *what, struct aws_keys *out,
	struct error *err) MUST_CHECK;

/* http_send, up to `tries` times: overload and errors of the server, and, with `tries_silence`,
 * no answer at all. */
struct login_asking {
	int tries;
	bool tries_silence;
};
bool login_send(struct aws_login *login, const struct http_request *request,
	const struct login_asking *how, struct http_answer *out, struct error *err) MUST_CHECK;
/* Releases it, and wipes what it held. */
void login_answer_release(struct http_answer *answer);

/* ---- session_cache.c ---- */

/* Sessions by all that they depend on (`key`). False: none that is usable. */
bool session_cache_get(struct aws_login *login, struct view key, struct aws_keys *out);
void session_cache_put(struct aws_login *login, struct view key, const struct aws_keys *keys);

/* ---- container.c, metadata.c: for tests too ---- */

bool container_url(const struct aws_login *login, struct arena *into, const char **out,
	struct error *err) MUST_CHECK;
bool metadata_endpoint(
	const struct aws_login *login, const char **out, struct error *err) MUST_CHECK;

#endif
