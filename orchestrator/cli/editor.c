/*
 * The editor runs in the foreground with our terminal. Signals that would end us are held back
 * while the plain text lies on a disk: the editor gets them too (it is in our process group), ends,
 * and we clean up before they count.
 */
#include "orchestrator/cli/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "orchestrator/run/prompt.h"
#include "os/files.h"
#include "os/process.h"

enum { LARGEST = 256 * 1024 * 1024 };

struct workplace {
	char directory[64];
	char path[PATH_MAX];
	sigset_t before;
};

static bool
workplace_open(struct workplace *place, const char *name, struct error *err)
{
	static const char *const folders[] = { "/dev/shm", "/tmp" };
	const char *file = path_name(name), *ending = strrchr(file, '.');
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGQUIT);
	sigprocmask(SIG_BLOCK, &held, &place->before);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(place->directory, sizeof(place->directory), "%s/ertc-vault-XXXXXX",
			folders[i]);
		if (!mkdtemp(place->directory))
			continue;
		snprintf(place->path, sizeof(place->path), "%s/text%s", place->directory,
			ending && ending != file ? ending : "");
		return true;
	}
	sigprocmask(SIG_SETMASK, &place->before, NULL);
	return fail_errno(err, "cannot make a folder for the editor");
}

/* Zeros over what is there; then every file of the folder goes, also what the editor left. */
static void
workplace_close(struct workplace *place)
{
	struct arena arena;
	const char *const *names;

	arena_init(&arena);
	names = directory_names(&arena, place->directory, NULL);
	for (; names && *names; names++) {
		_cleanup_close_ int fd = open(path_join(&arena, place->directory, *names),
			O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		static const char zeros[4096];
		struct stat status;

		if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
			continue;
		for (off_t at = 0; at < status.st_size; at += (off_t)sizeof(zeros))
			if (write(fd, zeros,
				    (size_t)MIN((off_t)sizeof(zeros), status.st_size - at)) < 0)
				break;
		fdatasync(fd);
	}
	arena_release(&arena);
	if (!tree_remove(place->directory, NULL))
		fprintf(stderr, "[WARNING]: cannot remove %s\n", place->directory);
	sigprocmask(SIG_SETMASK, &place->before, NULL);
}

static bool
child_end(pid_t pid, const char *command, struct error *err)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return fail(err, ERR_IO, "Unable to execute the command \"%s\": it ended with %d", command,
		WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

/* $EDITOR may hold options: a shell splits it; the path is its argument, not part of its text. */
static pid_t
editor_start(const char *command, const struct workplace *place)
{
	char script[1024];
	pid_t pid = fork();

	if (pid)
		return pid;
	sigprocmask(SIG_SETMASK, &place->before, NULL);
	snprintf(script, sizeof(script), "exec %s \"$1\"", command);
	execl("/bin/sh", "sh", "-c", script, "sh", place->path, (char *)NULL);
	_exit(127);
}

static bool
edit(struct str *text, const struct workplace *place, struct error *err)
{
	const char *command = getenv("EDITOR");
	int fd = open(place->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text->data, text->length) == (ssize_t)text->length;
	pid_t pid;

	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok)
		return fail_errno(err, "cannot write the editor's file");
	command = command && *command ? command : getenv("VISUAL");
	command = command && *command ? command : "vi";
	pid = editor_start(command, place);
	if (pid < 0)
		return fail_errno(err, "cannot start the editor");
	if (!child_end(pid, command, err))
		return false;
	memory_wipe(text->data, text->length);
	str_clear(text);
	return file_read(place->path, LARGEST, text, err);
}

bool
editor_run(struct str *text, const char *name, struct error *err)
{
	struct workplace place;
	bool ok;

	if (!workplace_open(&place, name, err))
		return false;
	ok = edit(text, &place, err);
	workplace_close(&place);
	return ok;
}

/* Its stdin is a pipe of ours. */
static pid_t
pager_start(const char *command, int *to)
{
	int pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (!pid) {
		if (!getenv("LESS"))
			setenv("LESS", "FRSX", 1);
		dup2(pipes[0], 0);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(pipes[0]);
	*to = pipes[1];
	return pid;
}

bool
pager_show(struct view text, struct error *err)
{
	const char *pager = getenv("PAGER");
	int to = -1, status = 0;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN); /* who has seen enough, leaves early */
	pid = pager_start(pager && *pager ? pager : "less", &to);
	if (pid < 0)
		return fail_errno(err, "cannot start the pager");
	if (!fd_write_all(to, text.data, text.length))
		errno = 0;
	close(to);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* There is no such program: better on the screen than not at all. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return fd_write_all(1, text.data, text.length) || fail_errno(err, "cannot write");
	return true;
}

bool
terminal_ask(const char *prompt, bool shows, char *answer, size_t size)
{
	return prompt_ask(prompt, !shows, answer, size);
}
