/* One entry a host and task, without banners: `minimal`, which ad hoc commands use, and `oneline`.
 */
#include "orchestrator/report/internal.h"

struct lines {
	struct report *report;
	bool is_oneline;
};

static void *
minimal_new(struct report *report)
{
	struct lines *lines = memory_get(sizeof(*lines));

	lines->report = report;
	return lines;
}

static void *
oneline_new(struct report *report)
{
	struct lines *lines = minimal_new(report);

	lines->is_oneline = true;
	return lines;
}

/* Commands show what they printed, not a result. */
static bool
is_command(const struct report_result *result)
{
	static const char *const names[] = { "command", "shell", "raw" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equals(result->task->action, names[i]))
			return !value_get(result->result, "ansible_job_id") &&
			       !value_get(result->result, "module_stdout") && !result->no_log;
	return false;
}

static const char *
text_of(const struct report_result *result, const char *key)
{
	const char *text = value_string(value_get(result->result, key));

	return text ? text : "";
}

static int64_t
code_of(const struct report_result *result)
{
	int64_t code;

	return value_get(result->result, "rc") &&
			       value_to_int(value_get(result->result, "rc"), &code)
		       ? code
		       : -1;
}

static void
add_escaped(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			str_add(out, *text == '\n' ? "\\n" : "\\r");
		else
			str_add_char(out, *text);
	}
}

static void
add_command(struct lines *lines, const struct report_result *result, const char *caption)
{
	struct str *line = &lines->report->line;
	const char *said = text_of(result, "stderr");

	str_add_format(
		line, "%s | %s | rc=%lld ", result->host, caption, (long long)code_of(result));
	if (lines->is_oneline) {
		str_add(line, "| (stdout) ");
		add_escaped(line, text_of(result, "stdout"));
		if (*said) {
			str_add(line, " (stderr) ");
			add_escaped(line, said);
		}
		return;
	}
	str_add_format(line, ">>\n%s%s%s", text_of(result, "stdout"), said, text_of(result, "msg"));
}

/* JSON on one line, in the spacing that the line breaks leave behind. */
static void
add_flat(struct report *report, const struct report_result *result)
{
	bool is_loud = value_is_true(value_get(result->result, "_ansible_verbose_always")) &&
		       !result->no_log;
	struct report_task task = *result->task;
	struct report_result whole = *result;
	struct str before = report->line;
	struct view rest, line;

	str_init(&report->line);
	task.action = ""; /* nothing is left out here, not even of debug */
	whole.task = &task;
	whole.is_loop_total = false; /* the items are shown nowhere else */
	result_add(report, &whole, 4);
	rest = str_view(&report->line);
	while (view_cut(&rest, '\n', &line))
		str_add_view(&before, is_loud ? line : view_trim(line));
	str_release(&report->line);
	report->line = before;
}

static void
add_whole(struct lines *lines, const struct report_result *result, const char *caption)
{
	str_add_format(&lines->report->line, "%s | %s => ", result->host, caption);
	if (lines->is_oneline)
		add_flat(lines->report, result);
	else
		result_add(lines->report, result, 4);
}

static void
on_result(void *self, const struct report_result *result)
{
	static const struct {
		const char *caption;
		enum paint paint;
	} rows[] = { [REPORT_OK] = { "SUCCESS", PAINT_OK },
		[REPORT_CHANGED] = { "CHANGED", PAINT_CHANGED },
		[REPORT_SKIPPED] = { "SKIPPED", PAINT_SKIPPED },
		[REPORT_FAILED] = { "FAILED", PAINT_FAILED },
		[REPORT_UNREACHABLE] = { "UNREACHABLE!", PAINT_UNREACHABLE },
		[REPORT_RETRY] = { "", PAINT_NONE } };
	struct lines *lines = self;
	struct report *report = lines->report;
	const char *caption = rows[result->status].caption;

	if (result->label || result->status == REPORT_RETRY)
		return;
	if (result_add_diff(report, result)) {
		str_add_char(&report->line, '\n');
		sink_print_raw(report, stdout);
	}
	if (result->status == REPORT_SKIPPED)
		str_add_format(&report->line, "%s | SKIPPED", result->host);
	else if (result->status != REPORT_UNREACHABLE && is_command(result) &&
		 !(lines->is_oneline && result->status == REPORT_FAILED))
		add_command(lines, result, caption);
	else
		add_whole(lines, result, result->status == REPORT_FAILED ? "FAILED!" : caption);
	sink_print(report, stdout, rows[result->status].paint);
}

const struct callback callback_minimal = { .name = "minimal",
	.doc = "Each result in a few lines, without banners.",
	.new = minimal_new,
	.free = free,
	.result = on_result };
const struct callback callback_oneline = { .name = "oneline",
	.doc = "Each result on one line.",
	.new = oneline_new,
	.free = free,
	.result = on_result };
