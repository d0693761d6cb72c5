/* uri: a request to a web service. */
#include <string.h>
#include <strings.h>

#include "module/http.h"
#include "module/jsontext.h"
#include "module/prepare.h"
#include "module/put.h"
#include "module/webform.h"

enum { CONTENT_MAX = 10 * 1024 * 1024 };

struct uri_args {
	struct http_options http;
	const char *method, *body_format, *creates, *removes, *src, *dest, *follow_redirects;
	const char *const *status_code;
	const struct value *body, *_content;
	bool return_content, remote_src;
	ATTRIBUTE_FIELDS;
};

#define A struct uri_args
static const struct param params[] = { HTTP_PARAMS("user"),
	PARAM_INT(struct http_options, timeout, .fallback = "30",
		.doc = "Seconds to wait for the server."),
	PARAM_PATH(struct http_options, ca_path, .doc = "PEM file with the CAs that count."),
	PARAM_PATH(struct http_options, unix_socket, .doc = "A socket to connect to."),
	PARAM_STRING(A, method, .fallback = "GET", .doc = "The request's method."),
	PARAM_VALUE(A, body, .doc = "What is sent; a structure, with body_format."),
	PARAM_STRING(A, body_format, .fallback = "raw",
		.choices = TEXTS("form-urlencoded", "json", "raw", "form-multipart"),
		.doc = "How the body is written."),
	PARAM_PATH(A, src, .doc = "A file to send instead."),
	PARAM_FLAG(A, remote_src, .fallback = "false", .doc = "src is on the target."),
	PARAM_PATH(A, dest, .doc = "A file (or directory) on the target for the answer."),
	PARAM_STRING(A, follow_redirects, .fallback = "safe",
		.choices = TEXTS("all", "no", "none", "safe", "urllib2", "yes"),
		.doc = "Whether to go where an answer leads: always, only with GET and HEAD, as "
		       "Python does, or never."),
	PARAM_PATH(A, creates, .doc = "If this file exists, do nothing."),
	PARAM_PATH(A, removes, .doc = "If this file does not exist, do nothing."),
	PARAM_FLAG(A, return_content, .fallback = "false", .doc = "The answer's text as content."),
	PARAM_TEXTS(A, status_code, .fallback = "200", .doc = "Codes that are no failure."),
	PARAM_MAP(A, _content, .is_internal = true, .doc = "src, set by the controller."),
	ATTRIBUTE_PARAMS(A), PARAMS_END };
#undef A

static const struct module_return returns[] = { { "status", "int", "The server's answer." },
	{ "url", "str", "Where the answer came from." },
	{ "msg", "str", "OK (12 bytes), or what failed." },
	{ "redirected", "bool", "Whether an answer led elsewhere." },
	{ "content", "str", "The answer's text, with return_content." },
	{ "json", "any", "The answer, if it is JSON." }, { "cookies", "dict", "By name." },
	{ "cookies_string", "str", "As the header Cookie would have them." },
	{ "elapsed", "int", "Seconds that it took." }, { "path", "str", "The file, with dest." },
	{ NULL, NULL, NULL } };

#ifndef ERTC_RUNNER
/* Files that parts of a form name are the controller's. */
static bool
attach_parts(struct prepare *prepare, const struct value *body, struct error *err)
{
	struct value *copy = value_map(prepare->arena);

	VALUE_PAIRS (pair, body) {
		const char *name = value_string(value_get(pair->value, "filename")), *path;
		const struct value *value = pair->value, *content;
		struct value *part;

		if (name && value_is_none(value_get(value, "content"))) {
			if (!prepare->find_file(prepare, "files", name, &path, err) ||
				!prepare->attach_file(prepare, path, true, &content, err))
				return false;
			part = value_map_copy(prepare->arena, value);
			value_set(prepare->arena, part, "_content", content);
			value = part;
		}
		value_set_key(prepare->arena, copy, pair->key, value);
	}
	value_set(prepare->arena, prepare->args, "body", copy);
	return true;
}

static bool
uri_prepare(struct prepare *prepare, struct error *err)
{
	const struct value *src = value_get(prepare->args, "src"), *content,
			   *remote = value_get(prepare->args, "remote_src"),
			   *body = value_get(prepare->args, "body");
	const char *path;
	bool is_remote = false;

	if (!value_is_none(remote) && !value_to_bool(remote, &is_remote))
		return fail(err, ERR_TYPE, "remote_src is no boolean");
	if (is_remote)
		return true;
	if (value_is_map(body) && text_equals(value_string(value_get(prepare->args, "body_format")),
					  "form-multipart"))
		return attach_parts(prepare, body, err);
	if (value_is_none(src))
		return true;
	if (!prepare->find_file(prepare, "files", value_to_text(prepare->arena, src), &path, err) ||
		!prepare->attach_file(prepare, path, true, &content, err))
		return false;
	value_set(prepare->arena, prepare->args, "_content", content);
	return true;
}
#endif

static bool
skip(struct module_call *call, const char *path, const char *why)
{
	call->out->is_skipped = true;
	result_set(call, "stdout", value_format(call->arena, "skipped, since '%s' %s", path, why));
	return true;
}

/* Only asking can tell what happens: check mode skips it. */
static bool
uri_inspect(struct module_call *call, struct error *err)
{
	const struct uri_args *args = call->args;

	if (args->body && args->src)
		return fail(err, ERR_OPTIONS, "parameters are mutually exclusive: body|src");
	if (args->method[strspn(args->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
					      "yz")] ||
		!*args->method)
		return fail(err, ERR_OPTIONS,
			"Parameter 'method' needs to be a single word in uppercase, like GET or "
			"POST.");
	if (args->creates && file_exists(args->creates))
		return skip(call, args->creates, "exists");
	if (args->removes && !file_exists(args->removes))
		return skip(call, args->removes, "does not exist");
	call->out->change = CHANGE_UNKNOWN;
	return true;
}

/* ---- what is sent ---- */

static bool
write_body(
	struct module_call *call, struct http_request *request, struct str *out, struct error *err)
{
	const struct uri_args *args = call->args;
	const struct value *body = args->body;
	bool is_text = value_is_string(body);

	if (text_equals(args->body_format, "json")) {
		if (is_text)
			str_add_view(out, value_string_view(body));
		else
			jsontext_add(body, out);
		request->content_type = "application/json";
	} else if (text_equals(args->body_format, "form-urlencoded")) {
		request->content_type = "application/x-www-form-urlencoded";
		if (is_text)
			str_add_view(out, value_string_view(body));
		else if (!value_is_map(body) && !value_is_list(body))
			return fail(err, ERR_TYPE,
				"failed to parse body as form_urlencoded: not a dictionary or "
				"list");
		else if (!form_urlencode(call, body, out, err))
			return false;
	} else if (text_equals(args->body_format, "form-multipart")) {
		if (!form_multipart(call, body, out, &request->content_type, err))
			return false;
	} else if (value_is_map(body) || value_is_list(body)) {
		fail(err, ERR_TYPE, "a body that is no text needs a body_format");
		return error_hint(err, "body_format: json");
	} else {
		str_add(out, value_to_text(call->arena, body));
	}
	return true;
}

/* The controller's file, or one that is here. */
static bool
take_source(struct module_call *call, struct http_request *request, struct error *err)
{
	const struct uri_args *args = call->args;
	_cleanup_file_new_ struct file_new file = FILE_NEW_INIT;
	struct content content;

	request->has_body = true;
	if (text_equals(args->body_format, "json"))
		request->content_type = "application/json";
	else
		request->content_type = "application/x-www-form-urlencoded";
	request->body_file = args->src;
	if (!args->_content)
		return access(args->src, R_OK) == 0 ||
		       fail_errno(err, "Unable to open source file %s", args->src);
	request->body_file = path_join(call->arena, request->directory, "src");
	return content_read(args->_content, &content, err) &&
	       file_new_open(&file, request->body_file, err) &&
	       content_write(call, &content, &file, err) &&
	       file_new_commit(&file, &(struct file_place){ .has_mode = true, .mode = 0600 }, err);
}

/* ---- what came ---- */

static bool
is_json(const char *type)
{
	size_t length = type ? strcspn(type, "; ") : 0;
	const char *slash = type ? memchr(type, '/', length) : NULL;

	/* application/json, application/ld+json, text/javascript … */
	for (const char *next = slash; next && next < type + length; next++)
		if (strncasecmp(next, "json", 4) == 0 || strncasecmp(next, "javascript", 10) == 0)
			return true;
	return false;
}

static void
set_headers(struct module_call *call, const struct http_answer *answer)
{
	VALUE_PAIRS (pair, answer->headers) {
		char *name = arena_text(call->arena, value_string(pair->key));

		for (char *next = name; *next; next++)
			*next = *next == '-' ? '_' : *next;
		result_set(call, name, pair->value);
	}
}

static bool
set_content(struct module_call *call, const struct http_answer *answer, struct error *err)
{
	const struct uri_args *args = call->args;
	bool may_be_json = is_json(value_string(value_get(answer->headers, "content-type")));
	_cleanup_str_ struct str text = STR_INIT;
	const struct value *json;

	if (!args->return_content && !may_be_json)
		return true;
	if (answer->body && file_exists(answer->body) &&
		!file_read(answer->body, CONTENT_MAX, &text, err))
		return false;
	json = may_be_json ? jsontext_read(call->arena, str_view(&text)) : NULL;
	if (json)
		result_set(call, "json", json);
	if (args->return_content)
		result_set(call, "content", value_view(call->arena, str_view(&text)));
	return true;
}

static bool
is_wanted(const struct uri_args *args, int64_t status)
{
	int64_t code;

	for (size_t i = 0; args->status_code[i]; i++)
		if (number_parse(view_of(args->status_code[i]), &code) && code == status)
			return true;
	return false;
}

static const char *
status_text(struct arena *arena, const struct uri_args *args)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; args->status_code[i]; i++)
		str_add_format(&out, "%s%s", i ? ", " : "", args->status_code[i]);
	return arena_view(arena, str_view(&out));
}

static bool
keep(struct module_call *call, const struct http_answer *answer, const char *dest,
	struct error *err)
{
	const struct uri_args *args = call->args;
	struct put_settings settings = {
		.dest = dest,
		.source = answer->body,
		.force = true,
		.mode_of_source = -1,
		.attributes = ATTRIBUTES_OF(args),
	};
	const char *parent = path_parent(call->arena, dest);
	struct put *put;

	if (!file_exists(parent)) {
		fail(err, ERR_MISSING, "Could not replace file: %s to %s", answer->body, dest);
		return error_why(err, "Destination %s does not exist", parent);
	}
	call->out->change = CHANGE_NONE;
	call->wants_diff = false;
	if (!file_exists(answer->body) &&
		!file_replace(answer->body, VIEW(""), &(struct file_place){ 0 }, err))
		return false;
	if (!put_inspect(call, &settings, &put, err) || !put_apply(call, put, err))
		return false;
	call->out->is_changed = call->out->change == CHANGE_WANTED;
	value_remove(call->out->result, "src");
	value_remove(call->out->result, "dest");
	value_remove(call->out->result, "checksum");
	value_remove(call->out->result, "md5sum");
	return true;
}

static bool
report(struct module_call *call, const struct http_answer *answer, const char *dest,
	struct error *err)
{
	const struct uri_args *args = call->args;
	bool is_good = is_wanted(args, answer->status);
	const char *location = value_string(value_get(answer->headers, "location"));

	set_headers(call, answer);
	if (location)
		result_text(call, "location", http_url_join(call->arena, answer->url, location));
	result_int(call, "status", answer->status);
	result_text(call, "url", answer->url);
	result_bool(call, "redirected", answer->is_redirected);
	result_int(call, "elapsed", answer->elapsed);
	if (answer->status > 0 && answer->status < 400) {
		result_set(call, "cookies", answer->cookies);
		result_text(call, "cookies_string", answer->cookie_text);
	}
	if (!set_content(call, answer, err))
		return false;
	if (dest && is_good && !keep(call, answer, dest, err))
		return false;
	if (dest) {
		result_text(call, "path", dest);
		result_file(call, dest);
	}
	result_text(call, "msg", answer->message);
	if (!is_good) {
		value_remove(call->out->result, "msg");
		return fail(err, ERR_TASK, "Status code was %lld and not [%s]: %s",
			(long long)answer->status, status_text(call->arena, args), answer->message);
	}
	return true;
}

static enum http_follow
follow_of(const char *word)
{
	if (text_equals(word, "all") || text_equals(word, "yes"))
		return FOLLOW_ALL;
	if (text_equals(word, "urllib2"))
		return FOLLOW_URLLIB2;
	return text_equals(word, "safe") ? FOLLOW_SAFE : FOLLOW_NONE;
}

static bool
ask(struct module_call *call, const char *directory, struct error *err)
{
	const struct uri_args *args = call->args;
	struct http_request request = {
		.options = &args->http,
		.directory = directory,
		.method = args->method,
		.follow = follow_of(args->follow_redirects),
	};
	_cleanup_str_ struct str body = STR_INIT;
	const char *dest = args->dest, *name;
	struct http_answer answer;
	struct stat info;

	if (args->body) {
		if (!write_body(call, &request, &body, err))
			return false;
		request.has_body = true;
		request.body = str_view(&body);
		if (!request.content_type)
			request.content_type = "application/x-www-form-urlencoded";
	} else if (args->src && !take_source(call, &request, err)) {
		return false;
	}
	if (dest && stat(dest, &info) == 0 && S_ISDIR(info.st_mode)) {
		name = http_url_name(call->arena, args->http.url);
		dest = path_join(call->arena, dest, *name ? name : "index.html");
	}
	if (dest && stat(dest, &info) == 0)
		request.newer_than = info.st_mtime;
	return http_fetch(call, &request, &answer, err) && report(call, &answer, dest, err);
}

static bool
uri_apply(struct module_call *call, struct error *err)
{
	const char *directory;
	bool is_well;

	call->out->is_changed = false;
	if (!module_workplace(call, false, &directory, err))
		return false;
	is_well = ask(call, directory, err);
	return tree_remove(directory, is_well ? err : NULL) && is_well;
}

const struct module module_uri = {
	.name = "uri",
	.summary = DOC("Ask a web service"),
	.params = params,
	.params_size = sizeof(struct uri_args),
	.returns = DOC(returns),
	.examples = DOC("- uri:\n"
			"    url: https://api.example.net/hosts\n"
			"    method: POST\n"
			"    body_format: json\n"
			"    body: { name: \"{{ inventory_hostname }}\" }\n"
			"    status_code: [200, 201]\n"
			"  register: answer\n"),
	.check = SUPPORT_NONE,
	.prepare = PREPARE(uri_prepare),
	.inspect = uri_inspect,
	.apply = uri_apply,
};
