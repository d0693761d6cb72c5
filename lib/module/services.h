#ifndef LIB_MODULE_SERVICES_H
#define LIB_MODULE_SERVICES_H
/* Services: systemd's units, and the init scripts of OpenRC and SysV. Used by the modules service
 * and systemd. */
#include "module/host.h"

struct service_wanted {
	const char *name;  /* NULL: only daemon_reload */
	const char *state; /* started, stopped, restarted, reloaded; NULL: leave it */
	enum param_switch enabled, masked;
	bool daemon_reload, daemon_reexec, no_block, force;
	const char *scope; /* system, user, global */
	const char *runlevel, *arguments;
	int64_t sleep;
};

bool unit_inspect(struct module_call *call, const struct service_wanted *wanted,
	struct error *err) MUST_CHECK;
bool unit_apply(struct module_call *call, const struct service_wanted *wanted,
	struct error *err) MUST_CHECK;
bool script_service_inspect(struct module_call *call, const struct service_wanted *wanted,
	struct error *err) MUST_CHECK;
bool script_service_apply(struct module_call *call, const struct service_wanted *wanted,
	struct error *err) MUST_CHECK;
/* Is systemd at work here (and not only installed)? */
bool systemd_is_running(void);
/* Would it be, if this root were booted (a chroot)? */
bool systemd_is_init(void);

#endif
