#ifndef LIB_MODULE_HTTP_H
#define LIB_MODULE_HTTP_H
/*
 * Requests from the target. The runner has no TLS: the machine's own curl makes each single
 * request, told by its standard input, so that no secret stands in a command line. Redirects,
 * cookies, netrc and what the answer means are ours, as Ansible has them. A plain http:// URL
 * without more needs no curl; file:// is read here.
 */
#include "module/host.h"

/* What every module that asks a server takes; first in its arguments' struct. */
struct http_options {
	const char *url, *url_username, *url_password, *http_agent;
	const char *client_cert, *client_key, *ca_path, *unix_socket;
	const char *const *ciphers, *const *unredirected_headers;
	const struct value *headers;
	bool force, validate_certs, use_proxy, force_basic_auth, use_gssapi, use_netrc, decompress;
	int64_t timeout;
};

#define HTTP_PARAMS(user)                                                                        \
	PARAM_STRING(                                                                            \
		struct http_options, url, .required = true, .doc = "http, https, ftp or file."), \
		PARAM_STRING(struct http_options, url_username, .aliases = TEXTS(user),          \
			.doc = "Name for basic or digest authentication."),                      \
		PARAM_STRING(struct http_options, url_password, .is_secret = true,               \
			.aliases = TEXTS("password"), .doc = "The password."),                   \
		PARAM_STRING(struct http_options, http_agent, .fallback = "ansible-httpget",     \
			.doc = "The User-Agent."),                                               \
		PARAM_PATH(struct http_options, client_cert,                                     \
			.doc = "PEM file on the target with the client's certificate."),         \
		PARAM_PATH(struct http_options, client_key, .doc = "PEM file with its key."),    \
		PARAM_TEXTS(struct http_options, ciphers, .doc = "What TLS may use."),           \
		PARAM_TEXTS(struct http_options, unredirected_headers, .fallback = "",           \
			.doc = "Headers that redirects do not get."),                            \
		PARAM_MAP(struct http_options, headers, .doc = "More headers."),                 \
		PARAM_FLAG(struct http_options, force, .fallback = "false",                      \
			.aliases = TEXTS("thirsty"),                                             \
			.doc = "Ask for it even if the file that is there is as new."),          \
		PARAM_FLAG(struct http_options, validate_certs, .fallback = "true",              \
			.doc = "The server's certificate must be valid."),                       \
		PARAM_FLAG(struct http_options, use_proxy, .fallback = "true",                   \
			.doc = "Use the proxy that the environment names."),                     \
		PARAM_FLAG(struct http_options, force_basic_auth, .fallback = "false",           \
			.doc = "Send name and password at once, not when asked."),               \
		PARAM_FLAG(struct http_options, use_gssapi, .fallback = "false",                 \
			.doc = "Negotiate (Kerberos), by curl."),                                \
		PARAM_FLAG(struct http_options, use_netrc, .fallback = "true",                   \
			.doc = "Take name and password from ~/.netrc."),                         \
		PARAM_FLAG(struct http_options, decompress, .fallback = "true",                  \
			.doc = "Unpack a compressed answer.")

enum http_follow { FOLLOW_ALL, FOLLOW_SAFE, FOLLOW_URLLIB2, FOLLOW_NONE };

struct http_request {
	const struct http_options *options;
	const char *directory; /* module_workplace: for the answer */
	const char *url;       /* NULL: the options' */
	const char *method;    /* NULL: GET, or POST with a body */
	bool has_body;
	struct view body;
	const char *body_file;	  /* instead: a file on the target */
	const char *content_type; /* of the body, unless the headers say it */
	int64_t newer_than;	  /* seconds since 1970; 0: whatever its age */
	enum http_follow follow;
};

struct http_answer {
	int64_t status;	     /* -1: there was no answer, and `message` says why; 0: no HTTP */
	const char *reason;  /* "OK" */
	const char *message; /* "OK (12 bytes)", "HTTP Error 404: Not Found" */
	const char *url;     /* where it came from in the end */
	bool is_redirected;
	struct value *headers; /* by lower-case name; equal names are joined with ", " */
	struct value *cookies;
	const char *cookie_text; /* "a=1; b=2" */
	const char *body;	 /* a file in `directory`; NULL: none */
	int64_t elapsed;	 /* seconds */
};

/* False only if nothing could be tried (no curl, deadline). */
bool http_fetch(struct module_call *call, const struct http_request *request,
	struct http_answer *out, struct error *err) MUST_CHECK;

/* What is at a URL, into a file in `directory`. */
bool http_save(struct module_call *call, const char *url, bool validate_certs,
	const char *directory, const char **path, struct error *err) MUST_CHECK;
/* The same as a text, a few megabytes at most. */
bool http_text(struct module_call *call, const char *url, bool validate_certs, struct view *out,
	struct error *err) MUST_CHECK;

/* The pieces of a URL; data NULL: not there. */
struct http_url {
	struct view scheme, login, host, path; /* host with its port; path with query */
};
void http_url_split(const char *url, struct http_url *out);
/* The last part of its path without a query; "" if there is none. */
const char *http_url_name(struct arena *arena, const char *url);
/* Where `location` leads from `base`. */
const char *http_url_join(struct arena *arena, const char *base, const char *location);

#endif
