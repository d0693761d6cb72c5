#ifndef ORCHESTRATOR_TRANSPORT_KNOWN_HOSTS_H
#define ORCHESTRATOR_TRANSPORT_KNOWN_HOSTS_H
/*
 * known_hosts files, read once per run and indexed: plain names by name, hashed names by the key
 * they carry (so that only the few lines with the presented key need an HMAC), lines with wildcards
 * apart.
 */
#include "base/error.h"
#include "orchestrator/transport/ssh_config.h"

struct known_hosts;

enum known_verdict {
	KNOWN_UNKNOWN, /* nothing is recorded for the host */
	KNOWN_OK,
	KNOWN_CHANGED,	/* another key of that type is recorded */
	KNOWN_NEW_TYPE, /* only keys of other types are recorded */
	KNOWN_REVOKED,
	KNOWN_AUTHORITY, /* unknown, but a @cert-authority is named for the host */
};

struct known_answer {
	enum known_verdict verdict;
	const char *path; /* where the deciding line stands; borrowed from the index */
	int line;
	const char *recorded; /* the key recorded there, base64 */
	const char *recorded_type;
};

/* The name under which a host is looked up: "name" or "[name]:port". */
const char *known_hosts_name(const char *host, int port, struct arena *into);

struct known_hosts *known_hosts_new(void);
void known_hosts_free(struct known_hosts *known);

/* Files that are not there are empty; one that cannot be read is an error. */
bool known_hosts_lookup(struct known_hosts *known, const struct ssh_list *files, size_t file_count,
	const char *name, const char *type, const char *base64, struct known_answer *out,
	struct error *err) MUST_CHECK;

/* Calls back for each type recorded for the name (once for each line). */
bool known_hosts_types(struct known_hosts *known, const struct ssh_list *files, size_t file_count,
	const char *name, void (*each)(void *context, const char *type), void *context,
	struct error *err) MUST_CHECK;

/* Appends a line, under a lock, and to the index. */
bool known_hosts_add(struct known_hosts *known, const char *path, const char *name,
	const char *type, const char *base64, bool is_hashed, struct error *err) MUST_CHECK;

/* "SHA256:…" of a key in base64. */
bool key_fingerprint(const char *base64, char *buffer, size_t size) MUST_CHECK;

#endif
