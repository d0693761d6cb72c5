/* The ring of passwords, and what is done with them: keys derived once per password and salt, texts
 * opened once. */
#include "vault/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "vault/envelope.h"

enum { ITERATIONS = 10000, KEY_SIZE = 32, IV_SIZE = 16, BLOCK = 16, MAC_SIZE = 32 };

/* Shorter ones ("}", "- x") say nothing, and stand everywhere. */
enum { SHORTEST_LINE = 8 };

struct vault_key {
	size_t secret; /* index into the ring */
	unsigned char *salt;
	size_t salt_length;
	struct derived {
		unsigned char cipher[KEY_SIZE], mac[KEY_SIZE], iv[IV_SIZE];
	} derived;
};

struct vault_text {
	char *bytes;
	size_t length;
};

void
str_wipe(struct str *str)
{
	if (str->room)
		memory_wipe(str->data, str->room);
	str_release(str);
}

struct vault *
vault_new(void)
{
	struct vault *vault = memory_get(sizeof(*vault));

	map_init(&vault->opened);
	return vault;
}

static void
bytes_free(void *bytes, size_t length)
{
	if (bytes)
		memory_wipe(bytes, length);
	free(bytes);
}

void
vault_free(struct vault *vault)
{
	if (!vault)
		return;
	for (size_t i = 0; i < vault->count; i++) {
		free(vault->secrets[i].label);
		bytes_free((void *)(uintptr_t)vault->secrets[i].password.data,
			vault->secrets[i].password.length);
	}
	free(vault->secrets);
	for (size_t i = 0; i < vault->key_count; i++)
		free(vault->keys[i].salt);
	bytes_free(vault->keys, vault->key_room * sizeof(*vault->keys));
	for (size_t i = 0; i < vault->opened.count; i++) {
		struct vault_text *text = vault->opened.entries[i].value;

		bytes_free(text->bytes, text->length);
		free(text);
	}
	map_release(&vault->opened);
	free(vault);
}

void
vault_add(struct vault *vault, const char *label, struct view password)
{
	char *copy = memory_get(password.length + 1);

	memcpy(copy, password.data, password.length);
	vault->secrets =
		memory_resize(vault->secrets, (vault->count + 1) * sizeof(*vault->secrets));
	vault->secrets[vault->count++] = (struct vault_secret){ .label = memory_text(label),
		.password = { copy, password.length } };
}

const struct vault_secret *
vault_secret_find(const struct vault *vault, const char *label)
{
	for (size_t i = 0; i < vault->count; i++)
		if (text_equals(vault->secrets[i].label, label))
			return &vault->secrets[i];
	return NULL;
}

/* ---- keys ---- */

static struct vault_key *
key_room(struct vault *vault)
{
	if (vault->key_count == vault->key_room) {
		size_t room = vault->key_room ? vault->key_room * 2 : 8;
		struct vault_key *keys = memory_get(room * sizeof(*keys));

		/* By hand: a realloc would leave the old keys behind. */
		if (vault->key_count)
			memcpy(keys, vault->keys, vault->key_count * sizeof(*keys));
		bytes_free(vault->keys, vault->key_room * sizeof(*keys));
		vault->keys = keys;
		vault->key_room = room;
	}
	return &vault->keys[vault->key_count];
}

static bool
key_derive(struct vault *vault, size_t secret, struct view salt, struct derived *out,
	struct error *err)
{
	unsigned char bytes[2 * KEY_SIZE + IV_SIZE];
	const struct view password = vault->secrets[secret].password;
	struct vault_key *key;

	for (size_t i = 0; i < vault->key_count; i++) {
		key = &vault->keys[i];
		if (key->secret == secret && key->salt_length == salt.length &&
			!memcmp(key->salt, salt.data, salt.length)) {
			*out = key->derived;
			return true;
		}
	}
	if (PKCS5_PBKDF2_HMAC(password.data, (int)password.length, (const unsigned char *)salt.data,
		    (int)salt.length, ITERATIONS, EVP_sha256(), sizeof(bytes), bytes) != 1)
		return fail(err, ERR_IO, "cannot derive a key from a vault password");
	key = key_room(vault);
	*key = (struct vault_key){ .secret = secret, .salt_length = salt.length };
	key->salt = memory_get(salt.length + 1);
	memcpy(key->salt, salt.data, salt.length);
	memcpy(key->derived.cipher, bytes, KEY_SIZE);
	memcpy(key->derived.mac, bytes + KEY_SIZE, KEY_SIZE);
	memcpy(key->derived.iv, bytes + 2 * KEY_SIZE, IV_SIZE);
	vault->key_count++;
	memory_wipe(bytes, sizeof(bytes));
	*out = key->derived;
	return true;
}

/* AES in counter mode is its own inverse. */
static bool
crypt_bytes(const struct derived *key, struct view from, unsigned char *to, struct error *err)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written = 0;
	bool ok = context &&
		  EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), NULL, key->cipher, key->iv) == 1 &&
		  EVP_EncryptUpdate(context, to, &written, (const unsigned char *)from.data,
			  (int)from.length) == 1 &&
		  (size_t)written == from.length;

	EVP_CIPHER_CTX_free(context);
	return ok || fail(err, ERR_IO, "AES is not to be had from libcrypto");
}

static bool
mac_bytes(const struct derived *key, struct view text, unsigned char out[MAC_SIZE])
{
	unsigned length = 0;

	return HMAC(EVP_sha256(), key->mac, KEY_SIZE, (const unsigned char *)text.data, text.length,
		       out, &length) &&
	       length == MAC_SIZE;
}

/* ---- decrypting ---- */

/* *fits is false when the password is another one; nothing was decrypted then. */
static bool
try_secret(struct vault *vault, size_t secret, const struct vault_body *body, struct str *out,
	bool *fits, struct error *err)
{
	const struct view text = str_view(&body->text);
	struct derived key;
	unsigned char mac[MAC_SIZE];
	char *plain;
	size_t padding;
	bool ok;

	*fits = false;
	if (!key_derive(vault, secret, str_view(&body->salt), &key, err))
		return false;
	ok = mac_bytes(&key, text, mac);
	if (ok && body->mac.length == MAC_SIZE && !CRYPTO_memcmp(mac, body->mac.data, MAC_SIZE)) {
		plain = str_reserve(out, text.length);
		ok = plain ? crypt_bytes(&key, text, (unsigned char *)plain, err)
			   : fail(err, ERR_LIMIT, "the vault text is too large");
		padding = ok && text.length ? (unsigned char)plain[text.length - 1] : 0;
		if (ok && (!padding || padding > BLOCK || padding > text.length))
			ok = fail(err, ERR_PARSE, "Invalid padding bytes.");
		if (ok) {
			out->length += text.length - padding;
			memory_wipe(out->data + out->length, padding);
			out->data[out->length] = '\0';
			*fits = true;
		}
	}
	memory_wipe(&key, sizeof(key));
	return ok;
}

/* Those with the label of the text first, then all others, each once. */
static bool
try_all(struct vault *vault, const struct vault_envelope *envelope, const struct vault_body *body,
	struct str *out, const struct vault_secret **used, struct error *err)
{
	bool fits = false;

	for (int pass = 0; pass < (vault->is_strict ? 1 : 2) && !fits; pass++)
		for (size_t i = 0; i < vault->count && !fits; i++) {
			if (view_is(envelope->label, vault->secrets[i].label) == (pass == 1))
				continue;
			if (!try_secret(vault, i, body, out, &fits, err))
				return false;
			if (fits && used)
				*used = &vault->secrets[i];
		}
	return fits || fail(err, ERR_DENIED,
			       "Decryption failed (no vault secrets were found that could "
			       "decrypt)");
}

bool
vault_decrypt(struct vault *vault, struct view text, const char *name, struct str *out,
	const struct vault_secret **used, struct error *err)
{
	struct vault_envelope envelope;
	struct vault_body body;
	bool ok;

	if (!vault_is_encrypted(text)) {
		fail(err, ERR_PARSE, "input is not vault encrypted data. %.300s%s",
			name ? name : "", name ? " is not a vault encrypted file" : "");
		return false;
	}
	if (!vault || !vault->count) {
		fail(err, ERR_DENIED, "Attempting to decrypt but no vault secrets found");
		return error_hint(err, "use --vault-password-file, --vault-id or --ask-vault-pass");
	}
	if (!vault_envelope_parse(text, &envelope, err))
		return name ? error_context(err, "%s", name) : false;
	if (!view_is(envelope.cipher, "AES256"))
		return fail(err, ERR_UNSUPPORTED, "%.*s cipher could not be found",
			(int)MIN(envelope.cipher.length, 64), envelope.cipher.data);
	ok = vault_body_read(envelope.body, &body, err) &&
	     try_all(vault, &envelope, &body, out, used, err);
	if (!ok && name && err && err->kind == ERR_DENIED)
		fail(err, ERR_DENIED,
			"Decryption failed (no vault secrets were found that could decrypt) on "
			"%.300s",
			name);
	vault_body_release(&body);
	return ok;
}

bool
vault_open(struct vault *vault, struct view text, const char *name, struct view *out,
	struct error *err)
{
	struct vault_text *opened = NULL;
	_cleanup_wipe_ struct str plain;
	char *key;

	str_init(&plain);
	key = memory_get(text.length + 1);
	memcpy(key, text.data, text.length);
	opened = vault ? map_get(&vault->opened, key) : NULL;
	if (!opened && vault_decrypt(vault, text, name, &plain, NULL, err)) {
		opened = memory_get(sizeof(*opened));
		opened->length = plain.length;
		opened->bytes = memory_get(plain.length + 1);
		memcpy(opened->bytes, plain.data, plain.length);
		map_set(&vault->opened, key, opened);
	}
	free(key);
	if (!opened)
		return false;
	*out = (struct view){ opened->bytes, opened->length };
	return true;
}

void
vault_tell(struct vault *vault, struct view secret)
{
	if (vault && vault->tell)
		vault->tell(vault->context, secret);
}

void
vault_tell_lines(struct vault *vault, struct view text)
{
	struct view rest = text, line;

	while (view_cut(&rest, '\n', &line))
		if (line.length >= SHORTEST_LINE)
			vault_tell(vault, line);
}

/* ---- encrypting ---- */

bool
vault_encrypt(struct vault *vault, const struct vault_secret *secret, const char *label,
	struct view salt, struct view text, struct str *out, struct error *err)
{
	const size_t padding = BLOCK - text.length % BLOCK, length = text.length + padding;
	unsigned char drawn[VAULT_SALT_SIZE], mac[MAC_SIZE];
	char *padded = memory_get(length), *sealed = memory_get(length);
	struct derived key;
	bool ok = true;

	if (!salt.length) {
		ok = RAND_bytes(drawn, sizeof(drawn)) == 1 ||
		     fail(err, ERR_IO, "cannot draw random numbers");
		salt = (struct view){ (const char *)drawn, sizeof(drawn) };
	}
	memcpy(padded, text.data, text.length);
	memset(padded + text.length, (int)padding, padding);
	ok = ok && key_derive(vault, (size_t)(secret - vault->secrets), salt, &key, err) &&
	     crypt_bytes(&key, (struct view){ padded, length }, (unsigned char *)sealed, err);
	if (ok && mac_bytes(&key, (struct view){ sealed, length }, mac))
		vault_envelope_add(label, salt, (struct view){ (const char *)mac, sizeof(mac) },
			(struct view){ sealed, length }, out);
	memory_wipe(&key, sizeof(key));
	bytes_free(padded, length);
	free(sealed);
	return ok;
}
