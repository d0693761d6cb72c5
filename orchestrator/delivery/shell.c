/*
 * Descriptors 0, 1 and 2 may be terminals that others use as well, so they are never made
 * non-blocking: they are read and written when poll says that it goes without waiting, and at most
 * so much as a pipe then takes.
 */
#include "orchestrator/delivery/shell.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>

#include "orchestrator/transport/agent_forward.h"
#include "orchestrator/transport/proxy.h"
#include "orchestrator/transport/road.h"
#include "orchestrator/transport/ssh_cli.h"
#include "orchestrator/transport/stream.h"
#include "orchestrator/transport/transport.h"

#define PIECE 4096 /* PIPE_BUF: what a pipe that can be written takes without waiting */
#define MAX_QUEUED (64 * 1024)

struct outlet {
	int fd;
	struct loop_watch *watch;
	struct shell *shell;
};

struct shell {
	struct transport *transport;
	const struct shell_request *request;
	struct target *target;
	struct session *session;
	struct stream *stream;
	bool has_terminal, is_raw, is_over;
	struct termios before;
	struct loop_watch *input, *signals;
	int signal_fd;
	struct outlet out[2];
	enum { TILDE_LINE_START, TILDE_SEEN, TILDE_WITHIN } tilde;
	int status;
	bool has_failed;
	struct error why;
};

/* ---- our terminal ---- */

static void
terminal_raw(struct shell *shell)
{
	struct termios raw;

	if (tcgetattr(0, &shell->before) < 0)
		return;
	raw = shell->before;
	cfmakeraw(&raw);
	shell->is_raw = tcsetattr(0, TCSADRAIN, &raw) == 0;
}

static void
terminal_back(struct shell *shell)
{
	if (shell->is_raw)
		tcsetattr(0, TCSADRAIN, &shell->before);
	shell->is_raw = false;
}

static void
terminal_size(int *columns, int *rows)
{
	struct winsize size = { 0 };

	if (ioctl(0, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	*columns = size.ws_col;
	*rows = size.ws_row;
}

/* ---- the end ---- */

static void
shell_over(struct shell *shell)
{
	shell->is_over = true;
	loop_stop(shell->transport->loop);
}

static void
shell_fail(struct shell *shell, const struct error *err)
{
	if (shell->is_over)
		return;
	shell->has_failed = true;
	shell->why = *err;
	shell_over(shell);
}

static void
on_signal(void *context, unsigned events UNUSED)
{
	struct shell *shell = context;
	struct signalfd_siginfo info;
	int columns, rows;

	while (read(shell->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGWINCH) {
			shell->status = 128 + (int)info.ssi_signo;
			shell_over(shell);
		} else if (shell->stream && shell->has_terminal) {
			terminal_size(&columns, &rows);
			stream_resize(shell->stream, columns, rows);
		}
	}
}

static void
signals_watch(struct shell *shell, sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, before);
	signal(SIGPIPE, SIG_IGN);
	shell->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	shell->signals = loop_watch_add(
		shell->transport->loop, shell->signal_fd, LOOP_READ, on_signal, shell);
}

/* ---- input ---- */

/* What of the typed keys goes to the other end; false: `~.` was typed. */
static bool
keys_filter(struct shell *shell, const char *keys, size_t count, struct str *out)
{
	for (size_t i = 0; i < count; i++) {
		char key = keys[i];

		if (shell->tilde == TILDE_LINE_START && key == '~') {
			shell->tilde = TILDE_SEEN;
			continue;
		}
		if (shell->tilde == TILDE_SEEN) {
			if (key == '.')
				return false;
			str_add_char(out, '~');
			shell->tilde = TILDE_WITHIN;
			if (key == '~')
				continue;
		}
		str_add_char(out, key);
		shell->tilde = key == '\r' || key == '\n' ? TILDE_LINE_START : TILDE_WITHIN;
	}
	return true;
}

static void
input_end(struct shell *shell)
{
	loop_watch_remove(shell->input);
	shell->input = NULL;
	stream_end(shell->stream);
}

static void
on_input(void *context, unsigned events UNUSED)
{
	struct shell *shell = context;
	_cleanup_str_ struct str typed = STR_INIT;
	struct pollfd ready = { .fd = 0, .events = POLLIN };
	char keys[16 * 1024];
	ssize_t count;

	if (poll(&ready, 1, 0) <= 0)
		return;
	count = read(0, keys, sizeof(keys));
	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		input_end(shell);
		return;
	}
	if (!shell->has_terminal) {
		stream_send(shell->stream, keys, (size_t)count);
	} else if (keys_filter(shell, keys, (size_t)count, &typed)) {
		stream_send(shell->stream, typed.data, typed.length);
	} else {
		shell->status = 255;
		shell_over(shell);
	}
	if (!stream_takes_more(shell->stream, MAX_QUEUED))
		loop_watch_set(shell->input, 0);
}

/* ---- output ---- */

static void
on_writable(void *context, unsigned events UNUSED)
{
	struct outlet *outlet = context;

	loop_watch_remove(outlet->watch);
	outlet->watch = NULL;
	stream_resume(outlet->shell->stream);
}

/* Without a reader the command is of no use (`ertc ssh web-1 yes | head`); its errors may be lost.
 */
static size_t
reader_gone(struct shell *shell, bool is_stderr, size_t length)
{
	if (!is_stderr) {
		shell->status = 128 + SIGPIPE;
		shell_over(shell);
	}
	return length;
}

static size_t
on_received(void *context, const void *bytes, size_t length, bool is_stderr)
{
	struct shell *shell = context;
	struct outlet *outlet = &shell->out[is_stderr ? 1 : 0];
	size_t taken = 0;

	while (taken < length) {
		struct pollfd ready = { .fd = outlet->fd, .events = POLLOUT };
		ssize_t count;

		if (poll(&ready, 1, 0) <= 0 || !(ready.revents & (POLLOUT | POLLERR | POLLNVAL))) {
			if (!outlet->watch)
				outlet->watch = loop_watch_add(shell->transport->loop, outlet->fd,
					LOOP_WRITE, on_writable, outlet);
			return taken;
		}
		count = write(outlet->fd, (const char *)bytes + taken,
			MIN(length - taken, (size_t)PIECE));
		if (count > 0)
			taken += (size_t)count;
		else if (count < 0 && errno != EINTR && errno != EAGAIN)
			return reader_gone(shell, is_stderr, length);
	}
	return length;
}

/* ---- the channel ---- */

static void
on_opened(void *context)
{
	struct shell *shell = context;

	if (shell->has_terminal)
		terminal_raw(shell);
	shell->input = loop_watch_add(shell->transport->loop, 0, LOOP_READ, on_input, shell);
}

static void
on_drained(void *context)
{
	struct shell *shell = context;

	if (shell->input)
		loop_watch_set(shell->input, LOOP_READ);
}

static void
on_closed(void *context, const struct error *err, int exit_status)
{
	struct shell *shell = context;

	stream_free(shell->stream);
	shell->stream = NULL;
	loop_watch_remove(shell->input);
	shell->input = NULL;
	if (err) {
		shell_fail(shell, err);
		return;
	}
	/* A server that tells none was ended itself. */
	shell->status = exit_status < 0 ? 255 : exit_status;
	shell_over(shell);
}

static const struct stream_handler stream_handler = { on_opened, on_received, on_drained, NULL,
	on_closed };

static void
agent_lend(struct shell *shell, struct stream_shell *wish)
{
	const struct ssh_options *options = &shell->target->options;
	const char *path =
		options->identity_agent ? options->identity_agent : getenv("SSH_AUTH_SOCK");

	if (!path || !*path || text_equals(path, "none")) {
		transport_warn(shell->transport, "there is no ssh-agent to forward");
		return;
	}
	wish->forwards_agent = true;
	session_agent_forward(shell->session, path);
}

static void
on_up(void *context)
{
	struct shell *shell = context;
	const char *kind = getenv("TERM");
	struct stream_shell wish = { .command = shell->request->command };

	if (shell->has_terminal) {
		wish.terminal = kind && *kind ? kind : "dumb";
		terminal_size(&wish.columns, &wish.rows);
	}
	if (shell->request->forwards_agent)
		agent_lend(shell, &wish);
	shell->stream = stream_shell(shell->session, &wish, &stream_handler, shell);
}

static void
on_lost(void *context, const struct error *err)
{
	shell_fail(context, err);
}

static const struct session_handler session_handler = { on_up, NULL, on_lost };

static void
road_tell(struct shell *shell)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (!shell->request->opened)
		return;
	str_add_format(&text, "ssh %s", shell->target->label);
	for (const struct target *hop = shell->target->via; hop; hop = hop->via)
		str_add_format(&text, " by %s", hop->label);
	shell->request->opened(shell->request->context, text.data);
}

static bool
wants_terminal(const struct shell_request *request)
{
	switch (request->terminal) {
	case SHELL_TERMINAL_NEVER:
		return false;
	case SHELL_TERMINAL_ALWAYS:
		return true;
	case SHELL_TERMINAL_WANTED:
		return isatty(0);
	case SHELL_TERMINAL_AUTO:
		break;
	}
	return !request->command && isatty(0);
}

static void
shell_release(struct shell *shell)
{
	terminal_back(shell);
	loop_watch_remove(shell->input);
	loop_watch_remove(shell->signals);
	for (size_t i = 0; i < ARRAY_SIZE(shell->out); i++)
		loop_watch_remove(shell->out[i].watch);
	if (shell->signal_fd >= 0)
		close(shell->signal_fd);
	stream_free(shell->stream);
	session_free(shell->session);
	target_unref(shell->target);
}

static bool
shell_run_ssh(struct transport *transport, const struct link_settings *settings,
	const struct shell_request *request, int *status, struct error *err)
{
	struct shell shell = { .transport = transport,
		.request = request,
		.signal_fd = -1,
		.has_terminal = wants_terminal(request) };
	sigset_t before;

	shell.out[0] = (struct outlet){ .fd = 1, .shell = &shell };
	shell.out[1] = (struct outlet){ .fd = 2, .shell = &shell };
	shell.target = target_resolve(transport, settings, err);
	if (!shell.target)
		return false;
	road_tell(&shell);
	signals_watch(&shell, &before);
	shell.session = session_new(transport, shell.target, &session_handler, &shell);
	loop_run(transport->loop);
	shell_release(&shell);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (shell.has_failed) {
		*err = shell.why;
		return false;
	}
	*status = shell.status;
	return true;
}

/* ---- the other roads: another program takes our place ---- */

static bool
become(const char *program, char *const *arguments, const struct shell_request *request,
	const char *road, struct error *err)
{
	if (request->opened)
		request->opened(request->context, road);
	fflush(NULL);
	execvp(program, arguments);
	return fail_errno(err, "cannot start '%s'", program);
}

static bool
shell_run_cli(struct transport *transport, const struct link_settings *settings,
	const struct shell_request *request, struct error *err)
{
	static const char *const flags[] = { NULL, "-t", "-tt", "-T" };
	struct cli *cli = cli_new(transport, settings, err);
	bool done;

	if (!cli)
		return false;
	done = become(cli_program(cli),
		cli_shell_arguments(
			cli, request->command, flags[request->terminal], request->forwards_agent),
		request, cli_text(cli), err);
	cli_free(cli);
	return done;
}

static bool
shell_run_local(const struct shell_request *request, struct error *err)
{
	const char *shell = getenv("SHELL"), *command = request->command;
	char minus_c[] = "-c", sh[] = "/bin/sh";

	if (command)
		return become(sh, (char *[]){ sh, minus_c, memory_text(command), NULL }, request,
			"local", err);
	if (!shell || !*shell)
		shell = sh;
	return become(shell, (char *[]){ memory_text(shell), NULL }, request, "local", err);
}

bool
shell_run(struct transport *transport, const struct link_settings *settings,
	const struct shell_request *request, int *status, struct error *err)
{
	enum road_kind kind;

	if (!road_kind_find(settings->connection, &kind, err))
		return false;
	if (kind == ROAD_CLI)
		return shell_run_cli(transport, settings, request, err);
	if (kind == ROAD_LOCAL)
		return shell_run_local(request, err);
	return shell_run_ssh(transport, settings, request, status, err);
}
