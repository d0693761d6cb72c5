#ifndef LIB_MODULE_PREPARE_H
#define LIB_MODULE_PREPARE_H
/*
 * The controller's half of a module: it looks files up, renders templates, and attaches content to
 *the arguments. Content travels by hash (DESIGN §2.6): up to CONTENT_INLINE bytes inside the task;
 *beyond, the task carries sha256 and size, and the runner asks for the bytes only if the file on
 *the target differs. Attached content becomes a map under the internal parameter `_content` (a
 *file) or `_tree` (a directory):
 *
 *	{ sha256: bytes(32), sha1: "hex", size: int, data: bytes (small ones only), id: int (to ask
 *for it) } _tree: [ { path: "a/b", type: "file"|"directory"|"link", mode: int, size, sha256,
 *target, id } … ]
 */
#include "value/value.h"

enum { CONTENT_INLINE = 32 * 1024 };

enum tree_want {
	TREE_DECRYPT = 1, /* vault texts are sent decrypted */
	TREE_FOLLOW = 2,  /* what links point to, in their place; but links that lead nowhere, or
			     back to a directory they stand in, stay links */
};

struct prepare {
	struct arena *arena;
	struct value *args; /* evaluated; may be changed */
	bool check_mode;
	/* All below are the run's services; false means `err` is set. */
	/* Searches as Ansible does: role's `kind` folder ("files", "templates", "tasks", "vars"),
	 * role, playbook's `kind` folder, playbook. The error names the places tried. */
	bool (*find_file)(struct prepare *prepare, const char *kind, const char *name,
		const char **out, struct error *err);
	/* Renders a template file with the task's variables. `options` holds trim_blocks,
	 * lstrip_blocks, newline_sequence, *_start_string … of the template module (a map, or
	 * NULL). */
	bool (*render)(struct prepare *prepare, const char *path, const struct value *options,
		struct str *out, struct error *err);
	/* `*out` is the content map described above. attach_file follows what the file is (vault
	 * text is decrypted unless decrypt is false). */
	bool (*attach_file)(struct prepare *prepare, const char *path, bool decrypt,
		const struct value **out, struct error *err);
	bool (*attach_bytes)(struct prepare *prepare, const void *bytes, size_t length,
		const struct value **out, struct error *err);
	/* `wants`: enum tree_want. */
	bool (*attach_tree)(struct prepare *prepare, const char *directory, unsigned wants,
		const struct value **out, struct error *err);
	void *context;
};

#endif
