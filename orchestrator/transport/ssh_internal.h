#ifndef ORCHESTRATOR_TRANSPORT_SSH_INTERNAL_H
#define ORCHESTRATOR_TRANSPORT_SSH_INTERNAL_H
/* Shared by the files that make up the ssh_config reader: ssh_config.c, ssh_match.c, ssh_settle.c.
 */
#include "base/map.h"
#include "orchestrator/transport/ssh_config.h"
#include "orchestrator/transport/ssh_keywords.h"

struct ssh_config {
	struct arena arena;
	const char *home, *user;
	const char *system_file; /* tests put another in its place */
	struct map files;	 /* path: struct config_file */
	struct map commands;	 /* `Match exec` command: its result, "yes" or "no" */
	struct map said;	 /* warnings */
	void (*warn)(void *context, const char *text);
	void *context;
};

struct value_found {
	const char *text;
	const char *path;
	int line;
};

/* One host's way through the files. */
struct walk {
	struct ssh_config *config;
	struct arena *into;
	const char *name;
	const char *path; /* of the file at hand */
	int depth;
	bool is_users; /* below ~/.ssh/config, not /etc/ssh */
	bool is_final, wants_final;
	struct value_found values[KEYWORD_COUNT];
	struct ssh_list lists[KEYWORD_COUNT];
};

bool match_line(struct walk *walk, const struct config_line *line, bool *is_active,
	struct error *err) MUST_CHECK;
/* HostName with its tokens, or the name as typed. */
bool walk_host(struct walk *walk, const char **out, struct error *err) MUST_CHECK;
bool walk_expand(struct walk *walk, const char *text, const char *letters, const char **out,
	struct error *err) MUST_CHECK;
/* Values as found become values as used. */
bool walk_settle(struct walk *walk, struct ssh_options *out, struct error *err) MUST_CHECK;

#endif
