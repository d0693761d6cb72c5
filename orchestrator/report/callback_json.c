/* The whole run as one JSON document, when it is over. */
#include <sys/time.h>
#include <time.h>

#include "json/json.h"
#include "orchestrator/report/internal.h"

struct document {
	struct report *report;
	struct arena arena;
	struct value *plays, *tasks, *stats, *custom, *global_custom;
	struct value *play_duration, *task_duration;
	const void *task_id;
	size_t task_round;
	struct value *hosts; /* of the task */
	unsigned serial;
};

static void *
document_new(struct report *report)
{
	struct document *document = memory_get(sizeof(*document));

	arena_init(&document->arena);
	document->report = report;
	document->plays = value_list(&document->arena);
	document->stats = value_map(&document->arena);
	document->custom = value_map(&document->arena);
	document->global_custom = value_map(&document->arena);
	report->is_silent = true;
	return document;
}

static void
document_free(void *self)
{
	struct document *document = self;

	arena_release(&document->arena);
	free(document);
}

static const struct value *
now(struct arena *arena)
{
	struct timeval moment;
	struct tm parts;
	char text[32];

	gettimeofday(&moment, NULL);
	gmtime_r(&moment.tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	return value_format(arena, "%s.%06ldZ", text, (long)moment.tv_usec);
}

static struct value *
named(struct document *document, const char *name, const char *path, struct value **duration)
{
	struct arena *arena = &document->arena;
	struct value *map = value_map(arena);

	*duration = value_map(arena);
	value_set(arena, *duration, "start", now(arena));
	value_set(arena, *duration, "end", now(arena));
	value_set(arena, map, "name", value_text(arena, name ? name : ""));
	value_set(arena, map, "id",
		value_format(arena, "%08u-0000-0000-0000-000000000000", ++document->serial));
	value_set(arena, map, "path", value_text(arena, path ? path : ""));
	value_set(arena, map, "duration", *duration);
	return map;
}

static void
on_play(void *self, const char *name, const char *path, bool check_mode)
{
	struct document *document = self;
	struct arena *arena = &document->arena;
	struct value *map = value_map(arena);

	(void)check_mode;
	document->tasks = value_list(arena);
	document->task_id = NULL;
	value_set(arena, map, "play", named(document, name, path, &document->play_duration));
	value_set(arena, map, "tasks", document->tasks);
	value_add(arena, document->plays, map);
}

static void
on_task(void *self, const struct report_task *task)
{
	struct document *document = self;
	struct arena *arena = &document->arena;
	struct value *map;

	if (!document->tasks ||
		(document->task_id == task->id && document->task_round == task->round))
		return;
	map = value_map(arena);
	document->task_id = task->id;
	document->task_round = task->round;
	document->hosts = value_map(arena);
	value_set(arena, map, "task",
		named(document, task->title, task->path, &document->task_duration));
	value_set(arena, map, "hosts", document->hosts);
	value_add(arena, document->tasks, map);
}

/* `failed` and `skipped` are wanted here: there is no other word for the status. */
static const struct value *
entry(struct document *document, const struct report_result *result)
{
	struct arena *arena = &document->arena;
	struct report_task task = *result->task;
	struct report_result whole = *result;
	struct value *map;
	static const char *const kept[] = { "failed", "skipped", "unreachable", "invocation" };

	/* Nothing was shown before, of items, nor is anything left out, of debug. */
	task.action = "";
	whole.task = &task;
	whole.is_loop_total = false;
	map = value_map_copy(
		arena, value_dup(arena, result_shown(document->report, &whole, arena)));
	for (size_t i = 0; i < ARRAY_SIZE(kept) && !result->no_log; i++)
		if (value_get(result->result, kept[i]))
			value_set(arena, map, kept[i],
				value_dup(arena, value_get(result->result, kept[i])));
	value_set(arena, map, "action", value_text(arena, result->task->action));
	value_set(arena, map, "_ansible_no_log", value_bool(arena, result->no_log));
	return map;
}

static void
on_result(void *self, const struct report_result *result)
{
	struct document *document = self;

	if (result->label || result->status == REPORT_RETRY)
		return;
	on_task(self, result->task);
	if (!document->hosts)
		return;
	value_set(&document->arena, document->hosts, arena_text(&document->arena, result->host),
		entry(document, result));
	value_set(&document->arena, document->task_duration, "end", now(&document->arena));
	value_set(&document->arena, document->play_duration, "end", now(&document->arena));
}

static void
on_custom_stats(void *self, const char *host, const struct value *stats)
{
	struct document *document = self;

	if (!document->report->settings.shows_custom_stats)
		return;
	if (host)
		value_set(&document->arena, document->custom, arena_text(&document->arena, host),
			value_dup(&document->arena, stats));
	else
		VALUE_PAIRS (pair, stats)
			value_set_key(&document->arena, document->global_custom,
				value_dup(&document->arena, pair->key),
				value_dup(&document->arena, pair->value));
}

static void
on_recap_host(void *self, const char *host, const struct report_stats *stats)
{
	struct document *document = self;
	struct arena *arena = &document->arena;
	struct value *map = value_map(arena);

	value_set(arena, map, "ok", value_int(arena, stats->ok));
	value_set(arena, map, "changed", value_int(arena, stats->changed));
	value_set(arena, map, "unreachable", value_int(arena, stats->unreachable));
	value_set(arena, map, "failures", value_int(arena, stats->failed));
	value_set(arena, map, "skipped", value_int(arena, stats->skipped));
	value_set(arena, map, "rescued", value_int(arena, stats->rescued));
	value_set(arena, map, "ignored", value_int(arena, stats->ignored));
	value_set(arena, document->stats, arena_text(arena, host), map);
}

static void
on_recap_end(void *self)
{
	static const struct json_style style = { .indent = 4, .sort_keys = true };
	struct document *document = self;
	struct arena *arena = &document->arena;
	struct value *whole = value_map(arena);

	value_set(arena, whole, "plays", document->plays);
	value_set(arena, whole, "stats", document->stats);
	value_set(arena, whole, "custom_stats", document->custom);
	value_set(arena, whole, "global_custom_stats", document->global_custom);
	json_add(whole, &style, &document->report->line);
	str_add_char(&document->report->line, '\n');
	sink_print_raw(document->report, stdout);
}

const struct callback callback_json = { .name = "json",
	.doc = "The whole run as one JSON document at the end.",
	.new = document_new,
	.free = document_free,
	.play = on_play,
	.task = on_task,
	.result = on_result,
	.custom_stats = on_custom_stats,
	.recap_host = on_recap_host,
	.recap_end = on_recap_end };
