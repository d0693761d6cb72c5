#ifndef MODULES_FACTS_FACTS_H
#define MODULES_FACTS_FACTS_H
/*
 * Facts about the target, one family per file. Names are without the ansible_ in front, which
 * facts_set adds. What cannot be found out is left out, or is "NA" where Ansible has it so.
 */
#include "module/host.h"

struct facts {
	struct module_call *call;
	struct arena *arena;
	struct value *map; /* ansible_… */
	const char *fact_path;
};

void facts_set(struct facts *facts, const char *name, const struct value *value);
void facts_text(struct facts *facts, const char *name, const char *text);
void facts_int(struct facts *facts, const char *name, int64_t number);
void facts_bool(struct facts *facts, const char *name, bool boolean);
const struct value *facts_get(const struct facts *facts, const char *name);

void set_text(struct facts *facts, struct value *map, const char *key, const char *text);
void set_int(struct facts *facts, struct value *map, const char *key, int64_t number);
/* Of the words in a /proc style "name: value" text; NULL: not there. */
const char *proc_field(struct arena *arena, const char *text, const char *name);
/* The whole of a small file, or NULL. */
const char *file_text(struct arena *arena, const char *path);

/* The full name by /etc/hosts or the resolver (which gets little time); else the name itself. */
const char *facts_fqdn(struct arena *arena, const char *name);

void facts_platform(struct facts *facts); /* system, kernel, hostname, fqdn, machine_id … */
void facts_distribution(
	struct facts *facts);	      /* distribution*, os_family, lsb, pkg_mgr, service_mgr */
void facts_user(struct facts *facts); /* user_*, env */
void facts_date_time(struct facts *facts);
void facts_settings(
	struct facts *facts); /* dns, selinux, apparmor, fips, cmdline, ssh keys, is_chroot */
void facts_local(struct facts *facts); /* facts.d */
void facts_network(struct facts *facts);
void facts_processor(struct facts *facts);
void facts_memory(struct facts *facts);
void facts_dmi(struct facts *facts);
void facts_mounts(struct facts *facts);
void facts_devices(struct facts *facts);
void facts_virtual(struct facts *facts);
void facts_ec2(struct facts *facts);

#endif
