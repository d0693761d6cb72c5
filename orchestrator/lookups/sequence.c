/* lookup('sequence', …): numbers that count. */
#include <ctype.h>

#include "orchestrator/lookups/internal.h"

static bool
sequence_field(struct lookup *lookup, const char *text, const char *key, int64_t *out)
{
	size_t length = strlen(key);

	(void)lookup;
	for (const char *at = text; (at = strstr(at, key)); at++) {
		if ((at == text || isspace((unsigned char)at[-1])) && at[length] == '=') {
			struct view word = { at + length + 1, strcspn(at + length + 1, " \t\n") };

			return number_parse_base(word, 0, out);
		}
	}
	return false;
}

/* %02x, %d: one integer conversion, checked before it is used. */
static bool
sequence_format(struct lookup *lookup, const char *format, int64_t number, struct error *err)
{
	const char *percent = strchr(format, '%'), *at = percent ? percent + 1 : NULL;
	char spec[24];
	struct str out = STR_INIT;
	size_t length;

	if (!at)
		return fail(err, ERR_TYPE, "bad formatting string: %s", format);
	at += strspn(at, "0-+ #");
	at += strspn(at, "0123456789");
	length = (size_t)(at - percent);
	if (!*at || !strchr("dxXou", *at) || length > 12 || strchr(at + 1, '%'))
		return fail(err, ERR_TYPE, "bad formatting string: %s", format);
	snprintf(spec, sizeof(spec), "%.*sll%c", (int)length, percent, *at);
	str_add_bytes(&out, format, (size_t)(percent - format));
	{
		char digits[80];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(digits, sizeof(digits), spec, (long long)number);
#pragma GCC diagnostic pop
		str_add(&out, digits);
	}
	str_add(&out, at + 1);
	value_add(lookup->into, lookup->out, value_view(lookup->into, str_view(&out)));
	str_release(&out);
	return true;
}

static const char *
sequence_format_text(struct lookup *lookup, const char *text)
{
	const char *given = value_string(value_get(lookup->options, "format"));
	const char *at = strstr(text, "format=");

	if (given)
		return given;
	return at ? arena_bytes(lookup->into, at + 7, strcspn(at + 7, " \t\n")) : "%d";
}

/* "3-5/2:format" is the short form of start=3 end=5 stride=2 format=…. */
static bool
sequence_short(const char *text, int64_t *start, int64_t *end, int64_t *stride, const char **format)
{
	char *at;
	long long first = strtoll(text, &at, 0);

	if (at == text)
		return false;
	*end = first;
	if (*at == '-') {
		char *from = at + 1;

		*start = first;
		*end = strtoll(from, &at, 0);
		if (at == from)
			return false;
	}
	if (*at == '/') {
		char *from = at + 1;

		*stride = strtoll(from, &at, 0);
		if (at == from)
			return false;
	}
	if (*at == ':')
		*format = at + 1;
	return *at == '\0' || *at == ':';
}

bool
lookup_sequence(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *text = lookup_text(lookup, term),
			   *format = sequence_format_text(lookup, text);
		int64_t start = 1, end = 0, count, stride = 1;

		if (!sequence_short(text, &start, &end, &stride, &format)) {
			sequence_field(lookup, text, "start", &start);
			sequence_field(lookup, text, "stride", &stride);
			if (sequence_field(lookup, text, "count", &count))
				end = count ? start + count * stride - stride : start - 1;
			else if (!sequence_field(lookup, text, "end", &end))
				return fail(err, ERR_TYPE,
					"must specify count or end in with_sequence");
		}
		if (!stride || (end - start) / stride > 1000000)
			return fail(err, ERR_LIMIT, "with_sequence cannot count that");
		if (stride > 0 && start > end + (end == start - 1))
			return fail(err, ERR_TYPE, "to count backwards make stride negative");
		for (int64_t i = start; stride > 0 ? i <= end : i >= end; i += stride)
			if (!sequence_format(lookup, format, i, err))
				return false;
	}
	return true;
}
