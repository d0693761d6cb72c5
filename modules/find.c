/* find: files and directories by name, age, size and content. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "module/host.h"
#include "module/regex.h"
#include "module/stated.h"
#include "os/users.h"

enum { LEVELS_MAX = 200, CONTENT_MAX = 256 * 1024 * 1024 };

struct find_args {
	const char *const *paths, *const *patterns, *const *excludes;
	const char *contains, *file_type, *age, *age_stamp, *size;
	bool read_whole_file, recurse, hidden, follow, get_checksum, use_regex;
	int64_t depth;
};

#define A struct find_args
static const struct param params[] = { PARAM_TEXTS(A, paths, .required = true,
					       .aliases = TEXTS("name", "path"),
					       .doc = "Directories to look into."),
	PARAM_TEXTS(A, patterns, .aliases = TEXTS("pattern"),
		.doc = "Names that count: shell patterns, or expressions for the whole name."),
	PARAM_TEXTS(A, excludes, .aliases = TEXTS("exclude"), .doc = "Names that do not."),
	PARAM_STRING(A, contains, .doc = "An expression for the beginning of a line in the file."),
	PARAM_FLAG(A, read_whole_file, .fallback = "false",
		.doc = "Search the text as a whole for `contains`."),
	PARAM_STRING(A, file_type, .fallback = "file",
		.choices = TEXTS("any", "directory", "file", "link"), .doc = "What counts."),
	PARAM_STRING(A, age, .doc = "At least so old: 3600, 2h, 4d, 1w; at most: -1d."),
	PARAM_STRING(A, age_stamp, .fallback = "mtime", .choices = TEXTS("atime", "ctime", "mtime"),
		.doc = "Which time counts."),
	PARAM_STRING(A, size, .doc = "At least so large: 1024, 10k, 1m; at most: -1m."),
	PARAM_FLAG(A, recurse, .fallback = "false", .doc = "Directories below too."),
	PARAM_INT(A, depth, .doc = "But only so many levels."),
	PARAM_FLAG(A, hidden, .fallback = "false", .doc = "Names that begin with a dot too."),
	PARAM_FLAG(A, follow, .fallback = "false", .doc = "Into linked directories too."),
	PARAM_FLAG(A, get_checksum, .fallback = "false", .doc = "Compute sha1 of what is found."),
	PARAM_FLAG(A, use_regex, .fallback = "false", .doc = "Patterns are expressions."),
	PARAMS_END };
#undef A

static const struct module_return returns[] = {
	{ "files", "list", "What was found: path, mode, size, uid, mtime … of each." },
	{ "matched", "int", "How many." }, { "examined", "int", "How many were looked at." },
	{ "skipped_paths", "dict", "What could not be looked into, and why." }, { NULL, NULL, NULL }
};

struct name_list {
	const char *const *texts;
	struct regex **expressions; /* with use_regex */
	size_t count;
};

struct find {
	struct module_call *call;
	const struct find_args *args;
	struct name_list patterns, excludes;
	struct regex *contains;
	bool has_age, has_size;
	int64_t age, size, now, examined;
	struct value *files, *skipped, *warnings;
};

/* A number with a letter behind it; `letters` and `factors` go together. */
static bool
read_amount(const char *text, const char *letters, const int64_t *factors, int64_t *out)
{
	size_t length = strlen(text);
	const char *letter;
	int64_t factor = 1;

	if (length && !isdigit((unsigned char)text[length - 1])) {
		letter = strchr(letters, tolower((unsigned char)text[length - 1]));
		if (!letter)
			return false;
		factor = factors[letter - letters];
		length--;
	}
	if (!number_parse((struct view){ text, length }, out))
		return false;
	return !__builtin_mul_overflow(*out, factor, out);
}

static bool
read_limits(struct find *find, struct error *err)
{
	static const int64_t seconds[] = { 1, 60, 3600, 86400, 604800 };
	static const int64_t bytes[] = { 1, 1024, 1024 * 1024, 1024 * 1024 * 1024,
		(int64_t)1024 * 1024 * 1024 * 1024 };

	find->has_age = find->args->age != NULL;
	find->has_size = find->args->size != NULL;
	if (find->has_age && !read_amount(find->args->age, "smhdw", seconds, &find->age))
		return fail(err, ERR_OPTIONS, "failed to process age");
	if (find->has_size && !read_amount(find->args->size, "bkmgt", bytes, &find->size))
		return fail(err, ERR_OPTIONS, "failed to process size");
	return true;
}

static bool
read_names(struct find *find, const char *const *texts, struct name_list *out, struct error *err)
{
	out->texts = texts;
	while (texts && texts[out->count])
		out->count++;
	if (!find->args->use_regex || !out->count)
		return true;
	out->expressions = arena_array(find->call->arena, out->count, struct regex *);
	for (size_t i = 0; i < out->count; i++)
		if (!regex_compile(texts[i], 0, &out->expressions[i], err))
			return false;
	return true;
}

static void
release_names(struct name_list *list)
{
	for (size_t i = 0; list->expressions && i < list->count; i++)
		regex_free(list->expressions[i]);
}

/* Expressions match from the beginning on, as re.match does. */
static bool
has_name(const struct name_list *list, const char *name)
{
	struct regex_match match;

	for (size_t i = 0; i < list->count; i++)
		if (list->expressions
				? regex_search(list->expressions[i], view_of(name), 0, &match) &&
					  match.start == 0
				: fnmatch(list->texts[i], name, FNM_NOESCAPE) == 0)
			return true;
	return false;
}

static bool
is_of_age(const struct find *find, const struct stat *info)
{
	const char *stamp = find->args->age_stamp;
	const struct timespec *when = text_equals(stamp, "atime")   ? &info->st_atim
				      : text_equals(stamp, "ctime") ? &info->st_ctim
								    : &info->st_mtim;
	int64_t age = find->now - when->tv_sec;

	return !find->has_age || (find->age >= 0 ? age >= find->age : age <= -find->age);
}

static bool
is_of_size(const struct find *find, const struct stat *info)
{
	return !find->has_size ||
	       (find->size >= 0 ? info->st_size >= find->size : info->st_size <= -find->size);
}

static bool
holds_text(const struct find *find, const char *path)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct regex_match match;
	struct view rest, line;

	if (!find->contains)
		return true;
	if (!file_read(path, CONTENT_MAX, &text, NULL))
		return false;
	rest = str_view(&text);
	if (find->args->read_whole_file)
		return regex_search(find->contains, rest, 0, &match);
	while (view_cut(&rest, '\n', &line))
		if (regex_search(find->contains, line, 0, &match) && match.start == 0)
			return true;
	return false;
}

static bool
is_wanted(const struct find *find, const char *path, const char *name, const struct stat *info)
{
	const char *type = find->args->file_type;
	bool is_file = S_ISREG(info->st_mode), any = text_equals(type, "any");

	if ((text_equals(type, "file") && !is_file) ||
		(text_equals(type, "directory") && !S_ISDIR(info->st_mode)) ||
		(text_equals(type, "link") && !S_ISLNK(info->st_mode)))
		return false;
	if ((find->patterns.count && !has_name(&find->patterns, name)) ||
		has_name(&find->excludes, name) || !is_of_age(find, info))
		return false;
	return !is_file || (is_of_size(find, info) && (any || holds_text(find, path)));
}

static void
add_file(struct find *find, const char *path, const struct stat *info)
{
	struct arena *arena = find->call->arena;
	struct value *map = value_map(arena);
	char digest[HASH_TEXT_MAX];

	value_set(arena, map, "path", value_text(arena, path));
	stat_values(arena, map, info);
	if (find->args->get_checksum && S_ISREG(info->st_mode))
		value_set(arena, map, "checksum",
			file_digest(path, HASH_SHA1, digest, NULL) ? value_text(arena, digest)
								   : &value_none);
	value_add(arena, find->files, map);
}

static void
skip(struct find *find, const char *path, const char *why)
{
	struct arena *arena = find->call->arena;

	value_set(arena, find->skipped, path, value_text(arena, why));
	value_add(arena, find->warnings,
		value_format(arena, "Skipped '%s' path due to this access issue: %s\n", path, why));
}

static void
skip_errno(struct find *find, const char *top, const char *path)
{
	int code = errno;

	skip(find, top,
		arena_format(find->call->arena, "[Errno %d] %s: '%s'", code, strerror(code), path));
}

static bool walk(struct find *find, const char *top, const char *path, int level);

/* False: the whole walk from this top ends. */
static bool
visit(struct find *find, const char *top, const char *path, const char *name, int level)
{
	const struct find_args *args = find->args;
	struct stat info, target;

	find->examined++;
	if (args->depth != PARAM_NO_INT && args->depth && level > args->depth)
		return true;
	if (lstat(path, &info) < 0) {
		skip_errno(find, path, path);
		return true;
	}
	if ((name[0] != '.' || args->hidden) && is_wanted(find, path, name, &info))
		add_file(find, path, &info);
	if (!args->recurse)
		return true;
	if (S_ISLNK(info.st_mode) && args->follow && stat(path, &target) == 0)
		info = target;
	return !S_ISDIR(info.st_mode) || walk(find, top, path, level + 1);
}

static bool
walk(struct find *find, const char *top, const char *path, int level)
{
	DIR *stream = opendir(path);
	struct dirent *entry;
	bool goes_on = true;

	if (!stream || level > LEVELS_MAX) {
		errno = stream ? ELOOP : errno;
		skip_errno(find, top, path);
		if (stream)
			closedir(stream);
		return false;
	}
	while (goes_on && (entry = readdir(stream)))
		if (!text_equals(entry->d_name, ".") && !text_equals(entry->d_name, ".."))
			goes_on =
				visit(find, top, path_join(find->call->arena, path, entry->d_name),
					entry->d_name, level);
	closedir(stream);
	return goes_on;
}

static void
walk_from(struct find *find, const char *given)
{
	struct arena *arena = find->call->arena;
	const char *top = path_expand(arena, given), *path;
	size_t length = strlen(top);
	struct stat info;

	while (length > 1 && top[length - 1] == '/')
		length--;
	path = arena_view(arena, (struct view){ top, length });
	if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode))
		skip(find, top, arena_format(arena, "'%s' is not a directory", top));
	else if (!walk(find, top, path, 1))
		log_debug("the walk from '%s' was cut short", top);
}

static bool
prepare_find(struct find *find, struct error *err)
{
	const struct find_args *args = find->args;

	return read_limits(find, err) && read_names(find, args->patterns, &find->patterns, err) &&
	       read_names(find, args->excludes, &find->excludes, err) &&
	       (!args->contains || regex_compile(args->contains, 0, &find->contains, err));
}

static bool
find_inspect(struct module_call *call, struct error *err)
{
	struct find find = {
		.call = call,
		.args = call->args,
		.now = time(NULL),
		.files = value_list(call->arena),
		.skipped = value_map(call->arena),
		.warnings = value_list(call->arena),
	};
	bool is_well = prepare_find(&find, err);

	for (size_t i = 0; is_well && find.args->paths[i]; i++)
		walk_from(&find, find.args->paths[i]);
	release_names(&find.patterns);
	release_names(&find.excludes);
	regex_free(find.contains);
	if (!is_well)
		return false;
	result_set(call, "files", find.files);
	result_int(call, "matched", (int64_t)find.files->list.count);
	result_int(call, "examined", find.examined);
	result_set(call, "skipped_paths", find.skipped);
	result_text(call, "msg",
		find.warnings->list.count ? "Not all paths examined, check warnings for details"
					  : "All paths examined");
	if (find.warnings->list.count)
		result_set(call, "warnings", find.warnings);
	return true;
}

const struct module module_find = {
	.name = "find",
	.summary = DOC("Find files and directories by name, age, size and content"),
	.params = params,
	.params_size = sizeof(struct find_args),
	.returns = DOC(returns),
	.examples = DOC("- name: Old logs\n"
			"  find:\n"
			"    paths: /var/log/app\n"
			"    patterns: \"*.log,*.gz\"\n"
			"    age: 4w\n"
			"    recurse: true\n"
			"  register: old\n"
			"- file:\n"
			"    path: \"{{ item.path }}\"\n"
			"    state: absent\n"
			"  loop: \"{{ old.files }}\"\n"),
	.check = SUPPORT_FULL,
	.inspect = find_inspect,
};
