/* A road with the runner at its end: bootstrap first, then bytes as they are. */
#include "orchestrator/delivery/link.h"

#include <sys/utsname.h>

#include "orchestrator/delivery/bootstrap.h"
#include "orchestrator/delivery/local.h"
#include "orchestrator/delivery/runners.h"
#include "orchestrator/transport/road.h"

#define MAX_NOISE (64 * 1024)
#define MAX_PUSHES 8
#define QUIET_S 30 /* the bootstrap may be silent so long */

enum link_state { LINK_OPENING, LINK_STARTING, LINK_READY, LINK_DEAD };

struct link {
	struct transport *transport;
	struct link_handler calls;
	void *context;
	enum link_state state;
	bool is_freed;
	char *name, *remote_dir;
	struct road *road;
	struct str noise; /* what came before the runner; the line at hand is its end */
	size_t line;	  /* where that begins */
	struct loop_timer *deadline;
	int pushes;
	bool is_from_memory; /* the second way was taken */
	char architecture[64];
	struct link *next, **self;
};

static void
link_destroy(void *context)
{
	struct link *link = context;

	str_release(&link->noise);
	free(link->name);
	free(link->remote_dir);
	free(link);
}

void
link_close(struct link *link)
{
	if (!link || link->is_freed)
		return;
	link->is_freed = true;
	link->state = LINK_DEAD;
	*link->self = link->next;
	if (link->next)
		link->next->self = link->self;
	loop_timer_remove(link->deadline);
	link->deadline = NULL;
	road_free(link->road);
	link->road = NULL;
	loop_later(link->transport->loop, link_destroy, link);
}

/* Servers' words stand in it: nothing may reach a terminal that it would obey. */
static void
error_clean(struct error *err)
{
	char *texts[] = { err->what, err->where, err->why, err->hint };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (char *at = texts[i]; *at; at++)
			if ((unsigned char)*at < ' ' || *at == 127)
				*at = *at == '\n' ? ' ' : '?';
}

/* The last call to the owner. */
static void
link_end(struct link *link, const struct error *err)
{
	bool was_ready = link->state == LINK_READY;
	struct link_handler calls = link->calls;
	void *context = link->context;
	struct error copy;

	if (link->state == LINK_DEAD)
		return;
	if (err) {
		copy = *err; /* it may live in what is closed now */
		error_clean(&copy);
	}
	link_close(link);
	calls.closed(context, err ? &copy : NULL, was_ready);
}

static void
link_progress(struct link *link, const char *what)
{
	if (link->calls.progress)
		link->calls.progress(link->context, what);
}

/* Messages. */

/* What was printed, cut to a line of what a terminal can show. */
static void
noise_text(const struct link *link, char *out, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < link->noise.length && at + 5 < size && i < 200; i++) {
		unsigned char c = (unsigned char)link->noise.data[i];

		if (c >= ' ' && c < 127)
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(
				out + at, size - at, c == '\n' ? "\\n" : "\\x%02x", c);
	}
	out[at] = '\0';
}

static void
link_fail_start(struct link *link, enum error_kind kind, const char *why)
{
	struct error err;
	char noise[512];

	noise_text(link, noise, sizeof(noise));
	fail(&err, kind, "cannot start the runner on '%s'", link->name);
	error_why(&err, "%s%s%s%s", why, noise[0] ? "; it printed \"" : "", noise,
		noise[0] ? "\"" : "");
	if (noise[0])
		error_hint(&err, "the login shell must run commands; what it prints is passed over "
				 "up to 64 KiB");
	link_end(link, &err);
}

static void
link_fail_nowhere(struct link *link)
{
	struct error err;

	fail(&err, ERR_DENIED, "there is no place on '%s' to start the runner from", link->name);
	error_why(&err, "tried %s%s" BOOTSTRAP_PLACES ", and memory by perl and python3",
		link->remote_dir ? link->remote_dir : "", link->remote_dir ? ", " : "");
	error_hint(&err, "set ertc_remote_dir to a directory of this user where programs may run "
			 "(no noexec)");
	link_end(link, &err);
}

static void
link_too_quiet(void *context)
{
	struct link *link = context;
	char why[128];

	link->deadline = NULL;
	snprintf(why, sizeof(why), "no answer for %d s",
		MAX(QUIET_S, road_timeout_ms(link->road) / 1000));
	link_fail_start(link, ERR_TIMEOUT, why);
}

static void
link_patience(struct link *link)
{
	uint64_t delay = (uint64_t)MAX(QUIET_S * 1000, road_timeout_ms(link->road));

	loop_timer_remove(link->deadline);
	link->deadline = loop_timer_add(link->transport->loop, delay, link_too_quiet, link);
}

/* Starting. */

static void
link_push(struct link *link, const struct bootstrap_line *line)
{
	const char *architecture =
		text_equals(line->words[0], "-") ? link->architecture : line->words[0];
	const struct runner_image *image = runner_image_find(architecture);
	bool is_packed = text_equals(line->words[1], "gz");
	const unsigned char *bytes;
	struct error err;
	char what[64];

	if (!image || link->pushes++ == MAX_PUSHES) {
		link_fail_start(link, ERR_IO,
			image ? "the runner was pushed and refused too often" : "no such runner");
		return;
	}
	bytes = is_packed ? image->gzip : runner_unpack(link->transport->runners, image, &err);
	if (!bytes) {
		link_end(link, &err);
		return;
	}
	snprintf(link->architecture, sizeof(link->architecture), "%s", image->architecture);
	snprintf(what, sizeof(what), "pushing the runner (%zu KB)",
		(is_packed ? image->gzip_size : image->size) / 1024);
	link_progress(link, what);
	if (link->state == LINK_DEAD)
		return;
	road_send(link->road, bytes, is_packed ? image->gzip_size : image->size);
}

static void
link_start_from_memory(struct link *link, const char *architecture)
{
	const struct runner_image *image = runner_image_find(
		text_equals(architecture, "-") ? link->architecture : architecture);

	if (!link->is_from_memory && image)
		snprintf(link->architecture, sizeof(link->architecture), "%s", image->architecture);
	else
		link_fail_nowhere(link);
}

static void
link_up(struct link *link, const struct bootstrap_line *line)
{
	struct link_info info = { .was_pushed = link->pushes > 0, .road = road_text(link->road) };

	if (!text_equals(line->words[0], "1")) {
		link_fail_start(link, ERR_PROTOCOL, "it speaks another version of the protocol");
		return;
	}
	loop_timer_remove(link->deadline);
	link->deadline = NULL;
	link->state = LINK_READY;
	info.architecture = link->architecture;
	link->calls.ready(link->context, &info);
}

static void
link_line(struct link *link, struct view text)
{
	struct bootstrap_line line;
	char why[256];

	if (text.length && text.data[text.length - 1] == '\r')
		text.length--;
	bootstrap_line_read(text, &line);
	switch (line.kind) {
	case BOOTSTRAP_NOISE:
		break;
	case BOOTSTRAP_CACHED:
		snprintf(link->architecture, sizeof(link->architecture), "%s", line.words[0]);
		break;
	case BOOTSTRAP_MISSING:
		link_push(link, &line);
		break;
	case BOOTSTRAP_NOWHERE:
		link_start_from_memory(link, line.words[0]);
		break;
	case BOOTSTRAP_OTHER:
		snprintf(why, sizeof(why), "there is no runner for %s %s", line.words[0],
			line.words[1]);
		link_fail_start(link, ERR_UNSUPPORTED, why);
		break;
	case BOOTSTRAP_RUNNING:
		link_up(link, &line);
		break;
	}
}

/* Lines out of what came so far; what stands behind the runner's own line is no longer ours. */
static void
link_received_start(struct link *link, const char *bytes, size_t length)
{
	link_patience(link);
	while (length && link->state == LINK_STARTING) {
		const char *end = memchr(bytes, '\n', length);
		size_t count = end ? (size_t)(end - bytes) : length;

		str_add_bytes(&link->noise, bytes, count);
		bytes += count;
		length -= count;
		if (link->noise.length > MAX_NOISE) {
			link_fail_start(
				link, ERR_LIMIT, "64 KiB came before the runner's first line");
			return;
		}
		if (!end)
			return;
		bytes++;
		length--;
		link_line(link, (struct view){ link->noise.data + link->line,
					link->noise.length - link->line });
		if (link->state == LINK_DEAD)
			return;
		str_add_char(&link->noise, '\n');
		link->line = link->noise.length;
	}
	if (length && link->state == LINK_READY)
		link->calls.received(link->context, bytes, length);
}

/* Calls from the road. */

static void
start_local(struct link *link)
{
	struct utsname system;
	const struct runner_image *image;
	const unsigned char *bytes;
	struct error err;

	uname(&system);
	image = runner_image_find(system.machine);
	if (!image) {
		link_fail_start(link, ERR_UNSUPPORTED, "there is no runner for this machine");
		return;
	}
	snprintf(link->architecture, sizeof(link->architecture), "%s", image->architecture);
	bytes = runner_unpack(link->transport->runners, image, &err);
	if (!bytes || !local_start(link->road, bytes, image->size, &err))
		link_end(link, &err);
}

static void
on_opened(void *context)
{
	struct link *link = context;
	_cleanup_str_ struct str command = STR_INIT;
	struct error err;

	link->state = LINK_STARTING;
	link_patience(link);
	link_progress(link, "starting the runner");
	if (link->state == LINK_DEAD)
		return;
	if (road_is_local(link->road))
		start_local(link);
	else if (bootstrap_command(link->remote_dir, &command, &err))
		road_execute(link->road, command.data);
	else
		link_end(link, &err);
}

static void
on_progress(void *context, const char *what)
{
	link_progress(context, what);
}

static void
on_received(void *context, const void *bytes, size_t length)
{
	struct link *link = context;

	if (link->state == LINK_READY)
		link->calls.received(link->context, bytes, length);
	else if (link->state == LINK_STARTING)
		link_received_start(link, bytes, length);
}

static void
on_drained(void *context)
{
	struct link *link = context;

	if (link->state == LINK_STARTING)
		link_patience(link);
	else if (link->state == LINK_READY && link->calls.drained)
		link->calls.drained(link->context);
}

static void
on_ended_early(struct link *link, int status, const char *words)
{
	_cleanup_str_ struct str command = STR_INIT;
	const struct runner_image *image = runner_image_find(link->architecture);
	char why[700];

	/* The first way ended with X: the runner goes into memory. */
	if (status == 97 && !link->is_from_memory && image) {
		link->is_from_memory = true;
		link->line = 0;
		str_clear(&link->noise);
		link_patience(link);
		bootstrap_memory_command(image->architecture, image->size, &command);
		road_execute(link->road, command.data);
		return;
	}
	if (link->is_from_memory) {
		link_fail_nowhere(link);
		return;
	}
	snprintf(why, sizeof(why), "the login shell ended with status %d%s%s", status,
		words[0] ? ": " : "", words);
	link_fail_start(link, ERR_UNREACHABLE, why);
}

static void
on_ended(void *context, int status, const char *words)
{
	struct link *link = context;
	struct error err;

	if (link->state == LINK_STARTING) {
		on_ended_early(link, status, words);
		return;
	}
	if (status == 0) {
		link_end(link, NULL);
		return;
	}
	fail(&err, ERR_UNREACHABLE, "the runner on '%s' ended", link->name);
	if (status > 128)
		error_why(
			&err, "killed by signal %d%s%s", status - 128, words[0] ? ": " : "", words);
	else
		error_why(&err, "status %d%s%s", status, words[0] ? ": " : "", words);
	link_end(link, &err);
}

static void
on_closed(void *context, const struct error *err)
{
	link_end(context, err);
}

static const struct road_handler road_handler = { on_opened, on_progress, on_received, on_drained,
	on_ended, on_closed };

/* For the run. */

struct transport *
transport_new(const struct transport_settings *settings)
{
	struct transport *transport = transport_create(settings);

	transport->runners = runner_store_new();
	return transport;
}

void
transport_free(struct transport *transport)
{
	if (!transport)
		return;
	while (transport->links)
		link_close(transport->links);
	runner_store_free(transport->runners);
	transport_destroy(transport);
}

size_t
transport_login_count(const struct transport *transport)
{
	return transport->logins;
}

struct link *
link_open(struct transport *transport, const struct link_settings *settings,
	const struct link_handler *handler, void *context)
{
	struct link *link = memory_get(sizeof(*link));

	*link = (struct link){ .transport = transport,
		.calls = *handler,
		.context = context,
		.name = memory_text(settings->name),
		.remote_dir = settings->remote_dir && settings->remote_dir[0]
				      ? memory_text(settings->remote_dir)
				      : NULL };
	str_init(&link->noise);
	link->next = transport->links;
	link->self = &transport->links;
	if (link->next)
		link->next->self = &link->next;
	transport->links = link;
	link->road = road_open(transport, settings, &road_handler, link);
	return link;
}

void
link_send(struct link *link, const void *bytes, size_t length)
{
	if (link->state == LINK_READY)
		road_send(link->road, bytes, length);
	else if (link->state != LINK_DEAD)
		BUG("link_send before the runner is up");
}

size_t
link_queued(const struct link *link)
{
	return link->road ? road_queued(link->road) : 0;
}
