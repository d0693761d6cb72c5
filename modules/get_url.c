/* get_url: a file from a server to the target. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "module/http.h"
#include "module/put.h"

enum { SUMS_MAX = 16 * 1024 * 1024 };

struct get_url_args {
	struct http_options http;
	const char *dest, *checksum, *tmp_dest;
	bool backup;
	ATTRIBUTE_FIELDS;
};

static const struct param params[] = { HTTP_PARAMS("username"),
	PARAM_INT(struct http_options, timeout, .fallback = "10",
		.doc = "Seconds to wait for the server."),
	PARAM_PATH(struct get_url_args, dest, .required = true,
		.doc = "Where to. A directory takes the file under the name it has there."),
	PARAM_STRING(struct get_url_args, checksum, .fallback = "",
		.doc = "ALGORITHM:DIGEST, or ALGORITHM:URL of a file of digests."),
	PARAM_PATH(
		struct get_url_args, tmp_dest, .doc = "Directory for the file while it arrives."),
	PARAM_FLAG(struct get_url_args, backup, .fallback = "false",
		.doc = "Keep the old file beside the new one."),
	ATTRIBUTE_PARAMS(struct get_url_args), PARAMS_END };

static const struct module_return returns[] = { { "dest", "str", "Where it stands." },
	{ "url", "str", "What was asked for." }, { "msg", "str", "OK (12 bytes), or what failed." },
	{ "status_code", "int", "The server's answer." },
	{ "checksum_src", "str", "sha1 of what came." },
	{ "checksum_dest", "str", "sha1 of what was there." },
	{ "md5sum", "str", "md5 of the file." }, { "backup_file", "str", "Name of the backup." },
	{ "elapsed", "int", "Seconds that it took." }, { "response", "str", "The error's text." },
	{ "src", "str", "Where it was kept on the way." }, { NULL, NULL, NULL } };

struct get_url_call {
	const char *dest; /* a file, once the name is known */
	bool is_directory, was_there;
	const char *digest; /* wanted; NULL: any */
	enum hash_kind kind;
	int64_t newer_than;
	const char *directory;
};

/* ---- checksums ---- */

/* "DIGEST  name", "DIGEST *name", "DIGEST ./name"; a file with a digest alone is for any name. */
static const char *
find_digest(struct arena *arena, struct view text, const char *name)
{
	struct view rest = text, line, digest, file;
	size_t count = 0;
	const char *found = NULL, *only = NULL;

	while (view_cut(&rest, '\n', &line)) {
		line = view_trim(line);
		if (!line.length)
			continue;
		count++;
		file = line;
		if (!view_cut(&file, ' ', &digest) || !file.data)
			file = VIEW("");
		file = view_trim(file);
		if (!file.length)
			only = arena_view(arena, digest);
		while (file.length && (*file.data == '*' || view_starts(file, "./")))
			file = (struct view){ file.data + 1 + (*file.data == '.'),
				file.length - 1 - (*file.data == '.') };
		if (!found && file.length && view_is(file, name))
			found = arena_view(arena, digest);
	}
	return found ? found : count == 1 ? only : NULL;
}

static bool
fetch_digest(struct module_call *call, struct get_url_call *get, const char *url, const char **out,
	struct error *err)
{
	const struct get_url_args *args = call->args;
	const char *name = http_url_name(call->arena, args->http.url);
	struct http_request request = {
		.options = &args->http, .directory = get->directory, .url = url
	};
	_cleanup_str_ struct str text = STR_INIT;
	struct http_answer answer;

	if (!http_fetch(call, &request, &answer, err))
		return false;
	if (answer.status < 0 || answer.status >= 300 || !answer.body) {
		result_set(call, "url", value_text(call->arena, url));
		result_text(call, "response", answer.message);
		return fail(err, ERR_TASK, "Request failed");
	}
	if (!file_read(answer.body, SUMS_MAX, &text, err))
		return false;
	*out = find_digest(call->arena, str_view(&text), name);
	return *out ||
	       fail(err, ERR_TASK, "Unable to find a checksum for file '%s' in '%s'", name, url);
}

static bool
read_checksum(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	const char *text = args->checksum, *mark = strchr(text, ':');
	_cleanup_str_ struct str digest = STR_INIT;
	struct view kind;

	if (!*text)
		return true;
	if (!mark)
		return fail(err, ERR_OPTIONS,
			"The checksum parameter has to be in format <algorithm>:<checksum>");
	kind = (struct view){ text, (size_t)(mark - text) };
	if (!hash_find(arena_view(call->arena, kind), &get->kind))
		return fail(err, ERR_OPTIONS, "the checksum algorithm '%.*s' is not known",
			(int)kind.length, kind.data);
	text = mark + 1;
	if (strstr(text, "://") && !fetch_digest(call, get, text, &text, err))
		return false;
	for (; *text; text++)
		if (isalnum((unsigned char)*text))
			str_add_char(&digest, (char)tolower((unsigned char)*text));
	if (!digest.length || digest.data[strspn(digest.data, "0123456789abcdef")])
		return fail(err, ERR_OPTIONS, "The checksum format is invalid");
	get->digest = arena_view(call->arena, str_view(&digest));
	return true;
}

/* ---- what is there ---- */

/* The file's own digest is the wanted one: only its attributes may differ. */
static bool
inspect_attributes(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct attributes wanted = ATTRIBUTES_OF(args);
	struct attribute_plan plan;
	struct stat now;

	if (stat(get->dest, &now) < 0)
		return fail_errno(err, "cannot look at '%s'", get->dest);
	if (!attributes_plan(call, &wanted, get->dest, &now, false, &plan, err))
		return false;
	if (plan.is_changed)
		call->out->change = CHANGE_WANTED;
	result_file(call, get->dest);
	return true;
}

static bool
ask_head(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct http_request request = {
		.options = &args->http,
		.directory = get->directory,
		.method = "HEAD",
		.newer_than = get->newer_than,
	};
	struct http_answer answer;

	if (!http_fetch(call, &request, &answer, err))
		return false;
	result_int(call, "elapsed", answer.elapsed);
	if (answer.status < 0)
		return fail(err, ERR_TASK, "%s", answer.message);
	result_int(call, "status_code", answer.status);
	result_text(call, "msg", answer.message);
	if (answer.status == 304) {
		call->out->change = CHANGE_NONE;
		return inspect_attributes(call, get, err);
	}
	if (answer.status >= 400) {
		result_text(call, "response", answer.message);
		return fail(err, ERR_TASK, "Request failed");
	}
	return true;
}

static bool
inspect_with(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	char digest[HASH_TEXT_MAX];
	struct stat info;

	if (!read_checksum(call, get, err))
		return false;
	get->was_there = !get->is_directory && stat(get->dest, &info) == 0;
	if (get->was_there && !args->http.force) {
		if (!get->digest) {
			get->newer_than = info.st_mtime;
		} else if (file_digest(get->dest, get->kind, digest, NULL) &&
			   text_equals(digest, get->digest)) {
			result_text(call, "msg", "file already exists");
			result_set(call, "checksum_dest",
				file_digest(get->dest, HASH_SHA1, digest, NULL)
					? value_text(call->arena, digest)
					: &value_none);
			result_set(call, "checksum_src", &value_none);
			return inspect_attributes(call, get, err);
		}
	}
	call->out->change = CHANGE_WANTED;
	return !call->only_inspects || ask_head(call, get, err);
}

static bool
check_places(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct stat info;

	get->dest = args->dest;
	get->is_directory = stat(args->dest, &info) == 0 && S_ISDIR(info.st_mode);
	if (args->tmp_dest && stat(args->tmp_dest, &info) < 0)
		return fail(err, ERR_MISSING, "%s directory does not exist.", args->tmp_dest);
	if (args->tmp_dest && !S_ISDIR(info.st_mode))
		return fail(
			err, ERR_TASK, "%s is a file but should be a directory.", args->tmp_dest);
	return true;
}

static bool
make_directory(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	char *directory;

	if (!args->tmp_dest)
		return module_workplace(call, false, &get->directory, err);
	directory = arena_format(call->arena, "%s/ertc-XXXXXX", args->tmp_dest);
	if (!mkdtemp(directory))
		return fail_errno(err, "Destination %s is not writable", args->tmp_dest);
	get->directory = directory;
	return true;
}

static bool
get_url_inspect(struct module_call *call, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct get_url_call *get = arena_new(call->arena, struct get_url_call);
	bool is_well;

	call->state = get;
	result_text(call, "url", args->http.url);
	result_text(call, "dest", args->dest);
	result_int(call, "elapsed", 0);
	if (!check_places(call, get, err) || !make_directory(call, get, err))
		return false;
	is_well = inspect_with(call, get, err);
	return tree_remove(get->directory, is_well ? err : NULL) && is_well;
}

/* ---- fetching ---- */

/* filename="…" of a Content-Disposition; never a path. */
static const char *
disposition_name(struct arena *arena, const char *text)
{
	const char *mark = text ? strstr(text, "filename=") : NULL;
	const char *name;

	if (!mark)
		return NULL;
	mark += strlen("filename=");
	mark += *mark == '"';
	name = path_name(arena_view(arena, (struct view){ mark, strcspn(mark, "\";") }));
	return *name && !text_equals(name, ".") && !text_equals(name, "..") ? name : NULL;
}

static void
choose_name(struct module_call *call, struct get_url_call *get, const struct http_answer *answer)
{
	const struct get_url_args *args = call->args;
	struct stat info;
	const char *name = disposition_name(
		call->arena, value_string(value_get(answer->headers, "content-disposition")));

	if (!get->is_directory)
		return;
	if (!name)
		name = http_url_name(call->arena, answer->url);
	if (!*name || text_equals(name, ".") || text_equals(name, ".."))
		name = "index.html";
	get->dest = path_join(call->arena, args->dest, name);
	get->was_there = stat(get->dest, &info) == 0;
	result_text(call, "dest", get->dest);
}

static bool
check_digest(struct get_url_call *get, const char *body, struct error *err)
{
	char digest[HASH_TEXT_MAX];

	if (!get->digest)
		return true;
	if (!file_digest(body, get->kind, digest, err))
		return false;
	if (text_equals(digest, get->digest))
		return true;
	/* What is there cannot be trusted any more. */
	if (!tree_remove(get->dest, err))
		return false;
	return fail(err, ERR_TASK, "The checksum for %s did not match %s; it was %s.", get->dest,
		get->digest, digest);
}

static bool
check_dest(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const char *parent = path_parent(call->arena, get->dest);
	char digest[HASH_TEXT_MAX];

	result_set(call, "checksum_dest", &value_none);
	if (get->was_there) {
		if (access(get->dest, W_OK) < 0)
			return fail(err, ERR_TASK, "Destination %s is not writable", get->dest);
		if (!file_digest(get->dest, HASH_SHA1, digest, err))
			return false;
		result_text(call, "checksum_dest", digest);
		return true;
	}
	if (!file_exists(parent))
		return fail(err, ERR_MISSING, "Destination %s does not exist", parent);
	return access(parent, W_OK) == 0 ||
	       fail(err, ERR_TASK, "Destination %s is not writable", parent);
}

static bool
place(struct module_call *call, struct get_url_call *get, const char *body, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct put_settings settings = {
		.dest = get->dest,
		.source = body,
		.backup = args->backup,
		.force = true,
		.mode_of_source = -1,
		.attributes = ATTRIBUTES_OF(args),
	};
	char digest[HASH_TEXT_MAX];
	struct put *put;

	if (!file_digest(body, HASH_SHA1, digest, err))
		return false;
	result_text(call, "checksum_src", digest);
	result_text(call, "src", body);
	if (!check_dest(call, get, err) || !check_digest(get, body, err))
		return false;
	call->out->change = CHANGE_NONE;
	call->wants_diff = false;
	if (!put_inspect(call, &settings, &put, err) || !put_apply(call, put, err))
		return false;
	call->out->is_changed = call->out->change == CHANGE_WANTED;
	value_remove(call->out->result, "checksum");
	if (!file_digest(get->dest, HASH_MD5, digest, err))
		return false;
	result_text(call, "md5sum", digest);
	return true;
}

static bool
only_attributes(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct attributes wanted = ATTRIBUTES_OF(args);

	call->out->is_changed = false;
	if (!attributes_ensure(call, &wanted, get->dest, &call->out->is_changed, err))
		return false;
	result_file(call, get->dest);
	return true;
}

static bool
fetch(struct module_call *call, struct get_url_call *get, struct error *err)
{
	const struct get_url_args *args = call->args;
	struct http_request request = {
		.options = &args->http,
		.directory = get->directory,
		.newer_than = get->newer_than,
	};
	struct http_answer answer;
	bool is_good;

	if (!http_fetch(call, &request, &answer, err))
		return false;
	result_int(call, "elapsed", answer.elapsed);
	if (answer.status < 0)
		return fail(err, ERR_TASK, "%s", answer.message);
	result_set(call, "status_code",
		answer.status ? value_int(call->arena, answer.status) : &value_none);
	is_good = answer.status < 300;
	choose_name(call, get, &answer);
	if (answer.status == 304 && get->was_there) {
		result_text(call, "msg", answer.message);
		return only_attributes(call, get, err);
	}
	if (!is_good) {
		result_text(call, "response", answer.message);
		return fail(err, ERR_TASK, "Request failed");
	}
	/* An empty answer is an empty file. */
	if (!file_exists(answer.body) &&
		!file_replace(answer.body, VIEW(""), &(struct file_place){ 0 }, err))
		return false;
	if (!place(call, get, answer.body, err))
		return false;
	result_text(call, "msg", answer.message);
	return true;
}

static bool
get_url_apply(struct module_call *call, struct error *err)
{
	struct get_url_call *get = call->state;
	bool is_well;

	if (value_get(call->out->result, "msg")) /* it is there as wanted, but for its attributes */
		return only_attributes(call, get, err);
	if (!make_directory(call, get, err))
		return false;
	is_well = fetch(call, get, err);
	return tree_remove(get->directory, is_well ? err : NULL) && is_well;
}

const struct module module_get_url = {
	.name = "get_url",
	.summary = DOC("Bring a file from a server to the target"),
	.params = params,
	.params_size = sizeof(struct get_url_args),
	.returns = DOC(returns),
	.examples = DOC("- get_url:\n"
			"    url: https://example.net/app-1.2.tar.gz\n"
			"    dest: /opt/app.tar.gz\n"
			"    checksum: sha256:https://example.net/SHA256SUMS\n"
			"    mode: \"0644\"\n"),
	.check = SUPPORT_FULL,
	.inspect = get_url_inspect,
	.apply = get_url_apply,
};
