/* Functions without an object: range, dict, namespace, cycler, joiner, lookup, query, now, undef;
 * and `omit`. */
#include <time.h>

#include "template/evaluation.h"
#include "template/times.h"

/* ---- omit ---- */

static bool
omit_plain(
	void *self UNUSED, struct arena *into, const struct value **out, struct error *err UNUSED)
{
	*out = value_text(into, "__omit_place_holder__");
	return true;
}

static const struct object_class omit_class = { .type_name = "str", .plain = omit_plain };

const struct value template_omit = { .type = VALUE_OBJECT, .object = { .class = &omit_class } };

bool
template_is_omit(const struct value *value)
{
	return value_is(value, VALUE_OBJECT) && value->object.class == &omit_class;
}

/* ---- range ---- */

static bool
range_call(struct call *call, const struct value **out)
{
	struct value *list = value_list(call_arena(call));
	int64_t start = 0, stop, step = 1;

	if (!call_int(call, 0, 0, &stop))
		return false;
	if (call->args[1]) {
		start = stop;
		if (!call_int(call, 1, 0, &stop) || !call_int(call, 2, 1, &step))
			return false;
	}
	if (!step)
		return call_fail(call, ERR_TYPE, "range() arg 3 must not be zero");
	while (step > 0 ? start < stop : start > stop) {
		if (list->list.count >= RANGE_MOST)
			return call_fail(call, ERR_LIMIT, "range is longer than %d", RANGE_MOST);
		value_add(call_arena(call), list, value_int(call_arena(call), start));
		if (__builtin_add_overflow(start, step, &start))
			break;
	}
	*out = list;
	return true;
}

static bool
pairs_add(struct call *call, struct value *map, const struct value *source)
{
	const struct value *items, *pair;

	if (!value_plain(call->run, source, &source))
		return false;
	if (value_is_map(source)) {
		VALUE_PAIRS (each, source)
			value_set_key(call_arena(call), map, each->key, each->value);
		return true;
	}
	if (!call_items(call, source, &items))
		return false;
	VALUE_EACH (item, items) {
		if (!call_items(call, item, &pair))
			return false;
		if (pair->list.count != 2)
			return call_fail(call, ERR_TYPE,
				"dictionary update sequence element has length %u; 2 is required",
				pair->list.count);
		value_set_key(call_arena(call), map, pair->list.items[0], pair->list.items[1]);
	}
	return true;
}

static bool
dict_make(struct call *call, struct value **out)
{
	struct value *map = value_map(call_arena(call));

	if (call->args[0] && !pairs_add(call, map, call->args[0]))
		return false;
	if (call->named)
		VALUE_PAIRS (pair, call->named)
			value_set_key(call_arena(call), map, pair->key, pair->value);
	*out = map;
	return true;
}

static bool
dict_call(struct call *call, const struct value **out)
{
	struct value *map;

	if (!dict_make(call, &map))
		return false;
	*out = map;
	return true;
}

static bool
namespace_call(struct call *call, const struct value **out)
{
	struct value *map;

	if (!dict_make(call, &map))
		return false;
	*out = namespace_new(call->run, map);
	return true;
}

/* ---- cycler and joiner ---- */

struct cycler {
	struct evaluation *run;
	const struct value **items;
	size_t count, at;
};

static bool
cycler_next(void *self, struct arena *into UNUSED, const struct call_args *args UNUSED,
	const struct value **out, struct error *err UNUSED)
{
	struct cycler *cycler = self;

	*out = cycler->items[cycler->at];
	cycler->at = (cycler->at + 1) % cycler->count;
	return true;
}

static bool
cycler_reset(void *self, struct arena *into UNUSED, const struct call_args *args UNUSED,
	const struct value **out, struct error *err UNUSED)
{
	((struct cycler *)self)->at = 0;
	*out = &value_none;
	return true;
}

static const struct object_class cycler_next_class = { .type_name = "method", .call = cycler_next };
static const struct object_class cycler_reset_class = { .type_name = "method",
	.call = cycler_reset };

static bool
cycler_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err UNUSED)
{
	struct cycler *cycler = self;
	const char *name = value_string(key);

	if (text_equals(name, "next"))
		*out = value_object(into, &cycler_next_class, self);
	else if (text_equals(name, "reset"))
		*out = value_object(into, &cycler_reset_class, self);
	else if (text_equals(name, "current"))
		*out = cycler->items[cycler->at];
	return true;
}

static const struct object_class cycler_class = { .type_name = "Cycler", .get = cycler_get };

static bool
cycler_call(struct call *call, const struct value **out)
{
	struct cycler *cycler = arena_new(call_arena(call), struct cycler);

	if (!call->rest_count)
		return call_fail(call, ERR_TYPE, "at least one item has to be provided");
	cycler->run = call->run;
	cycler->items = call->rest;
	cycler->count = call->rest_count;
	*out = value_object(call_arena(call), &cycler_class, cycler);
	return true;
}

struct joiner {
	const struct value *separator;
	bool is_used;
};

static bool
joiner_use(void *self, struct arena *into UNUSED, const struct call_args *args UNUSED,
	const struct value **out, struct error *err UNUSED)
{
	struct joiner *joiner = self;

	*out = joiner->is_used ? joiner->separator : &value_empty_string;
	joiner->is_used = true;
	return true;
}

static const struct object_class joiner_class = {
	.type_name = "Joiner", .call = joiner_use, .is_callable = true
};

static bool
joiner_call(struct call *call, const struct value **out)
{
	struct joiner *joiner = arena_new(call_arena(call), struct joiner);

	joiner->separator = call->args[0] ? call->args[0] : value_text(call_arena(call), ", ");
	*out = value_object(call_arena(call), &joiner_class, joiner);
	return true;
}

/* ---- lookups ---- */

/* Ansible evaluates the arguments of a lookup once more. Here only what stands literally in the
 * template is (rule R1). */
static bool
term_evaluate(struct call *call, const struct value *term, const struct value **out)
{
	struct value *list;
	const struct value *item;

	*out = term;
	if (value_is_string(term) && (term->flags & VALUE_LITERAL))
		return session_evaluate(call->run->session,
			value_with_flags(call_arena(call), term, VALUE_TEMPLATE), out);
	if (!value_is_list(term))
		return true;
	list = value_list(call_arena(call));
	list->flags = term->flags;
	VALUE_EACH (each, term) {
		if (!term_evaluate(call, each, &item))
			return false;
		value_add(call_arena(call), list, item);
	}
	*out = list;
	return true;
}

static bool
lookup_terms(struct call *call, const struct value **out)
{
	struct value *terms = value_list(call_arena(call));
	const struct value *term;

	for (size_t i = 0; i < call->rest_count; i++) {
		if (!term_evaluate(call, call->rest[i], &term))
			return false;
		value_add(call_arena(call), terms, term);
	}
	*out = terms;
	return true;
}

/* Strings of the list are marked as what a lookup gave. */
static const struct value *
unsafe_list(struct call *call, const struct value *list)
{
	struct value *copy = value_list(call_arena(call));

	copy->flags = list->flags;
	VALUE_EACH (item, list)
		value_add(call_arena(call), copy,
			value_is_string(item)
				? value_with_flags(call_arena(call), item,
					  (item->flags | VALUE_UNSAFE) & ~(unsigned)VALUE_TEMPLATE)
				: item);
	return copy;
}

static bool
lookup_list(struct call *call, const struct value **out)
{
	const struct template_scope *scope = call->run->session->scope;
	const struct value *terms;
	struct view name;

	if (!call_text(call, call->args[0], "", &name))
		return false;
	if (!scope || !scope->lookup)
		return call_fail(
			call, ERR_UNSUPPORTED, "lookup '%s' is not possible here", name.data);
	if (!lookup_terms(call, &terms) ||
		!scope->lookup(scope->context, call_arena(call), arena_view(call_arena(call), name),
			terms, call->named ? call->named : value_map(call_arena(call)), out,
			call->run->session->err))
		return false;
	if (*out)
		*out = unsafe_list(call, *out);
	return true;
}

static bool
query_call(struct call *call, const struct value **out)
{
	if (!lookup_list(call, out))
		return false;
	if (!*out)
		*out = &value_empty_list;
	return true;
}

/* wantlist=True gives the list; else strings joined by a comma, and what is no string as it is. */
static bool
lookup_call(struct call *call, const struct value **out)
{
	const struct value *want = call->named ? value_get(call->named, "wantlist") : NULL, *list;
	struct str text;

	if (want) {
		struct value *named = value_map_copy(call_arena(call), call->named);

		value_remove(named, "wantlist");
		call->named = named;
	}
	if (!lookup_list(call, &list))
		return false;
	if (!list) { /* errors='ignore' and one there was */
		*out = value_is_true(want) ? &value_empty_list : &value_none;
		return true;
	}
	if (value_is_true(want) || !list->list.count) {
		*out = list;
		return true;
	}
	if (list->list.count == 1 && !value_is_string(list->list.items[0])) {
		*out = list->list.items[0];
		return true;
	}
	VALUE_EACH (item, list)
		if (!value_is_string(item)) {
			*out = list;
			return true;
		}
	if (list->list.count == 1) {
		*out = list->list.items[0];
		return true;
	}
	str_init_max(&text, OUTPUT_MOST);
	for (uint32_t i = 0; i < list->list.count; i++) {
		if (i)
			str_add_char(&text, ',');
		str_add_view(&text, value_string_view(list->list.items[i]));
	}
	if (!call_give(call, &text, out))
		return false;
	*out = value_with_flags(call_arena(call), *out, VALUE_UNSAFE);
	return true;
}

/* ---- now and undef ---- */

static bool
now_call(struct call *call, const struct value **out)
{
	struct view format;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!call->args[1]) {
		*out = datetime_new(call_arena(call), now.tv_sec, (int)(now.tv_nsec / 1000),
			call_flag(call, 0, false));
		return true;
	}
	return call_text(call, call->args[1], "", &format) &&
	       datetime_format(call, format, &now, call_flag(call, 0, false), out);
}

static bool
undef_call(struct call *call, const struct value **out)
{
	struct view hint;

	if (!call_text(call, value_is_none(call->args[0]) ? NULL : call->args[0],
		    "Mandatory variable has not been overridden", &hint))
		return false;
	*out = undefined_new(call_arena(call), "%.*s", (int)MIN(hint.length, 400), hint.data);
	return true;
}

const struct function globals_functions[] = {
	{ "range", "stop stop2=0 step=1", range_call,
		"The whole numbers from start up to, without, stop." },
	{ "dict", "_values= **", dict_call, "A dict of pairs and named arguments." },
	{ "namespace", "_values= **", namespace_call,
		"An object whose attributes {% set %} may change anywhere." },
	{ "cycler", "*", cycler_call, "Gives its arguments in turn: next(), reset(), current." },
	{ "joiner", "sep=', '", joiner_call,
		"Gives nothing when first called, then the separator." },
	{ "lookup", "name * **", lookup_call, "What a lookup finds, as text." },
	{ "query", "name * **", query_call, "What a lookup finds, as a list." },
	{ "q", "name * **", query_call, "The same as query." },
	{ "now", "utc=False fmt=None", now_call, "The time, as text when fmt is given." },
	{ "undef", "hint=''", undef_call, "An undefined value: whoever uses it must set it." },
	{ NULL }
};
