/* Ansible's default callback: plays, tasks, results, recap, on stdout; warnings and errors on
 * stderr. */
#include "orchestrator/report/report.h"

#include <fcntl.h>
#include <stdarg.h>
#include <time.h>

#include "base/map.h"
#include "json/json.h"
#include "orchestrator/report/live.h"
#include "orchestrator/report/diff.h"

enum { BANNER_WIDTH = 79, MOST_SECRETS = 4096, SHORTEST_SECRET = 3 };

enum paint {
	PAINT_NONE,
	PAINT_OK,
	PAINT_CHANGED,
	PAINT_SKIPPED,
	PAINT_FAILED,
	PAINT_WARN,
	PAINT_VERBOSE
};

struct report {
	struct report_settings settings;
	bool is_colored, is_colored_err;
	struct live *live;
	struct view secrets[MOST_SECRETS];
	size_t secret_count;
	struct str line;
	FILE *log;
	struct map included; /* "path\nitem" -> hosts, not printed yet */
};

static void print_included(struct report *report);

static const char *const paints[] = { [PAINT_NONE] = "",
	[PAINT_OK] = "\033[0;32m",
	[PAINT_CHANGED] = "\033[0;33m",
	[PAINT_SKIPPED] = "\033[0;36m",
	[PAINT_FAILED] = "\033[0;31m",
	[PAINT_WARN] = "\033[1;35m",
	[PAINT_VERBOSE] = "\033[0;34m" };

/* Only the user may read it: results are shown there in full. */
static FILE *
log_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "a") : NULL;

	if (!file)
		fprintf(stderr, "[WARNING]: log file at %s is not writeable and we cannot create it, aborting\n",
			path);
	return file;
}

static void
log_add(struct report *report, const char *text)
{
	time_t now = time(NULL);
	struct tm parts;
	char when[32];

	if (!report->log)
		return;
	localtime_r(&now, &parts);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &parts);
	fprintf(report->log, "%s p=%ld | %s\n", when, (long)getpid(), text);
	fflush(report->log);
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
	report->live = settings->shows_live ? live_new(stdout) : NULL;
	str_init(&report->line);
	map_init(&report->included);
	report->log = settings->log_path ? log_open(settings->log_path) : NULL;
	return report;
}

void
report_free(struct report *report)
{
	if (!report)
		return;
	live_free(report->live);
	for (size_t i = 0; i < report->secret_count; i++) {
		memory_wipe((char *)(uintptr_t)report->secrets[i].data, report->secrets[i].length);
		free((char *)(uintptr_t)report->secrets[i].data);
	}
	str_release(&report->line);
	map_release(&report->included);
	if (report->log)
		fclose(report->log);
	free(report);
}

/* ---- the sink: masked, neutralised, painted ---- */

void
report_secret(struct report *report, struct view secret)
{
	char *copy;

	if (secret.length < SHORTEST_SECRET || report->secret_count == MOST_SECRETS)
		return;
	for (size_t i = 0; i < report->secret_count; i++)
		if (view_equals(report->secrets[i], secret))
			return;
	copy = memory_get(secret.length + 1);
	memcpy(copy, secret.data, secret.length);
	report->secrets[report->secret_count++] = (struct view){ copy, secret.length };
}

static void
mask(const struct report *report, struct str *text)
{
	static const char shown[] = "********";

	for (size_t i = 0; i < report->secret_count; i++) {
		struct view secret = report->secrets[i];
		char *found;
		size_t from = 0;

		while (from < text->length &&
			(found = memmem(text->data + from, text->length - from, secret.data,
				 secret.length))) {
			struct str masked = STR_INIT;
			size_t at = (size_t)(found - text->data);

			str_add_bytes(&masked, text->data, at);
			str_add(&masked, shown);
			str_add_bytes(
				&masked, found + secret.length, text->length - at - secret.length);
			str_release(text);
			*text = masked;
			from = at + sizeof(shown) - 1;
		}
	}
}

/* What came from a host may not drive the terminal: control characters are shown, not sent. */
static void
neutralise(struct str *text)
{
	for (size_t i = 0; i < text->length; i++) {
		unsigned char c = (unsigned char)text->data[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			text->data[i] = c == '\r' ? ' ' : '?';
	}
}

static void
print(struct report *report, FILE *file, enum paint paint, struct str *text)
{
	bool is_colored = file == stdout ? report->is_colored : report->is_colored_err;

	if (file == stdout)
		print_included(report);
	mask(report, text);
	neutralise(text);
	log_add(report, text->data);
	live_hide(report->live);
	if (is_colored && paint)
		fprintf(file, "%s%s\033[0m\n", paints[paint], text->data);
	else
		fprintf(file, "%s\n", text->data);
	fflush(file);
	str_clear(text);
}

static void
banner(struct report *report, const char *text)
{
	size_t length = strlen(text);

	str_add_format(&report->line, "\n%s ", text);
	str_add_times(&report->line, '*', length + 3 < BANNER_WIDTH ? BANNER_WIDTH - length : 3);
	print(report, stdout, PAINT_NONE, &report->line);
}

/* ---- plays and tasks ---- */

void
report_playbook(struct report *report, const char *path, size_t plays)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct str text = STR_INIT;

	if (report->settings.verbosity < 2)
		return;
	str_add_format(&text, "PLAYBOOK: %s", name);
	banner(report, text.data);
	str_release(&text);
	str_add_format(&report->line, "%zu plays in %s", plays, path);
	print(report, stdout, PAINT_VERBOSE, &report->line);
}

void
report_play(struct report *report, const char *name)
{
	struct str text = STR_INIT;

	str_add(&text, "PLAY");
	if (name && *name)
		str_add_format(&text, " [%s]", name);
	if (report->settings.check_mode && report->settings.check_mode_markers)
		str_add(&text, " [CHECK MODE]");
	banner(report, text.data);
	str_release(&text);
}

void
report_task(struct report *report, const char *kind, const char *title, const char *path)
{
	struct str text = STR_INIT;

	str_add_format(&text, "%s [%s]", kind, title);
	if (report->settings.check_mode && report->settings.check_mode_markers)
		str_add(&text, " [CHECK MODE]");
	banner(report, text.data);
	str_release(&text);
	if (report->settings.verbosity >= 2 && path && *path) {
		str_add_format(&report->line, "task path: %s", path);
		print(report, stdout, PAINT_VERBOSE, &report->line);
	}
}

/* ---- results ---- */

static bool
is_one_of(const char *key, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static bool
is_shown_key(const struct report *report, const struct report_result *result, const char *key)
{
	bool is_debug = text_equals(result->action, "debug");

	static const char *const beside_msg[] = { "msg", "exception", "warnings", "deprecations" };
	static const char *const beside_var[] = { "changed", "failed", "skipped", "invocation",
		"skip_reason" };

	if (text_starts(key, "_ansible_") || !strcmp(key, "diff") || !strcmp(key, "exception") ||
		!strcmp(key, "failed"))
		return false;
	if (!strcmp(key, "invocation"))
		return report->settings.verbosity >= 3;
	if (is_debug && result->status != REPORT_FAILED) /* what debug was meant to say, alone */
		return value_get(result->result, "msg")
			       ? is_one_of(key, beside_msg, ARRAY_SIZE(beside_msg))
			       : !is_one_of(key, beside_var, ARRAY_SIZE(beside_var));
	return true;
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct value_pair *x = a, *y = b;
	int order;

	if (!value_compare(x->key, y->key, &order))
		return 0;
	return order;
}

static const struct value *
shown_result(const struct report *report, const struct report_result *result, struct arena *into)
{
	struct value *shown = value_map(into);

	VALUE_PAIRS (pair, result->result)
		if (value_is_string(pair->key) &&
			is_shown_key(report, result, value_string(pair->key)))
			value_set_key(into, shown, pair->key, pair->value);
	if (shown->map.count > 1)
		qsort(shown->map.pairs, shown->map.count, sizeof(*shown->map.pairs), compare_pairs);
	return shown;
}

static const struct value *
censored(struct arena *into, const struct report_result *result)
{
	struct value *map = value_map(into);

	value_set(into, map, "censored",
		value_text(into, "the output has been hidden due to the fact that 'no_log: true' "
				 "was specified for "
				 "this result"));
	value_set(into, map, "changed",
		value_bool(into, value_is_true(value_get(result->result, "changed"))));
	return map;
}

static void
add_json(struct report *report, const struct report_result *result, bool is_indented)
{
	struct json_style style = { 0 };
	const struct value *shown;
	struct arena arena;

	arena_init(&arena);
	style.sort_keys = true;
	style.indent = is_indented ? 4 : 0;
	shown = result->no_log ? censored(&arena, result) : shown_result(report, result, &arena);
	json_add(shown, &style, &report->line);
	arena_release(&arena);
}

static void
add_label(struct report *report, const struct report_result *result)
{
	if (!result->label)
		return;
	str_add(&report->line, " => (item=");
	if (result->no_log)
		str_add(&report->line, "(censored due to no_log)");
	else
		value_add_text(result->label, &report->line);
	str_add_char(&report->line, ')');
}

static void
add_host(struct report *report, const struct report_result *result)
{
	str_add_format(&report->line, "[%s", result->host);
	if (result->delegated)
		str_add_format(&report->line, " -> %s", result->delegated);
	str_add_char(&report->line, ']');
}

static bool
always_verbose(const struct report_result *result)
{
	return value_is_true(value_get(result->result, "_ansible_verbose_always"));
}

static void
print_fine(struct report *report, const struct report_result *result)
{
	static const struct {
		const char *word;
		enum paint paint;
	} rows[] = { [REPORT_OK] = { "ok", PAINT_OK },
		[REPORT_CHANGED] = { "changed", PAINT_CHANGED },
		[REPORT_SKIPPED] = { "skipping", PAINT_SKIPPED } };
	bool is_verbose = (report->settings.verbosity > 0 || always_verbose(result)) &&
			  !value_is_true(value_get(result->result, "_ansible_verbose_override"));

	if (result->status == REPORT_OK && !report->settings.shows_ok)
		return;
	if (result->status == REPORT_SKIPPED && !report->settings.shows_skipped)
		return;
	str_add_format(&report->line, "%s: ", rows[result->status].word);
	add_host(report, result);
	add_label(report, result);
	if (result->status == REPORT_SKIPPED && report->settings.verbosity == 0) {
		if (result->label)
			str_add_char(&report->line, ' ');
	} else if (is_verbose) {
		str_add(&report->line, " => ");
		add_json(report, result, always_verbose(result));
	} else if (result->label && result->status != REPORT_SKIPPED) {
		;
	}
	print(report, stdout, rows[result->status].paint, &report->line);
}

static void
print_msg_stderr(struct report *report, const struct report_result *result)
{
	const char *exception = value_string(value_get(result->result, "exception"));

	if (exception && !result->no_log && report->settings.verbosity >= 3) {
		str_add(&report->line, exception);
		print(report, stdout, PAINT_FAILED, &report->line);
	}
}

static void
print_failed(struct report *report, const struct report_result *result)
{
	print_msg_stderr(report, result);
	if (result->label) {
		str_add(&report->line, "failed: ");
		add_host(report, result);
		str_add(&report->line, " (item=");
		if (result->no_log)
			str_add(&report->line, "(censored due to no_log)");
		else
			value_add_text(result->label, &report->line);
		str_add(&report->line, ") => ");
	} else {
		str_add(&report->line, "fatal: ");
		add_host(report, result);
		str_add(&report->line, result->status == REPORT_UNREACHABLE ? ": UNREACHABLE! => "
									    : ": FAILED! => ");
	}
	add_json(report, result, false);
	print(report, stdout, PAINT_FAILED, &report->line);
}

static void
print_diffs(struct report *report, const struct report_result *result)
{
	const struct value *diff = value_get(result->result, "diff");

	if (!result->shows_diff || result->no_log || !diff || !value_is_true(diff))
		return;
	if (result->status != REPORT_CHANGED && result->status != REPORT_FAILED &&
		result->status != REPORT_OK)
		return;
	diff_add(diff, report->settings.largest_diff, report->is_colored, &report->line);
	if (report->line.length) {
		mask(report, &report->line);
		live_hide(report->live);
		fputs(report->line.data, stdout);
		fputc('\n', stdout);
		fflush(stdout);
	}
	str_clear(&report->line);
}

void
report_result(struct report *report, const struct report_result *result)
{
	switch (result->status) {
	case REPORT_OK:
	case REPORT_CHANGED:
	case REPORT_SKIPPED:
		if (result->status != REPORT_SKIPPED)
			print_diffs(report, result);
		if (result->is_loop_total && result->status != REPORT_SKIPPED)
			return;
		print_fine(report, result);
		return;
	case REPORT_RETRY:
		str_add_format(&report->line, "FAILED - RETRYING: ");
		add_host(report, result);
		str_add_format(&report->line, ": %s (%d retries left).", result->path,
			result->retries - result->attempt);
		if (report->settings.verbosity > 2) {
			str_add(&report->line, "Result was: ");
			add_json(report, result, false);
		}
		print(report, stdout, PAINT_VERBOSE, &report->line);
		return;
	case REPORT_FAILED:
	case REPORT_UNREACHABLE:
		if (!result->is_loop_total) {
			print_diffs(report, result);
			print_failed(report, result);
		}
		if (result->is_ignored && !result->label) {
			str_add(&report->line, "...ignoring");
			print(report, stdout, PAINT_SKIPPED, &report->line);
		}
		return;
	}
}

/* Hosts that include the same file share a line: it is held back until something else is printed.
 */
void
report_included(
	struct report *report, const char *path, const char *host, const struct value *label)
{
	struct str key = STR_INIT;
	struct str *hosts;

	str_add_format(&key, "%s\n", path);
	if (label) {
		str_add(&key, " => (item=");
		value_add_text(label, &key);
		str_add_char(&key, ')');
	}
	hosts = map_get(&report->included, key.data);
	if (!hosts) {
		hosts = memory_get(sizeof(*hosts));
		str_init(hosts);
		map_set(&report->included, key.data, hosts);
	}
	str_add_format(hosts, "%s%s", hosts->length ? ", " : "", host);
	str_release(&key);
}

static void
print_included(struct report *report)
{
	struct map included = report->included;
	struct str line = STR_INIT;

	if (!included.count)
		return;
	map_init(&report->included);
	for (size_t i = 0; i < included.count; i++) {
		struct str *hosts = included.entries[i].value;
		const char *key = included.entries[i].key;

		str_add_format(&line, "included: %.*s for %s%s", (int)strcspn(key, "\n"), key,
			hosts->data, strchr(key, '\n') + 1);
		print(report, stdout, PAINT_SKIPPED, &line);
		str_release(hosts);
		free(hosts);
	}
	str_release(&line);
	map_release(&included);
}

void
report_no_hosts_matched(struct report *report)
{
	str_add(&report->line, "skipping: no hosts matched");
	print(report, stdout, PAINT_SKIPPED, &report->line);
}

void
report_no_more_hosts(struct report *report)
{
	banner(report, "NO MORE HOSTS LEFT");
}

/* ---- recap ---- */

void
report_recap_begin(struct report *report)
{
	live_free(report->live);
	report->live = NULL;
	banner(report, "PLAY RECAP");
}

static void
recap_count(struct report *report, const char *name, unsigned count, enum paint paint, int width)
{
	char text[64];

	snprintf(text, sizeof(text), "%s=%u", name, count);
	if (report->is_colored && count)
		str_add_format(&report->line, " %s%-*s\033[0m", paints[paint], width, text);
	else
		str_add_format(&report->line, " %-*s", width, text);
}

void
report_recap_host(struct report *report, const char *host, const struct report_stats *stats)
{
	enum paint paint = stats->failed || stats->unreachable ? PAINT_FAILED
			   : stats->changed		       ? PAINT_CHANGED
							       : PAINT_OK;

	if (report->is_colored)
		str_add_format(&report->line, "%s%-26s\033[0m :", paints[paint], host);
	else
		str_add_format(&report->line, "%-26s :", host);
	recap_count(report, "ok", stats->ok, PAINT_OK, 7);
	recap_count(report, "changed", stats->changed, PAINT_CHANGED, 12);
	recap_count(report, "unreachable", stats->unreachable, PAINT_FAILED, 16);
	recap_count(report, "failed", stats->failed, PAINT_FAILED, 11);
	recap_count(report, "skipped", stats->skipped, PAINT_SKIPPED, 12);
	recap_count(report, "rescued", stats->rescued, PAINT_OK, 12);
	recap_count(report, "ignored", stats->ignored, PAINT_WARN, 12);
	mask(report, &report->line);
	log_add(report, report->line.data);
	puts(report->line.data);
	fflush(stdout);
	str_clear(&report->line);
}

void
report_recap_end(struct report *report)
{
	puts("");
	fflush(stdout);
	(void)report;
}

/* ---- the rest ---- */

static void FORMAT(3, 0)
	warn(struct report *report, const char *kind, const char *format, va_list args)
{
	char text[4096];

	vsnprintf(text, sizeof(text), format, args);
	str_add_format(&report->line, "[%s]: %s", kind, text);
	print(report, stderr, PAINT_WARN, &report->line);
}

void
report_warning(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	warn(report, "WARNING", format, args);
	va_end(args);
}

void
report_deprecated(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	warn(report, "DEPRECATION WARNING", format, args);
	va_end(args);
}

void
report_error(struct report *report, const struct error *err)
{
	str_add_format(&report->line, "ERROR! %s", err->what);
	if (err->where[0])
		str_add_format(&report->line, "\n  where: %s", err->where);
	if (err->why[0])
		str_add_format(&report->line, "\n  why:   %s", err->why);
	if (err->hint[0])
		str_add_format(&report->line, "\n  hint:  %s", err->hint);
	print(report, stderr, PAINT_FAILED, &report->line);
}

void
report_verbose(struct report *report, int verbosity, const char *host, const char *format, ...)
{
	char text[4096];
	va_list args;

	if (report->settings.verbosity < verbosity)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (host)
		str_add_format(&report->line, "<%s> ", host);
	str_add(&report->line, text);
	print(report, stdout, PAINT_VERBOSE, &report->line);
}

void
report_text(struct report *report, const char *format, ...)
{
	char text[16384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_add(&report->line, text);
	print(report, stdout, PAINT_NONE, &report->line);
}

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

bool
report_is_live(const struct report *report)
{
	return report->live != NULL;
}
