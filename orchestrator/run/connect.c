/* How to reach a host: its variables, the task's keywords, the command line's settings, in this
 * order. */
#include "orchestrator/run/internal.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool
variable(struct task_scope *scope, struct arena *into, const char *const *names, const char **out,
	struct error *err)
{
	*out = NULL;
	for (; *names && !*out; names++) {
		const struct value *raw;

		if (!scope_find(&scope->scope, into, view_of(*names), &raw, err))
			return false;
		if (raw && !evaluate_text(scope, into, raw, out, err))
			return false;
	}
	return true;
}

static bool
variable_or_keyword(struct task_scope *scope, struct arena *into, const char *const *names,
	enum keyword keyword, const char *setting, const char **out, struct error *err)
{
	if (!variable(scope, into, names, out, err))
		return false;
	if (!*out && scope->task && !keyword_text(scope, into, scope->task, keyword, out, err))
		return false;
	if (!*out)
		*out = setting;
	return true;
}

static bool
settings_number(struct task_scope *scope, struct arena *into, const char *const *names,
	enum keyword keyword, int64_t *out, struct error *err)
{
	const char *text;

	if (!variable_or_keyword(scope, into, names, keyword, NULL, &text, err))
		return false;
	if (!text || number_parse(view_of(text), out))
		return true;
	return fail(err, ERR_TYPE, "%s is no number: '%.60s'", names[0], text);
}

/* The default host key policy is accept-new; host_key_checking=False of ansible.cfg and variables
 * means off. */
static bool
settings_host_keys(
	struct task_scope *scope, struct arena *into, const char **out, struct error *err)
{
	const char *text;
	bool checks;

	if (!variable(scope, into,
		    NAMES("ansible_host_key_checking", "ansible_ssh_host_key_checking"), &text,
		    err))
		return false;
	*out = scope->run->settings->host_key_checking;
	if (!text)
		return true;
	if (value_to_bool(value_text(into, text), &checks))
		*out = checks ? NULL : "off";
	else
		*out = text;
	return true;
}

bool
link_settings_read(struct task_scope *scope, struct arena *into, const char *name,
	struct link_settings *out, struct error *err)
{
	const struct run_settings *settings = scope->run->settings;
	int64_t port = 0;

	*out = (struct link_settings){ .name = name, .timeout_s = settings->timeout_s };
	if (!variable_or_keyword(scope, into, NAMES("ansible_connection"), KEYWORD_CONNECTION,
		    settings->connection, &out->connection, err) ||
		!variable(
			scope, into, NAMES("ansible_host", "ansible_ssh_host"), &out->host, err) ||
		!settings_number(scope, into, NAMES("ansible_port", "ansible_ssh_port"),
			KEYWORD_PORT, &port, err) ||
		!variable_or_keyword(scope, into, NAMES("ansible_user", "ansible_ssh_user"),
			KEYWORD_REMOTE_USER, settings->remote_user, &out->user, err) ||
		!variable(scope, into,
			NAMES("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"),
			&out->password, err) ||
		!variable(scope, into,
			NAMES("ansible_ssh_private_key_file", "ansible_private_key_file"),
			&out->private_key_file, err) ||
		!variable(scope, into, NAMES("ansible_ssh_common_args"), &out->ssh_common_args,
			err) ||
		!variable(
			scope, into, NAMES("ansible_ssh_extra_args"), &out->ssh_extra_args, err) ||
		!variable(
			scope, into, NAMES("ansible_ssh_executable"), &out->ssh_executable, err) ||
		!variable(scope, into, NAMES("ertc_remote_dir"), &out->remote_dir, err) ||
		!settings_host_keys(scope, into, &out->host_key_checking, err))
		return false;
	out->port = (int)port;
	if (!out->host)
		out->host = name;
	if (!out->password)
		out->password = settings->connection_password;
	if (!out->private_key_file)
		out->private_key_file = settings->private_key_file;
	if (!out->ssh_common_args)
		out->ssh_common_args = settings->ssh_common_args;
	if (!out->ssh_extra_args)
		out->ssh_extra_args = settings->ssh_extra_args;
	if (out->connection && text_starts(out->connection, "ansible.builtin."))
		out->connection += strlen("ansible.builtin.");
	if (out->password)
		report_secret(scope->run->report, view_of(out->password));
	return true;
}
