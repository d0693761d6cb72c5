/* Events of the run, handed to the callbacks: one that writes on stdout, and those enabled beside.
 */
#include <fcntl.h>

#include "orchestrator/report/internal.h"

static const struct callback *const on_stdout[] = { &callback_default, &callback_yaml,
	&callback_json, &callback_minimal, &callback_oneline, NULL };
static const struct callback *const beside[] = { &callback_junit, &callback_timer,
	&callback_profile_tasks, &callback_profile_roles, &callback_tree, NULL };

/* Only the user may read it: results are shown there in full. */
static FILE *
log_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "a") : NULL;

	if (!file)
		fprintf(stderr,
			"[WARNING]: log file at %s is not writeable and we cannot create it, "
			"aborting\n",
			path);
	return file;
}

/* "ansible.posix.timer" is the same as "timer". */
static const struct callback *
callback_find(const struct callback *const *callbacks, const char *name)
{
	const char *dot = strrchr(name, '.');

	for (; *callbacks; callbacks++)
		if (!strcmp((*callbacks)->name, dot ? dot + 1 : name))
			return *callbacks;
	return NULL;
}

bool
report_callback_about(size_t index, const char **name, const char **doc)
{
	const size_t firsts = ARRAY_SIZE(on_stdout) - 1;
	const struct callback *callback;

	if (index >= firsts + ARRAY_SIZE(beside) - 1)
		return false;
	callback = index < firsts ? on_stdout[index] : beside[index - firsts];
	*name = callback->name;
	*doc = callback->doc;
	return true;
}

static void
callback_add(struct report *report, const struct callback *callback)
{
	if (report->callback_count == MOST_CALLBACKS)
		return;
	report->callbacks[report->callback_count].callback = callback;
	report->callbacks[report->callback_count++].self = callback->new (report);
}

static void
callbacks_add(struct report *report)
{
	const char *name = report->settings.callback ? report->settings.callback : "default";
	const struct callback *callback = callback_find(on_stdout, name);

	if (!callback)
		report_warning(report,
			"the callback '%s' is not known here: using 'default' (there are yaml, "
			"json, "
			"minimal and oneline)",
			name);
	callback_add(report, callback ? callback : &callback_default);
	for (const char *const *at = report->settings.enabled; at && *at; at++) {
		callback = callback_find(beside, *at);
		if (callback)
			callback_add(report, callback);
		else if (!callback_find(on_stdout, *at))
			report_warning(
				report, "the callback '%s' is not known here and left out", *at);
	}
}

struct report *
report_new(const struct report_settings *settings)
{
	struct report *report = memory_get(sizeof(*report));

	report->settings = *settings;
	report->is_colored =
		settings->color == COLOR_ALWAYS || (settings->color == COLOR_AUTO && isatty(1));
	report->is_colored_err =
		settings->color == COLOR_ALWAYS || (settings->color == COLOR_AUTO && isatty(2));
	str_init(&report->line);
	map_init(&report->warned);
	report->log = settings->log_path ? log_open(settings->log_path) : NULL;
	callbacks_add(report);
	report->live = settings->shows_live && !report->is_silent ? live_new(stdout) : NULL;
	return report;
}

void
report_free(struct report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->callback_count; i++)
		report->callbacks[i].callback->free(report->callbacks[i].self);
	live_free(report->live);
	for (size_t i = 0; i < report->secret_count; i++) {
		memory_wipe((char *)(uintptr_t)report->secrets[i].data, report->secrets[i].length);
		free((char *)(uintptr_t)report->secrets[i].data);
	}
	str_release(&report->line);
	map_release(&report->warned);
	if (report->log)
		fclose(report->log);
	free(report);
}

/* ---- events ---- */

#define TELL(report, event, ...)                              \
	for (size_t i = 0; i < (report)->callback_count; i++) \
		if ((report)->callbacks[i].callback->event)   \
	(report)->callbacks[i].callback->event((report)->callbacks[i].self, ##__VA_ARGS__)

void
report_playbook(struct report *report, const char *path, size_t plays)
{
	TELL(report, playbook, path, plays);
}

void
report_play(struct report *report, const char *name, const char *path, bool check_mode)
{
	TELL(report, play, name, path, check_mode);
}

void
report_task(struct report *report, const struct report_task *task)
{
	TELL(report, task, task);
}

void
report_start(struct report *report, const struct report_task *task, const char *host)
{
	TELL(report, start, task, host);
}

void
report_result(struct report *report, const struct report_result *result)
{
	result_tell_warnings(report, result);
	TELL(report, result, result);
}

void
report_included(struct report *report, const struct report_task *task, const char *path,
	const char *host, const struct value *label)
{
	TELL(report, included, task, path, host, label);
}

void
report_no_hosts_matched(struct report *report)
{
	TELL(report, no_hosts_matched);
}

void
report_no_more_hosts(struct report *report)
{
	TELL(report, no_more_hosts);
}

void
report_custom_stats(struct report *report, const char *host, const struct value *stats)
{
	TELL(report, custom_stats, host, stats);
}

void
report_recap_begin(struct report *report)
{
	live_free(report->live);
	report->live = NULL;
	TELL(report, recap_begin);
}

void
report_recap_host(struct report *report, const char *host, const struct report_stats *stats)
{
	TELL(report, recap_host, host, stats);
}

void
report_recap_end(struct report *report)
{
	TELL(report, recap_end);
}

/* ---- live lines ---- */

void
report_busy(struct report *report, const char *host, const char *what)
{
	live_set(report->live, host, what);
}

void
report_tick(struct report *report)
{
	live_draw(report->live);
}

void
report_hold(struct report *report, bool is_held)
{
	live_hold(report->live, is_held);
}

bool
report_is_live(const struct report *report)
{
	return report->live != NULL;
}
