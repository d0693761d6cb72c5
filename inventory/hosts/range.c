/* web[01:20], db-[a:f:2]: host names by the dozen. */
#include "inventory/hosts/inventory.h"

#include <ctype.h>

enum { MOST_HOSTS = 100000 };

struct range {
	bool is_letters;
	int64_t from, to, step;
	int width;
};

static bool
range_parse(struct view text, struct range *out)
{
	struct view rest = text, from, to, step = { NULL, 0 };

	*out = (struct range){ .step = 1 };
	if (!view_cut(&rest, ':', &from) || !view_cut(&rest, ':', &to))
		return false;
	if (view_cut(&rest, ':', &step) && (!number_parse(step, &out->step) || out->step <= 0))
		return false;
	if (from.length == 1 && to.length == 1 && isalpha((unsigned char)from.data[0]) &&
		isalpha((unsigned char)to.data[0])) {
		out->is_letters = true;
		out->from = (unsigned char)from.data[0];
		out->to = (unsigned char)to.data[0];
	} else if (!number_parse(from.length ? from : VIEW("0"), &out->from) ||
		   !number_parse(to, &out->to)) {
		return false;
	} else if (from.length > 1 && from.data[0] == '0') {
		out->width = (int)from.length;
	}
	return out->from <= out->to && out->to - out->from <= MOST_HOSTS;
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
	if (!close || !memchr(open, ':', (size_t)(close - open)))
		return add(context, arena_view(&inventory->arena, pattern), err);
	if (!range_parse((struct view){ open + 1, (size_t)(close - open - 1) }, &range)) {
		fail(err, ERR_PARSE, "'%.*s' is not a valid range of hosts",
			(int)MIN(pattern.length, 200), pattern.data);
		return error_hint(err, "write name[01:20] or name[a:f]");
	}
	for (int64_t i = range.from; i <= range.to && ok; i += range.step) {
		str_clear(&name);
		str_add_bytes(&name, pattern.data, (size_t)(open - pattern.data));
		if (range.is_letters)
			str_add_char(&name, (char)i);
		else
			str_add_format(&name, "%0*lld", range.width, (long long)i);
		str_add_bytes(
			&name, close + 1, (size_t)(pattern.data + pattern.length - close - 1));
		ok = inventory_expand(inventory, str_view(&name), add, context, err);
	}
	str_release(&name);
	return ok;
}
