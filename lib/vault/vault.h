#ifndef LIB_VAULT_VAULT_H
#define LIB_VAULT_VAULT_H
/*
 * Ansible's vault, formats 1.1 and 1.2: a header line, then hex digits of salt, HMAC and
 * ciphertext (PBKDF2-HMAC-SHA256 with 10,000 iterations, AES-256-CTR, HMAC-SHA256 over the
 * ciphertext, which is checked before anything is decrypted).
 *
 * A `struct vault` is the ring of passwords of one run. It keeps the keys it has derived and the
 * texts it has opened, and wipes both when it is freed. Controller only.
 */
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"

enum { VAULT_LABEL_MAX = 256, VAULT_SALT_SIZE = 32 };

struct vault_secret {
	char *label;
	struct view password; /* bytes of our own */
};

struct vault_key;

struct vault {
	struct vault_secret *secrets;
	size_t count;
	bool is_strict; /* vault_id_match: only secrets with the label of the text are tried */
	struct vault_key *keys;
	size_t key_count, key_room;
	struct map opened; /* ciphertext to struct vault_text */
	/* Told of every text that must not be shown; NULL: nobody. */
	void (*tell)(void *context, struct view secret);
	void *context;
};

/* What an envelope says of itself; points into the text that was parsed. */
struct vault_envelope {
	struct view version; /* "1.1", "1.2" */
	struct view cipher;  /* "AES256" */
	struct view label;   /* "default" where there is none */
	struct view body;    /* everything behind the first line */
};

struct vault *vault_new(void);
void vault_free(struct vault *vault); /* NULL is harmless */
/* Both are copied. Order counts: the first that fits wins. */
void vault_add(struct vault *vault, const char *label, struct view password);
/* NULL: no secret has this label. */
const struct vault_secret *vault_secret_find(const struct vault *vault, const char *label);

/* Does the text begin as an encrypted one does? */
bool vault_is_encrypted(struct view text);
/* Reads the header. False (ERR_PARSE): it is none. */
bool vault_envelope_parse(
	struct view text, struct vault_envelope *out, struct error *err) MUST_CHECK;

/* Appends the plain text to `out`, which the caller wipes (str_wipe). `name` stands in messages
 * and may be NULL. `used`, if not NULL, is set to the secret that fitted. ERR_DENIED: no password
 * fits, or there is none; ERR_PARSE: this is no vault text. */
bool vault_decrypt(struct vault *vault, struct view text, const char *name, struct str *out,
	const struct vault_secret **used, struct error *err) MUST_CHECK;
/* The same, once for every text: what it gives is borrowed, and lives as long as the vault. */
bool vault_open(struct vault *vault, struct view text, const char *name, struct view *out,
	struct error *err) MUST_CHECK;

/* Says that the text is a secret. Harmless with NULL. */
void vault_tell(struct vault *vault, struct view secret);
/* The same for each line of a text that is shown line by line. */
void vault_tell_lines(struct vault *vault, struct view text);

/* Appends the envelope with its newline at the end. `label` NULL or "default": format 1.1, else
 * 1.2. An empty `salt` is drawn. */
bool vault_encrypt(struct vault *vault, const struct vault_secret *secret, const char *label,
	struct view salt, struct view text, struct str *out, struct error *err) MUST_CHECK;

/* Wipes and releases. */
void str_wipe(struct str *str);
#define _cleanup_wipe_ __attribute__((cleanup(str_wipe)))

#endif
