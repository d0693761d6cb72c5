/* command: run a program, without a shell in between. */
#include <stdlib.h>
#include <string.h>

#include "module/command.h"
#include "module/words.h"
#include "os/users.h"

struct command_args {
	const char *cmd, *chdir, *creates, *removes, *stdin_text, *executable;
	const char *const *argv;
	bool stdin_add_newline, strip_empty_ends, expand_argument_vars, warn;
};

static const struct param params[] = {
	PARAM_STRING(struct command_args, cmd, .aliases = TEXTS("_raw_params"),
		.doc = "The command line; cut into words as a shell would."),
	PARAM_TEXTS(struct command_args, argv, .doc = "The command as a list, instead of cmd."),
	PARAM_PATH(struct command_args, chdir, .doc = "Change into this directory before."),
	PARAM_PATH(struct command_args, creates,
		.doc = "If this file (or pattern) exists, do nothing."),
	PARAM_PATH(struct command_args, removes,
		.doc = "If this file (or pattern) does not exist, do nothing."),
	{ .name = "stdin",
		.type = PARAM_TYPE_STRING,
		.offset = offsetof(struct command_args, stdin_text),
		.doc = "Text for its standard input." },
	PARAM_FLAG(struct command_args, stdin_add_newline, .fallback = "true",
		.doc = "End that text with a newline."),
	PARAM_FLAG(struct command_args, strip_empty_ends, .fallback = "true",
		.doc = "Cut empty lines off the end of the output."),
	PARAM_FLAG(struct command_args, expand_argument_vars, .fallback = "true",
		.doc = "Replace $VARIABLES of the host in the words."),
	PARAM_PATH(struct command_args, executable, .doc = "Not used: see the shell module."),
	PARAM_FLAG(struct command_args, warn, .fallback = "false",
		.doc = "Accepted for old playbooks; without effect."),
	PARAMS_END
};

static bool
build(struct module_call *call, struct command_run *run, struct error *err)
{
	const struct command_args *args = call->args;
	const char *const *words = NULL;
	struct value *shown = value_list(call->arena);

	if (args->argv && args->cmd) {
		result_int(call, "rc", 256);
		return fail(err, ERR_OPTIONS, "only command or argv can be given, not both");
	}
	if (args->executable)
		result_warn(
			call, arena_format(call->arena,
				      "As of Ansible 2.4, the parameter 'executable' is no longer "
				      "supported with the 'command' module. Not using '%s'.",
				      args->executable));
	if (args->cmd && !words_cut(call->arena, args->cmd, &words, err))
		return false;
	if (args->argv)
		words = args->argv;
	if (!words || !words[0]) {
		return command_missing(call, err);
	}
	*run = (struct command_run){
		.directory = args->chdir,
		.creates = args->creates,
		.removes = args->removes,
		.input = args->stdin_text,
		.adds_newline = args->stdin_add_newline,
		.strips_ends = args->strip_empty_ends,
	};
	for (size_t i = 0; words[i]; i++) {
		value_add(call->arena, shown, value_text(call->arena, words[i]));
		words_add(call->arena, &run->argv,
			args->expand_argument_vars
				? path_expand_in(call->arena, words[i], call->environment)
				: words[i]);
	}
	run->shown = shown;
	return true;
}

static bool
command_module_inspect(struct module_call *call, struct error *err)
{
	struct command_run *run = arena_new(call->arena, struct command_run);

	call->state = run;
	return build(call, run, err) && command_inspect(call, run, err);
}

static bool
command_module_apply(struct module_call *call, struct error *err)
{
	return command_apply(call, call->state, err);
}

const struct module module_command = {
	.name = "command",
	.summary = DOC("Run a program"),
	.params = params,
	.params_size = sizeof(struct command_args),
	.free_form = "cmd",
	.returns = DOC(command_returns),
	.examples = DOC("- name: Who is on the machine?\n"
			"  command: w -h\n"
			"  register: who\n"
			"  changed_when: false\n"
			"\n"
			"- name: Make the database once\n"
			"  command:\n"
			"    argv: [make-database, --name, my data]\n"
			"    creates: /var/lib/my/data\n"),
	.check = SUPPORT_PARTIAL,
	.inspect = command_module_inspect,
	.apply = command_module_apply,
};
