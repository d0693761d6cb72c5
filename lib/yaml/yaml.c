/*
 * libyaml's events become values. The parser keeps a stack of its own (recursion, bounded by
 * DEEPEST) and a table of anchors; an alias gives the same, shared value, since values are
 * immutable.
 */
#include "yaml/yaml.h"

#include <yaml.h>

#include "base/map.h"
#include "json/yaml_scalar.h"
#include "vault/vault.h"

enum {
	DEEPEST = 128,
	LARGEST_FILE = 64 * 1024 * 1024,
	MOST_VALUES = 4 * 1000 * 1000, /* aliases count with all they stand for */
	SHORTEST_SECRET = 6,	       /* of an encrypted file; "true" and "8080" are none */
};

struct loader {
	yaml_parser_t parser;
	yaml_event_t event;
	struct arena *into;
	const char *name;
	const struct yaml_options *options;
	struct map anchors;
	size_t value_count;
	int depth;
	bool are_secrets, is_key;
	int unsafe; /* inside how many `!unsafe` lists and maps: strings are data there */
};

static struct place
place_of(const struct loader *loader, const yaml_mark_t *mark)
{
	return (struct place){ loader->name, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1 };
}

static bool
fail_at(struct loader *loader, const yaml_mark_t *mark, struct error *err, const char *why)
{
	struct place place = place_of(loader, mark);
	char buffer[384];

	fail(err, ERR_PARSE, "cannot read YAML file '%s'", loader->name);
	error_where(err, "%s", place_text(&place, buffer, sizeof(buffer)));
	return error_why(err, "%s", why);
}

static bool
event_next(struct loader *loader, struct error *err)
{
	yaml_event_delete(&loader->event);
	if (yaml_parser_parse(&loader->parser, &loader->event))
		return true;
	memset(&loader->event, 0, sizeof(loader->event));
	fail_at(loader, &loader->parser.problem_mark, err,
		loader->parser.problem ? loader->parser.problem : "not valid YAML");
	if (loader->parser.problem && strstr(loader->parser.problem, "cannot start any token"))
		error_hint(err,
			"a value that begins with {{ or %% or @ or a tab needs quotes around it");
	else if (loader->parser.problem &&
		 strstr(loader->parser.problem, "mapping values are not allowed"))
		error_hint(err, "quote a value that holds ': ', and check the indentation");
	return false;
}

static bool value_read(struct loader *loader, const struct value **out, struct error *err);

static bool
value_count_up(struct loader *loader, size_t count, struct error *err)
{
	loader->value_count += count;
	if (loader->value_count <= MOST_VALUES)
		return true;
	return fail_at(
		loader, &loader->event.start_mark, err, "too many values (aliases count in full)");
}

static size_t
value_weight(const struct value *value)
{
	size_t weight = 1;

	if (value->type == VALUE_LIST) {
		VALUE_EACH (item, value)
			weight += value_weight(item);
	} else if (value->type == VALUE_MAP) {
		VALUE_PAIRS (pair, value)
			weight += 1 + value_weight(pair->value);
	}
	return weight;
}

static void
anchor_set(struct loader *loader, const char *anchor, const struct value *value)
{
	if (anchor)
		map_set(&loader->anchors, anchor, (void *)(uintptr_t)value);
}

/* A string with its flags and place. */
static const struct value *
string_new(struct loader *loader, const yaml_event_t *event, unsigned flags)
{
	struct value *value =
		value_bytes(loader->into, event->data.scalar.value, event->data.scalar.length);

	value->flags = (uint8_t)flags;
	value->place = place_of(loader, &event->start_mark);
	if (loader->are_secrets && !loader->is_key && !(flags & VALUE_VAULT) &&
		value->string.length >= SHORTEST_SECRET)
		vault_tell(loader->options->vault, value_string_view(value));
	if (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
		event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
		value->place.line++; /* the text begins below its | or > */
	return value;
}

static bool
scalar_read(struct loader *loader, const struct value **out, struct error *err)
{
	const yaml_event_t *event = &loader->event;
	const char *tag = (const char *)event->data.scalar.tag;
	unsigned text_flags = loader->options->templates && !loader->unsafe ? VALUE_TEMPLATE : 0;
	struct view text = { (const char *)event->data.scalar.value, event->data.scalar.length };

	if (tag && (!strcmp(tag, "!vault") || !strcmp(tag, "!vault-encrypted"))) {
		/* Like a template: becomes its value where it is used, if the file may hold some.
		 */
		*out = string_new(loader, event, VALUE_VAULT | VALUE_SECRET | text_flags);
	} else if (tag && !strcmp(tag, "!unsafe")) {
		*out = string_new(loader, event, 0);
	} else if (tag && !strcmp(tag, "tag:yaml.org,2002:str")) {
		*out = string_new(loader, event, text_flags);
	} else if (tag && strncmp(tag, "tag:yaml.org,2002:", 18) != 0 && strcmp(tag, "!") != 0) {
		char why[160];

		snprintf(why, sizeof(why), "the tag %.100s is not allowed here", tag);
		return fail_at(loader, &event->start_mark, err, why);
	} else if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		   event->data.scalar.plain_implicit) {
		const struct value *resolved;

		yaml_resolve_scalar(loader->into, text, &resolved);
		if (resolved->type == VALUE_STRING) {
			*out = string_new(loader, event, text_flags);
		} else {
			struct value *copy =
				value_with_flags(loader->into, resolved, resolved->flags);

			copy->place = place_of(loader, &event->start_mark);
			*out = copy;
		}
	} else if (tag && strcmp(tag, "!") != 0) { /* !!int "3" and its like */
		yaml_resolve_scalar(loader->into, text, out);
	} else {
		*out = string_new(loader, event, text_flags);
	}
	anchor_set(loader, (const char *)event->data.scalar.anchor, *out);
	return true;
}

static bool
sequence_read(struct loader *loader, const struct value **out, struct error *err)
{
	struct value *list = value_list(loader->into);
	const char *anchor = (const char *)loader->event.data.sequence_start.anchor;
	const char *name = anchor ? arena_text(loader->into, anchor) : NULL;

	list->place = place_of(loader, &loader->event.start_mark);
	for (;;) {
		const struct value *item;

		if (!event_next(loader, err))
			return false;
		if (loader->event.type == YAML_SEQUENCE_END_EVENT)
			break;
		if (!value_read(loader, &item, err))
			return false;
		value_add(loader->into, list, item);
	}
	anchor_set(loader, name, list);
	*out = list;
	return true;
}

static bool
merge_one(struct loader *loader, struct value *map, const struct value *source,
	const yaml_mark_t *mark, struct error *err)
{
	if (!value_is_map(source))
		return fail_at(loader, mark, err,
			"a merge key (<<) needs a mapping, or a list of mappings");
	VALUE_PAIRS (pair, source)
		if (!value_get_key(map, pair->key))
			value_set_key(loader->into, map, pair->key, pair->value);
	return true;
}

/* What << brings in stands behind the mapping's own keys, and never replaces them. */
static bool
merge_all(struct loader *loader, struct value *map, const struct value *sources,
	const yaml_mark_t *mark, struct error *err)
{
	if (!value_is_list(sources))
		return merge_one(loader, map, sources, mark, err);
	VALUE_EACH (source, sources)
		if (!merge_one(loader, map, source, mark, err))
			return false;
	return true;
}

static void
warn_duplicate(struct loader *loader, const struct value *key, const struct place *place)
{
	char text[256];

	if (!loader->options->warn)
		return;
	snprintf(text, sizeof(text),
		"found a duplicate dict key (%.100s). Using last defined value only.",
		value_is_string(key) ? key->string.data : "?");
	loader->options->warn(loader->options->context, place, text);
}

static bool
fail_duplicate(
	struct loader *loader, const struct value *key, const yaml_mark_t *mark, struct error *err)
{
	char why[160];

	snprintf(why, sizeof(why), "found a duplicate dict key (%.100s)",
		value_is_string(key) ? key->string.data : "?");
	return fail_at(loader, mark, err, why);
}

static bool
pair_read(struct loader *loader, struct value *map, struct value *merges, struct error *err)
{
	yaml_mark_t mark = loader->event.start_mark;
	bool is_merge = loader->event.type == YAML_SCALAR_EVENT &&
			loader->event.data.scalar.plain_implicit &&
			!strcmp((const char *)loader->event.data.scalar.value, "<<");
	const struct value *key, *value;
	struct place place = place_of(loader, &mark);

	loader->is_key = true;
	if (!value_read(loader, &key, err))
		return false;
	loader->is_key = false;
	if (key->type == VALUE_LIST || key->type == VALUE_MAP) {
		fail_at(loader, &mark, err, "a key is itself a mapping or a list");
		return error_hint(err, "a value that begins with {{ needs quotes: \"{{ … }}\"");
	}
	if (!event_next(loader, err) || !value_read(loader, &value, err))
		return false;
	if (is_merge) {
		value_add(loader->into, merges, value);
		return true;
	}
	if (value_get_key(map, key)) {
		if (loader->options->refuses_duplicates)
			return fail_duplicate(loader, key, &mark, err);
		warn_duplicate(loader, key, &place);
	}
	value_set_key(loader->into, map, key, value);
	return true;
}

static bool
mapping_read(struct loader *loader, const struct value **out, struct error *err)
{
	struct value *map = value_map(loader->into), *merges = value_list(loader->into);
	const char *anchor = (const char *)loader->event.data.mapping_start.anchor;
	const char *name = anchor ? arena_text(loader->into, anchor) : NULL;
	yaml_mark_t mark = loader->event.start_mark;

	map->place = place_of(loader, &mark);
	for (;;) {
		if (!event_next(loader, err))
			return false;
		if (loader->event.type == YAML_MAPPING_END_EVENT)
			break;
		if (!pair_read(loader, map, merges, err))
			return false;
	}
	VALUE_EACH (source, merges)
		if (!merge_all(loader, map, source, &mark, err))
			return false;
	anchor_set(loader, name, map);
	*out = map;
	return true;
}

static bool
alias_read(struct loader *loader, const struct value **out, struct error *err)
{
	*out = map_get(&loader->anchors, (const char *)loader->event.data.alias.anchor);
	if (!*out)
		return fail_at(loader, &loader->event.start_mark, err,
			"an alias (*) without its anchor (&)");
	return value_count_up(loader, value_weight(*out), err);
}

static bool
container_is_unsafe(const yaml_event_t *event)
{
	const unsigned char *tag =
		event->type == YAML_SEQUENCE_START_EVENT  ? event->data.sequence_start.tag
		: event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.tag
							  : NULL;

	return tag && !strcmp((const char *)tag, "!unsafe");
}

/* The value that begins with the current event. */
static bool
value_read(struct loader *loader, const struct value **out, struct error *err)
{
	bool ok, is_unsafe;

	if (!value_count_up(loader, 1, err))
		return false;
	if (++loader->depth > DEEPEST)
		return fail_at(loader, &loader->event.start_mark, err, "nested too deep");
	is_unsafe = container_is_unsafe(&loader->event);
	loader->unsafe += is_unsafe;
	switch (loader->event.type) {
	case YAML_SCALAR_EVENT:
		ok = scalar_read(loader, out, err);
		break;
	case YAML_SEQUENCE_START_EVENT:
		ok = sequence_read(loader, out, err);
		break;
	case YAML_MAPPING_START_EVENT:
		ok = mapping_read(loader, out, err);
		break;
	case YAML_ALIAS_EVENT:
		ok = alias_read(loader, out, err);
		break;
	default:
		ok = fail_at(loader, &loader->event.start_mark, err, "a value was expected here");
	}
	loader->depth--;
	loader->unsafe -= is_unsafe;
	return ok;
}

/* The one document of a stream; an empty stream is an empty text. */
static bool
document_read(struct loader *loader, const struct value **out, struct error *err)
{
	const struct value *document = NULL;

	for (;;) {
		if (!event_next(loader, err))
			return false;
		if (loader->event.type == YAML_STREAM_END_EVENT)
			break;
		if (loader->event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		if (document)
			return fail_at(loader, &loader->event.start_mark, err,
				"a second document begins here; one was expected");
		if (!event_next(loader, err) || !value_read(loader, &document, err))
			return false;
	}
	*out = document ? document : value_text(loader->into, NULL);
	return true;
}

bool
yaml_load(struct arena *into, struct view text, const char *name,
	const struct yaml_options *options, const struct value **out, struct error *err)
{
	struct loader loader = { .into = into, .options = options, .name = arena_text(into, name) };
	bool ok = false;

	if (vault_is_encrypted(text)) {
		if (!vault_open(options->vault, text, name, &text, err))
			return false;
		loader.are_secrets = options->are_secrets;
	}
	if (text.length > LARGEST_FILE)
		return fail(err, ERR_LIMIT, "file '%s' is larger than 64 MiB", name);
	if (!yaml_parser_initialize(&loader.parser))
		return fail(err, ERR_IO, "cannot start the YAML reader");
	yaml_parser_set_input_string(
		&loader.parser, (const unsigned char *)(text.length ? text.data : ""), text.length);
	ok = document_read(&loader, out, err);
	yaml_event_delete(&loader.event);
	yaml_parser_delete(&loader.parser);
	map_release(&loader.anchors);
	return ok;
}

bool
yaml_load_file(struct arena *into, const char *path, const struct yaml_options *options,
	const struct value **out, struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	struct str text;
	char piece[16384];
	size_t count;
	bool ok;

	if (!file)
		return fail_errno(err, "cannot read '%s'", path);
	str_init_max(&text, LARGEST_FILE);
	while ((count = fread(piece, 1, sizeof(piece), file)) > 0)
		str_add_bytes(&text, piece, count);
	if (ferror(file))
		ok = fail_errno(err, "cannot read '%s'", path);
	else if (text.is_full)
		ok = fail(err, ERR_LIMIT, "file '%s' is larger than 64 MiB", path);
	else
		ok = yaml_load(into, str_view(&text), path, options, out, err);
	str_release(&text);
	return ok;
}
