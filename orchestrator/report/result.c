/* What of a result is shown, and how: JSON or YAML, censored, without what is for the machine. */
#include "json/json.h"
#include "json/yaml_text.h"
#include "orchestrator/report/diff.h"
#include "orchestrator/report/internal.h"

static bool
is_set(const struct value *result, const char *key)
{
	return value_is_true(value_get(result, key));
}

static bool
is_debug(const struct report_result *result)
{
	return text_equals(result->task->action, "debug");
}

static bool
is_shown_key(const struct report *report, const struct report_result *result, const char *key)
{
	static const char *const never[] = { "exception", "failed", "skipped", "warnings",
		"deprecations", NULL };
	static const char *const beside_var[] = { "changed", "invocation", "skip_reason", NULL };

	if (text_starts(key, "_ansible_") || text_starts(key, "_include_") ||
		text_is_one_of(key, never))
		return false;
	if (!strcmp(key, "invocation") || !strcmp(key, "diff"))
		return report->settings.verbosity >= 3;
	if (!strcmp(key, "results") && /* its items were shown, or there are none */
		(result->is_loop_total || value_get(result->result, "skipped_reason")))
		return false;
	if (is_debug(result)) /* what debug was meant to say, alone */
		return value_get(result->result, "msg") && result->status != REPORT_UNREACHABLE
			       ? !strcmp(key, "msg")
			       : !text_is_one_of(key, beside_var);
	return true;
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct value_pair *x = a, *y = b;
	int order;

	return value_compare(x->key, y->key, &order) ? order : 0;
}

static const struct value *
censored(struct arena *into, const struct report_result *result)
{
	static const char *const kept[] = { "attempts", "changed", "retries" };
	struct value *map = value_map(into);

	if (value_get(result->result, kept[0]))
		value_set(into, map, kept[0], value_get(result->result, kept[0]));
	value_set(into, map, "censored",
		value_text(into, "the output has been hidden due to the fact that 'no_log: true' "
				 "was specified for "
				 "this result"));
	for (size_t i = 1; i < ARRAY_SIZE(kept); i++)
		if (value_get(result->result, kept[i]) && !(i == 1 && is_debug(result)))
			value_set(into, map, kept[i], value_get(result->result, kept[i]));
	return map;
}

/* The items of a loop, without what is between us and the report. */
static const struct value *
items_shown(const struct value *items, struct arena *into)
{
	struct value *list = value_list(into);

	VALUE_EACH (item, items) {
		struct value *shown;

		if (!value_is_map(item)) {
			value_add(into, list, item);
			continue;
		}
		shown = value_map(into);
		VALUE_PAIRS (pair, item)
			if (!view_starts(value_string_view(pair->key), "_ansible_"))
				value_set_key(into, shown, pair->key, pair->value);
		value_add(into, list, shown);
	}
	return list;
}

const struct value *
result_shown(const struct report *report, const struct report_result *result, struct arena *into)
{
	struct value *shown;

	if (result->no_log)
		return censored(into, result);
	shown = value_map(into);
	VALUE_PAIRS (pair, result->result)
		if (value_is_string(pair->key) &&
			is_shown_key(report, result, value_string(pair->key)))
			value_set_key(into, shown, pair->key,
				text_equals(value_string(pair->key), "results") &&
						value_is_list(pair->value)
					? items_shown(pair->value, into)
					: pair->value);
	if (shown->map.count > 1)
		qsort(shown->map.pairs, shown->map.count, sizeof(*shown->map.pairs), compare_pairs);
	return shown;
}

static bool
always_verbose(const struct report_result *result)
{
	return !result->no_log && is_set(result->result, "_ansible_verbose_always");
}

bool
result_is_verbose(const struct report *report, const struct report_result *result)
{
	return (report->settings.verbosity > 0 || always_verbose(result)) &&
	       !is_set(result->result, "_ansible_verbose_override");
}

static void
add_indented(struct str *out, struct view text, int indent)
{
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		if (!line.length && !text.length)
			break;
		str_add_char(out, '\n');
		if (line.length)
			str_add_times(out, ' ', (size_t)indent);
		str_add_view(out, line);
	}
}

/* Lines beside the text they were made of say nothing new. */
static const struct value *
without_lines(const struct value *shown, struct arena *into)
{
	struct value *map = value_map_copy(into, shown);

	if (value_get(map, "stdout") && value_get(map, "stdout_lines"))
		value_set(into, map, "stdout_lines", value_text(into, "<omitted>"));
	if (value_get(map, "stderr") && value_get(map, "stderr_lines"))
		value_set(into, map, "stderr_lines", value_text(into, "<omitted>"));
	return map;
}

static void
add_yaml(struct report *report, const struct value *shown, int indent, struct arena *into)
{
	bool is_lossy = report->settings.pretty != PRETTY_NO;
	const struct yaml_style style = { .indent = is_lossy ? indent : 0,
		.is_block = true,
		.sort_keys = true,
		.is_literal = is_lossy };
	struct str text = STR_INIT;

	yaml_add(is_lossy ? without_lines(shown, into) : shown, &style, &text);
	add_indented(&report->line, str_view(&text), indent ? indent : 4);
	str_release(&text);
}

void
result_add(struct report *report, const struct report_result *result, int indent)
{
	const struct report_settings *settings = &report->settings;
	struct json_style style = { .sort_keys = true, .keep_utf8 = true };
	const struct value *shown;
	struct arena arena;

	if (!indent && (always_verbose(result) || settings->pretty == PRETTY_YES ||
			       (settings->pretty == PRETTY_AUTO && settings->as_yaml) ||
			       settings->verbosity > 2))
		indent = 4;
	if (settings->pretty == PRETTY_NO)
		indent = 0;
	arena_init(&arena);
	shown = result_shown(report, result, &arena);
	style.indent = indent;
	if (settings->as_yaml)
		add_yaml(report, shown, indent, &arena);
	else
		json_add(shown, &style, &report->line);
	arena_release(&arena);
}

bool
result_add_diff(struct report *report, const struct report_result *result)
{
	const struct value *diff = value_get(result->result, "diff");

	if (!result->shows_diff || result->no_log || !diff || !value_is_true(diff))
		return false;
	diff_add(diff, report->settings.largest_diff, report->is_colored, &report->line);
	return report->line.length > 0;
}

void
result_tell_warnings(struct report *report, const struct report_result *result)
{
	const struct value *warnings = value_get(result->result, "warnings"),
			   *deprecations = value_get(result->result, "deprecations");

	if (result->no_log)
		return;
	if (value_is_list(warnings)) {
		VALUE_EACH (warning, warnings)
			if (value_is_string(warning))
				report_warning(report, "%s", value_string(warning));
	}
	if (value_is_list(deprecations)) {
		VALUE_EACH (row, deprecations) {
			const char *msg = value_string(value_get(row, "msg"));

			if (msg)
				report_deprecated(report, "%s", msg);
		}
	}
}
