#ifndef ORCHESTRATOR_TRANSPORT_IDENTITY_H
#define ORCHESTRATOR_TRANSPORT_IDENTITY_H
/*
 * The keys to log in with: files, read once per run on the pool, and those of the agent. A file
 * that is encrypted is unlocked once, when a server has said that it would take the key, and shared
 * by all.
 */
#include <libssh/libssh.h>

#include "orchestrator/transport/agent.h"
#include "orchestrator/transport/ssh_config.h"
#include "orchestrator/transport/transport.h"

enum identity_state {
	IDENTITY_LOADING,
	IDENTITY_MISSING,
	IDENTITY_BROKEN,  /* `why` says */
	IDENTITY_PUBLIC,  /* only the public half: for an agent key */
	IDENTITY_LOCKED,  /* encrypted; the public half may be known */
	IDENTITY_OPENING, /* being decrypted */
	IDENTITY_READY,
	IDENTITY_REFUSED, /* encrypted, and nobody knew the passphrase */
};

struct identity {
	const char *path;
	enum identity_state state;
	ssh_key key;	     /* private */
	ssh_key certified;   /* private, with the certificate beside the file */
	ssh_key public_key;  /* may be NULL */
	char *public_base64; /* may be NULL */
	char why[256];
	bool is_unsafe; /* readable by others */
	int tries;	/* of passphrases */
};

/* How a login will be tried, in order. */
enum credential_kind { CREDENTIAL_KEY, CREDENTIAL_AGENT, CREDENTIAL_LOCKED };

struct credential {
	enum credential_kind kind;
	struct identity *identity;
	ssh_key key; /* CREDENTIAL_KEY */
	const struct agent_key *agent_key;
};

#define MAX_KEY_TRIES 5 /* sshd's MaxAuthTries is 6, and closes at the sixth */

struct credentials {
	struct credential items[MAX_KEY_TRIES];
	size_t count;
	size_t left_out; /* more keys than tries */
	const char *agent_path;
	struct identity *broken; /* one that could not be used, for the message */
};

struct identities *identities_new(struct transport *transport);
void identities_free(struct identities *identities);

/* Calls `ready` when all files and the agent have been looked at. */
struct identity_wait *identity_wait_new(struct transport *transport,
	const struct ssh_options *options, void (*ready)(void *context), void *context);
void identity_wait_cancel(struct identity_wait *wait); /* before `ready`; NULL is harmless */

void identities_choose(
	struct transport *transport, const struct ssh_options *options, struct credentials *out);

/* Asks for the passphrase; the sessions that log in are woken when the state has changed. */
void identity_unlock(struct transport *transport, struct identity *identity);

#endif
