#ifndef LIB_BASE_HASH_H
#define LIB_BASE_HASH_H
/*
 * Digests: sha256 decides whether content is equal; sha1 and md5 are only what Ansible's return
 * values show. On x86 processors with the SHA extensions sha1 and sha256 use them.
 */
#include "base/base.h"
#include "base/str.h"

enum hash_kind { HASH_MD5, HASH_SHA1, HASH_SHA224, HASH_SHA256, HASH_SHA384, HASH_SHA512 };

enum { HASH_SIZE_MAX = 64, HASH_TEXT_MAX = 2 * HASH_SIZE_MAX + 1 };

struct hash {
	enum hash_kind kind;
	size_t held; /* bytes in `block` */
	uint64_t total;
	union {
		uint32_t words[8];
		uint64_t longs[8];
	};
	uint8_t block[128];
};

void hash_init(struct hash *hash, enum hash_kind kind);
void hash_add(struct hash *hash, const void *bytes, size_t length);
/* Returns the size of the digest. */
size_t hash_end(struct hash *hash, uint8_t out[HASH_SIZE_MAX]);
/* As lower-case hex digits; returns out. */
const char *hash_end_text(struct hash *hash, char out[HASH_TEXT_MAX]);

/* All at once. */
size_t hash_bytes(enum hash_kind kind, struct view bytes, uint8_t out[HASH_SIZE_MAX]);
const char *hash_text(enum hash_kind kind, struct view bytes, char out[HASH_TEXT_MAX]);

/* "md5", "sha1" … */
bool hash_find(const char *name, enum hash_kind *out) MUST_CHECK;
const char *bytes_to_hex(const uint8_t *bytes, size_t length, char *out); /* 2 * length + 1 */

#endif
