/* inet_pton and a comparison of bits. */
#include "inventory/reach/cidr.h"

#include <arpa/inet.h>

/* Returns the number of bytes, 0: no address. */
static size_t
address_read(const char *text, unsigned char out[16])
{
	if (inet_pton(AF_INET, text, out) == 1)
		return 4;
	return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

static size_t
network_read(const char *text, unsigned char out[16], size_t *bits)
{
	char head[64];
	size_t length = strcspn(text, "/"), size;
	int64_t number;

	if (length >= sizeof(head))
		return 0;
	memcpy(head, text, length);
	head[length] = '\0';
	size = address_read(head, out);
	*bits = size * 8;
	if (!text[length])
		return size;
	if (!number_parse(view_of(text + length + 1), &number) || number < 0 ||
		number > (int64_t)*bits)
		return 0;
	*bits = (size_t)number;
	return size;
}

bool
cidr_has(const char *network, const char *address)
{
	unsigned char a[16], b[16];
	size_t bits, size;

	if (!network || !address)
		return false;
	size = network_read(network, a, &bits);
	if (!size || address_read(address, b) != size || memcmp(a, b, bits / 8) != 0)
		return false;
	return bits % 8 == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0;
}

bool
cidr_is_world(const char *network)
{
	unsigned char bytes[16];
	size_t bits;

	return network && network_read(network, bytes, &bits) && bits == 0;
}
