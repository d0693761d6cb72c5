/* The one place that prints: masked, neutralised, painted, and copied to the log file. */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <time.h>

#include "orchestrator/report/internal.h"

enum { SHORTEST_SECRET = 3, DEFAULT_COLUMNS = 80, NARROWEST = 40 };

static const char *const paints[] = { [PAINT_NONE] = "",
	[PAINT_OK] = "\033[0;32m",
	[PAINT_CHANGED] = "\033[0;33m",
	[PAINT_SKIPPED] = "\033[0;36m",
	[PAINT_FAILED] = "\033[0;31m",
	[PAINT_UNREACHABLE] = "\033[1;31m",
	[PAINT_WARN] = "\033[1;35m",
	[PAINT_VERBOSE] = "\033[0;34m",
	[PAINT_DEBUG] = "\033[1;30m" };

const char *
paint_code(enum paint paint)
{
	return paints[paint];
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

/* ---- secrets ---- */

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

void
sink_mask(const struct report *report, struct str *text)
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

/* ---- printing ---- */

static void
put_painted(FILE *file, enum paint paint, struct view text)
{
	struct view line;

	while (view_cut(&text, '\n', &line))
		fprintf(file, "%s%.*s\033[0m%s", paints[paint], (int)line.length, line.data,
			text.data ? "\n" : "");
}

void
sink_print(struct report *report, FILE *file, enum paint paint)
{
	bool is_colored = file == stdout ? report->is_colored : report->is_colored_err;

	if (file == stdout && report->held_back)
		report->held_back(report->held_by);
	sink_mask(report, &report->line);
	neutralise(&report->line);
	log_add(report, report->line.data);
	live_hide(report->live);
	if (is_colored && paint)
		put_painted(file, paint, str_view(&report->line));
	else
		fputs(report->line.data, file);
	fputc('\n', file);
	fflush(file);
	str_clear(&report->line);
}

void
sink_print_raw(struct report *report, FILE *file)
{
	if (file == stdout && report->held_back)
		report->held_back(report->held_by);
	sink_mask(report, &report->line);
	live_hide(report->live);
	fputs(report->line.data, file);
	fflush(file);
	str_clear(&report->line);
}

static size_t
columns(void)
{
	struct winsize size;

	return isatty(1) && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > NARROWEST
		       ? size.ws_col
		       : DEFAULT_COLUMNS;
}

/* How many columns a text takes, roughly: bytes that begin a character. */
static size_t
text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80 && *text != '\n';
	return width;
}

void
sink_banner(struct report *report, const char *text)
{
	size_t width = text_width(text), most = columns() - 1;

	str_add_format(&report->line, "\n%s ", text);
	str_add_times(&report->line, '*', width + 3 < most ? most - width : 3);
	sink_print(report, stdout, PAINT_NONE);
}

/* ---- warnings and errors ---- */

/* As Python's textwrap: words are kept whole where they fit, others are broken. */
static void
add_wrapped(struct str *out, struct view text, size_t width)
{
	size_t used = 0;

	while (text.length) {
		size_t space = 0, word = 0;

		while (space < text.length && text.data[space] == ' ')
			space++;
		while (space + word < text.length && text.data[space + word] != ' ')
			word++;
		if (used && used + space + word > width && word <= width) {
			str_add_char(out, '\n');
			used = space = 0;
			while (text.length && text.data[0] == ' ')
				text = (struct view){ text.data + 1, text.length - 1 };
			continue;
		}
		if (used + space + word > width) { /* longer than a line */
			size_t room = width > used + space ? width - used - space : 0;

			word = MIN(word, MAX(room, (size_t)1));
		}
		str_add_bytes(out, text.data, space + word);
		used += space + word;
		text = (struct view){ text.data + space + word, text.length - space - word };
		if (used >= width && text.length && text.data[0] != ' ') {
			str_add_char(out, '\n');
			used = 0;
		}
	}
}

static void
warn_once(struct report *report, const char *kind, const char *text)
{
	struct str whole = STR_INIT;
	struct view rest, line;
	bool is_first = true;

	str_add_format(&whole, "[%s]: %s", kind, text);
	if (!map_get(&report->warned, whole.data)) {
		map_set(&report->warned, whole.data, report);
		rest = str_view(&whole);
		while (view_cut(&rest, '\n', &line)) {
			str_add(&report->line, is_first ? "" : "\n");
			add_wrapped(&report->line, line, columns() - 1);
			is_first = false;
		}
		sink_print(report, stderr, PAINT_WARN);
	}
	str_release(&whole);
}

void
report_warning(struct report *report, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	warn_once(report, "WARNING", text);
}

void
report_deprecated(struct report *report, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!report->settings.hides_deprecations)
		warn_once(report, "DEPRECATION WARNING", text);
}

/* The line that is wrong and its caret, indented as the rest. */
static void
excerpt_add(struct report *report, const struct error *err)
{
	struct view rest = view_of(err->excerpt), line;

	while (err->excerpt[0] && view_cut(&rest, '\n', &line))
		str_add_format(&report->line, "\n         %.*s", (int)line.length, line.data);
}

void
report_error(struct report *report, const struct error *err)
{
	str_add_format(&report->line, "ERROR! %s", err->what);
	if (err->where[0])
		str_add_format(&report->line, "\n  where: %s", err->where);
	excerpt_add(report, err);
	if (err->why[0])
		str_add_format(&report->line, "\n  why:   %s", err->why);
	if (err->hint[0])
		str_add_format(&report->line, "\n  hint:  %s", err->hint);
	sink_print(report, stderr, PAINT_FAILED);
}

void
report_lend_output(struct report *report)
{
	report->is_output_lent = true;
}

void
report_verbose(struct report *report, int verbosity, const char *host, const char *format, ...)
{
	char text[4096];
	va_list args;

	if (report->settings.verbosity < verbosity || report->is_silent)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (host)
		str_add_format(&report->line, "<%s> ", host);
	str_add(&report->line, text);
	sink_print(report, report->is_output_lent ? stderr : stdout, PAINT_VERBOSE);
}

void
report_progress(struct report *report, const char *text)
{
	(void)report;
	fprintf(stderr, "\r\033[K%.*s", (int)columns() - 1, text ? text : "");
	fflush(stderr);
}

void
report_banner(struct report *report, const char *text)
{
	if (!report->is_silent)
		sink_banner(report, text);
}

void
report_text(struct report *report, const char *format, ...)
{
	va_list args;

	if (report->is_silent)
		return;
	va_start(args, format);
	str_add_arguments(&report->line, format, args);
	va_end(args);
	sink_print(report, stdout, PAINT_NONE);
}
