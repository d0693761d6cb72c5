/* ping: can modules be run on the host? */
#include "module/module.h"

struct ping_args {
	const char *data;
};

static const struct param params[] = {
	PARAM_STRING(struct ping_args, data, .fallback = "pong",
		.doc = "What to answer. 'crash' makes the module fail."),
	PARAMS_END
};

static const struct module_return returns[] = { { "ping", "str", "The value of data." },
	{ NULL, NULL, NULL } };

static bool
ping_inspect(struct module_call *call, struct error *err)
{
	const struct ping_args *args = call->args;

	/* As if a module of Python's had died. */
	if (text_equals(args->data, "crash")) {
		result_int(call, "rc", 1);
		result_text(call, "module_stdout", "");
		result_text(call, "module_stderr", "Exception: boom\n");
		return fail(err, ERR_TASK, "MODULE FAILURE\nSee stdout/stderr for the exact error");
	}
	result_text(call, "ping", args->data);
	return true;
}

const struct module module_ping = {
	.name = "ping",
	.summary = DOC("Say whether modules can be run on the host"),
	.params = params,
	.params_size = sizeof(struct ping_args),
	.returns = DOC(returns),
	.examples = DOC("- name: Can we reach it?\n"
			"  ping:\n"),
	.check = SUPPORT_FULL,
	.inspect = ping_inspect,
};
