/* validate_argument_spec: a role's first task, when it says which arguments it takes. */
#include "orchestrator/actions/actions.h"
#include "orchestrator/actions/argument_spec.h"

/* The variables that the spec names, as far as they are defined. */
static bool
arguments_from_variables(struct action_call *call, const struct value *spec, struct value *out,
	struct error *err)
{
	VALUE_PAIRS (pair, spec) {
		const struct value *raw, *value;

		if (!value_is_string(pair->key))
			continue;
		if (!scope_find(&call->scope->scope, call->into, value_string_view(pair->key), &raw,
			    err))
			return false;
		if (!raw)
			continue;
		if (!evaluate_value(call->scope, call->into, raw, &value, err))
			return false;
		if (!template_is_omit(value))
			value_set_key(call->into, out, pair->key, value);
	}
	return true;
}

static const char *
joined_lines(struct arena *into, const struct value *list)
{
	struct str text = STR_INIT;
	const char *whole;

	VALUE_EACH (item, list)
		str_add_format(&text, "\n%s", value_string(item));
	whole = arena_view(into, str_view(&text));
	str_release(&text);
	return whole;
}

bool
action_validate_argument_spec(struct action_call *call, struct error *err)
{
	const struct value *spec = value_get(call->args, "argument_spec"),
			   *provided = value_get(call->args, "provided_arguments"),
			   *context = value_get(call->args, "validate_args_context");
	struct value *arguments = value_map(call->into), *errors = value_list(call->into);

	if (!spec)
		return fail(err, ERR_OPTIONS,
			"\"argument_spec\" arg is required in args: %s",
			value_to_text(call->into, call->args));
	if (!value_is_map(spec) && !value_is_none(spec))
		return fail(err, ERR_TYPE, "Incorrect type for argument_spec, expected dict and got %s",
			value_type_name(spec));
	if (provided && !value_is_map(provided))
		return fail(err, ERR_TYPE,
			"Incorrect type for provided_arguments, expected dict and got %s",
			value_type_name(provided));
	if (value_is_map(spec) && !arguments_from_variables(call, spec, arguments, err))
		return false;
	if (provided)
		VALUE_PAIRS (pair, provided)
			value_set_key(call->into, arguments, pair->key, pair->value);
	if (value_is_map(spec))
		argument_spec_validate(call->into, spec, arguments, provided != NULL, errors);
	value_set(call->into, call->result, "validate_args_context",
		context ? context : &value_empty_map);
	value_set(call->into, call->result, "changed", &value_false);
	if (!errors->list.count) {
		value_set(call->into, call->result, "msg",
			value_text(call->into, "The arg spec validation passed"));
		return true;
	}
	call->step->holds = true;
	value_set(call->into, call->result, "failed", &value_true);
	value_set(call->into, call->result, "argument_errors", errors);
	value_set(call->into, call->result, "argument_spec_data", spec);
	value_set(call->into, call->result, "msg",
		value_format(call->into, "Validation of arguments failed:%s",
			joined_lines(call->into, errors)));
	return true;
}
