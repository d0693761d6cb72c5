/* debconf: answers to the questions of Debian packages, given before they are asked. */
#include <string.h>

#include "module/host.h"

struct debconf_args {
	const char *name, *question, *vtype, *value;
	bool unseen;
};

static const struct param params[] = { PARAM_STRING(struct debconf_args, name, .required = true,
					       .aliases = TEXTS("pkg"), .doc = "The package."),
	PARAM_STRING(struct debconf_args, question, .aliases = TEXTS("selection", "setting"),
		.doc = "The question. Without it, the answers are only read."),
	PARAM_STRING(struct debconf_args, vtype,
		.choices = TEXTS("boolean", "error", "multiselect", "note", "password", "seen",
			"select", "string", "text", "title"),
		.doc = "Its type."),
	PARAM_STRING(struct debconf_args, value, .aliases = TEXTS("answer"), .doc = "The answer."),
	PARAM_FLAG(struct debconf_args, unseen, .fallback = "false",
		.doc = "The question may be asked all the same."),
	PARAMS_END };

static const struct module_return returns[] = { { "current", "dict", "The answers." },
	{ "previous", "dict", "The answer that was there before." }, { NULL, NULL, NULL } };

/* "* package/question: answer" */
static struct value *
read_answers(struct arena *arena, const char *text)
{
	struct value *map = value_map(arena);
	struct view rest = view_of(text), line, key;

	while (view_cut(&rest, '\n', &line)) {
		if (!view_cut(&line, ':', &key) || !line.data)
			continue;
		while (key.length && strchr("* ", key.data[0]))
			key = (struct view){ key.data + 1, key.length - 1 };
		value_set(arena, map, arena_view(arena, view_trim(key)),
			value_view(arena, view_trim(line)));
	}
	return map;
}

static const char *
wanted_of(const struct debconf_args *args)
{
	if (!text_equals(args->vtype, "boolean"))
		return args->value;
	return text_equals(args->value, "True")	   ? "true"
	       : text_equals(args->value, "False") ? "false"
						   : args->value;
}

static void
set_change(struct module_call *call, const char *before, const char *wanted)
{
	const struct debconf_args *args = call->args;
	struct value *current = value_map(call->arena), *previous = value_map(call->arena), *diff;

	call->out->change = CHANGE_WANTED;
	value_set(call->arena, current, args->question, value_text(call->arena, wanted));
	value_set(call->arena, previous, args->question,
		value_text(call->arena, before ? before : ""));
	result_set(call, "current", current);
	result_set(call, "previous", previous);
	if (!call->wants_diff)
		return;
	diff = value_map(call->arena);
	value_set(call->arena, diff, "before", previous);
	value_set(call->arena, diff, "after", current);
	value_add(call->arena, call->out->diffs, diff);
}

static bool
debconf_inspect(struct module_call *call, struct error *err)
{
	const struct debconf_args *args = call->args;
	const char *out, *before;
	struct value *answers;

	if (args->question && (!args->vtype || !args->value))
		return fail(err, ERR_OPTIONS,
			"when supplying a question you must supply a valid vtype and value");
	if (args->name[0] == '-' || strpbrk(args->name, " \n") ||
		(args->question && (strpbrk(args->question, " \n") || strchr(args->value, '\n'))))
		return fail(err, ERR_OPTIONS,
			"neither name nor question can hold spaces, nor value a newline");
	if (!program_find(call->arena, "debconf-show"))
		return fail(err, ERR_MISSING,
			"Failed to find required executable \"debconf-show\" in paths");
	if (!module_run_well(call, TEXTS("debconf-show", args->name), &out, err))
		return false;
	answers = read_answers(call->arena, out);
	result_set(call, "current", answers);
	result_text(call, "msg", "");
	if (!args->question)
		return true;
	before = value_string(value_get(answers, args->question));
	if (!text_equals(before, wanted_of(args)))
		set_change(call, before, wanted_of(args));
	return true;
}

/* By stdin: an answer may be a password, and arguments are seen in the list of processes. */
static bool
debconf_apply(struct module_call *call, struct error *err)
{
	const struct debconf_args *args = call->args;
	const char *argv[] = { "debconf-set-selections", args->unseen ? "-u" : NULL, NULL };
	struct module_command command = { .argv = argv, .is_parsed = true };
	_cleanup_str_ struct str line = STR_INIT;
	struct process_result result;
	bool is_well;

	str_add_format(
		&line, "%s %s %s %s\n", args->name, args->question, args->vtype, wanted_of(args));
	command.input = str_view(&line);
	is_well = module_run(call, &command, &result, err);
	if (is_well && result.status != 0) {
		is_well = fail(err, ERR_TASK, "'%s' could not be answered", args->question);
		error_why(err, "%.900s", result.err.data);
	}
	process_result_release(&result);
	return is_well;
}

const struct module module_debconf = {
	.name = "debconf",
	.summary = DOC("Answer the questions of Debian packages before they are asked"),
	.params = params,
	.params_size = sizeof(struct debconf_args),
	.returns = DOC(returns),
	.examples = DOC("- debconf:\n"
			"    name: tzdata\n"
			"    question: tzdata/Zones/Europe\n"
			"    vtype: select\n"
			"    value: Vienna\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = debconf_inspect,
	.apply = debconf_apply,
};
