/* Collects hosts while a source is read, and asks inventory/reach when all variables are merged. */
#include "inventory/sources/reached.h"

#include "inventory/aws/our_address.h"
#include "inventory/reach/diagnose.h"
#include "inventory/reach/match.h"
#include "inventory/reach/reach.h"

struct reached_host {
	struct inventory_host *host;
	const struct value *facts;
	const char *console;
	const char *bastion; /* found at the last merge; NULL: none */
};

struct reached {
	struct inventory *inventory;
	const struct value *config;
	const char *path;
	struct reach_place place;
	struct reach *options; /* for questions only; NULL: nothing is assumed */
	struct reached_host *hosts;
	size_t count;
	const char *our_address; /* NULL: not known */
	bool has_asked;		 /* for our address */
};

static void
hosts_see(const struct reached *reached, struct reach *reach)
{
	for (size_t i = 0; i < reached->count; i++) {
		const struct reached_host *one = &reached->hosts[i];

		reach_add(reach, &(struct reach_given){ .name = one->host->name,
					 .facts = one->facts,
					 .set = one->host->merged,
					 .groups = inventory_group_names(
						 one->host, &reached->inventory->arena),
					 .console = one->console });
	}
}

static bool
reached_assume(void *context, struct inventory *inventory, struct error *err)
{
	struct reached *reached = context;
	struct reach *reach;
	bool ok;

	if (!reach_new(&inventory->arena, reached->config, &reached->place, &reach, err))
		return false;
	hosts_see(reached, reach);
	ok = reach_settle(reach, err);
	for (size_t i = 0; i < reached->count && ok; i++) {
		struct reached_host *one = &reached->hosts[i];

		one->bastion = reach_bastion(reach, one->host->name);
		inventory_host_assume(
			inventory, one->host, reach_vars(reach, one->host->name), reached->path);
	}
	VALUE_EACH (note, reach_notes(reach))
		inventory_warn(inventory, "%s: %s", reached->path, value_string(note));
	reach_free(reach);
	return ok || error_context(err, "%s", reached->path);
}

/* ---- the doctor ---- */

static const struct reached_host *
host_find(const struct reached *reached, const char *name)
{
	for (size_t i = 0; name && i < reached->count; i++)
		if (!strcmp(reached->hosts[i].host->name, name))
			return &reached->hosts[i];
	return NULL;
}

/* As a whole word: 10.0.0.1 is not in 10.0.0.12. */
static bool
has_word(const char *text, const char *word)
{
	static const char within[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || !strchr(within, at[-1])) &&
			(!at[strlen(word)] || !strchr(within, at[strlen(word)])))
			return true;
	return false;
}

/* A bastion that the user's own arguments name. */
static const struct reached_host *
bastion_named(const struct reached *reached, const struct reached_host *host)
{
	static const char *const facts[] = { "public_ip_address", "public_dns_name",
		"private_ip_address", "instance_id" };
	const char *arguments =
		value_string(value_get(host->host->merged, "ansible_ssh_common_args"));

	if (!arguments || !(strstr(arguments, "Proxy") || strstr(arguments, "-J")))
		return NULL;
	for (size_t i = 0; i < reached->count; i++) {
		const struct reached_host *one = &reached->hosts[i];

		if (one == host)
			continue;
		if (has_word(arguments, one->host->name))
			return one;
		for (size_t j = 0; j < ARRAY_SIZE(facts); j++)
			if (fact_text(one->facts, facts[j]) &&
				has_word(arguments, fact_text(one->facts, facts[j])))
				return one;
	}
	return NULL;
}

static void
facts_add(struct arena *into, struct value *list, const struct value *value)
{
	if (value_is_list(value)) {
		VALUE_EACH (item, value)
			value_add(into, list, item);
	} else if (value) {
		value_add(into, list, value);
	}
}

/* What was joined to an instance, as the describe calls give it. */
static void
world_add(struct arena *into, const struct value *facts, struct value *groups, struct value *tables,
	struct value *acls, struct value *statuses)
{
	const struct value *checks = value_get(facts, "status_checks");
	struct value *status = value_map(into), *one;
	static const char *const names[] = { "instance", "system" };

	facts_add(into, groups, value_get(facts, "security_group_details"));
	facts_add(into, tables, value_get(facts, "route_table"));
	facts_add(into, acls, value_get(facts, "network_acl"));
	if (!checks || !value_get(facts, "instance_id"))
		return;
	value_set(into, status, "instance_id", value_get(facts, "instance_id"));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!value_get(checks, names[i]))
			continue;
		one = value_map(into);
		value_set(into, one, "status", value_get(checks, names[i]));
		value_set(into, status, arena_format(into, "%s_status", names[i]), one);
	}
	value_add(into, statuses, status);
}

static size_t
needs_read(const struct value *list, struct diagnose_need *out, size_t room)
{
	size_t count = 0;

	VALUE_EACH (item, list) {
		int64_t port;

		if (count < room && value_to_int(value_get(item, "port"), &port))
			out[count++] =
				(struct diagnose_need){ value_string(value_get(item, "protocol")),
					(int)port, value_string(value_get(item, "by")) };
	}
	return count;
}

static int
port_of(const struct reached_host *host)
{
	const struct value *port = host ? value_get(host->host->merged, "ansible_port") : NULL;
	int64_t number;

	return port && value_to_int(port, &number) && number > 0 && number < 65536 ? (int)number
										   : 0;
}

/* An ansible_host that is none of the addresses that AWS knows. */
static bool
has_own_way(const struct reached_host *host)
{
	static const char *const known[] = { "public_ip_address", "private_ip_address",
		"public_dns_name", "private_dns_name", "ipv6_address" };
	const char *address =
		host ? value_string(value_get(host->host->merged, "ansible_host")) : NULL;

	for (size_t i = 0; address && i < ARRAY_SIZE(known); i++)
		if (text_equals(address, fact_text(host->facts, known[i])))
			return false;
	return address != NULL;
}

/* Asked for when the first host is not reached. */
static const char *
our_address(struct reached *reached)
{
	const char *option = fact_text(reached->config, "our_address");
	struct error err;
	char reason[1024];

	if (!option || reached->has_asked)
		return reached->our_address;
	reached->has_asked = true;
	error_clear(&err);
	if (!our_address_find(option, &reached->inventory->arena, &reached->our_address, &err))
		inventory_warn(reached->inventory, "%s: your own public address is not known: %s",
			reached->path, error_line(&err, reason, sizeof(reason)));
	return reached->our_address;
}

/* An address of one family says nothing about who is called by the other. */
static bool
is_same_family(const char *ours, const struct reached_host *called)
{
	const char *address = value_string(value_get(called->host->merged, "ansible_host"));

	return ours && !strchr(ours, ':') == !(address && strchr(address, ':'));
}

static void
reached_explain(void *context, struct inventory_host *inventory_host, bool is_lost,
	const struct value *needs, struct value *out)
{
	struct reached *reached = context;
	const struct reached_host *host = host_find(reached, inventory_host->name), *bastion;
	const char *ours = is_lost ? our_address(reached) : NULL;
	struct arena *into = &reached->inventory->arena;
	struct value *groups = value_list(into), *tables = value_list(into),
		     *acls = value_list(into), *statuses = value_list(into);
	const struct diagnose_world world = { groups, tables, acls, statuses };
	struct diagnose_need list[64];

	if (!host)
		return;
	bastion = host->bastion ? host_find(reached, host->bastion) : bastion_named(reached, host);
	world_add(into, host->facts, groups, tables, acls, statuses);
	if (bastion)
		world_add(into, bastion->facts, groups, tables, acls, statuses);
	if (is_lost)
		diagnose(&world,
			&(struct diagnose_ask){ .name = host->host->name,
				.target = host->facts,
				.bastion_name = bastion ? bastion->host->name : NULL,
				.bastion = bastion ? bastion->facts : NULL,
				.our_address = is_same_family(ours, bastion ? bastion : host)
						       ? ours
						       : NULL,
				.has_own_way = has_own_way(host),
				.has_bastion_own_way = has_own_way(bastion),
				.port = port_of(host),
				.bastion_port = port_of(bastion) },
			into, out);
	diagnose_ports(&world, host->host->name, host->facts, list,
		needs_read(needs, list, ARRAY_SIZE(list)), into, out);
}

/* ---- the source ---- */

/* ".prod.aws_ec2.yml.known_hosts" beside the file; names with a dot are no inventories. */
static const char *
known_hosts_path(struct arena *into, const char *directory, const char *path)
{
	const char *slash = strrchr(path, '/');

	return arena_format(into, "%s/.%s.known_hosts", directory, slash ? slash + 1 : path);
}

static bool
begin(const struct source *source, const struct value *config, bool is_asked, struct reached **out,
	struct error *err)
{
	struct arena *arena = &source->inventory->arena;
	const char *slash = strrchr(source->path, '/');
	struct reached *reached;

	*out = NULL;
	if (fact_text(config, "our_address") &&
		!our_address_check(fact_text(config, "our_address"), err))
		return error_context(err, "%s", source->path);
	source->inventory->can_explain = true;
	if (!is_asked && !source->inventory->wants_diagnosis)
		return true;
	reached = arena_new(arena, struct reached);
	*reached = (struct reached){ .inventory = source->inventory,
		.config = config,
		.path = arena_text(arena, source->path),
		.place = { .home = getenv("HOME") } };
	reached->place.directory =
		!slash ? "."
		       : arena_bytes(arena, source->path, MAX((size_t)(slash - source->path), 1u));
	reached->place.known_hosts =
		known_hosts_path(arena, reached->place.directory, source->path);
	if (source->inventory->wants_diagnosis)
		inventory_explain_by(source->inventory, reached_explain, reached);
	*out = reached;
	if (!is_asked)
		return true;
	if (!reach_new(arena, config, &reached->place, &reached->options, err))
		return error_context(err, "%s", source->path);
	inventory_assume_later(source->inventory, reached_assume, reached);
	return true;
}

bool
reached_begin(const struct source *source, const struct value *config, struct reached **out,
	struct error *err)
{
	return begin(source, config, reach_is_asked(config), out, err);
}

static const struct value public_word = { .type = VALUE_STRING, .string = { "public", 6, NULL } },
			  private_word = { .type = VALUE_STRING, .string = { "private", 7, NULL } };
static const struct value *usual_words[] = { &public_word, &private_word };
static const struct value usual_addresses = { .type = VALUE_LIST,
	.list = { usual_words, ARRAY_SIZE(usual_words), 0 } };

/* [public, private], if the file does not say. */
static const struct value *
with_addresses(struct arena *into, const struct value *config)
{
	struct value *copy;

	if (!value_is_none(value_get(config, "addresses")))
		return config;
	copy = value_map_copy(into, config);
	value_set(into, copy, "addresses", &usual_addresses);
	return copy;
}

bool
reached_begin_plain(const struct source *source, const struct value *config, struct reached **out,
	struct error *err)
{
	struct arena *arena = &source->inventory->arena;
	struct value *others = value_map(arena);

	VALUE_PAIRS (pair, config)
		if (!view_is(value_string_view(pair->key), "addresses"))
			value_set_key(arena, others, pair->key, pair->value);
	if (!reach_addresses_check(value_get(with_addresses(arena, config), "addresses"), err))
		return error_context(err, "%s", source->path);
	return begin(source, with_addresses(arena, config), reach_is_asked(others), out, err);
}

const char *
reached_address(
	const struct reached *reached, const struct value *config, const struct value *facts)
{
	const struct value *addresses = value_get(config, "addresses");

	if (reached && reached->options)
		return NULL;
	return reach_address(value_is_none(addresses) ? &usual_addresses : addresses, facts);
}

static void
name_add(struct arena *into, const struct value *known, struct value *list, const char *name)
{
	VALUE_EACH (one, known)
		if (text_equals(value_string(one), name))
			return;
	value_add(into, list, value_text(into, name));
}

const struct value *
reached_describe(const struct reached *reached, struct arena *into, const struct value *known)
{
	static const char *const names[] = { "security_groups", "route_tables", "network_acls",
		"status" };
	struct value *list = value_list(into);
	const struct value *users;

	if (!reached)
		return list;
	users = value_get(reached->config, "users");
	if (reached->options && !(value_is(users, VALUE_BOOL) && !users->boolean))
		name_add(into, known, list, "images");
	for (size_t i = 0; reached->inventory->wants_diagnosis && i < ARRAY_SIZE(names); i++)
		name_add(into, known, list, names[i]);
	return list;
}

static bool
is_console_wanted(void *context, const struct value *instance)
{
	const struct reached *reached = context;

	return reach_wants_console(reached->options, instance);
}

bool
reached_console(struct reached *reached, struct describe_console *out)
{
	if (!reached || !reached->options || !reach_reads_consoles(reached->options))
		return false;
	*out = (struct describe_console){ is_console_wanted, reach_console_keys, reached };
	return true;
}

void
reached_add(struct reached *reached, struct inventory_host *host, const struct value *facts,
	const char *console)
{
	if (!reached)
		return;
	if ((reached->count & (reached->count - 1)) == 0)
		reached->hosts =
			arena_grow(&reached->inventory->arena, reached->hosts, reached->count,
				reached->count ? reached->count * 2 : 1, sizeof(*reached->hosts));
	reached->hosts[reached->count++] = (struct reached_host){ host, facts, console, NULL };
}
