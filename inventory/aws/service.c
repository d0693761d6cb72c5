/* Services, partitions, endpoints. */
#include "inventory/aws/service.h"

#include <ctype.h>
#include <strings.h>

#include "inventory/aws/credentials.h"

static const struct aws_service services[] = {
	{ "autoscaling", "auto_scaling", "autoscaling", "2011-01-01", NULL, AWS_QUERY, false,
		"NextToken", "next_token", "MaxRecords", "100" },
	{ "cloudformation", "cloudformation", "cloudformation", "2010-05-15", NULL, AWS_QUERY,
		false, "NextToken", "next_token", NULL, NULL },
	{ "ec2", "ec2", "ec2", "2016-11-15", NULL, AWS_EC2, false, "NextToken", "next_token", NULL,
		NULL },
	{ "ecs", "ecs", "ecs", NULL, "AmazonEC2ContainerServiceV20141113", AWS_JSON, false,
		"nextToken", "nextToken", NULL, NULL },
	{ "elb", "elastic_load_balancing", "elasticloadbalancing", "2012-06-01", NULL, AWS_QUERY,
		false, "Marker", "next_marker", NULL, NULL },
	{ "elbv2", "elastic_load_balancing_v2", "elasticloadbalancing", "2015-12-01", NULL,
		AWS_QUERY, false, "Marker", "next_marker", "PageSize", "400" },
	{ "iam", "iam", "iam", "2010-05-08", NULL, AWS_QUERY, true, "Marker", "marker", NULL,
		NULL },
	{ "route53", "route_53", "route53", "2013-04-01", NULL, AWS_REST, true, NULL, NULL, NULL,
		NULL },
	{ "s3", "s3", "s3", NULL, NULL, AWS_REST, false, NULL, NULL, NULL, NULL },
	{ "ssm", "ssm", "ssm", NULL, "AmazonSSM", AWS_JSON, false, "NextToken", "NextToken",
		"MaxResults", "50" },
	/* Hosts only: these are asked with a token, not with keys (inventory/aws/sso.c). */
	{ "sso", "sso", "portal.sso", NULL, NULL, AWS_REST, false, NULL, NULL, NULL, NULL },
	{ "sso-oidc", "sso_oidc", "oidc", NULL, NULL, AWS_REST, false, NULL, NULL, NULL, NULL },
	{ "sts", "sts", "sts", "2011-06-15", NULL, AWS_QUERY, false, NULL, NULL, NULL, NULL },
};

static const struct aws_partition partitions[] = {
	{ "aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1" },
	{ "aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", "us-gov-west-1" },
	{ "aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1" },
	{ "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1" },
	{ "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1" },
	{ "aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1" },
	{ "aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1" },
	{ "aws", "", "amazonaws.com", "api.aws", "us-east-1" },
};

/* Forms of hosts: ordinary, FIPS, dual-stack, both. */
enum { FORM_FIPS = 1, FORM_DUAL = 2, FORM_COUNT = 4 };

/* Hosts that are named against the rules; NULL: by them. */
static const struct odd_host {
	const char *partition, *service;
	const char *hosts[FORM_COUNT];
	const char *region; /* to sign for at these hosts; NULL: that of the partition */
} odd_hosts[] = {
	{ "aws", "iam", { NULL, NULL, "iam.global.api.aws", "iam-fips.global.api.aws" } },
	{ "aws", "route53",
		{ NULL, NULL, "route53.global.api.aws", "route53-fips.global.api.aws" } },
	{ "aws-cn", "iam",
		{ "iam.cn-north-1.amazonaws.com.cn", NULL,
			"iam.global.api.amazonwebservices.com.cn" },
		"cn-north-1" },
	{ "aws-cn", "route53", { NULL, NULL, "route53.global.api.amazonwebservices.com.cn" } },
	{ "aws-us-gov", "iam",
		{ "iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws",
			"iam.us-gov.api.aws" } },
	{ "aws-us-gov", "route53",
		{ "route53.us-gov.amazonaws.com", "route53.us-gov.amazonaws.com",
			"route53.us-gov.api.aws", "route53.us-gov.api.aws" } },
	{ "aws-iso", "iam",
		{ "iam.us-iso-east-1.c2s.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov" } },
	{ "aws-iso-b", "iam",
		{ "iam.us-isob-east-1.sc2s.sgov.gov", "iam-fips.us-isob-east-1.sc2s.sgov.gov" } },
	{ "aws-eusc", "iam", { "iam.eusc-de-east-1.amazonaws.eu" } },
	{ "aws-eusc", "route53", { NULL, NULL, "route53.global.api.amazonwebservices.eu" } },
};

/* Where the ordinary hosts are validated for FIPS already. */
static const char *const plain_fips[] = { "ec2", "sts", "autoscaling", "elasticloadbalancing",
	"cloudformation", "ssm", NULL };

const struct aws_service *
aws_service_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (!strcmp(services[i].name, name))
			return &services[i];
	return NULL;
}

const struct aws_partition *
aws_partition_of(const char *region)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(partitions) && !text_starts(region, partitions[i].start))
		i++;
	return &partitions[i];
}

bool
aws_is_region_name(const char *text)
{
	size_t length = strlen(text), dashes = 0;

	for (size_t i = 0; i < length; i++) {
		if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) &&
			text[i] != '-')
			return false;
		dashes += text[i] == '-';
	}
	return length >= 8 && length <= 32 && dashes >= 2 &&
	       isdigit((unsigned char)text[length - 1]);
}

const char *
aws_arn_account(struct arena *into, const char *arn)
{
	struct view rest = view_of(arn), piece = { 0 };

	for (int i = 0; i < 5; i++)
		if (!view_cut(&rest, ':', &piece))
			return NULL;
	return piece.length ? arena_view(into, piece) : NULL;
}

/* ---- endpoints ---- */

static bool
is_on(const char *text)
{
	return text && !strcasecmp(text, "true");
}

/* Of the environment, else of the profile. */
static const char *
setting(const struct aws *aws, const struct aws_login *login, const char *variable,
	const char *name)
{
	const char *text = aws_environment(aws, variable);

	return text || !login ? text : aws_login_setting(login, NULL, name);
}

static const char *
configured(const struct aws *aws, const struct aws_call *call, const struct aws_service *service,
	struct arena *into)
{
	char *variable = arena_format(into, "AWS_ENDPOINT_URL_%s", service->id);
	const char *url;

	if (is_on(setting(aws, call->login, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		    "ignore_configured_endpoint_urls")))
		return NULL;
	for (char *c = variable; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	url = aws_environment(aws, variable);
	if (!url)
		url = aws_environment(aws, "AWS_ENDPOINT_URL");
	if (!url && call->login)
		url = aws_login_setting(call->login, service->id, "endpoint_url");
	if (!url && call->login)
		url = aws_login_setting(call->login, NULL, "endpoint_url");
	return url;
}

static const struct odd_host *
odd_host(const struct aws_service *service, const struct aws_partition *partition, int form)
{
	for (size_t i = 0; i < ARRAY_SIZE(odd_hosts); i++)
		if (!strcmp(odd_hosts[i].partition, partition->name) &&
			!strcmp(odd_hosts[i].service, service->name) && odd_hosts[i].hosts[form])
			return &odd_hosts[i];
	return NULL;
}

static const char *
host_by_rules(const struct aws_service *service, const struct aws_partition *partition,
	const char *region, int form, struct arena *into)
{
	const struct odd_host *odd = odd_host(service, partition, form);
	const char *fips = form & FORM_FIPS ? "-fips" : "";
	const char *suffix = form & FORM_DUAL ? partition->dual_suffix : partition->suffix;

	if (odd)
		return odd->hosts[form];
	if (service->is_global)
		return arena_format(into, "%s%s.%s", service->prefix, fips, suffix);
	if (form == FORM_FIPS && !strcmp(partition->name, "aws-us-gov") &&
		text_is_one_of(service->prefix, plain_fips))
		fips = "";
	if (form & FORM_DUAL && !strcmp(service->name, "s3"))
		return arena_format(into, "s3%s.dualstack.%s.%s", fips, region, partition->suffix);
	return arena_format(into, "%s%s.%s.%s", service->prefix, fips, region, suffix);
}

bool
aws_endpoint(const struct aws *aws, const struct aws_call *call, const struct aws_service *service,
	struct arena *into, const char **url, const char **region, struct error *err)
{
	const char *name = call->region	 ? call->region
			   : call->login ? aws_login_region(call->login)
					 : NULL;
	const struct aws_partition *partition = aws_partition_of(name ? name : "");
	const char *own = call->endpoint ? call->endpoint : configured(aws, call, service, into);
	const struct odd_host *odd;
	int form = 0;

	if (is_on(setting(aws, call->login, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")))
		form |= FORM_FIPS;
	if (is_on(setting(
		    aws, call->login, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")))
		form |= FORM_DUAL;
	odd = odd_host(service, partition, form);
	if (!name || service->is_global)
		name = odd && odd->region ? odd->region : partition->global_region;
	*region = name;
	*url = own;
	/* Such a host could not be signed for, and would stand in messages. */
	if (own && strchr(own, '@'))
		return fail(err, ERR_OPTIONS, "an endpoint takes no name and password");
	if (own && !text_starts(own, "https://") && !text_starts(own, "http://"))
		return fail(err, ERR_OPTIONS,
			"'%s' is no endpoint: it must begin with https:// or http://", own);
	if (own)
		return true;
	if (!aws_is_region_name(name)) {
		fail(err, ERR_OPTIONS, "'%s' is no region of AWS", name);
		return error_hint(err, "regions are called like eu-west-1; for another cloud give "
				       "its endpoint_url");
	}
	*url = arena_format(
		into, "https://%s", host_by_rules(service, partition, name, form, into));
	return true;
}
