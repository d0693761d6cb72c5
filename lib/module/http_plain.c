/* Plain http by ourselves: HTTP/1.0, so that the answer ends where the connection does. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "module/http_hop.h"
#include "os/clock.h"

enum { HEAD_MAX = 256 * 1024, BODY_FILE_MAX = 64 * 1024 * 1024 };

static bool
wait_for(int fd, short events, int64_t timeout)
{
	struct pollfd ready = { .fd = fd, .events = events };
	int count;

	do
		count = poll(&ready, 1, (int)MIN(timeout * 1000, (int64_t)INT_MAX));
	while (count < 0 && errno == EINTR);
	if (count == 0)
		errno = ETIMEDOUT;
	return count == 1;
}

static int
connect_one(const struct addrinfo *address, int64_t timeout)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	    code = 0;
	socklen_t size = sizeof(code);

	if (fd < 0)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 ||
		(errno == EINPROGRESS && wait_for(fd, POLLOUT, timeout) &&
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && !code))
		return fd;
	if (code)
		errno = code;
	close(fd);
	return -1;
}

/* -1 with `*message` set. */
static int
connect_host(struct module_call *call, struct view host, int64_t timeout, const char **message)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	struct view name = host;
	const char *port = "80", *text;
	int fd = -1;

	if (host.length && host.data[0] == '[') {
		const char *end = memchr(host.data, ']', host.length);

		name = (struct view){ host.data + 1, end ? (size_t)(end - host.data) - 1 : 0 };
		host.length -= end ? (size_t)(end + 1 - host.data) : 0;
		host.data = end ? end + 1 : host.data;
	} else {
		name.length = 0;
		while (name.length < host.length && host.data[name.length] != ':')
			name.length++;
		host = (struct view){ host.data + name.length, host.length - name.length };
	}
	if (host.length > 1)
		port = arena_view(call->arena, (struct view){ host.data + 1, host.length - 1 });
	text = arena_view(call->arena, name);
	if (getaddrinfo(text, port, &hints, &list) != 0) {
		*message = "Request failed: <urlopen error [Errno -2] Name or service not known>";
		return -1;
	}
	for (struct addrinfo *address = list; address && fd < 0; address = address->ai_next)
		fd = connect_one(address, timeout);
	if (fd < 0)
		*message = arena_format(call->arena,
			"Request failed: <urlopen error [Errno %d] %s>", errno, strerror(errno));
	freeaddrinfo(list);
	return fd;
}

static bool
send_all(int fd, struct view text, int64_t timeout)
{
	while (text.length) {
		ssize_t count = send(fd, text.data, text.length, MSG_NOSIGNAL);

		if (count < 0 && errno == EAGAIN && wait_for(fd, POLLOUT, timeout))
			continue;
		if (count <= 0)
			return false;
		text.data += count;
		text.length -= (size_t)count;
	}
	return true;
}

static bool
send_request(struct hop *hop, const struct http_url *parts, int fd, struct error *err)
{
	_cleanup_str_ struct str head = STR_INIT, body = STR_INIT;
	struct view sent = hop->body;
	bool is_sent;

	if (hop->has_body && hop->body_file) {
		if (!file_read(hop->body_file, BODY_FILE_MAX, &body, err))
			return false;
		sent = str_view(&body);
	}
	str_add_format(&head, "%s %s%.*s HTTP/1.0\r\nHost: %.*s\r\nConnection: close\r\n",
		hop->method, parts->path.length && parts->path.data[0] == '/' ? "" : "/",
		(int)parts->path.length, parts->path.data, (int)parts->host.length,
		parts->host.data);
	VALUE_PAIRS (pair, hop->headers)
		str_add_format(
			&head, "%s: %s\r\n", value_string(pair->key), value_string(pair->value));
	if (hop->has_body)
		str_add_format(&head, "Content-Length: %zu\r\n", sent.length);
	str_add(&head, "\r\n");
	is_sent = send_all(fd, str_view(&head), hop->options->timeout) &&
		  (!hop->has_body || send_all(fd, sent, hop->options->timeout));
	memory_wipe(head.data, head.length);
	return is_sent || fail_errno(err, "cannot send to '%s'", hop->url);
}

/* Head and body, which begins behind the first empty line. */
static bool
receive(struct hop *hop, int fd, struct str *head, struct file_new *file, bool *is_whole,
	struct error *err)
{
	char buffer[16 * 1024];
	bool has_head = false;
	size_t from;
	const char *mark;

	for (;;) {
		ssize_t count = read(fd, buffer, sizeof(buffer));

		if (count < 0 && errno == EAGAIN && wait_for(fd, POLLIN, hop->options->timeout))
			continue;
		if (count <= 0) {
			*is_whole = count == 0 && has_head;
			return true;
		}
		if (has_head) {
			if (!file_new_add(file, (struct view){ buffer, (size_t)count }, err))
				return false;
			continue;
		}
		str_add_bytes(head, buffer, (size_t)count);
		if (head->length > HEAD_MAX)
			return fail(err, ERR_LIMIT, "'%s' sends too many headers", hop->url);
		mark = memmem(head->data, head->length, "\r\n\r\n", 4);
		if (!mark)
			continue;
		has_head = true;
		from = (size_t)(mark - head->data) + 4;
		if (!file_new_add(
			    file, (struct view){ head->data + from, head->length - from }, err))
			return false;
		str_cut(head, from);
	}
}

bool
hop_make_plain(struct module_call *call, struct hop *hop, struct str *head, const char **message,
	struct error *err)
{
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct file_place place = { .has_mode = true, .mode = 0600 };
	_cleanup_close_ int fd = -1;
	struct http_url parts;
	bool is_whole = false;

	http_url_split(hop->url, &parts);
	fd = connect_host(call, parts.host, hop->options->timeout, message);
	if (fd < 0)
		return true;
	if (!send_request(hop, &parts, fd, err) || !file_new_open(&file, hop->body_path, err) ||
		!receive(hop, fd, head, &file, &is_whole, err))
		return false;
	if (!is_whole) {
		*message = errno == ETIMEDOUT ? "Connection failure: The read operation timed out"
					      : "Connection failure: Remote end closed connection "
						"without response";
		return true;
	}
	return file_new_commit(&file, &place, err);
}
