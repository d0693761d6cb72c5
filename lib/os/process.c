/* Running programs: fork, exec, poll. */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "os/clock.h"

enum { KILL_AFTER_MS = 2000, PIPE_COUNT = 3, CHECK_MS = 50, QUIET_MS = 10 };

/* The head of a stream, and a tail that is cut now and then. */
struct capture {
	struct str *head;
	struct str tail;
	size_t maximum, missing;
};

struct running {
	pid_t pid;
	int in, out, err;
	struct view input;
	struct capture captures[2];
	bool has_ended;
	int wait_status;
	int quiet_rounds; /* since both pipes were closed */
};

bool
fd_write_all(int fd, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length) {
		ssize_t count = write(fd, next, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			poll(&wait, 1, -1);
			continue;
		}
		if (count < 0)
			return false;
		next += count;
		length -= (size_t)count;
	}
	return true;
}

static void
capture_add(struct capture *capture, struct view bytes)
{
	size_t half = capture->maximum / 2, piece;

	piece = MIN(bytes.length, half - MIN(half, capture->head->length));
	str_add_bytes(capture->head, bytes.data, piece);
	str_add_bytes(&capture->tail, bytes.data + piece, bytes.length - piece);
	if (capture->tail.length > 2 * half) {
		size_t drop = capture->tail.length - half;

		capture->missing += drop;
		str_drop_front(&capture->tail, drop);
	}
}

static void
capture_end(struct capture *capture)
{
	size_t half = capture->maximum / 2;

	if (capture->tail.length > half && capture->missing) {
		capture->missing += capture->tail.length - half;
		str_drop_front(&capture->tail, capture->tail.length - half);
	}
	if (capture->missing)
		str_add_format(capture->head, "\n[... %zu bytes are left out here ...]\n",
			capture->missing);
	str_add_view(capture->head, str_view(&capture->tail));
	str_release(&capture->tail);
}

/* The child's side: never returns. The errno of what failed goes through `report`. */
static _Noreturn void
child_start(const struct process_options *options, pid_t parent, int in, int out, int err,
	int report)
{
	sigset_t none;
	int code;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing we started outlives a killed runner */
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(options->merges ? out : err, 2) < 0)
		goto failed;
	if (options->umask > 0)
		umask((mode_t)options->umask);
	if (options->directory && chdir(options->directory) < 0)
		goto failed;
	/* The arrays are not changed by exec; its prototype is older than const. */
	if (options->environment)
		environ = (char **)(uintptr_t)options->environment;
	execvp(options->program ? options->program : options->argv[0],
		(char *const *)(uintptr_t)options->argv);
failed:
	code = errno;
	while (write(report, &code, sizeof(code)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static void
close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cleanup_close(&fds[i]);
}

static bool
await_exec(int report, pid_t pid, const struct process_options *options, struct error *err)
{
	int code = 0;
	ssize_t count;

	do
		count = read(report, &code, sizeof(code));
	while (count < 0 && errno == EINTR);
	if (count != sizeof(code))
		return true;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = code;
	return fail_errno(err, "cannot run '%s'", options->argv[0]);
}

static bool
start(const struct process_options *options, struct running *run, struct error *err)
{
	pid_t parent;
	int fds[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	for (int i = 0; i < 4; i++)
		if (pipe2(fds + 2 * i, O_CLOEXEC) < 0) {
			fail_errno(err, "cannot make a pipe");
			close_all(fds, 8);
			return false;
		}
	if (!options->input.length) {
		close_all(fds, 2);
		fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		fds[1] = -1;
	}
	parent = getpid();
	run->pid = fork();
	if (run->pid < 0) {
		fail_errno(err, "cannot start a process");
		close_all(fds, 8);
		return false;
	}
	if (!run->pid)
		child_start(options, parent, fds[0], fds[3], fds[5], fds[7]);
	setpgid(run->pid, run->pid);
	cleanup_close(&fds[0]);
	close(fds[3]);
	close(fds[5]);
	close(fds[7]);
	if (!await_exec(fds[6], run->pid, options, err)) {
		close_all((int[]){ fds[1], fds[2], fds[4], fds[6] }, 4);
		return false;
	}
	close(fds[6]);
	run->in = fds[1];
	run->out = fds[2];
	run->err = fds[4];
	run->input = options->input;
	fcntl(run->in, F_SETFL, O_NONBLOCK);
	fcntl(run->out, F_SETFL, O_NONBLOCK);
	fcntl(run->err, F_SETFL, O_NONBLOCK);
	return true;
}

static void
feed(struct running *run)
{
	ssize_t count = write(run->in, run->input.data, run->input.length);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count > 0) {
		run->input.data += count;
		run->input.length -= (size_t)count;
		if (run->input.length)
			return;
	}
	close(run->in);
	run->in = -1;
}

/* False when nothing more was there. */
static bool
drain(struct running *run, int stream, const struct process_options *options)
{
	int *fd = stream == 1 ? &run->out : &run->err;
	char buffer[32 * 1024];
	ssize_t count = read(*fd, buffer, sizeof(buffer));

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (count <= 0) {
		close(*fd);
		*fd = -1;
		return false;
	}
	capture_add(&run->captures[stream - 1], (struct view){ buffer, (size_t)count });
	if (options->watch && options->watch->output)
		options->watch->output(
			options->watch->context, stream, (struct view){ buffer, (size_t)count });
	return true;
}

static void
reap(struct running *run, int flags)
{
	pid_t pid;

	if (run->has_ended)
		return;
	do
		pid = waitpid(run->pid, &run->wait_status, flags);
	while (pid < 0 && errno == EINTR);
	run->has_ended = pid != 0;
}

static void
kill_group(struct running *run)
{
	uint64_t until = monotonic_ms() + KILL_AFTER_MS;

	kill(-run->pid, SIGTERM);
	kill(-run->pid, SIGCONT);
	while (!run->has_ended && monotonic_ms() < until) {
		reap(run, WNOHANG);
		if (!run->has_ended)
			poll(NULL, 0, 10);
	}
	kill(-run->pid, SIGKILL);
	reap(run, 0);
}

static int
poll_timeout(struct running *run, uint64_t deadline_ms)
{
	uint64_t now = monotonic_ms();
	int timeout = -1;

	if (deadline_ms)
		timeout = deadline_ms > now ? (int)MIN(deadline_ms - now, (uint64_t)INT32_MAX) : 0;
	/* A child that leaves its pipes to a daemon never gives an end of file: look now and then
	 * whether it lives. */
	if (run->out >= 0 || run->err >= 0)
		timeout = timeout < 0 || timeout > CHECK_MS ? CHECK_MS : timeout;
	else if (run->quiet_rounds++ <
		 20) /* its end is only microseconds behind that of its pipes */
		timeout = 0;
	else
		timeout = timeout < 0 || timeout > QUIET_MS ? QUIET_MS : timeout;
	return timeout;
}

/* One round of waiting. False: it must be killed. */
static bool
step(struct running *run, const struct process_options *options, struct error *err)
{
	const struct process_watch *watch = options->watch;
	struct pollfd fds[4] = {
		{ .fd = run->in, .events = POLLOUT },
		{ .fd = run->out, .events = POLLIN },
		{ .fd = run->err, .events = POLLIN },
		{ .fd = watch ? watch->fd : -1, .events = POLLIN },
	};
	int count;

	if (run->out < 0 && run->err < 0 && run->quiet_rounds < 20)
		usleep(100);
	count = poll(fds, 4, poll_timeout(run, options->deadline_ms));
	if (options->deadline_ms && monotonic_ms() >= options->deadline_ms)
		return fail(err, ERR_TIMEOUT, "'%s' did not end in time", options->argv[0]);
	if (count > 0 && fds[0].revents)
		feed(run);
	if (count > 0 && fds[1].revents)
		drain(run, 1, options);
	if (count > 0 && fds[2].revents)
		drain(run, 2, options);
	if (count > 0 && fds[3].revents && !watch->readable(watch->context, err))
		return false;
	reap(run, WNOHANG);
	return true;
}

static bool
attend(struct running *run, const struct process_options *options, struct error *err)
{
	while (!run->has_ended)
		if (!step(run, options, err)) {
			kill_group(run);
			break;
		}
	while (run->out >= 0 && drain(run, 1, options))
		;
	while (run->err >= 0 && drain(run, 2, options))
		;
	return true;
}

bool
process_run(const struct process_options *options, struct process_result *out, struct error *err)
{
	struct running run = { .in = -1, .out = -1, .err = -1 };
	struct error local = { 0 };
	size_t maximum = options->maximum ? options->maximum : PROCESS_OUTPUT_MAX;

	*out = (struct process_result){ 0 };
	str_init(&out->out);
	str_init(&out->err);
	run.captures[0] = (struct capture){ .head = &out->out, .maximum = maximum };
	run.captures[1] = (struct capture){ .head = &out->err, .maximum = maximum };
	str_init(&run.captures[0].tail);
	str_init(&run.captures[1].tail);
	if (!start(options, &run, err))
		return false;
	attend(&run, options, &local);
	capture_end(&run.captures[0]);
	capture_end(&run.captures[1]);
	close_all((int[]){ run.in, run.out, run.err }, PIPE_COUNT);
	out->status = WIFEXITED(run.wait_status) ? WEXITSTATUS(run.wait_status)
						 : -WTERMSIG(run.wait_status);
	out->timed_out = local.kind == ERR_TIMEOUT;
	if (local.kind == ERR_NONE)
		return true;
	if (err)
		*err = local;
	return false;
}

void
process_result_release(struct process_result *result)
{
	str_release(&result->out);
	str_release(&result->err);
}

static bool
is_named(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(entry, name, length) && entry[length] == '=';
}

const char *const *
environment_merge(struct arena *into, const char *const *base, const struct value *changes)
{
	size_t count = 0, used = 0;
	const char **merged;

	if (!base)
		base = (const char *const *)(uintptr_t)environ;
	while (base[count])
		count++;
	merged = arena_array(into, count + value_length(changes) + 1, const char *);
	for (size_t i = 0; i < count; i++)
		merged[used++] = base[i];
	if (!value_is_map(changes))
		return merged;
	VALUE_PAIRS (pair, changes) {
		const char *name = value_to_text(into, pair->key);
		size_t at = 0;

		while (at < used && !is_named(merged[at], name))
			at++;
		merged[at] = arena_format(into, "%s=%s", name, value_to_text(into, pair->value));
		if (at == used)
			used++;
	}
	return merged;
}

const char *
program_find(struct arena *into, const char *name)
{
	static const char more[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const char *path = getenv("PATH");
	struct view rest, piece;
	const char *file;
	struct stat info;

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? name : NULL;
	rest = view_of(arena_format(into, "%s:%s", path ? path : "", more));
	while (view_cut(&rest, ':', &piece)) {
		if (!piece.length)
			continue;
		file = arena_format(into, "%.*s/%s", (int)piece.length, piece.data, name);
		if (access(file, X_OK) == 0 && stat(file, &info) == 0 && S_ISREG(info.st_mode))
			return file;
	}
	return NULL;
}

bool
process_wait_until(uint64_t until_ms, const struct process_watch *watch, struct error *err)
{
	for (;;) {
		uint64_t now = monotonic_ms();
		struct pollfd wait = { .fd = watch ? watch->fd : -1, .events = POLLIN };

		if (now >= until_ms)
			return true;
		if (poll(&wait, 1, (int)MIN(until_ms - now, (uint64_t)INT32_MAX)) > 0 &&
			!watch->readable(watch->context, err))
			return false;
	}
}
