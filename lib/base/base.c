/* The two ways to die, and memory that cannot be NULL. */
#include "base/base.h"

#include <stdarg.h>

void
bug_at(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "BUG at %s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

static _Noreturn void
out_of_memory(size_t size)
{
	fprintf(stderr, "out of memory: cannot get %zu bytes\n", size);
	abort();
}

void *
memory_get(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		out_of_memory(size);
	return memory;
}

void *
memory_resize(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (!memory)
		out_of_memory(size);
	return memory;
}

char *
memory_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(memory_get(size), text, size);
}

void
memory_wipe(void *bytes, size_t size)
{
	if (!bytes)
		return;
	memset(bytes, 0, size);
	__asm__ __volatile__("" : : "r"(bytes) : "memory");
}
