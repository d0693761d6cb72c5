#ifndef INVENTORY_SOURCES_CLOUD_CONFIG_H
#define INVENTORY_SOURCES_CLOUD_CONFIG_H
/* The options of a source that asks a cloud: a table of names, read from a file with `plugin:`. */
#include "inventory/sources/source.h"

enum { CLOUD_ALIASES = 4 };

struct cloud_option {
	const char *name;     /* NULL ends the table */
	bool may_be_template; /* with lookups; of other options templates stay as they are */
	const char *aliases[CLOUD_ALIASES];
	const char *doc; /* for `ertc doc -t inventory` */
};

/* Rows that several sources have. */
#define CLOUD_PLUGIN_OPTION                                         \
	{                                                           \
		"plugin", false, { NULL }, "What this file is for." \
	}
#define CLOUD_NAME_OPTIONS                                                                   \
	{ "hostnames", false, { NULL },                                                      \
		"What hosts are called: the first of these that there is (a filter's name, " \
		"tag:NAME, a map with "                                                      \
		"name, prefix and separator)." },                                            \
		{ "hostvars_prefix", false, { NULL }, "Before the names of variables." },    \
	{                                                                                    \
		"hostvars_suffix", false, { NULL }, "Behind the names of variables."         \
	}
#define CLOUD_FILTER_OPTIONS                                                                    \
	{ "filters", false, { NULL },                                                           \
		"Only these: filters of DescribeInstances with a value or a list of values." }, \
		{ "include_filters", false, { NULL },                                           \
			"A list of such filters; what one of them finds is in." },              \
		{ "exclude_filters", false, { NULL },                                           \
			"A list of such filters; what one of them finds is out." },             \
	{                                                                                       \
		"allow_duplicated_hosts", false, { NULL },                                      \
			"A host for each of its names, and not for the first alone."            \
	}
#define CLOUD_CONSTRUCTED_OPTIONS                                                               \
	{ "compose", false, { NULL }, "Variables made of expressions over the host's own." },   \
		{ "groups", false, { NULL }, "Groups, and the conditions for being in them." }, \
		{ "keyed_groups", false, { NULL },                                              \
			"Groups named after values (key, prefix, separator, parent_group, "     \
			"default_value)." },                                                    \
		{ "strict", false, { NULL }, "An expression that fails is an error." },         \
		{ "leading_separator", false, { NULL },                                         \
			"A separator before the name where there is no prefix." },              \
	{                                                                                       \
		"use_extra_vars", false, { NULL }, "Expressions see -e as well."                \
	}
#define CLOUD_CACHE_OPTIONS                                                                  \
	{ "cache", false, { NULL }, "Keep the answer, and ask nobody while it is fresh." },  \
		{ "cache_connection", false, { NULL }, "The folder it is kept in." },        \
		{ "cache_plugin", false, { NULL },                                           \
			"memory: nothing is kept; any other: one file." },                   \
		{ "cache_prefix", false, { NULL }, "Before the name of the file." },         \
	{                                                                                    \
		"cache_timeout", false, { NULL }, "How long it is fresh, in seconds (3600)." \
	}
#define CLOUD_REACH_OPTIONS                                                                       \
	{ "reach", false, { NULL },                                                               \
		"Find out how hosts are reached (docs/REACH.md); with one of the next, it is." }, \
		{ "addresses", false, { NULL },                                                   \
			"Which address becomes ansible_host: public_dns, public_ip, private_ip "  \
			"…" },                                                                    \
		{ "users", false, { NULL },                                                       \
			"Who logs in, by what a host is; else by its image." },                   \
		{ "key_files", false, { NULL },                                                   \
			"Where the file of a key pair is: {key}, {account}, {alias}." },          \
		{ "bastion", false, { NULL },                                                     \
			"Who stands in front of private hosts: tag:Role=bastion." },              \
		{ "ssh_host_keys", false, { NULL },                                               \
			"Where host keys are known from: tag:NAME, console." },                   \
	{                                                                                         \
		"our_address", false, { NULL },                                                   \
			"Our public address, for the doctor; auto asks for it."                   \
	}
#define CLOUD_OPTIONS_END                   \
	{                                   \
		NULL, false, { NULL }, NULL \
	}

/* Of the sources, ended by a NULL name. */
extern const struct cloud_option aws_ec2_options[], econe_options[], terraform_options[];

/* The options under their own names. What the table does not have is told as a warning. */
bool cloud_config_read(const struct source *source, const struct cloud_option *table,
	const struct value **out, struct error *err) MUST_CHECK;

/* NULL: not given, None, or an empty text. Numbers are shown. */
const char *cloud_text(struct arena *into, const struct value *config, const char *name);
bool cloud_flag(const struct value *config, const char *name, bool fallback);
/* A list, or what stands alone as a list of one; *out is NULL where nothing is given. */
bool cloud_list(struct arena *into, const struct value *config, const char *name,
	const struct value **out, struct error *err) MUST_CHECK;

#endif
