/* pip: Python packages, by the target's pip. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "module/host.h"
#include "module/words.h"

struct pip_args {
	const char *const *name;
	const char *version, *requirements, *virtualenv, *virtualenv_command, *virtualenv_python,
		*state, *extra_args, *chdir, *executable, *umask;
	bool virtualenv_site_packages, editable;
};

#define A struct pip_args
static const struct param params[] = { PARAM_TEXTS(A, name,
					       .doc = "Packages: name, name==1.2, git+https://…"),
	PARAM_STRING(A, version, .doc = "The version of a single package."),
	PARAM_STRING(A, requirements, .doc = "A file of requirements on the target."),
	PARAM_PATH(A, virtualenv, .doc = "The environment; it is made if it is not there."),
	PARAM_PATH(A, virtualenv_command, .fallback = "virtualenv",
		.doc = "What makes it, e.g. python3 -m venv."),
	PARAM_STRING(A, virtualenv_python, .doc = "The Python for a new environment."),
	PARAM_FLAG(A, virtualenv_site_packages, .fallback = "false",
		.doc = "A new environment sees the machine's packages."),
	PARAM_STRING(A, state, .fallback = "present",
		.choices = TEXTS("absent", "forcereinstall", "latest", "present"),
		.doc = "What they are to be."),
	PARAM_STRING(A, extra_args, .doc = "More words for pip."),
	PARAM_FLAG(A, editable, .fallback = "false", .doc = "Install with -e."),
	PARAM_PATH(A, chdir, .doc = "Change into this directory before."),
	PARAM_PATH(A, executable, .doc = "The pip to use."),
	PARAM_STRING(A, umask, .doc = "Octal; for what is installed."), PARAMS_END };
#undef A

static const struct module_return returns[] = { { "cmd", "list", "The command." },
	{ "name", "list", "The packages." }, { "version", "str", "As given." },
	{ "requirements", "str", "As given." }, { "virtualenv", "str", "As given." },
	{ "state", "str", "As given." }, { "stdout", "str", "What pip wrote." },
	{ "stderr", "str", "What pip wrote." }, { NULL, NULL, NULL } };

struct pip_call {
	const char *environment; /* the virtualenv's path; NULL: none */
	bool makes_environment;
	const char *const *pip;	     /* how pip is called */
	const char *const *packages; /* with their versions */
	bool has_sources;	     /* of version control: only the list of packages tells */
};

static bool
is_source(const char *name)
{
	return strstr(name, "://") != NULL;
}

/* pip itself: of the environment, the one that was named, or the machine's. */
static bool
find_pip(struct module_call *call, struct pip_call *pip, struct error *err)
{
	static const char *const names[] = { "pip3", "pip" };
	const struct pip_args *args = call->args;
	const char *found = NULL;

	pip->pip = NULL;
	if (args->executable) {
		found = program_find(call->arena, args->executable);
		if (!found)
			return fail(err, ERR_MISSING,
				"Unable to find any of %s to use.  pip needs to be installed.",
				args->executable);
	}
	for (size_t i = 0; !found && i < ARRAY_SIZE(names); i++)
		found = program_find(call->arena,
			pip->environment
				? arena_format(call->arena, "%s/bin/%s", pip->environment, names[i])
				: names[i]);
	if (found) {
		words_add(call->arena, &pip->pip, found);
		return true;
	}
	if (pip->environment)
		return fail(err, ERR_MISSING,
			"Unable to find pip in the virtualenv, %s, under any of these names: pip3, "
			"pip. Make sure pip is present in the virtualenv.",
			pip->environment);
	return fail(
		err, ERR_MISSING, "Unable to find any of pip3 to use.  pip needs to be installed.");
}

/* A version without an operator is an exact one. */
static bool
collect(struct module_call *call, struct pip_call *pip, struct error *err)
{
	const struct pip_args *args = call->args;
	const char *version = args->version && *args->version ? args->version : NULL;
	size_t count = 0;

	for (size_t i = 0; args->name && args->name[i]; i++, count++) {
		const char *name = args->name[i];

		/* "a>=1,<2" was cut at its comma. */
		while (args->name[i + 1] && strchr("<>=!~", *args->name[i + 1]))
			name = arena_format(call->arena, "%s,%s", name, args->name[++i]);

		pip->has_sources |= is_source(name);
		if (version && strpbrk(version, "<>=!~"))
			name = arena_format(call->arena, "%s%s", name, version);
		else if (version)
			name = arena_format(call->arena, "%s==%s", name, version);
		words_add(call->arena, &pip->packages, name);
	}
	if (version && count > 1)
		return fail(err, ERR_OPTIONS,
			"'version' argument is ambiguous when installing multiple package "
			"distributions. Please specify version restrictions next to each package "
			"in "
			"'name' argument.");
	if (version && count && strpbrk(args->name[0], "<>=!~"))
		return fail(err, ERR_OPTIONS,
			"The 'version' argument conflicts with any version specifier provided "
			"along "
			"with a package name. Please keep the version specifier, but remove the "
			"'version' argument.");
	return true;
}

/* ---- what is installed ---- */

/* Names are equal whatever their case, and - _ . are one. */
static bool
names_equal(struct view a, struct view b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++) {
		int x = tolower((unsigned char)a.data[i]), y = tolower((unsigned char)b.data[i]);

		x = x == '_' || x == '.' ? '-' : x;
		y = y == '_' || y == '.' ? '-' : y;
		if (x != y)
			return false;
	}
	return true;
}

/* By numbers, 1.10 behind 1.9 and 1.0 as 1; false if there is more in them. */
static bool
compare_versions(struct view a, struct view b, int *out)
{
	*out = 0;
	while (a.length || b.length) {
		struct view piece;
		int64_t x = 0, y = 0;

		if (a.length && (!view_cut(&a, '.', &piece) || !number_parse(piece, &x)))
			return false;
		if (b.length && (!view_cut(&b, '.', &piece) || !number_parse(piece, &y)))
			return false;
		if (!*out)
			*out = (x > y) - (x < y);
	}
	return true;
}

static bool
satisfies_one(struct view installed, struct view clause, bool *is_known)
{
	static const char *const operators[] = { "==", "!=", ">=", "<=", "<", ">" };
	int order;

	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		if (!view_starts(clause, operators[i]))
			continue;
		clause.data += strlen(operators[i]);
		clause.length -= strlen(operators[i]);
		if (!compare_versions(installed, view_trim(clause), &order))
			break;
		return i == 0	? order == 0
		       : i == 1 ? order != 0
		       : i == 2 ? order >= 0
		       : i == 3 ? order <= 0
		       : i == 4 ? order < 0
				: order > 0;
	}
	*is_known = view_starts(clause, "==") || view_equals(installed, view_trim(clause));
	return view_equals(installed, view_trim(clause));
}

static bool
satisfies(struct view installed, struct view clauses, bool *is_known)
{
	struct view clause;

	while (view_cut(&clauses, ',', &clause)) {
		clause = view_trim(clause);
		if (clause.length && !satisfies_one(installed, clause, is_known))
			return false;
	}
	return true;
}

/* NULL data: not there. `text` is what `pip list --format=freeze` says. */
static struct view
installed_version(const char *text, struct view name)
{
	struct view rest = view_of(text), line, word;

	while (view_cut(&rest, '\n', &line)) {
		line = view_trim(line);
		if (view_cut(&line, '=', &word) && line.data && names_equal(word, name)) {
			if (line.length && *line.data == '=')
				line = (struct view){ line.data + 1, line.length - 1 };
			return line;
		}
	}
	return (struct view){ NULL, 0 };
}

static bool
list_packages(
	struct module_call *call, const struct pip_call *pip, const char **out, struct error *err)
{
	const char *const *argv = NULL;

	for (const char *const *word = pip->pip; *word; word++)
		words_add(call->arena, &argv, *word);
	words_add(call->arena, &argv, "list");
	words_add(call->arena, &argv, "--format=freeze");
	words_add(call->arena, &argv, "--disable-pip-version-check");
	return module_run_well(call, argv, out, err);
}

/* Is everything as wanted already? Where that cannot be told, pip is asked. */
static bool
is_fine(struct module_call *call, const struct pip_call *pip, bool *out, struct error *err)
{
	const struct pip_args *args = call->args;
	bool is_absent = text_equals(args->state, "absent"), is_known = true;
	const char *list;

	*out = false;
	if (args->requirements || pip->has_sources || args->editable ||
		(!is_absent && !text_equals(args->state, "present")))
		return true;
	if (!list_packages(call, pip, &list, err))
		return false;
	for (size_t i = 0; pip->packages && pip->packages[i]; i++) {
		const char *package = pip->packages[i];
		size_t length = strcspn(package, "<>=!~ [;@(");
		struct view name = { package, length }, version = installed_version(list, name),
			    clauses = view_of(package + length);
		bool is_there = version.data != NULL;

		if (strpbrk(package, "[;@(/") || *package == '.')
			return true;
		if (is_absent ? is_there
			      : !is_there || !satisfies(version, clauses, &is_known) || !is_known)
			return true;
	}
	*out = true;
	return true;
}

static void
set_results(struct module_call *call, const struct pip_call *pip)
{
	const struct pip_args *args = call->args;
	const struct {
		const char *key, *text;
	} rows[] = { { "version", args->version }, { "requirements", args->requirements },
		{ "virtualenv", args->virtualenv }, { "state", args->state } };
	const struct value *name = value_get(call->given, "name");

	(void)pip;
	if (name && !value_is_list(name)) {
		struct value *list = value_list(call->arena);

		for (size_t i = 0; args->name && args->name[i]; i++)
			value_add(call->arena, list, value_text(call->arena, args->name[i]));
		name = list;
	}
	result_set(call, "name", name ? name : &value_none);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		result_set(call, rows[i].key,
			rows[i].text ? value_text(call->arena, rows[i].text) : &value_none);
}

static bool
pip_inspect(struct module_call *call, struct error *err)
{
	const struct pip_args *args = call->args;
	struct pip_call *pip = arena_new(call->arena, struct pip_call);
	bool fine;

	call->state = pip;
	if (!args->name && !args->requirements)
		return fail(
			err, ERR_OPTIONS, "one of the following is required: name, requirements");
	if (args->name && args->requirements)
		return fail(
			err, ERR_OPTIONS, "parameters are mutually exclusive: name|requirements");
	if (args->executable && args->virtualenv)
		return fail(err, ERR_OPTIONS,
			"parameters are mutually exclusive: executable|virtualenv");
	if (!collect(call, pip, err))
		return false;
	set_results(call, pip);
	if (args->name && !args->name[0]) {
		result_warn(call, "No valid name or requirements file found.");
		return true;
	}
	if (args->virtualenv) {
		pip->environment = *args->virtualenv == '/' || !args->chdir
					   ? args->virtualenv
					   : path_join(call->arena, args->chdir, args->virtualenv);
		pip->makes_environment = !file_exists(
			arena_format(call->arena, "%s/bin/activate", pip->environment));
	}
	call->out->change = CHANGE_WANTED;
	if (pip->makes_environment)
		return true;
	if (!find_pip(call, pip, err) || !is_fine(call, pip, &fine, err))
		return false;
	if (fine)
		call->out->change = CHANGE_NONE;
	return true;
}

/* ---- doing it ---- */

static bool
run_pip(struct module_call *call, const char *const *argv, struct process_result *result,
	struct error *err)
{
	const struct pip_args *args = call->args;
	struct module_command command = {
		.argv = argv, .directory = args->chdir, .is_parsed = true
	};
	mode_t mask = 0;
	int64_t number = -1;
	bool is_well;

	if (args->umask && !number_parse_base(view_of(args->umask), 8, &number))
		return fail(err, ERR_OPTIONS, "umask must be an octal integer");
	if (number >= 0)
		mask = umask((mode_t)number);
	is_well = module_run(call, &command, result, err);
	if (number >= 0)
		umask(mask);
	return is_well;
}

static bool
make_environment(struct module_call *call, struct pip_call *pip, struct error *err)
{
	const struct pip_args *args = call->args;
	const char *const *argv, *const *words = NULL;
	struct process_result result = { 0 };
	bool is_venv, is_well;

	if (!words_cut(call->arena, args->virtualenv_command, &argv, err))
		return false;
	if (!argv[0] || !program_find(call->arena, argv[0])) {
		fail(err, ERR_MISSING, "Failed to find required executable \"%s\" in paths",
			args->virtualenv_command);
		return error_hint(err, "virtualenv_command: python3 -m venv");
	}
	is_venv = strstr(args->virtualenv_command, "venv") &&
		  !strstr(args->virtualenv_command, "virtualenv");
	for (; *argv; argv++)
		words_add(call->arena, &words, *argv);
	if (args->virtualenv_site_packages)
		words_add(call->arena, &words, "--system-site-packages");
	if (args->virtualenv_python && is_venv)
		return fail(err, ERR_OPTIONS,
			"virtualenv_python should not be used when using the venv module or pyvenv "
			"as virtualenv_command");
	if (args->virtualenv_python)
		words_add(call->arena, &words,
			arena_format(call->arena, "-p%s", args->virtualenv_python));
	words_add(call->arena, &words, args->virtualenv);
	is_well = run_pip(call, words, &result, err);
	if (is_well && result.status != 0)
		is_well = fail(err, ERR_TASK, "stdout: %.200s\n:stderr: %.200s", result.out.data,
			result.err.data);
	process_result_release(&result);
	return is_well && find_pip(call, pip, err);
}

static bool
build(struct module_call *call, const struct pip_call *pip, const char *const **out,
	struct error *err)
{
	static const struct {
		const char *state, *words[3];
	} verbs[] = {
		{ "present", { "install" } },
		{ "absent", { "uninstall", "-y" } },
		{ "latest", { "install", "-U" } },
		{ "forcereinstall", { "install", "-U", "--force-reinstall" } },
	};
	const struct pip_args *args = call->args;
	const char *const *extra;

	*out = NULL;
	for (const char *const *word = pip->pip; *word; word++)
		words_add(call->arena, out, *word);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		for (size_t k = 0;
			text_equals(args->state, verbs[i].state) && k < 3 && verbs[i].words[k]; k++)
			words_add(call->arena, out, verbs[i].words[k]);
	if (args->extra_args) {
		if (!words_cut(call->arena, args->extra_args, &extra, err))
			return false;
		for (; *extra; extra++)
			words_add(call->arena, out, *extra);
	}
	if (args->requirements) {
		words_add(call->arena, out, "-r");
		words_add(call->arena, out, args->requirements);
	}
	for (size_t i = 0; pip->packages && pip->packages[i]; i++) {
		if (args->editable)
			words_add(call->arena, out, "-e");
		words_add(call->arena, out, pip->packages[i]);
	}
	return true;
}

static bool
report(struct module_call *call, const struct pip_call *pip, const struct process_result *result,
	const char *before, struct error *err)
{
	const struct pip_args *args = call->args;
	bool is_absent = text_equals(args->state, "absent");
	const char *after;

	/* To remove what is not there is a failure to some versions of pip, and none to us. */
	if (result->status != 0 &&
		!(is_absent && result->status == 1 && strstr(result->err.data, "not installed"))) {
		fail(err, ERR_TASK, "stdout: %.120s\n:stderr: %.330s", result->out.data,
			result->err.data);
		return false;
	}
	result_text(call, "stdout", result->out.data);
	result_text(call, "stderr", result->err.data);
	call->out->is_changed = pip->makes_environment;
	if (is_absent) {
		call->out->is_changed |=
			strstr(result->out.data, "Successfully uninstalled") != NULL;
		return true;
	}
	if (!args->requirements && !pip->has_sources) {
		call->out->is_changed |= strstr(result->out.data, "Successfully installed") != NULL;
		return true;
	}
	if (!list_packages(call, pip, &after, err))
		return false;
	call->out->is_changed |= !text_equals(before, after);
	return true;
}

static bool
pip_apply(struct module_call *call, struct error *err)
{
	struct pip_call *pip = call->state;
	const struct pip_args *args = call->args;
	struct process_result result = { 0 };
	struct value *shown = value_list(call->arena);
	const char *const *argv = NULL, *before = NULL;
	bool is_well;

	if (pip->makes_environment && !make_environment(call, pip, err))
		return false;
	if ((args->requirements || pip->has_sources) && !list_packages(call, pip, &before, err))
		return false;
	if (!build(call, pip, &argv, err))
		return false;
	for (size_t i = 0; argv && argv[i]; i++)
		value_add(call->arena, shown, value_text(call->arena, argv[i]));
	result_set(call, "cmd", shown);
	is_well = run_pip(call, argv, &result, err) && report(call, pip, &result, before, err);
	process_result_release(&result);
	return is_well;
}

const struct module module_pip = {
	.name = "pip",
	.summary = DOC("Install, upgrade and remove Python packages"),
	.params = params,
	.params_size = sizeof(struct pip_args),
	.returns = DOC(returns),
	.examples = DOC("- pip:\n"
			"    name: [flask==3.0, gunicorn]\n"
			"    virtualenv: /opt/app/venv\n"
			"    virtualenv_command: python3 -m venv\n"),
	.check = SUPPORT_FULL,
	.inspect = pip_inspect,
	.apply = pip_apply,
};
