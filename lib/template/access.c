/* What is inside a value: attributes, items, slices, iteration, plain data, text. */
#include "template/evaluation.h"
#include "template/literal.h"

enum { DEEPEST = 200 };

static const struct value *
attribute_missing(struct evaluation *run, const struct value *value, struct view name)
{
	const char *type = value_type_name(value);

	if (value->type == VALUE_NONE)
		return undefined_new(run->session->into, "'None' has no attribute '%.*s'",
			(int)name.length, name.data);
	return undefined_new(run->session->into, "'%s object' has no attribute '%.*s'", type,
		(int)name.length, name.data);
}

/* Copies what a template may change; objects and scalars stay. */
static const struct value *
own(struct evaluation *run, const struct value *value)
{
	return run->session->may_mutate && value ? value_dup(run->session->into, value) : value;
}

/* Values behind objects (hostvars) may hold templates of their own class's scope; the object
 * evaluates those. */
static bool
object_get(struct evaluation *run, const struct value *value, const struct value *key,
	const struct value **out)
{
	const struct object_class *class = value->object.class;

	*out = NULL;
	if (!class->get)
		return true;
	if (!class->get(value->object.self, run->session->into, key, out, run->session->err))
		return false;
	*out = own(run, *out);
	return true;
}

/* ---- x.__class__ ---- */

static bool
type_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	const char *text = self, *quote = strchr(text, '\'') + 1;

	if (value_is_string(key) && text_equals(key->string.data, "__name__"))
		*out = value_bytes(into, quote, strcspn(quote, "'"));
	return true;
}

static const struct object_class type_class = {
	.type_name = "type", .get = type_get, .is_shown_as_self = true
};

static const struct value *
type_new(struct arena *into, const struct value *value)
{
	return value_object(
		into, &type_class, arena_format(into, "<class '%s'>", value_type_name(value)));
}

bool
attribute_get(struct evaluation *run, const struct value *value, struct view name,
	const struct value **out)
{
	const struct function *method;
	struct value key = { .type = VALUE_STRING,
		.string = { .data = name.data, .length = name.length } };

	*out = NULL;
	if (value->type == VALUE_UNDEFINED) {
		if (undefined_is_lenient(value))
			return value_defined(run, value);
		*out = value;
		return true;
	}
	if (value->type == VALUE_MAP) {
		*out = value_get_view(value, name);
	} else if (value->type == VALUE_OBJECT) {
		key.string.data = arena_view(run->session->into, name);
		if (!object_get(run, value, &key, out))
			return false;
	}
	if (value->type == VALUE_LIST && (value->flags & VALUE_GROUP) && value->list.count == 2 &&
		(view_is(name, "grouper") || view_is(name, "list")))
		*out = value->list.items[view_is(name, "list")];
	if (*out)
		return true;
	method = method_find(value, name);
	if (!method && view_is(name, "__class__"))
		*out = type_new(run->session->into, value);
	else
		*out = method ? method_new(run, method, value)
			      : attribute_missing(run, value, name);
	return true;
}

static bool
whole_index(const struct value *key, int64_t *out)
{
	if (key->type != VALUE_INT && key->type != VALUE_BOOL)
		return false;
	*out = key->type == VALUE_BOOL ? key->boolean : key->integer;
	return true;
}

static bool
position_get(
	struct evaluation *run, const struct value *value, int64_t index, const struct value **out)
{
	struct view text = value_string_view(value);
	int64_t count =
		(int64_t)(value->type == VALUE_STRING ? utf8_count(text) : value->list.count);
	int64_t at = index < 0 ? index + count : index;
	size_t from, to;

	if (at < 0 || at >= count) {
		*out = undefined_new(run->session->into, "%s object has no element %lld",
			value_type_name(value), (long long)index);
		return true;
	}
	if (value->type == VALUE_LIST) {
		*out = value->list.items[at];
		return true;
	}
	from = utf8_offset(text, (size_t)at);
	to = from + utf8_offset((struct view){ text.data + from, text.length - from }, 1);
	*out = value_bytes(run->session->into, text.data + from, to - from);
	return true;
}

static bool
item_missing(struct evaluation *run, const struct value *value, const struct value *key,
	const struct value **out)
{
	struct str text;

	if (value_is_string(key)) {
		*out = attribute_missing(run, value, value_string_view(key));
		return true;
	}
	str_init(&text);
	value_add_repr(key, &text);
	*out = undefined_new(run->session->into, "%s object has no element %.300s",
		value->type == VALUE_LIST && (value->flags & VALUE_ROLLED) ? "dict_view"
									   : value_type_name(value),
		text.data);
	str_release(&text);
	return true;
}

bool
item_get(struct evaluation *run, const struct value *value, const struct value *key,
	const struct value **out)
{
	const struct function *method;
	int64_t index;

	*out = NULL;
	if (value->type == VALUE_UNDEFINED) {
		*out = value;
		return undefined_is_lenient(value) ? value_defined(run, value) : true;
	}
	if (value->type == VALUE_MAP)
		*out = value_get_key(value, key);
	else if (value->type == VALUE_LIST && (value->flags & VALUE_ROLLED))
		*out = NULL;
	else if ((value->type == VALUE_LIST || value->type == VALUE_STRING) &&
		 whole_index(key, &index))
		return position_get(run, value, index, out);
	else if (value->type == VALUE_OBJECT && !object_get(run, value, key, out))
		return false;
	if (*out)
		return true;
	method = value_is_string(key) ? method_find(value, value_string_view(key)) : NULL;
	if (!method)
		return item_missing(run, value, key, out);
	*out = method_new(run, method, value);
	return true;
}

bool
path_get(struct evaluation *run, const struct value *value, const struct value *path,
	const struct value **out)
{
	struct view rest = value_string_view(path), piece;
	int64_t index;

	*out = value;
	if (path->type != VALUE_STRING)
		return item_get(run, value, path, out);
	while (view_cut(&rest, '.', &piece)) {
		const struct value *key = number_parse(piece, &index)
						  ? value_int(run->session->into, index)
						  : value_view(run->session->into, piece);

		if (!item_get(run, *out, key, out))
			return false;
	}
	return true;
}

/* ---- slices ---- */

/* One end of a slice, as Python counts it, within 0 … count (or -1 … count - 1 backwards). */
static bool
slice_bound(struct evaluation *run, const struct value *bound, int64_t missing, int64_t count,
	bool is_back, int64_t *out)
{
	int64_t low = is_back ? -1 : 0, high = is_back ? count - 1 : count;

	if (value_is_none(bound)) {
		*out = missing;
		return true;
	}
	if (!whole_index(bound, out))
		return run_fail(run, ERR_TYPE,
			"slice indices must be integers or None or have an __index__ method");
	if (*out < 0)
		*out += count;
	*out = *out < low ? low : *out > high ? high : *out;
	return true;
}

static bool
slice_limits(struct evaluation *run, const struct value *const bounds[3], int64_t count,
	int64_t limits[3])
{
	bool is_back;

	limits[2] = 1;
	if (!value_is_none(bounds[2]) && !whole_index(bounds[2], &limits[2]))
		return run_fail(run, ERR_TYPE, "slice step must be an integer");
	if (limits[2] == 0)
		return run_fail(run, ERR_TYPE, "slice step cannot be zero");
	is_back = limits[2] < 0;
	return slice_bound(run, bounds[0], is_back ? count - 1 : 0, count, is_back, &limits[0]) &&
	       slice_bound(run, bounds[1], is_back ? -1 : count, count, is_back, &limits[1]);
}

static bool
text_slice(struct evaluation *run, struct view text, const struct value *const bounds[3],
	const struct value **out)
{
	int64_t limits[3], count = (int64_t)utf8_count(text);
	struct str result;

	if (!slice_limits(run, bounds, count, limits))
		return false;
	str_init(&result);
	if (limits[2] == 1) {
		size_t from = utf8_offset(text, (size_t)limits[0]),
		       to = utf8_offset(text, (size_t)limits[1]);

		if (to > from)
			str_add_bytes(&result, text.data + from, to - from);
	} else {
		size_t *offsets = arena_array(run->session->into, (size_t)count + 1, size_t);
		uint32_t code;

		for (int64_t i = 0; i < count; i++)
			offsets[i + 1] = offsets[i] + utf8_take(text, offsets[i], &code);
		for (int64_t i = limits[0]; limits[2] > 0 ? i < limits[1] : i > limits[1];) {
			str_add_bytes(&result, text.data + offsets[i], offsets[i + 1] - offsets[i]);
			if (__builtin_add_overflow(i, limits[2], &i))
				break;
		}
	}
	*out = value_view(run->session->into, str_view(&result));
	str_release(&result);
	return true;
}

bool
slice_get(struct evaluation *run, const struct value *value, const struct value *const bounds[3],
	const struct value **out)
{
	struct value *list;
	int64_t limits[3];

	if (value->type == VALUE_STRING)
		return text_slice(run, value_string_view(value), bounds, out);
	if (value->type == VALUE_OBJECT && !value_iterate(run, value, &value))
		return false;
	if (value->type != VALUE_LIST)
		return run_fail(
			run, ERR_TYPE, "'%s' object is not subscriptable", value_type_name(value));
	if (!slice_limits(run, bounds, value->list.count, limits))
		return false;
	list = value_list(run->session->into);
	list->flags = value->flags & VALUE_TUPLE;
	for (int64_t i = limits[0]; limits[2] > 0 ? i < limits[1] : i > limits[1];) {
		value_add(run->session->into, list, value->list.items[i]);
		if (__builtin_add_overflow(i, limits[2], &i))
			break;
	}
	*out = list;
	return true;
}

/* ---- iteration and plain data ---- */

static const struct value *
text_characters(struct evaluation *run, struct view text)
{
	struct value *list = value_list(run->session->into);
	uint32_t code;

	for (size_t at = 0; at < text.length;) {
		size_t length = utf8_take(text, at, &code);

		value_add(run->session->into, list,
			value_bytes(run->session->into, text.data + at, length));
		at += length;
	}
	return list;
}

bool
value_iterate(struct evaluation *run, const struct value *value, const struct value **out)
{
	struct value *list;

	switch ((enum value_type)value->type) {
	case VALUE_LIST:
		*out = value;
		return true;
	case VALUE_STRING:
		*out = text_characters(run, value_string_view(value));
		return true;
	case VALUE_MAP:
		list = value_list(run->session->into);
		VALUE_PAIRS (pair, value)
			value_add(run->session->into, list, pair->key);
		*out = list;
		return true;
	case VALUE_UNDEFINED:
		*out = value_list(run->session->into);
		return undefined_is_lenient(value) || value_defined(run, value);
	case VALUE_OBJECT:
		if (value->object.class->iterate)
			return value->object.class->iterate(
				value->object.self, run->session->into, out, run->session->err);
		break;
	default:
		break;
	}
	return run_fail(run, ERR_TYPE, "'%s' object is not iterable", value_type_name(value));
}

/* Objects that are data (have `plain`) and undefined values are what needs work. */
static bool
needs_plain(const struct value *value, int depth)
{
	if (value->type == VALUE_UNDEFINED || value->type == VALUE_OBJECT || depth > DEEPEST)
		return true;
	if (value->type == VALUE_LIST)
		VALUE_EACH (item, value)
			if (needs_plain(item, depth + 1))
				return true;
	if (value->type == VALUE_MAP)
		VALUE_PAIRS (pair, value)
			if (needs_plain(pair->key, depth + 1) ||
				needs_plain(pair->value, depth + 1))
				return true;
	return false;
}

static bool plain_copy(
	struct evaluation *run, const struct value *value, int depth, const struct value **out);

static bool
list_plain(struct evaluation *run, const struct value *value, int depth, const struct value **out)
{
	struct value *copy = value_list(run->session->into);
	const struct value *plain;

	copy->flags = value->flags & (VALUE_TUPLE | VALUE_SECRET);
	VALUE_EACH (item, value) {
		if (!plain_copy(run, item, depth + 1, &plain))
			return false;
		value_add(run->session->into, copy, plain);
	}
	*out = copy;
	return true;
}

static bool
map_plain(struct evaluation *run, const struct value *value, int depth, const struct value **out)
{
	struct value *copy = value_map(run->session->into);
	const struct value *plain;

	copy->flags = value->flags & VALUE_SECRET;
	VALUE_PAIRS (pair, value) {
		if (!plain_copy(run, pair->value, depth + 1, &plain))
			return false;
		value_set_key(run->session->into, copy, pair->key, plain);
	}
	*out = copy;
	return true;
}

static bool
plain_copy(struct evaluation *run, const struct value *value, int depth, const struct value **out)
{
	if (depth > DEEPEST)
		return run_fail(run, ERR_LIMIT, "value nested too deep");
	*out = value;
	switch ((enum value_type)value->type) {
	case VALUE_UNDEFINED:
		return value_defined(run, value);
	case VALUE_LIST:
		return list_plain(run, value, depth, out);
	case VALUE_MAP:
		return map_plain(run, value, depth, out);
	case VALUE_OBJECT:
		if (value->object.class->plain)
			return value->object.class->plain(
				value->object.self, run->session->into, out, run->session->err);
		if (value->object.class->iterate)
			return value->object.class->iterate(
				value->object.self, run->session->into, out, run->session->err);
		return true;
	default:
		return true;
	}
}

bool
value_plain(struct evaluation *run, const struct value *value, const struct value **out)
{
	*out = value;
	return !needs_plain(value, 0) || plain_copy(run, value, 0, out);
}

bool
value_text_add(struct evaluation *run, const struct value *value, struct str *out)
{
	if (undefined_is_lenient(value))
		return true;
	if (!value_plain(run, value, &value))
		return false;
	value_add_text(value, out);
	return true;
}
