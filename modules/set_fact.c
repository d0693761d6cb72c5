/* set_fact: variables of a host, from now on. The controller's action. */
#include "module/module.h"

struct set_fact_args {
	bool cacheable;
};

static const struct param params[] = { PARAM_FLAG(struct set_fact_args, cacheable,
					       .fallback = "false",
					       .doc = "Keep them in the fact cache too."),
	PARAMS_END };

static const struct module_return returns[] = { { "ansible_facts", "dict", "The variables." },
	{ NULL, NULL, NULL } };

const struct module module_set_fact = {
	.name = "set_fact",
	.summary = DOC("Set variables of a host"),
	.params = params,
	.params_size = sizeof(struct set_fact_args),
	.takes_any = true,
	.returns = DOC(returns),
	.examples = DOC("- set_fact:\n"
			"    release: \"{{ version.stdout | trim }}\"\n"),
	.check = SUPPORT_FULL,
};
