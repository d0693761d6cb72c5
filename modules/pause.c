/* pause: wait for a time, or for a person. The controller's action. */
#include "module/module.h"

struct pause_args {
	const struct value *minutes, *seconds;
	const char *prompt;
	bool echo;
};

static const struct param params[] = { PARAM_VALUE(struct pause_args, minutes, .doc = "How long."),
	PARAM_VALUE(struct pause_args, seconds, .doc = "How long."),
	PARAM_STRING(struct pause_args, prompt, .doc = "What to ask. The answer is user_input."),
	PARAM_FLAG(struct pause_args, echo, .fallback = "true", .doc = "Show what is typed."),
	PARAMS_END };

static const struct module_return returns[] = { { "user_input", "str", "What was typed." },
	{ "start", "str", "When it began." }, { "stop", "str", "When it ended." },
	{ "delta", "str", "Seconds in between." }, { "echo", "bool", "The parameter." },
	{ NULL, NULL, NULL } };

const struct module module_pause = {
	.name = "pause",
	.summary = DOC("Wait for a time, or for a person"),
	.params = params,
	.params_size = sizeof(struct pause_args),
	.returns = DOC(returns),
	.examples = DOC("- pause:\n"
			"    prompt: Is the load balancer drained?\n"),
	.check = SUPPORT_FULL,
};
