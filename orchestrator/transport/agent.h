#ifndef ORCHESTRATOR_TRANSPORT_AGENT_H
#define ORCHESTRATOR_TRANSPORT_AGENT_H
/*
 * The user's ssh-agent. Its keys are listed once; for a login, libssh is given a socket on which it
 * sees only the keys we chose, in our order (it would else try every key of the agent, and sshd
 * closes after six).
 */
#include "base/error.h"

struct agent_key {
	char *type;    /* "ssh-ed25519" */
	char *base64;  /* of the blob, as in a .pub file */
	char *comment; /* cleaned for printing */
	unsigned char *blob;
	size_t size;
};

struct agent_keys {
	struct agent_key *keys;
	size_t count;
};

/* A connection to it, or -1. The caller owns it. */
int agent_connect(const char *path);

/* Blocks; for the pool. No agent, or none that answers: no keys. */
void agent_list(const char *socket_path, struct agent_keys *out);
void agent_keys_release(struct agent_keys *keys);

/* A socket that speaks the agent's protocol and offers `keys` alone. -1: failed. The caller owns
 * it. */
int agent_offer(const char *socket_path, const struct agent_key *const *keys, size_t count);

#endif
