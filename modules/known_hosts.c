/* known_hosts: host keys for ssh. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/base64.h"
#include "module/lines.h"

enum { SALT_SIZE = 20, HMAC_BLOCK = 64 };

struct known_hosts_args {
	const char *name, *key, *path, *state;
	bool hash_host;
};

#define A struct known_hosts_args
static const struct param params[] = {
	PARAM_STRING(A, name, .required = true, .aliases = TEXTS("host"),
		.doc = "The host, as it stands in the key's line; [host]:port for other ports."),
	PARAM_STRING(A, key, .doc = "The line: HOST TYPE KEY. Without it, absent removes all."),
	PARAM_PATH(A, path, .fallback = "~/.ssh/known_hosts", .doc = "The file."),
	PARAM_FLAG(A, hash_host, .fallback = "false", .doc = "Write the host's name as a digest."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether the key is to be there."),
	PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "name", "str", "The host." },
	{ "key", "str", "The key." }, { "path", "str", "The file." }, { NULL, NULL, NULL } };

/* One line in its pieces; the views are of the line. */
struct entry {
	struct view marker, hosts, type, key;
};

static struct view
word_of(struct view *rest)
{
	struct view word;

	*rest = view_trim(*rest);
	word = (struct view){ rest->data, 0 };
	while (word.length < rest->length && !isspace((unsigned char)word.data[word.length]))
		word.length++;
	*rest = (struct view){ rest->data + word.length, rest->length - word.length };
	return word;
}

static bool
entry_read(struct view line, struct entry *out)
{
	*out = (struct entry){ .marker = VIEW("") };
	line = view_trim(line);
	if (!line.length || *line.data == '#')
		return false;
	if (*line.data == '@')
		out->marker = word_of(&line);
	out->hosts = word_of(&line);
	out->type = word_of(&line);
	out->key = word_of(&line);
	return out->key.length > 0;
}

/* ---- hashed names: |1|salt|hmac-sha1(salt, name) ---- */

static void
hmac_sha1(const uint8_t *salt, size_t length, const char *text, uint8_t out[HASH_SIZE_MAX])
{
	uint8_t block[HMAC_BLOCK];
	struct hash hash;
	size_t size = 0;

	for (int round = 0; round < 2; round++) {
		memset(block, round ? 0x5c : 0x36, sizeof(block));
		for (size_t i = 0; i < length; i++)
			block[i] ^= salt[i];
		hash_init(&hash, HASH_SHA1);
		hash_add(&hash, block, sizeof(block));
		if (round)
			hash_add(&hash, out, size);
		else
			hash_add(&hash, text, strlen(text));
		size = hash_end(&hash, out);
	}
}

static const char *
hashed_name(struct arena *arena, const uint8_t *salt, size_t length, const char *name)
{
	_cleanup_str_ struct str out = STR_INIT;
	uint8_t digest[HASH_SIZE_MAX];

	hmac_sha1(salt, length, name, digest);
	str_add(&out, "|1|");
	base64_add(&out, (struct view){ (const char *)salt, length });
	str_add_char(&out, '|');
	base64_add(&out, (struct view){ (const char *)digest, 20 });
	return arena_view(arena, str_view(&out));
}

static size_t
base64_read(struct view text, uint8_t *out, size_t room)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	size_t count = 0;
	int held = 0;

	for (size_t i = 0; i < text.length && text.data[i] != '='; i++) {
		const char *found = text.data[i] ? strchr(letters, text.data[i]) : NULL;

		if (!found)
			return 0;
		bits = bits << 6 | (uint32_t)(found - letters);
		held += 6;
		if (held >= 8 && count < room) {
			held -= 8;
			out[count++] = (uint8_t)(bits >> held);
		}
	}
	return count;
}

/* Is this the host's line? */
static bool
names_host(struct arena *arena, struct view hosts, const char *name)
{
	uint8_t salt[HMAC_BLOCK];
	struct view piece, rest;
	size_t length;

	if (view_starts(hosts, "|1|")) {
		rest = (struct view){ hosts.data + 3, hosts.length - 3 };
		if (!view_cut(&rest, '|', &piece))
			return false;
		length = base64_read(piece, salt, sizeof(salt));
		return length && view_is(hosts, hashed_name(arena, salt, length, name));
	}
	while (view_cut(&hosts, ',', &piece))
		if (piece.length == strlen(name) &&
			strncasecmp(piece.data, name, piece.length) == 0)
			return true;
	return false;
}

/* ---- what is to be there ---- */

static bool
read_key(struct module_call *call, const char *name, struct entry *out, struct error *err)
{
	const struct known_hosts_args *args = call->args;

	if (strchr(name, ','))
		return fail(err, ERR_OPTIONS,
			"Comma separated list of names is not supported. Please pass a single "
			"name to lookup in the known_hosts file.");
	if (!args->key)
		return text_equals(args->state, "absent") ||
		       fail(err, ERR_OPTIONS, "No key specified when adding a host");
	if (!entry_read(view_of(args->key), out) || !names_host(call->arena, out->hosts, name))
		return fail(err, ERR_OPTIONS,
			"Host parameter does not match hashed host field in supplied key");
	return true;
}

static bool
keys_equal(const struct entry *a, const struct entry *b)
{
	return view_equals(a->type, b->type) && view_equals(a->key, b->key) &&
	       view_equals(a->marker, b->marker);
}

/* The line that says the same, or one with another key of this type (or another way to write the
 * host), which is to be replaced. -1: none. */
static ssize_t
find_line(struct arena *arena, const struct lines *lines, const char *name,
	const struct known_hosts_args *args, const struct entry *wanted, bool *is_equal)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct entry entry;
		bool is_hashed;

		if (!entry_read(lines->items[i], &entry) || !names_host(arena, entry.hosts, name))
			continue;
		is_hashed = view_starts(entry.hosts, "|1|");
		*is_equal = keys_equal(&entry, wanted) &&
			    (args->hash_host ? is_hashed : view_equals(entry.hosts, wanted->hosts));
		if (*is_equal || view_equals(entry.type, wanted->type))
			return (ssize_t)i;
	}
	*is_equal = false;
	return -1;
}

static const char *
new_line(struct arena *arena, const struct known_hosts_args *args, const char *name,
	const struct entry *wanted)
{
	uint8_t salt[SALT_SIZE];
	struct view text = view_trim(view_of(args->key));

	if (!args->hash_host || getrandom(salt, sizeof(salt), 0) != sizeof(salt))
		return arena_format(arena, "%.*s\n", (int)text.length, text.data);
	return arena_format(arena, "%.*s%s%s%.*s\n", (int)wanted->marker.length,
		wanted->marker.data, wanted->marker.length ? " " : "",
		hashed_name(arena, salt, sizeof(salt), name),
		(int)(text.data + text.length - wanted->hosts.data - (ssize_t)wanted->hosts.length),
		wanted->hosts.data + wanted->hosts.length);
}

static void
edit_lines(
	struct module_call *call, struct lines *lines, const char *name, const struct entry *wanted)
{
	const struct known_hosts_args *args = call->args;
	bool is_absent = text_equals(args->state, "absent"), is_equal;
	struct entry entry;
	ssize_t at;

	if (is_absent && !args->key) {
		for (size_t i = lines->count; i-- > 0;)
			if (entry_read(lines->items[i], &entry) &&
				names_host(call->arena, entry.hosts, name))
				lines_remove(lines, i, 1);
		return;
	}
	at = find_line(call->arena, lines, name, args, wanted, &is_equal);
	if (at >= 0 && (is_absent || !is_equal))
		lines_remove(lines, (size_t)at, 1);
	if (is_absent || is_equal)
		return;
	if (lines->count && !view_ends(lines->items[lines->count - 1], "\n"))
		lines_insert(call->arena, lines, lines->count, VIEW("\n"));
	lines_insert(call->arena, lines, lines->count,
		view_of(new_line(call->arena, args, name, wanted)));
}

static void
set_results(struct module_call *call, const struct text_edit *edit, const char *name)
{
	const struct known_hosts_args *args = call->args;
	bool wanted_diff = call->wants_diff;

	result_text(call, "name", name);
	result_set(call, "key", args->key ? value_text(call->arena, args->key) : &value_none);
	result_text(call, "path", args->path);
	result_bool(call, "hash_host", args->hash_host);
	result_text(call, "state", args->state);
	/* Ansible's has one whether it was asked for or not. */
	call->wants_diff = true;
	result_diff(call, edit->was_there ? args->path : "/dev/null", edit->before, args->path,
		edit->after);
	call->wants_diff = wanted_diff;
	result_file(call, args->path);
}

static bool
known_hosts_inspect(struct module_call *call, struct error *err)
{
	const struct known_hosts_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	char *name = arena_text(call->arena, args->name);
	struct entry wanted = { .marker = VIEW("") };
	struct lines lines;

	call->state = edit;
	for (char *next = name; *next; next++)
		*next = (char)tolower((unsigned char)*next);
	if (!read_key(call, name, &wanted, err) ||
		!edit_load(call, args->path, &edit->path, &edit->before, &edit->was_there, err))
		return false;
	lines_cut(call->arena, edit->before, &lines);
	edit_lines(call, &lines, name, &wanted);
	edit->after = lines_join(call->arena, &lines);
	if (!view_equals(edit->before, edit->after))
		call->out->change = CHANGE_WANTED;
	set_results(call, edit, name);
	return true;
}

static bool
known_hosts_apply(struct module_call *call, struct error *err)
{
	const struct known_hosts_args *args = call->args;

	if (!text_edit_apply(call, call->state, err))
		return false;
	result_file(call, args->path);
	return true;
}

const struct module module_known_hosts = {
	.name = "known_hosts",
	.summary = DOC("Add and remove host keys for ssh"),
	.params = params,
	.params_size = sizeof(struct known_hosts_args),
	.returns = DOC(returns),
	.examples = DOC("- known_hosts:\n"
			"    name: git.example.net\n"
			"    key: \"git.example.net ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…\"\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = known_hosts_inspect,
	.apply = known_hosts_apply,
};
