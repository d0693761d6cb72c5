#ifndef ORCHESTRATOR_DELIVERY_RUNNERS_H
#define ORCHESTRATOR_DELIVERY_RUNNERS_H
/* The runners that are built into this program (build/runners.c), one for each architecture. */
#include "base/error.h"

struct runner_image {
	const char *architecture; /* as uname -m says it */
	const unsigned char *gzip;
	size_t gzip_size;
	size_t size;	    /* unpacked */
	const char *sha256; /* of the unpacked bytes, hex */
};

extern const struct runner_image runner_images[]; /* ended by a NULL architecture */

/* Unpacked images, made when first wanted. */
struct runner_store;

struct runner_store *runner_store_new(void);
void runner_store_free(struct runner_store *store);

/* "amd64" and "arm64" are understood. NULL: none for it. */
const struct runner_image *runner_image_find(const char *architecture);
/* The bytes, image->size of them; borrowed from the store. NULL: err. */
const unsigned char *runner_unpack(
	struct runner_store *store, const struct runner_image *image, struct error *err);

#endif
