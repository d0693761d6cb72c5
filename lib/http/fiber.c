/* Stacks are mapped with a page below that may not be touched: an overflow is a crash, not a
 * corruption. */
#include "http/fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

enum { STACK = 512 * 1024, GUARD = 64 * 1024 };

struct fiber {
	ucontext_t own, resumer;
	void (*work)(void *context);
	void *context;
	char *stack; /* with the guard */
	bool has_ended;
};

static struct fiber *running;

static void
enter(unsigned high, unsigned low)
{
	struct fiber *fiber =
		(struct fiber *)(((uintptr_t)high << 16 << 16) |
				 (uintptr_t)low); /* NOLINT: makecontext passes ints */

	fiber->work(fiber->context);
	fiber->has_ended = true;
	fiber_pause();
}

struct fiber *
fiber_new(void (*work)(void *context), void *context)
{
	struct fiber *fiber = memory_get(sizeof(*fiber));

	*fiber = (struct fiber){ .work = work, .context = context };
	fiber->stack = mmap(NULL, STACK + GUARD, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (fiber->stack == MAP_FAILED || mprotect(fiber->stack, GUARD, PROT_NONE) != 0)
		BUG("no memory for a stack");
	if (getcontext(&fiber->own) != 0)
		BUG("getcontext failed");
	fiber->own.uc_stack.ss_sp = fiber->stack + GUARD;
	fiber->own.uc_stack.ss_size = STACK;
	fiber->own.uc_link = NULL;
	makecontext(&fiber->own, (void (*)(void))enter, 2, (unsigned)((uintptr_t)fiber >> 16 >> 16),
		(unsigned)(uintptr_t)fiber);
	return fiber;
}

bool
fiber_resume(struct fiber *fiber)
{
	struct fiber *before = running;

	running = fiber;
	if (swapcontext(&fiber->resumer, &fiber->own) != 0)
		BUG("swapcontext failed");
	running = before;
	return fiber->has_ended;
}

void
fiber_pause(void)
{
	struct fiber *fiber = running;

	if (swapcontext(&fiber->own, &fiber->resumer) != 0)
		BUG("swapcontext failed");
}

struct fiber *
fiber_current(void)
{
	return running;
}

void
fiber_free(struct fiber *fiber)
{
	if (!fiber)
		return;
	munmap(fiber->stack, STACK + GUARD);
	free(fiber);
}
