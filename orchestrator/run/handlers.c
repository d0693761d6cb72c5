/* Notified handlers: by name or by what they listen to, done once, in the order in which they are
 * written. */
#include "orchestrator/run/internal.h"

static bool
is_notified(const struct run_host *host, const struct node *handler)
{
	for (const struct notified *at = host->notified; at; at = at->next)
		if (at->handler == handler)
			return true;
	return false;
}

static void
notify_one(struct run_host *host, const struct node *handler)
{
	struct notified *notified;

	if (is_notified(host, handler))
		return;
	notified = memory_get(sizeof(*notified));
	notified->handler = handler;
	notified->next = host->notified;
	host->notified = notified;
}

void
handler_done(struct run_host *host, const struct node *handler)
{
	for (struct notified **at = &host->notified; *at; at = &(*at)->next)
		if ((*at)->handler == handler) {
			struct notified *gone = *at;

			*at = gone->next;
			free(gone);
			return;
		}
}

/* Of one name, the play's own handlers come before those of roles, and later roles before earlier
 * ones; within one list the first counts. */
static const struct node *
better(const struct node *found, const struct node *other)
{
	return !found || found->role != other->role ? other : found;
}

static void
warn_unusable(const struct run_host *host, const struct node *handler, const char *name,
	const struct error *err)
{
	if (!handler->keywords[KEYWORD_LISTEN])
		report_warning(host->run->report,
			"Handler '%s' is unusable because it has no listen topics and the name could "
			"not be templated (host-specific variables are not supported in handler "
			"names). The error: %s",
			name, err->what);
}

/* A block of handlers, or a file of them, is notified with each of its own. */
static const struct node *
find_by_name(struct run_host *host, const struct node_list *list, const char *name,
	struct task_scope *scope, struct arena *scratch)
{
	const struct node *found = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct node *handler = list->nodes[i];
		const char *own = value_string(handler->keywords[KEYWORD_NAME]);
		const char *text = own;
		struct error undefined;

		if (handler->kind != NODE_TASK) {
			const struct node *inside =
				find_by_name(host, &handler->children, name, scope, scratch);

			found = inside ? better(found, inside) : found;
			continue;
		}
		if (own && value_has_template(handler->keywords[KEYWORD_NAME]) &&
			template_is_present(view_of(own)) &&
			!evaluate_text(
				scope, scratch, handler->keywords[KEYWORD_NAME], &text, &undefined)) {
			warn_unusable(host, handler, own, &undefined);
			text = NULL;
		}
		if (text_equals(text, name) ||
			(handler->role && text && text_equals(node_title(handler, scratch), name)))
			found = better(found, handler);
	}
	return found;
}

static bool
listens_to(const struct node *handler, const char *name)
{
	const struct value *listen = handler->keywords[KEYWORD_LISTEN];

	if (value_is_list(listen)) {
		VALUE_EACH (item, listen)
			if (text_equals(value_string(item), name))
				return true;
		return false;
	}
	return listen && text_equals(value_string(listen), name);
}

static bool
notify_listeners(struct run_host *host, const struct node_list *list, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < list->count; i++) {
		if (list->nodes[i]->kind != NODE_TASK) {
			found |= notify_listeners(host, &list->nodes[i]->children, name);
		} else if (listens_to(list->nodes[i], name)) {
			notify_one(host, list->nodes[i]);
			found = true;
		}
	}
	return found;
}

static bool
notify_name(struct run_host *host, struct task_scope *scope, struct arena *scratch,
	const char *name, const struct value *source, struct error *err)
{
	struct node_list known = host->play->node->handlers;
	const struct node *handler;
	bool listens;

	/* Those that came by includes behind the task are not meant. */
	known.count = MIN(known.count, scope->step->handlers_known);
	handler = find_by_name(host, &known, name, scope, scratch);
	listens = notify_listeners(host, &known, name);

	if (handler)
		notify_one(host, handler);
	if (handler || listens)
		return true;
	if (host->run->settings->allows_missing_handlers) {
		report_warning(host->run->report,
			"The requested handler '%s' was not found in either the main handlers list nor "
			"in the listening handlers list",
			name);
		return true;
	}
	fail(err, ERR_MISSING,
		"The requested handler '%s' was not found in either the main handlers list nor in "
		"the "
		"listening handlers list",
		name);
	return error_at(err, source);
}

bool
handlers_notify(struct run_host *host, const struct step *step, const struct value *names,
	struct error *err)
{
	const struct value *evaluated;
	struct task_scope scope;
	struct arena scratch;
	bool ok;

	arena_init(&scratch);
	task_scope_for_step(&scope, step, step->items[0].locals);
	ok = evaluate_value(&scope, &scratch, names, &evaluated, err);
	if (ok && value_is_list(evaluated)) {
		VALUE_EACH (name, evaluated)
			ok = ok && notify_name(host, &scope, &scratch,
					   value_to_text(&scratch, name), names, err);
	} else if (ok && !value_is_none(evaluated)) {
		ok = notify_name(
			host, &scope, &scratch, value_to_text(&scratch, evaluated), names, err);
	}
	arena_release(&scratch);
	return ok;
}

/* What a handler includes is done with it, notified or not. */
static bool
is_included(const struct node *handler)
{
	for (const struct node *node = handler->parent; node && node->kind != NODE_PLAY;
		node = node->parent)
		if (node->is_include && node->is_handler)
			return true;
	return false;
}

bool
handler_is_due(const struct run_host *host, const struct node *handler)
{
	if (is_included(handler))
		return true;
	return is_notified(host, handler);
}

bool
handlers_flush(struct run_host *host)
{
	const struct node *play = host->play->node;

	if (!host->notified)
		return true;
	if (!cursor_enter(&host->cursor, play, &play->handlers, NULL))
		return false;
	host->cursor.levels[host->cursor.depth - 1].is_handlers = true;
	return true;
}
