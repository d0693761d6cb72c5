#ifndef ORCHESTRATOR_DELIVERY_LOCAL_H
#define ORCHESTRATOR_DELIVERY_LOCAL_H
/* The runner as a child of ours: from memory, or from a file where memory may not be executed. */
#include "orchestrator/transport/road.h"

bool local_start(
	struct road *road, const unsigned char *bytes, size_t size, struct error *err) MUST_CHECK;

#endif
