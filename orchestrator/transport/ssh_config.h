#ifndef ORCHESTRATOR_TRANSPORT_SSH_CONFIG_H
#define ORCHESTRATOR_TRANSPORT_SSH_CONFIG_H
/*
 * The user's ssh_config, read as OpenSSH reads it: `Host` against the name as typed, `Match`,
 * `Include`, the first value wins, identity files add up. libssh's own reader is never used (it
 * reverses hops, dies on unknown `Match` words, splits long lines; see reference/proxyjump.md).
 *
 * What was given for one host (ssh's arguments, the inventory) comes first, in the same words as
 * the file's.
 */
#include "base/arena.h"
#include "base/error.h"

enum host_key_policy { POLICY_UNSET, POLICY_YES, POLICY_ACCEPT_NEW, POLICY_ASK, POLICY_OFF };

struct ssh_list {
	const char **items;
	size_t count;
};

/* A keyword and its value, as in `-o Keyword=value`. */
struct ssh_setting {
	const char *keyword, *value;
};

/* What comes before the files. */
struct ssh_given {
	const char *config_file; /* -F; NULL: the usual two; "none": no file */
	struct ssh_setting *settings;
	size_t count;
};

/* What holds for one host. Texts live in the arena of ssh_config_resolve, or as long as the
 * ssh_config. */
struct ssh_options {
	const char *name; /* as typed */
	const char *host; /* to dial: HostName, else the name */
	const char *user;
	int port;
	const char *config_file; /* as given, for hops */

	struct ssh_list identity_files; /* as configured; empty: the default list */
	struct ssh_list certificate_files;
	const char *identity_agent; /* a path, "none", or NULL: SSH_AUTH_SOCK */
	bool identities_only;
	bool no_public_key, no_password, no_keyboard_interactive;
	const char *preferred_authentications;

	const char *proxy_jump;	   /* NULL: none */
	const char *proxy_command; /* NULL: none */

	enum host_key_policy policy;
	struct ssh_list user_known_hosts, global_known_hosts;
	const char *host_key_alias;
	const char *revoked_host_keys;
	bool hash_known_hosts;

	int connect_timeout_s;	 /* 0: not set */
	int connection_attempts; /* 1 when not set */
	int alive_interval_s;	 /* -1: not set */
	int alive_count;
	int address_family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	const char *bind_address;
	const char *ciphers, *macs, *key_exchanges, *host_key_algorithms,
		*public_key_algorithms; /* NULL: ours */
	bool forward_agent;
	bool compression;
};

struct ssh_config;

/* `home`, `user`: of the person; NULL: of this process. `warn` may be NULL; each text is said once.
 */
struct ssh_config *ssh_config_new(const char *home, const char *user,
	void (*warn)(void *context, const char *text), void *context);
void ssh_config_free(struct ssh_config *config);

bool ssh_config_resolve(struct ssh_config *config, const char *name, const struct ssh_given *given,
	struct arena *into, struct ssh_options *out, struct error *err) MUST_CHECK;

/* Expands %-tokens in `text` with what is resolved so far. `letters`: those allowed. */
bool ssh_options_expand(const struct ssh_config *config, const struct ssh_options *options,
	const char *text, const char *letters, struct arena *into, const char **out,
	struct error *err) MUST_CHECK;

/* The person's home directory; ~ and ${NAME} expanded. */
const char *ssh_config_home(const struct ssh_config *config);
const char *ssh_config_user(const struct ssh_config *config);
const char *ssh_config_path(const struct ssh_config *config, const char *path, struct arena *into);

/* Says a warning, once per run. */
void ssh_config_warn(struct ssh_config *config, const char *format, ...) FORMAT(2, 3);

#endif
