/* libFuzzer: known_hosts files, looked up by a plain, a bracketed and an odd name. */
#include <fcntl.h>
#include <sys/mman.h>

#include "orchestrator/transport/known_hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
each(void *context, const char *type)
{
	*(size_t *)context += strlen(type);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "host", "[host]:2222", "10.0.0.1" };
	int fd = memfd_create("known_hosts", MFD_CLOEXEC);
	struct known_hosts *known = known_hosts_new();
	struct known_answer answer;
	char path[64], text[128];
	const char *paths[] = { path };
	const struct ssh_list files[] = { { paths, 1 } };
	size_t total = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)!known_hosts_types(known, files, 1, names[i], each, &total, NULL);
		if (known_hosts_lookup(
			    known, files, 1, names[i], "ssh-ed25519", "AAAA", &answer, NULL) &&
			answer.recorded)
			(void)!key_fingerprint(answer.recorded, text, sizeof(text));
	}
	known_hosts_free(known);
	close(fd);
	return 0;
}
