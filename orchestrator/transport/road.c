/* Three kinds of roads behind one face. */
#include "orchestrator/transport/road.h"

#include <sys/wait.h>

#include "orchestrator/transport/child.h"
#include "orchestrator/transport/proxy.h"
#include "orchestrator/transport/session.h"
#include "orchestrator/transport/ssh_cli.h"
#include "orchestrator/transport/stream.h"

#define MAX_ERRORS 2048

struct road {
	enum road_kind kind;
	struct transport *transport;
	const struct road_handler *handler;
	void *context;
	bool is_freed;
	struct str text;
	struct str errors;
	int timeout_ms;
	bool has_failed; /* `why` waits to be told */
	struct error why;

	struct target *target;
	struct session *session;
	struct stream *stream;

	struct cli *cli;
	struct child *child;
};

static void
road_destroy(void *context)
{
	struct road *road = context;

	target_unref(road->target);
	cli_free(road->cli);
	str_release(&road->text);
	str_release(&road->errors);
	free(road);
}

static void road_begin(void *context);

void
road_free(struct road *road)
{
	if (!road || road->is_freed)
		return;
	road->is_freed = true;
	road->handler = NULL;
	stream_free(road->stream);
	session_free(road->session);
	child_free(road->child);
	loop_later_cancel(road->transport->loop, road_begin, road);
	loop_later(road->transport->loop, road_destroy, road);
}

/* The end of what was complained, as one printable line. */
static void
errors_line(const struct str *errors, char *out, size_t size)
{
	size_t start = errors->length > 400 ? errors->length - 400 : 0, at = 0;
	struct view text = view_trim((struct view){ errors->data + start, errors->length - start });

	for (size_t i = 0; i < text.length && at + 3 < size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '\n') {
			out[at++] = ';';
			out[at++] = ' ';
		} else if (c != '\r') {
			out[at++] = c >= ' ' && c < 127 ? (char)c : '?';
		}
	}
	out[at] = '\0';
}

/* The built-in ssh. */

static void
ssh_opened(void *context UNUSED)
{
}

static size_t
ssh_received(void *context, const void *bytes, size_t length, bool is_stderr)
{
	struct road *road = context;

	if (is_stderr) {
		str_add_bytes(&road->errors, bytes, length);
		if (road->errors.length > MAX_ERRORS)
			str_drop_front(&road->errors, road->errors.length - MAX_ERRORS);
	} else if (road->handler) {
		road->handler->received(road->context, bytes, length);
	}
	return length;
}

static void
ssh_drained(void *context)
{
	struct road *road = context;

	if (road->handler)
		road->handler->drained(road->context);
}

static void
ssh_command_closed(void *context, const struct error *err, int exit_status)
{
	struct road *road = context;
	char words[512];

	stream_free(road->stream);
	road->stream = NULL;
	if (!road->handler || (err && !session_is_up(road->session)))
		return; /* the session tells that it is lost */
	errors_line(&road->errors, words, sizeof(words));
	if (err)
		road->handler->closed(road->context, err);
	else
		road->handler->ended(road->context, exit_status, words);
}

static const struct stream_handler ssh_stream_handler = { ssh_opened, ssh_received, ssh_drained,
	NULL, ssh_command_closed };

static void
ssh_up(void *context)
{
	struct road *road = context;

	if (road->handler)
		road->handler->opened(road->context);
}

static void
ssh_progress(void *context, const char *what)
{
	struct road *road = context;

	if (road->handler && road->handler->progress)
		road->handler->progress(road->context, what);
}

static void
ssh_closed(void *context, const struct error *err)
{
	struct road *road = context;

	if (road->handler)
		road->handler->closed(road->context, err);
}

static const struct session_handler ssh_session_handler = { ssh_up, ssh_progress, ssh_closed };

static bool
ssh_prepare(struct road *road, const struct link_settings *settings, struct error *err)
{
	road->target = target_resolve(road->transport, settings, err);
	if (!road->target)
		return false;
	road->timeout_ms = road->target->timeout_ms;
	str_add_format(&road->text, "ssh %s", road->target->label);
	for (const struct target *hop = road->target->via; hop; hop = hop->via)
		str_add_format(&road->text, " by %s", hop->label);
	return true;
}

/* Children. */

static void
child_received(void *context, const void *bytes, size_t length)
{
	struct road *road = context;

	if (road->handler)
		road->handler->received(road->context, bytes, length);
}

static void
child_drained(void *context)
{
	ssh_drained(context);
}

static void
child_closed(void *context, int status, const char *words)
{
	struct road *road = context;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	struct error err;

	child_free(road->child);
	road->child = NULL;
	if (!road->handler)
		return;
	if (road->kind != ROAD_CLI || code != 255) {
		road->handler->ended(road->context, code, words);
		return;
	}
	fail(&err,
		strstr(words, "ermission denied") || strstr(words, "verification failed")
			? ERR_DENIED
			: ERR_UNREACHABLE,
		"your ssh did not reach '%s'", road->text.data);
	error_why(&err, "%s", words[0] ? words : "it ended with status 255");
	road->handler->closed(road->context, &err);
}

static const struct child_handler child_handler = { child_received, child_drained, child_closed };

static void
road_fail(struct road *road, const struct error *err)
{
	road->has_failed = true;
	road->why = *err;
	loop_later(road->transport->loop, road_begin, road);
}

void
road_execute(struct road *road, const char *command)
{
	struct error err;

	str_clear(&road->errors);
	if (road->kind == ROAD_SSH) {
		road->stream = stream_execute(road->session, command, &ssh_stream_handler, road);
		return;
	}
	road->child = child_start(road->transport->loop, cli_program(road->cli), -1,
		cli_arguments(road->cli, command), &child_handler, road, &err);
	if (!road->child)
		road_fail(road, &err);
}

bool
road_execute_file(struct road *road, int fd, const char *path, struct error *err)
{
	road->child = child_start(road->transport->loop, path, fd,
		(char *[]){ (char[]){ "ertc-runner" }, (char[]){ "-l" }, NULL }, &child_handler,
		road, err);
	return road->child != NULL;
}

/* All. */

bool
road_kind_find(const char *connection, enum road_kind *out, struct error *err)
{
	static const struct {
		const char *name;
		enum road_kind kind;
	} names[] = { { "ssh", ROAD_SSH }, { "smart", ROAD_SSH }, { "paramiko", ROAD_SSH },
		{ "paramiko_ssh", ROAD_SSH }, { "ssh-cli", ROAD_CLI }, { "local", ROAD_LOCAL } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equals(connection ? connection : "ssh", names[i].name)) {
			*out = names[i].kind;
			return true;
		}
	fail(err, ERR_UNSUPPORTED, "there is no connection '%s'", connection);
	return error_hint(err, "ansible_connection may be ssh, ssh-cli or local");
}

static bool
road_prepare(struct road *road, const struct link_settings *settings, struct error *err)
{
	road->timeout_ms = settings->timeout_s ? settings->timeout_s * 1000 : 10000;
	if (!road_kind_find(settings->connection, &road->kind, err))
		return false;
	if (road->kind == ROAD_SSH)
		return ssh_prepare(road, settings, err);
	if (road->kind == ROAD_LOCAL) {
		str_add(&road->text, "local");
		return true;
	}
	road->cli = cli_new(road->transport, settings, err);
	if (road->cli)
		str_add(&road->text, cli_text(road->cli));
	return road->cli != NULL;
}

static void
road_begin(void *context)
{
	struct road *road = context;

	if (!road->handler)
		return;
	if (road->has_failed)
		road->handler->closed(road->context, &road->why);
	else if (road->kind != ROAD_SSH)
		road->handler->opened(road->context);
}

struct road *
road_open(struct transport *transport, const struct link_settings *settings,
	const struct road_handler *handler, void *context)
{
	struct road *road = memory_get(sizeof(*road));

	*road = (struct road){ .transport = transport, .handler = handler, .context = context };
	str_init(&road->text);
	str_init(&road->errors);
	if (!road_prepare(road, settings, &road->why))
		road->has_failed = true;
	else if (road->kind == ROAD_SSH)
		road->session = session_new(transport, road->target, &ssh_session_handler, road);
	loop_later(transport->loop, road_begin, road);
	return road;
}

bool
road_is_local(const struct road *road)
{
	return road->kind == ROAD_LOCAL;
}

void
road_send(struct road *road, const void *bytes, size_t length)
{
	if (road->stream)
		stream_send(road->stream, bytes, length);
	else if (road->child)
		child_send(road->child, bytes, length);
}

size_t
road_queued(const struct road *road)
{
	return road->stream  ? stream_queued(road->stream)
	       : road->child ? child_queued(road->child)
			     : 0;
}

const char *
road_text(const struct road *road)
{
	return road->text.data;
}

int
road_timeout_ms(const struct road *road)
{
	return road->timeout_ms;
}
