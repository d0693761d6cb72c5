/* Frames to and from bytes. */
#include "wire/frame.h"

#include <string.h>

static uint32_t
read_u32(const char *bytes)
{
	const uint8_t *byte = (const uint8_t *)bytes;

	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static void
write_header(char *into, size_t length, enum frame_type type)
{
	for (int i = 0; i < 4; i++)
		into[i] = (char)(length >> (24 - 8 * i));
	into[4] = (char)type;
}

void
frame_reader_release(struct frame_reader *reader)
{
	str_release(&reader->buffer);
	str_release(&reader->joined);
	*reader = (struct frame_reader){ 0 };
}

/* A zeroed reader has strs without data. */
static void
ready(struct frame_reader *reader)
{
	if (!reader->buffer.data)
		str_init(&reader->buffer);
	if (!reader->joined.data)
		str_init_max(&reader->joined, FRAME_MESSAGE_MAX);
}

void
frame_reader_add(struct frame_reader *reader, const void *bytes, size_t length)
{
	ready(reader);
	if (reader->start == reader->buffer.length) {
		str_clear(&reader->buffer);
		reader->start = 0;
	} else if (reader->start > FRAME_BLOB_SIZE) {
		str_drop_front(&reader->buffer, reader->start);
		reader->start = 0;
	}
	str_add_bytes(&reader->buffer, bytes, length);
}

size_t
frame_reader_held(const struct frame_reader *reader)
{
	return reader->buffer.length - reader->start;
}

/* The next frame as it stands in the buffer, parts included. */
static bool
next_raw(struct frame_reader *reader, struct frame *out, struct error *err)
{
	const char *data = reader->buffer.data + reader->start;
	size_t held = frame_reader_held(reader);
	uint32_t length;
	uint8_t type;

	*out = (struct frame){ 0 };
	if (held < FRAME_HEADER)
		return true;
	length = read_u32(data);
	type = (uint8_t)data[4];
	if (length > FRAME_BODY_MAX)
		return fail(err, ERR_PROTOCOL, "a frame of %u bytes is too large", length);
	if (type < FRAME_HELLO || type > FRAME_PART)
		return fail(err, ERR_PROTOCOL, "a frame has the unknown type %u", type);
	if (held - FRAME_HEADER < length)
		return true;
	*out = (struct frame){
		.type = (enum frame_type)type,
		.body = { data + FRAME_HEADER, length },
	};
	reader->start += FRAME_HEADER + length;
	return true;
}

bool
frame_next(struct frame_reader *reader, struct frame *out, struct error *err)
{
	ready(reader);
	if (reader->gives_joined) {
		str_release(&reader->joined);
		reader->joined = (struct str){ 0 };
		reader->gives_joined = false;
		ready(reader);
	}
	for (;;) {
		if (!next_raw(reader, out, err))
			return false;
		if (!out->type || (out->type != FRAME_PART && !reader->joined.length))
			return true;
		str_add_view(&reader->joined, out->body);
		if (reader->joined.is_full)
			return fail(err, ERR_PROTOCOL, "a message is larger than %d bytes",
				FRAME_MESSAGE_MAX);
		if (out->type == FRAME_PART)
			continue;
		out->body = str_view(&reader->joined);
		reader->gives_joined = true;
		return true;
	}
}

bool
frame_add(struct str *out, enum frame_type type, struct view body, struct error *err)
{
	size_t mark = frame_begin(out, type);

	str_add_view(out, body);
	return frame_end(out, mark, err);
}

size_t
frame_begin(struct str *out, enum frame_type type)
{
	char header[FRAME_HEADER];

	write_header(header, 0, type);
	str_add_bytes(out, header, sizeof(header));
	return out->length - FRAME_HEADER;
}

/* The body was written behind one header: write it again, each piece behind a header of its own. */
static void
cut_into_parts(struct str *out, size_t mark, size_t length)
{
	enum frame_type type = (enum frame_type)out->data[mark + 4];
	struct str body = { 0 };
	char header[FRAME_HEADER];

	str_init(&body);
	str_add_bytes(&body, out->data + mark + FRAME_HEADER, length);
	str_cut(out, mark);
	for (size_t done = 0, piece; done < length; done += piece) {
		piece = MIN(length - done, (size_t)FRAME_BODY_MAX);
		write_header(header, piece, done + piece < length ? FRAME_PART : type);
		str_add_bytes(out, header, sizeof(header));
		str_add_bytes(out, body.data + done, piece);
	}
	str_release(&body);
}

bool
frame_end(struct str *out, size_t mark, struct error *err)
{
	size_t length = out->length - mark - FRAME_HEADER;

	if (out->is_full || length > FRAME_MESSAGE_MAX) {
		str_cut(out, mark);
		return fail(err, ERR_LIMIT, "a message of %zu bytes is larger than %d", length,
			FRAME_MESSAGE_MAX);
	}
	if (length > FRAME_BODY_MAX)
		cut_into_parts(out, mark, length);
	else
		write_header(out->data + mark, length, (enum frame_type)out->data[mark + 4]);
	return true;
}
