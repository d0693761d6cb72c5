/* Starting the runner on this machine. */
#include "orchestrator/delivery/local.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool
write_all(int fd, const unsigned char *bytes, size_t size)
{
	while (size) {
		ssize_t count = write(fd, bytes, size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		bytes += count;
		size -= (size_t)count;
	}
	return true;
}

static bool
start_from_memory(struct road *road, const unsigned char *bytes, size_t size, struct error *err)
{
	_cleanup_close_ int fd = memfd_create("ertc-runner", MFD_CLOEXEC);

	if (fd < 0 || !write_all(fd, bytes, size))
		return fail_errno(err, "cannot put the runner into memory");
	return road_execute_file(road, fd, NULL, err);
}

/* The file is opened for writing first and must be closed before it can run: so by its path, and
 * gone after. */
static bool
start_from_file(struct road *road, const unsigned char *bytes, size_t size, struct error *err)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");
	_cleanup_str_ struct str path = STR_INIT;
	bool is_started = false;
	int fd;

	str_add_format(&path, "%s/ertc-runner-XXXXXX",
		directory && directory[0] == '/' ? directory : "/tmp");
	fd = mkostemp(path.data, O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, "cannot write '%s'", path.data);
	if (!write_all(fd, bytes, size) || fchmod(fd, 0700) < 0) {
		fail_errno(err, "cannot write '%s'", path.data);
		close(fd);
	} else {
		close(fd);
		is_started = road_execute_file(road, -1, path.data, err);
	}
	unlink(path.data); /* exec has happened when road_execute_file is back */
	return is_started;
}

bool
local_start(struct road *road, const unsigned char *bytes, size_t size, struct error *err)
{
	struct error first;

	return start_from_memory(road, bytes, size, &first) ||
	       start_from_file(road, bytes, size, err);
}
