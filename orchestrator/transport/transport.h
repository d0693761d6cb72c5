#ifndef ORCHESTRATOR_TRANSPORT_TRANSPORT_H
#define ORCHESTRATOR_TRANSPORT_TRANSPORT_H
/* What all connections of a run share. */
#include "base/map.h"
#include "orchestrator/delivery/link.h"
#include "orchestrator/transport/ssh_config.h"

struct bastion;
struct identities;
struct known_hosts;
struct session;
struct slot;

struct transport {
	struct transport_settings settings;
	struct loop *loop;
	struct ssh_config *config;
	struct known_hosts *known_hosts;
	struct identities *identities;
	struct session *sessions; /* all, so that none outlives the run */
	struct bastion *bastions;
	struct slot *waiting, **waiting_end;
	int connecting;
	size_t logins;
	struct link *links; /* these two are kept by orchestrator/delivery */
	struct runner_store *runners;
};

/* A place among the logins under way at the same time. */
struct slot {
	struct transport *transport;
	void (*granted)(void *context);
	void *context;
	bool is_granted, is_waiting;
	struct slot *next;
};

/* Calls `granted` now or later. */
void slot_take(struct slot *slot, struct transport *transport, void (*granted)(void *context),
	void *context);
void slot_give_back(struct slot *slot); /* harmless when there is none */

struct transport *transport_create(const struct transport_settings *settings);
void transport_destroy(struct transport *transport); /* the links are gone */
void transport_sessions_destroy(struct transport *transport);
void transport_warn(struct transport *transport, const char *format, ...) FORMAT(2, 3);
bool transport_ask(
	struct transport *transport, const char *prompt, bool is_secret, char *answer, size_t size);

#endif
