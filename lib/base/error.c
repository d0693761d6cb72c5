/* Failures carry their text inside; nothing here can fail. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

#define WRITE(field)                                                     \
	do {                                                             \
		va_list args;                                            \
		va_start(args, format);                                  \
		vsnprintf(err->field, sizeof(err->field), format, args); \
		va_end(args);                                            \
	} while (0)

int
error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	if (!err)
		return 0;
	error_clear(err);
	err->kind = kind;
	WRITE(what);
	return 0;
}

int
error_set_errno(struct error *err, const char *format, ...)
{
	int code = errno;

	if (!err)
		return 0;
	error_clear(err);
	err->kind = ERR_IO;
	err->code = code;
	WRITE(what);
	snprintf(err->why, sizeof(err->why), "%s", strerror(code));
	return 0;
}

int
error_set_why(struct error *err, const char *format, ...)
{
	if (err)
		WRITE(why);
	return 0;
}

int
error_set_hint(struct error *err, const char *format, ...)
{
	if (err)
		WRITE(hint);
	return 0;
}

int
error_set_where(struct error *err, const char *format, ...)
{
	if (err)
		WRITE(where);
	return 0;
}

int
error_add_where(struct error *err, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return 0;
	used = strlen(err->where);
	if (used && used + 3 < sizeof(err->where)) {
		memcpy(err->where + used, ", ", 3);
		used += 2;
	}
	va_start(args, format);
	vsnprintf(err->where + used, sizeof(err->where) - used, format, args);
	va_end(args);
	return 0;
}

void
error_clear(struct error *err)
{
	if (!err)
		return;
	err->kind = ERR_NONE;
	err->code = 0;
	err->what[0] = err->where[0] = err->why[0] = err->hint[0] = '\0';
	err->excerpt[0] = '\0';
}

void
error_set_excerpt(
	struct error *err, const char *text, size_t length, uint32_t line, uint32_t column)
{
	enum { SHOWN = 100, BEFORE = 60 };
	const char *from = text, *end = text + length, *stop;
	size_t caret, cut = 0, at;

	if (!err || !line || !column)
		return;
	for (; line > 1 && from < end; from++)
		line -= *from == '\n';
	stop = memchr(from, '\n', (size_t)(end - from));
	stop = stop ? stop : end;
	caret = MIN((size_t)column - 1, (size_t)(stop - from));
	if (caret > BEFORE) /* a long line: what is around the place */
		cut = caret - BEFORE;
	from += cut;
	caret -= cut;
	snprintf(err->excerpt, sizeof(err->excerpt), "%.*s\n",
		(int)MIN((size_t)(stop - from), (size_t)SHOWN), from);
	at = strlen(err->excerpt);
	for (size_t i = 0; i < caret && at + 2 < sizeof(err->excerpt); i++)
		err->excerpt[at++] = from[i] == '\t' ? '\t' : ' ';
	snprintf(err->excerpt + at, sizeof(err->excerpt) - at, "^");
}

const char *
error_line(const struct error *err, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s%s%s", err->what, err->why[0] ? ": " : "", err->why);
	return buffer;
}
