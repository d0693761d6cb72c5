/* The machine's names, kernel and architecture. */
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "modules/facts/facts.h"

enum { RESOLVE_MS = 3000, NAME_MAX_BYTES = 256 };

/* The names in the first line of /etc/hosts that has `word` as its address (or among its names). */
static struct view
hosts_line(const char *text, struct view word, bool by_address)
{
	struct view rest = view_of(text), line, piece;

	while (view_cut(&rest, '\n', &line)) {
		struct view fields, names;
		const char *mark = memchr(line.data, '#', line.length);
		bool is_first = true;

		if (mark)
			line.length = (size_t)(mark - line.data);
		fields = names = line = view_trim(line);
		while (fields.data && view_cut(&fields, ' ', &piece)) {
			struct view tabs = piece, field;

			while (tabs.data && view_cut(&tabs, '\t', &field)) {
				if (!field.length)
					continue;
				if (view_equals(field, word) && is_first == by_address)
					return names;
				is_first = false;
			}
		}
	}
	return (struct view){ NULL, 0 };
}

static struct view
next_word(struct view *rest)
{
	struct view word;

	while (rest->length && strchr(" \t", *rest->data)) {
		rest->data++;
		rest->length--;
	}
	word = *rest;
	for (word.length = 0; word.length < rest->length && !strchr(" \t", word.data[word.length]);
		word.length++)
		;
	rest->data += word.length;
	rest->length -= word.length;
	return word;
}

/* A name with a dot, else the first one. */
static const char *
best_name(struct arena *arena, struct view line)
{
	struct view word, first = VIEW("");

	next_word(&line);
	while ((word = next_word(&line)).length) {
		if (memchr(word.data, '.', word.length))
			return arena_view(arena, word);
		if (!first.length)
			first = word;
	}
	return first.length ? arena_view(arena, first) : NULL;
}

/* Asking the resolver may take long: a child does it, for a limited time. */
static const char *
ask_resolver(struct arena *arena, const char *name)
{
	char answer[NAME_MAX_BYTES] = { 0 };
	int fds[2];
	pid_t pid;
	struct pollfd wait;
	ssize_t count = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (!pid) {
		struct addrinfo *list;

		if (getaddrinfo(name, NULL, NULL, &list) == 0 &&
			getnameinfo(list->ai_addr, list->ai_addrlen, answer, sizeof(answer), NULL,
				0, NI_NAMEREQD) == 0 &&
			write(fds[1], answer, strlen(answer)) < 0)
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	wait = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	if (pid > 0 && poll(&wait, 1, RESOLVE_MS) == 1)
		count = read(fds[0], answer, sizeof(answer) - 1);
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return count > 0 ? arena_bytes(arena, answer, (size_t)count) : NULL;
}

const char *
facts_fqdn(struct arena *arena, const char *name)
{
	const char *hosts = file_text(arena, "/etc/hosts"), *found = NULL;
	struct view line =
		hosts ? hosts_line(hosts, view_of(name), false) : (struct view){ NULL, 0 };
	struct view address;

	if (line.data) {
		address = line;
		address = next_word(&address);
		line = hosts_line(hosts, address, true);
		found = best_name(arena, line);
	}
	if (!found)
		found = ask_resolver(arena, name);
	return found ? found : name;
}

static void
set_names(struct facts *facts, const char *node)
{
	const char *fqdn = facts_fqdn(facts->arena, node), *dot = strchr(fqdn, '.');
	size_t length = strcspn(node, ".");

	facts_text(facts, "nodename", node);
	facts_set(facts, "hostname", value_bytes(facts->arena, node, length));
	facts_text(facts, "fqdn", fqdn);
	facts_text(facts, "domain", dot ? dot + 1 : "");
}

/* 3.11 out of "python3.11", which python3 leads to. */
static void
python_version(const char *path, int64_t version[2])
{
	char real[PATH_MAX];
	struct view major, rest = view_of(path && realpath(path, real) ? path_name(real) : "");

	version[0] = 3;
	version[1] = 0;
	if (!view_starts(rest, "python3."))
		return;
	rest = (struct view){ rest.data + strlen("python"), rest.length - strlen("python") };
	if (view_cut(&rest, '.', &major) && !number_parse(rest, &version[1]))
		version[1] = 0;
}

/* Which Python a playbook would find; nobody runs it to ask, so the version is the name's. Playbooks
 * take these facts for granted: where there is no Python they say 3.0, and no type. */
static void
set_python(struct facts *facts)
{
	const char *path = program_find(facts->arena, "python3");
	struct value *map = value_map(facts->arena), *version = value_map(facts->arena),
		     *info = value_list(facts->arena);
	int64_t number[2];

	python_version(path, number);
	set_text(facts, map, "executable", path ? path : "");
	value_set(facts->arena, map, "type",
		path ? value_text(facts->arena, "cpython") : &value_none);
	value_set(facts->arena, map, "has_sslcontext", &value_true);
	set_int(facts, version, "major", number[0]);
	set_int(facts, version, "minor", number[1]);
	set_int(facts, version, "micro", 0);
	set_text(facts, version, "releaselevel", "final");
	set_int(facts, version, "serial", 0);
	VALUE_PAIRS (pair, version)
		value_add(facts->arena, info, pair->value);
	value_set(facts->arena, map, "version", version);
	value_set(facts->arena, map, "version_info", info);
	facts_set(facts, "python", map);
	facts_set(facts, "python_version",
		value_format(facts->arena, "%d.%d.0", (int)number[0], (int)number[1]));
}

void
facts_platform(struct facts *facts)
{
	struct utsname names;
	const char *id;

	uname(&names);
	facts_text(facts, "system", names.sysname);
	facts_text(facts, "kernel", names.release);
	facts_text(facts, "kernel_version", names.version);
	facts_text(facts, "machine", names.machine);
	facts_text(facts, "architecture",
		text_starts(names.machine, "i") && text_ends(names.machine, "86") ? "i386"
										  : names.machine);
	facts_text(facts, "userspace_bits", sizeof(void *) == 8 ? "64" : "32");
	facts_text(facts, "userspace_architecture", names.machine);
	set_names(facts, names.nodename);
	set_python(facts);
	id = file_first_line(facts->arena, "/var/lib/dbus/machine-id");
	if (!id || !*id)
		id = file_first_line(facts->arena, "/etc/machine-id");
	if (id && *id)
		facts_text(facts, "machine_id", id);
}
