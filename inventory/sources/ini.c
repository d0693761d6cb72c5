/*
 * Ansible's INI inventories: hosts with key=value behind them, [group], [group:vars],
 * [group:children]. Values are read as Python literals where they are some, else as text. Quotes
 * work as in a shell; in :vars sections the whole rest of the line is the value.
 */
#include "inventory/sources/source.h"

#include <ctype.h>

#include "template/literal.h"

enum section_kind { SECTION_HOSTS, SECTION_VARS, SECTION_CHILDREN };

/* A group that was named, but not yet by a section of its own. */
struct pending {
	struct pending *next;
	const char *name, *what, *parent;
	uint32_t line;
	bool is_settled;
};

struct ini {
	struct inventory *inventory;
	const char *path;
	struct inventory_group *group;
	enum section_kind kind;
	uint32_t line;
	struct pending *pending;
};

static bool
fail_line(const struct ini *ini, struct error *err, const char *why, struct view text)
{
	return fail(err, ERR_PARSE, "%s:%u: %s: %.*s", ini->path, ini->line, why,
		(int)MIN(text.length, 200), text.data);
}

static const struct value *
literal_read(struct arena *into, struct view text)
{
	const struct value *literal;

	literal = literal_parse(into, text, false);
	if (!literal && text.length && memchr(text.data, ',', text.length)) /* 1, 2 */
		literal = literal_parse(
			into, view_of(arena_format(into, "(%.*s)", (int)text.length, text.data)),
			false);
	return literal;
}

const struct value *
ini_value(struct arena *into, struct view text, const struct place *place)
{
	struct value *value;
	const struct value *literal = literal_read(into, text);

	if (view_is(text, "None")) {
		value = value_text(into, NULL);
	} else if (!value_is_none(literal)) {
		value = value_with_flags(into, literal, literal->flags);
		if (value->type == VALUE_STRING)
			value->flags |= VALUE_TEMPLATE;
		else if (value->type == VALUE_LIST || value->type == VALUE_MAP)
			return literal;
	} else {
		value = value_view(into, text);
		value->flags = VALUE_TEMPLATE;
	}
	value->place = *place;
	return value;
}

/* One shell-like word: quotes are taken off, \ escapes outside of '…'. A # begins a comment. */
static bool
word_next(struct view *rest, struct str *out, bool *has_word)
{
	char quote = 0;
	size_t i = 0;

	str_clear(out);
	while (i < rest->length && isspace((unsigned char)rest->data[i]))
		i++;
	*has_word = i < rest->length && rest->data[i] != '#';
	for (; *has_word && i < rest->length; i++) {
		char c = rest->data[i];

		if (quote == '\'' ? c == '\'' : quote == '"' ? c == '"' : false)
			quote = 0;
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else if (c == '\\' && quote != '\'' && i + 1 < rest->length &&
			 (!quote || strchr("\"\\", rest->data[i + 1])))
			str_add_char(out, rest->data[++i]);
		else if (!quote && isspace((unsigned char)c))
			break;
		else if (!quote && c == '#') { /* a comment begins anywhere, even within a word */
			i = rest->length;
			break;
		} else
			str_add_char(out, c);
	}
	*rest = (struct view){ rest->data + i, rest->length - i };
	return !quote;
}

static bool
host_line(struct ini *ini, struct view line, struct error *err)
{
	struct arena *arena = &ini->inventory->arena;
	struct place place = { arena_text(arena, ini->path), ini->line, 1 };
	struct value *vars = value_map(arena);
	struct str word = STR_INIT;
	struct view rest = line;
	const char *pattern;
	bool has_word, ok;

	ok = word_next(&rest, &word, &has_word);
	pattern = arena_view(arena, str_view(&word));
	if (ok && text_ends(pattern, ":")) {
		str_release(&word);
		return inventory_add_pattern(
			ini->inventory, view_of(pattern), ini->group, NULL, err);
	}
	while (ok && has_word && (ok = word_next(&rest, &word, &has_word)) && has_word) {
		const char *equals = strchr(word.data, '=');

		if (!equals) {
			ok = fail_line(ini, err, "Expected key=value host variable assignment, got",
				str_view(&word));
			str_release(&word);
			return ok;
		}
		value_set_key(arena, vars,
			value_bytes(arena, word.data, (size_t)(equals - word.data)),
			ini_value(arena, view_of(equals + 1), &place));
	}
	str_release(&word);
	if (!ok)
		return fail(err, ERR_PARSE,
			"%s:%u: Error parsing host definition '%.*s': No closing quotation",
			ini->path, ini->line, (int)MIN(line.length, 200), line.data);
	return !*pattern ||
	       inventory_add_pattern(ini->inventory, view_of(pattern), ini->group, vars, err);
}

static bool
vars_line(struct ini *ini, struct view line, struct error *err)
{
	struct arena *arena = &ini->inventory->arena;
	struct place place = { arena_text(arena, ini->path), ini->line, 1 };
	const char *equals = memchr(line.data, '=', line.length);
	struct view key, text;

	if (!equals)
		return fail_line(ini, err, "Expected key=value, got", line);
	key = view_trim((struct view){ line.data, (size_t)(equals - line.data) });
	text = view_trim(
		(struct view){ equals + 1, (size_t)(line.data + line.length - equals - 1) });
	inventory_group_set(
		ini->inventory, ini->group, value_view(arena, key), ini_value(arena, text, &place));
	return true;
}

static bool
is_blank(char c)
{
	return isspace((unsigned char)c) != 0;
}

/* "[name]", "[name:kind]", with a comment behind. False: the line is none. */
static bool
section_split(struct view line, struct view *name, struct view *kind)
{
	const char *close = memchr(line.data, ']', line.length), *colon;
	struct view behind;

	if (line.data[0] != '[' || !close)
		return false;
	*name = (struct view){ line.data + 1, (size_t)(close - line.data - 1) };
	*kind = VIEW("hosts");
	colon = name->length ? memchr(name->data, ':', name->length) : NULL;
	if (colon) {
		*kind = (struct view){ colon + 1, name->length - (size_t)(colon + 1 - name->data) };
		name->length = (size_t)(colon - name->data);
	}
	for (size_t i = 0; i < name->length; i++)
		if (is_blank(name->data[i]))
			return false;
	for (size_t i = 0; i < kind->length; i++)
		if (!isalnum((unsigned char)kind->data[i]) && kind->data[i] != '_')
			return false;
	behind = view_trim(
		(struct view){ close + 1, (size_t)(line.data + line.length - close - 1) });
	return name->length && kind->length && (!behind.length || behind.data[0] == '#');
}

/* A group that only [group:vars] or another group's children name, and nothing else, is a mistake:
 * told at the end, with the line. */
static struct pending *
pending_find(struct ini *ini, const char *name)
{
	for (struct pending *each = ini->pending; each; each = each->next)
		if (!strcmp(each->name, name))
			return each;
	return NULL;
}

static void
pending_add(struct ini *ini, const char *name, const char *what)
{
	struct pending *pending = arena_new(&ini->inventory->arena, struct pending);

	if (pending_find(ini, name))
		return;
	*pending = (struct pending){ .next = ini->pending,
		.name = name,
		.what = what,
		.parent = ini->group ? ini->group->name : "",
		.line = ini->line };
	ini->pending = pending;
}

static bool
section_line(
	struct ini *ini, struct view line, struct view name, struct view kind, struct error *err)
{
	static const struct {
		const char *name;
		enum section_kind kind;
	} kinds[] = { { "hosts", SECTION_HOSTS }, { "vars", SECTION_VARS },
		{ "children", SECTION_CHILDREN } };
	struct arena *arena = &ini->inventory->arena;
	const char *safe = inventory_group_name(ini->inventory, arena_view(arena, name));
	bool is_new = !inventory_group_find(ini->inventory, safe), is_known = false;
	struct pending *pending = pending_find(ini, safe);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (view_is(kind, kinds[i].name)) {
			ini->kind = kinds[i].kind;
			is_known = true;
		}
	if (!is_known) {
		fail(err, ERR_PARSE, "%s:%u: Section %.*s has unknown type: %.*s", ini->path,
			ini->line, (int)MIN(line.length, 200), line.data,
			(int)MIN(kind.length, 100), kind.data);
		return error_hint(err, "write [%.*s], [%.*s:vars] or [%.*s:children]",
			(int)name.length, name.data, (int)name.length, name.data, (int)name.length,
			name.data);
	}
	if (ini->kind == SECTION_VARS && is_new)
		pending_add(ini, safe, "vars");
	else if (ini->kind != SECTION_VARS && pending)
		pending->is_settled = true;
	ini->group = inventory_group_add(ini->inventory, safe);
	return true;
}

static bool
child_line(struct ini *ini, struct view line, struct error *err)
{
	struct view name = line;
	const char *safe;

	for (size_t i = 0; i < name.length; i++)
		if (is_blank(name.data[i]) || name.data[i] == ':' || name.data[i] == ']')
			name.length = i;
	if (!name.length ||
		(name.length < line.length && view_trim((struct view){ name.data + name.length,
								line.length - name.length })
							      .data[0] != '#'))
		return fail_line(ini, err, "Expected group name, got", line);
	safe = inventory_group_name(ini->inventory, arena_view(&ini->inventory->arena, name));
	if (!inventory_group_find(ini->inventory, safe))
		pending_add(ini, safe, "children");
	if (inventory_group_add_child(
		    ini->inventory, ini->group, inventory_group_add(ini->inventory, safe), err))
		return true;
	error_where(err, "%s:%u:1", ini->path, ini->line);
	return false;
}

static bool
line_read(struct ini *ini, struct view line, struct error *err)
{
	struct view name, kind;

	line = view_trim(line);
	if (!line.length || line.data[0] == '#' || line.data[0] == ';')
		return true;
	if (section_split(line, &name, &kind))
		return section_line(ini, line, name, kind, err);
	if (line.data[0] == '[' && view_ends(line, "]")) {
		return fail(err, ERR_PARSE,
			"%s:%u: Invalid section entry: '%.*s'. Please make sure that there are no "
			"spaces in the section entry, and that there are no other invalid "
			"characters",
			ini->path, ini->line, (int)MIN(line.length, 200), line.data);
	}
	switch (ini->kind) {
	case SECTION_VARS:
		return vars_line(ini, line, err);
	case SECTION_CHILDREN:
		return child_line(ini, line, err);
	default:
		return host_line(ini, line, err);
	}
}

static bool
pending_check(const struct ini *ini, struct error *err)
{
	for (const struct pending *each = ini->pending; each; each = each->next) {
		if (each->is_settled)
			continue;
		if (!strcmp(each->what, "vars"))
			return fail(err, ERR_PARSE,
				"%s:%u: Section [%s:vars] not valid for undefined group: %s",
				ini->path, each->line, each->name, each->name);
		return fail(err, ERR_PARSE,
			"%s:%u: Section [%s:children] includes undefined group: %s", ini->path,
			each->line, each->parent, each->name);
	}
	return true;
}

bool
source_ini(const struct source *source, struct error *err)
{
	struct ini ini = { .inventory = source->inventory,
		.path = source->path,
		.group = source->inventory->ungrouped };
	struct view rest = source->text, line;

	if (rest.length && memchr(rest.data, '\0', rest.length))
		return fail_line(&ini, err, "this is no text file", VIEW(""));
	while (view_cut(&rest, '\n', &line)) {
		ini.line++;
		if (!line_read(&ini, line, err))
			return false;
	}
	return pending_check(&ini, err);
}
