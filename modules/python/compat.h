#ifndef MODULES_PYTHON_COMPAT_H
#define MODULES_PYTHON_COMPAT_H
/* The text of compat.py, compiled into the controller (the Makefile writes it). */
#include <stddef.h>

extern const char python_compat[];
extern const size_t python_compat_size;

#endif
