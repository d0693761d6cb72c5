/* Filters of lists: order, sets, slices, combinations. */
#include "template/evaluation.h"
#include "template/unicode.h"
#include "template/literal.h"

static struct value *
list_new(struct call *call)
{
	return value_list(call_arena(call));
}

static void
add(struct call *call, struct value *list, const struct value *item)
{
	value_add(call_arena(call), list, item);
}

static bool
list_call(struct call *call, const struct value **out)
{
	const struct value *items;
	struct value *copy;

	if (!call_items(call, call->input, &items))
		return false;
	copy = value_list_copy(call_arena(call), items);
	copy->flags = 0;
	*out = copy;
	return true;
}

static bool
length_call(struct call *call, const struct value **out)
{
	const struct value *items = call->input;
	size_t length;

	if (value_is(items, VALUE_OBJECT) && !call_items(call, items, &items))
		return false;
	if (items->type != VALUE_STRING && items->type != VALUE_LIST && items->type != VALUE_MAP)
		return call_fail(
			call, ERR_TYPE, "object of type '%s' has no len()", value_type_name(items));
	length =
		value_is_string(items) ? utf8_count(value_string_view(items)) : value_length(items);
	*out = value_int(call_arena(call), (int64_t)length);
	return true;
}

static bool
first_call(struct call *call, const struct value **out)
{
	bool is_first = call->function->name[0] == 'f';
	const struct value *items;

	if (!call_items(call, call->input, &items))
		return false;
	if (!items->list.count)
		*out = undefined_new(
			call_arena(call), is_first ? "No first item, sequence was empty."
						   : "No last item, sequence was empty.");
	else
		*out = items->list.items[is_first ? 0 : items->list.count - 1];
	return true;
}

static bool
join_call(struct call *call, const struct value **out)
{
	const struct value *items, *item;
	struct view separator;
	struct str text;
	bool ok = true;

	if (!call_items(call, call->input, &items) ||
		!call_text(call, call->args[0], "", &separator))
		return false;
	str_init_max(&text, OUTPUT_MOST);
	for (uint32_t i = 0; ok && i < items->list.count; i++) {
		item = items->list.items[i];
		if (i)
			str_add_view(&text, separator);
		if (!value_is_none(call->args[1]))
			ok = path_get(call->run, item, call->args[1], &item);
		ok = ok && value_text_add(call->run, item, &text);
	}
	return (ok && call_give(call, &text, out)) || (str_release(&text), false);
}

/* ---- order ---- */

struct sorting {
	struct call *call;
	const struct value **keys;
	bool is_reverse;
};

static const struct value *
key_fold(struct call *call, const struct value *key, bool is_case_sensitive)
{
	struct str text;

	if (is_case_sensitive || !value_is_string(key))
		return key;
	str_init(&text);
	text_add_case(&text, value_string_view(key), CASE_LOWER);
	return call_take(call, &text);
}

/* The key of an item: itself or its attributes ("a,b"), folded. */
static bool
sort_key(struct call *call, const struct value *item, const struct value *attribute,
	bool is_case_sensitive, const struct value **out)
{
	struct view rest = value_string_view(attribute), piece;
	struct value *keys;

	if (value_is_none(attribute)) {
		*out = key_fold(call, item, is_case_sensitive);
		return true;
	}
	if (!value_is_string(attribute) || !memchr(rest.data, ',', rest.length)) {
		if (!path_get(call->run, item, attribute, out))
			return false;
		*out = key_fold(call, *out, is_case_sensitive);
		return true;
	}
	keys = list_new(call);
	while (view_cut(&rest, ',', &piece)) {
		if (!path_get(call->run, item, value_view(call_arena(call), piece), out))
			return false;
		add(call, keys, key_fold(call, *out, is_case_sensitive));
	}
	*out = keys;
	return true;
}

/* Keys of several attributes are a list; one that is not there matters once it is compared. */
static bool
keys_defined(struct call *call, const struct value *keys)
{
	if (value_is_list(keys))
		VALUE_EACH (key, keys)
			if (!value_defined(call->run, key))
				return false;
	return true;
}

static bool
merge(const struct sorting *sorting, uint32_t *order, uint32_t *scratch, uint32_t count)
{
	uint32_t half = count / 2, left = 0, right = half, at = 0;
	int direction;

	if (count < 2)
		return true;
	if (!merge(sorting, order, scratch, half) ||
		!merge(sorting, order + half, scratch, count - half))
		return false;
	memcpy(scratch, order, count * sizeof(*order));
	while (left < half && right < count) {
		const struct value *a = sorting->keys[scratch[left]],
				   *b = sorting->keys[scratch[right]];

		if (!value_defined(sorting->call->run, a) || !value_defined(sorting->call->run, b))
			return false;
		if (!keys_defined(sorting->call, a) || !keys_defined(sorting->call, b))
			return false;
		if (!value_compare(a, b, &direction))
			return call_fail(sorting->call, ERR_TYPE,
				"'<' not supported between instances of '%s' and '%s'",
				value_type_name(b), value_type_name(a));
		if (sorting->is_reverse)
			direction = -direction;
		order[at++] = direction <= 0 ? scratch[left++] : scratch[right++];
	}
	while (left < half)
		order[at++] = scratch[left++];
	while (right < count)
		order[at++] = scratch[right++];
	return true;
}

static bool
sort_items(struct call *call, const struct value *items, bool is_reverse, bool is_case_sensitive,
	const struct value *attribute, const struct value **out)
{
	uint32_t count = items->list.count;
	struct sorting sorting = { .call = call, .is_reverse = is_reverse };
	uint32_t *order = arena_array(call_arena(call), count * 2u, uint32_t);
	struct value *list = list_new(call);

	sorting.keys = arena_array(call_arena(call), count, const struct value *);
	for (uint32_t i = 0; i < count; i++) {
		order[i] = i;
		if (!sort_key(call, items->list.items[i], attribute, is_case_sensitive,
			    &sorting.keys[i]))
			return false;
	}
	if (!merge(&sorting, order, order + count, count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		add(call, list, items->list.items[order[i]]);
	*out = list;
	return true;
}

static bool
sort_call(struct call *call, const struct value **out)
{
	const struct value *items;

	return call_items(call, call->input, &items) &&
	       sort_items(call, items, call_flag(call, 0, false), call_flag(call, 1, false),
		       call->args[2], out);
}

static bool
dictsort_call(struct call *call, const struct value **out)
{
	const struct value *items, *by = call->args[1];
	bool by_value = by && value_is_string(by) && text_equals(by->string.data, "value");

	return filter_call(call->run, VIEW("items"), call->input, NULL, &items) &&
	       sort_items(call, items, call_flag(call, 2, false), call_flag(call, 0, false),
		       value_int(call_arena(call), by_value), out);
}

static bool
extreme_call(struct call *call, const struct value **out)
{
	bool is_least = call->function->name[1] == 'i';
	const struct value *items, *sorted;

	if (!call_items(call, call->input, &items))
		return false;
	if (!items->list.count) {
		*out = undefined_new(call_arena(call), "No aggregated item, sequence was empty.");
		return true;
	}
	if (!sort_items(call, items, !is_least, call_flag(call, 0, false), call->args[1], &sorted))
		return false;
	*out = sorted->list.items[0];
	return true;
}

static bool
sum_call(struct call *call, const struct value **out)
{
	const struct value *items, *item;

	if (!call_items(call, call->input, &items))
		return false;
	*out = call->args[1] ? call->args[1] : value_int(call_arena(call), 0);
	VALUE_EACH (each, items) {
		item = each;
		if (!value_is_none(call->args[0]) &&
			!path_get(call->run, item, call->args[0], &item))
			return false;
		if (!value_defined(call->run, item) ||
			!operator_binary(call->run, VIEW("+"), *out, item, out))
			return false;
	}
	return true;
}

static bool
reverse_call(struct call *call, const struct value **out)
{
	const struct value *items;
	struct value *list = list_new(call);
	struct str text;

	if (!call_items(call, call->input, &items))
		return false;
	if (value_is_string(call->input)) {
		str_init(&text);
		for (uint32_t i = items->list.count; i > 0; i--)
			str_add_view(&text, value_string_view(items->list.items[i - 1]));
		return call_give(call, &text, out);
	}
	for (uint32_t i = items->list.count; i > 0; i--)
		add(call, list, items->list.items[i - 1]);
	*out = list;
	return true;
}

/* ---- sets, in the order of first occurrence ---- */

static bool
has(const struct value *list, const struct value *item)
{
	VALUE_EACH (each, list)
		if (value_equals(each, item))
			return true;
	return false;
}

/* A map as a set makes larger lists cheap; what cannot be a key is searched for. */
struct set {
	struct call *call;
	struct value *keys, *others;
};

static struct set
set_new(struct call *call)
{
	return (struct set){ call, value_map(call_arena(call)), list_new(call) };
}

static bool
set_has(const struct set *set, const struct value *item)
{
	if (item->type == VALUE_LIST || item->type == VALUE_MAP || item->type == VALUE_OBJECT)
		return has(set->others, item);
	return value_get_key(set->keys, item) != NULL;
}

static bool
set_enter(struct set *set, const struct value *item)
{
	if (set_has(set, item))
		return false;
	if (item->type == VALUE_LIST || item->type == VALUE_MAP || item->type == VALUE_OBJECT)
		add(set->call, set->others, item);
	else
		value_set_key(call_arena(set->call), set->keys, item, &value_true);
	return true;
}

static bool
unique_call(struct call *call, const struct value **out)
{
	struct set set = set_new(call);
	struct value *list = list_new(call);
	const struct value *items, *key;

	if (!call_items(call, call->input, &items))
		return false;
	VALUE_EACH (item, items) {
		if (!sort_key(call, item, call->args[1], call_flag(call, 0, false), &key) ||
			!value_defined(call->run, key))
			return false;
		if (((call->args[0] && !call_flag(call, 0, false)) || call->args[1]) &&
			(value_is_map(key) || (value_is_list(key) && !(key->flags & VALUE_TUPLE))))
			return call_fail(call, ERR_TYPE,
				"Jinja2's unique filter failed and we cannot fall back to "
				"Ansible's version as it does not support the parameters supplied");
		if (set_enter(&set, key))
			add(call, list, item);
	}
	*out = list;
	return true;
}

static bool
two_lists(struct call *call, const struct value **a, const struct value **b)
{
	return call_items(call, call->input, a) && call_items(call, call->args[0], b);
}

/* kept(a): those whose presence in b is as asked, each once. */
static void
select_by(struct call *call, const struct value *a, const struct value *b, bool is_wanted,
	struct set *seen, struct value *list)
{
	struct set other = set_new(call);

	VALUE_EACH (item, b)
		set_enter(&other, item);
	VALUE_EACH (each, a)
		if (set_has(&other, each) == is_wanted && set_enter(seen, each))
			add(call, list, each);
}

static bool
set_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name;
	struct set seen = set_new(call);
	struct value *list = list_new(call);
	const struct value *a, *b;

	if (!two_lists(call, &a, &b))
		return false;
	if ((name[0] == 'u' || name[0] == 's') &&
		(!value_is_list(call->input) || !value_is_list(call->args[0])) &&
		(call->input->type != call->args[0]->type || value_is_map(call->input)))
		return operator_binary(call->run, VIEW("+"), call->input, call->args[0], out);
	if ((name[0] == 'u' || name[0] == 's') && value_is_list(call->input) &&
		value_is_list(call->args[0]) &&
		((call->input->flags ^ call->args[0]->flags) & VALUE_TUPLE))
		return operator_binary(call->run, VIEW("+"), call->input, call->args[0], out);
	if (name[0] == 'i') {
		select_by(call, a, b, true, &seen, list);
	} else if (name[0] == 'd') {
		select_by(call, a, b, false, &seen, list);
	} else if (name[0] == 's') {
		select_by(call, a, b, false, &seen, list);
		select_by(call, b, a, false, &seen, list);
	} else {
		select_by(call, a, list_new(call), false, &seen, list);
		select_by(call, b, list_new(call), false, &seen, list);
	}
	*out = list;
	return true;
}

/* ---- pieces ---- */

static bool
batch_call(struct call *call, const struct value **out)
{
	struct value *list = list_new(call), *row = NULL;
	const struct value *items;
	int64_t size;

	if (!call_items(call, call->input, &items) || !call_int(call, 0, 1, &size))
		return false;
	if (size < 1 || size > RANGE_MOST)
		return call_fail(call, ERR_TYPE, "batch: wrong size");
	VALUE_EACH (item, items) {
		if (!row || (int64_t)row->list.count == size) {
			row = list_new(call);
			add(call, list, row);
		}
		add(call, row, item);
	}
	while (row && !value_is_none(call->args[1]) && (int64_t)row->list.count < size)
		add(call, row, call->args[1]);
	*out = list;
	return true;
}

static bool
slice_call(struct call *call, const struct value **out)
{
	struct value *list = list_new(call);
	const struct value *items;
	int64_t slices, at = 0;

	if (!call_items(call, call->input, &items) || !call_int(call, 0, 1, &slices))
		return false;
	if (slices < 1 || slices > RANGE_MOST)
		return call_fail(call, ERR_TYPE, "slice: wrong number of slices");
	for (int64_t i = 0; i < slices; i++) {
		int64_t count = items->list.count / slices, extra = items->list.count % slices;
		struct value *row = list_new(call);

		for (int64_t j = 0; j < count + (i < extra); j++)
			add(call, row, items->list.items[at++]);
		if (!value_is_none(call->args[1]) && i >= extra)
			add(call, row, call->args[1]);
		add(call, list, row);
	}
	*out = list;
	return true;
}

static bool
flatten_into(struct call *call, struct value *list, const struct value *items, int64_t levels,
	bool skip_nulls)
{
	if (!run_step(call->run))
		return false;
	VALUE_EACH (item, items) {
		bool is_null =
			value_is_none(item) ||
			(value_is_string(item) && (text_equals(item->string.data, "None") ||
							  text_equals(item->string.data, "null")));

		if (is_null && skip_nulls)
			continue;
		if (value_is_list(item) && levels != 0) {
			call->run->session->depth++;
			if (!flatten_into(call, list, item, levels - 1, skip_nulls))
				return false;
			call->run->session->depth--;
		} else {
			add(call, list, item);
		}
	}
	return true;
}

static bool
flatten_call(struct call *call, const struct value **out)
{
	struct value *list = list_new(call);
	const struct value *items;
	int64_t levels;

	if (!call_items(call, call->input, &items) || !call_int(call, 0, -1, &levels))
		return false;
	*out = list;
	return flatten_into(call, list, items, levels, call_flag(call, 1, true));
}

/* ---- several lists at once ---- */

static bool
all_lists(struct call *call, const struct value **lists, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!call_items(call, i ? call->rest[i - 1] : call->input, &lists[i]))
			return false;
	return true;
}

static bool
zip_call(struct call *call, const struct value **out)
{
	bool is_longest = call->function->name[3] == '_';
	const struct value *fill = call->named ? value_get(call->named, "fillvalue") : NULL;
	size_t count = call->rest_count + 1, longest = 0, shortest = SIZE_MAX;
	const struct value **lists = arena_array(call_arena(call), count, const struct value *);
	struct value *list = list_new(call);

	if (!all_lists(call, lists, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		longest = MAX(longest, lists[i]->list.count);
		shortest = MIN(shortest, lists[i]->list.count);
	}
	for (size_t i = 0; i < (is_longest ? longest : shortest); i++) {
		struct value *row = list_new(call);

		for (size_t j = 0; j < count; j++)
			add(call, row, i < lists[j]->list.count ? lists[j]->list.items[i] : fill);
		row->flags |= VALUE_TUPLE;
		add(call, list, row);
	}
	*out = list;
	return true;
}

static bool
product_call(struct call *call, const struct value **out)
{
	const struct value *again = call->named ? value_get(call->named, "repeat") : NULL;
	size_t given = call->rest_count + 1, count, total = 1;
	const struct value **lists;
	struct value *list = list_new(call);
	int64_t times = 1;

	if (again && (!value_to_int(again, &times) || times < 0 || times > 1000))
		return call_fail(call, ERR_TYPE, "product: repeat is no number");
	count = given * (size_t)times;
	lists = arena_array(call_arena(call), MAX(count, given), const struct value *);
	if (!all_lists(call, lists, given))
		return false;
	for (size_t i = given; i < count; i++)
		lists[i] = lists[i - given];
	for (size_t i = 0; i < count; i++) {
		total *= lists[i]->list.count;
		if (total > RANGE_MOST)
			return call_fail(call, ERR_LIMIT, "product: too many combinations");
	}
	for (size_t i = 0; i < total; i++) {
		struct value *row = list_new(call);
		size_t rest = total, at = i;

		for (size_t j = 0; j < count; j++) {
			rest /= lists[j]->list.count;
			add(call, row, lists[j]->list.items[at / rest]);
			at %= rest;
		}
		row->flags |= VALUE_TUPLE;
		add(call, list, row);
	}
	*out = list;
	return true;
}

struct choosing {
	struct call *call;
	const struct value *items;
	struct value *list;
	uint32_t *chosen;
	size_t size;
	bool is_ordered; /* permutations */
};

static bool
choose(struct choosing *choosing, size_t at)
{
	struct value *row;

	if (choosing->list->list.count > RANGE_MOST)
		return call_fail(choosing->call, ERR_LIMIT, "too many combinations");
	if (at == choosing->size) {
		row = list_new(choosing->call);
		for (size_t i = 0; i < at; i++)
			add(choosing->call, row, choosing->items->list.items[choosing->chosen[i]]);
		row->flags |= VALUE_TUPLE;
		add(choosing->call, choosing->list, row);
		return true;
	}
	for (uint32_t i = !choosing->is_ordered && at ? choosing->chosen[at - 1] + 1 : 0;
		i < choosing->items->list.count; i++) {
		bool is_used = false;

		for (size_t j = 0; j < at; j++)
			is_used |= choosing->chosen[j] == i;
		if (is_used)
			continue;
		choosing->chosen[at] = i;
		if (!choose(choosing, at + 1))
			return false;
	}
	return true;
}

static bool
choose_call(struct call *call, const struct value **out)
{
	struct choosing choosing = { .call = call, .is_ordered = call->function->name[0] == 'p' };
	int64_t size;

	if (!call_items(call, call->input, &choosing.items) ||
		!call_int(call, 0, choosing.items->list.count, &size))
		return false;
	choosing.list = list_new(call);
	*out = choosing.list;
	if (size < 0 || size > choosing.items->list.count)
		return true;
	if (size > 500)
		return call_fail(call, ERR_LIMIT, "too many combinations");
	choosing.size = (size_t)size;
	choosing.chosen = arena_array(call_arena(call), choosing.size + 1, uint32_t);
	return choose(&choosing, 0);
}

const struct function filters_list[] = { { "list", "", list_call, "As a list." },
	{ "length", "", length_call, "How many items, characters or pairs." },
	{ "count", "", length_call, "How many items, characters or pairs." },
	{ "first", "", first_call, "The first item." },
	{ "last", "", first_call, "The last item." },
	{ "join", "d='' attribute=None", join_call, "The items as one text." },
	{ "sort", "reverse=False case_sensitive=False attribute=None", sort_call, "In order." },
	{ "dictsort", "case_sensitive=False by='key' reverse=False", dictsort_call,
		"Pairs of a dict in order." },
	{ "min", "case_sensitive=False attribute=None", extreme_call, "The least." },
	{ "max", "case_sensitive=False attribute=None", extreme_call, "The greatest." },
	{ "sum", "attribute=None start=0", sum_call, "All added up." },
	{ "reverse", "", reverse_call, "From the last to the first." },
	{ "unique", "case_sensitive=False attribute=None", unique_call, "Each only once." },
	{ "union", "other", set_call, "What is in either list." },
	{ "intersect", "other", set_call, "What is in both lists." },
	{ "difference", "other", set_call, "What is not in the other list." },
	{ "symmetric_difference", "other", set_call, "What is in one list only." },
	{ "batch", "linecount fill_with=None", batch_call, "Rows of so many items." },
	{ "slice", "slices fill_with=None", slice_call, "So many rows of about equal length." },
	{ "flatten", "levels=None skip_nulls=True", flatten_call, "Lists inside lists as one." },
	{ "zip", "* **", zip_call, "Firsts together, seconds together …" },
	{ "zip_longest", "* **", zip_call, "As zip, filled up to the longest." },
	{ "product", "* **", product_call, "Each with each." },
	{ "permutations", "r=None", choose_call, "All orders." },
	{ "combinations", "r", choose_call, "All choices." }, { NULL } };
