/* The client: a call is signed, sent, judged, and sent again where that may help. */
#include "inventory/aws/aws.h"

#include <time.h>

#include "base/map.h"
#include "inventory/aws/credentials.h"
#include "inventory/aws/rate.h"
#include "inventory/aws/retry.h"
#include "inventory/aws/service.h"
#include "inventory/aws/sign.h"
#include "inventory/aws/xml.h"
#include "json/json.h"
#include "os/clock.h"

enum {
	ANSWER_MAXIMUM = 64 * 1024 * 1024, /* of one page: a thousand instances are 4 MiB */
	FAULT_MAXIMUM = 256 * 1024,
	MOST_PAGES = 10000,
	SKEW_S = 240,
};

struct aws {
	struct arena arena;
	struct http *http;
	struct aws_world world;
	struct aws_logins *logins;
	struct retry_quota quota;
	bool has_given_up;
	struct map rates; /* struct service_rate, by whose limits these are */
	int64_t offset_s; /* of the services' clock to ours */
};

struct aws *
aws_new(const struct aws_world *world)
{
	struct aws *aws = memory_get(sizeof(*aws));

	*aws = (struct aws){ .world = *world };
	arena_init(&aws->arena);
	aws->http = http_new();
	aws->logins = aws_logins_new(aws);
	retry_quota_init(&aws->quota);
	map_init(&aws->rates);
	http_set_ca_file(aws->http, aws_environment(aws, "AWS_CA_BUNDLE"));
	return aws;
}

void
aws_free(struct aws *aws)
{
	if (!aws)
		return;
	http_free(aws->http);
	aws_logins_free(aws->logins);
	map_release(&aws->rates);
	arena_release(&aws->arena);
	free(aws);
}

void
aws_give_up(struct aws *aws)
{
	aws->has_given_up = true;
}

struct http *
aws_http(struct aws *aws)
{
	return aws->http;
}

struct arena *
aws_arena(struct aws *aws)
{
	return &aws->arena;
}

const struct aws_world *
aws_world(const struct aws *aws)
{
	return &aws->world;
}

struct aws_logins *
aws_logins(struct aws *aws)
{
	return aws->logins;
}

const char *
aws_environment(const struct aws *aws, const char *name)
{
	const char *text = aws->world.environment
				   ? value_string(value_get(aws->world.environment, name))
				   : getenv(name);

	return text && *text ? text : NULL;
}

/* ---- one attempt ---- */

struct attempt {
	struct aws *aws;
	const struct aws_call *call;
	const struct aws_service *service;
	struct aws_login *signer; /* NULL: not signed */
	struct arena scratch;
	const char *url, *region, *host, *path;
	struct aws_keys keys;
	struct str body, query;
	const char *headers[8];
	/* What came back. */
	struct xml_reader *reader;
	struct str *raw;  /* aws_fetch: where the bytes go; else NULL */
	struct str whole; /* JSON */
	struct aws_fault *fault;
	const char *request_id;
	int64_t offset_s; /* what the clock was corrected by when this was signed */
	int64_t skew_s;	  /* of the answer's Date to our clock */
	bool has_skew;
};

static bool
answer_take(void *context, struct view bytes, struct error *err)
{
	struct attempt *attempt = context;

	if (attempt->reader)
		return xml_reader_add(attempt->reader, bytes, err);
	str_add_view(attempt->raw ? attempt->raw : &attempt->whole, bytes);
	if (attempt->raw ? attempt->raw->is_full : attempt->whole.is_full)
		return fail(err, ERR_LIMIT, "the answer to %s is too large", attempt->call->action);
	return true;
}

static void
url_split(struct attempt *attempt)
{
	const char *host = strstr(attempt->url, "://") + 3;
	const char *slash = strchr(host, '/');
	struct view name = { host, slash ? (size_t)(slash - host) : strlen(host) };
	struct view path = view_of(slash ? slash : "");

	while (path.length && path.data[path.length - 1] == '/' &&
		(attempt->call->path || path.length == 1))
		path.length--;
	/* The port that everybody means is not in the Host header. */
	if (view_ends(name, text_starts(attempt->url, "https") ? ":443" : ":80"))
		name.length = (size_t)(strrchr(host, ':') - host);
	attempt->host = arena_view(&attempt->scratch, name);
	attempt->path = arena_format(&attempt->scratch, "%.*s%s", (int)path.length, path.data,
		attempt->call->path ? attempt->call->path
		: path.length	    ? ""
				    : "/");
}

static void
form_make(struct attempt *attempt, int64_t now)
{
	const struct aws_call *call = attempt->call;
	struct arena *scratch = &attempt->scratch;
	struct value *all =
		value_map_copy(scratch, call->parameters ? call->parameters : &value_empty_map);

	value_set(scratch, all, "Action", value_text(scratch, call->action));
	value_set(scratch, all, "Version",
		value_text(scratch, call->version ? call->version : attempt->service->version));
	if (call->signature == AWS_SIGN_V4 || !attempt->signer)
		form_add(&attempt->body, all);
	else
		str_add(&attempt->body,
			sign_v2(scratch, "POST",
				call->signed_host ? call->signed_host : attempt->host,
				attempt->path, all, &attempt->keys, now,
				call->signature == AWS_SIGN_V2_SHA1));
}

/* A space is "+" in forms: the services take both, and some that only resemble them no other. */
static void
spaces_plus(struct str *form)
{
	size_t kept = 0;

	for (size_t i = 0; i < form->length; i++) {
		if (!strncmp(form->data + i, "%20", 3)) {
			form->data[kept++] = '+';
			i += 2;
		} else {
			form->data[kept++] = form->data[i];
		}
	}
	str_cut(form, kept);
}

static void
body_make(struct attempt *attempt, int64_t now)
{
	const struct aws_call *call = attempt->call;

	str_clear(&attempt->body);
	str_clear(&attempt->query);
	switch (attempt->service->protocol) {
	case AWS_EC2:
	case AWS_QUERY:
		form_make(attempt, now);
		if (call->signature == AWS_SIGN_V4)
			spaces_plus(&attempt->body);
		break;
	case AWS_JSON:
		json_add(call->parameters ? call->parameters : &value_empty_map,
			&(struct json_style){ .is_compact = true }, &attempt->body);
		break;
	case AWS_REST:
		if (call->parameters)
			form_add(&attempt->query, call->parameters);
	}
}

static const char *
content_type(const struct attempt *attempt)
{
	switch (attempt->service->protocol) {
	case AWS_JSON:
		return "application/x-amz-json-1.1";
	case AWS_REST:
		return NULL;
	default:
		return "application/x-www-form-urlencoded; charset=utf-8";
	}
}

static const char *
method(const struct attempt *attempt)
{
	return attempt->service->protocol == AWS_REST ? "GET" : "POST";
}

static void
headers_make(struct attempt *attempt, int64_t now)
{
	struct arena *scratch = &attempt->scratch;
	struct sign_header signed_headers[4] = { { "host", attempt->host } };
	size_t count = 0, signed_count = 1;
	const char *type = content_type(attempt);
	struct sign_result result;
	const struct sign_options options = { .keys = &attempt->keys,
		.region = attempt->region,
		.service = attempt->service->prefix,
		.time = now,
		.keeps_path = !strcmp(attempt->service->name, "s3"),
		.shows_body_hash = !strcmp(attempt->service->name, "s3") };
	const struct sign_request request = { .method = method(attempt),
		.path = view_of(attempt->path),
		.query = str_view(&attempt->query),
		.headers = signed_headers,
		.body = str_view(&attempt->body) };

	if (type) {
		attempt->headers[count++] = arena_format(scratch, "Content-Type: %s", type);
		signed_headers[signed_count++] = (struct sign_header){ "content-type", type };
	}
	if (attempt->service->target) {
		const char *target = arena_format(
			scratch, "%s.%s", attempt->service->target, attempt->call->action);

		attempt->headers[count++] = arena_format(scratch, "X-Amz-Target: %s", target);
		signed_headers[signed_count++] = (struct sign_header){ "x-amz-target", target };
	}
	attempt->headers[count++] = "User-Agent: ertc-play/" ERTC_VERSION;
	if (attempt->signer && attempt->call->signature == AWS_SIGN_V4) {
		sign_v4(scratch, &request, &options, &result);
		attempt->headers[count++] = arena_format(scratch, "X-Amz-Date: %s", result.date);
		if (attempt->keys.token)
			attempt->headers[count++] = arena_format(
				scratch, "X-Amz-Security-Token: %s", attempt->keys.token);
		if (result.body_hash)
			attempt->headers[count++] =
				arena_format(scratch, "X-Amz-Content-Sha256: %s", result.body_hash);
		attempt->headers[count++] =
			arena_format(scratch, "Authorization: %s", result.authorization);
	}
	attempt->headers[count] = NULL;
}

/* How far the service's clock is from ours, if the answer came from the service itself and not from
 * a cache. */
static void
skew_measure(struct attempt *attempt, const struct http_answer *answer)
{
	const char *date = http_header(&attempt->scratch, answer, "Date");
	struct tm parts = { 0 };

	attempt->has_skew = false;
	if (!date || http_header(&attempt->scratch, answer, "Age") ||
		!strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts))
		return;
	attempt->skew_s = (int64_t)timegm(&parts) - (int64_t)time(NULL);
	attempt->has_skew = true;
}

static void
text_copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

/* {"__type": "com.amazonaws…#ClusterNotFoundException", "message": "…"} */
static void
fault_read_json(struct attempt *attempt, const struct http_answer *answer)
{
	const char *type = http_header(&attempt->scratch, answer, "x-amzn-ErrorType"), *message;
	const struct value *map;

	if (json_parse(&attempt->scratch, str_view(&answer->body), &map, NULL) &&
		value_is_map(map)) {
		if (!type)
			type = value_string(value_get(map, "__type"));
		if (!type)
			type = value_string(value_get(map, "code"));
		message = value_string(value_get(map, "message"));
		text_copy(attempt->fault->message, sizeof(attempt->fault->message),
			message ? message : value_string(value_get(map, "Message")));
	}
	if (type && strchr(type, '#'))
		type = strchr(type, '#') + 1;
	text_copy(attempt->fault->code, sizeof(attempt->fault->code), type);
	attempt->fault->code[strcspn(attempt->fault->code, ":")] = '\0';
}

/* `xml`: what an XML answer says, or empty. */
static void
fault_read(struct attempt *attempt, const struct http_answer *answer, const struct xml_fault *xml)
{
	attempt->fault->status = answer->status;
	attempt->fault->code[0] = attempt->fault->message[0] = '\0';
	attempt->request_id = http_header(&attempt->scratch, answer, "x-amzn-RequestId");
	if (attempt->service->protocol == AWS_JSON) {
		fault_read_json(attempt, answer);
		return;
	}
	text_copy(attempt->fault->code, sizeof(attempt->fault->code), xml->code);
	text_copy(attempt->fault->message, sizeof(attempt->fault->message), xml->message);
	if (xml->request_id)
		attempt->request_id = xml->request_id;
}

/* An error may also come as a success: OpenNebula does that. */
static bool
is_fault(struct attempt *attempt, const struct http_answer *answer, struct xml_fault *xml)
{
	*xml = (struct xml_fault){ 0 };
	if (answer->status == 200)
		return attempt->reader && xml_reader_fault(attempt->reader, &attempt->scratch, xml);
	if (attempt->service->protocol != AWS_JSON)
		(void)xml_fault_read(&attempt->scratch, str_view(&answer->body), xml);
	return true;
}

static bool
answer_finish(struct attempt *attempt, const struct http_answer *answer, struct arena *into,
	const struct value **out, struct error *err)
{
	struct xml_fault xml;

	if (is_fault(attempt, answer, &xml)) {
		fault_read(attempt, answer, &xml);
		return fail(err, ERR_TASK, "%s", ""); /* told by call_failed */
	}
	if (attempt->raw)
		return true;
	if (attempt->reader)
		return xml_reader_end(attempt->reader, out, err);
	if (!json_parse(into, str_view(&attempt->whole), out, err))
		return error_context(err, "the answer to %s", attempt->call->action);
	return true;
}

static bool
attempt_once(
	struct attempt *attempt, struct arena *into, const struct value **out, struct error *err)
{
	struct aws *aws = attempt->aws;
	const struct shape *shape = shape_find(attempt->service->name, attempt->call->action);
	int64_t now = (int64_t)time(NULL) + aws->offset_s;
	struct http_request request = { .headers = attempt->headers, .maximum = FAULT_MAXIMUM };
	struct http_answer answer;
	bool ok;

	*attempt->fault = (struct aws_fault){ 0 };
	attempt->has_skew = false;
	attempt->offset_s = aws->offset_s;
	attempt->request_id = NULL;
	body_make(attempt, now);
	headers_make(attempt, now);
	str_clear(&attempt->whole);
	if (attempt->raw)
		str_clear(attempt->raw);
	else if (attempt->service->protocol != AWS_JSON && !shape)
		BUG("no shape for %s", attempt->call->action);
	else if (shape && attempt->service->protocol != AWS_JSON)
		attempt->reader = xml_reader_new(shape, into, ANSWER_MAXIMUM);
	if (attempt->reader && attempt->call->mends_xml)
		xml_reader_mend(attempt->reader);
	request.method = method(attempt);
	request.body = str_view(&attempt->body);
	request.url = arena_format(&attempt->scratch, "%.*s://%s%s%s%s",
		(int)strcspn(attempt->url, ":"), attempt->url, attempt->host, attempt->path,
		attempt->query.length ? "?" : "", attempt->query.data);
	request.take = answer_take;
	request.context = attempt;
	ok = http_send(aws->http, &request, &answer, err);
	if (ok) {
		skew_measure(attempt, &answer);
		ok = answer_finish(attempt, &answer, into, out, err);
	}
	xml_reader_free(attempt->reader);
	attempt->reader = NULL;
	http_answer_release(&answer);
	return ok;
}

/* ---- what failures mean ---- */

static const struct {
	const char *code, *hint;
} hints[] = {
	{ "AuthFailure",
		"the keys are wrong, or not of this cloud; look at what they were taken from" },
	{ "InvalidClientTokenId",
		"the access key does not exist, or is not of this partition or account" },
	{ "UnrecognizedClientException",
		"the access key does not exist, or is not of this partition or account" },
	{ "SignatureDoesNotMatch", "the secret key is not that of the access key" },
	{ "ExpiredToken", "log in again (aws sso login), or renew the session" },
	{ "ExpiredTokenException", "log in again (aws sso login), or renew the session" },
	{ "RequestExpired", "log in again (aws sso login), or renew the session; and look at this "
			    "machine's clock" },
	{ "OptInRequired", "the account has not enabled this region, or this service" },
	{ "Blocked", "the account is blocked" },
	{ "PendingVerification",
		"AWS is still verifying this account for the region; try again later" },
};

static void
hint_set(const struct attempt *attempt, struct error *err)
{
	const struct aws_fault *fault = attempt->fault;

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (!strcmp(hints[i].code, fault->code))
			error_hint(err, "%s", hints[i].hint);
	if (aws_fault_is_denial(fault) && !strcmp(attempt->call->action, "AssumeRole"))
		error_hint(err, "two sides must agree: the caller needs sts:AssumeRole on the "
				"role, and the role's trust "
				"policy must name the caller (and the ExternalId or MFA, if it "
				"asks for one)");
	else if (aws_fault_is_denial(fault))
		error_hint(err, "the identity needs the permission %s:%s", attempt->service->prefix,
			attempt->call->action);
}

static void
where_set(const struct attempt *attempt, struct error *err)
{
	const char *id = attempt->keys.id;
	size_t length = id ? strlen(id) : 0;

	error_context(err, "region %s", attempt->region);
	if (id && length >= 4)
		error_context(err, "access key …%s from %s", id + length - 4,
			attempt->keys.from ? attempt->keys.from : "the inventory");
	if (attempt->request_id)
		error_context(err, "request %.64s", attempt->request_id);
}

/* Where the clock may be the cause it is named first, as what else is hinted at may come of it. */
static void
clock_hint_set(struct attempt *attempt, struct error *err)
{
	const char *other;

	if (!attempt->has_skew || !fault_is_of_clock(attempt->fault) ||
		llabs(attempt->skew_s) <= SKEW_S)
		return;
	other = arena_text(&attempt->scratch, err->hint);
	error_hint(err, "this machine's clock is off by %lld seconds (%s): set it%s%s",
		llabs(attempt->skew_s), attempt->skew_s > 0 ? "behind" : "ahead",
		*other ? "; if that is not it, " : "", other);
}

static bool
call_failed(struct attempt *attempt, int attempts, struct error *err)
{
	const struct aws_fault *fault = attempt->fault;
	const char *name = attempt->service->name;
	char times[32] = "";

	if (attempts > 1)
		snprintf(times, sizeof(times), " after %d attempts", attempts);
	if (fault->status) {
		fail(err, aws_fault_is_denial(fault) ? ERR_DENIED : ERR_TASK, "%s %s was refused%s",
			name, attempt->call->action, times);
		if (*fault->code)
			error_why(err, "%s: %s", fault->code, fault->message);
		else
			error_why(err, "HTTP status %d, without an error of the service",
				fault->status);
	} else {
		char reason[sizeof(err->why)];

		error_line(err, reason, sizeof(reason));
		if (err->kind == ERR_TIMEOUT || err->kind == ERR_UNREACHABLE ||
			err->kind == ERR_DENIED)
			fail(err, err->kind, "%s %s got no answer%s", name, attempt->call->action,
				times);
		else
			fail(err, err->kind, "the answer to %s %s cannot be used", name,
				attempt->call->action);
		error_why(err, "%s", reason);
		if (strstr(reason, "resolve host"))
			error_hint(err,
				"is there a region '%s', and does this machine resolve names?",
				attempt->region);
	}
	hint_set(attempt, err);
	clock_hint_set(attempt, err);
	where_set(attempt, err);
	return false;
}

bool
aws_fault_is_denial(const struct aws_fault *fault)
{
	static const char *const codes[] = { "UnauthorizedOperation", "AccessDenied",
		"AccessDeniedException", "UnauthorizedAccess", NULL };

	return text_is_one_of(fault->code, codes) || (fault->status == 403 && !*fault->code);
}

/* ---- attempts ---- */

/* The clock was corrected, now or by another call since this one was signed: worth another try. */
static bool
clock_corrected(struct attempt *attempt)
{
	struct aws *aws = attempt->aws;

	if (!attempt->has_skew || !fault_is_of_clock(attempt->fault) ||
		llabs(attempt->skew_s - attempt->offset_s) <= SKEW_S)
		return false;
	aws->offset_s = attempt->skew_s;
	return true;
}

/* Who waits for a token has the turn, so that they go in order, and by the rate of the moment. */
struct service_rate {
	struct rate rate;
	struct http_turn turn;
};

/* AWS counts by account, region and service; a login stands for the account. */
static struct service_rate *
rate_of(struct attempt *attempt)
{
	struct aws *aws = attempt->aws;
	const char *key = arena_format(&attempt->scratch, "%s %s %p", attempt->service->name,
		attempt->region, (void *)attempt->call->login);
	struct service_rate *found = map_get(&aws->rates, key);

	if (!found) {
		found = arena_new(&aws->arena, struct service_rate);
		map_set(&aws->rates, arena_text(&aws->arena, key), found);
	}
	return found;
}

/* False: there is no use in asking any more. */
static bool
rate_wait(struct aws *aws, struct service_rate *service)
{
	uint64_t wait_ms;

	http_turn_take(aws->http, &service->turn);
	while (!rate_take(&service->rate, monotonic_ms(), &wait_ms) && !aws->has_given_up)
		http_sleep(aws->http, wait_ms);
	http_turn_give(&service->turn);
	return !wait_ms;
}

/* One attempt, as soon as the service may be asked again. */
static bool
attempt_in_time(struct attempt *attempt, bool adapts, struct arena *into, const struct value **out,
	struct error *err)
{
	struct service_rate *service = rate_of(attempt);
	uint64_t sent_ms;
	bool ok;

	if (!adapts)
		return attempt_once(attempt, into, out, err);
	if (!rate_wait(attempt->aws, service)) {
		*attempt->fault = (struct aws_fault){ 0 };
		return fail(err, ERR_UNREACHABLE, "it was not asked, since others had failed");
	}
	sent_ms = monotonic_ms();
	ok = attempt_once(attempt, into, out, err);
	rate_answered(
		&service->rate, sent_ms, !ok && fault_is_throttle(attempt->fault), monotonic_ms());
	return ok;
}

static bool
attempts(struct attempt *attempt, struct arena *into, const struct value **out, struct error *err)
{
	struct aws *aws = attempt->aws;
	struct retry retry;
	bool has_renewed = false, has_set_clock = false;

	retry_begin(&retry, aws, attempt->call->login);
	for (;;) {
		if (attempt_in_time(attempt, retry.adapts, into, out, err)) {
			retry_succeeded(&retry, &aws->quota);
			return true;
		}
		if (!has_set_clock && clock_corrected(attempt)) {
			has_set_clock = true;
			continue;
		}
		if (!has_renewed && attempt->signer && fault_is_expiry(attempt->fault)) {
			has_renewed = true;
			if (!aws_login_keys(aws, attempt->signer, true, &attempt->keys, err))
				return false;
			continue;
		}
		if (aws->has_given_up || !retry_again(&retry, &aws->quota, attempt->fault, err))
			return call_failed(attempt, retry.count, err);
		http_sleep(aws->http, retry.wait_ms);
	}
}

/* Never NULL: what is called is written in this program. */
static const struct aws_service *
service_of(const struct aws_call *call)
{
	const struct aws_service *service = aws_service_find(call->service);

	if (service)
		return service;
	BUG("no service '%s'", call->service);
}

static bool
call_run(struct aws *aws, const struct aws_call *call, struct str *raw, struct arena *into,
	const struct value **out, struct aws_fault *fault, struct error *err)
{
	struct attempt attempt = {
		.aws = aws, .call = call, .service = service_of(call), .raw = raw
	};
	struct aws_fault own = { 0 };
	bool ok;

	attempt.signer = call->is_unsigned ? NULL : call->login;
	attempt.fault = fault ? fault : &own;
	arena_init(&attempt.scratch);
	str_init(&attempt.body);
	str_init(&attempt.query);
	str_init_max(&attempt.whole, ANSWER_MAXIMUM);
	ok = aws_endpoint(aws, call, attempt.service, &attempt.scratch, &attempt.url,
		     &attempt.region, err) &&
	     (!attempt.signer || aws_login_keys(aws, attempt.signer, false, &attempt.keys, err));
	if (ok) {
		url_split(&attempt);
		ok = attempts(&attempt, into, out, err);
	}
	str_release(&attempt.body);
	str_release(&attempt.query);
	str_release(&attempt.whole);
	arena_release(&attempt.scratch);
	return ok;
}

bool
aws_call(struct aws *aws, const struct aws_call *call, struct arena *into, const struct value **out,
	struct aws_fault *fault, struct error *err)
{
	return call_run(aws, call, NULL, into, out, fault, err);
}

bool
aws_fetch(struct aws *aws, const struct aws_call *call, struct str *out, struct aws_fault *fault,
	struct error *err)
{
	return call_run(aws, call, out, NULL, NULL, fault, err);
}

/* ---- pages ---- */

/* The size is left out where things are asked for by id: the services then refuse it. */
static struct value *
page_parameters(struct arena *into, const struct aws_call *call, const struct aws_service *service)
{
	struct value *all =
		value_map_copy(into, call->parameters ? call->parameters : &value_empty_map);
	const char *name = service->size_name, *size = service->size;

	if (!strcmp(call->action, "DescribeInstances") ||
		!strcmp(call->action, "DescribeInstanceStatus")) {
		name = "MaxResults";
		size = "1000";
	}
	if (!name || value_get(all, name))
		return all;
	VALUE_PAIRS (pair, all)
		if (strstr(value_string(pair->key), "Id.") ||
			strstr(value_string(pair->key), "Ids.") ||
			strstr(value_string(pair->key), "Arns.") ||
			strstr(value_string(pair->key), "Names."))
			return all;
	if (service->protocol == AWS_JSON)
		value_set(into, all, name, value_int(into, strtol(size, NULL, 10)));
	else
		value_set(into, all, name, value_text(into, size));
	return all;
}

bool
aws_call_pages(struct aws *aws, const struct aws_call *call, struct arena *into,
	bool (*page)(void *context, const struct value *answer, struct error *err), void *context,
	struct aws_fault *fault, struct error *err)
{
	const struct aws_service *service = service_of(call);
	struct aws_call next = *call;
	struct value *parameters;
	struct map seen; /* tokens: a service that goes round would never end */
	bool ok = true;
	int count;

	if (!service->token_in)
		BUG("%s %s has no pages", call->service, call->action);
	parameters = page_parameters(into, call, service);
	next.parameters = parameters;
	map_init(&seen);
	for (count = 0; ok && count < MOST_PAGES; count++) {
		const struct value *answer;
		const char *token;

		ok = aws_call(aws, &next, into, &answer, fault, err) && page(context, answer, err);
		token = ok ? value_string(value_get(answer, service->token_out)) : NULL;
		if (!token || !*token)
			break;
		if (map_has(&seen, token))
			ok = fail(err, ERR_PROTOCOL, "%s %s gave the same page twice",
				call->service, call->action);
		map_set(&seen, token, parameters);
		value_set(into, parameters, service->token_in, value_text(into, token));
	}
	map_release(&seen);
	if (ok && count == MOST_PAGES)
		return fail(err, ERR_LIMIT, "%s %s has more than %d pages", call->service,
			call->action, MOST_PAGES);
	return ok;
}
