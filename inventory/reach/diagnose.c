/* The checks, in the order of how often they are it. */
#include "inventory/reach/diagnose.h"

#include <stdarg.h>

#include "inventory/reach/cidr.h"
#include "inventory/reach/match.h"

enum { FIRST_EPHEMERAL = 32768, MOST_NAMED = 6 };

struct diagnosis {
	const struct diagnose_world *world;
	const struct diagnose_ask *ask;
	struct arena *arena;
	struct value *out;
	const char *us;		    /* "the bastion jump-1"; NULL: from here */
	const char *source_address; /* NULL: not known */
	bool is_inside;		    /* from a bastion of the same VPC */
};

static void say(struct diagnosis *at, const char *format, ...) FORMAT(2, 3);

static void
say(struct diagnosis *at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	value_add(at->arena, at->out, value_arguments(at->arena, format, arguments));
	va_end(arguments);
}

/* "a, b and 3 more" of texts; "" for none. */
static const char *
words_of(struct arena *into, const struct value *list)
{
	_cleanup_str_ struct str text = STR_INIT;

	VALUE_EACH (item, list) {
		if (item_index < MOST_NAMED)
			str_add_format(&text, "%s%s",
				!item_index			     ? ""
				: item_index + 1 == list->list.count ? " and "
								     : ", ",
				value_string(item));
		else if (item_index == MOST_NAMED)
			str_add_format(&text, " and %u more", list->list.count - MOST_NAMED);
	}
	return arena_bytes(into, text.data, text.length);
}

static int64_t
number_of(const struct value *map, const char *name, int64_t fallback)
{
	const struct value *value = value_get(map, name);
	int64_t number;

	return value && value_to_int(value, &number) ? number : fallback;
}

static const struct value *
group_ids(struct arena *into, const struct value *facts)
{
	const struct value *groups = value_get(facts, "security_groups");
	struct value *ids = value_list(into);

	if (value_is_list(groups))
		VALUE_EACH (group, groups)
			if (fact_text(group, "group_id"))
				value_add(into, ids, value_get(group, "group_id"));
	return ids;
}

/* The item of a list whose member is this text. */
static const struct value *
item_find(const struct value *list, const char *member, const char *text)
{
	if (value_is_list(list) && text)
		VALUE_EACH (item, list)
			if (text_equals(fact_text(item, member), text))
				return item;
	return NULL;
}

/* ---- state ---- */

static bool
check_state(struct diagnosis *at, const char *name, const struct value *facts)
{
	static const struct {
		const char *state, *said;
	} others[] = { { "pending", "is still starting" }, { "stopping", "is being stopped" },
		{ "stopped", "is stopped" }, { "shutting-down", "is being terminated" },
		{ "terminated", "is terminated" } };
	const char *state = fact_text(facts, "state.name");
	const char *id = fact_text(facts, "instance_id");

	for (size_t i = 0; state && i < ARRAY_SIZE(others); i++)
		if (!strcmp(state, others[i].state)) {
			if (id && strcmp(id, name) != 0)
				say(at, "the instance %s (%s) %s", id, name, others[i].said);
			else
				say(at, "the instance %s %s", name, others[i].said);
			return false;
		}
	return true;
}

static void
check_status(struct diagnosis *at, const char *name, const struct value *facts)
{
	static const struct {
		const char *path, *what;
	} kinds[] = { { "system_status.status", "system" },
		{ "instance_status.status", "instance" } };
	const struct value *status = item_find(
		at->world->instance_statuses, "instance_id", fact_text(facts, "instance_id"));

	for (size_t i = 0; status && i < ARRAY_SIZE(kinds); i++) {
		const char *text = fact_text(status, kinds[i].path);

		if (!text || text_equals(text, "ok") || text_equals(text, "not-applicable"))
			continue;
		if (text_equals(text, "initializing"))
			say(at,
				"the %s status check of %s is still initializing: it has just "
				"started",
				kinds[i].what, name);
		else
			say(at, "the %s status check of %s is %s", kinds[i].what, name, text);
	}
}

/* ---- rules of security groups ---- */

static bool
rule_covers(const struct value *rule, const char *protocol, int port)
{
	const char *own = fact_text(rule, "ip_protocol");

	if (text_equals(own, "-1"))
		return true;
	if (!text_equals(own, protocol) &&
		!(text_equals(own, "6") && text_equals(protocol, "tcp")) &&
		!(text_equals(own, "17") && text_equals(protocol, "udp")))
		return false;
	return number_of(rule, "from_port", 0) <= port && port <= number_of(rule, "to_port", 65535);
}

static const struct {
	const char *list, *member;
} rule_networks[] = { { "ip_ranges", "cidr_ip" }, { "ipv6_ranges", "cidr_ipv6" },
	{ "ipv_6_ranges", "cidr_ipv_6" } };

/* Everything that the rule speaks of, as texts. */
static void
rule_partners(
	const struct value *rule, struct arena *into, struct value *networks, struct value *others)
{
	static const struct {
		const char *list, *member;
	} groups[] = { { "user_id_group_pairs", "group_id" },
		{ "prefix_list_ids", "prefix_list_id" } };

	for (size_t i = 0; i < ARRAY_SIZE(rule_networks); i++) {
		const struct value *list = value_get(rule, rule_networks[i].list);

		if (value_is_list(list))
			VALUE_EACH (item, list)
				if (fact_text(item, rule_networks[i].member))
					value_add(into, networks,
						value_get(item, rule_networks[i].member));
	}
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		const struct value *list = value_get(rule, groups[i].list);

		if (value_is_list(list))
			VALUE_EACH (item, list)
				if (fact_text(item, groups[i].member))
					value_add(into, others, value_get(item, groups[i].member));
	}
}

/* Who a group speaks with on a port. */
struct partners {
	struct value *networks, *others;
};

static struct partners
group_partners(struct arena *into, const struct value *group, const char *permissions,
	const char *protocol, int port)
{
	const struct value *rules = value_get(group, permissions);
	struct partners out = { value_list(into), value_list(into) };

	if (value_is_list(rules))
		VALUE_EACH (rule, rules)
			if (rule_covers(rule, protocol, port))
				rule_partners(rule, into, out.networks, out.others);
	return out;
}

static bool
partners_have(const struct partners *partners, const char *address, const struct value *groups)
{
	VALUE_EACH (network, partners->networks) {
		if (cidr_is_world(value_string(network)) &&
			(!address ||
				!!strchr(address, ':') == !!strchr(value_string(network), ':')))
			return true;
		if (cidr_has(value_string(network), address))
			return true;
	}
	if (groups)
		VALUE_EACH (group, groups)
			if (value_list_has_text(partners->others, value_string(group)))
				return true;
	return false;
}

/* A list of addresses that cannot be looked into may be it. */
static bool
partners_may_have(const struct partners *partners)
{
	VALUE_EACH (other, partners->others)
		if (text_starts(value_string(other), "pl-"))
			return true;
	return false;
}

static const struct value *
partners_all(struct arena *into, const struct partners *partners)
{
	struct value *all = value_list_copy(into, partners->networks);

	VALUE_EACH (other, partners->others)
		if (!value_list_has_text(all, value_string(other)))
			value_add(into, all, other);
	return all;
}

static void
say_not_admitted(struct diagnosis *at, const char *group, const struct partners *partners)
{
	const struct diagnose_ask *ask = at->ask;
	const char *all = words_of(at->arena, partners_all(at->arena, partners));

	if (at->us) {
		const char *ours = words_of(at->arena, group_ids(at->arena, ask->bastion));

		say(at, "%s of %s admits port %d only from %s; %s is in %s%s%s%s", group, ask->name,
			ask->port, all, at->us, *ours ? ours : "no group that is known",
			at->source_address ? " (" : "",
			at->source_address ? at->source_address : "",
			at->source_address ? ")" : "");
	} else if (!at->source_address) {
		say(at,
			"%s of %s admits port %d only from %s: is your public address one of "
			"these?",
			group, ask->name, ask->port, all);
	} else if (!partners->others->list.count) {
		say(at, "your public address %s is not in %s of %s", at->source_address, all,
			group);
	} else {
		say(at, "%s of %s admits port %d only from %s; your public address is %s", group,
			ask->name, ask->port, all, at->source_address);
	}
}

/* One group that admits us is enough. */
static void
check_groups(struct diagnosis *at)
{
	const struct value *ids = group_ids(at->arena, at->ask->target);
	const struct value *ours = at->ask->bastion ? group_ids(at->arena, at->ask->bastion) : NULL;
	struct partners of[64];
	size_t known = 0;

	if (!value_is_list(at->world->security_groups) || !ids->list.count)
		return;
	VALUE_EACH (id, ids) {
		const struct value *group =
			item_find(at->world->security_groups, "group_id", value_string(id));

		if (!group || known >= ARRAY_SIZE(of))
			return; /* one that is not known may admit us */
		of[known] =
			group_partners(at->arena, group, "ip_permissions", "tcp", at->ask->port);
		if (partners_have(&of[known], at->source_address, ours) ||
			partners_may_have(&of[known]))
			return;
		known++;
	}
	for (size_t i = 0; i < known; i++)
		if (partners_all(at->arena, &of[i])->list.count)
			say_not_admitted(at, value_string(ids->list.items[i]), &of[i]);
	for (size_t i = 0; i < known; i++)
		if (partners_all(at->arena, &of[i])->list.count)
			return;
	say(at, "no security group of %s admits port %d from anywhere (%s)", at->ask->name,
		at->ask->port, words_of(at->arena, ids));
}

/* What the bastion may send. */
static void
check_bastion_egress(struct diagnosis *at)
{
	const struct value *ids, *targets = group_ids(at->arena, at->ask->target);
	const char *address = fact_text(at->ask->target, "private_ip_address");

	if (!at->ask->bastion || !value_is_list(at->world->security_groups) || !address)
		return;
	ids = group_ids(at->arena, at->ask->bastion);
	VALUE_EACH (id, ids) {
		const struct value *group =
			item_find(at->world->security_groups, "group_id", value_string(id));
		struct partners partners;

		if (!group || !value_is_list(value_get(group, "ip_permissions_egress")))
			return;
		partners = group_partners(
			at->arena, group, "ip_permissions_egress", "tcp", at->ask->port);
		if (partners_have(&partners, address, targets) || partners_may_have(&partners))
			return;
	}
	if (ids->list.count)
		say(at, "%s of %s lets nothing out to %s port %d", words_of(at->arena, ids), at->us,
			address, at->ask->port);
}

/* ---- network ACLs ---- */

static const struct value *
by_subnet(const struct value *list, const char *subnet, const char *vpc, const char *fallback)
{
	if (!value_is_list(list))
		return NULL;
	VALUE_EACH (item, list) {
		const struct value *links = value_get(item, "associations");

		if (value_is_list(links))
			VALUE_EACH (link, links)
				if (subnet && text_equals(fact_text(link, "subnet_id"), subnet))
					return item;
	}
	/* The VPC's main route table, or default ACL. */
	VALUE_EACH (item, list) {
		const struct value *links = value_get(item, "associations");

		if (!vpc || !text_equals(fact_text(item, "vpc_id"), vpc))
			continue;
		if (value_is_true(value_get(item, "is_default")))
			return item;
		if (value_is_list(links))
			VALUE_EACH (link, links)
				if (value_is_true(value_get(link, fallback)))
					return item;
	}
	return NULL;
}

static bool
entry_matches(
	const struct value *entry, bool is_egress, int from_port, int to_port, const char *address)
{
	const char *protocol = fact_text(entry, "protocol");
	const struct value *range = value_get(entry, "port_range");
	const char *network = fact_text(entry, "cidr_block") ? fact_text(entry, "cidr_block")
							     : fact_text(entry, "ipv6_cidr_block");

	if (value_is_true(value_get(entry, "egress")) != is_egress)
		return false;
	if (protocol && !text_equals(protocol, "-1") && !text_equals(protocol, "6") &&
		!text_equals(protocol, "tcp"))
		return false;
	if (value_is_map(range) && (number_of(range, "from", 0) > from_port ||
					   number_of(range, "to", 65535) < to_port))
		return false;
	if (!address)
		return cidr_is_world(network);
	return cidr_has(network, address);
}

/* The entry with the lowest number that speaks of it. */
static const struct value *
acl_verdict(
	const struct value *acl, bool is_egress, int from_port, int to_port, const char *address)
{
	const struct value *entries = value_get(acl, "entries"), *first = NULL;

	if (value_is_list(entries))
		VALUE_EACH (entry, entries)
			if (entry_matches(entry, is_egress, from_port, to_port, address) &&
				(!first || number_of(entry, "rule_number", 0) <
						   number_of(first, "rule_number", 0)))
				first = entry;
	return first;
}

static const char *
rule_words(struct arena *into, const struct value *entry)
{
	int64_t number = entry ? number_of(entry, "rule_number", 32767) : 32767;

	return number >= 32767 ? "no rule allows it" : arena_format(into, "rule %d", (int)number);
}

static void
acl_check(struct diagnosis *at, const struct value *facts, bool is_target, const char *other)
{
	const char *subnet = fact_text(facts, "subnet_id"), *id;
	const struct value *acl = by_subnet(
		at->world->network_acls, subnet, fact_text(facts, "vpc_id"), "is_default");
	const struct value *there, *back;
	const char *somebody = other ? other : "the world";

	if (!acl || !value_is_list(value_get(acl, "entries")))
		return;
	id = fact_text(acl, "network_acl_id");
	there = acl_verdict(acl, !is_target, at->ask->port, at->ask->port, other);
	back = acl_verdict(acl, is_target, FIRST_EPHEMERAL, FIRST_EPHEMERAL, other);
	if (!there || !text_equals(fact_text(there, "rule_action"), "allow"))
		say(at, "network ACL %s of %s denies port %d %s %s (%s)", id, subnet, at->ask->port,
			is_target ? "from" : "to", somebody, rule_words(at->arena, there));
	if (!back || !text_equals(fact_text(back, "rule_action"), "allow"))
		say(at, "network ACL %s of %s lets no answers %s %s (ports from %d on; %s)", id,
			subnet, is_target ? "out to" : "in from", somebody, FIRST_EPHEMERAL,
			rule_words(at->arena, back));
}

static void
check_acls(struct diagnosis *at)
{
	const struct value *target = at->ask->target, *bastion = at->ask->bastion;

	/* Within a subnet no ACL is asked. */
	if (bastion && fact_text(bastion, "subnet_id") &&
		text_equals(fact_text(bastion, "subnet_id"), fact_text(target, "subnet_id")))
		return;
	acl_check(at, target, true, at->source_address);
	if (bastion && at->is_inside)
		acl_check(at, bastion, false, fact_text(target, "private_ip_address"));
}

/* ---- routes ---- */

static size_t
prefix_bits(const char *network)
{
	const char *slash = strchr(network, '/');
	int64_t bits;

	return slash && number_parse(view_of(slash + 1), &bits) && bits >= 0 ? (size_t)bits : 0;
}

/* The narrowest route to an address; NULL address: to the world. */
static const struct value *
route_find(const struct value *table, const char *address)
{
	const struct value *routes = value_get(table, "routes"), *best = NULL;
	size_t most = 0;

	if (!value_is_list(routes))
		return NULL;
	VALUE_EACH (route, routes) {
		const char *network = fact_text(route, "destination_cidr_block")
					      ? fact_text(route, "destination_cidr_block")
					      : fact_text(route, "destination_ipv6_cidr_block");

		if (!network || !(address ? cidr_has(network, address) : cidr_is_world(network)))
			continue;
		if (!best || prefix_bits(network) >= most) {
			best = route;
			most = prefix_bits(network);
		}
	}
	return best;
}

static const char *
route_target(const struct value *route)
{
	static const char *const members[] = { "gateway_id", "nat_gateway_id", "instance_id",
		"network_interface_id", "transit_gateway_id", "vpc_peering_connection_id",
		"egress_only_internet_gateway_id" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (fact_text(route, members[i]))
			return fact_text(route, members[i]);
	return "nowhere";
}

/* From the world: what comes in must be able to go back out. */
static void
check_gateway(
	struct diagnosis *at, const char *name, const struct value *facts, const char *address)
{
	const char *subnet = fact_text(facts, "subnet_id");
	const struct value *table =
		by_subnet(at->world->route_tables, subnet, fact_text(facts, "vpc_id"), "main");
	const struct value *route = table ? route_find(table, address) : NULL;
	const char *id = table ? fact_text(table, "route_table_id") : NULL;

	if (!table || !value_is_list(value_get(table, "routes")))
		return;
	if (!route)
		say(at, "route table %s of %s has no route to an internet gateway, which %s needs",
			id, subnet, name);
	else if (text_equals(fact_text(route, "state"), "blackhole"))
		say(at, "route table %s of %s leads to %s, which is not there any more", id, subnet,
			route_target(route));
	else if (!text_starts(route_target(route), "igw-") &&
		 !text_starts(route_target(route), "vgw-") &&
		 !text_starts(route_target(route), "tgw-"))
		say(at, "route table %s of %s sends answers to %s, not to an internet gateway", id,
			subnet, route_target(route));
}

/* Between two VPCs. */
static void
check_between(struct diagnosis *at)
{
	const char *ours = fact_text(at->ask->bastion, "vpc_id");
	const char *theirs = fact_text(at->ask->target, "vpc_id");
	const char *address = fact_text(at->ask->target, "private_ip_address");
	const struct value *table = by_subnet(
		at->world->route_tables, fact_text(at->ask->bastion, "subnet_id"), ours, "main");
	const struct value *route = table && address ? route_find(table, address) : NULL;
	const char *way = route ? route_target(route) : "";

	if (!ours || !theirs || !strcmp(ours, theirs) || !table || !address)
		return;
	if (!text_starts(way, "pcx-") && !text_starts(way, "tgw-"))
		say(at,
			"%s is in %s, %s in %s, and route table %s has no way from one to the "
			"other",
			at->us, ours, at->ask->name, theirs, fact_text(table, "route_table_id"));
}

/* ---- addresses ---- */

static bool
is_public(const struct value *facts)
{
	return fact_text(facts, "public_ip_address") || fact_text(facts, "ipv6_address");
}

/* Decisive, unless there is a private network between us. */
static void
check_address(struct diagnosis *at)
{
	if (at->ask->bastion && !at->ask->has_bastion_own_way && !is_public(at->ask->bastion))
		say(at, "%s has no public address", at->us);
	else if (!at->ask->bastion && !at->ask->has_own_way && !is_public(at->ask->target))
		say(at, "%s has no public address, and no bastion is named", at->ask->name);
}

static void
check_routes(struct diagnosis *at)
{
	const struct diagnose_ask *ask = at->ask;

	if (ask->bastion && !ask->has_bastion_own_way && is_public(ask->bastion))
		check_gateway(at, at->us, ask->bastion, ask->our_address);
	if (ask->bastion)
		check_between(at);
	else if (!ask->has_own_way && is_public(ask->target))
		check_gateway(at, ask->name, ask->target, ask->our_address);
}

/* The bastion itself may be the one that is not reached. */
static void
check_bastion(struct diagnosis *at)
{
	struct diagnose_ask ask = *at->ask;
	struct diagnosis first = *at;

	if (!check_state(at, at->us, at->ask->bastion))
		return;
	check_status(at, at->us, at->ask->bastion);
	ask.name = at->us;
	ask.target = at->ask->bastion;
	ask.bastion = NULL;
	ask.port = at->ask->bastion_port ? at->ask->bastion_port : 22;
	first.ask = &ask;
	first.us = NULL;
	first.source_address = at->ask->our_address;
	check_groups(&first);
	check_acls(&first);
}

void
diagnose(const struct diagnose_world *world, const struct diagnose_ask *ask, struct arena *into,
	struct value *out)
{
	struct diagnose_ask with = *ask;
	struct diagnosis at = { .world = world, .ask = &with, .arena = into, .out = out };

	if (!with.port)
		with.port = 22;
	at.source_address = ask->our_address;
	if (ask->bastion) {
		at.us = ask->bastion_name ? arena_format(into, "the bastion %s", ask->bastion_name)
					  : "the bastion";
		at.is_inside = text_equals(
			fact_text(ask->bastion, "vpc_id"), fact_text(ask->target, "vpc_id"));
		at.source_address = fact_text(ask->bastion, "private_ip_address");
	}
	if (!check_state(&at, ask->name, ask->target))
		return;
	check_address(&at);
	if (ask->bastion)
		check_bastion(&at);
	check_status(&at, ask->name, ask->target);
	check_groups(&at);
	check_bastion_egress(&at);
	check_routes(&at);
	check_acls(&at);
}

/* ---- what roles need ---- */

void
diagnose_ports(const struct diagnose_world *world, const char *name, const struct value *target,
	const struct diagnose_need *needs, size_t count, struct arena *into, struct value *out)
{
	const struct value *ids = group_ids(into, target);
	struct diagnosis at = { .world = world, .arena = into, .out = out };

	if (!value_is_list(world->security_groups) || !ids->list.count)
		return;
	for (size_t i = 0; i < count; i++) {
		bool is_admitted = false;

		VALUE_EACH (id, ids) {
			const struct value *group =
				item_find(world->security_groups, "group_id", value_string(id));
			struct partners partners;

			if (!group) {
				is_admitted = true; /* not known */
				continue;
			}
			partners = group_partners(
				into, group, "ip_permissions", needs[i].protocol, needs[i].port);
			is_admitted |= partners_all(into, &partners)->list.count > 0;
		}
		if (!is_admitted)
			say(&at, "%s of %s %s not admit %s port %d, which %s needs",
				words_of(into, ids), name, ids->list.count > 1 ? "do" : "does",
				needs[i].protocol, needs[i].port, needs[i].by);
	}
}
