/*
 * The descriptions. Most are one call whose answers are joined by an id; what needs more calls for
 * each thing found sends them side by side.
 */
#include "inventory/aws/describe.h"

#include "base/map.h"
#include "inventory/aws/fleet.h"

/* ---- lists ---- */

struct listing {
	struct arena *into;
	const char *key;
	struct value *answers;
};

static bool
list_page(void *context, const struct value *answer, struct error *err)
{
	struct listing *listing = context;
	const struct value *list = value_get(answer, listing->key);

	(void)err;
	if (value_is_list(list))
		VALUE_EACH (item, list)
			value_add(listing->into, listing->answers, item);
	return true;
}

bool
describe_list(const struct describe_scope *scope, const char *service, const char *action,
	const char *key, const struct value *parameters, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	struct listing listing = { scope->into, key, answers };
	const struct aws_call call = { .service = service,
		.action = action,
		.region = scope->region,
		.login = scope->login,
		.parameters = parameters,
		.endpoint = scope->endpoint };

	return aws_call_pages(scope->aws, &call, scope->into, list_page, &listing, fault, err);
}

/* ---- values ---- */

static const char *
text(const struct value *map, const char *key)
{
	const char *found = value_string(value_get(map, key));

	return found ? found : "";
}

static bool
is_same(const struct value *a, const char *key, const struct value *b, const char *other)
{
	const char *left = text(a, key);

	return *left && !strcmp(left, text(b, other));
}

/* Copies members, under the same names. */
static void
members_copy(
	struct arena *into, struct value *out, const struct value *from, const char *const *names)
{
	for (; *names; names++)
		if (value_get(from, *names))
			value_set(into, out, *names, value_get(from, *names));
}

static struct value *
list_of(struct arena *into, struct value *instance, const char *key)
{
	const struct value *old = value_get(instance, key);
	struct value *list = value_is_list(old) ? value_list_copy(into, old) : value_list(into);

	value_set(into, instance, key, list);
	return list;
}

static void
group_add(struct arena *into, struct value *instance, const char *prefix, const char *name)
{
	value_add(into, list_of(into, instance, FLEET_GROUPS),
		value_format(into, "%s_%s", prefix, name));
}

static const char *
behind_slash(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return slash ? slash + 1 : arn;
}

/* ---- many calls at once ---- */

/* One follow-up for each of some things; `ask` adds to its answers. */
struct follow {
	const struct describe_scope *scope;
	const struct value *item;
	struct value *answers;
	bool (*ask)(struct follow *follow);
	struct aws_fault *fault;
	struct error *err;
	size_t *open;
	bool *is_done, *has_failed;
};

static void
follow_run(void *context)
{
	struct follow *follow = context;
	struct error err;
	struct aws_fault fault = { 0 };
	struct error *outer_err = follow->err;
	struct aws_fault *outer_fault = follow->fault;

	error_clear(&err);
	follow->err = &err;
	follow->fault = &fault;
	if (!*follow->has_failed && !follow->ask(follow) && !*follow->has_failed) {
		*follow->has_failed = true;
		*outer_err = err;
		*outer_fault = fault;
	}
	*follow->is_done = --*follow->open == 0;
}

static bool
follow_all(const struct describe_scope *scope, const struct value *items, struct value *answers,
	bool (*ask)(struct follow *follow), struct aws_fault *fault, struct error *err)
{
	size_t open = items->list.count;
	bool is_done = open == 0, has_failed = false;

	VALUE_EACH (item, items) {
		struct follow *follow = arena_new(scope->into, struct follow);

		*follow = (struct follow){ scope, item, answers, ask, fault, err, &open, &is_done,
			&has_failed };
		http_spawn(aws_http(scope->aws), follow_run, follow);
	}
	http_wait(aws_http(scope->aws), &is_done);
	return !has_failed;
}

/* ---- Auto Scaling ---- */

static bool
autoscaling_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(scope, "autoscaling", "DescribeAutoScalingGroups",
		"auto_scaling_groups", NULL, answers, fault, err);
}

static void
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

			if (!is_same(member, "instance_id", instance, "instance_id"))
				continue;
			map = value_map(into);
			value_set(into, map, "group", value_get(group, "auto_scaling_group_name"));
			members_copy(into, map, group, of_group);
			members_copy(into, map, member, of_member);
			value_set(into, instance, "auto_scaling", map);
			group_add(into, instance, "asg", text(group, "auto_scaling_group_name"));
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

static bool
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

	if (!is_same(what, "id", instance, "instance_id") &&
		!is_same(what, "id", instance, "private_ip_address"))
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
			group_add(into, instance, "lb", arena_view(into, piece));
		}
	value_set(into, map, "load_balancers", names);
	value_add(into, list_of(into, instance, "target_groups"), map);
	group_add(into, instance, "tg", text(group, "target_group_name"));
}

static void
target_groups_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (entry, answers) {
		const struct value *targets = value_get(entry, "targets"),
				   *group = value_get(entry, "group");

		if (value_is_list(targets) && is_same(group, "vpc_id", instance, "vpc_id"))
			VALUE_EACH (target, targets)
				target_join(into, group, target, instance);
	}
}

/* ---- classic load balancers ---- */

static bool
load_balancers_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	return describe_list(scope, "elb", "DescribeLoadBalancers", "load_balancer_descriptions",
		NULL, answers, fault, err);
}

static void
load_balancers_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (balancer, answers) {
		const struct value *members = value_get(balancer, "instances");

		if (!value_is_list(members))
			continue;
		VALUE_EACH (member, members) {
			if (!is_same(member, "instance_id", instance, "instance_id"))
				continue;
			value_add(into, list_of(into, instance, "load_balancers"),
				value_get(balancer, "load_balancer_name"));
			group_add(into, instance, "lb", text(balancer, "load_balancer_name"));
		}
	}
}

/* ---- CloudFormation ---- */

static bool
stacks_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(
		scope, "cloudformation", "DescribeStacks", "stacks", NULL, answers, fault, err);
}

/* [{output_key, output_value}] as a map. */
static const struct value *
keyed(struct arena *into, const struct value *list, const char *key, const char *value)
{
	struct value *map = value_map(into);

	if (value_is_list(list))
		VALUE_EACH (item, list)
			if (value_get(item, key))
				value_set_key(into, map, value_get(item, key),
					value_get(item, value) ? value_get(item, value)
							       : &value_empty_string);
	return map;
}

const struct value *
stack_variables(struct arena *into, const struct value *stack)
{
	struct value *map = value_map(into);

	value_set(into, map, "name", value_text(into, text(stack, "stack_name")));
	value_set(into, map, "id", value_text(into, text(stack, "stack_id")));
	value_set(into, map, "status", value_text(into, text(stack, "stack_status")));
	value_set(into, map, "outputs",
		keyed(into, value_get(stack, "outputs"), "output_key", "output_value"));
	value_set(into, map, "parameters",
		keyed(into, value_get(stack, "parameters"), "parameter_key", "parameter_value"));
	return map;
}

static void
stacks_join(struct arena *into, const struct value *answers, struct value *instance)
{
	const struct value *tags = value_get(instance, "tags");

	VALUE_EACH (stack, answers) {
		if (!is_same(stack, "stack_name", tags, "aws:cloudformation:stack-name"))
			continue;
		value_set(into, instance, "stack", stack_variables(into, stack));
		group_add(into, instance, "stack", text(stack, "stack_name"));
	}
}

/* ---- ECS ---- */

static struct value *
parameter(struct arena *into, const char *name, const struct value *value)
{
	struct value *map = value_map(into);

	value_set(into, map, name, value);
	return map;
}

enum { CONTAINERS_AT_ONCE = 100, SSM_AT_ONCE = 40 };

/* The container instances of one cluster, a hundred at a time. */
static bool
cluster_ask(struct follow *follow)
{
	const struct describe_scope *scope = follow->scope;
	struct arena *into = scope->into;
	struct value *arns = value_list(into);

	if (!describe_list(scope, "ecs", "ListContainerInstances", "containerInstanceArns",
		    parameter(into, "cluster", follow->item), arns, follow->fault, follow->err))
		return false;
	for (uint32_t first = 0; first < arns->list.count; first += CONTAINERS_AT_ONCE) {
		struct value *parameters = parameter(into, "cluster", follow->item),
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

static bool
ecs_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	struct value *clusters = value_list(scope->into);

	return describe_list(
		       scope, "ecs", "ListClusters", "clusterArns", NULL, clusters, fault, err) &&
	       follow_all(scope, clusters, answers, cluster_ask, fault, err);
}

static void
ecs_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const names[][2] = { { "containerInstanceArn",
							"container_instance_arn" },
		{ "status", "status" }, { "agentConnected", "agent_connected" },
		{ "runningTasksCount", "running_tasks_count" },
		{ "pendingTasksCount", "pending_tasks_count" }, { "versionInfo", "version_info" } };

	VALUE_EACH (entry, answers) {
		const char *cluster = behind_slash(text(entry, "cluster"));

		VALUE_EACH (container, value_get(entry, "instances")) {
			struct value *map;

			if (!is_same(container, "ec2InstanceId", instance, "instance_id"))
				continue;
			map = value_map(into);
			value_set(into, map, "cluster", value_text(into, cluster));
			for (size_t i = 0; i < ARRAY_SIZE(names); i++)
				if (value_get(container, names[i][0]))
					value_set(into, map, names[i][1],
						value_get(container, names[i][0]));
			value_set(into, instance, "ecs", map);
			group_add(into, instance, "ecs", cluster);
		}
	}
}

/* ---- networks ---- */

static bool
security_groups_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	return describe_list(scope, "ec2", "DescribeSecurityGroups", "security_groups", NULL,
		answers, fault, err);
}

static void
security_groups_join(struct arena *into, const struct value *answers, struct value *instance)
{
	const struct value *own = value_get(instance, "security_groups");
	struct value *list = list_of(into, instance, "security_group_details");

	if (value_is_list(own))
		VALUE_EACH (group, own)
			VALUE_EACH (detail, answers)
				if (is_same(detail, "group_id", group, "group_id"))
					value_add(into, list, detail);
}

static bool
subnets_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(scope, "ec2", "DescribeSubnets", "subnets", NULL, answers, fault, err);
}

static void
subnets_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (subnet, answers)
		if (is_same(subnet, "subnet_id", instance, "subnet_id"))
			value_set(into, instance, "subnet", subnet);
}

static bool
route_tables_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(
		scope, "ec2", "DescribeRouteTables", "route_tables", NULL, answers, fault, err);
}

/* The table that is associated with the subnet, else the main one of the VPC. */
static void
route_tables_join(struct arena *into, const struct value *answers, struct value *instance)
{
	const struct value *main_one = NULL, *own = NULL;

	VALUE_EACH (table, answers) {
		const struct value *associations = value_get(table, "associations");

		if (!is_same(table, "vpc_id", instance, "vpc_id") || !value_is_list(associations))
			continue;
		VALUE_EACH (association, associations) {
			if (is_same(association, "subnet_id", instance, "subnet_id"))
				own = table;
			else if (value_is_true(value_get(association, "main")))
				main_one = table;
		}
	}
	if (own || main_one)
		value_set(into, instance, "route_table", own ? own : main_one);
}

static bool
network_acls_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(
		scope, "ec2", "DescribeNetworkAcls", "network_acls", NULL, answers, fault, err);
}

static void
network_acls_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (acl, answers) {
		const struct value *associations = value_get(acl, "associations");

		if (value_is_list(associations))
			VALUE_EACH (association, associations)
				if (is_same(association, "subnet_id", instance, "subnet_id"))
					value_set(into, instance, "network_acl", acl);
	}
}

/* ---- launch templates, status, images ---- */

static bool
launch_templates_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	return describe_list(scope, "ec2", "DescribeLaunchTemplates", "launch_templates", NULL,
		answers, fault, err);
}

/* AWS leaves its id and version in two tags of what it launched. */
static void
launch_templates_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const names[] = { "launch_template_id", "launch_template_name",
		"default_version_number", "latest_version_number", NULL };
	const struct value *tags = value_get(instance, "tags");

	VALUE_EACH (template, answers) {
		struct value *map;

		if (!is_same(template, "launch_template_id", tags, "aws:ec2launchtemplate:id"))
			continue;
		map = value_map(into);
		members_copy(into, map, template, names);
		value_set(into, map, "version",
			value_text(into, text(tags, "aws:ec2launchtemplate:version")));
		value_set(into, instance, "launch_template", map);
		group_add(into, instance, "lt", text(template, "launch_template_name"));
	}
}

static bool
status_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(scope, "ec2", "DescribeInstanceStatus", "instance_statuses",
		parameter(scope->into, "IncludeAllInstances", value_text(scope->into, "true")),
		answers, fault, err);
}

static void
status_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (status, answers) {
		struct value *map;
		const struct value *events = value_get(status, "events");

		if (!is_same(status, "instance_id", instance, "instance_id"))
			continue;
		map = value_map(into);
		value_set(into, map, "instance",
			value_text(into, text(value_get(status, "instance_status"), "status")));
		value_set(into, map, "system",
			value_text(into, text(value_get(status, "system_status"), "status")));
		value_set(into, map, "events", events ? events : &value_empty_list);
		value_set(into, instance, "status_checks", map);
	}
}

/* Each member of the instances once, as NAME.1, NAME.2 … */
static struct value *
numbered(const struct describe_scope *scope, const char *member, const char *name, size_t *count)
{
	struct value *parameters = value_map(scope->into);
	struct map seen;

	map_init(&seen);
	VALUE_EACH (instance, scope->instances) {
		const char *found = text(instance, member);

		if (!*found || map_has(&seen, found))
			continue;
		map_set(&seen, found, parameters);
		value_set(scope->into, parameters,
			arena_format(scope->into, "%s.%zu", name, seen.count),
			value_text(scope->into, found));
	}
	*count = seen.count;
	map_release(&seen);
	return parameters;
}

static bool
images_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	size_t count;
	struct value *parameters = numbered(scope, "image_id", "Filter.1.Value", &count);

	/* As a filter, and not by id: images that are gone are then no error. */
	value_set(scope->into, parameters, "Filter.1.Name", value_text(scope->into, "image-id"));
	return !count || describe_list(scope, "ec2", "DescribeImages", "images", parameters,
				 answers, fault, err);
}

static void
images_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const names[] = { "name", "description", "owner_id", "platform_details",
		"image_owner_alias", NULL };

	VALUE_EACH (image, answers) {
		struct value *map;

		if (!is_same(image, "image_id", instance, "image_id"))
			continue;
		map = value_map(into);
		members_copy(into, map, image, names);
		value_set(into, instance, "image", map);
	}
}

/* ---- SSM ---- */

static bool
ssm_batch_ask(struct follow *follow)
{
	const struct describe_scope *scope = follow->scope;
	struct arena *into = scope->into;
	struct value *filter = value_map(into), *filters = value_list(into);

	value_set(into, filter, "Key", value_text(into, "AWS:InstanceInformation.InstanceId"));
	value_set(into, filter, "Values", follow->item);
	value_set(into, filter, "Type", value_text(into, "Equal"));
	value_add(into, filters, filter);
	return describe_list(scope, "ssm", "GetInventory", "Entities",
		parameter(into, "Filters", filters), follow->answers, follow->fault, follow->err);
}

static bool
ssm_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	struct value *batches = value_list(scope->into), *batch = NULL;

	VALUE_EACH (instance, scope->instances) {
		if (!batch || batch->list.count == SSM_AT_ONCE) {
			batch = value_list(scope->into);
			value_add(scope->into, batches, batch);
		}
		value_add(scope->into, batch, value_get(instance, "instance_id"));
	}
	return follow_all(scope, batches, answers, ssm_batch_ask, fault, err);
}

/* AgentVersion → agent_version, IpAddress → ip_address. */
static const char *
snake(struct arena *into, const char *name)
{
	_cleanup_str_ struct str out;

	str_init(&out);
	for (const char *c = name; *c; c++) {
		bool is_upper = *c >= 'A' && *c <= 'Z';

		if (is_upper && c != name && !(c[-1] >= 'A' && c[-1] <= 'Z'))
			str_add_char(&out, '_');
		str_add_char(&out, is_upper ? (char)(*c - 'A' + 'a') : *c);
	}
	return arena_view(into, str_view(&out));
}

static void
ssm_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (entity, answers) {
		const struct value *content = value_get(
			value_get(value_get(entity, "Data"), "AWS:InstanceInformation"), "Content");
		struct value *map;

		if (!is_same(entity, "Id", instance, "instance_id") || !value_is_list(content) ||
			!content->list.count || !value_is_map(content->list.items[0]))
			continue;
		map = value_map(into);
		VALUE_PAIRS (pair, content->list.items[0])
			value_set(into, map, snake(into, value_to_text(into, pair->key)),
				pair->value);
		value_set(into, instance, "ssm_inventory", map);
	}
}

/* ---- the table ---- */

const struct describe describe_table[] = {
	{ "autoscaling",
		"auto_scaling.*, groups asg_NAME: Auto Scaling groups with lifecycle and health",
		false, autoscaling_ask, autoscaling_join },
	{ "ecs", "ecs.*, groups ecs_CLUSTER: clusters and container instances", false, ecs_ask,
		ecs_join },
	{ "images", "image.*: name, owner and description of the image", true, images_ask,
		images_join },
	{ "launch_templates", "launch_template.*, groups lt_NAME", false, launch_templates_ask,
		launch_templates_join },
	{ "load_balancers", "load_balancers, groups lb_NAME: classic load balancers", false,
		load_balancers_ask, load_balancers_join },
	{ "network_acls", "network_acl.*: of the subnet", false, network_acls_ask,
		network_acls_join },
	{ "route_tables", "route_table.*: of the subnet, or the main one of the VPC", false,
		route_tables_ask, route_tables_join },
	{ "security_groups", "security_group_details: the groups with their rules", false,
		security_groups_ask, security_groups_join },
	{ "ssm", "ssm_inventory.*: what the SSM agent tells of itself", true, ssm_ask, ssm_join },
	{ "stacks", "stack.name, .status, .outputs, .parameters, groups stack_NAME: CloudFormation",
		false, stacks_ask, stacks_join },
	{ "status", "status_checks.instance, .system, .events", false, status_ask, status_join },
	{ "subnets", "subnet.*", false, subnets_ask, subnets_join },
	{ "target_groups", "target_groups, groups tg_NAME and lb_NAME: targets with their health",
		false, target_groups_ask, target_groups_join },
	{ NULL, NULL, false, NULL, NULL },
};

const struct describe *
describe_find(const char *name)
{
	for (const struct describe *row = describe_table; name && row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}
