#ifndef LIB_MODULE_HTTP_HOP_H
#define LIB_MODULE_HTTP_HOP_H
/* A single request, by curl or, for plain http, by ourselves. Used by lib/module/http.c alone. */
#include "module/http.h"

struct hop {
	const struct http_options *options;
	const char *directory, *url, *method;
	const struct value *headers;
	const char *user, *password; /* for basic and digest, when asked for */
	bool has_body;
	struct view body;
	const char *body_file;
	const char *body_path; /* set: where the answer's body is */
};

bool hop_has_curl(struct module_call *call);
/* The answer's head goes into `head`. `*message` is set if no answer came, in Ansible's words. */
bool hop_make(struct module_call *call, struct hop *hop, struct str *head, const char **message,
	struct error *err) MUST_CHECK;
/* The same over a socket: http:// only, no proxy, no authentication but headers. */
bool hop_make_plain(struct module_call *call, struct hop *hop, struct str *head,
	const char **message, struct error *err) MUST_CHECK;

#endif
