/* The shape of an action's answer, by service and action. */
#include "inventory/aws/shapes.h"

static const struct shape_member no_members[] = { { NULL } };

const struct shape shape_text = { .kind = SHAPE_TEXT };
const struct shape shape_int = { .kind = SHAPE_INT };
const struct shape shape_float = { .kind = SHAPE_FLOAT };
const struct shape shape_bool = { .kind = SHAPE_BOOL };
const struct shape shape_time = { .kind = SHAPE_TIME };
const struct shape shape_empty = { .kind = SHAPE_STRUCT, .members = no_members };

const struct shape *
shape_find(const char *service, const char *action)
{
	static const struct shape_action *const tables[] = { shapes_ec2, shapes_other };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct shape_action *row = tables[i]; row->service; row++)
			if (!strcmp(row->service, service) && !strcmp(row->action, action))
				return row->shape;
	return NULL;
}
