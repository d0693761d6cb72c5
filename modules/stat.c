/* stat: what is known about a file. */
#include <string.h>

#include "module/attributes.h"
#include "module/host.h"
#include "module/stated.h"

struct stat_args {
	const char *path, *checksum_algorithm;
	bool follow, get_checksum, get_mime, get_attributes;
};

static const struct param params[] = { PARAM_PATH(struct stat_args, path, .required = true,
					       .aliases = TEXTS("dest", "name"),
					       .doc = "What to look at."),
	PARAM_FLAG(struct stat_args, follow, .fallback = "false",
		.doc = "Look at what a link points to."),
	PARAM_FLAG(struct stat_args, get_checksum, .fallback = "true",
		.doc = "Compute a checksum of regular files."),
	PARAM_STRING(struct stat_args, checksum_algorithm, .fallback = "sha1",
		.aliases = TEXTS("checksum", "checksum_algo"),
		.choices = TEXTS("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
		.doc = "Which one."),
	PARAM_FLAG(struct stat_args, get_mime, .fallback = "true",
		.aliases = TEXTS("mime", "mime_type", "mime-type"),
		.doc = "Ask `file` for type and charset."),
	PARAM_FLAG(struct stat_args, get_attributes, .fallback = "true",
		.aliases = TEXTS("attr", "attributes"),
		.doc = "Tell the flags that `lsattr` shows."),
	PARAMS_END };

static const struct module_return returns[] = {
	{ "stat", "dict",
		"exists, and if so path, mode, isdir, islnk, size, uid, gid, pw_name, gr_name, "
		"mtime, checksum …" },
	{ NULL, NULL, NULL }
};

static void
set_flag(struct arena *arena, struct value *map, const char *key, bool flag)
{
	value_set(arena, map, key, flag ? &value_true : &value_false);
}

static void
add_link(struct arena *arena, struct value *map, const char *path)
{
	char target[PATH_MAX], resolved[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target));

	if (length < 0)
		return;
	value_set(arena, map, "lnk_target", value_bytes(arena, target, (size_t)length));
	value_set(arena, map, "lnk_source",
		value_text(arena, realpath(path, resolved) ? resolved : path));
}

/* "file: text/plain; charset=us-ascii"; what `file` is not there to tell is unknown, as Ansible has
 * it. */
static void
add_mime(struct module_call *call, struct value *map, const char *path)
{
	struct process_result result = { 0 };
	struct view text, type = VIEW("unknown"), charset = VIEW("unknown");
	const char *mark;

	if (program_find(call->arena, "file") &&
		module_run_words(call, &result, NULL, "file", "--mime-type", "--mime-encoding",
			"-b", path, NULL) &&
		result.status == 0) {
		text = view_trim(str_view(&result.out));
		mark = memmem(text.data, text.length, "; charset=", 10);
		if (mark) {
			type = (struct view){ text.data, (size_t)(mark - text.data) };
			charset = (struct view){ mark + 10, text.length - type.length - 10 };
		}
	}
	value_set(call->arena, map, "mimetype", value_view(call->arena, type));
	value_set(call->arena, map, "charset", value_view(call->arena, charset));
	process_result_release(&result);
}

/* What `lsattr -vd` says, without running it; a host without it knows nothing, as Ansible has
 * it. */
static void
add_attributes(struct module_call *call, struct value *map, const char *path)
{
	struct value *list = value_list(call->arena);
	const struct value *number = &value_none;
	_cleanup_str_ struct str letters = STR_INIT;
	unsigned flags = 0, version = 0;

	if (program_find(call->arena, "lsattr") && attribute_flags_read(path, &flags, &version))
		number = value_format(call->arena, "%u", version);
	else
		flags = 0;
	for (const struct attribute_flag *flag = attribute_flags; flag->letter; flag++) {
		if (!(flags & flag->bit))
			continue;
		str_add_char(&letters, flag->letter);
		if (flag->name)
			value_add(call->arena, list, value_text(call->arena, flag->name));
	}
	value_set(call->arena, map, "attr_flags", value_view(call->arena, str_view(&letters)));
	value_set(call->arena, map, "version", number);
	value_set(call->arena, map, "attributes", list);
}

static void
add_access(struct arena *arena, struct value *map, const char *path)
{
	set_flag(arena, map, "readable", access(path, R_OK) == 0);
	set_flag(arena, map, "writeable", access(path, W_OK) == 0);
	set_flag(arena, map, "executable", access(path, X_OK) == 0);
}

static bool
stat_inspect(struct module_call *call, struct error *err)
{
	const struct stat_args *args = call->args;
	struct value *map = value_map(call->arena);
	char digest[HASH_TEXT_MAX];
	enum hash_kind kind;
	struct stat info;

	result_set(call, "stat", map);
	if ((args->follow ? stat(args->path, &info) : lstat(args->path, &info)) < 0) {
		set_flag(call->arena, map, "exists", false);
		return true;
	}
	set_flag(call->arena, map, "exists", true);
	value_set(call->arena, map, "path", value_text(call->arena, args->path));
	stat_values(call->arena, map, &info);
	add_access(call->arena, map, args->path);
	if (S_ISLNK(info.st_mode))
		add_link(call->arena, map, args->path);
	if (S_ISREG(info.st_mode) && args->get_checksum && access(args->path, R_OK) == 0) {
		if (!hash_find(args->checksum_algorithm, &kind))
			return fail(err, ERR_OPTIONS, "unknown checksum '%s'",
				args->checksum_algorithm);
		if (file_digest(args->path, kind, digest, NULL))
			value_set(call->arena, map, "checksum", value_text(call->arena, digest));
	}
	if (args->get_mime)
		add_mime(call, map, args->path);
	if (args->get_attributes)
		add_attributes(call, map, args->path);
	return true;
}

const struct module module_stat = {
	.name = "stat",
	.summary = DOC("Say what is known about a file"),
	.params = params,
	.params_size = sizeof(struct stat_args),
	.returns = DOC(returns),
	.examples = DOC("- stat:\n"
			"    path: /etc/app.conf\n"
			"  register: settings\n"
			"- command: app --import /etc/app.conf\n"
			"  when: settings.stat.exists and settings.stat.size > 0\n"),
	.check = SUPPORT_FULL,
	.inspect = stat_inspect,
};
