/* Arguments of ssh. */
#include "orchestrator/transport/ssh_args.h"

static void
list_add(struct ssh_list *list, struct arena *into, const char *text)
{
	if ((list->count & (list->count + 1)) == 0)
		list->items = arena_grow(
			into, list->items, list->count, 2 * list->count + 1, sizeof(*list->items));
	list->items[list->count++] = text;
}

void
ssh_given_add(struct ssh_given *given, struct arena *into, const char *keyword, const char *value)
{
	if ((given->count & (given->count + 1)) == 0)
		given->settings = arena_grow(into, given->settings, given->count,
			2 * given->count + 1, sizeof(*given->settings));
	given->settings[given->count++] = (struct ssh_setting){ keyword, value };
}

/* One word; *at stands behind it afterwards. */
static bool
word_take(const char **at, struct str *word)
{
	char quote = 0;

	for (; **at; (*at)++) {
		char c = **at;

		if (quote == '\'' ? c == '\'' : quote == '"' ? c == '"' : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
		} else if (c == '\\' && quote != '\'' && (*at)[1]) {
			if (quote && !strchr("\"\\$`", (*at)[1]))
				str_add_char(word, c);
			str_add_char(word, *++*at);
		} else if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
			break;
		} else {
			str_add_char(word, c);
		}
	}
	return !quote;
}

bool
shell_words(const char *text, struct arena *into, struct ssh_list *out, struct error *err)
{
	*out = (struct ssh_list){ 0 };
	for (const char *at = text ? text : "";;) {
		_cleanup_str_ struct str word = STR_INIT;

		at += strspn(at, " \t\r\n");
		if (!*at)
			return true;
		if (!word_take(&at, &word))
			return fail(err, ERR_OPTIONS,
				"a quote is not closed in the ssh arguments '%s'", text);
		list_add(out, into, arena_bytes(into, word.data, word.length));
	}
}

/* Options with an argument of their own. NULL keyword: no meaning here. */
static const struct letter {
	char letter;
	const char *keyword;
} with_value[] = { { 'J', "ProxyJump" }, { 'i', "IdentityFile" }, { 'l', "User" }, { 'p', "Port" },
	{ 'b', "BindAddress" }, { 'c', "Ciphers" }, { 'm', "MACs" }, { 'P', "Tag" }, { 'o', NULL },
	{ 'F', NULL }, { 'W', NULL }, { 'B', NULL }, { 'D', NULL }, { 'E', NULL }, { 'e', NULL },
	{ 'I', NULL }, { 'L', NULL }, { 'O', NULL }, { 'Q', NULL }, { 'R', NULL }, { 'S', NULL },
	{ 'w', NULL } };

static const struct letter *
letter_find(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(with_value); i++)
		if (with_value[i].letter == letter)
			return &with_value[i];
	return NULL;
}

static void
flag_read(struct ssh_config *config, char letter, struct arena *into, struct ssh_given *given)
{
	if (letter == '4')
		ssh_given_add(given, into, "AddressFamily", "inet");
	else if (letter == '6')
		ssh_given_add(given, into, "AddressFamily", "inet6");
	else if (letter == 'A')
		ssh_config_warn(
			config, "ssh argument -A: the built-in ssh does not forward the agent");
	else if (strchr("KXY", letter))
		ssh_config_warn(
			config, "ssh argument -%c is not honoured by the built-in ssh", letter);
	else if (!strchr("aCfGgkMNnqsTtVvxy", letter))
		ssh_config_warn(config, "ssh argument -%c is unknown and ignored", letter);
}

/* "Keyword=value" or "Keyword value". */
static bool
setting_read(const char *text, struct arena *into, struct ssh_given *given, struct error *err)
{
	size_t length;

	text += strspn(text, " \t");
	length = strcspn(text, "= \t");
	if (!length || !text[length])
		return fail(err, ERR_OPTIONS, "'-o %s' is not of the form Keyword=value", text);
	const char *keyword = arena_bytes(into, text, length);

	text += length;
	text += strspn(text, " \t");
	if (*text == '=')
		text++;
	ssh_given_add(given, into, keyword, text + strspn(text, " \t"));
	return true;
}

static bool
value_read(struct ssh_config *config, const struct letter *letter, const char *value,
	struct arena *into, struct ssh_given *given, struct error *err)
{
	if (letter->letter == 'o')
		return setting_read(value, into, given, err);
	if (letter->letter == 'F')
		given->config_file = value;
	else if (letter->keyword)
		ssh_given_add(given, into, letter->keyword, value);
	else if (letter->letter == 'I')
		ssh_config_warn(config,
			"ssh argument -I (PKCS#11) is not honoured by the built-in ssh; "
			"ansible_connection=ssh-cli uses your own ssh");
	return true;
}

/* A cluster such as "-vTp2222"; *index moves on when the value is the next word. */
static bool
cluster_read(struct ssh_config *config, const struct ssh_list *words, size_t *index,
	struct arena *into, struct ssh_given *given, struct error *err)
{
	for (const char *at = words->items[*index] + 1; *at; at++) {
		const struct letter *letter = letter_find(*at);
		const char *value;

		if (!letter) {
			flag_read(config, *at, into, given);
			continue;
		}
		value = at[1] ? at + 1 : *index + 1 < words->count ? words->items[++*index] : NULL;
		if (!value)
			return fail(err, ERR_OPTIONS, "the ssh argument '-%c' needs a value", *at);
		return value_read(config, letter, value, into, given, err);
	}
	return true;
}

bool
ssh_args_read(struct ssh_config *config, const struct ssh_list *words, struct arena *into,
	struct ssh_given *given, struct ssh_list *rest, struct error *err)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];

		if (word[0] == '-' && word[1] && strcmp(word, "--") != 0) {
			if (!cluster_read(config, words, &i, into, given, err))
				return false;
		} else if (rest) {
			if (strcmp(word, "--") != 0)
				list_add(rest, into, word);
		} else {
			return fail(err, ERR_OPTIONS, "'%s' is no argument of ssh", word);
		}
	}
	return true;
}
