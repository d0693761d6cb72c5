/* slurp: the content of a small file, as base64. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/base64.h"
#include "module/host.h"

enum { SLURP_MAX = 10 * 1024 * 1024 };

struct slurp_args {
	const char *src;
};

static const struct param params[] = { PARAM_PATH(struct slurp_args, src, .required = true,
					       .aliases = TEXTS("path"),
					       .doc = "The file on the target."),
	PARAMS_END };

static const struct module_return returns[] = { { "content", "str", "The content as base64." },
	{ "encoding", "str", "base64." }, { "source", "str", "The file." }, { NULL, NULL, NULL } };

static bool
slurp_inspect(struct module_call *call, struct error *err)
{
	const struct slurp_args *args = call->args;
	_cleanup_str_ struct str bytes = STR_INIT, text = STR_INIT;
	struct stat info;

	if (stat(args->src, &info) < 0 && errno == ENOENT)
		return fail(err, ERR_MISSING, "file not found: %s", args->src);
	if (stat(args->src, &info) == 0 && S_ISDIR(info.st_mode))
		return fail(
			err, ERR_TASK, "source is a directory and must be a file: %s", args->src);
	if (!file_read(args->src, SLURP_MAX, &bytes, err)) {
		if (err->kind == ERR_IO && err->code == EACCES)
			return fail(err, ERR_DENIED, "file is not readable: %s", args->src);
		if (err->kind == ERR_IO && err->code == ENOTDIR)
			return fail(err, ERR_TASK, "unable to slurp file: [Errno %d] %s: '%s'",
				ENOTDIR, strerror(ENOTDIR), args->src);
		return err->kind == ERR_LIMIT ? error_hint(err, "use fetch for large files")
					      : false;
	}
	base64_add(&text, str_view(&bytes));
	result_set(call, "content", value_view(call->arena, str_view(&text)));
	result_text(call, "encoding", "base64");
	result_text(call, "source", args->src);
	return true;
}

const struct module module_slurp = {
	.name = "slurp",
	.summary = DOC("Read a file of the target"),
	.params = params,
	.params_size = sizeof(struct slurp_args),
	.returns = DOC(returns),
	.examples = DOC("- slurp:\n"
			"    src: /etc/app/id\n"
			"  register: id\n"
			"- debug:\n"
			"    msg: \"{{ id.content | b64decode }}\"\n"),
	.check = SUPPORT_FULL,
	.inspect = slurp_inspect,
};
