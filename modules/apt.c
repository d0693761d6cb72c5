/* apt: packages of Debian and Ubuntu, by apt-get; what is installed is read from dpkg's own file.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "module/http.h"
#include "module/words.h"
#include "os/clock.h"

static const char status_file[] = "/var/lib/dpkg/status";

struct apt_args {
	const char *const *name;
	const char *state, *deb, *default_release, *upgrade, *dpkg_options;
	bool force, allow_unauthenticated, allow_downgrade, allow_change_held_packages, autoremove,
		autoclean, purge, only_upgrade, clean, force_apt_get, fail_on_autoremove;
	enum param_switch update_cache, install_recommends;
	int64_t cache_valid_time, policy_rc_d, lock_timeout, update_cache_retries,
		update_cache_retry_max_delay;
};

#define A struct apt_args
static const struct param params[] = { PARAM_TEXTS(A, name, .aliases = TEXTS("package", "pkg"),
					       .doc = "Packages: name, name=version, name=1.2*."),
	PARAM_STRING(A, state, .fallback = "present",
		.choices = TEXTS("absent", "build-dep", "fixed", "latest", "present", "installed",
			"removed"),
		.doc = "What they are to be."),
	PARAM_SWITCH(A, update_cache, .aliases = TEXTS("update-cache"),
		.doc = "Run apt-get update first."),
	PARAM_INT(A, cache_valid_time, .fallback = "0",
		.doc = "But not if the lists are younger than so many seconds. Implies "
		       "update_cache."),
	PARAM_INT(A, update_cache_retries, .fallback = "5", .doc = "How often an update is tried."),
	PARAM_INT(A, update_cache_retry_max_delay, .fallback = "12",
		.doc = "Longest wait between attempts in seconds."),
	PARAM_PATH(A, deb, .doc = "A package file on the target, or its URL."),
	PARAM_STRING(A, default_release, .aliases = TEXTS("default-release"),
		.doc = "The release to take packages from."),
	PARAM_SWITCH(A, install_recommends, .aliases = TEXTS("install-recommends"),
		.doc = "Recommended packages too. Default: as apt is set up."),
	PARAM_FLAG(A, force, .fallback = "false",
		.doc = "Allow downgrades, essential removals and unsigned packages."),
	PARAM_FLAG(A, allow_unauthenticated, .fallback = "false",
		.aliases = TEXTS("allow-unauthenticated"), .doc = "Take unsigned packages."),
	PARAM_FLAG(A, allow_downgrade, .fallback = "false",
		.aliases = TEXTS("allow-downgrade", "allow_downgrades", "allow-downgrades"),
		.doc = "Take older versions."),
	PARAM_FLAG(A, allow_change_held_packages, .fallback = "false",
		.doc = "Change packages that are on hold."),
	PARAM_STRING(A, upgrade, .fallback = "no",
		.choices = TEXTS("dist", "full", "no", "safe", "yes"),
		.doc = "Upgrade everything."),
	PARAM_STRING(A, dpkg_options, .fallback = "force-confdef,force-confold",
		.doc = "Options for dpkg."),
	PARAM_FLAG(
		A, autoremove, .fallback = "false", .doc = "Remove what nothing needs any more."),
	PARAM_FLAG(A, autoclean, .fallback = "false",
		.doc = "Remove package files that cannot be had any more."),
	PARAM_FLAG(A, clean, .fallback = "false", .doc = "Remove all package files."),
	PARAM_FLAG(A, purge, .fallback = "false", .doc = "With absent: the settings too."),
	PARAM_FLAG(A, only_upgrade, .fallback = "false",
		.doc = "Upgrade what is there, install nothing."),
	PARAM_FLAG(A, force_apt_get, .fallback = "false", .doc = "Accepted: it is always apt-get."),
	PARAM_FLAG(A, fail_on_autoremove, .fallback = "false",
		.doc = "Fail if something would be removed."),
	PARAM_INT(A, policy_rc_d, .doc = "Not supported."),
	PARAM_INT(A, lock_timeout, .fallback = "60",
		.doc = "Seconds to wait for another package manager."),
	PARAMS_END };
#undef A

static const struct module_return returns[] = { { "cache_updated", "bool",
							"Whether the lists were fetched." },
	{ "cache_update_time", "int", "When, in seconds since 1970." },
	{ "stdout", "str", "What apt-get wrote." }, { "stderr", "str", "What apt-get wrote." },
	{ NULL, NULL, NULL } };

enum verdict { VERDICT_FINE, VERDICT_INSTALL, VERDICT_MISSING };

struct apt_call {
	const char *status;	  /* dpkg's file */
	const char *const *words; /* what apt-get is told: name, name=version */
	bool needs_update, absent, latest;
	const char *deb;       /* the package file */
	const char *directory; /* our own, for one that was fetched; NULL: none */
	bool may_miss;	       /* the lists are to be fetched first: who is unknown may come */
};

/* A paragraph of dpkg's file for an installed package of this name; `provides` accepts what others
 * provide. */
static bool
find_installed(const char *status, const char *name, bool provides, struct view *version)
{
	struct view rest = view_of(status), line, key, package = VIEW(""), found = VIEW(""),
		    arch = VIEW("");
	size_t length = strcspn(name, ":");
	bool is_installed = false, is_it = false;

	for (;;) {
		bool has_line = view_cut(&rest, '\n', &line);

		if (!has_line || !line.length) {
			if (is_installed && is_it &&
				(!name[length] || view_is(arch, name + length + 1) ||
					view_is(arch, "all"))) {
				*version = found;
				return true;
			}
			is_installed = is_it = false;
			if (!has_line)
				return false;
			continue;
		}
		if (*line.data == ' ' || !view_cut(&line, ':', &key) || !line.data)
			continue;
		line = view_trim(line);
		if (view_is(key, "Package")) {
			package = line;
			is_it = view_equals(package, (struct view){ name, length });
		} else if (view_is(key, "Status")) {
			is_installed = view_ends(line, " installed");
		} else if (view_is(key, "Version")) {
			found = line;
		} else if (view_is(key, "Architecture")) {
			arch = line;
		} else if (provides && view_is(key, "Provides")) {
			struct view piece;

			while (view_cut(&line, ',', &piece)) {
				piece = view_trim(piece);
				piece.length = MIN(piece.length, strcspn(piece.data, " ,\n"));
				is_it |= view_equals(piece, (struct view){ name, length });
			}
		}
	}
}

/* What only reads must not make apt write its caches: they are used while they are fresh, and done
 * without when they are not. */
static bool
caches_are_fresh(void)
{
	static const char *const sources[] = { "/var/lib/dpkg/status", "/var/lib/apt/lists" };
	struct stat cache, source;

	if (stat("/var/cache/apt/pkgcache.bin", &cache) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (stat(sources[i], &source) == 0 && source.st_mtime > cache.st_mtime)
			return false;
	return true;
}

/* Two options; both say nothing when the caches may be used. */
static const char *
package_cache_option(void)
{
	return caches_are_fresh() ? "-oERTC::Note=" : "-oDir::Cache::pkgcache=";
}

static const char *
source_cache_option(void)
{
	return caches_are_fresh() ? "-oERTC::Note=" : "-oDir::Cache::srcpkgcache=";
}

/* The version that apt would install; NULL: none. */
static const char *
candidate_of(struct module_call *call, const char *name, bool *is_known)
{
	struct process_result result;
	const char *text, *mark, *version = NULL;

	*is_known = false;
	if (module_run_words(call, &result, NULL, "apt-cache", package_cache_option(),
		    source_cache_option(), "policy", "--", name, NULL)) {
		text = arena_view(call->arena, str_view(&result.out));
		mark = strstr(text, "Candidate: ");
		*is_known = mark != NULL;
		if (mark && !text_starts(mark, "Candidate: (none)"))
			version = arena_view(
				call->arena, (struct view){ mark + 11, strcspn(mark + 11, "\n") });
	}
	process_result_release(&result);
	return version;
}

static enum verdict
judge(struct module_call *call, const struct apt_call *apt, const char *word, bool latest)
{
	size_t length = strcspn(word, "=");
	const char *name = arena_view(call->arena, (struct view){ word, length });
	const char *wanted = word[length] ? word + length + 1 : NULL, *candidate;
	const struct apt_args *args = call->args;
	struct view version;
	bool is_there = find_installed(apt->status, name, !wanted && !latest, &version), is_known;

	if (is_there && wanted && fnmatch(wanted, arena_view(call->arena, version), 0) == 0)
		return VERDICT_FINE;
	if (is_there && !wanted && !latest)
		return VERDICT_FINE;
	if (!is_there && args->only_upgrade)
		return VERDICT_FINE;
	candidate = candidate_of(call, name, &is_known);
	if (!is_known)
		return VERDICT_MISSING;
	if (latest && is_there && candidate && view_is(version, candidate))
		return VERDICT_FINE;
	if (latest && is_there && !candidate)
		return VERDICT_FINE;
	return VERDICT_INSTALL;
}

/* Names on separate lines that fit the pattern. */
static void
add_matches(struct arena *arena, const char *text, const char *key, const char *pattern,
	const char *const **out)
{
	struct view rest = view_of(text), line;
	size_t length = strlen(key);

	while (view_cut(&rest, '\n', &line)) {
		const char *name;

		if (!view_starts(line, key))
			continue;
		name = arena_view(arena,
			view_trim((struct view){ line.data + length, line.length - length }));
		if (*name && fnmatch(pattern, name, FNM_NOESCAPE) == 0)
			words_add(arena, out, name);
	}
}

static bool
is_pattern(const char *word)
{
	return word[strcspn(word, "*?[=")] && word[strcspn(word, "*?[=")] != '=';
}

/* `lib*-dev`, `lib*-dev=1.*`: all names that fit, installed ones or those in the lists. */
static bool
expand_pattern(struct module_call *call, struct apt_call *apt, const char *word,
	const char *const **out, struct error *err)
{
	size_t length = strcspn(word, "=");
	const char *pattern = arena_view(call->arena, (struct view){ word, length }), *text;
	const char *prefix = arena_view(call->arena, (struct view){ word, strcspn(word, "*?[") });
	const char *const *names = NULL;

	if (apt->absent) {
		add_matches(call->arena, apt->status, "Package: ", pattern, out);
		return true;
	}
	if (!module_run_well(call,
		    TEXTS("apt-cache", package_cache_option(), source_cache_option(), "pkgnames",
			    "--", prefix),
		    &text, err))
		return false;
	add_matches(call->arena, text, "", pattern, &names);
	for (; names && *names; names++)
		words_add(
			call->arena, out, arena_format(call->arena, "%s%s", *names, word + length));
	return true;
}

static size_t
count_words(const char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

/* The packages as given, with patterns expanded. */
static bool
find_words(
	struct module_call *call, struct apt_call *apt, const char *const **out, struct error *err)
{
	const struct apt_args *args = call->args;

	*out = NULL;
	for (size_t i = 0; args->name && args->name[i]; i++) {
		const char *word = args->name[i];
		size_t before = count_words(*out);

		if (!*word)
			continue;
		if (*word == '-')
			return fail(err, ERR_OPTIONS, "'%s' is not the name of a package", word);
		if (!is_pattern(word)) {
			words_add(call->arena, out, word);
			continue;
		}
		if (!expand_pattern(call, apt, word, out, err))
			return false;
		if (count_words(*out) == before && !apt->absent && !apt->may_miss)
			return fail(
				err, ERR_MISSING, "No package(s) matching '%s' available", word);
	}
	return true;
}

static bool
plan_removal(struct module_call *call, struct apt_call *apt, const char *word)
{
	const struct apt_args *args = call->args;
	const char *name = arena_view(call->arena, (struct view){ word, strcspn(word, "=") });
	struct view version;
	bool is_there = find_installed(apt->status, name, false, &version);

	/* With purge, settings that a removed package has left count too. */
	if (!is_there && args->purge) {
		const char *mark =
			strstr(apt->status, arena_format(call->arena, "\nPackage: %s\n", name));

		is_there = mark && text_starts(mark + strlen(name) + 11,
					   "Status: deinstall ok config-files");
	}
	if (is_there)
		words_add(call->arena, &apt->words, name);
	return true;
}

static bool
plan(struct module_call *call, struct apt_call *apt, bool may_miss, struct error *err)
{
	_cleanup_str_ struct str status = STR_INIT;
	const char *const *names;

	if (!file_read(status_file, 256 * 1024 * 1024, &status, err))
		return false;
	apt->status = arena_view(call->arena, str_view(&status));
	apt->words = NULL;
	apt->may_miss = may_miss;
	if (!find_words(call, apt, &names, err))
		return false;
	for (; names && *names; names++) {
		const char *word = *names;
		enum verdict verdict;

		if (apt->absent) {
			plan_removal(call, apt, word);
			continue;
		}
		verdict = judge(call, apt, word, apt->latest);
		if (verdict == VERDICT_MISSING && !may_miss)
			return fail(
				err, ERR_MISSING, "No package matching '%s' is available", word);
		if (verdict != VERDICT_FINE)
			words_add(call->arena, &apt->words, word);
	}
	return true;
}

static int64_t
cache_time(void)
{
	static const char *const stamps[] = { "/var/lib/apt/periodic/update-success-stamp",
		"/var/lib/apt/lists" };
	struct stat info;

	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++)
		if (stat(stamps[i], &info) == 0)
			return info.st_mtime;
	return 0;
}

static bool
needs_update(const struct apt_args *args)
{
	if (args->update_cache == SWITCH_OFF ||
		(args->update_cache == SWITCH_ABSENT && !args->cache_valid_time))
		return false;
	return !args->cache_valid_time || cache_time() + args->cache_valid_time < time(NULL);
}

static bool
has_more_work(const struct apt_args *args)
{
	return !text_equals(args->upgrade, "no") || args->deb || args->autoremove ||
	       args->autoclean || args->clean || text_equals(args->state, "fixed") ||
	       text_equals(args->state, "build-dep");
}

/* apt-get and what every call of it says. */
static const char *const *
apt_get(struct module_call *call, bool simulates)
{
	const struct apt_args *args = call->args;
	const char *const *argv = NULL;
	struct view rest = view_of(args->dpkg_options), option;

	words_add(call->arena, &argv, "apt-get");
	words_add(call->arena, &argv, "-y");
	if (simulates) {
		words_add(call->arena, &argv, "-s");
		words_add(call->arena, &argv, package_cache_option());
		words_add(call->arena, &argv, source_cache_option());
	}
	while (view_cut(&rest, ',', &option))
		if (option.length) {
			words_add(call->arena, &argv, "-o");
			words_add(call->arena, &argv,
				arena_format(call->arena, "Dpkg::Options::=--%.*s",
					(int)option.length, option.data));
		}
	words_add(call->arena, &argv, "-o");
	words_add(call->arena, &argv,
		arena_format(
			call->arena, "DPkg::Lock::Timeout=%lld", (long long)args->lock_timeout));
	if (args->force) {
		words_add(call->arena, &argv, "--allow-downgrades");
		words_add(call->arena, &argv, "--allow-remove-essential");
		words_add(call->arena, &argv, "--allow-change-held-packages");
	}
	if (args->allow_unauthenticated || args->force)
		words_add(call->arena, &argv, "--allow-unauthenticated");
	if (args->allow_downgrade && !args->force)
		words_add(call->arena, &argv, "--allow-downgrades");
	if (args->allow_change_held_packages && !args->force)
		words_add(call->arena, &argv, "--allow-change-held-packages");
	if (args->install_recommends == SWITCH_OFF)
		words_add(call->arena, &argv, "--no-install-recommends");
	if (args->install_recommends == SWITCH_ON) {
		words_add(call->arena, &argv, "-o");
		words_add(call->arena, &argv, "APT::Install-Recommends=yes");
	}
	if (args->default_release) {
		words_add(call->arena, &argv, "-t");
		words_add(call->arena, &argv, args->default_release);
	}
	if (args->only_upgrade)
		words_add(call->arena, &argv, "--only-upgrade");
	if (args->autoremove)
		words_add(call->arena, &argv, "--auto-remove");
	return argv;
}

/* Why apt-get failed, in classes that want different things done. */
static void
explain(const char *text, struct error *err)
{
	static const struct {
		const char *sign, *hint;
	} classes[] = {
		{ "dpkg was interrupted", "run: dpkg --configure -a" },
		{ "Unmet dependencies", "run: apt-get --fix-broken install (state: fixed)" },
		{ "unmet dependencies",
			"a version or a repository does not fit; see the lines above" },
		{ "Unable to fetch",
			"the mirror does not answer, or the lists are old: update_cache: true" },
		{ "Failed to fetch",
			"the mirror does not answer, or the lists are old: update_cache: true" },
		{ "NO_PUBKEY", "the key of a repository is missing" },
		{ "Could not get lock", "another package manager is at work; see lock_timeout" },
		{ "No space left", "the disk is full" },
		{ "Unable to locate package",
			"the name is wrong, or the lists are old: update_cache: true" },
		{ "are you root?", "it needs become: true" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (strstr(text, classes[i].sign)) {
			error_hint(err, "%s", classes[i].hint);
			return;
		}
}

static const char *
holder_of_lock(struct arena *arena)
{
	static const char *const locks[] = { "/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock",
		"/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock" };

	for (size_t i = 0; i < ARRAY_SIZE(locks); i++) {
		_cleanup_close_ int fd = open(locks[i], O_RDWR | O_CLOEXEC);
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

		if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
			continue;
		return arena_format(arena, "%s (process %ld)",
			file_first_line(
				arena, arena_format(arena, "/proc/%ld/comm", (long)lock.l_pid)),
			(long)lock.l_pid);
	}
	return NULL;
}

static bool
await_lock(struct module_call *call, struct error *err)
{
	const struct apt_args *args = call->args;
	uint64_t end = monotonic_ms() + (uint64_t)MAX(args->lock_timeout, (int64_t)0) * 1000;
	const char *holder;

	while ((holder = holder_of_lock(call->arena))) {
		if (monotonic_ms() >= end) {
			fail(err, ERR_TIMEOUT,
				"Failed to lock apt for exclusive operation: %s holds it", holder);
			return error_hint(err, "wait longer with lock_timeout");
		}
		if (!module_sleep(call, 500, err))
			return false;
	}
	return true;
}

static bool
run_apt(struct module_call *call, const char *const *argv, const char **out, struct error *err)
{
	struct module_command command = { .argv = argv, .is_parsed = true };
	struct value *environment = value_map(call->arena);
	struct process_result result;
	bool is_well;

	value_set(call->arena, environment, "DEBIAN_FRONTEND",
		value_text(call->arena, "noninteractive"));
	value_set(call->arena, environment, "DEBIAN_PRIORITY", value_text(call->arena, "critical"));
	command.environment = environment;
	is_well = module_run(call, &command, &result, err);
	if (is_well) {
		*out = arena_view(call->arena, str_view(&result.out));
		result_text(call, "stdout", result.out.data);
		result_text(call, "stderr", result.err.data);
	}
	if (is_well && result.status != 0) {
		result_int(call, "rc", result.status);
		is_well = fail(err, ERR_TASK, "'%s' failed", words_join(call->arena, argv));
		error_why(err, "%.900s", result.err.length ? result.err.data : result.out.data);
		explain(result.err.length ? result.err.data : result.out.data, err);
	}
	process_result_release(&result);
	return is_well;
}

static bool
update_lists(struct module_call *call, bool *is_changed, struct error *err)
{
	const struct apt_args *args = call->args;
	uint64_t delay = 1000;
	int64_t before = cache_time();
	const char *out;

	for (int64_t attempt = 0;; attempt++) {
		if (!await_lock(call, err))
			return false;
		/* -q: without it, a failed mirror is only a warning among many lines. */
		if (run_apt(call,
			    TEXTS("apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update"),
			    &out, err))
			break;
		if (err->kind != ERR_TASK || attempt + 1 >= args->update_cache_retries)
			return error_context(err, "Failed to update apt cache");
		error_clear(err);
		if (!module_sleep(call,
			    MIN(delay, (uint64_t)args->update_cache_retry_max_delay * 1000), err))
			return false;
		delay *= 2;
	}
	/* Lists that are as they were are no change. */
	*is_changed = cache_time() != before;
	result_bool(call, "cache_updated", *is_changed);
	result_int(call, "cache_update_time", cache_time());
	return true;
}

/* "0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded."; "1 not fully installed or
 * removed." is work that an interrupted dpkg has left. */
static bool
says_nothing_done(const char *out)
{
	return strstr(out, "\n0 upgraded, 0 newly installed, 0 to remove") &&
	       !strstr(out, " not fully installed or removed");
}

static const char *const *
work_words(struct module_call *call, const struct apt_call *apt, bool simulates)
{
	const struct apt_args *args = call->args;
	const char *const *argv = apt_get(call, simulates);

	if (text_equals(args->state, "fixed")) {
		words_add(call->arena, &argv, "install");
		words_add(call->arena, &argv, "-f");
	} else if (text_equals(args->state, "build-dep")) {
		words_add(call->arena, &argv, "build-dep");
		for (size_t i = 0; args->name && args->name[i]; i++)
			words_add(call->arena, &argv, args->name[i]);
	} else if (args->deb) {
		words_add(call->arena, &argv, "install");
		words_add(call->arena, &argv, apt->deb);
	} else if (!text_equals(args->upgrade, "no")) {
		bool is_full =
			text_equals(args->upgrade, "dist") || text_equals(args->upgrade, "full");

		words_add(call->arena, &argv, is_full ? "dist-upgrade" : "upgrade");
		if (!is_full)
			words_add(call->arena, &argv, "--with-new-pkgs");
	} else if (apt->words) {
		words_add(call->arena, &argv,
			apt->absent ? (args->purge ? "purge" : "remove") : "install");
		for (const char *const *word = apt->words; *word; word++)
			words_add(call->arena, &argv, *word);
	} else if (args->autoremove) {
		words_add(call->arena, &argv, "autoremove");
		if (args->purge)
			words_add(call->arena, &argv, "--purge");
	} else {
		return NULL;
	}
	return argv;
}

/* Is there anything for `clean`? */
static bool
has_archives(void)
{
	glob_t found = { 0 };
	bool has = glob("/var/cache/apt/archives/*.deb", GLOB_NOSORT, NULL, &found) == 0 &&
		   found.gl_pathc > 0;

	globfree(&found);
	return has;
}

/* Versions that are not there, holds, downgrades and dependencies that do not fit show themselves
 * before anything is touched, so in check mode too. */
static bool
simulate(struct module_call *call, struct apt_call *apt, struct error *err)
{
	struct value *diff;
	const char *out;

	if (!run_apt(call, work_words(call, apt, true), &out, err))
		return false;
	if (!call->wants_diff)
		return true;
	diff = value_map(call->arena);
	value_set(call->arena, diff, "prepared", value_text(call->arena, out));
	value_add(call->arena, call->out->diffs, diff);
	return true;
}

/* What only apt can tell is asked of a simulation. */
static bool
inspect_more(struct module_call *call, struct apt_call *apt, struct error *err)
{
	const struct apt_args *args = call->args;
	const char *const *argv;
	const char *out;

	if (args->clean || args->autoclean) {
		call->out->is_silent = !apt->words && !(args->clean && has_archives());
		call->out->change = CHANGE_WANTED;
	}
	if (apt->words || (!args->deb && !args->autoremove && text_equals(args->upgrade, "no") &&
				  !text_equals(args->state, "fixed") &&
				  !text_equals(args->state, "build-dep")))
		return true;
	argv = work_words(call, apt, true);
	if (!argv || !run_apt(call, argv, &out, err))
		return !argv;
	if (!says_nothing_done(out)) {
		call->out->change = CHANGE_WANTED;
		call->out->is_silent = false;
		if (call->wants_diff) {
			struct value *diff = value_map(call->arena);

			value_set(call->arena, diff, "prepared", value_text(call->arena, out));
			value_add(call->arena, call->out->diffs, diff);
		}
	}
	return true;
}

/* A package file from a server: apt-get wants it to be one of the machine's. */
static bool
fetch_deb(struct module_call *call, struct apt_call *apt, struct error *err)
{
	const struct apt_args *args = call->args;
	const char *path;

	apt->deb = args->deb;
	if (!args->deb || !strstr(args->deb, "://"))
		return true;
	if (!module_workplace(call, false, &apt->directory, err) ||
		!http_save(call, args->deb, true, apt->directory, &path, err))
		return false;
	apt->deb = path_join(call->arena, apt->directory, "package.deb");
	/* The user that apt sandboxes itself as has to get at it. */
	if (rename(path, apt->deb) < 0 || chmod(apt->deb, 0644) < 0 ||
		chmod(apt->directory, 0755) < 0)
		return fail_errno(err, "cannot keep '%s'", args->deb);
	return true;
}

static bool
inspect(struct module_call *call, struct apt_call *apt, struct error *err)
{
	const struct apt_args *args = call->args;

	apt->absent = text_equals(args->state, "absent") || text_equals(args->state, "removed");
	apt->latest = text_equals(args->state, "latest");
	apt->needs_update = needs_update(args);
	if (args->policy_rc_d != PARAM_NO_INT)
		return fail(err, ERR_UNSUPPORTED, "'policy_rc_d' is not supported");
	if (!program_find(call->arena, "apt-get"))
		return fail(err, ERR_MISSING, "apt-get is not on this machine");
	result_bool(call, "cache_updated", false);
	result_int(call, "cache_update_time", cache_time());
	if (!text_equals(args->state, "build-dep") && !plan(call, apt, apt->needs_update, err))
		return false;
	if (apt->words)
		call->out->change = CHANGE_WANTED;
	/* Lists that are to be fetched first may know more. */
	if (apt->words && !apt->needs_update && !simulate(call, apt, err))
		return false;
	if (has_more_work(args) && !inspect_more(call, apt, err))
		return false;
	if (apt->needs_update && call->out->change == CHANGE_NONE) {
		call->out->change = CHANGE_WANTED;
		/* Only fresh lists were asked for: then that is the change. */
		call->out->is_silent = args->name || has_more_work(args);
	}
	return true;
}

static bool
apt_inspect(struct module_call *call, struct error *err)
{
	struct apt_call *apt = arena_new(call->arena, struct apt_call);
	bool is_well;

	call->state = apt;
	is_well = fetch_deb(call, apt, err) && inspect(call, apt, err);
	if (apt->directory && (!is_well || call->only_inspects || call->out->change == CHANGE_NONE))
		return tree_remove(apt->directory, is_well ? err : NULL) && is_well;
	return is_well;
}

static bool
apply(struct module_call *call, struct apt_call *apt, struct error *err)
{
	const struct apt_args *args = call->args;
	bool is_changed = args->clean && has_archives(), has_lists = false;
	const char *const *argv;
	const char *out = "";

	if (apt->needs_update) {
		if (!update_lists(call, &has_lists, err))
			return false;
		is_changed |= has_lists && !args->name && !has_more_work(args);
		if (!text_equals(args->state, "build-dep") && !plan(call, apt, false, err))
			return false;
	}
	if (args->clean && !run_apt(call, TEXTS("apt-get", "clean"), &out, err))
		return false;
	argv = work_words(call, apt, false);
	if (argv) {
		if (!await_lock(call, err) || !run_apt(call, argv, &out, err))
			return false;
		is_changed |= !says_nothing_done(out);
	}
	if (args->autoclean && !run_apt(call, TEXTS("apt-get", "-y", "autoclean"), &out, err))
		return false;
	call->out->is_changed = is_changed;
	return true;
}

static bool
apt_apply(struct module_call *call, struct error *err)
{
	struct apt_call *apt = call->state;
	bool is_well = apply(call, apt, err);

	return (!apt->directory || tree_remove(apt->directory, is_well ? err : NULL)) && is_well;
}

const struct module module_apt = {
	.name = "apt",
	.summary = DOC("Install, upgrade and remove packages of Debian and Ubuntu"),
	.params = params,
	.params_size = sizeof(struct apt_args),
	.returns = DOC(returns),
	.examples = DOC("- apt:\n"
			"    name: [nginx, certbot=2.1*]\n"
			"    update_cache: true\n"
			"    cache_valid_time: 3600\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_PARTIAL,
	.inspect = apt_inspect,
	.apply = apt_apply,
};
