/* file: files, directories and links: that they are there (or not), and whose they are. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "module/attributes.h"
#include "os/users.h"

enum { DEPTH_MAX = 200, LISTED_MAX = 10000 };

struct file_args {
	const char *path, *state, *src;
	bool recurse, force, follow;
	const char *modification_time, *modification_time_format, *access_time, *access_time_format;
	const char *_original_basename, *_diff_peek;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = { PARAM_PATH(struct file_args, path, .required = true,
					       .aliases = TEXTS("dest", "name"),
					       .doc = "What is managed."),
	PARAM_STRING(struct file_args, state,
		.choices = TEXTS("absent", "directory", "file", "hard", "link", "touch"),
		.doc = "What it is to be. Without: what it is, else a directory with recurse, else "
		       "a file."),
	PARAM_PATH(struct file_args, src, .doc = "What a link points to."),
	PARAM_FLAG(struct file_args, recurse, .fallback = "false",
		.doc = "Set owner, group and mode of all below a directory."),
	PARAM_FLAG(struct file_args, force, .fallback = "false",
		.doc = "Link to what does not exist, or in place of a file."),
	PARAM_FLAG(struct file_args, follow, .fallback = "true",
		.doc = "Owner, group and mode are those of what a link points to."),
	PARAM_STRING(struct file_args, modification_time,
		.doc = "preserve, now, or a time in modification_time_format."),
	PARAM_STRING(struct file_args, modification_time_format, .fallback = "%Y%m%d%H%M.%S",
		.doc = "As strptime(3) has it."),
	PARAM_STRING(struct file_args, access_time,
		.doc = "preserve, now, or a time in access_time_format."),
	PARAM_STRING(struct file_args, access_time_format, .fallback = "%Y%m%d%H%M.%S",
		.doc = "As strptime(3) has it."),
	PARAM_STRING(struct file_args, _original_basename, .is_internal = true,
		.doc = "Set by other modules."),
	PARAM_STRING(struct file_args, _diff_peek,
		.doc = "Only say whether it looks like no text (appears_binary)."),
	ATTRIBUTE_PARAMS(struct file_args), PARAMS_END };

static const struct module_return returns[] = {
	{ "path", "str", "The path, for file, directory and absent." },
	{ "dest", "str", "The path, for link, hard and touch." },
	{ "state", "str", "What is there now." }, { NULL, NULL, NULL }
};

enum kind { KIND_ABSENT, KIND_FILE, KIND_HARD, KIND_DIRECTORY, KIND_LINK, KIND_OTHER };
static const char *const kind_names[] = { "absent", "file", "hard", "directory", "link", "file" };

struct file_call {
	const char *path;  /* in the directory, if the destination is one */
	const char *real;  /* what owner, group and mode belong to */
	const char *state; /* wanted */
	enum kind prior;
	const char *src;
	const char *old_src; /* of a link that leads elsewhere now */
	struct attributes wanted;
	struct timespec times[2]; /* access, modification; UTIME_OMIT: leave */
};

static enum kind
kind_of(const char *path)
{
	struct stat info;

	if (lstat(path, &info) < 0)
		return KIND_ABSENT;
	if (S_ISLNK(info.st_mode))
		return KIND_LINK;
	if (S_ISDIR(info.st_mode))
		return KIND_DIRECTORY;
	if (S_ISREG(info.st_mode))
		return info.st_nlink > 1 ? KIND_HARD : KIND_FILE;
	return KIND_OTHER;
}

static const char *
real_path(struct arena *into, const char *path)
{
	char resolved[PATH_MAX];

	return realpath(path, resolved) ? arena_text(into, resolved) : path;
}

static const char *
link_target(struct arena *into, const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target));

	return length < 0 ? NULL : arena_bytes(into, target, (size_t)length);
}

static bool
read_time(const char *text, const char *format, bool is_touch, struct timespec *out,
	struct error *err)
{
	struct tm local = { .tm_isdst = -1 };

	*out = (struct timespec){ .tv_nsec = is_touch ? UTIME_NOW : UTIME_OMIT };
	if (!text)
		return true;
	if (text_equals(text, "now")) {
		out->tv_nsec = UTIME_NOW;
	} else if (text_equals(text, "preserve")) {
		out->tv_nsec = UTIME_OMIT;
	} else {
		const char *end = strptime(text, format, &local);

		if (!end || *end)
			return fail(err, ERR_OPTIONS,
				"Error while obtaining timestamp for time %s using format %s", text,
				format);
		*out = (struct timespec){ .tv_sec = mktime(&local) };
	}
	return true;
}

static bool
read_settings(struct module_call *call, struct file_call *file, struct error *err)
{
	const struct file_args *args = call->args;
	struct stat info;
	bool is_touch;

	file->path = arena_text(call->arena, args->path);
	for (size_t length = strlen(file->path); length > 1 && file->path[length - 1] == '/';
		length--)
		file->path = arena_view(call->arena, (struct view){ file->path, length - 1 });
	file->prior = kind_of(file->path);
	file->state = args->state;
	if (!file->state)
		file->state = file->prior != KIND_ABSENT ? kind_names[file->prior]
			      : args->recurse		 ? "directory"
							 : "file";
	file->src = args->src;
	if (args->src && !text_equals(file->state, "link") && !text_equals(file->state, "hard"))
		return fail(err, ERR_OPTIONS, "src option requires state to be 'link' or 'hard'");
	if (args->recurse && !text_equals(file->state, "directory"))
		return fail(err, ERR_OPTIONS, "recurse option requires state to be 'directory'");
	if (args->src && text_equals(file->state, "hard") && stat(file->path, &info) == 0 &&
		S_ISDIR(info.st_mode)) {
		file->path = path_join(call->arena, file->path, path_name(args->src));
		file->prior = kind_of(file->path);
	}
	is_touch = text_equals(file->state, "touch");
	file->wanted = ATTRIBUTES_OF(args);
	file->real = args->follow && file->prior == KIND_LINK ? real_path(call->arena, file->path)
							      : file->path;
	return read_time(args->access_time, args->access_time_format, is_touch, &file->times[0],
		       err) &&
	       read_time(args->modification_time, args->modification_time_format, is_touch,
		       &file->times[1], err);
}

/* What goes with a directory, for the diff. */
static void
list_below(struct module_call *call, const char *path, struct value *directories,
	struct value *files, int depth)
{
	DIR *stream = depth < DEPTH_MAX ? opendir(path) : NULL;
	struct dirent *entry;

	while (stream && (entry = readdir(stream)) && files->list.count < LISTED_MAX &&
		directories->list.count < LISTED_MAX) {
		const char *name = path_join(call->arena, path, entry->d_name);
		bool is_directory = kind_of(name) == KIND_DIRECTORY;

		if (text_equals(entry->d_name, ".") || text_equals(entry->d_name, ".."))
			continue;
		value_add(call->arena, is_directory ? directories : files,
			value_text(call->arena, name));
		if (is_directory)
			list_below(call, name, directories, files, depth + 1);
	}
	if (stream)
		closedir(stream);
}

static void
add_contents(struct module_call *call, const struct file_call *file, struct value *into)
{
	struct value *contents = value_map(call->arena), *files = value_list(call->arena);
	struct value *directories = value_list(call->arena);

	list_below(call, file->path, directories, files, 0);
	value_set(call->arena, contents, "directories", directories);
	value_set(call->arena, contents, "files", files);
	value_set(call->arena, into, "path_content", contents);
}

static void
add_diff(struct module_call *call, const struct file_call *file, const char *after,
	const struct attribute_plan *plan)
{
	struct value *diff, *from, *to;

	diff = value_map(call->arena);
	from = value_map(call->arena);
	to = value_map(call->arena);
	value_set(call->arena, from, "path", value_text(call->arena, file->path));
	value_set(call->arena, to, "path", value_text(call->arena, file->path));
	if (after) {
		value_set(call->arena, from, "state",
			value_text(call->arena, kind_names[file->prior]));
		value_set(call->arena, to, "state", value_text(call->arena, after));
	}
	if (text_equals(after, "absent") && file->prior == KIND_DIRECTORY)
		add_contents(call, file, from);
	if (file->old_src) {
		value_set(call->arena, from, "src", value_text(call->arena, file->old_src));
		value_set(call->arena, to, "src", value_text(call->arena, file->src));
	}
	if (plan) {
		VALUE_PAIRS (pair, plan->before)
			value_set_key(call->arena, from, pair->key, pair->value);
		VALUE_PAIRS (pair, plan->after)
			value_set_key(call->arena, to, pair->key, pair->value);
	}
	value_set(call->arena, diff, "before", from);
	value_set(call->arena, diff, "after", to);
	value_add(call->arena, call->out->diffs, diff);
}

/* Times that are to be other than they are, as two more attributes. */
static void
plan_times(struct module_call *call, const struct file_call *file, const struct stat *now,
	struct attribute_plan *plan)
{
	for (int i = 0; i < 2; i++) {
		const struct timespec *old = i ? &now->st_mtim : &now->st_atim;
		const struct timespec *new = &file->times[i];
		const char *name = i ? "mtime" : "atime";

		if (new->tv_nsec == UTIME_OMIT ||
			(new->tv_nsec != UTIME_NOW &&new->tv_sec == old->tv_sec))
			continue;
		plan->is_changed = true;
		value_set(call->arena, plan->before, name, value_int(call->arena, old->tv_sec));
		value_set(call->arena, plan->after, name,
			value_int(
				call->arena, new->tv_nsec == UTIME_NOW ? time(NULL) : new->tv_sec));
	}
}

/* Plan of owner, group, mode and times of what is there, or of what will be. */
static bool
plan_attributes(struct module_call *call, const struct file_call *file, bool is_directory,
	struct attribute_plan *plan, struct error *err)
{
	struct stat now;
	bool is_there = lstat(file->real, &now) == 0;

	if (!attributes_plan(call, &file->wanted, file->real, is_there ? &now : NULL,
		    is_there ? S_ISDIR(now.st_mode) : is_directory, plan, err))
		return false;
	if (is_there && (!S_ISLNK(now.st_mode) || stat(file->real, &now) == 0))
		plan_times(call, file, &now, plan);
	return true;
}

/* Where a link in `directory` leads in the end; NULL: nowhere, or to a directory we are in. */
static const char *
link_end(struct arena *arena, const char *link, const char *directory)
{
	char real[PATH_MAX];
	size_t length;

	if (!realpath(link, real))
		return NULL;
	length = strlen(real);
	if (strncmp(directory, real, length) == 0 &&
		(!directory[length] || directory[length] == '/'))
		return NULL;
	return arena_text(arena, real);
}

/* Applies to all below, and counts; `check` only looks. Links are left alone unless they are
 * followed. */
static bool
recurse(struct module_call *call, const struct file_call *file, int directory, const char *path,
	bool check, bool *is_changed, int depth, struct error *err)
{
	const struct file_args *args = call->args;
	DIR *stream = fdopendir(directory);
	struct dirent *entry;
	bool is_well = stream && depth < DEPTH_MAX;

	while (is_well && (entry = readdir(stream))) {
		const char *name = path_join(call->arena, path, entry->d_name);
		struct attribute_plan plan;
		struct stat now;
		bool is_link;
		int fd;

		if (text_equals(entry->d_name, ".") || text_equals(entry->d_name, "..") ||
			lstat(name, &now) < 0)
			continue;
		is_link = S_ISLNK(now.st_mode);
		if (is_link && args->follow &&
			(!(name = link_end(call->arena, name, path)) || lstat(name, &now) < 0))
			continue;
		is_well = attributes_plan(call, &file->wanted, name, &now, S_ISDIR(now.st_mode),
				  &plan, err) &&
			  (check || attributes_apply(&plan, name, is_changed, err));
		*is_changed |= is_well && plan.is_changed;
		if (!is_well || !S_ISDIR(now.st_mode))
			continue;
		/* An absolute name, where a link was followed, does not count from the stream. */
		fd = openat(dirfd(stream), is_link ? name : entry->d_name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			is_well = recurse(call, file, fd, name, check, is_changed, depth + 1, err);
	}
	if (stream)
		closedir(stream);
	else
		close(directory);
	if (!is_well && !err->kind)
		fail(err, ERR_LIMIT, "'%s' cannot be walked", path);
	return is_well;
}

static bool
recurse_from(struct module_call *call, const struct file_call *file, bool check, bool *is_changed,
	struct error *err)
{
	int fd = open(file->real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return check || fail_errno(err, "cannot open the directory '%s'", file->real);
	return recurse(call, file, fd, file->real, check, is_changed, 0, err);
}

static void
set_path(struct module_call *call, const struct file_call *file, const char *key)
{
	result_text(call, key, file->path);
	result_file(call, file->path);
}

static bool
inspect_file(struct module_call *call, struct file_call *file, struct error *err)
{
	enum kind kind = kind_of(file->real);
	struct attribute_plan plan;

	if (kind != KIND_FILE && kind != KIND_HARD && kind != KIND_OTHER) {
		result_text(call, "path", file->path);
		result_text(call, "state", kind_names[kind]);
		return fail(err, kind == KIND_ABSENT ? ERR_MISSING : ERR_TASK,
			"file (%s) is %s, cannot continue", file->path, kind_names[kind]);
	}
	if (!plan_attributes(call, file, false, &plan, err))
		return false;
	if (plan.is_changed)
		call->out->change = CHANGE_WANTED;
	add_diff(call, file, NULL, &plan);
	set_path(call, file, "path");
	return true;
}

static bool
inspect_absent(struct module_call *call, struct file_call *file)
{
	if (file->prior != KIND_ABSENT) {
		call->out->change = CHANGE_WANTED;
		add_diff(call, file, "absent", NULL);
	}
	result_text(call, "path", file->path);
	result_text(call, "state", "absent");
	return true;
}

static bool
inspect_directory(struct module_call *call, struct file_call *file, struct error *err)
{
	const struct file_args *args = call->args;
	enum kind kind = kind_of(file->real);
	struct attribute_plan plan;
	bool is_changed = false;

	if (kind != KIND_ABSENT && kind != KIND_DIRECTORY) {
		result_text(call, "path", file->path);
		return fail(
			err, ERR_TASK, "%s already exists as a %s", file->path, kind_names[kind]);
	}
	if (!plan_attributes(call, file, true, &plan, err))
		return false;
	if (args->recurse && kind == KIND_DIRECTORY &&
		!recurse_from(call, file, true, &is_changed, err))
		return false;
	if (kind == KIND_ABSENT || plan.is_changed || is_changed)
		call->out->change = CHANGE_WANTED;
	add_diff(call, file, kind == KIND_ABSENT ? "directory" : NULL,
		kind == KIND_ABSENT ? NULL : &plan);
	set_path(call, file, "path");
	if (kind == KIND_ABSENT)
		result_text(call, "state", "absent");
	return true;
}

static bool
is_empty(const char *path)
{
	DIR *stream = opendir(path);
	struct dirent *entry;
	bool empty = stream != NULL;

	while (empty && (entry = readdir(stream)))
		empty = text_equals(entry->d_name, ".") || text_equals(entry->d_name, "..");
	if (stream)
		closedir(stream);
	return empty;
}

/* May what is there make room for a link? */
static bool
check_replace(const struct file_call *file, bool force, const char *what, struct error *err)
{
	if (file->prior == KIND_ABSENT || file->prior == KIND_LINK)
		return true;
	if (!force)
		return fail(err, ERR_TASK, "refusing to convert from %s to %s for %s",
			kind_names[file->prior], what, file->path);
	if (file->prior == KIND_DIRECTORY && !is_empty(file->path))
		return fail(err, ERR_TASK, "the directory %s is not empty, refusing to convert it",
			file->path);
	return true;
}

static bool
inspect_link(struct module_call *call, struct file_call *file, struct error *err)
{
	const struct file_args *args = call->args;
	const char *old = link_target(call->arena, file->path), *from;
	struct attribute_plan plan;
	struct stat info;

	if (!file->src && !old)
		return fail(err, ERR_OPTIONS, "src is required for creating new symlinks");
	result_text(call, "dest", file->path);
	result_text(call, "src", file->src);
	if (!file->src) /* only owner and times, of the link or of what it leads to */
		file->src = old;
	from = file->prior == KIND_DIRECTORY ? file->path : path_parent(call->arena, file->path);
	from = path_join(call->arena, from, file->src);
	if (!args->force && args->src && stat(from, &info) < 0)
		return fail(err, ERR_MISSING,
			"src file does not exist, use \"force=yes\" if you really want to create "
			"the link: %s",
			from);
	if (!check_replace(file, args->force, "symlink", err))
		return false;
	if (!text_equals(old, file->src)) {
		call->out->change = CHANGE_WANTED;
		file->old_src = old;
	}
	add_diff(call, file, file->prior == KIND_LINK ? NULL : "link", NULL);
	file->real = args->follow ? real_path(call->arena, from) : file->path;
	if ((args->follow ? stat(file->real, &info) : lstat(file->real, &info)) == 0) {
		if (!plan_attributes(call, file, false, &plan, err))
			return false;
		if (plan.is_changed)
			call->out->change = CHANGE_WANTED;
	}
	result_file(call, file->path);
	return true;
}

static bool
inspect_hard(struct module_call *call, struct file_call *file, struct error *err)
{
	const struct file_args *args = call->args;
	struct stat source, now;
	struct attribute_plan plan;

	result_text(call, "dest", file->path);
	result_text(call, "src", file->src);
	if (!file->src && file->prior != KIND_HARD)
		return fail(err, ERR_OPTIONS, "src is required for creating new hardlinks");
	if (file->src && stat(file->src, &source) < 0)
		return fail(err, ERR_MISSING, "src does not exist");
	if (file->src && (lstat(file->path, &now) < 0 || now.st_ino != source.st_ino ||
				 now.st_dev != source.st_dev)) {
		if (file->prior == KIND_HARD && !args->force)
			return fail(err, ERR_TASK,
				"Cannot link, different hard link exists at destination");
		if (!check_replace(file, args->force, "hard", err))
			return false;
		call->out->change = CHANGE_WANTED;
		add_diff(call, file, "hard", NULL);
	}
	if (!plan_attributes(call, file, false, &plan, err))
		return false;
	if (plan.is_changed)
		call->out->change = CHANGE_WANTED;
	result_file(call, file->path);
	return true;
}

static bool
inspect_touch(struct module_call *call, struct file_call *file, struct error *err)
{
	enum kind kind = kind_of(file->real);
	struct attribute_plan plan;

	result_text(call, "dest", file->path);
	if (!plan_attributes(call, file, false, &plan, err))
		return false;
	if (kind == KIND_ABSENT || plan.is_changed)
		call->out->change = CHANGE_WANTED;
	add_diff(call, file, kind == KIND_ABSENT ? "touch" : NULL, &plan);
	result_file(call, file->path);
	return true;
}

static bool
looks_binary(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char head[8192];
	ssize_t count = fd < 0 ? 0 : read(fd, head, sizeof(head));

	return count > 0 && memchr(head, '\0', (size_t)count);
}

/* Who is not there yet may have been made by then, had this been no check. */
static void
warn_account(struct module_call *call, const char *what, const char *id, const char *account,
	bool is_there)
{
	char text[300];
	bool is_number = account && *account && !account[strspn(account, "0123456789")];

	if (!account || is_there)
		return;
	snprintf(text, sizeof(text),
		"failed to look up %s %s%s%s%s. Create %s up to this point in real play", what,
		is_number ? "with " : "", is_number ? id : "", is_number ? " " : "", account, what);
	result_warn(call, text);
}

static void
warn_accounts(struct module_call *call)
{
	const struct file_args *args = call->args;
	struct arena *arena = call->arena;
	struct user user;
	struct group group;
	uid_t uid = 0;
	gid_t gid = 0;

	if (!call->only_inspects)
		return;
	if (args->owner)
		warn_account(call, "user", "uid", args->owner,
			user_id_of(args->owner, &uid) && user_by_id(arena, uid, &user));
	if (args->group)
		warn_account(call, "group", "gid", args->group,
			group_id_of(args->group, &gid) && group_by_id(arena, gid, &group));
}

static bool
file_inspect(struct module_call *call, struct error *err)
{
	struct file_call *file = arena_new(call->arena, struct file_call);
	const struct file_args *args = call->args;

	call->state = file;
	if (args->_diff_peek) {
		result_text(call, "path", args->path);
		result_bool(call, "appears_binary", looks_binary(args->path));
		return true;
	}
	warn_accounts(call);
	if (!read_settings(call, file, err))
		return false;
	if (text_equals(file->state, "absent"))
		return inspect_absent(call, file);
	if (text_equals(file->state, "directory"))
		return inspect_directory(call, file, err);
	if (text_equals(file->state, "link"))
		return inspect_link(call, file, err);
	if (text_equals(file->state, "hard"))
		return inspect_hard(call, file, err);
	if (text_equals(file->state, "touch"))
		return inspect_touch(call, file, err);
	return inspect_file(call, file, err);
}

/* Each directory that is made gets the attributes, as Ansible has it. */
static bool
make_directories(struct module_call *call, struct file_call *file, struct error *err)
{
	char *partial = arena_text(call->arena, file->real);
	bool is_changed = false;

	for (char *slash = partial + 1;; slash++) {
		char kept = *slash;

		if (kept != '/' && kept != '\0')
			continue;
		*slash = '\0';
		if (mkdir(partial, 0777) == 0) {
			if (!attributes_ensure(call, &file->wanted, partial, &is_changed, err))
				return false;
		} else if (errno != EEXIST && kind_of(partial) == KIND_ABSENT) {
			return fail_errno(
				err, "There was an issue creating %s as requested", partial);
		}
		*slash = kept;
		if (!kept)
			return true;
	}
}

static bool
apply_times(const struct file_call *file, struct error *err)
{
	if (file->times[0].tv_nsec == UTIME_OMIT && file->times[1].tv_nsec == UTIME_OMIT)
		return true;
	if (utimensat(AT_FDCWD, file->real, file->times, 0) < 0)
		return fail_errno(err, "Error while setting the times of '%s'", file->path);
	return true;
}

static bool
apply_directory(struct module_call *call, struct file_call *file, struct error *err)
{
	const struct file_args *args = call->args;
	bool is_changed = false;

	if (!make_directories(call, file, err) ||
		!attributes_ensure(call, &file->wanted, file->real, &is_changed, err))
		return false;
	if (args->recurse && !recurse_from(call, file, false, &is_changed, err))
		return false;
	if (!apply_times(file, err))
		return false;
	set_path(call, file, "path");
	return true;
}

/* A link under another name, then renamed: there is never a moment without one. */
static bool
put_link(struct module_call *call, const struct file_call *file, bool is_hard, struct error *err)
{
	const char *temporary = arena_format(call->arena, "%s/.ertc-%ld.tmp",
		path_parent(call->arena, file->path), (long)getpid());

	unlink(temporary);
	if ((is_hard ? link(file->src, temporary) : symlink(file->src, temporary)) < 0)
		return fail_errno(err, "Error while linking '%s'", file->path);
	if (file->prior == KIND_DIRECTORY && rmdir(file->path) < 0) {
		unlink(temporary);
		return fail_errno(err, "Error while replacing '%s'", file->path);
	}
	if (rename(temporary, file->path) < 0) {
		fail_errno(err, "Error while replacing '%s'", file->path);
		unlink(temporary);
		return false;
	}
	unlink(temporary); /* two names of one file: rename did nothing */
	return true;
}

static bool
apply_link(struct module_call *call, struct file_call *file, bool is_hard, struct error *err)
{
	struct stat source, now;
	bool is_same, is_changed = false;

	if (is_hard)
		is_same = !file->src ||
			  (stat(file->src, &source) == 0 && lstat(file->path, &now) == 0 &&
				  source.st_ino == now.st_ino && source.st_dev == now.st_dev);
	else
		is_same = text_equals(link_target(call->arena, file->path), file->src);
	if (!is_same && !put_link(call, file, is_hard, err))
		return false;
	if (kind_of(file->real) != KIND_ABSENT &&
		(!attributes_ensure(call, &file->wanted, file->real, &is_changed, err) ||
			(access(file->real, F_OK) == 0 && !apply_times(file, err))))
		return false;
	set_path(call, file, "dest");
	return true;
}

static bool
apply_touch(struct module_call *call, struct file_call *file, struct error *err)
{
	_cleanup_close_ int fd = -1;
	bool is_changed = false;

	if (kind_of(file->real) == KIND_ABSENT) {
		fd = open(file->real, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
		if (fd < 0)
			return fail_errno(err, "Error, could not touch target '%s'", file->path);
	}
	if (!apply_times(file, err) ||
		!attributes_ensure(call, &file->wanted, file->real, &is_changed, err)) {
		/* A file that cannot be as wanted is not left behind. */
		if (fd >= 0)
			unlink(file->real);
		return false;
	}
	set_path(call, file, "dest");
	return true;
}

static bool
file_apply(struct module_call *call, struct error *err)
{
	struct file_call *file = call->state;
	bool is_changed = false;

	if (text_equals(file->state, "absent"))
		return tree_remove(file->path, err);
	if (text_equals(file->state, "directory"))
		return apply_directory(call, file, err);
	if (text_equals(file->state, "link") || text_equals(file->state, "hard"))
		return apply_link(call, file, text_equals(file->state, "hard"), err);
	if (text_equals(file->state, "touch"))
		return apply_touch(call, file, err);
	if (!attributes_ensure(call, &file->wanted, file->real, &is_changed, err) ||
		!apply_times(file, err))
		return false;
	set_path(call, file, "path");
	return true;
}

const struct module module_file = {
	.name = "file",
	.summary = DOC(
		"Make files, directories and links be there or not, and set their owner and mode"),
	.params = params,
	.params_size = sizeof(struct file_args),
	.returns = DOC(returns),
	.examples = DOC("- name: A place for the logs\n"
			"  file:\n"
			"    path: /var/log/app\n"
			"    state: directory\n"
			"    owner: app\n"
			"    mode: \"0750\"\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = file_inspect,
	.apply = file_apply,
};
