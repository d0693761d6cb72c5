/* fetch: a file of the target comes to the controller, under its dest and nowhere else (rule R6).
 */
#include "orchestrator/actions/actions.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

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
		*out = text_ends(dest, "/") ? arena_format(call->into, "%s%s", dest, base)
					    : arena_text(call->into, dest);
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
	const char *src = argument(call->args, "src"), *dest = argument(call->args, "dest"),
		   *path = NULL;
	struct value *args = value_map_copy(call->into, call->args);
	char sha1[41];

	if (!src || !dest)
		return fail(err, ERR_TYPE, "src and dest are required");
	if (!local_path(call, src, dest, is_set(call->args, "flat", false), &path, err))
		return false;
	call->item->state = (void *)(uintptr_t)arena_text(&call->step->arena, path);
	if (sha1_hex(path, sha1))
		value_set(call->into, args, "_have", value_text(call->into, sha1));
	call->args = args;
	return true;
}

static bool
make_folders(const char *path, struct error *err)
{
	char *copy = memory_text(path);
	bool ok = true;

	for (char *at = strchr(copy + 1, '/'); at && ok; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			ok = fail_errno(err, "cannot make the folder '%s'", copy);
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

bool
action_fetch_finish(struct action_call *call, const struct value *raw, struct error *err)
{
	const char *path = call->item->state, *checksum = value_string(value_get(raw, "checksum"));
	bool was_sent = value_is_true(value_get(raw, "sent")), missing = !checksum;

	VALUE_PAIRS (pair, raw)
		value_set_key(call->into, call->result, pair->key, pair->value);
	value_remove(call->result, "sent");
	value_set(call->into, call->result, "dest", value_text(call->into, path));
	if (missing && !was_sent)
		return true;
	if (was_sent && !call->step->check_mode &&
		!write_file(path, &call->item->fetched, checksum, err))
		return false;
	value_set(call->into, call->result, "changed", value_bool(call->into, was_sent));
	return true;
}
