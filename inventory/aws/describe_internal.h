#ifndef INVENTORY_AWS_DESCRIBE_INTERNAL_H
#define INVENTORY_AWS_DESCRIBE_INTERNAL_H
/* Shared by the files that describe: what stands in answers, and how it is added to an instance. */
#include "base/map.h"
#include "inventory/aws/describe.h"

typedef bool describe_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err);
typedef void describe_join(struct arena *into, const struct value *answers, struct value *instance);

/* Empty where there is none. */
const char *answer_text(const struct value *map, const char *key);
/* Both are there, and the same. */
bool answer_matches(
	const struct value *a, const char *key, const struct value *b, const char *other);
/* Copies members, under the same names. */
void answer_members(
	struct arena *into, struct value *out, const struct value *from, const char *const *names);
/* The list of this name, to add to. */
struct value *instance_list(struct arena *into, struct value *instance, const char *key);
void instance_group(
	struct arena *into, struct value *instance, const char *prefix, const char *name);
/* What stands behind the last slash. */
const char *arn_name(const char *arn);
/* A map of one. */
struct value *parameter_one(struct arena *into, const char *name, const struct value *value);

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

bool follow_all(const struct describe_scope *scope, const struct value *items,
	struct value *answers, bool (*ask)(struct follow *follow), struct aws_fault *fault,
	struct error *err) MUST_CHECK;

/* describe_fleets.c */
extern describe_ask autoscaling_ask, ecs_ask, load_balancers_ask, stacks_ask, target_groups_ask;
extern describe_join autoscaling_join, ecs_join, load_balancers_join, stacks_join,
	target_groups_join;
/* describe_networks.c */
extern describe_ask network_acls_ask, route_tables_ask, security_groups_ask, subnets_ask;
extern describe_join network_acls_join, route_tables_join, security_groups_join, subnets_join;
/* describe_hosts.c */
extern describe_ask images_ask, launch_templates_ask, route53_ask, ssm_ask, status_ask;
extern describe_join images_join, launch_templates_join, route53_join, ssm_join, status_join;

#endif
