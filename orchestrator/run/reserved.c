/* Variables with the names of keywords, or of what templates have of their own: allowed, as in
 * Ansible, but hardly meant. Each is warned of once a play. */
#include "orchestrator/run/internal.h"

static bool
is_reserved(struct view name)
{
	static const char *const others[] = { "cycler", "dict", "finalize", "joiner", "lipsum",
		"local_action", "lookup", "namespace", "now", "q", "query", "range", "undef" };

	if (view_is(name, "vars"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (view_is(name, others[i]))
			return true;
	return keyword_find_name(name) >= 0;
}

static void
warn_of(struct run *run, const struct value *vars)
{
	if (value_is_list(vars)) {
		VALUE_EACH (map, vars)
			warn_of(run, map);
		return;
	}
	if (!value_is_map(vars))
		return;
	VALUE_PAIRS (pair, vars)
		if (is_reserved(value_string_view(pair->key)))
			report_warning(run->report, "Found variable using reserved name: %s",
				value_string(pair->key));
}

void
reserved_names_warn(struct play_run *play)
{
	struct run *run = play->run;

	warn_of(run, run->settings->extra_vars);
	warn_of(run, play->node->keywords[KEYWORD_VARS]);
	warn_of(run, play->vars_files);
	for (size_t i = 0; i < play->node->role_count; i++) {
		warn_of(run, play->node->roles[i]->defaults);
		warn_of(run, play->node->roles[i]->vars);
	}
}
