/* How long it all took: `timer`, `profile_tasks`, `profile_roles`. */
#include <time.h>

#include "orchestrator/report/internal.h"

enum { WIDTH = 79, MOST_SHOWN = 20 };

struct duration {
	char *name;
	double seconds;
};

struct times {
	struct report *report;
	bool is_timer, is_of_roles;
	double began, last, task_began;
	struct duration *rows;
	size_t count, room;
	size_t running; /* 1 + row of the task under way; 0: none */
};

static double
now(void)
{
	struct timespec moment;

	clock_gettime(CLOCK_MONOTONIC, &moment);
	return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static void *
tasks_new(struct report *report)
{
	struct times *times = memory_get(sizeof(*times));

	times->report = report;
	times->began = times->last = now();
	return times;
}

static void *
timer_new(struct report *report)
{
	struct times *times = tasks_new(report);

	times->is_timer = true;
	return times;
}

static void *
roles_new(struct report *report)
{
	struct times *times = tasks_new(report);

	times->is_of_roles = true;
	return times;
}

static void
times_free(void *self)
{
	struct times *times = self;

	for (size_t i = 0; i < times->count; i++)
		free(times->rows[i].name);
	free(times->rows);
	free(times);
}

static size_t
row_for(struct times *times, struct view name)
{
	for (size_t i = 0; i < times->count && times->is_of_roles; i++)
		if (view_is(name, times->rows[i].name))
			return i;
	if (times->count == times->room) {
		struct duration *rows = memory_get((times->room * 2 + 64) * sizeof(*rows));

		if (times->count)
			memcpy(rows, times->rows, times->count * sizeof(*rows));
		free(times->rows);
		times->rows = rows;
		times->room = times->room * 2 + 64;
	}
	times->rows[times->count] = (struct duration){ .name = memory_get(name.length + 1) };
	memcpy(times->rows[times->count].name, name.data, name.length);
	return times->count++;
}

static void
end_running(struct times *times)
{
	if (times->running)
		times->rows[times->running - 1].seconds += now() - times->task_began;
	times->running = 0;
}

static void
add_clock(struct str *out, double seconds)
{
	long whole = (long)seconds;

	str_add_format(out, "%ld:%02ld:%02ld.%03ld", whole / 3600, whole / 60 % 60, whole % 60,
		(long)((seconds - (double)whole) * 1000));
}

/* «Friday 20 November 2026  09:13:43 +0000 (0:00:00.020)       0:00:01.431 *******» */
static void
print_clock(struct times *times)
{
	struct str *line = &times->report->line;
	time_t moment = time(NULL);
	struct tm parts;
	char text[80];

	localtime_r(&moment, &parts);
	strftime(text, sizeof(text), "%A %d %B %Y  %H:%M:%S %z", &parts);
	str_add_format(line, "%s (", text);
	add_clock(line, now() - times->last);
	str_add(line, ")       ");
	add_clock(line, now() - times->began);
	str_add_char(line, ' ');
	str_add_times(line, '*', line->length < WIDTH ? WIDTH - line->length : 3);
	str_add_char(line, ' ');
	sink_print(times->report, stdout, PAINT_NONE);
	times->last = now();
}

static void
on_task(void *self, const struct report_task *task)
{
	struct times *times = self;
	struct view name = view_of(task->title), role;
	const char *colon = strstr(task->title, " : ");

	end_running(times);
	print_clock(times);
	role = colon ? (struct view){ name.data, (size_t)(colon - name.data) }
		     : view_of(task->action);
	times->task_began = now();
	times->running = 1 + row_for(times, times->is_of_roles ? role : name);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct duration *x = a, *y = b;

	return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

static void
print_row(struct times *times, const char *name, double seconds)
{
	char number[32];
	size_t used;

	snprintf(number, sizeof(number), " %.2fs", seconds);
	str_add_format(&times->report->line, "%s ", name);
	used = times->report->line.length + strlen(number);
	str_add_times(&times->report->line, '-', used < WIDTH ? WIDTH - used : 2);
	str_add(&times->report->line, number);
	sink_print(times->report, stdout, PAINT_NONE);
}

static void
print_line(struct times *times, char c)
{
	str_add_times(&times->report->line, c, WIDTH);
	str_add_char(&times->report->line, ' ');
	sink_print(times->report, stdout, PAINT_NONE);
}

static void
print_timer(struct times *times)
{
	long seconds = (long)(now() - times->began);

	str_add_format(&times->report->line,
		"Playbook run took %ld days, %ld hours, %ld minutes, %ld seconds", seconds / 86400,
		seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
	sink_print(times->report, stdout, PAINT_NONE);
}

static void
on_recap_end(void *self)
{
	struct times *times = self;
	double total = 0;

	if (times->is_timer) {
		print_timer(times);
		return;
	}
	end_running(times);
	print_clock(times);
	print_line(times, '=');
	qsort(times->rows, times->count, sizeof(*times->rows), compare_rows);
	for (size_t i = 0; i < times->count; i++) {
		if (times->is_of_roles || i < MOST_SHOWN)
			print_row(times, times->rows[i].name, times->rows[i].seconds);
		total += times->rows[i].seconds;
	}
	if (times->is_of_roles) {
		print_line(times, '~');
		print_row(times, "total", total);
	}
}

const struct callback callback_timer = { .name = "timer",
	.doc = "How long the run took.",
	.new = timer_new,
	.free = times_free,
	.recap_end = on_recap_end };
const struct callback callback_profile_tasks = { .name = "profile_tasks",
	.doc = "How long each task took; the slowest at the end.",
	.new = tasks_new,
	.free = times_free,
	.task = on_task,
	.recap_end = on_recap_end };
const struct callback callback_profile_roles = { .name = "profile_roles",
	.doc = "How long each role took.",
	.new = roles_new,
	.free = times_free,
	.task = on_task,
	.recap_end = on_recap_end };
