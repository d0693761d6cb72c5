#ifndef LIB_HTTP_HTTP_H
#define LIB_HTTP_HTTP_H
/*
 * HTTP over one libcurl multi handle: connections are kept and reused, certificates are always
 * verified (SSL_CERT_FILE, AWS_CA_BUNDLE and the like are the caller's `ca_file`), proxies are
 * taken from the environment as curl does.
 *
 * Inside a fiber that http_spawn started, http_send and http_sleep let the others go on; outside of
 * any they wait. So the code of one request reads from top to bottom, and many of them run side by
 * side.
 */
#include "http/fiber.h"
#include "value/value.h"

struct http;

struct http_request {
	const char *method;	    /* NULL: GET, or POST where there is a body */
	const char *url;	    /* http or https; redirects are never followed */
	const char *const *headers; /* "Name: value", ended by NULL; may be NULL. A line break in
				       one is ERR_OPTIONS */
	struct view body;
	uint32_t timeout_ms; /* for all of it, 0: 60 s; 0 bytes for 30 s end it too */
	uint32_t connect_ms; /* 0: 10 s */
	size_t maximum;	     /* of the body in the answer; 0: 1 MiB */
	bool has_no_proxy;   /* link-local addresses must not go through one */
	/* Where the body of an answer with status 200 goes as it arrives; NULL: into the answer.
	 * False ends the transfer with the error. */
	bool (*take)(void *context, struct view bytes, struct error *err);
	void *context;
};

struct http_answer {
	int status;
	struct str headers; /* as they came, one a line */
	struct str body;
	uint64_t took_ms;
};

struct http *http_new(void);
void http_free(struct http *http);			    /* everything spawned has ended */
void http_set_ca_file(struct http *http, const char *path); /* NULL: the system's */
/* Answers in place of the network: for tests. */
typedef bool http_stand_in(void *context, const struct http_request *request,
	struct http_answer *out, struct error *err);
void http_set_stand_in(struct http *http, http_stand_in *send, void *context);

/* False: there was no whole answer (ERR_TIMEOUT, ERR_UNREACHABLE, ERR_LIMIT, what `take` said). A
 * status of 400 or 500 is an answer. *out is released by http_answer_release, also after a failure.
 */
bool http_send(struct http *http, const struct http_request *request, struct http_answer *out,
	struct error *err) MUST_CHECK;
void http_answer_release(struct http_answer *answer);
/* The value of a header of the answer (names in any case), in the arena; NULL: it has none. */
const char *http_header(struct arena *into, const struct http_answer *answer, const char *name);

/* Begins `work` in a fiber of its own; it runs from the next http_run, http_send or http_sleep on.
 */
void http_spawn(struct http *http, void (*work)(void *context), void *context);
/* Until everything spawned has ended. */
void http_run(struct http *http);
void http_sleep(struct http *http, uint64_t ms);

/* Until *is_done; for a fiber that waits for others. */
void http_wait(struct http *http, const bool *is_done);

/* One at a time. Zeroed, nobody holds it. */
struct http_turn {
	bool is_taken;
};
void http_turn_take(struct http *http, struct http_turn *turn);
void http_turn_give(struct http_turn *turn);

#endif
