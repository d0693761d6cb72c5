/* reboot: restart the host and wait until it is back. The controller's action. */
#include "module/module.h"

struct reboot_args {
	double pre_reboot_delay, post_reboot_delay;
	int64_t reboot_timeout, connect_timeout;
	const char *test_command, *msg, *boot_time_command, *reboot_command;
	const char *const *search_paths;
};

#define A struct reboot_args
static const struct param params[] = { PARAM_FLOAT(A, pre_reboot_delay, .fallback = "0",
					       .doc = "Seconds before the host goes down, rounded "
						      "down to whole minutes."),
	PARAM_FLOAT(A, post_reboot_delay, .fallback = "0",
		.doc = "Seconds between the command and the first look whether the host is back."),
	PARAM_INT(A, reboot_timeout, .fallback = "600",
		.doc = "Seconds until another boot must be seen, and again until test_command must "
		       "succeed."),
	PARAM_INT(A, connect_timeout, .doc = "Seconds for one attempt to connect."),
	PARAM_STRING(A, test_command, .fallback = "whoami",
		.doc = "What must succeed before the play goes on."),
	PARAM_STRING(A, msg, .fallback = "Reboot initiated by Ansible",
		.doc = "What users of the host are told."),
	PARAM_TEXTS(A, search_paths, .fallback = "/sbin,/bin,/usr/sbin,/usr/bin,/usr/local/sbin",
		.doc = "Where the command is looked for."),
	PARAM_STRING(A, boot_time_command, .fallback = "cat /proc/sys/kernel/random/boot_id",
		.doc = "Prints something else after each boot."),
	PARAM_STRING(A, reboot_command,
		.doc = "Another command than shutdown, with its arguments; pre_reboot_delay and "
		       "msg "
		       "do not count then."),
	PARAMS_END };
#undef A

static const struct module_return returns[] = { { "rebooted", "bool", "Did the host go down?" },
	{ "elapsed", "int", "Seconds until it was back." }, { NULL, NULL, NULL } };

const struct module module_reboot = {
	.name = "reboot",
	.summary = DOC("Restart the host and wait until it is back"),
	.params = params,
	.params_size = sizeof(struct reboot_args),
	.returns = DOC(returns),
	.examples = DOC("- reboot:\n"
			"    reboot_timeout: 300\n"
			"    test_command: systemctl is-system-running --wait\n"),
	.check = SUPPORT_FULL,
};
