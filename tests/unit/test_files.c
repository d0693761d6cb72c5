/* Files: modes, replacing, removing, and what must not happen on the way. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include "os/files.h"

#include <cmocka.h> /* last: its fail() is not ours */

static struct arena arena;
static char directory[] = "/tmp/ertc-files-XXXXXX";

static const char *
at(const char *name)
{
	return path_join(&arena, directory, name);
}

static void
test_modes(void **state)
{
	static const struct {
		const char *text;
		mode_t before;
		bool is_directory;
		mode_t after;
	} rows[] = {
		{ "0644", 0, false, 0644 },
		{ "755", 0, false, 0755 },
		{ "01777", 0, true, 01777 },
		{ "u+x", 0644, false, 0744 },
		{ "u=rw,g=r,o=", 0777, false, 0640 },
		{ "a=rX", 0600, false, 0444 },
		{ "a=rX", 0700, false, 0555 },
		{ "u=rwX,go=rX", 0600, true, 0755 },
		{ "g=u", 0640, false, 0660 },
		{ "o=g-w", 0660, false, 0664 },
		{ "u+s", 0755, false, 04755 },
		{ "g+s,+t", 0755, true, 03755 },
		{ "ug-x", 0775, false, 0665 },
		{ "+x", 0644, false, 0755 },
	};
	mode_t mode;
	struct error err = { 0 };

	(void)state;
	umask(022);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(mode_parse(
			rows[i].text, rows[i].before, rows[i].is_directory, &mode, &err));
		if (mode != rows[i].after)
			print_error("%s: %o\n", rows[i].text, mode);
		assert_int_equal(mode, rows[i].after);
	}
	assert_false(mode_parse("0888", 0, false, &mode, &err));
	assert_false(mode_parse("u?x", 0, false, &mode, &err));
	assert_false(mode_parse("", 0, false, &mode, &err));
	assert_false(mode_parse("777777", 0, false, &mode, &err));
}

static void
test_replace(void **state)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error err = { 0 };
	struct stat info;

	(void)state;
	assert_true(file_replace(at("f"), VIEW("one"),
		&(struct file_place){ .has_mode = true, .mode = 0600 }, &err));
	assert_true(file_replace(at("f"), VIEW("two"), NULL, &err));
	assert_true(file_read(at("f"), 100, &text, &err));
	assert_string_equal(text.data, "two");
	assert_int_equal(stat(at("f"), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	str_clear(&text);
	assert_false(file_read(at("f"), 2, &text, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_false(file_replace(at("no/f"), VIEW("x"), NULL, &err));
	assert_int_equal(err.kind, ERR_IO);
}

static void
test_dropped(void **state)
{
	struct file_new file;
	struct error err = { 0 };

	(void)state;
	assert_true(file_new_open(&file, at("g"), &err));
	assert_true(file_new_add(&file, VIEW("x"), &err));
	assert_false(file_exists(file.current)); /* it has no name unless somebody must see it */
	assert_true(file_new_name(&file, &err));
	assert_true(file_exists(file.current));
	file_new_drop(&file);
	file_new_drop(&file);
	assert_false(file_exists(at("g")));
	unlink(at("f"));
	assert_int_equal(rmdir(directory), 0); /* nothing is left */
	assert_int_equal(mkdir(directory, 0700), 0);
}

static void
test_trees(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(directory_make(at("t/a/b"), 0755, &err));
	assert_true(directory_make(at("keep"), 0755, &err));
	assert_true(file_replace(at("keep/f"), VIEW("x"), NULL, &err));
	assert_int_equal(symlink(at("keep"), at("t/a/link")), 0);
	assert_true(tree_remove(at("t"), &err));
	assert_false(file_exists(at("t")));
	assert_true(file_exists(at("keep/f")));
	assert_true(tree_remove(at("nothing"), &err));
	assert_false(directory_make(at("keep/f/x"), 0755, &err));
	assert_true(tree_remove(at("keep"), &err));
}

static void
test_paths(void **state)
{
	(void)state;
	assert_string_equal(path_name("/a/b"), "b");
	assert_string_equal(path_name("b"), "b");
	assert_string_equal(path_parent(&arena, "/a/b"), "/a");
	assert_string_equal(path_parent(&arena, "/a"), "/");
	assert_string_equal(path_parent(&arena, "a"), ".");
	assert_string_equal(path_join(&arena, "/a/", "b"), "/a/b");
	assert_string_equal(path_join(&arena, "/a", "/b"), "/b");
}

/* In a folder where nothing can be made, by somebody who is not root. */
static void
write_over(const char *path)
{
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct file_place place = { 0 };
	struct error err = { 0 };
	bool is_well;

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		_exit(2);
	if (file_new_open_over(&file, path, false, &err) || err.kind != ERR_IO)
		_exit(3);
	is_well = file_new_open_over(&file, path, true, &err) && err.kind == ERR_NONE &&
		  file_new_add(&file, VIEW("new"), &err) && file_new_commit(&file, &place, &err);
	_exit(is_well ? 0 : 4);
}

static void
test_write_over(void **state)
{
	char folder[] = "/tmp/ertc-over-XXXXXX", path[64];
	_cleanup_str_ struct str text = STR_INIT;
	struct file_place place = { .has_mode = true, .mode = 0666 };
	struct error err = { 0 };
	int status = -1;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	assert_true(file_replace(path, VIEW("old and long"), &place, &err));
	assert_int_equal(chmod(folder, 0555), 0);
	child = fork();
	if (!child)
		write_over(path);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_true(file_read(path, 100, &text, &err));
	assert_string_equal(text.data, "new");
	assert_int_equal(chmod(folder, 0755), 0);
	assert_true(tree_remove(folder, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_write_over),
		cmocka_unit_test(test_paths),
	};
	int failed;

	arena_init(&arena);
	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(directory);
	arena_release(&arena);
	return failed;
}
