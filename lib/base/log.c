/* One line at a time, to a sink. */
#include "base/log.h"

#include <stdarg.h>

enum log_level log_level = LOG_NONE;
static log_sink *sink;

void
log_set_sink(log_sink *new_sink)
{
	sink = new_sink;
}

void
log_write(enum log_level level, const char *format, ...)
{
	char line[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (sink)
		sink(level, line);
	else
		fprintf(stderr, "ertc: %s\n", line);
}
