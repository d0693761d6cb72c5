/* shell: run a line of shell. */
#include <string.h>

#include "module/command.h"
#include "module/words.h"

struct shell_args {
	const char *cmd, *chdir, *creates, *removes, *stdin_text, *executable;
	bool stdin_add_newline, strip_empty_ends, warn;
};

static const struct param params[] = { PARAM_STRING(struct shell_args, cmd,
					       .aliases = TEXTS("_raw_params"),
					       .doc = "What the shell is to do."),
	PARAM_PATH(struct shell_args, chdir, .doc = "Change into this directory before."),
	PARAM_PATH(
		struct shell_args, creates, .doc = "If this file (or pattern) exists, do nothing."),
	PARAM_PATH(struct shell_args, removes,
		.doc = "If this file (or pattern) does not exist, do nothing."),
	PARAM_PATH(
		struct shell_args, executable, .doc = "Another shell than /bin/sh: its full path."),
	{ .name = "stdin",
		.type = PARAM_TYPE_STRING,
		.offset = offsetof(struct shell_args, stdin_text),
		.doc = "Text for its standard input." },
	PARAM_FLAG(struct shell_args, stdin_add_newline, .fallback = "true",
		.doc = "End that text with a newline."),
	PARAM_FLAG(struct shell_args, strip_empty_ends, .fallback = "true",
		.doc = "Cut empty lines off the end of the output."),
	PARAM_FLAG(struct shell_args, warn, .fallback = "false",
		.doc = "Accepted for old playbooks; without effect."),
	PARAMS_END };

static bool
shell_inspect(struct module_call *call, struct error *err)
{
	const struct shell_args *args = call->args;
	struct command_run *run = arena_new(call->arena, struct command_run);
	const char *shell = args->executable ? args->executable : "/bin/sh";

	if (!args->cmd || !args->cmd[strspn(args->cmd, " \t\r\n")]) {
		return command_missing(call, err);
	}
	*run = (struct command_run){
		.shown = value_text(call->arena, args->cmd),
		.directory = args->chdir,
		.creates = args->creates,
		.removes = args->removes,
		.input = args->stdin_text,
		.adds_newline = args->stdin_add_newline,
		.strips_ends = args->strip_empty_ends,
	};
	words_add(call->arena, &run->argv, shell);
	words_add(call->arena, &run->argv, "-c");
	words_add(call->arena, &run->argv, args->cmd);
	call->state = run;
	return command_inspect(call, run, err);
}

static bool
shell_apply(struct module_call *call, struct error *err)
{
	return command_apply(call, call->state, err);
}

const struct module module_shell = {
	.name = "shell",
	.summary = DOC("Run a line of shell"),
	.params = params,
	.params_size = sizeof(struct shell_args),
	.free_form = "cmd",
	.returns = DOC(command_returns),
	.examples = DOC("- name: Unpack into place\n"
			"  shell: zcat dump.gz | load-dump >load.log\n"
			"  args:\n"
			"    chdir: /var/lib/data\n"
			"    creates: load.log\n"),
	.check = SUPPORT_PARTIAL,
	.inspect = shell_inspect,
	.apply = shell_apply,
};
