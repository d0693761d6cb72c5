/*
 * `ertc inventory --watch`: what came, went and changed, a line each. Each round reads all sources
 * anew. A round in which a source could not be read, that could be before, is none: hosts do not go
 * because a server did not answer.
 */
#include "orchestrator/cli/inventory.h"

#include <signal.h>
#include <time.h>

#include "json/json.h"

enum { LONGEST_VALUE = 60, LONGEST_LINE = 400 };

/* What a host was in the round before. */
struct snapshot {
	struct arena arena;
	struct map hosts;      /* name: const struct value, { vars: …, groups: […] } */
	size_t unparsed_count; /* of the first round: those may stay so */
	bool is_first;
};

/* Files are replaced at once everywhere, so there is nothing to put in order. */
static void
leave(int number UNUSED)
{
	_exit(0);
}

static void
print_line(struct shown *shown, char sign, const char *host, const char *text)
{
	time_t now = time(NULL);
	struct tm parts;
	char clock[16];

	localtime_r(&now, &parts);
	strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
	report_text(
		shown->command->report, "%s %c %s%s%s", clock, sign, host, *text ? ": " : "", text);
}

/* Short values as they are; of long and of secret ones, only that they are others. */
static bool
is_shown_value(const struct value *value, struct str *out)
{
	if (value_is(value, VALUE_STRING) && (value->flags & (VALUE_VAULT | VALUE_SECRET)))
		return false;
	if (value_is_string(value) && value->string.length <= LONGEST_VALUE &&
		!memchr(value->string.data, '\n', value->string.length))
		str_add_view(out, value_string_view(value));
	else
		json_add(value, &(struct json_style){ .sort_keys = true, .keep_utf8 = true }, out);
	return out->length <= LONGEST_VALUE;
}

static void
change_add(struct str *out, const char *name, const struct value *before, const struct value *now)
{
	_cleanup_str_ struct str old = STR_INIT, new = STR_INIT;

	if (out->length > LONGEST_LINE) {
		if (!text_ends(out->data, " …"))
			str_add(out, " …");
		return;
	}
	if (out->length)
		str_add(out, ", ");
	if (!now)
		str_add_format(out, "%s gone", name);
	else if (!before && is_shown_value(now, &new))
		str_add_format(out, "%s = %s", name, new.data);
	else if (!before)
		str_add_format(out, "%s is new", name);
	else if (is_shown_value(before, &old) && is_shown_value(now, &new))
		str_add_format(out, "%s %s -> %s", name, old.data, new.data);
	else
		str_add_format(out, "%s changed", name);
}

static bool
is_same(const struct value *a, const struct value *b)
{
	return a->type == b->type && value_equals(a, b);
}

/* Maps are looked into, one level after the other: `tags.Role web -> db`. */
static void
map_compare(struct str *out, struct arena *scratch, const char *above, const struct value *before,
	const struct value *now, int depth)
{
	VALUE_PAIRS (pair, now) {
		const char *key = value_to_text(scratch, pair->key);
		const char *name = *above ? arena_format(scratch, "%s.%s", above, key) : key;
		const struct value *old = value_get_key(before, pair->key);

		if (old && is_same(old, pair->value))
			continue;
		if (value_is_map(old) && value_is_map(pair->value) && depth < 4)
			map_compare(out, scratch, name, old, pair->value, depth + 1);
		else
			change_add(out, name, old, pair->value);
	}
	VALUE_PAIRS (pair, before)
		if (!value_get_key(now, pair->key)) {
			const char *key = value_to_text(scratch, pair->key);

			change_add(out, *above ? arena_format(scratch, "%s.%s", above, key) : key,
				pair->value, NULL);
		}
}

static void
groups_compare(struct str *out, const struct value *before, const struct value *now)
{
	VALUE_EACH (group, now)
		if (!value_list_has(before, group))
			str_add_format(out, "%s+@%s", out->length ? ", " : "", value_string(group));
	VALUE_EACH (group, before)
		if (!value_list_has(now, group))
			str_add_format(out, "%s-@%s", out->length ? ", " : "", value_string(group));
}

static void
names_add(struct str *out, const struct value *groups)
{
	VALUE_EACH (group, groups)
		str_add_format(out, "%s@%s", out->length ? ", " : "", value_string(group));
}

static void
host_compare(
	struct shown *shown, const char *name, const struct value *before, const struct value *now)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct arena scratch;

	arena_init(&scratch);
	if (!before) {
		names_add(&text, value_get(now, "groups"));
		print_line(shown, '+', name, text.data);
	} else {
		groups_compare(&text, value_get(before, "groups"), value_get(now, "groups"));
		map_compare(
			&text, &scratch, "", value_get(before, "vars"), value_get(now, "vars"), 0);
		if (text.length)
			print_line(shown, '~', name, text.data);
	}
	arena_release(&scratch);
}

static bool
snapshot_take(struct shown *shown, struct snapshot *out, struct error *err)
{
	const struct map *hosts = &shown->inventory->hosts;

	for (size_t i = 0; i < hosts->count; i++) {
		const struct inventory_host *host = hosts->entries[i].value;
		struct value *entry;
		const struct value *vars;

		if (host->is_implicit || !shown_has(shown, host))
			continue;
		if (!shown_host_vars(shown, host, &vars, err))
			return false;
		entry = value_map(&out->arena);
		value_set(&out->arena, entry, "vars", value_dup(&out->arena, vars));
		value_set(&out->arena, entry, "groups",
			value_dup(&out->arena, inventory_group_names(host, &out->arena)));
		map_set(&out->hosts, host->name, entry);
	}
	return true;
}

static void
snapshot_compare(struct shown *shown, const struct snapshot *before, const struct snapshot *now)
{
	for (size_t i = 0; i < now->hosts.count; i++)
		host_compare(shown, now->hosts.entries[i].key,
			map_get(&before->hosts, now->hosts.entries[i].key),
			now->hosts.entries[i].value);
	for (size_t i = 0; i < before->hosts.count; i++)
		if (!map_has(&now->hosts, before->hosts.entries[i].key))
			print_line(shown, '-', before->hosts.entries[i].key, "");
}

static void
snapshot_release(struct snapshot *snapshot)
{
	map_release(&snapshot->hosts);
	arena_release(&snapshot->arena);
}

/* Everything of the round before is dropped. */
static bool
round_read(struct shown *shown, struct snapshot *now, struct error *err)
{
	struct play_command *command = shown->command;
	struct arena round;
	bool ok;

	inventory_free(command->inventory);
	command->inventory = inventory_new();
	command->inventory->vault = command->settings.vault;
	command->inventory->asks_again = true;
	arena_init(&round);
	arena_init(&now->arena);
	map_init(&now->hosts);
	shown->arena = &round;
	ok = shown_read(shown, err) && snapshot_take(shown, now, err);
	now->unparsed_count = command->inventory->unparsed_count;
	shown->arena = &command->arena;
	arena_release(&round);
	return ok;
}

static void
round_begin(struct shown *shown, const struct snapshot *now)
{
	report_text(shown->command->report, "%zu host%s; Ctrl-C ends the watch", now->hosts.count,
		now->hosts.count == 1 ? "" : "s");
	fflush(stdout);
}

bool
inventory_watch(struct shown *shown, struct error *err)
{
	int seconds = option_number(&shown->command->options, OPTION_WATCH);
	struct snapshot before = { .is_first = true };

	if (seconds < 1)
		return fail(err, ERR_OPTIONS, "--watch takes whole seconds, and at least one");
	signal(SIGINT, leave);
	signal(SIGTERM, leave);
	for (;;) {
		struct snapshot now = { 0 };
		bool ok = round_read(shown, &now, err);

		if (!ok && before.is_first) {
			snapshot_release(&now);
			return false;
		}
		if (!ok) {
			report_warning(shown->command->report, "%s%s%s", err->what,
				err->why[0] ? ": " : "", err->why);
			snapshot_release(&now);
		} else if (!before.is_first && now.unparsed_count > before.unparsed_count) {
			snapshot_release(&now);
		} else {
			if (before.is_first)
				round_begin(shown, &now);
			else
				snapshot_compare(shown, &before, &now);
			fflush(stdout);
			if (!before.is_first)
				snapshot_release(&before);
			before = now;
		}
		sleep((unsigned)seconds);
	}
}
