/*
 * Opens links and prints what happens: for tests/transport/run.sh.
 *
 *	link_client [options] host…
 *
 * A host is NAME or NAME=ADDRESS. Each link sends `-n` bytes when its runner is up, wants them
 *back, and closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/str.h"
#include "orchestrator/delivery/link.h"

struct client {
	struct loop *loop;
	struct transport *transport;
	struct link_settings settings;
	size_t bytes; /* to send and to get back */
	int hold_ms;  /* before closing */
	int open, good, bad;
	bool is_quiet;
	const char *answer; /* to whatever is asked */
	uint64_t start;
};

struct host {
	struct client *client;
	char *name;
	struct link *link;
	size_t sent, received;
	bool is_wrong;
};

static unsigned char pattern[1 << 16];

static void
host_say(struct host *host, const char *what, const char *more)
{
	if (!host->client->is_quiet)
		printf("%6.1f %s %s %s\n", (double)(clock_us() - host->client->start) / 1000,
			host->name, what, more);
	fflush(stdout);
}

static void
host_over(struct host *host, bool is_good)
{
	host->client->open--;
	*(is_good ? &host->client->good : &host->client->bad) += 1;
	host->link = NULL;
	if (!host->client->open)
		loop_stop(host->client->loop);
}

static void
host_close(void *context)
{
	struct host *host = context;

	if (!host->link)
		return;
	host_say(host, "closing", "");
	link_close(host->link);
	host_over(host, !host->is_wrong);
}

static void
host_feed(struct host *host)
{
	while (host->sent < host->client->bytes && link_queued(host->link) < 1 << 20) {
		size_t count = MIN(sizeof(pattern), host->client->bytes - host->sent);

		link_send(host->link, pattern, count);
		host->sent += count;
	}
}

static void
on_ready(void *context, const struct link_info *info)
{
	struct host *host = context;
	char text[600];

	snprintf(text, sizeof(text), "%s%s by %s", info->architecture,
		info->was_pushed ? " pushed" : " cached", info->road);
	host_say(host, "ready", text);
	host_feed(host);
	if (!host->client->bytes)
		loop_timer_add(
			host->client->loop, (uint64_t)host->client->hold_ms, host_close, host);
}

static void
on_received(void *context, const void *bytes, size_t length)
{
	struct host *host = context;
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		if (at[i] != pattern[(host->received + i) % sizeof(pattern)])
			host->is_wrong = true;
	host->received += length;
	if (host->received < host->client->bytes)
		return;
	host_say(host, host->is_wrong || host->received > host->client->bytes ? "WRONG" : "echoed",
		"");
	loop_timer_add(host->client->loop, (uint64_t)host->client->hold_ms, host_close, host);
}

static void
on_drained(void *context)
{
	host_feed(context);
}

static void
on_progress(void *context, const char *what)
{
	host_say(context, "progress", what);
}

static void
on_closed(void *context, const struct error *err, bool was_ready)
{
	struct host *host = context;
	char text[2600];

	if (err)
		snprintf(text, sizeof(text), "%s kind=%d %s | %s | %s | %s",
			was_ready ? "after" : "before", err->kind, err->what, err->where, err->why,
			err->hint);
	else
		snprintf(text, sizeof(text), "in order");
	host_say(host, "closed", text);
	host_over(host, false);
}

static bool
ask(void *context, const char *prompt, bool is_secret UNUSED, char *answer, size_t size)
{
	struct client *client = context;

	printf("asked: %s\n", prompt);
	if (!client->answer)
		return false;
	snprintf(answer, size, "%s", client->answer);
	return true;
}

static void
warn(void *context UNUSED, const char *text)
{
	printf("warning: %s\n", text);
}

static void
host_open(struct client *client, char *text, struct host *host)
{
	static const struct link_handler handler = { on_ready, on_received, on_drained, on_progress,
		on_closed };
	struct link_settings settings = client->settings;
	char *equals = strchr(text, '=');

	if (equals)
		*equals = '\0';
	*host = (struct host){ .client = client, .name = text };
	settings.name = text;
	settings.host = equals ? equals + 1 : NULL;
	client->open++;
	host->link = link_open(client->transport, &settings, &handler, host);
}

static void
usage_print(const struct client *client)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("good %d bad %d logins %zu wall %.0f ms cpu %.0f ms rss %ld KB\n", client->good,
		client->bad, transport_login_count(client->transport),
		(double)(clock_us() - client->start) / 1000,
		(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
			(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000,
		usage.ru_maxrss);
}

static int
number(const char *text)
{
	int64_t value = 0;

	if (!number_parse(view_of(text), &value))
		exit(2);
	return (int)value;
}

int
main(int count, char **arguments)
{
	struct client client = { .bytes = 10 };
	struct transport_settings settings = {
		.can_ask = true, .ask = ask, .warn = warn, .context = &client
	};
	struct host *hosts;
	int option;

	while ((option = getopt(count, arguments, "a:c:d:e:h:i:j:k:n:p:qr:s:t:u:vw:x:")) != -1) {
		if (option == 'a')
			client.settings.ssh_common_args = optarg;
		else if (option == 'c')
			client.settings.connection = optarg;
		else if (option == 'd')
			client.settings.remote_dir = optarg;
		else if (option == 'e')
			client.settings.ssh_executable = optarg;
		else if (option == 'h')
			client.hold_ms = number(optarg);
		else if (option == 'i')
			client.settings.private_key_file = optarg;
		else if (option == 'j')
			settings.connects_at_once = number(optarg);
		else if (option == 'k')
			client.settings.host_key_checking = optarg;
		else if (option == 'n')
			client.bytes = (size_t)number(optarg);
		else if (option == 'p')
			client.settings.port = number(optarg);
		else if (option == 'q')
			client.is_quiet = true;
		else if (option == 'r')
			settings.retries = number(optarg);
		else if (option == 's')
			client.answer = optarg;
		else if (option == 't')
			client.settings.timeout_s = number(optarg);
		else if (option == 'u')
			client.settings.user = optarg;
		else if (option == 'v')
			log_level = LOG_DEBUG;
		else if (option == 'w')
			client.settings.password = optarg;
		else if (option == 'x')
			client.settings.ssh_extra_args = optarg;
		else
			return 2;
	}
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (unsigned char)(i * 2654435761u >> 13);
	client.loop = settings.loop = loop_new();
	client.transport = transport_new(&settings);
	client.start = clock_us();
	hosts = memory_get((size_t)count * sizeof(*hosts));
	for (int i = optind; i < count; i++)
		host_open(&client, arguments[i], &hosts[i]);
	loop_run(client.loop);
	usage_print(&client);
	transport_free(client.transport);
	loop_free(client.loop);
	free(hosts);
	return client.bad || !client.good;
}
