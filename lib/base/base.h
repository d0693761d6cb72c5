#ifndef LIB_BASE_BASE_H
#define LIB_BASE_BASE_H
/*
 * What every file may use without thinking: sizes of tables, descriptors that close themselves, and
 * the two ways to die (our own bug, no memory). Both end the process in one place each; neither
 * travels up as an error.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/banned.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_CHECK __attribute__((warn_unused_result))
#define FORMAT(text, first) __attribute__((__format__(__printf__, text, first)))
#define UNUSED __attribute__((unused))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Our own bug: says where, and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *format, ...) FORMAT(3, 4);

/* malloc and friends that abort when memory is out. */
void *memory_get(size_t size) __attribute__((malloc));
void *memory_resize(void *old, size_t size) MUST_CHECK;
char *memory_text(const char *text) MUST_CHECK;

/* Wipes secrets; the compiler cannot drop it. */
void memory_wipe(void *bytes, size_t size);

static inline void
cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void
cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}
static inline void
cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_fclose)))

#endif
