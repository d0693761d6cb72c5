/* How the system is set up: DNS, security modules, kernel command line, host keys. */
#include <string.h>
#include <sys/stat.h>

#include "module/words.h"
#include "modules/facts/facts.h"

static struct value *
rest_words(struct facts *facts, const char *text)
{
	struct value *list = value_list(facts->arena);
	const char *const *words;

	if (words_cut(facts->arena, text, &words, NULL))
		for (; *words; words++)
			value_add(facts->arena, list, value_text(facts->arena, *words));
	return list;
}

static void
add_option(struct facts *facts, struct value *dns, const char *text)
{
	struct value *options = value_map(facts->arena);
	const char *const *words;

	if (!words_cut(facts->arena, text, &words, NULL))
		return;
	for (; *words; words++) {
		const char *colon = strchr(*words, ':');

		if (colon)
			set_text(facts, options,
				arena_view(facts->arena,
					(struct view){ *words, (size_t)(colon - *words) }),
				colon + 1);
		else
			value_set(facts->arena, options, *words, &value_true);
	}
	value_set(facts->arena, dns, "options", options);
}

static void
set_dns(struct facts *facts)
{
	struct value *dns = value_map(facts->arena), *servers = value_list(facts->arena);
	const char *text = file_text(facts->arena, "/etc/resolv.conf");
	struct view rest = view_of(text), line, word;

	while (view_cut(&rest, '\n', &line)) {
		const char *values;

		line = view_trim(line);
		if (!line.length || strchr("#;", *line.data) || !view_cut(&line, ' ', &word))
			continue;
		values = arena_view(facts->arena, line.data ? view_trim(line) : VIEW(""));
		if (view_is(word, "nameserver"))
			value_add(facts->arena, servers, value_text(facts->arena, values));
		else if (view_is(word, "domain"))
			set_text(facts, dns, "domain", values);
		else if (view_is(word, "search") || view_is(word, "sortlist"))
			value_set(facts->arena, dns, arena_view(facts->arena, word),
				rest_words(facts, values));
		else if (view_is(word, "options"))
			add_option(facts, dns, values);
	}
	if (servers->list.count)
		value_set(facts->arena, dns, "nameservers", servers);
	facts_set(facts, "dns", dns);
}

/* SELINUX=enforcing */
static const char *
config_value(struct arena *arena, const char *text, const char *name)
{
	struct view rest = view_of(text), line, key;

	while (text && view_cut(&rest, '\n', &line))
		if (view_cut(&line, '=', &key) && line.data && view_is(key, name))
			return arena_view(arena, view_trim(line));
	return "unknown";
}

static void
set_selinux(struct facts *facts)
{
	struct value *map = value_map(facts->arena);
	const char *enforce = file_first_line(facts->arena, "/sys/fs/selinux/enforce"), *config,
		   *version;
	int64_t number;

	set_text(facts, map, "status", enforce ? "enabled" : "disabled");
	if (enforce) {
		config = file_text(facts->arena, "/etc/selinux/config");
		version = file_first_line(facts->arena, "/sys/fs/selinux/policyvers");
		set_text(
			facts, map, "mode", text_equals(enforce, "1") ? "enforcing" : "permissive");
		set_text(facts, map, "config_mode", config_value(facts->arena, config, "SELINUX"));
		set_text(facts, map, "type", config_value(facts->arena, config, "SELINUXTYPE"));
		if (version && number_parse(view_of(version), &number))
			set_int(facts, map, "policyvers", number);
	}
	facts_set(facts, "selinux", map);
	facts_bool(facts, "selinux_python_present", true);
	map = value_map(facts->arena);
	set_text(facts, map, "status",
		access("/sys/kernel/security/apparmor", F_OK) == 0 ? "enabled" : "disabled");
	facts_set(facts, "apparmor", map);
}

static void
set_command_line(struct facts *facts)
{
	struct value *last = value_map(facts->arena), *all = value_map(facts->arena);
	const char *line = file_first_line(facts->arena, "/proc/cmdline");
	const char *const *words;

	if (!line || !words_cut(facts->arena, line, &words, NULL))
		return;
	for (; *words; words++) {
		const char *mark = strchr(*words, '=');
		const char *key = mark ? arena_view(facts->arena,
						 (struct view){ *words, (size_t)(mark - *words) })
				       : *words;
		const struct value *value = mark ? value_text(facts->arena, mark + 1) : &value_true;
		const struct value *old = value_get(all, key);
		struct value *list;

		value_set(facts->arena, last, key, value);
		if (old) {
			list = value_is_list(old) ? value_list_copy(facts->arena, old)
						  : value_list(facts->arena);
			if (!value_is_list(old))
				value_add(facts->arena, list, old);
			value_add(facts->arena, list, value);
			value = list;
		}
		value_set(facts->arena, all, key, value);
	}
	facts_set(facts, "cmdline", last);
	facts_set(facts, "proc_cmdline", all);
}

static void
set_host_keys(struct facts *facts)
{
	static const char *const kinds[] = { "dsa", "rsa", "ecdsa", "ed25519" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *path =
			arena_format(facts->arena, "/etc/ssh/ssh_host_%s_key.pub", kinds[i]);
		const char *line = file_first_line(facts->arena, path);
		const char *const *words;

		if (!line || !words_cut(facts->arena, line, &words, NULL) || !words[0] || !words[1])
			continue;
		facts_text(facts, arena_format(facts->arena, "ssh_host_key_%s_public", kinds[i]),
			words[1]);
		facts_text(facts,
			arena_format(facts->arena, "ssh_host_key_%s_public_keytype", kinds[i]),
			words[0]);
	}
}

static bool
is_chroot(void)
{
	struct stat ours, root;

	if (stat("/", &ours) < 0)
		return false;
	if (stat("/proc/1/root/.", &root) == 0)
		return ours.st_ino != root.st_ino || ours.st_dev != root.st_dev;
	return ours.st_ino != 2 && ours.st_ino != 128 && ours.st_ino != 256;
}

void
facts_settings(struct facts *facts)
{
	const char *fips = file_first_line(facts->arena, "/proc/sys/crypto/fips_enabled");

	set_dns(facts);
	set_selinux(facts);
	set_command_line(facts);
	set_host_keys(facts);
	facts_bool(facts, "fips", text_equals(fips, "1"));
	facts_bool(facts, "is_chroot", is_chroot());
}
