/*
 * One fiber per account finds its regions; one per account and region asks for the instances,
 * filter after filter side by side with the descriptions of that region. All answers are kept apart
 * until every one of them is there.
 */
#include "inventory/aws/fleet.h"

#include "base/map.h"
#include "inventory/aws/stack.h"
#include "os/loop.h"

struct fleet;

enum { PENDING_PAUSE_MS = 3000 };

enum {
	NAME_OWNER,
	NAME_REQUESTER,
	NAME_RESERVATION,
	NAME_TAGS,
	NAME_PLACEMENT,
	NAME_REGION,
	NAME_COUNT
};
static const char *const added_names[NAME_COUNT] = { "owner_id", "requester_id", "reservation_id",
	"tags", "placement", "region" };

struct region {
	struct region *next;
	struct fleet *fleet;
	const struct fleet_account *account;
	const char *name;
	const struct value *account_facts; /* of `whoami`, or NULL */
	struct value *instances;	   /* list */
	const struct value *stack; /* with query->stack: the item of DescribeStacks, or NULL */
	bool is_first;		   /* region of its account */
	struct value *stack_ids;   /* map: the ids of its instances */
	size_t open;		   /* questions that are still out */
};

/* One question about one region: the instances of a filter, or a description. */
struct question {
	struct question *next;
	struct region *region;
	const struct value *filter; /* NULL: of a description */
	bool excludes, is_wish;
	const struct describe *describe;
	struct value *answers; /* list of instances, or what the description collects */
};

struct account {
	struct fleet *fleet;
	const struct fleet_account *given;
};

struct fleet {
	struct aws *aws;
	const struct fleet_query *query;
	struct arena *into;
	struct region *regions, **last_region;
	struct question *questions, **last_question;
	const struct value *names[NAME_COUNT]; /* of variables, shared by all instances */
	struct error *err;
	bool has_failed;
};

static void
fleet_fail(struct fleet *fleet, const struct error *err)
{
	if (!fleet->has_failed)
		*fleet->err = *err;
	fleet->has_failed = true;
	aws_give_up(fleet->aws);
}

/* ---- parameters and values ---- */

static const char *
filter_text(struct arena *into, const struct value *value)
{
	if (value_is(value, VALUE_BOOL))
		return value->boolean ? "true" : "false";
	return value_to_text(into, value);
}

void
filters_set(struct arena *into, struct value *parameters, const struct value *filters)
{
	int number = 0;

	VALUE_PAIRS (pair, filters) {
		int place = 0;

		value_set(into, parameters, arena_format(into, "Filter.%d.Name", ++number),
			value_text(into, value_to_text(into, pair->key)));
		if (!value_is_list(pair->value)) {
			value_set(into, parameters, arena_format(into, "Filter.%d.Value.1", number),
				value_text(into, filter_text(into, pair->value)));
			continue;
		}
		VALUE_EACH (item, pair->value)
			value_set(into, parameters,
				arena_format(into, "Filter.%d.Value.%d", number, ++place),
				value_text(into, filter_text(into, item)));
	}
}

const struct value *
pairs_map(struct arena *into, const struct value *list, const char *key, const char *value)
{
	struct value *map =
		value_map_of(into, (uint32_t)(value_is_list(list) ? value_length(list) : 0));

	if (value_is_list(list))
		VALUE_EACH (item, list) {
			const struct value *name = value_get(item, key),
					   *text = value_get(item, value);

			if (name)
				value_set_key(into, map, name, text ? text : &value_empty_string);
		}
	return map;
}

const struct value *
tags_map(struct arena *into, const struct value *list)
{
	return pairs_map(into, list, "key", "value");
}

/* ---- instances ---- */

/* What the reader of the answer made is ours to add to: it keeps nothing of it but shared texts. */
static struct value *
ours(const struct value *value)
{
	return (struct value *)(uintptr_t)value;
}

static const struct value *
placement_with_region(const struct fleet *fleet, const struct value *placement)
{
	struct value *map = placement ? ours(placement) : value_map(fleet->into);
	struct view zone = value_string_view(value_get(map, "availability_zone"));

	if (zone.length)
		zone.length--;
	value_set_key(fleet->into, map, fleet->names[NAME_REGION], value_view(fleet->into, zone));
	return map;
}

static const struct value *
instance_finish(
	struct question *question, const struct value *instance, const struct value *reservation)
{
	const struct fleet *fleet = question->region->fleet;
	struct value *map = ours(instance);

	for (size_t i = NAME_OWNER; i <= NAME_RESERVATION; i++) {
		const struct value *text = value_get(reservation, added_names[i]);

		value_set_key(fleet->into, map, fleet->names[i], text ? text : &value_empty_string);
	}
	value_set_key(fleet->into, map, fleet->names[NAME_TAGS],
		tags_map(fleet->into, value_get(instance, "tags")));
	value_set_key(fleet->into, map, fleet->names[NAME_PLACEMENT],
		placement_with_region(fleet, value_get(instance, "placement")));
	return map;
}

static bool
instances_page(void *context, const struct value *answer, struct error *err)
{
	struct question *question = context;
	const struct value *reservations = value_get(answer, "reservations");

	(void)err;
	if (!value_is_list(reservations))
		return true;
	VALUE_EACH (reservation, reservations) {
		const struct value *instances = value_get(reservation, "instances");

		if (!value_is_list(instances))
			continue;
		VALUE_EACH (instance, instances) {
			const struct value *id = value_get(instance, "instance_id");

			if (!value_is_string(id))
				return fail(err, ERR_PROTOCOL,
					"an instance without an id in the answer");
			value_add(question->region->fleet->into, question->answers,
				question->excludes
					? id
					: instance_finish(question, instance, reservation));
		}
	}
	return true;
}

static const struct value *
filter_with_states(struct arena *into, const struct value *filter)
{
	static const char *const states[] = { "running", "pending", "stopping", "stopped" };
	struct value *copy, *list;

	if (value_get(filter, "instance-state-name"))
		return filter;
	copy = value_map_copy(into, filter);
	list = value_list(into);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		value_add(into, list, value_text(into, states[i]));
	value_set(into, copy, "instance-state-name", list);
	return copy;
}

static bool
ask_instances_once(struct question *question, struct aws_fault *fault, struct error *err)
{
	struct region *region = question->region;
	struct fleet *fleet = region->fleet;
	struct value *parameters = value_map(fleet->into);
	const struct aws_call call = { .service = "ec2",
		.action = "DescribeInstances",
		.region = region->name,
		.login = region->account->login,
		.parameters = parameters,
		.endpoint = fleet->query->endpoint };

	filters_set(fleet->into, parameters, filter_with_states(fleet->into, question->filter));
	return aws_call_pages(fleet->aws, &call, fleet->into, instances_page, question, fault, err);
}

static bool
has_pending(const struct question *question)
{
	VALUE_EACH (instance, question->answers)
		if (value_get_key(
			    question->region->stack_ids, value_get(instance, "instance_id")) &&
			view_is(value_string_view(value_get(value_get(instance, "state"), "name")),
				"pending"))
			return true;
	return false;
}

/* With a stack that is waited for: until none of its instances is pending any more. */
static bool
ask_instances(struct question *question, struct aws_fault *fault, struct error *err)
{
	struct fleet *fleet = question->region->fleet;
	uint64_t until = clock_ms() + (uint64_t)fleet->query->wait_s * 1000;

	for (;;) {
		if (!ask_instances_once(question, fault, err))
			return false;
		if (!fleet->query->wait_s || question->excludes || !has_pending(question))
			return true;
		if (clock_ms() > until)
			return fail(err, ERR_TIMEOUT, "instances of stack '%s' are still pending",
				fleet->query->stack);
		http_sleep(aws_http(fleet->aws), PENDING_PAUSE_MS);
		question->answers = value_list(fleet->into);
	}
}

/* ---- questions ---- */

static struct describe_scope
region_scope(const struct region *region)
{
	const struct fleet *fleet = region->fleet;

	return (struct describe_scope){ .aws = fleet->aws,
		.login = region->account->login,
		.region = region->name,
		.endpoint = fleet->query->endpoint,
		.into = fleet->into,
		.instances = region->instances,
		.console = fleet->query->console };
}

static void
question_ask(void *context)
{
	struct question *question = context;
	struct region *region = question->region;
	struct fleet *fleet = region->fleet;
	const struct fleet_query *query = fleet->query;
	const struct describe_scope scope = region_scope(region);
	struct aws_fault fault = { 0 };
	struct error err;
	bool ok;

	if (fleet->has_failed)
		return;
	error_clear(&err);
	ok = question->describe ? question->describe->ask(&scope, question->answers, &fault, &err)
				: ask_instances(question, &fault, &err);
	if (!ok && (query->skips_denied || question->is_wish) && aws_fault_is_denial(&fault)) {
		question->answers = value_list(fleet->into);
		ok = true;
	}
	if (!ok)
		fleet_fail(fleet, &err);
	region->open--;
	if (ok && query->progress)
		query->progress(query->context, region->account->name, region->name,
			question->describe || question->excludes ? 0
								 : question->answers->list.count,
			!region->open);
}

static struct question *
question_new(struct region *region, const struct value *filter, bool excludes,
	const struct describe *describe)
{
	struct fleet *fleet = region->fleet;
	struct question *question = arena_new(fleet->into, struct question);

	*question = (struct question){ .region = region,
		.filter = filter,
		.excludes = excludes,
		.describe = describe,
		.answers = value_list(fleet->into) };
	*fleet->last_question = question;
	fleet->last_question = &question->next;
	region->open++;
	http_spawn(aws_http(fleet->aws), question_ask, question);
	return question;
}

static void
describe_names(
	struct region *region, const struct value *names, bool needs_instances, bool are_wishes)
{
	if (names)
		VALUE_EACH (name, names) {
			const struct describe *describe = describe_find(value_string(name));

			if (describe && describe->needs_instances == needs_instances &&
				(!describe->is_global || region->is_first))
				question_new(region, NULL, false, describe)->is_wish = are_wishes;
		}
}

static void
describe_region(struct region *region, bool needs_instances)
{
	describe_names(region, region->fleet->query->describe, needs_instances, false);
	describe_names(region, region->fleet->query->wishes, needs_instances, true);
}

static void
region_questions(struct region *region)
{
	const struct fleet_query *query = region->fleet->query;

	VALUE_EACH (filter, query->exclude)
		question_new(region, filter, true, NULL);
	if (!query->include->list.count)
		question_new(region, &value_empty_map, false, NULL);
	VALUE_EACH (filter, query->include)
		question_new(region, filter, false, NULL);
	describe_region(region, false);
}

/* Which instances are the stack's; a region without the stack is not asked for more. Waiting makes
 * sense only where it is known in which region the stack will be. */
static void
stack_ask(void *context)
{
	struct region *region = context;
	struct fleet *fleet = region->fleet;
	const struct fleet_query *query = fleet->query;
	const struct describe_scope scope = region_scope(region);
	const struct stack_wait wait = { query->wait_s, query->news, query->context };
	struct value *ids = value_list(fleet->into);
	struct aws_fault fault = { 0 };
	struct error err;
	bool is_only = fleet->regions == region && !region->next;

	error_clear(&err);
	if (!(!query->wait_s || !is_only || stack_wait(&scope, query->stack, &wait, &err)) ||
		!stack_find(&scope, query->stack, &region->stack, &fault, &err) ||
		(region->stack && query->wait_s && !is_only &&
			!stack_wait(&scope, query->stack, &wait, &err)) ||
		(region->stack && !stack_instances(&scope, query->stack, ids, &fault, &err))) {
		fleet_fail(fleet, &err);
		return;
	}
	region->stack_ids = value_map(fleet->into);
	VALUE_EACH (id, ids)
		value_set_key(fleet->into, region->stack_ids, id, &value_true);
	if (region->stack)
		region_questions(region);
}

static struct region *
region_new(struct fleet *fleet, const struct fleet_account *account, const char *name,
	const struct value *account_facts, bool is_first)
{
	struct region *region = arena_new(fleet->into, struct region);

	*region = (struct region){ .fleet = fleet,
		.account = account,
		.name = name,
		.account_facts = account_facts,
		.is_first = is_first,
		.instances = value_list(fleet->into) };
	*fleet->last_region = region;
	fleet->last_region = &region->next;
	return region;
}

/* ---- accounts ---- */

static bool
all_regions(struct account *account, const char *const **out, struct error *err)
{
	struct fleet *fleet = account->fleet;
	const char *home = aws_login_region(account->given->login);
	const struct aws_call call = { .service = "ec2",
		.action = "DescribeRegions",
		.region = home ? home : "us-east-1",
		.login = account->given->login,
		.endpoint = fleet->query->endpoint };
	const struct value *answer, *list;
	const char **names;
	size_t count = 0;

	if (!aws_call(fleet->aws, &call, fleet->into, &answer, NULL, err)) {
		error_hint(err, "name the regions in the inventory file: `regions: [%s]`",
			home ? home : "eu-west-1");
		return false;
	}
	list = value_get(answer, "regions");
	names = arena_array(fleet->into, value_length(list) + 1, const char *);
	if (value_is_list(list))
		VALUE_EACH (region, list)
			if (value_string(value_get(region, "region_name")))
				names[count++] = value_string(value_get(region, "region_name"));
	*out = names;
	return true;
}

/* Id and alias. An identity that may not list aliases has none. */
static bool
whoami(struct account *account, const struct value **out, struct error *err)
{
	struct fleet *fleet = account->fleet;
	const struct fleet_account *given = account->given;
	struct aws_call call = { .service = "sts",
		.action = "GetCallerIdentity",
		.login = given->login,
		.region = given->regions && given->regions[0] ? given->regions[0]
							      : aws_login_region(given->login) };
	struct value *facts = value_map(fleet->into);
	const struct value *answer, *aliases;
	const char *id;

	if (!call.region)
		call.region = "us-east-1";
	if (!aws_call(fleet->aws, &call, fleet->into, &answer, NULL, err))
		return false;
	id = value_string(value_get(answer, "account"));
	if (given->expected && !text_equals(given->expected, id)) {
		fail(err, ERR_DENIED,
			"the inventory is for account %s, and these credentials are of account %s",
			given->expected, id ? id : "(unknown)");
		return error_hint(
			err, "choose the profile of that account, or mend `account:` in the file");
	}
	value_set(fleet->into, facts, "aws_account_id", value_text(fleet->into, id));
	if (!given->is_named) {
		*out = &value_empty_map;
		return true;
	}
	if (given->name)
		value_set(fleet->into, facts, "aws_account_name",
			value_text(fleet->into, given->name));
	call.service = "iam";
	call.action = "ListAccountAliases";
	aliases = aws_call(fleet->aws, &call, fleet->into, &answer, NULL, &(struct error){ 0 })
			  ? value_get(answer, "account_aliases")
			  : NULL;
	if (value_is_list(aliases) && aliases->list.count)
		value_set(fleet->into, facts, "aws_account_alias", aliases->list.items[0]);
	*out = facts;
	return true;
}

static void
account_ask(void *context)
{
	struct account *account = context;
	struct fleet *fleet = account->fleet;
	const struct fleet_account *given = account->given;
	const char *home[2] = {
		NULL
	}; /* a stack without a region is looked for where the tools look */
	const char *const *regions = given->regions;
	const struct value *facts = &value_empty_map;
	struct error err;

	error_clear(&err);
	if ((given->is_named || given->expected) && !whoami(account, &facts, &err)) {
		fleet_fail(fleet, &err);
		return;
	}
	if (fleet->query->stack && (!regions || !*regions) && aws_login_region(given->login)) {
		home[0] = aws_login_region(given->login);
		regions = home;
	}
	if ((!regions || !*regions) && !all_regions(account, &regions, &err)) {
		fleet_fail(fleet, &err);
		return;
	}
	for (const char *const *first = regions; *regions; regions++) {
		struct region *region = region_new(fleet, given, *regions, facts, regions == first);

		if (fleet->query->stack)
			http_spawn(aws_http(fleet->aws), stack_ask, region);
		else
			region_questions(region);
	}
}

/* ---- all together ---- */

struct found {
	struct value *instance;
	struct region *region;
};

static int
compare_found(const void *a, const void *b)
{
	return strcmp(value_string(value_get(((const struct found *)a)->instance, "instance_id")),
		value_string(value_get(((const struct found *)b)->instance, "instance_id")));
}

/* Each instance once, without those that are excluded; sorted. */
static struct found *
collect(struct fleet *fleet, size_t *count)
{
	struct found *list;
	struct map seen;
	size_t room = 1;

	*count = 0;
	map_init(&seen);
	for (const struct question *question = fleet->questions; question;
		question = question->next) {
		room += question->answers->list.count;
		if (question->excludes)
			VALUE_EACH (id, question->answers)
				map_set(&seen, value_string(id), fleet);
	}
	list = arena_array(fleet->into, room, struct found);
	for (const struct question *question = fleet->questions; question;
		question = question->next) {
		if (question->excludes || question->describe)
			continue;
		for (uint32_t i = 0; i < question->answers->list.count; i++) {
			struct value *instance =
				(struct value *)(uintptr_t)question->answers->list.items[i];
			const char *id = value_string(value_get(instance, "instance_id"));

			if (map_has(&seen, id) ||
				(question->region->stack &&
					!value_get(question->region->stack_ids, id)))
				continue;
			map_set(&seen, id, fleet);
			list[(*count)++] = (struct found){ instance, question->region };
			value_add(fleet->into, question->region->instances, instance);
			VALUE_PAIRS (pair, question->region->account_facts)
				value_set_key(fleet->into, instance, pair->key, pair->value);
		}
	}
	map_release(&seen);
	qsort(list, *count, sizeof(*list), compare_found);
	return list;
}

/* ---- joining ---- */

static const struct value *
value_below(const struct value *map, const char *path)
{
	struct view rest = view_of(path), name;

	while (map && view_cut(&rest, '.', &name))
		map = value_get_view(map, name);
	return map;
}

static void
index_add(
	struct arena *into, struct map *index, const struct value *key, const struct value *answer)
{
	struct view text = value_string_view(key);
	struct value *list;

	if (view_ends(text, ".")) /* names of DNS */
		text.length--;
	if (!text.length)
		return;
	list = map_get_view(index, text);
	if (!list) {
		list = value_list(into);
		map_set(index, arena_view(into, text), list);
	}
	if (!list->list.count || list->list.items[list->list.count - 1] != answer)
		value_add(into, list, answer);
}

/* From ids and addresses to the answers that are about them, so that large fleets are not looked
 * through again and again. */
static void
index_build(struct arena *into, const struct describe *describe, const struct value *answers,
	struct map *index)
{
	VALUE_EACH (answer, answers) {
		const struct value *list =
			describe->index_list ? value_get(answer, describe->index_list) : NULL;

		if (!describe->index_list)
			index_add(into, index, value_below(answer, describe->index_key), answer);
		else if (value_is_list(list))
			VALUE_EACH (item, list)
				index_add(into, index, value_below(item, describe->index_key),
					answer);
	}
}

static bool
list_has(const struct value *list, const struct value *item)
{
	VALUE_EACH (one, list)
		if (one == item)
			return true;
	return false;
}

static const struct value *
index_find(struct arena *into, const struct map *index, const struct value *instance)
{
	static const char *const keys[] = { "instance_id", "private_ip_address",
		"public_ip_address", "public_dns_name", "private_dns_name" };
	struct value *all = value_list(into);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct view text = value_string_view(value_get(instance, keys[i]));
		const struct value *list = text.length ? map_get_view(index, text) : NULL;

		if (list)
			VALUE_EACH (answer, list)
				if (!list_has(all, answer))
					value_add(into, all, answer);
	}
	return all;
}

static void
join_question(struct fleet *fleet, const struct question *question, const struct found *found,
	size_t count)
{
	const struct describe *describe = question->describe;
	struct arena scratch;
	struct map index;

	arena_init(&scratch);
	map_init(&index);
	if (describe->index_key)
		index_build(&scratch, describe, question->answers, &index);
	for (size_t i = 0; i < count; i++)
		if (found[i].region == question->region ||
			(describe->is_global &&
				found[i].region->account == question->region->account))
			describe->join(fleet->into,
				describe->index_key
					? index_find(&scratch, &index, found[i].instance)
					: question->answers,
				found[i].instance);
	map_release(&index);
	arena_release(&scratch);
}

static void
join_all(struct fleet *fleet, const struct found *found, size_t count)
{
	for (const struct question *question = fleet->questions; question;
		question = question->next)
		if (question->describe)
			join_question(fleet, question, found, count);
}

static bool
stack_is_anywhere(const struct fleet *fleet, struct error *err)
{
	_cleanup_str_ struct str names;

	str_init_max(&names, 400);
	for (const struct region *region = fleet->regions; region; region = region->next) {
		if (region->stack)
			return true;
		str_add_format(&names, "%s%s", names.length ? ", " : "", region->name);
	}
	fail(err, ERR_MISSING, "there is no stack '%s'", fleet->query->stack);
	error_where(err, "%s %s", strchr(names.data, ',') ? "regions" : "region", names.data);
	return error_hint(err,
		"--region and the profile choose where to look; --wait waits until it is created");
}

/* Hosts of a nested stack have the variables of the one that was asked for. */
static void
stack_join(const struct found *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (found[i].region->stack)
			value_set(found[i].region->fleet->into, found[i].instance, "stack",
				stack_variables(
					found[i].region->fleet->into, found[i].region->stack));
}

bool
fleet_ask(struct aws *aws, const struct fleet_query *query, struct arena *into,
	const struct value **out, struct error *err)
{
	struct fleet fleet = { .aws = aws, .query = query, .into = into, .err = err };
	struct account *accounts = arena_array(into, query->account_count + 1, struct account);
	struct value *list = value_list(into);
	struct found *found;
	size_t count;

	for (size_t i = 0; i < NAME_COUNT; i++)
		fleet.names[i] = value_text(into, added_names[i]);
	fleet.last_region = &fleet.regions;
	fleet.last_question = &fleet.questions;
	for (size_t i = 0; i < query->account_count; i++) {
		accounts[i] = (struct account){ &fleet, &query->accounts[i] };
		http_spawn(aws_http(aws), account_ask, &accounts[i]);
	}
	http_run(aws_http(aws));
	if (fleet.has_failed)
		return false;
	found = collect(&fleet, &count);
	for (struct region *region = fleet.regions; region; region = region->next) {
		describe_region(region, true);
		if (query->console)
			question_new(region, NULL, false, &describe_of_console);
	}
	http_run(aws_http(aws));
	if (fleet.has_failed)
		return false;
	if (query->stack && !stack_is_anywhere(&fleet, err))
		return false;
	join_all(&fleet, found, count);
	stack_join(found, count);
	for (size_t i = 0; i < count; i++)
		value_add(into, list, found[i].instance);
	*out = list;
	return true;
}
