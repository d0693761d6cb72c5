/*
 * The template engine where golden files cannot reach: rule R1 (data is never evaluated), pending
 *values, limits, places in errors, conditions, template files.
 *
 *	cc -std=gnu17 -D_GNU_SOURCE -Ilib -o test_unit tests/unit/test_template.c <objects of lib> \
 *		-lcmocka -lpcre2-8 -ljansson -lyaml -lcrypto -lcrypt -lm && ./test_unit
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail /* ours is another */
#define broken(...)                        \
	do {                               \
		print_error(__VA_ARGS__);  \
		_fail(__FILE__, __LINE__); \
	} while (0)

#include "json/json.h"
#include "template/template.h"
#include "value/object.h"

struct fixture {
	struct template_env *env;
	struct arena arena;
	struct error err;
	struct value *variables;
};

static int finds;

static bool
hostile_get(void *self, struct arena *into, const struct value *key, const struct value **out,
	struct error *err)
{
	(void)self;
	(void)err;
	if (text_equals(value_string(key), "evil"))
		*out = value_text(into, "{{ secret }}");
	if (text_equals(value_string(key), "pending"))
		return fail(err, ERR_PENDING, "pending on task 7");
	return true;
}

static bool
hostile_plain(void *self, struct arena *into, const struct value **out, struct error *err)
{
	struct value *map = value_map(into);

	(void)self;
	(void)err;
	value_set(into, map, "evil", value_text(into, "{{ secret }}"));
	*out = map;
	return true;
}

static const struct object_class hostile_class = {
	.type_name = "dict",
	.get = hostile_get,
	.plain = hostile_plain,
	.is_mapping = true,
};

static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct fixture *fixture = context;

	finds++;
	if (view_is(name, "late"))
		return fail(err, ERR_PENDING, "pending on task 7");
	if (view_is(name, "hostvars"))
		*out = value_object(into, &hostile_class, NULL);
	else
		*out = value_get_view(fixture->variables, name);
	return true;
}

static bool
lookup(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	struct value *list = value_list(into);

	(void)context;
	(void)name;
	(void)terms;
	(void)options;
	(void)err;
	value_add(into, list, value_text(into, "{{ secret }}"));
	*out = list;
	return true;
}

static const struct value *
source(struct fixture *fixture, const char *text)
{
	return value_with_flags(&fixture->arena, value_text(&fixture->arena, text), VALUE_TEMPLATE);
}

static int
setup(void **state)
{
	struct fixture *fixture = memory_get(sizeof(*fixture));
	struct value *list, *map;

	arena_init(&fixture->arena);
	fixture->env = template_env_new();
	fixture->variables = value_map(&fixture->arena);
	list = value_list(&fixture->arena);
	map = value_map(&fixture->arena);
	value_add(&fixture->arena, list, value_text(&fixture->arena, "{{ secret }}"));
	value_set(&fixture->arena, map, "stdout", value_text(&fixture->arena, "{{ secret }}"));
	value_set(&fixture->arena, fixture->variables, "secret",
		value_text(&fixture->arena, "LEAKED"));
	value_set(&fixture->arena, fixture->variables, "data",
		value_text(&fixture->arena, "{{ secret }}"));
	value_set(&fixture->arena, fixture->variables, "list", list);
	value_set(&fixture->arena, fixture->variables, "result", map);
	value_set(&fixture->arena, fixture->variables, "indirect", source(fixture, "{{ data }}"));
	value_set(&fixture->arena, fixture->variables, "number", value_int(&fixture->arena, 5));
	value_set(&fixture->arena, fixture->variables, "wait", source(fixture, "{{ late }}"));
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	template_env_free(fixture->env);
	arena_release(&fixture->arena);
	free(fixture);
	return 0;
}

/* The result as JSON, or "kind N: what". */
static const char *
result_of(struct fixture *fixture, const char *text)
{
	const struct template_scope scope = { .find = find, .lookup = lookup, .context = fixture };
	const struct value *result;
	const char *shown;
	struct str json;

	if (!template_evaluate(fixture->env, &scope, &fixture->arena, source(fixture, text),
		    &result, &fixture->err))
		return arena_format(
			&fixture->arena, "kind %d: %s", (int)fixture->err.kind, fixture->err.what);
	assert_false(value_has_template(result));
	str_init(&json);
	json_add(result, NULL, &json);
	shown = arena_view(&fixture->arena, str_view(&json));
	str_release(&json);
	return shown;
}

static void
data_is_never_evaluated(void **state)
{
	static const char *const templates[] = { "{{ data }}", "{{ indirect }}", "x{{ data }}",
		"{{ result.stdout }}", "{{ result }}", "{{ list }}", "{{ list[0] }}",
		"{% for x in list %}{{ x }}{% endfor %}", "{% set x = data %}{{ x }}",
		"{% set x %}{{ data }}{% endset %}{{ x }}", "{{ nope | default(data) }}",
		"{{ list | map('trim') | list }}", "{{ result | combine({'a': data}) }}",
		"{{ result | to_json | from_json }}", "{{ data | b64encode | b64decode }}",
		"{{ [data] + list }}", "{{ hostvars.evil }}", "{{ hostvars['evil'] }}",
		"{{ hostvars }}", "{{ lookup('x', 'y') }}", "{{ query('x', 'y') }}",
		"{{ '{{' }} secret {{ '}}' }}", "{{ '{' ~ '{ secret }' ~ '}' }}",
		"{% macro m(x) %}{{ x }}{% endmacro %}{{ m(data) }}", "{{ data if true else 1 }}",
		"{{ result.values() | list }}", "{{ {data: data} }}",
		"{{ data | regex_replace('x', '{{ secret }}') }}", "{{ result | dict2items }}",
		"{{ ('[\"' ~ data ~ '\"]') }}", "{{ data | string | from_yaml | default('') }}",
		"{% raw %}{{ secret }}{% endraw %}", "{{ result | to_nice_yaml }}" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
		const char *shown = result_of(fixture, templates[i]);

		if (strstr(shown, "LEAKED"))
			broken("'%s' gave %s\n", templates[i], shown);
	}
	assert_string_equal(result_of(fixture, "{{ secret }}"), "\"LEAKED\"");
	assert_string_equal(result_of(fixture, "{{ indirect }}"), "\"{{ secret }}\"");
}

static void
unflagged_text_stays(void **state)
{
	struct fixture *fixture = *state;
	const struct template_scope scope = { .find = find, .context = fixture };
	const struct value *text = value_text(&fixture->arena, "{{ secret }}"), *result;

	assert_true(template_evaluate(
		fixture->env, &scope, &fixture->arena, text, &result, &fixture->err));
	assert_ptr_equal(result, text);
}

static void
condition_data_is_not_code(void **state)
{
	static const char *const conditions[] = { "{{ data }}", "data",
		"\"{{ data }}\" == 'LEAKED'", "{{ data }} == 'LEAKED'",
		"result.stdout == 'LEAKED'" };
	struct fixture *fixture = *state;
	const struct template_scope scope = { .find = find, .context = fixture };
	bool is_true;

	for (size_t i = 2; i < ARRAY_SIZE(conditions); i++) {
		assert_true(template_condition(fixture->env, &scope, &fixture->arena,
			source(fixture, conditions[i]), &is_true, &fixture->err));
		assert_false(is_true);
	}
	assert_true(template_condition(fixture->env, &scope, &fixture->arena,
		source(fixture, conditions[0]), &is_true, &fixture->err));
	assert_true(is_true);
}

static void
pending_goes_up(void **state)
{
	static const char *const templates[] = { "{{ late }}", "x{{ late }}",
		"{{ late | default('x') }}", "{{ late is defined }}",
		"{{ late.a.b | default('x') }}", "{{ wait }}", "{{ wait | default(1) }}",
		"{% if late is defined %}a{% endif %}", "{% for x in late %}{% endfor %}",
		"{{ [late] }}", "{{ hostvars.pending }}", "{{ hostvars['pending'] is defined }}",
		"{{ hostvars.pending | default(1) }}", "{% set x = late %}",
		"{{ [1] | map('default', late) | list }}",
		"{% macro m() %}{{ late }}{% endmacro %}{{ m() }}", "{{ 'a' ~ late }}",
		"{{ hostvars.get('pending', 1) }}", "{% filter upper %}{{ late }}{% endfilter %}",
		"{{ true and late }}", "{{ late if late is defined else 1 }}", "{{ 1 + wait }}",
		"{% do late %}" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
		const char *shown = result_of(fixture, templates[i]);

		if (fixture->err.kind != ERR_PENDING ||
			!text_equals(fixture->err.what, "pending on task 7") ||
			fixture->err.where[0])
			broken("'%s' gave %s\n", templates[i], shown);
	}
	assert_string_equal(result_of(fixture, "{{ true or late }}"), "true");
	assert_string_equal(result_of(fixture, "{{ 1 if true else late }}"), "\"1\"");
}

static void
limits_hold(void **state)
{
	static const char *const templates[] = { "{{ range(100000000) | list }}",
		"{{ 'x' * 100000000 }}", "{{ [0] * 100000000 }}",
		"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
		"{% set x = namespace(v='aaaaaaaaaaaaaaaa') %}{% for i in range(40) %}{% set x.v = "
		"x.v ~ x.v %}{% endfor %}",
		"{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor "
		"%}",
		"{{ range(30) | permutations | list }}", "{{ '%1000000d' % 1 }}",
		"{{ 9223372036854775807 + 1 }}", "{{ 10 ** 30 }}" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(templates); i++) {
		const char *shown = result_of(fixture, templates[i]);

		if (fixture->err.kind != ERR_LIMIT)
			broken("'%s' gave %.100s\n", templates[i], shown);
	}
}

static void
deep_texts_are_refused(void **state)
{
	static const char *const pieces[] = { "(", "[", "{{", "not ", "-", "{% if 1 %}", "a.",
		"a|upper|", "1+", "{'a':" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		struct str text;

		str_init(&text);
		str_add(&text, pieces[i][0] == '{' && pieces[i][1] == '%' ? "" : "{{ ");
		for (int j = 0; j < 5000; j++)
			str_add(&text, pieces[i]);
		str_add(&text, " }}");
		(void)result_of(fixture, text.data);
		assert_true(fixture->err.kind == ERR_PARSE || fixture->err.kind == ERR_MISSING);
		str_release(&text);
	}
}

static void
errors_say_where(void **state)
{
	struct fixture *fixture = *state;
	const struct template_scope scope = { .find = find, .context = fixture };
	struct value *text = value_with_flags(
		&fixture->arena, value_text(&fixture->arena, "a\nb {{ nope }}"), VALUE_TEMPLATE);
	const struct value *result;
	struct str out;

	text->place = (struct place){ "site.yml", 10, 7 };
	assert_false(template_evaluate(
		fixture->env, &scope, &fixture->arena, text, &result, &fixture->err));
	assert_string_equal(fixture->err.what, "'nope' is undefined");
	assert_string_equal(fixture->err.where, "site.yml:11:6");
	str_init(&out);
	assert_false(template_render(fixture->env, &scope, VIEW("x\n\n  {{ l | nothere }}\n"),
		"site.conf.j2", NULL, &out, &fixture->err));
	assert_string_equal(fixture->err.where, "site.conf.j2:3:10");
	assert_int_equal(fixture->err.kind, ERR_MISSING);
	assert_false(template_render(fixture->env, &scope,
		VIEW("{% for x in [1] %}\n{{ x.y }}\n{% endfor %}"), "a.j2", NULL, &out,
		&fixture->err));
	assert_string_equal(fixture->err.where, "a.j2:2:6");
	str_release(&out);
}

static void
filters_are_suggested(void **state)
{
	struct fixture *fixture = *state;

	(void)result_of(fixture, "{{ list | lenght }}");
	assert_int_equal(fixture->err.kind, ERR_MISSING);
	assert_string_equal(fixture->err.hint, "did you mean 'length'?");
}

static void
omit_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	const struct template_scope scope = { .find = find, .context = fixture };
	struct value *map = value_map(&fixture->arena);
	const struct value *result;

	value_set(&fixture->arena, map, "a", source(fixture, "{{ nope | default(omit) }}"));
	value_set(&fixture->arena, map, "b", source(fixture, "{{ number }}"));
	assert_true(template_evaluate(
		fixture->env, &scope, &fixture->arena, map, &result, &fixture->err));
	assert_int_equal(value_length(result), 1);
	assert_int_equal(value_get(result, "b")->integer, 5);
	assert_true(template_evaluate(fixture->env, &scope, &fixture->arena,
		source(fixture, "{{ nope | default(omit) }}"), &result, &fixture->err));
	assert_true(template_is_omit(result));
}

static void
variables_are_not_changed(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(
		result_of(fixture, "{% do list.append(1) %}{{ list | length }}"), "\"2\"");
	assert_string_equal(
		result_of(fixture, "{% set _ = result.update({'a': 1}) %}{{ result | length }}"),
		"\"2\"");
	assert_int_equal(value_length(value_get(fixture->variables, "list")), 1);
	assert_int_equal(value_length(value_get(fixture->variables, "result")), 1);
}

static void
expressions_keep_types(void **state)
{
	struct fixture *fixture = *state;
	const struct template_scope scope = { .find = find, .context = fixture };
	const struct value *result;

	assert_true(template_expression(fixture->env, &scope, &fixture->arena,
		source(fixture, "number + 1"), &result, &fixture->err));
	assert_int_equal(result->type, VALUE_INT);
	assert_int_equal(result->integer, 6);
	assert_true(template_expression(fixture->env, &scope, &fixture->arena,
		source(fixture, "list"), &result, &fixture->err));
	assert_true(value_is_list(result));
	assert_true(template_check(
		fixture->env, source(fixture, "{{ a | upper }}"), false, &fixture->err));
	assert_false(template_check(
		fixture->env, source(fixture, "{{ a | upper "), false, &fixture->err));
	assert_true(template_check(fixture->env, source(fixture, "a == b"), true, &fixture->err));
	assert_false(template_check(fixture->env, source(fixture, "a == "), true, &fixture->err));
}

static void
names_are_found_once(void **state)
{
	struct fixture *fixture = *state;

	finds = 0;
	assert_string_equal(
		result_of(fixture, "{% for i in range(100) %}{{ number }}{% endfor %}{{ 'x' }}") +
			1,
		result_of(fixture, "{{ '5' * 100 }}x") + 1);
	assert_true(finds < 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(data_is_never_evaluated, setup, teardown),
		cmocka_unit_test_setup_teardown(unflagged_text_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(condition_data_is_not_code, setup, teardown),
		cmocka_unit_test_setup_teardown(pending_goes_up, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(deep_texts_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_say_where, setup, teardown),
		cmocka_unit_test_setup_teardown(filters_are_suggested, setup, teardown),
		cmocka_unit_test_setup_teardown(omit_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_are_not_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(expressions_keep_types, setup, teardown),
		cmocka_unit_test_setup_teardown(names_are_found_once, setup, teardown),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
