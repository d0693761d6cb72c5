#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H
/*
 * Memory that is dropped whole: process, run, play, task. What a function returns lives in the
 * arena that was passed to it; without an arena in its signature the result is borrowed. Under
 * AddressSanitizer each piece is its own malloc, so that tools see it.
 */
#include "base/base.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	char *next;
	size_t left;
	size_t used; /* bytes handed out, for limits and tests */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);

/* Zeroed, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc));
#define arena_new(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define arena_array(arena, count, type) ((type *)arena_alloc_array(arena, count, sizeof(type)))
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

/* A larger copy of an array of `old` items; the old one stays in the arena. */
void *arena_grow(struct arena *arena, const void *items, size_t old, size_t count, size_t size);

/* Copies, always NUL-terminated. NULL gives NULL. */
char *arena_text(struct arena *arena, const char *text);
char *arena_bytes(struct arena *arena, const void *bytes, size_t length);
char *arena_view(struct arena *arena, struct view view);
char *arena_format(struct arena *arena, const char *format, ...) FORMAT(2, 3);

#endif
