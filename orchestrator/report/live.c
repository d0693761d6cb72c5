/* Lines that are drawn below the report and taken away before the next of its lines. */
#include "orchestrator/report/live.h"

#include <sys/ioctl.h>

#include "base/map.h"
#include "os/loop.h"

enum { MOST_LINES = 8, SHOWN_AFTER_MS = 300 };

struct live_host {
	char *what;
	uint64_t since_ms;
};

struct live {
	FILE *file;
	struct map hosts;
	unsigned drawn;
	bool is_held;
};

struct live *
live_new(FILE *file)
{
	struct live *live = memory_get(sizeof(*live));

	live->file = file;
	map_init(&live->hosts);
	return live;
}

void
live_free(struct live *live)
{
	if (!live)
		return;
	live_hide(live);
	for (size_t i = 0; i < live->hosts.count; i++) {
		struct live_host *host = live->hosts.entries[i].value;

		if (host)
			free(host->what);
		free(host);
	}
	map_release(&live->hosts);
	free(live);
}

void
live_set(struct live *live, const char *name, const char *what)
{
	struct live_host *host;

	if (!live)
		return;
	host = map_get(&live->hosts, name);
	if (!host) {
		host = memory_get(sizeof(*host));
		map_set(&live->hosts, name, host);
	}
	free(host->what);
	host->what = what ? memory_text(what) : NULL;
	host->since_ms = clock_ms();
}

void
live_hide(struct live *live)
{
	if (!live || !live->drawn)
		return;
	for (unsigned i = 0; i < live->drawn; i++)
		fputs("\033[1A\033[2K", live->file);
	fputc('\r', live->file);
	fflush(live->file);
	live->drawn = 0;
}

void
live_hold(struct live *live, bool is_held)
{
	live_hide(live);
	if (live)
		live->is_held = is_held;
}

static int
columns_of(FILE *file)
{
	struct winsize size;

	return ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

void
live_draw(struct live *live)
{
	uint64_t now = clock_ms();
	unsigned busy = 0;
	int columns;

	if (!live || live->is_held)
		return;
	live_hide(live);
	columns = columns_of(live->file);
	for (size_t i = 0; i < live->hosts.count; i++) {
		const struct live_host *host = live->hosts.entries[i].value;
		char line[512];

		if (!host || !host->what || now - host->since_ms < SHOWN_AFTER_MS)
			continue;
		if (++busy > MOST_LINES)
			continue;
		snprintf(line, sizeof(line), "  %-24.40s %4llu s  %s", live->hosts.entries[i].key,
			(unsigned long long)(now - host->since_ms) / 1000, host->what);
		fprintf(live->file, "\033[2m%.*s\033[0m\n", columns - 1, line);
		live->drawn++;
	}
	if (busy > MOST_LINES) {
		fprintf(live->file, "\033[2m  … and %u more\033[0m\n", busy - MOST_LINES);
		live->drawn++;
	}
	fflush(live->file);
}
