/* Fibers, and requests by the loop (lib/http), against a server of our own on the loopback. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "http/http.h"
#include "os/loop.h"
#include "os/process.h"

#include <cmocka.h> /* last: its fail() is not ours */

enum { MEBIBYTE = 1024 * 1024 };

static int port;
static pid_t server;
static struct arena arena;

/* ---- the server: a process for each connection, which it keeps ---- */

static void
say(int fd, const char *text)
{
	if (!fd_write_all(fd, text, strlen(text)))
		_exit(0);
}

static void
answer(int fd, const char *status, const char *headers, struct view body)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_add_format(
		&out, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers, body.length);
	str_add_view(&out, body);
	if (!fd_write_all(fd, out.data, out.length))
		_exit(0);
}

static void
zeros(int fd, size_t length)
{
	char *bytes = memory_get(length);

	memset(bytes, 0, length);

	answer(fd, "200 OK", "", (struct view){ bytes, length });
	free(bytes);
}

static void
long_headers(int fd)
{
	char line[1024];

	say(fd, "HTTP/1.1 200 OK\r\n");
	snprintf(line, sizeof(line), "X: %0*d\r\n", 1000, 0);
	for (int i = 0; i < 400; i++)
		say(fd, line);
	say(fd, "Content-Length: 0\r\n\r\n");
}

static void
rest(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void
serve(int fd, const char *request, size_t length)
{
	const char *path = strchr(request, ' ') + 1;
	char text[64];

	if (text_starts(path, "/echo")) {
		answer(fd, "200 OK", "", (struct view){ request, length });
	} else if (text_starts(path, "/after/")) {
		rest(strtol(path + 7, NULL, 10));
		answer(fd, "200 OK", "", VIEW("at last"));
	} else if (text_starts(path, "/process")) {
		snprintf(text, sizeof(text), "%ld", (long)getpid());
		answer(fd, "200 OK", "", view_of(text));
	} else if (text_starts(path, "/number/")) {
		answer(fd, "200 OK", "", (struct view){ path + 8, strcspn(path + 8, " ") });
	} else if (text_starts(path, "/zeros/")) {
		zeros(fd, (size_t)strtoul(path + 7, NULL, 10));
	} else if (text_starts(path, "/cut")) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe start");
		_exit(0);
	} else if (text_starts(path, "/dead")) {
		_exit(0);
	} else if (text_starts(path, "/chunked")) {
		say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
			"chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n"
			"0\r\n\r\n");
	} else if (text_starts(path, "/torn")) {
		say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
		_exit(0);
	} else if (text_starts(path, "/continue")) {
		say(fd, "HTTP/1.1 100 Continue\r\nX-Old: 1\r\n\r\n");
		answer(fd, "200 OK", "X-New:  two words \r\nx-new: 3\r\n", VIEW("ok"));
	} else if (text_starts(path, "/headers")) {
		long_headers(fd);
	} else if (text_starts(path, "/redirect")) {
		answer(fd, "302 Found", "Location: /echo\r\n", VIEW(""));
	} else {
		answer(fd, "404 Not Here", "", VIEW("nothing here"));
	}
}

static bool
is_whole(const char *text, size_t length)
{
	const char *end = strstr(text, "\r\n\r\n"), *mark = strcasestr(text, "content-length: ");
	size_t body = mark && mark < end ? strtoul(mark + 16, NULL, 10) : 0;

	return end && (size_t)(end + 4 - text) + body <= length;
}

static _Noreturn void
run_connection(int fd)
{
	for (;;) {
		char request[16384] = "";
		size_t length = 0;

		while (!is_whole(request, length)) {
			ssize_t count = read(fd, request + length, sizeof(request) - 1 - length);

			if (count <= 0)
				_exit(0);
			length += (size_t)count;
			request[length] = '\0';
		}
		serve(fd, request, length);
	}
}

static _Noreturn void
run_server(int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0)
			run_connection(fd);
		close(fd);
	}
}

static int
start(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(listener, 128) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		return 1;
	port = ntohs(address.sin_port);
	server = fork();
	if (!server)
		run_server(listener);
	close(listener);
	unsetenv("http_proxy");
	unsetenv("HTTP_PROXY");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const char *
url(const char *path)
{
	return arena_format(&arena, "http://127.0.0.1:%d%s", port, path);
}

/* ---- fibers ---- */

static struct str told;

static void
tell_thrice(void *context)
{
	const char *name = context;

	for (int i = 1; i <= 3; i++) {
		str_add_format(&told, "%s%d ", name, i);
		fiber_pause();
	}
	str_add_format(&told, "%s. ", name);
}

static void
test_fibers_take_turns(void **state)
{
	struct fiber *a = fiber_new(tell_thrice, (char[]){ "a" });
	struct fiber *b = fiber_new(tell_thrice, (char[]){ "b" });

	(void)state;
	str_init(&told);
	assert_null(fiber_current());
	for (int i = 0; i < 3; i++) {
		assert_false(fiber_resume(a));
		assert_false(fiber_resume(b));
		assert_null(fiber_current());
	}
	assert_true(fiber_resume(b));
	assert_true(fiber_resume(a));
	assert_string_equal(told.data, "a1 b1 a2 b2 a3 b3 b. a. ");
	fiber_free(a);
	fiber_free(b);
	fiber_free(fiber_new(tell_thrice, NULL)); /* one that never began */
	fiber_free(NULL);
	str_release(&told);
}

struct nest {
	int depth, *deepest;
};

static void
nest_run(void *context)
{
	struct nest *nest = context;
	struct nest inner = { nest->depth + 1, nest->deepest };
	struct fiber *self = fiber_current(), *fiber;

	assert_non_null(self);
	*nest->deepest = MAX(*nest->deepest, nest->depth);
	if (nest->depth == 20)
		return;
	fiber = fiber_new(nest_run, &inner);
	while (!fiber_resume(fiber))
		fiber_pause();
	assert_ptr_equal(fiber_current(), self);
	fiber_free(fiber);
}

/* A stack of a fiber bears what real work needs: 300 KiB of it. */
static int
fill(int depth)
{
	volatile char room[1024];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = (char)depth;
	return depth ? fill(depth - 1) + room[depth % 1024] - room[0] : room[0];
}

static void
deep_run(void *context)
{
	*(int *)context = fill(250) + 1;
}

static void
test_fibers_nest_and_are_deep(void **state)
{
	int deepest = 0, result = 0;
	struct nest nest = { 1, &deepest };
	struct fiber *fiber = fiber_new(nest_run, &nest), *deep = fiber_new(deep_run, &result);

	(void)state;
	assert_true(fiber_resume(fiber));
	assert_int_equal(deepest, 20);
	assert_true(fiber_resume(deep));
	assert_int_equal(result, 1);
	fiber_free(fiber);
	fiber_free(deep);
}

/* ---- sleeping, waiting, turns ---- */

struct sleeper {
	struct http *http;
	uint64_t ms;
	const char *name;
};

static void
sleep_run(void *context)
{
	struct sleeper *sleeper = context;

	http_sleep(sleeper->http, sleeper->ms);
	str_add(&told, sleeper->name);
}

static void
test_sleep(void **state)
{
	struct http *http = http_new();
	struct sleeper sleepers[] = { { http, 90, "c" }, { http, 0, "0" }, { http, 30, "a" },
		{ http, 60, "b" } };
	uint64_t start_ms = clock_ms();

	(void)state;
	str_init(&told);
	for (size_t i = 0; i < ARRAY_SIZE(sleepers); i++)
		http_spawn(http, sleep_run, &sleepers[i]);
	http_run(http);
	assert_string_equal(told.data, "0abc");
	assert_true(clock_ms() - start_ms >= 90);
	http_run(http); /* nobody is left */
	/* Who sleeps outside of any fiber lets the others go on. */
	str_clear(&told);
	http_spawn(http, sleep_run, &sleepers[2]);
	http_sleep(http, 200);
	assert_string_equal(told.data, "a");
	http_free(http);
	str_release(&told);
}

struct waiter {
	struct http *http;
	bool *is_done, *other;
	const char *name;
};

static void
wait_run(void *context)
{
	struct waiter *waiter = context;

	http_wait(waiter->http, waiter->is_done);
	str_add(&told, waiter->name);
	if (waiter->other)
		*waiter->other = true;
}

static void
test_wait(void **state)
{
	struct http *http = http_new();
	bool first = false, second = false, last = false;
	struct waiter waiters[] = { { http, &second, &last, "2" }, { http, &first, &second, "1" } };

	(void)state;
	str_init(&told);
	for (size_t i = 0; i < ARRAY_SIZE(waiters); i++)
		http_spawn(http, wait_run, &waiters[i]);
	http_sleep(http, 20);
	assert_string_equal(told.data, "");
	first = true;
	http_wait(http, &last);
	assert_string_equal(told.data, "12");
	http_run(http);
	http_free(http);
	str_release(&told);
}

struct contender {
	struct http *http;
	struct http_turn *turn;
	int *inside, *most, *done;
};

static void
turn_run(void *context)
{
	struct contender *contender = context;

	for (int i = 0; i < 3; i++) {
		http_turn_take(contender->http, contender->turn);
		++*contender->inside;
		*contender->most = MAX(*contender->most, *contender->inside);
		http_sleep(contender->http, 1);
		--*contender->inside;
		http_turn_give(contender->turn);
	}
	++*contender->done;
}

static void
test_turns(void **state)
{
	struct http *http = http_new();
	struct http_turn turn = { 0 };
	int inside = 0, most = 0, done = 0;
	struct contender contender = { http, &turn, &inside, &most, &done };

	(void)state;
	http_turn_take(http, &turn);
	for (int i = 0; i < 20; i++)
		http_spawn(http, turn_run, &contender);
	http_sleep(http, 10);
	assert_int_equal(most, 0);
	http_turn_give(&turn);
	http_sleep(http, 5);
	http_turn_take(http, &turn); /* outside of a fiber: in line with the others */
	assert_int_equal(inside, 0);
	http_turn_give(&turn);
	http_run(http);
	assert_int_equal(most, 1);
	assert_int_equal(done, 20);
	http_free(http);
}

/* ---- requests ---- */

/* In the arena: "STATUS body", or the error. */
static const char *
fetch(struct http *http, const struct http_request *request)
{
	struct http_answer out;
	struct error err = { 0 };
	const char *text;

	if (http_send(http, request, &out, &err))
		text = arena_format(&arena, "%d %.*s", out.status, (int)out.body.length,
			out.body.data ? out.body.data : "");
	else
		text = arena_format(&arena, "error %d: %s: %s", err.kind, err.what, err.why);
	http_answer_release(&out);
	return text;
}

static const char *
error_of(enum error_kind kind, const char *words)
{
	return arena_format(&arena, "error %d: %s", kind, words);
}

static void
begins(const char *text, const char *start_of_it)
{
	if (!text_starts(text, start_of_it))
		fail_msg("'%s' does not begin with '%s'", text, start_of_it);
}

static void
test_answers(void **state)
{
	static const char *const headers[] = { "X-Own: 1", "Authorization: none", NULL };
	struct http *http = http_new();
	const char *text;

	(void)state;
	assert_string_equal(
		fetch(http, &(struct http_request){ .url = url("/number/7") }), "200 7");
	assert_string_equal(
		fetch(http, &(struct http_request){ .url = url("/no") }), "404 nothing here");
	assert_string_equal(
		fetch(http, &(struct http_request){ .url = url("/chunked") }), "200 abcde");
	/* Redirects are answers. */
	assert_string_equal(fetch(http, &(struct http_request){ .url = url("/redirect") }), "302 ");
	text = fetch(http, &(struct http_request){ .url = url("/echo?a=b"),
				   .headers = headers,
				   .body = VIEW("form=1&\0two") });
	begins(text, "200 POST /echo?a=b HTTP/1.1\r\n");
	assert_non_null(strstr(text, "X-Own: 1\r\n"));
	assert_non_null(strstr(text, "Content-Length: 11\r\n"));
	assert_null(strcasestr(text, "Expect:"));
	assert_non_null(strstr(text, "\r\n\r\nform=1&"));
	begins(fetch(http, &(struct http_request){ .url = url("/echo"), .method = "PUT" }),
		"200 PUT /echo");
	begins(fetch(http, &(struct http_request){ .url = url("/echo"), .method = "POST" }),
		"200 POST /echo");
	http_free(http);
}

static void
test_headers(void **state)
{
	struct http *http = http_new();
	struct http_request request = { .url = url("/continue") };
	struct http_answer out;
	struct error err = { 0 };

	(void)state;
	assert_true(http_send(http, &request, &out, &err));
	assert_string_equal(http_header(&arena, &out, "X-NEW"), "two words");
	assert_string_equal(http_header(&arena, &out, "content-length"), "2");
	assert_null(http_header(&arena, &out, "X-Old")); /* of the 100 before */
	assert_null(http_header(&arena, &out, "X"));
	assert_null(http_header(&arena, &out, "X-New-er"));
	http_answer_release(&out);
	request.url = url("/headers");
	begins(fetch(http, &request),
		error_of(ERR_LIMIT, "the headers of the answer are too long"));
	http_free(http);
}

static void
test_broken(void **state)
{
	static const struct {
		const char *path;
		enum error_kind kind;
		const char *words;
	} rows[] = {
		{ "/cut", ERR_UNREACHABLE, "was cut off" },
		{ "/torn", ERR_UNREACHABLE, "was cut off" },
		{ "/dead", ERR_UNREACHABLE, "was cut off" },
	};
	struct http *http = http_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = fetch(http, &(struct http_request){ .url = url(rows[i].path) });

		begins(text, error_of(rows[i].kind, "the answer of http://127.0.0.1"));
		assert_non_null(strstr(text, rows[i].words));
	}
	begins(fetch(http, &(struct http_request){ .url = url("/after/3000"), .timeout_ms = 60 }),
		error_of(ERR_TIMEOUT, "no whole answer from http"));
	begins(fetch(http, &(struct http_request){ .url = "http://127.0.0.1:1/x?secret=1" }),
		error_of(ERR_UNREACHABLE, "cannot reach http://127.0.0.1:1/x:"));
	begins(fetch(http, &(struct http_request){ .url = "file:///etc/hostname" }),
		error_of(ERR_UNREACHABLE, "cannot reach file:"));
	begins(fetch(http, &(struct http_request){ .url = "no address" }),
		error_of(ERR_UNREACHABLE, ""));
	/* And the next one is well. */
	assert_string_equal(
		fetch(http, &(struct http_request){ .url = url("/number/1") }), "200 1");
	http_free(http);
}

static void
test_maximum(void **state)
{
	static const struct {
		const char *path;
		size_t maximum;
		bool fits;
	} rows[] = {
		{ "/zeros/1000", 1000, true },
		{ "/zeros/1001", 1000, false },
		{ "/zeros/1048576", 0, true },
		{ "/zeros/1048577", 0, false },
		{ "/zeros/3000000", 4 * MEBIBYTE, true },
	};
	struct http *http = http_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct http_request request = { .url = url(rows[i].path),
			.maximum = rows[i].maximum };
		struct http_answer out;
		struct error err = { 0 };

		assert_int_equal(http_send(http, &request, &out, &err), rows[i].fits);
		if (rows[i].fits)
			assert_int_equal(out.body.length, strtoul(rows[i].path + 7, NULL, 10));
		else
			assert_int_equal(err.kind, ERR_LIMIT);
		http_answer_release(&out);
	}
	http_free(http);
}

struct taker {
	size_t length, most;
	int pieces;
};

static bool
take(void *context, struct view bytes, struct error *err)
{
	struct taker *taker = context;

	taker->length += bytes.length;
	taker->pieces++;
	if (taker->length <= taker->most)
		return true;
	return failed_after(error_set(err, ERR_PARSE, "enough of this"));
}

static void
test_take(void **state)
{
	struct http *http = http_new();
	struct taker all = { .most = 100 * MEBIBYTE }, some = { .most = 100000 }, none = { 0 };
	struct http_request request = {
		.url = url("/zeros/20000000"), .take = take, .context = &all, .maximum = 10
	};

	(void)state;
	assert_string_equal(fetch(http, &request), "200 "); /* the maximum is of what is kept */
	assert_int_equal(all.length, 20000000);
	assert_true(all.pieces > 1);
	request.context = &some;
	begins(fetch(http, &request), error_of(ERR_PARSE, "enough of this"));
	assert_true(some.length < 1000000);
	request.context = &none;
	request.maximum = 100;
	request.url = url("/no"); /* what is no success is not for the taker */
	assert_string_equal(fetch(http, &request), "404 nothing here");
	assert_int_equal(none.pieces, 0);
	http_free(http);
}

static void
test_connections_are_kept(void **state)
{
	struct http *http = http_new();
	const struct http_request request = { .url = url("/process") };
	const char *first = fetch(http, &request);

	(void)state;
	begins(first, "200 ");
	for (int i = 0; i < 10; i++)
		assert_string_equal(fetch(http, &request), first);
	/* One that was cut is not used again. */
	begins(fetch(http, &(struct http_request){ .url = url("/cut") }), "error");
	begins(fetch(http, &request), "200 ");
	http_free(http);
}

struct asker {
	struct http *http;
	int number, *done;
	const char *path, *got;
};

static void
asker_run(void *context)
{
	struct asker *asker = context;

	for (int i = 0; i < 3; i++) {
		asker->got = fetch(asker->http, &(struct http_request){ .url = asker->path });
		if (!text_starts(asker->got, "200 "))
			break;
	}
	++*asker->done;
}

/* More than there are connections; each has its own answer. */
static void
test_many_at_once(void **state)
{
	enum { COUNT = 200 };
	struct http *http = http_new();
	struct asker askers[COUNT];
	int done = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		askers[i] = (struct asker){ .http = http, .number = i, .done = &done };
		askers[i].path = url(arena_format(&arena, "/number/%d", i));
		http_spawn(http, asker_run, &askers[i]);
	}
	http_run(http);
	assert_int_equal(done, COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_string_equal(askers[i].got, arena_format(&arena, "200 %d", i));
	http_free(http);
}

/* Ten that each wait 100 ms, three times: not one after the other, which would be three seconds. */
static void
test_side_by_side(void **state)
{
	struct http *http = http_new();
	struct asker askers[10];
	uint64_t start_ms = clock_ms();
	int done = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(askers); i++) {
		askers[i] =
			(struct asker){ .http = http, .done = &done, .path = url("/after/100") };
		http_spawn(http, asker_run, &askers[i]);
	}
	/* One request outside of any fiber lets them go on too. */
	assert_string_equal(
		fetch(http, &(struct http_request){ .url = url("/after/300") }), "200 at last");
	http_run(http);
	assert_int_equal(done, 10);
	assert_string_equal(askers[9].got, "200 at last");
	assert_true(clock_ms() - start_ms < 3200);
	http_free(http);
}

/* Nothing of an address or a header is shown where a secret may be, and no header makes another. */
static void
test_secrets(void **state)
{
	static const char *const rows[][2] = {
		{ "http://u:hush@127.0.0.1:1/a/b?key=hush",
			"cannot reach http://127.0.0.1:1/a/b:" },
		{ "http://hush@@127.0.0.1:1", "cannot reach http://127.0.0.1:1:" },
		{ "http://127.0.0.1:1/a@b", "cannot reach http://127.0.0.1:1/a@b:" },
		{ "http://127.0.0.1:1?hush@b", "cannot reach http://127.0.0.1:1:" },
	};
	static const char *const token[] = { "X-Fine: 1", "X-Token: hush\r\nX-Evil: 1", NULL };
	struct http *http = http_new();
	const char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		text = fetch(http, &(struct http_request){ .url = rows[i][0] });
		begins(text, error_of(ERR_UNREACHABLE, rows[i][1]));
		assert_null(strstr(text, "hush"));
	}
	text = fetch(http, &(struct http_request){ .url = url("/echo"), .headers = token });
	begins(text, error_of(ERR_OPTIONS, "the header X-Token holds a line break"));
	assert_null(strstr(text, "hush"));
	http_free(http);
}

static bool
stand_in(void *context, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	++*(int *)context;
	if (strstr(request->url, "broken"))
		return failed_after(error_set(err, ERR_TIMEOUT, "the stand-in is tired"));
	out->status = 201;
	str_add(&out->body, request->url);
	return true;
}

static void
test_stand_in(void **state)
{
	struct http *http = http_new();
	int count = 0;

	(void)state;
	http_set_stand_in(http, stand_in, &count);
	assert_string_equal(
		fetch(http, &(struct http_request){ .url = "http://a/" }), "201 http://a/");
	begins(fetch(http, &(struct http_request){ .url = "http://broken/" }),
		error_of(ERR_TIMEOUT, "the stand-in is tired"));
	assert_int_equal(count, 2);
	http_free(http);
	http_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fibers_take_turns),
		cmocka_unit_test(test_fibers_nest_and_are_deep),
		cmocka_unit_test_setup_teardown(test_sleep, begin, end),
		cmocka_unit_test_setup_teardown(test_wait, begin, end),
		cmocka_unit_test_setup_teardown(test_turns, begin, end),
		cmocka_unit_test_setup_teardown(test_answers, begin, end),
		cmocka_unit_test_setup_teardown(test_headers, begin, end),
		cmocka_unit_test_setup_teardown(test_broken, begin, end),
		cmocka_unit_test_setup_teardown(test_maximum, begin, end),
		cmocka_unit_test_setup_teardown(test_take, begin, end),
		cmocka_unit_test_setup_teardown(test_connections_are_kept, begin, end),
		cmocka_unit_test_setup_teardown(test_many_at_once, begin, end),
		cmocka_unit_test_setup_teardown(test_side_by_side, begin, end),
		cmocka_unit_test_setup_teardown(test_secrets, begin, end),
		cmocka_unit_test_setup_teardown(test_stand_in, begin, end),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
