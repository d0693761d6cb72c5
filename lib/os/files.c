/* Reading, replacing and removing files. */
#include "os/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "os/process.h"

enum { CHUNK = 128 * 1024, LABEL_MAX = 256, DEPTH_MAX = 512 };
/* A batch keeps two descriptors a file, and what it replaces stays on the disk until it is placed.
 * Few files are not worth a sync of everything that others have written there. */
enum { BATCH_MAX = 256, BATCH_BYTES_MAX = 64 * 1024 * 1024, BATCH_WORTH_SYNCFS = 8 };

bool
file_read_fd(int fd, size_t maximum, struct str *out, struct error *err)
{
	size_t begin = out->length;

	for (;;) {
		size_t done = out->length - begin;
		size_t want = MIN((size_t)CHUNK, maximum - done + 1);
		char *end = str_reserve(out, want);
		ssize_t count;

		if (!end)
			return fail(err, ERR_LIMIT, "a file is larger than %zu bytes", maximum);
		count = read(fd, end, want);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail_errno(err, "cannot read a file");
		if (!count)
			return true;
		out->length += (size_t)count;
		out->data[out->length] = '\0';
		if (out->length - begin > maximum)
			return fail(err, ERR_LIMIT, "a file is larger than %zu bytes", maximum);
	}
}

bool
file_read(const char *path, size_t maximum, struct str *out, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", path);
	if (!file_read_fd(fd, maximum, out, err))
		return error_context(err, "'%s'", path);
	return true;
}

const char *
file_first_line(struct arena *into, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char buffer[4096];
	struct view line;
	ssize_t count;

	if (fd < 0)
		return NULL;
	count = read(fd, buffer, sizeof(buffer));
	if (count < 0)
		return NULL;
	line = (struct view){ buffer, (size_t)count };
	if (!count || !view_cut(&(struct view){ buffer, (size_t)count }, '\n', &line))
		return "";
	return arena_view(into, view_trim(line));
}

bool
file_digest(const char *path, enum hash_kind kind, char out[HASH_TEXT_MAX], struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *buffer = NULL;
	struct hash hash;
	ssize_t count;

	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", path);
	buffer = memory_get(CHUNK);
	hash_init(&hash, kind);
	while ((count = read(fd, buffer, CHUNK)) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail_errno(err, "cannot read '%s'", path);
		hash_add(&hash, buffer, (size_t)count);
	}
	hash_end_text(&hash, out);
	return true;
}

bool
file_exists(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0;
}

const char *
path_join(struct arena *into, const char *directory, const char *name)
{
	size_t length = strlen(directory);

	if (name[0] == '/' || !length)
		return arena_text(into, name);
	return arena_format(
		into, "%s%s%s", directory, directory[length - 1] == '/' ? "" : "/", name);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *
directory_names(struct arena *into, const char *path, struct error *err)
{
	DIR *directory = opendir(path);
	size_t count = 0, room = 32;
	struct dirent *entry;
	const char **names;

	if (!directory) {
		fail_errno(err, "cannot read '%s'", path);
		return NULL;
	}
	names = arena_array(into, room, const char *);
	while ((entry = readdir(directory))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (count + 1 == room) {
			names = arena_grow(into, names, count, room * 2, sizeof(*names));
			room *= 2;
		}
		names[count++] = arena_text(into, entry->d_name);
	}
	closedir(directory);
	qsort(names, count, sizeof(*names), compare_texts);
	return names;
}

const char *
path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *
path_parent(struct arena *into, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	if (slash == path)
		return "/";
	return arena_view(into, (struct view){ path, (size_t)(slash - path) });
}

/* Names that cannot be guessed. */
static bool
choose_name(struct file_new *file, struct error *err)
{
	uint8_t random[8] = { 0 };
	char digits[17];
	_cleanup_close_ int source = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (source < 0 || read(source, random, sizeof(random)) != sizeof(random))
		return fail_errno(err, "cannot read '/dev/urandom'");
	snprintf(file->temporary, sizeof(file->temporary), ".ertc-%s.tmp",
		bytes_to_hex(random, sizeof(random), digits));
	return true;
}

/* O_EXCL makes sure that nobody was faster. */
static bool
open_temporary(struct file_new *file, const char *directory, struct error *err)
{
	/* Without /proc it could not be given a name. */
	if (access("/proc/self/fd", X_OK) == 0)
		file->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	file->is_unnamed = file->fd >= 0;
	if (file->is_unnamed)
		return choose_name(file, err);
	for (int i = 0; i < 100; i++) {
		if (!choose_name(file, err))
			return false;
		file->fd = openat(file->directory, file->temporary,
			O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (file->fd >= 0 || errno != EEXIST)
			break;
	}
	if (file->fd < 0)
		return fail_errno(err, "cannot make a file in '%s'", directory);
	return true;
}

bool
file_new_open(struct file_new *file, const char *path, struct error *err)
{
	struct arena arena;
	const char *parent;
	bool is_open = false;

	*file = FILE_NEW_INIT;
	arena_init(&arena);
	parent = path_parent(&arena, path);
	file->directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->directory < 0)
		fail_errno(err, "cannot open the directory '%s'", parent);
	else
		is_open = open_temporary(file, parent, err);
	if (is_open) {
		file->path = memory_text(path);
		file->current = memory_text(path_join(&arena, parent, file->temporary));
	} else {
		file_new_drop(file);
	}
	arena_release(&arena);
	return is_open;
}

bool
file_new_open_over(struct file_new *file, const char *path, bool may_overwrite, struct error *err)
{
	int fd;

	if (file_new_open(file, path, err))
		return true;
	fd = may_overwrite ? open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	if (err)
		error_clear(err);
	file->fd = fd;
	file->is_in_place = true;
	file->path = memory_text(path);
	file->current = memory_text(path);
	return true;
}

/* On a full disk: which one, and what is left; the temporary name says nothing to a person. */
static bool
fail_write(const struct file_new *file, struct error *err)
{
	int code = errno;
	struct statvfs disk;

	fail_errno(err, "cannot write '%s'", file->path);
	if ((code == ENOSPC || code == EDQUOT) && fstatvfs(file->fd, &disk) == 0)
		error_why(err, "%s (%llu KiB and %llu inodes are free there)", strerror(code),
			(unsigned long long)disk.f_bavail * disk.f_frsize / 1024,
			(unsigned long long)disk.f_favail);
	return false;
}

static bool
give_name(struct file_new *file, const char *name)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
	if (linkat(AT_FDCWD, self, file->directory, name, AT_SYMLINK_FOLLOW) < 0)
		return false;
	file->is_unnamed = false;
	return true;
}

bool
file_new_name(struct file_new *file, struct error *err)
{
	return !file->is_unnamed || give_name(file, file->temporary) || fail_write(file, err);
}

bool
file_new_add(struct file_new *file, struct view bytes, struct error *err)
{
	if (!fd_write_all(file->fd, bytes.data, bytes.length))
		return fail_write(file, err);
	if (file->digest)
		hash_add(file->digest, bytes.data, bytes.length);
	return true;
}

/* The security label of the old file goes on; a file system without labels says so, and that is
 * fine. */
static void
copy_label(const char *from, int to)
{
	char label[LABEL_MAX];
	ssize_t size = getxattr(from, "security.selinux", label, sizeof(label));

	if (size > 0 && fsetxattr(to, "security.selinux", label, (size_t)size, 0) < 0)
		return;
}

static mode_t
umask_now(void)
{
	mode_t mask = umask(077);

	umask(mask);
	return mask;
}

static bool
dress(struct file_new *file, const struct file_place *place, struct error *err)
{
	struct stat old;
	bool was_there = stat(file->path, &old) == 0;
	mode_t mode = was_there ? old.st_mode & 07777 : 0666 & ~umask_now();
	uid_t owner = was_there ? old.st_uid : (uid_t)-1;
	gid_t group = was_there ? old.st_gid : (gid_t)-1;

	if (place && place->has_mode)
		mode = place->mode;
	if (place && place->has_owner)
		owner = place->owner;
	if (place && place->has_group)
		group = place->group;
	if (was_there)
		copy_label(file->path, file->fd);
	if (fchown(file->fd, owner, group) < 0) {
		/* Somebody else's file that we may only write in: the content matters more than its
		 * owner. */
		if (errno != EPERM || (place && (place->has_owner || place->has_group)))
			return fail_errno(err, "cannot change the owner of '%s'", file->path);
	}
	if (fchmod(file->fd, mode) < 0)
		return fail_errno(err, "cannot change the mode of '%s'", file->path);
	return true;
}

/* Only what is on the disk already may come here. Where nothing stands, one step is enough. */
static bool
take_place(struct file_new *file, struct error *err)
{
	const char *name = path_name(file->path);

	if (file->is_unnamed && give_name(file, name)) {
		file->temporary[0] = '\0';
		return true;
	}
	if (!file_new_name(file, err))
		return false;
	if (renameat(file->directory, file->temporary, file->directory, name) < 0)
		return fail_errno(err, "cannot put '%s' in its place", file->path);
	file->temporary[0] = '\0';
	return true;
}

bool
file_new_commit(struct file_new *file, const struct file_place *place, struct error *err)
{
	/* The old file keeps what it is; who wants it otherwise looks at it once more. */
	if (!file->is_in_place && !dress(file, place, err))
		return false;
	if (fsync(file->fd) < 0)
		return fail_write(file, err);
	if (!file->is_in_place && !take_place(file, err))
		return false;
	if (file->directory >= 0)
		fsync(file->directory);
	file_new_drop(file);
	return true;
}

void
file_new_drop(struct file_new *file)
{
	if (file->fd >= 0 && file->temporary[0] && !file->is_unnamed)
		unlinkat(file->directory, file->temporary, 0);
	cleanup_close(&file->fd);
	cleanup_close(&file->directory);
	free(file->path);
	free(file->current);
	*file = FILE_NEW_INIT;
}

/* Where syncfs() is known to be as good as an fsync of each file; FUSE, for one, does not hand it
 * on. */
static bool
can_sync_whole(int fd)
{
	enum { EXT = 0xef53, XFS = 0x58465342, TMPFS = 0x01021994 };
	const unsigned long btrfs = 0x9123683e, f2fs = 0xf2f52010;
	struct statfs info;
	unsigned long type;

	if (fstatfs(fd, &info) < 0)
		return false;
	type = (unsigned long)info.f_type & 0xffffffff;
	return type == EXT || type == XFS || type == TMPFS || type == btrfs || type == f2fs;
}

/* Behind a syncfs(), which says nothing about failed writes before Linux 5.8, and since then may
 * speak of the files of others. */
static bool
was_written(int fd)
{
	return sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) == 0 ||
	       (errno == ENOSYS && fsync(fd) == 0);
}

static bool
batch_sync(struct file_batch *batch, struct error *err)
{
	bool is_whole = false, is_worth_it = batch->count >= BATCH_WORTH_SYNCFS;
	struct stat info;
	dev_t device = 0;

	for (size_t i = 0; i < batch->count; i++) {
		struct file_new *file = &batch->files[i];

		if (fstat(file->fd, &info) < 0)
			return fail_errno(err, "cannot look at '%s'", file->path);
		if (i == 0 || info.st_dev != device)
			is_whole = is_worth_it && can_sync_whole(file->fd) && syncfs(file->fd) == 0;
		device = info.st_dev;
		if (!(is_whole ? was_written(file->fd) : fsync(file->fd) == 0))
			return fail_write(file, err);
	}
	return true;
}

static void
batch_note_directory(struct file_batch *batch, const struct file_new *file)
{
	size_t count = batch->directory_count;
	char *path = memory_text(file->path);

	*(strrchr(path, '/') ? strrchr(path, '/') + 1 : path) = '\0';
	if (count && text_equals(batch->directories[count - 1], path)) {
		free(path);
		return;
	}
	if (count == batch->directory_room) {
		batch->directory_room = MAX(count * 2, (size_t)16);
		batch->directories =
			memory_resize(batch->directories, batch->directory_room * sizeof(char *));
	}
	batch->directories[batch->directory_count++] = path;
}

static bool
batch_place(struct file_batch *batch, struct error *err)
{
	if (!batch_sync(batch, err))
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		if (!take_place(&batch->files[i], err))
			return false;
		batch_note_directory(batch, &batch->files[i]);
		file_new_drop(&batch->files[i]);
	}
	batch->count = 0;
	batch->bytes = 0;
	return true;
}

static int
order_paths(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void
batch_sync_directories(struct file_batch *batch)
{
	char **paths = batch->directories;

	if (batch->directory_count)
		qsort(paths, batch->directory_count, sizeof(*paths), order_paths);
	for (size_t i = 0; i < batch->directory_count; i++) {
		_cleanup_close_ int fd = -1;

		if (i && text_equals(paths[i], paths[i - 1]))
			continue;
		fd = open(*paths[i] ? paths[i] : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			fsync(fd);
	}
	for (size_t i = 0; i < batch->directory_count; i++)
		free(paths[i]);
	batch->directory_count = 0;
}

/* The lesser half of the descriptors that we may open. */
static size_t
batch_maximum(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur / 4 >= BATCH_MAX)
		return BATCH_MAX;
	return MAX((size_t)limit.rlim_cur / 4, (size_t)1);
}

bool
file_batch_add(struct file_batch *batch, struct file_new *file, const struct file_place *place,
	struct error *err)
{
	struct stat info;

	if (!batch->files) {
		batch->maximum = batch_maximum();
		batch->files = memory_get(batch->maximum * sizeof(*batch->files));
	}
	if (!dress(file, place, err))
		return false;
	if (fstat(file->fd, &info) < 0)
		return fail_errno(err, "cannot look at '%s'", file->path);
	if ((batch->count == batch->maximum || batch->bytes + info.st_size > BATCH_BYTES_MAX) &&
		!batch_place(batch, err))
		return false;
	batch->files[batch->count++] = *file;
	batch->bytes += info.st_size;
	*file = FILE_NEW_INIT;
	return true;
}

bool
file_batch_commit(struct file_batch *batch, struct error *err)
{
	if (!batch_place(batch, err))
		return false;
	batch_sync_directories(batch);
	return true;
}

void
file_batch_drop(struct file_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		file_new_drop(&batch->files[i]);
	batch_sync_directories(batch);
	free(batch->files);
	free(batch->directories);
	*batch = (struct file_batch){ 0 };
}

bool
file_replace(const char *path, struct view bytes, const struct file_place *place, struct error *err)
{
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;

	return file_new_open(&file, path, err) && file_new_add(&file, bytes, err) &&
	       file_new_commit(&file, place, err);
}

static bool
copy_bytes(int from, struct file_new *to, struct error *err)
{
	_cleanup_free_ char *buffer = memory_get(CHUNK);
	ssize_t count;

	while ((count = read(from, buffer, CHUNK)) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail_errno(err, "cannot read a file");
		if (!file_new_add(to, (struct view){ buffer, (size_t)count }, err))
			return false;
	}
	return true;
}

bool
file_copy(const char *from, const char *to, struct error *err)
{
	_cleanup_close_ int source = open(from, O_RDONLY | O_CLOEXEC);
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct file_place place = { .has_mode = true };
	struct timespec times[2];
	struct stat info;

	if (source < 0 || fstat(source, &info) < 0)
		return fail_errno(err, "cannot open '%s'", from);
	if (!file_new_open(&file, to, err) || !copy_bytes(source, &file, err))
		return false;
	place.mode = info.st_mode & 07777;
	place.has_owner = place.has_group = geteuid() == 0;
	place.owner = info.st_uid;
	place.group = info.st_gid;
	times[0] = info.st_atim;
	times[1] = info.st_mtim;
	if (futimens(file.fd, times) < 0)
		return fail_errno(err, "cannot set the times of '%s'", to);
	return file_new_commit(&file, &place, err);
}

/* The bits that "rwxXst" stand for, in the classes of `who` (a mask of u=4, g=2, o=1). */
static bool
letters_parse(const char **text, unsigned who, mode_t current, bool is_directory, mode_t *out)
{
	mode_t bits = 0, three;

	for (; **text && !strchr(",+-=", **text); (*text)++) {
		switch (**text) {
		case 'r':
			three = 4;
			break;
		case 'w':
			three = 2;
			break;
		case 'x':
			three = 1;
			break;
		case 'X':
			three = is_directory || (current & 0111) ? 1 : 0;
			break;
		case 'u':
			three = current >> 6 & 7;
			break;
		case 'g':
			three = current >> 3 & 7;
			break;
		case 'o':
			three = current & 7;
			break;
		case 's':
			bits |= (who & 4 ? S_ISUID : 0) | (who & 2 ? S_ISGID : 0);
			continue;
		case 't':
			bits |= S_ISVTX;
			continue;
		default:
			return false;
		}
		bits |= (who & 4 ? three << 6 : 0) | (who & 2 ? three << 3 : 0) |
			(who & 1 ? three : 0);
	}
	*out = bits;
	return true;
}

static bool
clause_parse(const char **text, bool is_directory, mode_t *mode)
{
	unsigned who = 0;
	mode_t mask = 07777, bits, all;
	char sign;

	for (; **text && strchr("ugoa", **text); (*text)++)
		who |= **text == 'u' ? 4 : **text == 'g' ? 2 : **text == 'o' ? 1 : 7;
	if (!who) { /* as chmod: the umask holds where nobody is named */
		who = 7;
		mask = ~umask_now();
	}
	if (!**text || !strchr("+-=", **text))
		return false;
	while (**text && strchr("+-=", **text)) {
		sign = *(*text)++;
		if (!letters_parse(text, who, *mode, is_directory, &bits))
			return false;
		bits &= mask | S_ISUID | S_ISGID | S_ISVTX;
		all = (who & 4 ? 0700 : 0) | (who & 2 ? 0070 : 0) | (who & 1 ? 0007 : 0);
		all |= (who & 4 ? S_ISUID : 0) | (who & 2 ? S_ISGID : 0) | (who & 1 ? S_ISVTX : 0);
		if (sign == '=')
			*mode = (*mode & ~all) | bits;
		else
			*mode = sign == '+' ? *mode | bits : *mode & ~bits;
	}
	return true;
}

bool
mode_parse(const char *text, mode_t current, bool is_directory, mode_t *out, struct error *err)
{
	const char *next = text;
	mode_t mode = current & 07777;
	int64_t number;

	if (strspn(text, "01234567o") == strlen(text) && text[0]) {
		if (text_starts(text, "0o"))
			next += 2;
		if (!number_parse_base(view_of(next), 8, &number) || number < 0 || number > 07777)
			return fail(err, ERR_TYPE, "mode '%s' is not valid", text);
		*out = (mode_t)number;
		return true;
	}
	do
		if (!clause_parse(&next, is_directory, &mode)) {
			fail(err, ERR_TYPE, "bad symbolic permission for mode: %s", text);
			return error_hint(err, "write it as \"0644\" or \"u=rw,g=r,o=\"");
		}
	while (*next == ',' && *++next);
	if (*next)
		return fail(err, ERR_TYPE, "bad symbolic permission for mode: %s", text);
	*out = mode;
	return true;
}

bool
directory_make(const char *path, mode_t mode, struct error *err)
{
	_cleanup_free_ char *partial = memory_text(path);
	struct stat info;

	for (char *slash = partial + 1;; slash++) {
		char kept = *slash;

		if (kept != '/' && kept != '\0')
			continue;
		*slash = '\0';
		if (mkdir(partial, mode) < 0 && errno != EEXIST && stat(partial, &info) < 0)
			return fail_errno(err, "cannot make the directory '%s'", partial);
		*slash = kept;
		if (!kept)
			break;
	}
	if (stat(path, &info) < 0)
		return fail_errno(err, "cannot make the directory '%s'", path);
	if (!S_ISDIR(info.st_mode)) {
		errno = ENOTDIR;
		return fail_errno(err, "cannot make the directory '%s'", path);
	}
	return true;
}

static bool remove_at(int directory, const char *name, int depth);

static bool
remove_entries(int fd, int depth)
{
	DIR *stream = fdopendir(fd);
	struct dirent *entry;
	bool is_done = true;

	if (!stream) {
		close(fd);
		return false;
	}
	while (is_done && (entry = readdir(stream)))
		if (!text_equals(entry->d_name, ".") && !text_equals(entry->d_name, ".."))
			is_done = remove_at(dirfd(stream), entry->d_name, depth + 1);
	closedir(stream);
	return is_done;
}

static bool
remove_at(int directory, const char *name, int depth)
{
	int fd;

	if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return false;
	fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (depth > DEPTH_MAX) {
		close(fd);
		errno = ELOOP;
		return false;
	}
	/* A directory that changes under us may need a second look. */
	return remove_entries(fd, depth) &&
	       (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

bool
tree_remove(const char *path, struct error *err)
{
	if (!remove_at(AT_FDCWD, path, 0))
		return fail_errno(err, "cannot remove '%s'", path);
	return true;
}
