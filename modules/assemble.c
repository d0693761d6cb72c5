/* assemble: one file of the fragments in a directory. */
#include <string.h>

#include "module/host.h"
#include "module/lines.h"
#include "module/prepare.h"
#include "module/regex.h"

enum { FRAGMENT_MAX = 64 * 1024 * 1024 };

struct assemble_args {
	const char *src, *dest, *delimiter, *regexp, *validate;
	const struct value *_fragments;
	bool backup, remote_src, ignore_hidden, decrypt;
	ATTRIBUTE_FIELDS;
};

#define A struct assemble_args
static const struct param params[] = { PARAM_PATH(A, src, .required = true,
					       .doc = "Directory of the fragments."),
	PARAM_PATH(A, dest, .required = true, .doc = "The file made of them."),
	PARAM_STRING(A, delimiter, .doc = "Text between the fragments; \\n is a new line."),
	PARAM_STRING(A, regexp, .doc = "Only fragments whose name it matches."),
	PARAM_STRING(A, validate,
		.doc = "A command that checks the new file (%s) before it is put in place."),
	PARAM_FLAG(A, backup, .fallback = "false", .doc = "Keep the old file beside the new one."),
	PARAM_FLAG(A, remote_src, .fallback = "true", .doc = "src is on the target."),
	PARAM_FLAG(A, ignore_hidden, .fallback = "false",
		.doc = "Leave out names that begin with a dot."),
	PARAM_FLAG(A, decrypt, .fallback = "true", .doc = "Decrypt vault files on the way."),
	PARAM_LIST(A, _fragments, .is_internal = true, .doc = "Set by the controller."),
	ATTRIBUTE_PARAMS(A), PARAMS_END };
#undef A

static const struct module_return returns[] = { { "dest", "str", "The file." },
	{ "src", "str", "The directory." }, { "checksum", "str", "sha1 of the file." },
	{ "md5sum", "str", "md5 of the file." }, { "backup_file", "str", "Name of the backup." },
	{ NULL, NULL, NULL } };

/* Names that count, in order. */
static bool
is_wanted(const struct regex *regex, bool ignores_hidden, const char *name)
{
	struct regex_match match;

	return !(ignores_hidden && *name == '.') &&
	       (!regex || regex_search(regex, view_of(name), 0, &match));
}

#ifndef ERTC_RUNNER
static bool
attach_all(struct prepare *prepare, const char *directory, struct value *list, struct error *err)
{
	const char *const *names = directory_names(prepare->arena, directory, err);
	const struct value *decrypt = value_get(prepare->args, "decrypt"), *content;
	bool decrypts = true;
	struct stat info;

	if (!names)
		return false;
	if (!value_is_none(decrypt) && !value_to_bool(decrypt, &decrypts))
		return fail(err, ERR_TYPE, "decrypt is no boolean");
	for (; *names; names++) {
		const char *path = path_join(prepare->arena, directory, *names);
		struct value *item = value_map(prepare->arena);

		if (stat(path, &info) < 0 || !S_ISREG(info.st_mode))
			continue;
		if (!prepare->attach_file(prepare, path, decrypts, &content, err))
			return false;
		value_set(prepare->arena, item, "name", value_text(prepare->arena, *names));
		value_set(prepare->arena, item, "content", content);
		value_add(prepare->arena, list, item);
	}
	return true;
}

static bool
assemble_prepare(struct prepare *prepare, struct error *err)
{
	const struct value *remote = value_get(prepare->args, "remote_src"),
			   *src = value_get(prepare->args, "src");
	struct value *list = value_list(prepare->arena);
	const char *path;
	bool is_remote = true;
	struct stat info;

	if (!value_is_none(remote) && !value_to_bool(remote, &is_remote))
		return fail(err, ERR_TYPE, "remote_src is no boolean");
	if (is_remote || value_is_none(src))
		return true;
	if (!prepare->find_file(prepare, "files", value_to_text(prepare->arena, src), &path, err))
		return false;
	if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode))
		return fail(err, ERR_TASK, "Source (%s) is not a directory", path);
	if (!attach_all(prepare, path, list, err))
		return false;
	value_set(prepare->arena, prepare->args, "_fragments", list);
	return true;
}
#endif

/* "\n" and "\t" as two characters mean what they would in a text. */
static void
add_delimiter(const char *text, struct str *out)
{
	for (; *text; text++) {
		if (text[0] == '\\' && (text[1] == 'n' || text[1] == 't' || text[1] == '\\')) {
			text++;
			str_add_char(out, *text == 'n' ? '\n' : *text == 't' ? '\t' : '\\');
		} else {
			str_add_char(out, *text);
		}
	}
	if (out->length && out->data[out->length - 1] != '\n')
		str_add_char(out, '\n');
}

static void
add_fragment(const struct assemble_args *args, struct view text, bool is_first, struct str *out)
{
	if (!is_first && out->length && out->data[out->length - 1] != '\n')
		str_add_char(out, '\n');
	if (!is_first && args->delimiter)
		add_delimiter(args->delimiter, out);
	str_add_view(out, text);
}

static bool
take_sent(struct module_call *call, const struct regex *regex, struct str *out, struct error *err)
{
	const struct assemble_args *args = call->args;
	struct content content;
	bool is_first = true;

	VALUE_EACH (item, args->_fragments) {
		_cleanup_str_ struct str text = STR_INIT;
		const char *name = value_string(value_get(item, "name"));

		if (!name || !is_wanted(regex, args->ignore_hidden, name))
			continue;
		if (!content_read(value_get(item, "content"), &content, err))
			return false;
		if (!content_text(call, &content, FRAGMENT_MAX, &text))
			return fail(err, ERR_LIMIT, "the fragment '%s' is too large", name);
		add_fragment(args, str_view(&text), is_first, out);
		is_first = false;
	}
	return true;
}

static bool
take_found(struct module_call *call, const struct regex *regex, struct str *out, struct error *err)
{
	const struct assemble_args *args = call->args;
	const char *const *names;
	bool is_first = true;
	struct stat info;

	if (stat(args->src, &info) < 0)
		return fail(err, ERR_MISSING, "Source (%s) does not exist", args->src);
	if (!S_ISDIR(info.st_mode))
		return fail(err, ERR_TASK, "Source (%s) is not a directory", args->src);
	names = directory_names(call->arena, args->src, err);
	for (; names && *names; names++) {
		_cleanup_str_ struct str text = STR_INIT;
		const char *path = path_join(call->arena, args->src, *names);

		if (!is_wanted(regex, args->ignore_hidden, *names) || stat(path, &info) < 0 ||
			!S_ISREG(info.st_mode))
			continue;
		if (!file_read(path, FRAGMENT_MAX, &text, err))
			return false;
		add_fragment(args, str_view(&text), is_first, out);
		is_first = false;
	}
	return names != NULL;
}

static bool
assemble_inspect(struct module_call *call, struct error *err)
{
	const struct assemble_args *args = call->args;
	struct text_edit *edit = arena_new(call->arena, struct text_edit);
	_cleanup_regex_ struct regex *regex = NULL;
	_cleanup_str_ struct str text = STR_INIT;
	char digest[HASH_TEXT_MAX];

	if (args->regexp && !regex_compile(args->regexp, 0, &regex, err))
		return error_context(err, "regexp");
	result_text(call, "src", args->src);
	result_text(call, "dest", args->dest);
	if (!(args->_fragments ? take_sent : take_found)(call, regex, &text, err))
		return false;
	*edit = (struct text_edit){
		.after = { arena_view(call->arena, str_view(&text)), text.length },
		.validate = args->validate,
		.backup = args->backup,
		.unsafe_writes = args->unsafe_writes,
		.attributes = ATTRIBUTES_OF(args),
	};
	call->state = edit;
	if (!edit_load(call, args->dest, &edit->path, &edit->before, &edit->was_there, err))
		return false;
	result_text(call, "checksum", hash_text(HASH_SHA1, edit->after, digest));
	result_text(call, "md5sum", hash_text(HASH_MD5, edit->after, digest));
	if (!text_edit_inspect(call, edit, err))
		return false;
	result_text(call, "msg", "OK");
	result_file(call, edit->path);
	return true;
}

static bool
assemble_apply(struct module_call *call, struct error *err)
{
	const struct text_edit *edit = call->state;

	if (!text_edit_apply(call, edit, err))
		return false;
	result_file(call, edit->path);
	return true;
}

const struct module module_assemble = {
	.name = "assemble",
	.summary = DOC("Make one file of the fragments in a directory"),
	.missing = DOC("src and dest are required"),
	.params = params,
	.params_size = sizeof(struct assemble_args),
	.returns = DOC(returns),
	.examples = DOC("- assemble:\n"
			"    src: /etc/app/conf.d\n"
			"    dest: /etc/app/app.conf\n"
			"    delimiter: '### next'\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.prepare = PREPARE(assemble_prepare),
	.inspect = assemble_inspect,
	.apply = assemble_apply,
};
