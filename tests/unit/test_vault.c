/* Vault texts against those that ansible-vault writes with the same password and salt, and broken
 * ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "vault/vault.h"

#include <cmocka.h> /* last: its fail() is not ours */

#define SALT "0123456789abcdef0123456789abcdef"

/* Written by ansible-core 2.14 with SALT. */
static const struct {
	const char *password, *label, *plain, *sealed;
} known[] = {
	{ "secret", NULL, "hello vault\012",
		"$ANSIBLE_VAULT;1.1;AES256\n"
		"33303331333233333334333533363337333833393631363236333634363536363330333133323333\n"
		"3334333533363337333833393631363236333634363536360a343261376133613834333134323230\n"
		"35303264653337633065353735653263363436323065356265383566363734306566323637363737\n"
		"3531366165353638330a306237646635333334323266336231663530663039653637343935613732\n"
		"3562\n" },
	{ "secret", NULL, "",
		"$ANSIBLE_VAULT;1.1;AES256\n"
		"33303331333233333334333533363337333833393631363236333634363536363330333133323333\n"
		"3334333533363337333833393631363236333634363536360a326237373235333863626666303732\n"
		"65633033653536643265346539616330643136313437636438336234643331303939353132363336\n"
		"3431393232646534360a373330383839346633643166356436653335386366613764356434653636\n"
		"3466\n" },
	{ "p\303\244ss", "prod", "gr\303\274\303\237e \342\230\203\012",
		"$ANSIBLE_VAULT;1.2;AES256;prod\n"
		"33303331333233333334333533363337333833393631363236333634363536363330333133323333\n"
		"3334333533363337333833393631363236333634363536360a363438663936383262353134396264\n"
		"37633333313166333963346530316164636366623539656331386566656633653731383662623739\n"
		"6264646663356533330a643236363162383530316536396564663966643933396164613064316566\n"
		"6538\n" },
	{ "secret", "dev", "xxxxxxxxxxxxxxxx",
		"$ANSIBLE_VAULT;1.2;AES256;dev\n"
		"33303331333233333334333533363337333833393631363236333634363536363330333133323333\n"
		"3334333533363337333833393631363236333634363536360a313062396636663162336135616333\n"
		"37656462623666313334353966633436376238653932646465343536333061646333666232663330\n"
		"3465393334616161610a316236306531323735353737333530363564653439323135333532363065\n"
		"32373964663336363031616234663732656335336638326161373832663339353633\n" },
};

static void
test_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct vault *vault = vault_new();
		const char *label = known[i].label ? known[i].label : "default";
		struct str sealed = STR_INIT;
		struct view plain;
		struct error err;

		vault_add(vault, label, view_of(known[i].password));
		assert_true(vault_encrypt(vault, vault_secret_find(vault, label), label, VIEW(SALT),
			view_of(known[i].plain), &sealed, &err));
		assert_string_equal(sealed.data, known[i].sealed);
		assert_true(vault_open(vault, view_of(known[i].sealed), NULL, &plain, &err));
		assert_int_equal(plain.length, strlen(known[i].plain));
		assert_string_equal(plain.data, known[i].plain);
		str_release(&sealed);
		vault_free(vault);
	}
}

/* The secret with the label of the text comes first; the others follow unless the ring is strict.
 */
static void
test_choice(void **state)
{
	struct vault *vault = vault_new();
	const struct vault_secret *used = NULL;
	struct str out = STR_INIT;
	struct error err;

	(void)state;
	vault_add(vault, "default", VIEW("other"));
	vault_add(vault, "any", VIEW("secret"));
	vault_add(vault, "dev", VIEW("secret"));
	assert_true(vault_decrypt(vault, view_of(known[3].sealed), NULL, &out, &used, &err));
	assert_string_equal(used->label, "dev");
	assert_true(vault_decrypt(vault, view_of(known[0].sealed), NULL, &out, &used, &err));
	assert_string_equal(used->label, "any");
	vault->is_strict = true;
	assert_false(vault_decrypt(vault, view_of(known[0].sealed), "f.yml", &out, &used, &err));
	assert_string_equal(err.what, "Decryption failed (no vault secrets were found that could "
				      "decrypt) on f.yml");
	assert_int_equal(err.kind, ERR_DENIED);
	str_wipe(&out);
	vault_free(vault);
}

static const struct {
	const char *text, *what;
} broken[] = {
	{ "plain", "input is not vault encrypted data. " },
	{ "$ANSIBLE_VAULT\n", "Vault envelope format error: the first line is not a header" },
	{ "$ANSIBLE_VAULT;1.1\n00", "Vault envelope format error: the first line is not a header" },
	{ "$ANSIBLE_VAULT;1.1;ROT13\n00", "ROT13 cipher could not be found" },
	{ "$ANSIBLE_VAULT;1.1;AES256\n000", "Vault format unhexlify error: Odd-length string" },
	{ "$ANSIBLE_VAULT;1.1;AES256\n0g",
		"Vault format unhexlify error: Non-hexadecimal digit found" },
	{ "$ANSIBLE_VAULT;1.1;AES256\n3030",
		"Vault vaulttext format error: not three lines of hex digits" },
	{ "$ANSIBLE_VAULT;1.1;AES256\n30300a30300a30",
		"Vault format unhexlify error: Odd-length string" },
	{ "$ANSIBLE_VAULT;1.1;AES256\n30300a30300a3030",
		"Decryption failed (no vault secrets were found that could decrypt)" },
	{ "$ANSIBLE_VAULT;1.1;AES256\n0a0a",
		"Decryption failed (no vault secrets were found that could decrypt)" },
};

static void
test_broken(void **state)
{
	struct vault *vault = vault_new();
	struct view plain;
	struct error err;

	(void)state;
	assert_false(vault_open(vault, view_of(known[0].sealed), NULL, &plain, &err));
	assert_string_equal(err.what, "Attempting to decrypt but no vault secrets found");
	assert_false(vault_open(NULL, view_of(known[0].sealed), NULL, &plain, &err));
	vault_add(vault, "default", VIEW("secret"));
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		assert_false(vault_open(vault, view_of(broken[i].text), NULL, &plain, &err));
		assert_string_equal(err.what, broken[i].what);
	}
	vault_free(vault);
}

/* Any bit that is turned is noticed before anything is decrypted. */
static void
test_turned_bits(void **state)
{
	struct vault *vault = vault_new();
	size_t length = strlen(known[0].sealed);
	char *text = memory_text(known[0].sealed);
	struct str out = STR_INIT;
	struct error err;

	(void)state;
	vault_add(vault, "default", VIEW("secret"));
	for (size_t i = strlen("$ANSIBLE_VAULT;1.1;AES256") + 1 + 2 * 65; i < length; i++) {
		if (text[i] == '\n')
			continue;
		text[i] ^= 1;
		assert_false(vault_decrypt(
			vault, (struct view){ text, length }, NULL, &out, NULL, &err));
		assert_int_equal(out.length, 0);
		text[i] ^= 1;
	}
	assert_true(vault_decrypt(vault, (struct view){ text, length }, NULL, &out, NULL, &err));
	str_wipe(&out);
	free(text);
	vault_free(vault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_turned_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
