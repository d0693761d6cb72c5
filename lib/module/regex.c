/* Python's regular expressions by PCRE2, on bytes. */
#include "module/regex.h"

#include <ctype.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
};

/* \Z is Python's \z; {,n} is {0,n}. Classes in brackets are left alone. False: an escape that
 * Python does not have, and for which PCRE2 would need tables that the runner is built without. */
static bool
pattern_rewrite(const char *pattern, struct str *out, struct error *err)
{
	bool in_class = false;

	for (const char *next = pattern; *next; next++) {
		if (*next == '\\' && next[1]) {
			next++;
			if (strchr("pPX", *next)) {
				fail(err, ERR_PARSE, "regular expression '%s' is not valid",
					pattern);
				return error_why(err, "bad escape \\%c", *next);
			}
			str_add_char(out, '\\');
			str_add_char(out, *next == 'Z' && !in_class ? 'z' : *next);
			continue;
		}
		if (*next == '[' && !in_class) {
			in_class = true;
			str_add_char(out, *next);
			/* A bracket that stands first is meant as itself. */
			if (next[1] == '^')
				str_add_char(out, *++next);
			if (next[1] == ']')
				str_add_char(out, *++next);
			continue;
		}
		if (*next == ']')
			in_class = false;
		str_add_char(out, *next);
		if (*next == '{' && next[1] == ',' && !in_class && isdigit((unsigned char)next[2]))
			str_add_char(out, '0');
	}
	return true;
}

bool
regex_compile(const char *pattern, unsigned flags, struct regex **out, struct error *err)
{
	_cleanup_str_ struct str rewritten = STR_INIT;
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
	struct regex *regex;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int number;
	PCRE2_UCHAR message[256];

	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX : 0;
	options |= flags & REGEX_DOTALL ? PCRE2_DOTALL : 0;
	if (!pattern_rewrite(pattern, &rewritten, err))
		return false;
	code = pcre2_compile(
		(PCRE2_SPTR)rewritten.data, rewritten.length, options, &number, &offset, NULL);
	if (!code) {
		pcre2_get_error_message(number, message, sizeof(message));
		fail(err, ERR_PARSE, "regular expression '%s' is not valid", pattern);
		return error_why(err, "%s (at byte %zu)", (const char *)message, (size_t)offset);
	}
	regex = memory_get(sizeof(*regex));
	regex->code = code;
	regex->data = pcre2_match_data_create_from_pattern(code, NULL);
	*out = regex;
	return true;
}

void
regex_free(struct regex *regex)
{
	if (!regex)
		return;
	pcre2_match_data_free(regex->data);
	pcre2_code_free(regex->code);
	free(regex);
}

bool
regex_search(const struct regex *regex, struct view text, size_t from, struct regex_match *out)
{
	const PCRE2_SIZE *ends;
	int count;

	if (from > text.length)
		return false;
	count = pcre2_match(
		regex->code, (PCRE2_SPTR)text.data, text.length, from, 0, regex->data, NULL);
	if (count < 1)
		return false;
	ends = pcre2_get_ovector_pointer(regex->data);
	*out = (struct regex_match){ .start = ends[0], .end = ends[1] };
	out->group_count = MIN((size_t)pcre2_get_ovector_count(regex->data), (size_t)REGEX_GROUPS);
	for (size_t i = 0; i < (size_t)count && i < REGEX_GROUPS; i++)
		if (ends[2 * i] != PCRE2_UNSET && ends[2 * i] <= ends[2 * i + 1])
			out->groups[i] = (struct view){ text.data + ends[2 * i],
				ends[2 * i + 1] - ends[2 * i] };
	return true;
}

const char *
regex_group_name(const struct regex *regex, size_t group)
{
	uint32_t count = 0, size = 0;
	const unsigned char *table = NULL;

	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &table);
	for (; count > 0; count--, table += size)
		if ((size_t)(table[0] << 8 | table[1]) == group)
			return (const char *)table + 2;
	return NULL;
}

static bool
add_group(const struct regex_match *match, int64_t number, struct str *out, struct error *err)
{
	if (number < 0 || (size_t)number >= match->group_count)
		return fail(err, ERR_PARSE, "invalid group reference %lld", (long long)number);
	if (match->groups[number].data)
		str_add_view(out, match->groups[number]);
	return true;
}

static bool
add_named(const struct regex *regex, const struct regex_match *match, const char **next,
	struct str *out, struct error *err)
{
	const char *end = *next + 2 < *next + strlen(*next) ? strchr(*next, '>') : NULL;
	struct view name;
	char text[64];
	int64_t number;

	if ((*next)[1] != '<' || !end)
		return fail(err, ERR_PARSE, "missing group name in a replacement");
	name = (struct view){ *next + 2, (size_t)(end - *next - 2) };
	*next = end + 1;
	if (number_parse(name, &number))
		return add_group(match, number, out, err);
	if (name.length >= sizeof(text))
		return fail(err, ERR_PARSE, "unknown group name in a replacement");
	memcpy(text, name.data, name.length);
	text[name.length] = '\0';
	number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)text);
	if (number < 0)
		return fail(err, ERR_PARSE, "unknown group name '%s' in a replacement", text);
	return add_group(match, number, out, err);
}

/* One or two digits; three octal digits, or a leading zero, are a character. */
static bool
add_numbered(const struct regex_match *match, const char **next, struct str *out, struct error *err)
{
	size_t digits = strspn(*next, "0123456789"), octals = strspn(*next, "01234567");
	int64_t number = 0;
	bool is_octal = **next == '0' || octals >= 3;

	digits = is_octal ? MIN(octals, (size_t)3) : MIN(digits, (size_t)2);
	for (size_t i = 0; i < digits; i++)
		number = number * (is_octal ? 8 : 10) + ((*next)[i] - '0');
	*next += digits;
	if (!is_octal)
		return add_group(match, number, out, err);
	str_add_char(out, (char)number);
	return true;
}

bool
regex_expand(const struct regex *regex, const struct regex_match *match, const char *replacement,
	struct str *out, struct error *err)
{
	static const char escapes[] = "n\nt\tr\ra\af\fv\vb\b\\\\";
	const char *next = replacement, *found;

	while (*next) {
		if (*next != '\\' || !next[1]) {
			str_add_char(out, *next++);
			continue;
		}
		next++;
		if (isdigit((unsigned char)*next)) {
			if (!add_numbered(match, &next, out, err))
				return false;
		} else if (*next == 'g') {
			if (!add_named(regex, match, &next, out, err))
				return false;
		} else {
			found = NULL;
			for (size_t i = 0; i + 1 < sizeof(escapes); i += 2)
				if (escapes[i] == *next)
					found = &escapes[i + 1];
			if (!found)
				str_add_char(out, '\\');
			str_add_char(out, found ? *found : *next);
			next++;
		}
	}
	return true;
}

bool
regex_replace(const struct regex *regex, struct view text, const char *replacement, struct str *out,
	size_t *count, struct error *err)
{
	struct regex_match match;
	size_t done = 0, from = 0, last_empty = SIZE_MAX;

	*count = 0;
	while (regex_search(regex, text, from, &match)) {
		/* An empty match right behind another match counts since Python 3.7, but each place
		 * only once. */
		if (match.start == match.end && match.end == last_empty) {
			from = match.end + 1;
			continue;
		}
		str_add_bytes(out, text.data + done, match.start - done);
		if (!regex_expand(regex, &match, replacement, out, err))
			return false;
		++*count;
		if (match.start == match.end)
			last_empty = match.end;
		done = from = match.end;
	}
	str_add_bytes(out, text.data + done, text.length - done);
	return true;
}
