/* Options of a libssh session. */
#include "orchestrator/transport/ssh_setup.h"

#include "orchestrator/transport/host_key.h"

/*
 * Without ssh-rsa (SHA-1), CBC and SHA-1 MACs. chacha20 and ctr come before gcm: libssh before its
 * fix of CVE-2026-59847 does not check gcm's tag.
 */
static const char ciphers[] = "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes192-ctr,"
			      "aes128-gcm@openssh.com,aes256-gcm@openssh.com";
static const char macs[] =
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512";
static const char key_exchanges[] =
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
	"ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group16-sha512,"
	"diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha256,"
	"diffie-hellman-group14-sha256";
static const char public_keys[] =
	"ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
	"ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
	"rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
	"sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
	"rsa-sha2-512,rsa-sha2-256";

struct option {
	enum ssh_options_e name;
	const void *value;
	const char *keyword; /* for messages; NULL: ours, must work */
};

static bool
option_set(ssh_session ssh, const struct option *option, struct error *err)
{
	if (!option->value || ssh_options_set(ssh, option->name, option->value) == SSH_OK)
		return true;
	if (!option->keyword)
		BUG("libssh refuses option %d: %s", option->name, ssh_get_error(ssh));
	fail(err, ERR_OPTIONS, "'%s' cannot be used as %s", (const char *)option->value,
		option->keyword);
	return error_why(err, "%s", ssh_get_error(ssh));
}

/*
 * ssh_config's lists name what libssh does not know and may begin with +, - or ^. Those with a sign
 * are ours unchanged; of the others libssh keeps what it knows, and we fall back to ours when that
 * is nothing.
 */
static void
list_set(struct transport *transport, ssh_session ssh, enum ssh_options_e name, const char *keyword,
	const char *configured, const char *fallback)
{
	if (configured && !strchr("+-^", configured[0])) {
		if (ssh_options_set(ssh, name, configured) == SSH_OK)
			return;
		ssh_config_warn(transport->config,
			"%s '%s' is not known to the built-in ssh, its own is used", keyword,
			configured);
	} else if (configured && configured[0] == '-') {
		ssh_config_warn(transport->config, "%s '%s' is not honoured by the built-in ssh",
			keyword, configured);
	}
	if (ssh_options_set(ssh, name, fallback) != SSH_OK)
		BUG("libssh refuses %s: %s", fallback, ssh_get_error(ssh));
}

static void
lists_set(struct transport *transport, const struct ssh_options *options, ssh_session ssh)
{
	list_set(transport, ssh, SSH_OPTIONS_CIPHERS_C_S, "Ciphers", options->ciphers, ciphers);
	list_set(transport, ssh, SSH_OPTIONS_CIPHERS_S_C, "Ciphers", options->ciphers, ciphers);
	list_set(transport, ssh, SSH_OPTIONS_HMAC_C_S, "MACs", options->macs, macs);
	list_set(transport, ssh, SSH_OPTIONS_HMAC_S_C, "MACs", options->macs, macs);
	list_set(transport, ssh, SSH_OPTIONS_KEY_EXCHANGE, "KexAlgorithms", options->key_exchanges,
		key_exchanges);
	list_set(transport, ssh, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, "PubkeyAcceptedAlgorithms",
		options->public_key_algorithms, public_keys);
}

ssh_session
ssh_setup(struct transport *transport, struct target *target, int fd, struct error *err)
{
	ssh_session ssh = ssh_new();
	const struct ssh_options *options = &target->options;
	_cleanup_str_ struct str algorithms = STR_INIT;
	int no = 0, descriptor = fd, verbosity = SSH_LOG_NONE;
	unsigned port = (unsigned)options->port;

	if (!ssh)
		BUG("ssh_new");
	host_key_algorithms(transport, target, &algorithms);
	const struct option list[] = {
		{ SSH_OPTIONS_PROCESS_CONFIG, &no, NULL },
		{ SSH_OPTIONS_LOG_VERBOSITY, &verbosity, NULL },
		{ SSH_OPTIONS_HOST, options->host, "the host's name" },
		{ SSH_OPTIONS_PORT, &port, NULL },
		{ SSH_OPTIONS_USER, options->user, "the user's name" },
		{ SSH_OPTIONS_KNOWNHOSTS, "/dev/null", NULL },
		{ SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null", NULL },
		{ SSH_OPTIONS_HOSTKEYS, algorithms.data, "HostKeyAlgorithms" },
		{ SSH_OPTIONS_COMPRESSION, options->compression ? "yes" : "no", NULL },
	};
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (!option_set(ssh, &list[i], err)) {
			ssh_free(ssh);
			return NULL;
		}
	lists_set(transport, options, ssh);
	ssh_set_blocking(ssh, 0);
	/* Last: from here on ssh_free closes it. */
	if (ssh_options_set(ssh, SSH_OPTIONS_FD, &descriptor) != SSH_OK)
		BUG("SSH_OPTIONS_FD");
	return ssh;
}
