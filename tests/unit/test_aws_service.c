/*
 * Where to ask: the public cases of endpoint settings (endpoint-url-tests.json), hosts by the rules
 * as botocore has them, and what is no region and no endpoint.
 */
#include "inventory/aws/service.h"

#include "tests/unit/aws_world.h"

/* ---- settings ---- */

static void
text_add(struct str *out, const char *name, const struct value *map, const char *indent)
{
	str_add_format(out, "%s\n", name);
	VALUE_PAIRS (pair, map) {
		if (value_is_map(pair->value))
			text_add(out, arena_format(&arena, "%s =", value_string(pair->key)),
				pair->value, "  ");
		else
			str_add_format(out, "%s%s = %s\n", indent, value_string(pair->key),
				value_string(pair->value));
	}
}

static void
config_write(const struct value *suite)
{
	_cleanup_str_ struct str out = STR_INIT;

	VALUE_PAIRS (pair, value_get(suite, "profiles"))
		text_add(&out, arena_format(&arena, "[profile %s]", value_string(pair->key)),
			pair->value, "");
	VALUE_PAIRS (pair, value_get(suite, "services"))
		text_add(&out, arena_format(&arena, "[services %s]", value_string(pair->key)),
			pair->value, "");
	write_file("/home/.aws/config", out.data);
}

/* A service that is not ours has the same rules. */
static const struct aws_service *
service_of(const char *name)
{
	static const struct aws_service dynamodb = { .name = "dynamodb",
		.id = "dynamodb",
		.prefix = "dynamodb",
		.version = "2012-08-10",
		.protocol = AWS_JSON };

	return !strcmp(name, "dynamodb") ? &dynamodb : aws_service_find(name);
}

static void
setting_case(const struct value *suite, const struct value *one)
{
	const struct value *given = value_get_key(value_get(suite, "client_configs"),
				   value_get(one, "client_config")),
			   *variables = value_get_key(
				   value_get(suite, "environments"), value_get(one, "environment"));
	struct value *environment = value_map_copy(&arena, variables);
	const struct aws_login_options options = { .profile = text_of(one, "profile") };
	struct aws_call call = { .service = text_of(one, "service"),
		.endpoint = text_of(given, "endpoint_url") };
	const char *url = NULL, *region = NULL;
	struct error err = { 0 };
	struct aws *aws;

	value_set(&arena, environment, "HOME", value_text(&arena, "/home"));
	/* What a program can say for itself is here the environment's to say. */
	if (value_get(given, "ignore_configured_endpoint_urls"))
		value_set(&arena, environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
			value_text(&arena, "true"));
	aws = client(environment);
	if (!aws_login_new(aws, &options, &call.login, &err) ||
		!aws_endpoint(aws, &call, service_of(call.service), &arena, &url, &region, &err))
		fail_msg("%s: %s", text_of(one, "name"), error_all(&err));
	if (strcmp(url, text_of(value_get(one, "output"), "endpointUrl")) != 0)
		fail_msg("%s: %s", text_of(one, "name"), url);
	assert_string_equal(region, "fake-region-10");
	aws_free(aws);
	secrets_forget();
}

static void
test_settings(void **state)
{
	const char *root_of_vectors = getenv("ERTC_VECTORS");
	const char *path = arena_format(&arena, "%s/aws/botocore/endpoint-url-tests.json",
		root_of_vectors && *root_of_vectors ? root_of_vectors : "../shared/vectors");
	size_t count = 0;

	(void)state;
	if (!file_exists(path)) {
		printf("skip endpoint-url-tests.json: the public test vectors are not here\n");
		skip();
	}
	VALUE_EACH (suite, value_get(json_file(path), "testSuites")) {
		root_renew();
		config_write(suite);
		VALUE_EACH (one, value_get(suite, "endpointUrlTests")) {
			setting_case(suite, one);
			count++;
		}
	}
	assert_true(count >= 39);
}

/* The names that settings have for our services. */
static void
test_setting_names(void **state)
{
	static const char *const rows[][2] = { { "autoscaling", "AWS_ENDPOINT_URL_AUTO_SCALING" },
		{ "cloudformation", "AWS_ENDPOINT_URL_CLOUDFORMATION" },
		{ "ec2", "AWS_ENDPOINT_URL_EC2" }, { "ecs", "AWS_ENDPOINT_URL_ECS" },
		{ "elb", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING" },
		{ "elbv2", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2" },
		{ "iam", "AWS_ENDPOINT_URL_IAM" }, { "route53", "AWS_ENDPOINT_URL_ROUTE_53" },
		{ "s3", "AWS_ENDPOINT_URL_S3" }, { "ssm", "AWS_ENDPOINT_URL_SSM" },
		{ "sso", "AWS_ENDPOINT_URL_SSO" }, { "sso-oidc", "AWS_ENDPOINT_URL_SSO_OIDC" },
		{ "sts", "AWS_ENDPOINT_URL_STS" } };

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct value *environment = value_map(&arena);
		const struct aws_call call = { .service = rows[i][0], .region = "eu-west-1" };
		const char *url, *region;
		struct error err = { 0 };
		struct aws *aws;

		value_set(&arena, environment, rows[i][1], value_text(&arena, "http://own"));
		value_set(
			&arena, environment, "AWS_ENDPOINT_URL", value_text(&arena, "http://all"));
		aws = client(environment);
		assert_true(aws_endpoint(
			aws, &call, aws_service_find(rows[i][0]), &arena, &url, &region, &err));
		assert_string_equal(url, "http://own");
		aws_free(aws);
	}
}

/* ---- rules ---- */

/* As botocore has them, without the scheme: ordinary, FIPS, dual-stack, both. NULL: it knows none.
 */
static const struct {
	const char *service, *region, *hosts[4];
} hosts[] = {
	{ "ec2", "eu-west-1",
		{ "ec2.eu-west-1.amazonaws.com", "ec2-fips.eu-west-1.amazonaws.com",
			"ec2.eu-west-1.api.aws", "ec2-fips.eu-west-1.api.aws" } },
	{ "ec2", "cn-north-1",
		{ "ec2.cn-north-1.amazonaws.com.cn", "ec2-fips.cn-north-1.amazonaws.com.cn",
			"ec2.cn-north-1.api.amazonwebservices.com.cn",
			"ec2-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "ec2", "us-gov-west-1",
		{ "ec2.us-gov-west-1.amazonaws.com", "ec2.us-gov-west-1.amazonaws.com",
			"ec2.us-gov-west-1.api.aws", "ec2-fips.us-gov-west-1.api.aws" } },
	{ "ec2", "us-iso-east-1",
		{ "ec2.us-iso-east-1.c2s.ic.gov", "ec2-fips.us-iso-east-1.c2s.ic.gov",
			"ec2.us-iso-east-1.api.aws.ic.gov",
			"ec2-fips.us-iso-east-1.api.aws.ic.gov" } },
	{ "ec2", "us-isob-east-1",
		{ "ec2.us-isob-east-1.sc2s.sgov.gov", "ec2-fips.us-isob-east-1.sc2s.sgov.gov",
			"ec2.us-isob-east-1.api.aws.scloud",
			"ec2-fips.us-isob-east-1.api.aws.scloud" } },
	{ "ec2", "eusc-de-east-1",
		{ "ec2.eusc-de-east-1.amazonaws.eu", "ec2-fips.eusc-de-east-1.amazonaws.eu",
			"ec2.eusc-de-east-1.api.amazonwebservices.eu",
			"ec2-fips.eusc-de-east-1.api.amazonwebservices.eu" } },
	{ "sts", "eu-west-1",
		{ "sts.eu-west-1.amazonaws.com", "sts-fips.eu-west-1.amazonaws.com",
			"sts.eu-west-1.api.aws", "sts-fips.eu-west-1.api.aws" } },
	{ "sts", "cn-north-1",
		{ "sts.cn-north-1.amazonaws.com.cn", "sts-fips.cn-north-1.amazonaws.com.cn",
			"sts.cn-north-1.api.amazonwebservices.com.cn",
			"sts-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "sts", "us-gov-west-1",
		{ "sts.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com",
			"sts.us-gov-west-1.api.aws", "sts-fips.us-gov-west-1.api.aws" } },
	{ "sts", "us-iso-east-1",
		{ "sts.us-iso-east-1.c2s.ic.gov", "sts-fips.us-iso-east-1.c2s.ic.gov",
			"sts.us-iso-east-1.api.aws.ic.gov",
			"sts-fips.us-iso-east-1.api.aws.ic.gov" } },
	{ "sts", "us-isob-east-1",
		{ "sts.us-isob-east-1.sc2s.sgov.gov", "sts-fips.us-isob-east-1.sc2s.sgov.gov",
			"sts.us-isob-east-1.api.aws.scloud",
			"sts-fips.us-isob-east-1.api.aws.scloud" } },
	{ "sts", "eusc-de-east-1",
		{ "sts.eusc-de-east-1.amazonaws.eu", "sts-fips.eusc-de-east-1.amazonaws.eu",
			"sts.eusc-de-east-1.api.amazonwebservices.eu",
			"sts-fips.eusc-de-east-1.api.amazonwebservices.eu" } },
	{ "autoscaling", "eu-west-1",
		{ "autoscaling.eu-west-1.amazonaws.com", "autoscaling-fips.eu-west-1.amazonaws.com",
			"autoscaling.eu-west-1.api.aws", "autoscaling-fips.eu-west-1.api.aws" } },
	{ "autoscaling", "cn-north-1",
		{ "autoscaling.cn-north-1.amazonaws.com.cn",
			"autoscaling-fips.cn-north-1.amazonaws.com.cn",
			"autoscaling.cn-north-1.api.amazonwebservices.com.cn",
			"autoscaling-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "autoscaling", "us-gov-west-1",
		{ "autoscaling.us-gov-west-1.amazonaws.com",
			"autoscaling.us-gov-west-1.amazonaws.com",
			"autoscaling.us-gov-west-1.api.aws",
			"autoscaling-fips.us-gov-west-1.api.aws" } },
	{ "elbv2", "eu-west-1",
		{ "elasticloadbalancing.eu-west-1.amazonaws.com",
			"elasticloadbalancing-fips.eu-west-1.amazonaws.com",
			"elasticloadbalancing.eu-west-1.api.aws",
			"elasticloadbalancing-fips.eu-west-1.api.aws" } },
	{ "elbv2", "cn-north-1",
		{ "elasticloadbalancing.cn-north-1.amazonaws.com.cn",
			"elasticloadbalancing-fips.cn-north-1.amazonaws.com.cn",
			"elasticloadbalancing.cn-north-1.api.amazonwebservices.com.cn",
			"elasticloadbalancing-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "elbv2", "us-gov-west-1",
		{ "elasticloadbalancing.us-gov-west-1.amazonaws.com",
			"elasticloadbalancing.us-gov-west-1.amazonaws.com",
			"elasticloadbalancing.us-gov-west-1.api.aws",
			"elasticloadbalancing-fips.us-gov-west-1.api.aws" } },
	{ "cloudformation", "eu-west-1",
		{ "cloudformation.eu-west-1.amazonaws.com",
			"cloudformation-fips.eu-west-1.amazonaws.com",
			"cloudformation.eu-west-1.api.aws",
			"cloudformation-fips.eu-west-1.api.aws" } },
	{ "cloudformation", "cn-north-1",
		{ "cloudformation.cn-north-1.amazonaws.com.cn",
			"cloudformation-fips.cn-north-1.amazonaws.com.cn",
			"cloudformation.cn-north-1.api.amazonwebservices.com.cn",
			"cloudformation-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "cloudformation", "us-gov-west-1",
		{ "cloudformation.us-gov-west-1.amazonaws.com",
			"cloudformation.us-gov-west-1.amazonaws.com",
			"cloudformation.us-gov-west-1.api.aws",
			"cloudformation-fips.us-gov-west-1.api.aws" } },
	{ "ssm", "eu-west-1",
		{ "ssm.eu-west-1.amazonaws.com", "ssm-fips.eu-west-1.amazonaws.com",
			"ssm.eu-west-1.api.aws", "ssm-fips.eu-west-1.api.aws" } },
	{ "ssm", "cn-north-1",
		{ "ssm.cn-north-1.amazonaws.com.cn", "ssm-fips.cn-north-1.amazonaws.com.cn",
			"ssm.cn-north-1.api.amazonwebservices.com.cn",
			"ssm-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "ssm", "us-gov-west-1",
		{ "ssm.us-gov-west-1.amazonaws.com", "ssm.us-gov-west-1.amazonaws.com",
			"ssm.us-gov-west-1.api.aws", "ssm-fips.us-gov-west-1.api.aws" } },
	{ "iam", "eu-west-1",
		{ "iam.amazonaws.com", "iam-fips.amazonaws.com", "iam.global.api.aws",
			"iam-fips.global.api.aws" } },
	{ "iam", "cn-north-1",
		{ "iam.cn-north-1.amazonaws.com.cn", "iam-fips.amazonaws.com.cn",
			"iam.global.api.amazonwebservices.com.cn",
			"iam-fips.api.amazonwebservices.com.cn" } },
	{ "iam", "us-gov-west-1",
		{ "iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws",
			"iam.us-gov.api.aws" } },
	{ "iam", "us-iso-east-1",
		{ "iam.us-iso-east-1.c2s.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov",
			"iam.api.aws.ic.gov", "iam-fips.api.aws.ic.gov" } },
	{ "iam", "us-isob-east-1",
		{ "iam.us-isob-east-1.sc2s.sgov.gov", "iam-fips.us-isob-east-1.sc2s.sgov.gov",
			"iam.api.aws.scloud", "iam-fips.api.aws.scloud" } },
	{ "iam", "eusc-de-east-1",
		{ "iam.eusc-de-east-1.amazonaws.eu", "iam-fips.amazonaws.eu",
			"iam.api.amazonwebservices.eu", "iam-fips.api.amazonwebservices.eu" } },
	{ "route53", "eu-west-1",
		{ "route53.amazonaws.com", "route53-fips.amazonaws.com", "route53.global.api.aws",
			"route53-fips.global.api.aws" } },
	{ "route53", "cn-north-1",
		{ "route53.amazonaws.com.cn", "route53-fips.amazonaws.com.cn",
			"route53.global.api.amazonwebservices.com.cn",
			"route53-fips.api.amazonwebservices.com.cn" } },
	{ "route53", "us-gov-west-1",
		{ "route53.us-gov.amazonaws.com", "route53.us-gov.amazonaws.com",
			"route53.us-gov.api.aws", "route53.us-gov.api.aws" } },
	{ "ecs", "eu-west-1",
		{ "ecs.eu-west-1.amazonaws.com", "ecs-fips.eu-west-1.amazonaws.com",
			"ecs.eu-west-1.api.aws", "ecs-fips.eu-west-1.api.aws" } },
	{ "ecs", "cn-north-1",
		{ "ecs.cn-north-1.amazonaws.com.cn", "ecs-fips.cn-north-1.amazonaws.com.cn",
			"ecs.cn-north-1.api.amazonwebservices.com.cn",
			"ecs-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "ecs", "us-gov-west-1",
		{ "ecs.us-gov-west-1.amazonaws.com", "ecs-fips.us-gov-west-1.amazonaws.com",
			"ecs.us-gov-west-1.api.aws", "ecs-fips.us-gov-west-1.api.aws" } },
	{ "s3", "eu-west-1",
		{ "s3.eu-west-1.amazonaws.com", "s3-fips.eu-west-1.amazonaws.com",
			"s3.dualstack.eu-west-1.amazonaws.com",
			"s3-fips.dualstack.eu-west-1.amazonaws.com" } },
	{ "s3", "cn-north-1",
		{ "s3.cn-north-1.amazonaws.com.cn", NULL,
			"s3.dualstack.cn-north-1.amazonaws.com.cn", NULL } },
	{ "s3", "us-gov-west-1",
		{ "s3.us-gov-west-1.amazonaws.com", "s3-fips.us-gov-west-1.amazonaws.com",
			"s3.dualstack.us-gov-west-1.amazonaws.com",
			"s3-fips.dualstack.us-gov-west-1.amazonaws.com" } },
	{ "s3", "us-iso-east-1",
		{ "s3.us-iso-east-1.c2s.ic.gov", "s3-fips.us-iso-east-1.c2s.ic.gov",
			"s3.dualstack.us-iso-east-1.c2s.ic.gov",
			"s3-fips.dualstack.us-iso-east-1.c2s.ic.gov" } },
	{ "s3", "us-isob-east-1",
		{ "s3.us-isob-east-1.sc2s.sgov.gov", "s3-fips.us-isob-east-1.sc2s.sgov.gov",
			"s3.dualstack.us-isob-east-1.sc2s.sgov.gov",
			"s3-fips.dualstack.us-isob-east-1.sc2s.sgov.gov" } },
	{ "s3", "eusc-de-east-1",
		{ "s3.eusc-de-east-1.amazonaws.eu", "s3-fips.eusc-de-east-1.amazonaws.eu",
			"s3.dualstack.eusc-de-east-1.amazonaws.eu",
			"s3-fips.dualstack.eusc-de-east-1.amazonaws.eu" } },
	{ "sso", "eu-west-1", { NULL, NULL, NULL, NULL } },
	{ "sso", "cn-north-1", { NULL, NULL, NULL, NULL } },
	{ "sso", "us-gov-west-1", { NULL, NULL, NULL, NULL } },
	{ "sso-oidc", "eu-west-1", { NULL, NULL, NULL, NULL } },
	{ "sso-oidc", "cn-north-1", { NULL, NULL, NULL, NULL } },
	{ "sso-oidc", "us-gov-west-1", { NULL, NULL, NULL, NULL } },
	{ "elb", "eu-west-1",
		{ "elasticloadbalancing.eu-west-1.amazonaws.com",
			"elasticloadbalancing-fips.eu-west-1.amazonaws.com",
			"elasticloadbalancing.eu-west-1.api.aws",
			"elasticloadbalancing-fips.eu-west-1.api.aws" } },
	{ "elb", "cn-north-1",
		{ "elasticloadbalancing.cn-north-1.amazonaws.com.cn",
			"elasticloadbalancing-fips.cn-north-1.amazonaws.com.cn",
			"elasticloadbalancing.cn-north-1.api.amazonwebservices.com.cn",
			"elasticloadbalancing-fips.cn-north-1.api.amazonwebservices.com.cn" } },
	{ "elb", "us-gov-west-1",
		{ "elasticloadbalancing.us-gov-west-1.amazonaws.com",
			"elasticloadbalancing.us-gov-west-1.amazonaws.com",
			"elasticloadbalancing.us-gov-west-1.api.aws",
			"elasticloadbalancing-fips.us-gov-west-1.api.aws" } },
};

static const char *
endpoint(const char *service, const char *region, bool is_fips, bool is_dual,
	const char **signed_for, struct error *err)
{
	struct value *environment = value_map(&arena);
	const struct aws_call call = { .service = service, .region = region };
	const char *url = NULL;
	struct aws *aws;

	if (is_fips)
		value_set(&arena, environment, "AWS_USE_FIPS_ENDPOINT", value_text(&arena, "true"));
	if (is_dual)
		value_set(&arena, environment, "AWS_USE_DUALSTACK_ENDPOINT",
			value_text(&arena, "true"));
	aws = client(environment);
	if (!aws_endpoint(aws, &call, aws_service_find(service), &arena, &url, signed_for, err))
		url = NULL;
	aws_free(aws);
	return url;
}

static void
test_hosts(void **state)
{
	int wrong = 0;

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		for (size_t form = 0; form < 4; form++) {
			const char *region, *url, *wanted = hosts[i].hosts[form];
			struct error err = { 0 };

			if (!wanted)
				continue;
			wanted = arena_format(&arena, "https://%s", wanted);
			url = endpoint(hosts[i].service, hosts[i].region, form & 1, form & 2,
				&region, &err);
			if (text_equals(url, wanted))
				continue;
			printf("%s %s: %s, not %s\n", hosts[i].service, hosts[i].region,
				url ? url : err.what, wanted);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

/* Which region is signed for where a service is one for a partition. */
static void
test_signed_regions(void **state)
{
	static const char *const rows[][3] = { { "iam", "eu-west-1", "us-east-1" },
		{ "iam", "us-gov-east-1", "us-gov-west-1" },
		{ "route53", "ap-south-1", "us-east-1" }, { "iam", "cn-northwest-1", "cn-north-1" },
		{ "route53", "cn-north-1", "cn-northwest-1" }, { "sts", "eu-west-1", "eu-west-1" },
		{ "ec2", "cn-north-1", "cn-north-1" } };

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { 0 };
		const char *region = NULL;

		assert_non_null(endpoint(rows[i][0], rows[i][1], false, false, &region, &err));
		if (strcmp(region, rows[i][2]) != 0)
			fail_msg("%s in %s is signed for %s", rows[i][0], rows[i][1], region);
	}
}

static void
test_wrong(void **state)
{
	static const char *const bad[] = { "Ireland", "eu-west", "EU-WEST-1", "eu-west-1/x",
		"evil.com#-1-1", "", "../../x-1-1", "eu-west-1.evil-1", "eu_west-1-1" };
	static const char *const partitions[][2] = { { "cn-north-1", "aws-cn" },
		{ "us-gov-east-1", "aws-us-gov" }, { "us-iso-west-1", "aws-iso" },
		{ "us-isob-east-1", "aws-iso-b" }, { "eu-isoe-west-1", "aws-iso-e" },
		{ "us-isof-east-1", "aws-iso-f" }, { "eusc-de-east-1", "aws-eusc" },
		{ "me-south-1", "aws" }, { "mx-central-1", "aws" } };

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct error err = { 0 };
		const char *region;

		assert_false(aws_is_region_name(bad[i]));
		assert_null(endpoint("ec2", bad[i], false, false, &region, &err));
		assert_int_equal(err.kind, ERR_OPTIONS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(partitions); i++) {
		assert_true(aws_is_region_name(partitions[i][0]));
		assert_string_equal(aws_partition_of(partitions[i][0])->name, partitions[i][1]);
	}
	assert_null(aws_service_find("nothing"));
}

static void
test_wrong_endpoints(void **state)
{
	static const char *const bad[] = { "ftp://host/", "host", "//host", "http:/host",
		"http://user:hush-password@host/", "https://user@host", "" };

	(void)state;
	root_renew();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct aws_call call = {
			.service = "ec2", .region = "eu-west-1", .endpoint = bad[i]
		};
		struct aws *aws = client(value_map(&arena));
		const char *url, *region;
		struct error err = { 0 };

		assert_false(aws_endpoint(
			aws, &call, aws_service_find("ec2"), &arena, &url, &region, &err));
		assert_int_equal(err.kind, ERR_OPTIONS);
		assert_null(strstr(error_all(&err), "hush"));
		aws_free(aws);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_settings, begin, end),
		cmocka_unit_test_setup_teardown(test_setting_names, begin, end),
		cmocka_unit_test_setup_teardown(test_hosts, begin, end),
		cmocka_unit_test_setup_teardown(test_signed_regions, begin, end),
		cmocka_unit_test_setup_teardown(test_wrong, begin, end),
		cmocka_unit_test_setup_teardown(test_wrong_endpoints, begin, end),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
