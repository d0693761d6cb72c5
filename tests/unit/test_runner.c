/* The runner as a program: epochs, cancel, timeouts, the end of the link, content both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/process.h"
#include "wire/message.h"

#include <cmocka.h> /* last: its fail() is not ours */

struct peer {
	pid_t pid;
	int in, out;
	struct frame_reader reader;
	struct arena arena;
	struct str frames;
	struct error err;
};

/* The test is BUILD/tests/test_runner, the runner BUILD/runner-ARCHITECTURE. */
static const char *
runner_path(void)
{
	static char path[PATH_MAX];
	const char *given = getenv("ERTC_RUNNER");
	char self[PATH_MAX - 80];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct utsname names;

	if (given)
		return given;
	self[length > 0 ? length : 0] = '\0';
	for (int i = 0; i < 2 && strrchr(self, '/'); i++)
		*strrchr(self, '/') = '\0';
	uname(&names);
	snprintf(path, sizeof(path), "%s/runner-%.65s", self, names.machine);
	return path;
}

static int
setup(void **state)
{
	struct peer *peer = memory_get(sizeof(*peer));
	int in[2], out[2];
	char c = 0;

	*peer = (struct peer){ 0 };
	if (access(runner_path(), X_OK) < 0 || pipe2(in, O_CLOEXEC) < 0 ||
		pipe2(out, O_CLOEXEC) < 0)
		return -1;
	peer->pid = fork();
	if (!peer->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(runner_path(), runner_path(), (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	peer->in = in[1];
	peer->out = out[0];
	arena_init(&peer->arena);
	str_init(&peer->frames);
	while (c != '\n')
		if (read(peer->out, &c, 1) != 1)
			return -1;
	*state = peer;
	return 0;
}

static int
teardown(void **state)
{
	struct peer *peer = *state;

	if (peer->in >= 0)
		close(peer->in);
	close(peer->out);
	waitpid(peer->pid, NULL, 0);
	frame_reader_release(&peer->reader);
	str_release(&peer->frames);
	arena_release(&peer->arena);
	free(peer);
	return 0;
}

static void
flush(struct peer *peer)
{
	assert_true(fd_write_all(peer->in, peer->frames.data, peer->frames.length));
	str_clear(&peer->frames);
}

static const struct value *
shell_args(struct peer *peer, const char *command)
{
	struct value *args = value_map(&peer->arena);

	value_set(&peer->arena, args, "cmd", value_text(&peer->arena, command));
	return args;
}

static void
send_shell(struct peer *peer, struct message_task task, const char *command)
{
	task.module = "shell";
	task.args = shell_args(peer, command);
	assert_true(message_add_task(&peer->frames, &task, &peer->err));
}

/* The next frame of a type; others are passed over. type 0 at the end of the link. */
static struct frame
next_frame(struct peer *peer, enum frame_type type)
{
	static char buffer[256 * 1024];
	struct frame frame;
	ssize_t count;

	for (;;) {
		assert_true(frame_next(&peer->reader, &frame, &peer->err));
		if (frame.type == type)
			return frame;
		if (frame.type)
			continue;
		count = read(peer->out, buffer, sizeof(buffer));
		if (count <= 0)
			return (struct frame){ 0 };
		frame_reader_add(&peer->reader, buffer, (size_t)count);
	}
}

static struct message_result
next_result(struct peer *peer)
{
	struct frame frame = next_frame(peer, FRAME_RESULT);
	struct message_result result;

	assert_int_equal(frame.type, FRAME_RESULT);
	assert_true(message_read_result(&peer->arena, frame.body, &result, &peer->err));
	return result;
}

static bool
is_set(const struct message_result *result, const char *key)
{
	const struct value *value = value_get(result->result, key);

	return value && value_is_true(value);
}

static void
test_hello(void **state)
{
	struct peer *peer = *state;
	struct frame frame = next_frame(peer, FRAME_HELLO);
	struct message_hello hello;

	assert_true(message_read_hello(&peer->arena, frame.body, &hello, &peer->err));
	assert_int_equal(hello.protocol, MESSAGE_PROTOCOL);
	assert_int_equal(hello.pid, peer->pid);
	assert_int_equal(hello.uid, geteuid());
	assert_non_null(hello.boot_id);
}

static void
test_epochs(void **state)
{
	struct peer *peer = *state;
	static const struct {
		uint32_t epoch, group;
		bool stops, fails, is_dropped;
	} rows[] = {
		{ 1, 1, true, false, false },
		{ 1, 2, true, true, false },
		{ 1, 2, true, false, false }, /* another item of the loop that failed */
		{ 1, 3, true, false, true },
		{ 1, 4, false, false, true },
		{ 2, 5, true, false, false },
		{ 2, 6, false, true, false }, /* may be ignored: nothing is dropped */
		{ 2, 7, true, false, false },
	};

	for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++)
		send_shell(peer,
			(struct message_task){ .id = i + 1,
				.epoch = rows[i].epoch,
				.group = rows[i].group,
				.stops = rows[i].stops },
			rows[i].fails ? "exit 1" : "true");
	flush(peer);
	for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct message_result result = next_result(peer);

		assert_int_equal(result.id, i + 1);
		assert_int_equal(result.was_dropped, rows[i].is_dropped);
		assert_int_equal(is_set(&result, "failed"), rows[i].fails);
	}
}

static void
test_release(void **state)
{
	struct peer *peer = *state;
	struct message_result result;

	send_shell(peer, (struct message_task){ .id = 1, .epoch = 1 }, "sleep 0.3");
	send_shell(peer, (struct message_task){ .id = 2, .epoch = 1 }, "true");
	send_shell(peer, (struct message_task){ .id = 3, .epoch = 2 }, "true");
	message_add_release(&peer->frames, 2);
	flush(peer);
	result = next_result(peer);
	result = next_result(peer);
	assert_int_equal(result.id, 2);
	assert_true(result.was_dropped);
	result = next_result(peer);
	assert_false(result.was_dropped);
}

static void
test_cancel(void **state)
{
	struct peer *peer = *state;
	uint64_t begin = monotonic_ms();
	struct message_result result;

	send_shell(peer, (struct message_task){ .id = 1 }, "sleep 30; echo late");
	send_shell(peer, (struct message_task){ .id = 2 }, "true");
	send_shell(peer, (struct message_task){ .id = 3 }, "true");
	flush(peer);
	usleep(200000);
	message_add_cancel(&peer->frames, 1);
	message_add_cancel(&peer->frames, 2);
	flush(peer);
	result = next_result(peer);
	assert_true(is_set(&result, "cancelled"));
	result = next_result(peer);
	assert_true(is_set(&result, "cancelled"));
	result = next_result(peer);
	assert_false(is_set(&result, "failed"));
	assert_true(monotonic_ms() - begin < 5000);
}

static void
test_timeout(void **state)
{
	struct peer *peer = *state;
	struct message_result result;

	/* One that does not listen to TERM is killed. */
	send_shell(peer, (struct message_task){ .id = 1, .timeout_s = 1 },
		"trap '' TERM; echo early; sleep 30");
	flush(peer);
	result = next_result(peer);
	assert_true(is_set(&result, "timedout"));
	assert_string_equal(value_string(value_get(result.result, "stdout")), "early");
}

static void
test_end_of_link_kills(void **state)
{
	struct peer *peer = *state;
	char mark[] = "/tmp/ertc-test-XXXXXX";
	int fd = mkstemp(mark);

	assert_true(fd >= 0);
	close(fd);
	send_shell(peer, (struct message_task){ .id = 1 },
		arena_format(&peer->arena, "sleep 1; rm %s", mark));
	flush(peer);
	usleep(300000);
	close(peer->in);
	peer->in = -1;
	assert_int_equal(waitpid(peer->pid, NULL, 0), peer->pid);
	usleep(1200000);
	assert_int_equal(access(mark, F_OK), 0);
	unlink(mark);
}

static void
test_live_output(void **state)
{
	struct peer *peer = *state;
	struct message_output output;
	struct frame frame;

	send_shell(peer, (struct message_task){ .id = 9, .live = true }, "echo now; sleep 1");
	flush(peer);
	frame = next_frame(peer, FRAME_OUTPUT);
	assert_true(message_read_output(&peer->arena, frame.body, &output, &peer->err));
	assert_int_equal(output.id, 9);
	assert_true(view_is(output.data, "now\n"));
	next_result(peer);
}

static void
test_fetch(void **state)
{
	struct peer *peer = *state;
	struct value *args = value_map(&peer->arena);
	char path[] = "/tmp/ertc-test-XXXXXX", chunk[65536];
	int fd = mkstemp(path);
	int64_t received = 0;
	struct hash hash;
	char hex[HASH_TEXT_MAX];
	bool is_last = false;

	memset(chunk, 'x', sizeof(chunk));
	for (int i = 0; i < 800; i++) {
		chunk[0] = (char)i;
		assert_true(fd_write_all(fd, chunk, sizeof(chunk)));
	}
	close(fd);
	value_set(&peer->arena, args, "src", value_text(&peer->arena, path));
	value_set(&peer->arena, args, "dest", value_text(&peer->arena, "x"));
	assert_true(message_add_task(&peer->frames,
		&(struct message_task){ .id = 1, .module = "fetch", .args = args }, &peer->err));
	flush(peer);
	hash_init(&hash, HASH_SHA1);
	while (!is_last) {
		struct frame frame = next_frame(peer, FRAME_BLOB);
		struct message_blob blob;
		struct arena arena;

		arena_init(&arena);
		assert_true(message_read_blob(&arena, frame.body, &blob, &peer->err));
		assert_int_equal(blob.offset, received);
		hash_add(&hash, blob.data.data, blob.data.length);
		received += (int64_t)blob.data.length;
		is_last = blob.is_last;
		arena_release(&arena);
	}
	assert_int_equal(received, 800 * 65536);
	assert_string_equal(value_string(value_get(next_result(peer).result, "checksum")),
		hash_end_text(&hash, hex));
	unlink(path);
}

static void
test_wrong_content(void **state)
{
	struct peer *peer = *state;
	struct value *args = value_map(&peer->arena), *content = value_map(&peer->arena);
	char path[] = "/tmp/ertc-test-XXXXXX";
	const char *dest;
	uint8_t digest[HASH_SIZE_MAX];
	struct message_result result;

	assert_non_null(mkdtemp(path));
	dest = arena_format(&peer->arena, "%s/f", path);
	hash_bytes(HASH_SHA256, VIEW("right"), digest);
	value_set(&peer->arena, content, "sha256", value_bytes(&peer->arena, digest, 32));
	value_set(&peer->arena, content, "size", value_int(&peer->arena, 5));
	value_set(&peer->arena, content, "id", value_int(&peer->arena, 4));
	value_set(&peer->arena, args, "_content", content);
	value_set(&peer->arena, args, "dest", value_text(&peer->arena, dest));
	assert_true(message_add_task(&peer->frames,
		&(struct message_task){ .id = 1, .module = "copy", .args = args }, &peer->err));
	flush(peer);
	assert_int_equal(next_frame(peer, FRAME_NEED).type, FRAME_NEED);
	assert_true(message_add_blob(&peer->frames,
		&(struct message_blob){
			.id = 1, .content = 4, .data = VIEW("wrong"), .is_last = true },
		&peer->err));
	flush(peer);
	result = next_result(peer);
	assert_true(is_set(&result, "failed"));
	assert_int_not_equal(access(dest, F_OK), 0);
	assert_int_equal(rmdir(path), 0); /* nothing is left in it */
}

static struct value *
tree_entry(struct peer *peer, const char *path, const char *type, const char *text, int64_t id)
{
	struct value *entry = value_map(&peer->arena);
	uint8_t digest[HASH_SIZE_MAX];

	value_set(&peer->arena, entry, "path", value_text(&peer->arena, path));
	value_set(&peer->arena, entry, "type", value_text(&peer->arena, type));
	value_set(&peer->arena, entry, "mode", value_int(&peer->arena, 0644));
	if (!text)
		return entry;
	hash_bytes(HASH_SHA256, view_of(text), digest);
	value_set(&peer->arena, entry, "sha256", value_bytes(&peer->arena, digest, 32));
	value_set(&peer->arena, entry, "size", value_int(&peer->arena, (int64_t)strlen(text)));
	value_set(&peer->arena, entry, "id", value_int(&peer->arena, id));
	return entry;
}

/* Only what differs is asked for, in one need, and arrives back to back. */
static void
test_tree(void **state)
{
	struct peer *peer = *state;
	struct value *args = value_map(&peer->arena), *tree = value_list(&peer->arena);
	char path[] = "/tmp/ertc-test-XXXXXX";
	struct message_need need;
	struct frame frame;

	assert_non_null(mkdtemp(path));
	assert_true(file_replace(
		arena_format(&peer->arena, "%s/same", path), VIEW("same"), NULL, &peer->err));
	value_add(&peer->arena, tree, tree_entry(peer, "sub", "directory", NULL, 0));
	value_add(&peer->arena, tree, tree_entry(peer, "same", "file", "same", 5));
	value_add(&peer->arena, tree, tree_entry(peer, "sub/one", "file", "one", 6));
	value_add(&peer->arena, tree, tree_entry(peer, "empty", "file", "", 7));
	value_set(&peer->arena, args, "_tree", tree);
	value_set(&peer->arena, args, "src", value_text(&peer->arena, "/x/"));
	value_set(&peer->arena, args, "dest", value_text(&peer->arena, path));
	assert_true(message_add_task(&peer->frames,
		&(struct message_task){ .id = 1, .module = "copy", .args = args }, &peer->err));
	flush(peer);
	frame = next_frame(peer, FRAME_NEED);
	assert_true(message_read_need(&peer->arena, frame.body, &need, &peer->err));
	assert_int_equal(need.count, 2);
	assert_int_equal(need.contents[0], 6);
	assert_true(message_add_blob(&peer->frames,
		&(struct message_blob){ .id = 1, .content = 6, .data = VIEW("on") }, &peer->err));
	assert_true(message_add_blob(&peer->frames,
		&(struct message_blob){
			.id = 1, .content = 6, .offset = 2, .data = VIEW("e"), .is_last = true },
		&peer->err));
	assert_true(message_add_blob(&peer->frames,
		&(struct message_blob){ .id = 1, .content = 7, .is_last = true }, &peer->err));
	flush(peer);
	assert_true(value_is_true(value_get(next_result(peer).result, "changed")));
	assert_int_equal(access(arena_format(&peer->arena, "%s/sub/one", path), F_OK), 0);
	assert_int_equal(access(arena_format(&peer->arena, "%s/empty", path), F_OK), 0);
	assert_true(tree_remove(path, &peer->err));
}

/* A path that leads out of the directory is refused before anything is written. */
static void
test_tree_stays_inside(void **state)
{
	struct peer *peer = *state;
	struct value *args = value_map(&peer->arena), *tree = value_list(&peer->arena);
	struct message_result result;

	value_add(&peer->arena, tree, tree_entry(peer, "a/../../x", "file", "x", 5));
	value_set(&peer->arena, args, "_tree", tree);
	value_set(&peer->arena, args, "dest", value_text(&peer->arena, "/tmp/ertc-test-none"));
	assert_true(message_add_task(&peer->frames,
		&(struct message_task){ .id = 1, .module = "copy", .args = args }, &peer->err));
	flush(peer);
	result = next_result(peer);
	assert_true(is_set(&result, "failed"));
	assert_int_not_equal(access("/tmp/ertc-test-none", F_OK), 0);
}

static void
test_hostile_frame(void **state)
{
	struct peer *peer = *state;

	str_add_bytes(&peer->frames, "\xff\xff\xff\xff\x02", 5);
	flush(peer);
	assert_int_equal(next_frame(peer, FRAME_RESULT).type, 0);
}

static void
test_unknown_module(void **state)
{
	struct peer *peer = *state;
	struct message_result result;

	assert_true(message_add_task(
		&peer->frames, &(struct message_task){ .id = 1, .module = "no_such" }, &peer->err));
	flush(peer);
	result = next_result(peer);
	assert_true(is_set(&result, "failed"));
}

static void
expect_next(struct peer *peer, const char *key)
{
	struct message_result result = next_result(peer);

	assert_true(is_set(&result, key));
}

/* What a task in check mode would have changed is remembered, whatever epoch; without check mode
 * nothing of it holds. */
static void
test_predictions(void **state)
{
	struct peer *peer = *state;
	struct value *args = value_map(&peer->arena), *made = value_map(&peer->arena);
	struct message_task task = { .id = 1, .module = "file", .args = args, .check_mode = true };
	struct message_task first = { .id = 2, .module = "file", .args = made, .check_mode = true };

	value_set(&peer->arena, args, "path", value_text(&peer->arena, "/no-such-directory/f"));
	value_set(&peer->arena, args, "mode", value_text(&peer->arena, "0600"));
	value_set(&peer->arena, made, "path", value_text(&peer->arena, "/no-such-directory"));
	value_set(&peer->arena, made, "state", value_text(&peer->arena, "directory"));
	assert_true(message_add_task(&peer->frames, &task, &peer->err));
	assert_true(message_add_task(&peer->frames, &first, &peer->err));
	flush(peer);
	expect_next(peer, "failed");
	expect_next(peer, "changed");
	message_add_release(&peer->frames, 5);
	task.id = 3;
	task.epoch = 5;
	assert_true(message_add_task(&peer->frames, &task, &peer->err));
	task.id = 4;
	task.check_mode = false;
	assert_true(message_add_task(&peer->frames, &task, &peer->err));
	flush(peer);
	expect_next(peer, "predicted");
	expect_next(peer, "failed");
}

/* A user that an earlier task would have made. */
static void
test_predicted_user(void **state)
{
	struct peer *peer = *state;
	struct value *args = value_map(&peer->arena);
	struct message_task task = { .id = 1,
		.module = "file",
		.args = args,
		.check_mode = true,
		.predicted = true,
		.become = { .method = "sudo", .user = "nobody-at-all" } };

	value_set(&peer->arena, args, "path", value_text(&peer->arena, "/tmp"));
	value_set(&peer->arena, args, "state", value_text(&peer->arena, "directory"));
	assert_true(message_add_task(&peer->frames, &task, &peer->err));
	task = (struct message_task){ .check_mode = true, .id = 2, .become = task.become };
	send_shell(peer, task, "true");
	flush(peer);
	expect_next(peer, "changed");
	expect_next(peer, "skipped");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hello),
		TEST(test_epochs),
		TEST(test_release),
		TEST(test_cancel),
		TEST(test_timeout),
		TEST(test_end_of_link_kills),
		TEST(test_live_output),
		TEST(test_fetch),
		TEST(test_wrong_content),
		TEST(test_tree),
		TEST(test_tree_stays_inside),
		TEST(test_hostile_frame),
		TEST(test_unknown_module),
		TEST(test_predictions),
		TEST(test_predicted_user),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
