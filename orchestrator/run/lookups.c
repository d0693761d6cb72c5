/* Lookups of a task: where its files are, what its names mean. */
#include "orchestrator/lookups/lookups.h"

#include "orchestrator/run/internal.h"

static const struct node *
node_of(const struct task_scope *scope)
{
	static const struct node nowhere = { .kind = NODE_TASK };

	return scope->task ? scope->task : &nowhere;
}

/* Where the file of such a task is looked for, beside files/. */
static const char *
kind_of_task(const struct node *task)
{
	static const struct {
		const char *action, *kind;
	} kinds[] = { { "include_tasks", "tasks" }, { "include_vars", "vars" },
		{ "template", "templates" } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_equals(task->action, kinds[i].action))
			return kinds[i].kind;
	return "files";
}

static bool
find_file(void *context, const char *kind, const char *name, struct arena *into, const char **out,
	struct error *err)
{
	if (text_equals(kind, LOOKUP_KIND_OF_TASK))
		kind = kind_of_task(node_of(context));
	return file_find(node_of(context), kind, name, into, out, err);
}

static bool
read_file(void *context, const char *path, struct arena *into, struct view *out, struct error *err)
{
	const struct task_scope *scope = context;

	return controller_text_read(scope->run, into, path, out, err);
}

static const struct value *
folders(void *context, struct arena *into)
{
	const struct node *node = node_of(context);
	struct value *list = value_list(into);

	for (const struct role *role = node->role; role; role = role->parent)
		if (role->path)
			value_add(into, list, value_text(into, role->path));
	if (node->directory)
		value_add(into, list, value_text(into, node->directory));
	if (node->play)
		value_add(into, list, value_text(into, node->play->directory));
	return list;
}

static bool
hosts(void *context, const char *pattern, struct arena *into, struct value *out, struct error *err)
{
	const struct task_scope *scope = context;
	struct host_list found = { 0 };

	/* What matches nothing gives nothing; the inventory has warned. */
	if (!inventory_match(scope->run->inventory, pattern, into, &found, err)) {
		error_clear(err);
		return true;
	}
	for (size_t i = 0; i < found.count; i++)
		value_add(into, out, value_text(into, found.hosts[i]->name));
	return true;
}

static void
warn(void *context, const char *text)
{
	const struct task_scope *scope = context;

	report_warning(scope->run->report, "%s", text);
}

/* The inventory was told how to ask for what ansible.cfg says. */
static const char *
setting(void *context, const char *section, const char *key)
{
	const struct task_scope *scope = context;
	const struct inventory *inventory = scope->run->inventory;

	return inventory->setting ? inventory->setting(inventory->setting_context, section, key)
				  : NULL;
}

bool
variables_lookup(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	const struct task_scope *scope = context;
	const struct node *node = node_of(scope);
	const struct lookup_context lookups = { .env = scope->run->templates,
		.names = &scope->templates,
		.directory = node->play ? node->play->directory : NULL,
		.find_file = find_file,
		.read_file = read_file,
		.folders = folders,
		.hosts = hosts,
		.warn = warn,
		.setting = setting,
		.context = context };

	return lookup_call(&lookups, into, name, terms, options, out, err);
}

bool
variables_load(void *context, struct arena *into, const char *name, struct view *text,
	const char **path, struct error *err)
{
	const struct task_scope *scope = context;

	return file_find(node_of(context), "templates", name, into, path, err) &&
	       controller_text_read(scope->run, into, *path, text, err);
}
