/* user: accounts of the local machine, by useradd, usermod and userdel. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "module/host.h"
#include "module/words.h"
#include "os/users.h"

struct user_args {
	const char *name, *state, *group, *comment, *shell, *home, *skeleton, *password,
		*update_password, *seuser, *umask, *login_class, *ssh_key_file, *ssh_key_type,
		*ssh_key_comment, *ssh_key_passphrase;
	const char *const *groups;
	int64_t uid, password_expire_max, password_expire_min, password_expire_warn, ssh_key_bits;
	double expires;
	bool non_unique, append, move_home, create_home, system, force, remove, local,
		generate_ssh_key;
	enum param_switch password_lock;
};

#define A struct user_args
static const struct param params[] = { PARAM_STRING(A, name, .required = true,
					       .aliases = TEXTS("user"), .doc = "The account."),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be there."),
	PARAM_INT(A, uid, .doc = "Its number."),
	PARAM_FLAG(A, non_unique, .fallback = "false", .doc = "The number may be taken."),
	PARAM_STRING(A, group, .doc = "The primary group."),
	PARAM_TEXTS(A, groups, .doc = "Further groups; an empty list: none."),
	PARAM_FLAG(A, append, .fallback = "false",
		.doc = "Add to the groups that it is in, and leave none."),
	PARAM_STRING(A, comment, .doc = "The full name."),
	PARAM_PATH(A, shell, .doc = "The login shell."),
	PARAM_PATH(A, home, .doc = "The home directory."),
	PARAM_PATH(A, skeleton, .doc = "What a new home is copied from."),
	PARAM_FLAG(A, move_home, .fallback = "false", .doc = "Move what is in the old home."),
	PARAM_FLAG(A, create_home, .fallback = "true", .aliases = TEXTS("createhome"),
		.doc = "Make the home of a new account."),
	PARAM_FLAG(A, system, .fallback = "false",
		.doc = "A number of the system's range (new accounts only)."),
	PARAM_STRING(A, password, .is_secret = true, .doc = "The hash, as in /etc/shadow."),
	PARAM_STRING(A, update_password, .fallback = "always",
		.choices = TEXTS("always", "on_create"),
		.doc = "Whether an old password is replaced."),
	PARAM_SWITCH(A, password_lock, .doc = "Put a ! in front of the hash."),
	PARAM_INT(A, password_expire_max, .doc = "Days until a password must be changed."),
	PARAM_INT(A, password_expire_min, .doc = "Days in which it cannot be changed."),
	PARAM_INT(A, password_expire_warn, .doc = "Days of warning."),
	PARAM_FLOAT(
		A, expires, .doc = "End of the account in seconds since 1970; negative: never."),
	PARAM_FLAG(A, force, .fallback = "false", .doc = "With absent: although it is logged in."),
	PARAM_FLAG(A, remove, .fallback = "false", .doc = "With absent: its home and mail too."),
	PARAM_FLAG(A, local, .fallback = "false", .doc = "Use luseradd and the like."),
	PARAM_FLAG(A, generate_ssh_key, .fallback = "false",
		.doc = "Make a key pair, if there is none."),
	PARAM_INT(A, ssh_key_bits, .doc = "Its size."),
	PARAM_STRING(A, ssh_key_type, .fallback = "rsa", .doc = "Its type."),
	PARAM_STRING(A, ssh_key_file, .doc = "Its place, below the home. Default: .ssh/id_TYPE."),
	PARAM_STRING(A, ssh_key_comment, .doc = "Its comment."),
	PARAM_STRING(A, ssh_key_passphrase, .is_secret = true,
		.doc = "Refused: it would be seen in the list of processes."),
	PARAM_STRING(A, seuser, .doc = "SELinux user."),
	PARAM_STRING(A, umask, .doc = "Mask for the new home."),
	PARAM_STRING(A, login_class, .doc = "Accepted; there are none on Linux."), PARAMS_END };
#undef A

static const struct module_return returns[] = { { "uid", "int", "Number of the account." },
	{ "group", "int", "Number of its primary group." },
	{ "groups", "str", "The groups, as given." }, { "home", "str", "Its home." },
	{ "shell", "str", "Its shell." }, { "comment", "str", "Its full name." },
	{ "ssh_public_key", "str", "The public key, if one was asked for." },
	{ NULL, NULL, NULL } };

/* What usermod has to be told, and what goes other ways. */
struct user_plan {
	bool is_there;
	struct user now;
	const char *const *flags;
	bool sets_password, sets_ages, makes_home, makes_key;
	const char *key_file;
};

static bool
has_text(const char *const *list, const char *text)
{
	for (; list && *list; list++)
		if (text_equals(*list, text))
			return true;
	return false;
}

static void
flag(struct module_call *call, struct user_plan *plan, const char *name, const char *value)
{
	words_add(call->arena, &plan->flags, name);
	if (value)
		words_add(call->arena, &plan->flags, value);
}

/* Field `index` of the account's line in /etc/shadow; NULL: none. */
static const char *
shadow_field(struct module_call *call, const char *name, int index)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct view rest, line, field;

	if (!file_read("/etc/shadow", 16 * 1024 * 1024, &text, NULL))
		return NULL;
	rest = str_view(&text);
	while (view_cut(&rest, '\n', &line)) {
		if (!view_cut(&line, ':', &field) || !view_is(field, name))
			continue;
		for (int i = 1; i <= index; i++)
			if (!view_cut(&line, ':', &field))
				return NULL;
		return arena_view(call->arena, field);
	}
	return NULL;
}

static const char *
date_of(struct module_call *call, double seconds)
{
	time_t when = (time_t)seconds;
	struct tm utc;
	char text[32];

	if (seconds < 0)
		return "";
	gmtime_r(&when, &utc);
	strftime(text, sizeof(text), "%Y-%m-%d", &utc);
	return arena_text(call->arena, text);
}

static const char *
comma_list(struct arena *arena, const char *const *list)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; list && list[i]; i++)
		str_add_format(&out, "%s%s", i ? "," : "", list[i]);
	return arena_view(arena, str_view(&out));
}

static bool
plan_groups(struct module_call *call, struct user_plan *plan, struct error *err)
{
	const struct user_args *args = call->args;
	const char *const *now = plan->is_there ? user_groups(call->arena, args->name) : NULL;
	const char *primary = args->group      ? args->group
			      : plan->is_there ? group_name(call->arena, plan->now.gid)
					       : NULL;
	const char *const *wanted = NULL;
	struct group group;
	bool differs = false;

	if (!args->groups)
		return true;
	for (size_t i = 0; args->groups[i]; i++) {
		if (!args->groups[i][0])
			continue;
		if (!group_by_name(call->arena, args->groups[i], &group))
			return fail(err, ERR_MISSING, "Group %s does not exist", args->groups[i]);
		if (text_equals(args->groups[i], primary))
			continue;
		words_add(call->arena, &wanted, args->groups[i]);
		differs |= !has_text(now, args->groups[i]);
	}
	for (size_t i = 0; now && now[i] && !args->append; i++)
		differs |= !has_text(wanted, now[i]) && !text_equals(now[i], primary);
	if (!differs)
		return true;
	if (plan->is_there && args->append)
		flag(call, plan, "-a", NULL);
	flag(call, plan, "-G", comma_list(call->arena, wanted));
	return true;
}

static bool
plan_group(struct module_call *call, struct user_plan *plan, struct error *err)
{
	const struct user_args *args = call->args;
	struct group group;
	gid_t gid;

	if (!args->group) {
		/* A group of that name that is there already is taken, as Ansible does. */
		if (!plan->is_there && group_by_name(call->arena, args->name, &group))
			flag(call, plan, "-N", NULL);
		return true;
	}
	if (!group_id_of(args->group, &gid) || (!group_by_name(call->arena, args->group, &group) &&
						       !group_by_id(call->arena, gid, &group)))
		return fail(err, ERR_MISSING, "Group %s does not exist", args->group);
	if (!plan->is_there || plan->now.gid != group.gid)
		flag(call, plan, "-g", group.name);
	return true;
}

static void
plan_field(struct module_call *call, struct user_plan *plan, const char *name, const char *wanted,
	const char *now)
{
	if (wanted && !(plan->is_there && text_equals(wanted, now)))
		flag(call, plan, name, wanted);
}

/* A word that is no hash locks the user out, or says a password to all who read the file. */
static bool
looks_hashed(const char *text)
{
	static const struct {
		const char *start;
		size_t length;
	} kinds[] = { { "$1$", 22 }, { "$5$", 43 }, { "$6$", 86 } };
	const char *hash;

	if (text_equals(text, "*") || text_equals(text, "!") || text_equals(text, "*************"))
		return true;
	text += *text == '!';
	hash = strrchr(text, '$');
	if (strchr(text, ':') || *text != '$' || !hash || hash == text ||
		hash[1 + strspn(hash + 1, "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "abcdefghijklmnopqrstuvwxyz")])
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (text_starts(text, kinds[i].start))
			return strlen(hash + 1) == kinds[i].length;
	return true;
}

static void
plan_password(struct module_call *call, struct user_plan *plan)
{
	const struct user_args *args = call->args;
	const char *now = plan->is_there ? shadow_field(call, args->name, 1) : NULL, *expires;
	bool is_locked = now && *now == '!';

	/* The lock is not part of the hash. */
	if (args->password && !looks_hashed(args->password))
		result_warn(call,
			"The input password appears not to have been hashed. The 'password' "
			"argument must be encrypted for this module to work properly.");
	if (args->password && !(plan->is_there && text_equals(args->update_password, "on_create")))
		plan->sets_password = !now || !text_equals(now + strspn(now, "!"),
						      args->password + strspn(args->password, "!"));
	if (plan->is_there && args->password_lock == SWITCH_ON && !is_locked)
		flag(call, plan, "-L", NULL);
	if (plan->is_there && args->password_lock == SWITCH_OFF && is_locked)
		flag(call, plan, "-U", NULL);
	if (!isnan(args->expires)) {
		expires = plan->is_there ? shadow_field(call, args->name, 7) : NULL;
		if (!text_equals(expires ? expires : "",
			    args->expires < 0 ? ""
					      : arena_format(call->arena, "%lld",
							(long long)(args->expires / 86400))))
			flag(call, plan, "-e", date_of(call, args->expires));
	}
}

static const struct {
	const char *flag;
	size_t offset;
	int field;
} ages[] = {
	{ "-m", offsetof(struct user_args, password_expire_min), 3 },
	{ "-M", offsetof(struct user_args, password_expire_max), 4 },
	{ "-W", offsetof(struct user_args, password_expire_warn), 5 },
};

static int64_t
age_of(const struct user_args *args, size_t i)
{
	return *(const int64_t *)(const void *)((const char *)args + ages[i].offset);
}

static void
plan_ages(struct module_call *call, struct user_plan *plan)
{
	const struct user_args *args = call->args;

	for (size_t i = 0; i < ARRAY_SIZE(ages); i++) {
		const char *now =
			plan->is_there ? shadow_field(call, args->name, ages[i].field) : NULL;
		int64_t wanted = age_of(args, i), number;

		if (wanted == PARAM_NO_INT)
			continue;
		if (!now || !number_parse(view_of(now), &number) || number != wanted)
			plan->sets_ages = true;
	}
}

static const char *
home_for(struct module_call *call, const struct user_plan *plan)
{
	const struct user_args *args = call->args;

	if (args->home)
		return args->home;
	return plan->is_there ? plan->now.home : arena_format(call->arena, "/home/%s", args->name);
}

static bool
make_plan(struct module_call *call, struct user_plan *plan, struct error *err)
{
	const struct user_args *args = call->args;
	const char *home;
	bool is_new;

	*plan = (struct user_plan){ 0 };
	plan->is_there = user_by_name(call->arena, args->name, &plan->now);
	is_new = !plan->is_there;
	if (args->ssh_key_passphrase)
		return fail(err, ERR_UNSUPPORTED,
			"'ssh_key_passphrase' is not supported: it would be seen in the list of "
			"processes");
	if (args->uid != PARAM_NO_INT && (is_new || (int64_t)plan->now.uid != args->uid)) {
		flag(call, plan, "-u", arena_format(call->arena, "%lld", (long long)args->uid));
		if (args->non_unique)
			flag(call, plan, "-o", NULL);
	}
	if (!plan_group(call, plan, err) || !plan_groups(call, plan, err))
		return false;
	plan_field(call, plan, "-c", args->comment, plan->now.gecos);
	plan_field(call, plan, "-s", args->shell, plan->now.shell);
	if (args->home && (is_new || !text_equals(args->home, plan->now.home))) {
		flag(call, plan, "-d", args->home);
		if (!is_new && args->move_home)
			flag(call, plan, "-m", NULL);
	}
	plan_password(call, plan);
	plan_ages(call, plan);
	home = home_for(call, plan);
	plan->makes_home = !is_new && args->create_home && !args->move_home && home[0] == '/' &&
			   !file_exists(home);
	plan->key_file = path_join(call->arena, home,
		args->ssh_key_file ? args->ssh_key_file
				   : arena_format(call->arena, ".ssh/id_%s", args->ssh_key_type));
	plan->makes_key = args->generate_ssh_key && !file_exists(plan->key_file);
	return true;
}

static void
set_results(struct module_call *call)
{
	const struct user_args *args = call->args;
	struct user user;

	result_text(call, "name", args->name);
	result_text(call, "state", args->state);
	if (text_equals(args->state, "absent"))
		return;
	result_bool(call, "append", args->append);
	result_bool(call, "move_home", args->move_home);
	if (args->groups)
		result_text(call, "groups", comma_list(call->arena, args->groups));
	if (args->password)
		result_text(call, "password", "NOT_LOGGING_PASSWORD");
	if (!user_by_name(call->arena, args->name, &user))
		return;
	result_int(call, "uid", user.uid);
	result_int(call, "group", user.gid);
	result_text(call, "comment", user.gecos);
	result_text(call, "home", user.home);
	result_text(call, "shell", user.shell);
}

static bool
user_inspect(struct module_call *call, struct error *err)
{
	const struct user_args *args = call->args;
	struct user_plan *plan = arena_new(call->arena, struct user_plan);
	struct user now;

	call->state = plan;
	set_results(call);
	if (text_equals(args->state, "absent")) {
		if (user_by_name(call->arena, args->name, &now))
			call->out->change = CHANGE_WANTED;
		result_bool(call, "force", args->force);
		result_bool(call, "remove", args->remove);
		return true;
	}
	if (!make_plan(call, plan, err))
		return false;
	if (!plan->is_there || plan->flags || plan->sets_password || plan->sets_ages ||
		plan->makes_home || plan->makes_key)
		call->out->change = CHANGE_WANTED;
	if (!plan->is_there) {
		result_bool(call, "create_home", args->create_home);
		result_bool(call, "system", args->system);
	}
	return true;
}

static bool
run_tool(struct module_call *call, const char *tool, const char *const *flags, struct error *err)
{
	const struct user_args *args = call->args;
	const char *const *argv = NULL;

	words_add(call->arena, &argv, args->local ? arena_format(call->arena, "l%s", tool) : tool);
	for (; flags && *flags; flags++)
		words_add(call->arena, &argv, *flags);
	words_add(call->arena, &argv, args->name);
	return module_run_well(call, argv, NULL, err);
}

static bool
add_user(struct module_call *call, struct user_plan *plan, struct error *err)
{
	const struct user_args *args = call->args;

	if (args->system)
		flag(call, plan, "-r", NULL);
	flag(call, plan, args->create_home ? "-m" : "-M", NULL);
	if (args->create_home && args->skeleton)
		flag(call, plan, "-k", args->skeleton);
	if (args->create_home && args->umask)
		flag(call, plan, "-K", arena_format(call->arena, "UMASK=%s", args->umask));
	if (args->seuser)
		flag(call, plan, "-Z", args->seuser);
	return run_tool(call, "useradd", plan->flags, err);
}

/* By stdin: an argument would be seen in the list of processes. */
static bool
set_password(struct module_call *call, struct error *err)
{
	const struct user_args *args = call->args;
	const char *argv[] = { "chpasswd", "-e", NULL };
	_cleanup_str_ struct str line = STR_INIT;
	struct module_command command = { .argv = argv, .is_parsed = true, .merges = true };
	struct process_result result;
	bool is_well;

	if (strpbrk(args->password, ":\n"))
		return fail(err, ERR_OPTIONS, "a password hash cannot hold a colon or a newline");
	str_add_format(&line, "%s:%s%s\n", args->name, args->password_lock == SWITCH_ON ? "!" : "",
		args->password);
	command.input = str_view(&line);
	is_well = module_run(call, &command, &result, err);
	if (is_well && result.status != 0) {
		is_well = fail(err, ERR_TASK, "the password of '%s' could not be set", args->name);
		error_why(err, "%.900s", result.out.data);
	}
	memory_wipe(line.data, line.length);
	process_result_release(&result);
	return is_well;
}

static bool
set_ages(struct module_call *call, struct error *err)
{
	const struct user_args *args = call->args;
	const char *const *flags = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(ages); i++)
		if (age_of(args, i) != PARAM_NO_INT) {
			words_add(call->arena, &flags, ages[i].flag);
			words_add(call->arena, &flags,
				arena_format(call->arena, "%lld", (long long)age_of(args, i)));
		}
	return run_tool(call, "chage", flags, err);
}

/* The directory is root's to make; what is in it is made by the user itself (rule R9). */
static bool
make_home(struct module_call *call, const struct user *user, struct error *err)
{
	const struct user_args *args = call->args;
	const char *skeleton = args->skeleton ? args->skeleton : "/etc/skel";

	if (!directory_make(path_parent(call->arena, user->home), 0755, err))
		return false;
	if (mkdir(user->home, 0700) < 0 || chown(user->home, user->uid, user->gid) < 0)
		return fail_errno(err, "cannot make the home '%s'", user->home);
	if (chmod(user->home, 0755) < 0)
		return fail_errno(err, "cannot make the home '%s'", user->home);
	return !file_exists(skeleton) ||
	       module_run_well(call,
		       TEXTS("runuser", "-u", user->name, "--", "cp", "-r",
			       arena_format(call->arena, "%s/.", skeleton), user->home),
		       NULL, err);
}

static bool
make_key(struct module_call *call, const struct user_plan *plan, struct error *err)
{
	const struct user_args *args = call->args;
	const char *const *argv =
		TEXTS("runuser", "-u", args->name, "--", "ssh-keygen", "-q", "-N", "");
	const char *directory = path_parent(call->arena, plan->key_file), *text;
	const char *const *words = NULL;

	if (!module_run_well(call,
		    TEXTS("runuser", "-u", args->name, "--", "mkdir", "-p", "-m", "0700",
			    directory),
		    NULL, err))
		return false;
	for (size_t i = 0; argv[i]; i++)
		words_add(call->arena, &words, argv[i]);
	words_add(call->arena, &words, "-t");
	words_add(call->arena, &words, args->ssh_key_type);
	if (args->ssh_key_bits > 0) {
		words_add(call->arena, &words, "-b");
		words_add(call->arena, &words,
			arena_format(call->arena, "%lld", (long long)args->ssh_key_bits));
	}
	words_add(call->arena, &words, "-C");
	words_add(call->arena, &words,
		args->ssh_key_comment ? args->ssh_key_comment : "ansible-generated");
	words_add(call->arena, &words, "-f");
	words_add(call->arena, &words, plan->key_file);
	if (!module_run_well(call, words, NULL, err))
		return false;
	text = file_first_line(call->arena, arena_format(call->arena, "%s.pub", plan->key_file));
	result_text(call, "ssh_key_file", plan->key_file);
	result_text(call, "ssh_public_key", text);
	return true;
}

static bool
remove_user(struct module_call *call, struct error *err)
{
	const struct user_args *args = call->args;
	const char *const *flags = NULL;

	if (args->force)
		words_add(call->arena, &flags, "-f");
	if (args->remove)
		words_add(call->arena, &flags, "-r");
	return run_tool(call, "userdel", flags, err);
}

static bool
user_apply(struct module_call *call, struct error *err)
{
	const struct user_args *args = call->args;
	struct user_plan *plan = call->state;
	struct user now;

	if (text_equals(args->state, "absent"))
		return remove_user(call, err);
	if (!plan->is_there ? !add_user(call, plan, err)
			    : plan->flags && !run_tool(call, "usermod", plan->flags, err))
		return false;
	if ((plan->sets_password && !set_password(call, err)) ||
		(plan->sets_ages && !set_ages(call, err)))
		return false;
	if (!user_by_name(call->arena, args->name, &now))
		return fail(
			err, ERR_TASK, "user '%s' is not there although it was made", args->name);
	if (plan->makes_home && !make_home(call, &now, err))
		return false;
	if (plan->makes_key && !make_key(call, plan, err))
		return false;
	set_results(call);
	return true;
}

const struct module module_user = {
	.name = "user",
	.summary = DOC("See to it that an account is there, or is not"),
	.params = params,
	.params_size = sizeof(struct user_args),
	.returns = DOC(returns),
	.examples = DOC("- user:\n"
			"    name: app\n"
			"    groups: [www-data]\n"
			"    append: true\n"
			"    shell: /usr/sbin/nologin\n"),
	.check = SUPPORT_FULL,
	.inspect = user_inspect,
	.apply = user_apply,
};
