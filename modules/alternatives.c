/* alternatives: which of several programs a common name means. */
#include <string.h>

#include "module/steps.h"

struct alternatives_args {
	const char *name, *path, *link, *state;
	int64_t priority;
};

#define A struct alternatives_args
static const struct param params[] = { PARAM_STRING(A, name, .required = true,
					       .doc = "The common name."),
	PARAM_PATH(A, path, .required = true, .doc = "The program it is to mean."),
	PARAM_PATH(A, link, .doc = "The link, if the name is new."),
	PARAM_INT(A, priority, .doc = "Which wins by itself. Default: 50."),
	PARAM_STRING(A, state, .fallback = "selected",
		.choices = TEXTS("present", "selected", "auto", "absent"),
		.doc = "present: it is one of them; selected: it is the one; auto: the priority "
		       "says; "
		       "absent: it is none."),
	PARAMS_END };
#undef A

/* Alternative and Priority of `--query`, up to the next Alternative. */
static bool
find_alternative(const char *text, const char *path, int64_t *priority)
{
	struct view rest = view_of(text ? text : ""), line, key;
	bool is_here = false, is_found = false;

	while (view_cut(&rest, '\n', &line)) {
		if (!view_cut(&line, ':', &key) || !line.data)
			continue;
		line = view_trim(line);
		if (view_is(key, "Alternative"))
			is_found |= is_here = view_is(line, path);
		else if (is_here && view_is(key, "Priority") && !number_parse(line, priority))
			*priority = 0;
	}
	return is_found;
}

static const char *
query_value(struct arena *arena, const char *text, const char *name)
{
	const char *mark = text ? strstr(text, name) : NULL;

	return mark ? arena_view(arena, view_trim((struct view){ mark + strlen(name),
						strcspn(mark + strlen(name), "\n") }))
		    : NULL;
}

static bool
alternatives_inspect(struct module_call *call, struct error *err)
{
	const struct alternatives_args *args = call->args;
	const char *tool = program_find(call->arena, "update-alternatives"), *text, *link;
	int64_t priority = 50, wanted = args->priority;
	bool is_known, is_manual;

	if (!tool)
		tool = program_find(call->arena, "alternatives");
	if (!tool)
		return program_need(call, "update-alternatives", err);
	if (!program_ask(call, TEXTS(tool, "--query", args->name), &text, err))
		return false;
	is_known = find_alternative(text, args->path, &priority);
	if (text_equals(args->state, "absent")) {
		if (is_known)
			steps_add(call, TEXTS(tool, "--remove", args->name, args->path));
		return true;
	}
	if (access(args->path, F_OK) < 0 && !call->may_come)
		return fail(err, ERR_MISSING, "Specified path %s does not exist", args->path);
	link = args->link ? args->link : query_value(call->arena, text, "\nLink: ");
	if (!is_known || (wanted != PARAM_NO_INT && wanted != priority)) {
		if (!link)
			return fail(err, ERR_OPTIONS,
				"Needed to install the alternative, but unable to do so as we are "
				"missing the link");
		steps_add(call,
			TEXTS(tool, "--install", link, args->name, args->path,
				arena_format(call->arena, "%lld",
					(long long)(wanted != PARAM_NO_INT ? wanted : priority))));
	}
	is_manual = text_equals(query_value(call->arena, text, "Status: "), "manual");
	if (text_equals(args->state, "selected") &&
		!text_equals(query_value(call->arena, text, "Value: "), args->path))
		steps_add(call, TEXTS(tool, "--set", args->name, args->path));
	if (text_equals(args->state, "auto") && is_manual)
		steps_add(call, TEXTS(tool, "--auto", args->name));
	return true;
}

const struct module module_alternatives = {
	.name = "alternatives",
	.summary = DOC("Say which of several programs a common name means"),
	.params = params,
	.params_size = sizeof(struct alternatives_args),
	.examples = DOC("- alternatives:\n"
			"    name: editor\n"
			"    path: /usr/bin/vim.basic\n"),
	.check = SUPPORT_FULL,
	.inspect = alternatives_inspect,
	.apply = steps_apply,
};
