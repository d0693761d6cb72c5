/* meta: what acts on the run itself. The controller's action. */
#include "module/module.h"

struct meta_args {
	const char *free_form;
};

static const struct param params[] = {
	PARAM_STRING(struct meta_args, free_form, .required = true, .aliases = TEXTS("_raw_params"),
		.choices = TEXTS("clear_facts", "clear_host_errors", "end_host", "end_play",
			"end_batch", "flush_handlers", "noop", "refresh_inventory",
			"reset_connection"),
		.doc = "What to do."),
	PARAMS_END
};

const struct module module_meta = {
	.name = "meta",
	.summary = DOC("Act on the run itself: flush handlers, end the play, …"),
	.params = params,
	.params_size = sizeof(struct meta_args),
	.free_form = "free_form",
	.examples = DOC("- meta: flush_handlers\n"),
	.check = SUPPORT_FULL,
};
