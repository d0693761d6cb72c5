/* Counted targets. */
#include "orchestrator/transport/target.h"

struct target *
target_new(void)
{
	struct target *target = memory_get(sizeof(*target));

	*target = (struct target){ .references = 1, .timeout_ms = 10000 };
	arena_init(&target->arena);
	return target;
}

struct target *
target_ref(struct target *target)
{
	if (target)
		target->references++;
	return target;
}

void
target_unref(struct target *target)
{
	if (!target || --target->references)
		return;
	target_unref(target->via);
	if (target->password)
		memory_wipe((void *)(uintptr_t)target->password, strlen(target->password));
	arena_release(&target->arena);
	free(target);
}
