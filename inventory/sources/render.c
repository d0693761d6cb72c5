/* Written, read again, compared. */
#include "inventory/sources/render.h"

#include "inventory/sources/source.h"
#include "json/yaml_text.h"

static const char *const ini_endings[] = { ".ini", ".cfg", ".hosts" };

bool
render_form_of(const char *path, enum render_form *out, struct error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	*out = RENDER_YAML;
	if (!strcmp(path, "-") || text_ends(name, ".yml") || text_ends(name, ".yaml"))
		return true;
	*out = RENDER_INI;
	if (!dot || dot == name)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ini_endings); i++)
		if (!strcmp(dot, ini_endings[i]))
			return true;
	fail(err, ERR_OPTIONS, "'%s' has an ending that no inventory is written for", name);
	return error_hint(err, ".yml is YAML, .ini or none is INI");
}

/* ---- INI ---- */

static bool
has_only(struct view text, const char *more)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    (c && strchr(more, c))))
			return false;
	}
	return text.length > 0;
}

/* Is it read as itself, without quotes? */
static bool
is_plain(const struct value *value)
{
	const struct value *read;
	struct arena arena;
	bool is_same;

	if (!has_only(value_string_view(value), "_./:@+-"))
		return false;
	arena_init(&arena);
	read = ini_value(&arena, value_string_view(value), &value->place);
	is_same = value_is_string(read) && value_equals(read, value);
	arena_release(&arena);
	return is_same;
}

/* A literal of Python, or the text where that is the same. */
static void
literal_add(const struct value *value, struct str *out)
{
	if (value_is_string(value) && is_plain(value))
		str_add_view(out, value_string_view(value));
	else if (value_is_none(value))
		str_add(out, "None");
	else
		value_add_repr(value, out);
}

/* One word of a host's line, in quotes as a shell has them where it needs some. */
static void
word_add(struct view word, struct str *out)
{
	bool takes_double = word.length && memchr(word.data, '\'', word.length) &&
			    !memchr(word.data, '"', word.length) &&
			    !memchr(word.data, '\\', word.length);

	if (has_only(word, "_./:@+-=,")) {
		str_add_view(out, word);
		return;
	}
	if (takes_double) {
		str_add_format(out, "\"%.*s\"", (int)word.length, word.data);
		return;
	}
	str_add_char(out, '\'');
	for (size_t i = 0; i < word.length; i++)
		if (word.data[i] == '\'')
			str_add(out, "'\"'\"'");
		else
			str_add_char(out, word.data[i]);
	str_add_char(out, '\'');
}

static void
host_add(const struct value_pair *host, struct str *out)
{
	word_add(value_string_view(host->key), out);
	if (value_is_map(host->value))
		VALUE_PAIRS (pair, host->value) {
			_cleanup_str_ struct str key = STR_INIT, word = STR_INIT;

			value_add_text(pair->key, &key);
			literal_add(pair->value, &word);
			str_add_char(out, ' ');
			word_add(str_view(&key), out);
			str_add_char(out, '=');
			word_add(str_view(&word), out);
		}
	str_add_char(out, '\n');
}

static void
section_add(const char *group, const char *kind, const struct value *map, struct str *out)
{
	if (!value_is_map(map))
		return;
	str_add_format(out, "%s[%s%s]\n", out->length ? "\n" : "", group, kind);
	VALUE_PAIRS (pair, map) {
		if (!strcmp(kind, ":vars")) {
			value_add_text(pair->key, out);
			str_add(out, " = ");
			literal_add(pair->value, out);
			str_add_char(out, '\n');
		} else {
			word_add(value_string_view(pair->key), out);
			str_add_char(out, '\n');
		}
	}
}

/* Hosts and their variables first, then who is in which group. */
static void
ini_add(const struct value *tree, struct str *out)
{
	const struct value *hosts = value_get(value_get(tree, "all"), "hosts");

	if (value_is_map(hosts))
		VALUE_PAIRS (host, hosts)
			host_add(host, out);
	VALUE_PAIRS (group, tree) {
		const char *name = value_string(group->key);
		const struct value *children = value_get(group->value, "children");

		if (!strcmp(name, "all")) {
			section_add(name, ":vars", value_get(group->value, "vars"), out);
			continue;
		}
		section_add(name, "", value_get(group->value, "hosts"), out);
		section_add(name, ":children", children, out);
		if (!value_get(group->value, "hosts") && !children)
			section_add(name, "", &value_empty_map, out);
		section_add(name, ":vars", value_get(group->value, "vars"), out);
	}
}

/* ---- sorted ---- */

static int
compare_pairs(const void *a, const void *b)
{
	const struct value_pair *x = a, *y = b;
	int order;

	return value_compare(x->key, y->key, &order) ? order
						     : (int)x->key->type - (int)y->key->type;
}

/* Maps by their keys, at every depth; lists as they are. */
static const struct value *
sorted(struct arena *into, const struct value *value)
{
	struct value *out;

	if (value_is_list(value)) {
		out = value_list(into);
		VALUE_EACH (item, value)
			value_add(into, out, sorted(into, item));
	} else if (value_is_map(value)) {
		out = value_map(into);
		VALUE_PAIRS (pair, value)
			value_set_key(into, out, pair->key, sorted(into, pair->value));
		/* Small maps have no index, larger ones are looked up by it: made anew. */
		if (out->map.count)
			qsort(out->map.pairs, out->map.count, sizeof(*out->map.pairs),
				compare_pairs);
		return value_map_copy(into, out);
	} else {
		return value;
	}
	out->flags = value->flags;
	return out;
}

/* ---- read again ---- */

static bool
has_braces(struct view text)
{
	return text.length > 1 && (memmem(text.data, text.length, "{{", 2) ||
					  memmem(text.data, text.length, "{%", 2) ||
					  memmem(text.data, text.length, "{#", 2));
}

/* The same value, and the same kind of text where that matters. */
static bool
is_same(const struct value *a, const struct value *b)
{
	const unsigned kinds =
		VALUE_VAULT | (has_braces(value_string_view(a)) ? VALUE_TEMPLATE : 0);

	if (value_is_none(a) || value_is_none(b))
		return value_is_none(a) && value_is_none(b);
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_STRING)
		return value_equals(a, b) && (a->flags & kinds) == (b->flags & kinds);
	if (a->type == VALUE_LIST) {
		if (a->list.count != b->list.count)
			return false;
		for (uint32_t i = 0; i < a->list.count; i++)
			if (!is_same(a->list.items[i], b->list.items[i]))
				return false;
		return true;
	}
	if (a->type != VALUE_MAP)
		return value_equals(a, b);
	if (a->map.count != b->map.count)
		return false;
	VALUE_PAIRS (pair, a) {
		const struct value *other = value_get_key(b, pair->key);

		if (!other || !is_same(pair->value, other))
			return false;
	}
	return true;
}

static bool
fail_lost(struct error *err, const char *what, const char *of, enum render_form form)
{
	fail(err, ERR_UNSUPPORTED, "the inventory cannot be written as %s",
		form == RENDER_INI ? "INI" : "YAML");
	error_why(err, "%s of '%s' would be read as something else", what, of);
	return form == RENDER_INI ? error_hint(err, "YAML (.yml) can hold it") : false;
}

static bool
vars_check(const struct value *wanted, const struct value *got, const char *of,
	enum render_form form, struct error *err)
{
	char what[256];

	if (!value_is_map(wanted))
		return !got->map.count || fail_lost(err, "what there is", of, form);
	VALUE_PAIRS (pair, wanted) {
		const struct value *other = value_get_key(got, pair->key);

		if (other && is_same(pair->value, other))
			continue;
		snprintf(what, sizeof(what), "the variable '%.200s'",
			value_string(pair->key) ? value_string(pair->key) : "?");
		return fail_lost(err, what, of, form);
	}
	return got->map.count == wanted->map.count || fail_lost(err, "what there is", of, form);
}

static bool
group_check(const struct inventory *read, const char *name, const struct value *wanted,
	enum render_form form, struct error *err)
{
	const struct inventory_group *group = inventory_group_find(read, name);
	const struct value *hosts = value_get(wanted, "hosts");
	const struct value *children = value_get(wanted, "children");
	const struct value *vars = value_get(wanted, "vars");
	struct value *own;
	struct arena arena;
	bool ok;

	if (!group || (group != read->all && group->host_count != (hosts ? hosts->map.count : 0)) ||
		group->child_count < (children ? children->map.count : 0))
		return fail_lost(err, "the group", name, form);
	arena_init(&arena);
	own = value_map_copy(&arena, group->vars);
	if (group->priority != 1)
		value_set(
			&arena, own, "ansible_group_priority", value_int(&arena, group->priority));
	ok = vars_check(vars, own, name, form, err);
	arena_release(&arena);
	return ok;
}

static bool
tree_check(const struct inventory *read, const struct value *tree, enum render_form form,
	struct error *err)
{
	const struct value *hosts = value_get(value_get(tree, "all"), "hosts");

	if (read->hosts.count != (hosts ? hosts->map.count : 0))
		return fail_lost(err, "the number of hosts", "all", form);
	VALUE_PAIRS (group, tree)
		if (!group_check(read, value_string(group->key), group->value, form, err))
			return false;
	if (hosts)
		VALUE_PAIRS (pair, hosts) {
			const char *name = value_string(pair->key);
			const struct inventory_host *host = inventory_host_find(read, name);

			if (!host)
				return fail_lost(err, "the name", name, form);
			if (!vars_check(pair->value, host->vars, name, form, err))
				return false;
		}
	return true;
}

static bool
read_again(const struct value *tree, enum render_form form, struct view text, struct error *err)
{
	struct inventory *inventory = inventory_new();
	const struct source source = { .inventory = inventory, .path = "(rendered)", .text = text };
	bool ok;

	inventory->is_parsed = true;
	ok = (form == RENDER_INI ? source_ini(&source, err) : source_yaml(&source, err)) &&
	     inventory_settle(inventory, err);
	ok = ok ? tree_check(inventory, tree, form, err)
		: error_context(err, "the inventory cannot be written as %s",
			  form == RENDER_INI ? "INI" : "YAML");
	inventory_free(inventory);
	return ok;
}

bool
render_tree(const struct value *tree, enum render_form form, struct str *out, struct error *err)
{
	static const struct yaml_style style = {
		.is_block = true, .width = -1, .keeps_data = true
	};
	struct arena arena;
	size_t before = out->length;
	bool ok;

	arena_init(&arena);
	tree = sorted(&arena, tree);
	if (form == RENDER_INI)
		ini_add(tree, out);
	else
		yaml_add(tree, &style, out);
	if (out->length > before && out->data[out->length - 1] != '\n')
		str_add_char(out, '\n');
	ok = read_again(tree, form, (struct view){ out->data + before, out->length - before }, err);
	if (!ok)
		str_cut(out, before);
	arena_release(&arena);
	return ok;
}
