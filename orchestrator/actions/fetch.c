/* fetch: a file of the target comes to the controller, under its dest and nowhere else (rule R6).
 */
#include "orchestrator/actions/actions.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "orchestrator/playbook/reader.h"

struct fetching {
	const char *src, *path; /* on the target; here */
};

static bool
is_set(const struct value *args, const char *key, bool fallback)
{
	bool flag;

	return value_get(args, key) && value_to_bool(value_get(args, key), &flag) ? flag : fallback;
}

static bool
sha1_hex(const char *path, char out[41])
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	EVP_MD_CTX *context;
	unsigned char digest[20];
	char piece[65536];
	size_t count;
	bool ok;

	if (!file)
		return false;
	context = EVP_MD_CTX_new();
	ok = context && EVP_DigestInit_ex(context, EVP_sha1(), NULL);
	while (ok && (count = fread(piece, 1, sizeof(piece), file)) > 0)
		ok = EVP_DigestUpdate(context, piece, count);
	ok = ok && EVP_DigestFinal_ex(context, digest, NULL);
	EVP_MD_CTX_free(context);
	for (size_t i = 0; ok && i < 20; i++)
		snprintf(out + i * 2, 3, "%02x", digest[i]);
	return ok;
}

/* dest/HOST/path, or with flat: dest itself, or dest/basename if it ends in a slash. A `..` in what
 * the playbook says of the source is refused: the file may not leave its place. */
static bool
local_path(struct action_call *call, const char *src, const char *dest, bool flat, const char **out,
	struct error *err)
{
	const char *base = strrchr(src, '/') ? strrchr(src, '/') + 1 : src;
	const char *root = call->step->task->play ? call->step->task->play->directory : ".";

	if (strstr(src, "/../") || text_ends(src, "/..") || text_starts(src, "../")) {
		fail(err, ERR_DENIED, "cannot fetch '%s'", src);
		return error_why(err, "a path with .. could leave the folder of the fetched files");
	}
	if (dest[0] != '/')
		dest = arena_format(call->into, "%s/%s", root, dest);
	if (!flat)
		*out = arena_format(call->into, "%s/%s/%s", dest, call->host->name,
			src[0] == '/' ? src + 1 : src);
	else
		*out = text_ends(dest, "/") ? arena_format(call->into, "%s%s", dest, base) : dest;
	*out = arena_text(call->into, path_normal(call->into, *out));
	return true;
}

static const char *
argument(const struct value *args, const char *key)
{
	return value_string(value_get(args, key));
}

bool
action_fetch(struct action_call *call, struct error *err)
{
	struct fetching *fetching = arena_new(call->into, struct fetching);
	struct value *args = value_map_copy(call->into, call->args);
	const char *dest = argument(call->args, "dest");
	char sha1[41];

	if (call->step->check_mode) {
		value_set(call->into, call->result, "changed", &value_false);
		value_set(call->into, call->result, "skipped", &value_true);
		value_set(call->into, call->result, "msg",
			value_text(call->into, "check mode not (yet) supported for this module"));
		return true;
	}
	fetching->src = arena_text(call->into, argument(call->args, "src"));
	if (!local_path(call, fetching->src, dest, is_set(call->args, "flat", false),
		    &fetching->path, err))
		return false;
	call->item->state = fetching;
	if (sha1_hex(fetching->path, sha1))
		value_set(call->into, args, "_have", value_text(call->into, sha1));
	call->args = args;
	return true;
}

static bool
make_folders(const char *path, struct error *err)
{
	char *copy = memory_text(path);
	size_t length = (size_t)(strrchr(path, '/') - path);
	bool ok = true;

	for (char *at = strchr(copy + 1, '/'); at && ok; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			ok = fail(err, ERR_TASK,
				"Unable to create local directories(%.*s): [Errno %d] %s: b'%s'",
				(int)length, path, errno, strerror(errno), copy);
		*at = '/';
	}
	free(copy);
	return ok;
}

/* New file beside the old one, checked, renamed. */
static bool
write_file(const char *path, const struct str *bytes, const char *checksum, struct error *err)
{
	char *temporary;
	char sha1[41] = "";
	bool ok = false;
	int fd;

	if (!make_folders(path, err))
		return false;
	if (asprintf(&temporary, "%s.ertc-%ld", path, (long)getpid()) < 0)
		BUG("asprintf");
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0) {
		ok = fail_errno(err, "cannot write '%s'", temporary);
		goto out;
	}
	for (size_t done = 0; done < bytes->length;) {
		ssize_t count = write(fd, bytes->data + done, bytes->length - done);

		if (count < 0) {
			ok = fail_errno(err, "cannot write '%s'", temporary);
			close(fd);
			goto out;
		}
		done += (size_t)count;
	}
	fsync(fd);
	close(fd);
	if (checksum && (!sha1_hex(temporary, sha1) || strcmp(sha1, checksum) != 0))
		ok = fail(err, ERR_PROTOCOL, "checksum mismatch for '%s'", path);
	else if (rename(temporary, path) != 0)
		ok = fail_errno(err, "cannot replace '%s'", path);
	else
		ok = true;
out:
	if (!ok)
		unlink(temporary);
	free(temporary);
	return ok;
}

/* What came is written; what was there already is only told. */
static void
tell_file(struct action_call *call, const struct value *raw, bool was_sent)
{
	const struct fetching *fetching = call->item->state;
	struct value *result = call->result;

	value_set(call->into, result, "dest", value_text(call->into, fetching->path));
	value_set(call->into, result, "changed", value_bool(call->into, was_sent));
	if (was_sent) {
		value_set(call->into, result, "remote_checksum", value_get(raw, "checksum"));
		value_set(call->into, result, "remote_md5sum", &value_none);
	} else {
		value_remove(result, "remote_checksum");
		value_set(call->into, result, "file", value_text(call->into, fetching->src));
	}
}

bool
action_fetch_finish(struct action_call *call, const struct value *raw, struct error *err)
{
	const struct fetching *fetching = call->item->state;
	const char *checksum = value_string(value_get(raw, "checksum"));
	bool was_sent = value_is_true(value_get(raw, "sent"));

	VALUE_PAIRS (pair, raw)
		value_set_key(call->into, call->result, pair->key, pair->value);
	value_remove(call->result, "sent");
	if (!checksum) /* it was not there, and that may be */
		return true;
	if (was_sent && !write_file(fetching->path, &call->item->fetched, checksum, err))
		return false;
	tell_file(call, raw, was_sent);
	return true;
}
