/* `ertc config`: the settings, what they are and where that comes from. */
#include "orchestrator/cli/cli.h"
#include "orchestrator/cli/options.h"
#include "os/files.h"

enum { CONFIG_MAX = 1024 * 1024, EXIT_OPTIONS = 5 };

static const char usage[] =
	"usage: ertc config dump [--only-changed] | list | view\n\ndump: every setting, its value, and who "
	"set it. list: what each is called. view: the ansible.cfg\nthat is in use.";

static const enum option_id offered[] = { OPTION_ONLY_CHANGED, OPTION_HELP, OPTION_COUNT };

/* A setting's name: that of its environment variable, else of its key, else of its option. */
static const char *
setting_name(const struct option_row *row, char *buffer, size_t size)
{
	const char *from = row->environment ? row->environment : row->key ? row->key : row->names;
	size_t length = 0;

	while (*from == '-')
		from++;
	if (!row->environment && !row->key) {
		const char *last = strstr(row->names, "--");

		from = last ? last + 2 : from;
	}
	for (; *from && *from != ' ' && *from != '|' && length + 1 < size; from++)
		buffer[length++] = *from == '-'			? '_'
				   : (*from >= 'a' && *from <= 'z') ? (char)(*from - 32)
								    : *from;
	buffer[length] = '\0';
	return buffer;
}

static void
print_value(const struct options *options, int id)
{
	const struct option_value *value = &options->values[id];

	if (option_table[id].kind != OPTION_LIST || !value->count) {
		printf("%s\n", option_text(options, (enum option_id)id)
				       ? option_text(options, (enum option_id)id)
				       : "");
		return;
	}
	for (size_t i = 0; i < value->count; i++)
		printf("%s%s", i ? ", " : "", value->list[i]);
	putchar('\n');
}

static void
dump(const struct options *options)
{
	bool only_changed = option_flag(options, OPTION_ONLY_CHANGED);

	if (options->config_file)
		printf("CONFIG_FILE() = %s\n", options->config_file);
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_table[id];
		const char *origin = options->values[id].origin;
		char name[80];

		if (row->is_special || (!row->environment && !row->key) || (only_changed && !origin))
			continue;
		printf("%s(%s) = ", setting_name(row, name, sizeof(name)),
			origin ? origin : "default");
		print_value(options, id);
	}
}

static void
list(void)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_table[id];
		char name[80];

		if (row->is_special)
			continue;
		printf("%s\n", setting_name(row, name, sizeof(name)));
		if (row->doc)
			printf("  %s\n", row->doc);
		if (row->names)
			printf("  option:      %s\n", row->names);
		if (row->environment)
			printf("  environment: ANSIBLE_%s, ERTC_%s\n", row->environment,
				row->environment);
		if (row->key)
			printf("  ansible.cfg: [%s] %s\n", row->section, row->key);
		if (row->fallback)
			printf("  default:     %s\n", row->fallback);
	}
}

static int
view(const struct options *options)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error err;

	if (!options->config_file) {
		fprintf(stderr, "ertc config: no ansible.cfg is in use\n");
		return 1;
	}
	if (!file_read(options->config_file, CONFIG_MAX, &text, &err)) {
		fprintf(stderr, "ertc config: %s\n", err.what);
		return 1;
	}
	fputs(text.data, stdout);
	return 0;
}

static int
config_run(const struct options *options)
{
	const char *verb = options->path_count ? options->paths[0] : "";

	if (!strcmp(verb, "dump"))
		dump(options);
	else if (!strcmp(verb, "list"))
		list();
	else if (!strcmp(verb, "view"))
		return view(options);
	else {
		static const char *const verbs[] = { "dump", "list", "view", NULL };
		const char *nearest = text_nearest(verb, verbs);

		fprintf(stderr, "%s\nertc config: error: ", usage);
		if (*verb)
			fprintf(stderr, "there is no action '%s'%s%s%s\n", verb,
				nearest ? "; did you mean '" : "", nearest ? nearest : "",
				nearest ? "'?" : "");
		else
			fprintf(stderr, "an action is required\n");
		return EXIT_OPTIONS;
	}
	return 0;
}

int
command_config(int argc, char **argv)
{
	struct options options;
	struct error err;
	int code = 0;

	error_clear(&err);
	if (!options_read_verb(&options, offered, argc, argv, &err)) {
		fprintf(stderr, "%s\nertc config: error: %s%s%s\n", usage, err.what,
			err.hint[0] ? "; " : "", err.hint);
		code = EXIT_OPTIONS;
	} else if (option_flag(&options, OPTION_HELP)) {
		options_help_verb(stdout, offered, usage);
	} else {
		code = config_run(&options);
	}
	options_release(&options);
	return code;
}
