#ifndef LIB_OS_USERS_H
#define LIB_OS_USERS_H
/*
 * Users and groups without NSS: /etc/passwd and /etc/group are read directly, and what is not there
 * is asked of `getent` (LDAP, SSSD, systemd), if the machine has it. False: no such user.
 */
#include <sys/types.h>

#include "base/arena.h"
#include "value/value.h"

struct user {
	const char *name, *password, *gecos, *home, *shell;
	uid_t uid;
	gid_t gid;
};

struct group {
	const char *name, *password;
	gid_t gid;
	const char *const *members; /* NULL-terminated */
};

bool user_by_name(struct arena *into, const char *name, struct user *out);
bool user_by_id(struct arena *into, uid_t uid, struct user *out);
bool group_by_name(struct arena *into, const char *name, struct group *out);
bool group_by_id(struct arena *into, gid_t gid, struct group *out);

/* A name or a number. */
bool user_id_of(const char *text, uid_t *out) MUST_CHECK;
bool group_id_of(const char *text, gid_t *out) MUST_CHECK;
/* Never NULL: the number as text where there is no name. */
const char *user_name(struct arena *into, uid_t uid);
const char *group_name(struct arena *into, gid_t gid);
/* Supplementary groups: names of those that list the user, NULL-terminated. */
const char *const *user_groups(struct arena *into, const char *name);

/* Replaces ~ and ~user at the start, and $NAME and ${NAME}, as Ansible does with paths. */
const char *path_expand(struct arena *into, const char *path);
/* The same with `environment` (a map of texts, or NULL) over our own. */
const char *path_expand_in(
	struct arena *into, const char *path, const struct value *environment);

/* The lines of /etc/passwd, /etc/group: fields between colons. For tests, the files may be
 * elsewhere. */
extern const char *users_passwd_file, *users_group_file;

#endif
