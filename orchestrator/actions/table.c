/* All actions of the controller, by name. */
#include "orchestrator/actions/actions.h"

const struct action action_table[] = {
	{ .name = "add_host", .waits = true, .is_once = true, .run = action_add_host },
	{ .name = "assert",
		.fails_plainly = true,
		.options = TEXTS("fail_msg", "msg", "quiet", "success_msg", "that"),
		.run = action_assert },
	{ .name = "debug", .options = TEXTS("msg", "var", "verbosity"), .run = action_debug },
	{ .name = "fail", .options = TEXTS("msg"), .run = action_fail },
	{ .name = "fetch",
		.is_remote = true,
		.run = action_fetch,
		.finish = action_fetch_finish },
	{ .name = "group_by",
		.waits = true,
		.options = TEXTS("key", "parents"),
		.run = action_group_by },
	{ .name = "include_role", .is_include = true, .run = action_include },
	{ .name = "include_tasks", .is_include = true, .run = action_include },
	{ .name = "include_vars",
		.waits = true,
		.fails_plainly = true,
		.checks_parameters = true,
		.run = action_include_vars },
	{ .name = "meta", .waits = true, .run = action_meta },
	{ .name = "pause", .waits = true, .is_once = true, .run = action_pause },
	{ .name = "reboot",
		.waits = true,
		.options = TEXTS("boot_time_command", "connect_timeout", "msg", "post_reboot_delay",
			"pre_reboot_delay", "reboot_command", "reboot_timeout", "search_paths",
			"test_command"),
		.run = action_reboot },
	{ .name = "set_fact", .waits = true, .run = action_set_fact },
	{ .name = "set_stats",
		.waits = true,
		.options = TEXTS("aggregate", "data", "per_host"),
		.run = action_set_stats },
	{ .name = "validate_argument_spec", .fails_plainly = true, .run = action_validate_argument_spec },
	{ .name = "wait_for_connection",
		.waits = true,
		.options = TEXTS("connect_timeout", "delay", "sleep", "timeout"),
		.run = action_wait_for_connection },
	{ .name = NULL },
};

const struct action *
action_find(const char *name)
{
	for (const struct action *action = action_table; action->name; action++)
		if (!strcmp(action->name, name))
			return action;
	return NULL;
}
