/*
 * known_hosts. A line is kept as it stands and its names are indexed. Hashed names cannot be: for a
 * host without a plain line every hashed one is tried, once per run, which costs about half a
 * microsecond a line.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA1_…: the EVP calls cost five times as much for twenty \
				       bytes */
#include "orchestrator/transport/known_hosts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/map.h"
#include "orchestrator/transport/pattern.h"

#define MAX_FILE_SIZE (32 * 1024 * 1024)

enum marker { MARKER_NONE, MARKER_REVOKED, MARKER_AUTHORITY, MARKER_UNKNOWN };

struct known_line {
	int number;
	enum marker marker;
	const char *hosts, *type, *base64;
};

/* A line may stand in many lists (one for each name): each entry of a list is its own. */
struct entry {
	const struct known_line *line;
	struct entry *next;
};

struct hashed {
	const struct known_line *line;
	unsigned char salt[SHA_DIGEST_LENGTH], hash[SHA_DIGEST_LENGTH];
};

struct known_file {
	const char *path;
	struct map names;      /* plain name: struct entry */
	struct entry *special; /* wildcards and markers */
	struct hashed *hashed;
	size_t hashed_count, hashed_room;
	struct map tried; /* name: struct entry, found among the hashed; or `nothing` */
};

struct known_hosts {
	struct arena arena;
	struct map files;
};

static struct entry nothing;

struct known_hosts *
known_hosts_new(void)
{
	struct known_hosts *known = memory_get(sizeof(*known));

	arena_init(&known->arena);
	map_init(&known->files);
	return known;
}

void
known_hosts_free(struct known_hosts *known)
{
	if (!known)
		return;
	for (size_t i = 0; i < known->files.count; i++) {
		struct known_file *file = known->files.entries[i].value;

		map_release(&file->names);
		map_release(&file->tried);
		free(file->hashed);
	}
	map_release(&known->files);
	arena_release(&known->arena);
	free(known);
}

const char *
known_hosts_name(const char *host, int port, struct arena *into)
{
	char *name =
		port == 22 ? arena_text(into, host) : arena_format(into, "[%s]:%d", host, port);

	for (char *at = name; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return name;
}

/* Keys and hashes. */

static bool
base64_decode(struct view text, unsigned char *out, size_t room, size_t *size)
{
	_cleanup_free_ unsigned char *bytes = NULL;
	int length;

	if (!text.length || text.length % 4 || text.length > 65536)
		return false;
	bytes = memory_get(text.length / 4 * 3 + 1);
	length = EVP_DecodeBlock(bytes, (const unsigned char *)text.data, (int)text.length);
	if (length < 0)
		return false;
	for (size_t i = 1; i <= 2 && text.data[text.length - i] == '='; i++)
		length--;
	if ((size_t)length > room)
		return false;
	memcpy(out, bytes, (size_t)length);
	*size = (size_t)length;
	return true;
}

bool
key_fingerprint(const char *base64, char *buffer, size_t size)
{
	unsigned char blob[49152], hash[EVP_MAX_MD_SIZE], text[128];
	size_t blob_size;
	unsigned hash_size = 0;

	if (!base64_decode(view_of(base64), blob, sizeof(blob), &blob_size))
		return false;
	EVP_Digest(blob, blob_size, hash, &hash_size, EVP_sha256(), NULL);
	EVP_EncodeBlock(text, hash, (int)hash_size);
	for (size_t i = strlen((char *)text); i && text[i - 1] == '='; i--)
		text[i - 1] = '\0';
	snprintf(buffer, size, "SHA256:%s", (char *)text);
	return true;
}

static void
hmac_sha1(const unsigned char *key, const char *text, size_t length, unsigned char *out)
{
	unsigned char inner[64], outer[64];
	SHA_CTX context;

	memset(inner, 0x36, sizeof(inner));
	memset(outer, 0x5c, sizeof(outer));
	for (size_t i = 0; i < SHA_DIGEST_LENGTH; i++) {
		inner[i] ^= key[i];
		outer[i] ^= key[i];
	}
	SHA1_Init(&context);
	SHA1_Update(&context, inner, sizeof(inner));
	SHA1_Update(&context, text, length);
	SHA1_Final(out, &context);
	SHA1_Init(&context);
	SHA1_Update(&context, outer, sizeof(outer));
	SHA1_Update(&context, out, SHA_DIGEST_LENGTH);
	SHA1_Final(out, &context);
}

/* "|1|salt|hash" */
static bool
hashed_parse(const char *hosts, struct hashed *out)
{
	struct view rest = view_of(hosts + 3), salt;
	size_t salt_size, hash_size;

	return view_cut(&rest, '|', &salt) && rest.data &&
	       base64_decode(salt, out->salt, sizeof(out->salt), &salt_size) &&
	       base64_decode(rest, out->hash, sizeof(out->hash), &hash_size) &&
	       salt_size == sizeof(out->salt) && hash_size == sizeof(out->hash);
}

static bool
hashed_matches(const struct hashed *hashed, const char *name)
{
	unsigned char hash[SHA_DIGEST_LENGTH];

	hmac_sha1(hashed->salt, name, strlen(name), hash);
	return memcmp(hash, hashed->hash, sizeof(hash)) == 0;
}

/* Reading. */

static void
entry_add(struct known_hosts *known, struct entry **list, const struct known_line *line)
{
	struct entry *entry = arena_new(&known->arena, struct entry);

	entry->line = line;
	while (*list)
		list = &(*list)->next;
	*list = entry;
}

static void
name_add(struct known_hosts *known, struct map *names, const char *name,
	const struct known_line *line)
{
	struct entry *first = map_get(names, name);
	struct entry *entry = arena_new(&known->arena, struct entry);

	entry->line = line;
	if (!first || first == &nothing) {
		map_set(names, name, entry);
		return;
	}
	while (first->next)
		first = first->next;
	first->next = entry;
}

static void
line_index(struct known_hosts *known, struct known_file *file, const struct known_line *line)
{
	struct view rest = view_of(line->hosts), name;

	if (line->marker == MARKER_NONE && line->hosts[0] == '|') {
		struct hashed hashed = { .line = line };

		if (text_starts(line->hosts, "|1|") && hashed_parse(line->hosts, &hashed)) {
			if (file->hashed_count == file->hashed_room) {
				file->hashed_room = file->hashed_room ? 2 * file->hashed_room : 64;
				file->hashed = memory_resize(
					file->hashed, file->hashed_room * sizeof(hashed));
			}
			file->hashed[file->hashed_count++] = hashed;
		}
		return;
	}
	if (line->marker != MARKER_NONE || strpbrk(line->hosts, "*?!")) {
		entry_add(known, &file->special, line);
		return;
	}
	while (view_cut(&rest, ',', &name)) {
		_cleanup_str_ struct str low = STR_INIT;

		for (size_t i = 0; i < name.length; i++)
			str_add_char(&low, (char)tolower((unsigned char)name.data[i]));
		if (low.length)
			name_add(known, &file->names, low.data, line);
	}
}

static bool
field_next(struct view *rest, struct view *field)
{
	size_t length = 0;

	*rest = view_trim(*rest);
	while (length < rest->length && !isspace((unsigned char)rest->data[length]))
		length++;
	*field = (struct view){ rest->data, length };
	rest->data += length;
	rest->length -= length;
	return length > 0;
}

/* NULL: a comment, empty, or no line we understand (old SSH1 keys, an unknown marker). */
static struct known_line *
line_parse(struct known_hosts *known, struct view text)
{
	struct view hosts, type, base64;
	struct known_line *line;
	enum marker marker = MARKER_NONE;

	if (!field_next(&text, &hosts) || hosts.data[0] == '#' ||
		memchr(text.data, '\0', text.length))
		return NULL;
	if (hosts.data[0] == '@') {
		marker = view_is(hosts, "@revoked")	     ? MARKER_REVOKED
			 : view_is(hosts, "@cert-authority") ? MARKER_AUTHORITY
							     : MARKER_UNKNOWN;
		if (!field_next(&text, &hosts))
			return NULL;
	}
	if (marker == MARKER_UNKNOWN || !field_next(&text, &type) || !field_next(&text, &base64) ||
		memchr(hosts.data, '\0', hosts.length))
		return NULL;
	line = arena_new(&known->arena, struct known_line);
	line->marker = marker;
	line->hosts = arena_view(&known->arena, hosts);
	line->type = arena_view(&known->arena, type);
	line->base64 = arena_view(&known->arena, base64);
	return line;
}

static bool
file_read(const char *path, struct str *text, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t count;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       fail_errno(err, "cannot read '%s'", path);
	while ((count = read(fd, str_reserve(text, 65536), 65536)) > 0) {
		text->length += (size_t)count;
		if (text->length > MAX_FILE_SIZE)
			return fail(err, ERR_LIMIT, "'%s' is larger than %d bytes", path,
				MAX_FILE_SIZE);
	}
	return count == 0 || errno == EAGAIN || fail_errno(err, "cannot read '%s'", path);
}

static struct known_file *
file_get(struct known_hosts *known, const char *path, struct error *err)
{
	struct known_file *file = map_get(&known->files, path);
	_cleanup_str_ struct str text = STR_INIT;
	struct view rest, piece;
	int number = 0;

	if (file)
		return file;
	if (!file_read(path, &text, err))
		return NULL;
	file = arena_new(&known->arena, struct known_file);
	file->path = arena_text(&known->arena, path);
	map_init(&file->names);
	map_init(&file->tried);
	map_set(&known->files, path, file);
	rest = str_view(&text);
	while (text.length && view_cut(&rest, '\n', &piece)) {
		struct known_line *line = line_parse(known, piece);

		number++;
		if (!line)
			continue;
		line->number = number;
		line_index(known, file, line);
	}
	return file;
}

/* Looking up. */

static bool
line_is_for(const struct known_line *line, const char *name)
{
	struct hashed hashed;

	if (line->hosts[0] == '|')
		return text_starts(line->hosts, "|1|") && hashed_parse(line->hosts, &hashed) &&
		       hashed_matches(&hashed, name);
	return pattern_list_matches(view_of(line->hosts), ',', name, true);
}

static const struct entry *
hashed_find(struct known_hosts *known, struct known_file *file, const char *name)
{
	struct entry *found = map_get(&file->tried, name);

	if (found || !file->hashed_count)
		return found == &nothing ? NULL : found;
	map_set(&file->tried, name, &nothing);
	for (size_t i = 0; i < file->hashed_count; i++)
		if (hashed_matches(&file->hashed[i], name))
			name_add(known, &file->tried, name, file->hashed[i].line);
	found = map_get(&file->tried, name);
	return found == &nothing ? NULL : found;
}

struct search {
	const char *name, *type, *base64;
	struct known_answer answer;
};

static void
search_settle(struct search *search, enum known_verdict verdict, const char *path,
	const struct known_line *line)
{
	search->answer =
		(struct known_answer){ verdict, path, line->number, line->base64, line->type };
}

/* Revoked beats all, the right key beats a wrong one, and that beats another type. */
static void
search_line(struct search *search, const char *path, const struct known_line *line)
{
	enum known_verdict verdict = search->answer.verdict;
	bool is_same = text_equals(line->base64, search->base64);

	if (verdict == KNOWN_REVOKED || line->marker == MARKER_UNKNOWN)
		return;
	if (line->marker == MARKER_REVOKED) {
		if (is_same)
			search_settle(search, KNOWN_REVOKED, path, line);
	} else if (verdict == KNOWN_OK) {
		return;
	} else if (line->marker == MARKER_AUTHORITY) {
		if (verdict == KNOWN_UNKNOWN)
			search_settle(search, KNOWN_AUTHORITY, path, line);
	} else if (is_same) {
		search_settle(search, KNOWN_OK, path, line);
	} else if (verdict != KNOWN_CHANGED) {
		search_settle(search,
			text_equals(line->type, search->type) ? KNOWN_CHANGED : KNOWN_NEW_TYPE,
			path, line);
	}
}

static void
search_list(struct search *search, const char *path, const struct entry *list, bool is_special)
{
	for (; list; list = list->next)
		if (!is_special || line_is_for(list->line, search->name))
			search_line(search, path, list->line);
}

bool
known_hosts_lookup(struct known_hosts *known, const struct ssh_list *files, size_t file_count,
	const char *name, const char *type, const char *base64, struct known_answer *out,
	struct error *err)
{
	struct search search = { name, type, base64, { .verdict = KNOWN_UNKNOWN } };

	for (size_t i = 0; i < file_count; i++)
		for (size_t j = 0; j < files[i].count; j++) {
			struct known_file *file = file_get(known, files[i].items[j], err);

			if (!file)
				return false;
			search_list(&search, file->path, map_get(&file->names, name), false);
			search_list(&search, file->path, hashed_find(known, file, name), false);
			search_list(&search, file->path, file->special, true);
		}
	*out = search.answer;
	return true;
}

bool
known_hosts_types(struct known_hosts *known, const struct ssh_list *files, size_t file_count,
	const char *name, void (*each)(void *context, const char *type), void *context,
	struct error *err)
{
	for (size_t i = 0; i < file_count; i++)
		for (size_t j = 0; j < files[i].count; j++) {
			struct known_file *file = file_get(known, files[i].items[j], err);

			if (!file)
				return false;
			for (const struct entry *at = map_get(&file->names, name); at;
				at = at->next)
				each(context, at->line->type);
			for (const struct entry *at = hashed_find(known, file, name); at;
				at = at->next)
				each(context, at->line->type);
			for (const struct entry *at = file->special; at; at = at->next)
				if (at->line->marker == MARKER_NONE && line_is_for(at->line, name))
					each(context, at->line->type);
		}
	return true;
}

/* Writing. */

static void
host_hash(const char *name, struct str *out)
{
	unsigned char salt[SHA_DIGEST_LENGTH], hash[SHA_DIGEST_LENGTH], text[2][32];
	_cleanup_close_ int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, salt, sizeof(salt)) != (ssize_t)sizeof(salt))
		BUG("no random bytes");
	hmac_sha1(salt, name, strlen(name), hash);
	EVP_EncodeBlock(text[0], salt, sizeof(salt));
	EVP_EncodeBlock(text[1], hash, sizeof(hash));
	str_add_format(out, "|1|%s|%s", (char *)text[0], (char *)text[1]);
}

/* The user's own line may lack its newline. */
static bool
ends_with_newline(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return size <= 0 || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

static bool
line_write(const char *path, const struct str *line, struct error *err)
{
	_cleanup_close_ int fd =
		open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	_cleanup_str_ struct str text = STR_INIT;

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return fail_errno(err, "cannot write '%s'", path);
	if (!ends_with_newline(fd))
		str_add(&text, "\n");
	str_add_bytes(&text, line->data, line->length);
	/* One write: it is all there or, on a full disk, cut away again. */
	if (write(fd, text.data, text.length) != (ssize_t)text.length)
		return fail_errno(err, "cannot write '%s'", path);
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		return fail_errno(err, "cannot write '%s'", path);
	return true;
}

static void
directory_make(const char *path)
{
	_cleanup_str_ struct str directory = STR_INIT;
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return;
	str_add_bytes(&directory, path, (size_t)(slash - path));
	mkdir(directory.data, 0700);
}

bool
known_hosts_add(struct known_hosts *known, const char *path, const char *name, const char *type,
	const char *base64, bool is_hashed, struct error *err)
{
	struct known_file *file = file_get(known, path, err);
	_cleanup_str_ struct str text = STR_INIT;
	struct known_line *line;

	if (!file)
		return false;
	line = arena_new(&known->arena, struct known_line);
	line->hosts = arena_text(&known->arena, name);
	line->type = arena_text(&known->arena, type);
	line->base64 = arena_text(&known->arena, base64);
	name_add(known, &file->names, name, line);
	if (text_equals(path, "/dev/null"))
		return true;
	if (is_hashed)
		host_hash(name, &text);
	else
		str_add(&text, name);
	str_add_format(&text, " %s %s\n", type, base64);
	directory_make(path);
	return line_write(path, &text, err);
}
