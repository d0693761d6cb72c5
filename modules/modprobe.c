/* modprobe: modules of the kernel, now and at boot. */
#include <string.h>

#include "module/steps.h"
#include "module/words.h"

struct modprobe_args {
	const char *name, *params, *state, *persistent;
};

#define A struct modprobe_args
static const struct param params[] = { PARAM_STRING(
					       A, name, .required = true, .doc = "The module."),
	PARAM_STRING(A, params, .fallback = "", .doc = "Its parameters."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be loaded."),
	PARAM_STRING(A, persistent, .fallback = "disabled",
		.choices = TEXTS("disabled", "absent", "present"), .doc = "And at boot, too."),
	PARAMS_END };
#undef A

static const struct module_return returns[] = { { "name", "str", "As given." },
	{ "params", "str", "As given." }, { "state", "str", "As given." }, { NULL, NULL, NULL } };

/* The kernel knows no difference between - and _ there. */
static const char *
underscored(struct arena *arena, const char *name)
{
	char *copy = arena_text(arena, name);

	for (char *next = copy; *next; next++)
		*next = *next == '-' ? '_' : *next;
	return copy;
}

static bool
keeps(struct module_call *call, const char *directory, const char *text, struct error *err)
{
	const struct modprobe_args *args = call->args;
	const char *path = arena_format(call->arena, "%s/%s.conf", directory, args->name);
	bool wants = text_equals(args->persistent, "present") && *text;
	_cleanup_str_ struct str old = STR_INIT;

	if (file_exists(path) && !file_read(path, 65536, &old, err))
		return false;
	if (wants && !text_equals(old.data, text))
		steps_add(call, TEXTS("sh", "-c", "printf %s \"$1\" >\"$2\"", "sh", text, path));
	else if (!wants && file_exists(path))
		steps_add(call, TEXTS("rm", "-f", path));
	return true;
}

static bool
modprobe_inspect(struct module_call *call, struct error *err)
{
	const struct modprobe_args *args = call->args;
	bool wants = text_equals(args->state, "present"), is_there;
	const char *const *words = NULL, *const * more;
	const char *options = "";

	result_text(call, "name", args->name);
	result_text(call, "params", args->params);
	result_text(call, "state", args->state);
	if (!program_need(call, "modprobe", err))
		return false;
	if (strchr(args->name, '/') || *args->name == '-')
		return fail(err, ERR_OPTIONS, "'%s' is no name of a module", args->name);
	is_there = file_exists(
		arena_format(call->arena, "/sys/module/%s", underscored(call->arena, args->name)));
	if (wants != is_there) {
		words_add(call->arena, &words, "modprobe");
		if (!wants)
			words_add(call->arena, &words, "-r");
		words_add(call->arena, &words, args->name);
		if (!words_cut(call->arena, wants ? args->params : "", &more, err))
			return false;
		for (; *more; more++)
			words_add(call->arena, &words, *more);
		steps_add(call, words);
	}
	if (text_equals(args->persistent, "disabled"))
		return true;
	if (*args->params)
		options = arena_format(call->arena, "options %s %s\n", args->name, args->params);
	return keeps(call, "/etc/modules-load.d", arena_format(call->arena, "%s\n", args->name),
		       err) &&
	       keeps(call, "/etc/modprobe.d", options, err);
}

const struct module module_modprobe = {
	.name = "modprobe",
	.summary = DOC("Load and unload modules of the kernel"),
	.params = params,
	.params_size = sizeof(struct modprobe_args),
	.returns = DOC(returns),
	.examples = DOC("- modprobe:\n"
			"    name: br_netfilter\n"
			"    persistent: present\n"),
	.check = SUPPORT_FULL,
	.inspect = modprobe_inspect,
	.apply = steps_apply,
};
