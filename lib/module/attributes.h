#ifndef LIB_MODULE_ATTRIBUTES_H
#define LIB_MODULE_ATTRIBUTES_H
/*
 * Owner, group, mode and SELinux context, as every module that manages files takes them: the
 * parameters, the plan (what would change, with before and after for the diff) and the doing.
 */
#include "module/module.h"
#include "os/files.h"

/* In the arguments' struct, and in the table of parameters. */
#define ATTRIBUTE_FIELDS                                                                    \
	const char *owner, *group, *mode, *seuser, *serole, *setype, *selevel, *attributes; \
	bool unsafe_writes
#define ATTRIBUTE_PARAMS(s)                                                                      \
	PARAM_STRING(s, owner, .doc = "Name or number of the user that is to own it."),          \
		PARAM_STRING(s, group, .doc = "Name or number of the group that is to own it."), \
		PARAM_MODE(s, mode,                                                              \
			.doc = "Permissions: \"0644\" or \"u=rw,g=r,o=\". Quote numbers."),      \
		PARAM_STRING(s, seuser, .doc = "SELinux user; ignored where SELinux is off."),   \
		PARAM_STRING(s, serole, .doc = "SELinux role."),                                 \
		PARAM_STRING(s, setype, .doc = "SELinux type."),                                 \
		PARAM_STRING(s, selevel, .doc = "SELinux level (MLS/MCS range)."),               \
		PARAM_STRING(s, attributes, .aliases = TEXTS("attr"),                            \
			.doc = "chattr's flags: \"+i\", \"-a\", \"=\"."),                        \
		PARAM_FLAG(s, unsafe_writes, .fallback = "false",                                \
			.doc = "Write over the old file where none can be made beside it.")

struct attributes {
	const char *owner, *group, *mode, *seuser, *serole, *setype, *selevel, *attributes;
};
#define ATTRIBUTES_OF(args)                                                               \
	((struct attributes){ (args)->owner, (args)->group, (args)->mode, (args)->seuser, \
		(args)->serole, (args)->setype, (args)->selevel, (args)->attributes })

struct attribute_plan {
	bool is_changed;	 /* something is not as wanted */
	struct file_place place; /* what was asked for, whether it differs or not */
	const char *label;	 /* SELinux context to set; NULL: leave it */
	bool has_flags;		 /* chattr's, to be set to `flags` */
	unsigned flags;
	struct value *before, *after; /* maps with owner, group, mode where they differ */
};

/* `now` NULL: nothing is there yet, and the plan is for what will be made (a file, or a directory).
 */
bool attributes_plan(struct module_call *call, const struct attributes *wanted, const char *path,
	const struct stat *now, bool is_directory, struct attribute_plan *out,
	struct error *err) MUST_CHECK;
/* Makes them so; `*is_changed` is set to true if something was changed. */
bool attributes_apply(const struct attribute_plan *plan, const char *path, bool *is_changed,
	struct error *err) MUST_CHECK;
/* Plan and apply in one, behind a file that was just made or replaced. */
bool attributes_ensure(struct module_call *call, const struct attributes *wanted, const char *path,
	bool *is_changed, struct error *err) MUST_CHECK;

/* chattr's flags, in the order in which lsattr shows them; ended by a letter of 0. Those without a
 * name are none of Ansible's. */
struct attribute_flag {
	unsigned bit;
	char letter;
	const char *name;
};
extern const struct attribute_flag attribute_flags[];
/* False: neither a file nor a directory, or none on a file system that has them (or versions,
 * unless `version` is NULL). */
bool attribute_flags_read(const char *path, unsigned *flags, unsigned *version);

/* uid, gid, owner, group, mode, size, state (and secontext) of what is at `path`: nothing if there
 * is nothing. */
void result_file(struct module_call *call, const char *path);

/* May files be written over where none can be made beside them? As given, else as the variable
 * ANSIBLE_UNSAFE_WRITES of the task says. */
bool may_write_over(const struct module_call *call, bool given);

/* `path` copied to NAME.PID.DATE@TIME~ beside it; the name goes into the result as backup_file. */
bool backup_make(struct module_call *call, const char *path, struct error *err) MUST_CHECK;
/* Runs the validation command with %s replaced by `candidate`. */
bool validate_run(struct module_call *call, const char *command, const char *candidate,
	struct error *err) MUST_CHECK;

/*
 * For modules that edit text: inspect has found `before` and `after`, apply writes. Fills change
 * and diff.
 */
struct text_edit {
	const char *path; /* links are followed */
	bool was_there;
	struct view before, after;
	const char *validate;
	bool backup;
	bool unsafe_writes; /* see file_new_open_over */
	bool lists_diffs;   /* see struct outcome */
	struct attributes attributes;
};
bool text_edit_inspect(
	struct module_call *call, const struct text_edit *edit, struct error *err) MUST_CHECK;
bool text_edit_apply(
	struct module_call *call, const struct text_edit *edit, struct error *err) MUST_CHECK;

#endif
