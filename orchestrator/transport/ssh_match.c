/* `Match`: criteria that must all hold; each may be negated with `!`. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <strings.h>
#include <sys/wait.h>

#include "orchestrator/transport/pattern.h"
#include "orchestrator/transport/ssh_internal.h"

extern char **environ;

/* Runs a command line of the user's own file, as OpenSSH does; once per run for the same text. */
static bool
command_succeeds(struct walk *walk, const char *command)
{
	const char *known = map_get(&walk->config->commands, command);
	char *arguments[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, memory_text(command), NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = -1;

	if (known) {
		free(arguments[2]);
		return text_equals(known, "yes");
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, "/bin/sh", &actions, NULL, arguments, environ) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
	free(arguments[2]);
	map_set(&walk->config->commands, command, (void *)(uintptr_t)(status == 0 ? "yes" : "no"));
	return status == 0;
}

static bool
address_is_within(const struct sockaddr *address, const char *network, int bits)
{
	unsigned char want[16], have[16];
	int size;

	if (inet_pton(AF_INET, network, want) == 1 && address->sa_family == AF_INET) {
		size = 4;
		memcpy(have, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	} else if (inet_pton(AF_INET6, network, want) == 1 && address->sa_family == AF_INET6) {
		size = 16;
		memcpy(have, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	} else {
		return false;
	}
	if (bits < 0 || bits > size * 8)
		bits = size * 8;
	for (int i = 0; i < bits; i++)
		if ((want[i / 8] ^ have[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

static bool
network_is_local(struct arena *into, struct view network)
{
	struct view rest = network, address;
	int64_t bits = -1;
	struct ifaddrs *all;
	bool found = false;

	if (!view_cut(&rest, '/', &address) || getifaddrs(&all) < 0)
		return false;
	if (rest.data && !number_parse(rest, &bits))
		bits = -1;
	for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next)
		found = one->ifa_addr &&
			address_is_within(one->ifa_addr, arena_view(into, address), (int)bits);
	freeifaddrs(all);
	return found;
}

static bool
any_network_is_local(struct walk *walk, struct view list)
{
	struct view network;

	while (view_cut(&list, ',', &network))
		if (network_is_local(walk->into, network))
			return true;
	return false;
}

static bool
text_matches(const char *argument, const char *text, bool *holds)
{
	*holds = pattern_list_matches(view_of(argument), ',', text, false);
	return true;
}

static bool
match_host(struct walk *walk, const char *argument, bool *holds, struct error *err)
{
	const char *host;

	if (!walk_host(walk, &host, err))
		return false;
	*holds = pattern_list_matches(view_of(argument), ',', host, true);
	return true;
}

static bool
match_exec(struct walk *walk, const char *argument, bool *holds, struct error *err)
{
	const char *command;

	if (!walk_expand(walk, argument, "%CdhijkLlnpru", &command, err))
		return false;
	*holds = command_succeeds(walk, command);
	return true;
}

/* A criterion with an argument. */
static bool
criterion_holds(
	struct walk *walk, const char *name, const char *argument, bool *holds, struct error *err)
{
	const char *user = walk->values[KEYWORD_USER].text;
	const char *tag = walk->values[KEYWORD_TAG].text;

	if (!strcasecmp(name, "host"))
		return match_host(walk, argument, holds, err);
	if (!strcasecmp(name, "exec"))
		return match_exec(walk, argument, holds, err);
	if (!strcasecmp(name, "originalhost"))
		*holds = pattern_list_matches(view_of(argument), ',', walk->name, true);
	else if (!strcasecmp(name, "user"))
		return text_matches(argument, user ? user : walk->config->user, holds);
	else if (!strcasecmp(name, "localuser"))
		return text_matches(argument, walk->config->user, holds);
	else if (!strcasecmp(name, "tagged"))
		return text_matches(argument, tag ? tag : "", holds);
	else if (!strcasecmp(name, "localnetwork"))
		*holds = any_network_is_local(walk, view_of(argument));
	else if (!strcasecmp(name, "sessiontype"))
		return text_matches(argument, "exec", holds);
	else if (!strcasecmp(name, "version"))
		return text_matches(argument, "ertc", holds);
	else {
		*holds = false;
		if (strcasecmp(name, "command") != 0)
			ssh_config_warn(walk->config,
				"%s: 'Match %s' is unknown, its block is not used", walk->path,
				name);
	}
	return true;
}

/* `all`, `final` and `canonical` stand alone; true in *is_plain when it was one of them. */
static bool
plain_criterion(struct walk *walk, const char *name, bool *is_plain)
{
	*is_plain = true;
	if (!strcasecmp(name, "all"))
		return true;
	if (!strcasecmp(name, "final"))
		walk->wants_final = true;
	else if (strcasecmp(name, "canonical") != 0)
		*is_plain = false;
	return walk->is_final;
}

bool
match_line(struct walk *walk, const struct config_line *line, bool *is_active, struct error *err)
{
	bool all_hold = true, holds, is_plain;

	if (!line->count)
		return fail(err, ERR_PARSE, "'Match' needs a criterion");
	for (size_t i = 0; i < line->count; i++) {
		const char *word = line->words[i];
		bool is_negated = word[0] == '!';
		const char *equals = strchr(word, '=');
		const char *name = word + is_negated;

		if (equals)
			name = arena_bytes(walk->into, name, (size_t)(equals - name));
		holds = plain_criterion(walk, name, &is_plain);
		if (!is_plain) {
			const char *argument = equals		     ? equals + 1
					       : i + 1 < line->count ? line->words[++i]
								     : NULL;

			if (!argument)
				return fail(err, ERR_PARSE, "'Match %s' needs an argument", name);
			if (!all_hold)
				continue; /* commands are not run for nothing */
			if (!criterion_holds(walk, name, argument, &holds, err))
				return false;
		}
		all_hold = all_hold && holds != is_negated;
	}
	*is_active = all_hold;
	return true;
}
