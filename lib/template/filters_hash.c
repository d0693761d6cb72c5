/* Filters of digests: hash, checksum, md5, sha1, password_hash, to_uuid. */
#include <crypt.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include "template/evaluation.h"

static bool
digest(struct call *call, const char *name, struct view text, unsigned char *bytes,
	unsigned *length)
{
	const EVP_MD *method = EVP_get_digestbyname(name);

	if (!method)
		return call_fail(call, ERR_TYPE, "hash: unknown algorithm '%s'", name);
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

static bool
crypt_setting(struct call *call, const char *prefix, struct view salt, int64_t rounds,
	char *setting, size_t size)
{
	char generated[CRYPT_GENSALT_OUTPUT_SIZE];

	if (!salt.length) {
		if (!crypt_gensalt_rn(prefix, (unsigned long)MAX(rounds, 0), NULL, 0, generated,
			    sizeof(generated)))
			return call_fail(call, ERR_TYPE, "password_hash: cannot make a salt");
		snprintf(setting, size, "%s", generated);
	} else if (rounds > 0 && rounds != 5000 &&
		   prefix[1] != '2') { /* 5000 is the default of crypt(3) */
		snprintf(setting, size, "%srounds=%lld$%.*s", prefix, (long long)rounds,
			(int)MIN(salt.length, 60), salt.data);
	} else if (prefix[1] == '2') {
		snprintf(setting, size, "%s%02lld$%.*s", prefix,
			(long long)(rounds > 0 ? rounds : 12), (int)MIN(salt.length, 60),
			salt.data);
	} else {
		snprintf(setting, size, "%s%.*s", prefix, (int)MIN(salt.length, 60), salt.data);
	}
	return true;
}

/* salt_size characters of those that crypt(3) takes. */
static bool
make_salt(struct call *call, int64_t size, char *out, size_t limit)
{
	static const char alphabet[] =
		"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned char bytes[64];

	if (size < 0 || (size_t)size >= MIN(limit, sizeof(bytes)))
		return call_fail(call, ERR_TYPE, "password_hash: salt_size %lld is not possible",
			(long long)size);
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return call_fail(call, ERR_TYPE, "password_hash: cannot make a salt");
	for (int64_t i = 0; i < size; i++)
		out[i] = alphabet[bytes[i] % 64];
	out[size] = '\0';
	return true;
}

static bool
password_call(struct call *call, const struct value **out)
{
	static const struct {
		const char *name, *prefix;
		int64_t rounds; /* what passlib uses when none are given */
	} methods[] = { { "sha512", "$6$", 656000 }, { "sha256", "$5$", 535000 },
		{ "md5", "$1$", 0 }, { "blowfish", "$2b$", 12 }, { "bcrypt", "$2b$", 12 } };
	struct view text, name, salt;
	char made[61];
	int64_t rounds, size;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "sha512", &name) ||
		!call_text(call, value_is_none(call->args[1]) ? NULL : call->args[1], "", &salt) ||
		!call_int(call, 2, 0, &size) || !call_int(call, 3, 0, &rounds))
		return false;
	if (!salt.length && size) {
		if (!make_salt(call, size, made, sizeof(made)))
			return false;
		salt = view_of(made);
	}
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct crypt_data data = { 0 };
		char setting[CRYPT_GENSALT_OUTPUT_SIZE];
		const char *result;

		if (!view_is(name, methods[i].name))
			continue;
		if (!crypt_setting(call, methods[i].prefix, salt,
			    rounds ? rounds : methods[i].rounds, setting, sizeof(setting)))
			return false;
		result = crypt_r(text.data, setting, &data);
		if (!result || result[0] == '*')
			return call_fail(
				call, ERR_TYPE, "password_hash: cannot hash with this salt");
		*out = value_text(call_arena(call), result);
		memory_wipe(&data, sizeof(data));
		return true;
	}
	return call_fail(call, ERR_TYPE, "password_hash: unknown type '%s'", name.data);
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
