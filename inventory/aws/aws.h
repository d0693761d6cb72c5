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
};

struct aws;
struct aws_login; /* who asks: inventory/aws/credentials.h */

struct aws *aws_new(const struct aws_world *world);
void aws_free(struct aws *aws);
struct http *aws_http(struct aws *aws);
struct arena *aws_arena(struct aws *aws); /* as long as the client */
const struct aws_world *aws_world(const struct aws *aws);
/* A variable of the environment; NULL: not set, or empty. */
const char *aws_environment(const struct aws *aws, const char *name);

/* What the service said no with. */
struct aws_fault {
	int status;    /* 0: there was no answer */
	char code[96]; /* "UnauthorizedOperation"; empty: none */
	char message[512];
};

struct aws_call {
	const char *service;	 /* "ec2", "sts", "autoscaling", "elbv2", "cloudformation", "ecs",
				    "ssm", "route53", "iam" */
	const char *action;	 /* "DescribeInstances" */
	const char *region;	 /* NULL: that of the login, else us-east-1 for what is global */
	struct aws_login *login; /* NULL: not signed */
	const struct value *parameters; /* map of texts, flat as it goes out ("Filter.1.Name"); for
					   JSON services: the body */
	const char *endpoint;		/* NULL: by the rules */
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

#endif
