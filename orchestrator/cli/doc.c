/* `ertc doc`: what the tables say of modules, roles, keywords, filters and all the rest. */
#include "orchestrator/cli/doc.h"

#include "inventory/sources/cloud_config.h"
#include "json/json.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/lookups/lookups.h"
#include "orchestrator/playbook/node.h"
#include "orchestrator/report/report.h"
#include "template/functions.h"

enum { EXIT_UNKNOWN = 1, EXIT_OPTIONS = 5, MOST_NAMES = 600 };

/* ---- kinds with a name and a line ---- */

static bool
describe_line(
	struct doc *doc, const struct value *names, const char *name, const struct value **out)
{
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy.",
		"community.general.", "ansible.posix.", "ansible.utils.", NULL };
	struct value *about = value_map(&doc->arena), *map = value_map(&doc->arena);
	const struct value *summary;

	for (const char *const *prefix = prefixes; *prefix; prefix++)
		if (text_starts(name, *prefix))
			name += strlen(*prefix);
	summary = value_get(names, name);
	*out = NULL;
	if (!summary)
		return true;
	value_set(&doc->arena, about, "name", value_text(&doc->arena, name));
	value_set(&doc->arena, about, "short_description", summary);
	value_set(&doc->arena, map, "doc", about);
	*out = map;
	return true;
}

/* Tables that tell their rows by number. */
static const struct value *
list_numbered(struct doc *doc, bool (*about)(size_t index, const char **name, const char **line))
{
	struct value *map = value_map(&doc->arena);
	const char *name, *line;

	for (size_t i = 0; about(i, &name, &line); i++)
		value_set(&doc->arena, map, name, value_text(&doc->arena, line));
	return map;
}

struct line {
	const char *name, *doc;
};

static const struct value *
list_lines(struct doc *doc, const struct line *line)
{
	struct value *map = value_map(&doc->arena);

	for (; line->name; line++)
		value_set(&doc->arena, map, line->name, value_text(&doc->arena, line->doc));
	return map;
}

static const struct line become_lines[] = { { "sudo", "Through sudo; -K asks for its password." },
	{ "su", "Through su, with the password of the user to become." },
	{ "doas", "Through doas." }, { "runuser", "Through runuser, for who is root already." },
	{ NULL, NULL } };
static const struct line cache_lines[] = { { "memory", "Facts are kept for this run only." },
	{ "jsonfile", "Facts are kept between runs, in a JSON file for each host." },
	{ NULL, NULL } };
static const struct line connection_lines[] = {
	{ "ssh", "The SSH client that is built in; shares one login per bastion. Also: smart, "
		 "paramiko." },
	{ "ssh-cli", "The ssh program as a child: for FIDO keys, host CAs, Kerberos." },
	{ "local", "No connection: this machine." }, { NULL, NULL }
};
static const struct line strategy_lines[] = {
	{ "linear", "All hosts of a batch take each task together." },
	{ "free", "Each host goes on as fast as it can." },
	{ "host_pinned", "As free; a host is finished before another one takes its place." },
	{ NULL, NULL }
};

#define NUMBERED(kind, function)                                \
	static const struct value *list_##kind(struct doc *doc) \
	{                                                       \
		return list_numbered(doc, function);            \
	}                                                       \
	DESCRIBED(kind)
#define LINED(kind)                                             \
	static const struct value *list_##kind(struct doc *doc) \
	{                                                       \
		return list_lines(doc, kind##_lines);           \
	}                                                       \
	DESCRIBED(kind)
#define DESCRIBED(kind)                                                                         \
	static bool describe_##kind(                                                            \
		struct doc *doc, const char *name, const struct value **out, struct error *err) \
	{                                                                                       \
		(void)err;                                                                      \
		return describe_line(doc, list_##kind(doc), name, out);                         \
	}

NUMBERED(lookup, lookup_about)
NUMBERED(callback, report_callback_about)
static const struct value *
list_inventory(struct doc *doc)
{
	return list_numbered(doc, source_about);
}

static const struct value *
option_described(struct arena *arena, const struct cloud_option *option)
{
	struct value *map = value_map(arena), *aliases = value_list(arena);

	value_set(arena, map, "description", value_text(arena, option->doc));
	for (size_t i = 0; i < CLOUD_ALIASES && option->aliases[i]; i++)
		value_add(arena, aliases, value_text(arena, option->aliases[i]));
	if (aliases->list.count)
		value_set(arena, map, "aliases", aliases);
	return map;
}

/* Sources that ask a cloud have options in a file. */
static bool
describe_inventory(struct doc *doc, const char *name, const struct value **out, struct error *err)
{
	const struct cloud_option *option;
	struct value *about, *map, *options = value_map(&doc->arena);

	(void)err;
	if (text_starts(name, "amazon.aws."))
		name += strlen("amazon.aws.");
	if (!describe_line(doc, list_inventory(doc), name, out) || !*out)
		return true;
	option = source_options(name);
	for (; option && option->name; option++)
		value_set(
			&doc->arena, options, option->name, option_described(&doc->arena, option));
	if (!options->map.count)
		return true;
	about = value_map_copy(&doc->arena, value_get(*out, "doc"));
	value_set(&doc->arena, about, "options", options);
	map = value_map_copy(&doc->arena, *out);
	value_set(&doc->arena, map, "doc", about);
	*out = map;
	return true;
}

LINED(become)
LINED(cache)
LINED(connection)
LINED(strategy)

/* ---- filters and tests ---- */

static const struct value *
list_functions(struct doc *doc, size_t (*all)(const struct function **out, size_t room))
{
	const struct function *functions[MOST_NAMES];
	size_t count = MIN(all(functions, MOST_NAMES), (size_t)MOST_NAMES);
	struct value *map = value_map(&doc->arena);

	for (size_t i = 0; i < count; i++)
		if (!value_get(map, functions[i]->name))
			value_set(&doc->arena, map, functions[i]->name,
				value_text(&doc->arena, functions[i]->doc));
	return map;
}

static const struct value *
list_filter(struct doc *doc)
{
	return list_functions(doc, filter_all);
}

static const struct value *
list_test(struct doc *doc)
{
	return list_functions(doc, test_all);
}

/* "a b='x'" as a call is written: "(a, b='x')". */
static const char *
call_form(struct arena *arena, const char *params)
{
	struct str text = STR_INIT;
	const char *form;
	char quote = '\0';

	for (; *params; params++) {
		if (*params == '\'')
			quote = quote ? '\0' : '\'';
		if (*params == ' ' && !quote)
			str_add(&text, ", ");
		else
			str_add_format(&text, "%c", *params);
	}
	form = text.length ? arena_format(arena, "(%s)", text.data) : "";
	str_release(&text);
	return form;
}

static bool
describe_function(struct doc *doc, const struct function *function, const char *pattern,
	const struct value **out)
{
	struct arena *arena = &doc->arena;
	struct value *about = value_map(arena), *map = value_map(arena);

	*out = NULL;
	if (!function)
		return true;
	value_set(arena, about, "name", value_text(arena, function->name));
	value_set(arena, about, "short_description", value_text(arena, function->doc));
	value_set(arena, about, "usage",
		value_format(arena, "%s %s%s", pattern, function->name,
			call_form(arena, function->params)));
	value_set(arena, map, "doc", about);
	*out = map;
	return true;
}

static bool
describe_filter(struct doc *doc, const char *name, const struct value **out, struct error *err)
{
	(void)err;
	return describe_function(doc, filter_find(view_of(name)), "value |", out);
}

static bool
describe_test(struct doc *doc, const char *name, const struct value **out, struct error *err)
{
	(void)err;
	return describe_function(doc, test_find(view_of(name)), "value is", out);
}

/* ---- keywords ---- */

static const struct value *
list_keyword(struct doc *doc)
{
	struct value *map = value_map(&doc->arena);

	for (int i = 0; i < KEYWORD_COUNT; i++)
		value_set(&doc->arena, map, keyword_table[i].name,
			value_text(&doc->arena, keyword_table[i].doc));
	return map;
}

static bool
describe_keyword(struct doc *doc, const char *name, const struct value **out, struct error *err)
{
	static const struct {
		unsigned place;
		const char *name;
	} places[] = { { ON_PLAY, "Play" }, { ON_ROLE, "Role" }, { ON_BLOCK, "Block" },
		{ ON_TASK, "Task" }, { ON_HANDLER, "Handler" } };
	struct arena *arena = &doc->arena;
	struct value *map = value_map(arena), *on = value_list(arena);
	int found = keyword_find_name(view_of(name));

	(void)err;
	*out = NULL;
	if (found < 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (keyword_table[found].places & places[i].place)
			value_add(arena, on, value_text(arena, places[i].name));
	value_set(arena, map, "short_description", value_text(arena, keyword_table[found].doc));
	value_set(arena, map, "applies_to", on);
	*out = map;
	return true;
}

const struct doc_kind doc_kinds[] = {
	{ "module", "what tasks call", doc_list_modules, doc_describe_module },
	{ "role", "roles that say what they take", doc_list_roles, doc_describe_role },
	{ "keyword", "of plays, roles, blocks, tasks and handlers", list_keyword,
		describe_keyword },
	{ "filter", "{{ value | filter }}", list_filter, describe_filter },
	{ "test", "{{ value is test }}", list_test, describe_test },
	{ "lookup", "{{ lookup('name', …) }} and with_name", list_lookup, describe_lookup },
	{ "callback", "forms of output: stdout_callback, callbacks_enabled", list_callback,
		describe_callback },
	{ "connection", "ways to a host", list_connection, describe_connection },
	{ "become", "ways to work as another user", list_become, describe_become },
	{ "strategy", "whose turn it is", list_strategy, describe_strategy },
	{ "inventory", "sources of hosts", list_inventory, describe_inventory },
	{ "cache", "where facts are kept", list_cache, describe_cache },
	{ NULL, NULL, NULL, NULL },
};

static const struct doc_kind *
doc_kind_find(const char *name)
{
	for (const struct doc_kind *kind = doc_kinds; kind->name; kind++)
		if (!strcmp(kind->name, name))
			return kind;
	return NULL;
}

/* ---- the verb ---- */

static const char usage[] = "usage: ertc doc [-t KIND] NAME... | ertc doc [-t KIND] -l "
			    "[WORD...]\n\nSays what a module, a "
			    "role, a keyword or the like is for and what it takes.";

static const enum option_id offered[] = { OPTION_DOC_TYPE, OPTION_DOC_LIST, OPTION_DOC_JSON,
	OPTION_DOC_SNIPPET, OPTION_DOC_ROLES, OPTION_DOC_ENTRY, OPTION_HELP, OPTION_COUNT };

static const char *
nearest_name(struct doc *doc, const struct doc_kind *kind, const char *name)
{
	const char *names[MOST_NAMES];
	size_t count = 0;

	VALUE_PAIRS (pair, kind->list(doc))
		if (count < MOST_NAMES - 1)
			names[count++] = value_string(pair->key);
	names[count] = NULL;
	return text_nearest(name, names);
}

/* The kind that has a name of this sort, or NULL. */
static const struct doc_kind *
kind_with(struct doc *doc, const char *name)
{
	const struct value *found;
	struct error err;

	for (const struct doc_kind *kind = doc_kinds; kind->name; kind++)
		if (kind->describe(doc, name, &found, &err) && found)
			return kind;
	return NULL;
}

static void
tell_unknown(struct doc *doc, const struct doc_kind *kind, const char *name)
{
	const struct doc_kind *other = kind_with(doc, name);
	const char *near = nearest_name(doc, kind, name);

	fprintf(stderr, "ertc doc: error: there is no %s '%s'", kind->name, name);
	if (other)
		fprintf(stderr, "; there is a %s: ertc doc -t %s %s", other->name, other->name,
			name);
	else if (near)
		fprintf(stderr, "; did you mean '%s'?", near);
	fputc('\n', stderr);
}

static void
print_json(const struct value *value)
{
	const struct json_style style = { .indent = 4, .sort_keys = true };
	struct str text = STR_INIT;

	json_add(value, &style, &text);
	printf("%s\n", text.data);
	str_release(&text);
}

static bool
is_wanted(const char *name, const char *const *words)
{
	bool is = !*words;

	for (; *words; words++)
		is |= strstr(name, *words) != NULL;
	return is;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
list_kind(struct doc *doc, const struct doc_kind *kind, const char *const *words, bool as_json)
{
	const struct value *all = kind->list(doc);
	struct value *some = value_map(&doc->arena);
	const char **names = arena_array(&doc->arena, all->map.count + 1, const char *);
	size_t count = 0;

	VALUE_PAIRS (pair, all)
		if (is_wanted(value_string(pair->key), words)) {
			value_set_key(&doc->arena, some, pair->key, pair->value);
			names[count++] = value_string(pair->key);
		}
	if (as_json) {
		print_json(some);
		return;
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++)
		printf("%-24s %s\n", names[i],
			value_to_text(&doc->arena, value_get(some, names[i])));
}

static int
describe_all(struct doc *doc, const struct options *options, const struct doc_kind *asked)
{
	bool as_json = option_flag(options, OPTION_DOC_JSON);
	struct value *found = value_map(&doc->arena);
	int code = 0;

	for (size_t i = 0; i < options->path_count; i++) {
		const char *name = options->paths[i];
		const struct doc_kind *kind = asked ? asked : doc_kinds;
		const struct value *about;
		struct error err;
		bool ok;

		error_clear(&err);
		ok = kind->describe(doc, name, &about, &err);
		if (ok && !about && !asked) { /* a role, where no kind was asked for */
			kind = doc_kind_find("role");
			ok = kind->describe(doc, name, &about, &err);
		}
		if (!ok || !about) {
			if (!ok)
				fprintf(stderr, "ertc doc: error: %s%s%s\n", err.what,
					err.why[0] ? ": " : "", err.why);
			else
				tell_unknown(doc, asked ? asked : doc_kinds, name);
			code = EXIT_UNKNOWN;
			continue;
		}
		if (as_json)
			value_set(&doc->arena, found, name, about);
		else if (option_flag(options, OPTION_DOC_SNIPPET) && kind == doc_kinds)
			doc_print_snippet(name, about);
		else
			doc_print(kind->name, name, about);
	}
	if (as_json)
		print_json(found);
	return code;
}

static void
help(FILE *file)
{
	options_help_verb(file, offered, usage);
	fprintf(file, "\nkinds:\n");
	for (const struct doc_kind *kind = doc_kinds; kind->name; kind++)
		fprintf(file, "  %-12s %s\n", kind->name, kind->about);
}

static const char *const *
folders(struct doc *doc, const struct options *options, enum option_id id, const char *first)
{
	struct view rest = view_of(option_text(options, id)), piece;
	const struct option_value *given = &options->values[OPTION_DOC_ROLES];
	const char **list = arena_array(&doc->arena, 64, const char *), *home = getenv("HOME");
	size_t count = 0;

	for (size_t i = 0; first && i < given->count && count < 30; i++)
		list[count++] = given->list[i];
	if (first)
		list[count++] = first;
	while (count < 63 && view_cut(&rest, ':', &piece))
		if (piece.length)
			list[count++] = view_starts(piece, "~/") && home
						? arena_format(&doc->arena, "%s%.*s", home,
							  (int)piece.length - 1, piece.data + 1)
						: arena_view(&doc->arena, piece);
	return list;
}

static int
doc_run(struct doc *doc, const struct options *options)
{
	const char *type = option_text(options, OPTION_DOC_TYPE);
	const struct doc_kind *kind = type ? doc_kind_find(type) : NULL;
	const char *names[32], *near;
	size_t count = 0;

	for (; doc_kinds[count].name; count++)
		names[count] = doc_kinds[count].name;
	names[count] = NULL;
	if (type && !kind) {
		near = text_nearest(type, names);
		fprintf(stderr, "ertc doc: error: there is no kind '%s'%s%s%s\n", type,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
		return EXIT_OPTIONS;
	}
	doc->roles_path = folders(doc, options, OPTION_ROLES_PATH, "roles");
	doc->collections_path = folders(doc, options, OPTION_COLLECTIONS_PATH, NULL);
	doc->entry = option_text(options, OPTION_DOC_ENTRY);
	if (option_flag(options, OPTION_DOC_LIST)) {
		list_kind(doc, kind ? kind : doc_kinds, options->paths,
			option_flag(options, OPTION_DOC_JSON));
		return 0;
	}
	if (!options->path_count) {
		help(stderr);
		fprintf(stderr, "ertc doc: error: a name is missing, or -l\n");
		return EXIT_OPTIONS;
	}
	return describe_all(doc, options, kind);
}

int
command_doc(int argc, char **argv)
{
	struct doc doc = { 0 };
	struct options options;
	struct error err;
	int code = 0;

	arena_init(&doc.arena);
	error_clear(&err);
	if (!options_read_verb(&options, offered, argc, argv, &err)) {
		help(stderr);
		fprintf(stderr, "ertc doc: error: %s%s%s\n", err.what, err.hint[0] ? "; " : "",
			err.hint);
		code = EXIT_OPTIONS;
	} else if (option_flag(&options, OPTION_HELP)) {
		help(stdout);
	} else {
		code = doc_run(&doc, &options);
	}
	options_release(&options);
	arena_release(&doc.arena);
	return code;
}
