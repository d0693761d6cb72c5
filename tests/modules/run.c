/*
 * Runs the module cases: tests/modules/<module>/<case>.yml. Each case gets a directory of its own,
 *and goes through check mode (which must change nothing), apply, and apply again (which must find
 *nothing to do); once in this process and once through the real runner over pipes.
 *
 *	run RUNNER CASE.yml…
 *	run -p MODULE ARGS.yml		(-c: in check mode) prints one result as JSON
 *
 * A case is a YAML map, or a list of them:
 *	predicts: changed|skipped	only in check mode: fails by itself, but not behind a task
 *that would have changed something name: what it shows          setup: shell, before (in the case's
 *directory) module, args, become         @DIR@ in texts is the directory, @TESTS@ that of the tests
 *	content: text                becomes _content, as the controller would attach it (by id when
 *larger than 16 bytes) changed: true                again: true if a second run changes too check:
 *same|skipped|any      what check mode says (default: as `changed`) failed: part of the message
 *result: values that must be in the result after: shell that must succeed; needs: root | private
 *(private.sh) | units (run.sh) | PROGRAM
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <yaml.h>

#include "json/json.h"
#include "module/host.h"
#include "os/clock.h"
#include "wire/message.h"

struct runner {
	pid_t pid;
	int in, out;
	struct frame_reader reader;
	uint32_t next_id;
};

static struct runner runner;
static const char *blob_text; /* the content of the case that runs */
static int passed, failed, skipped;
static char tests_directory[PATH_MAX];

static const struct value *build(
	struct arena *arena, yaml_document_t *document, yaml_node_t *node, const char *directory);

static const struct value *
build_scalar(struct arena *arena, yaml_node_t *node, const char *directory)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *raw = (const char *)node->data.scalar.value, *mark;
	bool is_plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	int64_t number;

	if (is_plain && (text_equals(raw, "true") || text_equals(raw, "false")))
		return raw[0] == 't' ? &value_true : &value_false;
	if (is_plain && (text_equals(raw, "null") || !*raw))
		return &value_none;
	if (is_plain && number_parse(view_of(raw), &number))
		return value_int(arena, number);
	while ((mark = strchr(raw, '@'))) {
		str_add_bytes(&text, raw, (size_t)(mark - raw));
		raw = mark + 1;
		if (text_starts(mark, "@DIR@")) {
			str_add(&text, directory);
			raw = mark + strlen("@DIR@");
		} else if (text_starts(mark, "@TESTS@")) {
			str_add(&text, tests_directory);
			raw = mark + strlen("@TESTS@");
		} else {
			str_add_char(&text, '@');
		}
	}
	str_add(&text, raw);
	return value_view(arena, str_view(&text));
}

static const struct value *
build(struct arena *arena, yaml_document_t *document, yaml_node_t *node, const char *directory)
{
	struct value *value;

	if (node->type == YAML_SCALAR_NODE)
		return build_scalar(arena, node, directory);
	if (node->type == YAML_SEQUENCE_NODE) {
		value = value_list(arena);
		for (yaml_node_item_t *item = node->data.sequence.items.start;
			item < node->data.sequence.items.top; item++)
			value_add(arena, value,
				build(arena, document, yaml_document_get_node(document, *item),
					directory));
		return value;
	}
	value = value_map(arena);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top; pair++)
		value_set_key(arena, value,
			build(arena, document, yaml_document_get_node(document, pair->key),
				directory),
			build(arena, document, yaml_document_get_node(document, pair->value),
				directory));
	return value;
}

static const struct value *
load(struct arena *arena, const char *path, const char *directory)
{
	_cleanup_fclose_ FILE *file = fopen(path, "r");
	const struct value *value = NULL;
	yaml_parser_t parser;
	yaml_document_t document;

	if (!file)
		return NULL;
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_file(&parser, file);
	if (yaml_parser_load(&parser, &document)) {
		if (yaml_document_get_root_node(&document))
			value = build(arena, &document, yaml_document_get_root_node(&document),
				directory);
		yaml_document_delete(&document);
	} else {
		fprintf(stderr, "%s:%zu: %s\n", path, parser.problem_mark.line + 1, parser.problem);
	}
	yaml_parser_delete(&parser);
	return value;
}

static void
runner_start(const char *program)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		abort();
	runner.pid = fork();
	if (!runner.pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	runner.in = in[1];
	runner.out = out[0];
	for (char c = 0; c != '\n';)
		if (read(runner.out, &c, 1) != 1) {
			fprintf(stderr, "the runner does not start\n");
			exit(1);
		}
}

static void
runner_send(const struct str *frames)
{
	if (!fd_write_all(runner.in, frames->data, frames->length))
		abort();
}

static void
send_content(uint32_t id, int64_t content)
{
	_cleanup_str_ struct str frames = STR_INIT;
	size_t length = strlen(blob_text);

	for (size_t done = 0, piece; done < length; done += piece) {
		struct message_blob blob = {
			.id = id, .content = content, .offset = (int64_t)done
		};

		piece = MIN(length - done, (size_t)7);
		blob.data = (struct view){ blob_text + done, piece };
		blob.is_last = done + piece == length;
		if (!message_add_blob(&frames, &blob, NULL))
			abort();
	}
	runner_send(&frames);
}

static const struct value *
runner_answer(struct arena *arena, uint32_t id)
{
	char buffer[65536];
	struct error err = { 0 };
	struct message_result result;
	struct message_need need;
	struct frame frame;
	ssize_t count;

	for (;;) {
		if (!frame_next(&runner.reader, &frame, &err)) {
			fprintf(stderr, "%s\n", err.what);
			exit(1);
		}
		if (frame.type == FRAME_NEED && message_read_need(arena, frame.body, &need, &err))
			for (size_t i = 0; i < need.count; i++)
				send_content(need.id, need.contents[i]);
		if (frame.type == FRAME_RESULT &&
			message_read_result(arena, frame.body, &result, &err) && result.id == id)
			return result.result;
		if (frame.type)
			continue;
		count = read(runner.out, buffer, sizeof(buffer));
		if (count <= 0) {
			fprintf(stderr, "the runner has ended\n");
			exit(1);
		}
		frame_reader_add(&runner.reader, buffer, (size_t)count);
	}
}

static const struct value *
run_remote(struct arena *arena, const struct message_task *given)
{
	_cleanup_str_ struct str frames = STR_INIT;
	struct message_task task = *given;
	struct error err = { 0 };

	task.id = ++runner.next_id;
	if (!message_add_task(&frames, &task, &err)) {
		fprintf(stderr, "%s\n", err.what);
		exit(1);
	}
	runner_send(&frames);
	return runner_answer(arena, task.id);
}

static bool
local_content(struct module_host *host, const int64_t *ids, size_t count, content_sink *sink,
	void *context, struct error *err)
{
	(void)host;
	(void)ids;
	for (size_t i = 0; i < count; i++)
		if (!sink(context, i, view_of(blob_text), true, err))
			return false;
	return true;
}

static const struct value *
run_local(struct arena *arena, const struct message_task *task)
{
	struct module_host host = { .content = local_content, .has_predictions = task->predicted };
	const struct value *result;
	struct module_task call = {
		.module = module_named(task->module),
		.args = task->args,
		.check_mode = task->check_mode,
		.diff = task->diff,
	};

	if (!call.module) {
		fprintf(stderr, "no module '%s'\n", task->module);
		exit(1);
	}
	module_execute(&call, arena, &host, &result);
	return result;
}

static int
shell(const char *script, const char *directory)
{
	const char *argv[] = { "/bin/sh", "-ec", script, NULL };
	struct process_options options = { .argv = argv, .directory = directory, .merges = true };
	struct process_result result;
	struct error err = { 0 };
	int status;

	status = process_run(&options, &result, &err) ? result.status : -1;
	if (status)
		fprintf(stderr, "    %s%s", result.out.data, err.what);
	process_result_release(&result);
	return status;
}

/* What check mode must not change. */
static char *
snapshot(const char *directory)
{
	const char *argv[] = { "/bin/sh", "-c",
		"find . -printf '%p %M %u %g %l %T@ %s\\n' | sort; find . -type f | sort | xargs "
		"-r -d '\\n' cat",
		NULL };
	struct process_options options = { .argv = argv, .directory = directory };
	struct process_result result;
	char *text;

	if (!process_run(&options, &result, NULL))
		abort();
	text = str_take(&result.out);
	process_result_release(&result);
	return text;
}

static bool
holds(const struct value *result, const struct value *wanted)
{
	if (value_is_map(wanted)) {
		VALUE_PAIRS (pair, wanted)
			if (!holds(value_get_key(result, pair->key), pair->value))
				return false;
		return value_is_map(result);
	}
	if (value_is_none(wanted))
		return value_is_none(result);
	return result && value_equals(result, wanted);
}

static bool
complain(const char *step, const char *what, const struct value *result)
{
	struct arena arena;

	arena_init(&arena);
	fprintf(stderr, "    %s: %s\n    %s\n", step, what,
		result ? value_to_text(&arena, result) : "");
	arena_release(&arena);
	return false;
}

static bool
is_set(const struct value *map, const char *key)
{
	const struct value *value = value_get(map, key);

	return value && value_is_true(value);
}

static bool
judge_check(
	const struct value *test, const struct value *result, const char *before, const char *after)
{
	const char *wanted = value_string(value_get(test, "check"));

	if (!text_equals(before, after))
		return complain("check", "something was changed", result);
	if (text_equals(wanted, "any"))
		return true;
	if (text_equals(wanted, "skipped"))
		return is_set(result, "skipped") || complain("check", "was not skipped", result);
	return is_set(result, "changed") == is_set(test, "changed") ||
	       complain("check", "other than 'changed'", result);
}

static bool
judge(const struct value *test, const struct value *result)
{
	const char *message = value_string(value_get(test, "failed"));
	const struct value *wanted = value_get(test, "result");

	if (is_set(result, "failed") != (message != NULL))
		return complain("apply", message ? "did not fail" : "failed", result);
	if (message && !strstr(value_string(value_get(result, "msg")), message))
		return complain("apply", message, result);
	if (!message && is_set(result, "changed") != is_set(test, "changed"))
		return complain("apply", "changed is other than wanted", result);
	if (wanted && !holds(result, wanted))
		return complain("apply", "the result lacks something", result);
	return true;
}

typedef const struct value *engine(struct arena *arena, const struct message_task *task);

static void
attach(struct arena *arena, const struct value *test, struct message_task *task)
{
	struct view text = view_of(value_string(value_get(test, "content")));
	struct value *args = value_map_copy(arena, task->args), *content = value_map(arena);
	uint8_t digest[HASH_SIZE_MAX];
	char hex[HASH_TEXT_MAX];

	blob_text = text.data;
	hash_bytes(HASH_SHA256, text, digest);
	value_set(arena, content, "sha256", value_bytes(arena, digest, 32));
	value_set(arena, content, "sha1", value_text(arena, hash_text(HASH_SHA1, text, hex)));
	value_set(arena, content, "size", value_int(arena, (int64_t)text.length));
	if (text.length > 16)
		value_set(arena, content, "id", value_int(arena, 77));
	else
		value_set(arena, content, "data", value_view(arena, text));
	value_set(arena, args, "_content", content);
	task->args = args;
}

static void
read_become(const struct value *map, struct message_become *out)
{
	if (!value_is_map(map))
		return;
	*out = (struct message_become){
		.method = value_string(value_get(map, "method")),
		.user = value_string(value_get(map, "user")),
		.exe = value_string(value_get(map, "exe")),
		.flags = value_string(value_get(map, "flags")),
		.password = value_string(value_get(map, "password")),
	};
}

/* The runner of all cases has predicted much already: failing alone is seen in this process. */
static bool
run_prediction(struct arena *arena, const struct value *test, struct message_task *task,
	const char *directory, engine *run)
{
	const char *key = value_string(value_get(test, "predicts"));
	const struct value *wanted = value_get(test, "result"), *result;
	_cleanup_free_ char *before = snapshot(directory), *behind = NULL;

	task->check_mode = true;
	if (run == run_local && !is_set(run(arena, task), "failed"))
		return complain("check", "did not fail without predictions", NULL);
	task->predicted = true;
	result = run(arena, task);
	behind = snapshot(directory);
	if (!text_equals(before, behind))
		return complain("check", "something was changed", result);
	if (is_set(result, "failed") || !is_set(result, key))
		return complain("check", "was not predicted", result);
	return !wanted || holds(result, wanted) || complain("check", "lacks something", result);
}

static bool
run_steps(struct arena *arena, const struct value *test, const char *directory, engine *run)
{
	struct message_task task = { .module = value_string(value_get(test, "module")),
		.args = value_get(test, "args"),
		.diff = true };
	const char *setup = value_string(value_get(test, "setup")),
		   *after = value_string(value_get(test, "after"));
	_cleanup_free_ char *before = NULL, *behind = NULL;
	const struct value *result;
	bool is_well;

	if (!task.args)
		task.args = &value_empty_map;
	read_become(value_get(test, "become"), &task.become);
	if (value_get(test, "content"))
		attach(arena, test, &task);
	if (setup && shell(setup, directory))
		return complain("setup", "failed", NULL);
	if (value_get(test, "predicts"))
		return run_prediction(arena, test, &task, directory, run);
	before = snapshot(directory);
	task.check_mode = true;
	result = run(arena, &task);
	behind = snapshot(directory);
	is_well = value_get(test, "failed") || judge_check(test, result, before, behind);
	task.check_mode = false;
	result = run(arena, &task);
	is_well = judge(test, result) && is_well;
	if (after && shell(after, directory))
		is_well = complain("after", after, result);
	if (!value_get(test, "failed")) {
		result = run(arena, &task);
		if (is_set(result, "failed") || is_set(result, "changed") != is_set(test, "again"))
			is_well = complain("again", "the second run is not as wanted", result);
	}
	return is_well;
}

static bool
is_possible(const struct value *test)
{
	const char *needs = value_string(value_get(test, "needs"));
	struct arena arena;
	bool has;

	if (!needs)
		return true;
	if (text_equals(needs, "root"))
		return geteuid() == 0;
	if (text_equals(needs, "private"))
		return getenv("ERTC_PRIVATE") != NULL;
	if (text_equals(needs, "units"))
		return getenv("ERTC_UNITS") != NULL;
	arena_init(&arena);
	has = program_find(&arena, needs) != NULL;
	arena_release(&arena);
	return has;
}

static void
run_case(const char *path, uint32_t index, engine *run, const char *engine_name)
{
	char directory[] = "/tmp/ertc-case-XXXXXX";
	const struct value *tests, *test;
	struct arena arena;
	bool is_well;

	if (!mkdtemp(directory))
		abort();
	arena_init(&arena);
	tests = load(&arena, path, directory);
	test = value_is_list(tests) ? tests->list.items[index] : tests;
	if (value_get(test, "become") && run == run_local) {
		/* there is nobody to become another user here */
	} else if (!is_possible(test)) {
		printf("skipped (%s) %s: %s\n", engine_name, path,
			value_string(value_get(test, "needs")));
		skipped++;
	} else {
		is_well = run_steps(&arena, test, directory, run);
		if (is_well)
			passed++;
		else
			failed++;
		if (!is_well)
			printf("FAILED (%s) %s[%u] %s\n", engine_name, path, index,
				value_string(value_get(test, "name")));
	}
	if (!tree_remove(directory, NULL))
		printf("'%s' stays\n", directory);
	arena_release(&arena);
}

static uint32_t
count_cases(const char *path)
{
	struct arena arena;
	const struct value *tests;
	uint32_t count;

	arena_init(&arena);
	tests = load(&arena, path, "/");
	count = !tests ? 0 : value_is_list(tests) ? tests->list.count : 1;
	arena_release(&arena);
	if (!count) {
		printf("FAILED %s: no cases\n", path);
		failed++;
	}
	return count;
}

/* For the comparison with Ansible: one module, here, its result as JSON. */
static int
print_result(const char *module, const char *args_path, bool check_mode)
{
	struct message_task task = { .module = module, .diff = true, .check_mode = check_mode };
	_cleanup_str_ struct str text = STR_INIT;
	struct arena arena;

	arena_init(&arena);
	task.args = load(&arena, args_path, "");
	if (!task.args)
		task.args = &value_empty_map;
	if (value_get(task.args, "content"))
		attach(&arena, task.args, &task);
	json_add(run_local(&arena, &task), &(struct json_style){ 0 }, &text);
	puts(text.data);
	arena_release(&arena);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && text_equals(argv[1], "-p"))
		return print_result(argv[2], argv[3], false);
	if (argc == 4 && text_equals(argv[1], "-c"))
		return print_result(argv[2], argv[3], true);
	if (!getcwd(tests_directory, sizeof(tests_directory) - 16))
		return 1;
	memcpy(tests_directory + strlen(tests_directory), "/tests/modules",
		sizeof("/tests/modules"));
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	runner_start(argv[1]);
	for (int i = 2; i < argc; i++) {
		uint32_t count = count_cases(argv[i]);

		for (uint32_t index = 0; index < count; index++) {
			run_case(argv[i], index, run_local, "here");
			run_case(argv[i], index, run_remote, "runner");
		}
	}
	close(runner.in);
	waitpid(runner.pid, NULL, 0);
	frame_reader_release(&runner.reader);
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed != 0;
}
