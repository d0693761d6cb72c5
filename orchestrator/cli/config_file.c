/* Which ansible.cfg counts, and what stands in it. */
#include "orchestrator/cli/config_file.h"

#include <sys/stat.h>
#include <unistd.h>

static bool
is_key(const struct option_row *row, const char *section, struct view key)
{
	struct view rest = view_of(row->key), piece, sections = view_of(row->section), one;
	bool in_section = false;

	if (!row->key)
		return false;
	while (view_cut(&sections, '|', &one))
		in_section |= view_is(one, section);
	while (in_section && view_cut(&rest, '|', &piece))
		if (view_equals(piece, key))
			return true;
	return false;
}

/* Without quotes around all of it. */
static const char *
text_plain(struct options *options, struct view text)
{
	if (text.length >= 2 && (text.data[0] == '"' || text.data[0] == '\'') &&
		text.data[text.length - 1] == text.data[0])
		return arena_bytes(&options->arena, text.data + 1, text.length - 2);
	return arena_view(&options->arena, text);
}

/* Options that are paths, and those that are several with colons between. */
static const enum option_id path_options[] = { OPTION_INVENTORY, OPTION_PRIVATE_KEY,
	OPTION_VAULT_DEFAULT_FILE, OPTION_BECOME_PASSWORD_FILE, OPTION_CONNECTION_PASSWORD_FILE,
	OPTION_RETRY_FILES_PATH, OPTION_LOG_PATH };
static const enum option_id folder_options[] = { OPTION_ROLES_PATH, OPTION_MODULE_PATH,
	OPTION_COLLECTIONS_PATH };

static bool
is_among(enum option_id id, const enum option_id *list, size_t count)
{
	while (count && list[count - 1] != id)
		count--;
	return count > 0;
}

static void
path_add(struct str *out, struct view path, const char *folder)
{
	if (path.length && path.data[0] != '/' && path.data[0] != '~')
		str_add_format(out, "%s/", folder);
	str_add_view(out, path);
}

/* Paths in ansible.cfg are relative to its folder. */
static const char *
config_value(struct options *options, enum option_id id, struct view text, const char *folder)
{
	bool is_path = is_among(id, path_options, ARRAY_SIZE(path_options));
	_cleanup_str_ struct str out = STR_INIT;
	const char *value = text_plain(options, text);
	struct view rest = view_of(value), piece;

	if (is_path && !strchr(value, ','))
		path_add(&out, rest, folder);
	else if (is_among(id, folder_options, ARRAY_SIZE(folder_options)))
		while (view_cut(&rest, ':', &piece)) {
			if (out.length)
				str_add_char(&out, ':');
			path_add(&out, piece, folder);
		}
	else
		return value;
	return arena_view(&options->arena, str_view(&out));
}

static void
config_line(struct options *options, const char *section, struct view line, const char *folder,
	const char *origin)
{
	const char *equals = line.length ? memchr(line.data, '=', line.length) : NULL;
	struct view key, text;
	const char *comment, *said;

	if (!equals)
		return;
	key = view_trim((struct view){ line.data, (size_t)(equals - line.data) });
	text = view_trim(
		(struct view){ equals + 1, (size_t)(line.data + line.length - equals - 1) });
	comment = text.length ? memmem(text.data, text.length, " ;", 2) : NULL;
	if (comment)
		text = view_trim((struct view){ text.data, (size_t)(comment - text.data) });
	said = text_plain(options, text);
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (!is_key(&option_table[i], section, key))
			continue;
		if (option_table[i].kind == OPTION_LIST) {
			struct view rest = text, piece;

			while (view_cut(&rest, ',', &piece))
				if (view_trim(piece).length)
					option_set(options, (enum option_id)i,
						config_value(options, (enum option_id)i,
							view_trim(piece), folder),
						origin);
		} else {
			said = config_value(options, (enum option_id)i, text, folder);
			option_set(options, (enum option_id)i, said, origin);
		}
	}
	value_set(&options->arena, options->config,
		arena_format(&options->arena, "%s\n%.*s", section, (int)key.length, key.data),
		value_text(&options->arena, said));
}

static void
config_read(struct options *options, const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	const char *slash = strrchr(path, '/');
	const char *folder =
		slash ? arena_bytes(&options->arena, path, (size_t)(slash - path)) : ".";
	char text[4096], section[128] = "";
	unsigned number = 0;

	if (!file)
		return;
	options->config_file = arena_text(&options->arena, path);
	options->config = value_map(&options->arena);
	while (fgets(text, sizeof(text), file)) {
		struct view line = view_trim(view_of(text));

		number++;
		if (!line.length || line.data[0] == '#' || line.data[0] == ';')
			continue;
		if (line.data[0] == '[' && view_ends(line, "]"))
			snprintf(section, sizeof(section), "%.*s", (int)line.length - 2,
				line.data + 1);
		else
			config_line(options, section, line, folder,
				arena_format(&options->arena, "%s:%u", path, number));
	}
}

static bool
is_readable(const char *path)
{
	return access(path, R_OK) == 0;
}

/* Rule R7: who may write the folder we stand in may not choose our settings. */
static bool
here_is_world_writable(void)
{
	struct stat status;

	return stat(".", &status) == 0 && (status.st_mode & S_IWOTH);
}

void
config_file_find(struct options *options)
{
	const char *given = getenv("ANSIBLE_CONFIG"), *home = getenv("HOME");
	struct stat status;
	char *here;

	if (given && *given) {
		if (stat(given, &status) == 0 && S_ISDIR(status.st_mode))
			given = arena_format(&options->arena, "%s/ansible.cfg", given);
		if (is_readable(given)) {
			config_read(options, given);
			return;
		}
	}
	if (is_readable("ansible.cfg")) {
		if (here_is_world_writable()) {
			options->config_refused = "ansible.cfg";
		} else {
			here = realpath("ansible.cfg", NULL);
			config_read(options, here ? here : "ansible.cfg");
			free(here);
			return;
		}
	}
	if (home && is_readable(arena_format(&options->arena, "%s/.ansible.cfg", home)))
		config_read(options, arena_format(&options->arena, "%s/.ansible.cfg", home));
	else if (is_readable("/etc/ansible/ansible.cfg"))
		config_read(options, "/etc/ansible/ansible.cfg");
}

const char *
config_file_setting(const struct options *options, const char *section, const char *key)
{
	struct arena scratch;
	const char *found;

	for (int i = 0; i < OPTION_COUNT; i++)
		if (is_key(&option_table[i], section, view_of(key)) && options->values[i].origin &&
			text_starts(options->values[i].origin, "ERTC_"))
			return options->values[i].text;
	arena_init(&scratch);
	found = !options->config ? NULL
				 : value_string(value_get(options->config,
					   arena_format(&scratch, "%s\n%s", section, key)));
	arena_release(&scratch);
	return found;
}
