/* Methods of lists and dicts. Those that change their object work on what this evaluation owns: see
 * may_mutate. */
#include "template/evaluation.h"

/* Constants of the engine are never changed; everything else in reach is a copy of this session. */
static bool
changeable(struct call *call, struct value **out)
{
	const struct value *self = call->input;

	*out = NULL;

	if (self == &value_empty_list || self == &value_empty_map || (self->flags & VALUE_TUPLE))
		return call_fail(
			call, ERR_TYPE, "'%s' object cannot be changed", value_type_name(self));
	if (!call->run->session->may_mutate)
		return call_fail(call, ERR_UNSUPPORTED,
			"%s() can only be called where it is written out", call->function->name);
	*out = (struct value *)(uintptr_t)self;
	return true;
}

static bool
none(const struct value **out)
{
	*out = &value_none;
	return true;
}

static bool
append_call(struct call *call, const struct value **out)
{
	struct value *self;

	if (!changeable(call, &self))
		return false;
	value_add(call_arena(call), self, call->args[0]);
	return none(out);
}

static bool
extend_call(struct call *call, const struct value **out)
{
	const struct value *items;
	struct value *self;
	uint32_t count;

	if (!changeable(call, &self) || !call_items(call, call->args[0], &items))
		return false;
	count = items->list.count; /* x.extend(x) */
	for (uint32_t i = 0; i < count; i++)
		value_add(call_arena(call), self, items->list.items[i]);
	return none(out);
}

static void
item_remove(struct value *self, uint32_t at)
{
	memmove(self->list.items + at, self->list.items + at + 1,
		(self->list.count - at - 1) * sizeof(*self->list.items));
	self->list.count--;
}

static bool
insert_call(struct call *call, const struct value **out)
{
	struct value *self;
	int64_t at;

	if (!changeable(call, &self) || !call_int(call, 0, 0, &at))
		return false;
	at = at < 0 ? MAX(at + (int64_t)self->list.count, 0) : MIN(at, (int64_t)self->list.count);
	value_add(call_arena(call), self, call->args[1]);
	memmove(self->list.items + at + 1, self->list.items + at,
		(self->list.count - 1 - (size_t)at) * sizeof(*self->list.items));
	self->list.items[at] = call->args[1];
	return none(out);
}

static bool
pop_call(struct call *call, const struct value **out)
{
	struct value *self;
	int64_t at;

	if (!changeable(call, &self) || !call_int(call, 0, -1, &at))
		return false;
	at += at < 0 ? (int64_t)self->list.count : 0;
	if (at < 0 || at >= (int64_t)self->list.count)
		return call_fail(call, ERR_TYPE,
			self->list.count ? "pop index out of range" : "pop from empty list");
	*out = self->list.items[at];
	item_remove(self, (uint32_t)at);
	return true;
}

static bool
position(struct call *call, uint32_t *out)
{
	for (uint32_t i = 0; i < call->input->list.count; i++)
		if (value_equals(call->input->list.items[i], call->args[0])) {
			*out = i;
			return true;
		}
	return call_fail(call, ERR_TYPE, "%s: value is not in list", call->function->name);
}

static bool
remove_call(struct call *call, const struct value **out)
{
	struct value *self;
	uint32_t at;

	if (!changeable(call, &self) || !position(call, &at))
		return false;
	item_remove(self, at);
	return none(out);
}

static bool
clear_call(struct call *call, const struct value **out)
{
	struct value *self;

	if (!changeable(call, &self))
		return false;
	if (self->type == VALUE_LIST) {
		self->list.count = 0;
	} else {
		self->map.count = 0;
		self->map.room = 0;
		self->map.slots = NULL;
	}
	return none(out);
}

static bool
reverse_call(struct call *call, const struct value **out)
{
	struct value *self;

	if (!changeable(call, &self))
		return false;
	for (uint32_t i = 0; i < self->list.count / 2; i++) {
		const struct value *item = self->list.items[i];

		self->list.items[i] = self->list.items[self->list.count - 1 - i];
		self->list.items[self->list.count - 1 - i] = item;
	}
	return none(out);
}

static bool
sort_call(struct call *call, const struct value **out)
{
	const struct value *sorted, *yes = &value_true;
	struct value *self, *named = value_map(call_arena(call));
	struct call_args args = { .named = named };

	value_set(call_arena(call), named, "case_sensitive", yes);
	if (call->args[1])
		value_set(call_arena(call), named, "reverse", call->args[1]);
	if (!changeable(call, &self) || !filter_call(call->run, VIEW("sort"), self, &args, &sorted))
		return false;
	memcpy(self->list.items, sorted->list.items,
		sorted->list.count * sizeof(*self->list.items));
	return none(out);
}

static bool
index_call(struct call *call, const struct value **out)
{
	uint32_t at;

	if (!position(call, &at))
		return false;
	*out = value_int(call_arena(call), at);
	return true;
}

static bool
count_call(struct call *call, const struct value **out)
{
	int64_t count = 0;

	VALUE_EACH (item, call->input)
		count += value_equals(item, call->args[0]);
	*out = value_int(call_arena(call), count);
	return true;
}

static bool
copy_call(struct call *call, const struct value **out)
{
	*out = call->input->type == VALUE_LIST ? value_list_copy(call_arena(call), call->input)
					       : value_map_copy(call_arena(call), call->input);
	return true;
}

/* ---- dicts ---- */

static bool
plain_self(struct call *call)
{
	return value_plain(call->run, call->input, &call->input);
}

static bool
keys_call(struct call *call, const struct value **out)
{
	if (!plain_self(call) || !value_iterate(call->run, call->input, out))
		return false;
	*out = value_with_flags(call_arena(call), *out, (*out)->flags | VALUE_ROLLED);
	return true;
}

static bool
values_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));

	if (!plain_self(call))
		return false;
	VALUE_PAIRS (pair, call->input)
		value_add(call_arena(call), list, pair->value);
	list->flags |= VALUE_ROLLED;
	*out = list;
	return true;
}

static bool
items_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));

	if (!plain_self(call))
		return false;
	VALUE_PAIRS (pair, call->input) {
		struct value *tuple = value_list(call_arena(call));

		tuple->flags |= VALUE_TUPLE;
		value_add(call_arena(call), tuple, pair->key);
		value_add(call_arena(call), tuple, pair->value);
		value_add(call_arena(call), list, tuple);
	}
	list->flags |= VALUE_ROLLED;
	*out = list;
	return true;
}

static bool
get_call(struct call *call, const struct value **out)
{
	const struct object_class *class;

	*out = NULL;
	if (call->input->type == VALUE_OBJECT) {
		class = call->input->object.class;
		if (class->get && !class->get(call->input->object.self, call_arena(call),
					  call->args[0], out, call->run->session->err))
			return false;
	} else {
		*out = value_get_key(call->input, call->args[0]);
	}
	if (!*out)
		*out = call->args[1] ? call->args[1] : &value_none;
	return true;
}

static bool
update_call(struct call *call, const struct value **out)
{
	const struct value *other = call->args[0], *items, *pair;
	struct value *self;

	if (!changeable(call, &self) || (other && !value_plain(call->run, other, &other)))
		return false;
	if (other && value_is_map(other)) {
		if (other != self)
			VALUE_PAIRS (each, other)
				value_set_key(call_arena(call), self, each->key, each->value);
	} else if (other) {
		if (!call_items(call, other, &items))
			return false;
		VALUE_EACH (item, items) {
			if (!call_items(call, item, &pair))
				return false;
			if (pair->list.count != 2)
				return call_fail(call, ERR_TYPE, "update() takes pairs");
			value_set_key(
				call_arena(call), self, pair->list.items[0], pair->list.items[1]);
		}
	}
	if (call->named)
		VALUE_PAIRS (each, call->named)
			value_set_key(call_arena(call), self, each->key, each->value);
	return none(out);
}

static bool
setdefault_call(struct call *call, const struct value **out)
{
	struct value *self;

	if (!changeable(call, &self))
		return false;
	*out = value_get_key(self, call->args[0]);
	if (*out)
		return true;
	*out = call->args[1] ? call->args[1] : &value_none;
	value_set_key(call_arena(call), self, call->args[0], *out);
	return true;
}

static void
key_remove(struct call *call, struct value *self, const struct value *key)
{
	struct value *rest = value_map(call_arena(call));

	VALUE_PAIRS (pair, self)
		if (!value_equals(pair->key, key))
			value_set_key(call_arena(call), rest, pair->key, pair->value);
	self->map = rest->map;
}

static bool
map_pop_call(struct call *call, const struct value **out)
{
	struct value *self;

	if (!changeable(call, &self))
		return false;
	*out = value_get_key(self, call->args[0]);
	if (*out) {
		key_remove(call, self, call->args[0]);
		return true;
	}
	*out = call->args[1];
	return *out ? true : call_fail(call, ERR_TYPE, "pop(): no such key");
}

static bool
popitem_call(struct call *call, const struct value **out)
{
	struct value *self, *tuple = value_list(call_arena(call));

	if (!changeable(call, &self))
		return false;
	if (!self->map.count)
		return call_fail(call, ERR_TYPE, "popitem(): dictionary is empty");
	tuple->flags |= VALUE_TUPLE;
	value_add(call_arena(call), tuple, self->map.pairs[self->map.count - 1].key);
	value_add(call_arena(call), tuple, self->map.pairs[self->map.count - 1].value);
	key_remove(call, self, tuple->list.items[0]);
	*out = tuple;
	return true;
}

const struct function methods_list[] = { { "append", "item", append_call, "Adds at the end.",
						 MUTATES },
	{ "extend", "items", extend_call, "Adds all at the end.", MUTATES },
	{ "insert", "index item", insert_call, "Adds at a place.", MUTATES },
	{ "pop", "index=-1", pop_call, "Takes one out.", MUTATES },
	{ "remove", "item", remove_call, "Takes the first that is equal out.", MUTATES },
	{ "clear", "", clear_call, "Takes all out.", MUTATES },
	{ "reverse", "", reverse_call, "Turns the order around, in place.", MUTATES },
	{ "sort", "key=None reverse=False", sort_call, "Sorts in place.", MUTATES },
	{ "index", "item", index_call, "Where it stands." },
	{ "count", "item", count_call, "How often it is there." },
	{ "copy", "", copy_call, "A copy." }, { NULL } };

const struct function methods_map[] = { { "keys", "", keys_call, "The keys." },
	{ "values", "", values_call, "The values." },
	{ "items", "", items_call, "Pairs of key and value." },
	{ "get", "key default=None", get_call, "The value, or the default." },
	{ "copy", "", copy_call, "A copy." },
	{ "update", "other= **", update_call, "Takes over the pairs of another.", MUTATES },
	{ "setdefault", "key default=None", setdefault_call, "The value, set if it was missing.",
		MUTATES },
	{ "pop", "key default=", map_pop_call, "Takes one out.", MUTATES },
	{ "popitem", "", popitem_call, "Takes the last pair out.", MUTATES },
	{ "clear", "", clear_call, "Takes all out.", MUTATES }, { NULL } };
