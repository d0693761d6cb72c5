/* `ertc vault`: what ansible-vault does, with its options, messages and exit codes. */
#include <fcntl.h>
#include <sys/stat.h>

#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/editor.h"
#include "orchestrator/cli/vaults.h"
#include "os/files.h"
#include "vault/source.h"

enum { LARGEST = 256 * 1024 * 1024, EXIT_USAGE = 5, EXIT_ARGUMENTS = 2 };

struct command {
	const struct action *action;
	struct options options;
	struct vault *vault;
	const struct vault_secret *secret; /* to encrypt with */
	const char *label;		   /* to write; NULL: none */
};

struct action {
	const char *name;
	bool (*run)(struct command *command, struct error *err);
	bool encrypts;	   /* needs to know what to encrypt with */
	bool asks_new;	   /* the password that is asked for is a new one */
	bool takes_output; /* --output */
	const char *doc;
};

static void
warn(void *context, const char *text)
{
	(void)context;
	fprintf(stderr, "[WARNING]: %s\n", text);
}

static bool
is_stdin(const char *path)
{
	return !strcmp(path, "-");
}

/* ---- reading and writing ---- */

static bool
text_read(const char *path, struct str *out, struct error *err)
{
	struct error reason;

	if (is_stdin(path)) {
		if (isatty(0))
			fprintf(stderr, "Reading ciphertext input from stdin\n");
		return file_read_fd(0, LARGEST, out, err);
	}
	if (file_read(path, LARGEST, out, &reason))
		return true;
	if (reason.code)
		return fail(err, ERR_IO, "Unable to read source file (%s): [Errno %d] %s: '%s'",
			path, reason.code, strerror(reason.code), path);
	*err = reason;
	return false;
}

/* To a file with the owner and mode of the one that was there, else 0600; or to stdout. */
static bool
text_write(const char *path, struct view text, struct error *err)
{
	struct file_place place = { 0 };
	struct stat status;
	char *real;
	bool ok;

	if (is_stdin(path)) {
		ok = fwrite(text.data, 1, text.length, stdout) == text.length;
		return (fflush(stdout) == 0 && ok) || fail_errno(err, "cannot write to stdout");
	}
	/* A link stays a link: what it leads to is replaced. */
	real = realpath(path, NULL);
	if (stat(path, &status) != 0) {
		place.has_mode = true;
		place.mode = 0600;
	}
	ok = file_replace(real ? real : path, text, &place, err);
	free(real);
	return ok;
}

static const char *
output_for(const struct command *command, const char *path)
{
	const char *given = option_text(&command->options, OPTION_OUTPUT);

	return given ? given : path;
}

static void
tell(const char *text)
{
	if (isatty(1))
		fprintf(stderr, "%s\n", text);
}

/* Paths as given, or stdin. */
static const char *const *
inputs(const struct command *command)
{
	static const char *const from_stdin[] = { "-", NULL };

	return command->options.path_count ? command->options.paths : from_stdin;
}

static bool
encrypt_text(struct command *command, struct view text, struct str *out, struct error *err)
{
	const char *salt = option_text(&command->options, OPTION_VAULT_ENCRYPT_SALT);

	return vault_encrypt(
		command->vault, command->secret, command->label, view_of(salt), text, out, err);
}

/* Ansible names the file once more behind the failures of vault itself. */
static bool
fail_for(const char *path, struct error *err)
{
	char what[sizeof(err->what)];

	memcpy(what, err->what, sizeof(what));
	fail(err, err->kind, "%s for %s", what, path);
	return false;
}

/* ---- what to encrypt with ---- */

static void
labels_add(const struct vault *vault, struct str *out)
{
	for (size_t i = 0; i < vault->count; i++)
		str_add_format(out, "%s'%s'", i ? ", " : "", vault->secrets[i].label);
}

static bool
secret_choose(struct command *command, const char *given, struct error *err)
{
	_cleanup_str_ struct str labels = STR_INIT;

	command->secret =
		given ? vault_secret_find(command->vault, given) : command->vault->secrets;
	if (command->secret) {
		command->label = command->secret->label;
		return true;
	}
	labels_add(command->vault, &labels);
	if (!given)
		return fail(err, ERR_TASK, "A vault password is required to encrypt");
	return fail(err, ERR_TASK,
		"Did not find a match for --encrypt-vault-id=%s in the known vault-ids [%s]", given,
		labels.data);
}

/* Several passwords, and nobody said which. */
static bool
check_choice(const struct command *command, struct error *err)
{
	_cleanup_str_ struct str labels = STR_INIT;

	if (command->vault->count < 2 || option_text(&command->options, OPTION_ENCRYPT_VAULT_ID))
		return true;
	for (size_t i = 0; i < command->vault->count; i++)
		str_add_format(&labels, "%s%s", i ? "," : "", command->vault->secrets[i].label);
	return fail(err, ERR_OPTIONS,
		"The vault-ids %s are available to encrypt. Specify the vault-id to encrypt with "
		"--encrypt-vault-id",
		labels.data);
}

/* ---- encrypt, decrypt, view, rekey ---- */

static bool
encrypt_one(struct command *command, const char *path, struct error *err)
{
	_cleanup_wipe_ struct str text;
	_cleanup_str_ struct str sealed;

	str_init(&text);
	str_init(&sealed);
	if (!text_read(path, &text, err))
		return false;
	if (vault_is_encrypted(str_view(&text)))
		return fail(err, ERR_TASK, "input is already encrypted");
	return encrypt_text(command, str_view(&text), &sealed, err) &&
	       text_write(output_for(command, path), str_view(&sealed), err);
}

static bool
run_encrypt(struct command *command, struct error *err)
{
	if (!command->options.path_count && isatty(0))
		fprintf(stderr, "Reading plaintext input from stdin\n");
	for (const char *const *path = inputs(command); *path; path++)
		if (!encrypt_one(command, *path, err))
			return false;
	tell("Encryption successful");
	return true;
}

/* The plain text of a file. */
static bool
open_one(struct command *command, const char *path, struct str *out,
	const struct vault_secret **used, struct str *sealed, struct error *err)
{
	return text_read(path, sealed, err) &&
	       (vault_decrypt(command->vault, str_view(sealed), path, out, used, err) ||
		       fail_for(path, err));
}

static bool
decrypt_one(struct command *command, const char *path, const char *to, struct error *err)
{
	_cleanup_wipe_ struct str plain;
	_cleanup_str_ struct str sealed;

	str_init(&plain);
	str_init(&sealed);
	return open_one(command, path, &plain, NULL, &sealed, err) &&
	       text_write(to, str_view(&plain), err);
}

static bool
run_decrypt(struct command *command, struct error *err)
{
	for (const char *const *path = inputs(command); *path; path++)
		if (!decrypt_one(command, *path, output_for(command, *path), err))
			return false;
	tell("Decryption successful");
	return true;
}

static bool
run_view(struct command *command, struct error *err)
{
	for (const char *const *path = command->options.paths; *path; path++) {
		_cleanup_wipe_ struct str plain;
		_cleanup_str_ struct str sealed;

		str_init(&plain);
		str_init(&sealed);
		if (!open_one(command, *path, &plain, NULL, &sealed, err))
			return false;
		if (isatty(1) ? !pager_show(str_view(&plain), err)
			      : !text_write("-", str_view(&plain), err))
			return false;
	}
	return true;
}

static bool
rekey_one(struct command *command, const struct command *new, const char *path, struct error *err)
{
	_cleanup_wipe_ struct str plain;
	_cleanup_str_ struct str sealed, again;

	str_init(&plain);
	str_init(&sealed);
	str_init(&again);
	return open_one(command, path, &plain, NULL, &sealed, err) &&
	       vault_encrypt(new->vault, new->secret, new->label,
		       view_of(option_text(&command->options, OPTION_VAULT_ENCRYPT_SALT)),
		       str_view(&plain), &again, err) &&
	       text_write(path, str_view(&again), err);
}

/* The new password: --new-vault-id, --new-vault-password-file, or a person. */
static bool
new_secret(struct command *command, struct command *new, struct error *err)
{
	const struct vault_asker asker = { .ask = vaults_ask, .is_new = true };
	const char *id = option_text(&command->options, OPTION_NEW_VAULT_ID);
	const char *file = option_text(&command->options, OPTION_NEW_VAULT_PASSWORD_FILE);
	const char *source = id ? id : VAULT_SOURCE_ASK, *reason;
	char label[VAULT_LABEL_MAX], text[1024];

	if (!id && file)
		source = arena_format(&command->options.arena, "default@%s", file);
	if (!vault_source_add(new->vault, source, &asker, &reason, err)) {
		snprintf(text, sizeof(text), "%s (%s): %s", reason,
			vault_source_label(source, label), err->what);
		warn(NULL, text);
		err->kind = ERR_TASK;
		return false;
	}
	return secret_choose(new, option_text(&command->options, OPTION_ENCRYPT_VAULT_ID), err);
}

static bool
run_rekey(struct command *command, struct error *err)
{
	struct command new = { .vault = vault_new() };
	bool ok = new_secret(command, &new, err);

	for (const char *const *path = command->options.paths; ok && *path; path++)
		ok = rekey_one(command, &new, *path, err);
	vault_free(new.vault);
	if (ok)
		fprintf(stderr, "Rekey successful\n");
	return ok;
}

/* ---- create, edit ---- */

static bool
run_create(struct command *command, struct error *err)
{
	const char *path = command->options.paths[0];
	_cleanup_wipe_ struct str text;
	_cleanup_str_ struct str sealed;

	str_init(&text);
	str_init(&sealed);
	if (access(path, F_OK) == 0)
		return fail(err, ERR_TASK, "%s exists, please use 'edit' instead", path);
	return editor_run(&text, path, err) &&
	       encrypt_text(command, str_view(&text), &sealed, err) &&
	       text_write(path, str_view(&sealed), err);
}

/* Format and label stay what they were; so does a file that was not changed. */
static bool
edit_one(struct command *command, const char *path, struct error *err)
{
	_cleanup_wipe_ struct str plain, text;
	_cleanup_str_ struct str sealed, again;
	const struct vault_secret *used;
	struct vault_envelope envelope;

	str_init(&plain);
	str_init(&text);
	str_init(&sealed);
	str_init(&again);
	if (!open_one(command, path, &plain, &used, &sealed, err) ||
		!vault_envelope_parse(str_view(&sealed), &envelope, err))
		return false;
	str_add_view(&text, str_view(&plain));
	if (!editor_run(&text, path, err))
		return false;
	if (view_equals(str_view(&text), str_view(&plain)))
		return true;
	command->secret = used;
	command->label = arena_view(&command->options.arena, envelope.label);
	return encrypt_text(command, str_view(&text), &again, err) &&
	       text_write(path, str_view(&again), err);
}

static bool
run_edit(struct command *command, struct error *err)
{
	for (const char *const *path = command->options.paths; *path; path++)
		if (!edit_one(command, *path, err))
			return false;
	return true;
}

/* ---- encrypt_string ---- */

enum { INDENT = 10 };

/* "name: !vault |" with the envelope below, as a playbook holds it. The last newline is left out.
 */
static bool
string_add(struct command *command, const char *name, struct view text, struct str *out,
	struct error *err)
{
	_cleanup_str_ struct str sealed;
	struct view rest, line;

	str_init(&sealed);
	if (!encrypt_text(command, text, &sealed, err))
		return false;
	str_add_format(out, "%s%s!vault |\n", name ? name : "", name ? ": " : "");
	rest = (struct view){ sealed.data, sealed.length - 1 };
	while (view_cut(&rest, '\n', &line)) {
		str_add_times(out, ' ', INDENT);
		str_add_view(out, line);
		if (rest.data)
			str_add_char(out, '\n');
	}
	return true;
}

struct strings {
	struct command *command;
	struct str out;
	size_t count; /* done so far */
	size_t total;
};

static bool
strings_add(struct strings *strings, const char *name, struct view text, const char *from,
	struct error *err)
{
	strings->count++;
	if (strings->total > 1 && name)
		fprintf(stderr,
			"# The encrypted version of variable (\"%s\", the string #%zu from %s).\n",
			name, strings->count, from);
	else if (strings->total > 1)
		fprintf(stderr, "# The encrypted version of the string #%zu from %s.)\n",
			strings->count, from);
	if (strings->out.length)
		str_add_char(&strings->out, '\n');
	return string_add(strings->command, name, text, &strings->out, err);
}

static bool
strings_prompt(struct strings *strings, struct error *err)
{
	const struct options *options = &strings->command->options;
	bool shows = option_flag(options, OPTION_SHOW_INPUT), ok;
	char name[256] = "", *text, again[256];

	text = memory_get(LARGEST / 1024);
	if (options->values[OPTION_NAME].count)
		snprintf(name, sizeof(name), "%s", options->values[OPTION_NAME].list[0]);
	else if (!terminal_ask("Variable name (enter for no name): ", true, name, sizeof(name)))
		name[0] = '\0';
	snprintf(again, sizeof(again), "%s%s%s", *name ? "String to encrypt for variable '" : "",
		*name ? name : "String to encrypt", *name ? "'" : "");
	ok = terminal_ask(arena_format(&strings->command->options.arena, "%s%s: ", again,
				  shows ? "" : " (hidden)"),
		shows, text, LARGEST / 1024);
	if (!ok || !*text)
		ok = fail(err, ERR_OPTIONS,
			"The plaintext provided from the prompt was empty, not encrypting");
	else
		ok = strings_add(
			strings, *name ? name : NULL, view_of(text), "the interactive prompt", err);
	memory_wipe(text, LARGEST / 1024);
	free(text);
	return ok;
}

static bool
strings_stdin(struct strings *strings, struct error *err)
{
	const char *name = option_text(&strings->command->options, OPTION_STDIN_NAME);
	_cleanup_wipe_ struct str text;

	str_init(&text);
	if (isatty(0))
		fprintf(stderr,
			"Reading plaintext input from stdin. (ctrl-d to end input, twice if "
			"your content does not already have a newline)\n");
	if (!file_read_fd(0, LARGEST, &text, err))
		return false;
	if (!text.length)
		return fail(err, ERR_OPTIONS, "stdin was empty, not encrypting");
	return strings_add(strings, name, str_view(&text), "stdin", err);
}

static bool
strings_arguments(struct strings *strings, bool has_dash, struct error *err)
{
	const struct options *options = &strings->command->options;
	const struct option_value *names = &options->values[OPTION_NAME];
	size_t count = options->path_count - has_dash, done = 0;

	if (names->count > count && count)
		fprintf(stderr, "The number of --name options do not match the number of args.\n");
	else if (names->count && names->count < count)
		fprintf(stderr,
			"The number of --name options do not match the number of args.\n"
			"The last named variable will be \"%s\". The rest will not have names.\n",
			names->list[names->count - 1]);
	for (size_t i = 0; i < options->path_count; i++) {
		const char *name = done < names->count ? names->list[done] : NULL;

		if (is_stdin(options->paths[i]))
			continue;
		done++;
		if (!*options->paths[i])
			return fail(err, ERR_OPTIONS,
				"The plaintext provided from the command line args was empty, not "
				"encrypting");
		if (!strings_add(strings, name, view_of(options->paths[i]), "the command line args",
			    err))
			return false;
	}
	return true;
}

static bool
run_encrypt_string(struct command *command, struct error *err)
{
	const struct options *options = &command->options;
	bool asks = option_flag(options, OPTION_PROMPT), has_dash = false, ok;
	struct strings strings = { .command = command, .total = options->path_count };

	for (size_t i = 0; i < options->path_count; i++)
		has_dash |= is_stdin(options->paths[i]);
	has_dash |=
		option_text(options, OPTION_STDIN_NAME) != NULL || (!options->path_count && !asks);
	if (asks && (has_dash || !isatty(0)))
		return fail(err, ERR_OPTIONS,
			"The --prompt option is not supported if also reading input from stdin");
	str_init(&strings.out);
	ok = (!asks || strings_prompt(&strings, err)) &&
	     (!has_dash || strings_stdin(&strings, err)) &&
	     strings_arguments(&strings,
		     has_dash && options->path_count > 0 &&
			     !option_text(options, OPTION_STDIN_NAME),
		     err);
	if (ok && isatty(1) && !option_text(options, OPTION_OUTPUT))
		str_add_char(&strings.out, '\n');
	ok = ok && text_write(output_for(command, "-"), str_view(&strings.out), err);
	if (ok)
		tell("Encryption successful");
	str_release(&strings.out);
	return ok;
}

/* ---- the verb ---- */

static const struct action actions[] = {
	{ "create", run_create, true, true, false, "write a new encrypted file with $EDITOR" },
	{ "decrypt", run_decrypt, false, false, true, "decrypt files in place, or stdin" },
	{ "edit", run_edit, false, false, false, "change an encrypted file with $EDITOR" },
	{ "view", run_view, false, false, false, "show encrypted files" },
	{ "encrypt", run_encrypt, true, true, true, "encrypt files in place, or stdin" },
	{ "encrypt_string", run_encrypt_string, true, true, true,
		"encrypt texts for use within YAML" },
	{ "rekey", run_rekey, false, false, false, "encrypt files with another password" },
};

static const enum option_id offered[] = { OPTION_VAULT_ID, OPTION_VAULT_PASSWORD_FILE,
	OPTION_ASK_VAULT_PASS, OPTION_VERBOSE, OPTION_HELP, OPTION_ENCRYPT_VAULT_ID,
	OPTION_NEW_VAULT_ID, OPTION_NEW_VAULT_PASSWORD_FILE, OPTION_OUTPUT, OPTION_NAME,
	OPTION_PROMPT, OPTION_SHOW_INPUT, OPTION_STDIN_NAME, OPTION_COUNT };

static void
usage(FILE *file)
{
	options_help_verb(file, offered, "usage: ertc vault ACTION [options] [FILE...]");
	fprintf(file, "\nactions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		fprintf(file, "  %-15s %s\n", actions[i].name, actions[i].doc);
}

/* What argparse refuses: exit code 2. */
static bool
check_options(const struct command *command, struct error *err)
{
	const struct options *options = &command->options;

	if (option_text(options, OPTION_NEW_VAULT_ID) &&
		option_text(options, OPTION_NEW_VAULT_PASSWORD_FILE))
		return fail(err, ERR_OPTIONS,
			"argument --new-vault-id: not allowed with argument "
			"--new-vault-password-file");
	if (text_equals(options->values[OPTION_ASK_VAULT_PASS].origin, "command line") &&
		options->values[OPTION_VAULT_PASSWORD_FILE].count)
		return fail(err, ERR_OPTIONS,
			"argument --ask-vault-password/--ask-vault-pass: not allowed with argument "
			"--vault-password-file/--vault-pass-file");
	return true;
}

static bool
check_usage(struct command *command, struct error *err)
{
	if (command->action->takes_output && option_text(&command->options, OPTION_OUTPUT) &&
		command->options.path_count > 1 && command->action->run != run_encrypt_string)
		return fail(err, ERR_OPTIONS,
			"At most one input file may be used with the --output option");
	if (command->action->run == run_create && command->options.path_count != 1)
		return fail(err, ERR_OPTIONS,
			"ansible-vault create can take only one filename argument");
	return true;
}

static bool
perform(struct command *command, struct error *err)
{
	const struct vaults_asking asking = {
		.always = true, .is_new = command->action->asks_new, .warn = warn
	};

	if (!vaults_read(&command->options, &asking, &command->vault, err)) {
		err->kind = ERR_TASK;
		return false;
	}
	if (command->action->encrypts && !check_choice(command, err))
		return false;
	if (command->action->encrypts &&
		!secret_choose(
			command, option_text(&command->options, OPTION_ENCRYPT_VAULT_ID), err))
		return false;
	return command->action->run(command, err);
}

static int
complain(const struct error *err, int code)
{
	fprintf(stderr, "ERROR! %s%s%s%s%s\n", err->what, err->why[0] ? ": " : "", err->why,
		err->hint[0] ? "; " : "", err->hint);
	return code;
}

static void
complain_action(const char *name)
{
	const char *names[ARRAY_SIZE(actions) + 1], *nearest;

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		names[i] = actions[i].name;
	names[ARRAY_SIZE(actions)] = NULL;
	nearest = text_nearest(name, names);
	if (!*name)
		fprintf(stderr, "ertc vault: error: an action is required\n");
	else
		fprintf(stderr, "ertc vault: error: there is no action '%s'%s%s%s\n", name,
			nearest ? "; did you mean '" : "", nearest ? nearest : "",
			nearest ? "'?" : "");
}

int
command_vault(int argc, char **argv)
{
	struct command command = { 0 };
	const char *name = argc > 1 ? argv[1] : "";
	struct error err;
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i].name, name))
			command.action = &actions[i];
	if (!command.action) {
		bool is_help = !strcmp(name, "-h") || !strcmp(name, "--help");

		usage(is_help ? stdout : stderr);
		if (!is_help)
			complain_action(name);
		return is_help ? 0 : EXIT_ARGUMENTS;
	}
	error_clear(&err);
	if (!options_read_verb(&command.options, offered, argc - 1, argv + 1, &err) ||
		!check_options(&command, &err)) {
		usage(stderr);
		code = complain(&err, EXIT_ARGUMENTS);
	} else if (option_flag(&command.options, OPTION_HELP)) {
		usage(stdout);
	} else if (!check_usage(&command, &err)) {
		code = complain(&err, EXIT_USAGE);
	} else if (!perform(&command, &err)) {
		code = complain(&err, err.kind == ERR_OPTIONS ? EXIT_USAGE : 1);
	}
	vault_free(command.vault);
	options_release(&command.options);
	return code;
}
