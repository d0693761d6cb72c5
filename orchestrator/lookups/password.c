/* lookup('password', …): made once, kept in a file with its salt, and given plain or hashed. */
#include <fcntl.h>
#include <sys/random.h>

#include "orchestrator/lookups/internal.h"
#include "os/files.h"
#include "template/chance.h"

enum { LONGEST = 4096, SALT_LENGTH = 16 };

struct password {
	const char *path, *characters, *scheme; /* scheme NULL: plain */
	const char *seed, *ident;
	int64_t length;
	/* what the file holds */
	const char *text, *salt;
	bool is_changed;
};

static const char salt_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";

/* chars= names sets of Python's string module, or gives characters; quotes never count. */
static const char *
password_characters(struct lookup *lookup, const struct value *given)
{
	static const struct {
		const char *name, *characters;
	} sets[] = { { "ascii_letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" },
		{ "ascii_lowercase", "abcdefghijklmnopqrstuvwxyz" },
		{ "ascii_uppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" }, { "digits", "0123456789" },
		{ "hexdigits", "0123456789abcdefABCDEF" }, { "octdigits", "01234567" },
		{ "punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" } };
	struct str all = STR_INIT, plain = STR_INIT;
	const char *text;

	/* Two commas are a comma among the characters. */
	if (value_is_string(given) && strstr(value_string(given), ",,"))
		str_add_char(&all, ',');
	VALUE_EACH (item, lookup_split(lookup, given, ",")) {
		const char *name = lookup_text(lookup, item), *found = name;

		for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
			if (!strcmp(sets[i].name, name))
				found = sets[i].characters;
		str_add(&all, found);
	}
	for (size_t i = 0; i < all.length; i++)
		if (all.data[i] != '"' && all.data[i] != '\'')
			str_add_char(&plain, all.data[i]);
	text = arena_view(lookup->into, str_view(&plain));
	str_release(&all);
	str_release(&plain);
	return text;
}

/* "PATH length=8 chars=digits" or the same as options. */
static bool
password_parse(struct lookup *lookup, const char *term, struct password *out, struct error *err)
{
	static const char *const known[] = { "length", "chars", "encrypt", "seed", "ident",
		"wantlist", "errors", NULL };
	struct value *named = value_map_copy(lookup->into, lookup->options);
	struct lookup own = *lookup;
	const struct value *chars, *length;

	*out = (struct password){ .length = 20 };
	out->path = lookup_words(lookup, term, named);
	own.options = named;
	VALUE_PAIRS (pair, named) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], value_string(pair->key)) != 0)
			i++;
		if (!known[i])
			return fail(err, ERR_TYPE,
				"Unrecognized parameter(s) given to password lookup: %s",
				value_string(pair->key));
	}
	chars = value_get(named, "chars");
	length = value_get(named, "length");
	if (length &&
		(!value_to_int(length, &out->length) || out->length < 1 || out->length > LONGEST))
		return fail(err, ERR_TYPE, "the length of a password is a number from 1 to 4096");
	out->characters =
		chars ? password_characters(lookup, chars)
		      : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_";
	out->scheme = lookup_option_text(&own, "encrypt", NULL);
	out->scheme = out->scheme && *out->scheme ? out->scheme : NULL;
	out->seed = lookup_option_text(&own, "seed", NULL);
	out->ident = lookup_option_text(&own, "ident", NULL);
	if (!*out->path || !*out->characters)
		return fail(err, ERR_TYPE,
			"lookup('password') needs a file (or /dev/null) and characters");
	return true;
}

static bool
characters_choose(struct lookup *lookup, const char *characters, int64_t length, const char *seed,
	const char **out, struct error *err)
{
	size_t count = strlen(characters);
	char *text = arena_alloc(lookup->into, (size_t)length + 1);
	uint32_t *chosen = arena_array(lookup->into, (size_t)length, uint32_t);
	unsigned limit = (unsigned)(65536 - 65536 % count);

	*out = text;
	if (seed) {
		if (!chance_choose(lookup->into, view_of(seed), (uint32_t)count, chosen,
			    (size_t)length, err))
			return false;
		for (int64_t i = 0; i < length; i++)
			text[i] = characters[chosen[i]];
		return true;
	}
	for (int64_t i = 0; i < length;) {
		uint16_t number;

		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return fail_errno(err, "cannot get random bytes");
		if (number < limit)
			text[i++] = characters[number % count];
	}
	return true;
}

/* "password salt=… ident=…" */
static bool
password_load(struct lookup *lookup, struct password *password, struct error *err)
{
	struct view text;
	char *line, *mark;

	if (!strcmp(password->path, "/dev/null") || access(password->path, F_OK) != 0)
		return true;
	if (!lookup_read_file(lookup, password->path, &text, err))
		return false;
	while (text.length && text.data[text.length - 1] == '\n')
		text.length--;
	line = arena_view(lookup->into, text);
	mark = strstr(line, " ident=");
	if (mark)
		*mark = '\0';
	mark = strstr(line, " salt=");
	if (mark) {
		*mark = '\0';
		password->salt = mark + strlen(" salt=");
	}
	password->text = line;
	return true;
}

static bool
password_keep(struct lookup *lookup, const struct password *password, struct error *err)
{
	const char *folder = path_parent(lookup->into, password->path);
	struct file_place place = { .has_mode = true, .mode = 0600 };
	struct str text = STR_INIT;
	bool ok;

	if (!strcmp(password->path, "/dev/null") || !password->is_changed)
		return true;
	str_add(&text, password->text);
	if (password->salt)
		str_add_format(&text, " salt=%s", password->salt);
	if (password->salt && password->ident)
		str_add_format(&text, " ident=%s", password->ident);
	str_add_char(&text, '\n');
	ok = (access(folder, F_OK) == 0 || directory_make(folder, 0700, err)) &&
	     file_replace(password->path, str_view(&text), &place, err);
	memory_wipe(text.data, text.length);
	str_release(&text);
	return ok;
}

/* The hash is the filter password_hash's. */
static bool
password_hash(struct lookup *lookup, const struct password *password, const struct value **out,
	struct error *err)
{
	struct value *locals = value_map(lookup->into);
	const char *scheme = password->scheme;

	if (text_ends(scheme, "_crypt"))
		scheme = arena_bytes(lookup->into, scheme, strlen(scheme) - 6);
	value_set(lookup->into, locals, "text", value_text(lookup->into, password->text));
	value_set(lookup->into, locals, "scheme", value_text(lookup->into, scheme));
	value_set(lookup->into, locals, "salt", value_text(lookup->into, password->salt));
	return template_expression_over(lookup->context->env, lookup->into,
		"text | password_hash(scheme, salt)", locals, out, err);
}

static bool
password_one(struct lookup *lookup, const char *term, const struct value **out, struct error *err)
{
	struct password password;

	if (!password_parse(lookup, term, &password, err))
		return false;
	if (password.path[0] != '/' && lookup->context->directory)
		password.path = arena_format(
			lookup->into, "%s/%s", lookup->context->directory, password.path);
	if (!password_load(lookup, &password, err))
		return false;
	if (!password.text) {
		password.is_changed = true;
		if (!characters_choose(lookup, password.characters, password.length, password.seed,
			    &password.text, err))
			return false;
	}
	if (password.scheme && !password.salt) {
		password.is_changed = true;
		if (!characters_choose(lookup, salt_characters,
			    !strcmp(password.scheme, "md5_crypt") ? SALT_LENGTH / 2
			    : !strcmp(password.scheme, "bcrypt")  ? 22
								  : SALT_LENGTH,
			    NULL, &password.salt, err))
			return false;
	}
	if (!password_keep(lookup, &password, err))
		return false;
	*out = value_text(lookup->into, password.text);
	return !password.scheme || password_hash(lookup, &password, out, err);
}

bool
lookup_password(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		const struct value *text;

		if (!password_one(lookup, lookup_text(lookup, term), &text, err))
			return false;
		value_add(lookup->into, lookup->out, text);
	}
	return true;
}
