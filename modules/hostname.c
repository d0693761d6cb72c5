/* hostname: the machine's name, now and at boot. */
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "module/lines.h"
#include "module/services.h"
#include "modules/facts/facts.h"

struct hostname_args {
	const char *name, *use;
};

static const struct param params[] = { PARAM_STRING(struct hostname_args, name, .required = true,
					       .doc = "The name."),
	PARAM_STRING(struct hostname_args, use,
		.choices = TEXTS("alpine", "debian", "freebsd", "generic", "macos", "macosx",
			"darwin", "openbsd", "openrc", "redhat", "sles", "solaris", "systemd"),
		.doc = "How the machine keeps it: systemd, debian, alpine, openrc, redhat, sles. "
		       "Default: as it is found."),
	PARAMS_END };

static const struct module_return returns[] = { { "name", "str", "The name." },
	{ "ansible_facts", "dict", "hostname, nodename, fqdn and domain." }, { NULL, NULL, NULL } };

/* A file that holds the name, alone or behind a key. */
struct keeping {
	const char *use, *file, *key;
	bool quotes, sets_now;
};

static const struct keeping keepings[] = {
	{ "alpine", "/etc/hostname", NULL, false, true },
	{ "openrc", "/etc/conf.d/hostname", "hostname=", true, false },
	{ "redhat", "/etc/sysconfig/network", "HOSTNAME=", false, false },
	{ "sles", "/etc/HOSTNAME", NULL, false, false },
	{ "file", "/etc/hostname", NULL, false, false },
};

struct hostname_call {
	const struct keeping *keeping; /* NULL: systemd */
	const char *now, *at_boot;     /* now NULL: the file is all there is */
};

static const struct keeping *
keeping_of(const char *use)
{
	for (size_t i = 0; i < ARRAY_SIZE(keepings); i++)
		if (text_equals(keepings[i].use, use))
			return &keepings[i];
	return NULL;
}

/* NULL with err untouched: systemd. */
static bool
choose(struct module_call *call, const struct keeping **out, struct error *err)
{
	const struct hostname_args *args = call->args;
	bool is_systemd =
		args->use ? text_equals(args->use, "systemd") || text_equals(args->use, "debian")
			  : systemd_is_running() && program_find(call->arena, "hostnamectl");

	*out = NULL;
	if (is_systemd)
		return true;
	*out = args->use ? keeping_of(args->use)
			 : keeping_of(file_exists("/etc/alpine-release")    ? "alpine"
				      : file_exists("/etc/conf.d/hostname") ? "openrc"
				      : file_exists("/etc/HOSTNAME")	    ? "sles"
									    : "file");
	return *out || fail(err, ERR_UNSUPPORTED, "hostname module cannot be used with '%s' here",
			       args->use);
}

static bool
line_has_name(const struct keeping *keeping, struct view line)
{
	line = view_trim(line);
	return keeping->key ? view_starts(line, keeping->key) : line.length && line.data[0] != '#';
}

static bool
read_file(struct module_call *call, const struct keeping *keeping, const char **out,
	struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct view rest, line;

	*out = "";
	if (!file_exists(keeping->file))
		return true;
	if (!file_read(keeping->file, 1024 * 1024, &text, err))
		return false;
	rest = str_view(&text);
	while (view_cut(&rest, '\n', &line)) {
		if (!line_has_name(keeping, line))
			continue;
		line = view_trim(line);
		if (keeping->key) {
			line.data += strlen(keeping->key);
			line.length -= strlen(keeping->key);
		}
		while (line.length && strchr("\"'", line.data[0]))
			line = (struct view){ line.data + 1, line.length - 1 };
		while (line.length && strchr("\"'", line.data[line.length - 1]))
			line.length--;
		*out = arena_view(call->arena, line);
		return true;
	}
	return true;
}

static bool
ask_systemd(struct module_call *call, const char *which, const char **out, struct error *err)
{
	if (!module_run_well(call, TEXTS("hostnamectl", which, "status"), out, err))
		return false;
	*out = arena_view(call->arena, view_trim(view_of(*out)));
	return true;
}

static void
set_results(struct module_call *call)
{
	const struct hostname_args *args = call->args;
	struct value *facts = value_map(call->arena);
	const char *fqdn = facts_fqdn(call->arena, args->name), *dot = strchr(fqdn, '.');

	value_set(call->arena, facts, "ansible_hostname",
		value_bytes(call->arena, args->name, strcspn(args->name, ".")));
	value_set(call->arena, facts, "ansible_nodename", value_text(call->arena, args->name));
	value_set(call->arena, facts, "ansible_fqdn", value_text(call->arena, fqdn));
	value_set(
		call->arena, facts, "ansible_domain", value_text(call->arena, dot ? dot + 1 : ""));
	result_text(call, "name", args->name);
	result_set(call, "ansible_facts", facts);
}

static bool
look(struct module_call *call, struct hostname_call *host, struct error *err)
{
	struct utsname names;

	if (!choose(call, &host->keeping, err))
		return false;
	if (!host->keeping)
		return ask_systemd(call, "--static", &host->at_boot, err) &&
		       ask_systemd(call, "--transient", &host->now, err);
	if (host->keeping->sets_now && uname(&names) == 0)
		host->now = arena_text(call->arena, names.nodename);
	return read_file(call, host->keeping, &host->at_boot, err);
}

static bool
hostname_inspect(struct module_call *call, struct error *err)
{
	const struct hostname_args *args = call->args;
	struct hostname_call *host = arena_new(call->arena, struct hostname_call);
	struct value *diff;
	const char *before;

	call->state = host;
	if (!args->name[0] || strpbrk(args->name, " \t\n/"))
		return fail(err, ERR_OPTIONS, "'%s' is not a host name", args->name);
	if (!look(call, host, err))
		return false;
	if (!host->keeping && strlen(args->name) > 64)
		return fail(err, ERR_OPTIONS,
			"name cannot be longer than 64 characters on systemd servers, try a "
			"shorter name");
	set_results(call);
	if (text_equals(args->name, host->at_boot) &&
		(!host->now || text_equals(args->name, host->now)))
		return true;
	call->out->change = CHANGE_WANTED;
	before = host->now && !text_equals(args->name, host->now) ? host->now : host->at_boot;
	diff = value_map(call->arena);
	value_set(
		call->arena, diff, "before", value_format(call->arena, "hostname = %s\n", before));
	value_set(call->arena, diff, "after",
		value_format(call->arena, "hostname = %s\n", args->name));
	value_add(call->arena, call->out->diffs, diff);
	return true;
}

/* Other lines of the file stay. */
static bool
write_file(struct module_call *call, const struct keeping *keeping, struct error *err)
{
	const struct hostname_args *args = call->args;
	const char *quote = keeping->quotes ? "\"" : "", *real;
	const char *wanted = arena_format(call->arena, "%s%s%s%s\n",
		keeping->key ? keeping->key : "", quote, args->name, quote);
	struct file_place place = { .mode = 0644, .has_mode = !file_exists(keeping->file) };
	struct view text;
	struct lines lines;
	bool was_there, is_put = false;

	if (!edit_load(call, keeping->file, &real, &text, &was_there, err))
		return false;
	lines_cut(call->arena, text, &lines);
	for (size_t i = 0; i < lines.count && !is_put; i++)
		if (line_has_name(keeping, lines.items[i])) {
			lines.items[i] = view_of(wanted);
			is_put = true;
		}
	if (!is_put)
		lines_insert(call->arena, &lines, lines.count, view_of(wanted));
	return file_replace(real, lines_join(call->arena, &lines), &place, err);
}

static bool
hostname_apply(struct module_call *call, struct error *err)
{
	const struct hostname_args *args = call->args;
	const struct hostname_call *host = call->state;
	bool keeps = !text_equals(args->name, host->at_boot);
	const char *now;

	if (host->keeping) {
		if (keeps && !write_file(call, host->keeping, err))
			return false;
		return !host->now || text_equals(args->name, host->now) ||
		       sethostname(args->name, strlen(args->name)) == 0 ||
		       fail_errno(err, "cannot set the host name");
	}
	/* For good first: NetworkManager complains if only the present one changes. */
	if (keeps &&
		!module_run_well(call,
			TEXTS("hostnamectl", "--pretty", "--static", "set-hostname", args->name),
			NULL, err))
		return false;
	/* Which may have set the present one too. */
	if (!ask_systemd(call, "--transient", &now, err))
		return false;
	return text_equals(now, args->name) ||
	       module_run_well(call,
		       TEXTS("hostnamectl", "--transient", "set-hostname", args->name), NULL, err);
}

const struct module module_hostname = {
	.name = "hostname",
	.summary = DOC("Set the machine's host name"),
	.params = params,
	.params_size = sizeof(struct hostname_args),
	.returns = DOC(returns),
	.examples = DOC("- hostname:\n"
			"    name: web-1.example.net\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = hostname_inspect,
	.apply = hostname_apply,
};
