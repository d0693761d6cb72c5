#include "template/encoding.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <string.h>

/* "utf_16_le" is "UTF-16LE" in C. */
static void
system_name(const char *python, char *out, size_t room)
{
	size_t length = 0;

	for (; *python && length + 1 < room; python++)
		out[length++] = *python == '_' ? '-' : (char)toupper((unsigned char)*python);
	out[length] = '\0';
	if (text_starts(out, "LATIN-"))
		memmove(out + 5, out + 6, length - 5);
	else if (length > 3 && (text_ends(out, "-LE") || text_ends(out, "-BE")))
		memmove(out + length - 3, out + length - 2, 3);
}

#ifndef __clang__
/* Takes what iconv_open answers for an unknown encoding for something to be closed. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

static bool
convert(struct view text, const char *encoding, bool is_decoding, struct str *out,
	struct error *err)
{
	char name[40], buffer[4096], *in = (char *)(uintptr_t)text.data;
	size_t left = text.length, count;
	iconv_t converter;
	bool is_well = true, is_full;

	system_name(encoding, name, sizeof(name));
	if (!name[0] || !strcmp(name, "UTF-8") || !strcmp(name, "UTF8")) {
		str_add_view(out, text);
		return true;
	}
	converter = is_decoding ? iconv_open("UTF-8", name) : iconv_open(name, "UTF-8");
	/* NOLINTNEXTLINE: what POSIX says */
	if (converter == (iconv_t)-1)
		return fail(err, ERR_TYPE, "unknown encoding: %.60s", encoding);
	do {
		char *to = buffer;
		size_t room = sizeof(buffer);

		errno = 0;
		count = iconv(converter, left ? &in : NULL, left ? &left : NULL, &to, &room);
		is_full = count == (size_t)-1 && errno == E2BIG;
		is_well = count != (size_t)-1 || is_full;
		str_add_view(out, (struct view){ buffer, (size_t)(to - buffer) });
	} while (is_well && (left || is_full));
	iconv_close(converter);
	return is_well || fail(err, ERR_TYPE, "'%.60s' codec can't %s the text", encoding,
				  is_decoding ? "decode" : "encode");
}

bool
encoding_encode(struct view text, const char *encoding, struct str *out, struct error *err)
{
	return convert(text, encoding, false, out, err);
}

bool
encoding_decode(struct view bytes, const char *encoding, struct str *out, struct error *err)
{
	return convert(bytes, encoding, true, out, err);
}
