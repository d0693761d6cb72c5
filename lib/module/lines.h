#ifndef LIB_MODULE_LINES_H
#define LIB_MODULE_LINES_H
/* A text as lines that keep their ends, for the modules that edit files. */
#include "module/attributes.h"

struct lines {
	struct view *items;
	size_t count, room;
};

void lines_cut(struct arena *arena, struct view text, struct lines *out);
void lines_insert(struct arena *arena, struct lines *lines, size_t at, struct view line);
void lines_remove(struct lines *lines, size_t at, size_t count);
struct view lines_join(struct arena *arena, const struct lines *lines);
/* Without \r and \n at the end. */
struct view line_text(struct view line);

/* The file's real path and its text. False: it cannot be read. `*was_there` false: there is none,
 * and no error. */
bool edit_load(struct module_call *call, const char *path, const char **real, struct view *text,
	bool *was_there, struct error *err) MUST_CHECK;

#endif
