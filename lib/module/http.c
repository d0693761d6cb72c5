/*
 * One request after another until the answer is none that leads elsewhere. What a request says is
 * put together here; lib/module/http_hop.c makes it.
 */
#include "module/http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/base64.h"
#include "module/http_hop.h"
#include "os/clock.h"
#include "os/users.h"

enum { REDIRECTS_MAX = 10, TEXT_MAX = 8 * 1024 * 1024, NETRC_MAX = 256 * 1024 };

struct cookie {
	struct view name, value, path;
};

struct chain {
	struct module_call *call;
	const struct http_request *request;
	struct hop hop;
	struct value *headers; /* that every request gets; names as given */
	struct cookie *cookies;
	size_t cookie_count;
	bool is_elsewhere; /* a redirect led to another host */
};

void
http_url_split(const char *url, struct http_url *out)
{
	const char *mark = strstr(url, "://"), *end;
	struct view rest;

	*out = (struct http_url){ 0 };
	if (!mark) {
		out->path = view_of(url);
		return;
	}
	out->scheme = (struct view){ url, (size_t)(mark - url) };
	mark += 3;
	end = mark + strcspn(mark, "/?#");
	rest = (struct view){ mark, (size_t)(end - mark) };
	for (size_t i = rest.length; i > 0; i--)
		if (rest.data[i - 1] == '@') {
			out->login = (struct view){ rest.data, i - 1 };
			rest.data += i;
			rest.length -= i;
			break;
		}
	out->host = rest;
	out->path = (struct view){ end, strcspn(end, "#") };
}

const char *
http_url_name(struct arena *arena, const char *url)
{
	struct http_url parts;
	const char *path;

	http_url_split(url, &parts);
	path = arena_view(arena, (struct view){ parts.path.data, strcspn(parts.path.data, "?#") });
	return path_name(path);
}

const char *
http_url_join(struct arena *arena, const char *base, const char *location)
{
	struct http_url parts;
	_cleanup_str_ struct str out = STR_INIT;
	size_t length;

	http_url_split(base, &parts);
	if (strstr(location, "://")) {
		str_add(&out, location);
	} else if (text_starts(location, "//")) {
		str_add_format(
			&out, "%.*s:%s", (int)parts.scheme.length, parts.scheme.data, location);
	} else {
		str_add_format(&out, "%.*s://%.*s", (int)parts.scheme.length, parts.scheme.data,
			(int)parts.host.length, parts.host.data);
		length = MIN(parts.path.length, strcspn(parts.path.data, "?#"));
		while (*location != '?' && length && parts.path.data[length - 1] != '/')
			length--;
		if (*location != '/')
			str_add_bytes(&out, parts.path.data, length);
		if (*location != '/' && *location != '?' && !length)
			str_add_char(&out, '/');
		str_add(&out, location);
	}
	for (size_t i = 0; i < out.length; i++)
		if (out.data[i] == ' ') {
			struct str spaced = STR_INIT;

			for (size_t k = 0; k < out.length; k++)
				str_add(&spaced,
					out.data[k] == ' ' ? "%20" : (char[]){ out.data[k], 0 });
			str_release(&out);
			out = spaced;
			break;
		}
	return arena_view(arena, str_view(&out));
}

/* The value under a name, whatever its case. */
static const struct value_pair *
header_find(const struct value *map, const char *name)
{
	if (value_is_map(map))
		VALUE_PAIRS (pair, map) {
			const char *key = value_string(pair->key);

			if (key && strcasecmp(key, name) == 0)
				return pair;
		}
	return NULL;
}

static void
header_set(struct arena *arena, struct value *map, const char *name, const char *text)
{
	const struct value_pair *old = header_find(map, name);

	value_set(arena, map, old ? value_string(old->key) : name, value_text(arena, text));
}

static const char *
basic_auth(struct arena *arena, struct view name, struct view password)
{
	_cleanup_str_ struct str plain = STR_INIT, out = STR_INIT;

	str_add_view(&plain, name);
	str_add_char(&plain, ':');
	str_add_view(&plain, password);
	str_add(&out, "Basic ");
	base64_add(&out, str_view(&plain));
	memory_wipe(plain.data, plain.length);
	return arena_view(arena, str_view(&out));
}

static struct view
next_word(struct view *rest)
{
	struct view word;

	while (rest->length && strchr(" \t\r\n", *rest->data))
		*rest = (struct view){ rest->data + 1, rest->length - 1 };
	word = (struct view){ rest->data, 0 };
	while (word.length < rest->length && !strchr(" \t\r\n", word.data[word.length]))
		word.length++;
	*rest = (struct view){ rest->data + word.length, rest->length - word.length };
	return word;
}

/* "machine HOST login NAME password WORD" of $NETRC or ~/.netrc, as an Authorization header; NULL:
 * it has none for this host. */
static const char *
netrc_auth(struct module_call *call, struct view host)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *path = value_string(value_get(call->environment, "NETRC"));
	struct view rest, word, name = VIEW(""), password = VIEW("");
	bool is_here = false, was_here = false;

	if (!path)
		path = getenv("NETRC");
	path = path_expand(call->arena, path ? path : "~/.netrc");
	if (!path || !host.data || access(path, R_OK) < 0 ||
		!file_read(path, NETRC_MAX, &text, NULL))
		return NULL;
	host.length = MIN(host.length, strcspn(host.data, ":/?#"));
	rest = str_view(&text);
	while ((word = next_word(&rest)).length) {
		if (view_is(word, "machine") || view_is(word, "default")) {
			if (was_here)
				break;
			is_here = view_is(word, "default") || view_equals(next_word(&rest), host);
			was_here = is_here;
		} else if (is_here && view_is(word, "login")) {
			name = next_word(&rest);
		} else if (is_here && view_is(word, "password")) {
			password = next_word(&rest);
		}
	}
	return was_here ? basic_auth(call->arena, name, password) : NULL;
}

/* Name and password from where they may be. */
static void
set_login(struct chain *chain, const struct http_url *parts)
{
	const struct http_options *options = chain->request->options;
	struct arena *arena = chain->call->arena;
	struct view name = view_of(options->url_username),
		    password = view_of(options->url_password);
	bool has_name = options->url_username != NULL;
	const char *header = NULL;

	if (!has_name && parts->login.data) {
		struct view rest = parts->login;

		has_name = true;
		if (!view_cut(&rest, ':', &name))
			name = VIEW("");
		password = rest.data ? rest : VIEW("");
	}
	if (has_name && (options->force_basic_auth || !hop_has_curl(chain->call)) &&
		!options->use_gssapi)
		header = basic_auth(arena, name, password);
	else if (has_name) {
		chain->hop.user = arena_view(arena, name);
		chain->hop.password = arena_view(arena, password);
	} else if (options->use_netrc)
		header = netrc_auth(chain->call, parts->host);
	if (header)
		header_set(arena, chain->headers, "Authorization", header);
}

static void
set_headers(struct chain *chain)
{
	const struct http_request *request = chain->request;
	struct arena *arena = chain->call->arena;
	char stamp[64];
	struct tm when;
	time_t seconds = request->newer_than;

	chain->headers = value_map(arena);
	if (value_is_map(request->options->headers))
		VALUE_PAIRS (pair, request->options->headers)
			value_set(arena, chain->headers, value_to_text(arena, pair->key),
				value_text(arena, value_to_text(arena, pair->value)));
	if (request->content_type && !header_find(chain->headers, "Content-Type"))
		header_set(arena, chain->headers, "Content-Type", request->content_type);
	if (!header_find(chain->headers, "User-Agent"))
		header_set(arena, chain->headers, "User-Agent", request->options->http_agent);
	if (request->options->force) {
		header_set(arena, chain->headers, "Cache-Control", "no-cache");
	} else if (request->newer_than && gmtime_r(&seconds, &when)) {
		strftime(stamp, sizeof(stamp), "%a, %d %b %Y %H:%M:%S GMT", &when);
		header_set(arena, chain->headers, "If-Modified-Since", stamp);
	}
}

/* ---- cookies ---- */

static bool
is_expired(struct view attribute)
{
	struct view name, value = attribute;
	struct tm when = { 0 };
	char text[64];
	int64_t seconds;

	if (!view_cut(&value, '=', &name) || !value.data)
		return false;
	name = view_trim(name);
	value = view_trim(value);
	if (name.length == 7 && strncasecmp(name.data, "max-age", 7) == 0)
		return number_parse(value, &seconds) && seconds <= 0;
	if (name.length != 7 || strncasecmp(name.data, "expires", 7) != 0)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)value.length, value.data);
	for (char *next = text; *next; next++)
		if (*next == '-')
			*next = ' ';
	return strptime(text, "%a, %d %b %Y %H:%M:%S", &when) && timegm(&when) <= time(NULL);
}

static void
cookie_add(struct chain *chain, struct view text)
{
	struct cookie cookie = { .path = VIEW("/") };
	struct view attribute, rest = text;
	bool expires = false;

	if (!view_cut(&rest, ';', &attribute))
		return;
	cookie.value = attribute;
	if (!view_cut(&cookie.value, '=', &cookie.name) || !cookie.value.data)
		return;
	cookie.name = view_trim(cookie.name);
	cookie.value = view_trim(cookie.value);
	while (view_cut(&rest, ';', &attribute)) {
		attribute = view_trim(attribute);
		expires |= is_expired(attribute);
		if (attribute.length > 5 && strncasecmp(attribute.data, "path=", 5) == 0)
			cookie.path = (struct view){ attribute.data + 5, attribute.length - 5 };
	}
	for (size_t i = 0; i < chain->cookie_count; i++)
		if (view_equals(chain->cookies[i].name, cookie.name) &&
			view_equals(chain->cookies[i].path, cookie.path)) {
			memmove(chain->cookies + i, chain->cookies + i + 1,
				(--chain->cookie_count - i) * sizeof(cookie));
			break;
		}
	if (expires)
		return;
	chain->cookies = arena_grow(chain->call->arena, chain->cookies, chain->cookie_count,
		chain->cookie_count + 1, sizeof(cookie));
	chain->cookies[chain->cookie_count++] = cookie;
}

/* The longest path first; of equal ones, the last that came. */
static const char *
cookie_text(const struct chain *chain)
{
	_cleanup_str_ struct str out = STR_INIT;
	size_t longest = 0;

	for (size_t i = 0; i < chain->cookie_count; i++)
		longest = MAX(longest, chain->cookies[i].path.length);
	for (size_t length = longest + 1; length-- > 0;)
		for (size_t i = chain->cookie_count; i-- > 0;) {
			const struct cookie *cookie = &chain->cookies[i];

			if (cookie->path.length == length)
				str_add_format(&out, "%s%.*s=%.*s", out.length ? "; " : "",
					(int)cookie->name.length, cookie->name.data,
					(int)cookie->value.length, cookie->value.data);
		}
	return arena_view(chain->call->arena, str_view(&out));
}

/* ---- one hop ---- */

/* The last block of headers: before it are those of proxies and of what was asked again. */
static void
read_head(struct chain *chain, struct view text, struct http_answer *out)
{
	struct arena *arena = chain->call->arena;
	struct view line, word;
	bool is_new = true;

	while (view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		if (!line.length) {
			is_new = true;
			continue;
		}
		if (is_new) {
			is_new = false;
			out->headers = value_map(arena);
			if (view_starts(line, "HTTP/")) {
				next_word(&line);
				word = next_word(&line);
				if (!number_parse(word, &out->status))
					out->status = 0;
				out->reason = arena_view(arena, view_trim(line));
				continue;
			}
		}
		if (view_cut(&line, ':', &word) && line.data) {
			char *name = arena_view(arena, word);
			const struct value *old;

			for (char *next = name; *next; next++)
				*next = (char)(*next >= 'A' && *next <= 'Z' ? *next + 32 : *next);
			line = view_trim(line);
			if (text_equals(name, "set-cookie"))
				cookie_add(chain, view_of(arena_view(arena, line)));
			old = value_get(out->headers, name);
			value_set(arena, out->headers, name,
				old ? value_format(arena, "%s, %.*s", value_string(old),
					      (int)line.length, line.data)
				    : value_view(arena, line));
		}
	}
}

/* Does this method go on to where the answer leads, and as which? NULL: it stops here. */
static const char *
method_behind(enum http_follow follow, int64_t status, const char *method)
{
	bool is_safe = text_equals(method, "GET") || text_equals(method, "HEAD");

	if (follow == FOLLOW_NONE || (follow == FOLLOW_SAFE && !is_safe))
		return NULL;
	if (follow == FOLLOW_URLLIB2) {
		if (status == 308 || (!is_safe && !(status <= 303 && text_equals(method, "POST"))))
			return NULL;
		return "GET";
	}
	if (status == 307 || status == 308 || text_equals(method, "HEAD"))
		return method;
	if (status == 301 && !text_equals(method, "POST"))
		return method;
	return "GET";
}

static void
drop_headers(struct chain *chain, bool drops_body)
{
	const char *const *names = chain->request->options->unredirected_headers;
	const struct value_pair *found;

	for (; names && *names; names++)
		if ((found = header_find(chain->headers, *names)))
			value_remove(chain->headers, value_string(found->key));
	if (chain->is_elsewhere && (found = header_find(chain->headers, "Authorization")))
		value_remove(chain->headers, value_string(found->key));
	if (chain->is_elsewhere)
		chain->hop.user = NULL;
	if (drops_body && (found = header_find(chain->headers, "Content-Type")))
		value_remove(chain->headers, value_string(found->key));
}

static void
set_message(struct chain *chain, struct http_answer *out)
{
	struct arena *arena = chain->call->arena;
	const char *length = value_string(value_get(out->headers, "content-length"));

	if (out->status == 0 || (out->status >= 200 && out->status < 300))
		out->message = arena_format(arena, "OK (%s bytes)", length ? length : "unknown");
	else
		out->message = arena_format(
			arena, "HTTP Error %lld: %s", (long long)out->status, out->reason);
}

/* False: this was the last. */
static bool
go_on(struct chain *chain, struct http_answer *out)
{
	struct hop *hop = &chain->hop;
	const char *location = value_string(value_get(out->headers, "location"));
	const char *method, *old = hop->url;
	struct http_url from, to;

	if (!location || out->status < 301 || out->status > 308 || out->status == 304 ||
		out->status == 305 || out->status == 306)
		return false;
	method = method_behind(chain->request->follow, out->status, hop->method);
	if (!method)
		return false;
	hop->url = http_url_join(chain->call->arena, old, location);
	http_url_split(old, &from);
	http_url_split(hop->url, &to);
	from.host.length = MIN(from.host.length, strcspn(from.host.data, ":/"));
	to.host.length = MIN(to.host.length, strcspn(to.host.data, ":/"));
	if (!view_equals(from.host, to.host)) {
		chain->is_elsewhere = true;
		chain->cookie_count = 0;
	}
	/* Answers lead only to other servers. */
	if (!view_is(to.scheme, "http") && !view_is(to.scheme, "https") &&
		!view_is(to.scheme, "ftp"))
		return false;
	drop_headers(chain, !text_equals(method, hop->method));
	if (!text_equals(method, hop->method))
		hop->has_body = false;
	hop->method = method;
	out->is_redirected = true;
	out->url = hop->url;
	return true;
}

static void
set_cookies(struct chain *chain, struct http_answer *out)
{
	struct arena *arena = chain->call->arena;

	out->cookies = value_map(arena);
	for (size_t i = 0; i < chain->cookie_count; i++)
		value_set(arena, out->cookies, arena_view(arena, chain->cookies[i].name),
			value_view(arena, chain->cookies[i].value));
	out->cookie_text = cookie_text(chain);
}

static bool
make_hops(struct chain *chain, struct http_answer *out, struct error *err)
{
	struct hop *hop = &chain->hop;
	struct arena *arena = chain->call->arena;
	bool has_own_cookie = header_find(chain->headers, "Cookie") != NULL;

	for (int count = 0;; count++) {
		_cleanup_str_ struct str head = STR_INIT;

		if (chain->cookie_count && !has_own_cookie)
			header_set(arena, chain->headers, "Cookie", cookie_text(chain));
		hop->headers = chain->headers;
		out->headers = value_map(arena);
		out->status = 0;
		out->reason = "";
		out->message = NULL;
		if (!hop_make(chain->call, hop, &head, &out->message, err))
			return false;
		if (out->message) {
			out->status = -1;
			return true;
		}
		read_head(chain, view_of(arena_view(arena, str_view(&head))), out);
		out->body = hop->body_path;
		set_message(chain, out);
		if (count >= REDIRECTS_MAX || !go_on(chain, out))
			return true;
	}
}

bool
http_fetch(struct module_call *call, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	const char *url = request->url ? request->url : request->options->url;
	struct chain chain = {
		.call = call,
		.request = request,
		.hop = {
			.options = request->options,
			.directory = request->directory,
			.url = url,
			.method = request->method	 ? request->method
				  : request->has_body ? "POST"
						      : "GET",
			.has_body = request->has_body,
			.body = request->body,
			.body_file = request->body_file,
		},
	};
	uint64_t start = monotonic_ms();
	struct http_url parts;
	bool is_well;

	http_url_split(url, &parts);
	*out = (struct http_answer){ 0 };
	set_headers(&chain);
	set_login(&chain, &parts);
	/* Name and password are no part of what is asked for. */
	if (parts.login.data)
		chain.hop.url = arena_format(call->arena, "%.*s://%.*s%s", (int)parts.scheme.length,
			parts.scheme.data, (int)parts.host.length, parts.host.data,
			parts.path.data);
	out->url = chain.hop.url;
	is_well = make_hops(&chain, out, err);
	set_cookies(&chain, out);
	out->elapsed = (int64_t)(monotonic_ms() - start) / 1000;
	return is_well;
}

bool
http_save(struct module_call *call, const char *url, bool validate_certs, const char *directory,
	const char **path, struct error *err)
{
	struct http_options options = {
		.url = url,
		.http_agent = "ansible-httpget",
		.validate_certs = validate_certs,
		.use_proxy = true,
		.use_netrc = true,
		.decompress = true,
		.timeout = 10,
	};
	struct http_request request = { .options = &options, .directory = directory };
	struct http_answer answer;

	if (!http_fetch(call, &request, &answer, err))
		return false;
	if (answer.status < 0 || answer.status >= 300)
		return fail(err, ERR_TASK, "Failure downloading %s, %s", url, answer.message);
	*path = answer.body;
	/* An empty answer leaves none. */
	return file_exists(*path) || file_replace(*path, VIEW(""), &(struct file_place){ 0 }, err);
}

bool
http_text(struct module_call *call, const char *url, bool validate_certs, struct view *out,
	struct error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *directory, *path;
	bool is_well;

	if (!module_workplace(call, false, &directory, err))
		return false;
	is_well = http_save(call, url, validate_certs, directory, &path, err) &&
		  file_read(path, TEXT_MAX, &text, err);
	*out = (struct view){ arena_view(call->arena, str_view(&text)), text.length };
	return tree_remove(directory, is_well ? err : NULL) && is_well;
}
