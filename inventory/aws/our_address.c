/* One request, in plain text, and an answer that is believed only if it is an address. */
#include "inventory/aws/our_address.h"

#include <arpa/inet.h>

#include "http/http.h"

enum { MAXIMUM = 1024, TIMEOUT_MS = 5000 };

static const char service[] = "https://checkip.amazonaws.com";

static bool
is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static const char *
url_of(const char *option)
{
	if (!strcmp(option, "auto"))
		return service;
	return text_starts(option, "https://") || text_starts(option, "http://") ? option : NULL;
}

bool
our_address_check(const char *option, struct error *err)
{
	if (is_address(option) || url_of(option))
		return true;
	fail(err, ERR_OPTIONS, "'our_address' cannot be '%s'", option);
	return error_hint(err, "write an address, `auto`, or an URL that answers with it");
}

bool
our_address_find(const char *option, struct arena *into, const char **out, struct error *err)
{
	const struct http_request request = { .url = url_of(option),
		.maximum = MAXIMUM,
		.timeout_ms = TIMEOUT_MS,
		.connect_ms = TIMEOUT_MS };
	struct http_answer answer;
	struct http *http;
	const char *text;
	bool ok;

	if (!request.url) {
		*out = option;
		return true;
	}
	http = http_new();
	http_set_ca_file(http, getenv("AWS_CA_BUNDLE"));
	ok = http_send(http, &request, &answer, err);
	if (ok && answer.status != 200) {
		ok = fail(err, ERR_PROTOCOL, "HTTP status %d", answer.status);
	} else if (ok) {
		text = arena_view(into, view_trim(str_view(&answer.body)));
		if (is_address(text))
			*out = text;
		else
			ok = fail(err, ERR_PROTOCOL, "the answer is no address");
	}
	http_answer_release(&answer);
	http_free(http);
	return ok || error_context(err, "our_address: %s", request.url);
}
