/* Keys of a container: ECS by a path on a fixed address, EKS and others by a whole URL. */
#include <strings.h>
#include <arpa/inet.h>

#include "inventory/aws/login.h"
#include "json/json.h"

enum { TIMEOUT_MS = 2000, TRIES = 3, LARGEST_ANSWER = 64 * 1024 };

static const char *const relative_variable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char *const full_variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

static enum login_choice
container_choose(struct aws_login *login, struct error *err)
{
	if (login_environment(login, relative_variable) || login_environment(login, full_variable))
		return LOGIN_THIS;
	fail(err, ERR_MISSING, "%s is not set", relative_variable);
	return LOGIN_NOT_THIS;
}

/* The host of an address, without port and brackets. */
static struct view
host_of(const char *url)
{
	const char *start = strstr(url, "://") + 3;
	size_t length = strcspn(start, "/?#");

	if (*start == '[') {
		const char *end = memchr(start, ']', length);

		return end ? (struct view){ start + 1, (size_t)(end - start - 1) }
			   : (struct view){ start, 0 };
	}
	return (struct view){ start, strcspn(start, ":/?#") };
}

/* The token goes in clear over http: only to this machine, and to where ECS and EKS answer. */
static bool
is_near(struct arena *into, struct view host)
{
	static const char *const names[] = { "localhost", "169.254.170.2", "169.254.170.23" };
	const char *text = arena_view(into, host);
	struct in6_addr wide, eks;
	struct in_addr narrow;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(text, names[i]))
			return true;
	if (inet_pton(AF_INET, text, &narrow) == 1)
		return ntohl(narrow.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, text, &wide) == 1 &&
	       inet_pton(AF_INET6, "fd00:ec2::23", &eks) == 1 &&
	       (IN6_IS_ADDR_LOOPBACK(&wide) || IN6_ARE_ADDR_EQUAL(&wide, &eks));
}

bool
container_url(
	const struct aws_login *login, struct arena *into, const char **out, struct error *err)
{
	const char *path = login_environment(login, relative_variable);
	const char *url = login_environment(login, full_variable);
	struct view host;

	if (path) {
		*out = arena_format(
			into, "http://169.254.170.2%s%s", *path == '/' ? "" : "/", path);
		return true;
	}
	if (!url)
		return fail(err, ERR_MISSING, "neither %s nor %s is set", relative_variable,
			full_variable);
	if (!text_starts(url, "http://") && !text_starts(url, "https://")) {
		fail(err, ERR_OPTIONS, "%s names no host", full_variable);
		return error_why(err, "'%s' does not begin with http:// or https://", url);
	}
	host = host_of(url);
	/* What stands before an @ is no host, whatever it looks like. */
	if (!host.length || memchr(url, '@', strlen(url)))
		return fail(err, ERR_OPTIONS, "%s names no host", full_variable);
	if (text_starts(url, "http://") && !is_near(into, host)) {
		fail(err, ERR_OPTIONS, "%s may not name the host '%.*s' without TLS", full_variable,
			(int)host.length, host.data);
		return error_hint(err, "use https, or a loopback address");
	}
	*out = arena_text(into, url);
	return true;
}

/* A line break in it would begin another header. */
static bool
token_find(struct aws_login *login, const char **out, struct error *err)
{
	const char *path = login_environment(login, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *text = login_environment(login, "AWS_CONTAINER_AUTHORIZATION_TOKEN");

	*out = NULL;
	if (path) {
		if (!login_read_secret(login, path, out, err))
			return error_context(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	} else if (text) {
		*out = login_secret(login, view_of(text));
	}
	if (*out && strpbrk(*out, "\r\n"))
		return fail(err, ERR_OPTIONS,
			"the authorization token of the container has more "
			"than one line");
	return true;
}

static bool
answer_read(struct aws_login *login, struct arena *scratch, const struct http_answer *answer,
	struct aws_keys *out, struct error *err)
{
	const struct value *map;
	bool ok;

	if (answer->status != 200) {
		fail(err, ERR_DENIED, "the container gave no AWS credentials");
		return error_why(err, "its server answered with status %d", answer->status);
	}
	if (!json_parse(scratch, str_view(&answer->body), &map, NULL) || !value_is_map(map))
		return fail(err, ERR_PROTOCOL,
			"the answer of the container's credentials server "
			"is no JSON object");
	ok = login_keys_read(login, map, &login_names_metadata,
		"the answer of the container's credentials server", out, err);
	value_wipe(map);
	out->from = "the container's role";
	return ok;
}

static bool
container_ask(struct aws_login *login, bool renews UNUSED, struct aws_keys *out, struct error *err)
{
	const struct login_asking how = { .tries = TRIES, .tries_silence = true };
	const char *headers[3] = { "Accept: application/json" }, *token;
	struct http_request request = { .headers = headers,
		.timeout_ms = TIMEOUT_MS,
		.connect_ms = TIMEOUT_MS,
		.maximum = LARGEST_ANSWER };
	struct http_answer answer = { 0 };
	struct arena scratch;
	bool ok;

	arena_init(&scratch);
	ok = container_url(login, &scratch, &request.url, err) && token_find(login, &token, err);
	request.has_no_proxy = ok && text_starts(request.url, "http://");
	if (ok && token)
		headers[1] = arena_format(&scratch, "Authorization: %s", token);
	ok = ok && login_send(login, &request, &how, &answer, err) &&
	     answer_read(login, &scratch, &answer, out, err);
	login_answer_release(&answer);
	if (headers[1])
		memory_wipe((void *)(uintptr_t)headers[1], strlen(headers[1]));
	arena_release(&scratch);
	return ok;
}

const struct login_provider provider_container = { LOGIN_CONTAINER, "container", container_choose,
	container_ask, NULL };
