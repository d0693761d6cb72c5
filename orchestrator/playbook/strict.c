/* What may stand where, and what it may hold: names of keywords, and values that name something. */
#include "orchestrator/playbook/foreign.h"
#include "orchestrator/playbook/library.h"
#include "orchestrator/playbook/reader.h"

static const struct {
	unsigned place;
	const char *name, *words;
} places[] = {
	{ ON_PLAY, "Play", "a play" },
	{ ON_ROLE, "RoleInclude", "a role" },
	{ ON_BLOCK, "Block", "a block" },
	{ ON_TASK, "Task", "a task" },
	{ ON_HANDLER, "Handler", "a handler" },
};

const char *
keyword_nearest(const char *name, unsigned where)
{
	const char *names[KEYWORD_COUNT + 1];
	size_t count = 0;

	for (int i = 0; i < KEYWORD_COUNT; i++)
		if (keyword_table[i].places & where)
			names[count++] = keyword_table[i].name;
	names[count] = NULL;
	return text_nearest(name, names);
}

static bool
fail_attribute(const struct value *key, const char *kind, const char *nearest, struct error *err)
{
	const char *name = value_string(key);

	fail(err, ERR_PARSE, "'%.100s' is not a valid attribute for a %s", name ? name : "?", kind);
	error_at(err, key);
	return nearest ? error_hint(err, "did you mean '%s'?", nearest) : false;
}

/* One that belongs elsewhere is told so; any other is compared with those that may stand here. */
bool
fail_unknown_key(const struct value *key, unsigned where, struct error *err)
{
	const char *name = value_string(key), *kind = "Task";
	int found = name ? keyword_find_name(view_of(name)) : -1;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i].place == where)
			kind = places[i].name;
	if (found < 0)
		return fail_attribute(key, kind, name ? keyword_nearest(name, where) : NULL, err);
	fail_attribute(key, kind, NULL, err);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (keyword_table[found].places & places[i].place)
			return error_hint(err, "'%s' is a keyword of %s", name, places[i].words);
	return false;
}

/* Dynamic includes take few keywords: what is inside may not inherit others from them. */
bool
include_check_keywords(const struct node *task, const struct value *map, struct error *err)
{
	static const enum keyword allowed[] = { KEYWORD_ACTION, KEYWORD_ARGS, KEYWORD_COLLECTIONS,
		KEYWORD_DEBUGGER, KEYWORD_IGNORE_ERRORS, KEYWORD_LOOP, KEYWORD_LOOP_CONTROL,
		KEYWORD_NAME, KEYWORD_NO_LOG, KEYWORD_REGISTER, KEYWORD_RUN_ONCE, KEYWORD_TAGS,
		KEYWORD_TIMEOUT, KEYWORD_VARS, KEYWORD_WHEN, KEYWORD_LISTEN };

	if (!task->action || (strcmp(task->action, "include_tasks") != 0 &&
				     strcmp(task->action, "include_role") != 0))
		return true;
	VALUE_PAIRS (pair, map) {
		int keyword = keyword_find_name(value_string_view(pair->key));
		bool is_allowed = keyword < 0 || (keyword == KEYWORD_LOCAL_ACTION);

		for (size_t i = 0; i < ARRAY_SIZE(allowed) && !is_allowed; i++)
			is_allowed = keyword == (int)allowed[i];
		if (!is_allowed)
			return fail_attribute(pair->key,
				strcmp(task->action, "include_role") ? "TaskInclude"
								     : "IncludeRole",
				NULL, err);
	}
	return true;
}

/* Keys of mappings that are no free names: loop_control, entries of vars_prompt. */
static bool
check_keys(const struct value *map, const char *const *names,
	bool (*complain)(const struct value *key, const char *nearest, struct error *err),
	struct error *err)
{
	if (!value_is_map(map))
		return true;
	VALUE_PAIRS (pair, map) {
		const char *name = value_string(pair->key);
		bool is_known = false;

		for (const char *const *at = names; *at && !is_known; at++)
			is_known = text_equals(name, *at);
		if (!is_known)
			return complain(pair->key, name ? text_nearest(name, names) : NULL, err);
	}
	return true;
}

static bool
fail_loop_control(const struct value *key, const char *nearest, struct error *err)
{
	return fail_attribute(key, "LoopControl", nearest, err);
}

static bool
fail_prompt(const struct value *key, const char *nearest, struct error *err)
{
	fail(err, ERR_PARSE, "Invalid vars_prompt data structure, found unsupported key '%.100s'",
		value_string(key) ? value_string(key) : "?");
	error_at(err, key);
	return nearest ? error_hint(err, "did you mean '%s'?", nearest) : false;
}

/* ---- values that name something ---- */

/* NULL: it is none of our business here, for it is evaluated later. */
static const char *
plain_text(const struct value *value)
{
	return value_is_string(value) && !template_is_present(value_string_view(value))
		       ? value_string(value)
		       : NULL;
}

static void
caution(struct playbook_reader *reader, const struct value *at, const char *text)
{
	if (reader->caution)
		reader->caution(reader->context, &at->place, text);
}

static bool
check_debugger(struct playbook_reader *reader, const struct node *node, struct error *err)
{
	static const char *const values[] = { "never", "always", "on_failed", "on_unreachable",
		"on_skipped", NULL };
	const struct value *value = node->keywords[KEYWORD_DEBUGGER];
	const char *text = plain_text(value), *nearest;

	if (!text || !strcmp(text, "never"))
		return true;
	if (text_is_one_of(text, values)) {
		caution(reader, value, "there is no debugger: it is left out");
		return true;
	}
	nearest = text_nearest(text, values);
	fail(err, ERR_PARSE,
		"'%.100s' is not a valid value for debugger. Must be one of never, always, "
		"on_failed, on_unreachable, on_skipped",
		text);
	error_at(err, value);
	return nearest ? error_hint(err, "did you mean '%s'?", nearest) : false;
}

static bool
check_throttle(const struct node *node, struct error *err)
{
	const struct value *value = node->keywords[KEYWORD_THROTTLE];
	int64_t number;

	if (!plain_text(value) || value_to_int(value, &number))
		return true;
	fail(err, ERR_TYPE, "Failed to convert the throttle value to an integer.");
	return error_at(err, value);
}

/* ---- module_defaults ---- */

/* Groups of modules that ansible.builtin has a name for; none of them has a module here. */
static const char *const groups[] = { "acme", "aws", "azure", "cpm", "docker", "gcp", "k8s", "os",
	"ovirt", "testgroup", "testlegacy", "vmware", NULL };

static const char *
without_collection(const char *name)
{
	static const char *const prefixes[] = { "ansible.builtin.", "ansible.legacy." };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (text_starts(name, prefixes[i]))
			return name + strlen(prefixes[i]);
	return name;
}

/* The collection of a full name is on disk: it may have groups and modules that we do not see. */
static bool
is_installed(struct playbook_reader *reader, const struct node *node, const char *name)
{
	const char *first = strchr(name, '.'), *second = first ? strchr(first + 1, '.') : NULL;
	const char *const own[] = {
		path_join(reader->arena,
			node->play && node->play->directory ? node->play->directory : ".",
			"collections"),
		NULL
	};
	const char *const *const lists[] = { own, reader->collections_path };

	for (size_t i = 0; second && i < ARRAY_SIZE(lists); i++)
		for (const char *const *folder = lists[i]; folder && *folder; folder++)
			if (directory_exists(
				    arena_format(reader->arena, "%s/ansible_collections/%.*s/%.*s",
					    *folder, (int)(first - name), name,
					    (int)(second - first - 1), first + 1)))
				return true;
	return false;
}

static bool
check_group(struct playbook_reader *reader, const struct node *node, const struct value *key,
	const char *name, struct error *err)
{
	const char *own = without_collection(name), *nearest;

	if (strchr(own, '.') ? foreign_collection(own) || is_installed(reader, node, own)
			     : text_is_one_of(own, groups))
		return true;
	nearest = text_nearest(own, groups);
	fail(err, ERR_PARSE,
		"Error loading module_defaults: could not resolve the module_defaults group "
		"%s%.100s",
		strchr(own, '.') ? "" : "ansible.builtin.", own);
	error_at(err, key);
	return nearest ? error_hint(err, "did you mean 'group/%s'?", nearest) : false;
}

static bool
check_defaults_of(struct playbook_reader *reader, const struct node *node, const struct value *key,
	struct error *err)
{
	const char *name = value_string(key), *nearest;

	if (text_starts(name, "group/"))
		return check_group(reader, node, key, name + strlen("group/"), err);
	if (action_canonical(name) || foreign_collection(name) ||
		library_find(reader, node, name) || is_installed(reader, node, name))
		return true;
	nearest = action_nearest(name);
	fail(err, ERR_PARSE, "Could not resolve action %s%.100s in module_defaults",
		strchr(name, '.') ? "" : "ansible.legacy.", name);
	error_at(err, key);
	return nearest ? error_hint(err, "did you mean '%s'?", nearest) : false;
}

static bool
fail_defaults(const struct value *value, struct error *err)
{
	fail(err, ERR_PARSE,
		"The field 'module_defaults' is supposed to be a dictionary or list of "
		"dictionaries, the keys of which must be static action, module, or group names. "
		"Only the values may contain templates.");
	return error_at(err, value);
}

/* A list of mappings counts as one, the later before the earlier. */
static bool
check_module_defaults(struct playbook_reader *reader, struct node *node, struct error *err)
{
	const struct value *all = node->keywords[KEYWORD_MODULE_DEFAULTS];
	struct value *merged;

	if (value_is_none(all))
		return true;
	if (value_is_list(all)) {
		merged = value_map(reader->arena);
		VALUE_EACH (one, all) {
			if (!value_is_map(one))
				return fail_defaults(one, err);
			VALUE_PAIRS (pair, one)
				value_set_key(reader->arena, merged, pair->key, pair->value);
		}
		merged->place = all->place;
		all = node->keywords[KEYWORD_MODULE_DEFAULTS] = merged;
	}
	if (!value_is_map(all))
		return fail_defaults(all, err);
	VALUE_PAIRS (pair, all) {
		if (!plain_text(pair->key))
			return fail_defaults(pair->key, err);
		if (!check_defaults_of(reader, node, pair->key, err))
			return false;
	}
	return true;
}

/* ---- */

bool
node_check_keywords(struct playbook_reader *reader, struct node *node, struct error *err)
{
	return check_debugger(reader, node, err) && check_throttle(node, err) &&
	       check_module_defaults(reader, node, err);
}

bool
task_check_keywords(const struct node *task, struct error *err)
{
	static const char *const loop_control[] = { "loop_var", "index_var", "label", "pause",
		"extended", "extended_allitems", NULL };

	return check_keys(
		task->keywords[KEYWORD_LOOP_CONTROL], loop_control, fail_loop_control, err);
}

static bool
check_prompts(const struct node *play, struct error *err)
{
	static const char *const names[] = { "name", "prompt", "default", "private", "confirm",
		"encrypt", "salt_size", "salt", "unsafe", NULL };
	const struct value *prompts = play->keywords[KEYWORD_VARS_PROMPT];

	if (value_is_list(prompts))
		VALUE_EACH (one, prompts)
			if (!check_keys(one, names, fail_prompt, err))
				return false;
	return true;
}

static bool
check_strategy(struct playbook_reader *reader, const struct node *play, struct error *err)
{
	const struct value *value = play->keywords[KEYWORD_STRATEGY];
	const char *text = plain_text(value), *name;
	static const char *const names[] = { "linear", "free", "host_pinned", "debug", NULL };

	if (!text)
		return true;
	name = without_collection(text);
	if (!strcmp(name, "debug"))
		caution(reader, value,
			"the strategy 'debug' is not supported: the play runs as linear");
	if (text_is_one_of(name, names) || text_starts(name, "mitogen"))
		return true;
	fail(err, ERR_TYPE, "Invalid play strategy specified: %.100s", text);
	error_at(err, value);
	return error_hint(err, "use linear, free or host_pinned");
}

static bool
check_order(const struct node *play, struct error *err)
{
	static const char *const names[] = { "inventory", "reverse_inventory", "sorted",
		"reverse_sorted", "shuffle", NULL };
	const struct value *value = play->keywords[KEYWORD_ORDER];
	const char *text = plain_text(value), *nearest;

	if (!text || text_is_one_of(text, names))
		return true;
	nearest = text_nearest(text, names);
	fail(err, ERR_PARSE, "Invalid 'order' specified for inventory hosts: %.100s", text);
	error_at(err, value);
	return nearest ? error_hint(err, "did you mean '%s'?", nearest)
		       : error_hint(err, "use inventory, reverse_inventory, sorted, "
					 "reverse_sorted or shuffle");
}

static bool
check_percentage(const struct node *play, struct error *err)
{
	const struct value *value = play->keywords[KEYWORD_MAX_FAIL_PERCENTAGE];
	const char *text = plain_text(value);
	double number;

	if (!text || percentage_of(value, &number))
		return true;
	fail(err, ERR_PARSE,
		"the field 'max_fail_percentage' has an invalid value (%.100s), and could not be "
		"converted to an percent.",
		text);
	return error_at(err, value);
}

bool
play_check_keywords(struct playbook_reader *reader, const struct node *play, struct error *err)
{
	return check_prompts(play, err) && check_strategy(reader, play, err) &&
	       check_order(play, err) && check_percentage(play, err);
}

bool
percentage_of(const struct value *value, double *out)
{
	const char *text = value_string(value);
	int64_t number;
	char *end;

	if (value && value->type == VALUE_FLOAT) {
		*out = value->real;
		return true;
	}
	if (!text) {
		if (!value_to_int(value, &number))
			return false;
		*out = (double)number;
		return true;
	}
	*out = strtod(text, &end);
	return end != text && (!*end || !strcmp(end, "%"));
}
