/*
 * The descriptions: what they share, and the table.
 */
#include "inventory/aws/describe_internal.h"

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

const char *
answer_text(const struct value *map, const char *key)
{
	const char *found = value_string(value_get(map, key));

	return found ? found : "";
}

bool
answer_matches(const struct value *a, const char *key, const struct value *b, const char *other)
{
	const char *left = answer_text(a, key);

	return *left && !strcmp(left, answer_text(b, other));
}

/* Copies members, under the same names. */
void
answer_members(
	struct arena *into, struct value *out, const struct value *from, const char *const *names)
{
	for (; *names; names++)
		if (value_get(from, *names))
			value_set(into, out, *names, value_get(from, *names));
}

struct value *
instance_list(struct arena *into, struct value *instance, const char *key)
{
	const struct value *old = value_get(instance, key);
	struct value *list = value_is_list(old) ? value_list_copy(into, old) : value_list(into);

	value_set(into, instance, key, list);
	return list;
}

void
instance_group(struct arena *into, struct value *instance, const char *prefix, const char *name)
{
	value_add(into, instance_list(into, instance, FLEET_GROUPS),
		value_format(into, "%s_%s", prefix, name));
}

const char *
arn_name(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return slash ? slash + 1 : arn;
}

struct value *
parameter_one(struct arena *into, const char *name, const struct value *value)
{
	struct value *map = value_map(into);

	value_set(into, map, name, value);
	return map;
}

/* ---- many calls at once ---- */

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

bool
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

/* ---- the table ---- */

const struct describe describe_table[] = {
	{ "autoscaling",
		"auto_scaling.*, groups asg_NAME: Auto Scaling groups with lifecycle and health",
		false, false, autoscaling_ask, autoscaling_join, "instances", "instance_id" },
	{ "ecs", "ecs.*, groups ecs_CLUSTER: clusters and container instances", false, false,
		ecs_ask, ecs_join, "instances", "ec2InstanceId" },
	{ "images", "image.*: name, owner and description of the image", true, false, images_ask,
		images_join },
	{ "launch_templates", "launch_template.*, groups lt_NAME", false, false,
		launch_templates_ask, launch_templates_join },
	{ "load_balancers", "load_balancers, groups lb_NAME: classic load balancers", false, false,
		load_balancers_ask, load_balancers_join, "instances", "instance_id" },
	{ "network_acls", "network_acl.*: of the subnet", false, false, network_acls_ask,
		network_acls_join },
	{ "route53", "route53_names: names of Route 53 that lead to it", false, true, route53_ask,
		route53_join, "resource_records", "value" },
	{ "route_tables", "route_table.*: of the subnet, or the main one of the VPC", false, false,
		route_tables_ask, route_tables_join },
	{ "security_groups", "security_group_details: the groups with their rules", false, false,
		security_groups_ask, security_groups_join },
	{ "ssm", "ssm_inventory.*: what the SSM agent tells of itself", true, false, ssm_ask,
		ssm_join, NULL, "Id" },
	{ "stacks", "stack.name, .status, .outputs, .parameters, groups stack_NAME: CloudFormation",
		false, false, stacks_ask, stacks_join },
	{ "status", "status_checks.instance, .system, .events", false, false, status_ask,
		status_join, NULL, "instance_id" },
	{ "subnets", "subnet.*", false, false, subnets_ask, subnets_join },
	{ "target_groups", "target_groups, groups tg_NAME and lb_NAME: targets with their health",
		false, false, target_groups_ask, target_groups_join, "targets", "target.id" },
	{ NULL, NULL, false, false, NULL, NULL },
};

const struct describe *
describe_find(const char *name)
{
	for (const struct describe *row = describe_table; name && row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}
