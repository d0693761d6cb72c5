/* `ertc inventory doctor [HOST] [PLAYBOOK…]`. */
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/inventory.h"

enum { EXIT_ARGUMENTS = 2 };

static const enum option_id offered[] = { OPTION_INVENTORY, OPTION_REGION, OPTION_STACK,
	OPTION_FLUSH_CACHE, OPTION_EXTRA_VARS, OPTION_FORKS, OPTION_USER, OPTION_ASK_PASS,
	OPTION_CONNECTION_PASSWORD_FILE, OPTION_PRIVATE_KEY, OPTION_CONNECTION, OPTION_TIMEOUT,
	OPTION_SSH_COMMON_ARGS, OPTION_SSH_EXTRA_ARGS, OPTION_PLAYBOOK_DIR, OPTION_VAULT_ID,
	OPTION_VAULT_PASSWORD_FILE, OPTION_ASK_VAULT_PASS, OPTION_VERBOSE, OPTION_VERSION,
	OPTION_HELP, OPTION_COUNT };

static const char usage[] =
	"usage: ertc inventory doctor [options] [HOST] [PLAYBOOK ...]\n\nTries to log in to each "
	"host, or those that match HOST, and explains why one is not reached.\nWith playbooks: "
	"compares the ports that their roles need with what the cloud admits.";

static bool
is_playbook(const char *path)
{
	return text_ends(path, ".yml") || text_ends(path, ".yaml");
}

static int
doctor_run(struct play_command *command)
{
	const char *directory = option_text(&command->options, OPTION_PLAYBOOK_DIR);
	const char *const *paths = command->options.paths + 1; /* behind the word «doctor» */
	const char *pattern = *paths && !is_playbook(*paths) ? *paths++ : "all";
	struct error err;

	error_clear(&err);
	play_settings(command);
	command->inventory->wants_diagnosis = true;
	if (!play_vaults(command, &err) || !play_extra_vars(command, &err) ||
		!play_passwords(command, &err) || !play_inventory(command, &err) ||
		!inventory_finish(command->inventory, directory ? directory : ".", &err)) {
		report_error(command->report, &err);
		return RUN_ERROR;
	}
	return run_doctor(&command->settings, command->inventory, command->report, pattern, paths);
}

/* Not the host or group of that name: those stand behind an option, or beside another action. */
bool
is_inventory_doctor(int argc, char **argv)
{
	static const char *const actions[] = { "--list", "--graph", "--host", "--render",
		"--watch" };
	bool found = false;

	for (int i = 1; i < argc; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(actions); j++)
			if (text_starts(argv[i], actions[j]))
				return false;
		found |= !strcmp(argv[i], "doctor") && argv[i - 1][0] != '-';
	}
	return found;
}

int
command_inventory_doctor(int argc, char **argv)
{
	struct play_command command = { 0 };
	struct error err;
	int code = 0;

	error_clear(&err);
	if (!options_read_verb(&command.options, offered, argc, argv, &err) ||
		!command.options.path_count || strcmp(command.options.paths[0], "doctor") != 0) {
		options_help_verb(stderr, offered, usage);
		fprintf(stderr, "ertc inventory doctor: error: %s%s%s\n",
			err.what[0] ? err.what : "the word «doctor» comes first",
			err.hint[0] ? "; " : "", err.hint);
		code = EXIT_ARGUMENTS;
	} else if (option_flag(&command.options, OPTION_HELP)) {
		options_help_verb(stdout, offered, usage);
	} else if (option_flag(&command.options, OPTION_VERSION)) {
		version_print("ertc inventory doctor");
	} else {
		play_open(&command);
		code = doctor_run(&command);
	}
	play_close(&command);
	return code;
}
