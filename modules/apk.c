/* apk: packages of Alpine. The plain cases; written without such a machine at hand. */
#include <string.h>

#include "module/host.h"
#include "module/words.h"

struct apk_args {
	const char *const *name;
	const char *state;
	bool update_cache, upgrade, no_cache;
};

static const struct param params[] = { PARAM_TEXTS(struct apk_args, name, .doc = "Packages."),
	PARAM_STRING(struct apk_args, state, .fallback = "present",
		.choices = TEXTS("present", "installed", "absent", "removed", "latest"),
		.doc = "What they are to be."),
	PARAM_FLAG(struct apk_args, update_cache, .fallback = "false",
		.doc = "Fetch the lists first."),
	PARAM_FLAG(struct apk_args, upgrade, .fallback = "false", .doc = "Upgrade everything."),
	PARAM_FLAG(struct apk_args, no_cache, .fallback = "false", .doc = "Use no local cache."),
	PARAMS_END };

static bool
apk_inspect(struct module_call *call, struct error *err)
{
	const struct apk_args *args = call->args;
	bool absent = text_equals(args->state, "absent") || text_equals(args->state, "removed");
	const char *const *words = NULL;

	for (size_t i = 0; args->name && args->name[i]; i++) {
		struct process_result result;
		bool is_there;

		if (args->name[i][0] == '-')
			return fail(err, ERR_OPTIONS, "'%s' is not the name of a package",
				args->name[i]);
		if (!module_run_words(
			    call, &result, err, "apk", "info", "-e", args->name[i], NULL)) {
			process_result_release(&result);
			return false;
		}
		is_there = result.status == 0;
		process_result_release(&result);
		if (is_there && text_equals(args->state, "latest")) {
			if (!module_run_words(call, &result, err, "apk", "version", "-q", "-l", "<",
				    args->name[i], NULL)) {
				process_result_release(&result);
				return false;
			}
			is_there = result.out.length == 0;
			process_result_release(&result);
		}
		if (is_there == absent)
			words_add(call->arena, &words, args->name[i]);
	}
	call->state = (void *)(uintptr_t)words;
	if (words || args->upgrade)
		call->out->change = CHANGE_WANTED;
	else if (args->update_cache) {
		call->out->change = CHANGE_WANTED;
		call->out->is_silent = args->name != NULL;
	}
	return true;
}

static bool
apk_apply(struct module_call *call, struct error *err)
{
	const struct apk_args *args = call->args;
	const char *const *words = call->state, *const *argv = NULL;
	bool absent = text_equals(args->state, "absent") || text_equals(args->state, "removed");

	if (args->update_cache && !module_run_well(call, TEXTS("apk", "update"), NULL, err))
		return false;
	if (args->upgrade && !module_run_well(call, TEXTS("apk", "upgrade"), NULL, err))
		return false;
	if (!words)
		return true;
	words_add(call->arena, &argv, "apk");
	words_add(call->arena, &argv, absent ? "del" : "add");
	if (args->no_cache && !absent)
		words_add(call->arena, &argv, "--no-cache");
	if (text_equals(args->state, "latest"))
		words_add(call->arena, &argv, "--upgrade");
	for (; *words; words++)
		words_add(call->arena, &argv, *words);
	return module_run_well(call, argv, NULL, err);
}

const struct module module_apk = {
	.name = "apk",
	.summary = DOC("Install, upgrade and remove packages of Alpine"),
	.params = params,
	.params_size = sizeof(struct apk_args),
	.examples = DOC("- apk:\n"
			"    name: nginx\n"),
	.check = SUPPORT_FULL,
	.inspect = apk_inspect,
	.apply = apk_apply,
};
