/* Reading, writing and comparing addresses and networks. */
#include "template/network.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "template/bigint.h"

static address_number
from_bytes(const unsigned char *bytes, int count)
{
	address_number number = 0;

	for (int i = 0; i < count; i++)
		number = number << 8 | bytes[i];
	return number;
}

static bool
mask_read(const char *text, int *out)
{
	unsigned char bytes[4];
	uint32_t mask;

	if (inet_pton(AF_INET, text, bytes) != 1)
		return false;
	mask = (uint32_t)from_bytes(bytes, 4);
	*out = mask ? 32 - __builtin_ctz(mask) : 0;
	if (mask == (*out ? ~0u << (32 - *out) : 0))
		return true;
	/* a hostmask: the other way around */
	*out = mask == UINT32_MAX ? 0 : __builtin_clz(mask);
	return mask == (*out ? UINT32_MAX >> *out : UINT32_MAX);
}

static bool
prefix_read(struct view text, struct network *out)
{
	char mask[64];
	int64_t prefix;

	if (text.length && isdigit((unsigned char)text.data[0]) && number_parse(text, &prefix)) {
		out->prefix = (int)MIN(MAX(prefix, -1), 1000);
		return out->prefix >= 0 && out->prefix <= out->bits;
	}
	snprintf(mask, sizeof(mask), "%.*s", (int)MIN(text.length, sizeof(mask) - 1), text.data);
	return out->version == 4 && mask_read(mask, &out->prefix);
}

static void
number_take(address_number number, int version, struct network *out)
{
	out->version = version ? version : number >> 32 ? 6 : 4;
	out->bits = out->prefix = out->version == 4 ? 32 : 128;
	out->ip = number;
	out->is_number = true;
}

bool
network_read_text(struct view text, int version, struct network *out)
{
	const char *slash;
	char address[64];
	unsigned char bytes[16];
	size_t length;
	int64_t number;

	*out = (struct network){ 0 };
	text = view_trim(text);
	if (number_parse(text, &number) && number >= 0) {
		number_take((address_number)number, version, out);
		return out->version == 6 || number <= UINT32_MAX;
	}
	slash = text.length ? memchr(text.data, '/', text.length) : NULL;
	length = slash ? (size_t)(slash - text.data) : text.length;
	if (!length || length >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)length, text.data);
	out->version = strchr(address, ':') ? 6 : 4;
	if ((version && out->version != version) ||
		inet_pton(out->version == 4 ? AF_INET : AF_INET6, address, bytes) != 1)
		return false;
	out->bits = out->prefix = out->version == 4 ? 32 : 128;
	out->ip = from_bytes(bytes, out->bits / 8);
	out->has_prefix = slash != NULL;
	return !slash || prefix_read((struct view){ slash + 1, text.length - length - 1 }, out);
}

bool
network_read(const struct value *value, int version, struct network *out)
{
	*out = (struct network){ 0 };
	if (value->type == VALUE_INT) {
		if (value->integer < 0)
			return false;
		number_take((address_number)value->integer, version, out);
		return out->version == 6 || value->integer <= UINT32_MAX;
	}
	return value_is_string(value) && network_read_text(value_string_view(value), version, out);
}

address_number
network_highest(const struct network *network)
{
	return network->bits == 128 ? ~(address_number)0 : (address_number)UINT32_MAX;
}

static address_number
host_mask(const struct network *network)
{
	int host = network->bits - network->prefix;

	return host >= 128 ? ~(address_number)0 : ((address_number)1 << host) - 1;
}

address_number
network_mask(const struct network *network)
{
	return network_highest(network) & ~host_mask(network);
}

address_number
network_first(const struct network *network)
{
	return network->ip & network_mask(network);
}

address_number
network_last(const struct network *network)
{
	return network->ip | host_mask(network);
}

bool
network_is_network(const struct network *network)
{
	return network->prefix < network->bits && network->ip == network_first(network);
}

bool
network_has_two(const struct network *network)
{
	return network->prefix == network->bits - 1;
}

bool
network_holds(const struct network *outer, const struct network *inner)
{
	return outer->version == inner->version && network_first(inner) >= network_first(outer) &&
	       network_last(inner) <= network_last(outer);
}

bool
network_is_in(const struct network *network, const char *const *ranges)
{
	struct network range;

	for (; *ranges; ranges++)
		if (network_read_text(view_of(*ranges), 0, &range) &&
			network_holds(&range, network))
			return true;
	return false;
}

bool
network_usable(const struct network *network, address_number *first, address_number *last)
{
	bool has_ends = network->prefix < network->bits - 1;

	*first = network_first(network) + has_ends;
	*last = network_last(network) - has_ends;
	return network->prefix < network->bits;
}

const char *
address_text(struct arena *into, int version, address_number address)
{
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN];
	int count = version == 4 ? 4 : 16;

	for (int i = count - 1; i >= 0; i--, address >>= 8)
		bytes[i] = (unsigned char)address;
	return arena_text(
		into, inet_ntop(version == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)));
}

const struct value *
address_value(struct arena *into, const struct network *network, address_number address)
{
	return value_text(into, address_text(into, network->version, address));
}

const struct value *
address_with_prefix(struct arena *into, const struct network *network, address_number address)
{
	return value_format(
		into, "%s/%d", address_text(into, network->version, address), network->prefix);
}

const struct value *
address_whole(struct arena *into, address_number number)
{
	char digits[48];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + (int)(number % 10));
	while ((number /= 10));
	return whole_parse(into, view_of(digits + at), 10);
}
