/*
 * Regular expressions as Python's re has them, through PCRE2. Where the two differ: (?P<name>…) is
 * known to both, \Z means the very end in Python (\z here), and replacement texts are Python's (\1,
 * \g<1>, \g<name>, \n).
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <ctype.h>

#include "template/evaluation.h"
#include "template/literal.h"
#include "template/text.h"

struct regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
	uint32_t groups;
};

void
template_regex_free(struct regex *regex)
{
	if (!regex)
		return;
	pcre2_match_data_free(regex->match);
	pcre2_match_context_free(regex->context);
	pcre2_code_free(regex->code);
	free(regex);
}

/* \Z becomes \z, \uXXXX and \UXXXXXXXX become \x{…}. Letters that mean nothing to Python are
 * errors, whatever they mean to PCRE2. */
static bool
pattern_translate(struct call *call, struct view pattern, struct str *out)
{
	for (size_t i = 0; i < pattern.length; i++) {
		size_t digits;
		char c;

		if (pattern.data[i] != '\\' || i + 1 == pattern.length) {
			str_add_char(out, pattern.data[i]);
			continue;
		}
		c = pattern.data[++i];
		digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
		if (digits && i + digits < pattern.length &&
			strspn(pattern.data + i + 1, "0123456789abcdefABCDEF") >= digits) {
			str_add_format(out, "\\x{%.*s}", (int)digits, pattern.data + i + 1);
			i += digits;
			continue;
		}
		if (isalpha((unsigned char)c) && !strchr("AbBdDsSwWZafnrtvxuU", c))
			return call_fail(
				call, ERR_PARSE, "bad escape \\%c at position %zu", c, i - 1);
		str_add_char(out, '\\');
		str_add_char(out, c == 'Z' ? 'z' : c);
	}
	return true;
}

bool
template_regex_compile(struct call *call, struct view pattern, unsigned flags, struct regex **out)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_CIRCUMFLEX | PCRE2_MATCH_INVALID_UTF |
			   PCRE2_NEVER_BACKSLASH_C;
	struct str translated;
	struct regex *regex = memory_get(sizeof(*regex));
	int code;
	PCRE2_SIZE offset;

	options |= flags & REGEX_IGNORECASE ? PCRE2_CASELESS : 0;
	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
	str_init(&translated);
	if (!pattern_translate(call, pattern, &translated)) {
		str_release(&translated);
		free(regex);
		return false;
	}
	regex->code = pcre2_compile(
		(PCRE2_SPTR)translated.data, translated.length, options, &code, &offset, NULL);
	str_release(&translated);
	if (!regex->code) {
		PCRE2_UCHAR message[160];

		pcre2_get_error_message(code, message, sizeof(message));
		template_regex_free(regex);
		call_fail(call, ERR_PARSE, "wrong regular expression '%.*s'",
			(int)MIN(pattern.length, 200), pattern.data);
		return error_why(call->run->session->err, "%s at offset %zu",
			code == PCRE2_ERROR_QUANTIFIER_INVALID ? "nothing to repeat"
							       : (const char *)message,
			(size_t)offset);
	}
	regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
	regex->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(regex->context, 2000000);
	pcre2_set_heap_limit(regex->context, 64 * 1024);
	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
	*out = regex;
	return true;
}

static bool
match_from(struct call *call, struct regex *regex, struct view text, size_t start, uint32_t options,
	bool *out)
{
	int count = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.length, start, options,
		regex->match, regex->context);

	if (count < 0 && count != PCRE2_ERROR_NOMATCH)
		return call_fail(call, ERR_LIMIT, "regular expression takes too long");
	*out = count > 0;
	return true;
}

bool
regex_find(struct call *call, struct regex *regex, struct view text, enum regex_anchor anchor,
	bool *out)
{
	uint32_t options = anchor == REGEX_SEARCH ? 0 : PCRE2_ANCHORED;

	return match_from(call, regex, text, 0,
		anchor == REGEX_FULLMATCH ? options | PCRE2_ENDANCHORED : options, out);
}

static struct view
group_view(const struct regex *regex, struct view text, uint32_t group)
{
	const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(regex->match);

	if (group > regex->groups || offsets[group * 2] == PCRE2_UNSET ||
		offsets[group * 2] > offsets[group * 2 + 1])
		return (struct view){ NULL, 0 };
	return (struct view){ text.data + offsets[group * 2],
		offsets[group * 2 + 1] - offsets[group * 2] };
}

static const struct value *
group_value(struct call *call, const struct regex *regex, struct view text, uint32_t group,
	const struct value *missing)
{
	struct view view = group_view(regex, text, group);

	return view.data ? value_view(call_arena(call), view) : missing;
}

static bool
group_named(struct call *call, const struct regex *regex, struct view name, uint32_t *out)
{
	int64_t number;

	if (number_parse(name, &number)) {
		*out = (uint32_t)number;
		return number >= 0 && number <= regex->groups
			       ? true
			       : call_fail(call, ERR_TYPE, "invalid group reference");
	}
	number = pcre2_substring_number_from_name(
		regex->code, (PCRE2_SPTR)arena_view(call_arena(call), name));
	if (number < 0)
		return call_fail(
			call, ERR_TYPE, "unknown group name '%.*s'", (int)name.length, name.data);
	*out = (uint32_t)number;
	return true;
}

/* One escape of a replacement; `at` stands behind the backslash. */
static bool
replacement_escape(struct call *call, const struct regex *regex, struct view text, struct view to,
	size_t *at, struct str *out)
{
	static const char letters[] = "n\nt\tr\rf\fv\va\a\\\\";
	char c = to.data[*at];
	const char *end;
	uint32_t group;

	if (c >= '0' && c <= '3' && *at + 2 < to.length && strchr("01234567", to.data[*at + 1]) &&
		strchr("01234567", to.data[*at + 2])) { /* three digits are a character */
		utf8_add(out, (uint32_t)((c - '0') * 64 + (to.data[*at + 1] - '0') * 8 +
					 (to.data[*at + 2] - '0')));
		*at += 3;
		return true;
	}
	if (isdigit((unsigned char)c) && c != '0') {
		size_t digits =
			*at + 1 < to.length && isdigit((unsigned char)to.data[*at + 1]) ? 2 : 1;

		if (!group_named(call, regex, (struct view){ to.data + *at, digits }, &group))
			return false;
		*at += digits;
		str_add_view(out, group_view(regex, text, group));
		return true;
	}
	if (c == 'g' && *at + 1 < to.length && to.data[*at + 1] == '<' &&
		(end = memchr(to.data + *at, '>', to.length - *at))) {
		const char *from = to.data + *at + 2;

		if (!group_named(call, regex, (struct view){ from, (size_t)(end - from) }, &group))
			return false;
		*at = (size_t)(end + 1 - to.data);
		str_add_view(out, group_view(regex, text, group));
		return true;
	}
	(*at)++;
	for (size_t i = 0; letters[i]; i += 2)
		if (letters[i] == c) {
			str_add_char(out, letters[i + 1]);
			return true;
		}
	if (isalpha((unsigned char)c))
		return call_fail(call, ERR_TYPE, "bad escape \\%c", c);
	if (c != '0')
		str_add_char(out, '\\');
	str_add_char(out, c == '0' ? '\0' : c);
	return true;
}

static bool
replacement_add(struct call *call, const struct regex *regex, struct view text, struct view to,
	struct str *out)
{
	for (size_t at = 0; at < to.length;) {
		if (to.data[at] == '\\' && at + 1 == to.length)
			return call_fail(call, ERR_TYPE, "bad escape (end of pattern)");
		if (to.data[at] != '\\') {
			str_add_char(out, to.data[at++]);
			continue;
		}
		at++;
		if (!replacement_escape(call, regex, text, to, &at, out))
			return false;
	}
	return true;
}

/* Python reads the replacement before it looks for a match. */
static bool
replacement_check(struct call *call, const struct regex *regex, struct view to)
{
	struct str unread;
	bool ok;

	memset(pcre2_get_ovector_pointer(regex->match), 0,
		(regex->groups + 1) * 2 * sizeof(PCRE2_SIZE));
	str_init(&unread);
	ok = replacement_add(call, regex, VIEW(""), to, &unread);
	str_release(&unread);
	return ok;
}

/* Calls `each` for every match, left to right, as Python's finditer does. */
typedef bool match_function(struct call *call, struct regex *regex, struct view text, size_t from,
	size_t to, void *context);

static bool
matches_walk(struct call *call, struct regex *regex, struct view text, match_function *each,
	void *context)
{
	size_t at = 0;
	bool is_found = false, was_empty_here = false;

	while (at <= text.length) {
		const PCRE2_SIZE *offsets;

		if (!run_step(call->run) ||
			!match_from(call, regex, text, at,
				was_empty_here ? PCRE2_NOTEMPTY_ATSTART : 0, &is_found))
			return false;
		if (!is_found)
			return true;
		offsets = pcre2_get_ovector_pointer(regex->match);
		if (offsets[1] < offsets[0])
			return call_fail(call, ERR_UNSUPPORTED, "\\K is not supported");
		if (!each(call, regex, text, offsets[0], offsets[1], context))
			return false;
		was_empty_here = offsets[0] == offsets[1];
		at = offsets[1];
		if (was_empty_here && at == text.length)
			return true;
	}
	return true;
}

struct replacing {
	struct view to;
	struct str out;
	size_t done;
	int64_t left;
};

static bool
replace_each(struct call *call, struct regex *regex, struct view text, size_t from, size_t to,
	void *context)
{
	struct replacing *replacing = context;

	if (replacing->left == 0)
		return true;
	replacing->left--;
	str_add_bytes(&replacing->out, text.data + replacing->done, from - replacing->done);
	replacing->done = to;
	return replacement_add(call, regex, text, replacing->to, &replacing->out);
}

static unsigned
flags_of(const struct call *call, size_t ignorecase, size_t multiline)
{
	return (call_flag(call, ignorecase, false) ? REGEX_IGNORECASE : 0u) |
	       (call_flag(call, multiline, false) ? REGEX_MULTILINE : 0u);
}

static bool
replace_call(struct call *call, const struct value **out)
{
	struct replacing replacing = { 0 };
	struct view text, pattern;
	struct regex *regex;
	bool ok;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "", &pattern) ||
		!call_text(call, call->args[1], "", &replacing.to) ||
		!call_int(call, 4, 0, &replacing.left) ||
		!template_regex_compile(call, pattern, flags_of(call, 2, 3), &regex))
		return false;
	if (!replacement_check(call, regex, replacing.to)) {
		template_regex_free(regex);
		return false;
	}
	replacing.left = replacing.left > 0 ? replacing.left : -1;
	str_init_max(&replacing.out, OUTPUT_MOST);
	ok = matches_walk(call, regex, text, replace_each, &replacing);
	template_regex_free(regex);
	if (ok) {
		str_add_bytes(
			&replacing.out, text.data + replacing.done, text.length - replacing.done);
		return call_give(call, &replacing.out, out);
	}
	str_release(&replacing.out);
	return false;
}

/* The group that an argument such as "\\1" or "\\g<name>" asks for, by its name or number. */
static bool
group_asked(struct call *call, const struct value *argument, struct view *out)
{
	struct view name;

	if (!call_text(call, argument, "", &name))
		return false;
	if (view_starts(name, "\\g<") && name.length > 4 &&
		memchr(name.data + 4, '>', name.length - 4)) {
		const char *end = memrchr(name.data, '>', name.length);

		*out = (struct view){ name.data + 3, (size_t)(end - name.data) - 3 };
		return true;
	}
	if (view_starts(name, "\\") && name.length > 1 && isdigit((unsigned char)name.data[1])) {
		size_t length = strspn(name.data + 1, "0123456789");

		*out = (struct view){ name.data + 1, length };
		return true;
	}
	return call_fail(call, ERR_TYPE, "Unknown argument");
}

/* The groups that were asked for as a list; none asked for: the match. */
static bool
groups_give(struct call *call, struct regex *regex, struct view text, const struct value **out)
{
	struct value *list = value_list(call_arena(call));

	if (!call->rest_count) {
		*out = group_value(call, regex, text, 0, &value_none);
		return true;
	}
	for (size_t i = 0; i < call->rest_count; i++) {
		struct view name;
		uint32_t group;

		if (!group_asked(call, call->rest[i], &name) ||
			!group_named(call, regex, name, &group))
			return false;
		value_add(
			call_arena(call), list, group_value(call, regex, text, group, &value_none));
	}
	*out = list;
	return true;
}

static bool
named_flag(const struct call *call, const char *name)
{
	const struct value *value = call->named ? value_get(call->named, name) : NULL;

	return value && value_is_true(value);
}

static bool
search_call(struct call *call, const struct value **out)
{
	unsigned flags = (named_flag(call, "ignorecase") ? REGEX_IGNORECASE : 0u) |
			 (named_flag(call, "multiline") ? REGEX_MULTILINE : 0u);
	struct view text, pattern, name;
	struct regex *regex;
	bool ok, is_found = false;

	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "", &pattern) ||
		!template_regex_compile(call, pattern, flags, &regex))
		return false;
	for (size_t i = 0; i < call->rest_count; i++)
		if (!group_asked(call, call->rest[i], &name)) {
			template_regex_free(regex);
			return false;
		}
	ok = regex_find(call, regex, text, REGEX_SEARCH, &is_found);
	*out = &value_none;
	if (ok && is_found)
		ok = groups_give(call, regex, text, out);
	template_regex_free(regex);
	return ok;
}

static bool
findall_each(struct call *call, struct regex *regex, struct view text, size_t from UNUSED,
	size_t to UNUSED, void *context)
{
	struct value *tuple;

	if (regex->groups < 2) {
		value_add(call_arena(call), context,
			group_value(call, regex, text, regex->groups, &value_empty_string));
		return true;
	}
	tuple = value_list(call_arena(call));
	tuple->flags |= VALUE_TUPLE;
	for (uint32_t i = 1; i <= regex->groups; i++)
		value_add(call_arena(call), tuple,
			group_value(call, regex, text, i, &value_empty_string));
	value_add(call_arena(call), context, tuple);
	return true;
}

static bool
findall_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	struct view text, pattern;
	struct regex *regex;
	bool ok;

	/* multiline comes before ignorecase here, unlike in regex_replace */
	if (!call_text(call, call->input, "", &text) ||
		!call_text(call, call->args[0], "", &pattern) ||
		!template_regex_compile(call, pattern, flags_of(call, 2, 1), &regex))
		return false;
	ok = matches_walk(call, regex, text, findall_each, list);
	template_regex_free(regex);
	*out = list;
	return ok;
}

static bool
escape_call(struct call *call, const struct value **out)
{
	const char *type =
		call->args[0] ? value_to_text(call_arena(call), call->args[0]) : "python";
	bool is_basic = text_equals(type, "posix_basic");
	const char *special = is_basic ? "[].^$*\\" : "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
	struct view text;
	struct str result;

	if (text_equals(type, "posix_extended"))
		return call_fail(call, ERR_TYPE, "Regex type (%s) not yet implemented", type);
	if (!is_basic && !text_equals(type, "python"))
		return call_fail(call, ERR_TYPE, "Invalid regex type (%s)", type);
	if (!call_text(call, call->input, "", &text))
		return false;
	str_init(&result);
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] && strchr(special, text.data[i]))
			str_add_char(&result, '\\');
		str_add_char(&result, text.data[i]);
	}
	return call_give(call, &result, out);
}

const struct function filters_regex[] = {
	{ "regex_replace", "pattern='' replacement='' ignorecase=False multiline=False count=0",
		replace_call, "Each match replaced." },
	{ "regex_search", "regex * **", search_call, "The first match, or the groups asked for." },
	{ "regex_findall", "regex multiline=False ignorecase=False", findall_call, "All matches." },
	{ "regex_escape", "re_type='python'", escape_call, "Safe inside a regular expression." },
	{ NULL }
};
