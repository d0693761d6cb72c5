#ifndef LIB_VAULT_SOURCE_H
#define LIB_VAULT_SOURCE_H
/*
 * Where vault passwords come from: files, programs that print them, programs that are asked by
 * label (*-client), and people. A source is written as on the command line: "file",
 * "label@file", "label@prompt".
 */
#include "vault/vault.h"

struct vault_asker {
	/* Asks a person; false: nobody can be asked. */
	bool (*ask)(void *context, const char *prompt, char *answer, size_t size);
	void *context;
	bool is_new; /* asks for a password to be, and asks twice */
};

/* What --ask-vault-pass stands for: the prompt has no label in it. */
#define VAULT_SOURCE_ASK "@prompt_ask_vault_pass"

/* Adds what the source gives to the ring. A password file may itself be encrypted with what is
 * already there. *reason, if not NULL, says at which step it failed, for a warning. */
bool vault_source_add(struct vault *vault, const char *source, const struct vault_asker *asker,
	const char **reason, struct error *err) MUST_CHECK;
/* The label of a source; "default" where it has none. In `label`, which holds VAULT_LABEL_MAX. */
const char *vault_source_label(const char *source, char *label);

#endif
