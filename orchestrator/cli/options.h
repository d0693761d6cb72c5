#ifndef ORCHESTRATOR_CLI_OPTIONS_H
#define ORCHESTRATOR_CLI_OPTIONS_H
/*
 * The command line, ansible.cfg and the environment, in one table: each row is a setting with all
 * the names it is known by. Order of precedence: command line, environment (ERTC_X, then
 * ANSIBLE_X), ansible.cfg, default.
 */
#include "base/map.h"
#include "base/error.h"
#include "value/value.h"

enum option_id {
	OPTION_INVENTORY,
	OPTION_LIMIT,
	OPTION_TAGS,
	OPTION_SKIP_TAGS,
	OPTION_EXTRA_VARS,
	OPTION_FORKS,
	OPTION_CHECK,
	OPTION_DIFF,
	OPTION_BECOME,
	OPTION_BECOME_USER,
	OPTION_BECOME_METHOD,
	OPTION_BECOME_EXE,
	OPTION_BECOME_FLAGS,
	OPTION_ASK_BECOME_PASS,
	OPTION_BECOME_PASSWORD_FILE,
	OPTION_USER,
	OPTION_ASK_PASS,
	OPTION_CONNECTION_PASSWORD_FILE,
	OPTION_PRIVATE_KEY,
	OPTION_CONNECTION,
	OPTION_TIMEOUT,
	OPTION_SSH_COMMON_ARGS,
	OPTION_SSH_EXTRA_ARGS,
	OPTION_SFTP_EXTRA_ARGS,
	OPTION_SCP_EXTRA_ARGS,
	OPTION_LIST_HOSTS,
	OPTION_LIST_TASKS,
	OPTION_LIST_TAGS,
	OPTION_SYNTAX_CHECK,
	OPTION_START_AT_TASK,
	OPTION_STEP,
	OPTION_FLUSH_CACHE,
	OPTION_REGION,
	OPTION_STACK,
	OPTION_WAIT,
	OPTION_FORCE_HANDLERS,
	OPTION_MODULE_PATH,
	OPTION_VAULT_ID,
	OPTION_VAULT_PASSWORD_FILE,
	OPTION_ASK_VAULT_PASS,
	OPTION_VERBOSE,
	OPTION_STRICT_HOSTS,
	OPTION_VERSION,
	OPTION_HELP,
	/* settings without an option */
	OPTION_HOST_KEY_CHECKING,
	OPTION_GATHERING,
	OPTION_ROLES_PATH,
	OPTION_STRATEGY,
	OPTION_ANY_ERRORS_FATAL,
	OPTION_TASK_TIMEOUT,
	OPTION_NO_LOG,
	OPTION_SHOW_SKIPPED,
	OPTION_SHOW_OK,
	OPTION_CHECK_MODE_MARKERS,
	OPTION_MAX_DIFF_SIZE,
	OPTION_RETRIES,
	OPTION_STDOUT_CALLBACK,
	OPTION_CALLBACKS_ENABLED,
	OPTION_FAILED_STDERR,
	OPTION_DEPRECATIONS,
	OPTION_SHOW_PATH,
	OPTION_SHOW_STATS,
	OPTION_SHOW_START,
	OPTION_SHOW_ARGS,
	OPTION_RESULT_FORMAT,
	OPTION_FORMAT_PRETTY,
	OPTION_HASH_BEHAVIOUR,
	OPTION_FACT_CACHING,
	OPTION_FACT_CACHING_CONNECTION,
	OPTION_FACT_CACHING_PREFIX,
	OPTION_FACT_CACHING_TIMEOUT,
	OPTION_COLLECTIONS_PATH,
	OPTION_WHY,
	OPTION_ONLY_CHANGED,
	OPTION_RESUME,
	OPTION_RETRY_FILES,
	OPTION_RETRY_FILES_PATH,
	OPTION_MANAGED,
	OPTION_NO_COLOR,
	OPTION_FORCE_COLOR,
	OPTION_LOG_PATH,
	OPTION_DUPLICATE_KEY,
	OPTION_PATTERN_MISMATCH,
	OPTION_MISSING_HANDLER,
	OPTION_UNPARSED_IS_FAILED,
	OPTION_JINJA2_NATIVE,
	OPTION_INVENTORY_ENABLED,
	OPTION_INVENTORY_IGNORE,
	OPTION_INVENTORY_IGNORE_REGEX,
	OPTION_INVENTORY_CACHE,
	OPTION_INVENTORY_CACHE_PLUGIN,
	OPTION_INVENTORY_CACHE_CONNECTION,
	OPTION_INVENTORY_CACHE_PREFIX,
	OPTION_INVENTORY_CACHE_TIMEOUT,
	OPTION_ANY_UNPARSED_IS_FAILED,
	OPTION_UNPARSED_WARNING,
	OPTION_GROUP_NAMES,
	OPTION_VAULT_IDENTITY_LIST,
	OPTION_VAULT_DEFAULT_FILE,
	OPTION_VAULT_ID_MATCH,
	OPTION_VAULT_ENCRYPT_SALT,
	/* options of single verbs (see verbs.h) */
	OPTION_ENCRYPT_VAULT_ID,
	OPTION_NEW_VAULT_ID,
	OPTION_NEW_VAULT_PASSWORD_FILE,
	OPTION_OUTPUT,
	OPTION_NAME,
	OPTION_PROMPT,
	OPTION_SHOW_INPUT,
	OPTION_STDIN_NAME,
	OPTION_PLAYBOOK_DIR,
	OPTION_MODULE_NAME,
	OPTION_MODULE_ARGS,
	OPTION_ONE_LINE,
	OPTION_TREE,
	OPTION_BACKGROUND,
	OPTION_POLL,
	OPTION_ADHOC_TIMEOUT,
	OPTION_ADHOC_CALLBACKS,
	OPTION_LIST_ALL,
	OPTION_GRAPH,
	OPTION_HOST,
	OPTION_YAML,
	OPTION_TOML,
	OPTION_VARS,
	OPTION_EXPORT,
	OPTION_DOC_TYPE,
	OPTION_DOC_LIST,
	OPTION_DOC_JSON,
	OPTION_DOC_SNIPPET,
	OPTION_DOC_ROLES,
	OPTION_DOC_ENTRY,
	OPTION_TERMINAL,
	OPTION_NO_TERMINAL,
	OPTION_FORWARD_AGENT,
	OPTION_RENDER,
	OPTION_WATCH,
	OPTION_COUNT
};

/* OPTION_MAYBE takes a value only behind "=", and has its fallback without one. */
enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_COUNTED, OPTION_MAYBE };

struct option_row {
	enum option_kind kind;
	const char *names;	   /* "-i --inventory --inventory-file" */
	const char *argument;	   /* shown in help */
	const char *section, *key; /* of ansible.cfg; several keys with | */
	const char *environment;   /* without ANSIBLE_; several with a blank */
	const char *fallback;
	const char *doc;
	bool is_special; /* only for verbs that list it */
};
extern const struct option_row option_table[OPTION_COUNT];

struct options {
	struct arena arena;
	struct option_value {
		const char *text;
		const char **list;
		size_t count;
		const char *origin; /* "command line", "ANSIBLE_FORKS", "ansible.cfg:3" */
	} values[OPTION_COUNT];
	const char **paths; /* playbooks; NULL-terminated */
	size_t path_count;
	const enum option_id
		*offered;	    /* which options the verb has; NULL: all that are not special */
	const char *config_file;    /* NULL: none */
	struct value *config;	    /* "section\nkey" of it: text; NULL: none */
	const char *config_refused; /* a config file in a world-writable folder, not read */
};

bool options_read(struct options *options, int argc, char **argv, struct error *err) MUST_CHECK;
/* The same for a verb with other options: `offered` ends with OPTION_COUNT. */
bool options_read_verb(struct options *options, const enum option_id *offered, int argc,
	char **argv, struct error *err) MUST_CHECK;
/* The same where a command may stand behind: the first word that is no option ends the options. */
bool options_read_command(struct options *options, const enum option_id *offered, int argc,
	char **argv, struct error *err) MUST_CHECK;
void options_release(struct options *options);
/* `origin`: who says so. */
void option_set(struct options *options, enum option_id id, const char *text, const char *origin);
const char *option_text(const struct options *options, enum option_id id);
bool option_flag(const struct options *options, enum option_id id);
int option_number(const struct options *options, enum option_id id);

void options_help(FILE *file);
void options_help_verb(FILE *file, const enum option_id *offered, const char *usage);

#endif
