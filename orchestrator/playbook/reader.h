#ifndef ORCHESTRATOR_PLAYBOOK_READER_H
#define ORCHESTRATOR_PLAYBOOK_READER_H
/* What the files of this room share. */
#include "orchestrator/playbook/playbook.h"
#include "os/files.h"

struct role_table;

struct node *node_new(struct playbook_reader *reader, enum node_kind kind, struct node *parent,
	const struct value *source);
/* Takes the keywords of `map` that may stand on `place`; other keys are left to the caller, who
 * gets them as a list of { key, value } pairs, or refused when `others` is NULL. */
bool keywords_take(struct playbook_reader *reader, struct node *node, const struct value *map,
	unsigned place, struct value *others, struct error *err) MUST_CHECK;
/* Fails with a hint: `key` may not stand there. `where`: one of keyword_place. */
bool fail_unknown_key(const struct value *key, unsigned where, struct error *err);
/* The keyword most like `name` of those that may stand on one of these places, or NULL. */
const char *keyword_nearest(const char *name, unsigned where);
/* The module or action most like `name`, or NULL. */
const char *action_nearest(const char *name);
/* Keywords whose values can be wrong by themselves: those of any node, of a task, of a play. */
bool node_check_keywords(
	struct playbook_reader *reader, struct node *node, struct error *err) MUST_CHECK;
bool task_check_keywords(const struct node *task, struct error *err) MUST_CHECK;
bool play_check_keywords(
	struct playbook_reader *reader, const struct node *play, struct error *err) MUST_CHECK;
/* Dynamic includes take few keywords. */
bool include_check_keywords(
	const struct node *task, const struct value *map, struct error *err) MUST_CHECK;
/* "ansible.builtin.copy" -> "copy"; NULL when no module or action has the name. */
const char *action_canonical(const char *name);
bool read_play(struct playbook_reader *reader, const struct value *map, struct playbook *playbook,
	struct error *err) MUST_CHECK;
/* A task, block or static import. */
bool read_task(struct playbook_reader *reader, const struct value *map, struct node *parent,
	bool is_handler, struct node_list *out, struct error *err) MUST_CHECK;
/* Evaluates a text of a static import with the variables known at load time. */
bool static_text(struct playbook_reader *reader, const struct node *node,
	const struct value *source, const char **out, struct error *err) MUST_CHECK;
bool path_exists(const char *path); /* links are followed */
bool directory_exists(const char *path);
const char *path_directory(struct arena *into, const char *path);
/* Without . and .. in it, by its letters alone: what stands in front of a .. need not exist. */
const char *path_normal(struct arena *into, const char *path);
const char *path_absolute(struct arena *into, const char *path); /* links are kept */

/* An entry of `roles:`. */
bool role_use_read(struct playbook_reader *reader, const struct value *entry, struct node *play,
	struct node_list *out, struct error *err) MUST_CHECK;

/* The rows of a role in C, as the YAML they stand for. */
const struct value *role_rows_as_value(
	struct arena *into, const struct role_table *table, bool handlers, struct error *err);

#endif
