/* include_vars: variables of a file, or of all files of a folder. */
#include "orchestrator/actions/actions.h"

#include <sys/stat.h>

#include "module/regex.h"
#include "os/files.h"

struct reading {
	struct action_call *call;
	const struct value *extensions; /* NULL: yaml, yml, json */
	const struct value *ignored;	/* expressions for names that are left out; NULL: none */
	struct regex *matching;		/* NULL: all names */
	bool passes_unknown;
	int64_t depth; /* 0: no bound */
	struct value *vars, *files;
};

static void
merge_into(struct arena *arena, struct value *into, const struct value *from, bool is_deep)
{
	VALUE_PAIRS (pair, from) {
		const struct value *old = value_get_key(into, pair->key), *new = pair->value;

		if (is_deep && value_is_map(old) && value_is_map(new)) {
			struct value *merged = value_map_copy(arena, old);

			merge_into(arena, merged, new, true);
			new = merged;
		}
		value_set_key(arena, into, value_dup(arena, pair->key), value_dup(arena, new));
	}
}

static bool
read_file(struct reading *reading, const char *path, struct error *err)
{
	struct action_call *call = reading->call;
	const struct value *map;

	if (!vars_file_read(&call->run->reader, path, &map, err))
		return false;
	merge_into(&call->host->arena, reading->vars, map, false);
	value_add(call->into, reading->files, value_text(call->into, path));
	return true;
}

/* ---- folders ---- */

static bool
has_known_extension(const struct reading *reading, const char *name)
{
	static const char *const usual[] = { "yaml", "yml", "json" };
	const char *dot = strrchr(name, '.'), *ending = dot ? dot + 1 : "";

	if (reading->extensions) {
		VALUE_EACH (extension, reading->extensions)
			if (text_equals(value_string(extension), ending))
				return true;
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!strcmp(usual[i], ending))
			return true;
	return false;
}

static bool
is_ignored(const struct reading *reading, const char *name, bool *out, struct error *err)
{
	*out = false;
	if (!value_is_list(reading->ignored))
		return true;
	VALUE_EACH (pattern, reading->ignored) {
		_cleanup_regex_ struct regex *regex = NULL;
		struct regex_match match;
		const char *text = arena_format(reading->call->into, "%s$",
			value_to_text(reading->call->into, pattern));

		if (!regex_compile(text, 0, &regex, err))
			return false;
		*out |= regex_search(regex, view_of(name), 0, &match);
	}
	return true;
}

/* A role reads its vars/main.yml by itself. */
static bool
is_of_role(const struct reading *reading, const char *path)
{
	const struct role *role = reading->call->step->task->role;

	return role && role->path &&
	       !strcmp(path,
		       arena_format(reading->call->into, "%s/vars/main.yml", role->path));
}

static bool
read_entry(struct reading *reading, const char *path, const char *name, struct error *err)
{
	struct regex_match match;
	bool ignored;

	if (is_of_role(reading, path) ||
		(reading->matching && !regex_search(reading->matching, view_of(name), 0, &match)))
		return true;
	if (!is_ignored(reading, name, &ignored, err))
		return false;
	if (ignored)
		return true;
	if (has_known_extension(reading, name))
		return read_file(reading, path, err);
	return reading->passes_unknown ||
	       fail(err, ERR_TYPE, "%s does not have a valid extension: %s", path,
		       "yaml, yml, json");
}

static bool
read_directory(struct reading *reading, const char *path, int64_t level, struct error *err)
{
	const char *const *names = directory_names(reading->call->into, path, err), *const *at;
	struct stat status;

	for (at = names; at && *at; at++) {
		const char *inside = path_join(reading->call->into, path, *at);

		if ((*at)[0] != '.' && stat(inside, &status) == 0 && S_ISREG(status.st_mode) &&
			!read_entry(reading, inside, *at, err))
			return false;
	}
	for (at = names; at && *at; at++) {
		const char *inside = path_join(reading->call->into, path, *at);

		if (stat(inside, &status) == 0 && S_ISDIR(status.st_mode) &&
			(!reading->depth || level < reading->depth) &&
			!read_directory(reading, inside, level + 1, err))
			return false;
	}
	return names != NULL;
}

static bool
read_folder(struct reading *reading, const struct value *directory, struct error *err)
{
	struct action_call *call = reading->call;
	const char *name = value_to_text(call->into, directory), *path;
	struct stat status;

	if (!file_find(call->step->task, "vars", name, call->into, &path, err))
		return fail(err, ERR_MISSING, "%s directory does not exist",
			name[0] == '/' || call->step->task->role
				? name
				: path_join(call->into, call->step->task->play->directory, name));
	if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
		return fail(err, ERR_TYPE, "%s is not a directory", path);
	return read_directory(reading, path, 1, err);
}

/* ---- arguments ---- */

static bool
is_listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool
check_names(const struct action_call *call, struct error *err)
{
	static const char *const of_both[] = { "name", "hash_behaviour", NULL };
	static const char *const of_file[] = { "file", "_raw_params", NULL };
	static const char *const of_dir[] = { "dir", "depth", "files_matching", "ignore_files",
		"ignore_unknown_extensions", "extensions", NULL };
	bool has_file = false, has_dir = false;

	VALUE_PAIRS (pair, call->args) {
		const char *name = value_to_text(call->into, pair->key);
		bool is_file = is_listed(of_file, name), is_dir = is_listed(of_dir, name);

		has_file |= is_file;
		has_dir |= is_dir;
		if (!is_file && !is_dir && !is_listed(of_both, name))
			return fail(err, ERR_OPTIONS, "%s is not a valid option in include_vars",
				name);
	}
	if (has_file && has_dir)
		return fail(err, ERR_OPTIONS,
			"You are mixing file only and dir only arguments, these are incompatible");
	return true;
}

/* "a b" and "a" are lists too. */
static const struct value *
list_argument(struct action_call *call, const char *key)
{
	const struct value *given = value_get(call->args, key);
	struct value *list;
	struct view rest, word;

	if (!given || value_is_list(given))
		return given;
	list = value_list(call->into);
	rest = view_of(value_to_text(call->into, given));
	while (view_cut(&rest, ' ', &word))
		if (word.length)
			value_add(call->into, list, value_view(call->into, word));
	return list;
}

static bool
read_arguments(struct reading *reading, struct error *err)
{
	struct action_call *call = reading->call;
	const struct value *depth = value_get(call->args, "depth"),
			   *matching = value_get(call->args, "files_matching"),
			   *unknown = value_get(call->args, "ignore_unknown_extensions");

	if (!check_names(call, err))
		return false;
	reading->extensions = list_argument(call, "extensions");
	reading->ignored = list_argument(call, "ignore_files");
	if (depth && !value_to_int(depth, &reading->depth))
		return fail(err, ERR_TYPE, "'depth' is no number");
	if (unknown && !value_to_bool(unknown, &reading->passes_unknown))
		return fail(err, ERR_TYPE, "'ignore_unknown_extensions' is no boolean");
	return !matching || regex_compile(value_to_text(call->into, matching), 0,
				    &reading->matching, err);
}

static bool
read_wanted(struct reading *reading, struct error *err)
{
	struct action_call *call = reading->call;
	const struct value *file = value_get(call->args, "file"),
			   *directory = value_get(call->args, "dir");
	const char *path;

	if (directory)
		return read_folder(reading, directory, err);
	if (!file)
		file = value_get(call->args, "_raw_params");
	if (!value_is_string(file) || !view_trim(value_string_view(file)).length)
		return fail(err, ERR_MISSING, "Could not find file on the Ansible Controller.\n"
			"If you are using a module and expect the file to exist on the remote, "
			"see the remote_src option");
	return file_find(call->step->task, "vars",
		       arena_view(call->into, view_trim(value_string_view(file))), call->into,
		       &path, err) &&
	       read_file(reading, path, err);
}

/* The result says `message` where other tasks say `msg`: that is Ansible's. */
static void
set_failure(struct action_call *call, struct value *files, const struct error *err)
{
	char line[1600];

	error_line(err, line, sizeof(line));
	call->step->holds = true;
	value_set(call->into, call->result, "failed", &value_true);
	value_set(call->into, call->result, "message", value_text(call->into, line));
	value_set(call->into, call->result, "ansible_facts", value_map(call->into));
	value_set(call->into, call->result, "ansible_included_var_files", files);
}

/* hash_behaviour: merge counts what the host's variables of these names are now. */
static bool
merge_with_known(struct reading *reading, struct error *err)
{
	struct action_call *call = reading->call;
	const char *behaviour = value_string(value_get(call->args, "hash_behaviour"));

	if (!behaviour ? !call->run->settings->merges_hashes : strcmp(behaviour, "merge") != 0)
		return true;
	VALUE_PAIRS (pair, reading->vars) {
		struct value *both;
		const struct value *known;

		if (!value_is_map(pair->value))
			continue;
		if (!scope_find(&call->scope->scope, call->into, value_string_view(pair->key),
			    &known, err))
			return false;
		if (!value_is_map(known))
			continue;
		both = value_map_copy(&call->host->arena, value_dup(&call->host->arena, known));
		merge_into(&call->host->arena, both, pair->value, true);
		value_set_key(&call->host->arena, reading->vars, pair->key, both);
	}
	return true;
}

bool
action_include_vars(struct action_call *call, struct error *err)
{
	struct reading reading = { .call = call,
		.vars = value_map(&call->host->arena),
		.files = value_list(call->into) };
	const char *name = value_string(value_get(call->args, "name"));
	struct value *facts = reading.vars;
	struct error wrong;
	bool ok = read_arguments(&reading, err);

	if (ok && !read_wanted(&reading, &wrong)) {
		regex_free(reading.matching);
		set_failure(call, reading.files, &wrong);
		return true;
	}
	regex_free(reading.matching);
	if (!ok || !merge_with_known(&reading, err))
		return false;
	if (name) {
		facts = value_map(&call->host->arena);
		value_set(&call->host->arena, facts, name, reading.vars);
	}
	merge_into(&call->host->arena, call->host->included, facts, false);
	value_set(call->into, call->result, "ansible_facts", facts);
	value_set(call->into, call->result, "ansible_included_var_files", reading.files);
	value_set(call->into, call->result, "changed", &value_false);
	return true;
}
