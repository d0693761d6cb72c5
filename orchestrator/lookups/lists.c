/* Lookups that give lists another shape: what with_items, with_dict, with_nested … go over. */
#include "orchestrator/lookups/internal.h"

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
			return fail(err, ERR_TYPE, "with_dict expects a dict");
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

	VALUE_EACH (term, lookup->terms)
		if (value_is_map(term))
			return fail(err, ERR_TYPE, "with_indexed_items expects a list");
	flat.out = value_list(lookup->into);
	if (!lookup_items(&flat, err))
		return false;
	for (uint32_t i = 0; i < flat.out->list.count; i++) {
		struct value *pair = value_list(lookup->into);

		pair->flags |= VALUE_TUPLE;
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

/* A single list is not a product: each of its items is taken apart. */
static bool
nested_single(struct lookup *lookup, const struct value *list, struct error *err)
{
	VALUE_EACH (item, list) {
		struct value *row = value_list(lookup->into);

		if (value_is_list(item)) {
			VALUE_EACH (inner, item)
				value_add(lookup->into, row, inner);
		} else if (value_is_map(item)) {
			VALUE_PAIRS (pair, item)
				value_add(lookup->into, row, pair->key);
		} else if (value_is_string(item)) {
			for (size_t i = 0; i < item->string.length; i++)
				value_add(lookup->into, row,
					value_bytes(lookup->into, item->string.data + i, 1));
		} else {
			return fail(err, ERR_TYPE, "'%s' object is not iterable",
				value_type_name(item));
		}
		value_add(lookup->into, lookup->out, row);
	}
	return true;
}

/* The product of the lists: the last varies fastest. */
bool
lookup_nested(struct lookup *lookup, struct error *err)
{
	uint64_t total = 1;

	if (!lookup->terms->list.count)
		return fail(err, ERR_TYPE,
			"with_nested requires at least one element in the nested list");
	if (lookup->terms->list.count == 1)
		return nested_single(
			lookup, lookup_as_list(lookup, lookup->terms->list.items[0]), err);
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

/* The map without what the path leads to: Ansible takes it out while it walks. */
static const struct value *
without(struct lookup *lookup, const struct value *map, struct view path)
{
	struct value *copy = value_map(lookup->into);
	struct view rest = path, key;

	view_cut(&rest, '.', &key);
	VALUE_PAIRS (pair, map) {
		bool is_it = view_equals(value_string_view(pair->key), key);

		if (is_it && rest.data)
			value_set_key(
				lookup->into, copy, pair->key, without(lookup, pair->value, rest));
		else if (!is_it)
			value_set_key(lookup->into, copy, pair->key, pair->value);
	}
	return copy;
}

/* The list at the end of the path; NULL: a part is missing, and that is no error. */
static bool
subelement_list(struct lookup *lookup, const struct value *item, struct view path, bool skips,
	const struct value **out, struct error *err)
{
	const struct value *at = item;
	struct view key;

	while (view_cut(&path, '.', &key)) {
		const char *name = arena_view(lookup->into, key);
		const struct value *next = value_get(at, name);
		bool is_last = !path.data;

		*out = next;
		if (!next && skips)
			return true;
		if (!next)
			return fail(err, ERR_TYPE,
				"could not find '%s' key in iterated item '%.100s'", name,
				value_to_text(lookup->into, at));
		if (!is_last && !value_is_map(next) && skips) {
			*out = NULL;
			return true;
		}
		if (is_last ? !value_is_list(next) : !value_is_map(next))
			return fail(err, ERR_TYPE, "the key %s should point to a %s, got '%.100s'",
				name, is_last ? "list" : "dictionary",
				value_to_text(lookup->into, next));
		at = next;
	}
	return true;
}

static bool
subelements_of(struct lookup *lookup, const struct value *item, const char *path, bool skips,
	struct error *err)
{
	const struct value *list = NULL, *rest;

	if (value_is_map(item) && value_is_true(value_get(item, "skipped")))
		return true;
	if (!value_is_map(item))
		return fail(err, ERR_TYPE, "subelements lookup expects a dictionary, got '%.100s'",
			value_to_text(lookup->into, item));
	if (!subelement_list(lookup, item, view_of(path), skips, &list, err))
		return false;
	if (!list)
		return true;
	rest = without(lookup, item, view_of(path));
	VALUE_EACH (inner, list) {
		struct value *pair = value_list(lookup->into);

		pair->flags |= VALUE_TUPLE;
		value_add(lookup->into, pair, rest);
		value_add(lookup->into, pair, inner);
		value_add(lookup->into, lookup->out, pair);
	}
	return true;
}

/* The third term is a map of flags, of which there is one. */
static bool
subelement_flags(struct lookup *lookup, bool *skips, struct error *err)
{
	const struct value *terms = lookup->terms, *flags;

	*skips = lookup_option(lookup, "skip_missing", false);
	if (terms->list.count < 3)
		return true;
	flags = terms->list.items[2];
	if (!value_is_map(flags) ||
		flags->map.count != (value_get(flags, "skip_missing") ? 1u : 0u))
		return fail(err, ERR_TYPE,
			"subelements lookup: the optional third item must be a dict with flags "
			"skip_missing");
	*skips |= value_is_true(value_get(flags, "skip_missing"));
	return true;
}

bool
lookup_subelements(struct lookup *lookup, struct error *err)
{
	const struct value *terms = lookup->terms, *first;
	const char *path;
	bool skips;

	if (terms->list.count < 2 || terms->list.count > 3 ||
		!value_is_string(terms->list.items[1]))
		return fail(err, ERR_TYPE,
			"subelements lookup expects a list of two or three items, first a dict or "
			"a "
			"list, second a string pointing to the subkey");
	if (!subelement_flags(lookup, &skips, err))
		return false;
	first = terms->list.items[0];
	path = value_string(terms->list.items[1]);
	if (!value_is_map(first)) {
		VALUE_EACH (item, lookup_as_list(lookup, first))
			if (!subelements_of(lookup, item, path, skips, err))
				return false;
		return true;
	}
	if (value_is_true(value_get(first, "skipped")))
		return true;
	VALUE_PAIRS (pair, first)
		if (!subelements_of(lookup, pair->value, path, skips, err))
			return false;
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
