/*
 * Host patterns: terms joined by : or , — a name, a glob, a ~regex, @file, with ! (not), & (and),
 * and [i], [a:b] behind. Ansible's order: plain terms first, then &, then !.
 */
#include "inventory/hosts/inventory.h"

#include <fnmatch.h>
#include <sys/stat.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct matcher {
	struct inventory *inventory;
	struct arena *into;
	struct view term;
	pcre2_code *regex;
};

/* What one evaluation shares. */
struct matching {
	struct inventory *inventory;
	struct arena *into;
	bool is_beyond; /* an index that no host has: Ansible then takes none at all */
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

/* Groups that match give their hosts; hosts stand for themselves where no group matched, or where
 * the pattern is no plain name. */
static void
term_collect(struct matcher *matcher, struct host_list *out)
{
	struct inventory *inventory = matcher->inventory;
	bool has_group = false;

	for (size_t i = 0; i < inventory->groups.count; i++) {
		const struct inventory_group *group = inventory->groups.entries[i].value;
		struct host_list members = { 0 };

		if (!name_matches(matcher, group->name))
			continue;
		has_group = true;
		inventory_group_hosts(group, matcher->into, &members);
		for (size_t j = 0; j < members.count; j++)
			add_once(matcher, out, members.hosts[j]);
	}
	if (has_group && !strpbrk(matcher->term.data, "~.?*["))
		return;
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

struct subscript {
	bool is_there, is_slice, is_old; /* is_old: "-" between */
	int64_t from, to;
};

/* Cuts "[2]", "[-1]", "[1:3]", "[1:]" from the end of a term; "-" is as good as ":". Everything
 * else in brackets is a part of the name. */
static void
subscript_cut(struct view *term, struct subscript *out)
{
	const char *open = NULL;
	struct view inside, first;
	size_t digits;

	*out = (struct subscript){ 0 };
	if (!view_ends(*term, "]"))
		return;
	for (size_t i = 0; i < term->length; i++)
		if (term->data[i] == '[')
			open = term->data + i;
	if (!open || open == term->data)
		return;
	inside = (struct view){ open + 1, (size_t)(term->data + term->length - open - 2) };
	for (digits = 0;
		digits < inside.length && inside.data[digits] >= '0' && inside.data[digits] <= '9';)
		digits++;
	first = (struct view){ inside.data, digits };
	if (digits && digits < inside.length &&
		(inside.data[digits] == ':' || inside.data[digits] == '-')) {
		struct view last = { inside.data + digits + 1, inside.length - digits - 1 };

		out->is_slice = true;
		out->is_old = inside.data[digits] == '-';
		out->to = -1;
		if (!number_parse(first, &out->from) ||
			(last.length && (!number_parse(last, &out->to) || last.data[0] == '-')))
			return;
		if (!out->to) /* [0:0] is the first, as Ansible reads it */
			out->is_slice = false;
	} else if (!number_parse(inside, &out->from)) {
		return;
	}
	out->is_there = true;
	term->length = (size_t)(open - term->data);
}

static void
subscript_apply(struct matching *matching, struct host_list *list, const struct subscript *at)
{
	struct host_list kept = { 0 };
	int64_t count = (int64_t)list->count, from = at->from;

	if (!at->is_there || !count)
		return;
	if (at->is_slice) {
		int64_t to = at->to < 0 ? count - 1 : at->to;

		for (int64_t i = from; i <= to && i < count; i++)
			host_list_add(matching->into, &kept, list->hosts[i]);
	} else if (from >= count || from < -count) {
		matching->is_beyond = true;
	} else {
		host_list_add(matching->into, &kept, list->hosts[from < 0 ? from + count : from]);
	}
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
term_find(struct matcher *matcher, struct host_list *out, struct error *err)
{
	struct inventory *inventory = matcher->inventory;
	struct inventory_host *local;

	if (view_is(matcher->term, "all") || view_is(matcher->term, "*")) {
		inventory_group_hosts(inventory->all, matcher->into, out);
		return true;
	}
	if (!regex_compile(matcher, err))
		return false;
	term_collect(matcher, out);
	pcre2_code_free(matcher->regex);
	if (out->count || !matcher->term.length)
		return true;
	local = inventory_host_find_or_local(inventory, matcher->term.data);
	if (local) {
		host_list_add(matcher->into, out, local);
		return true;
	}
	return inventory_group_find(inventory, matcher->term.data) ||
	       tell_mismatch(inventory, matcher->term.data, err);
}

static bool
term_match(struct matching *matching, struct view term, struct host_list *out, struct error *err)
{
	struct inventory *inventory = matching->inventory;
	struct matcher matcher = { .inventory = inventory, .into = matching->into };
	struct inventory_host *host =
		inventory_host_find(inventory, arena_view(matching->into, term));
	struct subscript subscript = { 0 };

	if (host) { /* a host of that very name, whatever else the name might mean */
		host_list_add(matching->into, out, host);
		return true;
	}
	if (term.length && term.data[0] != '~')
		subscript_cut(&term, &subscript);
	if (subscript.is_there && subscript.is_old)
		inventory_warn(inventory,
			"Use [x:y] inclusive subscripts instead of [x-y] which has "
			"been removed");
	matcher.term = view_of(arena_view(matching->into, term));
	if (!term_find(&matcher, out, err))
		return false;
	subscript_apply(matching, out, &subscript);
	return true;
}

static bool
file_terms(struct matching *matching, const char *path, struct host_list *out, struct error *err)
{
	_cleanup_fclose_ FILE *file = NULL;
	struct stat status;
	char line[4096];

	if (stat(path, &status) != 0)
		return fail(err, ERR_OPTIONS, "Unable to find limit file %s", path);
	if (!S_ISREG(status.st_mode))
		return fail(err, ERR_OPTIONS,
			"Limit starting with \"@\" must be a file, not a directory: %s", path);
	file = fopen(path, "re");
	if (!file)
		return fail_errno(err, "Unable to read limit file %s", path);
	if (!status.st_size) { /* an empty file limits nothing */
		inventory_group_hosts(matching->inventory->all, matching->into, out);
		return true;
	}
	while (fgets(line, sizeof(line), file)) {
		struct view term = view_trim(view_of(line));
		struct host_list found = { 0 };

		if (!term.length || term.data[0] == '#')
			continue;
		if (!term_match(matching, term, &found, err))
			return false;
		for (size_t i = 0; i < found.count; i++)
			if (!host_list_has(out, found.hosts[i]))
				host_list_add(matching->into, out, found.hosts[i]);
	}
	return true;
}

enum { MOST_TERMS = 4096 };

struct terms {
	struct view *plain, *both, *without;
	size_t plain_count, both_count, without_count;
};

static bool
term_add(struct terms *terms, struct view term, struct error *err)
{
	struct view rest = { term.data + 1, term.length - 1 };

	if (!term.length)
		return true;
	if (terms->plain_count == MOST_TERMS || terms->both_count == MOST_TERMS ||
		terms->without_count == MOST_TERMS)
		return fail(err, ERR_LIMIT, "the host pattern has more than %d terms", MOST_TERMS);
	if (term.data[0] == '!')
		terms->without[terms->without_count++] = rest;
	else if (term.data[0] == '&')
		terms->both[terms->both_count++] = rest;
	else
		terms->plain[terms->plain_count++] = term;
	return true;
}

/* The next run of characters that are neither white space nor colons; brackets hold colons
 * together.
 */
static bool
run_next(struct view *rest, struct view *out)
{
	size_t from = 0, to;

	while (from < rest->length && strchr(" \t\n:[]", rest->data[from])) {
		const char *close = rest->data[from] == '['
					    ? memchr(rest->data + from, ']', rest->length - from)
					    : NULL;

		if (close)
			break;
		from++;
	}
	for (to = from; to < rest->length;) {
		const char *close = rest->data[to] == '['
					    ? memchr(rest->data + to, ']', rest->length - to)
					    : NULL;

		if (close)
			to = (size_t)(close - rest->data) + 1;
		else if (strchr(" \t\n:[]", rest->data[to]))
			break;
		else
			to++;
	}
	*out = (struct view){ rest->data + from, to - from };
	*rest = (struct view){ rest->data + to, rest->length - to };
	return out->length > 0;
}

/* Commas separate, and then nothing else does; an address is one term, whatever colons it has; else
 * colons and white space separate. */
static bool
terms_split(struct view pattern, struct terms *terms, struct error *err)
{
	struct view rest = pattern, term;
	int64_t port;

	if (pattern.length && memchr(pattern.data, ',', pattern.length)) {
		while (view_cut(&rest, ',', &term))
			if (!term_add(terms, view_trim(term), err))
				return false;
	} else if (inventory_address(pattern, true, &term, &port)) {
		if (!term_add(terms, pattern, err))
			return false;
	} else {
		while (run_next(&rest, &term))
			if (!term_add(terms, term, err))
				return false;
	}
	if (!terms->plain_count)
		terms->plain[terms->plain_count++] = VIEW("all");
	return true;
}

static bool
plain_terms(struct matching *matching, const struct terms *terms, struct host_list *found,
	struct error *err)
{
	for (size_t i = 0; i < terms->plain_count; i++) {
		struct host_list more = { 0 };
		struct view term = terms->plain[i];

		if (term.data[0] == '@') {
			const struct view path = { term.data + 1, term.length - 1 };

			if (!file_terms(matching, arena_view(matching->into, path), &more, err))
				return false;
		} else if (!term_match(matching, term, &more, err)) {
			return false;
		}
		for (size_t j = 0; j < more.count; j++)
			if (!host_list_has(found, more.hosts[j]))
				host_list_add(matching->into, found, more.hosts[j]);
	}
	return true;
}

bool
inventory_match(struct inventory *inventory, const char *pattern, struct arena *into,
	struct host_list *out, struct error *err)
{
	struct matching matching = { .inventory = inventory, .into = into };
	struct terms terms = { .plain = arena_array(into, MOST_TERMS + 1, struct view),
		.both = arena_array(into, MOST_TERMS, struct view),
		.without = arena_array(into, MOST_TERMS, struct view) };
	struct host_list found = { 0 };

	if (!terms_split(view_trim(view_of(pattern)), &terms, err) ||
		!plain_terms(&matching, &terms, &found, err))
		return false;
	for (size_t i = 0; i < terms.both_count + terms.without_count; i++) {
		bool is_not = i >= terms.both_count;
		struct host_list other = { 0 }, kept = { 0 };

		if (!term_match(&matching,
			    is_not ? terms.without[i - terms.both_count] : terms.both[i], &other,
			    err))
			return false;
		for (size_t j = 0; j < found.count; j++)
			if (host_list_has(&other, found.hosts[j]) != is_not)
				host_list_add(into, &kept, found.hosts[j]);
		found = kept;
	}
	if (matching.is_beyond)
		found = (struct host_list){ 0 };
	*out = found;
	return true;
}
