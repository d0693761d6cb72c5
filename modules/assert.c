/* assert: conditions that must hold. The controller evaluates them. */
#include "module/module.h"

struct assert_args {
	const struct value *that;
	const struct value *fail_msg, *success_msg;
	bool quiet;
};

static const struct param params[] = { PARAM_LIST(struct assert_args, that, .required = true,
					       .doc = "One condition or several, as in when."),
	PARAM_VALUE(struct assert_args, fail_msg, .aliases = TEXTS("msg"),
		.doc = "What to say when one does not hold."),
	PARAM_VALUE(struct assert_args, success_msg, .doc = "What to say when all hold."),
	PARAM_FLAG(struct assert_args, quiet, .fallback = "false", .doc = "Say less."),
	PARAMS_END };

static const struct module_return returns[] = { { "assertion", "any",
							"The condition that did not hold." },
	{ "evaluated_to", "bool", "What it was." },
	{ "msg", "str", "All assertions passed, or fail_msg." }, { NULL, NULL, NULL } };

const struct module module_assert = {
	.name = "assert",
	.summary = DOC("Fail unless conditions hold"),
	.missing = DOC("conditional required in \"that\" string"),
	.params = params,
	.params_size = sizeof(struct assert_args),
	.returns = DOC(returns),
	.examples = DOC("- assert:\n"
			"    that:\n"
			"      - port | int > 1024\n"
			"      - domain is defined\n"
			"    fail_msg: set port and domain\n"),
	.check = SUPPORT_FULL,
	.is_pure = true,
};
