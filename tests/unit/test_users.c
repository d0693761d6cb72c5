/* Users and groups from files of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "os/files.h"
#include "os/users.h"

#include <cmocka.h> /* last: its fail() is not ours */

static void
test_lookup(void **state)
{
	char directory[] = "/tmp/ertc-users-XXXXXX";
	struct arena arena;
	struct error err = { 0 };
	struct user user;
	struct group group;
	const char *const *groups;
	uid_t uid;
	gid_t gid;

	(void)state;
	assert_non_null(mkdtemp(directory));
	arena_init(&arena);
	users_passwd_file = path_join(&arena, directory, "passwd");
	users_group_file = path_join(&arena, directory, "group");
	assert_true(file_replace(users_passwd_file,
		VIEW("root:x:0:0:root:/root:/bin/sh\n# no\n\nbroken\n:x:9:9\nzoe:x:1234567:77:Z "
		     "o:/home/z:/bin/zsh"),
		NULL, &err));
	assert_true(file_replace(users_group_file,
		VIEW("root:x:0:\nzoos:x:77:zoe\nmore:x:78:a,zoe\nless:x:79:zoey\n"), NULL, &err));
	assert_true(user_by_name(&arena, "zoe", &user));
	assert_int_equal(user.uid, 1234567);
	assert_string_equal(user.shell, "/bin/zsh");
	assert_true(user_by_id(&arena, 1234567, &user));
	assert_false(user_by_name(&arena, "no-such-user-anywhere", &user));
	assert_false(user_by_name(&arena, "--help", &user));
	assert_true(group_by_name(&arena, "more", &group));
	assert_string_equal(group.members[1], "zoe");
	groups = user_groups(&arena, "zoe");
	assert_string_equal(groups[0], "zoos");
	assert_string_equal(groups[1], "more");
	assert_null(groups[2]);
	assert_true(user_id_of("zoe", &uid) && uid == 1234567);
	assert_true(user_id_of("42", &uid) && uid == 42);
	assert_false(user_id_of("-1", &uid));
	assert_true(group_id_of("zoos", &gid) && gid == 77);
	assert_string_equal(user_name(&arena, 3999999999u), "3999999999");
	unlink(users_passwd_file);
	unlink(users_group_file);
	assert_int_equal(rmdir(directory), 0);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lookup) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
