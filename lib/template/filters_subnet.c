/* Filters that calculate with networks: ipsubnet, nthhost, cidr_merge …, and hardware addresses. */
#include <ctype.h>

#include "template/evaluation.h"
#include "template/network.h"

static bool
give_false(const struct value **out)
{
	*out = &value_false;
	return true;
}

/* False in *is_there: the input is no address. */
static bool
input_read(struct call *call, const struct value *input, struct network *out, bool *is_there)
{
	(void)call;
	*is_there =
		value_is_true(input) && input->type != VALUE_BOOL && network_read(input, 0, out);
	return true;
}

static bool
ipmath_call(struct call *call, const struct value **out)
{
	struct network network;
	address_number moved, by;
	int64_t amount;

	if (!value_is_string(call->input) && call->input->type != VALUE_INT)
		return call_fail(call, ERR_TYPE, "You must pass a valid IP address; %s is invalid",
			value_to_text(call_arena(call), call->input));
	if (!network_read(call->input, 0, &network))
		return call_fail(call, ERR_TYPE, "You must pass a valid IP address; %s is invalid",
			value_to_text(call_arena(call), call->input));
	if (!value_is(call->args[0], VALUE_INT))
		return call_fail(call, ERR_TYPE,
			"You must pass an integer for arithmetic; %s is not "
			"a valid integer",
			value_to_text(call_arena(call), call->args[0]));
	amount = call->args[0]->integer;
	by = amount < 0 ? (address_number)(-(amount + 1)) + 1 : (address_number)amount;
	moved = amount < 0 ? network.ip - by : network.ip + by;
	if ((amount < 0 ? by > network.ip : by > network_highest(&network) - network.ip))
		return call_fail(call, ERR_TYPE, "result outside valid IP address boundary!");
	*out = address_value(call_arena(call), &network, moved);
	return true;
}

static const struct value *
wrapped(struct call *call, const struct value *item)
{
	struct arena *into = call_arena(call);
	struct network network;
	const char *text;

	if (!value_is_string(item) || !item->string.length || !network_read(item, 0, &network))
		return item;
	text = address_text(into, network.version, network.ip);
	if (network.version == 6)
		text = arena_format(into, "[%s]", text);
	return network.has_prefix ? value_format(into, "%s/%d", text, network.prefix)
				  : value_text(into, text);
}

static bool
ipwrap_call(struct call *call, const struct value **out)
{
	struct value *list;

	if (!value_is_list(call->input) && !value_is_string(call->input) &&
		call->input->type != VALUE_BOOL)
		return call_fail(call, ERR_TYPE, "Unrecognized type <%s> for ipwrap filter <value>",
			value_type_name(call->input));
	*out = wrapped(call, call->input);
	if (!value_is_list(call->input))
		return true;
	list = value_list(call_arena(call));
	VALUE_EACH (item, call->input)
		value_add(call_arena(call), list, wrapped(call, item));
	*out = list;
	return true;
}

/* ---- ipsubnet ---- */

static bool
subnet_of_size(struct call *call, const struct network *network, int size, const struct value **out)
{
	struct arena *into = call_arena(call);
	bool is_single = network->prefix == network->bits;
	struct network other = *network;
	address_number index, count;
	int64_t wanted;

	other.prefix = size;
	if (size < 0 || size > network->bits)
		return give_false(out);
	if (value_is_none(call->args[1])) {
		if (is_single) {
			*out = address_with_prefix(into, &other, network_first(&other));
			return true;
		}
		if (size < network->prefix)
			return call_fail(
				call, ERR_TYPE, "Requested subnet size of %d is invalid", size);
		count = (address_number)1 << MIN(size - network->prefix, 127);
		*out = value_text(into, value_to_text(into, address_whole(into, count)));
		return true;
	}
	if (!call_int(call, 1, 0, &wanted))
		return false;
	if (is_single || size < network->prefix) { /* the networks around it, the widest first */
		if (wanted < 0 && is_single)
			wanted += network->bits - size;
		if (wanted < 0 || size + wanted >= network->prefix)
			return give_false(out);
		other.prefix = size + (int)wanted;
		*out = address_with_prefix(into, &other, network_first(&other));
		return true;
	}
	count = size - network->prefix >= 127 ? ~(address_number)0
					      : (address_number)1 << (size - network->prefix);
	index = wanted < 0 ? count - (address_number)(-wanted) : (address_number)wanted;
	if (index >= count)
		return give_false(out);
	*out = address_with_prefix(
		into, &other, network_first(network) + (index << (network->bits - size)));
	return true;
}

/* Which of the subnets of this size it is, from 1. */
static bool
subnet_rank(struct call *call, const struct network *network, const struct network *outer,
	const struct value **out)
{
	address_number offset;

	if (!network_holds(outer, network))
		return call_fail(call, ERR_TYPE, "%s is not in the subnet %s",
			value_string(address_with_prefix(
				call_arena(call), network, network_first(network))),
			value_string(address_with_prefix(call_arena(call), outer, outer->ip)));
	offset = network_first(network) - network_first(outer);
	offset = network->prefix ? offset >> (network->bits - network->prefix) : 0;
	*out = value_text(call_arena(call),
		value_to_text(call_arena(call), address_whole(call_arena(call), offset + 1)));
	return true;
}

static bool
ipsubnet_call(struct call *call, const struct value **out)
{
	struct network network, outer;
	struct view query;
	int64_t size;
	bool is_there;

	if (!input_read(call, call->input, &network, &is_there) ||
		!call_text(call, call->args[0], "", &query))
		return false;
	if (!is_there)
		return give_false(out);
	if (!query.length) {
		*out = address_with_prefix(call_arena(call), &network, network_first(&network));
		return true;
	}
	if (number_parse(query, &size))
		return subnet_of_size(call, &network, (int)MIN(MAX(size, -1), 1000), out);
	if (network_read_text(query, 0, &outer))
		return subnet_rank(call, &network, &outer, out);
	return call_fail(call, ERR_TYPE,
		"You must pass a valid subnet or IP address; %s is invalid", query.data);
}

/* ---- hosts of a network ---- */

static bool
nthhost_call(struct call *call, const struct value **out)
{
	struct network network;
	address_number offset, span;
	int64_t place;
	bool is_there;

	if (!input_read(call, call->input, &network, &is_there) || !call_int(call, 0, 0, &place))
		return false;
	if (!is_there)
		return give_false(out);
	span = network_last(&network) - network_first(&network);
	offset = place < 0 ? (address_number)(-(place + 1)) : (address_number)place;
	if (offset > span)
		return give_false(out);
	*out = address_value(call_arena(call), &network,
		place < 0 ? network_last(&network) - offset : network_first(&network) + offset);
	return true;
}

static bool
nth_usable_call(struct call *call, const struct value **out)
{
	bool is_next = call->function->name[0] == 'n', is_there;
	address_number first, last, moved;
	struct network network;
	int64_t by;

	if (!input_read(call, call->input, &network, &is_there) || !call_int(call, 0, 1, &by))
		return false;
	if (!is_there)
		return give_false(out);
	*out = &value_none;
	if (!network.has_prefix || !network_usable(&network, &first, &last))
		return true;
	by = is_next ? by : -by;
	if (by < 0 && (address_number)(-by) > network.ip)
		return call_fail(call, ERR_TYPE, "failed to detect a valid IP address from %lld",
			(long long)by);
	moved = network.ip + (address_number)by;
	if (moved >= first && moved <= last)
		*out = address_value(call_arena(call), &network, moved);
	return true;
}

static bool
in_network_call(struct call *call, const struct value **out)
{
	bool is_usable = text_ends(call->function->name, "usable"), is_there;
	struct network network, inner;
	address_number first, last;

	if (!input_read(call, call->input, &network, &is_there))
		return false;
	if (!is_there || !network_read(call->args[0], 0, &inner) ||
		inner.version != network.version)
		return give_false(out);
	if (!is_usable)
		return give_bool(network_holds(&network, &inner), out);
	network_usable(&network, &first, &last);
	return give_bool(network_first(&inner) >= first && network_last(&inner) <= last, out);
}

static bool
reduce_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call)), *single = value_list(call_arena(call));
	const struct value *items = call->input;
	struct network outer, network;

	if (!value_is_list(items)) {
		value_add(call_arena(call), single, items);
		items = single;
	}
	if (!network_read(call->args[0], 0, &outer))
		return call_fail(call, ERR_TYPE, "reduce_on_network: %s is not a network",
			value_to_text(call_arena(call), call->args[0]));
	VALUE_EACH (item, items)
		if (value_is_string(item) && network_read(item, 0, &network) &&
			network_holds(&outer, &network))
			value_add(call_arena(call), list, item);
	*out = list;
	return true;
}

static bool
usable_range_call(struct call *call, const struct value **out)
{
	struct arena *into = call_arena(call);
	struct value *map = value_map(into), *list = value_list(into);
	struct network network;
	address_number count;

	if (!value_is_string(call->input))
		return call_fail(call, ERR_TYPE, "usable_range: not expecting type '%s'",
			value_type_name(call->input));
	if (!network_read(call->input, 0, &network) || network.is_number)
		return call_fail(call, ERR_TYPE,
			"usable_range: '%s' does not appear to be an IPv4 or IPv6 network",
			value_string(call->input));
	if (network.ip != network_first(&network))
		return call_fail(call, ERR_TYPE, "usable_range: %s has host bits set",
			value_string(call->input));
	count = network_last(&network) - network_first(&network);
	if (count >= RANGE_MOST)
		return call_fail(call, ERR_LIMIT, "usable_range: too many addresses");
	for (address_number i = 0; i <= count; i++)
		value_add(into, list, address_value(into, &network, network_first(&network) + i));
	value_set(into, map, "usable_ips", list);
	value_set(into, map, "number_of_ips", value_int(into, (int64_t)count + 1));
	*out = map;
	return true;
}

/* ---- cidr_merge ---- */

static int
networks_order(const void *a, const void *b)
{
	const struct network *x = a, *y = b;
	address_number first = network_first(x), second = network_first(y);

	if (x->version != y->version)
		return x->version - y->version;
	if (first != second)
		return first < second ? -1 : 1;
	return x->prefix - y->prefix;
}

/* Drops what is inside its neighbour, joins halves, until nothing changes. */
static uint32_t
networks_merge(struct network *networks, uint32_t count)
{
	uint32_t kept = 0;

	qsort(networks, count, sizeof(*networks), networks_order);
	for (uint32_t i = 0; i < count; i++) {
		networks[kept] = networks[i];
		networks[kept].ip = network_first(&networks[kept]);
		kept++;
		while (kept > 1) {
			struct network *a = &networks[kept - 2], *b = &networks[kept - 1];
			struct network wide = *a;

			wide.prefix--;
			if (network_holds(a, b)) {
				kept--;
			} else if (a->version == b->version && a->prefix == b->prefix &&
				   a->prefix && network_first(&wide) == a->ip &&
				   network_holds(&wide, b)) {
				*a = wide;
				kept--;
			} else {
				break;
			}
		}
	}
	return kept;
}

static bool
networks_read(struct call *call, struct network **out, uint32_t *count)
{
	struct value *single = value_list(call_arena(call));
	const struct value *items = call->input;

	if (value_is_none(items))
		return call_fail(call, ERR_TYPE, "cidr_merge: expected iterable, got None");
	if (!value_is_list(items)) {
		value_add(call_arena(call), single, items);
		items = single;
	}
	*out = arena_array(call_arena(call), items->list.count + 1, struct network);
	*count = 0;
	VALUE_EACH (item, items)
		if (!value_is_string(item) || !network_read(item, 0, &(*out)[*count]) ||
			(*out)[(*count)++].is_number)
			return call_fail(call, ERR_TYPE, "cidr_merge: invalid IPNetwork %s",
				value_to_text(call_arena(call), item));
	return true;
}

static bool
cidr_merge_call(struct call *call, const struct value **out)
{
	struct arena *into = call_arena(call);
	struct value *list = value_list(into);
	struct network *networks, span;
	struct view action;
	uint32_t count;

	if (!networks_read(call, &networks, &count) ||
		!call_text(call, call->args[0], "merge", &action))
		return false;
	*out = list;
	if (view_is(action, "merge")) {
		if (count > 1)
			count = networks_merge(networks, count);
		for (uint32_t i = 0; i < count; i++)
			value_add(into, list,
				address_with_prefix(into, &networks[i], networks[i].ip));
		return true;
	}
	if (!view_is(action, "span"))
		return call_fail(call, ERR_TYPE, "cidr_merge: invalid action '%s'", action.data);
	*out = &value_none;
	if (!count)
		return true;
	span = networks[0];
	for (uint32_t i = 1; i < count; i++)
		while (span.prefix && !network_holds(&span, &networks[i]))
			span.prefix--;
	*out = address_with_prefix(into, &span, network_first(&span));
	return true;
}

static bool
hex_call(struct call *call, const struct value **out)
{
	struct view rest, piece, delimiter;
	struct str text;
	int64_t part;
	int count = 0;

	if (!call_text(call, call->input, "", &rest) ||
		!call_text(call, call->args[0], "", &delimiter))
		return false;
	str_init(&text);
	while (count < 4 && view_cut(&rest, '.', &piece)) {
		if (!number_parse(view_trim(piece), &part))
			break;
		if (count++)
			str_add_view(&text, delimiter);
		str_add_format(&text, "%02llx", (unsigned long long)part);
	}
	if (count == 4)
		return call_give(call, &text, out);
	str_release(&text);
	return call_fail(call, ERR_TYPE, "ip4_hex: '%s' is no address of IPv4",
		value_to_text(call_arena(call), call->input));
}

/* ---- hardware addresses ---- */

/* 00:11:…, 00-11-…, 0011.2233.4455, 001122334455, or a number. */
static bool
mac_read(const struct value *value, uint64_t *out)
{
	struct view text = value_string_view(value);
	uint64_t number = 0, group = 0;
	size_t digits = 0, groups = 0, width;
	int64_t plain;
	char separator = '\0';

	if (value->type == VALUE_INT || (text.length < 12 && number_parse(text, &plain))) {
		*out = value->type == VALUE_INT ? (uint64_t)value->integer : (uint64_t)plain;
		return *out < (uint64_t)1 << 48;
	}
	for (size_t i = 0; i < text.length && !separator; i++)
		separator = strchr(":-.", text.data[i]) ? text.data[i] : '\0';
	width = !separator ? 12 : separator == '.' ? 4 : 2;
	for (size_t i = 0; i <= text.length; i++) {
		char c = i < text.length ? text.data[i] : separator;

		if (i == text.length || c == separator) {
			if (!digits || digits > width)
				return false;
			number = number << (4 * width) | group;
			groups++;
			digits = group = 0;
			continue;
		}
		if (!isxdigit((unsigned char)c) || ++digits > width)
			return false;
		group = group << 4 |
			(uint64_t)(isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10);
	}
	*out = number;
	return groups * width == 12;
}

static const struct {
	const char *name;
	size_t width; /* of a group, in digits */
	char separator;
	bool is_capital, is_short;
} mac_styles[] = {
	{ "bare", 12, '\0', true, false },
	{ "cisco", 4, '.', false, false },
	{ "eui48", 2, '-', true, false },
	{ "linux", 2, ':', false, false },
	{ "pgsql", 6, ':', false, false },
	{ "postgresql", 6, ':', false, false },
	{ "psql", 6, ':', false, false },
	{ "unix", 2, ':', false, true },
	{ "win", 2, '-', true, false },
};

static bool
mac_give(struct call *call, uint64_t number, size_t style, const struct value **out)
{
	size_t width = mac_styles[style].width;
	struct str text;

	str_init(&text);
	for (size_t shift = 48; shift > 0; shift -= 4 * width) {
		uint64_t group = number >> (shift - 4 * width) & (((uint64_t)1 << (4 * width)) - 1);

		if (text.length)
			str_add_char(&text, mac_styles[style].separator);
		str_add_format(&text, mac_styles[style].is_capital ? "%0*llX" : "%0*llx",
			mac_styles[style].is_short ? 1 : (int)width, (unsigned long long)group);
	}
	return call_give(call, &text, out);
}

static bool
hwaddr_call(struct call *call, const struct value **out)
{
	uint64_t number;
	bool is_mac = mac_read(call->input, &number);
	struct view query;

	if (!call_text(call, call->args[0], "", &query))
		return false;
	*out = &value_none;
	if (!query.length || view_is(query, "bool")) {
		if (is_mac)
			*out = query.length ? &value_true : call->input;
		return true;
	}
	if (!is_mac)
		return call_fail(call, ERR_TYPE, "%s: not a hardware address: %s",
			call->function->name, value_to_text(call_arena(call), call->input));
	if (view_is(query, "int")) {
		*out = value_int(call_arena(call), (int64_t)number);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(mac_styles); i++)
		if (view_is(query, mac_styles[i].name))
			return mac_give(call, number, i, out);
	return call_fail(
		call, ERR_TYPE, "%s: unknown filter type: %s", call->function->name, query.data);
}

/* The address a host with this hardware address gives itself in an IPv6 network. */
static bool
slaac_call(struct call *call, const struct value **out)
{
	struct network network;
	uint64_t mac, identifier;
	bool is_there;

	if (!input_read(call, call->input, &network, &is_there))
		return false;
	if (!is_there || network.version != 6 || !call->args[0] || !mac_read(call->args[0], &mac))
		return give_false(out);
	identifier = ((mac >> 24) ^ 0x020000) << 40 | (uint64_t)0xfffe << 24 | (mac & 0xffffff);
	*out = address_value(call_arena(call), &network, network_first(&network) + identifier);
	return true;
}

const struct function filters_subnet[] = { { "ipmath", "amount", ipmath_call,
						   "The address so many further on." },
	{ "ipwrap", "query=''", ipwrap_call, "IPv6 addresses in brackets." },
	{ "ipsubnet", "query='' index=None", ipsubnet_call,
		"Subnets of a size: how many, or the one at an index; or its place in a network." },
	{ "nthhost", "query=''", nthhost_call, "The address at a place of the network." },
	{ "next_nth_usable", "offset", nth_usable_call, "The usable address so many further on." },
	{ "previous_nth_usable", "offset", nth_usable_call, "The usable address so many before." },
	{ "network_in_usable", "test", in_network_call, "Is that usable in this network?" },
	{ "network_in_network", "test", in_network_call, "Is that part of this network?" },
	{ "reduce_on_network", "network", reduce_call, "Those that are part of a network." },
	{ "usable_range", "", usable_range_call, "All addresses of a network." },
	{ "cidr_merge", "action='merge'", cidr_merge_call, "Fewer networks that cover the same." },
	{ "ip4_hex", "delimiter=''", hex_call, "An address of IPv4 in hex." },
	{ "hwaddr", "query='' alias='hwaddr'", hwaddr_call, "A hardware address, written so." },
	{ "macaddr", "query=''", hwaddr_call, "A hardware address, written so." },
	{ "slaac", "query=''", slaac_call, "The address of a hardware address in a network." },
	{ NULL } };
