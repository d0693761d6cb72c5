/* Finding and unpacking the built-in runners. */
#include "orchestrator/delivery/runners.h"

#include <zlib.h>

#include "base/str.h"

#define MAX_IMAGES 8

struct runner_store {
	unsigned char *bytes[MAX_IMAGES]; /* by index in runner_images */
};

struct runner_store *
runner_store_new(void)
{
	struct runner_store *store = memory_get(sizeof(*store));

	*store = (struct runner_store){ 0 };
	return store;
}

void
runner_store_free(struct runner_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < MAX_IMAGES; i++)
		free(store->bytes[i]);
	free(store);
}

const struct runner_image *
runner_image_find(const char *architecture)
{
	if (text_equals(architecture, "amd64"))
		architecture = "x86_64";
	if (text_equals(architecture, "arm64"))
		architecture = "aarch64";
	for (const struct runner_image *image = runner_images; image->architecture; image++)
		if (text_equals(image->architecture, architecture))
			return image;
	return NULL;
}

static bool
gzip_unpack(const struct runner_image *image, unsigned char *out)
{
	z_stream stream = { 0 };
	bool is_whole;

	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return false;
	stream.next_in = (unsigned char *)(uintptr_t)image->gzip;
	stream.avail_in = (unsigned)image->gzip_size;
	stream.next_out = out;
	stream.avail_out = (unsigned)image->size;
	is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == image->size;
	inflateEnd(&stream);
	return is_whole;
}

const unsigned char *
runner_unpack(struct runner_store *store, const struct runner_image *image, struct error *err)
{
	size_t index = (size_t)(image - runner_images);
	unsigned char *bytes;

	if (index >= MAX_IMAGES)
		BUG("more than %d runners", MAX_IMAGES);
	if (store->bytes[index])
		return store->bytes[index];
	bytes = memory_get(image->size);
	if (!gzip_unpack(image, bytes)) {
		free(bytes);
		fail(err, ERR_IO, "the built-in runner for %s is damaged", image->architecture);
		return NULL;
	}
	return store->bytes[index] = bytes;
}
