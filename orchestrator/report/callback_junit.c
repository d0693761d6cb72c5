/* JUnit XML, one file a playbook, in JUNIT_OUTPUT_DIR (~/.ansible.log): for CI servers. */
#include <sys/time.h>

#include "json/json.h"
#include "orchestrator/report/internal.h"
#include "os/files.h"

struct junit {
	struct report *report;
	const char *directory;
	struct str cases; /* XML */
	char *name, *play;
	unsigned tests, failures, skipped;
	double began, task_began;
	const void *task_id;
	size_t task_round;
};

static double
now(void)
{
	struct timeval moment;

	gettimeofday(&moment, NULL);
	return (double)moment.tv_sec + (double)moment.tv_usec / 1e6;
}

static bool
is_wanted(const char *variable, bool fallback)
{
	const char *text = getenv(variable);
	const struct value value = { .type = VALUE_STRING,
		.string = { .data = text ? text : "", .length = text ? strlen(text) : 0 } };
	bool is_set;

	return text && value_to_bool(&value, &is_set) ? is_set : fallback;
}

static void *
junit_new(struct report *report)
{
	struct junit *junit = memory_get(sizeof(*junit));

	junit->report = report;
	junit->directory = getenv("JUNIT_OUTPUT_DIR");
	junit->began = now();
	str_init(&junit->cases);
	return junit;
}

static void
junit_free(void *self)
{
	struct junit *junit = self;

	str_release(&junit->cases);
	free(junit->name);
	free(junit->play);
	free(junit);
}

static void
on_playbook(void *self, const char *path, size_t plays)
{
	struct junit *junit = self;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char *dot;

	(void)plays;
	free(junit->name);
	junit->name = memory_text(name);
	dot = strrchr(junit->name, '.');
	if (dot)
		*dot = '\0';
}

static void
on_play(void *self, const char *name, const char *path, bool check_mode)
{
	struct junit *junit = self;

	(void)path;
	(void)check_mode;
	free(junit->play);
	junit->play = memory_text(name ? name : "");
}

static void
on_task(void *self, const struct report_task *task)
{
	struct junit *junit = self;

	if (junit->task_id == task->id && junit->task_round == task->round)
		return;
	junit->task_id = task->id;
	junit->task_round = task->round;
	junit->task_began = now();
}

/* Text for XML: what it cannot hold is left out. */
static void
add_xml(struct str *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			str_add(out, "&lt;");
			break;
		case '>':
			str_add(out, "&gt;");
			break;
		case '&':
			str_add(out, "&amp;");
			break;
		case '"':
			str_add(out, "&quot;");
			break;
		default:
			if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t')
				str_add_char(out, *text);
		}
	}
}

static void
add_shown(struct junit *junit, const struct report_result *result)
{
	static const struct json_style style = { .indent = 4, .sort_keys = true };
	struct str text = STR_INIT;
	struct arena arena;

	arena_init(&arena);
	json_add(result_shown(junit->report, result, &arena), &style, &text);
	sink_mask(junit->report, &text);
	add_xml(&junit->cases, text.data);
	str_release(&text);
	arena_release(&arena);
}

static void
add_body(struct junit *junit, const struct report_result *result, bool has_failed)
{
	const char *msg = value_string(value_get(result->result, "msg"));
	const char *reason = value_string(value_get(result->result, "skip_reason"));

	if (result->status == REPORT_SKIPPED) {
		str_add(&junit->cases, "\t\t\t<skipped>");
		add_xml(&junit->cases, reason ? reason : "skipped");
		str_add(&junit->cases, "</skipped>\n");
		junit->skipped++;
	} else if (has_failed) {
		struct str text = STR_INIT;

		str_add(&text, msg && !result->no_log ? msg : "rc=1");
		sink_mask(junit->report, &text);
		str_add(&junit->cases, "\t\t\t<failure message=\"");
		add_xml(&junit->cases, text.data);
		str_add(&junit->cases, "\" type=\"failure\">");
		add_shown(junit, result);
		str_add(&junit->cases, "</failure>\n");
		str_release(&text);
		junit->failures++;
	}
	if (result->status != REPORT_SKIPPED) {
		str_add(&junit->cases, "\t\t\t<system-out>");
		add_shown(junit, result);
		str_add(&junit->cases, "</system-out>\n");
	}
}

static bool
counts_as_failure(const struct report_result *result)
{
	if (result->status == REPORT_FAILED || result->status == REPORT_UNREACHABLE)
		return !result->is_ignored || is_wanted("JUNIT_FAIL_ON_IGNORE", false);
	return result->status == REPORT_CHANGED && is_wanted("JUNIT_FAIL_ON_CHANGE", false);
}

static void
on_result(void *self, const struct report_result *result)
{
	struct junit *junit = self;
	struct str name = STR_INIT;

	if (result->label || result->status == REPORT_RETRY)
		return;
	on_task(self, result->task);
	if (text_equals(result->task->action, "setup") &&
		!is_wanted("JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT", true))
		return;
	str_add_format(&name, "[%s] %s: %s", result->host, junit->play ? junit->play : "",
		result->task->title);
	sink_mask(junit->report, &name);
	str_add(&junit->cases, "\t\t<testcase classname=\"");
	add_xml(&junit->cases, result->task->path ? result->task->path : "");
	str_add(&junit->cases, "\" name=\"");
	add_xml(&junit->cases, name.data);
	str_add_format(&junit->cases, "\" time=\"%f\">\n", now() - junit->task_began);
	add_body(junit, result, counts_as_failure(result));
	str_add(&junit->cases, "\t\t</testcase>\n");
	junit->tests++;
	str_release(&name);
}

static const char *
target_directory(struct arena *arena, const struct junit *junit)
{
	const char *home = getenv("HOME");

	return junit->directory ? junit->directory
				: path_join(arena, home ? home : "/", ".ansible.log");
}

static void
on_recap_end(void *self)
{
	struct junit *junit = self;
	struct str xml = STR_INIT;
	struct arena arena;
	struct error err;
	const char *directory, *path, *name = junit->name ? junit->name : "playbook";
	double took = now() - junit->began;

	arena_init(&arena);
	str_add_format(&xml,
		"<?xml version=\"1.0\" ?>\n<testsuites disabled=\"0\" errors=\"0\" failures=\"%u\" "
		"tests=\"%u\" time=\"%f\">\n\t<testsuite disabled=\"0\" errors=\"0\" "
		"failures=\"%u\" name=\"",
		junit->failures, junit->tests, took, junit->failures);
	add_xml(&xml, name);
	str_add_format(&xml, "\" skipped=\"%u\" tests=\"%u\" time=\"%f\">\n", junit->skipped,
		junit->tests, took);
	str_add_view(&xml, str_view(&junit->cases));
	str_add(&xml, "\t</testsuite>\n</testsuites>\n");
	directory = target_directory(&arena, junit);
	path = arena_format(&arena, "%s/%s-%.6f.xml", directory, name, now());
	if (!directory_make(directory, 0755, &err) ||
		!file_replace(path, str_view(&xml), NULL, &err))
		report_warning(junit->report, "junit: %s", err.what);
	str_release(&xml);
	arena_release(&arena);
}

const struct callback callback_junit = { .name = "junit",
	.doc = "A report in JUnit's XML for each playbook (JUNIT_OUTPUT_DIR).",
	.new = junit_new,
	.free = junit_free,
	.playbook = on_playbook,
	.play = on_play,
	.task = on_task,
	.result = on_result,
	.recap_end = on_recap_end };
