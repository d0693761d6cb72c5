/* apt_key: keys that apt trusts, by apt-key and gpg. */
#include <ctype.h>
#include <string.h>

#include "module/http.h"
#include "module/steps.h"
#include "module/words.h"

struct apt_key_args {
	const char *id, *data, *file, *url, *keyring, *keyserver, *state;
	bool validate_certs;
};

#define A struct apt_key_args
static const struct param params[] = { PARAM_STRING(A, id, .doc = "The key's id or fingerprint."),
	PARAM_STRING(A, data, .doc = "The key itself."),
	PARAM_PATH(A, file, .doc = "A file with the key on the target."),
	PARAM_STRING(A, url, .doc = "Where the key is fetched from."),
	PARAM_PATH(A, keyring, .doc = "The file to add it to."),
	PARAM_STRING(A, keyserver, .doc = "A server to ask for id."),
	PARAM_FLAG(A, validate_certs, .fallback = "true",
		.doc = "The server's certificate must be valid."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be there."),
	PARAMS_END };
#undef A

static const struct module_return returns[] = { { "id", "str", "As given." },
	{ "key_id", "str", "The id in 16 digits." }, { "short_id", "str", "In 8 digits." },
	{ "fp", "str", "The fingerprint." }, { "before", "list", "Keys before." },
	{ "after", "list", "Keys afterwards." }, { NULL, NULL, NULL } };

static const char *const *
key_words(struct module_call *call, const char *const *more)
{
	const struct apt_key_args *args = call->args;
	const char *const *words = NULL;

	words_add(call->arena, &words, "apt-key");
	if (args->keyring) {
		words_add(call->arena, &words, "--keyring");
		words_add(call->arena, &words, args->keyring);
	}
	for (; *more; more++)
		words_add(call->arena, &words, *more);
	return words;
}

/* Ids and fingerprints of keys and subkeys, as gpg --with-colons tells them. */
static struct value *
read_keys(struct module_call *call, const char *text)
{
	struct value *list = value_list(call->arena);
	struct view rest = view_of(text), line, field;

	while (view_cut(&rest, '\n', &line)) {
		bool is_print = view_starts(line, "fpr:");
		int at = is_print ? 10 : 5;

		if (!is_print && !view_starts(line, "pub:") && !view_starts(line, "sub:"))
			continue;
		while (at-- > 0 && view_cut(&line, ':', &field))
			continue;
		value_add(call->arena, list, value_view(call->arena, field));
	}
	return list;
}

/* An id is the end of a fingerprint, in capitals and without 0x. */
static bool
has_key(const struct value *keys, const char *id)
{
	VALUE_EACH (key, keys)
		if (text_ends(value_string(key), id))
			return true;
	return false;
}

static bool
list_keys(struct module_call *call, struct value **out, struct error *err)
{
	const char *text;

	if (!program_ask(call, key_words(call, TEXTS("adv", "--list-public-keys", "--with-colons")),
		    &text, err))
		return false;
	*out = read_keys(call, text ? text : "");
	return true;
}

static bool
fetch_key(struct module_call *call, const char **out, struct error *err)
{
	const struct apt_key_args *args = call->args;
	struct view text;

	if (!http_text(call, args->url, args->validate_certs, &text, err))
		return false;
	*out = text.data;
	/* Keys may be binary; text of them is as long as it looks. */
	return strlen(*out) == text.length ||
	       fail(err, ERR_TASK, "the key at %s is not ASCII-armored", args->url);
}

static bool
feed(struct module_call *call, const char *const *argv, const char *data, const char **out,
	struct error *err)
{
	struct module_command command = { .argv = argv, .is_parsed = true, .input = view_of(data) };
	struct process_result result;
	bool is_well = module_run(call, &command, &result, err);

	if (is_well && result.status != 0) {
		is_well = fail(err, ERR_TASK, "the key cannot be read or added");
		error_why(err, "%.400s", result.err.data);
	}
	*out = is_well ? arena_view(call->arena, str_view(&result.out)) : NULL;
	process_result_release(&result);
	return is_well;
}

/* The key's id: as given, or of the key itself. */
static bool
find_id(struct module_call *call, const char *data, const char **out, struct error *err)
{
	const struct apt_key_args *args = call->args;
	const char *text = args->id;
	struct value *keys;
	char *id;

	if (!text) {
		if (args->file ? !program_ask(call,
					 TEXTS("gpg", "--batch", "--with-colons", "--show-keys",
						 args->file),
					 &text, err)
			       : !feed(call,
					 TEXTS("gpg", "--batch", "--with-colons", "--show-keys"),
					 data ? data : "", &text, err))
			return false;
		keys = read_keys(call, text ? text : "");
		if (!keys->list.count)
			return fail(err, ERR_TASK, "Unable to extract the id of the key");
		text = value_string(keys->list.items[keys->list.count > 1]);
	}
	id = arena_text(call->arena, text);
	for (char *next = id; *next; next++)
		*next = (char)toupper((unsigned char)*next);
	*out = text_starts(id, "0X") ? id + 2 : id;
	if ((*out)[strspn(*out, "0123456789ABCDEF")] || strlen(*out) < 8)
		return fail(err, ERR_OPTIONS, "Invalid key_id '%s'", text);
	return true;
}

struct apt_key_call {
	const char *id, *data;
};

static bool
apt_key_inspect(struct module_call *call, struct error *err)
{
	const struct apt_key_args *args = call->args;
	struct apt_key_call *key = arena_new(call->arena, struct apt_key_call);
	bool wants = text_equals(args->state, "present");
	struct value *keys;
	size_t length;

	call->state = key;
	if (!program_need(call, "apt-key", err) || !program_need(call, "gpg", err))
		return false;
	key->data = args->data;
	if (args->url && !args->id && !fetch_key(call, &key->data, err))
		return false;
	if (!args->id && !key->data && !args->file)
		return fail(err, ERR_OPTIONS,
			"Unable to determine the key: give id, data, file or url");
	if (!find_id(call, key->data, &key->id, err) || !list_keys(call, &keys, err))
		return false;
	length = strlen(key->id);
	result_text(call, "id", args->id ? args->id : key->id);
	result_text(call, "fp", key->id);
	result_text(call, "key_id", length > 16 ? key->id + length - 16 : key->id);
	result_text(call, "short_id", key->id + length - 8);
	result_set(call, "before", keys);
	result_set(call, "after", keys);
	if (has_key(keys, key->id) != wants)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
apt_key_apply(struct module_call *call, struct error *err)
{
	const struct apt_key_args *args = call->args;
	struct apt_key_call *key = call->state;
	struct value *keys;
	const char *out;

	if (text_equals(args->state, "absent")) {
		if (!module_run_well(call, key_words(call, TEXTS("del", key->id)), NULL, err))
			return false;
	} else if (args->file) {
		if (!module_run_well(call, key_words(call, TEXTS("add", args->file)), NULL, err))
			return false;
	} else if (args->keyserver) {
		if (!module_run_well(call,
			    key_words(call, TEXTS("adv", "--no-tty", "--keyserver", args->keyserver,
						    "--recv", key->id)),
			    NULL, err))
			return false;
	} else {
		if (!key->data && !args->url)
			return fail(err, ERR_OPTIONS,
				"to add a key, give data, file, url or keyserver");
		if (!key->data && !fetch_key(call, &key->data, err))
			return false;
		if (!feed(call, key_words(call, TEXTS("add", "-")), key->data, &out, err))
			return false;
	}
	if (!list_keys(call, &keys, err))
		return false;
	result_set(call, "after", keys);
	return has_key(keys, key->id) == text_equals(args->state, "present") ||
	       fail(err, ERR_TASK, "apt-key did not return an error, but the key %s is as before",
		       key->id);
}

const struct module module_apt_key = {
	.name = "apt_key",
	.summary = DOC("Add and remove keys that apt trusts"),
	.params = params,
	.params_size = sizeof(struct apt_key_args),
	.returns = DOC(returns),
	.examples = DOC("- apt_key:\n"
			"    url: https://example.net/key.asc\n"),
	.check = SUPPORT_FULL,
	.inspect = apt_key_inspect,
	.apply = apt_key_apply,
};
