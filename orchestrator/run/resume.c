/*
 * After a failure: Ansible's retry file (the hosts, for --limit @), and what --resume needs (the hosts,
 * and the task at which the first of them in the order of the play stopped).
 */
#include "json/json.h"
#include "orchestrator/run/internal.h"
#include "os/files.h"

enum { RECORD_MAX = 16 * 1024 * 1024 };

/* ---- where a host stands ---- */

static bool
is_in_include(const struct node *task)
{
	for (const struct node *node = task->parent; node; node = node->parent)
		if (node->kind == NODE_BLOCK && node->is_include)
			return true;
	return false;
}

void
resume_note(struct run_host *host, const struct node *task)
{
	if (task->is_implicit || task->is_handler || is_in_include(task))
		return;
	host->stands_at = task;
	host->stands_in_play = host->run->play_number;
}

/* Paths in playbooks are as they were given; the next run may be started elsewhere. */
static const char *
real_path(const char *path, struct arena *into)
{
	char *real = path ? realpath(path, NULL) : NULL;
	const char *kept = arena_text(into, real ? real : path);

	free(real);
	return kept;
}

static bool
has_failed(const struct run_host *host)
{
	return host->was_used && (host->is_failed || host->is_unreachable);
}

static const struct run_host *
first_to_fail(const struct run *run)
{
	const struct run_host *first = NULL;

	for (size_t i = 0; i < run->hosts.count; i++) {
		const struct run_host *host = run->hosts.entries[i].value;

		if (!has_failed(host) || !host->stands_at)
			continue;
		if (!first || host->stands_in_play < first->stands_in_play ||
			(host->stands_in_play == first->stands_in_play &&
				host->stands_at->serial_number < first->stands_at->serial_number))
			first = host;
	}
	return first;
}

static struct value *
failed_hosts(const struct run *run, struct arena *into)
{
	struct value *list = value_list(into);

	for (size_t i = 0; i < run->hosts.count; i++) {
		const struct run_host *host = run->hosts.entries[i].value;

		if (has_failed(host))
			value_add(into, list, value_text(into, host->name));
	}
	return list;
}

/* ---- the record of --resume ---- */

/* One record for each set of playbooks, in the user's own directory. NULL: there is no home. */
static const char *
record_path(const char *const *paths, struct arena *into)
{
	const char *home = getenv("HOME");
	struct str all = STR_INIT;
	char digest[HASH_TEXT_MAX];

	if (!home)
		return NULL;
	for (; *paths; paths++) {
		char *real = realpath(*paths, NULL);

		str_add_format(&all, "%s\n", real ? real : *paths);
		free(real);
	}
	hash_text(HASH_SHA256, str_view(&all), digest);
	str_release(&all);
	return arena_format(into, "%s/.ertc/resume/%.32s.json", home, digest);
}

static void
record_write(struct run *run, const char *const *paths, const struct value *hosts,
	struct arena *scratch)
{
	static const struct json_style style = { .indent = 2 };
	static const struct file_place place = { .has_mode = true, .mode = 0600 };
	const char *path = record_path(paths, scratch);
	const struct run_host *first = first_to_fail(run);
	struct value *map = value_map(scratch);
	struct str text = STR_INIT;
	struct error err;

	if (!path)
		return;
	value_set(scratch, map, "hosts", hosts);
	if (first) {
		value_set(scratch, map, "file", 
			value_text(scratch, real_path(first->stands_at->place.file, scratch)));
		value_set(scratch, map, "line",
			value_int(scratch, first->stands_at->place.line));
		value_set(scratch, map, "task",
			value_text(scratch, node_title(first->stands_at, scratch)));
		value_set(scratch, map, "play", value_int(scratch, first->stands_in_play));
	}
	json_add(map, &style, &text);
	if (!directory_make(path_parent(scratch, path), 0700, &err) ||
		!file_replace(path, str_view(&text), &place, &err))
		report_warning(run->report, "--resume will not be possible: %s", err.what);
	str_release(&text);
}

/* ---- retry files ---- */

static void
retry_file_write(struct run *run, const char *playbook, const struct value *hosts,
	struct arena *scratch)
{
	const struct run_settings *settings = run->settings;
	const char *name = path_name(playbook), *dot = strrchr(name, '.');
	const char *directory = settings->retry_directory ? settings->retry_directory
							  : path_parent(scratch, playbook);
	const char *path = arena_format(scratch, "%s/%.*s.retry", directory,
		dot ? (int)(dot - name) : (int)strlen(name), name);
	struct str text = STR_INIT;
	struct error err;

	VALUE_EACH (host, hosts)
		str_add_format(&text, "%s\n", value_string(host));
	if (directory_make(directory, 0755, &err) &&
		file_replace(path, str_view(&text), NULL, &err))
		report_text(run->report, "\tto retry, use: --limit @%s\n", path);
	else
		report_warning(run->report, "Could not create retry file '%s'. %s", path, err.what);
	str_release(&text);
}

void
resume_keep(struct run *run, const char *const *paths)
{
	const struct run_settings *settings = run->settings;
	const struct value *hosts;
	struct arena scratch;

	arena_init(&scratch);
	hosts = failed_hosts(run, &scratch);
	if (hosts->list.count && !settings->check_mode) {
		record_write(run, paths, hosts, &scratch);
	} else if (!settings->check_mode && !run->interrupts) {
		const char *path = record_path(paths, &scratch);

		if (path)
			unlink(path);
	}
	if (hosts->list.count && settings->writes_retry_files)
		for (; *paths; paths++)
			retry_file_write(run, *paths, hosts, &scratch);
	arena_release(&scratch);
}

/* ---- going on ---- */

bool
resume_begin(struct run *run, const char *const *paths, struct error *err)
{
	struct str text = STR_INIT;
	const struct value *record = NULL;
	int64_t line = 0, play = 0;
	const char *path;
	bool ok;

	if (!run->settings->resumes)
		return true;
	path = record_path(paths, &run->arena);
	ok = path && file_read(path, RECORD_MAX, &text, err) &&
	     json_parse(&run->arena, str_view(&text), &record, err) && value_is_map(record) &&
	     value_is_list(value_get(record, "hosts"));
	str_release(&text);
	if (!ok) {
		fail(err, ERR_OPTIONS, "there is nothing to resume");
		return error_why(err, "the last run of these playbooks left no host that failed");
	}
	run->resumed_hosts = value_get(record, "hosts");
	run->resume_file = value_string(value_get(record, "file"));
	if (value_get(record, "line") && value_to_int(value_get(record, "line"), &line))
		run->resume_line = (uint32_t)line;
	if (value_get(record, "play") && value_to_int(value_get(record, "play"), &play))
		run->resume_play = (int)play;
	report_text(run->report, "resuming %u host%s at '%s'", run->resumed_hosts->list.count,
		run->resumed_hosts->list.count == 1 ? "" : "s",
		value_get(record, "task") ? value_string(value_get(record, "task"))
					  : "the beginning");
	return true;
}

void
resume_end(struct run *run)
{
	if (run->resume_file && !run->has_resumed && !run->interrupts)
		report_warning(run->report,
			"the task to resume at was not found: the playbook has changed since, and "
			"nothing was done");
}

bool
resume_leaves_out(const struct run_host *host)
{
	const struct value *hosts = host->run->resumed_hosts;

	if (!hosts)
		return false;
	VALUE_EACH (name, hosts)
		if (text_equals(value_string(name), host->name))
			return false;
	return true;
}

/* Tasks in front of the one that failed have been done; facts are gathered again. */
bool
resume_passes_over(struct run *run, const struct node *task)
{
	if (!run->resume_file || run->has_resumed || task->is_implicit || task->is_handler)
		return false;
	if (run->play_number > run->resume_play ||
		(run->play_number == run->resume_play &&
			task->place.line == run->resume_line &&
			text_equals(real_path(task->place.file, &run->scratch), run->resume_file)))
		run->has_resumed = true;
	return !run->has_resumed;
}
