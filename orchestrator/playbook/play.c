/* Playbooks and plays: sections in their order, with the flush of handlers between them. */
#include "orchestrator/playbook/library.h"
#include "orchestrator/playbook/reader.h"

enum { DEEPEST_IMPORT = 32 };

struct yaml_options
reader_yaml(const struct playbook_reader *reader)
{
	return (struct yaml_options){ .templates = true,
		.warn = reader->warn,
		.context = reader->context,
		.refuses_duplicates = reader->refuses_duplicates,
		.vault = reader->vault };
}

/* A list of mappings stands for all of them, the later over the earlier. */
static const struct value *
list_merged(struct playbook_reader *reader, const struct value *list)
{
	struct value *merged = value_map(reader->arena);

	VALUE_EACH (item, list) {
		if (!value_is_map(item))
			return list;
		VALUE_PAIRS (pair, item)
			value_set_key(reader->arena, merged, pair->key, pair->value);
	}
	return merged;
}

bool
vars_file_read(struct playbook_reader *reader, const char *path, const struct value **out,
	struct error *err)
{
	struct yaml_options options = reader_yaml(reader);
	const struct value *value;

	options.are_secrets = true;
	if (!yaml_load_file(reader->arena, path, &options, &value, err))
		return false;
	if (value_is_none(value))
		value = &value_empty_map;
	if (value_is_list(value) && value->list.count)
		value = list_merged(reader, value);
	if (!value_is_map(value)) {
		fail(err, ERR_PARSE, "the file '%s' must hold a mapping of variables", path);
		error_why(err, "it holds a %s", value_type_name(value));
		return error_at(err, value);
	}
	*out = value;
	return true;
}

/* A task that the loader writes: gather facts, flush of handlers. */
static struct node *
implicit_task(struct playbook_reader *reader, struct node *play, const char *name,
	const char *action, const struct value *args)
{
	struct node *task = node_new(reader, NODE_TASK, play, NULL);

	task->place = play->place;
	task->is_implicit = true;
	task->keywords[KEYWORD_NAME] = value_text(reader->arena, name);
	task->action = action;
	task->module = module_named(action);
	task->args = args;
	return task;
}

static void
add_flush(struct playbook_reader *reader, struct node *play)
{
	struct value *args = value_map(reader->arena);
	struct value *tags = value_list(reader->arena);
	struct node *task;

	value_set(reader->arena, args, "_raw_params", value_text(reader->arena, "flush_handlers"));
	task = implicit_task(reader, play, "flush_handlers", "meta", args);
	value_add(reader->arena, tags, value_text(reader->arena, "always"));
	task->keywords[KEYWORD_TAGS] = tags;
	node_list_add(reader->arena, &play->children, task);
}

static void
add_gather(struct playbook_reader *reader, struct node *play)
{
	static const struct {
		enum keyword keyword;
		const char *parameter;
	} rows[] = { { KEYWORD_GATHER_SUBSET, "gather_subset" },
		{ KEYWORD_GATHER_TIMEOUT, "gather_timeout" }, { KEYWORD_FACT_PATH, "fact_path" } };
	struct value *args = value_map(reader->arena), *tags = value_list(reader->arena);
	struct node *task;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (play->keywords[rows[i].keyword])
			value_set(reader->arena, args, rows[i].parameter,
				play->keywords[rows[i].keyword]);
	task = implicit_task(reader, play, "Gathering Facts", "setup", args);
	value_add(reader->arena, tags, value_text(reader->arena, "always"));
	task->keywords[KEYWORD_TAGS] = tags;
	node_list_add(reader->arena, &play->children, task);
}

static bool
add_roles(struct playbook_reader *reader, struct node *play, struct error *err)
{
	const struct value *list = play->keywords[KEYWORD_ROLES];

	if (value_is_none(list))
		return true;
	if (!value_is_list(list)) {
		fail(err, ERR_PARSE, "'roles' is a list, not a %s", value_type_name(list));
		return error_at(err, list);
	}
	VALUE_EACH (entry, list)
		if (!role_use_read(reader, entry, play, &play->children, err))
			return false;
	return true;
}

static bool
add_sections(struct playbook_reader *reader, struct node *play, struct error *err)
{
	struct node_list handlers = { 0 };
	bool has_pre = !value_is_none(play->keywords[KEYWORD_PRE_TASKS]);

	add_gather(reader, play);
	if (!tasks_read(
		    reader, play->keywords[KEYWORD_PRE_TASKS], play, false, &play->children, err))
		return false;
	if (has_pre)
		add_flush(reader, play);
	if (!add_roles(reader, play, err) || !tasks_read(reader, play->keywords[KEYWORD_TASKS],
						     play, false, &play->children, err))
		return false;
	add_flush(reader, play);
	if (!tasks_read(
		    reader, play->keywords[KEYWORD_POST_TASKS], play, false, &play->children, err))
		return false;
	if (!value_is_none(play->keywords[KEYWORD_POST_TASKS]))
		add_flush(reader, play);
	if (!tasks_read(reader, play->keywords[KEYWORD_HANDLERS], play, true, &handlers, err))
		return false;
	for (size_t i = 0; i < handlers.count; i++)
		node_list_add(reader->arena, &play->handlers, handlers.nodes[i]);
	return true;
}

bool
read_play(struct playbook_reader *reader, const struct value *map, struct playbook *playbook,
	struct error *err)
{
	struct node *play = node_new(reader, NODE_PLAY, NULL, map);

	play->play = play;
	play->directory = playbook->directory;
	if (!keywords_take(reader, play, map, ON_PLAY, NULL, err))
		return false;
	if (!play->keywords[KEYWORD_HOSTS]) {
		fail(err, ERR_PARSE, "the field 'hosts' is required but was not set");
		return error_at(err, map);
	}
	if (value_is_none(play->keywords[KEYWORD_HOSTS]) ||
		(value_is_string(play->keywords[KEYWORD_HOSTS]) &&
			!play->keywords[KEYWORD_HOSTS]->string.length)) {
		fail(err, ERR_PARSE, "Hosts list cannot be empty. Please check your playbook");
		return error_at(err, map);
	}
	if (!play_check_keywords(reader, play, err) || !add_sections(reader, play, err))
		return false;
	node_list_add(reader->arena, &playbook->plays, play);
	return true;
}

static bool read_into(struct playbook_reader *reader, const char *path, struct playbook *playbook,
	const struct value *inherited, int depth, struct error *err);

/* import_playbook: path, with vars, tags and when for all its plays. */
static bool
read_import(struct playbook_reader *reader, const struct value *map, const struct value *source,
	const char *directory, struct playbook *playbook, int depth, struct error *err)
{
	const struct value *outer = reader->import_vars;
	const char *name, *path;
	bool ok;

	if (depth > DEEPEST_IMPORT)
		return fail(err, ERR_PARSE, "playbooks import each other without end");
	if (!static_text(reader, NULL, source, &name, err))
		return false;
	path = path_join(reader->arena, directory, name);
	reader->import_vars = value_get(map, "vars");
	ok = read_into(reader, path, playbook, map, depth + 1, err);
	reader->import_vars = outer;
	if (!ok) {
		char buffer[384];

		return error_context(
			err, "imported at %s", place_text(&source->place, buffer, sizeof(buffer)));
	}
	return true;
}

static void
inherit_import(struct playbook_reader *reader, struct node *play, const struct value *map)
{
	static const enum keyword keywords[] = { KEYWORD_VARS, KEYWORD_TAGS, KEYWORD_WHEN };

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		const struct value *given = value_get(map, keyword_table[keywords[i]].name);
		const struct value *own = play->keywords[keywords[i]];

		if (!given)
			continue;
		if (keywords[i] == KEYWORD_VARS && value_is_map(own) && value_is_map(given)) {
			struct value *merged = value_map_copy(reader->arena, own);

			VALUE_PAIRS (pair, given)
				value_set_key(reader->arena, merged, pair->key, pair->value);
			play->keywords[KEYWORD_VARS] = merged;
		} else if (own) {
			struct value *both = value_list(reader->arena);

			value_add(reader->arena, both, own);
			value_add(reader->arena, both, given);
			play->keywords[keywords[i]] = both;
		} else {
			play->keywords[keywords[i]] = given;
		}
	}
}

static const struct value *
import_source(const struct value *map)
{
	static const char *const names[] = { "import_playbook", "ansible.builtin.import_playbook" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (value_get(map, names[i]))
			return value_get(map, names[i]);
	return NULL;
}

/* Absolute, so that what is found below it is shown as Ansible shows it, wherever we stand. */
static const char *
absolute_directory(struct playbook_reader *reader, const char *path)
{
	const char *directory = path_directory(reader->arena, path);
	char *real = realpath(directory, NULL);

	if (real)
		directory = arena_text(reader->arena, real);
	free(real);
	return directory;
}

static bool
read_into(struct playbook_reader *reader, const char *path, struct playbook *playbook,
	const struct value *inherited, int depth, struct error *err)
{
	struct yaml_options options = reader_yaml(reader);
	struct playbook part = { .path = path, .directory = absolute_directory(reader, path) };

	library_look(reader, part.directory);
	const struct value *list;

	if (!path_exists(path)) {
		fail(err, ERR_OPTIONS, "the playbook: %s could not be found", path);
		return false;
	}
	if (!yaml_load_file(reader->arena, path, &options, &list, err))
		return false;
	if (value_is_none(list))
		return true;
	if (!value_is_list(list)) {
		fail(err, ERR_PARSE, "A playbook must be a list of plays, got a %s instead",
			value_type_name(list));
		return error_where(err, "%s", path);
	}
	VALUE_EACH (map, list) {
		const struct value *source = value_is_map(map) ? import_source(map) : NULL;

		if (!value_is_map(map)) {
			fail(err, ERR_PARSE,
				"playbook entries must be either valid plays or 'import_playbook' "
				"statements");
			return error_at(err, map);
		}
		if (source ? !read_import(reader, map, source, part.directory, &part, depth, err)
			   : !read_play(reader, map, &part, err))
			return false;
	}
	for (size_t i = 0; i < part.plays.count; i++) {
		if (inherited)
			inherit_import(reader, part.plays.nodes[i], inherited);
		node_list_add(reader->arena, &playbook->plays, part.plays.nodes[i]);
	}
	return true;
}

bool
playbook_read(
	struct playbook_reader *reader, const char *path, struct playbook **out, struct error *err)
{
	struct playbook *playbook = arena_new(reader->arena, struct playbook);

	playbook->path = arena_text(reader->arena, path);
	playbook->directory = path_directory(reader->arena, path);
	if (!read_into(reader, path, playbook, NULL, 0, err))
		return false;
	*out = playbook;
	return true;
}

bool
playbook_of_play(struct playbook_reader *reader, const struct value *play, const char *directory,
	struct playbook **out, struct error *err)
{
	struct playbook *playbook = arena_new(reader->arena, struct playbook);

	playbook->path = path_join(reader->arena, directory, "__adhoc_playbook__");
	playbook->directory = directory;
	if (!read_play(reader, play, playbook, err))
		return false;
	*out = playbook;
	return true;
}
