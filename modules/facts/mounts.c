/* Mounted file systems, and the disks below them. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "modules/facts/facts.h"

enum { STATVFS_MS = 3000 };

/* A dead NFS server would hold us for ever: a child asks, for a limited time. */
static bool
statvfs_soon(const char *path, struct statvfs *out)
{
	int fds[2];
	pid_t pid;
	struct pollfd wait;
	bool is_known = false;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (!pid) {
		struct statvfs info;

		if (statvfs(path, &info) == 0 && write(fds[1], &info, sizeof(info)) != sizeof(info))
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	wait = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	if (pid > 0 && poll(&wait, 1, STATVFS_MS) == 1)
		is_known = read(fds[0], out, sizeof(*out)) == sizeof(*out);
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		/* One that hangs in the kernel cannot be waited for. */
		waitpid(pid, NULL, is_known ? 0 : WNOHANG);
	}
	return is_known;
}

/* Octal escapes of /proc/mounts. */
static const char *
unescape(struct arena *arena, struct view text)
{
	_cleanup_str_ struct str out = STR_INIT;
	int64_t code;

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\\' && i + 3 < text.length &&
			number_parse_base((struct view){ text.data + i + 1, 3 }, 8, &code)) {
			str_add_char(&out, (char)code);
			i += 3;
		} else {
			str_add_char(&out, text.data[i]);
		}
	}
	return arena_view(arena, str_view(&out));
}

static const char *
uuid_of(struct facts *facts, const char *device)
{
	DIR *stream = opendir("/dev/disk/by-uuid");
	struct dirent *entry;
	char wanted[PATH_MAX], target[PATH_MAX];
	const char *found = "N/A";

	if (stream && realpath(device, wanted))
		while ((entry = readdir(stream)))
			if (entry->d_name[0] != '.' &&
				realpath(arena_format(facts->arena, "/dev/disk/by-uuid/%s",
						 entry->d_name),
					target) &&
				text_equals(target, wanted))
				found = arena_text(facts->arena, entry->d_name);
	if (stream)
		closedir(stream);
	return found;
}

static void
add_sizes(struct facts *facts, struct value *map, const struct statvfs *info)
{
	int64_t size = (int64_t)info->f_frsize;

	set_int(facts, map, "size_total", size * (int64_t)info->f_blocks);
	set_int(facts, map, "size_available", size * (int64_t)info->f_bavail);
	set_int(facts, map, "block_size", (int64_t)info->f_bsize);
	set_int(facts, map, "block_total", (int64_t)info->f_blocks);
	set_int(facts, map, "block_available", (int64_t)info->f_bavail);
	set_int(facts, map, "block_used", (int64_t)(info->f_blocks - info->f_bavail));
	set_int(facts, map, "inode_total", (int64_t)info->f_files);
	set_int(facts, map, "inode_available", (int64_t)info->f_favail);
	set_int(facts, map, "inode_used", (int64_t)(info->f_files - info->f_favail));
}

void
facts_mounts(struct facts *facts)
{
	struct value *list = value_list(facts->arena);
	const char *text = file_text(facts->arena, "/proc/self/mounts");
	struct view rest = view_of(text), line, fields[4];

	while (view_cut(&rest, '\n', &line)) {
		struct value *map;
		const char *device;
		struct statvfs info;
		int count = 0;

		while (count < 4 && line.data && view_cut(&line, ' ', &fields[count]))
			count++;
		if (count < 4)
			continue;
		device = unescape(facts->arena, fields[0]);
		if ((device[0] != '/' && !strstr(device, ":/")) || view_is(fields[2], "none"))
			continue;
		map = value_map(facts->arena);
		set_text(facts, map, "mount", unescape(facts->arena, fields[1]));
		set_text(facts, map, "device", device);
		value_set(facts->arena, map, "fstype", value_view(facts->arena, fields[2]));
		value_set(facts->arena, map, "options", value_view(facts->arena, fields[3]));
		set_text(facts, map, "uuid", uuid_of(facts, device));
		if (statvfs_soon(value_string(value_get(map, "mount")), &info))
			add_sizes(facts, map, &info);
		else
			set_text(facts, map, "note",
				"Timed out while attempting to get the size of the file system");
		value_add(facts->arena, list, map);
	}
	facts_set(facts, "mounts", list);
}

static const char *
block_line(struct facts *facts, const char *device, const char *name)
{
	return file_first_line(
		facts->arena, arena_format(facts->arena, "/sys/block/%s/%s", device, name));
}

static const struct value *
human_size(struct facts *facts, const char *sectors)
{
	static const char *const units[] = { "Bytes", "KB", "MB", "GB", "TB", "PB" };
	int64_t count = 0;
	double size;
	size_t unit = 0;

	if (!sectors || !number_parse(view_of(sectors), &count))
		count = 0;
	for (size = (double)count * 512; size >= 1024 && unit < ARRAY_SIZE(units) - 1; unit++)
		size /= 1024;
	return value_format(facts->arena, "%.2f %s", size, units[unit]);
}

static struct value *
no_links(struct facts *facts)
{
	static const char *const kinds[] = { "ids", "labels", "masters", "uuids" };
	struct value *map = value_map(facts->arena);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		value_set(facts->arena, map, kinds[i], &value_empty_list);
	return map;
}

static struct value *
read_partitions(struct facts *facts, const char *device)
{
	struct value *map = value_map(facts->arena), *one;
	DIR *stream = opendir(arena_format(facts->arena, "/sys/block/%s", device));
	struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		const char *start, *size;

		if (!text_starts(entry->d_name, device))
			continue;
		start = block_line(
			facts, device, arena_format(facts->arena, "%s/start", entry->d_name));
		size = block_line(
			facts, device, arena_format(facts->arena, "%s/size", entry->d_name));
		if (!start)
			continue;
		one = value_map(facts->arena);
		set_text(facts, one, "start", start);
		set_text(facts, one, "sectors", size);
		set_int(facts, one, "sectorsize", 512);
		value_set(facts->arena, one, "size", human_size(facts, size));
		set_text(facts, one, "uuid",
			uuid_of(facts, arena_format(facts->arena, "/dev/%s", entry->d_name)));
		value_set(facts->arena, one, "holders", &value_empty_list);
		value_set(facts->arena, one, "links", no_links(facts));
		value_set(facts->arena, map, entry->d_name, one);
	}
	if (stream)
		closedir(stream);
	return map;
}

/* "none [mq-deadline] kyber" */
static const char *
scheduler_of(struct facts *facts, const char *device)
{
	const char *line = block_line(facts, device, "queue/scheduler"),
		   *mark = line ? strchr(line, '[') : NULL;

	if (!mark)
		return "";
	return arena_view(facts->arena, (struct view){ mark + 1, strcspn(mark + 1, "]") });
}

static void
add_device(struct facts *facts, struct value *devices, const char *name)
{
	struct value *map = value_map(facts->arena);
	char target[PATH_MAX];
	const char *sectors = block_line(facts, name, "size");
	bool is_virtual = realpath(arena_format(facts->arena, "/sys/block/%s", name), target) &&
			  strstr(target, "/devices/virtual/");

	set_int(facts, map, "virtual", is_virtual ? 1 : 0);
	value_set(facts->arena, map, "links", no_links(facts));
	set_text(facts, map, "vendor", block_line(facts, name, "device/vendor"));
	set_text(facts, map, "model", block_line(facts, name, "device/model"));
	value_set(facts->arena, map, "sas_address", &value_none);
	value_set(facts->arena, map, "sas_device_handle", &value_none);
	set_text(facts, map, "removable", block_line(facts, name, "removable"));
	set_text(facts, map, "support_discard",
		block_line(facts, name, "queue/discard_granularity"));
	value_set(facts->arena, map, "partitions", read_partitions(facts, name));
	set_text(facts, map, "rotational", block_line(facts, name, "queue/rotational"));
	set_text(facts, map, "scheduler_mode", scheduler_of(facts, name));
	set_text(facts, map, "sectors", sectors);
	set_text(facts, map, "sectorsize", block_line(facts, name, "queue/logical_block_size"));
	value_set(facts->arena, map, "size", human_size(facts, sectors));
	set_text(facts, map, "host", "");
	value_set(facts->arena, map, "holders", &value_empty_list);
	value_set(facts->arena, devices, name, map);
}

void
facts_devices(struct facts *facts)
{
	struct value *devices = value_map(facts->arena);
	DIR *stream = opendir("/sys/block");
	struct dirent *entry;

	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			add_device(facts, devices, entry->d_name);
	if (stream)
		closedir(stream);
	facts_set(facts, "devices", devices);
}
