#ifndef INVENTORY_SOURCES_CLOUD_CACHE_H
#define INVENTORY_SOURCES_CLOUD_CACHE_H
/*
 * What a cloud answered, kept in a file of ours alone (folder 0700, file 0600, replaced whole), so
 * that the next run asks nobody. The options are Ansible's: cache, cache_timeout, cache_connection
 * (a folder), cache_prefix, cache_plugin (`memory`: nothing is kept), with the environment
 * variables and the keys of ansible.cfg of the same meaning.
 */
#include "inventory/hosts/inventory.h"

struct cloud_cache {
	const char *path;  /* NULL: nothing is kept */
	int64_t timeout_s; /* 0: for ever */
};

/* `key`: everything that decides about the answer; it is not kept itself, only its digest. */
void cloud_cache_open(struct inventory *inventory, const struct value *config,
	const struct value *key, struct cloud_cache *out);
/* A list of maps, or NULL: there is none that is fresh, whole, and ours. */
const struct value *cloud_cache_read(
	struct inventory *inventory, const struct cloud_cache *cache, struct arena *into);
/* A failure is a warning. */
void cloud_cache_write(
	struct inventory *inventory, const struct cloud_cache *cache, const struct value *list);

#endif
