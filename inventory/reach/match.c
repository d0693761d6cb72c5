/* Filters over facts: a table of their names, and how the fact is found. */
#include "inventory/reach/match.h"

#include <fnmatch.h>

const struct value *
fact_get(const struct value *facts, const char *path)
{
	struct view rest = view_of(path), piece;

	while (facts && view_cut(&rest, '.', &piece))
		facts = value_is_map(facts) ? value_get_view(facts, piece) : NULL;
	return facts;
}

const char *
fact_text(const struct value *facts, const char *path)
{
	const char *text = value_string(fact_get(facts, path));

	return text && *text ? text : NULL;
}

/* `of`: the texts of that member of each item of a list. */
static const struct filter {
	const char *name, *path, *of;
} filters[] = {
	{ "architecture", "architecture", NULL },
	{ "availability-zone", "placement.availability_zone", NULL },
	{ "dns-name", "public_dns_name", NULL },
	{ "image-id", "image_id", NULL },
	{ "instance-id", "instance_id", NULL },
	{ "instance-lifecycle", "instance_lifecycle", NULL },
	{ "instance-state-name", "state.name", NULL },
	{ "instance-type", "instance_type", NULL },
	{ "instance.group-id", "security_groups", "group_id" },
	{ "instance.group-name", "security_groups", "group_name" },
	{ "group-id", "security_groups", "group_id" },
	{ "group-name", "security_groups", "group_name" },
	{ "image-name", "image.name", NULL },
	{ "ip-address", "public_ip_address", NULL },
	{ "key-name", "key_name", NULL },
	{ "owner-id", "owner_id", NULL },
	{ "platform", "platform", NULL },
	{ "platform-details", "platform_details", NULL },
	{ "private-dns-name", "private_dns_name", NULL },
	{ "private-ip-address", "private_ip_address", NULL },
	{ "region", "placement.region", NULL },
	{ "subnet-id", "subnet_id", NULL },
	{ "vpc-id", "vpc_id", NULL },
};

static const struct filter *
filter_find(struct view name)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (view_is(name, filters[i].name))
			return &filters[i];
	return NULL;
}

static bool
matches(const char *pattern, const char *text)
{
	return text && fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

static bool
list_matches(const char *pattern, const struct value *list, const char *of)
{
	if (!value_is_list(list))
		return false;
	VALUE_EACH (item, list)
		if (matches(pattern, value_string(of ? value_get(item, of) : item)))
			return true;
	return false;
}

/* The filter's value matches one of the patterns, which have commas between. */
static bool
filter_has(const struct filter *filter, struct view patterns, const struct match_host *host)
{
	const struct value *fact = fact_get(host->facts, filter->path);
	struct view pattern;

	while (view_cut(&patterns, ',', &pattern)) {
		char text[512];

		snprintf(text, sizeof(text), "%.*s", (int)MIN(pattern.length, sizeof(text) - 1),
			pattern.data);
		if (filter->of ? list_matches(text, fact, filter->of)
			       : matches(text, value_string(fact)))
			return true;
	}
	return false;
}

/* `patterns.data` NULL: it is enough that the tag is there. */
static bool
tag_has(struct view name, struct view patterns, const struct match_host *host)
{
	const struct value *tags = value_get(host->facts, "tags");
	const struct value *tag = value_is_map(tags) ? value_get_view(tags, name) : NULL;
	struct view pattern;

	if (!tag || !patterns.data)
		return tag != NULL;
	while (view_cut(&patterns, ',', &pattern)) {
		char text[512];

		snprintf(text, sizeof(text), "%.*s", (int)MIN(pattern.length, sizeof(text) - 1),
			pattern.data);
		/* Values of tags are told apart by case. */
		if (value_string(tag) && fnmatch(text, value_string(tag), 0) == 0)
			return true;
	}
	return false;
}

static const struct {
	const char *prefix;
	struct filter filter;
} shorts[] = {
	{ "image:", { "image", "image.name", NULL } },
	{ "owner:", { "owner", "image.owner_id", NULL } },
	{ "platform:", { "platform", "platform_details", NULL } },
	{ "key:", { "key", "key_name", NULL } },
	{ "ami-", { "ami", "image_id", NULL } },
	{ "i-", { "instance", "instance_id", NULL } },
};

/* "NAME=VALUE" in two; false: there is no "=". */
static bool
equation_split(struct view text, struct view *name, struct view *value)
{
	const char *equals = text.length ? memchr(text.data, '=', text.length) : NULL;

	*name = text;
	*value = (struct view){ 0 };
	if (!equals)
		return false;
	name->length = (size_t)(equals - text.data);
	*value = (struct view){ equals + 1, text.length - name->length - 1 };
	return true;
}

bool
match_text_has(const char *text, const struct match_host *host)
{
	struct view name, value;

	if (text_starts(text, "tag:")) {
		equation_split(view_of(text + 4), &name, &value);
		return tag_has(name, value, host);
	}
	if (text_starts(text, "name:"))
		return matches(text + 5, host->name);
	if (text_starts(text, "group:"))
		return list_matches(text + 6, host->groups, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(shorts); i++)
		if (text_starts(text, shorts[i].prefix))
			return filter_has(&shorts[i].filter,
				view_of(text_ends(shorts[i].prefix, "-")
						? text
						: text + strlen(shorts[i].prefix)),
				host);
	return equation_split(view_of(text), &name, &value) && filter_find(name) &&
	       filter_has(filter_find(name), value, host);
}

static bool
fail_filter(const char *text, struct error *err)
{
	const char *names[ARRAY_SIZE(filters) + 1] = { NULL };
	const char *nearest;
	char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "="), text);
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		names[i] = filters[i].name;
	nearest = text_nearest(name, names);
	fail(err, ERR_OPTIONS, "'%s' does not say which hosts", text);
	return nearest ? error_hint(err, "did you mean %s?", nearest)
		       : error_hint(err, "write tag:NAME=VALUE, group:NAME, name:HOST, i-… or a "
					 "filter such as key-name=VALUE");
}

bool
match_text_check(const char *text, struct error *err)
{
	static const char *const others[] = { "tag:", "name:", "group:" };
	struct view name, value;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (text_starts(text, others[i]) && text[strlen(others[i])])
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(shorts); i++)
		if (text_starts(text, shorts[i].prefix) && text[strlen(shorts[i].prefix)])
			return true;
	if (equation_split(view_of(text), &name, &value) && filter_find(name))
		return true;
	return fail_filter(text, err);
}

/* A map's entry as the text it stands for, once for each value. */
static const char *
pair_text(struct arena *into, const struct value_pair *pair, const struct value *value)
{
	return arena_format(
		into, "%s=%s", value_to_text(into, pair->key), value_to_text(into, value));
}

static bool
pair_has(const struct value_pair *pair, const struct match_host *host)
{
	struct arena arena;
	bool has = false;

	arena_init(&arena);
	if (!value_is_list(pair->value))
		has = match_text_has(pair_text(&arena, pair, pair->value), host);
	else
		VALUE_EACH (value, pair->value)
			has |= match_text_has(pair_text(&arena, pair, value), host);
	arena_release(&arena);
	return has;
}

bool
match_has(const struct value *match, const struct match_host *host)
{
	if (value_is_string(match))
		return match_text_has(value_string(match), host);
	if (value_is_list(match)) {
		VALUE_EACH (one, match)
			if (match_has(one, host))
				return true;
		return false;
	}
	if (!value_is_map(match) || !match->map.count)
		return false;
	VALUE_PAIRS (pair, match)
		if (!pair_has(pair, host))
			return false;
	return true;
}

static bool
map_check(const struct value *map, struct error *err)
{
	struct arena arena;
	bool ok = true;

	arena_init(&arena);
	VALUE_PAIRS (pair, map)
		ok = ok && match_text_check(pair_text(&arena, pair, &value_empty_string), err);
	arena_release(&arena);
	return ok;
}

bool
match_check(const struct value *match, struct error *err)
{
	if (value_is_string(match))
		return match_text_check(value_string(match), err);
	if (value_is_map(match) && match->map.count)
		return map_check(match, err);
	if (!value_is_list(match) || !match->list.count)
		return fail(
			err, ERR_OPTIONS, "hosts are chosen by a text, a map or a list of these");
	VALUE_EACH (one, match)
		if (value_is_list(one) || !match_check(one, err))
			return value_is_list(one)
				       ? fail(err, ERR_OPTIONS, "a list of lists chooses no hosts")
				       : false;
	return true;
}

const char *
match_words(struct arena *into, const struct value *match)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (value_is_map(match)) {
		VALUE_PAIRS (pair, match)
			str_add_format(&text, "%s%s=%s", text.length ? " " : "",
				value_to_text(into, pair->key), value_to_text(into, pair->value));
	} else if (value_is_list(match)) {
		VALUE_EACH (one, match)
			str_add_format(
				&text, "%s%s", text.length ? " or " : "", match_words(into, one));
	} else {
		str_add(&text, value_to_text(into, match));
	}
	return arena_bytes(into, text.data, text.length);
}
