/* `ertc-play`: options become the settings of a run. */
#include "orchestrator/cli/cli.h"

#include <ctype.h>
#include <sys/stat.h>

#include "json/json.h"
#include "orchestrator/cli/play.h"
#include "os/files.h"
#include "orchestrator/cli/vaults.h"
#include "orchestrator/run/prompt.h"
#include "yaml/yaml.h"

enum { LONGEST_PASSWORD = 1024, SHORTEST_LINE = 8 };

/* ---- -e ---- */

static bool
merge(struct play_command *command, struct value *into, const struct value *map, const char *text,
	struct error *err)
{
	if (value_is_none(map))
		return true;
	if (!value_is_map(map)) {
		fail(err, ERR_OPTIONS,
			"Invalid extra vars data supplied. '%.200s' could not be made into a "
			"dictionary",
			text);
		return false;
	}
	VALUE_PAIRS (pair, map)
		value_set_key(&command->arena, into, pair->key, pair->value);
	return true;
}

static bool
extra_var(struct play_command *command, struct value *into, const char *text, struct error *err)
{
	const struct yaml_options options = {
		.templates = true, .vault = command->settings.vault, .are_secrets = true
	};
	const struct value *map;
	struct value *source, *pairs;

	if (text[0] == '@') {
		if (!yaml_load_file(&command->arena, text + 1, &options, &map, err))
			return false;
		return merge(command, into, map, text, err);
	}
	if (text[0] == '/' || text[0] == '.') {
		fail(err, ERR_OPTIONS, "Please prepend extra_vars filename '%s' with '@'", text);
		return false;
	}
	if (text[0] == '[' || text[0] == '{') {
		if (!yaml_load(
			    &command->arena, view_of(text), "<command line>", &options, &map, err))
			return false;
		return merge(command, into, map, text, err);
	}
	source = value_text(&command->arena, text);
	source->flags = VALUE_TEMPLATE;
	source->place = (struct place){ "<command line>", 1, 1 };
	if (!arguments_parse(&command->arena, source, FREE_FORM_NONE, &pairs, err)) {
		err->kind = ERR_OPTIONS;
		return false;
	}
	return merge(command, into, pairs, text, err);
}

bool
play_extra_vars(struct play_command *command, struct error *err)
{
	const struct option_value *given = &command->options.values[OPTION_EXTRA_VARS];
	struct value *map = value_map(&command->arena);

	for (size_t i = 0; i < given->count; i++)
		if (!extra_var(command, map, given->list[i], err))
			return false;
	command->settings.extra_vars = map;
	return true;
}

static const struct value *
tag_list(struct play_command *command, enum option_id id)
{
	const struct option_value *given = &command->options.values[id];
	struct value *list = value_list(&command->arena);

	for (size_t i = 0; i < given->count; i++) {
		struct view rest = view_of(given->list[i]), piece;

		while (view_cut(&rest, ',', &piece))
			if (view_trim(piece).length)
				value_add(&command->arena, list,
					value_view(&command->arena, view_trim(piece)));
	}
	return list;
}

/* ---- passwords: asked for, or read from a file; never on the command line ---- */

static bool
password_file(struct play_command *command, const char *path, const char **out, struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char line[LONGEST_PASSWORD];
	size_t length;

	if (!file)
		return fail_errno(err, "The password file %s was not found", path);
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	length = strcspn(line, "\r\n");
	if (!length) {
		return fail(err, ERR_OPTIONS, "Empty password was provided from file (%s)", path);
	}
	*out = arena_bytes(&command->arena, line, length);
	memory_wipe(line, sizeof(line));
	return true;
}

static bool
password(struct play_command *command, enum option_id asks, enum option_id file, const char *prompt,
	const char **out, struct error *err)
{
	char answer[LONGEST_PASSWORD];

	if (option_text(&command->options, file))
		return password_file(command, option_text(&command->options, file), out, err);
	if (!option_flag(&command->options, asks))
		return true;
	if (!prompt_ask(prompt, true, answer, sizeof(answer))) {
		fail(err, ERR_OPTIONS, "cannot ask for a password");
		error_why(err, "there is no terminal");
		return error_hint(err, "use %s", option_table[file].names);
	}
	*out = arena_text(&command->arena, answer);
	memory_wipe(answer, sizeof(answer));
	return true;
}

bool
play_passwords(struct play_command *command, struct error *err)
{
	struct run_settings *settings = &command->settings;
	bool asks_login = option_flag(&command->options, OPTION_ASK_PASS);

	if (!password(command, OPTION_ASK_PASS, OPTION_CONNECTION_PASSWORD_FILE,
		    "SSH password: ", &settings->connection_password, err) ||
		!password(command, OPTION_ASK_BECOME_PASS, OPTION_BECOME_PASSWORD_FILE,
			asks_login ? "BECOME password[defaults to SSH password]: "
				   : "BECOME password: ",
			&settings->become_password, err))
		return false;
	if (settings->become_password && !*settings->become_password)
		settings->become_password = settings->connection_password;
	if (settings->connection_password)
		report_secret(command->report, view_of(settings->connection_password));
	if (settings->become_password)
		report_secret(command->report, view_of(settings->become_password));
	return true;
}

/* ---- settings ---- */

const char *
play_path(struct play_command *command, const char *path)
{
	const char *home = getenv("HOME");

	if (path && path[0] == '~' && (path[1] == '/' || !path[1]) && home)
		return arena_format(&command->arena, "%s%s", home, path + 1);
	return path;
}

/* "a:b:c" as a list of folders, ended by NULL. */
static const char *const *
folder_list(struct play_command *command, enum option_id id)
{
	struct view rest = view_of(option_text(&command->options, id)), piece;
	const char **folders = arena_array(&command->arena, 64, const char *);
	size_t count = 0;

	while (count < 63 && view_cut(&rest, ':', &piece))
		if (piece.length)
			folders[count++] = play_path(command, arena_view(&command->arena, piece));
	return folders;
}

/* fact_caching = jsonfile keeps facts in a directory; `memory` is the default. */
static void
fact_cache(struct play_command *command)
{
	struct run_settings *settings = &command->settings;
	const struct options *options = &command->options;
	const char *plugin = option_text(options, OPTION_FACT_CACHING),
		   *place = option_text(options, OPTION_FACT_CACHING_CONNECTION),
		   *dot = plugin ? strrchr(plugin, '.') : NULL;

	plugin = dot ? dot + 1 : plugin;
	if (!plugin || !strcmp(plugin, "memory"))
		return;
	if (strcmp(plugin, "jsonfile") != 0) {
		report_warning(command->report,
			"fact_caching = %s is not known here: facts are kept for this run only "
			"(use "
			"jsonfile)",
			plugin);
		return;
	}
	if (!place) {
		report_warning(command->report, "fact_caching = jsonfile needs "
						"fact_caching_connection, the directory: facts "
						"are kept for this run only");
		return;
	}
	settings->fact_cache = play_path(command, place);
	settings->fact_cache_prefix = option_text(options, OPTION_FACT_CACHING_PREFIX);
	settings->fact_cache_timeout_s = option_number(options, OPTION_FACT_CACHING_TIMEOUT);
	settings->flushes_fact_cache = option_flag(options, OPTION_FLUSH_CACHE);
}

static const char *
host_keys(const struct options *options)
{
	const char *text = option_text(options, OPTION_HOST_KEY_CHECKING);
	struct value value = { .type = VALUE_STRING };
	bool checks;

	if (!text)
		return NULL;
	value.string.data = text;
	value.string.length = strlen(text);
	if (!value_to_bool(&value, &checks))
		return text;
	return checks ? NULL : "off";
}

void
play_settings(struct play_command *command)
{
	const struct options *options = &command->options;
	struct run_settings *settings = &command->settings;

	settings->limit = option_text(options, OPTION_LIMIT);
	settings->tags = tag_list(command, OPTION_TAGS);
	settings->skip_tags = tag_list(command, OPTION_SKIP_TAGS);
	settings->check_mode = option_flag(options, OPTION_CHECK);
	settings->diff = option_flag(options, OPTION_DIFF);
	settings->force_handlers = option_flag(options, OPTION_FORCE_HANDLERS);
	settings->any_errors_fatal = option_flag(options, OPTION_ANY_ERRORS_FATAL);
	settings->step = option_flag(options, OPTION_STEP);
	settings->start_at_task = option_text(options, OPTION_START_AT_TASK);
	settings->forks = options->values[OPTION_FORKS].origin
				  ? MAX(option_number(options, OPTION_FORKS), 1)
				  : 100000;
	settings->connects_at_once = MAX(option_number(options, OPTION_FORKS), 1);
	settings->verbosity = option_number(options, OPTION_VERBOSE);
	settings->timeout_s = option_number(options, OPTION_TIMEOUT);
	settings->task_timeout_s = option_number(options, OPTION_TASK_TIMEOUT);
	settings->retries = option_number(options, OPTION_RETRIES);
	settings->remote_user = option_text(options, OPTION_USER);
	settings->private_key_file = play_path(command, option_text(options, OPTION_PRIVATE_KEY));
	settings->connection = option_text(options, OPTION_CONNECTION);
	settings->ssh_common_args = option_text(options, OPTION_SSH_COMMON_ARGS);
	settings->ssh_extra_args = option_text(options, OPTION_SSH_EXTRA_ARGS);
	settings->host_key_checking = host_keys(options);
	settings->become = option_flag(options, OPTION_BECOME);
	settings->become_user = option_text(options, OPTION_BECOME_USER);
	settings->become_method = option_text(options, OPTION_BECOME_METHOD);
	settings->become_exe = option_text(options, OPTION_BECOME_EXE);
	settings->become_flags = option_text(options, OPTION_BECOME_FLAGS);
	settings->gathering = option_text(options, OPTION_GATHERING);
	settings->strategy = option_text(options, OPTION_STRATEGY);
	settings->config_file = options->config_file;
	settings->strict_hosts = option_flag(options, OPTION_STRICT_HOSTS);
	settings->jinja2_native = option_flag(options, OPTION_JINJA2_NATIVE);
	settings->no_log = option_flag(options, OPTION_NO_LOG);
	settings->allows_missing_handlers = !option_flag(options, OPTION_MISSING_HANDLER);
	settings->duplicate_keys = option_text(options, OPTION_DUPLICATE_KEY);
	settings->list_hosts = option_flag(options, OPTION_LIST_HOSTS);
	settings->list_tasks = option_flag(options, OPTION_LIST_TASKS);
	settings->list_tags = option_flag(options, OPTION_LIST_TAGS);
	settings->syntax_check = option_flag(options, OPTION_SYNTAX_CHECK);
	settings->can_ask = isatty(0);
	settings->merges_hashes = text_equals(option_text(options, OPTION_HASH_BEHAVIOUR), "merge");
	settings->roles_path = folder_list(command, OPTION_ROLES_PATH);
	settings->library_path = folder_list(command, OPTION_MODULE_PATH);
	settings->collections_path = folder_list(command, OPTION_COLLECTIONS_PATH);
	fact_cache(command);
	settings->resumes = option_flag(options, OPTION_RESUME);
	settings->writes_retry_files = option_flag(options, OPTION_RETRY_FILES);
	settings->managed = option_text(options, OPTION_MANAGED);
	settings->retry_directory =
		play_path(command, option_text(options, OPTION_RETRY_FILES_PATH));
}

static struct report *
report_make(const struct options *options, struct arena *arena)
{
	struct view rest = view_of(option_text(options, OPTION_CALLBACKS_ENABLED)), piece;
	const char **enabled = arena_array(arena, 32, const char *);
	size_t count = 0;
	struct report_settings settings = {
		.callback = option_text(options, OPTION_STDOUT_CALLBACK),
		.enabled = enabled,
		.tree = option_text(options, OPTION_TREE),
		.failed_to_stderr = option_flag(options, OPTION_FAILED_STDERR),
		.hides_deprecations = !option_flag(options, OPTION_DEPRECATIONS),
		.shows_path_on_failure = option_flag(options, OPTION_SHOW_PATH),
		.shows_custom_stats = option_flag(options, OPTION_SHOW_STATS),
		.shows_start = option_flag(options, OPTION_SHOW_START),
		.shows_arguments = option_flag(options, OPTION_SHOW_ARGS),
		.as_yaml = text_equals(option_text(options, OPTION_RESULT_FORMAT), "yaml"),
		.pretty = !option_text(options, OPTION_FORMAT_PRETTY)  ? PRETTY_AUTO
			  : option_flag(options, OPTION_FORMAT_PRETTY) ? PRETTY_YES
								       : PRETTY_NO,
		.verbosity = option_number(options, OPTION_VERBOSE),
		.shows_skipped = option_flag(options, OPTION_SHOW_SKIPPED),
		.shows_ok = option_flag(options, OPTION_SHOW_OK),
		.shows_live = isatty(1),
		.check_mode = option_flag(options, OPTION_CHECK),
		.check_mode_markers = option_flag(options, OPTION_CHECK_MODE_MARKERS),
		.log_path = option_text(options, OPTION_LOG_PATH),
		.largest_diff = (size_t)option_number(options, OPTION_MAX_DIFF_SIZE),
		.color = option_flag(options, OPTION_NO_COLOR)	    ? COLOR_NEVER
			 : option_flag(options, OPTION_FORCE_COLOR) ? COLOR_ALWAYS
								    : COLOR_AUTO,
	};

	while (count < 30 && view_cut(&rest, ',', &piece))
		if (view_trim(piece).length)
			enabled[count++] = arena_view(arena, view_trim(piece));
	if (settings.tree)
		enabled[count++] = "tree";
	return report_new(&settings);
}

/* ---- vault ---- */

static void
vault_warning(void *report, const char *text)
{
	report_warning(report, "%s", text);
}

/* As it is, and as JSON writes it: quotes, line breaks and what is not ASCII look different there.
 */
static void
secret_tell(struct play_command *command, struct view secret)
{
	const struct value value = { .type = VALUE_STRING,
		.string = { .data = secret.data, .length = secret.length } };

	report_secret(command->report, secret);
	for (int keeps = 0; keeps < 2; keeps++) {
		const struct json_style style = { .keep_utf8 = keeps };
		_cleanup_wipe_ struct str text = STR_INIT;

		json_add(&value, &style, &text);
		report_secret(command->report, (struct view){ text.data + 1, text.length - 2 });
	}
}

/* Whole, and line by line: some outputs break it up. */
static void
vault_secret(void *context, struct view secret)
{
	struct play_command *command = context;
	struct view rest = secret, line;
	struct arena arena;
	bool is_host;

	/* Who the hosts are cannot be hidden, and is seen in every line. */
	arena_init(&arena);
	is_host = view_is(secret, "localhost") ||
		  inventory_host_find(command->inventory, arena_view(&arena, secret));
	arena_release(&arena);
	if (is_host)
		return;
	secret_tell(command, secret);
	if (secret.length && memchr(secret.data, '\n', secret.length))
		while (view_cut(&rest, '\n', &line))
			if (view_trim(line).length >= SHORTEST_LINE)
				secret_tell(command, view_trim(line));
}

bool
play_vaults(struct play_command *command, struct error *err)
{
	const struct vaults_asking asking = { .warn = vault_warning, .context = command->report };

	if (!vaults_read(&command->options, &asking, &command->settings.vault, err))
		return false;
	command->settings.vault->tell = vault_secret;
	command->settings.vault->context = command;
	command->inventory->vault = command->settings.vault;
	return true;
}

static void
warn_without_hosts(struct play_command *command)
{
	if (!command->inventory->hosts.count)
		report_warning(command->report,
			"provided hosts list is empty, only localhost is available. Note that the "
			"implicit localhost does not match 'all'");
}

static void
say_what_was_ignored(struct play_command *command)
{
	if (command->options.config_refused)
		report_warning(command->report,
			"Ansible is being run in a world writable directory, ignoring it as an "
			"ansible.cfg source");
	if (command->options.config_file)
		report_verbose(command->report, 1, NULL, "Using %s as config file",
			command->options.config_file);
	else
		report_verbose(command->report, 1, NULL, "No config file found; using defaults");
}

/* For hooks: 2 is final, 4 may be better another time. */
static int
wait_exit_code(const struct error *err)
{
	switch (err->kind) {
	case ERR_TASK:
		return RUN_FAILED;
	case ERR_TIMEOUT:
	case ERR_UNREACHABLE:
	case ERR_MISSING:
		return RUN_UNREACHABLE;
	default:
		return RUN_ERROR;
	}
}

/* --wait: the role of this name, on the hosts of the stack, before the playbooks. */
static int
wait_until_ready(struct play_command *command)
{
	static const char text[] = "hosts: all\nname: Wait until the hosts of the stack are ready\n"
				   "gather_facts: false\nroles: [ready]\n";
	const struct yaml_options options = { .templates = true };
	const struct value *play;
	struct error err;

	if (!command->inventory->wait_s || command->settings.check_mode ||
		command->settings.list_hosts || option_flag(&command->options, OPTION_LIST_TASKS) ||
		option_flag(&command->options, OPTION_LIST_TAGS) ||
		option_flag(&command->options, OPTION_SYNTAX_CHECK))
		return RUN_OK;
	if (!yaml_load(&command->arena, view_of(text), "--wait", &options, &play, &err))
		BUG("%s", err.what);
	return run_play_alone(&command->settings, command->inventory, command->report, play,
		path_parent(&command->arena, command->options.paths[0]));
}

/* ---- hosts that were not reached ---- */

enum { MOST_EXPLAINED = 10 };

static void
lost_note(void *context, const char *host)
{
	struct play_command *command = context;
	struct value *lost = command->lost;

	VALUE_EACH (name, lost)
		if (text_equals(value_string(name), host))
			return;
	value_add(&command->arena, lost, value_text(&command->arena, host));
}

/* What their cloud knows about why: it is asked once more, for what a play does not need. Best
 * effort: the run is over, and was told. */
static void
lost_explain(struct play_command *command)
{
	struct inventory *before = command->inventory, *now = inventory_new();
	struct error err;

	now->wants_diagnosis = true;
	now->vault = before->vault;
	command->inventory = now;
	error_clear(&err);
	if (play_inventory(command, &err) &&
		inventory_finish(
			now, path_parent(&command->arena, command->options.paths[0]), &err))
		for (uint32_t i = 0; i < MIN(command->lost->list.count, MOST_EXPLAINED); i++) {
			const char *name = value_string(command->lost->list.items[i]);
			struct inventory_host *host = inventory_host_find(now, name);
			struct value *sentences = value_list(&command->arena);

			if (host)
				inventory_explain(now, host, true, &value_empty_list, sentences);
			VALUE_EACH (sentence, sentences)
				report_warning(command->report, "%s is not reached: %s", name,
					value_string(sentence));
		}
	command->inventory = before;
	inventory_free(now);
}

static int
run_and_explain(struct play_command *command)
{
	int code;

	command->lost = value_list(&command->arena);
	command->settings.lost = lost_note;
	command->settings.lost_context = command;
	code = wait_until_ready(command);
	if (code == RUN_OK)
		code = run_playbooks(&command->settings, command->inventory, command->report,
			command->options.paths);
	if (command->lost->list.count && command->inventory->can_explain)
		lost_explain(command);
	return code;
}

static int
play_run_command(struct play_command *command)
{
	struct error err;

	error_clear(&err);
	say_what_was_ignored(command);
	play_settings(command);
	if (!command->options.path_count) {
		fail(&err, ERR_OPTIONS, "You must specify a playbook file to run");
		error_hint(&err, "ertc-play --help lists the options");
		report_error(command->report, &err);
		return RUN_BAD_OPTIONS;
	}
	if (!play_vaults(command, &err)) {
		report_error(command->report, &err);
		return RUN_ERROR;
	}
	if (!play_extra_vars(command, &err) || !play_passwords(command, &err)) {
		report_error(command->report, &err);
		return err.kind == ERR_OPTIONS ? RUN_BAD_OPTIONS : RUN_ERROR;
	}
	for (size_t i = 0; i < command->options.path_count; i++)
		if (access(command->options.paths[i], R_OK) != 0) {
			fail(&err, ERR_OPTIONS, "the playbook: %s could not be found",
				command->options.paths[i]);
			report_error(command->report, &err);
			return RUN_ERROR;
		}
	if (!play_inventory(command, &err)) {
		report_error(command->report, &err);
		return command->inventory->wait_s ? wait_exit_code(&err) : RUN_ERROR;
	}
	warn_without_hosts(command);
	return run_and_explain(command);
}

void
play_open(struct play_command *command)
{
	arena_init(&command->arena);
	command->report = report_make(&command->options, &command->arena);
	command->inventory = inventory_new();
}

void
play_close(struct play_command *command)
{
	if (command->report) {
		inventory_free(command->inventory);
		report_free(command->report);
		vault_free(command->settings.vault);
		arena_release(&command->arena);
	}
	options_release(&command->options);
}

int
command_play(int argc, char **argv)
{
	struct play_command command = { 0 };
	struct error err;
	int code;

	if (!options_read(&command.options, argc, argv, &err)) {
		options_help(stderr);
		fprintf(stderr, "ertc-play: error: %s%s%s\n", err.what, err.hint[0] ? "; " : "",
			err.hint);
		options_release(&command.options);
		return RUN_BAD_OPTIONS;
	}
	if (option_flag(&command.options, OPTION_HELP)) {
		options_help(stdout);
		code = RUN_OK;
	} else if (option_flag(&command.options, OPTION_VERSION)) {
		version_print("ertc-play");
		code = RUN_OK;
	} else {
		play_open(&command);
		code = play_run_command(&command);
	}
	play_close(&command);
	return code;
}
