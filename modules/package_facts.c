/* package_facts: what is installed, as the fact `packages`. */
#include <string.h>

#include "module/steps.h"

struct package_facts_args {
	const char *const *manager;
	const char *strategy;
};

static const struct param params[] = {
	PARAM_TEXTS(struct package_facts_args, manager, .fallback = "auto",
		.choices =
			TEXTS("auto", "rpm", "apt", "apk", "portage", "pkg", "pacman", "pkg_info"),
		.doc = "Which lists are read: apt, rpm and apk are known."),
	PARAM_STRING(struct package_facts_args, strategy, .fallback = "first",
		.choices = TEXTS("first", "all"), .doc = "The first that is there, or all."),
	PARAMS_END
};

static const struct module_return returns[] = { { "ansible_facts", "dict",
							"packages: name → list of { name, version, "
							"arch, source … }." },
	{ NULL, NULL, NULL } };

static void
add(struct module_call *call, struct value *packages, struct value *item)
{
	const char *name = value_string(value_get(item, "name"));
	const struct value *old = name ? value_get(packages, name) : NULL;
	struct value *list = old ? value_list_copy(call->arena, old) : value_list(call->arena);

	if (!name)
		return;
	value_add(call->arena, list, item);
	value_set(call->arena, packages, name, list);
}

/* dpkg's own file. */
static bool
read_apt(struct module_call *call, struct value *packages, struct error *err)
{
	static const struct {
		const char *field, *key;
	} fields[] = { { "Package", "name" }, { "Version", "version" }, { "Architecture", "arch" },
		{ "Section", "category" } };
	_cleanup_str_ struct str text = STR_INIT;
	struct value *item = value_map(call->arena);
	struct view rest, line, key;
	bool is_installed = false, has_line;

	if (!file_read("/var/lib/dpkg/status", 256 * 1024 * 1024, &text, err))
		return false;
	rest = str_view(&text);
	do {
		has_line = view_cut(&rest, '\n', &line);
		if (!has_line || !line.length) {
			value_set(call->arena, item, "source", value_text(call->arena, "apt"));
			value_set(call->arena, item, "origin", &value_empty_string);
			if (is_installed)
				add(call, packages, item);
			item = value_map(call->arena);
			is_installed = false;
			continue;
		}
		if (*line.data == ' ' || !view_cut(&line, ':', &key) || !line.data)
			continue;
		line = view_trim(line);
		is_installed |= view_is(key, "Status") && view_ends(line, " installed");
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			if (view_is(key, fields[i].field))
				value_set(call->arena, item, fields[i].key,
					value_view(call->arena, line));
	} while (has_line);
	return true;
}

/* Lines with tabs between; `keys` names the columns. */
static bool
read_lines(struct module_call *call, const char *const *argv, const char *const *keys,
	const char *source, struct value *packages, struct error *err)
{
	const char *text;
	struct view rest, line, word;
	int64_t number;

	if (!module_run_well(call, argv, &text, err))
		return false;
	rest = view_of(text);
	while (view_cut(&rest, '\n', &line)) {
		struct value *item = value_map(call->arena);

		for (size_t i = 0; keys[i] && view_cut(&line, '\t', &word); i++)
			value_set(call->arena, item, keys[i],
				view_is(word, "(none)") ? &value_none
				: text_equals(keys[i], "epoch") && number_parse(word, &number)
					? value_int(call->arena, number)
					: value_view(call->arena, word));
		value_set(call->arena, item, "source", value_text(call->arena, source));
		add(call, packages, item);
	}
	return true;
}

static bool
read_rpm(struct module_call *call, struct value *packages, struct error *err)
{
	return read_lines(call,
		TEXTS("rpm", "-qa", "--qf",
			"%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n"),
		TEXTS("name", "version", "release", "epoch", "arch"), "rpm", packages, err);
}

/* apk's own file: P: name, V: version, A: architecture. */
static bool
read_apk(struct module_call *call, struct value *packages, struct error *err)
{
	return read_lines(call,
		TEXTS("awk", "-F:",
			"/^P:/{p=$2} /^V:/{v=$2} /^A:/{a=$2} /^$/{print p \"\\t\" v \"\\t\" a}",
			"/lib/apk/db/installed"),
		TEXTS("name", "version", "arch"), "apk", packages, err);
}

static const struct {
	const char *name, *sign;
	bool (*read)(struct module_call *call, struct value *packages, struct error *err);
} managers[] = {
	{ "rpm", "/usr/bin/rpm", read_rpm },
	{ "apt", "/var/lib/dpkg/status", read_apt },
	{ "apk", "/lib/apk/db/installed", read_apk },
};

static bool
is_asked(const struct package_facts_args *args, const char *name)
{
	for (size_t i = 0; args->manager[i]; i++)
		if (text_equals(args->manager[i], "auto") || text_equals(args->manager[i], name))
			return true;
	return false;
}

static bool
package_facts_inspect(struct module_call *call, struct error *err)
{
	const struct package_facts_args *args = call->args;
	struct value *packages = value_map(call->arena), *facts = value_map(call->arena);
	bool is_found = false;

	for (size_t i = 0; i < ARRAY_SIZE(managers); i++) {
		if (!is_asked(args, managers[i].name) || !file_exists(managers[i].sign))
			continue;
		if (!managers[i].read(call, packages, err))
			return false;
		/* A machine with dpkg may have rpm as a mere tool. */
		is_found |= packages->map.count > 0;
		if (is_found && text_equals(args->strategy, "first"))
			break;
	}
	if (!is_found)
		return fail(err, ERR_MISSING,
			"Could not detect a supported package manager from the following list: "
			"['rpm', 'apt', 'apk']");
	value_set(call->arena, facts, "packages", packages);
	result_set(call, "ansible_facts", facts);
	return true;
}

const struct module module_package_facts = {
	.name = "package_facts",
	.summary = DOC("Tell which packages are installed, as facts"),
	.params = params,
	.params_size = sizeof(struct package_facts_args),
	.returns = DOC(returns),
	.examples = DOC("- package_facts:\n"
			"- debug:\n"
			"    msg: nginx is there\n"
			"  when: \"'nginx' in ansible_facts.packages\"\n"),
	.check = SUPPORT_FULL,
	.inspect = package_facts_inspect,
};
