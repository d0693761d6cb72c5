/* The file of an EC2 key pair: a search path, and what stands in the way of using what it finds. */
#include "inventory/reach/internal.h"

#include <fnmatch.h>
#include <sys/stat.h>

/* Relative ones begin at the inventory file's folder. */
static const char *const usual_places[] = { ".secrets/{account}/{key}.pem",
	".secrets/{alias}/{key}.pem", "keys/{key}.pem", "~/.ssh/{key}", "~/.ssh/{key}.pem" };

struct missing_key {
	const char *host; /* the first that needs it */
	size_t others;
	const char *tried, *problem;
};

bool
key_files_check(const struct value *key_files, struct error *err)
{
	if (!key_files || value_is(key_files, VALUE_BOOL) || value_is_string(key_files))
		return true;
	if (value_is_list(key_files)) {
		VALUE_EACH (path, key_files)
			if (!value_is_string(path))
				return fail(err, ERR_OPTIONS, "'key_files': a path is no text");
		return true;
	}
	if (!value_is_map(key_files))
		return fail(err, ERR_OPTIONS,
			"'key_files' is a path, a list of paths, or a map of key pairs to paths");
	VALUE_PAIRS (pair, key_files)
		if (!value_is_string(pair->key) || !value_is_string(pair->value))
			return fail(err, ERR_OPTIONS, "'key_files': a path is no text");
	return true;
}

/* A name of the cloud becomes part of a path: it may not lead elsewhere. */
static bool
is_file_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) < 256;
}

/* NULL: what stands in braces is not known of this host. */
static const char *
place_fill(const struct reach *reach, const struct reach_host *host, const char *pattern)
{
	static const struct {
		const char *name, *path;
	} words[] = { { "{key}", "key_name" }, { "{account}", "owner_id" },
		{ "{alias}", "account_alias" } };
	_cleanup_str_ struct str text = STR_INIT;

	for (const char *at = pattern; *at;) {
		size_t i = 0;

		while (i < ARRAY_SIZE(words) && !text_starts(at, words[i].name))
			i++;
		if (i == ARRAY_SIZE(words)) {
			str_add_char(&text, *at++);
			continue;
		}
		const char *fact = fact_text(host->given.facts, words[i].path);

		if (!fact || !is_file_name(fact))
			return NULL;
		str_add(&text, fact);
		at += strlen(words[i].name);
	}
	if (text.data[0] == '~' && text.data[1] == '/')
		return reach->place->home ? arena_format(reach->arena, "%s%s", reach->place->home,
						    text.data + 1)
					  : NULL;
	if (text.data[0] == '/')
		return arena_bytes(reach->arena, text.data, text.length);
	return arena_format(reach->arena, "%s/%s", reach->place->directory, text.data);
}

struct search {
	struct reach *reach;
	const struct reach_host *host;
	struct str tried;
	const char *found, *problem;
};

/* False: this one was it, or must not be passed over. */
static bool
goes_on(struct search *search, const char *pattern)
{
	const char *path = place_fill(search->reach, search->host, pattern);
	struct stat status;

	if (!path)
		return true;
	str_add_format(&search->tried, "%s%s", search->tried.length ? ", " : "", path);
	if (stat(path, &status) != 0) {
		/* Its public half alone says which key of the agent is meant. */
		if (stat(arena_format(search->reach->arena, "%s.pub", path), &status) != 0)
			return true;
		search->found = path;
		return false;
	}
	if (!S_ISREG(status.st_mode))
		return true;
	if (status.st_mode & 077)
		search->problem = arena_format(search->reach->arena,
			"the key file '%s' is not used: others can read it (mode %04o); chmod 600 "
			"'%s'",
			path, status.st_mode & 07777, path);
	else
		search->found = path;
	return false;
}

static void
search_run(struct search *search, const char *key_name)
{
	const struct value *places = search->reach->key_files;

	if (value_is_string(places)) {
		(void)goes_on(search, value_string(places));
		return;
	}
	if (value_is_list(places)) {
		VALUE_EACH (place, places)
			if (!goes_on(search, value_string(place)))
				return;
		return;
	}
	if (value_is_map(places))
		VALUE_PAIRS (pair, places)
			if (fnmatch(value_string(pair->key), key_name, 0) == 0 &&
				!goes_on(search, value_string(pair->value)))
				return;
	for (size_t i = 0; i < ARRAY_SIZE(usual_places); i++)
		if (!goes_on(search, usual_places[i]))
			return;
}

static void
missing_note(struct search *search, const char *key_name)
{
	struct map *all = &search->reach->missing;
	struct missing_key *missing = map_get(all, key_name);

	if (missing) {
		missing->others++;
		return;
	}
	missing = arena_new(search->reach->arena, struct missing_key);
	*missing = (struct missing_key){ .host = search->host->given.name,
		.tried =
			arena_bytes(search->reach->arena, search->tried.data, search->tried.length),
		.problem = search->problem };
	map_set(all, key_name, missing);
}

const char *
key_find(struct reach *reach, const struct reach_host *host)
{
	struct search search = { .reach = reach, .host = host };
	const char *key_name = fact_text(host->given.facts, "key_name");

	/* econe says «none». */
	if (!reach->finds_keys || !key_name || text_equals(key_name, "none"))
		return NULL;
	str_init(&search.tried);
	search_run(&search, key_name);
	if (!search.found && host->runs)
		missing_note(&search, key_name);
	str_release(&search.tried);
	return search.found;
}

void
keys_tell(struct reach *reach)
{
	for (size_t i = 0; i < reach->missing.count; i++) {
		const struct missing_key *missing = reach->missing.entries[i].value;
		char more[48] = "";

		if (missing->problem) {
			reach_note(reach, "%s", missing->problem);
			continue;
		}
		if (missing->others)
			snprintf(more, sizeof(more), " and %zu more", missing->others);
		reach_note(reach,
			"no file of the key pair '%s' (%s%s): tried %s; only the ssh-agent may "
			"have it",
			reach->missing.entries[i].key, missing->host, more,
			*missing->tried ? missing->tried : "nothing");
	}
}
