/* The keywords of playbooks: where each may stand, and how a task finds what it inherits. */
#include "orchestrator/playbook/node.h"

#define ANYWHERE (ON_PLAY | ON_ROLE | ON_BLOCK | ON_TASK | ON_HANDLER)
#define INSIDE (ON_ROLE | ON_BLOCK | ON_TASK | ON_HANDLER)
#define TASKS (ON_TASK | ON_HANDLER)

#define ROW(keyword, text, where, about) \
	[KEYWORD_##keyword] = { .name = text, .places = where, .doc = about }

const struct keyword_row keyword_table[KEYWORD_COUNT] = {
	ROW(NAME, "name", ANYWHERE, "What it is called in the report."),
	ROW(WHEN, "when", INSIDE, "Conditions; all must hold."),
	ROW(TAGS, "tags", ANYWHERE, "Names to choose tasks by; added to those around."),
	ROW(VARS, "vars", ANYWHERE, "Variables for this and all inside."),
	ROW(ENVIRONMENT, "environment", ANYWHERE, "Environment variables on the target."),
	ROW(BECOME, "become", ANYWHERE, "Work as another user."),
	ROW(BECOME_USER, "become_user", ANYWHERE, "Who to become; root unless said."),
	ROW(BECOME_METHOD, "become_method", ANYWHERE, "sudo, su or doas."),
	ROW(BECOME_FLAGS, "become_flags", ANYWHERE, "Flags for the become program."),
	ROW(BECOME_EXE, "become_exe", ANYWHERE, "The become program."),
	ROW(CHECK_MODE, "check_mode", ANYWHERE,
		"Only say what would change (yes), or change even in check mode (no)."),
	ROW(DIFF, "diff", ANYWHERE, "Show what changes in files."),
	ROW(NO_LOG, "no_log", ANYWHERE, "Show nothing of arguments and results."),
	ROW(IGNORE_ERRORS, "ignore_errors", ANYWHERE, "Go on after a failure."),
	ROW(IGNORE_UNREACHABLE, "ignore_unreachable", ANYWHERE, "Go on when the host is lost."),
	ROW(ANY_ERRORS_FATAL, "any_errors_fatal", ANYWHERE,
		"One failed host ends the play for all."),
	ROW(RUN_ONCE, "run_once", ANYWHERE,
		"Only the first host of the batch; the result counts for all."),
	ROW(THROTTLE, "throttle", ANYWHERE, "At most so many hosts at once."),
	ROW(TIMEOUT, "timeout", ANYWHERE, "Seconds after which the task is killed on the target."),
	ROW(CONNECTION, "connection", ANYWHERE, "ssh, ssh-cli or local."),
	ROW(PORT, "port", ANYWHERE, "The SSH port."),
	ROW(REMOTE_USER, "remote_user", ANYWHERE, "The login name."),
	ROW(MODULE_DEFAULTS, "module_defaults", ANYWHERE, "Default arguments per module."),
	ROW(COLLECTIONS, "collections", ANYWHERE,
		"Accepted and not used: all modules are built in."),
	ROW(DEBUGGER, "debugger", ANYWHERE, "Accepted and not used."),
	ROW(DELEGATE_TO, "delegate_to", INSIDE, "Do it on that host, for this one."),
	ROW(DELEGATE_FACTS, "delegate_facts", INSIDE,
		"Facts gathered belong to the delegated host."),
	ROW(ACTION, "action", TASKS, "Module and arguments in one."),
	ROW(LOCAL_ACTION, "local_action", TASKS, "As action, on the controller."),
	ROW(ARGS, "args", TASKS, "More arguments, as a mapping."),
	ROW(ASYNC, "async", TASKS, "Seconds a task may take in the background."),
	ROW(POLL, "poll", TASKS, "Seconds between looks at a background task."),
	ROW(REGISTER, "register", TASKS, "Variable that takes the result."),
	ROW(CHANGED_WHEN, "changed_when", TASKS, "When the result counts as a change."),
	ROW(FAILED_WHEN, "failed_when", TASKS, "When the result counts as a failure."),
	ROW(UNTIL, "until", TASKS, "Repeat until this holds."),
	ROW(RETRIES, "retries", TASKS, "How often to repeat."),
	ROW(DELAY, "delay", TASKS, "Seconds between repeats."),
	ROW(LOOP, "loop", TASKS, "A list; the task is done once per item."),
	ROW(LOOP_CONTROL, "loop_control", TASKS, "loop_var, index_var, label, pause, extended."),
	ROW(NOTIFY, "notify", ON_BLOCK | TASKS, "Handlers to run after a change."),
	ROW(LISTEN, "listen", ON_HANDLER, "More names a handler is notified by."),
	ROW(BLOCK, "block", ON_BLOCK, "Tasks that belong together."),
	ROW(RESCUE, "rescue", ON_BLOCK, "Tasks for when one of the block failed."),
	ROW(ALWAYS, "always", ON_BLOCK, "Tasks that are run in any case."),
	ROW(HOSTS, "hosts", ON_PLAY, "Pattern of the hosts of the play."),
	ROW(ORDER, "order", ON_PLAY,
		"inventory, reverse_inventory, sorted, reverse_sorted, shuffle."),
	ROW(GATHER_FACTS, "gather_facts", ON_PLAY, "Look at the hosts first."),
	ROW(GATHER_SUBSET, "gather_subset", ON_PLAY, "Which facts."),
	ROW(GATHER_TIMEOUT, "gather_timeout", ON_PLAY, "Seconds for each probe."),
	ROW(FACT_PATH, "fact_path", ON_PLAY, "Folder of local facts on the host."),
	ROW(VARS_FILES, "vars_files", ON_PLAY, "Files with variables."),
	ROW(VARS_PROMPT, "vars_prompt", ON_PLAY, "Variables to ask for."),
	ROW(ROLES, "roles", ON_PLAY, "Roles, done before the tasks."),
	ROW(TASKS, "tasks", ON_PLAY, "Tasks."),
	ROW(PRE_TASKS, "pre_tasks", ON_PLAY, "Tasks before the roles."),
	ROW(POST_TASKS, "post_tasks", ON_PLAY, "Tasks after all others."),
	ROW(HANDLERS, "handlers", ON_PLAY, "Tasks that are run when notified."),
	ROW(FORCE_HANDLERS, "force_handlers", ON_PLAY,
		"Run notified handlers even after a failure."),
	ROW(MAX_FAIL_PERCENTAGE, "max_fail_percentage", ON_PLAY,
		"End the play when more hosts failed."),
	ROW(SERIAL, "serial", ON_PLAY, "Batches: a number, a percentage, or a list of them."),
	ROW(STRATEGY, "strategy", ON_PLAY, "linear, free or host_pinned."),
	ROW(ROLE, "role", ON_ROLE, "The role's name."),
};

int
keyword_find_name(struct view name)
{
	for (int i = 0; i < KEYWORD_COUNT; i++)
		if (view_is(name, keyword_table[i].name))
			return i;
	return -1;
}

const struct value *
keyword_find(const struct node *node, enum keyword keyword)
{
	for (; node; node = node->parent)
		if (node->keywords[keyword])
			return node->keywords[keyword];
	return NULL;
}

size_t
keyword_collect(
	const struct node *node, enum keyword keyword, const struct value **out, size_t room)
{
	const struct value *found[64];
	size_t count = 0, kept;

	for (; node && count < ARRAY_SIZE(found); node = node->parent)
		if (node->keywords[keyword])
			found[count++] = node->keywords[keyword];
	kept = MIN(count, room);
	for (size_t i = 0; i < kept; i++)
		out[i] = found[count - 1 - i];
	return kept;
}

void
node_list_add(struct arena *arena, struct node_list *list, struct node *node)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 8;

		list->nodes =
			arena_grow(arena, list->nodes, list->count, room, sizeof(*list->nodes));
		list->room = room;
	}
	list->nodes[list->count++] = node;
}

const char *
node_title(const struct node *node, struct arena *into)
{
	const char *name = value_string(node->keywords[KEYWORD_NAME]);

	if (!name || !*name)
		name = node->step_name ? node->step_name
		       : node->written ? node->written
		       : node->action  ? node->action
				       : "action";
	if (node->action && !strcmp(node->action, "include_role")) /* as in Ansible, without its role */
		return name;
	if (node->role && node->kind == NODE_TASK)
		return arena_format(into, "%s : %s", node->role->name, name);
	return name;
}
