/* Writes YAML through libyaml's emitter, which is what PyYAML's C dumper (and so Ansible) uses. */
#include <math.h>
#include <yaml.h>

#include "json/yaml_scalar.h"
#include "base/map.h"
#include "json/yaml_text.h"

enum { DEEPEST = 200 };

struct emitter {
	yaml_emitter_t yaml;
	const struct yaml_style *style;
	bool is_broken;
	struct map anchors; /* address to struct anchor, if there are aliases */
	unsigned anchor_count;
};

struct anchor {
	unsigned number; /* 0: seen once */
	bool is_written;
};

static int
write_out(void *out, unsigned char *bytes, size_t size)
{
	str_add_bytes(out, bytes, size);
	return 1;
}

/* Events that could not be made leave is_broken; the rest is then left out. */
static void
emit(struct emitter *emitter, yaml_event_t *event, int is_made)
{
	if (emitter->is_broken || !is_made || !yaml_emitter_emit(&emitter->yaml, event))
		emitter->is_broken = true;
}

static void
real_text(double real, struct str *out)
{
	struct str plain;
	const char *exponent;

	if (isnan(real) || isinf(real)) {
		str_add(out, isnan(real) ? ".nan" : real < 0 ? "-.inf" : ".inf");
		return;
	}
	str_init(&plain);
	float_add_text(real, &plain);
	exponent = strchr(plain.data, 'e');
	if (exponent && !strchr(plain.data, '.')) { /* 1e+20 would be read back as a string */
		str_add_bytes(out, plain.data, (size_t)(exponent - plain.data));
		str_add_format(out, ".0%s", exponent);
	} else {
		str_add_view(out, str_view(&plain));
	}
	str_release(&plain);
}

static void
scalar_text(const struct value *value, struct str *out)
{
	if (value->type == VALUE_STRING)
		str_add_view(out, value_string_view(value));
	else if (value->type == VALUE_BOOL)
		str_add(out, value->boolean ? "true" : "false");
	else if (value->type == VALUE_INT)
		str_add_format(out, "%lld", (long long)value->integer);
	else if (value->type == VALUE_FLOAT)
		real_text(value->real, out);
	else
		str_add(out, "null");
}

/* libyaml refuses what is not UTF-8: stray bytes become U+FFFD. */
static void
text_clean(struct str *text)
{
	struct str clean;

	str_init(&clean);
	for (size_t at = 0; at < text->length;) {
		unsigned char c = (unsigned char)text->data[at];
		size_t length = c < 0x80	 ? 1
				: (c >> 5) == 6	 ? 2
				: (c >> 4) == 14 ? 3
				: (c >> 3) == 30 ? 4
						 : 0;
		bool is_good = length && at + length <= text->length;

		for (size_t i = 1; is_good && i < length; i++)
			is_good = ((unsigned char)text->data[at + i] & 0xc0) == 0x80;
		if (is_good && length > 1) /* overlong forms and surrogates */
			is_good = !(c == 0xc0 || c == 0xc1 || c > 0xf4 ||
				    (c == 0xe0 && (unsigned char)text->data[at + 1] < 0xa0) ||
				    (c == 0xed && (unsigned char)text->data[at + 1] > 0x9f) ||
				    (c == 0xf0 && (unsigned char)text->data[at + 1] < 0x90) ||
				    (c == 0xf4 && (unsigned char)text->data[at + 1] > 0x8f));
		if (is_good)
			str_add_bytes(&clean, text->data + at, length);
		else
			str_add(&clean, "\xef\xbf\xbd");
		at += is_good ? length : 1;
	}
	str_release(text);
	*text = clean;
}

/* An encrypted text keeps its tag and its lines. */
static void
vault_put(struct emitter *emitter, const struct value *value)
{
	yaml_event_t event;

	emit(emitter, &event,
		yaml_scalar_event_initialize(&event, NULL, (const unsigned char *)"!vault",
			(const unsigned char *)value->string.data, (int)value->string.length, 0, 0,
			YAML_LITERAL_SCALAR_STYLE));
}

/* Marked so by a file, or data of a cloud or a program with braces in it. */
static bool
is_unsafe(const struct value *value)
{
	struct view text = value_string_view(value);

	if (value->type != VALUE_STRING || (value->flags & VALUE_TEMPLATE))
		return false;
	return value->place.file ||
	       (text.length > 1 && (memmem(text.data, text.length, "{{", 2) ||
					   memmem(text.data, text.length, "{%", 2) ||
					   memmem(text.data, text.length, "{#", 2)));
}

static void
scalar_put(struct emitter *emitter, const struct value *value)
{
	bool is_string = value->type == VALUE_STRING, is_literal;
	bool has_tag = emitter->style->keeps_data && is_unsafe(value);
	const char *tag = has_tag ? "!unsafe" : is_string ? YAML_STR_TAG : "tag:yaml.org,2002:null";
	yaml_event_t event;
	struct str text;
	int may_plain;

	str_init(&text);
	scalar_text(value, &text);
	text_clean(&text);
	is_literal =
		emitter->style->is_literal && is_string && memchr(text.data, '\n', text.length);
	while (is_literal && text.length && strchr(" \n\r\t", text.data[text.length - 1]))
		str_cut(&text, text.length - 1);
	may_plain = !has_tag && (!is_string || yaml_scalar_is_string(str_view(&text)));
	emit(emitter, &event,
		yaml_scalar_event_initialize(&event, NULL, (const unsigned char *)tag,
			(unsigned char *)text.data, (int)text.length, may_plain,
			is_string && !has_tag,
			is_literal ? YAML_LITERAL_SCALAR_STYLE
			: has_tag  ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
				   : YAML_ANY_SCALAR_STYLE));
	str_release(&text);
}

static bool
is_container(const struct value *value)
{
	return value->type == VALUE_LIST || value->type == VALUE_MAP;
}

static bool
is_flat(const struct value *value)
{
	if (value->type == VALUE_LIST)
		VALUE_EACH (item, value)
			if (is_container(item))
				return false;
	if (value->type == VALUE_MAP)
		VALUE_PAIRS (pair, value)
			if (is_container(pair->value) || is_container(pair->key))
				return false;
	return true;
}

static int
pair_order(const void *a, const void *b)
{
	const struct value_pair *x = a, *y = b;
	int order;

	return value_compare(x->key, y->key, &order) ? order : 0;
}

/* ---- aliases ---- */

static void
anchor_key(const struct value *value, char key[32])
{
	snprintf(key, 32, "%p", (const void *)value);
}

static bool
has_identity(const struct value *value)
{
	return !(value->flags & VALUE_COMMON) && value != &value_empty_map &&
	       value != &value_empty_list;
}

static struct anchor *
anchor_of(struct emitter *emitter, const struct value *value)
{
	char key[32];

	anchor_key(value, key);
	return emitter->style->has_aliases && has_identity(value)
		       ? map_get(&emitter->anchors, key)
		       : NULL;
}

static int pair_order(const void *a, const void *b);

/* Numbers go to what is met a second time, in that order. */
static void
anchors_find(struct emitter *emitter, const struct value *value, int depth)
{
	struct anchor *anchor = is_container(value) ? anchor_of(emitter, value) : NULL;
	char key[32];

	if (anchor && !anchor->number)
		anchor->number = ++emitter->anchor_count;
	if (anchor || !is_container(value) || depth > DEEPEST)
		return;
	anchor_key(value, key);
	if (has_identity(value))
		map_set(&emitter->anchors, key, memory_get(sizeof(*anchor)));
	if (value->type == VALUE_LIST) {
		VALUE_EACH (item, value)
			anchors_find(emitter, item, depth + 1);
	} else {
		struct value_pair *pairs = memory_get((value->map.count + 1) * sizeof(*pairs));

		if (value->map.count)
			memcpy(pairs, value->map.pairs, value->map.count * sizeof(*pairs));
		if (emitter->style->sort_keys)
			qsort(pairs, value->map.count, sizeof(*pairs), pair_order);
		for (uint32_t i = 0; i < value->map.count; i++)
			anchors_find(emitter, pairs[i].value, depth + 1);
		free(pairs);
	}
}

static void
anchors_release(struct emitter *emitter)
{
	for (size_t i = 0; i < emitter->anchors.count; i++)
		free(emitter->anchors.entries[i].value);
	map_release(&emitter->anchors);
}

static void node_put(struct emitter *emitter, const struct value *value, int depth);

static void
map_put(struct emitter *emitter, const struct value *map, int depth)
{
	struct value_pair *pairs = memory_get((map->map.count + 1) * sizeof(*pairs));

	if (map->map.count)
		memcpy(pairs, map->map.pairs, map->map.count * sizeof(*pairs));
	if (emitter->style->sort_keys)
		qsort(pairs, map->map.count, sizeof(*pairs), pair_order);
	for (uint32_t i = 0; i < map->map.count; i++) {
		node_put(emitter, pairs[i].key, depth + 1);
		node_put(emitter, pairs[i].value, depth + 1);
	}
	free(pairs);
}

static void
node_put(struct emitter *emitter, const struct value *value, int depth)
{
	bool is_flow = emitter->style->is_flow || (!emitter->style->is_block && is_flat(value));
	struct anchor *anchor = is_container(value) ? anchor_of(emitter, value) : NULL;
	unsigned char name[16];
	const unsigned char *label = NULL;
	yaml_event_t event;

	if (anchor && anchor->number) {
		snprintf((char *)name, sizeof(name), "id%03u", anchor->number % 100000000);
		label = name;
		if (anchor->is_written) {
			emit(emitter, &event, yaml_alias_event_initialize(&event, label));
			return;
		}
		anchor->is_written = true;
	}
	if (value->type == VALUE_STRING && (value->flags & VALUE_VAULT) &&
		(value->flags & VALUE_TEMPLATE)) {
		vault_put(emitter, value);
	} else if (!is_container(value) || depth > DEEPEST) {
		scalar_put(emitter, is_container(value) ? &value_none : value);
	} else if (value->type == VALUE_LIST) {
		emit(emitter, &event,
			yaml_sequence_start_event_initialize(&event, label, NULL, 1,
				is_flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
		VALUE_EACH (item, value)
			node_put(emitter, item, depth + 1);
		emit(emitter, &event, yaml_sequence_end_event_initialize(&event));
	} else {
		emit(emitter, &event,
			yaml_mapping_start_event_initialize(&event, label, NULL, 1,
				is_flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE));
		map_put(emitter, value, depth);
		emit(emitter, &event, yaml_mapping_end_event_initialize(&event));
	}
}

void
yaml_add(const struct value *value, const struct yaml_style *style, struct str *out)
{
	struct emitter emitter = { .style = style };
	yaml_event_t event;

	if (!yaml_emitter_initialize(&emitter.yaml))
		return;
	yaml_emitter_set_output(&emitter.yaml, write_out, out);
	yaml_emitter_set_unicode(&emitter.yaml, 1);
	yaml_emitter_set_indent(&emitter.yaml, style->indent ? style->indent : 2);
	if (style->width)
		yaml_emitter_set_width(&emitter.yaml, style->width);
	emit(&emitter, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(&emitter, &event,
		yaml_document_start_event_initialize(
			&event, NULL, NULL, NULL, !style->explicit_start));
	map_init(&emitter.anchors);
	if (style->has_aliases)
		anchors_find(&emitter, value, 0);
	node_put(&emitter, value, 0);
	anchors_release(&emitter);
	emit(&emitter, &event, yaml_document_end_event_initialize(&event, 1));
	emit(&emitter, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_flush(&emitter.yaml);
	yaml_emitter_delete(&emitter.yaml);
}
