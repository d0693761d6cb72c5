#ifndef INVENTORY_AWS_STACK_H
#define INVENTORY_AWS_STACK_H
/*
 * CloudFormation stacks: which instances are theirs (those of nested stacks and Auto Scaling groups
 * too), and waiting until one is made.
 */
#include "inventory/aws/describe.h"

/* The item of DescribeStacks; *out is NULL where the region has no such stack. */
bool stack_find(const struct describe_scope *scope, const char *name, const struct value **out,
	struct aws_fault *fault, struct error *err) MUST_CHECK;

/* Adds the ids of its instances to a list of texts. */
bool stack_instances(const struct describe_scope *scope, const char *name, struct value *ids,
	struct aws_fault *fault, struct error *err) MUST_CHECK;

struct stack_wait {
	int64_t timeout_s;
	/* Each event once, oldest first, as a line. */
	void (*tell)(void *context, const char *line);
	void *context;
};

/* Until it is CREATE_COMPLETE or UPDATE_COMPLETE (or the like). Fails with ERR_TIMEOUT, or with
 * ERR_TASK if it failed or was rolled back: the cause is the reason of the first resource that
 * failed. A stack that is not there yet is waited for. */
bool stack_wait(const struct describe_scope *scope, const char *name, const struct stack_wait *wait,
	struct error *err) MUST_CHECK;

#endif
