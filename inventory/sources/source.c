/*
 * A source is a list, a folder, or something that one of the kinds can read. Every enabled kind
 * that might is tried in turn; when none succeeds, all their reasons are told.
 */
#include "inventory/sources/source.h"

#include <limits.h>
#include <sys/stat.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "inventory/sources/terraform.h"
#include "os/files.h"
#include "vault/vault.h"
#include "yaml/yaml.h"

enum { LARGEST = 64 * 1024 * 1024, DEEPEST_FOLDER = 8 };

/* ---- the kinds ---- */

static bool
has_ending(const char *path, const char *const *endings)
{
	for (; *endings; endings++)
		if (text_ends(path, *endings))
			return true;
	return false;
}

static bool
is_list(const char *path, bool is_file)
{
	return !is_file && strchr(path, ',');
}

/* Executable, or with a first line that says so. */
static bool
is_program(const char *path, bool is_file)
{
	_cleanup_fclose_ FILE *file = is_file ? fopen(path, "re") : NULL;
	char start[2] = "";

	if (!file)
		return false;
	return (fread(start, 1, 2, file) == 2 && start[0] == '#' && start[1] == '!') ||
	       access(path, X_OK) == 0;
}

static bool
is_yaml(const char *path, bool is_file)
{
	static const char *const endings[] = { ".yml", ".yaml", NULL };

	return is_file && has_ending(path, endings);
}

static bool
is_yaml_or_plain(const char *path, bool is_file)
{
	static const char *const endings[] = { ".yml", ".yaml", ".json", NULL };
	const char *name = path_name(path), *dot = strrchr(name, '.');

	return is_file && (has_ending(path, endings) || !dot || dot == name);
}

static bool
is_json(const char *path, bool is_file)
{
	static const char *const endings[] = { ".tfstate", ".json", NULL };

	return is_file && has_ending(path, endings);
}

static bool
is_toml(const char *path, bool is_file)
{
	return is_file && text_ends(path, ".toml");
}

static bool
is_aws_ec2(const char *path, bool is_file)
{
	return is_file && (text_ends(path, "aws_ec2.yml") || text_ends(path, "aws_ec2.yaml"));
}

static bool
is_any_file(const char *path, bool is_file)
{
	(void)path;
	return is_file;
}

static bool source_auto(const struct source *source, struct error *err) MUST_CHECK;

static const struct kind {
	const char *name;
	bool (*fits)(const char *path, bool is_file);
	bool (*read)(const struct source *source, struct error *err);
	bool needs_config; /* a YAML file whose `plugin:` is this */
	const char *doc;
	/* Is it one? Then no other kind is tried; and this one is not if it is none. NULL: only
	 * trying tells. */
	bool (*suits)(struct view text);
} kinds[] = {
	{ "host_list", is_list, source_list, false,
		"Hosts with commas between, on the command line." },
	{ "advanced_host_list", is_list, source_advanced_list, false,
		"The same with ranges: web[01:20],db." },
	{ "script", is_program, source_script, false,
		"A program that prints the inventory as JSON (--list, --host)." },
	{ "tfstate", is_json, source_tfstate, false,
		"A state of Terraform or OpenTofu, or what `show -json` or `output -json` print.",
		terraform_suits },
	{ "auto", is_yaml, source_auto, false,
		"A YAML file whose key `plugin` names one of the others." },
	{ "yaml", is_yaml_or_plain, source_yaml, false,
		"Groups, hosts and variables in YAML or JSON." },
	{ "ini", is_any_file, source_ini, false,
		"Groups, hosts and variables in Ansible's INI form." },
	{ "toml", is_toml, source_toml, false, "Groups, hosts and variables in TOML." },
	{ "constructed", is_yaml, source_constructed, true,
		"Groups and variables made of expressions over the hosts known so far." },
	{ "aws_ec2", is_aws_ec2, source_aws_ec2, true,
		"The instances of AWS; a file called …aws_ec2.yml." },
	{ "econe", is_yaml, source_econe, true,
		"The machines of OpenNebula, or of another cloud that speaks EC2 Query." },
	{ "generator", is_yaml, source_generator, true,
		"Hosts made of all combinations of lists of words." },
	{ "terraform", is_yaml, source_terraform, true,
		"Hosts from states of Terraform or OpenTofu, on disk or in S3." },
};

bool
source_about(size_t index, const char **name, const char **doc)
{
	if (index >= ARRAY_SIZE(kinds))
		return false;
	*name = kinds[index].name;
	*doc = kinds[index].doc;
	return true;
}

static const struct kind *
kind_find(const char *name)
{
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy.",
		"amazon.aws." };
	/* Names that others have for what one of these reads too. */
	static const struct {
		const char *theirs, *ours;
	} aliases[] = {
		{ "cloud.terraform.terraform_state", "terraform" },
		{ "cloud.terraform.terraform_provider", "terraform" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (text_starts(name, prefixes[i]))
			name += strlen(prefixes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcmp(aliases[i].theirs, name))
			name = aliases[i].ours;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* ---- files with a `plugin:` key ---- */

static bool
config_load(const struct source *source, const struct value **out, struct error *err)
{
	const struct yaml_options options = { .templates = true,
		.vault = source->inventory->vault };

	return yaml_load(&source->inventory->arena, source->text, source->path, &options, out, err);
}

/* Reads the `plugin:` key of a YAML file, and hands on to its kind. */
static bool
source_auto(const struct source *source, struct error *err)
{
	struct source with = *source;
	const struct kind *kind;
	const char *name;

	if (!config_load(source, &with.config, err))
		return false;
	name = value_is_map(with.config) ? value_string(value_get(with.config, "plugin")) : NULL;
	if (!name)
		return fail(err, ERR_PARSE,
			"no root 'plugin' key found, '%s' is not a valid YAML inventory plugin "
			"config file",
			source->path);
	kind = kind_find(name);
	if (!kind)
		return fail(err, ERR_UNSUPPORTED,
			"inventory config '%s' specifies unknown plugin '%s'", source->path, name);
	return kind->read(&with, err);
}

static bool
kind_read(const struct kind *kind, const struct source *source, struct error *err)
{
	struct source with = *source;
	const char *name;

	if (!kind->needs_config)
		return kind->read(source, err);
	if (!config_load(source, &with.config, err))
		return false;
	name = value_is_map(with.config) ? value_string(value_get(with.config, "plugin")) : NULL;
	if (!name)
		return fail(
			err, ERR_PARSE, "%s is empty, or no config of this plugin", source->path);
	if (kind_find(name) != kind)
		return fail(err, ERR_PARSE, "Incorrect plugin name in file: %s", name);
	return kind->read(&with, err);
}

/* ---- one source ---- */

/* Ansible's words, and behind them ours. */
static void
tell_failure(
	struct inventory *inventory, const char *path, const char *kind, const struct error *err)
{
	inventory_warn(inventory, " * Failed to parse %s with %s plugin: %s%s%s%s%s%s%s%s", path,
		kind, err->what, err->why[0] ? ": " : "", err->why, err->where[0] ? " at " : "",
		err->where, err->hint[0] ? " (hint: " : "", err->hint, err->hint[0] ? ")" : "");
}

static bool
text_open(struct inventory *inventory, struct str *text, const char *path, struct error *err)
{
	struct view plain;

	if (!vault_is_encrypted(str_view(text)))
		return true;
	if (!vault_open(inventory->vault, str_view(text), path, &plain, err))
		return false;
	str_clear(text);
	str_add_view(text, plain);
	return true;
}

static const char *const default_kinds[] = { "host_list", "script", "tfstate", "auto", "yaml",
	"ini", "toml", NULL };

enum { MOST_FAILURES = 16 };

struct failures {
	struct {
		const char *kind;
		struct error err;
	} list[MOST_FAILURES];
	size_t count;
	bool is_final; /* the last one ends it all */
};

/* The first kind that can. */
static bool
try_kinds(const struct source *source, bool is_file, struct failures *failures)
{
	const char *const *names =
		source->inventory->enabled ? source->inventory->enabled : default_kinds;

	for (; *names; names++) {
		const struct kind *kind = kind_find(*names);
		struct error err;

		if (!kind || !kind->fits(source->path, is_file) ||
			(kind->suits && !kind->suits(source->text)))
			continue;
		error_clear(&err);
		if (kind_read(kind, source, &err))
			return true;
		if (failures->count < MOST_FAILURES) {
			failures->list[failures->count].kind = kind->name;
			failures->list[failures->count++].err = err;
		}
		if (kind->suits || failures->is_final)
			return false;
	}
	return false;
}

static bool
leaf_add(struct inventory *inventory, const char *path, bool is_file, bool *is_parsed,
	struct error *err)
{
	struct source source = { .inventory = inventory, .path = path };
	struct failures *failures;
	struct str text;

	str_init(&text);
	if (is_file &&
		!(file_read(path, LARGEST, &text, err) && text_open(inventory, &text, path, err))) {
		str_wipe(&text);
		if (err->kind == ERR_DENIED) /* a vault without its password */
			return false;
		tell_failure(inventory, path, "every", err);
		*is_parsed = false;
		return true;
	}
	source.text = str_view(&text);
	failures = memory_get(sizeof(*failures));
	failures->count = 0;
	failures->is_final = false;
	source.is_asking = &failures->is_final;
	*is_parsed = try_kinds(&source, is_file, failures);
	if (!*is_parsed && failures->is_final && failures->count) {
		*err = failures->list[failures->count - 1].err;
		free(failures);
		str_wipe(&text);
		return false;
	}
	for (size_t i = 0; i < failures->count && !*is_parsed; i++)
		tell_failure(inventory, path, failures->list[i].kind, &failures->list[i].err);
	free(failures);
	str_wipe(&text);
	return true;
}

/* ---- folders ---- */

static bool
pattern_finds(const char *pattern, const char *name)
{
	PCRE2_SIZE offset;
	int code;
	pcre2_code *regex = pcre2_compile(
		(PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &offset, NULL);
	pcre2_match_data *data;
	bool found;

	if (!regex)
		return false;
	data = pcre2_match_data_create_from_pattern(regex, NULL);
	found = pcre2_match(regex, (PCRE2_SPTR)name, strlen(name), 0, 0, data, NULL) >= 0;
	pcre2_match_data_free(data);
	pcre2_code_free(regex);
	return found;
}

static bool
is_ignored(const struct inventory *inventory, const char *name)
{
	static const char *const endings[] = { ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md",
		".txt", ".rst", ".orig", ".ini", ".cfg", ".retry", NULL };
	const char *const *pattern = inventory->ignored_patterns;

	if (name[0] == '.' || !strcmp(name, "group_vars") || !strcmp(name, "host_vars") ||
		!strcmp(name, "vars_plugins") ||
		has_ending(name, inventory->ignored_endings ? inventory->ignored_endings : endings))
		return true;
	for (; pattern && *pattern; pattern++)
		if (pattern_finds(*pattern, name))
			return true;
	return false;
}

static bool path_add(struct inventory *inventory, const char *path, int depth, bool *is_parsed,
	struct error *err);

/* All sources of a folder, in the order of their names; one of them is enough. */
static bool
folder_add(struct inventory *inventory, const char *path, int depth, bool *is_parsed,
	struct error *err)
{
	const char *const *names = directory_names(&inventory->arena, path, err);
	bool any = false, one;

	for (; names && *names; names++) {
		if (is_ignored(inventory, *names))
			continue;
		if (!path_add(inventory, path_join(&inventory->arena, path, *names), depth + 1,
			    &one, err))
			return false;
		any |= one;
	}
	*is_parsed = any;
	return names != NULL;
}

/* Rule R7: who can write a folder that all can write, can also choose the hosts. */
static bool
is_world_writable(const struct stat *status)
{
	return S_ISDIR(status->st_mode) && (status->st_mode & S_IWOTH) &&
	       !(status->st_mode & S_ISVTX);
}

static bool
path_add(struct inventory *inventory, const char *path, int depth, bool *is_parsed,
	struct error *err)
{
	struct stat status;
	bool exists = stat(path, &status) == 0;

	if (exists && S_ISDIR(status.st_mode)) {
		if (depth > DEEPEST_FOLDER)
			return fail(err, ERR_LIMIT, "the inventory '%s' is nested too deep", path);
		if (is_world_writable(&status)) {
			fail(err, ERR_DENIED, "the inventory '%s' is not read", path);
			return error_why(err, "everybody can write in this folder");
		}
		if (!folder_add(inventory, path, depth, is_parsed, err))
			return false;
	} else if (!leaf_add(inventory, path, exists, is_parsed, err)) {
		return false;
	}
	if (*is_parsed)
		return true;
	inventory->unparsed_count++;
	if (inventory->any_unparsed_is_failed)
		return fail(
			err, ERR_MISSING, "Completely failed to parse inventory source %s", path);
	inventory_warn(inventory, "Unable to parse %s as an inventory source", path);
	return true;
}

/* ---- what is given ---- */

static void
source_remember(struct inventory *inventory, const char *source)
{
	inventory->sources = arena_grow(&inventory->arena, inventory->sources,
		inventory->source_count, inventory->source_count + 1, sizeof(const char *));
	inventory->sources[inventory->source_count++] = arena_text(&inventory->arena, source);
}

static void
set_current(struct inventory *inventory, const char *path)
{
	struct stat status;
	const char *slash = strrchr(path, '/');

	inventory->file = arena_text(&inventory->arena, path);
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		inventory->directory = inventory->file;
	else
		inventory->directory = slash ? arena_bytes(&inventory->arena, path,
						       MAX((size_t)(slash - path), (size_t)1))
					     : ".";
}

/* Absolute, but through the links that were named. */
static const char *
path_whole(struct inventory *inventory, const char *path)
{
	char here[PATH_MAX];

	while (text_starts(path, "./"))
		path += 2;
	if (path[0] == '/' || !getcwd(here, sizeof(here)))
		return path;
	return path_join(&inventory->arena, here, path);
}

bool
inventory_add_source(
	struct inventory *inventory, const char *source, bool *is_parsed, struct error *err)
{
	struct stat status;

	/* A comma makes a list, unless there is such a file. */
	if (!strchr(source, ',') || stat(source, &status) == 0) {
		char *real = realpath(source, NULL);

		set_current(inventory, real ? real : source);
		free(real);
		source = path_whole(inventory, source);
	}
	source_remember(inventory, source);
	if (!path_add(inventory, source, 0, is_parsed, err))
		return false;
	inventory->is_parsed |= *is_parsed;
	return true;
}

bool
inventory_add_text(
	struct inventory *inventory, const char *name, const char *text, struct error *err)
{
	bool is_asking = false;
	const struct source source = {
		.inventory = inventory, .path = name, .text = view_of(text), .is_asking = &is_asking
	};

	inventory->is_parsed = source_auto(&source, err);
	return inventory->is_parsed;
}
