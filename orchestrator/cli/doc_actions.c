/* The docs of actions that are the controller's alone, and so have no file in modules/. */
#include "orchestrator/cli/doc.h"

#define TEXT(parameter, about, ...)                                                     \
	{                                                                               \
		.name = parameter, .type = PARAM_TYPE_STRING, .doc = about, __VA_ARGS__ \
	}
#define FLAG(parameter, about, ...)                                                   \
	{                                                                             \
		.name = parameter, .type = PARAM_TYPE_FLAG, .doc = about, __VA_ARGS__ \
	}
#define MAP(parameter, about, ...)                                                   \
	{                                                                            \
		.name = parameter, .type = PARAM_TYPE_MAP, .doc = about, __VA_ARGS__ \
	}
#define LIST(parameter, about, ...)                                                    \
	{                                                                              \
		.name = parameter, .type = PARAM_TYPE_TEXTS, .doc = about, __VA_ARGS__ \
	}

#define FROM                                                                                      \
	TEXT("tasks_from", "File of the role's tasks/ to use.", .fallback = "main"),              \
		TEXT("vars_from", "File of its vars/.", .fallback = "main"),                      \
		TEXT("defaults_from", "File of its defaults/.", .fallback = "main"),              \
		TEXT("handlers_from", "File of its handlers/.", .fallback = "main"),              \
		FLAG("allow_duplicates", "It may be used again in the same play.",                \
			.fallback = "true"),                                                      \
		FLAG("rolespec_validate", "Check its arguments against meta/argument_specs.yml.", \
			.fallback = "true")

static const struct param add_host[] = {
	TEXT("name", "The host; a port may follow with a colon.", .required = true,
		.aliases = TEXTS("host", "hostname")),
	LIST("groups", "Groups it is added to.", .aliases = TEXTS("group", "groupname")), PARAMS_END
};
static const struct param group_by[] = {
	TEXT("key", "The group each host is added to; an expression for each.", .required = true),
	LIST("parents", "Groups of which that is a child.", .fallback = "all"), PARAMS_END
};
static const struct param include_tasks[] = { TEXT("file", "The file; also given as free text."),
	MAP("apply", "Keywords (become, tags, when …) for the tasks that come."), PARAMS_END };
static const struct param import_tasks[] = { TEXT("file", "The file; also given as free text."),
	PARAMS_END };
static const struct param include_role[] = { TEXT("name", "The role.", .required = true), FROM,
	FLAG("public", "Its variables are the play's too from then on.", .fallback = "false"),
	MAP("apply", "Keywords for the tasks that come."), PARAMS_END };
static const struct param import_role[] = { TEXT("name", "The role.", .required = true), FROM,
	PARAMS_END };
static const struct param import_playbook[] = {
	TEXT("import_playbook", "The file; stands as free text, at the level of plays.",
		.required = true),
	PARAMS_END
};
static const struct param set_stats[] = { MAP("data", "Names and values.", .required = true),
	FLAG("per_host", "Kept for each host, not for the run.", .fallback = "false"),
	FLAG("aggregate", "Added to what is there, not in its place.", .fallback = "true"),
	PARAMS_END };
static const struct param validate_argument_spec[] = {
	MAP("argument_spec", "The parameters, as in meta/argument_specs.yml.", .required = true),
	MAP("provided_arguments", "Their values; what is not here is looked for in variables."),
	PARAMS_END
};

const struct module doc_actions[] = {
	{ .name = "add_host",
		.summary = "Add a host to the inventory of this run",
		.params = add_host,
		.takes_any = true,
		.examples = "- add_host:\n    name: \"{{ new_address }}\"\n    groups: [web]\n"
			    "    http_port: 8080\n" },
	{ .name = "group_by",
		.summary = "Add each host to a group that is named by a value",
		.params = group_by,
		.examples = "- group_by:\n    key: os_{{ ansible_facts.distribution }}\n" },
	{ .name = "import_playbook",
		.summary = "The plays of another playbook, in this place",
		.params = import_playbook,
		.examples = "- import_playbook: database.yml\n" },
	{ .name = "import_role",
		.summary = "A role among tasks, read when the playbook is",
		.params = import_role,
		.examples = "- import_role:\n    name: nginx\n    tasks_from: reload\n" },
	{ .name = "import_tasks",
		.summary = "The tasks of a file, read when the playbook is",
		.params = import_tasks,
		.examples = "- import_tasks: install.yml\n" },
	{ .name = "include",
		.summary = "The old form of include_tasks and import_tasks",
		.params = import_tasks,
		.examples = "- include: install.yml\n" },
	{ .name = "include_role",
		.summary = "A role among tasks, read when its turn comes",
		.params = include_role,
		.examples =
			"- include_role:\n    name: \"{{ item }}\"\n  loop: [nginx, certbot]\n" },
	{ .name = "include_tasks",
		.summary = "The tasks of a file, read when their turn comes",
		.params = include_tasks,
		.examples = "- include_tasks: \"{{ ansible_facts.os_family }}.yml\"\n" },
	{ .name = "set_stats",
		.summary = "Values that stand at the end of the report",
		.params = set_stats,
		.examples = "- set_stats:\n    data:\n      built: \"{{ version }}\"\n" },
	{ .name = "validate_argument_spec",
		.summary = "Check variables against a specification",
		.params = validate_argument_spec,
		.examples =
			"- validate_argument_spec:\n    argument_spec:\n      port: { type: int, "
			"required: true }\n" },
	{ .name = NULL },
};
