/* dnf: packages of Fedora, RHEL and their kin. The plain cases; written without such a machine at
 * hand. */
#include <string.h>

#include "module/host.h"
#include "module/words.h"

struct dnf_args {
	const char *const *name, *const *enablerepo, *const *disablerepo, *const *exclude;
	const char *state;
	bool update_cache, disable_gpg_check, allow_downgrade, allowerasing, autoremove, nobest,
		install_weak_deps, update_only, skip_broken, security, bugfix;
	int64_t lock_timeout;
};

#define A struct dnf_args
static const struct param params[] = {
	PARAM_TEXTS(A, name, .aliases = TEXTS("pkg"),
		.doc = "Packages, groups (@name), files; * for all (with latest)."),
	PARAM_STRING(A, state, .fallback = "present",
		.choices = TEXTS("absent", "present", "installed", "removed", "latest"),
		.doc = "What they are to be."),
	PARAM_TEXTS(A, enablerepo, .doc = "Repositories for this call."),
	PARAM_TEXTS(A, disablerepo, .doc = "Repositories that are not used."),
	PARAM_TEXTS(A, exclude, .doc = "Packages that are left alone."),
	PARAM_FLAG(A, update_cache, .fallback = "false", .aliases = TEXTS("expire-cache"),
		.doc = "Fetch the lists anew."),
	PARAM_FLAG(A, disable_gpg_check, .fallback = "false", .doc = "Take unsigned packages."),
	PARAM_FLAG(A, allow_downgrade, .fallback = "false", .doc = "Take older versions."),
	PARAM_FLAG(A, allowerasing, .fallback = "false", .doc = "Remove what is in the way."),
	PARAM_FLAG(
		A, autoremove, .fallback = "false", .doc = "Remove what nothing needs any more."),
	PARAM_FLAG(A, nobest, .fallback = "false", .doc = "Not only the best candidate."),
	PARAM_FLAG(A, install_weak_deps, .fallback = "true", .doc = "Weak dependencies too."),
	PARAM_FLAG(A, update_only, .fallback = "false", .doc = "With latest: only what is there."),
	PARAM_FLAG(
		A, skip_broken, .fallback = "false", .doc = "Leave out what cannot be installed."),
	PARAM_FLAG(A, security, .fallback = "false", .doc = "With latest: security updates only."),
	PARAM_FLAG(A, bugfix, .fallback = "false", .doc = "With latest: bug fixes only."),
	PARAM_INT(
		A, lock_timeout, .fallback = "30", .doc = "Accepted; the program waits by itself."),
	PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "results", "list", "What was done." },
	{ "rc", "int", "Exit code." }, { NULL, NULL, NULL } };

static const char *
program(struct module_call *call)
{
	return program_find(call->arena, "dnf") ? "dnf" : "yum";
}

/* rpm knows names, name-version and what is provided; a group or a URL only dnf knows. */
static bool
is_installed(struct module_call *call, const char *name, bool *out, struct error *err)
{
	struct process_result result;
	bool is_well = module_run_words(
		call, &result, err, "rpm", "-q", "--whatprovides", "--", name, NULL);

	*out = is_well && result.status == 0;
	process_result_release(&result);
	return is_well;
}

static void
add_each(struct module_call *call, const char *const **argv, const char *option,
	const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		words_add(call->arena, argv, arena_format(call->arena, "--%s=%s", option, list[i]));
}

static const char *const *
build(struct module_call *call, const char *verb, const char *const *names)
{
	const struct dnf_args *args = call->args;
	const char *const *argv = NULL;

	words_add(call->arena, &argv, program(call));
	words_add(call->arena, &argv, "-y");
	add_each(call, &argv, "enablerepo", args->enablerepo);
	add_each(call, &argv, "disablerepo", args->disablerepo);
	add_each(call, &argv, "exclude", args->exclude);
	if (args->disable_gpg_check)
		words_add(call->arena, &argv, "--nogpgcheck");
	if (args->allowerasing)
		words_add(call->arena, &argv, "--allowerasing");
	if (args->nobest)
		words_add(call->arena, &argv, "--nobest");
	if (args->skip_broken)
		words_add(call->arena, &argv, "--skip-broken");
	if (args->security)
		words_add(call->arena, &argv, "--security");
	if (args->bugfix)
		words_add(call->arena, &argv, "--bugfix");
	if (!args->install_weak_deps)
		words_add(call->arena, &argv, "--setopt=install_weak_deps=False");
	if (args->update_cache)
		words_add(call->arena, &argv, "--refresh");
	words_add(call->arena, &argv, verb);
	for (; names && *names; names++)
		words_add(call->arena, &argv, *names);
	return argv;
}

/* `check-update` ends with 100 if there is something newer. */
static bool
has_update(struct module_call *call, const char *name, bool *out, struct error *err)
{
	struct module_command command = { .is_parsed = true };
	struct process_result result;
	bool is_well;

	command.argv = build(call, "check-update", text_equals(name, "*") ? NULL : TEXTS(name));
	is_well = module_run(call, &command, &result, err);
	*out = is_well && result.status == 100;
	process_result_release(&result);
	return is_well;
}

static bool
dnf_inspect(struct module_call *call, struct error *err)
{
	const struct dnf_args *args = call->args;
	bool absent = text_equals(args->state, "absent") || text_equals(args->state, "removed");
	const char *const *words = NULL;

	for (size_t i = 0; args->name && args->name[i]; i++) {
		const char *name = args->name[i];
		bool is_there, is_old = false;

		if (*name == '-')
			return fail(err, ERR_OPTIONS, "'%s' is not the name of a package", name);
		if (!is_installed(call, name, &is_there, err))
			return false;
		if (text_equals(args->state, "latest") && (is_there || text_equals(name, "*")) &&
			!has_update(call, name, &is_old, err))
			return false;
		if (absent ? is_there
			   : is_old || (!is_there && !text_equals(name, "*") && !args->update_only))
			words_add(call->arena, &words, name);
	}
	call->state = (void *)(uintptr_t)words;
	if (words || args->autoremove)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
dnf_apply(struct module_call *call, struct error *err)
{
	const struct dnf_args *args = call->args;
	const char *const *words = call->state;
	const char *verb = "install", *out;

	if (text_equals(args->state, "absent") || text_equals(args->state, "removed"))
		verb = "remove";
	else if (text_equals(args->state, "latest") && words && text_equals(*words, "*"))
		verb = "upgrade";
	if (words && !module_run_well(call,
			     build(call, verb, text_equals(*words, "*") ? NULL : words), &out, err))
		return false;
	if (words && strstr(out, "Nothing to do"))
		call->out->is_changed = false;
	return !args->autoremove ||
	       module_run_well(call, build(call, "autoremove", NULL), &out, err);
}

static const char *const aliases[] = { "yum", NULL };

const struct module module_dnf = {
	.name = "dnf",
	.aliases = aliases,
	.summary = DOC("Install, upgrade and remove packages of Fedora, RHEL and their kin"),
	.params = params,
	.params_size = sizeof(struct dnf_args),
	.returns = DOC(returns),
	.examples = DOC("- dnf:\n"
			"    name: nginx\n"),
	.check = SUPPORT_FULL,
	.inspect = dnf_inspect,
	.apply = dnf_apply,
};
