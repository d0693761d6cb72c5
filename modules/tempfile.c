/* tempfile: a new file or folder with a name that nobody had. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "module/host.h"
#include "os/files.h"

struct tempfile_args {
	const char *state, *path, *prefix, *suffix;
};

static const struct param params[] = { PARAM_STRING(struct tempfile_args, state, .fallback = "file",
					       .choices = TEXTS("file", "directory"),
					       .doc = "What to make."),
	PARAM_PATH(struct tempfile_args, path, .doc = "Where. Default: $TMPDIR, else /tmp."),
	PARAM_STRING(struct tempfile_args, prefix, .fallback = "ansible.",
		.doc = "How the name begins."),
	PARAM_STRING(struct tempfile_args, suffix, .fallback = "", .doc = "How the name ends."),
	PARAMS_END };

static const struct module_return returns[] = { { "path", "str", "What was made." },
	{ "state", "str", "file or directory." }, { NULL, NULL, NULL } };

static const char *
folder(const struct tempfile_args *args)
{
	const char *temporary = getenv("TMPDIR");

	if (args->path)
		return args->path;
	return temporary && *temporary ? temporary : "/tmp";
}

static bool
tempfile_inspect(struct module_call *call, struct error *err)
{
	const struct tempfile_args *args = call->args;
	struct stat info;

	call->out->change = CHANGE_UNKNOWN;
	call->out->why = "remote module (tempfile) does not support check mode";
	if (stat(folder(args), &info) < 0)
		return fail_errno(
			err, "cannot make a temporary %s in '%s'", args->state, folder(args));
	return true;
}

/* mkostemps and mkdtemp know no suffix for folders; so the folder is renamed to get its own. */
static bool
make_folder(const char *path, const char *suffix, char **out, struct module_call *call,
	struct error *err)
{
	char *name = arena_format(call->arena, "%sXXXXXX", path);

	if (!mkdtemp(name))
		return fail_errno(err, "cannot make a folder '%s'", name);
	*out = arena_format(call->arena, "%s%s", name, suffix);
	if (*suffix && rename(name, *out) < 0) {
		fail_errno(err, "cannot make a folder '%s'", *out);
		rmdir(name);
		return false;
	}
	return true;
}

static bool
tempfile_apply(struct module_call *call, struct error *err)
{
	const struct tempfile_args *args = call->args;
	char *path = arena_format(call->arena, "%s/%s", folder(args), args->prefix), *made = NULL;

	if (!strcmp(args->state, "directory")) {
		if (!make_folder(path, args->suffix, &made, call, err))
			return false;
	} else {
		int fd;

		made = arena_format(call->arena, "%sXXXXXX%s", path, args->suffix);
		fd = mkostemps(made, (int)strlen(args->suffix), O_CLOEXEC);
		if (fd < 0)
			return fail_errno(err, "cannot make a file '%s'", made);
		close(fd);
	}
	result_text(call, "path", made);
	result_text(call, "state", args->state);
	return true;
}

static const char examples[] = "- name: A folder to build in\n"
			       "  tempfile:\n"
			       "    state: directory\n"
			       "    suffix: build\n"
			       "  register: work\n";

const struct module module_tempfile = {
	.name = "tempfile",
	.summary = DOC("Make a temporary file or folder"),
	.params = params,
	.params_size = sizeof(struct tempfile_args),
	.returns = DOC(returns),
	.examples = examples,
	.check = SUPPORT_NONE,
	.diff = SUPPORT_NONE,
	.inspect = tempfile_inspect,
	.apply = tempfile_apply,
};
