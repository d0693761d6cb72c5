/* Reads YAML as data through libyaml's events; plain scalars mean what yaml_scalar.c says. */
#include <yaml.h>

#include "base/map.h"
#include "json/yaml_scalar.h"
#include "json/yaml_text.h"

enum { DEEPEST = 100 };

struct loader {
	yaml_parser_t parser;
	struct arena *into;
	struct error *err;
	struct map anchors;
	int depth;
};

static bool
loader_fail(struct loader *loader, yaml_mark_t mark, const char *why)
{
	fail(loader->err, ERR_PARSE, "cannot parse YAML");
	error_why(loader->err, "%s", why);
	return error_where(loader->err, "%zu:%zu", mark.line + 1, mark.column + 1);
}

static bool
event_next(struct loader *loader, yaml_event_t *event)
{
	if (yaml_parser_parse(&loader->parser, event))
		return true;
	return loader_fail(loader, loader->parser.problem_mark,
		loader->parser.problem ? loader->parser.problem : "wrong encoding");
}

static void
anchor_note(struct loader *loader, const yaml_char_t *anchor, const struct value *value)
{
	if (anchor)
		map_set(&loader->anchors, (const char *)anchor, (void *)(uintptr_t)value);
}

static const struct value *
scalar_value(struct loader *loader, const yaml_event_t *event)
{
	struct view text = { (const char *)event->data.scalar.value, event->data.scalar.length };
	const char *tag = (const char *)event->data.scalar.tag;
	const struct value *value;

	if (event->data.scalar.plain_implicit && !tag) {
		yaml_resolve_scalar(loader->into, text, &value);
		return value;
	}
	if (tag && (text_ends(tag, ":int") || text_ends(tag, ":float") || text_ends(tag, ":bool") ||
			   text_ends(tag, ":null"))) {
		yaml_resolve_scalar(loader->into, text, &value);
		return value;
	}
	return value_view(loader->into, text);
}

static bool node_read(struct loader *loader, yaml_event_t *event, const struct value **out);

static bool
list_read(struct loader *loader, const yaml_char_t *anchor, const struct value **out)
{
	struct value *list = value_list(loader->into);
	const struct value *item;
	yaml_event_t event;

	anchor_note(loader, anchor, list);
	for (;;) {
		bool is_end, ok;

		if (!event_next(loader, &event))
			return false;
		is_end = event.type == YAML_SEQUENCE_END_EVENT;
		ok = is_end || node_read(loader, &event, &item);
		yaml_event_delete(&event);
		if (!ok)
			return false;
		if (is_end)
			break;
		value_add(loader->into, list, item);
	}
	*out = list;
	return true;
}

/* "<<": the pairs of others, where the map has none of its own. */
static void
merge_add(struct loader *loader, struct value *map, const struct value *from)
{
	if (value_is_list(from))
		VALUE_EACH (item, from)
			merge_add(loader, map, item);
	if (value_is_map(from) && from != map)
		VALUE_PAIRS (pair, from)
			if (!value_get_key(map, pair->key))
				value_set_key(loader->into, map, pair->key, pair->value);
}

static bool
map_read(struct loader *loader, const yaml_char_t *anchor, const struct value **out)
{
	struct value *map = value_map(loader->into), *whole;
	const struct value *key, *item, *merged = NULL;
	yaml_event_t event;

	anchor_note(loader, anchor, map);
	for (;;) {
		bool is_end, is_merge, ok;

		if (!event_next(loader, &event))
			return false;
		is_end = event.type == YAML_MAPPING_END_EVENT;
		is_merge = event.type == YAML_SCALAR_EVENT && event.data.scalar.plain_implicit &&
			   text_equals((const char *)event.data.scalar.value, "<<");
		ok = is_end || node_read(loader, &event, &key);
		yaml_event_delete(&event);
		if (!ok)
			return false;
		if (is_end)
			break;
		if (!event_next(loader, &event))
			return false;
		ok = node_read(loader, &event, &item);
		yaml_event_delete(&event);
		if (!ok)
			return false;
		if (is_merge)
			merged = item;
		else
			value_set_key(loader->into, map, key, item);
	}
	if (merged) { /* PyYAML puts merged pairs first */
		whole = value_map(loader->into);
		merge_add(loader, whole, merged);
		VALUE_PAIRS (pair, map)
			value_set_key(loader->into, whole, pair->key, pair->value);
		map->map = whole->map;
	}
	*out = map;
	return true;
}

static bool
node_read(struct loader *loader, yaml_event_t *event, const struct value **out)
{
	bool ok = true;

	if (++loader->depth > DEEPEST)
		return loader_fail(loader, event->start_mark, "nested too deep");
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		*out = scalar_value(loader, event);
		anchor_note(loader, event->data.scalar.anchor, *out);
		break;
	case YAML_ALIAS_EVENT:
		*out = map_get(&loader->anchors, (const char *)event->data.alias.anchor);
		ok = *out || loader_fail(loader, event->start_mark, "found undefined alias");
		if (ok && ((*out)->type == VALUE_LIST || (*out)->type == VALUE_MAP))
			*out = value_dup(loader->into, *out);
		if (ok && loader->into->used > (size_t)256 * 1024 * 1024)
			ok = loader_fail(loader, event->start_mark, "aliases expand to too much");
		break;
	case YAML_SEQUENCE_START_EVENT:
		ok = list_read(loader, event->data.sequence_start.anchor, out);
		break;
	case YAML_MAPPING_START_EVENT:
		ok = map_read(loader, event->data.mapping_start.anchor, out);
		break;
	default:
		ok = loader_fail(loader, event->start_mark, "unexpected event");
	}
	loader->depth--;
	return ok;
}

static bool
documents_read(struct loader *loader, struct value *list)
{
	const struct value *value;
	yaml_event_t event;

	for (;;) {
		yaml_event_type_t type;
		bool ok = true;

		if (!event_next(loader, &event))
			return false;
		type = event.type;
		if (type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT ||
			type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT) {
			ok = node_read(loader, &event, &value);
			if (ok)
				value_add(loader->into, list, value);
		}
		yaml_event_delete(&event);
		if (!ok || type == YAML_STREAM_END_EVENT)
			return ok;
	}
}

bool
yaml_parse(struct arena *into, struct view text, const struct value **out, struct error *err)
{
	struct loader loader = { .into = into, .err = err };
	struct value *list = value_list(into);
	bool ok;

	if (!yaml_parser_initialize(&loader.parser))
		return fail(err, ERR_LIMIT, "cannot parse YAML: no memory");
	map_init(&loader.anchors);
	yaml_parser_set_input_string(&loader.parser, (const unsigned char *)text.data, text.length);
	ok = documents_read(&loader, list);
	yaml_parser_delete(&loader.parser);
	map_release(&loader.anchors);
	*out = list;
	return ok;
}
