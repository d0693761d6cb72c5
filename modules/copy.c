/* copy: files and directories to the target, from the controller or from the target itself. */
#include <string.h>

#include "module/prepare.h"
#include "module/put.h"
#include "module/tree.h"
#include "os/users.h"

struct copy_args {
	const char *src, *dest, *validate, *directory_mode, *checksum, *_name;
	const struct value *content, *_content, *_tree;
	bool backup, force, remote_src, follow, local_follow, decrypt;
	int64_t _source_mode;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = {
	PARAM_STRING(struct copy_args, src,
		.doc = "File or directory on the controller (on the target with remote_src). A "
		       "directory with a slash at its end: only what is in it."),
	PARAM_VALUE(struct copy_args, content, .is_secret = true,
		.doc = "The text to write, instead of src."),
	/* Required, too; checked here for the sake of Ansible's words. */
	PARAM_PATH(struct copy_args, dest,
		.doc = "Where to. A directory takes the file under its own name."),
	PARAM_FLAG(struct copy_args, backup, .fallback = "false",
		.doc = "Keep the old file beside the new one."),
	PARAM_FLAG(struct copy_args, force, .fallback = "true", .aliases = TEXTS("thirsty"),
		.doc = "Replace what differs; else only write what is not there."),
	PARAM_STRING(struct copy_args, validate,
		.doc = "A command that checks the new file (%s) before it is put in place."),
	PARAM_MODE(struct copy_args, directory_mode,
		.doc = "Mode of directories that are made on the way."),
	PARAM_FLAG(
		struct copy_args, remote_src, .fallback = "false", .doc = "src is on the target."),
	PARAM_FLAG(struct copy_args, follow, .fallback = "false",
		.doc = "Write through a link at dest."),
	PARAM_FLAG(struct copy_args, local_follow, .fallback = "true",
		.doc = "Send what links on the controller point to."),
	PARAM_FLAG(struct copy_args, decrypt, .fallback = "true",
		.doc = "Decrypt vault files on the way."),
	PARAM_STRING(struct copy_args, checksum, .doc = "sha1 that the content must have."),
	PARAM_MAP(struct copy_args, _content, .is_internal = true,
		.doc = "The content, set by the controller."),
	PARAM_LIST(struct copy_args, _tree, .is_internal = true,
		.doc = "The directory, set by the controller."),
	PARAM_STRING(struct copy_args, _name, .is_internal = true,
		.doc = "Name of the file, set by the controller."),
	PARAM_INT(struct copy_args, _source_mode, .is_internal = true,
		.doc = "Mode of the file, set by the controller."),
	ATTRIBUTE_PARAMS(struct copy_args), PARAMS_END
};

static const struct module_return returns[] = { { "dest", "str", "Where it stands." },
	{ "src", "str", "Where it came from." }, { "checksum", "str", "sha1 of the content." },
	{ "md5sum", "str", "md5 of the content, if it was written." },
	{ "backup_file", "str", "Name of the backup." }, { NULL, NULL, NULL } };

#ifndef ERTC_RUNNER
#include <sys/stat.h>

#include "json/json.h"

static bool
flag_of(const struct value *args, const char *key, bool fallback)
{
	const struct value *value = value_get(args, key);
	bool flag = fallback;

	return value && value_to_bool(value, &flag) ? flag : fallback;
}

/* A text is sent as it is; what came out of an expression as data is written as JSON. */
static bool
prepare_text(struct prepare *prepare, const struct value *content, struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct value *map;

	if (value_is_list(content) || value_is_map(content))
		json_add(content, &(struct json_style){ 0 }, &text);
	else
		value_add_text(content, &text);
	if (!prepare->attach_bytes(prepare, text.data, text.length, &map, err))
		return false;
	value_set(prepare->arena, prepare->args, "_content", map);
	value_remove(prepare->args, "content");
	return true;
}

static unsigned
tree_wants(const struct value *args)
{
	return (flag_of(args, "decrypt", true) ? TREE_DECRYPT : 0) |
	       (flag_of(args, "local_follow", true) ? TREE_FOLLOW : 0);
}

static bool
prepare_file(struct prepare *prepare, const char *src, struct error *err)
{
	const struct value *map;
	const char *path, *key = "_content";
	struct stat info = { .st_mode = S_IFREG | 0644 };
	bool is_well;

	if (!prepare->find_file(prepare, "files", src, &path, err))
		return false;
	/* What a role brings along ("role:…") is a plain file inside the program. */
	if (!text_starts(path, "role:") && stat(path, &info) < 0)
		return fail_errno(err, "cannot look at '%s'", path);
	if (S_ISDIR(info.st_mode)) {
		key = "_tree";
		is_well = prepare->attach_tree(prepare, path, tree_wants(prepare->args), &map, err);
	} else {
		is_well = prepare->attach_file(
			prepare, path, flag_of(prepare->args, "decrypt", true), &map, err);
	}
	if (!is_well)
		return false;
	value_set(prepare->arena, prepare->args, key, map);
	value_set(prepare->arena, prepare->args, "_name",
		value_text(prepare->arena, path_name(path)));
	value_set(prepare->arena, prepare->args, "_source_mode",
		value_int(prepare->arena, info.st_mode & 07777));
	/* The result shows where it was found. A slash at the end means the directory's contents.
	 */
	value_set(prepare->arena, prepare->args, "src",
		value_format(prepare->arena, "%s%s", path,
			text_ends(src, "/") && !text_ends(path, "/") ? "/" : ""));
	return true;
}

static bool
copy_prepare(struct prepare *prepare, struct error *err)
{
	const struct value *content = value_get(prepare->args, "content"),
			   *src = value_get(prepare->args, "src");

	if (value_is_none(content) && (value_is_none(src) || !*value_to_text(prepare->arena, src)))
		return fail(err, ERR_OPTIONS, "src (or content) is required");
	if (value_is_none(value_get(prepare->args, "dest")))
		return fail(err, ERR_OPTIONS, "dest is required");
	if (!value_is_none(content) && !value_is_none(src))
		return fail(err, ERR_OPTIONS, "src and content are mutually exclusive");
	if (!value_is_none(content))
		return prepare_text(prepare, content, err);
	if (flag_of(prepare->args, "remote_src", false))
		return true;
	return prepare_file(prepare, value_to_text(prepare->arena, src), err);
}
#endif

struct copy_call {
	struct put *put;
	struct tree *tree;
	const char *src; /* with remote_src, ~ and $VARIABLES are the target's */
};

static bool
inspect_tree(struct module_call *call, struct copy_call *copy, struct error *err)
{
	const struct copy_args *args = call->args;
	struct tree_settings settings = {
		.dest = args->dest,
		.source = args->_tree ? NULL : copy->src,
		.entries = args->_tree,
		.directory_mode = args->directory_mode,
		.force = args->force,
		.backup = args->backup,
		.keeps_mode = text_equals(args->mode, "preserve"),
		.follow = args->local_follow,
		.attributes = ATTRIBUTES_OF(args),
	};
	const char *src = copy->src ? copy->src : "";
	size_t length = strlen(src);

	while (length > 1 && src[length - 1] == '/')
		length--;
	if (!text_ends(src, "/"))
		settings.dest = path_join(call->arena, args->dest, path_name(src));
	else
		settings.source = settings.source
					  ? arena_view(call->arena, (struct view){ src, length })
					  : NULL;
	result_text(call, "dest", args->dest);
	result_text(call, "src", copy->src);
	return tree_inspect(call, &settings, &copy->tree, err);
}

static bool
inspect_file(struct module_call *call, struct copy_call *copy, struct error *err)
{
	const struct copy_args *args = call->args;
	bool keeps_mode = text_equals(args->mode, "preserve");
	struct put_settings settings = {
		.dest = args->dest,
		.name = args->_name ? args->_name
			: copy->src ? path_name(copy->src)
				    : NULL,
		.source = copy->src,
		.content = args->_content,
		.validate = args->validate,
		.backup = args->backup,
		.force = args->force,
		.follow = args->follow,
		.unsafe_writes = args->unsafe_writes,
		.keeps_mode = keeps_mode,
		.mode_of_source = keeps_mode && args->_source_mode >= 0 ? args->_source_mode : -1,
		.directory_mode = args->directory_mode,
		.attributes = ATTRIBUTES_OF(args),
	};
	const char *sha1 = args->_content ? value_string(value_get(args->_content, "sha1")) : NULL;

	if (args->checksum && sha1 && !text_equals(args->checksum, sha1))
		return fail(err, ERR_TASK,
			"Copied file does not match the expected checksum. Transfer failed.");
	return put_inspect(call, &settings, &copy->put, err);
}

static bool
copy_inspect(struct module_call *call, struct error *err)
{
	const struct copy_args *args = call->args;
	struct copy_call *copy = arena_new(call->arena, struct copy_call);
	struct stat info;

	call->state = copy;
	if (!args->dest)
		return fail(err, ERR_OPTIONS, "dest is required");
	if (args->content && !args->_content)
		return fail(err, ERR_OPTIONS, "content was not prepared by the controller");
	if (!args->_content && !args->_tree && !args->src)
		return fail(err, ERR_OPTIONS, "src (or content) is required");
	copy->src = args->src;
	if (!args->_content && !args->_tree)
		copy->src = path_expand(call->arena, args->src);
	if (!args->_content && !args->_tree && stat(copy->src, &info) < 0)
		return fail(err, ERR_MISSING, "Source %s not found", copy->src);
	if (!args->_content && !args->_tree && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
		return fail(
			err, ERR_TYPE, "Cannot copy invalid source '%s': not a file", copy->src);
	if (args->_tree || (!args->_content && S_ISDIR(info.st_mode)))
		return inspect_tree(call, copy, err);
	return inspect_file(call, copy, err);
}

static bool
copy_apply(struct module_call *call, struct error *err)
{
	struct copy_call *copy = call->state;

	const struct copy_args *args = call->args;

	if (!copy->tree)
		return put_apply(call, copy->put, err);
	if (!tree_apply(call, copy->tree, err))
		return false;
	result_file(call, args->dest);
	return true;
}

const struct module module_copy = {
	.name = "copy",
	.summary = DOC("Copy files and directories to the target"),
	.params = params,
	.params_size = sizeof(struct copy_args),
	.returns = DOC(returns),
	.examples = DOC("- name: The settings\n"
			"  copy:\n"
			"    src: app.conf\n"
			"    dest: /etc/app/app.conf\n"
			"    owner: root\n"
			"    mode: \"0644\"\n"
			"    validate: app --check-config %s\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.prepare = PREPARE(copy_prepare),
	.inspect = copy_inspect,
	.apply = copy_apply,
};
