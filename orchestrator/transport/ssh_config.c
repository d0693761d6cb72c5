/*
 * Which values hold for a host. Files are read once per run; every host walks their lines: Host and
 * Match switch a block on or off, Include goes down, and a value is taken where none was yet.
 */
#include "orchestrator/transport/ssh_config.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/map.h"
#include "orchestrator/transport/pattern.h"
#include "orchestrator/transport/ssh_internal.h"

#define MAX_DEPTH 16
#define MAX_FILE_SIZE (8 * 1024 * 1024)

struct ssh_config *
ssh_config_new(const char *home, const char *user, void (*warn)(void *context, const char *text),
	void *context)
{
	struct ssh_config *config = memory_get(sizeof(*config));
	const struct passwd *person = getpwuid(getuid());

	*config = (struct ssh_config){ .warn = warn, .context = context };
	arena_init(&config->arena);
	map_init(&config->files);
	map_init(&config->commands);
	map_init(&config->said);
	if (!home)
		home = person && person->pw_dir[0] ? person->pw_dir : getenv("HOME");
	config->home = arena_text(&config->arena, home ? home : "/");
	if (!user)
		user = person ? person->pw_name : getenv("USER");
	config->user = arena_text(&config->arena, user ? user : "root");
	config->system_file = "/etc/ssh/ssh_config";
	return config;
}

void
ssh_config_free(struct ssh_config *config)
{
	if (!config)
		return;
	map_release(&config->files);
	map_release(&config->commands);
	map_release(&config->said);
	arena_release(&config->arena);
	free(config);
}

const char *
ssh_config_home(const struct ssh_config *config)
{
	return config->home;
}

const char *
ssh_config_user(const struct ssh_config *config)
{
	return config->user;
}

void
ssh_config_warn(struct ssh_config *config, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (map_has(&config->said, text))
		return;
	map_set(&config->said, text, config);
	if (config->warn)
		config->warn(config->context, text);
}

/* Files. */

/* As OpenSSH: whoever may write this file runs commands as its reader. */
static bool
config_file_is_safe(const struct stat *status)
{
	return (status->st_uid == 0 || status->st_uid == getuid()) && !(status->st_mode & 022);
}

static bool
config_file_read(const char *path, bool checks_owner, struct str *text, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t count;

	if (fd < 0 || fstat(fd, &status) < 0)
		return fail_errno(err, "cannot read '%s'", path);
	if (S_ISDIR(status.st_mode))
		return fail(err, ERR_IO, "cannot read '%s': it is a directory", path);
	if (checks_owner && S_ISREG(status.st_mode) && !config_file_is_safe(&status)) {
		fail(err, ERR_DENIED, "bad owner or permissions on '%s'", path);
		error_why(err, "others may write it, and it can name commands to run");
		return error_hint(err, "chmod 600 '%s'", path);
	}
	while ((count = read(fd, str_reserve(text, 65536), 65536)) > 0) {
		text->length += (size_t)count;
		if (text->length > MAX_FILE_SIZE)
			return fail(err, ERR_LIMIT, "'%s' is larger than %d bytes", path,
				MAX_FILE_SIZE);
	}
	return count == 0 || fail_errno(err, "cannot read '%s'", path);
}

/* NULL: failed. A file that is not there is empty; whether that matters is for the caller. */
static const struct config_file *
config_file_get(struct ssh_config *config, const char *path, bool checks_owner, struct error *err)
{
	struct config_file *file = map_get(&config->files, path);
	_cleanup_str_ struct str text = STR_INIT;
	struct error reason;

	if (file)
		return file;
	file = arena_new(&config->arena, struct config_file);
	file->path = arena_text(&config->arena, path);
	if (!config_file_read(path, checks_owner, &text, &reason)) {
		if (reason.kind != ERR_IO) {
			*err = reason;
			return NULL;
		}
		file->is_missing = true;
		if (reason.code != ENOENT && reason.code != ENOTDIR)
			ssh_config_warn(config, "%s: %s", reason.what, reason.why);
	} else if (!config_file_parse(path, str_view(&text), &config->arena, file, err)) {
		return NULL;
	}
	map_set(&config->files, path, file);
	return file;
}

/* Values. */

static void
list_add(struct walk *walk, struct ssh_list *list, const char *text)
{
	if ((list->count & (list->count + 1)) == 0)
		list->items = arena_grow(walk->into, list->items, list->count, 2 * list->count + 1,
			sizeof(*list->items));
	list->items[list->count++] = text;
}

/* ProxyJump and ProxyCommand shut each other out: whichever comes first. */
static bool
is_shut_out(const struct walk *walk, enum ssh_keyword_id id)
{
	if (id == KEYWORD_PROXY_JUMP)
		return walk->values[KEYWORD_PROXY_COMMAND].text != NULL;
	if (id == KEYWORD_PROXY_COMMAND)
		return walk->values[KEYWORD_PROXY_JUMP].text != NULL;
	return false;
}

static void
value_added(struct walk *walk, enum ssh_keyword_id id, const char *text)
{
	struct ssh_list *list = &walk->lists[id];

	for (size_t i = 0; i < list->count; i++) /* a second pass sees the same lines again */
		if (text_equals(list->items[i], text))
			return;
	list_add(walk, list, text);
}

static bool
value_take(struct walk *walk, const struct config_line *line, struct error *err)
{
	const struct ssh_keyword *keyword = line->keyword;
	struct value_found *found = &walk->values[keyword->id];
	const char *text = keyword->kind == VALUE_REST ? line->rest
			   : line->count	       ? line->words[0]
						       : "";

	if (!text[0] && keyword->id != KEYWORD_IDENTITY_AGENT)
		return fail(err, ERR_PARSE, "'%s' needs a value", line->name);
	if (keyword->kind == VALUE_ADDED) {
		value_added(walk, keyword->id, text);
		return true;
	}
	if (found->text || is_shut_out(walk, keyword->id))
		return true;
	*found = (struct value_found){ text, walk->path, line->number };
	if (keyword->kind == VALUE_WORDS)
		for (size_t i = 0; i < line->count; i++)
			list_add(walk, &walk->lists[keyword->id], line->words[i]);
	return true;
}

static void
value_missed(struct walk *walk, const struct config_line *line)
{
	const char *value = line->count ? line->words[0] : "";

	if (!strcasecmp(value, "no") || !strcasecmp(value, "none"))
		return;
	ssh_config_warn(walk->config, "%s:%d: '%s' is not honoured by the built-in ssh%s",
		walk->path, line->number, line->name,
		"; ansible_connection=ssh-cli uses your own ssh");
}

/* Blocks. */

static bool
host_line_matches(const struct walk *walk, const struct config_line *line)
{
	bool matches = false;

	for (size_t i = 0; i < line->count; i++) {
		const char *word = line->words[i];

		if (word[0] == '!') {
			if (pattern_matches(view_of(word + 1), walk->name, true))
				return false;
		} else if (pattern_matches(view_of(word), walk->name, true)) {
			matches = true;
		}
	}
	return matches;
}

static bool walk_file(struct walk *walk, const struct config_file *file, struct error *err);

static bool
include_path(struct walk *walk, const char *path, struct error *err)
{
	glob_t found;
	bool is_good = true;

	if (glob(path, 0, NULL, &found) != 0)
		return true; /* nothing matches: as OpenSSH, no error */
	for (size_t i = 0; i < found.gl_pathc && is_good; i++) {
		const struct config_file *file =
			config_file_get(walk->config, found.gl_pathv[i], walk->is_users, err);

		is_good = file && walk_file(walk, file, err);
	}
	globfree(&found);
	return is_good;
}

static bool
include_line(struct walk *walk, const struct config_line *line, struct error *err)
{
	for (size_t i = 0; i < line->count; i++) {
		const char *path;

		if (!walk_expand(walk, line->words[i], "%CdhijkLlnpru", &path, err))
			return false;
		path = ssh_config_path(walk->config, path, walk->into);
		if (path[0] != '/')
			path = walk->is_users ? arena_format(walk->into, "%s/.ssh/%s",
							walk->config->home, path)
					      : arena_format(walk->into, "/etc/ssh/%s", path);
		if (!include_path(walk, path, err))
			return false;
	}
	return true;
}

static bool
walk_line(struct walk *walk, const struct config_line *line, bool *is_active, struct error *err)
{
	if (!line->keyword) {
		ssh_config_warn(walk->config, "%s:%d: unknown keyword '%s' is ignored", walk->path,
			line->number, line->name);
		return true;
	}
	if (line->keyword->id == KEYWORD_HOST) {
		*is_active = host_line_matches(walk, line);
		return true;
	}
	if (line->keyword->id == KEYWORD_MATCH)
		return match_line(walk, line, is_active, err);
	if (!*is_active)
		return true;
	if (line->keyword->id == KEYWORD_INCLUDE)
		return include_line(walk, line, err);
	if (line->keyword->kind == VALUE_MISSED)
		value_missed(walk, line);
	else if (line->keyword->kind != VALUE_HARMLESS)
		return value_take(walk, line, err);
	return true;
}

static bool
walk_file(struct walk *walk, const struct config_file *file, struct error *err)
{
	const char *outer = walk->path;
	bool is_active = true;

	if (walk->depth == MAX_DEPTH)
		return fail(err, ERR_LIMIT, "'%s' is included more than %d levels deep", file->path,
			MAX_DEPTH);
	walk->depth++;
	for (size_t i = 0; i < file->count; i++) {
		walk->path = file->path;
		if (!walk_line(walk, &file->lines[i], &is_active, err)) {
			if (!err->where[0])
				error_where(err, "%s:%d", file->path, file->lines[i].number);
			return false;
		}
	}
	walk->depth--;
	walk->path = outer;
	return true;
}

/* What comes before the files. */
static bool
walk_given(struct walk *walk, const struct ssh_given *given, struct error *err)
{
	struct config_line line;

	walk->path = "command line";
	for (size_t i = 0; given && i < given->count; i++) {
		const struct ssh_setting *setting = &given->settings[i];
		const char *text =
			arena_format(walk->into, "%s=%s", setting->keyword, setting->value);

		if (!config_line_parse(view_of(text), walk->into, &line, err))
			return error_where(err, "ssh option '%s'", text);
		if (!line.keyword) {
			ssh_config_warn(
				walk->config, "ssh option '%s' is unknown and ignored", text);
		} else if (line.keyword->id == KEYWORD_NONE && line.keyword->kind == VALUE_MISSED) {
			value_missed(walk, &line);
		} else if (line.keyword->kind != VALUE_HARMLESS &&
			   line.keyword->id > KEYWORD_INCLUDE) {
			if (!value_take(walk, &line, err))
				return error_where(err, "ssh option '%s'", text);
		}
	}
	return true;
}

static bool
walk_files(struct walk *walk, const struct ssh_given *given, struct error *err)
{
	const char *own = given ? given->config_file : NULL;
	const struct config_file *file;
	const char *path;

	if (own && !strcasecmp(own, "none"))
		return true;
	path = own ? ssh_config_path(walk->config, own, walk->into)
		   : arena_format(walk->into, "%s/.ssh/config", walk->config->home);
	walk->is_users = true;
	file = config_file_get(walk->config, path, !own, err);
	if (!file || !walk_file(walk, file, err))
		return false;
	if (own)
		return !file->is_missing ||
		       fail(err, ERR_MISSING, "the ssh configuration '%s' cannot be read", path);
	walk->is_users = false;
	file = config_file_get(walk->config, walk->config->system_file, false, err);
	return file && walk_file(walk, file, err);
}

bool
ssh_config_resolve(struct ssh_config *config, const char *name, const struct ssh_given *given,
	struct arena *into, struct ssh_options *out, struct error *err)
{
	struct walk *walk = arena_new(into, struct walk);
	const char *host;

	*walk = (struct walk){ .config = config, .name = arena_text(into, name), .into = into };
	if (!walk_given(walk, given, err) || !walk_files(walk, given, err))
		return false;
	if (walk->wants_final) {
		/* The second pass sees the name of the first one's HostName. */
		if (!walk_host(walk, &host, err))
			return false;
		walk->values[KEYWORD_HOST_NAME] = (struct value_found){ host, "first pass", 0 };
		walk->is_final = true;
		if (!walk_files(walk, given, err))
			return false;
	}
	if (!walk_settle(walk, out, err))
		return false;
	out->config_file =
		given && given->config_file ? arena_text(into, given->config_file) : NULL;
	return true;
}
