/* What all families of facts use. */
#include "modules/facts/facts.h"

#include <string.h>

enum { SMALL_MAX = 1024 * 1024 };

void
facts_set(struct facts *facts, const char *name, const struct value *value)
{
	value_set(facts->arena, facts->map, arena_format(facts->arena, "ansible_%s", name), value);
}

void
facts_text(struct facts *facts, const char *name, const char *text)
{
	facts_set(facts, name, value_text(facts->arena, text));
}

void
facts_int(struct facts *facts, const char *name, int64_t number)
{
	facts_set(facts, name, value_int(facts->arena, number));
}

void
facts_bool(struct facts *facts, const char *name, bool boolean)
{
	facts_set(facts, name, boolean ? &value_true : &value_false);
}

const struct value *
facts_get(const struct facts *facts, const char *name)
{
	return value_get(facts->map, arena_format(facts->arena, "ansible_%s", name));
}

void
set_text(struct facts *facts, struct value *map, const char *key, const char *text)
{
	value_set(facts->arena, map, key, value_text(facts->arena, text));
}

void
set_int(struct facts *facts, struct value *map, const char *key, int64_t number)
{
	value_set(facts->arena, map, key, value_int(facts->arena, number));
}

const char *
file_text(struct arena *arena, const char *path)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (!file_read(path, SMALL_MAX, &text, NULL))
		return NULL;
	return arena_view(arena, str_view(&text));
}

const char *
proc_field(struct arena *arena, const char *text, const char *name)
{
	struct view rest = view_of(text), line, key;

	while (text && view_cut(&rest, '\n', &line)) {
		if (!view_cut(&line, ':', &key) || !line.data || !view_is(view_trim(key), name))
			continue;
		return arena_view(arena, view_trim(line));
	}
	return NULL;
}
