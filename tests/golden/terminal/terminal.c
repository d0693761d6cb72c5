/*
 * Runs a program at a terminal of its own and talks with it, as a script says on stdin; its whole output goes to
 * stdout, then its exit code, and whether it left the terminal as it was. Words of the script, one per line:
 *   expect TEXT    wait until TEXT comes (after what the last `expect` has found)
 *   send TEXT      type it; \r and \xHH are the keys they stand for
 *   signal NUMBER  send it to the program
 *   wait MS        do nothing
 *   echo on|off    does the terminal show what is typed? waits for it
 *   size ROWS COLS  the window is given this size
 * usage: terminal PROGRAM ARGUMENTS… < SCRIPT
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

enum { PATIENCE_MS = 30000, MOST_OUTPUT = 1 << 20 };

static char output[MOST_OUTPUT + 1];
static size_t length, found_to;
static int terminal;

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False: the terminal is closed. */
static bool
listen_for(int ms)
{
	struct pollfd wanted = { .fd = terminal, .events = POLLIN };
	ssize_t got;

	if (poll(&wanted, 1, ms) <= 0)
		return true;
	got = read(terminal, output + length, MOST_OUTPUT - length);
	if (got > 0)
		length += (size_t)got;
	output[length] = '\0';
	return got > 0;
}

static bool
expect(const char *text)
{
	int64_t end = now_ms() + PATIENCE_MS;

	for (;;) {
		char *found = memmem(output + found_to, length - found_to, text, strlen(text));

		if (found) {
			found_to = (size_t)(found - output) + strlen(text);
			return true;
		}
		if (!listen_for(100) || now_ms() > end)
			return false;
	}
}

static bool
expect_echo(bool wanted)
{
	int64_t end = now_ms() + PATIENCE_MS;
	struct termios state;

	while (now_ms() < end) {
		if (tcgetattr(terminal, &state) == 0 && !!(state.c_lflag & ECHO) == wanted)
			return true;
		listen_for(50);
	}
	return false;
}

static bool
type_keys(const char *text)
{
	for (; *text; text++) {
		char key = *text;

		if (text[0] == '\\' && text[1] == 'r') {
			key = '\r';
			text++;
		} else if (text[0] == '\\' && text[1] == 'x' && strlen(text) >= 4) {
			const char digits[] = { text[2], text[3], '\0' };

			key = (char)strtol(digits, NULL, 16);
			text += 3;
		}
		if (write(terminal, &key, 1) != 1)
			return false;
	}
	return true;
}

static void
wait_ms(int ms)
{
	int64_t end = now_ms() + ms;

	while (now_ms() < end)
		if (!listen_for(20))
			return;
}

static bool
resize(const char *text)
{
	struct winsize size = { 0 };

	return sscanf(text, "%hu %hu", &size.ws_row, &size.ws_col) == 2 &&
	       ioctl(terminal, TIOCSWINSZ, &size) == 0;
}

static bool
obey(char *line, pid_t program)
{
	char *rest = strchr(line, ' ');

	if (rest)
		*rest++ = '\0';
	if (!strcmp(line, "expect"))
		return expect(rest);
	if (!strcmp(line, "send"))
		return type_keys(rest);
	if (!strcmp(line, "signal"))
		return kill(program, atoi(rest)) == 0;
	if (!strcmp(line, "echo"))
		return expect_echo(!strcmp(rest, "on"));
	if (!strcmp(line, "size"))
		return resize(rest);
	if (strcmp(line, "wait") != 0)
		return false;
	wait_ms(atoi(rest));
	return true;
}

/* The leader of the terminal's session outlives the program, so that it can look at what was left. */
static _Noreturn void
lead(int slave, int tell, char **command)
{
	struct termios before, after;
	int status = 0;
	pid_t program;

	if (login_tty(slave) != 0)
		_exit(126);
	tcgetattr(0, &before);
	program = fork();
	if (program == 0) {
		close(tell);
		execvp(command[0], command);
		_exit(127);
	}
	signal(SIGINT, SIG_IGN);
	if (write(tell, &program, sizeof(program)) != sizeof(program))
		_exit(126);
	while (waitpid(program, &status, 0) < 0)
		;
	tcgetattr(0, &after);
	printf("exit code %d\n",
		WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	printf("terminal %s\n",
		before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag &&
				before.c_oflag == after.c_oflag
			? "as before"
			: "LEFT CHANGED");
	fflush(stdout);
	tcdrain(0);
	_exit(0);
}

int
main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int slave, pair[2], status;
	char line[1000];
	pid_t leader, program;
	bool ok = true;

	if (argc < 2 || openpty(&terminal, &slave, NULL, NULL, &size) != 0 || pipe(pair) != 0)
		return 2;
	leader = fork();
	if (leader == 0) {
		close(terminal);
		close(pair[0]);
		lead(slave, pair[1], argv + 1);
	}
	close(pair[1]);
	if (read(pair[0], &program, sizeof(program)) != sizeof(program))
		return 2;
	close(slave);
	while (ok && fgets(line, sizeof(line), stdin)) {
		char copy[1000];

		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		snprintf(copy, sizeof(copy), "%s", line);
		ok = obey(copy, program);
		if (!ok)
			length += (size_t)snprintf(
				output + length, MOST_OUTPUT - length, "\nFAILED: %s\n", line);
	}
	if (!ok)
		kill(program, SIGKILL);
	ok = ok && expect("terminal ");
	wait_ms(100);
	if (!ok)
		kill(program, SIGKILL);
	waitpid(leader, &status, 0);
	while (length < MOST_OUTPUT && listen_for(0) && waitpid(leader, &status, WNOHANG) == 0)
		;
	fwrite(output, 1, length, stdout);
	return !ok;
}
