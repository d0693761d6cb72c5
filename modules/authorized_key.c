/* authorized_key: keys that may log in as a user. */
#include <ctype.h>
#include <string.h>

#include "module/http.h"
#include "module/lines.h"
#include "os/users.h"

struct authorized_key_args {
	const char *user, *key, *path, *state, *key_options, *comment;
	bool manage_dir, exclusive, validate_certs, follow;
};

#define A struct authorized_key_args
static const struct param params[] = { PARAM_STRING(A, user, .required = true, .doc = "The user."),
	PARAM_STRING(
		A, key, .required = true, .doc = "The key's line, or several; or a URL of them."),
	PARAM_PATH(A, path, .doc = "The file. Default: ~user/.ssh/authorized_keys."),
	PARAM_FLAG(A, manage_dir, .fallback = "true", .doc = "Make the directory with its mode."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether the keys are to be there."),
	PARAM_STRING(A, key_options, .doc = "Options before the key."),
	PARAM_STRING(A, comment, .doc = "The comment behind it."),
	PARAM_FLAG(A, exclusive, .fallback = "false", .doc = "Remove all other keys."),
	PARAM_FLAG(A, validate_certs, .fallback = "true",
		.doc = "The server's certificate must be valid."),
	PARAM_FLAG(A, follow, .fallback = "false", .doc = "Write through a link."), PARAMS_END };
#undef A

static const struct module_return returns[] = { { "keyfile", "str", "The file." },
	{ "key", "str", "As given." }, { "user", "str", "As given." }, { NULL, NULL, NULL } };

struct key_call {
	struct text_edit edit;
	struct user user;
	const char *directory; /* to be made, or NULL */
};

/* A line in its pieces. */
struct key {
	struct view options, type, blob, comment;
};

static bool
is_type(struct view word)
{
	static const char *const starts[] = { "ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (view_starts(word, starts[i]))
			return true;
	return false;
}

/* Up to white space that is not between quotes. */
static struct view
take_word(struct view *line)
{
	struct view word;
	bool is_quoted = false;

	*line = view_trim(*line);
	word = (struct view){ line->data, 0 };
	while (word.length < line->length &&
		(is_quoted || !isspace((unsigned char)word.data[word.length]))) {
		if (word.data[word.length] == '"' &&
			(!word.length || word.data[word.length - 1] != '\\'))
			is_quoted = !is_quoted;
		word.length++;
	}
	*line = (struct view){ line->data + word.length, line->length - word.length };
	return word;
}

static bool
key_read(struct view line, struct key *out)
{
	*out = (struct key){ .options = VIEW("") };
	line = view_trim(line);
	if (!line.length || *line.data == '#')
		return false;
	out->type = take_word(&line);
	if (!is_type(out->type)) {
		out->options = out->type;
		out->type = take_word(&line);
	}
	out->blob = take_word(&line);
	out->comment = view_trim(line);
	return is_type(out->type) && out->blob.length;
}

static const char *
key_line(struct arena *arena, const struct authorized_key_args *args, const struct key *key)
{
	struct view options = args->key_options ? view_of(args->key_options) : key->options;
	struct view comment = args->comment ? view_of(args->comment) : key->comment;

	return arena_format(arena, "%.*s%s%.*s %.*s%s%.*s\n", (int)options.length, options.data,
		options.length ? " " : "", (int)key->type.length, key->type.data,
		(int)key->blob.length, key->blob.data, comment.length ? " " : "",
		(int)comment.length, comment.data);
}

static void
apply_key(struct module_call *call, struct lines *lines, const struct key *key)
{
	const struct authorized_key_args *args = call->args;
	const char *line = key_line(call->arena, args, key);
	bool wants = text_equals(args->state, "present"), is_found = false;
	struct key old;

	for (size_t i = lines->count; i-- > 0;) {
		if (!key_read(lines->items[i], &old) || !view_equals(old.blob, key->blob))
			continue;
		if (!wants) {
			lines_remove(lines, i, 1);
		} else {
			lines->items[i] = view_of(line);
			is_found = true;
		}
	}
	if (!wants || is_found)
		return;
	if (lines->count && !view_ends(lines->items[lines->count - 1], "\n"))
		lines_insert(call->arena, lines, lines->count, VIEW("\n"));
	lines_insert(call->arena, lines, lines->count, view_of(line));
}

static bool
is_among(struct view keys, struct view blob)
{
	struct view line;
	struct key key;

	while (view_cut(&keys, '\n', &line))
		if (key_read(line, &key) && view_equals(key.blob, blob))
			return true;
	return false;
}

static bool
fetch(struct module_call *call, const char **out, struct error *err)
{
	const struct authorized_key_args *args = call->args;
	struct view text;

	*out = args->key;
	if (!text_starts(args->key, "http://") && !text_starts(args->key, "https://"))
		return true;
	if (!http_text(call, args->key, args->validate_certs, &text, err))
		return false;
	*out = text.data;
	return true;
}

static bool
find_file(struct module_call *call, struct key_call *key, const char **path, struct error *err)
{
	const struct authorized_key_args *args = call->args;
	bool is_known = user_by_name(call->arena, args->user, &key->user);
	const char *directory;

	if (!is_known && (!args->path || !call->may_come))
		return fail(err, ERR_MISSING, "Failed to lookup user %s: no such user", args->user);
	*path = args->path ? args->path
			   : path_join(call->arena, key->user.home, ".ssh/authorized_keys");
	directory = path_parent(call->arena, *path);
	if (args->manage_dir && !file_exists(directory))
		key->directory = directory;
	return true;
}

static void
set_results(struct module_call *call, const char *path)
{
	const struct authorized_key_args *args = call->args;

	result_text(call, "user", args->user);
	result_text(call, "key", args->key);
	result_text(call, "keyfile", path);
	result_bool(call, "exclusive", args->exclusive);
	result_bool(call, "manage_dir", args->manage_dir);
	result_text(call, "state", args->state);
	result_set(call, "key_options", value_text(call->arena, args->key_options));
	result_set(call, "comment", value_text(call->arena, args->comment));
	result_set(call, "path", value_text(call->arena, args->path));
	result_bool(call, "validate_certs", args->validate_certs);
	result_bool(call, "follow", args->follow);
	result_file(call, path);
}

static bool
authorized_key_inspect(struct module_call *call, struct error *err)
{
	const struct authorized_key_args *args = call->args;
	struct key_call *state = arena_new(call->arena, struct key_call);
	const char *keys, *path;
	struct lines lines;
	struct view rest, line;
	struct key key;

	call->state = state;
	if (!fetch(call, &keys, err) || !find_file(call, state, &path, err) ||
		!edit_load(call, path, &state->edit.path, &state->edit.before,
			&state->edit.was_there, err))
		return false;
	if (!args->follow)
		state->edit.path = path;
	lines_cut(call->arena, state->edit.before, &lines);
	rest = view_of(keys);
	while (view_cut(&rest, '\n', &line)) {
		line = view_trim(line);
		if (!line.length || *line.data == '#')
			continue;
		if (!key_read(line, &key))
			return fail(err, ERR_OPTIONS, "invalid key specified: %.*s",
				(int)line.length, line.data);
		apply_key(call, &lines, &key);
	}
	for (size_t i = lines.count; args->exclusive && i-- > 0;)
		if (key_read(lines.items[i], &key) && !is_among(view_of(keys), key.blob))
			lines_remove(&lines, i, 1);
	state->edit.after = lines_join(call->arena, &lines);
	set_results(call, path);
	if (text_equals(args->state, "absent") && !state->edit.was_there)
		return true;
	if (!state->edit.was_there || args->manage_dir)
		state->edit.attributes = (struct attributes){ .mode = "0600",
			.owner = args->path ? NULL : args->user };
	return text_edit_inspect(call, &state->edit, err);
}

static bool
authorized_key_apply(struct module_call *call, struct error *err)
{
	struct key_call *state = call->state;

	if (state->directory &&
		(!directory_make(state->directory, 0700, err) ||
			chown(state->directory, state->user.uid, state->user.gid) < 0))
		return err->kind ? false : fail_errno(err, "cannot make '%s'", state->directory);
	if (!text_edit_apply(call, &state->edit, err))
		return false;
	result_file(call, state->edit.path);
	return true;
}

const struct module module_authorized_key = {
	.name = "authorized_key",
	.summary = DOC("Say whose keys may log in as a user"),
	.params = params,
	.params_size = sizeof(struct authorized_key_args),
	.returns = DOC(returns),
	.examples = DOC("- authorized_key:\n"
			"    user: deploy\n"
			"    key: \"{{ lookup('file', 'deploy.pub') }}\"\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = authorized_key_inspect,
	.apply = authorized_key_apply,
};
