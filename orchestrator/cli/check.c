/* `ertc vars` and `ertc lint`: what a run would see, and what it would stumble over. */
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/play.h"

static const char vars_usage[] = "usage: ertc vars HOST [NAME] [--why] [-i INVENTORY] "
				 "[PLAYBOOK...]\n\nShows the variables of a "
				 "host, or the one called NAME; with playbooks as their plays see "
				 "them\n(NAME is left out when the "
				 "word is a file).";
static const char lint_usage[] = "usage: ertc lint [-i INVENTORY] PLAYBOOK...\n\nFinds what is "
				 "wrong in playbooks and roles without "
				 "a connection: form, keywords, modules, templates,\narguments, "
				 "handlers. Ends with 2 if there is "
				 "anything.";

static const enum option_id vars_options[] = { OPTION_INVENTORY, OPTION_REGION, OPTION_STACK,
	OPTION_FLUSH_CACHE, OPTION_EXTRA_VARS, OPTION_WHY, OPTION_VAULT_ID,
	OPTION_VAULT_PASSWORD_FILE, OPTION_ASK_VAULT_PASS, OPTION_VERBOSE, OPTION_HELP,
	OPTION_COUNT };
static const enum option_id lint_options[] = { OPTION_INVENTORY, OPTION_EXTRA_VARS,
	OPTION_MODULE_PATH, OPTION_VAULT_ID, OPTION_VAULT_PASSWORD_FILE, OPTION_ASK_VAULT_PASS,
	OPTION_VERBOSE, OPTION_HELP, OPTION_COUNT };

static bool
prepare(struct play_command *command, struct error *err)
{
	play_settings(command);
	return play_vaults(command, err) && play_extra_vars(command, err) &&
	       play_inventory(command, err);
}

static int
vars_run(struct play_command *command)
{
	const char **words = command->options.paths, *name = NULL;
	struct error err;

	error_clear(&err);
	if (!command->options.path_count) {
		fprintf(stderr, "%s\n", vars_usage);
		return RUN_BAD_OPTIONS;
	}
	command->inventory->keeps_levels = true;
	if (!prepare(command, &err)) {
		report_error(command->report, &err);
		return RUN_ERROR;
	}
	if (words[1] && access(words[1], F_OK) != 0) {
		name = words[1];
		words++;
	}
	return run_explain(&command->settings, command->inventory, command->report, words + 1,
		command->options.paths[0], name, option_flag(&command->options, OPTION_WHY));
}

static int
lint_run(struct play_command *command)
{
	struct error err;

	error_clear(&err);
	if (!command->options.path_count) {
		fprintf(stderr, "%s\n", lint_usage);
		return RUN_BAD_OPTIONS;
	}
	if (!prepare(command, &err)) {
		report_error(command->report, &err);
		return RUN_ERROR;
	}
	return run_lint(
		&command->settings, command->inventory, command->report, command->options.paths);
}

static int
with_options(int argc, char **argv, const enum option_id *offered, const char *usage,
	int (*run)(struct play_command *command))
{
	struct play_command command = { 0 };
	struct error err;
	int code = RUN_OK;

	if (!options_read_verb(&command.options, offered, argc, argv, &err)) {
		options_help_verb(stderr, offered, usage);
		fprintf(stderr, "ertc %s: error: %s%s%s\n", argv[0], err.what,
			err.hint[0] ? "; " : "", err.hint);
		code = RUN_BAD_OPTIONS;
	} else if (option_flag(&command.options, OPTION_HELP)) {
		options_help_verb(stdout, offered, usage);
	} else {
		play_open(&command);
		code = run(&command);
	}
	play_close(&command);
	return code;
}

int
command_vars(int argc, char **argv)
{
	return with_options(argc, argv, vars_options, vars_usage, vars_run);
}

int
command_lint(int argc, char **argv)
{
	return with_options(argc, argv, lint_options, lint_usage, lint_run);
}
