/* What an instance is part of: Auto Scaling groups, target groups, load balancers, stacks,
 * clusters. */
#include "inventory/aws/describe_internal.h"
#include "inventory/aws/fleet.h"

/* ---- Auto Scaling ---- */

bool
autoscaling_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(scope, "autoscaling", "DescribeAutoScalingGroups",
		"auto_scaling_groups", NULL, answers, fault, err);
}

void
autoscaling_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const of_group[] = { "min_size", "max_size", "desired_capacity",
		"target_group_ar_ns", "health_check_type", NULL };
	static const char *const of_member[] = { "lifecycle_state", "health_status",
		"protected_from_scale_in", "launch_template", "launch_configuration_name", NULL };

	VALUE_EACH (group, answers) {
		const struct value *members = value_get(group, "instances");

		if (!value_is_list(members))
			continue;
		VALUE_EACH (member, members) {
			struct value *map;

			if (!answer_matches(member, "instance_id", instance, "instance_id"))
				continue;
			map = value_map(into);
			value_set(into, map, "group", value_get(group, "auto_scaling_group_name"));
			answer_members(into, map, group, of_group);
			answer_members(into, map, member, of_member);
			value_set(into, instance, "auto_scaling", map);
			instance_group(into, instance, "asg",
				answer_text(group, "auto_scaling_group_name"));
		}
	}
}

/* ---- target groups ---- */

static bool
target_health_ask(struct follow *follow)
{
	const struct describe_scope *scope = follow->scope;
	struct value *parameters = value_map(scope->into), *entry;
	const struct value *answer;
	const struct aws_call call = { .service = "elbv2",
		.action = "DescribeTargetHealth",
		.region = scope->region,
		.login = scope->login,
		.parameters = parameters,
		.endpoint = scope->endpoint };

	value_set(scope->into, parameters, "TargetGroupArn",
		value_get(follow->item, "target_group_arn"));
	if (!aws_call(scope->aws, &call, scope->into, &answer, follow->fault, follow->err))
		return false;
	entry = value_map(scope->into);
	value_set(scope->into, entry, "group", follow->item);
	value_set(scope->into, entry, "targets", value_get(answer, "target_health_descriptions"));
	value_add(scope->into, follow->answers, entry);
	return true;
}

bool
target_groups_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	struct value *groups = value_list(scope->into);

	return describe_list(scope, "elbv2", "DescribeTargetGroups", "target_groups", NULL, groups,
		       fault, err) &&
	       follow_all(scope, groups, answers, target_health_ask, fault, err);
}

/* Targets are instances or addresses. */
static void
target_join(struct arena *into, const struct value *group, const struct value *target,
	struct value *instance)
{
	const struct value *what = value_get(target, "target"),
			   *health = value_get(target, "target_health"),
			   *balancers = value_get(group, "load_balancer_arns");
	struct value *map, *names;

	if (!answer_matches(what, "id", instance, "instance_id") &&
		!answer_matches(what, "id", instance, "private_ip_address"))
		return;
	map = value_map(into);
	value_set(into, map, "name", value_get(group, "target_group_name"));
	value_set(into, map, "arn", value_get(group, "target_group_arn"));
	value_set(into, map, "port", value_get(what, "port"));
	value_set(into, map, "state", value_get(health, "state"));
	if (value_get(health, "reason"))
		value_set(into, map, "reason", value_get(health, "reason"));
	names = value_list(into);
	if (value_is_list(balancers))
		VALUE_EACH (arn, balancers) {
			struct view rest = value_string_view(arn), piece = { 0 };

			/* arn:…:loadbalancer/app/NAME/ID */
			for (int i = 0; i < 3; i++)
				(void)view_cut(&rest, '/', &piece);
			value_add(into, names, value_view(into, piece));
			instance_group(into, instance, "lb", arena_view(into, piece));
		}
	value_set(into, map, "load_balancers", names);
	value_add(into, instance_list(into, instance, "target_groups"), map);
	instance_group(into, instance, "tg", answer_text(group, "target_group_name"));
}

void
target_groups_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (entry, answers) {
		const struct value *targets = value_get(entry, "targets"),
				   *group = value_get(entry, "group");

		if (value_is_list(targets) && answer_matches(group, "vpc_id", instance, "vpc_id"))
			VALUE_EACH (target, targets)
				target_join(into, group, target, instance);
	}
}

/* ---- classic load balancers ---- */

bool
load_balancers_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	return describe_list(scope, "elb", "DescribeLoadBalancers", "load_balancer_descriptions",
		NULL, answers, fault, err);
}

void
load_balancers_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (balancer, answers) {
		const struct value *members = value_get(balancer, "instances");

		if (!value_is_list(members))
			continue;
		VALUE_EACH (member, members) {
			if (!answer_matches(member, "instance_id", instance, "instance_id"))
				continue;
			value_add(into, instance_list(into, instance, "load_balancers"),
				value_get(balancer, "load_balancer_name"));
			instance_group(
				into, instance, "lb", answer_text(balancer, "load_balancer_name"));
		}
	}
}

/* ---- CloudFormation ---- */

bool
stacks_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(
		scope, "cloudformation", "DescribeStacks", "stacks", NULL, answers, fault, err);
}

const struct value *
stack_variables(struct arena *into, const struct value *stack)
{
	struct value *map = value_map(into);

	value_set(into, map, "name", value_text(into, answer_text(stack, "stack_name")));
	value_set(into, map, "id", value_text(into, answer_text(stack, "stack_id")));
	value_set(into, map, "status", value_text(into, answer_text(stack, "stack_status")));
	value_set(into, map, "outputs",
		pairs_map(into, value_get(stack, "outputs"), "output_key", "output_value"));
	value_set(into, map, "parameters",
		pairs_map(
			into, value_get(stack, "parameters"), "parameter_key", "parameter_value"));
	return map;
}

void
stacks_join(struct arena *into, const struct value *answers, struct value *instance)
{
	const struct value *tags = value_get(instance, "tags");

	VALUE_EACH (stack, answers) {
		if (!answer_matches(stack, "stack_name", tags, "aws:cloudformation:stack-name"))
			continue;
		value_set(into, instance, "stack", stack_variables(into, stack));
		instance_group(into, instance, "stack", answer_text(stack, "stack_name"));
	}
}

/* ---- ECS ---- */

enum { CONTAINERS_AT_ONCE = 100 };

/* The container instances of one cluster, a hundred at a time. */
static bool
cluster_ask(struct follow *follow)
{
	const struct describe_scope *scope = follow->scope;
	struct arena *into = scope->into;
	struct value *arns = value_list(into);

	if (!describe_list(scope, "ecs", "ListContainerInstances", "containerInstanceArns",
		    parameter_one(into, "cluster", follow->item), arns, follow->fault, follow->err))
		return false;
	for (uint32_t first = 0; first < arns->list.count; first += CONTAINERS_AT_ONCE) {
		struct value *parameters = parameter_one(into, "cluster", follow->item),
			     *some = value_list(into), *entry = value_map(into),
			     *found = value_list(into);

		for (uint32_t i = first; i < MIN(arns->list.count, first + CONTAINERS_AT_ONCE); i++)
			value_add(into, some, arns->list.items[i]);
		value_set(into, parameters, "containerInstances", some);
		if (!describe_list(scope, "ecs", "DescribeContainerInstances", "containerInstances",
			    parameters, found, follow->fault, follow->err))
			return false;
		value_set(into, entry, "cluster", follow->item);
		value_set(into, entry, "instances", found);
		value_add(into, follow->answers, entry);
	}
	return true;
}

bool
ecs_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	struct value *clusters = value_list(scope->into);

	return describe_list(
		       scope, "ecs", "ListClusters", "clusterArns", NULL, clusters, fault, err) &&
	       follow_all(scope, clusters, answers, cluster_ask, fault, err);
}

void
ecs_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const names[][2] = { { "containerInstanceArn",
							"container_instance_arn" },
		{ "status", "status" }, { "agentConnected", "agent_connected" },
		{ "runningTasksCount", "running_tasks_count" },
		{ "pendingTasksCount", "pending_tasks_count" }, { "versionInfo", "version_info" } };

	VALUE_EACH (entry, answers) {
		const char *cluster = arn_name(answer_text(entry, "cluster"));

		VALUE_EACH (container, value_get(entry, "instances")) {
			struct value *map;

			if (!answer_matches(container, "ec2InstanceId", instance, "instance_id"))
				continue;
			map = value_map(into);
			value_set(into, map, "cluster", value_text(into, cluster));
			for (size_t i = 0; i < ARRAY_SIZE(names); i++)
				if (value_get(container, names[i][0]))
					value_set(into, map, names[i][1],
						value_get(container, names[i][0]));
			value_set(into, instance, "ecs", map);
			instance_group(into, instance, "ecs", cluster);
		}
	}
}
