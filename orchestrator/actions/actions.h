#ifndef ORCHESTRATOR_ACTIONS_ACTIONS_H
#define ORCHESTRATOR_ACTIONS_ACTIONS_H
/* The functions behind the rows of action_table. */
#include "orchestrator/actions/action.h"

bool action_add_host(struct action_call *call, struct error *err);
bool action_assert(struct action_call *call, struct error *err);
bool action_debug(struct action_call *call, struct error *err);
bool action_fail(struct action_call *call, struct error *err);
bool action_fetch(struct action_call *call, struct error *err);
bool action_fetch_finish(struct action_call *call, const struct value *raw, struct error *err);
bool action_group_by(struct action_call *call, struct error *err);
bool action_include(struct action_call *call, struct error *err);
bool action_include_vars(struct action_call *call, struct error *err);
bool action_meta(struct action_call *call, struct error *err);
bool action_pause(struct action_call *call, struct error *err);
bool action_reboot(struct action_call *call, struct error *err);
bool action_set_stats(struct action_call *call, struct error *err);
bool action_set_fact(struct action_call *call, struct error *err);
bool action_validate_argument_spec(struct action_call *call, struct error *err);
bool action_wait_for_connection(struct action_call *call, struct error *err);

#endif
