/* Stacks are asked for by name while they live; a deleted one is not found by it, which is what is
 * wanted here. */
#include "inventory/aws/stack.h"

#include "inventory/aws/describe_internal.h"
#include "os/loop.h"

enum { DEEPEST = 8, FIRST_PAUSE_MS = 2000, LONGEST_PAUSE_MS = 15000 };

static struct aws_call
call_of(const struct describe_scope *scope, const char *action, const struct value *parameters)
{
	return (struct aws_call){ .service = "cloudformation",
		.action = action,
		.region = scope->region,
		.login = scope->login,
		.parameters = parameters,
		.endpoint = scope->endpoint };
}

static struct value *
named(const struct describe_scope *scope, const char *name)
{
	struct value *parameters = value_map(scope->into);

	value_set(scope->into, parameters, "StackName", value_text(scope->into, name));
	return parameters;
}

bool
stack_find(const struct describe_scope *scope, const char *name, const struct value **out,
	struct aws_fault *fault, struct error *err)
{
	const struct aws_call call = call_of(scope, "DescribeStacks", named(scope, name));
	const struct value *answer, *stacks;

	*out = NULL;
	if (!aws_call(scope->aws, &call, scope->into, &answer, fault, err))
		return !strcmp(fault->code, "ValidationError") &&
		       strstr(fault->message, "does not exist");
	stacks = value_get(answer, "stacks");
	if (value_is_list(stacks) && stacks->list.count)
		*out = stacks->list.items[0];
	return true;
}

/* ---- instances ---- */

static bool
group_instances(const struct describe_scope *scope, const char *group, struct value *ids,
	struct aws_fault *fault, struct error *err)
{
	struct value *groups = value_list(scope->into), *parameters = value_map(scope->into);

	value_set(scope->into, parameters, "AutoScalingGroupNames.member.1",
		value_text(scope->into, group));
	if (!describe_list(scope, "autoscaling", "DescribeAutoScalingGroups", "auto_scaling_groups",
		    parameters, groups, fault, err))
		return false;
	VALUE_EACH (item, groups) {
		const struct value *members = value_get(item, "instances");

		if (value_is_list(members))
			VALUE_EACH (member, members)
				value_add(scope->into, ids, value_get(member, "instance_id"));
	}
	return true;
}

static bool
instances_add(const struct describe_scope *scope, const char *name, int depth, struct value *ids,
	struct aws_fault *fault, struct error *err)
{
	struct value *resources = value_list(scope->into);

	if (depth > DEEPEST)
		return fail(err, ERR_LIMIT, "stacks are nested more than %d deep below '%s'",
			DEEPEST, name);
	if (!describe_list(scope, "cloudformation", "ListStackResources",
		    "stack_resource_summaries", named(scope, name), resources, fault, err))
		return false;
	VALUE_EACH (resource, resources) {
		const char *type = answer_text(resource, "resource_type"),
			   *id = answer_text(resource, "physical_resource_id");

		if (!*id || !strcmp(answer_text(resource, "resource_status"), "DELETE_COMPLETE"))
			continue;
		if (!strcmp(type, "AWS::EC2::Instance"))
			value_add(scope->into, ids, value_get(resource, "physical_resource_id"));
		else if (!strcmp(type, "AWS::AutoScaling::AutoScalingGroup") &&
			 !group_instances(scope, id, ids, fault, err))
			return false;
		else if (!strcmp(type, "AWS::CloudFormation::Stack") &&
			 !instances_add(scope, id, depth + 1, ids, fault, err))
			return false;
	}
	return true;
}

bool
stack_instances(const struct describe_scope *scope, const char *name, struct value *ids,
	struct aws_fault *fault, struct error *err)
{
	return instances_add(scope, name, 0, ids, fault, err);
}

/* ---- waiting ---- */

struct waiting {
	const struct describe_scope *scope;
	const char *name;
	const struct stack_wait *wait;
	struct map told;	       /* event ids */
	const char *reason, *resource; /* of the first failure */
};

/* Those since the operation began that is going on, oldest first. */
static void
events_tell(struct waiting *waiting, const struct value *events)
{
	uint32_t end = 0;

	while (end <
		events->list.count) { /* newest first: the operation's own first event ends it */
		const struct value *event = events->list.items[end++];
		const char *status = answer_text(event, "resource_status");

		if (!strcmp(answer_text(event, "physical_resource_id"),
			    answer_text(event, "stack_id")) &&
			(!strcmp(status, "CREATE_IN_PROGRESS") ||
				!strcmp(status, "UPDATE_IN_PROGRESS")))
			break;
	}
	for (uint32_t i = end; i > 0; i--) {
		const struct value *event = events->list.items[i - 1];
		const char *id = answer_text(event, "event_id"),
			   *status = answer_text(event, "resource_status"),
			   *reason = answer_text(event, "resource_status_reason");

		if (map_has(&waiting->told, id))
			continue;
		map_set(&waiting->told, id, waiting);
		if (text_ends(status, "_FAILED") && !waiting->reason &&
			!strstr(reason, "cancelled")) {
			waiting->reason = reason;
			waiting->resource = answer_text(event, "logical_resource_id");
		}
		if (waiting->wait->tell)
			waiting->wait->tell(waiting->wait->context,
				arena_format(waiting->scope->into, "%.8s %-28s %-36s %s%s%s",
					strchr(answer_text(event, "timestamp"), 'T')
						? strchr(answer_text(event, "timestamp"), 'T') + 1
						: "",
					status, answer_text(event, "resource_type"),
					answer_text(event, "logical_resource_id"),
					*reason ? ": " : "", reason));
	}
}

static bool
look(struct waiting *waiting, const struct value **stack, struct error *err)
{
	const struct describe_scope *scope = waiting->scope;
	const struct aws_call call =
		call_of(scope, "DescribeStackEvents", named(scope, waiting->name));
	struct aws_fault fault = { 0 };
	const struct value *answer;

	if (!stack_find(scope, waiting->name, stack, &fault, err))
		return false;
	/* The newest page is enough: what is older was told, or was before this operation. */
	if (*stack && aws_call(scope->aws, &call, scope->into, &answer, &fault, err) &&
		value_is_list(value_get(answer, "stack_events")))
		events_tell(waiting, value_get(answer, "stack_events"));
	return true;
}

static bool
is_good(const char *status)
{
	return !strcmp(status, "CREATE_COMPLETE") || !strcmp(status, "UPDATE_COMPLETE") ||
	       !strcmp(status, "IMPORT_COMPLETE") ||
	       !strcmp(status, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
}

static bool
is_over(const char *status)
{
	return is_good(status) || text_ends(status, "_FAILED") || text_ends(status, "_COMPLETE");
}

static bool
stack_failed(const struct waiting *waiting, const struct value *stack, struct error *err)
{
	fail(err, ERR_TASK, "stack '%s' is %s", waiting->name, answer_text(stack, "stack_status"));
	error_where(err, "region %s", waiting->scope->region);
	if (waiting->reason)
		error_why(err, "%s: %s", waiting->resource, waiting->reason);
	else if (*answer_text(stack, "stack_status_reason"))
		error_why(err, "%s", answer_text(stack, "stack_status_reason"));
	return error_hint(err, "nothing was played; mend the template or its parameters, and "
			       "create the stack again");
}

bool
stack_wait(const struct describe_scope *scope, const char *name, const struct stack_wait *wait,
	struct error *err)
{
	struct waiting waiting = { .scope = scope, .name = name, .wait = wait };
	uint64_t until = clock_ms() + (uint64_t)wait->timeout_s * 1000, pause = FIRST_PAUSE_MS;
	const struct value *stack = NULL;
	bool ok;

	map_init(&waiting.told);
	for (;;) {
		ok = look(&waiting, &stack, err);
		if (!ok || (stack && is_over(answer_text(stack, "stack_status"))))
			break;
		if (clock_ms() + pause > until) {
			ok = fail(err, ERR_TIMEOUT, "stack '%s' is not %s after %lld s", name,
				stack ? "ready" : "there", (long long)wait->timeout_s);
			error_where(err, "region %s%s%s", scope->region, stack ? ", " : "",
				stack ? answer_text(stack, "stack_status") : "");
			break;
		}
		http_sleep(aws_http(scope->aws), pause);
		pause = MIN(pause + pause / 2, LONGEST_PAUSE_MS);
	}
	if (ok && !is_good(answer_text(stack, "stack_status")))
		ok = stack_failed(&waiting, stack, err);
	map_release(&waiting.told);
	return ok;
}
