/* What the sources of an inventory may ask of the command that reads them, and the reading. */
#include <unistd.h>

#include "inventory/hosts/inventory.h"
#include "orchestrator/cli/config_file.h"
#include "orchestrator/cli/play.h"
#include "orchestrator/lookups/lookups.h"
#include "orchestrator/run/prompt.h"
#include "os/files.h"

enum { LARGEST_FILE = 16 * 1024 * 1024 };

/* ---- what sources may ask and tell ---- */

static void
inventory_warning(void *report, const char *text)
{
	report_warning(report, "%s", text);
}

static void
inventory_detail(void *report, const char *text)
{
	report_verbose(report, 3, NULL, "%s", text);
}

static void
inventory_progress(void *report, const char *text)
{
	report_progress(report, text);
}

static void
inventory_news(void *report, const char *line)
{
	if (isatty(2))
		report_progress(report, NULL);
	report_verbose(report, 0, NULL, "%s", line);
}

static void
inventory_secret(void *report, struct view secret)
{
	report_secret(report, secret);
}

/* For codes of one use (MFA): who types sees them. */
static bool
inventory_ask(void *report, const char *question, char *answer, size_t size)
{
	report_progress(report, NULL);
	return prompt_ask(question, false, answer, size);
}

/* Files in options of a source are looked for where the source is, then where we are. */
static bool
lookup_find_file(void *context, const char *kind, const char *name, struct arena *into,
	const char **out, struct error *err)
{
	const struct inventory *inventory = context;
	const char *beside =
		inventory->directory ? path_join(into, inventory->directory, name) : name;

	(void)kind;
	*out = name[0] != '/' && file_exists(beside) ? beside : name;
	return file_exists(*out) ||
	       fail(err, ERR_MISSING, "could not locate file in lookup: %s", name);
}

static bool
lookup_read_file(
	void *context, const char *path, struct arena *into, struct view *out, struct error *err)
{
	struct str text;
	bool ok;

	(void)context;
	str_init(&text);
	ok = file_read(path, LARGEST_FILE, &text, err);
	*out = (struct view){ ok ? arena_view(into, str_view(&text)) : "", text.length };
	str_release(&text);
	return ok;
}

static bool
no_names(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	const struct inventory *inventory = context;

	(void)into;
	(void)err;
	*out = inventory->extra_vars ? value_get_view(inventory->extra_vars, name) : NULL;
	return true;
}

static const struct value *
lookup_folders(void *context, struct arena *into)
{
	const struct inventory *inventory = context;
	struct value *list = value_list(into);

	if (inventory->directory)
		value_add(into, list, value_text(into, inventory->directory));
	return list;
}

static const char *
inventory_setting(const void *context, const char *section, const char *key)
{
	return config_file_setting(context, section, key);
}

static const char *
lookup_setting(void *context, const char *section, const char *key)
{
	const struct inventory *inventory = context;

	return inventory->setting ? inventory->setting(inventory->setting_context, section, key)
				  : NULL;
}

static bool
inventory_lookup(void *context, struct arena *into, const char *name, const struct value *terms,
	const struct value *options, const struct value **out, struct error *err)
{
	struct template_env *env = template_env_new();
	const struct template_scope names = { .find = no_names, .context = context };
	const struct lookup_context lookups = { .env = env,
		.names = &names,
		.find_file = lookup_find_file,
		.read_file = lookup_read_file,
		.folders = lookup_folders,
		.setting = lookup_setting,
		.context = context };
	bool ok = lookup_call(&lookups, into, name, terms, options, out, err);

	if (ok && *out)
		*out = value_dup(into, *out);
	template_env_free(env);
	return ok;
}

/* "a, b" as a list that ends with NULL; NULL: not set. */
static const char *const *
setting_list(struct play_command *command, enum option_id id)
{
	struct view rest = view_of(option_text(&command->options, id)), piece;
	const char **list;
	size_t count = 0;

	if (!option_text(&command->options, id))
		return NULL;
	list = arena_array(&command->arena, rest.length + 2, const char *);
	while (view_cut(&rest, ',', &piece))
		if (view_trim(piece).length)
			list[count++] = arena_view(&command->arena, view_trim(piece));
	return list;
}

static void
inventory_settings(struct play_command *command)
{
	struct inventory *inventory = command->inventory;

	inventory->mismatch = option_text(&command->options, OPTION_PATTERN_MISMATCH);
	inventory->warn = inventory_warning;
	inventory->tell = inventory_detail;
	inventory->progress = isatty(2) ? inventory_progress : NULL;
	inventory->secret = inventory_secret;
	inventory->ask = isatty(0) ? inventory_ask : NULL;
	inventory->warn_context = command->report;
	inventory->lookup = inventory_lookup;
	inventory->setting = inventory_setting;
	inventory->setting_context = &command->options;
	inventory->flushes_cache = option_flag(&command->options, OPTION_FLUSH_CACHE);
	inventory->regions = setting_list(command, OPTION_REGION);
	inventory->stack = option_text(&command->options, OPTION_STACK);
	inventory->news = inventory_news;
	inventory->wait_s =
		command->options.values[OPTION_WAIT].origin && !inventory->wants_diagnosis
			? option_number(&command->options, OPTION_WAIT)
			: 0;
	inventory->flushes_cache |= inventory->wait_s > 0;
	inventory->enabled = setting_list(command, OPTION_INVENTORY_ENABLED);
	inventory->ignored_endings = setting_list(command, OPTION_INVENTORY_IGNORE);
	inventory->ignored_patterns = setting_list(command, OPTION_INVENTORY_IGNORE_REGEX);
	inventory->group_names = option_text(&command->options, OPTION_GROUP_NAMES);
	inventory->any_unparsed_is_failed =
		option_flag(&command->options, OPTION_ANY_UNPARSED_IS_FAILED);
	inventory->extra_vars = command->settings.extra_vars;
}

/* -i and ansible.cfg name one source each; the environment, several with commas between (a lone
 * host has one behind it). */
static bool
sources_add(struct play_command *command, const char *given, bool may_be_list, struct error *err)
{
	struct view rest = view_of(given), piece;
	bool is_parsed;

	if (!may_be_list || text_ends(given, ","))
		return inventory_add_source(
			command->inventory, play_path(command, given), &is_parsed, err);
	while (view_cut(&rest, ',', &piece))
		if (view_trim(piece).length &&
			!inventory_add_source(command->inventory,
				play_path(command, arena_view(&command->arena, view_trim(piece))),
				&is_parsed, err))
			return false;
	return true;
}

/* A source that cannot be read is a warning, as in Ansible, unless unparsed_is_failed. */
bool
play_inventory(struct play_command *command, struct error *err)
{
	const struct option_value *given = &command->options.values[OPTION_INVENTORY];
	bool is_listed = given->origin && text_starts(given->origin, "ANSIBLE_");
	bool has_default = access("/etc/ansible/hosts", R_OK) == 0, is_parsed;
	struct inventory *inventory = command->inventory;

	inventory_settings(command);
	for (size_t i = 0; i < given->count; i++)
		if (!sources_add(command, given->list[i], is_listed, err))
			return false;
	if (!given->count && inventory->stack) {
		static const char text[] = "plugin: aws_ec2\nreach: true\n";

		if (!inventory_add_text(inventory, "--stack", text, err))
			return false;
	} else if (!given->count && has_default &&
		   !inventory_add_source(inventory, "/etc/ansible/hosts", &is_parsed, err))
		return false;
	if (!inventory->is_parsed && option_flag(&command->options, OPTION_UNPARSED_IS_FAILED))
		return fail(err, ERR_MISSING,
			"No inventory was parsed, please check your configuration and options.");
	if (!inventory->is_parsed && option_flag(&command->options, OPTION_UNPARSED_WARNING))
		report_warning(command->report,
			"No inventory was parsed, only implicit localhost is available");
	return inventory_settle(inventory, err);
}
