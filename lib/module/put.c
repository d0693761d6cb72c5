/* A file's content, from the controller or from the target itself, to its place. */
#include "module/put.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { DIFF_MAX = 100 * 1024, CHUNK = 128 * 1024 };

struct put {
	struct put_settings settings;
	struct content content;
	const char *path; /* where it will stand, links followed */
	bool was_there, differs;
	bool needs_parents;
	struct attributes attributes;
	char md5[HASH_TEXT_MAX]; /* of what was written */
};

static const char *
follow_link(struct arena *into, const char *path)
{
	char resolved[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	if (realpath(path, resolved))
		return arena_text(into, resolved);
	length = readlink(path, target, sizeof(target));
	if (length <= 0)
		return path;
	return path_join(into, path_parent(into, path), arena_bytes(into, target, (size_t)length));
}

static bool
choose_path(struct module_call *call, struct put *put, struct error *err)
{
	const struct put_settings *settings = &put->settings;
	struct stat info;
	bool has_slash = text_ends(settings->dest, "/");

	put->path = settings->dest;
	if (has_slash || (stat(settings->dest, &info) == 0 && S_ISDIR(info.st_mode))) {
		if (!settings->name)
			return fail(err, ERR_OPTIONS, "can not use content with a dir as dest");
		put->path = path_join(call->arena, settings->dest, settings->name);
		put->needs_parents = has_slash && stat(settings->dest, &info) < 0;
		if (stat(put->path, &info) == 0 && S_ISDIR(info.st_mode))
			return fail(err, ERR_TASK, "cannot copy over '%s'", put->path) ||
			       error_why(err, "it is a directory");
	} else if (stat(path_parent(call->arena, settings->dest), &info) < 0 && !call->may_come) {
		return fail(err, ERR_MISSING, "Destination directory %s does not exist",
			path_parent(call->arena, settings->dest));
	}
	if (settings->follow)
		put->path = follow_link(call->arena, put->path);
	put->was_there = lstat(put->path, &info) == 0;
	return true;
}

/* With remote_src the content is described as if it had been sent. */
static bool
describe_source(struct module_call *call, struct put *put, struct error *err)
{
	const char *source = put->settings.source;
	char hex[HASH_TEXT_MAX];
	struct hash sha1, sha256;
	struct stat info;
	_cleanup_close_ int fd = open(source, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *buffer = memory_get(CHUNK);
	uint8_t digest[HASH_SIZE_MAX];
	ssize_t count;

	if (fd < 0 || fstat(fd, &info) < 0)
		return fail(err, ERR_MISSING, "Source %s not found", source);
	if (S_ISDIR(info.st_mode))
		return fail(err, ERR_TASK, "Source %s is a directory", source);
	hash_init(&sha1, HASH_SHA1);
	hash_init(&sha256, HASH_SHA256);
	while ((count = read(fd, buffer, CHUNK)) > 0) {
		hash_add(&sha1, buffer, (size_t)count);
		hash_add(&sha256, buffer, (size_t)count);
	}
	if (count < 0)
		return fail_errno(err, "cannot read '%s'", source);
	hash_end(&sha256, digest);
	memcpy(put->content.sha256, digest, sizeof(put->content.sha256));
	put->content.size = info.st_size;
	put->content.sha1 = arena_text(call->arena, hash_end_text(&sha1, hex));
	if (put->settings.keeps_mode)
		put->settings.mode_of_source = info.st_mode & 07777;
	return true;
}

static void
diff_content(struct module_call *call, struct put *put)
{
	_cleanup_str_ struct str before = STR_INIT, after = STR_INIT;
	struct error ignored;
	struct stat info;

	if (!call->wants_diff)
		return;
	if (put->was_there && (stat(put->path, &info) < 0 || info.st_size > DIFF_MAX ||
				      !file_read(put->path, DIFF_MAX, &before, &ignored)))
		return;
	if (put->settings.content) {
		if (!content_text(call, &put->content, DIFF_MAX, &after))
			return;
	} else if (!file_read(put->settings.source, DIFF_MAX, &after, &ignored)) {
		return;
	}
	/* Bytes that are no text say nothing to a reader. */
	if (memchr(before.data, '\0', before.length) || memchr(after.data, '\0', after.length))
		return;
	call->out->lists_diffs = true;
	result_diff(call, put->path, str_view(&before),
		put->settings.source ? put->settings.source : "dynamically generated",
		str_view(&after));
}

static bool
plan_attributes(struct module_call *call, struct put *put, struct error *err)
{
	struct attribute_plan plan;
	struct value *diff;
	struct stat now;
	bool is_there = stat(put->path, &now) == 0;

	put->attributes = put->settings.attributes;
	if (put->settings.mode_of_source >= 0)
		put->attributes.mode =
			arena_format(call->arena, "%04o", (unsigned)put->settings.mode_of_source);
	if (!attributes_plan(
		    call, &put->attributes, put->path, is_there ? &now : NULL, false, &plan, err))
		return false;
	if (!plan.is_changed || !is_there)
		return true;
	call->out->change = CHANGE_WANTED;
	if (!call->wants_diff)
		return true;
	diff = value_map(call->arena);
	value_set(call->arena, plan.before, "path", value_text(call->arena, put->path));
	value_set(call->arena, plan.after, "path", value_text(call->arena, put->path));
	value_set(call->arena, diff, "before", plan.before);
	value_set(call->arena, diff, "after", plan.after);
	value_add(call->arena, call->out->diffs, diff);
	return true;
}

bool
put_inspect(struct module_call *call, const struct put_settings *settings, struct put **out,
	struct error *err)
{
	struct put *put = arena_new(call->arena, struct put);
	struct stat info;

	put->settings = *settings;
	if (settings->content ? !content_read(settings->content, &put->content, err)
			      : !describe_source(call, put, err))
		return false;
	if (!choose_path(call, put, err))
		return false;
	*out = put;
	result_text(call, "dest", put->path);
	if (settings->source)
		result_text(call, "src", settings->source);
	if (!settings->force && put->was_there) {
		result_text(call, "msg", "file already exists");
		result_file(call, put->path);
		return true;
	}
	if (put->content.sha1)
		result_text(call, "checksum", put->content.sha1);
	put->differs = !put->was_there || (lstat(put->path, &info) == 0 && S_ISLNK(info.st_mode)) ||
		       !content_is_at(&put->content, put->path);
	if (put->differs) {
		call->out->change = CHANGE_WANTED;
		diff_content(call, put);
	}
	result_file(call, put->path);
	return plan_attributes(call, put, err);
}

static bool
copy_source(const char *source, struct file_new *file, struct error *err)
{
	_cleanup_close_ int fd = open(source, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *buffer = memory_get(CHUNK);
	ssize_t count;

	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", source);
	while ((count = read(fd, buffer, CHUNK)) > 0)
		if (!file_new_add(file, (struct view){ buffer, (size_t)count }, err))
			return false;
	return count == 0 || fail_errno(err, "cannot read '%s'", source);
}

static bool
write_content(struct module_call *call, struct put *put, const struct file_place *place,
	struct error *err)
{
	const struct put_settings *settings = &put->settings;
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct hash md5;

	if (!file_new_open_over(
		    &file, put->path, may_write_over(call, settings->unsafe_writes), err))
		return false;
	hash_init(&md5, HASH_MD5);
	file.digest = &md5;
	if (settings->content ? !content_write(call, &put->content, &file, err)
			      : !copy_source(settings->source, &file, err))
		return false;
	hash_end_text(&md5, put->md5);
	if (settings->validate && !file_new_name(&file, err))
		return false;
	if (settings->validate && !validate_run(call, settings->validate, file.current, err))
		return false;
	if (settings->backup && put->was_there && !backup_make(call, put->path, err))
		return false;
	return file_new_commit(&file, place, err);
}

bool
put_apply(struct module_call *call, struct put *put, struct error *err)
{
	struct attribute_plan plan;
	struct stat now;
	bool is_there, is_changed = false;

	if (put->needs_parents) {
		const char *parent = path_parent(call->arena, put->path);
		struct attributes directory = { .mode = put->settings.directory_mode,
			.owner = put->settings.attributes.owner,
			.group = put->settings.attributes.group };

		if (!directory_make(parent, 0777, err) ||
			!attributes_ensure(call, &directory, parent, &is_changed, err))
			return false;
	}
	is_there = stat(put->path, &now) == 0;
	if (!attributes_plan(
		    call, &put->attributes, put->path, is_there ? &now : NULL, false, &plan, err))
		return false;
	if (put->differs && !write_content(call, put, &plan.place, err))
		return false;
	if (!attributes_apply(&plan, put->path, &is_changed, err))
		return false;
	result_file(call, put->path);
	if (put->differs)
		result_text(call, "md5sum", put->md5);
	return true;
}
