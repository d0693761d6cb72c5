/* Filters that choose, or apply other filters and tests: map, select, default, ternary … */
#include "template/evaluation.h"
#include "template/literal.h"

/* The arguments behind the name of a filter or test. */
static struct call_args
rest_args(const struct call *call)
{
	return (struct call_args){ call->rest, call->rest_count, call->named };
}

static bool
map_attribute(struct call *call, const struct value *items, const struct value *attribute,
	struct value *list)
{
	const struct value *fallback = value_get(call->named, "default"), *item;

	VALUE_EACH (each, items) {
		if (!path_get(call->run, each, attribute, &item))
			return false;
		if (item->type == VALUE_UNDEFINED && fallback)
			item = fallback;
		value_add(call_arena(call), list, item);
	}
	return true;
}

static bool
map_call(struct call *call, const struct value **out)
{
	const struct value *attribute = call->named ? value_get(call->named, "attribute") : NULL,
			   *items, *item;
	struct value *list = value_list(call_arena(call));
	struct call_args args = rest_args(call);

	*out = list;
	if (!value_is_true(call->input) && call->input->type != VALUE_OBJECT)
		return true;
	if (!call_items(call, call->input, &items))
		return false;
	if (attribute && !call->args[0])
		return map_attribute(call, items, attribute, list);
	if (!value_is_string(call->args[0]))
		return call_fail(call, ERR_TYPE, "map requires a filter argument");
	VALUE_EACH (each, items) {
		if (!filter_call(call->run, value_string_view(call->args[0]), each, &args, &item))
			return false;
		value_add(call_arena(call), list, item);
	}
	return true;
}

/* select, reject, selectattr, rejectattr: args[0] is the attribute of the latter two, the test
 * comes next. */
static bool
select_call(struct call *call, const struct value **out)
{
	bool is_wanted = call->function->name[0] == 's',
	     has_attribute = call->function->name[6] != '\0';
	struct value *list = value_list(call_arena(call));
	struct call_args args = rest_args(call);
	const struct value *items, *item, *test = has_attribute ? call->args[1] : call->args[0];
	bool is_true;

	*out = list;
	if (!value_is_true(call->input) && call->input->type != VALUE_OBJECT)
		return true;
	if (!call_items(call, call->input, &items))
		return false;
	VALUE_EACH (each, items) {
		item = each;
		if (has_attribute && !path_get(call->run, item, call->args[0], &item))
			return false;
		if (test ? !test_call(call->run, value_string_view(test), item, &args, &is_true)
			 : !value_truth(call->run, item, &is_true))
			return false;
		if (is_true == is_wanted)
			value_add(call_arena(call), list, each);
	}
	return true;
}

/* Each item with its key in front, the default where it has none. */
static bool
group_keys(struct call *call, const struct value *items, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	const struct value *key;

	VALUE_EACH (item, items) {
		struct value *pair = value_list(call_arena(call));

		if (!path_get(call->run, item, call->args[0], &key))
			return false;
		if (key->type == VALUE_UNDEFINED && !value_is_none(call->args[1]))
			key = call->args[1];
		value_add(call_arena(call), pair, key);
		value_add(call_arena(call), pair, item);
		value_add(call_arena(call), list, pair);
	}
	*out = list;
	return true;
}

static bool
groupby_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call)), *named = value_map(call_arena(call)),
		     *group = NULL;
	const struct value *sorted, *items, *key, *last = NULL;
	struct call_args args = { .named = named };

	if (!call_items(call, call->input, &items) || !group_keys(call, items, &items))
		return false;
	value_set(call_arena(call), named, "attribute", value_int(call_arena(call), 0));
	value_set(call_arena(call), named, "case_sensitive",
		call_flag(call, 2, false) ? &value_true : &value_false);
	if (!filter_call(call->run, VIEW("sort"), items, &args, &sorted))
		return false;
	VALUE_EACH (keyed, sorted) {
		const struct value *item = keyed->list.items[1];

		key = keyed->list.items[0];
		if (sorted->list.count > 1 && !value_defined(call->run, key))
			return false;
		if (!last || !value_equals(last, key)) {
			struct value *pair = value_list(call_arena(call));

			group = value_list(call_arena(call));
			pair->flags |= VALUE_TUPLE | VALUE_GROUP;
			value_add(call_arena(call), pair, key);
			value_add(call_arena(call), pair, group);
			value_add(call_arena(call), list, pair);
		}
		value_add(call_arena(call), group, item);
		last = key;
	}
	*out = list;
	return true;
}

static bool
default_call(struct call *call, const struct value **out)
{
	bool is_true = true;

	*out = call->input;
	if (call->input->type != VALUE_UNDEFINED) {
		if (!call_flag(call, 1, false))
			return true;
		if (!value_truth(call->run, call->input, &is_true))
			return false;
		if (is_true)
			return true;
	}
	*out = call->args[0] ? call->args[0] : &value_empty_string;
	return true;
}

static bool
mandatory_call(struct call *call, const struct value **out)
{
	struct view message;
	const char *hint, *end;

	*out = call->input;
	if (call->input->type != VALUE_UNDEFINED)
		return true;
	if (!value_is_none(call->args[0])) {
		if (!call_text(call, call->args[0], "", &message))
			return false;
		return call_fail(call, ERR_TYPE, "%s", message.data);
	}
	hint = call->input->string.length ? call->input->string.data : "";
	end = hint[0] == '\'' ? strchr(hint + 1, '\'') : NULL;
	if (end)
		return call_fail(call, ERR_TYPE, "Mandatory variable '%.*s'  not defined.",
			(int)(end - hint - 1), hint + 1);
	return call_fail(call, ERR_TYPE, "Mandatory variable not defined.");
}

static bool
ternary_call(struct call *call, const struct value **out)
{
	bool is_true;

	if (value_is_none(call->input) && call->args[2] && !value_is_none(call->args[2])) {
		*out = call->args[2];
		return true;
	}
	if (!value_truth(call->run, call->input, &is_true))
		return false;
	*out = is_true ? call->args[0] : call->args[1];
	return true;
}

static bool
extract_call(struct call *call, const struct value **out)
{
	const struct value *container = call->args[0], *more = call->args[1];

	if (!item_get(call->run, container, call->input, out))
		return false;
	if (value_is_none(more))
		return true;
	if (!value_is_list(more))
		return item_get(call->run, *out, more, out);
	VALUE_EACH (key, more)
		if (!item_get(call->run, *out, key, out))
			return false;
	return true;
}

static bool
attr_call(struct call *call, const struct value **out)
{
	struct view name;

	return call_text(call, call->args[0], "", &name) &&
	       attribute_get(call->run, call->input, name, out);
}

static bool
type_call(struct call *call, const struct value **out)
{
	unsigned flags = value_is_string(call->input) ? call->input->flags : 0;
	const char *name = flags & VALUE_VAULT ? "AnsibleVaultEncryptedUnicode"
			   : (flags & VALUE_KEPT) && (flags & VALUE_UNSAFE)
				   ? "NativeJinjaUnsafeText"
			   : flags & VALUE_KEPT	  ? "NativeJinjaText"
			   : flags & VALUE_UNSAFE ? "AnsibleUnsafeText"
						  : value_type_name(call->input);

	*out = value_text(call_arena(call), name);
	return true;
}

/* Not for users: a condition's {{ x }} is read as a literal where it spells one. */
static bool
literal_call(struct call *call, const struct value **out)
{
	*out = value_is_string(call->input)
		       ? literal_parse(call_arena(call), value_string_view(call->input), true)
		       : call->input;
	if (!*out)
		*out = call->input;
	return true;
}

const struct function filters_select[] = {
	{ "map", "name= * **", map_call, "A filter applied to, or an attribute of, each item." },
	{ "select", "test= * **", select_call, "The items that pass a test." },
	{ "reject", "test= * **", select_call, "The items that fail a test." },
	{ "selectattr", "attribute test= * **", select_call,
		"The items whose attribute passes a test." },
	{ "rejectattr", "attribute test= * **", select_call,
		"The items whose attribute fails a test." },
	{ "groupby", "attribute default=None case_sensitive=False", groupby_call,
		"Groups by an attribute." },
	{ "default", "default_value='' boolean=False", default_call,
		"Another value where there is none.", TAKES_UNDEFINED | TAKES_UNDEFINED_ARGS },
	{ "d", "default_value='' boolean=False", default_call, "Another value where there is none.",
		TAKES_UNDEFINED | TAKES_UNDEFINED_ARGS },
	{ "mandatory", "msg=None", mandatory_call, "An error where there is none.",
		TAKES_UNDEFINED },
	{ "ternary", "true_val false_val none_val=None", ternary_call, "One of two by truth.",
		TAKES_UNDEFINED_ARGS },
	{ "extract", "container morekeys=None", extract_call,
		"What stands under this key in the container.", TAKES_UNDEFINED_ARGS },
	{ "attr", "name", attr_call, "An attribute." },
	{ "type_debug", "", type_call, "The name of the type.", TAKES_UNDEFINED },
	{ "_literal", "", literal_call, "Used by conditions." }, { NULL }
};
