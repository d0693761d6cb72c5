#ifndef ORCHESTRATOR_REPORT_LIVE_H
#define ORCHESTRATOR_REPORT_LIVE_H
/* The lines at the foot of a terminal: one per busy host, what it does and for how long. NULL does
 * nothing. */
#include "base/base.h"

struct live;
struct live *live_new(FILE *file);
void live_free(struct live *live);
void live_set(struct live *live, const char *host, const char *what); /* NULL: no longer busy */
void live_hide(struct live *live); /* before anything else is printed */
void live_hold(struct live *live, bool is_held); /* held: hidden, and not drawn */
void live_draw(struct live *live);

#endif
