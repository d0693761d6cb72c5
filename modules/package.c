/* package: packages, by whatever package manager the machine has. */
#include <string.h>

#include "module/host.h"

struct package_args {
	const char *const *name;
	const char *state, *use;
};

static const struct param params[] = { PARAM_TEXTS(struct package_args, name, .required = true,
					       .aliases = TEXTS("pkg"),
					       .doc = "Packages, as the manager names them."),
	PARAM_STRING(
		struct package_args, state, .required = true, .doc = "present, absent, latest."),
	PARAM_STRING(struct package_args, use, .fallback = "auto",
		.doc = "The module that does it. Default: by what is there."),
	PARAMS_END };

struct delegate {
	const struct module *module;
	void *args;
};

static const struct module *
choose(struct module_call *call)
{
	static const struct {
		const char *program, *module;
	} managers[] = { { "apt-get", "apt" }, { "dnf", "dnf" }, { "yum", "dnf" },
		{ "apk", "apk" } };
	const struct value *use = value_get(call->given, "use");

	if (value_is_string(use) && !text_equals(value_string(use), "auto"))
		return module_named(value_string(use));
	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (program_find(call->arena, managers[i].program))
			return module_named(managers[i].module);
	return NULL;
}

static bool
package_inspect(struct module_call *call, struct error *err)
{
	struct delegate *delegate = arena_new(call->arena, struct delegate);
	struct value *given = value_map_copy(call->arena, call->given);
	bool is_well;

	delegate->module = choose(call);
	if (!delegate->module) {
		fail(err, ERR_UNSUPPORTED, "could not detect which package manager to use");
		return error_hint(err, "apt, dnf, yum and apk are known");
	}
	value_remove(given, "use");
	delegate->args = arena_alloc(call->arena, delegate->module->params_size);
	if (!params_read(delegate->module->name, delegate->module->params, given, call->arena,
		    delegate->args, err))
		return false;
	call->args = delegate->args;
	is_well = delegate->module->inspect(call, err);
	delegate->args = call->state; /* theirs; ours goes in its place */
	call->state = delegate;
	return is_well;
}

static bool
package_apply(struct module_call *call, struct error *err)
{
	struct delegate *delegate = call->state;

	call->state = delegate->args;
	return delegate->module->apply(call, err);
}

const struct module module_package = {
	.name = "package",
	.summary = DOC("Install, upgrade and remove packages with the machine's own manager"),
	.params = params,
	.params_size = sizeof(struct package_args),
	.takes_any = true, /* what else is given is the manager's */
	.examples = DOC("- package:\n"
			"    name: tmux\n"
			"    state: present\n"),
	.check = SUPPORT_FULL,
	.inspect = package_inspect,
	.apply = package_apply,
};
