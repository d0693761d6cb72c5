/* The rows of a role in C become the YAML they stand for, so that one loader reads both. */
#include "orchestrator/playbook/reader.h"
#include "roles/role.h"

static const struct value *
text(struct arena *into, const struct place *place, const char *string)
{
	struct value *value = value_text(into, string);

	value->flags = VALUE_TEMPLATE;
	value->place = *place;
	return value;
}

/* Several names with commas become a list. */
static const struct value *
names(struct arena *into, const struct place *place, const char *string)
{
	struct value *list = value_list(into);
	struct view rest = view_of(string), piece;

	while (view_cut(&rest, ',', &piece))
		value_add(into, list, text(into, place, arena_view(into, view_trim(piece))));
	return list;
}

static bool
yaml(struct arena *into, const struct place *place, const char *source, const struct value **out,
	struct error *err)
{
	const struct yaml_options options = { .templates = true };

	return yaml_load(into, view_of(source), place->file, &options, out, err);
}

static const struct value *
arguments(struct arena *into, const struct place *place, const struct role_argument *rows)
{
	struct value *map = value_map(into);

	for (; rows && rows->name; rows++)
		value_set(into, map, rows->name, text(into, place, rows->value));
	return map;
}

static bool
row_as_value(struct arena *into, const struct place *place, const struct role_row *row,
	struct value **out, struct error *err)
{
	struct value *map = value_map(into);
	const struct {
		const char *keyword, *string;
	} texts[] = { { "name", row->name }, { "when", row->when }, { "loop", row->loop },
		{ "register", row->register_as }, { "changed_when", row->changed_when },
		{ "failed_when", row->failed_when }, { "until", row->until },
		{ "become", row->become }, { "check_mode", row->check_mode },
		{ "no_log", row->no_log }, { "delegate_to", row->delegate_to },
		{ "run_once", row->run_once }, { "ignore_errors", row->ignore_errors } },
	  lists[] = { { "notify", row->notify }, { "tags", row->tags }, { "listen", row->listen } },
	  documents[] = { { "vars", row->vars }, { "environment", row->environment } };

	map->place = *place;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].string)
			value_set(into, map, texts[i].keyword, text(into, place, texts[i].string));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (lists[i].string)
			value_set(into, map, lists[i].keyword, names(into, place, lists[i].string));
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		const struct value *document;

		if (!documents[i].string)
			continue;
		if (!yaml(into, place, documents[i].string, &document, err))
			return false;
		value_set(into, map, documents[i].keyword, document);
	}
	if (row->label) {
		struct value *control = value_map(into);

		value_set(into, control, "label", text(into, place, row->label));
		value_set(into, map, "loop_control", control);
	}
	if (row->retries)
		value_set(into, map, "retries", value_int(into, row->retries));
	if (row->until || row->retries)
		value_set(into, map, "delay", value_int(into, row->delay));
	if (row->action)
		value_set(into, map, row->action, arguments(into, place, row->arguments));
	*out = map;
	return true;
}

/* A STEP is read as a `meta: noop` and then given its function. */
const struct value *
role_rows_as_value(
	struct arena *into, const struct role_table *table, bool handlers, struct error *err)
{
	const struct role_row *rows = handlers ? table->handlers : table->tasks;
	struct value *list = value_list(into);

	for (uint32_t line = 1; rows && (rows->action || rows->step || rows->name);
		rows++, line++) {
		struct place place = { arena_format(into, "role %s, %s", table->name,
					       handlers ? "handler" : "task"),
			line, 1 };
		struct value *map;

		if (!row_as_value(into, &place, rows, &map, err))
			return NULL;
		if (rows->step)
			value_set(into, map, "meta", text(into, &place, "noop"));
		value_add(into, list, map);
	}
	return list;
}
