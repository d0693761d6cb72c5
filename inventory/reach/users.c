/* Who to log in as: images have their users by custom, and say in their names who made them. */
#include "inventory/reach/internal.h"

#include <fnmatch.h>

/* Looked at from top to bottom: names first, since some accounts publish several systems. */
static const struct image_user {
	enum { BY_NAME, BY_OWNER, BY_PLATFORM } by;
	const char *pattern, *user;
} table[] = {
	{ BY_NAME, "*ubuntu*", "ubuntu" },
	{ BY_NAME, "amzn*", "ec2-user" },
	{ BY_NAME, "al20[0-9][0-9]-*", "ec2-user" },
	{ BY_NAME, "*amazon-linux*", "ec2-user" },
	{ BY_NAME, "*amazon linux*", "ec2-user" },
	{ BY_NAME, "*-amazon-ecs-optimized*", "ec2-user" },
	{ BY_NAME, "debian-*", "admin" },
	{ BY_NAME, "*/debian-*", "admin" },
	{ BY_NAME, "rhel-*", "ec2-user" },
	{ BY_NAME, "centos stream 9*", "ec2-user" },
	{ BY_NAME, "centos stream 10*", "ec2-user" },
	{ BY_NAME, "centos*", "centos" },
	{ BY_NAME, "rocky-*", "rocky" },
	{ BY_NAME, "almalinux*", "ec2-user" },
	{ BY_NAME, "ol[6-9]*-x86_64-*", "ec2-user" },
	{ BY_NAME, "fedora-coreos-*", "core" },
	{ BY_NAME, "fedora-cloud-*", "fedora" },
	{ BY_NAME, "flatcar-*", "core" },
	{ BY_NAME, "coreos-*", "core" },
	{ BY_NAME, "suse-*", "ec2-user" },
	{ BY_NAME, "opensuse*", "ec2-user" },
	{ BY_NAME, "bitnami-*", "bitnami" },
	{ BY_NAME, "freebsd *", "ec2-user" },
	{ BY_NAME, "freebsd-*", "ec2-user" },
	{ BY_NAME, "kali-*", "kali" },
	{ BY_NAME, "arch-linux-*", "arch" },
	{ BY_NAME, "alpine-*", "alpine" },
	{ BY_NAME, "bottlerocket-*", "ec2-user" },
	{ BY_NAME, "nixos*", "root" },
	{ BY_NAME, "vyos*", "vyos" },
	{ BY_OWNER, "099720109477", "ubuntu" },	  /* Canonical */
	{ BY_OWNER, "136693071363", "admin" },	  /* Debian */
	{ BY_OWNER, "137112412989", "ec2-user" }, /* Amazon */
	{ BY_OWNER, "309956199498", "ec2-user" }, /* Red Hat */
	{ BY_OWNER, "792107900819", "rocky" },	  /* Rocky */
	{ BY_OWNER, "764336703387", "ec2-user" }, /* AlmaLinux */
	{ BY_OWNER, "013907871322", "ec2-user" }, /* SUSE */
	{ BY_OWNER, "075585003325", "core" },	  /* Flatcar */
	{ BY_OWNER, "782442783595", "ec2-user" }, /* FreeBSD */
	{ BY_PLATFORM, "ubuntu*", "ubuntu" },
	{ BY_PLATFORM, "red hat*", "ec2-user" },
	{ BY_PLATFORM, "suse*", "ec2-user" },
};

/* What may stand in front of an @ in a command line. */
static bool
is_user(const char *text)
{
	if (!*text || *text == '-' || strlen(text) > 64)
		return false;
	for (; *text; text++)
		if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
			    (*text >= '0' && *text <= '9') || strchr("._-", *text)))
			return false;
	return true;
}

bool
users_check(const struct value *users, struct error *err)
{
	if (!users || value_is(users, VALUE_BOOL))
		return true;
	if (!value_is_map(users))
		return fail(err, ERR_OPTIONS, "'users' is a map of hosts to users, or false");
	VALUE_PAIRS (pair, users) {
		const char *match = value_string(pair->key), *user = value_string(pair->value);

		if (!match || !user || !is_user(user))
			return fail(err, ERR_OPTIONS, "'users': '%s' has no user's name",
				match ? match : "?");
		if (strcmp(match, "default") != 0 && !match_text_check(match, err))
			return error_context(err, "'users'");
	}
	return true;
}

static const char *
of_image(const struct value *facts)
{
	static const char *const paths[] = {
		[BY_NAME] = "image.name",
		[BY_OWNER] = "image.owner_id",
		[BY_PLATFORM] = "platform_details",
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *text = fact_text(facts, paths[table[i].by]);

		if (text && fnmatch(table[i].pattern, text, FNM_CASEFOLD) == 0)
			return table[i].user;
	}
	return NULL;
}

const char *
user_find(const struct reach *reach, const struct reach_host *host)
{
	const struct match_host asked = { host->given.name, host->given.facts, host->given.groups };
	const char *found = NULL;

	if (!reach->finds_users)
		return NULL;
	if (value_is_map(reach->users))
		VALUE_PAIRS (pair, reach->users)
			if (strcmp(value_string(pair->key), "default") != 0 &&
				match_text_has(value_string(pair->key), &asked))
				return value_string(pair->value);
	found = of_image(host->given.facts);
	return found || !value_is_map(reach->users)
		       ? found
		       : value_string(value_get(reach->users, "default"));
}
