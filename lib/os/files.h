#ifndef LIB_OS_FILES_H
#define LIB_OS_FILES_H
/*
 * Files. A managed file is replaced by writing a new one beside it, giving it owner, mode and
 * SELinux context, fsync and rename: whoever reads sees the old or the new file, whatever dies in
 * between.
 */
#include <limits.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/str.h"

/* The whole file; fails with ERR_LIMIT when it is larger than `maximum`. Appends to `out`. Files of
 * /proc work. */
bool file_read(const char *path, size_t maximum, struct str *out, struct error *err) MUST_CHECK;
bool file_read_fd(int fd, size_t maximum, struct str *out, struct error *err) MUST_CHECK;
/* The first line, without white space at its ends, in the arena; NULL when it cannot be read. */
const char *file_first_line(struct arena *into, const char *path);
/* What is in a folder but . and .., sorted, ended by NULL, in the arena. NULL: it cannot be read.
 */
const char *const *directory_names(struct arena *into, const char *path, struct error *err);
/* In hex. */
bool file_digest(const char *path, enum hash_kind kind, char out[HASH_TEXT_MAX],
	struct error *err) MUST_CHECK;
bool file_exists(const char *path); /* a link that leads nowhere exists too */

/* A new file beside `path`, mode 0600 until it is put in its place. Where the file system can, it
 * has no name until then: whoever is killed in between leaves nothing. */
struct file_new {
	int fd;
	int directory; /* an open descriptor: the rename goes where the file was made */
	char temporary[64];
	char *path;    /* its place */
	char *current; /* where it is once it has a name, for validation */
	bool is_unnamed;
	bool is_in_place;    /* it is the old file itself, already emptied */
	struct hash *digest; /* if set after the opening: fed with what is added */
};

bool file_new_open(struct file_new *file, const char *path, struct error *err) MUST_CHECK;
/* The same; but where nothing can be made beside it, the old file itself is written over, if that
 * is accepted: who reads meanwhile sees half of it. */
bool file_new_open_over(
	struct file_new *file, const char *path, bool may_overwrite, struct error *err) MUST_CHECK;
bool file_new_add(struct file_new *file, struct view bytes, struct error *err) MUST_CHECK;

/* How the new file is to be. Unset members are taken from the file that is replaced, else from the
 * umask. */
struct file_place {
	bool has_mode, has_owner, has_group;
	mode_t mode;
	uid_t owner;
	gid_t group;
};
/* Gives it its temporary name, so that another program can look at it (`current`). */
bool file_new_name(struct file_new *file, struct error *err) MUST_CHECK;
bool file_new_commit(
	struct file_new *file, const struct file_place *place, struct error *err) MUST_CHECK;
void file_new_drop(
	struct file_new *file); /* harmless after a commit, and on a zeroed one with fd -1 */
#define _cleanup_file_new_ __attribute__((cleanup(file_new_drop)))
#define FILE_NEW_INIT ((struct file_new){ .fd = -1, .directory = -1 })

/* Files that take their places together: one syncfs() instead of an fsync for each, and each
 * directory is synced once. Every file is on the disk before the first of them is renamed. Zeroed,
 * it is empty. */
struct file_batch {
	struct file_new *files;
	size_t count, maximum;
	int64_t bytes;
	char **directories; /* that wait for their fsync */
	size_t directory_count, directory_room;
};
/* Takes the file over when it succeeds. A batch that is full is placed first. */
bool file_batch_add(struct file_batch *batch, struct file_new *file, const struct file_place *place,
	struct error *err) MUST_CHECK;
/* All to their places, and the directories synced. */
bool file_batch_commit(struct file_batch *batch, struct error *err) MUST_CHECK;
void file_batch_drop(struct file_batch *batch); /* harmless after a commit */
#define _cleanup_file_batch_ __attribute__((cleanup(file_batch_drop)))

/* All in one. */
bool file_replace(const char *path, struct view bytes, const struct file_place *place,
	struct error *err) MUST_CHECK;
/* Copies content, mode, owner and times (a backup). */
bool file_copy(const char *from, const char *to, struct error *err) MUST_CHECK;

/* "0644", "u=rwX,g-w,o=", "+t", "a=u" … applied to `current`. */
bool mode_parse(const char *text, mode_t current, bool is_directory, mode_t *out,
	struct error *err) MUST_CHECK;

/* mkdir -p. */
bool directory_make(const char *path, mode_t mode, struct error *err) MUST_CHECK;
/* Removes a file, link or whole tree; follows no links. A path that is not there is no error. */
bool tree_remove(const char *path, struct error *err) MUST_CHECK;

const char *path_join(struct arena *into, const char *directory, const char *name);
const char *path_name(const char *path); /* behind the last slash */
const char *path_parent(struct arena *into, const char *path);

#endif
