/*
 * Host patterns: terms joined by : or , — a name, a glob, a ~regex, @file, with ! (not), & (and),
 * and [i], [a:b] behind. Ansible's order: plain terms first, then &, then !.
 */
#include "inventory/hosts/inventory.h"

#include <fnmatch.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct matcher {
	struct inventory *inventory;
	struct arena *into;
	struct view term;
	pcre2_code *regex;
};

static bool
name_matches(const struct matcher *matcher, const char *name)
{
	const char *pattern = matcher->term.data;

	if (matcher->regex) {
		pcre2_match_data *data = pcre2_match_data_create_from_pattern(matcher->regex, NULL);
		int found = pcre2_match(matcher->regex, (PCRE2_SPTR)name, strlen(name), 0,
			PCRE2_ANCHORED, data, NULL);

		pcre2_match_data_free(data);
		return found >= 0;
	}
	return fnmatch(pattern, name, 0) == 0;
}

static void
add_once(struct matcher *matcher, struct host_list *out, struct inventory_host *host)
{
	if (!host_list_has(out, host))
		host_list_add(matcher->into, out, host);
}

/* Groups that match give their hosts; hosts that match stand for themselves. */
static void
term_collect(struct matcher *matcher, struct host_list *out)
{
	struct inventory *inventory = matcher->inventory;

	for (size_t i = 0; i < inventory->groups.count; i++) {
		const struct inventory_group *group = inventory->groups.entries[i].value;
		struct host_list members = { 0 };

		if (!name_matches(matcher, group->name))
			continue;
		inventory_group_hosts(group, matcher->into, &members);
		for (size_t j = 0; j < members.count; j++)
			add_once(matcher, out, members.hosts[j]);
	}
	for (size_t i = 0; i < inventory->hosts.count; i++) {
		struct inventory_host *host = inventory->hosts.entries[i].value;

		if (!host->is_implicit && name_matches(matcher, host->name))
			add_once(matcher, out, host);
	}
}

static bool
regex_compile(struct matcher *matcher, struct error *err)
{
	int code;
	PCRE2_SIZE offset;
	PCRE2_UCHAR text[128];

	if (matcher->term.data[0] != '~')
		return true;
	matcher->regex = pcre2_compile((PCRE2_SPTR)matcher->term.data + 1, matcher->term.length - 1,
		PCRE2_UTF, &code, &offset, NULL);
	if (matcher->regex)
		return true;
	pcre2_get_error_message(code, text, sizeof(text));
	fail(err, ERR_OPTIONS, "the host pattern '%s' is not a valid regular expression",
		matcher->term.data);
	return error_why(err, "%s at character %zu", (const char *)text, (size_t)offset + 1);
}

/* Cuts "[2]", "[1:3]", "[-1]" from the end of a term. IPv6 addresses and ranges of names stay
 * whole. */
static bool
subscript_cut(struct view *term, int64_t *from, int64_t *to)
{
	const char *open = NULL;
	struct view inside, first, second;

	if (!view_ends(*term, "]"))
		return false;
	for (size_t i = 0; i < term->length; i++)
		if (term->data[i] == '[')
			open = term->data + i;
	if (!open || open == term->data)
		return false;
	inside = (struct view){ open + 1, (size_t)(term->data + term->length - open - 2) };
	first = inside;
	for (size_t i = 0; i < inside.length; i++)
		if (inside.data[i] == ':' || inside.data[i] == '-') {
			if (inside.data[i] == '-' && i == 0)
				continue;
			first.length = i;
			second = (struct view){ inside.data + i + 1, inside.length - i - 1 };
			if (!number_parse(first.length ? first : VIEW("0"), from))
				return false;
			if (!second.length)
				*to = INT64_MAX;
			else if (!number_parse(second, to))
				return false;
			term->length = (size_t)(open - term->data);
			return true;
		}
	if (!number_parse(inside, from))
		return false;
	*to = *from;
	term->length = (size_t)(open - term->data);
	return true;
}

static void
subscript_apply(struct arena *into, struct host_list *list, int64_t from, int64_t to)
{
	struct host_list kept = { 0 };
	int64_t count = (int64_t)list->count;

	from = from < 0 ? from + count : from;
	to = to < 0 ? to + count : to;
	for (int64_t i = MAX(from, 0); i <= to && i < count; i++)
		host_list_add(into, &kept, list->hosts[i]);
	*list = kept;
}

/* host_pattern_mismatch says how bad a pattern without hosts is. */
static bool
tell_mismatch(struct inventory *inventory, const char *pattern, struct error *err)
{
	if (text_equals(inventory->mismatch, "error"))
		return fail(err, ERR_OPTIONS, "Could not match supplied host pattern, ignoring: %s",
			pattern);
	if (!text_equals(inventory->mismatch, "ignore"))
		inventory_warn(
			inventory, "Could not match supplied host pattern, ignoring: %s", pattern);
	return true;
}

static bool
term_match(struct inventory *inventory, struct view term, struct arena *into, struct host_list *out,
	struct error *err)
{
	struct matcher matcher = { .inventory = inventory, .into = into };
	struct inventory_host *local;
	int64_t from = 0, to = 0;
	bool has_subscript = term.length && term.data[0] != '~' && subscript_cut(&term, &from, &to);

	matcher.term = view_of(arena_view(into, term));
	if (view_is(term, "all") || view_is(term, "*")) {
		inventory_group_hosts(inventory->all, into, out);
	} else if (!regex_compile(&matcher, err)) {
		return false;
	} else {
		term_collect(&matcher, out);
		pcre2_code_free(matcher.regex);
	}
	if (!out->count) {
		local = inventory_host_find_or_local(inventory, matcher.term.data);
		if (local)
			host_list_add(into, out, local);
		else if (term.length && !view_is(term, "all") && !view_is(term, "*") &&
			 !tell_mismatch(inventory, matcher.term.data, err))
			return false;
	}
	if (has_subscript)
		subscript_apply(into, out, from, to);
	return true;
}

/* The next term: ends at , or at a : that is neither in [] nor part of an IPv6 address. */
static struct view
term_next(struct view *rest)
{
	size_t depth = 0, i = 0;
	struct view term;

	for (; i < rest->length; i++) {
		char c = rest->data[i];

		if (c == '[')
			depth++;
		else if (c == ']' && depth)
			depth--;
		else if (!depth && (c == ',' || c == ':'))
			break;
	}
	term = (struct view){ rest->data, i };
	i += i < rest->length;
	*rest = (struct view){ rest->data + i, rest->length - i };
	return view_trim(term);
}

static bool
file_terms(struct inventory *inventory, const char *path, struct arena *into, struct host_list *out,
	struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char line[4096];

	if (!file)
		return fail_errno(err, "Unable to find limit file %s", path);
	while (fgets(line, sizeof(line), file)) {
		struct view term = view_trim(view_of(line));
		struct host_list found = { 0 };

		if (!term.length || term.data[0] == '#')
			continue;
		if (!term_match(inventory, term, into, &found, err))
			return false;
		for (size_t i = 0; i < found.count; i++)
			if (!host_list_has(out, found.hosts[i]))
				host_list_add(into, out, found.hosts[i]);
	}
	return true;
}

struct terms {
	struct view plain[128], both[128], not [128];
	size_t plain_count, both_count, not_count;
};

static bool
terms_split(struct view pattern, struct terms *terms, struct error *err)
{
	struct view rest = pattern;

	if (view_starts(pattern, "~")) { /* a regular expression may hold commas and colons */
		terms->plain[terms->plain_count++] = pattern;
		return true;
	}
	while (rest.length) {
		struct view term = term_next(&rest);

		if (!term.length)
			continue;
		if (terms->plain_count == 128 || terms->both_count == 128 ||
			terms->not_count == 128)
			return fail(err, ERR_LIMIT, "the host pattern has more than 128 terms");
		if (term.data[0] == '!')
			terms->not [terms->not_count++] =
				(struct view){ term.data + 1, term.length - 1 };
		else if (term.data[0] == '&')
			terms->both[terms->both_count++] =
				(struct view){ term.data + 1, term.length - 1 };
		else
			terms->plain[terms->plain_count++] = term;
	}
	if (!terms->plain_count)
		terms->plain[terms->plain_count++] = VIEW("all");
	return true;
}

/* An IPv6 address as a whole is a host, not five terms. */
static bool
is_address(struct view pattern)
{
	size_t colons = 0;

	for (size_t i = 0; i < pattern.length; i++) {
		if (pattern.data[i] == ':')
			colons++;
		else if (!strchr("0123456789abcdefABCDEF.%", pattern.data[i]))
			return false;
	}
	return colons >= 2;
}

bool
inventory_match(struct inventory *inventory, const char *pattern, struct arena *into,
	struct host_list *out, struct error *err)
{
	struct terms *terms = arena_new(into, struct terms);
	struct host_list found = { 0 };

	if (is_address(view_of(pattern)))
		terms->plain[terms->plain_count++] = view_of(pattern);
	else if (!terms_split(view_trim(view_of(pattern)), terms, err))
		return false;
	for (size_t i = 0; i < terms->plain_count; i++) {
		struct host_list more = { 0 };
		struct view term = terms->plain[i];

		if (term.data[0] == '@') {
			if (!file_terms(inventory,
				    arena_view(
					    into, (struct view){ term.data + 1, term.length - 1 }),
				    into, &more, err))
				return false;
		} else if (!term_match(inventory, term, into, &more, err)) {
			return false;
		}
		for (size_t j = 0; j < more.count; j++)
			if (!host_list_has(&found, more.hosts[j]))
				host_list_add(into, &found, more.hosts[j]);
	}
	for (size_t i = 0; i < terms->both_count + terms->not_count; i++) {
		bool is_not = i >= terms->both_count;
		struct host_list other = { 0 }, kept = { 0 };

		if (!term_match(inventory,
			    is_not ? terms->not [i - terms->both_count] : terms->both[i], into,
			    &other, err))
			return false;
		for (size_t j = 0; j < found.count; j++)
			if (host_list_has(&other, found.hosts[j]) != is_not)
				host_list_add(into, &kept, found.hosts[j]);
		found = kept;
	}
	*out = found;
	return true;
}
