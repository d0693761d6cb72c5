/* Facts kept between runs (fact_caching = jsonfile): one JSON file a host, as Ansible has them. */
#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "json/json.h"
#include "orchestrator/run/internal.h"
#include "os/files.h"

enum { CACHE_FILE_MAX = 64 * 1024 * 1024 };

static const char *
cache_path(const struct run_host *host, struct arena *into)
{
	const struct run_settings *settings = host->run->settings;

	return arena_format(into, "%s/%s%s", settings->fact_cache,
		settings->fact_cache_prefix ? settings->fact_cache_prefix : "", host->name);
}

/* A host's name comes from an inventory, perhaps a cloud's: it must not leave the directory. */
static bool
is_usable(const struct run_host *host)
{
	return host->run->settings->fact_cache && !strchr(host->name, '/');
}

static bool
is_too_old(const struct run_settings *settings, const struct stat *info)
{
	return settings->fact_cache_timeout_s > 0 &&
	       time(NULL) - info->st_mtime > settings->fact_cache_timeout_s;
}

void
fact_cache_load(struct run_host *host)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct value *facts;
	struct error err;
	struct arena scratch;
	struct stat info;
	const char *path;

	if (!is_usable(host))
		return;
	arena_init(&scratch);
	path = cache_path(host, &scratch);
	if (host->run->settings->flushes_fact_cache) {
		if (remove(path) != 0 && errno != ENOENT)
			report_warning(host->run->report, "cannot remove %s", path);
	} else if (stat(path, &info) == 0 && !is_too_old(host->run->settings, &info)) {
		if (file_read(path, CACHE_FILE_MAX, &text, &err) &&
			json_parse(&scratch, str_view(&text), &facts, &err) &&
			value_is_map(facts)) {
			host_set_facts(host, facts);
			host->has_new_facts = false;
		} else {
			report_warning(host->run->report,
				"error in the fact cache, file %s is left out: %s", path, err.what);
		}
	}
	arena_release(&scratch);
}

static void
save(struct run_host *host)
{
	static const struct json_style style = { .indent = 4, .sort_keys = true };
	static const struct file_place place = { .has_mode = true, .mode = 0600 };
	const char *directory = host->run->settings->fact_cache;
	struct str text = STR_INIT;
	struct error err;
	struct arena scratch;

	arena_init(&scratch);
	json_add(host->facts, &style, &text);
	if (!directory_make(directory, 0700, &err) ||
		!file_replace(cache_path(host, &scratch), str_view(&text), &place, &err))
		report_warning(host->run->report, "error in the fact cache: %s", err.what);
	host->has_new_facts = false;
	str_release(&text);
	arena_release(&scratch);
}

void
fact_cache_save(struct run *run)
{
	for (size_t i = 0; i < run->hosts.count; i++) {
		struct run_host *host = run->hosts.entries[i].value;

		if (host->has_new_facts && is_usable(host))
			save(host);
	}
}
