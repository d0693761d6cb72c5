/* lookup('config', …): what a setting is set to. */
#include "orchestrator/lookups/internal.h"
#include "orchestrator/lookups/settings.h"
#include "os/files.h"

/* Options of plugins that playbooks ask for; variables set them. */
static const struct plugin_option {
	const char *type, *plugin, *name;
	const char *variables; /* the last one set wins */
	enum setting_type kind;
	const char *fallback;
} plugin_options[] = {
	{ "connection", "ssh", "remote_user", "ansible_user ansible_ssh_user", SETTING_STRING,
		NULL },
	{ "connection", "ssh", "port", "ansible_port ansible_ssh_port", SETTING_INT, NULL },
	{ "connection", "ssh", "host",
		"inventory_hostname ansible_host ansible_ssh_host delegated_vars", SETTING_STRING,
		NULL },
	{ "connection", "ssh", "private_key_file",
		"ansible_private_key_file ansible_ssh_private_key_file", SETTING_STRING, NULL },
	{ "connection", "ssh", "ssh_common_args", "ansible_ssh_common_args", SETTING_STRING, "" },
	{ "connection", "ssh", "ssh_extra_args", "ansible_ssh_extra_args", SETTING_STRING, "" },
	{ "shell", "sh", "remote_tmp", "ansible_remote_tmp", SETTING_STRING, "~/.ansible/tmp" },
	{ "become", "sudo", "become_user", "ansible_become_user ansible_sudo_user", SETTING_STRING,
		"root" },
};

static const struct value *
path_value(struct arena *into, const char *text)
{
	const char *home = getenv("HOME");

	if (text[0] == '~' && (text[1] == '/' || !text[1]) && home)
		text = arena_format(into, "%s%s", home, text + 1);
	return value_text(into, text);
}

static const struct value *
list_value(struct lookup *lookup, const char *text, const char *separators, bool is_path)
{
	struct value *list = value_list(lookup->into);

	VALUE_EACH (piece, lookup_split(lookup, value_text(lookup->into, text), separators)) {
		struct view trimmed = view_trim(value_string_view(piece));

		value_add(lookup->into, list,
			is_path ? path_value(lookup->into, arena_view(lookup->into, trimmed))
				: value_view(lookup->into, trimmed));
	}
	return list;
}

static const struct value *
typed_value(struct lookup *lookup, enum setting_type type, const char *text)
{
	struct value *plain = value_text(lookup->into, text);
	int64_t number;
	bool flag;

	if (!text)
		return &value_none;
	switch (type) {
	case SETTING_BOOL:
		return value_to_bool(plain, &flag) && flag ? &value_true : &value_false;
	case SETTING_INT:
		return value_to_int(plain, &number) ? value_int(lookup->into, number) : plain;
	case SETTING_FLOAT:
		return value_float(lookup->into, strtod(text, NULL));
	case SETTING_LIST:
		return list_value(lookup, text, ",", false);
	case SETTING_DICTIONARY:
		return &value_empty_map;
	case SETTING_PATHLIST:
		return list_value(lookup, text, ":", true);
	case SETTING_PATH:
	case SETTING_TMPPATH:
		return path_value(lookup->into, text);
	case SETTING_STRING:
		break;
	}
	return plain;
}

static const char *
setting_text(struct lookup *lookup, const struct setting_row *row)
{
	struct view rest = view_of(row->environment), piece, section;
	const char *found = NULL;

	while (row->environment && view_cut(&rest, ' ', &piece))
		if (getenv(arena_view(lookup->into, piece)))
			found = getenv(arena_view(lookup->into, piece));
	rest = view_of(row->ini);
	while (!found && row->ini && lookup->context->setting && view_cut(&rest, ' ', &piece)) {
		struct view key = piece;

		if (view_cut(&key, '.', &section))
			found = lookup->context->setting(lookup->context->context,
				arena_view(lookup->into, section), arena_view(lookup->into, key));
	}
	return found ? found : row->fallback;
}

/* *out stays NULL: there is no such setting. */
static bool
global_find(struct lookup *lookup, const char *name, const struct value **out, struct error *err)
{
	(void)err;
	for (const struct setting_row *row = setting_table; row->name; row++)
		if (!strcmp(row->name, name)) {
			*out = typed_value(lookup, row->type, setting_text(lookup, row));
			return true;
		}
	return true;
}

static bool
plugin_find(struct lookup *lookup, const char *type, const char *plugin, const char *name,
	const struct value **out, struct error *err)
{
	const struct template_scope *names = lookup->context->names;

	for (size_t i = 0; i < ARRAY_SIZE(plugin_options); i++) {
		const struct plugin_option *option = &plugin_options[i];
		struct view rest = view_of(option->variables), piece;

		if (strcmp(option->type, type) != 0 || strcmp(option->plugin, plugin) != 0 ||
			strcmp(option->name, name) != 0)
			continue;
		*out = typed_value(lookup, option->kind, option->fallback);
		while (view_cut(&rest, ' ', &piece)) {
			const struct value *raw, *value;

			if (!names->find(names->context, lookup->into, piece, &raw, err))
				return false;
			if (!raw)
				continue;
			if (!template_evaluate(
				    lookup->context->env, names, lookup->into, raw, &value, err))
				return false;
			*out = typed_value(lookup, option->kind, lookup_text(lookup, value));
		}
		return true;
	}
	return true;
}

bool
lookup_config(struct lookup *lookup, struct error *err)
{
	const char *missing = lookup_option_text(lookup, "on_missing", "error"),
		   *type = lookup_option_text(lookup, "plugin_type", NULL),
		   *plugin = lookup_option_text(lookup, "plugin_name", NULL);

	if (strcmp(missing, "error") != 0 && strcmp(missing, "warn") != 0 &&
		strcmp(missing, "skip") != 0)
		return fail(err, ERR_TYPE,
			"Invalid value \"%s\" for configuration option \"setting: on_missing \", "
			"valid values are: error, skip, warn",
			missing);
	if (!type != !plugin)
		return fail(err, ERR_TYPE,
			"Both plugin_type and plugin_name are required, cannot use one without "
			"the other");
	VALUE_EACH (term, lookup->terms) {
		const struct value *found = NULL;
		const char *name = value_string(term);

		if (!name)
			return fail(err, ERR_TYPE,
				"Invalid setting identifier, \"%s\" is not a string, its a %s",
				lookup_text(lookup, term), value_type_name(term));
		if (!(type ? plugin_find(lookup, type, plugin, name, &found, err)
			   : global_find(lookup, name, &found, err)))
			return false;
		if (found)
			value_add(lookup->into, lookup->out, found);
		else if (!type && name[0] >= 'A' && name[0] <= 'Z' &&
			 strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != strlen(name))
			return fail(err, ERR_TYPE, "Invalid setting \"%s\" attempted", name);
		else if (!strcmp(missing, "error"))
			return fail(err, ERR_MISSING, "Unable to find setting %s", name);
		else if (!strcmp(missing, "warn") && lookup->context->warn)
			lookup->context->warn(lookup->context->context,
				arena_format(
					lookup->into, "Skipping, did not find setting %s", name));
	}
	return true;
}
