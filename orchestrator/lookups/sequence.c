/* lookup('sequence', …): numbers that count. */
#include <ctype.h>

#include "orchestrator/lookups/internal.h"

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

struct sequence {
	int64_t start, end, count, stride;
	bool has_end, has_count;
	const char *format;
};

/* As Python's int(text, 0). */
static bool
number_read(const char *name, struct view text, int64_t *out, struct error *err)
{
	struct view digits = text;
	bool is_negative = view_starts(text, "-");
	int base = 10;

	if (is_negative)
		digits = (struct view){ text.data + 1, text.length - 1 };
	if (digits.length > 2 && digits.data[0] == '0' && isalpha((unsigned char)digits.data[1])) {
		base = tolower((unsigned char)digits.data[1]) == 'x'   ? 16
		       : tolower((unsigned char)digits.data[1]) == 'o' ? 8
								       : 2;
		digits = (struct view){ digits.data + 2, digits.length - 2 };
	}
	if (!digits.length || !number_parse_base(digits, base, out))
		return fail(err, ERR_TYPE, "can't parse %s=%.*s as integer", name,
			(int)MIN(text.length, 100), text.data);
	*out = is_negative ? -*out : *out;
	return true;
}

static size_t
hex_span(const char *text)
{
	size_t prefix = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;
	size_t digits = strspn(text + prefix, "0123456789abcdefABCDEF");

	return digits ? prefix + digits : 0;
}

/* "3-5/2:format" is the short form of start=3 end=5 stride=2 format=…. */
static bool
short_read(const char *text, struct sequence *out, bool *is_short, struct error *err)
{
	struct view start = VIEW(""), end, stride = VIEW("");
	const char *at = text;

	*is_short = false;
	end = (struct view){ at, hex_span(at) };
	at += end.length;
	if (end.length && *at == '-') {
		start = end;
		end = (struct view){ at + 1, hex_span(at + 1) };
		at += 1 + end.length;
	}
	if (end.length && *at == '/') {
		stride = (struct view){ at + 1, hex_span(at + 1) };
		at += 1 + stride.length;
		if (!stride.length)
			stride = (struct view){ at, strcspn(at, ":") };
	}
	if (!end.length || (*at && (*at != ':' || !at[1]) && !stride.length))
		return true;
	*is_short = true;
	out->has_end = true;
	if (*at == ':')
		out->format = at + 1;
	return (!start.length || number_read("start", start, &out->start, err)) &&
	       number_read("end", end, &out->end, err) &&
	       (!stride.length || number_read("stride", stride, &out->stride, err));
}

static bool
fields_read(struct lookup *lookup, const char *text, struct sequence *out, struct error *err)
{
	struct value *named = value_map(lookup->into);

	lookup_words(lookup, text, named);
	VALUE_PAIRS (pair, named) {
		const char *name = value_string(pair->key);
		struct view value = value_string_view(pair->value);
		int64_t *number = !strcmp(name, "start")    ? &out->start
				  : !strcmp(name, "end")    ? &out->end
				  : !strcmp(name, "count")  ? &out->count
				  : !strcmp(name, "stride") ? &out->stride
							    : NULL;

		out->has_end |= number == &out->end;
		out->has_count |= number == &out->count;
		if (!strcmp(name, "format"))
			out->format = value_string(pair->value);
		else if (!number)
			return fail(
				err, ERR_TYPE, "unrecognized arguments to with_sequence: ['%s']", name);
		else if (!number_read(name, value, number, err))
			return false;
	}
	return true;
}

static bool
sequence_check(struct sequence *sequence, struct error *err)
{
	const char *percent = strchr(sequence->format, '%');

	if (!sequence->has_end && !sequence->has_count)
		return fail(err, ERR_TYPE, "must specify count or end in with_sequence");
	if (sequence->has_end && sequence->has_count)
		return fail(err, ERR_TYPE, "can't specify both count and end in with_sequence");
	if (sequence->has_count) {
		sequence->end =
			sequence->start + sequence->count * sequence->stride - sequence->stride;
		if (!sequence->count)
			sequence->start = sequence->end = sequence->stride = 0;
	}
	if (sequence->stride > 0 && sequence->end < sequence->start)
		return fail(err, ERR_TYPE, "to count backwards make stride negative");
	if (sequence->stride < 0 && sequence->end > sequence->start)
		return fail(err, ERR_TYPE, "to count forward don't make stride negative");
	if (!percent || strchr(percent + 1, '%'))
		return fail(err, ERR_TYPE, "bad formatting string: %s", sequence->format);
	if (sequence->stride && (sequence->end - sequence->start) / sequence->stride > 1000000)
		return fail(err, ERR_LIMIT, "with_sequence gives more than a million items");
	return true;
}

bool
lookup_sequence(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const char *text = lookup_text(lookup, term);
		struct sequence sequence = { .start = 1, .stride = 1, .format = "%d" };
		bool is_short;

		if (!short_read(text, &sequence, &is_short, err) ||
			(!is_short && !fields_read(lookup, text, &sequence, err)) ||
			!sequence_check(&sequence, err))
			return false;
		for (int64_t i = sequence.start;
			sequence.stride &&
			(sequence.stride > 0 ? i <= sequence.end : i >= sequence.end);
			i += sequence.stride)
			if (!sequence_format(lookup, sequence.format, i, err))
				return false;
	}
	return true;
}
