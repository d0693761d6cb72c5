#ifndef INVENTORY_REACH_REACH_H
#define INVENTORY_REACH_REACH_H
/*
 * How to reach the hosts of a cloud, from what the cloud says about them: the address, the user,
 * the key file, the bastion in front, and the host keys. Logic over variables: nobody is asked, and
 * only key files are looked for. What it finds is assumed, never set: a variable that the user has
 * given (group_vars, host_vars, compose …) stays as it is, and is reckoned with.
 *
 * Facts are what amazon.aws gives a host (without prefix and suffix); beyond these, `image` (name,
 * owner_id) and `account_alias` are looked at where they are there. Options, in the inventory file:
 *
 *   reach: false             nothing of this; true: all of it. Without it: if one of these is there
 *   addresses: [public_dns, public_ip, private_ip, private_dns, ipv6]; also `public`, `private`
 *   users: { MATCH: USER, …, default: USER }      before the table of images; false: none at all
 *   key_files: PATH, [PATH, …] or { KEY-PAIR: PATH }, with {key}, {account}, {alias}
 *   bastion: MATCH, { FILTER: VALUES, … }, or a list of these
 *   ssh_host_keys: [tag:NAME, console]
 *
 * MATCH is one of match.h's, such as tag:Role=bastion.
 */
#include "value/value.h"

/* The option `addresses` (NULL: not given) for who has no more to ask of reach: is it right, and
 * which address does a host have by it? NULL: none of these. */
bool reach_addresses_check(const struct value *addresses, struct error *err) MUST_CHECK;
const char *reach_address(const struct value *addresses, const struct value *facts);

/* Does the inventory file ask for it at all? `config`: its options, may be NULL. */
bool reach_is_asked(const struct value *config);

struct reach_place {
	const char *directory;	 /* of the inventory file: relative paths begin there */
	const char *home;	 /* NULL: none */
	const char *known_hosts; /* the file for pinned keys, private to this inventory */
};

struct reach;
/* Results live in the arena; config and place are borrowed. Options that make no sense are errors.
 */
bool reach_new(struct arena *arena, const struct value *config, const struct reach_place *place,
	struct reach **out, struct error *err) MUST_CHECK;
void reach_free(struct reach *reach); /* NULL is harmless */

/* All borrowed. */
struct reach_given {
	const char *name;
	const struct value *facts;  /* what the cloud says */
	const struct value *set;    /* the host's variables, merged; may be NULL */
	const struct value *groups; /* names; may be NULL */
	const char *console;	    /* GetConsoleOutput's text; NULL: not asked for */
};
void reach_add(struct reach *reach, const struct reach_given *given);
/* Is `console` among ssh_host_keys? */
bool reach_reads_consoles(const struct reach *reach);
/* Is the console output of a host wanted? Those need it that no key is known of, by a tag or from
 * the console at an earlier time: a machine's keys stay pinned until their lines are deleted. */
bool reach_wants_console(const struct reach *reach, const struct value *facts);
/* The part of a console output that is looked at; empty: no keys stand there. */
struct view reach_console_keys(struct view console);

/* When all hosts are there: chooses bastions, and writes the file of pinned keys (atomic, 0600),
 * if it is another than before. */
bool reach_settle(struct reach *reach, struct error *err) MUST_CHECK;

/* Afterwards. The variables to assume: a map of texts that are no templates. NULL: no such host. */
const struct value *reach_vars(const struct reach *reach, const char *name);
/* Of the bastion in front; NULL: none. */
const char *reach_bastion(const struct reach *reach, const char *name);
bool reach_is_bastion(const struct reach *reach, const char *name);
/* What the user should know, a text each: keys that are not there or open to others, networks
 * without a bastion. */
const struct value *reach_notes(const struct reach *reach);

#endif
