/* Owner, group, mode and SELinux context of files. */
#include "module/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <time.h>

#include "module/host.h"
#include "module/words.h"
#include "os/users.h"

enum { LABEL_MAX = 256, LABEL_PARTS = 4 };

static bool
selinux_is_on(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

static const char *
label_of(struct arena *into, const char *path)
{
	char label[LABEL_MAX];
	ssize_t size = lgetxattr(path, "security.selinux", label, sizeof(label) - 1);

	if (size <= 0)
		return NULL;
	label[size] = '\0';
	return arena_text(into, label);
}

/* user:role:type:level; "_default" and absent parts stay as they are. */
static const char *
label_wanted(struct arena *into, const struct attributes *wanted, const char *now)
{
	const char *const parts[LABEL_PARTS] = { wanted->seuser, wanted->serole, wanted->setype,
		wanted->selevel };
	_cleanup_str_ struct str label = STR_INIT;
	struct view rest = view_of(now ? now : "system_u:object_r:unlabeled_t:s0"), piece;

	for (int i = 0; i < LABEL_PARTS; i++) {
		piece = VIEW("");
		if (i == LABEL_PARTS - 1)
			piece = rest.data ? rest : VIEW(""); /* a level has colons of its own */
		else if (!view_cut(&rest, ':', &piece))
			piece = VIEW("");
		if (parts[i] && !text_equals(parts[i], "_default"))
			piece = view_of(parts[i]);
		if (i && (piece.length || i < LABEL_PARTS - 1))
			str_add_char(&label, ':');
		str_add_view(&label, piece);
	}
	return arena_view(into, str_view(&label));
}

static void
note(struct module_call *call, struct attribute_plan *plan, const char *name,
	const struct value *before, const struct value *after)
{
	plan->is_changed = true;
	value_set(call->arena, plan->before, name, before);
	value_set(call->arena, plan->after, name, after);
}

static bool
plan_owner(struct module_call *call, const struct attributes *wanted, const struct stat *now,
	struct attribute_plan *plan, struct error *err)
{
	uid_t uid = now ? now->st_uid : geteuid();
	gid_t gid = now ? now->st_gid : getegid();

	if (wanted->owner && !user_id_of(wanted->owner, &plan->place.owner)) {
		if (!call->may_come)
			return fail(err, ERR_MISSING, "chown failed: failed to look up user %s",
				wanted->owner);
		note(call, plan, "owner", value_int(call->arena, uid),
			value_text(call->arena, wanted->owner));
	} else if (wanted->owner) {
		plan->place.has_owner = true;
		if (plan->place.owner != uid)
			note(call, plan, "owner", value_int(call->arena, uid),
				value_int(call->arena, plan->place.owner));
	}
	if (wanted->group && !group_id_of(wanted->group, &plan->place.group)) {
		if (!call->may_come)
			return fail(err, ERR_MISSING, "chgrp failed: failed to look up group %s",
				wanted->group);
		note(call, plan, "group", value_int(call->arena, gid),
			value_text(call->arena, wanted->group));
	} else if (wanted->group) {
		plan->place.has_group = true;
		if (plan->place.group != gid)
			note(call, plan, "group", value_int(call->arena, gid),
				value_int(call->arena, plan->place.group));
	}
	return true;
}

static mode_t
mode_of_new(bool is_directory)
{
	mode_t mask = umask(077);

	umask(mask);
	return (is_directory ? 0777 : 0666) & ~mask;
}

/* FS_IOC_GETFLAGS and FS_IOC_GETVERSION: the runner is built without the kernel's headers. They
 * fill an int, whatever their numbers say. */
#define GET_FLAGS _IOR('f', 1, long)
#define SET_FLAGS _IOW('f', 2, long)
#define GET_VERSION _IOR('v', 1, long)

/* As lsattr: neither links nor devices have any. */
bool
attribute_flags_read(const char *path, unsigned *flags, unsigned *version)
{
	struct stat info;
	_cleanup_close_ int fd = -1;

	if (lstat(path, &info) < 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
		return false;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 && (!version || ioctl(fd, GET_VERSION, version) == 0) &&
	       ioctl(fd, GET_FLAGS, flags) == 0;
}

/* In the order in which lsattr shows them; those without a name are none of Ansible's. */
const struct attribute_flag attribute_flags[] = {
	{ 0x00000001, 's', "zero" },
	{ 0x00000002, 'u', "undelete" },
	{ 0x00000008, 'S', "synchronous" },
	{ 0x00010000, 'D', "dirsync" },
	{ 0x00000010, 'i', "immutable" },
	{ 0x00000020, 'a', "append" },
	{ 0x00000040, 'd', "nodump" },
	{ 0x00000080, 'A', "noatime" },
	{ 0x00000004, 'c', "compressed" },
	{ 0x00000800, 'E', "encrypted" },
	{ 0x00004000, 'j', "journalled" },
	{ 0x00001000, 'I', "indexed" },
	{ 0x00008000, 't', "notail" },
	{ 0x00020000, 'T', "blockroot" },
	{ 0x00080000, 'e', "extents" },
	{ 0x00800000, 'C', "nocow" },
	{ 0x02000000, 'x', NULL },
	{ 0x40000000, 'F', NULL },
	{ 0x10000000, 'N', "inline" },
	{ 0x20000000, 'P', NULL },
	{ 0x00100000, 'V', NULL },
	{ 0x00000400, 'm', NULL },
	{ 0, '\0', NULL },
};

/* "+i", "-i", "i" or "=i" on top of `now`. What no one can set by hand (extents …) stays. */
static bool
flags_wanted(const char *text, unsigned now, unsigned *out, struct error *err)
{
	const unsigned settable = 0x000380ff;
	unsigned bits = 0;
	char sign = *text == '+' || *text == '-' || *text == '=' ? *text++ : '=';

	for (; *text; text++) {
		const struct attribute_flag *flag = attribute_flags;

		while (flag->letter && flag->letter != *text)
			flag++;
		if (!flag->letter)
			return fail(err, ERR_OPTIONS, "chattr failed: '%c' is no attribute", *text);
		bits |= flag->bit;
	}
	*out = sign == '+' ? now | bits : sign == '-' ? now & ~bits : (now & ~settable) | bits;
	return true;
}

static bool
plan_flags(struct module_call *call, const char *wanted, const char *path,
	struct attribute_plan *plan, struct error *err)
{
	_cleanup_str_ struct str letters = STR_INIT;
	unsigned now = 0;
	bool is_there = attribute_flags_read(path, &now, NULL);

	if (!flags_wanted(wanted, now, &plan->flags, err))
		return false;
	plan->has_flags = plan->flags != now || !is_there;
	for (const struct attribute_flag *flag = attribute_flags; flag->letter; flag++)
		if (now & flag->bit)
			str_add_char(&letters, flag->letter);
	if (plan->flags != now)
		note(call, plan, "attributes", value_view(call->arena, str_view(&letters)),
			value_text(call->arena, wanted));
	return true;
}

bool
attributes_plan(struct module_call *call, const struct attributes *wanted, const char *path,
	const struct stat *now, bool is_directory, struct attribute_plan *out, struct error *err)
{
	mode_t mode = now ? now->st_mode & 07777 : mode_of_new(is_directory);
	const char *label;

	*out = (struct attribute_plan){
		.before = value_map(call->arena),
		.after = value_map(call->arena),
	};
	if (wanted->attributes && !plan_flags(call, wanted->attributes, path, out, err))
		return false;
	if (!plan_owner(call, wanted, now, out, err))
		return false;
	if (wanted->mode && !text_equals(wanted->mode, "preserve") &&
		!(now && S_ISLNK(now->st_mode))) {
		if (!mode_parse(wanted->mode, mode, is_directory, &out->place.mode, err))
			return false;
		out->place.has_mode = true;
		if (out->place.mode != mode)
			note(call, out, "mode", value_format(call->arena, "0%03o", mode),
				value_format(call->arena, "0%03o", out->place.mode));
	}
	if ((wanted->seuser || wanted->serole || wanted->setype || wanted->selevel) &&
		selinux_is_on()) {
		label = now ? label_of(call->arena, path) : NULL;
		out->label = label_wanted(call->arena, wanted, label);
		if (text_equals(label, out->label))
			out->label = NULL;
		else
			note(call, out, "secontext", value_text(call->arena, label),
				value_text(call->arena, out->label));
	}
	return true;
}

bool
attributes_apply(
	const struct attribute_plan *plan, const char *path, bool *is_changed, struct error *err)
{
	const struct file_place *place = &plan->place;
	struct stat now;

	if (lstat(path, &now) < 0)
		return fail_errno(err, "cannot look at '%s'", path);
	if ((place->has_owner && place->owner != now.st_uid) ||
		(place->has_group && place->group != now.st_gid)) {
		if (lchown(path, place->has_owner ? place->owner : (uid_t)-1,
			    place->has_group ? place->group : (gid_t)-1) < 0)
			return fail_errno(err, "chown failed for '%s'", path);
		*is_changed = true;
		if (lstat(path, &now) < 0)
			return fail_errno(err, "cannot look at '%s'", path);
	}
	/* Behind chown, which clears setuid and setgid. */
	if (place->has_mode && !S_ISLNK(now.st_mode) && place->mode != (now.st_mode & 07777)) {
		if (chmod(path, place->mode) < 0)
			return fail_errno(err, "chmod failed for '%s'", path);
		*is_changed = true;
	}
	if (plan->label) {
		if (lsetxattr(path, "security.selinux", plan->label, strlen(plan->label) + 1, 0) <
			0)
			return fail_errno(err, "cannot set the SELinux context of '%s'", path);
		*is_changed = true;
	}
	/* Last: nothing can be changed behind +i. */
	if (plan->has_flags && !S_ISLNK(now.st_mode)) {
		_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
		int flags = (int)plan->flags;

		if (fd < 0 || ioctl(fd, SET_FLAGS, &flags) < 0)
			return fail_errno(err, "chattr failed for '%s'", path);
		*is_changed = true;
	}
	return true;
}

bool
attributes_ensure(struct module_call *call, const struct attributes *wanted, const char *path,
	bool *is_changed, struct error *err)
{
	struct attribute_plan plan;
	struct stat now;

	if (lstat(path, &now) < 0)
		return fail_errno(err, "cannot look at '%s'", path);
	return attributes_plan(call, wanted, path, &now, S_ISDIR(now.st_mode), &plan, err) &&
	       attributes_apply(&plan, path, is_changed, err);
}

static const char *
state_of(const struct stat *info)
{
	if (S_ISLNK(info->st_mode))
		return "link";
	if (S_ISDIR(info->st_mode))
		return "directory";
	return info->st_nlink > 1 ? "hard" : "file";
}

void
result_file(struct module_call *call, const char *path)
{
	struct stat info;
	const char *label;

	if (lstat(path, &info) < 0)
		return;
	result_int(call, "uid", info.st_uid);
	result_int(call, "gid", info.st_gid);
	result_text(call, "owner", user_name(call->arena, info.st_uid));
	result_text(call, "group", group_name(call->arena, info.st_gid));
	result_set(call, "mode", value_format(call->arena, "0%03o", info.st_mode & 07777));
	result_text(call, "state", state_of(&info));
	result_int(call, "size", info.st_size);
	label = selinux_is_on() ? label_of(call->arena, path) : NULL;
	if (label)
		result_text(call, "secontext", label);
}

bool
may_write_over(const struct module_call *call, bool given)
{
	const struct value *variable = value_get(call->environment, "ANSIBLE_UNSAFE_WRITES");
	bool flag = false;

	if (given || !value_is_none(value_get(call->given, "unsafe_writes")))
		return given;
	return variable && value_to_bool(variable, &flag) && flag;
}

bool
backup_make(struct module_call *call, const char *path, struct error *err)
{
	time_t now = time(NULL);
	struct tm local;
	char stamp[32];
	const char *name;

	localtime_r(&now, &local);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d@%H:%M:%S", &local);
	name = arena_format(call->arena, "%s.%ld.%s~", path, (long)getpid(), stamp);
	if (!file_copy(path, name, err))
		return error_context(err, "backup");
	result_text(call, "backup_file", name);
	return true;
}

bool
validate_run(
	struct module_call *call, const char *command, const char *candidate, struct error *err)
{
	const char *place = strstr(command, "%s"), *const * argv;
	_cleanup_str_ struct str whole = STR_INIT;
	struct process_result result;
	struct module_command run = { .is_parsed = true };
	bool is_valid;

	if (!place)
		return fail(err, ERR_OPTIONS, "validate must contain %%s: %s", command);
	str_add_bytes(&whole, command, (size_t)(place - command));
	str_add(&whole, candidate);
	str_add(&whole, place + 2);
	if (!words_cut(call->arena, whole.data, &argv, err))
		return false;
	run.argv = argv;
	is_valid = module_run(call, &run, &result, err);
	if (is_valid && result.status != 0) {
		is_valid = fail(err, ERR_TASK, "failed to validate");
		error_why(err, "rc:%d error:%.900s", result.status,
			result.err.length ? result.err.data : result.out.data);
		result_int(call, "exit_status", result.status);
		result_text(call, "stdout", result.out.data);
		result_text(call, "stderr", result.err.data);
	}
	process_result_release(&result);
	return is_valid;
}

static void
attribute_diff(struct module_call *call, const struct attribute_plan *plan, const char *path)
{
	struct value *diff;

	if (!call->wants_diff)
		return;
	diff = value_map(call->arena);
	value_set(call->arena, diff, "before_header",
		value_format(call->arena, "%s (file attributes)", path));
	value_set(call->arena, diff, "after_header",
		value_format(call->arena, "%s (file attributes)", path));
	value_set(call->arena, diff, "before", plan->before);
	value_set(call->arena, diff, "after", plan->after);
	value_add(call->arena, call->out->diffs, diff);
}

/* The message of a module that edits says so, in Ansible's words. */
static void
note_attributes(struct module_call *call)
{
	const char *message = value_string(value_get(call->out->result, "msg"));

	result_set(call, "msg",
		value_format(call->arena, "%s%sownership, perms or SE linux context changed",
			message ? message : "", message && *message ? " and " : ""));
}

bool
text_edit_inspect(struct module_call *call, const struct text_edit *edit, struct error *err)
{
	struct attribute_plan plan;
	struct stat now;
	bool is_there = stat(edit->path, &now) == 0;
	/* A list of diffs has one for the content and one for the attributes. */
	const char *header = edit->lists_diffs
				     ? arena_format(call->arena, "%s (content)", edit->path)
				     : edit->path;

	if (!attributes_plan(
		    call, &edit->attributes, edit->path, is_there ? &now : NULL, false, &plan, err))
		return false;
	call->out->lists_diffs = edit->lists_diffs;
	if (!view_equals(edit->before, edit->after) || !edit->was_there) {
		call->out->change = CHANGE_WANTED;
		result_diff(call, header, edit->before, header, edit->after);
	}
	if (plan.is_changed) {
		call->out->change = CHANGE_WANTED;
		note_attributes(call);
		attribute_diff(call, &plan, edit->path);
	}
	return true;
}

/* Written beside the file, validated there, and only then put in its place. */
static bool
edit_write(struct module_call *call, const struct text_edit *edit, const struct file_place *place,
	struct error *err)
{
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;

	return file_new_open_over(&file, edit->path,
		       edit->was_there && may_write_over(call, edit->unsafe_writes), err) &&
	       file_new_add(&file, edit->after, err) &&
	       (!edit->validate || (file_new_name(&file, err) && validate_run(call, edit->validate,
									 file.current, err))) &&
	       (!edit->backup || !edit->was_there || backup_make(call, edit->path, err)) &&
	       file_new_commit(&file, place, err);
}

bool
text_edit_apply(struct module_call *call, const struct text_edit *edit, struct error *err)
{
	struct attribute_plan plan;
	struct stat now;
	bool is_there = stat(edit->path, &now) == 0, is_changed = false;

	if (!attributes_plan(
		    call, &edit->attributes, edit->path, is_there ? &now : NULL, false, &plan, err))
		return false;
	if ((!view_equals(edit->before, edit->after) || !edit->was_there) &&
		!edit_write(call, edit, &plan.place, err))
		return false;
	return attributes_apply(&plan, edit->path, &is_changed, err);
}
