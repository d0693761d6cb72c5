#ifndef ORCHESTRATOR_RUN_CURSOR_H
#define ORCHESTRATOR_RUN_CURSOR_H
/*
 * Where a host stands in its play: a stack of levels, one per open play, role, block, included file
 * or round of handlers. A cursor is a plain value: copying it is how a step remembers where it was
 * evaluated, so that the host can be put back there when a task before it fails.
 */
#include "orchestrator/playbook/node.h"

enum section { SECTION_BODY, SECTION_RESCUE, SECTION_ALWAYS };
enum { CURSOR_DEPTH = 40 };

struct level {
	const struct node *node; /* whose list it is */
	const struct node_list
		*list; /* of SECTION_BODY; the sections rescue and always are the node's */
	const struct value *vars; /* evaluated where an include was: loop variables; NULL: none */
	uint32_t index;
	uint8_t section; /* enum section */
	bool has_failed; /* `always` is being done on the way out */
	bool is_handlers;
};

struct cursor {
	struct level levels[CURSOR_DEPTH];
	uint32_t depth;
	bool is_lost; /* a failure that nothing caught has left the last level */
};

void cursor_start(struct cursor *cursor, const struct node *play);
/* The task the cursor stands on; descends into blocks and roles, leaves what is at its end. NULL:
 * all is done, or
 * (`*failed` set) an `always` on the way out of a failure is done and nothing caught it. */
const struct node *cursor_task(struct cursor *cursor, bool *failed);
/* Past the task it stands on. */
void cursor_step(struct cursor *cursor);
/* Into an included block or role, or a round of handlers, that comes before the next task. False:
 * nested too deep. */
bool cursor_enter(struct cursor *cursor, const struct node *node, const struct node_list *list,
	const struct value *vars) MUST_CHECK;
/* The task failed: goes to the rescue or always around it. False: nothing catches it.
 * `*is_rescued`: a rescue does. */
bool cursor_fail(struct cursor *cursor, bool *is_rescued);
/* Will a rescue catch a failure here, if only after some `always`? */
bool cursor_is_caught(const struct cursor *cursor);
/* Order of two cursors that stand on tasks, in the order of the play; 0: the same task. */
int cursor_compare(const struct cursor *a, const struct cursor *b);
/* The role in C whose tasks the cursor is in (the outermost), or NULL: such a role is one step of a
 * linear play. */
const struct node *cursor_c_role(const struct cursor *cursor);
/* Ends the innermost role (meta: end_role). */
void cursor_leave_role(struct cursor *cursor);

#endif
