/* From facts to variables: first every host by itself, then who stands in front of whom. */
#include "inventory/reach/internal.h"

#include <stdarg.h>

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *const own_options[] = { "addresses", "users", "key_files", "bastion",
	"ssh_host_keys" };

/* ---- options ---- */

static const struct value *
option(const struct value *config, const char *name)
{
	const struct value *value = value_is_map(config) ? value_get(config, name) : NULL;

	return value_is_none(value) ? NULL : value;
}

static bool
is_false(const struct value *value)
{
	return value_is(value, VALUE_BOOL) && !value->boolean;
}

bool
reach_is_asked(const struct value *config)
{
	const struct value *all = option(config, "reach");
	bool flag;

	if (all && value_to_bool(all, &flag))
		return flag;
	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++)
		if (option(config, own_options[i]))
			return true;
	return false;
}

/* Kinds of the same name are tried one after the other; the first five are all there are, in the
 * order in which they are usually tried. */
enum { USUAL_KINDS = 5 };

static const struct address_kind {
	const char *name, *path;
	bool is_private;
} address_kinds[] = {
	{ "public_dns", "public_dns_name", false },
	{ "public_ip", "public_ip_address", false },
	{ "private_ip", "private_ip_address", true },
	{ "private_dns", "private_dns_name", true },
	{ "ipv6", NULL, false },
	{ "public", "public_ip_address", false },
	{ "public", "public_dns_name", false },
	{ "private", "private_ip_address", true },
	{ "private", "private_dns_name", true },
};

static bool
is_address_kind(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(address_kinds); i++)
		if (!strcmp(address_kinds[i].name, name))
			return true;
	return false;
}

static bool
address_kind_check(const struct value *kind, struct error *err)
{
	const char *name = value_string(kind);

	if (is_address_kind(name))
		return true;
	fail(err, ERR_OPTIONS, "'addresses': '%s' is no kind of address", name ? name : "?");
	error_at(err, kind);
	return error_hint(err, "there are public_dns, public_ip, private_ip, private_dns, ipv6; "
			       "public and private mean both of theirs");
}

bool
reach_addresses_check(const struct value *addresses, struct error *err)
{
	if (!addresses || is_false(addresses))
		return true;
	if (value_is_string(addresses))
		return address_kind_check(addresses, err);
	if (!value_is_list(addresses) || !addresses->list.count) {
		fail(err, ERR_OPTIONS, "'addresses' is a list, or false");
		return error_at(err, addresses);
	}
	VALUE_EACH (kind, addresses)
		if (!address_kind_check(kind, err))
			return false;
	return true;
}

static bool
options_check(const struct reach *reach, struct error *err)
{
	if (!reach_addresses_check(reach->addresses, err) || !users_check(reach->users, err) ||
		!key_files_check(reach->key_files, err) || !host_keys_check(reach->host_keys, err))
		return false;
	return !reach->bastion || match_check(reach->bastion, err) ||
	       error_context(err, "'bastion'");
}

bool
reach_new(struct arena *arena, const struct value *config, const struct reach_place *place,
	struct reach **out, struct error *err)
{
	struct reach *reach = arena_new(arena, struct reach);

	*reach = (struct reach){ .arena = arena,
		.config = config,
		.place = place,
		.addresses = option(config, "addresses"),
		.users = option(config, "users"),
		.key_files = option(config, "key_files"),
		.bastion = option(config, "bastion"),
		.host_keys = option(config, "ssh_host_keys"),
		.notes = value_list(arena) };
	reach->finds_users = !is_false(reach->users);
	reach->finds_keys = !is_false(reach->key_files);
	if (is_false(reach->bastion))
		reach->bastion = NULL;
	if (is_false(reach->host_keys))
		reach->host_keys = NULL;
	if (!options_check(reach, err))
		return false;
	map_init(&reach->by_name);
	map_init(&reach->missing);
	str_init(&reach->known);
	host_keys_open(reach);
	*out = reach;
	return true;
}

void
reach_free(struct reach *reach)
{
	if (!reach)
		return;
	map_release(&reach->by_name);
	map_release(&reach->missing);
	str_release(&reach->known);
}

void
reach_note(struct reach *reach, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	value_add(reach->arena, reach->notes, value_arguments(reach->arena, format, arguments));
	va_end(arguments);
}

/* ---- what the user has set ---- */

static const struct value *
given_value(const struct reach_host *host, const char *const *names)
{
	const struct value *found = NULL;

	for (; value_is_map(host->given.set) && *names && !found; names++)
		found = value_get(host->given.set, *names);
	return value_is_none(found) ? NULL : found;
}

bool
has_given(const struct reach_host *host, const char *const *names)
{
	return given_value(host, names) != NULL;
}

const char *
given_text(const struct reach_host *host, const char *const *names)
{
	const struct value *found = given_value(host, names);
	const char *text = value_string(found);

	if (!text || (found->flags & VALUE_VAULT))
		return NULL;
	return (found->flags & VALUE_TEMPLATE) && strchr(text, '{') ? NULL : text;
}

static bool
is_ssh(const struct reach_host *host)
{
	static const char *const kinds[] = { "ssh", "smart", "paramiko", "paramiko_ssh", "ssh-cli",
		"ansible.builtin.ssh" };
	const char *kind = given_text(host, NAMES("ansible_connection"));

	if (!kind)
		return !text_equals(fact_text(host->given.facts, "platform"), "windows");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i], kind))
			return true;
	return false;
}

/* ---- addresses ---- */

/* What may be an address; nothing else gets into a command line. */
static bool
is_address(const char *text)
{
	if (!*text || *text == '-' || strlen(text) > 253)
		return false;
	for (; *text; text++)
		if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
			    (*text >= '0' && *text <= '9') || strchr(".:-_", *text)))
			return false;
	return true;
}

static const char *
ipv6_find(const struct value *facts)
{
	const struct value *cards = fact_get(facts, "network_interfaces");

	if (fact_text(facts, "ipv6_address"))
		return fact_text(facts, "ipv6_address");
	if (value_is_list(cards))
		VALUE_EACH (card, cards) {
			const struct value *all = value_get(card, "ipv6_addresses");

			if (value_is_list(all))
				VALUE_EACH (one, all)
					if (fact_text(one, "ipv6_address"))
						return fact_text(one, "ipv6_address");
		}
	return NULL;
}

static const char *
address_of(const struct value *facts, const struct address_kind *kind)
{
	const char *text = kind->path ? fact_text(facts, kind->path) : ipv6_find(facts);

	return text && is_address(text) ? text : NULL;
}

/* Of the kinds of this name, the first that is there. */
static const struct address_kind *
kind_by_name(const struct value *facts, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(address_kinds); i++)
		if (!strcmp(address_kinds[i].name, name) && address_of(facts, &address_kinds[i]))
			return &address_kinds[i];
	return NULL;
}

static const struct address_kind *
kind_choose(const struct value *addresses, const struct value *facts)
{
	const struct address_kind *found = NULL;

	if (value_is_string(addresses))
		return kind_by_name(facts, value_string(addresses));
	if (value_is_list(addresses)) {
		VALUE_EACH (name, addresses)
			if (!found)
				found = kind_by_name(facts, value_string(name));
		return found;
	}
	for (size_t i = 0; i < USUAL_KINDS && !found; i++)
		if (address_of(facts, &address_kinds[i]))
			found = &address_kinds[i];
	return found;
}

const char *
reach_address(const struct value *addresses, const struct value *facts)
{
	const struct address_kind *kind =
		is_false(addresses) ? NULL : kind_choose(addresses, facts);

	return kind ? address_of(facts, kind) : NULL;
}

/* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7, and names that only Amazon's resolver knows. */
static bool
is_private_address(const char *text)
{
	unsigned a, b;

	if (text_ends(text, ".internal") || text_ends(text, ".local"))
		return true;
	if (strchr(text, ':'))
		return (text[0] == 'f' || text[0] == 'F') && strchr("cCdD", text[1]);
	if (sscanf(text, "%u.%u.", &a, &b) != 2)
		return false;
	return a == 10 || (a == 172 && b >= 16 && b <= 31) || (a == 192 && b == 168) ||
	       (a == 100 && b >= 64 && b <= 127);
}

/* A bastion is for those outside: its public addresses come first. */
static void
address_choose(const struct reach *reach, struct reach_host *host)
{
	const struct value *facts = host->given.facts;
	const struct address_kind *kind = NULL;

	for (size_t i = 0; i < USUAL_KINDS && host->is_bastion && !kind; i++)
		if (!address_kinds[i].is_private && address_of(facts, &address_kinds[i]))
			kind = &address_kinds[i];
	if (!kind)
		kind = kind_choose(reach->addresses, facts);
	if (!kind)
		return;
	host->address = address_of(facts, kind);
	host->is_private = kind->is_private || is_private_address(host->address);
}

static void
address_settle(struct reach *reach, struct reach_host *host)
{
	const char *given = given_text(host, NAMES("ansible_host", "ansible_ssh_host"));

	if (has_given(host, NAMES("ansible_host", "ansible_ssh_host"))) {
		host->address = given;
		host->is_private = given && is_private_address(given);
	} else if (!is_false(reach->addresses)) {
		address_choose(reach, host);
		if (host->address)
			value_set(reach->arena, host->vars, "ansible_host",
				value_text(reach->arena, host->address));
	}
}

/* ---- one host ---- */

static void
port_settle(struct reach_host *host)
{
	const struct value *port = given_value(host, NAMES("ansible_port", "ansible_ssh_port"));

	if (!port || !value_to_int(port, &host->port) || host->port < 1 || host->port > 65535)
		host->port = 0;
}

static void
login_settle(struct reach *reach, struct reach_host *host)
{
	static const char *const users[] = { "ansible_user", "ansible_ssh_user", NULL };
	static const char *const keys[] = { "ansible_ssh_private_key_file",
		"ansible_private_key_file", NULL };

	host->user = given_text(host, users);
	if (!has_given(host, users)) {
		host->user = user_find(reach, host);
		if (host->user)
			value_set(reach->arena, host->vars, "ansible_user",
				value_text(reach->arena, host->user));
	}
	host->key_file = given_text(host, keys);
	if (!has_given(host, keys)) {
		host->key_file = key_find(reach, host);
		if (host->key_file)
			value_set(reach->arena, host->vars, "ansible_ssh_private_key_file",
				value_text(reach->arena, host->key_file));
	}
}

static void
pin_settle(struct reach *reach, struct reach_host *host)
{
	const char *id = fact_text(host->given.facts, "instance_id");

	host->alias = id ? id : host->given.name;
	if (!is_address(host->alias))
		host->alias = NULL;
	host->is_pinned = reach->place->known_hosts && host_keys_pin(reach, host);
}

static void
host_begin(struct reach *reach, struct reach_host *host)
{
	const struct match_host asked = { host->given.name, host->given.facts, host->given.groups };
	const char *state = fact_text(host->given.facts, "state.name");
	const char *vpc = fact_text(host->given.facts, "vpc_id");

	host->vars = value_map(reach->arena);
	host->vpc = vpc ? vpc : "";
	host->runs = !state || text_equals(state, "running");
	host->is_bastion = reach->bastion && match_has(reach->bastion, &asked);
	address_settle(reach, host);
	if (!is_ssh(host))
		return;
	port_settle(host);
	login_settle(reach, host);
	pin_settle(reach, host);
}

/* ---- bastions ---- */

static uint64_t
weight(const char *host, const char *bastion)
{
	_cleanup_str_ struct str text = STR_INIT;
	uint64_t hash = 14695981039346656037u;

	str_add_format(&text, "%s\n%s", host, bastion);
	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 1099511628211u;
	/* Neighbours in name must not be neighbours in weight. */
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdu;
	hash ^= hash >> 33;
	hash *= 0xc4ceb9fe1a85ec53u;
	return hash ^ hash >> 33;
}

static const char *
bastion_identity(const struct reach_host *host)
{
	const char *id = fact_text(host->given.facts, "instance_id");

	return id ? id : host->given.name;
}

/* The one with the highest weight for this host: when a bastion comes or goes, only its own hosts
 * move. */
static const struct reach_host *
bastion_choose(const struct reach *reach, const struct reach_host *host)
{
	const struct reach_host *best = NULL;
	uint64_t most = 0;

	for (size_t i = 0; i < reach->bastion_count; i++) {
		const struct reach_host *one = reach->bastions[i];
		uint64_t here;

		/* Where it is not known in which network something is, it may be the right one. */
		if (*one->vpc && *host->vpc && strcmp(one->vpc, host->vpc) != 0)
			continue;
		here = weight(host->given.name, bastion_identity(one));
		if (!best || here > most) {
			best = one;
			most = here;
		}
	}
	return best;
}

static void
no_bastion_note(struct reach *reach, const struct reach_host *first, size_t count)
{
	const char *words = match_words(reach->arena, reach->bastion);
	_cleanup_str_ struct str others = STR_INIT;
	char more[48] = "";

	for (size_t i = 0; i < reach->count; i++) {
		const struct reach_host *one = reach->hosts[i];
		const char *state = fact_text(one->given.facts, "state.name");

		if (one->is_bastion && !strcmp(one->vpc, first->vpc))
			str_add_format(&others, "%s%s is %s", others.length ? ", " : "",
				one->given.name,
				one->runs ? "without an address"
				: state	  ? state
					  : "away");
	}
	if (count > 1)
		snprintf(more, sizeof(more), " and %zu more", count - 1);
	reach_note(reach, "%s%s of %s can be reached through a bastion only, and %s (bastion: %s)",
		first->given.name, more, *first->vpc ? first->vpc : "no VPC",
		others.length ? arena_format(reach->arena, "none runs: %s", others.data)
			      : "there is none",
		words);
}

static bool
needs_bastion(const struct reach *reach, const struct reach_host *host)
{
	return reach->bastion && !host->is_bastion && host->address && host->is_private &&
	       is_ssh(host);
}

static void
bastions_collect(struct reach *reach)
{
	reach->bastions = arena_array(reach->arena, reach->count + 1, struct reach_host *);
	for (size_t i = 0; i < reach->count; i++) {
		struct reach_host *one = reach->hosts[i];

		if (one->is_bastion && one->runs && one->address)
			reach->bastions[reach->bastion_count++] = one;
	}
}

static void
bastions_settle(struct reach *reach)
{
	struct map without; /* VPC: the first host that got none */

	bastions_collect(reach);
	map_init(&without);
	for (size_t i = 0; i < reach->count; i++) {
		struct reach_host *host = reach->hosts[i];

		if (!needs_bastion(reach, host))
			continue;
		host->bastion = bastion_choose(reach, host);
		if (!host->bastion && host->runs && !map_has(&without, host->vpc))
			map_set(&without, host->vpc, host);
	}
	for (size_t i = 0; i < without.count; i++) {
		const struct reach_host *first = without.entries[i].value;
		size_t count = 0;

		for (size_t j = 0; j < reach->count; j++)
			count += needs_bastion(reach, reach->hosts[j]) && reach->hosts[j]->runs &&
				 !strcmp(reach->hosts[j]->vpc, first->vpc);
		no_bastion_note(reach, first, count);
	}
	map_release(&without);
}

/* ---- arguments of ssh ---- */

/* May stand in a ProxyCommand, in quotes if need be. */
static bool
is_argument(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || strchr("%\"'$`;|&<>()\\", *text))
			return false;
	return true;
}

/* `quote`: how a double quote is written where we stand. */
static void
setting_add(struct str *out, const char *keyword, const char *text, const char *quote)
{
	if (strchr(text, ' '))
		str_add_format(out, " -o '%s=%s%s%s'", keyword, quote, text, quote);
	else
		str_add_format(out, " -o %s=%s", keyword, text);
}

static void
pins_add(const struct reach *reach, const struct reach_host *host, struct str *out,
	const char *quote)
{
	if (!host->is_pinned || !is_argument(reach->place->known_hosts))
		return;
	setting_add(out, "HostKeyAlias", host->alias, quote);
	setting_add(out, "UserKnownHostsFile", reach->place->known_hosts, quote);
	setting_add(out, "StrictHostKeyChecking", "yes", quote);
}

/* A command, not a ProxyJump: the bastion's key and host keys have no other place, and Ansible's
 * own ssh understands it as well. The built-in ssh makes a hop of it. */
static void
jump_add(const struct reach *reach, const struct reach_host *bastion, struct str *out)
{
	bool is_v6 = strchr(bastion->address, ':') != NULL;

	str_add(out, " -o ProxyCommand=\"ssh -W %h:%p");
	if (bastion->key_file && is_argument(bastion->key_file)) {
		setting_add(out, "IdentityFile", bastion->key_file, "\\\"");
		str_add(out, " -o IdentitiesOnly=yes");
	}
	pins_add(reach, bastion, out, "\\\"");
	if (bastion->port)
		str_add_format(out, " -p %d", (int)bastion->port);
	if (bastion->user && is_address(bastion->user))
		str_add_format(out, " %s@", bastion->user);
	else
		str_add_char(out, ' ');
	str_add_format(out, is_v6 ? "[%s]\"" : "%s\"", bastion->address);
}

static void
arguments_settle(struct reach *reach, struct reach_host *host)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (has_given(host, NAMES("ansible_ssh_common_args")) || !is_ssh(host))
		return;
	pins_add(reach, host, &text, "\"");
	if (host->bastion)
		jump_add(reach, host->bastion, &text);
	if (text.length)
		value_set(reach->arena, host->vars, "ansible_ssh_common_args",
			value_text(reach->arena, text.data + 1));
}

/* ---- all ---- */

void
reach_add(struct reach *reach, const struct reach_given *given)
{
	struct reach_host *host;

	if (map_has(&reach->by_name, given->name))
		return;
	host = arena_new(reach->arena, struct reach_host);
	host->given = *given;
	if ((reach->count & (reach->count - 1)) == 0)
		reach->hosts = arena_grow(reach->arena, reach->hosts, reach->count,
			reach->count ? reach->count * 2 : 1, sizeof(*reach->hosts));
	reach->hosts[reach->count++] = host;
	map_set(&reach->by_name, given->name, host);
}

bool
reach_settle(struct reach *reach, struct error *err)
{
	for (size_t i = 0; i < reach->count; i++)
		host_begin(reach, reach->hosts[i]);
	bastions_settle(reach);
	for (size_t i = 0; i < reach->count; i++)
		arguments_settle(reach, reach->hosts[i]);
	keys_tell(reach);
	return host_keys_write(reach, err);
}

static const struct reach_host *
host_find(const struct reach *reach, const char *name)
{
	return map_get(&reach->by_name, name);
}

const struct value *
reach_vars(const struct reach *reach, const char *name)
{
	const struct reach_host *host = host_find(reach, name);

	return host ? host->vars : NULL;
}

const char *
reach_bastion(const struct reach *reach, const char *name)
{
	const struct reach_host *host = host_find(reach, name);

	return host && host->bastion ? host->bastion->given.name : NULL;
}

bool
reach_is_bastion(const struct reach *reach, const char *name)
{
	const struct reach_host *host = host_find(reach, name);

	return host && host->is_bastion;
}

const struct value *
reach_notes(const struct reach *reach)
{
	return reach->notes;
}
