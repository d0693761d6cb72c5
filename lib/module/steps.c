/* Commands found by inspect, run by apply. */
#include "module/steps.h"

#include "module/words.h"

struct steps {
	const char *const **items;
	size_t count;
};

void
steps_add(struct module_call *call, const char *const *words)
{
	struct steps *steps = call->state;
	const char *const *copy = NULL;

	if (!steps)
		call->state = steps = arena_new(call->arena, struct steps);
	for (; *words; words++)
		words_add(call->arena, &copy, *words);
	steps->items = arena_grow(
		call->arena, steps->items, steps->count, steps->count + 1, sizeof(*steps->items));
	steps->items[steps->count++] = copy;
	call->out->change = CHANGE_WANTED;
}

bool
steps_apply(struct module_call *call, struct error *err)
{
	const struct steps *steps = call->state;

	for (size_t i = 0; steps && i < steps->count; i++)
		if (!module_run_well(call, steps->items[i], NULL, err))
			return false;
	return true;
}

bool
program_need(struct module_call *call, const char *name, struct error *err)
{
	return program_find(call->arena, name) ||
	       fail(err, ERR_MISSING, "Failed to find required executable \"%s\" in paths", name);
}

bool
program_ask(struct module_call *call, const char *const *argv, const char **out, struct error *err)
{
	struct module_command command = { .argv = argv, .is_parsed = true };
	struct process_result result;
	bool is_well = module_run(call, &command, &result, err);

	*out = is_well && result.status == 0 ? arena_view(call->arena, str_view(&result.out))
					     : NULL;
	process_result_release(&result);
	return is_well;
}
