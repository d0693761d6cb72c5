/* The run as a whole: playbooks are read and checked first, then played; signals; exit codes; the
 * recap. */
#include "orchestrator/run/run.h"

#include <signal.h>
#include <sys/signalfd.h>

#include "orchestrator/run/internal.h"
#include "orchestrator/run/list.h"
#include "orchestrator/run/prompt.h"
#include "orchestrator/run/start.h"

enum { TICK_MS = 200 };

struct run_host *
run_host_get(struct run *run, struct inventory_host *inventory)
{
	struct run_host *host = map_get(&run->hosts, inventory->name);

	if (host)
		return host;
	host = memory_get(sizeof(*host));
	host->run = run;
	host->inventory = inventory;
	host->name = inventory->name;
	arena_init(&host->arena);
	host->facts = value_map(&host->arena);
	host->registered = value_map(&host->arena);
	host->included = value_map(&host->arena);
	host->steps_end = &host->steps;
	map_set(&run->hosts, inventory->name, host);
	fact_cache_load(host);
	return host;
}

void
run_warn(void *context, const char *text)
{
	struct run *run = context;

	report_warning(run->report, "%s", text);
}

static void
run_tell(void *context, const char *text)
{
	struct run *run = context;

	report_verbose(run->report, 3, NULL, "%s", text);
}

static void
warn_at(void *context, const struct place *place, const char *text)
{
	struct run *run = context;
	if (text_equals(run->settings->duplicate_keys, "ignore"))
		return;

	report_warning(run->report, "While constructing a mapping from %s, line %u, column %u, %s",
		place->file ? place->file : "", place->line, place->column, text);
}

static void
warn_plugin(void *context, const struct place *place, const char *text)
{
	struct run *run = context;

	if (!run->settings->list_hosts && !run->settings->list_tasks &&
		!run->settings->list_tags && !run->settings->syntax_check)
		report_warning(run->report, "%s %s", place->file, text);
}

static void
caution(void *context, const struct place *place, const char *text)
{
	struct run *run = context;
	char buffer[384];

	report_warning(run->report, "%s (%s)", text, place_text(place, buffer, sizeof(buffer)));
}

static void
odd_condition(void *context, const struct value *condition, const struct value *result)
{
	struct run *run = context;
	char buffer[384], text[200] = "";

	if (!condition->place.file)
		return; /* not written by anybody */
	if (value_is_string(condition))
		snprintf(text, sizeof(text), " '%.150s'", value_string(condition));
	report_deprecated(run->report,
		"the result of the condition%s is of type %s; ansible-core 2.19 and later take "
		"only true or false: write a comparison, 'is truthy' or '| bool' (%s)",
		text, value_type_name(result),
		place_text(&condition->place, buffer, sizeof(buffer)));
}

static bool
ask(void *context, const char *prompt, bool is_secret, char *answer, size_t size)
{
	struct run *run = context;

	return run->settings->can_ask && prompt_ask(prompt, is_secret, answer, size);
}

/* ---- signals ---- */

/* Once: no new tasks, running ones are finished. Twice: cancelled, here and on the targets. */
static void
on_signal(void *context, unsigned events)
{
	struct run *run = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(run->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		run->interrupts++;
		if (run->interrupts == 1) {
			report_warning(run->report,
				"interrupted: running tasks are finished, no new ones are started "
				"(once more to cancel them)");
			remote_stop_queues(run);
			if (run->terminal_end)
				run->terminal_end(run->terminal_context, false);
			if (run->play)
				play_schedule(run->play);
		} else {
			report_warning(run->report, "cancelled");
			remote_cancel_all(run);
			run->is_cancelled = true;
			loop_stop(run->loop);
		}
	}
}

static void
signals_watch(struct run *run)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	run->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	run->signals = loop_watch_add(run->loop, run->signal_fd, LOOP_READ, on_signal, run);
}

static void
on_tick(void *context)
{
	struct run *run = context;

	report_tick(run->report);
	loop_timer_add(run->loop, TICK_MS, on_tick, run);
}

/* ---- static imports see -e, and the variables of their play ---- */

static bool
static_find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct run *run = context;

	(void)into;
	(void)err;
	*out = value_get_view(run->settings->extra_vars, name);
	for (const struct node *node = run->reader.static_node; node && !*out;
		node = node->parent) {
		if (value_is_map(node->keywords[KEYWORD_VARS]))
			*out = value_get_view(node->keywords[KEYWORD_VARS], name);
	}
	if (!*out && value_is_map(run->reader.import_vars))
		*out = value_get_view(run->reader.import_vars, name);
	if (!*out && view_is(name, "playbook_dir") && run->reader.static_node &&
		run->reader.static_node->play)
		*out = value_text(into, run->reader.static_node->play->directory);
	if (!*out && view_is(name, "role_path") && run->reader.static_node &&
		run->reader.static_node->role)
		*out = value_text(into, run->reader.static_node->role->path);
	return true;
}

static void
run_init(struct run *run, const struct run_settings *settings, struct inventory *inventory,
	struct report *report)
{
	struct transport_settings transport = { .connects_at_once = settings->connects_at_once,
		.retries = settings->retries,
		.can_ask = settings->can_ask,
		.ask = ask,
		.warn = run_warn,
		.context = run };

	memset(run, 0, sizeof(*run));
	run->settings = settings;
	run->inventory = inventory;
	run->report = report;
	run->loop = loop_new();
	run->templates = template_env_new();
	template_env_set_native(run->templates, settings->jinja2_native);
	template_env_set_vault(run->templates, settings->vault);
	template_env_watch_conditions(run->templates, odd_condition, run);
	arena_init(&run->arena);
	arena_init(&run->scratch);
	map_init(&run->hosts);
	map_init(&run->included_files);
	map_init(&run->digests);
	run->static_scope = (struct template_scope){ .find = static_find, .context = run };
	run->reader = (struct playbook_reader){ .arena = &run->arena,
		.templates = run->templates,
		.roles_path = settings->roles_path,
		.collections_path = settings->collections_path,
		.warn = warn_at,
		.caution = caution,
		.warn_plugin = warn_plugin,
		.library_path = settings->library_path,
		.context = run,
		.vault = settings->vault,
		.static_scope = &run->static_scope,
		.is_listing = settings->list_tasks || settings->list_tags,
		.refuses_duplicates = text_equals(settings->duplicate_keys, "error") };
	inventory->warn = run_warn;
	inventory->tell = run_tell;
	inventory->warn_context = run;
	transport.loop = run->loop;
	run->transport = transport_new(&transport);
}

static void
run_release(struct run *run)
{
	remote_close_all(run);
	transport_free(run->transport);
	loop_watch_remove(run->signals);
	if (run->signal_fd > 0)
		close(run->signal_fd);
	for (size_t i = 0; i < run->hosts.count; i++) {
		struct run_host *host = run->hosts.entries[i].value;

		host_drop_steps(host, host->steps);
		while (host->notified)
			handler_done(host, host->notified->handler);
		arena_release(&host->arena);
		free(host);
	}
	map_release(&run->hosts);
	map_release(&run->included_files);
	map_release(&run->digests);
	loop_free(run->loop);
	template_env_free(run->templates);
	arena_release(&run->scratch);
	arena_release(&run->arena);
}

/* ---- plays ---- */

static bool
nobody_is_left(const struct run *run)
{
	size_t used = 0, lost = 0;

	for (size_t i = 0; i < run->hosts.count; i++) {
		const struct run_host *host = run->hosts.entries[i].value;

		used += host->was_used;
		lost += host->was_used && (host->is_failed || host->is_unreachable);
	}
	return used && used == lost;
}

static bool
run_all_plays(struct run *run, struct playbook *const *playbooks, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		report_playbook(run->report, playbooks[i]->path, playbooks[i]->plays.count);
		for (size_t j = 0; j < playbooks[i]->plays.count && !run->interrupts; j++) {
			bool ok;

			run->play_number++;
			ok = run_play(run, playbooks[i]->plays.nodes[j], err);

			fact_cache_save(run);
			if (!ok)
				return false;
			if (run->is_broken || nobody_is_left(run))
				return true;
		}
	}
	return true;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct value_pair *x = a, *y = b;
	int order;

	return value_compare(x->key, y->key, &order) ? order : 0;
}

static int
compare_hosts(const void *a, const void *b)
{
	return strcmp((*(struct run_host *const *)a)->name, (*(struct run_host *const *)b)->name);
}

/* Those of hosts by name, then those of the run. */
static void
tell_custom_stats(struct run *run)
{
	struct value *all = run->custom_stats;
	const struct value *whole;

	if (!all)
		return;
	whole = value_get_key(all, &value_none);
	qsort(all->map.pairs, all->map.count, sizeof(*all->map.pairs), compare_keys);
	VALUE_PAIRS (pair, all)
		if (!value_is_none(pair->key))
			report_custom_stats(run->report, value_string(pair->key), pair->value);
	if (whole)
		report_custom_stats(run->report, NULL, whole);
}

/* Hosts on which nothing was counted are left out, as in Ansible. */
static bool
has_done_something(const struct report_stats *stats)
{
	return stats->ok || stats->changed || stats->unreachable || stats->failed ||
	       stats->skipped || stats->rescued || stats->ignored;
}

static void
run_recap(struct run *run)
{
	struct run_host **hosts = memory_get((run->hosts.count + 1) * sizeof(*hosts));
	size_t count = 0;

	for (size_t i = 0; i < run->hosts.count; i++) {
		struct run_host *host = run->hosts.entries[i].value;

		if (host->was_used && has_done_something(&host->stats))
			hosts[count++] = host;
	}
	qsort(hosts, count, sizeof(*hosts), compare_hosts);
	report_recap_begin(run->report);
	for (size_t i = 0; i < count; i++)
		report_recap_host(run->report, hosts[i]->name, &hosts[i]->stats);
	tell_custom_stats(run);
	report_recap_end(run->report);
	free(hosts);
}

int
run_exit_code(const struct error *err)
{
	switch (err->kind) {
	case ERR_OPTIONS:
		return RUN_ERROR;
	case ERR_PARSE:
	case ERR_UNREACHABLE:
		return RUN_UNREACHABLE;
	case ERR_INTERRUPTED:
		return RUN_INTERRUPTED;
	default:
		return RUN_ERROR;
	}
}

static int
run_result(const struct run *run)
{
	if (run->interrupts)
		return RUN_INTERRUPTED;
	if (run->has_unreachable)
		return RUN_UNREACHABLE;
	for (size_t i = 0; i < run->hosts.count; i++)
		if (((struct run_host *)run->hosts.entries[i].value)->is_failed)
			return RUN_FAILED;
	return RUN_OK;
}

static bool
any_host_used(const struct run *run)
{
	for (size_t i = 0; i < run->hosts.count; i++)
		if (((struct run_host *)run->hosts.entries[i].value)->was_used)
			return true;
	return false;
}

static bool
playbooks_read(struct run *run, const char *const *paths, struct playbook **out, struct error *err)
{
	for (size_t i = 0; paths[i]; i++)
		if (!playbook_read(&run->reader, paths[i], &out[i], err))
			return false;
	return true;
}

/* `paths`: where the playbooks stand, for what is kept beside them; NULL: nowhere. */
static int
run_these(
	struct run *run, struct playbook *const *playbooks, size_t count, const char *const *paths)
{
	struct error err;

	error_clear(&err);
	if (paths && !resume_begin(run, paths, &err)) {
		report_error(run->report, &err);
		return RUN_ERROR;
	}
	signals_watch(run);
	if (report_is_live(run->report))
		on_tick(run);
	if (!run_all_plays(run, playbooks, count, &err)) {
		report_error(run->report, &err);
		run_recap(run);
		return run_exit_code(&err);
	}
	if (paths)
		resume_end(run);
	run_recap(run);
	if (paths)
		resume_keep(run, paths);
	if (run->settings->strict_hosts && !any_host_used(run))
		return RUN_NO_HOSTS;
	return run_result(run);
}

static int
run_with(struct run *run, const char *const *paths)
{
	const struct run_settings *settings = run->settings;
	struct playbook **playbooks;
	struct error err;
	size_t count = 0;

	while (paths[count])
		count++;
	playbooks = arena_array(&run->arena, count + 1, struct playbook *);
	error_clear(&err);
	if (!playbooks_read(run, paths, playbooks, &err)) {
		report_error(run->report, &err);
		return run_exit_code(&err);
	}
	if (settings->list_hosts || settings->list_tasks || settings->list_tags ||
		settings->syntax_check)
		return list_playbooks(run, playbooks, count);
	return run_these(run, playbooks, count, paths);
}

struct run *
run_start(
	const struct run_settings *settings, struct inventory *inventory, struct report *report)
{
	struct run *run = memory_get(sizeof(*run));

	run_init(run, settings, inventory, report);
	return run;
}

void
run_stop(struct run *run)
{
	run_release(run);
	free(run);
}

int
run_playbooks(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const char *const *paths)
{
	struct run *run = run_start(settings, inventory, report);
	int code = run_with(run, paths);

	run_stop(run);
	return code;
}

int
run_play_alone(const struct run_settings *settings, struct inventory *inventory,
	struct report *report, const struct value *play, const char *directory)
{
	struct run *run = memory_get(sizeof(*run));
	struct playbook *playbook;
	struct error err;
	int code;

	run_init(run, settings, inventory, report);
	if (playbook_of_play(&run->reader, play, directory, &playbook, &err)) {
		code = run_these(run, &playbook, 1, NULL);
	} else {
		report_error(run->report, &err);
		code = err.kind == ERR_PARSE ? RUN_FAILED : run_exit_code(&err);
	}
	run_release(run);
	free(run);
	return code;
}
