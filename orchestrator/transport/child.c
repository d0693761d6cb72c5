/*
 * Child processes on a socketpair. Their end is seen through a pidfd; what they wrote before it is
 * read first.
 */
#include "orchestrator/transport/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/str.h"

#define LAST_WORDS 2048
#define LOOK_AGAIN_MS 50 /* where the kernel has no pidfd */
#define READ_SIZE 65536
#define LAST_MOMENTS 40 /* of 5 ms */

extern char **environ;

struct child {
	struct loop *loop;
	pid_t pid;
	int pid_fd, data_fd, error_fd;
	struct loop_watch *pid_watch, *data_watch, *error_watch;
	struct loop_timer *look_again;
	const struct child_handler *handler;
	void (*ended)(void *context, const char *last_words);
	void *context;
	struct str errors, queue;
	size_t sent;
	bool ends, has_ended, is_draining, is_freed;
};

/* It was told to go and its descriptors are closed: a moment for that, then by force. */
static void
child_reap(pid_t pid)
{
	for (int i = 0; i < LAST_MOMENTS; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		usleep(5000);
	}
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void
child_destroy(void *context)
{
	struct child *child = context;

	if (child->pid > 0)
		child_reap(child->pid);
	str_release(&child->errors);
	str_release(&child->queue);
	free(child);
}

static void
descriptor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A session lets go of its command from within its own calls: the rest waits until they are over.
 */
void
child_free(struct child *child)
{
	if (!child || child->is_freed)
		return;
	child->is_freed = true;
	loop_watch_remove(child->pid_watch);
	loop_watch_remove(child->data_watch);
	loop_watch_remove(child->error_watch);
	child->pid_watch = child->data_watch = child->error_watch = NULL;
	loop_timer_remove(child->look_again);
	child->look_again = NULL;
	child->handler = NULL;
	child->ended = NULL;
	descriptor_close(&child->pid_fd);
	descriptor_close(&child->data_fd);
	descriptor_close(&child->error_fd);
	if (child->pid > 0)
		kill(child->pid, SIGTERM);
	loop_later(child->loop, child_destroy, child);
}

/* The end of what it complained about, as one line. */
static void
last_words(const struct str *errors, char *out, size_t size)
{
	size_t start = errors->length > 400 ? errors->length - 400 : 0, at = 0;
	struct view text = view_trim((struct view){ errors->data + start, errors->length - start });

	for (size_t i = 0; i < text.length && at + 3 < size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '\n') {
			out[at++] = ';';
			out[at++] = ' ';
		} else if (c != '\r') {
			out[at++] = c >= ' ' && c < 127 ? (char)c : '?';
		}
	}
	out[at] = '\0';
}

static void
errors_read(struct child *child)
{
	char bytes[2048];
	ssize_t count;

	while (child->error_fd >= 0 && (count = read(child->error_fd, bytes, sizeof(bytes))) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return;
		str_add_bytes(&child->errors, bytes, (size_t)count);
		if (child->errors.length > LAST_WORDS)
			str_drop_front(&child->errors, child->errors.length - LAST_WORDS);
	}
	loop_watch_remove(child->error_watch);
	child->error_watch = NULL;
}

static void
on_errors(void *context, unsigned events UNUSED)
{
	errors_read(context);
}

/* At most `turns` reads, so that one busy child does not starve the others. */
static void
data_read(struct child *child, int turns)
{
	static char bytes[READ_SIZE];
	ssize_t count;

	while (turns-- > 0 && child->data_watch && child->handler) {
		count = read(child->data_fd, bytes, sizeof(bytes));
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count <= 0) {
			loop_watch_remove(child->data_watch);
			child->data_watch = NULL;
			return;
		}
		child->handler->received(child->context, bytes, (size_t)count);
	}
}

static void
data_write(struct child *child)
{
	while (child->data_watch && child->sent < child->queue.length) {
		ssize_t count = send(child->data_fd, child->queue.data + child->sent,
			child->queue.length - child->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN) {
			loop_watch_set(child->data_watch, LOOP_READ | LOOP_WRITE);
			return;
		}
		if (count < 0)
			break; /* its end follows */
		child->sent += (size_t)count;
	}
	str_clear(&child->queue);
	child->sent = 0;
	if (child->data_watch)
		loop_watch_set(child->data_watch, LOOP_READ);
	if (child->ends && !child->has_ended) {
		child->has_ended = true;
		shutdown(child->data_fd, SHUT_WR);
	}
	if (child->is_draining && child->handler) {
		child->is_draining = false;
		child->handler->drained(child->context);
	}
}

static void
on_data(void *context, unsigned events)
{
	struct child *child = context;

	if (events & LOOP_WRITE)
		data_write(child);
	if (events & (LOOP_READ | LOOP_HANGUP))
		data_read(child, 4);
}

static void
child_has_ended(struct child *child, int status)
{
	const struct child_handler *handler;
	void (*ended)(void *context, const char *words) = child->ended;
	char words[512];

	child->pid = 0;
	loop_watch_remove(child->pid_watch);
	child->pid_watch = NULL;
	errors_read(child);
	data_read(child, 1000);
	handler = child->handler;
	last_words(&child->errors, words, sizeof(words));
	child->ended = NULL;
	child->handler = NULL;
	if (handler)
		handler->closed(child->context, status, words);
	else if (ended)
		ended(child->context, words);
}

static void
on_end(void *context, unsigned events UNUSED)
{
	struct child *child = context;
	int status = 0;

	if (waitpid(child->pid, &status, WNOHANG) == child->pid)
		child_has_ended(child, status);
}

static void
look_again(void *context)
{
	struct child *child = context;
	int status = 0;

	child->look_again = NULL;
	if (waitpid(child->pid, &status, WNOHANG) == child->pid)
		child_has_ended(child, status);
	else
		child->look_again = loop_timer_add(child->loop, LOOK_AGAIN_MS, look_again, child);
}

/* Starting. */

static bool
spawn(pid_t *pid, const char *path, char *const *arguments, int data_fd, int error_fd)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int result;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, data_fd, 0);
	posix_spawn_file_actions_adddup2(&actions, data_fd, 1);
	posix_spawn_file_actions_adddup2(&actions, error_fd, 2);
	posix_spawnattr_init(&attributes);
	/* Of its own group: Ctrl-C is for us, who end in order. */
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	result = posix_spawnp(pid, path, &actions, &attributes, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	errno = result;
	return result == 0;
}

static void
pair_close(int *pair)
{
	close(pair[0]);
	close(pair[1]);
}

/* On success out->data_fd and out->error_fd are ours, non-blocking. */
static bool
child_spawn(struct child *child, const char *path, char *const *arguments, struct error *err)
{
	int data[2], errors[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, data) < 0)
		return fail_errno(err, "cannot start '%s'", path);
	if (pipe2(errors, O_CLOEXEC) < 0) {
		pair_close(data);
		return fail_errno(err, "cannot start '%s'", path);
	}
	if (!spawn(&child->pid, path, arguments, data[1], errors[1])) {
		fail_errno(err, "cannot start '%s'", path);
		pair_close(data);
		pair_close(errors);
		return false;
	}
	close(data[1]);
	close(errors[1]);
	fcntl(data[0], F_SETFL, O_NONBLOCK);
	fcntl(errors[0], F_SETFL, O_NONBLOCK);
	child->data_fd = data[0];
	child->error_fd = errors[0];
	return true;
}

static struct child *
child_new(struct loop *loop, const char *path, char *const *arguments, void *context,
	struct error *err)
{
	struct child *child = memory_get(sizeof(*child));

	*child = (struct child){
		.loop = loop, .context = context, .pid_fd = -1, .data_fd = -1, .error_fd = -1
	};
	str_init(&child->errors);
	str_init(&child->queue);
	if (!child_spawn(child, path, arguments, err)) {
		free(child);
		return NULL;
	}
	child->pid_fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pid_fd >= 0) {
		fcntl(child->pid_fd, F_SETFD, FD_CLOEXEC);
		child->pid_watch = loop_watch_add(loop, child->pid_fd, LOOP_READ, on_end, child);
	} else {
		child->look_again = loop_timer_add(loop, LOOK_AGAIN_MS, look_again, child);
	}
	child->error_watch = loop_watch_add(loop, child->error_fd, LOOP_READ, on_errors, child);
	return child;
}

struct child *
child_socket(struct loop *loop, const char *command, int *fd,
	void (*ended)(void *context, const char *last_words), void *context, struct error *err)
{
	_cleanup_str_ struct str line = STR_INIT;
	struct child *child;

	str_add_format(&line, "exec %s", command);
	child = child_new(loop, "/bin/sh",
		(char *[]){ (char[]){ "sh" }, (char[]){ "-c" }, line.data, NULL }, context, err);
	if (!child)
		return NULL;
	child->ended = ended;
	*fd = child->data_fd;
	child->data_fd = -1;
	return child;
}

struct child *
child_start(struct loop *loop, const char *path, int exec_fd, char *const *arguments,
	const struct child_handler *handler, void *context, struct error *err)
{
	char name[32];
	struct child *child;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", exec_fd);
	child = child_new(loop, exec_fd >= 0 ? name : path, arguments, context, err);
	if (!child)
		return NULL;
	child->handler = handler;
	child->data_watch = loop_watch_add(loop, child->data_fd, LOOP_READ, on_data, child);
	return child;
}

void
child_send(struct child *child, const void *bytes, size_t length)
{
	if (!child->data_watch || child->ends)
		return;
	str_add_bytes(&child->queue, bytes, length);
	child->is_draining = true;
	loop_watch_set(child->data_watch, LOOP_READ | LOOP_WRITE);
}

size_t
child_queued(const struct child *child)
{
	return child->queue.length - child->sent;
}

void
child_end(struct child *child)
{
	child->ends = true;
	if (child->data_watch)
		loop_watch_set(child->data_watch, LOOP_READ | LOOP_WRITE);
}
