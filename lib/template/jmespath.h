#ifndef LIB_TEMPLATE_JMESPATH_H
#define LIB_TEMPLATE_JMESPATH_H
/*
 * JMESPath, the query language of the filter json_query. jmespath.c reads and evaluates
 * expressions; jmespath_functions.c holds the functions they may call.
 */
#include "template/functions.h"

enum query_kind {
	QUERY_IDENTITY,
	QUERY_FIELD,
	QUERY_LITERAL,
	QUERY_INDEX,	     /* number */
	QUERY_SLICE,	     /* bounds */
	QUERY_SUBEXPRESSION, /* left, then right on what it gives: a.b, a[0], a | b */
	QUERY_PROJECTION,    /* right on each item of left */
	QUERY_VALUES,	     /* right on each value of left */
	QUERY_FILTER,	     /* right on each item of left that passes `condition` */
	QUERY_FLATTEN,
	QUERY_OR,
	QUERY_AND,
	QUERY_NOT,
	QUERY_COMPARE,	 /* text is the operator */
	QUERY_LIST,	 /* [a, b] */
	QUERY_HASH,	 /* {k: a}: the keys are in `keys` */
	QUERY_CALL,	 /* text(items) */
	QUERY_REFERENCE, /* &left */
};

struct query {
	enum query_kind kind;
	struct query *left, *right, *condition;
	struct query **items;
	struct view *keys;
	uint32_t count;
	struct view text;
	const struct value *literal;
	int64_t number;
	const struct value *bounds[3];
};

struct query_run {
	struct call *call;
	int depth;
};

bool query_evaluate(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out) MUST_CHECK;

/* jmespath_functions.c */
bool query_call(struct query_run *run, const struct query *query, const struct value *value,
	const struct value **out) MUST_CHECK;

#endif
