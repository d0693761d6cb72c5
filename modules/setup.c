/* setup: facts about the machine, from /proc, /sys and the kernel itself. One file per family in
 * modules/facts/. */
#include <fnmatch.h>
#include <string.h>

#include "modules/facts/facts.h"

struct setup_args {
	const char *const *gather_subset, *const *filter;
	const char *fact_path;
	int64_t gather_timeout;
};

static const struct param params[] = {
	PARAM_TEXTS(struct setup_args, gather_subset, .fallback = "all",
		.doc = "all, min, network, hardware, virtual, ec2; names of single families; with "
		       "! in front: not that one."),
	PARAM_TEXTS(struct setup_args, filter,
		.doc = "Only facts whose name matches one of these shell patterns."),
	PARAM_PATH(struct setup_args, fact_path, .fallback = "/etc/ansible/facts.d",
		.doc = "Where local facts are."),
	PARAM_INT(struct setup_args, gather_timeout, .fallback = "10",
		.doc = "Accepted; each probe has its own deadline."),
	PARAMS_END
};

static const struct module_return returns[] = { { "ansible_facts", "dict", "The facts." },
	{ NULL, NULL, NULL } };

enum group {
	GROUP_MIN = 1,
	GROUP_NETWORK = 2,
	GROUP_HARDWARE = 4,
	GROUP_VIRTUAL = 8,
	GROUP_ASKED = 16
};

/* `names` are the collectors of Ansible that a family stands for. */
static const struct family {
	const char *names;
	enum group group;
	void (*gather)(struct facts *facts);
} families[] = {
	{ "platform python system_capabilities", GROUP_MIN, facts_platform },
	{ "distribution lsb pkg_mgr service_mgr", GROUP_MIN, facts_distribution },
	{ "user env", GROUP_MIN, facts_user },
	{ "date_time", GROUP_MIN, facts_date_time },
	{ "dns selinux apparmor fips cmdline ssh_pub_keys chroot caps", GROUP_MIN, facts_settings },
	{ "local", GROUP_MIN, facts_local },
	{ "interfaces default_ipv4 default_ipv6 all_ipv4_addresses all_ipv6_addresses",
		GROUP_NETWORK, facts_network },
	{ "processor processor_cores processor_count", GROUP_HARDWARE, facts_processor },
	{ "memory uptime loadavg", GROUP_HARDWARE, facts_memory },
	{ "dmi", GROUP_HARDWARE, facts_dmi },
	{ "mounts", GROUP_HARDWARE, facts_mounts },
	{ "devices", GROUP_HARDWARE, facts_devices },
	{ "virtualization_type virtualization_role virtualization_tech_guest "
	  "virtualization_tech_host",
		GROUP_VIRTUAL, facts_virtual },
	{ "ec2", GROUP_ASKED, facts_ec2 },
};

static const struct {
	const char *name;
	unsigned groups;
} groups[] = {
	{ "all", GROUP_MIN | GROUP_NETWORK | GROUP_HARDWARE | GROUP_VIRTUAL },
	{ "min", GROUP_MIN },
	{ "network", GROUP_NETWORK },
	{ "hardware", GROUP_HARDWARE },
	{ "virtual", GROUP_VIRTUAL },
	{ "ohai", 0 },
	{ "facter", 0 },
};

/* The families that a word means, as bits. */
static bool
bits_of(const char *word, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (!text_equals(groups[i].name, word))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(families); k++)
			if (families[k].group & groups[i].groups)
				*out |= 1u << k;
		return true;
	}
	for (size_t k = 0; k < ARRAY_SIZE(families); k++) {
		struct view rest = view_of(families[k].names), name;

		while (view_cut(&rest, ' ', &name))
			if (view_is(name, word))
				*out |= 1u << k;
	}
	return *out != 0;
}

/* As Ansible: `min` is always in, unless it is named with a !; !all leaves min; nothing but !words
 * means all others. */
static bool
choose(const char *const *words, uint32_t *out, struct error *err)
{
	uint32_t wanted = 0, unwanted = 0, bits, min;
	bool has_positive = false, without_min = false;

	if (!bits_of("min", &min))
		BUG("no group min");
	for (; *words; words++) {
		const char *word = *words + (**words == '!');

		if (!bits_of(word, &bits) && !text_equals(word, "ohai") &&
			!text_equals(word, "facter")) {
			fail(err, ERR_OPTIONS, "Bad subset '%s' given to Ansible", word);
			return error_hint(err, "all, min, network, hardware, virtual, ec2");
		}
		if (**words == '!') {
			unwanted |= text_equals(word, "all") ? bits & ~min : bits;
			without_min |= text_equals(word, "min");
		} else {
			has_positive = true;
			wanted |= bits;
		}
	}
	if (!has_positive && !bits_of("all", &wanted))
		BUG("no group all");
	*out = (wanted & ~unwanted) | (without_min ? 0 : min);
	return true;
}

static bool
is_wanted(const char *name, const char *const *patterns)
{
	if (!patterns || !*patterns)
		return true;
	for (; *patterns; patterns++) {
		if (text_equals(*patterns, "*") || fnmatch(*patterns, name, 0) == 0)
			return true;
		if (text_starts(name, "ansible_") &&
			fnmatch(*patterns, name + strlen("ansible_"), 0) == 0)
			return true;
	}
	return false;
}

static const struct value *
filtered(struct arena *arena, const struct value *map, const char *const *patterns)
{
	struct value *kept = value_map(arena);

	VALUE_PAIRS (pair, map)
		if (is_wanted(value_string(pair->key), patterns))
			value_set_key(arena, kept, pair->key, pair->value);
	return kept;
}

static bool
setup_inspect(struct module_call *call, struct error *err)
{
	const struct setup_args *args = call->args;
	struct facts facts = {
		.call = call,
		.arena = call->arena,
		.map = value_map(call->arena),
		.fact_path = args->fact_path,
	};
	struct value *subset = value_list(call->arena);
	uint32_t bits = 0;

	if (!choose(args->gather_subset, &bits, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (bits & 1u << i)
			families[i].gather(&facts);
	for (size_t i = 0; args->gather_subset[i]; i++)
		value_add(call->arena, subset, value_text(call->arena, args->gather_subset[i]));
	value_set(call->arena, facts.map, "gather_subset", subset);
	value_set(call->arena, facts.map, "module_setup", &value_true);
	result_set(call, "ansible_facts", filtered(call->arena, facts.map, args->filter));
	return true;
}

static const char *const aliases[] = { "gather_facts", NULL };

const struct module module_setup = {
	.name = "setup",
	.aliases = aliases,
	.summary = DOC("Gather facts about the machine"),
	.params = params,
	.params_size = sizeof(struct setup_args),
	.returns = DOC(returns),
	.examples = DOC("- setup:\n"
			"    gather_subset: [\"!all\", network]\n"
			"    filter: ansible_default_ipv4\n"),
	.check = SUPPORT_FULL,
	.inspect = setup_inspect,
};
