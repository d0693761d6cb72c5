#ifndef LIB_WIRE_FRAME_H
#define LIB_WIRE_FRAME_H
/*
 * Frames (docs/PROTOCOL.md §2): u32 length, u8 type, body. The reader takes bytes as they come and
 * gives whole messages; the parts of a large one are joined here. Limits hold before anything is
 * allocated.
 */
#include "base/error.h"
#include "base/str.h"

enum frame_type {
	FRAME_HELLO = 1,
	FRAME_TASK,
	FRAME_NEED,
	FRAME_BLOB,
	FRAME_OUTPUT,
	FRAME_RESULT,
	FRAME_RELEASE,
	FRAME_CANCEL,
	FRAME_LOG,
	FRAME_PART,
};

enum {
	FRAME_HEADER = 5,
	FRAME_BODY_MAX = (1024 + 64) * 1024,
	FRAME_MESSAGE_MAX = 16 * 1024 * 1024,
	FRAME_BLOB_SIZE = 64 * 1024, /* bytes of content in one blob, at most */
};

#define FRAME_PRELUDE "ERTC R 1\n"

struct frame {
	enum frame_type type;
	struct view body; /* until the next call on the reader */
};

/* Zeroed is ready for use. */
struct frame_reader {
	struct str buffer;
	size_t start;	   /* of what is unread in `buffer` */
	struct str joined; /* parts of a message so far */
	bool gives_joined; /* the last frame given out lives in `joined` */
};

void frame_reader_release(struct frame_reader *reader);
void frame_reader_add(struct frame_reader *reader, const void *bytes, size_t length);
/* `*out` is the next message; its type is 0 when more bytes are needed. False: the peer broke the
 * protocol. */
bool frame_next(struct frame_reader *reader, struct frame *out, struct error *err) MUST_CHECK;
/* Bytes that wait in the reader. */
size_t frame_reader_held(const struct frame_reader *reader);

/* Appends a message to `out`, cut into parts if it is large. Fails if it is larger than
 * FRAME_MESSAGE_MAX. */
bool frame_add(
	struct str *out, enum frame_type type, struct view body, struct error *err) MUST_CHECK;

/*
 * For bodies that are written in place: `mark = frame_begin(out, type)`, then the body is added to
 * `out`, then frame_end fills the length in. Cuts into parts as frame_add does.
 */
size_t frame_begin(struct str *out, enum frame_type type);
bool frame_end(struct str *out, size_t mark, struct error *err) MUST_CHECK;

#endif
