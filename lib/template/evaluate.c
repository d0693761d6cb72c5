/* Expressions: walks the tree and makes values. */
#include "template/bigint.h"
#include "template/evaluation.h"

#include <stdarg.h>

bool
run_fail(struct evaluation *run, enum error_kind kind, const char *format, ...)
{
	va_list args;

	fail(run->session->err, kind, "template error");
	va_start(args, format);
	vsnprintf(run->session->err->what, sizeof(run->session->err->what), format, args);
	va_end(args);
	return false;
}

bool
run_where(struct evaluation *run, const struct node *node)
{
	struct error *err = run->session->err;
	uint32_t line = node->line, column = node->column;

	if (err->where[0] || err->kind == ERR_PENDING)
		return false;
	if (!err->excerpt[0])
		error_set_excerpt(
			err, run->template->text.data, run->template->text.length, line, column);
	if (run->template->name)
		return error_where(err, "%s:%u:%u", run->template->name, line, column);
	if (!run->place.file)
		return false;
	column += line == 1 && run->place.column ? run->place.column - 1 : 0;
	line += run->place.line ? run->place.line - 1 : 0;
	return error_where(err, "%s:%u:%u", run->place.file, line, column);
}

bool
run_step(struct evaluation *run)
{
	struct session *session = run->session;

	if (++session->steps > STEPS_MOST)
		return run_fail(run, ERR_LIMIT, "template runs too long");
	if (session->into->used - session->used_before > MEMORY_MOST)
		return run_fail(run, ERR_LIMIT, "template needs too much memory");
	if (session->depth > DEPTH_MOST)
		return run_fail(
			run, ERR_LIMIT, "template nested too deep (recursion without an end?)");
	return true;
}

/* ---- undefined ---- */

const struct value *
undefined_new(struct arena *into, const char *format, ...)
{
	struct value *value = arena_new(into, struct value);
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	value->type = VALUE_UNDEFINED;
	value->string.data = arena_text(into, text);
	value->string.length = strlen(text);
	return value;
}

/* What `x if c` without an else gives: prints as nothing and is false. */
bool
undefined_is_lenient(const struct value *value)
{
	return value->type == VALUE_UNDEFINED && !value->string.length;
}

bool
value_defined(struct evaluation *run, const struct value *value)
{
	if (value->type != VALUE_UNDEFINED)
		return true;
	if (undefined_is_lenient(value))
		return run_fail(run, ERR_UNDEFINED,
			"the inline if-expression evaluated to false and no else "
			"section was defined.");
	run_fail(run, ERR_UNDEFINED, "%s", value->string.data);
	if (text_ends(value->string.data, "' is undefined"))
		error_hint(run->session->err,
			"define it, or give a fallback: {{ name | default('…') }}");
	return false;
}

static bool
evaluate_defined(struct evaluation *run, const struct node *node, const struct value **out)
{
	return evaluate(run, node, out) && value_defined(run, *out);
}

bool
value_truth(struct evaluation *run, const struct value *value, bool *out)
{
	if (value->type == VALUE_OBJECT && value->object.class->plain &&
		value->object.class->is_mapping) {
		if (!value->object.class->iterate)
			return *out = true;
		if (!value_iterate(run, value, &value))
			return false;
	}
	if (undefined_is_lenient(value)) {
		*out = false;
		return true;
	}
	*out = value_is_true(value);
	return value_defined(run, value);
}

bool
evaluate_truth(struct evaluation *run, const struct node *node, bool *out)
{
	const struct value *value;

	return evaluate(run, node, &value) &&
	       (value_truth(run, value, out) || run_where(run, node));
}

/* ---- one function for each kind of node ---- */

static bool
const_evaluate(struct evaluation *run UNUSED, const struct node *node, const struct value **out)
{
	*out = node->constant;
	return true;
}

static bool
name_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	if (!name_find(run, node->name, out))
		return false;
	if (!*out)
		*out = undefined_new(run->session->into, "'%.*s' is undefined",
			(int)node->name.length, node->name.data);
	return true;
}

static bool
list_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	struct value *list = value_list(run->session->into);
	const struct value *item;

	for (uint32_t i = 0; i < node->count; i++) {
		if (!evaluate(run, node->items[i], &item))
			return false;
		value_add(run->session->into, list, item);
	}
	if (node->kind == NODE_TUPLE)
		list->flags |= VALUE_TUPLE;
	*out = list;
	return true;
}

static bool
dict_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	struct value *map = value_map(run->session->into);
	const struct value *key, *item;

	for (uint32_t i = 0; i < node->count; i += 2) {
		if (!evaluate_defined(run, node->items[i], &key) ||
			!evaluate(run, node->items[i + 1], &item))
			return false;
		if (value_is_map(key) || (value_is_list(key) && !(key->flags & VALUE_TUPLE)))
			return run_fail(
				run, ERR_TYPE, "unhashable type: '%s'", value_type_name(key));
		value_set_key(run->session->into, map, key, item);
	}
	*out = map;
	return true;
}

static bool
attribute_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *left;

	return evaluate(run, node->left, &left) && attribute_get(run, left, node->name, out);
}

static bool
slice_evaluate(struct evaluation *run, const struct node *node, const struct value *left,
	const struct value **out)
{
	const struct value *bounds[3] = { NULL };

	for (int i = 0; i < 3; i++)
		if (node->items[i] && !evaluate_defined(run, node->items[i], &bounds[i]))
			return false;
	*out = left; /* what is undefined stays so, as with any item */
	if (left->type == VALUE_UNDEFINED && !undefined_is_lenient(left))
		return true;
	return value_defined(run, left) && slice_get(run, left, bounds, out);
}

static bool
item_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *left, *key;

	if (!evaluate(run, node->left, &left))
		return false;
	if (node->right->kind == NODE_SLICE)
		return slice_evaluate(run, node->right, left, out);
	if (!evaluate_defined(run, node->right, &key))
		return false;
	return item_get(run, left, key, out);
}

static bool
loose_evaluate(
	struct evaluation *run, const struct node *node UNUSED, const struct value **out UNUSED)
{
	return run_fail(run, ERR_TYPE, "a slice can only stand alone in brackets");
}

static bool
spread_add(struct evaluation *run, const struct node *node, struct value *list)
{
	const struct value *items;

	if (!evaluate_defined(run, node->left, &items) || !value_iterate(run, items, &items))
		return false;
	VALUE_EACH (item, items)
		value_add(run->session->into, list, item);
	return true;
}

static bool
spread_map_add(struct evaluation *run, const struct node *node, struct value *named)
{
	const struct value *map;

	if (!evaluate_defined(run, node->left, &map) || !value_plain(run, map, &map))
		return false;
	if (!value_is_map(map))
		return run_fail(run, ERR_TYPE, "argument after ** must be a mapping, not %s",
			value_type_name(map));
	VALUE_PAIRS (pair, map)
		value_set_key(run->session->into, named, pair->key, pair->value);
	return true;
}

static bool
argument_add(
	struct evaluation *run, const struct node *node, struct value *list, struct value *named)
{
	const struct value *value;

	if (node->kind == NODE_SPREAD)
		return spread_add(run, node, list);
	if (node->kind == NODE_SPREAD_MAP)
		return spread_map_add(run, node, named);
	if (node->kind == NODE_KEYWORD) {
		if (!evaluate(run, node->left, &value))
			return false;
		value_set_key(run->session->into, named, value_view(run->session->into, node->name),
			value);
		return true;
	}
	if (!evaluate(run, node, &value))
		return false;
	value_add(run->session->into, list, value);
	return true;
}

bool
evaluate_arguments(struct evaluation *run, const struct node *node, struct call_args *out)
{
	struct value *list, *named;

	*out = (struct call_args){ 0 };
	if (!node->count)
		return true;
	list = value_list(run->session->into);
	named = value_map(run->session->into);
	for (uint32_t i = 0; i < node->count; i++)
		if (!argument_add(run, node->items[i], list, named))
			return false;
	out->positional = list->list.items;
	out->positional_count = list->list.count;
	out->named = named->map.count ? named : NULL;
	return true;
}

bool
value_call(struct evaluation *run, const struct value *callee, const struct call_args *args,
	const struct value **out)
{
	if (!value_defined(run, callee))
		return false;
	if (callee->type != VALUE_OBJECT || !callee->object.class->call)
		return run_fail(
			run, ERR_TYPE, "'%s' object is not callable", value_type_name(callee));
	*out = NULL;
	if (!callee->object.class->call(
		    callee->object.self, run->session->into, args, out, run->session->err))
		return false;
	if (!*out)
		*out = &value_none;
	return true;
}

/* target.method(…): methods go before keys here, as Python's attributes do. */
static bool
method_call(
	struct evaluation *run, const struct node *node, bool *is_done, const struct value **out)
{
	const struct node *callee = node->left;
	const struct function *method;
	const struct value *target;
	struct call_args args;

	*is_done = true;
	if (!evaluate(run, callee->left, &target))
		return false;
	method = method_find(target, callee->name);
	if (!method) {
		const struct value *function;

		return attribute_get(run, target, callee->name, &function) &&
		       value_defined(run, function) && evaluate_arguments(run, node, &args) &&
		       value_call(run, function, &args, out);
	}
	if (value_is(target, VALUE_OBJECT) && !value_plain(run, target, &target))
		return false;
	return evaluate_arguments(run, node, &args) &&
	       function_call(run, method, target, &args, out);
}

static bool
call_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *callee;
	struct call_args args;
	bool is_done = false;

	if (node->left->kind == NODE_ATTRIBUTE)
		return method_call(run, node, &is_done, out);
	if (!evaluate_defined(run, node->left, &callee))
		return false;
	return evaluate_arguments(run, node, &args) && value_call(run, callee, &args, out);
}

static bool
filter_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *input;
	struct call_args args;

	return evaluate(run, node->left, &input) && evaluate_arguments(run, node, &args) &&
	       function_call(run, node->function, input, &args, out);
}

static bool
test_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *input, *result;
	struct call_args args;

	if (!evaluate(run, node->left, &input) || !evaluate_arguments(run, node, &args) ||
		!function_call(run, node->function, input, &args, &result))
		return false;
	*out = value_is_true(result) != node->is_set ? &value_true : &value_false;
	return true;
}

static bool
sign_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *value;
	bool is_minus = node->kind == NODE_NEGATE;

	if (!evaluate_defined(run, node->left, &value))
		return false;
	if (value->type == VALUE_FLOAT)
		*out = value_float(run->session->into, is_minus ? -value->real : value->real);
	else if (value->type == VALUE_INT && (!is_minus || value->integer != INT64_MIN))
		*out = value_int(run->session->into, is_minus ? -value->integer : value->integer);
	else if (is_minus && (value_is_big(value) || value->type == VALUE_INT))
		*out = big_negate(run->session->into, value);
	else if (value_is_big(value))
		*out = value;
	else if (value->type == VALUE_BOOL)
		*out = value_int(run->session->into, is_minus ? -value->boolean : value->boolean);
	else
		return run_fail(run, ERR_TYPE, "bad operand type for unary %c: '%s'",
			is_minus ? '-' : '+', value_type_name(value));
	return true;
}

static bool
not_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	bool is_true;

	if (!evaluate_truth(run, node->left, &is_true))
		return false;
	*out = is_true ? &value_false : &value_true;
	return true;
}

static bool
binary_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *left, *right;

	if (!evaluate_defined(run, node->left, &left) || !evaluate(run, node->right, &right))
		return false;
	/* A text without conversions asks nothing of what stands behind %. */
	if (right->type == VALUE_UNDEFINED && view_is(node->name, "%") && value_is_string(left) &&
		!memchr(left->string.data, '%', left->string.length)) {
		*out = left;
		return true;
	}
	return value_defined(run, right) && operator_binary(run, node->name, left, right, out);
}

static bool
logic_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	bool is_true;

	if (!evaluate(run, node->left, out) || !value_truth(run, *out, &is_true))
		return false;
	return is_true == (node->kind == NODE_OR) || evaluate(run, node->right, out);
}

static bool
compare_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *left, *right;
	bool is_true = true;

	if (!evaluate_defined(run, node->left, &left))
		return false;
	for (uint32_t i = 0; i < node->count && is_true; i++, left = right)
		if (!evaluate_defined(run, node->items[i]->left, &right) ||
			!operator_compare(run, node->items[i]->name, left, right, &is_true))
			return false;
	*out = is_true ? &value_true : &value_false;
	return true;
}

static bool
concat_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	const struct value *value;
	struct str text;
	bool ok = true;

	str_init_max(&text, OUTPUT_MOST);
	for (uint32_t i = 0; ok && i < node->count; i++)
		ok = evaluate(run, node->items[i], &value) && value_text_add(run, value, &text);
	if (ok && text.is_full)
		ok = run_fail(run, ERR_LIMIT, "text is larger than 64 MiB");
	if (ok)
		*out = value_view(run->session->into, str_view(&text));
	str_release(&text);
	return ok;
}

static bool
condition_evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	bool is_true;

	if (!evaluate_truth(run, node->right, &is_true))
		return false;
	if (is_true)
		return evaluate(run, node->left, out);
	if (node->other)
		return evaluate(run, node->other, out);
	*out = undefined_new(run->session->into, "%s", "");
	return true;
}

typedef bool evaluate_function(
	struct evaluation *run, const struct node *node, const struct value **out);

static evaluate_function *const kinds[NODE_EXPRESSIONS_END] = {
	[NODE_CONST] = const_evaluate,
	[NODE_NAME] = name_evaluate,
	[NODE_LIST] = list_evaluate,
	[NODE_TUPLE] = list_evaluate,
	[NODE_DICT] = dict_evaluate,
	[NODE_ATTRIBUTE] = attribute_evaluate,
	[NODE_ITEM] = item_evaluate,
	[NODE_SLICE] = loose_evaluate,
	[NODE_CALL] = call_evaluate,
	[NODE_FILTER] = filter_evaluate,
	[NODE_TEST] = test_evaluate,
	[NODE_NEGATE] = sign_evaluate,
	[NODE_PLUS] = sign_evaluate,
	[NODE_NOT] = not_evaluate,
	[NODE_BINARY] = binary_evaluate,
	[NODE_AND] = logic_evaluate,
	[NODE_OR] = logic_evaluate,
	[NODE_COMPARE] = compare_evaluate,
	[NODE_CONCAT] = concat_evaluate,
	[NODE_CONDITION] = condition_evaluate,
};

bool
evaluate(struct evaluation *run, const struct node *node, const struct value **out)
{
	bool ok;

	if (node->kind == NODE_TEXT) { /* stands for the text of a filter block */
		*out = run->frame->names ? value_get(run->frame->names, " text") : NULL;
		if (!*out)
			BUG("no text for a filter block");
		return true;
	}
	if (node->kind >= NODE_EXPRESSIONS_END)
		BUG("node %d is no expression", (int)node->kind);
	run->session->depth++;
	ok = run_step(run) && kinds[node->kind](run, node, out);
	run->session->depth--;
	return ok || run_where(run, node);
}
