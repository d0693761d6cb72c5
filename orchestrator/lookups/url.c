/* lookup('url', …): what an address gives, line by line. */
#include "http/curl.h"
#include "orchestrator/lookups/internal.h"

enum { LARGEST = 64 * 1024 * 1024 };

static size_t
body_take(char *bytes, size_t size, size_t count, void *body)
{
	struct str *text = body;

	str_add_bytes(text, bytes, size * count);
	return text->is_full ? 0 : size * count;
}

static struct curl_slist *
headers_make(struct lookup *lookup, const struct curl_api *curl)
{
	const struct value *headers = value_get(lookup->options, "headers");
	struct curl_slist *list = NULL;

	if (value_is_map(headers))
		VALUE_PAIRS (pair, headers)
			list = curl->slist_append(list,
				arena_format(lookup->into, "%s: %s", lookup_text(lookup, pair->key),
					lookup_text(lookup, pair->value)));
	return list;
}

static void
options_set(struct lookup *lookup, const struct curl_api *curl, CURL *handle)
{
	const char *user = lookup_option_text(lookup, "username", NULL),
		   *password = lookup_option_text(lookup, "password", NULL),
		   *authority = lookup_option_text(lookup, "ca_path", NULL),
		   *path = lookup_option_text(lookup, "unix_socket", NULL),
		   *follows = lookup_option_text(lookup, "follow_redirects", "urllib2");
	const struct value *timeout = value_get(lookup->options, "timeout");
	bool verifies = lookup_option(lookup, "validate_certs", true), flag;
	int64_t seconds = 10;

	if (timeout && !value_to_int(timeout, &seconds))
		seconds = 10;
	if (value_to_bool(value_get(lookup->options, "follow_redirects"), &flag))
		follows = flag ? "all" : "none";
	curl->easy_setopt(handle, CURLOPT_TIMEOUT, (long)seconds);
	curl->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
	curl->easy_setopt(handle, CURLOPT_FOLLOWLOCATION, strcmp(follows, "none") != 0 ? 1L : 0L);
	curl->easy_setopt(handle, CURLOPT_MAXREDIRS, 10L);
	curl->easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, verifies ? 1L : 0L);
	curl->easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, verifies ? 2L : 0L);
	curl->easy_setopt(handle, CURLOPT_USERAGENT,
		lookup_option_text(lookup, "http_agent", "ansible-httpget"));
	if (user)
		curl->easy_setopt(handle, CURLOPT_USERNAME, user);
	if (password)
		curl->easy_setopt(handle, CURLOPT_PASSWORD, password);
	if (!authority)
		authority = getenv("SSL_CERT_FILE"); /* as OpenSSL's own programs do */
	if (authority)
		curl->easy_setopt(handle, CURLOPT_CAINFO, authority);
	if (path)
		curl->easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, path);
	if (!lookup_option(lookup, "use_proxy", true))
		curl->easy_setopt(handle, CURLOPT_NOPROXY, "*");
}

static bool
url_get(struct lookup *lookup, const char *url, struct str *body, struct error *err)
{
	const struct curl_api *curl = curl_load(err);
	struct curl_slist *headers;
	CURL *handle;
	CURLcode code;
	long status = 0;

	if (!curl)
		return false;
	headers = headers_make(lookup, curl);
	handle = curl->easy_init();
	if (!handle)
		BUG("curl_easy_init failed");
	options_set(lookup, curl, handle);
	curl->easy_setopt(handle, CURLOPT_URL, url);
	curl->easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
	curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, body_take);
	curl->easy_setopt(handle, CURLOPT_WRITEDATA, body);
	curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https,ftp,file");
	code = curl->easy_perform(handle);
	curl->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	curl->easy_cleanup(handle);
	curl->slist_free_all(headers);
	if (code == CURLE_OK)
		return true;
	if (code == CURLE_HTTP_RETURNED_ERROR)
		return fail(
			err, ERR_TASK, "Received HTTP error for %s : HTTP Error %ld", url, status);
	return fail(err, ERR_TASK, "Failed lookup url for %s : %s", url, curl->easy_strerror(code));
}

bool
lookup_url(struct lookup *lookup, struct error *err)
{
	VALUE_EACH (term, lookup->terms) {
		struct view rest, line;
		struct str body;
		bool ok;

		str_init_max(&body, LARGEST);
		ok = url_get(lookup, lookup_text(lookup, term), &body, err);
		rest = str_view(&body);
		if (ok && !lookup_option(lookup, "split_lines", true)) {
			lookup_add_text(lookup, rest);
			rest.length = 0;
		}
		if (view_ends(rest, "\n"))
			rest.length--;
		while (ok && body.length && rest.length && view_cut(&rest, '\n', &line)) {
			if (view_ends(line, "\r"))
				line.length--;
			lookup_add_text(lookup, line);
		}
		str_release(&body);
		if (!ok)
			return false;
	}
	return true;
}
