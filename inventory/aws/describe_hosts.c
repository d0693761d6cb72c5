/* What an instance is: its launch template, status, image, names in Route 53, and what SSM says of
 * it. */
#include "inventory/aws/describe_internal.h"

#include "base/base64.h"

enum { SSM_AT_ONCE = 40, MOST_PAGES = 10000, CONSOLES_AT_ONCE = 16 };

/* ---- launch templates, status, images ---- */

bool
launch_templates_ask(const struct describe_scope *scope, struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	return describe_list(scope, "ec2", "DescribeLaunchTemplates", "launch_templates", NULL,
		answers, fault, err);
}

/* AWS leaves its id and version in two tags of what it launched. */
void
launch_templates_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const names[] = { "launch_template_id", "launch_template_name",
		"default_version_number", "latest_version_number", NULL };
	const struct value *tags = value_get(instance, "tags");

	VALUE_EACH (template, answers) {
		struct value *map;

		if (!answer_matches(
			    template, "launch_template_id", tags, "aws:ec2launchtemplate:id"))
			continue;
		map = value_map(into);
		answer_members(into, map, template, names);
		value_set(into, map, "version",
			value_text(into, answer_text(tags, "aws:ec2launchtemplate:version")));
		value_set(into, instance, "launch_template", map);
		instance_group(into, instance, "lt", answer_text(template, "launch_template_name"));
	}
}

bool
status_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	return describe_list(scope, "ec2", "DescribeInstanceStatus", "instance_statuses",
		parameter_one(scope->into, "IncludeAllInstances", value_text(scope->into, "true")),
		answers, fault, err);
}

void
status_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (status, answers) {
		struct value *map;
		const struct value *events = value_get(status, "events");

		if (!answer_matches(status, "instance_id", instance, "instance_id"))
			continue;
		map = value_map(into);
		value_set(into, map, "instance",
			value_text(
				into, answer_text(value_get(status, "instance_status"), "status")));
		value_set(into, map, "system",
			value_text(
				into, answer_text(value_get(status, "system_status"), "status")));
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
		const char *found = answer_text(instance, member);

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

bool
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

void
images_join(struct arena *into, const struct value *answers, struct value *instance)
{
	static const char *const names[] = { "name", "description", "owner_id", "platform_details",
		"image_owner_alias", NULL };

	VALUE_EACH (image, answers) {
		struct value *map;

		if (!answer_matches(image, "image_id", instance, "image_id"))
			continue;
		map = value_map(into);
		answer_members(into, map, image, names);
		value_set(into, instance, "image", map);
	}
}

/* ---- Route 53 ---- */

/* Pages of Route 53 go on with up to three members of the last answer. */
static bool
route53_pages(const struct describe_scope *scope, const char *action, const char *path,
	const char *key, const char *const (*next)[2], struct value *answers,
	struct aws_fault *fault, struct error *err)
{
	struct arena *into = scope->into;
	struct value *query = value_map(into);
	const struct value *answer, *more;

	for (int pages = 0; pages < MOST_PAGES; pages++) {
		const struct aws_call call = { .service = "route53",
			.action = action,
			.region = scope->region,
			.login = scope->login,
			.parameters = query,
			.path = path,
			.endpoint = scope->endpoint };

		if (!aws_call(scope->aws, &call, into, &answer, fault, err))
			return false;
		if (value_is_list(value_get(answer, key)))
			VALUE_EACH (item, value_get(answer, key))
				value_add(into, answers, item);
		more = value_get(answer, "is_truncated");
		if (!value_is_true(more))
			return true;
		query = value_map(into);
		for (const char *const(*pair)[2] = next; (*pair)[0]; pair++)
			if (value_get(answer, (*pair)[1]))
				value_set(into, query, (*pair)[0], value_get(answer, (*pair)[1]));
	}
	return fail(err, ERR_LIMIT, "route53 %s has more than %d pages", action, MOST_PAGES);
}

static bool
zone_ask(struct follow *follow)
{
	static const char *const next[][2] = { { "name", "next_record_name" },
		{ "type", "next_record_type" }, { "identifier", "next_record_identifier" },
		{ NULL, NULL } };
	const struct describe_scope *scope = follow->scope;
	const char *id = arn_name(answer_text(follow->item, "id"));

	return route53_pages(scope, "ListResourceRecordSets",
		arena_format(scope->into, "/2013-04-01/hostedzone/%s/rrset", id),
		"resource_record_sets", next, follow->answers, follow->fault, follow->err);
}

bool
route53_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	static const char *const next[][2] = { { "marker", "next_marker" }, { NULL, NULL } };
	struct value *zones = value_list(scope->into);

	return route53_pages(scope, "ListHostedZones", "/2013-04-01/hostedzone", "hosted_zones",
		       next, zones, fault, err) &&
	       follow_all(scope, zones, answers, zone_ask, fault, err);
}

static bool
leads_to(const struct value *record, const struct value *instance)
{
	static const char *const addresses[] = { "public_ip_address", "private_ip_address",
		"public_dns_name", "private_dns_name" };
	struct view value = value_string_view(value_get(record, "value"));

	if (view_ends(value, "."))
		value.length--;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		if (value.length && view_is(value, answer_text(instance, addresses[i])))
			return true;
	return false;
}

/* Names without the dot at the end; a wildcard is written as \052 there. */
void
route53_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (set, answers) {
		const struct value *records = value_get(set, "resource_records");
		struct view name = value_string_view(value_get(set, "name"));

		if (view_ends(name, "."))
			name.length--;
		if (value_is_list(records))
			VALUE_EACH (record, records)
				if (leads_to(record, instance))
					value_add(into,
						instance_list(into, instance, "route53_names"),
						value_view(into, name));
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
		parameter_one(into, "Filters", filters), follow->answers, follow->fault,
		follow->err);
}

bool
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

void
ssm_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (entity, answers) {
		const struct value *content = value_get(
			value_get(value_get(entity, "Data"), "AWS:InstanceInformation"), "Content");
		struct value *map;

		if (!answer_matches(entity, "Id", instance, "instance_id") ||
			!value_is_list(content) || !content->list.count ||
			!value_is_map(content->list.items[0]))
			continue;
		map = value_map(into);
		VALUE_PAIRS (pair, content->list.items[0])
			value_set(into, map, snake(into, value_to_text(into, pair->key)),
				pair->value);
		value_set(into, instance, "ssm_inventory", map);
	}
}

/* ---- console output ---- */

/* *out is empty where there is none: not yet, not any more, or not of this kind of instance. */
static bool
console_get(struct follow *follow, const struct value *instance, bool is_latest, struct str *out)
{
	const struct describe_scope *scope = follow->scope;
	struct arena *into = scope->into;
	struct value *parameters =
		parameter_one(into, "InstanceId", value_get(instance, "instance_id"));
	const struct aws_call call = { .service = "ec2",
		.action = "GetConsoleOutput",
		.region = scope->region,
		.login = scope->login,
		.parameters = parameters,
		.endpoint = scope->endpoint };
	struct arena scratch; /* of the answer: as it comes it is 64 KiB and more */
	const struct value *answer;
	bool ok;

	if (is_latest)
		value_set(into, parameters, "Latest", value_text(into, "true"));
	arena_init(&scratch);
	ok = aws_call(scope->aws, &call, &scratch, &answer, follow->fault, follow->err);
	if (ok)
		base64_add_decoded(out, value_string_view(value_get(answer, "output")));
	else /* gone since it was listed, or too old a machine for `Latest` */
		ok = follow->fault->status == 400 &&
		     (text_starts(follow->fault->code, "InvalidInstanceID") ||
			     text_equals(follow->fault->code, "UnsupportedOperation"));
	arena_release(&scratch);
	return ok;
}

/* What was posted when the machine started, else what it says now, which not all kinds tell. */
static bool
console_ask_one(struct follow *follow, const struct value *instance)
{
	const struct describe_scope *scope = follow->scope;
	struct arena *into = scope->into;
	struct view kept = { 0 };

	for (int is_latest = 0; is_latest <= 1 && !kept.length; is_latest++) {
		_cleanup_str_ struct str text = STR_INIT;

		if (!console_get(follow, instance, is_latest, &text))
			return false;
		kept = scope->console->keep(str_view(&text));
		if (kept.length)
			value_set_key(into, follow->answers, value_get(instance, "instance_id"),
				value_view(into, kept));
	}
	return true;
}

static bool
console_ask_some(struct follow *follow)
{
	VALUE_EACH (instance, follow->item)
		if (!console_ask_one(follow, instance))
			return false;
	return true;
}

/* One call per instance, and AWS allows few of them in a second: some at a time. */
static bool
console_ask(const struct describe_scope *scope, struct value *answers, struct aws_fault *fault,
	struct error *err)
{
	struct value *rows[CONSOLES_AT_ONCE], *all = value_list(scope->into);
	struct value *kept = value_map(scope->into); /* by the instance's id */
	size_t count = 0;

	VALUE_EACH (instance, scope->instances) {
		if (!scope->console->is_wanted(scope->console->context, instance))
			continue;
		if (count < CONSOLES_AT_ONCE) {
			rows[count] = value_list(scope->into);
			value_add(scope->into, all, rows[count]);
		}
		value_add(scope->into, rows[count++ % CONSOLES_AT_ONCE], instance);
	}
	value_add(scope->into, answers, kept);
	return follow_all(scope, all, kept, console_ask_some, fault, err);
}

static void
console_join(struct arena *into, const struct value *answers, struct value *instance)
{
	VALUE_EACH (all, answers) {
		const struct value *kept = value_get_key(all, value_get(instance, "instance_id"));

		if (kept)
			value_set(into, instance, FLEET_CONSOLE, kept);
	}
}

const struct describe describe_of_console = { "console", "host keys that cloud-init prints", true,
	false, console_ask, console_join };
