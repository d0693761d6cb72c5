/*
 * The loop: fibers that can go on are resumed; what they sent is in curl's hands until it is done;
 * who sleeps waits for a time. Outside of a fiber http_send drives the same loop until its own
 * answer is there.
 */
#include "http/http.h"

#include <poll.h>
#include <strings.h>

#include "http/curl.h"
#include "os/loop.h"

enum { BODY_MAXIMUM = 1024 * 1024, HEADERS_MAXIMUM = 256 * 1024, MOST_AT_ONCE = 64, STALL_S = 30 };

struct transfer {
	const struct http_request *request;
	struct http_answer *answer;
	struct error *err;
	const struct curl_api *curl;
	CURL *handle;
	CURLcode code;
	bool is_done, has_failed; /* has_failed: `take` or a limit said no; err is set */
	char detail[CURL_ERROR_SIZE];
};

struct strand {
	struct strand *next;
	struct fiber *fiber;
	const bool *waits_for;	 /* goes on when this is true; NULL: at once, or at `due` */
	const bool *waits_while; /* goes on when this is false */
	uint64_t due;		 /* 0: none */
};

struct http {
	const struct curl_api *curl; /* and `multi`: since the first request */
	CURLM *multi;
	char *ca_file;
	http_stand_in *stand_in;
	void *stand_in_context;
	struct strand *strands, **last;
	struct strand *current;
};

struct http *
http_new(void)
{
	struct http *http = memory_get(sizeof(*http));

	*http = (struct http){ 0 };
	http->last = &http->strands;
	return http;
}

void
http_free(struct http *http)
{
	if (!http)
		return;
	if (http->multi)
		http->curl->multi_cleanup(http->multi);
	free(http->ca_file);
	free(http);
}

void
http_set_ca_file(struct http *http, const char *path)
{
	free(http->ca_file);
	http->ca_file = path ? memory_text(path) : NULL;
}

void
http_set_stand_in(struct http *http, http_stand_in *send, void *context)
{
	http->stand_in = send;
	http->stand_in_context = context;
}

/* ---- the loop ---- */

static void
transfers_reap(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = http->curl->multi_info_read(http->multi, &left))) {
		struct transfer *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		http->curl->easy_getinfo(
			message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		transfer->code = message->data.result;
		transfer->is_done = true;
	}
}

static bool
can_go_on(const struct strand *strand, uint64_t now)
{
	if (strand->waits_for)
		return *strand->waits_for;
	if (strand->waits_while)
		return !*strand->waits_while;
	return strand->due <= now;
}

/* Resumes all that can go on; false: nobody could. */
static bool
strands_turn(struct http *http)
{
	struct strand **place = &http->strands;
	uint64_t now = clock_ms();
	bool any = false;

	while (*place) {
		struct strand *strand = *place;

		if (strand == http->current || !can_go_on(strand, now)) {
			place = &strand->next;
			continue;
		}
		any = true;
		strand->waits_for = strand->waits_while = NULL;
		strand->due = 0;
		http->current = strand;
		if (fiber_resume(strand->fiber)) {
			*place = strand->next;
			if (http->last == &strand->next)
				http->last = place;
			fiber_free(strand->fiber);
			free(strand);
		} else {
			place = &strand->next;
		}
		http->current = NULL;
	}
	return any;
}

static int
wait_ms(const struct http *http, uint64_t due)
{
	uint64_t now = clock_ms(), until = due ? due : now + 1000;

	for (const struct strand *strand = http->strands; strand; strand = strand->next)
		if (strand->due && strand->due < until)
			until = strand->due;
	return until <= now ? 0 : (int)MIN(until - now, 1000);
}

static void
transfers_turn(struct http *http)
{
	int at_work;

	if (!http->multi)
		return;
	http->curl->multi_perform(http->multi, &at_work);
	transfers_reap(http);
}

/* One round; sleeps only if nobody can go on. `due`: when the caller wants to be back, 0: any time.
 */
static void
loop_round(struct http *http, uint64_t due)
{
	if (strands_turn(http))
		due = clock_ms();
	transfers_turn(http);
	for (const struct strand *strand = http->strands; strand; strand = strand->next)
		if (can_go_on(strand, clock_ms()))
			return;
	if (http->multi)
		http->curl->multi_poll(http->multi, NULL, 0, wait_ms(http, due), NULL);
	else
		poll(NULL, 0, wait_ms(http, due));
	transfers_turn(http);
}

void
http_spawn(struct http *http, void (*work)(void *context), void *context)
{
	struct strand *strand = memory_get(sizeof(*strand));

	*strand = (struct strand){ .fiber = fiber_new(work, context) };
	*http->last = strand;
	http->last = &strand->next;
}

void
http_run(struct http *http)
{
	if (http->current)
		BUG("http_run inside a fiber");
	while (http->strands)
		loop_round(http, 0);
}

void
http_sleep(struct http *http, uint64_t ms)
{
	uint64_t due = clock_ms() + ms;

	if (!http->current) {
		while (clock_ms() < due)
			loop_round(http, due);
		return;
	}
	http->current->due = due;
	fiber_pause();
}

void
http_wait(struct http *http, const bool *is_done)
{
	if (!http->current) {
		while (!*is_done)
			loop_round(http, 0);
		return;
	}
	http->current->waits_for = is_done;
	fiber_pause();
}

void
http_turn_take(struct http *http, struct http_turn *turn)
{
	while (turn->is_taken) {
		if (http->current) {
			http->current->waits_while = &turn->is_taken;
			fiber_pause();
		} else {
			loop_round(http, 0);
		}
	}
	turn->is_taken = true;
}

void
http_turn_give(struct http_turn *turn)
{
	turn->is_taken = false;
}

/* ---- one transfer ---- */

/* The address for messages: neither a name and password nor a query, where secrets may be. */
static const char *
shown_url(const char *url, char *out, size_t size)
{
	const char *host = strstr(url, "://");
	size_t scheme = host ? (size_t)(host + 3 - url) : 0;
	struct view rest = { url + scheme, strcspn(url + scheme, "?#") };
	const char *at = memrchr(rest.data, '@', strcspn(rest.data, "/?#"));

	if (at) {
		rest.length -= (size_t)(at + 1 - rest.data);
		rest.data = at + 1;
	}
	snprintf(out, size, "%.*s%.*s", (int)scheme, url, (int)rest.length, rest.data);
	return out;
}

static size_t
headers_take(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct view line = { bytes, size * count };

	if (view_starts(line, "HTTP/")) /* of a 100 Continue, or a proxy's, before */
		str_clear(&transfer->answer->headers);
	str_add_view(&transfer->answer->headers, line);
	if (!transfer->answer->headers.is_full)
		return size * count;
	fail(transfer->err, ERR_LIMIT, "the headers of the answer are too long");
	transfer->has_failed = true;
	return 0;
}

static size_t
body_take(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	const struct http_request *request = transfer->request;
	struct view piece = { bytes, size * count };
	char url[300];

	if (request->take && transfer->answer->status == 200) {
		if (request->take(request->context, piece, transfer->err))
			return piece.length;
		transfer->has_failed = true;
		return 0;
	}
	str_add_view(&transfer->answer->body, piece);
	if (!transfer->answer->body.is_full)
		return piece.length;
	fail(transfer->err, ERR_LIMIT, "the answer of %s is larger than %zu bytes",
		shown_url(request->url, url, sizeof(url)), transfer->answer->body.maximum);
	transfer->has_failed = true;
	return 0;
}

/* The status is known when the first byte of the body comes. */
static size_t
body_begin(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	long status = 0;

	transfer->curl->easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	transfer->answer->status = (int)status;
	return body_take(bytes, size, count, transfer);
}

static void
options_set(const struct http *http, struct transfer *transfer, struct curl_slist *headers)
{
	const struct http_request *request = transfer->request;
	__typeof__(&curl_easy_setopt) set = transfer->curl->easy_setopt;
	CURL *handle = transfer->handle;

	set(handle, CURLOPT_PRIVATE, transfer);
	set(handle, CURLOPT_URL, request->url);
	set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
	set(handle, CURLOPT_NOSIGNAL, 1L);
	set(handle, CURLOPT_HTTPHEADER, headers);
	set(handle, CURLOPT_ERRORBUFFER, transfer->detail);
	set(handle, CURLOPT_WRITEFUNCTION, body_begin);
	set(handle, CURLOPT_WRITEDATA, transfer);
	set(handle, CURLOPT_HEADERFUNCTION, headers_take);
	set(handle, CURLOPT_HEADERDATA, transfer);
	set(handle, CURLOPT_ACCEPT_ENCODING, NULL);
	set(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	set(handle, CURLOPT_TCP_NODELAY, 1L);
	set(handle, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(request->connect_ms ? request->connect_ms : 10000));
	set(handle, CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms ? request->timeout_ms : 60000));
	set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
	set(handle, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
	set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
	set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
	set(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (http->ca_file)
		set(handle, CURLOPT_CAINFO, http->ca_file);
	if (request->has_no_proxy)
		set(handle, CURLOPT_NOPROXY, "*");
	if (request->body.length || (request->method && !strcmp(request->method, "POST"))) {
		set(handle, CURLOPT_POST, 1L);
		set(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
		set(handle, CURLOPT_POSTFIELDS, request->body.length ? request->body.data : "");
	}
	if (request->method)
		set(handle, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool
transfer_failed(const struct transfer *transfer, struct error *err)
{
	char url[300];

	shown_url(transfer->request->url, url, sizeof(url));
	switch (transfer->code) {
	case CURLE_OPERATION_TIMEDOUT:
		fail(err, ERR_TIMEOUT, "no whole answer from %s in time", url);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		fail(err, ERR_DENIED, "cannot trust the certificate of %s", url);
		break;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
		fail(err, ERR_UNREACHABLE, "the answer of %s was cut off", url);
		break;
	default:
		fail(err, ERR_UNREACHABLE, "cannot reach %s", url);
	}
	return error_why(err, "%s",
		*transfer->detail ? transfer->detail
				  : transfer->curl->easy_strerror(transfer->code));
}

/* A line break would begin a header of somebody else's making. */
static bool
headers_are_lines(const struct http_request *request, struct error *err)
{
	for (const char *const *header = request->headers; header && *header; header++)
		if (strpbrk(*header, "\r\n"))
			return fail(err, ERR_OPTIONS, "the header %.*s holds a line break",
				(int)strcspn(*header, ":\r\n"), *header);
	return true;
}

static bool
multi_open(struct http *http, struct error *err)
{
	if (http->multi)
		return true;
	http->curl = curl_load(err);
	if (!http->curl)
		return false;
	http->multi = http->curl->multi_init();
	if (!http->multi)
		BUG("libcurl does not start");
	http->curl->multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)MOST_AT_ONCE);
	http->curl->multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MOST_AT_ONCE);
	return true;
}

/* From the first byte to the last. */
static void
transfer_run(struct http *http, struct transfer *transfer)
{
	const struct curl_api *curl = http->curl;
	struct http_answer *out = transfer->answer;
	struct curl_slist *headers = NULL;
	uint64_t start = clock_ms();
	long status = 0;

	transfer->curl = curl;
	transfer->handle = curl->easy_init();
	if (!transfer->handle)
		BUG("curl_easy_init failed");
	for (const char *const *header = transfer->request->headers; header && *header; header++)
		headers = curl->slist_append(headers, *header);
	headers = curl->slist_append(headers, "Expect:");
	options_set(http, transfer, headers);
	curl->multi_add_handle(http->multi, transfer->handle);
	http_wait(http, &transfer->is_done);
	curl->easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	out->status = (int)status;
	out->took_ms = clock_ms() - start;
	curl->multi_remove_handle(http->multi, transfer->handle);
	curl->easy_cleanup(transfer->handle);
	curl->slist_free_all(headers);
}

bool
http_send(struct http *http, const struct http_request *request, struct http_answer *out,
	struct error *err)
{
	struct transfer transfer = { .request = request, .answer = out, .err = err };

	*out = (struct http_answer){ 0 };
	str_init_max(&out->headers, HEADERS_MAXIMUM);
	str_init_max(&out->body, request->maximum ? request->maximum : BODY_MAXIMUM);
	if (!headers_are_lines(request, err))
		return false;
	if (http->stand_in)
		return http->stand_in(http->stand_in_context, request, out, err);
	if (!multi_open(http, err))
		return false;
	transfer_run(http, &transfer);
	if (transfer.has_failed)
		return false;
	return transfer.code == CURLE_OK || transfer_failed(&transfer, err);
}

void
http_answer_release(struct http_answer *answer)
{
	str_release(&answer->headers);
	str_release(&answer->body);
}

const char *
http_header(struct arena *into, const struct http_answer *answer, const char *name)
{
	struct view rest = str_view(&answer->headers), line;

	while (view_cut(&rest, '\n', &line)) {
		struct view key;

		if (view_cut(&line, ':', &key) && key.length == strlen(name) && line.data &&
			strncasecmp(key.data, name, key.length) == 0)
			return arena_view(into, view_trim(line));
	}
	return NULL;
}
