#ifndef INVENTORY_AWS_SHAPES_H
#define INVENTORY_AWS_SHAPES_H
/*
 * What the tables of shapes are written with (shapes_*.c, by scripts/aws_shapes.py), and where
 * they are found. Lists take items of any name, as AWS's own libraries do.
 */
#include "inventory/aws/xml.h"

extern const struct shape shape_text, shape_int, shape_float, shape_bool, shape_time, shape_empty;

#define TEXT(element, name)                \
	{                                  \
		element, name, &shape_text \
	}
#define INT(element, name)                \
	{                                 \
		element, name, &shape_int \
	}
#define FLOAT(element, name)                \
	{                                   \
		element, name, &shape_float \
	}
#define BOOL(element, name)                \
	{                                  \
		element, name, &shape_bool \
	}
#define TIME(element, name)                \
	{                                  \
		element, name, &shape_time \
	}
#define OF(element, name, shape)      \
	{                             \
		element, name, &shape \
	}
#define MEMBERS(id) static const struct shape_member id##_members[] = {
#define END          \
	{            \
		NULL \
	}            \
	}            \
	;
#define SHAPE(id) static const struct shape id = { .kind = SHAPE_STRUCT, .members = id##_members };
#define LIST(id, item, ...) \
	static const struct shape id = { .kind = SHAPE_LIST, .of = &item, __VA_ARGS__ };
#define MAP(id, key_element, value_element, item, ...)      \
	static const struct shape id = { .kind = SHAPE_MAP, \
		.key = key_element,                         \
		.value = value_element,                     \
		.of = &item,                                \
		__VA_ARGS__ };

struct shape_action {
	const char *service, *action; /* NULL: the end */
	const struct shape *shape;
};

extern const struct shape_action shapes_ec2[], shapes_other[];

#endif
