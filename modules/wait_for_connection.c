/* wait_for_connection: until the host can be reached. The controller's action. */
#include "module/module.h"

struct wait_for_connection_args {
	int64_t connect_timeout, delay, sleep, timeout;
};

static const struct param params[] = { PARAM_INT(struct wait_for_connection_args, connect_timeout,
					       .fallback = "5", .doc = "Seconds for one attempt."),
	PARAM_INT(struct wait_for_connection_args, delay, .fallback = "0",
		.doc = "Seconds before the first attempt."),
	PARAM_INT(struct wait_for_connection_args, sleep, .fallback = "1",
		.doc = "Seconds between attempts."),
	PARAM_INT(struct wait_for_connection_args, timeout, .fallback = "600",
		.doc = "Seconds in all."),
	PARAMS_END };

static const struct module_return returns[] = { { "elapsed", "float", "Seconds that it took." },
	{ NULL, NULL, NULL } };

const struct module module_wait_for_connection = {
	.name = "wait_for_connection",
	.summary = DOC("Wait until the host can be reached"),
	.params = params,
	.params_size = sizeof(struct wait_for_connection_args),
	.returns = DOC(returns),
	.examples = DOC("- wait_for_connection:\n"
			"    delay: 10\n"
			"    timeout: 300\n"),
	.check = SUPPORT_FULL,
};
