/* Ansible's default callback, and `yaml`, which differs in how results look. */
#include "json/json.h"
#include "json/yaml_text.h"
#include "orchestrator/report/internal.h"

struct screen {
	struct report *report;
	bool is_yaml;
	const void *banner_id; /* whose banner was printed last */
	size_t banner_round;
	struct str custom;   /* statistics of set_stats, for the end */
	struct map included; /* "path\nitem" -> hosts, not printed yet */
};

/* ---- playbooks, plays, tasks ---- */

static void print_included(void *self);

static void *
screen_new(struct report *report)
{
	struct screen *screen = memory_get(sizeof(*screen));

	screen->report = report;
	map_init(&screen->included);
	str_init(&screen->custom);
	report->held_back = print_included;
	report->held_by = screen;
	return screen;
}

static void *
yaml_screen_new(struct report *report)
{
	struct screen *screen = screen_new(report);

	screen->is_yaml = true;
	return screen;
}

static void
screen_free(void *self)
{
	struct screen *screen = self;

	map_release(&screen->included);
	str_release(&screen->custom);
	free(screen);
}

static void
on_playbook(void *self, const char *path, size_t plays)
{
	struct screen *screen = self;
	struct report *report = screen->report;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct str text = STR_INIT;

	if (report->settings.verbosity >= 2) {
		str_add_format(&text, "PLAYBOOK: %s", name);
		sink_banner(report, text.data);
		str_add_format(&report->line, "%zu plays in %s", plays, path);
		sink_print(report, stdout, PAINT_VERBOSE);
	}
	if (report->settings.check_mode && report->settings.check_mode_markers)
		sink_banner(report, "DRY RUN");
	str_release(&text);
}

static const char *
marker(const struct report *report, bool check_mode)
{
	return check_mode && report->settings.check_mode_markers ? " [CHECK MODE]" : "";
}

static void
on_play(void *self, const char *name, const char *path, bool check_mode)
{
	struct screen *screen = self;
	struct str text = STR_INIT;

	(void)path;
	str_add(&text, "PLAY");
	if (name && *name)
		str_add_format(&text, " [%s]", name);
	str_add(&text, marker(screen->report, check_mode));
	sink_banner(screen->report, text.data);
	screen->banner_id = NULL;
	str_release(&text);
}

static void
add_arguments(struct str *out, const struct value *args)
{
	bool is_first = true;

	if (!value_is_map(args))
		return;
	if (!args->map.count)
		str_add_char(out, ' ');
	VALUE_PAIRS (pair, args) {
		str_add(out, is_first ? " " : ", ");
		value_add_text(pair->key, out);
		str_add_char(out, '=');
		value_add_text(pair->value, out);
		is_first = false;
	}
}

static void
print_path(struct report *report, const struct report_task *task)
{
	if (!task->path || !*task->path)
		return;
	str_add_format(&report->line, "task path: %s", task->path);
	sink_print(report, stdout, PAINT_DEBUG);
}

static void
print_task(struct screen *screen, const struct report_task *task)
{
	struct report *report = screen->report;
	struct str text = STR_INIT;

	if (screen->banner_id == task->id && screen->banner_round == task->round)
		return;
	screen->banner_id = task->id;
	screen->banner_round = task->round;
	str_add_format(&text, "%s [%s", task->kind, task->title);
	if (report->settings.shows_arguments)
		add_arguments(&text, task->args);
	str_add_format(&text, "]%s", marker(report, task->check_mode));
	sink_banner(report, text.data);
	str_release(&text);
	if (report->settings.verbosity >= 2)
		print_path(report, task);
}

/* At once, unless it depends on the results whether there is anything to be shown below it. */
static void
on_task(void *self, const struct report_task *task)
{
	struct screen *screen = self;

	if (screen->report->settings.shows_skipped && screen->report->settings.shows_ok &&
		task->is_lockstep)
		print_task(screen, task);
}

static void
on_start(void *self, const struct report_task *task, const char *host)
{
	struct screen *screen = self;
	struct report *report = screen->report;

	if (!report->settings.shows_start)
		return;
	print_task(screen, task);
	str_add_format(&report->line, " [started %s: %s on %s]",
		!strcmp(task->kind, "RUNNING HANDLER") ? "HANDLER" : task->kind, task->title, host);
	sink_print(report, stdout, PAINT_OK);
}

/* ---- results ---- */

static void
add_host(struct report *report, const struct report_result *result)
{
	str_add_format(&report->line, "[%s", result->host);
	if (result->delegated)
		str_add_format(&report->line, " -> %s", result->delegated);
	str_add_char(&report->line, ']');
}

static void
add_item(struct report *report, const struct report_result *result)
{
	str_add(&report->line, "(item=");
	if (result->no_log)
		str_add(&report->line, "None");
	else
		value_add_text(result->label, &report->line);
	str_add_char(&report->line, ')');
}

/* As community.general's `yaml` shows a result: changed in front, the rest below. */
static void
add_as_yaml(struct report *report, const struct report_result *result)
{
	static const struct yaml_style style = {
		.width = 1000, .is_block = true, .is_literal = true
	};
	struct arena arena;
	struct value *shown;
	struct str text = STR_INIT;
	struct view rest, line;

	arena_init(&arena);
	shown = value_map_copy(&arena, result_shown(report, result, &arena));
	if (value_get(shown, "changed"))
		str_add_format(&report->line, "changed=%s ",
			value_is_true(value_get(shown, "changed")) ? "true" : "false");
	value_remove(shown, "changed");
	if (value_get(shown, "stdout") && value_get(shown, "stdout_lines"))
		value_set(&arena, shown, "stdout_lines", value_text(&arena, "<omitted>"));
	if (value_get(shown, "stderr") && value_get(shown, "stderr_lines"))
		value_set(&arena, shown, "stderr_lines", value_text(&arena, "<omitted>"));
	if (shown->map.count)
		yaml_add(shown, &style, &text);
	rest = view_trim(str_view(&text));
	while (rest.length && view_cut(&rest, '\n', &line))
		str_add_format(&report->line, "\n  %.*s", (int)line.length, line.data);
	str_release(&text);
	arena_release(&arena);
}

static void
add_result(struct screen *screen, const struct report_result *result)
{
	if (screen->is_yaml)
		add_as_yaml(screen->report, result);
	else
		result_add(screen->report, result, 0);
}

static void
print_fine(struct screen *screen, const struct report_result *result)
{
	static const struct {
		const char *word;
		enum paint paint;
	} rows[] = { [REPORT_OK] = { "ok", PAINT_OK },
		[REPORT_CHANGED] = { "changed", PAINT_CHANGED },
		[REPORT_SKIPPED] = { "skipping", PAINT_SKIPPED } };
	struct report *report = screen->report;
	bool is_skipped = result->status == REPORT_SKIPPED;

	if ((result->status == REPORT_OK && !report->settings.shows_ok) ||
		(is_skipped && !report->settings.shows_skipped) ||
		(result->is_loop_total && !is_skipped && !result->no_log))
		return;
	print_task(screen, result->task);
	str_add_format(&report->line, "%s: ", rows[result->status].word);
	add_host(report, result);
	if (result->label) {
		str_add(&report->line, " => ");
		add_item(report, result);
		str_add(&report->line, is_skipped ? " " : "");
	}
	if (is_skipped ? report->settings.verbosity > 0 : result_is_verbose(report, result)) {
		str_add(&report->line, " => ");
		add_result(screen, result);
	}
	sink_print(report, stdout, rows[result->status].paint);
}

static void
print_exception(struct report *report, const struct report_result *result, FILE *file)
{
	const char *exception = value_string(value_get(result->result, "exception")), *last;
	struct view text;

	if (!exception || result->no_log)
		return;
	text = view_trim(view_of(exception));
	last = memrchr(text.data, '\n', text.length);
	if (report->settings.verbosity < 3)
		str_add_format(&report->line,
			"An exception occurred during task execution. To see the full traceback, "
			"use "
			"-vvv. The error was: %.*s",
			(int)(text.length - (size_t)(last ? last + 1 - text.data : 0)),
			last ? last + 1 : text.data);
	else
		str_add_format(&report->line, "The full traceback is:\n%s", exception);
	sink_print(report, file, PAINT_FAILED);
}

static void
print_failed(struct screen *screen, const struct report_result *result)
{
	struct report *report = screen->report;
	bool is_unreachable = result->status == REPORT_UNREACHABLE;
	FILE *file = report->settings.failed_to_stderr ? stderr : stdout;

	print_task(screen, result->task);
	if (report->settings.shows_path_on_failure && !result->label &&
		report->settings.verbosity < 2)
		print_path(report, result->task);
	print_exception(report, result, file);
	if (result->label) {
		str_add(&report->line, "failed: ");
		add_host(report, result);
		str_add_char(&report->line, ' ');
		add_item(report, result);
		str_add(&report->line, " => ");
	} else {
		str_add(&report->line, "fatal: ");
		add_host(report, result);
		str_add(&report->line, is_unreachable ? ": UNREACHABLE! => " : ": FAILED! => ");
	}
	add_result(screen, result);
	sink_print(report, file, is_unreachable ? PAINT_UNREACHABLE : PAINT_FAILED);
}

static void
print_retry(struct screen *screen, const struct report_result *result)
{
	struct report *report = screen->report;

	print_task(screen, result->task);
	str_add(&report->line, "FAILED - RETRYING: ");
	add_host(report, result);
	str_add_format(&report->line, ": %s (%d retries left).", result->task->title,
		result->retries - result->attempt);
	if (report->settings.verbosity > 2) {
		str_add(&report->line, "Result was: ");
		add_result(screen, result);
	}
	sink_print(report, stdout, PAINT_DEBUG);
}

static void
print_diff(struct screen *screen, const struct report_result *result)
{
	struct report *report = screen->report;
	struct str diff;

	if (!result_add_diff(report, result))
		return;
	str_add_char(&report->line, '\n');
	diff = report->line;
	str_init(&report->line);
	print_task(screen, result->task);
	str_release(&report->line);
	report->line = diff;
	sink_print_raw(report, stdout);
}

/* A loop has shown its items; the whole says nothing more, except where a debug lost them. */
static bool
has_shown_all(const struct report_result *result)
{
	return result->is_loop_total && value_get(result->result, "results") &&
	       !text_equals(result->task->action, "debug") && !result->no_log;
}

static void
on_result(void *self, const struct report_result *result)
{
	struct screen *screen = self;
	struct report *report = screen->report;

	if (result->is_include)
		return;
	switch (result->status) {
	case REPORT_OK:
	case REPORT_CHANGED:
	case REPORT_SKIPPED:
		if (result->status == REPORT_CHANGED && !result->is_loop_total)
			print_diff(screen, result);
		print_fine(screen, result);
		break;
	case REPORT_RETRY:
		print_retry(screen, result);
		return;
	case REPORT_FAILED:
	case REPORT_UNREACHABLE:
		if (!has_shown_all(result))
			print_failed(screen, result);
		if (result->is_ignored && !result->label) {
			str_add(&report->line, "...ignoring");
			sink_print(report, stdout, PAINT_SKIPPED);
		}
		break;
	}
}

/* Hosts that include the same file share a line: it is held back until something else is printed.
 */
static void
on_included(void *self, const struct report_task *task, const char *path, const char *host,
	const struct value *label)
{
	struct screen *screen = self;
	struct str key = STR_INIT;
	struct str *hosts;

	print_task(screen, task);
	str_add_format(&key, "%s\n", path);
	if (label) {
		str_add(&key, " => (item=");
		value_add_text(label, &key);
		str_add_char(&key, ')');
	}
	hosts = map_get(&screen->included, key.data);
	if (!hosts) {
		hosts = memory_get(sizeof(*hosts));
		str_init(hosts);
		map_set(&screen->included, key.data, hosts);
	}
	str_add_format(hosts, "%s%s", hosts->length ? ", " : "", host);
	str_release(&key);
}

static void
print_included(void *self)
{
	struct screen *screen = self;
	struct report *report = screen->report;
	struct map included = screen->included;
	struct str waiting = report->line;

	if (!included.count)
		return;
	map_init(&screen->included);
	str_init(&report->line);
	for (size_t i = 0; i < included.count; i++) {
		struct str *hosts = included.entries[i].value;
		const char *key = included.entries[i].key;

		str_add_format(&report->line, "included: %.*s for %s%s", (int)strcspn(key, "\n"),
			key, hosts->data, strchr(key, '\n') + 1);
		sink_print(report, stdout, PAINT_SKIPPED);
		str_release(hosts);
		free(hosts);
	}
	map_release(&included);
	str_release(&report->line);
	report->line = waiting;
}

static void
on_no_hosts_matched(void *self)
{
	struct screen *screen = self;

	str_add(&screen->report->line, "skipping: no hosts matched");
	sink_print(screen->report, stdout, PAINT_SKIPPED);
}

static void
on_no_more_hosts(void *self)
{
	struct screen *screen = self;

	sink_banner(screen->report, "NO MORE HOSTS LEFT");
}

/* ---- recap ---- */

static void
on_recap_begin(void *self)
{
	struct screen *screen = self;

	sink_banner(screen->report, "PLAY RECAP");
}

static void
add_count(struct report *report, const char *name, unsigned count, enum paint paint, int width)
{
	char text[64];

	snprintf(text, sizeof(text), "%s=%u", name, count);
	if (report->is_colored && count)
		str_add_format(&report->line, " %s%-*s\033[0m", paint_code(paint), width, text);
	else
		str_add_format(&report->line, " %-*s", width, text);
}

static void
on_recap_host(void *self, const char *host, const struct report_stats *stats)
{
	struct screen *screen = self;
	struct report *report = screen->report;
	enum paint paint = stats->failed || stats->unreachable ? PAINT_FAILED
			   : stats->changed		       ? PAINT_CHANGED
							       : PAINT_OK;

	if (report->is_colored) /* the spaces are not painted */
		str_add_format(&report->line, "%s%s\033[0m%*s :", paint_code(paint), host,
			MAX(26 - (int)strlen(host), 0), "");
	else
		str_add_format(&report->line, "%-26s :", host);
	add_count(report, "ok", stats->ok, PAINT_OK, 7);
	add_count(report, "changed", stats->changed, PAINT_CHANGED, 12);
	add_count(report, "unreachable", stats->unreachable, PAINT_UNREACHABLE, 16);
	add_count(report, "failed", stats->failed, PAINT_FAILED, 11);
	add_count(report, "skipped", stats->skipped, PAINT_SKIPPED, 12);
	add_count(report, "rescued", stats->rescued, PAINT_OK, 12);
	add_count(report, "ignored", stats->ignored, PAINT_WARN, 12);
	str_add_char(&report->line, '\n');
	sink_print_raw(report, stdout);
}

static void
on_custom_stats(void *self, const char *host, const struct value *stats)
{
	static const struct json_style style = { .indent = 1, .sort_keys = true };
	struct screen *screen = self;
	struct str text = STR_INIT;
	struct view rest, line;

	json_add(stats, &style, &text);
	str_add_format(&screen->custom, host ? "\t%s: " : "\n\tRUN: ", host);
	rest = str_view(&text);
	while (view_cut(&rest, '\n', &line))
		str_add_view(&screen->custom, line);
	str_add_char(&screen->custom, '\n');
	str_release(&text);
}

static void
on_recap_end(void *self)
{
	struct screen *screen = self;
	struct report *report = screen->report;

	str_add_char(&report->line, '\n');
	sink_print_raw(report, stdout);
	if (report->settings.shows_custom_stats && screen->custom.length) {
		sink_banner(report, "CUSTOM STATS:");
		str_add_view(&report->line, str_view(&screen->custom));
		str_add_char(&report->line, '\n');
		sink_print_raw(report, stdout);
	}
	if (report->settings.check_mode && report->settings.check_mode_markers)
		sink_banner(report, "DRY RUN");
}

#define SCREEN_EVENTS                                                                          \
	.free = screen_free, .playbook = on_playbook, .play = on_play, .task = on_task,        \
	.start = on_start, .result = on_result, .included = on_included,                       \
	.no_hosts_matched = on_no_hosts_matched, .no_more_hosts = on_no_more_hosts,            \
	.recap_begin = on_recap_begin, .recap_host = on_recap_host, .recap_end = on_recap_end, \
	.custom_stats = on_custom_stats

const struct callback callback_default = { .name = "default",
	.doc = "Ansible's usual output: banners, a line for each host, a recap.",
	.new = screen_new,
	SCREEN_EVENTS };
const struct callback callback_yaml = { .name = "yaml",
	.doc = "As default, with results in YAML.",
	.new = yaml_screen_new,
	SCREEN_EVENTS };
