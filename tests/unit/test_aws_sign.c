/* Signatures against the two public suites of Signature Version 4 (vectors: see tests/README), and
 * Version 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include "inventory/aws/sign.h"
#include "json/json.h"
#include "os/files.h"

#include <cmocka.h> /* last: its fail() is not ours */

static struct arena arena;

static const char *
vectors(const char *folder)
{
	const char *root = getenv("ERTC_VECTORS");
	const char *path = arena_format(&arena, "%s/%s", root ? root : "../shared/vectors", folder);

	if (file_exists(path))
		return path;
	printf("skip  %s is not here\n", path);
	return NULL;
}

static const char *
text_of(const char *folder, const char *name)
{
	_cleanup_str_ struct str text;
	const char *path = arena_format(&arena, "%s/%s", folder, name);

	str_init(&text);
	if (!file_exists(path) || !file_read(path, 1 << 20, &text, NULL))
		return NULL;
	return arena_view(&arena, str_view(&text));
}

/* ---- requests as text ---- */

struct parsed {
	struct sign_request request;
	struct sign_header headers[32];
	const char *token; /* X-Amz-Security-Token of the request */
};

static void
headers_parse(struct parsed *out, struct view *rest)
{
	struct view line, name;
	size_t count = 0;

	while (view_cut(rest, '\n', &line) && line.length) {
		if (line.data[0] == ' ' || line.data[0] == '\t') { /* goes on */
			out->headers[count - 1].value = arena_format(&arena, "%s\n%.*s",
				out->headers[count - 1].value, (int)line.length, line.data);
			continue;
		}
		assert_true(view_cut(&line, ':', &name));
		out->headers[count++] =
			(struct sign_header){ arena_view(&arena, name), arena_view(&arena, line) };
	}
}

/* `drops`: a header that the signing adds by itself. */
static void
header_drop(struct parsed *out, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; out->headers[i].name; i++)
		if (strcasecmp(out->headers[i].name, name) != 0)
			out->headers[kept++] = out->headers[i];
		else
			out->token = arena_view(&arena, view_trim(view_of(out->headers[i].value)));
	out->headers[kept].name = NULL;
}

static void
request_parse(const char *text, struct parsed *out)
{
	struct view rest = view_of(text), line, method, target;

	*out = (struct parsed){ 0 };
	assert_true(view_cut(&rest, '\n', &line));
	assert_true(view_cut(&line, ' ', &method));
	out->request.method = arena_view(&arena, method);
	target = line;
	assert_true(view_ends(target, " HTTP/1.1"));
	target.length -= strlen(" HTTP/1.1");
	out->request.query = target;
	(void)view_cut(&out->request.query, '?', &out->request.path);
	out->request.headers = out->headers;
	headers_parse(out, &rest);
	out->request.body = rest;
	header_drop(out, "X-Amz-Date");
	out->token = NULL;
}

static int64_t
time_parse(const char *text)
{
	struct tm parts = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts));
	return timegm(&parts);
}

static bool
differs(const char *folder, const char *name, const char *ours)
{
	const char *theirs = text_of(folder, name);
	struct view wanted = view_of(theirs), given = view_of(ours);

	if (!theirs)
		return false;
	while (wanted.length && wanted.data[wanted.length - 1] == '\n')
		wanted.length--;
	while (given.length && given.data[given.length - 1] == '\n')
		given.length--;
	if (view_equals(wanted, given))
		return false;
	printf("%s/%s\n--- theirs\n%.*s\n--- ours\n%s\n", folder, name, (int)wanted.length,
		wanted.data, ours);
	return true;
}

/* ---- aws-c-auth ---- */

static const char *
member(const struct value *map, const char *key)
{
	return value_string(value_get(map, key));
}

static int
suite_case(const char *folder)
{
	const struct value *context, *credentials;
	struct aws_keys keys = { 0 };
	struct parsed parsed;
	struct sign_result result;
	int bad = 0;

	assert_true(json_parse(&arena, view_of(text_of(folder, "context.json")), &context, NULL));
	credentials = value_get(context, "credentials");
	keys.id = member(credentials, "access_key_id");
	keys.secret = member(credentials, "secret_access_key");
	keys.token = member(credentials, "token");
	request_parse(text_of(folder, "request.txt"), &parsed);

	struct sign_options options = { .keys = &keys,
		.region = member(context, "region"),
		.service = member(context, "service"),
		.time = time_parse(member(context, "timestamp")),
		.keeps_path = !value_is_true(value_get(context, "normalize")),
		.shows_body_hash = value_is_true(value_get(context, "sign_body")),
		.token_is_unsigned = value_is_true(value_get(context, "omit_session_token")),
		.expires_s = value_get(context, "expiration_in_seconds")->integer };

	sign_v4(&arena, &parsed.request, &options, &result);
	bad += differs(folder, "header-canonical-request.txt", result.canonical);
	bad += differs(folder, "header-string-to-sign.txt", result.to_sign);
	bad += differs(folder, "header-signature.txt", result.signature);
	sign_v4_query(&arena, &parsed.request, &options, &result);
	bad += differs(folder, "query-canonical-request.txt", result.canonical);
	bad += differs(folder, "query-string-to-sign.txt", result.to_sign);
	bad += differs(folder, "query-signature.txt", result.signature);
	return bad;
}

static void
test_suite_of_c_auth(void **state)
{
	const char *root = vectors("sigv4/aws-c-auth-v4");
	const char *const *names;
	int count = 0, bad = 0;

	(void)state;
	if (!root)
		skip();
	names = directory_names(&arena, root, NULL);
	for (; *names; names++) {
		const char *folder = arena_format(&arena, "%s/%s", root, *names);

		if (!file_exists(arena_format(&arena, "%s/context.json", folder)))
			continue;
		bad += suite_case(folder);
		count++;
	}
	printf("      %d cases of aws-c-auth-v4\n", count);
	assert_int_equal(bad, 0);
	assert_true(count >= 38);
}

/* ---- the older suite ---- */

static int
older_case(const char *folder, const char *name)
{
	static const struct aws_keys keys = { .id = "AKIDEXAMPLE",
		.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
	struct aws_keys own = keys;
	struct sign_options options = { .keys = &own,
		.region = "us-east-1",
		.service = "service",
		.time = time_parse("2015-08-30T12:36:00Z") };
	struct parsed parsed;
	struct sign_result result;
	int bad = 0;

	request_parse(text_of(folder, arena_format(&arena, "%s.req", name)), &parsed);
	/* post-sts-header-after adds the token behind the signature: it is not in this request. */
	header_drop(&parsed, "X-Amz-Security-Token");
	own.token = parsed.token && strstr(name, "before") ? parsed.token : NULL;
	if (!strcmp(name, "get-vanilla-with-session-token"))
		own.token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
	sign_v4(&arena, &parsed.request, &options, &result);
	bad += differs(folder, arena_format(&arena, "%s.creq", name), result.canonical);
	bad += differs(folder, arena_format(&arena, "%s.sts", name), result.to_sign);
	bad += differs(folder, arena_format(&arena, "%s.authz", name), result.authorization);
	return bad;
}

static int
older_folder(const char *path, int *count)
{
	const char *const *names = directory_names(&arena, path, NULL);
	int bad = 0;

	for (; names && *names; names++) {
		const char *inner = arena_format(&arena, "%s/%s", path, *names);
		struct stat status;

		if (stat(inner, &status) == 0 && S_ISDIR(status.st_mode)) {
			bad += older_folder(inner, count);
		} else if (text_ends(*names, ".req")) {
			bad += older_case(path,
				arena_format(&arena, "%.*s", (int)strlen(*names) - 4, *names));
			(*count)++;
		}
	}
	return bad;
}

static void
test_older_suite(void **state)
{
	const char *root = vectors("sigv4/aws4_testsuite");
	int count = 0, bad;

	(void)state;
	if (!root)
		skip();
	bad = older_folder(root, &count);
	printf("      %d cases of aws4_testsuite\n", count);
	assert_int_equal(bad, 0);
	assert_true(count >= 30);
}

/* ---- version 2: what botocore's SigV2Auth gives for the same requests ---- */

static void
test_version_2(void **state)
{
	static const struct aws_keys keys = { .id = "KEY", .secret = "SECRET" };
	static const struct {
		const char *method;
		bool is_sha1;
		const char *signature;
	} cases[] = {
		{ "GET", false, "lnTow3V5uJDl8R3mKiS1sNS2MWqPhY4wSzX%2BcobvMsU%3D" },
		{ "POST", false, "paNht1I0WGRloLioGj9EIO%2BlAA1qYz0Z4ygabwFPsDE%3D" },
		{ "POST", true, "knzdoSNp%2F70KszFUxi8csEU3DWg%3D" },
	};
	struct value *parameters = value_map(&arena);
	int64_t time = time_parse("2011-10-03T15:19:30Z");

	(void)state;
	value_set(&arena, parameters, "Action", value_text(&arena, "DescribeInstances"));
	value_set(&arena, parameters, "Version", value_text(&arena, "2009-03-31"));
	value_set(&arena, parameters, "Filter.1.Name", value_text(&arena, "a b/c~d"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *form = sign_v2(&arena, cases[i].method, "one.example.org:4567",
			"/econe", parameters, &keys, time, cases[i].is_sha1);

		assert_non_null(strstr(form, "&Filter.1.Name=a%20b%2Fc~d&"));
		assert_non_null(strstr(form, "&Timestamp=2011-10-03T15%3A19%3A30Z&"));
		assert_string_equal(strstr(form, "&Signature="),
			arena_format(&arena, "&Signature=%s", cases[i].signature));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suite_of_c_auth),
		cmocka_unit_test(test_older_suite),
		cmocka_unit_test(test_version_2),
	};
	int failed;

	arena_init(&arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed != 0;
}
