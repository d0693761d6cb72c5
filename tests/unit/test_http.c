/* Requests, against a server of our own on the loopback: by curl if it is there, and by ourselves.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "module/http.h"
#include "module/http_hop.h"
#include "module/jsontext.h"
#include "module/webform.h"

#include <cmocka.h> /* last: its fail() is not ours */

static int port;
static pid_t server;
static struct arena arena;

/* ---- the server ---- */

static void
answer(int fd, const char *status, const char *headers, const char *body, size_t length)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_add_format(&out, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
		status, headers, length);
	str_add_bytes(&out, body, length);
	if (!fd_write_all(fd, out.data, out.length))
		_exit(1);
}

static void
serve(int fd, const char *request, size_t length)
{
	char where[128];

	if (strstr(request, " /ok"))
		answer(fd, "200 OK", "Set-Cookie: a=1\r\nSet-Cookie: b=2; path=/\r\n", "hello", 5);
	else if (strstr(request, " /redirect "))
		answer(fd, "301 Moved Permanently", "Location: /echo?x\r\n", "", 0);
	else if (strstr(request, " /temporary "))
		answer(fd, "307 Temporary Redirect", "Location: echo\r\n", "", 0);
	else if (strstr(request, " /elsewhere ")) {
		snprintf(where, sizeof(where), "Location: http://localhost:%d/echo\r\n", port);
		answer(fd, "302 Found", where, "", 0);
	} else if (strstr(request, " /round "))
		answer(fd, "302 Found", "Location: /round\r\n", "", 0);
	else if (strstr(request, " /old "))
		answer(fd, strstr(request, "If-Modified-Since: ") ? "304 Not Modified" : "200 OK",
			"", "", 0);
	else if (strstr(request, " /echo"))
		answer(fd, "200 OK", "", request, length);
	else
		answer(fd, "404 Not Here", "", "none", 4);
}

/* A request is whole when its body is as long as it says. */
static bool
is_whole(const char *text, size_t length)
{
	const char *end = strstr(text, "\r\n\r\n"), *mark = strcasestr(text, "content-length: ");
	size_t body = mark && mark < end ? strtoul(mark + 16, NULL, 10) : 0;

	return end && (size_t)(end + 4 - text) + body <= length;
}

static void
run_server(int listener)
{
	for (;;) {
		char request[16384];
		size_t length = 0;
		ssize_t count = 1;
		int fd = accept(listener, NULL, NULL);

		request[0] = '\0';
		while (fd >= 0 && count > 0 && !is_whole(request, length)) {
			count = read(fd, request + length, sizeof(request) - 1 - length);
			length += (size_t)MAX(count, (ssize_t)0);
			request[length] = '\0';
		}
		if (fd >= 0)
			serve(fd, request, length);
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
		listen(listener, 16) < 0 ||
		getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		return 1;
	port = ntohs(address.sin_port);
	server = fork();
	if (!server)
		run_server(listener);
	close(listener);
	arena_init(&arena);
	unsetenv("http_proxy");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	arena_release(&arena);
	return 0;
}

/* ---- asking ---- */

struct question {
	struct http_options options;
	struct http_request request;
	struct http_answer answer;
	char body[16384];
};

static void
ask(struct question *question, const char *path)
{
	struct module_call call = { .arena = &arena };
	_cleanup_str_ struct str text = STR_INIT;
	struct error err = { 0 };

	question->options.url = arena_format(&arena, "http://127.0.0.1:%d%s", port, path);
	question->options.timeout = 5;
	question->options.http_agent = "ansible-httpget";
	question->request.options = &question->options;
	assert_true(module_workplace(&call, false, &question->request.directory, &err));
	if (!http_fetch(&call, &question->request, &question->answer, &err))
		fail_msg("%s: %s", err.what, err.why);
	if (question->answer.body && file_exists(question->answer.body))
		assert_true(
			file_read(question->answer.body, sizeof(question->body) - 1, &text, &err));
	memcpy(question->body, text.data, text.length + 1);
	assert_true(tree_remove(question->request.directory, &err));
}

static void
test_answers(void **state)
{
	struct question ok = { .options.use_netrc = false }, missing = { 0 }, old = { 0 };

	(void)state;
	ask(&ok, "/ok");
	assert_int_equal(ok.answer.status, 200);
	assert_string_equal(ok.answer.message, "OK (5 bytes)");
	assert_string_equal(ok.body, "hello");
	assert_string_equal(ok.answer.cookie_text, "b=2; a=1");
	assert_string_equal(
		value_string(value_get(ok.answer.headers, "set-cookie")), "a=1, b=2; path=/");
	assert_false(ok.answer.is_redirected);
	ask(&missing, "/nothing");
	assert_int_equal(missing.answer.status, 404);
	assert_string_equal(missing.answer.message, "HTTP Error 404: Not Here");
	old.request.newer_than = 1000000000;
	ask(&old, "/old");
	assert_int_equal(old.answer.status, 304);
}

static void
test_no_answer(void **state)
{
	struct question question = { 0 };
	struct module_call call = { .arena = &arena };
	struct error err = { 0 };

	(void)state;
	question.options.url = "http://127.0.0.1:1/";
	question.options.timeout = 5;
	question.options.http_agent = "x";
	question.request.options = &question.options;
	assert_true(module_workplace(&call, false, &question.request.directory, &err));
	assert_true(http_fetch(&call, &question.request, &question.answer, &err));
	assert_int_equal(question.answer.status, -1);
	assert_string_equal(question.answer.message,
		"Request failed: <urlopen error [Errno 111] Connection refused>");
	question.options.url = "gopher://x/";
	assert_true(http_fetch(&call, &question.request, &question.answer, &err));
	assert_string_equal(question.answer.message,
		"Request failed: <urlopen error unknown url type: gopher>");
	assert_true(tree_remove(question.request.directory, &err));
}

/* Who goes where, and as what. */
static void
test_redirects(void **state)
{
	static const struct {
		const char *path, *method;
		enum http_follow follow;
		int status;
		const char *then; /* the method of the last request; NULL: it stays where it is */
	} rows[] = {
		{ "/redirect", "GET", FOLLOW_ALL, 200, "GET /echo?x" },
		{ "/redirect", "GET", FOLLOW_NONE, 301, NULL },
		{ "/redirect", "POST", FOLLOW_ALL, 200, "GET /echo?x" },
		{ "/redirect", "POST", FOLLOW_SAFE, 301, NULL },
		{ "/redirect", "POST", FOLLOW_URLLIB2, 200, "GET /echo?x" },
		{ "/temporary", "POST", FOLLOW_ALL, 200, "POST /echo" },
		{ "/temporary", "POST", FOLLOW_URLLIB2, 307, NULL },
		{ "/temporary", "GET", FOLLOW_URLLIB2, 200, "GET /echo" },
		{ "/round", "GET", FOLLOW_ALL, 302, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct question question = { .request = { .method = rows[i].method,
						     .follow = rows[i].follow } };

		if (text_equals(rows[i].method, "POST")) {
			question.request.has_body = true;
			question.request.body = VIEW("x=1");
		}
		ask(&question, rows[i].path);
		assert_int_equal(question.answer.status, rows[i].status);
		assert_int_equal(question.answer.is_redirected, rows[i].then != NULL);
		if (rows[i].then && *rows[i].then)
			assert_true(text_starts(question.body, rows[i].then));
	}
}

static void
test_headers(void **state)
{
	struct value *headers = value_map(&arena);
	struct question question = { .options = { .url_username = "me",
					     .url_password = "se\"cret",
					     .force_basic_auth = true,
					     .headers = headers } };
	struct question dropped = question, elsewhere = question;

	(void)state;
	value_set(&arena, headers, "X-Test", value_text(&arena, "a \"b\" \\c"));
	ask(&question, "/redirect");
	assert_non_null(strstr(question.body, "X-Test: a \"b\" \\c\r\n"));
	assert_non_null(strstr(question.body, "User-Agent: ansible-httpget\r\n"));
	assert_non_null(strstr(question.body, "Authorization: Basic bWU6c2UiY3JldA==\r\n"));
	dropped.options.unredirected_headers = TEXTS("authorization");
	ask(&dropped, "/redirect");
	assert_null(strstr(dropped.body, "Authorization"));
	/* A password is not for another host, whatever is asked. */
	ask(&elsewhere, "/elsewhere");
	assert_int_equal(elsewhere.answer.status, 200);
	assert_null(strstr(elsewhere.body, "Authorization"));
}

static void
test_bodies(void **state)
{
	struct question question = { .request = { .method = "PUT", .has_body = true } };

	(void)state;
	question.request.body = VIEW("a\n\"b\"\\\t@c");
	question.request.content_type = "text/x-test";
	ask(&question, "/echo");
	assert_true(text_ends(question.body, "\r\n\r\na\n\"b\"\\\t@c"));
	assert_non_null(strstr(question.body, "Content-Type: text/x-test\r\n"));
}

static void
test_netrc(void **state)
{
	char name[] = "/tmp/ertc-netrc-XXXXXX";
	int fd = mkstemp(name);
	static const char text[] = "machine other login a password b\n"
				   "machine 127.0.0.1\nlogin me\npassword pw\n";
	struct question question = { .options.use_netrc = true };

	(void)state;
	assert_true(fd_write_all(fd, text, sizeof(text) - 1));
	close(fd);
	setenv("NETRC", name, 1);
	ask(&question, "/echo");
	unsetenv("NETRC");
	unlink(name);
	assert_non_null(strstr(question.body, "Authorization: Basic bWU6cHc=\r\n"));
}

/* Without curl. */
static void
test_plain(void **state)
{
	struct module_call call = { .arena = &arena };
	struct http_options options = { .timeout = 5 };
	struct value *headers = value_map(&arena);
	struct hop hop = { .options = &options, .method = "POST", .has_body = true };
	_cleanup_str_ struct str head = STR_INIT, body = STR_INIT;
	const char *message = NULL;
	struct error err = { 0 };

	(void)state;
	assert_true(module_workplace(&call, false, &hop.directory, &err));
	value_set(&arena, headers, "X-A", value_text(&arena, "b"));
	hop.url = arena_format(&arena, "http://localhost:%d/echo", port);
	hop.headers = headers;
	hop.body = VIEW("content");
	hop.body_path = path_join(&arena, hop.directory, "body");
	assert_true(hop_make_plain(&call, &hop, &head, &message, &err));
	assert_null(message);
	assert_true(text_starts(head.data, "HTTP/1.1 200 OK\r\n"));
	assert_true(file_read(hop.body_path, 65536, &body, &err));
	assert_true(text_starts(body.data, "POST /echo HTTP/1.0\r\n"));
	assert_true(text_ends(body.data, "\r\n\r\ncontent"));
	hop.url = "http://127.0.0.1:1/";
	assert_true(hop_make_plain(&call, &hop, &head, &message, &err));
	assert_string_equal(
		message, "Request failed: <urlopen error [Errno 111] Connection refused>");
	assert_true(tree_remove(hop.directory, &err));
}

static void
test_urls(void **state)
{
	static const struct {
		const char *base, *location, *result;
	} rows[] = {
		{ "http://a/b/c?d", "e", "http://a/b/e" },
		{ "http://a/b/c?d", "/e", "http://a/e" },
		{ "http://a/b/c?d", "?e", "http://a/b/c?e" },
		{ "http://a/b/c?d", "//h/e", "http://h/e" },
		{ "http://a/b/c?d", "https://h/e f", "https://h/e%20f" },
		{ "http://a", "e", "http://a/e" },
	};
	struct http_url url;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(
			http_url_join(&arena, rows[i].base, rows[i].location), rows[i].result);
	http_url_split("https://me:p@ss@[::1]:8443/x?y#z", &url);
	assert_true(view_is(url.login, "me:p@ss"));
	assert_true(view_is(url.host, "[::1]:8443"));
	assert_true(view_is(url.path, "/x?y"));
	assert_string_equal(http_url_name(&arena, "http://a/b/c.tgz?x=/y"), "c.tgz");
	assert_string_equal(http_url_name(&arena, "http://a"), "");
}

/* What json.loads takes and refuses; what json.dumps writes. */
static void
test_json(void **state)
{
	static const char *const good[] = { "[1, -0.5e3, true, null, \"a\\u00e4\\ud83d\\ude00\"]",
		"NaN", "-Infinity", " {\"a\": {\"b\": []}} ", "\"\"" };
	static const char *const bad[] = { "", "[1,]", "{\"a\":1,}", "[01]", "[1.]", "[0x1]",
		"[\"a\tb\"]", "[\"\\x\"]", "[1] 2", "{a: 1}", "['a']", "[tru]", "[\"a]", "[1" };
	_cleanup_str_ struct str out = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_non_null(jsontext_read(&arena, view_of(good[i])));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(jsontext_read(&arena, view_of(bad[i])));
	jsontext_add(
		jsontext_read(&arena,
			VIEW("{\"k\": [1, 2.5, null, \"\\u00e4\\ud83d\\ude00\\n\\\"\\u007f\"]}")),
		&out);
	assert_string_equal(
		out.data, "{\"k\": [1, 2.5, null, \"\\u00e4\\ud83d\\ude00\\n\\\"\\u007f\"]}");
}

static void
test_forms(void **state)
{
	struct module_call call = { .arena = &arena };
	_cleanup_str_ struct str out = STR_INIT, parts = STR_INIT;
	const char *type;
	struct error err = { 0 };

	(void)state;
	assert_true(form_urlencode(&call,
		jsontext_read(&arena, VIEW("{\"a\": \"\\u00e4 b&\", \"c\": [1, 2]}")), &out, &err));
	assert_string_equal(out.data, "a=%C3%A4+b%26&c=1&c=2");
	assert_false(form_urlencode(&call, jsontext_read(&arena, VIEW("[\"foo\"]")), &out, &err));
	assert_non_null(strstr(err.what, "too many values to unpack"));
	assert_false(form_multipart(
		&call, jsontext_read(&arena, VIEW("{\"n\": 1}")), &parts, &type, &err));
	assert_string_equal(err.what, "failed to parse body as form-multipart: value must be a "
				      "string, or mapping, cannot be type int");
	str_clear(&parts);
	assert_true(form_multipart(&call,
		jsontext_read(&arena, VIEW("{\"f\": {\"content\": \"x\", \"filename\": "
					   "\"d/a.txt\"}, \"t\": \"v\"}")),
		&parts, &type, &err));
	assert_non_null(strstr(parts.data, "name=\"f\"; filename=\"a.txt\"\r\n\r\nx\r\n--"));
	assert_non_null(strstr(parts.data, "name=\"t\"\r\n\r\nv\r\n--"));
	assert_true(text_starts(type, "multipart/form-data; boundary=\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_netrc),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
