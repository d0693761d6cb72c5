/* Arguments for a child ssh: ours first, as Ansible has them, since the first value of an option
 * wins. */
#include "orchestrator/transport/ssh_cli.h"

#include "orchestrator/transport/proxy.h"
#include "orchestrator/transport/ssh_args.h"

struct cli {
	struct arena arena;
	const char *program, *text, *host;
	struct ssh_list options;
	char **arguments;
};

static void
option_add(struct cli *cli, const char *text)
{
	struct ssh_list *list = &cli->options;

	if ((list->count & (list->count + 1)) == 0)
		list->items = arena_grow(&cli->arena, list->items, list->count, 2 * list->count + 1,
			sizeof(*list->items));
	list->items[list->count++] = text;
}

static void
setting_add(struct cli *cli, const char *keyword, const char *value)
{
	option_add(cli, "-o");
	option_add(cli, arena_format(&cli->arena, "%s=%s", keyword, value));
}

static void
words_add(struct cli *cli, const struct ssh_list *words)
{
	for (size_t i = 0; i < words->count; i++)
		option_add(cli, words->items[i]);
}

static void
settings_add(struct cli *cli, const struct link_settings *settings)
{
	const char *policy = settings->host_key_checking;

	setting_add(cli, "ConnectTimeout",
		arena_format(&cli->arena, "%d", settings->timeout_s ? settings->timeout_s : 10));
	setting_add(cli, "ServerAliveInterval", "15");
	if (policy)
		setting_add(
			cli, "StrictHostKeyChecking", text_equals(policy, "off") ? "no" : policy);
	if (settings->port)
		setting_add(cli, "Port", arena_format(&cli->arena, "%d", settings->port));
	if (settings->user)
		setting_add(cli, "User", settings->user);
	if (settings->private_key_file)
		setting_add(cli, "IdentityFile",
			arena_format(&cli->arena, "\"%s\"", settings->private_key_file));
}

static bool
cli_fill(struct cli *cli, const struct link_settings *settings, struct error *err)
{
	struct ssh_list words;

	if (!host_name_is_safe(cli->host) || (settings->user && !user_name_is_safe(settings->user)))
		return fail(
			err, ERR_OPTIONS, "'%s' is not a name that can be given to ssh", cli->host);
	if (settings->password)
		return fail(err, ERR_UNSUPPORTED, "ansible_connection=ssh-cli takes no password") ||
		       error_hint(err, "ansible_connection=ssh does");
	settings_add(cli, settings);
	if (!shell_words(settings->ssh_common_args, &cli->arena, &words, err))
		return false;
	words_add(cli, &words);
	if (!shell_words(settings->ssh_extra_args, &cli->arena, &words, err))
		return false;
	words_add(cli, &words);
	return true;
}

struct cli *
cli_new(struct transport *transport UNUSED, const struct link_settings *settings, struct error *err)
{
	struct cli *cli = memory_get(sizeof(*cli));
	const char *host = settings->host ? settings->host : settings->name;

	*cli = (struct cli){ 0 };
	arena_init(&cli->arena);
	cli->program = arena_text(
		&cli->arena, settings->ssh_executable ? settings->ssh_executable : "ssh");
	cli->host = arena_text(&cli->arena, host);
	cli->text = arena_format(&cli->arena, "ssh-cli %s%s%s",
		settings->user ? settings->user : "", settings->user ? "@" : "", host);
	if (cli_fill(cli, settings, err))
		return cli;
	cli_free(cli);
	return NULL;
}

void
cli_free(struct cli *cli)
{
	if (!cli)
		return;
	arena_release(&cli->arena);
	free(cli);
}

const char *
cli_program(const struct cli *cli)
{
	return cli->program;
}

/* `first` and `second` before the settings, `last` behind them; each may be NULL. */
static char *const *
arguments_make(struct cli *cli, const char *first, const char *second, const char *last,
	const char *command)
{
	const char *before[] = { "ssh", first, second };
	const char *behind[] = { last, "--", cli->host, command };
	size_t at = 0;

	cli->arguments = arena_array(&cli->arena,
		cli->options.count + ARRAY_SIZE(before) + ARRAY_SIZE(behind) + 1, char *);
	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		if (before[i])
			cli->arguments[at++] = arena_text(&cli->arena, before[i]);
	for (size_t i = 0; i < cli->options.count; i++)
		cli->arguments[at++] = arena_text(&cli->arena, cli->options.items[i]);
	for (size_t i = 0; i < ARRAY_SIZE(behind); i++)
		if (behind[i])
			cli->arguments[at++] = arena_text(&cli->arena, behind[i]);
	return cli->arguments;
}

char *const *
cli_arguments(struct cli *cli, const char *command)
{
	/* Nobody can answer: the terminal is ours. */
	return arguments_make(cli, "-oBatchMode=yes", NULL, "-T", command);
}

char *const *
cli_shell_arguments(struct cli *cli, const char *command, const char *terminal, bool forwards_agent)
{
	return arguments_make(cli, forwards_agent ? "-A" : NULL, terminal, NULL, command);
}

const char *
cli_text(const struct cli *cli)
{
	return cli->text;
}
