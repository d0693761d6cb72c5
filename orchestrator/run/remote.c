/*
 * Runners and what is queued there: which link a task takes, frames out, frames in, and the content
 * that runners ask for. A link that dies makes everything in flight on it unreachable.
 */
#include "orchestrator/run/internal.h"

enum { MOST_FETCHED = 1024 * 1024 * 1024 };

/* ---- frames in ---- */

static void
answer(struct item *item, const struct value *result, const char *why)
{
	void (*answered)(struct item *, const struct value *, const char *) = item->answered;

	item->answered = NULL;
	answered(item, result, why);
}

static void
item_take_back(struct item *item)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", item->wire_id);
	if (item->link && map_get(&item->link->in_flight, id) == item)
		map_remove(&item->link->in_flight, id);
	item->link = NULL;
}

void
remote_unreachable(struct item *item, const char *why)
{
	struct arena *arena = &item->step->arena;
	struct value *result = value_map(arena);

	item->is_unreachable = true;
	value_set(arena, result, "changed", &value_false);
	value_set(arena, result, "unreachable", &value_true);
	value_set(arena, result, "msg", value_text(arena, why));
	item_done(item, result);
}

static void
link_died(struct run_link *link, const struct error *err)
{
	struct item *items[1024];
	char line[1700], with_hint[2200];
	size_t count;

	link->is_dead = true;
	link->link = NULL;
	if (err)
		link->death = *err;
	else
		fail(&link->death, ERR_UNREACHABLE, "the runner on '%s' ended", link->name);
	error_line(&link->death, line, sizeof(line));
	snprintf(with_hint, sizeof(with_hint), link->death.hint[0] ? "%s (%s)" : "%s", line,
		link->death.hint);
	do {
		count = 0;
		for (size_t i = 0; i < link->in_flight.count && count < ARRAY_SIZE(items); i++)
			if (link->in_flight.entries[i].key)
				items[count++] = link->in_flight.entries[i].value;
		for (size_t i = 0; i < count; i++) {
			item_take_back(items[i]);
			if (items[i]->answered)
				answer(items[i], NULL, line);
			else
				remote_unreachable(items[i], with_hint);
		}
	} while (count == ARRAY_SIZE(items));
}

static void
link_kill(struct run_link *link, const struct error *err)
{
	struct link *road = link->link;

	if (link->is_dead)
		return;
	link_died(link, err);
	if (road)
		link_close(road);
}

static struct item *
item_of(struct run_link *link, uint32_t id)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", id);
	return map_get(&link->in_flight, text);
}

/* After Ctrl-C: what the runner had not begun is taken back, as if it had never been sent. */
static void
steps_abandon(struct step *step)
{
	struct run_host *host = step->host;

	host_drop_steps(host, step);
	host_settle_soon(host);
}

static bool
on_result(struct run_link *link, struct view body, struct error *err)
{
	struct message_result message;
	struct arena arena;
	struct item *item;
	bool ok;

	arena_init(&arena);
	ok = message_read_result(&arena, body, &message, err);
	item = ok ? item_of(link, message.id) : NULL;
	if (ok)
		content_free_for(link, message.id);
	if (item) {
		item_take_back(item);
		if (item->answered)
			answer(item, message.result, "");
		else if (!message.was_dropped)
			item_done(item, message.result);
		else if (link->run->interrupts)
			steps_abandon(item->step);
	}
	arena_release(&arena);
	return ok;
}

static bool
on_need(struct run_link *link, struct view body, struct error *err)
{
	struct message_need message;
	struct arena arena;
	bool ok;

	arena_init(&arena);
	ok = message_read_need(&arena, body, &message, err);
	for (size_t i = 0; ok && i < message.count; i++) {
		struct sending *sending = memory_get(sizeof(*sending));

		sending->task = message.id;
		sending->content = message.contents[i];
		if (!link->sending)
			link->sending_end = &link->sending;
		*link->sending_end = sending;
		link->sending_end = &sending->next;
	}
	arena_release(&arena);
	if (ok)
		contents_send(link);
	return ok;
}

/* Content that a runner sends (fetch) is kept until the result says what it is. */
static bool
on_blob(struct run_link *link, struct view body, struct error *err)
{
	struct message_blob message;
	struct arena arena;
	struct item *item;
	bool ok;

	arena_init(&arena);
	ok = message_read_blob(&arena, body, &message, err);
	item = ok ? item_of(link, message.id) : NULL;
	if (item && strcmp(item->step->action, "fetch") != 0)
		ok = fail(err, ERR_PROTOCOL,
			"the runner on '%s' sent content that nobody asked for", link->name);
	if (ok && item) {
		if (!item->fetched.data)
			str_init_max(&item->fetched, MOST_FETCHED);
		if (message.offset != (int64_t)item->fetched.length)
			ok = fail(err, ERR_PROTOCOL, "the runner on '%s' sent content out of order",
				link->name);
		else
			str_add_view(&item->fetched, message.data);
	}
	arena_release(&arena);
	return ok;
}

static bool
on_hello(struct run_link *link, struct view body, struct error *err)
{
	struct message_hello hello;

	arena_release(&link->arena);
	return message_read_hello(&link->arena, body, &hello, err);
}

static bool
on_log(struct run_link *link, struct view body, struct error *err)
{
	struct message_log message;
	struct arena arena;
	bool ok;

	arena_init(&arena);
	ok = message_read_log(&arena, body, &message, err);
	if (ok)
		report_verbose(link->run->report, 3, link->name, "%s", message.line);
	arena_release(&arena);
	return ok;
}

static bool
on_frame(struct run_link *link, const struct frame *frame, struct error *err)
{
	switch (frame->type) {
	case FRAME_HELLO:
		return on_hello(link, frame->body, err);
	case FRAME_RESULT:
		return on_result(link, frame->body, err);
	case FRAME_NEED:
		return on_need(link, frame->body, err);
	case FRAME_BLOB:
		return on_blob(link, frame->body, err);
	case FRAME_LOG:
		return on_log(link, frame->body, err);
	case FRAME_OUTPUT:
		return true;
	default:
		return fail(err, ERR_PROTOCOL, "the runner on '%s' sent a frame of type %d",
			link->name, (int)frame->type);
	}
}

static void
on_received(void *context, const void *bytes, size_t length)
{
	struct run_link *link = context;
	struct frame frame;
	struct error err;

	frame_reader_add(&link->reader, bytes, length);
	for (;;) {
		if (link->is_dead)
			return;
		if (!frame_next(&link->reader, &frame, &err)) {
			link_kill(link, &err);
			return;
		}
		if (!frame.type)
			return;
		if (!on_frame(link, &frame, &err)) {
			link_kill(link, &err);
			return;
		}
	}
}

static void
on_ready(void *context, const struct link_info *info)
{
	struct run_link *link = context;

	const struct run_host *host = map_get(&link->run->hosts, link->name);

	link->is_ready = true;
	if (host && host->steps)
		report_busy(link->run->report, link->name, host->steps->title);
	report_verbose(link->run->report, 3, link->name, "%s, runner %s%s",
		info->road ? info->road : "", info->architecture ? info->architecture : "",
		info->was_pushed ? " (pushed)" : "");
	if (link->waiting.length)
		link_send(link->link, link->waiting.data, link->waiting.length);
	str_release(&link->waiting);
}

static void
on_drained(void *context)
{
	contents_send(context);
}

static void
on_progress(void *context, const char *what)
{
	struct run_link *link = context;

	report_busy(link->run->report, link->name, what);
	report_verbose(link->run->report, 4, link->name, "%s", what);
}

static void
on_closed(void *context, const struct error *err, bool was_ready)
{
	(void)was_ready;
	link_died(context, err);
}

static const struct link_handler handler = { .ready = on_ready,
	.received = on_received,
	.drained = on_drained,
	.progress = on_progress,
	.closed = on_closed };

/* ---- frames out ---- */

void
link_bytes(struct run_link *link, const struct str *bytes)
{
	if (link->is_dead)
		return;
	if (link->is_ready)
		link_send(link->link, bytes->data, bytes->length);
	else
		str_add_view(&link->waiting, str_view(bytes));
}

uint32_t
remote_next_id(struct run *run)
{
	return ++run->next_wire_id;
}

bool
remote_send(struct item *item, struct run_link *link, const struct message_task *task,
	struct error *err)
{
	struct message_task message = *task;
	struct str frame = STR_INIT;
	char id[16];

	if (link->is_dead) {
		*err = link->death;
		return false;
	}
	message.epoch = link->epoch;
	if (!message_add_task(&frame, &message, err)) {
		str_release(&frame);
		return false;
	}
	item->link = link;
	item->was_sent = true;
	snprintf(id, sizeof(id), "%u", item->wire_id);
	map_set(&link->in_flight, id, item);
	link_bytes(link, &frame);
	str_release(&frame);
	return true;
}

void
remote_release(struct run_host *host)
{
	struct str frame = STR_INIT;

	for (struct run_link *link = host->run->links; link; link = link->next) {
		if (link->is_dead || strcmp(link->name, host->name) != 0)
			continue;
		message_add_release(&frame, ++link->epoch);
		link_bytes(link, &frame);
		str_clear(&frame);
	}
	str_release(&frame);
}

void
remote_cancel_all(struct run *run)
{
	struct str frame = STR_INIT;

	for (struct run_link *link = run->links; link; link = link->next) {
		if (link->is_dead || !link->is_ready)
			continue;
		message_add_cancel(&frame, 0);
		link_bytes(link, &frame);
		str_clear(&frame);
	}
	str_release(&frame);
}

void
remote_stop_queues(struct run *run)
{
	struct str frame = STR_INIT;

	for (struct run_link *link = run->links; link; link = link->next) {
		if (link->is_dead)
			continue;
		message_add_release(&frame, ++link->epoch);
		link_bytes(link, &frame);
		str_clear(&frame);
	}
	str_release(&frame);
}

/* ---- links ---- */

static const char *
link_key(struct arena *into, const struct link_settings *settings, const char *owner)
{
	return arena_format(into, "%s\n%s\n%s\n%d\n%s\n%s\n%s\n%s\n%s\n%s", owner,
		settings->connection, settings->host, settings->port,
		settings->user ? settings->user : "",
		settings->private_key_file ? settings->private_key_file : "",
		settings->ssh_common_args ? settings->ssh_common_args : "",
		settings->ssh_extra_args ? settings->ssh_extra_args : "",
		settings->password ? settings->password : "",
		settings->remote_dir ? settings->remote_dir : "");
}

static struct run_link *
link_find(struct run *run, const char *key)
{
	for (struct run_link *link = run->links; link; link = link->next)
		if (!link->is_dead && !strcmp(link->key, key))
			return link;
	return NULL;
}

static struct run_link *
link_new(struct run *run, const struct link_settings *settings, const char *key, const char *name)
{
	struct run_link *link = memory_get(sizeof(*link));

	link->run = run;
	link->key = memory_text(key);
	link->name = memory_text(name);
	str_init(&link->waiting);
	arena_init(&link->arena);
	map_init(&link->in_flight);
	link->sending_end = &link->sending;
	link->is_local = text_equals(settings->connection, "local");
	link->next = run->links;
	run->links = link;
	link->link = link_open(run->transport, settings, &handler, link);
	return link;
}

static void
link_free(struct run_link *link)
{
	struct sending *sending = link->sending;

	if (link->link)
		link_close(link->link);
	while (sending) {
		struct sending *next = sending->next;

		free(sending);
		sending = next;
	}
	while (link->contents) {
		struct content *next = link->contents->next;

		content_free(link->contents);
		link->contents = next;
	}
	memory_wipe(link->key, strlen(link->key));
	free(link->key);
	free(link->name);
	str_release(&link->waiting);
	frame_reader_release(&link->reader);
	map_release(&link->in_flight);
	arena_release(&link->arena);
	free(link);
}

void
remote_close_all(struct run *run)
{
	while (run->links) {
		struct run_link *next = run->links->next;

		link_free(run->links);
		run->links = next;
	}
}

static void
link_forget(struct run *run, const struct run_link *link)
{
	for (size_t i = 0; i < run->hosts.count; i++) {
		struct run_host *host = run->hosts.entries[i].value;

		if (host && host->link == link)
			host->link = NULL;
	}
}

void
remote_reset(struct run *run, const char *name)
{
	struct run_link **at = &run->links, *gone = NULL;
	struct error err;

	while (*at) {
		struct run_link *link = *at;

		if (strcmp(link->name, name) != 0) {
			at = &link->next;
			continue;
		}
		*at = link->next;
		link->next = gone;
		gone = link;
		link_forget(run, link);
	}
	while (gone) {
		struct run_link *next = gone->next;

		fail(&err, ERR_UNREACHABLE, "the connection to '%s' was reset", name);
		link_kill(gone, &err);
		link_free(gone);
		gone = next;
	}
}

/* Whose variables say how to get there: the delegated host's own, or the task's. */
static bool
delegate_settings(struct task_scope *scope, const struct item *item, struct arena *into,
	struct link_settings *out, struct error *err)
{
	struct run *run = scope->run;
	struct inventory_host *other = inventory_host_find_or_local(run->inventory, item->delegate);
	struct task_scope there;

	if (other) {
		task_scope_init(&there, run_host_get(run, other), NULL, NULL, 0, NULL);
		return link_settings_read(&there, into, item->delegate, out, err);
	}
	*out = (struct link_settings){ .name = item->delegate,
		.host = item->delegate,
		.timeout_s = run->settings->timeout_s,
		.user = run->settings->remote_user,
		.private_key_file = run->settings->private_key_file,
		.connection = run->settings->connection };
	return true;
}

static bool
is_delegated(const struct item *item)
{
	return item->delegate && strcmp(item->delegate, item->step->host->name) != 0;
}

static bool
item_settings(struct task_scope *scope, const struct item *item, struct arena *into,
	struct link_settings *out, struct error *err)
{
	if (is_delegated(item) ? !delegate_settings(scope, item, into, out, err)
			       : !link_settings_read(scope, into, item->step->host->name, out, err))
		return false;
	if (!out->connection)
		out->connection = "ssh";
	if (item->connect_timeout_s)
		out->timeout_s = (int)item->connect_timeout_s;
	return true;
}

/* May this task reach its host in another way than the host's other tasks? */
static bool
has_own_road(const struct node *task)
{
	for (; task && task->kind != NODE_PLAY; task = task->parent) {
		const struct value *vars = task->keywords[KEYWORD_VARS];

		if (task->keywords[KEYWORD_CONNECTION] || task->keywords[KEYWORD_PORT] ||
			task->keywords[KEYWORD_REMOTE_USER])
			return true;
		if (!value_is_map(vars))
			continue;
		VALUE_PAIRS (pair, vars)
			if (value_is_string(pair->key) &&
				text_starts(value_string(pair->key), "ansible_"))
				return true;
	}
	return false;
}

const char *
remote_name(const struct item *item)
{
	return is_delegated(item) ? item->delegate : item->step->host->name;
}

bool
remote_is_local(struct task_scope *scope, const struct item *item, bool *out, struct error *err)
{
	struct link_settings settings;
	struct arena scratch;
	bool ok;

	arena_init(&scratch);
	ok = item_settings(scope, item, &scratch, &settings, err);
	if (ok)
		*out = !strcmp(settings.connection, "local");
	arena_release(&scratch);
	return ok;
}

bool
link_for(struct task_scope *scope, const struct item *item, struct arena *into,
	struct run_link **out, struct error *err)
{
	const struct step *step = item->step;
	struct run_host *host = step->host;
	bool is_own = is_delegated(item) || has_own_road(step->task);
	const char *key, *owner = remote_name(item);
	struct link_settings settings;

	if (host->link && !host->link->is_dead && !is_own) {
		*out = host->link;
		return true;
	}
	if (!item_settings(scope, item, into, &settings, err))
		return false;
	/* Each host has a local runner of its own, so that they do not wait for each other. */
	if (is_delegated(item) && !strcmp(settings.connection, "local"))
		owner = arena_format(into, "%s for %s", item->delegate, host->name);
	key = link_key(into, &settings, owner);
	*out = link_find(host->run, key);
	if (!*out)
		*out = link_new(host->run, &settings, key, owner);
	if (!is_own)
		host->link = *out;
	return true;
}

void
remote_ask(struct item *item, const char *module, const struct value *args, bool becomes,
	void (*answered)(struct item *item, const struct value *result, const char *why))
{
	struct message_task task = { .module = module, .args = args };
	struct task_scope scope;
	struct run_link *link;
	struct arena scratch;
	struct error err;
	char line[512];

	arena_init(&scratch);
	error_clear(&err);
	task_scope_for_step(&scope, item->step, item->locals);
	item->wire_id = task.id = remote_next_id(item->step->host->run);
	item->answered = answered;
	if ((becomes && !evaluate_become(&scope, item->step->task, &scratch, &task.become, &err)) ||
		!link_for(&scope, item, &scratch, &link, &err) ||
		!remote_send(item, link, &task, &err))
		answer(item, NULL, error_line(&err, line, sizeof(line)));
	arena_release(&scratch);
}

void
remote_ask_cancel(struct item *item)
{
	item_take_back(item);
	item->answered = NULL;
}
