#ifndef INVENTORY_AWS_CREDENTIALS_H
#define INVENTORY_AWS_CREDENTIALS_H
/*
 * Who asks: the credential chain of the AWS tools. What the options, the environment and the files
 * say decides once where the keys of a login come from; it then gives keys as often as asked, and
 * what is about to expire is renewed first. Secrets are wiped with the client, never written into a
 * message, and told to `secret` of struct aws_world, so that the report can mask them.
 *
 * Sessions of roles and of single sign-on are kept in ~/.cache/ertc-UID/aws (0600, in a directory
 * of 0700), so that the next run need not ask again, least of all a person.
 */
#include "inventory/aws/aws.h"

struct aws_keys {
	const char *id, *secret, *token; /* token: NULL or not empty */
	int64_t expires;		 /* seconds since 1970; 0: never */
	const char *account;		 /* account id if known, else NULL */
	const char *from; /* for messages: "environment", "profile 'prod'", "instance metadata" … */
};

/* NULL and 0: not given. */
struct aws_login_options {
	const char *profile; /* given explicitly: the keys of the environment do not count */
	const char *access_key, *secret_key, *session_token;
	const char *region;
	/* A role on top of all that. */
	const char *role_arn, *external_id, *session_name, *mfa_serial;
	int64_t duration_s;
	struct aws_login *source; /* the role is assumed by this login; the members above the role's
				     are then not looked at */
};

/* Reads configuration only; asks nobody. Fails where a profile is not there or makes no sense.
 * Lives as long as the client; the same options give the same login. */
bool aws_login_new(struct aws *aws, const struct aws_login_options *options, struct aws_login **out,
	struct error *err) MUST_CHECK;
/* Usable keys; `renews`: those given last were refused as expired. May ask servers, programs and
 * the terminal (MFA), once for all that wait. The texts live as long as the client. */
bool aws_login_keys(struct aws *aws, struct aws_login *login, bool renews, struct aws_keys *out,
	struct error *err) MUST_CHECK;
/* Of the options, AWS_REGION, AWS_DEFAULT_REGION, the profile; NULL: none. */
const char *aws_login_region(const struct aws_login *login);
/* A setting of the profile in use, also below `services` ("ec2", "endpoint_url"); service NULL: of
 * the profile itself. NULL: none. */
const char *aws_login_setting(const struct aws_login *login, const char *service, const char *name);

/* What the logins of one client share: the files, the secrets. aws_new makes it; aws_free ends it,
 * which wipes. */
struct aws_logins *aws_logins_new(struct aws *aws);
void aws_logins_free(struct aws_logins *logins); /* NULL is harmless */

#endif
