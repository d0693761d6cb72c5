/* tree: the latest result of each host, as JSON, in a file of the host's name (ansible -t). */
#include "json/json.h"
#include "orchestrator/report/internal.h"
#include "os/files.h"

struct tree {
	struct report *report;
	struct arena arena;
	const char *directory; /* NULL: it could not be made */
};

static const char *
directory_name(struct tree *tree)
{
	const char *given = getenv("ANSIBLE_CALLBACK_TREE_DIR"), *home = getenv("HOME");

	if (tree->report->settings.tree)
		return tree->report->settings.tree;
	return given && *given ? given
			       : arena_format(&tree->arena, "%s/.ansible/tree", home ? home : "");
}

static void *
tree_new(struct report *report)
{
	struct tree *tree = memory_get(sizeof(*tree));
	struct error err;

	tree->report = report;
	arena_init(&tree->arena);
	tree->directory = directory_name(tree);
	if (!directory_make(tree->directory, 0777, &err)) {
		report_warning(report,
			"Unable to access or create the configured directory (%s): %s",
			tree->directory, err.what);
		tree->directory = NULL;
	}
	return tree;
}

static void
tree_free(void *self)
{
	struct tree *tree = self;

	arena_release(&tree->arena);
	free(tree);
}

static void
on_result(void *self, const struct report_result *result)
{
	static const struct json_style style = { .sort_keys = true };
	struct tree *tree = self;
	struct str text = STR_INIT;
	struct arena arena;
	struct error err;

	if (result->label || result->status == REPORT_RETRY || !tree->directory ||
		strchr(result->host, '/') || result->host[0] == '.')
		return;
	arena_init(&arena);
	json_add(result_shown(tree->report, result, &arena), &style, &text);
	if (!file_replace(path_join(&arena, tree->directory, result->host), str_view(&text),
		    &(struct file_place){ 0 }, &err))
		report_warning(
			tree->report, "Unable to write to %s's file: %s", result->host, err.what);
	str_release(&text);
	arena_release(&arena);
}

const struct callback callback_tree = { .name = "tree",
	.doc = "Each host's results in a file of a folder.",
	.new = tree_new,
	.free = tree_free,
	.result = on_result };
