/* Lines of a text. */
#include "module/lines.h"

#include <errno.h>
#include <string.h>

enum { EDIT_MAX = 64 * 1024 * 1024 };

void
lines_insert(struct arena *arena, struct lines *lines, size_t at, struct view line)
{
	if (lines->count == lines->room) {
		lines->room = MAX(lines->room * 2, (size_t)64);
		lines->items = arena_grow(
			arena, lines->items, lines->count, lines->room, sizeof(struct view));
	}
	memmove(lines->items + at + 1, lines->items + at,
		(lines->count - at) * sizeof(struct view));
	lines->items[at] = line;
	lines->count++;
}

void
lines_cut(struct arena *arena, struct view text, struct lines *out)
{
	*out = (struct lines){ 0 };
	while (text.length) {
		const char *end = memchr(text.data, '\n', text.length);
		size_t length = end ? (size_t)(end - text.data) + 1 : text.length;

		lines_insert(arena, out, out->count, (struct view){ text.data, length });
		text.data += length;
		text.length -= length;
	}
}

void
lines_remove(struct lines *lines, size_t at, size_t count)
{
	memmove(lines->items + at, lines->items + at + count,
		(lines->count - at - count) * sizeof(struct view));
	lines->count -= count;
}

struct view
lines_join(struct arena *arena, const struct lines *lines)
{
	_cleanup_str_ struct str text = STR_INIT;

	for (size_t i = 0; i < lines->count; i++)
		str_add_view(&text, lines->items[i]);
	return (struct view){ arena_view(arena, str_view(&text)), text.length };
}

struct view
line_text(struct view line)
{
	while (line.length && strchr("\r\n", line.data[line.length - 1]))
		line.length--;
	return line;
}

bool
edit_load(struct module_call *call, const char *path, const char **real, struct view *text,
	bool *was_there, struct error *err)
{
	_cleanup_str_ struct str bytes = STR_INIT;
	char resolved[PATH_MAX];
	struct stat info;

	*real = realpath(path, resolved) ? arena_text(call->arena, resolved) : path;
	*text = VIEW("");
	*was_there = false;
	if (stat(*real, &info) < 0)
		return errno == ENOENT || fail_errno(err, "cannot look at '%s'", path);
	if (S_ISDIR(info.st_mode)) {
		result_int(call, "rc", 256);
		return fail(err, ERR_TASK, "Path %s is a directory !", path);
	}
	if (!file_read(*real, EDIT_MAX, &bytes, err))
		return false;
	*text = (struct view){ arena_view(call->arena, str_view(&bytes)), bytes.length };
	*was_there = true;
	return true;
}
