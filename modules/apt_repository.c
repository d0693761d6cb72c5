/* apt_repository: sources of packages in /etc/apt/sources.list and beside it. */
#include <ctype.h>
#include <string.h>

#include "module/http.h"
#include "module/jsontext.h"
#include "module/lines.h"
#include "module/steps.h"

static const char list_file[] = "/etc/apt/sources.list",
		  parts_directory[] = "/etc/apt/sources.list.d";

struct apt_repository_args {
	const char *repo, *state, *filename, *codename, *mode;
	bool update_cache, validate_certs, install_python_apt;
	int64_t update_cache_retries, update_cache_retry_max_delay;
};

#define A struct apt_repository_args
static const struct param params[] = {
	PARAM_STRING(
		A, repo, .required = true, .doc = "The line: deb URL SUITE COMPONENT…, or ppa:…"),
	PARAM_STRING(A, state, .fallback = "present", .choices = TEXTS("absent", "present"),
		.doc = "Whether it is to be there."),
	PARAM_MODE(A, mode, .doc = "Permissions of a new file. Default: 0644."),
	PARAM_FLAG(A, update_cache, .fallback = "true", .aliases = TEXTS("update-cache"),
		.doc = "Run apt-get update behind a change."),
	PARAM_INT(A, update_cache_retries, .fallback = "5", .doc = "How often that is tried."),
	PARAM_INT(A, update_cache_retry_max_delay, .fallback = "12",
		.doc = "Longest wait between attempts in seconds."),
	PARAM_FLAG(A, validate_certs, .fallback = "true",
		.doc = "The PPA server's certificate must be valid."),
	PARAM_STRING(A, filename, .doc = "Name of the file, without .list. Default: from the URL."),
	PARAM_STRING(A, codename, .doc = "Release for a PPA. Default: the machine's."),
	PARAM_FLAG(A, install_python_apt, .fallback = "true", .doc = "Accepted: none is needed."),
	PARAMS_END
};
#undef A

static const struct module_return returns[] = { { "repo", "str", "The line." },
	{ "state", "str", "As given." }, { NULL, NULL, NULL } };

struct list {				   /* one file */
	const char *path, *before, *after; /* before NULL: not there; after NULL: to be removed */
};

struct repository {
	const char *source; /* the line, in one form */
	const char *ppa;    /* "user/name" */
	struct list *lists;
	size_t count;
};

/* Words with one space between; a comment behind them is cut off. `*is_enabled` is false behind #.
 */
static const char *
source_of(struct arena *arena, struct view line, bool *is_enabled)
{
	_cleanup_str_ struct str out = STR_INIT;
	struct view word;

	line = view_trim(line);
	*is_enabled = !line.length || *line.data != '#';
	while (line.length && strchr("# \t", *line.data))
		line = (struct view){ line.data + 1, line.length - 1 };
	while (line.length) {
		if (*line.data == '#')
			break;
		word = (struct view){ line.data, 0 };
		while (word.length < line.length && !isspace((unsigned char)line.data[word.length]))
			word.length++;
		str_add_format(&out, "%s%.*s", out.length ? " " : "", (int)word.length, word.data);
		line = view_trim(
			(struct view){ line.data + word.length, line.length - word.length });
	}
	return arena_view(arena, str_view(&out));
}

static bool
is_source(const char *text)
{
	const char *rest = text_starts(text, "deb ")	   ? text + 4
			   : text_starts(text, "deb-src ") ? text + 8
							   : NULL;

	if (rest && *rest == '[')
		rest = strchr(rest, ']') ? strchr(rest, ']') + 1 : NULL;
	while (rest && *rest == ' ')
		rest++;
	return rest && *rest && strchr(rest, ' ');
}

/* "deb_example_net_debian" of the URL. */
static const char *
file_name(struct arena *arena, const char *source)
{
	_cleanup_str_ struct str out = STR_INIT;
	const char *mark = strchr(source, ']'),
		   *url = mark ? mark + 1 : source + strcspn(source, " ");
	struct http_url parts;
	struct view text;

	while (*url == ' ')
		url++;
	url = arena_view(arena, (struct view){ url, strcspn(url, " ") });
	http_url_split(url, &parts);
	text = view_of(parts.scheme.data ? parts.host.data : url);
	for (size_t i = 0; i < text.length; i++) {
		if (isalnum((unsigned char)text.data[i]))
			str_add_char(&out, text.data[i]);
		else if (out.length && out.data[out.length - 1] != '_')
			str_add_char(&out, '_');
	}
	while (out.length && out.data[out.length - 1] == '_')
		str_cut(&out, out.length - 1);
	return arena_view(arena, str_view(&out));
}

/* ---- the files ---- */

static bool
load(struct module_call *call, struct repository *repository, const char *path, struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct list *list;

	if (!file_exists(path))
		return true;
	if (!file_read(path, 4 * 1024 * 1024, &text, err))
		return false;
	repository->lists = arena_grow(call->arena, repository->lists, repository->count,
		repository->count + 2, sizeof(*list));
	list = &repository->lists[repository->count++];
	*list = (struct list){ .path = path };
	list->before = list->after = arena_view(call->arena, str_view(&text));
	return true;
}

static bool
load_all(struct module_call *call, struct repository *repository, struct error *err)
{
	const char *const *names = directory_names(call->arena, parts_directory, NULL);

	repository->lists = arena_new(call->arena, struct list);
	if (!load(call, repository, list_file, err))
		return false;
	for (; names && *names; names++)
		if (text_ends(*names, ".list") &&
			!load(call, repository, path_join(call->arena, parts_directory, *names),
				err))
			return false;
	return true;
}

/* The file without the source's lines, or with a disabled one enabled again. */
static void
edit(struct module_call *call, struct repository *repository, struct list *list, bool wants,
	bool *is_found)
{
	_cleanup_str_ struct str out = STR_INIT;
	struct view rest = view_of(list->before), line;
	bool differs = false, has_more = false;

	while (rest.length && view_cut(&rest, '\n', &line)) {
		bool is_enabled;
		const char *source = source_of(call->arena, line, &is_enabled);

		if (!text_equals(source, repository->source)) {
			has_more |= line.length > 0;
			str_add_view(&out, line);
		} else if (wants && !*is_found) {
			*is_found = true;
			differs |= !is_enabled;
			str_add(&out, is_enabled ? arena_view(call->arena, line) : source);
		} else if (!wants && is_enabled) {
			differs = true;
			continue;
		} else {
			str_add_view(&out, line);
		}
		str_add_char(&out, '\n');
	}
	if (!differs)
		return;
	list->after = wants || has_more || text_equals(list->path, list_file)
			      ? arena_view(call->arena, str_view(&out))
			      : NULL;
}

static void
add_source(struct module_call *call, struct repository *repository)
{
	const struct apt_repository_args *args = call->args;
	const char *name =
		args->filename ? args->filename : file_name(call->arena, repository->source);
	const char *path;
	struct list *list = NULL;

	if (*name != '/')
		name = path_join(call->arena, parts_directory, path_name(name));
	path = text_ends(name, ".list") ? name : arena_format(call->arena, "%s.list", name);
	for (size_t i = 0; i < repository->count; i++)
		if (text_equals(repository->lists[i].path, path))
			list = &repository->lists[i];
	if (!list) {
		repository->lists = arena_grow(call->arena, repository->lists, repository->count,
			repository->count + 2, sizeof(*list));
		list = &repository->lists[repository->count++];
		*list = (struct list){ .path = path };
	}
	list->after = arena_format(call->arena, "%s%s%s\n", list->before ? list->before : "",
		list->before && *list->before && !text_ends(list->before, "\n") ? "\n" : "",
		repository->source);
}

static bool
write_lists(struct module_call *call, const struct repository *repository, bool undoes,
	struct error *err)
{
	const struct apt_repository_args *args = call->args;

	for (size_t i = 0; i < repository->count; i++) {
		const struct list *list = &repository->lists[i];
		const char *text = undoes ? list->before : list->after;
		struct file_place place = { .has_mode = !list->before, .mode = 0644 };

		if (text_equals(list->before, list->after))
			continue;
		if (!text) {
			if (!tree_remove(list->path, err))
				return false;
			continue;
		}
		if (args->mode && !list->before &&
			!mode_parse(args->mode, 0644, false, &place.mode, err))
			return false;
		if (!file_replace(list->path, view_of(text), &place, err))
			return false;
	}
	return true;
}

/* ---- PPAs ---- */

static bool
read_ppa(struct module_call *call, struct repository *repository, struct error *err)
{
	const struct apt_repository_args *args = call->args;
	const char *text = args->repo + strlen("ppa:"), *slash = strchr(text, '/');
	const char *codename = args->codename;
	const char *out;

	if (!codename) {
		if (!program_ask(call, TEXTS("lsb_release", "-cs"), &out, NULL) || !out)
			out = file_first_line(call->arena, "/etc/debian_chroot");
		codename = out ? arena_view(call->arena, view_trim(view_of(out))) : NULL;
	}
	if (!codename)
		return fail(err, ERR_MISSING, "the release for '%s' is not known: set codename",
			args->repo);
	repository->ppa = slash ? text : arena_format(call->arena, "%s/ppa", text);
	repository->source = arena_format(call->arena,
		"deb http://ppa.launchpad.net/%s/ubuntu %s main", repository->ppa, codename);
	return true;
}

/* The key that the archive is signed with. */
static bool
add_ppa_key(struct module_call *call, const struct repository *repository, struct error *err)
{
	const struct apt_repository_args *args = call->args;
	const char *slash = strchr(repository->ppa, '/'), *key;
	const char *url =
		arena_format(call->arena, "https://launchpad.net/api/1.0/~%.*s/+archive/%s",
			(int)(slash - repository->ppa), repository->ppa, slash + 1);
	struct view text;

	if (!http_text(call, url, args->validate_certs, &text, err))
		return false;
	key = value_string(value_get(jsontext_read(call->arena, text), "signing_key_fingerprint"));
	if (!key)
		return fail(err, ERR_TASK, "the PPA '%s' names no key", repository->ppa);
	return module_run_well(call,
		TEXTS("apt-key", "adv", "--recv-keys", "--no-tty", "--keyserver",
			"hkp://keyserver.ubuntu.com:80", key),
		NULL, err);
}

/* ---- */

static void
set_diffs(struct module_call *call, const struct repository *repository)
{
	for (size_t i = 0; i < repository->count; i++) {
		const struct list *list = &repository->lists[i];

		if (text_equals(list->before, list->after))
			continue;
		call->out->change = CHANGE_WANTED;
		call->out->lists_diffs = true;
		result_diff(call, list->before ? list->path : "/dev/null", view_of(list->before),
			list->after ? list->path : "/dev/null", view_of(list->after));
	}
}

static bool
apt_repository_inspect(struct module_call *call, struct error *err)
{
	const struct apt_repository_args *args = call->args;
	struct repository *repository = arena_new(call->arena, struct repository);
	bool wants = text_equals(args->state, "present"), is_found = false, is_enabled;

	call->state = repository;
	result_text(call, "repo", args->repo);
	result_text(call, "state", args->state);
	if (text_starts(args->repo, "ppa:")) {
		if (!read_ppa(call, repository, err))
			return false;
	} else {
		repository->source = source_of(call->arena, view_of(args->repo), &is_enabled);
		if (!is_enabled || !is_source(repository->source))
			return fail(err, ERR_OPTIONS, "Invalid repository string: %s", args->repo);
	}
	if (!load_all(call, repository, err))
		return false;
	for (size_t i = 0; i < repository->count; i++)
		edit(call, repository, &repository->lists[i], wants, &is_found);
	if (wants && !is_found)
		add_source(call, repository);
	set_diffs(call, repository);
	return true;
}

static bool
update(struct module_call *call, struct error *err)
{
	const struct apt_repository_args *args = call->args;
	uint64_t delay = 1;

	for (int64_t left = MAX(args->update_cache_retries, (int64_t)1);; left--) {
		if (module_run_well(call,
			    TEXTS("apt-get", "-q", "update", "-o", "APT::Update::Error-Mode=any"),
			    NULL, err))
			return true;
		if (left <= 1)
			return false;
		if (!module_sleep(call,
			    1000 * MIN(delay, (uint64_t)args->update_cache_retry_max_delay), err))
			return false;
		delay *= 2;
	}
}

static bool
apt_repository_apply(struct module_call *call, struct error *err)
{
	const struct apt_repository_args *args = call->args;
	const struct repository *repository = call->state;

	if (repository->ppa && text_equals(args->state, "present") &&
		!add_ppa_key(call, repository, err))
		return false;
	if (!write_lists(call, repository, false, err))
		return false;
	if (!args->update_cache || update(call, err))
		return true;
	/* What apt cannot use is taken back. */
	if (!write_lists(call, repository, true, NULL))
		error_hint(err, "the sources could not be put back as they were");
	return false;
}

const struct module module_apt_repository = {
	.name = "apt_repository",
	.summary = DOC("Add and remove sources of packages for apt"),
	.params = params,
	.params_size = sizeof(struct apt_repository_args),
	.returns = DOC(returns),
	.examples = DOC("- apt_repository:\n"
			"    repo: deb [signed-by=/etc/apt/keyrings/app.asc] "
			"https://example.net/debian stable main\n"
			"    filename: app\n"),
	.check = SUPPORT_FULL,
	.diff = SUPPORT_FULL,
	.inspect = apt_repository_inspect,
	.apply = apt_repository_apply,
};
