/*
 * git: a checkout of a repository at a version, by the target's git. What is local is looked at in
 * inspect; the server is asked there only when nothing will follow (check mode).
 */
#include <string.h>

#include "module/attributes.h"
#include "module/host.h"
#include "module/words.h"
#include "os/users.h"

struct git_args {
	const char *repo, *dest, *version, *remote, *refspec, *reference, *key_file, *ssh_opts,
		*executable, *umask, *archive, *archive_prefix, *separate_git_dir;
	const char *const *gpg_whitelist;
	int64_t depth;
	bool force, clone, update, verify_commit, accept_hostkey, accept_newhostkey, bare,
		recursive, single_branch, track_submodules;
};

#define A struct git_args
static const struct param params[] = {
	PARAM_STRING(A, repo, .required = true, .aliases = TEXTS("name"),
		.doc = "The repository: ssh, http(s), git, or a path."),
	PARAM_PATH(A, dest, .doc = "The checkout; not needed with clone: false."),
	PARAM_STRING(A, version, .fallback = "HEAD", .doc = "A branch, a tag or a commit."),
	PARAM_STRING(A, remote, .fallback = "origin", .doc = "The remote's name."),
	PARAM_STRING(A, refspec, .doc = "One more refspec to fetch."),
	PARAM_STRING(A, reference, .doc = "A repository to borrow objects from."),
	PARAM_FLAG(A, force, .fallback = "false", .doc = "Throw away local modifications."),
	PARAM_INT(A, depth, .doc = "A shallow clone of so many commits."),
	PARAM_FLAG(A, clone, .fallback = "true", .doc = "Clone it if it is not there."),
	PARAM_FLAG(A, update, .fallback = "true", .doc = "Fetch what is new."),
	PARAM_FLAG(A, verify_commit, .fallback = "false", .doc = "Its signature must be good."),
	PARAM_TEXTS(A, gpg_whitelist, .fallback = "",
		.doc = "Fingerprints that count with verify_commit."),
	PARAM_FLAG(A, accept_hostkey, .fallback = "false",
		.doc = "Take any host key (StrictHostKeyChecking=no)."),
	PARAM_FLAG(A, accept_newhostkey, .fallback = "false",
		.doc = "Take the host key of unknown hosts."),
	PARAM_PATH(A, key_file, .doc = "A private key on the target."),
	PARAM_STRING(A, ssh_opts, .doc = "More options for ssh."),
	PARAM_PATH(A, executable, .doc = "The git to use."),
	PARAM_FLAG(A, bare, .fallback = "false", .doc = "A bare repository."),
	PARAM_FLAG(A, recursive, .fallback = "true", .doc = "Submodules, too."),
	PARAM_FLAG(A, single_branch, .fallback = "false", .doc = "Clone only that branch."),
	PARAM_FLAG(A, track_submodules, .fallback = "false",
		.doc = "Submodules at the latest commit of their branch."),
	PARAM_STRING(A, umask, .doc = "Octal; for what is checked out."),
	PARAM_PATH(A, archive, .doc = "A file to write the tree into: zip, tar.gz, tar, tgz."),
	PARAM_STRING(A, archive_prefix, .doc = "A directory for all names in it."),
	PARAM_PATH(A, separate_git_dir, .doc = "Where .git is to be instead."), PARAMS_END
};
#undef A

static const struct module_return returns[] = {
	{ "before", "str", "The commit before; null for a new checkout." },
	{ "after", "str", "The commit now." },
	{ "remote_url_changed", "bool", "Whether the remote was another." },
	{ "git_dir_before", "str", "With separate_git_dir: where it was." },
	{ "git_dir_now", "str", "Where it is." }, { NULL, NULL, NULL }
};

struct git {
	struct module_call *call;
	const struct git_args *args;
	const char *program, *repo;
	const struct value *environment;
	const char *before; /* NULL: there was no checkout */
	bool has_modifications, url_differs;
	const char *git_dir; /* to be moved to separate_git_dir; NULL: it is there */
};

/* ---- calling git ---- */

/* git WORDS in the checkout (or nowhere, with `outside`). */
static bool
run(const struct git *git, const char *const *words, bool outside, struct process_result *result,
	struct error *err)
{
	const char *const *argv = NULL;
	struct module_command command = {
		.is_parsed = true,
		.directory = outside ? NULL : git->args->dest,
		.environment = git->environment,
	};

	words_add(git->call->arena, &argv, git->program);
	for (; *words; words++)
		words_add(git->call->arena, &argv, *words);
	command.argv = argv;
	return module_run(git->call, &command, result, err);
}

/* What it says, trimmed; NULL without an error: it failed. */
static bool
ask(const struct git *git, const char *const *words, bool outside, const char **out,
	struct error *err)
{
	struct process_result result;
	bool is_well = run(git, words, outside, &result, err);

	*out = is_well && result.status == 0
		       ? arena_view(git->call->arena, view_trim(str_view(&result.out)))
		       : NULL;
	process_result_release(&result);
	return is_well;
}

/* Fails with `what` and what git said. */
static bool
demand(const struct git *git, const char *const *words, bool outside, const char *what,
	struct error *err)
{
	struct process_result result;
	bool is_well = run(git, words, outside, &result, err);
	struct view said;

	if (is_well && result.status != 0) {
		said = view_trim(str_view(result.err.length ? &result.err : &result.out));
		result_int(git->call, "rc", result.status);
		result_text(git->call, "stdout", result.out.data);
		result_text(git->call, "stderr", result.err.data);
		result_set(git->call, "cmd",
			value_format(git->call->arena, "%s %s", git->program,
				words_join(git->call->arena, words)));
		is_well = what ? fail(err, ERR_TASK, "%s%.*s", what,
					 text_ends(what, " ") ? (int)MIN(said.length, (size_t)400)
							      : 0,
					 said.data)
			       : fail(err, ERR_TASK, "%.*s", (int)MIN(said.length, (size_t)500),
					 said.data);
	}
	process_result_release(&result);
	return is_well;
}

static const struct value *
make_environment(struct module_call *call)
{
	const struct git_args *args = call->args;
	const char *ssh = value_string(value_get(call->environment, "GIT_SSH_COMMAND"));
	_cleanup_str_ struct str command = STR_INIT;
	struct value *map = value_map(call->arena);

	if (!ssh)
		ssh = getenv("GIT_SSH_COMMAND");
	str_add_format(&command, "%s -o BatchMode=yes", ssh ? ssh : "ssh");
	if (args->ssh_opts)
		str_add_format(&command, " %s", args->ssh_opts);
	if (args->accept_hostkey)
		str_add(&command, " -o StrictHostKeyChecking=no");
	else if (args->accept_newhostkey)
		str_add(&command, " -o StrictHostKeyChecking=accept-new");
	if (args->key_file)
		str_add_format(&command, " -o IdentitiesOnly=yes -i %s",
			word_quote(call->arena, args->key_file));
	value_set(call->arena, map, "GIT_SSH_COMMAND", value_view(call->arena, str_view(&command)));
	value_set(call->arena, map, "GIT_TERMINAL_PROMPT", value_text(call->arena, "0"));
	/* Looking does not write the index. */
	value_set(call->arena, map, "GIT_OPTIONAL_LOCKS", value_text(call->arena, "0"));
	return map;
}

/* ---- what is there ---- */

/* The commit that the version is on the server. One question for all that it may be. */
static bool
remote_head(const struct git *git, const char **out, struct error *err)
{
	struct arena *arena = git->call->arena;
	const char *version = git->args->version;
	const char *const names[] = { arena_format(arena, "refs/heads/%s", version),
		arena_format(arena, "refs/tags/%s^{}", version),
		arena_format(arena, "refs/tags/%s", version),
		text_equals(version, "HEAD") ? "HEAD" : version };
	const char *words[] = { "ls-remote", "--", git->repo, names[0], names[1], names[2],
		names[3], NULL };
	struct view rest, line, commit;
	const char *said;

	*out = NULL;
	if (!ask(git, words, true, &said, err) || (!said && !demand(git, words, true, NULL, err)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names) && !*out; i++) {
		rest = view_of(said);
		while (view_cut(&rest, '\n', &line))
			if (view_cut(&line, '\t', &commit) && line.data && view_is(line, names[i]))
				*out = arena_view(arena, commit);
	}
	if (!*out)
		*out = version;
	return true;
}

static bool
look_at_checkout(struct git *git, struct error *err)
{
	const struct git_args *args = git->args;
	const char *said, *url;
	struct view rest, line;

	if (!ask(git, TEXTS("rev-parse", "HEAD"), false, &git->before, err))
		return false;
	if (!git->before && !demand(git, TEXTS("rev-parse", "--git-dir"), false, NULL, err))
		return false;
	if (args->bare || !args->update)
		return true;
	if (!ask(git, TEXTS("status", "--porcelain"), false, &said, err))
		return false;
	rest = view_of(said);
	while (view_cut(&rest, '\n', &line))
		git->has_modifications |= line.length && !view_starts(line, "??");
	if (!ask(git, TEXTS("ls-remote", "--get-url", args->remote), false, &url, err))
		return false;
	git->url_differs = !text_equals(url, git->repo);
	return true;
}

/* The file .git of a checkout whose repository is elsewhere says where. */
static bool
look_at_git_dir(struct git *git, struct error *err)
{
	const struct git_args *args = git->args;
	const char *path = path_join(git->call->arena, args->dest, ".git");
	_cleanup_str_ struct str text = STR_INIT;
	struct stat info;

	if (!args->separate_git_dir)
		return true;
	if (stat(path, &info) < 0)
		return !file_exists(args->separate_git_dir) ||
		       fail(err, ERR_TASK, "Separate-git-dir path %s already exists.",
			       args->separate_git_dir);
	if (S_ISREG(info.st_mode)) {
		if (!file_read(path, 65536, &text, err))
			return false;
		if (!text_starts(text.data, "gitdir: "))
			return fail(err, ERR_TASK,
				"The .git file has invalid git dir reference format.");
		path = arena_view(git->call->arena, view_trim(view_of(text.data + 8)));
	}
	if (!text_equals(path, args->separate_git_dir)) {
		git->git_dir = path;
		result_text(git->call, "git_dir_before", path);
		result_text(git->call, "git_dir_now", args->separate_git_dir);
	}
	return true;
}

static bool
has_checkout(const struct git *git)
{
	const struct git_args *args = git->args;

	return args->dest && file_exists(path_join(git->call->arena, args->dest,
				     args->bare ? "config" : ".git/config")) |
				     (!args->bare && file_exists(path_join(git->call->arena,
							     args->dest, ".git")));
}

static bool
predict(struct git *git, struct error *err)
{
	const char *after;

	if (!remote_head(git, &after, err))
		return false;
	result_text(git->call, "after", after);
	if (text_equals(after, git->before) && !git->url_differs && !git->has_modifications)
		git->call->out->change = CHANGE_NONE;
	return true;
}

static bool
inspect_checkout(struct git *git, struct error *err)
{
	const struct git_args *args = git->args;
	struct module_call *call = git->call;

	if (!look_at_checkout(git, err))
		return false;
	result_set(
		call, "before", git->before ? value_text(call->arena, git->before) : &value_none);
	if (!args->update) {
		result_set(call, "after",
			git->before ? value_text(call->arena, git->before) : &value_none);
		if (!args->archive && !git->git_dir)
			call->out->change = CHANGE_NONE;
		return true;
	}
	if (git->has_modifications && !args->force)
		return fail(err, ERR_TASK,
			"Local modifications exist in the destination: %s (force=no).", args->dest);
	if (git->has_modifications)
		result_set(call, "msg",
			value_format(call->arena,
				"Local modifications exist in the destination: %s", args->dest));
	result_bool(call, "remote_url_changed", git->url_differs);
	return !call->only_inspects || predict(git, err);
}

static bool
check_args(struct git *git, struct error *err)
{
	const struct git_args *args = git->args;

	if (!args->dest && args->clone)
		return fail(err, ERR_OPTIONS,
			"the destination directory must be specified unless clone=no");
	if (args->separate_git_dir && args->bare)
		return fail(err, ERR_OPTIONS,
			"parameters are mutually exclusive: separate_git_dir|bare");
	if (args->accept_hostkey && args->accept_newhostkey)
		return fail(err, ERR_OPTIONS,
			"parameters are mutually exclusive: accept_hostkey|accept_newhostkey");
	if (args->archive_prefix && !args->archive)
		return fail(err, ERR_OPTIONS,
			"missing parameter(s) required by 'archive_prefix': archive");
	if (*args->version == '-' || *args->repo == '-' || *args->remote == '-')
		return fail(err, ERR_OPTIONS, "'%s' is no name for git",
			*args->version == '-' ? args->version : args->repo);
	git->program = program_find(git->call->arena, args->executable ? args->executable : "git");
	return git->program ||
	       fail(err, ERR_MISSING, "Failed to find required executable \"git\" in paths");
}

static bool
git_inspect(struct module_call *call, struct error *err)
{
	struct git *git = arena_new(call->arena, struct git);

	*git = (struct git){ .call = call, .args = call->args };
	call->state = git;
	if (!check_args(git, err))
		return false;
	git->repo = path_expand(call->arena, git->args->repo);
	if (*git->repo == '/')
		git->repo = arena_format(call->arena, "file://%s", git->repo);
	git->environment = make_environment(call);
	call->out->change = CHANGE_WANTED;
	if (!git->args->dest) {
		result_set(call, "before", &value_none);
		return predict(git, err);
	}
	if (!look_at_git_dir(git, err))
		return false;
	if (has_checkout(git))
		return inspect_checkout(git, err);
	result_set(call, "before", &value_none);
	return (git->args->clone && !call->only_inspects) || predict(git, err);
}

/* ---- doing it ---- */

static bool
verify(const struct git *git, const char *version, struct error *err)
{
	struct process_result result;
	const char *kind, *name;
	bool is_well, is_trusted = !git->args->gpg_whitelist[0];

	if (!git->args->verify_commit)
		return true;
	if (!ask(git, TEXTS("cat-file", "-t", version), false, &kind, err))
		return false;
	name = text_equals(kind, "tag") ? "verify-tag" : "verify-commit";
	is_well = run(git, TEXTS(name, "--raw", version), false, &result, err);
	for (size_t i = 0; is_well && git->args->gpg_whitelist[i]; i++)
		is_trusted |= strstr(result.err.data, git->args->gpg_whitelist[i]) != NULL;
	if (is_well && (result.status != 0 || !is_trusted))
		is_well = fail(err, ERR_TASK, "Failed to verify GPG signature of commit/tag \"%s\"",
			version);
	process_result_release(&result);
	return is_well;
}

/* The branch that the remote's HEAD names. */
static bool
head_branch(const struct git *git, const char **out, struct error *err)
{
	const char *ref = arena_format(git->call->arena, "refs/remotes/%s/HEAD", git->args->remote);
	const char *name;

	if (!ask(git, TEXTS("symbolic-ref", ref), false, &name, err))
		return false;
	if (name && strlen(name) > strlen(ref) - 4) {
		*out = name + strlen(ref) - 4;
		return true;
	}
	/* Remotes that were renamed or added by hand have none. */
	return ask(git, TEXTS("symbolic-ref", "--short", "HEAD"), false, out, err);
}

static bool
ref_exists(const struct git *git, const char *ref, bool *out, struct error *err)
{
	const char *said;

	if (!ask(git, TEXTS("rev-parse", "--verify", "--quiet", ref), false, &said, err))
		return false;
	*out = said != NULL;
	return true;
}

static bool
switch_version(const struct git *git, struct error *err)
{
	struct arena *arena = git->call->arena;
	const char *version = git->args->version, *branch = version, *ref;
	const char *what;
	bool is_branch, is_local;

	if (text_equals(version, "HEAD") && (!head_branch(git, &branch, err)))
		return false;
	if (!branch)
		return verify(git, "HEAD", err);
	ref = arena_format(arena, "refs/remotes/%s/%s", git->args->remote, branch);
	what = arena_format(arena, "Failed to checkout %s", branch);
	if (!ref_exists(git, ref, &is_branch, err) ||
		!ref_exists(git, arena_format(arena, "refs/heads/%s", branch), &is_local, err))
		return false;
	if (is_branch && !is_local)
		return demand(git, TEXTS("checkout", "--force", "--track", "-b", branch, ref),
			       false, what, err) &&
		       verify(git, "HEAD", err);
	if (!demand(git, TEXTS("checkout", "--force", branch), false, what, err))
		return false;
	if (is_branch && !demand(git, TEXTS("reset", "--hard", ref, "--"), false,
				 arena_format(arena, "Failed to checkout branch %s", branch), err))
		return false;
	return verify(git, is_branch ? "HEAD" : version, err);
}

static bool
clone(const struct git *git, struct error *err)
{
	const struct git_args *args = git->args;
	struct arena *arena = git->call->arena;
	const char *const *words = NULL, *after;
	bool has_name = !text_equals(args->version, "HEAD"), is_named = false;

	/* A commit cannot be cloned by name. */
	if (has_name && (args->depth >= 1 || args->single_branch)) {
		if (!remote_head(git, &after, err))
			return false;
		is_named = !text_equals(after, args->version);
	}
	words_add(arena, &words, "clone");
	if (args->bare) {
		words_add(arena, &words, "--bare");
	} else {
		words_add(arena, &words, "--origin");
		words_add(arena, &words, args->remote);
	}
	if (args->depth >= 1 && (is_named || !has_name)) {
		words_add(arena, &words, "--depth");
		words_add(arena, &words, arena_format(arena, "%lld", (long long)args->depth));
	}
	if (is_named) {
		words_add(arena, &words, "--branch");
		words_add(arena, &words, args->version);
	}
	if (args->single_branch)
		words_add(arena, &words, "--single-branch");
	if (args->reference) {
		words_add(arena, &words, "--reference");
		words_add(arena, &words, args->reference);
	}
	if (args->separate_git_dir)
		words_add(arena, &words,
			arena_format(arena, "--separate-git-dir=%s", args->separate_git_dir));
	words_add(arena, &words, "--");
	words_add(arena, &words, git->repo);
	words_add(arena, &words, args->dest);
	if (!directory_make(path_parent(arena, args->dest), 0777, err) ||
		!demand(git, words, true, NULL, err))
		return false;
	if (args->bare && !text_equals(args->remote, "origin") &&
		!demand(git, TEXTS("remote", "add", args->remote, git->repo), false, NULL, err))
		return false;
	return !args->refspec || demand(git, TEXTS("fetch", args->remote, args->refspec), false,
					 "Failed to download remote objects and refs: ", err);
}

static bool
fetch(const struct git *git, struct error *err)
{
	static const char what[] = "Failed to download remote objects and refs:  ";
	const struct git_args *args = git->args;
	struct arena *arena = git->call->arena;
	const char *const *words = NULL, *branch = args->version, *after;
	const char *from = args->bare ? "+refs/heads/*:refs/heads/*" : NULL;
	bool is_shallow = false;

	if (git->url_differs &&
		!demand(git, TEXTS("remote", "set-url", args->remote, git->repo), false, NULL, err))
		return false;
	words_add(arena, &words, "fetch");
	if (args->depth >= 1) {
		if (text_equals(branch, "HEAD") && !head_branch(git, &branch, err))
			return false;
		if (!remote_head(git, &after, err))
			return false;
		/* Not a commit by its digest: those are fetched with all. */
		is_shallow = branch && !text_equals(after, args->version);
	}
	if (is_shallow) {
		words_add(arena, &words, "--depth");
		words_add(arena, &words, arena_format(arena, "%lld", (long long)args->depth));
		words_add(arena, &words, args->force ? "--force" : "--update-head-ok");
		words_add(arena, &words, args->remote);
		if (!ask(git,
			    TEXTS("ls-remote", "--heads", git->repo,
				    arena_format(arena, "refs/heads/%s", branch)),
			    true, &after, err))
			return false;
		if (!after || !*after)
			words_add(arena, &words,
				arena_format(arena, "+refs/tags/%s:refs/tags/%s", branch, branch));
		else if (!demand(git,
				 TEXTS("remote", "set-branches", "--add", args->remote, branch),
				 false, NULL, err))
			return false;
		else
			words_add(arena, &words,
				arena_format(arena, "+refs/heads/%s:refs/remotes/%s/%s", branch,
					args->remote, branch));
	} else {
		words_add(arena, &words, "--tags");
		if (args->force)
			words_add(arena, &words, "--force");
		words_add(arena, &words, args->remote);
		if (from)
			words_add(arena, &words, from);
	}
	return demand(git, words, false, what, err) &&
	       (!args->refspec ||
		       demand(git, TEXTS("fetch", args->remote, args->refspec), false, what, err));
}

static bool
update_submodules(const struct git *git, bool *is_changed, struct error *err)
{
	const struct git_args *args = git->args;
	const char *const status[] = { "submodule", "status", "--recursive", NULL };
	const char *before, *after;

	if (!args->recursive || args->bare ||
		!file_exists(path_join(git->call->arena, args->dest, ".gitmodules")))
		return true;
	if (!ask(git, status, false, &before, err) ||
		!demand(git, TEXTS("submodule", "sync"), false, NULL, err) ||
		!demand(git,
			TEXTS("submodule", "update", "--init", "--recursive",
				args->track_submodules ? "--remote" : "--force"),
			false, "Failed to init/update submodules: ", err) ||
		!ask(git, status, false, &after, err))
		return false;
	*is_changed |= !text_equals(before, after);
	return true;
}

static bool
write_archive(const struct git *git, bool *is_changed, struct error *err)
{
	static const char *const kinds[] = { "tar.gz", "tgz", "tar", "zip" };
	const struct git_args *args = git->args;
	struct arena *arena = git->call->arena;
	char old[HASH_TEXT_MAX] = "", new[HASH_TEXT_MAX];
	const char *kind = NULL, *path;
	bool is_well;

	if (!args->archive)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !kind; i++)
		if (text_ends(args->archive, arena_format(arena, ".%s", kinds[i])))
			kind = kinds[i];
	if (!kind)
		return fail(err, ERR_OPTIONS,
			"Unable to get file extension from archive file name : %s", args->archive);
	path = arena_format(arena, "%s.%ld.new", args->archive, (long)getpid());
	is_well = demand(git,
		TEXTS("archive", "--format", kind, "--output", path, "--prefix",
			args->archive_prefix ? args->archive_prefix : "", args->version),
		false, "Failed to perform archive operation: ", err);
	if (file_exists(args->archive))
		is_well = is_well && file_digest(args->archive, HASH_SHA1, old, err);
	is_well = is_well && file_digest(path, HASH_SHA1, new, err);
	if (is_well && !text_equals(old, new)) {
		*is_changed = true;
		if (rename(path, args->archive) < 0)
			is_well = fail_errno(err, "cannot write '%s'", args->archive);
	}
	result_text(git->call, "archive", args->archive);
	return tree_remove(path, is_well ? err : NULL) && is_well;
}

/* The repository moves, and the checkout is told where. */
static bool
move_git_dir(const struct git *git, struct error *err)
{
	const char *to = git->args->separate_git_dir;
	const char *file = path_join(git->call->arena, git->args->dest, ".git");
	const char *text = arena_format(git->call->arena, "gitdir: %s\n", to);

	if (!git->git_dir)
		return true;
	if (file_exists(to))
		return fail(err, ERR_TASK, "Separate-git-dir path %s already exists.", to);
	if (rename(git->git_dir, to) < 0)
		return fail_errno(
			err, "Unable to move git dir. Can not move '%s' to '%s'", git->git_dir, to);
	return file_replace(file, view_of(text), &(struct file_place){ 0 }, err);
}

static bool
work(struct git *git, struct error *err)
{
	const struct git_args *args = git->args;
	bool is_changed = git->git_dir != NULL, was_there = has_checkout(git);
	const char *after;

	if (!was_there && !args->clone)
		return true;
	if (!move_git_dir(git, err))
		return false;
	if (!was_there) {
		if (!clone(git, err))
			return false;
	} else if (args->update) {
		if ((git->has_modifications && !demand(git, TEXTS("reset", "--hard", "HEAD", "--"),
						       false, NULL, err)) ||
			!fetch(git, err))
			return false;
	}
	if ((!was_there || args->update) && !args->bare &&
		(!switch_version(git, err) || !update_submodules(git, &is_changed, err)))
		return false;
	if (!ask(git, TEXTS("rev-parse", "HEAD"), false, &after, err))
		return false;
	result_set(git->call, "after", after ? value_text(git->call->arena, after) : &value_none);
	is_changed |=
		!text_equals(after, git->before) || git->has_modifications || git->url_differs;
	if (!write_archive(git, &is_changed, err))
		return false;
	git->call->out->is_changed = is_changed;
	return true;
}

static bool
git_apply(struct module_call *call, struct error *err)
{
	struct git *git = call->state;
	int64_t mask;
	mode_t old = 0;
	bool is_well;

	if (!git->args->umask)
		return work(git, err);
	if (!number_parse_base(view_of(git->args->umask), 8, &mask))
		return fail(err, ERR_OPTIONS, "umask must be an octal integer");
	old = umask((mode_t)mask & 0777);
	is_well = work(git, err);
	umask(old);
	return is_well;
}

const struct module module_git = {
	.name = "git",
	.summary = DOC("Check out a git repository"),
	.params = params,
	.params_size = sizeof(struct git_args),
	.returns = DOC(returns),
	.examples = DOC("- git:\n"
			"    repo: https://git.example.net/app.git\n"
			"    dest: /opt/app\n"
			"    version: v1.2\n"),
	.check = SUPPORT_FULL,
	.inspect = git_inspect,
	.apply = git_apply,
};
