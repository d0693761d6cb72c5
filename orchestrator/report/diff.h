#ifndef ORCHESTRATOR_REPORT_DIFF_H
#define ORCHESTRATOR_REPORT_DIFF_H
#include "value/value.h"

/* A result's `diff` (a map or a list of maps with before, after, *_header, or prepared) as unified
 * text. */
void diff_add(const struct value *diff, size_t largest, bool is_colored, struct str *out);

#endif
