#ifndef INVENTORY_AWS_AWS_H
#define INVENTORY_AWS_AWS_H
/*
 * One client for all that is asked of AWS, and of clouds that speak EC2 Query: signed calls with
 * retries over one HTTP loop (lib/http/http.h). Call from fibers to have many at once.
 */
#include "http/http.h"
#include "value/value.h"

/* Where the client looks: the process's environment and the file system, or a test's. */
struct aws_world {
	const struct value *environment; /* map of texts; NULL: the process's own */
	const char *root;		 /* before every path; NULL: none */
	/* Told of every secret that comes in, so that it can be masked; NULL: nobody is told. */
	void (*secret)(void *context, struct view secret);
	/* Asks a person, who is seen typing; false: nobody is there. NULL: nobody is. */
	bool (*ask)(void *context, const char *question, char *answer, size_t size);
	int64_t (*now)(void *context); /* seconds since 1970; NULL: the clock */
	void *context;
};

struct aws;
struct aws_login; /* who asks: inventory/aws/credentials.h */

struct aws *aws_new(const struct aws_world *world);
void aws_free(struct aws *aws); /* NULL is harmless */
/* Nothing is tried again from now on: the answer as a whole is lost already. */
void aws_give_up(struct aws *aws);
struct http *aws_http(struct aws *aws);
struct arena *aws_arena(struct aws *aws); /* as long as the client */
const struct aws_world *aws_world(const struct aws *aws);
/* A variable of the environment; NULL: not set, or empty. */
const char *aws_environment(const struct aws *aws, const char *name);
struct aws_logins;
struct aws_logins *aws_logins(struct aws *aws); /* inventory/aws/login.h */

/* What the service said no with. */
struct aws_fault {
	int status;    /* 0: there was no answer */
	char code[96]; /* "UnauthorizedOperation"; empty: none */
	char message[512];
};

enum aws_signature { AWS_SIGN_V4, AWS_SIGN_V2_SHA256, AWS_SIGN_V2_SHA1 };

struct aws_call {
	const char *service; /* a name of inventory/aws/service.c: "ec2", "elbv2" */
	const char *action;  /* "DescribeInstances" */
	const char *region;  /* NULL: that of the login, else the partition's for what is global */
	struct aws_login *login; /* NULL: not signed */
	bool is_unsigned;	 /* the login is only asked for settings */
	/* Map of texts, flat as it goes out ("Filter.1.Name"); JSON services: the body; REST: the
	 * query. May be NULL. */
	const struct value *parameters;
	const char *endpoint; /* NULL: by the rules */
	const char *path;     /* REST: escaped, from the slash on */
	/* For clouds that only speak EC2 Query. */
	enum aws_signature signature;
	const char *signed_host; /* AWS_SIGN_V2_…: what the server believes to be called; NULL: the
				    host of the endpoint */
	const char *version;	 /* NULL: the service's */
	bool mends_xml;		 /* answers with texts that are not escaped can be read */
};

/* One answer, whole, as inventory/aws/xml.h shapes it (JSON services: as it came). *fault, if not
 * NULL, says why not. Throttling and what may pass are tried again; a clock that is wrong is
 * corrected; expired credentials are renewed once. */
bool aws_call(struct aws *aws, const struct aws_call *call, struct arena *into,
	const struct value **out, struct aws_fault *fault, struct error *err) MUST_CHECK;

/* All pages: calls `page` with each. False ends it with the error. */
bool aws_call_pages(struct aws *aws, const struct aws_call *call, struct arena *into,
	bool (*page)(void *context, const struct value *answer, struct error *err), void *context,
	struct aws_fault *fault, struct error *err) MUST_CHECK;

/* The bytes of an answer (an object of S3), added to *out. */
bool aws_fetch(struct aws *aws, const struct aws_call *call, struct str *out,
	struct aws_fault *fault, struct error *err) MUST_CHECK;

/* AccessDenied and its relatives: what a permission is missing for. */
bool aws_fault_is_denial(const struct aws_fault *fault);

#endif
