#ifndef INVENTORY_SOURCES_TERRAFORM_H
#define INVENTORY_SOURCES_TERRAFORM_H
/*
 * What Terraform and OpenTofu say of machines: a state file (version 4), `terraform show -json`,
 * `terraform output -json`. What is sensitive (marked so, or named like a secret) is gone when a
 * state has been read; nothing behind can show it.
 */
#include "inventory/sources/reached.h"

struct terraform_resource {
	const char *module;	   /* "module.web[\"eu\"]"; NULL: the root */
	const char *type, *name;   /* "aws_instance", "app" */
	const struct value *index; /* of count or for_each; NULL: none */
	bool is_tainted;
	const struct value *attributes; /* map */
};

struct terraform_state {
	struct terraform_resource *resources; /* managed ones, in the order of the text */
	size_t count, room;
	struct value *outputs; /* map: name to value */
	bool has_only_outputs; /* `output -json` */
};

/* Is the text one of the three, whole or not? */
bool terraform_suits(struct view text);
/* `path` is for messages. The result lives in the arena. */
bool terraform_state_read(struct arena *into, struct view text, const char *path,
	struct terraform_state *out, struct error *err) MUST_CHECK;

/* What a type of resource is to an inventory. Paths lead into the attributes: names and numbers
 * with dots between; several with commas between: the first that is there. NULL: none. */
struct terraform_type {
	const char *type;
	const char *name;	      /* what people call it */
	const char *public, *private; /* addresses */
	const char *user;	      /* who may log in */
	const char *tags;	      /* a map, or a list of words */
};

/* NULL: no machine. */
const struct terraform_type *terraform_type_find(const char *type);

/* A resource that gives an address to a machine: an elastic, floating or reserved one. */
struct terraform_join {
	const char *type;
	const char *machine, *address; /* attributes: the id of the machine, and the address */
};
extern const struct terraform_join terraform_joins[]; /* ended by a NULL type */

/* What a path leads to; NULL: nothing, or something empty. */
const struct value *terraform_attribute(const struct value *attributes, const char *paths);
/* An address in resource notation: module.web["eu"].aws_instance.app[0] */
const char *terraform_address(struct arena *into, const struct terraform_resource *resource);

/* What inventory/reach looks at, under the names that AWS has for it; none of it is a variable.
 * `networks`: ids of subnets and security groups, to the id of their VPC (texts). */
const struct value *terraform_facts(struct arena *into, const struct terraform_resource *resource,
	const struct terraform_type *type, const char *public, const char *private,
	const struct map *networks);
/* Adds to `networks` what a resource that is no machine tells. */
void terraform_network_add(
	struct arena *into, const struct terraform_resource *resource, struct map *networks);

/* What the configuration asks for. */
struct terraform_options {
	const struct value *config;    /* map; also of `constructed` */
	const struct value *hostnames; /* list, or NULL: the type's own */
	const struct value *types;     /* map of the user's own types, or NULL */
	const struct value *outputs;   /* list of names, or NULL: `ansible_inventory` */
	struct reached *reached;       /* NULL: the file does not say how hosts are reached */
	bool has_groups;	       /* default_groups */
	bool has_machines;	       /* false: only what the provider `ansible` declares */
	bool searches_children;
	const char *prefix, *suffix; /* of variables; may be empty */
};

/* Machines, and the hosts and groups of the provider `ansible`, become hosts. */
bool terraform_add_hosts(struct inventory *inventory, const struct terraform_options *options,
	const struct terraform_state *state, struct error *err) MUST_CHECK;
/* Outputs become the variable terraform_outputs, and those that name hosts become these. *is_any:
 * one did. */
bool terraform_add_outputs(struct inventory *inventory, const struct terraform_options *options,
	const struct terraform_state *state, const char *path, bool *is_any,
	struct error *err) MUST_CHECK;

#endif
