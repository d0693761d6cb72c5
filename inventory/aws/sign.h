#ifndef INVENTORY_AWS_SIGN_H
#define INVENTORY_AWS_SIGN_H
/*
 * Signatures: AWS Signature Version 4 in the header and in the query, and Version 2 (in the query
 * or form) for clouds that speak the older EC2 Query. Pure functions of the request, the keys and
 * the time.
 */
#include "inventory/aws/credentials.h"

struct sign_header {
	const char *name, *value; /* a name may come several times; lines of a value are joined */
};

struct sign_request {
	const char *method;
	struct view path;  /* as it goes out, with %-escapes; empty: "/" */
	struct view query; /* as it goes out, without "?" */
	const struct sign_header
		*headers; /* all that is to be signed, `host` among them; ended by a NULL name */
	struct view body;
};

struct sign_options {
	const struct aws_keys *keys;
	const char *region, *service; /* the signing name: "ec2", "elasticloadbalancing" */
	int64_t time;		      /* seconds since 1970 */
	bool keeps_path; /* S3: dots and slashes mean themselves, and escapes are not escaped again
			  */
	bool shows_body_hash;	/* S3: X-Amz-Content-Sha256 is sent and signed */
	bool token_is_unsigned; /* X-Amz-Security-Token is added behind the signature */
	int64_t expires_s;	/* sign_v4_query: how long it is good */
};

/* What is to be sent beside what was signed. All in the arena. */
struct sign_result {
	const char *canonical, *to_sign,
		*signature;	   /* the steps, for tests and messages; hold no secret */
	const char *authorization; /* v4: the Authorization header's value */
	const char *date;	   /* v4: X-Amz-Date */
	const char *body_hash;	   /* v4: X-Amz-Content-Sha256, if it is shown */
	const char *query;	   /* v4_query: the whole query */
};

void sign_v4(struct arena *into, const struct sign_request *request,
	const struct sign_options *options, struct sign_result *out);
void sign_v4_query(struct arena *into, const struct sign_request *request,
	const struct sign_options *options, struct sign_result *out);

/* Version 2: the parameters with AWSAccessKeyId, SignatureMethod, SignatureVersion, Timestamp and
 * Signature, as a form. `host` and `path` are those the server believes to have. */
const char *sign_v2(struct arena *into, const char *method, const char *host, const char *path,
	const struct value *parameters, const struct aws_keys *keys, int64_t time, bool is_sha1);

/* "20260102T030405Z" and, with dashes, "2026-01-02T03:04:05Z". */
const char *sign_time(struct arena *into, int64_t time, bool has_dashes);
/* Percent-escapes all but A-Z a-z 0-9 - . _ ~, and the slash if it is kept. */
void escape_add(struct str *out, struct view text, bool keeps_slash);
/* name=value&…, escaped, in the order of the map; a space is %20. */
void form_add(struct str *out, const struct value *parameters);

#endif
