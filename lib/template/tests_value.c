/* Jinja2's own tests. */
#include "template/bigint.h"
#include "template/evaluation.h"
#include "template/literal.h"

static bool
defined_call(struct call *call, const struct value **out)
{
	return give_bool(
		(call->input->type != VALUE_UNDEFINED) == (call->function->name[0] == 'd'), out);
}

static bool
is_type(const struct value *value, const char *name)
{
	enum value_type type = (enum value_type)value->type;

	if (text_equals(name, "none"))
		return type == VALUE_NONE;
	if (text_equals(name, "string"))
		return type == VALUE_STRING;
	if (text_equals(name, "number"))
		return value_is_big(value) || type == VALUE_INT || type == VALUE_FLOAT ||
		       type == VALUE_BOOL;
	if (text_equals(name, "integer"))
		return type == VALUE_INT || value_is_big(value);
	if (text_equals(name, "float"))
		return type == VALUE_FLOAT;
	if (text_equals(name, "boolean"))
		return type == VALUE_BOOL;
	if (text_equals(name, "true"))
		return type == VALUE_BOOL && value->boolean;
	if (text_equals(name, "false"))
		return type == VALUE_BOOL && !value->boolean;
	if (text_equals(name, "mapping"))
		return type == VALUE_MAP ||
		       (type == VALUE_OBJECT && value->object.class->is_mapping);
	if (text_equals(name, "callable"))
		return type == VALUE_UNDEFINED ||
		       (type == VALUE_OBJECT && value->object.class->call != NULL);
	if (text_equals(name, "iterable") || text_equals(name, "sequence"))
		return type == VALUE_LIST || type == VALUE_MAP || type == VALUE_STRING ||
		       undefined_is_lenient(value) ||
		       (type == VALUE_OBJECT &&
			       (value->object.class->iterate || value->object.class->is_mapping));
	return false;
}

static bool
type_call(struct call *call, const struct value **out)
{
	return give_bool(is_type(call->input, call->function->name), out);
}

static bool
same_call(struct call *call, const struct value **out)
{
	const struct value *a = call->input, *b = call->args[0];
	bool is_scalar = a->type == VALUE_NONE || a->type == VALUE_BOOL || a->type == VALUE_INT;

	return give_bool(a == b || (is_scalar && a->type == b->type && value_equals(a, b)), out);
}

static bool
compare_call(struct call *call, const struct value **out)
{
	static const struct {
		const char *name, *symbol;
	} names[] = { { "eq", "==" }, { "==", "==" }, { "equalto", "==" }, { "ne", "!=" },
		{ "!=", "!=" }, { "lt", "<" }, { "<", "<" }, { "lessthan", "<" }, { "le", "<=" },
		{ "<=", "<=" }, { "gt", ">" }, { ">", ">" }, { "greaterthan", ">" }, { "ge", ">=" },
		{ ">=", ">=" }, { "in", "in" } };
	bool is_true = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equals(names[i].name, call->function->name) &&
			!operator_compare(call->run, view_of(names[i].symbol), call->input,
				call->args[0], &is_true))
			return false;
	return give_bool(is_true, out);
}

static bool
divisible_call(struct call *call, const struct value **out)
{
	const char *name = call->function->name;
	const struct value *by = name[0] == 'd' ? call->args[0] : value_int(call_arena(call), 2),
			   *rest;

	if (!operator_binary(call->run, VIEW("%"), call->input, by, &rest))
		return false;
	return give_bool(
		name[0] == 'o' ? value_equals(rest, &value_true) : !value_is_true(rest), out);
}

static bool
case_call(struct call *call, const struct value **out)
{
	struct call inner = *call;
	struct view text;

	if (!call_text(call, call->input, "", &text))
		return false;
	inner.input = value_view(call_arena(call), text);
	inner.function = method_find(
		inner.input, call->function->name[0] == 'l' ? VIEW("islower") : VIEW("isupper"));
	return inner.function->call(&inner, out);
}

static bool
known_call(struct call *call, const struct value **out)
{
	struct view name = value_string_view(call->input);

	/* Ansible cannot say no: what it does not know it cannot load. */
	if (!(call->function->name[0] == 'f' ? filter_find(name) : test_find(name)))
		return call_fail(call, ERR_PARSE, "Could not load \"%s\"",
			value_to_text(call_arena(call), call->input));
	return give_bool(true, out);
}

static bool
escaped_call(struct call *call, const struct value **out)
{
	return give_bool(call->input->type == VALUE_UNDEFINED, out);
}

const struct function tests_value[] = { { "defined", "", defined_call, "Is there a value?",
						TAKES_UNDEFINED },
	{ "undefined", "", defined_call, "Is there no value?", TAKES_UNDEFINED },
	{ "none", "", type_call, "Is it None?", TAKES_UNDEFINED },
	{ "string", "", type_call, "Is it text?", TAKES_UNDEFINED },
	{ "number", "", type_call, "Is it a number (or a boolean)?", TAKES_UNDEFINED },
	{ "integer", "", type_call, "Is it a whole number?", TAKES_UNDEFINED },
	{ "float", "", type_call, "Is it a float?", TAKES_UNDEFINED },
	{ "boolean", "", type_call, "Is it true or false?", TAKES_UNDEFINED },
	{ "true", "", type_call, "Is it true?", TAKES_UNDEFINED },
	{ "false", "", type_call, "Is it false?", TAKES_UNDEFINED },
	{ "mapping", "", type_call, "Is it a dict?", TAKES_UNDEFINED },
	{ "sequence", "", type_call, "Can it be indexed?", TAKES_UNDEFINED },
	{ "iterable", "", type_call, "Can a for go over it?" },
	{ "callable", "", type_call, "Can it be called?", TAKES_UNDEFINED },
	{ "sameas", "other", same_call, "Is it the very same?",
		TAKES_UNDEFINED | TAKES_UNDEFINED_ARGS },
	{ "eq", "other", compare_call, "Are they equal?" },
	{ "==", "other", compare_call, "Are they equal?" },
	{ "equalto", "other", compare_call, "Are they equal?" },
	{ "ne", "other", compare_call, "Do they differ?" },
	{ "!=", "other", compare_call, "Do they differ?" },
	{ "lt", "other", compare_call, "Is it less?" },
	{ "<", "other", compare_call, "Is it less?" },
	{ "lessthan", "other", compare_call, "Is it less?" },
	{ "le", "other", compare_call, "Is it less or equal?" },
	{ "<=", "other", compare_call, "Is it less or equal?" },
	{ "gt", "other", compare_call, "Is it greater?" },
	{ ">", "other", compare_call, "Is it greater?" },
	{ "greaterthan", "other", compare_call, "Is it greater?" },
	{ "ge", "other", compare_call, "Is it greater or equal?" },
	{ ">=", "other", compare_call, "Is it greater or equal?" },
	{ "in", "seq", compare_call, "Is it in there?" },
	{ "divisibleby", "num", divisible_call, "Does it divide without rest?" },
	{ "even", "", divisible_call, "Is it even?" }, { "odd", "", divisible_call, "Is it odd?" },
	{ "lower", "", case_call, "Are there no capitals?" },
	{ "upper", "", case_call, "Are there only capitals?" },
	{ "filter", "", known_call, "Is there such a filter?" },
	{ "test", "", known_call, "Is there such a test?" },
	{ "escaped", "", escaped_call, "Never: there is no markup here.", TAKES_UNDEFINED },
	{ NULL } };
