/*
 * ready: a host that was just made is waited for: until it can be logged in to, and until
 * cloud-init has done what its user data asks for. What cloud-init failed at is a failure here,
 * before anything is built upon it.
 */
#include "roles/role.h"

static const struct role_variable variables[] = {
	{ "ready_timeout", ROLE_INT, "900",
		.doc = "Seconds for each of the two: the login, and cloud-init." },
	{ "ready_sleep", ROLE_INT, "3", .doc = "Seconds between two tries to log in." },
	{ "ready_cloud_init", ROLE_BOOL, "true",
		.doc = "Wait for cloud-init where it is installed." },
	{ "ready_tolerates_degraded", ROLE_BOOL, "true",
		.doc = "Warnings of cloud-init (recoverable errors) are no failure." },
	{ NULL },
};

#define FOUND "ready_cloud_init | bool and ready_found.stat.exists"

static const struct role_row tasks[] = {
	TASK("Wait for the login", wait_for_connection,
		ARGS({ "timeout", "{{ ready_timeout }}" }, { "sleep", "{{ ready_sleep }}" }),
		.tags = "ready,always"),
	TASK("Is there cloud-init", stat, ARGS({ "path", "/usr/bin/cloud-init" }),
		.register_as = "ready_found", .tags = "ready,always"),
	TASK("Wait for cloud-init", command,
		ARGS({ "cmd", "timeout {{ ready_timeout }} cloud-init status --wait --long" }),
		.register_as = "ready_status", .when = FOUND, .changed_when = "false",
		.check_mode = "false",
		.failed_when = "ready_status.rc == 1 or ready_status.rc == 124 or (ready_status.rc "
			       "== 2 and not "
			       "ready_tolerates_degraded | bool)",
		.tags = "ready,always"),
	TASKS_END,
};

const struct role_table role_ready = {
	.name = "ready",
	.summary = "Wait until a new host can be logged in to and cloud-init has ended",
	.variables = variables,
	.tasks = tasks,
};
