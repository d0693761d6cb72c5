#ifndef ORCHESTRATOR_TRANSPORT_SSH_KEYWORDS_H
#define ORCHESTRATOR_TRANSPORT_SSH_KEYWORDS_H
/* Every keyword of ssh_config(5), and what it is to us; and the files, cut into lines and words. */
#include "base/arena.h"
#include "base/error.h"

enum ssh_keyword_id {
	KEYWORD_NONE,
	KEYWORD_HOST,
	KEYWORD_MATCH,
	KEYWORD_INCLUDE,
	KEYWORD_ADDRESS_FAMILY,
	KEYWORD_BATCH_MODE,
	KEYWORD_BIND_ADDRESS,
	KEYWORD_CERTIFICATE_FILE,
	KEYWORD_CIPHERS,
	KEYWORD_COMPRESSION,
	KEYWORD_CONNECT_TIMEOUT,
	KEYWORD_CONNECTION_ATTEMPTS,
	KEYWORD_FORWARD_AGENT,
	KEYWORD_GLOBAL_KNOWN_HOSTS,
	KEYWORD_HASH_KNOWN_HOSTS,
	KEYWORD_HOST_KEY_ALGORITHMS,
	KEYWORD_HOST_KEY_ALIAS,
	KEYWORD_HOST_NAME,
	KEYWORD_IDENTITIES_ONLY,
	KEYWORD_IDENTITY_AGENT,
	KEYWORD_IDENTITY_FILE,
	KEYWORD_KEYBOARD_INTERACTIVE,
	KEYWORD_KEY_EXCHANGES,
	KEYWORD_MACS,
	KEYWORD_PASSWORD,
	KEYWORD_PORT,
	KEYWORD_PREFERRED,
	KEYWORD_PROXY_COMMAND,
	KEYWORD_PROXY_JUMP,
	KEYWORD_PUBLIC_KEY,
	KEYWORD_PUBLIC_KEY_ALGORITHMS,
	KEYWORD_REVOKED_HOST_KEYS,
	KEYWORD_ALIVE_COUNT,
	KEYWORD_ALIVE_INTERVAL,
	KEYWORD_STRICT,
	KEYWORD_TAG,
	KEYWORD_USER,
	KEYWORD_USER_KNOWN_HOSTS,
	KEYWORD_COUNT
};

enum ssh_keyword_kind {
	VALUE_ONE,	/* one word, the first found wins */
	VALUE_REST,	/* the rest of the line as it stands */
	VALUE_WORDS,	/* several words, the first line wins */
	VALUE_ADDED,	/* each line adds one */
	VALUE_HARMLESS, /* has no meaning here */
	VALUE_MISSED,	/* would matter, and is not honoured: named once */
};

struct ssh_keyword {
	const char *name;
	enum ssh_keyword_id id;
	enum ssh_keyword_kind kind;
};

/* NULL: no such keyword. */
const struct ssh_keyword *ssh_keyword_find(struct view name);

struct config_line {
	int number;
	const struct ssh_keyword *keyword; /* NULL: unknown */
	const char *name;
	const char **words;
	size_t count;
	const char *rest;
};

struct config_file {
	const char *path;
	struct config_line *lines;
	size_t count;
	bool is_missing;
};

/* Cuts `text` into its lines. A bad line is an error that names it. */
bool config_file_parse(const char *path, struct view text, struct arena *into,
	struct config_file *out, struct error *err) MUST_CHECK;
/* One line "Keyword value" or "Keyword=value"; out->name is NULL for an empty one. */
bool config_line_parse(struct view text, struct arena *into, struct config_line *out,
	struct error *err) MUST_CHECK;

#endif
