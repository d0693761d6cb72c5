#ifndef INVENTORY_AWS_SERVICE_H
#define INVENTORY_AWS_SERVICE_H
/* What AWS is made of: services, partitions, and where to ask for them. Tables; nothing here asks
 * anybody. */
#include "inventory/aws/aws.h"

enum aws_protocol {
	AWS_EC2,   /* a form goes out, XML comes back, bare */
	AWS_QUERY, /* the same inside <ActionResult> */
	AWS_JSON,  /* JSON 1.1 and a target header */
	AWS_REST,  /* paths, XML comes back */
};

struct aws_service {
	const char *name;    /* ours: "elbv2" */
	const char *id;	     /* of settings: "elastic_load_balancing_v2" */
	const char *prefix;  /* of the host, and the name in a signature: "elasticloadbalancing" */
	const char *version; /* of the API */
	const char *target;  /* JSON: before the action in X-Amz-Target */
	enum aws_protocol protocol;
	bool is_global; /* one for a partition */
	/* Paging: the parameter, and where the answer has it; size: parameter and number, or NULL.
	 */
	const char *token_in, *token_out, *size_name, *size;
};

const struct aws_service *aws_service_find(const char *name); /* NULL: none of ours */

struct aws_partition {
	const char *name;	   /* "aws-cn": also of ARNs */
	const char *start;	   /* of its regions' names */
	const char *suffix;	   /* amazonaws.com.cn */
	const char *dual_suffix;   /* of dual-stack hosts */
	const char *global_region; /* in the signature of its global services */
};

/* Of a region's name; the ordinary one for what is not known. */
const struct aws_partition *aws_partition_of(const char *region);
bool aws_is_region_name(const char *text); /* by its form: eu-west-1 */
/* The account of "arn:aws:ec2:eu-west-1:ACCOUNT:instance/i-1", in the arena; NULL: it has none. */
const char *aws_arn_account(struct arena *into, const char *arn);

/* The address to ask: the call's own, AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, the profile's
 * services section and endpoint_url, else by the rules. *region is the one to sign for. */
bool aws_endpoint(const struct aws *aws, const struct aws_call *call,
	const struct aws_service *service, struct arena *into, const char **url,
	const char **region, struct error *err) MUST_CHECK;

#endif
