/* Filters of digests: hash, checksum, md5, sha1, password_hash, to_uuid. */
#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "template/evaluation.h"

static bool
digest(struct call *call, const char *name, struct view text, unsigned char *bytes,
	unsigned *length)
{
	const EVP_MD *method = EVP_get_digestbyname(name);

	if (!method)
		return call_fail(call, ERR_TYPE, "unsupported hash type %s", name);
	if (!EVP_Digest(text.data, text.length, bytes, length, method, NULL))
		return call_fail(call, ERR_TYPE, "hash: %s is not available", name);
	return true;
}

static bool
hash_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name;
	unsigned char bytes[EVP_MAX_MD_SIZE];
	struct view text, algorithm = view_of(text_equals(name, "md5") ? "md5" : "sha1");
	struct str result;
	unsigned length;

	if (!call_text(call, call->input, "", &text) ||
		(call->args[0] && !call_text(call, call->args[0], "", &algorithm)) ||
		!digest(call, algorithm.data, text, bytes, &length))
		return false;
	str_init(&result);
	for (unsigned i = 0; i < length; i++)
		str_add_format(&result, "%02x", bytes[i]);
	return call_give(call, &result, out);
}

struct crypt_method {
	const char *name, *prefix, *passlib;
	int64_t rounds; /* what passlib uses when none are given */
	int64_t salt_most;
};

static const struct crypt_method crypt_methods[] = { { "sha512", "$6$", "sha512_crypt", 656000,
							     16 },
	{ "sha256", "$5$", "sha256_crypt", 535000, 16 }, { "md5", "$1$", "md5_crypt", 0, 8 },
	{ "blowfish", "$2b$", "bcrypt", 12, 22 }, { "bcrypt", "$2b$", "bcrypt", 12, 22 } };

/* Random letters of crypt's alphabet, for who gave no salt. */
static bool
salt_make(struct call *call, const struct crypt_method *method, char *out)
{
	static const char letters[] =
		"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	bool is_exact = method->prefix[1] == '2';
	unsigned char bytes[64];
	int64_t size;

	if (!call_int(call, 2, 0, &size))
		return false;
	if (size <= 0)
		size = method->salt_most;
	if (size > method->salt_most || (is_exact && size != method->salt_most))
		return call_fail(call, ERR_TYPE,
			is_exact ? "Could not hash the secret. %s: salt_size (%lld) must be "
				   "exactly %lld"
				 : "Could not hash the secret. %s: salt_size (%lld) above "
				   "max_salt_size (%lld)",
			method->passlib, (long long)size, (long long)method->salt_most);
	if (RAND_bytes(bytes, (int)size) != 1)
		return call_fail(call, ERR_IO, "password_hash: no random bytes");
	for (int64_t i = 0; i < size; i++)
		out[i] = letters[bytes[i] & 63];
	if (is_exact)
		out[size - 1] = ".Oeu"[bytes[size - 1] & 3]; /* of the last one two bits count */
	out[size] = '\0';
	return true;
}

static bool
crypt_setting(struct call *call, const struct crypt_method *method, char *setting, size_t size)
{
	const char *prefix = method->prefix;
	struct view given, ident;
	char salt[64];
	int64_t rounds;

	if (!call_text(call, value_is_none(call->args[1]) ? NULL : call->args[1], "", &given) ||
		!call_text(call, value_is_none(call->args[4]) ? NULL : call->args[4], "", &ident) ||
		!call_int(call, 3, 0, &rounds))
		return false;
	if (!given.length && !salt_make(call, method, salt))
		return false;
	if (given.length)
		snprintf(salt, sizeof(salt), "%.*s", (int)MIN(given.length, sizeof(salt) - 1),
			given.data);
	if (rounds <= 0)
		rounds = method->rounds;
	if (prefix[1] == '2' && ident.length)
		snprintf(setting, size, "$%.*s$%02lld$%s", (int)MIN(ident.length, 4), ident.data,
			(long long)rounds, salt);
	else if (prefix[1] == '2')
		snprintf(setting, size, "%s%02lld$%s", prefix, (long long)rounds, salt);
	else if (rounds > 0 && rounds != 5000) /* 5000 is the default of crypt(3) */
		snprintf(setting, size, "%srounds=%lld$%s", prefix, (long long)rounds, salt);
	else
		snprintf(setting, size, "%s%s", prefix, salt);
	return true;
}

static bool
password_call(struct call *call, const struct value **out)
{
	struct crypt_data data = { 0 };
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const struct crypt_method *method = NULL;
	struct view text, name;
	const char *result;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "sha512", &name))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(crypt_methods); i++)
		if (view_is(name, crypt_methods[i].name))
			method = &crypt_methods[i];
	if (!method)
		return call_fail(
			call, ERR_TYPE, "passlib does not support '%s' algorithm", name.data);
	if (!crypt_setting(call, method, setting, sizeof(setting)))
		return false;
	*out = NULL;
	result = crypt_r(text.data, setting, &data);
	if (result && result[0] != '*')
		*out = value_text(call_arena(call), result);
	else
		call_fail(call, ERR_TYPE,
			"Could not hash the secret. crypt(3) does not take the salt");
	memory_wipe(&data, sizeof(data));
	return *out != NULL;
}

static bool
uuid_bytes(struct view text, unsigned char *bytes)
{
	size_t count = 0;
	int64_t number;

	for (size_t i = 0; i < text.length;) {
		if (text.data[i] == '-') {
			i++;
			continue;
		}
		if (count == 16 || i + 2 > text.length ||
			!number_parse_base((struct view){ text.data + i, 2 }, 16, &number))
			return false;
		bytes[count++] = (unsigned char)number;
		i += 2;
	}
	return count == 16;
}

/* Version 5: the name hashed within a name space, Ansible's own by default. */
static bool
uuid_call(struct call *call, const struct value **out)
{
	unsigned char space[16], bytes[EVP_MAX_MD_SIZE];
	struct view text, name;
	struct str source;
	unsigned length;
	bool ok;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "361E6D51-FAEC-444A-9079-341386DA8E2E", &name))
		return false;
	if (!uuid_bytes(name, space))
		return call_fail(call, ERR_TYPE, "Invalid value '%s' for 'namespace'", name.data);
	str_init(&source);
	str_add_bytes(&source, space, sizeof(space));
	str_add_view(&source, text);
	ok = digest(call, "sha1", str_view(&source), bytes, &length);
	str_release(&source);
	if (!ok)
		return false;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x50);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	str_init(&source);
	for (int i = 0; i < 16; i++)
		str_add_format(&source, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
			bytes[i]);
	return call_give(call, &source, out);
}

const struct function filters_hash[] = { { "hash", "hashtype='sha1'", hash_call,
						 "The digest in hexadecimal." },
	{ "checksum", "", hash_call, "The SHA-1 digest." },
	{ "sha1", "", hash_call, "The SHA-1 digest." }, { "md5", "", hash_call, "The MD5 digest." },
	{ "password_hash", "hashtype='sha512' salt=None salt_size=None rounds=None ident=None",
		password_call, "A password as /etc/shadow holds it." },
	{ "to_uuid", "namespace=", uuid_call, "A UUID made of the text." }, { NULL } };
