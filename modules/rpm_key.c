/* rpm_key: keys that rpm trusts. */
#include <ctype.h>
#include <string.h>

#include "module/http.h"
#include "module/steps.h"

struct rpm_key_args {
	const char *key, *state, *fingerprint;
	bool validate_certs;
};

static const struct param params[] = {
	PARAM_STRING(struct rpm_key_args, key, .required = true,
		.doc = "A URL, a file on the target, or (with absent) the key's id."),
	PARAM_STRING(struct rpm_key_args, state, .fallback = "present",
		.choices = TEXTS("absent", "present"), .doc = "Whether it is to be there."),
	PARAM_STRING(struct rpm_key_args, fingerprint, .doc = "The fingerprint it must have."),
	PARAM_FLAG(struct rpm_key_args, validate_certs, .fallback = "true",
		.doc = "The server's certificate must be valid."),
	PARAMS_END
};

struct rpm_key {
	const char *package; /* gpg-pubkey-1234abcd, as rpm names it */
	struct view text;
	const char *file;
};

/* The id (and with a fingerprint wanted, that) of the key's first line, by gpg. */
static bool
read_id(struct module_call *call, struct rpm_key *key, const char **id, struct error *err)
{
	const struct rpm_key_args *args = call->args;
	struct module_command command = { .is_parsed = true, .input = key->text };
	struct process_result result;
	_cleanup_str_ struct str wanted = STR_INIT;
	struct view rest, line, field = VIEW("");
	bool is_well, is_found = !args->fingerprint;

	for (const char *next = args->fingerprint; next && *next; next++)
		if (!isspace((unsigned char)*next))
			str_add_char(&wanted, (char)toupper((unsigned char)*next));
	command.argv = key->file
			       ? TEXTS("gpg", "--batch", "--with-colons", "--show-keys", key->file)
			       : TEXTS("gpg", "--batch", "--with-colons", "--show-keys");
	is_well = module_run(call, &command, &result, err);
	*id = NULL;
	rest = is_well ? str_view(&result.out) : VIEW("");
	while (view_cut(&rest, '\n', &line)) {
		bool is_print = view_starts(line, "fpr:");

		if (!is_print && !view_starts(line, "pub:"))
			continue;
		for (int at = is_print ? 10 : 5; at > 0 && view_cut(&line, ':', &field); at--)
			continue;
		if (!is_print && !*id)
			*id = arena_view(call->arena, field);
		is_found |= is_print && view_is(field, wanted.data);
	}
	process_result_release(&result);
	if (is_well && !*id)
		return fail(err, ERR_TASK, "Not a valid key %s", args->key);
	return is_well &&
	       (is_found || fail(err, ERR_TASK,
				    "The specified fingerprint, '%s', does not match any key "
				    "fingerprints in '%s'",
				    args->fingerprint, args->key));
}

static bool
rpm_key_inspect(struct module_call *call, struct error *err)
{
	const struct rpm_key_args *args = call->args;
	struct rpm_key *key = arena_new(call->arena, struct rpm_key);
	bool wants = text_equals(args->state, "present"), is_there;
	const char *id = args->key, *out;
	char *package;

	call->state = key;
	if (!program_need(call, "rpm", err))
		return false;
	if (strstr(args->key, "://")) {
		if (!http_text(call, args->key, args->validate_certs, &key->text, err))
			return false;
	} else if (file_exists(args->key)) {
		key->file = args->key;
	}
	if ((key->file || key->text.data) &&
		(!program_need(call, "gpg", err) || !read_id(call, key, &id, err)))
		return false;
	id = text_starts(id, "0x") ? id + 2 : id;
	if (strlen(id) < 8 || id[strspn(id, "0123456789abcdefABCDEF")])
		return fail(err, ERR_OPTIONS, "Not a valid key %s", args->key);
	package = arena_format(call->arena, "gpg-pubkey-%s", id + strlen(id) - 8);
	for (char *next = package; *next; next++)
		*next = (char)tolower((unsigned char)*next);
	key->package = package;
	if (!program_ask(call, TEXTS("rpm", "-q", package), &out, err))
		return false;
	is_there = out != NULL;
	if (is_there != wants)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
rpm_key_apply(struct module_call *call, struct error *err)
{
	const struct rpm_key_args *args = call->args;
	const struct rpm_key *key = call->state;
	const char *directory, *path;
	bool is_well;

	if (text_equals(args->state, "absent"))
		return module_run_well(
			call, TEXTS("rpm", "--erase", "--allmatches", key->package), NULL, err);
	if (key->file)
		return module_run_well(call, TEXTS("rpm", "--import", key->file), NULL, err);
	if (!key->text.data)
		return fail(err, ERR_OPTIONS, "to import a key, give a URL or a file: '%s' is none",
			args->key);
	if (!module_workplace(call, false, &directory, err))
		return false;
	path = path_join(call->arena, directory, "key");
	is_well = file_replace(path, key->text, &(struct file_place){ 0 }, err) &&
		  module_run_well(call, TEXTS("rpm", "--import", path), NULL, err);
	return tree_remove(directory, is_well ? err : NULL) && is_well;
}

const struct module module_rpm_key = {
	.name = "rpm_key",
	.summary = DOC("Add and remove keys that rpm trusts"),
	.params = params,
	.params_size = sizeof(struct rpm_key_args),
	.examples = DOC("- rpm_key:\n"
			"    key: https://example.net/RPM-GPG-KEY\n"),
	.check = SUPPORT_FULL,
	.inspect = rpm_key_inspect,
	.apply = rpm_key_apply,
};
