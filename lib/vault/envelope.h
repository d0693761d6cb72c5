#ifndef LIB_VAULT_ENVELOPE_H
#define LIB_VAULT_ENVELOPE_H
/* The text form of a vault; what vault.c alone needs of it. */
#include "vault/vault.h"

/* The three parts of a body, as bytes. */
struct vault_body {
	struct str salt, mac, text;
};

/* Undoes both layers of hex digits. `out` is to be released, also after a failure. */
bool vault_body_read(struct view body, struct vault_body *out, struct error *err) MUST_CHECK;
void vault_body_release(struct vault_body *body);

void vault_envelope_add(
	const char *label, struct view salt, struct view mac, struct view text, struct str *out);

#endif
