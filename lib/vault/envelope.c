/*
 * $ANSIBLE_VAULT;1.1;AES256 or $ANSIBLE_VAULT;1.2;AES256;label, then lines of 80 hex digits. Those
 * spell a text of three lines, which are again hex digits: salt, HMAC, ciphertext.
 */
#include "vault/envelope.h"

#define MAGIC "$ANSIBLE_VAULT"

enum { LINE_WIDTH = 80, LARGEST = 256 * 1024 * 1024 };

bool
vault_is_encrypted(struct view text)
{
	return view_starts(text, MAGIC);
}

/* The first line, without its end; *text keeps what follows. */
static struct view
line_cut(struct view *text)
{
	size_t length = 0, skip;

	while (length < text->length && text->data[length] != '\n' && text->data[length] != '\r')
		length++;
	skip = length < text->length;
	if (skip && text->data[length] == '\r' && length + 1 < text->length &&
		text->data[length + 1] == '\n')
		skip = 2;
	*text = (struct view){ text->data + length + skip, text->length - length - skip };
	return (struct view){ text->data - length - skip, length };
}

bool
vault_envelope_parse(struct view text, struct vault_envelope *out, struct error *err)
{
	struct view rest = text, header = line_cut(&rest), magic, label = { NULL, 0 };

	*out = (struct vault_envelope){ .body = rest };
	if (!view_cut(&header, ';', &magic) || !view_is(magic, MAGIC) ||
		!view_cut(&header, ';', &out->version) || !view_cut(&header, ';', &out->cipher)) {
		fail(err, ERR_PARSE, "Vault envelope format error: the first line is not a header");
		return error_why(err, "it must read $ANSIBLE_VAULT;VERSION;CIPHER");
	}
	out->version = view_trim(out->version);
	out->cipher = view_trim(out->cipher);
	if (view_cut(&header, ';', &label))
		label = view_trim(label);
	out->label = label.data ? label : VIEW("default");
	return true;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
fail_hex(struct error *err, const char *why)
{
	return fail(err, ERR_PARSE, "Vault format unhexlify error: %s", why);
}

static bool
unhex(struct view text, struct str *out, struct error *err)
{
	char *bytes;

	if (text.length % 2)
		return fail_hex(err, "Odd-length string");
	bytes = str_reserve(out, text.length / 2);
	if (!bytes)
		return fail(err, ERR_LIMIT, "the vault text is too large");
	for (size_t i = 0; i < text.length; i += 2) {
		int high = digit(text.data[i]), low = digit(text.data[i + 1]);

		if (high < 0 || low < 0)
			return fail_hex(err, "Non-hexadecimal digit found");
		bytes[i / 2] = (char)(high * 16 + low);
	}
	out->length += text.length / 2;
	out->data[out->length] = '\0';
	return true;
}

bool
vault_body_read(struct view body, struct vault_body *out, struct error *err)
{
	_cleanup_str_ struct str joined, inner;
	struct view rest = body, salt, mac, text;
	bool ok;

	str_init_max(&joined, LARGEST);
	str_init_max(&inner, LARGEST);
	str_init_max(&out->salt, LARGEST);
	str_init_max(&out->mac, LARGEST);
	str_init_max(&out->text, LARGEST);
	while (rest.length)
		str_add_view(&joined, line_cut(&rest));
	if (joined.is_full)
		return fail(err, ERR_LIMIT, "the vault text is too large");
	if (!unhex(str_view(&joined), &inner, err))
		return false;
	rest = str_view(&inner);
	ok = view_cut(&rest, '\n', &salt) && view_cut(&rest, '\n', &mac) && rest.data;
	text = rest;
	if (!ok)
		return fail(err, ERR_PARSE,
			"Vault vaulttext format error: not three lines of hex digits");
	return unhex(salt, &out->salt, err) && unhex(mac, &out->mac, err) &&
	       unhex(text, &out->text, err);
}

void
vault_body_release(struct vault_body *body)
{
	str_release(&body->salt);
	str_release(&body->mac);
	str_release(&body->text);
}

static void
hex_add(struct view bytes, struct str *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.length; i++) {
		str_add_char(out, digits[(unsigned char)bytes.data[i] >> 4]);
		str_add_char(out, digits[(unsigned char)bytes.data[i] & 15]);
	}
}

void
vault_envelope_add(
	const char *label, struct view salt, struct view mac, struct view text, struct str *out)
{
	bool has_label = label && *label && strcmp(label, "default") != 0;
	_cleanup_str_ struct str inner, outer;

	str_init(&inner);
	str_init(&outer);
	hex_add(salt, &inner);
	str_add_char(&inner, '\n');
	hex_add(mac, &inner);
	str_add_char(&inner, '\n');
	hex_add(text, &inner);
	hex_add(str_view(&inner), &outer);
	str_add_format(out, MAGIC ";%s;AES256%s%s\n", has_label ? "1.2" : "1.1",
		has_label ? ";" : "", has_label ? label : "");
	for (size_t at = 0; at < outer.length; at += LINE_WIDTH) {
		str_add_bytes(out, outer.data + at, MIN((size_t)LINE_WIDTH, outer.length - at));
		str_add_char(out, '\n');
	}
}
