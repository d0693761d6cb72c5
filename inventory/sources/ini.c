/*
 * Ansible's INI inventories: hosts with key=value behind them, [group], [group:vars],
 * [group:children]. Values are read as Python literals where they are some, else as text. Quotes
 * work as in a shell; in :vars sections the whole rest of the line is the value.
 */
#include "inventory/sources/source.h"

#include <ctype.h>

#include "template/literal.h"

enum section_kind { SECTION_HOSTS, SECTION_VARS, SECTION_CHILDREN };

struct ini {
	struct inventory *inventory;
	const char *path;
	struct inventory_group *group;
	enum section_kind kind;
	uint32_t line;
	const struct value *host_vars; /* of the line being read */
	struct host_list hosts;
};

static bool
fail_line(const struct ini *ini, struct error *err, const char *why, struct view text)
{
	fail(err, ERR_PARSE, "cannot read the inventory '%s'", ini->path);
	error_where(err, "%s:%u:1", ini->path, ini->line);
	return error_why(err, "%s: %.*s", why, (int)MIN(text.length, 200), text.data);
}

const struct value *
ini_value(struct arena *into, struct view text, const struct place *place)
{
	struct value *value;
	const struct value *literal = literal_parse(into, text, false);

	if (!value_is_none(literal)) {
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
		else
			str_add_char(out, c);
	}
	*rest = (struct view){ rest->data + i, rest->length - i };
	return !quote;
}

static bool
host_add(void *context, const char *name, struct error *err)
{
	struct ini *ini = context;
	struct inventory_host *host = inventory_host_add(ini->inventory, name);

	(void)err;
	inventory_group_add_host(ini->inventory, ini->group, host);
	VALUE_PAIRS (pair, ini->host_vars)
		value_set_key(&ini->inventory->arena, host->vars, pair->key, pair->value);
	return true;
}

/* "host:2222" has a port, also behind a range; an IPv6 address needs brackets for that. */
static struct view
port_cut(struct view name, int64_t *port)
{
	size_t colons = 0, at = 0, depth = 0;

	for (size_t i = 0; i < name.length; i++) {
		depth += name.data[i] == '[';
		depth -= name.data[i] == ']' && depth;
		if (name.data[i] == ':' && !depth) {
			colons++;
			at = i;
		}
	}
	if (colons != 1 ||
		!number_parse((struct view){ name.data + at + 1, name.length - at - 1 }, port))
		return name;
	if (name.data[0] == '[' && at > 2 && name.data[at - 1] == ']' &&
		memchr(name.data, ':', at) && !memchr(name.data + 1, '[', at - 1))
		return (struct view){ name.data + 1, at - 2 };
	return (struct view){ name.data, at };
}

static bool
host_line(struct ini *ini, struct view line, struct error *err)
{
	struct arena *arena = &ini->inventory->arena;
	struct place place = { arena_text(arena, ini->path), ini->line, 1 };
	struct value *vars = value_map(arena);
	struct str word = STR_INIT;
	struct view rest = line, name;
	const char *pattern;
	int64_t port = 0;
	bool has_word, ok;

	ok = word_next(&rest, &word, &has_word);
	pattern = arena_view(arena, str_view(&word));
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
		return fail_line(ini, err, "No closing quotation", line);
	name = port_cut(view_of(pattern), &port);
	if (port)
		value_set(arena, vars, "ansible_port", value_int(arena, port));
	ini->host_vars = vars;
	return inventory_expand(ini->inventory, name, host_add, ini, err);
}

static bool
vars_line(struct ini *ini, struct view line, struct error *err)
{
	struct arena *arena = &ini->inventory->arena;
	struct place place = { arena_text(arena, ini->path), ini->line, 1 };
	const char *equals = memchr(line.data, '=', line.length);
	struct view key, text;
	const struct value *value;
	int64_t priority;

	if (!equals)
		return fail_line(ini, err, "Expected key=value, got", line);
	key = view_trim((struct view){ line.data, (size_t)(equals - line.data) });
	text = view_trim(
		(struct view){ equals + 1, (size_t)(line.data + line.length - equals - 1) });
	value = ini_value(arena, text, &place);
	if (view_is(key, "ansible_group_priority") && value_to_int(value, &priority))
		ini->group->priority = (int)priority;
	else
		value_set_key(arena, ini->group->vars, value_view(arena, key), value);
	return true;
}

static bool
section_line(struct ini *ini, struct view line, struct error *err)
{
	struct arena *arena = &ini->inventory->arena;
	const char *close = memchr(line.data, ']', line.length), *colon;
	struct view name, kind = { NULL, 0 };

	if (!close)
		return fail_line(ini, err, "Invalid section entry", line);
	name = (struct view){ line.data + 1, (size_t)(close - line.data - 1) };
	colon = memchr(name.data, ':', name.length);
	if (colon) {
		kind = (struct view){ colon + 1, name.length - (size_t)(colon + 1 - name.data) };
		name.length = (size_t)(colon - name.data);
	}
	if (!colon || view_is(kind, "hosts"))
		ini->kind = SECTION_HOSTS;
	else if (view_is(kind, "vars"))
		ini->kind = SECTION_VARS;
	else if (view_is(kind, "children"))
		ini->kind = SECTION_CHILDREN;
	else {
		fail_line(ini, err, "Section has unknown type", line);
		return error_hint(err, "write [%.*s], [%.*s:vars] or [%.*s:children]",
			(int)name.length, name.data, (int)name.length, name.data, (int)name.length,
			name.data);
	}
	ini->group = inventory_group_add(ini->inventory, arena_view(arena, view_trim(name)));
	return true;
}

static bool
child_line(struct ini *ini, struct view line, struct error *err)
{
	struct view name = line;
	const char *comment = memchr(line.data, '#', line.length);

	if (comment)
		name.length = (size_t)(comment - line.data);
	name = view_trim(name);
	if (inventory_group_add_child(ini->inventory, ini->group,
		    inventory_group_add(ini->inventory, arena_view(&ini->inventory->arena, name)),
		    err))
		return true;
	error_where(err, "%s:%u:1", ini->path, ini->line);
	return false;
}

static bool
line_read(struct ini *ini, struct view line, struct error *err)
{
	line = view_trim(line);
	if (!line.length || line.data[0] == '#' || line.data[0] == ';')
		return true;
	if (line.data[0] == '[' && memchr(line.data, ']', line.length) &&
		(ini->kind != SECTION_HOSTS || !memchr(line.data, '=', line.length)))
		return section_line(ini, line, err);
	switch (ini->kind) {
	case SECTION_VARS:
		return vars_line(ini, line, err);
	case SECTION_CHILDREN:
		return child_line(ini, line, err);
	default:
		return host_line(ini, line, err);
	}
}

bool
source_ini(struct inventory *inventory, const char *path, struct view text, struct error *err)
{
	struct ini ini = { .inventory = inventory, .path = path, .group = inventory->ungrouped };
	struct view rest = text, line;

	if (text.length && memchr(text.data, '\0', text.length))
		return fail_line(&ini, err, "this is no text file", VIEW(""));
	while (view_cut(&rest, '\n', &line)) {
		ini.line++;
		if (!line_read(&ini, line, err))
			return false;
	}
	return true;
}
