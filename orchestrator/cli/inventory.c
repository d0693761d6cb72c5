/* `ertc inventory`: who the hosts are, as ansible-inventory shows it. */
#include "inventory/hosts/inventory.h"

#include "json/json.h"
#include "json/yaml_text.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/inventory.h"
#include "os/files.h"

enum { DEEPEST_GROUP = 64, EXIT_ARGUMENTS = 2, JSON_INDENT = 4, FLUSH_FROM = 64 * 1024 };

static const struct json_style json_style = {
	.indent = JSON_INDENT, .sort_keys = true, .keep_utf8 = true
};

bool
shown_has(const struct shown *shown, const struct inventory_host *host)
{
	return !shown->is_limited || host_list_has(&shown->only, host);
}

/* ---- variables ---- */

bool
shown_host_vars(struct shown *shown, const struct inventory_host *host, const struct value **out,
	struct error *err)
{
	struct value *all;

	if (!inventory_host_check(host, err))
		return false;
	if (shown->exports)
		return inventory_host_own_vars(shown->inventory, host, out, err);
	*out = host->merged;
	if (!value_is_map(shown->command->settings.extra_vars) ||
		!shown->command->settings.extra_vars->map.count)
		return true;
	all = value_map_copy(shown->arena, host->merged);
	VALUE_PAIRS (pair, shown->command->settings.extra_vars)
		value_set_key(shown->arena, all, pair->key, pair->value);
	*out = all;
	return true;
}

bool
shown_group_vars(struct shown *shown, const struct inventory_group *group, const struct value **out,
	struct error *err)
{
	struct value *all;
	const struct value *own;

	if (!inventory_group_own_vars(shown->inventory, group, &own, err))
		return false;
	all = value_map_copy(shown->arena, own);
	if (group->priority != 1)
		value_set(shown->arena, all, "ansible_group_priority",
			value_int(shown->arena, group->priority));
	*out = all;
	return true;
}

static bool
is_odd_text(const struct value *value)
{
	return value->flags & VALUE_VAULT ||
	       (value->place.file && !(value->flags & VALUE_TEMPLATE));
}

static bool
has_odd_text(const struct value *value)
{
	if (value->type == VALUE_LIST) {
		VALUE_EACH (item, value)
			if (has_odd_text(item))
				return true;
	} else if (value->type == VALUE_MAP) {
		VALUE_PAIRS (pair, value)
			if (has_odd_text(pair->value))
				return true;
	}
	return value->type == VALUE_STRING && is_odd_text(value);
}

/* Ansible's JSON says which texts are encrypted, and which are no templates. */
static const struct value *
json_ready(struct arena *into, const struct value *value)
{
	struct value *out;

	switch (value->type) {
	case VALUE_STRING:
		out = value_map(into);
		if (!is_odd_text(value))
			return value;
		value_set(into, out,
			value->flags & VALUE_VAULT ? "__ansible_vault" : "__ansible_unsafe",
			value_view(into, value_string_view(value)));
		return out;
	case VALUE_LIST:
		out = value_list(into);
		VALUE_EACH (item, value)
			value_add(into, out, json_ready(into, item));
		return out;
	case VALUE_MAP:
		out = value_map(into);
		VALUE_PAIRS (pair, value)
			value_set_key(into, out, pair->key, json_ready(into, pair->value));
		return out;
	default:
		return value;
	}
}

/* ---- output ---- */

static bool
output(const struct shown *shown, const struct value *value, struct error *err)
{
	const struct options *options = &shown->command->options;
	const char *path = option_text(options, OPTION_OUTPUT);
	static const struct yaml_style yaml = {
		.is_block = true, .sort_keys = true, .has_aliases = true
	};
	struct str text = STR_INIT;
	bool ok = true;

	if (option_flag(options, OPTION_YAML))
		yaml_add(value, &yaml, &text);
	else
		json_add(json_ready(shown->arena, value), &json_style, &text);
	if (path && strcmp(path, "-") != 0) {
		ok = file_replace(path, str_view(&text), &(struct file_place){ 0 }, err);
	} else {
		fwrite(text.data, 1, text.length, stdout);
		if (!text.length || text.data[text.length - 1] != '\n')
			putchar('\n');
	}
	str_release(&text);
	return ok;
}

/* ---- --list as JSON ---- */

static int
compare_keys(const void *a, const void *b)
{
	int order = 0;

	return value_compare(((const struct value_pair *)a)->key,
		       ((const struct value_pair *)b)->key, &order)
		       ? order
		       : 0;
}

static bool
json_group(struct shown *shown, const struct inventory_group *group, struct value *out,
	struct error *err)
{
	struct arena *into = shown->arena;
	struct value *entry = value_map(into), *hosts = value_list(into),
		     *children = value_list(into);
	const struct value *vars;

	map_set(&shown->seen, group->name, shown);
	for (size_t i = 0; i < group->host_count && group != shown->inventory->all; i++)
		if (shown_has(shown, group->hosts[i]))
			value_add(into, hosts, value_text(into, group->hosts[i]->name));
	for (size_t i = 0; i < group->child_count; i++) {
		value_add(into, children, value_text(into, group->children[i]->name));
		if (!map_has(&shown->seen, group->children[i]->name) &&
			!json_group(shown, group->children[i], out, err))
			return false;
	}
	if (hosts->list.count)
		value_set(into, entry, "hosts", hosts);
	if (children->list.count)
		value_set(into, entry, "children", children);
	if (shown->exports) {
		if (!shown_group_vars(shown, group, &vars, err))
			return false;
		if (vars->map.count)
			value_set(into, entry, "vars", vars);
	}
	if (entry->map.count)
		value_set(into, out, group->name, entry);
	return true;
}

/* Large inventories are written as they are read: no text and no tree of all hosts at once. */
static void
text_flush(struct str *text)
{
	fwrite(text->data, 1, text->length, stdout);
	str_clear(text);
}

static void
json_key_add(const struct shown *shown, const char *key, int depth, bool is_first, struct str *text)
{
	str_add(text, is_first ? "\n" : ",\n");
	str_add_times(text, ' ', (size_t)depth * JSON_INDENT);
	json_add(value_borrow(shown->arena, key, strlen(key)), &json_style, text);
	str_add(text, ": ");
}

static void
json_value_add(const struct shown *shown, const struct value *value, int depth, struct str *text)
{
	struct json_style style = json_style;

	style.depth = depth;
	json_add(has_odd_text(value) ? json_ready(shown->arena, value) : value, &style, text);
}

static int
compare_hosts(const void *a, const void *b)
{
	return strcmp((*(struct inventory_host *const *)a)->name,
		(*(struct inventory_host *const *)b)->name);
}

/* "_meta": { "hostvars": { … } } */
static bool
json_meta(struct shown *shown, bool keeps, struct str *text, struct error *err)
{
	struct host_list hosts = { 0 };
	bool any = false;

	inventory_group_hosts(shown->inventory->all, shown->arena, &hosts);
	if (hosts.count)
		qsort(hosts.hosts, hosts.count, sizeof(struct inventory_host *), compare_hosts);
	str_add_format(text, "{\n%*s\"hostvars\": {", 2 * JSON_INDENT, "");
	for (size_t i = 0; i < hosts.count; i++) {
		const struct value *vars;

		if (!shown_has(shown, hosts.hosts[i]))
			continue;
		if (!shown_host_vars(shown, hosts.hosts[i], &vars, err))
			return false;
		if (!vars->map.count)
			continue;
		json_key_add(shown, hosts.hosts[i]->name, 3, !any, text);
		json_value_add(shown, vars, 3, text);
		any = true;
		if (!keeps && text->length > FLUSH_FROM)
			text_flush(text);
	}
	if (any)
		str_add_format(text, "\n%*s", 2 * JSON_INDENT, "");
	str_add_format(text, "}\n%*s}", JSON_INDENT, "");
	return true;
}

static bool
list_json(struct shown *shown, bool keeps, struct str *text, struct error *err)
{
	struct value *groups = value_map(shown->arena);
	struct value_pair *pairs;
	bool ok = true;

	if (!json_group(shown, shown->inventory->all, groups, err))
		return false;
	value_set(shown->arena, groups, "_meta", &value_none);
	pairs = groups->map.pairs;
	qsort(pairs, groups->map.count, sizeof(*pairs), compare_keys);
	str_add_char(text, '{');
	for (uint32_t i = 0; i < groups->map.count && ok; i++) {
		const char *name = value_string(pairs[i].key);

		json_key_add(shown, name, 1, i == 0, text);
		if (!strcmp(name, "_meta"))
			ok = json_meta(shown, keeps, text, err);
		else
			json_value_add(shown, pairs[i].value, 1, text);
	}
	str_add(text, "\n}");
	return ok;
}

static bool
show_list_json(struct shown *shown, struct error *err)
{
	const char *path = option_text(&shown->command->options, OPTION_OUTPUT);
	bool keeps = path && strcmp(path, "-") != 0, ok;
	struct str text;

	str_init(&text);
	ok = list_json(shown, keeps, &text, err);
	if (ok && keeps)
		ok = file_replace(path, str_view(&text), &(struct file_place){ 0 }, err);
	else if (ok) {
		str_add_char(&text, '\n');
		text_flush(&text);
	}
	str_release(&text);
	return ok;
}

/* ---- --list as YAML: each host has its variables where it stands first ---- */

static bool
yaml_group(struct shown *shown, const struct inventory_group *group, const struct value **out,
	struct error *err)
{
	struct arena *into = shown->arena;
	struct value *entry = value_map(into), *hosts = value_map(into),
		     *children = value_map(into);
	const struct value *vars;

	for (size_t i = 0; i < group->child_count; i++) {
		if (!yaml_group(shown, group->children[i], &vars, err))
			return false;
		value_set(into, children, group->children[i]->name, vars);
	}
	for (size_t i = 0; i < group->host_count && group != shown->inventory->all; i++) {
		struct inventory_host *host = group->hosts[i];

		if (!shown_has(shown, host))
			continue;
		vars = value_map(into);
		if (!map_has(&shown->seen, host->name) && !shown_host_vars(shown, host, &vars, err))
			return false;
		map_set(&shown->seen, host->name, host);
		value_set(into, hosts, host->name, vars);
	}
	if (children->map.count)
		value_set(into, entry, "children", children);
	if (hosts->map.count)
		value_set(into, entry, "hosts", hosts);
	if (shown->exports) {
		if (!shown_group_vars(shown, group, &vars, err))
			return false;
		if (vars->map.count)
			value_set(into, entry, "vars", vars);
	}
	*out = entry;
	return true;
}

static bool
show_list(struct shown *shown, struct error *err)
{
	const struct value *value;
	struct value *top;

	if (!option_flag(&shown->command->options, OPTION_YAML))
		return show_list_json(shown, err);
	if (!yaml_group(shown, shown->inventory->all, &value, err))
		return false;
	top = value_map(shown->arena);
	value_set(shown->arena, top, "all", value);
	return output(shown, top, err);
}

/* ---- --host ---- */

static bool
show_host(struct shown *shown, const char *name, struct error *err)
{
	struct host_list found = { 0 };
	const struct value *vars;

	if (!inventory_match(shown->inventory, name, shown->arena, &found, err))
		return false;
	if (found.count != 1)
		return fail(
			err, ERR_OPTIONS, "You must pass a single valid host to --host parameter");
	shown->exports = false;
	return inventory_finish(shown->inventory, shown->playbook_dir, err) &&
	       shown_host_vars(shown, found.hosts[0], &vars, err) && output(shown, vars, err);
}

/* ---- --graph ---- */

static void
graph_line(int depth, const char *text)
{
	for (int i = 0; i < depth; i++)
		fputs(i + 1 == depth ? "  |--" : "  |", stdout);
	puts(text);
}

/* What is encrypted stays so: a graph is looked at. */
static void
graph_vars(struct shown *shown, const struct value *vars, int depth)
{
	struct value_pair *pairs;

	if (!shown->shows_vars || !vars->map.count)
		return;
	pairs = memory_get(vars->map.count * sizeof(*pairs));
	memcpy(pairs, vars->map.pairs, vars->map.count * sizeof(*pairs));
	qsort(pairs, vars->map.count, sizeof(*pairs), compare_keys);
	for (uint32_t i = 0; i < vars->map.count; i++) {
		const struct value *value = pairs[i].value;

		graph_line(depth,
			arena_format(shown->arena, "{%s = %s}",
				value_to_text(shown->arena, pairs[i].key),
				value->flags & VALUE_VAULT ? "********"
							   : value_to_text(shown->arena, value)));
	}
	free(pairs);
}

static bool
graph_hosts(struct shown *shown, const struct inventory_group *group, int depth, struct error *err)
{
	const struct value *vars;

	for (size_t i = 0; i < group->host_count; i++) {
		if (!shown_has(shown, group->hosts[i]))
			continue;
		graph_line(depth, group->hosts[i]->name);
		if (!shown_host_vars(shown, group->hosts[i], &vars, err))
			return false;
		graph_vars(shown, vars, depth + 1);
	}
	return true;
}

static bool
graph_group(struct shown *shown, const struct inventory_group *group, int depth, struct error *err)
{
	const struct value *vars;

	graph_line(depth, arena_format(shown->arena, "@%s:", group->name));
	for (size_t i = 0; i < group->child_count && depth < DEEPEST_GROUP; i++)
		if (!graph_group(shown, group->children[i], depth + 1, err))
			return false;
	if (group != shown->inventory->all && !graph_hosts(shown, group, depth + 1, err))
		return false;
	if (!shown->shows_vars)
		return true;
	if (!shown_group_vars(shown, group, &vars, err))
		return false;
	graph_vars(shown, vars, depth + 1);
	return true;
}

static bool
show_graph(struct shown *shown, const char *name, struct error *err)
{
	const struct inventory_group *group =
		inventory_group_find(shown->inventory, name ? name : "all");

	if (!group)
		return fail(
			err, ERR_OPTIONS, "Pattern must be valid group name when using --graph");
	return graph_group(shown, group, 0, err);
}

/* ---- the verb ---- */

static const enum option_id offered[] = { OPTION_INVENTORY, OPTION_LIMIT, OPTION_REGION,
	OPTION_STACK, OPTION_FLUSH_CACHE, OPTION_EXTRA_VARS, OPTION_VAULT_ID,
	OPTION_VAULT_PASSWORD_FILE, OPTION_ASK_VAULT_PASS, OPTION_PLAYBOOK_DIR, OPTION_LIST_ALL,
	OPTION_GRAPH, OPTION_HOST, OPTION_YAML, OPTION_TOML, OPTION_VARS, OPTION_EXPORT,
	OPTION_RENDER, OPTION_WATCH, OPTION_OUTPUT, OPTION_VERBOSE, OPTION_VERSION, OPTION_HELP,
	OPTION_COUNT };

static const char usage[] = "usage: ertc inventory [options] (--list | --graph [GROUP] | --host "
			    "HOST)\n\nShows hosts, groups and variables. `ertc inventory doctor [HOST]` explains why hosts are not "
				    "reached.";

static bool
check(const struct options *options, struct error *err)
{
	int actions = option_flag(options, OPTION_LIST_ALL) + option_flag(options, OPTION_GRAPH) +
		      (option_text(options, OPTION_HOST) != NULL) +
		      (option_text(options, OPTION_RENDER) != NULL) +
		      (options->values[OPTION_WATCH].origin != NULL);

	if (!actions)
		return fail(err, ERR_OPTIONS,
			"No action selected, at least one of --host, --graph, --list, --render or "
			"--watch needs to be specified.");
	if (actions > 1)
		return fail(err, ERR_OPTIONS,
			"Conflicting options used, only one of --host, --graph, --list, --render "
			"or --watch can be used at the same time.");
	if (option_flag(options, OPTION_TOML))
		return fail(err, ERR_OPTIONS, "TOML is not supported; --yaml has the same keys");
	return true;
}

bool
shown_read(struct shown *shown, struct error *err)
{
	struct play_command *command = shown->command;
	const char *limit = option_text(&command->options, OPTION_LIMIT);

	shown->is_limited = limit != NULL;
	shown->only = (struct host_list){ 0 };
	if (!play_inventory(command, err) ||
		!inventory_finish(command->inventory, shown->playbook_dir, err))
		return false;
	shown->inventory = command->inventory;
	return !limit || inventory_match(shown->inventory, limit, &shown->inventory->arena,
				 &shown->only, err);
}

static bool
show(struct shown *shown, struct error *err)
{
	struct play_command *command = shown->command;
	const struct options *options = &command->options;

	if (!play_vaults(command, err) || !play_extra_vars(command, err))
		return false;
	if (options->values[OPTION_WATCH].origin)
		return inventory_watch(shown, err);
	if (!shown_read(shown, err))
		return false;
	if (option_text(options, OPTION_RENDER))
		return inventory_write(shown, option_text(options, OPTION_RENDER), err);
	if (option_text(options, OPTION_HOST))
		return show_host(shown, option_text(options, OPTION_HOST), err);
	if (option_flag(options, OPTION_GRAPH))
		return show_graph(shown, options->paths[0], err);
	return show_list(shown, err);
}

static int
inventory_run(struct play_command *command)
{
	struct shown shown = { .command = command };
	struct error err;
	int code = 0;

	if (!check(&command->options, &err)) {
		fprintf(stderr, "ERROR! %s\n", err.what);
		return RUN_BAD_OPTIONS;
	}
	play_open(command);
	shown.inventory = command->inventory;
	shown.arena = &command->arena;
	shown.exports = option_flag(&command->options, OPTION_EXPORT);
	shown.shows_vars = option_flag(&command->options, OPTION_VARS);
	/* Where we stand is as good as a playbook's folder. */
	shown.playbook_dir = option_text(&command->options, OPTION_PLAYBOOK_DIR);
	if (!shown.playbook_dir)
		shown.playbook_dir = ".";
	map_init(&shown.seen);
	error_clear(&err);
	if (!show(&shown, &err)) {
		report_error(command->report, &err);
		code = err.kind == ERR_OPTIONS ? RUN_BAD_OPTIONS : RUN_ERROR;
	}
	map_release(&shown.seen);
	return code;
}

int
command_inventory(int argc, char **argv)
{
	struct play_command command = { 0 };
	struct error err;
	int code = 0;

	if (is_inventory_doctor(argc, argv))
		return command_inventory_doctor(argc, argv);
	if (!options_read_verb(&command.options, offered, argc, argv, &err)) {
		options_help_verb(stderr, offered, usage);
		fprintf(stderr, "ertc inventory: error: %s%s%s\n", err.what,
			err.hint[0] ? "; " : "", err.hint);
		code = EXIT_ARGUMENTS;
	} else if (option_flag(&command.options, OPTION_HELP)) {
		options_help_verb(stdout, offered, usage);
	} else if (option_flag(&command.options, OPTION_VERSION)) {
		version_print("ertc inventory");
	} else {
		code = inventory_run(&command);
	}
	play_close(&command);
	return code;
}
