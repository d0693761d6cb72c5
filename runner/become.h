#ifndef RUNNER_BECOME_H
#define RUNNER_BECOME_H
/*
 * Other users: the runner starts itself once more through sudo, su, doas or runuser, on pipes, and
 * passes frames on (docs/PROTOCOL.md §7). One inner runner per (method, user, exe, flags), for as
 * long as the session lives.
 */
#include "runner/session.h"

struct relay;

/* We are that user already. */
bool become_is_needless(const struct message_become *become);
/* There is no such user (yet). */
bool become_is_to_nobody(const struct message_become *become);

/* The inner runner for these settings, started if need be. NULL: it could not be (err). */
struct relay *relay_find(
	struct session *session, const struct message_become *become, struct error *err);
/* Its result for the task, in the task's arena. NULL: the inner runner is gone (err), and closed.
 */
const struct value *relay_execute(struct session *session, struct relay *relay,
	struct queued_task *queued, struct error *err);
void relay_forward(struct relay *relay, enum frame_type type, struct view body);
void relay_cancel(struct relay *relay, uint32_t id);
void relay_close(struct session *session, struct relay *relay);

#endif
