/* Filters of dicts: combine, dict2items, items2dict, subelements, rekey_on_member. */
#include "template/evaluation.h"

enum list_merge {
	LIST_REPLACE,
	LIST_KEEP,
	LIST_APPEND,
	LIST_PREPEND,
	LIST_APPEND_RP,
	LIST_PREPEND_RP
};

static const char *const list_merge_names[] = { "replace", "keep", "append", "prepend", "append_rp",
	"prepend_rp" };

static void
list_add_all(
	struct call *call, struct value *list, const struct value *from, const struct value *but)
{
	VALUE_EACH (item, from) {
		bool is_left_out = false;

		if (but)
			VALUE_EACH (each, but)
				is_left_out |= value_equals(each, item);
		if (!is_left_out)
			value_add(call_arena(call), list, item);
	}
}

static const struct value *
lists_merge(struct call *call, const struct value *a, const struct value *b, enum list_merge how)
{
	struct value *list = value_list(call_arena(call));

	if (how == LIST_KEEP)
		return a;
	if (how == LIST_REPLACE)
		return b;
	if (how == LIST_PREPEND || how == LIST_PREPEND_RP)
		list_add_all(call, list, b, NULL);
	list_add_all(call, list, a, how == LIST_APPEND_RP || how == LIST_PREPEND_RP ? b : NULL);
	if (how == LIST_APPEND || how == LIST_APPEND_RP)
		list_add_all(call, list, b, NULL);
	return list;
}

static const struct value *
maps_merge(struct call *call, const struct value *a, const struct value *b, bool is_recursive,
	enum list_merge how, int depth)
{
	struct value *map = value_map_copy(call_arena(call), a);

	VALUE_PAIRS (pair, b) {
		const struct value *old = value_get_key(map, pair->key), *item = pair->value;

		if (old && is_recursive && value_is_map(old) && value_is_map(item) && depth < 200)
			item = maps_merge(call, old, item, true, how, depth + 1);
		else if (old && value_is_list(old) && value_is_list(item))
			item = lists_merge(call, old, item, how);
		value_set_key(call_arena(call), map, pair->key, item);
	}
	return map;
}

static bool
combine_add(struct call *call, const struct value *item, bool is_inner, bool is_recursive,
	enum list_merge how, const struct value **result)
{
	if (!value_defined(call->run, item) || !value_plain(call->run, item, &item))
		return false;
	if (value_is_list(item) && !is_inner) {
		VALUE_EACH (each, item)
			if (!combine_add(call, each, true, is_recursive, how, result))
				return false;
		return true;
	}
	if (value_is_none(item) || view_is(value_string_view(item), "None") ||
		view_is(value_string_view(item), "null"))
		return true; /* flatten() leaves these out */
	if (!value_is_map(item)) {
		call_fail(call, ERR_TYPE,
			"failed to combine variables, expected dicts but got a '%s'",
			value_type_name(item));
		return false;
	}
	*result = *result ? maps_merge(call, *result, item, is_recursive, how, 0) : item;
	return true;
}

static bool
combine_call(struct call *call, const struct value **out)
{
	const struct value *recursive = call->named ? value_get(call->named, "recursive") : NULL;
	const struct value *merge = call->named ? value_get(call->named, "list_merge") : NULL,
			   *result = NULL;
	enum list_merge how = LIST_REPLACE;
	bool is_recursive = recursive && value_is_true(recursive), is_known = !merge;

	for (size_t i = 0; merge && i < ARRAY_SIZE(list_merge_names); i++)
		if (text_equals(value_string(merge), list_merge_names[i])) {
			how = (enum list_merge)i;
			is_known = true;
		}
	if (!is_known)
		return call_fail(call, ERR_TYPE,
			"merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', "
			"'append', 'prepend', 'append_rp' or 'prepend_rp'");
	if (call->named)
		VALUE_PAIRS (pair, call->named)
			if (!text_equals(value_string(pair->key), "recursive") &&
				!text_equals(value_string(pair->key), "list_merge"))
				return call_fail(call, ERR_TYPE,
					"'recursive' and 'list_merge' are the only valid keyword "
					"arguments");
	if (!combine_add(call, call->input, false, is_recursive, how, &result))
		return false;
	for (size_t i = 0; i < call->rest_count; i++)
		if (!combine_add(call, call->rest[i], false, is_recursive, how, &result))
			return false;
	*out = result ? result : value_map(call_arena(call));
	return true;
}

static bool
names_of(struct call *call, const struct value **key, const struct value **value)
{
	*key = call->args[0] ? call->args[0] : value_text(call_arena(call), "key");
	*value = call->args[1] ? call->args[1] : value_text(call_arena(call), "value");
	return value_is_string(*key) && value_is_string(*value);
}

static bool
dict2items_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	const struct value *key, *name, *map;

	if (!names_of(call, &key, &name) || !value_plain(call->run, call->input, &map))
		return false;
	if (!value_is_map(map))
		return call_fail(call, ERR_TYPE,
			"dict2items requires a dictionary, got <class '%s'> instead.",
			value_type_name(map));
	VALUE_PAIRS (pair, map) {
		struct value *item = value_map(call_arena(call));

		value_set_key(call_arena(call), item, key, pair->key);
		value_set_key(call_arena(call), item, name, pair->value);
		value_add(call_arena(call), list, item);
	}
	*out = list;
	return true;
}

static bool
items2dict_call(struct call *call, const struct value **out)
{
	struct value *map = value_map(call_arena(call));
	const struct value *key, *name, *items;

	if (!names_of(call, &key, &name))
		return false;
	if (!value_is_list(call->input))
		return call_fail(call, ERR_TYPE,
			"items2dict requires a list, got <class '%s'> instead.",
			value_type_name(call->input));
	items = call->input;
	VALUE_EACH (item, items) {
		const struct value *k = value_get_key(item, key), *v = value_get_key(item, name);

		if (!value_is_map(item))
			return call_fail(call, ERR_TYPE,
				"items2dict requires a list of dictionaries, got %.300s instead.",
				value_to_text(call_arena(call), items));
		if (!k || !v)
			return call_fail(call, ERR_TYPE,
				"items2dict requires each dictionary in the list to contain the "
				"keys '%s' and '%s', got %.300s instead.",
				value_string(key), value_string(name),
				value_to_text(call_arena(call), items));
		value_set_key(call_arena(call), map, k, v);
	}
	*out = map;
	return true;
}

/* The list under "a.b" of an item. NULL: there is none. */
static bool
subelement_find(struct call *call, const struct value *item, struct view path, bool skip_missing,
	const struct value **out)
{
	struct view piece = path;

	while (view_cut(&path, '.', &piece)) {
		const struct value *next = value_is_map(item) ? value_get_view(item, piece) : NULL;

		if (!value_is_map(item))
			return call_fail(call, ERR_TYPE,
				"the key %.*s should point to a dictionary, got '%s'",
				(int)piece.length, piece.data,
				value_to_text(call_arena(call), item));

		if (!next && skip_missing) {
			*out = NULL;
			return true;
		}
		if (!next)
			return call_fail(call, ERR_TYPE,
				"could not find '%.*s' key in iterated item %.300s",
				(int)piece.length, piece.data,
				value_to_text(call_arena(call), item));
		item = next;
	}
	if (!value_is_list(item))
		return call_fail(call, ERR_TYPE,
			"the key '%.*s' should point to a list, got %.300s", (int)piece.length,
			piece.data, value_to_text(call_arena(call), item));
	*out = item;
	return true;
}

static bool
subelements_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	const struct value *items = call->input, *inner = NULL;
	struct view path;

	if (!value_is_map(items) && (!value_is_list(items) || (items->flags & VALUE_TUPLE)))
		return call_fail(call, ERR_TYPE, "obj must be a list of dicts or a nested dict");
	if (value_is_map(items) && !filter_call(call->run, VIEW("map_values"), items, NULL, &items))
		return false;
	if (value_is_list(call->args[0])) {
		const struct value *dot = value_text(call_arena(call), ".");
		struct call_args args = { .positional = &dot, .positional_count = 1 };

		if (!filter_call(call->run, VIEW("join"), call->args[0], &args, &call->args[0]))
			return false;
	}
	if (!value_is_string(call->args[0]))
		return call_fail(call, ERR_TYPE, "subelements must be a list or a string");
	path = value_string_view(call->args[0]);
	VALUE_EACH (item, items) {
		if (!subelement_find(call, item, path, call_flag(call, 1, false), &inner))
			return false;
		if (inner)
			VALUE_EACH (each, inner) {
				struct value *pair = value_list(call_arena(call));

				pair->flags |= VALUE_TUPLE;
				value_add(call_arena(call), pair, item);
				value_add(call_arena(call), pair, each);
				value_add(call_arena(call), list, pair);
			}
	}
	*out = list;
	return true;
}

static bool
map_values_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));

	VALUE_PAIRS (pair, call->input)
		value_add(call_arena(call), list, pair->value);
	*out = list;
	return true;
}

static bool
rekey_call(struct call *call, const struct value **out)
{
	struct value *map = value_map(call_arena(call));
	const struct value *items = call->input, *key;
	const char *duplicates = call->args[1] ? value_string(call->args[1]) : "error";
	bool overwrite = text_equals(duplicates, "overwrite");

	if (!overwrite && !text_equals(duplicates, "error"))
		return call_fail(call, ERR_TYPE,
			"duplicates parameter to rekey_on_member has unknown value: %s",
			value_to_text(call_arena(call), call->args[1]));
	if (!value_is_map(items) && !value_is_list(items))
		return call_fail(call, ERR_TYPE, "Type is not a valid list, set, or dict");
	if (value_is_map(items) && !map_values_call(call, &items))
		return false;
	VALUE_EACH (item, items) {
		if (!value_is_map(item))
			return call_fail(call, ERR_TYPE, "List item is not a valid dict");
		key = value_get_key(item, call->args[0]);
		if (!key)
			return call_fail(call, ERR_TYPE, "Key %s was not found",
				value_to_text(call_arena(call), call->args[0]));
		if (value_is_map(key) || value_is_list(key))
			return call_fail(
				call, ERR_TYPE, "unhashable type: '%s'", value_type_name(key));
		if (!overwrite && value_get_key(map, key))
			return call_fail(call, ERR_TYPE,
				"Key %s is not unique, cannot correctly turn into dict",
				value_to_text(call_arena(call), key));
		value_set_key(call_arena(call), map, key, item);
	}
	*out = map;
	return true;
}

const struct function filters_map[] = { { "combine", "* **", combine_call,
						"Dicts as one; later ones win." },
	{ "dict2items", "key_name='key' value_name='value'", dict2items_call,
		"A dict as a list of pairs." },
	{ "items2dict", "key_name='key' value_name='value'", items2dict_call,
		"A list of pairs as a dict." },
	{ "subelements", "subelements skip_missing=False", subelements_call,
		"Each item with each of its inner list." },
	{ "map_values", "", map_values_call, "The values of a dict." },
	{ "rekey_on_member", "key duplicates='error'", rekey_call,
		"A dict keyed by a member of its values." },
	{ NULL } };
