/* Messages to and from MessagePack bodies: maps with the keys of docs/PROTOCOL.md. */
#include "wire/message.h"

#include <string.h>

#include "value/msgpack.h"

static void
add_text(struct str *out, const char *key, const char *text)
{
	msgpack_add_text(out, key);
	msgpack_add_text(out, text);
}

static void
add_int(struct str *out, const char *key, int64_t number)
{
	msgpack_add_text(out, key);
	msgpack_add_int(out, number);
}

static void
add_bool(struct str *out, const char *key, bool boolean)
{
	msgpack_add_text(out, key);
	msgpack_add_bool(out, boolean);
}

static bool
add_map(struct str *out, const char *key, const struct value *map, struct error *err)
{
	msgpack_add_text(out, key);
	return msgpack_write(map ? map : &value_empty_map, out, err);
}

/* Ends the frame, or takes back what was written of it. */
static bool
finish(struct str *out, size_t mark, bool is_written, struct error *err)
{
	if (is_written)
		return frame_end(out, mark, err);
	str_cut(out, mark);
	return false;
}

bool
message_add_hello(struct str *out, const struct message_hello *hello, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_HELLO);

	msgpack_add_map(out, 11);
	add_int(out, "protocol", hello->protocol);
	add_text(out, "version", hello->version);
	add_text(out, "architecture", hello->architecture);
	add_text(out, "user", hello->user);
	add_text(out, "home", hello->home);
	add_text(out, "hostname", hello->hostname);
	add_text(out, "kernel", hello->kernel);
	add_text(out, "boot_id", hello->boot_id);
	add_int(out, "uid", hello->uid);
	add_int(out, "gid", hello->gid);
	add_int(out, "pid", hello->pid);
	return frame_end(out, mark, err);
}

static void
add_become(struct str *out, const struct message_become *become)
{
	msgpack_add_text(out, "become");
	msgpack_add_map(out, 5);
	add_text(out, "method", become->method);
	add_text(out, "user", become->user);
	add_text(out, "exe", become->exe);
	add_text(out, "flags", become->flags);
	add_text(out, "password", become->password);
}

bool
message_add_task(struct str *out, const struct message_task *task, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_TASK);

	msgpack_add_map(out, 11 + (task->become.method ? 1 : 0) + (task->predicted ? 1 : 0) +
				    (task->async_s ? 2 : 0));
	add_int(out, "id", task->id);
	add_int(out, "epoch", task->epoch);
	add_int(out, "group", task->group);
	add_text(out, "module", task->module);
	add_bool(out, "check", task->check_mode);
	add_bool(out, "diff", task->diff);
	add_bool(out, "stops", task->stops);
	add_bool(out, "live", task->live);
	add_int(out, "timeout", task->timeout_s);
	if (task->predicted)
		add_bool(out, "predicted", true);
	if (task->async_s) {
		add_int(out, "async", task->async_s);
		add_text(out, "async_dir", task->async_dir);
	}
	if (task->become.method)
		add_become(out, &task->become);
	return finish(out, mark,
		add_map(out, "args", task->args, err) &&
			add_map(out, "environment", task->environment, err),
		err);
}

bool
message_add_need(struct str *out, const struct message_need *need, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_NEED);

	msgpack_add_map(out, 2);
	add_int(out, "id", need->id);
	msgpack_add_text(out, "contents");
	msgpack_add_list(out, need->count);
	for (size_t i = 0; i < need->count; i++)
		msgpack_add_int(out, need->contents[i]);
	return frame_end(out, mark, err);
}

bool
message_add_blob(struct str *out, const struct message_blob *blob, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_BLOB);

	msgpack_add_map(out, 5 + (blob->error ? 1 : 0));
	add_int(out, "id", blob->id);
	add_int(out, "content", blob->content);
	add_int(out, "offset", blob->offset);
	add_bool(out, "last", blob->is_last);
	if (blob->error)
		add_text(out, "error", blob->error);
	msgpack_add_text(out, "data");
	msgpack_add_view(out, blob->data);
	return frame_end(out, mark, err);
}

bool
message_add_output(struct str *out, const struct message_output *output, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_OUTPUT);

	msgpack_add_map(out, 3);
	add_int(out, "id", output->id);
	add_int(out, "stream", output->stream);
	msgpack_add_text(out, "data");
	msgpack_add_view(out, output->data);
	return frame_end(out, mark, err);
}

bool
message_add_result(struct str *out, const struct message_result *result, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_RESULT);

	msgpack_add_map(out, 4);
	add_int(out, "id", result->id);
	add_bool(out, "dropped", result->was_dropped);
	add_int(out, "us", (int64_t)result->duration_us);
	return finish(out, mark, add_map(out, "result", result->result, err), err);
}

bool
message_add_log(struct str *out, const struct message_log *log, struct error *err)
{
	size_t mark = frame_begin(out, FRAME_LOG);

	msgpack_add_map(out, 2);
	add_int(out, "level", log->level);
	add_text(out, "line", log->line);
	return frame_end(out, mark, err);
}

/* One small number: cannot fail. */
static void
add_small(struct str *out, enum frame_type type, const char *key, uint32_t number)
{
	size_t mark = frame_begin(out, type);

	msgpack_add_map(out, 1);
	add_int(out, key, number);
	if (!frame_end(out, mark, NULL))
		BUG("a small frame did not fit");
}

void
message_add_release(struct str *out, uint32_t epoch)
{
	add_small(out, FRAME_RELEASE, "epoch", epoch);
}

void
message_add_cancel(struct str *out, uint32_t id)
{
	add_small(out, FRAME_CANCEL, "id", id);
}

/* A body under way: the first field of a wrong type fails it. */
struct body {
	const struct value *map;
	const char *name;
	bool is_broken;
	struct error *err;
};

static bool
body_read(struct arena *into, struct view bytes, const char *name, struct body *out,
	struct error *err)
{
	if (!msgpack_read(into, bytes, &out->map, err))
		return error_context(err, "%s", name);
	if (!value_is_map(out->map))
		return fail(err, ERR_PROTOCOL, "the body of '%s' is not a map", name);
	out->name = name;
	out->is_broken = false;
	out->err = err;
	return true;
}

static void
body_breaks(struct body *body, const char *key)
{
	if (!body->is_broken)
		fail(body->err, ERR_PROTOCOL, "'%s' of a %s message is wrong", key, body->name);
	body->is_broken = true;
}

static int64_t
body_int(struct body *body, const char *key, int64_t minimum, int64_t maximum)
{
	const struct value *value = value_get(body->map, key);

	if (value_is_none(value))
		return 0;
	if (value->type == VALUE_INT && value->integer >= minimum && value->integer <= maximum)
		return value->integer;
	body_breaks(body, key);
	return 0;
}

static uint32_t
body_u32(struct body *body, const char *key)
{
	return (uint32_t)body_int(body, key, 0, UINT32_MAX);
}

static bool
body_bool(struct body *body, const char *key)
{
	const struct value *value = value_get(body->map, key);

	if (value_is_none(value))
		return false;
	if (value->type == VALUE_BOOL)
		return value->boolean;
	body_breaks(body, key);
	return false;
}

/* Texts are used as C strings: one with a NUL inside would mean something else than it says. */
static const char *
body_text(struct body *body, const char *key)
{
	const struct value *value = value_get(body->map, key);

	if (value_is_none(value))
		return NULL;
	if (value->type == VALUE_STRING && strlen(value->string.data) == value->string.length)
		return value->string.data;
	body_breaks(body, key);
	return NULL;
}

static struct view
body_bytes(struct body *body, const char *key)
{
	const struct value *value = value_get(body->map, key);

	if (value_is_none(value))
		return VIEW("");
	if (value->type == VALUE_STRING)
		return value_string_view(value);
	body_breaks(body, key);
	return VIEW("");
}

static const struct value *
body_map(struct body *body, const char *key)
{
	const struct value *value = value_get(body->map, key);

	if (value_is_none(value))
		return &value_empty_map;
	if (value->type == VALUE_MAP)
		return value;
	body_breaks(body, key);
	return &value_empty_map;
}

static uint32_t
body_id(struct body *body)
{
	uint32_t id = body_u32(body, "id");

	if (!id)
		body_breaks(body, "id");
	return id;
}

bool
message_read_hello(
	struct arena *into, struct view bytes, struct message_hello *out, struct error *err)
{
	struct body body;

	if (!body_read(into, bytes, "hello", &body, err))
		return false;
	*out = (struct message_hello){
		.protocol = body_int(&body, "protocol", 0, INT32_MAX),
		.version = body_text(&body, "version"),
		.architecture = body_text(&body, "architecture"),
		.user = body_text(&body, "user"),
		.home = body_text(&body, "home"),
		.hostname = body_text(&body, "hostname"),
		.kernel = body_text(&body, "kernel"),
		.boot_id = body_text(&body, "boot_id"),
		.uid = body_int(&body, "uid", 0, UINT32_MAX),
		.gid = body_int(&body, "gid", 0, UINT32_MAX),
		.pid = body_int(&body, "pid", 0, INT32_MAX),
	};
	return !body.is_broken;
}

static void
read_become(struct body *outer, struct message_become *out)
{
	struct body body = *outer;

	*out = (struct message_become){ 0 };
	if (value_is_none(value_get(outer->map, "become")))
		return;
	body.map = body_map(outer, "become");
	body.name = "become";
	*out = (struct message_become){
		.method = body_text(&body, "method"),
		.user = body_text(&body, "user"),
		.exe = body_text(&body, "exe"),
		.flags = body_text(&body, "flags"),
		.password = body_text(&body, "password"),
	};
	if (body.is_broken || !out->method)
		body_breaks(outer, "become");
}

bool
message_read_task(
	struct arena *into, struct view bytes, struct message_task *out, struct error *err)
{
	struct body body;

	if (!body_read(into, bytes, "task", &body, err))
		return false;
	*out = (struct message_task){
		.id = body_id(&body),
		.epoch = body_u32(&body, "epoch"),
		.group = body_u32(&body, "group"),
		.module = body_text(&body, "module"),
		.args = body_map(&body, "args"),
		.check_mode = body_bool(&body, "check"),
		.diff = body_bool(&body, "diff"),
		.stops = body_bool(&body, "stops"),
		.live = body_bool(&body, "live"),
		.predicted = body_bool(&body, "predicted"),
		.timeout_s = body_u32(&body, "timeout"),
		.async_s = body_u32(&body, "async"),
		.async_dir = body_text(&body, "async_dir"),
		.environment = body_map(&body, "environment"),
	};
	read_become(&body, &out->become);
	if (!out->module)
		body_breaks(&body, "module");
	return !body.is_broken;
}

bool
message_read_need(
	struct arena *into, struct view bytes, struct message_need *out, struct error *err)
{
	const struct value *list;
	struct body body;
	int64_t *contents;

	if (!body_read(into, bytes, "need", &body, err))
		return false;
	list = value_get(body.map, "contents");
	if (!value_is_list(list))
		return fail(err, ERR_PROTOCOL, "'contents' of a need message is wrong");
	contents = arena_array(into, list->list.count, int64_t);
	for (uint32_t i = 0; i < list->list.count; i++) {
		if (!value_is(list->list.items[i], VALUE_INT))
			return fail(err, ERR_PROTOCOL, "'contents' of a need message is wrong");
		contents[i] = list->list.items[i]->integer;
	}
	*out = (struct message_need){
		.id = body_id(&body),
		.contents = contents,
		.count = list->list.count,
	};
	return !body.is_broken;
}

bool
message_read_blob(
	struct arena *into, struct view bytes, struct message_blob *out, struct error *err)
{
	struct body body;

	if (!body_read(into, bytes, "blob", &body, err))
		return false;
	*out = (struct message_blob){
		.id = body_id(&body),
		.content = body_int(&body, "content", 0, INT64_MAX),
		.offset = body_int(&body, "offset", 0, INT64_MAX),
		.data = body_bytes(&body, "data"),
		.is_last = body_bool(&body, "last"),
		.error = body_text(&body, "error"),
	};
	return !body.is_broken;
}

bool
message_read_output(
	struct arena *into, struct view bytes, struct message_output *out, struct error *err)
{
	struct body body;

	if (!body_read(into, bytes, "output", &body, err))
		return false;
	*out = (struct message_output){
		.id = body_id(&body),
		.stream = (int)body_int(&body, "stream", 1, 2),
		.data = body_bytes(&body, "data"),
	};
	return !body.is_broken;
}

bool
message_read_result(
	struct arena *into, struct view bytes, struct message_result *out, struct error *err)
{
	struct body body;

	if (!body_read(into, bytes, "result", &body, err))
		return false;
	*out = (struct message_result){
		.id = body_id(&body),
		.result = body_map(&body, "result"),
		.was_dropped = body_bool(&body, "dropped"),
		.duration_us = (uint64_t)body_int(&body, "us", 0, INT64_MAX),
	};
	return !body.is_broken;
}

bool
message_read_log(struct arena *into, struct view bytes, struct message_log *out, struct error *err)
{
	struct body body;

	if (!body_read(into, bytes, "log", &body, err))
		return false;
	*out = (struct message_log){
		.level = body_int(&body, "level", 0, 3),
		.line = body_text(&body, "line"),
	};
	return !body.is_broken;
}

static bool
read_small(struct view bytes, const char *name, const char *key, uint32_t *out, struct error *err)
{
	struct arena arena;
	struct body body;
	bool is_read;

	arena_init(&arena);
	is_read = body_read(&arena, bytes, name, &body, err);
	if (is_read) {
		*out = body_u32(&body, key);
		is_read = !body.is_broken;
	}
	arena_release(&arena);
	return is_read;
}

bool
message_read_release(struct view body, uint32_t *epoch, struct error *err)
{
	return read_small(body, "release", "epoch", epoch, err);
}

bool
message_read_cancel(struct view body, uint32_t *id, struct error *err)
{
	return read_small(body, "cancel", "id", id, err);
}
