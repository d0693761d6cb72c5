/* raw: a line of shell, nothing around it. */
#include <string.h>

#include "module/command.h"

struct raw_args {
	const char *free_form, *executable;
};

static const struct param params[] = { PARAM_STRING(struct raw_args, free_form, .required = true,
					       .aliases = TEXTS("_raw_params", "cmd"),
					       .doc = "The line."),
	PARAM_STRING(struct raw_args, executable, .fallback = "/bin/sh", .doc = "The shell."),
	PARAMS_END };

static bool
raw_inspect(struct module_call *call, struct error *err)
{
	(void)err;
	call->out->change = CHANGE_UNKNOWN;
	return true;
}

static bool
raw_apply(struct module_call *call, struct error *err)
{
	const struct raw_args *args = call->args;
	const char *argv[] = { args->executable, "-c", args->free_form, NULL };
	struct module_command command = { .argv = argv };
	struct process_result result;
	bool is_well = module_run(call, &command, &result, err);

	result_set(call, "stdout", value_view(call->arena, str_view(&result.out)));
	result_set(call, "stderr", value_view(call->arena, str_view(&result.err)));
	result_int(call, "rc", result.status);
	if (is_well && result.status != 0)
		is_well = fail(err, ERR_TASK, "non-zero return code");
	process_result_release(&result);
	return is_well;
}

const struct module module_raw = {
	.name = "raw",
	.summary = DOC("Run a line of shell and nothing else"),
	.params = params,
	.params_size = sizeof(struct raw_args),
	.free_form = "free_form",
	.returns = DOC(command_returns),
	.examples = DOC("- raw: apt-get install -y python3\n"),
	.inspect = raw_inspect,
	.apply = raw_apply,
};
