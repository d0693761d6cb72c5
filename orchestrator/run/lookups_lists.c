/* Lookups that give lists another shape: what with_items, with_dict, with_nested … go over. */
#include <ctype.h>

#include "orchestrator/run/lookups.h"

static void
flatten_into(struct lookup *lookup, const struct value *value, int depth)
{
	if (!value_is_list(value) || depth == 0) {
		value_add(lookup->into, lookup->out, value);
		return;
	}
	VALUE_EACH (item, value)
		flatten_into(lookup, item, depth - 1);
}

bool
lookup_items(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		flatten_into(lookup, term, 1);
	return true;
}

bool
lookup_list(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		value_add(lookup->into, lookup->out, term);
	return true;
}

bool
lookup_flattened(struct lookup *lookup, struct error *err)
{
	(void)err;
	VALUE_EACH (term, lookup->terms)
		flatten_into(lookup, term, 64);
	return true;
}

bool
lookup_dict(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const struct value *map = term;

		if (term->type == VALUE_STRING && !term->string.length)
			continue;
		if (!value_is_map(map))
			return fail(err, ERR_TYPE, "with_dict expects a dict, got %s",
				value_type_name(term));
		VALUE_PAIRS (pair, map) {
			struct value *entry = value_map(lookup->into);

			value_set(lookup->into, entry, "key", pair->key);
			value_set(lookup->into, entry, "value", pair->value);
			value_add(lookup->into, lookup->out, entry);
		}
	}
	return true;
}

bool
lookup_indexed_items(struct lookup *lookup, struct error *err)
{
	struct lookup flat = *lookup;

	flat.out = value_list(lookup->into);
	if (!lookup_items(&flat, err))
		return false;
	for (uint32_t i = 0; i < flat.out->list.count; i++) {
		struct value *pair = value_list(lookup->into);

		value_add(lookup->into, pair, value_int(lookup->into, i));
		value_add(lookup->into, pair, flat.out->list.items[i]);
		value_add(lookup->into, lookup->out, pair);
	}
	return true;
}

bool
lookup_together(struct lookup *lookup, struct error *err)
{
	uint32_t longest = 0;

	if (!lookup->terms->list.count)
		return fail(
			err, ERR_TYPE, "with_together requires at least one element in each list");
	VALUE_EACH (term, lookup->terms)
		longest = MAX(longest, lookup_as_list(lookup, term)->list.count);
	for (uint32_t i = 0; i < longest; i++) {
		struct value *row = value_list(lookup->into);

		VALUE_EACH (term, lookup->terms) {
			const struct value *list = lookup_as_list(lookup, term);

			value_add(lookup->into, row,
				i < list->list.count ? list->list.items[i] : &value_none);
		}
		value_add(lookup->into, lookup->out, row);
	}
	return true;
}

/* The product of the lists: the last varies fastest. */
bool
lookup_nested(struct lookup *lookup, struct error *err)
{
	uint64_t total = lookup->terms->list.count ? 1 : 0;

	VALUE_EACH (term, lookup->terms) {
		total *= lookup_as_list(lookup, term)->list.count;
		if (total > 1000000)
			return fail(err, ERR_LIMIT, "with_nested gives more than a million items");
	}
	for (uint64_t i = 0; i < total; i++) {
		struct value *row = value_list(lookup->into);
		uint64_t rest = i, block = total;

		VALUE_EACH (term, lookup->terms) {
			const struct value *list = lookup_as_list(lookup, term), *item;

			block /= list->list.count;
			item = list->list.items[rest / block];
			rest %= block;
			if (value_is_list(item)) {
				VALUE_EACH (inner, item)
					value_add(lookup->into, row, inner);
			} else {
				value_add(lookup->into, row, item);
			}
		}
		value_add(lookup->into, lookup->out, row);
	}
	return true;
}

static bool
subelements_of(struct lookup *lookup, const struct value *item, const char *path, bool skips,
	struct error *err)
{
	const struct value *list = value_path(item, path);

	if (value_is_map(item) && value_is_true(value_get(item, "skipped")))
		return true;
	if (!value_is_list(list)) {
		if (skips)
			return true;
		return fail(err, ERR_TYPE, "could not find '%s' key in iterated item '%.100s'",
			path, value_to_text(lookup->into, item));
	}
	VALUE_EACH (inner, list) {
		struct value *pair = value_list(lookup->into);

		value_add(lookup->into, pair, item);
		value_add(lookup->into, pair, inner);
		value_add(lookup->into, lookup->out, pair);
	}
	return true;
}

bool
lookup_subelements(struct lookup *lookup, struct error *err)
{
	const struct value *terms = lookup->terms, *first;
	bool skips = false;

	if (terms->list.count < 2 || !value_is_string(terms->list.items[1]))
		return fail(
			err, ERR_TYPE, "subelements lookup expects a list of two or three items");
	if (terms->list.count > 2)
		skips = value_is_true(value_get(terms->list.items[2], "skip_missing"));
	skips |= lookup_option(lookup, "skip_missing", false);
	first = terms->list.items[0];
	if (value_is_map(first)) {
		VALUE_PAIRS (pair, first)
			if (!subelements_of(lookup, pair->value, value_string(terms->list.items[1]),
				    skips, err))
				return false;
		return true;
	}
	VALUE_EACH (item, lookup_as_list(lookup, first))
		if (!subelements_of(lookup, item, value_string(terms->list.items[1]), skips, err))
			return false;
	return true;
}

static bool
sequence_field(struct lookup *lookup, const char *text, const char *key, int64_t *out)
{
	const struct value *given = value_get(lookup->options, key);
	size_t length = strlen(key);

	if (given)
		return value_to_int(given, out);
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
	static const struct value nothing = { .type = VALUE_STRING, .string = { .data = "" } };
	struct value *terms = value_list_copy(lookup->into, lookup->terms);

	if (!terms->list.count)
		value_add(lookup->into, terms, &nothing);
	VALUE_EACH (term, terms) {
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

bool
lookup_random_choice(struct lookup *lookup, struct error *err)
{
	(void)err;
	if (lookup->terms->list.count)
		value_add(lookup->into, lookup->out,
			lookup->terms->list.items[(uint32_t)random() % lookup->terms->list.count]);
	return true;
}
