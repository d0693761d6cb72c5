#ifndef ORCHESTRATOR_TRANSPORT_PATTERN_H
#define ORCHESTRATOR_TRANSPORT_PATTERN_H
/* The patterns of ssh_config and known_hosts: `*` and `?`, in lists where `!` excludes. */
#include "base/str.h"

/* Linear in time, whatever the pattern. Host names compare without case. */
bool pattern_matches(struct view pattern, const char *text, bool ignore_case);
/* A list separated by `separator`: one that matches and none that excludes. */
bool pattern_list_matches(struct view list, char separator, const char *text, bool ignore_case);
/* As above, 0 when nothing is said, 1 when a pattern matches, -1 when one excludes. */
int pattern_list_verdict(struct view list, char separator, const char *text, bool ignore_case);

#endif
