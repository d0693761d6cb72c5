/*
 * The services a module's controller half asks for: files found as Ansible finds them, templates
 * rendered with the task's variables, content attached by hash. Hashes of a file are taken once per
 * run, while it does not change.
 */
#include "orchestrator/run/internal.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <time.h>

#include "module/prepare.h"
#include "os/files.h"
#include "roles/role.h"
#include "template/encoding.h"
#include "vault/vault.h"

enum { LARGEST_RENDERED = 64 * 1024 * 1024, DEEPEST_TREE = 64, MOST_FILES = 100000 };

struct preparing {
	struct task_scope *scope;
	struct item *item;
	struct run_link *link;
};

/* ---- files on the controller ---- */

static bool
controller_file_read(struct arena *into, const char *path, struct view *out, struct error *err)
{
	_cleanup_fclose_ FILE *file = NULL;
	const struct role_file *built_in;
	char role[128], piece[16384];
	const char *kind, *slash;
	struct str text;
	size_t count;

	if (text_starts(path, "role:") && (kind = strchr(path, '/')) &&
		(slash = strchr(kind + 1, '/'))) {
		char folder[64];

		snprintf(role, sizeof(role), "%.*s", (int)(kind - path - 5), path + 5);
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - kind - 1), kind + 1);
		built_in = role_file_find(role, folder, slash + 1);
		if (!built_in)
			return fail(err, ERR_MISSING, "there is no '%s'", path);
		*out = (struct view){ (const char *)built_in->bytes, built_in->size };
		return true;
	}
	file = fopen(path, "re");
	if (!file)
		return fail_errno(err, "cannot read '%s'", path);
	str_init_max(&text, LARGEST_RENDERED);
	while ((count = fread(piece, 1, sizeof(piece), file)) > 0)
		str_add_bytes(&text, piece, count);
	if (ferror(file) || text.is_full) {
		bool is_full = text.is_full;

		str_release(&text);
		return is_full ? fail(err, ERR_LIMIT, "'%s' is larger than 64 MiB", path)
			       : fail_errno(err, "cannot read '%s'", path);
	}
	*out = (struct view){ arena_view(into, str_view(&text)), text.length };
	str_release(&text);
	return true;
}

bool
controller_text_read(
	struct run *run, struct arena *into, const char *path, struct view *out, struct error *err)
{
	if (!controller_file_read(into, path, out, err))
		return false;
	if (!vault_is_encrypted(*out))
		return true;
	if (!run->settings->vault || !run->settings->vault->count)
		return fail(err, ERR_DENIED,
			"A vault password or secret must be specified to decrypt %s", path);
	return vault_open(run->settings->vault, *out, path, out, err);
}

static bool
find(struct prepare *prepare, const char *kind, const char *name, const char **out,
	struct error *err)
{
	struct preparing *preparing = prepare->context;

	return file_find(preparing->scope->task, kind, name, prepare->arena, out, err);
}

/* ---- templates ---- */

static void
option_text(const struct value *options, const char *key, const char **out)
{
	const char *text = value_string(value_get(options, key));

	if (text)
		*out = text;
}

static void
option_flag(const struct value *options, const char *key, bool *out)
{
	const struct value *value = value_get(options, key);
	bool flag;

	if (value && value_to_bool(value, &flag))
		*out = flag;
}

static struct template_options
template_options_read(const struct value *given)
{
	struct template_options options = template_options_default;

	if (!value_is_map(given))
		return options;
	option_flag(given, "trim_blocks", &options.trim_blocks);
	option_flag(given, "lstrip_blocks", &options.lstrip_blocks);
	option_text(given, "newline_sequence", &options.newline_sequence);
	option_text(given, "variable_start_string", &options.variable_start);
	option_text(given, "variable_end_string", &options.variable_end);
	option_text(given, "block_start_string", &options.block_start);
	option_text(given, "block_end_string", &options.block_end);
	option_text(given, "comment_start_string", &options.comment_start);
	option_text(given, "comment_end_string", &options.comment_end);
	return options;
}

static const struct value *
time_value(struct arena *arena, time_t when)
{
	struct tm parts;
	char text[32];

	localtime_r(&when, &parts);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
	return value_text(arena, text);
}

static const struct value *
owner_value(struct arena *arena, uid_t uid)
{
	const struct passwd *owner = getpwuid(uid);

	return owner ? value_text(arena, owner->pw_name) : value_int(arena, uid);
}

/* `{file}` and its like, with `{{` for a brace. */
static const struct value *
managed_value(struct arena *arena, const char *format, const struct value *locals, time_t changed)
{
	static const char *const names[][2] = { { "{file}", "template_path" },
		{ "{host}", "template_host" }, { "{uid}", "template_uid" } };
	_cleanup_str_ struct str text = STR_INIT;
	char line[1024];
	struct tm parts;
	size_t length;

	for (const char *at = format; *at; at++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(names) && !text_starts(at, names[i][0]))
			i++;
		if (i < ARRAY_SIZE(names)) {
			str_add(&text, value_to_text(arena, value_get(locals, names[i][1])));
			at += strlen(names[i][0]) - 1;
		} else {
			str_add_char(&text, *at);
			at += (*at == '{' || *at == '}') && at[1] == *at;
		}
	}
	localtime_r(&changed, &parts);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	length = text.length ? strftime(line, sizeof(line), text.data, &parts)
			     : 0; /* the user's own */
#pragma GCC diagnostic pop
	if (!length)
		return value_view(arena, str_view(&text));
	return value_text(arena, line);
}

static struct value *
template_variables(
	struct arena *arena, const char *path, const char *destination, const char *managed)
{
	struct value *locals = value_map(arena);
	char *real = realpath(path, NULL), host[256] = "";
	struct stat status = { 0 };

	if (destination)
		value_set(arena, locals, "template_destpath", value_text(arena, destination));
	value_set(arena, locals, "template_path", value_text(arena, path));
	value_set(arena, locals, "template_fullpath", value_text(arena, real ? real : path));
	if (stat(path, &status) == 0) {
		value_set(arena, locals, "template_mtime", time_value(arena, status.st_mtime));
		value_set(arena, locals, "template_uid", owner_value(arena, status.st_uid));
	}
	if (gethostname(host, sizeof(host) - 1) == 0)
		value_set(arena, locals, "template_host", value_text(arena, host));
	value_set(arena, locals, "template_run_date", time_value(arena, time(NULL)));
	value_set(arena, locals, "ansible_managed",
		managed_value(
			arena, managed ? managed : "Ansible managed", locals, status.st_mtime));
	free(real);
	return locals;
}

static bool
render(struct prepare *prepare, const char *path, const struct value *given, struct str *out,
	struct error *err)
{
	struct preparing *preparing = prepare->context;
	struct template_options options = template_options_read(given);
	struct task_scope scope;
	_cleanup_str_ struct str rendered = STR_INIT;
	const char *encoding = "utf-8";
	struct value *locals;
	struct view text;

	if (!controller_text_read(preparing->scope->run, prepare->arena, path, &text, err))
		return false;
	option_text(given, "output_encoding", &encoding);
	locals = template_variables(prepare->arena, path,
		value_string(value_get(prepare->args, "dest")),
		preparing->scope->run->settings->managed);
	if (preparing->item->locals) {
		VALUE_PAIRS (pair, preparing->item->locals)
			value_set_key(prepare->arena, locals, pair->key, pair->value);
	}
	task_scope_for_step(&scope, preparing->item->step, locals);
	return template_render(scope.run->templates, &scope.templates, text, path, &options,
		       &rendered, err) &&
	       encoding_encode(str_view(&rendered), encoding, out, err);
}

/* ---- content ---- */

static const struct value *
content_value(
	struct arena *arena, const unsigned char *sha256, const unsigned char *sha1, size_t size)
{
	struct value *map = value_map(arena);
	char hex[41];

	for (size_t i = 0; i < 20; i++)
		snprintf(hex + i * 2, 3, "%02x", sha1[i]);
	value_set(arena, map, "sha256", value_bytes(arena, sha256, 32));
	value_set(arena, map, "sha1", value_text(arena, hex));
	value_set(arena, map, "size", value_int(arena, (int64_t)size));
	return map;
}

static bool
attach_bytes(struct prepare *prepare, const void *bytes, size_t length, const struct value **out,
	struct error *err)
{
	struct preparing *preparing = prepare->context;
	unsigned char sha256[32], sha1[20];
	struct value *map;

	if (!EVP_Digest(bytes, length, sha256, NULL, EVP_sha256(), NULL) ||
		!EVP_Digest(bytes, length, sha1, NULL, EVP_sha1(), NULL))
		return fail(err, ERR_IO, "cannot hash");
	map = (struct value *)(uintptr_t)content_value(prepare->arena, sha256, sha1, length);
	*out = map;
	if (length <= CONTENT_INLINE) {
		value_set(prepare->arena, map, "data", value_bytes(prepare->arena, bytes, length));
		return true;
	}
	{
		struct content *content = content_add(preparing->link, preparing->item->wire_id);

		content->bytes = memory_get(length);
		memcpy(content->bytes, bytes, length);
		content->size = length;
		value_set(prepare->arena, map, "id", value_int(prepare->arena, content->id));
	}
	return true;
}

struct digest { /* of a file, as long as it looks the same */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
	unsigned char sha256[32], sha1[20];
};

static bool
file_hash(int fd, struct digest *digest, const char *path, struct error *err)
{
	EVP_MD_CTX *sha256 = EVP_MD_CTX_new(), *sha1 = EVP_MD_CTX_new();
	char *buffer = memory_get(256 * 1024);
	off_t total = 0;
	ssize_t count = 0;
	bool ok = sha256 && sha1 && EVP_DigestInit_ex(sha256, EVP_sha256(), NULL) &&
		  EVP_DigestInit_ex(sha1, EVP_sha1(), NULL);

	while (ok && (count = pread(fd, buffer, 256 * 1024, total)) > 0) {
		ok = EVP_DigestUpdate(sha256, buffer, (size_t)count) &&
		     EVP_DigestUpdate(sha1, buffer, (size_t)count);
		total += count;
	}
	if (count < 0)
		ok = fail_errno(err, "cannot read '%s'", path);
	else if (ok)
		ok = EVP_DigestFinal_ex(sha256, digest->sha256, NULL) &&
		     EVP_DigestFinal_ex(sha1, digest->sha1, NULL);
	digest->size = total;
	EVP_MD_CTX_free(sha256);
	EVP_MD_CTX_free(sha1);
	free(buffer);
	return ok;
}

static bool
digest_of(struct run *run, const char *path, const struct digest **out, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct digest *known = map_get(&run->digests, path);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return fail_errno(err, "cannot read '%s'", path);
	if (!S_ISREG(status.st_mode))
		return fail(err, ERR_TYPE, "'%s' is no regular file", path);
	if (!known) {
		known = arena_new(&run->arena, struct digest);
		map_set(&run->digests, path, known);
	}
	*out = known;
	if (known->device == status.st_dev && known->inode == status.st_ino &&
		known->size == status.st_size && known->modified.tv_sec == status.st_mtim.tv_sec &&
		known->modified.tv_nsec == status.st_mtim.tv_nsec)
		return true;
	known->device = status.st_dev;
	known->inode = status.st_ino;
	known->modified = status.st_mtim;
	return file_hash(fd, known, path, err);
}

static bool
is_vault_file(const char *path)
{
	static const char magic[] = "$ANSIBLE_VAULT;";
	_cleanup_fclose_ FILE *file = NULL;
	char start[sizeof(magic)] = "";
	struct stat status;

	if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) /* a pipe would hold us up */
		file = fopen(path, "re");
	return file && fread(start, 1, sizeof(magic) - 1, file) == sizeof(magic) - 1 &&
	       !strcmp(start, magic);
}

static bool
attach_file(struct prepare *prepare, const char *path, bool decrypt, const struct value **out,
	struct error *err)
{
	struct preparing *preparing = prepare->context;
	struct arena *arena = prepare->arena;
	const struct digest *digest;
	struct value *map;
	struct view text;

	if (decrypt && is_vault_file(path)) {
		if (!controller_text_read(preparing->scope->run, arena, path, &text, err))
			return false;
		vault_tell_lines(preparing->scope->run->settings->vault, text);
		return attach_bytes(prepare, text.data, text.length, out, err);
	}
	if (!strcmp(path, "/dev/null"))
		return attach_bytes(prepare, "", 0, out, err);
	if (text_starts(path, "role:"))
		return controller_file_read(arena, path, &text, err) &&
		       attach_bytes(prepare, text.data, text.length, out, err);
	if (!digest_of(preparing->scope->run, path, &digest, err))
		return false;
	if (digest->size <= CONTENT_INLINE)
		return controller_file_read(arena, path, &text, err) &&
		       attach_bytes(prepare, text.data, text.length, out, err);
	map = (struct value *)(uintptr_t)content_value(
		arena, digest->sha256, digest->sha1, (size_t)digest->size);
	{
		struct content *content = content_add(preparing->link, preparing->item->wire_id);

		content->path = memory_text(path);
		content->size = (size_t)digest->size;
		value_set(arena, map, "id", value_int(arena, content->id));
	}
	*out = map;
	return true;
}

/* ---- trees: names, modes and hashes; bytes only on demand ---- */

struct tree {
	struct prepare *prepare;
	const char *root;
	struct value *list;
	size_t count;
	bool decrypts, follow;
};

struct tree_step { /* a directory on the way down */
	const struct tree_step *up;
	dev_t device;
	ino_t inode;
};

static bool tree_walk(struct tree *tree, const char *relative, const struct tree_step *up,
	int depth, struct error *err);

/* Takes a link for what it points to, unless that is a directory we are in. */
static void
tree_follow(
	const struct tree *tree, const char *path, const struct tree_step *up, struct stat *status)
{
	struct stat target;

	if (!tree->follow || !S_ISLNK(status->st_mode) || stat(path, &target) != 0)
		return;
	for (; S_ISDIR(target.st_mode) && up; up = up->up)
		if (up->device == target.st_dev && up->inode == target.st_ino)
			return;
	*status = target;
}

static bool
tree_file(struct tree *tree, struct value *entry, const char *path, struct error *err)
{
	struct preparing *preparing = tree->prepare->context;
	struct arena *arena = tree->prepare->arena;
	const struct digest *digest;
	struct content *content;
	const struct value *hashes;

	if (tree->decrypts && is_vault_file(path)) {
		if (!attach_file(tree->prepare, path, true, &hashes, err))
			return false;
		VALUE_PAIRS (pair, hashes)
			value_set_key(arena, entry, pair->key, pair->value);
		return true;
	}
	if (!digest_of(preparing->scope->run, path, &digest, err))
		return false;
	hashes = content_value(arena, digest->sha256, digest->sha1, (size_t)digest->size);
	VALUE_PAIRS (pair, hashes)
		value_set_key(arena, entry, pair->key, pair->value);
	content = content_add(preparing->link, preparing->item->wire_id);
	content->path = memory_text(path);
	content->size = (size_t)digest->size;
	value_set(arena, entry, "id", value_int(arena, content->id));
	return true;
}

/* `mode` as tree_follow left it. */
static bool
tree_entry(struct tree *tree, const char *relative, mode_t mode, const struct tree_step *up,
	int depth, struct error *err)
{
	struct arena *arena = tree->prepare->arena;
	const char *path = arena_format(arena, "%s/%s", tree->root, relative);
	struct value *entry = value_map(arena);

	value_set(arena, entry, "path", value_text(arena, relative));
	value_set(arena, entry, "mode", value_int(arena, mode & 07777));
	if (S_ISLNK(mode)) {
		char target[4096];
		ssize_t length = readlink(path, target, sizeof(target) - 1);

		if (length < 0)
			return fail_errno(err, "cannot read '%s'", path);
		value_set(arena, entry, "type", value_text(arena, "link"));
		value_set(arena, entry, "target", value_bytes(arena, target, (size_t)length));
	} else {
		value_set(arena, entry, "type",
			value_text(arena, S_ISDIR(mode) ? "directory" : "file"));
		if (S_ISREG(mode) && !tree_file(tree, entry, path, err))
			return false;
		if (!S_ISREG(mode) && !S_ISDIR(mode))
			return true;
	}
	value_add(arena, tree->list, entry);
	return !S_ISDIR(mode) || tree_walk(tree, relative, up, depth + 1, err);
}

/* The files of a folder before the folders in it, as Ansible goes. */
static bool
tree_walk(struct tree *tree, const char *relative, const struct tree_step *up, int depth,
	struct error *err)
{
	struct arena *arena = tree->prepare->arena;
	const char *path =
		*relative ? arena_format(arena, "%s/%s", tree->root, relative) : tree->root;
	const char *const *names;
	struct tree_step here = { .up = up };
	struct folder {
		const char *relative;
		mode_t mode;
	} * folders;
	size_t count = 0;
	struct stat status;

	if (stat(path, &status) == 0) {
		here.device = status.st_dev;
		here.inode = status.st_ino;
	}
	if (depth > DEEPEST_TREE)
		return fail(err, ERR_LIMIT, "'%s' is nested too deep", tree->root);
	names = directory_names(arena, path, err);
	if (!names)
		return false;
	while (names[count])
		count++;
	folders = arena_array(arena, count + 1, struct folder);
	count = 0;
	for (; *names; names++) {
		const char *full = arena_format(arena, "%s/%s", path, *names);
		const char *inner = full + strlen(tree->root) + 1;

		if (++tree->count > MOST_FILES)
			return fail(err, ERR_LIMIT, "'%s' holds more than %d files", tree->root,
				MOST_FILES);
		if (lstat(full, &status) != 0)
			return fail_errno(err, "cannot read '%s'", full);
		tree_follow(tree, full, &here, &status);
		if (S_ISDIR(status.st_mode))
			folders[count++] = (struct folder){ inner, status.st_mode };
		else if (!tree_entry(tree, inner, status.st_mode, &here, depth, err))
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!tree_entry(tree, folders[i].relative, folders[i].mode, &here, depth, err))
			return false;
	return true;
}

static bool
attach_tree(struct prepare *prepare, const char *directory, unsigned wants,
	const struct value **out, struct error *err)
{
	struct tree tree = {
		.prepare = prepare,
		.root = directory,
		.list = value_list(prepare->arena),
		.decrypts = wants & TREE_DECRYPT,
		.follow = wants & TREE_FOLLOW,
	};

	*out = tree.list;
	return tree_walk(&tree, "", NULL, 0, err);
}

bool
prepare_arguments(struct task_scope *scope, struct item *item, struct run_link *link,
	struct arena *into, struct value *args, bool check_mode, struct error *err)
{
	struct preparing preparing = { .scope = scope, .item = item, .link = link };
	struct prepare prepare = { .arena = into,
		.args = args,
		.check_mode = check_mode,
		.find_file = find,
		.render = render,
		.attach_file = attach_file,
		.attach_bytes = attach_bytes,
		.attach_tree = attach_tree,
		.context = &preparing };

	if (!item->step->module->prepare)
		return true;
	return item->step->module->prepare(&prepare, err);
}
