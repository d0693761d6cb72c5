/* `ertc doc`: text of a description, for people. */
#include "orchestrator/cli/doc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_COLUMNS = 78, DOC_INDENT = 8 };

static void
print_wrapped(int indent, const char *text)
{
	int column = 0;

	while (*text) {
		size_t length = strcspn(text, " \n");

		if (length && column && column + 1 + (int)length > LINE_MAX_COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (length) {
			column += column ? printf(" ") : printf("%*s", indent, "");
			column += printf("%.*s", (int)length, text);
		}
		text += length + (text[length] != '\0');
	}
	if (column)
		putchar('\n');
}

/* A text, or a list of paragraphs. */
static void
print_prose(struct arena *arena, int indent, const struct value *prose)
{
	if (value_is_none(prose))
		return;
	if (value_is_list(prose))
		VALUE_EACH (paragraph, prose)
			print_wrapped(indent, value_to_text(arena, paragraph));
	else
		print_wrapped(indent, value_to_text(arena, prose));
}

static const char *
joined(struct arena *arena, const struct value *list)
{
	struct str text = STR_INIT;
	const char *result;

	VALUE_EACH (item, list)
		str_add_format(&text, "%s%s", text.length ? ", " : "", value_to_text(arena, item));
	result = arena_view(arena, str_view(&text));
	str_release(&text);
	return result;
}

static void
print_detail(struct arena *arena, int indent, const struct value *option, const char *key)
{
	const struct value *value = value_get(option, key);
	const char *text;

	if (!value || (value->type == VALUE_NONE && strcmp(key, "default") != 0))
		return;
	text = value_is_list(value)	   ? joined(arena, value)
	       : value->type == VALUE_NONE ? "null"
					   : value_to_text(arena, value);
	printf("%*s%s: %s%s%s\n", indent, "", key, value_is_list(value) ? "[" : "",
		*text ? text : "''", value_is_list(value) ? "]" : "");
}

static void
print_options(struct arena *arena, int indent, const struct value *options)
{
	static const char *const details[] = { "aliases", "choices", "default", "type", "elements",
		"also" };

	VALUE_PAIRS (pair, options) {
		const struct value *inner = value_get(pair->value, "options");
		bool is_required = value_is_true(value_get(pair->value, "required"));

		printf("%*s%c %s\n", indent, "", is_required ? '=' : '-',
			value_to_text(arena, pair->key));
		print_prose(arena, indent + DOC_INDENT, value_get(pair->value, "description"));
		for (size_t i = 0; i < ARRAY_SIZE(details); i++)
			print_detail(arena, indent + DOC_INDENT, pair->value, details[i]);
		putchar('\n');
		if (value_is_map(inner) && inner->map.count) {
			printf("%*sOPTIONS (= is mandatory):\n\n", indent + DOC_INDENT, "");
			print_options(arena, indent + DOC_INDENT, inner);
		}
	}
}

static void
print_title(struct arena *arena, const char *kind, const char *name)
{
	char *upper = arena_view(arena, view_of(name));

	for (char *at = upper; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	printf("> %s    (%s)\n\n", upper, kind);
}

static void
print_section(struct arena *arena, const char *title, const struct value *options)
{
	if (!value_is_map(options) || !options->map.count)
		return;
	printf("%s:\n\n", title);
	print_options(arena, 0, options);
}

static void
print_plain(struct arena *arena, const char *title, const struct value *value)
{
	if (!value_is_none(value))
		printf("%s: %s\n\n", title,
			value_is_list(value) ? joined(arena, value) : value_to_text(arena, value));
}

static void
print_role_entries(struct arena *arena, const struct value *entries)
{
	VALUE_PAIRS (pair, entries) {
		const struct value *about = value_get(pair->value, "short_description");

		printf("ENTRY POINT: %s%s%s\n\n", value_to_text(arena, pair->key),
			value_is_none(about) ? "" : " - ",
			value_is_none(about) ? "" : value_to_text(arena, about));
		print_prose(arena, DOC_INDENT, value_get(pair->value, "description"));
		if (!value_is_none(value_get(pair->value, "description")))
			putchar('\n');
		print_section(arena, "OPTIONS (= is mandatory)", value_get(pair->value, "options"));
		print_plain(arena, "AUTHOR", value_get(pair->value, "author"));
	}
}

void
doc_print(const char *kind, const char *name, const struct value *description)
{
	const struct value *about = value_get(description, "doc"),
			   *path = value_get(description, "path"),
			   *attributes = value_get(about, "attributes");
	struct arena arena;

	arena_init(&arena);
	if (!about)
		about = description;
	print_title(&arena, value_is_string(path) ? value_string(path) : kind, name);
	print_prose(&arena, DOC_INDENT, value_get(about, "short_description"));
	if (value_get(about, "short_description"))
		putchar('\n');
	print_plain(&arena, "ALSO CALLED", value_get(about, "aliases"));
	print_plain(&arena, "USAGE", value_get(about, "usage"));
	print_plain(&arena, "APPLIES TO", value_get(about, "applies_to"));
	print_section(&arena, "OPTIONS (= is mandatory)", value_get(about, "options"));
	print_plain(&arena, "NOTES", value_get(about, "notes"));
	VALUE_PAIRS (pair, attributes ? attributes : &value_empty_map)
		printf("%s: %s\n", value_to_text(&arena, pair->key),
			value_to_text(&arena, value_get(pair->value, "support")));
	if (value_is_map(value_get(description, "entry_points")))
		print_role_entries(&arena, value_get(description, "entry_points"));
	if (!value_is_none(value_get(description, "examples")))
		printf("\nEXAMPLES:\n\n%s\n",
			value_to_text(&arena, value_get(description, "examples")));
	print_section(&arena, "RETURN VALUES", value_get(description, "return"));
	arena_release(&arena);
}

void
doc_print_snippet(const char *name, const struct value *description)
{
	const struct value *about = value_get(description, "doc"),
			   *options = value_get(about, "options");
	struct arena arena;

	arena_init(&arena);
	printf("- name: %s\n  %s:\n", value_to_text(&arena, value_get(about, "short_description")),
		name);
	VALUE_PAIRS (pair, options ? options : &value_empty_map) {
		const struct value *prose = value_get(pair->value, "description");
		bool is_required = value_is_true(value_get(pair->value, "required"));
		const char *text = value_is_list(prose)	  ? joined(&arena, prose)
				   : value_is_none(prose) ? ""
							  : value_to_text(&arena, prose);

		printf("    %-22s # %s%s\n",
			arena_format(&arena, "%s:", value_to_text(&arena, pair->key)),
			is_required ? "(required) " : "", text);
	}
	arena_release(&arena);
}
