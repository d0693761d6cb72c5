/* The files of the AWS tools, against the public cases (profile-parser-tests.json), and what they
 * do not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "inventory/aws/profile.h"
#include "json/json.h"
#include "os/files.h"

#include <cmocka.h> /* last: its fail() is not ours */

static struct arena arena;

static int
begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* NULL: the vectors are not on this machine. */
static const struct value *
vectors(const char *name)
{
	const char *folder = getenv("ERTC_VECTORS");
	const char *path = arena_format(&arena, "%s/aws/cred-chain/%s",
		folder && *folder ? folder : "../shared/vectors", name);
	_cleanup_str_ struct str text = STR_INIT;
	const struct value *out = NULL;
	struct error err = { 0 };

	if (!file_exists(path)) {
		printf("skip %s: the public test vectors are not here\n", name);
		return NULL;
	}
	if (!file_read(path, 1 << 20, &text, &err) ||
		!json_parse(&arena, str_view(&text), &out, &err))
		fail_msg("%s: %s", err.what, err.why);
	return out;
}

/* ---- the public cases ---- */

/* Their words, and ours. */
static const struct {
	const char *theirs, *ours;
} words[] = {
	{ "Profile definition must end with ']'", "does not end with ']'" },
	{ "Expected a profile definition", "outside of any section" },
	{ "Property did not have a name", "a setting without a name" },
	{ "Expected an '=' sign defining a property", "no '=' in a setting" },
	{ "Expected a property definition", "an indented line without a setting" },
	{ "Expected a property definition, found continuation",
		"an indented line without a setting" },
	{ "Expected an '=' sign defining a sub-property", "no '=' in an indented setting" },
	{ "Sub-property did not have a name", "an indented setting without a name" },
};

static const char *
our_words(const char *theirs)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (text_equals(words[i].theirs, theirs))
			return words[i].ours;
	fail_msg("no words of ours for '%s'", theirs);
	return NULL;
}

static bool
read_both(const struct value *input, struct profiles **out, struct error *err)
{
	static const char *const files[] = { "configFile", "credentialsFile" };

	*out = profiles_new(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct value *text = value_get(input, files[i]);

		if (text &&
			!profiles_add(*out, &arena, files[i], value_string_view(text), i == 1, err))
			return false;
	}
	return true;
}

static void
sections_compare(const char *name, const struct value *want, const struct value *have)
{
	if (!want || value_equals(want, have))
		return;
	fail_msg("%s: %s instead of %s", name, value_to_text(&arena, have),
		value_to_text(&arena, want));
}

static void
test_public_cases(void **state)
{
	const struct value *all = vectors("profile-parser-tests.json");
	size_t count = 0;

	(void)state;
	if (!all)
		skip();
	VALUE_EACH (one, value_get(all, "tests")) {
		const char *name = value_string(value_get(one, "name"));
		const struct value *output = value_get(one, "output");
		const struct value *config = value_get(output, "config");
		const char *theirs = value_string(value_get(output, "errorContaining"));
		struct error err = { 0 };
		struct profiles *profiles;
		bool ok = read_both(value_get(one, "input"), &profiles, &err);

		if (theirs) {
			assert_false(ok);
			if (!strstr(err.what, our_words(theirs)))
				fail_msg("%s: %s", name, err.what);
			assert_int_equal(err.kind, ERR_PARSE);
			assert_non_null(strstr(err.where, "File:"));
		} else {
			if (!ok)
				fail_msg("%s: %s", name, err.what);
			sections_compare(name, value_get(config, "profiles"),
				profiles->sections[PROFILE_PLAIN]);
			sections_compare(name, value_get(config, "sso_sessions"),
				profiles->sections[PROFILE_SSO_SESSION]);
		}
		count++;
	}
	assert_int_equal(count, 65);
}

/* ---- our own ---- */

static struct profiles *
parse(const char *config, const char *credentials)
{
	struct profiles *profiles = profiles_new(&arena);
	struct error err = { 0 };

	if (!profiles_add(profiles, &arena, "/etc/c", view_of(config), false, &err) ||
		!profiles_add(profiles, &arena, "/etc/k", view_of(credentials), true, &err))
		fail_msg("%s", err.what);
	return profiles;
}

static void
test_places(void **state)
{
	const struct value *profile, *region, *key;
	struct profiles *profiles = parse(
		"# first\n[default]\nregion = a\n\n[profile x]\nregion = b\n", "[x]\nkey = 1\n");

	(void)state;
	profile = profiles_section(profiles, PROFILE_PLAIN, "x");
	region = value_get(profile, "region");
	key = value_get(profile, "key");
	assert_string_equal(region->place.file, "/etc/c");
	assert_int_equal(region->place.line, 6);
	assert_string_equal(key->place.file, "/etc/k");
	assert_int_equal(key->place.line, 2);
}

static void
test_error_names_the_line(void **state)
{
	struct profiles *profiles = profiles_new(&arena);
	struct error err = { 0 };

	(void)state;
	assert_false(profiles_add(profiles, &arena, "/home/me/.aws/config",
		VIEW("[default]\naws_secret_access_key hush\n"), false, &err));
	assert_string_equal(err.where, "/home/me/.aws/config:2");
	assert_null(strstr(err.what, "hush"));
	assert_null(strstr(err.why, "hush"));
	/* Nothing of a file that is wrong is taken. */
	assert_null(profiles_section(profiles, PROFILE_PLAIN, "default"));
}

static void
test_services(void **state)
{
	struct profiles *profiles = parse(
		"[services mine]\nec2 =\n  Endpoint_URL = http://a=b\n  other = 1\nsts =\n", "");
	const struct value *mine = profiles_section(profiles, PROFILE_SERVICES, "mine");

	(void)state;
	assert_string_equal(
		profile_nested(&arena, value_get(mine, "ec2"), "endpoint_url"), "http://a=b");
	assert_string_equal(profile_nested(&arena, value_get(mine, "ec2"), "other"), "1");
	assert_null(profile_nested(&arena, value_get(mine, "sts"), "endpoint_url"));
	assert_null(profile_nested(&arena, value_get(mine, "ssm"), "endpoint_url"));
}

static void
test_wipe(void **state)
{
	struct profiles *profiles = parse("", "[a]\naws_access_key_id = id\n"
					      "aws_secret_access_key = hush\n");
	const struct value *profile = profiles_section(profiles, PROFILE_PLAIN, "a");

	(void)state;
	profiles_wipe(profiles);
	assert_memory_equal(value_string(value_get(profile, "aws_secret_access_key")),
		((const char[]){ 0, 0, 0, 0 }), 4);
	assert_string_equal(value_string(value_get(profile, "aws_access_key_id")), "id");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_public_cases, begin, end),
		cmocka_unit_test_setup_teardown(test_places, begin, end),
		cmocka_unit_test_setup_teardown(test_error_names_the_line, begin, end),
		cmocka_unit_test_setup_teardown(test_services, begin, end),
		cmocka_unit_test_setup_teardown(test_wipe, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
