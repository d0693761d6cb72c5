#ifndef LIB_WIRE_MESSAGE_H
#define LIB_WIRE_MESSAGE_H
/*
 * The messages of docs/PROTOCOL.md as structs. `message_add_X` appends a whole frame to `out`;
 * `message_read_X` takes the body of a frame and copies all it needs into the arena. Reading fails
 * with ERR_PROTOCOL; adding fails only when a value cannot be sent (undefined, too deep) or is
 * larger than FRAME_MESSAGE_MAX, and then adds nothing.
 */
#include "value/value.h"
#include "wire/frame.h"

enum { MESSAGE_PROTOCOL = 1 };

struct message_hello {
	int64_t protocol;
	const char *version, *architecture, *user, *home, *hostname, *kernel, *boot_id;
	int64_t uid, gid, pid;
};

/* A NULL method: as the login user. */
struct message_become {
	const char *method;   /* sudo, su, doas, runuser */
	const char *user;     /* NULL: root */
	const char *exe;      /* NULL: the method's name */
	const char *flags;    /* NULL: the method's own */
	const char *password; /* secret; NULL: none */
};

struct message_task {
	uint32_t id, epoch, group;
	const char *module;
	const struct value *args; /* a map; NULL: empty */
	bool check_mode, diff;
	bool stops; /* a failure drops what is queued of this epoch and of another group */
	bool live;  /* output frames are wanted */
	bool predicted; /* in check mode: an earlier task of the run would have changed something */
	struct message_become become;
	const struct value *environment; /* a map of texts; NULL: empty */
	uint32_t timeout_s;		 /* 0: none */
	uint32_t async_s;	/* > 0: done in the background, for so many seconds at most */
	const char *async_dir; /* where such jobs write their results; NULL: ~/.ansible_async */
};

struct message_need {
	uint32_t id;
	const int64_t *contents;
	size_t count;
};

struct message_blob {
	uint32_t id;
	int64_t content, offset;
	struct view data; /* when read: lives in the arena */
	bool is_last;
	const char *error; /* it cannot be had; NULL: all is well */
};

struct message_output {
	uint32_t id;
	int stream; /* 1: stdout, 2: stderr */
	struct view data;
};

struct message_result {
	uint32_t id;
	const struct value *result; /* a map */
	bool was_dropped;
	uint64_t duration_us;
};

struct message_log {
	int64_t level; /* enum log_level */
	const char *line;
};

bool message_add_hello(
	struct str *out, const struct message_hello *hello, struct error *err) MUST_CHECK;
bool message_add_task(
	struct str *out, const struct message_task *task, struct error *err) MUST_CHECK;
bool message_add_need(
	struct str *out, const struct message_need *need, struct error *err) MUST_CHECK;
bool message_add_blob(
	struct str *out, const struct message_blob *blob, struct error *err) MUST_CHECK;
bool message_add_output(
	struct str *out, const struct message_output *output, struct error *err) MUST_CHECK;
bool message_add_result(
	struct str *out, const struct message_result *result, struct error *err) MUST_CHECK;
bool message_add_log(struct str *out, const struct message_log *log, struct error *err) MUST_CHECK;
void message_add_release(struct str *out, uint32_t epoch);
void message_add_cancel(struct str *out, uint32_t id); /* 0: all */

bool message_read_hello(struct arena *into, struct view body, struct message_hello *out,
	struct error *err) MUST_CHECK;
bool message_read_task(struct arena *into, struct view body, struct message_task *out,
	struct error *err) MUST_CHECK;
bool message_read_need(struct arena *into, struct view body, struct message_need *out,
	struct error *err) MUST_CHECK;
bool message_read_blob(struct arena *into, struct view body, struct message_blob *out,
	struct error *err) MUST_CHECK;
bool message_read_output(struct arena *into, struct view body, struct message_output *out,
	struct error *err) MUST_CHECK;
bool message_read_result(struct arena *into, struct view body, struct message_result *out,
	struct error *err) MUST_CHECK;
bool message_read_log(struct arena *into, struct view body, struct message_log *out,
	struct error *err) MUST_CHECK;
bool message_read_release(struct view body, uint32_t *epoch, struct error *err) MUST_CHECK;
bool message_read_cancel(struct view body, uint32_t *id, struct error *err) MUST_CHECK;

#endif
