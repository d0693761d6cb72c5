/* What all connections share, and the places for logins under way. */
#include "orchestrator/transport/transport.h"

#include <libssh/libssh.h>
#include <stdarg.h>

#include "orchestrator/transport/bastion.h"
#include "orchestrator/transport/identity.h"
#include "orchestrator/transport/known_hosts.h"

#define CONNECTS_AT_ONCE 50

/* Places. */

static void
slots_grant(void *context)
{
	struct transport *transport = context;

	while (transport->waiting && transport->connecting < transport->settings.connects_at_once) {
		struct slot *slot = transport->waiting;

		transport->waiting = slot->next;
		if (!transport->waiting)
			transport->waiting_end = &transport->waiting;
		slot->is_waiting = false;
		slot->is_granted = true;
		transport->connecting++;
		slot->granted(slot->context);
	}
}

void
slot_take(struct slot *slot, struct transport *transport, void (*granted)(void *context),
	void *context)
{
	*slot = (struct slot){
		.transport = transport, .granted = granted, .context = context, .is_waiting = true
	};
	*transport->waiting_end = slot;
	transport->waiting_end = &slot->next;
	slots_grant(transport);
}

void
slot_give_back(struct slot *slot)
{
	struct transport *transport = slot->transport;

	if (slot->is_granted) {
		transport->connecting--;
		loop_later(transport->loop, slots_grant, transport);
	} else if (slot->is_waiting) {
		struct slot **at = &transport->waiting;

		while (*at != slot)
			at = &(*at)->next;
		*at = slot->next;
		if (!*at)
			transport->waiting_end = at;
	}
	slot->is_granted = slot->is_waiting = false;
}

/* The whole. */

struct transport *
transport_create(const struct transport_settings *settings)
{
	struct transport *transport = memory_get(sizeof(*transport));

	*transport = (struct transport){ .settings = *settings, .loop = settings->loop };
	if (!transport->settings.connects_at_once)
		transport->settings.connects_at_once = CONNECTS_AT_ONCE;
	transport->waiting_end = &transport->waiting;
	transport->config = ssh_config_new(NULL, NULL, settings->warn, settings->context);
	transport->known_hosts = known_hosts_new();
	transport->identities = identities_new(transport);
	ssh_init();
	return transport;
}

void
transport_destroy(struct transport *transport)
{
	transport_bastions_free(transport);
	transport_sessions_destroy(transport);
	loop_later_cancel(transport->loop, slots_grant, transport);
	identities_free(transport->identities);
	known_hosts_free(transport->known_hosts);
	ssh_config_free(transport->config);
	free(transport);
}

void
transport_warn(struct transport *transport, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ssh_config_warn(transport->config, "%s", text);
}

bool
transport_ask(
	struct transport *transport, const char *prompt, bool is_secret, char *answer, size_t size)
{
	const struct transport_settings *settings = &transport->settings;

	return settings->can_ask && settings->ask &&
	       settings->ask(settings->context, prompt, is_secret, answer, size);
}
