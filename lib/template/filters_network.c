/* ipaddr and its kin: one question about one address, or a list of them. */
#include "template/bigint.h"
#include "template/evaluation.h"
#include "template/network.h"

static const char *const multicast_ranges[] = { "224.0.0.0/4", "ff00::/8", NULL };
static const char *const loopback_ranges[] = { "127.0.0.0/8", "::1/128", NULL };
static const char *const link_ranges[] = { "169.254.0.0/16", "fe80::/10", NULL };
static const char *const private_ranges[] = { "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12",
	"192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "239.0.0.0/8", "169.254.0.0/16",
	"fc00::/7", "fec0::/10", "fe80::/10", NULL };
static const char *const six_to_four_ranges[] = { "2002::/16", NULL };

struct question {
	struct call *call;
	struct arena *into;
	const struct value *input; /* as it was written */
	const struct network *network;
};

typedef bool question_function(const struct question *question, const struct value **out);

/* The text as it was given; a number as its address. */
static const struct value *
given(const struct question *question)
{
	return question->network->is_number ? address_with_prefix(question->into, question->network,
						      question->network->ip)
					    : question->input;
}

static bool
give_if(const struct question *question, bool is_true, const struct value **out)
{
	*out = is_true ? given(question) : &value_none;
	return true;
}

static bool
ask_plain(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;

	*out = network->has_prefix ? address_with_prefix(question->into, network, network->ip)
				   : address_value(question->into, network, network->ip);
	return true;
}

/* Addresses of hosts: not the first of a network, unless there are but two. */
static bool
is_host(const struct network *network)
{
	return !network_is_network(network) || network_has_two(network);
}

static bool
ask_address(const struct question *question, const struct value **out)
{
	*out = is_host(question->network) || question->network->version == 6
		       ? address_value(question->into, question->network, question->network->ip)
		       : &value_none;
	return true;
}

static bool
ask_host(const struct question *question, const struct value **out)
{
	*out = is_host(question->network) ? address_with_prefix(question->into, question->network,
						    question->network->ip)
					  : &value_none;
	return true;
}

static bool
ask_gateway(const struct question *question, const struct value **out)
{
	if (!ask_host(question, out))
		return false;
	if (value_is_none(*out))
		*out = &value_false;
	return true;
}

static bool
ask_ip_prefix(const struct question *question, const struct value **out)
{
	*out = &value_none;
	return question->network->prefix == question->network->bits || ask_host(question, out);
}

static bool
ask_ip_netmask(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;

	*out = &value_none;
	if (network->prefix < network->bits && is_host(network))
		*out = value_format(question->into, "%s %s",
			address_text(question->into, network->version, network->ip),
			address_text(question->into, network->version, network_mask(network)));
	return true;
}

static bool
ask_network(const struct question *question, const struct value **out)
{
	*out = address_value(question->into, question->network, network_first(question->network));
	return true;
}

static bool
ask_netmask(const struct question *question, const struct value **out)
{
	*out = address_value(question->into, question->network, network_mask(question->network));
	return true;
}

static address_number
wildcard(const struct network *network)
{
	return network_highest(network) & ~network_mask(network);
}

static bool
ask_wildcard(const struct question *question, const struct value **out)
{
	*out = address_value(question->into, question->network, wildcard(question->network));
	return true;
}

static bool
ask_network_netmask(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;

	*out = value_format(question->into, "%s %s",
		address_text(question->into, network->version, network_first(network)),
		address_text(question->into, network->version, network_mask(network)));
	return true;
}

static bool
ask_network_wildcard(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;

	*out = value_format(question->into, "%s %s",
		address_text(question->into, network->version, network_first(network)),
		address_text(question->into, network->version, wildcard(network)));
	return true;
}

static bool
ask_prefix(const struct question *question, const struct value **out)
{
	*out = value_int(question->into, question->network->prefix);
	return true;
}

static bool
ask_broadcast(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;

	*out = network->prefix < network->bits - 1
		       ? address_value(question->into, network, network_last(network))
		       : &value_none;
	return true;
}

static bool
ask_size(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	struct value power = { .type = VALUE_INT, .integer = network->bits - network->prefix };

	return operator_binary(question->call->run, VIEW("**"), value_int(question->into, 2),
		value_dup(question->into, &power), out);
}

static bool
ask_subnet(const struct question *question, const struct value **out)
{
	*out = address_with_prefix(
		question->into, question->network, network_first(question->network));
	return true;
}

static bool
ask_cidr(const struct question *question, const struct value **out)
{
	*out = address_with_prefix(question->into, question->network, question->network->ip);
	return true;
}

static bool
ask_net(const struct question *question, const struct value **out)
{
	*out = network_is_network(question->network)
		       ? address_with_prefix(
				 question->into, question->network, question->network->ip)
		       : &value_none;
	return true;
}

static bool
ask_bool(const struct question *question, const struct value **out)
{
	(void)question;
	*out = &value_true;
	return true;
}

static bool
ask_int(const struct question *question, const struct value **out)
{
	const struct value *number = address_whole(question->into, question->network->ip);

	*out = question->network->has_prefix
		       ? value_format(question->into, "%s/%d",
				 value_to_text(question->into, number), question->network->prefix)
		       : number;
	return true;
}

static bool
ask_version(const struct question *question, const struct value **out)
{
	*out = value_int(question->into, question->network->version);
	return true;
}

static bool
ask_type(const struct question *question, const struct value **out)
{
	*out = value_text(
		question->into, network_is_network(question->network) ? "network" : "address");
	return true;
}

static bool
ask_ipv4(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	struct network four = { .version = 4, .bits = 32, .prefix = network->prefix - 96 };
	address_number high = network->ip >> 32;

	if (network->version == 4)
		return give_if(question, true, out);
	four.ip = network->ip & UINT32_MAX;
	*out = (high == 0 || high == 0xffff) && four.prefix >= 0
		       ? address_with_prefix(question->into, &four, four.ip)
		       : &value_false;
	return true;
}

static bool
ask_ipv6(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	struct network six = { .version = 6, .bits = 128, .prefix = network->prefix + 96 };

	if (network->version == 6)
		return give_if(question, true, out);
	six.ip = (address_number)0xffff << 32 | network->ip;
	*out = address_with_prefix(question->into, &six, six.ip);
	return true;
}

static bool
ask_6to4(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	unsigned ip = (unsigned)network->ip;

	*out = &value_false;
	if (network->version == 6)
		*out = network_is_in(network, six_to_four_ranges) ? given(question) : &value_false;
	else if (!network_is_network(network) && !network_is_in(network, multicast_ranges) &&
		 !network_is_in(network, loopback_ranges))
		*out = value_format(question->into, "2002:%02x%02x:%02x%02x::1/48", ip >> 24,
			ip >> 16 & 255, ip >> 8 & 255, ip & 255);
	return true;
}

static bool
is_power(address_number number)
{
	return (number & (number - 1)) == 0;
}

static bool
ask_public(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	address_number flipped = (network->ip ^ network_highest(network)) + 1;

	return give_if(question,
		!network_is_in(network, multicast_ranges) &&
			!network_is_in(network, private_ranges) &&
			!network_is_in(network, loopback_ranges) && !is_power(flipped) &&
			!is_power(network->ip + 1),
		out);
}

static bool
ask_unicast(const struct question *question, const struct value **out)
{
	return give_if(question, !network_is_in(question->network, multicast_ranges), out);
}

static bool
ask_revdns(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	int step = network->version == 4 ? 8 : 4;
	struct str text;

	str_init(&text);
	for (int i = 0; i < network->bits; i += step)
		str_add_format(&text, network->version == 4 ? "%u." : "%x.",
			(unsigned)(network->ip >> i) & ((1u << step) - 1));
	str_add(&text, network->version == 4 ? "in-addr.arpa." : "ip6.arpa.");
	*out = call_take(question->call, &text);
	return true;
}

/* ---- usable by hosts ---- */

/* *is_there false: a single address has none. */
static bool
usable(const struct question *question, address_number *first, address_number *last, bool *is_there)
{
	if (!question->network->has_prefix)
		return call_fail(question->call, ERR_TYPE, "Not a network address");
	*is_there = network_usable(question->network, first, last);
	return true;
}

static bool
ask_range_usable(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	address_number first, last;
	bool is_there;

	if (!usable(question, &first, &last, &is_there))
		return false;
	*out = is_there ? value_format(question->into, "%s-%s",
				  address_text(question->into, network->version, first),
				  address_text(question->into, network->version, last))
			: &value_none;
	return true;
}

static bool
ask_first_usable(const struct question *question, const struct value **out)
{
	address_number first, last;
	bool is_there;

	if (!usable(question, &first, &last, &is_there))
		return false;
	*out = is_there ? address_value(question->into, question->network, first) : &value_none;
	return true;
}

static bool
ask_last_usable(const struct question *question, const struct value **out)
{
	address_number first, last;
	bool is_there;

	if (!usable(question, &first, &last, &is_there))
		return false;
	*out = is_there ? address_value(question->into, question->network, last) : &value_none;
	return true;
}

static bool
ask_neighbour(const struct question *question, bool is_next, const struct value **out)
{
	const struct network *network = question->network;
	address_number first, last, other = is_next ? network->ip + 1 : network->ip - 1;
	bool is_there;

	if (!usable(question, &first, &last, &is_there))
		return false;
	if (is_there && !is_next && !network->ip)
		return call_fail(
			question->call, ERR_TYPE, "failed to detect a valid IP address from -1");
	*out = is_there && other >= first && other <= last
		       ? address_value(question->into, network, other)
		       : &value_none;
	return true;
}

static bool
ask_next_usable(const struct question *question, const struct value **out)
{
	return ask_neighbour(question, true, out);
}

static bool
ask_previous_usable(const struct question *question, const struct value **out)
{
	return ask_neighbour(question, false, out);
}

/* The other end of a point-to-point network. */
static bool
ask_peer(const struct question *question, const struct value **out)
{
	const struct network *network = question->network;
	int host = network->bits - network->prefix;
	address_number place = network->ip - network_first(network);

	if (!network->has_prefix)
		return call_fail(question->call, ERR_TYPE, "Not a network address");
	if (host != 1 && host != 2)
		return call_fail(question->call, ERR_TYPE, "Not a point-to-point network");
	if (host == 2 && (place == 0 || place == 3))
		return call_fail(question->call, ERR_TYPE, "%s address of /%d has no peer",
			place ? "Broadcast" : "Network", network->prefix);
	*out = address_value(
		question->into, network, network->ip ^ (host == 2 ? (address_number)3 : 1));
	return true;
}

static const struct {
	const char *name;
	question_function *ask;
	const char *const *ranges; /* without `ask`: true of the addresses in these */
} questions[] = {
	{ "", ask_plain },
	{ "6to4", ask_6to4 },
	{ "address", ask_address },
	{ "address/prefix", ask_gateway },
	{ "bool", ask_bool },
	{ "broadcast", ask_broadcast },
	{ "cidr", ask_cidr },
	{ "first_usable", ask_first_usable },
	{ "gateway", ask_gateway },
	{ "gw", ask_gateway },
	{ "host", ask_host },
	{ "host/prefix", ask_gateway },
	{ "hostmask", ask_wildcard },
	{ "hostnet", ask_gateway },
	{ "int", ask_int },
	{ "ip", ask_address },
	{ "ip/prefix", ask_ip_prefix },
	{ "ip_netmask", ask_ip_netmask },
	{ "ipv4", ask_ipv4 },
	{ "ipv6", ask_ipv6 },
	{ "last_usable", ask_last_usable },
	{ "link-local", NULL, link_ranges },
	{ "lo", NULL, loopback_ranges },
	{ "loopback", NULL, loopback_ranges },
	{ "multicast", NULL, multicast_ranges },
	{ "net", ask_net },
	{ "netmask", ask_netmask },
	{ "network", ask_network },
	{ "network/prefix", ask_subnet },
	{ "network_id", ask_network },
	{ "network_netmask", ask_network_netmask },
	{ "network_wildcard", ask_network_wildcard },
	{ "next_usable", ask_next_usable },
	{ "peer", ask_peer },
	{ "prefix", ask_prefix },
	{ "previous_usable", ask_previous_usable },
	{ "private", NULL, private_ranges },
	{ "public", ask_public },
	{ "range_usable", ask_range_usable },
	{ "revdns", ask_revdns },
	{ "router", ask_gateway },
	{ "size", ask_size },
	{ "subnet", ask_subnet },
	{ "type", ask_type },
	{ "unicast", ask_unicast },
	{ "version", ask_version },
	{ "wildcard", ask_wildcard },
};

/* The address so many places from the first, or from the last. */
static bool
ask_place(const struct question *question, int64_t place, const struct value **out)
{
	const struct network *network = question->network;
	address_number span = network_last(network) - network_first(network), offset;

	if (network->prefix == network->bits)
		return ask_plain(question, out);
	offset = place < 0 ? (address_number)(-(place + 1)) : (address_number)place;
	if (offset > span) {
		*out = &value_false;
		return true;
	}
	*out = address_with_prefix(question->into, network,
		place < 0 ? network_last(network) - offset : network_first(network) + offset);
	return true;
}

/* What ipaddr(query) gives; VALUE_NONE for None. */
static bool
network_ask(struct call *call, const struct value *input, const struct network *network,
	const struct value *query, const struct value **out)
{
	const struct question question = { call, call_arena(call), input, network };
	struct network other;
	struct view text;
	int64_t place;

	if (!call_text(call, query, "", &text))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (view_is(text, questions[i].name))
			return questions[i].ask
				       ? questions[i].ask(&question, out)
				       : give_if(&question,
						 network_is_in(network, questions[i].ranges), out);
	if (number_parse(text, &place))
		return ask_place(&question, place, out);
	if (network_read_text(text, 0, &other))
		return give_if(&question, network_holds(&other, network), out);
	call_fail(call, ERR_TYPE, "%s: unknown filter type: %.*s", call->function->name,
		(int)MIN(text.length, 100), text.data);
	return error_hint(call->run->session->err,
		"known are address, network, netmask, prefix, host, net, subnet, broadcast, size, "
		"int, private, public, first_usable …, a number and a network");
}

static bool
one_ask(struct call *call, const struct value *input, int version, const struct value **out)
{
	struct network network;

	*out = &value_false;
	if (!value_is_true(input) || input->type == VALUE_BOOL)
		return true;
	return !network_read(input, version, &network) ||
	       network_ask(call, input, &network, call->args[0], out);
}

static bool
ipaddr_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name;
	int version = text_equals(name, "ipv4") ? 4 : text_equals(name, "ipv6") ? 6 : 0;
	const struct value *found;
	struct value *list;

	if (call->input->type != VALUE_LIST && call->input->type != VALUE_STRING &&
		call->input->type != VALUE_INT && call->input->type != VALUE_BOOL &&
		!value_is_big(call->input))
		return call_fail(call, ERR_TYPE, "Unrecognized type <%s> for %s filter <value>",
			value_type_name(call->input), name);
	if (!value_is_list(call->input))
		return one_ask(call, call->input, version, out);
	list = value_list(call_arena(call));
	VALUE_EACH (item, call->input) {
		if (!one_ask(call, item, version, &found))
			return false;
		if (value_is_true(found))
			value_add(call_arena(call), list, found);
	}
	*out = list;
	return true;
}

const struct function filters_network[] = {
	{ "ipaddr", "query='' version=False alias='ipaddr'", ipaddr_call,
		"An address, or what is asked about it; false if it is none." },
	{ "ipv4", "query='' alias='ipv4'", ipaddr_call, "As ipaddr, for IPv4 only." },
	{ "ipv6", "query='' alias='ipv6'", ipaddr_call, "As ipaddr, for IPv6 only." }, { NULL }
};
