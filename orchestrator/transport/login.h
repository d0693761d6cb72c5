#ifndef ORCHESTRATOR_TRANSPORT_LOGIN_H
#define ORCHESTRATOR_TRANSPORT_LOGIN_H
/*
 * Who we are: keys one by one (the signature at once, no question before it), then the password.
 * Stepped after every event of the session.
 */
#include <libssh/libssh.h>

#include "orchestrator/transport/target.h"
#include "orchestrator/transport/transport.h"

enum login_result {
	LOGIN_AGAIN,
	LOGIN_DONE,
	LOGIN_LOST,   /* the connection is gone; libssh knows why */
	LOGIN_FAILED, /* refused, err says what was tried */
};

struct login;

struct login *login_new(struct transport *transport, struct target *target, ssh_session ssh);
void login_free(struct login *login); /* NULL is harmless */
enum login_result login_step(struct login *login, struct error *err);
/* A person was asked since the last call: the deadline begins anew. */
bool login_was_waiting(struct login *login);

#endif
