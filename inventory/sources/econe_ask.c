/*
 * What an EC2 Query cloud is asked, and what its answers mean: several addresses in one text, tags
 * and elastic addresses by calls of their own.
 */
#include "base/hash.h"
#include "inventory/aws/aws.h"
#include "inventory/aws/credentials.h"
#include "inventory/sources/cloud_config.h"
#include "inventory/sources/econe.h"
#include "os/files.h"
#include "vault/vault.h"

struct asking {
	struct arena *arena;
	const struct value *config;
	struct aws *aws;
	struct aws_call call; /* all but the action */
	struct value *instances;
	struct error *err;
};

/* ---- who asks ---- */

static const char *
text_option(const struct asking *asking, const char *name, const char *variable)
{
	const char *text = cloud_text(asking->arena, asking->config, name);

	if (!text && variable)
		text = getenv(variable);
	return text && *text ? text : NULL;
}

/* econe-server knows no password, only its digest: SHA-256 since 5.10, SHA-1 before. */
static bool
password_hash(struct asking *asking, const char *password, const char **out)
{
	const char *name = text_option(asking, "password_hash", NULL);
	char digest[HASH_TEXT_MAX];
	enum hash_kind kind;

	if (!name)
		name = "sha256";
	if (!hash_find(name, &kind) || (kind != HASH_SHA1 && kind != HASH_SHA256)) {
		fail(asking->err, ERR_OPTIONS, "'%s' is no digest of OpenNebula", name);
		return error_hint(asking->err, "password_hash is sha256 (since 5.10) or sha1");
	}
	*out = arena_text(asking->arena, hash_text(kind, view_of(password), digest));
	memory_wipe(digest, sizeof(digest));
	return true;
}

/* "alice:password" in the file that OpenNebula's own tools read. */
static bool
one_auth_read(struct asking *asking, struct aws_login_options *login)
{
	const char *path = getenv("ONE_AUTH"), *home = getenv("HOME");
	struct str text;
	struct view rest, user;
	bool ok;

	if (!path && home)
		path = arena_format(asking->arena, "%s/.one/one_auth", home);
	if (!path || (!getenv("ONE_AUTH") && access(path, F_OK) != 0))
		return true;
	str_init(&text);
	ok = file_read(path, 4096, &text, asking->err);
	rest = view_trim(str_view(&text));
	if (ok && !(view_cut(&rest, ':', &user) && rest.data && rest.length)) {
		ok = fail(asking->err, ERR_PARSE, "'%s' does not hold USER:PASSWORD", path);
	} else if (ok) {
		char *password = arena_view(asking->arena, rest);

		login->access_key = arena_view(asking->arena, user);
		ok = password_hash(asking, password, &login->secret_key);
		memory_wipe(password, rest.length);
	}
	str_wipe(&text);
	return ok;
}

static bool
login_read(struct asking *asking)
{
	struct aws_login_options login = {
		.access_key = text_option(asking, "access_key", "EC2_ACCESS_KEY"),
		.secret_key = text_option(asking, "secret_key", NULL),
		.region = text_option(asking, "region", NULL),
	};
	const char *password = text_option(asking, "password", NULL);

	if (!login.region)
		login.region = "us-east-1"; /* any will do */
	if (!login.secret_key && password && !password_hash(asking, password, &login.secret_key))
		return false;
	if (!login.secret_key)
		login.secret_key = text_option(asking, "secret_key", "EC2_SECRET_KEY");
	if (!login.access_key && !login.secret_key && !one_auth_read(asking, &login))
		return false;
	if (!login.access_key || !login.secret_key) {
		fail(asking->err, ERR_OPTIONS, "econe does not know who asks");
		error_why(asking->err, "there is no %s",
			login.access_key ? "secret_key and no password" : "access_key");
		return error_hint(asking->err,
			"set username and password, or EC2_ACCESS_KEY and EC2_SECRET_KEY, or "
			"ONE_AUTH");
	}
	return aws_login_new(asking->aws, &login, &asking->call.login, asking->err);
}

static const struct {
	const char *name;
	enum aws_signature signature;
} signatures[] = {
	{ "v4", AWS_SIGN_V4 },
	{ "v2", AWS_SIGN_V2_SHA256 },
	{ "v2_sha256", AWS_SIGN_V2_SHA256 },
	{ "v2_sha1", AWS_SIGN_V2_SHA1 },
};

static bool
call_read(struct asking *asking)
{
	const char *name = text_option(asking, "signature", NULL);
	bool is_known = !name;

	asking->call = (struct aws_call){ .service = "ec2",
		.mends_xml = true,
		.endpoint = text_option(asking, "endpoint_url", "EC2_URL"),
		.signed_host = text_option(asking, "signed_host", NULL),
		.version = text_option(asking, "version", NULL) };
	for (size_t i = 0; i < ARRAY_SIZE(signatures) && name; i++)
		if (!strcmp(signatures[i].name, name)) {
			asking->call.signature = signatures[i].signature;
			is_known = true;
		}
	if (!is_known) {
		fail(asking->err, ERR_OPTIONS, "'%s' is no form of signature", name);
		return error_hint(asking->err, "signature is v4, v2 or v2_sha1");
	}
	if (!asking->call.endpoint) {
		fail(asking->err, ERR_OPTIONS, "econe does not know whom to ask");
		return error_hint(asking->err,
			"set endpoint_url, as http://cloud.example.org:4567/ec2, or EC2_URL");
	}
	return login_read(asking);
}

/* ---- what is asked ---- */

/* `groups` are those of all its instances: as a variable the name is taken. */
static void
reservation_join(struct arena *into, const struct value *reservation, struct value *instance)
{
	static const struct {
		const char *from, *to;
	} names[] = { { "owner_id", "owner_id" }, { "requester_id", "requester_id" },
		{ "reservation_id", "reservation_id" }, { "groups", "security_groups" } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct value *value = value_get(reservation, names[i].from);

		if (value && !value_get(instance, names[i].to))
			value_set(into, instance, names[i].to, value);
	}
}

static bool
instances_take(void *context, const struct value *answer, struct error *err)
{
	struct asking *asking = context;
	const struct value *reservations = value_get(answer, "reservations");

	(void)err;
	if (!value_is_list(reservations))
		return true;
	VALUE_EACH (reservation, reservations) {
		const struct value *list = value_get(reservation, "instances");

		if (!value_is_list(list))
			continue;
		VALUE_EACH (one, list) {
			struct value *instance = value_map_copy(asking->arena, one);

			reservation_join(asking->arena, reservation, instance);
			value_add(asking->arena, asking->instances, instance);
		}
	}
	return true;
}

/* Not every cloud has every action; a cloud without tags has machines nevertheless. */
static bool
is_absent(const struct aws_fault *fault)
{
	static const char *const codes[] = { "UnsupportedOperation", "UnsupportedAction",
		"InvalidAction", "UnknownAction", "Unsupported", "NotImplemented", NULL };

	for (const char *const *code = codes; *code; code++)
		if (!strcmp(fault->code, *code))
			return true;
	return fault->status == 404 || fault->status == 501;
}

/* NULL: the cloud does not have the action. */
static bool
list_ask(struct asking *asking, const char *action, const char *key, const struct value **out)
{
	struct aws_call call = asking->call;
	struct aws_fault fault = { 0 };
	const struct value *answer;

	*out = NULL;
	call.action = action;
	if (!aws_call(asking->aws, &call, asking->arena, &answer, &fault, asking->err)) {
		if (!is_absent(&fault))
			return false;
		error_clear(asking->err);
		return true;
	}
	if (value_is_list(value_get(answer, key)))
		*out = value_get(answer, key);
	return true;
}

/* ---- what the answers mean ---- */

/* "10.1.0.5, 192.168.9.5" */
static const struct value *
addresses_split(struct arena *into, const char *text)
{
	struct value *list = value_list(into);
	struct view rest = view_of(text), one;

	while (view_cut(&rest, ',', &one)) {
		one = view_trim(one);
		if (one.length)
			value_add(into, list, value_view(into, one));
	}
	return list;
}

static void
addresses_settle(struct asking *asking, struct value *instance)
{
	static const char *const names[] = { "private_ip_address", "private_dns_name",
		"public_dns_name" };
	const char *key = value_string(value_get(instance, "key_name"));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = value_string(value_get(instance, names[i]));
		const struct value *list;

		if (!text)
			continue;
		list = addresses_split(asking->arena, text);
		if (i == 0)
			value_set(asking->arena, instance, "private_ip_addresses", list);
		value_set(asking->arena, instance, names[i],
			list->list.count ? list->list.items[0] : &value_empty_string);
	}
	if (key && !strcmp(key, "none"))
		value_remove(instance, "key_name");
}

/* resource_id, key, value: the instance's map of tags. */
static void
tags_join(struct asking *asking, struct value *instance, const struct value *list)
{
	const struct value *id = value_get(instance, "instance_id");
	struct value *tags;

	if (!list) /* some clouds give them with the instance: [{key, value}] */
		list = value_get(instance, "tags");
	if (value_is_map(list))
		return;
	tags = value_map(asking->arena);
	if (value_is_list(list))
		VALUE_EACH (tag, list) {
			const struct value *of = value_get(tag, "resource_id"),
					   *value = value_get(tag, "value");

			if ((!of || value_equals(of, id)) && value_is_string(value_get(tag, "key")))
				value_set_key(asking->arena, tags, value_get(tag, "key"),
					value ? value : &value_empty_string);
		}
	value_set(asking->arena, instance, "tags", tags);
}

static void
elastic_join(struct asking *asking, struct value *instance, const struct value *list)
{
	const struct value *id = value_get(instance, "instance_id");

	if (!id || !list)
		return;
	VALUE_EACH (address, list) {
		const struct value *of = value_get(address, "instance_id"),
				   *public = value_get(address, "public_ip");

		if (of && value_equals(of, id) && value_is_string(public) && value_length(public))
			value_set(asking->arena, instance, "public_ip_address", public);
	}
}

bool
econe_ask(const struct inventory *inventory, const struct value *config, struct arena *into,
	const struct value **out, struct error *err)
{
	const struct aws_world world = { .secret = inventory->secret,
		.context = inventory->warn_context };
	struct asking asking = { .arena = into,
		.config = config,
		.aws = aws_new(&world),
		.instances = value_list(into),
		.err = err };
	const struct value *tags = NULL, *elastic = NULL;
	struct aws_fault fault;
	struct aws_call call;
	const char *password = cloud_text(into, config, "password");
	bool ok;

	if (password && *password && inventory->secret)
		inventory->secret(inventory->warn_context, view_of(password));
	ok = call_read(&asking);
	call = asking.call;
	call.action = "DescribeInstances";
	ok = ok && aws_call_pages(asking.aws, &call, into, instances_take, &asking, &fault, err) &&
	     list_ask(&asking, "DescribeTags", "tags", &tags) &&
	     list_ask(&asking, "DescribeAddresses", "addresses", &elastic);
	aws_free(asking.aws);
	if (!ok)
		return false;
	VALUE_EACH (one, asking.instances) {
		/* They were made here, and nobody else has them yet. */
		struct value *instance = (struct value *)(uintptr_t)one;

		addresses_settle(&asking, instance);
		tags_join(&asking, instance, tags);
		elastic_join(&asking, instance, elastic);
	}
	*out = asking.instances;
	return true;
}
