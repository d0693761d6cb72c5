/* Name to connected socket. */
#include "orchestrator/transport/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/str.h"

#define NEXT_ADDRESS_MS 250
#define MAX_ADDRESSES 16

/* What the pool's thread works on; it may outlive the dial. */
struct lookup {
	struct dial *dial; /* NULL: nobody waits any more */
	char *host, *port, *bind_address;
	int family;
	int result, bind_result;
	struct addrinfo *found, *bound;
};

struct attempt {
	struct dial *dial;
	int fd;
	struct loop_watch *watch;
};

struct dial {
	struct loop *loop;
	char *host;
	int port;
	void (*done)(void *context, int fd, const struct error *err);
	void *context;
	struct lookup *lookup;
	bool is_at_once; /* the lookup runs here and not on the pool */
	struct addrinfo *found, *bound;
	const struct addrinfo *order[MAX_ADDRESSES];
	size_t count, next, open;
	struct attempt attempts[MAX_ADDRESSES];
	struct loop_timer *timer;
	int last_error;
};

static void
lookup_free(struct lookup *lookup)
{
	if (lookup->found)
		freeaddrinfo(lookup->found);
	if (lookup->bound)
		freeaddrinfo(lookup->bound);
	free(lookup->host);
	free(lookup->port);
	free(lookup->bind_address);
	free(lookup);
}

static void
lookup_work(void *context)
{
	struct lookup *lookup = context;
	struct addrinfo hints = {
		.ai_family = lookup->family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV
	};

	lookup->result = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->found);
	if (lookup->bind_address)
		lookup->bind_result =
			getaddrinfo(lookup->bind_address, NULL, &hints, &lookup->bound);
}

static void
attempt_stop(struct attempt *attempt)
{
	loop_watch_remove(attempt->watch);
	attempt->watch = NULL;
	if (attempt->fd >= 0)
		close(attempt->fd);
	attempt->fd = -1;
}

void
dial_free(struct dial *dial)
{
	if (!dial)
		return;
	if (dial->lookup && dial->is_at_once)
		lookup_free(dial->lookup);
	else if (dial->lookup)
		dial->lookup->dial = NULL; /* lookup_done frees it */
	for (size_t i = 0; i < dial->next; i++)
		attempt_stop(&dial->attempts[i]);
	loop_timer_remove(dial->timer);
	if (dial->found)
		freeaddrinfo(dial->found);
	if (dial->bound)
		freeaddrinfo(dial->bound);
	free(dial->host);
	free(dial);
}

static void
dial_finish(struct dial *dial, int fd, const struct error *err)
{
	void (*done)(void *context, int fd, const struct error *err) = dial->done;
	void *context = dial->context;

	dial_free(dial);
	done(context, fd, err);
}

static void
dial_fail(struct dial *dial)
{
	struct error err;

	fail(&err, ERR_UNREACHABLE, "cannot connect to '%s' port %d", dial->host, dial->port);
	error_why(&err, "%s", strerror(dial->last_error));
	dial_finish(dial, -1, &err);
}

static void dial_next(void *context);

static void
attempt_ready(void *context, unsigned events UNUSED)
{
	struct attempt *attempt = context;
	struct dial *dial = attempt->dial;
	socklen_t size = sizeof(dial->last_error);
	int fd = attempt->fd, result = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size) < 0)
		result = errno;
	if (!result) {
		loop_watch_remove(attempt->watch);
		attempt->watch = NULL;
		attempt->fd = -1;
		dial_finish(dial, fd, NULL);
		return;
	}
	dial->last_error = result;
	attempt_stop(attempt);
	dial->open--;
	loop_timer_remove(dial->timer);
	dial->timer = NULL;
	dial_next(dial);
}

static bool
bind_to(const struct dial *dial, int fd, int family)
{
	for (const struct addrinfo *one = dial->bound; one; one = one->ai_next)
		if (one->ai_family == family)
			return bind(fd, one->ai_addr, one->ai_addrlen) == 0;
	errno = EADDRNOTAVAIL;
	return !dial->bound;
}

static int
socket_connect(const struct dial *dial, const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	if (bind_to(dial, fd, address->ai_family) &&
		(connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS))
		return fd;
	yes = errno;
	close(fd);
	errno = yes;
	return -1;
}

/* Starts on the next address; those before it go on. */
static void
dial_next(void *context)
{
	struct dial *dial = context;

	dial->timer = NULL;
	while (dial->next < dial->count) {
		struct attempt *attempt = &dial->attempts[dial->next];
		int fd = socket_connect(dial, dial->order[dial->next++]);

		*attempt = (struct attempt){ dial, fd, NULL };
		if (fd < 0) {
			dial->last_error = errno;
			continue;
		}
		attempt->watch = loop_watch_add(dial->loop, fd, LOOP_WRITE, attempt_ready, attempt);
		dial->open++;
		if (dial->next < dial->count)
			dial->timer = loop_timer_add(dial->loop, NEXT_ADDRESS_MS, dial_next, dial);
		return;
	}
	if (!dial->open)
		dial_fail(dial);
}

/* The resolver's order, the families in turn. */
static void
dial_sort(struct dial *dial)
{
	const struct addrinfo *first = dial->found, *other = dial->found;
	int family = first ? first->ai_family : AF_UNSPEC;

	while (other && other->ai_family == family)
		other = other->ai_next;
	while ((first || other) && dial->count < MAX_ADDRESSES) {
		if (first)
			dial->order[dial->count++] = first;
		if (other && dial->count < MAX_ADDRESSES)
			dial->order[dial->count++] = other;
		if (first)
			do
				first = first->ai_next;
			while (first && first->ai_family != family);
		if (other)
			do
				other = other->ai_next;
			while (other && other->ai_family == family);
	}
}

static void
lookup_done(void *context)
{
	struct lookup *lookup = context;
	struct dial *dial = lookup->dial;
	struct error err;

	if (!dial) {
		lookup_free(lookup);
		return;
	}
	dial->lookup = NULL;
	if (lookup->result != 0 || lookup->bind_result != 0) {
		int result = lookup->result ? lookup->result : lookup->bind_result;

		fail(&err, ERR_UNREACHABLE, "cannot find the address of '%s'",
			lookup->result ? lookup->host : lookup->bind_address);
		error_why(
			&err, "%s", result == EAI_SYSTEM ? strerror(errno) : gai_strerror(result));
		lookup_free(lookup);
		dial_finish(dial, -1, &err);
		return;
	}
	dial->found = lookup->found;
	dial->bound = lookup->bound;
	lookup->found = lookup->bound = NULL;
	lookup_free(lookup);
	dial_sort(dial);
	dial_next(dial);
}

static bool
is_numeric(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static void
lookup_at_once(void *context)
{
	struct dial *dial = context;
	struct lookup *lookup = dial->lookup;

	dial->timer = NULL;
	lookup_work(lookup);
	lookup_done(lookup);
}

struct dial *
dial_new(struct loop *loop, const char *host, int port, int family, const char *bind_address,
	void (*done)(void *context, int fd, const struct error *err), void *context)
{
	struct dial *dial = memory_get(sizeof(*dial));
	struct lookup *lookup = memory_get(sizeof(*lookup));
	char text[16];

	snprintf(text, sizeof(text), "%d", port);
	*dial = (struct dial){ .loop = loop,
		.host = memory_text(host),
		.port = port,
		.done = done,
		.context = context };
	*lookup = (struct lookup){ dial, memory_text(host), memory_text(text),
		bind_address ? memory_text(bind_address) : NULL, family };
	dial->lookup = lookup;
	dial->is_at_once = is_numeric(host) && !bind_address; /* no name server is asked */
	if (dial->is_at_once)
		dial->timer = loop_timer_add(loop, 0, lookup_at_once, dial);
	else
		loop_job(loop, lookup_work, lookup_done, lookup);
	return dial;
}
