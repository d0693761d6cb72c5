#ifndef ORCHESTRATOR_RUN_START_H
#define ORCHESTRATOR_RUN_START_H
/* A run that reads and does nothing: for who explains and checks. */
#include "orchestrator/run/internal.h"

struct run *run_start(const struct run_settings *settings, struct inventory *inventory,
	struct report *report);
void run_stop(struct run *run);

#endif
