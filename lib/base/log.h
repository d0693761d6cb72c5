#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H
/*
 * The log is for us; the report is for the person. Off by default (a log_debug then costs one
 * comparison). The runner sets a sink that sends each line as a frame; the controller's writes to
 * stderr at -vvv and -vvvv.
 */
#include "base/base.h"

enum log_level { LOG_NONE, LOG_ERROR, LOG_INFO, LOG_DEBUG };

extern enum log_level log_level;

typedef void log_sink(enum log_level level, const char *line);
void log_set_sink(log_sink *sink); /* NULL: stderr */
void log_write(enum log_level level, const char *format, ...) FORMAT(2, 3);

#define log_at(level, ...)                             \
	do {                                           \
		if (log_level >= (level))              \
			log_write(level, __VA_ARGS__); \
	} while (0)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

#endif
