/*
 * aws_ec2: the instances of AWS, from a file with the options of amazon.aws.aws_ec2 and some of our
 * own (docs/INVENTORY.md). What is known of an instance are its host's variables; they are data,
 * whatever they contain.
 */
#include <ctype.h>

#include "inventory/aws/describe.h"
#include "inventory/aws/fleet.h"
#include "inventory/sources/cloud_cache.h"
#include "inventory/sources/cloud_config.h"
#include "inventory/sources/constructed.h"
#include "inventory/sources/ec2_names.h"
#include "inventory/sources/reached.h"

/* ---- options ---- */

enum { MOST_TOLD = 5 };

/* Credentials and places may be templates with lookups; nothing else is. */
const struct cloud_option aws_ec2_options[] = {
	CLOUD_PLUGIN_OPTION,
	{ "access_key", true, { "aws_access_key", "aws_access_key_id", "ec2_access_key" },
		"An access key, in place of the usual chain." },
	{ "account", true, { NULL },
		"The account that the credentials must be of; any other is refused." },
	{ "accounts", true, { NULL },
		"Several accounts: ARNs of roles, profiles, or maps (name, role_arn, profile, "
		"external_id, session_name, mfa_serial, regions, account)." },
	{ "assume_role_arn", true, { "iam_role_arn" }, "A role to assume." },
	{ "describe", false, { NULL },
		"What else to ask for: autoscaling, ecs, images, launch_templates, load_balancers, "
		"network_acls, route53, route_tables, security_groups, ssm, stacks, status, "
		"subnets, target_groups." },
	{ "endpoint_url", true, { "aws_endpoint_url", "endpoint", "ec2_url" },
		"Where to ask, in place of AWS." },
	{ "external_id", true, { NULL }, "The ExternalId that the role asks for." },
	{ "in_service_only", false, { NULL },
		"Leave out instances of Auto Scaling groups that are not InService." },
	{ "include_extra_api_calls", false, { NULL },
		"Does nothing: deprecated; describe has status." },
	{ "mfa_serial", true, { NULL }, "The device whose code the role asks for." },
	{ "profile", true, { "aws_profile", "boto_profile" },
		"A profile of the AWS configuration." },
	{ "region", true, { NULL }, "The region of the login, and of what is global." },
	{ "regions", true, { NULL },
		"Which regions to ask, side by side; empty: all that the account has enabled." },
	{ "role_session_name", true, { NULL }, "How the session of the role is called." },
	{ "route53_enabled", false, { NULL }, "Ask for names of Route 53 (route53_names)." },
	{ "route53_excluded_zones", false, { NULL }, "Endings of names that do not count." },
	{ "route53_hostnames", false, { NULL }, "Endings of names that become host names." },
	{ "secret_key", true, { "aws_secret_key", "aws_secret_access_key", "ec2_secret_key" },
		"The secret of the access key." },
	{ "session_token", true, { "aws_security_token", "security_token", "aws_session_token" },
		"The token of a session." },
	{ "strict_permissions", false, { NULL },
		"false: a region that refuses (403) counts as empty." },
	{ "use_contrib_script_compatible_ec2_tag_keys", false, { NULL },
		"Tags as ec2_tag_NAME as well." },
	{ "use_contrib_script_compatible_sanitization", false, { NULL },
		"Dashes stay in names of groups." },
	{ "use_ssm_inventory", false, { NULL }, "What the SSM agent tells (ssm_inventory)." },
	CLOUD_NAME_OPTIONS,
	CLOUD_FILTER_OPTIONS,
	CLOUD_CONSTRUCTED_OPTIONS,
	CLOUD_CACHE_OPTIONS,
	CLOUD_REACH_OPTIONS,
	CLOUD_OPTIONS_END,
};

struct reading {
	const struct source *source;
	struct inventory *inventory;
	struct arena *arena;
	const struct value *config; /* templates evaluated where they may stand */
	struct aws *aws;
	const char *const *regions; /* to ask; empty: all */
	struct error *err;
	size_t instances; /* for the progress */
	int regions_done;
	const char *const *route53_endings, *const *route53_excluded;
	struct reached *reached; /* NULL: the file does not say how hosts are reached */
	bool keeps_dashes;	 /* use_contrib_script_compatible_sanitization */
};

static const struct value *
option(const struct reading *reading, const char *name)
{
	const struct value *value = value_get(reading->config, name);

	return value_is_none(value) ? NULL : value;
}

static const char *
option_text(const struct reading *reading, const char *name)
{
	return cloud_text(reading->arena, reading->config, name);
}

static bool
option_flag(const struct reading *reading, const char *name, bool fallback)
{
	return cloud_flag(reading->config, name, fallback);
}

static bool
option_wrong(const struct reading *reading, const char *name, const char *wanted)
{
	const struct value *value = option(reading, name);

	fail(reading->err, ERR_OPTIONS, "the option '%s' of aws_ec2 must be %s, not %s", name,
		wanted, value_type_name(value));
	return error_at(reading->err, value);
}

/* A list, or a text alone; NULL-terminated. */
static bool
texts_read(const struct reading *reading, const struct value *value, const char *name,
	const char *const **out)
{
	const char **list;
	size_t count = 0;

	list = arena_array(
		reading->arena, value_is_list(value) ? value_length(value) + 1 : 2, const char *);
	*out = list;
	if (value_is_string(value) && value_length(value))
		list[count] = value_string(value);
	if (!value || value_is_string(value))
		return true;
	if (!value_is_list(value))
		return option_wrong(reading, name, "a list");
	VALUE_EACH (item, value) {
		if (!value_is_string(item))
			return option_wrong(reading, name, "a list of texts");
		list[count++] = value_string(item);
	}
	return true;
}

/* ---- who asks ---- */

static const char *
environment(const char *const *names)
{
	for (; *names; names++)
		if (getenv(*names) && *getenv(*names))
			return getenv(*names);
	return NULL;
}

static struct aws_login_options
login_options(const struct reading *reading)
{
	static const char *const keys[] = { "EC2_ACCESS_KEY", "AWS_ACCESS_KEY", NULL };
	static const char *const secrets[] = { "EC2_SECRET_KEY", "AWS_SECRET_KEY", NULL };
	static const char *const tokens[] = { "EC2_SECURITY_TOKEN", NULL };
	struct aws_login_options out = { .profile = option_text(reading, "profile"),
		.access_key = option_text(reading, "access_key"),
		.secret_key = option_text(reading, "secret_key"),
		.session_token = option_text(reading, "session_token"),
		.region = option_text(reading, "region"),
		.role_arn = option_text(reading, "assume_role_arn"),
		.external_id = option_text(reading, "external_id"),
		.session_name = option_text(reading, "role_session_name"),
		.mfa_serial = option_text(reading, "mfa_serial") };

	/* Names that only Ansible reads. */
	if (!out.profile && !out.access_key && environment(keys) && environment(secrets)) {
		out.access_key = environment(keys);
		out.secret_key = environment(secrets);
		out.session_token = environment(tokens);
	}
	return out;
}

/* An item of `accounts`: a role's ARN, the name of a profile, or a map. */
static bool
account_read(struct reading *reading, const struct value *item, struct fleet_account *out)
{
	struct aws_login_options given = login_options(reading), own = { 0 };
	struct aws_login *base;
	const struct value *regions = value_get(item, "regions");
	const char *text = value_string(item);

	out->is_named = true;
	out->name = text ? text : value_string(value_get(item, "name"));
	out->expected = value_get(item, "account")
				? value_to_text(reading->arena, value_get(item, "account"))
				: NULL;
	if (!value_is_map(item) && !text) {
		fail(reading->err, ERR_OPTIONS,
			"an item of 'accounts' is a role's ARN, a profile, or a map of options");
		return error_at(reading->err, item);
	}
	own.role_arn = text && text_starts(text, "arn:")
			       ? text
			       : value_string(value_get(item, "role_arn"));
	own.profile = text && !own.role_arn ? text : value_string(value_get(item, "profile"));
	own.external_id = value_string(value_get(item, "external_id"));
	own.session_name = value_string(value_get(item, "session_name"));
	own.mfa_serial = value_string(value_get(item, "mfa_serial"));
	own.region = given.region;
	if (own.role_arn && !own.profile) { /* on top of the file's own credentials */
		if (!aws_login_new(reading->aws, &given, &base, reading->err))
			return false;
		own.source = base;
	}
	if (!own.role_arn && !own.profile) {
		fail(reading->err, ERR_OPTIONS,
			"an item of 'accounts' needs a role_arn or a profile");
		return error_at(reading->err, item);
	}
	return (!regions || texts_read(reading, regions, "regions", &out->regions)) &&
	       aws_login_new(reading->aws, &own, &out->login, reading->err);
}

static bool
accounts_read(struct reading *reading, struct fleet_query *query)
{
	const struct value *list = option(reading, "accounts");
	const struct aws_login_options given = login_options(reading);
	size_t count = list ? value_length(list) : 1;
	struct fleet_account *accounts =
		arena_array(reading->arena, count + 1, struct fleet_account);

	if (list && !value_is_list(list))
		return option_wrong(reading, "accounts", "a list");
	query->accounts = accounts;
	query->account_count = count;
	for (size_t i = 0; i < count; i++)
		accounts[i].regions = reading->regions;
	if (!list) {
		accounts[0].expected = option_text(reading, "account");
		return aws_login_new(reading->aws, &given, &accounts[0].login, reading->err);
	}
	for (size_t i = 0; i < count; i++)
		if (!account_read(reading, list->list.items[i], &accounts[i])) {
			if (!reading->err->where[0])
				error_at(reading->err, list->list.items[i]);
			return false;
		}
	return true;
}

/* ---- what is asked ---- */

/* --region chooses among the regions that the file names, and never goes beyond them. */
static bool
regions_read(struct reading *reading)
{
	const char *const *wanted = reading->inventory->regions;

	if (!texts_read(reading, option(reading, "regions"), "regions", &reading->regions))
		return false;
	if (!wanted)
		return true;
	for (const char *const *one = wanted; *one && *reading->regions; one++) {
		const char *const *named = reading->regions;

		while (*named && strcmp(*named, *one) != 0)
			named++;
		if (*named)
			continue;
		*reading->source->is_asking =
			true; /* a run elsewhere than meant must not be a warning */
		fail(reading->err, ERR_OPTIONS, "'%s' is not a region of this inventory", *one);
		error_at(reading->err, option(reading, "regions"));
		return error_hint(
			reading->err, "take the file that is for %s, or add it to `regions`", *one);
	}
	reading->regions = wanted;
	return true;
}

static bool
filters_read(struct reading *reading, struct fleet_query *query)
{
	static const char *const lists[] = { "include_filters", "exclude_filters" };
	struct value *include = value_list(reading->arena);
	const struct value *filters = option(reading, "filters");

	if (filters && !value_is_map(filters))
		return option_wrong(reading, "filters", "a map");
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct value *list = option(reading, lists[i]);

		if (list && !value_is_list(list))
			return option_wrong(reading, lists[i], "a list of maps");
		if (list)
			VALUE_EACH (item, list)
				if (!value_is_map(item))
					return option_wrong(reading, lists[i], "a list of maps");
	}
	if (filters && filters->map.count)
		value_add(reading->arena, include, filters);
	if (option(reading, "include_filters"))
		VALUE_EACH (item, option(reading, "include_filters"))
			value_add(reading->arena, include, item);
	query->include = include;
	query->exclude = option(reading, "exclude_filters") ? option(reading, "exclude_filters")
							    : &value_empty_list;
	return true;
}

static bool
describe_read(struct reading *reading, struct fleet_query *query)
{
	const char *const *names;
	struct value *list = value_list(reading->arena);
	const char *known[32] = { NULL }, *nearest;

	for (size_t i = 0; describe_table[i].name && i + 1 < ARRAY_SIZE(known); i++)
		known[i] = describe_table[i].name;
	if (!texts_read(reading, option(reading, "describe"), "describe", &names))
		return false;
	for (; *names; names++) {
		if (!describe_find(*names)) {
			nearest = text_nearest(*names, known);
			fail(reading->err, ERR_OPTIONS, "'%s' is nothing that aws_ec2 can describe",
				*names);
			error_at(reading->err, option(reading, "describe"));
			return nearest ? error_hint(reading->err, "did you mean '%s'?", nearest)
				       : error_hint(reading->err,
						 "docs/INVENTORY.md lists what there is");
		}
		value_add(reading->arena, list, value_text(reading->arena, *names));
	}
	if (option_flag(reading, "use_ssm_inventory", false))
		value_add(reading->arena, list, value_text(reading->arena, "ssm"));
	if (option_flag(reading, "route53_enabled", false))
		value_add(reading->arena, list, value_text(reading->arena, "route53"));
	if (option_flag(reading, "in_service_only", false))
		value_add(reading->arena, list, value_text(reading->arena, "autoscaling"));
	query->describe = list;
	query->wishes = reached_describe(reading->reached, reading->arena, list);
	return true;
}

/* Everything that decides about the answer. Of secrets there is no trace: an access key stands for
 * its secret. */
static const struct value *
cache_key(struct reading *reading)
{
	static const char *const names[] = { "access_key", "account", "accounts", "assume_role_arn",
		"describe", "endpoint_url", "exclude_filters", "external_id", "filters",
		"in_service_only", "include_filters", "profile", "region", "regions",
		"route53_enabled", "strict_permissions", "use_ssm_inventory" };
	static const char *const variables[] = { "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE",
		"AWS_DEFAULT_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
		"AWS_ENDPOINT_URL_EC2", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_PROFILE",
		"AWS_REGION", "AWS_ROLE_ARN", "AWS_SHARED_CREDENTIALS_FILE", "EC2_ACCESS_KEY",
		"AWS_ACCESS_KEY", "HOME" };
	struct value *key = value_map(reading->arena), *regions = value_list(reading->arena);

	for (const char *const *region = reading->regions; *region; region++)
		value_add(reading->arena, regions, value_text(reading->arena, *region));
	value_set(reading->arena, key, "asked", regions);
	value_set(reading->arena, key, "wishes",
		reached_describe(reading->reached, reading->arena, &value_empty_list));
	if (reached_console(reading->reached, &(struct describe_console){ 0 }))
		value_set(reading->arena, key, "console", &value_true);
	if (reading->inventory->stack)
		value_set(reading->arena, key, "stack",
			value_text(reading->arena, reading->inventory->stack));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (option(reading, names[i]))
			value_set(reading->arena, key, names[i], option(reading, names[i]));
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		if (getenv(variables[i]))
			value_set(reading->arena, key, variables[i],
				value_text(reading->arena, getenv(variables[i])));
	return key;
}

static void
progress_tell(
	void *context, const char *account, const char *region, size_t instances, bool is_done)
{
	struct reading *reading = context;
	char text[256];

	reading->instances += instances;
	reading->regions_done += is_done;
	snprintf(text, sizeof(text), "aws_ec2: %zu instances, %d regions done, the last %s%s%s",
		reading->instances, reading->regions_done, account ? account : "",
		account ? " " : "", region);
	reading->inventory->progress(reading->inventory->warn_context, text);
}

static void
news_tell(void *context, const char *line)
{
	struct reading *reading = context;

	reading->inventory->news(reading->inventory->warn_context, line);
}

static bool
ask(struct reading *reading, const struct value **out)
{
	struct inventory *inventory = reading->inventory;
	const struct aws_world world = { .secret = inventory->secret,
		.ask = inventory->ask,
		.context = inventory->warn_context };
	struct fleet_query query = { .endpoint = option_text(reading, "endpoint_url"),
		.skips_denied = !option_flag(reading, "strict_permissions", true),
		.progress = inventory->progress ? progress_tell : NULL,
		.news = inventory->news ? news_tell : NULL,
		.stack = inventory->stack,
		.wait_s = inventory->wait_s,
		.context = reading };
	struct describe_console console;
	bool ok;

	if (reached_console(reading->reached, &console))
		query.console = &console;
	reading->aws = aws_new(&world);
	ok = filters_read(reading, &query) && describe_read(reading, &query) &&
	     accounts_read(reading, &query) &&
	     fleet_ask(reading->aws, &query, reading->arena, out, reading->err);
	if (inventory->progress)
		inventory->progress(inventory->warn_context, NULL);
	aws_free(reading->aws);
	return ok;
}

/* ---- hosts ---- */

static const char *
sanitize_like_script(struct arena *into, const char *name)
{
	char *out = arena_text(into, name), *end = out;

	for (const char *c = out; *c; c++)
		if (isalnum((unsigned char)*c) || *c == '_' || *c == '-')
			*end++ = *c;
		else if ((*c & 0xc0) != 0x80) /* one for a character of several bytes */
			*end++ = '_';
	*end = '\0';
	return out;
}

/* The variables as the options want them named. */
static const struct value *
variables_of(struct reading *reading, const struct value *instance)
{
	const char *prefix = option_text(reading, "hostvars_prefix"),
		   *suffix = option_text(reading, "hostvars_suffix");
	bool has_tag_keys =
		option_flag(reading, "use_contrib_script_compatible_ec2_tag_keys", false);
	struct value *vars, *named;

	if (!prefix && !suffix && !has_tag_keys && !value_get(instance, FLEET_GROUPS) &&
		!value_get(instance, FLEET_CONSOLE))
		return instance;
	vars = value_map(reading->arena);
	VALUE_PAIRS (pair, instance)
		if (!view_is(value_string_view(pair->key), FLEET_GROUPS) &&
			!view_is(value_string_view(pair->key), FLEET_CONSOLE))
			value_set_key(reading->arena, vars, pair->key, pair->value);
	if (has_tag_keys)
		VALUE_PAIRS (pair, value_get(instance, "tags"))
			value_set(reading->arena, vars,
				arena_format(reading->arena, "ec2_tag_%s", value_string(pair->key)),
				pair->value);
	if (!prefix && !suffix)
		return vars;
	named = value_map(reading->arena);
	VALUE_PAIRS (pair, vars)
		value_set(reading->arena, named,
			arena_format(reading->arena, "%s%s%s", prefix ? prefix : "",
				value_string(pair->key), suffix ? suffix : ""),
			pair->value);
	return named;
}

/* Names that several instances have: the last one of each is the host, as in Ansible; here it is
 * said. */
struct owners {
	struct map ids; /* name -> instance id */
	struct str told;
	size_t hidden;
};

static void
owner_set(struct owners *owners, const char *name, const char *id)
{
	const char *other = map_get(&owners->ids, name);

	map_set(&owners->ids, name, (void *)(uintptr_t)id);
	if (!other || !strcmp(other, id))
		return;
	if (owners->hidden++ < MOST_TOLD)
		str_add_format(&owners->told, "%s%s (%s, by %s)", owners->hidden > 1 ? ", " : "",
			name, other, id);
	else if (owners->hidden == MOST_TOLD + 1)
		str_add(&owners->told, " …");
}

static void
owners_tell(struct reading *reading, const struct owners *owners)
{
	if (owners->hidden)
		inventory_warn(reading->inventory,
			"%s: %zu instances are hidden by others of the same name: %s; more in "
			"'hostnames' tells them "
			"apart",
			reading->source->path, owners->hidden, owners->told.data);
}

static bool
host_add(struct reading *reading, struct constructed *constructed, struct inventory_group *group,
	const char *name, const struct value *vars, const struct value *instance, bool is_only_name)
{
	const struct value *groups = value_get(instance, FLEET_GROUPS);
	struct inventory *inventory = reading->inventory;
	struct inventory_host *host = inventory_host_add(inventory, name);

	inventory_group_add_host(inventory, group, host);
	/* Large fleets: no copy where nobody else sees the map. */
	if (is_only_name && !host->vars->map.count && !option(reading, "compose"))
		host->merged = host->vars = (struct value *)(uintptr_t)vars;
	else
		VALUE_PAIRS (pair, vars)
			value_set_key(reading->arena, host->vars, pair->key, pair->value);
	if (groups)
		VALUE_EACH (item, groups)
			inventory_group_add_host(inventory,
				inventory_group_add(inventory,
					inventory_safe_name(reading->arena, value_string(item))),
				host);
	reached_add(
		reading->reached, host, instance, value_string(value_get(instance, FLEET_CONSOLE)));
	return constructed_apply(constructed, host, vars, reading->err);
}

/* Of an Auto Scaling group, and not in service: on its way in or out. */
static bool
is_out_of_service(const struct reading *reading, const struct value *instance)
{
	const struct value *member = value_get(instance, "auto_scaling");

	return member && option_flag(reading, "in_service_only", false) &&
	       !view_is(value_string_view(value_get(member, "lifecycle_state")), "InService");
}

static bool
ends_with_one_of(const char *name, const char *const *endings)
{
	for (; *endings; endings++)
		if (text_ends(name, *endings))
			return true;
	return false;
}

/* route53_hostnames: the first name in Route 53 that ends so is the host's. */
static bool
names_of(struct reading *reading, const struct value *instance, bool wants_all, struct value *names)
{
	const struct value *found = value_get(instance, "route53_names");

	if (value_is_list(found))
		VALUE_EACH (name, found)
			if (ends_with_one_of(value_string(name), reading->route53_endings) &&
				!ends_with_one_of(value_string(name), reading->route53_excluded) &&
				(wants_all || !names->list.count))
				value_add(reading->arena, names, name);
	return (names->list.count && !wants_all) ||
	       ec2_names(option(reading, "hostnames"), instance, wants_all, reading->arena,
		       reading->keeps_dashes ? sanitize_like_script : inventory_safe_name, names,
		       reading->err);
}

static bool
populate(struct reading *reading, const struct value *instances)
{
	struct inventory_group *group = inventory_group_add(reading->inventory, "aws_ec2");
	struct constructed *constructed = constructed_new(reading->inventory, reading->config);
	bool wants_all = option_flag(reading, "allow_duplicated_hosts", false), ok;
	struct owners owners = { 0 };

	ok = texts_read(reading, option(reading, "route53_hostnames"), "route53_hostnames",
		     &reading->route53_endings) &&
	     texts_read(reading, option(reading, "route53_excluded_zones"),
		     "route53_excluded_zones", &reading->route53_excluded);
	map_init(&owners.ids);
	str_init(&owners.told);
	if (reading->keeps_dashes)
		constructed_set_names(constructed, sanitize_like_script);
	VALUE_EACH (instance, instances) {
		struct value *names = value_list(reading->arena);
		const struct value *vars;

		if (!ok || is_out_of_service(reading, instance))
			continue;
		ok = names_of(reading, instance, wants_all, names);
		if (!ok || !names->list.count)
			continue;
		vars = variables_of(reading, instance);
		VALUE_EACH (name, names) {
			owner_set(&owners, value_string(name),
				value_string(value_get(instance, "instance_id")));
			ok = ok && host_add(reading, constructed, group, value_string(name), vars,
					   instance, names->list.count == 1);
		}
	}
	owners_tell(reading, &owners);
	map_release(&owners.ids);
	str_release(&owners.told);
	constructed_free(constructed);
	return ok && inventory_group_add_child(
			     reading->inventory, reading->inventory->all, group, reading->err);
}

bool
source_aws_ec2(const struct source *source, struct error *err)
{
	struct reading reading = { .source = source,
		.inventory = source->inventory,
		.arena = &source->inventory->arena,
		.err = err };
	const struct value *instances;
	struct cloud_cache cache;

	if (!cloud_config_read(source, aws_ec2_options, &reading.config, err) ||
		!regions_read(&reading) ||
		!reached_begin(source, reading.config, &reading.reached, err))
		return false;
	reading.keeps_dashes =
		option_flag(&reading, "use_contrib_script_compatible_sanitization", false);
	cloud_cache_open(source->inventory, reading.config, cache_key(&reading), &cache);
	if (source->inventory->wants_diagnosis) /* what is asked is more, and may not be old */
		cache.path = NULL;
	instances = cloud_cache_read(source->inventory, &cache, reading.arena);
	if (!instances) {
		*source->is_asking = true;
		if (!ask(&reading, &instances))
			return error_context(err, "%s", source->path);
		*source->is_asking = false;
		cloud_cache_write(source->inventory, &cache, instances);
	}
	return populate(&reading, instances);
}
