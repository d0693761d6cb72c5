/* known_hosts: what a file says about a host and a key; odd lines; what is appended. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/str.h"
#include "orchestrator/transport/known_hosts.h"

#include <cmocka.h> /* last: its fail() is not ours */

#define KEY_A "AAAAC3NzaC1lZDI1NTE5AAAAIJk0rPN2e6RDKqkD3o1G8xv2pYsfVb4oXq1Hh2Y0c7aB"
#define KEY_B "AAAAC3NzaC1lZDI1NTE5AAAAIBBBBPN2e6RDKqkD3o1G8xv2pYsfVb4oXq1Hh2Y0c7aB"

static char path[] = "/tmp/ertc-known-hosts-XXXXXX";

static void
file_write(const char *text)
{
	_cleanup_fclose_ FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static struct known_answer
ask(const char *text, const char *name)
{
	struct known_hosts *known = known_hosts_new();
	const char *paths[] = { path };
	const struct ssh_list files[] = { { paths, 1 } };
	struct known_answer answer;

	file_write(text);
	assert_true(known_hosts_lookup(known, files, 1, name, "ssh-ed25519", KEY_A, &answer, NULL));
	known_hosts_free(known);
	answer.path = answer.recorded = answer.recorded_type = NULL; /* gone with the index */
	return answer;
}

static const struct {
	const char *text, *name;
	enum known_verdict verdict;
	int line;
} cases[] = {
	{ "", "h", KNOWN_UNKNOWN, 0 },
	{ "h ssh-ed25519 " KEY_A, "h", KNOWN_OK, 1 },
	{ "# x\n\nh ssh-ed25519 " KEY_A " comment\r\n", "h", KNOWN_OK, 3 },
	{ "H,other ssh-ed25519 " KEY_A "\n", "h", KNOWN_OK, 1 },
	{ "h ssh-ed25519 " KEY_B "\n", "h", KNOWN_CHANGED, 1 },
	{ "h ssh-ed25519 " KEY_B "\nh ssh-ed25519 " KEY_A "\n", "h", KNOWN_OK, 2 },
	{ "h ssh-rsa AAAAB3NzaC1yc2E=\n", "h", KNOWN_NEW_TYPE, 1 },
	{ "h ssh-rsa AAAAB3NzaC1yc2E=\nh ssh-ed25519 " KEY_B "\n", "h", KNOWN_CHANGED, 2 },
	{ "[h]:2222 ssh-ed25519 " KEY_A "\n", "h", KNOWN_UNKNOWN, 0 },
	{ "[h]:2222 ssh-ed25519 " KEY_A "\n", "[h]:2222", KNOWN_OK, 1 },
	{ "*.example,!bad.example ssh-ed25519 " KEY_A "\n", "good.example", KNOWN_OK, 1 },
	{ "*.example,!bad.example ssh-ed25519 " KEY_A "\n", "bad.example", KNOWN_UNKNOWN, 0 },
	{ "h ssh-ed25519 " KEY_A "\n@revoked * ssh-ed25519 " KEY_A "\n", "h", KNOWN_REVOKED, 2 },
	{ "@revoked h ssh-ed25519 " KEY_B "\nh ssh-ed25519 " KEY_A "\n", "h", KNOWN_OK, 2 },
	{ "@revoked other ssh-ed25519 " KEY_A "\nh ssh-ed25519 " KEY_A "\n", "h", KNOWN_OK, 2 },
	{ "@cert-authority *.x ssh-ed25519 " KEY_B "\n", "h.x", KNOWN_AUTHORITY, 1 },
	{ "@cert-authority * ssh-ed25519 " KEY_B "\nh ssh-ed25519 " KEY_A "\n", "h", KNOWN_OK, 2 },
	{ "@something h ssh-ed25519 " KEY_A "\n", "h", KNOWN_UNKNOWN, 0 },
	{ "h\nh ssh-ed25519\n|1|x|y ssh-ed25519 " KEY_A "\n|1| a b\n", "h", KNOWN_UNKNOWN, 0 },
	{ "h 1024 35 123456\n", "h", KNOWN_NEW_TYPE, 1 },
};

static void
test_verdicts(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct known_answer answer = ask(cases[i].text, cases[i].name);

		if (answer.verdict != cases[i].verdict ||
			(cases[i].line && answer.line != cases[i].line))
			fail_msg("'%s' for %s: %d at line %d", cases[i].text, cases[i].name,
				(int)answer.verdict, answer.line);
	}
}

static void
each(void *context, const char *type)
{
	str_add_format(context, "%s ", type);
}

static void
added(const char *before, bool is_hashed, const char *expected)
{
	struct known_hosts *known = known_hosts_new();
	const char *paths[] = { path };
	const struct ssh_list files[] = { { paths, 1 } };
	_cleanup_str_ struct str types = STR_INIT;
	struct known_answer answer;
	char text[1024] = { 0 };
	FILE *file;

	file_write(before);
	assert_true(
		known_hosts_add(known, path, "[h]:22022", "ssh-ed25519", KEY_A, is_hashed, NULL));
	assert_true(known_hosts_lookup(
		known, files, 1, "[h]:22022", "ssh-ed25519", KEY_A, &answer, NULL));
	assert_int_equal(answer.verdict, KNOWN_OK);
	known_hosts_free(known);
	/* And by who reads it afresh. */
	known = known_hosts_new();
	assert_true(known_hosts_lookup(
		known, files, 1, "[h]:22022", "ssh-ed25519", KEY_B, &answer, NULL));
	assert_int_equal(answer.verdict, KNOWN_CHANGED);
	assert_true(known_hosts_types(known, files, 1, "[h]:22022", each, &types, NULL));
	assert_string_equal(types.data, "ssh-ed25519 ");
	known_hosts_free(known);
	file = fopen(path, "re");
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_true(text_starts(text, expected));
}

static void
test_adding(void **state UNUSED)
{
	added("", false, "[h]:22022 ssh-ed25519 " KEY_A "\n");
	added("x ssh-rsa AAAA", false, "x ssh-rsa AAAA\n[h]:22022 ssh-ed25519 ");
	added("", true, "|1|");
}

static void
test_new_file_is_private(void **state UNUSED)
{
	struct known_hosts *known = known_hosts_new();
	struct stat status;

	unlink(path);
	assert_true(known_hosts_add(known, path, "h", "ssh-ed25519", KEY_A, false, NULL));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	known_hosts_free(known);
}

static void
test_names_and_fingerprints(void **state UNUSED)
{
	struct arena arena;
	char text[80];

	arena_init(&arena);
	assert_string_equal(known_hosts_name("Web.Example", 22, &arena), "web.example");
	assert_string_equal(known_hosts_name("::1", 2222, &arena), "[::1]:2222");
	assert_true(key_fingerprint("YWJj", text, sizeof(text)));
	assert_string_equal(text, "SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
	assert_false(key_fingerprint("YWJ", text, sizeof(text)));
	assert_false(key_fingerprint("!!!!", text, sizeof(text)));
	arena_release(&arena);
}

static int
setup(void **state UNUSED)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int
teardown(void **state UNUSED)
{
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_adding),
		cmocka_unit_test(test_new_file_is_private),
		cmocka_unit_test(test_names_and_fingerprints),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
