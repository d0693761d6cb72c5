/* `ertc run`: one task on the hosts of a pattern, as `ansible` does it. It is a play with that one
 * task, made in memory, and goes the way of every play. */
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/play.h"
#include "yaml/yaml.h"

enum { EXIT_ARGUMENTS = 2 };

static const enum option_id offered[] = { OPTION_MODULE_NAME, OPTION_MODULE_ARGS, OPTION_ONE_LINE,
	OPTION_TREE, OPTION_BACKGROUND, OPTION_POLL, OPTION_ADHOC_TIMEOUT, OPTION_INVENTORY,
	OPTION_LIMIT, OPTION_REGION, OPTION_STACK, OPTION_FLUSH_CACHE, OPTION_EXTRA_VARS,
	OPTION_FORKS, OPTION_CHECK, OPTION_DIFF, OPTION_BECOME, OPTION_BECOME_USER,
	OPTION_BECOME_METHOD, OPTION_ASK_BECOME_PASS, OPTION_BECOME_PASSWORD_FILE, OPTION_USER,
	OPTION_ASK_PASS, OPTION_CONNECTION_PASSWORD_FILE, OPTION_PRIVATE_KEY, OPTION_CONNECTION,
	OPTION_TIMEOUT, OPTION_SSH_COMMON_ARGS, OPTION_SSH_EXTRA_ARGS, OPTION_SFTP_EXTRA_ARGS,
	OPTION_SCP_EXTRA_ARGS, OPTION_LIST_HOSTS, OPTION_MODULE_PATH, OPTION_PLAYBOOK_DIR,
	OPTION_VAULT_ID, OPTION_VAULT_PASSWORD_FILE, OPTION_ASK_VAULT_PASS, OPTION_VERBOSE,
	OPTION_VERSION, OPTION_HELP, OPTION_COUNT };

static const char usage[] = "usage: ertc run PATTERN [-m MODULE] [-a ARGS] [options]\n\nRuns one "
			    "task on the hosts of a pattern.";

/* Of the word that was typed: a template, with a place to blame. */
static const struct value *
typed(struct arena *into, const char *text)
{
	static const char place[] = "<command line>";
	struct value *value = value_text(into, text);

	value->flags = VALUE_TEMPLATE;
	value->place = (struct place){ place, 1, 1 };
	return value;
}

/* {"cmd": "x"} is YAML; all else is what stands behind the module's name in a task. */
static bool
arguments(
	struct play_command *command, const char *text, const struct value **out, struct error *err)
{
	const struct yaml_options options = { .templates = true };

	if (text && text[0] == '{' && text_ends(text, "}") && text[1] != '{')
		return yaml_load(
			&command->arena, view_of(text), "<command line>", &options, out, err);
	*out = text && *text ? typed(&command->arena, text) : value_text(&command->arena, NULL);
	return true;
}

static bool
play_make(struct play_command *command, const struct value **out, struct error *err)
{
	const struct options *options = &command->options;
	const char *module = option_text(options, OPTION_MODULE_NAME);
	const char *background = option_text(options, OPTION_BACKGROUND);
	struct arena *arena = &command->arena;
	struct value *play = value_map(arena), *task = value_map(arena), *tasks = value_list(arena);
	const struct value *args;

	if (!arguments(command, option_text(options, OPTION_MODULE_ARGS), &args, err))
		return false;
	value_set(arena, task, module, args);
	if (background) {
		value_set(arena, task, "async", typed(arena, background));
		value_set(arena, task, "poll", typed(arena, option_text(options, OPTION_POLL)));
	}
	if (option_text(options, OPTION_ADHOC_TIMEOUT))
		value_set(arena, task, "timeout",
			typed(arena, option_text(options, OPTION_ADHOC_TIMEOUT)));
	task->place = (struct place){ "<command line>", 1, 1 };
	value_add(arena, tasks, task);
	value_set(arena, play, "name", value_text(arena, "Ansible Ad-Hoc"));
	value_set(arena, play, "hosts", typed(arena, options->paths[0]));
	value_set(arena, play, "gather_facts", &value_false);
	value_set(arena, play, "tasks", tasks);
	*out = play;
	return true;
}

/* What makes no sense here, and what was forgotten. */
static bool
check(const struct options *options, struct error *err)
{
	static const char *const refused[] = { "import_playbook", "include", NULL };
	static const char *const need[] = { "command", "shell", "script", "raw", "win_command",
		"win_shell", NULL };
	const char *module = option_text(options, OPTION_MODULE_NAME);
	const char *dot = strrchr(module, '.'), *name = dot ? dot + 1 : module;

	for (size_t i = 0; refused[i]; i++)
		if (!strcmp(name, refused[i]))
			return fail(err, ERR_OPTIONS,
				"'%s' is not a valid action for ad-hoc commands", module);
	for (size_t i = 0; need[i]; i++)
		if (!strcmp(name, need[i]) && !option_text(options, OPTION_MODULE_ARGS) &&
			!option_flag(options, OPTION_LIST_HOSTS)) {
			fail(err, ERR_OPTIONS, "No argument passed to %s module", module);
			if (text_ends(options->paths[0], ".yml") ||
				text_ends(options->paths[0], ".yaml"))
				error_hint(err, "did you mean to run ertc-play?");
			return false;
		}
	return true;
}

static bool
list_hosts(struct play_command *command, struct error *err)
{
	struct host_list hosts = { 0 }, only = { 0 };
	const char *limit = option_text(&command->options, OPTION_LIMIT);
	size_t count = 0;

	if (!inventory_finish(command->inventory, NULL, err) ||
		!inventory_match(command->inventory, command->options.paths[0], &command->arena,
			&hosts, err) ||
		(limit && !inventory_match(command->inventory, limit, &command->arena, &only, err)))
		return false;
	for (size_t i = 0; i < hosts.count; i++)
		if (!limit || host_list_has(&only, hosts.hosts[i]))
			hosts.hosts[count++] = hosts.hosts[i];
	if (!count)
		report_warning(command->report, "No hosts matched, nothing to do");
	report_text(command->report, "  hosts (%zu):", count);
	for (size_t i = 0; i < count; i++)
		report_text(command->report, "    %s", hosts.hosts[i]->name);
	return true;
}

static bool
run_prepare(struct play_command *command, const struct value **play, struct error *err)
{
	return play_vaults(command, err) && play_extra_vars(command, err) &&
	       play_passwords(command, err) && play_inventory(command, err) &&
	       play_make(command, play, err);
}

static int
run_command(struct play_command *command)
{
	const char *directory = option_text(&command->options, OPTION_PLAYBOOK_DIR);
	const struct value *play;
	struct error err;

	error_clear(&err);
	play_settings(command);
	if (!run_prepare(command, &play, &err) ||
		(command->settings.list_hosts && !list_hosts(command, &err))) {
		report_error(command->report, &err);
		return RUN_ERROR;
	}
	if (command->settings.list_hosts)
		return RUN_OK;
	return run_play_alone(&command->settings, command->inventory, command->report, play,
		directory ? directory : ".");
}

/* minimal, unless -o or the settings say otherwise. */
static void
callback_choose(struct play_command *command)
{
	struct option_value *value = &command->options.values[OPTION_STDOUT_CALLBACK];

	if (option_flag(&command->options, OPTION_ONE_LINE))
		value->text = "oneline";
	else if (!option_flag(&command->options, OPTION_ADHOC_CALLBACKS) || !value->text)
		value->text = "minimal";
}

int
command_run(int argc, char **argv)
{
	struct play_command command = { 0 };
	struct error err;
	int code = 0;

	error_clear(&err);
	if (!options_read_verb(&command.options, offered, argc, argv, &err) ||
		(command.options.path_count != 1 && !option_flag(&command.options, OPTION_HELP) &&
			!option_flag(&command.options, OPTION_VERSION))) {
		options_help_verb(stderr, offered, usage);
		fprintf(stderr, "ertc run: error: %s%s%s\n",
			err.what[0] ? err.what : "exactly one PATTERN is required",
			err.hint[0] ? "; " : "", err.hint);
		code = EXIT_ARGUMENTS;
	} else if (option_flag(&command.options, OPTION_HELP)) {
		options_help_verb(stdout, offered, usage);
	} else if (option_flag(&command.options, OPTION_VERSION)) {
		version_print("ertc run");
	} else if (!check(&command.options, &err)) {
		fprintf(stderr, "ERROR! %s%s%s\n", err.what, err.hint[0] ? "; " : "", err.hint);
		code = RUN_BAD_OPTIONS;
	} else {
		callback_choose(&command);
		play_open(&command);
		code = run_command(&command);
	}
	play_close(&command);
	return code;
}
