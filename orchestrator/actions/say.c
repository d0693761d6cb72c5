/* debug, fail, assert: decided on the controller, without an effect. */
#include "orchestrator/actions/action.h"

#include "orchestrator/actions/actions.h"

/* What a template gave may come from anywhere: it may name a variable, and not be code. */
static bool
may_be_evaluated(const struct action_call *call, const char *name)
{
	const char *written = value_string(value_get(call->step->task->args, "var"));

	return text_equals(written, name) ||
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_.[]'\"-")] == '\0';
}

static bool
debug_var(struct action_call *call, const struct value *var, struct error *err)
{
	const char *name = value_to_text(call->into, var);
	struct value *source = value_format(call->into, "{{%s}}", name); /* 4.0 is shown as "4.0" */
	const struct value *value;

	if (!value_is_string(var)) { /* a list or map that was evaluated already */
		value_set(call->into, call->result, value_type_name(var), var);
		return true;
	}
	if (!may_be_evaluated(call, name)) {
		value_set(call->into, call->result, name, var);
		return true;
	}
	source->flags = VALUE_TEMPLATE;
	source->place = var->place;
	source->place.column -= MIN(source->place.column, 2u);
	if (!evaluate_value(call->scope, call->into, source, &value, err)) {
		if (err->kind != ERR_UNDEFINED)
			return false;
		value_set(call->into, call->result, name,
			call->run->settings->verbosity
				? value_format(
					  call->into, "VARIABLE IS NOT DEFINED!: %s", err->what)
				: value_text(call->into, "VARIABLE IS NOT DEFINED!"));
		return true;
	}
	value_set(call->into, call->result, name,
		value_is(value, VALUE_UNDEFINED)
			? value_text(call->into, "VARIABLE IS NOT DEFINED!")
			: value);
	return true;
}

bool
action_debug(struct action_call *call, struct error *err)
{
	const struct value *msg = value_get(call->args, "msg"), *var = value_get(call->args, "var");
	int64_t verbosity = 0;

	if (value_get(call->args, "verbosity") &&
		!value_to_int(value_get(call->args, "verbosity"), &verbosity))
		return fail(err, ERR_TYPE, "'verbosity' is no number");
	if (verbosity > call->run->settings->verbosity) {
		value_set(call->into, call->result, "skipped_reason",
			value_text(call->into, "Verbosity threshold not met."));
		value_set(call->into, call->result, "skipped", &value_true);
		return true;
	}
	if (msg && var)
		return fail(err, ERR_TYPE, "'msg' and 'var' are incompatible options");
	value_set(call->into, call->result, "_ansible_verbose_always", &value_true);
	if (var)
		return debug_var(call, var, err);
	value_set(call->into, call->result, "msg",
		msg ? msg : value_text(call->into, "Hello world!"));
	return true;
}

bool
action_fail(struct action_call *call, struct error *err)
{
	const struct value *msg = value_get(call->args, "msg");

	(void)err;
	value_set(call->into, call->result, "failed", &value_true);
	value_set(call->into, call->result, "msg",
		msg ? msg : value_text(call->into, "Failed as requested from task"));
	call->step->holds = true;
	return true;
}

static const struct value *
first_of(const struct value *args, const char *a, const char *b)
{
	return value_get(args, a) ? value_get(args, a) : value_get(args, b);
}

static bool
check_message(const struct value *message, const char *name, struct error *err)
{
	if (!message || value_is_string(message) || value_is_list(message))
		return true;
	return fail(err, ERR_TYPE,
		"Incorrect type for %s, expected a string or list and got <class '%s'>", name,
		value_type_name(message));
}

bool
action_assert(struct action_call *call, struct error *err)
{
	const struct value *that = value_get(call->args, "that"), *message;
	struct value *list = value_list(call->into);
	bool quiet = false, holds;

	if (!that)
		return fail(err, ERR_TYPE, "conditional required in \"that\" string");
	if (!check_message(first_of(call->args, "fail_msg", "msg"), "fail_msg or msg", err) ||
		!check_message(value_get(call->args, "success_msg"), "success_msg", err))
		return false;
	if (value_get(call->args, "quiet") &&
		!value_to_bool(value_get(call->args, "quiet"), &quiet))
		return fail(err, ERR_TYPE, "'quiet' is no boolean");
	if (!value_is_list(that)) {
		value_add(call->into, list, that);
		that = list;
	}
	if (!quiet)
		value_set(call->into, call->result, "_ansible_verbose_always", &value_true);
	VALUE_EACH (condition, that) {
		condition_warn(call->run, condition);
		if (!template_condition(call->run->templates, &call->scope->templates, call->into,
			    condition, &holds, err)) {
			return err->kind == ERR_PENDING
				       ? false
				       : condition_failed(call->into, condition, err);
		}
		if (holds)
			continue;
		message = first_of(call->args, "fail_msg", "msg");
		value_set(call->into, call->result, "failed", &value_true);
		value_set(call->into, call->result, "evaluated_to", &value_false);
		value_set(call->into, call->result, "assertion",
			value_with_flags(call->into, condition, 0));
		value_set(call->into, call->result, "msg",
			message ? message : value_text(call->into, "Assertion failed"));
		call->step->holds = true;
		return true;
	}
	message = value_get(call->args, "success_msg");
	value_set(call->into, call->result, "msg",
		message ? message : value_text(call->into, "All assertions passed"));
	return true;
}
