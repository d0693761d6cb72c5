/* lookup('password', …): made once, kept in a file. */
#include <fcntl.h>
#include <sys/random.h>

#include "orchestrator/lookups/internal.h"

struct password {
	const char *path, *characters;
	int64_t length;
};

/* chars= names sets of Python's string module, or gives characters. */
static const char *
password_characters(struct lookup *lookup, const struct value *given)
{
	static const struct {
		const char *name, *characters;
	} sets[] = { { "ascii_letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" },
		{ "ascii_lowercase", "abcdefghijklmnopqrstuvwxyz" },
		{ "ascii_uppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" }, { "digits", "0123456789" },
		{ "hexdigits", "0123456789abcdefABCDEF" },
		{ "punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" } };
	struct str all = STR_INIT;
	const char *text;

	VALUE_EACH (item, lookup_split(lookup, given, ",")) {
		const char *name = lookup_text(lookup, item), *found = name;

		for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
			if (!strcmp(sets[i].name, name))
				found = sets[i].characters;
		str_add(&all, found);
	}
	text = arena_view(lookup->into, str_view(&all));
	str_release(&all);
	return text;
}

/* "PATH length=8 chars=digits" or the same as options. */
static bool
password_parse(struct lookup *lookup, const char *term, struct password *out, struct error *err)
{
	const struct value *chars = value_get(lookup->options, "chars"),
			   *length = value_get(lookup->options, "length");
	struct view rest = view_of(term), word;

	*out = (struct password){ .length = 20 };
	while (view_cut(&rest, ' ', &word)) {
		if (view_starts(word, "length="))
			length = value_view(
				lookup->into, (struct view){ word.data + 7, word.length - 7 });
		else if (view_starts(word, "chars="))
			chars = value_view(
				lookup->into, (struct view){ word.data + 6, word.length - 6 });
		else if (!out->path && word.length)
			out->path = arena_view(lookup->into, word);
	}
	if (length &&
		(!value_to_int(length, &out->length) || out->length < 1 || out->length > 4096))
		return fail(err, ERR_TYPE, "the length of a password is a number from 1 to 4096");
	out->characters =
		chars ? password_characters(lookup, chars)
		      : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_";
	if (!out->path || !*out->characters)
		return fail(err, ERR_TYPE,
			"lookup('password') needs a file (or /dev/null) and characters");
	return true;
}

static bool
password_make(const struct password *password, char *out, struct error *err)
{
	size_t count = strlen(password->characters);
	unsigned limit = (unsigned)(65536 - 65536 % count);

	for (int64_t i = 0; i < password->length;) {
		uint16_t number;

		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return fail_errno(err, "cannot get random bytes");
		if (number < limit)
			out[i++] = password->characters[number % count];
	}
	out[password->length] = '\0';
	return true;
}

static bool
password_keep(const char *path, const char *text, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(err, "cannot keep a password in '%s'", path);
	return dprintf(fd, "%s\n", text) > 0 ||
	       fail_errno(err, "cannot keep a password in '%s'", path);
}

bool
lookup_password(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct password password;
		struct view text;
		char *made;

		if (!password_parse(lookup, lookup_text(lookup, term), &password, err))
			return false;
		if (password.path[0] != '/' && lookup->context->directory)
			password.path = arena_format(
				lookup->into, "%s/%s", lookup->context->directory, password.path);
		if (strcmp(password.path, "/dev/null") != 0 && access(password.path, F_OK) == 0) {
			if (!lookup_read_file(lookup, password.path, &text, err))
				return false;
			text.length = strcspn(text.data, "\n");
		} else {
			made = arena_alloc(lookup->into, (size_t)password.length + 1);
			if (!password_make(&password, made, err) ||
				(strcmp(password.path, "/dev/null") != 0 &&
					!password_keep(password.path, made, err)))
				return false;
			text = view_of(made);
		}
		value_add(lookup->into, lookup->out, value_view(lookup->into, text));
	}
	return true;
}
