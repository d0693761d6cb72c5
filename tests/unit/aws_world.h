#ifndef TESTS_UNIT_AWS_WORLD_H
#define TESTS_UNIT_AWS_WORLD_H
/*
 * A world for tests of the AWS client: environment, files below a folder of the test, a clock that
 * stands still, and answers in place of the network. What is a secret is noted, so that tests can
 * see that none is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "inventory/aws/login.h"
#include "json/json.h"
#include "os/files.h"

#include <cmocka.h> /* last: its fail() is not ours */

enum { THEN = 1234500000, MOST_SECRETS = 64 }; /* when the recorded keys were good */

static struct arena arena;
static char folder[] = "/tmp/ertc-credentials-XXXXXX";
static const char *root; /* of the case's files */
static char *secrets[MOST_SECRETS];
static size_t secret_count;
static struct str logged;

/* ---- around each test ---- */

static UNUSED int
begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static UNUSED int
end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static UNUSED void
note_line(enum log_level level, const char *line)
{
	(void)level;
	str_add(&logged, line);
	str_add_char(&logged, '\n');
}

static UNUSED void
note_secret(void *context, struct view secret)
{
	(void)context;
	assert_true(secret_count < MOST_SECRETS);
	secrets[secret_count] = memory_get(secret.length + 1);
	memcpy(secrets[secret_count], secret.data, secret.length);
	secrets[secret_count++][secret.length] = '\0';
}

static UNUSED void
secrets_forget(void)
{
	while (secret_count)
		free(secrets[--secret_count]);
	str_clear(&logged);
}

static int64_t now = THEN;

static UNUSED int64_t
fixed_now(void *context)
{
	(void)context;
	return now;
}

static UNUSED void
write_file(const char *path, const char *text)
{
	const char *full = arena_format(&arena, "%s%s%s", root, *path == '/' ? "" : "/", path);
	struct error err = { 0 };

	if (!directory_make(path_parent(&arena, full), 0755, &err) ||
		!file_replace(full, view_of(text), &(struct file_place){ 0 }, &err))
		fail_msg("%s: %s", err.what, err.why);
}

/* A new and empty folder for the next case. */
static UNUSED void
root_renew(void)
{
	static int count;
	struct error err = { 0 };

	if (!count)
		assert_non_null(mkdtemp(folder));
	root = arena_format(&arena, "%s/%d", folder, ++count);
	if (!directory_make(root, 0755, &err))
		fail_msg("%s", err.what);
}

static UNUSED int
clean_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	log_level = LOG_NONE;
	log_set_sink(NULL);
	secrets_forget();
	str_release(&logged);
	return !strchr(folder, 'X') && !tree_remove(folder, &err);
}

static UNUSED int
set_up(void **state)
{
	(void)state;
	str_init(&logged);
	log_level = LOG_DEBUG;
	log_set_sink(note_line);
	return 0;
}

static UNUSED const char *
vectors_path(const char *name)
{
	const char *place = getenv("ERTC_VECTORS");
	const char *path = arena_format(&arena, "%s/aws/cred-chain/%s",
		place && *place ? place : "../shared/vectors", name);

	if (file_exists(path))
		return path;
	printf("skip %s: the public test vectors are not here\n", name);
	return NULL;
}

static UNUSED const struct value *
json_file(const char *path)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct value *out = NULL;
	struct error err = { 0 };

	if (!file_read(path, 1 << 20, &text, &err) ||
		!json_parse(&arena, str_view(&text), &out, &err))
		fail_msg("%s: %s", path, err.what);
	return out;
}

static UNUSED const char *
text_of(const struct value *map, const char *name)
{
	return value_string(value_get(map, name));
}

static UNUSED struct aws *
client(const struct value *environment)
{
	const struct aws_world world = {
		.environment = environment, .root = root, .secret = note_secret, .now = fixed_now
	};

	return aws_new(&world);
}

static UNUSED const char *
error_all(const struct error *err)
{
	return arena_format(
		&arena, "%s | %s | %s | %s", err->what, err->why, err->where, err->hint);
}

static UNUSED void
no_secret_in(const char *name, const char *text)
{
	for (size_t i = 0; i < secret_count; i++)
		if (strlen(secrets[i]) >= 6 && strstr(text, secrets[i]))
			fail_msg("%s: the secret '%s' is shown in: %s", name, secrets[i], text);
}

/* Their words for an error → ours. */
struct words {
	const char *name, *ours;
};

static UNUSED void
error_compare(const struct words *words, const char *name, const struct error *err)
{
	for (; words->name; words++) {
		if (strcmp(words->name, name) != 0)
			continue;
		if (!strstr(error_all(err), words->ours))
			fail_msg("%s: %s", name, error_all(err));
		return;
	}
	fail_msg("no words of ours for '%s': %s", name, error_all(err));
}

/* ---- answers ---- */

static UNUSED bool
give(const struct http_request *request, struct http_answer *out, int status, struct view body,
	struct error *err)
{
	out->status = status;
	if (status == 200 && request->take)
		return request->take(request->context, body, err);
	str_add_view(&out->body, body);
	return true;
}

static UNUSED const char *
method_of(const struct http_request *request)
{
	return request->method ? request->method : request->body.length ? "POST" : "GET";
}

static UNUSED const char *
header_of(const struct http_request *request, const char *name)
{
	size_t length = strlen(name);

	for (const char *const *at = request->headers; at && *at; at++)
		if (!strncasecmp(*at, name, length) && (*at)[length] == ':')
			return *at + length + 1 + strspn(*at + length + 1, " ");
	return NULL;
}

/* A field of a form, decoded; NULL: it has none. */
static UNUSED const char *
form_field(struct view form, const char *name)
{
	struct view piece, key;
	int64_t byte;

	while (view_cut(&form, '&', &piece)) {
		_cleanup_str_ struct str text = STR_INIT;

		if (!view_cut(&piece, '=', &key) || !view_is(key, name))
			continue;
		for (size_t i = 0; i < piece.length; i++)
			if (piece.data[i] == '%' && i + 2 < piece.length &&
				number_parse_base(
					(struct view){ piece.data + i + 1, 2 }, 16, &byte)) {
				str_add_char(&text, (char)byte);
				i += 2;
			} else {
				str_add_char(&text, piece.data[i] == '+' ? ' ' : piece.data[i]);
			}
		return arena_view(&arena, str_view(&text));
	}
	return NULL;
}

#endif
