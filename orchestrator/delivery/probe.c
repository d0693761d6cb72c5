/* A road that is opened and let go. */
#include "orchestrator/delivery/probe.h"

#include "orchestrator/transport/road.h"

struct probe {
	struct road *road;
	bool asks_child; /* the user's own ssh connects only when it has something to do */
	void (*done)(void *context, const char *road, const struct error *err);
	void *context;
};

static void
probe_end(struct probe *probe, const struct error *err)
{
	void (*done)(void *context, const char *road, const struct error *err) = probe->done;

	probe->done = NULL;
	if (done)
		done(probe->context, road_text(probe->road), err);
}

static void
on_opened(void *context)
{
	struct probe *probe = context;

	if (probe->asks_child)
		road_execute(probe->road, "exit 0");
	else
		probe_end(probe, NULL);
}

static void
on_received(void *context UNUSED, const void *bytes UNUSED, size_t length UNUSED)
{
}

static void
on_drained(void *context UNUSED)
{
}

static void
on_ended(void *context, int exit_status, const char *last_words)
{
	struct probe *probe = context;
	struct error err;

	if (exit_status == 0) {
		probe_end(probe, NULL);
		return;
	}
	fail(&err, ERR_UNREACHABLE, "the login shell ended with status %d", exit_status);
	error_why(&err, "%s", last_words);
	probe_end(probe, &err);
}

static void
on_closed(void *context, const struct error *err)
{
	probe_end(context, err);
}

static const struct road_handler handler = { on_opened, NULL, on_received, on_drained, on_ended,
	on_closed };

struct probe *
probe_open(struct transport *transport, const struct link_settings *settings,
	void (*done)(void *context, const char *road, const struct error *err), void *context)
{
	struct probe *probe = memory_get(sizeof(*probe));

	*probe = (struct probe){ .done = done,
		.context = context,
		.asks_child = text_equals(settings->connection, "ssh-cli") };
	probe->road = road_open(transport, settings, &handler, probe);
	return probe;
}

void
probe_free(struct probe *probe)
{
	if (!probe)
		return;
	road_free(probe->road);
	free(probe);
}
