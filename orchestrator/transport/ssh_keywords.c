/* The table of keywords, and lines cut into words: quotes, `\"`, `=` after the keyword, `#` where a
 * word could begin. */
#include "orchestrator/transport/ssh_keywords.h"

#include <ctype.h>
#include <strings.h>

#define MAX_WORDS 1024

static const struct ssh_keyword keywords[] = {
	{ "host", KEYWORD_HOST, VALUE_WORDS },
	{ "match", KEYWORD_MATCH, VALUE_WORDS },
	{ "include", KEYWORD_INCLUDE, VALUE_WORDS },
	{ "addkeystoagent", KEYWORD_NONE, VALUE_HARMLESS },
	{ "addressfamily", KEYWORD_ADDRESS_FAMILY, VALUE_ONE },
	{ "batchmode", KEYWORD_BATCH_MODE, VALUE_ONE },
	{ "bindaddress", KEYWORD_BIND_ADDRESS, VALUE_ONE },
	{ "bindinterface", KEYWORD_NONE, VALUE_MISSED },
	{ "canonicaldomains", KEYWORD_NONE, VALUE_HARMLESS },
	{ "canonicalizefallbacklocal", KEYWORD_NONE, VALUE_HARMLESS },
	{ "canonicalizehostname", KEYWORD_NONE, VALUE_MISSED },
	{ "canonicalizemaxdots", KEYWORD_NONE, VALUE_HARMLESS },
	{ "canonicalizepermittedcnames", KEYWORD_NONE, VALUE_HARMLESS },
	{ "casignaturealgorithms", KEYWORD_NONE, VALUE_HARMLESS },
	{ "certificatefile", KEYWORD_CERTIFICATE_FILE, VALUE_ADDED },
	{ "challengeresponseauthentication", KEYWORD_KEYBOARD_INTERACTIVE, VALUE_ONE },
	{ "channeltimeout", KEYWORD_NONE, VALUE_HARMLESS },
	{ "checkhostip", KEYWORD_NONE, VALUE_HARMLESS },
	{ "cipher", KEYWORD_NONE, VALUE_HARMLESS },
	{ "ciphers", KEYWORD_CIPHERS, VALUE_ONE },
	{ "clearallforwardings", KEYWORD_NONE, VALUE_HARMLESS },
	{ "compression", KEYWORD_COMPRESSION, VALUE_ONE },
	{ "compressionlevel", KEYWORD_NONE, VALUE_HARMLESS },
	{ "connectionattempts", KEYWORD_CONNECTION_ATTEMPTS, VALUE_ONE },
	{ "connecttimeout", KEYWORD_CONNECT_TIMEOUT, VALUE_ONE },
	{ "controlmaster", KEYWORD_NONE, VALUE_HARMLESS },
	{ "controlpath", KEYWORD_NONE, VALUE_HARMLESS },
	{ "controlpersist", KEYWORD_NONE, VALUE_HARMLESS },
	{ "dsaauthentication", KEYWORD_PUBLIC_KEY, VALUE_ONE },
	{ "dynamicforward", KEYWORD_NONE, VALUE_HARMLESS },
	{ "enableescapecommandline", KEYWORD_NONE, VALUE_HARMLESS },
	{ "enablesshkeysign", KEYWORD_NONE, VALUE_HARMLESS },
	{ "escapechar", KEYWORD_NONE, VALUE_HARMLESS },
	{ "exitonforwardfailure", KEYWORD_NONE, VALUE_HARMLESS },
	{ "fingerprinthash", KEYWORD_NONE, VALUE_HARMLESS },
	{ "forkafterauthentication", KEYWORD_NONE, VALUE_HARMLESS },
	{ "forwardagent", KEYWORD_FORWARD_AGENT, VALUE_ONE },
	{ "forwardx11", KEYWORD_NONE, VALUE_HARMLESS },
	{ "forwardx11timeout", KEYWORD_NONE, VALUE_HARMLESS },
	{ "forwardx11trusted", KEYWORD_NONE, VALUE_HARMLESS },
	{ "gatewayports", KEYWORD_NONE, VALUE_HARMLESS },
	{ "globalknownhostsfile", KEYWORD_GLOBAL_KNOWN_HOSTS, VALUE_WORDS },
	{ "gssapiauthentication", KEYWORD_NONE, VALUE_HARMLESS },
	{ "gssapidelegatecredentials", KEYWORD_NONE, VALUE_HARMLESS },
	{ "gssapikeyexchange", KEYWORD_NONE, VALUE_HARMLESS },
	{ "hashknownhosts", KEYWORD_HASH_KNOWN_HOSTS, VALUE_ONE },
	{ "hostbasedacceptedalgorithms", KEYWORD_NONE, VALUE_HARMLESS },
	{ "hostbasedauthentication", KEYWORD_NONE, VALUE_HARMLESS },
	{ "hostbasedkeytypes", KEYWORD_NONE, VALUE_HARMLESS },
	{ "hostkeyalgorithms", KEYWORD_HOST_KEY_ALGORITHMS, VALUE_ONE },
	{ "hostkeyalias", KEYWORD_HOST_KEY_ALIAS, VALUE_ONE },
	{ "hostname", KEYWORD_HOST_NAME, VALUE_ONE },
	{ "identitiesonly", KEYWORD_IDENTITIES_ONLY, VALUE_ONE },
	{ "identityagent", KEYWORD_IDENTITY_AGENT, VALUE_ONE },
	{ "identityfile", KEYWORD_IDENTITY_FILE, VALUE_ADDED },
	{ "identityfile2", KEYWORD_IDENTITY_FILE, VALUE_ADDED },
	{ "ignoreunknown", KEYWORD_NONE, VALUE_HARMLESS },
	{ "ipqos", KEYWORD_NONE, VALUE_HARMLESS },
	{ "kbdinteractiveauthentication", KEYWORD_KEYBOARD_INTERACTIVE, VALUE_ONE },
	{ "kbdinteractivedevices", KEYWORD_NONE, VALUE_HARMLESS },
	{ "kexalgorithms", KEYWORD_KEY_EXCHANGES, VALUE_ONE },
	{ "knownhostscommand", KEYWORD_NONE, VALUE_MISSED },
	{ "localcommand", KEYWORD_NONE, VALUE_HARMLESS },
	{ "localforward", KEYWORD_NONE, VALUE_HARMLESS },
	{ "loglevel", KEYWORD_NONE, VALUE_HARMLESS },
	{ "logverbose", KEYWORD_NONE, VALUE_HARMLESS },
	{ "macs", KEYWORD_MACS, VALUE_ONE },
	{ "nohostauthenticationforlocalhost", KEYWORD_NONE, VALUE_MISSED },
	{ "numberofpasswordprompts", KEYWORD_NONE, VALUE_HARMLESS },
	{ "obscurekeystroketiming", KEYWORD_NONE, VALUE_HARMLESS },
	{ "passwordauthentication", KEYWORD_PASSWORD, VALUE_ONE },
	{ "permitlocalcommand", KEYWORD_NONE, VALUE_HARMLESS },
	{ "permitremoteopen", KEYWORD_NONE, VALUE_HARMLESS },
	{ "pkcs11provider", KEYWORD_NONE, VALUE_MISSED },
	{ "port", KEYWORD_PORT, VALUE_ONE },
	{ "preferredauthentications", KEYWORD_PREFERRED, VALUE_ONE },
	{ "protocol", KEYWORD_NONE, VALUE_HARMLESS },
	{ "proxycommand", KEYWORD_PROXY_COMMAND, VALUE_REST },
	{ "proxyjump", KEYWORD_PROXY_JUMP, VALUE_ONE },
	{ "proxyusefdpass", KEYWORD_NONE, VALUE_MISSED },
	{ "pubkeyacceptedalgorithms", KEYWORD_PUBLIC_KEY_ALGORITHMS, VALUE_ONE },
	{ "pubkeyacceptedkeytypes", KEYWORD_PUBLIC_KEY_ALGORITHMS, VALUE_ONE },
	{ "pubkeyauthentication", KEYWORD_PUBLIC_KEY, VALUE_ONE },
	{ "refuseconnection", KEYWORD_NONE, VALUE_MISSED },
	{ "rekeylimit", KEYWORD_NONE, VALUE_HARMLESS },
	{ "remotecommand", KEYWORD_NONE, VALUE_HARMLESS },
	{ "remoteforward", KEYWORD_NONE, VALUE_HARMLESS },
	{ "requesttty", KEYWORD_NONE, VALUE_HARMLESS },
	{ "requiredrsasize", KEYWORD_NONE, VALUE_HARMLESS },
	{ "revokedhostkeys", KEYWORD_REVOKED_HOST_KEYS, VALUE_ONE },
	{ "securitykeyprovider", KEYWORD_NONE, VALUE_HARMLESS },
	{ "sendenv", KEYWORD_NONE, VALUE_HARMLESS },
	{ "serveralivecountmax", KEYWORD_ALIVE_COUNT, VALUE_ONE },
	{ "serveraliveinterval", KEYWORD_ALIVE_INTERVAL, VALUE_ONE },
	{ "sessiontype", KEYWORD_NONE, VALUE_HARMLESS },
	{ "setenv", KEYWORD_NONE, VALUE_HARMLESS },
	{ "smartcarddevice", KEYWORD_NONE, VALUE_MISSED },
	{ "stdinnull", KEYWORD_NONE, VALUE_HARMLESS },
	{ "streamlocalbindmask", KEYWORD_NONE, VALUE_HARMLESS },
	{ "streamlocalbindunlink", KEYWORD_NONE, VALUE_HARMLESS },
	{ "stricthostkeychecking", KEYWORD_STRICT, VALUE_ONE },
	{ "syslogfacility", KEYWORD_NONE, VALUE_HARMLESS },
	{ "tag", KEYWORD_TAG, VALUE_ONE },
	{ "tcpkeepalive", KEYWORD_NONE, VALUE_HARMLESS },
	{ "tunnel", KEYWORD_NONE, VALUE_HARMLESS },
	{ "tunneldevice", KEYWORD_NONE, VALUE_HARMLESS },
	{ "updatehostkeys", KEYWORD_NONE, VALUE_HARMLESS },
	{ "usekeychain", KEYWORD_NONE, VALUE_HARMLESS },
	{ "useprivilegedport", KEYWORD_NONE, VALUE_HARMLESS },
	{ "user", KEYWORD_USER, VALUE_ONE },
	{ "userknownhostsfile", KEYWORD_USER_KNOWN_HOSTS, VALUE_WORDS },
	{ "verifyhostkeydns", KEYWORD_NONE, VALUE_MISSED },
	{ "versionaddendum", KEYWORD_NONE, VALUE_HARMLESS },
	{ "visualhostkey", KEYWORD_NONE, VALUE_HARMLESS },
	{ "warnweakcrypto", KEYWORD_NONE, VALUE_HARMLESS },
	{ "xauthlocation", KEYWORD_NONE, VALUE_HARMLESS },
};

const struct ssh_keyword *
ssh_keyword_find(struct view name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (strlen(keywords[i].name) == name.length &&
			!strncasecmp(keywords[i].name, name.data, name.length))
			return &keywords[i];
	return NULL;
}

static void
skip_blanks(struct view *rest)
{
	while (rest->length && (rest->data[0] == ' ' || rest->data[0] == '\t' ||
				       rest->data[0] == '\r' || rest->data[0] == '\f')) {
		rest->data++;
		rest->length--;
	}
}

/* A backslash keeps only a quote, a backslash, or (outside quotes) a space from its meaning. */
static bool
is_escape(struct view text, size_t at, char quote)
{
	char next = at + 1 < text.length ? text.data[at + 1] : '\0';

	return text.data[at] == '\\' &&
	       (next == '\'' || next == '"' || next == '\\' || (!quote && next == ' '));
}

static bool
word_next(struct view *rest, struct str *word, bool *is_there, struct error *err)
{
	char quote = 0;
	size_t at = 0;

	skip_blanks(rest);
	*is_there = rest->length && rest->data[0] != '#';
	if (!*is_there)
		return true;
	for (; at < rest->length; at++) {
		char c = rest->data[at];

		if (is_escape(*rest, at, quote))
			str_add_char(word, rest->data[++at]);
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else if (!quote && (c == ' ' || c == '\t'))
			break;
		else
			str_add_char(word, c);
	}
	if (quote)
		return fail(err, ERR_PARSE, "a quote is not closed");
	rest->data += at;
	rest->length -= at;
	return true;
}

static bool
words_parse(struct view rest, struct arena *into, struct config_line *out, struct error *err)
{
	_cleanup_str_ struct str word = STR_INIT;
	bool is_there;

	for (;;) {
		str_clear(&word);
		if (!word_next(&rest, &word, &is_there, err))
			return false;
		if (!is_there)
			return true;
		if (out->count == MAX_WORDS)
			return fail(err, ERR_LIMIT, "more than %d words on a line", MAX_WORDS);
		if ((out->count & (out->count + 1)) == 0) /* 1, 3, 7 …: full */
			out->words = arena_grow(into, out->words, out->count, 2 * out->count + 1,
				sizeof(*out->words));
		out->words[out->count++] = arena_bytes(into, word.data, word.length);
	}
}

bool
config_line_parse(struct view text, struct arena *into, struct config_line *out, struct error *err)
{
	size_t length = 0;
	struct view rest = view_trim(text);

	*out = (struct config_line){ 0 };
	if (!rest.length || rest.data[0] == '#')
		return true;
	if (memchr(rest.data, '\0', rest.length))
		return fail(err, ERR_PARSE, "a NUL byte stands in the line");
	while (length < rest.length && !isspace((unsigned char)rest.data[length]) &&
		rest.data[length] != '=' && rest.data[length] != '"')
		length++;
	out->name = arena_bytes(into, rest.data, length);
	out->keyword = ssh_keyword_find((struct view){ rest.data, length });
	rest.data += length;
	rest.length -= length;
	skip_blanks(&rest);
	if (rest.length && rest.data[0] == '=') {
		rest.data++;
		rest.length--;
		skip_blanks(&rest);
	}
	out->rest = arena_bytes(into, rest.data, rest.length);
	if (out->keyword && out->keyword->kind == VALUE_REST)
		return true;
	return words_parse(rest, into, out, err);
}

bool
config_file_parse(const char *path, struct view text, struct arena *into, struct config_file *out,
	struct error *err)
{
	struct view piece;
	struct config_line line;
	size_t room = 0;
	int number = 0;

	*out = (struct config_file){ .path = arena_text(into, path) };
	if (!text.length)
		return true;
	while (view_cut(&text, '\n', &piece)) {
		number++;
		if (!config_line_parse(piece, into, &line, err))
			return error_where(err, "%s:%d", path, number);
		if (!line.name)
			continue;
		line.number = number;
		if (out->count == room) {
			room = room ? 2 * room : 32;
			out->lines = arena_grow(into, out->lines, out->count, room, sizeof(line));
		}
		out->lines[out->count++] = line;
	}
	return true;
}
