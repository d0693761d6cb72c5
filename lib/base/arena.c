/* Bump allocation in blocks of growing size; under ASan every piece is a block of its own. */
#include "base/arena.h"

#include <stdarg.h>

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 256 * 1024, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *older;
	size_t size;
	_Alignas(16) char bytes[];
};

#if defined(__SANITIZE_ADDRESS__)
#define EACH_ALONE true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ALONE true
#endif
#endif
#ifndef EACH_ALONE
#define EACH_ALONE false
#endif

void
arena_init(struct arena *arena)
{
	memset(arena, 0, sizeof(*arena));
}

void
arena_release(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
	arena_init(arena);
}

static struct arena_block *
block_new(struct arena *arena, size_t size)
{
	struct arena_block *block = memory_get(sizeof(*block) + size);

	block->older = arena->blocks;
	block->size = size;
	arena->blocks = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	void *memory;

	if (rounded < size)
		BUG("arena_alloc of %zu bytes", size);
	arena->used += rounded;
	if (EACH_ALONE)
		return block_new(arena, size)->bytes;
	if (rounded > arena->left) {
		size_t block =
			arena->blocks ? MIN(arena->blocks->size * 2, LARGEST_BLOCK) : FIRST_BLOCK;

		if (rounded > block / 2) { /* alone, and the current block stays in use */
			struct arena_block *own = block_new(arena, rounded);

			if (own->older) {
				arena->blocks = own->older;
				own->older = arena->blocks->older;
				arena->blocks->older = own;
			}
			return own->bytes;
		}
		arena->next = block_new(arena, block)->bytes;
		arena->left = block;
	}
	memory = arena->next;
	arena->next += rounded;
	arena->left -= rounded;
	return memory;
}

void *
arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		BUG("arena_array of %zu items", count);
	return arena_alloc(arena, total);
}

void *
arena_grow(struct arena *arena, const void *items, size_t old, size_t count, size_t size)
{
	void *larger = arena_alloc_array(arena, count, size);

	if (old)
		memcpy(larger, items, old * size);
	return larger;
}

char *
arena_bytes(struct arena *arena, const void *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *
arena_text(struct arena *arena, const char *text)
{
	return text ? arena_bytes(arena, text, strlen(text)) : NULL;
}

char *
arena_view(struct arena *arena, struct view view)
{
	return arena_bytes(arena, view.data, view.length);
}

char *
arena_format(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		BUG("arena_format '%s'", format);
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
