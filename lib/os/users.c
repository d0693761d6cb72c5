/* /etc/passwd and /etc/group, and getent for what is not in them. */
#include "os/users.h"

#include <string.h>

#include "os/clock.h"
#include "os/files.h"
#include "os/process.h"

enum { FIELD_COUNT = 7, GETENT_MS = 10000, TABLE_MAX = 64 * 1024 * 1024 };

const char *users_passwd_file = "/etc/passwd", *users_group_file = "/etc/group";

struct line {
	struct view fields[FIELD_COUNT];
};

/* What a line must have: a name in its first field, or a number in its third. */
struct key {
	const char *name; /* NULL: by number */
	int64_t number;
};

static void
line_cut(struct view text, struct line *out)
{
	*out = (struct line){ 0 };
	for (int i = 0; i < FIELD_COUNT; i++) {
		out->fields[i] = VIEW("");
		if (!view_cut(&text, ':', &out->fields[i]))
			out->fields[i] = VIEW("");
	}
}

static bool
line_matches(const struct line *line, const struct key *key)
{
	int64_t number;

	if (key->name)
		return view_is(line->fields[0], key->name);
	return line->fields[0].length && number_parse(line->fields[2], &number) &&
	       number == key->number;
}

static bool
find_in_text(struct view text, const struct key *key, struct line *out)
{
	struct view piece;

	while (view_cut(&text, '\n', &piece)) {
		line_cut(piece, out);
		if (piece.length && piece.data[0] != '#' && line_matches(out, key))
			return true;
	}
	return false;
}

static bool
ask_getent(const char *database, const struct key *key, struct str *out)
{
	const char *const paths[] = { "/usr/bin/getent", "/bin/getent" };
	char number[24];
	const char *argv[] = { NULL, database, key->name ? key->name : number, NULL };
	struct process_options options = { .argv = argv,
		.deadline_ms = monotonic_ms() + GETENT_MS };
	struct process_result result;
	bool is_found = false;

	snprintf(number, sizeof(number), "%lld", (long long)key->number);
	for (size_t i = 0; i < ARRAY_SIZE(paths) && !argv[0]; i++)
		if (access(paths[i], X_OK) == 0)
			argv[0] = paths[i];
	/* A name that looks like an option, or like a number, would be asked as something else. */
	if (!argv[0] || (key->name && (key->name[0] == '-' || !key->name[0])))
		return false;
	if (process_run(&options, &result, NULL) && result.status == 0) {
		str_add_view(out, str_view(&result.out));
		is_found = true;
	}
	process_result_release(&result);
	return is_found;
}

/* The line's text ends up in `text`. */
static bool
find_line(const char *file, const char *database, const struct key *key, struct str *text,
	struct line *out)
{
	if (file_read(file, TABLE_MAX, text, NULL) && find_in_text(str_view(text), key, out))
		return true;
	str_clear(text);
	return ask_getent(database, key, text) && find_in_text(str_view(text), key, out);
}

static bool
find_user(struct arena *into, const struct key *key, struct user *out)
{
	_cleanup_str_ struct str text = STR_INIT;
	int64_t uid, gid;
	struct line line;

	if (!find_line(users_passwd_file, "passwd", key, &text, &line) ||
		!number_parse(line.fields[2], &uid) || !number_parse(line.fields[3], &gid))
		return false;
	*out = (struct user){
		.name = arena_view(into, line.fields[0]),
		.password = arena_view(into, line.fields[1]),
		.uid = (uid_t)uid,
		.gid = (gid_t)gid,
		.gecos = arena_view(into, line.fields[4]),
		.home = arena_view(into, line.fields[5]),
		.shell = arena_view(into, line.fields[6]),
	};
	return true;
}

static const char *const *
cut_members(struct arena *into, struct view text)
{
	struct view piece;
	size_t count = 0;
	const char **members = arena_array(into, text.length / 2 + 2, const char *);

	while (view_cut(&text, ',', &piece))
		if (piece.length)
			members[count++] = arena_view(into, piece);
	return members;
}

static bool
find_group(struct arena *into, const struct key *key, struct group *out)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct line line;
	int64_t gid;

	if (!find_line(users_group_file, "group", key, &text, &line) ||
		!number_parse(line.fields[2], &gid))
		return false;
	*out = (struct group){
		.name = arena_view(into, line.fields[0]),
		.password = arena_view(into, line.fields[1]),
		.gid = (gid_t)gid,
		.members = cut_members(into, line.fields[3]),
	};
	return true;
}

bool
user_by_name(struct arena *into, const char *name, struct user *out)
{
	return find_user(into, &(struct key){ .name = name }, out);
}

bool
user_by_id(struct arena *into, uid_t uid, struct user *out)
{
	return find_user(into, &(struct key){ .number = uid }, out);
}

bool
group_by_name(struct arena *into, const char *name, struct group *out)
{
	return find_group(into, &(struct key){ .name = name }, out);
}

bool
group_by_id(struct arena *into, gid_t gid, struct group *out)
{
	return find_group(into, &(struct key){ .number = gid }, out);
}

bool
user_id_of(const char *text, uid_t *out)
{
	struct arena arena;
	struct user user;
	int64_t number;
	bool is_found;

	if (number_parse(view_of(text), &number) && number >= 0 && number <= UINT32_MAX) {
		*out = (uid_t)number;
		return true;
	}
	arena_init(&arena);
	is_found = user_by_name(&arena, text, &user);
	if (is_found)
		*out = user.uid;
	arena_release(&arena);
	return is_found;
}

bool
group_id_of(const char *text, gid_t *out)
{
	struct arena arena;
	struct group group;
	int64_t number;
	bool is_found;

	if (number_parse(view_of(text), &number) && number >= 0 && number <= UINT32_MAX) {
		*out = (gid_t)number;
		return true;
	}
	arena_init(&arena);
	is_found = group_by_name(&arena, text, &group);
	if (is_found)
		*out = group.gid;
	arena_release(&arena);
	return is_found;
}

const char *
user_name(struct arena *into, uid_t uid)
{
	struct user user;

	return user_by_id(into, uid, &user) ? user.name : arena_format(into, "%u", uid);
}

const char *
group_name(struct arena *into, gid_t gid)
{
	struct group group;

	return group_by_id(into, gid, &group) ? group.name : arena_format(into, "%u", gid);
}

static bool
has_member(struct view members, const char *name)
{
	struct view piece;

	while (view_cut(&members, ',', &piece))
		if (view_is(piece, name))
			return true;
	return false;
}

const char *const *
user_groups(struct arena *into, const char *name)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char **names = arena_array(into, 1, const char *);
	struct view rest, piece;
	struct line line;
	size_t count = 0;

	if (!file_read(users_group_file, TABLE_MAX, &text, NULL))
		return names;
	rest = str_view(&text);
	while (view_cut(&rest, '\n', &piece)) {
		line_cut(piece, &line);
		if (!line.fields[0].length || !has_member(line.fields[3], name))
			continue;
		names = arena_grow(into, names, count + 1, count + 2, sizeof(*names));
		names[count++] = arena_view(into, line.fields[0]);
		names[count] = NULL;
	}
	return names;
}

static const char *
home_of(struct arena *into, struct view name)
{
	const char *home = getenv("HOME");
	struct user user;

	if (!name.length && home && *home)
		return home;
	if (name.length ? user_by_name(into, arena_view(into, name), &user)
			: user_by_id(into, geteuid(), &user))
		return user.home;
	return NULL;
}

static const char *
variable_value(const char *name, const struct value *environment)
{
	const char *value = value_is_map(environment) ? value_string(value_get(environment, name)) : NULL;

	return value ? value : getenv(name);
}

/* A variable that is not set stays as it is written, as in os.path.expandvars. */
static size_t
add_variable(const char *at, struct arena *into, const struct value *environment, struct str *out)
{
	bool has_brace = at[1] == '{';
	const char *name = at + 1 + has_brace;
	size_t length =
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	const char *value = NULL;
	size_t whole = 1 + length + 2 * (size_t)has_brace;

	if (length && (!has_brace || name[length] == '}'))
		value = variable_value(arena_view(into, (struct view){ name, length }), environment);
	if (!value) {
		str_add_char(out, '$');
		return 1;
	}
	str_add(out, value);
	return whole;
}

const char *
path_expand(struct arena *into, const char *path)
{
	return path_expand_in(into, path, NULL);
}

const char *
path_expand_in(struct arena *into, const char *path, const struct value *environment)
{
	_cleanup_str_ struct str out = STR_INIT;
	const char *home;
	size_t length;

	if (!strpbrk(path, "~$"))
		return path;
	if (path[0] == '~') {
		length = strcspn(path, "/");
		home = home_of(into, (struct view){ path + 1, length - 1 });
		if (home) {
			str_add(&out, home);
			path += length;
		}
	}
	while (*path) {
		if (*path == '$')
			path += add_variable(path, into, environment, &out);
		else
			str_add_char(&out, *path++);
	}
	return arena_view(into, str_view(&out));
}
