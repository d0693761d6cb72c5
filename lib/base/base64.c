/* Three bytes become four letters. */
#include "base/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_add(struct str *out, struct view bytes)
{
	const uint8_t *next = (const uint8_t *)bytes.data;

	for (size_t left = bytes.length; left; left -= MIN(left, (size_t)3), next += 3) {
		uint32_t three = (uint32_t)next[0] << 16;
		char four[4];

		if (left > 1)
			three |= (uint32_t)next[1] << 8;
		if (left > 2)
			three |= next[2];
		four[0] = letters[three >> 18];
		four[1] = letters[three >> 12 & 63];
		four[2] = left > 1 ? letters[three >> 6 & 63] : '=';
		four[3] = left > 2 ? letters[three & 63] : '=';
		str_add_bytes(out, four, sizeof(four));
	}
}

void
base64_add_decoded(struct str *out, struct view text)
{
	uint32_t bits = 0;
	int count = 0; /* of bits that wait to be a byte */

	for (size_t i = 0; i < text.length; i++) {
		const char *letter = memchr(letters, text.data[i], 64);

		if (!letter)
			continue;
		bits = bits << 6 | (uint32_t)(letter - letters);
		count += 6;
		if (count >= 8) {
			count -= 8;
			str_add_char(out, (char)(bits >> count & 0xff));
		}
	}
}
