/* The runner: what ertc starts on a target. Reads frames from stdin, writes frames to stdout
 * (docs/PROTOCOL.md). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "os/users.h"
#include "runner/session.h"

#ifndef ERTC_VERSION
#define ERTC_VERSION "0"
#endif

enum { ORPHAN_AGE_S = 600 };

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static int link_in = -1;

/* The link ends for us, so everything ends as it does when the controller goes. */
static void
on_signal(int number)
{
	int saved = errno, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)number;
	if (null >= 0 && link_in >= 0)
		dup2(null, link_in);
	errno = saved;
}

static void
set_signals(void)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/* A child, or a stray printf, must not reach the link: it moves away, and 0 and 1 lead nowhere. */
static bool
move_link(int *in, int *out)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	*in = fcntl(0, F_DUPFD_CLOEXEC, 3);
	*out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (*in < 0 || *out < 0 || null < 0)
		return false;
	return dup2(null, 0) == 0 && dup2(null, 1) == 1;
}

/* A login gives these; an exec without a shell's profile may not. */
static void
set_surroundings(struct arena *arena, struct user *user, bool is_local)
{
	const char *path = getenv("PATH"), *home = getenv("HOME");

	*user = (struct user){ .uid = geteuid(), .gid = getegid() };
	if (!user_by_id(arena, geteuid(), user)) {
		user->name = arena_format(arena, "%u", geteuid());
		user->home = "/";
	}
	if (!path || !*path)
		setenv("PATH", default_path, 1);
	if (!home || !*home)
		setenv("HOME", user->home, 1);
	if (is_local)
		return; /* as the controller was started: its folder, its umask */
	/* The bootstrap has set 077 for its own files. */
	umask(022);
	if (chdir(getenv("HOME")) < 0 && chdir("/") < 0)
		return;
}

static bool
send_hello(struct session *session, struct arena *arena, const struct user *user)
{
	struct utsname names;
	struct message_hello hello = {
		.protocol = MESSAGE_PROTOCOL,
		.version = ERTC_VERSION,
		.user = user->name,
		.home = getenv("HOME"),
		.uid = geteuid(),
		.gid = getegid(),
		.pid = getpid(),
		.boot_id = file_first_line(arena, "/proc/sys/kernel/random/boot_id"),
	};

	uname(&names);
	hello.architecture = names.machine;
	hello.hostname = names.nodename;
	hello.kernel = names.release;
	str_add(&session->unsent, FRAME_PRELUDE);
	return message_add_hello(&session->unsent, &hello, NULL);
}

static void
remove_orphans_in(const char *directory)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	struct stat info;

	while (stream && (entry = readdir(stream))) {
		if (!text_starts(entry->d_name, ".t") ||
			fstatat(dirfd(stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
			info.st_mtime < time(NULL) - ORPHAN_AGE_S)
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	if (stream)
		closedir(stream);
}

/* A bootstrap that was cut off leaves .t* files beside us. Those of another one under way are
 * young. */
static void
remove_orphans(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *directory;

	if (length < 0)
		return;
	path[length] = '\0';
	directory = path_parent(arena, path);
	if (text_starts(path_name(directory), "ertc-"))
		remove_orphans_in(directory);
}

int
main(int argc, char **argv)
{
	struct session session;
	struct arena arena;
	struct user user;
	int out;

	if (argc > 1 && text_equals(argv[1], "-p"))
		return 0;
	set_signals();
	if (!move_link(&link_in, &out))
		return 96;
	arena_init(&arena);
	set_surroundings(&arena, &user, argc > 1 && text_equals(argv[1], "-l"));
	session_init(&session, link_in, out);
	if (send_hello(&session, &arena, &user))
		session_run(&session);
	session_release(&session);
	remove_orphans(&arena);
	arena_release(&arena);
	return 0;
}
