/* `ertc ssh HOST [COMMAND…]`. */
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/play.h"

enum { EXIT_ARGUMENTS = 2 };

static const enum option_id offered[] = { OPTION_INVENTORY, OPTION_REGION, OPTION_STACK,
	OPTION_FLUSH_CACHE, OPTION_EXTRA_VARS, OPTION_USER, OPTION_ASK_PASS,
	OPTION_CONNECTION_PASSWORD_FILE, OPTION_PRIVATE_KEY, OPTION_CONNECTION, OPTION_TIMEOUT,
	OPTION_SSH_COMMON_ARGS, OPTION_SSH_EXTRA_ARGS, OPTION_TERMINAL, OPTION_NO_TERMINAL,
	OPTION_FORWARD_AGENT, OPTION_PLAYBOOK_DIR, OPTION_VAULT_ID, OPTION_VAULT_PASSWORD_FILE,
	OPTION_ASK_VAULT_PASS, OPTION_VERBOSE, OPTION_VERSION, OPTION_HELP, OPTION_COUNT };

static const char usage[] =
	"usage: ertc ssh [options] HOST [COMMAND ...]\n\nA shell or a command on one host of the "
	"inventory, by the hops, user, key and host keys that a play uses.\nExits with the "
	"command's status, or 255 when the host was not reached.";

/* With blanks between, as ssh sends it. */
static const char *
command_text(struct play_command *command)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct options *options = &command->options;

	if (options->path_count < 2)
		return NULL;
	for (size_t i = 1; i < options->path_count; i++)
		str_add_format(&text, "%s%s", i > 1 ? " " : "", options->paths[i]);
	return arena_bytes(&command->arena, text.data, text.length);
}

static enum shell_terminal
terminal(const struct options *options)
{
	if (option_flag(options, OPTION_NO_TERMINAL))
		return SHELL_TERMINAL_NEVER;
	switch (option_number(options, OPTION_TERMINAL)) {
	case 0:
		return SHELL_TERMINAL_AUTO;
	case 1:
		return SHELL_TERMINAL_WANTED;
	default:
		return SHELL_TERMINAL_ALWAYS;
	}
}

static int
ssh_command(struct play_command *command)
{
	const char *directory = option_text(&command->options, OPTION_PLAYBOOK_DIR);
	struct shell_request wanted = { .command = command_text(command),
		.terminal = terminal(&command->options),
		.forwards_agent = option_flag(&command->options, OPTION_FORWARD_AGENT) };
	struct error err;

	error_clear(&err);
	play_settings(command);
	if (!play_vaults(command, &err) || !play_extra_vars(command, &err) ||
		!play_passwords(command, &err) || !play_inventory(command, &err) ||
		!inventory_finish(command->inventory, directory ? directory : ".", &err)) {
		report_error(command->report, &err);
		return RUN_SHELL_LOST;
	}
	return run_shell(&command->settings, command->inventory, command->report,
		command->options.paths[0], &wanted);
}

int
command_ssh(int argc, char **argv)
{
	struct play_command command = { 0 };
	struct error err;
	int code = 0;

	error_clear(&err);
	if (!options_read_command(&command.options, offered, argc, argv, &err) ||
		(!command.options.path_count && !option_flag(&command.options, OPTION_HELP) &&
			!option_flag(&command.options, OPTION_VERSION))) {
		options_help_verb(stderr, offered, usage);
		fprintf(stderr, "ertc ssh: error: %s%s%s\n",
			err.what[0] ? err.what : "a HOST is required", err.hint[0] ? "; " : "",
			err.hint);
		code = EXIT_ARGUMENTS;
	} else if (option_flag(&command.options, OPTION_HELP)) {
		options_help_verb(stdout, offered, usage);
	} else if (option_flag(&command.options, OPTION_VERSION)) {
		version_print("ertc ssh");
	} else {
		play_open(&command);
		report_lend_output(command.report);
		code = ssh_command(&command);
	}
	play_close(&command);
	return code;
}
