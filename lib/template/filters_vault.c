/* vault and unvault: texts sealed and opened within a template, with a password of its own. */
#include "template/functions.h"
#include "vault/vault.h"

static bool
secret_take(struct call *call, const struct value *secret, struct view *out)
{
	*out = value_string_view(secret);
	return value_is_string(secret) ||
	       call_fail(call, ERR_TYPE,
		       "Secret passed is required to be a string, instead we got: %s",
		       value_type_name(secret));
}

static bool
vault_filter(struct call *call, const struct value **out)
{
	struct view secret, text, label, salt;
	struct str sealed = STR_INIT;
	struct vault *vault;
	struct error err;
	bool ok;

	if (!value_is_string(call->input))
		return call_fail(call, ERR_TYPE, "Can only vault strings, instead we got: %s",
			value_type_name(call->input));
	if (!secret_take(call, call->args[0], &secret) ||
		!call_text(call, call->input, "", &text) ||
		!call_text(call, value_is_none(call->args[1]) ? NULL : call->args[1], "", &salt) ||
		!call_text(call, call->args[2], "filter_default", &label))
		return false;
	vault = vault_new();
	vault_add(vault, label.data, secret);
	ok = vault_encrypt(vault, vault->secrets, label.data, salt, text, &sealed, &err);
	vault_free(vault);
	if (!ok) {
		str_release(&sealed);
		return call_fail(call, err.kind, "Unable to encrypt: %s", err.what);
	}
	return call_give(call, &sealed, out);
}

static bool
unvault_filter(struct call *call, const struct value **out)
{
	struct view secret, text, label;
	struct str plain = STR_INIT;
	struct vault *vault;
	struct error err;
	struct value *value;
	bool ok;

	if (!value_is_string(call->input))
		return call_fail(call, ERR_TYPE,
			"Vault should be in the form of a string, instead we got: %s",
			value_type_name(call->input));
	if (!secret_take(call, call->args[0], &secret) ||
		!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[1], "filter_default", &label))
		return false;
	*out = call->input;
	if (!vault_is_encrypted(text))
		return true;
	vault = vault_new();
	vault_add(vault, label.data, secret);
	ok = vault_decrypt(vault, text, NULL, &plain, NULL, &err);
	vault_free(vault);
	if (ok) {
		value = value_view(call_arena(call), str_view(&plain));
		value->flags = VALUE_SECRET;
		*out = value;
	}
	str_wipe(&plain);
	return ok || call_fail(call, err.kind, "Unable to decrypt: %s", err.what);
}

const struct function filters_vault[] = {
	{ "vault", "secret salt=None vault_id='filter_default' wrap_object=False", vault_filter,
		"The text, sealed with a password." },
	{ "unvault", "secret vault_id='filter_default'", unvault_filter,
		"What a vault text holds; other texts as they are." },
	{ NULL },
};
