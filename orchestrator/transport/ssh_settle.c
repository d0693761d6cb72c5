/* Tokens, and from the texts of the files to the values we use. */
#include <openssl/evp.h>
#include <strings.h>
#include <sys/socket.h>

#include "orchestrator/transport/ssh_internal.h"

/* Paths: ~ and ${NAME}. */

static void
environment_expand(const char *text, struct str *out)
{
	while (*text) {
		const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;

		if (end) {
			_cleanup_str_ struct str name = STR_INIT;
			const char *value;

			str_add_bytes(&name, text + 2, (size_t)(end - text - 2));
			value = getenv(name.data);
			str_add(out, value ? value : "");
			text = end + 1;
		} else {
			str_add_char(out, *text++);
		}
	}
}

const char *
ssh_config_path(const struct ssh_config *config, const char *path, struct arena *into)
{
	_cleanup_str_ struct str text = STR_INIT;

	environment_expand(path, &text);
	if (text.data[0] == '~' && (text.data[1] == '/' || !text.data[1]))
		return arena_format(into, "%s%s", config->home, text.data + 1);
	return arena_bytes(into, text.data, text.length);
}

/* Tokens. */

static const char *
local_host_name(struct arena *into, bool is_short)
{
	char name[256] = "localhost";

	if (gethostname(name, sizeof(name)) < 0)
		return "localhost";
	name[sizeof(name) - 1] = '\0';
	if (is_short)
		name[strcspn(name, ".")] = '\0';
	return arena_text(into, name);
}

/* %C: a name for this connection, short enough for a socket's path. */
static const char *
connection_hash(const struct ssh_options *options, struct arena *into)
{
	const char *text = arena_format(into, "%s%s%d%s%s", local_host_name(into, false),
		options->host, options->port, options->user,
		options->proxy_jump ? options->proxy_jump : "");
	unsigned char hash[EVP_MAX_MD_SIZE];
	_cleanup_str_ struct str hex = STR_INIT;
	unsigned size = 0;

	EVP_Digest(text, strlen(text), hash, &size, EVP_sha1(), NULL);
	for (unsigned i = 0; i < size; i++)
		str_add_format(&hex, "%02x", hash[i]);
	return arena_bytes(into, hex.data, hex.length);
}

static const char *
token_value(const struct ssh_config *config, const struct ssh_options *options, char letter,
	struct arena *into)
{
	switch (letter) {
	case '%':
		return "%";
	case 'C':
		return connection_hash(options, into);
	case 'd':
		return config->home;
	case 'h':
		return options->host;
	case 'i':
		return arena_format(into, "%u", (unsigned)getuid());
	case 'j':
		return options->proxy_jump ? options->proxy_jump : "";
	case 'k':
		return options->host_key_alias ? options->host_key_alias : options->name;
	case 'L':
		return local_host_name(into, true);
	case 'l':
		return local_host_name(into, false);
	case 'n':
		return options->name;
	case 'p':
		return arena_format(into, "%d", options->port);
	case 'r':
		return options->user;
	case 'u':
		return config->user;
	default:
		return NULL;
	}
}

bool
ssh_options_expand(const struct ssh_config *config, const struct ssh_options *options,
	const char *text, const char *letters, struct arena *into, const char **out,
	struct error *err)
{
	_cleanup_str_ struct str result = STR_INIT;

	for (const char *at = text; *at; at++) {
		const char *value;

		if (*at != '%') {
			str_add_char(&result, *at);
			continue;
		}
		at++;
		value = *at && strchr(letters, *at) ? token_value(config, options, *at, into)
						    : NULL;
		if (!value)
			return fail(err, ERR_PARSE,
				"'%%%.1s' is not a token that may stand in '%s'", at, text);
		str_add(&result, value);
	}
	*out = arena_bytes(into, result.data, result.length);
	return true;
}

/* With what is known on the way: HostName, User, Port may still change, as in OpenSSH. */
static void
options_so_far(struct walk *walk, struct ssh_options *options)
{
	struct value_found *values = walk->values;
	int64_t port = 22;

	if (values[KEYWORD_PORT].text && !number_parse(view_of(values[KEYWORD_PORT].text), &port))
		port = 22;
	*options = (struct ssh_options){
		.name = walk->name,
		.host = values[KEYWORD_HOST_NAME].text ? values[KEYWORD_HOST_NAME].text
						       : walk->name,
		.user = values[KEYWORD_USER].text ? values[KEYWORD_USER].text : walk->config->user,
		.port = (int)port,
		.host_key_alias = values[KEYWORD_HOST_KEY_ALIAS].text,
		.proxy_jump = values[KEYWORD_PROXY_JUMP].text,
	};
}

bool
walk_expand(struct walk *walk, const char *text, const char *letters, const char **out,
	struct error *err)
{
	struct ssh_options options;

	options_so_far(walk, &options);
	if (!walk_host(walk, &options.host, err))
		return false;
	return ssh_options_expand(walk->config, &options, text, letters, walk->into, out, err);
}

bool
walk_host(struct walk *walk, const char **out, struct error *err)
{
	const char *text = walk->values[KEYWORD_HOST_NAME].text;
	struct ssh_options options = { .name = walk->name, .host = walk->name };

	*out = walk->name;
	if (!text)
		return true;
	if (ssh_options_expand(walk->config, &options, text, "%h", walk->into, out, err))
		return true;
	return error_where(err, "%s:%d", walk->values[KEYWORD_HOST_NAME].path,
		walk->values[KEYWORD_HOST_NAME].line);
}

/* Typed values. */

static bool
value_fails(const struct value_found *value, const char *keyword, const char *expected,
	struct error *err)
{
	fail(err, ERR_PARSE, "'%s' of %s is not %s", value->text, keyword, expected);
	return value->line ? error_where(err, "%s:%d", value->path, value->line)
			   : error_where(err, "%s", value->path);
}

static bool
take_flag(struct walk *walk, enum ssh_keyword_id id, const char *keyword, bool fallback, bool *out,
	struct error *err)
{
	const struct value_found *value = &walk->values[id];

	*out = fallback;
	if (!value->text)
		return true;
	if (!strcasecmp(value->text, "yes") || !strcasecmp(value->text, "true"))
		*out = true;
	else if (!strcasecmp(value->text, "no") || !strcasecmp(value->text, "false"))
		*out = false;
	else
		return value_fails(value, keyword, "yes or no", err);
	return true;
}

static bool
take_number(struct walk *walk, enum ssh_keyword_id id, const char *keyword, int low, int high,
	int fallback, int *out, struct error *err)
{
	const struct value_found *value = &walk->values[id];
	int64_t number;

	*out = fallback;
	if (!value->text || !strcasecmp(value->text, "none"))
		return true;
	if (!number_parse(view_of(value->text), &number) || number < low || number > high)
		return value_fails(value, keyword, "a number in its range", err);
	*out = (int)number;
	return true;
}

/* Seconds, or 1m30s as in sshd_config(5). */
static bool
take_time(struct walk *walk, enum ssh_keyword_id id, const char *keyword, int fallback, int *out,
	struct error *err)
{
	static const struct {
		char letter;
		int seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	const struct value_found *value = &walk->values[id];
	int64_t total = 0, number = 0;
	bool has_digit = false;

	*out = fallback;
	if (!value->text || !strcasecmp(value->text, "none"))
		return true;
	for (const char *at = value->text; *at; at++) {
		int seconds = 0;

		if (*at >= '0' && *at <= '9' && number < 100000000) {
			number = number * 10 + (*at - '0');
			has_digit = true;
			continue;
		}
		for (size_t i = 0; i < ARRAY_SIZE(units); i++)
			if ((*at | 0x20) == units[i].letter)
				seconds = units[i].seconds;
		if (!seconds || !has_digit)
			return value_fails(value, keyword, "a time", err);
		total += number * seconds;
		number = 0;
		has_digit = false;
	}
	total += number;
	if (total > 1000000000)
		return value_fails(value, keyword, "a time in its range", err);
	*out = (int)total;
	return true;
}

static bool
take_policy(struct walk *walk, struct ssh_options *out, struct error *err)
{
	static const struct {
		const char *name;
		enum host_key_policy policy;
	} names[] = { { "yes", POLICY_YES }, { "true", POLICY_YES },
		{ "accept-new", POLICY_ACCEPT_NEW }, { "ask", POLICY_ASK }, { "no", POLICY_OFF },
		{ "false", POLICY_OFF }, { "off", POLICY_OFF } };
	const struct value_found *value = &walk->values[KEYWORD_STRICT];

	if (!value->text)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(value->text, names[i].name)) {
			out->policy = names[i].policy;
			return true;
		}
	return value_fails(value, "StrictHostKeyChecking", "yes, accept-new, ask, no or off", err);
}

static bool
take_family(struct walk *walk, struct ssh_options *out, struct error *err)
{
	const struct value_found *value = &walk->values[KEYWORD_ADDRESS_FAMILY];

	out->address_family = AF_UNSPEC;
	if (!value->text || !strcasecmp(value->text, "any"))
		return true;
	if (!strcasecmp(value->text, "inet"))
		out->address_family = AF_INET;
	else if (!strcasecmp(value->text, "inet6"))
		out->address_family = AF_INET6;
	else
		return value_fails(value, "AddressFamily", "any, inet or inet6", err);
	return true;
}

/* Tokens, ~ and ${NAME} in each path of a list. A lone "none" stays: it means no file at all. */
static bool
take_paths(struct walk *walk, const struct ssh_options *options, const struct ssh_list *list,
	struct ssh_list *out, struct error *err)
{
	out->items = list->count ? arena_array(walk->into, list->count, const char *) : NULL;
	out->count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const char *path;

		if (!ssh_options_expand(walk->config, options, list->items[i], "%CdhijkLlnpru",
			    walk->into, &path, err))
			return false;
		out->items[out->count++] = ssh_config_path(walk->config, path, walk->into);
	}
	return true;
}

/* The list of files, or those that hold when none is set. */
static bool
take_known_hosts(struct walk *walk, struct ssh_options *out, struct error *err)
{
	const struct ssh_list *users = &walk->lists[KEYWORD_USER_KNOWN_HOSTS];
	const struct ssh_list *global = &walk->lists[KEYWORD_GLOBAL_KNOWN_HOSTS];
	static const char *users_default[] = { "~/.ssh/known_hosts", "~/.ssh/known_hosts2" };
	static const char *global_default[] = { "/etc/ssh/ssh_known_hosts",
		"/etc/ssh/ssh_known_hosts2" };
	const struct ssh_list fallback[] = { { users_default, 2 }, { global_default, 2 } };

	return take_paths(walk, out, users->count ? users : &fallback[0], &out->user_known_hosts,
		       err) &&
	       take_paths(walk, out, global->count ? global : &fallback[1],
		       &out->global_known_hosts, err);
}

static bool
take_agent(struct walk *walk, struct ssh_options *out, struct error *err)
{
	const char *text = walk->values[KEYWORD_IDENTITY_AGENT].text;

	if (!text || !strcmp(text, "SSH_AUTH_SOCK"))
		return true;
	if (!strcasecmp(text, "none") || !text[0]) {
		out->identity_agent = "none";
		return true;
	}
	if (text[0] == '$' && text[1] != '{') {
		const char *value = getenv(text + 1);

		out->identity_agent = value ? arena_text(walk->into, value) : "none";
		return true;
	}
	if (!ssh_options_expand(walk->config, out, text, "%CdhijkLlnpru", walk->into,
		    &out->identity_agent, err))
		return false;
	out->identity_agent = ssh_config_path(walk->config, out->identity_agent, walk->into);
	return true;
}

static const char *
unless_none(const char *text)
{
	return text && strcasecmp(text, "none") != 0 ? text : NULL;
}

static void
settle_texts(struct walk *walk, struct ssh_options *out)
{
	const struct value_found *values = walk->values;
	const char *agent = values[KEYWORD_FORWARD_AGENT].text;

	out->user = values[KEYWORD_USER].text ? values[KEYWORD_USER].text : walk->config->user;
	out->host_key_alias = values[KEYWORD_HOST_KEY_ALIAS].text;
	out->revoked_host_keys = unless_none(values[KEYWORD_REVOKED_HOST_KEYS].text);
	if (out->revoked_host_keys)
		out->revoked_host_keys =
			ssh_config_path(walk->config, out->revoked_host_keys, walk->into);
	out->proxy_jump = unless_none(values[KEYWORD_PROXY_JUMP].text);
	out->proxy_command = unless_none(values[KEYWORD_PROXY_COMMAND].text);
	out->preferred_authentications = values[KEYWORD_PREFERRED].text;
	out->bind_address = values[KEYWORD_BIND_ADDRESS].text;
	out->ciphers = values[KEYWORD_CIPHERS].text;
	out->macs = values[KEYWORD_MACS].text;
	out->key_exchanges = values[KEYWORD_KEY_EXCHANGES].text;
	out->host_key_algorithms = values[KEYWORD_HOST_KEY_ALGORITHMS].text;
	out->public_key_algorithms = values[KEYWORD_PUBLIC_KEY_ALGORITHMS].text;
	out->forward_agent = agent && strcasecmp(agent, "no") != 0;
}

static bool
settle_flags(struct walk *walk, struct ssh_options *out, struct error *err)
{
	bool public_key, password, keyboard;

	if (!take_flag(walk, KEYWORD_IDENTITIES_ONLY, "IdentitiesOnly", false,
		    &out->identities_only, err) ||
		!take_flag(walk, KEYWORD_HASH_KNOWN_HOSTS, "HashKnownHosts", false,
			&out->hash_known_hosts, err) ||
		!take_flag(
			walk, KEYWORD_COMPRESSION, "Compression", false, &out->compression, err) ||
		!take_flag(
			walk, KEYWORD_PASSWORD, "PasswordAuthentication", true, &password, err) ||
		!take_flag(walk, KEYWORD_KEYBOARD_INTERACTIVE, "KbdInteractiveAuthentication", true,
			&keyboard, err))
		return false;
	if (walk->values[KEYWORD_PUBLIC_KEY].text &&
		strcasecmp(walk->values[KEYWORD_PUBLIC_KEY].text, "no") != 0)
		public_key = true; /* also: unbound, host-bound */
	else if (!take_flag(
			 walk, KEYWORD_PUBLIC_KEY, "PubkeyAuthentication", true, &public_key, err))
		return false;
	out->no_public_key = !public_key;
	out->no_password = !password;
	out->no_keyboard_interactive = !keyboard;
	return true;
}

bool
walk_settle(struct walk *walk, struct ssh_options *out, struct error *err)
{
	*out = (struct ssh_options){ .name = walk->name };
	settle_texts(walk, out);
	if (!walk_host(walk, &out->host, err))
		return false;
	if (!take_number(walk, KEYWORD_PORT, "Port", 1, 65535, 22, &out->port, err) ||
		!take_number(walk, KEYWORD_CONNECTION_ATTEMPTS, "ConnectionAttempts", 1, 1000, 1,
			&out->connection_attempts, err) ||
		!take_number(walk, KEYWORD_ALIVE_COUNT, "ServerAliveCountMax", 0, 1000, 3,
			&out->alive_count, err) ||
		!take_time(walk, KEYWORD_ALIVE_INTERVAL, "ServerAliveInterval", -1,
			&out->alive_interval_s, err) ||
		!take_time(walk, KEYWORD_CONNECT_TIMEOUT, "ConnectTimeout", 0,
			&out->connect_timeout_s, err))
		return false;
	return settle_flags(walk, out, err) && take_policy(walk, out, err) &&
	       take_family(walk, out, err) && take_known_hosts(walk, out, err) &&
	       take_agent(walk, out, err) &&
	       take_paths(
		       walk, out, &walk->lists[KEYWORD_IDENTITY_FILE], &out->identity_files, err) &&
	       take_paths(walk, out, &walk->lists[KEYWORD_CERTIFICATE_FILE],
		       &out->certificate_files, err);
}
