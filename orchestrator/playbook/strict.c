/* What may stand where, and what it may hold: names of keywords, and values that name something. */
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

bool
task_check_keywords(struct playbook_reader *reader, const struct node *task, struct error *err)
{
	static const char *const loop_control[] = { "loop_var", "index_var", "label", "pause",
		"extended", "extended_allitems", NULL };

	(void)reader;
	return check_keys(
		task->keywords[KEYWORD_LOOP_CONTROL], loop_control, fail_loop_control, err);
}

bool
play_check_keywords(struct playbook_reader *reader, const struct node *play, struct error *err)
{
	static const char *const prompt[] = { "name", "prompt", "default", "private", "confirm",
		"encrypt", "salt_size", "salt", "unsafe", NULL };
	const struct value *prompts = play->keywords[KEYWORD_VARS_PROMPT];

	(void)reader;
	if (value_is_list(prompts))
		VALUE_EACH (one, prompts)
			if (!check_keys(one, prompt, fail_prompt, err))
				return false;
	return true;
}
