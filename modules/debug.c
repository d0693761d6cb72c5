/* debug: show a message or a variable. The controller evaluates it. */
#include "module/module.h"

struct debug_args {
	const struct value *msg;
	const char *var;
	int64_t verbosity;
};

static const struct param params[] = { PARAM_VALUE(struct debug_args, msg,
					       .doc = "What to show. Default: Hello world!"),
	PARAM_STRING(struct debug_args, var,
		.doc = "The name of a variable, or an expression, to show."),
	PARAM_INT(struct debug_args, verbosity, .fallback = "0", .doc = "Only with that many -v."),
	PARAMS_END };

static const struct module_return returns[] = { { "msg", "any", "The message." },
	{ NULL, NULL, NULL } };

const struct module module_debug = {
	.name = "debug",
	.summary = DOC("Show a message or a variable"),
	.params = params,
	.params_size = sizeof(struct debug_args),
	.returns = DOC(returns),
	.examples = DOC("- debug:\n"
			"    msg: \"the address is {{ ansible_default_ipv4.address }}\"\n"
			"- debug:\n"
			"    var: hostvars\n"
			"    verbosity: 2\n"),
	.free_form = NULL,
	.check = SUPPORT_FULL,
	.is_pure = true,
};
