#ifndef LIB_BASE_ERROR_H
#define LIB_BASE_ERROR_H
/*
 * One struct for every failure. Its text lives inside it, so reporting a failure cannot fail. What can fail returns
 * bool and takes `struct error *err` last:
 *
 *	if (!file_read(path, &text, err))
 *		return error_context(err, "task '%s'", name);
 *	...
 *	return fail(err, ERR_PARSE, "cannot parse '%s'", path);
 *
 * Wording: what failed first, its subject quoted, no capital, no full stop. `why` is the cause, `hint` what to do,
 * `where` the place (file:line:column, task, host), widened by each level with what it alone knows.
 */
#include "base/base.h"

enum error_kind {
	ERR_NONE,
	ERR_PARSE,	 /* playbook, inventory, template syntax: exit 4 */
	ERR_OPTIONS,	 /* command line, settings: exit 5 */
	ERR_UNDEFINED,	 /* a variable or attribute is not defined */
	ERR_PENDING,	 /* not a failure: the value is still on its way from a host */
	ERR_TYPE,	 /* a value is of the wrong type */
	ERR_TASK,	 /* a module or action failed: exit 2 */
	ERR_UNREACHABLE, /* exit 4 */
	ERR_DENIED,	 /* host key, login, become, permission */
	ERR_TIMEOUT,
	ERR_IO,		 /* the system said no; `code` holds errno */
	ERR_MISSING,	 /* a file, host, role … that was named does not exist */
	ERR_LIMIT,	 /* a bound against hostile or runaway input was reached */
	ERR_PROTOCOL,	 /* the other side broke docs/PROTOCOL.md */
	ERR_UNSUPPORTED, /* known to Ansible, not (yet) to us */
	ERR_INTERRUPTED, /* exit 99 */
};

struct error {
	enum error_kind kind;
	int code; /* errno where kind is ERR_IO, else 0 */
	char what[512];
	char where[512];
	char why[1024];
	char hint[384];
};

/* All return false, so that `return fail(…)` ends a function. A NULL err is allowed: the text is dropped. */
bool fail(struct error *err, enum error_kind kind, const char *format, ...) FORMAT(3, 4);
/* As fail(ERR_IO), with errno as the cause. */
bool fail_errno(struct error *err, const char *format, ...) FORMAT(2, 3);
bool error_why(struct error *err, const char *format, ...) FORMAT(2, 3);
bool error_hint(struct error *err, const char *format, ...) FORMAT(2, 3);
/* Sets the place; error_context adds one, behind what is there. */
bool error_where(struct error *err, const char *format, ...) FORMAT(2, 3);
bool error_context(struct error *err, const char *format, ...) FORMAT(2, 3);

void error_clear(struct error *err);
/* One line: "what: why". Cut to size; always terminated. Returns buffer. */
const char *error_line(const struct error *err, char *buffer, size_t size);

#endif
