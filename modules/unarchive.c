/*
 * unarchive: an archive unpacked on the target, by its own tar or unzip. What is to be done comes
 * from comparing the archive with what is on the disk: tar does that itself, for zip it is done
 * here.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <time.h>

#include "module/attributes.h"
#include "module/http.h"
#include "module/prepare.h"
#include "module/words.h"

struct unarchive_args {
	const char *src, *dest, *creates;
	const char *const *exclude, *const *include, *const *extra_opts;
	const struct value *_content;
	bool remote_src, copy, list_files, keep_newer, validate_certs, decrypt;
	int64_t io_buffer_size;
	ATTRIBUTE_FIELDS;
};

#define A struct unarchive_args
static const struct param params[] = {
	PARAM_PATH(A, src, .required = true,
		.doc = "The archive: tar, tar.gz, .bz2, .xz, .zst or zip. On the controller; with "
		       "remote_src on the target, or a URL."),
	PARAM_PATH(A, dest, .required = true, .doc = "The directory to unpack it in."),
	PARAM_FLAG(A, remote_src, .fallback = "false", .doc = "src is on the target, or a URL."),
	PARAM_FLAG(A, copy, .fallback = "true", .doc = "The contrary of remote_src."),
	PARAM_PATH(A, creates, .doc = "If this exists, do nothing."),
	PARAM_FLAG(A, list_files, .fallback = "false", .doc = "Return the names as files."),
	PARAM_TEXTS(A, exclude, .fallback = "", .doc = "Names and patterns to leave out."),
	PARAM_TEXTS(A, include, .fallback = "", .doc = "Names to unpack, and no others."),
	PARAM_FLAG(A, keep_newer, .fallback = "false",
		.doc = "Leave files that are newer than the archive's."),
	PARAM_TEXTS(A, extra_opts, .fallback = "", .doc = "More words for tar or unzip."),
	PARAM_FLAG(A, validate_certs, .fallback = "true",
		.doc = "The server's certificate must be valid."),
	PARAM_FLAG(A, decrypt, .fallback = "true", .doc = "Decrypt a vault file on the way."),
	PARAM_INT(A, io_buffer_size, .fallback = "65536", .doc = "Accepted, without effect."),
	PARAM_MAP(A, _content, .is_internal = true, .doc = "src, set by the controller."),
	ATTRIBUTE_PARAMS(A), PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "dest", "str", "The directory." },
	{ "src", "str", "The archive." }, { "files", "list", "The names, with list_files." },
	{ "handler", "str", "TgzArchive, ZipArchive …" },
	{ "extract_results", "dict", "cmd, rc, out and err of what unpacked it." },
	{ NULL, NULL, NULL } };

struct kind {
	const char *handler, *magic, *option; /* option: of tar */
	size_t length;
};

static const struct kind kinds[] = {
	{ "TgzArchive", "\x1f\x8b", "-z", 2 },
	{ "TarBzipArchive", "BZh", "-j", 3 },
	{ "TarXzArchive",
		"\xfd"
		"7zXZ",
		"-J", 5 },
	{ "TarZstdArchive", "\x28\xb5\x2f\xfd", "--use-compress-program=zstd", 4 },
	{ "ZipArchive", "PK", NULL, 2 },
	{ "TarArchive", "", "", 0 },
};

struct unarchive {
	const char *source, *dest, *real_dest;
	const struct kind *kind;
	const char *program;
	const char *directory; /* our own, for what was brought; NULL: none */
	const char *const *files;
	bool differs; /* the contents; else only attributes */
};

#ifndef ERTC_RUNNER
static bool
unarchive_prepare(struct prepare *prepare, struct error *err)
{
	const struct value *src = value_get(prepare->args, "src"), *content, *flag;
	bool is_remote = false, copies = true, decrypts = true;
	const char *path;

	if (((flag = value_get(prepare->args, "remote_src")) && !value_to_bool(flag, &is_remote)) ||
		((flag = value_get(prepare->args, "copy")) && !value_to_bool(flag, &copies)) ||
		((flag = value_get(prepare->args, "decrypt")) && !value_to_bool(flag, &decrypts)))
		return fail(err, ERR_TYPE, "remote_src, copy and decrypt are booleans");
	if (value_get(prepare->args, "copy") && value_get(prepare->args, "remote_src"))
		return fail(err, ERR_OPTIONS, "parameters are mutually exclusive: copy|remote_src");
	if (is_remote || !copies || value_is_none(src))
		return true;
	if (!prepare->find_file(prepare, "files", value_to_text(prepare->arena, src), &path, err) ||
		!prepare->attach_file(prepare, path, decrypts, &content, err))
		return false;
	value_set(prepare->arena, prepare->args, "_content", content);
	return true;
}
#endif

/* ---- the archive ---- */

static bool
bring_content(struct module_call *call, struct unarchive *un, struct error *err)
{
	const struct unarchive_args *args = call->args;
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct content content;

	un->source = path_join(call->arena, un->directory, "source");
	return content_read(args->_content, &content, err) &&
	       file_new_open(&file, un->source, err) && content_write(call, &content, &file, err) &&
	       file_new_commit(&file, &(struct file_place){ .has_mode = true, .mode = 0600 }, err);
}

static bool
find_source(struct module_call *call, struct unarchive *un, struct error *err)
{
	const struct unarchive_args *args = call->args;
	bool is_url = !args->_content && strstr(args->src, "://");
	struct stat info;

	if ((args->_content || is_url) && !module_workplace(call, false, &un->directory, err))
		return false;
	if (args->_content)
		return bring_content(call, un, err);
	if (is_url)
		return http_save(
			call, args->src, args->validate_certs, un->directory, &un->source, err);
	un->source = args->src;
	if (stat(un->source, &info) < 0)
		return fail(err, ERR_MISSING, "Source '%s' does not exist", un->source);
	if (access(un->source, R_OK) < 0)
		return fail(err, ERR_TASK, "Source '%s' not readable", un->source);
	if (S_ISREG(info.st_mode) && info.st_size == 0)
		return fail(err, ERR_TASK, "Invalid archive '%s', the file is 0 bytes", un->source);
	return true;
}

static bool
fail_handler(const struct unarchive *un, const char *why, struct error *err)
{
	return fail(err, ERR_TASK,
		"Failed to find handler for \"%s\". Make sure the required command to extract the "
		"file is installed.\n%s",
		un->source, why);
}

static bool
choose_kind(struct module_call *call, struct unarchive *un, struct error *err)
{
	_cleanup_close_ int fd = open(un->source, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char magic[8] = "";

	if (fd < 0 || read(fd, magic, sizeof(magic)) < 0)
		return fail_errno(err, "cannot read '%s'", un->source);
	un->kind = kinds;
	while (memcmp(magic, un->kind->magic, un->kind->length) != 0)
		un->kind++;
	if (un->kind->option) {
		un->program = program_find(call->arena, "gtar");
		if (!un->program)
			un->program = program_find(call->arena, "tar");
	} else {
		un->program = program_find(call->arena, "unzip");
	}
	if (un->program)
		return true;
	return fail_handler(un,
		un->kind->option ? "Unable to find required 'gtar' or 'tar' binary in the path"
				 : "Unable to find required 'unzip' or 'zipinfo' binary in the "
				   "path.",
		err);
}

/* ---- tar ---- */

static const char *const *
tar_words(struct module_call *call, const struct unarchive *un, const char *verb)
{
	const struct unarchive_args *args = call->args;
	const char *const *words = NULL;

	words_add(call->arena, &words, un->program);
	words_add(call->arena, &words, verb);
	words_add(call->arena, &words, "-C");
	words_add(call->arena, &words, un->dest);
	if (*un->kind->option)
		words_add(call->arena, &words, un->kind->option);
	for (size_t i = 0; args->extra_opts[i]; i++)
		words_add(call->arena, &words, args->extra_opts[i]);
	if (args->keep_newer)
		words_add(call->arena, &words, "--keep-newer-files");
	if (args->owner)
		words_add(
			call->arena, &words, arena_format(call->arena, "--owner=%s", args->owner));
	if (args->group)
		words_add(
			call->arena, &words, arena_format(call->arena, "--group=%s", args->group));
	for (size_t i = 0; args->exclude[i]; i++)
		words_add(call->arena, &words,
			arena_format(call->arena, "--exclude=%s", args->exclude[i]));
	words_add(call->arena, &words, "-f");
	words_add(call->arena, &words, un->source);
	for (size_t i = 0; args->include[i]; i++)
		words_add(call->arena, &words, args->include[i]);
	return words;
}

/* tar writes what is no ASCII as \NNN. */
static const char *
unescape(struct arena *arena, struct view name)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; i < name.length; i++) {
		int64_t code;

		if (name.data[i] == '\\' && i + 3 < name.length &&
			number_parse_base((struct view){ name.data + i + 1, 3 }, 8, &code)) {
			str_add_char(&out, (char)code);
			i += 3;
		} else if (name.data[i] == '\\' && i + 1 < name.length) {
			str_add_char(&out, name.data[++i]);
		} else {
			str_add_char(&out, name.data[i]);
		}
	}
	return arena_view(arena, str_view(&out));
}

static bool
tar_list(struct module_call *call, struct unarchive *un, struct error *err)
{
	struct module_command command = {
		.argv = tar_words(call, un, "--list"),
		.is_parsed = true,
		.maximum = 64 * 1024 * 1024,
	};
	struct process_result result;
	struct view rest, line;
	bool is_well = module_run(call, &command, &result, err);

	rest = is_well ? str_view(&result.out) : VIEW("");
	if (is_well && result.status != 0)
		is_well = fail_handler(un,
			arena_format(call->arena,
				"Command \"%s\" could not handle archive: Unable to list files in "
				"the archive: %.250s",
				un->program, result.err.data),
			err);
	while (is_well && view_cut(&rest, '\n', &line))
		if (line.length)
			words_add(call->arena, &un->files, unescape(call->arena, line));
	process_result_release(&result);
	return is_well;
}

/* What differs counts unless the task's own owner, group or mode decide it. */
static bool
difference_counts(const struct unarchive_args *args, struct view line)
{
	bool is_root = geteuid() == 0;

	line = view_trim(line);
	if (!line.length || view_ends(line, "ignoring unknown extended header keyword"))
		return false;
	if (view_ends(line, ": Uid differs"))
		return is_root && !args->owner;
	if (view_ends(line, ": Gid differs"))
		return is_root && !args->group;
	if (view_ends(line, ": Mode differs"))
		return !args->mode;
	return true;
}

static bool
tar_compare(struct module_call *call, struct unarchive *un, struct error *err)
{
	const struct unarchive_args *args = call->args;
	struct module_command command = {
		.argv = tar_words(call, un, "--diff"),
		.is_parsed = true,
		.merges = true,
		.maximum = 16 * 1024 * 1024,
	};
	struct process_result result;
	struct view rest, line;
	bool is_well = module_run(call, &command, &result, err);

	rest = is_well ? str_view(&result.out) : VIEW("");
	while (view_cut(&rest, '\n', &line))
		un->differs |= difference_counts(args, line);
	process_result_release(&result);
	return is_well;
}

/* ---- zip ---- */

static bool
is_matched(const char *const *patterns, const char *name)
{
	for (; *patterns; patterns++)
		if (fnmatch(*patterns, name, 0) == 0)
			return true;
	return false;
}

static bool
file_differs(const struct unarchive_args *args, struct view perms, struct view system,
	struct view size, struct view stamp, const struct stat *now)
{
	struct tm when = { .tm_isdst = -1 };
	char text[32];
	int64_t bytes;
	mode_t mode = 0;

	if (S_ISDIR(now->st_mode) != (*perms.data == 'd'))
		return true;
	for (size_t i = 1; i < perms.length && i < 10; i++)
		mode = (mode_t)(mode << 1 | (strchr("-ST", perms.data[i]) ? 0 : 1));
	if (!args->mode && view_is(system, "unx") && perms.length == 10 && *perms.data != 'l' &&
		(now->st_mode & 0777) != mode)
		return true;
	if (*perms.data == 'd' || *perms.data == 'l')
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)stamp.length, stamp.data);
	if (strptime(text, "%Y%m%d.%H%M%S", &when)) {
		int64_t age = (int64_t)mktime(&when) - now->st_mtime;

		if (args->keep_newer)
			return age > 0;
		if (age != 0)
			return true;
	}
	return number_parse(size, &bytes) && bytes != now->st_size;
}

/* "-rw-r--r--  3.0 unx        2 tx stor 20261120.091518 name" */
static void
zip_line(struct module_call *call, struct unarchive *un, struct view line)
{
	const struct unarchive_args *args = call->args;
	struct view columns[7];
	const char *name, *path;
	struct stat now;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		while (line.length && *line.data == ' ')
			line = (struct view){ line.data + 1, line.length - 1 };
		if (!view_cut(&line, ' ', &columns[i]) || !line.data)
			return;
	}
	if (!strchr("-dl?bcps", *columns[0].data) || columns[6].length != 15)
		return;
	name = arena_view(call->arena, line);
	if (is_matched(args->exclude, name) ||
		(args->include[0] && !is_matched(args->include, name)))
		return;
	words_add(call->arena, &un->files, name);
	path = path_join(call->arena, un->dest, name);
	if (lstat(path, &now) < 0 ||
		file_differs(args, columns[0], columns[2], columns[3], columns[6], &now))
		un->differs = true;
}

static bool
zip_compare(struct module_call *call, struct unarchive *un, struct error *err)
{
	struct module_command command = {
		.argv = TEXTS(un->program, "-Z", "-T", "-s", un->source),
		.maximum = 64 * 1024 * 1024,
	};
	struct process_result result;
	struct view rest, line;
	bool is_well = module_run(call, &command, &result, err);

	rest = is_well ? str_view(&result.out) : VIEW("");
	if (is_well && result.status != 0)
		is_well = fail_handler(un,
			arena_format(call->arena, "Command \"%s\" could not handle archive: %.250s",
				un->program, result.err.data),
			err);
	while (is_well && view_cut(&rest, '\n', &line))
		zip_line(call, un, line);
	process_result_release(&result);
	return is_well;
}

static const char *const *
zip_words(struct module_call *call, const struct unarchive *un)
{
	const struct unarchive_args *args = call->args;
	const char *const *words = NULL;

	words_add(call->arena, &words, un->program);
	words_add(call->arena, &words, args->keep_newer ? "-uo" : "-o");
	for (size_t i = 0; args->extra_opts[i]; i++)
		words_add(call->arena, &words, args->extra_opts[i]);
	words_add(call->arena, &words, un->source);
	for (size_t i = 0; args->include[i]; i++)
		words_add(call->arena, &words, args->include[i]);
	if (args->exclude[0])
		words_add(call->arena, &words, "-x");
	for (size_t i = 0; args->exclude[i]; i++)
		words_add(call->arena, &words, args->exclude[i]);
	words_add(call->arena, &words, "-d");
	words_add(call->arena, &words, un->dest);
	return words;
}

/* ---- owner, group and mode of what came ---- */

/* The archive's names are not trusted: nothing beyond the destination is touched, neither by `..`
 * nor through a link. */
static bool
is_below(struct module_call *call, const struct unarchive *un, const char *path)
{
	char real[PATH_MAX];
	size_t length = strlen(un->real_dest);

	return realpath(path_parent(call->arena, path), real) &&
	       (text_equals(un->real_dest, "/") || (strncmp(real, un->real_dest, length) == 0 &&
							   (!real[length] || real[length] == '/')));
}

static bool
each_path(struct module_call *call, const struct unarchive *un, const char *path, bool applies,
	bool *is_changed, struct error *err)
{
	const struct unarchive_args *args = call->args;
	struct attributes wanted = ATTRIBUTES_OF(args);
	struct attribute_plan plan;
	struct stat now;

	if (lstat(path, &now) < 0 || !is_below(call, un, path))
		return true;
	if (applies)
		return attributes_ensure(call, &wanted, path, is_changed, err);
	if (!attributes_plan(call, &wanted, path, &now, S_ISDIR(now.st_mode), &plan, err))
		return false;
	*is_changed |= plan.is_changed;
	return true;
}

/* Directories that stand only in the names of others belong to it, too. */
static bool
each_file(struct module_call *call, const struct unarchive *un, bool applies, bool *is_changed,
	struct error *err)
{
	const struct unarchive_args *args = call->args;
	const char *last = "";

	if (!args->owner && !args->group && !args->mode && !args->setype && !args->seuser &&
		!args->serole && !args->selevel)
		return true;
	for (const char *const *file = un->files; file && *file; file++) {
		const char *top =
			arena_view(call->arena, (struct view){ *file, strcspn(*file, "/") });

		if (strchr(*file, '/') && !text_equals(top, ".") && !text_equals(top, last)) {
			if (!each_path(call, un, path_join(call->arena, un->dest, top), applies,
				    is_changed, err))
				return false;
			last = top;
		}
		if (!each_path(call, un, path_join(call->arena, un->dest, *file), applies,
			    is_changed, err))
			return false;
	}
	return true;
}

/* ---- */

static void
set_results(struct module_call *call, const struct unarchive *un)
{
	const struct unarchive_args *args = call->args;
	struct value *list = value_list(call->arena);

	result_text(call, "handler", un->kind->handler);
	result_text(call, "src", un->source);
	result_text(call, "dest", un->dest);
	for (const char *const *file = un->files; file && *file; file++)
		value_add(call->arena, list, value_text(call->arena, *file));
	if (args->list_files)
		result_set(call, "files", list);
	result_file(call, un->dest);
}

static bool
inspect(struct module_call *call, struct unarchive *un, struct error *err)
{
	bool is_changed = false;

	if (!find_source(call, un, err) || !choose_kind(call, un, err))
		return false;
	if (un->kind->option ? !tar_list(call, un, err) || !tar_compare(call, un, err)
			     : !zip_compare(call, un, err))
		return false;
	set_results(call, un);
	if (!each_file(call, un, false, &is_changed, err))
		return false;
	if (un->differs || is_changed)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
unarchive_inspect(struct module_call *call, struct error *err)
{
	const struct unarchive_args *args = call->args;
	struct unarchive *un = arena_new(call->arena, struct unarchive);
	char real[PATH_MAX];
	struct stat info;
	bool is_well;

	call->state = un;
	if (args->exclude[0] && args->include[0])
		return fail(err, ERR_OPTIONS, "parameters are mutually exclusive: include|exclude");
	if (args->creates && file_exists(args->creates)) {
		call->out->is_skipped = true;
		result_bool(call, "skipped", true);
		result_set(call, "msg",
			value_format(call->arena, "skipped, since %s exists", args->creates));
		return true;
	}
	un->dest = args->dest;
	if (stat(un->dest, &info) < 0 || !S_ISDIR(info.st_mode) || !realpath(un->dest, real))
		return fail(err, ERR_MISSING, "dest '%s' must be an existing dir", un->dest);
	un->real_dest = arena_text(call->arena, real);
	is_well = inspect(call, un, err);
	if (un->directory && (!is_well || call->only_inspects || call->out->change == CHANGE_NONE))
		return tree_remove(un->directory, is_well ? err : NULL) && is_well;
	return is_well;
}

static bool
unpack(struct module_call *call, const struct unarchive *un, struct error *err)
{
	const struct module_command command = {
		.argv = un->kind->option ? tar_words(call, un, "--extract") : zip_words(call, un),
		.is_parsed = true,
	};
	struct value *map = value_map(call->arena), *words = value_list(call->arena);
	struct process_result result;
	bool is_well = module_run(call, &command, &result, err);

	if (!is_well) {
		process_result_release(&result);
		return false;
	}
	for (const char *const *word = command.argv; *word; word++)
		value_add(call->arena, words, value_text(call->arena, *word));
	value_set(call->arena, map, "cmd", words);
	value_set(call->arena, map, "rc", value_int(call->arena, result.status));
	value_set(call->arena, map, "out", value_view(call->arena, str_view(&result.out)));
	value_set(call->arena, map, "err", value_view(call->arena, str_view(&result.err)));
	result_set(call, "extract_results", map);
	/* unzip ends with 1 for warnings. */
	if (result.status != 0 && !(result.status == 1 && !un->kind->option))
		is_well = fail(err, ERR_TASK, "failed to unpack %s to %s: %.300s", un->source,
			un->dest, result.err.length ? result.err.data : result.out.data);
	process_result_release(&result);
	return is_well;
}

static bool
unarchive_apply(struct module_call *call, struct error *err)
{
	struct unarchive *un = call->state;
	bool is_changed = false, is_well;

	is_well = (!un->differs || unpack(call, un, err)) &&
		  each_file(call, un, true, &is_changed, err);
	if (is_well)
		result_file(call, un->dest);
	return (!un->directory || tree_remove(un->directory, is_well ? err : NULL)) && is_well;
}

const struct module module_unarchive = {
	.name = "unarchive",
	.summary = DOC("Unpack an archive on the target"),
	.missing = DOC("src (or content) and dest are required"),
	.params = params,
	.params_size = sizeof(struct unarchive_args),
	.returns = DOC(returns),
	.examples = DOC("- unarchive:\n"
			"    src: app-1.2.tar.gz\n"
			"    dest: /opt/app\n"
			"    owner: app\n"),
	.check = SUPPORT_FULL,
	.prepare = PREPARE(unarchive_prepare),
	.inspect = unarchive_inspect,
	.apply = unarchive_apply,
};
