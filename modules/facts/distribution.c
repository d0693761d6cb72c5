/* Which distribution it is, and what follows from that. */
#include <string.h>

#include "modules/facts/facts.h"

/* `id` is that of os-release. */
static const struct distribution {
	const char *id, *name, *family, *release_file;
} distributions[] = {
	{ "debian", "Debian", "Debian", NULL },
	{ "ubuntu", "Ubuntu", "Debian", NULL },
	{ "raspbian", "Debian", "Debian", NULL },
	{ "linuxmint", "Linux Mint", "Debian", NULL },
	{ "kali", "Kali", "Debian", NULL },
	{ "devuan", "Devuan", "Debian", NULL },
	{ "pop", "Pop!_OS", "Debian", NULL },
	{ "rhel", "RedHat", "RedHat", "/etc/redhat-release" },
	{ "centos", "CentOS", "RedHat", "/etc/redhat-release" },
	{ "rocky", "Rocky", "RedHat", "/etc/redhat-release" },
	{ "almalinux", "AlmaLinux", "RedHat", "/etc/redhat-release" },
	{ "ol", "OracleLinux", "RedHat", "/etc/oracle-release" },
	{ "fedora", "Fedora", "RedHat", "/etc/redhat-release" },
	{ "amzn", "Amazon", "RedHat", NULL },
	{ "alpine", "Alpine", "Alpine", "/etc/alpine-release" },
	{ "arch", "Archlinux", "Archlinux", NULL },
	{ "opensuse-leap", "openSUSE Leap", "Suse", NULL },
	{ "opensuse-tumbleweed", "openSUSE Tumbleweed", "Suse", NULL },
	{ "sles", "SLES", "Suse", NULL },
	{ "gentoo", "Gentoo", "Gentoo", NULL },
	{ "nixos", "NixOS", "NixOS", NULL },
};

/* NAME=value, with or without quotes. */
static const char *
shell_value(struct arena *arena, const char *text, const char *name)
{
	struct view rest = view_of(text), line, key;

	while (text && view_cut(&rest, '\n', &line)) {
		if (!view_cut(&line, '=', &key) || !line.data || !view_is(key, name))
			continue;
		line = view_trim(line);
		if (line.length > 1 && strchr("\"'", *line.data) &&
			line.data[line.length - 1] == *line.data) {
			line.data++;
			line.length -= 2;
		}
		return arena_view(arena, line);
	}
	return NULL;
}

static const struct distribution *
find_distribution(const char *id)
{
	for (size_t i = 0; id && i < ARRAY_SIZE(distributions); i++)
		if (text_equals(distributions[i].id, id))
			return &distributions[i];
	return NULL;
}

/* "Rocky Linux release 9.3 (Blue Onyx)" */
static void
read_release_file(struct arena *arena, const char *path, const char **version, const char **release)
{
	const char *line = file_first_line(arena, path), *mark, *end;

	if (!line)
		return;
	mark = strstr(line, "release ");
	if (mark) {
		mark += strlen("release ");
		*version = arena_view(arena, (struct view){ mark, strcspn(mark, " ") });
	}
	mark = strchr(line, '(');
	end = mark ? strchr(mark, ')') : NULL;
	if (end)
		*release = arena_view(arena, (struct view){ mark + 1, (size_t)(end - mark - 1) });
}

static void
set_version(struct facts *facts, const char *version, const char *release)
{
	const char *dot = strchr(version, '.');

	facts_text(facts, "distribution_version", *version ? version : "NA");
	facts_set(facts, "distribution_major_version",
		value_bytes(facts->arena, version, strcspn(version, ".")));
	if (dot)
		facts_set(facts, "distribution_minor_version",
			value_bytes(facts->arena, dot + 1, strcspn(dot + 1, ".")));
	facts_text(facts, "distribution_release", release && *release ? release : "NA");
}

static const char *
release_from_text(struct arena *arena, const char *text)
{
	const char *name = shell_value(arena, text, "VERSION_CODENAME"), *mark, *end;

	if (name)
		return name;
	name = shell_value(arena, text, "VERSION");
	mark = name ? strchr(name, '(') : NULL;
	end = mark ? strchr(mark, ')') : NULL;
	return end ? arena_view(arena, (struct view){ mark + 1, (size_t)(end - mark - 1) }) : NULL;
}

static void
set_lsb(struct facts *facts)
{
	static const struct {
		const char *file_key, *program_key, *name;
	} keys[] = {
		{ "DISTRIB_ID", "Distributor ID", "id" },
		{ "DISTRIB_RELEASE", "Release", "release" },
		{ "DISTRIB_DESCRIPTION", "Description", "description" },
		{ "DISTRIB_CODENAME", "Codename", "codename" },
	};
	struct value *lsb = value_map(facts->arena);
	const char *text = file_text(facts->arena, "/etc/lsb-release"), *value;
	bool is_file = text != NULL;
	struct process_result result = { 0 };

	if (!text && program_find(facts->arena, "lsb_release") &&
		module_run_words(facts->call, &result, NULL, "lsb_release", "-a", NULL))
		text = arena_view(facts->arena, str_view(&result.out));
	process_result_release(&result);
	for (size_t i = 0; text && i < ARRAY_SIZE(keys); i++) {
		value = is_file ? shell_value(facts->arena, text, keys[i].file_key)
				: proc_field(facts->arena, text, keys[i].program_key);
		if (value)
			set_text(facts, lsb, keys[i].name, value);
		if (value && text_equals(keys[i].name, "release"))
			value_set(facts->arena, lsb, "major_release",
				value_bytes(facts->arena, value, strcspn(value, ".")));
	}
	facts_set(facts, "lsb", lsb);
}

static void
set_package_manager(struct facts *facts)
{
	static const struct {
		const char *program, *name;
	} managers[] = {
		{ "/usr/bin/apt-get", "apt" },
		{ "/usr/bin/dnf", "dnf" },
		{ "/usr/bin/yum", "yum" },
		{ "/usr/bin/zypper", "zypper" },
		{ "/sbin/apk", "apk" },
		{ "/usr/bin/pacman", "pacman" },
		{ "/usr/bin/emerge", "portage" },
		{ "/usr/sbin/urpmi", "urpmi" },
		{ "/usr/bin/xbps-install", "xbps" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (access(managers[i].program, X_OK) == 0) {
			facts_text(facts, "pkg_mgr", managers[i].name);
			return;
		}
	facts_text(facts, "pkg_mgr", "unknown");
}

static void
set_service_manager(struct facts *facts)
{
	static const struct {
		const char *command, *name;
	} known[] = {
		{ "procd", "openwrt_init" },
		{ "runit-init", "runit" },
		{ "svscan", "svc" },
		{ "openrc-init", "openrc" },
	};
	const char *first = file_first_line(facts->arena, "/proc/1/comm");

	for (size_t i = 0; first && i < ARRAY_SIZE(known); i++)
		if (text_equals(known[i].command, first))
			first = known[i].name;
	/* A container's shell, and an init of many faces, say nothing. */
	if (!first || text_ends(first, "sh") || text_equals(first, "init")) {
		char target[PATH_MAX] = "";

		if (readlink("/sbin/init", target, sizeof(target) - 1) < 0)
			target[0] = '\0';
		if (access("/run/systemd/system", F_OK) == 0 ||
			text_equals(path_name(target), "systemd"))
			first = "systemd";
		else if (access("/sbin/openrc", F_OK) == 0)
			first = "openrc";
		else if (access("/etc/init.d", F_OK) == 0)
			first = "sysvinit";
		else
			first = "service";
	}
	facts_text(facts, "service_mgr", first);
}

void
facts_distribution(struct facts *facts)
{
	const char *text = file_text(facts->arena, "/etc/os-release"), *file = "/etc/os-release";
	const char *id, *version, *release, *exact;
	const struct distribution *found;

	if (!text)
		text = file_text(facts->arena, "/usr/lib/os-release");
	id = shell_value(facts->arena, text, "ID");
	version = shell_value(facts->arena, text, "VERSION_ID");
	release = release_from_text(facts->arena, text);
	found = find_distribution(id);
	if (!version)
		version = "";
	exact = text_equals(id, "debian") ? file_first_line(facts->arena, "/etc/debian_version")
					  : NULL;
	if (exact && *exact >= '0' && *exact <= '9')
		version = exact;
	if (found && found->release_file && access(found->release_file, R_OK) == 0) {
		file = found->release_file;
		if (text_equals(id, "alpine"))
			version = file_first_line(facts->arena, file);
		else
			read_release_file(facts->arena, file, &version, &release);
	}
	facts_text(facts, "distribution", found ? found->name : id ? id : "Linux");
	facts_text(facts, "os_family", found ? found->family : id ? id : "Linux");
	facts_text(facts, "distribution_file_path", file);
	facts_text(facts, "distribution_file_variety", found ? found->family : "NA");
	facts_bool(facts, "distribution_file_parsed", true);
	set_version(facts, version, release);
	set_lsb(facts);
	set_package_manager(facts);
	set_service_manager(facts);
}
