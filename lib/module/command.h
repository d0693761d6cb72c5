#ifndef LIB_MODULE_COMMAND_H
#define LIB_MODULE_COMMAND_H
/* What command, shell, raw and script have in common: creates and removes, running, and the return
 * values. */
#include "module/host.h"

struct command_run {
	const char *const *argv;
	const char *program;	   /* NULL: argv[0] */
	const struct value *shown; /* `cmd` of the result */
	const char *directory;	   /* chdir */
	const char *creates, *removes;
	const char *input; /* NULL: none */
	bool adds_newline, strips_ends;
};

/* Decides whether there is anything to do; else the result says why it was skipped. */
bool command_inspect(
	struct module_call *call, const struct command_run *run, struct error *err) MUST_CHECK;
bool command_apply(
	struct module_call *call, const struct command_run *run, struct error *err) MUST_CHECK;

/* Nothing was given to run; always false. */
bool command_missing(struct module_call *call, struct error *err) MUST_CHECK;

extern const struct module_return command_returns[];

#endif
