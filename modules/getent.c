/* getent: entries of passwd, group, hosts … as facts. */
#include <string.h>

#include "module/host.h"

struct getent_args {
	const char *database, *key, *split, *service;
	bool fail_key;
};

static const struct param params[] = { PARAM_STRING(struct getent_args, database, .required = true,
					       .doc = "passwd, group, hosts, services …"),
	PARAM_STRING(struct getent_args, key, .doc = "Only this entry."),
	PARAM_STRING(struct getent_args, split,
		.doc = "What stands between fields. Default: a colon for passwd, shadow, group and "
		       "gshadow; else white space."),
	PARAM_STRING(struct getent_args, service, .doc = "Ask this service only."),
	PARAM_FLAG(struct getent_args, fail_key, .fallback = "true",
		.doc = "Fail if the key is not there."),
	PARAMS_END };

static const struct module_return returns[] = {
	{ "ansible_facts", "dict", "getent_DATABASE: a map of lists of fields." },
	{ NULL, NULL, NULL }
};

static struct value *
cut_fields(struct arena *arena, struct view line, const char *split, struct view *key)
{
	struct value *fields = value_list(arena);
	size_t count = 0;

	while (line.data) {
		struct view field;

		if (split) {
			const char *mark = memmem(line.data, line.length, split, strlen(split));

			field = (struct view){ line.data,
				mark ? (size_t)(mark - line.data) : line.length };
			line = mark ? (struct view){ mark + strlen(split),
				line.length - field.length - strlen(split) }
				    : (struct view){ NULL, 0 };
		} else {
			line = view_trim(line);
			if (!line.length || !view_cut(&line, ' ', &field))
				break;
		}
		if (!count++)
			*key = field;
		else
			value_add(arena, fields, value_view(arena, field));
	}
	return fields;
}

/* As str.split(None): tabs are spaces. */
static const char *
untab(struct arena *arena, const char *text, const char *split)
{
	char *copy;

	if (split)
		return text;
	copy = arena_text(arena, text);
	for (char *next = copy; *next; next++)
		if (*next == '\t')
			*next = ' ';
	return copy;
}

static struct value *
read_entries(struct module_call *call, const char *text, const char *split)
{
	struct value *map = value_map(call->arena), *fields;
	const struct value *old;
	struct view rest = view_of(untab(call->arena, text, split)), line, key;

	while (view_cut(&rest, '\n', &line)) {
		if (!line.length)
			continue;
		key = VIEW("");
		fields = cut_fields(call->arena, line, split, &key);
		old = value_get_view(map, key);
		if (old && value_is_list(old)) /* more than one entry of a name: a list of lists */
			continue;
		value_set(call->arena, map, arena_view(call->arena, key), fields);
	}
	return map;
}

static bool
getent_inspect(struct module_call *call, struct error *err)
{
	static const char *const with_colons[] = { "passwd", "shadow", "group", "gshadow" };
	const struct getent_args *args = call->args;
	const char *split = args->split, *argv[6] = { "getent" };
	struct module_command command = { .argv = argv, .is_parsed = true };
	struct process_result result;
	struct value *facts = value_map(call->arena), *entries = NULL;
	const char *name = arena_format(call->arena, "getent_%s", args->database);
	int at = 1;
	bool is_well;

	if (args->service) {
		argv[at++] = "-s";
		argv[at++] = args->service;
	}
	argv[at++] = args->database;
	argv[at] = args->key;
	for (size_t i = 0; i < ARRAY_SIZE(with_colons) && !split; i++)
		if (text_equals(with_colons[i], args->database))
			split = ":";
	is_well = module_run(call, &command, &result, err);
	if (is_well && result.status == 0) {
		entries = read_entries(call, result.out.data, split);
	} else if (is_well && result.status == 2 && !args->fail_key) {
		entries = value_map(call->arena);
		value_set(call->arena, entries, args->key ? args->key : "", &value_none);
	} else if (is_well) {
		const char *why =
			result.status == 1 ? "Missing arguments, or database unknown."
			: result.status == 2
				? "One or more supplied key could not be found in the database."
			: result.status == 3 ? "Enumeration not supported on this database."
					     : "Unexpected failure!";
		is_well = fail(err, result.status == 2 ? ERR_MISSING : ERR_TASK, "%s", why);
	}
	if (is_well) {
		value_set(call->arena, facts, name, entries);
		result_set(call, "ansible_facts", facts);
	}
	process_result_release(&result);
	return is_well;
}

const struct module module_getent = {
	.name = "getent",
	.summary = DOC("Read entries of passwd, group, hosts … as facts"),
	.params = params,
	.params_size = sizeof(struct getent_args),
	.returns = DOC(returns),
	.examples = DOC("- getent:\n"
			"    database: passwd\n"
			"    key: root\n"
			"- debug:\n"
			"    var: ansible_facts.getent_passwd.root[4]\n"),
	.check = SUPPORT_FULL,
	.inspect = getent_inspect,
};
