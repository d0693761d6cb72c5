#ifndef LIB_HTTP_FIBER_H
#define LIB_HTTP_FIBER_H
/*
 * Work that waits in its middle: a fiber runs on a stack of its own until it pauses, and goes on
 * there when it is resumed. All in one thread, so nothing needs a lock. It is what lets code that
 * asks many servers read like code that asks one (lib/http/http.h).
 */
#include "base/base.h"

struct fiber;

struct fiber *fiber_new(void (*work)(void *context), void *context);
/* Runs it until it pauses or ends; true: it has ended. */
bool fiber_resume(struct fiber *fiber);
/* Back to who resumed it. Only inside a fiber. */
void fiber_pause(void);
/* NULL outside of any fiber. */
struct fiber *fiber_current(void);
void fiber_free(struct fiber *fiber); /* only one that has ended or never began */

#endif
