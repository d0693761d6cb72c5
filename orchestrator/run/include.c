/* include_tasks and include_role: files are read once, whoever includes them, and checked as at
 * load time. */
#include "orchestrator/run/internal.h"

static const struct node *
cached(struct run *run, const char *key)
{
	return map_get(&run->included_files, key);
}

/* What `apply:` says counts for all that is included; tags and conditions of the include itself do
 * not. */
static bool
apply_keywords(struct run *run, struct node *block, const struct value *apply, struct error *err)
{
	(void)run;
	if (value_is_none(apply))
		return true;
	if (!value_is_map(apply)) {
		fail(err, ERR_TYPE, "'apply' is a mapping of keywords");
		return error_at(err, apply);
	}
	VALUE_PAIRS (pair, apply) {
		int keyword = keyword_find_name(value_string_view(pair->key));

		if (keyword < 0 || !(keyword_table[keyword].places & ON_BLOCK)) {
			fail(err, ERR_PARSE, "'%s' cannot be applied",
				value_to_text(&run->arena, pair->key));
			return error_at(err, pair->key);
		}
		block->keywords[keyword] = value_dup(&run->arena, pair->value);
	}
	return true;
}

static struct node *
wrapper_new(struct run *run, const struct node *task)
{
	struct node *block = arena_new(&run->arena, struct node);

	block->kind = NODE_BLOCK;
	block->parent = task->parent; /* not the include: its own keywords are its own */
	block->play = task->play;
	block->role = task->role;
	block->directory = task->directory;
	block->place = task->place;
	block->is_implicit = true;
	block->is_include = true;
	block->is_handler = task->is_handler;
	block->keywords[KEYWORD_VARS] = task->keywords[KEYWORD_VARS];
	block->serial_number = ++run->reader.serial_number;
	return block;
}

static bool
read_tasks(struct run *run, const struct step *step, struct value *args, struct arena *into,
	const char *key_prefix, const struct node **out, struct error *err)
{
	const struct value *name =
		value_get(args, "file") ? value_get(args, "file") : value_get(args, "_raw_params");
	const char *path, *key;
	struct node *wrapper, *block;

	if (!value_is_string(name))
		return fail(err, ERR_TYPE, "include_tasks names no file");
	if (!file_find(step->task, "tasks", value_string(name), into, &path, err))
		return false;
	key = arena_format(into, "%s%s", key_prefix, path);
	*out = cached(run, key);
	if (*out)
		return true;
	wrapper = wrapper_new(run, step->task);
	if (!apply_keywords(run, wrapper, value_get(args, "apply"), err) ||
		!task_file_read(&run->reader, path, wrapper, step->task->is_handler, &block, err))
		return false;
	wrapper->children = block->children;
	wrapper->directory = block->directory;
	wrapper->place.file = block->place.file;
	map_set(&run->included_files, key, wrapper);
	*out = wrapper;
	return true;
}

static bool
read_role(struct run *run, const struct step *step, struct value *args, struct arena *into,
	const char *key_prefix, const struct node **out, struct error *err)
{
	const struct value *name =
		value_get(args, "name") ? value_get(args, "name") : value_get(args, "role");
	const char *from[4] = { value_string(value_get(args, "tasks_from")),
		value_string(value_get(args, "vars_from")),
		value_string(value_get(args, "defaults_from")),
		value_string(value_get(args, "handlers_from")) };
	struct role_use use = { .is_include = true, .place = step->task->place };
	const char *key;
	struct node *wrapper;

	if (!value_is_string(name))
		return fail(err, ERR_TYPE, "'name' is a required field for include_role.");
	use.is_private = !is_switched_on(args, "public");
	use.skips_validation = is_switched_off(args, "rolespec_validate");
	key = arena_format(into, "%srole %s %s %s %s %s", key_prefix, value_string(name),
		from[0] ? from[0] : "", from[1] ? from[1] : "", from[2] ? from[2] : "",
		from[3] ? from[3] : "");
	*out = cached(run, key);
	if (*out)
		return true;
	use.name = arena_text(&run->arena, value_string(name));
	use.tasks_from = arena_text(&run->arena, from[0]);
	use.vars_from = arena_text(&run->arena, from[1]);
	use.defaults_from = arena_text(&run->arena, from[2]);
	use.handlers_from = arena_text(&run->arena, from[3]);
	wrapper = wrapper_new(run, step->task);
	if (!apply_keywords(run, wrapper, value_get(args, "apply"), err) ||
		!role_read(&run->reader, &use, wrapper, step->task->role, &wrapper->children, err))
		return false;
	map_set(&run->included_files, key, wrapper);
	*out = wrapper;
	return true;
}

bool
include_read(struct task_scope *scope, const struct step *step, struct value *args,
	const struct value *locals, struct arena *into, const struct node **out,
	const struct value **vars, struct error *err)
{
	struct run *run = scope->run;
	const char *prefix = arena_format(into, "%zu ", step->task->serial_number);

	bool ok;

	*vars = locals ? value_dup(&step->host->arena, locals) : NULL;
	run->reader.is_dynamic = true;
	ok = !strcmp(step->action, "include_role")
		     ? read_role(run, step, args, into, prefix, out, err)
		     : read_tasks(run, step, args, into, prefix, out, err);
	run->reader.is_dynamic = false;
	return ok;
}
