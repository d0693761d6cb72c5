/* Filters of DescribeInstances that are evaluated here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "inventory/sources/ec2_filters.h"
#include "json/json.h"

#include <cmocka.h> /* last: its fail() is not ours */

static const char instance_text[] =
	"{\"instance_id\": \"i-1\", \"instance_type\": \"m1.small\", \"ami_launch_index\": 3,"
	" \"source_dest_check\": true, \"state\": {\"code\": 16, \"name\": \"running\"},"
	" \"security_groups\": [{\"group_name\": \"web\"}, {\"group_name\": \"ssh[1]*\"}],"
	" \"key_name\": \"\", \"tags\": {\"ROLE\": \"web\", \"Role\": \"exact\", \"NAME\": "
	"\"node-1\"}}";

static const struct {
	const char *filters;
	bool holds;
} cases[] = {
	{ "{}", true },
	{ "{\"instance-id\": \"i-1\"}", true },
	{ "{\"instance-id\": [\"i-2\", \"i-1\"]}", true },
	{ "{\"instance-id\": []}", false },
	{ "{\"instance-id\": \"I-1\"}", false },
	{ "{\"instance-type\": \"m1.*\", \"instance-state-name\": [\"r?nning\"]}", true },
	{ "{\"instance-type\": \"m1.*\", \"instance-state-name\": \"stopped\"}", false },
	{ "{\"instance-type\": \"*\"}", true },
	{ "{\"instance-type\": \"**s*l*\"}", true },
	{ "{\"instance-type\": \"m1.smal\"}", false },
	{ "{\"instance-type\": \"m1.small?\"}", false },
	{ "{\"instance-state-code\": 16}", true },
	{ "{\"instance-state-code\": \"16\"}", true },
	{ "{\"launch-index\": [1, 3]}", true },
	{ "{\"source-dest-check\": true}", true },
	{ "{\"source-dest-check\": \"true\"}", true },
	{ "{\"source-dest-check\": \"false\"}", false },
	{ "{\"instance.group-name\": \"web\"}", true },
	{ "{\"instance.group-name\": \"ssh[1]\\\\*\"}", true },
	{ "{\"instance.group-name\": \"ss\\\\*\"}", false },
	{ "{\"instance.group-name\": \"db\"}", false },
	{ "{\"key-name\": \"\"}", true },
	{ "{\"vpc-id\": \"*\"}", false },
	{ "{\"tag:ROLE\": \"web\"}", true },
	{ "{\"tag:Role\": \"exact\"}", true },
	{ "{\"tag:role\": \"web\"}", true },
	{ "{\"tag:name\": [\"node-*\"]}", true },
	{ "{\"tag:Colour\": \"*\"}", false },
	{ "{\"tag-key\": \"RO*\"}", true },
	{ "{\"tag-key\": \"Colour\"}", false },
	{ "{\"tag-value\": \"exact\"}", true },
};

static const struct value *
parse(struct arena *into, const char *text)
{
	const struct value *value;
	struct error err;

	assert_true(json_parse(into, view_of(text), &value, &err));
	return value;
}

static void
test_filters(void **state)
{
	const struct value *instance;
	struct error err;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	instance = parse(&arena, instance_text);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool holds;

		assert_true(ec2_filters_match(
			instance, parse(&arena, cases[i].filters), &arena, &holds, &err));
		if (holds != cases[i].holds)
			fail_msg("%s", cases[i].filters);
	}
	arena_release(&arena);
}

static void
test_unknown(void **state)
{
	struct error err;
	struct arena arena;
	bool holds;

	(void)state;
	arena_init(&arena);
	assert_false(ec2_filters_match(parse(&arena, instance_text),
		parse(&arena, "{\"colour\": \"green\"}"), &arena, &holds, &err));
	assert_string_equal(err.what, "there is no filter 'colour'");
	arena_release(&arena);
}

/* Stars are gone back to, but only to the last: no pattern takes long. */
static void
test_slow_pattern(void **state)
{
	struct str text = STR_INIT;
	struct error err;
	struct arena arena;
	bool holds;

	(void)state;
	arena_init(&arena);
	str_add(&text, "{\"instance-type\": \"");
	for (int i = 0; i < 5000; i++)
		str_add(&text, "*a");
	str_add(&text, "b\"}");
	const struct value *filters = parse(&arena, text.data);

	str_clear(&text);
	str_add(&text, "{\"instance_type\": \"");
	str_add_times(&text, 'a', 20000);
	str_add(&text, "\"}");
	assert_true(ec2_filters_match(parse(&arena, text.data), filters, &arena, &holds, &err));
	assert_false(holds);
	str_release(&text);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_slow_pattern),
	};

	return cmocka_run_group_tests_name("ec2_filters", tests, NULL, NULL);
}
