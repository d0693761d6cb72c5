/* include_vars: variables from files of the controller. The controller's action. */
#include "module/module.h"

struct include_vars_args {
	const char *file, *dir, *name, *files_matching, *hash_behaviour;
	const char *const *ignore_files, *const *extensions;
	int64_t depth;
	bool ignore_unknown_extensions;
};

static const struct param params[] = { PARAM_STRING(struct include_vars_args, file,
					       .aliases = TEXTS("_raw_params"),
					       .doc = "The file, looked for in vars/."),
	PARAM_STRING(struct include_vars_args, dir, .doc = "A directory of files."),
	PARAM_STRING(struct include_vars_args, name,
		.doc = "Put all of them in one variable of this name."),
	PARAM_INT(struct include_vars_args, depth, .fallback = "0",
		.doc = "How deep dir is searched; 0: all."),
	PARAM_STRING(struct include_vars_args, files_matching,
		.doc = "Only files whose name matches this expression."),
	PARAM_TEXTS(struct include_vars_args, ignore_files, .doc = "Names to leave out."),
	PARAM_TEXTS(struct include_vars_args, extensions, .fallback = "yaml,yml,json",
		.doc = "Only files that end so."),
	PARAM_FLAG(struct include_vars_args, ignore_unknown_extensions, .fallback = "false",
		.doc = "Pass over other files in silence."),
	PARAM_STRING(struct include_vars_args, hash_behaviour, .choices = TEXTS("replace", "merge"),
		.doc = "What happens to maps that are there already."),
	PARAMS_END };

static const struct module_return returns[] = { { "ansible_facts", "dict", "The variables." },
	{ "ansible_included_var_files", "list", "The files." }, { NULL, NULL, NULL } };

const struct module module_include_vars = {
	.name = "include_vars",
	.summary = DOC("Read variables from files"),
	.params = params,
	.params_size = sizeof(struct include_vars_args),
	.returns = DOC(returns),
	.free_form = "file",
	.examples = DOC("- include_vars: \"{{ ansible_os_family }}.yml\"\n"),
	.check = SUPPORT_FULL,
};
