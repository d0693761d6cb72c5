/* Reading the command line and the environment through one table. */
#include "orchestrator/cli/options.h"

#include "orchestrator/cli/config_file.h"

#define ROW(id, ...) [OPTION_##id] = { __VA_ARGS__ }
#define SPECIAL(id, ...) [OPTION_##id] = { __VA_ARGS__, .is_special = true }

const struct option_row option_table[OPTION_COUNT] = {
	ROW(INVENTORY, OPTION_LIST, "-i --inventory --inventory-file", "INVENTORY", "defaults",
		"inventory", "INVENTORY", NULL,
		"File, folder, program, or list of hosts with a comma; may be given several times"),
	ROW(LIMIT, OPTION_TEXT, "-l --limit", "PATTERN", NULL, NULL, NULL, NULL,
		"Only hosts that match as well"),
	ROW(TAGS, OPTION_LIST, "-t --tags", "TAGS", "tags", "run", "RUN_TAGS", NULL,
		"Only tasks with one of these tags"),
	ROW(SKIP_TAGS, OPTION_LIST, "--skip-tags", "TAGS", "tags", "skip", "SKIP_TAGS", NULL,
		"No tasks with one of these tags"),
	ROW(EXTRA_VARS, OPTION_LIST, "-e --extra-vars", "VARS", NULL, NULL, NULL, NULL,
		"Variables: k=v, JSON, YAML, or @file"),
	ROW(FORKS, OPTION_TEXT, "-f --forks", "N", "defaults", "forks", "FORKS", "50",
		"Hosts worked on at once (all), and logins made at once (50)"),
	ROW(CHECK, OPTION_FLAG, "-C --check", NULL, NULL, NULL, "CHECK_MODE", NULL,
		"Change nothing; say what would change"),
	ROW(DIFF, OPTION_FLAG, "-D --diff", NULL, "diff", "always", "DIFF_ALWAYS", NULL,
		"Show what changes in files"),
	ROW(BECOME, OPTION_FLAG, "-b --become", NULL, "privilege_escalation", "become", "BECOME",
		NULL, "Work as another user"),
	ROW(BECOME_USER, OPTION_TEXT, "--become-user", "USER", "privilege_escalation",
		"become_user", "BECOME_USER", NULL, "Who to become (root)"),
	ROW(BECOME_METHOD, OPTION_TEXT, "--become-method", "METHOD", "privilege_escalation",
		"become_method", "BECOME_METHOD", NULL, "sudo, su, doas"),
	ROW(BECOME_EXE, OPTION_TEXT, NULL, NULL, "privilege_escalation", "become_exe", "BECOME_EXE",
		NULL, NULL),
	ROW(BECOME_FLAGS, OPTION_TEXT, NULL, NULL, "privilege_escalation", "become_flags",
		"BECOME_FLAGS", NULL, NULL),
	ROW(ASK_BECOME_PASS, OPTION_FLAG, "-K --ask-become-pass", NULL, "privilege_escalation",
		"become_ask_pass", "BECOME_ASK_PASS", NULL, "Ask for the become password"),
	ROW(BECOME_PASSWORD_FILE, OPTION_TEXT, "--become-password-file --become-pass-file", "FILE",
		"defaults", "become_password_file", "BECOME_PASSWORD_FILE", NULL,
		"Read the become password from a file"),
	ROW(USER, OPTION_TEXT, "-u --user", "USER", "defaults", "remote_user", "REMOTE_USER", NULL,
		"The login name"),
	ROW(ASK_PASS, OPTION_FLAG, "-k --ask-pass", NULL, "defaults", "ask_pass", "ASK_PASS", NULL,
		"Ask for the login password"),
	ROW(CONNECTION_PASSWORD_FILE, OPTION_TEXT, "--connection-password-file --conn-pass-file",
		"FILE", "defaults", "connection_password_file", "CONNECTION_PASSWORD_FILE", NULL,
		"Read the login password from a file"),
	ROW(PRIVATE_KEY, OPTION_TEXT, "--private-key --key-file", "FILE", "defaults",
		"private_key_file", "PRIVATE_KEY_FILE", NULL, "The key to log in with"),
	ROW(CONNECTION, OPTION_TEXT, "-c --connection", "KIND", "defaults", "transport",
		"TRANSPORT", "smart", "ssh, ssh-cli or local"),
	ROW(TIMEOUT, OPTION_TEXT, "-T --timeout", "SECONDS", "defaults|ssh_connection", "timeout",
		"TIMEOUT SSH_TIMEOUT", "10", "For each phase of connecting"),
	ROW(SSH_COMMON_ARGS, OPTION_TEXT, "--ssh-common-args", "ARGS", "ssh_connection",
		"ssh_common_args", "SSH_COMMON_ARGS", NULL,
		"Options as ssh takes them: -J, -F, -i, -o …"),
	ROW(SSH_EXTRA_ARGS, OPTION_TEXT, "--ssh-extra-args", "ARGS", "ssh_connection",
		"ssh_extra_args", "SSH_EXTRA_ARGS", NULL, "More of them"),
	ROW(SFTP_EXTRA_ARGS, OPTION_TEXT, "--sftp-extra-args", "ARGS", NULL, NULL, NULL, NULL,
		"Accepted; there is no SFTP"),
	ROW(SCP_EXTRA_ARGS, OPTION_TEXT, "--scp-extra-args", "ARGS", NULL, NULL, NULL, NULL,
		"Accepted; there is no SCP"),
	ROW(LIST_HOSTS, OPTION_FLAG, "--list-hosts", NULL, NULL, NULL, NULL, NULL,
		"List the hosts, and do nothing"),
	ROW(LIST_TASKS, OPTION_FLAG, "--list-tasks", NULL, NULL, NULL, NULL, NULL,
		"List the tasks, and do nothing"),
	ROW(LIST_TAGS, OPTION_FLAG, "--list-tags", NULL, NULL, NULL, NULL, NULL,
		"List the tags, and do nothing"),
	ROW(SYNTAX_CHECK, OPTION_FLAG, "--syntax-check", NULL, NULL, NULL, NULL, NULL,
		"Read and check the playbook, and do nothing"),
	ROW(START_AT_TASK, OPTION_TEXT, "--start-at-task", "NAME", NULL, NULL, NULL, NULL,
		"Begin with the task of this name"),
	ROW(STEP, OPTION_FLAG, "--step", NULL, NULL, NULL, NULL, NULL, "Ask before each task"),
	ROW(FLUSH_CACHE, OPTION_FLAG, "--flush-cache", NULL, NULL, NULL, NULL, NULL,
		"Forget cached facts, and ask clouds anew"),
	ROW(REGION, OPTION_TEXT, "--region", "REGIONS", NULL, NULL, NULL, NULL,
		"Only these regions of the clouds, with commas between; others are refused"),
	ROW(STACK, OPTION_TEXT, "--stack", "NAME", NULL, NULL, NULL, NULL,
		"Only hosts of this CloudFormation stack"),
	ROW(WAIT, OPTION_MAYBE, "--wait", "SECONDS", NULL, NULL, NULL, "1800",
		"With --stack: wait until it is complete and its hosts are ready (at most 1800 s)"),
	ROW(FORCE_HANDLERS, OPTION_FLAG, "--force-handlers", NULL, "defaults", "force_handlers",
		"FORCE_HANDLERS", NULL, "Run notified handlers even after a failure"),
	ROW(MODULE_PATH, OPTION_TEXT, "-M --module-path", "PATH", "defaults", "library", "LIBRARY",
		"~/.ansible/plugins/modules:/usr/share/ansible/plugins/modules",
		"Folders of further modules, with colons between"),
	ROW(VAULT_ID, OPTION_LIST, "--vault-id", "ID", NULL, NULL, NULL, NULL,
		"A vault password: LABEL@FILE, LABEL@prompt, FILE; may be given several times"),
	ROW(VAULT_PASSWORD_FILE, OPTION_LIST, "--vault-password-file --vault-pass-file", "FILE",
		NULL, NULL, NULL, NULL,
		"A file with a vault password, or a program that prints it"),
	ROW(ASK_VAULT_PASS, OPTION_FLAG, "-J --ask-vault-password --ask-vault-pass", NULL,
		"defaults", "ask_vault_pass", "ASK_VAULT_PASS", NULL, "Ask for the vault password"),
	ROW(VERBOSE, OPTION_COUNTED, "-v --verbose", NULL, "defaults", "verbosity", "VERBOSITY",
		NULL, "Show more; -vv, -vvv, -vvvv still more"),
	ROW(STRICT_HOSTS, OPTION_FLAG, "--strict-hosts", NULL, "defaults", "strict_hosts",
		"STRICT_HOSTS", NULL, "Exit with 3 when no host was matched at all"),
	ROW(VERSION, OPTION_FLAG, "--version", NULL, NULL, NULL, NULL, NULL,
		"Say which version this is"),
	ROW(HELP, OPTION_FLAG, "-h --help", NULL, NULL, NULL, NULL, NULL, "Show this"),
	ROW(HOST_KEY_CHECKING, OPTION_TEXT, NULL, NULL, "defaults", "host_key_checking",
		"HOST_KEY_CHECKING SSH_HOST_KEY_CHECKING", NULL, NULL),
	ROW(GATHERING, OPTION_TEXT, NULL, NULL, "defaults", "gathering", "GATHERING", "implicit",
		NULL),
	ROW(ROLES_PATH, OPTION_TEXT, NULL, NULL, "defaults", "roles_path", "ROLES_PATH",
		"~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles", NULL),
	ROW(STRATEGY, OPTION_TEXT, NULL, NULL, "defaults", "strategy", "STRATEGY", "linear", NULL),
	ROW(ANY_ERRORS_FATAL, OPTION_FLAG, NULL, NULL, "defaults", "any_errors_fatal",
		"ANY_ERRORS_FATAL", NULL, NULL),
	ROW(TASK_TIMEOUT, OPTION_TEXT, NULL, NULL, "defaults", "task_timeout", "TASK_TIMEOUT", "0",
		NULL),
	ROW(NO_LOG, OPTION_FLAG, NULL, NULL, "defaults", "no_log", "NO_LOG", NULL, NULL),
	ROW(SHOW_SKIPPED, OPTION_TEXT, NULL, NULL, "defaults", "display_skipped_hosts",
		"DISPLAY_SKIPPED_HOSTS", "true", NULL),
	ROW(SHOW_OK, OPTION_TEXT, NULL, NULL, "defaults", "display_ok_hosts", "DISPLAY_OK_HOSTS",
		"true", NULL),
	ROW(CHECK_MODE_MARKERS, OPTION_FLAG, NULL, NULL, "defaults", "check_mode_markers",
		"CHECK_MODE_MARKERS", NULL, NULL),
	ROW(MAX_DIFF_SIZE, OPTION_TEXT, NULL, NULL, "defaults", "max_diff_size", "MAX_DIFF_SIZE",
		"104448", NULL),
	ROW(RETRIES, OPTION_TEXT, NULL, NULL, "ssh_connection|connection",
		"retries|reconnection_retries", "SSH_RETRIES", "0", NULL),
	ROW(STDOUT_CALLBACK, OPTION_TEXT, NULL, NULL, "defaults", "stdout_callback",
		"STDOUT_CALLBACK", "default", NULL),
	ROW(CALLBACKS_ENABLED, OPTION_TEXT, NULL, NULL, "defaults",
		"callbacks_enabled|callback_whitelist", "CALLBACKS_ENABLED CALLBACK_WHITELIST",
		NULL, NULL),
	ROW(FAILED_STDERR, OPTION_FLAG, NULL, NULL, "defaults", "display_failed_stderr",
		"DISPLAY_FAILED_STDERR", NULL, NULL),
	ROW(DEPRECATIONS, OPTION_TEXT, NULL, NULL, "defaults", "deprecation_warnings",
		"DEPRECATION_WARNINGS", "true", NULL),
	ROW(SHOW_PATH, OPTION_FLAG, NULL, NULL, "defaults", "show_task_path_on_failure",
		"SHOW_TASK_PATH_ON_FAILURE", NULL, NULL),
	ROW(SHOW_STATS, OPTION_FLAG, NULL, NULL, "defaults", "show_custom_stats",
		"SHOW_CUSTOM_STATS", NULL, NULL),
	ROW(SHOW_START, OPTION_FLAG, NULL, NULL, "defaults", "show_per_host_start",
		"SHOW_PER_HOST_START", NULL, NULL),
	ROW(SHOW_ARGS, OPTION_FLAG, NULL, NULL, "defaults", "display_args_to_stdout",
		"DISPLAY_ARGS_TO_STDOUT", NULL, NULL),
	ROW(RESULT_FORMAT, OPTION_TEXT, NULL, NULL, "defaults", "callback_result_format",
		"CALLBACK_RESULT_FORMAT", "json", NULL),
	ROW(FORMAT_PRETTY, OPTION_TEXT, NULL, NULL, "defaults", "callback_format_pretty",
		"CALLBACK_FORMAT_PRETTY", NULL, NULL),
	ROW(HASH_BEHAVIOUR, OPTION_TEXT, NULL, NULL, "defaults", "hash_behaviour", "HASH_BEHAVIOUR",
		"replace", NULL),
	ROW(FACT_CACHING, OPTION_TEXT, NULL, NULL, "defaults", "fact_caching", "CACHE_PLUGIN",
		"memory", NULL),
	ROW(FACT_CACHING_CONNECTION, OPTION_TEXT, NULL, NULL, "defaults", "fact_caching_connection",
		"CACHE_PLUGIN_CONNECTION", NULL, NULL),
	ROW(FACT_CACHING_PREFIX, OPTION_TEXT, NULL, NULL, "defaults", "fact_caching_prefix",
		"CACHE_PLUGIN_PREFIX", NULL, NULL),
	ROW(FACT_CACHING_TIMEOUT, OPTION_TEXT, NULL, NULL, "defaults", "fact_caching_timeout",
		"CACHE_PLUGIN_TIMEOUT", "86400", NULL),
	ROW(COLLECTIONS_PATH, OPTION_TEXT, NULL, NULL, "defaults",
		"collections_path|collections_paths", "COLLECTIONS_PATH COLLECTIONS_PATHS",
		"~/.ansible/collections:/usr/share/ansible/collections", NULL),
	SPECIAL(WHY, OPTION_FLAG, "--why", NULL, NULL, NULL, NULL, NULL,
		"Every level that sets it, with file and line; -> marks the one that counts"),
	SPECIAL(ONLY_CHANGED, OPTION_FLAG, "--only-changed --changed-only", NULL, NULL, NULL, NULL,
		NULL, "Only what differs from the default"),
	ROW(RESUME, OPTION_FLAG, "--resume", NULL, NULL, NULL, NULL, NULL,
		"Go on with the hosts that failed last time, at the task that failed"),
	ROW(RETRY_FILES, OPTION_FLAG, NULL, NULL, "defaults", "retry_files_enabled",
		"RETRY_FILES_ENABLED", NULL, NULL),
	ROW(MANAGED, OPTION_TEXT, NULL, NULL, "defaults", "ansible_managed", NULL,
		"Ansible managed", NULL),
	ROW(RETRY_FILES_PATH, OPTION_TEXT, NULL, NULL, "defaults", "retry_files_save_path",
		"RETRY_FILES_SAVE_PATH", NULL, NULL),
	ROW(NO_COLOR, OPTION_FLAG, NULL, NULL, "defaults", "nocolor", "NOCOLOR", NULL, NULL),
	ROW(FORCE_COLOR, OPTION_FLAG, NULL, NULL, "defaults", "force_color", "FORCE_COLOR", NULL,
		NULL),
	ROW(LOG_PATH, OPTION_TEXT, NULL, NULL, "defaults", "log_path", "LOG_PATH", NULL, NULL),
	ROW(DUPLICATE_KEY, OPTION_TEXT, NULL, NULL, "defaults", "duplicate_dict_key",
		"DUPLICATE_YAML_DICT_KEY", "warn", NULL),
	ROW(PATTERN_MISMATCH, OPTION_TEXT, NULL, NULL, "inventory", "host_pattern_mismatch",
		"HOST_PATTERN_MISMATCH", "warning", NULL),
	ROW(MISSING_HANDLER, OPTION_TEXT, NULL, NULL, "defaults", "error_on_missing_handler",
		"ERROR_ON_MISSING_HANDLER", "true", NULL),
	ROW(UNPARSED_IS_FAILED, OPTION_FLAG, NULL, NULL, "inventory", "unparsed_is_failed",
		"INVENTORY_UNPARSED_FAILED", NULL, NULL),
	ROW(JINJA2_NATIVE, OPTION_FLAG, NULL, NULL, "defaults", "jinja2_native", "JINJA2_NATIVE",
		NULL, NULL),
	ROW(INVENTORY_ENABLED, OPTION_TEXT, NULL, NULL, "inventory", "enable_plugins",
		"INVENTORY_ENABLED", NULL, NULL),
	ROW(INVENTORY_IGNORE, OPTION_TEXT, NULL, NULL, "defaults|inventory",
		"inventory_ignore_extensions|ignore_extensions", "INVENTORY_IGNORE", NULL, NULL),
	ROW(INVENTORY_IGNORE_REGEX, OPTION_TEXT, NULL, NULL, "defaults|inventory",
		"inventory_ignore_patterns|ignore_patterns", "INVENTORY_IGNORE_REGEX", NULL, NULL),
	ROW(INVENTORY_CACHE, OPTION_TEXT, NULL, NULL, "inventory", "cache", "INVENTORY_CACHE", NULL,
		"Keep what clouds answer"),
	ROW(INVENTORY_CACHE_PLUGIN, OPTION_TEXT, NULL, NULL, "inventory", "cache_plugin",
		"INVENTORY_CACHE_PLUGIN", NULL, "memory: nothing is kept; any other: files"),
	ROW(INVENTORY_CACHE_CONNECTION, OPTION_TEXT, NULL, NULL, "inventory", "cache_connection",
		"INVENTORY_CACHE_CONNECTION", NULL, "The folder of these files"),
	ROW(INVENTORY_CACHE_PREFIX, OPTION_TEXT, NULL, NULL, "inventory", "cache_prefix",
		"INVENTORY_CACHE_PLUGIN_PREFIX", "ansible_inventory_", NULL),
	ROW(INVENTORY_CACHE_TIMEOUT, OPTION_TEXT, NULL, NULL, "inventory", "cache_timeout",
		"INVENTORY_CACHE_TIMEOUT", "3600", "Seconds; 0: for ever"),
	ROW(ANY_UNPARSED_IS_FAILED, OPTION_FLAG, NULL, NULL, "inventory", "any_unparsed_is_failed",
		"INVENTORY_ANY_UNPARSED_IS_FAILED", NULL, NULL),
	ROW(UNPARSED_WARNING, OPTION_TEXT, NULL, NULL, "inventory", "inventory_unparsed_warning",
		"INVENTORY_UNPARSED_WARNING", "true", NULL),
	ROW(GROUP_NAMES, OPTION_TEXT, NULL, NULL, "defaults", "force_valid_group_names",
		"TRANSFORM_INVALID_GROUP_CHARS", "never", NULL),
	ROW(VAULT_IDENTITY_LIST, OPTION_LIST, NULL, NULL, "defaults", "vault_identity_list",
		"VAULT_IDENTITY_LIST", NULL, NULL),
	ROW(VAULT_DEFAULT_FILE, OPTION_TEXT, NULL, NULL, "defaults", "vault_password_file",
		"VAULT_PASSWORD_FILE", NULL, NULL),
	ROW(VAULT_ID_MATCH, OPTION_FLAG, NULL, NULL, "defaults", "vault_id_match", "VAULT_ID_MATCH",
		NULL, NULL),
	ROW(VAULT_ENCRYPT_SALT, OPTION_TEXT, NULL, NULL, "defaults", "vault_encrypt_salt",
		"VAULT_ENCRYPT_SALT", NULL, NULL),
	SPECIAL(ENCRYPT_VAULT_ID, OPTION_TEXT, "--encrypt-vault-id", "ID", "defaults",
		"vault_encrypt_identity", "VAULT_ENCRYPT_IDENTITY", NULL,
		"The vault id to encrypt with, where there are several"),
	SPECIAL(NEW_VAULT_ID, OPTION_TEXT, "--new-vault-id", "ID", NULL, NULL, NULL, NULL,
		"The vault id to encrypt anew with"),
	SPECIAL(NEW_VAULT_PASSWORD_FILE, OPTION_TEXT, "--new-vault-password-file", "FILE", NULL,
		NULL, NULL, NULL, "A file with the new vault password"),
	SPECIAL(OUTPUT, OPTION_TEXT, "--output", "FILE", NULL, NULL, NULL, NULL,
		"Write there instead; - is stdout"),
	SPECIAL(NAME, OPTION_LIST, "-n --name", "NAME", NULL, NULL, NULL, NULL,
		"The name of the variable; may be given several times"),
	SPECIAL(PROMPT, OPTION_FLAG, "-p --prompt", NULL, NULL, NULL, NULL, NULL,
		"Ask for the string"),
	SPECIAL(SHOW_INPUT, OPTION_FLAG, "--show-input", NULL, NULL, NULL, NULL, NULL,
		"Show what is typed at --prompt"),
	SPECIAL(STDIN_NAME, OPTION_TEXT, "--stdin-name", "NAME", NULL, NULL, NULL, NULL,
		"The name of the variable that stdin holds"),
	SPECIAL(PLAYBOOK_DIR, OPTION_TEXT, "--playbook-dir", "FOLDER", "defaults", "playbook_dir",
		"PLAYBOOK_DIR", NULL, "Stands for the folder of a playbook: group_vars, roles …"),
	SPECIAL(MODULE_NAME, OPTION_TEXT, "-m --module-name", "MODULE", "defaults", "module_name",
		"MODULE_NAME", "command", "The module (command)"),
	SPECIAL(MODULE_ARGS, OPTION_TEXT, "-a --args", "ARGS", "defaults", "module_args",
		"MODULE_ARGS", NULL, "Its arguments: k=v …, or {\"k\": \"v\"}"),
	SPECIAL(ONE_LINE, OPTION_FLAG, "-o --one-line", NULL, NULL, NULL, NULL, NULL,
		"One line for each host"),
	SPECIAL(TREE, OPTION_TEXT, "-t --tree", "FOLDER", NULL, NULL, NULL, NULL,
		"Write each host's result to a file there"),
	SPECIAL(BACKGROUND, OPTION_TEXT, "-B --background", "SECONDS", NULL, NULL, NULL, NULL,
		"In the background, for so long at most"),
	SPECIAL(POLL, OPTION_TEXT, "-P --poll", "SECONDS", "defaults", "poll_interval",
		"POLL_INTERVAL", "15", "With -B: look so often (15); 0: do not wait"),
	SPECIAL(ADHOC_TIMEOUT, OPTION_TEXT, "--task-timeout", "SECONDS", NULL, NULL, NULL, NULL,
		"The task may take so long"),
	SPECIAL(ADHOC_CALLBACKS, OPTION_FLAG, NULL, NULL, "defaults", "bin_ansible_callbacks",
		"LOAD_CALLBACK_PLUGINS", NULL, NULL),
	SPECIAL(LIST_ALL, OPTION_FLAG, "--list", NULL, NULL, NULL, NULL, NULL,
		"All groups and variables, as an inventory program prints them"),
	SPECIAL(GRAPH, OPTION_FLAG, "--graph", NULL, NULL, NULL, NULL, NULL,
		"The tree of groups, or of the one that is named"),
	SPECIAL(HOST, OPTION_TEXT, "--host", "HOST", NULL, NULL, NULL, NULL,
		"The variables of one host"),
	SPECIAL(YAML, OPTION_FLAG, "-y --yaml", NULL, NULL, NULL, NULL, NULL,
		"As YAML, not as JSON"),
	SPECIAL(TOML, OPTION_FLAG, "--toml", NULL, NULL, NULL, NULL, NULL, "Not supported"),
	SPECIAL(VARS, OPTION_FLAG, "--vars", NULL, NULL, NULL, NULL, NULL,
		"With --graph: variables too"),
	SPECIAL(EXPORT, OPTION_FLAG, "--export", NULL, "inventory", "export", "INVENTORY_EXPORT",
		NULL, "With --list: variables where they were set, not merged"),
	SPECIAL(DOC_TYPE, OPTION_TEXT, "-t --type", "KIND", NULL, NULL, NULL, NULL,
		"What is asked about (module, then role)"),
	SPECIAL(DOC_LIST, OPTION_FLAG, "-l --list", NULL, NULL, NULL, NULL, NULL,
		"All of a kind, or those whose names hold a word, with a line each"),
	SPECIAL(DOC_JSON, OPTION_FLAG, "-j --json", NULL, NULL, NULL, NULL, NULL,
		"As JSON, in the shape that ansible-doc has"),
	SPECIAL(DOC_SNIPPET, OPTION_FLAG, "-s --snippet", NULL, NULL, NULL, NULL, NULL,
		"A task to fill in, with all parameters of the module"),
	SPECIAL(DOC_ROLES, OPTION_LIST, "-r --roles-path", "FOLDER", NULL, NULL, NULL, NULL,
		"Roles are looked for there as well; may be given several times"),
	SPECIAL(DOC_ENTRY, OPTION_TEXT, "-e --entry-point", "NAME", NULL, NULL, NULL, NULL,
		"Only this entry point of the role"),
	SPECIAL(TERMINAL, OPTION_COUNTED, "-t --terminal", NULL, NULL, NULL, NULL, NULL,
		"A terminal for the command, too; twice: even when our input is none"),
	SPECIAL(NO_TERMINAL, OPTION_FLAG, "--no-terminal", NULL, NULL, NULL, NULL, NULL,
		"No terminal over there, not even for the login shell"),
	SPECIAL(FORWARD_AGENT, OPTION_FLAG, "-A --forward-agent", NULL, NULL, NULL, NULL, NULL,
		"Lend the ssh-agent to the host: its root can use your keys meanwhile"),
	SPECIAL(RENDER, OPTION_TEXT, "--render", "FILE", NULL, NULL, NULL, NULL,
		"Write the inventory to a file, .yml or .ini, sorted, so that diffs tell the "
		"fleet's"),
	SPECIAL(WATCH, OPTION_MAYBE, "--watch", "SECONDS", NULL, NULL, NULL, "30",
		"Ask again every so often (=30), and tell what came, went and changed"),
};

void
option_set(struct options *options, enum option_id id, const char *text, const char *origin)
{
	struct option_value *value = &options->values[id];

	value->text = arena_text(&options->arena, text);
	value->origin = origin;
	if (option_table[id].kind == OPTION_LIST) {
		value->list = arena_grow(&options->arena, value->list, value->count,
			value->count + 1, sizeof(*value->list));
		value->list[value->count++] = value->text;
	}
}

/* ---- command line ---- */

static bool
name_matches(const char *names, const char *name, size_t length)
{
	struct view rest = view_of(names), piece;

	while (names && view_cut(&rest, ' ', &piece))
		if (piece.length == length && !memcmp(piece.data, name, length))
			return true;
	return false;
}

static bool
is_offered(const enum option_id *offered, int id)
{
	if (!offered)
		return !option_table[id].is_special;
	while (*offered != OPTION_COUNT && (int)*offered != id)
		offered++;
	return *offered != OPTION_COUNT;
}

static int
option_find(const enum option_id *offered, const char *name, size_t length)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (option_table[i].names && is_offered(offered, i) &&
			name_matches(option_table[i].names, name, length))
			return i;
	return -1;
}

/* --tag for --tags: an unambiguous beginning is enough, as argparse has it. */
static int
option_find_prefix(const enum option_id *offered, const char *name, size_t length)
{
	int found = -1;

	for (int i = 0; i < OPTION_COUNT; i++) {
		struct view rest = view_of(option_table[i].names), piece;

		while (option_table[i].names && is_offered(offered, i) &&
			view_cut(&rest, ' ', &piece)) {
			if (piece.length <= length || memcmp(piece.data, name, length) != 0)
				continue;
			if (found >= 0 && found != i)
				return -1;
			found = i;
		}
	}
	return found;
}

static bool
fail_option(const enum option_id *offered, const char *name, struct error *err)
{
	const char *all[160], *nearest;
	size_t count = 0;
	struct arena arena;

	arena_init(&arena);
	for (int i = 0; i < OPTION_COUNT; i++) {
		struct view rest = view_of(option_table[i].names), piece;

		while (option_table[i].names && is_offered(offered, i) &&
			count < ARRAY_SIZE(all) - 1 && view_cut(&rest, ' ', &piece))
			all[count++] = arena_view(&arena, piece);
	}
	all[count] = NULL;
	nearest = text_nearest(name, all);
	fail(err, ERR_OPTIONS, "unrecognized arguments: %s", name);
	if (nearest)
		error_hint(err, "did you mean %s?", nearest);
	arena_release(&arena);
	return false;
}

struct arguments {
	int argc, at;
	char **argv;
};

static bool
take_option(struct options *options, struct arguments *arguments, int id, const char *name,
	const char *attached, struct error *err)
{
	const struct option_row *row = &option_table[id];

	if (row->kind == OPTION_FLAG) {
		if (attached)
			return fail(err, ERR_OPTIONS, "argument %s: takes no value", name);
		option_set(options, (enum option_id)id, "true", "command line");
		return true;
	}
	if (row->kind == OPTION_COUNTED) {
		options->values[id].count++;
		return true;
	}
	if (!attached && row->kind == OPTION_MAYBE)
		attached = row->fallback;
	if (!attached) {
		if (arguments->at + 1 >= arguments->argc)
			return fail(err, ERR_OPTIONS, "argument %s: expected one argument", name);
		attached = arguments->argv[++arguments->at];
	}
	if (row->kind == OPTION_LIST && options->values[id].origin &&
		strcmp(options->values[id].origin, "command line") != 0)
		options->values[id].count = 0;
	option_set(options, (enum option_id)id, attached, "command line");
	return true;
}

static bool
take_long(struct options *options, struct arguments *arguments, const char *text, struct error *err)
{
	size_t length = strcspn(text, "=");
	int id = option_find(options->offered, text, length);

	if (id < 0)
		id = option_find_prefix(options->offered, text, length);
	if (id < 0)
		return fail_option(options->offered, text, err);
	return take_option(
		options, arguments, id, text, text[length] == '=' ? text + length + 1 : NULL, err);
}

/* -vvv, -bK, -i file, -ifile */
static bool
take_short(
	struct options *options, struct arguments *arguments, const char *text, struct error *err)
{
	for (const char *at = text + 1; *at; at++) {
		char name[3] = { '-', *at, '\0' };
		int id = option_find(options->offered, name, 2);

		if (id < 0)
			return fail_option(options->offered, name, err);
		if (option_table[id].kind == OPTION_FLAG ||
			option_table[id].kind == OPTION_COUNTED) {
			if (!take_option(options, arguments, id, name, NULL, err))
				return false;
			continue;
		}
		return take_option(
			options, arguments, id, name, at[1] ? at + 1 + (at[1] == '=') : NULL, err);
	}
	return true;
}

static bool
command_line(struct options *options, bool is_command, int argc, char **argv, struct error *err)
{
	struct arguments arguments = { .argc = argc, .at = 1, .argv = argv };
	bool only_paths = false;

	options->paths = arena_array(&options->arena, (size_t)argc + 1, const char *);
	for (; arguments.at < argc; arguments.at++) {
		const char *text = argv[arguments.at];

		if (!only_paths && !strcmp(text, "--")) {
			only_paths = true;
		} else if (only_paths || text[0] != '-' || !text[1]) {
			options->paths[options->path_count++] = text;
			only_paths |= is_command;
		} else if (text[1] == '-' ? !take_long(options, &arguments, text, err)
					  : !take_short(options, &arguments, text, err)) {
			return false;
		}
	}
	return true;
}

/* ---- environment ---- */

static void
environment(struct options *options)
{
	static const char *const prefixes[] = { "ANSIBLE_", "ERTC_" };

	for (size_t p = 0; p < ARRAY_SIZE(prefixes); p++)
		for (int i = 0; i < OPTION_COUNT; i++) {
			struct view rest = view_of(option_table[i].environment), piece;

			while (option_table[i].environment && view_cut(&rest, ' ', &piece)) {
				const char *name = arena_format(&options->arena, "%s%.*s",
					prefixes[p], (int)piece.length, piece.data);
				const char *text = getenv(name);

				if (!text || !*text)
					continue;
				options->values[i].count = 0;
				option_set(options, (enum option_id)i, text, name);
			}
		}
	if (getenv("NO_COLOR") && *getenv("NO_COLOR"))
		option_set(options, OPTION_NO_COLOR, "true", "NO_COLOR");
}

/* ---- */

bool
options_read(struct options *options, int argc, char **argv, struct error *err)
{
	return options_read_verb(options, NULL, argc, argv, err);
}

static bool
read_all(struct options *options, const enum option_id *offered, bool is_command, int argc,
	char **argv, struct error *err)
{
	memset(options, 0, sizeof(*options));
	options->offered = offered;
	arena_init(&options->arena);
	config_file_find(options);
	environment(options);
	return command_line(options, is_command, argc, argv, err);
}

bool
options_read_verb(struct options *options, const enum option_id *offered, int argc, char **argv,
	struct error *err)
{
	return read_all(options, offered, false, argc, argv, err);
}

bool
options_read_command(struct options *options, const enum option_id *offered, int argc, char **argv,
	struct error *err)
{
	return read_all(options, offered, true, argc, argv, err);
}

void
options_release(struct options *options)
{
	arena_release(&options->arena);
}

const char *
option_text(const struct options *options, enum option_id id)
{
	return options->values[id].text ? options->values[id].text : option_table[id].fallback;
}

bool
option_flag(const struct options *options, enum option_id id)
{
	const char *text = option_text(options, id);
	const struct value value = { .type = VALUE_STRING,
		.string = { .data = text ? text : "", .length = text ? strlen(text) : 0 } };
	bool flag = false;

	return value_to_bool(&value, &flag) && flag;
}

int
option_number(const struct options *options, enum option_id id)
{
	int64_t number = 0;

	if (option_text(options, id) && !number_parse(view_of(option_text(options, id)), &number))
		number = 0;
	return (int)MIN(number + (int64_t)(option_table[id].kind == OPTION_COUNTED
						   ? options->values[id].count
						   : 0),
		1000000);
}

/* What --help lists together, in this order. What is in none of these comes first. */
static const struct option_group {
	const char *title;
	enum option_id ids[16]; /* ended by OPTION_COUNT */
} option_groups[] = {
	{ "hosts, tasks and variables",
		{ OPTION_INVENTORY, OPTION_LIMIT, OPTION_TAGS, OPTION_SKIP_TAGS,
			OPTION_START_AT_TASK, OPTION_RESUME, OPTION_EXTRA_VARS, OPTION_MODULE_PATH,
			OPTION_STRICT_HOSTS, OPTION_REGION, OPTION_STACK, OPTION_WAIT,
			OPTION_COUNT } },
	{ "what to do", { OPTION_CHECK, OPTION_DIFF, OPTION_STEP, OPTION_FORCE_HANDLERS,
				OPTION_FLUSH_CACHE, OPTION_LIST_HOSTS, OPTION_LIST_TASKS,
				OPTION_LIST_TAGS, OPTION_SYNTAX_CHECK, OPTION_COUNT } },
	{ "connecting", { OPTION_USER, OPTION_PRIVATE_KEY, OPTION_ASK_PASS,
				OPTION_CONNECTION_PASSWORD_FILE, OPTION_CONNECTION, OPTION_TIMEOUT,
				OPTION_FORKS, OPTION_SSH_COMMON_ARGS, OPTION_SSH_EXTRA_ARGS,
				OPTION_SFTP_EXTRA_ARGS, OPTION_SCP_EXTRA_ARGS, OPTION_COUNT } },
	{ "another user",
		{ OPTION_BECOME, OPTION_BECOME_USER, OPTION_BECOME_METHOD, OPTION_ASK_BECOME_PASS,
			OPTION_BECOME_PASSWORD_FILE, OPTION_COUNT } },
	{ "vault", { OPTION_VAULT_ID, OPTION_VAULT_PASSWORD_FILE, OPTION_ASK_VAULT_PASS,
			   OPTION_COUNT } },
	{ "other", { OPTION_VERBOSE, OPTION_VERSION, OPTION_HELP, OPTION_COUNT } },
};

static bool
is_in_group(const struct option_group *group, int id)
{
	for (const enum option_id *at = group->ids; *at != OPTION_COUNT; at++)
		if ((int)*at == id)
			return true;
	return false;
}

static void
option_help(FILE *file, const struct option_row *row)
{
	struct view rest = view_of(row->names), piece;
	char left[96];
	int used = 0;

	while (view_cut(&rest, ' ', &piece))
		used += snprintf(left + used, sizeof(left) - (size_t)used, "%s%.*s",
			used ? ", " : "", (int)piece.length, piece.data);
	if (row->argument)
		snprintf(left + used, sizeof(left) - (size_t)used,
			row->kind == OPTION_MAYBE ? "[=%s]" : " %s", row->argument);
	if (strlen(left) > 30)
		fprintf(file, "  %s\n  %-30s %s\n", left, "", row->doc);
	else
		fprintf(file, "  %-30s %s\n", left, row->doc);
}

/* The options of one group, or (group NULL) those of none, under a title. */
static void
group_help(FILE *file, const struct option_group *group, const enum option_id *offered)
{
	bool has_title = false;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		bool belongs = !group || is_in_group(group, i);

		for (size_t g = 0; !group && g < ARRAY_SIZE(option_groups); g++)
			belongs &= !is_in_group(&option_groups[g], i);
		if (!belongs || !row->names || !row->doc || !is_offered(offered, i))
			continue;
		if (!has_title)
			fprintf(file, "\n%s:\n", group ? group->title : "options");
		has_title = true;
		option_help(file, row);
	}
}

void
options_help(FILE *file)
{
	options_help_verb(file, NULL,
		"usage: ertc-play [options] PLAYBOOK...\n\nRuns Ansible playbooks on the "
		"hosts of an inventory, over SSH alone.");
}

void
options_help_verb(FILE *file, const enum option_id *offered, const char *usage)
{
	fprintf(file, "%s\n", usage);
	group_help(file, NULL, offered);
	for (size_t i = 0; i < ARRAY_SIZE(option_groups); i++)
		group_help(file, &option_groups[i], offered);
	fprintf(file,
		"\nSettings are also read from ansible.cfg (ANSIBLE_CONFIG, ./ansible.cfg, "
		"~/.ansible.cfg,\n"
		"/etc/ansible/ansible.cfg) and from ANSIBLE_* and ERTC_* environment variables.\n");
}
