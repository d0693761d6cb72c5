/*
 * Starting the runner as another user. sudo and doas ask for the password on their controlling
 * terminal, which is a pty of ours, while stdin and stdout stay pipes; su reads it from stdin.
 * Everything has a deadline.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/log.h"
#include "module/words.h"
#include "os/clock.h"
#include "os/process.h"
#include "os/users.h"
#include "runner/relay.h"

enum { LAUNCH_MS = 20000, NOISE_MAX = 64 * 1024, SAID_MAX = 4096 };

static const char prompt[] = "[ertc] password: ";

/* -S and -n are ours to decide: stdin is the data's, and -n depends on there being a password. */
static void
add_flags(struct arena *into, const char *const **argv, const char *flags)
{
	const char *const *words;

	if (!words_cut(into, flags, &words, NULL))
		return;
	for (; *words; words++) {
		_cleanup_str_ struct str kept = STR_INIT;
		const char *word = *words;

		if (text_equals(word, "--stdin") || text_equals(word, "--non-interactive"))
			continue;
		if (word[0] == '-' && word[1] != '-' && !word[1 + strspn(word + 1, "HSnEPikb")]) {
			for (; *word; word++)
				if (*word != 'S' && *word != 'n')
					str_add_char(&kept, *word);
			if (kept.length > 1)
				words_add(into, argv, arena_view(into, str_view(&kept)));
			continue;
		}
		words_add(into, argv, word);
	}
}

static void
add_words(struct arena *into, const char *const **argv, const char *const *words)
{
	for (; *words; words++)
		words_add(into, argv, *words);
}

static bool
build_command(struct arena *into, const struct relay *relay, const char *path, bool has_password,
	const char *const **out, struct error *err)
{
	const char *method = relay->method, *flags = relay->flags;
	const char *const *argv = NULL;

	words_add(into, &argv, relay->exe ? relay->exe : method);
	if (text_equals(method, "sudo")) {
		add_flags(into, &argv, flags ? flags : "-H");
		if (has_password)
			add_words(into, &argv, TEXTS("-p", prompt));
		else
			words_add(into, &argv, "-n");
		add_words(into, &argv, TEXTS("-u", relay->user, "--", path));
	} else if (text_equals(method, "doas")) {
		add_flags(into, &argv, flags ? flags : "");
		if (!has_password)
			words_add(into, &argv, "-n");
		add_words(into, &argv, TEXTS("-u", relay->user, "--", path));
	} else if (text_equals(method, "su")) {
		add_flags(into, &argv, flags ? flags : "");
		/* An account without a login shell can be used by root all the same. */
		if (geteuid() == 0)
			add_words(into, &argv, TEXTS("-s", "/bin/sh"));
		add_words(into, &argv,
			TEXTS(relay->user, "-c",
				arena_format(into, "exec %s", word_quote(into, path))));
	} else if (text_equals(method, "runuser")) {
		add_flags(into, &argv, flags ? flags : "");
		add_words(into, &argv, TEXTS("-u", relay->user, "--", path));
	} else {
		fail(err, ERR_UNSUPPORTED, "become method '%.100s' is not supported", method);
		return error_hint(err, "sudo, su, doas and runuser are");
	}
	*out = argv;
	return true;
}

/* Can everybody pass all directories of the path, and execute its end? */
static bool
is_reachable(const char *path)
{
	_cleanup_free_ char *partial = memory_text(path);
	struct stat info;

	if (stat(path, &info) < 0 || (info.st_mode & 0005) != 0005)
		return false;
	for (char *slash = strrchr(partial, '/'); slash && slash != partial;
		slash = strrchr(partial, '/')) {
		*slash = '\0';
		if (stat(partial, &info) < 0 || !(info.st_mode & 0001))
			return false;
	}
	return true;
}

static bool
copy_self(struct arena *into, struct relay *relay, const char *self, const char **out,
	struct error *err)
{
	static const char *const places[] = { "/var/tmp", "/tmp", "/dev/shm" };
	struct file_place place = { .has_mode = true, .mode = 0755 };
	_cleanup_str_ struct str bytes = STR_INIT;
	struct statvfs mount;

	if (!file_read(self, 64 * 1024 * 1024, &bytes, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char *directory = arena_format(into, "%s/ertc-XXXXXX", places[i]);

		if (statvfs(places[i], &mount) < 0 || (mount.f_flag & ST_NOEXEC) ||
			!mkdtemp(directory))
			continue;
		relay->copy = memory_text(directory);
		if (chmod(directory, 0711) < 0)
			return fail_errno(err, "cannot change the mode of '%s'", directory);
		*out = path_join(into, directory, "runner");
		return file_replace(*out, str_view(&bytes), &place, err);
	}
	return fail(err, ERR_TASK, "no place was found from which user '%s' can run a program",
		relay->user);
}

static bool
find_self(struct arena *into, struct relay *relay, const char **out, struct error *err)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	uid_t uid;

	if (length < 0)
		return fail_errno(err, "cannot read '/proc/self/exe'");
	path[length] = '\0';
	*out = arena_text(into, path);
	/* A local runner has no path (memfd), and one in a cache may have been cleared away. */
	if (is_reachable(path) ||
		(access(path, F_OK) == 0 && user_id_of(relay->user, &uid) && uid == 0))
		return true;
	return copy_self(into, relay, "/proc/self/exe", out, err);
}

struct start {
	int in[2], out[2], err[2];
	int master, slave;
};

static _Noreturn void
child_start(const struct start *start, const char *const *argv)
{
	sigset_t none;

	setsid();
	if (start->slave >= 0)
		ioctl(start->slave, TIOCSCTTY, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	if (dup2(start->in[0], 0) < 0 || dup2(start->out[1], 1) < 0 || dup2(start->err[1], 2) < 0)
		_exit(126);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static bool
open_pty(struct start *start, struct error *err)
{
	char name[128];

	start->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (start->master < 0 || grantpt(start->master) < 0 || unlockpt(start->master) < 0 ||
		ptsname_r(start->master, name, sizeof(name)) != 0)
		return fail_errno(err, "cannot make a terminal for the password");
	/* Held open here too: the master would report a hangup before the child has opened it. */
	start->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (start->slave < 0)
		return fail_errno(err, "cannot open '%s'", name);
	return true;
}

static void
start_release(struct start *start)
{
	int *fds[] = { &start->in[0], &start->in[1], &start->out[0], &start->out[1], &start->err[0],
		&start->err[1], &start->master, &start->slave };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		cleanup_close(fds[i]);
}

static bool
start_process(struct relay *relay, const char *const *argv, bool wants_pty, struct error *err)
{
	struct start start = { { -1, -1 }, { -1, -1 }, { -1, -1 }, -1, -1 };

	if (pipe2(start.in, O_CLOEXEC) < 0 || pipe2(start.out, O_CLOEXEC) < 0 ||
		pipe2(start.err, O_CLOEXEC) < 0) {
		fail_errno(err, "cannot make a pipe");
		start_release(&start);
		return false;
	}
	if (wants_pty && !open_pty(&start, err)) {
		start_release(&start);
		return false;
	}
	relay->pid = fork();
	if (relay->pid < 0) {
		fail_errno(err, "cannot start a process");
		start_release(&start);
		return false;
	}
	if (!relay->pid)
		child_start(&start, argv);
	relay->in = start.in[1];
	relay->out = start.out[0];
	relay->err = start.err[0];
	relay->pty = start.master;
	/* The slave stays open for as long as we live: one descriptor per password. */
	start.in[1] = start.out[0] = start.err[0] = start.master = start.slave = -1;
	start_release(&start);
	fcntl(relay->in, F_SETFL, O_NONBLOCK);
	fcntl(relay->out, F_SETFL, O_NONBLOCK);
	fcntl(relay->err, F_SETFL, O_NONBLOCK);
	return true;
}

static bool
reads_stdin(const char *method)
{
	return text_equals(method, "su") || text_equals(method, "runuser");
}

/* What has been heard while it starts. */
struct hearing {
	struct str out, said, asked; /* stdout before the first frame; stderr; the terminal */
	int answers;
	bool has_ended;
};

static void
hear(int *fd, struct str *into)
{
	char buffer[4096];
	ssize_t count = read(*fd, buffer, sizeof(buffer));

	if (count > 0) {
		str_add_bytes(into, buffer, (size_t)count);
	} else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
}

static bool
fail_missing(const struct relay *relay, struct error *err)
{
	fail(err, ERR_DENIED, "%s: a password is required", relay->method);
	return error_hint(err, "give it with -K (--ask-become-pass) or ansible_become_password");
}

static bool
fail_said(const struct relay *relay, struct view said, struct error *err)
{
	const char *method = relay->method;

	said = view_trim(said);
	if (memmem(said.data, said.length, "password is required", 20) ||
		memmem(said.data, said.length, "uthentication required", 22) ||
		memmem(said.data, said.length, "Authorization required", 22))
		return fail_missing(relay, err);
	if (memmem(said.data, said.length, "incorrect password", 18) ||
		memmem(said.data, said.length, "uthentication fail", 18))
		return fail(err, ERR_DENIED, "incorrect %s password", method);
	fail(err, ERR_DENIED, "cannot become user '%s' with %s", relay->user, method);
	return error_why(err, "%.*s", (int)MIN(said.length, (size_t)900), said.data);
}

static bool
is_prompt(const struct str *heard)
{
	/* su asks in the user's language, sudo perhaps in its administrator's
	 * (passprompt_override), and a lecture may stand in front, which speaks of passwords too.
	 */
	return view_ends(str_view(heard), ": ") && !text_equals(heard->data, "su: ");
}

/* The first prompt is answered; a second one means that the answer was wrong. Nothing is said
 * before it is asked for: it would be taken for the first frame. */
static bool
answer(struct relay *relay, struct hearing *hearing, const char *password, struct error *err)
{
	bool is_su = text_equals(relay->method, "su");
	struct str *heard = is_su ? &hearing->said : &hearing->asked;
	int fd = is_su ? relay->in : relay->pty;

	if (!is_prompt(heard))
		return true;
	str_clear(heard);
	if (hearing->answers++)
		return fail(err, ERR_DENIED, "incorrect %s password", relay->method);
	if (!password)
		return fail_missing(relay, err);
	if (!fd_write_all(fd, password, strlen(password)) || !fd_write_all(fd, "\n", 1))
		return fail_errno(err, "cannot give the password");
	return true;
}

/* What stands behind the line already belongs to the frames. */
static bool
find_prelude(struct relay *relay, struct hearing *hearing)
{
	const char *line = memmem(
		hearing->out.data, hearing->out.length, FRAME_PRELUDE, strlen(FRAME_PRELUDE));

	if (!line)
		return false;
	line += strlen(FRAME_PRELUDE);
	frame_reader_add(
		&relay->reader, line, (size_t)(hearing->out.data + hearing->out.length - line));
	return true;
}

static bool
listen_step(struct relay *relay, struct hearing *hearing, const char *password, uint64_t deadline,
	struct error *err)
{
	struct pollfd fds[3] = {
		{ .fd = relay->out, .events = POLLIN },
		{ .fd = relay->err, .events = POLLIN },
		{ .fd = relay->pty, .events = POLLIN },
	};
	uint64_t now = monotonic_ms();

	if (now >= deadline) {
		fail(err, ERR_TIMEOUT, "%s did not start within %d s", relay->method,
			LAUNCH_MS / 1000);
		return error_why(err, "%.200s%.200s", hearing->asked.data, hearing->said.data);
	}
	if (poll(fds, 3, (int)(deadline - now)) < 0)
		return true;
	if (fds[0].revents)
		hear(&relay->out, &hearing->out);
	if (fds[1].revents)
		hear(&relay->err, &hearing->said);
	if (fds[2].revents)
		hear(&relay->pty, &hearing->asked);
	if (hearing->out.is_full)
		return fail(err, ERR_PROTOCOL, "%s answers with something else than the runner",
			relay->method);
	return (relay->pty < 0 && !text_equals(relay->method, "su")) ||
	       answer(relay, hearing, password, err);
}

static bool
await_prelude(struct relay *relay, const char *password, struct error *err)
{
	struct hearing hearing = { 0 };
	uint64_t deadline = monotonic_ms() + LAUNCH_MS;
	bool is_up = false;

	str_init_max(&hearing.out, NOISE_MAX);
	str_init_max(&hearing.said, SAID_MAX);
	str_init_max(&hearing.asked, SAID_MAX);
	while (!is_up) {
		if (!listen_step(relay, &hearing, password, deadline, err))
			break;
		is_up = find_prelude(relay, &hearing);
		if (is_up || relay->out >= 0)
			continue;
		if (relay->err >= 0) /* the words that explain it may be right behind */
			hear(&relay->err, &hearing.said);
		fail_said(
			relay, str_view(hearing.said.length ? &hearing.said : &hearing.asked), err);
		break;
	}
	str_release(&hearing.out);
	str_release(&hearing.said);
	memory_wipe(hearing.asked.data, hearing.asked.length);
	str_release(&hearing.asked);
	return is_up;
}

static void
stop(struct relay *relay)
{
	int *fds[] = { &relay->in, &relay->out, &relay->err, &relay->pty };

	if (relay->pid > 0) {
		kill(-relay->pid, SIGKILL);
		kill(relay->pid, SIGKILL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		cleanup_close(fds[i]);
		*fds[i] = -1;
	}
	for (int i = 0; i < 100 && relay->pid > 0 && waitpid(relay->pid, NULL, WNOHANG) == 0; i++)
		poll(NULL, 0, 10);
	relay->pid = -1;
}

static bool
try(struct relay *relay, const char *const *argv, const char *password, bool wants_pty,
	struct error *err)
{
	bool is_up = start_process(relay, argv, wants_pty, err);

	is_up = is_up && await_prelude(relay, password, err);
	if (!is_up)
		stop(relay);
	return is_up;
}

static bool
launch(struct arena *arena, struct relay *relay, const char *password, struct error *err)
{
	bool has_stdin = reads_stdin(relay->method);
	const char *const *argv = NULL, *path;

	if (!find_self(arena, relay, &path, err) ||
		!build_command(arena, relay, path, password != NULL, &argv, err))
		return false;
	if (try(relay, argv, password, password && !has_stdin, err))
		return true;
	/* A sudo that is set up with requiretty wants a terminal although it asks nothing. */
	if (password || has_stdin || !strstr(err->why, "have a tty"))
		return false;
	error_clear(err);
	return try(relay, argv, NULL, true, err);
}

bool
relay_launch(struct relay *relay, const char *password, struct error *err)
{
	struct arena arena;
	bool is_up;

	arena_init(&arena);
	is_up = launch(&arena, relay, password, err);
	arena_release(&arena);
	return is_up;
}
