/* The functions of JMESPath, with the types they take. */
#include <math.h>

#include "json/json.h"
#include "template/evaluation.h"
#include "template/jmespath.h"

enum { ARGUMENTS_MOST = 16 };

/* Kinds of arguments; a function names what it takes for each. */
enum kind {
	ANY = 0,
	NUMBER = 1,
	STRING = 2,
	BOOLEAN = 4,
	ARRAY = 8,
	OBJECT = 16,
	NOTHING = 32,
	EXPRESSION = 64,
	NUMBERS = 128, /* an array of them */
	STRINGS = 256,
};

struct call_state {
	struct query_run *run;
	const struct query *query; /* for the expressions among the arguments */
	const struct value *args[ARGUMENTS_MOST];
	uint32_t count;
};

static struct arena *
arena_of(const struct call_state *state)
{
	return call_arena(state->run->call);
}

static bool
is_number(const struct value *value)
{
	return value->type == VALUE_INT || value->type == VALUE_FLOAT;
}

static double
real_of(const struct value *value)
{
	return value->type == VALUE_FLOAT ? value->real : (double)value->integer;
}

static const char *
type_of(const struct value *value)
{
	switch ((enum value_type)value->type) {
	case VALUE_BOOL:
		return "boolean";
	case VALUE_INT:
	case VALUE_FLOAT:
		return "number";
	case VALUE_STRING:
		return "string";
	case VALUE_LIST:
		return "array";
	case VALUE_MAP:
		return "object";
	default:
		return "null";
	}
}

/* ---- one C function for each ---- */

static bool
round_to(struct call_state *state, double (*how)(double), const struct value **out)
{
	*out = state->args[0]->type == VALUE_INT
		       ? state->args[0]
		       : value_int(arena_of(state), (int64_t)how(state->args[0]->real));
	return true;
}

static bool
do_abs(struct call_state *state, const struct value **out)
{
	const struct value *value = state->args[0];

	*out = value->type == VALUE_INT
		       ? value_int(arena_of(state),
				 value->integer < 0 ? -value->integer : value->integer)
		       : value_float(arena_of(state), fabs(value->real));
	return true;
}

static bool
do_ceil(struct call_state *state, const struct value **out)
{
	return round_to(state, ceil, out);
}

static bool
do_floor(struct call_state *state, const struct value **out)
{
	return round_to(state, floor, out);
}

static bool
do_sum(struct call_state *state, const struct value **out)
{
	struct call_args none = { 0 };

	return filter_call(state->run->call->run, VIEW("sum"), state->args[0], &none, out);
}

static bool
do_avg(struct call_state *state, const struct value **out)
{
	double sum = 0;

	*out = &value_none;
	if (!state->args[0]->list.count)
		return true;
	VALUE_EACH (item, state->args[0])
		sum += real_of(item);
	*out = value_float(arena_of(state), sum / state->args[0]->list.count);
	return true;
}

static bool
do_contains(struct call_state *state, const struct value **out)
{
	const struct value *where = state->args[0], *what = state->args[1];
	bool is_in;

	if (value_is_string(where) && !value_is_string(what))
		return call_fail(state->run->call, ERR_TYPE,
			"json_query: contains() needs a string to look for");
	return value_contains(state->run->call->run, where, what, &is_in) && give_bool(is_in, out);
}

static bool
do_starts_with(struct call_state *state, const struct value **out)
{
	return give_bool(
		view_starts(value_string_view(state->args[0]), value_string(state->args[1])), out);
}

static bool
do_ends_with(struct call_state *state, const struct value **out)
{
	return give_bool(
		view_ends(value_string_view(state->args[0]), value_string(state->args[1])), out);
}

static bool
do_join(struct call_state *state, const struct value **out)
{
	struct call_args args = { .positional = state->args, .positional_count = 1 };

	return filter_call(state->run->call->run, VIEW("join"), state->args[1], &args, out);
}

static bool
do_keys(struct call_state *state, const struct value **out)
{
	bool has_values = view_is(state->query->text, "values");
	struct value *list = value_list(arena_of(state));

	VALUE_PAIRS (pair, state->args[0])
		value_add(arena_of(state), list, has_values ? pair->value : pair->key);
	*out = list;
	return true;
}

static bool
do_length(struct call_state *state, const struct value **out)
{
	return filter_call(state->run->call->run, VIEW("length"), state->args[0], NULL, out);
}

static bool
do_map(struct call_state *state, const struct value **out)
{
	struct value *list = value_list(arena_of(state));
	const struct value *item;

	VALUE_EACH (each, state->args[1]) {
		if (!query_evaluate(state->run, state->query->items[0]->left, each, &item))
			return false;
		value_add(arena_of(state), list, item);
	}
	*out = list;
	return true;
}

static bool
do_merge(struct call_state *state, const struct value **out)
{
	struct value *map = value_map(arena_of(state));

	for (uint32_t i = 0; i < state->count; i++)
		VALUE_PAIRS (pair, state->args[i])
			value_set_key(arena_of(state), map, pair->key, pair->value);
	*out = map;
	return true;
}

static bool
do_not_null(struct call_state *state, const struct value **out)
{
	*out = &value_none;
	for (uint32_t i = 0; i < state->count && (*out)->type == VALUE_NONE; i++)
		*out = state->args[i];
	return true;
}

static bool
do_reverse(struct call_state *state, const struct value **out)
{
	return filter_call(state->run->call->run, VIEW("reverse"), state->args[0], NULL, out);
}

/* The items with the value of the expression (or themselves) in front, in its order. */
static bool
ordered(struct call_state *state, bool has_expression, const struct value **out)
{
	struct value *pairs = value_list(arena_of(state)), *named = value_map(arena_of(state));
	struct call_args args = { .named = named };
	const char *type = NULL;

	VALUE_EACH (each, state->args[0]) {
		struct value *pair = value_list(arena_of(state));
		const struct value *key = each;

		if (has_expression &&
			!query_evaluate(state->run, state->query->items[1]->left, each, &key))
			return false;
		if ((!is_number(key) && !value_is_string(key)) ||
			(type && strcmp(type, type_of(key)) != 0))
			return call_fail(state->run->call, ERR_TYPE,
				"json_query: %.*s() cannot order a value of type %s",
				(int)state->query->text.length, state->query->text.data,
				type_of(key));
		type = type_of(key);
		value_add(arena_of(state), pair, key);
		value_add(arena_of(state), pair, each);
		value_add(arena_of(state), pairs, pair);
	}
	value_set(arena_of(state), named, "attribute", value_int(arena_of(state), 0));
	value_set(arena_of(state), named, "case_sensitive", &value_true);
	return filter_call(state->run->call->run, VIEW("sort"), pairs, &args, out);
}

static bool
do_sort(struct call_state *state, const struct value **out)
{
	struct value *list = value_list(arena_of(state));
	const struct value *pairs;

	if (!ordered(state, state->count > 1, &pairs))
		return false;
	VALUE_EACH (pair, pairs)
		value_add(arena_of(state), list, pair->list.items[1]);
	*out = list;
	return true;
}

/* Of equal ones the first is taken. */
static bool
do_extreme(struct call_state *state, const struct value **out)
{
	bool is_least = view_starts(state->query->text, "min");
	const struct value *pairs, *best = NULL;
	int order;

	*out = &value_none;
	if (!ordered(state, state->count > 1, &pairs))
		return false;
	VALUE_EACH (pair, pairs)
		if (!best ||
			(!is_least &&
				value_compare(pair->list.items[0], best->list.items[0], &order) &&
				order > 0))
			best = pair;
	if (best)
		*out = best->list.items[1];
	return true;
}

static bool
do_to_array(struct call_state *state, const struct value **out)
{
	struct value *list = value_list(arena_of(state));

	value_add(arena_of(state), list, state->args[0]);
	*out = value_is_list(state->args[0]) ? state->args[0] : list;
	return true;
}

static bool
do_to_number(struct call_state *state, const struct value **out)
{
	const struct value *value = state->args[0];
	int64_t whole;
	char *end;
	double real;

	*out = is_number(value) ? value : &value_none;
	if (!value_is_string(value) || !value->string.length)
		return true;
	if (number_parse(value_string_view(value), &whole)) {
		*out = value_int(arena_of(state), whole);
		return true;
	}
	real = strtod(value_string(value), &end);
	if (!*end)
		*out = value_float(arena_of(state), real);
	return true;
}

static bool
do_to_string(struct call_state *state, const struct value **out)
{
	const struct json_style style = { .is_compact = true };
	struct str text;

	if (value_is_string(state->args[0])) {
		*out = state->args[0];
		return true;
	}
	str_init(&text);
	json_add(state->args[0], &style, &text);
	return call_give(state->run->call, &text, out);
}

static bool
do_type(struct call_state *state, const struct value **out)
{
	*out = value_text(arena_of(state), type_of(state->args[0]));
	return true;
}

static const struct {
	const char *name;
	bool (*call)(struct call_state *state, const struct value **out);
	uint32_t count; /* of arguments; further ones are as the last where `takes_more` */
	bool takes_more;
	unsigned kinds[2];
} functions[] = {
	{ "abs", do_abs, 1, false, { NUMBER } },
	{ "avg", do_avg, 1, false, { NUMBERS } },
	{ "ceil", do_ceil, 1, false, { NUMBER } },
	{ "contains", do_contains, 2, false, { ARRAY | STRING, ANY } },
	{ "ends_with", do_ends_with, 2, false, { STRING, STRING } },
	{ "floor", do_floor, 1, false, { NUMBER } },
	{ "join", do_join, 2, false, { STRING, STRINGS } },
	{ "keys", do_keys, 1, false, { OBJECT } },
	{ "length", do_length, 1, false, { STRING | ARRAY | OBJECT } },
	{ "map", do_map, 2, false, { EXPRESSION, ARRAY } },
	{ "max", do_extreme, 1, false, { NUMBERS | STRINGS } },
	{ "max_by", do_extreme, 2, false, { ARRAY, EXPRESSION } },
	{ "merge", do_merge, 1, true, { OBJECT } },
	{ "min", do_extreme, 1, false, { NUMBERS | STRINGS } },
	{ "min_by", do_extreme, 2, false, { ARRAY, EXPRESSION } },
	{ "not_null", do_not_null, 1, true, { ANY } },
	{ "reverse", do_reverse, 1, false, { STRING | ARRAY } },
	{ "sort", do_sort, 1, false, { NUMBERS | STRINGS } },
	{ "sort_by", do_sort, 2, false, { ARRAY, EXPRESSION } },
	{ "starts_with", do_starts_with, 2, false, { STRING, STRING } },
	{ "sum", do_sum, 1, false, { NUMBERS } },
	{ "to_array", do_to_array, 1, false, { ANY } },
	{ "to_number", do_to_number, 1, false, { ANY } },
	{ "to_string", do_to_string, 1, false, { ANY } },
	{ "type", do_type, 1, false, { ANY } },
	{ "values", do_keys, 1, false, { OBJECT } },
};

static bool
items_are(const struct value *list, bool (*is)(const struct value *value))
{
	VALUE_EACH (item, list)
		if (!is(item))
			return false;
	return true;
}

static bool
is_string(const struct value *value)
{
	return value_is_string(value);
}

static bool
fits(const struct query *source, const struct value *value, unsigned kinds)
{
	if (source->kind == QUERY_REFERENCE)
		return kinds & EXPRESSION;
	if (kinds == ANY || (is_number(value) && (kinds & NUMBER)) ||
		(value_is_string(value) && (kinds & STRING)) ||
		(value->type == VALUE_BOOL && (kinds & BOOLEAN)) ||
		(value_is_list(value) && (kinds & ARRAY)) ||
		(value_is_map(value) && (kinds & OBJECT)) ||
		(value->type == VALUE_NONE && (kinds & NOTHING)))
		return true;
	return value_is_list(value) && (((kinds & NUMBERS) && items_are(value, is_number)) ||
					       ((kinds & STRINGS) && items_are(value, is_string)));
}

bool
query_call(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out)
{
	struct call_state state = { .run = run, .query = query, .count = query->count };
	size_t i = 0;

	while (i < ARRAY_SIZE(functions) && !view_is(query->text, functions[i].name))
		i++;
	if (i == ARRAY_SIZE(functions))
		return call_fail(run->call, ERR_PARSE, "json_query: Unknown function: %.*s()",
			(int)query->text.length, query->text.data);
	if (query->count > ARGUMENTS_MOST || query->count < functions[i].count ||
		(query->count > functions[i].count && !functions[i].takes_more))
		return call_fail(run->call, ERR_TYPE,
			"json_query: function %s() takes %u arguments, but %u were given",
			functions[i].name, functions[i].count, query->count);
	for (uint32_t j = 0; j < query->count; j++) {
		unsigned kinds = functions[i].kinds[MIN(j, functions[i].count - 1)];

		if (!query_evaluate(run, query->items[j], value, &state.args[j]))
			return false;
		if (!fits(query->items[j], state.args[j], kinds))
			return call_fail(run->call, ERR_TYPE,
				"json_query: function %s(): argument %u has the wrong type: %s",
				functions[i].name, j + 1, type_of(state.args[j]));
	}
	return functions[i].call(&state, out);
}
