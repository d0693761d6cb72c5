/*
 * Addresses and ranges: "web[01:20].example.org:2222" is twenty hosts with a port. What is not a
 * valid address stays as it is; a range that is not valid is an error.
 */
#include "inventory/hosts/inventory.h"

#include <ctype.h>

enum { MOST_HOSTS = 100000 };

/* ---- addresses ---- */

/* The length of "[1:20]", "[a:f:2]" or "[0:ff]" at the beginning, or 0. */
static size_t
range_length(struct view text)
{
	const char *close =
		text.length && text.data[0] == '[' ? memchr(text.data, ']', text.length) : NULL;
	size_t colons = 0, digits = 0;

	for (const char *at = text.data + 1; close && at < close; at++) {
		if (*at == ':') {
			if (!digits)
				return 0;
			colons++;
			digits = 0;
		} else if (isalnum((unsigned char)*at)) {
			digits++;
		} else {
			return 0;
		}
	}
	return close && (colons == 1 || colons == 2) && digits ? (size_t)(close - text.data) + 1
							       : 0;
}

static bool
is_label_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

/* Labels with dots between, which neither begin nor end with a hyphen; ranges may stand for parts.
 */
static bool
is_host_name(struct view name)
{
	bool at_start = true;
	char last = '.';

	for (size_t i = 0; i < name.length;) {
		size_t range = range_length((struct view){ name.data + i, name.length - i });
		unsigned char c = (unsigned char)name.data[i];

		if (range) {
			i += range;
			at_start = false;
			last = ']';
			continue;
		}
		if (c == '.' ? at_start || last == '-'
			     : !is_label_char(c) && (c != '-' || at_start))
			return false;
		at_start = c == '.';
		last = (char)c;
		i++;
	}
	return name.length && last != '-' && last != '.';
}

/* Hex digits (or ranges) and colons; at least two of these. */
static bool
is_address(struct view text)
{
	size_t colons = 0;

	for (size_t i = 0; i < text.length;) {
		size_t range = range_length((struct view){ text.data + i, text.length - i });
		unsigned char c = (unsigned char)text.data[i];

		if (!range && !isxdigit(c) && c != ':' && c != '.')
			return false;
		colons += !range && c == ':';
		i += range ? range : 1;
	}
	return colons >= 2;
}

/* Cuts ":port" off what stands before the last colon outside of brackets, if that is the only one.
 */
static struct view
port_cut(struct view text, int64_t *port)
{
	size_t colons = 0, at = 0, depth = 0;
	struct view host = text;

	for (size_t i = 0; i < text.length; i++) {
		depth += text.data[i] == '[';
		depth -= text.data[i] == ']' && depth;
		if (text.data[i] == ':' && !depth) {
			colons++;
			at = i;
		}
	}
	if (colons != 1 || !at ||
		!number_parse((struct view){ text.data + at + 1, text.length - at - 1 }, port)) {
		*port = 0;
		return text;
	}
	host.length = at;
	/* [::1]:22 and [name]:22 */
	if (host.length > 2 && host.data[0] == '[' && host.data[at - 1] == ']' &&
		range_length(host) != host.length)
		host = (struct view){ host.data + 1, host.length - 2 };
	return host;
}

bool
inventory_address(struct view text, bool allows_ranges, struct view *host, int64_t *port)
{
	*host = port_cut(text, port);
	if ((is_host_name(*host) || is_address(*host)) &&
		(allows_ranges || !host->length || !memchr(host->data, '[', host->length)))
		return true;
	*host = text;
	*port = 0;
	return false;
}

/* ---- ranges ---- */

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct range {
	bool is_letters;
	int64_t from, to, step;
	int width;
};

static int64_t
letter_index(struct view text)
{
	const char *found = text.length == 1 ? strchr(letters, text.data[0]) : NULL;

	return found ? found - letters : -1;
}

static bool
range_parse(struct view text, struct range *out, struct error *err)
{
	struct view rest = text, parts[3] = { { NULL, 0 } }, piece;
	size_t count = 0;

	*out = (struct range){ .step = 1 };
	while (view_cut(&rest, ':', &piece)) {
		if (count < 3)
			parts[count] = piece;
		count++;
	}
	if (count != 2 && count != 3)
		return fail(err, ERR_PARSE, "host range must be begin:end or begin:end:step");
	if (!parts[0].length)
		parts[0] = VIEW("0");
	if (!parts[1].length)
		return fail(err, ERR_PARSE, "host range must specify end value");
	if (parts[0].length > 1 && parts[0].data[0] == '0') {
		out->width = (int)parts[0].length;
		if (parts[0].length != parts[1].length)
			return fail(err, ERR_PARSE,
				"host range must specify equal-length begin and end formats");
	}
	if (count == 3 && parts[2].length &&
		(!number_parse(parts[2], &out->step) || out->step <= 0))
		return fail(err, ERR_PARSE, "host range has no valid step: %.*s",
			(int)MIN(parts[2].length, 50), parts[2].data);
	out->from = letter_index(parts[0]);
	out->to = letter_index(parts[1]);
	out->is_letters = out->from >= 0 && out->to >= 0;
	if (out->is_letters && out->from > out->to)
		return fail(err, ERR_PARSE, "host range must have begin <= end");
	if (!out->is_letters &&
		(!number_parse(parts[0], &out->from) || !number_parse(parts[1], &out->to)))
		return fail(err, ERR_PARSE, "host range has no valid begin or end: %.*s",
			(int)MIN(text.length, 50), text.data);
	if (out->to - out->from > MOST_HOSTS)
		return fail(err, ERR_LIMIT, "host range has more than %d hosts", MOST_HOSTS);
	return true;
}

bool
inventory_expand(struct inventory *inventory, struct view pattern,
	bool (*add)(void *context, const char *name, struct error *err), void *context,
	struct error *err)
{
	const char *open = pattern.length ? memchr(pattern.data, '[', pattern.length) : NULL,
		   *close;
	struct str name = STR_INIT;
	struct range range;
	bool ok = true;

	close = open ? memchr(open, ']', (size_t)(pattern.data + pattern.length - open)) : NULL;
	if (!open)
		return add(context, arena_view(&inventory->arena, pattern), err);
	if (!close)
		return fail(err, ERR_PARSE, "host range has no end: %.*s",
			(int)MIN(pattern.length, 200), pattern.data);
	if (!range_parse((struct view){ open + 1, (size_t)(close - open - 1) }, &range, err))
		return false;
	for (int64_t i = range.from; i <= range.to && ok; i += range.step) {
		str_clear(&name);
		str_add_bytes(&name, pattern.data, (size_t)(open - pattern.data));
		if (range.is_letters)
			str_add_char(&name, letters[i]);
		else
			str_add_format(&name, "%0*lld", range.width, (long long)i);
		str_add_bytes(
			&name, close + 1, (size_t)(pattern.data + pattern.length - close - 1));
		ok = inventory_expand(inventory, str_view(&name), add, context, err);
	}
	str_release(&name);
	return ok;
}
