/* The stack of levels that says where a host stands. */
#include "orchestrator/run/cursor.h"

static struct level *
top(struct cursor *cursor)
{
	return &cursor->levels[cursor->depth - 1];
}

static const struct node_list *
level_list(const struct level *level)
{
	switch ((enum section)level->section) {
	case SECTION_RESCUE:
		return &level->node->rescue;
	case SECTION_ALWAYS:
		return &level->node->always;
	default:
		return level->list;
	}
}

bool
cursor_enter(struct cursor *cursor, const struct node *node, const struct node_list *list,
	const struct value *vars)
{
	if (cursor->depth == CURSOR_DEPTH)
		return false;
	cursor->levels[cursor->depth++] =
		(struct level){ .node = node, .list = list, .vars = vars };
	return true;
}

void
cursor_start(struct cursor *cursor, const struct node *play)
{
	cursor->depth = 0;
	cursor->is_lost = false;
	if (!cursor_enter(cursor, play, &play->children, NULL))
		BUG("an empty cursor is full");
}

/* At the end of a section: into `always`, or out. False: out, and the failure goes on. */
static bool
section_end(struct cursor *cursor)
{
	struct level *level = top(cursor);

	if (level->section != SECTION_ALWAYS && level->node->kind == NODE_BLOCK &&
		!level->is_handlers && level->list == &level->node->children &&
		level->node->always.count) {
		level->section = SECTION_ALWAYS;
		level->index = 0;
		return true;
	}
	{
		bool has_failed = level->has_failed;

		cursor->depth--;
		return !has_failed;
	}
}

static bool
is_container(const struct node *node)
{
	return node->kind == NODE_BLOCK || node->kind == NODE_ROLE;
}

const struct node *
cursor_task(struct cursor *cursor, bool *failed)
{
	*failed = cursor->is_lost;
	while (cursor->depth) {
		struct level *level = top(cursor);
		const struct node_list *list = level_list(level);
		const struct node *node;

		if (level->index >= list->count) {
			bool is_rescued;

			if (section_end(cursor))
				continue;
			if (cursor_fail(cursor, &is_rescued))
				continue;
			*failed = cursor->is_lost = true;
			return NULL;
		}
		node = list->nodes[level->index];
		if (!is_container(node) || cursor->depth == CURSOR_DEPTH)
			return node;
		level->index++;
		if (!cursor_enter(cursor, node, &node->children, NULL))
			return NULL;
	}
	return NULL;
}

void
cursor_step(struct cursor *cursor)
{
	if (cursor->depth)
		top(cursor)->index++;
}

bool
cursor_fail(struct cursor *cursor, bool *is_rescued)
{
	*is_rescued = false;
	while (cursor->depth) {
		struct level *level = top(cursor);
		bool is_block = level->node->kind == NODE_BLOCK && !level->is_handlers &&
				level->list == &level->node->children;

		if (is_block && level->section == SECTION_BODY && level->node->rescue.count) {
			level->section = SECTION_RESCUE;
			level->index = 0;
			*is_rescued = true;
			return true;
		}
		if (is_block && level->section != SECTION_ALWAYS && level->node->always.count) {
			level->section = SECTION_ALWAYS;
			level->index = 0;
			level->has_failed = true;
			return true;
		}
		cursor->depth--;
	}
	return false;
}

bool
cursor_is_caught(const struct cursor *cursor)
{
	for (uint32_t i = 0; i < cursor->depth; i++) {
		const struct level *level = &cursor->levels[i];

		if (level->node->kind == NODE_BLOCK && !level->is_handlers &&
			level->list == &level->node->children && level->section == SECTION_BODY &&
			level->node->rescue.count)
			return true;
	}
	return false;
}

int
cursor_compare(const struct cursor *a, const struct cursor *b)
{
	uint32_t depth = MIN(a->depth, b->depth);

	for (uint32_t i = 0; i < depth; i++) {
		const struct level *x = &a->levels[i], *y = &b->levels[i];
		uint32_t xi = x->index, yi = y->index;

		if (x->node != y->node)
			return x->node->serial_number < y->node->serial_number ? -1 : 1;
		if (x->section != y->section)
			return x->section < y->section ? -1 : 1;
		if (xi != yi)
			return xi < yi ? -1 : 1;
	}
	/* The deeper one is still inside of what the other has left behind. */
	return a->depth == b->depth ? 0 : a->depth > b->depth ? -1 : 1;
}

const struct node *
cursor_c_role(const struct cursor *cursor)
{
	for (uint32_t i = 0; i < cursor->depth; i++)
		if (cursor->levels[i].node->kind == NODE_ROLE &&
			cursor->levels[i].node->role->table)
			return cursor->levels[i].node;
	return NULL;
}

void
cursor_leave_role(struct cursor *cursor)
{
	while (cursor->depth > 1) {
		bool was_role = top(cursor)->node->kind == NODE_ROLE;

		cursor->depth--;
		if (was_role)
			return;
	}
}
