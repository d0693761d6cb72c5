/* dpkg_selections: hold packages, and let them go. */
#include <string.h>

#include "module/steps.h"

struct selections_args {
	const char *name, *selection;
};

static const struct param params[] = { PARAM_STRING(struct selections_args, name, .required = true,
					       .doc = "The package."),
	PARAM_STRING(struct selections_args, selection, .required = true,
		.choices = TEXTS("install", "hold", "deinstall", "purge"), .doc = "The selection."),
	PARAMS_END };

static const struct module_return returns[] = { { "before", "str", "The selection before." },
	{ "after", "str", "The selection now." }, { NULL, NULL, NULL } };

static bool
selections_inspect(struct module_call *call, struct error *err)
{
	const struct selections_args *args = call->args;
	const char *out, *now = "not present";

	if (!program_need(call, "dpkg", err) ||
		!program_ask(call, TEXTS("dpkg", "--get-selections", args->name), &out, err))
		return false;
	if (out && strpbrk(out, " \t"))
		now = arena_view(call->arena, view_trim(view_of(strpbrk(out, " \t"))));
	else if (!call->may_come)
		return fail(err, ERR_MISSING,
			"Failed to find package '%s' to perform selection '%s'.", args->name,
			args->selection);
	result_text(call, "before", now);
	result_text(call, "after", args->selection);
	if (!text_equals(now, args->selection))
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
selections_apply(struct module_call *call, struct error *err)
{
	const struct selections_args *args = call->args;
	struct module_command command = { .argv = TEXTS("dpkg", "--set-selections"),
		.is_parsed = true };
	struct process_result result;
	bool is_well;

	command.input = view_of(arena_format(call->arena, "%s %s\n", args->name, args->selection));
	is_well = module_run(call, &command, &result, err);
	if (is_well && result.status != 0)
		is_well = fail(err, ERR_TASK, "dpkg: %.400s", result.err.data);
	process_result_release(&result);
	return is_well;
}

const struct module module_dpkg_selections = {
	.name = "dpkg_selections",
	.summary = DOC("Hold packages of dpkg, and let them go"),
	.params = params,
	.params_size = sizeof(struct selections_args),
	.returns = DOC(returns),
	.examples = DOC("- dpkg_selections:\n"
			"    name: linux-image-amd64\n"
			"    selection: hold\n"),
	.check = SUPPORT_FULL,
	.inspect = selections_inspect,
	.apply = selections_apply,
};
