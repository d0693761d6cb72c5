/*
 * Sessions between runs: a file each, by the digest of all that the session depends on. Only a file
 * and a directory that are ours, and that nobody else can look into, are believed or written.
 */
#include <fcntl.h>
#include <time.h>

#include "base/log.h"
#include "inventory/aws/login.h"
#include "json/json.h"
#include "os/files.h"

enum {
	LARGEST_SESSION = 64 * 1024,
	LEFT_S = 600,	      /* a session that ends sooner is not worth beginning with */
	OLDEST_S = 14 * 3600, /* no session lasts longer than twelve hours */
};

static const char *
directory_of(struct aws_login *login)
{
	const char *home = login_home(login);
	const char *base = aws_environment(login->aws, "XDG_CACHE_HOME");

	if (!base && !home)
		return NULL;
	if (!base)
		base = arena_format(aws_arena(login->aws), "%s/.cache", home);
	return login_path(login,
		arena_format(aws_arena(login->aws), "%s/ertc-%u/aws", base, (unsigned)geteuid()));
}

static bool
is_private(const struct stat *info)
{
	return info->st_uid == geteuid() && !(info->st_mode & 077);
}

/* A descriptor of the directory, or -1; a log line says why. */
static int
directory_enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat info;

	if (fd < 0)
		return -1;
	if (fstat(fd, &info) == 0 && is_private(&info))
		return fd;
	log_info("aws: %s is not ours alone (mode 0700): no sessions are kept there", path);
	close(fd);
	return -1;
}

static const char *
name_of(struct arena *into, struct view key)
{
	char digest[HASH_TEXT_MAX];

	return arena_format(into, "%s.json", hash_text(HASH_SHA256, key, digest));
}

/* ---- reading ---- */

static bool
file_take(int directory, const char *name, struct str *out)
{
	_cleanup_close_ int fd =
		openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct stat info;

	if (fd < 0 || fstat(fd, &info) < 0)
		return false;
	if (!S_ISREG(info.st_mode) || !is_private(&info)) {
		log_info("aws: session %s is not ours alone (mode 0600): it is not used", name);
		return false;
	}
	return file_read_fd(fd, LARGEST_SESSION, out, NULL);
}

static bool
session_read(struct aws_login *login, struct arena *scratch, const struct str *text,
	struct aws_keys *out)
{
	const struct value *map;
	bool ok;

	if (!json_parse(scratch, str_view(text), &map, NULL) || !value_is_map(map))
		return false;
	ok = login_keys_read(login, map, &login_names_process, "a kept session", out, NULL) &&
	     out->expires > login_now(login) + LEFT_S;
	value_wipe(map);
	return ok;
}

bool
session_cache_get(struct aws_login *login, struct view key, struct aws_keys *out)
{
	_cleanup_close_ int directory = -1;
	const char *path = directory_of(login);
	struct arena scratch;
	struct str text;
	bool ok;

	if (!path || (directory = directory_enter(path)) < 0)
		return false;
	arena_init(&scratch);
	str_init(&text);
	ok = file_take(directory, name_of(&scratch, key), &text) &&
	     session_read(login, &scratch, &text, out);
	memory_wipe(text.data, text.length);
	str_release(&text);
	arena_release(&scratch);
	return ok;
}

/* ---- writing ---- */

static void
session_add(struct arena *scratch, const struct aws_keys *keys, struct str *out)
{
	struct value *map = value_map(scratch);
	char when[TIME_ROOM];

	value_set(scratch, map, "Version", value_int(scratch, 1));
	value_set(scratch, map, "AccessKeyId", value_text(scratch, keys->id));
	value_set(scratch, map, "SecretAccessKey",
		value_borrow(scratch, keys->secret, strlen(keys->secret)));
	value_set(scratch, map, "SessionToken",
		value_borrow(scratch, keys->token, strlen(keys->token)));
	value_set(scratch, map, "Expiration", value_text(scratch, time_text(keys->expires, when)));
	if (keys->account)
		value_set(scratch, map, "AccountId", value_text(scratch, keys->account));
	json_add(map, &(struct json_style){ .is_compact = true }, out);
}

/* What has ended long ago is nobody's any more. */
static void
old_ones_remove(struct arena *scratch, int directory, const char *path)
{
	const char *const *names = directory_names(scratch, path, NULL);
	time_t oldest = time(NULL) - OLDEST_S;
	struct stat info;

	for (; names && *names; names++)
		if (text_ends(*names, ".json") &&
			fstatat(directory, *names, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(info.st_mode) && info.st_mtime < oldest)
			(void)unlinkat(directory, *names, 0);
}

void
session_cache_put(struct aws_login *login, struct view key, const struct aws_keys *keys)
{
	const struct file_place place = { .has_mode = true, .mode = 0600 };
	_cleanup_close_ int directory = -1;
	const char *path = directory_of(login);
	struct error problem = { 0 };
	struct arena scratch;
	struct str text;

	if (!path || !keys->token || keys->expires <= login_now(login) + LEFT_S)
		return;
	if (!directory_make(path, 0700, &problem)) {
		log_info("aws: no sessions are kept: %s", problem.what);
		return;
	}
	if ((directory = directory_enter(path)) < 0)
		return;
	arena_init(&scratch);
	str_init(&text);
	old_ones_remove(&scratch, directory, path);
	session_add(&scratch, keys, &text);
	if (!file_replace(path_join(&scratch, path, name_of(&scratch, key)), str_view(&text),
		    &place, &problem))
		log_info("aws: a session is not kept: %s", problem.what);
	memory_wipe(text.data, text.length);
	str_release(&text);
	arena_release(&scratch);
}
