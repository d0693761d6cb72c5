#ifndef LIB_BASE_ERROR_H
#define LIB_BASE_ERROR_H
/*
 * One struct for every failure. Its text lives inside it, so reporting a failure cannot fail. What
 *can fail returns bool and takes `struct error *err` last:
 *
 *	if (!file_read(path, &text, err))
 *		return error_context(err, "task '%s'", name);
 *	...
 *	return fail(err, ERR_PARSE, "cannot parse '%s'", path);
 *
 * Wording: what failed first, its subject quoted, no capital, no full stop. `why` is the cause,
 *`hint` what to do, `where` the place (file:line:column, task, host), widened by each level with
 *what it alone knows.
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
	char excerpt[256]; /* the line of the text that is wrong, and a caret below it */
};

/*
 * All are false, so that `return fail(…)` ends a function. A NULL err is allowed: the text is
 *dropped. They are macros only to let the compiler see that nothing goes on behind a failure.
 *
 *	fail(err, kind, format, …)	what failed
 *	fail_errno(err, format, …)	as fail(ERR_IO), with errno as the cause
 *	error_why(err, format, …)	the cause
 *	error_hint(err, format, …)	what to do
 *	error_where(err, format, …)	the place
 *	error_context(err, format, …)	one more place, behind what is there
 */
#define fail(...) failed_after(error_set(__VA_ARGS__))
#define fail_errno(...) failed_after(error_set_errno(__VA_ARGS__))
#define error_why(...) failed_after(error_set_why(__VA_ARGS__))
#define error_hint(...) failed_after(error_set_hint(__VA_ARGS__))
#define error_where(...) failed_after(error_set_where(__VA_ARGS__))
#define error_context(...) failed_after(error_add_where(__VA_ARGS__))

static inline bool
failed_after(int nothing)
{
	(void)nothing;
	return false;
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...) FORMAT(3, 4);
int error_set_errno(struct error *err, const char *format, ...) FORMAT(2, 3);
int error_set_why(struct error *err, const char *format, ...) FORMAT(2, 3);
int error_set_hint(struct error *err, const char *format, ...) FORMAT(2, 3);
int error_set_where(struct error *err, const char *format, ...) FORMAT(2, 3);
int error_add_where(struct error *err, const char *format, ...) FORMAT(2, 3);

void error_clear(struct error *err);
/* The line of `text` (lines and columns count from 1) with a caret under the column. */
void error_set_excerpt(
	struct error *err, const char *text, size_t length, uint32_t line, uint32_t column);
/* One line: "what: why". Cut to size; always terminated. Returns buffer. */
const char *error_line(const struct error *err, char *buffer, size_t size);

#endif
