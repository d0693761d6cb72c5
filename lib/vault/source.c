/* Files are read as they are and trimmed; programs are run with our terminal, so that they may ask
 * themselves, and only their stdout is ours. */
#include "vault/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <sys/wait.h>

#include "os/files.h"

enum { LONGEST_PASSWORD = 64 * 1024 };

extern char **environ;

static const char *
source_split(const char *source, char *label)
{
	const char *at = strchr(source, '@');
	size_t length = at ? (size_t)(at - source) : 0;

	snprintf(label, VAULT_LABEL_MAX, "%.*s", (int)MIN(length, VAULT_LABEL_MAX - 1), source);
	return at ? at + 1 : source;
}

const char *
vault_source_label(const char *source, char *label)
{
	source_split(source, label);
	if (!*label)
		snprintf(label, VAULT_LABEL_MAX, "default");
	return label;
}

/* ---- people ---- */

static bool
ask_once(const struct vault_asker *asker, const char *kind, const char *label, bool has_label,
	char *answer, struct error *err)
{
	char prompt[VAULT_LABEL_MAX + 64];

	if (has_label)
		snprintf(prompt, sizeof(prompt), "%sault password (%s): ", kind, label);
	else
		snprintf(prompt, sizeof(prompt), "%sault password: ", kind);
	if (asker && asker->ask && asker->ask(asker->context, prompt, answer, LONGEST_PASSWORD))
		return true;
	return fail(err, ERR_OPTIONS, "EOFError (ctrl-d) on prompt for (%s)", label);
}

/* "Vault password: ", "New Vault password: ", "Vault password (x): ", "New vault password (x): ".
 */
static bool
ask(const struct vault_asker *asker, const char *label, bool has_label, char *answer,
	struct error *err)
{
	bool is_new = asker && asker->is_new, ok;
	char *again;

	if (!ask_once(asker,
		    !is_new	? "V"
		    : has_label ? "New v"
				: "New V",
		    label, has_label, answer, err))
		return false;
	if (!view_trim(view_of(answer)).length)
		return fail(err, ERR_OPTIONS, "Invalid vault password was provided");
	if (!is_new)
		return true;
	again = memory_get(LONGEST_PASSWORD);
	ok = ask_once(
		asker, has_label ? "Confirm new v" : "Confirm New V", label, has_label, again, err);
	if (ok && strcmp(answer, again) != 0)
		ok = fail(err, ERR_OPTIONS, "Passwords do not match");
	memory_wipe(again, LONGEST_PASSWORD);
	free(again);
	return ok;
}

static bool
add_asked(struct vault *vault, const char *label, bool has_label, const struct vault_asker *asker,
	struct error *err)
{
	char *answer = memory_get(LONGEST_PASSWORD);
	bool ok = ask(asker, label, has_label, answer, err);

	if (ok)
		vault_add(vault, label, view_trim(view_of(answer)));
	memory_wipe(answer, LONGEST_PASSWORD);
	free(answer);
	return ok;
}

/* ---- programs ---- */

static bool
program_start(const char *const *argv, int out, pid_t *pid, struct error *err)
{
	posix_spawn_file_actions_t actions;
	int code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	code = posix_spawn(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (!code)
		return true;
	fail(err, ERR_IO, "Problem running vault password script %s (%s)", argv[0], strerror(code));
	return error_hint(err, "If this is not a script, remove the executable bit from the file.");
}

static bool
program_status(const char *path, const char *label, bool is_client, int status, struct error *err)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);

	if (!code)
		return true;
	if (!is_client)
		return fail(
			err, ERR_IO, "Vault password script %s returned non-zero (%d)", path, code);
	if (code == 2)
		return fail(err, ERR_MISSING,
			"Vault password client script %s did not find a secret for vault-id=%s",
			path, label);
	return fail(err, ERR_IO,
		"Vault password client script %s returned non-zero (%d) when getting secret for "
		"vault-id=%s",
		path, code, label);
}

static bool
program_read(const char *path, const char *label, struct str *out, struct error *err)
{
	const char *name = path_name(path), *dot = strrchr(name, '.');
	size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);
	bool is_client = view_ends((struct view){ name, length }, "-client"), ok;
	const char *argv[] = { path, is_client && *label ? "--vault-id" : NULL, label, NULL };
	int pipes[2], status = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return fail_errno(err, "cannot make a pipe");
	ok = program_start(argv, pipes[1], &pid, err);
	close(pipes[1]);
	if (ok) {
		ok = file_read_fd(pipes[0], LONGEST_PASSWORD, out, err);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		ok = ok && program_status(path, *label ? label : "None", is_client, status, err);
	}
	close(pipes[0]);
	return ok;
}

/* ---- files ---- */

static struct view
trim_ends(struct view text)
{
	while (text.length && strchr("\r\n", text.data[text.length - 1]))
		text.length--;
	while (text.length && strchr("\r\n", text.data[0]))
		text = (struct view){ text.data + 1, text.length - 1 };
	return text;
}

static bool
add_file(struct vault *vault, const char *path, const char *label, struct error *err)
{
	_cleanup_wipe_ struct str text, plain;
	struct view password;
	struct stat status;
	bool is_program = stat(path, &status) == 0 && (status.st_mode & 0111);

	str_init(&text);
	str_init(&plain);
	if (!(is_program ? program_read(path, label, &text, err)
			 : file_read(path, LONGEST_PASSWORD, &text, err)))
		return false;
	password = is_program ? trim_ends(str_view(&text)) : view_trim(str_view(&text));
	if (!is_program && vault_is_encrypted(password)) {
		if (!vault_decrypt(vault, password, path, &plain, NULL, err))
			return false;
		password = view_trim(str_view(&plain));
	}
	if (!password.length)
		return fail(err, ERR_OPTIONS, "Invalid vault password was provided from %s (%s)",
			is_program ? "script" : "file", path);
	vault_add(vault, *label ? label : "default", password);
	return true;
}

/* As the shell would write it, absolute: ~ is resolved, links are not. */
static const char *
path_whole(struct arena *into, const char *path)
{
	const char *home = getenv("HOME");
	char here[PATH_MAX];

	if (path[0] == '~' && (path[1] == '/' || !path[1]) && home)
		return arena_format(into, "%s%s", home, path + 1);
	if (path[0] == '/' || !getcwd(here, sizeof(here)))
		return path;
	return arena_format(into, "%s/%s", here, text_starts(path, "./") ? path + 2 : path);
}

static bool
add_path(struct vault *vault, const char *path, const char *label, const char **reason,
	struct error *err)
{
	*reason = "Error getting vault password file";
	if (access(path, F_OK) != 0)
		return fail(err, ERR_MISSING, "The vault password file %s was not found", path);
	*reason = "Error in vault password file loading";
	return add_file(vault, path, label, err);
}

bool
vault_source_add(struct vault *vault, const char *source, const struct vault_asker *asker,
	const char **reason, struct error *err)
{
	char label[VAULT_LABEL_MAX];
	const char *from = source_split(source, label), *why = NULL;
	bool is_ask = !strcmp(from, "prompt_ask_vault_pass"), ok;
	struct arena arena;

	reason = reason ? reason : &why;
	if (is_ask || !strcmp(from, "prompt")) {
		*reason = "Error in vault password prompt";
		return add_asked(vault, *label ? label : "default", !is_ask, asker, err);
	}
	arena_init(&arena);
	ok = add_path(vault, path_whole(&arena, from), label, reason, err);
	arena_release(&arena);
	return ok;
}
