/* Arguments: types, defaults, aliases, choices, and the messages when they are wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "module/param.h"

#include <cmocka.h> /* last: its fail() is not ours */

struct args {
	const char *name, *state, *mode, *path;
	bool flag;
	enum param_switch enabled;
	int64_t port, missing;
	double ratio;
	const char *const *words;
	const struct value *map, *list, *any;
	const char *_inner;
};

static const struct param params[] = {
	PARAM_STRING(struct args, name, .required = true, .aliases = TEXTS("pkg")),
	PARAM_STRING(struct args, state, .fallback = "present",
		.choices = TEXTS("present", "absent", "yes")),
	PARAM_MODE(struct args, mode),
	PARAM_PATH(struct args, path),
	PARAM_FLAG(struct args, flag, .fallback = "true"),
	PARAM_SWITCH(struct args, enabled),
	PARAM_INT(struct args, port, .fallback = "22"),
	PARAM_INT(struct args, missing),
	PARAM_FLOAT(struct args, ratio),
	PARAM_TEXTS(struct args, words),
	PARAM_MAP(struct args, map),
	PARAM_LIST(struct args, list),
	PARAM_VALUE(struct args, any),
	PARAM_STRING(struct args, _inner, .is_internal = true),
	PARAMS_END,
};

static struct arena arena;

static const struct value *
map_of(const char *key, const struct value *value)
{
	struct value *map = value_map(&arena);

	value_set(&arena, map, "name", value_text(&arena, "x"));
	if (key)
		value_set(&arena, map, key, value);
	return map;
}

static struct args
read_well(const struct value *map)
{
	struct args args = { 0 };
	struct error err = { 0 };

	if (!params_read("thing", params, map, &arena, &args, &err))
		print_error("%s\n", err.what);
	assert_int_equal(err.kind, ERR_NONE);
	return args;
}

static void
assert_refused(const struct value *map, const char *what)
{
	struct args args = { 0 };
	struct error err = { 0 };

	assert_false(params_read("thing", params, map, &arena, &args, &err));
	if (!strstr(err.what, what))
		print_error("'%s' is not in '%s'\n", what, err.what);
	assert_non_null(strstr(err.what, what));
}

static void
test_defaults(void **state)
{
	struct args args = read_well(map_of(NULL, NULL));

	(void)state;
	assert_string_equal(args.name, "x");
	assert_string_equal(args.state, "present");
	assert_true(args.flag);
	assert_int_equal(args.enabled, SWITCH_ABSENT);
	assert_int_equal(args.port, 22);
	assert_true(args.missing == PARAM_NO_INT);
	assert_true(isnan(args.ratio));
	assert_null(args.words);
}

static void
test_types(void **state)
{
	struct value *list = value_list(&arena);

	(void)state;
	value_add(&arena, list, value_text(&arena, "a"));
	value_add(&arena, list, value_int(&arena, 2));
	assert_string_equal(read_well(map_of("mode", value_int(&arena, 0644))).mode, "0644");
	assert_string_equal(read_well(map_of("mode", value_text(&arena, "u+x"))).mode, "u+x");
	assert_string_equal(read_well(map_of("state", &value_true)).state, "yes");
	assert_false(read_well(map_of("flag", value_text(&arena, "off"))).flag);
	assert_int_equal(
		read_well(map_of("enabled", value_text(&arena, "no"))).enabled, SWITCH_OFF);
	assert_int_equal(read_well(map_of("port", value_text(&arena, "80"))).port, 80);
	assert_true(read_well(map_of("ratio", value_text(&arena, "0.5"))).ratio == 0.5);
	assert_string_equal(read_well(map_of("words", list)).words[1], "2");
	assert_string_equal(read_well(map_of("words", value_text(&arena, "a, b"))).words[1], "b");
	assert_null(read_well(map_of("words", value_text(&arena, ""))).words[0]);
	assert_int_equal(value_length(read_well(map_of("list", value_text(&arena, "a"))).list), 1);
	assert_null(read_well(map_of("any", &value_none)).any);
	assert_string_equal(read_well(map_of("_inner", value_text(&arena, "i")))._inner, "i");
}

static void
test_path(void **state)
{
	(void)state;
	setenv("HOME", "/home/me", 1);
	setenv("THING", "x", 1);
	assert_string_equal(
		read_well(map_of("path", value_text(&arena, "~/a"))).path, "/home/me/a");
	assert_string_equal(
		read_well(map_of("path", value_text(&arena, "/$THING/${THING}/$NOT"))).path,
		"/x/x/$NOT");
	assert_string_equal(
		read_well(map_of("path", value_text(&arena, "~root/a"))).path, "/root/a");
}

static void
test_refused(void **state)
{
	struct value *empty = value_map(&arena), *alias = value_map(&arena);
	struct error err = { 0 };

	(void)state;
	assert_refused(empty, "missing required arguments: name");
	assert_refused(map_of("nane", &value_true),
		"Unsupported parameters for (thing) module: nane. Supported parameters include: ");
	assert_refused(map_of("state", value_text(&arena, "presnt")),
		"value of state must be one of: present, absent, yes, got: presnt");
	assert_refused(map_of("port", value_text(&arena, "ssh")),
		"<class 'str'> cannot be converted to an int");
	assert_refused(map_of("flag", value_text(&arena, "perhaps")),
		"is not a valid boolean.  Valid booleans include: ");
	assert_refused(map_of("map", value_text(&arena, "x")), "unable to convert to dict");
	assert_refused(map_of("path", value_bytes(&arena, "a\0b", 3)), "without NUL bytes");
	value_set(&arena, alias, "pkg", value_text(&arena, "y"));
	assert_string_equal(read_well(alias).name, "y");
	/* At load time, internal ones are unknown, and templates are of every type. */
	assert_false(params_check("thing", params, map_of("_inner", &value_true), &err));
	assert_true(params_check("thing", params,
		map_of("port",
			value_with_flags(&arena, value_text(&arena, "{{ x }}"), VALUE_TEMPLATE)),
		&err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_refused),
	};
	int failed;

	arena_init(&arena);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
