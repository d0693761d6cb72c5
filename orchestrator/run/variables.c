/* Scopes of tasks, the variables that are computed, and the facts of hosts. */
#include "orchestrator/run/internal.h"

#include "roles/role.h"
#include "value/object.h"

#ifndef ERTC_VERSION
#define ERTC_VERSION "0.1.0"
#endif

/* ---- facts and registered variables ---- */

void
host_set_variable(struct run_host *host, const char *name, const struct value *value)
{
	value_set(&host->arena, host->registered, name, value_dup(&host->arena, value));
	if (text_starts(name, "ansible_"))
		host->link = NULL; /* may say how to reach it */
}

void
host_set_facts(struct run_host *host, const struct value *facts)
{
	if (!value_is_map(facts))
		return;
	VALUE_PAIRS (pair, facts)
		value_set_key(&host->arena, host->facts, value_dup(&host->arena, pair->key),
			value_dup(&host->arena, pair->value));
	host->plain_facts = NULL;
	host->link = NULL;
	host->has_new_facts = true;
}

static const struct value *
host_plain_facts(struct run_host *host)
{
	if (host->plain_facts)
		return host->plain_facts;
	host->plain_facts = value_map(&host->arena);
	VALUE_PAIRS (pair, host->facts) {
		const char *name = value_string(pair->key);

		if (name && text_starts(name, "ansible_") && strcmp(name, "ansible_local") != 0)
			value_set(&host->arena, host->plain_facts, name + 8, pair->value);
		else if (name && !strcmp(name, "ansible_local"))
			value_set(&host->arena, host->plain_facts, "local", pair->value);
		if (name && (!text_starts(name, "ansible_") || !strcmp(name, "ansible_local")))
			value_set_key(&host->arena, host->plain_facts, pair->key, pair->value);
	}
	return host->plain_facts;
}

/* ---- pending ---- */

static bool
is_pending(void *context, struct view name, bool is_fact)
{
	const struct task_scope *scope = context;

	for (const struct step *step = scope->host->steps; step; step = step->next) {
		if (step == scope->step || step->is_finished)
			continue;
		if (is_fact ? step->produces_facts
			    : step->register_as && view_is(name, step->register_as))
			return true;
	}
	return false;
}

/* ---- scopes ---- */

static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct task_scope *scope = context;

	return scope_find(&scope->scope, into, name, out, err);
}

static bool
names(void *context, struct arena *into, const struct value **out, struct error *err)
{
	struct task_scope *scope = context;

	return scope_names(&scope->scope, into, out, err);
}

static void
add_frames(struct task_scope *scope, const struct level *levels, uint32_t depth)
{
	for (uint32_t i = depth; i > 0; i--)
		if (levels[i - 1].vars)
			scope_add(&scope->scope, levels[i - 1].vars, "include params");
}

static void
add_layer(struct scope *scope, struct scope_layer layer)
{
	if (scope->count < SCOPE_LAYERS)
		scope->layers[scope->count++] = layer;
}

void
task_scope_init(struct task_scope *scope, struct run_host *host, const struct node *task,
	const struct level *levels, uint32_t depth, const struct value *locals)
{
	struct run *run = host->run;
	const struct node *play = task ? (task->kind == NODE_PLAY ? task : task->play) : NULL;

	memset(&scope->scope, 0, offsetof(struct scope, layers));
	scope->scope.count = 0;
	scope->run = run;
	scope->host = host;
	scope->task = task;
	scope->step = NULL;
	scope->scope.merges_hashes = run->settings->merges_hashes;
	scope->scope.magic = variables_magic;
	scope->scope.is_pending = is_pending;
	scope->scope.context = scope;
	scope->templates = (struct template_scope){ .find = find,
		.names = names,
		.lookup = variables_lookup,
		.load = variables_load,
		.context = scope };
	add_layer(&scope->scope,
		(struct scope_layer){ .map = locals ? locals : &value_empty_map, .what = "loop" });
	scope_add(&scope->scope, run->settings->extra_vars, "extra vars");
	add_frames(scope, levels, depth);
	if (task) {
		scope_add_include_vars(&scope->scope, task);
		scope_add_role_params(&scope->scope, task);
	}
	add_layer(&scope->scope, (struct scope_layer){ .map = host->registered,
					 .what = "set_fact, register",
					 .is_registered = true });
	scope_add(&scope->scope, host->included, "include_vars");
	if (task) {
		scope_add_task_vars(&scope->scope, task);
		scope_add_role_vars(&scope->scope, task);
	}
	if (play) {
		scope_add(&scope->scope, host->vars_files, "vars_files");
		if (host->play && host->play->node == play)
			scope_add(&scope->scope, host->play->vars_files, "vars_files");
		/* The hosts of the play, whom the answers may choose, are not known at first. */
		if (run->play && run->play->node == play)
			scope_add(&scope->scope, run->play->prompted, "vars_prompt");
		scope_add_play_vars(&scope->scope, play);
	}
	add_layer(&scope->scope,
		(struct scope_layer){ .map = host->facts, .what = "facts", .is_facts = true });
	scope_add(&scope->scope, host->inventory->merged, "inventory");
	if (task)
		scope_add_role_defaults(&scope->scope, task);
}

void
task_scope_for_step(struct task_scope *scope, const struct step *step, const struct value *locals)
{
	task_scope_init(scope, step->host, step->task, step->saved, step->saved_depth, locals);
	scope->step = step;
}

/* ---- hostvars: a mapping of hosts, each a mapping of its variables ---- */

/* In hostvars, a text with something undefined in it stays as it was written. */
static bool
evaluate_leniently(struct task_scope *scope, struct arena *into, const struct value *raw, int depth,
	const struct value **out, struct error *err)
{
	struct value *copy;

	if (template_evaluate(scope->run->templates, &scope->templates, into, raw, out, err))
		return true;
	if (err->kind != ERR_UNDEFINED || depth > 50)
		return false;
	error_clear(err);
	if (value_is_list(raw)) {
		copy = value_list(into);
		VALUE_EACH (item, raw) {
			if (!evaluate_leniently(scope, into, item, depth + 1, out, err))
				return false;
			value_add(into, copy, *out);
		}
	} else if (value_is_map(raw)) {
		copy = value_map(into);
		VALUE_PAIRS (pair, raw) {
			if (!evaluate_leniently(scope, into, pair->value, depth + 1, out, err))
				return false;
			value_set_key(into, copy, pair->key, *out);
		}
	} else {
		copy = value_with_flags(into, raw, raw->flags & ~(unsigned)VALUE_TEMPLATE);
	}
	*out = copy;
	return true;
}

static bool
hostvar_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err)
{
	struct run_host *host = self;
	struct task_scope scope;
	const struct value *raw;

	*out = NULL;
	if (!value_is_string(key))
		return true;
	task_scope_init(&scope, host, NULL, NULL, 0, NULL);
	if (!scope_find(&scope.scope, into, value_string_view(key), &raw, err))
		return false;
	if (!raw)
		return true;
	return evaluate_leniently(&scope, into, raw, 0, out, err);
}

static bool
hostvar_iterate(void *self, struct arena *into, const struct value **out, struct error *err)
{
	struct task_scope scope;

	task_scope_init(&scope, self, NULL, NULL, 0, NULL);
	return scope_names(&scope.scope, into, out, err);
}

static bool
hostvar_plain(void *self, struct arena *into, const struct value **out, struct error *err)
{
	struct value *map = value_map(into);
	const struct value *keys;

	if (!hostvar_iterate(self, into, &keys, err))
		return false;
	VALUE_EACH (key, keys) {
		const struct value *value;

		if (!hostvar_get(self, into, key, &value, err))
			return false;
		value_set_key(into, map, key, value);
	}
	*out = map;
	return true;
}

static const struct object_class hostvar_class = { .type_name = "HostVarsVars",
	.get = hostvar_get,
	.iterate = hostvar_iterate,
	.plain = hostvar_plain,
	.is_mapping = true };

static bool
hostvars_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err)
{
	struct run *run = self;
	struct inventory_host *host;

	(void)err;
	*out = NULL;
	if (!value_is_string(key))
		return true;
	host = inventory_host_find(run->inventory, value_string(key));
	if (!host && !strcmp(value_string(key), "localhost"))
		host = inventory_host_find_or_local(run->inventory, "localhost");
	if (host)
		*out = value_object(into, &hostvar_class, run_host_get(run, host));
	return true;
}

static bool
hostvars_iterate(void *self, struct arena *into, const struct value **out, struct error *err)
{
	const struct run *run = self;
	struct value *list = value_list(into);

	(void)err;
	for (size_t i = 0; i < run->inventory->hosts.count; i++)
		value_add(into, list, value_text(into, run->inventory->hosts.entries[i].key));
	*out = list;
	return true;
}

static const struct object_class hostvars_class = { .type_name = "HostVars",
	.get = hostvars_get,
	.iterate = hostvars_iterate,
	.is_mapping = true };

/* ---- magic variables ---- */

struct magic_call {
	struct task_scope *scope;
	struct run *run;
	struct run_host *host;
	const struct node *task, *play;
	struct arena *into;
};

typedef const struct value *magic_function(const struct magic_call *call);

static const struct value *
borrowed(const struct magic_call *call, const char *text)
{
	return text ? value_borrow(call->into, text, strlen(text)) : NULL;
}

static const struct value *
magic_inventory_hostname(const struct magic_call *call)
{
	return borrowed(call, call->host->name);
}

static const struct value *
magic_inventory_hostname_short(const struct magic_call *call)
{
	size_t length = strcspn(call->host->name, ".");

	return value_bytes(call->into, call->host->name, length);
}

static const struct value *
magic_inventory_file(const struct magic_call *call)
{
	return borrowed(call, call->host->inventory->file);
}

static const struct value *
magic_inventory_dir(const struct magic_call *call)
{
	return borrowed(call, call->host->inventory->directory);
}

static const struct value *
magic_groups(const struct magic_call *call)
{
	struct run *run = call->run;

	if (run->groups_value)
		return run->groups_value;
	run->groups_value = value_map(&run->arena);
	for (size_t i = 0; i < run->inventory->groups.count; i++) {
		const struct inventory_group *group = run->inventory->groups.entries[i].value;
		struct value *list = value_list(&run->arena);
		struct host_list hosts = { 0 };

		inventory_group_hosts(group, &run->arena, &hosts);
		for (size_t j = 0; j < hosts.count; j++)
			value_add(&run->arena, list, value_text(&run->arena, hosts.hosts[j]->name));
		value_set(&run->arena, run->groups_value, group->name, list);
	}
	return run->groups_value;
}

static const struct value *
magic_group_names(const struct magic_call *call)
{
	return inventory_group_names(call->host->inventory, call->into);
}

static const struct value *
magic_hostvars(const struct magic_call *call)
{
	return value_object(call->into, &hostvars_class, call->run);
}

static const struct value *
host_names(struct arena *into, struct run_host *const *hosts, size_t count, bool only_alive)
{
	struct value *list = value_list(into);

	for (size_t i = 0; i < count; i++)
		if (!only_alive || (!hosts[i]->is_failed && !hosts[i]->is_unreachable))
			value_add(into, list,
				value_borrow(into, hosts[i]->name, strlen(hosts[i]->name)));
	return list;
}

static const struct value *
magic_play_batch(const struct magic_call *call)
{
	const struct play_run *play = call->run->play;

	return play ? host_names(call->into, play->hosts, play->count, true) : NULL;
}

static const struct value *
magic_play_hosts(const struct magic_call *call)
{
	const struct play_run *play = call->run->play;

	return play ? host_names(call->into, play->listed, play->all_count, true) : NULL;
}

static const struct value *
magic_play_hosts_all(const struct magic_call *call)
{
	const struct play_run *play = call->run->play;

	return play ? host_names(call->into, play->listed, play->all_count, false) : NULL;
}

static const struct value *
absolute(const struct magic_call *call, const char *path)
{
	char *real = path ? realpath(path, NULL) : NULL;
	const struct value *value = real ? value_text(call->into, real) : borrowed(call, path);

	free(real);
	return value;
}

static const struct value *
magic_playbook_dir(const struct magic_call *call)
{
	const struct node *play = call->play	    ? call->play
				  : call->run->play ? call->run->play->node
						    : NULL;

	return play ? absolute(call, play->directory) : NULL;
}

static const struct value *
magic_role_path(const struct magic_call *call)
{
	return call->task && call->task->role ? absolute(call, call->task->role->path) : NULL;
}

static const struct value *
magic_role_name(const struct magic_call *call)
{
	return call->task && call->task->role ? borrowed(call, role_short_name(call->task->role))
					      : NULL;
}

static const struct value *
magic_ansible_role_name(const struct magic_call *call)
{
	return call->task && call->task->role ? borrowed(call, call->task->role->name) : NULL;
}

static const struct value *
magic_parent_roles(const struct magic_call *call)
{
	struct value *list = value_list(call->into);
	const struct role *role = call->task ? call->task->role : NULL;

	for (; role && role->parent; role = role->parent)
		if (!role->is_dependency)
			value_add(call->into, list, borrowed(call, role->parent->name));
	return list->list.count ? list : NULL;
}

enum role_set { ROLES_ALL, ROLES_OF_PLAY, ROLES_DEPENDED_ON };

static const struct value *
role_names(const struct magic_call *call, enum role_set set)
{
	struct value *list = value_list(call->into);

	for (size_t i = 0; call->play && i < call->play->role_count; i++) {
		const struct role *role = call->play->roles[i];

		const struct value *name = borrowed(call, role->name);

		if ((set == ROLES_ALL || (set == ROLES_DEPENDED_ON) == (role->parent != NULL)) &&
			!value_list_has(list, name))
			value_add(call->into, list, name);
	}
	return list;
}

static const struct value *
magic_role_names(const struct magic_call *call)
{
	return role_names(call, ROLES_ALL);
}

static const struct value *
magic_play_role_names(const struct magic_call *call)
{
	return role_names(call, ROLES_OF_PLAY);
}

static const struct value *
magic_dependent_role_names(const struct magic_call *call)
{
	return role_names(call, ROLES_DEPENDED_ON);
}

static const struct value *
magic_parent_role_paths(const struct magic_call *call)
{
	struct value *list = value_list(call->into);
	const struct role *role = call->task ? call->task->role : NULL;

	for (; role && role->parent; role = role->parent)
		if (!role->is_dependency)
			value_add(call->into, list, absolute(call, role->parent->path));
	return list->list.count ? list : NULL;
}

/* Where files of the task are looked for: its role and those that asked for it, its own file's
 * folder. */
static const struct value *
magic_search_path(const struct magic_call *call)
{
	struct value *list = value_list(call->into);
	const struct node *task = call->task;
	const char *file = task ? task->place.file : NULL,
		   *slash = file ? strrchr(file, '/') : NULL;
	const struct value *own, *playbook = NULL;

	for (const struct role *role = task ? task->role : NULL; role; role = role->parent)
		value_add(call->into, list, absolute(call, role->path));
	own = absolute(call, slash ? arena_bytes(call->into, file, (size_t)(slash - file)) : ".");
	value_add(call->into, list, own);
	if (call->run->play)
		playbook = absolute(call, call->run->play->node->directory);
	if (playbook && !value_equals(own, playbook))
		value_add(call->into, list, playbook);
	return list;
}

/* There is no Python here; playbooks hand this on as an interpreter, which is not used either. */
static const struct value *
magic_playbook_python(const struct magic_call *call)
{
	return borrowed(call, "/usr/bin/python3");
}

static const struct value *
magic_play_name(const struct magic_call *call)
{
	return call->run->play ? borrowed(call, call->run->play->name) : NULL;
}

static const struct value *
magic_check_mode(const struct magic_call *call)
{
	return value_bool(call->into, call->run->settings->check_mode);
}

static const struct value *
magic_diff_mode(const struct magic_call *call)
{
	return value_bool(call->into, call->run->settings->diff);
}

static const struct value *
magic_forks(const struct magic_call *call)
{
	return value_int(call->into, call->run->settings->forks);
}

static const struct value *
magic_verbosity(const struct magic_call *call)
{
	return value_int(call->into, call->run->settings->verbosity);
}

static const struct value *
magic_limit(const struct magic_call *call)
{
	return borrowed(call, call->run->settings->limit);
}

static const struct value *
magic_run_tags(const struct magic_call *call)
{
	struct value *list;

	if (call->run->settings->tags->list.count)
		return call->run->settings->tags;
	list = value_list(call->into);
	value_add(call->into, list, borrowed(call, "all"));
	return list;
}

static const struct value *
magic_skip_tags(const struct magic_call *call)
{
	return call->run->settings->skip_tags;
}

static const struct value *
magic_config_file(const struct magic_call *call)
{
	const char *path = call->run->settings->config_file;

	return path ? borrowed(call, path) : &value_none;
}

static const struct value *
magic_environment(const struct magic_call *call)
{
	const struct value *sources[64];
	struct value *list = value_list(call->into);
	size_t count = call->task ? keyword_collect(call->task, KEYWORD_ENVIRONMENT, sources,
					    ARRAY_SIZE(sources))
				  : 0;

	for (size_t i = 0; i < count; i++)
		value_add(call->into, list, sources[i]);
	if (count)
		list->flags |= VALUE_DEEP;
	return list;
}

static const struct value *
magic_version(const struct magic_call *call)
{
	static const struct {
		const char *name;
		int number;
	} parts[] = { { "major", 2 }, { "minor", 14 }, { "revision", 18 } };
	struct value *map = value_map(call->into);

	value_set(call->into, map, "full", borrowed(call, "2.14.18"));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		value_set(call->into, map, parts[i].name, value_int(call->into, parts[i].number));
	value_set(call->into, map, "string", borrowed(call, "2.14.18"));
	return map;
}

static const struct value *
magic_ertc_version(const struct magic_call *call)
{
	return borrowed(call, ERTC_VERSION);
}

static const struct value *
magic_omit(const struct magic_call *call)
{
	(void)call;
	return &template_omit;
}

static const struct value *
magic_facts(const struct magic_call *call)
{
	return host_plain_facts(call->host);
}

static const struct value *
magic_inventory_sources(const struct magic_call *call)
{
	struct value *list = value_list(call->into);

	for (size_t i = 0; i < call->run->inventory->source_count; i++)
		value_add(call->into, list, absolute(call, call->run->inventory->sources[i]));
	return list;
}

static const struct value *
magic_failed_task(const struct magic_call *call)
{
	return call->host->failed_task;
}

static const struct value *
magic_failed_result(const struct magic_call *call)
{
	return call->host->failed_result;
}

static bool vars_get(void *self, struct arena *into, const struct value *key,
	const struct value **out, struct error *err);
static bool vars_iterate(
	void *self, struct arena *into, const struct value **out, struct error *err);
static const struct object_class vars_class = {
	.type_name = "dict", .get = vars_get, .iterate = vars_iterate, .is_mapping = true
};

static const struct value *
magic_vars(const struct magic_call *call)
{
	return value_object(call->into, &vars_class, call->scope);
}

/* As in Ansible, `vars` shows what is written, not what it evaluates to (lookup('vars', …) does).
 */
static bool
vars_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err)
{
	struct task_scope *scope = self;
	const struct value *raw;

	*out = NULL;
	if (!value_is_string(key))
		return true;
	if (!scope_find(&scope->scope, into, value_string_view(key), &raw, err))
		return false;
	*out = raw && value_has_template(raw) ? value_as_data(into, raw) : raw;
	return true;
}

static bool
vars_iterate(void *self, struct arena *into, const struct value **out, struct error *err)
{
	struct task_scope *scope = self;

	return scope_names(&scope->scope, into, out, err);
}

static const struct magic_row {
	const char *name;
	magic_function *function;
} magic_table[] = {
	{ "ansible_check_mode", magic_check_mode },
	{ "ansible_config_file", magic_config_file },
	{ "ansible_dependent_role_names", magic_dependent_role_names },
	{ "ansible_diff_mode", magic_diff_mode },
	{ "ansible_facts", magic_facts },
	{ "ansible_failed_result", magic_failed_result },
	{ "ansible_failed_task", magic_failed_task },
	{ "ansible_forks", magic_forks },
	{ "ansible_inventory_sources", magic_inventory_sources },
	{ "ansible_limit", magic_limit },
	{ "ansible_parent_role_names", magic_parent_roles },
	{ "ansible_parent_role_paths", magic_parent_role_paths },
	{ "ansible_play_batch", magic_play_batch },
	{ "ansible_play_hosts", magic_play_hosts },
	{ "ansible_play_hosts_all", magic_play_hosts_all },
	{ "ansible_play_name", magic_play_name },
	{ "ansible_play_role_names", magic_play_role_names },
	{ "ansible_playbook_python", magic_playbook_python },
	{ "ansible_role_name", magic_ansible_role_name },
	{ "ansible_role_names", magic_role_names },
	{ "ansible_run_tags", magic_run_tags },
	{ "ansible_search_path", magic_search_path },
	{ "ansible_skip_tags", magic_skip_tags },
	{ "ansible_verbosity", magic_verbosity },
	{ "ansible_version", magic_version },
	{ "environment", magic_environment },
	{ "ertc_version", magic_ertc_version },
	{ "group_names", magic_group_names },
	{ "groups", magic_groups },
	{ "hostvars", magic_hostvars },
	{ "inventory_dir", magic_inventory_dir },
	{ "inventory_file", magic_inventory_file },
	{ "inventory_hostname", magic_inventory_hostname },
	{ "inventory_hostname_short", magic_inventory_hostname_short },
	{ "omit", magic_omit },
	{ "play_hosts", magic_play_batch },
	{ "playbook_dir", magic_playbook_dir },
	{ "role_name", magic_role_name },
	{ "role_names", magic_play_role_names },
	{ "role_path", magic_role_path },
	{ "vars", magic_vars },
};

static int
compare_magic(const void *key, const void *row)
{
	const struct view *name = key;
	const char *other = ((const struct magic_row *)row)->name;
	int order = strncmp(name->data, other, name->length);

	return order ? order : other[name->length] ? -1 : 0;
}

bool
variables_magic(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct task_scope *scope = context;
	const struct magic_row *row = bsearch(
		&name, magic_table, ARRAY_SIZE(magic_table), sizeof(magic_table[0]), compare_magic);
	struct magic_call call = { .scope = scope,
		.run = scope->run,
		.host = scope->host,
		.task = scope->task,
		.play = scope->task ? scope->task->play : NULL,
		.into = into };

	*out = NULL;
	if (!row)
		return true;
	if (row->function == magic_facts && is_pending(scope, VIEW("ansible_facts"), true))
		return fail(err, ERR_PENDING, "facts are still on their way");
	*out = row->function(&call);
	return true;
}
