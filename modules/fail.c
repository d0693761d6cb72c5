/* fail: end the play for this host. */
#include "module/module.h"

struct fail_args {
	const struct value *msg;
};

static const struct param params[] = { PARAM_VALUE(struct fail_args, msg,
					       .fallback = "Failed as requested from task",
					       .doc = "Why."),
	PARAMS_END };

static const struct module_return returns[] = { { "msg", "str", "The message." },
	{ NULL, NULL, NULL } };

const struct module module_fail = {
	.name = "fail",
	.summary = DOC("Fail with a message"),
	.params = params,
	.params_size = sizeof(struct fail_args),
	.returns = DOC(returns),
	.examples = DOC("- fail:\n"
			"    msg: this needs Debian 12\n"
			"  when: ansible_distribution_major_version != '12'\n"),
	.check = SUPPORT_FULL,
	.is_pure = true,
};
