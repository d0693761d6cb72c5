/*
 * curl, told by its standard input what to ask: headers, names and passwords are seen in no list of
 * processes. Without curl, file:// is read and http:// asked by ourselves.
 */
#include "module/http_hop.h"

#include <errno.h>
#include <string.h>

enum { HEAD_MAX = 1024 * 1024 };

bool
hop_has_curl(struct module_call *call)
{
	return program_find(call->arena, "curl") != NULL;
}

/* key = "value", with the escapes of curl's configuration. */
static void
add_option(struct str *config, const char *key, const char *value)
{
	str_add_format(config, "%s = \"", key);
	for (; *value; value++) {
		if (*value == '\n' || *value == '\r' || *value == '\t' || *value == '\v')
			str_add_format(config, "\\%c",
				*value == '\n'	 ? 'n'
				: *value == '\r' ? 'r'
				: *value == '\t' ? 't'
						 : 'v');
		else if (*value == '"' || *value == '\\')
			str_add_format(config, "\\%c", *value);
		else
			str_add_char(config, *value);
	}
	str_add(config, "\"\n");
}

static void
add_path(struct str *config, const char *key, const char *path)
{
	if (path)
		add_option(config, key, path);
}

static void
add_tls(struct module_call *call, const struct http_options *options, struct str *config)
{
	_cleanup_str_ struct str ciphers = STR_INIT;
	struct stat info;

	if (!options->validate_certs)
		str_add(config, "insecure\n");
	if (options->ca_path)
		add_option(config,
			stat(options->ca_path, &info) == 0 && S_ISDIR(info.st_mode) ? "capath"
										    : "cacert",
			options->ca_path);
	add_path(config, "cert", options->client_cert);
	add_path(config, "key", options->client_key);
	for (size_t i = 0; options->ciphers && options->ciphers[i]; i++)
		str_add_format(&ciphers, "%s%s", i ? ":" : "", options->ciphers[i]);
	if (ciphers.length)
		add_option(config, "ciphers", ciphers.data);
	(void)call;
}

/* Headers of curl's own that Ansible does not send are taken back by an empty one. */
static void
add_headers(struct module_call *call, const struct hop *hop, struct str *config)
{
	add_option(config, "header", "Accept:");
	add_option(config, "header", "Expect:");
	add_option(config, "header", "Accept-Encoding: identity");
	add_option(config, "header", "Connection: close");
	VALUE_PAIRS (pair, hop->headers) {
		const char *text = value_string(pair->value);

		add_option(config, "header",
			arena_format(call->arena, "%s%s%s", value_string(pair->key),
				*text ? ": " : ";", text));
	}
}

/* What a body may hold that a line of configuration cannot goes through a file. */
static bool
add_body(struct module_call *call, const struct hop *hop, struct str *config, struct error *err)
{
	const char *path = hop->body_file;
	struct file_place place = { .has_mode = true, .mode = 0600 };

	if (!hop->has_body)
		return true;
	if (!path && !memchr(hop->body.data, '\0', hop->body.length)) {
		add_option(config, "data-raw", arena_view(call->arena, hop->body));
		return true;
	}
	if (!path) {
		path = path_join(call->arena, hop->directory, "sent");
		if (!file_replace(path, hop->body, &place, err))
			return false;
	}
	add_option(config, "data-binary", arena_format(call->arena, "@%s", path));
	return true;
}

static bool
build(struct module_call *call, struct hop *hop, struct str *config, struct error *err)
{
	const struct http_options *options = hop->options;

	str_add(config, "silent\nshow-error\ngloboff\npath-as-is\nhttp1.1\n");
	add_option(config, "proto", "=http,https,ftp");
	add_option(config, "url", hop->url);
	add_option(config, "output", hop->body_path);
	add_option(config, "dump-header", path_join(call->arena, hop->directory, "head"));
	str_add_format(config, "connect-timeout = %lld\nspeed-limit = 1\nspeed-time = %lld\n",
		(long long)options->timeout, (long long)options->timeout);
	if (text_equals(hop->method, "HEAD"))
		str_add(config, "head\n");
	else
		add_option(config, "request", hop->method);
	if (options->decompress)
		str_add(config, "compressed\n");
	if (options->unix_socket)
		add_option(config, "unix-socket", options->unix_socket);
	if (!options->use_proxy)
		add_option(config, "noproxy", "*");
	if (hop->user) {
		add_option(config, "user",
			arena_format(call->arena, "%s:%s", hop->user,
				hop->password ? hop->password : ""));
		str_add(config, options->use_gssapi ? "negotiate\n" : "anyauth\n");
	} else if (options->use_gssapi) {
		str_add(config, "user = \":\"\nnegotiate\n");
	}
	add_tls(call, options, config);
	add_headers(call, hop, config);
	return add_body(call, hop, config, err);
}

static const char *
certificate_message(struct module_call *call, const struct hop *hop, struct view said)
{
	const char *text = arena_view(call->arena, said), *mark;
	struct http_url parts;
	int length;

	http_url_split(hop->url, &parts);
	length = (int)MIN(parts.host.length, strcspn(parts.host.data, ":/"));
	if (strstr(text, "subject name") || strstr(text, "does not match"))
		text = arena_format(call->arena,
			"Hostname mismatch, certificate is not valid for '%.*s'.", length,
			parts.host.data);
	else if ((mark = strstr(text, "problem: ")))
		text = mark + 9;
	return arena_format(call->arena,
		"Request failed: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate "
		"verify failed: %s>",
		text);
}

/* Why no answer came, as Python would have said it where it has words of its own. */
static const char *
failure(struct module_call *call, const struct hop *hop, const struct process_result *result)
{
	static const struct {
		int status;
		const char *text;
	} known[] = {
		{ 5, "[Errno -2] Name or service not known" },
		{ 6, "[Errno -2] Name or service not known" },
		{ 7, "[Errno 111] Connection refused" },
	};
	struct view said = view_trim(str_view(&result->err));
	struct http_url parts;

	http_url_split(hop->url, &parts);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].status == result->status)
			return arena_format(
				call->arena, "Request failed: <urlopen error %s>", known[i].text);
	if (result->status == 60 || result->status == 51)
		return certificate_message(call, hop, said);
	if (result->status == 28)
		return "Connection failure: The read operation timed out";
	if (result->status == 1 || result->status == 3)
		return arena_format(call->arena,
			"Request failed: <urlopen error unknown url type: %.*s>",
			(int)parts.scheme.length, parts.scheme.data);
	return arena_format(call->arena, "Request failed: <urlopen error %.*s>",
		(int)MIN(said.length, (size_t)600), said.data);
}

static bool
hop_make_curl(struct module_call *call, struct hop *hop, struct str *head, const char **message,
	struct error *err)
{
	const char *path = path_join(call->arena, hop->directory, "head");
	struct module_command command = { .argv = TEXTS("curl", "-q", "--config", "-"),
		.program = program_find(call->arena, "curl") };
	_cleanup_str_ struct str config = STR_INIT;
	struct process_result result = { 0 };
	bool is_well;

	command.is_parsed = true;
	is_well = build(call, hop, &config, err);
	command.input = str_view(&config);
	is_well = is_well && module_run(call, &command, &result, err);
	memory_wipe(config.data, config.length);
	if (is_well && result.status == 0)
		is_well = access(path, R_OK) < 0 || file_read(path, HEAD_MAX, head, err);
	else if (is_well)
		*message = failure(call, hop, &result);
	process_result_release(&result);
	return is_well;
}

/* file:///PATH */
static bool
hop_make_file(struct module_call *call, struct hop *hop, struct str *head, const char **message,
	struct error *err)
{
	const char *path = hop->url + strlen("file://");
	struct stat info;

	if (stat(path, &info) < 0 || !S_ISREG(info.st_mode)) {
		*message = arena_format(call->arena,
			"Request failed: <urlopen error [Errno %d] %s: '%s'>",
			errno ? errno : EISDIR, strerror(errno ? errno : EISDIR), path);
		return true;
	}
	str_add_format(head, "Content-Length: %lld\n", (long long)info.st_size);
	return text_equals(hop->method, "HEAD") || file_copy(path, hop->body_path, err);
}

bool
hop_make(struct module_call *call, struct hop *hop, struct str *head, const char **message,
	struct error *err)
{
	const struct http_options *options = hop->options;
	struct http_url parts;

	http_url_split(hop->url, &parts);
	hop->body_path = path_join(call->arena, hop->directory, "body");
	unlink(hop->body_path);
	unlink(path_join(call->arena, hop->directory, "head"));
	if (strpbrk(hop->url, " \t\n\r")) {
		*message = arena_format(call->arena,
			"An unknown error occurred: URL can't contain control characters. %s",
			hop->url);
		return true;
	}
	if (view_is(parts.scheme, "file"))
		return hop_make_file(call, hop, head, message, err);
	if (!view_is(parts.scheme, "http") && !view_is(parts.scheme, "https") &&
		!view_is(parts.scheme, "ftp")) {
		*message = arena_format(call->arena,
			"Request failed: <urlopen error unknown url type: %.*s>",
			(int)parts.scheme.length, parts.scheme.data);
		return true;
	}
	if (hop_has_curl(call))
		return hop_make_curl(call, hop, head, message, err);
	if (view_is(parts.scheme, "http") && !options->unix_socket && !options->use_gssapi)
		return hop_make_plain(call, hop, head, message, err);
	fail(err, ERR_MISSING, "cannot ask '%s'", hop->url);
	error_why(err, "there is no curl on the target");
	return error_hint(err, "install it first, e.g. package: name=curl");
}
