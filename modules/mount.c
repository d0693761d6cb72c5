/* mount: lines of /etc/fstab, and what is mounted. */
#include <errno.h>
#include <string.h>

#include "module/lines.h"
#include "module/steps.h"

struct mount_args {
	const char *path, *src, *fstype, *opts, *dump, *passno, *state, *fstab;
	bool boot, backup;
};

#define A struct mount_args
static const struct param params[] = { PARAM_PATH(A, path, .required = true,
					       .aliases = TEXTS("name"),
					       .doc = "Where it is mounted."),
	PARAM_STRING(A, src, .doc = "The device, or host:/path."),
	PARAM_STRING(A, fstype, .doc = "The file system's type."),
	PARAM_STRING(A, opts, .doc = "Options, with commas."),
	PARAM_STRING(A, dump, .fallback = "0", .doc = "fstab's fifth field."),
	PARAM_STRING(A, passno, .fallback = "0", .doc = "fstab's sixth field."),
	PARAM_STRING(A, state, .required = true,
		.choices = TEXTS("absent", "absent_from_fstab", "mounted", "present", "unmounted",
			"remounted", "ephemeral"),
		.doc = "mounted: in fstab and mounted; present: in fstab; unmounted; absent: "
		       "neither, "
		       "and the directory is gone; ephemeral: mounted, not in fstab."),
	PARAM_PATH(A, fstab, .fallback = "/etc/fstab", .doc = "The table."),
	PARAM_FLAG(A, boot, .fallback = "true", .doc = "Mount it at boot (else noauto)."),
	PARAM_FLAG(A, backup, .fallback = "false", .doc = "Keep the old table beside the new one."),
	PARAMS_END };
#undef A

static const struct module_return returns[] = { { "name", "str", "Where it is mounted." },
	{ "src", "str", "As given." }, { "fstype", "str", "As given." },
	{ "opts", "str", "The options." }, { "fstab", "str", "The table." }, { NULL, NULL, NULL } };

struct mount_call {
	struct text_edit edit;
	bool edits, is_mounted, mounts, unmounts, remounts, removes;
	const char *opts;
};

/* Spaces as \040, as fstab has it. */
static const char *
escaped(struct arena *arena, const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	size_t length = text ? strlen(text) : 0;

	while (length > 1 && text[length - 1] == '/')
		length--;
	for (; length > 0; text++, length--) {
		if (*text == ' ' || *text == '\t')
			str_add_format(&out, "\\%03o", *text);
		else
			str_add_char(&out, *text);
	}
	return arena_view(arena, str_view(&out));
}

static struct view
field_of(struct view *line)
{
	struct view word;

	*line = view_trim(*line);
	word = (struct view){ line->data, 0 };
	while (word.length < line->length && !strchr(" \t", word.data[word.length]))
		word.length++;
	*line = (struct view){ line->data + word.length, line->length - word.length };
	return word;
}

/* Is a line of fstab (or of the kernel's table) for this place? A swap's is known by its device. */
static bool
is_ours(struct view line, const char *path, const char *src, const char *fstype)
{
	struct view device = field_of(&line), place = field_of(&line), type = field_of(&line);

	if (!device.length || *device.data == '#')
		return false;
	if (text_equals(fstype, "swap"))
		return view_is(type, "swap") && view_is(device, src);
	return view_is(place, path) ||
	       (place.length > 1 && view_ends(place, "/") && place.length - 1 == strlen(path) &&
		       memcmp(place.data, path, strlen(path)) == 0);
}

static bool
is_mounted(const char *escaped_path)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct view rest, line;

	if (!file_read("/proc/self/mounts", 16 * 1024 * 1024, &text, NULL))
		return false;
	rest = str_view(&text);
	while (view_cut(&rest, '\n', &line))
		if (is_ours(line, escaped_path, NULL, NULL))
			return true;
	return false;
}

static void
edit_table(struct module_call *call, struct mount_call *mount, const char *path, bool wants)
{
	const struct mount_args *args = call->args;
	const char *src = escaped(call->arena, args->src);
	const char *line = arena_format(call->arena, "%s %s %s %s %s %s\n", src, path,
		args->fstype ? args->fstype : "", mount->opts, args->dump, args->passno);
	struct lines lines;
	bool is_put = false;

	lines_cut(call->arena, mount->edit.before, &lines);
	for (size_t i = lines.count; i-- > 0;) {
		if (!is_ours(lines.items[i], path, src, args->fstype))
			continue;
		if (wants && !is_put) {
			struct view old = lines.items[i], new = view_of(line);
			bool differs = false;

			for (int field = 0; field < 6; field++)
				differs |= !view_equals(field_of(&old), field_of(&new));
			if (differs)
				lines.items[i] = view_of(line);
			is_put = true;
		} else {
			lines_remove(&lines, i, 1);
		}
	}
	if (wants && !is_put) {
		if (lines.count && !view_ends(lines.items[lines.count - 1], "\n"))
			lines_insert(call->arena, &lines, lines.count, VIEW("\n"));
		lines_insert(call->arena, &lines, lines.count, view_of(line));
	}
	mount->edit.after = lines_join(call->arena, &lines);
	mount->edits = !view_equals(mount->edit.before, mount->edit.after);
}

static void
set_results(struct module_call *call, const struct mount_call *mount)
{
	const struct mount_args *args = call->args;

	result_text(call, "name", args->path);
	if (args->src)
		result_text(call, "src", args->src);
	if (args->fstype)
		result_text(call, "fstype", args->fstype);
	result_text(call, "opts", mount->opts);
	result_text(call, "dump", args->dump);
	result_text(call, "passno", args->passno);
	result_text(call, "fstab", args->fstab);
	result_text(call, "boot", args->boot ? "yes" : "no");
	result_text(call, "backup_file", "");
}

static void
decide(struct mount_call *mount, const char *state, bool is_there)
{
	if (text_equals(state, "mounted") || text_equals(state, "ephemeral")) {
		mount->mounts = !mount->is_mounted;
		mount->remounts = mount->is_mounted && mount->edits;
	} else if (text_equals(state, "unmounted") || text_equals(state, "absent")) {
		mount->unmounts = mount->is_mounted;
		mount->removes = text_equals(state, "absent") && is_there;
	} else if (text_equals(state, "remounted")) {
		mount->remounts = true;
	}
}

static bool
mount_inspect(struct module_call *call, struct error *err)
{
	const struct mount_args *args = call->args;
	struct mount_call *mount = arena_new(call->arena, struct mount_call);
	const char *state = args->state, *path = escaped(call->arena, args->path);
	bool needs_source = text_equals(state, "mounted") || text_equals(state, "present") ||
			    text_equals(state, "ephemeral");
	bool wants = text_equals(state, "mounted") || text_equals(state, "present");

	call->state = mount;
	if (needs_source && (!args->src || !args->fstype))
		return fail(err, ERR_OPTIONS,
			"state is %s but all of the following are missing: %s", state,
			args->src      ? "fstype"
			: args->fstype ? "src"
				       : "src, fstype");
	mount->opts = args->opts ? args->opts : "defaults";
	if (!args->boot && !strstr(mount->opts, "noauto"))
		mount->opts = arena_format(call->arena, "%s,noauto", mount->opts);
	mount->edit.backup = args->backup;
	if (!edit_load(call, args->fstab, &mount->edit.path, &mount->edit.before,
		    &mount->edit.was_there, err))
		return false;
	mount->edit.after = mount->edit.before;
	if (wants || text_starts(state, "absent"))
		edit_table(call, mount, path, wants);
	mount->is_mounted = is_mounted(path);
	decide(mount, state, file_exists(args->path));
	set_results(call, mount);
	if (mount->edits && !text_edit_inspect(call, &mount->edit, err))
		return false;
	if (text_equals(state, "remounted") && !mount->is_mounted)
		return fail(err, ERR_TASK, "Error remounting %s: it is not mounted", args->path);
	if (mount->edits || mount->mounts || mount->unmounts || mount->remounts || mount->removes)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
mount_apply(struct module_call *call, struct error *err)
{
	const struct mount_args *args = call->args;
	struct mount_call *mount = call->state;
	bool is_ephemeral = text_equals(args->state, "ephemeral");

	if (mount->unmounts && !module_run_well(call, TEXTS("umount", args->path), NULL, err))
		return false;
	if (mount->edits && !text_edit_apply(call, &mount->edit, err))
		return false;
	if (mount->removes && rmdir(args->path) < 0 && errno != ENOENT)
		return fail_errno(err, "Error rmdir %s", args->path);
	if (mount->mounts && !directory_make(args->path, 0755, err))
		return false;
	if (mount->mounts && is_ephemeral)
		return module_run_well(call,
			TEXTS("mount", "-t", args->fstype, "-o", mount->opts, args->src,
				args->path),
			NULL, err);
	if (mount->mounts)
		return module_run_well(call,
			text_equals(args->fstab, "/etc/fstab")
				? TEXTS("mount", args->path)
				: TEXTS("mount", "-T", args->fstab, args->path),
			NULL, err);
	return !mount->remounts ||
	       module_run_well(call,
		       TEXTS("mount", "-o",
			       args->opts ? arena_format(call->arena, "remount,%s", args->opts)
					  : "remount",
			       args->path),
		       NULL, err);
}

const struct module module_mount = {
	.name = "mount",
	.summary = DOC("Say what is mounted, now and at boot"),
	.params = params,
	.params_size = sizeof(struct mount_args),
	.returns = DOC(returns),
	.examples = DOC("- mount:\n"
			"    path: /srv/data\n"
			"    src: UUID=b3e48f45-f933-4c8e-a700-22a159ec9077\n"
			"    fstype: ext4\n"
			"    opts: noatime\n"
			"    state: mounted\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = mount_inspect,
	.apply = mount_apply,
};
