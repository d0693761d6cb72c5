/* group: groups of the local machine. */
#include "module/host.h"
#include "module/words.h"
#include "os/users.h"

struct group_args {
	const char *name, *state;
	int64_t gid;
	bool system, local, non_unique, force;
};

static const struct param params[] = { PARAM_STRING(struct group_args, name, .required = true,
					       .doc = "The group."),
	PARAM_STRING(struct group_args, state, .fallback = "present",
		.choices = TEXTS("absent", "present"), .doc = "Whether it is to be there."),
	PARAM_INT(struct group_args, gid, .doc = "Its number."),
	PARAM_FLAG(struct group_args, system, .fallback = "false",
		.doc = "A number of the system's range."),
	PARAM_FLAG(struct group_args, local, .fallback = "false",
		.doc = "Use lgroupadd and the like."),
	PARAM_FLAG(struct group_args, non_unique, .fallback = "false",
		.doc = "The number may be taken."),
	PARAM_FLAG(struct group_args, force, .fallback = "false",
		.doc = "Delete it although it is somebody's primary group."),
	PARAMS_END };

static const struct module_return returns[] = { { "gid", "int", "Its number." },
	{ "name", "str", "The group." }, { "state", "str", "present or absent." },
	{ "system", "bool", "As wanted." }, { NULL, NULL, NULL } };

static bool
group_inspect(struct module_call *call, struct error *err)
{
	const struct group_args *args = call->args;
	bool wants = text_equals(args->state, "present"), is_there;
	struct group group;

	if (args->non_unique && args->gid == PARAM_NO_INT)
		return fail(err, ERR_OPTIONS,
			"non_unique is True but all of the following are missing: gid");
	is_there = group_by_name(call->arena, args->name, &group);
	result_text(call, "name", args->name);
	result_text(call, "state", args->state);
	if (wants)
		result_bool(call, "system", args->system);
	if (is_there && wants)
		result_int(call, "gid", group.gid);
	if (wants != is_there ||
		(wants && args->gid != PARAM_NO_INT && (int64_t)group.gid != args->gid))
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
group_apply(struct module_call *call, struct error *err)
{
	const struct group_args *args = call->args;
	const char *const *argv = NULL, *prefix = args->local ? "l" : "";
	struct group group;
	bool is_there = group_by_name(call->arena, args->name, &group),
	     wants = text_equals(args->state, "present");

	words_add(call->arena, &argv,
		arena_format(call->arena, "%sgroup%s", prefix,
			!wants	   ? "del"
			: is_there ? "mod"
				   : "add"));
	if (wants && args->gid != PARAM_NO_INT) {
		words_add(call->arena, &argv, "-g");
		words_add(call->arena, &argv,
			arena_format(call->arena, "%lld", (long long)args->gid));
		if (args->non_unique)
			words_add(call->arena, &argv, "-o");
	}
	if (wants && !is_there && args->system)
		words_add(call->arena, &argv, "-r");
	if (!wants && args->force)
		words_add(call->arena, &argv, "-f");
	words_add(call->arena, &argv, args->name);
	if (!module_run_well(call, argv, NULL, err))
		return false;
	if (wants && group_by_name(call->arena, args->name, &group))
		result_int(call, "gid", group.gid);
	return true;
}

const struct module module_group = {
	.name = "group",
	.summary = DOC("See to it that a group is there, or is not"),
	.params = params,
	.params_size = sizeof(struct group_args),
	.returns = DOC(returns),
	.examples = DOC("- group:\n"
			"    name: app\n"
			"    system: true\n"),
	.check = SUPPORT_FULL,
	.inspect = group_inspect,
	.apply = group_apply,
};
