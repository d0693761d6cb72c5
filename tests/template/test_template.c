/*
 * Golden tests: every case of the files named on the command line is evaluated and compared with
 *what the real tools gave (generate.py). Prints "ok" or "FAIL" with both results, and ends with 1
 *if any failed. A leading -v shows all.
 *
 *	cc -std=gnu17 -D_GNU_SOURCE -Ilib -o test_template tests/template/test_template.c <objects
 *of lib> \ -lpcre2-8 -ljansson -lyaml -lcrypto -lcrypt -lm && ./test_template
 *tests/template/cases*.txt
 */
#include "base/map.h"
#include "json/json.h"
#include "template/template.h"

struct test_case {
	struct view name, vars, mode, template, expected;
};

static const struct value *variables, *shared;
static bool is_verbose;

static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	(void)context;
	(void)into;
	(void)err;
	*out = value_get_view(variables, name);
	if (!*out)
		*out = value_get_view(shared, name);
	return true;
}

static const char *const files[][2] = {
	{ "inc.j2", "[inc {{ i }}{% set leak = 1 %}]\n" },
	{ "mac.j2",
		"{% macro hi(n, p='x') %}hi {{ n }}{{ p }}{% endmacro %}{% set answer = 42 %}" },
	{ "base.j2", "A{% block a %}base a{% endblock %}B{% block b %}base b{% endblock %}C\n" },
	{ "mid.j2", "{% extends 'base.j2' %}{% block a %}mid({{ super() }}){% endblock %}" },
};

static bool
load(void *context, struct arena *into, const char *name, struct view *text, const char **path,
	struct error *err)
{
	(void)context;
	(void)into;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (text_equals(files[i][0], name)) {
			*text = view_of(files[i][1]);
			*path = files[i][0];
			return true;
		}
	return fail(err, ERR_MISSING, "template '%s' not found", name);
}

/* The env lookup is enough here: the others live with the caller. */
static bool
lookup(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	struct value *list = value_list(into);

	(void)context;
	(void)options;
	if (!text_equals(name, "env"))
		return fail(err, ERR_UNSUPPORTED, "lookup '%s' is not known", name);
	VALUE_EACH (term, terms) {
		const char *text = getenv(value_string(term) ? value_string(term) : "");

		value_add(into, list, value_text(into, text ? text : ""));
	}
	*out = list;
	return true;
}

static const struct template_scope scope = { .find = find, .load = load, .lookup = lookup };

/* Variables of a case come from "the user's own files": strings with braces are templates. */
static const struct value *
flagged(struct arena *arena, const struct value *value)
{
	struct value *copy;

	if (value_is_string(value))
		return template_is_present(value_string_view(value))
			       ? value_with_flags(arena, value, VALUE_TEMPLATE)
			       : value;
	if (value_is_list(value)) {
		copy = value_list(arena);
		VALUE_EACH (item, value)
			value_add(arena, copy, flagged(arena, item));
		return copy;
	}
	if (!value_is_map(value))
		return value;
	copy = value_map(arena);
	VALUE_PAIRS (pair, value)
		value_set_key(arena, copy, pair->key, flagged(arena, pair->value));
	return copy;
}

static void
run_string(struct template_env *env, struct arena *arena, const struct test_case *test,
	struct str *out, struct error *err)
{
	const struct value *source =
		value_with_flags(arena, value_view(arena, test->template), VALUE_TEMPLATE);
	const struct json_style style = { .keep_utf8 = true };
	const struct value *result;
	bool is_true;

	if (view_is(test->mode, "condition")) {
		if (template_condition(env, &scope, arena, source, &is_true, err))
			str_add(out, is_true ? "true" : "false");
	} else if (template_evaluate(env, &scope, arena, source, &result, err)) {
		json_add(result, &style, out);
	}
}

static bool
test_run(struct template_env *env, const struct test_case *test)
{
	struct error err = { 0 };
	struct arena arena;
	struct str result;
	bool ok;

	arena_init(&arena);
	str_init(&result);
	variables = &value_empty_map;
	if (test->vars.length && !json_parse(&arena, test->vars, &variables, &err))
		BUG("vars of '%.*s': %s", (int)test->name.length, test->name.data, err.why);
	variables = flagged(&arena, variables);
	if (view_is(test->mode, "file"))
		(void)!template_render(env, &scope, test->template, "case.j2", NULL, &result, &err);
	else
		run_string(env, &arena, test, &result, &err);
	if (err.kind != ERR_NONE) {
		str_clear(&result);
		str_add_format(&result, "error: %s", err.what);
	}
	ok = view_equals(str_view(&result), test->expected) ||
	     (view_is(test->expected, "error: other") && err.kind != ERR_NONE) ||
	     (view_starts(test->expected, "error: ") && err.kind == ERR_UNDEFINED &&
		     view_ends(str_view(&result), test->expected.data + 7));
	if (!ok)
		printf("FAIL %.*s\n  template: %.*s\n  wanted:   %.*s\n  got:      %s%s%s\n",
			(int)test->name.length, test->name.data, (int)test->template.length,
			test->template.data, (int)test->expected.length, test->expected.data,
			result.data, err.why[0] ? " | " : "", err.why);
	else if (is_verbose)
		printf("ok %.*s\n", (int)test->name.length, test->name.data);
	str_release(&result);
	arena_release(&arena);
	return ok;
}

/* Cuts at a line that begins with `mark`; the text in front loses its last newline. */
static bool
cut_at(struct view *rest, const char *mark, struct view *piece)
{
	const char *at = rest->data, *end = rest->data + rest->length;

	for (; (at = memmem(at, (size_t)(end - at), mark, strlen(mark))); at++)
		if (at == rest->data || at[-1] == '\n')
			break;
	if (!at)
		return false;
	*piece = (struct view){ rest->data, (size_t)(at - rest->data) };
	if (piece->length)
		piece->length--;
	at += strlen(mark);
	*rest = (struct view){ at, (size_t)(end - at) };
	return true;
}

static bool
case_next(struct view *rest, struct arena *arena, struct test_case *test)
{
	struct view head, line, ignored, expected;

	*test = (struct test_case){ .mode = VIEW("string") };
	if (!rest->data || !cut_at(rest, "--- ", &ignored) || !view_cut(rest, '\n', &test->name) ||
		!cut_at(rest, "template:\n", &head) || !cut_at(rest, "--- =\n", &test->template))
		return false;
	while (view_cut(&head, '\n', &line)) {
		if (view_starts(line, "vars: "))
			test->vars = (struct view){ line.data + 6, line.length - 6 };
		if (view_starts(line, "mode: "))
			test->mode = (struct view){ line.data + 6, line.length - 6 };
	}
	expected = *rest;
	if (cut_at(rest, "--- ", &expected))
		*rest = (struct view){ rest->data - 4, rest->length + 4 };
	else {
		expected.length -= expected.length > 0;
		*rest = (struct view){ NULL, 0 };
	}
	test->expected.data = arena_view(arena, expected);
	test->expected.length = expected.length;
	return true;
}

static void
file_read(const char *path, struct str *out)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char buffer[4096];
	size_t count;

	if (!file)
		BUG("cannot open %s", path);
	while ((count = fread(buffer, 1, sizeof(buffer), file)))
		str_add_bytes(out, buffer, count);
}

static void
shared_read(struct arena *arena)
{
	struct str text;
	struct error err;

	str_init(&text);
	file_read("tests/template/vars.json", &text);
	if (!json_parse(arena, str_view(&text), &shared, &err))
		BUG("vars.json: %s", err.why);
	shared = flagged(arena, shared);
	str_release(&text);
}

int
main(int count, char **args)
{
	struct template_env *env = template_env_new();
	int passed = 0, failed = 0;
	struct arena arena;

	arena_init(&arena);
	shared_read(&arena);
	for (int i = 1; i < count; i++) {
		struct test_case test;
		struct view rest;
		struct str text;

		if (text_equals(args[i], "-v")) {
			is_verbose = true;
			continue;
		}
		str_init(&text);
		file_read(args[i], &text);
		rest = str_view(&text);
		while (case_next(&rest, &arena, &test)) {
			bool ok = test_run(env, &test);

			passed += ok;
			failed += !ok;
		}
		str_release(&text);
	}
	printf("%d passed, %d failed\n", passed, failed);
	arena_release(&arena);
	template_env_free(env);
	return failed || !passed;
}
