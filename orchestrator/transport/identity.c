/* Key files, the agent, and which of their keys to try for a host. */
#include "orchestrator/transport/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "orchestrator/transport/session_internal.h"

#define MAX_KEY_FILE (256 * 1024)
#define MAX_IDENTITIES 64
#define MAX_PASSPHRASES 3

struct known_agent {
	char *path;
	struct agent_keys keys;
	bool is_listed;
};

/* Counted: jobs at work outlive the transport. */
struct identities {
	struct transport *transport; /* NULL: gone */
	size_t references;
	struct arena arena;
	struct map files;  /* path: struct identity */
	struct map agents; /* socket: struct known_agent */
	struct map pairs;  /* certificate and key: ssh_key of both, or NULL when they do not belong
			      together */
	struct identity_wait *waits;
};

struct identity_wait {
	struct transport *transport;
	void (*ready)(void *context);
	void *context;
	struct identity *files[MAX_IDENTITIES];
	size_t count;
	struct known_agent *agent;
	struct identity_wait *next;
};

static const char *const default_files[] = { "id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519",
	"id_ed25519_sk" };

struct identities *
identities_new(struct transport *transport)
{
	struct identities *identities = memory_get(sizeof(*identities));

	*identities = (struct identities){ .transport = transport, .references = 1 };
	arena_init(&identities->arena);
	map_init(&identities->files);
	map_init(&identities->agents);
	map_init(&identities->pairs);
	return identities;
}

static void
identity_release(struct identity *identity)
{
	ssh_key_free(identity->key);
	ssh_key_free(identity->certified);
	ssh_key_free(identity->public_key);
	ssh_string_free_char(identity->public_base64);
}

static void
identities_unref(struct identities *identities)
{
	if (--identities->references)
		return;
	for (size_t i = 0; i < identities->files.count; i++)
		identity_release(identities->files.entries[i].value);
	for (size_t i = 0; i < identities->agents.count; i++) {
		struct known_agent *agent = identities->agents.entries[i].value;

		agent_keys_release(&agent->keys);
	}
	for (size_t i = 0; i < identities->pairs.count; i++)
		ssh_key_free(identities->pairs.entries[i].value);
	map_release(&identities->files);
	map_release(&identities->agents);
	map_release(&identities->pairs);
	arena_release(&identities->arena);
	free(identities);
}

static void waits_check(void *context);

void
identities_free(struct identities *identities)
{
	if (!identities)
		return;
	loop_later_cancel(identities->transport->loop, waits_check, identities);
	while (identities->waits)
		identity_wait_cancel(identities->waits);
	identities->transport = NULL;
	identities_unref(identities);
}

/* Reading a file: on the pool, on a copy of what it needs. */

struct load {
	struct identities *identities;
	struct identity *identity;
	struct identity found;
	char *path, *passphrase;
};

static bool
key_file_read(const char *path, struct str *text, struct identity *found)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t count;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		found->state = fd < 0 && errno == ENOENT ? IDENTITY_MISSING : IDENTITY_BROKEN;
		snprintf(found->why, sizeof(found->why), "%s",
			fd < 0 ? strerror(errno) : "not a file");
		return false;
	}
	found->is_unsafe = status.st_uid == getuid() && (status.st_mode & 077);
	while ((count = read(fd, str_reserve(text, 8192), 8192)) > 0 && text->length < MAX_KEY_FILE)
		text->length += (size_t)count;
	text->data[text->length] = '\0';
	return true;
}

/* OpenSSH's own format names the cipher behind its magic word; the others say ENCRYPTED in a
 * header. */
static bool
key_text_is_encrypted(const char *text)
{
	static const char head[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	const char *start = strstr(text, head);
	unsigned char bytes[64];
	char base64[65] = { 0 };
	size_t at = 0;

	if (!start)
		return strstr(text, "ENCRYPTED") != NULL;
	for (start += sizeof(head) - 1; *start && at < 64; start++)
		if (*start > ' ')
			base64[at++] = *start;
	if (at < 64 || EVP_DecodeBlock(bytes, (unsigned char *)base64, 64) < 30 ||
		memcmp(bytes, "openssh-key-v1", 15) != 0)
		return false;
	return memcmp(bytes + 15, "\0\0\0\4none", 8) != 0;
}

static void
public_half_load(const char *path, struct identity *found)
{
	_cleanup_str_ struct str name = STR_INIT;
	ssh_key key = NULL;

	str_add_format(&name, "%s.pub", path);
	if (ssh_pki_import_pubkey_file(name.data, &key) != SSH_OK &&
		ssh_pki_import_pubkey_file(path, &key) != SSH_OK)
		return;
	found->public_key = key;
	if (ssh_pki_export_pubkey_base64(key, &found->public_base64) != SSH_OK)
		found->public_base64 = NULL;
}

static void
certificate_load(const char *path, struct identity *found)
{
	_cleanup_str_ struct str name = STR_INIT;
	ssh_key certificate = NULL;

	str_add_format(&name, "%s-cert.pub", path);
	if (access(name.data, R_OK) < 0 ||
		ssh_pki_import_cert_file(name.data, &certificate) != SSH_OK)
		return;
	found->certified = ssh_key_dup(found->key);
	if (found->certified &&
		ssh_pki_copy_cert_to_privkey(certificate, found->certified) != SSH_OK) {
		ssh_key_free(found->certified);
		found->certified = NULL;
	}
	ssh_key_free(certificate);
}

static void
private_half_load(
	const char *path, const char *text, const char *passphrase, struct identity *found)
{
	if (ssh_pki_import_privkey_base64(text, passphrase, NULL, NULL, &found->key) != SSH_OK) {
		found->state = IDENTITY_BROKEN;
		snprintf(found->why, sizeof(found->why), "%s",
			passphrase ? "wrong passphrase" : "not a key the built-in ssh can read");
		return;
	}
	found->state = IDENTITY_READY;
	if (ssh_pki_export_privkey_to_pubkey(found->key, &found->public_key) == SSH_OK)
		ssh_pki_export_pubkey_base64(found->public_key, &found->public_base64);
	certificate_load(path, found);
}

static void
load_work(void *context)
{
	struct load *load = context;
	_cleanup_str_ struct str text = STR_INIT;

	if (!key_file_read(load->path, &text, &load->found)) {
		public_half_load(load->path, &load->found);
		if (load->found.public_key)
			load->found.state = IDENTITY_PUBLIC;
		return;
	}
	if (!strstr(text.data, "-----BEGIN")) {
		public_half_load(load->path, &load->found);
		load->found.state = load->found.public_key ? IDENTITY_PUBLIC : IDENTITY_BROKEN;
	} else if (!load->passphrase && key_text_is_encrypted(text.data)) {
		load->found.state = IDENTITY_LOCKED;
		public_half_load(load->path, &load->found);
	} else {
		private_half_load(load->path, text.data, load->passphrase, &load->found);
	}
	memory_wipe(text.data, text.length);
}

/* Waiting. */

static bool
wait_is_over(const struct identity_wait *wait)
{
	for (size_t i = 0; i < wait->count; i++)
		if (wait->files[i]->state == IDENTITY_LOADING)
			return false;
	return !wait->agent || wait->agent->is_listed;
}

static void
waits_check(void *context)
{
	struct identities *identities = context;
	struct identity_wait **at = &identities->waits;

	while (*at) {
		struct identity_wait *wait = *at;

		if (!wait_is_over(wait)) {
			at = &wait->next;
			continue;
		}
		*at = wait->next;
		wait->ready(wait->context);
		free(wait);
		at = &identities->waits; /* ready may have added or cancelled others */
	}
}

static void
identity_loaded(struct transport *transport, struct identity *identity)
{
	if (identity->is_unsafe && identity->state != IDENTITY_PUBLIC)
		transport_warn(transport,
			"the private key '%s' can be read by others; chmod 600 it", identity->path);
	waits_check(transport->identities);
	for (struct session *session = transport->sessions; session; session = session->next)
		if (session->state == SESSION_LOGIN)
			session_wake(session);
}

static void
load_done(void *context)
{
	struct load *load = context;
	struct transport *transport = load->identities->transport;
	struct identity *identity = load->identity;
	const char *path = identity->path;
	int tries = identity->tries;

	identity_release(identity);
	*identity = load->found;
	identity->path = path;
	identity->tries = tries;
	if (load->passphrase)
		memory_wipe(load->passphrase, strlen(load->passphrase));
	free(load->passphrase);
	free(load->path);
	if (transport)
		identity_loaded(transport, identity);
	identities_unref(load->identities);
	free(load);
}

static void
identity_load(struct transport *transport, struct identity *identity, const char *passphrase)
{
	struct load *load = memory_get(sizeof(*load));

	transport->identities->references++;
	*load = (struct load){ .identities = transport->identities,
		.identity = identity,
		.path = memory_text(identity->path),
		.passphrase = passphrase ? memory_text(passphrase) : NULL };
	identity->state = passphrase ? IDENTITY_OPENING : IDENTITY_LOADING;
	loop_job(transport->loop, load_work, load_done, load);
}

static struct identity *
identity_get(struct transport *transport, const char *path)
{
	struct identities *identities = transport->identities;
	struct identity *identity = map_get(&identities->files, path);

	if (identity)
		return identity;
	identity = arena_new(&identities->arena, struct identity);
	identity->path = arena_text(&identities->arena, path);
	map_set(&identities->files, path, identity);
	identity_load(transport, identity, NULL);
	return identity;
}

/* The agent. */

struct listing {
	struct identities *identities;
	struct known_agent *agent;
	struct agent_keys keys;
	char *path;
};

static void
listing_work(void *context)
{
	struct listing *listing = context;

	agent_list(listing->path, &listing->keys);
}

static void
listing_done(void *context)
{
	struct listing *listing = context;

	listing->agent->keys = listing->keys;
	listing->agent->is_listed = true;
	if (listing->identities->transport)
		waits_check(listing->identities);
	identities_unref(listing->identities);
	free(listing->path);
	free(listing);
}

static const char *
agent_path(const struct ssh_options *options)
{
	const char *path =
		options->identity_agent ? options->identity_agent : getenv("SSH_AUTH_SOCK");

	return path && path[0] && strcmp(path, "none") != 0 ? path : NULL;
}

static struct known_agent *
agent_get(struct transport *transport, const struct ssh_options *options)
{
	struct identities *identities = transport->identities;
	const char *path = agent_path(options);
	struct known_agent *agent = path ? map_get(&identities->agents, path) : NULL;
	struct listing *listing;

	if (agent || !path)
		return agent;
	agent = arena_new(&identities->arena, struct known_agent);
	agent->path = arena_text(&identities->arena, path);
	map_set(&identities->agents, path, agent);
	listing = memory_get(sizeof(*listing));
	identities->references++;
	*listing = (struct listing){
		.identities = identities, .agent = agent, .path = memory_text(path)
	};
	loop_job(transport->loop, listing_work, listing_done, listing);
	return agent;
}

/* The files of a host: those configured, else the default ones. */
static size_t
files_of(struct transport *transport, const struct ssh_options *options, struct identity **files)
{
	const struct ssh_list *configured = &options->identity_files;
	size_t count = 0;

	if (options->no_public_key)
		return 0;
	for (size_t i = 0; i < configured->count && count < MAX_IDENTITIES; i++)
		if (strcmp(configured->items[i], "none") != 0)
			files[count++] = identity_get(transport, configured->items[i]);
	if (configured->count)
		return count;
	for (size_t i = 0; i < ARRAY_SIZE(default_files); i++) {
		_cleanup_str_ struct str path = STR_INIT;

		str_add_format(
			&path, "%s/.ssh/%s", ssh_config_home(transport->config), default_files[i]);
		files[count++] = identity_get(transport, path.data);
	}
	return count;
}

struct identity_wait *
identity_wait_new(struct transport *transport, const struct ssh_options *options,
	void (*ready)(void *context), void *context)
{
	struct identity_wait *wait = memory_get(sizeof(*wait));

	*wait = (struct identity_wait){
		.transport = transport, .ready = ready, .context = context
	};
	wait->count = files_of(transport, options, wait->files);
	wait->agent = options->no_public_key ? NULL : agent_get(transport, options);
	wait->next = transport->identities->waits;
	transport->identities->waits = wait;
	loop_later(transport->loop, waits_check, transport->identities);
	return wait;
}

void
identity_wait_cancel(struct identity_wait *wait)
{
	if (!wait)
		return;
	for (struct identity_wait **at = &wait->transport->identities->waits; *at;
		at = &(*at)->next)
		if (*at == wait) {
			*at = wait->next;
			free(wait);
			return;
		}
}

/* Choosing. */

static void
credential_add(struct credentials *out, struct credential credential)
{
	if (out->count < MAX_KEY_TRIES)
		out->items[out->count++] = credential;
	else
		out->left_out++;
}

static const struct agent_key *
agent_key_of(const struct known_agent *agent, const struct identity *identity)
{
	for (size_t i = 0; agent && identity->public_base64 && i < agent->keys.count; i++)
		if (text_equals(agent->keys.keys[i].base64, identity->public_base64))
			return &agent->keys.keys[i];
	return NULL;
}

static bool
is_file_key(const struct agent_key *key, struct identity *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (files[i]->public_base64 && text_equals(key->base64, files[i]->public_base64))
			return true;
	return false;
}

/* The bytes of a public key, or of a certificate; at most `room`. */
static size_t
blob_of(ssh_key key, unsigned char *out, size_t room)
{
	char *base64 = NULL;
	size_t length, size = 0;

	if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
		return 0;
	length = strlen(base64);
	if (length / 4 * 3 <= room)
		size = (size_t)MAX(
			EVP_DecodeBlock(out, (const unsigned char *)base64, (int)length), 0);
	for (size_t i = 1; size && i <= 2 && base64[length - i] == '='; i++)
		size--;
	ssh_string_free_char(base64);
	return size;
}

static size_t
field_end(const unsigned char *blob, size_t size, size_t at)
{
	if (at + 4 > size)
		return size;
	at += 4 + ((size_t)blob[at] << 24 | (size_t)blob[at + 1] << 16 | (size_t)blob[at + 2] << 8 |
			  blob[at + 3]);
	return MIN(at, size);
}

/* A certificate is its type, a nonce, and then what stands in the public key behind its own type
 * (PROTOCOL.certkeys). ssh_key_cmp does not compare the one with the other. */
static bool
certificate_is_for(ssh_key certificate, ssh_key public_key)
{
	unsigned char whole[16384], plain[8192];
	size_t whole_size = blob_of(certificate, whole, sizeof(whole));
	size_t plain_size = blob_of(public_key, plain, sizeof(plain));
	size_t start = field_end(whole, whole_size, field_end(whole, whole_size, 0));
	size_t type = field_end(plain, plain_size, 0);

	return plain_size > type && whole_size - start >= plain_size - type &&
	       memcmp(whole + start, plain + type, plain_size - type) == 0;
}

/* The key with the certificate; NULL: they do not belong together. */
static ssh_key
pair_make(const char *certificate_path, ssh_key key, ssh_key public_key)
{
	ssh_key certificate = NULL, pair = NULL;

	if (ssh_pki_import_cert_file(certificate_path, &certificate) != SSH_OK)
		return NULL;
	if (public_key && certificate_is_for(certificate, public_key) &&
		(pair = ssh_key_dup(key)) &&
		ssh_pki_copy_cert_to_privkey(certificate, pair) != SSH_OK) {
		ssh_key_free(pair);
		pair = NULL;
	}
	ssh_key_free(certificate);
	return pair;
}

static void
choose_certificates(struct transport *transport, const struct ssh_options *options,
	struct identity *file, struct credentials *out)
{
	struct map *pairs = &transport->identities->pairs;

	for (size_t i = 0; i < options->certificate_files.count; i++) {
		const char *path = options->certificate_files.items[i];
		_cleanup_str_ struct str name = STR_INIT;
		ssh_key pair;

		str_add_format(&name, "%s\n%s", path, file->path);
		if (!map_has(pairs, name.data))
			map_set(pairs, name.data, pair_make(path, file->key, file->public_key));
		pair = map_get(pairs, name.data);
		if (pair)
			credential_add(
				out, (struct credential){ CREDENTIAL_KEY, file, pair, NULL });
	}
}

static void
choose_ready_files(struct transport *transport, const struct ssh_options *options,
	struct credentials *out, struct identity *const *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct identity *file = files[i];

		if (file->state == IDENTITY_READY)
			choose_certificates(transport, options, file, out);
		if (file->state == IDENTITY_READY && file->certified)
			credential_add(out,
				(struct credential){ CREDENTIAL_KEY, file, file->certified, NULL });
		if (file->state == IDENTITY_READY)
			credential_add(
				out, (struct credential){ CREDENTIAL_KEY, file, file->key, NULL });
		else if (file->state == IDENTITY_BROKEN || file->state == IDENTITY_REFUSED)
			out->broken = file;
	}
}

/* Usable files, then the agent's keys that stand for a file, then its others, then files still
 * locked. */
void
identities_choose(
	struct transport *transport, const struct ssh_options *options, struct credentials *out)
{
	struct identity *files[MAX_IDENTITIES];
	size_t count = files_of(transport, options, files);
	const struct known_agent *agent =
		options->no_public_key ? NULL : agent_get(transport, options);
	const struct agent_key *key;

	*out = (struct credentials){ .agent_path = agent ? agent->path : NULL };
	choose_ready_files(transport, options, out, files, count);
	for (size_t i = 0; i < count; i++)
		if (files[i]->state != IDENTITY_READY && (key = agent_key_of(agent, files[i])))
			credential_add(
				out, (struct credential){ CREDENTIAL_AGENT, NULL, NULL, key });
	if (agent && !options->identities_only)
		for (size_t i = 0; i < agent->keys.count; i++)
			if (!is_file_key(&agent->keys.keys[i], files, count))
				credential_add(out, (struct credential){ CREDENTIAL_AGENT, NULL,
							    NULL, &agent->keys.keys[i] });
	for (size_t i = 0; i < count; i++)
		if ((files[i]->state == IDENTITY_LOCKED || files[i]->state == IDENTITY_OPENING) &&
			!agent_key_of(agent, files[i]))
			credential_add(out,
				(struct credential){ CREDENTIAL_LOCKED, files[i], NULL, NULL });
}

/* Unlocking. */

void
identity_unlock(struct transport *transport, struct identity *identity)
{
	char prompt[512], answer[512];

	if (identity->state != IDENTITY_LOCKED && identity->state != IDENTITY_BROKEN)
		return;
	snprintf(prompt, sizeof(prompt),
		"%sPassphrase for key '%s': ", identity->state == IDENTITY_BROKEN ? "Wrong. " : "",
		identity->path);
	if (identity->tries++ >= MAX_PASSPHRASES ||
		!transport_ask(transport, prompt, true, answer, sizeof(answer)) || !answer[0]) {
		identity->state = IDENTITY_REFUSED;
		snprintf(identity->why, sizeof(identity->why),
			"it is encrypted and no passphrase was given");
	} else {
		identity_load(transport, identity, answer);
	}
	memory_wipe(answer, sizeof(answer));
}
