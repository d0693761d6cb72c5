/* `ertc ssh`: a person at one host, on the road that a play would take to it. */
#include "orchestrator/run/start.h"

static bool
host_choose(struct run *run, const char *pattern, struct inventory_host **out, struct error *err)
{
	_cleanup_str_ struct str names = STR_INIT;
	struct host_list found = { 0 };

	*out = inventory_host_find_or_local(run->inventory, pattern);
	if (*out)
		return true;
	if (!inventory_match(run->inventory, pattern, &run->arena, &found, err))
		return false;
	if (found.count == 1) {
		*out = found.hosts[0];
		return true;
	}
	if (!found.count)
		return fail(err, ERR_MISSING, "there is no host '%s' in this inventory", pattern);
	for (size_t i = 0; i < found.count && i < 8; i++)
		str_add_format(&names, "%s%s", i ? ", " : "", found.hosts[i]->name);
	fail(err, ERR_OPTIONS, "'%s' is not one host", pattern);
	error_why(err, "it is %zu: %s%s", found.count, names.data, found.count > 8 ? " …" : "");
	return error_hint(err, "'%s[0]' is the first of them", pattern);
}

static bool
settings_read(
	struct run *run, struct inventory_host *found, struct link_settings *out, struct error *err)
{
	struct task_scope scope;

	task_scope_init(&scope, run_host_get(run, found), NULL, NULL, 0, NULL);
	return link_settings_read(&scope, &run->arena, found->name, out, err) ||
	       error_context(err, "host '%s'", found->name);
}

static void
tell_road(void *context, const char *road)
{
	struct run *run = context;

	report_verbose(run->report, 1, NULL, "%s", road);
}

int
run_shell(const struct run_settings *settings, struct inventory *inventory, struct report *report,
	const char *host, const struct shell_request *wanted)
{
	struct run *run = run_start(settings, inventory, report);
	struct shell_request request = *wanted;
	struct inventory_host *found;
	struct link_settings link;
	struct error err;
	int status = RUN_SHELL_LOST;

	error_clear(&err);
	request.opened = tell_road;
	request.context = run;
	if (!host_choose(run, host, &found, &err) || !settings_read(run, found, &link, &err) ||
		!shell_run(run->transport, &link, &request, &status, &err))
		report_error(report, &err);
	run_stop(run);
	return status;
}
