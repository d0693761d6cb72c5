/* libFuzzer: frames and messages from a hostile peer. Nothing may crash, leak, or take memory
 * without end. */
#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
read_body(struct arena *arena, const struct frame *frame)
{
	struct message_hello hello;
	struct message_task task;
	struct message_need need;
	struct message_blob blob;
	struct message_output output;
	struct message_result result;
	struct message_log log;
	struct error err = { 0 };
	uint32_t number;
	int count = 0;

	count += message_read_hello(arena, frame->body, &hello, &err);
	count += message_read_task(arena, frame->body, &task, &err);
	count += message_read_need(arena, frame->body, &need, &err);
	count += message_read_blob(arena, frame->body, &blob, &err);
	count += message_read_output(arena, frame->body, &output, &err);
	count += message_read_result(arena, frame->body, &result, &err);
	count += message_read_log(arena, frame->body, &log, &err);
	count += message_read_release(frame->body, &number, &err);
	count += message_read_cancel(frame->body, &number, &err);
	if (!count && err.kind != ERR_PROTOCOL)
		BUG("a broken message gave an error of kind %d", (int)err.kind);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct frame_reader reader = { 0 };
	struct error err = { 0 };
	struct frame frame;
	struct arena arena;

	arena_init(&arena);
	frame_reader_add(&reader, bytes, length);
	while (frame_next(&reader, &frame, &err) && frame.type)
		read_body(&arena, &frame);
	/* And as a body of its own, so that the fuzzer need not find the frame first. */
	frame.body = (struct view){ (const char *)bytes, length };
	read_body(&arena, &frame);
	arena_release(&arena);
	frame_reader_release(&reader);
	return 0;
}
