/* script: a script of the controller, run on the target. */
#include <string.h>

#include "module/command.h"
#include "module/prepare.h"
#include "module/words.h"

struct script_args {
	const char *cmd, *chdir, *creates, *removes, *executable;
	const struct value *_content;
	bool decrypt;
};

static const struct param params[] = { PARAM_STRING(struct script_args, cmd, .required = true,
					       .aliases = TEXTS("_raw_params"),
					       .doc = "The script and its arguments."),
	PARAM_PATH(struct script_args, chdir, .doc = "Change into this directory before."),
	PARAM_PATH(struct script_args, creates,
		.doc = "If this file (or pattern) exists, do nothing."),
	PARAM_PATH(struct script_args, removes,
		.doc = "If this file (or pattern) does not exist, do nothing."),
	PARAM_STRING(
		struct script_args, executable, .doc = "What runs it, instead of its first line."),
	PARAM_FLAG(struct script_args, decrypt, .fallback = "true", .doc = "Decrypt a vault file."),
	PARAM_MAP(struct script_args, _content, .is_internal = true,
		.doc = "The script, set by the controller."),
	PARAMS_END };

#ifndef ERTC_RUNNER
static bool
script_prepare(struct prepare *prepare, struct error *err)
{
	const struct value *cmd = value_get(prepare->args, "cmd"), *map;
	const struct value *decrypt = value_get(prepare->args, "decrypt");
	const char *const *words, *path;
	bool decrypts = true;

	if (decrypt && !value_to_bool(decrypt, &decrypts))
		return fail(err, ERR_TYPE, "decrypt is no boolean");
	if (value_is_none(cmd))
		cmd = value_get(prepare->args, "_raw_params");
	if (value_is_none(cmd))
		return fail(err, ERR_OPTIONS, "script needs the name of a script");
	if (!words_cut(prepare->arena, value_to_text(prepare->arena, cmd), &words, err))
		return false;
	if (!words[0])
		return fail(err, ERR_OPTIONS, "script needs the name of a script");
	if (!prepare->find_file(prepare, "files", words[0], &path, err) ||
		!prepare->attach_file(prepare, path, decrypts, &map, err))
		return false;
	value_set(prepare->arena, prepare->args, "_content", map);
	return true;
}
#endif

static bool
script_inspect(struct module_call *call, struct error *err)
{
	const struct script_args *args = call->args;
	struct command_run *run = arena_new(call->arena, struct command_run);

	if (!args->_content)
		return fail(err, ERR_OPTIONS, "the script was not sent by the controller");
	*run = (struct command_run){
		.shown = value_text(call->arena, args->cmd),
		.directory = args->chdir,
		.creates = args->creates,
		.removes = args->removes,
	};
	call->state = run;
	if (!command_inspect(call, run, err))
		return false;
	/* Unlike command, the action of that name says that it was skipped. */
	if (call->out->is_skipped) {
		const char *message = value_string(value_get(call->out->result, "msg"));
		bool is_there = text_ends(message, " exists");

		result_bool(call, "skipped", true);
		result_set(call, "msg",
			value_format(call->arena, "%s %s option",
				is_there ? args->creates : args->removes,
				is_there ? "exists, matching creates"
					 : "does not exist, matching removes"));
	}
	return true;
}

static bool
run_in(struct module_call *call, const char *directory, const char *const *words, struct error *err)
{
	const struct script_args *args = call->args;
	struct command_run *run = call->state;
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct file_place place = { .has_mode = true, .mode = 0700 };
	struct content content;
	const char *const *interpreter,
		*path = path_join(call->arena, directory, path_name(words[0]));

	if (!content_read(args->_content, &content, err) || !file_new_open(&file, path, err) ||
		!content_write(call, &content, &file, err) || !file_new_commit(&file, &place, err))
		return false;
	if (args->executable) {
		if (!words_cut(call->arena, args->executable, &interpreter, err))
			return false;
		for (; *interpreter; interpreter++)
			words_add(call->arena, &run->argv, *interpreter);
	}
	words_add(call->arena, &run->argv, path);
	while (*++words)
		words_add(call->arena, &run->argv, *words);
	return command_apply(call, run, err);
}

static bool
script_apply(struct module_call *call, struct error *err)
{
	const struct script_args *args = call->args;
	const char *const *words, *directory = NULL;
	bool is_well;

	if (!words_cut(call->arena, args->cmd, &words, err) ||
		!module_workplace(call, true, &directory, err))
		return false;
	is_well = run_in(call, directory, words, err);
	return tree_remove(directory, is_well ? err : NULL) && is_well;
}

const struct module module_script = {
	.name = "script",
	.summary = DOC("Run a script of the controller on the target"),
	.params = params,
	.params_size = sizeof(struct script_args),
	.free_form = "cmd",
	.returns = DOC(command_returns),
	.examples = DOC("- script: install.sh --now\n"
			"  args:\n"
			"    creates: /opt/app\n"),
	.prepare = PREPARE(script_prepare),
	.check = SUPPORT_PARTIAL,
	.inspect = script_inspect,
	.apply = script_apply,
};
