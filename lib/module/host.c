/* Programs and content, as modules use them. */
#include "module/host.h"

#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>

#include "os/clock.h"

enum { WORDS_MAX = 32, MESSAGE_MAX = 900 };

bool
module_run(struct module_call *call, const struct module_command *command,
	struct process_result *out, struct error *err)
{
	struct process_options options = {
		.argv = command->argv,
		.program = command->program,
		.input = command->input,
		.directory = command->directory,
		.deadline_ms = call->deadline_ms,
		.merges = command->merges,
		.maximum = command->maximum,
		.watch = call->host ? call->host->watch : NULL,
	};
	struct value *changes = value_map(call->arena);

	/* What we run for ourselves may be in an sbin that a login's PATH does not name. */
	if (command->is_parsed && !options.program)
		options.program = program_find(call->arena, command->argv[0]);
	if (command->is_parsed) {
		value_set(call->arena, changes, "LANG", value_borrow(call->arena, "C", 1));
		value_set(call->arena, changes, "LC_ALL", value_borrow(call->arena, "C", 1));
	}
	if (value_is_map(call->environment))
		VALUE_PAIRS (pair, call->environment)
			value_set_key(call->arena, changes, pair->key, pair->value);
	if (value_is_map(command->environment))
		VALUE_PAIRS (pair, command->environment)
			value_set_key(call->arena, changes, pair->key, pair->value);
	options.environment = environment_merge(call->arena, NULL, changes);
	return process_run(&options, out, err);
}

bool
module_run_words(struct module_call *call, struct process_result *out, struct error *err, ...)
{
	const char *argv[WORDS_MAX + 1] = { NULL };
	struct module_command command = { .argv = argv, .is_parsed = true };
	va_list words;
	size_t count = 0;

	va_start(words, err);
	while ((argv[count] = va_arg(words, const char *)))
		if (++count >= WORDS_MAX)
			BUG("a command of more than %d words", WORDS_MAX);
	va_end(words);
	return module_run(call, &command, out, err);
}

bool
module_run_well(
	struct module_call *call, const char *const *argv, const char **out, struct error *err)
{
	struct module_command command = { .argv = argv, .is_parsed = true };
	struct process_result result;
	struct view said;
	bool is_well;

	if (!module_run(call, &command, &result, err)) {
		process_result_release(&result);
		return false;
	}
	is_well = result.status == 0;
	if (is_well && out) {
		*out = arena_view(call->arena, str_view(&result.out));
	} else if (!is_well) {
		said = view_trim(str_view(result.err.length ? &result.err : &result.out));
		fail(err, ERR_TASK, "'%s' failed with code %d", argv[0], result.status);
		error_why(err, "%.*s", (int)MIN(said.length, (size_t)MESSAGE_MAX), said.data);
		result_int(call, "rc", result.status);
		result_text(call, "stdout", result.out.data);
		result_text(call, "stderr", result.err.data);
	}
	process_result_release(&result);
	return is_well;
}

bool
module_workplace(struct module_call *call, bool runs, const char **out, struct error *err)
{
	static const char *const places[] = { "/tmp", "/var/tmp", "/dev/shm" };
	struct statvfs mount;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char *directory = arena_format(call->arena, "%s/ertc-XXXXXX", places[i]);

		if (statvfs(places[i], &mount) == 0 && !(runs && (mount.f_flag & ST_NOEXEC)) &&
			mkdtemp(directory)) {
			*out = directory;
			return true;
		}
	}
	return fail_errno(err, "no place was found for files of our own");
}

bool
module_sleep(struct module_call *call, uint64_t milliseconds, struct error *err)
{
	uint64_t until = monotonic_ms() + milliseconds;

	if (call->deadline_ms && until > call->deadline_ms) {
		if (!process_wait_until(
			    call->deadline_ms, call->host ? call->host->watch : NULL, err))
			return false;
		return fail(err, ERR_TIMEOUT, "the task did not end in time");
	}
	return process_wait_until(until, call->host ? call->host->watch : NULL, err);
}

bool
content_read(const struct value *map, struct content *out, struct error *err)
{
	const struct value *sha256 = value_get(map, "sha256");
	const struct value *data = value_get(map, "data");
	const struct value *size = value_get(map, "size"), *id = value_get(map, "id");

	*out = (struct content){ 0 };
	if (!value_is_string(sha256) || sha256->string.length != sizeof(out->sha256) ||
		!value_is(size, VALUE_INT) || size->integer < 0)
		return fail(err, ERR_PROTOCOL, "the description of a content is wrong");
	memcpy(out->sha256, sha256->string.data, sizeof(out->sha256));
	out->sha1 = value_string(value_get(map, "sha1"));
	out->size = size->integer;
	out->id = value_is(id, VALUE_INT) ? id->integer : 0;
	out->has_data = value_is_string(data);
	out->data = value_string_view(data);
	if (out->has_data && (int64_t)out->data.length != out->size)
		return fail(err, ERR_PROTOCOL, "a content is not as long as it says");
	return true;
}

/* Content on its way into a file. */
struct arrival {
	struct hash hash;
	struct file_new *file;
	int64_t done;
	const struct content *content;
};

static bool
arrival_add(void *context, size_t index, struct view bytes, bool is_last, struct error *err)
{
	struct arrival *arrival = context;

	(void)index;
	arrival->done += (int64_t)bytes.length;
	if (arrival->done > arrival->content->size ||
		(is_last && arrival->done < arrival->content->size))
		return fail(err, ERR_PROTOCOL, "a content is not as long as it says");
	hash_add(&arrival->hash, bytes.data, bytes.length);
	return file_new_add(arrival->file, bytes, err);
}

bool
content_write(struct module_call *call, const struct content *content, struct file_new *file,
	struct error *err)
{
	struct arrival arrival = { .file = file, .content = content };
	uint8_t digest[HASH_SIZE_MAX];

	hash_init(&arrival.hash, HASH_SHA256);
	if (content->has_data) {
		if (!arrival_add(&arrival, 0, content->data, true, err))
			return false;
	} else {
		if (!call->host || !call->host->content)
			return fail(err, ERR_PROTOCOL, "a content is missing");
		if (!call->host->content(call->host, &content->id, 1, arrival_add, &arrival, err))
			return false;
	}
	hash_end(&arrival.hash, digest);
	if (memcmp(digest, content->sha256, sizeof(content->sha256)) != 0) {
		fail(err, ERR_PROTOCOL, "what arrived for '%s' is not what was sent", file->path);
		return error_why(err, "its sha256 is another");
	}
	return true;
}

bool
content_is_at(const struct content *content, const char *path)
{
	char wanted[HASH_TEXT_MAX], found[HASH_TEXT_MAX];
	struct stat info;

	if (stat(path, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size != content->size)
		return false;
	bytes_to_hex(content->sha256, sizeof(content->sha256), wanted);
	return file_digest(path, HASH_SHA256, found, NULL) && text_equals(found, wanted);
}

static bool
text_add(void *context, size_t index, struct view bytes, bool is_last, struct error *err)
{
	struct str *out = context;

	(void)index;
	(void)is_last;
	(void)err;
	str_add_view(out, bytes);
	return true;
}

bool
content_text(
	struct module_call *call, const struct content *content, size_t maximum, struct str *out)
{
	if (content->size > (int64_t)maximum)
		return false;
	if (content->has_data) {
		str_add_view(out, content->data);
		return true;
	}
	return call->host && call->host->content &&
	       call->host->content(call->host, &content->id, 1, text_add, out, NULL);
}
