/* The ipaddr family, for addresses and networks of IPv4 and IPv6. */
#include <arpa/inet.h>

#include "template/evaluation.h"

struct network {
	unsigned char bytes[16];
	int family, prefix, bits;
	bool has_prefix;
};

static bool
netmask_prefix(const char *text, int *out)
{
	unsigned char bytes[4];
	uint32_t mask;
	int prefix = 0;

	if (inet_pton(AF_INET, text, bytes) != 1)
		return false;
	mask = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
	while (prefix < 32 && (mask & (0x80000000u >> prefix)))
		prefix++;
	*out = prefix;
	return prefix == 32 || !(mask << prefix);
}

static bool
network_read(struct view text, struct network *out)
{
	const char *slash = text.length ? memchr(text.data, '/', text.length) : NULL;
	char address[64];
	size_t length = slash ? (size_t)(slash - text.data) : text.length;
	int64_t prefix;

	*out = (struct network){ 0 };
	if (!length || length >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)length, text.data);
	out->family = memchr(address, ':', length) ? AF_INET6 : AF_INET;
	out->bits = out->prefix = out->family == AF_INET ? 32 : 128;
	if (inet_pton(out->family, address, out->bytes) != 1)
		return false;
	if (!slash)
		return true;
	out->has_prefix = true;
	if (number_parse(view_of(slash + 1), &prefix)) {
		out->prefix = (int)prefix;
		return prefix >= 0 && prefix <= out->bits;
	}
	return out->family == AF_INET && netmask_prefix(slash + 1, &out->prefix);
}

static void
mask_make(const struct network *network, unsigned char *mask)
{
	for (int i = 0; i < 16; i++) {
		int bits = network->prefix - i * 8;

		mask[i] = (unsigned char)(bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits));
	}
}

static const char *
address_text(struct call *call, const struct network *network, const unsigned char *bytes)
{
	char text[INET6_ADDRSTRLEN];

	return arena_text(call_arena(call), inet_ntop(network->family, bytes, text, sizeof(text)));
}

/* The address `index` places behind the network's (negative: from its end). */
static bool
address_at(const struct network *network, int64_t index, unsigned char *out)
{
	int size = network->bits / 8, host = network->bits - network->prefix;
	unsigned char mask[16];
	uint64_t carry;

	if (host < 63 && (index >= (int64_t)(1ull << host) || index < -(int64_t)(1ull << host)))
		return false;
	mask_make(network, mask);
	for (int i = 0; i < size; i++)
		out[i] = (unsigned char)((network->bytes[i] & mask[i]) |
					 (index < 0 ? (unsigned char)~mask[i] : 0));
	carry = index < 0 ? (uint64_t)(-(index + 1)) : (uint64_t)index;
	for (int i = size - 1; i >= 0 && carry; i--) {
		int64_t sum = index < 0 ? (int64_t)out[i] - (int64_t)(carry & 0xff)
					: out[i] + (int64_t)(carry & 0xff);

		carry >>= 8;
		if (sum < 0) {
			sum += 256;
			carry++;
		} else if (sum > 255) {
			sum -= 256;
			carry++;
		}
		out[i] = (unsigned char)sum;
	}
	return true;
}

static const struct value *
with_prefix(struct call *call, const struct network *network, const unsigned char *bytes)
{
	return value_format(
		call_arena(call), "%s/%d", address_text(call, network, bytes), network->prefix);
}

static bool
is_network_address(const struct network *network)
{
	unsigned char base[16];

	address_at(network, 0, base);
	return !memcmp(base, network->bytes, (size_t)network->bits / 8);
}

static bool
is_in_network(const struct network *inner, const struct network *outer)
{
	unsigned char mask[16];

	if (inner->family != outer->family || inner->prefix < outer->prefix)
		return false;
	mask_make(outer, mask);
	for (int i = 0; i < outer->bits / 8; i++)
		if ((inner->bytes[i] ^ outer->bytes[i]) & mask[i])
			return false;
	return true;
}

static bool
is_private(const struct network *network)
{
	static const char *const ranges[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
		"127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128" };
	struct network range;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (network_read(view_of(ranges[i]), &range) && is_in_network(network, &range))
			return true;
	return false;
}

static const struct value *
number_value(struct call *call, const struct network *network)
{
	uint64_t number = 0;

	if (network->family != AF_INET)
		return &value_false;
	for (int i = 0; i < 4; i++)
		number = number << 8 | network->bytes[i];
	return value_int(call_arena(call), (int64_t)number);
}

/* One question about one address. &value_false: it does not answer to it. NULL: no such question.
 */
static const struct value *
network_query(struct call *call, const struct network *network, const char *query)
{
	struct arena *into = call_arena(call);
	unsigned char base[16], last[16], mask[16];
	struct network other;
	int64_t index;

	address_at(network, 0, base);
	address_at(network, -1, last);
	mask_make(network, mask);
	if (!*query)
		return network->has_prefix
			       ? with_prefix(call, network, network->bytes)
			       : value_text(into, address_text(call, network, network->bytes));
	if (text_equals(query, "address") || text_equals(query, "ip"))
		return network->has_prefix && is_network_address(network) &&
				       network->prefix < network->bits
			       ? &value_false
			       : value_text(into, address_text(call, network, network->bytes));
	if (text_equals(query, "network") || text_equals(query, "network_id"))
		return value_text(into, address_text(call, network, base));
	if (text_equals(query, "netmask"))
		return value_text(into, address_text(call, network, mask));
	if (text_equals(query, "prefix"))
		return value_int(into, network->prefix);
	if (text_equals(query, "broadcast"))
		return network->family == AF_INET
			       ? value_text(into, address_text(call, network, last))
			       : &value_false;
	if (text_equals(query, "subnet"))
		return with_prefix(call, network, base);
	if (text_equals(query, "net"))
		return network->prefix < network->bits && is_network_address(network)
			       ? with_prefix(call, network, network->bytes)
			       : &value_false;
	if (text_equals(query, "host") || text_equals(query, "host/prefix") ||
		text_equals(query, "address/prefix") || text_equals(query, "gateway"))
		return text_equals(query, "host") || !network->has_prefix ||
				       !is_network_address(network)
			       ? with_prefix(call, network, network->bytes)
			       : &value_false;
	if (text_equals(query, "size"))
		return network->bits - network->prefix < 62
			       ? value_int(
					 into, (int64_t)(1ull << (network->bits - network->prefix)))
			       : &value_false;
	if (text_equals(query, "version"))
		return value_int(into, network->family == AF_INET ? 4 : 6);
	if (text_equals(query, "int"))
		return number_value(call, network);
	if (text_equals(query, "private") || text_equals(query, "public"))
		return is_private(network) == (query[1] == 'r') ? network_query(call, network, "")
								: &value_false;
	if (text_equals(query, "ipv4") || text_equals(query, "ipv6"))
		return (network->family == AF_INET) == (query[3] == '4')
			       ? network_query(call, network, "")
			       : &value_false;
	if (number_parse(view_of(query), &index))
		return address_at(network, index, last) ? with_prefix(call, network, last)
							: &value_false;
	if (network_read(view_of(query), &other))
		return is_in_network(network, &other) ? network_query(call, network, "")
						      : &value_false;
	return NULL;
}

static bool
one_query(struct call *call, const struct value *input, const char *query, int family,
	const struct value **out)
{
	struct network network;
	struct view text;

	if (!call_text(call, input, "", &text))
		return false;
	*out = &value_false;
	if (!network_read(text, &network) || (family && network.family != family))
		return true;
	*out = network_query(call, &network, query);
	if (*out)
		return true;
	call_fail(call, ERR_UNSUPPORTED, "ipaddr: unknown filter type: %s", query);
	return error_hint(call->run->session->err,
		"known are address, network, netmask, prefix, host, net, subnet, broadcast, size, "
		"version, int, "
		"private, public, a number and a network");
}

static bool
ipaddr_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name;
	int family = text_equals(name, "ipv4") ? AF_INET : text_equals(name, "ipv6") ? AF_INET6 : 0;
	const struct value *found;
	struct value *list;
	struct view query;

	if (!call_text(call, call->args[0], "", &query))
		return false;
	if (!value_is_list(call->input))
		return one_query(call, call->input, query.data, family, out);
	list = value_list(call_arena(call));
	VALUE_EACH (item, call->input) {
		if (!one_query(call, item, query.data, family, &found))
			return false;
		if (found != &value_false)
			value_add(call_arena(call), list, found);
	}
	*out = list;
	return true;
}

static bool
ipmath_call(struct call *call, const struct value **out)
{
	struct network network;
	struct view text;
	unsigned char bytes[16];
	uint64_t number = 0;
	int64_t step;

	if (!call_text(call, call->input, "", &text) || !call_int(call, 0, 0, &step))
		return false;
	if (!network_read(text, &network))
		return call_fail(call, ERR_TYPE, "You must pass a valid IP address; %s is invalid",
			text.data);
	memcpy(bytes, network.bytes, sizeof(bytes));
	for (int i = network.bits / 8 - 8 < 0 ? 0 : network.bits / 8 - 8; i < network.bits / 8; i++)
		number = number << 8 | bytes[i];
	number += (uint64_t)step;
	for (int i = network.bits / 8 - 1; i >= 0 && i >= network.bits / 8 - 8; i--, number >>= 8)
		bytes[i] = (unsigned char)number;
	*out = value_text(call_arena(call), address_text(call, &network, bytes));
	return true;
}

static bool
ipwrap_call(struct call *call, const struct value **out)
{
	struct network network;
	struct view text;

	if (!call_text(call, call->input, "", &text))
		return false;
	*out = call->input;
	if (network_read(text, &network) && network.family == AF_INET6)
		*out = network.has_prefix ? value_format(call_arena(call), "[%s]/%d",
						    address_text(call, &network, network.bytes),
						    network.prefix)
					  : value_format(call_arena(call), "[%s]",
						    address_text(call, &network, network.bytes));
	return true;
}

const struct function filters_network[] = {
	{ "ipaddr", "query=''", ipaddr_call,
		"An address, or what is asked about it; false if it is none." },
	{ "ipv4", "query=''", ipaddr_call, "As ipaddr, for IPv4 only." },
	{ "ipv6", "query=''", ipaddr_call, "As ipaddr, for IPv6 only." },
	{ "ipmath", "amount", ipmath_call, "The address so many further on." },
	{ "ipwrap", "query=''", ipwrap_call, "IPv6 addresses in brackets." }, { NULL }
};
