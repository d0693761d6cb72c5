/*
 * fetch: a file of the target to the controller. This is the target's half: the bytes go as blob
 * frames in front of the result (docs/PROTOCOL.md §6); the controller's action writes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "module/host.h"

enum { PIECE = 64 * 1024 };

struct fetch_args {
	const char *src, *dest, *_have;
	bool fail_on_missing, flat, validate_checksum;
};

static const struct param params[] = { PARAM_PATH(struct fetch_args, src, .required = true,
					       .doc = "The file on the target."),
	PARAM_STRING(struct fetch_args, dest, .required = true,
		.doc = "A directory on the controller; below it, HOST/src."),
	PARAM_FLAG(struct fetch_args, fail_on_missing, .fallback = "true",
		.doc = "Fail if src is not there."),
	PARAM_FLAG(struct fetch_args, flat, .fallback = "false",
		.doc = "dest is the file itself (or its directory, with a slash at the end)."),
	PARAM_FLAG(struct fetch_args, validate_checksum, .fallback = "true",
		.doc = "Compare checksums behind the transfer."),
	PARAM_STRING(struct fetch_args, _have, .is_internal = true,
		.doc = "sha1 of the controller's file."),
	PARAMS_END };

static const struct module_return returns[] = { { "dest", "str", "The file on the controller." },
	{ "checksum", "str", "sha1 of the content." },
	{ "remote_checksum", "str", "The same, as found on the target." },
	{ "md5sum", "str", "md5 of the content." }, { NULL, NULL, NULL } };

static bool
send_file(struct module_call *call, int fd, const char *path, struct error *err)
{
	_cleanup_free_ char *buffer = memory_get(PIECE);
	int64_t offset = 0;
	ssize_t count;

	do {
		count = read(fd, buffer, PIECE);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail_errno(err, "cannot read '%s'", path);
		if (!call->host->send(call->host, offset, (struct view){ buffer, (size_t)count },
			    count == 0, err))
			return false;
		offset += count;
	} while (count != 0);
	return true;
}

/* Nothing to bring; Ansible's words, which end alike whether or not that is a failure. */
static bool
set_missing(struct module_call *call, bool fails, const char *why, struct error *err)
{
	if (fails)
		return fail(err, ERR_MISSING, "%s", why);
	result_set(call, "msg", value_format(call->arena, "%s, not transferring, ignored", why));
	return true;
}

static bool
set_not_there(struct module_call *call, const struct fetch_args *args, struct error *err)
{
	if (args->fail_on_missing)
		return fail(err, ERR_MISSING,
			"the remote file does not exist, not transferring, ignored");
	result_text(call, "file", args->src);
	return set_missing(call, false, "the remote file does not exist", err);
}

static bool
fetch_inspect(struct module_call *call, struct error *err)
{
	const struct fetch_args *args = call->args;
	_cleanup_close_ int fd = open(args->src, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char sha1[HASH_TEXT_MAX], md5[HASH_TEXT_MAX];
	struct stat info;
	bool is_equal;

	if (fd < 0 && errno == ENOENT)
		return set_not_there(call, args, err);
	if (fd < 0)
		return set_missing(
			call, args->fail_on_missing, "no read permission on remote file", err);
	if (fstat(fd, &info) < 0 || S_ISDIR(info.st_mode))
		return set_missing(call, args->fail_on_missing,
			"remote file is a directory, fetch cannot work on directories", err);
	if (!S_ISREG(info.st_mode))
		return fail(err, ERR_TASK, "'%s' is not a regular file", args->src);
	if (!file_digest(args->src, HASH_SHA1, sha1, err) ||
		!file_digest(args->src, HASH_MD5, md5, err))
		return false;
	is_equal = text_equals(args->_have, sha1);
	result_text(call, "checksum", sha1);
	result_text(call, "remote_checksum", sha1);
	result_text(call, "md5sum", md5);
	result_bool(call, "sent", !is_equal);
	if (!is_equal)
		call->out->change = CHANGE_WANTED;
	return true;
}

static bool
fetch_apply(struct module_call *call, struct error *err)
{
	const struct fetch_args *args = call->args;
	_cleanup_close_ int fd = open(args->src, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail_errno(err, "cannot open '%s'", args->src);
	if (!call->host || !call->host->send)
		return fail(err, ERR_PROTOCOL, "there is nobody to send '%s' to", args->src);
	return send_file(call, fd, args->src, err);
}

const struct module module_fetch = {
	.name = "fetch",
	.summary = DOC("Bring a file of the target to the controller"),
	.missing = DOC("src and dest are required"),
	.params = params,
	.params_size = sizeof(struct fetch_args),
	.returns = DOC(returns),
	.examples = DOC("- fetch:\n"
			"    src: /var/log/app.log\n"
			"    dest: logs/\n"),
	.check = SUPPORT_FULL,
	.inspect = fetch_inspect,
	.apply = fetch_apply,
};
