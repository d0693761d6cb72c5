/*
 * The agent's protocol (draft-miller-ssh-agent): a length of four bytes, a type, the body. libssh
 * waits for the agent's answers where it stands, so those for the socket we give it come from a
 * thread of their own, which ends when libssh closes its end.
 */
#include "orchestrator/transport/agent.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/str.h"

#define MAX_MESSAGE (256 * 1024)
#define MAX_KEYS 256
#define ANSWER_TIMEOUT_S 60 /* a key that wants a touch or a confirmation */

enum { AGENT_REQUEST_KEYS = 11, AGENT_KEYS = 12, AGENT_REQUEST_SIGN = 13, AGENT_FAILURE = 5 };

static uint32_t
number_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void
number_add(struct str *out, size_t number)
{
	unsigned char bytes[4] = { (unsigned char)(number >> 24), (unsigned char)(number >> 16),
		(unsigned char)(number >> 8), (unsigned char)number };

	str_add_bytes(out, bytes, sizeof(bytes));
}

static bool
read_all(int fd, void *bytes, size_t length)
{
	for (char *at = bytes; length;) {
		ssize_t count = read(fd, at, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		at += count;
		length -= (size_t)count;
	}
	return true;
}

static bool
write_all(int fd, const void *bytes, size_t length)
{
	for (const char *at = bytes; length;) {
		ssize_t count = send(fd, at, length, MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		at += count;
		length -= (size_t)count;
	}
	return true;
}

/* The message with its length in front. */
static bool
message_read(int fd, struct str *out)
{
	unsigned char head[4];
	uint32_t length;

	str_clear(out);
	if (!read_all(fd, head, sizeof(head)))
		return false;
	length = number_at(head);
	if (!length || length > MAX_MESSAGE)
		return false;
	str_add_bytes(out, head, sizeof(head));
	if (!read_all(fd, str_reserve(out, length), length))
		return false;
	out->length += length;
	return true;
}

int
agent_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { ANSWER_TIMEOUT_S, 0 };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Listing. */

static bool
field_take(struct view *rest, struct view *field)
{
	uint32_t length;

	if (rest->length < 4)
		return false;
	length = number_at((const unsigned char *)rest->data);
	if (length > rest->length - 4)
		return false;
	*field = (struct view){ rest->data + 4, length };
	rest->data += 4 + length;
	rest->length -= 4 + length;
	return true;
}

static char *
printable(struct view text)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (size_t i = 0; i < text.length && i < 200; i++)
		str_add_char(&out, text.data[i] >= ' ' && text.data[i] < 127 ? text.data[i] : '?');
	return str_take(&out);
}

static void
key_fill(struct agent_key *key, struct view blob, struct view type, struct view comment)
{
	key->type = printable(type);
	key->comment = printable(comment);
	key->size = blob.length;
	key->blob = memory_get(blob.length);
	memcpy(key->blob, blob.data, blob.length);
	key->base64 = memory_get(4 * (blob.length / 3 + 1) + 1);
	EVP_EncodeBlock((unsigned char *)key->base64, key->blob, (int)blob.length);
}

static void
keys_parse(struct view body, struct agent_keys *out)
{
	struct view blob, comment, type;
	uint32_t count;

	if (body.length < 5 || body.data[0] != AGENT_KEYS)
		return;
	count = MIN(number_at((const unsigned char *)body.data + 1), (uint32_t)MAX_KEYS);
	body.data += 5;
	body.length -= 5;
	out->keys = memory_get(MAX(count, 1u) * sizeof(*out->keys));
	while (out->count < count && field_take(&body, &blob) && field_take(&body, &comment)) {
		struct view rest = blob;

		if (field_take(&rest, &type))
			key_fill(&out->keys[out->count++], blob, type, comment);
	}
}

void
agent_list(const char *socket_path, struct agent_keys *out)
{
	static const unsigned char request[] = { 0, 0, 0, 1, AGENT_REQUEST_KEYS };
	_cleanup_str_ struct str answer = STR_INIT;
	_cleanup_close_ int fd = agent_connect(socket_path);

	*out = (struct agent_keys){ 0 };
	if (fd < 0 || !write_all(fd, request, sizeof(request)) || !message_read(fd, &answer))
		return;
	keys_parse((struct view){ answer.data + 4, answer.length - 4 }, out);
}

void
agent_keys_release(struct agent_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		free(keys->keys[i].type);
		free(keys->keys[i].base64);
		free(keys->keys[i].comment);
		free(keys->keys[i].blob);
	}
	free(keys->keys);
	*keys = (struct agent_keys){ 0 };
}

/* Offering. */

struct offer {
	int fd;
	char *socket_path;
	struct str keys; /* the ready answer to a request for the list */
};

static void
answer_failure(int fd)
{
	static const unsigned char failure[] = { 0, 0, 0, 1, AGENT_FAILURE };

	(void)!write_all(fd, failure, sizeof(failure));
}

static void
pass_on(const struct offer *offer, const struct str *request)
{
	_cleanup_close_ int agent = agent_connect(offer->socket_path);
	_cleanup_str_ struct str answer = STR_INIT;

	if (agent >= 0 && write_all(agent, request->data, request->length) &&
		message_read(agent, &answer))
		(void)!write_all(offer->fd, answer.data, answer.length);
	else
		answer_failure(offer->fd);
}

static void *
offer_thread(void *context)
{
	struct offer *offer = context;
	_cleanup_str_ struct str request = STR_INIT;

	while (message_read(offer->fd, &request)) {
		if (request.data[4] == AGENT_REQUEST_KEYS)
			(void)!write_all(offer->fd, offer->keys.data, offer->keys.length);
		else if (request.data[4] == AGENT_REQUEST_SIGN)
			pass_on(offer, &request);
		else
			answer_failure(offer->fd);
	}
	close(offer->fd);
	str_release(&offer->keys);
	free(offer->socket_path);
	free(offer);
	return NULL;
}

static void
offer_list(struct str *out, const struct agent_key *const *keys, size_t count)
{
	_cleanup_str_ struct str body = STR_INIT;

	str_add_char(&body, AGENT_KEYS);
	number_add(&body, count);
	for (size_t i = 0; i < count; i++) {
		number_add(&body, keys[i]->size);
		str_add_bytes(&body, keys[i]->blob, keys[i]->size);
		number_add(&body, strlen(keys[i]->comment));
		str_add(&body, keys[i]->comment);
	}
	number_add(out, body.length);
	str_add_bytes(out, body.data, body.length);
}

static bool
thread_start(struct offer *offer)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	bool is_started;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	is_started = pthread_create(&thread, &attributes, offer_thread, offer) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return is_started;
}

int
agent_offer(const char *socket_path, const struct agent_key *const *keys, size_t count)
{
	struct offer *offer;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	offer = memory_get(sizeof(*offer));
	*offer = (struct offer){ .fd = pair[1], .socket_path = memory_text(socket_path) };
	str_init(&offer->keys);
	offer_list(&offer->keys, keys, count);
	if (thread_start(offer))
		return pair[0];
	close(pair[0]);
	close(pair[1]);
	str_release(&offer->keys);
	free(offer->socket_path);
	free(offer);
	return -1;
}
