/* The host-key decision. */
#include "orchestrator/transport/host_key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/log.h"

#include "orchestrator/transport/known_hosts.h"

struct presented {
	const char *type;
	char *base64;
	char fingerprint[80];
};

/* The name recorded for this host; an alias stands as it is, without a port. */
static const char *
recorded_name(const struct target *target, struct arena *into)
{
	const struct ssh_options *options = &target->options;

	if (options->host_key_alias)
		return known_hosts_name(options->host_key_alias, 22, into);
	return known_hosts_name(options->host, options->port, into);
}

static enum host_key_policy
policy_of(const struct target *target)
{
	return target->options.policy == POLICY_UNSET ? POLICY_ACCEPT_NEW : target->options.policy;
}

/* Algorithms. */

static const char *const our_algorithms[] = { "ssh-ed25519", "ecdsa-sha2-nistp256",
	"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256" };

struct order {
	bool is_first[ARRAY_SIZE(our_algorithms)];
	bool is_listed[ARRAY_SIZE(our_algorithms)];
};

static void
order_first(void *context, const char *type)
{
	struct order *order = context;

	for (size_t i = 0; i < ARRAY_SIZE(our_algorithms); i++)
		if (text_equals(type, our_algorithms[i]) ||
			(text_equals(type, "ssh-rsa") && text_starts(our_algorithms[i], "rsa-")))
			order->is_first[i] = true;
}

static void
order_list(struct order *order, const char *configured)
{
	struct view list = view_of(configured), piece;

	for (size_t i = 0; i < ARRAY_SIZE(our_algorithms); i++)
		order->is_listed[i] = !configured || strchr("+-^", configured[0]);
	while (configured && !order->is_listed[0] && view_cut(&list, ',', &piece))
		for (size_t i = 0; i < ARRAY_SIZE(our_algorithms); i++)
			if (view_is(view_trim(piece), our_algorithms[i]))
				order->is_listed[i] = true;
}

void
host_key_algorithms(struct transport *transport, const struct target *target, struct str *out)
{
	const struct ssh_list files[] = { target->options.user_known_hosts,
		target->options.global_known_hosts };
	struct order order = { 0 };
	struct arena arena;
	struct error err;

	arena_init(&arena);
	/* A file that cannot be read is told by host_key_check. */
	(void)!known_hosts_types(transport->known_hosts, files, 2, recorded_name(target, &arena),
		order_first, &order, &err);
	arena_release(&arena);
	order_list(&order, target->options.host_key_algorithms);
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < ARRAY_SIZE(our_algorithms); i++)
			if (order.is_listed[i] && order.is_first[i] == !round)
				str_add_format(
					out, "%s%s", out->length ? "," : "", our_algorithms[i]);
	for (size_t i = 0; !out->length && i < ARRAY_SIZE(our_algorithms); i++)
		str_add_format(out, "%s%s", i ? "," : "", our_algorithms[i]);
}

/* What the server showed. */

static bool
presented_get(
	const struct target *target, ssh_session ssh, struct presented *out, struct error *err)
{
	ssh_key key = NULL;
	bool is_good;

	*out = (struct presented){ 0 };
	if (ssh_get_server_publickey(ssh, &key) != SSH_OK)
		return fail(err, ERR_UNREACHABLE, "'%s' showed no host key", target->label);
	out->type = ssh_key_type(key) == SSH_KEYTYPE_ECDSA_P256
			    ? "ecdsa-sha2-nistp256"
			    : ssh_key_type_to_char(ssh_key_type(key));
	is_good = ssh_pki_export_pubkey_base64(key, &out->base64) == SSH_OK &&
		  key_fingerprint(out->base64, out->fingerprint, sizeof(out->fingerprint));
	ssh_key_free(key);
	return is_good || fail(err, ERR_UNREACHABLE, "'%s' showed a host key that cannot be read",
				  target->label);
}

static const char *
type_name(const char *type, char *buffer, size_t size)
{
	size_t at = 0;

	if (text_starts(type, "ssh-"))
		type += 4;
	for (; *type && *type != '-' && at + 1 < size; type++)
		buffer[at++] = (char)toupper((unsigned char)*type);
	buffer[at] = '\0';
	return buffer;
}

/* Refusals. */

static bool
refuse_changed(const struct target *target, const char *name, const struct presented *shown,
	const struct known_answer *answer, struct error *err)
{
	char recorded[80] = "?", type[2][32];

	if (!key_fingerprint(answer->recorded, recorded, sizeof(recorded)))
		snprintf(recorded, sizeof(recorded), "an unreadable key");
	fail(err, ERR_DENIED, "the host key of '%s' has changed", target->label);
	error_why(err, "%s:%d has %s %s, the server shows %s %s: somebody may be in between",
		answer->path, answer->line,
		type_name(answer->recorded_type, type[0], sizeof(type[0])), recorded,
		type_name(shown->type, type[1], sizeof(type[1])), shown->fingerprint);
	return error_hint(
		err, "if the host was made anew: ssh-keygen -f '%s' -R '%s'", answer->path, name);
}

static bool
refuse_revoked(const struct target *target, const struct presented *shown, const char *path,
	int line, struct error *err)
{
	fail(err, ERR_DENIED, "the host key of '%s' is revoked", target->label);
	if (line)
		error_why(err, "%s:%d marks %s as revoked", path, line, shown->fingerprint);
	else
		error_why(err, "'%s' lists %s", path, shown->fingerprint);
	return error_hint(err, "this key must not be trusted any more; the host needs a new one");
}

static bool
refuse_unknown(const struct target *target, const struct presented *shown,
	const struct known_answer *answer, const char *name, struct error *err)
{
	char type[32];

	fail(err, ERR_DENIED, "the host key of '%s' is not known", target->label);
	error_why(err, "no known_hosts file has '%s', the server shows %s %s", name,
		type_name(shown->type, type, sizeof(type)), shown->fingerprint);
	if (answer->verdict == KNOWN_AUTHORITY) {
		error_why(err,
			"%s:%d names a certificate authority, which the built-in ssh cannot check",
			answer->path, answer->line);
		return error_hint(err, "ansible_connection=ssh-cli uses your own ssh, which can");
	}
	return error_hint(err, "add it to known_hosts, or set host_key_checking to accept-new");
}

/* RevokedHostKeys: a list of keys. As with OpenSSH, no host is trusted when it cannot be read. */
static bool
check_revoked_file(const struct target *target, const struct presented *shown, struct error *err)
{
	const char *path = target->options.revoked_host_keys;
	_cleanup_fclose_ FILE *file = path ? fopen(path, "re") : NULL;
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!path)
		return true;
	if (!file) {
		fail(err, ERR_DENIED,
			"no host key can be trusted: cannot read RevokedHostKeys '%s'", path);
		return error_why(err, "%s", strerror(errno));
	}
	while ((length = getline(&line, &room, file)) >= 0) {
		if (text_starts(line, "SSHKRL"))
			return fail(err, ERR_UNSUPPORTED,
				"'%s' is a binary revocation list, which only "
				"ansible_connection=ssh-cli can read",
				path);
		if (line[0] != '#' && strstr(line, shown->base64))
			return refuse_revoked(target, shown, path, 0, err);
	}
	return true;
}

/* Taking in. */

static void
record(struct transport *transport, const struct target *target, const char *name,
	const struct presented *shown)
{
	const struct ssh_list *files = &target->options.user_known_hosts;
	struct error err;

	if (!files->count || text_equals(files->items[0], "none"))
		return;
	if (!known_hosts_add(transport->known_hosts, files->items[0], name, shown->type,
		    shown->base64, target->options.hash_known_hosts, &err))
		transport_warn(transport, "the host key of '%s' is not recorded: %s: %s",
			target->label, err.what, err.why);
	else
		log_info("%s: recorded %s %s in %s", name, shown->type, shown->fingerprint,
			files->items[0]);
}

static bool
ask_person(struct transport *transport, const struct target *target, const struct presented *shown,
	const struct known_answer *answer)
{
	char prompt[1024], reply[64];

	snprintf(prompt, sizeof(prompt),
		"The host key of '%s' is not known: %s %s.\n%sTrust it? (yes/no) ", target->label,
		shown->type, shown->fingerprint,
		answer->verdict == KNOWN_NEW_TYPE
			? "Keys of another type are recorded for this host!\n"
			: "");
	return transport_ask(transport, prompt, false, reply, sizeof(reply)) &&
	       (!strcasecmp(reply, "yes") || text_equals(reply, shown->fingerprint));
}

static bool
decide(struct transport *transport, const struct target *target, const char *name,
	const struct presented *shown, const struct known_answer *answer, struct error *err)
{
	enum host_key_policy policy = policy_of(target);

	switch (answer->verdict) {
	case KNOWN_OK:
		return true;
	case KNOWN_REVOKED:
		return refuse_revoked(target, shown, answer->path, answer->line, err);
	case KNOWN_CHANGED:
		return refuse_changed(target, name, shown, answer, err);
	case KNOWN_NEW_TYPE:
		/* We asked for the recorded type first, and the server has it no more: as good as
		 * changed. */
		if (policy == POLICY_YES || policy == POLICY_ACCEPT_NEW)
			return refuse_changed(target, name, shown, answer, err);
		break;
	case KNOWN_AUTHORITY:
		if (policy == POLICY_YES || policy == POLICY_ACCEPT_NEW)
			return refuse_unknown(target, shown, answer, name, err);
		break;
	case KNOWN_UNKNOWN:
		if (policy == POLICY_YES)
			return refuse_unknown(target, shown, answer, name, err);
		break;
	}
	if (policy == POLICY_ASK && !ask_person(transport, target, shown, answer))
		return refuse_unknown(target, shown, answer, name, err);
	record(transport, target, name, shown);
	return true;
}

bool
host_key_check(
	struct transport *transport, struct target *target, ssh_session ssh, struct error *err)
{
	const struct ssh_list files[] = { target->options.user_known_hosts,
		target->options.global_known_hosts };
	struct presented shown;
	struct known_answer answer;
	struct arena arena;
	const char *name;
	bool is_trusted;

	if (!presented_get(target, ssh, &shown, err))
		return false;
	arena_init(&arena);
	name = recorded_name(target, &arena);
	is_trusted = check_revoked_file(target, &shown, err) &&
		     known_hosts_lookup(transport->known_hosts, files, 2, name, shown.type,
			     shown.base64, &answer, err) &&
		     decide(transport, target, name, &shown, &answer, err);
	arena_release(&arena);
	ssh_string_free_char(shown.base64);
	return is_trusted;
}
