#include "orchestrator/cli/vaults.h"

#include "orchestrator/run/prompt.h"
#include "vault/source.h"

struct sources {
	struct options *options;
	const char **list;
	size_t count;
};

static void
source_add(struct sources *sources, const char *source)
{
	sources->list = arena_grow(&sources->options->arena, sources->list, sources->count,
		sources->count + 2, sizeof(*sources->list));
	sources->list[sources->count++] = source;
}

static void
identities_add(struct sources *sources, const struct option_value *given)
{
	for (size_t i = 0; i < given->count; i++) {
		struct view rest = view_of(given->list[i]), piece;

		while (view_cut(&rest, ',', &piece))
			if (view_trim(piece).length)
				source_add(sources,
					arena_view(&sources->options->arena, view_trim(piece)));
	}
}

static void
file_add(struct sources *sources, const char *path)
{
	source_add(sources, arena_format(&sources->options->arena, "default@%s", path));
}

/* The sources in Ansible's order: vault_identity_list, --vault-id, --vault-password-file,
 * vault_password_file, the prompt. Ended by NULL, in the options' arena. */
static const char *const *
vaults_sources(struct options *options, bool asks_always, size_t *count)
{
	const struct option_value *ids = &options->values[OPTION_VAULT_ID],
				  *files = &options->values[OPTION_VAULT_PASSWORD_FILE];
	const char *fallback = option_text(options, OPTION_VAULT_DEFAULT_FILE);
	struct sources sources = { .options = options };

	sources.list = arena_array(&options->arena, 1, const char *);
	identities_add(&sources, &options->values[OPTION_VAULT_IDENTITY_LIST]);
	for (size_t i = 0; i < ids->count; i++)
		source_add(&sources, ids->list[i]);
	for (size_t i = 0; i < files->count; i++)
		file_add(&sources, files->list[i]);
	if (fallback)
		file_add(&sources, fallback);
	if (option_flag(options, OPTION_ASK_VAULT_PASS) || (asks_always && !sources.count))
		source_add(&sources, VAULT_SOURCE_ASK);
	*count = sources.count;
	return sources.list;
}

bool
vaults_ask(void *context, const char *prompt, char *answer, size_t size)
{
	size_t length = 0;
	ssize_t got;

	(void)context;
	if (prompt_ask(prompt, true, answer, size))
		return true;
	fprintf(stderr, "%s", prompt);
	fflush(stderr);
	while (length + 1 < size && (got = read(0, answer + length, 1)) == 1 &&
		answer[length] != '\n')
		length++;
	answer[length] = '\0';
	return length > 0;
}

static void
warn(const struct vaults_asking *asking, const char *reason, const char *source,
	const struct error *err)
{
	char label[VAULT_LABEL_MAX], text[1024];

	snprintf(text, sizeof(text), "%s (%s): %s%s%s", reason, vault_source_label(source, label),
		err->what, err->hint[0] ? ". " : "", err->hint);
	if (asking->warn)
		asking->warn(asking->context, text);
}

bool
vaults_read(struct options *options, const struct vaults_asking *asking, struct vault **out,
	struct error *err)
{
	const struct vault_asker asker = { .ask = vaults_ask, .is_new = asking->is_new };
	const char *const *sources, *reason;
	struct vault *vault = vault_new();
	size_t count;

	*out = vault;
	vault->is_strict = option_flag(options, OPTION_VAULT_ID_MATCH);
	sources = vaults_sources(options, asking->always, &count);
	for (size_t i = 0; i < count; i++)
		if (!vault_source_add(vault, sources[i], &asker, &reason, err))
			warn(asking, reason, sources[i], err);
	return vault->count || !count;
}
