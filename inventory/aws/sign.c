/* Signatures; the names of the steps are those of AWS's description of Signature Version 4. */
#include "inventory/aws/sign.h"

#include <ctype.h>
#include <openssl/hmac.h>
#include <strings.h>
#include <time.h>

#include "base/base64.h"
#include "base/hash.h"

enum { SHA256 = 32 };

/* ---- text ---- */

const char *
sign_time(struct arena *into, int64_t seconds, bool has_dashes)
{
	time_t time = (time_t)seconds;
	struct tm parts;
	char text[32];

	gmtime_r(&time, &parts);
	strftime(text, sizeof(text), has_dashes ? "%Y-%m-%dT%H:%M:%SZ" : "%Y%m%dT%H%M%SZ", &parts);
	return arena_text(into, text);
}

static bool
is_unreserved(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void
escape_add(struct str *out, struct view text, bool keeps_slash)
{
	for (size_t i = 0; i < text.length; i++)
		if (is_unreserved(text.data[i]) || (keeps_slash && text.data[i] == '/'))
			str_add_char(out, text.data[i]);
		else
			str_add_format(out, "%%%02X", (unsigned char)text.data[i]);
}

void
form_add(struct str *out, const struct value *parameters)
{
	bool is_first = true;

	VALUE_PAIRS (pair, parameters) {
		if (!is_first)
			str_add_char(out, '&');
		is_first = false;
		escape_add(out, value_string_view(pair->key), false);
		str_add_char(out, '=');
		escape_add(out, value_string_view(pair->value), false);
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct view
unescaped(struct arena *into, struct view text)
{
	char *out = arena_alloc(into, text.length + 1);
	size_t length = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '%' && i + 2 < text.length &&
			hex_digit(text.data[i + 1]) >= 0 && hex_digit(text.data[i + 2]) >= 0) {
			out[length++] = (char)(hex_digit(text.data[i + 1]) << 4 |
					       hex_digit(text.data[i + 2]));
			i += 2;
		} else {
			out[length++] = text.data[i];
		}
	}
	return (struct view){ out, length };
}

/* ---- the canonical request ---- */

/* Without empty and "." segments, and ".." takes one back. */
static void
path_normalize(struct str *out, struct view path)
{
	struct view rest = path, piece = { 0 };
	bool ends_open = path.length == 0 || view_ends(path, "/");

	while (view_cut(&rest, '/', &piece)) {
		if (view_is(piece, "") || view_is(piece, "."))
			continue;
		if (view_is(piece, "..")) {
			while (out->length && out->data[out->length - 1] != '/')
				str_cut(out, out->length - 1);
			if (out->length)
				str_cut(out, out->length - 1);
			continue;
		}
		str_add_char(out, '/');
		str_add_view(out, piece);
	}
	ends_open = ends_open || view_is(piece, ".") || view_is(piece, "..");
	if (!out->length || ends_open)
		str_add_char(out, '/');
}

static void
path_add(struct arena *into, struct str *out, const struct sign_request *request,
	const struct sign_options *options)
{
	struct view path = request->path.length ? request->path : VIEW("/");
	_cleanup_str_ struct str plain = STR_INIT;

	if (options->keeps_path) {
		escape_add(out, unescaped(into, path), true);
		return;
	}
	path_normalize(&plain, path);
	escape_add(out, str_view(&plain), true);
}

struct piece {
	struct view name, value;
};

static int
compare_views(struct view a, struct view b)
{
	int order = memcmp(a.data ? a.data : "", b.data ? b.data : "", MIN(a.length, b.length));

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int
compare_pieces(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;
	int order = compare_views(left->name, right->name);

	return order ? order : compare_views(left->value, right->value);
}

/* A part of a query in its one escaped form. */
static struct view
escaped(struct arena *into, struct view text)
{
	_cleanup_str_ struct str out = STR_INIT;

	escape_add(&out, unescaped(into, text), false);
	return (struct view){ arena_view(into, str_view(&out)), out.length };
}

static void
query_add(struct arena *into, struct str *out, struct view query)
{
	struct view rest = query, item;
	struct piece *pieces;
	size_t room = 1, count = 0;

	for (size_t i = 0; i < query.length; i++)
		room += query.data[i] == '&';
	pieces = arena_array(into, room, struct piece);
	while (query.length && view_cut(&rest, '&', &item)) {
		struct view name = { 0 };

		if (!item.length)
			continue;
		(void)view_cut(&item, '=', &name);
		pieces[count].name = escaped(into, name);
		pieces[count++].value = escaped(into, item);
	}
	qsort(pieces, count, sizeof(*pieces), compare_pieces);
	for (size_t i = 0; i < count; i++) {
		str_add_format(out, "%s", i ? "&" : "");
		str_add_view(out, pieces[i].name);
		str_add_char(out, '=');
		str_add_view(out, pieces[i].value);
	}
}

/* Lower-case names, sorted; the values of one name in their order. */
struct header {
	const char *name, *value;
	size_t place;
};

static int
compare_headers(const void *a, const void *b)
{
	const struct header *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : (left->place > right->place) - (left->place < right->place);
}

static const char *
lower(struct arena *into, const char *text)
{
	char *out = arena_text(into, text);

	for (char *c = out; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return out;
}

/* Runs of white space, folded lines among them, are one space, and none at the ends. */
static void
header_value_add(struct str *out, const char *text)
{
	struct view value = view_trim(view_of(text));
	bool has_gap = false;

	for (size_t i = 0; i < value.length; i++) {
		bool is_gap = isspace((unsigned char)value.data[i]);

		if (!is_gap && has_gap)
			str_add_char(out, ' ');
		has_gap = is_gap;
		if (!is_gap)
			str_add_char(out, value.data[i]);
	}
}

struct signing {
	struct arena *into;
	const struct sign_request *request;
	const struct sign_options *options;
	struct str headers, names; /* canonical headers, signed names */
	const char *date, *scope;
};

static void
headers_collect(struct signing *signing, const struct sign_header *extra)
{
	const struct sign_header *given = signing->request->headers;
	struct header *list;
	size_t count = 0, room = 0;

	while (given[room].name)
		room++;
	for (size_t i = 0; extra[i].name; i++)
		room++;
	list = arena_array(signing->into, room + 1, struct header);
	for (int pass = 0; pass < 2; pass++)
		for (const struct sign_header *header = pass ? extra : given; header->name;
			header++) {
			list[count] = (struct header){ lower(signing->into, header->name),
				header->value, count };
			count++;
		}
	qsort(list, count, sizeof(*list), compare_headers);
	for (size_t i = 0; i < count; i++) {
		bool is_again = i && !strcmp(list[i].name, list[i - 1].name);

		if (!is_again) {
			str_add_format(&signing->headers, "%s%s:", i ? "\n" : "", list[i].name);
			str_add_format(&signing->names, "%s%s", i ? ";" : "", list[i].name);
		} else {
			str_add_char(&signing->headers, ',');
		}
		header_value_add(&signing->headers, list[i].value);
	}
	str_add_char(&signing->headers, '\n');
}

static const char *
hex_sha256(struct arena *into, struct view bytes)
{
	char text[HASH_TEXT_MAX];

	return arena_text(into, hash_text(HASH_SHA256, bytes, text));
}

static const char *
canonical_request(struct signing *signing, struct view query, const char *body_hash)
{
	_cleanup_str_ struct str out = STR_INIT;

	str_add_format(&out, "%s\n", signing->request->method);
	path_add(signing->into, &out, signing->request, signing->options);
	str_add_char(&out, '\n');
	query_add(signing->into, &out, query);
	str_add_format(&out, "\n%s\n%s\n%s", signing->headers.data, signing->names.data, body_hash);
	return arena_view(signing->into, str_view(&out));
}

/* ---- keys ---- */

static void
hmac(const EVP_MD *digest, struct view key, const char *text, unsigned char *out)
{
	unsigned length = 0;

	if (!HMAC(digest, key.data, (int)key.length, (const unsigned char *)text, strlen(text), out,
		    &length))
		BUG("HMAC failed");
}

static const char *
signature_v4(struct signing *signing, const char *to_sign)
{
	const struct sign_options *options = signing->options;
	const char *steps[] = { arena_format(signing->into, "%.8s", signing->date), options->region,
		options->service, "aws4_request", to_sign };
	char *first = arena_format(signing->into, "AWS4%s", options->keys->secret);
	unsigned char keys[2][SHA256];
	char hex[2 * SHA256 + 1];
	struct view key = view_of(first);

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		hmac(EVP_sha256(), key, steps[i], keys[i & 1]);
		key = (struct view){ (const char *)keys[i & 1], SHA256 };
	}
	bytes_to_hex((const unsigned char *)key.data, SHA256, hex);
	memory_wipe(first, strlen(first));
	memory_wipe(keys, sizeof(keys));
	return arena_text(signing->into, hex);
}

static void
signing_begin(struct signing *signing, struct arena *into, const struct sign_request *request,
	const struct sign_options *options)
{
	*signing = (struct signing){ .into = into, .request = request, .options = options };
	str_init(&signing->headers);
	str_init(&signing->names);
	signing->date = sign_time(into, options->time, false);
	signing->scope = arena_format(
		into, "%.8s/%s/%s/aws4_request", signing->date, options->region, options->service);
}

static void
signing_end(struct signing *signing, struct sign_result *out)
{
	struct arena *into = signing->into;

	out->to_sign = arena_format(into, "AWS4-HMAC-SHA256\n%s\n%s\n%s", signing->date,
		signing->scope, hex_sha256(into, view_of(out->canonical)));
	out->signature = signature_v4(signing, out->to_sign);
	out->date = signing->date;
}

static void
signing_release(struct signing *signing)
{
	str_release(&signing->headers);
	str_release(&signing->names);
}

/* ---- version 4 ---- */

void
sign_v4(struct arena *into, const struct sign_request *request, const struct sign_options *options,
	struct sign_result *out)
{
	const char *body_hash = hex_sha256(into, request->body);
	struct sign_header extra[4] = { { 0 } };
	struct signing signing;
	size_t count = 0;

	*out = (struct sign_result){ 0 };
	signing_begin(&signing, into, request, options);
	extra[count++] = (struct sign_header){ "x-amz-date", signing.date };
	if (options->keys->token && !options->token_is_unsigned)
		extra[count++] =
			(struct sign_header){ "x-amz-security-token", options->keys->token };
	if (options->shows_body_hash)
		extra[count] = (struct sign_header){ "x-amz-content-sha256", body_hash };
	headers_collect(&signing, extra);
	out->body_hash = options->shows_body_hash ? body_hash : NULL;
	out->canonical = canonical_request(&signing, request->query, body_hash);
	signing_end(&signing, out);
	out->authorization = arena_format(into,
		"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		options->keys->id, signing.scope, signing.names.data, out->signature);
	signing_release(&signing);
}

void
sign_v4_query(struct arena *into, const struct sign_request *request,
	const struct sign_options *options, struct sign_result *out)
{
	const struct sign_header none = { 0 };
	struct str query, token;
	struct signing signing;

	*out = (struct sign_result){ 0 };
	signing_begin(&signing, into, request, options);
	headers_collect(&signing, &none);
	str_init(&query);
	str_init(&token);
	str_add_view(&query, request->query);
	str_add_format(&query,
		"%sX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=", query.length ? "&" : "");
	escape_add(&query, view_of(options->keys->id), false);
	str_add(&query, "%2F");
	escape_add(&query, view_of(signing.scope), false);
	str_add_format(&query,
		"&X-Amz-Date=%s&X-Amz-Expires=%lld&X-Amz-SignedHeaders=", signing.date,
		(long long)options->expires_s);
	escape_add(&query, str_view(&signing.names), false);
	if (options->keys->token) {
		str_add(&token, "&X-Amz-Security-Token=");
		escape_add(&token, view_of(options->keys->token), false);
	}
	if (!options->token_is_unsigned)
		str_add_view(&query, str_view(&token));
	out->canonical =
		canonical_request(&signing, str_view(&query), hex_sha256(into, request->body));
	signing_end(&signing, out);
	str_add_format(&query, "&X-Amz-Signature=%s", out->signature);
	if (options->token_is_unsigned)
		str_add_view(&query, str_view(&token));
	out->query = arena_view(into, str_view(&query));
	str_release(&query);
	str_release(&token);
	signing_release(&signing);
}

/* ---- version 2 ---- */

static int
compare_pairs(const void *a, const void *b)
{
	return compare_views(value_string_view(((const struct value_pair *)a)->key),
		value_string_view(((const struct value_pair *)b)->key));
}

const char *
sign_v2(struct arena *into, const char *method, const char *host, const char *path,
	const struct value *parameters, const struct aws_keys *keys, int64_t time, bool is_sha1)
{
	struct value *all = value_map_copy(into, parameters);
	_cleanup_str_ struct str form = STR_INIT, signature = STR_INIT;
	unsigned char digest[SHA256];
	const char *text;

	value_set(into, all, "AWSAccessKeyId", value_text(into, keys->id));
	value_set(into, all, "SignatureMethod",
		value_text(into, is_sha1 ? "HmacSHA1" : "HmacSHA256"));
	value_set(into, all, "SignatureVersion", value_text(into, "2"));
	value_set(into, all, "Timestamp", value_text(into, sign_time(into, time, true)));
	if (keys->token)
		value_set(into, all, "SecurityToken", value_text(into, keys->token));
	qsort(all->map.pairs, all->map.count, sizeof(*all->map.pairs), compare_pairs);
	form_add(&form, all);
	text = arena_format(into, "%s\n%s\n%s\n%s", method, host, *path ? path : "/", form.data);
	hmac(is_sha1 ? EVP_sha1() : EVP_sha256(), view_of(keys->secret), text, digest);
	base64_add(&signature, (struct view){ (const char *)digest, is_sha1 ? 20 : SHA256 });
	str_add(&form, "&Signature=");
	escape_add(&form, str_view(&signature), false);
	return arena_view(into, str_view(&form));
}
