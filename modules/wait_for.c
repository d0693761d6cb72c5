/* wait_for: until a port, a file or a line of text is there, or gone. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "module/attributes.h"
#include "module/host.h"
#include "module/regex.h"
#include "os/clock.h"

enum { TEXT_MAX = 8 * 1024 * 1024 };

struct wait_for_args {
	const char *host, *path, *state, *search_regex, *msg;
	int64_t port, timeout, connect_timeout, delay, sleep;
	const char *const *exclude_hosts, *const *active_connection_states;
};

static const struct param params[] = { PARAM_STRING(struct wait_for_args, host,
					       .fallback = "127.0.0.1",
					       .doc = "Name or address, seen from the target."),
	PARAM_INT(struct wait_for_args, port, .doc = "The port to look at."),
	PARAM_PATH(struct wait_for_args, path, .doc = "The file to look at."),
	PARAM_STRING(struct wait_for_args, state, .fallback = "started",
		.choices = TEXTS("absent", "drained", "present", "started", "stopped"),
		.doc = "started and present: it is there. stopped and absent: it is gone. drained: "
		       "no connections are left."),
	PARAM_STRING(struct wait_for_args, search_regex,
		.doc = "What must be in the file, or in what the port says."),
	PARAM_INT(struct wait_for_args, timeout, .fallback = "300", .doc = "Seconds in all."),
	PARAM_INT(struct wait_for_args, connect_timeout, .fallback = "5",
		.doc = "Seconds for one attempt."),
	PARAM_INT(struct wait_for_args, delay, .fallback = "0",
		.doc = "Seconds before the first look."),
	PARAM_INT(struct wait_for_args, sleep, .fallback = "1", .doc = "Seconds between looks."),
	PARAM_TEXTS(struct wait_for_args, exclude_hosts,
		.doc = "With drained: hosts whose connections do not count."),
	PARAM_TEXTS(struct wait_for_args, active_connection_states,
		.fallback = "ESTABLISHED,FIN_WAIT1,FIN_WAIT2,SYN_RECV,SYN_SENT,TIME_WAIT",
		.doc = "With drained: states of connections that count."),
	PARAM_STRING(struct wait_for_args, msg, .doc = "What to say when it takes too long."),
	PARAMS_END };

static const struct module_return returns[] = { { "elapsed", "int", "Seconds that it took." },
	{ "match_groups", "list", "The groups of search_regex." },
	{ "match_groupdict", "dict", "Those that have a name." }, { NULL, NULL, NULL } };

struct wait {
	const struct wait_for_args *args;
	struct regex *regex;
	struct value *groups, *named;
	struct arena *arena;
};

static bool
text_matches(struct wait *wait, struct view text)
{
	struct regex_match match;

	if (!wait->regex)
		return true;
	if (!regex_search(wait->regex, text, 0, &match))
		return false;
	wait->groups = value_list(wait->arena);
	wait->named = value_map(wait->arena);
	for (size_t i = 1; i < match.group_count; i++) {
		const struct value *group = match.groups[i].data
						    ? value_view(wait->arena, match.groups[i])
						    : &value_none;
		const char *name = regex_group_name(wait->regex, i);

		value_add(wait->arena, wait->groups, group);
		if (name)
			value_set(wait->arena, wait->named, name, group);
	}
	return true;
}

static int
connect_to(const struct addrinfo *address, uint64_t deadline)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	    code = 0;
	socklen_t size = sizeof(code);
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	uint64_t now = monotonic_ms();

	if (fd < 0)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	if (errno == EINPROGRESS &&
		poll(&wait, 1, deadline > now ? (int)(deadline - now) : 0) == 1 &&
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && !code)
		return fd;
	close(fd);
	return -1;
}

/* What the port says, until it matches or its time is over. */
static bool
port_says(struct wait *wait, int fd, uint64_t deadline)
{
	_cleanup_str_ struct str text = STR_INIT;
	char buffer[1024];

	if (!wait->regex)
		return true;
	while (text.length < TEXT_MAX && monotonic_ms() < deadline) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		ssize_t count;

		if (poll(&ready, 1, (int)(deadline - monotonic_ms())) != 1)
			return false;
		count = read(fd, buffer, sizeof(buffer));
		if (count <= 0)
			return false;
		str_add_bytes(&text, buffer, (size_t)count);
		if (text_matches(wait, str_view(&text)))
			return true;
	}
	return false;
}

static bool
port_is_there(struct wait *wait)
{
	const struct wait_for_args *args = wait->args;
	uint64_t deadline =
		monotonic_ms() + (uint64_t)MAX(args->connect_timeout, (int64_t)1) * 1000;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[24];
	bool is_there = false;

	snprintf(port, sizeof(port), "%lld", (long long)args->port);
	if (getaddrinfo(args->host, port, &hints, &list) != 0)
		return false;
	for (struct addrinfo *address = list; address && !is_there; address = address->ai_next) {
		_cleanup_close_ int fd = connect_to(address, deadline);

		is_there = fd >= 0 && port_says(wait, fd, deadline);
	}
	freeaddrinfo(list);
	return is_there;
}

static bool
file_is_there(struct wait *wait)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (access(wait->args->path, F_OK) < 0)
		return false;
	if (!wait->regex)
		return true;
	return file_read(wait->args->path, TEXT_MAX, &text, NULL) &&
	       text_matches(wait, str_view(&text));
}

/* An address as /proc/net/tcp and tcp6 write it. */
static void
hex_address(const struct sockaddr *address, struct str *out)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
	uint32_t words[4];

	if (address->sa_family == AF_INET) {
		str_add_format(out, "%08X ", four->sin_addr.s_addr);
		str_add_format(out, "0000000000000000FFFF0000%08X ", four->sin_addr.s_addr);
	} else if (address->sa_family == AF_INET6) {
		memcpy(words, &six->sin6_addr, sizeof(words));
		for (int i = 0; i < 4; i++)
			str_add_format(out, "%08X", words[i]);
		str_add_char(out, ' ');
	}
}

static void
hex_host(const char *host, struct str *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;

	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return;
	for (struct addrinfo *address = list; address; address = address->ai_next)
		hex_address(address->ai_addr, out);
	freeaddrinfo(list);
}

static bool
state_counts(const struct wait_for_args *args, unsigned state)
{
	static const char *const names[] = { "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1",
		"FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING" };

	for (size_t i = 0; state < ARRAY_SIZE(names) && args->active_connection_states[i]; i++)
		if (text_equals(args->active_connection_states[i], names[state]))
			return true;
	return false;
}

/* One line of the table: a connection to the port that counts? */
static bool
line_counts(
	const struct wait_for_args *args, struct view line, const char *hosts, const char *excluded)
{
	unsigned port, state;
	char copy[200], local[40], remote[40];

	snprintf(copy, sizeof(copy), "%.*s", (int)line.length, line.data);
	if (sscanf(copy, " %*d: %39[0-9A-F]:%x %39[0-9A-F]:%*x %x", local, &port, remote, &state) !=
		4)
		return false;
	return port == (unsigned)args->port && state_counts(args, state) &&
	       (strstr(hosts, local) || local[strspn(local, "0")] == '\0') &&
	       !strstr(excluded, remote);
}

static bool
port_is_drained(const struct wait_for_args *args)
{
	static const char *const files[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	_cleanup_str_ struct str hosts = STR_INIT, excluded = STR_INIT;

	hex_host(args->host, &hosts);
	for (size_t i = 0; args->exclude_hosts && args->exclude_hosts[i]; i++)
		hex_host(args->exclude_hosts[i], &excluded);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_str_ struct str text = STR_INIT;
		struct view rest, line;

		if (!file_read(files[i], TEXT_MAX, &text, NULL))
			continue;
		rest = str_view(&text);
		while (view_cut(&rest, '\n', &line))
			if (line_counts(args, line, hosts.data, excluded.data))
				return false;
	}
	return true;
}

static bool
is_reached(struct wait *wait)
{
	const struct wait_for_args *args = wait->args;
	bool wants_gone = text_equals(args->state, "absent") || text_equals(args->state, "stopped");

	if (text_equals(args->state, "drained"))
		return port_is_drained(args);
	if (args->path)
		return file_is_there(wait) != wants_gone;
	if (args->port != PARAM_NO_INT)
		return port_is_there(wait) != wants_gone;
	return false;
}

static bool
fail_late(const struct wait *wait, struct error *err)
{
	const struct wait_for_args *args = wait->args;
	bool wants_gone = text_equals(args->state, "absent") || text_equals(args->state, "stopped");

	if (args->msg)
		return fail(err, ERR_TASK, "%s", args->msg);
	if (text_equals(args->state, "drained"))
		return fail(err, ERR_TASK, "Timeout when waiting for %s:%lld to drain", args->host,
			(long long)args->port);
	if (args->path && wait->regex)
		return fail(err, ERR_TASK, "Timeout when waiting for search string %s in %s",
			args->search_regex, args->path);
	if (args->path)
		return fail(err, ERR_TASK,
			wants_gone ? "Timeout when waiting for %s to be absent."
				   : "Timeout when waiting for file %s",
			args->path);
	if (wait->regex)
		return fail(err, ERR_TASK, "Timeout when waiting for search string %s in %s:%lld",
			args->search_regex, args->host, (long long)args->port);
	return fail(err, ERR_TASK,
		wants_gone ? "Timeout when waiting for %s:%lld to stop."
			   : "Timeout when waiting for %s:%lld",
		args->host, (long long)args->port);
}

static bool
wait_until(struct module_call *call, struct wait *wait, struct error *err)
{
	const struct wait_for_args *args = wait->args;
	uint64_t begin = monotonic_ms(), end = begin + (uint64_t)args->timeout * 1000;
	bool has_goal = args->path || args->port != PARAM_NO_INT, is_there = false;

	if (args->delay > 0 && !module_sleep(call, (uint64_t)args->delay * 1000, err))
		return false;
	/* With nothing to wait for, the two add up. */
	if (!has_goal)
		end += (uint64_t)MAX(args->delay, (int64_t)0) * 1000;
	while (!is_there && monotonic_ms() < end) {
		is_there = is_reached(wait);
		if (!is_there && !module_sleep(call,
					 MIN((uint64_t)MAX(args->sleep, (int64_t)1) * 1000,
						 end - MIN(end, monotonic_ms())),
					 err))
			return false;
	}
	result_int(call, "elapsed", (int64_t)((monotonic_ms() - begin) / 1000));
	return is_there || !has_goal || fail_late(wait, err);
}

/* It has no check mode: what it waits for may be what the run would have started. */
static bool
wait_for_apply(struct module_call *call, struct error *err)
{
	const struct wait_for_args *args = call->args;
	struct wait wait = {
		.args = args,
		.arena = call->arena,
		.groups = value_list(call->arena),
		.named = value_map(call->arena),
	};
	bool is_well;

	call->out->is_changed = false;
	if (args->path && args->port != PARAM_NO_INT)
		return fail(err, ERR_OPTIONS,
			"port and path parameter can not both be passed to wait_for");
	if (args->path && text_equals(args->state, "drained"))
		return fail(err, ERR_OPTIONS,
			"state=drained should only be used for checking a port in the wait_for "
			"module");
	if (args->exclude_hosts && !text_equals(args->state, "drained"))
		return fail(err, ERR_OPTIONS, "exclude_hosts should only be with state=drained");
	if (args->search_regex &&
		!regex_compile(args->search_regex, REGEX_MULTILINE, &wait.regex, err))
		return false;
	is_well = wait_until(call, &wait, err);
	regex_free(wait.regex);
	result_text(call, "state", args->state);
	result_text(call, "path", args->path);
	result_text(call, "search_regex", args->search_regex);
	if (args->port != PARAM_NO_INT)
		result_int(call, "port", args->port);
	else
		result_set(call, "port", &value_none);
	result_set(call, "match_groups", wait.groups);
	result_set(call, "match_groupdict", wait.named);
	if (args->path)
		result_file(call, args->path);
	return is_well;
}

const struct module module_wait_for = {
	.name = "wait_for",
	.summary = DOC("Wait until a port, a file or a text is there, or gone"),
	.params = params,
	.params_size = sizeof(struct wait_for_args),
	.returns = DOC(returns),
	.examples = DOC("- wait_for:\n"
			"    port: 8080\n"
			"    timeout: 60\n"),
	.check = SUPPORT_NONE,
	.apply = wait_for_apply,
};
