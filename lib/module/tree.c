/* Directories, files and links, one by one; the contents that differ are asked for in one go. */
#include "module/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { ENTRIES_MAX = 100000, DEPTH_MAX = 100 };

enum entry_type { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_LINK };

struct entry {
	enum entry_type type;
	const char *path;   /* the place on the target */
	const char *source; /* on the target, or NULL */
	const char *target; /* of a link */
	mode_t mode;
	struct content content;
	bool differs, was_there;
};

struct tree {
	struct tree_settings settings;
	struct entry *entries;
	size_t count, room;
	struct file_batch *batch; /* what is on its way to its place */
};

static struct entry *
entry_add(struct module_call *call, struct tree *tree)
{
	if (tree->count == tree->room) {
		tree->room = MAX(tree->room * 2, (size_t)16);
		tree->entries = arena_grow(
			call->arena, tree->entries, tree->count, tree->room, sizeof(struct entry));
	}
	return &tree->entries[tree->count++];
}

/* Below the destination, and nowhere else. */
static bool
is_safe(const char *path)
{
	struct view rest = view_of(path), piece;

	if (!*path || path[0] == '/')
		return false;
	while (view_cut(&rest, '/', &piece))
		if (view_is(piece, "..") || !piece.length)
			return false;
	return true;
}

static bool
read_entry(struct module_call *call, struct tree *tree, const struct value *item, struct error *err)
{
	const char *path = value_string(value_get(item, "path")),
		   *type = value_string(value_get(item, "type"));
	const struct value *mode = value_get(item, "mode");
	struct entry *entry;

	if (!path || !type || !is_safe(path))
		return fail(err, ERR_PROTOCOL, "an entry of a directory is wrong");
	entry = entry_add(call, tree);
	*entry = (struct entry){ .path = path_join(call->arena, tree->settings.dest, path) };
	entry->mode = value_is(mode, VALUE_INT) ? (mode_t)mode->integer & 07777 : 0644;
	if (text_equals(type, "directory")) {
		entry->type = ENTRY_DIRECTORY;
	} else if (text_equals(type, "link")) {
		entry->type = ENTRY_LINK;
		entry->target = value_string(value_get(item, "target"));
		if (!entry->target)
			return fail(err, ERR_PROTOCOL, "an entry of a directory is wrong");
	} else {
		entry->type = ENTRY_FILE;
		return content_read(item, &entry->content, err);
	}
	return true;
}

static bool
describe_file(const char *path, struct content *out, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *buffer = memory_get(65536);
	uint8_t digest[HASH_SIZE_MAX];
	struct hash hash;
	ssize_t count;

	*out = (struct content){ 0 };
	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", path);
	hash_init(&hash, HASH_SHA256);
	while ((count = read(fd, buffer, 65536)) > 0) {
		hash_add(&hash, buffer, (size_t)count);
		out->size += count;
	}
	if (count < 0)
		return fail_errno(err, "cannot read '%s'", path);
	hash_end(&hash, digest);
	memcpy(out->sha256, digest, sizeof(out->sha256));
	return true;
}

/* A directory on the way down. */
struct step {
	const struct step *up;
	dev_t device;
	ino_t inode;
};

static bool walk(struct module_call *call, struct tree *tree, const char *from, const char *to,
	const struct step *up, int depth, struct error *err);

/* Is a link to be taken for what it points to? Not if that is a directory we are in. */
static bool
is_followed(const char *path, const struct step *up, struct stat *info)
{
	if (stat(path, info) < 0)
		return false;
	for (; S_ISDIR(info->st_mode) && up; up = up->up)
		if (up->device == info->st_dev && up->inode == info->st_ino)
			return false;
	return true;
}

static bool
walk_entry(struct module_call *call, struct tree *tree, const char *from, const char *to,
	const struct step *up, int depth, struct error *err)
{
	struct entry *entry;
	struct stat info, target_info;
	char target[PATH_MAX];
	ssize_t length;

	if (lstat(from, &info) < 0)
		return fail_errno(err, "cannot look at '%s'", from);
	if (tree->settings.follow && S_ISLNK(info.st_mode) && is_followed(from, up, &target_info))
		info = target_info;
	if (tree->count >= ENTRIES_MAX)
		return fail(err, ERR_LIMIT, "'%s' holds more than %d entries",
			tree->settings.source, ENTRIES_MAX);
	entry = entry_add(call, tree);
	*entry = (struct entry){ .path = to, .source = from, .mode = info.st_mode & 07777 };
	if (S_ISDIR(info.st_mode)) {
		entry->type = ENTRY_DIRECTORY;
		return walk(call, tree, from, to, up, depth + 1, err);
	}
	if (S_ISLNK(info.st_mode)) {
		entry->type = ENTRY_LINK;
		length = readlink(from, target, sizeof(target));
		entry->target = arena_bytes(call->arena, target, (size_t)MAX(length, (ssize_t)0));
		return true;
	}
	entry->type = ENTRY_FILE;
	return describe_file(from, &entry->content, err);
}

static bool
walk(struct module_call *call, struct tree *tree, const char *from, const char *to,
	const struct step *up, int depth, struct error *err)
{
	DIR *stream = opendir(from);
	struct step here = { .up = up };
	struct stat info;
	struct dirent *found;
	bool is_well = true;

	if (!stream)
		return fail_errno(err, "cannot open the directory '%s'", from);
	if (fstat(dirfd(stream), &info) == 0) {
		here.device = info.st_dev;
		here.inode = info.st_ino;
	}
	if (depth > DEPTH_MAX)
		is_well = fail(err, ERR_LIMIT, "'%s' is nested too deep", from);
	while (is_well && (found = readdir(stream)))
		if (!text_equals(found->d_name, ".") && !text_equals(found->d_name, ".."))
			is_well = walk_entry(call, tree,
				path_join(call->arena, from, found->d_name),
				path_join(call->arena, to, found->d_name), &here, depth, err);
	closedir(stream);
	return is_well;
}

static struct attributes
attributes_for(struct module_call *call, const struct tree *tree, const struct entry *entry)
{
	struct attributes wanted = tree->settings.attributes;

	if (tree->settings.keeps_mode)
		wanted.mode = arena_format(call->arena, "%04o", entry->mode);
	if (entry->type == ENTRY_DIRECTORY)
		wanted.mode = tree->settings.directory_mode;
	if (entry->type == ENTRY_LINK)
		wanted.mode = NULL;
	return wanted;
}

static bool
inspect_entry(struct module_call *call, struct tree *tree, struct entry *entry, struct error *err)
{
	struct attributes wanted = attributes_for(call, tree, entry);
	struct attribute_plan plan;
	char target[PATH_MAX];
	struct stat now;
	ssize_t length;

	entry->was_there = lstat(entry->path, &now) == 0;
	if (entry->was_there && S_ISDIR(now.st_mode) != (entry->type == ENTRY_DIRECTORY))
		return fail(err, ERR_TASK,
			"cannot copy to '%s': there is something of another kind", entry->path);
	if (entry->type == ENTRY_DIRECTORY) {
		entry->differs = !entry->was_there;
	} else if (entry->type == ENTRY_LINK) {
		length = readlink(entry->path, target, sizeof(target));
		entry->differs = length < 0 ||
				 !view_is((struct view){ target, (size_t)length }, entry->target);
	} else {
		entry->differs =
			!entry->was_there ||
			(tree->settings.force && !content_is_at(&entry->content, entry->path));
	}
	if (entry->differs)
		call->out->change = CHANGE_WANTED;
	if (!entry->was_there || !tree->settings.force)
		return true;
	/* directory_mode is for directories that are made now */
	if (entry->type == ENTRY_DIRECTORY)
		wanted.mode = NULL;
	if (!attributes_plan(
		    call, &wanted, entry->path, &now, entry->type == ENTRY_DIRECTORY, &plan, err))
		return false;
	if (plan.is_changed)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
find_entries(struct module_call *call, struct tree *tree, struct error *err)
{
	struct entry *top = entry_add(call, tree);

	*top = (struct entry){ .type = ENTRY_DIRECTORY, .path = tree->settings.dest, .mode = 0755 };
	if (!tree->settings.entries)
		return walk(call, tree, tree->settings.source, tree->settings.dest, NULL, 0, err);
	VALUE_EACH (item, tree->settings.entries)
		if (!read_entry(call, tree, item, err))
			return false;
	return true;
}

bool
tree_inspect(struct module_call *call, const struct tree_settings *settings, struct tree **out,
	struct error *err)
{
	struct tree *tree = arena_new(call->arena, struct tree);

	tree->settings = *settings;
	if (!find_entries(call, tree, err))
		return false;
	for (size_t i = 0; i < tree->count; i++)
		if (!inspect_entry(call, tree, &tree->entries[i], err))
			return false;
	*out = tree;
	return true;
}

/* Contents arrive back to back: one file is open at a time. */
struct delivery {
	struct module_call *call;
	struct tree *tree;
	struct entry **entries;
	struct file_new file;
	struct hash hash;
	size_t open_index; /* SIZE_MAX: none */
};

static bool
place_file(struct module_call *call, struct tree *tree, struct entry *entry, struct file_new *file,
	struct error *err)
{
	struct attributes wanted = attributes_for(call, tree, entry);
	struct attribute_plan plan;
	struct stat now;
	bool is_there = stat(entry->path, &now) == 0;

	if (!attributes_plan(call, &wanted, entry->path, is_there ? &now : NULL, false, &plan, err))
		return false;
	if (tree->settings.backup && entry->was_there && !backup_make(call, entry->path, err))
		return false;
	return file_batch_add(tree->batch, file, &plan.place, err);
}

static bool
delivery_add(void *context, size_t index, struct view bytes, bool is_last, struct error *err)
{
	struct delivery *delivery = context;
	struct entry *entry = delivery->entries[index];
	uint8_t digest[HASH_SIZE_MAX];

	if (delivery->open_index != index) {
		if (!file_new_open(&delivery->file, entry->path, err))
			return false;
		delivery->open_index = index;
		hash_init(&delivery->hash, HASH_SHA256);
	}
	hash_add(&delivery->hash, bytes.data, bytes.length);
	if (!file_new_add(&delivery->file, bytes, err))
		return false;
	if (!is_last)
		return true;
	delivery->open_index = SIZE_MAX;
	hash_end(&delivery->hash, digest);
	if (memcmp(digest, entry->content.sha256, sizeof(entry->content.sha256)) != 0)
		return fail(err, ERR_PROTOCOL, "what arrived for '%s' is not what was sent",
			entry->path);
	return place_file(delivery->call, delivery->tree, entry, &delivery->file, err);
}

static bool
apply_local(struct module_call *call, struct tree *tree, struct entry *entry, struct error *err)
{
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	_cleanup_close_ int fd = -1;
	char buffer[32768];
	ssize_t count;

	if (!file_new_open(&file, entry->path, err))
		return false;
	if (!entry->source) {
		if (!content_write(call, &entry->content, &file, err))
			return false;
		return place_file(call, tree, entry, &file, err);
	}
	fd = open(entry->source, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", entry->source);
	while ((count = read(fd, buffer, sizeof(buffer))) > 0)
		if (!file_new_add(&file, (struct view){ buffer, (size_t)count }, err))
			return false;
	if (count < 0)
		return fail_errno(err, "cannot read '%s'", entry->source);
	return place_file(call, tree, entry, &file, err);
}

static bool
apply_entry(struct module_call *call, struct tree *tree, struct entry *entry, struct error *err)
{
	struct attributes wanted = attributes_for(call, tree, entry);
	bool is_changed = false;

	if (!entry->differs)
		return true;
	if (entry->type == ENTRY_DIRECTORY)
		return directory_make(entry->path, 0777, err) &&
		       attributes_ensure(call, &wanted, entry->path, &is_changed, err);
	if (entry->type == ENTRY_LINK) {
		unlink(entry->path);
		return symlink(entry->target, entry->path) == 0 ||
		       fail_errno(err, "cannot link '%s'", entry->path);
	}
	return (!entry->source && !entry->content.has_data) || apply_local(call, tree, entry, err);
}

static bool
fetch_contents(struct module_call *call, struct tree *tree, struct error *err)
{
	struct delivery delivery = {
		.call = call, .tree = tree, .file = FILE_NEW_INIT, .open_index = SIZE_MAX
	};
	int64_t *ids = arena_array(call->arena, tree->count + 1, int64_t);
	size_t count = 0;
	bool is_well;

	delivery.entries = arena_array(call->arena, tree->count + 1, struct entry *);
	for (size_t i = 0; i < tree->count; i++) {
		struct entry *entry = &tree->entries[i];

		if (entry->type != ENTRY_FILE || !entry->differs || entry->source ||
			entry->content.has_data)
			continue;
		delivery.entries[count] = entry;
		ids[count++] = entry->content.id;
	}
	if (!count)
		return true;
	if (!call->host || !call->host->content)
		return fail(err, ERR_PROTOCOL, "a content is missing");
	is_well = call->host->content(call->host, ids, count, delivery_add, &delivery, err);
	file_new_drop(&delivery.file);
	return is_well;
}

static bool
place_entries(struct module_call *call, struct tree *tree, struct error *err)
{
	_cleanup_file_batch_ struct file_batch batch = { 0 };
	bool is_well = true;

	tree->batch = &batch;
	for (size_t i = 0; i < tree->count && is_well; i++)
		is_well = apply_entry(call, tree, &tree->entries[i], err);
	is_well = is_well && fetch_contents(call, tree, err) && file_batch_commit(&batch, err);
	tree->batch = NULL;
	return is_well;
}

bool
tree_apply(struct module_call *call, struct tree *tree, struct error *err)
{
	if (!place_entries(call, tree, err))
		return false;
	for (size_t i = 0; i < tree->count && tree->settings.force; i++) {
		struct attributes wanted = attributes_for(call, tree, &tree->entries[i]);
		bool is_changed = false;

		if (tree->entries[i].type == ENTRY_DIRECTORY && tree->entries[i].was_there)
			wanted.mode = NULL;
		if (!attributes_ensure(call, &wanted, tree->entries[i].path, &is_changed, err))
			return false;
	}
	return true;
}
