/* Content that runners ask for: kept until the task's result has come, sent in pieces as the road
 * takes them. */
#include <fcntl.h>

#include "orchestrator/run/internal.h"

enum { SENDING_HIGH = 256 * 1024 };

static struct content *
content_find(struct run_link *link, uint32_t task, int64_t id)
{
	for (struct content *content = link->contents; content; content = content->next)
		if (content->task == task && content->id == id)
			return content;
	return NULL;
}

struct content *
content_add(struct run_link *link, uint32_t task)
{
	struct content *content = memory_get(sizeof(*content));

	content->id = ++link->run->next_content;
	content->task = task;
	content->fd = -1;
	content->next = link->contents;
	link->contents = content;
	return content;
}

void
content_free(struct content *content)
{
	if (content->fd >= 0)
		close(content->fd);
	free(content->path);
	free(content->bytes);
	free(content);
}

void
content_free_for(struct run_link *link, uint32_t task)
{
	struct content **at = &link->contents;

	while (*at) {
		struct content *content = *at;

		if (content->task == task) {
			*at = content->next;
			content_free(content);
		} else {
			at = &content->next;
		}
	}
}

/* The next piece of a content; false: it cannot be read any more. */
static bool
content_read(struct content *content, char *buffer, size_t room, size_t *out, struct error *err)
{
	ssize_t count;

	if (content->bytes) {
		*out = MIN(room, content->size - (size_t)content->offset);
		memcpy(buffer, content->bytes + content->offset, *out);
		return true;
	}
	if (content->fd < 0)
		content->fd = open(content->path, O_RDONLY | O_CLOEXEC);
	if (content->fd < 0)
		return fail_errno(err, "cannot read '%s'", content->path);
	count = pread(content->fd, buffer, room, content->offset);
	if (count < 0)
		return fail_errno(err, "cannot read '%s'", content->path);
	*out = (size_t)count;
	if (!count && (size_t)content->offset < content->size)
		return fail(err, ERR_IO, "'%s' became shorter while it was sent", content->path);
	return true;
}

/* One blob; true when the content at the head is done. */
static bool
send_piece(struct run_link *link, struct sending *sending)
{
	static char buffer[FRAME_BLOB_SIZE];
	struct content *content = content_find(link, sending->task, sending->content);
	struct message_blob blob = { .id = sending->task, .content = sending->content };
	struct str frame = STR_INIT;
	struct error err;
	size_t length = 0;
	char line[512];

	if (!content) {
		blob.error = "this content is not offered";
		blob.is_last = true;
	} else if (!content_read(content, buffer, sizeof(buffer), &length, &err)) {
		blob.error = error_line(&err, line, sizeof(line));
		blob.is_last = true;
	} else {
		blob.offset = content->offset;
		length = MIN(length, content->size - (size_t)content->offset);
		blob.data = (struct view){ buffer, length };
		content->offset += (int64_t)length;
		blob.is_last = (size_t)content->offset >= content->size;
	}
	if (message_add_blob(&frame, &blob, &err))
		link_bytes(link, &frame);
	str_release(&frame);
	if (blob.is_last && content) {
		content->offset = 0;
		if (content->fd >= 0)
			close(content->fd);
		content->fd = -1;
	}
	return blob.is_last;
}

void
contents_send(struct run_link *link)
{
	while (link->sending && !link->is_dead && link_queued(link->link) < SENDING_HIGH) {
		struct sending *sending = link->sending;

		if (!send_piece(link, sending))
			continue;
		link->sending = sending->next;
		free(sending);
	}
}
