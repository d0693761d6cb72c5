#ifndef INVENTORY_REACH_INTERNAL_H
#define INVENTORY_REACH_INTERNAL_H
/* Shared by the files that make up reach: reach.c, users.c, keys.c, host_keys.c. */
#include "base/map.h"
#include "inventory/reach/match.h"
#include "inventory/reach/reach.h"

struct reach_host {
	struct reach_given given;
	struct value *vars;			       /* to assume */
	const char *vpc;			       /* "" where the cloud has none */
	const char *address, *user, *key_file, *alias; /* given or found; NULL: none */
	int64_t port;				       /* 0: not given */
	bool is_private; /* the address is none that the world routes */
	bool is_bastion, runs, is_pinned;
	const struct reach_host *bastion;
};

/* Lines of the file of pinned keys that stand together, of one host. */
struct pinned {
	const char *alias;
	struct view lines;
};

struct reach {
	struct arena *arena;
	const struct value *config;
	const struct reach_place *place;
	const struct value *addresses, *users, *key_files, *bastion,
		*host_keys; /* NULL: not given */
	bool finds_users, finds_keys;
	struct reach_host **hosts;
	size_t count;
	struct reach_host **bastions; /* those that run and have an address */
	size_t bastion_count;
	struct map by_name;
	struct value *notes;
	struct map missing;	    /* key pair: struct missing_key */
	const struct value *pinned; /* the file of pinned keys, as it was found: a text */
	struct pinned *pins;	    /* of it, sorted by alias */
	size_t pin_count;
	struct str known; /* as it shall be */
};

void reach_note(struct reach *reach, const char *format, ...) FORMAT(2, 3);
/* A variable that the user has set; NULL: none, or a template. */
const char *given_text(const struct reach_host *host, const char *const *names);
bool has_given(const struct reach_host *host, const char *const *names);

/* users.c */
bool users_check(const struct value *users, struct error *err) MUST_CHECK;
/* NULL: nobody knows. */
const char *user_find(const struct reach *reach, const struct reach_host *host);

/* keys.c */
bool key_files_check(const struct value *key_files, struct error *err) MUST_CHECK;
/* NULL: none was found, which was noted. */
const char *key_find(struct reach *reach, const struct reach_host *host);
void keys_tell(struct reach *reach);

/* host_keys.c */
void host_keys_open(struct reach *reach); /* reads the file, if keys are to be pinned */
bool host_keys_check(const struct value *host_keys, struct error *err) MUST_CHECK;
/* Adds the host's keys to reach->known, under its alias. False: none is known. */
bool host_keys_pin(struct reach *reach, const struct reach_host *host);
bool host_keys_write(struct reach *reach, struct error *err) MUST_CHECK;

#endif
