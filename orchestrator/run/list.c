/* What would be done: hosts, tasks and tags of the plays, as ansible-playbook lists them. */
#include "orchestrator/run/list.h"

static void
add_tags(const struct value *tags, struct str *out)
{
	struct arena arena;
	struct value *sorted;
	bool is_first = true;

	arena_init(&arena);
	sorted = value_list(&arena);
	VALUE_EACH (tag, tags) {
		bool has = false;

		VALUE_EACH (other, sorted)
			has |= value_equals(tag, other);
		if (!has)
			value_add(&arena, sorted, tag);
	}
	for (uint32_t i = 0; i < sorted->list.count; i++)
		for (uint32_t j = i + 1; j < sorted->list.count; j++)
			if (strcmp(value_to_text(&arena, sorted->list.items[j]),
				    value_to_text(&arena, sorted->list.items[i])) < 0) {
				const struct value *swap = sorted->list.items[i];

				sorted->list.items[i] = sorted->list.items[j];
				sorted->list.items[j] = swap;
			}
	str_add_char(out, '[');
	VALUE_EACH (tag, sorted) {
		if (!is_first)
			str_add(out, ", ");
		is_first = false;
		value_add_text(tag, out);
	}
	str_add_char(out, ']');
	arena_release(&arena);
}

/* Tags may hold variables that are known without hosts. */
static const struct value *
listed_tags(struct run *run, const struct node *node, struct arena *into)
{
	const struct value *tags = node_tags(node, into), *evaluated;
	struct value *flat;

	if (!value_has_template(tags))
		return tags;
	run->reader.static_node = node;
	if (!template_evaluate(run->templates, &run->static_scope, into, tags, &evaluated, NULL))
		return tags;
	flat = value_list(into);
	VALUE_EACH (tag, evaluated) {
		if (value_is_list(tag)) {
			VALUE_EACH (inner, tag)
				value_add(into, flat, inner);
		} else {
			value_add(into, flat, tag);
		}
	}
	return flat;
}

static bool
is_listed(struct run *run, const struct node *task, struct arena *into)
{
	if (task->is_implicit)
		return false;
	return tags_choose(
		listed_tags(run, task, into), run->settings->tags, run->settings->skip_tags);
}

static void
list_nodes(struct run *run, const struct node_list *list, struct str *out, struct value *all_tags,
	struct arena *into)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *node = list->nodes[i];

		if (node->kind != NODE_TASK) {
			/* As Ansible, which leaves out rescue and always. */
			list_nodes(run, &node->children, out, all_tags, into);
			continue;
		}
		if (!is_listed(run, node, into))
			continue;
		VALUE_EACH (tag, listed_tags(run, node, into))
			value_add(into, all_tags, tag);
		str_add_format(out, "      %s\tTAGS: ",
			node->keywords[KEYWORD_NAME] ? node_title(node, into)
			: node->written		     ? node->written
						     : node_title(node, into));
		add_tags(listed_tags(run, node, into), out);
		str_add_char(out, '\n');
	}
}

static bool
list_hosts(struct run *run, const struct node *play, const char **pattern, struct str *out,
	struct arena *into, struct error *err)
{
	const struct value *hosts = play->keywords[KEYWORD_HOSTS], *evaluated;
	struct host_list found = { 0 }, limited = { 0 };
	struct str text = STR_INIT;
	bool ok;

	if (!template_evaluate(run->templates, &run->static_scope, into, hosts, &evaluated, err))
		return false;
	if (value_is_list(evaluated)) {
		VALUE_EACH (item, evaluated)
			str_add_format(
				&text, "%s%s", text.length ? "," : "", value_to_text(into, item));
	} else {
		value_add_text(evaluated, &text);
	}
	*pattern = arena_text(into, text.data);
	str_release(&text);
	ok = inventory_match(run->inventory, *pattern, into, &found, err) &&
	     (!run->settings->limit ||
		     inventory_match(run->inventory, run->settings->limit, into, &limited, err));
	if (ok && run->settings->list_hosts) {
		size_t count = 0;

		for (size_t i = 0; i < found.count; i++)
			count += !run->settings->limit || host_list_has(&limited, found.hosts[i]);
		str_add_format(out, "    hosts (%zu):\n", count);
		for (size_t i = 0; i < found.count; i++)
			if (!run->settings->limit || host_list_has(&limited, found.hosts[i]))
				str_add_format(out, "      %s\n", found.hosts[i]->name);
	}
	return ok;
}

static bool
list_play(
	struct run *run, const struct node *play, size_t number, struct str *out, struct error *err)
{
	struct str hosts = STR_INIT, tasks = STR_INIT;
	const struct run_settings *settings = run->settings;
	const char *pattern = "", *name = value_string(play->keywords[KEYWORD_NAME]);
	struct value *all_tags;
	struct arena arena;
	bool ok;

	arena_init(&arena);
	all_tags = value_list(&arena);
	ok = inventory_finish(run->inventory, play->directory, err) &&
	     list_hosts(run, play, &pattern, &hosts, &arena, err);
	if (ok) {
		str_add_format(out, "\n  play #%zu (%s): %s\tTAGS: ", number, pattern,
			name ? name : pattern);
		add_tags(node_tags(play, &arena), out);
		str_add_char(out, '\n');
		if (settings->list_hosts)
			str_add_format(out, "    pattern: ['%s']\n%s", pattern, hosts.data);
		list_nodes(run, &play->children, &tasks, all_tags, &arena);
		if (settings->list_tasks)
			str_add_format(out, "    tasks:\n%s", tasks.data);
		if (settings->list_tags) {
			VALUE_EACH (tag, node_tags(play, &arena))
				value_add(&arena, all_tags, tag);
			str_add(out, "      TASK TAGS: ");
			add_tags(all_tags, out);
			str_add_char(out, '\n');
		}
	}
	str_release(&hosts);
	str_release(&tasks);
	arena_release(&arena);
	return ok;
}

int
list_playbooks(struct run *run, struct playbook *const *playbooks, size_t count)
{
	struct str out = STR_INIT;
	struct error err;

	for (size_t i = 0; i < count; i++) {
		str_add_format(&out, "\nplaybook: %s\n", playbooks[i]->path);
		for (size_t j = 0; j < playbooks[i]->plays.count && !run->settings->syntax_check;
			j++) {
			if (!list_play(run, playbooks[i]->plays.nodes[j], j + 1, &out, &err)) {
				report_error(run->report, &err);
				str_release(&out);
				return run_exit_code(&err);
			}
		}
	}
	str_cut(&out, out.length - 1);
	report_text(run->report, "%s", out.data);
	str_release(&out);
	return RUN_OK;
}
