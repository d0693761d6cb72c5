/* The numbers, names and flags of a file. */
#include "module/stated.h"

#include "os/users.h"

static void
set_flag(struct arena *arena, struct value *map, const char *key, bool flag)
{
	value_set(arena, map, key, flag ? &value_true : &value_false);
}

static double
seconds(const struct timespec *when)
{
	return (double)when->tv_sec + (double)when->tv_nsec / 1e9;
}

static void
add_modes(struct arena *arena, struct value *map, mode_t mode)
{
	static const struct {
		const char *name;
		mode_t bit;
	} bits[] = {
		{ "wusr", S_IWUSR },
		{ "rusr", S_IRUSR },
		{ "xusr", S_IXUSR },
		{ "wgrp", S_IWGRP },
		{ "rgrp", S_IRGRP },
		{ "xgrp", S_IXGRP },
		{ "woth", S_IWOTH },
		{ "roth", S_IROTH },
		{ "xoth", S_IXOTH },
		{ "isuid", S_ISUID },
		{ "isgid", S_ISGID },
	};

	value_set(arena, map, "mode", value_format(arena, "%04o", mode & 07777));
	set_flag(arena, map, "isdir", S_ISDIR(mode));
	set_flag(arena, map, "ischr", S_ISCHR(mode));
	set_flag(arena, map, "isblk", S_ISBLK(mode));
	set_flag(arena, map, "isreg", S_ISREG(mode));
	set_flag(arena, map, "isfifo", S_ISFIFO(mode));
	set_flag(arena, map, "islnk", S_ISLNK(mode));
	set_flag(arena, map, "issock", S_ISSOCK(mode));
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		set_flag(arena, map, bits[i].name, mode & bits[i].bit);
}

static void
add_numbers(struct arena *arena, struct value *map, const struct stat *info)
{
	value_set(arena, map, "uid", value_int(arena, info->st_uid));
	value_set(arena, map, "gid", value_int(arena, info->st_gid));
	value_set(arena, map, "size", value_int(arena, info->st_size));
	value_set(arena, map, "inode", value_int(arena, (int64_t)info->st_ino));
	value_set(arena, map, "dev", value_int(arena, (int64_t)info->st_dev));
	value_set(arena, map, "nlink", value_int(arena, (int64_t)info->st_nlink));
	value_set(arena, map, "atime", value_float(arena, seconds(&info->st_atim)));
	value_set(arena, map, "mtime", value_float(arena, seconds(&info->st_mtim)));
	value_set(arena, map, "ctime", value_float(arena, seconds(&info->st_ctim)));
	value_set(arena, map, "blocks", value_int(arena, info->st_blocks));
	value_set(arena, map, "block_size", value_int(arena, info->st_blksize));
	value_set(arena, map, "device_type", value_int(arena, (int64_t)info->st_rdev));
	value_set(arena, map, "pw_name", value_text(arena, user_name(arena, info->st_uid)));
	value_set(arena, map, "gr_name", value_text(arena, group_name(arena, info->st_gid)));
}

void
stat_values(struct arena *arena, struct value *map, const struct stat *info)
{
	add_modes(arena, map, info->st_mode);
	add_numbers(arena, map, info);
}
